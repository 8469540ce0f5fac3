/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_DWARF_H
#define DWARF_DWARF_H

/*
 * The types of a file by its DWARF, in the library's own graph, and what else
 * DWARF tells of how the file was made (W-20, W-23 to W-25).
 */

#include <stdbool.h>

#include <kldsim/image.h>
#include <kldsim/types.h>

/* An inline function of a header that was compiled in (W-23). */
struct dwarf_inline {
	const char *name;
	const char *file;       /* that declares it; "" */
	unsigned places;        /* where it was compiled in */
	kldsim_type_id type;    /* FUNCTION */
};

struct dwarf_facts {
	unsigned version;       /* the highest of its units */
	unsigned units, unreadable;
	bool unwanted;          /* nobody will look at the rest */
	char *producer;         /* of the first unit in C; NULL: none */
	char *directory;
	struct dwarf_inline *inlines; /* by name */
	size_t ninlines;
};

/*
 * Read the DWARF of an image for the symbols of another one, or of the same.
 * facts may be NULL; else the caller frees them, whatever comes of it.
 *
 * Errors: KLDSIM_NOENT if there is no DWARF; the others say why it is of no use.
 */
enum kldsim_status dwarf_read(const struct kldsim_image *image,
    const struct kldsim_image *symbols,
    const struct kldsim_types_options *options, struct kldsim_types **types_ret,
    struct dwarf_facts *facts, struct kldsim_error *error);

/* Load now what reading it takes. */
void dwarf_prepare(void);

void dwarf_facts_free(struct dwarf_facts *facts);

#endif
