/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relocation rows and their interpreter: and the table of
 * section 6.1 for amd64, T-15.  Types are the psABI's numbers and all values
 * are written out, none is computed by the code that is tested.
 */

#include "support_base.h"
#include "reloc/reloc.h"
#include "util/bytes.h"

#define P UINT64_C(0xffffffff82200010)
#define S UINT64_C(0xffffffff80e01000)
#define B UINT64_C(0xffffffff82200000)

static struct kldsim__relocator amd64;

static int
setup(void **state)
{
	struct kldsim__facts facts;

	(void)state;
	memset(&facts, 0, sizeof(facts));
	facts.amd64_plt32 = true;
	kldsim__relocator_init(&amd64, &kldsim__arch_amd64, &facts);
	return (0);
}

/* Section 6.1 by the psABI's numbers. */
static const struct {
	uint32_t type;
	const char *name;
	unsigned width;
	bool symbol;   /* asks for its symbol */
	bool ifunc;    /* */
	/* With S, P, B as above and A = -4. */
	uint64_t value;
} rows[] = {
	{ 0, "R_X86_64_NONE", 0, false, false, 0 },
	{ 1, "R_X86_64_64", 8, true, false, 0xffffffff80e00ffc },
	/* 80e00ffc - 82200010 = -13ff014, that is ...fec00fec */
	{ 2, "R_X86_64_PC32", 4, true, false, 0xfffffffffec00fec },
	{ 4, "R_X86_64_PLT32", 4, true, false, 0xfffffffffec00fec },
	{ 6, "R_X86_64_GLOB_DAT", 8, true, false, 0xffffffff80e01000 },
	{ 7, "R_X86_64_JUMP_SLOT", 8, true, false, 0xffffffff80e01000 },
	{ 8, "R_X86_64_RELATIVE", 8, false, false, 0xffffffff821ffffc },
	{ 11, "R_X86_64_32S", 4, true, false, 0xffffffff80e00ffc },
	/* What the resolver at B + A answered stands in S. */
	{ 37, "R_X86_64_IRELATIVE", 8, false, true, 0xffffffff80e01000 },
};

static void
amd64_rows(void **state)
{
	const struct kldsim__reloc reloc = { S, (uint64_t)-4, P, B };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kldsim__reloc_row *row =
		    kldsim__reloc_row(&amd64, rows[i].type);

		assert_non_null(row);
		assert_int_equal(row->type, rows[i].type);
		assert_string_equal(row->name, rows[i].name);
		assert_int_equal(row->width, rows[i].width);
		assert_int_equal(row->ifunc, rows[i].ifunc);
		assert_null(row->refusal);
		assert_int_equal(kldsim__reloc_needs_symbol(row),
		    rows[i].symbol);
		assert_true(kldsim__reloc_value(&amd64, row, &reloc) == rows[i].value);
	}
}

/* Type 5 is known, and refused with a message of its own. */
static void
amd64_copy_is_refused(void **state)
{
	const struct kldsim__reloc_row *row = kldsim__reloc_row(&amd64, 5);

	(void)state;
	assert_non_null(row);
	assert_string_equal(row->name, "R_X86_64_COPY");
	assert_int_equal(row->formula, KLDSIM__REFUSED);
	assert_string_equal(row->refusal,
	    "kldload: unexpected R_COPY relocation");
	assert_false(kldsim__reloc_needs_symbol(row));
}

/* everything else is unknown, GOT, TLS and PC64 among it. */
static void
amd64_unknown_types(void **state)
{
	static const uint32_t far[] = { 2047, 2048, 2049, 65536 + 1,
		0x10000000, 0x80000002, UINT32_MAX };
	unsigned known = 0;

	(void)state;
	for (uint32_t type = 0; type < 2048; type++) {
		bool want = type <= 2 || (type >= 4 && type <= 8) ||
		    type == 11 || type == 37;

		known += want;
		assert_int_equal(kldsim__reloc_row(&amd64, type) != NULL,
		    want);
	}
	assert_int_equal(known, 10);
	for (size_t i = 0; i < COUNT(far); i++)
		assert_null(kldsim__reloc_row(&amd64, far[i]));
}

/* T-15, as it lies in memory: little endian, the low `width` bytes. */
static void
vector_t15(void **state)
{
	static const struct {
		uint32_t type;
		uint8_t bytes[8];
	} want[] = {
		{ 2, { 0xec, 0x0f, 0xc0, 0xfe, 0xcc, 0xcc, 0xcc, 0xcc } },
		{ 4, { 0xec, 0x0f, 0xc0, 0xfe, 0xcc, 0xcc, 0xcc, 0xcc } },
		{ 11, { 0xfc, 0x0f, 0xe0, 0x80, 0xcc, 0xcc, 0xcc, 0xcc } },
		{ 1, { 0xfc, 0x0f, 0xe0, 0x80, 0xff, 0xff, 0xff, 0xff } },
	};
	const struct kldsim__reloc reloc = { S, (uint64_t)-4, P, B };

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		const struct kldsim__reloc_row *row =
		    kldsim__reloc_row(&amd64, want[i].type);
		uint8_t bytes[8];

		memset(bytes, 0xcc, sizeof(bytes));
		kldsim__store(bytes, row->width, false,
		    kldsim__reloc_value(&amd64, row, &reloc));
		assert_memory_equal(bytes, want[i].bytes, sizeof(bytes));
	}
}

/* all arithmetic wraps. */
static void
arithmetic_wraps(void **state)
{
	const struct kldsim__reloc reloc =
	    { UINT64_MAX, 2, 3, UINT64_MAX - 1 };

	(void)state;
	assert_true(kldsim__reloc_value(&amd64, kldsim__reloc_row(&amd64, 1), &reloc)
	    == 1);
	assert_true(kldsim__reloc_value(&amd64, kldsim__reloc_row(&amd64, 2), &reloc)
	    == (uint64_t)-2);
	assert_true(kldsim__reloc_value(&amd64, kldsim__reloc_row(&amd64, 8), &reloc)
	    == 0);
}

/*
 * The psABI's checks, which the kernel leaves out: PC32, PLT32 and 32S
 * must be what the 32 bits give when sign extended.
 */
static void
signed_fields_of_32_bits(void **state)
{
	static const uint32_t types[] = { 2, 4, 11 };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct kldsim__reloc_row *row =
		    kldsim__reloc_row(&amd64, types[i]);

		assert_false(kldsim__reloc_fits(&amd64, row, 0xffffffff7fffffff));
		assert_true(kldsim__reloc_fits(&amd64, row, 0xffffffff80000000));
		assert_true(kldsim__reloc_fits(&amd64, row, 0xffffffffffffffff));
		assert_true(kldsim__reloc_fits(&amd64, row, 0));
		assert_true(kldsim__reloc_fits(&amd64, row, 0x7fffffff));
		assert_false(kldsim__reloc_fits(&amd64, row, 0x80000000));
		assert_false(kldsim__reloc_fits(&amd64, row, 0xffffffff));
		assert_false(kldsim__reloc_fits(&amd64, row, 0x100000000));
		assert_false(kldsim__reloc_fits(&amd64, row, 0x8000000000000000));
		assert_false(kldsim__reloc_fits(&amd64, row, 0x7fffffffffffffff));
	}
}

/* A field of 64 bits holds every value, and no field needs none. */
static void
fields_that_hold_everything(void **state)
{
	static const uint32_t types[] = { 0, 1, 6, 7, 8, 37 };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct kldsim__reloc_row *row =
		    kldsim__reloc_row(&amd64, types[i]);

		assert_true(kldsim__reloc_fits(&amd64, row, 0));
		assert_true(kldsim__reloc_fits(&amd64, row, 0x7fffffffffffffff));
		assert_true(kldsim__reloc_fits(&amd64, row, 0x8000000000000000));
		assert_true(kldsim__reloc_fits(&amd64, row, UINT64_MAX));
	}
}

/* Borders of every kind of range in fields of 1, 2 and 4 bytes. */
static const struct {
	enum kldsim__range range;
	uint8_t width;
	uint64_t below, lowest, highest, above;
} borders[] = {
	{ KLDSIM__SIGNED, 1, (uint64_t)-129, (uint64_t)-128, 127, 128 },
	{ KLDSIM__SIGNED, 2, (uint64_t)-32769, (uint64_t)-32768, 32767,
	    32768 },
	{ KLDSIM__SIGNED, 4, (uint64_t)-2147483649, (uint64_t)-2147483648,
	    2147483647, 2147483648 },
	{ KLDSIM__UNSIGNED, 1, UINT64_MAX, 0, 255, 256 },
	{ KLDSIM__UNSIGNED, 2, UINT64_MAX, 0, 65535, 65536 },
	{ KLDSIM__UNSIGNED, 4, UINT64_MAX, 0, 4294967295, 4294967296 },
	{ KLDSIM__EITHER, 1, (uint64_t)-129, (uint64_t)-128, 255, 256 },
	{ KLDSIM__EITHER, 2, (uint64_t)-32769, (uint64_t)-32768, 65535,
	    65536 },
	{ KLDSIM__EITHER, 4, (uint64_t)-2147483649, (uint64_t)-2147483648,
	    4294967295, 4294967296 },
};

static void
borders_of_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(borders); i++) {
		const struct kldsim__reloc_row row = {
			.formula = KLDSIM__S_PLUS_A,
			.width = borders[i].width,
			.range = borders[i].range,
		};

		assert_false(kldsim__reloc_fits(&amd64, &row, borders[i].below));
		assert_true(kldsim__reloc_fits(&amd64, &row, borders[i].lowest));
		assert_true(kldsim__reloc_fits(&amd64, &row, 0));
		assert_true(kldsim__reloc_fits(&amd64, &row, 1));
		assert_true(kldsim__reloc_fits(&amd64, &row, borders[i].highest));
		assert_false(kldsim__reloc_fits(&amd64, &row, borders[i].above));
		assert_false(kldsim__reloc_fits(&amd64, &row, UINT64_C(1) << 63));
	}
}

static bool
plain_holds(const struct kldsim__plain *plain, uint64_t value)
{
	return (value - plain->least <= plain->above);
}

/* The constants of a plain row say the same of a value as the row. */
static void
plain_borders(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(borders); i++) {
		const struct kldsim__reloc_row row = {
			.type = 3,
			.formula = KLDSIM__S_PLUS_A_MINUS_P,
			.width = borders[i].width,
			.range = borders[i].range,
		};
		const struct kldsim__arch arch = { .rows = &row, .nrows = 1 };
		static struct kldsim__relocator relocator;
		const struct kldsim__plain *plain = &relocator.plain[3];
		struct kldsim__facts facts;

		memset(&facts, 0, sizeof(facts));
		kldsim__relocator_init(&relocator, &arch, &facts);
		if (borders[i].width != 4) {
			assert_int_equal(plain->width, 0);
			continue;
		}
		assert_int_equal(plain->width, 4);
		assert_true(plain->minus_p == UINT64_MAX);
		assert_false(plain_holds(plain, borders[i].below));
		assert_true(plain_holds(plain, borders[i].lowest));
		assert_true(plain_holds(plain, 0));
		assert_true(plain_holds(plain, 1));
		assert_true(plain_holds(plain, borders[i].highest));
		assert_false(plain_holds(plain, borders[i].above));
		assert_false(plain_holds(plain, UINT64_C(1) << 63));
	}
}

/* Of amd64 those that modules have by the thousand, by the psABI's numbers. */
static void
plain_rows_of_amd64(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < KLDSIM__PLAIN_TYPES; type++) {
		const struct kldsim__plain *plain = &amd64.plain[type];
		const bool pc = type == 2 || type == 4;

		assert_int_equal(plain->width, type == 1 ? 8 :
		    pc || type == 11 ? 4 : 0);
		assert_true(plain->minus_p == (pc ? UINT64_MAX : 0));
	}
	assert_true(plain_holds(&amd64.plain[1], UINT64_C(1) << 63));
	assert_true(plain_holds(&amd64.plain[1], UINT64_MAX));
}

/* A row with a condition is there only where its fact holds. */
static void
rows_by_release(void **state)
{
	static const struct kldsim__reloc_row conditional[] = {
		{ .type = 7, .name = "ALWAYS", .formula = KLDSIM__S,
		    .width = 4 },
		{ .type = 9, .name = "SOMETIMES", .formula = KLDSIM__S,
		    .width = 4, .when = KLDSIM__IF(amd64_plt32) },
	};
	const struct kldsim__arch arch = { .rows = conditional, .nrows = 2 };
	static struct kldsim__relocator relocator;
	struct kldsim__facts facts;

	(void)state;
	memset(&facts, 0, sizeof(facts));
	kldsim__relocator_init(&relocator, &arch, &facts);
	assert_non_null(kldsim__reloc_row(&relocator, 7));
	assert_null(kldsim__reloc_row(&relocator, 9));
	facts.amd64_plt32 = true;
	kldsim__relocator_init(&relocator, &arch, &facts);
	assert_non_null(kldsim__reloc_row(&relocator, 7));
	assert_string_equal(kldsim__reloc_row(&relocator, 9)->name,
	    "SOMETIMES");
}

static void
check_rows(const struct kldsim__arch *arch)
{
	assert_true(arch->nrows != 0 && arch->nrows < 256);
	for (size_t i = 0; i < arch->nrows; i++) {
		const struct kldsim__reloc_row *row = &arch->rows[i];
		unsigned w = row->width;
		bool nothing = row->formula == KLDSIM__NOTHING ||
		    kldsim__reloc_refused(row);

		assert_true(row->type < KLDSIM__RELOC_TYPES);
		/* Sorted; a type comes again only for certain releases. */
		if (i != 0)
			assert_true(row[-1].type < row->type ||
			    (row[-1].type == row->type && row->when != 0));
		assert_non_null(row->name);
		assert_true(nothing ? w == 0 : w == 1 || w == 2 || w == 4 ||
		    w == 8 || row->formula == KLDSIM__MEMORY_AT_S);
		assert_int_equal(row->refusal != NULL,
		    kldsim__reloc_refused(row));
		assert_int_equal(row->ifunc,
		    row->formula == KLDSIM__CALL_B_PLUS_A);
		assert_true(row->range == KLDSIM__ANY || w < 8);
		for (size_t j = 0; j < i; j++)
			assert_int_equal(strcmp(row->name,
			    arch->rows[j].name) == 0,
			    row->type == arch->rows[j].type);
	}
}

static void
rows_of_all_machines_are_sound(void **state)
{
	size_t n = 0;

	(void)state;
	for (; kldsim__arch_at(n) != NULL; n++) {
		const struct kldsim__arch *arch = kldsim__arch_at(n);

		check_rows(arch);
		assert_ptr_equal(kldsim__arch_find(arch->machine,
		    arch->elf_class, arch->elf_data, arch->elf_flags), arch);
		assert_int_equal(arch->page_size & (arch->page_size - 1), 0);
	}
	assert_true(n >= 1);
	assert_null(kldsim__arch_find(62, 1, 1, 0)); /* x32 */
	assert_null(kldsim__arch_find(62, 2, 2, 0));
	assert_null(kldsim__arch_find(0, 2, 1, 0));
	/* L-23, R-10. */
	assert_true(kldsim__arch_amd64.kernbase == 0xffffffff80000000);
	assert_int_equal(kldsim__arch_ptrsz(&kldsim__arch_amd64), 8);
	assert_false(kldsim__arch_big(&kldsim__arch_amd64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amd64_rows),
		cmocka_unit_test(amd64_copy_is_refused),
		cmocka_unit_test(amd64_unknown_types),
		cmocka_unit_test(vector_t15),
		cmocka_unit_test(arithmetic_wraps),
		cmocka_unit_test(signed_fields_of_32_bits),
		cmocka_unit_test(fields_that_hold_everything),
		cmocka_unit_test(borders_of_ranges),
		cmocka_unit_test(plain_borders),
		cmocka_unit_test(plain_rows_of_amd64),
		cmocka_unit_test(rows_by_release),
		cmocka_unit_test(rows_of_all_machines_are_sound),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
