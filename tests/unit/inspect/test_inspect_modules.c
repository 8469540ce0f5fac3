/* SPDX-License-Identifier: BSD-2-Clause */

/* modfind, modstat, modnext, modfnext, kldfirstmod (L-10, L-12, K-45). */

#include "support_kern.h"

/* Two modules in a file; their MOD_LOAD events come in this order. */
static int
load_two(struct kern *kern, const char *file, const char *first,
    const char *second)
{
	struct kldsim_synth *module = module_new(R121);
	int handler = kldsim_synth_func(module, "handler");

	(void)kldsim_synth_declare_module(module, first, handler, 0x3100000,
	    1);
	(void)kldsim_synth_declare_module(module, second, handler, 0x3100000,
	    2);
	return kern_load(kern, module, file);
}

static int
find(const struct kern *kern, const char *name)
{
	int id = 0;

	return kldsim_modfind(kern->sim, name, &id) == KLDSIM_OK ? id : -1;
}

static int
next(const struct kern *kern, int id)
{
	int answer = 0;

	return kldsim_modnext(kern->sim, id, &answer) == KLDSIM_OK ? answer :
	    -1;
}

static int
fnext(const struct kern *kern, int id)
{
	int answer = 0;

	return kldsim_modfnext(kern->sim, id, &answer) == KLDSIM_OK ? answer :
	    -1;
}

static int
firstmod(const struct kern *kern, int fileid)
{
	int answer = 0;

	return kldsim_kldfirstmod(kern->sim, fileid, &answer) == KLDSIM_OK ?
	    answer : -1;
}

static void
start(struct kern *kern)
{
	kern_init(kern, R121);
	(void)kldsim_synth_mdt_module(kern->synth, "base", 0, 0);
	kern_boot(kern);
}

/* L-12: the list of all is in order of registration. */
static void
all_modules_in_order(void **state)
{
	struct kern kern;

	(void)state;
	start(&kern);
	(void)load_two(&kern, "a.ko", "a1", "a2");
	(void)load_two(&kern, "b.ko", "b1", "b2");
	assert_int_equal(find(&kern, "base"), 1);
	assert_int_equal(find(&kern, "a1"), 2);
	assert_int_equal(find(&kern, "b2"), 5);
	assert_int_equal(find(&kern, "b"), -1);
	assert_int_equal(next(&kern, 0), 1);
	for (int id = 1; id < 5; id++)
		assert_int_equal(next(&kern, id), id + 1);
	assert_int_equal(next(&kern, 5), 0);
	assert_int_equal(next(&kern, 6), -1);
	assert_int_equal(next(&kern, -1), -1);
	kern_fini(&kern);
}

/* L-12: a file's own list begins with the module that was loaded last. */
static void
a_files_modules_are_in_reverse(void **state)
{
	struct kldsim_modinfo module;
	struct kern kern;
	int a, b;

	(void)state;
	start(&kern);
	a = load_two(&kern, "a.ko", "a1", "a2");
	b = load_two(&kern, "b.ko", "b1", "b2");
	assert_int_equal(firstmod(&kern, 1), 1);
	assert_int_equal(fnext(&kern, 1), 0);
	assert_int_equal(firstmod(&kern, a), 3);
	assert_int_equal(fnext(&kern, 3), 2);
	assert_int_equal(fnext(&kern, 2), 0);
	assert_int_equal(firstmod(&kern, b), 5);
	assert_int_equal(fnext(&kern, 9), -1);
	assert_int_equal(kldsim_modstat(kern.sim, 4, &module), KLDSIM_OK);
	assert_string_equal(module.name, "b1");
	assert_int_equal(module.id, 4);
	assert_int_equal(module.refs, 1);
	assert_int_equal(module.fileid, b);
	assert_int_equal(kldsim_modstat(kern.sim, 0, &module), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* L-12: ids are not used again; an unloaded file's modules are gone. */
static void
ids_are_never_reused(void **state)
{
	struct kern kern;
	int a;

	(void)state;
	start(&kern);
	a = load_two(&kern, "a.ko", "a1", "a2");
	kern_unload(&kern, a);
	assert_int_equal(find(&kern, "a1"), -1);
	assert_int_equal(firstmod(&kern, a), -1);
	assert_int_equal(next(&kern, 1), 0);
	a = load_two(&kern, "a.ko", "a1", "a2");
	assert_int_equal(find(&kern, "a1"), 4);
	assert_int_equal(firstmod(&kern, a), 5);
	kern_fini(&kern);
}

/* L-10: a file without modules has 0; modnext(0) of an empty list fails. */
static void
no_modules_at_all(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_func(module, "nothing");
	id = kern_load(&kern, module, "empty.ko");
	assert_int_equal(firstmod(&kern, id), 0);
	assert_int_equal(next(&kern, 0), -1);
	kern_fini(&kern);
}

/* K-23: a zombie's modules are found, but not through their file. */
static void
modules_of_a_zombie(void **state)
{
	struct kldsim_synth *synth = module_new(R121);
	struct kldsim_modinfo module;
	struct kern kern;

	(void)state;
	start(&kern);
	(void)kldsim_synth_mdt_module(synth, "stays",
	    kldsim_synth_func(synth, "handler"), 0);
	(void)kldsim_synth_mdt_module(synth, "base", 0, 0);
	assert_int_equal(kldsim_module_answer(kern.sim, "stays",
	    KLDSIM_MOD_UNLOAD, FB_EBUSY), KLDSIM_OK);
	kern_refuse(&kern, synth, "z.ko", FB_EEXIST);
	assert_int_equal(find(&kern, "stays"), 2);
	assert_int_equal(kldsim_modstat(kern.sim, 2, &module), KLDSIM_OK);
	assert_int_equal(module.fileid, 2);
	assert_int_equal(fnext(&kern, 2), 0);
	assert_int_equal(firstmod(&kern, 2), -1);
	kern_fini(&kern);
}

/* The name of a file in the list, by its number; NULL: there are fewer. */
static const char *
file_at(const struct kern *kern, size_t number)
{
	struct kldsim_ddb_file file;

	return kldsim_file_at(kern->sim, number, &file) == KLDSIM_OK ?
	    file.name : NULL;
}

/*
 * L-05: whoever asks by number is told of the list as it is now, forwards and
 * backwards, when a file has gone in between and when that was undone.
 */
static void
numbers_follow_the_list(void **state)
{
	struct kldsim_modinfo module;
	struct kern kern;
	uint64_t snapshot;
	int a;

	(void)state;
	start(&kern);
	a = load_two(&kern, "a.ko", "a1", "a2");
	(void)load_two(&kern, "b.ko", "b1", "b2");
	(void)load_two(&kern, "c.ko", "c1", "c2");
	assert_string_equal(file_at(&kern, 0), "kernel");
	assert_string_equal(file_at(&kern, 2), "b.ko");
	assert_string_equal(file_at(&kern, 1), "a.ko");
	assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, NULL),
	    KLDSIM_OK);
	assert_string_equal(file_at(&kern, 2), "b.ko");
	kern_unload(&kern, a);
	assert_string_equal(file_at(&kern, 2), "c.ko");
	assert_null(file_at(&kern, 3));
	assert_string_equal(file_at(&kern, 1), "b.ko");
	assert_int_equal(kldsim_restore(kern.sim, snapshot), KLDSIM_OK);
	assert_string_equal(file_at(&kern, 1), "a.ko");
	/* Lists of several files in turn. */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(kldsim_file_module(kern.sim, a, i, &module),
		    KLDSIM_OK);
		assert_string_equal(module.name, i == 0 ? "a2" : "a1");
		assert_int_equal(kldsim_file_module(kern.sim, a + 1, i,
		    &module), KLDSIM_OK);
		assert_string_equal(module.name, i == 0 ? "b2" : "b1");
		assert_string_equal(file_at(&kern, 3), "c.ko");
	}
	assert_int_equal(kldsim_file_module(kern.sim, a, 2, &module),
	    KLDSIM_NOENT);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_modules_in_order),
		cmocka_unit_test(a_files_modules_are_in_reverse),
		cmocka_unit_test(numbers_follow_the_list),
		cmocka_unit_test(ids_are_never_reused),
		cmocka_unit_test(no_modules_at_all),
		cmocka_unit_test(modules_of_a_zombie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
