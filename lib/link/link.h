/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LINK_H
#define LINK_LINK_H

/*
 * The flows of sys/kern/kern_linker.c.  All functions return 0, a FreeBSD
 * errno, or KLDSIM__ABORT.
 */

#include "kern/linker_file.h"

/* The linker classes, in the order in which the kernel registers them (L-02). */
#define KLDSIM__NCLASSES 2u
extern const struct kldsim__linker_class *const
    kldsim__linker_classes[KLDSIM__NCLASSES];

/* --- kern_kldload.c --- */

/* What linker_load_module() is asked for (K-05 to K-09). */
struct kldsim__request {
	struct kldsim_image *image; /* the file itself, or NULL: open path */
	const char *path;           /* NULL: search for modname or kldname */
	const char *kldname;        /* a file name, searched for (K-10) */
	const char *modname;        /* an interface, searched for (K-13) */
	const struct kldsim__mod_depend *range; /* its versions; NULL: any */
};

/* Load a file and all that it needs. */
int kldsim__linker_load_module(struct kldsim *sim,
    const struct kldsim__request *request, struct kldsim__file **file_ret);

/* --- kern_search.c --- */

/*
 * linker_search_kld() and linker_search_module(): a path to be freed with
 * kldsim__free(), NULL if there is none.  The file is open if its path is set,
 * and then to be closed.  dep may be NULL.
 */
struct kldsim__open_file;
int kldsim__search_kld(struct kldsim *sim, const char *name,
    char **path_ret, struct kldsim__open_file *file_ret);
int kldsim__search_module(struct kldsim *sim, const char *modname,
    const struct kldsim__mod_depend *dep, char **path_ret,
    struct kldsim__open_file *file_ret);

/* --- syscalls.c --- */

/* The securelevel forbids it: EPERM (K-02, L-15). */
int kldsim__forbidden(struct kldsim *sim, const char *name);

/* --- kern_linker.c --- */

/* linker_file_unload() (U-10). */
int kldsim__linker_file_unload(struct kldsim *sim, struct kldsim__file *file,
    int flags);
const struct kldsim__file *kldsim__dependent_of(const struct kldsim *sim,
    const struct kldsim__file *file);
/* A load failed: unload by force, and keep the error. */
int kldsim__load_failed(struct kldsim *sim, struct kldsim__file *file,
    int error);

/* --- kern_deps.c --- */

/* linker_addmodules() (K-30 step 5, P-26). */
int kldsim__add_interfaces(struct kldsim *sim, struct kldsim__file *file);

#endif
