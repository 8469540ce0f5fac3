/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What sysctl(8) does to the linker: kern.module_path and the two walks along
 * it, kern.securelevel, kern.function_list.
 */

#include "support_kern.h"

#include "support_hints_folder.h"

#define FB_EPERM 1

/* Two folders: one has nothing, the other a.ko, which provides liba. */
struct world {
	struct kern kern;
	struct folder empty;
	struct folder full;
};

static void
world_open(struct world *world)
{
	folder_open(&world->empty);
	folder_open(&world->full);
	put_interface(&world->full, "amd64", "liba", "a.ko");
	kern_start(&world->kern, R121);
}

static void
world_close(struct world *world)
{
	kern_fini(&world->kern);
	folder_close(&world->empty);
	folder_close(&world->full);
}

/* Write kern.module_path: the kernel's answer. */
static int
write_path(struct kern *kern, const char *value, size_t length)
{
	assert_int_equal(kldsim_set_module_path(kern->sim, value, length,
	    &kern->result, &kern->error), KLDSIM_OK);
	return (kern->result.error);
}

static int
set_path(struct kern *kern, const char *value)
{
	return (write_path(kern, value, strlen(value)));
}

/* kldload(2); what was loaded is unloaded again. */
static int
load(struct kern *kern, const char *name)
{
	struct kldsim_result result;

	assert_int_equal(kldsim_kldload(kern->sim, name, &kern->result,
	    &kern->error), KLDSIM_OK);
	result = kern->result;
	if (result.error == 0)
		kern_unload(kern, result.fileid);
	kern->result = result;
	return (result.error);
}

/* K-03, K-04, K-10, K-12: a name with a dot is a file's, else a module's. */
static void
each_kind_of_name_is_searched_for(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	char path[512];

	(void)state;
	world_open(&world);
	assert_string_equal(kldsim_module_path(kern->sim), "");
	assert_int_equal(load(kern, "a.ko"), FB_ENOENT);
	assert_int_equal(set_path(kern, world.full.path), 0);
	assert_string_equal(kldsim_module_path(kern->sim), world.full.path);
	assert_int_equal(load(kern, "a.ko"), 0);
	/* "a" is taken for a module, and "a.ko" found in its stead (K-13). */
	assert_int_equal(load(kern, "a"), 0);
	/* Nobody knows of liba without linker.hints. */
	assert_int_equal(load(kern, "liba"), FB_ENOENT);
	/* With a slash nothing is added (K-10). */
	assert_int_equal(load(kern, path_in(&world.full, "a.ko", path)), 0);
	assert_int_equal(load(kern, path_in(&world.full, "a", path)),
	    FB_ENOENT);
	world_close(&world);
}

/* K-12: one ';' too many, at either end or between, finds nothing new. */
static void
empty_components_add_no_folder(void **state)
{
	static const char *const formats[] = { "%s;%s", "%s;;%s", "%s;%s;",
		";%s;%s" };
	struct world world;
	struct kern *kern = &world.kern;
	char path[256];

	(void)state;
	world_open(&world);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), formats[i],
		    world.empty.path, world.full.path);
		assert_int_equal(set_path(kern, path), 0);
		/* Z-64: of a ';' at the beginning alone. */
		assert_int_equal(kern_findings(kern, "module-path"), i == 3);
		if (i == 3)
			assert_non_null(strstr(kern_finding(kern,
			    "module-path")->rules, "Z-64"));
		assert_int_equal(load(kern, "a.ko"), 0);
		assert_int_equal(load(kern, "a"), 0);
		assert_int_equal(load(kern, "b.ko"), FB_ENOENT);
	}
	assert_int_equal(set_path(kern, ""), 0);
	assert_string_equal(kldsim_module_path(kern->sim), "");
	assert_int_equal(load(kern, "a"), FB_ENOENT);
	world_close(&world);
}

/*
 * K-12, Z-65: the file search steps over the NUL that ends the value.  Of
 * "EMPTY;FULL" the write of "EMPTY" turns the ';' into a NUL, and FULL is what
 * comes after it.
 */
static void
the_file_search_goes_on_behind_the_end(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	size_t length;
	char path[2 * SCRATCH_PATH];

	(void)state;
	world_open(&world);
	length = strlen(world.empty.path);
	(void)snprintf(path, sizeof(path), "%s;%s", world.empty.path,
	    world.full.path);
	assert_int_equal(set_path(kern, path), 0);
	assert_int_equal(set_path(kern, world.empty.path), 0);
	assert_string_equal(kldsim_module_path(kern->sim), world.empty.path);
	assert_int_equal(load(kern, "a.ko"), 0);
	assert_int_equal(kern_findings(kern, "module-path"), 1);
	assert_non_null(strstr(kern_finding(kern, "module-path")->text,
	    world.full.path));
	/* The module search stops at the NUL. */
	assert_int_equal(load(kern, "a"), FB_ENOENT);
	assert_int_equal(kern_findings(kern, "module-path"), 0);
	/* As does kldconfig(8), whose own NUL is followed by the kernel's. */
	assert_int_equal(set_path(kern, path), 0);
	assert_int_equal(write_path(kern, world.empty.path, length + 1), 0);
	assert_int_equal(load(kern, "a.ko"), FB_ENOENT);
	assert_int_equal(kern_findings(kern, "module-path"), 0);
	/* And a ';' at the end: what follows it is the NUL itself. */
	assert_int_equal(set_path(kern, path), 0);
	path[length + 1] = '\0';
	assert_int_equal(set_path(kern, path), 0);
	assert_int_equal(load(kern, "a.ko"), FB_ENOENT);
	world_close(&world);
}

/* K-12: 1024 bytes with the NUL; longer ones change nothing. */
static void
a_path_has_room_in_the_buffer_or_is_refused(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	char path[1025];

	(void)state;
	world_open(&world);
	memset(path, 'x', sizeof(path));
	memcpy(path, world.full.path, strlen(world.full.path));
	path[strlen(world.full.path)] = ';';
	assert_int_equal(set_path(kern, world.full.path), 0);
	assert_int_equal(write_path(kern, path, 1024), FB_EINVAL);
	assert_string_equal(kldsim_module_path(kern->sim), world.full.path);
	assert_int_equal(write_path(kern, path, 1023), 0);
	assert_int_equal(strlen(kldsim_module_path(kern->sim)), 1023);
	assert_int_equal(load(kern, "a.ko"), 0);
	/* The byte behind a full buffer ends the search. */
	assert_int_equal(load(kern, "b.ko"), FB_ENOENT);
	world_close(&world);
}

/*
 * K-33: the name "kernel" is found where /boot/kernel is in the path, which a
 * path of the options stands for; one that was written has what it has.
 */
static void
the_kernel_is_found_along_the_path_of_the_boot(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	struct kldsim_synth *module;

	(void)state;
	world_open(&world);
	for (int written = 0; written < 2; written++) {
		module = module_new(R121);
		kldsim_synth_mdt_depend(module, "kernel", 1, 1, 1);
		/* EEXIST or ENOENT is hidden by the other class (K-21). */
		kern_refuse(kern, module, "m.ko", FB_ENOEXEC);
		assert_console(kern, "KLD m.ko: depends on kernel - not "
		    "available or version mismatch", UNSUPPORTED("m.ko"));
		assert_int_equal(load(kern, "kernel"), FB_EEXIST);
		assert_int_equal(set_path(kern, world.full.path), 0);
	}
	world_close(&world);

	/* EEXIST stops the search for a class (V-04); ENOENT does not. */
	folder_open(&world.full);
	kern_start(kern, R150);
	for (int written = 0; written < 2; written++) {
		module = module_new(R150);
		kldsim_synth_mdt_depend(module, "kernel", 1, 1, 1);
		kern_refuse(kern, module, "m.ko", written ? FB_ENOEXEC :
		    FB_EEXIST);
		assert_int_equal(set_path(kern, world.full.path), 0);
	}
	/* A file called so is the same to the kernel. */
	write_file(&world.full, "kernel", "x", 1);
	module = module_new(R150);
	kldsim_synth_mdt_depend(module, "kernel", 1, 1, 1);
	kern_refuse(kern, module, "m.ko", FB_EEXIST);
	kern_fini(kern);
	folder_close(&world.full);
}

/* --- kern.securelevel --- */

/* K-02, U-01, L-15: before names and ids are looked at, after their form. */
static void
above_0_nothing_is_loaded_or_unloaded(void **state)
{
	struct world world;
	struct kern *kern = &world.kern;
	char name[1025];
	int id;

	(void)state;
	world_open(&world);
	assert_int_equal(kldsim_securelevel(kern->sim), -1);
	assert_int_equal(kern_secure(kern, 0), 0);
	id = kern_load(kern, module_with_set(R121, ".data", 8, 0), "m.ko");
	assert_int_equal(kern_secure(kern, 1), 0);
	assert_int_equal(load(kern, "a.ko"), FB_EPERM);
	assert_int_equal(load(kern, "nowhere"), FB_EPERM);
	assert_int_equal(load(kern, "kernel"), FB_EPERM);
	memset(name, 'x', 1024);
	name[1024] = '\0';
	assert_int_equal(load(kern, name), FB_ENAMETOOLONG);
	kern_keep(kern, id, KLDSIM_UNLOAD_FORCE, FB_EPERM);
	kern_keep(kern, 99, KLDSIM_UNLOAD_NORMAL, FB_EPERM);
	kern_keep(kern, id, 2, FB_EINVAL);
	kern_keep(kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EPERM);
	assert_silent(kern);
	assert_int_equal(kern_stat(kern, id).userrefs, 1);
	assert_int_equal(kern_stat(kern, 1).refs, 2);
	world_close(&world);
}

/* L-15: it never goes down; kern.module_path can still be written. */
static void
the_securelevel_never_goes_down(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R150);
	assert_int_equal(kern_secure(&kern, 2), 0);
	assert_int_equal(kern_secure(&kern, 1), FB_EPERM);
	assert_int_equal(kern_secure(&kern, -1), FB_EPERM);
	assert_int_equal(kldsim_securelevel(kern.sim), 2);
	assert_int_equal(kern_secure(&kern, 2), 0);
	assert_int_equal(kern_secure(&kern, 3), 0);
	assert_int_equal(set_path(&kern, "/x"), 0);
	assert_string_equal(kldsim_module_path(kern.sim), "/x");
	kern_fini(&kern);
}

/* A module whose handler can be told apart, and an interface. */
static struct kldsim_synth *
with_handler(const char *name, const char *interface)
{
	struct kldsim_synth *module = module_new(R121);

	kldsim_synth_mdt_version(module, interface, 1);
	(void)kldsim_synth_declare_module(module, name,
	    kldsim_synth_func(module, "handler"), 0x3100000, 0);
	return (module);
}

/*
 * L-15, K-20 step 1, K-31: liba's handler raises the securelevel.  Then libb
 * is not loaded, and what waits for it cannot be unloaded any more.
 */
static void
a_raise_amid_a_load_leaves_a_zombie(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct world world;
	struct kern *kern = &world.kern;
	struct kldsim_filestat stat;
	int a, id;

	(void)state;
	world_open(&world);
	put_module(&world.full, with_handler("mod_a", "a"), "a.ko");
	put_module(&world.full, with_handler("mod_b", "b"), "b.ko");
	assert_int_equal(set_path(kern, world.full.path), 0);
	assert_int_equal(kldsim_module_raises(kern->sim, "mod_a",
	    KLDSIM_MOD_LOAD, 1), KLDSIM_OK);
	kldsim_synth_mdt_depend(module, "a", 1, 1, 1);
	kldsim_synth_mdt_depend(module, "b", 1, 1, 1);
	kern_refuse(kern, module, "m.ko", FB_ENOEXEC);
	assert_console(kern, "KLD m.ko: depends on b - not available or "
	    "version mismatch", UNSUPPORTED("m.ko"));
	assert_int_equal(kldsim_securelevel(kern->sim), 1);
	assert_int_equal(kern_findings(kern, "zombie-file"), 1);
	assert_non_null(strstr(kern_finding(kern, "zombie-file")->text,
	    "securelevel"));
	/* In the list, but not linked: it has an id, and no kldstat. */
	assert_int_equal(kldsim_kldfind(kern->sim, "m.ko", &id), KLDSIM_OK);
	assert_int_equal(kldsim_kldstat(kern->sim, id, &stat), KLDSIM_NOENT);
	assert_int_equal(kldsim_kldfind(kern->sim, "a.ko", &a), KLDSIM_OK);
	assert_int_equal(kern_stat(kern, a).refs, 1); /* m.ko's */
	assert_int_equal(kern_stat(kern, a).userrefs, 0);
	/* 1, m.ko's, and a.ko's two: each file's, and its DEPEND's (M-11). */
	assert_int_equal(kern_stat(kern, 1).refs, 4);
	assert_int_equal(kldsim_kldfind(kern->sim, "b.ko", &id),
	    KLDSIM_NOENT);
	world_close(&world);
}

/* L-15, U-10: dependencies are kept, and the one who raised it goes. */
static void
a_raise_amid_an_unload_keeps_the_dependencies(void **state)
{
	struct kldsim_synth *module = with_handler("mod_m", "m");
	struct kldsim_filestat stat;
	struct kern kern;
	int a, m;

	(void)state;
	kldsim_synth_mdt_depend(module, "a", 1, 1, 1);
	kern_start(&kern, R121);
	a = kern_load(&kern, with_handler("mod_a", "a"), "a.ko");
	m = kern_load(&kern, module, "m.ko");
	assert_int_equal(kldsim_module_raises(kern.sim, "mod_m",
	    KLDSIM_MOD_UNLOAD, 3), KLDSIM_OK);
	kern_unload(&kern, m);
	assert_int_equal(kldsim_kldstat(kern.sim, m, &stat), KLDSIM_NOENT);
	assert_int_equal(kern_stat(&kern, a).refs, 2); /* m.ko's, for good */
	assert_int_equal(kern_stat(&kern, 1).refs, 1 + 2 + 2); /* M-11 */
	kern_keep(&kern, a, KLDSIM_UNLOAD_NORMAL, FB_EPERM);
	kern_fini(&kern);
}

/* Each piece of state here is put back by the log, what is stale included. */
static void
a_snapshot_has_all_of_it(void **state)
{
	uint64_t snapshot;
	struct world world;
	struct kern *kern = &world.kern;
	size_t length;
	char path[2 * SCRATCH_PATH];

	(void)state;
	world_open(&world);
	length = strlen(world.empty.path);
	(void)snprintf(path, sizeof(path), "%s;%s", world.empty.path,
	    world.full.path);
	assert_int_equal(set_path(kern, path), 0);
	assert_int_equal(set_path(kern, world.empty.path), 0);
	assert_int_equal(kldsim_snapshot(kern->sim, &snapshot, &kern->error),
	    KLDSIM_OK);
	assert_int_equal(write_path(kern, path, length + 1), 0);
	assert_int_equal(set_path(kern, ""), 0);
	assert_int_equal(kldsim_mac_answer(kern->sim, FB_EPERM), KLDSIM_OK);
	assert_int_equal(kldsim_module_raises(kern->sim, "m", KLDSIM_MOD_LOAD,
	    3), KLDSIM_OK);
	assert_int_equal(kern_secure(kern, 2), 0);
	assert_int_equal(load(kern, "a.ko"), FB_EPERM);
	assert_int_equal(kldsim_restore(kern->sim, snapshot), KLDSIM_OK);
	assert_int_equal(kldsim_securelevel(kern->sim), -1);
	assert_string_equal(kldsim_module_path(kern->sim), world.empty.path);
	/* Z-65: found behind the end, as before. */
	assert_int_equal(load(kern, "a.ko"), 0);
	world_close(&world);
}

/* --- kern.function_list --- */

static int
count_name(void *user, const char *name, kldsim_addr address)
{
	(void)address;
	*(size_t *)user += strlen(name) + 1;
	return (0);
}

/*
 * K-48: names of all files in list order, a NUL after each, one more at the
 * end; a file that is not linked has its share.
 */
static void
the_function_list_ends_in_two_nuls(void **state)
{
	static const char tail[] = "one\0two\0left\0"; /* and one more NUL */
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	char list[4096], part[8];
	size_t kernel = 0, length;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(kldsim_file_functions(kern.sim, 1, count_name,
	    &kernel), KLDSIM_OK);
	assert_true(kernel != 0);
	assert_int_equal(kldsim_function_list(kern.sim, NULL, 0), kernel + 1);
	(void)kldsim_synth_func(module, "one");
	(void)kldsim_synth_func(module, "two");
	(void)kern_load(&kern, module, "m.ko");
	/* A module that is there already and has no handler: K-23. */
	module = module_new(R121);
	(void)kldsim_synth_mdt_module(module, "x", 0, 0);
	(void)kern_load(&kern, module, "x.ko");
	module = module_new(R121);
	(void)kldsim_synth_mdt_module(module, "fresh", 0, 0);
	(void)kldsim_synth_mdt_module(module, "x", 0, 0);
	(void)kldsim_synth_func(module, "left");
	kern_refuse(&kern, module, "z.ko", FB_EEXIST);
	memset(list, '?', sizeof(list));
	length = kldsim_function_list(kern.sim, list, sizeof(list));
	assert_int_equal(length, kernel + sizeof(tail));
	assert_memory_equal(list + kernel, tail, sizeof(tail));
	assert_int_equal(list[length], '?');
	/* Too small a buffer has the beginning. */
	memset(part, '?', sizeof(part));
	assert_int_equal(kldsim_function_list(kern.sim, part, 5), length);
	assert_memory_equal(part, list, 5);
	assert_int_equal(part[5], '?');
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_name_is_searched_for),
		cmocka_unit_test(empty_components_add_no_folder),
		cmocka_unit_test(the_file_search_goes_on_behind_the_end),
		cmocka_unit_test(a_path_has_room_in_the_buffer_or_is_refused),
		cmocka_unit_test(the_kernel_is_found_along_the_path_of_the_boot),
		cmocka_unit_test(above_0_nothing_is_loaded_or_unloaded),
		cmocka_unit_test(the_securelevel_never_goes_down),
		cmocka_unit_test(a_raise_amid_a_load_leaves_a_zombie),
		cmocka_unit_test(a_raise_amid_an_unload_keeps_the_dependencies),
		cmocka_unit_test(a_snapshot_has_all_of_it),
		cmocka_unit_test(the_function_list_ends_in_two_nuls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
