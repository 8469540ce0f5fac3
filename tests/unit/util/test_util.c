/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host-side tools: arena, string map, vectors, loads and stores, arithmetic.
 * No rule of the kernel's is shown here but 0.2's roundup2(), on which O-11
 * and A-10 stand.
 */

#include "support_base.h"
#include "util/arena.h"
#include "util/bytes.h"
#include "util/strmap.h"

static void
default_allocator_is_libc(void **state)
{
	struct kldsim_allocator none = { NULL, NULL, NULL };
	struct kldsim__alloc alloc;
	unsigned char *zeros;
	char *text;

	(void)state;
	kldsim__alloc_init(&alloc, NULL);
	zeros = kldsim__calloc(&alloc, 100, 10);
	assert_non_null(zeros);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(zeros[i], 0);
	kldsim__free(&alloc, zeros);
	kldsim__free(&alloc, NULL);
	kldsim__alloc_init(&alloc, &none);
	text = kldsim__strdup(&alloc, "kernel");
	assert_string_equal(text, "kernel");
	kldsim__free(&alloc, text);
	assert_null(kldsim__calloc(&alloc, SIZE_MAX / 8 + 1, 8));
}

static void
own_allocator_is_asked(void **state)
{
	struct support_base base;
	unsigned char *zeros;

	(void)state;
	support_base_init(&base, 1);
	zeros = kldsim__calloc(&base.alloc, 0, 8);
	assert_non_null(zeros); /* never NULL for an empty request */
	assert_null(kldsim__malloc(&base.alloc, 8));
	assert_int_equal(base.count.calls, 2);
	assert_int_equal(base.count.failed, 1);
	kldsim__free(&base.alloc, zeros);
	/* The allocator does not give zeros, calloc does. */
	zeros = kldsim__calloc(&base.alloc, 3, 11);
	for (int i = 0; i < 33; i++)
		assert_int_equal(zeros[i], 0);
	assert_int_equal(base.count.bytes, 33);
	kldsim__free(&base.alloc, zeros);
	support_base_fini(&base);
}

static void
grow_keeps_and_refuses(void **state)
{
	struct support_base base;
	uint32_t *vector = NULL;
	size_t capacity = 0;

	(void)state;
	support_base_init(&base, -1);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_true(kldsim__grow(&base.alloc, &vector, &capacity,
		    i + 1, sizeof(*vector)));
		assert_true(capacity > i);
		vector[i] = i * 3;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(vector[i], i * 3);
	assert_int_equal(base.count.live, 1);
	/* Doubling overflows, and so does the product with the size. */
	assert_false(kldsim__grow(&base.alloc, &vector, &capacity, SIZE_MAX,
	    sizeof(*vector)));
	assert_false(kldsim__grow(&base.alloc, &vector, &capacity,
	    SIZE_MAX / 4, 16));
	base.count.fail_at = base.count.calls;
	assert_false(kldsim__grow(&base.alloc, &vector, &capacity,
	    capacity + 1, sizeof(*vector)));
	assert_int_equal(vector[999], 2997);
	kldsim__free(&base.alloc, vector);
	support_base_fini(&base);
}

static void
arena_pieces_are_apart_and_aligned(void **state)
{
	enum { PIECES = 300 };
	struct support_base base;
	struct kldsim__arena arena;
	unsigned char *pieces[PIECES];

	(void)state;
	support_base_init(&base, -1);
	kldsim__arena_init(&arena, &base.alloc);
	for (size_t i = 0; i < PIECES; i++) {
		/* 1, 38, 75 ...: up to three blocks long. */
		pieces[i] = kldsim__arena_alloc(&arena, i * 37 + 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] %
		    _Alignof(union kldsim__max_align), 0);
		memset(pieces[i], (int)i, i * 37 + 1);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t j = 0; j < i * 37 + 1; j++)
			assert_int_equal(pieces[i][j], i & 0xff);
	kldsim__arena_fini(&arena);
	support_base_fini(&base);
}

static void
arena_goes_back_to_its_mark(void **state)
{
	struct support_base base;
	struct kldsim__arena arena;
	struct kldsim__arena_mark empty, mark;
	char *kept, *first;
	size_t live;

	(void)state;
	support_base_init(&base, -1);
	kldsim__arena_init(&arena, &base.alloc);
	empty = kldsim__arena_mark(&arena);
	kept = kldsim__arena_strdup(&arena, "modmetadata_set");
	mark = kldsim__arena_mark(&arena);
	live = base.count.live;
	first = kldsim__arena_alloc(&arena, 24);
	for (int i = 0; i < 100; i++)
		assert_non_null(kldsim__arena_alloc(&arena, 1000));
	assert_true(base.count.live > live);
	kldsim__arena_release(&arena, mark);
	assert_int_equal(base.count.live, live);
	assert_string_equal(kept, "modmetadata_set");
	assert_ptr_equal(kldsim__arena_alloc(&arena, 24), first);
	kldsim__arena_release(&arena, empty);
	assert_int_equal(base.count.live, 0);
	assert_string_equal(kldsim__arena_strndup(&arena, "set_pcpu", 3),
	    "set");
	kldsim__arena_fini(&arena);
	support_base_fini(&base);
}

/* An arena with a log frees what a transaction made, and keeps the rest. */
static void
arena_is_rolled_back(void **state)
{
	struct support_base base;
	struct kldsim__arena arena;
	char *kept, *again;
	size_t mark, live;

	(void)state;
	support_base_init(&base, -1);
	kldsim__arena_init_undo(&arena, &base.undo);
	kept = kldsim__arena_strdup(&arena, "modmetadata_set");
	/* It is as new as the transaction: nothing has to be remembered. */
	assert_int_equal(base.undo.nentries, 0);
	kldsim__undo_commit(&base.undo);
	live = base.count.live;
	mark = kldsim__undo_begin(&base.undo);
	again = kldsim__arena_alloc(&arena, 24);
	for (int i = 0; i < 100; i++)
		assert_non_null(kldsim__arena_alloc(&arena, 1000));
	kldsim__undo_rollback(&base.undo, mark);
	/* The log keeps its room: two vectors at most. */
	assert_true(base.count.live <= live + 2);
	assert_string_equal(kept, "modmetadata_set");
	assert_ptr_equal(kldsim__arena_alloc(&arena, 24), again);
	kldsim__arena_fini(&arena);
	support_base_fini(&base);
}

static void
arena_zeroes_and_refuses(void **state)
{
	struct support_base base;
	struct kldsim__arena arena;
	unsigned char *zeros;

	(void)state;
	support_base_init(&base, -1);
	kldsim__arena_init(&arena, &base.alloc);
	assert_null(kldsim__arena_alloc(&arena, SIZE_MAX));
	assert_null(kldsim__arena_alloc(&arena, SIZE_MAX - 5));
	assert_null(kldsim__arena_calloc(&arena, SIZE_MAX / 4 + 1, 4));
	assert_int_equal(base.count.calls, 0);
	zeros = kldsim__arena_calloc(&arena, 7, 9);
	for (int i = 0; i < 63; i++)
		assert_int_equal(zeros[i], 0);
	/* A second block is refused; the first one stays good. */
	base.count.fail_at = base.count.calls;
	assert_null(kldsim__arena_alloc(&arena, 5000));
	assert_non_null(kldsim__arena_alloc(&arena, 5000));
	assert_int_equal(zeros[62], 0);
	kldsim__arena_fini(&arena);
	support_base_fini(&base);
}

/* An empty array may be the first thing that is asked of an arena. */
static void
arena_gives_nothing_as_something(void **state)
{
	struct support_base base;
	struct kldsim__arena arena;

	(void)state;
	support_base_init(&base, -1);
	kldsim__arena_init(&arena, &base.alloc);
	assert_non_null(kldsim__arena_calloc(&arena, 0, 8));
	assert_non_null(kldsim__arena_alloc(&arena, 0));
	kldsim__arena_fini(&arena);
	support_base_fini(&base);
}

static void
strmap_first_of_equals_stays(void **state)
{
	static char keys[2000][8];
	struct support_base base;
	struct kldsim__strmap map;
	uint32_t value;

	(void)state;
	support_base_init(&base, -1);
	kldsim__strmap_init(&map, &base.alloc);
	assert_false(kldsim__strmap_get(&map, "", &value));
	for (uint32_t i = 0; i < COUNT(keys); i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "k%u", i % 1000);
		assert_true(kldsim__strmap_add(&map, keys[i], i));
	}
	assert_true(kldsim__strmap_add(&map, "", 77));
	for (uint32_t i = 0; i < 1000; i++) {
		assert_true(kldsim__strmap_get(&map, keys[1000 + i], &value));
		assert_int_equal(value, i);
	}
	assert_true(kldsim__strmap_get(&map, "", &value));
	assert_int_equal(value, 77);
	assert_false(kldsim__strmap_get(&map, "k1000", &value));
	assert_int_equal(map.used, 1001);
	kldsim__strmap_fini(&map);
	assert_false(kldsim__strmap_get(&map, "k1", &value));
	support_base_fini(&base);
}

/* Add ten thousand keys with allocation number `fail_at` refused. */
static long
strmap_with_failure(long fail_at)
{
	static char keys[100][8];
	struct support_base base;
	struct kldsim__strmap map;
	long failed;
	uint32_t value;

	support_base_init(&base, fail_at);
	kldsim__strmap_init(&map, &base.alloc);
	for (uint32_t i = 0; i < COUNT(keys); i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "k%u", i);
		if (kldsim__strmap_add(&map, keys[i], i))
			continue;
		/* What was in it is in it, and the next try succeeds. */
		for (uint32_t j = 0; j < i; j++)
			assert_true(kldsim__strmap_get(&map, keys[j], &value));
		assert_false(kldsim__strmap_get(&map, keys[i], &value));
		assert_true(kldsim__strmap_add(&map, keys[i], i));
	}
	assert_int_equal(map.used, COUNT(keys));
	failed = base.count.failed;
	kldsim__strmap_fini(&map);
	support_base_fini(&base);
	return (failed);
}

static void
strmap_survives_every_failure(void **state)
{
	long n = 0;

	(void)state;
	while (strmap_with_failure(n) != 0)
		n++;
	assert_true(n >= 4); /* 16, 32 ... 256 slots */
}

/* 0x0102030405060708 as it lies in either byte order, one byte off. */
static const uint8_t big_bytes[10] = { 0xee, 1, 2, 3, 4, 5, 6, 7, 8, 0xee };
static const uint8_t little_bytes[10] =
    { 0xee, 8, 7, 6, 5, 4, 3, 2, 1, 0xee };

static void
loads_of_all_widths_and_orders(void **state)
{
	(void)state;
	assert_int_equal(kldsim__load16(big_bytes + 1, true), 0x0102);
	assert_int_equal(kldsim__load16(big_bytes + 1, false), 0x0201);
	assert_int_equal(kldsim__load32(big_bytes + 1, true), 0x01020304);
	assert_int_equal(kldsim__load32(big_bytes + 1, false), 0x04030201);
	assert_true(kldsim__load64(big_bytes + 1, true) == 0x0102030405060708);
	assert_true(kldsim__load64(little_bytes + 1, false) ==
	    0x0102030405060708);
	assert_true(kldsim__load(little_bytes + 1, 8, true) ==
	    0x0807060504030201);
	assert_true(kldsim__load(little_bytes + 1, 4, false) == 0x05060708);
	assert_true(kldsim__load(little_bytes + 1, 2, true) == 0x0807);
	/* Zero extended, whatever the top bit. */
	assert_true(kldsim__load(big_bytes, 1, true) == 0xee);
	assert_true(kldsim__load(big_bytes, 4, true) == 0xee010203);
	assert_int_equal(kldsim__swap16(0x1234), 0x3412);
	assert_int_equal(kldsim__swap32(0x12345678), 0x78563412);
	assert_true(kldsim__swap64(0x123456789abcdef0) == 0xf0debc9a78563412);
}

/* Store `width` bytes one byte off and look at all ten. */
static void
check_store(unsigned width, bool big, uint64_t value)
{
	uint8_t at[10];

	memset(at, 0xcc, sizeof(at));
	kldsim__store(at + 1, width, big, value);
	assert_int_equal(at[0], 0xcc);
	for (unsigned i = 0; i < width; i++) {
		unsigned shift = 8 * (big ? width - 1 - i : i);

		assert_int_equal(at[1 + i], value >> shift & 0xff);
	}
	for (unsigned i = 1 + width; i < sizeof(at); i++)
		assert_int_equal(at[i], 0xcc);
	assert_true(kldsim__load(at + 1, width, big) ==
	    (width == 8 ? value : value & ((UINT64_C(1) << 8 * width) - 1)));
}

static void
stores_of_all_widths_and_orders(void **state)
{
	static const unsigned widths[] = { 1, 2, 4, 8 };
	uint8_t at[8];

	(void)state;
	for (size_t i = 0; i < COUNT(widths); i++) {
		for (int big = 0; big < 2; big++) {
			check_store(widths[i], big != 0, 0x0102030405060708);
			check_store(widths[i], big != 0, UINT64_MAX);
			check_store(widths[i], big != 0, 0x80c0e0f0f8fcfeff);
		}
	}
	kldsim__store(at, 8, true, 0x0102030405060708);
	assert_memory_equal(at, big_bytes + 1, 8);
	kldsim__store(at, 8, false, 0x0102030405060708);
	assert_memory_equal(at, little_bytes + 1, 8);
}

static void
roundup2_as_the_kernel(void **state)
{
	(void)state;
	assert_true(kldsim__roundup2(0, 8) == 0);
	assert_true(kldsim__roundup2(1, 8) == 8);
	assert_true(kldsim__roundup2(8, 8) == 8);
	assert_true(kldsim__roundup2(0x1001, 4096) == 0x2000);
	assert_true(kldsim__roundup2(7, 1) == 7);
	assert_true(kldsim__roundup2(0xffffffff80000001, 2u << 20) ==
	    0xffffffff80200000);
	/* It wraps as the kernel's does. */
	assert_true(kldsim__roundup2(UINT64_MAX, 16) == 0);
}

static void
ranges_that_wrap(void **state)
{
	uint64_t sum;

	(void)state;
	assert_true(kldsim__in_range(0, 0, 0));
	assert_true(kldsim__in_range(10, 0, 10));
	assert_true(kldsim__in_range(3, 7, 10));
	assert_false(kldsim__in_range(3, 8, 10));
	assert_false(kldsim__in_range(11, 0, 10));
	assert_false(kldsim__in_range(UINT64_MAX, 2, 10));
	assert_false(kldsim__in_range(2, UINT64_MAX, 10));
	assert_false(kldsim__in_range(UINT64_MAX, UINT64_MAX, 10));
	assert_true(kldsim__in_range(1, UINT64_MAX - 1, UINT64_MAX));
	assert_true(kldsim__add(UINT64_MAX - 1, 1, &sum));
	assert_true(sum == UINT64_MAX);
	assert_false(kldsim__add(UINT64_MAX, 1, &sum));
	assert_true(sum == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_allocator_is_libc),
		cmocka_unit_test(own_allocator_is_asked),
		cmocka_unit_test(grow_keeps_and_refuses),
		cmocka_unit_test(arena_pieces_are_apart_and_aligned),
		cmocka_unit_test(arena_goes_back_to_its_mark),
		cmocka_unit_test(arena_is_rolled_back),
		cmocka_unit_test(arena_zeroes_and_refuses),
		cmocka_unit_test(arena_gives_nothing_as_something),
		cmocka_unit_test(strmap_first_of_equals_stays),
		cmocka_unit_test(strmap_survives_every_failure),
		cmocka_unit_test(loads_of_all_widths_and_orders),
		cmocka_unit_test(stores_of_all_widths_and_orders),
		cmocka_unit_test(roundup2_as_the_kernel),
		cmocka_unit_test(ranges_that_wrap),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
