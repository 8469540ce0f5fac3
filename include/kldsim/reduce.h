/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_REDUCE_H
#define KLDSIM_REDUCE_H

/*
 * Making a failure small: the specs (docs/spec.md) of a kernel and modules from
 * which all is taken out that a question does not need.  What the question is,
 * a function of the caller's knows: it is given candidates, and says whether
 * they still show what is to be kept.
 *
 * Thread: one thread at a time uses a reduction; several may run at once.
 * Ownership: what is handed in is copied; a reduction lasts until it is freed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim_reduce;

/* A candidate: image and spec of each file, as they were added. */
struct kldsim_reduce_candidate {
	struct kldsim_image *const *images; /* NULL: that file is left out */
	const char *const *specs;           /* likewise; a NUL ends each */
	size_t count;
};

/* How far it is; of the whole, for whoever waits. */
struct kldsim_reduce_progress {
	uint64_t tried; /* candidates */
	uint64_t kept;  /* those that showed it */
	uint64_t bytes; /* of all specs, as they are now */
};

struct kldsim_reduce_options {
	size_t size; /* sizeof(struct kldsim_reduce_options) of the caller */
	/* Whether a candidate still shows what is to be kept. */
	bool (*keeps)(void *user,
	    const struct kldsim_reduce_candidate *candidate);
	/* Asked before each candidate: true ends it, with what there is. */
	bool (*stop)(void *user, const struct kldsim_reduce_progress *progress);
	void *user;
	/* What a kernel that is made anew is of; 0: the builder's default. */
	uint32_t osreldate;
};

/**
 * Set every option to its default; keeps has none, and is needed.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_reduce_options_init(
    struct kldsim_reduce_options *options, size_t size);

/**
 * Begin a reduction.
 *
 * Ownership: kldsim_reduce_free() frees it.
 * Errors: KLDSIM_ARG without keeps; KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_reduce_new(
    const struct kldsim_reduce_options *options,
    struct kldsim_reduce **reduce_ret, struct kldsim_error *error_ret);

/**
 * Add a file by its spec, the kernel first.  Its name is that of its images and
 * stands for the file in errors.
 *
 * Units: size counts bytes.
 * Errors: KLDSIM_MALFORMED, KLDSIM_LIMIT for a text that is no spec;
 * KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_reduce_add(
    struct kldsim_reduce *reduce, const char *name, const char *spec,
    size_t size, struct kldsim_error *error_ret);

/**
 * Take out what can be taken out, until nothing more can, or stop says so.  The
 * same files and question lead to the same specs; what is reduced once is not
 * made smaller by reducing it again.
 *
 * Errors: KLDSIM_NOENT if the specs as they were added do not show what is to
 * be kept; what building them says; KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_reduce_run(
    struct kldsim_reduce *reduce, struct kldsim_error *error_ret);

/**
 * Give symbols, modules and interfaces other names, the same in all files and
 * of the same lengths, and make zeros of the bytes that nothing reads.  Names
 * that the kernel, the loader and debuggers look for by themselves stay, and
 * so do those without which the question has another answer.  keeps is asked
 * with the new names: kldsim_reduce_renamed() tells them.
 *
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_reduce_anonymize(
    struct kldsim_reduce *reduce, struct kldsim_error *error_ret);

/**
 * What a name is called by now, the name itself if it has no other; of
 * "vnet_entry_limit" only what is behind the prefix has one.
 *
 * Units: size counts bytes of room; what does not fit is cut.
 */
KLDSIM_API void kldsim_reduce_renamed(const struct kldsim_reduce *reduce,
    const char *name, char *room, size_t size);

/**
 * A name that was kept although it would have got another, by its number.
 *
 * Units: index counts from 0.
 * Errors: NULL behind the last.
 */
KLDSIM_API const char *kldsim_reduce_kept_name(
    const struct kldsim_reduce *reduce, size_t index);

/**
 * The spec of a file as it is now, NULL if it has been left out.
 *
 * Units: index counts from 0; *size_ret counts bytes.
 * Ownership: the reduction's, until the next call that changes it.
 * Errors: NULL behind the last, too.
 */
KLDSIM_API const char *kldsim_reduce_spec(const struct kldsim_reduce *reduce,
    size_t index, size_t *size_ret);

/**
 * The image of a file as it is now, NULL if it has been left out.
 *
 * Units: index counts from 0.
 * Ownership: the reduction's, until the next call that changes it.
 * Errors: NULL behind the last, too.
 */
KLDSIM_API struct kldsim_image *kldsim_reduce_image(
    const struct kldsim_reduce *reduce, size_t index);

/** How far it came. */
KLDSIM_API void kldsim_reduce_progress(const struct kldsim_reduce *reduce,
    struct kldsim_reduce_progress *progress_ret);

/** Free a reduction; NULL is fine. */
KLDSIM_API void kldsim_reduce_free(struct kldsim_reduce *reduce);

#ifdef __cplusplus
}
#endif

#endif
