/* SPDX-License-Identifier: BSD-2-Clause */

/* Modules of a file, names that clash, and the order of SYSINITs. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

/* A module that needs nothing. */
static struct kldsim_synth *
plain(void)
{
	return module_with_set(R121, ".data", 8, 0);
}

static int
find(const struct kern *kern, const char *name)
{
	int id = -1;

	return kldsim_kldfind(kern->sim, name, &id) == KLDSIM_OK ? id : -1;
}

/* M-03: the name is moduledata's; md_cval is not looked at. */
static void
a_modules_name_is_in_its_moduledata(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_modinfo info;
	struct kern kern;
	int data, text, id, symbol;

	(void)state;
	text = module_section(module, ".rodata", 1, KLDSIM_SYNTH_ALLOC, 1, 0);
	(void)kldsim_synth_append(module, text, "bus/drv", 8);
	data = module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8, 24);
	kldsim_synth_pointer(module, data, 0, kldsim_synth_section_symbol(
	    module, text), 0);
	symbol = kldsim_synth_symbol(module, "drv_mod", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, data, 0, 24);
	(void)kldsim_synth_mdt(module, "drv_bus", 2, symbol, "drv_bus");
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_int_equal(kldsim_file_module(kern.sim, id, 0, &info),
	    KLDSIM_OK);
	assert_string_equal(info.name, "bus/drv");
	kern_fini(&kern);
}

/* Three modules: one and two get MOD_LOAD, in that order. */
static struct kldsim_synth *
three_modules(uint32_t osreldate)
{
	struct kldsim_synth *module = module_new(osreldate);
	int handler = kldsim_synth_func(module, "handler");

	(void)kldsim_synth_declare_module(module, "one", handler, 0x3100000,
	    0);
	(void)kldsim_synth_declare_module(module, "two", handler, 0x3100000,
	    1);
	(void)kldsim_synth_mdt_module(module, "three", handler, 0);
	return module;
}

/* L-12, M-20, M-21, V-51: ids in set order; MOD_LOAD moves to the head. */
static void
modules_move_to_the_head_of_the_list(void **state)
{
	static const uint32_t releases[] = { R121, R150 };
	static const char *const names[] = { "two", "one", "three" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_modinfo info;
		struct kern kern;
		int id;

		kern_start(&kern, releases[i]);
		for (int again = 0; again < 2; again++) {
			static const int ids[] = { 2, 1, 3 };

			id = kern_load(&kern, three_modules(releases[i]),
			    "m.ko");
			assert_int_equal(kern_stat(&kern, id).nmodules, 3);
			for (size_t m = 0; m < 3; m++) {
				assert_int_equal(kldsim_file_module(kern.sim,
				    id, m, &info), KLDSIM_OK);
				assert_string_equal(info.name, names[m]);
				/* Never used again. */
				assert_int_equal(info.id, ids[m] + 3 * again);
				assert_int_equal(info.fileid, id);
				assert_int_equal(info.refs, 1);
			}
			kern_unload(&kern, id);
		}
		kern_fini(&kern);
	}
}

/* K-22, M-20: a module name that is taken; the errno is EEXIST everywhere. */
static void
a_module_name_can_be_taken(void **state)
{
	static const uint32_t releases[] = { R121, R130, R150 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct kern kern;

		kern_init(&kern, releases[i]);
		(void)kldsim_synth_mdt_module(kern.synth, "ether", 0, 0);
		kern_boot(&kern);
		(void)kldsim_synth_mdt_module(module, "foo", 0, 0);
		(void)kern_load(&kern, module, "a.ko");
		module = module_new(releases[i]);
		(void)kldsim_synth_mdt_module(module, "foo", 0, 0);
		kern_refuse(&kern, module, "b.ko", FB_EEXIST);
		assert_console(&kern, "module_register: cannot register foo "
		    "from b.ko; already loaded from a.ko",
		    "Module foo failed to register: 17");
		assert_int_equal(find(&kern, "b.ko"), -1);
		assert_int_equal(kern_stat(&kern, 1).refs, 2);
		module = module_new(releases[i]);
		(void)kldsim_synth_mdt_module(module, "ether", 0, 0);
		kern_refuse(&kern, module, "b.ko", FB_EEXIST);
		assert_console(&kern, "module_register: cannot register ether "
		    "from b.ko; already loaded from kernel",
		    "Module ether failed to register: 17");
		kern_fini(&kern);
	}
}

/* A module's name of its own, with a handler or without, and one taken. */
static struct kldsim_synth *
half_taken(bool handler)
{
	struct kldsim_synth *module = module_new(R121);

	(void)kldsim_synth_mdt_module(module, "fresh", handler ?
	    kldsim_synth_func(module, "f") : 0, 0);
	(void)kldsim_synth_mdt_module(module, "taken", 0, 0);
	return module;
}

/* K-23, Z-81, L-05, L-10: no handler means EBUSY, and the file stays. */
static void
a_module_without_handler_makes_a_zombie(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_filestat stat;
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_mdt_module(module, "taken", 0, 0);
	(void)kern_load(&kern, module, "a.ko");
	kern_refuse(&kern, half_taken(true), "b.ko", FB_EEXIST);
	assert_int_equal(find(&kern, "b.ko"), -1);
	kern_refuse(&kern, half_taken(false), "z.ko", FB_EEXIST);
	assert_int_equal(kern_findings(&kern, "zombie-file"), 1);
	/* By name, not by id. */
	id = find(&kern, "z.ko");
	assert_int_equal(id, 3);
	assert_int_equal(kldsim_kldstat(kern.sim, id, &stat), KLDSIM_NOENT);
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, FB_ENOENT);
	assert_non_null(strstr(kern_reason(&kern)->text, "z.ko, is not "
	    "linked"));
	assert_int_equal(kldsim_kldnext(kern.sim, 2, &id), KLDSIM_OK);
	assert_int_equal(id, 0);
	assert_int_equal(kern_stat(&kern, 1).refs, 3);
	kern_refuse(&kern, plain(), "z.ko", FB_EEXIST);
	assert_silent(&kern);
	module = module_new(R121);
	(void)kldsim_synth_mdt_module(module, "fresh", 0, 0);
	kern_refuse(&kern, module, "c.ko", FB_EEXIST);
	assert_console(&kern, "module_register: cannot register fresh from "
	    "c.ko; already loaded from z.ko",
	    "Module fresh failed to register: 17");
	assert_int_equal(kern_load(&kern, plain(), "d.ko"), 4);
	kern_fini(&kern);
}

/* M-21: MOD_LOAD for a module that was never registered. */
static void
mod_load_without_a_module_panics(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int other;

	(void)state;
	/* The moduledata of a name that the set does not have. */
	other = kldsim_synth_mdt_module(module, "foo", 0, 0);
	(void)kldsim_synth_sysinit(module, "s", 1, 1, kldsim_synth_ref(module,
	    "module_register_init"), other);
	kldsim_synth_option(module, KLDSIM_SYNTH_SET_BOUNDS, 0);
	/* The only entry becomes one of an unknown type. */
	kern_start(&kern, R121);
	kldsim_synth_store(module, kldsim_synth_section_named(module,
	    ".data"), 24 + 4, "\143\0\0\0", 4);
	kern_panic(&kern, module, "m.ko");
	assert_non_null(strstr(kldsim_finding_at(kern.sim,
	    kldsim_finding_count(kern.sim) - 1)->text,
	    "module_register_init: module named foo not found"));
	kern_fini(&kern);
}

/* One SYSINIT for each key; the set in memory holds them as in `sorted`. */
static void
assert_sorted(uint32_t osreldate, const char *keys, const char *sorted)
{
	struct kldsim_synth *module = module_new(osreldate);
	int f = kldsim_synth_func(module, "f");
	struct kern kern;
	char name[] = "a_sys_init";
	uint64_t set;
	int id;

	for (const char *at = keys; *at != '\0'; at += 2) {
		char label[] = { at[1], '\0' };

		(void)kldsim_synth_sysinit(module, label,
		    (uint32_t)(at[0] - '0'), 7, f, 0);
	}
	kern_start(&kern, osreldate);
	id = kern_load(&kern, module, "m.ko");
	set = kern_section(&kern, id, "set_sysinit_set").address;
	for (const char *at = sorted; *at != '\0'; at += 2, set += 8) {
		name[0] = at[1];
		assert_hex(kern_read(&kern, set, 8), kern_sym(&kern, id,
		    name));
	}
	kern_fini(&kern);
}

/* M-30, V-53, T-07: the exchange sort, whose order stays in memory. */
static void
sysinits_are_exchange_sorted_in_place(void **state)
{
	static const char *const rows[][2] = {
		{ "5a5b3c", "3c5b5a" }, { "2a2b2c1d", "1d2b2c2a" },
		{ "2a2b1c1d", "1c1d2a2b" }, { "3a1b3c2d1e", "1b1e2d3a3c" },
		{ "1a1b2c", "1a1b2c" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_sorted(R121, rows[i][0], rows[i][1]);
		assert_sorted(R150, rows[i][0], rows[i][1]);
	}
}

/* M-30: by subsystem, then order, both without a sign. */
static void
sysinit_keys_are_unsigned(void **state)
{
	static const struct {
		uint32_t subsystem, order;
	} keys[] = { { 0x80000000, 0 }, { 1, 0x80000000 }, { 1, 5 },
		{ 0x7fffffff, 9 } };
	static const char labels[] = "abcd", sorted[] = "cbda";
	struct kldsim_synth *module = module_new(R121);
	int f = kldsim_synth_func(module, "f");
	char name[] = "a_sys_init";
	struct kern kern;
	uint64_t set;
	int id;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char label[] = { labels[i], '\0' };

		(void)kldsim_synth_sysinit(module, label, keys[i].subsystem,
		    keys[i].order, f, 0);
	}
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	set = kern_section(&kern, id, "set_sysinit_set").address;
	/* (1, 5), (1, 0x80000000), (0x7fffffff, 9), (0x80000000, 0) */
	for (size_t i = 0; i < 4; i++) {
		name[0] = sorted[i];
		assert_hex(kern_read(&kern, set + 8 * i, 8), kern_sym(&kern,
		    id, name));
	}
	kern_fini(&kern);
}

/*
 * M-30, M-32, O-70: from 13.0 on a page that no writable section shares cannot
 * be sorted in; only a set that is out of order is written to.
 */
static void
sorting_in_a_read_only_page_panics(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *order;
		bool writable; /* as the headers of 12 and later have it */
		bool panics;
	} rows[] = { { R121, "21", false, false }, { R130, "12", false, false },
		{ R130, "21", false, true }, { R130, "21", true, false },
		{ R130, "11", false, false }, { R150, "21", false, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = module_new(rows[i].osreldate);
		struct kern kern;

		for (const char *at = rows[i].order; *at != '\0'; at++) {
			char label[] = { 'f', (char)('0' + (at -
			    rows[i].order)), '\0' };

			(void)kldsim_synth_sysinit(module, label,
			    (uint32_t)(*at - '0'), 0,
			    kldsim_synth_func(module, label), 0);
		}
		/* A page of its own, away from .data and its records. */
		kldsim_synth_override(module,
		    "shdr[set_sysinit_set].sh_addralign", 4096);
		if (!rows[i].writable)
			kldsim_synth_override(module,
			    "shdr[set_sysinit_set].sh_flags",
			    KLDSIM_SYNTH_ALLOC);
		kern_start(&kern, rows[i].osreldate);
		if (rows[i].panics)
			kern_panic(&kern, module, "m.ko");
		else
			(void)kern_load(&kern, module, "m.ko");
		assert_int_equal(kern_findings(&kern, "sysinit-read-only"),
		    rows[i].panics);
		kern_fini(&kern);
	}
}

/*
 * M-33, M-30: the second load sorts what the file has, not what the first left
 * in memory: no byte of the file changes.
 */
static void
a_file_loaded_again_has_a_fresh_set(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_image *image;
	struct kern kern;
	void *bytes, *before;
	size_t size, first, second = 0, count;

	(void)state;
	/* [2a,2b,2c,1d] becomes 1d,2b,2c,2a. */
	for (const char *at = "2a2b2c1d"; *at != '\0'; at += 2) {
		char label[] = { at[1], '\0' };

		(void)kldsim_synth_sysinit(module, label,
		    (uint32_t)(at[0] - '0'), 0,
		    kldsim_synth_func(module, label), 0);
	}
	assert_int_equal(kldsim_synth_finish(module, &bytes, &size,
	    &kern.error), KLDSIM_OK);
	kldsim_synth_free(module);
	before = malloc(size);
	assert_non_null(before);
	memcpy(before, bytes, size);
	assert_int_equal(kldsim_image_open_memory(bytes, size, "m.ko", NULL,
	    NULL, &image, &kern.error), KLDSIM_OK);
	kern_start(&kern, R121);
	first = kldsim_event_count(kern.sim);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(kldsim_kldload_image(kern.sim, image,
		    "/m.ko", &kern.result, &kern.error), KLDSIM_OK);
		assert_int_equal(kern.result.error, 0);
		kern_unload(&kern, kern.result.fileid);
		if (again == 0)
			second = kldsim_event_count(kern.sim);
	}
	count = kldsim_event_count(kern.sim) - second;
	assert_int_equal(second - first, count);
	for (size_t i = 0; i < 4; i++) {
		static const char sorted[] = "dbca";

		assert_int_equal(kldsim_event_at(kern.sim, first + i)
		    ->symbol[0], sorted[i]);
		assert_int_equal(kldsim_event_at(kern.sim, second + i)
		    ->symbol[0], sorted[i]);
	}
	assert_memory_equal(bytes, before, size);
	kern_fini(&kern);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes);
	free(before);
}

/* M-36: nothing that happens to a kernel runs its own SYSUNINITs. */
static void
sysuninits_of_the_kernel_never_run(void **state)
{
	struct kldsim_synth *module;
	struct kern kern;
	size_t uninits = 0;
	int f;

	(void)state;
	kern_init(&kern, R121);
	f = kldsim_synth_func(kern.synth, "goodbye");
	(void)kldsim_synth_sysuninit(kern.synth, "bye", 0x3100000, 0, f, 0);
	kern_boot(&kern);
	module = plain();
	f = kldsim_synth_func(module, "mine");
	(void)kldsim_synth_sysuninit(module, "mine", 0x3100000, 0, f, 0);
	kern_unload(&kern, kern_load(&kern, module, "m.ko"));
	/* Not even if the kernel itself is asked to go (V-12). */
	kern_keep(&kern, 1, KLDSIM_UNLOAD_FORCE, FB_EBUSY);
	for (size_t i = 0; i < kldsim_event_count(kern.sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern.sim,
		    i);

		if (event->kind != KLDSIM_EVENT_SYSUNINIT)
			continue;
		uninits++;
		assert_string_equal(event->file, "m.ko");
	}
	assert_int_equal(uninits, 1);
	kern_fini(&kern);
}

/* The only symbol of a set's entry, as the compiler made it (M-40). */
static void
assert_entry(const struct kern *kern, int id, const char *set,
    const char *symbol)
{
	struct kldsim_section section;
	char name[128];
	kldsim_addr address;
	kldsim_size size;

	(void)snprintf(name, sizeof(name), "set_%s", set);
	section = kern_section(kern, id, name);
	(void)snprintf(name, sizeof(name), "__set_%s_sym_%s", set, symbol);
	if (kldsim_kldsym(kern->sim, id, name, &address, &size) != KLDSIM_OK)
		fail_msg("no %s", name);
	assert_int_equal(size, 8);
	assert_true(address - section.address < section.size);
	assert_hex(kern_read(kern, address, 8), kern_sym(kern, id, symbol));
}

/* M-40: what <sys/linker_set.h> and a compiler make of a module. */
static void
a_compiled_set_has_an_object_for_each_entry(void **state)
{
	static const char kernel[] = KLDSIM_FIXTURES "/boot/kernel/kernel";
	static const char hello[] =
	    KLDSIM_FIXTURES "/boot/kernel/fx_hello.ko";
	struct kern kern = { .synth = NULL };
	int id;

	(void)state;
	if (kldsim_image_open(kernel, &kern.image, &kern.error) != KLDSIM_OK)
		skip();
	kldsim_options_init(&kern.options, sizeof(kern.options));
	kern_boot(&kern);
	assert_int_equal(kldsim_kldload_path(kern.sim, hello, &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, 0);
	id = kern.result.fileid;
	/* In the order of their definition: 3 and 1 entries of 8 bytes. */
	assert_int_equal(kern_section(&kern, id, "set_modmetadata_set").size,
	    24);
	assert_int_equal(kern_section(&kern, id, "set_sysinit_set").size, 8);
	assert_entry(&kern, id, "modmetadata_set", "_md_fx_hello");
	assert_entry(&kern, id, "modmetadata_set", "_md_fx_hello_version");
	assert_entry(&kern, id, "modmetadata_set", "_md_fx_hello_on_kernel");
	assert_entry(&kern, id, "sysinit_set", "fx_hellomodule_sys_init");
	kern_fini(&kern);
}

/* L-14: in order, by name, and nothing behind the last. */
static void
events_are_told_by_name(void **state)
{
	const struct kldsim_event *event;
	struct kern kern;
	size_t n;

	(void)state;
	kern_start(&kern, R121);
	n = kldsim_event_count(kern.sim);
	kern_unload(&kern, kern_load(&kern, module_with_set(R121, ".data", 8,
	    1), "m.ko"));
	assert_int_equal(kldsim_event_count(kern.sim), n + 3);
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "KLD_LOAD",
			"KLD_UNLOAD_TRY", "KLD_UNLOAD" };

		event = kldsim_event_at(kern.sim, n + i);
		assert_string_equal(kldsim_event_name(event->kind), names[i]);
		assert_string_equal(event->file, "m.ko");
	}
	assert_null(kldsim_event_at(kern.sim, n + 3));
	assert_string_equal(kldsim_event_name((enum kldsim_event_kind)99),
	    "?");
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_modules_name_is_in_its_moduledata),
		cmocka_unit_test(modules_move_to_the_head_of_the_list),
		cmocka_unit_test(a_module_name_can_be_taken),
		cmocka_unit_test(a_module_without_handler_makes_a_zombie),
		cmocka_unit_test(mod_load_without_a_module_panics),
		cmocka_unit_test(sysinits_are_exchange_sorted_in_place),
		cmocka_unit_test(sysinit_keys_are_unsigned),
		cmocka_unit_test(sorting_in_a_read_only_page_panics),
		cmocka_unit_test(a_file_loaded_again_has_a_fresh_set),
		cmocka_unit_test(sysuninits_of_the_kernel_never_run),
		cmocka_unit_test(events_are_told_by_name),
		cmocka_unit_test(a_compiled_set_has_an_object_for_each_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
