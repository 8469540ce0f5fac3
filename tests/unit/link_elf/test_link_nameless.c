/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Symbols whose st_name is 0.  Where string tables begin with NUL, as they
 * should, their name is empty; the kernel does not care and takes the name
 * that is there.
 */

#include "support_kern.h"

/* Make the first name of a table, with an x before it, the one at offset 0. */
static void
spoil_strings(struct kldsim_synth *synth)
{
	kldsim_synth_override(synth, "byte[.strtab][0]", 'x');
}

/* A module: "first" at .text + 0, a nameless function behind it. */
static struct kldsim_synth *
nameless_module(void)
{
	struct kldsim_synth *module = module_new(R121);

	(void)module_section(module, ".text", KLDSIM_SYNTH_PROGBITS,
	    KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_EXECINSTR, 16, 32);
	(void)kldsim_synth_symbol(module, "first", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, 1, 0, 8);
	(void)kldsim_synth_symbol(module, NULL, KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, 1, 8, 8);
	(void)kldsim_synth_symbol(module, NULL, KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, 1, 16, 8);
	return module;
}

static int
note_name(void *user, const char *name, kldsim_addr address)
{
	char *text = user;

	(void)address;
	assert_true(strlen(text) + strlen(name) < 60);
	strcat(strcat(text, name), ";");
	return 0;
}

/* O-61: the first defined one answers to the name; O-64 passes them over. */
static void
a_module_is_asked_for_the_nameless(void **state)
{
	static const struct {
		bool spoilt;
		const char *name, *other, *functions;
	} cases[] = {
		{ false, "", "xfirst", "first;;;" },
		{ true, "xfirst", "", "first;xfirst;xfirst;" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = nameless_module();
		char functions[64] = "";
		struct kern kern;
		kldsim_size offset;
		const char *name;
		int id, found;

		if (cases[i].spoilt)
			spoil_strings(module);
		kern_start(&kern, R121);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_sym(&kern, id, cases[i].name), KERN_BASE + 8);
		assert_false(kern_has_sym(&kern, id, cases[i].other));
		assert_hex(kern_sym(&kern, id, "first"), KERN_BASE);
		assert_int_equal(kldsim_search_symbol(kern.sim, KERN_BASE + 9,
		    &name, &offset, &found), KLDSIM_OK);
		assert_string_equal(name, "first");
		assert_int_equal(offset, 9);
		/* O-66 */
		assert_int_equal(kldsim_file_functions(kern.sim, id, note_name,
		    functions), KLDSIM_OK);
		assert_string_equal(functions, cases[i].functions);
		kern_fini(&kern);
	}
}

/* O-53: an undefined one is looked for by the name that it has. */
static void
an_undefined_nameless_symbol_has_a_name(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_func(kern.synth, "xfirst");
	kern_boot(&kern);
	(void)kldsim_synth_symbol(module, "first", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 1, 0);
	(void)module_slot(module, kldsim_synth_symbol(module, NULL,
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0,
	    0), 0);
	spoil_strings(module);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "xfirst"));
	kern_fini(&kern);
}

/* O-46: and that is the name that is told. */
static void
the_name_of_the_nameless_is_told(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_symbol(module, "first", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 1, 0);
	(void)module_slot(module, kldsim_synth_symbol(module, NULL,
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0,
	    0), 0);
	spoil_strings(module);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "link_elf_obj: symbol xfirst undefined",
	    UNSUPPORTED("m.ko"));
	kern_fini(&kern);
}

/*
 * D-60 step 3: of the kernel's statics of a name the first decides, and where
 * symbol 0 has that name it is none that can be used.  The names asked for in
 * between are more than are walked for: at last an index answers.
 */
static void
symbol_0_of_the_kernel_hides_a_static(void **state)
{
	(void)state;
	for (int spoilt = 0; spoilt < 2; spoilt++) {
		char absent[] = "absent0";
		struct kern kern;

		kern_init(&kern, R121);
		(void)kldsim_synth_symbol(kern.synth, "x",
		    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT,
		    KLDSIM_SYNTH_ABS, 0x77, 0);
		if (spoilt)
			spoil_strings(kern.synth);
		/* So that it is just "x", for the price of the next name. */
		kldsim_synth_override(kern.synth, "byte[.strtab][1]", 0);
		kern_boot(&kern);
		for (; absent[6] <= '9'; absent[6]++) {
			assert_int_equal(kern_has_sym(&kern, 1, "x"),
			    !spoilt);
			assert_true(kern_has_sym(&kern, 1, "printf"));
			assert_false(kern_has_sym(&kern, 1, absent));
		}
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_asked_for_the_nameless),
		cmocka_unit_test(an_undefined_nameless_symbol_has_a_name),
		cmocka_unit_test(the_name_of_the_nameless_is_told),
		cmocka_unit_test(symbol_0_of_the_kernel_hides_a_static),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
