/* SPDX-License-Identifier: BSD-2-Clause */

/* Names are matched by their hashes (I-33); two of one hash are two, all the same. */

#include "support_base.h"

#include <stdio.h>
#include <stdlib.h>

#include <kldsim/types_build.h>

#include "differ/difference.h"
#include "util/hash.h"

#define SEED UINT64_C(0x123456789abcdef1)
#define NAMES 200000u

struct name {
	uint32_t hash;
	uint32_t number;
};

static int
by_hash(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	return (a->hash < b->hash ? -1 : a->hash > b->hash);
}

/* Of so many names, some four pairs have one hash. */
static void
find_pair(char one[16], char other[16])
{
	struct name *names = calloc(NAMES, sizeof(*names));
	size_t at = 1;

	assert_non_null(names);
	for (uint32_t i = 0; i < NAMES; i++) {
		(void)snprintf(one, 16, "N%u", i);
		names[i].hash = kldsim__hash(SEED, one);
		names[i].number = i;
	}
	qsort(names, NAMES, sizeof(*names), by_hash);
	while (at < NAMES && names[at].hash != names[at - 1].hash)
		at++;
	assert_true(at < NAMES);
	(void)snprintf(one, 16, "N%u", names[at].number);
	(void)snprintf(other, 16, "N%u", names[at - 1].number);
	free(names);
}

/* An enum or structure of the two, and of a third one for the later graph. */
static struct kldsim_types *
graph_of(enum kldsim_type_kind kind, const char *one, const char *other,
    bool later)
{
	static const struct kldsim_types_source source = { .file = "graph",
		.section = ".debug_info", .format = "DWARF", .version = 4,
		.word_bits = 64 };
	const char *const names[] = { one, other, "added" };
	struct kldsim_type type = { .kind = KLDSIM_TYPE_INTEGER,
		.name = "int", .size = 4, .bits = 32,
		.encoding = KLDSIM_TYPE_SIGNED };
	struct kldsim_types_build *build;
	struct kldsim_types *types;

	build = kldsim_types_build_new(&source, NULL);
	assert_int_equal(kldsim_types_build_type(build, &type), 1);
	type = (struct kldsim_type){ .kind = kind, .name = "tag",
		.size = kind == KLDSIM_TYPE_ENUM ? 4 : 12 };
	assert_int_equal(kldsim_types_build_type(build, &type), 2);
	for (unsigned i = 0; i < (later ? 3 : 2); i++)
		if (kind == KLDSIM_TYPE_ENUM)
			kldsim_types_build_value(build,
			    &(struct kldsim_type_value){ names[i], i });
		else
			kldsim_types_build_member(build,
			    &(struct kldsim_type_member){ .name = names[i],
			    .type = 1, .bit_offset = 32 * i });
	assert_int_equal(kldsim_types_build_finish(build, &types, NULL),
	    KLDSIM_OK);
	kldsim_types_build_free(build);
	return (types);
}

static void
two_of_one_hash(void **state)
{
	static const enum kldsim_type_kind kinds[] = { KLDSIM_TYPE_ENUM,
		KLDSIM_TYPE_STRUCT };
	struct kldsim__alloc alloc;
	char one[16], other[16];

	(void)state;
	find_pair(one, other);
	kldsim__alloc_init(&alloc, NULL);
	for (unsigned way = 0; way < 4; way++) {
		const enum kldsim_type_kind kind = kinds[way / 2];
		struct kldsim_types *a = graph_of(kind, one, other, false);
		struct kldsim_types *b = graph_of(kind, way % 2 ? other : one,
		    way % 2 ? one : other, true);
		struct kldsim__shaping shaping = { SEED, 1000 };
		struct kldsim__arena arena;
		struct kldsim__differing differing = { .arena = &arena,
			.alloc = &alloc, .shaping = &shaping };
		struct kldsim__difference *found;

		kldsim__arena_init(&arena, &alloc);
		found = kldsim__differ_tags(&differing,
		    (struct kldsim__side){ a, 2 },
		    (struct kldsim__side){ b, 2 }, true);
		assert_non_null(found);
		/* Nothing in the same order; turned round, both. */
		assert_int_equal(found->breaks || found->means, way % 2);
		kldsim__arena_fini(&arena);
		kldsim_types_free(a);
		kldsim_types_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_of_one_hash),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
