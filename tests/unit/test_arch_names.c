/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of machines and relocation types: those that kernels know are in the
 * rows of their machines as well, in FreeBSD's spelling.
 */

#include "support_base.h"

#include "arch/arch.h"
#include "arch/names.h"

static const char *
name_of(uint16_t machine, uint32_t type)
{
	static char text[80];

	return (kldsim__reloc_name(machine, type, text, sizeof(text)) ? text :
	    NULL);
}

/* Some names have two spellings: <machine/elf.h> has the first. */
static bool
same_name(const char *row, const char *listed)
{
	static const char *const pairs[][2] = {
		{ "R_386_JMP_SLOT", "R_386_JUMP_SLOT" },
		{ "R_X86_64_JMP_SLOT", "R_X86_64_JUMP_SLOT" },
	};

	if (strcmp(row, listed) == 0)
		return (true);
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (strcmp(row, pairs[i][0]) == 0 &&
		    strcmp(listed, pairs[i][1]) == 0)
			return (true);
	return (false);
}

static void
rows_have_the_same_names(void **state)
{
	const struct kldsim__arch *arch;

	(void)state;
	for (size_t a = 0; (arch = kldsim__arch_at(a)) != NULL; a++) {
		assert_non_null(kldsim__machine_name(arch->machine));
		for (size_t i = 0; i < arch->nrows; i++) {
			const struct kldsim__reloc_row *row = &arch->rows[i];
			const char *name = name_of(arch->machine, row->type);

			if (name == NULL || !same_name(row->name, name))
				fail_msg("%s: %u is %s in a row and %s",
				    arch->name, row->type, row->name,
				    name != NULL ? name : "nowhere else");
		}
	}
}

static void
names_of_numbers(void **state)
{
	char small[8];

	(void)state;
	assert_string_equal(kldsim__machine_name(183), "AArch64 (arm64)");
	assert_string_equal(kldsim__machine_name(8), "MIPS");
	assert_null(kldsim__machine_name(0));
	assert_null(kldsim__machine_name(65535));
	/* x86-64 psABI, table 4.9. */
	assert_string_equal(name_of(62, 42), "R_X86_64_REX_GOTPCRELX");
	assert_string_equal(name_of(62, 0), "R_X86_64_NONE");
	assert_string_equal(name_of(62, 50), "R_X86_64_CODE_6_GOTTPOFF");
	/* ELF for the Arm 64-bit architecture: numbers begin at 257. */
	assert_string_equal(name_of(183, 1027), "R_AARCH64_RELATIVE");
	assert_null(name_of(183, 256));
	assert_null(name_of(62, 200));
	assert_null(name_of(62, UINT32_MAX));
	assert_null(name_of(8, 1));
	assert_true(kldsim__reloc_name(62, 42, small, sizeof(small)));
	assert_string_equal(small, "R_X86_6");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_the_same_names),
		cmocka_unit_test(names_of_numbers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
