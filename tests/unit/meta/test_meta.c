/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Module metadata in target memory (M-01, M-02, M-05) and the exchange sort of
 * SYSINITs (M-30, M-32, T-07).
 */

#include "support_base.h"
#include "meta/metadata.h"
#include "util/bytes.h"

#define AT UINT64_C(0xffffffff82300000)

struct world {
	struct support_base base;
	struct kldsim__aspace space;
	struct kldsim__arena arena;
	struct kldsim__meta meta;
};

/* Word sizes and byte orders of the targets. */
static const struct {
	unsigned ptrsz;
	bool big;
} targets[] = {
	{ 8, false }, { 8, true }, { 4, false }, { 4, true }
};

static void
world_init(struct world *world, unsigned ptrsz, bool big)
{
	support_base_init(&world->base, -1);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
	kldsim__arena_init(&world->arena, &world->base.alloc);
	world->meta.space = &world->space;
	world->meta.ptrsz = ptrsz;
	world->meta.big = big;
	world->meta.sysinit_has_link = false;
}

static void
world_fini(struct world *world)
{
	kldsim__undo_commit(&world->base.undo);
	kldsim__arena_fini(&world->arena);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
}

static void
map(struct world *world, kldsim_addr start, size_t size)
{
	assert_non_null(kldsim__aspace_map_flat(&world->space, start, size));
}

static void
put(struct world *world, kldsim_addr at, unsigned width, uint64_t value)
{
	uint8_t bytes[8];

	kldsim__store(bytes, width, world->meta.big, value);
	assert_int_equal(kldsim__aspace_write(&world->space, at, bytes, width),
	    KLDSIM__ACCESS_OK);
}

static void
numbers_and_pointers(void **state)
{
	struct world world;
	kldsim_addr pointer;
	int number;

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		world_init(&world, targets[i].ptrsz, targets[i].big);
		map(&world, AT, 16);
		put(&world, AT + 1, 4, 0xfffffffe);
		assert_true(kldsim__meta_int(&world.meta, AT + 1, &number));
		assert_int_equal(number, -2);
		put(&world, AT + 3, 8, 0x8182838485868788);
		assert_true(kldsim__meta_pointer(&world.meta, AT + 3,
		    &pointer));
		/* A short pointer is the first half, zero extended. */
		assert_true(pointer == (targets[i].ptrsz == 8 ?
		    0x8182838485868788 : targets[i].big ? 0x81828384 :
		    0x85868788));
		assert_true(kldsim__meta_int(&world.meta, AT + 12, &number));
		assert_false(kldsim__meta_int(&world.meta, AT + 13, &number));
		assert_false(kldsim__meta_pointer(&world.meta,
		    AT + 17 - targets[i].ptrsz, &pointer));
		assert_false(kldsim__meta_pointer(&world.meta, 0, &pointer));
		world_fini(&world);
	}
}

/* M-01: version 0, type 4, data 8, cval 12 or 16; 16 or 24 bytes. */
static void
mod_metadata_layout(void **state)
{
	struct world world;
	struct kldsim__mod_metadata entry;

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		unsigned ptrsz = targets[i].ptrsz;

		world_init(&world, ptrsz, targets[i].big);
		map(&world, AT, ptrsz == 8 ? 24 : 16);
		put(&world, AT, 4, 1);
		put(&world, AT + 4, 4, 3);
		put(&world, AT + 8, ptrsz, 0x81001234);
		put(&world, AT + (ptrsz == 8 ? 16 : 12), ptrsz, 0x81005678);
		assert_true(kldsim__meta_entry(&world.meta, AT, &entry));
		assert_int_equal(entry.type, KLDSIM__MDT_VERSION);
		assert_true(entry.data == 0x81001234);
		assert_true(entry.cval == 0x81005678);
		/* One byte further, its last one is missing. */
		assert_false(kldsim__meta_entry(&world.meta, AT + 1, &entry));
		world_fini(&world);
	}
}

/* M-02: the numbers of md_type; three ints; three pointers. */
static void
depend_and_moduledata_layout(void **state)
{
	struct world world;
	struct kldsim__mod_depend depend;
	struct kldsim__moduledata module;

	(void)state;
	assert_int_equal(KLDSIM__MDT_DEPEND, 1);
	assert_int_equal(KLDSIM__MDT_MODULE, 2);
	assert_int_equal(KLDSIM__MDT_VERSION, 3);
	assert_int_equal(KLDSIM__MDT_PNP_INFO, 4);
	for (size_t i = 0; i < COUNT(targets); i++) {
		unsigned ptrsz = targets[i].ptrsz;

		world_init(&world, ptrsz, targets[i].big);
		map(&world, AT, 12);
		put(&world, AT, 4, 1201000);
		put(&world, AT + 4, 4, (uint64_t)-1);
		put(&world, AT + 8, 4, 1299999);
		assert_true(kldsim__meta_depend(&world.meta, AT, &depend));
		assert_int_equal(depend.minimum, 1201000);
		assert_int_equal(depend.preferred, -1);
		assert_int_equal(depend.maximum, 1299999);
		assert_false(kldsim__meta_depend(&world.meta, AT + 1,
		    &depend));
		map(&world, AT + 0x100, 3 * ptrsz);
		put(&world, AT + 0x100, ptrsz, 0x81000001);
		put(&world, AT + 0x100 + ptrsz, ptrsz, 0x82000002);
		put(&world, AT + 0x100 + 2 * ptrsz, ptrsz, 0x83000003);
		assert_true(kldsim__meta_moduledata(&world.meta, AT + 0x100,
		    &module));
		assert_true(module.name == 0x81000001);
		assert_true(module.handler == 0x82000002);
		assert_true(module.priv == 0x83000003);
		assert_false(kldsim__meta_moduledata(&world.meta, AT + 0x101,
		    &module));
		world_fini(&world);
	}
}

/* M-05: {offset of func, offset of udata, size} without and with the link. */
static const struct {
	unsigned ptrsz;
	bool link;
	unsigned func, udata, size;
} sysinits[] = {
	{ 8, false, 8, 16, 24 },
	{ 8, true, 16, 24, 32 },
	{ 4, false, 8, 12, 16 },
	{ 4, true, 12, 16, 20 },
};

static void
check_sysinit(size_t i, bool big)
{
	const unsigned ptrsz = sysinits[i].ptrsz;
	struct kldsim__sysinit sysinit;
	struct world world;

	world_init(&world, ptrsz, big);
	world.meta.sysinit_has_link = sysinits[i].link;
	map(&world, AT, sysinits[i].size);
	put(&world, AT, 4, 0xfffffff0); /* unsigned (M-30) */
	put(&world, AT + 4, 4, 0x80000001);
	put(&world, AT + 8, ptrsz, 0xeeeeeeee); /* link, or overwritten */
	put(&world, AT + sysinits[i].func, ptrsz, 0x81000010);
	put(&world, AT + sysinits[i].udata, ptrsz, 0x82000020);
	assert_true(kldsim__meta_sysinit(&world.meta, AT, &sysinit));
	assert_true(sysinit.subsystem == 0xfffffff0);
	assert_true(sysinit.order == 0x80000001);
	assert_true(sysinit.func == 0x81000010);
	assert_true(sysinit.udata == 0x82000020);
	assert_false(kldsim__meta_sysinit(&world.meta, AT + 1, &sysinit));
	world_fini(&world);
}

static void
sysinit_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sysinits); i++) {
		check_sysinit(i, false);
		check_sysinit(i, true);
	}
}

/* Structures may lie across two extents, and fault at each missing byte. */
static void
structures_end_with_the_memory(void **state)
{
	struct world world;
	struct kldsim__mod_metadata entry;
	struct kldsim__sysinit sysinit;

	(void)state;
	for (size_t cut = 0; cut <= 24; cut++) {
		world_init(&world, 8, false);
		if (cut > 5) {
			map(&world, AT, 5);
			map(&world, AT + 5, cut - 5);
		} else if (cut != 0) {
			map(&world, AT, cut);
		}
		assert_int_equal(kldsim__meta_entry(&world.meta, AT, &entry),
		    cut == 24);
		assert_int_equal(kldsim__meta_sysinit(&world.meta, AT,
		    &sysinit), cut == 24);
		world_fini(&world);
	}
}

/* A string of 10000 letters from the middle of a page, over two more. */
static void
strings_across_pages(void **state)
{
	struct world world;
	char text[10001];
	const char *got;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		text[i] = (char)('a' + i % 26);
	text[10000] = '\0';
	world_init(&world, 8, false);
	assert_non_null(kldsim__aspace_map(&world.space, AT, 0x4000, NULL, 0));
	assert_int_equal(kldsim__aspace_write(&world.space, AT + 0x801, text,
	    10000), KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__meta_string(&world.meta, AT + 0x801,
	    &world.arena, &got), KLDSIM__STRING_OK);
	assert_string_equal(got, text);
	/* It is a copy. */
	assert_int_equal(kldsim__aspace_write(&world.space, AT + 0x801, "ZZ",
	    2), KLDSIM__ACCESS_OK);
	assert_string_equal(got, text);
	assert_int_equal(kldsim__meta_string(&world.meta, AT, &world.arena,
	    &got), KLDSIM__STRING_OK);
	assert_string_equal(got, "");
	world_fini(&world);
}

/* The NUL may be the last byte that is mapped, but must be mapped. */
static void
strings_at_the_end_of_memory(void **state)
{
	struct world world;
	const char *got;

	(void)state;
	world_init(&world, 8, false);
	assert_non_null(kldsim__aspace_map(&world.space, AT, 0x2000,
	    (const uint8_t *)"", 0));
	assert_int_equal(kldsim__aspace_write(&world.space, AT + 0x1ffc,
	    "end", 4), KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__meta_string(&world.meta, AT + 0x1ffc,
	    &world.arena, &got), KLDSIM__STRING_OK);
	assert_string_equal(got, "end");
	assert_int_equal(kldsim__aspace_write(&world.space, AT + 0x1fff, "!",
	    1), KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__meta_string(&world.meta, AT + 0x1ffc,
	    &world.arena, &got), KLDSIM__STRING_FAULT);
	assert_int_equal(kldsim__meta_string(&world.meta, AT + 0x2000,
	    &world.arena, &got), KLDSIM__STRING_FAULT);
	/* The next extent brings the rest. */
	map(&world, AT + 0x2000, 2);
	assert_int_equal(kldsim__meta_string(&world.meta, AT + 0x1ffc,
	    &world.arena, &got), KLDSIM__STRING_OK);
	assert_string_equal(got, "end!");
	world_fini(&world);
}

/* At the very top of the address space there is no NUL to be found. */
static void
strings_at_the_top(void **state)
{
	const kldsim_addr top = 0xfffffffffffff000;
	struct world world;
	const char *got;

	(void)state;
	world_init(&world, 8, false);
	map(&world, top, 0x1000);
	assert_int_equal(kldsim__aspace_write(&world.space, UINT64_MAX - 1,
	    "xy", 2), KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__meta_string(&world.meta, UINT64_MAX - 1,
	    &world.arena, &got), KLDSIM__STRING_FAULT);
	world_fini(&world);
}

static void
strings_need_memory(void **state)
{
	struct world world;
	const char *got = NULL;

	(void)state;
	world_init(&world, 8, false);
	map(&world, AT, 100);
	world.base.count.fail_at = world.base.count.calls;
	assert_int_equal(kldsim__meta_string(&world.meta, AT, &world.arena,
	    &got), KLDSIM__STRING_NOMEM);
	assert_int_equal(world.base.count.failed, 1);
	world_fini(&world);
}

/* --- the exchange sort ---------------------------------------------------- */

/* Sort what "5a5b3c" says (key, label), and compare the labelled result. */
static void
check_sort(const char *input, bool descending, const char *want)
{
	struct kldsim__sysinit entries[8];
	uint32_t order[8];
	char got[17] = "";
	size_t count = strlen(input) / 2;

	memset(entries, 0, sizeof(entries));
	for (size_t i = 0; i < count; i++)
		entries[i].subsystem = (uint32_t)(input[2 * i] - '0');
	kldsim__sysinit_exchange_sort(entries, order, count, descending);
	for (size_t i = 0; i < count; i++)
		memcpy(got + 2 * i, input + (size_t)2 * order[i], 2);
	assert_string_equal(got, want);
}

/* T-07, M-30, M-32. */
static void
sort_vectors(void **state)
{
	(void)state;
	check_sort("5a5b3c", false, "3c5b5a");
	check_sort("5a5b3c", true, "5a5b3c");
	check_sort("2a2b2c1d", false, "1d2b2c2a");
	check_sort("2a2b2c1d", true, "2a2b2c1d");
	check_sort("2a2b1c1d", false, "1c1d2a2b");
	check_sort("2a2b1c1d", true, "2a2b1c1d");
	check_sort("3a1b3c2d1e", false, "1b1e2d3a3c");
	check_sort("3a1b3c2d1e", true, "3a3c2d1b1e");
	check_sort("1a1b2c", true, "2c1b1a");
	check_sort("", false, "");
	check_sort("7a", true, "7a");
}

/* M-30: the order counts among equal subsystems only, and both unsigned. */
static void
sort_keys_are_unsigned_pairs(void **state)
{
	static const struct kldsim__sysinit entries[] = {
		{ 0x80000000, 0, 0, 0 },
		{ 0x3100000, 0xfffffff, 0, 0 },
		{ 0x3100000, 0x80000000, 0, 0 },
		{ 0x3100000, 0x1000000, 0, 0 },
		{ 0x2000000, 0xffffffff, 0, 0 },
	};
	static const uint32_t ascending[] = { 4, 3, 1, 2, 0 };
	uint32_t order[5];

	(void)state;
	kldsim__sysinit_exchange_sort(entries, order, 5, false);
	assert_memory_equal(order, ascending, sizeof(ascending));
	kldsim__sysinit_exchange_sort(entries, order, 5, true);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(order[i], ascending[4 - i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_pointers),
		cmocka_unit_test(mod_metadata_layout),
		cmocka_unit_test(depend_and_moduledata_layout),
		cmocka_unit_test(sysinit_layout),
		cmocka_unit_test(structures_end_with_the_memory),
		cmocka_unit_test(strings_across_pages),
		cmocka_unit_test(strings_at_the_end_of_memory),
		cmocka_unit_test(strings_at_the_top),
		cmocka_unit_test(strings_need_memory),
		cmocka_unit_test(sort_vectors),
		cmocka_unit_test(sort_keys_are_unsigned_pairs),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
