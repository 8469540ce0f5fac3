/* SPDX-License-Identifier: BSD-2-Clause */

/* Where the sections of a file are: kldsim_file_layout(). */

#include "support_kern.h"

struct told {
	const char *name;  /* of the section that is looked for, */
	kldsim_addr inside; /* or an address in it */
	struct kldsim_section found;
	size_t count;
	size_t most;       /* stop after so many */
};

static int
take(void *user, const struct kldsim_section *section)
{
	struct told *told = user;

	if (told->name != NULL ? strcmp(section->name, told->name) == 0 :
	    told->inside - section->address < section->size)
		told->found = *section;
	return (++told->count == told->most);
}

static struct told
ask(const struct kern *kern, int id, const char *name, kldsim_addr inside)
{
	struct told told = { .name = name, .inside = inside };

	assert_int_equal(kldsim_file_layout(kern->sim, id, take, &told),
	    KLDSIM_OK);
	return (told);
}

/* the linker's symbols say where the kernel's sets are. */
static void
the_kernels_sets_are_where_symbols_say(void **state)
{
	static const char *const names[] = { "set_pcpu", "set_vnet" };
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	for (int set = 0; set < 2; set++) {
		const struct kldsim_set_info info = kern_set(&kern,
		    (enum kldsim_set)set);
		const struct told told = ask(&kern, 1, names[set], 0);

		assert_hex(told.found.address, info.start);
		assert_hex(told.found.size, info.stop - info.start);
	}
	kern_fini(&kern);
}

/* In both classes a function is in a section of code, and a datum is not. */
static void
symbols_are_in_their_sections(void **state)
{
	static const enum kldsim_synth_kind kinds[] = {
		KLDSIM_SYNTH_MODULE, KLDSIM_SYNTH_DYN
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = kldsim_synth_new("amd64",
		    kinds[i]);
		struct told told, first = { .name = "", .most = 1 };
		struct kern kern;
		int id;

		(void)kldsim_synth_func(module, "one");
		(void)kldsim_synth_object(module, "datum", "\1\2\3\4", 4, 4);
		kern_start(&kern, R121);
		id = kern_load(&kern, module, "m.ko");
		told = ask(&kern, id, NULL, kern_sym(&kern, id, "one"));
		assert_int_equal(told.found.flags & 4, 4);
		told = ask(&kern, id, NULL, kern_sym(&kern, id, "datum"));
		assert_int_equal(told.found.flags & 5, 1);
		assert_true(told.count > 1);
		assert_int_equal(kldsim_file_layout(kern.sim, id, take,
		    &first), KLDSIM_OK);
		assert_int_equal(first.count, 1);
		assert_int_equal(kldsim_file_layout(kern.sim, 99, take,
		    &first), KLDSIM_NOENT);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_sets_are_where_symbols_say),
		cmocka_unit_test(symbols_are_in_their_sections),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
