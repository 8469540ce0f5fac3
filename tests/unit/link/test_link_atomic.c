/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A call that fails on the host changes nothing that can be observed, whichever
 * allocation fails; a refusal leaves what the rules say and no more; a panic
 * leaves a finding and a dead kernel.
 */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"

/* What is done to a kernel before the call, and the call. */
struct scene {
	const char *name;
	uint32_t osreldate;
	void (*prepare)(struct kern *kern);
	enum kldsim_status (*act)(struct kern *kern);
};

static void
begin(struct kern *kern, struct support_alloc *alloc,
    const struct scene *scene)
{
	support_alloc_init(alloc, -1);
	kern_init(kern, scene->osreldate);
	(void)kldsim_synth_set_entry(kern->synth, "x",
	    kldsim_synth_find_symbol(kern->synth, "printf"));
	(void)kldsim_synth_ifunc(kern->synth, "copy");
	(void)kldsim_synth_func(kern->synth, "vnet_register_sysinit");
	(void)kldsim_synth_func(kern->synth, "vnet_deregister_sysinit");
	(void)kldsim_synth_func(kern->synth, "vnet_register_sysuninit");
	(void)kldsim_synth_func(kern->synth, "vnet_deregister_sysuninit");
	kern->options.cpus = 2;
	kern->options.vnets = 2;
	kern->options.allocator = support_allocator(alloc);
	kern_boot(kern);
	if (scene->prepare != NULL)
		scene->prepare(kern);
}

static void
end(struct kern *kern, const struct support_alloc *alloc)
{
	kern_fini(kern);
	assert_int_equal(alloc->live, 0);
	assert_int_equal(alloc->bytes, 0);
}

static void
assert_same(const struct kern *kern, const char *want, const char *when,
    const struct scene *scene, long n)
{
	char *have = kern_digest(kern);

	if (strcmp(have, want) != 0) {
		print_error("%s, allocation %ld, %s:\n--- want\n%s--- have\n"
		    "%s", scene->name, n, when, want, have);
		fail();
	}
	free(have);
}

/* So often in a row nothing is added by a failure, before so many are over. */
#define SAME 4
#define TRIES 40

/* The same call with allocation n failing; false when it has that many not. */
static bool
fail_nth(const struct scene *scene, long n, const char *result)
{
	struct support_alloc alloc;
	struct kern kern;
	bool failed;
	char *before;
	size_t live = 0;
	int same = 0;

	begin(&kern, &alloc, scene);
	before = kern_digest(&kern);
	/*
	 * Again and again: an index that one failure leaves for later use is
	 * there next time, a leak is there once more.
	 */
	for (int i = 0; same < SAME; i++) {
		enum kldsim_status status;

		alloc.failed = 0;
		alloc.calls = 0;
		alloc.fail_at = n;
		status = scene->act(&kern);
		alloc.fail_at = -1;
		failed = alloc.failed != 0;
		if (!failed) {
			assert_int_equal(status, KLDSIM_OK);
			break;
		}
		assert_int_equal(status, KLDSIM_NOMEM);
		assert_int_equal(kern.error.status, KLDSIM_NOMEM);
		assert_same(&kern, before, "after the failure", scene, n);
		same = alloc.live == live ? same + 1 : 0;
		if (i == TRIES) {
			print_error("%s, allocation %ld: %zu live, then %zu\n",
			    scene->name, n, live, alloc.live);
			fail();
		}
		live = alloc.live;
	}
	if (failed)
		assert_int_equal(scene->act(&kern), KLDSIM_OK);
	assert_same(&kern, result, "when done at last", scene, n);
	free(before);
	end(&kern, &alloc);
	return failed;
}

/* Fail every allocation of the call once; how many there were. */
static long
run(const struct scene *scene)
{
	struct support_alloc alloc;
	struct kern kern;
	char *result;
	long n = 0;

	begin(&kern, &alloc, scene);
	assert_int_equal(scene->act(&kern), KLDSIM_OK);
	result = kern_digest(&kern);
	end(&kern, &alloc);
	while (fail_nth(scene, n, result))
		n++;
	free(result);
	return n;
}

/* --- scenes --- */

static struct kldsim_synth *
library(const struct kern *kern, const char *name)
{
	struct kldsim_synth *module = module_with_set(kern->osreldate,
	    "set_pcpu", 20, 0x33);

	kldsim_synth_mdt_version(module, name, 1);
	(void)kldsim_synth_symbol(module, "common", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 10);
	(void)kldsim_synth_func(module, "exported");
	return module;
}

/*
 * Something of all: sets with pointers, two kinds of symbols looked up by
 * name, a common of its own and one of a dependency, bounds, an ifunc, a
 * module, an interface, SYSINITs out of order, a constructor.
 */
static struct kldsim_synth *
everything(const struct kern *kern)
{
	struct kldsim_synth *module = module_new(kern->osreldate);
	int f = kldsim_synth_func(module, "f");

	(void)kldsim_synth_dpcpu_pointer(module, "p", f, 4);
	(void)kldsim_synth_vnet(module, "n", "\1\2\3\4\5", 5, 1);
	(void)kldsim_synth_vnet_pointer(module, "p", kldsim_synth_ref(module,
	    "printf"), 0);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 32, 0x2000);
	(void)kldsim_synth_symbol(module, "own", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 6);
	(void)module_slot(module, kldsim_synth_symbol(module, "own",
	    KLDSIM_SYNTH_GLOBAL, 0, KLDSIM_SYNTH_UNDEF, 0, 0), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "common"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "exported"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "copy"), 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "no"), 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module,
	    "__start_set_x"), 0);
	kldsim_synth_ctor(module, ".ctors", f);
	kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
	kldsim_synth_mdt_version(module, "everything", 3);
	(void)kldsim_synth_declare_module(module, "everything", f, 0x3100000,
	    0);
	(void)kldsim_synth_sysinit(module, "early", 0x2100000, 0, f, 0);
	(void)kldsim_synth_sysuninit(module, "late", 0x2100000, 0, f, 0);
	return module;
}

static struct kldsim_synth *
with_undefined(const struct kern *kern)
{
	struct kldsim_synth *module = everything(kern);

	(void)module_slot(module, kldsim_synth_ref(module, "nowhere"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "nor_here"), 0);
	return module;
}

/* The same of the other class, which has no two passes and no commons. */
static struct kldsim_synth *
shared(const struct kern *kern, bool refused)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_DYN);
	int f = kldsim_synth_func(module, "f");

	kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, kern->osreldate);
	kldsim_synth_option(module, KLDSIM_SYNTH_SYSINIT_LINK,
	    kern->osreldate >= 1400094);
	(void)kldsim_synth_dpcpu_pointer(module, "p", f, 4);
	(void)kldsim_synth_vnet(module, "n", "\1\2\3\4\5", 5, 1);
	(void)module_slot(module, kldsim_synth_ref(module, "exported"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "copy"), 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "no"), 0);
	if (refused)
		(void)module_slot(module, kldsim_synth_ref(module, "nowhere"),
		    0);
	kldsim_synth_ctor(module, ".ctors", f);
	kldsim_synth_mdt_depend(module, "liba", 1, 1, 1);
	kldsim_synth_mdt_version(module, "everything", 3);
	(void)kldsim_synth_declare_module(module, "everything", f, 0x3100000,
	    0);
	(void)kldsim_synth_sysinit(module, "early", 0x2100000, 0, f, 0);
	(void)kldsim_synth_vnet_sysinit(module, "v", 0x8800000, 0, f, 0);
	(void)kldsim_synth_vnet_sysuninit(module, "v", 0x8800000, 0, f, 0);
	return module;
}

static int
id_of(const struct kern *kern, const char *name)
{
	int id;

	assert_int_equal(kldsim_kldfind(kern->sim, name, &id), KLDSIM_OK);
	return id;
}

static void
load_library(struct kern *kern)
{
	(void)kern_load(kern, library(kern, "liba"), "liba.ko");
}

/* A hole in both regions, so that free lists have something to say. */
static void
load_all(struct kern *kern)
{
	int id;

	load_library(kern);
	id = kern_load(kern, module_with_set(kern->osreldate, "set_pcpu", 64,
	    0x44), "hole.ko");
	(void)kern_load(kern, everything(kern), "m.ko");
	kern_unload(kern, id);
}

static enum kldsim_status
load_plain(struct kern *kern)
{
	struct kldsim_synth *module = module_with_set(kern->osreldate,
	    ".data", 8, 1);

	return kern_try(kern, module, "plain.ko");
}

static enum kldsim_status
load_everything(struct kern *kern)
{
	return kern_try(kern, everything(kern), "m.ko");
}

static enum kldsim_status
load_undefined(struct kern *kern)
{
	return kern_try(kern, with_undefined(kern), "m.ko");
}

static void
load_shared_first(struct kern *kern)
{
	load_library(kern);
	(void)kern_load(kern, shared(kern, false), "m.ko");
}

static enum kldsim_status
load_shared(struct kern *kern)
{
	return kern_try(kern, shared(kern, false), "m.ko");
}

static enum kldsim_status
load_shared_undefined(struct kern *kern)
{
	return kern_try(kern, shared(kern, true), "m.ko");
}

/*
 * One that is mapped in two parts and lacks its symbols' names, with a variable
 * that a finding names (D-04, D-21, D-50).
 */
static enum kldsim_status
load_shared_odd(struct kern *kern)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_DYN);

	(void)kldsim_synth_func(module, "f");
	(void)module_slot(module, kldsim_synth_bind(module,
	    kldsim_synth_dpcpu(module, "p", "\0\0\0\0\0\0\0", 8, 8),
	    KLDSIM_SYNTH_LOCAL), 0);
	(void)kldsim_synth_object(module, "big", NULL, 20 << 20, 8);
	kldsim_synth_override(module, "shdr[.strtab].sh_offset", 0x100000);
	return kern_try(kern, module, "odd.ko");
}

static enum kldsim_status
load_too_large(struct kern *kern)
{
	struct kldsim_synth *module = module_with_set(kern->osreldate,
	    "set_vnet", 16, 0x66);

	(void)module_section(module, "set_pcpu", 1, KERN_ALLOC_WRITE, 8,
	    4000);
	return kern_try(kern, module, "large.ko");
}

static enum kldsim_status
load_clash(struct kern *kern)
{
	struct kldsim_synth *module = module_new(kern->osreldate);

	(void)kldsim_synth_mdt_module(module, "other",
	    kldsim_synth_func(module, "f"), 0);
	(void)kldsim_synth_mdt_module(module, "everything", 0, 0);
	return kern_try(kern, module, "clash.ko");
}

static enum kldsim_status
unload(struct kern *kern, const char *name)
{
	return kldsim_kldunload(kern->sim, id_of(kern, name),
	    KLDSIM_UNLOAD_NORMAL, &kern->result, &kern->error);
}

static enum kldsim_status
unload_everything(struct kern *kern)
{
	return unload(kern, "m.ko");
}

static void
load_all_and_forsake(struct kern *kern)
{
	load_all(kern);
	kern_unload(kern, id_of(kern, "liba.ko"));
}

#define MANY 60

/* One file that holds the last reference of many (V-08). */
static void
load_many(struct kern *kern)
{
	struct kldsim_synth *top = module_new(kern->osreldate);
	char name[32];

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "lib%d", i);
		kldsim_synth_mdt_depend(top, name, 1, 1, 1);
		(void)kern_load(kern, library(kern, name), name);
	}
	(void)kern_load(kern, top, "top");
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "lib%d", i);
		kern_unload(kern, id_of(kern, name));
	}
}

static enum kldsim_status
unload_many(struct kern *kern)
{
	return unload(kern, "top");
}

static enum kldsim_status
make_vnet(struct kern *kern)
{
	unsigned vnet;

	return kldsim_vnet_alloc(kern->sim, &vnet, &kern->error);
}

static enum kldsim_status
destroy_vnet(struct kern *kern)
{
	return kldsim_vnet_destroy(kern->sim, 1, &kern->error);
}

#define ALL(scenes) scenes, sizeof(scenes) / sizeof((scenes)[0])

/* How many requests were refused in all; at least `least` in each scene. */
static long
run_all(const struct scene *scenes, size_t nscenes, long least)
{
	long all = 0;

	for (size_t i = 0; i < nscenes; i++) {
		long n = run(&scenes[i]);

		assert_true(n >= least);
		all += n;
	}
	return all;
}

static void
a_plain_load(void **state)
{
	static const struct scene scene = { "plain", R121, NULL, load_plain };

	(void)state;
	assert_true(run(&scene) > 3);
}

static void
a_load_with_everything(void **state)
{
	static const uint32_t releases[] = { R121, R130, R150 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct scene scene = { "everything", releases[i],
			load_library, load_everything };

		assert_true(run(&scene) > 10);
	}
}

/* O-46: with its scan for all undefined symbols. */
static void
a_load_that_is_refused(void **state)
{
	static const struct scene scenes[] = {
		{ "undefined", R121, load_library, load_undefined },
		{ "undefined", R150, load_library, load_undefined },
		{ "no dependency", R121, NULL, load_everything },
		{ "too large", R121, load_library, load_too_large },
		{ "clash", R121, load_all, load_clash },
		{ "taken", R121, load_all, load_everything },
	};

	(void)state;
	(void)run_all(ALL(scenes), 1);
}

static void
an_unload_with_everything(void **state)
{
	static const struct scene scenes[] = {
		{ "unload", R121, load_all, unload_everything },
		{ "unload", R150, load_all, unload_everything },
		/* Its dependency goes too (V-08). */
		{ "unload both", R121, load_all_and_forsake,
		    unload_everything },
		{ "unload many", R121, load_many, unload_many },
	};

	(void)state;
	/* One may get by with the memory that the loads have left. */
	assert_true(run_all(ALL(scenes), 0) > 0);
}

/* O-46, D-60: shared objects alike. */
static void
a_shared_object(void **state)
{
	static const struct scene scenes[] = {
		{ "load", R121, load_library, load_shared },
		{ "load", R150, load_library, load_shared },
		{ "undefined", R121, load_library, load_shared_undefined },
		{ "no dependency", R150, NULL, load_shared },
		{ "odd", R121, NULL, load_shared_odd },
		{ "unload", R121, load_shared_first, unload_everything },
		{ "unload", R150, load_shared_first, unload_everything },
		{ "vnet", R121, load_shared_first, make_vnet },
		{ "vnet", R150, load_shared_first, destroy_vnet },
	};

	(void)state;
	assert_true(run_all(ALL(scenes), 0) > 50);
}

static enum kldsim_status
set_path(struct kern *kern)
{
	return kldsim_set_module_path(kern->sim, "/boot/other", 12,
	    &kern->result, &kern->error);
}

static enum kldsim_status
set_securelevel(struct kern *kern)
{
	return kldsim_set_securelevel(kern->sim, 1, &kern->result,
	    &kern->error);
}

static enum kldsim_status
reference(struct kern *kern)
{
	return kldsim_reference_module(kern->sim, "everything", NULL,
	    &kern->result, &kern->error);
}

static enum kldsim_status
raise_later(struct kern *kern)
{
	kern->error.status = kldsim_module_raises(kern->sim, "m",
	    KLDSIM_MOD_LOAD, 1);
	return kern->error.status;
}

static enum kldsim_status
add_cpu(struct kern *kern)
{
	unsigned cpu;

	return kldsim_cpu_add(kern->sim, &cpu, &kern->error);
}

static void
other_calls(void **state)
{
	static const struct scene scenes[] = {
		{ "path", R121, load_all, set_path },
		{ "securelevel", R150, load_all, set_securelevel },
		{ "reference", R121, load_all, reference },
		{ "CPU", R121, load_all, add_cpu },
		{ "raise", R121, NULL, raise_later },
	};

	(void)state;
	assert_true(run_all(ALL(scenes), 0) > 1);
}

static void
vnets_made_and_destroyed(void **state)
{
	static const struct scene scenes[] = {
		{ "vnet alloc", R121, load_all, make_vnet },
		{ "vnet destroy", R121, load_all, destroy_vnet },
	};

	(void)state;
	(void)run_all(ALL(scenes), 1);
}

/* Boot too: with an allocation missing there is no kernel, and no leak. */
static void
a_boot(void **state)
{
	struct support_alloc alloc;
	struct kern kern;
	long n = 0;

	(void)state;
	kern_init(&kern, R121);
	do {
		support_alloc_init(&alloc, n++);
		kern.options.allocator = support_allocator(&alloc);
		if (kern_try_boot(&kern) == KLDSIM_OK) {
			kldsim_destroy(kern.sim);
			kern.sim = NULL;
		} else {
			assert_int_equal(kern.error.status, KLDSIM_NOMEM);
			assert_int_equal(alloc.failed, 1);
		}
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	assert_true(n > 5);
	kern_fini(&kern);
}

/* --- what a refusal and a panic leave --- */

/* The digest without what calls only add to. */
static char *
digest_without(const struct kern *kern, const char *const *starts)
{
	char *text = kern_digest(kern), *from = text, *to = text;

	while (*from != '\0') {
		char *next = strchr(from, '\n') + 1;
		size_t length = (size_t)(next - from);
		bool skip = false;

		for (size_t i = 0; starts[i] != NULL; i++)
			skip = skip || strncmp(from, starts[i],
			    strlen(starts[i])) == 0;
		if (!skip) {
			memmove(to, from, length);
			to += length;
		}
		from = next;
	}
	*to = '\0';
	return text;
}

/*
 * L-07, K-31, U-11, O-82: a refused file is gone with its references, its
 * space in the sets and its mapping; its bytes in the sets stay.
 */
static void
a_refusal_leaves_only_bytes_in_the_sets(void **state)
{
	static const char *const volatile_lines[] = { "console ", "finding ",
		"event ", "set ", " instance ", /* and the kernel's hash: */
		" at ffffffff80", NULL };
	static const struct scene scene = { "refusal", R121, load_library,
		load_undefined };
	struct support_alloc alloc;
	char *before, *after;
	struct kern kern;
	uint64_t pcpu, vnet;
	int lib;

	(void)state;
	begin(&kern, &alloc, &scene);
	lib = id_of(&kern, "liba.ko");
	/* Behind the library's 20 bytes. */
	pcpu = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start + 24;
	vnet = kern_set(&kern, KLDSIM_SET_VNET).modspace_start;
	before = digest_without(&kern, volatile_lines);
	assert_int_equal(load_undefined(&kern), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ENOEXEC);
	after = digest_without(&kern, volatile_lines);
	assert_string_equal(after, before);
	assert_int_equal(kern_stat(&kern, lib).refs, 1);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 24, 2024 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 32768 });
	assert_hex(kern_read(&kern, vnet, 4), 0x04030201);
	assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, 1, vnet, 4),
	    0x04030201);
	assert_hex(kern_copy(&kern, KLDSIM_SET_DPCPU, 1, pcpu, 8), 0);
	/* The id was taken for a while only (L-07). */
	assert_int_equal(load_plain(&kern), KLDSIM_OK);
	assert_int_equal(kern.result.fileid, lib + 1);
	free(before);
	free(after);
	end(&kern, &alloc);
}

/* K-31: a need that fails gives back what the file had already. */
static void
a_missing_dependency_gives_references_back(void **state)
{
	static const struct scene scene = { "K-31", R121, load_library,
		NULL };
	struct support_alloc alloc;
	struct kldsim_synth *module;
	struct kern kern;

	(void)state;
	begin(&kern, &alloc, &scene);
	module = everything(&kern);
	kldsim_synth_mdt_depend(module, "nowhere", 1, 1, 1);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	assert_int_equal(kern_stat(&kern, 1).refs, 2);
	assert_int_equal(kern_stat(&kern, id_of(&kern, "liba.ko")).refs, 1);
	/* Its interface never was in the list (K-30 step 5). */
	assert_int_equal(load_everything(&kern), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	end(&kern, &alloc);
}

/* A panic takes everything back but its finding, and the kernel is dead. */
static void
a_panic_leaves_a_finding_and_a_dead_kernel(void **state)
{
	static const char *const skipped[] = { "dead ", NULL };
	static const struct scene scene = { "panic", R121, load_all, NULL };
	struct support_alloc alloc;
	struct kldsim_synth *module;
	char *before, *after;
	struct kern kern;
	size_t findings;
	unsigned vnet;

	(void)state;
	begin(&kern, &alloc, &scene);
	before = digest_without(&kern, skipped);
	findings = kldsim_finding_count(kern.sim);
	module = module_with_set(R121, ".data", 8, 1);
	(void)module_section(module, "set_vnet", 1, KERN_ALLOC_WRITE, 8, 8);
	(void)kldsim_synth_reloc(module, kldsim_synth_section_named(module,
	    "set_vnet"), 0x100, "R_X86_64_64", kldsim_synth_ref(module,
	    "printf"), 0);
	kern_panic(&kern, module, "m2.ko");
	assert_int_equal(kldsim_finding_count(kern.sim), findings + 1);
	after = digest_without(&kern, skipped);
	/* All that was there, and one more line: the finding. */
	assert_memory_equal(after, before, strlen(before));
	assert_memory_equal(after + strlen(before), "finding ", 8);
	assert_ptr_equal(strchr(after + strlen(before), '\n') + 1,
	    after + strlen(after));
	/* It can be read, but not changed. */
	assert_int_equal(load_plain(&kern), KLDSIM_STATE);
	assert_int_equal(unload_everything(&kern), KLDSIM_STATE);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &vnet, &kern.error),
	    KLDSIM_STATE);
	assert_int_equal(destroy_vnet(&kern), KLDSIM_STATE);
	assert_int_equal(set_path(&kern), KLDSIM_STATE);
	assert_int_equal(set_securelevel(&kern), KLDSIM_STATE);
	assert_int_equal(reference(&kern), KLDSIM_STATE);
	assert_int_equal(kldsim_release_module(kern.sim, "everything", NULL,
	    &kern.result, &kern.error), KLDSIM_STATE);
	assert_hex(kern_sym(&kern, 1, "printf"), kern_symbol(&kern,
	    "printf"));
	free(after);
	after = digest_without(&kern, skipped);
	assert_memory_equal(after, before, strlen(before));
	free(before);
	free(after);
	end(&kern, &alloc);
}

/* Loaded again on the same kernel and on a fresh one: the same, to the byte. */
static void
a_load_after_an_unload_is_as_the_first(void **state)
{
	static const char *const grows[] = { "console ", "finding ", "event ",
		" module ", " instance ", NULL };
	static const struct scene scene = { "again", R150, load_library,
		NULL };
	struct support_alloc alloc;
	char *first, *second;
	struct kern kern;

	(void)state;
	begin(&kern, &alloc, &scene);
	assert_int_equal(load_everything(&kern), KLDSIM_OK);
	first = digest_without(&kern, grows);
	assert_int_equal(unload_everything(&kern), KLDSIM_OK);
	assert_int_equal(load_everything(&kern), KLDSIM_OK);
	second = digest_without(&kern, grows);
	assert_string_equal(second, first);
	free(first);
	free(second);
	end(&kern, &alloc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_load),
		cmocka_unit_test(a_load_with_everything),
		cmocka_unit_test(a_load_that_is_refused),
		cmocka_unit_test(an_unload_with_everything),
		cmocka_unit_test(a_shared_object),
		cmocka_unit_test(other_calls),
		cmocka_unit_test(vnets_made_and_destroyed),
		cmocka_unit_test(a_boot),
		cmocka_unit_test(a_refusal_leaves_only_bytes_in_the_sets),
		cmocka_unit_test(a_missing_dependency_gives_references_back),
		cmocka_unit_test(a_panic_leaves_a_finding_and_a_dead_kernel),
		cmocka_unit_test(a_load_after_an_unload_is_as_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
