/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A preloaded file that the boot loader or the kernel does not survive: the
 * boot gives a dead kernel that says which file it was and why.
 */

#include "support_kern.h"

#include "support_preload.h"

/* An absolute symbol where no memory is. */
static int
nowhere(struct kldsim_synth *synth)
{
	return (kldsim_synth_symbol(synth, "nowhere", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0x1000, 8));
}

/* Whether some finding is a panic of this code. */
static bool
has_panic(const struct kldsim *sim, const char *code)
{
	const struct kldsim_finding *finding;

	for (size_t i = 0; (finding = kldsim_finding_at(sim, i)) != NULL; i++)
		if (finding->severity == KLDSIM_PANIC &&
		    strcmp(finding->code, code) == 0)
			return (true);
	return (false);
}

static size_t
count_files(const struct kldsim *sim)
{
	size_t count = 0;
	int id = 0;

	while (kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0)
		count++;
	return (count);
}

/* Dead, of the one preload, and as it was before the first one. */
static void
died_of(struct preloaded *world, size_t which, const char *code)
{
	const struct kldsim *sim = world->kern.sim;
	struct kldsim_result result;

	assert_true(kldsim_is_dead(sim));
	assert_true(has_panic(sim, code));
	assert_int_equal(count_files(sim), 1); /* the kernel's own */
	for (size_t i = 0; i < world->count; i++) {
		assert_int_equal(kldsim_preload_result(sim, i, &result),
		    KLDSIM_OK);
		assert_int_equal(result.panicked, i == which);
		assert_int_equal(result.error, 0);
		assert_int_equal(result.fileid, -1);
		assert_int_equal(result.nfindings,
		    kldsim_finding_count(sim));
	}
	/* It can be read and not changed. */
	assert_int_equal(kldsim_kldload(world->kern.sim, "x.ko", &result,
	    NULL), KLDSIM_STATE);
}

/* Z-95: the boot loader divides by an alignment of 0. */
static struct kldsim_synth *
kills_the_loader(void)
{
	struct kldsim_synth *module = plain_module();

	kldsim_synth_override(module, "shdr[.data].sh_addralign", 0);
	return (module);
}

/* Z-70: the linker follows a pointer to nowhere as it reads what is needed. */
static struct kldsim_synth *
kills_the_linker(void)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_set_entry(module, "modmetadata_set", nowhere(module));
	return (module);
}

/* A SYSINIT whose function is nowhere, long after all files are linked. */
static struct kldsim_synth *
kills_startup(void)
{
	struct kldsim_synth *module = module_new(R121);

	(void)kldsim_synth_sysinit(module, "s", 0x3000000, 1, nowhere(module),
	    0);
	return (module);
}

static void
the_others_are_not_tried(void **state)
{
	static const struct {
		struct kldsim_synth *(*make)(void);
		const char *code;
	} rows[] = {
		{ kills_the_loader, "preload" },
		{ kills_the_linker, "module-metadata" },
		{ kills_startup, "sysinit-entry" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t which = 0; which < 3; which++) {
			struct preloaded world;

			preloaded_init(&world, R121);
			for (size_t at = 0; at < 3; at++)
				preloaded_add(&world, at == which ?
				    rows[i].make() : plain_module(),
				    ((const char *[]){ "a.ko", "b.ko",
				    "c.ko" })[at]);
			if (preloaded_try_boot(&world) != KLDSIM_OK)
				fail_msg("%s: %s", rows[i].code,
				    world.kern.error.text);
			died_of(&world, which, rows[i].code);
			preloaded_fini(&world);
		}
}

/* A file that the loader refused before is not the one that panics. */
static void
a_refused_file_is_no_cause(void **state)
{
	struct kldsim_synth *refused = plain_module();
	struct preloaded world;

	(void)state;
	kldsim_synth_override(refused, "ehdr.e_machine", 40);
	preloaded_init(&world, R121);
	preloaded_add(&world, refused, "a.ko");
	preloaded_add(&world, kills_the_linker(), "b.ko");
	assert_int_equal(preloaded_try_boot(&world), KLDSIM_OK);
	died_of(&world, 1, "module-metadata");
	preloaded_fini(&world);
}

/* The kernel's own SYSINITs are looked at once there is a preload. */
static void
the_kernels_own_panic_is_no_kernel(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	kldsim_synth_set_entry(world.kern.synth, "sysinit_set",
	    nowhere(world.kern.synth));
	preloaded_add(&world, plain_module(), "a.ko");
	assert_int_equal(preloaded_try_boot(&world), KLDSIM_MALFORMED);
	assert_non_null(strstr(world.kern.error.text, "unusable kernel"));
	preloaded_fini(&world);
}

/* Kernel, module and path of a boot that has the module twice. */
static void
twice_init(struct preloaded *world, uint32_t osreldate)
{
	struct kldsim_synth *module = module_new(osreldate);

	preloaded_init(world, osreldate);
	kldsim_synth_option(world->kern.synth, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
	(void)kldsim_synth_declare_module(world->kern.synth, "vesa",
	    kldsim_synth_func(world->kern.synth, "vesa_modevent"), 0x3100000,
	    0x1000000);
	(void)kldsim_synth_declare_module(world->kern.synth, "own", 0,
	    0x3100000, 0x1000000);
	(void)kldsim_synth_declare_module(module, "vesa",
	    kldsim_synth_func(module, "vesa_modevent"), 0x3100000, 0x1000000);
	preloaded_add(world, plain_module(), "first.ko");
	preloaded_add(world, module, "vesa.ko");
}

static const uint32_t releases[] = { R121, R130, R140, R150 };

/*
 * M-20, M-21: the kernel's own module is registered last and fails; then both
 * SYSINITs load the preloaded one.  The kernel's other module is no news.
 */
static void
a_module_of_the_kernel_is_loaded_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct kldsim_finding *finding;
		const struct kldsim_event *event;
		struct preloaded world;
		size_t loads = 0, found = 0;

		twice_init(&world, releases[i]);
		preloaded_boot(&world);
		for (size_t j = 0; (event = kldsim_event_at(world.kern.sim,
		    j)) != NULL; j++) {
			if (event->kind != KLDSIM_EVENT_MOD_LOAD)
				continue;
			assert_string_equal(event->module, "vesa");
			assert_string_equal(event->file, "vesa.ko");
			loads++;
		}
		assert_int_equal(loads, 2);
		for (size_t j = 0; (finding = kldsim_finding_at(
		    world.kern.sim, j)) != NULL; j++)
			if (strcmp(finding->code, "module-twice") == 0) {
				assert_string_equal(finding->file, "vesa.ko");
				found++;
			}
		assert_int_equal(found, 1);
		preloaded_fini(&world);
	}
}

/* M-21: it refuses the first, is released, and the second panics. */
static void
a_module_of_the_kernel_that_refuses_panics(void **state)
{
	const struct kldsim_handler_answer enodev = { "vesa", KLDSIM_MOD_LOAD,
		19 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct preloaded world;

		twice_init(&world, releases[i]);
		world.kern.options.answers = &enodev;
		world.kern.options.nanswers = 1;
		assert_int_equal(preloaded_try_boot(&world), KLDSIM_OK);
		died_of(&world, 1, "module-name");
		preloaded_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_others_are_not_tried),
		cmocka_unit_test(a_refused_file_is_no_cause),
		cmocka_unit_test(the_kernels_own_panic_is_no_kernel),
		cmocka_unit_test(a_module_of_the_kernel_is_loaded_twice),
		cmocka_unit_test(a_module_of_the_kernel_that_refuses_panics),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
