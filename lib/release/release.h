/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_LIB_RELEASE_RELEASE_H
#define KLDSIM_LIB_RELEASE_RELEASE_H

/*
 * What differs between FreeBSD releases, 12.1 and later.
 *
 * Code asks for a fact by name and never for a version.  The table behind it
 * (facts.def) says for each fact in which intervals of osreldate it holds; as
 * each branch has its own range of numbers, a merge to a stable branch is one
 * more interval.  Where nobody knows since when a fact holds, the table has
 * the range in which the truth lies, and what is taken there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

/* How the kernel sorts its SYSINITs and those of preloaded files (M-34). */
enum kldsim__sysinit_sort {
	KLDSIM__SORT_EXCHANGE = 0,   /* of the pointer array, unstable */
	KLDSIM__SORT_MERGE_REVERSED, /* list merge, equal keys backwards */
	KLDSIM__SORT_MERGE_STABLE    /* list merge, equal keys in link order */
};

struct kldsim__facts {
#define FLAG(name, ...) bool name;
#define NUMBER(name, ...) int name;
#define UNPLAYED(name, ...)
#include "release/facts.def"
#undef FLAG
#undef NUMBER
#undef UNPLAYED
};

/* Whose difference it is. */
enum kldsim__fact_whose {
	KLDSIM__OF_KERNEL,  /* of every kernel's */
	KLDSIM__OF_OBJ,     /* of a kernel's that has the ET_REL class */
	KLDSIM__OF_VNET,    /* of a kernel's with vnets */
	KLDSIM__OF_PRELOAD, /* in what becomes of preloaded files */
	KLDSIM__OF_KLDXREF, /* kldxref(8)'s */
	KLDSIM__OF_CONSOLE, /* a word of a line on the console */
	KLDSIM__OF_LINK,    /* what a symbolic link leads to */
	KLDSIM__OF_NOBODY   /* no simulated kernel shows it */
};

/* From..to, to excluded; from 0 and to 0 end a list. */
struct kldsim__fact_span {
	uint32_t from;
	uint32_t to;
	int value;
	bool narrowed; /* nobody knows, the value is taken */
};

#define KLDSIM__FACT_SPANS 8

/* One row of the table. */
struct kldsim__fact {
	const char *name;
	enum kldsim__fact_whose whose;
	const char *machines; /* names, with blanks between them; "": all */
	const char *rules;
	const char *says;     /* what holds, or what the number is */
	const char *unplayed; /* why not; NULL: it is played */
	bool number;   /* an int; else a flag */
	int otherwise; /* outside all spans */
	size_t offset; /* in struct kldsim__facts, if it is played */
	struct kldsim__fact_span spans[KLDSIM__FACT_SPANS];
};

/**
 * Fill in the facts of a kernel.
 *
 * Units: osreldate is __FreeBSD_version; below 1200000 is out of scope and
 * gets what 12.0 had.
 * Ownership: the caller's structure.
 * Thread: any.
 */
void kldsim__facts_for(uint32_t osreldate, struct kldsim__facts *facts_ret);

/**
 * The i-th row of the table, NULL past the end.
 *
 * Units: i counts from 0.
 * Ownership: constant.
 */
const struct kldsim__fact *kldsim__fact_at(size_t i);

/**
 * What a row says of an osreldate; flags are 0 or 1.
 *
 * *narrowed_ret: the number lies where nobody knows, and the value is what is
 * taken there.
 */
int kldsim__fact_value(const struct kldsim__fact *fact, uint32_t osreldate,
    bool *narrowed_ret);

/**
 * The osreldate of a release name ("12.1", ..., "main").
 *
 * Errors: KLDSIM_ARG for an unknown name; the number is untouched.
 */
enum kldsim_status kldsim__release_by_name(const char *name,
    uint32_t *osreldate_ret);

/**
 * The name nearest to an osreldate: the newest of its branch that is not
 * newer, or the branch's first for what came before that.
 *
 * Ownership: constant.
 * Errors: NULL for a branch without a name.
 */
const char *kldsim__release_name(uint32_t osreldate);

/**
 * The i-th release name, oldest first, NULL past the end.
 *
 * Ownership: constant.
 */
const char *kldsim__release_at(size_t i);

#endif
