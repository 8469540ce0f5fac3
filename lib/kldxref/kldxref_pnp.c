/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * MDT_PNP_INFO: a table of devices and a text that describes its rows, made
 * into simpler values and a simpler text (H-05, H-06).
 */

#include "kldxref/kldxref.h"

#include <ctype.h>
#include <stdio.h>

#define DESCR_MAX 1024  /* H-06: the text's buffer, and a value's */
#define TYPE_MAX 8      /* buffers of the tool's for the parts of a field */
#define KEY_MAX 32

/* How the value of a field is made. */
enum make {
	MAKE_INT,
	MAKE_FLAGGED, /* all ones, of any width, is -1 */
	MAKE_PAIR,    /* the low half, then the high half */
	MAKE_STRING,
	MAKE_EISA,
	MAKE_NOTHING,
	MAKE_POINTER  /* no value; steps over a pointer, unaligned */
};

static const struct kind {
	const char *type;
	enum make make;
	unsigned size; /* in the row; 0: of a pointer */
	char letter;   /* in the new text */
} kinds[] = {
	{ "U8", MAKE_INT, 1, 'I' },
	{ "V8", MAKE_FLAGGED, 1, 'J' },
	{ "G16", MAKE_INT, 2, 'G' },
	{ "L16", MAKE_INT, 2, 'L' },
	{ "M16", MAKE_INT, 2, 'M' },
	{ "U16", MAKE_INT, 2, 'I' },
	{ "V16", MAKE_FLAGGED, 2, 'J' },
	{ "U32", MAKE_INT, 4, 'I' },
	{ "V32", MAKE_FLAGGED, 4, 'J' },
	{ "W32", MAKE_PAIR, 4, 'I' },
	{ "D", MAKE_STRING, 0, 'D' },
	{ "Z", MAKE_STRING, 0, 'Z' },
	{ "E", MAKE_EISA, 4, 'Z' },
	{ "T", MAKE_NOTHING, 0, 'T' },
	{ "P", MAKE_POINTER, 0, '\0' },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

/* One field of a row. */
struct field {
	const struct kind *kind;
	uint32_t offset;
};

/* The shortest field is "D:;", so there are fewer, and a row is shorter. */
#define FIELDS_MAX (DESCR_MAX / 2)
#define ROW_MAX (FIELDS_MAX * 8)

struct table {
	struct kldsim__xref_file *file;
	const char *descr;
	struct field fields[FIELDS_MAX];
	size_t nfields;
	uint32_t offset;           /* of the next field */
	uint32_t width;            /* that the fields need of a row */
	char text[2 * DESCR_MAX];  /* the new descr; a field gains two bytes
	                              at most, of W32's at least three */
	size_t text_size;
	kldsim_addr address;
	int32_t entry_len;
	int32_t num_entry;
	uint64_t size;             /* of the table */
};

/* A mistake in the text ends the tool. */
static int
parse_error(struct table *table)
{
	(void)kldsim__xref_fail(table->file->xref, KLDSIM_MALFORMED, 0,
	    "Parse error of description string %s", table->descr);
	return (KLDSIM__EINVAL);
}

static void
add_text(struct table *table, char letter, const char *key, size_t length)
{
	size_t room = sizeof(table->text) - table->text_size;
	int n = snprintf(table->text + table->text_size, room, "%c:%.*s;",
	    letter, (int)length, key);

	/* Longer than a string may be (H-02): how much longer is no matter. */
	table->text_size += (size_t)n < room ? (size_t)n : room - 1;
}

/* W32 has a key for each half, parted by '/'; however many there are. */
static void
add_words(struct table *table, char letter, const char *key, size_t length)
{
	const char *end = key + length, *word;

	while (key < end) {
		word = key;
		while (key < end && *key != '/')
			key++;
		if (key > word)
			add_text(table, letter, word, (size_t)(key - word));
		key++;
	}
}

/* Place a field in the row; offsets are rounded to its own size. */
static void
place(struct table *table, const struct kind *kind)
{
	uint32_t size = kind->size != 0 ? kind->size : table->file->ptrsz;
	struct field *field = &table->fields[table->nfields];

	if (kind->make == MAKE_POINTER) {
		table->offset += size;
		return;
	}
	if (kind->make == MAKE_NOTHING)
		return;
	table->offset = (table->offset + size - 1) / size * size;
	field->kind = kind;
	field->offset = table->offset;
	table->nfields++;
	table->offset += size;
	table->width = table->offset;
}

/* One "TYPE:key". */
static int
add_field(struct table *table, const char *type, size_t type_size,
    const char *key, size_t key_size)
{
	const struct kind *kind = NULL;

	for (size_t i = 0; i < NKINDS; i++)
		if (strlen(kinds[i].type) == type_size &&
		    memcmp(kinds[i].type, type, type_size) == 0)
			kind = &kinds[i];
	if (kind == NULL || table->nfields == FIELDS_MAX ||
	    table->offset > ROW_MAX - 2 * 8)
		return (parse_error(table));
	place(table, kind);
	if (kind->make == MAKE_PAIR)
		add_words(table, kind->letter, key, key_size);
	else if (kind->make != MAKE_POINTER)
		add_text(table, kind->letter, key, key_size);
	return (0);
}

static int
parse_descr(struct table *table)
{
	const char *at = table->descr;

	while (*at != '\0') {
		const char *colon = strchr(at, ':');
		const char *semi = strchr(at, ';');
		const char *end = semi != NULL ? semi : at + strlen(at);
		int error;

		/*
		 * Z-115: a type of 8 bytes is one too many for the tool's
		 * buffer, and then an unknown type like any other.  A key that
		 * ends the text may have one byte more.
		 */
		if (colon == NULL || colon > end || colon - at > TYPE_MAX ||
		    end - colon >= KEY_MAX + (semi == NULL))
			return (parse_error(table));
		error = add_field(table, at, (size_t)(colon - at), colon + 1,
		    (size_t)(end - colon - 1));
		if (error != 0)
			return (error);
		at = end;
		if (semi == NULL)
			continue;
		do
			at++;
		while (isspace((unsigned char)*at));
	}
	return (0);
}

/* The seven characters of an EISA id: three letters, four digits. */
static void
eisa_text(uint32_t id, char text[8])
{
	uint8_t b[4];

	kldsim__store(b, sizeof(b), false, id);
	(void)snprintf(text, 8, "%c%c%c%02x%02x", '@' + (b[0] >> 2 & 0x1f),
	    '@' + ((b[0] & 3) << 3 | b[1] >> 5), '@' + (b[1] & 0x1f), b[2],
	    b[3]);
}

/*
 * A string of a row.  The word may well be no pointer, where the text misses a
 * field of the row; whatever it leads to is taken (H-05).  Errors are not.
 */
static void
put_string(struct table *table, kldsim_addr address)
{
	char text[DESCR_MAX] = "";

	if (address != 0) {
		(void)table->file->ops->read_string(table->file, address,
		    sizeof(text), text);
		text[sizeof(text) - 1] = '\0';
	}
	kldsim__xref_record_string(table->file->xref, text);
}

static void
put_field(struct table *table, const struct field *field, const uint8_t *row)
{
	const struct kldsim__xref_file *file = table->file;
	const uint8_t *at = row + field->offset;
	const unsigned size = field->kind->size;
	uint32_t value = 0;
	char eisa[8];

	if (size != 0)
		value = (uint32_t)kldsim__load(at, size, file->elf.big);
	switch (field->kind->make) {
	case MAKE_FLAGGED:
		if (value == UINT32_MAX >> (32 - 8 * size))
			value = UINT32_MAX;
		/* FALLTHROUGH */
	case MAKE_INT:
		kldsim__xref_record_int(file->xref, value);
		break;
	case MAKE_PAIR:
		kldsim__xref_record_int(file->xref, value & 0xffff);
		kldsim__xref_record_int(file->xref, value >> 16);
		break;
	case MAKE_STRING:
		put_string(table, kldsim__xref_word(file, at));
		break;
	case MAKE_EISA:
	default: /* and there are no other fields: see place() */
		eisa_text(value, eisa);
		kldsim__xref_record_string(file->xref, eisa);
		break;
	}
}

/* One row of the table. */
static int
put_row(struct table *table, uint64_t offset)
{
	struct kldsim__xref_file *file = table->file;
	uint8_t row[ROW_MAX + KLDSIM__XREF_SLACK];
	int error;

	/* Z-114: fields beyond the row are the next row's bytes, and those of
	   the last row are the tool's own memory. */
	if (!kldsim__in_range(offset, table->width, table->size)) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "%s: PNP table is read beyond its end (Z-114); its record "
		    "is left out", file->path);
		return (KLDSIM__EFAULT);
	}
	error = file->ops->read(file, table->address + offset, table->width,
	    true, row);
	for (size_t i = 0; i < table->nfields && error == 0; i++)
		put_field(table, &table->fields[i], row);
	return (error);
}

/*
 * All rows.  A row makes at least a byte, unless nothing of it has a value, so
 * the record's limit ends the longest table.
 */
static int
put_rows(struct table *table)
{
	const struct kldsim__xref *xref = table->file->xref;
	int error = 0;

	if (table->nfields == 0)
		return (0);
	for (int64_t i = 0; i < table->num_entry && error == 0 &&
	    xref->status == KLDSIM_OK; i++)
		error = put_row(table,
		    (uint64_t)(i * (int64_t)table->entry_len));
	return (error);
}

/* struct mod_pnp_match_info (M-02); its text goes into descr. */
static int
read_info(struct table *table, kldsim_addr data, char descr[DESCR_MAX])
{
	struct kldsim__xref_file *file = table->file;
	const unsigned ptrsz = file->ptrsz;
	uint8_t info[32 + KLDSIM__XREF_SLACK];
	int32_t numbers[2];
	int error;

	error = file->ops->read(file, data, 3 * ptrsz + 8, true, info);
	if (error != 0)
		return (error);
	table->address = kldsim__xref_word(file, info + 2 * ptrsz);
	for (unsigned i = 0; i < 2; i++) {
		uint32_t bits = kldsim__xref_int(file,
		    info + 3 * ptrsz + 4 * i);

		memcpy(&numbers[i], &bits, sizeof(bits));
	}
	table->entry_len = numbers[0];
	table->num_entry = numbers[1];
	/* Z-114: the product is an int, and then as large as can be. */
	table->size = (uint64_t)(int64_t)(int32_t)((uint32_t)numbers[0] *
	    (uint32_t)numbers[1]);
	return (file->ops->read_string(file, kldsim__xref_word(file, info),
	    DESCR_MAX, descr));
}

static int
make_record(struct table *table, const char *bus)
{
	struct kldsim__xref_file *file = table->file;
	struct kldsim__xref *xref = file->xref;
	int error = parse_descr(table);

	if (error != 0)
		return (error);
	kldsim__xref_record_int(xref, KLDSIM__MDT_PNP_INFO);
	kldsim__xref_record_string(xref, bus);
	kldsim__xref_record_string(xref, table->text);
	kldsim__xref_record_int(xref, (uint32_t)table->num_entry);
	error = file->ops->check(file, table->address, table->size, true);
	/* The new tool keeps the record of a table that it cannot read, with
	   a count and no rows. */
	if (error != 0)
		return (xref->facts.kldxref_target_order ? 0 : error);
	return (put_rows(table));
}

int
kldsim__xref_pnp(struct kldsim__xref_file *file, kldsim_addr data,
    const char *bus)
{
	const struct kldsim__alloc *alloc = &file->xref->alloc;
	struct table *table = kldsim__calloc(alloc, 1, sizeof(*table));
	char descr[DESCR_MAX] = "";
	int error;

	if (table == NULL) {
		(void)kldsim__xref_fail(file->xref, KLDSIM_NOMEM, 0,
		    "no memory");
		return (KLDSIM__ENOMEM);
	}
	table->file = file;
	table->descr = descr;
	error = read_info(table, data, descr);
	if (error == 0)
		error = make_record(table, bus);
	kldsim__free(alloc, table);
	return (error);
}
