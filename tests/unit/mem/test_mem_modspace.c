/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modspace, the vectors T-04 to T-06, and the
 * kernel's own mistake A-12 (Z-80).
 */

#include "support_base.h"
#include "mem/modspace.h"

#define M UINT64_C(0xffffffff81001040) /* &pcpu_entry_modspace */

struct world {
	struct support_base base;
	struct kldsim__modspace space;
};

static void
world_init(struct world *world, unsigned ptrsz, kldsim_addr start, int len)
{
	support_base_init(&world->base, -1);
	(void)kldsim__undo_begin(&world->base.undo);
	kldsim__modspace_init(&world->space, &world->base.undo, ptrsz);
	if (len != 0)
		assert_int_equal(kldsim__modspace_start(&world->space, start,
		    len), KLDSIM__MODSPACE_OK);
}

static void
world_fini(struct world *world)
{
	kldsim__undo_commit(&world->base.undo);
	kldsim__modspace_fini(&world->space);
	support_base_fini(&world->base);
}

static void
alloc_ok(struct world *world, int size, kldsim_addr want)
{
	kldsim_addr start = 1;

	assert_int_equal(kldsim__modspace_alloc(&world->space, size, &start),
	    KLDSIM__MODSPACE_OK);
	assert_true(start == want);
}

static void
alloc_full(struct world *world, int size)
{
	kldsim_addr start;

	assert_int_equal(kldsim__modspace_alloc(&world->space, size, &start),
	    KLDSIM__MODSPACE_FULL);
}

static void
free_ok(struct world *world, kldsim_addr start, int size)
{
	assert_int_equal(kldsim__modspace_free(&world->space, start, size),
	    KLDSIM__MODSPACE_OK);
}

static void
check_one(const struct world *world, size_t at, kldsim_addr start, int len)
{
	assert_true(at < world->space.nextents);
	assert_true(world->space.extents[at].start == start);
	assert_int_equal(world->space.extents[at].len, len);
}

static void
check_list1(const struct world *world, kldsim_addr start, int len)
{
	assert_int_equal(world->space.nextents, 1);
	check_one(world, 0, start, len);
}

static void
check_list2(const struct world *world, kldsim_addr start, int len,
    kldsim_addr start2, int len2)
{
	assert_int_equal(world->space.nextents, 2);
	check_one(world, 0, start, len);
	check_one(world, 1, start2, len2);
}

/* one extent, all of modspace. */
static void
begins_as_one_extent(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, M, 0);
	assert_int_equal(world.space.nextents, 0);
	assert_int_equal(kldsim__modspace_left(&world.space), 0);
	alloc_full(&world, 0); /* NULL from an empty list */
	assert_int_equal(kldsim__modspace_start(&world.space, M, 2048),
	    KLDSIM__MODSPACE_OK);
	check_list1(&world, M, 2048);
	assert_int_equal(kldsim__modspace_left(&world.space), 2048);
	world_fini(&world);
}

/* T-04, region [0, 2048). */
static void
vector_t04(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, 0, 2048);
	alloc_ok(&world, 20, 0);
	alloc_ok(&world, 100, 24);
	free_ok(&world, 0, 20);
	check_list2(&world, 0, 24, 128, 1920);
	alloc_ok(&world, 16, 0);
	alloc_ok(&world, 24, 128);
	check_list2(&world, 16, 8, 152, 1896);
	assert_int_equal(kldsim__modspace_left(&world.space), 1904);
	world_fini(&world);
}

/* T-05: 50 rounds to 56, so the second part is 104 to 160. */
static void
vector_t05_merges(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, 0, 2048);
	alloc_ok(&world, 100, 0);
	alloc_ok(&world, 50, 104);
	alloc_ok(&world, 10, 160);
	free_ok(&world, 0, 100);
	free_ok(&world, 160, 10);
	check_list2(&world, 0, 104, 160, 1888);
	free_ok(&world, 104, 50);
	check_list1(&world, 0, 2048);
	world_fini(&world);
}

/* T-06, A-12, Z-80: the freed part follows the last free extent. */
static void
vector_t06_panics(void **state)
{
	struct world world;
	size_t mark;

	(void)state;
	world_init(&world, 8, 0, 2048);
	alloc_ok(&world, 8, 0);
	alloc_ok(&world, 2040, 8);
	assert_int_equal(world.space.nextents, 0);
	mark = kldsim__undo_begin(&world.base.undo);
	free_ok(&world, 0, 8);
	check_list1(&world, 0, 8);
	assert_int_equal(kldsim__modspace_free(&world.space, 8, 2040),
	    KLDSIM__MODSPACE_PANIC);
	kldsim__undo_rollback(&world.base.undo, mark);
	assert_int_equal(world.space.nextents, 0);
	/* The other way round all is well. */
	free_ok(&world, 8, 2040);
	check_list1(&world, 8, 2040);
	free_ok(&world, 0, 8);
	check_list1(&world, 0, 2048);
	world_fini(&world);
}

/* A-12 with a free extent below that does not touch: still the last one. */
static void
panics_behind_the_last_extent_only(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, M, 64);
	alloc_ok(&world, 16, M);
	alloc_ok(&world, 16, M + 16);
	alloc_ok(&world, 16, M + 32);
	alloc_ok(&world, 16, M + 48);
	free_ok(&world, M, 16);
	free_ok(&world, M + 32, 16);
	check_list2(&world, M, 16, M + 32, 16);
	/* Behind the first of two: merged with both. */
	free_ok(&world, M + 16, 16);
	check_list1(&world, M, 48);
	assert_int_equal(kldsim__modspace_free(&world.space, M + 48, 16),
	    KLDSIM__MODSPACE_PANIC);
	world_fini(&world);
}

/* sizes and places of the example. */
static void
example_a42(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, M, 2048);
	alloc_ok(&world, 20, M);
	alloc_ok(&world, 100, M + 24);
	free_ok(&world, M, 20);
	check_list2(&world, M, 24, M + 128, 1920);
	alloc_ok(&world, 16, M);
	check_list2(&world, M + 16, 8, M + 128, 1920);
	alloc_ok(&world, 24, M + 128);
	check_list2(&world, M + 16, 8, M + 152, 1896);
	world_fini(&world);
}

/* rounded to a pointer of the target, exact fits, and the end. */
static void
sizes_round_to_a_pointer(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 4, 0xc1000000, 40);
	alloc_ok(&world, 1, 0xc1000000);
	alloc_ok(&world, 5, 0xc1000004);
	alloc_ok(&world, 4, 0xc100000c);
	check_list1(&world, 0xc1000010, 24);
	alloc_full(&world, 25);
	alloc_ok(&world, 21, 0xc1000010); /* 24, all of it */
	assert_int_equal(world.space.nextents, 0);
	alloc_full(&world, 1);
	free_ok(&world, 0xc1000004, 5);
	check_list1(&world, 0xc1000004, 8);
	world_fini(&world);
	world_init(&world, 8, M, 40);
	alloc_full(&world, 41);
	alloc_ok(&world, 33, M);
	world_fini(&world);
}

/* alloc(0) takes nothing, unless an extent is as empty. */
static void
sizes_of_zero(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, M, 2048);
	alloc_ok(&world, 0, M);
	alloc_ok(&world, 0, M);
	check_list1(&world, M, 2048);
	alloc_ok(&world, 64, M);
	/* x == start of an extent: case 3, nothing changes. */
	free_ok(&world, M + 64, 0);
	check_list1(&world, M + 64, 1984);
	/* x elsewhere: an empty extent, before the greater one ... */
	free_ok(&world, M + 8, 0);
	check_list2(&world, M + 8, 0, M + 64, 1984);
	/* ... that the next alloc(0) takes, as it fits exactly. */
	alloc_ok(&world, 0, M + 8);
	check_list1(&world, M + 64, 1984);
	/* x == end of an extent: case 2, and it is the last. */
	assert_int_equal(kldsim__modspace_free(&world.space, M + 2048, 0),
	    KLDSIM__MODSPACE_PANIC);
	world_fini(&world);
}

/* a negative size satisfies every test and moves the start down. */
static void
sizes_below_zero(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, M, 2048);
	for (int size = -7; size < 0; size++)
		alloc_ok(&world, size, M); /* rounds to 0 */
	check_list1(&world, M, 2048);
	alloc_ok(&world, -9, M); /* rounds to -8 */
	check_list1(&world, M - 8, 2056);
	alloc_ok(&world, -16, M - 8);
	check_list1(&world, M - 24, 2072);
	world_fini(&world);
	world_init(&world, 4, 0x1000, 64);
	alloc_ok(&world, -3, 0x1000);
	alloc_ok(&world, -4, 0x1000);
	check_list1(&world, 0xffc, 68);
	world_fini(&world);
}

/* freeing twice is not noticed. */
static void
freeing_twice_is_not_noticed(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 8, 0, 64);
	alloc_ok(&world, 16, 0);
	alloc_ok(&world, 16, 16);
	free_ok(&world, 0, 16);
	check_list2(&world, 0, 16, 32, 32);
	/*
	 * Again: {0,16} has its end at 16, not at 0, and its start at 0, not
	 * at 16; {32,32} starts beyond 16, so the copy goes before it.
	 */
	free_ok(&world, 0, 16);
	assert_int_equal(world.space.nextents, 3);
	check_one(&world, 0, 0, 16);
	check_one(&world, 1, 0, 16);
	check_one(&world, 2, 32, 32);
	world_fini(&world);
}

static void
every_step_is_undone(void **state)
{
	struct world world;
	struct kldsim__undo *undo = &world.base.undo;
	size_t mark;

	(void)state;
	world_init(&world, 8, 0, 2048);
	alloc_ok(&world, 24, 0);
	kldsim__undo_commit(undo);
	mark = kldsim__undo_begin(undo);
	for (int i = 0; i < 100; i++)
		alloc_ok(&world, 8, (kldsim_addr)(24 + i * 8));
	/* Every second one: 50 extents, the last before the rest. */
	for (int i = 0; i < 100; i += 2)
		free_ok(&world, (kldsim_addr)(24 + i * 8), 8);
	assert_int_equal(world.space.nextents, 51);
	kldsim__undo_rollback(undo, mark);
	check_list1(&world, 24, 2024);
	assert_int_equal(kldsim__modspace_left(&world.space), 2024);
	world_fini(&world);
}

/* Ten allocations and their frees, request `fail_at` refused. */
static long
work_with_failure(long fail_at)
{
	struct world world;
	enum kldsim__modspace_status status = KLDSIM__MODSPACE_OK;
	kldsim_addr start;
	size_t mark;
	long failed;

	world_init(&world, 8, 0, 2048);
	kldsim__undo_commit(&world.base.undo);
	mark = kldsim__undo_begin(&world.base.undo);
	world.base.count.fail_at = world.base.count.calls + fail_at;
	for (int i = 0; i < 40 && status == KLDSIM__MODSPACE_OK; i++)
		status = kldsim__modspace_alloc(&world.space, 8, &start);
	for (int i = 0; i < 40 && status == KLDSIM__MODSPACE_OK; i += 2)
		status = kldsim__modspace_free(&world.space,
		    (kldsim_addr)i * 8, 8);
	failed = world.base.count.failed;
	assert_int_equal(status, failed != 0 ? KLDSIM__MODSPACE_NOMEM :
	    KLDSIM__MODSPACE_OK);
	kldsim__undo_rollback(&world.base.undo, mark);
	check_list1(&world, 0, 2048);
	world_fini(&world);
	return (failed);
}

static void
every_failure_is_undone(void **state)
{
	long n = 0;

	(void)state;
	while (work_with_failure(n) != 0)
		n++;
	assert_true(n >= 4); /* the log's two vectors, the list twice */
}

/* --- restated over a plain array --------------------------- */

struct extent {
	int64_t start;
	int64_t len;
};

struct model {
	struct extent list[400];
	int count;
};

static void
model_insert(struct model *model, int at, int64_t start, int64_t len)
{
	for (int i = model->count++; i > at; i--)
		model->list[i] = model->list[i - 1];
	model->list[at].start = start;
	model->list[at].len = len;
}

static void
model_delete(struct model *model, int at)
{
	model->count--;
	for (int i = at; i < model->count; i++)
		model->list[i] = model->list[i + 1];
}

/* The first that is long enough gives from its front; -1: none. */
static int64_t
model_alloc(struct model *model, int64_t size)
{
	for (int i = 0; i < model->count; i++) {
		int64_t start = model->list[i].start;

		if (model->list[i].len < size)
			continue;
		model->list[i].start += size;
		model->list[i].len -= size;
		if (model->list[i].len == 0)
			model_delete(model, i);
		return (start);
	}
	return (-1);
}

/* False: the kernel panics. */
static bool
model_free(struct model *model, int64_t start, int64_t size)
{
	int i;

	for (i = 0; i < model->count; i++) {
		struct extent *df = &model->list[i];

		if (df->start > start + size)
			break;
		if (df->start + df->len == start) {
			if (i == model->count - 1)
				return (false);
			df->len += size;
			if (df->start + df->len == df[1].start) {
				df->len += df[1].len;
				model_delete(model, i + 1);
			}
			return (true);
		}
		if (df->start == start + size) {
			df->start = start;
			df->len += size;
			return (true);
		}
	}
	model_insert(model, i, start, size);
	return (true);
}

static void
check_model(const struct world *world, const struct model *model)
{
	int64_t left = 0;

	assert_int_equal(world->space.nextents, model->count);
	for (int i = 0; i < model->count; i++) {
		check_one(world, (size_t)i, M + (kldsim_addr)
		    model->list[i].start, (int)model->list[i].len);
		left += model->list[i].len;
	}
	assert_int_equal(kldsim__modspace_left(&world->space), left);
}

struct part {
	int64_t start;
	int size;
};

/* One allocation or free on both sides; true: it panicked on both. */
static bool
random_step(struct world *world, struct model *model, struct part *parts,
    int *nparts, uint64_t *seed)
{
	int64_t mask = world->space.unit - 1, start;
	int size = (int)support_below(seed, 120) + 1, at;

	if (*nparts != 0 && support_below(seed, 100) < 48) {
		at = (int)support_below(seed, (size_t)*nparts);
		start = parts[at].start;
		size = parts[at].size;
		parts[at] = parts[--*nparts];
		if (!model_free(model, start, (size + mask) & ~mask)) {
			assert_int_equal(kldsim__modspace_free(&world->space,
			    M + (kldsim_addr)start, size),
			    KLDSIM__MODSPACE_PANIC);
			return (true);
		}
		free_ok(world, M + (kldsim_addr)start, size);
		return (false);
	}
	start = model_alloc(model, (size + mask) & ~mask);
	if (start < 0) {
		alloc_full(world, size);
		return (false);
	}
	alloc_ok(world, size, M + (kldsim_addr)start);
	parts[*nparts].start = start;
	parts[(*nparts)++].size = size;
	return (false);
}

/* The same life from the start, until it panics or 400 steps are done. */
static bool
random_life(unsigned ptrsz, uint64_t *seed)
{
	struct part parts[400];
	struct model model = { { { 0, 2048 } }, 1 };
	struct world world;
	int nparts = 0;
	bool panicked = false;

	world_init(&world, ptrsz, M, 2048);
	for (int i = 0; i < 400 && !panicked; i++) {
		panicked = random_step(&world, &model, parts, &nparts, seed);
		if (!panicked)
			check_model(&world, &model);
	}
	world_fini(&world);
	return (panicked);
}

static void
random_lives_agree(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1d;
	int panics = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		panics += random_life(i % 2 != 0 ? 8 : 4, &seed);
	/* Both ends are met often: it is full early, so A-12 is near. */
	assert_true(panics > 20 && panics < 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_as_one_extent),
		cmocka_unit_test(vector_t04),
		cmocka_unit_test(vector_t05_merges),
		cmocka_unit_test(vector_t06_panics),
		cmocka_unit_test(panics_behind_the_last_extent_only),
		cmocka_unit_test(example_a42),
		cmocka_unit_test(sizes_round_to_a_pointer),
		cmocka_unit_test(sizes_of_zero),
		cmocka_unit_test(sizes_below_zero),
		cmocka_unit_test(freeing_twice_is_not_noticed),
		cmocka_unit_test(every_step_is_undone),
		cmocka_unit_test(every_failure_is_undone),
		cmocka_unit_test(random_lives_agree),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
