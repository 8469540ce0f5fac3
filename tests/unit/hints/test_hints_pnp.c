/* SPDX-License-Identifier: BSD-2-Clause */

/* MDT_PNP_INFO in linker.hints: H-05, H-06, Z-114, Z-115. */

#include "support_hints_folder.h"

static struct expected e;

/* A module with one PNP table in a section of its own. */
struct device_table {
	struct kldsim_synth *synth;
	int section;
	int symbol;
};

static struct device_table
table_begin(const char *machine, const void *bytes, size_t size)
{
	struct device_table t;

	t.synth = kldsim_synth_new(machine, KLDSIM_SYNTH_MODULE);
	/* In .text, which is first: what an address of 1 leads to. */
	(void)kldsim_synth_append(t.synth, kldsim_synth_section_named(t.synth,
	    ".text"), "text of the module", 19);
	t.section = kldsim_synth_section(t.synth, ".devices", 1,
	    KLDSIM_SYNTH_WRITE | KLDSIM_SYNTH_ALLOC, 8);
	(void)kldsim_synth_append(t.synth, t.section, bytes, size);
	t.symbol = kldsim_synth_symbol(t.synth, "devices", 0,
	    KLDSIM_SYNTH_OBJECT, t.section, 0, size);
	return (t);
}

/* A pointer to a string, at an offset in the table. */
static void
table_string(struct device_table *t, uint64_t offset, const char *text)
{
	int symbol = kldsim_synth_object(t->synth, "text", text,
	    strlen(text) + 1, 1);

	kldsim_synth_bind(t->synth, symbol, 0);
	kldsim_synth_pointer(t->synth, t->section, offset, symbol, 0);
}

static void
table_end(struct device_table *t, const struct folder *folder,
    const char *descr, int entry_size, int entries)
{
	kldsim_synth_mdt_pnp(t->synth, "pci", descr, t->symbol, entry_size,
	    entries);
	(void)kldsim_synth_append(t->synth, kldsim_synth_section(t->synth,
	    ".comment", 1, 0, 1), NULL, 4096);
	put_module(folder, t->synth, "m.ko");
}

static void
want_pnp(const char *descr, uint32_t rows)
{
	want_begin(&e, e.big);
	want_record(&e, 4);
	want_string(&e, "pci");
	want_string(&e, descr);
	want_int(&e, rows);
}

/* What a row's bytes become. */
static const struct {
	const char *what; /* for the reader */
	const char *descr;
	const char *new_descr;
	uint8_t row[16];
	size_t size;
	int nints;
	uint32_t ints[4];
	const char *text; /* after the ints; NULL: none */
} rows[] = {
	{ "U8", "U8:a;", "I:a;", { 0x81 }, 1, 1, { 0x81 }, NULL },
	{ "U16", "U16:a;", "I:a;", { 0x34, 0xf2 }, 2, 1, { 0xf234 }, NULL },
	{ "U32", "U32:a;", "I:a;", { 1, 2, 3, 0xf4 }, 4, 1, { 0xf4030201 },
	    NULL },
	{ "V8", "V8:a;", "J:a;", { 0x7f }, 1, 1, { 0x7f }, NULL },
	{ "V8 all ones", "V8:a;", "J:a;", { 0xff }, 1, 1, { 0xffffffff },
	    NULL },
	{ "U8 all ones", "U8:a;", "I:a;", { 0xff }, 1, 1, { 0xff }, NULL },
	{ "V16 all ones", "V16:a;", "J:a;", { 0xff, 0xff }, 2, 1,
	    { 0xffffffff }, NULL },
	{ "V16", "V16:a;", "J:a;", { 0xff, 0xfe }, 2, 1, { 0xfeff }, NULL },
	{ "V32 all ones", "V32:a;", "J:a;", { 0xff, 0xff, 0xff, 0xff }, 4, 1,
	    { 0xffffffff }, NULL },
	{ "G16", "G16:a;", "G:a;", { 0xff, 0xff }, 2, 1, { 0xffff }, NULL },
	{ "L16", "L16:a;", "L:a;", { 1, 2 }, 2, 1, { 0x201 }, NULL },
	{ "M16", "M16:a;", "M:a;", { 1, 2 }, 2, 1, { 0x201 }, NULL },
	{ "W32", "W32:v/d;", "I:v;I:d;", { 0x86, 0x80, 0x34, 0x12 }, 4, 2,
	    { 0x8086, 0x1234 }, NULL },
	{ "W32 of one key", "W32:v;", "I:v;", { 1, 0, 2, 0 }, 4, 2, { 1, 2 },
	    NULL },
	{ "W32 of odd keys", "W32:/a//b/c/;", "I:a;I:b;I:c;", { 1, 0, 2, 0 },
	    4, 2, { 1, 2 }, NULL },
	{ "E", "E:id;", "Z:id;", { 0x41, 0xd0, 0x05, 0x01 }, 4, 0, { 0 },
	    "PNP0501" },
	{ "E of letters", "E:id;", "Z:id;", { 0xff, 0xff, 0xab, 0xcd }, 4, 0,
	    { 0 }, "___abcd" },
	{ "T takes no room", "T:t=1;U8:a;T:u;", "T:t=1;I:a;T:u;", { 5 }, 1, 1,
	    { 5 }, NULL },
	{ "rounding", "U8:a;U16:b;U8:c;U32:d;", "I:a;I:b;I:c;I:d;",
	    { 1, 9, 2, 0, 3, 9, 9, 9, 4 }, 12, 4, { 1, 2, 3, 4 }, NULL },
	{ "rounding of E", "U8:a;E:b;", "I:a;Z:b;",
	    { 1, 9, 9, 9, 0x41, 0xd0, 0x05, 0x01 }, 8, 1, { 1 }, "PNP0501" },
	{ "P is a pointer, unaligned", "U8:a;P:#;U8:b;", "I:a;I:b;",
	    { 1, 9, 9, 9, 9, 9, 9, 9, 9, 2 }, 10, 2, { 1, 2 }, NULL },
	{ "no ; at the end", "U8:a;U8:b", "I:a;I:b;", { 1, 2 }, 2, 2,
	    { 1, 2 }, NULL },
	{ "blanks after ;", "U8:a; \tU8:b;  ", "I:a;I:b;", { 1, 2 }, 2, 2,
	    { 1, 2 }, NULL },
	{ "no key", "U8:;", "I:;", { 7 }, 1, 1, { 7 }, NULL },
	{ "a longer row", "U8:a;", "I:a;", { 7, 9, 9 }, 3, 1, { 7 }, NULL },
	{ "a key of 30", "U8:123456789012345678901234567890;",
	    "I:123456789012345678901234567890;", { 7 }, 1, 1, { 7 }, NULL },
	{ "and of 31 at the end", "U8:1234567890123456789012345678901",
	    "I:1234567890123456789012345678901;", { 7 }, 1, 1, { 7 }, NULL },
};

static void
every_type_is_translated(void **state)
{
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t twice[32];
		struct device_table t;

		folder_open(&folder);
		memcpy(twice, rows[i].row, rows[i].size);
		memcpy(twice + rows[i].size, rows[i].row, rows[i].size);
		t = table_begin("amd64", twice, 2 * rows[i].size);
		table_end(&t, &folder, rows[i].descr, (int)rows[i].size, 2);
		want_pnp(rows[i].new_descr, 2);
		for (int row = 0; row < 2; row++) {
			for (int j = 0; j < rows[i].nints; j++)
				want_int(&e, rows[i].ints[j]);
			if (rows[i].text != NULL)
				want_string(&e, rows[i].text);
		}
		want_end(&e);
		check_built(&folder, OLD, &e);
		check_built(&folder, MIDDLE, &e);
		check_built(&folder, NEW, &e);
		assert_string_equal(folder.said, "");
		folder_close(&folder);
	}
}

/* Pointers are as wide as the machine's, and D and Z are read through them. */
static void
strings_are_followed(void **state)
{
	static const struct {
		const char *machine;
		unsigned ptrsz;
		bool big;
	} machines[] = {
		{ "amd64", 8, false }, { "i386", 4, false },
		{ "arm64", 8, false }, { "powerpc", 4, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const unsigned ptrsz = machines[i].ptrsz;
		struct device_table t = table_begin(machines[i].machine, NULL,
		    6 * ptrsz);
		struct folder folder;

		folder_open(&folder);
		/* Rows of a byte, a string, and a string: 3 words each. */
		kldsim_synth_store(t.synth, t.section, 0, "\x11", 1);
		table_string(&t, ptrsz, "one");
		table_string(&t, 2 * ptrsz, "");
		kldsim_synth_store(t.synth, t.section, 3 * ptrsz, "\x22",
		    1);
		table_string(&t, 5 * ptrsz, "two");
		table_end(&t, &folder, "U8:a;D:#;Z:z;", (int)(3 * ptrsz), 2);
		e.big = machines[i].big;
		want_pnp("I:a;D:#;Z:z;", 2);
		want_int(&e, 0x11);
		want_string(&e, "one");
		want_string(&e, "");
		want_int(&e, 0x22);
		want_string(&e, ""); /* a null pointer */
		want_string(&e, "two");
		want_end(&e);
		check_built(&folder, OLD, &e);
		check_built(&folder, NEW, &e);
		assert_string_equal(folder.said, "");
		folder_close(&folder);
	}
	e.big = false;
}

/* H-05: a word that is no pointer is an offset into the laid out file. */
static void
a_word_without_relocation_reads_the_image(void **state)
{
	static const struct {
		uint8_t word[8];
		const char *text;
	} words[] = {
		{ { 1 }, "ext of the module" },
		{ { 18 }, "" },
		{ { 0, 0, 0, 0, 0, 1 }, "" },
		{ { 255, 255, 255, 255, 255, 255, 255, 255 }, "" },
	};
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct device_table t = table_begin("amd64", NULL, 8);

		folder_open(&folder);
		kldsim_synth_store(t.synth, t.section, 0, words[i].word, 8);
		table_end(&t, &folder, "D:#;", 8, 1);
		want_pnp("D:#;", 1);
		want_string(&e, words[i].text);
		want_end(&e);
		check_built(&folder, OLD, &e);
		check_built(&folder, NEW, &e);
		folder_close(&folder);
	}
}

/*
 * A module whose table has one pointer, made of a symbol and an addend.
 * The symbol is local, global, or none that there is.
 */
enum symbol { LOCAL, GLOBAL, BEYOND };

static struct kldsim_synth *
symbol_user(const char *machine, const char *type, enum symbol what,
    int64_t addend, int *text_ret)
{
	struct device_table t = table_begin(machine, "\0\0\0\0\0\0\0", 8);
	int text = kldsim_synth_object(t.synth, "text", "text", 5, 1);

	*text_ret = what == GLOBAL ? text :
	    kldsim_synth_bind(t.synth, text, 0);
	kldsim_synth_reloc(t.synth, t.section, 0, type, text, addend);
	if (what == BEYOND)
		kldsim_synth_override(t.synth, "rela[.rela.dyn][0].r_sym",
		    0x7fff);
	kldsim_synth_mdt_pnp(t.synth, "pci", "D:#;", t.symbol, 8, 1);
	(void)kldsim_synth_append(t.synth, kldsim_synth_section(t.synth,
	    ".comment", 1, 0, 1), NULL, 4096);
	return (t.synth);
}

/* Where the tool has the text: an addend that is the address itself needs it. */
static int64_t
address_of_text(const char *machine, const char *type, enum symbol what)
{
	int text;
	struct kldsim_synth *s = symbol_user(machine, type, what, 0, &text);
	int64_t address;
	void *bytes;
	size_t size;

	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, NULL),
	    KLDSIM_OK);
	address = (int64_t)kldsim_synth_symbol_value(s, text);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(s);
	return (address);
}

/* H-06: local symbols alone have a value, and GLOB_DAT has no addend. */
static void
pointers_made_of_symbols(void **state)
{
	static const struct {
		const char *machine, *type;
		enum symbol what;
		int64_t addend;
		bool whole; /* the addend is the address itself */
		const char *text;
		/* The old tool does nothing: the pointer stays null. */
		bool new_only;
		const char *old_says;
	} cases[] = {
		{ "riscv64", "R_RISCV_64", LOCAL, 1, false, "ext", false, "" },
		{ "riscv64", "R_RISCV_64", GLOBAL, 2, true, "xt", false, "" },
		{ "riscv64", "R_RISCV_64", BEYOND, 0, true, "text", false, "" },
		{ "i386", "R_386_GLOB_DAT", LOCAL, 1, false, "text", false,
		    "" },
		{ "amd64", "R_X86_64_GLOB_DAT", LOCAL, 1, false, "text", false,
		    "" },
		{ "amd64", "R_X86_64_32S", LOCAL, 1, false, "ext", false, "" },
		/* Known, and nothing done. */
		{ "amd64", "R_X86_64_NONE", LOCAL, 1, false, "", false, "" },
		{ "arm64", "R_AARCH64_ABS64", LOCAL, 1, false, "ext", true,
		    "" },
		{ "powerpc", "R_PPC_ADDR32", LOCAL, 1, false, "ext", true,
		    "unhandled relocation type 1\n" },
		{ "powerpc64", "R_PPC64_ADDR64", LOCAL, 1, false, "ext", true,
		    "unhandled relocation type 38\n" },
		{ "powerpc64le", "R_PPC64_ADDR64", LOCAL, 1, false, "ext",
		    true, "unhandled relocation type 38\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t addend = cases[i].addend;
		struct folder folder;
		int text;

		folder_open(&folder);
		if (cases[i].whole)
			addend += address_of_text(cases[i].machine,
			    cases[i].type, cases[i].what);
		put_module(&folder, symbol_user(cases[i].machine,
		    cases[i].type, cases[i].what, addend, &text), "m.ko");
		for (int new = 0; new < 2; new++) {
			e.big = strcmp(cases[i].machine, "powerpc") == 0 ||
			    strcmp(cases[i].machine, "powerpc64") == 0;
			want_pnp("D:#;", 1);
			want_string(&e, new == 0 && cases[i].new_only ? "" :
			    cases[i].text);
			want_end(&e);
			check_built(&folder, new != 0 ? NEW : OLD, &e);
			assert_string_equal(folder.said, new != 0 ? "" :
			    cases[i].old_says);
		}
		e.big = false;
		folder_close(&folder);
	}
}

static void
mistakes_of_the_text_end_the_run(void **state)
{
	static const char *const texts[] = {
		"U8", "U8;", "X9:a;", ":a;", "u8:a;", "U8 :a;", "P2:a;",
		"U8:a;junk", ";U8:a;", "U8:a;;", "U64:a;",
		"1234567:a;", "12345678:a;", /* Z-115 */ "123456789:a;",
		"U8:1234567890123456789012345678901;",
		"U8:12345678901234567890123456789012",
	};
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct device_table t = table_begin("amd64", NULL, 8);
		char words[2 * SCRATCH_PATH + 128];

		folder_open(&folder);
		table_end(&t, &folder, texts[i], 8, 1);
		(void)snprintf(words, sizeof(words),
		    "Parse error of description string %s", texts[i]);
		check_fatal(&folder, OLD, words);
		check_fatal(&folder, NEW, words);
		folder_close(&folder);
	}
}

static void
an_empty_text_has_rows_of_nothing(void **state)
{
	struct device_table t = table_begin("amd64", NULL, 8);
	struct folder folder;

	(void)state;
	folder_open(&folder);
	table_end(&t, &folder, "", 0, 0x7fffffff);
	want_pnp("", 0x7fffffff);
	want_end(&e);
	check_built(&folder, OLD, &e);
	check_built(&folder, NEW, &e);
	folder_close(&folder);
}

/* H-06: a record has 65536 bytes, and H-02: a string 255. */
static void
full_records_end_the_run(void **state)
{
	/* type, "pci", descr, count: 4 + 4 + 6 + (2) + 4, and 4 a row. */
	const int most = (65536 - 20) / 4;
	struct device_table t;
	struct folder folder;
	char text[600];

	(void)state;
	for (int over = 0; over < 2; over++) {
		folder_open(&folder);
		t = table_begin("amd64", NULL, (size_t)(most + over));
		table_end(&t, &folder, "U8:ab;", 1, most + over);
		if (over) {
			check_fatal(&folder, OLD, "record buffer overflow");
			check_fatal(&folder, NEW, "record buffer overflow");
		} else {
			want_pnp("I:ab;", (uint32_t)most);
			for (int i = 0; i < most; i++)
				want_int(&e, 0);
			want_end(&e);
			assert_int_equal(e.size, 4 + 4 + 65536);
			check_built(&folder, OLD, &e);
			check_built(&folder, NEW, &e);
		}
		folder_close(&folder);
	}
	/* A description that is too long only when translated. */
	folder_open(&folder);
	t = table_begin("amd64", NULL, 1024);
	text[0] = '\0';
	for (int i = 0; i < 33; i++)
		(void)strcat(text, "W32:a/b;");
	table_end(&t, &folder, text, 4 * 33, 1);
	text[0] = '\0';
	(void)strcpy(text, "string ");
	for (int i = 0; i < 33; i++)
		(void)strcat(text, "I:a;I:b;");
	(void)strcat(text, " too long");
	check_fatal(&folder, OLD, text);
	check_fatal(&folder, NEW, text);
	folder_close(&folder);
}

/*
 * A folder's records have an end, which no real folder comes near.  Each of these
 * takes 4 + 4 + 4 + 5 (+ 3) + 4 + 255 * 256 = 65304 bytes, so that the 4111th is
 * over it.
 */
static void
a_folder_of_records_is_bounded(void **state)
{
	const int most = 255, enough = 4111;
	struct device_table t = table_begin("amd64", NULL, 8 * 255);
	struct folder folder;
	char text[256];
	void *bytes;
	size_t size;

	(void)state;
	folder_open(&folder);
	memset(text, 'x', 255);
	text[255] = '\0';
	for (int i = 0; i < most; i++)
		table_string(&t, 8 * (uint64_t)i, text);
	for (int i = 1; i < enough; i++)
		kldsim_synth_mdt_pnp(t.synth, "pci", "D:#;", t.symbol, 8,
		    most);
	table_end(&t, &folder, "D:#;", 8, most);
	assert_int_equal(build(&folder, NEW, &bytes, &size), KLDSIM_LIMIT);
	assert_string_equal(folder.error.text,
	    "the records of one folder take over 268435456 bytes");
	assert_null(bytes);
	folder_close(&folder);
}

/* H-06: a text of 1024 bytes or more is no text. */
static void
an_endless_text_leaves_the_record_out(void **state)
{
	struct device_table t = table_begin("amd64", NULL, 8);
	struct folder folder;
	char text[1200];

	(void)state;
	folder_open(&folder);
	memset(text, 'T', sizeof(text));
	text[1024] = '\0';
	table_end(&t, &folder, text, 8, 1);
	check_nothing(&folder, OLD);
	check_nothing(&folder, NEW);
	folder_close(&folder);
}

/* A table that is not there, or larger than what is there. */
static void
an_unreadable_table_has_rows_in_no_tool(void **state)
{
	static const struct {
		int entry_size, entries;
	} sizes[] = {
		{ 8, 1000000 }, { -8, 2 }, { 8, -2 }, { 1 << 30, 3 },
	};
	struct folder folder;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct device_table t = table_begin("amd64", NULL, 16);

		folder_open(&folder);
		table_end(&t, &folder, "U8:a;", sizes[i].entry_size,
		    sizes[i].entries);
		check_nothing(&folder, OLD);
		/* The new tool writes the record all the same. */
		want_pnp("I:a;", (uint32_t)sizes[i].entries);
		want_end(&e);
		check_built(&folder, NEW, &e);
		folder_close(&folder);
	}
}

static void
the_product_of_sizes_wraps(void **state)
{
	struct device_table t = table_begin("amd64", NULL, 16);
	struct folder folder;
	char words[2 * SCRATCH_PATH + 128];

	(void)state;
	folder_open(&folder);
	/* Z-114: 0x10000 * 0x10000 is 0, so the table is "readable". */
	table_end(&t, &folder, "U8:a;", 0x10000, 0x10000);
	(void)snprintf(words, sizeof(words),
	    "%s/m.ko: PNP table is read beyond its end (Z-114); its record is "
	    "left out\n", folder.path);
	check_nothing(&folder, OLD);
	assert_string_equal(folder.said, words);
	check_nothing(&folder, NEW);
	assert_string_equal(folder.said, words);
	folder_close(&folder);
}

/* Z-114: fields beyond entry_len are in the next row; the last has none. */
static void
fields_beyond_the_row(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct device_table t = table_begin("amd64", bytes, 8);
	struct folder folder;

	(void)state;
	folder_open(&folder);
	table_end(&t, &folder, "U16:a;", 1, 4);
	check_nothing(&folder, OLD);
	assert_non_null(strstr(folder.said, "Z-114"));
	folder_close(&folder);
	/* Counts and sizes below zero make a table of a size above zero. */
	folder_open(&folder);
	t = table_begin("amd64", bytes, 8);
	table_end(&t, &folder, "U16:a;", -2, -2);
	want_pnp("I:a;", (uint32_t)-2);
	want_end(&e);
	check_built(&folder, OLD, &e);
	check_built(&folder, NEW, &e);
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_translated),
		cmocka_unit_test(strings_are_followed),
		cmocka_unit_test(a_word_without_relocation_reads_the_image),
		cmocka_unit_test(pointers_made_of_symbols),
		cmocka_unit_test(mistakes_of_the_text_end_the_run),
		cmocka_unit_test(an_empty_text_has_rows_of_nothing),
		cmocka_unit_test(full_records_end_the_run),
		cmocka_unit_test(a_folder_of_records_is_bounded),
		cmocka_unit_test(an_endless_text_leaves_the_record_out),
		cmocka_unit_test(an_unreadable_table_has_rows_in_no_tool),
		cmocka_unit_test(the_product_of_sizes_wraps),
		cmocka_unit_test(fields_beyond_the_row),
	};

	return (cmocka_run_group_tests_name("hints_pnp", tests, NULL, NULL));
}
