/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_SHAPE_TEXT_H
#define DIFFER_SHAPE_TEXT_H

/* Types as text that people compare with diff(1) (I-91). */

#include <kldsim/types.h>

#include "util/text.h"

/* A type where something else refers to it: a tag by its key. */
void kldsim__shape_put(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id);
/* The same of a function that is defined: without "...", which CTF does not
   have of such (C-23), so that it is one text whoever tells (I-13). */
void kldsim__shape_put_defined(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id);
/* "s#foo", the key of a structure, union or enum with a tag. */
void kldsim__shape_put_key(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id);
/* What is behind the key: "{a s32@0;b u32:3@32}16". */
void kldsim__shape_put_body(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id);
/* A name; what is not printable, and blanks, are \xNN. */
void kldsim__shape_put_name(struct kldsim__text *text, const char *name);

#endif
