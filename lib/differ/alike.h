/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_ALIKE_H
#define DIFFER_ALIKE_H

/* Two types, one of each graph, as parts of something (I-33, I-34). */

#include "differ/shape.h"

/* The later one is the worse. */
enum kldsim__unlike {
	KLDSIM__ALIKE,
	KLDSIM__NOTED,   /* sign, bool, pointer for integer: worth a note */
	KLDSIM__RENAMED, /* passed by address; another tag, and another size */
	KLDSIM__NESTED,  /* a type that has another size on the other side */
	KLDSIM__COUNT,   /* arrays of another number of elements */
	KLDSIM__RESIZED, /* bits of a number */
	KLDSIM__CALLED,  /* pointers to functions that are called otherwise */
	KLDSIM__OTHER    /* something else */
};

struct kldsim__side {
	const struct kldsim_types *types;
	kldsim_type_id id;
};

enum kldsim__unlike kldsim__alike(struct kldsim__side a,
    struct kldsim__side b, struct kldsim__shaping *shaping);

/* How the argument of a function is passed (I-50, level 2). */
enum kldsim__unlike kldsim__alike_passed(struct kldsim__side a,
    struct kldsim__side b, struct kldsim__shaping *shaping);
enum kldsim__unlike kldsim__alike_results(struct kldsim__side a,
    struct kldsim__side b, struct kldsim__shaping *shaping);

#endif
