/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_NAMES_H
#define KLDSIM_NAMES_H

/*
 * Who has it: the names of all module files that are in sight.  When a name is
 * missing, a symbol or an interface, a simulated kernel looks here for the file
 * that has it, and its findings say which one it is and what would help.
 *
 * A kernel makes such an index for itself when the first name is missing; it
 * looks into the folders of its module path.  Many kernels that look at the same
 * files share one (options.names), which can have more files than those.
 *
 * A folder is read when it is first asked for, and once; a file that changes
 * afterwards is remembered as it was.
 * Thread: any thread may use an index, and many kernels in many threads the same
 * one; kldsim_names_add() alone has to be done before.
 */

#include <kldsim/source.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;
struct kldsim_names;

/**
 * Make an index of files that come from a source; NULL is the host as it is.
 *
 * Ownership: it takes a reference to the source; the caller gets one to the
 * index, which kldsim_names_unref() takes back.
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_names_new(
    struct kldsim_source *source, struct kldsim_names **names_ret,
    struct kldsim_error *error_ret);

/**
 * Take one more reference; the answer is the index.
 *
 * Ownership: kldsim_names_unref() takes each reference back.
 */
KLDSIM_API struct kldsim_names *kldsim_names_ref(struct kldsim_names *names);

/** Give a reference back; the last one frees the index.  NULL is fine. */
KLDSIM_API void kldsim_names_unref(struct kldsim_names *names);

/**
 * A file, or a folder of modules, that kernels are to know of although it may
 * be on nobody's module path.  It is read when the first name is missing.
 *
 * Errors: KLDSIM_NOMEM; a path that leads to nothing is found to have no names.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_names_add(
    struct kldsim_names *names, const char *path,
    struct kldsim_error *error_ret);

/* Is told of a file's path; false ends the list. */
typedef bool (*kldsim_who_has_fn)(void *user, const char *path);

/**
 * Tell of all files in a simulated kernel's sight that define a symbol which
 * those that depend on the file would find, loaded or not: the folders of its
 * module path in their order, then what was added.
 *
 * Ownership: a path holds as long as the kernel, or its index.
 * Thread: as all that takes a simulated kernel.
 * Errors: KLDSIM_NOMEM.
 * Kernel: O-61, O-62, D-60.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_who_has(struct kldsim *sim,
    const char *symbol, kldsim_who_has_fn told, void *user);

#ifdef __cplusplus
}
#endif

#endif
