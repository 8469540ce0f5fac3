/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Sections of an ET_REL file that no relocation changes: they are not copied,
 * and that shows nowhere (O-15, O-20, O-22, Z-10).
 */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"

#define LARGE 0x40000u

/* A section of the bytes 1, 2, ... 251, 1, ... */
static int
counting(struct kldsim_synth *module, const char *name, size_t size)
{
	int section = module_section(module, name, KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 16, 0);
	unsigned char *bytes = malloc(size);

	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(i % 251 + 1);
	(void)kldsim_synth_append(module, section, bytes, size);
	free(bytes);
	return section;
}

static void
assert_counting(const struct kern *kern, uint64_t address, size_t from,
    size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(kern_read(kern, address + i, 1),
		    i % 251 + 1);
}

/* Of 384 KB that the kernel would have read and cleared, nothing is made. */
static void
what_is_not_relocated_takes_no_memory(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_section section;
	struct support_alloc alloc;
	struct kern kern;
	size_t before;
	int id;

	(void)state;
	(void)module_slot(module, kldsim_synth_ref(module, "printf"), 0);
	(void)counting(module, ".rodata", LARGE);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, LARGE / 2);
	support_alloc_init(&alloc, -1);
	kern_init(&kern, R121);
	kern.options.allocator = support_allocator(&alloc);
	kern_boot(&kern);
	before = alloc.bytes;
	id = kern_load(&kern, module, "m.ko");
	assert_true(alloc.bytes - before < 0x8000);
	assert_true(alloc.peak - before < 0x10000);
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "printf"));
	section = kern_section(&kern, id, ".rodata");
	assert_counting(&kern, section.address, 0, 600);
	assert_counting(&kern, section.address, LARGE - 600, LARGE);
	section = kern_section(&kern, id, ".bss");
	assert_int_equal(kern_read(&kern, section.address, 8), 0);
	assert_int_equal(kern_read(&kern, section.address + LARGE / 2 - 8, 8),
	    0);
	kern_unload(&kern, id);
	kern_fini(&kern);
	assert_int_equal(alloc.bytes, 0);
}

/* O-20: in the mapping a set's bytes leave a hole, which is zeros. */
static void
a_set_leaves_zeros(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_section section;
	struct kern kern;
	int id;

	(void)state;
	(void)counting(module, "set_pcpu", 0x600);
	(void)counting(module, ".rodata", 0x600);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	section = kern_section(&kern, id, "set_pcpu");
	assert_counting(&kern, section.address, 0, 0x600);
	for (unsigned i = 0; i < 0x600; i += 8)
		assert_int_equal(kern_read(&kern, section.hole + i, 8), 0);
	section = kern_section(&kern, id, ".rodata");
	assert_counting(&kern, section.address, 0, 0x600);
	kern_fini(&kern);
}

/* Z-10: a relocation of .data writes into .rodata, which is lent. */
static void
a_write_makes_a_copy(void **state)
{
	static const uint64_t offsets[] = { 0x10, 0x14, 0xff4, 0x1010 };

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		const uint64_t at = offsets[i] - 0x10;
		struct kldsim_section section;
		struct kern kern;
		int id, data = module_section(module, ".data",
		    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 16, 16);

		(void)counting(module, ".rodata", 0x3000);
		(void)kldsim_synth_reloc(module, data, 0, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
		kldsim_synth_override(module, "rela[.data][0].r_offset",
		    offsets[i]);
		kern_start(&kern, R121);
		id = kern_load(&kern, module, "m.ko");
		section = kern_section(&kern, id, ".rodata");
		assert_hex(kern_read(&kern, section.address + at, 8),
		    kern_symbol(&kern, "printf"));
		assert_counting(&kern, section.address, 0, (size_t)at);
		assert_counting(&kern, section.address, (size_t)at + 8, 0x3000);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_relocated_takes_no_memory),
		cmocka_unit_test(a_set_leaves_zeros),
		cmocka_unit_test(a_write_makes_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
