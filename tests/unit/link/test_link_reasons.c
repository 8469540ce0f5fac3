/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Why the simulated kernel says no, in words: what the errno alone does not
 * tell.  tests/cli/test_cases.py has the ones that people met.
 */

#include "support_kern.h"

#define FB_EPERM 1
#define FB_ESRCH 3
#define FB_ENXIO 6
#define FB_ENOSPC 28

/* The last refusal's reason is of this code and says this. */
static void
because(const struct kern *kern, const char *code, const char *text)
{
	const struct kldsim_finding *reason = kern_reason(kern);

	assert_string_equal(reason->code, code);
	if (strstr(reason->text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", reason->text, text);
	assert_non_null(kldsim_finding_info(code));
}

static int
load_name(struct kern *kern, const char *name)
{
	assert_int_equal(kldsim_kldload(kern->sim, name, &kern->result,
	    &kern->error), KLDSIM_OK);
	return (kern->result.error);
}

/* A module with an interface and a handler. */
static struct kldsim_synth *
with_module(uint32_t osreldate, const char *name)
{
	struct kldsim_synth *module = module_new(osreldate);
	int text = module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC |
	    KLDSIM_SYNTH_EXECINSTR, 16, 16);

	(void)kldsim_synth_declare_module(module, name, kldsim_synth_symbol(
	    module, "handler", KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_FUNC, text,
	    0, 16), 1, 0);
	kldsim_synth_mdt_version(module, name, 1);
	return (module);
}

/* O-01: what is odd of an object's headers. */
static void
odd_headers(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
		const char *text;
	} rows[] = {
		{ "ehdr.e_shnum", 0, "it has no section headers" },
		{ "ehdr.e_shoff", 0, "it has no section headers" },
		{ "ehdr.e_shentsize", 63, "e_shentsize is 63, not 64" },
		{ "ehdr.e_shoff", 0x100000, "section headers at 0x100000 lie "
		    "outside the file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = with_module(R121, "m");
		struct kern kern;

		kern_start(&kern, R121);
		kldsim_synth_override(module, rows[i].field, rows[i].value);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		because(&kern, "file-format", rows[i].text);
		kern_fini(&kern);
	}
}

/* K-30: who would have provided it is remembered, if it was refused. */
static void
a_provider_that_was_refused(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	kldsim_synth_mdt_version(module, "b", 1);
	kldsim_synth_mdt_depend(module, "nobody", 1, 1, 1);
	kern_refuse(&kern, module, "b.ko", FB_ENOEXEC);
	module = module_new(R121);
	kldsim_synth_mdt_depend(module, "b", 1, 1, 1);
	kern_refuse(&kern, module, "a.ko", FB_ENOEXEC);
	because(&kern, "dependency", MODULE_PATH("b.ko") " would provide it "
	    "and was refused before");
	kern_fini(&kern);
}

/* K-02, U-01, L-15. */
static void
the_securelevel(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	id = kern_load(&kern, with_module(R121, "a"), "a.ko");
	assert_int_equal(kern_secure(&kern, 2), 0);
	kern_refuse(&kern, with_module(R121, "b"), "b.ko", FB_EPERM);
	because(&kern, "forbidden", "the securelevel is 2");
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, FB_EPERM);
	because(&kern, "forbidden", "cannot be lowered");
	assert_int_equal(kldsim_release_file(kern.sim, id, &kern.result,
	    &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_EPERM);
	because(&kern, "forbidden", "nothing is unloaded");
	assert_int_equal(kern_secure(&kern, 1), FB_EPERM);
	because(&kern, "forbidden", "can only be raised");
	kern_fini(&kern);
}

/* K-47: ENOEXEC comes of it, whatever the policy says. */
static void
a_policy(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(kldsim_mac_answer(kern.sim, FB_EPERM), KLDSIM_OK);
	kern_refuse(&kern, module_new(R121), "a.ko", FB_ENOEXEC);
	because(&kern, "forbidden", "policy of the MAC framework");
	kern_fini(&kern);
}

/* O-21: how much is free, and in what pieces. */
static void
module_space(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	/* DPCPU_MODMIN is 2048: 2000 and 48 are all there is. */
	(void)kern_load(&kern, module_with_set(R121, "set_pcpu", 2000, 1),
	    "a.ko");
	kern_refuse(&kern, module_with_set(R121, "set_pcpu", 56, 1), "b.ko",
	    FB_ENOEXEC);
	because(&kern, "modspace-full", "its set_pcpu needs 0x38 bytes in one "
	    "piece; of the 0x800 that all modules share 0x30 are free, the "
	    "largest piece has 0x30");
	kern_fini(&kern);
}

/* O-12: more than there are addresses. */
static void
no_room(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.limits.map_bytes = UINT64_C(1) << 40;
	kern_boot(&kern);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, UINT64_C(4) << 30);
	kern_refuse(&kern, module, "a.ko", FB_ENOEXEC);
	because(&kern, "no-room", "bytes of address space in one piece");
	kern_fini(&kern);
}

/* K-01, U-01, K-35: what is asked makes no sense. */
static void
requests(void **state)
{
	char longer[1025];
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(load_name(&kern, longer), FB_ENAMETOOLONG);
	because(&kern, "request", "1024 characters, and the kernel takes 1023");
	kern_keep(&kern, 77, KLDSIM_UNLOAD_NORMAL, FB_ENOENT);
	because(&kern, "request", "no file has the id 77");
	kern_keep(&kern, 1, 8, FB_EINVAL);
	because(&kern, "request", "flags 0x8");
	assert_int_equal(kldsim_release_module(kern.sim, "nobody", NULL,
	    &kern.result, &kern.error), KLDSIM_OK);
	assert_int_equal(kern.result.error, FB_ESRCH);
	because(&kern, "request", "provides the module nobody");
	kern_fini(&kern);
}

/* U-02 to U-04, U-10: who keeps a file. */
static void
unloads(void **state)
{
	struct kldsim_synth *user = module_new(R150);
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R150);
	id = kern_load(&kern, with_module(R150, "lib"), "lib.ko");
	kldsim_synth_mdt_depend(user, "lib", 1, 1, 1);
	(void)kern_load(&kern, user, "user.ko");
	kern_keep(&kern, id, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	because(&kern, "unload-refused", "it is in use: user.ko depends on "
	    "it, and has to go first");
	kern_unload(&kern, 3);
	assert_int_equal(kldsim_module_answer(kern.sim, "lib",
	    KLDSIM_MOD_QUIESCE, FB_EBUSY), KLDSIM_OK);
	kern_keep(&kern, id, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	/* U-10 step 4: forced, it is asked as well. */
	because(&kern, "unload-refused", "module lib answers MOD_QUIESCE with "
	    "EBUSY (it is in use, and kldunload -f goes on all the same)");
	assert_int_equal(kldsim_module_answer(kern.sim, "lib",
	    KLDSIM_MOD_UNLOAD, FB_ENXIO), KLDSIM_OK);
	kern_keep(&kern, id, KLDSIM_UNLOAD_FORCE, FB_ENXIO);
	because(&kern, "unload-refused", "module lib answers MOD_UNLOAD with "
	    "ENXIO");
	kern_keep(&kern, 1, KLDSIM_UNLOAD_NORMAL, FB_EBUSY);
	because(&kern, "unload-refused", "it is the kernel itself");
	kern_fini(&kern);
}

/* K-22 step 7, M-21: an errno of the kernel's own is negative. */
static void
handlers(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R150);
	assert_int_equal(kldsim_module_answer(kern.sim, "drv",
	    KLDSIM_MOD_LOAD, FB_ENXIO), KLDSIM_OK);
	kern_refuse(&kern, with_module(R150, "drv"), "drv.ko", FB_ENOEXEC);
	because(&kern, "module-refused", "module drv answered MOD_LOAD with "
	    "ENXIO");
	kern_fini(&kern);
}

/* L-15, K-22 step 7: its only module raises the securelevel and refuses. */
static void
nothing_is_left_and_it_stays(void **state)
{
	const struct kldsim_finding *zombie;
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R150);
	assert_int_equal(kldsim_module_answer(kern.sim, "drv",
	    KLDSIM_MOD_LOAD, FB_ENXIO), KLDSIM_OK);
	assert_int_equal(kldsim_module_raises(kern.sim, "drv",
	    KLDSIM_MOD_LOAD, 1), KLDSIM_OK);
	kern_refuse(&kern, with_module(R150, "drv"), "drv.ko", FB_ENOEXEC);
	zombie = kern_finding(&kern, "zombie-file");
	assert_non_null(zombie);
	assert_non_null(strstr(zombie->text, "has no module left, and the "
	    "securelevel forbids"));
	/* Step 6 comes before step 7: it is linked. */
	assert_int_equal(kldsim_kldfind(kern.sim, "drv", &id), KLDSIM_OK);
	assert_true(kern_stat(&kern, id).linked);
	kern_fini(&kern);
}

/* Z-74: what is called is not looked at. */
static void
calls_to_nowhere(void **state)
{
	(void)state;
	for (int vnet = 0; vnet < 2; vnet++) {
		struct kldsim_synth *module = module_new(R121);
		int nowhere = module_absolute(module, "nowhere",
		    KLDSIM_SYNTH_GLOBAL, 0x1000, 0);
		const struct kldsim_finding *panic;
		struct kern kern;

		if (vnet != 0)
			(void)kldsim_synth_vnet_sysinit(module, "foo",
			    0x8400000, 0, nowhere, 0);
		else
			(void)kldsim_synth_declare_module(module, "foo",
			    nowhere, 0x3100000, 0);
		kern_init(&kern, R121);
		(void)kldsim_synth_func(kern.synth, "vnet_register_sysinit");
		(void)kldsim_synth_func(kern.synth,
		    "vnet_deregister_sysinit");
		kern_boot(&kern);
		kern_panic(&kern, module, "m.ko");
		panic = kern_finding(&kern, vnet != 0 ? "sysinit-entry" :
		    "blind-call");
		assert_non_null(panic);
		assert_int_equal(panic->severity, KLDSIM_PANIC);
		assert_non_null(strstr(panic->text, "where nothing is"));
		kern_fini(&kern);
	}
}

/* --- what is there and is not found --- */

/* A module of a machine with shared objects that calls for a name. */
static struct kldsim_synth *
caller(const char *machine, uint32_t osreldate, const char *name)
{
	struct kldsim_synth *module = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);
	int data = kldsim_synth_section_named(module, ".data");

	kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, osreldate);
	(void)kldsim_synth_append_int(module, data, 0, 8);
	(void)kldsim_synth_reloc(module, data, 0, "R_AARCH64_ABS64",
	    kldsim_synth_ref(module, name), 0);
	return (module);
}

/*
 * D-60: of a kernel, while debug.link_elf_leak_locals is 0, no symbol is found
 * but the global ones among the dynamic ones.
 */
static void
a_kernels_locals(void **state)
{
	(void)state;
	for (int leak = 0; leak < 2; leak++) {
		struct kern kern;
		int text;

		kern_init_machine(&kern, "arm64", R150);
		text = kldsim_synth_section_named(kern.synth, ".text");
		(void)kldsim_synth_symbol(kern.synth, "hidden",
		    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_FUNC, text, 0, 8);
		kern.options.leak_locals = leak;
		kern_boot(&kern);
		if (leak) {
			(void)kern_load(&kern, caller("arm64", R150,
			    "hidden"), "a.ko");
		} else {
			kern_refuse(&kern, caller("arm64", R150, "hidden"),
			    "a.ko", FB_ENOENT);
			because(&kern, "hidden-symbol", "the kernel has hidden "
			    "in its symbol table, and it is not among the "
			    "dynamic symbols");
		}
		kern_refuse(&kern, caller("arm64", R150, "nowhere"), "b.ko",
		    FB_ENOENT);
		because(&kern, "undefined-symbol", "nowhere is defined "
		    "neither here nor");
		kern_fini(&kern);
	}
}

/* O-60: the value 0 counts as undefined. */
static void
an_address_of_0(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)module_absolute(module, "zero", KLDSIM_SYNTH_GLOBAL, 0, 0);
	(void)module_slot(module, module_undefined(module, "zero",
	    KLDSIM_SYNTH_GLOBAL), 0);
	kern_refuse(&kern, module, "a.ko", FB_ENOEXEC);
	because(&kern, "hidden-symbol", "the module itself has zero in its "
	    "symbol table, and its address is 0 there");
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_securelevel),
		cmocka_unit_test(a_policy),
		cmocka_unit_test(module_space),
		cmocka_unit_test(no_room),
		cmocka_unit_test(requests),
		cmocka_unit_test(unloads),
		cmocka_unit_test(handlers),
		cmocka_unit_test(nothing_is_left_and_it_stays),
		cmocka_unit_test(calls_to_nowhere),
		cmocka_unit_test(a_kernels_locals),
		cmocka_unit_test(an_address_of_0),
		cmocka_unit_test(odd_headers),
		cmocka_unit_test(a_provider_that_was_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
