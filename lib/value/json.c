/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Values as JSON (Y-20), part by part as they come: a value may be larger than
 * what a document in memory could have.  What is no printable ASCII is \xNN, as
 * in everything that kldsim says.
 */

#include <inttypes.h>

#include "value/value.h"

static void
put_byte(struct kldsim__value_out *out, uint8_t byte)
{
	if (byte == '"' || byte == '\\')
		kldsim__value_printf(out, "\\%c", byte);
	else if (byte >= ' ' && byte <= '~')
		kldsim__value_printf(out, "%c", byte);
	else
		kldsim__value_printf(out, "\\\\x%02x", byte);
}

static void
put_bytes(struct kldsim__value_out *out, const uint8_t *bytes, uint64_t size)
{
	kldsim__value_puts(out, "\"");
	for (uint64_t i = 0; i < size && kldsim__value_step(out); i++)
		put_byte(out, bytes[i]);
	kldsim__value_puts(out, "\"");
}

/* A member whose value is text; a comma before it. */
static void
put_text(struct kldsim__value_out *out, const char *member, const char *text)
{
	kldsim__value_printf(out, ", \"%s\": ", member);
	put_bytes(out, (const uint8_t *)text, strlen(text));
}

static void
put_type(struct kldsim__value_out *out, const struct kldsim_types *types,
    kldsim_type_id id)
{
	char text[400];

	if (id == 0) {
		kldsim__value_puts(out, ", \"type\": null");
		return;
	}
	kldsim_type_text(types, id, "", text, sizeof(text));
	put_text(out, "type", text);
}

/* --- leaves --- */

/* What a program might not read exactly is text, as addresses are. */
static void
put_number(struct kldsim__value_out *out,
    const struct kldsim__value_leaf *leaf)
{
	const bool negative = leaf->is_signed && (int64_t)leaf->number < 0;

	if (leaf->wide)
		kldsim__value_printf(out, "\"%s0x%" PRIx64 "\"",
		    negative ? "-" : "", negative ? -leaf->number :
		    leaf->number);
	else if (negative)
		kldsim__value_printf(out, "%" PRId64, (int64_t)leaf->number);
	else
		kldsim__value_printf(out, "%" PRIu64, leaf->number);
}

/* What an enumerator or a pointer is called. */
static void
put_symbol(struct kldsim__value_out *out,
    const struct kldsim__value_leaf *leaf)
{
	if (leaf->name == NULL)
		return;
	put_text(out, "symbol", leaf->name);
	if (leaf->beyond != 0)
		kldsim__value_printf(out, ", \"symbol_offset\": %" PRIu64,
		    leaf->beyond);
}

/* The value, and what else is to be said of it. */
static void
put_leaf(struct kldsim__value_out *out, const struct kldsim__value_leaf *leaf)
{
	kldsim__value_puts(out, "\"value\": ");
	switch (leaf->kind) {
	case KLDSIM__VALUE_NOTE:
	case KLDSIM__VALUE_DEEP:
		kldsim__value_puts(out, "null");
		break;
	case KLDSIM__VALUE_BOOL:
		kldsim__value_puts(out, leaf->number != 0 ? "true" : "false");
		break;
	case KLDSIM__VALUE_STRING:
		put_bytes(out, leaf->bytes, leaf->size);
		break;
	case KLDSIM__VALUE_BYTES:
		kldsim__value_puts(out, "\"");
		kldsim__value_put_hex(out, leaf->bytes, leaf->size);
		kldsim__value_puts(out, "\"");
		break;
	default:
		put_number(out, leaf);
	}
	put_symbol(out, leaf);
	if (leaf->kind == KLDSIM__VALUE_DEEP)
		put_text(out, "note", "deeper than is shown");
	else if (*leaf->note != '\0')
		put_text(out, "note", leaf->note);
}

/* --- parts --- */

/* Name, type and offset of a part; its object is left open. */
static void
begin_part(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, bool root)
{
	kldsim__value_puts(out, "{\"name\": ");
	if (root)
		put_bytes(out, (const uint8_t *)typed->told.name,
		    strlen(typed->told.name));
	else if (node->name == NULL)
		kldsim__value_printf(out, "\"[%" PRIu64 "]\"", node->index);
	else
		put_bytes(out, (const uint8_t *)node->name,
		    strlen(node->name));
	put_type(out, typed->told.types, node->id);
	kldsim__value_printf(out, ", \"offset\": %" PRIu64, node->offset);
	if (node->bits != 0)
		kldsim__value_printf(out, ", \"bit\": %" PRIu64 ", \"bits%s\": %"
		    PRIu32, node->bit % 8, node->at_most ? "_at_most" : "",
		    node->bits);
	if (node->alike != 0)
		kldsim__value_printf(out, ", \"repeats\": %" PRIu64,
		    node->alike + 1);
	kldsim__value_puts(out, ", ");
}

static void
put_parts(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    struct kldsim__value_walk *walk)
{
	struct kldsim__value_node node;
	struct kldsim__value_leaf leaf;
	enum kldsim__value_part part;
	size_t depth = walk->depth;

	while ((part = kldsim__value_walk_next(walk, &node)) !=
	    KLDSIM__VALUE_DONE) {
		if (part != KLDSIM__VALUE_LEAVE) {
			kldsim__value_puts(out, node.first ? "" : ", ");
			begin_part(out, typed, &node, depth == 0);
		}
		if (part == KLDSIM__VALUE_LEAF) {
			kldsim__value_leaf(out, typed, &node, walk->bytes, &leaf);
			put_leaf(out, &leaf);
			kldsim__value_puts(out, "}");
		} else {
			kldsim__value_puts(out, part == KLDSIM__VALUE_ENTER ?
			    "\"value\": [" : "]}");
		}
		depth = walk->depth;
	}
}

static void
put_object(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const uint8_t *bytes, unsigned depth)
{
	const struct kldsim__value_node whole = { .name = "" };
	struct kldsim__value_walk walk;
	struct kldsim__value_leaf leaf;

	if (typed->told.type == 0) {
		begin_part(out, typed, &whole, true);
		kldsim__value_untyped(out, typed, bytes, &leaf);
		put_leaf(out, &leaf);
		kldsim__value_puts(out, "}");
		return;
	}
	kldsim__value_walk_begin(&walk, out, typed, depth);
	walk.bytes = bytes;
	put_parts(out, typed, &walk);
}

static void
put_value(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const uint8_t *bytes, unsigned depth)
{
	put_object(out, typed, bytes, depth);
	kldsim__value_puts(out, "\n");
}

/* --- copies --- */

/* What it is, and whose; the document is left open. */
static void
begin_document(struct kldsim__value_out *out,
    const struct kldsim_typed *typed)
{
	const struct kldsim_typed_info *told = &typed->told;

	kldsim__value_puts(out, "{\"schema\": \"kldsim.value/1\"");
	put_text(out, "name", told->name);
	put_text(out, "symbol", told->symbol);
	put_type(out, told->types, told->type);
	put_text(out, "kind", typed->set == NULL ? "variable" :
	    typed->set->what);
	put_text(out, "file", told->file);
	kldsim__value_printf(out, ", \"size\": %" PRIu64, told->size);
}

static void
put_group(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies, size_t group)
{
	const char *before = "";

	kldsim__value_puts(out, "\"copies\": [");
	for (size_t i = group; i < copies->count; i++) {
		const struct kldsim__value_copy *copy = &copies->all[i];

		if (copy->group != group)
			continue;
		kldsim__value_puts(out, before);
		if (copies->typed->set == NULL)
			kldsim__value_puts(out, "{\"copy\": \"only\"");
		else if (copy->reference)
			kldsim__value_puts(out, "{\"copy\": \"reference\"");
		else
			kldsim__value_printf(out, "{\"copy\": \"%s\", "
			    "\"number\": %u", copies->typed->set->word,
			    copy->id);
		kldsim__value_printf(out, ", \"address\": \"0x%" PRIx64
		    "\"}", copy->address);
		before = ", ";
	}
	kldsim__value_puts(out, "]");
}

/* Each value once, and which copies have it. */
static void
put_copies(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies, unsigned depth)
{
	begin_document(out, copies->typed);
	kldsim__value_puts(out, ", \"values\": [");
	kldsim__value_group(copies, out, 0, copies->typed->told.size);
	for (size_t i = 0; i < copies->count && out->status == KLDSIM_OK;
	    i++) {
		if (copies->all[i].group != i)
			continue;
		kldsim__value_puts(out, i == 0 ? "{" : ", {");
		put_group(out, copies, i);
		kldsim__value_puts(out, ", \"value\": ");
		put_object(out, copies->typed, copies->all[i].bytes, depth);
		kldsim__value_puts(out, "}");
	}
	kldsim__value_puts(out, "]}\n");
}

/* --- differences --- */

/* A part of the value, and what each group of copies has there. */
static void
put_difference(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *node, bool first)
{
	struct kldsim__value_leaf leaf;

	kldsim__value_puts(out, first ? "{\"name\": \"" : ", {\"name\": \"");
	if (walk != NULL)
		kldsim__value_put_path(out, walk, node);
	kldsim__value_puts(out, "\"");
	put_type(out, copies->typed->told.types, node->id);
	kldsim__value_printf(out, ", \"offset\": %" PRIu64 ", \"values\": [",
	    node->offset);
	for (size_t i = 0; i < copies->count; i++) {
		if (copies->all[i].group != i)
			continue;
		if (walk != NULL)
			kldsim__value_leaf(out, copies->typed, node,
			    copies->all[i].bytes, &leaf);
		else
			kldsim__value_untyped(out, copies->typed,
			    copies->all[i].bytes, &leaf);
		kldsim__value_puts(out, i == 0 ? "{" : ", {");
		put_group(out, copies, i);
		kldsim__value_puts(out, ", ");
		put_leaf(out, &leaf);
		kldsim__value_puts(out, "}");
	}
	kldsim__value_puts(out, "]}");
}

static void
put_differences(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies)
{
	const struct kldsim__value_node whole = { .name = "" };

	begin_document(out, copies->typed);
	kldsim__value_printf(out, ", \"copies\": %zu, \"differences\": [",
	    copies->count);
	kldsim__value_group(copies, out, 0, copies->typed->told.size);
	if (copies->typed->told.type != 0)
		(void)kldsim__value_each_difference(out, copies,
		    put_difference);
	else if (kldsim__value_differs(copies))
		put_difference(out, copies, NULL, &whole, true);
	kldsim__value_puts(out, "]}\n");
}

const struct kldsim__value_writer kldsim__value_json = {
	put_value, put_copies, put_differences
};
