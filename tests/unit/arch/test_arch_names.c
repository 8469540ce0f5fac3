/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of machines and relocation types: those that kernels know are in the
 * rows of their machines as well, in FreeBSD's spelling.
 */

#include "support_base.h"

#include "arch/arch.h"
#include "arch/names.h"
#include "synth/impl.h"

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

/* The builder, whose tables are its own, writes what the machine's rows read. */
static void
the_builder_has_the_same_types(void **state)
{
	const struct kldsim__arch *arch;

	(void)state;
	for (size_t a = 0; (arch = kldsim__arch_at(a)) != NULL; a++) {
		struct kldsim_synth *synth = kldsim_synth_new(arch->name,
		    KLDSIM_SYNTH_MODULE);
		const struct kldsim__synth_machine *machine = synth->machine;

		for (size_t i = 0; i < machine->nrows; i++) {
			const struct kldsim__synth_row *row = &machine->rows[i];
			const struct kldsim__reloc_row *known = NULL;

			for (size_t n = 0; n < arch->nrows; n++)
				if (arch->rows[n].type == row->number)
					known = &arch->rows[n];
			if (known == NULL)
				continue;
			if (!same_name(known->name, row->name) &&
			    !same_name(row->name, known->name))
				fail_msg("%s: %u is %s and %s", arch->name,
				    row->number, row->name, known->name);
			/* ppc64 stores three words there, and never an addend. */
			if (row->number != machine->jump_slot && known->width !=
			    0 && row->width != 0 && known->width != row->width)
				fail_msg("%s: %s has %u bytes and %u",
				    arch->name, row->name, row->width,
				    known->width);
		}
		kldsim_synth_free(synth);
	}
}

/* By hand, from the machines' ABIs: pointer, base, slot of a PLT, ifunc. */
static void
what_linkers_make(void **state)
{
	static const struct {
		const char *machine;
		unsigned word, relative, jump_slot, irelative;
	} rows[] = {
		{ "amd64", 1, 8, 7, 37 }, { "i386", 1, 8, 7, 42 },
		{ "arm64", 257, 1027, 1026, 1032 },
		{ "armv7", 2, 23, 22, 160 }, { "riscv64", 2, 3, 5, 58 },
		{ "powerpc", 1, 22, 21, 248 },
		{ "powerpc64", 38, 22, 21, 248 },
		{ "powerpc64le", 38, 22, 21, 248 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kldsim_synth *synth = kldsim_synth_new(rows[i].machine,
		    KLDSIM_SYNTH_MODULE);

		assert_int_equal(synth->machine->word, rows[i].word);
		assert_int_equal(synth->machine->relative, rows[i].relative);
		assert_int_equal(synth->machine->jump_slot, rows[i].jump_slot);
		assert_int_equal(synth->machine->irelative, rows[i].irelative);
		kldsim_synth_free(synth);
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
		cmocka_unit_test(the_builder_has_the_same_types),
		cmocka_unit_test(what_linkers_make),
		cmocka_unit_test(names_of_numbers),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
