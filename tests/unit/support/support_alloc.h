/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_ALLOC_H
#define SUPPORT_ALLOC_H

/*
 * An allocator that counts what it gave and can refuse one request: run the
 * same thing with fail_at 0, 1, 2 ... until `failed` stays 0, and every
 * allocation has failed once.
 */

#include <stddef.h>

#include <kldsim/options.h>

struct support_alloc {
	long fail_at;  /* the request that is refused, from 0; < 0: none */
	long calls;    /* requests so far, the refused one included */
	long failed;   /* requests refused: 0 or 1 */
	size_t live;   /* allocations not freed */
	size_t bytes;  /* bytes not freed */
	size_t peak;   /* highest value of bytes */
};

void support_alloc_init(struct support_alloc *alloc, long fail_at);

/* Hand this to the library; `alloc` must outlive all that it gives. */
struct kldsim_allocator support_allocator(struct support_alloc *alloc);

#endif
