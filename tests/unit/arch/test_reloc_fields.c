/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The fields of all relocations of all machines: every row against what the
 * processor supplement says of it (support_psabi.c), at the borders of what
 * fits, at every alignment and in the machine's byte order.  Where a kernel
 * deviates, both are stated, T-09, T-10.
 */

#include "support_base.h"
#include "support_psabi.h"
#include "reloc/reloc.h"
#include "util/bytes.h"

/* Old contents of a place. */
static const uint64_t words[] = { 0, UINT64_MAX, 0x0123456789abcdef,
	0x94000000, 0xfedcba9876543210 };

static const char *
name_of(const struct kldsim__arch *arch)
{
	return (arch == &kldsim__arch_powerpc64_elfv1 ? "powerpc64 ELFv1" :
	    arch->name);
}

static void
newest(const struct kldsim__arch *arch, struct kldsim__relocator *relocator)
{
	struct kldsim__facts facts;

	kldsim__facts_for(1600026, &facts);
	kldsim__relocator_init(relocator, arch, &facts);
}

/* Call for each row of the documents, with the kernel's row for it. */
static void
each_row(void (*check)(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want))
{
	static struct kldsim__relocator relocator;
	size_t found = 0;

	for (size_t n = 0; kldsim__arch_at(n) != NULL; n++) {
		newest(kldsim__arch_at(n), &relocator);
		for (size_t i = 0; i < npsabi; i++) {
			const struct kldsim__reloc_row *row;

			if (strcmp(psabi[i].machine,
			    name_of(relocator.arch)) != 0)
				continue;
			row = kldsim__reloc_row(&relocator, psabi[i].type);
			if (row == NULL)
				fail_msg("%s: no %s", psabi[i].machine,
				    psabi[i].name);
			check(&relocator, row, &psabi[i]);
			found++;
		}
	}
	assert_int_equal(found, npsabi);
}

static void
check_name(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want)
{
	(void)relocator;
	assert_string_equal(row->name, want->name);
	assert_int_equal(row->width, want->bytes);
	/* the ifunc kind is IRELATIVE, whatever its number. */
	assert_int_equal(row->ifunc, strstr(want->name, "IRELATIVE") != NULL);
}

static void
names_numbers_and_widths(void **state)
{
	(void)state;
	each_row(check_name);
}

/* The documents have every row that a kernel has. */
static void
no_row_is_unknown_to_the_documents(void **state)
{
	(void)state;
	for (size_t n = 0; kldsim__arch_at(n) != NULL; n++) {
		const struct kldsim__arch *arch = kldsim__arch_at(n);

		for (size_t r = 0; r < arch->nrows; r++) {
			size_t i = 0;

			while (i < npsabi && (psabi[i].type !=
			    arch->rows[r].type || strcmp(psabi[i].machine,
			    name_of(arch)) != 0))
				i++;
			if (i == npsabi)
				fail_msg("%s: %s", arch->name,
				    arch->rows[r].name);
		}
	}
}

/* The kernels with branches that they encode wrongly. */
static bool
is_arm64_branch(const struct psabi *want)
{
	return (want->step == 4);
}

static uint64_t
of_width(uint64_t word, unsigned bytes)
{
	return (bytes >= 8 ? word :
	    word & ((UINT64_C(1) << bytes * 8) - 1));
}

static void
check_encoding(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want)
{
	const uint64_t values[] = { (uint64_t)want->min - want->step,
		(uint64_t)want->min, (uint64_t)-1, 0, 1, want->step, 0x7ff,
		0x800, 0x801, 0x7fff, 0x8000, 0x8001, (uint64_t)want->max,
		(uint64_t)want->max + want->step, 0x123456789abcdef0 };

	(void)relocator;
	if (want->bytes == 0 || want->bytes > 8 || is_arm64_branch(want))
		return;
	for (size_t v = 0; v < COUNT(values); v++)
		for (size_t w = 0; w < COUNT(words); w++) {
			uint64_t have = kldsim__reloc_encode(row, values[v],
			    words[w]);

			if (of_width(have, want->bytes) == of_width(psabi_word(
			    want, values[v], words[w]), want->bytes))
				continue;
			fail_msg("%s: 0x%jx over 0x%jx gives 0x%jx",
			    want->name, (uintmax_t)values[v],
			    (uintmax_t)words[w], (uintmax_t)have);
		}
}

static void
fields_hold_what_the_documents_say(void **state)
{
	(void)state;
	each_row(check_encoding);
}

static void
check_range(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want)
{
	const uint64_t mask = relocator->mask;
	const uint64_t min = (uint64_t)want->min & mask;
	const uint64_t max = (uint64_t)want->max & mask;
	const bool checked = want->max != 0;

	if (want->bytes == 0)
		return;
	assert_true(kldsim__reloc_fits(relocator, row, min));
	assert_true(kldsim__reloc_fits(relocator, row, max));
	assert_true(kldsim__reloc_fits(relocator, row, 0));
	assert_int_equal(!checked, kldsim__reloc_fits(relocator, row,
	    ((uint64_t)want->min - want->step) & mask));
	assert_int_equal(!checked, kldsim__reloc_fits(relocator, row,
	    ((uint64_t)want->max + want->step) & mask));
	assert_int_equal(!checked, kldsim__reloc_fits(relocator, row,
	    (mask >> 1) & ~UINT64_C(0xfff)));
	for (unsigned odd = 1; odd < want->step; odd++) {
		assert_false(kldsim__reloc_fits(relocator, row, odd));
		assert_false(kldsim__reloc_fits(relocator, row, max - odd));
	}
}

static void
what_fits_is_as_the_documents_say(void **state)
{
	(void)state;
	each_row(check_range);
}

/* The bytes of a word, the long way. */
static void
spell(uint8_t *bytes, unsigned width, bool big, uint64_t word)
{
	for (unsigned i = 0; i < width; i++)
		bytes[big ? width - 1 - i : i] = (uint8_t)(word >> 8 * i);
}

static void
check_places(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want)
{
	/* By their names: the machines with the high byte first. */
	const bool big = strcmp(want->machine, "powerpc") == 0 ||
	    strcmp(want->machine, "powerpc64") == 0 ||
	    strcmp(want->machine, "powerpc64 ELFv1") == 0;

	assert_int_equal(kldsim__arch_big(relocator->arch), big);
	if (want->bytes == 0 || want->bytes > 8 || is_arm64_branch(want))
		return;
	for (unsigned at = 0; at < 8; at++) {
		const uint64_t value = 0x1122334455667788;
		uint8_t have[24], expect[24];
		uint64_t word;

		memset(have, 0xcc, sizeof(have));
		memset(expect, 0xcc, sizeof(expect));
		word = kldsim__load(have + at, want->bytes, big);
		kldsim__store(have + at, want->bytes, big,
		    kldsim__reloc_encode(row, value, word));
		spell(expect + at, want->bytes, big, psabi_word(want, value,
		    0xcccccccccccccccc));
		assert_memory_equal(have, expect, sizeof(have));
	}
}

static void
places_of_every_alignment_in_both_byte_orders(void **state)
{
	(void)state;
	each_row(check_places);
}

/* --- what kernels do otherwise --- */

struct branch {
	uint64_t distance;
	bool taken;     /* by the kernel */
	uint32_t field; /* what it puts into the word */
	bool fits;      /* as the document has it */
};

static void
check_branches(uint32_t type, const struct branch *branches, size_t count)
{
	static struct kldsim__relocator relocator;
	const struct kldsim__reloc_row *row;

	newest(&kldsim__arch_arm64, &relocator);
	row = kldsim__reloc_row(&relocator, type);
	for (size_t i = 0; i < count; i++) {
		const struct branch *b = &branches[i];

		assert_int_equal(kldsim__reloc_reaches(&relocator, row,
		    b->distance), b->taken);
		assert_int_equal(kldsim__reloc_fits(&relocator, row,
		    b->distance), b->fits);
		if (b->taken)
			assert_true(kldsim__reloc_encode(row, b->distance, 0)
			    == b->field);
	}
}

/* T-09, and what R-13 says of the lowest two bits. */
static void
arm64_call26(void **state)
{
	static const struct branch branches[] = {
		{ 0, true, 0, true },
		{ 4, true, 1, true },
		{ (uint64_t)-4, true, 0x3ffffff, true },
		{ 0x7fffffc, true, 0x1ffffff, true },
		/* One bit too far: taken all the same, and means -2^27. */
		{ 0x8000000, true, 0x2000000, false },
		{ 0xffffffc, true, 0x3ffffff, false },
		{ 0x10000000, false, 0, false },
		{ (uint64_t)-0x8000000, true, 0x2000000, true },
		{ (uint64_t)-0x8000004, true, 0x1ffffff, false },
		{ (uint64_t)-0x10000000, true, 0, false },
		{ (uint64_t)-0x10000004, false, 0, false },
		{ 0x8000000000000000, false, 0, false },
		{ 6, true, 1, false },
	};

	(void)state;
	check_branches(283, branches, COUNT(branches));
	check_branches(282, branches, COUNT(branches));
}

static void
arm64_tstbr14_and_condbr19(void **state)
{
	static const struct branch tstbr14[] = {
		{ 0x7ffc, true, 0x1fff, true },
		{ 0x8000, true, 0x2000, false },
		{ 0xfffc, true, 0x3fff, false },
		{ 0x10000, false, 0, false },
		{ (uint64_t)-0x8000, true, 0x2000, true },
		{ (uint64_t)-0x10000, true, 0, false },
		{ (uint64_t)-0x10004, false, 0, false },
	};
	static const struct branch condbr19[] = {
		{ 0xffffc, true, 0x3ffff, true },
		{ 0x100000, true, 0x40000, false },
		{ 0x1ffffc, true, 0x7ffff, false },
		{ 0x200000, false, 0, false },
		{ (uint64_t)-0x100000, true, 0x40000, true },
		{ (uint64_t)-0x200000, true, 0, false },
		{ (uint64_t)-0x200004, false, 0, false },
	};

	(void)state;
	check_branches(279, tstbr14, COUNT(tstbr14));
	check_branches(280, condbr19, COUNT(condbr19));
}

/* the field goes to bit 0, and what was there stays. */
static void
arm64_branches_are_ored_into_bit_0(void **state)
{
	static struct kldsim__relocator relocator;
	const struct kldsim__reloc_row *row;

	(void)state;
	newest(&kldsim__arch_arm64, &relocator);
	/* bl with an empty field: as the document wants it. */
	row = kldsim__reloc_row(&relocator, 283);
	assert_true(kldsim__reloc_encode(row, 8, 0x94000000) == 0x94000002);
	/* bl .+4 already: 1 | 2, where the document replaces it by 2. */
	assert_true(kldsim__reloc_encode(row, 8, 0x94000001) == 0x94000003);
	/* tbz w3, #0, .+8: imm14 = 2 at bit 5, 0x36000043; here w3 is hit. */
	row = kldsim__reloc_row(&relocator, 279);
	assert_true(kldsim__reloc_encode(row, 8, 0x36000003) == 0x36000003);
	assert_true(kldsim__reloc_encode(row, 16, 0x36000003) == 0x36000007);
	/* cbz x0, .+8: imm19 at bit 5, 0xb4000040; here it becomes x2. */
	row = kldsim__reloc_row(&relocator, 280);
	assert_true(kldsim__reloc_encode(row, 8, 0xb4000000) == 0xb4000002);
}

/* T-10: the upper 20 bits, and the lower 12 that give the rest back. */
static void
riscv_hi20_and_lo12(void **state)
{
	static const struct {
		uint64_t value;
		uint32_t hi20, lo12_i, lo12_s;
	} rows[] = {
		/* 0x800 as 12 bits is -0x800: 0x124000 - 0x800 = 0x123800. */
		{ 0x123800, 0x124000, 0x80000000, 0x80000000 },
		/* 0x7ff: imm[11:5] 0x3f, imm[4:0] 0x1f. */
		{ 0x1237ff, 0x123000, 0x7ff00000, 0x7e000f80 },
		{ 0xfffff800, 0, 0x80000000, 0x80000000 },
		{ 0x7ffff7ff, 0x7ffff000, 0x7ff00000, 0x7e000f80 },
		{ 0x7ffff800, 0x80000000, 0x80000000, 0x80000000 },
	};
	static struct kldsim__relocator relocator;

	(void)state;
	newest(&kldsim__arch_riscv64, &relocator);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    26), rows[i].value, 0) == rows[i].hi20);
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    27), rows[i].value, 0) == rows[i].lo12_i);
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    28), rows[i].value, 0) == rows[i].lo12_s);
		/* lui a0, addi a0,a0 and sd keep their registers and codes. */
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    26), rows[i].value, 0xfffff537) ==
		    (rows[i].hi20 | 0x537));
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    27), rows[i].value, 0xfff50513) ==
		    (rows[i].lo12_i | 0x50513));
		assert_true(kldsim__reloc_encode(kldsim__reloc_row(&relocator,
		    28), rows[i].value, 0xfea53fa3) ==
		    (rows[i].lo12_s | 0xa53023));
	}
}

/* T-10: jal reaches a MiB and auipc+jalr 2 GiB; the kernel takes neither. */
static void
riscv_jal_and_call_store_nothing(void **state)
{
	static const uint32_t types[] = { 17, 18 };
	static struct kldsim__relocator relocator;

	(void)state;
	newest(&kldsim__arch_riscv64, &relocator);
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct kldsim__reloc_row *row =
		    kldsim__reloc_row(&relocator, types[i]);

		assert_true(kldsim__reloc_refused(row));
		assert_true(kldsim__reloc_needs_symbol(row));
		assert_int_equal(row->width, 0);
	}
}

/* The kernel has no other test than R-13's: everything else is taken. */
static void
check_reach(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct psabi *want)
{
	const uint64_t far[] = { relocator->mask, relocator->mask >> 1,
		(relocator->mask >> 1) + 1, 0x10000000, 0 };

	for (size_t i = 0; i < COUNT(far) && !is_arm64_branch(want); i++)
		assert_true(kldsim__reloc_reaches(relocator, row, far[i]));
}

static void
nothing_else_is_tested(void **state)
{
	(void)state;
	each_row(check_reach);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_numbers_and_widths),
		cmocka_unit_test(no_row_is_unknown_to_the_documents),
		cmocka_unit_test(fields_hold_what_the_documents_say),
		cmocka_unit_test(what_fits_is_as_the_documents_say),
		cmocka_unit_test(
		    places_of_every_alignment_in_both_byte_orders),
		cmocka_unit_test(arm64_call26),
		cmocka_unit_test(arm64_tstbr14_and_condbr19),
		cmocka_unit_test(arm64_branches_are_ored_into_bit_0),
		cmocka_unit_test(riscv_hi20_and_lo12),
		cmocka_unit_test(riscv_jal_and_call_store_nothing),
		cmocka_unit_test(nothing_else_is_tested),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
