/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_HTML_H
#define HTML_HTML_H

/*
 * Markup, which is at once HTML and XML.  Names come from files that may be
 * hostile, so there is no way to write one that is not escaped.
 */

#include <stdint.h>
#include <stdio.h>

#include "report/output.h"

/*
 * Write markup: the format is markup, what fills it is text.  Conversions are
 * %s, %d, %u, %x, %zu, PRIu64 and the like, without widths.
 */
void html(FILE *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* A text of at most so many characters; an ellipsis is the last of a longer one. */
void html_cut(FILE *out, const char *text, size_t most);

/* How many characters a text is shown with. */
size_t html_width(const char *text);

/* A count of bytes for people: "96 bytes", "12.5 KB". */
void html_bytes(FILE *out, uint64_t size);

/* "1 module", "2 modules". */
void html_count(FILE *out, size_t count, const char *thing);

#endif
