/* SPDX-License-Identifier: BSD-2-Clause */

/* Values that have no parts, as a C initializer has them (Y-20). */

#include <inttypes.h>

#include "ddb/types.h"

#include "util/bytes.h"

/*
 * So many bits from one on, counted in the order of memory: from each byte's
 * lowest on where the target is little-endian, else from its highest.
 */
uint64_t
kldsim__ddb_take_bits(const struct kldsim_ddb *ddb,
    const struct kldsim__ddb_node *leaf, const uint8_t *bytes)
{
	const bool big = kldsim__arch_big(ddb->sim->arch);
	uint64_t value = 0, bit = leaf->bit;

	for (unsigned i = 0; i < leaf->bits; i++, bit++) {
		const unsigned byte = bytes[bit / 8];
		const uint64_t one = byte >> (big ? 7 - bit % 8 : bit % 8) & 1;

		value = big ? value << 1 | one : value | one << i;
	}
	return (value);
}

static int64_t
extend(uint64_t value, unsigned bits)
{
	const unsigned unused = 64 - bits;

	return ((int64_t)(value << unused) >> unused);
}

/* A byte of text, as C writes it. */
static void
put_char(struct kldsim_ddb *ddb, uint8_t byte, char quote)
{
	static const char letters[] = "\a\b\t\n\v\f\r";
	const char *letter = byte == 0 ? NULL : strchr(letters, byte);

	if (letter != NULL)
		kldsim__ddb_printf(ddb, "\\%c", "abtnvfr"[letter - letters]);
	else if (byte == '\\' || byte == (uint8_t)quote)
		kldsim__ddb_printf(ddb, "\\%c", byte);
	else if (byte == ' ')
		kldsim__ddb_putc(ddb, ' ');
	else
		kldsim__ddb_put_byte(ddb, byte);
}

static void
put_integer(struct kldsim_ddb *ddb, const struct kldsim_type *type,
    uint64_t value, unsigned bits)
{
	const bool is_signed = (type->encoding & KLDSIM_TYPE_SIGNED) != 0;

	if ((type->encoding & KLDSIM_TYPE_BOOL) != 0 && value <= 1) {
		kldsim__ddb_puts(ddb, value != 0 ? "true" : "false");
		return;
	}
	if (is_signed)
		kldsim__ddb_printf(ddb, "%" PRId64, extend(value, bits));
	else
		kldsim__ddb_printf(ddb, "%" PRIu64, value);
	if ((type->encoding & KLDSIM_TYPE_CHAR) != 0 && bits == 8) {
		kldsim__ddb_puts(ddb, " '");
		put_char(ddb, (uint8_t)value, '\'');
		kldsim__ddb_putc(ddb, '\'');
	}
}

static void
put_enum(struct kldsim_ddb *ddb, const struct kldsim_types *types,
    kldsim_type_id id, int64_t value)
{
	struct kldsim_type_value row;

	for (uint64_t i = 0; kldsim_type_value(types, kldsim_type_strip(types,
	    id), i, &row) == KLDSIM_OK; i++)
		if (row.value == value) {
			kldsim__ddb_puts(ddb, row.name);
			return;
		}
	kldsim__ddb_printf(ddb, "%" PRId64, value);
}

/* With the nearest symbol, if one is near. */
static void
put_pointer(struct kldsim_ddb *ddb, kldsim_addr value)
{
	kldsim_size offset;
	const char *name;

	kldsim__ddb_printf(ddb, "0x%" PRIx64, value);
	name = value == 0 ? NULL : kldsim__ddb_search(ddb, value, &offset);
	if (name == NULL || offset >= 0x10000)
		return;
	kldsim__ddb_puts(ddb, " <");
	kldsim__ddb_puts(ddb, name);
	if (offset != 0)
		kldsim__ddb_printf(ddb, "+0x%" PRIx64, offset);
	kldsim__ddb_putc(ddb, '>');
}

/* Text up to its NUL; what is behind that, if it is not 0, is told. */
static void
put_string(struct kldsim_ddb *ddb, const uint8_t *bytes, uint64_t size)
{
	const uint8_t *nul = memchr(bytes, '\0', (size_t)size);
	const uint64_t length = nul == NULL ? size : (uint64_t)(nul - bytes);
	uint64_t behind = 0;

	kldsim__ddb_putc(ddb, '"');
	for (uint64_t i = 0; i < length && kldsim__ddb_step(ddb); i++)
		put_char(ddb, bytes[i], '"');
	kldsim__ddb_putc(ddb, '"');
	for (uint64_t i = length; i < size; i++)
		behind += bytes[i] != 0;
	if (nul == NULL && size != 0)
		kldsim__ddb_puts(ddb, " (no NUL)");
	else if (behind != 0)
		kldsim__ddb_printf(ddb, " (behind the NUL not all is 0: %"
		    PRIu64 " of %" PRIu64 ")", behind, size - length - 1);
}

static void
put_raw(struct kldsim_ddb *ddb, const uint8_t *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size && kldsim__ddb_step(ddb); i++)
		kldsim__ddb_printf(ddb, i == 0 ? "%02x" : " %02x", bytes[i]);
}

/* A number of so many bits, 64 at most. */
static void
put_scalar(struct kldsim_ddb *ddb, const struct kldsim_types *types,
    const struct kldsim__ddb_node *leaf, uint64_t value, unsigned bits)
{
	switch (leaf->type.kind) {
	case KLDSIM_TYPE_INTEGER:
		put_integer(ddb, &leaf->type, value, bits);
		break;
	case KLDSIM_TYPE_ENUM:
		put_enum(ddb, types, leaf->id, extend(value, bits));
		break;
	default:
		put_pointer(ddb, value);
	}
}

void
kldsim__ddb_put_leaf(struct kldsim_ddb *ddb, const struct kldsim_types *types,
    const struct kldsim__ddb_node *leaf, const uint8_t *bytes, uint64_t size)
{
	const enum kldsim_type_kind kind = leaf->type.kind;
	const bool big = kldsim__arch_big(ddb->sim->arch);
	const uint64_t width = leaf->type.size;

	if (kind == KLDSIM_TYPE_FUNCTION || kind == KLDSIM_TYPE_FORWARD ||
	    kind == KLDSIM_TYPE_UNKNOWN)
		kldsim__ddb_puts(ddb, "<nobody says what it is>");
	else if (leaf->bits != 0 && leaf->bits <= 64 &&
	    leaf->bit <= size * 8 && leaf->bits <= size * 8 - leaf->bit)
		put_scalar(ddb, types, leaf, kldsim__ddb_take_bits(ddb, leaf,
		    bytes), leaf->bits);
	else if (leaf->bits != 0 || leaf->offset > size ||
	    width > size - leaf->offset)
		kldsim__ddb_puts(ddb, "<behind the variable's end>");
	else if (kind == KLDSIM_TYPE_STRUCT || kind == KLDSIM_TYPE_UNION ||
	    (kind == KLDSIM_TYPE_ARRAY &&
	    !kldsim__ddb_is_string(types, &leaf->type)))
		kldsim__ddb_puts(ddb, "{ ... }"); /* too deep */
	else if (kind == KLDSIM_TYPE_ARRAY)
		put_string(ddb, bytes + leaf->offset, width);
	else if (kind != KLDSIM_TYPE_FLOAT && (width == 1 || width == 2 ||
	    width == 4 || width == 8))
		put_scalar(ddb, types, leaf, kldsim__load(bytes + leaf->offset,
		    (unsigned)width, big), (unsigned)width * 8);
	else
		put_raw(ddb, bytes + leaf->offset, width);
}
