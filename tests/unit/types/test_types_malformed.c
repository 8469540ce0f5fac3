/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * CTF that is broken: what is refused says where and why, what is odd is
 * remarked on, and a part that is broken leaves the others (C-50 to C-54, X-06).
 */

#include <kldsim/synth.h>

#include "support_types.h"

static struct kldsim_error error;

/* X-01 with one byte changed: why it is refused, or what is remarked. */
static const struct spoiled {
	size_t at;
	uint8_t byte;
	bool refused;
	const char *words;
} x06[] = {
	{ 0x00, 0xf0, true, ", offset 0x0: it does not begin as CTF" },
	{ 0x02, 0x04, true, ", offset 0x2: version 4 of CTF" }, /* C-02 */
	{ 0x02, 0x01, true, ", offset 0x2: version 1 of CTF" },
	{ 0x03, 0x01, true, ", offset 0x24: no zlib stream" },
	{ 0x10, 0x09, true, ", offset 0x10: objects begin at 0x9" },
	{ 0x18, 0x16, true, ", offset 0x18: types begin at 0x16, which is no "
	    "multiple of 4" },
	{ 0x1c, 0xa4, true, ", offset 0x1c: it has 209 bytes behind its "
	    "header, which says 213" },
	/* Type 9 would end behind the types; see cut_types(), too. */
	{ 0x1c, 0x9c, true, ", offset 0xf1: the last string has no end" },
	{ 0x20, 0x30, true, ", offset 0xf4: the last string has no end" },
	{ 0x3c, 0xff, true, ", offset 0x3c: a string at 255 of 49" }, /* C-05 */
	{ 0x3f, 0x80, true, ", offset 0x3c: a string of another table" },
	{ 0x41, 0x74, true, ", offset 0x40: type 1 has kind 14" },
	{ 0xb2, 0x08, true, ", offset 0xac: typedef foo_t is nothing but "
	    "itself" },
	{ 0x70, 0x03, true, ", offset 0x54: struct foo contains itself" },
	{ 0x70, 0x0a, true, ", offset 0x70: type 10 of 9" },
	{ 0x72, 0x80, false, "struct foo: member next ends at bit 192 of 128" },
	{ 0x7a, 0x04, false, NULL },
	/* And others of the kind. */
	{ 0x03, 0x02, false, "flags 0x2, of which only 0x1 means something" },
	{ 0x08, 0xff, true, ", offset 0x8: a string at 255 of 49" },
	{ 0x0c, 0x0c, true, ", offset 0x10: objects begin at 0x8, before "
	    "labels" },
	{ 0x14, 0x1a, true, ", offset 0x18: types begin at 0x18, before "
	    "functions" },
	{ 0x1c, 0x14, true, ", offset 0x1c: strings begin at 0x14, before "
	    "types" },
	{ 0x20, 0x2f, true, ", offset 0xf3: the last string has no end" },
	{ 0x20, 0x00, true, ", offset 0xc4: the last string has no end" },
	{ 0x24, 0xff, false, "the label is no string" }, /* C-06 */
	{ 0x7a, 0x0a, true, ", offset 0x7a: type 10 of 9" },
	{ 0x80, 0x00, false, NULL }, /* an array's flags */
	{ 0x82, 0x11, false, "type 5: an array of 4 elements of 4 bytes has "
	    "17 bytes" },
	{ 0x84, 0x05, true, ", offset 0x7c: type 5 is nothing but itself" },
	{ 0x84, 0x0a, true, ", offset 0x84: type 10 of 9" },
	{ 0x86, 0x0a, true, ", offset 0x86: type 10 of 9" }, /* C-15 */
	{ 0x94, 0xff, true, ", offset 0x94: a string at 255 of 49" },
	{ 0xb2, 0x09, false, NULL }, /* a typedef of a function */
	{ 0xba, 0x0a, true, ", offset 0xba: type 10 of 9" },
	{ 0xbc, 0x0a, true, ", offset 0xbc: type 10 of 9" },
	{ 0xc0, 0x09, false, NULL }, /* a function that takes itself */
};

static void
one_byte(void **state)
{
	struct kldsim_types_remark remark;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	uint8_t bytes[X01_SIZE];

	(void)state;
	for (const struct spoiled *s = x06; s < x06 + COUNT(x06); s++) {
		memcpy(bytes, support_x01, X01_SIZE);
		bytes[s->at] = s->byte;
		types = support_types_read(bytes, X01_SIZE, NULL, &error);
		if (s->refused != (types == NULL))
			fail_msg("byte 0x%zx: %s", s->at, error.text);
		if (s->refused) {
			if (strstr(error.text, s->words) == NULL)
				fail_msg("byte 0x%zx: %s", s->at, error.text);
			assert_int_equal(error.status, KLDSIM_MALFORMED);
			assert_ptr_equal(strstr(error.text, "m.ko: .SUNW_ctf"),
			    error.text);
			continue;
		}
		kldsim_types_info(types, &info);
		if (info.remarks != (s->words != NULL ? 1 : 0))
			fail_msg("byte 0x%zx: %u remarks", s->at,
			    info.remarks);
		if (s->words != NULL) {
			assert_int_equal(kldsim_types_remark(types, 0,
			    &remark), KLDSIM_OK);
			assert_string_equal(remark.text, s->words);
		}
		kldsim_types_free(types);
	}
}

/*
 * zlib makes at most 1032 bytes of one: 1100 for each of the section's 245, and
 * 64 KiB, are allowed: 335,036, of which 160 come before the strings.
 */
static void
what_zlib_cannot_be(void **state)
{
	uint8_t bytes[X01_SIZE];

	(void)state;
	for (uint32_t more = 0; more < 2; more++) {
		const uint32_t strings = 334876 + more;

		memcpy(bytes, support_x01, X01_SIZE);
		bytes[3] = 1;
		for (unsigned i = 0; i < 4; i++)
			bytes[0x20 + i] = (uint8_t)(strings >> 8 * i);
		assert_null(support_types_read(bytes, X01_SIZE, NULL, &error));
		assert_non_null(strstr(error.text, more == 0 ?
		    ", offset 0x24: no zlib stream" : ", offset 0x1c: 335037 "
		    "bytes cannot be 245 bytes compressed"));
	}
}

/* Where the section ends is no matter of luck: each byte is missed. */
static void
cut(void **state)
{
	(void)state;
	for (size_t size = 0; size < X01_SIZE; size++) {
		uint8_t *bytes = malloc(size + 1);

		assert_non_null(bytes);
		memcpy(bytes, support_x01, size);
		assert_null(support_types_read(bytes, size, NULL, &error));
		assert_int_equal(error.status, KLDSIM_MALFORMED);
		free(bytes);
	}
}

/* Strings begin sooner: the last types end behind the types. */
static void
cut_types(void **state)
{
	static const struct {
		uint8_t stroff;
		const char *words;
	} rows[] = {
		{ 0x9c, "offset 0xb4: type 9 ends behind the types" },
		{ 0x98, "offset 0xb4: type 9 ends behind the types" },
		{ 0x94, "offset 0xb4: type 9 ends behind the types" },
		{ 0x8c, "offset 0xac: type 8 ends behind the types" },
		{ 0x84, "offset 0xa4: type 7 ends behind the types" },
		{ 0x7c, "offset 0x8c: type 6 ends behind the types" },
		{ 0x66, "offset 0x7c: type 5 ends behind the types" },
		{ 0x4c, "offset 0x54: type 3 ends behind the types" },
		{ 0x22, "offset 0x3c: type 1 ends behind the types" },
	};
	uint8_t bytes[X01_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memcpy(bytes, support_x01, X01_SIZE);
		bytes[0x1c] = rows[i].stroff;
		bytes[0x20] = (uint8_t)(209 - rows[i].stroff);
		assert_null(support_types_read(bytes, X01_SIZE, NULL, &error));
		if (strstr(error.text, rows[i].words) == NULL)
			fail_msg("0x%x: %s", rows[i].stroff, error.text);
	}
	/* Where a type ends, the types may. */
	bytes[0x1c] = 0x90;
	bytes[0x20] = 209 - 0x90;
	bytes[0xb2] = 1; /* foo_t is of type 1 */
	kldsim_types_free(support_types_read(bytes, X01_SIZE, NULL, &error));
	assert_int_equal(error.status, KLDSIM_OK);
}

/* A size that is in two more words, of which there is none, or one. */
static void
cut_sizes(void **state)
{
	uint8_t bytes[X01_SIZE];

	(void)state;
	for (uint8_t stroff = 0x38; stroff <= 0x3c; stroff += 4) {
		memcpy(bytes, support_x01, X01_SIZE);
		bytes[0x5a] = bytes[0x5b] = 0xff; /* struct foo's */
		bytes[0x1c] = stroff;
		bytes[0x20] = (uint8_t)(209 - stroff);
		assert_null(support_types_read(bytes, X01_SIZE, NULL, &error));
		assert_non_null(strstr(error.text,
		    "offset 0x54: type 3 ends behind the types"));
	}
}

/* Any byte may be anything: what comes of it can be asked. */
static void
ask(const struct kldsim_types *types)
{
	struct kldsim_types_info info;
	struct kldsim_type type;
	char text[64];

	kldsim_types_info(types, &info);
	for (kldsim_type_id id = 0; id <= info.ids; id++) {
		kldsim_type_text(types, id, "x", text, sizeof(text));
		assert_true(strlen(text) < sizeof(text));
		if (id != 0)
			assert_int_equal(kldsim_type_get(types, id, &type),
			    KLDSIM_OK);
	}
}

static void
sweep(const uint8_t *vector, size_t size, size_t *read, size_t *refused)
{
	static const uint8_t values[] = { 0, 1, 2, 9, 10, 0x7f, 0x80, 0xff };
	struct support_symtab table;
	struct kldsim_types *types;
	uint8_t *bytes = malloc(size);

	assert_non_null(bytes);
	support_symtab_x03(&table);
	memcpy(bytes, vector, size);
	for (size_t at = 0; at < size; at++) {
		for (size_t i = 0; i < COUNT(values); i++) {
			bytes[at] = values[i];
			types = support_types_read(bytes, size, &table,
			    &error);
			if (types != NULL)
				ask(types);
			*(types != NULL ? read : refused) += 1;
			kldsim_types_free(types);
		}
		bytes[at] = vector[at];
	}
	free(bytes);
}

static void
every_byte(void **state)
{
	size_t read = 0, refused = 0;

	(void)state;
	sweep(support_x01, X01_SIZE, &read, &refused);
	sweep(support_x02, X02_SIZE, &read, &refused);
	assert_true(read > 1000 && refused > 1000);
}

/* --- objects and functions: what is broken leaves the types (C-53) --- */

static const struct spoiled records[] = {
	{ 0x2c, 0x0a, true, "offset 0x2c: there is no type of this number" },
	{ 0x31, 0x28, false, NULL }, /* not a root */
	{ 0x31, 0x30, true, "offset 0x30: no record of a function" },
	{ 0x30, 0x05, true, "offset 0x30: a record ends behind its part" },
	{ 0x32, 0x0a, true, "offset 0x32: there is no type of this number" },
	{ 0x36, 0x0a, true, "offset 0x36: there is no type of this number" },
	{ 0x38, 0x02, true, "offset 0x38: no record of a function" },
	{ 0x3a, 0x01, true, "offset 0x3a: more records than symbols" },
	{ 0x3b, 0x01, true, "offset 0x3b: more records than symbols" },
};

static void
broken_records(void **state)
{
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	uint8_t bytes[X01_SIZE];

	(void)state;
	support_symtab_x03(&table);
	for (const struct spoiled *s = records; s < records + COUNT(records);
	    s++) {
		const bool object = s->at < 0x30;
		const char *no;

		memcpy(bytes, support_x01, X01_SIZE);
		bytes[s->at] = s->byte;
		types = support_types_read(bytes, X01_SIZE, &table, &error);
		assert_non_null(types);
		kldsim_types_info(types, &info);
		no = object ? info.no_variables : info.no_functions;
		if ((no != NULL) != s->refused ||
		    (no != NULL && strstr(no, s->words) == NULL))
			fail_msg("byte 0x%zx: %s", s->at, no);
		/* The other part has its types. */
		assert_null(object ? info.no_functions : info.no_variables);
		assert_int_equal(object ? info.functions : info.variables, 1);
		assert_int_equal(info.types, 9);
		assert_int_equal(info.ids, object || !s->refused ? 10 : 9);
		kldsim_types_free(types);
	}
}

/* Fewer records than symbols, and more of them (C-21). */
static void
few_and_many(void **state)
{
	struct support_symtab table;
	struct kldsim_types *types;
	struct kldsim_types_info info;

	(void)state;
	support_symtab_init(&table);
	types = support_types_read(support_x01, X01_SIZE, &table, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_non_null(strstr(info.no_functions,
	    "offset 0x30: more records than symbols"));
	assert_non_null(strstr(info.no_variables,
	    "offset 0x2c: more records than symbols"));
	kldsim_types_free(types);
	support_symtab_x03(&table);
	for (int i = 0; i < 3; i++) {
		support_symtab_add(&table, "f1", STB_GLOBAL, STT_FUNC, 1, 0);
		support_symtab_add(&table, "o1", STB_GLOBAL, STT_OBJECT, 1, 0);
	}
	types = support_types_read(support_x01, X01_SIZE, &table, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_null(info.no_functions);
	assert_null(info.no_variables);
	assert_int_equal(info.functions, 1);
	assert_int_equal(info.untyped_functions, 4);
	assert_int_equal(info.variables, 1);
	assert_int_equal(info.untyped_variables, 4);
	kldsim_types_free(types);
}

/* A symbol whose name is nowhere is counted like any other. */
static void
nameless_symbol(void **state)
{
	struct support_symtab table;
	struct kldsim_typed_symbol symbol;
	struct kldsim_types *types;

	(void)state;
	support_symtab_x03(&table);
	kldsim__store(table.syms + 2 * 24, 4, false, 0xffffff);
	types = support_types_read(support_x01, X01_SIZE, &table, &error);
	assert_non_null(types);
	assert_int_equal(kldsim_types_symbol_at(types, 2, &symbol), KLDSIM_OK);
	assert_string_equal(symbol.name, "");
	support_type_is(types, symbol.type, "int (struct foo *, int)");
	kldsim_types_free(types);
}

/* --- limits and memory --- */

static void
limits(void **state)
{
	static const struct {
		const char *name;
		uint64_t good;
		const char *words;
	} rows[] = {
		{ "types", 9, "9 types, over the limit types=8" },
		/* 3 members, 2 values, 3 arguments with "...", and 2 of g. */
		{ "type_members", 9, "9 members, values and arguments, over "
		    "the limit type_members=8" },
		/* "", the section's and a NUL, the symbols'. */
		{ "type_strings", 1 + 50 + 23, "74 bytes of names, over the "
		    "limit type_strings=73" },
		{ "type_bytes", 209, "209 bytes of CTF, over the limit "
		    "type_bytes=208" },
	};
	struct kldsim__ctf_section section = support_section(support_x01,
	    X01_SIZE, false);
	struct kldsim_types_options options;
	struct support_symtab table;
	struct kldsim_types *types;

	(void)state;
	support_symtab_x03(&table);
	section.kernel = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		kldsim_types_options_init(&options, sizeof(options));
		assert_int_equal(kldsim_limit_set(&options.limits,
		    rows[i].name, rows[i].good), KLDSIM_OK);
		types = support_types_read_as(&section, &table, &options,
		    &error);
		if (types == NULL)
			fail_msg("%s", error.text);
		kldsim_types_free(types);
		assert_int_equal(kldsim_limit_set(&options.limits,
		    rows[i].name, rows[i].good - 1), KLDSIM_OK);
		types = support_types_read_as(&section, &table, &options,
		    &error);
		if (types != NULL)
			fail_msg("%s", rows[i].name);
		assert_int_equal(error.status, KLDSIM_LIMIT);
		if (strstr(error.text, rows[i].words) == NULL)
			fail_msg("%s", error.text);
	}
}

/* Remarks over their limit are counted. */
static void
many_remarks(void **state)
{
	struct kldsim__ctf_section section;
	struct kldsim_types_options options;
	struct kldsim_types_remark remark;
	struct kldsim_types *types;
	struct kldsim_types_info info;
	uint8_t bytes[X01_SIZE];

	(void)state;
	memcpy(bytes, support_x01, X01_SIZE);
	bytes[0x5a] = 4; /* struct foo has 4 bytes */
	bytes[0x82] = 1; /* and the array one */
	section = support_section(bytes, X01_SIZE, false);
	kldsim_types_options_init(&options, sizeof(options));
	types = support_types_read_as(&section, NULL, &options, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_int_equal(info.remarks, 3);
	assert_int_equal(kldsim_types_remark(types, 0, &remark), KLDSIM_OK);
	assert_string_equal(remark.text,
	    "struct foo: member b ends at bit 35 of 32");
	assert_string_equal(remark.rules, "C-51");
	assert_int_equal(remark.offset, 0x54);
	kldsim_types_free(types);
	options.limits.findings = 1;
	types = support_types_read_as(&section, NULL, &options, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_int_equal(info.remarks, 2);
	assert_int_equal(kldsim_types_remark(types, 1, &remark), KLDSIM_OK);
	assert_string_equal(remark.text, "and 2 more remarks");
	assert_int_equal(kldsim_types_remark(types, 2, &remark), KLDSIM_NOENT);
	kldsim_types_free(types);
}

/* No limit is one, too; and who wants no reason gets none. */
static void
no_limits(void **state)
{
	struct kldsim__ctf_section section = support_section(support_x01,
	    X01_SIZE, false);
	struct kldsim_types_options options;
	struct kldsim_types *types = NULL;

	(void)state;
	kldsim_types_options_init(&options, sizeof(options));
	memset(&options.limits, 0xff, sizeof(options.limits));
	assert_int_equal(kldsim__ctf_read(&section, &options, &types, NULL),
	    KLDSIM_OK);
	kldsim_types_free(types);
	section.size = 100;
	assert_int_equal(kldsim__ctf_read(&section, &options, &types, NULL),
	    KLDSIM_MALFORMED);
	options.limits.types = 1;
	section.size = X01_SIZE;
	assert_int_equal(kldsim__ctf_read(&section, &options, &types, NULL),
	    KLDSIM_LIMIT);
}

/* Each request for memory is refused once, and nothing is lost. */
static void
refuse_memory(const uint8_t *bytes)
{
	struct kldsim__ctf_section section = support_section(bytes,
	    X01_SIZE, false);
	struct kldsim_types_options options;
	struct support_symtab table;
	struct support_alloc alloc;
	struct kldsim_types *types;
	long n = 0;

	support_symtab_x03(&table);
	section.kernel = true;
	kldsim_types_options_init(&options, sizeof(options));
	do {
		support_alloc_init(&alloc, n++);
		options.allocator = support_allocator(&alloc);
		types = support_types_read_as(&section, &table, &options,
		    &error);
		if (alloc.failed != 0) {
			assert_null(types);
			assert_int_equal(error.status, KLDSIM_NOMEM);
			assert_string_equal(error.text,
			    "no memory for types");
		}
		kldsim_types_free(types);
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	assert_true(n > 10);
}

static void
no_memory(void **state)
{
	uint8_t bytes[X01_SIZE];

	(void)state;
	memcpy(bytes, support_x01, X01_SIZE);
	refuse_memory(bytes);
	bytes[0x31] = 0x30; /* a record that is none: why */
	refuse_memory(bytes);
	bytes[0x5a] = 4;    /* remarks: struct foo has 4 bytes */
	bytes[0x82] = 1;    /* and the array one */
	refuse_memory(bytes);
}

/* Without memory for an index, names are found all the same. */
static void
no_index(void **state)
{
	struct kldsim__ctf_section section = support_section(support_x01,
	    X01_SIZE, false);
	struct kldsim_types_options options;
	struct kldsim_typed_symbol symbol;
	struct support_symtab table;
	struct support_alloc alloc;
	struct kldsim_types *types;

	(void)state;
	support_symtab_x03(&table);
	section.kernel = true;
	kldsim_types_options_init(&options, sizeof(options));
	support_alloc_init(&alloc, -1);
	options.allocator = support_allocator(&alloc);
	types = support_types_read_as(&section, &table, &options, &error);
	assert_non_null(types);
	for (long n = 0; n < 5; n++) {
		uint32_t next = 0;

		alloc.fail_at = alloc.calls + n;
		assert_int_equal(kldsim_types_find(types, "foo", 0), 3);
		alloc.fail_at = alloc.calls + n;
		assert_int_equal(kldsim_types_find(types, "foo", 3), 0);
		alloc.fail_at = alloc.calls + n;
		assert_int_equal(kldsim_types_find_symbol(types, "g", &next,
		    &symbol), KLDSIM_OK);
		assert_int_equal(symbol.index, 2);
		alloc.fail_at = alloc.calls + n;
		assert_int_equal(kldsim_types_find_symbol(types, "g", &next,
		    &symbol), KLDSIM_NOENT);
	}
	kldsim_types_free(types);
	assert_int_equal(alloc.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_byte),
		cmocka_unit_test(what_zlib_cannot_be),
		cmocka_unit_test(cut),
		cmocka_unit_test(cut_types),
		cmocka_unit_test(cut_sizes),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(broken_records),
		cmocka_unit_test(few_and_many),
		cmocka_unit_test(nameless_symbol),
		cmocka_unit_test(limits),
		cmocka_unit_test(many_remarks),
		cmocka_unit_test(no_limits),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(no_index),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
