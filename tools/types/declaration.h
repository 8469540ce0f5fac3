/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_DECLARATION_H
#define TYPES_DECLARATION_H

/* Declarations of C, cut into columns. */

#include <kldsim/types.h>

#define DECLARATION_MOST 4096

/* "struct foo *" and "next[4]", or "int" and "(*f)(void)". */
struct declaration {
	char type[DECLARATION_MOST];
	char name[DECLARATION_MOST]; /* with what is around it */
};

void declaration_make(const struct kldsim_types *types, kldsim_type_id id,
    const char *name, struct declaration *declaration_ret);

/*
 * The structure or union without a name that a declaration would have to tell
 * of, by itself or as elements of an array; 0: none.
 */
kldsim_type_id declaration_unnamed(const struct kldsim_types *types,
    kldsim_type_id id);

#endif
