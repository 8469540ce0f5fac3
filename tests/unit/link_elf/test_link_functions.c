/* SPDX-License-Identifier: BSD-2-Clause */

/* The functions of a file in the order of its symbol table, and by address. */

#include "support_kern.h"

#include <stdio.h>

struct list {
	char text[256];
	size_t most; /* stop after so many */
	size_t count;
};

static int
add(void *user, const char *name, kldsim_addr address)
{
	struct list *list = user;
	size_t used = strlen(list->text);

	assert_true(address != 0);
	(void)snprintf(list->text + used, sizeof(list->text) - used, "%s ",
	    name);
	return (++list->count == list->most);
}

/*
 * O-66, K-48: FUNC and GNU_IFUNC whose value is not 0; no object, nothing
 * undefined.  In both classes alike.
 */
static void
functions_are_told_in_table_order(void **state)
{
	static const enum kldsim_synth_kind kinds[] = {
		KLDSIM_SYNTH_MODULE, KLDSIM_SYNTH_DYN
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = kldsim_synth_new("amd64",
		    kinds[i]);
		struct list list = { "", 100, 0 }, first = { "", 1, 0 };
		struct kern kern;
		int id;

		(void)kldsim_synth_func(module, "one");
		(void)module_slot(module, kldsim_synth_ref(module, "printf"),
		    0);
		(void)kldsim_synth_ifunc(module, "two");
		(void)kldsim_synth_func(module, "three");
		(void)kldsim_synth_object(module, "datum", "\1\2\3\4", 4, 4);
		kern_start(&kern, R121);
		id = kern_load(&kern, module, "m.ko");
		assert_int_equal(kldsim_file_functions(kern.sim, id, add,
		    &list), KLDSIM_OK);
		assert_string_equal(list.text, "one two three ");
		assert_int_equal(kldsim_file_functions(kern.sim, id, add,
		    &first), KLDSIM_OK);
		assert_string_equal(first.text, "one ");
		assert_int_equal(kldsim_file_functions(kern.sim, 99, add,
		    &list), KLDSIM_NOENT);
		kern_fini(&kern);
	}
}

/* Where a function has the resolver's address too, the ifunc's name counts. */
static void
an_irelative_site_by_its_ifunc(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", NULL, 0x80abcdef };

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct kern kern;
		int data, text, ifunc = 0;
		uint64_t at;

		kern_init(&kern, R130);
		text = kldsim_synth_section_named(kern.synth, ".text");
		at = kldsim_synth_align(kern.synth, text, 16);
		if (first != 0)
			ifunc = kldsim_synth_ifunc(kern.synth, "copy");
		(void)kldsim_synth_symbol(kern.synth, "copy_resolver",
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_FUNC, text, at, 16);
		if (first == 0)
			ifunc = kldsim_synth_ifunc(kern.synth, "copy");
		data = kldsim_synth_section_named(kern.synth, ".data");
		at = kldsim_synth_align(kern.synth, data, 8);
		(void)kldsim_synth_object(kern.synth, "site",
		    "\0\0\0\0\0\0\0", 8, 8);
		(void)kldsim_synth_reloc(kern.synth, data, at,
		    "R_X86_64_IRELATIVE", ifunc, 0);
		kern.options.ifuncs = &answer;
		kern.options.nifuncs = 1;
		kern_boot(&kern);
		assert_hex(kern_symbol(&kern, "copy"),
		    kern_symbol(&kern, "copy_resolver"));
		assert_hex(kern_read(&kern, kern_symbol(&kern, "site"), 8),
		    0x80abcdef);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_told_in_table_order),
		cmocka_unit_test(an_irelative_site_by_its_ifunc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
