/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference copy and its instances: for CPUs, A-30, A-32 and
 * A-33 for vnets.
 *
 * The numbers: the set is [ffffffff81000010, ffffffff81001013), 0x1003 bytes,
 * so an area is 2 pages.  Areas come from a heap at fffffe0000000000:
 * the first there, the second 0x2000 higher, and so on.  The base of the first
 * is fffffe0000000000 - ffffffff81000010 = fffffe007efffff0.
 */

#include "support_base.h"
#include "support_extents.h"
#include "mem/set.h"

#define START UINT64_C(0xffffffff81000010)
#define BYTES 0x1003u
#define HEAP UINT64_C(0xfffffe0000000000)
#define AREA 0x2000u

struct world {
	struct support_base base;
	struct kldsim__aspace space;
	struct kldsim__set set;
};

static uint8_t image[0x1100];

/* A kernel's data segment, from 0x10 before the set to beyond it. */
static void
world_init(struct world *world)
{
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i + i / 256);
	support_base_init(&world->base, -1);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
	kldsim__set_init(&world->set, &world->space, 8);
	(void)kldsim__undo_begin(&world->base.undo);
	assert_non_null(kldsim__aspace_map(&world->space, START - 0x10,
	    0x3000, image, sizeof(image)));
	world->set.present = true;
	world->set.start = START;
	world->set.stop = START + BYTES;
	world->set.heap = HEAP;
	world->set.heap_end = HEAP + 5 * AREA;
	world->set.page_size = 4096;
}

static void
world_fini(struct world *world)
{
	kldsim__undo_commit(&world->base.undo);
	kldsim__set_fini(&world->set);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
}

static int
setup(void **state)
{
	static struct world world;

	world_init(&world);
	*state = &world;
	return (0);
}

static int
teardown(void **state)
{
	world_fini(*state);
	return (0);
}

static void
add(struct world *world, bool at_head, unsigned id, kldsim_addr area)
{
	struct kldsim_instance instance;

	assert_int_equal(kldsim__set_add_instance(&world->set, at_head,
	    &instance), KLDSIM__ACCESS_OK);
	assert_int_equal(instance.id, id);
	assert_true(instance.area == area);
}

static void
write_reference(struct world *world, unsigned offset, const char *text)
{
	assert_int_equal(kldsim__aspace_write(&world->space, START + offset,
	    text, strlen(text)), KLDSIM__ACCESS_OK);
}

/* The area is the image's bytes, but for `text` at `offset`. */
static void
check_area(const struct world *world, kldsim_addr area, unsigned offset,
    const char *text)
{
	uint8_t bytes[BYTES];
	size_t length = strlen(text);

	assert_true(kldsim__aspace_read(&world->space, area, bytes, BYTES));
	for (size_t i = 0; i < BYTES; i++) {
		uint8_t want = i >= offset && i < offset + length ?
		    (uint8_t)text[i - offset] : image[0x10 + i];

		assert_int_equal(bytes[i], want);
	}
}

static void
check_order(const struct world *world, size_t count, unsigned a, unsigned b,
    unsigned c)
{
	const unsigned ids[] = { a, b, c };

	assert_int_equal(world->set.ninstances, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(world->set.instances[i].id, ids[i]);
}

/* one area of 2 pages for each CPU, in ascending order. */
static void
cpus_get_the_reference_copy(void **state)
{
	struct world *world = *state;

	add(world, false, 0, HEAP);
	add(world, false, 1, HEAP + 0x2000);
	check_order(world, 2, 0, 1, 0);
	assert_true(world->set.instances[0].base == 0xfffffe007efffff0);
	assert_true(world->set.instances[1].base == 0xfffffe007f001ff0);
	check_area(world, HEAP, 0, "");
	check_area(world, HEAP + 0x2000, 0, "");
	assert_true(kldsim__aspace_mapped(&world->space, HEAP, 0x4000));
	assert_false(kldsim__aspace_mapped(&world->space, HEAP + 0x4000, 1));
}

/* variable v on CPU c is at dpcpu_off[c] + v; A-24: its own bytes. */
static void
variables_are_found_by_their_base(void **state)
{
	struct world *world = *state;
	const kldsim_addr v = START + 0x20; /* 0xffffffff81000030 */
	const struct kldsim_instance *cpu;
	uint8_t byte = 0x99;

	add(world, false, 0, HEAP);
	add(world, false, 1, HEAP + 0x2000);
	cpu = kldsim__set_find_instance(&world->set, 1);
	assert_true(v + cpu->base == 0xfffffe0000002020);
	assert_int_equal(kldsim__aspace_write(&world->space, v + cpu->base,
	    &byte, 1), KLDSIM__ACCESS_OK);
	check_area(world, HEAP, 0, "");
	check_area(world, HEAP + 0x2000, 0x20, "\x99");
	assert_true(kldsim__aspace_read(&world->space, v, &byte, 1));
	assert_int_equal(byte, image[0x30]);
	assert_null(kldsim__set_find_instance(&world->set, 2));
}

/* only the piece asked for, and to everybody. */
static void
copy_goes_to_all_instances(void **state)
{
	struct world *world = *state;

	add(world, false, 0, HEAP);
	add(world, false, 1, HEAP + 0x2000);
	add(world, false, 2, HEAP + 0x4000);
	write_reference(world, 0xffe, "abcdef"); /* to 0x1004, one too far */
	check_area(world, HEAP + 0x2000, 0, "");
	assert_int_equal(kldsim__set_copy(&world->set, START + 0xfff, 3),
	    KLDSIM__ACCESS_OK);
	for (unsigned i = 0; i < 3; i++)
		check_area(world, HEAP + i * AREA, 0xfff, "bcd");
	assert_int_equal(kldsim__set_copy(&world->set, START, 0),
	    KLDSIM__ACCESS_OK);
	assert_int_equal(kldsim__set_copy(&world->set, START + 0x8000, 1),
	    KLDSIM__ACCESS_FAULT);
}

/* who comes later gets the reference copy as it is then. */
static void
later_instances_get_later_values(void **state)
{
	struct world *world = *state;

	add(world, true, 0, HEAP);
	write_reference(world, 0x100, "relocated");
	add(world, true, 1, HEAP + 0x2000);
	write_reference(world, 0x100, "again");
	check_area(world, HEAP, 0, "");
	check_area(world, HEAP + 0x2000, 0x100, "relocated");
}

/* inserted at the head, so the newest comes first. */
static void
vnets_are_listed_newest_first(void **state)
{
	struct world *world = *state;

	add(world, true, 0, HEAP);
	add(world, true, 1, HEAP + 0x2000);
	add(world, true, 2, HEAP + 0x4000);
	check_order(world, 3, 2, 1, 0);
	assert_true(world->set.instances[0].area == HEAP + 0x4000);
}

/* out of the list, its area is free, its number is not used again. */
static void
removed_vnets_are_gone(void **state)
{
	struct world *world = *state;

	add(world, true, 0, HEAP);
	add(world, true, 1, HEAP + 0x2000);
	add(world, true, 2, HEAP + 0x4000);
	assert_int_equal(kldsim__set_remove_instance(&world->set, 1),
	    KLDSIM__ACCESS_OK);
	check_order(world, 2, 2, 0, 0);
	assert_false(kldsim__aspace_mapped(&world->space, HEAP + 0x2000, 1));
	assert_int_equal(kldsim__set_remove_instance(&world->set, 1),
	    KLDSIM__ACCESS_FAULT);
	write_reference(world, 0x10, "new");
	assert_int_equal(kldsim__set_copy(&world->set, START + 0x10, 3),
	    KLDSIM__ACCESS_OK);
	add(world, true, 3, HEAP + 0x2000);
	check_order(world, 3, 3, 2, 0);
	check_area(world, HEAP + 0x2000, 0x10, "new");
	add(world, true, 4, HEAP + 0x6000);
	for (unsigned id = 0; id < 5; id++)
		assert_int_equal(kldsim__set_remove_instance(&world->set, id),
		    id == 1 ? KLDSIM__ACCESS_FAULT : KLDSIM__ACCESS_OK);
	check_order(world, 0, 0, 0, 0);
	assert_int_equal(kldsim__set_remove_instance(&world->set, 0),
	    KLDSIM__ACCESS_FAULT);
	assert_int_equal(support_extents(&world->space.extents), 1);
}

static void
holds_the_reference_copy_only(void **state)
{
	struct world *world = *state;

	assert_false(kldsim__set_holds(&world->set, START - 1));
	assert_true(kldsim__set_holds(&world->set, START));
	assert_true(kldsim__set_holds(&world->set, START + BYTES - 1));
	assert_false(kldsim__set_holds(&world->set, START + BYTES));
	assert_false(kldsim__set_holds(&world->set, HEAP));
	world->set.present = false; /* no VIMAGE */
	assert_false(kldsim__set_holds(&world->set, START));
}

/* An empty set still gives everybody an area of a page. */
static void
empty_sets_have_areas(void **state)
{
	struct world *world = *state;

	world->set.stop = START;
	add(world, false, 0, HEAP);
	add(world, false, 1, HEAP + 0x1000);
	assert_false(kldsim__set_holds(&world->set, START));
}

static void
full_heap_gives_no_area(void **state)
{
	struct world *world = *state;
	struct kldsim_instance instance;

	for (unsigned i = 0; i < 5; i++)
		add(world, false, i, HEAP + i * AREA);
	assert_int_equal(kldsim__set_add_instance(&world->set, false,
	    &instance), KLDSIM__ACCESS_FAULT);
	assert_int_equal(world->set.ninstances, 5);
	assert_int_equal(world->set.next_id, 5);
}

/* Three vnets are there; one goes, two come, all is written and copied. */
static bool
work(struct world *world)
{
	struct kldsim_instance instance;

	return (kldsim__set_remove_instance(&world->set, 1) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__set_add_instance(&world->set, true, &instance) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__set_add_instance(&world->set, false, &instance) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__aspace_write(&world->space, START + 0x800, "written", 7) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__set_copy(&world->set, START + 0x800, 7) ==
	    KLDSIM__ACCESS_OK &&
	    kldsim__set_remove_instance(&world->set, 0) ==
	    KLDSIM__ACCESS_OK);
}

/* Do the work with request `fail_at` refused, and undo it in any case. */
static bool
work_is_undone(long fail_at)
{
	struct world world;
	size_t mark;
	bool ok;

	world_init(&world);
	for (unsigned i = 0; i < 3; i++)
		add(&world, true, i, HEAP + i * AREA);
	kldsim__undo_commit(&world.base.undo);
	mark = kldsim__undo_begin(&world.base.undo);
	world.base.count.fail_at = world.base.count.calls + fail_at;
	ok = work(&world);
	assert_int_equal(ok, world.base.count.failed == 0);
	kldsim__undo_rollback(&world.base.undo, mark);
	check_order(&world, 3, 2, 1, 0);
	assert_int_equal(world.set.next_id, 3);
	assert_int_equal(support_extents(&world.space.extents), 4);
	for (unsigned i = 0; i < 3; i++)
		check_area(&world, HEAP + i * AREA, 0, "");
	world_fini(&world);
	return (ok);
}

static void
every_failure_is_undone(void **state)
{
	long n = 0;

	(void)state;
	while (!work_is_undone(n))
		n++;
	assert_true(n > 10);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(cpus_get_the_reference_copy),
		T(variables_are_found_by_their_base),
		T(copy_goes_to_all_instances),
		T(later_instances_get_later_values),
		T(vnets_are_listed_newest_first),
		T(removed_vnets_are_gone),
		T(holds_the_reference_copy_only),
		T(empty_sets_have_areas),
		T(full_heap_gives_no_area),
		cmocka_unit_test(every_failure_is_undone),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
