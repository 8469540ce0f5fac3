/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Other names in all files at once, one name after the other, so that what must
 * stay decides which names must.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reduce/names.h"
#include "reduce/reduce.h"

/* Fields that hold names, or text that may have some. */
static const char *const fields[] = {
	"name", "symbol", "pointer", "handler", "func", "arg", "arg1", "table",
	"data", "priv", "cval", "parent", "descr", "fmt", "text", "type",
	"returns", "index", "label", NULL
};

/* Items that are names by themselves: functions: [a]. */
static const char *const lists[] = {
	"functions", "ifuncs", "objects", "dpcpu", "vnet", "modules",
	"versions", "depends", "ctors", "arguments", "constants",
	"type-labels", NULL
};

static bool
is_among(const char *const *words, const char *word)
{
	for (; word != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return (true);
	return (false);
}

/* Whether a field is of an item of this list, "sections" for one. */
static bool
is_in(const struct kldsim__reduce_tree *tree, uint32_t node, const char *list)
{
	const uint32_t item = kldsim__reduce_item(tree, node);

	return (item != 0 &&
	    strcmp(tree->nodes[tree->nodes[item].parent].key, list) == 0);
}

/* "type" is a word of ELF's but where types are told. */
static bool
tells_type(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (is_in(tree, node, "types") ||
	    is_in(tree, node, "object-types"));
}

static bool
has_names(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	const struct kldsim__reduce_node *nodes = tree->nodes;
	const char *key = nodes[node].key;

	if (nodes[node].text == NULL || nodes[node].refers != 0 ||
	    is_in(tree, node, "sections"))
		return (false);
	if (key == NULL)
		return (is_among(lists, nodes[nodes[node].parent].key));
	if (strcmp(key, "type") == 0)
		return (tells_type(tree, node));
	return (is_among(fields, key));
}

static bool
is_bytes(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (tree->nodes[node].text != NULL &&
	    tree->nodes[node].key != NULL &&
	    strcmp(tree->nodes[node].key, "bytes") == 0);
}

typedef void word_fn(struct kldsim_reduce *reduce, char *word, size_t size);

/* Each name in a text. */
static void
each_word(struct kldsim_reduce *reduce, char *text, size_t length,
    word_fn *call)
{
	size_t size;

	for (size_t at = 0; (at = kldsim__reduce_word(text, length, at,
	    &size)) < length; at += size) {
		const size_t prefix = kldsim__reduce_prefix(text + at, size);

		call(reduce, text + at + prefix, size - prefix);
	}
}

static int
digit(char c)
{
	const char *const at = strchr("00112233445566778899aAbBcCdDeEfF", c);

	return (at == NULL || c == '\0' ? -1 :
	    (int)(at - "00112233445566778899aAbBcCdDeEfF") / 2);
}

/* Digits as the bytes they stand for, in place; how many. */
static size_t
decode(char *text, size_t length)
{
	size_t n = 0;
	int high = -1;

	for (size_t i = 0; i < length; i++) {
		const int its = digit(text[i]);

		if (its < 0)
			continue;
		if (high < 0) {
			high = its;
			continue;
		}
		text[n++] = (char)(high * 16 + its);
		high = -1;
	}
	return (n);
}

/* And back, into twice the room. */
static void
encode(const char *bytes, size_t n, char *digits)
{
	static const char names[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		const unsigned char byte = (unsigned char)bytes[i];

		digits[2 * i] = names[byte / 16];
		digits[2 * i + 1] = names[byte % 16];
	}
}

/* Whether a byte may be of a C string. */
static bool
is_text(char c)
{
	return (c >= ' ' && c <= '~');
}

/* Each name in a C string among bytes. */
static void
each_string(struct kldsim_reduce *reduce, char *bytes, size_t n, word_fn *call)
{
	for (size_t from = 0, to; from < n; from = to + 1) {
		for (to = from; to < n && is_text(bytes[to]);)
			to++;
		if (to - from >= KLDSIM__REDUCE_SHORTEST &&
		    (to == n || bytes[to] == '\0'))
			each_word(reduce, bytes + from, to - from, call);
	}
}

/* A node's text with each name handed to a function, which may change it. */
static void
visit(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node, word_fn *call)
{
	const struct kldsim__reduce_node *its = &file->tree.nodes[node];
	const bool bytes = is_bytes(&file->tree, node);
	char *room = calloc(3, its->length + 1), *text = room;
	size_t n = its->length;

	reduce->failed |= room == NULL;
	if (room == NULL)
		return;
	memcpy(text, its->text, n);
	if (bytes) {
		n = decode(text, n);
		each_string(reduce, text, n, call);
		text = room + its->length + 1;
		encode(room, n, text);
		n *= 2;
	} else {
		each_word(reduce, text, n, call);
	}
	if (n != its->length || memcmp(text, its->text, n) != 0)
		kldsim__reduce_replace(reduce, file, node, text, n);
	free(room);
}

static void
visit_all(struct kldsim_reduce *reduce, word_fn *call)
{
	for (size_t i = 0; i < reduce->nfiles; i++) {
		struct kldsim__reduce_file *file = &reduce->files[i];

		if (file->image == NULL)
			continue;
		for (uint32_t j = 1; j < file->tree.count; j++) {
			if (file->tree.nodes[j].gone)
				j = file->tree.nodes[j].end - 1;
			else if (has_names(&file->tree, j) ||
			    is_bytes(&file->tree, j))
				visit(reduce, file, j, call);
		}
	}
}

static void
gather(struct kldsim_reduce *reduce, char *word, size_t size)
{
	if (!kldsim__reduce_add_name(reduce, word, size))
		reduce->failed = true;
}

/* Only the name that is being tried has another that is not there yet. */
static void
rename_word(struct kldsim_reduce *reduce, char *word, size_t size)
{
	const struct kldsim__reduce_rename *rename =
	    kldsim__reduce_find_name(reduce, word, size);

	if (rename != NULL && rename->to != NULL)
		memcpy(word, rename->to, size);
}

/* Names of files, without what is behind the first dot. */
static void
gather_files(struct kldsim_reduce *reduce)
{
	for (size_t i = 1; i < reduce->nfiles; i++)
		gather(reduce, reduce->files[i].name,
		    strcspn(reduce->files[i].name, "."));
}

enum kldsim_status
kldsim_reduce_anonymize(struct kldsim_reduce *reduce,
    struct kldsim_error *error)
{
	visit_all(reduce, gather);
	gather_files(reduce);
	reduce->nchanges = 0; /* bytes are written in one way now, no more */
	for (size_t i = 0; i < reduce->nrenames && !reduce->failed &&
	    !reduce->stopped; i++) {
		struct kldsim__reduce_rename *rename = &reduce->renames[i];

		if (!kldsim__reduce_invent(reduce, rename))
			continue;
		visit_all(reduce, rename_word);
		if (!kldsim__reduce_try_all(reduce)) {
			free(rename->to);
			rename->to = NULL;
		}
	}
	if (!reduce->failed)
		return (KLDSIM_OK);
	if (error != NULL)
		error->status = KLDSIM_NOMEM;
	return (KLDSIM_NOMEM);
}

void
kldsim_reduce_renamed(const struct kldsim_reduce *reduce, const char *name,
    char *room, size_t size)
{
	const size_t length = strlen(name);
	const size_t prefix = kldsim__reduce_prefix(name, length);
	const struct kldsim__reduce_rename *rename =
	    kldsim__reduce_find_name(reduce, name + prefix, length - prefix);

	(void)snprintf(room, size, "%.*s%s", (int)prefix, name,
	    rename != NULL && rename->to != NULL ? rename->to :
	    name + prefix);
}

const char *
kldsim_reduce_kept_name(const struct kldsim_reduce *reduce, size_t index)
{
	for (size_t i = 0; i < reduce->nrenames; i++)
		if (reduce->renames[i].to == NULL && index-- == 0)
			return (reduce->renames[i].from);
	return (NULL);
}
