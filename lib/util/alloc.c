/* SPDX-License-Identifier: BSD-2-Clause */

/* Host memory, through the caller's allocator or the C library's. */

#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise(2) */

#include "util/alloc.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* AddressSanitizer knows the bounds of allocations, not what is in a page. */
#if defined(__SANITIZE_ADDRESS__)
#define HUGE_PAGES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HUGE_PAGES 0
#endif
#endif
#if !defined(HUGE_PAGES)
#if defined(MAP_ANONYMOUS) && defined(MADV_HUGEPAGE)
#define HUGE_PAGES 1
#else
#define HUGE_PAGES 0
#endif
#endif

static void *
libc_alloc(void *user, size_t size)
{
	(void)user;
	return (malloc(size));
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

static bool
is_libc(const struct kldsim__alloc *alloc)
{
	return (alloc->hook.alloc == libc_alloc);
}

void *
kldsim__malloc(const struct kldsim__alloc *alloc, size_t size)
{
	return (alloc->hook.alloc(alloc->hook.user, size != 0 ? size : 1));
}

void *
kldsim__calloc(const struct kldsim__alloc *alloc, size_t count, size_t size)
{
	void *memory;

	if (size != 0 && count > SIZE_MAX / size)
		return (NULL);
	/* The C library knows which of its pages are zero already. */
	if (is_libc(alloc))
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

bool
kldsim__has_huge_pages(const struct kldsim__alloc *alloc)
{
	return (HUGE_PAGES && is_libc(alloc));
}

/* Whether memory of that size is mapped, not allocated. */
static bool
is_mapped(const struct kldsim__alloc *alloc, size_t size)
{
	return (kldsim__has_huge_pages(alloc) && size >= KLDSIM__HUGE);
}

#if HUGE_PAGES
/* Zeroed pages at a multiple of a huge page's size, or NULL. */
static void *
map_huge(size_t size)
{
	char *map;
	size_t before;

	map = mmap(NULL, size + KLDSIM__HUGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return (NULL);
	before = KLDSIM__HUGE - (uintptr_t)map % KLDSIM__HUGE;
	(void)munmap(map, before);
	if (before != KLDSIM__HUGE)
		(void)munmap(map + before + size, KLDSIM__HUGE - before);
	/* Without huge pages the small ones do. */
	(void)madvise(map + before, size, MADV_HUGEPAGE);
	return (map + before);
}
#else
static void *
map_huge(size_t size)
{
	(void)size;
	return (NULL);
}
#endif

/* Whole pages, so that both ends can be unmapped. */
static size_t
whole_pages(size_t size)
{
	return ((size + 0xffff) & ~(size_t)0xffff);
}

void *
kldsim__calloc_large(const struct kldsim__alloc *alloc, size_t size)
{
	if (!is_mapped(alloc, size))
		return (kldsim__calloc(alloc, size, 1));
	return (size <= SIZE_MAX / 2 ? map_huge(whole_pages(size)) : NULL);
}

void
kldsim__free_large(const struct kldsim__alloc *alloc, void *memory,
    size_t size)
{
	if (memory == NULL || !is_mapped(alloc, size))
		kldsim__free(alloc, memory);
	else
		(void)munmap(memory, whole_pages(size));
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

bool
kldsim__grow(const struct kldsim__alloc *alloc, void *vector_pointer,
    size_t *capacity, size_t need, size_t element_size)
{
	size_t target = *capacity != 0 ? *capacity : 8;
	void *old, *grown;

	if (need <= *capacity)
		return (true);
	while (target < need) {
		if (target > SIZE_MAX / 2)
			return (false);
		target *= 2;
	}
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
