/* SPDX-License-Identifier: BSD-2-Clause */

/* Values as text: a C initializer, as gdb prints it (Y-20, Y-21). */

#include <inttypes.h>
#include <string.h>

#include "value/value.h"

static bool
is_array(const struct kldsim__value_walk *walk, size_t depth)
{
	return (depth != 0 && walk->frames[depth - 1].node.type.kind ==
	    KLDSIM_TYPE_ARRAY);
}

/* --- leaves --- */

/* A byte of text, as C writes it. */
static void
put_char(struct kldsim__value_out *out, uint8_t byte, char quote)
{
	static const char letters[] = "\a\b\t\n\v\f\r";
	const char *letter = byte == 0 ? NULL : strchr(letters, byte);

	if (letter != NULL)
		kldsim__value_printf(out, "\\%c", "abtnvfr"[letter - letters]);
	else if (byte == '\\' || byte == (uint8_t)quote)
		kldsim__value_printf(out, "\\%c", byte);
	else if (byte >= ' ' && byte <= '~')
		kldsim__value_printf(out, "%c", byte);
	else
		kldsim__value_printf(out, "\\%03o", byte);
}

static void
put_number(struct kldsim__value_out *out,
    const struct kldsim__value_leaf *leaf)
{
	if (leaf->is_signed)
		kldsim__value_printf(out, "%" PRId64, (int64_t)leaf->number);
	else
		kldsim__value_printf(out, "%" PRIu64, leaf->number);
}

static void
put_pointer(struct kldsim__value_out *out,
    const struct kldsim__value_leaf *leaf)
{
	kldsim__value_printf(out, "0x%" PRIx64, leaf->number);
	if (leaf->name == NULL)
		return;
	kldsim__value_puts(out, " <");
	kldsim__value_puts(out, leaf->name);
	if (leaf->beyond != 0)
		kldsim__value_printf(out, "+0x%" PRIx64, leaf->beyond);
	kldsim__value_puts(out, ">");
}

static void
put_string(struct kldsim__value_out *out,
    const struct kldsim__value_leaf *leaf)
{
	kldsim__value_puts(out, "\"");
	for (uint64_t i = 0; i < leaf->size && kldsim__value_step(out); i++)
		put_char(out, leaf->bytes[i], '"');
	kldsim__value_puts(out, "\"");
	if (*leaf->note != '\0')
		kldsim__value_printf(out, " (%s)", leaf->note);
}

static void
put_leaf(struct kldsim__value_out *out, const struct kldsim__value_leaf *leaf)
{
	switch (leaf->kind) {
	case KLDSIM__VALUE_NOTE:
		kldsim__value_printf(out, "<%s>", leaf->note);
		break;
	case KLDSIM__VALUE_DEEP:
		kldsim__value_puts(out, "{ ... }");
		break;
	case KLDSIM__VALUE_BOOL:
		kldsim__value_puts(out, leaf->number != 0 ? "true" : "false");
		break;
	case KLDSIM__VALUE_CHAR:
		put_number(out, leaf);
		kldsim__value_puts(out, " '");
		put_char(out, (uint8_t)leaf->number, '\'');
		kldsim__value_puts(out, "'");
		break;
	case KLDSIM__VALUE_POINTER:
		put_pointer(out, leaf);
		break;
	case KLDSIM__VALUE_STRING:
		put_string(out, leaf);
		break;
	case KLDSIM__VALUE_BYTES:
		kldsim__value_put_hex(out, leaf->bytes, leaf->size);
		break;
	case KLDSIM__VALUE_ENUM:
		if (leaf->name != NULL) {
			kldsim__value_puts(out, leaf->name);
			break;
		}
		/* FALLTHROUGH */
	default:
		put_number(out, leaf);
	}
}

/* --- parts --- */

static void
indent(struct kldsim__value_out *out, size_t depth)
{
	kldsim__value_printf(out, "%*s", (int)(2 * depth), "");
}

static void
put_before(struct kldsim__value_out *out,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *node, size_t depth)
{
	if (is_array(walk, depth)) {
		kldsim__value_puts(out, node->first ? "" : ", ");
		return;
	}
	if (depth != 0)
		indent(out, depth);
	if (node->name[0] == '\0')
		return;
	kldsim__value_puts(out, ".");
	kldsim__value_puts(out, node->name);
	kldsim__value_puts(out, " = ");
}

static void
put_behind(struct kldsim__value_out *out,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *node, size_t depth)
{
	if (node->alike != 0)
		kldsim__value_printf(out, " <%" PRIu64 " of them>",
		    node->alike + 1);
	if (depth != 0 && !is_array(walk, depth))
		kldsim__value_puts(out, ",\n");
}

/* One part; false: there are no more. */
static bool
put_part(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    struct kldsim__value_walk *walk)
{
	const size_t depth = walk->depth;
	struct kldsim__value_node node;
	struct kldsim__value_leaf leaf;

	switch (kldsim__value_walk_next(walk, &node)) {
	case KLDSIM__VALUE_LEAF:
		put_before(out, walk, &node, depth);
		kldsim__value_leaf(out, typed, &node, walk->bytes, &leaf);
		put_leaf(out, &leaf);
		put_behind(out, walk, &node, depth);
		return (true);
	case KLDSIM__VALUE_ENTER:
		put_before(out, walk, &node, depth);
		kldsim__value_puts(out, node.type.kind == KLDSIM_TYPE_ARRAY ?
		    "{" : "{\n");
		return (true);
	case KLDSIM__VALUE_LEAVE:
		if (node.type.kind != KLDSIM_TYPE_ARRAY)
			indent(out, walk->depth);
		kldsim__value_puts(out, "}");
		put_behind(out, walk, &node, walk->depth);
		return (true);
	default:
		return (false);
	}
}

static void
put_value(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const uint8_t *bytes, unsigned depth)
{
	struct kldsim__value_walk walk;
	struct kldsim__value_leaf leaf;

	if (typed->told.type == 0) {
		kldsim__value_untyped(out, typed, bytes, &leaf);
		put_leaf(out, &leaf);
	} else {
		kldsim__value_walk_begin(&walk, out, typed, depth);
		walk.bytes = bytes;
		while (put_part(out, typed, &walk))
			;
	}
	kldsim__value_puts(out, "\n");
}

/* --- copies --- */

/* What it is, and whose. */
static void
put_head(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies)
{
	const struct kldsim_typed *typed = copies->typed;
	const struct kldsim_typed_info *told = &typed->told;
	char text[400];

	if (told->type != 0) {
		kldsim_type_text(told->types, told->type, told->name, text,
		    sizeof(text));
		kldsim__value_puts(out, text);
	} else {
		kldsim__value_puts(out, told->name);
		kldsim__value_puts(out, " (nobody says of which type)");
	}
	kldsim__value_puts(out, *told->symbol == '\0' ?
	    ": as it is known of " : typed->set == NULL ? ": variable of " :
	    ": ");
	if (typed->set != NULL)
		kldsim__value_printf(out, "%s of ", typed->set->what);
	kldsim__value_puts(out, told->file);
	kldsim__value_printf(out, ", %" PRIu64 " bytes", told->size);
	if (copies->count == 1)
		kldsim__value_printf(out, " at 0x%" PRIx64,
		    copies->all[0].address);
	kldsim__value_puts(out, "\n");
}

/* Which copies are in a group: "reference copy, vnet 0 to 3". */
static void
put_group(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies, size_t group)
{
	const char *before = "";

	for (size_t i = 0; i < copies->count; i++) {
		const struct kldsim__value_copy *copy = &copies->all[i];
		size_t end;

		if (copy->group != group)
			continue;
		kldsim__value_puts(out, before);
		end = kldsim__value_run_end(copies, i);
		if (copy->reference)
			kldsim__value_puts(out, "reference copy");
		else
			kldsim__value_printf(out, "%s %u",
			    copies->typed->set->word, copy->id);
		if (end != i)
			kldsim__value_printf(out, " to %u",
			    copies->all[end].id);
		i = end;
		before = ", ";
	}
}

/* Each value once, and which copies have it. */
static void
put_values(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies, unsigned depth)
{
	kldsim__value_group(copies, out, 0, copies->typed->told.size);
	for (size_t i = 0; i < copies->count && out->status == KLDSIM_OK;
	    i++) {
		if (copies->all[i].group != i)
			continue;
		if (copies->typed->set != NULL) {
			put_group(out, copies, i);
			kldsim__value_puts(out, ": ");
		}
		put_value(out, copies->typed, copies->all[i].bytes, depth);
	}
}

static void
put_copies(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies, unsigned depth)
{
	put_head(out, copies);
	put_values(out, copies, depth);
}

/* --- differences --- */

static void
put_difference(struct kldsim__value_out *out,
    const struct kldsim__value_copies *copies,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *node, bool first)
{
	const char *before = ": ";

	(void)first;
	kldsim__value_puts(out, copies->typed->told.name);
	kldsim__value_put_path(out, walk, node);
	for (size_t i = 0; i < copies->count; i++) {
		struct kldsim__value_leaf leaf;

		if (copies->all[i].group != i)
			continue;
		kldsim__value_puts(out, before);
		kldsim__value_leaf(out, copies->typed, node,
		    copies->all[i].bytes, &leaf);
		put_leaf(out, &leaf);
		kldsim__value_puts(out, " (");
		put_group(out, copies, i);
		kldsim__value_puts(out, ")");
		before = ", ";
	}
	kldsim__value_puts(out, "\n");
}

static void
put_differences(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies)
{
	put_head(out, copies);
	kldsim__value_group(copies, out, 0, copies->typed->told.size);
	if (!kldsim__value_differs(copies))
		kldsim__value_printf(out, "no differences: %zu cop%s\n",
		    copies->count, copies->count == 1 ? "y" : "ies");
	else if (copies->typed->told.type == 0)
		put_values(out, copies, 0);
	else if (!kldsim__value_each_difference(out, copies, put_difference))
		kldsim__value_puts(out, "no member differs, only bytes "
		    "between them\n");
}

const struct kldsim__value_writer kldsim__value_initializer = {
	put_value, put_copies, put_differences
};
