/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_STRIP_H
#define HTML_STRIP_H

/*
 * A range of addresses as a picture: bytes run from left to right and go on in
 * the next line, as text does.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "html/page.h"

struct strip_piece {
	kldsim_addr start;
	kldsim_size size;
	const char *look;  /* its class in page.css: code, const, data, ... */
	const char *label; /* shown if there is room, or NULL */
	const char *name;  /* whose it is, or NULL */
	const char *what;  /* ".text", or NULL */
	size_t row;        /* of the page, or NO_ROW */
};

struct strip {
	kldsim_addr start;
	kldsim_size size;
	const char *name;  /* for who does not see it */
	struct strip_piece *pieces; /* ascending, none over another */
	size_t npieces;
};

/* Append a piece; one of no bytes is none. */
void strip_add(struct strip *strip, const struct strip_piece *piece);
/* Sort the pieces by address, and cut those short that reach into the next. */
void strip_sort(struct strip *strip);
/* One that has bytes. */
void strip_draw(const struct strip *strip, FILE *out);
void strip_fini(struct strip *strip);

#endif
