/* SPDX-License-Identifier: BSD-2-Clause */

/* print, x and search: sys/ddb/db_examine.c (B-53 to B-57). */

#include "ddb/ddb.h"

/* How a letter shows a number, with both commands. */
static const struct format {
	char letter;
	unsigned base;    /* 0: $radix */
	bool is_signed;
	int print_width;  /* of print; x has it by the item's size */
} formats[] = {
	{ 'r', 0, true, 11 },
	{ 'x', 16, false, 8 },
	{ 'z', 16, true, 8 },
	{ 'd', 10, true, 11 },
	{ 'u', 10, false, 11 },
	{ 'o', 8, false, 16 },
};

static const struct format *
find_format(char letter)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (formats[i].letter == letter)
			return (&formats[i]);
	return (NULL);
}

void
kldsim__ddb_put_byte(struct kldsim_ddb *ddb, unsigned byte)
{
	if (byte >= ' ' && byte <= '~')
		kldsim__ddb_putc(ddb, (char)byte);
	else
		kldsim__ddb_printf(ddb, "\\%03o", byte);
}

void
kldsim__ddb_print(struct kldsim_ddb *ddb, const struct kldsim__ddb_call *call)
{
	const struct format *format;

	if (call->modif[0] != '\0')
		ddb->print_format = call->modif[0];
	format = find_format(ddb->print_format);
	if (format != NULL) {
		kldsim__ddb_number(ddb, call->addr, format->base,
		    format->is_signed ? KLDSIM__DDB_SIGNED : 0,
		    format->print_width);
	} else if (ddb->print_format == 'a') {
		kldsim__ddb_printsym(ddb, call->addr);
	} else if (ddb->print_format == 'c') {
		kldsim__ddb_put_byte(ddb, (unsigned)(call->addr & 0xff));
	} else if (ddb->sim->facts.ddb_c_operators) {
		ddb->print_format = 'x';
		kldsim__ddb_error(ddb, "Syntax error: unsupported print "
		    "modifier\n");
	}
	kldsim__ddb_putc(ddb, '\n');
}

/* --- x --- */

/* Where x is, and how large what comes next is. */
struct place {
	kldsim_addr address;
	unsigned size;
};

static void
advance(const struct kldsim_ddb *ddb, struct place *place, unsigned size)
{
	place->address = kldsim__ddb_addr(ddb,
	    (int64_t)(place->address + size));
}

static void
put_place(struct kldsim_ddb *ddb, const struct place *place)
{
	kldsim__ddb_printsym(ddb, kldsim__ddb_expr(ddb, place->address));
	kldsim__ddb_puts(ddb, ":\t");
	if (!ddb->thrown)
		ddb->prev = place->address;
}

static void
put_number(struct kldsim_ddb *ddb, struct place *place,
    const struct format *format)
{
	const int64_t value = kldsim__ddb_get_value(ddb, place->address,
	    place->size, format->is_signed);

	advance(ddb, place, place->size);
	kldsim__ddb_number(ddb, value, format->base, KLDSIM__DDB_LEFT |
	    (format->is_signed ? KLDSIM__DDB_SIGNED : 0),
	    (int)place->size * 4);
}

/* One byte; false at a NUL, which is shown if it is asked for by itself. */
static bool
put_char(struct kldsim_ddb *ddb, struct place *place, bool string)
{
	const int64_t byte = kldsim__ddb_get_value(ddb, place->address, 1,
	    false);

	advance(ddb, place, 1);
	if (ddb->thrown || (string && byte == 0))
		return (false);
	kldsim__ddb_put_byte(ddb, (unsigned)byte);
	return (true);
}

static void
put_symbol(struct kldsim_ddb *ddb, struct place *place)
{
	const unsigned p = kldsim__ddb_word(ddb);
	const int64_t value = kldsim__ddb_get_value(ddb, place->address, p,
	    false);

	advance(ddb, place, p);
	kldsim__ddb_printsym(ddb, value);
}

/* A letter that shows something, or nothing: only the place (B-55). */
static void
put_item(struct kldsim_ddb *ddb, struct place *place, char letter)
{
	const struct format *format = find_format(letter);

	if (ddb->position == 0)
		put_place(ddb, place);
	if (format != NULL)
		put_number(ddb, place, format);
	else if (letter == 'c')
		(void)put_char(ddb, place, false);
	else if (letter == 's')
		while (kldsim__ddb_step(ddb) && put_char(ddb, place, true))
			;
	else if (letter == 'S')
		put_symbol(ddb, place);
	else if (letter == 'i' || letter == 'I')
		kldsim__ddb_error(ddb, "instructions are not simulated: there "
		    "is no disassembler\n");
	if (ddb->position != 0)
		kldsim__ddb_end_line(ddb, 1);
}

static void
examine_letter(struct kldsim_ddb *ddb, struct place *place, char letter)
{
	switch (letter) {
	case 'b':
		place->size = 1;
		break;
	case 'h':
		place->size = 2;
		break;
	case 'l':
		place->size = 4;
		break;
	case 'g':
		place->size = 8;
		break;
	case 'a':
		place->size = kldsim__ddb_word(ddb);
		if (ddb->position != 0)
			kldsim__ddb_putc(ddb, '\n');
		put_place(ddb, place);
		break;
	default:
		put_item(ddb, place, letter);
	}
}

void
kldsim__ddb_examine(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	struct place place = { kldsim__ddb_addr(ddb, call->addr), 4 };
	/* The kernel counts an int down to 0, past its least number too. */
	uint32_t left = call->count == -1 ? 1 : (uint32_t)call->count;

	if (call->modif[0] != '\0')
		memcpy(ddb->examine_format, call->modif, KLDSIM__DDB_LINE);
	while (!ddb->thrown && (int32_t)--left >= 0) {
		place.size = 4;
		if (!kldsim__ddb_step(ddb))
			return;
		for (const char *letter = ddb->examine_format;
		    *letter != '\0' && !ddb->thrown; letter++)
			examine_letter(ddb, &place, *letter);
	}
	if (!ddb->thrown)
		ddb->next = place.address;
}

/* --- search --- */

/* What a search is for. */
struct wanted {
	kldsim_addr address;
	unsigned size;
	int64_t value;
	int64_t mask;
	uint32_t count;
};

/* A part of the line that has to be there. */
static bool
need(struct kldsim_ddb *ddb, int64_t *value_ret, const char *missing)
{
	if (kldsim__ddb_expression(ddb, value_ret))
		return (true);
	kldsim__ddb_puts(ddb, missing);
	kldsim__ddb_flush_lex(ddb);
	return (false);
}

static bool
take_size(struct kldsim_ddb *ddb, struct wanted *wanted)
{
	const enum kldsim__ddb_token token = kldsim__ddb_read_token(ddb);

	wanted->size = 4;
	if (token != KLDSIM__DDB_SLASH) {
		kldsim__ddb_unread_token(ddb, token);
		return (true);
	}
	if (kldsim__ddb_read_token(ddb) == KLDSIM__DDB_IDENT &&
	    ddb->tok_string[0] != '\0' && ddb->tok_string[1] == '\0' &&
	    strchr("bhl", ddb->tok_string[0]) != NULL) {
		wanted->size = ddb->tok_string[0] == 'b' ? 1 :
		    ddb->tok_string[0] == 'h' ? 2 : 4;
		return (true);
	}
	kldsim__ddb_puts(ddb, "Bad modifier\n");
	kldsim__ddb_flush_lex(ddb);
	return (false);
}

static bool
take_wanted(struct kldsim_ddb *ddb, struct wanted *wanted)
{
	enum kldsim__ddb_token token;
	int64_t address = 0, count = -1;

	if (!take_size(ddb, wanted) ||
	    !need(ddb, &address, "Address missing\n") ||
	    !need(ddb, &wanted->value, "Value missing\n"))
		return (false);
	if (!kldsim__ddb_expression(ddb, &wanted->mask))
		wanted->mask = kldsim__ddb_expr(ddb, UINT32_MAX);
	token = kldsim__ddb_read_token(ddb);
	if (token != KLDSIM__DDB_COMMA)
		kldsim__ddb_unread_token(ddb, token);
	else if (!need(ddb, &count, "Count missing\n"))
		return (false);
	kldsim__ddb_skip_to_eol(ddb);
	wanted->address = kldsim__ddb_addr(ddb, address);
	wanted->count = (uint32_t)count;
	return (!ddb->thrown);
}

void
kldsim__ddb_search_memory(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	struct wanted wanted;

	(void)call;
	if (!take_wanted(ddb, &wanted))
		return;
	while (wanted.count-- != 0) {
		const int64_t have = kldsim__ddb_get_value(ddb,
		    wanted.address, wanted.size, false);

		if (ddb->thrown || !kldsim__ddb_step(ddb))
			return;
		ddb->prev = wanted.address;
		if ((have & wanted.mask) == wanted.value)
			break;
		wanted.address = kldsim__ddb_addr(ddb,
		    (int64_t)(wanted.address + wanted.size));
	}
	ddb->next = wanted.address;
}
