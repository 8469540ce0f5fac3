/* SPDX-License-Identifier: BSD-2-Clause */

/* Mappings of which parts are lent, beside a plain array of the same bytes. */

#include "support_base.h"

#include "mem/aspace.h"

#define START UINT64_C(0xffffffff82000123) /* on no page */
#define SIZE 0x7000u
#define OPERATIONS 3000

/* A file's bytes, which nobody may change. */
static uint8_t lender[0x3000];

/* Own bytes before, between and behind; two that touch; zeros of two pages. */
static const struct kldsim__lent lent[] = {
	{ 100, 0x1500, lender + 7, NULL },
	{ 0x2001, 0x1ff0, NULL, NULL },
	{ 0x3ff1, 0x1000, lender + 0x1f00, NULL },
	{ 0x5100, 1, lender, NULL },
};

struct world {
	struct support_base base;
	struct kldsim__aspace space;
	uint8_t model[SIZE];
};

static uint8_t
lender_byte(size_t i)
{
	return ((uint8_t)(i * 13 + i / 256 + 1));
}

static void
world_init(struct world *world, long fail_at)
{
	for (size_t i = 0; i < sizeof(lender); i++)
		lender[i] = lender_byte(i);
	support_base_init(&world->base, fail_at);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
	(void)kldsim__undo_begin(&world->base.undo);
}

static void
world_fini(struct world *world)
{
	world->base.undo.snapshots = 0;
	kldsim__undo_commit(&world->base.undo);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
	for (size_t i = 0; i < sizeof(lender); i++)
		assert_int_equal(lender[i], lender_byte(i));
}

static struct kldsim__extent *
map_all(struct world *world)
{
	memset(world->model, 0, SIZE);
	for (size_t i = 0; i < COUNT(lent); i++)
		for (size_t j = 0; lent[i].bytes != NULL && j < lent[i].size;
		    j++)
			world->model[lent[i].offset + j] = lender_byte((size_t)
			    (lent[i].bytes - lender) + j);
	return (kldsim__aspace_map_stretches(&world->space, START, SIZE, lent,
	    COUNT(lent)));
}

static void
check_all(const struct world *world)
{
	static uint8_t bytes[SIZE];

	assert_true(kldsim__aspace_read(&world->space, START, bytes, SIZE));
	assert_memory_equal(bytes, world->model, SIZE);
}

/* Write, clear, copy or read some of it. */
static void
operate(struct world *world, uint64_t *random)
{
	static uint8_t bytes[SIZE];
	const size_t at = support_below(random, SIZE);
	const size_t size = support_below(random, 8) == 0 ?
	    support_below(random, SIZE - at + 1) :
	    support_below(random, SIZE - at < 20 ? SIZE - at + 1 : 20);

	switch (support_below(random, 3)) {
	case 0:
		for (size_t i = 0; i < size; i++)
			world->model[at + i] = bytes[i] =
			    (uint8_t)support_random(random);
		assert_int_equal(kldsim__aspace_write(&world->space,
		    START + at, bytes, size), KLDSIM__ACCESS_OK);
		break;
	case 1:
		memset(world->model + at, 0, size);
		assert_int_equal(kldsim__aspace_zero(&world->space,
		    START + at, size), KLDSIM__ACCESS_OK);
		break;
	default:
		assert_true(kldsim__aspace_read(&world->space, START + at,
		    bytes, size));
		assert_memory_equal(bytes, world->model + at, size);
	}
}

static void
reads_and_writes_as_an_array(void **state)
{
	static struct world world;
	uint64_t random = 16;

	(void)state;
	world_init(&world, -1);
	assert_non_null(map_all(&world));
	check_all(&world);
	for (int i = 0; i < OPERATIONS; i++)
		operate(&world, &random);
	check_all(&world);
	assert_false(kldsim__aspace_read(&world.space, START + SIZE,
	    world.model, 1));
	world_fini(&world);
}

/* What is written in a later transaction is taken back with it. */
static void
writes_are_undone(void **state)
{
	static struct world world;
	static uint8_t before[SIZE];
	uint64_t random = 17;

	(void)state;
	world_init(&world, -1);
	assert_non_null(map_all(&world));
	for (int round = 0; round < 20; round++) {
		size_t mark;

		memcpy(before, world.model, SIZE);
		mark = kldsim__undo_begin(&world.base.undo);
		for (int i = 0; i < 30; i++)
			operate(&world, &random);
		check_all(&world);
		if (round % 3 == 0)
			continue; /* kept */
		kldsim__undo_rollback(&world.base.undo, mark);
		memcpy(world.model, before, SIZE);
		check_all(&world);
	}
	world_fini(&world);
}

/* A copy of it is a mapping of its own. */
static void
clone_has_the_same_bytes(void **state)
{
	static struct world world;
	static uint8_t bytes[0x2000];

	(void)state;
	world_init(&world, -1);
	assert_non_null(map_all(&world));
	assert_int_equal(kldsim__aspace_write(&world.space, START + 0x1000,
	    "changed", 7), KLDSIM__ACCESS_OK);
	memcpy(world.model + 0x1000, "changed", 7);
	assert_int_equal(kldsim__aspace_clone(&world.space, 0x10000, 0x2000,
	    START + 0x80, 0x2000), KLDSIM__ACCESS_OK);
	assert_true(kldsim__aspace_read(&world.space, 0x10000, bytes, 0x2000));
	assert_memory_equal(bytes, world.model + 0x80, 0x2000);
	world_fini(&world);
}

/* 0x7000 - 0x1500 - 0x1ff0 - 0x1000 - 1 = 0x2b0f bytes are its own. */
static void
what_is_lent_takes_no_memory(void **state)
{
	static struct world world;
	struct kldsim__extent *extent;

	(void)state;
	world_init(&world, -1);
	extent = map_all(&world);
	assert_non_null(extent);
	assert_true(world.base.count.bytes >= 0x2b0f);
	assert_true(world.base.count.bytes < 0x2b0f + 1024);
	/* Own bytes are had as they are, up to what is lent and no further. */
	assert_non_null(kldsim__extent_own(extent, 0, 100));
	assert_null(kldsim__extent_own(extent, 0, 101));
	assert_null(kldsim__extent_own(extent, 100, 1));
	assert_non_null(kldsim__extent_own(extent, 0x1564, 0x2001 - 0x1564));
	assert_ptr_equal(kldsim__extent_own(extent, 0x1564, 1),
	    kldsim__extent_own(extent, 0, 1) + 100);
	assert_null(kldsim__extent_own(extent, 0x5100, 1));
	assert_non_null(kldsim__extent_own(extent, 0x5101, SIZE - 0x5101));
	assert_null(kldsim__extent_own(extent, 0x5101, SIZE - 0x5100));
	assert_null(kldsim__extent_own(extent, SIZE, 1));
	assert_null(kldsim__extent_own(extent, 0, 0));
	world_fini(&world);
}

/* Whichever request has no memory, nothing is left behind. */
static void
no_memory(void **state)
{
	static struct world world;
	bool failed = true;

	(void)state;
	for (long fail_at = 0; failed; fail_at++) {
		struct kldsim__extent *extent;
		enum kldsim__access access = KLDSIM__ACCESS_NOMEM;

		world_init(&world, fail_at);
		extent = map_all(&world);
		if (extent != NULL)
			access = kldsim__aspace_write(&world.space,
			    START + 0x1600 - 0x100, "x", 1);
		failed = world.base.count.failed != 0;
		if (!failed)
			assert_int_equal(access, KLDSIM__ACCESS_OK);
		world_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_as_an_array),
		cmocka_unit_test(writes_are_undone),
		cmocka_unit_test(clone_has_the_same_bytes),
		cmocka_unit_test(what_is_lent_takes_no_memory),
		cmocka_unit_test(no_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
