/* SPDX-License-Identifier: BSD-2-Clause */
/* Common symbols of ET_REL files: who defines them, who shares them (O-60). */

#include "support_kern.h"

/*
 * O-60: a symbol of value 0 and some size is a common that nobody defined: its
 * storage is zeroed, a multiple of 4 long, and shared by all of that name.
 */
static void
commons_are_allocated_once_a_name(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	uint64_t c, d;
	uint8_t byte;
	int id;

	(void)state;
	(void)kldsim_synth_symbol(module, "c", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_COMMON, 0, 10);
	(void)module_absolute(module, "d", KLDSIM_SYNTH_GLOBAL, 0, 8);
	for (int i = 0; i < 2; i++) {
		(void)module_slot(module, module_undefined(module, "c",
		    KLDSIM_SYNTH_GLOBAL), 0);
		(void)module_slot(module, module_undefined(module, "d",
		    KLDSIM_SYNTH_GLOBAL), 0);
	}
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	c = kern_slot(&kern, id, 0);
	d = kern_slot(&kern, id, 8);
	assert_true(c != 0 && d != 0 && c != d);
	assert_hex(kern_slot(&kern, id, 16), c);
	assert_hex(kern_slot(&kern, id, 24), d);
	/* 10 becomes 12; not one byte more is promised. */
	assert_hex(kern_read(&kern, c, 8), 0);
	assert_hex(kern_read(&kern, c + 8, 4), 0);
	assert_hex(kern_read(&kern, d, 8), 0);
	assert_true(d >= c + 12 || c >= d + 8);
	kern_unload(&kern, id);
	assert_int_equal(kldsim_read(kern.sim, c, &byte, 1), KLDSIM_FAULT);
	assert_int_equal(kldsim_read(kern.sim, d, &byte, 1), KLDSIM_FAULT);
	kern_fini(&kern);
}

/* O-60: each file has commons of its own, whatever others have. */
static void
files_do_not_share_a_common(void **state)
{
	struct kern kern;
	uint64_t c[2];

	(void)state;
	kern_start(&kern, R121);
	for (int i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(R121);

		(void)module_absolute(module, "c", KLDSIM_SYNTH_GLOBAL, 0, 8);
		(void)module_slot(module, module_undefined(module, "c",
		    KLDSIM_SYNTH_GLOBAL), 0);
		c[i] = kern_slot(&kern, kern_load(&kern, module,
		    i == 0 ? "one.ko" : "two.ko"), 0);
	}
	assert_true(c[0] != 0 && c[1] != 0);
	assert_true(c[1] >= c[0] + 8 || c[0] >= c[1] + 8);
	kern_fini(&kern);
}

/* O-60 step 3 before 4: who defines it spares the common. */
static void
a_definition_elsewhere_comes_before_a_common(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_absolute(module, "printf", KLDSIM_SYNTH_GLOBAL, 0, 16);
	(void)module_slot(module, module_undefined(module, "printf",
	    KLDSIM_SYNTH_GLOBAL), 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "printf"));
	kern_fini(&kern);
}

/* O-56, Z-14: by index a common is its alignment. */
static void
a_common_by_index_is_its_alignment(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)module_slot(module, kldsim_synth_symbol(module, "c",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_COMMON,
	    32, 100), 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 32);
	assert_string_equal(kern_finding(&kern,
	    "symbol-reserved-section")->symbol, "c");
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commons_are_allocated_once_a_name),
		cmocka_unit_test(files_do_not_share_a_common),
		cmocka_unit_test(a_definition_elsewhere_comes_before_a_common),
		cmocka_unit_test(a_common_by_index_is_its_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
