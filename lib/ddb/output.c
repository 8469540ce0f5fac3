/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is printed: sys/ddb/db_output.c, which keeps the column and writes no
 * blanks at the end of a line (B-55), and the numbers of the kernel's printf
 * (B-59), which are not those of C.
 */

#include <inttypes.h>
#include <stdio.h>

#include "ddb/ddb.h"

#define FAR 0x100000 /* a column that no line ever comes to */

/* Bytes go out; past the bound that is said, and that is all. */
static void
put(struct kldsim_ddb *ddb, const char *bytes, size_t size)
{
	static const char enough[] = "\n*** more than 8 MiB: the rest is "
	    "left out ***\n";

	if (ddb->thrown)
		return;
	if (ddb->out.size + size <= KLDSIM__DDB_TEXT) {
		kldsim__text_add(&ddb->out, bytes, size);
		return;
	}
	kldsim__text_add(&ddb->out, enough, sizeof(enough) - 1);
	ddb->position = ddb->last_non_space = 0;
	ddb->thrown = true;
}

/* Blanks that were held back, now that something comes after them. */
static void
force_whitespace(struct kldsim_ddb *ddb)
{
	static const char blanks[] = "                                ";
	const int64_t room = sizeof(blanks) - 1;

	for (int64_t left = ddb->position - ddb->last_non_space;
	    left > 0 && !ddb->thrown; left -= room)
		put(ddb, blanks, (size_t)(left < room ? left : room));
}

static void
put_tab(struct kldsim_ddb *ddb)
{
	const int64_t stop = ddb->tabstops;

	if (stop == 0) {
		kldsim__ddb_fault(ddb, 0); /* divided by */
		return;
	}
	if (stop > -FAR && stop < FAR)
		ddb->position = (ddb->position + stop) / stop * stop;
	else
		ddb->position = stop > 0 ? FAR : 0;
}

void
kldsim__ddb_putc(struct kldsim_ddb *ddb, char c)
{
	if (ddb->thrown)
		return;
	if (c > ' ' && c <= '~') {
		force_whitespace(ddb);
		put(ddb, &c, 1);
		if (!ddb->thrown)
			ddb->last_non_space = ++ddb->position;
	} else if (c == '\n') {
		put(ddb, &c, 1);
		ddb->position = ddb->last_non_space = 0;
	} else if (c == '\t') {
		put_tab(ddb);
	} else if (c == ' ') {
		ddb->position++;
	}
}

void
kldsim__ddb_puts(struct kldsim_ddb *ddb, const char *text)
{
	while (*text != '\0' && !ddb->thrown)
		kldsim__ddb_putc(ddb, *text++);
}

void
kldsim__ddb_printf(struct kldsim_ddb *ddb, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	kldsim__ddb_puts(ddb, text);
}

static void
put_many(struct kldsim_ddb *ddb, char c, int count)
{
	while (count-- > 0)
		kldsim__ddb_putc(ddb, c);
}

void
kldsim__ddb_number(struct kldsim_ddb *ddb, int64_t value, unsigned base,
    unsigned form, int width)
{
	const bool negative = (form & KLDSIM__DDB_SIGNED) != 0 && value < 0;
	uint64_t left = negative ? -(uint64_t)value :
	    kldsim__ddb_addr(ddb, value);
	char digits[65];
	size_t n = sizeof(digits);
	const char *prefix = "";

	if (base == 0)
		base = ddb->radix >= 2 && ddb->radix <= 36 ?
		    (unsigned)ddb->radix : 10;
	if ((form & KLDSIM__DDB_SHARP) != 0 && left != 0)
		prefix = base == 16 ? "0x" : base == 8 ? "0" : "";
	digits[--n] = '\0';
	do {
		digits[--n] = "0123456789abcdefghijklmnopqrstuvwxyz"
		    [left % base];
	} while ((left /= base) != 0);
	width -= (int)(strlen(prefix) + (negative ? 1 : 0) + strlen(digits + n));
	if ((form & (KLDSIM__DDB_LEFT | KLDSIM__DDB_ZERO)) == 0)
		put_many(ddb, ' ', width);
	if (negative)
		kldsim__ddb_putc(ddb, '-');
	kldsim__ddb_puts(ddb, prefix);
	if ((form & KLDSIM__DDB_ZERO) != 0)
		put_many(ddb, '0', width);
	kldsim__ddb_puts(ddb, digits + n);
	if ((form & KLDSIM__DDB_LEFT) != 0)
		put_many(ddb, ' ', width);
}

void
kldsim__ddb_pointer(struct kldsim_ddb *ddb, kldsim_addr address)
{
	kldsim__ddb_number(ddb, kldsim__ddb_expr(ddb, address), 16,
	    KLDSIM__DDB_SHARP, 0);
}

void
kldsim__ddb_end_line(struct kldsim_ddb *ddb, int field)
{
	if (ddb->position + field > ddb->maxwidth)
		kldsim__ddb_putc(ddb, '\n');
}
