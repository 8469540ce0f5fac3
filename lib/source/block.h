/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_BLOCK_H
#define SOURCE_BLOCK_H

/*
 * Memory for the bytes of many members, one behind the other.  Each image of
 * one has a reference, so that images outlive the archive; and the host is asked
 * for large pages, since with thousands of small ones it spends more time than
 * a decoder needs to fill them.
 */

#include <stddef.h>
#include <stdint.h>

/* Larger members have memory of their own; with KLDSIM__TIGHT (alloc.h) all. */
#ifdef KLDSIM__TIGHT
#define KLDSIM__BLOCK_MEMBER 0u
#else
#define KLDSIM__BLOCK_MEMBER (1u << 20)
#endif

struct kldsim__block;

/* One reference to a new one; NULL: no memory. */
struct kldsim__block *kldsim__block_new(void);
void kldsim__block_ref(struct kldsim__block *block);
/* NULL is fine. */
void kldsim__block_unref(struct kldsim__block *block);

/* Where so many bytes can go; NULL: they do not fit.  It is asked again until
   they are taken. */
uint8_t *kldsim__block_room(struct kldsim__block *block, size_t size);
void kldsim__block_take(struct kldsim__block *block, size_t size);

#endif
