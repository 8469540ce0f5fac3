/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A graph that is built type by type, as a reader of another format does it, is
 * the same as one that was read, and nothing wrong gets in.
 */

#include <kldsim/types_build.h>

#include "support_types.h"

static struct kldsim_error error;

static const struct kldsim_types_source source = {
	.file = "m.ko", .section = ".debug_info", .format = "DWARF",
	.version = 4, .word_bits = 64
};

static struct kldsim_types_build *
begin(void)
{
	struct kldsim_types_build *build = kldsim_types_build_new(&source,
	    NULL);

	assert_non_null(build);
	return (build);
}

static kldsim_type_id
add(struct kldsim_types_build *build, enum kldsim_type_kind kind,
    const char *name, uint64_t size, kldsim_type_id target)
{
	return (kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = kind, .name = name, .size = size, .target = target,
	    .bits = kind == KLDSIM_TYPE_INTEGER ? (unsigned)size * 8 : 0 }));
}

static void
add_member(struct kldsim_types_build *build, const char *name,
    kldsim_type_id type, uint64_t bit, uint32_t bits)
{
	kldsim_types_build_member(build, &(struct kldsim_type_member){
	    .name = name, .type = type, .bit_offset = bit, .bits = bits });
}

/* --- the same as what was read --- */

/* A type and all that belongs to it, from one graph to another. */
static void
copy_type(const struct kldsim_types *from, kldsim_type_id id,
    struct kldsim_types_build *build)
{
	struct kldsim_type type;
	struct kldsim_type_member member;
	struct kldsim_type_value value;
	kldsim_type_id argument;

	assert_int_equal(kldsim_type_get(from, id, &type), KLDSIM_OK);
	assert_int_equal(kldsim_types_build_type(build, &type), id);
	for (uint64_t i = 0; kldsim_type_member(from, id, i, &member) ==
	    KLDSIM_OK; i++)
		kldsim_types_build_member(build, &member);
	for (uint64_t i = 0; kldsim_type_value(from, id, i, &value) ==
	    KLDSIM_OK; i++)
		kldsim_types_build_value(build, &value);
	for (uint64_t i = 0; kldsim_type_argument(from, id, i, &argument) ==
	    KLDSIM_OK; i++)
		kldsim_types_build_argument(build, argument);
}

static struct kldsim_types *
copy(const struct kldsim_types *from)
{
	struct kldsim_types_build *build = begin();
	struct kldsim_types_remark remark;
	struct kldsim_typed_symbol symbol;
	struct kldsim_types_info info;
	struct kldsim_types *to = NULL;

	kldsim_types_info(from, &info);
	for (kldsim_type_id id = 1; id <= info.ids; id++)
		copy_type(from, id, build);
	for (uint32_t i = 0; kldsim_types_symbol(from, i, &symbol) ==
	    KLDSIM_OK; i++)
		kldsim_types_build_symbol(build, &symbol);
	for (uint32_t i = 0; kldsim_types_remark(from, i, &remark) ==
	    KLDSIM_OK; i++)
		kldsim_types_build_remark(build, &remark);
	if (kldsim_types_build_finish(build, &to, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_types_build_free(build);
	return (to);
}

static void
same_type(const struct kldsim_types *a, const struct kldsim_types *b,
    kldsim_type_id id)
{
	struct kldsim_type one, other;
	struct kldsim_type_member m1, m2;
	char t1[128], t2[128];

	assert_int_equal(kldsim_type_get(a, id, &one), KLDSIM_OK);
	assert_int_equal(kldsim_type_get(b, id, &other), KLDSIM_OK);
	assert_string_equal(one.name, other.name);
	one.name = other.name;
	one.made = false; /* what is added is the reader's own */
	assert_memory_equal(&one, &other, sizeof(one));
	kldsim_type_text(a, id, "x", t1, sizeof(t1));
	kldsim_type_text(b, id, "x", t2, sizeof(t2));
	assert_string_equal(t1, t2);
	assert_int_equal(kldsim_type_strip(a, id), kldsim_type_strip(b, id));
	for (uint64_t i = 0; kldsim_type_member(a, id, i, &m1) == KLDSIM_OK;
	    i++) {
		assert_int_equal(kldsim_type_member(b, id, i, &m2),
		    KLDSIM_OK);
		assert_string_equal(m1.name, m2.name);
		m1.name = m2.name;
		assert_memory_equal(&m1, &m2, sizeof(m1));
	}
}

static void
same_as_read(void **state)
{
	struct support_symtab table;
	struct kldsim_typed_symbol symbol;
	struct kldsim_types_remark remark;
	struct kldsim_types_info info;
	struct kldsim_types *read, *built;
	struct kldsim_type_value value;
	uint8_t bytes[X01_SIZE];
	uint32_t next = 0;

	(void)state;
	support_symtab_x03(&table);
	memcpy(bytes, support_x01, X01_SIZE);
	bytes[3] = 2; /* a flag that means nothing: a remark */
	read = support_types_read(bytes, X01_SIZE, &table, &error);
	assert_non_null(read);
	built = copy(read);
	kldsim_types_info(built, &info);
	assert_string_equal(info.file, "m.ko");
	assert_string_equal(info.format, "DWARF");
	assert_int_equal(info.version, 4);
	assert_string_equal(info.label, "");
	assert_int_equal(info.types, 10);
	assert_int_equal(info.functions, 1);
	assert_int_equal(info.variables, 1);
	assert_int_equal(info.remarks, 1);
	for (kldsim_type_id id = 1; id <= info.ids; id++)
		same_type(read, built, id);
	kldsim_types_free(read);
	/* Names are the graph's own. */
	assert_int_equal(kldsim_type_value(built, 6, 1, &value), KLDSIM_OK);
	assert_string_equal(value.name, "B");
	assert_int_equal(kldsim_types_find_symbol(built, "g", &next, &symbol),
	    KLDSIM_OK);
	assert_int_equal(symbol.index, 2);
	assert_int_equal(kldsim_types_find(built, "foo", 0), 3);
	assert_int_equal(kldsim_types_remark(built, 0, &remark), KLDSIM_OK);
	assert_string_equal(remark.rules, "C-03");
	kldsim_types_free(built);
}

/* What DWARF says and CTF does not: a tag's kind, the bits of an enum. */
static void
more_than_ctf(void **state)
{
	struct kldsim_types_build *build = begin();
	struct kldsim_types *types = NULL;
	struct kldsim_type_member member;
	struct kldsim_type type;
	char text[64];

	(void)state;
	assert_int_equal(add(build, KLDSIM_TYPE_ENUM, "e", 4, 0), 1);
	kldsim_types_build_value(build, &(struct kldsim_type_value){ "A",
	    INT64_MAX });
	assert_int_equal(add(build, KLDSIM_TYPE_STRUCT, "s", 8, 0), 2);
	add_member(build, "a", 1, 0, 3);
	add_member(build, "b", 1, 8, 0);
	assert_int_equal(kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = KLDSIM_TYPE_FORWARD, .name = "u",
	    .tag = KLDSIM_TYPE_UNION }), 3);
	assert_int_equal(kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = KLDSIM_TYPE_ARRAY, .target = 2, .count = 3 }), 4);
	assert_int_equal(kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = KLDSIM_TYPE_ENUM, .name = "f", .cut = true }), 5);
	assert_int_equal(kldsim_types_build_finish(build, &types, &error),
	    KLDSIM_OK);
	assert_int_equal(kldsim_types_build_finish(build, &types, &error),
	    KLDSIM_STATE);
	assert_string_equal(error.text, "these types are finished already");
	assert_int_equal(add(build, KLDSIM_TYPE_ENUM, "f", 4, 0), 0);
	kldsim_types_build_free(build);
	assert_int_equal(kldsim_type_member(types, 2, 0, &member), KLDSIM_OK);
	assert_int_equal(member.bits, 3);
	/* Nothing is guessed: it is 32 bits from bit 8 on. */
	assert_int_equal(kldsim_type_member(types, 2, 1, &member), KLDSIM_OK);
	assert_int_equal(member.bits, 0);
	kldsim_type_text(types, 3, "x", text, sizeof(text));
	assert_string_equal(text, "union u x");
	assert_int_equal(kldsim_type_get(types, 4, &type), KLDSIM_OK);
	assert_int_equal(type.size, 24);
	assert_int_equal(kldsim_type_get(types, 5, &type), KLDSIM_OK);
	assert_true(type.cut);
	kldsim_types_free(types);
}

/* --- names --- */

/* Each is kept once: a million members of one name cost one name. */
static void
names_are_kept_once(void **state)
{
	struct kldsim_types_options options;
	struct kldsim_types_build *build;
	struct kldsim_types *types = NULL;
	char name[16];

	(void)state;
	kldsim_types_options_init(&options, sizeof(options));
	/* "", and of a thousand names and their NULs 3 to 5 bytes each. */
	options.limits.type_strings = 1 + 10 * 3 + 90 * 4 + 900 * 5;
	build = kldsim_types_build_new(&source, &options);
	assert_non_null(build);
	for (int round = 0; round < 5; round++)
		for (int i = 0; i < 1000; i++) {
			(void)snprintf(name, sizeof(name), "n%d", i);
			(void)add(build, KLDSIM_TYPE_STRUCT, name, 4, 0);
		}
	if (kldsim_types_build_finish(build, &types, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	assert_int_equal(kldsim_types_find(types, "n7", 1008), 2008);
	kldsim_types_build_free(build);
	kldsim_types_free(types);
	options.limits.type_strings -= 2; /* the last NUL is not counted */
	build = kldsim_types_build_new(&source, &options);
	assert_non_null(build);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		(void)add(build, KLDSIM_TYPE_STRUCT, name, 4, 0);
	}
	assert_int_equal(kldsim_types_build_finish(build, &types, &error),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, ".debug_info: "));
	kldsim_types_build_free(build);
}

/* --- what is wrong --- */

typedef void wrong(struct kldsim_types_build *build);

static void
no_kind(struct kldsim_types_build *build)
{
	(void)add(build, (enum kldsim_type_kind)14, "x", 4, 0);
}

static void
many_bits(struct kldsim_types_build *build)
{
	(void)kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = KLDSIM_TYPE_INTEGER, .bits = 0x10000 });
}

static void
far_away(struct kldsim_types_build *build)
{
	(void)kldsim_types_build_type(build, &(struct kldsim_type){
	    .kind = KLDSIM_TYPE_INTEGER, .offset = UINT64_C(1) << 32 });
}

static void
member_first(struct kldsim_types_build *build)
{
	add_member(build, "m", 1, 0, 0);
}

static void
member_of_int(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_INTEGER, "int", 4, 0);
	add_member(build, "m", 1, 0, 0);
}

static void
value_of_struct(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_STRUCT, "s", 4, 0);
	kldsim_types_build_value(build, &(struct kldsim_type_value){ "A", 1 });
}

static void
argument_of_struct(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_STRUCT, "s", 4, 0);
	kldsim_types_build_argument(build, 1);
}

static void
reference_to_none(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_POINTER, NULL, 0, 2);
}

static void
member_of_none(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_STRUCT, "s", 4, 0);
	add_member(build, "m", 2, 0, 0);
}

static void
argument_of_none(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_FUNCTION, NULL, 0, 0);
	kldsim_types_build_argument(build, 2);
}

static void
itself(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_STRUCT, "s", 4, 0);
	add_member(build, "m", 2, 0, 0);
	(void)add(build, KLDSIM_TYPE_CONST, NULL, 0, 1);
}

static void
add_symbol(struct kldsim_types_build *build, kldsim_type_id type,
    bool function, uint32_t index)
{
	kldsim_types_build_symbol(build, &(struct kldsim_typed_symbol){
	    .name = "s", .type = type, .function = function,
	    .index = index });
}

static void
symbols_backwards(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_INTEGER, "int", 4, 0);
	add_symbol(build, 1, false, 5);
	add_symbol(build, 1, false, 5);
}

static void
symbol_of_none(struct kldsim_types_build *build)
{
	add_symbol(build, 1, false, 5);
}

static void
symbol_of_void(struct kldsim_types_build *build)
{
	add_symbol(build, 0, false, 5);
}

static void
function_that_is_none(struct kldsim_types_build *build)
{
	(void)add(build, KLDSIM_TYPE_INTEGER, "int", 4, 0);
	add_symbol(build, 1, true, 5);
}

static const struct {
	wrong *make;
	enum kldsim_status status;
	const char *words;
	bool late; /* it is seen at the end */
} rows[] = {
	{ no_kind, KLDSIM_ARG, "a type of no kind", false },
	{ many_bits, KLDSIM_ARG, "a number of too many bits", false },
	{ far_away, KLDSIM_ARG, "a type too far away", false },
	{ member_first, KLDSIM_ARG, "a member of what is no structure", false },
	{ member_of_int, KLDSIM_ARG, "a member of what is no structure",
	    false },
	{ value_of_struct, KLDSIM_ARG, "a value of what is no enum", false },
	{ argument_of_struct, KLDSIM_ARG, "an argument of what is no function",
	    false },
	{ reference_to_none, KLDSIM_MALFORMED, "type 1 refers to type 2 of 1",
	    true },
	{ member_of_none, KLDSIM_MALFORMED, "struct s refers to type 2 of 1",
	    true },
	{ argument_of_none, KLDSIM_MALFORMED, "type 1 refers to type 2 of 1",
	    true },
	{ itself, KLDSIM_MALFORMED, "struct s contains itself", true },
	{ symbols_backwards, KLDSIM_ARG, "symbols in another order", false },
	{ symbol_of_none, KLDSIM_ARG, "a symbol of no type", true },
	{ symbol_of_void, KLDSIM_ARG, "a symbol of no type", true },
	{ function_that_is_none, KLDSIM_ARG, "or not of its kind", true },
};

static void
mistakes(void **state)
{
	struct kldsim_types *types = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kldsim_types_build *build = begin();

		rows[i].make(build);
		/* The first mistake stays. */
		if (!rows[i].late)
			(void)kldsim_types_build_type(build,
			    &(struct kldsim_type){ .encoding = 256 });
		assert_int_equal(kldsim_types_build_finish(build, &types,
		    &error), rows[i].status);
		assert_null(types);
		assert_int_equal(error.status, rows[i].status);
		if (strstr(error.text, rows[i].words) == NULL)
			fail_msg("%zu: %s", i, error.text);
		assert_ptr_equal(strstr(error.text, "m.ko: .debug_info, "),
		    error.text);
		kldsim_types_build_free(build);
	}
}

static void
nothing_to_build_with(void **state)
{
	struct kldsim_types_source wrong_source = source;
	struct kldsim_types_options options;
	struct kldsim_types *types;

	(void)state;
	wrong_source.word_bits = 16;
	assert_null(kldsim_types_build_new(&wrong_source, NULL));
	kldsim_types_options_init(&options, sizeof(options));
	options.size = 1;
	assert_null(kldsim_types_build_new(&source, &options));
	/* A builder that was not made takes it all. */
	assert_int_equal(add(NULL, KLDSIM_TYPE_STRUCT, "s", 4, 0), 0);
	add_member(NULL, "m", 1, 0, 0);
	kldsim_types_build_value(NULL, &(struct kldsim_type_value){ "A", 1 });
	kldsim_types_build_argument(NULL, 1);
	add_symbol(NULL, 1, false, 1);
	kldsim_types_build_remark(NULL, &(struct kldsim_types_remark){ "", 0,
	    "x" });
	assert_int_equal(kldsim_types_build_finish(NULL, &types, &error),
	    KLDSIM_NOMEM);
	kldsim_types_build_free(NULL);
}

/* Of what a reader complains, the first thing is told. */
static void
first_complaint(void **state)
{
	struct kldsim__build build;
	struct kldsim_types *types = NULL;

	(void)state;
	assert_true(kldsim__build_init(&build, "f", NULL, &error));
	build.section = "s";
	assert_false(kldsim__build_fail(&build, KLDSIM_MALFORMED, 1, "one"));
	assert_false(kldsim__build_fail(&build, KLDSIM_LIMIT, 2, "other"));
	assert_false(kldsim__build_nomem(&build));
	kldsim__build_remark(&build, "", 3, "nothing");
	assert_int_equal(kldsim__build_finish(&build, &types),
	    KLDSIM_MALFORMED);
	assert_null(types);
	assert_string_equal(error.text, "f: s, offset 0x1: one");
}

/* A bit of everything; NULL if there was no memory to begin with. */
static struct kldsim_types_build *
build_some(const struct kldsim_types_options *options)
{
	struct kldsim_types_build *build = kldsim_types_build_new(&source,
	    options);

	(void)add(build, KLDSIM_TYPE_INTEGER, "int", 4, 0);
	for (int i = 0; i < 40; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "s%d", i);
		(void)add(build, KLDSIM_TYPE_STRUCT, name, 4, 0);
		add_member(build, "m", 1, 0, 0);
	}
	(void)add(build, KLDSIM_TYPE_ENUM, "e", 4, 0);
	kldsim_types_build_value(build, &(struct kldsim_type_value){ "A", 1 });
	(void)add(build, KLDSIM_TYPE_FUNCTION, "", 0, 1);
	kldsim_types_build_argument(build, 1);
	add_symbol(build, 43, true, 1);
	kldsim_types_build_remark(build, &(struct kldsim_types_remark){
	    "W-44", 7, "a unit that nobody can read" });
	return (build);
}

static void
no_memory(void **state)
{
	struct kldsim_types_options options;
	struct support_alloc alloc;
	long n = 0;

	(void)state;
	kldsim_types_options_init(&options, sizeof(options));
	do {
		struct kldsim_types_build *build;
		struct kldsim_types *types = NULL;
		enum kldsim_status status;

		support_alloc_init(&alloc, n++);
		options.allocator = support_allocator(&alloc);
		build = build_some(&options);
		status = kldsim_types_build_finish(build, &types, &error);
		assert_int_equal(status, alloc.failed != 0 ? KLDSIM_NOMEM :
		    KLDSIM_OK);
		assert_int_equal(types != NULL, status == KLDSIM_OK);
		kldsim_types_build_free(build);
		kldsim_types_free(types);
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	assert_true(n > 15);
}

/* A builder that is not finished takes all with it. */
static void
given_up(void **state)
{
	struct kldsim_types_options options;
	struct support_alloc alloc;

	(void)state;
	kldsim_types_options_init(&options, sizeof(options));
	support_alloc_init(&alloc, -1);
	options.allocator = support_allocator(&alloc);
	kldsim_types_build_free(build_some(&options));
	assert_int_equal(alloc.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_read),
		cmocka_unit_test(more_than_ctf),
		cmocka_unit_test(names_are_kept_once),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(nothing_to_build_with),
		cmocka_unit_test(first_complaint),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(given_up),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
