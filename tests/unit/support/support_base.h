/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_BASE_H
#define SUPPORT_BASE_H

/* What every unit test of a lower layer begins with. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_alloc.h"
#include "util/alloc.h"
#include "util/undo.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Counted host memory and a log to undo by. */
struct support_base {
	struct support_alloc count;
	struct kldsim__alloc alloc;
	struct kldsim__undo undo;
};

static inline void
support_base_init(struct support_base *base, long fail_at)
{
	struct kldsim_allocator hook;

	support_alloc_init(&base->count, fail_at);
	hook = support_allocator(&base->count);
	kldsim__alloc_init(&base->alloc, &hook);
	kldsim__undo_init(&base->undo, &base->alloc);
}

/* Everything else is gone already: nothing may be left after this. */
static inline void
support_base_fini(struct support_base *base)
{
	kldsim__undo_fini(&base->undo);
	assert_int_equal(base->count.live, 0);
	assert_int_equal(base->count.bytes, 0);
}

/* Numbers that are the same in every run (xorshift64*). */
static inline uint64_t
support_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1du);
}

static inline size_t
support_below(uint64_t *state, size_t limit)
{
	return ((size_t)((support_random(state) >> 16) % limit));
}

#endif
