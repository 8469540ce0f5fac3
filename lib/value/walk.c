/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A value taken apart by its type, one part at a time.  What a file says of its
 * types may nest as deep as it likes; what is deeper than the stack is a leaf.
 */

#include "value/value.h"

#define FOLDED 10 /* elements that are alike, from so many on (Y-20) */

void
kldsim__value_walk_begin(struct kldsim__value_walk *walk,
    struct kldsim__value_out *out, const struct kldsim_typed *typed,
    unsigned depth)
{
	walk->out = out;
	walk->types = typed->told.types;
	walk->root = typed->told.type;
	walk->open_end = typed->open_end;
	walk->depth_max = depth != 0 && depth < KLDSIM__VALUE_DEPTH ? depth :
	    KLDSIM__VALUE_DEPTH;
	walk->bytes = NULL;
	walk->size = typed->told.size;
	walk->depth = 0;
}

bool
kldsim__value_is_string(const struct kldsim_types *types,
    const struct kldsim_type *type)
{
	struct kldsim_type element;

	return (type->kind == KLDSIM_TYPE_ARRAY &&
	    kldsim__value_type(types, type->target, &element) &&
	    element.kind == KLDSIM_TYPE_INTEGER && element.size == 1 &&
	    (element.encoding & KLDSIM_TYPE_CHAR) != 0);
}

/* The next member of what was entered last; false: there are no more. */
static bool
next_member(const struct kldsim__value_walk *walk,
    struct kldsim__value_frame *frame, struct kldsim__value_node *node)
{
	struct kldsim_type_member member;

	if (kldsim_type_member(walk->types, kldsim_type_strip(walk->types,
	    frame->node.id), frame->next, &member) != KLDSIM_OK)
		return (false);
	node->name = member.name;
	node->last = frame->node.last &&
	    frame->node.type.kind == KLDSIM_TYPE_STRUCT &&
	    frame->next + 1 == frame->node.type.count;
	node->id = member.type;
	node->offset = frame->node.offset + member.bit_offset / 8;
	node->bit = frame->node.offset * 8 + member.bit_offset;
	node->bits = member.bits;
	node->at_most = member.bits_at_most;
	return (true);
}

/* How many elements behind the next one are like it. */
static uint64_t
count_alike(const struct kldsim__value_walk *walk,
    const struct kldsim__value_frame *frame)
{
	const uint64_t at = frame->node.offset + frame->next * frame->size;
	uint64_t count = 0;

	if (walk->bytes == NULL || frame->size == 0 || at > walk->size)
		return (0);
	while (frame->next + count + 1 < frame->node.type.count &&
	    (count + 2) * frame->size <= walk->size - at &&
	    kldsim__value_step(walk->out) &&
	    memcmp(walk->bytes + at, walk->bytes + at +
	    (count + 1) * frame->size, (size_t)frame->size) == 0)
		count++;
	return (count + 1 >= FOLDED ? count : 0);
}

static bool
next_element(const struct kldsim__value_walk *walk,
    struct kldsim__value_frame *frame, struct kldsim__value_node *node)
{
	if (frame->next >= frame->node.type.count)
		return (false);
	node->index = frame->next;
	node->id = frame->node.type.target;
	node->offset = frame->node.offset + frame->next * frame->size;
	node->alike = count_alike(walk, frame);
	frame->next += node->alike;
	return (true);
}

/* An array at the end of all has as many elements as its symbol has room for. */
static void
count_open(const struct kldsim__value_walk *walk,
    struct kldsim__value_node *node)
{
	struct kldsim_type element;

	if (node->type.kind != KLDSIM_TYPE_ARRAY || node->type.count != 0 ||
	    !node->last || node->offset >= walk->open_end ||
	    !kldsim__value_type(walk->types, node->type.target, &element) ||
	    element.size == 0)
		return;
	node->type.count = (walk->open_end - node->offset) / element.size;
	node->type.size = node->type.count * element.size;
}

static enum kldsim__value_part
enter(struct kldsim__value_walk *walk, const struct kldsim__value_node *node)
{
	struct kldsim__value_frame *frame;
	struct kldsim_type element;
	const enum kldsim_type_kind kind = node->type.kind;

	if ((kind != KLDSIM_TYPE_STRUCT && kind != KLDSIM_TYPE_UNION &&
	    kind != KLDSIM_TYPE_ARRAY) || node->bits != 0 ||
	    kldsim__value_is_string(walk->types, &node->type) ||
	    walk->depth == walk->depth_max)
		return (KLDSIM__VALUE_LEAF);
	frame = &walk->frames[walk->depth++];
	frame->node = *node;
	frame->next = 0;
	frame->size = kind == KLDSIM_TYPE_ARRAY && kldsim__value_type(
	    walk->types, node->type.target, &element) ? element.size : 0;
	return (KLDSIM__VALUE_ENTER);
}

enum kldsim__value_part
kldsim__value_walk_next(struct kldsim__value_walk *walk,
    struct kldsim__value_node *node_ret)
{
	memset(node_ret, 0, sizeof(*node_ret));
	if (!kldsim__value_step(walk->out) ||
	    (walk->root == 0 && walk->depth == 0))
		return (KLDSIM__VALUE_DONE);
	if (walk->root != 0) {
		node_ret->name = "";
		node_ret->id = walk->root;
		node_ret->first = node_ret->last = true;
		walk->root = 0;
	} else {
		struct kldsim__value_frame *frame =
		    &walk->frames[walk->depth - 1];

		node_ret->first = frame->next == 0;
		if (frame->node.type.kind == KLDSIM_TYPE_ARRAY ?
		    !next_element(walk, frame, node_ret) :
		    !next_member(walk, frame, node_ret)) {
			*node_ret = frame->node;
			walk->depth--;
			return (KLDSIM__VALUE_LEAVE);
		}
		frame->next++;
	}
	(void)kldsim__value_type(walk->types, node_ret->id, &node_ret->type);
	count_open(walk, node_ret);
	return (enter(walk, node_ret));
}
