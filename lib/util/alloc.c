/* SPDX-License-Identifier: BSD-2-Clause */

/* Host memory, through the caller's allocator or the C library's. */

/* madvise(2) and MAP_ANON; FreeBSD shows them to those who ask for no standard. */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE

#include "util/alloc.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Below this, faults cost less than asking. */
#define PREFAULT_LEAST (16u * 1024)

/* A large page, of most hosts. */
#define LARGE_PAGE (2u << 20)

/* Each of them costs one fault and not hundreds. */
static void
want_large_pages(void *memory, size_t size)
{
#if defined(MADV_HUGEPAGE)
	(void)madvise(memory, size, MADV_HUGEPAGE);
#else
	(void)memory;
	(void)size;
#endif
}

/*
 * What of so many bytes goes into large pages, the last of them at least half
 * full: a large page is made in less time than half as much in small ones.
 */
static size_t
in_large_pages(size_t size)
{
	return (KLDSIM__APART || size > SIZE_MAX - LARGE_PAGE ? 0 :
	    (size + LARGE_PAGE / 2) / LARGE_PAGE * LARGE_PAGE);
}

static void *
libc_alloc(void *user, size_t size)
{
	const size_t large = in_large_pages(size);
	void *memory;

	(void)user;
	if (large == 0)
		return (malloc(size));
	if (posix_memalign(&memory, LARGE_PAGE, large > size ? large : size) !=
	    0)
		return (NULL);
	want_large_pages(memory, large);
	return (memory);
}

static void
libc_free(void *user, void *memory)
{
	(void)user;
	free(memory);
}

void
kldsim__alloc_init(struct kldsim__alloc *alloc,
    const struct kldsim_allocator *hook)
{
	if (hook != NULL && hook->alloc != NULL) {
		alloc->hook = *hook;
		return;
	}
	alloc->hook.alloc = libc_alloc;
	alloc->hook.free = libc_free;
	alloc->hook.user = NULL;
}

bool
kldsim__is_libc(const struct kldsim__alloc *alloc)
{
	return (alloc->hook.alloc == libc_alloc);
}

void *
kldsim__malloc(const struct kldsim__alloc *alloc, size_t size)
{
	return (alloc->hook.alloc(alloc->hook.user, size != 0 ? size : 1));
}

/*
 * The C library knows which of its pages are zero already, and most of a large
 * table may never be written; but two large pages are soon clear.
 */
static bool
worth_clearing(size_t size)
{
	return (size < 2 * LARGE_PAGE && in_large_pages(size) != 0);
}

void *
kldsim__calloc(const struct kldsim__alloc *alloc, size_t count, size_t size)
{
	void *memory;

	if (size != 0 && count > SIZE_MAX / size)
		return (NULL);
	if (kldsim__is_libc(alloc) && !worth_clearing(count * size))
		return (calloc(count != 0 ? count : 1, size != 0 ? size : 1));
	memory = kldsim__malloc(alloc, count * size);
	if (memory != NULL)
		memset(memory, 0, count * size);
	return (memory);
}

void
kldsim__free(const struct kldsim__alloc *alloc, void *memory)
{
	if (memory != NULL)
		alloc->hook.free(alloc->hook.user, memory);
}

void *
kldsim__zalloc(void *opaque, unsigned items, unsigned size)
{
	return (kldsim__calloc(opaque, items, size));
}

void
kldsim__zfree(void *opaque, void *memory)
{
	kldsim__free(opaque, memory);
}

void
kldsim__prefault(const struct kldsim__alloc *alloc, void *memory, size_t size)
{
#if defined(MADV_POPULATE_WRITE)
	const size_t page = 4096; /* larger pages: it refuses */
	uintptr_t start = ((uintptr_t)memory + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)memory + size) & ~(page - 1);

	if (kldsim__is_libc(alloc) && start < end && end - start >= PREFAULT_LEAST)
		(void)madvise((void *)start, end - start,
		    MADV_POPULATE_WRITE);
#else
	(void)alloc;
	(void)memory;
	(void)size;
#endif
}

/* What is whole large pages, hosts begin with one. */
static size_t
whole_pages(size_t size)
{
	return (size < LARGE_PAGE || size > SIZE_MAX - LARGE_PAGE ? size :
	    (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
}

void *
kldsim__map_pages(size_t size)
{
	const size_t whole = whole_pages(size);
	void *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	if (memory == MAP_FAILED)
		return (NULL);
	if (whole >= LARGE_PAGE)
		want_large_pages(memory, whole);
	return (memory);
}

void
kldsim__unmap_pages(void *memory, size_t size)
{
	(void)munmap(memory, whole_pages(size));
}

void
kldsim__unmap_before(uint8_t **memory, size_t *size, size_t offset)
{
	const size_t before = offset - offset % LARGE_PAGE;

	if (before == 0)
		return;
	(void)munmap(*memory, before);
	*memory += before;
	*size = whole_pages(*size) - before;
}

char *
kldsim__strdup(const struct kldsim__alloc *alloc, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = kldsim__malloc(alloc, size);

	if (copy != NULL)
		memcpy(copy, text, size);
	return (copy);
}

/* Where a vector of this capacity begins to grow by doubling. */
static size_t
smallest(size_t capacity, size_t need)
{
#ifdef KLDSIM__TIGHT
	/* Not for ever: each time all elements are copied. */
	return (need <= 256 ? need : capacity != 0 ? capacity : 1);
#else
	(void)need;
	return (capacity != 0 ? capacity : 8);
#endif
}

bool
kldsim__enlarge(const struct kldsim__alloc *alloc, void *vector_pointer,
    size_t *capacity, size_t need, size_t element_size)
{
	size_t target = smallest(*capacity, need);
	void *old, *grown;

	/* Who asks for more than twice as much knows how much it will be. */
	if (target < need)
		target = target > need / 2 && target <= SIZE_MAX / 2 ?
		    2 * target : need;
	if (target > SIZE_MAX / element_size)
		return (false);
	grown = kldsim__malloc(alloc, target * element_size);
	if (grown == NULL)
		return (false);
	/* vector_pointer is the address of a pointer of any object type. */
	memcpy(&old, vector_pointer, sizeof(old));
	if (old != NULL)
		memcpy(grown, old, *capacity * element_size);
	memcpy(vector_pointer, &grown, sizeof(grown));
	kldsim__free(alloc, old);
	*capacity = target;
	return (true);
}
