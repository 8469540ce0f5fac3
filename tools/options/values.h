/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTIONS_VALUES_H
#define OPTIONS_VALUES_H

/* What words on a command line or in a script stand for. */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/kld.h>
#include <kldsim/options.h>

/*
 * Understand a number of at most max: decimal, or hexadecimal after 0x.  The
 * first form says where it ends, the second takes nothing after it.
 */
bool read_number(const char *text, char **end_ret, uint64_t max,
    uint64_t *n_ret);
bool parse_number(const char *text, uint64_t max, uint64_t *n_ret);

/* Understand what a module's handler is told of: "load", "quiesce". */
bool parse_modevent(const char *text, enum kldsim_modevent *event_ret);

/* Cut "LEFT=RIGHT" at its last '='; NULL if either side is empty. */
char *cut_at_equals(char *text);

/*
 * Setters of options.  Each is given the field that the value is for, and the
 * value, and says whether that makes sense.
 */
typedef bool value_setter(void *field, char *value);

value_setter set_flag;      /* bool; takes no value */
value_setter set_text;      /* const char *, not empty */
value_setter set_number;    /* uint64_t */
value_setter set_count;     /* unsigned, as uint32_t is too; above 0 */
value_setter set_release;   /* uint32_t, an osreldate; 0 for auto */
value_setter set_limit;     /* struct kldsim_limits, from NAME=N */

/* What these want. */
#define WANT_COUNT "a number above 0"
#define WANT_RELEASE \
	"auto, 12.1 to 12.4, 13.0 to 13.5, 14.0 to 14.3, 15.0, 15.1, main, " \
	"or an osreldate like 1402000"
#define WANT_LIMIT \
	"NAME=N, NAME one of map_bytes, sections, symbols, relocs, " \
	"set_entries, depth, findings, work, types, type_members, " \
	"type_strings, type_bytes, archive_bytes and archive_members, N " \
	"above 0"

#endif
