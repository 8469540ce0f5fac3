/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

/*
 * Names come from files that may be hostile, so nothing that is not printable
 * UTF-8 leaves the program: each such byte is written \xNN.  A backslash stays
 * as it is; the result is for reading, not for decoding.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Bytes that one unprintable byte becomes: \xNN. */
#define ESCAPE_MAX 4

/* Length of the printable UTF-8 character that text begins with, else 0. */
size_t escape_printable(const char *text);

/* Whether all of it is printable ASCII, as nearly all text is. */
bool escape_is_plain(const char *text);

/* The escaped text in memory for free(); NULL if there is none. */
char *escape(const char *text);

/* Write the escaped text. */
void escape_write(FILE *out, const char *text);

/* The same as text, or as an attribute's value, of XML and HTML. */
void escape_markup(FILE *out, const char *text);

#endif
