/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `value', which no kernel has: a variable by its type, each of its copies, and
 * in what they differ (Y-20 to Y-22).
 */

#include <inttypes.h>

#include "ddb/copies.h"

#include "kern/linker_file.h"

#define FOLDED 10 /* elements that are alike, from so many on */

/* A value being written. */
struct writer {
	struct kldsim_ddb *ddb;
	const struct kldsim_types *types;
	const uint8_t *bytes;
	uint64_t size;
	struct kldsim__ddb_walk walk;
	/* By depth: elements alike to the one being written, beside it. */
	uint64_t alike[KLDSIM__DDB_DEPTH + 1];
};

/* The record or array that is being written; NULL: the value itself. */
static struct kldsim__ddb_frame *
parent(struct kldsim__ddb_walk *walk)
{
	return (walk->depth == 0 ? NULL : &walk->frames[walk->depth - 1]);
}

static bool
is_array(const struct kldsim__ddb_frame *frame)
{
	return (frame != NULL &&
	    frame->node.type.kind == KLDSIM_TYPE_ARRAY);
}

static void
indent(struct writer *writer, size_t depth)
{
	for (size_t i = 0; i < 2 * depth; i++)
		kldsim__ddb_putc(writer->ddb, ' ');
}

/* How many elements after the next one are like it. */
static uint64_t
count_alike(struct writer *writer, const struct kldsim__ddb_frame *frame)
{
	const uint64_t at = frame->node.offset + frame->next * frame->size;
	uint64_t count = 0;

	if (frame->size == 0 || at > writer->size)
		return (0);
	while (frame->next + count + 1 < frame->node.type.count &&
	    (count + 2) * frame->size <= writer->size - at &&
	    kldsim__ddb_step(writer->ddb) &&
	    memcmp(writer->bytes + at, writer->bytes + at +
	    (count + 1) * frame->size, (size_t)frame->size) == 0)
		count++;
	return (count + 1 >= FOLDED ? count : 0);
}

/* What stands before a part. */
static void
put_before(struct writer *writer, const struct kldsim__ddb_node *node,
    const struct kldsim__ddb_frame *in, size_t depth)
{
	struct kldsim_ddb *ddb = writer->ddb;

	if (in == NULL)
		return;
	if (is_array(in)) {
		if (node->index != 0)
			kldsim__ddb_puts(ddb, ", ");
		return;
	}
	indent(writer, depth);
	if (node->name[0] == '\0')
		return;
	kldsim__ddb_putc(ddb, '.');
	kldsim__ddb_puts(ddb, node->name);
	kldsim__ddb_puts(ddb, " = ");
}

/* And behind it. */
static void
put_behind(struct writer *writer, const struct kldsim__ddb_frame *in,
    size_t depth)
{
	if (writer->alike[depth] != 0)
		kldsim__ddb_printf(writer->ddb, " <%" PRIu64 " of them>",
		    writer->alike[depth] + 1);
	writer->alike[depth] = 0;
	if (in != NULL && !is_array(in))
		kldsim__ddb_puts(writer->ddb, ",\n");
}

/* Before the walk goes on: whether the next elements can be folded. */
static void
fold(struct writer *writer)
{
	struct kldsim__ddb_frame *in = parent(&writer->walk);

	if (is_array(in))
		writer->alike[writer->walk.depth] = count_alike(writer, in);
}

static void
skip_alike(struct writer *writer, struct kldsim__ddb_frame *in, size_t depth)
{
	if (is_array(in))
		in->next += writer->alike[depth];
}

/* One part; false: there are no more. */
static bool
write_part(struct writer *writer)
{
	struct kldsim__ddb_walk *walk = &writer->walk;
	const size_t depth = walk->depth;
	struct kldsim__ddb_frame *in = parent(walk);
	struct kldsim__ddb_node node;
	enum kldsim__ddb_step step;

	fold(writer);
	step = kldsim__ddb_walk_next(walk, &node);
	switch (step) {
	case KLDSIM__DDB_LEAF:
		put_before(writer, &node, in, depth);
		kldsim__ddb_put_leaf(writer->ddb, writer->types, &node,
		    writer->bytes, writer->size);
		skip_alike(writer, in, depth);
		put_behind(writer, in, depth);
		return (true);
	case KLDSIM__DDB_ENTER:
		put_before(writer, &node, in, depth);
		skip_alike(writer, in, depth);
		kldsim__ddb_puts(writer->ddb, node.type.kind ==
		    KLDSIM_TYPE_ARRAY ? "{" : "{\n");
		writer->alike[depth + 1] = 0;
		return (true);
	case KLDSIM__DDB_LEAVE:
		if (node.type.kind != KLDSIM_TYPE_ARRAY)
			indent(writer, depth - 1);
		kldsim__ddb_putc(writer->ddb, '}');
		put_behind(writer, parent(walk), depth - 1);
		return (true);
	default:
		return (false);
	}
}

/*
 * Y-22: without a type a number, if it has the size of one, a word's with the
 * symbol that it may lead to; else bytes.
 */
static void
write_untyped(struct writer *writer)
{
	const uint64_t size = writer->size;
	const bool number = size == 1 || size == 2 || size == 4 || size == 8;
	const struct kldsim__ddb_node leaf = { .name = "", .type = {
		.kind = size == kldsim__ddb_word(writer->ddb) ?
		    KLDSIM_TYPE_POINTER : number ? KLDSIM_TYPE_INTEGER :
		    KLDSIM_TYPE_FLOAT,
		.name = "", .size = size } };

	kldsim__ddb_put_leaf(writer->ddb, NULL, &leaf, writer->bytes, size);
}

static void
write_value(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_variable *variable, const uint8_t *bytes)
{
	struct writer writer = { .ddb = ddb, .types = variable->types,
		.bytes = bytes, .size = variable->size };

	if (variable->type == 0) {
		write_untyped(&writer);
	} else {
		kldsim__ddb_walk_begin(&writer.walk, variable->types,
		    variable->type);
		while (kldsim__ddb_step(ddb) && write_part(&writer))
			;
	}
	kldsim__ddb_putc(ddb, '\n');
}

/* What it is, and whose. */
static void
put_head(struct kldsim_ddb *ddb, const struct kldsim__ddb_variable *variable)
{
	char text[400];

	if (variable->type != 0) {
		kldsim_type_text(variable->types, variable->type,
		    variable->name, text, sizeof(text));
		kldsim__ddb_puts(ddb, text);
	} else {
		kldsim__ddb_puts(ddb, variable->name);
		kldsim__ddb_puts(ddb, " (nobody says of which type)");
	}
	kldsim__ddb_printf(ddb, ": %s of ", variable->what);
	kldsim__ddb_puts(ddb, variable->file->filename);
	kldsim__ddb_printf(ddb, ", %" PRIu64 " bytes", variable->size);
	if (variable->count == 1)
		kldsim__ddb_printf(ddb, " at 0x%" PRIx64,
		    variable->copies[0].address);
	kldsim__ddb_putc(ddb, '\n');
}

/* Each value once, and which copies have it. */
static void
show(struct kldsim_ddb *ddb, struct kldsim__ddb_variable *variable)
{
	kldsim__ddb_group(ddb, variable, 0, variable->size);
	for (size_t i = 0; i < variable->count && !ddb->thrown; i++) {
		if (variable->copies[i].group != i)
			continue;
		if (variable->count > 1 || variable->copies[i].word != NULL) {
			kldsim__ddb_put_group(ddb, variable, i);
			kldsim__ddb_puts(ddb, ": ");
		}
		write_value(ddb, variable, variable->copies[i].bytes);
	}
}

/* --- differences --- */

/* Where a leaf is: ".queue[3].head"; nothing for the whole value. */
static void
put_path(struct kldsim_ddb *ddb, const struct kldsim__ddb_walk *walk,
    const struct kldsim__ddb_node *leaf)
{
	for (size_t i = 1; i <= walk->depth; i++) {
		const struct kldsim__ddb_node *node = i == walk->depth ? leaf :
		    &walk->frames[i].node;

		if (node->name == NULL) {
			kldsim__ddb_printf(ddb, "[%" PRIu64 "]", node->index);
		} else if (node->name[0] != '\0') {
			kldsim__ddb_putc(ddb, '.');
			kldsim__ddb_puts(ddb, node->name);
		}
	}
}

/* The bytes of the variable that a leaf is in; false: none. */
static bool
leaf_bytes(const struct kldsim__ddb_variable *variable,
    const struct kldsim__ddb_node *leaf, uint64_t *size_ret)
{
	*size_ret = leaf->bits != 0 ? (leaf->bit % 8 + leaf->bits + 7) / 8 :
	    leaf->type.size;
	return (*size_ret != 0 && leaf->bits <= 64 && leaf->offset <= variable->size &&
	    *size_ret <= variable->size - leaf->offset);
}

/* Group copies by a leaf; bits beside a bit-field are another member's. */
static void
group_by(struct kldsim_ddb *ddb, struct kldsim__ddb_variable *variable,
    const struct kldsim__ddb_node *leaf, uint64_t size)
{
	struct kldsim__ddb_copy *copies = variable->copies;

	kldsim__ddb_group(ddb, variable, leaf->offset, size);
	for (size_t i = 0; leaf->bits != 0 && i < variable->count; i++)
		for (size_t j = 0; j < i && copies[i].group == i; j++)
			if (kldsim__ddb_take_bits(ddb, leaf,
			    copies[i].bytes) == kldsim__ddb_take_bits(ddb,
			    leaf, copies[j].bytes))
				copies[i].group = copies[j].group;
}

static bool
differs(const struct kldsim__ddb_variable *variable)
{
	for (size_t i = 0; i < variable->count; i++)
		if (variable->copies[i].group != 0)
			return (true);
	return (false);
}

static void
put_difference(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_variable *variable,
    const struct kldsim__ddb_walk *walk, const struct kldsim__ddb_node *leaf)
{
	const char *before = ": ";

	kldsim__ddb_puts(ddb, variable->name);
	put_path(ddb, walk, leaf);
	for (size_t i = 0; i < variable->count; i++) {
		if (variable->copies[i].group != i)
			continue;
		kldsim__ddb_puts(ddb, before);
		kldsim__ddb_put_leaf(ddb, variable->types, leaf,
		    variable->copies[i].bytes, variable->size);
		kldsim__ddb_puts(ddb, " (");
		kldsim__ddb_put_group(ddb, variable, i);
		kldsim__ddb_putc(ddb, ')');
		before = ", ";
	}
	kldsim__ddb_putc(ddb, '\n');
}

/* The members in which copies are not alike; how many there are. */
static uint64_t
compare_members(struct kldsim_ddb *ddb, struct kldsim__ddb_variable *variable)
{
	struct kldsim__ddb_walk walk;
	struct kldsim__ddb_node node;
	enum kldsim__ddb_step step;
	uint64_t size, count = 0;

	kldsim__ddb_walk_begin(&walk, variable->types, variable->type);
	while (kldsim__ddb_step(ddb) && (step = kldsim__ddb_walk_next(&walk,
	    &node)) != KLDSIM__DDB_DONE) {
		if (step != KLDSIM__DDB_LEAF ||
		    !leaf_bytes(variable, &node, &size))
			continue;
		group_by(ddb, variable, &node, size);
		if (!differs(variable))
			continue;
		put_difference(ddb, variable, &walk, &node);
		count++;
	}
	return (count);
}

static void
compare(struct kldsim_ddb *ddb, struct kldsim__ddb_variable *variable)
{
	kldsim__ddb_group(ddb, variable, 0, variable->size);
	if (!differs(variable))
		kldsim__ddb_printf(ddb, "no differences: %zu cop%s\n",
		    variable->count, variable->count == 1 ? "y" : "ies");
	else if (variable->type == 0)
		show(ddb, variable);
	else if (compare_members(ddb, variable) == 0)
		kldsim__ddb_puts(ddb, "no member differs, only bytes between "
		    "them\n");
}

/* --- the command --- */

/* [/modifier]: d for differences, o for one copy; false after an error. */
static bool
take_modifier(struct kldsim_ddb *ddb, char *letter_ret,
    enum kldsim__ddb_token *token)
{
	*letter_ret = '\0';
	*token = kldsim__ddb_read_token(ddb);
	if (*token != KLDSIM__DDB_SLASH)
		return (!ddb->thrown);
	if (kldsim__ddb_read_token(ddb) == KLDSIM__DDB_IDENT &&
	    (strcmp(ddb->tok_string, "d") == 0 ||
	    strcmp(ddb->tok_string, "o") == 0))
		*letter_ret = ddb->tok_string[0];
	else
		kldsim__ddb_error(ddb, "Bad modifier: /d shows differences, "
		    "/o one copy\n");
	*token = kldsim__ddb_read_token(ddb);
	return (!ddb->thrown);
}

/* NAME, or struct TYPE ADDRESS; false after an error. */
static bool
take_what(struct kldsim_ddb *ddb, bool one,
    struct kldsim__ddb_variable *variable)
{
	char type[KLDSIM__DDB_LINE];
	int64_t address;

	memset(variable, 0, sizeof(*variable));
	if (strcmp(ddb->tok_string, "struct") != 0 &&
	    strcmp(ddb->tok_string, "union") != 0)
		return (kldsim__ddb_find(ddb, ddb->tok_string, one, variable));
	if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "Which structure?\n");
		return (false);
	}
	memcpy(type, ddb->tok_string, sizeof(type));
	if (!kldsim__ddb_expression(ddb, &address)) {
		kldsim__ddb_error(ddb, "Address missing\n");
		return (false);
	}
	return (kldsim__ddb_find_struct(ddb, type, kldsim__ddb_addr(ddb,
	    address), variable));
}

void
kldsim__ddb_value(struct kldsim_ddb *ddb, const struct kldsim__ddb_call *call)
{
	struct kldsim__ddb_variable variable;
	enum kldsim__ddb_token token;
	char letter;

	(void)call;
	if (!take_modifier(ddb, &letter, &token))
		return;
	if (token != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "usage: value[/d|o] NAME, or value "
		    "struct TYPE ADDRESS\n");
		return;
	}
	if (take_what(ddb, letter == 'o', &variable)) {
		put_head(ddb, &variable);
		if (letter == 'd')
			compare(ddb, &variable);
		else
			show(ddb, &variable);
	}
	kldsim__ddb_variable_fini(ddb, &variable);
	kldsim__ddb_skip_to_eol(ddb);
}
