/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host memory of flat extents: zero, apart from each other, and all given
 * back, whether it is cut from chunks or not.
 */

#include "support_base.h"
#include "mem/flat.h"

enum { BUFFERS = 96 };

struct buffer {
	uint8_t *bytes;
	size_t size;
	struct kldsim__flat_chunk *chunk;
};

static bool
all_are(const struct buffer *buffer, uint8_t value)
{
	for (size_t i = 0; i < buffer->size; i++)
		if (buffer->bytes[i] != value)
			return (false);
	return (true);
}

/* 64 KB and less, now and then more than half of a huge page, once nearly 4. */
static size_t
size_of(unsigned i)
{
	return (i == 50 ? 7000001 : i % 32 == 31 ? 1100000 :
	    65536 - 4096 * (i % 7));
}

static void
take(struct kldsim__flat_pool *pool, struct buffer *buffer, unsigned i)
{
	buffer->size = size_of(i);
	buffer->bytes = kldsim__flat_alloc(pool, buffer->size, &buffer->chunk);
	assert_non_null(buffer->bytes);
	assert_true(all_are(buffer, 0));
	memset(buffer->bytes, (int)(i + 1), buffer->size);
}

static void
give(struct kldsim__flat_pool *pool, struct buffer *buffer, unsigned i)
{
	assert_true(all_are(buffer, (uint8_t)(i + 1)));
	kldsim__flat_free(pool, buffer->bytes, buffer->size, buffer->chunk);
}

/* Each keeps its bytes, whatever comes and goes around it. */
static void
fill_and_empty(struct kldsim__flat_pool *pool)
{
	struct buffer buffers[BUFFERS];
	size_t live = 0;

	for (unsigned i = 0; i < BUFFERS; i++) {
		take(pool, &buffers[i], i);
		live += buffers[i].size;
	}
	assert_true(pool->live == live);
	for (unsigned i = 0; i < BUFFERS; i += 2)
		give(pool, &buffers[i], i);
	for (unsigned i = 0; i < BUFFERS; i += 2)
		take(pool, &buffers[i], i);
	for (unsigned i = BUFFERS; i-- > 0;)
		give(pool, &buffers[i], i);
	assert_true(pool->live == 0);
	assert_null(pool->open);
}

static void
buffers_are_zero_and_apart(void **state)
{
	struct kldsim__flat_pool pool;
	struct kldsim__alloc alloc;

	(void)state;
	kldsim__alloc_init(&alloc, NULL);
	kldsim__flat_init(&pool, &alloc);
	fill_and_empty(&pool);
	fill_and_empty(&pool);
}

/* A kernel of a few small modules pays for no huge page. */
static void
few_modules_need_no_chunk(void **state)
{
	struct kldsim__flat_pool pool;
	struct kldsim__alloc alloc;
	struct buffer buffers[10];

	(void)state;
	kldsim__alloc_init(&alloc, NULL);
	kldsim__flat_init(&pool, &alloc);
	for (unsigned i = 0; i < COUNT(buffers); i++) {
		take(&pool, &buffers[i], i);
		assert_null(buffers[i].chunk);
	}
	for (unsigned i = 0; i < COUNT(buffers); i++)
		give(&pool, &buffers[i], i);
}

/* A caller's allocator sees each buffer, and may have none. */
static void
a_callers_allocator_is_asked(void **state)
{
	struct kldsim__flat_pool pool;
	struct support_base base;
	struct buffer buffer;

	(void)state;
	support_base_init(&base, -1);
	kldsim__flat_init(&pool, &base.alloc);
	fill_and_empty(&pool);
	assert_int_equal(base.count.calls, BUFFERS + BUFFERS / 2);
	base.count.fail_at = base.count.calls;
	assert_null(kldsim__flat_alloc(&pool, 5, &buffer.chunk));
	assert_true(pool.live == 0);
	support_base_fini(&base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffers_are_zero_and_apart),
		cmocka_unit_test(few_modules_need_no_chunk),
		cmocka_unit_test(a_callers_allocator_is_asked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
