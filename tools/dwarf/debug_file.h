/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_DEBUG_FILE_H
#define DWARF_DEBUG_FILE_H

/* The file that a stripped one's debug information is in (W-33). */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/image.h>
#include <kldsim/source.h>

#include "options/option_rows.h"

/* Where to look. */
struct debug_options {
	const char *root;    /* of debug files; NULL: /usr/lib/debug */
	char **files;        /* FILE=PATH, in two strings each */
	size_t nfiles;
	const char *types;   /* "ctf", "dwarf"; NULL: whichever there is */
	struct kldsim_source *source; /* of files; NULL: the host as it is */
	char *here;          /* where relative paths begin; NULL: unknown */
};

#define DEBUG_ROOT "/usr/lib/debug"

#define DEBUG_OPTION_ROWS 3
/* Their rows, for struct debug_options. */
extern const struct option_row debug_option_rows[DEBUG_OPTION_ROWS];

void debug_options_free(struct debug_options *options);

/* How it is known that a debug file is the one; or that there is none. */
enum debug_known { DEBUG_NONE, DEBUG_NAMED, DEBUG_BUILD_ID, DEBUG_CRC };

/*
 * Open the debug file of an image.
 *
 * Ownership: one reference is the caller's.
 * Errors: KLDSIM_NOENT if it names none, or the one that it names is not there
 * or belongs to another file; the text says which, and it is DEBUG_NONE that
 * is known of the first.
 */
enum kldsim_status debug_file_open(const struct kldsim_image *image,
    const struct debug_options *options, struct kldsim_image **debug_ret,
    enum debug_known *known_ret, struct kldsim_error *error);

#endif
