/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Kernels and modules as review D20278 has them (J-20 to J-26, X-40): those that
 * are built so, and ordinary kernels with options.vimage_runtime.
 */

#include "support_preload.h"

#include <stdio.h>

enum kernel { VIMAGE, PLAIN };
/* The kernel is of D20278 by itself, is told to be, or is not. */
enum how { BUILT, TOLD, NOT };

static void
kernel_init(struct kern *kern, enum kernel kernel, enum how how)
{
	static const char *const functions[] = { "vnet_register_sysinit",
		"vnet_deregister_sysinit", "vnet_register_sysuninit",
		"vnet_deregister_sysuninit" };
	static const struct kldsim_synth_oid node = { .name = "kern",
		.parent = "", .number = 1, .kind = 0x80000001 };

	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_VIMAGE,
	    kernel == VIMAGE);
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_VIMAGE_RUNTIME,
	    how == BUILT);
	(void)kldsim_synth_vnet(kern->synth, "ifnet", "\1\0\0\0", 4, 4);
	(void)kldsim_synth_sysctl(kern->synth, &node);
	for (size_t i = 0; i < 4 && kernel == VIMAGE; i++)
		(void)kldsim_synth_func(kern->synth, functions[i]);
	kern->options.vnets = 2;
	kern->options.vimage_runtime = how == TOLD;
}

/* X-40's R, or the same without VIMAGE. */
static struct kldsim_synth *
module(bool runtime, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", kind);
	int up = kldsim_synth_func(m, "up"), down = kldsim_synth_func(m, "down");
	int data = kldsim_synth_section_named(m, ".data");

	kldsim_synth_option(m, KLDSIM_SYNTH_VIMAGE, 0);
	kldsim_synth_option(m, KLDSIM_SYNTH_VIMAGE_RUNTIME, runtime);
	(void)kldsim_synth_append(m, data, NULL, 16);
	(void)kldsim_synth_reloc(m, data, 0, "R_X86_64_64",
	    kldsim_synth_ref(m, runtime ? "vnet_entry_ifnet" : "ifnet"), 0);
	if (runtime)
		(void)kldsim_synth_reloc(m, data, 8, "R_X86_64_64",
		    kldsim_synth_ref(m, "vimage_configured"), 0);
	kldsim_synth_mdt_version(m, "m", 1);
	(void)kldsim_synth_vnet(m, "foo", "\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16,
	    8);
	(void)kldsim_synth_vnet_sysinit(m, "vnet_m", 0x8800000, 0, up, 0);
	(void)kldsim_synth_vnet_sysuninit(m, "vnet_m", 0x8800000, 1, down, 0);
	/* One SYSINIT before, one after: the order is that of the records. */
	(void)kldsim_synth_sysinit(m, "early", 0x8700000, 0,
	    kldsim_synth_func(m, "early"), 0);
	(void)kldsim_synth_sysinit(m, "late", 0x8900000, 0,
	    kldsim_synth_func(m, "late"), 0);
	return m;
}

/* Calls since an event: "S:name" and "U:name", of vnets "+0:name", "-0:name". */
static void
assert_calls(const struct kern *kern, size_t first, bool shims,
    const char *want)
{
	char calls[512] = "";

	for (size_t i = first; i < kldsim_event_count(kern->sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern->sim,
		    i);
		const size_t n = strlen(calls);
		const char *kind = kldsim_event_name(event->kind);
		const bool vnet = strncmp(kind, "VNET", 4) == 0;
		const bool un = strstr(kind, "UNINIT") != NULL;

		if (strncmp(kind, "KLD", 3) == 0 || (!shims &&
		    strncmp(event->symbol, "vnet_dynamic", 12) == 0))
			continue;
		assert_true(n + 64 < sizeof(calls));
		if (vnet)
			(void)snprintf(calls + n, 64, " %s%u:%s", un ? "-" :
			    "+", event->vnet, event->symbol);
		else
			(void)snprintf(calls + n, 64, " %s:%s", un ? "U" : "S",
			    event->symbol);
	}
	assert_string_equal(calls, want);
}

/* What follows from the kernel, whoever made it one of D20278 (J-23, J-24). */
static void
assert_bound(struct kern *kern, int id, enum kernel kernel, enum how how)
{
	const struct kldsim_set_info set = kern_set(kern, KLDSIM_SET_VNET);
	const uint64_t data = kern_section(kern, id, ".data").address;
	const uint64_t ifnet = kern_read(kern, data, 8);
	struct kldsim_vimage vimage;

	assert_hex(ifnet, kern_symbol(kern, kernel == PLAIN && how == TOLD ?
	    "ifnet" : "vnet_entry_ifnet"));
	assert_hex(kern_read(kern, kern_read(kern, data + 8, 8), 4),
	    kernel == VIMAGE);
	assert_int_equal(kldsim_vimage_file(kern->sim, id, &vimage,
	    &kern->error), KLDSIM_OK);
	assert_true(vimage.kernel_runtime);
	assert_int_equal(vimage.module, KLDSIM_VIMAGE_RUNTIME);
	assert_int_equal(vimage.per_vnet, kernel == VIMAGE);
	assert_int_equal(vimage.ordinary, kernel == PLAIN);
	assert_int_equal(vimage.shims, 4);
	assert_int_equal(vimage.fault, KLDSIM_VIMAGE_NO_FAULT);
	assert_int_equal(vimage.set_size, 16);
	assert_int_equal(vimage.set, kernel == VIMAGE ?
	    KLDSIM_VIMAGE_MODSPACE : KLDSIM_VIMAGE_OWN);
	assert_int_equal(vimage.calls, kernel == VIMAGE ?
	    KLDSIM_VIMAGE_EACH_VNET : KLDSIM_VIMAGE_ONCE);
	assert_int_equal(vimage.set_start - set.modspace_start <
	    set.modspace_size, kernel == VIMAGE);
	assert_hex(kern_read(kern, vimage.set_start, 8), 7);
}

#define VIMAGE_LOAD " S:early S:vnet_dynamic_register_sysinit +1:up +0:up" \
	" S:vnet_dynamic_register_sysuninit S:late"
#define VIMAGE_UNLOAD " U:vnet_dynamic_deregister_sysuninit -1:down -0:down" \
	" U:vnet_dynamic_deregister_sysinit"
#define PLAIN_LOAD " S:early S:vnet_dynamic_register_sysinit S:up" \
	" S:vnet_dynamic_register_sysuninit S:late"
#define PLAIN_UNLOAD " U:vnet_dynamic_deregister_sysuninit U:down" \
	" U:vnet_dynamic_deregister_sysinit"

/* Both kinds of kernel, built or told, shared objects too. */
static void
runtime_modules_do_as_the_kernel_is(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		const enum kernel kernel = i & 1 ? PLAIN : VIMAGE;
		const enum how how = i & 2 ? TOLD : BUILT;
		const enum kldsim_synth_kind kind = i & 4 ?
		    KLDSIM_SYNTH_DYN : KLDSIM_SYNTH_MODULE;
		size_t before;
		struct kern kern;
		int id;

		kern_init(&kern, R121);
		kernel_init(&kern, kernel, how);
		kern_boot(&kern);
		before = kldsim_event_count(kern.sim);
		id = kern_load(&kern, module(true, kind), "m.ko");
		assert_bound(&kern, id, kernel, how);
		assert_int_equal(kern_findings(&kern, "vimage-runtime"), 1);
		assert_int_equal(kern_findings(&kern, "module-needs-vimage"),
		    0);
		assert_calls(&kern, before, true, kernel == VIMAGE ?
		    VIMAGE_LOAD : PLAIN_LOAD);
		before = kldsim_event_count(kern.sim);
		kern_unload(&kern, id);
		assert_calls(&kern, before, true, kernel == VIMAGE ?
		    VIMAGE_UNLOAD : PLAIN_UNLOAD);
		kern_fini(&kern);
	}
}

/* J-26: what is told of it, once for each kernel. */
static void
what_is_told_of_runtime_modules(void **state)
{
	static const char *const texts[] = {
		[VIMAGE] = "it finds out that vimage_configured is 1: of its "
		    "vnet_entry_ names 1 bind into set_vnet and 0 to ordinary "
		    "variables; its set_vnet is in each vnet; it imports 4 "
		    "shims, and its VNET_SYSINITs run in each vnet",
		[PLAIN] = "it finds out that vimage_configured is 0: of its "
		    "vnet_entry_ names 0 bind into set_vnet and 1 to ordinary "
		    "variables; its set_vnet is used where it is, once; it "
		    "imports 4 shims, and its VNET_SYSINITs run once, with "
		    "SYSINITs" };

	(void)state;
	for (int kernel = 0; kernel < 2; kernel++) {
		struct kern kern;

		kern_init(&kern, R121);
		kernel_init(&kern, (enum kernel)kernel, TOLD);
		kern_boot(&kern);
		(void)kern_load(&kern, module(true, KLDSIM_SYNTH_MODULE),
		    "m.ko");
		assert_string_equal(kern_finding(&kern,
		    "vimage-runtime")->text, texts[kernel]);
		kern_fini(&kern);
	}
}

/* J-22: on a plain kernel the order is that of a plain module's SYSINITs. */
static void
without_shims_it_runs_as_a_plain_module(void **state)
{
	(void)state;
	for (int runtime = 0; runtime < 2; runtime++) {
		struct kern kern;
		size_t before;
		int id;

		kern_init(&kern, R121);
		kernel_init(&kern, PLAIN, TOLD);
		kern_boot(&kern);
		before = kldsim_event_count(kern.sim);
		id = kern_load(&kern, module(runtime, KLDSIM_SYNTH_MODULE),
		    "m.ko");
		kern_unload(&kern, id);
		assert_calls(&kern, before, false,
		    " S:early S:up S:late U:down");
		kern_fini(&kern);
	}
}

/* The boot loader's files run theirs in the boot's order, in vnet0 first. */
static void
preloaded_runtime_modules(void **state)
{
	static const char *const calls[] = {
		[VIMAGE] = " S:early S:vnet_dynamic_register_sysinit +0:up"
		    " S:vnet_dynamic_register_sysuninit S:late +1:up",
		[PLAIN] = " S:early S:vnet_dynamic_register_sysinit S:up"
		    " S:vnet_dynamic_register_sysuninit S:late" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct preloaded world;

		preloaded_init(&world, R121);
		kernel_init(&world.kern, (enum kernel)(i & 1),
		    i & 2 ? TOLD : BUILT);
		preloaded_add(&world, module(true, KLDSIM_SYNTH_MODULE),
		    "m.ko");
		preloaded_boot(&world);
		assert_bound(&world.kern, preloaded_id(&world, 0),
		    (enum kernel)(i & 1), i & 2 ? TOLD : BUILT);
		assert_calls(&world.kern, 0, true, calls[i & 1]);
		preloaded_fini(&world);
	}
}

/* J-21: today's kernels have none of it; and the old modules of a new one. */
static void
other_kernels_refuse_them(void **state)
{
	struct kern kern;

	(void)state;
	for (int kernel = 0; kernel < 2; kernel++) {
		struct kldsim_vimage vimage;
		struct kldsim_image *image;

		kern_init(&kern, R121);
		kernel_init(&kern, (enum kernel)kernel, NOT);
		kern_boot(&kern);
		image = kern_image(module(true, KLDSIM_SYNTH_MODULE), "m.ko");
		assert_int_equal(kldsim_vimage_image(kern.sim, image, &vimage,
		    &kern.error), KLDSIM_OK);
		kldsim_image_unref(image);
		/* vimage_configured, four shims; without vnets vnet_entry_. */
		assert_int_equal(vimage.undefined, 5 + (kernel == PLAIN));
		assert_int_equal(vimage.module, KLDSIM_VIMAGE_RUNTIME);
		kern_refuse(&kern, module(true, KLDSIM_SYNTH_MODULE), "m.ko",
		    FB_ENOEXEC);
		assert_non_null(strstr(kern_finding(&kern,
		    "undefined-symbol")->text, "kernels of review D20278 have "
		    "it, of which no release was made"));
		kern_fini(&kern);
	}
	kern_init(&kern, R121);
	kernel_init(&kern, PLAIN, BUILT);
	kern_boot(&kern);
	kern_refuse(&kern, module(false, KLDSIM_SYNTH_MODULE), "m.ko",
	    FB_ENOEXEC);
	assert_non_null(kern_finding(&kern, "module-lacks-vimage"));
	kern_fini(&kern);
}

/* J-04: DPCPU is the same to both, and nothing is told of it. */
static void
dpcpu_asks_for_no_such_thing(void **state)
{
	(void)state;
	for (int kernel = 0; kernel < 2; kernel++) {
		const unsigned char one[8] = { 1 };
		struct kldsim_synth *m = module_new(R121);
		struct kldsim_set_info set;
		struct kern kern;

		kern_init(&kern, R121);
		kernel_init(&kern, (enum kernel)kernel, TOLD);
		kern_boot(&kern);
		(void)kldsim_synth_dpcpu(m, "count", one, 8, 8);
		(void)kern_load(&kern, m, "m.ko");
		set = kern_set(&kern, KLDSIM_SET_DPCPU);
		assert_int_equal(set.nparts, 1);
		assert_hex(kern_copy(&kern, KLDSIM_SET_DPCPU, 1,
		    set.modspace_start, 8), 1);
		assert_int_equal(kern_findings(&kern, "vimage-runtime"), 0);
		kern_fini(&kern);
	}
}

/* J-13: the kernel adds vnet_data_base to what a CTLFLAG_VNET says. */
static void
sysctls_of_vnets_want_a_set(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		const bool fixed = i & 1, kernel = i & 2;
		struct kldsim_synth *m = module_new(R121);
		struct kldsim_synth_oid oid = { .name = "limit", .parent = "",
			.kind = 0x80020002, .number = -1 };
		struct kern kern;

		kern_init(&kern, R121);
		kernel_init(&kern, kernel ? VIMAGE : PLAIN, NOT);
		kern_boot(&kern);
		kldsim_synth_option(m, KLDSIM_SYNTH_VIMAGE, fixed);
		oid.arg1 = kldsim_synth_vnet(m, "limit", "\1\0\0\0", 4, 4);
		(void)kldsim_synth_sysctl(m, &oid);
		(void)kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_findings(&kern, "module-lacks-vimage"),
		    !fixed && kernel);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtime_modules_do_as_the_kernel_is),
		cmocka_unit_test(what_is_told_of_runtime_modules),
		cmocka_unit_test(without_shims_it_runs_as_a_plain_module),
		cmocka_unit_test(preloaded_runtime_modules),
		cmocka_unit_test(other_kernels_refuse_them),
		cmocka_unit_test(dpcpu_asks_for_no_such_thing),
		cmocka_unit_test(sysctls_of_vnets_want_a_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
