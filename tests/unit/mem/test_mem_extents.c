/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The treap of extents, beside a plain array: order, gaps, the widest gap of
 * each subtree, searches; and its depth, however extents come.
 */

#include "support_base.h"
#include "support_extents.h"
#include "mem/extents.h"

#include <stdlib.h>

#define PLACES 200u /* where an extent may be */
#define ROOM 16u    /* bytes for each */

struct plain {
	struct kldsim__extent all[PLACES];
	bool there[PLACES];
};

static struct plain plain;
static struct kldsim__extents extents;

/* --- the plain truth --- */

static kldsim_size
gap_below(size_t number)
{
	for (size_t i = number; i-- > 0;)
		if (plain.there[i])
			return (plain.all[number].start -
			    plain.all[i].start - plain.all[i].size);
	return (plain.all[number].start);
}

static size_t
number_of(const struct kldsim__extent *extent)
{
	return ((size_t)(extent - plain.all));
}

/* --- the tree --- */

/* Order, links and widest gaps; returns how many there are. */
static size_t
check_tree(const struct kldsim__extent *tree, kldsim_size *widest_ret)
{
	kldsim_size widest = tree->gap, other;
	size_t count = 1;

	for (unsigned side = 0; side < 2; side++) {
		const struct kldsim__extent *child = tree->child[side];

		if (child == NULL)
			continue;
		assert_ptr_equal(child->parent, tree);
		assert_true(side == 0 ? child->start < tree->start :
		    child->start > tree->start);
		assert_true(child->priority <= tree->priority);
		count += check_tree(child, &other);
		widest = other > widest ? other : widest;
	}
	assert_int_equal(tree->widest, widest);
	*widest_ret = widest;
	return (count);
}

static void
check_searches(kldsim_addr address, kldsim_size size)
{
	struct kldsim__extent *want = NULL;
	size_t i;

	for (i = 0; i < PLACES && want == NULL; i++)
		if (plain.there[i] &&
		    plain.all[i].start + plain.all[i].size > address)
			want = &plain.all[i];
	assert_ptr_equal(kldsim__extents_search(&extents, address), want);
	if (want == NULL)
		return;
	for (i = number_of(want) + 1; i < PLACES; i++)
		if (plain.there[i] && gap_below(i) >= size)
			break;
	assert_ptr_equal(kldsim__extents_next_gap(want, size),
	    i < PLACES ? &plain.all[i] : NULL);
}

static void
check(void)
{
	struct kldsim__extent *last = NULL;
	size_t count = 0;
	kldsim_size widest;

	for (size_t i = 0; i < PLACES; i++) {
		if (!plain.there[i])
			continue;
		last = &plain.all[i];
		count++;
		assert_int_equal(plain.all[i].gap, gap_below(i));
	}
	assert_int_equal(support_extents(&extents), count);
	assert_ptr_equal(kldsim__extents_last(&extents), last);
	if (extents.root == NULL) {
		assert_int_equal(count, 0);
		return;
	}
	assert_null(extents.root->parent);
	assert_int_equal(check_tree(extents.root, &widest), count);
}

static void
flip(size_t number)
{
	struct kldsim__extent *extent = &plain.all[number];

	if (plain.there[number]) {
		kldsim__extents_remove(&extents, extent);
	} else {
		/* Half of them touch the next place. */
		extent->size = number % 2 ? ROOM : 1 + (unsigned)rand() % ROOM;
		extent->start = 0x1000 + (number + 1) * ROOM - extent->size;
		kldsim__extents_insert(&extents, extent);
	}
	plain.there[number] = !plain.there[number];
}

static void
a_random_life_agrees_with_an_array(void **state)
{
	(void)state;
	srand(7);
	kldsim__extents_init(&extents);
	memset(&plain, 0, sizeof(plain));
	for (unsigned round = 0; round < 4000; round++) {
		flip((unsigned)rand() % PLACES);
		check();
		check_searches(0x1000 + (unsigned)rand() % (PLACES * ROOM),
		    (unsigned)rand() % (4 * ROOM));
	}
	/* All out again, from the middle outwards. */
	for (size_t i = 0; i < PLACES; i++)
		if (plain.there[(i + PLACES / 2) % PLACES])
			flip((i + PLACES / 2) % PLACES);
	check();
	assert_int_equal(support_extents(&extents), 0);
	assert_null(kldsim__extents_search(&extents, 0));
}

static size_t
depth_of(const struct kldsim__extent *tree)
{
	size_t below, above;

	if (tree == NULL)
		return (0);
	below = depth_of(tree->child[0]);
	above = depth_of(tree->child[1]);
	return (1 + (below > above ? below : above));
}

/*
 * In ascending order a tree without balance is a list.  The depth of a random
 * one of n is below 4.32 ln n as n grows: 49.7 for 100,000; twice that is
 * beyond all chance.  Start times seed, folded once, made it 115 to 131 deep
 * with these seeds.
 */
static void
ascending_extents_make_no_list(void **state)
{
	static const uint64_t seeds[] = {
		0x97bcd714b71ff9f7u, 0xe21e8b802169699u, 0xb7a2b7195cd553fu,
		0xdb9c18ddeecff926u };
	const size_t n = 100000;
	struct kldsim__extent *many = calloc(n, sizeof(*many));

	(void)state;
	assert_non_null(many);
	for (size_t s = 0; s < COUNT(seeds); s++) {
		kldsim__extents_init(&extents);
		extents.seed = seeds[s];
		for (size_t i = 0; i < n; i++) {
			many[i].start = 0x1000 * (i + 1);
			many[i].size = 0x1000;
			kldsim__extents_insert(&extents, &many[i]);
		}
		assert_true(depth_of(extents.root) < 100);
	}
	free(many);
}

static void
count_one(void *owner, void *extent)
{
	size_t *count = owner;

	assert_true(plain.there[number_of(extent)]);
	plain.there[number_of(extent)] = false;
	++*count;
}

static void
each_is_freed_once(void **state)
{
	size_t count = 0;

	(void)state;
	kldsim__extents_init(&extents);
	memset(&plain, 0, sizeof(plain));
	for (size_t i = 0; i < PLACES; i += 3)
		flip(i);
	kldsim__extents_free(&extents, count_one, &count);
	assert_int_equal(count, (PLACES + 2) / 3);
	assert_int_equal(support_extents(&extents), 0);
	assert_null(extents.root);
	kldsim__extents_free(&extents, count_one, &count);
	assert_int_equal(count, (PLACES + 2) / 3);
}

#define T(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_random_life_agrees_with_an_array),
		T(ascending_extents_make_no_list),
		T(each_is_freed_once),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
