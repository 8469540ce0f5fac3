/* SPDX-License-Identifier: BSD-2-Clause */

/* Values that have no parts (Y-20). */

#include <inttypes.h>
#include <stdio.h>

#include "value/value.h"

#include "inspect/lookup.h"
#include "util/bytes.h"

#define NEAR 0x10000u /* bytes that a symbol may be below a pointer */
#define PAGE 4096u    /* nothing is ever mapped below */

/*
 * So many bits from one on, counted in the order of memory: from each byte's
 * lowest on where the target is little-endian, else from its highest.
 */
uint64_t
kldsim__value_bits(const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, const uint8_t *bytes)
{
	const bool big = kldsim__arch_big(typed->sim->arch);
	uint64_t value = 0, bit = node->bit;

	for (unsigned i = 0; i < node->bits; i++, bit++) {
		const unsigned byte = bytes[bit / 8];
		const uint64_t one = byte >> (big ? 7 - bit % 8 : bit % 8) & 1;

		value = big ? value << 1 | one : value | one << i;
	}
	return (value);
}

static uint64_t
extend(uint64_t value, unsigned bits)
{
	const unsigned unused = 64 - bits;

	return ((uint64_t)((int64_t)(value << unused) >> unused));
}

/* Whether CTF calls it char; its name may say that it is a bit-field's. */
static bool
is_char(const struct kldsim_type *type)
{
	return (strcmp(type->name, "char") == 0 ||
	    strcmp(type->name, "char bitfield") == 0);
}

/*
 * CTF has every char signed, and calls "signed char" a char too (C-13): the
 * machine knows better, unless a typedef on the way is the standard's.
 */
static bool
is_signed(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node)
{
	kldsim_type_id id = node->id;
	struct kldsim_type type;

	if ((node->type.encoding & KLDSIM_TYPE_SIGNED) == 0)
		return (false);
	if (!typed->sim->arch->char_unsigned || !is_char(&node->type))
		return (true);
	while (kldsim_type_get(typed->told.types, id, &type) == KLDSIM_OK &&
	    type.kind != KLDSIM_TYPE_INTEGER && kldsim__value_step(out)) {
		if (type.kind == KLDSIM_TYPE_TYPEDEF &&
		    (strcmp(type.name, "int8_t") == 0 ||
		    strcmp(type.name, "__int8_t") == 0))
			return (true);
		id = type.target;
	}
	return (false);
}

static void
take_integer(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, uint64_t value, unsigned bits,
    struct kldsim__value_leaf *leaf)
{
	const unsigned encoding = node->type.encoding;

	leaf->kind = KLDSIM__VALUE_NUMBER;
	leaf->is_signed = is_signed(out, typed, node);
	leaf->number = leaf->is_signed ? extend(value, bits) : value;
	leaf->wide = bits > 32;
	if ((encoding & KLDSIM_TYPE_BOOL) != 0 && value <= 1)
		leaf->kind = KLDSIM__VALUE_BOOL;
	else if ((encoding & KLDSIM_TYPE_CHAR) != 0 && bits == 8)
		leaf->kind = KLDSIM__VALUE_CHAR;
}

/* --- enums --- */

/* What an enum's values need; there may be as many as a file likes. */
struct needs {
	bool negative; /* then it is signed, else not */
	unsigned bits; /* as a bit-field; 1 at least */
};

static unsigned
length(uint64_t value)
{
	unsigned bits = 0;

	for (; value != 0; value >>= 1)
		bits++;
	return (bits);
}

static void
at_least(unsigned bits, unsigned room, unsigned *most)
{
	if (bits <= room && bits > *most)
		*most = bits;
}

/* Values that are wider than the room are not meant to be in it. */
static struct needs
find_needs(struct kldsim__value_out *out, const struct kldsim_types *types,
    kldsim_type_id id, unsigned room)
{
	const kldsim_type_id bare = kldsim_type_strip(types, id);
	unsigned with_sign = 1, without = 1;
	struct kldsim_type_value row;
	bool negative = false;

	for (uint64_t i = 0; kldsim_type_value(types, bare, i, &row) ==
	    KLDSIM_OK && kldsim__value_step(out); i++) {
		const uint64_t value = (uint64_t)row.value;

		negative = negative || row.value < 0;
		at_least(length(row.value < 0 ? ~value : value) + 1, room,
		    &with_sign);
		at_least(length(value), room, &without);
	}
	return ((struct needs){ negative, negative ? with_sign : without });
}

static void
take_enumerator(struct kldsim__value_out *out,
    const struct kldsim_types *types, kldsim_type_id id,
    const struct needs *needs, uint64_t value, struct kldsim__value_leaf *leaf)
{
	const kldsim_type_id bare = kldsim_type_strip(types, id);
	struct kldsim_type_value row;

	leaf->kind = KLDSIM__VALUE_ENUM;
	leaf->number = value;
	leaf->is_signed = needs->negative;
	for (uint64_t i = 0; kldsim_type_value(types, bare, i, &row) ==
	    KLDSIM_OK && kldsim__value_step(out); i++)
		if (row.value == (int64_t)value) {
			leaf->name = row.name;
			return;
		}
}

static void
take_enum(struct kldsim__value_out *out, const struct kldsim_types *types,
    kldsim_type_id id, uint64_t value, unsigned bits,
    struct kldsim__value_leaf *leaf)
{
	const struct needs needs = find_needs(out, types, id, bits);

	take_enumerator(out, types, id, &needs, needs.negative ?
	    extend(value, bits) : value, leaf);
}

/*
 * A bit-field of which only the most bits are known (C-13).  It has a value if
 * that is the same one for every width that the enum's values fit in.
 */
static void
take_unsure(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, const uint8_t *bytes,
    struct kldsim__value_leaf *leaf)
{
	const struct kldsim_types *types = typed->told.types;
	const struct needs needs = find_needs(out, types, node->id,
	    node->bits);
	struct kldsim__value_node part = *node;
	uint64_t value = 0;

	for (part.bits = needs.bits; part.bits <= node->bits; part.bits++) {
		uint64_t one = kldsim__value_bits(typed, &part, bytes);

		if (needs.negative)
			one = extend(one, part.bits);
		if (part.bits != needs.bits && one != value) {
			leaf->kind = KLDSIM__VALUE_NOTE;
			(void)snprintf(leaf->note, sizeof(leaf->note),
			    "at most %" PRIu32 " bits, 0x%" PRIx64 ": nobody "
			    "says how many", node->bits, kldsim__value_bits(
			    typed, node, bytes));
			return;
		}
		value = one;
	}
	take_enumerator(out, types, node->id, &needs, value, leaf);
}

/* --- others --- */

static void
take_pointer(struct kldsim *sim, kldsim_addr value,
    struct kldsim__value_leaf *leaf)
{
	const char *name;

	leaf->kind = KLDSIM__VALUE_POINTER;
	leaf->number = value;
	leaf->wide = true;
	if (value >= PAGE && kldsim__db_search_symbol(sim, value, &name,
	    &leaf->beyond) == 0 && leaf->beyond < NEAR)
		leaf->name = name;
}

/* Text up to its NUL; what is behind that, if it is not 0, is told. */
static void
take_string(const uint8_t *bytes, uint64_t size,
    struct kldsim__value_leaf *leaf)
{
	const uint8_t *nul = memchr(bytes, '\0', (size_t)size);
	uint64_t behind = 0;

	leaf->kind = KLDSIM__VALUE_STRING;
	leaf->bytes = bytes;
	leaf->size = nul == NULL ? size : (uint64_t)(nul - bytes);
	for (uint64_t i = leaf->size; i < size; i++)
		behind += bytes[i] != 0;
	if (nul == NULL && size != 0)
		(void)snprintf(leaf->note, sizeof(leaf->note), "no NUL");
	else if (behind != 0)
		(void)snprintf(leaf->note, sizeof(leaf->note), "behind the "
		    "NUL not all is 0: %" PRIu64 " of %" PRIu64, behind,
		    size - leaf->size - 1);
}

/* A number of so many bits, 64 at most. */
static void
take_scalar(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, uint64_t value, unsigned bits,
    struct kldsim__value_leaf *leaf)
{
	switch (node->type.kind) {
	case KLDSIM_TYPE_INTEGER:
		take_integer(out, typed, node, value, bits, leaf);
		break;
	case KLDSIM_TYPE_ENUM:
		take_enum(out, typed->told.types, node->id, value, bits, leaf);
		break;
	default:
		take_pointer(typed->sim, value, leaf);
	}
}

static void
take_note(const char *text, struct kldsim__value_leaf *leaf)
{
	leaf->kind = KLDSIM__VALUE_NOTE;
	(void)snprintf(leaf->note, sizeof(leaf->note), "%s", text);
}

/* All bytes of it are there. */
static void
take_bytes(struct kldsim__value_out *out, const struct kldsim_typed *typed,
    const struct kldsim__value_node *node, const uint8_t *bytes,
    struct kldsim__value_leaf *leaf)
{
	const uint64_t width = node->type.size;

	if (node->type.kind == KLDSIM_TYPE_ARRAY &&
	    kldsim__value_is_string(typed->told.types, &node->type)) {
		take_string(bytes, width, leaf);
	} else if (node->type.kind != KLDSIM_TYPE_FLOAT && (width == 1 ||
	    width == 2 || width == 4 || width == 8)) {
		take_scalar(out, typed, node, kldsim__load(bytes,
		    (unsigned)width, kldsim__arch_big(typed->sim->arch)),
		    (unsigned)width * 8, leaf);
	} else {
		leaf->kind = KLDSIM__VALUE_BYTES;
		leaf->bytes = bytes;
		leaf->size = width;
	}
}

void
kldsim__value_leaf(struct kldsim__value_out *out,
    const struct kldsim_typed *typed, const struct kldsim__value_node *node,
    const uint8_t *bytes, struct kldsim__value_leaf *leaf)
{
	const struct kldsim_types *types = typed->told.types;
	const enum kldsim_type_kind kind = node->type.kind;
	const uint64_t size = typed->told.size;
	const bool field = node->bits != 0 && node->bits <= 64 &&
	    node->bit <= size * 8 && node->bits <= size * 8 - node->bit;

	memset(leaf, 0, sizeof(*leaf));
	if (kind == KLDSIM_TYPE_FUNCTION || kind == KLDSIM_TYPE_FORWARD ||
	    kind == KLDSIM_TYPE_UNKNOWN)
		take_note("nobody says what it is", leaf);
	else if (field && node->at_most && kind == KLDSIM_TYPE_ENUM)
		take_unsure(out, typed, node, bytes, leaf);
	else if (field)
		take_scalar(out, typed, node, kldsim__value_bits(typed, node,
		    bytes), node->bits, leaf);
	else if (node->bits != 0 || node->offset > size ||
	    node->type.size > size - node->offset)
		take_note("behind the variable's end", leaf);
	else if (kind == KLDSIM_TYPE_STRUCT || kind == KLDSIM_TYPE_UNION ||
	    (kind == KLDSIM_TYPE_ARRAY &&
	    !kldsim__value_is_string(types, &node->type)))
		leaf->kind = KLDSIM__VALUE_DEEP;
	else
		take_bytes(out, typed, node, bytes + node->offset, leaf);
}

/* A word's may be a pointer: it is shown with the symbol that it leads to. */
void
kldsim__value_untyped(struct kldsim__value_out *out,
    const struct kldsim_typed *typed, const uint8_t *bytes,
    struct kldsim__value_leaf *leaf)
{
	const uint64_t size = typed->told.size;
	const bool number = size == 1 || size == 2 || size == 4 || size == 8;
	const struct kldsim__value_node node = { .name = "", .type = {
		.kind = size == kldsim__arch_ptrsz(typed->sim->arch) ?
		    KLDSIM_TYPE_POINTER : number ? KLDSIM_TYPE_INTEGER :
		    KLDSIM_TYPE_FLOAT,
		.name = "", .size = size } };

	memset(leaf, 0, sizeof(*leaf));
	take_bytes(out, typed, &node, bytes, leaf);
}
