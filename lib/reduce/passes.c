/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What may be taken out of a spec, the largest first: lists, contents, items,
 * fields.  Whether it can go, only trying shows.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reduce/reduce.h"

/* Nodes that are parts of one kind. */
struct parts {
	uint32_t *nodes;
	uint32_t count;
};

typedef bool is_part(const struct kldsim__reduce_tree *tree, uint32_t node);

/* Without these a file is no file. */
static bool
is_needed(const struct kldsim__reduce_node *node)
{
	return (strcmp(node->key, "machine") == 0 ||
	    strcmp(node->key, "kind") == 0);
}

static bool
is_top(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (tree->nodes[node].parent == 0 &&
	    !is_needed(&tree->nodes[node]));
}

static bool
is_content(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	const char *key = tree->nodes[node].key;

	return (key != NULL && tree->nodes[node].kind ==
	    KLDSIM__REDUCE_SCALAR && tree->nodes[node].parent != 0 &&
	    (strcmp(key, "bytes") == 0 || strcmp(key, "text") == 0));
}

static bool
is_item(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (kldsim__reduce_item(tree, node) == node && node != 0);
}

/* Anything within an item or an option. */
static bool
is_field(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	return (tree->nodes[node].parent != 0 && !is_item(tree, node) &&
	    !is_content(tree, node));
}

static is_part *const kinds[] = { is_top, is_content, is_item, is_field };

/* The parts that are left, from the last to the first: what refers to others
 * comes behind them. */
static bool
gather(const struct kldsim__reduce_tree *tree, is_part *is,
    struct parts *parts)
{
	parts->count = 0;
	parts->nodes = malloc((tree->count + 1) * sizeof(*parts->nodes));
	if (parts->nodes == NULL)
		return (false);
	for (uint32_t i = 1; i < tree->count;) {
		if (tree->nodes[i].gone) {
			i = tree->nodes[i].end;
			continue;
		}
		if (is(tree, i))
			parts->nodes[parts->count++] = i;
		i++;
	}
	for (uint32_t i = 0; i < parts->count / 2; i++) {
		const uint32_t other = parts->nodes[parts->count - 1 - i];

		parts->nodes[parts->count - 1 - i] = parts->nodes[i];
		parts->nodes[i] = other;
	}
	return (true);
}

/* A number that is larger than it has to be: "size", "at" and the like. */
static bool
try_number(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node)
{
	const char *text = file->tree.nodes[node].text;
	bool changed = false;
	char *end, room[24];
	unsigned long long n;

	if (text == NULL || file->tree.nodes[node].key == NULL ||
	    kldsim__reduce_item(&file->tree, node) == 0)
		return (false);
	n = strtoull(text, &end, 0);
	if (*end != '\0' || end == text || n == 0)
		return (false);
	for (unsigned long long less = 0; less < n && !reduce->stopped;) {
		(void)snprintf(room, sizeof(room), "%llu", less);
		kldsim__reduce_replace(reduce, file, node, room,
		    strlen(room));
		if (kldsim__reduce_try(reduce, file)) {
			changed = true;
			n = less;
			less = 0;
		} else {
			less += (n - less + 1) / 2;
		}
	}
	return (changed);
}

/* Sizes alone: other numbers say where something is, and 0 is no simpler. */
static bool
try_sizes(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file)
{
	bool changed = false;

	for (uint32_t i = 1; i < file->tree.count && !reduce->stopped;) {
		const struct kldsim__reduce_node *node = &file->tree.nodes[i];

		if (node->gone) {
			i = node->end;
			continue;
		}
		if (node->key != NULL && strcmp(node->key, "size") == 0)
			changed |= try_number(reduce, file, i);
		i++;
	}
	return (changed);
}

static bool
reduce_file(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file)
{
	bool changed = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct parts parts;

		if (!gather(&file->tree, kinds[i], &parts)) {
			reduce->failed = true;
			return (false);
		}
		changed |= kldsim__reduce_minimize(reduce, file, parts.nodes,
		    parts.count);
		free(parts.nodes);
	}
	changed |= kldsim__reduce_bytes(reduce, file);
	changed |= try_sizes(reduce, file);
	return (changed);
}

bool
kldsim__reduce_passes(struct kldsim_reduce *reduce)
{
	bool changed = false;

	for (size_t i = reduce->nfiles; i-- > 1 && !reduce->stopped;)
		if (reduce->files[i].image != NULL)
			changed |= kldsim__reduce_try_without(reduce,
			    &reduce->files[i]);
	for (size_t i = reduce->nfiles; i-- > 1 && !reduce->stopped;)
		if (reduce->files[i].image != NULL)
			changed |= reduce_file(reduce, &reduce->files[i]);
	/* The kernel last: it is large, and small modules want little of it. */
	if (!reduce->stopped)
		changed |= kldsim__reduce_skeleton(reduce);
	if (!reduce->stopped)
		changed |= reduce_file(reduce, &reduce->files[0]);
	return (changed && !reduce->failed);
}
