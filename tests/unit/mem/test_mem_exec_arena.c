/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executable memory (D-05): spans of whole quanta, free blocks by class of
 * page count, the newest of a class first.  Addresses are pages from FLOOR, as
 * the rule gives them; a quantum is 512 pages, as on arm64.
 */

#include "support_base.h"
#include "support_extents.h"
#include "mem/exec_arena.h"

#include <stdlib.h>

#define FLOOR UINT64_C(0x40000000)
#define END UINT64_C(0x80000000)
#define PAGE UINT64_C(0x1000)
#define Q 512u

struct world {
	struct support_base base;
	struct kldsim__aspace space;
	struct kldsim__exec_arena arena;
	kldsim_addr end;
};

static void
world_init(struct world *world, unsigned quantum)
{
	support_base_init(&world->base, -1);
	kldsim__aspace_init(&world->space, &world->base.alloc,
	    &world->base.undo);
	(void)kldsim__undo_begin(&world->base.undo);
	kldsim__exec_arena_init(&world->arena, &world->base.undo, PAGE,
	    quantum * PAGE);
	world->end = END;
}

static void
world_fini(struct world *world)
{
	kldsim__undo_commit(&world->base.undo);
	kldsim__exec_arena_fini(&world->arena);
	kldsim__aspace_fini(&world->space);
	support_base_fini(&world->base);
}

/* Blocks of all spans, free or in use. */
static unsigned
blocks(const struct world *world)
{
	struct kldsim__extent *extent =
	    kldsim__extents_search(&world->arena.spans, 0);
	unsigned n = 0;

	for (; extent != NULL; extent = kldsim__extents_next_gap(extent, 0)) {
		const struct kldsim__exec_span *span =
		    (struct kldsim__exec_span *)(void *)extent;

		KLDSIM__FOREACH(l, &span->blocks)
			n++;
	}
	return (n);
}

static enum kldsim__exec_status
try_take(struct world *world, unsigned pages, kldsim_addr *start)
{
	return (kldsim__exec_arena_alloc(&world->arena, &world->space, FLOOR,
	    world->end, pages * PAGE, start));
}

/* So many pages are allocated, and this is the page that they begin at. */
static void
take(struct world *world, unsigned pages, unsigned want)
{
	kldsim_addr start = 1;

	assert_int_equal(try_take(world, pages, &start), KLDSIM__EXEC_OK);
	assert_int_equal((start - FLOOR) / PAGE, want);
	assert_int_equal(start % PAGE, 0);
}

static void
give(struct world *world, unsigned at)
{
	assert_int_equal(kldsim__exec_arena_free(&world->arena, FLOOR +
	    at * PAGE), KLDSIM__EXEC_OK);
}

/* 2 + 5 + 505 is all of a span; the next page is of another one. */
static void
blocks_are_cut_from_the_low_end(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 2, 0);
	take(&world, 5, 2);
	take(&world, 505, 7);
	take(&world, 1, Q);
	world_fini(&world);
}

/* More than a quantum is a span of two; its rest is there for others. */
static void
a_span_is_of_whole_quanta(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, Q + 1, 0);
	take(&world, 510, Q + 1); /* 1023 - 513 */
	take(&world, 2, 2 * Q);   /* one page is left */
	take(&world, 1, 2 * Q - 1);
	world_fini(&world);
}

/* Holes at 0, 3 and 6, freed as 0, 6, 3. */
static void
the_newest_of_a_class_is_first(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	for (unsigned at = 0; at < 9; at += 3) {
		take(&world, 2, at);
		take(&world, 1, at + 2);
	}
	give(&world, 0);
	give(&world, 6);
	give(&world, 3);
	take(&world, 2, 3);
	take(&world, 2, 6);
	take(&world, 2, 0);
	take(&world, 2, 9);
	world_fini(&world);
}

/* The larger block is newer and lower, and has to wait for its turn. */
static void
the_own_class_comes_before_larger_ones(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 4, 0);
	take(&world, 1, 4);
	take(&world, 2, 5);
	take(&world, 1, 7);
	give(&world, 5);
	give(&world, 0);
	take(&world, 2, 5);
	take(&world, 1, 0); /* of 4: 3 are left, in a class of their own */
	take(&world, 3, 1);
	world_fini(&world);
}

/* Up to 31 pages are a class each; 32 to 63 are one, 64 to 127 the next. */
static void
where_classes_end(void **state)
{
	static const struct {
		unsigned small, large, size;
	} rows[] = {
		{ 30, 31, 29 }, /* neither is its class: the smaller is */
		{ 31, 32, 30 }, /* nearer, though the larger is newer */
		{ 63, 64, 50 },
		{ 127, 128, 100 },
		/* One class: the newer is taken. */
		{ 32, 63, 32 }, { 64, 127, 64 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const unsigned small = rows[i].small, large = rows[i].large;
		struct world world;

		world_init(&world, Q);
		take(&world, large, 0);
		take(&world, 1, large);
		take(&world, small, large + 1);
		take(&world, 1, large + 1 + small);
		give(&world, large + 1);
		give(&world, 0);
		take(&world, rows[i].size, i < 4 ? large + 1 : 0);
		world_fini(&world);
	}
}

/* 40 would fit better than 60, which is newer; 33 is newest, and too small. */
static void
in_a_class_the_first_large_enough_is_taken(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 40, 0);
	take(&world, 1, 40);
	take(&world, 60, 41);
	take(&world, 1, 101);
	take(&world, 33, 102);
	take(&world, 1, 135);
	give(&world, 0);
	give(&world, 41);
	give(&world, 102);
	take(&world, 35, 41);
	take(&world, 25, 76); /* the rest of 60 */
	take(&world, 36, 0);
	take(&world, 32, 102);
	take(&world, 4, 36); /* the rest of 40 */
	take(&world, 64, 136);
	world_fini(&world);
}

/* 4 of 7 leave 3, which go before the 3 that are free for longer. */
static void
a_rest_is_the_newest_of_its_class(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 3, 0);
	take(&world, 1, 3);
	take(&world, 7, 4);
	take(&world, 1, 11);
	give(&world, 0);
	give(&world, 4);
	take(&world, 4, 4);
	take(&world, 3, 8);
	take(&world, 3, 0);
	world_fini(&world);
}

/* From below, from above, from both; what comes of it is the newest. */
static void
free_neighbours_merge(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 9, 0);
	take(&world, 1, 9);
	take(&world, 2, 10);
	take(&world, 3, 12);
	take(&world, 4, 15);
	take(&world, 1, 19);
	give(&world, 10);
	give(&world, 15);
	give(&world, 0);
	give(&world, 12); /* 2 + 3 + 4, newer than the other 9 */
	take(&world, 9, 10);
	take(&world, 9, 0);
	world_fini(&world);
}

/* 511 and 512 are neighbours, of two spans. */
static void
spans_do_not_merge(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 511, 0);
	take(&world, 1, 511);
	take(&world, 1, Q);
	take(&world, 511, Q + 1);
	give(&world, 511);
	give(&world, Q);
	take(&world, 2, 2 * Q);
	world_fini(&world);
}

/* With its last block a span is gone, and no place to allocate from. */
static void
an_empty_span_goes_back(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 1, 0);
	take(&world, Q, Q);
	give(&world, 0);
	assert_int_equal(blocks(&world), 1);
	take(&world, 600, 2 * Q);  /* the first span is one quantum: no room */
	take(&world, 5, 2 * Q + 600);
	take(&world, 430, 0);      /* 419 are left there */
	give(&world, 0);
	give(&world, 2 * Q);
	give(&world, 2 * Q + 600);
	give(&world, Q);
	assert_int_equal(blocks(&world), 0);
	take(&world, 1, 0);
	world_fini(&world);
}

/* Spans go where nothing else is, and where there is room for all of them. */
static void
spans_keep_off_what_is_mapped(void **state)
{
	struct world world;
	kldsim_addr start;

	(void)state;
	world_init(&world, Q);
	world.end = FLOOR + 3 * Q * PAGE;
	assert_non_null(kldsim__aspace_map(&world.space, FLOOR + PAGE, PAGE,
	    NULL, 0));
	take(&world, 1, Q);
	take(&world, Q, 2 * Q);
	assert_int_equal(try_take(&world, Q, &start), KLDSIM__EXEC_FULL);
	take(&world, 511, Q + 1);
	world_fini(&world);
}

/* What is free of a span is mapped nowhere, and no place for another span. */
static void
spans_keep_off_each_other(void **state)
{
	struct world world;
	kldsim_addr start;

	(void)state;
	world_init(&world, Q);
	world.end = FLOOR + 2 * Q * PAGE;
	take(&world, 1, 0);
	take(&world, Q, Q);
	give(&world, Q);
	take(&world, 1, 1);
	assert_int_equal(try_take(&world, Q + 1, &start), KLDSIM__EXEC_FULL);
	take(&world, Q, Q);
	assert_int_equal(try_take(&world, Q, &start), KLDSIM__EXEC_FULL);
	world_fini(&world);
}

static enum kldsim__exec_status
claim(struct world *world, unsigned at, unsigned pages)
{
	return (kldsim__exec_arena_take(&world->arena, FLOOR + at * PAGE,
	    pages * PAGE));
}

/* From the beginning of a free block, its middle and its end, and undone. */
static void
a_place_can_be_chosen(void **state)
{
	struct world world;
	size_t mark;

	(void)state;
	world_init(&world, Q);
	take(&world, 2, 0);
	assert_int_equal(claim(&world, 2, 3), KLDSIM__EXEC_OK);
	mark = kldsim__undo_begin(&world.base.undo);
	assert_int_equal(claim(&world, 510, 2), KLDSIM__EXEC_OK);
	assert_int_equal(claim(&world, 8, 2), KLDSIM__EXEC_OK);
	assert_int_equal(claim(&world, 1, 1), KLDSIM__EXEC_FULL);
	assert_int_equal(claim(&world, 7, 2), KLDSIM__EXEC_FULL);
	assert_int_equal(claim(&world, 9, 2), KLDSIM__EXEC_FULL);
	assert_int_equal(claim(&world, 509, 2), KLDSIM__EXEC_FULL);
	take(&world, 3, 5);   /* 5 to 7 */
	take(&world, 500, 10); /* 10 to 509 */
	take(&world, 1, Q);
	kldsim__undo_rollback(&world.base.undo, mark);
	assert_int_equal(blocks(&world), 3);
	/* Neither does it belong to another span, nor is one made for it. */
	assert_int_equal(claim(&world, Q, 1), KLDSIM__EXEC_OK);
	assert_int_equal(blocks(&world), 3);
	assert_int_equal(claim(&world, 511, 2), KLDSIM__EXEC_FULL);
	take(&world, 507, 5);
	world_fini(&world);
}

/* mips and powerpc have no reservations: a span is what was asked for. */
static void
without_a_quantum_it_is_first_fit(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, 0);
	take(&world, 2, 0);
	take(&world, 3, 2);
	take(&world, 1, 5);
	give(&world, 2);
	give(&world, 0); /* 2 and 3 are free together */
	take(&world, 4, 0);
	take(&world, 2, 6);
	take(&world, 1, 4);
	world_fini(&world);
}

/* What is not of the arena, or in the middle of a block, is nobody's. */
static void
others_blocks_are_left_alone(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, Q);
	take(&world, 4, 0);
	give(&world, 1);
	give(&world, 100); /* free already */
	give(&world, 5 * Q);
	assert_int_equal(blocks(&world), 2);
	take(&world, 4, 4);
	world_fini(&world);
}

/* Many blocks, so that the list grows in between; then none of it was. */
static void
all_of_it_can_be_undone(void **state)
{
	struct world world;
	size_t mark;

	(void)state;
	world_init(&world, Q);
	take(&world, 2, 0);
	take(&world, 2, 2);
	take(&world, 2, 4);
	give(&world, 2);
	kldsim__undo_commit(&world.base.undo);
	mark = kldsim__undo_begin(&world.base.undo);
	take(&world, 2, 2);
	for (unsigned i = 0; i < 20; i++)
		take(&world, 1, 6 + i);
	give(&world, 0);
	give(&world, 4);
	kldsim__undo_rollback(&world.base.undo, mark);
	take(&world, 1, 2); /* of the hole */
	take(&world, 2, 6);
	world_fini(&world);
}

/* Without memory, at whichever step, it is as it was once that is undone. */
static void
memory_runs_out(void **state)
{
	(void)state;
	for (long fail_at = 0;; fail_at++) {
		enum kldsim__exec_status status;
		kldsim_addr start;
		struct world world;
		size_t mark;

		support_base_init(&world.base, fail_at);
		kldsim__aspace_init(&world.space, &world.base.alloc,
		    &world.base.undo);
		mark = kldsim__undo_begin(&world.base.undo);
		kldsim__exec_arena_init(&world.arena, &world.base.undo, PAGE,
		    Q * PAGE);
		world.end = END;
		status = try_take(&world, 1, &start);
		if (status != KLDSIM__EXEC_OK)
			kldsim__undo_rollback(&world.base.undo, mark);
		assert_int_equal(blocks(&world),
		    status == KLDSIM__EXEC_OK ? 2 : 0);
		assert_int_equal(support_extents(&world.arena.spans),
		    status == KLDSIM__EXEC_OK);
		world_fini(&world);
		if (status == KLDSIM__EXEC_OK)
			break;
		assert_int_equal(status, KLDSIM__EXEC_NOMEM);
		assert_true(fail_at < 100);
	}
}

/* A table of six, then one more: whatever is refused, it can be undone. */
static void
memory_runs_out_as_the_list_grows(void **state)
{
	long fail_at = 0;

	(void)state;
	/* The log grows too: by then it has been filled up to anywhere. */
	for (unsigned before = 0; before < 16; before += fail_at == 0) {
		enum kldsim__exec_status status;
		kldsim_addr start;
		struct world world;
		char saved = 0;
		size_t mark;

		world_init(&world, Q);
		for (unsigned i = 0; i < 6; i++)
			take(&world, 1, i);
		mark = kldsim__undo_begin(&world.base.undo);
		for (unsigned i = 0; i < before; i++)
			assert_true(kldsim__undo_save(&world.base.undo,
			    &saved, 1));
		world.base.count.fail_at = world.base.count.calls + fail_at++;
		status = try_take(&world, 1, &start);
		world.base.count.fail_at = -1;
		if (status == KLDSIM__EXEC_OK)
			fail_at = 0;
		else
			assert_int_equal(status, KLDSIM__EXEC_NOMEM);
		kldsim__undo_rollback(&world.base.undo, mark);
		assert_int_equal(blocks(&world), 7);
		take(&world, 1, 6);
		world_fini(&world);
	}
}

/* The same when the last block of a span goes, and the span with it. */
static void
memory_runs_out_as_a_span_goes(void **state)
{
	long fail_at = 0, refused = 0;

	(void)state;
	for (unsigned before = 0; before < 64; before += fail_at == 0) {
		enum kldsim__exec_status status;
		struct world world;
		char saved = 0;
		size_t mark;

		world_init(&world, Q);
		take(&world, 1, 0);
		take(&world, Q, Q);
		mark = kldsim__undo_begin(&world.base.undo);
		for (unsigned i = 0; i < before; i++)
			assert_true(kldsim__undo_save(&world.base.undo,
			    &saved, 1));
		world.base.count.fail_at = world.base.count.calls + fail_at++;
		status = kldsim__exec_arena_free(&world.arena, FLOOR);
		world.base.count.fail_at = -1;
		if (status == KLDSIM__EXEC_OK)
			fail_at = 0;
		else
			assert_int_equal(status, KLDSIM__EXEC_NOMEM);
		refused += status != KLDSIM__EXEC_OK;
		kldsim__undo_rollback(&world.base.undo, mark);
		assert_int_equal(support_extents(&world.arena.spans), 2);
		assert_int_equal(blocks(&world), 3);
		give(&world, 0);
		assert_int_equal(support_extents(&world.arena.spans), 1);
		world_fini(&world);
	}
	assert_true(refused >= 6);
}

/* --- a random life beside a plain list --- */

#define BLOCKS 400u

/* By address; a stamp of 0 is in use, a larger one was freed later. */
struct plain_block {
	unsigned start, size, span, stamp;
};

struct plain {
	struct plain_block blocks[BLOCKS];
	unsigned count;
	unsigned stamp;
};

static void
plain_insert(struct plain *plain, unsigned at, struct plain_block block)
{
	assert_true(plain->count < BLOCKS);
	memmove(&plain->blocks[at + 1], &plain->blocks[at],
	    (plain->count++ - at) * sizeof(block));
	plain->blocks[at] = block;
}

static void
plain_remove(struct plain *plain, unsigned at)
{
	memmove(&plain->blocks[at], &plain->blocks[at + 1],
	    (--plain->count - at) * sizeof(plain->blocks[0]));
}

/* All up to 31 pages have a class each; those below 512 share some. */
static unsigned
plain_class(unsigned pages)
{
	return (pages < 32 ? pages : pages < 64 ? 32 : pages < 128 ? 33 :
	    pages < 256 ? 34 : pages < 512 ? 35 : 36);
}

/* The block that D-05 takes; a new span of one quantum if there is none. */
static unsigned
plain_find(struct plain *plain, unsigned pages)
{
	unsigned best = plain->count, span = 0, at;

	for (unsigned i = 0; i < plain->count; i++) {
		const struct plain_block *block = &plain->blocks[i];
		const struct plain_block *other = &plain->blocks[best];
		unsigned class = plain_class(block->size);

		if (block->stamp != 0 && block->size >= pages &&
		    (best == plain->count ||
		    class < plain_class(other->size) ||
		    (class == plain_class(other->size) &&
		    block->stamp > other->stamp)))
			best = i;
	}
	if (best < plain->count)
		return (best);
	/* The first quantum that is no span. */
	for (at = 0; at < plain->count && plain->blocks[at].span <= span;
	    at++)
		if (plain->blocks[at].span == span)
			span += Q;
	plain_insert(plain, at, (struct plain_block){ span, Q, span,
	    ++plain->stamp });
	return (at);
}

static unsigned
plain_take(struct plain *plain, unsigned pages)
{
	unsigned at = plain_find(plain, pages);
	struct plain_block *block = &plain->blocks[at];
	struct plain_block rest = { block->start + pages,
		block->size - pages, block->span, 0 };

	block->size = pages;
	block->stamp = 0;
	if (rest.size != 0) {
		rest.stamp = ++plain->stamp;
		plain_insert(plain, at + 1, rest);
	}
	return (plain->blocks[at].start);
}

static void
plain_give(struct plain *plain, unsigned at)
{
	struct plain_block *block = &plain->blocks[at];

	block->stamp = ++plain->stamp;
	if (at + 1 < plain->count && block[1].stamp != 0 &&
	    block[1].span == block->span) {
		block->size += block[1].size;
		plain_remove(plain, at + 1);
	}
	if (at > 0 && block[-1].stamp != 0 && block[-1].span == block->span) {
		block[-1].size += block->size;
		block[-1].stamp = block->stamp;
		plain_remove(plain, at--);
	}
	if (plain->blocks[at].size == Q)
		plain_remove(plain, at);
}

/* D-05, step by step: the same place each time, restores in between. */
static void
a_random_life_agrees_with_a_list(void **state)
{
	static struct plain plain, saved;
	struct world world;
	size_t mark = 0;

	(void)state;
	srand(5);
	memset(&plain, 0, sizeof(plain));
	world_init(&world, Q);
	world.base.undo.snapshots = 1;
	for (unsigned step = 0; step < 20000; step++) {
		unsigned pages = rand() % 4 == 0 ? 1 + (unsigned)rand() % 300 :
		    1 + (unsigned)rand() % 40;
		unsigned at = plain.count != 0 ?
		    (unsigned)rand() % plain.count : 0;

		if (step % 500 == 0) {
			saved = plain;
			mark = kldsim__undo_begin(&world.base.undo);
		} else if (step % 500 == 300) {
			kldsim__undo_rollback(&world.base.undo, mark);
			plain = saved;
		} else if (plain.count != 0 && plain.blocks[at].stamp == 0 &&
		    rand() % 100 < 55) {
			give(&world, plain.blocks[at].start);
			plain_give(&plain, at);
		} else if (plain.count < BLOCKS - 2) {
			take(&world, pages, plain_take(&plain, pages));
		}
		kldsim__undo_commit(&world.base.undo);
		assert_int_equal(blocks(&world), plain.count);
	}
	world.base.undo.snapshots = 0;
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_cut_from_the_low_end),
		cmocka_unit_test(a_span_is_of_whole_quanta),
		cmocka_unit_test(the_newest_of_a_class_is_first),
		cmocka_unit_test(the_own_class_comes_before_larger_ones),
		cmocka_unit_test(where_classes_end),
		cmocka_unit_test(in_a_class_the_first_large_enough_is_taken),
		cmocka_unit_test(a_rest_is_the_newest_of_its_class),
		cmocka_unit_test(free_neighbours_merge),
		cmocka_unit_test(spans_do_not_merge),
		cmocka_unit_test(an_empty_span_goes_back),
		cmocka_unit_test(spans_keep_off_what_is_mapped),
		cmocka_unit_test(spans_keep_off_each_other),
		cmocka_unit_test(a_place_can_be_chosen),
		cmocka_unit_test(without_a_quantum_it_is_first_fit),
		cmocka_unit_test(others_blocks_are_left_alone),
		cmocka_unit_test(all_of_it_can_be_undone),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(memory_runs_out_as_the_list_grows),
		cmocka_unit_test(memory_runs_out_as_a_span_goes),
		cmocka_unit_test(a_random_life_agrees_with_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
