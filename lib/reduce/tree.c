/* SPDX-License-Identifier: BSD-2-Clause */

/* A spec's YAML into a tree; see tree.h.  Depth is the format's, not more. */

#include "reduce/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#define DEEPEST 16 /* a spec has 6 */
#define FIRST_ROOM 256

struct parsing {
	struct kldsim__reduce_tree *tree;
	yaml_parser_t parser;
	yaml_event_t event;
	uint32_t open[DEEPEST]; /* collections that have not ended */
	size_t depth;
	char *key; /* a mapping's, whose value is to come */
	bool done;
	const char *name;
	struct kldsim_error *error;
	enum kldsim_status status;
};

static bool
fail(struct parsing *parsing, enum kldsim_status status, const char *what)
{
	const yaml_mark_t *mark = &parsing->event.start_mark;

	parsing->status = status;
	if (parsing->error != NULL) {
		parsing->error->status = status;
		(void)snprintf(parsing->error->text,
		    sizeof(parsing->error->text), "%.200s:%zu:%zu: %s",
		    parsing->name, mark->line + 1, mark->column + 1, what);
	}
	return (false);
}

static bool
grow(struct kldsim__reduce_tree *tree)
{
	uint32_t room = tree->room == 0 ? FIRST_ROOM : 2 * tree->room;
	struct kldsim__reduce_node *nodes;

	if (tree->count < tree->room)
		return (true);
	if (room < tree->room || room > UINT32_MAX / sizeof(*nodes))
		return (false);
	nodes = realloc(tree->nodes, room * sizeof(*nodes));
	if (nodes == NULL)
		return (false);
	tree->nodes = nodes;
	tree->room = room;
	return (true);
}

/* One more node, in the innermost collection. */
static bool
add(struct parsing *parsing, enum kldsim__reduce_kind kind, const char *text,
    size_t length)
{
	struct kldsim__reduce_tree *tree = parsing->tree;
	struct kldsim__reduce_node *node;

	if (!grow(tree))
		return (fail(parsing, KLDSIM_NOMEM, "no memory"));
	node = &tree->nodes[tree->count];
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->parent = parsing->depth == 0 ? 0 :
	    parsing->open[parsing->depth - 1];
	node->end = ++tree->count;
	node->key = parsing->key;
	parsing->key = NULL;
	if (text != NULL) {
		node->text = kldsim__arena_strndup(&tree->arena, text, length);
		node->length = length;
		if (node->text == NULL)
			return (fail(parsing, KLDSIM_NOMEM, "no memory"));
	}
	return (true);
}

static bool
in_mapping(const struct parsing *parsing)
{
	return (parsing->depth != 0 && parsing->tree->nodes[
	    parsing->open[parsing->depth - 1]].kind ==
	    KLDSIM__REDUCE_MAPPING);
}

static bool
begin(struct parsing *parsing, enum kldsim__reduce_kind kind)
{
	if (in_mapping(parsing) && parsing->key == NULL)
		return (fail(parsing, KLDSIM_MALFORMED,
		    "expected a key, found a collection"));
	if (parsing->depth == DEEPEST)
		return (fail(parsing, KLDSIM_LIMIT, "this is too deep"));
	if (!add(parsing, kind, NULL, 0))
		return (false);
	parsing->open[parsing->depth++] = parsing->tree->count - 1;
	return (true);
}

static bool
end(struct parsing *parsing)
{
	const uint32_t node = parsing->open[--parsing->depth];

	parsing->tree->nodes[node].end = parsing->tree->count;
	return (true);
}

static bool
scalar(struct parsing *parsing)
{
	const char *text = (const char *)parsing->event.data.scalar.value;
	const size_t length = parsing->event.data.scalar.length;

	if (parsing->depth == 0)
		return (fail(parsing, KLDSIM_MALFORMED,
		    "expected a mapping, found a text"));
	if (!in_mapping(parsing) || parsing->key != NULL)
		return (add(parsing, KLDSIM__REDUCE_SCALAR, text, length));
	parsing->key = kldsim__arena_strndup(&parsing->tree->arena, text,
	    length);
	return (parsing->key != NULL ||
	    fail(parsing, KLDSIM_NOMEM, "no memory"));
}

static bool
take_event(struct parsing *parsing)
{
	switch (parsing->event.type) {
	case YAML_MAPPING_START_EVENT:
		return (begin(parsing, KLDSIM__REDUCE_MAPPING));
	case YAML_SEQUENCE_START_EVENT:
		return (begin(parsing, KLDSIM__REDUCE_LIST));
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return (end(parsing));
	case YAML_SCALAR_EVENT:
		return (scalar(parsing));
	case YAML_ALIAS_EVENT:
		return (fail(parsing, KLDSIM_MALFORMED,
		    "expected no alias"));
	case YAML_STREAM_END_EVENT:
		parsing->done = true;
		return (true);
	default:
		return (true);
	}
}

static void
parse_events(struct parsing *parsing)
{
	bool going = true;

	while (going && !parsing->done) {
		going = yaml_parser_parse(&parsing->parser,
		    &parsing->event) != 0;
		if (!going)
			(void)fail(parsing, KLDSIM_MALFORMED,
			    "expected YAML");
		else
			going = take_event(parsing);
		yaml_event_delete(&parsing->event);
	}
	if (going && (parsing->tree->count == 0 || parsing->tree->nodes[0]
	    .kind != KLDSIM__REDUCE_MAPPING))
		(void)fail(parsing, KLDSIM_MALFORMED,
		    "expected a mapping");
}

enum kldsim_status
kldsim__reduce_parse(struct kldsim__reduce_tree *tree,
    const struct kldsim__alloc *alloc, const char *bytes, size_t size,
    const char *name, struct kldsim_error *error)
{
	struct parsing parsing = { .tree = tree, .name = name,
		.error = error };

	memset(tree, 0, sizeof(*tree));
	kldsim__arena_init(&tree->arena, alloc);
	if (!yaml_parser_initialize(&parsing.parser))
		return (KLDSIM_NOMEM);
	yaml_parser_set_input_string(&parsing.parser,
	    (const unsigned char *)bytes, size);
	parse_events(&parsing);
	yaml_parser_delete(&parsing.parser);
	if (parsing.status == KLDSIM_OK)
		kldsim__reduce_resolve(tree);
	else
		kldsim__reduce_tree_fini(tree);
	return (parsing.status);
}

void
kldsim__reduce_tree_fini(struct kldsim__reduce_tree *tree)
{
	kldsim__arena_fini(&tree->arena);
	free(tree->nodes);
	tree->nodes = NULL;
	tree->count = 0;
	tree->room = 0;
}

uint32_t
kldsim__reduce_get(const struct kldsim__reduce_tree *tree, uint32_t mapping,
    const char *key)
{
	const struct kldsim__reduce_node *nodes = tree->nodes;

	if (nodes[mapping].kind != KLDSIM__REDUCE_MAPPING)
		return (0);
	for (uint32_t i = mapping + 1; i < nodes[mapping].end;
	    i = nodes[i].end)
		if (!nodes[i].gone && strcmp(nodes[i].key, key) == 0)
			return (i);
	return (0);
}

bool
kldsim__reduce_is(const struct kldsim__reduce_tree *tree, uint32_t node,
    const char *text)
{
	return (node != 0 && tree->nodes[node].text != NULL &&
	    strcmp(tree->nodes[node].text, text) == 0);
}
