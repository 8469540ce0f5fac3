/* SPDX-License-Identifier: BSD-2-Clause */

/* Counting and failing allocator; see support_alloc.h. */

#include "support_alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

/* Kept in front of each allocation, as long as keeps it aligned. */
union header {
	size_t size;
	union kldsim__max_align align;
};

static void *
counted_alloc(void *user, size_t size)
{
	struct support_alloc *alloc = user;
	union header *header;

	if (alloc->calls++ == alloc->fail_at) {
		alloc->failed++;
		return (NULL);
	}
	if (size > SIZE_MAX - sizeof(*header))
		return (NULL);
	header = malloc(sizeof(*header) + size);
	if (header == NULL)
		return (NULL);
	header->size = size;
	alloc->live++;
	alloc->bytes += size;
	if (alloc->bytes > alloc->peak)
		alloc->peak = alloc->bytes;
	/* Nobody may count on zeros. */
	memset(header + 1, 0xa5, size);
	return (header + 1);
}

static void
counted_free(void *user, void *memory)
{
	struct support_alloc *alloc = user;
	union header *header = (union header *)memory - 1;

	alloc->live--;
	alloc->bytes -= header->size;
	memset(memory, 0x5a, header->size);
	free(header);
}

void
support_alloc_init(struct support_alloc *alloc, long fail_at)
{
	memset(alloc, 0, sizeof(*alloc));
	alloc->fail_at = fail_at;
}

struct kldsim_allocator
support_allocator(struct support_alloc *alloc)
{
	struct kldsim_allocator hook;

	hook.alloc = counted_alloc;
	hook.free = counted_free;
	hook.user = alloc;
	return (hook);
}
