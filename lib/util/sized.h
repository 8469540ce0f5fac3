/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_SIZED_H
#define UTIL_SIZED_H

/*
 * Structs of the API that begin with their size, a size_t.  Who fills one in may
 * have been compiled when it had fewer members than here, or more.
 */

#include <stddef.h>

/* The caller's struct gets our defaults, as far as it goes; what more it has is
   zero. */
void kldsim__sized_init(void *caller, size_t caller_size,
    const void *defaults, size_t size);

/*
 * Ours, which has the defaults, gets what the caller's says; NULL says nothing.
 * The answer is NULL, or what is wrong with the caller's.
 */
const char *kldsim__sized_take(void *ours, size_t size, const void *caller);

#endif
