/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every change of the address space can be undone, also when the host has no
 * memory in the middle of it; and a long random life of one agrees with a
 * plain array of bytes.
 */

#include "support_base.h"
#include "support_extents.h"
#include "mem/aspace.h"

#define WINDOW 0x18000u /* the addresses that the tests use */
#define BASE 0xffffffff80000000u
#define MAX_EXTENTS 12u

struct world {
	struct support_base base;
	struct kldsim__aspace space;
};

static uint8_t image[0x5000];

/* The plain truth: what is mapped, and its bytes. */
struct model {
	uint8_t bytes[WINDOW];
	uint8_t owner[WINDOW]; /* 0: not mapped, else number of the extent */
	struct {
		unsigned start;
		unsigned size; /* 0: unused */
	} extents[MAX_EXTENTS + 1];
};

static void
world_init(struct world *world, long fail_at)
{
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 13 + i / 256 + 1);
	support_base_init(&world->base, fail_at);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
}

static void
world_fini(struct world *world)
{
	world->base.undo.snapshots = 0;
	kldsim__undo_commit(&world->base.undo);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
	for (size_t i = 0; i < sizeof(image); i++)
		assert_int_equal(image[i], (uint8_t)(i * 13 + i / 256 + 1));
}

/* Compare all of the window with what is told of it. */
static void
check_model(const struct kldsim__aspace *space, const struct model *model)
{
	static uint8_t got[WINDOW];
	unsigned extents = 0;

	for (unsigned i = 1; i <= MAX_EXTENTS; i++) {
		unsigned start = model->extents[i].start;
		unsigned size = model->extents[i].size;

		if (size == 0)
			continue;
		extents++;
		assert_true(kldsim__aspace_read(space, BASE + start, got,
		    size));
		assert_memory_equal(got, model->bytes + start, size);
		assert_true(kldsim__aspace_find(space, BASE + start)->start ==
		    BASE + start);
	}
	assert_int_equal(support_extents(&space->extents), extents);
	for (unsigned at = 0; at < WINDOW; at += 64)
		assert_int_equal(kldsim__aspace_mapped(space, BASE + at, 1),
		    model->owner[at] != 0);
}

static void
model_map(struct model *model, unsigned number, unsigned start, unsigned size,
    const uint8_t *bytes, unsigned nbytes)
{
	model->extents[number].start = start;
	model->extents[number].size = size;
	memset(model->owner + start, (int)number, size);
	memset(model->bytes + start, 0, size);
	if (nbytes != 0)
		memmove(model->bytes + start, bytes, nbytes);
}

static void
model_unmap(struct model *model, unsigned number)
{
	memset(model->owner + model->extents[number].start, 0,
	    model->extents[number].size);
	model->extents[number].size = 0;
}

/* --- one transaction of everything, undone and failing ------------------ */

/* Extents 1 (image, 3 pages and a bit), 2 (flat), 3 (zeros); some written. */
static void
prepare(struct world *world, struct model *model)
{
	struct kldsim__aspace *space = &world->space;

	memset(model, 0, sizeof(*model));
	(void)kldsim__undo_begin(&world->base.undo);
	model_map(model, 1, 0x100, 0x3400, image, 0x3234);
	assert_non_null(kldsim__aspace_map(space, BASE + 0x100, 0x3400, image,
	    0x3234));
	model_map(model, 2, 0x4000, 0x80, NULL, 0);
	assert_non_null(kldsim__aspace_map_flat(space, BASE + 0x4000, 0x80));
	model_map(model, 3, 0x4080, 0x4000, NULL, 0);
	assert_non_null(kldsim__aspace_map(space, BASE + 0x4080, 0x4000, NULL,
	    0));
	memcpy(model->bytes + 0x1ffe, "page", 4);
	memcpy(model->bytes + 0x4070, "over the border", 15);
	memcpy(model->bytes + 0x4078, "and on and on", 13);
	assert_int_equal(kldsim__aspace_write(space, BASE + 0x1ffe, "page", 4),
	    KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__aspace_write(space, BASE + 0x4070,
	    model->bytes + 0x4070, 21), KLDSIM__ACCESS_OK);
	kldsim__undo_commit(&world->base.undo);
	/* Both vectors of the log are there from now on. */
	(void)kldsim__undo_begin(&world->base.undo);
	assert_int_equal(kldsim__aspace_write(space, BASE + 0x1ffe, "page", 4),
	    KLDSIM__ACCESS_OK);
	kldsim__undo_commit(&world->base.undo);
}

/* Every operation there is; false as soon as one finds no memory. */
static bool
do_everything(struct kldsim__aspace *space)
{
	const kldsim_addr far = BASE + 0x10000;

	return (kldsim__aspace_write(space, BASE + 0x2f00, image, 0x300) ==
	    KLDSIM__ACCESS_OK && /* pages from the image */
	    kldsim__aspace_write(space, BASE + 0x1fff, "AGE", 3) ==
	    KLDSIM__ACCESS_OK && /* a page that is private already */
	    kldsim__aspace_write(space, BASE + 0x407e, "both", 4) ==
	    KLDSIM__ACCESS_OK && /* flat and paged */
	    kldsim__aspace_zero(space, BASE + 0x4000, 0x60) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__aspace_copy(space, BASE + 0x6000, BASE + 0x1f00, 0x1400) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__aspace_clone(space, far, 0x4000, BASE + 0x180, 0x2000) ==
	    KLDSIM__ACCESS_OK && /* shared but for one page */
	    kldsim__aspace_write(space, far + 0x10, "clone", 5) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__aspace_clone(space, far + 0x4000, 0x1000, BASE + 0x4040,
	    0x100) == KLDSIM__ACCESS_OK && /* copied */
	    kldsim__aspace_map_flat(space, BASE, 0x100) != NULL &&
	    kldsim__aspace_write(space, BASE + 0xf0, "front of the image", 18)
	    == KLDSIM__ACCESS_OK &&
	    kldsim__aspace_unmap(space, BASE + 0x100) &&
	    kldsim__aspace_unmap(space, BASE + 0x4000) &&
	    kldsim__aspace_unmap(space, far) && /* made and gone */
	    kldsim__aspace_map(space, BASE + 0x100, 0x2000, image, 0x1000) !=
	    NULL && /* where another one was */
	    kldsim__aspace_write(space, BASE + 0x300, "again", 5) ==
	    KLDSIM__ACCESS_OK);
}

static void
everything_is_undone(void **state)
{
	static struct model model;
	struct world world;
	size_t live;

	(void)state;
	world_init(&world, -1);
	prepare(&world, &model);
	live = world.base.count.live;
	for (int i = 0; i < 3; i++) {
		size_t mark = kldsim__undo_begin(&world.base.undo);

		assert_true(do_everything(&world.space));
		kldsim__undo_rollback(&world.base.undo, mark);
		check_model(&world.space, &model);
		/* Nothing is held for what was undone. */
		assert_int_equal(world.base.count.live, live);
	}
	(void)kldsim__undo_begin(&world.base.undo);
	assert_true(do_everything(&world.space));
	kldsim__undo_commit(&world.base.undo);
	assert_int_equal(support_extents(&world.space.extents), 4);
	world_fini(&world);
}

/* Under a snapshot: committed, and yet put back. */
static void
snapshot_is_restored(void **state)
{
	static struct model model;
	struct world world;
	size_t snapshot, live;

	(void)state;
	world_init(&world, -1);
	prepare(&world, &model);
	live = world.base.count.live;
	snapshot = kldsim__undo_begin(&world.base.undo);
	world.base.undo.snapshots++;
	(void)kldsim__undo_begin(&world.base.undo);
	assert_true(do_everything(&world.space));
	kldsim__undo_commit(&world.base.undo);
	(void)kldsim__undo_begin(&world.base.undo);
	assert_true(kldsim__aspace_unmap(&world.space, BASE + 0x100));
	assert_int_equal(kldsim__aspace_write(&world.space, BASE + 0x4100,
	    "more", 4), KLDSIM__ACCESS_OK);
	kldsim__undo_commit(&world.base.undo);
	kldsim__undo_rollback(&world.base.undo, snapshot);
	check_model(&world.space, &model);
	assert_int_equal(world.base.count.live, live);
	world_fini(&world);
}

static void
every_failure_is_undone(void **state)
{
	static struct model model;
	long n;

	(void)state;
	for (n = 0;; n++) {
		struct world world;
		size_t mark;
		bool ok;

		world_init(&world, -1);
		prepare(&world, &model);
		world.base.count.fail_at = world.base.count.calls + n;
		mark = kldsim__undo_begin(&world.base.undo);
		ok = do_everything(&world.space);
		assert_int_equal(ok, world.base.count.failed == 0);
		kldsim__undo_rollback(&world.base.undo, mark);
		check_model(&world.space, &model);
		/* And it can still be done. */
		assert_true(ok || do_everything(&world.space));
		world_fini(&world);
		if (ok)
			break;
	}
	assert_true(n > 20);
}

/* --- a random life ------------------------------------------------------- */

static struct model now;     /* as it should be */
static struct model before;  /* when the transaction began */
static struct model saved;   /* when the snapshot was taken */

static unsigned
free_number(void)
{
	for (unsigned i = 1; i <= MAX_EXTENTS; i++)
		if (now.extents[i].size == 0)
			return (i);
	return (0);
}

static unsigned
pick_extent(uint64_t *seed)
{
	unsigned i = (unsigned)support_below(seed, MAX_EXTENTS) + 1;

	return (now.extents[i].size != 0 ? i : 0);
}

static bool
all_owned(unsigned start, unsigned size, bool mapped)
{
	for (unsigned at = start; at < start + size; at++)
		if ((now.owner[at] != 0) != mapped)
			return (false);
	return (true);
}

static void
random_map(struct kldsim__aspace *space, uint64_t *seed)
{
	unsigned size = (unsigned)support_below(seed, 0x3000) + 1;
	unsigned start = (unsigned)support_below(seed, WINDOW - size);
	unsigned number = free_number();
	unsigned offset = (unsigned)support_below(seed, 0x1000);
	unsigned bytes = (unsigned)support_below(seed, size + 1);

	assert_int_equal(kldsim__aspace_overlaps(space, BASE + start, size),
	    !all_owned(start, size, false));
	if (number == 0 || !all_owned(start, size, false))
		return;
	switch (support_below(seed, 3)) {
	case 0:
		model_map(&now, number, start, size, image + offset, bytes);
		assert_non_null(kldsim__aspace_map(space, BASE + start, size,
		    image + offset, bytes));
		break;
	case 1:
		model_map(&now, number, start, size, NULL, 0);
		assert_non_null(kldsim__aspace_map(space, BASE + start, size,
		    NULL, bytes));
		break;
	default:
		model_map(&now, number, start, size, NULL, 0);
		assert_non_null(kldsim__aspace_map_flat(space, BASE + start,
		    size));
	}
}

static void
random_clone(struct kldsim__aspace *space, uint64_t *seed)
{
	unsigned size = (unsigned)support_below(seed, 0x2800) + 1;
	unsigned start = (unsigned)support_below(seed, WINDOW - size);
	unsigned bytes = (unsigned)support_below(seed, size) + 1;
	unsigned from = (unsigned)support_below(seed, WINDOW - bytes);
	unsigned number = free_number();
	unsigned source = pick_extent(seed);

	if (source != 0 && support_below(seed, 2) == 0)
		from = now.extents[source].start;
	if (number == 0 || from + bytes > WINDOW ||
	    !all_owned(start, size, false) || !all_owned(from, bytes, true))
		return;
	model_map(&now, number, start, size, now.bytes + from, bytes);
	assert_int_equal(kldsim__aspace_clone(space, BASE + start, size,
	    BASE + from, bytes), KLDSIM__ACCESS_OK);
}

static void
random_unmap(struct kldsim__aspace *space, uint64_t *seed)
{
	unsigned number = pick_extent(seed);

	if (number == 0)
		return;
	assert_true(kldsim__aspace_unmap(space,
	    BASE + now.extents[number].start));
	model_unmap(&now, number);
}

static void
random_store(struct kldsim__aspace *space, uint64_t *seed)
{
	uint8_t bytes[0x900];
	unsigned size = (unsigned)support_below(seed, sizeof(bytes)) + 1;
	unsigned start = (unsigned)support_below(seed, WINDOW - size);
	bool zero = support_below(seed, 4) == 0;
	enum kldsim__access want = KLDSIM__ACCESS_OK;

	memset(bytes, (int)support_below(seed, 256), sizeof(bytes));
	if (zero)
		memset(bytes, 0, sizeof(bytes));
	if (all_owned(start, size, true))
		memcpy(now.bytes + start, bytes, size);
	else
		want = KLDSIM__ACCESS_FAULT;
	assert_int_equal(zero ? kldsim__aspace_zero(space, BASE + start, size) :
	    kldsim__aspace_write(space, BASE + start, bytes, size), want);
	assert_int_equal(kldsim__aspace_read(space, BASE + start, bytes, size),
	    want == KLDSIM__ACCESS_OK);
}

static void
random_copy(struct kldsim__aspace *space, uint64_t *seed)
{
	unsigned size = (unsigned)support_below(seed, 0x1800) + 1;
	unsigned from = (unsigned)support_below(seed, WINDOW - size);
	unsigned to = (unsigned)support_below(seed, WINDOW - size);
	enum kldsim__access want = KLDSIM__ACCESS_OK;

	if (from < to + size && to < from + size)
		return;
	if (all_owned(from, size, true) && all_owned(to, size, true))
		memcpy(now.bytes + to, now.bytes + from, size);
	else
		want = KLDSIM__ACCESS_FAULT;
	assert_int_equal(kldsim__aspace_copy(space, BASE + to, BASE + from,
	    size), want);
}

static void
random_operation(struct kldsim__aspace *space, uint64_t *seed)
{
	switch (support_below(seed, 12)) {
	case 0: case 1:
		random_map(space, seed);
		break;
	case 2:
		random_clone(space, seed);
		break;
	case 3:
		random_unmap(space, seed);
		break;
	case 4: case 5:
		random_copy(space, seed);
		break;
	default:
		random_store(space, seed);
	}
}

/* Transactions of up to 12 operations; every third is rolled back. */
static void
random_life_agrees_with_bytes(void **state)
{
	struct world world;
	struct kldsim__undo *undo = &world.base.undo;
	uint64_t seed = 0x9e3779b97f4a7c15;
	size_t snapshot = 0;

	(void)state;
	world_init(&world, -1);
	memset(&now, 0, sizeof(now));
	for (int i = 0; i < 600; i++) {
		size_t mark = kldsim__undo_begin(undo);

		memcpy(&before, &now, sizeof(now));
		for (size_t n = support_below(&seed, 12); n > 0; n--)
			random_operation(&world.space, &seed);
		if (support_below(&seed, 3) == 0) {
			kldsim__undo_rollback(undo, mark);
			memcpy(&now, &before, sizeof(now));
		} else {
			kldsim__undo_commit(undo);
		}
		check_model(&world.space, &now);
		if (i % 50 == 20) {
			snapshot = kldsim__undo_begin(undo);
			undo->snapshots = 1;
			memcpy(&saved, &now, sizeof(now));
		} else if (i % 50 == 40) {
			kldsim__undo_rollback(undo, snapshot);
			undo->snapshots = 0;
			memcpy(&now, &saved, sizeof(now));
			check_model(&world.space, &now);
		}
	}
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_undone),
		cmocka_unit_test(snapshot_is_restored),
		cmocka_unit_test(every_failure_is_undone),
		cmocka_unit_test(random_life_agrees_with_bytes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
