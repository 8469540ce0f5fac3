/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_SELECT_H
#define TYPES_SELECT_H

/*
 * Which types, variables and functions the NAMEs of a command line mean: a name
 * or a glob, with "struct", "union", "enum" or "typedef" before it for those
 * alone.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/types.h>

/* What was found, in the order in which it was asked for, each once. */
struct selection {
	kldsim_type_id *types;
	size_t ntypes;
	struct kldsim_typed_symbol *symbols; /* variables, then functions */
	size_t nsymbols;
	const char **missing;                /* NAMEs that mean nothing */
	size_t nmissing;
};

struct selecting {
	const struct kldsim_types *types;
	const char *const *names;
	size_t nnames;
	bool all;    /* all there is, types without a name too */
	bool clones; /* integers that are bit-fields' too */
};

/* Running out of memory ends the program. */
void selection_make(struct selection *selection,
    const struct selecting *selecting);
void selection_free(struct selection *selection);

#endif
