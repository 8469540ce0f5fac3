/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kldsim_type_of() and kldsim_format() (Y-20 to Y-22): variables whose bytes
 * stand beside what they have to come out as, as text and as JSON.
 */

#include "support_value.h"

#include <stdio.h>
#include <stdlib.h>

#include "kern/sim.h"

/* What is written: an answer's text, for the next one to overwrite. */
struct said {
	char text[20000];
	size_t size;
	size_t room; /* 0: as much as fits; else an errno behind so much */
};

static int
listen(void *user, const void *bytes, uint64_t size)
{
	struct said *said = user;

	if (said->room != 0 && said->size + size > said->room)
		return 28;
	assert_true(size < sizeof(said->text) - said->size);
	memcpy(said->text + said->size, bytes, size);
	said->size += size;
	said->text[said->size] = '\0';
	return 0;
}

/* As the target would: no call of ours writes memory. */
static void
poke(const struct kern *kern, kldsim_addr at, const void *bytes, size_t size)
{
	assert_int_equal(kldsim__aspace_write(&kern->sim->space, at, bytes,
	    size), KLDSIM__ACCESS_OK);
}

static struct kldsim_typed *
find(const struct kern *kern, const char *name)
{
	struct kldsim_typed *typed;
	struct kldsim_error error;

	assert_int_equal(kldsim_type_of(kern->sim, name, &typed, &error),
	    KLDSIM_OK);
	return typed;
}

/* What is written of a variable: all its copies, or one copy's value alone. */
static const char *
ask(const struct kern *kern, const char *name,
    const struct kldsim_value_options *options, bool all)
{
	static struct said said;
	struct kldsim_typed *typed = find(kern, name);
	struct kldsim_typed_info info;
	struct kldsim_error error;

	said.size = 0;
	kldsim_typed_info(typed, &info);
	assert_int_equal(all ? kldsim_format_copies(typed, options, listen,
	    &said, &error) : kldsim_format(typed, info.address, options,
	    listen, &said, &error), KLDSIM_OK);
	kldsim_typed_free(typed);
	return said.text;
}

/* The value of a variable's only or reference copy. */
static const char *
value_of(const struct kern *kern, const char *name,
    const struct kldsim_value_options *options)
{
	return ask(kern, name, options, false);
}

static const char *
copies_of(const struct kern *kern, const char *name,
    const struct kldsim_value_options *options)
{
	return ask(kern, name, options, true);
}

static struct kldsim_value_options
options_of(enum kldsim_value_form form)
{
	struct kldsim_value_options options;

	kldsim_value_options_init(&options, sizeof(options));
	options.form = form;
	return options;
}

#define FOO_JSON \
	"{\"name\": \"a\", \"type\": \"int\", \"offset\": 0, \"value\": -5}, " \
	"{\"name\": \"n\", \"type\": \"char[4]\", \"offset\": 4, " \
	"\"value\": \"ab\"}, " \
	"{\"name\": \"p\", \"type\": \"struct foo *\", \"offset\": 8, " \
	"\"value\": \"0x0\"}, " \
	"{\"name\": \"f1\", \"type\": \"unsigned int\", \"offset\": 16, " \
	"\"bit\": 0, \"bits\": 3, \"value\": 5}, " \
	"{\"name\": \"f2\", \"type\": \"unsigned int\", \"offset\": 16, " \
	"\"bit\": 3, \"bits\": 5, \"value\": 9}, " \
	"{\"name\": \"m\", \"type\": \"enum mode\", \"offset\": 20, " \
	"\"value\": -1, \"symbol\": \"BROKEN\"}, " \
	"{\"name\": \"many\", \"type\": \"int[12]\", \"offset\": 24, " \
	"\"value\": [{\"name\": \"[0]\", \"type\": \"int\", \"offset\": 24, " \
	"\"value\": 1}, {\"name\": \"[1]\", \"type\": \"int\", " \
	"\"offset\": 28, \"repeats\": 11, \"value\": 0}]}"

/* Y-20 of both word sizes and byte orders. */
static void
forms(void **state)
{
	const struct kldsim_value_options json = options_of(
	    KLDSIM_VALUE_JSON);

	(void)state;
	for (size_t i = 0; i < VALUE_MACHINES; i++) {
		struct kern kern;

		value_kernel(&kern, &value_machines[i], R121);
		assert_string_equal(value_of(&kern, "one", NULL),
		    "{\n  .a = -5,\n  .n = \"ab\",\n  .p = 0x0,\n  .f1 = 5,\n"
		    "  .f2 = 9,\n  .m = BROKEN,\n"
		    "  .many = {1, 0 <11 of them>},\n}\n");
		assert_string_equal(value_of(&kern, "one", &json),
		    "{\"name\": \"one\", \"type\": \"struct foo\", "
		    "\"offset\": 0, \"value\": [" FOO_JSON "]}\n");
		kern_fini(&kern);
	}
}

/* Y-21: what a name stands for, and the type alone. */
static void
names(void **state)
{
	static const struct {
		const char *name, *symbol;
		enum kldsim_ddb_kind kind;
		kldsim_size size;
		bool typed;
	} rows[] = {
		{ "one", "one", KLDSIM_DDB_PLAIN, VALUE_FOO, true },
		{ "each", "vnet_entry_each", KLDSIM_DDB_VNET, VALUE_FOO,
		    true },
		{ "plain", "pcpu_entry_plain", KLDSIM_DDB_DPCPU, 8, false },
		{ "odd", "odd", KLDSIM_DDB_PLAIN, 5, false },
		/* By its type; the symbol says 8 bytes. */
		{ "wide", "wide", KLDSIM_DDB_PLAIN, 4, true },
		{ "struct foo", "", KLDSIM_DDB_PLAIN, VALUE_FOO, true },
	};
	struct kldsim_typed_info info;
	struct kldsim_typed *typed;
	struct kldsim_error error;
	struct kern kern;

	(void)state;
	value_kernel(&kern, &value_machines[0], R121);
	for (size_t i = 0; i < COUNT(rows); i++) {
		typed = find(&kern, rows[i].name);
		kldsim_typed_info(typed, &info);
		assert_string_equal(info.symbol, rows[i].symbol);
		assert_int_equal(info.kind, rows[i].kind);
		assert_int_equal(info.size, rows[i].size);
		assert_int_equal(info.type != 0, rows[i].typed);
		assert_string_equal(info.file, "kernel");
		if (*info.symbol != '\0')
			assert_int_equal(info.address, kern_symbol(&kern,
			    info.symbol));
		kldsim_typed_free(typed);
	}
	assert_int_equal(kldsim_type_of(kern.sim, "nobody", &typed, &error),
	    KLDSIM_NOENT);
	assert_string_equal(error.text, "Symbol 'nobody' not found");
	assert_int_equal(kldsim_type_of(kern.sim, "union foo", &typed,
	    NULL), KLDSIM_NOENT);
	assert_null(typed);
	/* Any memory by a type, and none by what is no variable. */
	typed = find(&kern, "struct foo");
	assert_int_equal(kldsim_format_copies(typed, NULL, listen, NULL,
	    &error), KLDSIM_NOENT);
	assert_int_equal(kldsim_format(typed, 8, NULL, listen, NULL, &error),
	    KLDSIM_FAULT);
	assert_string_equal(error.text, "nothing is mapped at 0x8");
	kldsim_typed_free(typed);
	kern_fini(&kern);
}

/* Kinds of values: what is written to a variable, and what is read there. */
static void
kinds(void **state)
{
	struct kldsim_value_options json = options_of(KLDSIM_VALUE_JSON);

	(void)state;
	for (size_t i = 0; i < VALUE_MACHINES; i++) {
		const struct value_machine *m = &value_machines[i];
		uint8_t bytes[48] = { 0 };
		struct kldsim_synth *s;
		struct kern kern;
		char want[1000];
		int mix, either, flag, quad, half, chars, real, place;

		kern_init_machine(&kern, m->name, R140);
		s = kern.synth;
		flag = ctf_int(s, "_Bool", 1, KLDSIM_SYNTH_CTF_BOOL, 8);
		chars = ctf_int(s, "char", 1, KLDSIM_SYNTH_CTF_CHAR, 8);
		half = ctf_int(s, "u_short", 2, 0, 16);
		quad = ctf_int(s, "int64_t", 8, KLDSIM_SYNTH_CTF_SIGNED, 64);
		real = kldsim_synth_ctf_type(s,
		    &(struct kldsim_synth_ctf_type){
		    .kind = KLDSIM_SYNTH_CTF_FLOAT, .name = "double",
		    .size = 8, .encoding = 2, .bits = 64 });
		either = ctf_sized(s, KLDSIM_SYNTH_CTF_UNION, "either", 4);
		kldsim_synth_ctf_member(s, either, "h", ctf_array(s, half, 2,
		    4), 0);
		kldsim_synth_ctf_member(s, either, "c", chars, 0);
		mix = ctf_struct(s, "mix", 40);
		kldsim_synth_ctf_member(s, mix, "flag", flag, 0);
		kldsim_synth_ctf_member(s, mix, "odd", flag, 8);
		kldsim_synth_ctf_member(s, mix, NULL, either, 32);
		kldsim_synth_ctf_member(s, mix, "quad", quad, 64);
		kldsim_synth_ctf_member(s, mix, "real", real, 128);
		kldsim_synth_ctf_member(s, mix, "hook", ctf_pointer(s, mix),
		    192);
		place = kldsim_synth_object(s, "mixed", bytes, 40, 8);
		kldsim_synth_ctf_object(s, place, mix);
		kern_boot(&kern);
		/* Now that addresses are known, its bytes. */
		bytes[0] = 1;
		bytes[1] = 2;
		value_put(bytes + 4, m, 2, 0x4161);
		value_put(bytes + 6, m, 2, 7);
		value_put(bytes + 8, m, 8, (uint64_t)-2);
		bytes[16] = 0xff;
		value_put(bytes + 24, m, m->word,
		    kern_symbol(&kern, "mixed") + 4);
		poke(&kern, kern_symbol(&kern, "mixed"), bytes, 40);
		(void)snprintf(want, sizeof(want),
		    "{\n  .flag = true,\n  .odd = 2,\n  {\n"
		    "    .h = {16737, 7},\n    .c = %s,\n  },\n"
		    "  .quad = -2,\n  .real = ff 00 00 00 00 00 00 00,\n"
		    "  .hook = 0x%jx <mixed+0x4>,\n}\n", m->big ? "65 'A'" :
		    "97 'a'", (uintmax_t)kern_symbol(&kern, "mixed") + 4);
		assert_string_equal(value_of(&kern, "mixed", NULL), want);
		(void)snprintf(want, sizeof(want), "\"type\": \"int64_t\", "
		    "\"offset\": 8, \"value\": \"-0x2\"}, {\"name\": \"real\", "
		    "\"type\": \"double\", \"offset\": 16, \"value\": "
		    "\"ff 00 00 00 00 00 00 00\"}, {\"name\": \"hook\", "
		    "\"type\": \"struct mix *\", \"offset\": 24, \"value\": "
		    "\"0x%jx\", \"symbol\": \"mixed\", \"symbol_offset\": 4}",
		    (uintmax_t)kern_symbol(&kern, "mixed") + 4);
		assert_non_null(strstr(value_of(&kern, "mixed", &json),
		    want));
		assert_non_null(strstr(value_of(&kern, "mixed", &json),
		    "{\"name\": \"flag\", \"type\": \"_Bool\", \"offset\": 0, "
		    "\"value\": true}, {\"name\": \"odd\", \"type\": "
		    "\"_Bool\", \"offset\": 1, \"value\": 2}, {\"name\": \"\", "
		    "\"type\": \"union either\", \"offset\": 4, \"value\": "
		    "[{\"name\": \"h\", "));
		json.depth = 1;
		assert_non_null(strstr(value_of(&kern, "mixed", &json),
		    "\"value\": null, \"note\": \"deeper than is shown\"}"));
		json.depth = 0;
		kern_fini(&kern);
	}
}

/* --- enums, whose bit-fields have no width in CTF --- */

struct enumerator {
	const char *name;
	int value;
};

static const struct {
	const char *name;
	unsigned size;
	struct enumerator values[4];
} enum_rows[] = {
	{ "color", 4, { { "RED", 0 }, { "GREEN", 1 }, { "BLUE", 2 },
	    { "BLACK", 3 } } },
	{ "sign", 4, { { "PLUS", 1 }, { "ZERO", 0 }, { "MINUS", -1 } } },
	{ "wide", 4, { { "W0", 0 }, { "W1", 1 }, { "WMAX", 0x7fffffff } } },
	{ "small", 1, { { "S0", 0 }, { "S1", 200 } } },
	{ "neg", 1, { { "N0", 0 }, { "NM", -1 } } },
};

static int
make_enum(struct kldsim_synth *s, const char *name)
{
	for (size_t i = 0; i < COUNT(enum_rows); i++) {
		const struct enumerator *value = enum_rows[i].values;
		int id;

		if (strcmp(enum_rows[i].name, name) != 0)
			continue;
		id = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, name,
		    enum_rows[i].size);
		for (size_t j = 0; j < 4 && value[j].name != NULL; j++)
			kldsim_synth_ctf_enumerator(s, id, value[j].name,
			    value[j].value);
		return id;
	}
	return 0;
}

/* Structures of an enum's bit-fields, each up to the next, and an int. */
static const struct {
	const char *name, *of;
	unsigned at[3]; /* 32: there are no more */
} field_rows[] = {
	{ "bf", "color", { 0, 2, 4 } },
	{ "sf", "sign", { 0, 2, 4 } },
	{ "tf", "color", { 0, 8, 32 } },
	{ "wf", "wide", { 0, 3, 32 } },
};

static int
enum_type(struct kldsim_synth *s, const char *name)
{
	for (size_t i = 0; i < COUNT(field_rows); i++) {
		int of, id;

		if (strcmp(field_rows[i].name, name) != 0)
			continue;
		of = make_enum(s, field_rows[i].of);
		id = ctf_struct(s, name, 8);
		for (size_t j = 0; j < 3 && field_rows[i].at[j] != 32; j++)
			kldsim_synth_ctf_member(s, id, &"a\0b\0c"[2 * j], of,
			    field_rows[i].at[j]);
		kldsim_synth_ctf_member(s, id, "d", ctf_int(s, "int", 4,
		    KLDSIM_SYNTH_CTF_SIGNED, 32), 32);
		return id;
	}
	return make_enum(s, name);
}

/*
 * Bytes are clang's of a variable for x86_64 and powerpc64 FreeBSD, which i386
 * and powerpc share; what they are is what gdb says of the former, where it can
 * be told without the widths that CTF does not have (C-13).
 */
static const struct {
	const char *name, *type;
	uint8_t bytes[2][8]; /* little-endian, big-endian */
	size_t size;
	const char *want[2];
} enum_values[] = {
	/* enum color a:2, b:2, c:2; int d; = BLUE, BLACK, GREEN, 7 */
	{ "v_bf", "bf", { { 0x1e, 0, 0, 0, 7 },
	    { 0xb4, 0, 0, 0, 0, 0, 0, 7 } }, 8,
	    { "{\n  .a = BLUE,\n  .b = BLACK,\n  .c = GREEN,\n"
	    "  .d = 7,\n}\n",
	    "{\n  .a = BLUE,\n  .b = BLACK,\n"
	    "  .c = <at most 28 bits, 0x4000000: nobody says how many>,"
	    "\n  .d = 7,\n}\n" } },
	/* All bits are 0 of however many there are. */
	{ "v_zero", "bf", { { 0x0e, 0, 0, 0, 7 },
	    { 0xb0, 0, 0, 0, 0, 0, 0, 7 } }, 8,
	    { "{\n  .a = BLUE,\n  .b = BLACK,\n  .c = RED,\n"
	    "  .d = 7,\n}\n",
	    "{\n  .a = BLUE,\n  .b = BLACK,\n  .c = RED,\n"
	    "  .d = 7,\n}\n" } },
	/* enum sign a:2, b:2, c:2; = MINUS, PLUS, MINUS, 7; what c is
	   would be 3 if it had three bits. */
	{ "v_sf", "sf", { { 0x37, 0, 0, 0, 7 },
	    { 0xdc, 0, 0, 0, 0, 0, 0, 7 } }, 8,
	    { "{\n  .a = MINUS,\n  .b = PLUS,\n"
	    "  .c = <at most 28 bits, 0x3: nobody says how many>,\n"
	    "  .d = 7,\n}\n",
	    "{\n  .a = MINUS,\n  .b = PLUS,\n"
	    "  .c = <at most 28 bits, 0xc000000: nobody says how many>,"
	    "\n  .d = 7,\n}\n" } },
	/* enum color a:8, b:8; int d; = 0x85, GREEN, 7: of two bits a
	   would be GREEN, and BLUE where the highest comes first. */
	{ "v_tf", "tf", { { 0x85, 1, 0, 0, 7 },
	    { 0x85, 1, 0, 0, 0, 0, 0, 7 } }, 8,
	    { "{\n  .a = <at most 8 bits, 0x85: nobody says how many>,"
	    "\n  .b = GREEN,\n  .d = 7,\n}\n",
	    "{\n  .a = <at most 8 bits, 0x85: nobody says how many>,"
	    "\n  .b = <at most 24 bits, 0x10000: nobody says how many>,"
	    "\n  .d = 7,\n}\n" } },
	/* enum wide a:3, b:5; int d; = W1, W0, 7: WMAX does not fit,
	   and one bit would do. */
	{ "v_wf", "wf", { { 0x01, 0, 0, 0, 7 },
	    { 0x20, 0, 0, 0, 0, 0, 0, 7 } }, 8,
	    { "{\n  .a = W1,\n  .b = W0,\n  .d = 7,\n}\n",
	    "{\n  .a = <at most 3 bits, 0x1: nobody says how many>,\n"
	    "  .b = W0,\n  .d = 7,\n}\n" } },
	/* C has no sign for an enum without negative enumerators. */
	{ "v_small", "small", { { 200 }, { 200 } }, 1,
	    { "S1\n", "S1\n" } },
	{ "v_small2", "small", { { 201 }, { 201 } }, 1,
	    { "201\n", "201\n" } },
	{ "v_neg", "neg", { { 200 }, { 200 } }, 1,
	    { "-56\n", "-56\n" } },
	{ "v_color", "color", { { 0xf0, 0xff, 0xff, 0xff },
	    { 0xff, 0xff, 0xff, 0xf0 } }, 4,
	    { "4294967280\n", "4294967280\n" } },
};

/* Y-20, C-13: what is shown of an enum is true. */
static void
enums(void **state)
{
	struct kldsim_value_options json = options_of(KLDSIM_VALUE_JSON);

	(void)state;
	for (size_t i = 0; i < VALUE_MACHINES; i++) {
		const bool big = value_machines[i].big;
		struct kern kern;

		kern_init_machine(&kern, value_machines[i].name, R140);
		for (size_t j = 0; j < COUNT(enum_values); j++)
			kldsim_synth_ctf_object(kern.synth,
			    kldsim_synth_object(kern.synth, enum_values[j].name,
			    enum_values[j].bytes[big], enum_values[j].size, 8),
			    enum_type(kern.synth, enum_values[j].type));
		kern_boot(&kern);
		for (size_t j = 0; j < COUNT(enum_values); j++)
			assert_string_equal(value_of(&kern, enum_values[j].name,
			    NULL), enum_values[j].want[big]);
		/* An upper bound is not said to be the width. */
		assert_non_null(strstr(value_of(&kern, "v_bf", &json), big ?
		    "{\"name\": \"c\", \"type\": \"enum color\", "
		    "\"offset\": 0, \"bit\": 4, \"bits_at_most\": 28, "
		    "\"value\": null, \"note\": \"at most 28 bits, "
		    "0x4000000: nobody says how many\"}" :
		    "{\"name\": \"c\", \"type\": \"enum color\", "
		    "\"offset\": 0, \"bit\": 4, \"bits_at_most\": 28, "
		    "\"value\": 1, \"symbol\": \"GREEN\"}"));
		kern_fini(&kern);
	}
}

/* --- arrays of an unknown number of elements, at the end of all --- */

/* struct NAME { int n; TYPE more[]; } of so many bytes, more at a bit. */
static int
open_struct(struct kldsim_synth *s, const char *name, uint64_t size, int type,
    uint64_t bit)
{
	const int id = ctf_struct(s, name, size);

	kldsim_synth_ctf_member(s, id, "n", ctf_int(s, "int", 4,
	    KLDSIM_SYNTH_CTF_SIGNED, 32), 0);
	kldsim_synth_ctf_member(s, id, "more", ctf_array(s, type, 0, 0), bit);
	return id;
}

static void
open_kernel(struct kern *kern, const struct value_machine *m)
{
	struct kldsim_synth *s;
	uint8_t bytes[32] = { 0 };
	int integer, tab, text, outer, front, tail;

	kern_init_machine(kern, m->name, R140);
	s = kern->synth;
	kern->options.vnets = 3;
	for (unsigned i = 0; i < 8; i++)
		value_put(bytes + 4 * i, m, 4, i + 1);
	integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	tab = open_struct(s, "tab", 8, ctf_pointer(s, integer), 64);
	text = open_struct(s, "text", 4, ctf_int(s, "char", 1,
	    KLDSIM_SYNTH_CTF_CHAR, 8), 32);
	tail = open_struct(s, "tail", 8, integer, 32);
	outer = ctf_struct(s, "outer", 8);
	kldsim_synth_ctf_member(s, outer, "in", open_struct(s, "inner", 4,
	    integer, 32), 32);
	front = ctf_struct(s, "front", 4);
	kldsim_synth_ctf_member(s, front, "none", ctf_array(s, integer, 0, 0),
	    0);
	kldsim_synth_ctf_member(s, front, "n", integer, 0);
	kldsim_synth_ctf_object(s, kldsim_synth_vnet(s, "tab", NULL, 8 +
	    2 * m->word, 8), tab);
	memcpy(bytes + 4, "abc\0\0", 6);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "text", bytes, 10,
	    8), text);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "outer", bytes + 16,
	    16, 8), outer);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "front", bytes + 16,
	    8, 8), front);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "tail", bytes + 16,
	    8, 8), tail);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "list", bytes + 16,
	    14, 8), ctf_array(s, integer, 0, 0));
	kldsim_synth_ctf_object(s, kldsim_synth_symbol(s, "huge", STB_GLOBAL,
	    STT_OBJECT, kldsim_synth_section_named(s, ".data"), 0,
	    UINT64_MAX >> 34), tab);
	kern_boot(kern);
}

/* Y-20: a symbol's size says how many there are. */
static void
sized_ends(struct kern *kern)
{
	static const struct {
		const char *name;
		kldsim_size size;
		const char *want;
	} rows[] = {
		{ "text", 10, "{\n  .n = 1,\n  .more = \"abc\",\n}\n" },
		{ "outer", 16, "{\n  .in = {\n    .n = 6,\n"
		    "    .more = {7, 8},\n  },\n}\n" },
		/* It is at the start, and so are its elements, if any. */
		{ "front", 4, "{\n  .none = {},\n  .n = 5,\n}\n" },
		/* What is there is the structure's padding. */
		{ "tail", 8, "{\n  .n = 5,\n  .more = {6},\n}\n" },
		/* Two bytes are left over. */
		{ "list", 14, "{5, 6, 7}\n" },
	};

	for (size_t j = 0; j < COUNT(rows); j++) {
		struct kldsim_typed *typed = find(kern, rows[j].name);
		struct kldsim_typed_info info;

		kldsim_typed_info(typed, &info);
		assert_int_equal(info.size, rows[j].size);
		assert_string_equal(value_of(kern, rows[j].name, NULL),
		    rows[j].want);
		kldsim_typed_free(typed);
	}
}

/* Only one vnet has it, in the second element. */
static void
an_end_that_differs(struct kern *kern, const struct value_machine *m)
{
	struct kldsim_value_options differences = options_of(
	    KLDSIM_VALUE_TEXT);
	uint8_t word[8];
	char want[200];
	kldsim_addr at;

	differences.differences = true;
	assert_int_equal(kldsim_set_translate(kern->sim, KLDSIM_SET_VNET, 1,
	    kern_symbol(kern, "vnet_entry_tab"), &at), KLDSIM_OK);
	value_put(word, m, m->word, 5);
	poke(kern, at + 8 + m->word, word, m->word);
	(void)snprintf(want, sizeof(want), "struct tab tab: VNET variable of "
	    "kernel, %u bytes\ntab.more[1]: 0x0 (reference copy, vnet 0, vnet "
	    "2), 0x5 (vnet 1)\n", 8 + 2 * m->word);
	assert_string_equal(copies_of(kern, "tab", &differences), want);
}

/* Of a type alone nobody knows how many there are; nor of more than any. */
static void
ends_that_nobody_knows(struct kern *kern)
{
	struct kldsim_typed *typed = find(kern, "struct tail");
	struct said said = { .size = 0 };
	struct kldsim_error error;

	assert_int_equal(kldsim_format(typed, kern_symbol(kern, "tail"), NULL,
	    listen, &said, &error), KLDSIM_OK);
	assert_string_equal(said.text, "{\n  .n = 5,\n  .more = {},\n}\n");
	kldsim_typed_free(typed);
	typed = find(kern, "huge");
	assert_int_equal(kldsim_format_copies(typed, NULL, listen, &said,
	    &error), KLDSIM_LIMIT);
	kldsim_typed_free(typed);
}

static void
open_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < VALUE_MACHINES; i++) {
		struct kern kern;

		open_kernel(&kern, &value_machines[i]);
		sized_ends(&kern);
		an_end_that_differs(&kern, &value_machines[i]);
		ends_that_nobody_knows(&kern);
		kern_fini(&kern);
	}
}

/* One instance, or all; values that are alike stand together (Y-21). */
static void
instances(void **state)
{
	struct kldsim_value_options options = options_of(KLDSIM_VALUE_TEXT);
	struct kldsim_error error;
	struct kldsim_typed *typed;
	kldsim_addr at, reference;
	struct kern kern;
	struct said said = { .size = 0 };
	char want[600], *before, *after;

	(void)state;
	value_kernel(&kern, &value_machines[0], R121);
	reference = kern_symbol(&kern, "vnet_entry_each");
	before = kern_digest(&kern);
	(void)copies_of(&kern, "each", &options);
	after = kern_digest(&kern);
	assert_string_equal(before, after); /* a question leaves no trace */
	free(before);
	free(after);
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_VNET, 1,
	    reference, &at), KLDSIM_OK);
	/* 0xb5: f1 is 5 still, f2 22 in the place of 9. */
	poke(&kern, at + 16, "\xb5", 1);
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_VNET, 2,
	    reference, &at), KLDSIM_OK);
	poke(&kern, at + 16, "\xb5", 1);
	options.differences = true;
	assert_string_equal(copies_of(&kern, "each", &options),
	    "struct foo each: VNET variable of kernel, 72 bytes\n"
	    "each.f2: 9 (reference copy, vnet 0), 22 (vnet 1 to 2)\n");
	options.form = KLDSIM_VALUE_JSON;
	options.copy = 1;
	(void)snprintf(want, sizeof(want), "{\"schema\": \"kldsim.value/1\", "
	    "\"name\": \"each\", \"symbol\": \"vnet_entry_each\", \"type\": "
	    "\"struct foo\", \"kind\": \"VNET variable\", \"file\": "
	    "\"kernel\", \"size\": 72, \"copies\": 1, \"differences\": []}\n");
	assert_string_equal(copies_of(&kern, "each", &options), want);
	options.copy = KLDSIM_VALUE_ALL;
	assert_non_null(strstr(copies_of(&kern, "each", &options),
	    "\"copies\": 4, \"differences\": [{\"name\": \".f2\", \"type\": "
	    "\"unsigned int\", \"offset\": 16, \"values\": [{\"copies\": "
	    "[{\"copy\": \"reference\", \"address\": \"0x"));
	options.differences = false;
	options.copy = KLDSIM_VALUE_REFERENCE;
	assert_non_null(strstr(copies_of(&kern, "each", &options),
	    "\"value\": {\"name\": \"each\", \"type\": \"struct foo\", "
	    "\"offset\": 0, \"value\": [" FOO_JSON "]}}]}\n"));
	options.form = KLDSIM_VALUE_TEXT;
	options.copy = 2;
	(void)snprintf(want, sizeof(want), "struct foo each: VNET variable of "
	    "kernel, 72 bytes at 0x%jx\nvnet 2: {\n  .a = -5,\n",
	    (uintmax_t)at);
	assert_true(strncmp(copies_of(&kern, "each", &options), want,
	    strlen(want)) == 0);
	options.copy = 3;
	typed = find(&kern, "each");
	assert_int_equal(kldsim_format_copies(typed, &options, listen, &said,
	    &error), KLDSIM_NOENT);
	assert_string_equal(error.text, "there is no CPU or vnet 3");
	kldsim_typed_free(typed);
	/* Y-22: without a type. */
	options.copy = KLDSIM_VALUE_ALL;
	assert_string_equal(copies_of(&kern, "plain", &options),
	    "plain (nobody says of which type): DPCPU variable of kernel, 8 "
	    "bytes\nreference copy, CPU 0 to 1: 0x0\n");
	options = options_of(KLDSIM_VALUE_JSON);
	assert_string_equal(value_of(&kern, "odd", &options),
	    "{\"name\": \"odd\", \"type\": null, \"offset\": 0, \"value\": "
	    "\"01 02 03 04 05\"}\n");
	kern_fini(&kern);
}

/* Who cannot write, and what asks for too much. */
static void
refusals(void **state)
{
	struct kldsim_value_options options = options_of(KLDSIM_VALUE_TEXT);
	struct said said = { .room = 10 };
	struct kldsim_typed_info info;
	struct kldsim_typed *typed;
	struct kldsim_error error;
	struct kern kern;

	(void)state;
	value_kernel(&kern, &value_machines[0], R121);
	typed = find(&kern, "one");
	kldsim_typed_info(typed, &info);
	assert_int_equal(kldsim_format(typed, info.address, NULL, listen,
	    &said, &error), KLDSIM_SYS);
	assert_int_equal(error.sys_errno, 28);
	options.size = 1;
	assert_int_equal(kldsim_format(typed, info.address, &options, listen,
	    &said, &error), KLDSIM_ARG);
	assert_int_equal(kldsim_format_copies(typed, &options, listen, &said,
	    NULL), KLDSIM_ARG);
	kldsim_typed_free(typed);
	kldsim_typed_free(NULL);
	kern_fini(&kern);
	/* Each part is a step, and so is each element that is compared. */
	kern_init(&kern, R150);
	kern.options.limits.work = 100000;
	kldsim_synth_ctf_object(kern.synth, kldsim_synth_object(kern.synth,
	    "wide", NULL, 1 << 20, 8), ctf_array(kern.synth, ctf_int(
	    kern.synth, "char", 1, 0, 8), 1 << 20, 1 << 20));
	kern_boot(&kern);
	typed = find(&kern, "wide");
	said = (struct said){ .size = 0 };
	assert_int_equal(kldsim_format_copies(typed, NULL, listen, &said,
	    &error), KLDSIM_LIMIT);
	kldsim_typed_free(typed);
	kern_fini(&kern);
}

/* Each value of an enum that is looked at is a step. */
static void
long_enum(void **state)
{
	struct kldsim_value_options options = options_of(KLDSIM_VALUE_TEXT);
	struct said said = { .size = 0 };
	uint32_t numbers[100];
	struct kldsim_typed *typed;
	struct kldsim_error error;
	struct kern kern;
	char name[16];
	int type;

	(void)state;
	for (uint32_t i = 0; i < COUNT(numbers); i++)
		numbers[i] = 5000 + i;
	kern_init(&kern, R150);
	kern.options.limits.work = 100000;
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_CTF_VERSION, 3);
	type = ctf_sized(kern.synth, KLDSIM_SYNTH_CTF_ENUM, "long", 4);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "E%d", i);
		kldsim_synth_ctf_enumerator(kern.synth, type, name, i);
	}
	/* 100 times 2000 is more than 100000. */
	kldsim_synth_ctf_object(kern.synth, kldsim_synth_object(kern.synth,
	    "none", numbers, sizeof(numbers), 8), ctf_array(kern.synth, type,
	    COUNT(numbers), sizeof(numbers)));
	kern_boot(&kern);
	typed = find(&kern, "none");
	for (unsigned i = 0; i < 2; i++) {
		options.form = i == 0 ? KLDSIM_VALUE_TEXT : KLDSIM_VALUE_JSON;
		said.size = 0;
		assert_int_equal(kldsim_format_copies(typed, &options, listen,
		    &said, &error), KLDSIM_LIMIT);
	}
	kldsim_typed_free(typed);
	kern_fini(&kern);
}

/* A variable outlives the file that it is in, which then is not there. */
static void
unloaded(void **state)
{
	const struct value_machine *m = &value_machines[0];
	struct kldsim_typed_info info;
	uint8_t bytes[VALUE_FOO];
	struct kldsim_synth *module;
	struct kldsim_typed *typed;
	struct kldsim_error error;
	struct value_types t;
	struct kern kern;
	struct said said = { .size = 0 };
	int id;

	(void)state;
	value_kernel(&kern, m, R121);
	module = module_new(R121);
	t = value_types(module);
	value_foo(bytes, m);
	kldsim_synth_ctf_object(module, kldsim_synth_object(module, "mine",
	    bytes, VALUE_FOO, 8), t.foo);
	id = kern_load(&kern, module, "foo.ko");
	typed = find(&kern, "mine");
	kern_unload(&kern, id);
	kldsim_typed_info(typed, &info);
	assert_string_equal(info.file, "foo.ko");
	assert_int_equal(kldsim_format_copies(typed, NULL, listen, &said,
	    &error), KLDSIM_FAULT);
	kldsim_typed_free(typed);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(names),
		cmocka_unit_test(kinds),
		cmocka_unit_test(enums),
		cmocka_unit_test(open_ends),
		cmocka_unit_test(instances),
		cmocka_unit_test(refusals),
		cmocka_unit_test(long_enum),
		cmocka_unit_test(unloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
