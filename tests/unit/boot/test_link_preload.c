/* SPDX-License-Identifier: BSD-2-Clause */

/* Preloaded files: what the kernel makes of them. */

#include "support_preload.h"

#include <elf.h>
#include <stdio.h>

#define PAGE 4096u
#define RW (KLDSIM_PROT_READ | KLDSIM_PROT_WRITE)
#define RX (KLDSIM_PROT_READ | KLDSIM_PROT_EXEC)

/* --- link_preload: ids and sets --- */

/*
 * P-20, P-23, A-10: in blob order, whatever depends on what.  20 bytes round
 * to 24, 100 to 104: parts at 0, 24 and 128, free from 144.
 */
static void
ids_and_sets_in_blob_order(void **state)
{
	static const struct {
		uint64_t size, start;
	} rows[] = { { 20, 0 }, { 100, 24 }, { 16, 128 } };
	static const char *const names[] = { "a.ko", "b.ko", "c.ko" };
	struct kldsim_set_part part;
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_with_set(R121,
		    "set_pcpu", rows[i].size, (unsigned char)(i + 1));

		if (i == 0) /* a is resolved last */
			kldsim_synth_mdt_depend(module, "libc", 1, 1, 1);
		else if (i == 2)
			kldsim_synth_mdt_version(module, "libc", 1);
		preloaded_add(&world, module, names[i]);
	}
	preloaded_boot(&world);
	for (size_t i = 0; i < 3; i++) {
		uint64_t start = kern_set(&world.kern,
		    KLDSIM_SET_DPCPU).modspace_start + rows[i].start;

		assert_int_equal(preloaded_id(&world, i), i + 2);
		assert_int_equal(kldsim_set_part(world.kern.sim,
		    KLDSIM_SET_DPCPU, i, &part), KLDSIM_OK);
		assert_int_equal(part.fileid, i + 2);
		assert_hex(part.start, start);
		assert_int_equal(part.size, rows[i].size);
		assert_hex(kern_copy(&world.kern, KLDSIM_SET_DPCPU, 1,
		    start, 2), 0x101 * (i + 1));
	}
	assert_free_list(&world.kern, KLDSIM_SET_DPCPU,
	    { 144, 2048 - 144 });
	preloaded_fini(&world);
}

/*
 * P-23: a NOBITS set is copied like any other.  The kernel's modspace is not
 * zero here, and zeros must reach CPU 1.  CPU 0 has its area already, and
 * keeps what it has.
 */
static void
a_nobits_set_is_zero_everywhere(void **state)
{
	static const unsigned char junk[16] = { 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff };
	static const char *const sets[] = { "set_pcpu", "set_vnet" };

	(void)state;
	for (unsigned set = 0; set < 2; set++) {
		struct kldsim_synth *module = plain_module();
		struct preloaded world;
		uint64_t at;

		preloaded_init(&world, R121);
		if (set == 0)
			(void)kldsim_synth_dpcpu_modspace(world.kern.synth,
			    2048);
		else
			(void)kldsim_synth_vnet_modspace(world.kern.synth,
			    32768);
		kldsim_synth_store(world.kern.synth,
		    kldsim_synth_section_named(world.kern.synth, sets[set]),
		    0, junk, sizeof(junk));
		(void)module_section(module, sets[set], KLDSIM_SYNTH_NOBITS,
		    KERN_ALLOC_WRITE, 8, 8);
		preloaded_add(&world, module, "a.ko");
		preloaded_boot(&world);
		(void)preloaded_id(&world, 0);
		at = kern_set(&world.kern,
		    (enum kldsim_set)set).modspace_start;
		assert_hex(kern_read(&world.kern, at, 8), 0);
		for (unsigned i = 0; i < 2 - set; i++) {
			assert_hex(kern_copy(&world.kern,
			    (enum kldsim_set)set, i, at, 8),
			    set == KLDSIM_SET_DPCPU && i == 0 ? UINT64_MAX :
			    0);
			assert_hex(kern_copy(&world.kern,
			    (enum kldsim_set)set, i, at + 8, 8), UINT64_MAX);
		}
		preloaded_fini(&world);
	}
}

/*
 * P-23, O-21: the set of b does not fit.  What its unload frees is where the
 * loader has put the section: .data is 8 bytes, so set at 8.  c is one page
 * further: the loader knows nothing of refusals (P-10).
 */
static void
exhaustion_frees_the_load_address(void **state)
{
	struct preloaded world;
	uint64_t start, b = KERN_BASE + PAGE;
	struct kldsim_synth *module = plain_module();
	int c;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_with_set(R121, "set_pcpu", 48, 1), "a.ko");
	(void)module_section(module, "set_pcpu", KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 8, 2048);
	preloaded_add(&world, module, "/boot/b.ko");
	preloaded_add(&world, plain_module(), "c.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 1, FB_ENOSPC);
	assert_console(&world.kern, "link_elf_link_preload: pcpu module space "
	    "is out of space; cannot allocate 0x800 for /boot/b.ko");
	start = kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_start;
	assert_free_list(&world.kern, KLDSIM_SET_DPCPU, { 48, 2000 },
	    { b + 8 - start, 2048 });
	/* L-06: b's id is free again. */
	c = preloaded_id(&world, 2);
	assert_int_equal(c, 3);
	assert_hex(kern_stat(&world.kern, c).address, KERN_BASE + 2 * PAGE);
	preloaded_fini(&world);
}

/* P-23: a later file may be given it, where nothing is any more. */
static void
the_freed_load_address_is_a_trap(void **state)
{
	struct preloaded world;
	struct kldsim_synth *module = plain_module();

	(void)state;
	preloaded_init(&world, R121);
	(void)module_section(module, "set_pcpu", KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 8, 2056);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 0, FB_ENOSPC);
	(void)kern_load(&world.kern, module_with_set(R121, "set_pcpu", 2048,
	    1), "b.ko");
	assert_free_list(&world.kern, KLDSIM_SET_DPCPU, { KERN_BASE + 8 -
	    kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_start, 2056 });
	kern_panic(&world.kern, module_with_set(R121, "set_pcpu", 8, 1),
	    "c.ko");
	preloaded_fini(&world);
}

/*
 * O-70: gaps are read and write here; the loader's tables lie in one.  V-68:
 * not in 12.2, though kldload(2) sets them there.
 */
static void
protections_leave_the_rest_writable(void **state)
{
	static const struct {
		uint64_t start, size;
		unsigned prot;
	} want[] = { { 0, PAGE, RX }, { PAGE, PAGE, RW },
		{ 2 * PAGE, PAGE, RW | KLDSIM_PROT_EXEC },
		{ 3 * PAGE, PAGE, RW } };
	static const uint32_t releases[] = { R121, 1202000, R130, R150 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct kldsim_synth *module = module_new(releases[i]);
		struct kldsim_protection run;
		struct preloaded world;
		size_t n = releases[i] < R130 ? 0 : 4;
		int text, id;

		/* R-X; one page of nothing; RWX by sharing; the tables. */
		(void)kldsim_synth_func(module, "f");
		text = module_section(module, ".text.b",
		    KLDSIM_SYNTH_PROGBITS, KLDSIM_SYNTH_ALLOC |
		    KLDSIM_SYNTH_EXECINSTR, 16, 16);
		kldsim_synth_override(module, "shdr[.text.b].sh_addralign",
		    2 * PAGE);
		(void)module_section(module, ".data", KLDSIM_SYNTH_PROGBITS,
		    KERN_ALLOC_WRITE, 8, PAGE - 16);
		assert_true(text != 0);
		preloaded_init(&world, releases[i]);
		preloaded_add(&world, module, "a.ko");
		preloaded_boot(&world);
		id = preloaded_id(&world, 0);
		for (size_t j = 0; j < n; j++) {
			assert_int_equal(kldsim_file_protection(
			    world.kern.sim, id, j, &run), KLDSIM_OK);
			assert_hex(run.start, KERN_BASE + want[j].start);
			assert_hex(run.size, want[j].size);
			assert_int_equal(run.prot, want[j].prot);
		}
		assert_int_equal(kldsim_file_protection(world.kern.sim, id, n,
		    &run), KLDSIM_NOENT);
		preloaded_fini(&world);
	}
}

/* --- resolution (P-26) --- */

/*
 * Pass by pass, from the beginning each time: c; then a, which now can; then
 * b; then d.  Without the restart d would come before a.
 */
static void
resolution_restarts_from_the_beginning(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node(NULL, "libc", "ma"), "a.ko");
	preloaded_add(&world, module_node(NULL, "libc", "mb"), "b.ko");
	preloaded_add(&world, module_node("libc", NULL, "mc"), "c.ko");
	preloaded_add(&world, module_node(NULL, NULL, "md"), "d.ko");
	preloaded_boot(&world);
	/* Modules are registered in the resolved order (P-27). */
	assert_int_equal(module_id(&world, "mc"), 1);
	assert_int_equal(module_id(&world, "ma"), 2);
	assert_int_equal(module_id(&world, "mb"), 3);
	assert_int_equal(module_id(&world, "md"), 4);
	preloaded_fini(&world);
}

/* P-26, P-27, P-28: a chain given backwards; deps, references, userrefs. */
static void
a_chain_in_the_wrong_order(void **state)
{
	static const struct {
		uint32_t osreldate;
		int kernel_userrefs; /* V-12 */
	} rows[] = { { R121, 1 }, { R130, 1 }, { R140, 1 }, { R141, 0 },
		{ R150, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct preloaded world;
		const struct kern *kern = &world.kern;

		preloaded_init(&world, rows[i].osreldate);
		preloaded_add(&world, module_node("liba", "libb", "ma"), "a.ko");
		preloaded_add(&world, module_node("libb", "libc", "mb"), "b.ko");
		preloaded_add(&world, module_node("libc", "libc", "mc"), "c.ko");
		preloaded_boot(&world);
		assert_silent(kern);
		assert_deps(&world, preloaded_id(&world, 0), 1, 3);
		assert_deps(&world, preloaded_id(&world, 1), 1, 4);
		assert_deps(&world, preloaded_id(&world, 2), 1); /* itself: none */
		assert_int_equal(kern_stat(kern, 1).refs, 4);
		assert_int_equal(kern_stat(kern, 2).refs, 1);
		assert_int_equal(kern_stat(kern, 3).refs, 2);
		assert_int_equal(kern_stat(kern, 4).refs, 2);
		for (int id = 2; id <= 4; id++) {
			assert_int_equal(kern_stat(kern, id).userrefs, 1);
			assert_true(kern_stat(kern, id).linked);
		}
		assert_int_equal(kern_stat(kern, 1).userrefs,
		    rows[i].kernel_userrefs);
		assert_int_equal(module_id(&world, "mc"), 1);
		assert_int_equal(module_id(&world, "mb"), 2);
		assert_int_equal(module_id(&world, "ma"), 3);
		preloaded_fini(&world);
	}
}

/*
 * P-26: b's own interface goes with it when lib turns out to be there, so c
 * misses it.  Another version of lib is no duplicate, twice in one file is.
 */
static void
duplicate_interfaces_drop_the_file(void **state)
{
	struct kldsim_synth *b = module_node("own", NULL, NULL);
	struct kldsim_synth *d = module_new(R121);
	struct kldsim_synth *e = module_node("twice", NULL, NULL);
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node("lib", NULL, NULL), "a.ko");
	kldsim_synth_mdt_version(b, "lib", 1);
	preloaded_add(&world, b, "b.ko");
	preloaded_add(&world, module_node(NULL, "own", NULL), "c.ko");
	kldsim_synth_mdt_version(d, "lib", 2);
	preloaded_add(&world, d, "d.ko");
	kldsim_synth_mdt_version(e, "twice", 1);
	preloaded_add(&world, e, "e.ko");
	preloaded_boot(&world);
	assert_console(&world.kern, "module lib already present!",
	    "module twice already present!",
	    "KLD file c.ko is missing dependencies");
	assert_int_equal(preloaded_id(&world, 0), 2);
	preloaded_refused(&world, 1, FB_EEXIST);
	preloaded_refused(&world, 2, FB_ENOENT);
	assert_int_equal(preloaded_id(&world, 3), 5);
	preloaded_refused(&world, 4, FB_EEXIST);
	/* Interfaces: lib 1, lib 2; nothing of the others. */
	kern_refuse(&world.kern, module_node(NULL, "twice", NULL), "x.ko",
	    FB_ENOEXEC);
	kern_refuse(&world.kern, module_node(NULL, "own", NULL), "x.ko", FB_ENOEXEC);
	preloaded_fini(&world);
}

/* P-26: the kernel's interfaces were first. */
static void
an_interface_of_the_kernel_is_a_duplicate(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	kldsim_synth_mdt_version(module, "kernel", R121);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	assert_console(&world.kern, "module kernel already present!");
	preloaded_refused(&world, 0, FB_EEXIST);
	preloaded_fini(&world);
}

/* P-26: a circle resolves never; of two leftovers the first is first. */
static void
leftovers_are_told_in_blob_order(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node("liba", "libb", NULL), "a.ko");
	preloaded_add(&world, module_node("ok", NULL, NULL), "ok.ko");
	preloaded_add(&world, module_node("libb", "liba", NULL), "/boot/b.ko");
	preloaded_boot(&world);
	assert_console(&world.kern, "KLD file a.ko is missing dependencies",
	    "KLD file b.ko is missing dependencies");
	preloaded_refused(&world, 0, FB_ENOENT);
	(void)preloaded_id(&world, 1);
	preloaded_refused(&world, 2, FB_ENOENT);
	assert_int_equal(kern_stat(&world.kern, 1).refs, 2);
	preloaded_fini(&world);
}

/* P-27: a self reference resolves by name, but its version is looked up. */
static void
a_self_reference_has_to_fit(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	kldsim_synth_mdt_depend(module, "me", 7, 8, 9);
	kldsim_synth_mdt_version(module, "me", 1);
	preloaded_add(&world, module, "me.ko");
	preloaded_add(&world, module_node("ok", "ok", NULL), "ok.ko");
	preloaded_boot(&world);
	assert_console(&world.kern,
	    "KLD file me.ko - cannot find dependency \"me\"");
	preloaded_refused(&world, 0, FB_ENOENT);
	assert_deps(&world, preloaded_id(&world, 1), 1);
	/* The reference that me.ko had taken went back. */
	assert_int_equal(kern_stat(&world.kern, 1).refs, 2);
	preloaded_fini(&world);
}

/* P-27: b fails to link, and c, which counted on it, with it. */
static void
a_provider_that_fails_takes_others_along(void **state)
{
	struct kldsim_synth *b = module_node("libb", NULL, "mb");
	struct preloaded world;

	(void)state;
	(void)module_slot(b, kldsim_synth_ref(b, "nowhere"), 0);
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node(NULL, "libb", "mc"), "c.ko");
	preloaded_add(&world, b, "b.ko");
	preloaded_add(&world, module_node("liba", NULL, "ma"), "a.ko");
	preloaded_boot(&world);
	assert_console(&world.kern, "link_elf_obj: symbol nowhere undefined",
	    "KLD file b.ko - could not finalize loading",
	    "KLD file c.ko - cannot find dependency \"libb\"");
	preloaded_refused(&world, 0, FB_ENOENT);
	preloaded_refused(&world, 1, FB_ENOENT);
	assert_int_equal(preloaded_id(&world, 2), 4);
	assert_int_equal(kern_stat(&world.kern, 1).refs, 2);
	assert_int_equal(module_id(&world, "ma"), 1);
	preloaded_fini(&world);
}

/* --- modules --- */

/* L-01, L-12: at MIDDLE, before the kernel's own at ANY, which then lose. */
static void
module_ids_before_the_kernels(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	(void)kldsim_synth_mdt_module(world.kern.synth, "k1", 0, 0);
	(void)kldsim_synth_mdt_module(world.kern.synth, "ma", 0, 0);
	(void)kldsim_synth_mdt_module(world.kern.synth, "k2", 0, 0);
	preloaded_add(&world, module_node(NULL, NULL, "ma"), "a.ko");
	preloaded_add(&world, module_node(NULL, NULL, "mb"), "b.ko");
	preloaded_boot(&world);
	assert_int_equal(module_id(&world, "ma"), 1);
	assert_int_equal(module_id(&world, "mb"), 2);
	assert_int_equal(module_id(&world, "k1"), 3);
	assert_int_equal(module_id(&world, "k2"), 4);
	assert_int_equal(kern_stat(&world.kern, 1).nmodules, 2);
	assert_string_equal(kldsim_console_line(world.kern.sim, 0),
	    "module_register: cannot register ma from kernel; already loaded "
	    "from a.ko");
	preloaded_fini(&world);
}

/* P-27, V-11: the answer of the registration is ignored; b never had any. */
static void
a_module_that_is_registered_twice(void **state)
{
	struct preloaded world;
	int b;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node(NULL, NULL, "m"), "a.ko");
	preloaded_add(&world, module_node(NULL, NULL, "m"), "b.ko");
	preloaded_boot(&world);
	assert_console(&world.kern, "module_register: cannot register m from "
	    "b.ko; already loaded from a.ko",
	    "Module m failed to register: 17");
	b = preloaded_id(&world, 1);
	assert_int_equal(kern_stat(&world.kern, b).nmodules, 0);
	assert_int_equal(kern_stat(&world.kern, b).userrefs, 1);
	preloaded_fini(&world);
}

/* --- after the boot --- */

/* Loads at run time go behind all of it, and count on it. */
static void
later_loads_go_behind(void **state)
{
	struct preloaded world;
	const struct kern *kern = &world.kern;
	int id, a;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node("liba", NULL, NULL), "/boot/kernel/a.ko");
	preloaded_add(&world, module_with_set(R121, ".data", PAGE + 1, 1), "b.ko");
	preloaded_boot(&world);
	a = preloaded_id(&world, 0);
	id = kern_load(&world.kern, module_node(NULL, "liba", NULL), "c.ko");
	/* a has one page, b two. */
	assert_int_equal(id, 4);
	assert_hex(kern_stat(kern, id).address, KERN_BASE + 3 * PAGE);
	assert_deps(&world, id, 1, a);
	assert_int_equal(kern_stat(kern, a).refs, 2);
	/* K-07: by base name it is there. */
	kern_refuse(&world.kern, plain_module(), "a.ko", FB_EEXIST);
	preloaded_fini(&world);
}

/* U-04, U-13: a preloaded file can go, and its memory with it. */
static void
preloaded_files_can_be_unloaded(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_node("liba", NULL, NULL);
		struct kldsim_filestat stat;
		unsigned char byte;
		struct preloaded world;
		int a;

		(void)kldsim_synth_dpcpu(module, "v", "\1\2\3\4", 4, 4);
		preloaded_init(&world, releases[i]);
		preloaded_add(&world, module, "a.ko");
		preloaded_add(&world, module_node(NULL, NULL, NULL), "b.ko");
		preloaded_boot(&world);
		a = preloaded_id(&world, 0);
		kern_unload(&world.kern, a);
		assert_int_equal(kldsim_kldstat(world.kern.sim, a, &stat),
		    KLDSIM_NOENT);
		assert_free_list(&world.kern, KLDSIM_SET_DPCPU, { 0, 2048 });
		assert_int_equal(kldsim_read(world.kern.sim, KERN_BASE, &byte,
		    1), KLDSIM_FAULT);
		assert_int_equal(kern_stat(&world.kern, 1).refs, 2);
		/* L-06: the counter stands at b's id, 3. */
		assert_int_equal(kern_load(&world.kern, plain_module(), "c.ko"), 4);
		kern_unload(&world.kern, preloaded_id(&world, 1));
		preloaded_fini(&world);
	}
}

/* --- handlers that refuse (P-28, V-11) --- */

/* All MOD_LOADs of a file fail: it is unloaded when the boot is over. */
static void
a_file_whose_modules_all_fail_is_unloaded(void **state)
{
	static const struct kldsim_handler_answer answers[] = {
		{ "bad", KLDSIM_MOD_LOAD, 6 },
	};
	struct kldsim_synth *bad = module_new(R121);
	struct preloaded world;
	int fileid;

	(void)state;
	preloaded_init(&world, R121);
	(void)kldsim_synth_func(bad, "handler");
	kldsim_synth_declare_module(bad, "bad",
	    kldsim_synth_find_symbol(bad, "handler"), 0x3100000, 0x1000000);
	preloaded_add(&world, bad, MODULE_PATH("bad.ko"));
	preloaded_add(&world, plain_module(), MODULE_PATH("good.ko"));
	world.kern.options.answers = answers;
	world.kern.options.nanswers = 1;
	preloaded_boot(&world);
	preloaded_refused(&world, 0, FB_ENOEXEC);
	assert_true(preloaded_id(&world, 1) > 1);
	assert_int_equal(kldsim_kldfind(world.kern.sim, "bad", &fileid),
	    KLDSIM_NOENT);
	preloaded_fini(&world);
}

/*
 * O-18, P-23: what the boot loader brings is a set first and constructors
 * after that; at run time it is both.
 */
static void
a_set_of_type_init_array(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *m = module_new(R140);
		struct preloaded world;
		int set, f, id;

		f = kldsim_synth_func(m, "f");
		set = module_section(m, "set_pcpu", KLDSIM_SYNTH_INIT_ARRAY,
		    KERN_ALLOC_WRITE, 8, 0);
		(void)kldsim_synth_append_int(m, set, 0x1234, 8);
		kldsim_synth_pointer(m, set, 0, f, 0);
		preloaded_init(&world, R140);
		if (i == 0) {
			preloaded_add(&world, m, "m.ko");
			preloaded_boot(&world);
			id = preloaded_id(&world, 0);
		} else {
			kern_boot(&world.kern);
			id = kern_load(&world.kern, m, "m.ko");
		}
		/* The loader has read 0x1234 there, the kernel nothing. */
		assert_int_equal(kern_stat(&world.kern, id).nconstructors, 0);
		assert_hex(kern_section(&world.kern, id, "set_pcpu").address,
		    kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_start);
		preloaded_fini(&world);
	}
}

/* A module that is refused, with much metadata to be read to say why. */
static struct kldsim_synth *
undefined_and_talkative(enum kldsim_synth_kind kind, const char *its)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", kind);
	const int data = kldsim_synth_section_named(m, ".data");
	char name[40];

	(void)kldsim_synth_object(m, "word", "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_pointer(m, data, 0, kldsim_synth_ref(m, "nowhere"), 0);
	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(name, sizeof(name), "an_interface_of_%s_%u", its,
		    i);
		kldsim_synth_mdt_version(m, name, 1);
	}
	return m;
}

/* What was read to say why is put back, and the file's memory is whole: that
   something was written twice or freed twice, a sanitizer sees. */
static void
why_a_file_is_refused_is_put_back(void **state)
{
	static const enum kldsim_synth_kind kinds[] = { KLDSIM_SYNTH_REL,
		KLDSIM_SYNTH_DYN };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct preloaded world;

		preloaded_init(&world, R130);
		/* What the first reads is put back in the second's time. */
		preloaded_add(&world, undefined_and_talkative(kinds[i],
		    "a"), "a.ko");
		preloaded_add(&world, undefined_and_talkative(kinds[i],
		    "b"), "b.ko");
		preloaded_boot(&world);
		assert_int_equal(kern_findings(&world.kern,
		    "undefined-symbol"), 2);
		preloaded_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_a_file_is_refused_is_put_back),
		cmocka_unit_test(a_set_of_type_init_array),
		cmocka_unit_test(ids_and_sets_in_blob_order),
		cmocka_unit_test(a_nobits_set_is_zero_everywhere),
		cmocka_unit_test(exhaustion_frees_the_load_address),
		cmocka_unit_test(the_freed_load_address_is_a_trap),
		cmocka_unit_test(protections_leave_the_rest_writable),
		cmocka_unit_test(resolution_restarts_from_the_beginning),
		cmocka_unit_test(a_chain_in_the_wrong_order),
		cmocka_unit_test(duplicate_interfaces_drop_the_file),
		cmocka_unit_test(an_interface_of_the_kernel_is_a_duplicate),
		cmocka_unit_test(leftovers_are_told_in_blob_order),
		cmocka_unit_test(a_self_reference_has_to_fit),
		cmocka_unit_test(a_provider_that_fails_takes_others_along),
		cmocka_unit_test(module_ids_before_the_kernels),
		cmocka_unit_test(a_module_that_is_registered_twice),
		cmocka_unit_test(later_loads_go_behind),
		cmocka_unit_test(preloaded_files_can_be_unloaded),
		cmocka_unit_test(a_file_whose_modules_all_fail_is_unloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
