/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two graphs from the same numbers, the second with mistakes here and there:
 * what is taken to be the same member by member has one shape, and a copy is
 * seen to be one.
 */

#include "support_base.h"

#include <stdio.h>

#include <kldsim/types_build.h>

#include "support_random.h"
#include "differ/same.h"
#include "util/alloc.h"

#define TYPES 60
#define GRAPHS 200

struct maker {
	struct kldsim_types_build *build;
	uint64_t seed;
	uint64_t state;    /* the same for both graphs, anew for each type */
	uint64_t mistakes; /* 0: there are none */
	unsigned made;
};

/* A number that may be another in the second graph. */
static unsigned
any(struct maker *maker, unsigned below)
{
	const unsigned chosen = random_below(&maker->state, below);

	if (maker->mistakes == 0 || random_below(&maker->mistakes, 40) != 0)
		return (chosen);
	return (random_below(&maker->mistakes, below));
}

static const char *
name(struct maker *maker, const char *of, unsigned below)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "%s%u", of, any(maker, below));
	return (text);
}

static void
add_parts(struct maker *maker, enum kldsim_type_kind kind)
{
	const unsigned count = any(maker, 6);

	for (unsigned i = 0; i < count; i++) {
		const char *called = any(maker, 12) == 0 ? "" :
		    name(maker, "m", 20);
		const kldsim_type_id type = 1 + any(maker, maker->made);

		if (kind == KLDSIM_TYPE_ENUM)
			kldsim_types_build_value(maker->build,
			    &(struct kldsim_type_value){ called,
			    any(maker, 4) });
		else if (kind == KLDSIM_TYPE_FUNCTION)
			kldsim_types_build_argument(maker->build, type);
		else
			kldsim_types_build_member(maker->build,
			    &(struct kldsim_type_member){ .name = called,
			    .type = type, .bit_offset = 64 * i,
			    .bits = any(maker, 9) == 0 });
	}
}

/* A structure's parts are before it; a pointer may be to what comes. */
static void
add_type(struct maker *maker)
{
	static const enum kldsim_type_kind kinds[] = { KLDSIM_TYPE_INTEGER,
		KLDSIM_TYPE_FLOAT, KLDSIM_TYPE_POINTER, KLDSIM_TYPE_POINTER,
		KLDSIM_TYPE_POINTER, KLDSIM_TYPE_ARRAY, KLDSIM_TYPE_FUNCTION,
		KLDSIM_TYPE_STRUCT, KLDSIM_TYPE_STRUCT, KLDSIM_TYPE_STRUCT,
		KLDSIM_TYPE_UNION, KLDSIM_TYPE_ENUM, KLDSIM_TYPE_FORWARD,
		KLDSIM_TYPE_TYPEDEF, KLDSIM_TYPE_CONST };
	struct kldsim_type type = { .kind = KLDSIM_TYPE_INTEGER };

	maker->state = maker->seed + 977 * maker->made;
	if (maker->made != 0)
		type.kind = kinds[any(maker, sizeof(kinds) /
		    sizeof(kinds[0]))];
	type.name = any(maker, 8) == 0 ? "" : name(maker, "t", 40);
	type.size = UINT64_C(4) << any(maker, 2);
	type.count = 1 + any(maker, 3);
	type.target = any(maker, type.kind == KLDSIM_TYPE_POINTER ? TYPES :
	    maker->made + 1);
	type.encoding = any(maker, 2) * KLDSIM_TYPE_SIGNED +
	    (any(maker, 5) == 0) * KLDSIM_TYPE_BOOL;
	/* C-13: it is signed, whatever is said of it. */
	if (type.kind == KLDSIM_TYPE_INTEGER && any(maker, 3) == 0)
		type.name = "char";
	type.bits = (uint32_t)type.size * 8;
	type.tag = KLDSIM_TYPE_STRUCT;
	(void)kldsim_types_build_type(maker->build, &type);
	if (type.kind == KLDSIM_TYPE_ENUM ||
	    type.kind == KLDSIM_TYPE_FUNCTION ||
	    type.kind == KLDSIM_TYPE_STRUCT || type.kind == KLDSIM_TYPE_UNION)
		add_parts(maker, type.kind);
	maker->made++;
}

static struct kldsim_types *
make(uint64_t seed, bool mistakes)
{
	static const struct kldsim_types_source source = { .file = "graph",
		.section = ".debug_info", .format = "DWARF", .version = 4,
		.word_bits = 64 };
	struct maker maker = { .seed = seed, .mistakes = mistakes ? seed + 1 :
		0 };
	struct kldsim_types *types = NULL;
	struct kldsim_error error;

	maker.build = kldsim_types_build_new(&source, NULL);
	for (unsigned i = 0; i < TYPES; i++)
		add_type(&maker);
	if (kldsim_types_build_finish(maker.build, &types, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_types_build_free(maker.build);
	return (types);
}

struct counts {
	unsigned pairs;  /* of one tag, or of functions */
	unsigned shapes; /* that are the same */
	unsigned same;   /* that were seen to be */
};

static void
count_pair(const struct kldsim__tags *tags, const struct kldsim__tagged *a,
    kldsim_type_id in_a, const struct kldsim__tagged *b, kldsim_type_id in_b,
    struct counts *counts)
{
	struct kldsim__shaping shaping = { .seed = tags->seed,
		.work = 1000000 };
	const uint64_t shape = kldsim__shape_hash(a->types, in_a, &shaping);
	const bool alike = shape == kldsim__shape_hash(b->types, in_b,
	    &shaping);
	const bool same = kldsim__same(tags, a, in_a, b, in_b, &shaping);

	assert_true(alike || !same);
	counts->pairs++;
	counts->shapes += alike;
	counts->same += same;
	/* Without work left nobody knows. */
	shaping.work = 1;
	assert_false(kldsim__same(tags, a, in_a, b, in_b, &shaping));
}

/* Of one number in both graphs: nothing of one type is a prototype. */
static void
count_functions(const struct kldsim__tags *tags,
    const struct kldsim__tagged *a, const struct kldsim__tagged *b,
    struct counts *counts)
{
	struct kldsim__shaping shaping = { .seed = tags->seed,
		.work = 1000000 };

	for (kldsim_type_id id = 1; id < a->ids; id++) {
		const bool same = kldsim__same_functions(tags, a, id, b, id,
		    &shaping);
		const bool alike = kldsim__shape_hash(a->types, id,
		    &shaping) == kldsim__shape_hash(b->types, id, &shaping);
		struct kldsim_type type;

		assert_true(alike || !same);
		assert_int_equal(kldsim_type_get(a->types, id, &type),
		    KLDSIM_OK);
		if (type.kind != KLDSIM_TYPE_FUNCTION)
			continue;
		counts->pairs++;
		counts->shapes += alike;
		counts->same += same;
	}
}

/* What types lead to is the same whether it is asked of one or of all. */
static void
check_behind(const struct kldsim__tags *tags, const struct kldsim__tagged *one,
    const struct kldsim_types *types)
{
	struct kldsim__tagged all;

	assert_true(kldsim__tagged_init(&all, tags, types));
	kldsim__find_all_behind(tags, &all);
	for (kldsim_type_id id = one->ids; id-- > 0;) {
		const struct kldsim__behind *a = kldsim__behind(tags, one, id);
		const struct kldsim__behind *b = kldsim__behind(tags, &all,
		    id);

		assert_int_equal(a->id, b->id);
		assert_int_equal(a->tag, b->tag);
		assert_int_equal(a->number, b->number);
		assert_int_equal(a->steps, b->steps);
		assert_int_equal(a->kind, b->kind);
		assert_int_equal(a->pointer, b->pointer);
		assert_int_equal(a->array, b->array);
		assert_int_equal(a->named, b->named);
	}
	kldsim__tagged_fini(&all, tags->alloc);
}

static void
count_pairs(const struct kldsim_types *old, const struct kldsim_types *new,
    struct counts *counts, struct counts *functions)
{
	struct kldsim__alloc alloc;
	struct kldsim__tagged a, b;
	struct kldsim__tags tags;

	kldsim__alloc_init(&alloc, NULL);
	assert_true(kldsim__tags_init(&tags, &alloc, new, &b));
	assert_true(kldsim__tagged_init(&a, &tags, old));
	for (uint32_t tag = 1; tag < tags.count; tag++)
		for (kldsim_type_id i = a.first[tag]; i != 0; i = a.next[i])
			for (kldsim_type_id j = b.first[tag]; j != 0;
			    j = b.next[j])
				count_pair(&tags, &a, i, &b, j, counts);
	count_functions(&tags, &a, &b, functions);
	check_behind(&tags, &a, old);
	check_behind(&tags, &b, new);
	kldsim__tagged_fini(&a, &alloc);
	kldsim__tagged_fini(&b, &alloc);
	kldsim__tags_fini(&tags);
}

static void
count_graphs(bool mistakes, struct counts *counts, struct counts *functions)
{
	for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
		struct kldsim_types *old = make(seed, false);
		struct kldsim_types *new = make(seed, mistakes);

		count_pairs(old, new, counts, functions);
		kldsim_types_free(old);
		kldsim_types_free(new);
	}
}

static void
what_is_the_same_has_one_shape(void **state)
{
	struct counts counts = { 0 }, functions = { 0 };

	(void)state;
	count_graphs(true, &counts, &functions);
	assert_true(counts.same > counts.shapes / 5 * 3);
	assert_true(functions.same > functions.shapes / 3);
}

/* But for what has no name of its own, as some of these have. */
static void
a_copy_is_seen_to_be_one(void **state)
{
	struct counts counts = { 0 }, functions = { 0 };

	(void)state;
	count_graphs(false, &counts, &functions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_the_same_has_one_shape),
		cmocka_unit_test(a_copy_is_seen_to_be_one),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
