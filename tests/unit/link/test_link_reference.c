/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files that other parts of the kernel want: linker_reference_module() and
 * linker_release_module(); dependencies that linker.hints knows; and policies
 * that do not want a file at all.
 */

#include "support_kern.h"

#include "support_hints_folder.h"

#define FB_EPERM 1
#define FB_ESRCH 3
#define FB_EACCES 13
#define FB_ENOSYS 78
#define BY_KERNEL "kldunload: attempt to unload file that was loaded by " \
	"the kernel"

/* A folder with fw.ko, which provides firm in version 2, and its hints. */
struct world {
	struct kern kern;
	struct folder folder;
};

static struct kldsim_synth *
firmware(int version)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_version(module, "firm", version);
	/* So that it is linked as any other: something to load. */
	(void)kldsim_synth_append(module, kldsim_synth_section_named(module,
	    ".data"), NULL, 8);
	return (module);
}

static void
world_open(struct world *world, bool hints)
{
	struct kldsim_hints_options options;

	folder_open(&world->folder);
	put_module(&world->folder, firmware(2), "fw.ko");
	options = options_of(&world->folder, OLD);
	if (hints && kldsim_hints_write(world->folder.path, &options,
	    &world->folder.result, &world->folder.error) != KLDSIM_OK)
		fail_msg("%s", world->folder.error.text);
	kern_init(&world->kern, R121);
	world->kern.options.module_path = world->folder.path;
	kern_boot(&world->kern);
}

static void
world_close(struct world *world)
{
	kern_fini(&world->kern);
	folder_close(&world->folder);
}

static int
reference(struct kern *kern, const char *name,
    const struct kldsim_version_range *range)
{
	assert_int_equal(kldsim_reference_module(kern->sim, name, range,
	    &kern->result, &kern->error), KLDSIM_OK);
	return (kern->result.error);
}

static int
release(struct kern *kern, const char *name,
    const struct kldsim_version_range *range)
{
	assert_int_equal(kldsim_release_module(kern->sim, name, range,
	    &kern->result, &kern->error), KLDSIM_OK);
	return (kern->result.error);
}

/* K-35, L-11, U-02: loaded for the kernel, not for a user. */
static void
the_last_release_unloads(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	int id, other;

	(void)state;
	world_open(&world, true);
	assert_int_equal(release(kern, "firm", NULL), FB_ESRCH);
	assert_int_equal(reference(kern, "firm", NULL), 0);
	id = kern->result.fileid;
	assert_string_equal(kern_stat(kern, id).name, "fw.ko");
	assert_int_equal(kern_stat(kern, id).refs, 1);
	assert_int_equal(kern_stat(kern, id).userrefs, 0);
	assert_int_equal(reference(kern, "firm", NULL), 0);
	assert_int_equal(kern->result.fileid, id);
	assert_int_equal(kern_stat(kern, id).refs, 2);
	kern_keep(kern, id, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	assert_console(kern, BY_KERNEL);
	assert_int_equal(release(kern, "firm", NULL), 0);
	assert_int_equal(kern_stat(kern, id).refs, 1);
	assert_int_equal(kldsim_release_file(kern->sim, id, &kern->result,
	    &kern->error), KLDSIM_OK);
	assert_int_equal(kern->result.error, 0);
	assert_int_equal(kldsim_kldfind(kern->sim, "fw.ko", &other),
	    KLDSIM_NOENT);
	assert_int_equal(kern_stat(kern, 1).refs, 1);
	/* The kernel would have a pointer to nothing. */
	assert_int_equal(kldsim_release_file(kern->sim, id, &kern->result,
	    &kern->error), KLDSIM_NOENT);
	world_close(&world);
}

/* A module that depends on firm. */
static struct kldsim_synth *
user_of_firm(void)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_depend(module, "firm", 1, 2, 2);
	return (module);
}

/*
 * U-16: one reference too many is given back, and what depends on the file
 * stays; its own unload takes the file away once more.
 */
static void
a_dependency_can_be_released(void **state)
{
	const struct kldsim_finding *finding;
	struct world world;
	struct kern *kern = &world.kern;
	uint64_t before;
	int user, id;

	(void)state;
	world_open(&world, true);
	user = kern_load(kern, user_of_firm(), "user.ko");
	assert_int_equal(kldsim_snapshot(kern->sim, &before, &kern->error),
	    KLDSIM_OK);
	assert_int_equal(release(kern, "firm", NULL), 0);
	finding = kern_finding(kern, "unloaded-in-use");
	assert_non_null(finding);
	assert_int_equal(finding->severity, KLDSIM_WARNING);
	assert_non_null(strstr(finding->text, "user.ko depends on it"));
	assert_int_equal(kldsim_kldfind(kern->sim, "fw.ko", &id),
	    KLDSIM_NOENT);
	assert_int_equal(kern_stat(kern, user).ndeps, 2);
	assert_int_equal(kldsim_file_dep(kern->sim, user, 1, &id), KLDSIM_OK);
	assert_int_equal(id, 0);
	/* It can be loaded again, which helps nobody. */
	assert_int_equal(reference(kern, "firm", NULL), 0);
	assert_int_equal(kldsim_kldunload(kern->sim, user,
	    KLDSIM_UNLOAD_NORMAL, &kern->result, &kern->error), KLDSIM_OK);
	assert_true(kern->result.panicked);
	/* As if nothing had been given back. */
	assert_int_equal(kldsim_restore(kern->sim, before), KLDSIM_OK);
	assert_int_equal(kldsim_file_dep(kern->sim, user, 1, &id), KLDSIM_OK);
	assert_string_equal(kern_stat(kern, id).name, "fw.ko");
	kern_unload(kern, user);
	assert_int_equal(kldsim_kldfind(kern->sim, "fw.ko", &id),
	    KLDSIM_NOENT);
	world_close(&world);
}

/* K-35, K-05, K-09, K-13: versions, of what is there and of what is found. */
static void
a_reference_has_a_range_of_versions(void **state)
{
	static const struct kldsim_version_range good = { 1, 2, 2 },
	    preferred = { 7, 2, 9 }, newer = { 3, 3, 9 };
	struct world world;
	struct kern *kern = &world.kern;
	int id;

	(void)state;
	world_open(&world, true);
	assert_int_equal(reference(kern, "firm", &newer), FB_ENOENT);
	assert_int_equal(reference(kern, "firm", &good), 0);
	id = kern->result.fileid;
	assert_int_equal(reference(kern, "firm", &preferred), 0);
	assert_int_equal(kern_stat(kern, id).refs, 2);
	/* The search finds what is loaded already (K-07). */
	assert_int_equal(release(kern, "firm", &newer), FB_ESRCH);
	assert_int_equal(kern_stat(kern, id).refs, 2);
	assert_int_equal(release(kern, "firm", &preferred), 0);
	assert_int_equal(kern_stat(kern, id).refs, 1);
	world_close(&world);

	/* Without hints a file of the name is loaded, and goes again (K-09). */
	folder_open(&world.folder);
	put_module(&world.folder, firmware(2), "firm.ko");
	kern_init(kern, R121);
	kern->options.module_path = world.folder.path;
	kern_boot(kern);
	assert_int_equal(reference(kern, "firm", &newer), FB_ENOENT);
	assert_int_equal(kldsim_kldfind(kern->sim, "firm.ko", &id),
	    KLDSIM_NOENT);
	assert_int_equal(kern_stat(kern, 1).refs, 1);
	assert_int_equal(reference(kern, "firm", &good), 0);
	world_close(&world);
}

/* K-35, L-15: a file that is there can be referred to, not loaded nor let go. */
static void
a_reference_above_securelevel_0(void **state)
{
	struct kldsim_result result;
	struct world world;
	struct kern *kern = &world.kern;

	(void)state;
	world_open(&world, true);
	(void)kern_load(kern, module_with_set(R121, ".data", 8, 0), "x.ko");
	assert_int_equal(kldsim_set_securelevel(kern->sim, 1, &result,
	    &kern->error), KLDSIM_OK);
	assert_int_equal(reference(kern, "firm", NULL), FB_EPERM);
	assert_int_equal(reference(kern, "kernel", NULL), 0);
	assert_int_equal(kern->result.fileid, 1);
	assert_int_equal(kern_stat(kern, 1).refs, 3);
	assert_int_equal(release(kern, "kernel", NULL), FB_EPERM);
	assert_int_equal(kern_stat(kern, 1).refs, 3);
	world_close(&world);
}

/* K-35, K-21: a reference that cannot be had has the errno of a load. */
static void
a_reference_that_fails(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;

	(void)state;
	world_open(&world, false);
	assert_int_equal(reference(kern, "nowhere", NULL), FB_ENOENT);
	write_file(&world.folder, "junk.ko", "junk", 4);
	assert_int_equal(reference(kern, "junk", NULL), FB_ENOEXEC);
	assert_int_equal(kern->result.fileid, -1);
	world_close(&world);
}

/* K-14: what a file needs is looked up in linker.hints, by its range. */
static void
dependencies_are_looked_up_in_hints(void **state)
{
	struct kldsim_synth *module;

	(void)state;
	for (int hints = 0; hints < 2; hints++) {
		struct world world;
		struct kern *kern = &world.kern;
		int id, dep;

		world_open(&world, hints != 0);
		module = module_new(R121);
		kldsim_synth_mdt_depend(module, "firm", 1, 1, 2);
		if (!hints) {
			/* Nothing says that fw.ko provides it. */
			kern_refuse(kern, module, "m.ko", FB_ENOEXEC);
			world_close(&world);
			continue;
		}
		id = kern_load(kern, module, "m.ko");
		assert_int_equal(kldsim_file_dep(kern->sim, id, 1, &dep),
		    KLDSIM_OK);
		assert_string_equal(kern_stat(kern, dep).name, "fw.ko");
		assert_int_equal(kern_stat(kern, dep).userrefs, 0);
		world_close(&world);
	}
}

/* K-47, K-20, K-21: a policy's errno is what the classes answer. */
static void
a_mac_policy_refuses_files(void **state)
{
	static const struct {
		int answer, error;
		bool unsupported;
	} rows[] = {
		{ FB_EACCES, FB_ENOEXEC, false },
		/* The loop knows three of them. */
		{ FB_ENOENT, FB_ENOENT, false },
		{ FB_EEXIST, FB_EEXIST, false },
		{ FB_ENOSYS, FB_ENOEXEC, true },
	};
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t events = kldsim_event_count(kern.sim);

		assert_int_equal(kldsim_mac_answer(kern.sim, rows[i].answer),
		    KLDSIM_OK);
		kern_refuse(&kern, firmware(2), "fw.ko", rows[i].error);
		if (rows[i].unsupported)
			assert_console(&kern, UNSUPPORTED("fw.ko"));
		else
			assert_silent(&kern);
		assert_int_equal(kldsim_event_count(kern.sim), events);
	}
	assert_int_equal(kldsim_mac_answer(kern.sim, 0), KLDSIM_OK);
	(void)kern_load(&kern, firmware(2), "fw.ko");
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_release_unloads),
		cmocka_unit_test(a_reference_has_a_range_of_versions),
		cmocka_unit_test(a_dependency_can_be_released),
		cmocka_unit_test(a_reference_above_securelevel_0),
		cmocka_unit_test(a_reference_that_fails),
		cmocka_unit_test(dependencies_are_looked_up_in_hints),
		cmocka_unit_test(a_mac_policy_refuses_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
