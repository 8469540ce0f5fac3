/* SPDX-License-Identifier: BSD-2-Clause */

/* A tree as YAML: an item a line, as people write specs by hand. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reduce/tree.h"

#define INDENT "  "

void
kldsim__reduce_put(struct kldsim__reduce_text *text, const char *bytes,
    size_t size)
{
	size_t room = text->room == 0 ? 4096 : text->room;
	char *longer;

	while (!text->failed && room - text->size <= size) {
		text->failed = room > SIZE_MAX / 2;
		room *= 2;
	}
	if (!text->failed && room != text->room) {
		longer = realloc(text->bytes, room);
		text->failed = longer == NULL;
		if (longer != NULL) {
			text->bytes = longer;
			text->room = room;
		}
	}
	if (text->failed)
		return;
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

void
kldsim__reduce_text_fini(struct kldsim__reduce_text *text)
{
	free(text->bytes);
	memset(text, 0, sizeof(*text));
}

static void
put(struct kldsim__reduce_text *text, const char *word)
{
	kldsim__reduce_put(text, word, strlen(word));
}

/* Whether YAML takes the text for itself where a scalar is due. */
static bool
is_plain(const char *word, size_t length)
{
	if (length == 0 || strlen(word) != length ||
	    !(isalnum((unsigned char)*word) ||
	    (strchr("._/$", *word) != NULL) ||
	    (*word == '-' && isdigit((unsigned char)word[1]))))
		return (false);
	for (const char *c = word; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) &&
		    strchr("._/$-+@ ", *c) == NULL)
			return (false);
	return (word[length - 1] != ' ');
}

static void
put_scalar(struct kldsim__reduce_text *text, const char *word, size_t length)
{
	if (is_plain(word, length)) {
		kldsim__reduce_put(text, word, length);
		return;
	}
	put(text, "'");
	while (length != 0) {
		const char *quote = memchr(word, '\'', length);
		const size_t n = quote == NULL ? length :
		    (size_t)(quote - word) + 1;

		kldsim__reduce_put(text, word, n);
		if (quote != NULL)
			put(text, "'");
		word += n;
		length -= n;
	}
	put(text, "'");
}

/* A number in a reference is that of the item as it is now. */
static void
put_node_text(const struct kldsim__reduce_tree *tree,
    const struct kldsim__reduce_node *node, struct kldsim__reduce_text *text)
{
	char room[16];

	if (node->refers == 0 || node->text[0] != '#') {
		put_scalar(text, node->text, node->length);
		return;
	}
	(void)snprintf(room, sizeof(room), "'#%u'",
	    (unsigned)tree->nodes[node->refers].number);
	put(text, room);
}

static uint32_t
skip_gone(const struct kldsim__reduce_tree *tree, uint32_t node, uint32_t end)
{
	while (node < end && tree->nodes[node].gone)
		node = tree->nodes[node].end;
	return (node);
}

/* A node on one line, "{a: 1, b: [2, 3]}"; what it nests is the format's. */
static void
put_flow(const struct kldsim__reduce_tree *tree, uint32_t index,
    struct kldsim__reduce_text *text)
{
	const struct kldsim__reduce_node *node = &tree->nodes[index];
	const bool mapping = node->kind == KLDSIM__REDUCE_MAPPING;
	uint32_t i = skip_gone(tree, index + 1, node->end);

	if (node->kind == KLDSIM__REDUCE_SCALAR) {
		put_node_text(tree, node, text);
		return;
	}
	put(text, mapping ? "{" : "[");
	while (i < node->end) {
		if (mapping) {
			put_scalar(text, tree->nodes[i].key,
			    strlen(tree->nodes[i].key));
			put(text, ": ");
		}
		put_flow(tree, i, text);
		i = skip_gone(tree, tree->nodes[i].end, node->end);
		if (i < node->end)
			put(text, ", ");
	}
	put(text, mapping ? "}" : "]");
}

/* Types count, so one that is gone keeps its place. */
static bool
keeps_place(const struct kldsim__reduce_node *list)
{
	return (strcmp(list->key, "types") == 0);
}

static void
put_list(const struct kldsim__reduce_tree *tree, uint32_t list,
    struct kldsim__reduce_text *text)
{
	const struct kldsim__reduce_node *nodes = tree->nodes;
	size_t last = text->size;

	for (uint32_t i = list + 1; i < nodes[list].end; i = nodes[i].end) {
		if (nodes[i].gone && !keeps_place(&nodes[list]))
			continue;
		put(text, INDENT "- ");
		if (nodes[i].gone)
			put(text, "unknown");
		else
			put_flow(tree, i, text);
		put(text, "\n");
		if (!nodes[i].gone)
			last = text->size;
	}
	/* None behind the last that is there. */
	if (!text->failed && text->size != last) {
		text->size = last;
		text->bytes[last] = '\0';
	}
}

static bool
is_empty(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (skip_gone(tree, node + 1, tree->nodes[node].end) ==
	    tree->nodes[node].end);
}

void
kldsim__reduce_write(struct kldsim__reduce_tree *tree,
    struct kldsim__reduce_text *text)
{
	const struct kldsim__reduce_node *nodes = tree->nodes;

	text->size = 0;
	kldsim__reduce_count(tree);
	for (uint32_t i = 1; i < tree->count; i = nodes[i].end) {
		const bool list = nodes[i].kind == KLDSIM__REDUCE_LIST;

		if (nodes[i].gone ||
		    (nodes[i].kind != KLDSIM__REDUCE_SCALAR &&
		    is_empty(tree, i)))
			continue;
		put_scalar(text, nodes[i].key, strlen(nodes[i].key));
		put(text, list ? ":\n" : ": ");
		if (list)
			put_list(tree, i, text);
		else
			put_flow(tree, i, text);
		put(text, list ? "" : "\n");
	}
}
