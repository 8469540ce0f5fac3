/* SPDX-License-Identifier: BSD-2-Clause */

/* CTF of both versions: the vectors, and the bytes around them. */

#include <zlib.h>

#include "support_types.h"

static struct kldsim_error error;

static struct kldsim_type
get(const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim_type type;

	assert_int_equal(kldsim_type_get(types, id, &type), KLDSIM_OK);
	return (type);
}

static void
is_member(const struct kldsim_types *types, kldsim_type_id id, uint64_t index,
    const char *name, kldsim_type_id type, uint64_t bit, uint32_t bits)
{
	struct kldsim_type_member member;

	assert_int_equal(kldsim_type_member(types, id, index, &member),
	    KLDSIM_OK);
	assert_string_equal(member.name, name);
	assert_int_equal(member.type, type);
	assert_int_equal(member.bit_offset, bit);
	assert_int_equal(member.bits, bits);
	assert_false(member.bits_at_most);
}

static void
is_value(const struct kldsim_types *types, kldsim_type_id id, uint64_t index,
    const char *name, int64_t number)
{
	struct kldsim_type_value value;

	assert_int_equal(kldsim_type_value(types, id, index, &value),
	    KLDSIM_OK);
	assert_string_equal(value.name, name);
	assert_int_equal(value.value, number);
}

/* --- X-01, X-02 --- */

static void
check_integers(const struct kldsim_types *types)
{
	struct kldsim_type type = get(types, 1);

	assert_int_equal(type.kind, KLDSIM_TYPE_INTEGER);
	assert_string_equal(type.name, "int");
	assert_int_equal(type.size, 4);
	assert_int_equal(type.encoding, KLDSIM_TYPE_SIGNED);
	assert_int_equal(type.bits, 32);
	assert_int_equal(type.bit_offset, 0);
	assert_true(type.root);
	type = get(types, 2);
	assert_int_equal(type.kind, KLDSIM_TYPE_INTEGER);
	assert_string_equal(type.name, "unsigned int");
	assert_int_equal(type.size, 4);
	assert_int_equal(type.encoding, 0);
	assert_int_equal(type.bits, 3);
	assert_false(type.root);
}

static void
check_struct(const struct kldsim_types *types)
{
	struct kldsim_type type = get(types, 3);
	struct kldsim_type_member member;

	assert_int_equal(type.kind, KLDSIM_TYPE_STRUCT);
	assert_string_equal(type.name, "foo");
	assert_int_equal(type.size, 16);
	assert_int_equal(type.count, 3);
	assert_true(type.root);
	is_member(types, 3, 0, "a", 1, 0, 0);
	is_member(types, 3, 1, "b", 2, 32, 3);
	is_member(types, 3, 2, "next", 4, 64, 0);
	assert_int_equal(kldsim_type_member(types, 3, 3, &member),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_type_member(types, 6, 0, &member),
	    KLDSIM_NOENT);
}

static void
check_others(const struct kldsim_types *types)
{
	struct kldsim_type type = get(types, 4);
	kldsim_type_id argument;

	assert_int_equal(type.kind, KLDSIM_TYPE_POINTER);
	assert_string_equal(type.name, "");
	assert_int_equal(type.target, 3);
	assert_int_equal(type.size, 8);
	assert_false(type.root);
	type = get(types, 5);
	assert_int_equal(type.kind, KLDSIM_TYPE_ARRAY);
	assert_int_equal(type.target, 1);
	assert_int_equal(type.count, 4);
	assert_int_equal(type.size, 16);
	type = get(types, 6);
	assert_int_equal(type.kind, KLDSIM_TYPE_ENUM);
	assert_string_equal(type.name, "e");
	assert_int_equal(type.size, 4);
	assert_int_equal(type.count, 2);
	assert_false(type.cut);
	is_value(types, 6, 0, "A", 0);
	is_value(types, 6, 1, "B", -1);
	type = get(types, 7);
	assert_int_equal(type.kind, KLDSIM_TYPE_FORWARD);
	assert_string_equal(type.name, "bar");
	assert_int_equal(type.tag, KLDSIM_TYPE_UNKNOWN); /* C-16 */
	assert_int_equal(type.size, 0);
	type = get(types, 8);
	assert_int_equal(type.kind, KLDSIM_TYPE_TYPEDEF);
	assert_string_equal(type.name, "foo_t");
	assert_int_equal(type.target, 3);
	assert_int_equal(type.size, 16);
	assert_int_equal(kldsim_type_strip(types, 8), 3);
	type = get(types, 9);
	assert_int_equal(type.kind, KLDSIM_TYPE_FUNCTION);
	assert_int_equal(type.target, 1);
	assert_int_equal(type.count, 2);
	assert_true(type.variadic);
	assert_int_equal(kldsim_type_argument(types, 9, 0, &argument), 0);
	assert_int_equal(argument, 4);
	assert_int_equal(kldsim_type_argument(types, 9, 1, &argument), 0);
	assert_int_equal(argument, 1);
	assert_int_equal(kldsim_type_argument(types, 9, 2, &argument),
	    KLDSIM_NOENT);
	support_type_is(types, 9, "int (struct foo *, int, ...)");
}

static void
check_names(const struct kldsim_types *types)
{
	assert_int_equal(kldsim_types_find(types, "foo", 0), 3);
	assert_int_equal(kldsim_types_find(types, "foo", 3), 0);
	assert_int_equal(kldsim_types_find(types, "foo_t", 0), 8);
	assert_int_equal(kldsim_types_find(types, "bar", 0), 7);
	assert_int_equal(kldsim_types_find(types, "unsigned int", 0), 2);
	assert_int_equal(kldsim_types_find(types, "next", 0), 0);
	assert_int_equal(kldsim_types_find(types, "", 0), 0);
}

/* X-03 stands beside it. */
static void
check_symbols(const struct kldsim_types *types)
{
	struct kldsim_typed_symbol symbol;
	struct kldsim_types_info info;
	uint32_t next = 0;

	kldsim_types_info(types, &info);
	assert_null(info.no_functions);
	assert_null(info.no_variables);
	assert_int_equal(info.types, 9);
	assert_int_equal(info.ids, 10);
	assert_int_equal(info.functions, 1);
	assert_int_equal(info.untyped_functions, 1);
	assert_int_equal(info.variables, 1);
	assert_int_equal(info.untyped_variables, 1);
	assert_int_equal(kldsim_types_symbol(types, 0, &symbol), KLDSIM_OK);
	assert_string_equal(symbol.name, "g");
	assert_int_equal(symbol.index, 2);
	assert_true(symbol.function);
	assert_true(get(types, symbol.type).made);
	/* If there is "..." besides, CTF does not say so (C-23). */
	support_type_is(types, symbol.type, "int (struct foo *, int)");
	assert_int_equal(kldsim_types_symbol_at(types, 3, &symbol), KLDSIM_OK);
	assert_string_equal(symbol.name, "y");
	assert_false(symbol.function);
	assert_int_equal(symbol.type, 1);
	assert_int_equal(kldsim_types_symbol_at(types, 5, &symbol),
	    KLDSIM_NOENT); /* x has none */
	assert_int_equal(kldsim_types_symbol(types, 2, &symbol), KLDSIM_NOENT);
	assert_int_equal(kldsim_types_find_symbol(types, "y", &next, &symbol),
	    KLDSIM_OK);
	assert_int_equal(symbol.index, 3);
	assert_int_equal(kldsim_types_find_symbol(types, "y", &next, &symbol),
	    KLDSIM_NOENT);
}

static void
check_vector(const struct kldsim_types *types, unsigned version, size_t size)
{
	struct kldsim_types_info info;
	struct kldsim_type type;

	kldsim_types_info(types, &info);
	assert_string_equal(info.file, "m.ko");
	assert_string_equal(info.format, "CTF");
	assert_string_equal(info.label, "L");
	assert_string_equal(info.parent, "");
	assert_int_equal(info.version, version);
	assert_int_equal(info.size, size);
	assert_int_equal(info.word_bits, 64);
	assert_int_equal(info.remarks, 0);
	assert_int_equal(kldsim_type_get(types, 0, &type), KLDSIM_NOENT);
	assert_int_equal(kldsim_type_get(types, info.ids + 1, &type),
	    KLDSIM_NOENT);
	check_integers(types);
	check_struct(types);
	check_others(types);
	check_names(types);
	check_symbols(types);
}

static void
vectors(void **state)
{
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;

	(void)state;
	support_symtab_x03(&table);
	types = support_types_read(support_x01, X01_SIZE, &table, &error);
	assert_non_null(types);
	check_vector(types, 2, X01_SIZE);
	assert_int_equal(get(types, 1).offset, 0x3c);
	assert_int_equal(get(types, 9).offset, 0xb4);
	kldsim_types_info(types, &info);
	assert_int_equal(info.stored, X01_SIZE);
	kldsim_types_free(types);
	types = support_types_read(support_x02, X02_SIZE, &table, &error);
	assert_non_null(types);
	check_vector(types, 3, X02_SIZE);
	assert_int_equal(get(types, 1).offset, 0x48);
	assert_int_equal(get(types, 9).offset, 0xf0);
	kldsim_types_free(types);
}

/* C-04: the header, and then one zlib stream. */
static size_t
compress_section(const uint8_t *bytes, size_t size, uint8_t *to, size_t room)
{
	uLongf packed = (uLongf)(room - 36);

	memcpy(to, bytes, 36);
	to[3] = 1;
	assert_int_equal(compress2(to + 36, &packed, bytes + 36, size - 36, 9),
	    Z_OK);
	return (36 + (size_t)packed);
}

static void
compressed(void **state)
{
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	uint8_t packed[512];
	size_t size;

	(void)state;
	support_symtab_x03(&table);
	size = compress_section(support_x01, X01_SIZE, packed, sizeof(packed));
	types = support_types_read(packed, size, &table, &error);
	assert_non_null(types);
	check_vector(types, 2, X01_SIZE);
	kldsim_types_info(types, &info);
	assert_int_equal(info.stored, size);
	kldsim_types_free(types);
	size = compress_section(support_x02, X02_SIZE, packed, sizeof(packed));
	types = support_types_read(packed, size, &table, &error);
	assert_non_null(types);
	check_vector(types, 3, X02_SIZE);
	kldsim_types_free(types);
	/* What is behind the stream is nobody's. */
	packed[size] = 1;
	types = support_types_read(packed, size + 1, &table, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_int_equal(info.remarks, 1);
	kldsim_types_free(types);
}

/* A spoiled stream, one that is too short, one that is too long. */
static void
not_inflated(void **state)
{
	uint8_t packed[512];
	size_t size = compress_section(support_x01, X01_SIZE, packed,
	    sizeof(packed));

	(void)state;
	for (size_t cut = 36; cut < size; cut++) {
		assert_null(support_types_read(packed, cut, NULL, &error));
		assert_int_equal(error.status, KLDSIM_MALFORMED);
	}
	packed[36] ^= 0x80;
	assert_null(support_types_read(packed, size, NULL, &error));
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	assert_non_null(strstr(error.text, "offset 0x24: no zlib stream"));
	packed[36] ^= 0x80;
	packed[0x20] = 0x30; /* strlen */
	assert_null(support_types_read(packed, size, NULL, &error));
	assert_non_null(strstr(error.text, "is not the 208 bytes"));
	packed[0x20] = 0x32;
	assert_null(support_types_read(packed, size, NULL, &error));
	assert_non_null(strstr(error.text, "is not the 210 bytes"));
	packed[0x20] = 0x31;
	assert_non_null(packed);
	/* A megabyte cannot come of so little: nothing is inflated. */
	packed[0x22] = 0x10;
	assert_null(support_types_read(packed, size, NULL, &error));
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	assert_non_null(strstr(error.text, "cannot be"));
	/* 4 GiB and more, C-04: the sum takes 64 bits. */
	memset(packed + 0x1c, 0xff, 8);
	assert_null(support_types_read(packed, size, NULL, &error));
	assert_int_equal(error.status, KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "8589934590 bytes of CTF, over the "
	    "limit type_bytes=67108864"));
}

/* --- symbols --- */

/* X-03 in a module: locals and globals both, so nobody knows (C-24). */
static void
order_hazard(void **state)
{
	struct kldsim__ctf_section section = support_section(support_x01,
	    X01_SIZE, false);
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;

	(void)state;
	support_symtab_x03(&table);
	types = support_types_read_as(&section, &table, NULL, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_non_null(strstr(info.no_functions, "another order"));
	assert_non_null(strstr(info.no_variables, "another order"));
	assert_int_equal(info.functions + info.variables, 0);
	assert_int_equal(info.untyped_functions, 2);
	assert_int_equal(info.untyped_variables, 2);
	assert_int_equal(info.types, 9);
	assert_int_equal(info.ids, 9);
	check_struct(types);
	kldsim_types_free(types);
}

/* order before objcopy, and which are made local. */
static const struct {
	const char *name;
	unsigned type;
	bool hidden;
} x04[] = {
	{ "foo_attach", STT_FUNC, true },
	{ "EXPORTED_a", STT_FUNC, false },
	{ "hidden_b", STT_FUNC, true },
	{ "EXPORTED_c", STT_FUNC, false },
	{ "dat_a", STT_OBJECT, false },
	{ "dat_b", STT_OBJECT, true },
	{ "dat_c", STT_OBJECT, false },
};

enum { NONE_LOCAL, SOME_LOCAL, ALL_LOCAL };

/* objcopy: locals first, in order inside each group. */
static void
make_x04(struct support_symtab *table, int which)
{
	support_symtab_init(table);
	for (unsigned bind = STB_LOCAL; bind <= STB_GLOBAL; bind++)
		for (size_t i = 0; i < COUNT(x04); i++) {
			bool local = which == ALL_LOCAL ||
			    (which == SOME_LOCAL && x04[i].hidden);

			if (local == (bind == STB_LOCAL))
				support_symtab_add(table, x04[i].name, bind,
				    x04[i].type, 1, 0);
		}
}

/*
 * Version 2, uncompressed: three objects, four functions of 0 to 3 arguments,
 * whose records follow each other without padding (C-22).
 */
static size_t
make_x04_section(uint8_t *to)
{
	static const uint16_t words[] = { 1, 1, 1, /* objects */
		0x2c00, 1, 0x2c01, 1, 1, 0x2c02, 1, 1, 1, 0x2c03, 1, 1, 1, 1,
		0 };
	size_t at = 36;

	memset(to, 0, 36);
	memcpy(to, support_x01, 4);
	for (size_t i = 0; i < COUNT(words); i++, at += 2)
		kldsim__store(to + at, 2, false, words[i]);
	kldsim__store(to + 20, 4, false, 6);       /* funcoff */
	kldsim__store(to + 24, 4, false, at - 36); /* typeoff */
	memcpy(to + at, support_x01 + 0x3c, 12);   /* int */
	at += 12;
	kldsim__store(to + 28, 4, false, at - 36); /* stroff */
	memcpy(to + at, "\0L\0int", 7);
	kldsim__store(to + 32, 4, false, 7);
	return (at + 7);
}

static void
check_x04(const struct kldsim_types *types)
{
	static const char *const prototypes[] = { "int (void)", "int (int)",
		"int (int, int)", "int (int, int, int)" };
	struct kldsim_typed_symbol symbol;

	for (uint32_t i = 0; i < COUNT(x04); i++) {
		assert_int_equal(kldsim_types_symbol(types, i, &symbol),
		    KLDSIM_OK);
		assert_string_equal(symbol.name, x04[i].name);
		support_type_is(types, symbol.type,
		    i < 4 ? prototypes[i] : "int");
	}
}

static void
exported_by_list(void **state)
{
	struct kldsim__ctf_section section;
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	uint8_t bytes[256];

	(void)state;
	section = support_section(bytes, make_x04_section(bytes), false);
	for (int which = NONE_LOCAL; which <= ALL_LOCAL; which++) {
		make_x04(&table, which);
		types = support_types_read_as(&section, &table, NULL, &error);
		assert_non_null(types);
		kldsim_types_info(types, &info);
		if (which == SOME_LOCAL) {
			assert_non_null(info.no_functions);
			assert_non_null(info.no_variables);
			assert_int_equal(info.ids, 1);
		} else {
			assert_null(info.no_functions);
			assert_null(info.no_variables);
			check_x04(types);
		}
		kldsim_types_free(types);
	}
}

/* C-21: what has no record. */
static void
not_counted(void **state)
{
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	struct kldsim_typed_symbol symbol;

	(void)state;
	support_symtab_init(&table);
	support_symtab_add(&table, NULL, STB_LOCAL, STT_OBJECT, 1, 0);
	support_symtab_add(&table, NULL, STB_LOCAL, STT_FUNC, 1, 0);
	support_symtab_add(&table, "_START_", STB_LOCAL, STT_OBJECT, 1, 0);
	support_symtab_add(&table, "_END_", STB_LOCAL, STT_FUNC, 1, 0);
	support_symtab_add(&table, "s", STB_LOCAL, STT_SECTION, 1, 0);
	support_symtab_add(&table, "c", STB_LOCAL, STT_COMMON, 1, 0);
	support_symtab_add(&table, "t", STB_LOCAL, STT_TLS, 1, 0);
	support_symtab_add(&table, "i", STB_LOCAL, STT_GNU_IFUNC, 1, 0);
	support_symtab_add(&table, "u", STB_LOCAL, STT_FUNC, SHN_UNDEF, 0);
	support_symtab_add(&table, "abs", STB_LOCAL, STT_OBJECT, SHN_ABS, 1);
	support_symtab_add(&table, "fun", STB_LOCAL, STT_FUNC, SHN_ABS, 0);
	support_symtab_add(&table, "com", STB_LOCAL, STT_OBJECT, SHN_COMMON,
	    8);
	types = support_types_read(support_x01, X01_SIZE, &table, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_int_equal(info.functions, 1);
	assert_int_equal(info.untyped_functions, 0);
	assert_int_equal(info.variables, 1);
	assert_int_equal(info.untyped_variables, 1);
	assert_int_equal(kldsim_types_symbol(types, 0, &symbol), KLDSIM_OK);
	assert_string_equal(symbol.name, "abs");
	assert_int_equal(kldsim_types_symbol(types, 1, &symbol), KLDSIM_OK);
	assert_string_equal(symbol.name, "fun");
	kldsim_types_free(types);
}

static void
no_symbols(void **state)
{
	struct kldsim_types *types = support_types_read(support_x01, X01_SIZE,
	    NULL, &error);
	struct kldsim_types_info info;

	(void)state;
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_string_equal(info.no_functions, "it has no symbol table");
	assert_string_equal(info.no_variables, "it has no symbol table");
	assert_int_equal(info.ids, 9);
	kldsim_types_free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(compressed),
		cmocka_unit_test(not_inflated),
		cmocka_unit_test(order_hazard),
		cmocka_unit_test(exported_by_list),
		cmocka_unit_test(not_counted),
		cmocka_unit_test(no_symbols),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
