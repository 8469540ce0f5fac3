/* SPDX-License-Identifier: BSD-2-Clause */

/* A range of addresses as a picture; see strip.h. */

#include "html/strip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "html/sections.h"

/* In units of the drawing. */
#define GUTTER 150  /* for addresses */
#define WIDE 800    /* of a line's bytes */
#define LINE 24
#define HIGH 19
#define LETTER 6.7
#define LINES 12    /* that few pieces need, at most, */
#define LINES_MANY 48 /* and many */
#define LEAST 64    /* bytes in a line */
#define SLIT 0.8    /* between pieces that touch */

void
strip_add(struct strip *strip, const struct strip_piece *piece)
{
	const size_t n = strip->npieces;

	if (piece->size == 0)
		return;
	if ((n & (n - 1)) == 0)
		strip->pieces = need(realloc(strip->pieces,
		    (n == 0 ? 1 : n * 2) * sizeof(*piece)));
	strip->pieces[strip->npieces++] = *piece;
}

static int
compare(const void *a, const void *b)
{
	const struct strip_piece *x = a, *y = b;

	if (x->start != y->start)
		return (x->start < y->start ? -1 : 1);
	return ((x->size > y->size) - (x->size < y->size));
}

void
strip_sort(struct strip *strip)
{
	if (strip->npieces == 0)
		return;
	qsort(strip->pieces, strip->npieces, sizeof(*strip->pieces), compare);
	for (size_t i = 0; i + 1 < strip->npieces; i++) {
		const kldsim_size room = strip->pieces[i + 1].start -
		    strip->pieces[i].start;

		if (strip->pieces[i].size > room)
			strip->pieces[i].size = room;
	}
}

void
strip_fini(struct strip *strip)
{
	free(strip->pieces);
}

/* Bytes in a line: the least power of two that needs few lines. */
static uint64_t
bytes_per_line(const struct strip *strip)
{
	size_t lines = strip->npieces / 8;
	uint64_t bytes = LEAST;

	lines = lines < LINES ? LINES : lines > LINES_MANY ? LINES_MANY : lines;
	while (bytes < UINT64_MAX / 2 && (strip->size - 1) / bytes >= lines)
		bytes *= 2;
	return (bytes);
}

/* "12.5", for lengths that are written alike wherever we are. */
static void
hundredths(FILE *out, double value)
{
	const long all = (long)(value * 100 + 0.5);

	(void)fprintf(out, "%ld.%02ld", all / 100, all % 100);
}

/* The part of a piece that is in one line. */
static void
put_part(FILE *out, const struct strip_piece *piece, uint64_t from,
    uint64_t to, uint64_t bytes, bool named)
{
	const uint64_t line = from / bytes;
	const double scale = (double)WIDE / (double)bytes;
	const double x = GUTTER + (double)(from % bytes) * scale;
	double wide = (double)(to - from) * scale;

	if (wide > 4 * SLIT)
		wide -= SLIT;
	else if (wide < SLIT)
		wide = SLIT; /* else nobody sees it */
	html(out, "<rect class=\"%s\" x=\"", piece->look);
	hundredths(out, x);
	html(out, "\" y=\"%" PRIu64 "\" width=\"", line * LINE + 1);
	hundredths(out, wide);
	html(out, "\" height=\"%d\" />", HIGH);
	if (!named || wide < 5 * LETTER)
		return;
	html(out, "<text x=\"");
	hundredths(out, x + 4);
	html(out, "\" y=\"%" PRIu64 "\">", line * LINE + HIGH - 4);
	html_cut(out, piece->label, (size_t)((wide - 8) / LETTER));
	html(out, "</text>");
}

static void
put_title(FILE *out, const struct strip_piece *piece)
{
	html(out, "<title>%s%s%s: 0x%" PRIx64 ", ",
	    piece->name != NULL ? piece->name : "",
	    piece->name != NULL && piece->what != NULL ? " " : "",
	    piece->what != NULL ? piece->what : "", piece->start);
	html_bytes(out, piece->size);
	html(out, "</title>");
}

/* Lines begin at round addresses. */
static uint64_t
first_line(const struct strip *strip, uint64_t bytes)
{
	return (strip->start - strip->start % bytes);
}

/* Where the part of a piece that begins here ends. */
static uint64_t
line_end(uint64_t at, uint64_t end, uint64_t bytes)
{
	const uint64_t room = bytes - at % bytes;

	return (end - at > room ? at + room : end);
}

/* Each line's part of a piece; the name is in the widest one, the first of these. */
static void
put_piece(const struct strip *strip, const struct strip_piece *piece,
    uint64_t bytes, FILE *out)
{
	const uint64_t from = piece->start - first_line(strip, bytes);
	const uint64_t end = from + piece->size;
	uint64_t widest = 0, named = from, next;

	for (uint64_t at = from; at < end; at = next) {
		next = line_end(at, end, bytes);
		if (next - at > widest) {
			widest = next - at;
			named = at;
		}
	}
	if (piece->row != NO_ROW)
		html(out, "<a href=\"#m%zu\" tabindex=\"-1\">", piece->row);
	else
		html(out, "<g>");
	put_title(out, piece);
	for (uint64_t at = from; at < end; at = next) {
		next = line_end(at, end, bytes);
		put_part(out, piece, at, next, bytes,
		    piece->label != NULL && at == named);
	}
	if (piece->row != NO_ROW)
		html(out, "</a>\n");
	else
		html(out, "</g>\n");
}

static void
put_lines(const struct strip *strip, uint64_t bytes, FILE *out)
{
	const uint64_t first = first_line(strip, bytes);
	const uint64_t end = strip->start - first + strip->size;
	struct strip_piece line = { .look = "line" };
	uint64_t next;

	for (uint64_t at = strip->start - first; at < end; at = next) {
		next = line_end(at, end, bytes);
		html(out, "<text class=\"at\" x=\"%d\" y=\"%" PRIu64 "\">0x%"
		    PRIx64 "</text>", GUTTER - 8, at / bytes * LINE + HIGH - 4,
		    first + at - at % bytes);
		put_part(out, &line, at, next, bytes, false);
		html(out, "\n");
	}
}

void
strip_draw(const struct strip *strip, FILE *out)
{
	const uint64_t bytes = bytes_per_line(strip);
	const uint64_t lines = (strip->start % bytes + strip->size - 1) /
	    bytes + 1;

	html(out, "<figure>\n<figcaption>%s: ", strip->name);
	html_bytes(out, strip->size);
	html(out, " at 0x%" PRIx64 ", ", strip->start);
	html_bytes(out, bytes);
	html(out, " a line</figcaption>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "class=\"strip\" viewBox=\"0 0 %d %" PRIu64 "\" role=\"group\" "
	    "aria-label=\"%s\">\n", GUTTER + WIDE + 1, lines * LINE + 1,
	    strip->name);
	put_lines(strip, bytes, out);
	for (size_t i = 0; i < strip->npieces; i++)
		put_piece(strip, &strip->pieces[i], bytes, out);
	html(out, "</svg>\n</figure>\n");
}
