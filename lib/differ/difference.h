/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_DIFFERENCE_H
#define DIFFER_DIFFERENCE_H

/*
 * What differs between two types of one tag, or two prototypes of one symbol.
 * Side a is what the module takes it to be, side b the kernel.
 */

#include <kldsim/kbi.h>

#include "differ/alike.h"
#include "util/arena.h"

struct kldsim__difference {
	struct kldsim__side a, b;
	uint64_t a_size, b_size;
	bool unrelated;  /* the name is all they have in common (I-30) */
	bool cut;        /* nobody may call them equal (I-32) */
	/* I-36: of its own; else it has something in it that differs. */
	bool own;
	bool variable;   /* of variables, and not of tags or functions */
	bool breaks;     /* what the module knows is elsewhere, or is not */
	bool grown;      /* another size, and all that the module knows is there */
	bool calls;      /* it, or a pointer in it, is called otherwise */
	bool means;      /* of an enum: a value is another */
	bool embeds;     /* something in it has another size */
	uint32_t moved;  /* members that moved for that reason */
	const char *text; /* what a finding says of it, once one does */
	struct kldsim_kbi_change *changes;
	size_t nchanges;
	size_t cap;
};

/* Where the results of one comparison go. */
struct kldsim__differing {
	struct kldsim__arena *arena;        /* of what lasts */
	const struct kldsim__alloc *alloc;  /* for what does not */
	struct kldsim__shaping *shaping;
	struct kldsim__difference *out;
	bool failed;                        /* no memory */
};

/* One with no change yet, differing->out; NULL: no memory. */
struct kldsim__difference *kldsim__differ_begin(
    struct kldsim__differing *differing, struct kldsim__side a,
    struct kldsim__side b);
/* related: they are known to be one type, however little they have in common. */
struct kldsim__difference *kldsim__differ_tags(
    struct kldsim__differing *differing, struct kldsim__side a,
    struct kldsim__side b, bool related);
/* NULL: none, or no memory, which differing->failed tells. */
struct kldsim__difference *kldsim__differ_functions(
    struct kldsim__differing *differing, struct kldsim__side a,
    struct kldsim__side b);
struct kldsim__difference *kldsim__differ_variables(
    struct kldsim__differing *differing, struct kldsim__side a,
    struct kldsim__side b);

/* --- difference_sous.c --- */

void kldsim__differ_sous(struct kldsim__differing *differing, bool related);

/* --- between these --- */

/* One more change, with nothing in it; NULL: no memory. */
struct kldsim_kbi_change *kldsim__differ_change(
    struct kldsim__differing *differing, enum kldsim_kbi_change_kind kind,
    const char *member);
/* The declaration of a type, in the arena. */
const char *kldsim__differ_type(struct kldsim__differing *differing,
    struct kldsim__side side);

#endif
