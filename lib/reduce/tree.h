/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REDUCE_TREE_H
#define REDUCE_TREE_H

/*
 * A spec (docs/spec.md) as a tree of what it says.  A part is taken out by its
 * mark `gone' and put back by taking that away; what is written is what is not
 * gone.  Nodes lie in the order of the text, so whoever goes through the array
 * passes a node before what is in it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#include "util/arena.h"

enum kldsim__reduce_kind {
	KLDSIM__REDUCE_SCALAR,
	KLDSIM__REDUCE_LIST,
	KLDSIM__REDUCE_MAPPING
};

struct kldsim__reduce_node {
	enum kldsim__reduce_kind kind;
	bool gone;
	uint32_t parent;  /* of the document itself: 0, which it is */
	uint32_t end;     /* the first node that is not in this one */
	uint32_t refers;  /* the item of a section or symbol; 0: to none */
	uint32_t number;  /* of a section or symbol, as kldsim__reduce_count() */
	const char *key;  /* in a mapping, else NULL */
	const char *text; /* a scalar's */
	size_t length;
};

struct kldsim__reduce_tree {
	struct kldsim__arena arena; /* texts */
	struct kldsim__reduce_node *nodes;
	uint32_t count;
	uint32_t room;
};

/* Text on its way out. */
struct kldsim__reduce_text {
	char *bytes;
	size_t size;
	size_t room;
	bool failed; /* there was no memory for more */
};

/* name stands for the file in errors; references are resolved. */
enum kldsim_status kldsim__reduce_parse(struct kldsim__reduce_tree *tree,
    const struct kldsim__alloc *alloc, const char *bytes, size_t size,
    const char *name, struct kldsim_error *error);
void kldsim__reduce_tree_fini(struct kldsim__reduce_tree *tree);

/* What a mapping has at a key and is not gone; 0: nothing. */
uint32_t kldsim__reduce_get(const struct kldsim__reduce_tree *tree,
    uint32_t mapping, const char *key);
bool kldsim__reduce_is(const struct kldsim__reduce_tree *tree, uint32_t node,
    const char *text);

/* write.c: what is not gone, in place of what the text has; a NUL follows. */
void kldsim__reduce_write(struct kldsim__reduce_tree *tree,
    struct kldsim__reduce_text *text);
void kldsim__reduce_put(struct kldsim__reduce_text *text, const char *bytes,
    size_t size);
void kldsim__reduce_text_fini(struct kldsim__reduce_text *text);

/*
 * refs.c: a field that names a section, or has the number of a section or
 * symbol, refers to the item that makes it.  So numbers are right whatever is
 * taken out, and what refers to an item that is gone can go with it.
 */
void kldsim__reduce_resolve(struct kldsim__reduce_tree *tree);
/* Number the sections and symbols that are left. */
void kldsim__reduce_count(struct kldsim__reduce_tree *tree);
/* The item of a list that a node is or lies in; 0: none. */
uint32_t kldsim__reduce_item(const struct kldsim__reduce_tree *tree,
    uint32_t node);

#endif
