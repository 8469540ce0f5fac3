/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Random worlds are what they promise: their modules load, and have variables in
 * both sets; the same world has the same bytes.  What loading them must lead to,
 * expected.json has, which tests/oracle compares.
 */

#include "support_kern.h"

#include <kldsim/spec.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support_scratch.h"

#define MODULES 4
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const machines[] = { "amd64", "i386", "arm64", "powerpc64" };

static char *
path_of(const char *folder, const char *name)
{
	static char path[SCRATCH_PATH + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return (path);
}

static const char *
module_name(int number)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "mod%d.ko", number);
	return (name);
}

static void
make_world(char *folder_ret, const char *machine)
{
	const struct kldsim_world world = { .size = sizeof(world), .seed = 5,
		.machine = machine, .modules = MODULES, .relocs = 90,
		.types = 20, .symbols = 30, .deps = KLDSIM_WORLD_RANDOM };
	struct kldsim_error error;

	scratch_folder(folder_ret, "world");
	if (kldsim_synth_world(&world, folder_ret, &error) != KLDSIM_OK)
		fail_msg("%s: %s", machine, error.text);
}

static void
remove_world(const char *folder)
{
	(void)unlink(path_of(folder, "kernel"));
	(void)unlink(path_of(folder, "expected.json"));
	for (int i = 0; i < MODULES; i++)
		(void)unlink(path_of(folder, module_name(i)));
	assert_int_equal(rmdir(folder), 0);
}

/* What of a file's sets kldsym finds, of a kind of variables. */
static int
count_variables(struct kldsim *sim, int fileid, const char *entry, int module)
{
	kldsim_addr value;
	kldsim_size size;
	char name[64];
	int count = 0;

	for (int i = 0; i < 8; i++) {
		(void)snprintf(name, sizeof(name), "%s_entry_m%d_v%d", entry,
		    module, i);
		count += kldsim_kldsym(sim, fileid, name, &value, &size) ==
		    KLDSIM_OK && size == 8;
	}
	return (count);
}

static void
load_all(struct kldsim *sim, const char *folder)
{
	struct kldsim_result result;
	struct kldsim_error error;
	kldsim_addr value;
	kldsim_size size;
	char name[16];

	for (int i = 0; i < MODULES; i++) {
		if (kldsim_kldload_path(sim, path_of(folder, module_name(i)),
		    &result, &error) != KLDSIM_OK)
			fail_msg("%s", error.text);
		assert_int_equal(result.error, 0);
		/* 64 bytes of variables in each set. */
		assert_int_equal(count_variables(sim, result.fileid, "vnet", i),
		    8);
		assert_int_equal(count_variables(sim, result.fileid, "pcpu", i),
		    8);
		(void)snprintf(name, sizeof(name), "m%d_s29", i);
		assert_int_equal(kldsim_kldsym(sim, result.fileid, name, &value,
		    &size), KLDSIM_OK);
	}
}

static void
modules_load(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		char folder[SCRATCH_PATH];
		struct kldsim_options options;
		struct kldsim_image *kernel;
		struct kldsim_error error;
		struct kldsim *sim;

		make_world(folder, machines[i]);
		assert_int_equal(kldsim_image_open(path_of(folder, "kernel"),
		    &kernel, &error), KLDSIM_OK);
		kldsim_options_init(&options, sizeof(options));
		assert_int_equal(kldsim_boot(kernel, &options, &sim, &error),
		    KLDSIM_OK);
		load_all(sim, folder);
		kldsim_destroy(sim);
		kldsim_image_unref(kernel);
		remove_world(folder);
	}
}

static void
is_same(const char *one, const char *other, const char *name)
{
	FILE *a = fopen(path_of(one, name), "rb");
	FILE *b = fopen(path_of(other, name), "rb");
	long bytes = 0;
	int c;

	assert_non_null(a);
	assert_non_null(b);
	do {
		c = getc(a);
		assert_int_equal(c, getc(b));
		bytes++;
	} while (c != EOF);
	assert_true(bytes > 1000);
	(void)fclose(a);
	(void)fclose(b);
}

static void
bytes_are_the_same(void **state)
{
	char one[SCRATCH_PATH], other[SCRATCH_PATH];

	(void)state;
	make_world(one, "amd64");
	make_world(other, "amd64");
	is_same(one, other, "kernel");
	is_same(one, other, "expected.json");
	for (int i = 0; i < MODULES; i++)
		is_same(one, other, module_name(i));
	remove_world(one);
	remove_world(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_load),
		cmocka_unit_test(bytes_are_the_same),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
