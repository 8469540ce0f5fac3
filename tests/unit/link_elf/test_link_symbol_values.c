/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a load leaves in st_value and st_shndx of an ET_REL file's symbols, as
 * searches by address and by name show it afterwards (O-30, O-32, O-47, O-53).
 */

#include "support_kern.h"

#include <elf.h>
#include <stdio.h>

/* The file and the name of what is nearest to an address, at that address. */
static const char *
symbol_at(struct kern *kern, uint64_t address, int fileid)
{
	kldsim_size offset;
	const char *name;
	int file;

	if (kldsim_search_symbol(kern->sim, address, &name, &offset, &file) !=
	    KLDSIM_OK || offset != 0 || file != fileid)
		return "";
	return name;
}

/*
 * O-32, O-45, O-47: bounds of the first section stay SHN_UNDEF.  References get
 * the kernel's, and forget them; then the last local pass, which takes no entry
 * here, gives the symbols their own bounds again.
 */
static void
bounds_of_the_first_section_come_again(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_set_entry(kern.synth, "x",
	    kldsim_synth_find_symbol(kern.synth, "printf"));
	kern_boot(&kern);
	(void)module_section(module, "set_x", 1, KLDSIM_SYNTH_ALLOC, 8, 0x18);
	(void)module_slot(module, module_undefined(module, "__start_set_x",
	    KLDSIM_SYNTH_GLOBAL), 0);
	(void)module_slot(module, module_undefined(module, "__stop_set_x",
	    KLDSIM_SYNTH_WEAK), 0);
	kldsim_synth_option(module, KLDSIM_SYNTH_SET_BOUNDS, 0);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern,
	    "__start_set_x"));
	assert_string_equal(symbol_at(&kern, KERN_BASE, id), "__start_set_x");
	assert_string_equal(symbol_at(&kern, KERN_BASE + 0x18, id),
	    "__stop_set_x");
	/* They are no definitions all the same. */
	assert_false(kern_has_sym(&kern, id, "__start_set_x"));
	kern_fini(&kern);
}

/* O-53: a weak symbol that nobody defines loses what value it has had. */
static void
a_weak_symbol_becomes_zero(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC, 16, 0x20);
	(void)module_slot(module, module_undefined(module, "asked",
	    KLDSIM_SYNTH_WEAK), 0);
	(void)module_undefined(module, "idle", KLDSIM_SYNTH_WEAK);
	kldsim_synth_override(module, "sym[asked].st_value", KERN_BASE + 0x10);
	kldsim_synth_override(module, "sym[idle].st_value", KERN_BASE + 0x18);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0);
	assert_string_equal(symbol_at(&kern, KERN_BASE + 0x10, id), "");
	assert_string_equal(symbol_at(&kern, KERN_BASE + 0x18, id), "idle");
	kern_fini(&kern);
}

/*
 * O-31, O-47: what the file itself calls cached is a definition until the
 * global pass has gone well, and none from then on.
 */
static void
a_symbol_that_poses_as_cached_is_forgotten(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC, 16, 0x20);
	(void)module_slot(module, kldsim_synth_symbol(module, "odd",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, 1, 0x10, 8), 0);
	/* Looked up by name, it makes an index of those that are defined. */
	(void)module_slot(module, module_undefined(module, "printf",
	    KLDSIM_SYNTH_GLOBAL), 0);
	kldsim_synth_override(module, "sym[odd].st_shndx", 0xff20);
	kldsim_synth_override(module, "sym[odd].st_value", 0x1234);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x1234);
	assert_false(kern_has_sym(&kern, id, "odd"));
	kern_fini(&kern);
}

/*
 * O-30: a section header 0 that describes a section moves the undefined
 * symbols, whose section number it is; they stay undefined.
 */
static void
section_0_moves_undefined_symbols(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC, 16, 0x20);
	(void)module_undefined(module, "idle", KLDSIM_SYNTH_WEAK);
	kldsim_synth_override(module, "sym[idle].st_value", 8);
	kldsim_synth_override(module, "shdr[0].sh_type", SHT_PROGBITS);
	kldsim_synth_override(module, "shdr[0].sh_flags", SHF_ALLOC);
	kldsim_synth_override(module, "shdr[0].sh_size", 0x10);
	kldsim_synth_override(module, "shdr[0].sh_addralign", 16);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	/* The bytes are the file's from its beginning. */
	assert_hex(kern_read(&kern, KERN_BASE, 4), 0x464c457f);
	assert_string_equal(symbol_at(&kern, KERN_BASE + 8, id), "idle");
	assert_false(kern_has_sym(&kern, id, "idle"));
	kern_fini(&kern);
}

/*
 * O-22, O-82: a set that the file does not have all of is read as far as it
 * goes before the module is refused; nobody clears the space.
 */
static void
a_short_set_leaves_its_bytes(void **state)
{
	static const char *const sets[] = { "set_pcpu", "set_vnet" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum kldsim_set which = i == 0 ? KLDSIM_SET_DPCPU :
		    KLDSIM_SET_VNET;
		struct kldsim_synth *module = module_with_set(R121, sets[i],
		    16, 0x5a);
		char field[32];
		struct kern kern;
		uint64_t space;

		/* The last 16 bytes that there are, and 8 that are not. */
		(void)snprintf(field, sizeof(field), "shdr[%s].sh_size",
		    sets[i]);
		kldsim_synth_override(module, field, 24);
		(void)snprintf(field, sizeof(field), "shdr[%s].sh_offset",
		    sets[i]);
		kldsim_synth_override(module, field, 0x2000 - 16);
		kldsim_synth_truncate_to(module, 0x2000);
		kern_start(&kern, R121);
		space = kern_set(&kern, which).modspace_start;
		/* Others' bytes: what comes here is zeros. */
		kern_unload(&kern, kern_load(&kern, module_with_set(R121,
		    sets[i], 24, 0x77), "before.ko"));
		assert_hex(kern_read(&kern, space, 8),
		    UINT64_C(0x7777777777777777));
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_hex(kern_read(&kern, space, 8), 0);
		assert_hex(kern_read(&kern, space + 8, 8), 0);
		assert_hex(kern_read(&kern, space + 16, 8),
		    UINT64_C(0x7777777777777777));
		/* No CPU and no vnet has seen them. */
		assert_hex(kern_copy(&kern, which, 0, space, 8),
		    UINT64_C(0x7777777777777777));
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_of_the_first_section_come_again),
		cmocka_unit_test(a_weak_symbol_becomes_zero),
		cmocka_unit_test(a_symbol_that_poses_as_cached_is_forgotten),
		cmocka_unit_test(section_0_moves_undefined_symbols),
		cmocka_unit_test(a_short_set_leaves_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
