/* SPDX-License-Identifier: BSD-2-Clause */

/* kldunload: who may go, what goes with it, and what it leaves. */

#include "support_kern.h"

#include <stdio.h>

#define BY_KERNEL "kldunload: attempt to unload file that was loaded by " \
	"the kernel"

static struct kldsim_synth *
plain(void)
{
	return module_with_set(R121, ".data", 8, 0);
}

/* An interface of that name; a set; a need. */
static struct kldsim_synth *
library(const char *name, const char *needs, uint64_t pcpu)
{
	struct kldsim_synth *module = pcpu != 0 ?
	    module_with_set(R121, "set_pcpu", pcpu, 1) : module_new(R121);

	kldsim_synth_mdt_version(module, name, 1);
	if (needs != NULL)
		kldsim_synth_mdt_depend(module, needs, 1, 1, 1);
	return module;
}

static bool
is_there(const struct kern *kern, int id)
{
	struct kldsim_filestat stat;

	return kldsim_kldstat(kern->sim, id, &stat) == KLDSIM_OK;
}

/* U-01: flags first, then the id. */
static void
wrong_flags_and_ids(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	id = kern_load(&kern, plain(), "m.ko");
	kern_keep(&kern, id, 2, FB_EINVAL);
	kern_keep(&kern, 99, -1, FB_EINVAL);
	kern_keep(&kern, 99, KLDSIM_UNLOAD_NORMAL, FB_ENOENT);
	kern_keep(&kern, 0, KLDSIM_UNLOAD_FORCE, FB_ENOENT);
	assert_silent(&kern);
	assert_true(is_there(&kern, id));
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, 0);
	assert_false(is_there(&kern, id));
	kern_fini(&kern);
}

/* U-02, L-20: from 14.1 on the kernel has no user reference. */
static void
the_kernel_cannot_be_unloaded_from_14_1(void **state)
{
	static const uint32_t releases[] = { R141, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;

		kern_start(&kern, releases[i]);
		kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
		assert_console(&kern, BY_KERNEL);
		(void)kern_load(&kern, plain(), "m.ko");
		kern_keep(&kern, 1, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
		assert_console(&kern, BY_KERNEL);
		assert_int_equal(kern_stat(&kern, 1).refs, 2);
		kern_fini(&kern);
	}
}

/* V-12, V-08, L-20: before, it has one, and an unload drops a reference. */
static void
the_kernel_can_lose_a_reference_up_to_14_0(void **state)
{
	static const uint32_t releases[] = { R121, R130, R140 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		kern_start(&kern, releases[i]);
		(void)kern_load(&kern, plain(), "a.ko");
		(void)kern_load(&kern, plain(), "b.ko");
		kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, 0);
		assert_silent(&kern);
		assert_int_equal(kern_stat(&kern, 1).refs, 2);
		assert_int_equal(kern_stat(&kern, 1).userrefs, 0);
		kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
		assert_console(&kern, BY_KERNEL);
		kern_fini(&kern);
	}
}

/* The events since one, as "KIND NAME " for each. */
static const char *
told_since(const struct kern *kern, size_t first)
{
	static char text[512];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = first; i < kldsim_event_count(kern->sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern->sim,
		    i);

		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s %s%s%s ", kldsim_event_name(event->kind),
		    event->file, event->module != NULL ? ":" : "",
		    event->module != NULL ? event->module : "");
		assert_true(used < sizeof(text));
	}
	return text;
}

/*
 * V-12, U-10 steps 3 to 5: with one reference left the kernel really begins to
 * go; all its modules are asked, and the first that would go refuses.
 */
static void
the_kernel_asks_its_own_modules(void **state)
{
	struct kern kern;
	size_t first;
	int f;

	(void)state;
	kern_init(&kern, R140);
	f = kldsim_synth_func(kern.synth, "handler");
	(void)kldsim_synth_mdt_module(kern.synth, "one", f, 0);
	(void)kldsim_synth_mdt_module(kern.synth, "two", f, 0);
	kern_boot(&kern);
	first = kldsim_event_count(kern.sim);
	kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	assert_silent(&kern);
	assert_int_equal(kern_findings(&kern, "kernel-unload"), 1);
	assert_string_equal(told_since(&kern, first), "KLD_UNLOAD_TRY kernel "
	    "MOD_QUIESCE kernel:one MOD_QUIESCE kernel:two "
	    "MOD_UNLOAD kernel:one ");
	/* The reference of a user is back (U-04), and so it can be repeated. */
	assert_int_equal(kern_stat(&kern, 1).userrefs, 1);
	assert_int_equal(kern_stat(&kern, 1).nmodules, 2);
	assert_int_equal(kldsim_module_answer(kern.sim, "one",
	    KLDSIM_MOD_QUIESCE, FB_EINVAL), KLDSIM_OK);
	assert_int_equal(kldsim_module_answer(kern.sim, "two",
	    KLDSIM_MOD_QUIESCE, 6), KLDSIM_OK);
	first = kldsim_event_count(kern.sim);
	kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, 6);
	assert_string_equal(told_since(&kern, first), "KLD_UNLOAD_TRY kernel "
	    "MOD_QUIESCE kernel:one MOD_QUIESCE kernel:two ");
	assert_int_equal(kldsim_module_answer(kern.sim, "one",
	    KLDSIM_MOD_UNLOAD, 45), KLDSIM_OK);
	kern_keep(&kern, 1, KLDSIM_UNLOAD_FORCE, 45);
	kern_fini(&kern);
}

/*
 * O-02, L-05, V-09: up to the header's checks there is no file; what fails
 * after them is unloaded like any other, and handlers are told so.
 */
static void
a_file_that_fails_has_been_there(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *told;
	} rows[] = {
		{ R121, "KLD_UNLOAD_TRY m.ko KLD_UNLOAD m.ko " },
		{ R150, "KLD_UNLOAD_TRY m.ko KLD_UNLOAD m.ko " },
		{ 1600026, "" }, /* of linked files alone */
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(rows[i].osreldate);
		struct kern kern;
		size_t first;

		kern_start(&kern, rows[i].osreldate);
		first = kldsim_event_count(kern.sim);
		kldsim_synth_override(module, "ehdr.e_machine", 3);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_string_equal(told_since(&kern, first), "");
		module = plain();
		kldsim_synth_override(module, "ehdr.e_shentsize", 63);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_string_equal(told_since(&kern, first), rows[i].told);
		/* The id is free again (L-07). */
		assert_int_equal(kern_load(&kern, plain(), "m.ko"), 2);
		kern_fini(&kern);
	}
}

/* L-04: what a file begins with, and what a load makes of it. */
static void
the_fields_of_a_file(void **state)
{
	struct kldsim_filestat stat;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	stat = kern_stat(&kern, kern_load(&kern, module_with_set(R121,
	    ".data", 24, 0), "m.ko"));
	assert_int_equal(stat.id, 2);
	assert_int_equal(stat.refs, 1);
	assert_int_equal(stat.userrefs, 1);
	assert_true(stat.linked);
	assert_string_equal(stat.name, "m.ko");
	assert_string_equal(stat.path, "/boot/modules/m.ko");
	assert_string_equal(stat.class_name, "elf64_obj");
	assert_hex(stat.address, KERN_BASE);
	assert_int_equal(stat.size, 24);
	assert_int_equal(stat.ndeps, 1);
	assert_int_equal(stat.ninterfaces, 0);
	assert_int_equal(stat.nmodules, 0);
	assert_int_equal(stat.nconstructors, 0);
	kern_fini(&kern);
}

/* U-03, V-08: a file in use; up to 14.0 that only loses a reference. */
static void
a_file_in_use(void **state)
{
	static const struct {
		uint32_t osreldate;
		bool busy;
	} rows[] = { { R121, false }, { R130, false }, { R140, false },
		{ R141, true }, { R150, true } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct kern kern;
		int a, b;

		kern_start(&kern, rows[i].osreldate);
		a = kern_load(&kern, library("liba", NULL, 0), "a.ko");
		b = kern_load(&kern, library("libb", "liba", 0), "b.ko");
		assert_int_equal(kern_stat(&kern, a).refs, 2);
		kern_keep(&kern, a, KLDSIM_UNLOAD_NORMAL,
		    rows[i].busy ? FB_EBUSY : 0);
		assert_silent(&kern);
		assert_int_equal(kern_stat(&kern, a).refs,
		    rows[i].busy ? 2 : 1);
		assert_int_equal(kern_stat(&kern, a).userrefs,
		    rows[i].busy ? 1 : 0);
		if (!rows[i].busy) {
			kern_keep(&kern, a, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
			assert_console(&kern, BY_KERNEL); /* U-02 */
		}
		/* The last reference was b's (U-10 step 9). */
		kern_unload(&kern, b);
		assert_int_equal(is_there(&kern, a), rows[i].busy);
		assert_int_equal(kern_stat(&kern, 1).refs,
		    rows[i].busy ? 2 : 1);
		kern_fini(&kern);
	}
}

/* U-10 step 9, L-11: references go back, the user's file stays. */
static void
dependencies_get_their_references_back(void **state)
{
	struct kern kern;
	int a, b, c;

	(void)state;
	kern_start(&kern, R150);
	a = kern_load(&kern, library("liba", NULL, 0), "a.ko");
	b = kern_load(&kern, library("libb", "liba", 0), "b.ko");
	c = kern_load(&kern, library("libc", "libb", 0), "c.ko");
	assert_int_equal(kern_stat(&kern, 1).refs, 4);
	kern_keep(&kern, b, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	kern_unload(&kern, c);
	assert_int_equal(kern_stat(&kern, b).refs, 1);
	assert_int_equal(kern_stat(&kern, a).refs, 2);
	kern_unload(&kern, b);
	assert_int_equal(kern_stat(&kern, a).refs, 1);
	assert_int_equal(kern_stat(&kern, a).userrefs, 1);
	/* Step 6: the interface is gone. */
	kern_refuse(&kern, library("libc", "libb", 0), "c.ko", FB_ENOEXEC);
	kern_unload(&kern, a);
	assert_int_equal(kern_stat(&kern, 1).refs, 1);
	(void)kern_load(&kern, library("liba", NULL, 0), "a.ko");
	kern_fini(&kern);
}

/*
 * U-10: dependencies (step 9) go before the file's own class unload (step 10).
 * a has 8 bytes and b all the rest.  a first leaves {a}, and b follows the
 * last free extent: A-12.  The other way round nothing would happen.
 */
static void
dependencies_go_before_the_file_itself(void **state)
{
	struct kern kern;
	int a, b;

	(void)state;
	kern_start(&kern, R121);
	a = kern_load(&kern, library("liba", NULL, 8), "a.ko");
	b = kern_load(&kern, library("libb", "liba", 2040), "b.ko");
	kern_unload(&kern, a); /* V-08: b keeps the last reference */
	assert_int_equal(kldsim_kldunload(kern.sim, b, KLDSIM_UNLOAD_NORMAL,
	    &kern.result, &kern.error), KLDSIM_OK);
	assert_true(kern.result.panicked);
	/* Rolled back: both are there. */
	assert_true(is_there(&kern, a) && is_there(&kern, b));
	kern_fini(&kern);
}

/* A-12, T-06, Z-80, V-42: a panic through loads and unloads alone. */
static void
freeing_behind_the_last_free_extent_panics(void **state)
{
	static const struct {
		const char *set;
		uint64_t size;
	} rows[] = { { "set_pcpu", 2048 }, { "set_vnet", 32768 } };
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *set = rows[i % 2].set;
		struct kern kern;
		int a, b;

		kern_start(&kern, releases[i / 2]);
		a = kern_load(&kern, module_with_set(R121, set, 8, 1),
		    "a.ko");
		b = kern_load(&kern, module_with_set(R121, set,
		    rows[i % 2].size - 8, 2), "b.ko");
		kern_unload(&kern, a);
		assert_int_equal(kldsim_kldunload(kern.sim, b,
		    KLDSIM_UNLOAD_NORMAL, &kern.result, &kern.error),
		    KLDSIM_OK);
		assert_true(kern.result.panicked);
		assert_true(kldsim_is_dead(kern.sim));
		assert_string_equal(kern_finding(&kern,
		    "modspace-free")->file, "b.ko");
		assert_int_equal(kern_finding(&kern,
		    "modspace-free")->severity, KLDSIM_PANIC);
		assert_free_list(&kern, (enum kldsim_set)(i % 2), { 0, 8 });
		assert_true(is_there(&kern, b));
		assert_int_equal(kldsim_kldunload(kern.sim, b,
		    KLDSIM_UNLOAD_NORMAL, &kern.result, &kern.error),
		    KLDSIM_STATE);
		kern_fini(&kern);
	}
}

/* T-06 the other way round, T-05: extents merge. */
static void
free_extents_merge(void **state)
{
	static const uint64_t sizes[] = { 100, 50, 10 };
	char name[] = "a.ko";
	struct kern kern;
	int ids[3], a, b;

	(void)state;
	kern_start(&kern, R121);
	for (size_t i = 0; i < 3; i++) {
		name[0] = (char)('a' + i);
		ids[i] = kern_load(&kern, module_with_set(R121, "set_pcpu",
		    sizes[i], 1), name);
	}
	/* 0..104, 104..160, 160..176. */
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 176, 1872 });
	kern_unload(&kern, ids[0]);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 104 }, { 176, 1872 });
	kern_unload(&kern, ids[2]);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 104 }, { 160, 1888 });
	kern_unload(&kern, ids[1]);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	a = kern_load(&kern, module_with_set(R121, "set_pcpu", 8, 1), "a.ko");
	b = kern_load(&kern, module_with_set(R121, "set_pcpu", 2040, 1),
	    "b.ko");
	kern_unload(&kern, b);
	kern_unload(&kern, a);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	kern_fini(&kern);
}

/* O-81, T-04: both sets are given back; the mapping is gone. */
static void
an_unload_frees_sets_and_memory(void **state)
{
	struct kldsim_synth *module = module_with_set(R121, "set_pcpu", 20,
	    1);
	struct kern kern;
	uint8_t byte;
	int id;

	(void)state;
	(void)kldsim_synth_vnet(module, "v", "ABCD", 4, 4);
	(void)module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8, 0x1800);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 24, 2024 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 8, 32760 });
	assert_int_equal(kern_set(&kern, KLDSIM_SET_VNET).nparts, 1);
	assert_int_equal(kldsim_read(kern.sim, KERN_BASE + 0x1fff, &byte, 1),
	    KLDSIM_OK); /* whole pages */
	kern_unload(&kern, id);
	assert_silent(&kern);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 32768 });
	assert_int_equal(kern_set(&kern, KLDSIM_SET_DPCPU).nparts, 0);
	assert_int_equal(kern_set(&kern, KLDSIM_SET_VNET).nparts, 0);
	assert_int_equal(kldsim_read(kern.sim, KERN_BASE, &byte, 1),
	    KLDSIM_FAULT);
	assert_int_equal(kldsim_read(kern.sim, KERN_BASE + 0x1fff, &byte, 1),
	    KLDSIM_FAULT);
	kern_fini(&kern);
}

/* An id whose file is gone is an error everywhere. */
static void
stale_ids_are_errors(void **state)
{
	struct kldsim_protection prot;
	struct kldsim_interface interface;
	struct kldsim_section section;
	struct kldsim_modinfo module;
	struct kldsim_filestat stat;
	struct kern kern;
	kldsim_addr address;
	kldsim_size size;
	int id, other;

	(void)state;
	kern_start(&kern, R150);
	id = kern_load(&kern, library("liba", NULL, 8), "a.ko");
	kern_unload(&kern, id);
	assert_int_equal(kldsim_kldstat(kern.sim, id, &stat), KLDSIM_NOENT);
	assert_int_equal(kldsim_kldfind(kern.sim, "a.ko", &other),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_kldnext(kern.sim, id, &other), KLDSIM_NOENT);
	assert_int_equal(kldsim_file_dep(kern.sim, id, 0, &other),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_file_interface(kern.sim, id, 0, &interface),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_file_module(kern.sim, id, 0, &module),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_file_section(kern.sim, id, 0, &section),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_file_protection(kern.sim, id, 0, &prot),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_file_constructor(kern.sim, id, 0, &address),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_kldsym(kern.sim, id, "printf", &address,
	    &size), KLDSIM_NOENT);
	kern_keep(&kern, id, KLDSIM_UNLOAD_NORMAL, FB_ENOENT);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* Two modules in a file: "first" and then "second" get MOD_LOAD. */
static struct kldsim_synth *
two_modules(int handler)
{
	struct kldsim_synth *module = module_new(R121);
	int symbol = handler ? kldsim_synth_func(module, "handler") : 0;

	(void)kldsim_synth_declare_module(module, "first", symbol, 1, 0);
	(void)kldsim_synth_declare_module(module, "second", symbol, 1, 1);
	return module;
}

static void
answer(const struct kern *kern, const char *module, enum kldsim_modevent event,
    int error)
{
	assert_int_equal(kldsim_module_answer(kern->sim, module, event,
	    error), KLDSIM_OK);
}

/*
 * M-21: a refused MOD_LOAD is printed and no more.  The other answers come
 * back from the system call, where a pseudo errno means something else.
 */
static void
pseudo_errnos_are_answers_to_load_only(void **state)
{
	static const struct kldsim_handler_answer unload = { "one",
		KLDSIM_MOD_UNLOAD, -1 };
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	answer(&kern, "first", KLDSIM_MOD_LOAD, -3);
	assert_int_equal(kldsim_module_answer(kern.sim, "second",
	    KLDSIM_MOD_UNLOAD, -1), KLDSIM_ARG);
	assert_int_equal(kldsim_module_answer(kern.sim, "second",
	    KLDSIM_MOD_QUIESCE, -2), KLDSIM_ARG);
	assert_int_equal(kldsim_mac_answer(kern.sim, -1), KLDSIM_ARG);
	id = kern_load(&kern, two_modules(true), "two.ko");
	assert_non_null(strstr(kldsim_console_line(kern.sim,
	    kern.result.first_console), "MOD_LOAD (first, "));
	assert_non_null(strstr(kldsim_console_line(kern.sim,
	    kern.result.first_console), ") error -3"));
	assert_int_equal(kern_stat(&kern, id).nmodules, 1);
	kern_unload(&kern, id);
	kern_fini(&kern);

	kern_init(&kern, R121);
	kern.options.answers = &unload;
	kern.options.nanswers = 1;
	assert_int_equal(kern_try_boot(&kern), KLDSIM_ARG);
	assert_string_equal(kern.error.text,
	    "module one: ERESTART (-1) is an answer to MOD_LOAD only");
	kern_fini(&kern);
}

/* M-20, U-10 step 5: without a handler there is no unload, FORCE or not. */
static void
a_module_without_handler_cannot_be_unloaded(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	id = kern_load(&kern, two_modules(0), "m.ko");
	kern_keep(&kern, id, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	assert_silent(&kern);
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	assert_int_equal(kern_stat(&kern, id).userrefs, 1); /* U-04 */
	assert_int_equal(kern_stat(&kern, id).nmodules, 2);
	kern_fini(&kern);
}

/* U-10 step 4, M-22: MOD_QUIESCE refuses, unless forced or not supported. */
static void
quiesce_refuses_unless_forced(void **state)
{
	static const struct {
		int error, flags, result;
	} rows[] = { { FB_EBUSY, 0, FB_EBUSY }, { 5, 0, 5 },
		{ FB_EBUSY, 1, 0 }, { 45, 0, 0 }, { FB_EINVAL, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct kern kern;
		int id;

		kern_start(&kern, R121);
		answer(&kern, "first", KLDSIM_MOD_QUIESCE, rows[i].error);
		id = kern_load(&kern, two_modules(1), "m.ko");
		kern_keep(&kern, id, rows[i].flags, rows[i].result);
		assert_int_equal(is_there(&kern, id), rows[i].result != 0);
		if (rows[i].result != 0) {
			assert_int_equal(kern_stat(&kern, id).userrefs, 1);
			assert_int_equal(kern_stat(&kern, id).nmodules, 2);
		}
		kern_fini(&kern);
	}
}

/* U-10 step 5: who went before the refusal stays away; the file stays. */
static void
a_refused_mod_unload_leaves_a_part(void **state)
{
	struct kldsim_modinfo info;
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	answer(&kern, "first", KLDSIM_MOD_UNLOAD, FB_EBUSY);
	id = kern_load(&kern, two_modules(1), "m.ko");
	/* The list is second, first (L-12). */
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	assert_int_equal(kern_stat(&kern, id).nmodules, 1);
	assert_int_equal(kldsim_file_module(kern.sim, id, 0, &info),
	    KLDSIM_OK);
	assert_string_equal(info.name, "first");
	assert_int_equal(kern_stat(&kern, id).userrefs, 1);
	answer(&kern, "first", KLDSIM_MOD_UNLOAD, 0);
	kern_unload(&kern, id);
	kern_fini(&kern);
}

/* U-10 step 9: a dependency that refuses stays, with its last reference. */
static void
a_dependency_that_refuses_stays(void **state)
{
	struct kldsim_synth *module = two_modules(0);
	struct kern kern;
	int a, b;

	(void)state;
	kldsim_synth_mdt_version(module, "liba", 1);
	kern_start(&kern, R121);
	a = kern_load(&kern, module, "a.ko");
	b = kern_load(&kern, library("libb", "liba", 0), "b.ko");
	kern_unload(&kern, a);
	kern_unload(&kern, b);
	assert_false(is_there(&kern, b));
	assert_int_equal(kern_stat(&kern, a).refs, 1);
	assert_int_equal(kern_stat(&kern, a).userrefs, 0);
	kern_keep(&kern, a, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	assert_console(&kern, BY_KERNEL);
	kern_fini(&kern);
}

/* K-22 step 7, M-21: every MOD_LOAD failed. */
static void
a_file_whose_modules_all_fail_is_unloaded(void **state)
{
	static const int errors[][2] = { { 6, 6 }, { 6, 0 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;
		int id;

		kern_start(&kern, R121);
		answer(&kern, "first", KLDSIM_MOD_LOAD, errors[i][0]);
		answer(&kern, "second", KLDSIM_MOD_LOAD, errors[i][1]);
		if (i == 0) {
			kern_refuse(&kern, two_modules(1), "m.ko",
			    FB_ENOEXEC);
			/* The handler is all of .text. */
			assert_console(&kern, "module_register_init: MOD_LOAD "
			    "(first, 0xffffffff82000000, 0) error 6",
			    "module_register_init: MOD_LOAD (second, "
			    "0xffffffff82000000, 0) error 6");
			assert_int_equal(kldsim_kldfind(kern.sim, "m.ko",
			    &id), KLDSIM_NOENT);
			assert_int_equal(kern_stat(&kern, 1).refs, 1);
		} else {
			id = kern_load(&kern, two_modules(1), "m.ko");
			assert_console(&kern, "module_register_init: MOD_LOAD "
			    "(first, 0xffffffff82000000, 0) error 6");
			assert_int_equal(kern_stat(&kern, id).nmodules, 1);
		}
		kern_fini(&kern);
	}
}

/* M-32, T-07: SYSUNINITs in descending order, by the same unstable sort. */
static void
sysuninits_run_in_descending_order(void **state)
{
	static const char *const rows[][2] = {
		{ "1a1b2c", "2c1b1a" }, { "5a5b3c", "5a5b3c" },
		{ "3a1b3c2d1e", "3a3c2d1b1e" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		const char *sorted = rows[i][1];
		struct kern kern;
		size_t event;

		for (const char *at = rows[i][0]; *at != '\0'; at += 2) {
			char label[] = { at[1], '\0' };

			(void)kldsim_synth_sysuninit(module, label,
			    (uint32_t)(at[0] - '0'), 0,
			    kldsim_synth_func(module, label), 0);
		}
		kern_start(&kern, R121);
		event = kldsim_event_count(kern.sim);
		kern_unload(&kern, kern_load(&kern, module, "m.ko"));
		/* L-14: told of the load, and before anything is undone. */
		assert_int_equal(kldsim_event_at(kern.sim, event++)->kind,
		    KLDSIM_EVENT_KLD_LOAD);
		assert_int_equal(kldsim_event_at(kern.sim, event++)->kind,
		    KLDSIM_EVENT_KLD_UNLOAD_TRY);
		for (; *sorted != '\0'; sorted += 2, event++) {
			const struct kldsim_event *told =
			    kldsim_event_at(kern.sim, event);

			assert_non_null(told);
			assert_int_equal(told->kind, KLDSIM_EVENT_SYSUNINIT);
			assert_int_equal(told->subsystem, sorted[0] - '0');
			assert_non_null(told->symbol);
			assert_int_equal(told->symbol[0], sorted[1]);
		}
		/* 12.1: of the unload last of all (V-09). */
		assert_int_equal(kldsim_event_at(kern.sim, event++)->kind,
		    KLDSIM_EVENT_KLD_UNLOAD);
		assert_int_equal(event, kldsim_event_count(kern.sim));
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_flags_and_ids),
		cmocka_unit_test(the_kernel_cannot_be_unloaded_from_14_1),
		cmocka_unit_test(the_kernel_can_lose_a_reference_up_to_14_0),
		cmocka_unit_test(the_kernel_asks_its_own_modules),
		cmocka_unit_test(a_file_that_fails_has_been_there),
		cmocka_unit_test(the_fields_of_a_file),
		cmocka_unit_test(a_file_in_use),
		cmocka_unit_test(dependencies_get_their_references_back),
		cmocka_unit_test(dependencies_go_before_the_file_itself),
		cmocka_unit_test(freeing_behind_the_last_free_extent_panics),
		cmocka_unit_test(free_extents_merge),
		cmocka_unit_test(an_unload_frees_sets_and_memory),
		cmocka_unit_test(stale_ids_are_errors),
		cmocka_unit_test(pseudo_errnos_are_answers_to_load_only),
		cmocka_unit_test(a_module_without_handler_cannot_be_unloaded),
		cmocka_unit_test(quiesce_refuses_unless_forced),
		cmocka_unit_test(a_refused_mod_unload_leaves_a_part),
		cmocka_unit_test(a_dependency_that_refuses_stays),
		cmocka_unit_test(a_file_whose_modules_all_fail_is_unloaded),
		cmocka_unit_test(sysuninits_run_in_descending_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
