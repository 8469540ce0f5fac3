/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who has a name that is missing: what is said is what would help, and nothing
 * that would not.  Where a test can, it does what it was told.
 */

#include "support_source.h"

#include <pthread.h>

#include <kldsim/names.h>

#include "who_has/who_has.h"

static struct kern kern;

/* A kernel whose module path is /m, a folder of images. */
static void
begin(uint32_t osreldate)
{
	kern_init(&kern, osreldate);
	kern.options.source = source_new(NULL, false);
	kern.options.module_path = "/m";
}

static void
end(void)
{
	kldsim_source_unref(kern.options.source);
	kern_fini(&kern);
}

/* A module with a function, and an interface unless that is NULL. */
static struct kldsim_synth *
with(const char *function, const char *interface, int version)
{
	struct kldsim_synth *module = module_new(kern.osreldate);

	(void)kldsim_synth_func(module, function);
	if (interface != NULL)
		kldsim_synth_mdt_version(module, interface, version);
	return module;
}

/* The same, for nobody but itself. */
static struct kldsim_synth *
with_local(const char *function, const char *interface)
{
	struct kldsim_synth *module = with(function, interface, 1);

	(void)kldsim_synth_bind(module, kldsim_synth_ref(module, function),
	    KLDSIM_SYNTH_LOCAL);
	return module;
}

/* One that wants a symbol. */
static struct kldsim_synth *
wants(const char *symbol)
{
	struct kldsim_synth *module = module_new(kern.osreldate);

	kldsim_synth_mdt_version(module, "user", 1);
	(void)module_slot(module, kldsim_synth_ref(module, symbol), 0);
	return module;
}

static struct kldsim_synth *
depends(struct kldsim_synth *module, const char *interface, int version)
{
	kldsim_synth_mdt_depend(module, interface, version, version, version);
	return module;
}

static void
put(const char *path, struct kldsim_synth *module)
{
	struct kldsim_image *image = kern_image(module, path);

	assert_int_equal(kldsim_source_add(kern.options.source, path, image,
	    &error), KLDSIM_OK);
	kldsim_image_unref(image);
}

static void
says(const char *code, const char *text)
{
	if (strstr(kern_said(&kern, code), text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", kern_said(&kern, code),
		    text);
}

static void
says_not(const char *code, const char *text)
{
	if (strstr(kern_said(&kern, code), text) != NULL)
		fail_msg("\"%s\" says \"%s\"", kern_said(&kern, code), text);
}

#define UNDEFINED "undefined-symbol"
#define DEPEND "MODULE_DEPEND(user, lib, 3, 3, 3) is missing in user.ko"

static void
refuse(struct kldsim_synth *module)
{
	kern_refuse(&kern, module, "user.ko", FB_ENOEXEC);
}

/* --- symbols --- */

static void
a_file_that_nothing_depends_on_yet(void **state)
{
	(void)state;
	begin(R121);
	put("/m/x_lib.ko", with("lib_open", "lib", 3));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/x_lib.ko (interface lib 3) has it: " DEPEND);
	/* To load it first does not help, as it says, */
	assert_int_equal(kldsim_kldload_path(kern.sim, "/m/x_lib.ko",
	    &kern.result, &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	refuse(wants("lib_open"));
	says(UNDEFINED, "x_lib.ko (interface lib 3) has it: " DEPEND);
	/* and what is missing does. */
	(void)kern_load(&kern, depends(wants("lib_open"), "lib", 3),
	    "user.ko");
	end();
}

/* L-13: another one is taken for the dependency, and has not the symbol. */
static void
a_dependency_that_the_kernel_meets(void **state)
{
	(void)state;
	begin(R121);
	kldsim_synth_mdt_version(kern.synth, "lib", 3);
	put("/m/lib.ko", with("lib_open", "lib", 3));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/lib.ko (interface lib 3) has it, but MODULE_DEPEND "
	    "on that would be met by the kernel itself, which has not");
	says_not(UNDEFINED, "is missing");
	refuse(depends(wants("lib_open"), "lib", 3));
	end();
}

/* Each would have to be loaded before the other. */
static void
a_dependency_in_a_circle(void **state)
{
	(void)state;
	begin(R121);
	put("/m/lib.ko", depends(with("lib_open", "lib", 3), "user", 1));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/lib.ko (interface lib 3) has it, but depends on "
	    "user.ko itself, so that neither can be first");
	says_not(UNDEFINED, "is missing");
	refuse(depends(wants("lib_open"), "lib", 3));
	end();
}

/* The first reason, which is what users read. */
static const char *
first_refusal(void)
{
	const size_t count = kldsim_finding_count(kern.sim);

	for (size_t i = 0; i < count; i++)
		if (kldsim_finding_at(kern.sim, i)->refusal)
			return kldsim_finding_at(kern.sim, i)->code;
	return "none";
}

/*
 * K-09: a.ko of the first folder is version 1.  It is linked, and its module, which
 * has no handler, does not go again (U-03); nobody has asked for it by hand (U-02).
 */
static void
the_wrong_version_stays(void **state)
{
	struct kldsim_synth *old, *user;
	struct kldsim_filestat stat;
	int id;

	(void)state;
	begin(R121);
	kern.options.module_path = "/m;/n";
	old = with("f", "a", 1);
	(void)kldsim_synth_mdt_module(old, "a", 0, 0);
	put("/m/a.ko", old);
	put("/n/a.ko", with("f", "a", 2));
	user = depends(module_new(R121), "a", 2);
	kern_boot(&kern);
	refuse(user);
	assert_string_equal(first_refusal(), "dependency");
	says("dependency", "nobody can unload that one");
	says("zombie-file", "a.ko is not the version that was asked for");
	says_not("zombie-file", "not linked");
	assert_int_equal(kldsim_kldfind(kern.sim, "a.ko", &id), KLDSIM_OK);
	assert_int_equal(kldsim_kldstat(kern.sim, id, &stat), KLDSIM_OK);
	assert_true(stat.linked);
	end();
}

static void
a_file_without_an_interface(void **state)
{
	(void)state;
	begin(R121);
	put("/m/lib.ko", with("lib_open", NULL, 0));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/lib.ko has it, but no MODULE_VERSION");
	end();
}

/* O-62: local symbols, where a sysctl hides them. */
static void
a_local_symbol(void **state)
{
	(void)state;
	for (int leak = 0; leak < 2; leak++) {
		begin(R150);
		kern.options.leak_locals = leak;
		put("/m/lib.ko", with_local("lib_open", "lib"));
		kern_boot(&kern);
		refuse(wants("lib_open"));
		says(UNDEFINED, "EXPORT_SYMS");
		says(UNDEFINED, leak ? "would be hidden with "
		    "debug.link_elf_obj_leak_locals=0" : "hides it from "
		    "others while debug.link_elf_obj_leak_locals is 0");
		/* MODULE_DEPEND alone helps where they leak. */
		if (leak)
			(void)kern_load(&kern, depends(wants("lib_open"),
			    "lib", 1), "user.ko");
		else
			refuse(depends(wants("lib_open"), "lib", 1));
		end();
	}
}

static void
a_global_one_is_better(void **state)
{
	(void)state;
	begin(R150);
	put("/m/a.ko", with_local("lib_open", "a"));
	put("/m/aa.ko", with_local("lib_open", "aa"));
	put("/m/b.ko", with("lib_open", "b", 1));
	put("/m/c.ko", with("lib_open", "c", 1));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/b.ko (interface b 1) has it: ");
	says(UNDEFINED, "; 1 other file has it too");
	end();
}

static void
what_many_keep_to_themselves(void **state)
{
	(void)state;
	begin(R121);
	put("/m/a.ko", with_local("detach", "a"));
	put("/m/b.ko", with_local("detach", "b"));
	put("/m/c.ko", with_local("detach", "c"));
	put("/m/d.ko", with_local("detach", "d"));
	kern_boot(&kern);
	refuse(wants("detach"));
	says(UNDEFINED, "4 files have a local symbol of that name, /m/a.ko");
	says_not(UNDEFINED, "MODULE_DEPEND");
	end();
}

/* K-13: the first folder wins, and the second has the symbol. */
static void
two_files_with_one_interface(void **state)
{
	(void)state;
	begin(R121);
	kern.options.module_path = "/m;/n";
	put("/m/drm.ko", with("drm_old", "drmn", 1));
	put("/m/lib.ko", with("lib_open", "lib", 1));
	put("/n/drm.ko", with("drm_new", "drmn", 1));
	kern_boot(&kern);
	refuse(depends(depends(wants("drm_new"), "lib", 1), "drmn", 1));
	says(UNDEFINED, "its dependency drmn was met by /m/drm.ko; /n/drm.ko "
	    "provides drmn too and defines drm_new: load it first");
	assert_int_equal(kldsim_kldload_path(kern.sim, "/n/drm.ko",
	    &kern.result, &kern.error), KLDSIM_OK);
	(void)kern_load(&kern, depends(wants("drm_new"), "drmn", 1),
	    "user.ko");
	end();
}

/* K-07: what is loaded already stays. */
static void
the_other_one_has_to_go(void **state)
{
	int id;

	(void)state;
	begin(R121);
	put("/m/drm.ko", with("drm_new", "drmn", 1));
	kern_boot(&kern);
	id = kern_load(&kern, with("drm_old", "drmn", 1), "drm.ko");
	refuse(depends(wants("drm_new"), "drmn", 1));
	says(UNDEFINED, "unload drm.ko and load the other one first");
	kern_unload(&kern, id);
	assert_int_equal(kldsim_kldload_path(kern.sim, "/m/drm.ko",
	    &kern.result, &kern.error), KLDSIM_OK);
	(void)kern_load(&kern, depends(wants("drm_new"), "drmn", 1),
	    "user.ko");
	end();
}

static void
a_version_that_is_not_wanted(void **state)
{
	(void)state;
	begin(R121);
	put("/m/new.ko", with("drm_new", "drmn", 2));
	kern_boot(&kern);
	(void)kern_load(&kern, with("drm_old", "drmn", 1), "old.ko");
	refuse(depends(wants("drm_new"), "drmn", 1));
	says(UNDEFINED, "but as version 2, which user.ko does not take");
	end();
}

static void
what_is_built_for_another_kernel(void **state)
{
	(void)state;
	begin(R121);
	put("/m/lib.ko", depends(with("lib_open", "lib", 1), "kernel",
	    1400097));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "/m/lib.ko has it, but is built for another release");
	says_not(UNDEFINED, "MODULE_DEPEND");
	end();
}

/* What it depends on it is itself: no other file was taken for that. */
static void
one_that_provides_what_it_needs(void **state)
{
	(void)state;
	begin(R121);
	put("/m/lib.ko", with("lib_open", "user", 1));
	kern_boot(&kern);
	refuse(depends(wants("lib_open"), "user", 1));
	says(UNDEFINED, "/m/lib.ko");
	end();
}

static void
another_kernel_s_instead(void **state)
{
	(void)state;
	begin(R121);
	put("/m/new.ko", depends(with("drm_new", "drmn", 1), "kernel",
	    1400097));
	kern_boot(&kern);
	(void)kern_load(&kern, with("drm_old", "drmn", 1), "old.ko");
	refuse(depends(wants("drm_new"), "drmn", 1));
	says(UNDEFINED, "/m/new.ko provides drmn too and defines drm_new, but "
	    "is built for another release");
	end();
}

/* Modules of another machine, and what is no module. */
static void
others_are_passed_over(void **state)
{
	struct kldsim_synth *arm64 = kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_MODULE);

	(void)state;
	begin(R121);
	(void)kldsim_synth_func(arm64, "lib_open");
	put("/m/arm64.ko", arm64);
	add_text(kern.options.source, "/m/text.ko", "lib_open");
	put("/m/lib.kox", with("lib_open", "lib", 1));
	kern_boot(&kern);
	refuse(wants("lib_open"));
	says(UNDEFINED, "; no file of /m exports lib_open");
	says_not(UNDEFINED, "near names");
	end();
}

static void
arm64_slot(struct kldsim_synth *module, const char *symbol)
{
	const int data = kldsim_synth_section_named(module, ".data");

	(void)kldsim_synth_reloc(module, data, kldsim_synth_append_int(module,
	    data, 0, 8), "R_AARCH64_ABS64", kldsim_synth_ref(module, symbol),
	    0);
}

/* D-60: a shared object's symbols, by its hash table and without. */
static void
shared_objects(void **state)
{
	(void)state;
	for (int symtab = 0; symtab < 2; symtab++) {
		struct kldsim_synth *lib, *user;

		kern_init_machine(&kern, "arm64", R121);
		kern.options.source = source_new(NULL, false);
		kern.options.module_path = "/m";
		lib = kldsim_synth_new("arm64", KLDSIM_SYNTH_MODULE);
		kldsim_synth_option(lib, KLDSIM_SYNTH_SYMTAB,
		    (uint64_t)symtab);
		(void)kldsim_synth_func(lib, "lib_open");
		(void)kldsim_synth_bind(lib, kldsim_synth_func(lib,
		    "lib_local"), KLDSIM_SYNTH_LOCAL);
		kldsim_synth_mdt_version(lib, "lib", 1);
		put("/m/lib.ko", lib);
		kern_boot(&kern);
		user = kldsim_synth_new("arm64", KLDSIM_SYNTH_MODULE);
		arm64_slot(user, "lib_open");
		arm64_slot(user, "lib_local");
		kern_refuse(&kern, user, "user.ko", FB_ENOENT);
		says(UNDEFINED, "/m/lib.ko (interface lib 1) has it: ");
		/* The full table alone has the other one. */
		assert_int_equal(kern_findings(&kern, UNDEFINED), 2);
		assert_int_equal(strstr(kldsim_finding_at(kern.sim,
		    kern.result.first_finding + kern.result.nfindings - 1)->
		    text, "/m/lib.ko") != NULL, symtab);
		end();
	}
}

/* --- names that are like it --- */

static void
near_names(void **state)
{
	(void)state;
	begin(R121);
	(void)kldsim_synth_func(kern.synth, "if_attach_v2");
	put("/m/net.ko", with("if_atach", "net", 1));
	put("/m/v.ko", with("vnet_entry_counter", "v", 1));
	kern_boot(&kern);
	refuse(wants("if_attach"));
	says(UNDEFINED, "near names: if_atach (in /m/net.ko)");
	refuse(wants("if_attach_v1"));
	says(UNDEFINED, "near names: if_attach_v2 (in the kernel)");
	refuse(wants("counter"));
	says(UNDEFINED, "near names: vnet_entry_counter (in /m/v.ko)");
	end();
}

/* Two edits are near, three are not; what was asked before is told again. */
static void
edits_of_a_name(void **state)
{
	static const struct {
		const char *missing;
		const char *near; /* NULL: nothing is */
	} names[] = {
		{ "callout_reste_no", "callout_reset_on" }, /* two exchanges */
		{ "callout_resey_o", "callout_reset_on" }, /* other, gone */
		{ "xcallout_reset_onx", "callout_reset_on" }, /* two more */
		{ "allout_reset_n", "callout_reset_on" }, /* two less */
		{ "calluot_reste_no", NULL }, /* three exchanges */
		{ "xcallout_reset_onxx", NULL },
		{ "kfe", "kfre" }, /* of a short name, one */
		{ "kfxe", "kfre" },
		{ "kxxe", NULL },
	};

	(void)state;
	begin(R121);
	(void)kldsim_synth_func(kern.synth, "callout_reset_on");
	(void)kldsim_synth_func(kern.synth, "kfre");
	kern_boot(&kern);
	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(names[0]); i++) {
		const size_t n = i % (sizeof(names) / sizeof(names[0]));
		char text[80];

		(void)snprintf(text, sizeof(text),
		    "near names: %s (in the kernel)", names[n].near);
		refuse(wants(names[n].missing));
		if (names[n].near != NULL)
			says(UNDEFINED, text);
		else
			says_not(UNDEFINED, "near names: ");
	}
	end();
}

/* Names of 100,000 bytes, of which each is the end of the one before. */
static void
names_over_each_other(void **state)
{
	enum { COUNT = 100000 };
	struct kldsim_synth *module = with("lib_open", "lib", 1);
	char *name = malloc(COUNT + 1);

	(void)state;
	assert_non_null(name);
	memset(name, 'a', COUNT);
	name[COUNT] = '\0';
	(void)kldsim_synth_func(module, name);
	(void)kldsim_synth_func(module, name + COUNT - 1024);
	(void)kldsim_synth_func(module, name + COUNT - 1025);
	begin(R121);
	put("/m/lib.ko", module);
	kern_boot(&kern);
	refuse(wants(name + COUNT - 1024));
	says(UNDEFINED, "/m/lib.ko (interface lib 1) has it");
	refuse(wants(name + COUNT - 1025));
	says(UNDEFINED, "no file of /m exports");
	end();
	free(name);
}

static void
names_that_begin_alike(void **state)
{
	struct kldsim_synth *module;

	(void)state;
	begin(R121);
	(void)kldsim_synth_func(kern.synth, "abc_hash");
	kern_boot(&kern);
	module = wants("abc_getkey");
	(void)module_slot(module, kldsim_synth_ref(module, "abc_setkey_now"),
	    0);
	refuse(module);
	says(UNDEFINED, "near names in the kernel: abc_hash");
	says("names-alike", "all 2 names that nobody has begin with abc_: an "
	    "option that the kernel lacks");
	module = wants("abc_getkey");
	(void)module_slot(module, kldsim_synth_ref(module, "abd_getkey"), 0);
	refuse(module);
	assert_int_equal(kern_findings(&kern, "names-alike"), 0);
	end();
}

/* By hand: kitten sitting 3, ab ba 1 (neighbours), abc "" 3. */
static void
letters_apart(void **state)
{
	(void)state;
	assert_int_equal(kldsim__letters_apart("a_b", "a_b", 2), 0);
	assert_int_equal(kldsim__letters_apart("kitten", "sitting", 9), 3);
	assert_int_equal(kldsim__letters_apart("xaby", "xbay", 2), 1);
	assert_int_equal(kldsim__letters_apart("abc", "", 3), 3);
	assert_int_equal(kldsim__letters_apart("", "ab", 3), 2);
	/* One begins, or ends, as the other ends. */
	assert_int_equal(kldsim__letters_apart("ab", "abb", 2), 1);
	assert_int_equal(kldsim__letters_apart("abb", "ab", 2), 1);
	assert_int_equal(kldsim__letters_apart("ab", "aab", 2), 1);
	assert_true(kldsim__letters_apart("abcd", "a", 2) > 2);
	assert_int_equal(kldsim__letters_apart("foo_v1", "foo_v10", 2), 1);
	assert_int_equal(kldsim__letters_apart("foo_attach", "fo_atach", 2),
	    2);
}

/* --- interfaces --- */

/* What was added, and is on no path. */
static void
a_file_that_was_added(void **state)
{
	struct kldsim_names *names;

	(void)state;
	begin(R121);
	put("/elsewhere/lib.ko", with("lib_open", "lib", 1));
	assert_int_equal(kldsim_names_new(kern.options.source, &names,
	    &error), KLDSIM_OK);
	assert_int_equal(kldsim_names_add(names, "/elsewhere/lib.ko",
	    &error), KLDSIM_OK);
	assert_int_equal(kldsim_names_add(names, "/nowhere", &error),
	    KLDSIM_OK);
	kern.options.names = names;
	kern_boot(&kern);
	kldsim_names_unref(names);
	refuse(depends(wants("lib_open"), "lib", 1));
	says("dependency", "/elsewhere/lib.ko provides lib 1, but its folder "
	    "is not one of kern.module_path: load it first");
	refuse(wants("lib_open"));
	says(UNDEFINED, "/elsewhere/lib.ko (interface lib 1) has it");
	assert_int_equal(kldsim_kldload_path(kern.sim, "/elsewhere/lib.ko",
	    &kern.result, &kern.error), KLDSIM_OK);
	(void)kern_load(&kern, depends(wants("lib_open"), "lib", 1),
	    "user.ko");
	end();
}

static void
an_interface_of_another_version(void **state)
{
	(void)state;
	begin(R121);
	put("/m/lib.ko", with("lib_open", "lib", 2));
	kern_boot(&kern);
	refuse(depends(wants("lib_open"), "libb", 1));
	says("dependency", "near names: lib (in /m/lib.ko)");
	refuse(depends(wants("lib_open"), "lib", 1));
	says("dependency", "does not provide it");
	end();
}

/* --- hostile files --- */

static void
begin_machine(const char *machine)
{
	kern_init_machine(&kern, machine, R121);
	kern.options.source = source_new(NULL, false);
	kern.options.module_path = "/m";
}

/* A module that wants a symbol and an interface which nobody has. */
static struct kldsim_synth *
lost(const char *machine)
{
	struct kldsim_synth *module = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_mdt_depend(module, "libx", 1, 1, 1);
	return (module);
}

static struct kldsim_synth *
wants_of(const char *machine)
{
	struct kldsim_synth *module = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);

	if (strcmp(machine, "arm64") == 0)
		arm64_slot(module, "lib_open");
	else
		(void)module_slot(module, kldsim_synth_ref(module,
		    "lib_open"), 0);
	return (module);
}

static void
refuse_any(struct kldsim_synth *module)
{
	assert_int_equal(kern_try(&kern, module, "user.ko"), KLDSIM_OK);
	assert_int_not_equal(kern.result.error, 0);
}

/* Whatever is in the folder, it is read within its bounds. */
static void
damage(const char *machine)
{
	struct kldsim_synth *synth = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);
	size_t size, step;
	uint8_t *bytes;
	void *made;

	(void)kldsim_synth_func(synth, "lib_open");
	kldsim_synth_mdt_version(synth, "lib", 1);
	assert_int_equal(kldsim_synth_finish(synth, &made, &size, &error),
	    KLDSIM_OK);
	bytes = made;
	step = size / 97 + 1;
	for (size_t at = 0; at < size; at += step) {
		struct kldsim_image *cut, *changed;

		begin_machine(machine);
		assert_int_equal(kldsim_image_open_memory(bytes, at, "cut",
		    NULL, NULL, &cut, &error), KLDSIM_OK);
		assert_int_equal(kldsim_source_add(kern.options.source,
		    "/m/cut.ko", cut, &error), KLDSIM_OK);
		bytes[at] ^= 0xff;
		assert_int_equal(kldsim_image_open_memory(bytes, size, "c",
		    NULL, NULL, &changed, &error), KLDSIM_OK);
		assert_int_equal(kldsim_source_add(kern.options.source,
		    "/m/changed.ko", changed, &error), KLDSIM_OK);
		kern_boot(&kern);
		refuse_any(wants_of(machine));
		refuse_any(lost(machine));
		end();
		kldsim_image_unref(cut);
		kldsim_image_unref(changed);
		bytes[at] ^= 0xff;
	}
	kldsim_synth_free_bytes(made);
	kldsim_synth_free(synth);
}

static void
files_that_are_damaged(void **state)
{
	(void)state;
	damage("amd64");
	damage("arm64");
}

/* --- threads --- */

struct worker {
	pthread_t thread;
	struct kldsim_image *kernel;
	struct kldsim_image *module;
	struct kldsim_options options;
	char text[1024];
};

static void *
miss_a_name(void *user)
{
	struct worker *worker = user;
	struct kldsim_result result;
	struct kldsim *sim;

	if (kldsim_boot(worker->kernel, &worker->options, &sim, NULL) !=
	    KLDSIM_OK)
		return (NULL);
	if (kldsim_kldload_image(sim, worker->module, "/boot/user.ko",
	    &result, NULL) == KLDSIM_OK && result.nfindings != 0)
		(void)snprintf(worker->text, sizeof(worker->text), "%s",
		    kldsim_finding_at(sim, result.first_finding)->text);
	kldsim_destroy(sim);
	return (NULL);
}

/* Many kernels at once, one index: it is made once, and all are told alike. */
static void
kernels_that_share_it(void **state)
{
	struct worker workers[4];
	struct kldsim_names *names;
	struct kldsim_image *module;

	(void)state;
	begin(R121);
	put("/m/lib.ko", with("lib_open", "lib", 3));
	kern_boot(&kern);
	assert_int_equal(kldsim_names_new(kern.options.source, &names,
	    &error), KLDSIM_OK);
	module = kern_image(wants("lib_open"), "user.ko");
	for (unsigned i = 0; i < 4; i++) {
		memset(&workers[i], 0, sizeof(workers[i]));
		workers[i].kernel = kern.image;
		workers[i].module = module;
		workers[i].options = kern.options;
		workers[i].options.names = names;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
		    miss_a_name, &workers[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_non_null(strstr(workers[i].text,
		    "/m/lib.ko (interface lib 3) has it: " DEPEND));
		assert_string_equal(workers[i].text, workers[0].text);
	}
	kldsim_names_unref(names);
	kldsim_image_unref(module);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_nothing_depends_on_yet),
		cmocka_unit_test(a_dependency_that_the_kernel_meets),
		cmocka_unit_test(a_dependency_in_a_circle),
		cmocka_unit_test(the_wrong_version_stays),
		cmocka_unit_test(a_file_without_an_interface),
		cmocka_unit_test(a_local_symbol),
		cmocka_unit_test(a_global_one_is_better),
		cmocka_unit_test(what_many_keep_to_themselves),
		cmocka_unit_test(two_files_with_one_interface),
		cmocka_unit_test(the_other_one_has_to_go),
		cmocka_unit_test(a_version_that_is_not_wanted),
		cmocka_unit_test(what_is_built_for_another_kernel),
		cmocka_unit_test(one_that_provides_what_it_needs),
		cmocka_unit_test(another_kernel_s_instead),
		cmocka_unit_test(others_are_passed_over),
		cmocka_unit_test(shared_objects),
		cmocka_unit_test(near_names),
		cmocka_unit_test(edits_of_a_name),
		cmocka_unit_test(names_over_each_other),
		cmocka_unit_test(names_that_begin_alike),
		cmocka_unit_test(letters_apart),
		cmocka_unit_test(a_file_that_was_added),
		cmocka_unit_test(an_interface_of_another_version),
		cmocka_unit_test(files_that_are_damaged),
		cmocka_unit_test(kernels_that_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
