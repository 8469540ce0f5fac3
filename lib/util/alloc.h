/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_ALLOC_H
#define UTIL_ALLOC_H

/*
 * Every byte of host memory that a simulated kernel owns comes through one
 * struct kldsim__alloc, so that a test can make the Nth allocation fail.
 *
 * Compiled with KLDSIM__TIGHT, arenas and vectors keep no room for later: each
 * thing is a request of its own, which can fail, and a sanitizer sees its end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/options.h>

/* 1: a sanitizer, or KLDSIM__TIGHT, is to see the end of each request. */
#if defined(KLDSIM__TIGHT) || defined(__SANITIZE_ADDRESS__)
#define KLDSIM__APART 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KLDSIM__APART 1
#endif
#endif
#ifndef KLDSIM__APART
#define KLDSIM__APART 0
#endif

/*
 * What any object is aligned for.  FreeBSD before 15 has no max_align_t for those
 * who ask for POSIX of 2008.
 */
union kldsim__max_align {
	long long integer;
	long double real;
	void *pointer;
	void (*function)(void);
};

struct kldsim__alloc {
	struct kldsim_allocator hook;
};

/* malloc(3) and free(3) unless the caller brought his own. */
void kldsim__alloc_init(struct kldsim__alloc *alloc,
    const struct kldsim_allocator *hook);
/* Whether that is so: then memory may come from kldsim__map_pages() too. */
bool kldsim__is_libc(const struct kldsim__alloc *alloc);
void *kldsim__malloc(const struct kldsim__alloc *alloc, size_t size);
void *kldsim__calloc(const struct kldsim__alloc *alloc, size_t count,
    size_t size);
void kldsim__free(const struct kldsim__alloc *alloc, void *memory);

/* What zlib calls: opaque is a struct kldsim__alloc. */
void *kldsim__zalloc(void *opaque, unsigned items, unsigned size);
void kldsim__zfree(void *opaque, void *memory);

/*
 * All of the memory is about to be written: the host may make its pages now,
 * at once, which costs less than a page fault for each.  Says nothing, changes
 * nothing.
 */
void kldsim__prefault(const struct kldsim__alloc *alloc, void *memory,
    size_t size);

/*
 * Whole pages of zeros that are nobody's allocator's but the host's, large ones
 * where it has some and megabytes are asked for.  NULL: no memory.
 */
void *kldsim__map_pages(size_t size);
void kldsim__unmap_pages(void *memory, size_t size);
/* The same for what is before an offset, as far as that is whole large pages. */
void kldsim__unmap_before(uint8_t **memory, size_t *size, size_t offset);

char *kldsim__strdup(const struct kldsim__alloc *alloc, const char *text);

/*
 * Make room for `need` elements in a vector; false if there is no memory, and
 * then the vector is as it was.
 */
bool kldsim__enlarge(const struct kldsim__alloc *alloc, void *vector_pointer,
    size_t *capacity, size_t need, size_t element_size);

static inline bool
kldsim__grow(const struct kldsim__alloc *alloc, void *vector_pointer,
    size_t *capacity, size_t need, size_t element_size)
{
	return (need <= *capacity || kldsim__enlarge(alloc, vector_pointer,
	    capacity, need, element_size));
}

#endif
