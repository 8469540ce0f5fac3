/* SPDX-License-Identifier: BSD-2-Clause */

/* Types as C declares them, the hard ones too, and those without an end. */

#include "support_ctf.h"

static const struct ctf_variant plain = { "amd64", 3, false };
static struct kldsim_error error;
static struct kldsim_synth *s;

enum { INT = 1, CHAR, FOO, BAR, ANY };

static void
begin(void)
{
	s = ctf_begin(&plain);
	assert_int_equal(ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32),
	    INT);
	assert_int_equal(ctf_int(s, "char", 1, KLDSIM_SYNTH_CTF_CHAR, 8), CHAR);
	assert_int_equal(ctf_struct(s, "foo", 4), FOO);
	assert_int_equal(ctf_sized(s, KLDSIM_SYNTH_CTF_FORWARD, "bar", 0),
	    BAR);
	assert_int_equal(ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, NULL, 4), ANY);
}

static int
constant(int type)
{
	return (ctf_ref(s, KLDSIM_SYNTH_CTF_CONST, NULL, type));
}

static int
pointer(int type)
{
	return (ctf_pointer(s, type));
}

static int
array(int type, uint32_t elements)
{
	return (ctf_array(s, type, elements, 0));
}

/* A function of up to two arguments; -1: no more, 0: "...". */
static int
function(int returns, int first, int second)
{
	int id = ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, returns);

	if (first >= 0)
		kldsim_synth_ctf_argument(s, id, first);
	if (second >= 0)
		kldsim_synth_ctf_argument(s, id, second);
	return (id);
}

/* What was made last, with a name and without. */
static void
is(int id, const char *named, const char *unnamed)
{
	struct kldsim_types *types = ctf_end(s, &error);
	char text[256];

	assert_non_null(types);
	kldsim_type_text(types, (kldsim_type_id)id, "x", text, sizeof(text));
	assert_string_equal(text, named);
	kldsim_type_text(types, (kldsim_type_id)id, "", text, sizeof(text));
	assert_string_equal(text, unnamed);
	kldsim_types_free(types);
	begin();
}

static void
declarations(void **state)
{
	(void)state;
	begin();
	is(0, "void x", "void");
	is(INT, "int x", "int");
	is(BAR, "struct bar x", "struct bar");
	is(ANY, "enum {...} x", "enum {...}");
	is(ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "foo_t", FOO), "foo_t x",
	    "foo_t");
	is(pointer(INT), "int *x", "int *");
	is(pointer(0), "void *x", "void *");
	is(pointer(pointer(FOO)), "struct foo **x", "struct foo **");
	is(array(INT, 4), "int x[4]", "int[4]");
	is(array(INT, 0), "int x[]", "int[]");
	is(array(array(INT, 4), 3), "int x[3][4]", "int[3][4]");
	is(pointer(array(INT, 4)), "int (*x)[4]", "int (*)[4]");
	is(array(pointer(INT), 4), "int *x[4]", "int *[4]");
	is(function(INT, -1, -1), "int x(void)", "int (void)");
	is(function(INT, 0, -1), "int x(...)", "int (...)");
	is(function(0, pointer(FOO), 0), "void x(struct foo *, ...)",
	    "void (struct foo *, ...)");
	is(pointer(function(INT, INT, CHAR)), "int (*x)(int, char)",
	    "int (*)(int, char)");
	is(array(pointer(function(INT, INT, -1)), 8), "int (*x[8])(int)",
	    "int (*[8])(int)");
	is(function(pointer(INT), INT, -1), "int *x(int)", "int *(int)");
	is(function(pointer(function(0, INT, -1)), INT,
	    pointer(function(0, INT, -1))),
	    "void (*x(int, void (*)(int)))(int)",
	    "void (*(int, void (*)(int)))(int)");
	is(pointer(array(pointer(function(pointer(CHAR), -1, -1)), 2)),
	    "char *(*(*x)[2])(void)", "char *(*(*)[2])(void)");
	kldsim_synth_free(s);
}

/* C-13: the types of bit-fields have names of their own in 15. */
static void
bit_fields(void **state)
{
	(void)state;
	begin();
	is(ctf_int(s, "unsigned int bitfield", 4, 0, 3), "unsigned int x",
	    "unsigned int");
	is(ctf_int(s, "unsigned int bitfield", 4, 0, 32),
	    "unsigned int bitfield x", "unsigned int bitfield");
	is(ctf_int(s, " bitfield", 4, 0, 3), " bitfield x", " bitfield");
	is(ctf_int(s, "unsigned int", 4, 0, 3), "unsigned int x",
	    "unsigned int");
	is(ctf_struct(s, "a bitfield", 4), "struct a bitfield x",
	    "struct a bitfield");
	kldsim_synth_free(s);
}

static void
qualifiers(void **state)
{
	(void)state;
	begin();
	is(constant(INT), "const int x", "const int");
	is(constant(0), "const void x", "const void");
	is(pointer(constant(CHAR)), "const char *x", "const char *");
	is(constant(pointer(CHAR)), "char *const x", "char *const");
	is(constant(pointer(constant(FOO))), "const struct foo *const x",
	    "const struct foo *const");
	is(pointer(constant(pointer(0))), "void *const *x", "void *const *");
	is(ctf_ref(s, KLDSIM_SYNTH_CTF_VOLATILE, NULL, constant(INT)),
	    "volatile const int x", "volatile const int");
	is(constant(ctf_ref(s, KLDSIM_SYNTH_CTF_VOLATILE, NULL, INT)),
	    "volatile const int x", "volatile const int");
	is(ctf_ref(s, KLDSIM_SYNTH_CTF_RESTRICT, NULL, pointer(CHAR)),
	    "char *restrict x", "char *restrict");
	is(constant(array(INT, 4)), "const int x[4]", "const int[4]");
	is(array(constant(INT), 4), "const int x[4]", "const int[4]");
	is(constant(array(pointer(INT), 4)), "int *const x[4]",
	    "int *const[4]");
	is(constant(function(INT, -1, -1)), "int x(void)", "int (void)");
	is(constant(pointer(function(INT, -1, -1))), "int (*const x)(void)",
	    "int (*const)(void)");
	kldsim_synth_free(s);
}

/* --- what does not end --- */

/* A text of any size is that long or ends in dots, and nothing is behind it. */
static void
fits(const struct kldsim_types *types, int id, const char *whole)
{
	for (size_t size = 1; size <= strlen(whole) + 2; size++) {
		char *text = malloc(size);

		assert_non_null(text);
		kldsim_type_text(types, (kldsim_type_id)id, "x", text, size);
		if (size > strlen(whole)) {
			assert_string_equal(text, whole);
		} else if (size > 3) {
			assert_int_equal(strlen(text), size - 1);
			assert_string_equal(text + size - 4, "...");
			assert_memory_equal(text, whole, size - 4);
		} else {
			assert_memory_equal(text, whole, size - 1);
			assert_int_equal(text[size - 1], '\0');
		}
		free(text);
	}
}

static void
cut(void **state)
{
	struct kldsim_types *types;
	int id;

	(void)state;
	begin();
	id = array(pointer(function(pointer(FOO), INT, CHAR)), 4);
	types = ctf_end(s, &error);
	assert_non_null(types);
	fits(types, id, "struct foo *(*x[4])(int, char)");
	kldsim_types_free(types);
}

static void
starts_and_ends(const struct kldsim_types *types, int id, const char *start,
    size_t most)
{
	char text[4096];

	kldsim_type_text(types, (kldsim_type_id)id, "x", text, sizeof(text));
	if (strncmp(text, start, strlen(start)) != 0 || strlen(text) > most ||
	    strstr(text, "...") == NULL)
		fail_msg("%s", text);
}

static void
endless(void **state)
{
	struct kldsim_types *types;
	int self, circle, taker, nested, long_way;

	(void)state;
	begin();
	self = ANY + 1;
	assert_int_equal(pointer(self), self);
	circle = function(self + 2, -1, -1);
	assert_int_equal(pointer(circle), circle + 1);
	/* A function that takes itself, twice. */
	taker = circle + 2;
	assert_int_equal(function(INT, taker, taker), taker);
	nested = INT;
	for (int i = 0; i < 20; i++)
		nested = function(0, nested, -1);
	long_way = INT;
	for (int i = 0; i < 64; i++)
		long_way = i % 2 != 0 ? constant(long_way) : pointer(long_way);
	types = ctf_end(s, &error);
	assert_non_null(types);
	starts_and_ends(types, self, "... ****", 100);
	starts_and_ends(types, circle, "... *(*(*(", 400);
	starts_and_ends(types, taker, "int x(int (int (int ", 4095);
	starts_and_ends(types, nested, "void x(void (void (", 200);
	starts_and_ends(types, long_way, "... ", 300);
	kldsim_type_text(types, INT, "x", NULL, 0); /* nothing is written */
	kldsim_types_free(types);
}

/* No id is as good as void: nobody has to ask first. */
static void
no_id(void **state)
{
	struct kldsim_types *types;

	(void)state;
	begin();
	types = ctf_end(s, &error);
	assert_non_null(types);
	support_type_is(types, ANY + 1, "void");
	support_type_is(types, UINT32_MAX, "void");
	assert_string_equal(kldsim_type_kind_name(KLDSIM_TYPE_RESTRICT),
	    "restrict");
	assert_string_equal(kldsim_type_kind_name(
	    (enum kldsim_type_kind)14), "?");
	kldsim_types_free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declarations),
		cmocka_unit_test(bit_fields),
		cmocka_unit_test(qualifiers),
		cmocka_unit_test(cut),
		cmocka_unit_test(endless),
		cmocka_unit_test(no_id),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
