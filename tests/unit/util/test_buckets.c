/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index over a list that the kernel walks: beside that list, through
 * growth, removals and restores, it gives the same first entry of a name.
 */

#include "support_base.h"
#include "util/buckets.h"

#include <stdio.h>
#include <stdlib.h>

#define ENTRIES 3000u
#define NAMES 400u /* so that several entries have one name */

struct entry {
	struct kldsim__bucketed by_name;
	char name[8];
};

struct world {
	struct support_base base;
	struct kldsim__buckets buckets;
	struct entry all[ENTRIES];
	unsigned list[ENTRIES]; /* the walked list: numbers of entries */
	unsigned count;
};

static struct world world;

static int
setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	support_base_init(&world.base, -1);
	kldsim__buckets_init(&world.buckets, &world.base.undo);
	for (unsigned i = 0; i < ENTRIES; i++)
		(void)snprintf(world.all[i].name, sizeof(world.all[i].name),
		    "n%u", i * 7 % NAMES);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	world.base.undo.snapshots = 0;
	kldsim__undo_commit(&world.base.undo);
	kldsim__buckets_fini(&world.buckets);
	support_base_fini(&world.base);
	return (0);
}

static uint32_t
hash_of(const char *name)
{
	return (kldsim__hash_name(&world.buckets, name, strlen(name)));
}

static void
insert(unsigned i)
{
	assert_true(kldsim__buckets_insert(&world.buckets,
	    &world.all[i].by_name, hash_of(world.all[i].name)));
	world.list[world.count++] = i;
}

static void
remove_at(unsigned at)
{
	assert_true(kldsim__buckets_remove(&world.buckets,
	    &world.all[world.list[at]].by_name));
	world.count--;
	memmove(&world.list[at], &world.list[at + 1],
	    (world.count - at) * sizeof(world.list[0]));
}

/* All entries of each name, in the order of the walk. */
static void
check(void)
{
	for (unsigned n = 0; n < NAMES; n++) {
		const struct kldsim__bucketed *entry;
		char name[8];

		(void)snprintf(name, sizeof(name), "n%u", n);
		entry = kldsim__buckets_first(&world.buckets, hash_of(name));
		for (unsigned at = 0; at < world.count; at++) {
			if (strcmp(world.all[world.list[at]].name, name) != 0)
				continue;
			assert_ptr_equal(entry,
			    &world.all[world.list[at]].by_name);
			entry = kldsim__buckets_next(entry);
		}
		assert_null(entry);
	}
	assert_int_equal(world.buckets.used, world.count);
}

static void
it_agrees_with_a_walk_while_it_grows(void **state)
{
	(void)state;
	check();
	for (unsigned i = 0; i < ENTRIES; i++) {
		insert(i);
		if (i % 3 == 2)
			remove_at(i % world.count);
		kldsim__undo_commit(&world.base.undo);
	}
	check();
	/* An entry for each head at most, or chains would be lists again. */
	assert_true(world.buckets.nheads >= world.count);
	while (world.count != 0)
		remove_at(world.count / 2);
	check();
}

/*
 * What is undone comes back where it was, though the table is larger now than
 * the one from which it went.
 */
static void
a_restore_brings_order_back(void **state)
{
	static unsigned before[ENTRIES];
	unsigned count;
	size_t mark, heads;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		insert(i);
	kldsim__undo_commit(&world.base.undo);
	memcpy(before, world.list, sizeof(before));
	count = world.count;
	heads = world.buckets.nheads;

	world.base.undo.snapshots = 1;
	mark = kldsim__undo_begin(&world.base.undo);
	for (unsigned i = 0; i < 50; i++)
		remove_at(i);
	for (unsigned i = 100; i < ENTRIES; i++)
		insert(i);
	for (unsigned i = 0; i < 1000; i++)
		remove_at(world.count / 3);
	check();
	assert_true(world.buckets.nheads > heads);
	kldsim__undo_commit(&world.base.undo);

	kldsim__undo_rollback(&world.base.undo, mark);
	memcpy(world.list, before, sizeof(before));
	world.count = count;
	check();
}

/* Refused at each allocation in turn, nothing of it is in the table. */
static void
without_memory_nothing_changes(void **state)
{
	(void)state;
	for (long fail = 0;; fail++) {
		struct support_base base;
		struct kldsim__buckets buckets;
		struct entry entry = { .name = "n" };
		bool done;

		support_base_init(&base, fail);
		kldsim__buckets_init(&buckets, &base.undo);
		done = kldsim__buckets_insert(&buckets, &entry.by_name, 5);
		assert_ptr_equal(kldsim__buckets_first(&buckets, 5),
		    done ? &entry.by_name : NULL);
		kldsim__undo_commit(&base.undo);
		kldsim__buckets_fini(&buckets);
		support_base_fini(&base);
		if (done)
			break;
		assert_true(fail < 10);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(it_agrees_with_a_walk_while_it_grows),
		T(a_restore_brings_order_back),
		cmocka_unit_test(without_memory_nothing_changes),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
