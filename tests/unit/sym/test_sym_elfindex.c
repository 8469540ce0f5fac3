/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index in the place of DT_HASH: asked often enough, it gives the answers
 * of the table, which is asked itself beside it; and there is none where a
 * table has anything odd about it.  The hash is the gABI's, written again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_base.h"
#include "sym/elfindex.h"
#include "util/bytes.h"

#define SYMBOLS 300u
#define BUCKETS 64u
#define NAME_SIZE 16u
#define ASKED 4200u /* more than the table is asked without an index */

static struct kldsim__alloc alloc;

struct world {
	uint8_t syms[SYMBOLS * 24];
	char strings[SYMBOLS * NAME_SIZE];
	uint8_t words[(BUCKETS + SYMBOLS) * 4];
	struct kldsim__symview view;
	struct kldsim__elfhash table;
	struct kldsim__elfindex index;
};

static uint32_t
gabi_hash(const char *name)
{
	uint32_t h = 0, g;

	for (; *name != '\0'; name++) {
		h = (h << 4) + (uint8_t)*name;
		g = h & 0xf0000000;
		h ^= g >> 24;
		h &= ~g;
	}
	return (h);
}

static void
put_word(struct world *world, uint32_t at, uint32_t value)
{
	kldsim__store(world->words + (size_t)at * 4, 4, false, value);
}

static uint32_t
get_word(const struct world *world, uint32_t at)
{
	return (kldsim__load32(world->words + (size_t)at * 4, false));
}

/* Symbol i is called "name_i"; every tenth is undefined. */
static struct world *
new_world(void)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	for (uint32_t i = 1; i < SYMBOLS; i++) {
		uint8_t *sym = world->syms + (size_t)i * 24;
		char *name = world->strings + (size_t)i * NAME_SIZE;
		uint32_t bucket;

		(void)snprintf(name, NAME_SIZE, "name_%u", (unsigned)i);
		kldsim__store(sym, 4, false, i * NAME_SIZE);
		sym[4] = 0x12;
		kldsim__store(sym + 6, 2, false, i % 10 == 0 ? 0 : 1);
		kldsim__store(sym + 8, 8, false, i % 10 == 0 ? 0 : i);
		bucket = gabi_hash(name) % BUCKETS;
		put_word(world, BUCKETS + i, get_word(world, bucket));
		put_word(world, bucket, i);
	}
	world->view.syms = world->syms;
	world->view.count = SYMBOLS;
	world->view.is64 = true;
	kldsim__symview_set_strings(&world->view,
	    (const uint8_t *)world->strings, sizeof(world->strings));
	world->table.words = world->words;
	world->table.nwords = BUCKETS + SYMBOLS;
	world->table.nbuckets = BUCKETS;
	world->table.nchains = SYMBOLS;
	return (world);
}

static void
free_world(struct world *world)
{
	kldsim__elfindex_fini(&world->index);
	free(world);
}

/* The index's answer is the table's. */
static void
check(struct world *world, const char *name)
{
	uint32_t want_index = 0, index = 0;
	enum kldsim__hash_answer want = kldsim__elfhash_find(&world->table,
	    &world->view, name, false, &want_index);

	assert_int_equal(kldsim__elfindex_find(&world->index, &alloc,
	    &world->table, &world->view, name, false, &index), want);
	if (want == KLDSIM__HASH_FOUND || want == KLDSIM__HASH_NOT_USABLE)
		assert_int_equal(index, want_index);
}

static void
ask(struct world *world)
{
	char name[32];

	for (unsigned i = 0; i < ASKED; i++) {
		(void)snprintf(name, sizeof(name), "name_%u", i % 320);
		check(world, name);
	}
	check(world, "");
	check(world, "name_");
	check(world, "another");
}

static void
sound_table(void **state)
{
	struct world *world = new_world();
	const char *names[KLDSIM__FETCHED];
	uint32_t index;

	(void)state;
	ask(world);
	assert_non_null(world->index.index.slots);
	assert_int_equal(world->index.index.nnames, SYMBOLS - 1);
	/* Known without the table: the name's number, and every tenth's fate. */
	assert_int_equal(kldsim__elfindex_find(&world->index, &alloc,
	    &world->table, &world->view, "name_123", false, &index),
	    KLDSIM__HASH_FOUND);
	assert_int_equal(index, 123);
	assert_int_equal(kldsim__elfindex_find(&world->index, &alloc,
	    &world->table, &world->view, "name_120", false, &index),
	    KLDSIM__HASH_NOT_USABLE);
	assert_int_equal(kldsim__elfindex_find(&world->index, &alloc,
	    &world->table, &world->view, "name_300", false, &index),
	    KLDSIM__HASH_ABSENT);
	/* Names to come, some of them nobody's: nothing is different then. */
	for (unsigned i = 0; i < KLDSIM__FETCHED; i++)
		names[i] = i % 2 == 0 ? world->strings + NAME_SIZE * (i + 1) :
		    "nobody";
	kldsim__symindex_fetch(&world->index.index, &world->view, names,
	    KLDSIM__FETCHED);
	ask(world);
	free_world(world);
}

/* A symbol that no chain has is not found, though its name is there. */
static void
symbol_outside_the_chains(void **state)
{
	struct world *world = new_world();
	uint32_t bucket = gabi_hash("name_7") % BUCKETS, at = bucket;
	uint32_t index;

	(void)state;
	while (get_word(world, at) != 7)
		at = BUCKETS + get_word(world, at);
	put_word(world, at, get_word(world, BUCKETS + 7));
	ask(world);
	assert_non_null(world->index.index.slots);
	assert_int_equal(kldsim__elfindex_find(&world->index, &alloc,
	    &world->table, &world->view, "name_7", false, &index),
	    KLDSIM__HASH_ABSENT);
	free_world(world);
}

enum odd { LOOP, TWICE, FAR, BEYOND_CHAINS, FOREIGN, NAMELESS, BAD_NAME, SAME,
	SHORT, NO_TABLE, ODDS };

/* What a walk stumbles over, or finds where an index would not look. */
static void
make_odd(struct world *world, enum odd odd)
{
	uint32_t bucket = gabi_hash("name_50") % BUCKETS;
	uint32_t head = get_word(world, bucket);

	switch (odd) {
	case LOOP:
		put_word(world, BUCKETS + head, head);
		break;
	case TWICE: /* two chains end in the same symbols */
		put_word(world, (bucket + 1) % BUCKETS, head);
		break;
	case FAR:
		put_word(world, BUCKETS + head, SYMBOLS + 5);
		break;
	case BEYOND_CHAINS:
		world->table.nchains = SYMBOLS - 20;
		break;
	case FOREIGN: /* the name is of another chain */
		world->strings[(size_t)head * NAME_SIZE + 6] ^= 1;
		break;
	case NAMELESS:
		kldsim__store(world->syms + (size_t)head * 24, 4, false, 0);
		break;
	case BAD_NAME:
		kldsim__store(world->syms + (size_t)head * 24, 4, false,
		    sizeof(world->strings));
		break;
	case SAME: /* the second of a chain is called as the first is */
		kldsim__store(world->syms + 24 *
		    (size_t)get_word(world, BUCKETS + head), 4, false,
		    head * NAME_SIZE);
		break;
	case SHORT:
		world->table.nwords -= 3;
		break;
	case NO_TABLE:
		world->table.nwords = 0;
		break;
	case ODDS:
		break;
	}
}

static void
odd_tables(void **state)
{
	(void)state;
	for (unsigned odd = 0; odd < ODDS; odd++) {
		struct world *world = new_world();

		make_odd(world, (enum odd)odd);
		ask(world);
		assert_null(world->index.index.slots);
		free_world(world);
	}
}

/* Few names are not worth an index. */
static void
few_names(void **state)
{
	struct world *world = new_world();

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		check(world, world->strings + (size_t)(i + 1) * NAME_SIZE);
	assert_null(world->index.index.slots);
	free_world(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_table),
		cmocka_unit_test(symbol_outside_the_chains),
		cmocka_unit_test(odd_tables),
		cmocka_unit_test(few_names),
	};

	kldsim__alloc_init(&alloc, NULL);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
