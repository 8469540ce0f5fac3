/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_STALE_H
#define KLDSIM_STALE_H

/*
 * Offsets that a build told its assembler, and that are no longer true.  A
 * kernel's build compiles a genassym.c, and makes a header of numbers of that
 * object; if the object or the header is older than the structures, assembler
 * reads and writes the wrong members, and no linker can see it.  The rules are
 * S-01 to S-12 of docs/kbi-semantics.md.
 *
 * Thread: one at a time uses an object.
 * Ownership: texts of a finding last until its visitor returns.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/kbi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers of one object. */
struct kldsim_stale;

enum kldsim_stale_kind {
	KLDSIM_STALE_HEADER = 1,  /* the header has another number */
	KLDSIM_STALE_LACKING = 2, /* or none */
	KLDSIM_STALE_OBJECT = 3   /* the object has another than the types */
};

struct kldsim_stale_finding {
	enum kldsim_stale_kind kind;
	const char *name;      /* of the number; of a member, offset.inc's */
	int64_t object;        /* the object's number */
	int64_t other;         /* the header's, or the types' */
	const char *tag;       /* OBJECT: of which structure it is an offset, */
	const char *member;
	const char *file;      /* and whose types say otherwise */
};

typedef void (*kldsim_stale_visit_fn)(void *user,
    const struct kldsim_stale_finding *finding);

/**
 * Read the numbers of an object, a genassym.o or genoffset.o.
 *
 * Ownership: the caller frees it with kldsim_stale_free(), before the object.
 * Errors: KLDSIM_NOENT if there are none in it (S-10), KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_stale_new(
    struct kldsim_kbi_file *object, struct kldsim_stale **stale_ret);

/** Free it; NULL is fine. */
KLDSIM_API void kldsim_stale_free(struct kldsim_stale *stale);

/** How many numbers there are. */
KLDSIM_API size_t kldsim_stale_count(const struct kldsim_stale *stale);

/**
 * Compare with the text of the header that was made of the object, an assym.inc
 * or an offset.inc (S-11).
 *
 * Units: size counts bytes of the text.
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_stale_header(
    const struct kldsim_stale *stale, const char *text, size_t size,
    kldsim_stale_visit_fn visit, void *user);

/**
 * Compare with types (S-12).  The text of the object's source tells of which
 * member each number is the offset; where it is NULL, a table of names that all
 * kernels have does.  The first file that has the structure decides.
 *
 * Units: size counts bytes of the text; the answer, numbers compared.
 */
KLDSIM_API size_t kldsim_stale_types(const struct kldsim_stale *stale,
    const char *source, size_t size, struct kldsim_kbi_file *const *files,
    size_t nfiles, kldsim_stale_visit_fn visit, void *user);

#ifdef __cplusplus
}
#endif

#endif
