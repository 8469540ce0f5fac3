/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A value taken apart by its type, one part at a time.  What a file says of its
 * types may nest as deep as it likes; what is deeper than the stack is a leaf.
 */

#include "ddb/types.h"

void
kldsim__ddb_walk_begin(struct kldsim__ddb_walk *walk,
    const struct kldsim_types *types, kldsim_type_id id)
{
	walk->types = types;
	walk->root = id;
	walk->depth = 0;
}

bool
kldsim__ddb_is_string(const struct kldsim_types *types,
    const struct kldsim_type *type)
{
	struct kldsim_type element;

	return (type->kind == KLDSIM_TYPE_ARRAY &&
	    kldsim__ddb_type(types, type->target, &element) &&
	    element.kind == KLDSIM_TYPE_INTEGER && element.size == 1 &&
	    (element.encoding & KLDSIM_TYPE_CHAR) != 0);
}

/* The next member of what was entered last; false: there are no more. */
static bool
next_member(const struct kldsim__ddb_walk *walk,
    struct kldsim__ddb_frame *frame, struct kldsim__ddb_node *node)
{
	struct kldsim_type_member member;

	if (kldsim_type_member(walk->types, kldsim_type_strip(walk->types,
	    frame->node.id), frame->next, &member) != KLDSIM_OK)
		return (false);
	node->name = member.name;
	node->id = member.type;
	node->offset = frame->node.offset + member.bit_offset / 8;
	node->bit = frame->node.offset * 8 + member.bit_offset;
	node->bits = member.bits;
	return (true);
}

static bool
next_element(struct kldsim__ddb_frame *frame, struct kldsim__ddb_node *node)
{
	if (frame->next >= frame->node.type.count)
		return (false);
	node->index = frame->next;
	node->id = frame->node.type.target;
	node->offset = frame->node.offset + frame->next * frame->size;
	return (true);
}

static enum kldsim__ddb_step
enter(struct kldsim__ddb_walk *walk, const struct kldsim__ddb_node *node)
{
	struct kldsim__ddb_frame *frame;
	struct kldsim_type element;
	const enum kldsim_type_kind kind = node->type.kind;

	if ((kind != KLDSIM_TYPE_STRUCT && kind != KLDSIM_TYPE_UNION &&
	    kind != KLDSIM_TYPE_ARRAY) || node->bits != 0 ||
	    kldsim__ddb_is_string(walk->types, &node->type) ||
	    walk->depth == KLDSIM__DDB_DEPTH)
		return (KLDSIM__DDB_LEAF);
	frame = &walk->frames[walk->depth++];
	frame->node = *node;
	frame->next = 0;
	frame->size = kind == KLDSIM_TYPE_ARRAY && kldsim__ddb_type(walk->types,
	    node->type.target, &element) ? element.size : 0;
	return (KLDSIM__DDB_ENTER);
}

enum kldsim__ddb_step
kldsim__ddb_walk_next(struct kldsim__ddb_walk *walk,
    struct kldsim__ddb_node *node_ret)
{
	memset(node_ret, 0, sizeof(*node_ret));
	if (walk->root != 0) {
		node_ret->name = "";
		node_ret->id = walk->root;
		walk->root = 0;
	} else if (walk->depth == 0) {
		return (KLDSIM__DDB_DONE);
	} else {
		struct kldsim__ddb_frame *frame =
		    &walk->frames[walk->depth - 1];

		if (frame->node.type.kind == KLDSIM_TYPE_ARRAY ?
		    !next_element(frame, node_ret) :
		    !next_member(walk, frame, node_ret)) {
			*node_ret = frame->node;
			walk->depth--;
			return (KLDSIM__DDB_LEAVE);
		}
		frame->next++;
	}
	(void)kldsim__ddb_type(walk->types, node_ret->id, &node_ret->type);
	return (enter(walk, node_ret));
}
