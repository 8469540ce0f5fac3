/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Every kind of type, in both versions and byte orders, compressed and not
 * (C-10 to C-18); bit-fields; and graphs that are deep or large.
 */

#include "support_ctf.h"
#include "support_image.h"

static struct kldsim_error error;

static const struct ctf_variant v2 = { "amd64", 2, false };
static const struct ctf_variant v3 = { "amd64", 3, false };

static struct kldsim_type
get(const struct kldsim_types *types, int id)
{
	struct kldsim_type type;

	assert_int_equal(kldsim_type_get(types, (kldsim_type_id)id, &type),
	    KLDSIM_OK);
	return (type);
}

static struct kldsim_type_member
member(const struct kldsim_types *types, int id, uint64_t index)
{
	struct kldsim_type_member found;

	assert_int_equal(kldsim_type_member(types, (kldsim_type_id)id, index,
	    &found), KLDSIM_OK);
	return (found);
}

/* --- all of them --- */

/* The ids that the types of make_all() get, in order. */
enum {
	HOLE = 1, VOID, INT, UCHAR, BOOL, DOUBLE, POINTER, ARRAY, FUNCTION,
	STRUCT, UNION, ENUM, FORWARD, TYPEDEF, VOLATILE, CONST, RESTRICT,
	MATRIX, NOTHING, LAST = NOTHING
};

static void
make_parts(struct kldsim_synth *s)
{
	kldsim_synth_ctf_member(s, STRUCT, "next", POINTER, 0);
	kldsim_synth_ctf_member(s, STRUCT, "", UNION, 64);
	kldsim_synth_ctf_member(s, STRUCT, "flag", BOOL, 64 + 16 * 8);
	kldsim_synth_ctf_member(s, UNION, "all", ARRAY, 0);
	kldsim_synth_ctf_member(s, UNION, "one", CONST, 0);
	kldsim_synth_ctf_enumerator(s, ENUM, "least", INT32_MIN);
	kldsim_synth_ctf_enumerator(s, ENUM, "none", -1);
	kldsim_synth_ctf_enumerator(s, ENUM, "most", INT32_MAX);
	kldsim_synth_ctf_argument(s, FUNCTION, POINTER);
	kldsim_synth_ctf_argument(s, FUNCTION, 0);
}

static void
make_all(struct kldsim_synth *s)
{
	(void)ctf_sized(s, KLDSIM_SYNTH_CTF_UNKNOWN, NULL, 0);
	(void)ctf_int(s, "void", 0, 0, 0);
	(void)ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	(void)ctf_int(s, "unsigned char", 1, KLDSIM_SYNTH_CTF_CHAR, 8);
	(void)ctf_int(s, "_Bool", 1, KLDSIM_SYNTH_CTF_BOOL, 8);
	(void)kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_FLOAT, .name = "double", .size = 8,
	    .encoding = KLDSIM_SYNTH_CTF_DOUBLE, .bits = 64 });
	(void)ctf_pointer(s, STRUCT);
	(void)ctf_array(s, INT, 4, 16);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, VOID);
	(void)ctf_struct(s, "node", 32);
	(void)ctf_sized(s, KLDSIM_SYNTH_CTF_UNION, NULL, 16);
	(void)ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "how", 4);
	(void)ctf_sized(s, KLDSIM_SYNTH_CTF_FORWARD, "elsewhere", 0);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "node_t", STRUCT);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_VOLATILE, NULL, INT);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_CONST, NULL, VOLATILE);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_RESTRICT, NULL, POINTER);
	(void)ctf_array(s, ARRAY, 3, 48);
	(void)ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, 0);
	make_parts(s);
}

/* kind, size, count, and the C that it is */
static const struct {
	enum kldsim_type_kind kind;
	uint64_t size; /* 1000: a pointer's */
	uint64_t count;
	const char *text;
} all[] = {
	[HOLE] = { KLDSIM_TYPE_UNKNOWN, 0, 0, "?" },
	[VOID] = { KLDSIM_TYPE_INTEGER, 0, 0, "void" },
	[INT] = { KLDSIM_TYPE_INTEGER, 4, 0, "int" },
	[UCHAR] = { KLDSIM_TYPE_INTEGER, 1, 0, "unsigned char" },
	[BOOL] = { KLDSIM_TYPE_INTEGER, 1, 0, "_Bool" },
	[DOUBLE] = { KLDSIM_TYPE_FLOAT, 8, 0, "double" },
	[POINTER] = { KLDSIM_TYPE_POINTER, 1000, 0, "struct node *" },
	[ARRAY] = { KLDSIM_TYPE_ARRAY, 16, 4, "int[4]" },
	[FUNCTION] = { KLDSIM_TYPE_FUNCTION, 0, 1,
	    "void (struct node *, ...)" },
	[STRUCT] = { KLDSIM_TYPE_STRUCT, 32, 3, "struct node" },
	[UNION] = { KLDSIM_TYPE_UNION, 16, 2, "union {...}" },
	[ENUM] = { KLDSIM_TYPE_ENUM, 4, 3, "enum how" },
	[FORWARD] = { KLDSIM_TYPE_FORWARD, 0, 0, "struct elsewhere" },
	[TYPEDEF] = { KLDSIM_TYPE_TYPEDEF, 32, 0, "node_t" },
	[VOLATILE] = { KLDSIM_TYPE_VOLATILE, 4, 0, "volatile int" },
	[CONST] = { KLDSIM_TYPE_CONST, 4, 0, "volatile const int" },
	[RESTRICT] = { KLDSIM_TYPE_RESTRICT, 1000, 0,
	    "struct node *restrict" },
	[MATRIX] = { KLDSIM_TYPE_ARRAY, 48, 3, "int[3][4]" },
	[NOTHING] = { KLDSIM_TYPE_FUNCTION, 0, 0, "void (void)" },
};

static void
check_numbers(const struct kldsim_types *types)
{
	static const struct {
		int id;
		unsigned encoding;
		unsigned bits;
	} numbers[] = {
		{ VOID, 0, 0 }, { INT, KLDSIM_TYPE_SIGNED, 32 },
		{ UCHAR, KLDSIM_TYPE_CHAR, 8 }, { BOOL, KLDSIM_TYPE_BOOL, 8 },
		{ DOUBLE, 2, 64 },
	};
	struct kldsim_type_value value;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_int_equal(get(types, numbers[i].id).encoding,
		    numbers[i].encoding);
		assert_int_equal(get(types, numbers[i].id).bits,
		    numbers[i].bits);
	}
	for (uint64_t i = 0; i < 3; i++) {
		static const int64_t values[] = { INT32_MIN, -1, INT32_MAX };

		assert_int_equal(kldsim_type_value(types, ENUM, i, &value),
		    KLDSIM_OK);
		assert_true(value.value == values[i]);
	}
	assert_int_equal(kldsim_type_value(types, ENUM, 3, &value),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_type_value(types, STRUCT, 0, &value),
	    KLDSIM_NOENT);
}

static void
check_all(const struct kldsim_types *types, const struct ctf_variant *variant)
{
	struct kldsim_types_info info;

	kldsim_types_info(types, &info);
	assert_int_equal(info.version, variant->version);
	assert_int_equal(info.compressed, variant->compress);
	assert_true(info.compressed || info.stored == info.size);
	assert_int_equal(info.types, LAST);
	for (int id = 1; id <= LAST; id++) {
		const struct kldsim_type type = get(types, id);

		assert_int_equal(type.kind, all[id].kind);
		assert_int_equal(type.size, all[id].size != 1000 ?
		    all[id].size : info.word_bits / 8);
		assert_int_equal(type.count, all[id].count);
		support_type_is(types, (kldsim_type_id)id, all[id].text);
	}
	assert_int_equal(member(types, STRUCT, 0).type, POINTER);
	assert_string_equal(member(types, STRUCT, 1).name, "");
	assert_int_equal(member(types, STRUCT, 1).bit_offset, 64);
	assert_int_equal(member(types, STRUCT, 2).bit_offset, 192);
	assert_string_equal(member(types, UNION, 1).name, "one");
	assert_int_equal(kldsim_type_strip(types, CONST), INT);
	assert_int_equal(kldsim_type_strip(types, POINTER), POINTER);
	assert_int_equal(kldsim_type_strip(types, 0), 0);
	check_numbers(types);
}

static void
every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTF_VARIANTS; i++) {
		struct kldsim_synth *s = ctf_begin(&ctf_variants[i]);
		struct kldsim_types *types;

		make_all(s);
		types = ctf_end(s, &error);
		if (types == NULL)
			fail_msg("%zu: %s", i, error.text);
		check_all(types, &ctf_variants[i]);
		kldsim_types_free(types);
	}
}

/* --- members --- */

/* a:3, b:5, c:1 of a unit at byte 16. */
static void
bit_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTF_VARIANTS; i++) {
		static const uint32_t bits[] = { 3, 5, 1 };
		static const uint64_t at[] = { 128, 131, 136 };
		struct kldsim_synth *s = ctf_begin(&ctf_variants[i]);
		int foo = ctf_struct(s, "foo", 24), plain, word;
		struct kldsim_types *types;

		for (size_t m = 0; m < 3; m++)
			kldsim_synth_ctf_member(s, foo, "m", ctf_int(s,
			    "unsigned int", 4, 0, bits[m]), at[m]);
		plain = ctf_int(s, "unsigned int", 4, 0, 32);
		word = ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "word", plain);
		kldsim_synth_ctf_member(s, foo, "rest", word, 160);
		types = ctf_end(s, &error);
		assert_non_null(types);
		for (size_t m = 0; m < 3; m++) {
			assert_int_equal(member(types, foo, m).bit_offset,
			    at[m]);
			assert_int_equal(member(types, foo, m).bits, bits[m]);
		}
		assert_int_equal(member(types, foo, 3).bits, 0);
		kldsim_types_free(types);
	}
}

/* C-13: how wide an enum is that is a bit-field, nobody says. */
static void
enum_bit_fields(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v2);
	int how = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "how", 4);
	int byte = ctf_int(s, "char", 1, KLDSIM_SYNTH_CTF_SIGNED, 8);
	int foo = ctf_struct(s, "foo", 16), both, odd;
	struct kldsim_types *types;
	static const struct {
		uint64_t bit;
		uint32_t bits; /* 0: all of it */
	} want[] = { { 0, 3 }, { 3, 5 }, { 16, 0 }, { 48, 16 }, { 64, 0 },
		{ 99, 29 } };

	(void)state;
	kldsim_synth_ctf_member(s, foo, "a", how, 0);
	kldsim_synth_ctf_member(s, foo, "b", how, 3);
	kldsim_synth_ctf_member(s, foo, "c", byte, 8);
	kldsim_synth_ctf_member(s, foo, "d", how, 16);
	kldsim_synth_ctf_member(s, foo, "e", how, 48);
	kldsim_synth_ctf_member(s, foo, "f", how, 64);
	kldsim_synth_ctf_member(s, foo, "g", how, 99);
	/* Of these nobody knows what a bit-field could be. */
	odd = ctf_struct(s, "odd", 32);
	kldsim_synth_ctf_member(s, odd, "none", ctf_sized(s,
	    KLDSIM_SYNTH_CTF_ENUM, "none", 0), 3);
	kldsim_synth_ctf_member(s, odd, "wide", ctf_sized(s,
	    KLDSIM_SYNTH_CTF_ENUM, "wide", 16), 67);
	both = ctf_sized(s, KLDSIM_SYNTH_CTF_UNION, "both", 4);
	kldsim_synth_ctf_member(s, both, "a", how, 0);
	kldsim_synth_ctf_member(s, both, "c", byte, 0);
	types = ctf_end(s, &error);
	assert_non_null(types);
	for (size_t i = 0, m = 0; i < COUNT(want); i++, m++) {
		struct kldsim_type_member found;

		m += m == 2; /* c */
		found = member(types, foo, m);
		assert_int_equal(found.bit_offset, want[i].bit);
		assert_int_equal(found.bits, want[i].bits);
		assert_int_equal(found.bits_at_most, want[i].bits != 0);
	}
	assert_int_equal(member(types, both, 0).bits, 0);
	assert_int_equal(member(types, odd, 0).bits, 0);
	assert_int_equal(member(types, odd, 1).bits, 0);
	kldsim_types_free(types);
}

/*
 * C-13: in struct { unsigned x:30; enum how a:4; unsigned y:6; } __packed a
 * crosses the end of its storage unit; clang has it at bit 30, and y at 34.
 */
static void
packed_enum_bit_fields(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v2);
	int how = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "how", 4);
	int foo = ctf_struct(s, "foo", 5), end;
	struct kldsim_types *types;

	(void)state;
	kldsim_synth_ctf_member(s, foo, "x", ctf_int(s, "unsigned int", 4, 0,
	    30), 0);
	kldsim_synth_ctf_member(s, foo, "a", how, 30);
	kldsim_synth_ctf_member(s, foo, "y", ctf_int(s, "unsigned int", 4, 0,
	    6), 34);
	/* No word ends there, and it may have all bits that are left. */
	end = ctf_struct(s, "end", 5);
	kldsim_synth_ctf_member(s, end, "c", how, 30);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(member(types, foo, 1).bits, 4);
	assert_true(member(types, foo, 1).bits_at_most);
	assert_int_equal(member(types, end, 0).bits, 10);
	assert_true(member(types, end, 0).bits_at_most);
	kldsim_types_free(types);
}

/* C-12: at 8192 bytes (version 2) and 2^29 (3) members are larger. */
static void
large_structs(void **state)
{
	static const struct {
		unsigned version;
		uint64_t size;
		uint64_t bit;
	} rows[] = {
		{ 2, 8191, 65527 - 7 }, { 2, 8192, 65528 },
		{ 2, 65534, 65533 * 8 }, { 2, 65535, 65534 * 8 },
		{ 2, UINT64_C(1) << 40, (UINT64_C(1) << 43) - 8 },
		{ 3, (UINT64_C(1) << 29) - 1, ((UINT64_C(1) << 29) - 2) * 8 },
		{ 3, UINT64_C(1) << 29, ((UINT64_C(1) << 29) - 1) * 8 },
		{ 3, 0xfffffffe, 0xfffffffdu * UINT64_C(8) },
		{ 3, 0xffffffff, 0xfffffffeu * UINT64_C(8) },
		{ 3, UINT64_C(1) << 60, (UINT64_C(1) << 63) - 8 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		struct ctf_variant variant = { i % 2 == 0 ? "arm64" :
			"powerpc64", rows[i / 2].version, false };
		struct kldsim_synth *s = ctf_begin(&variant);
		int byte = ctf_int(s, "char", 1, 0, 8);
		int foo = ctf_struct(s, "foo", rows[i / 2].size);
		struct kldsim_types *types;
		struct kldsim_types_info info;

		kldsim_synth_ctf_member(s, foo, "first", byte, 0);
		kldsim_synth_ctf_member(s, foo, "last", byte, rows[i / 2].bit);
		types = ctf_end(s, &error);
		if (types == NULL)
			fail_msg("%zu: %s", i, error.text);
		assert_true(get(types, foo).size == rows[i / 2].size);
		assert_true(member(types, foo, 1).bit_offset ==
		    rows[i / 2].bit);
		kldsim_types_info(types, &info);
		assert_int_equal(info.remarks, 0);
		kldsim_types_free(types);
	}
}

/* Sums that do not fit in 64 bits are no reason to say nothing. */
static void
beyond_counting(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	int huge = ctf_struct(s, "huge", UINT64_MAX);
	int array = ctf_array(s, huge, 2, 0);
	int foo = ctf_struct(s, "foo", UINT64_MAX);
	struct kldsim_types_remark remark;
	struct kldsim_types *types;
	struct kldsim_types_info info;

	(void)state;
	kldsim_synth_ctf_member(s, foo, "a", huge, 8);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(get(types, array).size, 0);
	kldsim_types_info(types, &info);
	assert_int_equal(info.remarks, 0); /* ends at the last bit there is */
	kldsim_types_free(types);
	s = ctf_begin(&v3);
	foo = ctf_struct(s, "foo", UINT64_C(1) << 29);
	kldsim_synth_ctf_member(s, foo, "a", ctf_int(s, "int", 4, 1, 32), 0);
	kldsim_synth_override(s, "ctf_member[1][0].ctlm_offsethi",
	    0xffffffff);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(kldsim_types_remark(types, 0, &remark), KLDSIM_OK);
	assert_string_equal(remark.text, "struct foo: member a ends at bit "
	    "18446744069414584352 of 4294967296");
	kldsim_types_free(types);
}

/* --- names --- */

/* Several types of one name are found one after the other (C-32). */
static void
same_names(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	struct kldsim_types *types;
	kldsim_type_id id = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char other[16];

		(void)snprintf(other, sizeof(other), "o%d", i);
		(void)ctf_struct(s, "softc", (uint64_t)i);
		(void)ctf_struct(s, other, 8);
	}
	types = ctf_end(s, &error);
	assert_non_null(types);
	for (kldsim_type_id i = 0; i < 1000; i++) {
		id = kldsim_types_find(types, "softc", id);
		assert_int_equal(id, 2 * i + 1);
	}
	assert_int_equal(kldsim_types_find(types, "softc", id), 0);
	assert_int_equal(kldsim_types_find(types, "o777", 0), 2 * 777 + 2);
	assert_int_equal(kldsim_types_find(types, "softcx", 0), 0);
	kldsim_types_free(types);
}

/* C-30: the parent's types are one, of which nothing is known. */
static void
parent(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTF_VARIANTS; i++) {
		struct kldsim_synth *s = ctf_begin(&ctf_variants[i]);
		struct kldsim_types_remark remark;
		struct kldsim_types_info info;
		struct kldsim_types *types;
		int foo, pointer, own;

		kldsim_synth_ctf_parent(s, "12.1", "kernel");
		foo = ctf_struct(s, "foo", 16);
		pointer = ctf_pointer(s, -7);
		own = ctf_pointer(s, foo);
		kldsim_synth_ctf_member(s, foo, "a", -3, 0);
		kldsim_synth_ctf_member(s, foo, "b", own, 64);
		types = ctf_end(s, &error);
		if (types == NULL)
			fail_msg("%zu: %s", i, error.text);
		kldsim_types_info(types, &info);
		assert_string_equal(info.parent, "kernel");
		assert_int_equal(info.types, 3);
		assert_int_equal(info.ids, 4);
		assert_int_equal(get(types, 4).kind, KLDSIM_TYPE_UNKNOWN);
		assert_true(get(types, 4).made);
		assert_int_equal(member(types, foo, 0).type, 4);
		assert_int_equal(get(types, pointer).target, 4);
		assert_int_equal(get(types, own).target, foo);
		assert_int_equal(member(types, foo, 1).type, own);
		assert_int_equal(kldsim_types_remark(types, 0, &remark),
		    KLDSIM_OK);
		assert_string_equal(remark.text, "2 references, of which this "
		    "is the first, are to types of \"kernel\", where nobody "
		    "looked");
		/* Behind the header, foo's record and a member's name. */
		assert_int_equal(remark.offset, 36 +
		    (ctf_variants[i].version == 2 ? 8 : 12) + 4);
		kldsim_types_free(types);
	}
}

/* int; enum e; struct bar { int x; enum e y; struct bar *next }; bar's pointer. */
static struct kldsim_types *
parents_types(const struct ctf_variant *variant)
{
	struct kldsim_synth *s = ctf_begin(variant);
	int integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	int e = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "e", 4);
	int bar = ctf_struct(s, "bar", 16);

	kldsim_synth_ctf_enumerator(s, e, "A", 3);
	kldsim_synth_ctf_member(s, bar, "x", integer, 0);
	kldsim_synth_ctf_member(s, bar, "y", e, 32);
	kldsim_synth_ctf_member(s, bar, "next", ctf_pointer(s, bar), 64);
	kldsim_synth_ctf_label(s, "12.1", 0);
	return (ctf_end(s, &error));
}

/* A child: struct foo { struct bar b; int *p }, of the parent of that label. */
static struct kldsim_synth *
childs_types(const struct ctf_variant *variant, const char *label, int bar)
{
	struct kldsim_synth *s = ctf_begin(variant);
	int foo, pointer;

	kldsim_synth_ctf_parent(s, label, "kernel");
	foo = ctf_struct(s, "foo", 24);
	pointer = ctf_pointer(s, -1);
	kldsim_synth_ctf_member(s, foo, "b", bar, 0);
	kldsim_synth_ctf_member(s, foo, "p", pointer, 128);
	return (s);
}

/* C-30: at hand and of the same label, the parent's types are the child's. */
static void
parent_at_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTF_VARIANTS; i++) {
		struct kldsim_types *parent = parents_types(&ctf_variants[i]);
		struct kldsim_types *types;
		struct kldsim_types_info info;
		struct kldsim_type_value value;
		kldsim_type_id bar;

		assert_non_null(parent);
		types = ctf_end_with(childs_types(&ctf_variants[i], "12.1",
		    -3), parent, &error);
		kldsim_types_free(parent); /* no longer needed */
		if (types == NULL)
			fail_msg("%zu: %s", i, error.text);
		kldsim_types_info(types, &info);
		assert_int_equal(info.types, 2);
		assert_int_equal(info.ids, 6); /* and four of the parent's */
		assert_int_equal(info.remarks, 0);
		bar = member(types, 1, 0).type;
		assert_string_equal(get(types, bar).name, "bar");
		assert_true(get(types, bar).made);
		assert_int_equal(get(types, bar).size, 16);
		assert_string_equal(member(types, bar, 1).name, "y");
		assert_int_equal(get(types, member(types, bar, 2).type).target,
		    bar);
		assert_int_equal(kldsim_type_value(types,
		    member(types, bar, 1).type, 0, &value), KLDSIM_OK);
		assert_int_equal(value.value, 3);
		support_type_is(types, member(types, 1, 1).type, "int *");
		kldsim_types_free(types);
	}
}

/* Another label: nothing is known; an id that the parent lacks: no types. */
static void
parent_of_another_build(void **state)
{
	struct kldsim_types *parent = parents_types(&v2), *types;
	struct kldsim_types_remark remark;

	(void)state;
	assert_non_null(parent);
	types = ctf_end_with(childs_types(&v2, "12.2", -3), parent, &error);
	assert_non_null(types);
	assert_int_equal(get(types, member(types, 1, 0).type).kind,
	    KLDSIM_TYPE_UNKNOWN);
	assert_int_equal(kldsim_types_remark(types, 0, &remark), KLDSIM_OK);
	assert_string_equal(remark.text, "its parent is labelled \"12.2\", and "
	    "made.ko is \"12.1\": its types are others");
	kldsim_types_free(types);
	assert_null(ctf_end_with(childs_types(&v2, "12.1", -5), parent,
	    &error));
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	kldsim_types_free(parent);
}

/* In a child 0x8000 is none of its own types, and none of the parent's. */
static void
type_0_of_a_child(void **state)
{
	(void)state;
	for (unsigned version = 2; version <= 3; version++) {
		struct ctf_variant variant = { "amd64", version, false };
		struct kldsim_synth *s = ctf_begin(&variant);
		struct kldsim_types_info info;
		struct kldsim_types *types;
		int integer, object;

		kldsim_synth_ctf_parent(s, "12.1", "kernel");
		integer = ctf_int(s, "int", 4, 1, 32);
		(void)ctf_pointer(s, integer);
		object = kldsim_synth_object(s, "o", "1234", 4, 4);
		kldsim_synth_ctf_object(s, object, integer);
		kldsim_synth_override(s, "ctf_object[o]",
		    version == 2 ? 0x8000 : 0x80000000);
		kldsim_synth_override(s, "ctf_type[2].ctt_type",
		    version == 2 ? 0x8000 : 0x80000000);
		types = ctf_end(s, &error);
		assert_non_null(types);
		kldsim_types_info(types, &info);
		assert_int_equal(info.variables, 0);
		assert_int_equal(info.untyped_variables, 1);
		assert_int_equal(get(types, 2).target, 0);
		kldsim_types_free(types);
	}
}

/* --- how many, and how deep --- */

/* C-18: version 2 has ids of 16 bits, and all of them are plain numbers. */
static void
ids_of_version_2(void **state)
{
	static const int counts[] = { 0x7fff, 0x8001, 65535, 65536 };

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		struct kldsim_synth *s = ctf_begin(&v2);
		struct kldsim_types *types;
		int last = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);

		while (last < counts[i] - 1)
			last = ctf_pointer(s, last);
		last = ctf_int(s, "last", 8, 0, 64);
		if (last > 65535) {
			assert_null(ctf_end(s, &error));
			assert_int_equal(error.status, KLDSIM_UNSUPPORTED);
			assert_non_null(strstr(error.text, "65536 types"));
			continue;
		}
		types = ctf_end(s, &error);
		assert_non_null(types);
		assert_string_equal(get(types, last).name, "last");
		assert_int_equal(get(types, last - 1).target, last - 2);
		kldsim_types_free(types);
	}
}

/* C-17: an enum with as many values as fit may have had more. */
static void
full_enum(void **state)
{
	(void)state;
	for (int n = 1022; n <= 1023; n++)
		for (unsigned version = 2; version <= 3; version++) {
			struct ctf_variant variant = { "amd64", version,
				false };
			struct kldsim_synth *s = ctf_begin(&variant);
			struct kldsim_types *types;
			int how = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "e", 4);

			for (int i = 0; i < n; i++)
				kldsim_synth_ctf_enumerator(s, how, "v", i);
			types = ctf_end(s, &error);
			assert_non_null(types);
			assert_int_equal(get(types, how).count, n);
			assert_int_equal(get(types, how).cut,
			    n == 1023 && version == 2);
			kldsim_types_free(types);
		}
}

#define DEEP 200000

/* Typedefs of typedefs: followed once each, on no stack of the host's. */
static void
deep_typedefs(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	struct kldsim_types *types;
	int last = DEEP + 1;

	(void)state;
	for (int i = 1; i <= DEEP; i++)
		(void)ctf_ref(s, i % 2 != 0 ? KLDSIM_SYNTH_CTF_TYPEDEF :
		    KLDSIM_SYNTH_CTF_CONST, i % 2 != 0 ? "t" : NULL, i + 1);
	assert_int_equal(ctf_int(s, "int", 4, 1, 32), last);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(kldsim_type_strip(types, 1), last);
	assert_int_equal(get(types, 1).size, 4);
	kldsim_types_free(types);
}

/* Structures in structures, each with an array of the next one. */
static void
deep_structs(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	struct kldsim_types *types;

	(void)state;
	for (int i = 1; i <= DEEP; i += 2) {
		assert_int_equal(ctf_struct(s, "s", 4), i);
		kldsim_synth_ctf_member(s, i, "m", i + 1, 0);
		(void)ctf_array(s, i + 2, 1, 0);
	}
	(void)ctf_int(s, "int", 4, 1, 32);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(get(types, 2).size, 4);
	kldsim_types_free(types);
}

/* Each request for memory is refused once on the way down. */
static void
deep_without_memory(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	struct kldsim_types_options options;
	struct kldsim_image *image;
	struct kldsim_types *types;
	struct support_alloc alloc;
	enum kldsim_status status;
	long n = 0;

	(void)state;
	for (int i = 1; i <= 100; i++) {
		(void)ctf_struct(s, "s", 4);
		kldsim_synth_ctf_member(s, i, "m", i + 1, 0);
	}
	(void)ctf_int(s, "int", 4, 1, 32);
	image = support_image(s, "deep.ko");
	assert_non_null(image);
	kldsim_synth_free(s);
	kldsim_types_options_init(&options, sizeof(options));
	do {
		support_alloc_init(&alloc, n++);
		options.allocator = support_allocator(&alloc);
		types = NULL;
		status = kldsim_types_read(image, &options, &types, &error);
		assert_int_equal(status,
		    alloc.failed != 0 ? KLDSIM_NOMEM : KLDSIM_OK);
		kldsim_types_free(types);
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	kldsim_image_unref(image);
}

/* The same, and the last one has the first. */
static void
deep_circle(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);

	(void)state;
	for (int i = 1; i <= DEEP; i++) {
		(void)ctf_struct(s, "s", 4);
		kldsim_synth_ctf_member(s, i, "m", i % DEEP + 1, 0);
	}
	assert_null(ctf_end(s, &error));
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	assert_non_null(strstr(error.text, "struct s contains itself"));
}

/* Through pointers a circle is what lists are made of (C-52). */
static void
honest_circles(void **state)
{
	struct kldsim_synth *s = ctf_begin(&v3);
	struct kldsim_types *types;

	(void)state;
	assert_int_equal(ctf_struct(s, "list", 16), 1);
	kldsim_synth_ctf_member(s, 1, "next", 2, 0);
	kldsim_synth_ctf_member(s, 1, "visit", 3, 64);
	assert_int_equal(ctf_pointer(s, 1), 2);
	assert_int_equal(ctf_pointer(s, 4), 3);
	assert_int_equal(ctf_ref(s, KLDSIM_SYNTH_CTF_FUNCTION, NULL, 3), 4);
	kldsim_synth_ctf_argument(s, 4, 1);
	types = ctf_end(s, &error);
	assert_non_null(types);
	assert_int_equal(get(types, 1).size, 16);
	kldsim_types_free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(bit_fields),
		cmocka_unit_test(enum_bit_fields),
		cmocka_unit_test(packed_enum_bit_fields),
		cmocka_unit_test(large_structs),
		cmocka_unit_test(beyond_counting),
		cmocka_unit_test(same_names),
		cmocka_unit_test(parent),
		cmocka_unit_test(parent_at_hand),
		cmocka_unit_test(parent_of_another_build),
		cmocka_unit_test(type_0_of_a_child),
		cmocka_unit_test(ids_of_version_2),
		cmocka_unit_test(full_enum),
		cmocka_unit_test(deep_typedefs),
		cmocka_unit_test(deep_structs),
		cmocka_unit_test(deep_without_memory),
		cmocka_unit_test(deep_circle),
		cmocka_unit_test(honest_circles),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
