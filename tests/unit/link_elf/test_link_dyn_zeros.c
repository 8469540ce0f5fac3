/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Tables of a shared object that lie in its .bss, so large that nobody keeps a
 * buffer for it: the kernel reads zeros there like anything else (D-06, D-10).
 */

#include "support_kern.h"

#define BSS (UINT64_C(48) << 20)
#define ZEROS (UINT64_C(32) << 20) /* well within */

/* `to_f` refers to a global function, and so does a hash chain. */
static struct kldsim_synth *
module(const char *field, uint64_t value)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	int data = kldsim_synth_section_named(m, ".data");

	(void)kldsim_synth_object(m, "to_f", "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_func(m, "f"), 0);
	(void)kldsim_synth_object(m, "big", NULL, BSS, 8);
	kldsim_synth_override(m, field, value);
	return m;
}

/* The first line of what is said, or "". */
static const char *
first_line(const struct kern *kern)
{
	return kern->result.nconsole == 0 ? "" :
	    kldsim_console_line(kern->sim, kern->result.first_console);
}

/*
 * D-10, D-12, D-60: without a hash table nothing is found by name, the file's
 * own symbols neither; what refers to one is undefined.
 */
static void
no_hash_table(void **state)
{
	static const char *const fields[] = { "dyn[DT_HASH]",
		"phdr[PT_DYNAMIC].p_vaddr" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;

		kern_start(&kern, R121);
		assert_int_equal(kern_try(&kern, module(fields[i], ZEROS),
		    "m.ko"), KLDSIM_OK);
		assert_false(kern.result.panicked);
		assert_string_equal(first_line(&kern),
		    "link_elf_lookup_symbol: missing symbol hash table");
		/* An empty dynamic section has no relocations either. */
		assert_int_equal(kern.result.error, i == 0 ? FB_ENOEXEC : 0);
		kern_fini(&kern);
	}
}

/* D-60: a symbol of zeros has no name, which no hash chain may lead to. */
static void
symbols_of_zeros(void **state)
{
	struct kldsim_synth *m = module("dyn[DT_SYMTAB]", ZEROS);
	struct kern kern;

	(void)state;
	/* Its __start_set_pcpu is the first name that is asked for. */
	(void)kldsim_synth_dpcpu(m, "v", NULL, 8, 8);
	kern_start(&kern, R121);
	assert_int_equal(kern_try(&kern, m, "m.ko"), KLDSIM_OK);
	assert_false(kern.result.panicked);
	/* All of them are local, undefined and nameless (D-50). */
	assert_int_equal(kern.result.error, FB_ENOEXEC);
	assert_string_equal(first_line(&kern), "link_elf_lookup_symbol: "
	    "corrupt symbol table");
	kern_fini(&kern);
}

/* Names that are all empty: what is asked for is none of them. */
static void
names_of_zeros(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	kern_refuse(&kern, module("dyn[DT_STRTAB]", ZEROS), "m.ko",
	    FB_ENOEXEC);
	assert_console(&kern, "link_elf: symbol  undefined");
	kern_fini(&kern);
}

/* 24 bytes of zeros are an R_X86_64_NONE. */
static void
relocations_of_zeros(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	id = kern_load(&kern, module("dyn[DT_RELA]", ZEROS), "m.ko");
	assert_hex(kern_read(&kern, kern_sym(&kern, id, "to_f"), 8), 0);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* D-30, D-34: a set of zeros is copied as what it is. */
static void
a_set_of_zeros(void **state)
{
	struct kldsim_synth *m = module(
	    "dynsym[__start_set_pcpu].st_value", ZEROS);
	struct kern kern;
	uint64_t space;
	int id;

	(void)state;
	(void)kldsim_synth_dpcpu(m, "v", "\1\1\1\1\1\1\1\1", 8, 8);
	kldsim_synth_override(m, "dynsym[__stop_set_pcpu].st_value",
	    ZEROS + 16);
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	kern_unload(&kern, kern_load(&kern, module_with_set(R121, "set_pcpu",
	    24, 0x77), "before.ko"));
	id = kern_load(&kern, m, "m.ko");
	assert_int_equal(kern_stat(&kern, id).id, id);
	assert_hex(kern_read(&kern, space, 8), 0);
	assert_hex(kern_read(&kern, space + 8, 8), 0);
	assert_hex(kern_read(&kern, space + 16, 8),
	    UINT64_C(0x7777777777777777));
	assert_hex(kern_copy(&kern, KLDSIM_SET_DPCPU, 0, space, 8), 0);
	kern_fini(&kern);
}

/* Z-38: past the end of .bss it is over all the same. */
static void
beyond_the_zeros(void **state)
{
	static const char *const fields[] = { "dyn[DT_HASH]",
		"phdr[PT_DYNAMIC].p_vaddr", "dyn[DT_RELA]" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_start(&kern, R121);
		assert_int_equal(kern_try(&kern, module(fields[i], 2 * BSS),
		    "m.ko"), KLDSIM_OK);
		assert_true(kern.result.panicked);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_hash_table),
		cmocka_unit_test(symbols_of_zeros),
		cmocka_unit_test(names_of_zeros),
		cmocka_unit_test(relocations_of_zeros),
		cmocka_unit_test(a_set_of_zeros),
		cmocka_unit_test(beyond_the_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
