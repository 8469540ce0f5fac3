/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LONG_STRING_H
#define UTIL_LONG_STRING_H

/*
 * Strings of a file, behind each other, each with its NUL.  Names are references
 * into them and may lie over each other: of one long string each name can have a
 * part, and then they have many times the bytes of the file.
 */

#include <stdbool.h>
#include <stdint.h>

/* No name of a real file is longer. */
#define KLDSIM__NAME_LONG 1024u

/*
 * Whether one of the strings is longer.  A few bytes of each KLDSIM__NAME_LONG
 * are looked at, so it costs less than what is then spared: a look at each
 * name.  The last byte is a NUL, or size is 0.
 */
bool kldsim__has_long_string(const char *strings, uint64_t size);

#endif
