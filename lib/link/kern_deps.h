/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_DEPS_H
#define LINK_KERN_DEPS_H

/* linker_load_dependencies() as a loop that can be left and entered again. */

#include "kern/set_walk.h"
#include "kern/linker_file.h"
#include "util/strmap.h"

/* One MDT_DEPEND. */
struct kldsim__need {
	const char *name;
	struct kldsim__mod_depend range;
};

/*
 * The next MDT_DEPEND; *more_ret is false at the end.  Those for the names in
 * `own` are passed over unread, whatever their range says (K-30 a); it may be
 * NULL.
 */
int kldsim__walk_need(struct kldsim__set_walk *walk,
    const struct kldsim__strmap *own, struct kldsim__need *need_ret,
    bool *more_ret);

struct kldsim__deps {
	struct kldsim__set_walk walk;
	bool more;
	struct kldsim__strmap own; /* interfaces of the file itself */
	struct kldsim__need need;  /* what is needed now */
};

/* The kernel as first dependency, and pass 1 (K-30 steps 1 to 3). */
int kldsim__deps_begin(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__deps *deps);
/*
 * Go through pass 2 up to a dependency that is not there: *missing_ret, with
 * its name and range in deps.  False: all are there.
 */
int kldsim__deps_next(struct kldsim *sim, struct kldsim__deps *deps,
    bool *missing_ret);
/* What became of the file that was to provide a dependency. */
struct kldsim__unmet {
	const char *path; /* NULL: there is none */
	int error;
	bool unprovided;  /* it was loaded and has not got it */
};

/* The one that was missing could not be loaded: say so, and why. */
void kldsim__deps_failed(struct kldsim *sim, const struct kldsim__deps *deps,
    const struct kldsim__unmet *unmet);
/* It is there, in a version that is not wanted: say so; else false. */
bool kldsim__explain_version(struct kldsim *sim,
    const struct kldsim__where *where, const struct kldsim__need *need);
/* An interface of the file is there already: EEXIST, and who has it. */
int kldsim__refuse_interface(struct kldsim *sim,
    const struct kldsim__file *file, const char *name, int version);
/*
 * A file whose metadata have been read is refused: whoever needs what it would
 * have provided can be told.
 */
int kldsim__remember_refused(struct kldsim *sim, struct kldsim__file *file);
/* "version 1 to 3, preferably 2" */
void kldsim__describe_range(const struct kldsim__mod_depend *range,
    char *text, size_t size);
void kldsim__deps_fini(struct kldsim__deps *deps);

#endif
