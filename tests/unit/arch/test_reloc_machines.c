/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What kernels of each machine and release do with relocations, apart from the
 * fields: which types they know, what they say of the others, which routine
 * does what, and the formulas. , D-40, D-42,
 * D-53, V-44 to V-50, T-10, L-02, L-23.
 */

#include "support_base.h"
#include "reloc/reloc.h"

#define R121 1201000u
#define R122 1202000u
#define R130 1300139u
#define R140 1400097u
#define R141 1401000u
#define R150 1500068u

#define I386 (&kldsim__arch_i386)
#define ARM64 (&kldsim__arch_arm64)
#define ARMV7 (&kldsim__arch_armv7)
#define RISCV (&kldsim__arch_riscv64)
#define PPC (&kldsim__arch_powerpc)
#define PPC64 (&kldsim__arch_powerpc64)
#define PPC64V1 (&kldsim__arch_powerpc64_elfv1)
#define PPC64LE (&kldsim__arch_powerpc64le)
#define AMD64 (&kldsim__arch_amd64)

static struct kldsim__relocator it;

static void
use(const struct kldsim__arch *arch, uint32_t osreldate)
{
	struct kldsim__facts facts;

	kldsim__facts_for(osreldate, &facts);
	kldsim__relocator_init(&it, arch, &facts);
}

static const struct kldsim__reloc_row *
row_of(uint32_t type)
{
	const struct kldsim__reloc_row *row = kldsim__reloc_row(&it, type);

	assert_non_null(row);
	return (row);
}

static uint64_t
value_of(uint32_t type, uint64_t S, uint64_t A, uint64_t P, uint64_t B)
{
	const struct kldsim__reloc reloc = { S, A, P, B };

	return (kldsim__reloc_value(&it, row_of(type), &reloc));
}

/* Section 6 and V-45 to V-50: the types of a release, no others. */
static const struct known {
	const struct kldsim__arch *arch;
	uint32_t osreldate;
	uint16_t types[20]; /* to the first 0 behind the first */
} known[] = {
	{ AMD64, R121, { 0, 1, 2, 4, 5, 6, 7, 8, 11, 37 } },
	{ AMD64, R150, { 0, 1, 2, 4, 5, 6, 7, 8, 11, 37 } },
	{ I386, R121, { 0, 1, 2, 5, 6, 8, 42 } },
	{ I386, R130, { 0, 1, 2, 5, 6, 8, 42 } },
	{ I386, R150, { 0, 1, 2, 5, 6, 7, 8, 42 } },
	{ ARM64, R121, { 0, 257, 1025, 1026, 1027, 1032 } },
	{ ARM64, R122, { 0, 257, 279, 280, 282, 283, 1025, 1026, 1027,
	    1032 } },
	{ ARM64, R130, { 0, 257, 279, 280, 282, 283, 1025, 1026, 1027,
	    1032 } },
	{ ARM64, R150, { 0, 257, 279, 280, 282, 283, 1025, 1026, 1027,
	    1032 } },
	{ ARMV7, R121, { 0, 2, 20, 22, 23 } },
	{ ARMV7, R150, { 0, 2, 20, 22, 23 } },
	{ RISCV, R121, { 0, 2, 3, 5, 17, 18, 23, 24, 25, 26, 27, 28 } },
	{ RISCV, R150, { 0, 2, 3, 5, 17, 18, 23, 24, 25, 26, 27, 28 } },
	{ PPC, R121, { 0, 1, 4, 6, 22 } },
	{ PPC, R130, { 0, 1, 4, 6, 21, 22, 248 } },
	{ PPC, R150, { 0, 1, 4, 6, 21, 22, 248 } },
	{ PPC64, R121, { 0, 21, 22, 38 } },
	{ PPC64, R150, { 0, 21, 22, 38, 248 } },
	{ PPC64V1, R121, { 0, 21, 22, 38 } },
	{ PPC64V1, R150, { 0, 21, 22, 38, 248 } },
	{ PPC64LE, R130, { 0, 21, 22, 38, 248 } },
	{ PPC64LE, R150, { 0, 21, 22, 38, 248 } },
};

static bool
is_listed(const struct known *list, uint32_t type)
{
	bool listed = type == 0;

	for (size_t i = 1; i < COUNT(list->types) && list->types[i] != 0; i++)
		listed |= list->types[i] == type;
	return (listed);
}

static void
types_of_each_release(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		use(known[i].arch, known[i].osreldate);
		for (uint32_t type = 0; type < 3000; type++)
			if ((kldsim__reloc_row(&it, type) != NULL) !=
			    is_listed(&known[i], type))
				fail_msg("%s %u: type %u", known[i].arch->name,
				    known[i].osreldate, type);
		assert_null(kldsim__reloc_row(&it, UINT32_MAX));
		assert_null(kldsim__reloc_row(&it, 0x10000));
	}
}

/* R-03, V-49: what is printed of type and symbol, %ld or %d. */
static const struct message {
	const struct kldsim__arch *arch;
	uint32_t osreldate;
	uint32_t type, symbol;
	const char *text;
} messages[] = {
#define UNEXPECTED "kldload: unexpected relocation type "
#define COPY "kldload: unexpected R_COPY relocation"
	{ AMD64, R121, 10, 7, UNEXPECTED "10" },
	{ AMD64, R122, 10, 7, UNEXPECTED "10" },
	{ AMD64, R130, 10, 7, UNEXPECTED "10, symbol index 7" },
	{ AMD64, R150, UINT32_MAX, UINT32_MAX,
	    UNEXPECTED "4294967295, symbol index 4294967295" },
	{ AMD64, R121, 5, 7, COPY },
	{ AMD64, R150, 5, 7, COPY ", symbol index 7" },
	{ I386, R121, 4, 7, UNEXPECTED "4" },
	{ I386, R121, 7, 7, UNEXPECTED "7" },
	{ I386, R150, 4, 0xffffff, UNEXPECTED "4, symbol index 16777215" },
	{ I386, R121, 5, 9, COPY },
	{ I386, R130, 5, 9, COPY ", symbol index 9" },
	{ ARM64, R121, 283, 3, UNEXPECTED "283" },
	{ ARM64, R130, 256, 3, UNEXPECTED "256, symbol index 3" },
	{ ARM64, R150, UINT32_MAX, UINT32_MAX,
	    UNEXPECTED "-1, symbol index -1" },
	{ ARM64, R150, 0x80000000, 0x7fffffff,
	    UNEXPECTED "-2147483648, symbol index 2147483647" },
	{ ARMV7, R121, 21, 3, UNEXPECTED "21" },
	{ ARMV7, R121, 20, 3, COPY },
	{ ARMV7, R130, 21, 3, UNEXPECTED "21, symbol index 3" },
	{ ARMV7, R150, 20, 0xffffff, COPY ", symbol index 16777215" },
	{ RISCV, R121, 19, 3, UNEXPECTED "19" },
	{ RISCV, R130, 51, 3, UNEXPECTED "51, symbol index 3" },
	{ RISCV, R150, UINT32_MAX, 3,
	    UNEXPECTED "4294967295, symbol index 3" },
	/* No symbol index in these (T-10). */
	{ RISCV, R121, 17, 3, "kldload: huge offset against R_RISCV_JAL" },
	{ RISCV, R150, 17, 3, "kldload: huge offset against R_RISCV_JAL" },
	{ RISCV, R150, 18, 3, "kldload: huge offset against R_RISCV_CALL" },
	{ PPC, R121, 10, 3, UNEXPECTED "10" },
	{ PPC, R121, 248, 3, UNEXPECTED "248" },
	{ PPC, R130, 10, 3, UNEXPECTED "10, symbol index 3" },
	{ PPC64, R121, 1, 3, UNEXPECTED "1" },
	{ PPC64V1, R121, 1, 3, UNEXPECTED "1" },
	{ PPC64, R150, UINT32_MAX, 3, UNEXPECTED "-1, symbol index 3" },
	{ PPC64LE, R150, 51, 3, UNEXPECTED "51, symbol index 3" },
};

static void
what_is_said_of_unknown_types(void **state)
{
	char text[160];

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		const struct message *m = &messages[i];
		const struct kldsim__reloc_row *row;

		use(m->arch, m->osreldate);
		row = kldsim__reloc_row(&it, m->type);
		assert_true(row == NULL || kldsim__reloc_refused(row));
		kldsim__reloc_refusal(&it, row, m->type, m->symbol, text,
		    sizeof(text));
		assert_string_equal(text, m->text);
	}
}

/* a table of kind REL. */
static void
rel_tables(void **state)
{
	(void)state;
	assert_int_equal(AMD64->rel_tables, KLDSIM__REL_TAKEN);
	assert_int_equal(I386->rel_tables, KLDSIM__REL_TAKEN);
	assert_int_equal(ARM64->rel_tables, KLDSIM__REL_TAKEN);
	assert_int_equal(ARMV7->rel_tables, KLDSIM__REL_TAKEN);
	assert_int_equal(RISCV->rel_tables, KLDSIM__REL_REFUSED);
	assert_non_null(strstr(RISCV->rel_text, "elf_reloc_internal:"));
	assert_non_null(strstr(RISCV->rel_text, " unknown reloc type 1"));
	assert_int_equal(PPC->rel_tables, KLDSIM__REL_PANICS);
	assert_int_equal(PPC64->rel_tables, KLDSIM__REL_PANICS);
	assert_int_equal(PPC64V1->rel_tables, KLDSIM__REL_PANICS);
	assert_string_equal(PPC64LE->rel_text,
	    "PPC only supports RELA relocations");
}

/* bytes read for the addend of a REL entry. */
static void
rel_addends(void **state)
{
	(void)state;
	use(AMD64, R150);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(1)), 8);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(2)), 4);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(11)), 4);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(0)), 8);
	assert_int_equal(kldsim__reloc_rel_width(&it, NULL), 8);
	/* All 64 bits, also of an instruction and the one behind it. */
	use(ARM64, R150);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(283)), 8);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(257)), 8);
	use(I386, R150);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(0)), 4);
	assert_int_equal(kldsim__reloc_rel_width(&it, row_of(2)), 4);
	/* 6.6: added to the place even if the table has an addend. */
	use(ARMV7, R150);
	assert_true(row_of(2)->addend_in_place);
	assert_false(row_of(23)->addend_in_place);
}

/* R-12, D-40, D-42: what elf_reloc_local() and elf_reloc() pass over. */
static void
local_and_external_passes(void **state)
{
	static const struct {
		const struct kldsim__arch *arch;
		uint32_t relative, other;
		bool apart;
	} rows[] = {
		{ AMD64, 8, 1, false },
		{ I386, 8, 1, true },
		{ ARM64, 1027, 257, true },
		{ ARMV7, 23, 2, true },
		{ RISCV, 3, 2, false },
		{ PPC, 22, 1, false },
		{ PPC64, 22, 38, false },
		{ PPC64LE, 22, 38, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kldsim__reloc_row *relative, *other;
		const bool apart = rows[i].apart;

		use(rows[i].arch, R150);
		relative = row_of(rows[i].relative);
		other = row_of(rows[i].other);
		assert_false(kldsim__reloc_ignored(&it, relative, true));
		assert_int_equal(kldsim__reloc_ignored(&it, relative, false),
		    apart);
		assert_int_equal(kldsim__reloc_ignored(&it, other, true),
		    apart);
		assert_false(kldsim__reloc_ignored(&it, other, false));
		/* Unknown types: without a message in the local pass. */
		assert_int_equal(kldsim__reloc_ignored(&it, NULL, true),
		    apart);
		assert_false(kldsim__reloc_ignored(&it, NULL, false));
	}
}

/* D-53, V-44: which values elf_relocaddr() sees. */
static void
values_that_follow_their_set(void **state)
{
	static const struct {
		const struct kldsim__arch *arch;
		uint32_t osreldate;
		uint32_t yes[4], no[4]; /* to the first 0 */
	} rows[] = {
		{ AMD64, R121, { 0 }, { 8, 1, 37 } },
		{ AMD64, R122, { 8 }, { 1, 6, 37 } },
		{ AMD64, R150, { 8 }, { 1, 6, 37 } },
		{ I386, R121, { 8 }, { 1, 6, 42 } },
		{ ARM64, R121, { 1027 }, { 257, 1025, 1032 } },
		{ ARMV7, R121, { 23 }, { 2, 22 } },
		{ RISCV, R121, { 3 }, { 2, 5, 26 } },
		{ PPC, R150, { 1, 4, 6, 21 }, { 248 } },
		{ PPC, R121, { 22 }, { 0 } },
		{ PPC64, R150, { 22 }, { 38, 21, 248 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use(rows[i].arch, rows[i].osreldate);
		for (size_t j = 0; j < 4 && rows[i].yes[j] != 0; j++)
			assert_true(row_of(rows[i].yes[j])->relocaddr);
		for (size_t j = 0; j < 4 && rows[i].no[j] != 0; j++)
			assert_false(row_of(rows[i].no[j])->relocaddr);
	}
}

/* 32-bit machines wrap at 32 bits, also before anybody compares. */
static void
formulas_of_32_bits(void **state)
{
	(void)state;
	use(I386, R150);
	assert_true(value_of(1, 0xfffffff0, 0x20, 0, 0) == 0x10);
	/* 0x1000 + -4 - 0x2000, as 32 bits: -0x1004. */
	assert_true(value_of(2, 0x1000, 0xfffffffc, 0x2000, 0) == 0xffffeffc);
	assert_true(value_of(6, 0xc0001000, 0x55, 0x2000, 0) == 0xc0001000);
	assert_true(value_of(7, 0xc0001000, 0x55, 0x2000, 0) == 0xc0001000);
	assert_true(value_of(8, 0, 0x90000000, 0, 0x90000000) == 0x20000000);
	assert_true(kldsim__reloc_fits(&it, row_of(2), 0xffffeffc));
	use(ARMV7, R150);
	assert_true(value_of(2, 0xffffffff, 1, 0, 0) == 0);
	assert_true(value_of(22, 0xc0001000, 0x55, 0, 0) == 0xc0001000);
}

/* 6.3: GLOB_DAT and JUMP_SLOT have addends here, unlike elsewhere. */
static void
formulas_of_arm64(void **state)
{
	(void)state;
	use(ARM64, R150);
	assert_true(value_of(257, 0x1000, 8, 0x99, 0x77) == 0x1008);
	assert_true(value_of(1025, 0x1000, 8, 0x99, 0x77) == 0x1008);
	assert_true(value_of(1026, 0x1000, 8, 0x99, 0x77) == 0x1008);
	assert_true(value_of(1027, 0x1000, 8, 0x99, 0x70) == 0x78);
	assert_true(value_of(283, 0x1000, 8, 0x800, 0x77) == 0x808);
}

/* V-48: what 12 forgot to set, and which addends are dropped. */
static void
formulas_of_riscv(void **state)
{
	static const uint32_t pcrel[] = { 23, 24, 25 };

	(void)state;
	use(RISCV, R121);
	assert_true(value_of(2, 0x1000, 8, 0, 0) == 0x1000);
	for (size_t i = 0; i < COUNT(pcrel); i++) {
		assert_int_equal(row_of(pcrel[i])->formula, KLDSIM__UNSET);
		assert_false(kldsim__reloc_needs_symbol(row_of(pcrel[i])));
	}
	/* HI20 finds its symbol first, and then uses something else. */
	assert_int_equal(row_of(26)->formula, KLDSIM__UNSET_AFTER_LOOKUP);
	assert_true(kldsim__reloc_needs_symbol(row_of(26)));
	assert_true(value_of(26, 0x12345000, 8, 0, 0) == 0);
	assert_true(value_of(27, 0x123, 8, 0, 0) == 0x123);

	use(RISCV, R130);
	assert_true(value_of(2, 0x1000, 8, 0, 0) == 0x1000);
	assert_true(value_of(26, 0x12345000, 8, 0, 0) == 0x12345000);
	assert_true(value_of(23, 0x5000, 8, 0x1000, 0) == 0x4000);
	assert_true(value_of(24, 0x5123, 8, 0x1000, 0) == 0x5123);
	for (size_t i = 0; i < COUNT(pcrel); i++)
		assert_true(kldsim__reloc_needs_symbol(row_of(pcrel[i])));

	use(RISCV, R140);
	assert_true(value_of(2, 0x1000, 8, 0, 0) == 0x1008);
	assert_true(value_of(5, 0x1000, 8, 0, 0) == 0x1000);
}

/* 6.5, 32 bits: an S within (B, B + A] counts as B. */
static void
formulas_of_powerpc(void **state)
{
	static const uint32_t halves[] = { 4, 6 };

	(void)state;
	use(PPC, R150);
	for (size_t i = 0; i < COUNT(halves); i++) {
		const uint32_t type = halves[i];

		/* A = 0x300 counts from the file at 0xd0000000. */
		assert_true(value_of(type, 0xd0000100, 0x300, 0,
		    0xd0000000) == 0xd0000300);
		assert_true(value_of(type, 0xd0000300, 0x300, 0,
		    0xd0000000) == 0xd0000300);
		/* Beyond B + A, at B, and in front of it: as written. */
		assert_true(value_of(type, 0xd0000301, 0x300, 0,
		    0xd0000000) == 0xd0000601);
		assert_true(value_of(type, 0xd0000000, 0x300, 0,
		    0xd0000000) == 0xd0000300);
		assert_true(value_of(type, 0x100200, 0x300, 0,
		    0xd0000000) == 0x100500);
	}
	/* The whole address does not do it. */
	assert_true(value_of(1, 0xd0000100, 0x300, 0, 0xd0000000) ==
	    0xd0000400);
	assert_true(value_of(21, 0xd0000100, 4, 0, 0) == 0xd0000104);
	/* Of 0x1234_8000 the high half is 0x1235: its low one is negative. */
	assert_true((kldsim__reloc_encode(row_of(6), 0x12348000, 0xabcd) &
	    0xffff) == 0x1235);
	assert_true((kldsim__reloc_encode(row_of(6), 0x12347fff, 0xabcd) &
	    0xffff) == 0x1234);
	assert_true((kldsim__reloc_encode(row_of(6), 0xffff8000, 0) &
	    0xffff) == 0);
}

/* 6.5, 64 bits: descriptors, addresses, and nobody looks at the answer. */
static void
jump_slots_of_powerpc64(void **state)
{
	static const struct {
		const struct kldsim__arch *arch;
		uint32_t osreldate;
		enum kldsim__formula formula;
		unsigned bytes;
	} rows[] = {
		{ PPC64V1, R121, KLDSIM__MEMORY_AT_S, 24 },
		{ PPC64V1, R150, KLDSIM__MEMORY_AT_S, 24 },
		{ PPC64, R121, KLDSIM__MEMORY_AT_S, 8 },
		{ PPC64, R130, KLDSIM__S, 8 },
		{ PPC64LE, R150, KLDSIM__S, 8 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use(rows[i].arch, rows[i].osreldate);
		assert_int_equal(row_of(21)->formula, rows[i].formula);
		assert_int_equal(row_of(21)->width, rows[i].bytes);
		assert_true(row_of(21)->lookup_ignored);
		assert_true(kldsim__reloc_needs_symbol(row_of(21)));
		assert_true(value_of(21, 0x1000, 8, 0, 0) == 0x1000);
		assert_false(row_of(38)->lookup_ignored);
		assert_true(value_of(38, 0x1000, 8, 0, 0) == 0x1008);
	}
}

/* the ifunc kind, by release. */
static void
ifunc_kinds(void **state)
{
	static const struct {
		const struct kldsim__arch *arch;
		uint32_t osreldate;
		uint32_t type; /* 0: there is none */
	} rows[] = {
		{ AMD64, R121, 37 }, { I386, R121, 42 }, { ARM64, R121, 1032 },
		{ ARMV7, R150, 0 }, { RISCV, R150, 0 }, { PPC, R121, 0 },
		{ PPC, R130, 248 }, { PPC64, R121, 0 }, { PPC64, R130, 248 },
		{ PPC64LE, R150, 248 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		use(rows[i].arch, rows[i].osreldate);
		for (uint32_t type = 0; type < KLDSIM__RELOC_TYPES; type++) {
			const struct kldsim__reloc_row *row =
			    kldsim__reloc_row(&it, type);

			if (row != NULL)
				assert_int_equal(row->ifunc,
				    type != 0 && type == rows[i].type);
		}
		if (rows[i].type == 0)
			continue;
		/* The resolver's answer, whatever was looked up. */
		assert_int_equal(row_of(rows[i].type)->formula,
		    KLDSIM__CALL_B_PLUS_A);
		assert_true(value_of(rows[i].type, 0x1234, 8, 9, 10) ==
		    0x1234);
	}
}

/* L-02, L-23, O-12, D-05. */
static void
facts_of_machines(void **state)
{
	static const struct {
		const struct kldsim__arch *arch;
		const char *name, *dyn, *obj;
		uint16_t machine;
		unsigned ptrsz;
		uint64_t kernbase;
		uint64_t superpage; /* one level 0 reservation */
		uint64_t quantum;   /* of executable memory, from 13.0 on */
	} rows[] = {
		{ AMD64, "amd64", "elf64", "elf64_obj", 62, 8, 0xffffffff80000000,
		    0x200000, 0x200000 },
		{ I386, "i386", "elf32", NULL, 3, 4, 0x800000,
		    0x400000, 0x200000 },
		{ ARM64, "arm64", "elf64", NULL, 183, 8, 0xffff000000000000,
		    0x200000, 0x200000 },
		{ ARMV7, "armv7", "elf32", NULL, 40, 4, 0xc0000000,
		    0x100000, 0x100000 },
		{ RISCV, "riscv64", "elf64", NULL, 243, 8, 0xffffffc000000000,
		    0x200000, 0x200000 },
		{ PPC, "powerpc", "elf32", NULL, 20, 4, 0x100100, 0, 0 },
		{ PPC64, "powerpc64", "elf64", NULL, 21, 8, 0x100100,
		    0, 0x1000000 },
		{ PPC64LE, "powerpc64le", "elf64", NULL, 21, 8, 0x100100,
		    0, 0x1000000 },
	};
	struct kldsim__facts facts;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kldsim__arch *arch = rows[i].arch;

		assert_string_equal(arch->name, rows[i].name);
		assert_string_equal(arch->elf_class_name, rows[i].dyn);
		assert_int_equal(arch->obj_class == NULL,
		    rows[i].obj == NULL);
		if (rows[i].obj != NULL)
			assert_string_equal(arch->obj_class, rows[i].obj);
		assert_int_equal(arch->machine, rows[i].machine);
		assert_int_equal(kldsim__arch_ptrsz(arch), rows[i].ptrsz);
		assert_true(arch->kernbase == rows[i].kernbase);
		assert_true(arch->superpage == rows[i].superpage);
		kldsim__facts_for(R121, &facts);
		assert_true(kldsim__arch_exec(arch, &facts)->quantum ==
		    rows[i].superpage);
		kldsim__facts_for(R130, &facts);
		assert_true(kldsim__arch_exec(arch, &facts)->quantum ==
		    rows[i].quantum);
		assert_int_equal(arch->page_size, 4096);
		assert_int_equal(arch->set_padding, arch == I386); /* D-32 */
		assert_int_equal(arch->secure_plt, arch == PPC);   /* D-11 */
	}
}

/* What the ET_REL loop and others rely on. */
static void
promises_between_rows_and_classes(void **state)
{
	(void)state;
	for (size_t n = 0; kldsim__arch_at(n) != NULL; n++) {
		const struct kldsim__arch *arch = kldsim__arch_at(n);

		assert_true(arch->heap < arch->heap_end);
		assert_int_equal(arch->rel_text == NULL,
		    arch->rel_tables == KLDSIM__REL_TAKEN);
		for (size_t r = 0; r < arch->nrows; r++) {
			const struct kldsim__reloc_row *row = &arch->rows[r];

			assert_true(row->width <= KLDSIM__RELOC_BYTES);
			if (row->local)
				assert_true(arch->local_apart);
			if (arch->obj_class == NULL)
				continue;
			/* Whole words, and nothing that is looked up late. */
			assert_null(row->encoding);
			assert_false(row->addend_in_place);
			assert_false(row->section_addend);
			assert_false(row->lookup_ignored);
			assert_int_equal(row->rel_width, 0);
		}
	}
}

/* The first that fits e_flags: the ABI of a powerpc64 kernel. */
static void
kernels_told_apart_by_e_flags(void **state)
{
	(void)state;
	assert_ptr_equal(kldsim__arch_find(21, 2, 2, 2), PPC64);
	assert_ptr_equal(kldsim__arch_find(21, 2, 2, 1), PPC64V1);
	assert_ptr_equal(kldsim__arch_find(21, 2, 2, 0), PPC64V1);
	assert_ptr_equal(kldsim__arch_find(21, 2, 1, 2), PPC64LE);
	assert_ptr_equal(kldsim__arch_find(40, 1, 1, 0x05000400), ARMV7);
	assert_null(kldsim__arch_find(40, 1, 2, 0x05000400));
	assert_null(kldsim__arch_find(243, 1, 1, 0)); /* riscv32 */
	assert_null(kldsim__arch_find(21, 1, 2, 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_each_release),
		cmocka_unit_test(what_is_said_of_unknown_types),
		cmocka_unit_test(rel_tables),
		cmocka_unit_test(rel_addends),
		cmocka_unit_test(local_and_external_passes),
		cmocka_unit_test(values_that_follow_their_set),
		cmocka_unit_test(formulas_of_32_bits),
		cmocka_unit_test(formulas_of_arm64),
		cmocka_unit_test(formulas_of_riscv),
		cmocka_unit_test(formulas_of_powerpc),
		cmocka_unit_test(jump_slots_of_powerpc64),
		cmocka_unit_test(ifunc_kinds),
		cmocka_unit_test(facts_of_machines),
		cmocka_unit_test(promises_between_rows_and_classes),
		cmocka_unit_test(kernels_told_apart_by_e_flags),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
