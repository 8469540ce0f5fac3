/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_SOU_TEXT_H
#define TYPES_SOU_TEXT_H

/* A structure or union with its members. */

#include "types/types_text.h"

/*
 * What is declared is of the type `id`, which comes down to `sou`: the members
 * of that are written, and those of structures without a name within.
 */
void sou_text(const struct types_page *page, kldsim_type_id id,
    kldsim_type_id sou, const char *before, const char *name);

#endif
