/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_FILE_TYPES_H
#define DWARF_FILE_TYPES_H

/* A file's types, from wherever they can be had (I-05). */

#include "dwarf/debug_file.h"
#include "dwarf/dwarf.h"

struct file_types {
	struct kldsim_types *types; /* NULL: none, */
	struct kldsim_error error;  /* for this reason */
	char source[512];           /* "CTF v3 in FILE" (W-90) */
	struct dwarf_facts facts;   /* of DWARF */
};

/*
 * CTF of the file, else DWARF of it or of its debug file; what was asked for
 * alone, if it was.  What is found out is the caller's, who calls
 * file_types_free() in any case.
 */
enum kldsim_status file_types_read(const struct kldsim_image *image,
    const struct debug_options *where,
    const struct kldsim_types_options *options, struct file_types *found);
void file_types_free(struct file_types *found);

#endif
