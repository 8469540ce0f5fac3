/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECK_GUILT_H
#define CHECK_GUILT_H

/*
 * What a folder is guilty of (kldsim_check_guilt_at()).
 *
 *	leaks.c       of one module: what it has because local symbols leak
 *	sets.c        of one module: what it takes of modspace
 *	guilt.c       what is kept of each module, and the list
 *	twice.c       names that two files have
 *	hints.c       what linker.hints leads to
 *	undeclared.c  who uses a file without MODULE_DEPEND
 *	together.c    who does not fit into modspace with others
 *
 * The first two look into the kernel that has just loaded the module; the
 * others begin when all have been tried, in one thread.
 */

#include "check/check.h"
#include "report/report.h"
#include "who_has/provider.h"

/* What is kept of a module. */
struct kldsim__check_kept {
	enum kldsim_check_verdict verdicts[2]; /* alone */
	kldsim_size needed[2];
	/* Those of its files that take modspace, itself among them. */
	const struct kldsim__check_part *parts;
	size_t nparts;
	/* Read when the list is made. */
	struct kldsim__provider file;
	/* Symbols that nobody had. */
	const char **missing;
	size_t nmissing;
};

struct kldsim__check_guilts {
	struct kldsim_check_guilt *all;
	size_t count, cap;
	struct kldsim__check_kept *kept; /* by module; NULL: none was tried */
	struct kldsim_check_modspace modspace[2];
	uint64_t work; /* steps, against limits.work */
	bool made;
};

/* --- of one module: from the kernel of its thread --- */

/* What it takes; fileid 0: it was refused.  False: no memory. */
bool kldsim__check_sets(struct kldsim__check_bench *bench, int fileid,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried);
/* What the file has because local symbols leak; the kernel is put back. */
bool kldsim__check_leaks(struct kldsim__check_bench *bench, int fileid,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried);

/* --- guilt.c --- */

/* A module was tried, and is about to be told of.  False: no memory. */
bool kldsim__check_keep(struct kldsim_check *check,
    const struct kldsim__check_tried *tried);
/* All were: make the list.  False: no memory. */
bool kldsim__check_judge(struct kldsim_check *check);
void kldsim__check_guilts_fini(struct kldsim_check *check);

/*
 * One more; module SIZE_MAX: none.  A file is named by its path, which has to
 * stay; more than limits.findings of one code and module are left out.  The
 * finding can be changed until the next one.  NULL: no memory.
 */
struct kldsim_check_guilt *kldsim__check_guilty(struct kldsim_check *check,
    enum kldsim__finding which, size_t module, const char *path,
    const char *symbol, const char *format, ...) KLDSIM__PRINTF(6, 7);
/* The first entry behind one of a file's metadata, of a kind; or NULL. */
const struct kldsim__metadatum *kldsim__check_next(
    const struct kldsim__metadatum *entry, enum kldsim__mdt type);

/* --- the others; false: no memory --- */

bool kldsim__check_twice(struct kldsim_check *check);
bool kldsim__check_hints(struct kldsim_check *check);
bool kldsim__check_undeclared(struct kldsim_check *check);
bool kldsim__check_modspaces(struct kldsim_check *check);

#endif
