/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LIBDEFLATE_H
#define UTIL_LIBDEFLATE_H

/*
 * libdeflate, where it is found: what zlib has compressed it inflates in half
 * the time, if all of it lies in memory and is known to come to so many bytes.
 * It has no words for what is wrong, and asks the C library for memory, so zlib
 * is still there for all else.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Inflate a zlib stream that comes to so many bytes, and say how many it had.
 * False: not by libdeflate, and what is at `to` means nothing.
 */
bool kldsim__libdeflate(const void *from, size_t stored, void *to, size_t size,
    size_t *used_ret);
/* Load it now.  NULL: it is there; else why not, until this thread asks again. */
const char *kldsim__libdeflate_load(void);

#endif
