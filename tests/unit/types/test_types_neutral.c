/* SPDX-License-Identifier: BSD-2-Clause */

/* What is left of types for comparison (I-10 to I-13). */

#include "support_ctf.h"
#include "types/neutral.h"

static const struct ctf_variant plain = { "amd64", 3, false };
static struct kldsim_error error;

static struct kldsim__neutral
look(const struct kldsim_types *types, int id)
{
	struct kldsim__neutral neutral;

	kldsim__neutral(types, (kldsim_type_id)id, &neutral);
	return (neutral);
}

static void
is_base(const struct kldsim_types *types, int id,
    enum kldsim__neutral_class class, uint64_t bits)
{
	struct kldsim__neutral neutral = look(types, id);

	assert_int_equal(neutral.kind, KLDSIM__NEUTRAL_BASE);
	assert_int_equal(neutral.class, class);
	assert_int_equal(neutral.bits, bits);
	assert_string_equal(neutral.name, "");
}

/* I-11: names and char's sign are gone, and so is void's integer (C-14). */
static void
bases(void **state)
{
	static const struct {
		const char *name;
		uint64_t size;
		uint32_t encoding;
		enum kldsim__neutral_class class;
	} rows[] = {
		{ "long", 8, 1, KLDSIM__NEUTRAL_SIGNED },
		{ "long long", 8, 1, KLDSIM__NEUTRAL_SIGNED },
		{ "unsigned int", 4, 0, KLDSIM__NEUTRAL_UNSIGNED },
		{ "char", 1, 3, KLDSIM__NEUTRAL_SIGNED },
		{ "unsigned char", 1, 2, KLDSIM__NEUTRAL_UNSIGNED },
		{ "_Bool", 1, 4, KLDSIM__NEUTRAL_BOOL },
		{ "void", 0, 0, KLDSIM__NEUTRAL_VOID },
		{ "void", 0, 1, KLDSIM__NEUTRAL_VOID },
	};
	struct kldsim_synth *s = ctf_begin(&plain);
	struct kldsim_types *types;
	int clone, number;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		(void)ctf_int(s, rows[i].name, rows[i].size, rows[i].encoding,
		    (uint32_t)(rows[i].size * 8));
	clone = ctf_int(s, "unsigned int", 4, 0, 3);
	number = kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_FLOAT, .name = "double", .size = 8,
	    .encoding = KLDSIM_SYNTH_CTF_DOUBLE, .bits = 64 });
	types = ctf_end(s, &error);
	assert_non_null(types);
	for (size_t i = 0; i < COUNT(rows); i++)
		is_base(types, (int)i + 1, rows[i].class, rows[i].size * 8);
	is_base(types, clone, KLDSIM__NEUTRAL_UNSIGNED, 32);
	is_base(types, number, KLDSIM__NEUTRAL_FLOAT, 64);
	is_base(types, 0, KLDSIM__NEUTRAL_VOID, 0);
	is_base(types, 1000, KLDSIM__NEUTRAL_VOID, 0);
	kldsim_types_free(types);
}

/* I-10: typedefs and qualifiers are gone; an anonymous type has a handle. */
static void
handles(void **state)
{
	struct kldsim_synth *s = ctf_begin(&plain);
	struct kldsim_types *types;
	int anonymous = ctf_struct(s, NULL, 4);
	int constant = ctf_ref(s, KLDSIM_SYNTH_CTF_CONST, NULL, anonymous);
	int near = ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "near_t", constant);
	int far = ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "far_t", near);
	int volatiles = ctf_ref(s, KLDSIM_SYNTH_CTF_VOLATILE, NULL, far);
	int tagged = ctf_struct(s, "tag", 4);
	int named = ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "tag_t", tagged);
	int pointer = ctf_pointer(s, near);

	(void)state;
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_string_equal(look(types, anonymous).handle, "");
	assert_string_equal(look(types, constant).handle, "");
	assert_string_equal(look(types, near).handle, "near_t");
	assert_string_equal(look(types, far).handle, "near_t");
	assert_string_equal(look(types, volatiles).handle, "near_t");
	assert_int_equal(look(types, volatiles).id, anonymous);
	assert_int_equal(look(types, volatiles).kind, KLDSIM__NEUTRAL_SOU);
	assert_string_equal(look(types, named).handle, "");
	assert_string_equal(look(types, named).name, "tag");
	assert_int_equal(look(types, named).tag, KLDSIM_TYPE_STRUCT);
	/* A pointer keeps the way to what it points to. */
	assert_int_equal(look(types, pointer).kind, KLDSIM__NEUTRAL_POINTER);
	assert_int_equal(look(types, pointer).of, near);
	assert_string_equal(look(types, pointer).handle, "");
	kldsim_types_free(types);
}

static void
others(void **state)
{
	struct kldsim_synth *s = ctf_begin(&plain);
	struct kldsim_types *types;
	int integer = ctf_int(s, "int", 4, 1, 32);
	int array = ctf_array(s, integer, 4, 16);
	int function = ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, integer);
	int nothing = ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, integer);
	int choice = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "e", 4);
	int forward = ctf_sized(s, KLDSIM_SYNTH_CTF_FORWARD, "f", 0);
	int hole = ctf_sized(s, KLDSIM_SYNTH_CTF_UNKNOWN, NULL, 0);
	int f = kldsim_synth_func(s, "f");
	struct kldsim_typed_symbol symbol;

	(void)state;
	kldsim_synth_ctf_argument(s, function, integer);
	kldsim_synth_ctf_argument(s, function, 0);
	kldsim_synth_ctf_enumerator(s, choice, "A", 1);
	kldsim_synth_ctf_func(s, f, integer, &integer, 1);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(look(types, array).kind, KLDSIM__NEUTRAL_ARRAY);
	assert_int_equal(look(types, array).count, 4);
	assert_int_equal(look(types, array).of, integer);
	assert_int_equal(look(types, function).kind, KLDSIM__NEUTRAL_FUNCTION);
	assert_int_equal(look(types, function).count, 1);
	assert_true(look(types, function).variadic);
	assert_true(look(types, function).variadic_known);
	assert_false(look(types, function).unsaid);
	/* C-23: "int f()", and "int f(void)", which CTF has alike. */
	assert_true(look(types, nothing).unsaid);
	assert_int_equal(look(types, choice).kind, KLDSIM__NEUTRAL_ENUM);
	assert_int_equal(look(types, choice).count, 1);
	assert_int_equal(look(types, choice).tag, KLDSIM_TYPE_ENUM);
	assert_int_equal(look(types, forward).kind, KLDSIM__NEUTRAL_FORWARD);
	assert_int_equal(look(types, forward).tag, KLDSIM_TYPE_UNKNOWN);
	assert_string_equal(look(types, forward).name, "f");
	assert_int_equal(look(types, hole).kind, KLDSIM__NEUTRAL_OPAQUE);
	/* I-13: of a function that is defined CTF does not say "...". */
	assert_int_equal(kldsim_types_symbol(types, 0, &symbol), KLDSIM_OK);
	assert_false(look(types, (int)symbol.type).variadic_known);
	kldsim_types_free(types);
}

/* --- members --- */

struct want {
	const char *name;
	uint64_t bit;
	uint32_t bits;
};

static void
has_members(const struct kldsim_types *types, int id, const struct want *want,
    size_t n)
{
	struct kldsim__neutral_walk walk;
	struct kldsim__neutral_member member;

	kldsim__neutral_members(types, (kldsim_type_id)id, n + 100, &walk);
	for (size_t i = 0; i < n; i++) {
		assert_true(kldsim__neutral_next(&walk, &member));
		assert_string_equal(member.name, want[i].name);
		assert_int_equal(member.bit, want[i].bit);
		assert_int_equal(member.bits, want[i].bits);
	}
	assert_false(kldsim__neutral_next(&walk, &member));
	assert_false(kldsim__neutral_next(&walk, &member));
	assert_false(walk.cut);
}

/* I-12, X-10 row 17: { x; union { a; struct { b:3; c } }; union u { a } u }. */
static void
flattened(void **state)
{
	static const struct want want[] = { { "x", 0, 0 }, { "a", 64, 0 },
		{ "b", 64, 3 }, { "c", 96, 0 }, { "u", 128, 0 } };
	static const struct want unnamed[] = { { "", 0, 0 } };
	struct kldsim_synth *s = ctf_begin(&plain);
	int integer = ctf_int(s, "int", 4, 1, 32);
	int narrow = ctf_int(s, "int", 4, 1, 3);
	int inner = ctf_struct(s, NULL, 8);
	int either = ctf_sized(s, KLDSIM_SYNTH_CTF_UNION, NULL, 8);
	int known = ctf_sized(s, KLDSIM_SYNTH_CTF_UNION, "u", 4);
	int outer = ctf_struct(s, "outer", 24);
	int typed = ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "outer_t", outer);
	int strange = ctf_struct(s, "strange", 4);
	struct kldsim_types *types;

	(void)state;
	kldsim_synth_ctf_member(s, inner, "b", narrow, 0);
	kldsim_synth_ctf_member(s, inner, "c", integer, 32);
	kldsim_synth_ctf_member(s, either, "a", integer, 0);
	kldsim_synth_ctf_member(s, either, NULL, inner, 0);
	kldsim_synth_ctf_member(s, known, "a", integer, 0);
	kldsim_synth_ctf_member(s, outer, "x", integer, 0);
	kldsim_synth_ctf_member(s, outer, "", either, 64);
	kldsim_synth_ctf_member(s, outer, "u", known, 128);
	kldsim_synth_ctf_member(s, strange, NULL, integer, 0);
	types = ctf_end(s, &error);
	assert_non_null(types);
	has_members(types, outer, want, COUNT(want));
	has_members(types, typed, want, COUNT(want));
	has_members(types, strange, unnamed, 1);
	has_members(types, integer, NULL, 0);
	has_members(types, 0, NULL, 0);
	kldsim_types_free(types);
}

/* Twice as many at each level: the walk ends, and says that it is cut. */
static void
exploding(void **state)
{
	struct kldsim_synth *s = ctf_begin(&plain);
	struct kldsim__neutral_walk walk;
	struct kldsim__neutral_member member;
	struct kldsim_types *types;
	uint64_t told = 0;

	(void)state;
	for (int id = 1; id < 60; id++) {
		assert_int_equal(ctf_struct(s, NULL, 8), id);
		kldsim_synth_ctf_member(s, id, NULL, id + 1, 0);
		kldsim_synth_ctf_member(s, id, NULL, id + 1, 0);
	}
	(void)ctf_struct(s, NULL, 8);
	types = ctf_end(s, &error);
	assert_non_null(types);
	kldsim__neutral_members(types, 1, 10000, &walk);
	while (kldsim__neutral_next(&walk, &member))
		told++;
	assert_true(walk.cut);
	assert_true(told > 0 && told < 10000);
	/* Exactly as many as there are is not one too many. */
	kldsim__neutral_members(types, 58, 6, &walk);
	while (kldsim__neutral_next(&walk, &member))
		fail();
	assert_false(walk.cut);
	kldsim__neutral_members(types, 58, 5, &walk);
	while (kldsim__neutral_next(&walk, &member))
		fail();
	assert_true(walk.cut);
	kldsim_types_free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases),
		cmocka_unit_test(handles),
		cmocka_unit_test(others),
		cmocka_unit_test(flattened),
		cmocka_unit_test(exploding),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
