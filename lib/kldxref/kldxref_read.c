/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * linker.hints for people: record by record, every byte accounted for.  This
 * is not how the kernel reads it; see linker_hints.c for that.
 */

#include "kldxref/kldxref.h"

#include <stdarg.h>
#include <stdio.h>

#define FILE_VERSION 1 /* H-01 */

/* A place in a record's payload. */
struct cursor {
	const uint8_t *bytes;
	size_t size;
	size_t at;
	bool big;
};

static enum kldsim_status
malformed(struct kldsim_error *error, const char *format, ...)
{
	va_list args;

	if (error != NULL) {
		error->status = KLDSIM_MALFORMED;
		error->sys_errno = 0;
		va_start(args, format);
		(void)vsnprintf(error->text, sizeof(error->text), format,
		    args);
		va_end(args);
	}
	return (KLDSIM_MALFORMED);
}

/* H-02: an int is aligned, relative to the payload. */
static bool
get_int(struct cursor *c, uint32_t *value_ret)
{
	size_t at = (c->at + 3) / 4 * 4;

	if (!kldsim__in_range(at, 4, c->size))
		return (false);
	*value_ret = kldsim__load32(c->bytes + at, c->big);
	c->at = at + 4;
	return (true);
}

static bool
get_signed(struct cursor *c, int32_t *value_ret)
{
	uint32_t bits;

	if (!get_int(c, &bits))
		return (false);
	memcpy(value_ret, &bits, sizeof(bits));
	return (true);
}

/* H-02: a string has a length byte and no alignment. */
static bool
get_string(struct cursor *c, char text_ret[KLDSIM_HINTS_STRING])
{
	size_t length;

	if (!kldsim__in_range(c->at, 1, c->size))
		return (false);
	length = c->bytes[c->at];
	if (!kldsim__in_range(c->at + 1, length, c->size))
		return (false);
	memcpy(text_ret, c->bytes + c->at + 1, length);
	text_ret[length] = '\0';
	c->at += 1 + length;
	return (true);
}

static bool
module_body(struct cursor *c, struct kldsim_hints_record *record)
{
	return (get_string(c, record->name) && get_string(c, record->file));
}

static bool
version_body(struct cursor *c, struct kldsim_hints_record *record)
{
	return (get_string(c, record->name) &&
	    get_signed(c, &record->version) && get_string(c, record->file));
}

static bool
pnp_body(struct cursor *c, struct kldsim_hints_record *record)
{
	if (!get_string(c, record->name) || !get_string(c, record->descr) ||
	    !get_signed(c, &record->rows))
		return (false);
	record->values = c->bytes + c->at;
	record->values_size = c->size - c->at;
	return (true);
}

static const struct {
	int kind;
	bool (*read)(struct cursor *c, struct kldsim_hints_record *record);
} bodies[] = {
	{ KLDSIM_HINTS_MODULE, module_body },
	{ KLDSIM_HINTS_VERSION, version_body },
	{ KLDSIM_HINTS_PNP, pnp_body },
};

/* The version word tells the byte order. */
static bool
find_order(const uint8_t *bytes, size_t size, bool *big_ret)
{
	if (size < 4)
		return (false);
	*big_ret = kldsim__load32(bytes, true) == FILE_VERSION;
	return (*big_ret || kldsim__load32(bytes, false) == FILE_VERSION);
}

static bool
read_body(struct cursor *c, struct kldsim_hints_record *record)
{
	if (!get_signed(c, &record->kind))
		return (false);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (bodies[i].kind == record->kind)
			return (bodies[i].read(c, record));
	return (true);
}

enum kldsim_status
kldsim_hints_next(const void *bytes, size_t size, size_t *at,
    struct kldsim_hints_record *record_ret, struct kldsim_error *error_ret)
{
	const uint8_t *file = bytes;
	struct cursor c = { 0 };

	memset(record_ret, 0, sizeof(*record_ret));
	if (size >= 4 && memcmp(file, "\177ELF", 4) == 0)
		return (malformed(error_ret,
		    "is no linker.hints, but an ELF file"));
	if (!find_order(file, size, &c.big))
		return (malformed(error_ret,
		    "is no linker.hints: that begins with the number 1"));
	if (*at == 0)
		*at = 4;
	if (*at == size)
		return (KLDSIM_NOENT);
	record_ret->offset = *at;
	record_ret->big_endian = c.big;
	if (!kldsim__in_range(*at, 4, size))
		return (malformed(error_ret,
		    "record at 0x%zx: no room for its length", *at));
	record_ret->length = kldsim__load32(file + *at, c.big);
	if (record_ret->length % 4 != 0 ||
	    !kldsim__in_range(*at + 4, record_ret->length, size))
		return (malformed(error_ret,
		    "record at 0x%zx: its length of %u bytes is no multiple "
		    "of 4 or leaves the file", *at, record_ret->length));
	c.bytes = file + *at + 4;
	c.size = record_ret->length;
	if (!read_body(&c, record_ret))
		return (malformed(error_ret,
		    "record at 0x%zx: its contents do not fit in its %u bytes",
		    *at, record_ret->length));
	*at += 4 + (size_t)record_ret->length;
	return (KLDSIM_OK);
}

/* One "X:key;" of a record's descr; *at moves behind it. */
static bool
get_column(const char *descr, size_t *at, struct kldsim_hints_value *value)
{
	const char *begin = descr + *at;
	const char *end = strchr(begin, ';');

	if (begin[0] == '\0' || begin[1] != ':' || end == NULL)
		return (false);
	value->kind = begin[0];
	(void)snprintf(value->key, sizeof(value->key), "%.*s",
	    (int)(end - begin - 2), begin + 2);
	*at += (size_t)(end - begin) + 1;
	return (true);
}

/* Has a row any values?  T and what nobody knows have none. */
static bool
has_values(const char *descr)
{
	struct kldsim_hints_value value;
	size_t at = 0;

	while (get_column(descr, &at, &value))
		if (strchr("IJGLMDZ", value.kind) != NULL)
			return (true);
	return (false);
}

/* The next column with a value, going on to the next row when need be. */
static bool
next_column(const struct kldsim_hints_record *record,
    struct kldsim_hints_cursor *cursor, struct kldsim_hints_value *value)
{
	while (cursor->row < record->rows) {
		while (get_column(record->descr, &cursor->descr, value))
			if (strchr("IJGLMDZ", value->kind) != NULL)
				return (true);
		cursor->descr = 0;
		cursor->row++;
	}
	return (false);
}

enum kldsim_status
kldsim_hints_value(const struct kldsim_hints_record *record,
    struct kldsim_hints_cursor *cursor, struct kldsim_hints_value *value_ret)
{
	struct cursor c = {
		.bytes = record->values,
		.size = record->values_size,
		.at = cursor->at,
		.big = record->big_endian,
	};
	bool string, there;

	memset(value_ret, 0, sizeof(*value_ret));
	if (!has_values(record->descr) ||
	    !next_column(record, cursor, value_ret))
		return (KLDSIM_NOENT);
	value_ret->row = cursor->row;
	string = value_ret->kind == 'D' || value_ret->kind == 'Z';
	there = string ? get_string(&c, value_ret->text) :
	    get_int(&c, &value_ret->number);
	if (!there)
		return (KLDSIM_MALFORMED);
	cursor->at = c.at;
	return (KLDSIM_OK);
}
