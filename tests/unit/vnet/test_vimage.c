/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A module and the kernel's VIMAGE: what binds, what is undefined, where
 * set_vnet is, what runs, what would fault (J-10 to J-13), from the files alone
 * and when they are loaded.
 */

#include "support_preload.h"

#include <stdio.h>

/* --- kernels and modules --- */

enum kernel { VIMAGE, PLAIN_KERNEL };
enum kind { FIXED, PLAIN, BOTH };
enum form { REL, DYN };
enum path { KLDLOAD, PRELOAD };

static const char *const vnet_functions[] = { "vnet_register_sysinit",
	"vnet_deregister_sysinit", "vnet_register_sysuninit",
	"vnet_deregister_sysuninit" };

/* A kernel with a variable ifcount, of each vnet or for all. */
static void
kernel_init(struct kern *kern, enum kernel kernel)
{
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_VIMAGE,
	    kernel == VIMAGE);
	(void)kldsim_synth_vnet(kern->synth, "ifcount", "\1\0\0\0", 4, 4);
	for (size_t i = 0; i < 4 && kernel == VIMAGE; i++)
		(void)kldsim_synth_func(kern->synth, vnet_functions[i]);
	kern->options.vnets = 2;
}

static void
import(struct kldsim_synth *m, const char *name)
{
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_align(m, data, 8);

	(void)kldsim_synth_append(m, data, NULL, 8);
	(void)kldsim_synth_reloc(m, data, at, "R_X86_64_64",
	    kldsim_synth_ref(m, name), 0);
}

/*
 * A module with a variable of its own, a function vnet_boot for each vnet, and,
 * if it is all of that, the kernel's ifcount.  One that is not has VNET_SYSINITs
 * only where these are no imports: without VIMAGE.
 */
static struct kldsim_synth *
module(enum kind kind, enum form form, bool all, uint32_t osreldate)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", form == REL ?
	    KLDSIM_SYNTH_MODULE : KLDSIM_SYNTH_DYN);
	int boot = kldsim_synth_func(m, "boot");

	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK, osreldate >= R140);
	/* The boot loader refuses shared objects that say nothing (P-13). */
	kldsim_synth_mdt_version(m, "m", 1);
	kldsim_synth_option(m, KLDSIM_SYNTH_VIMAGE, kind != PLAIN);
	(void)kldsim_synth_vnet(m, "own", "\5\0\0\0\0\0\0\0", 8, 8);
	if (all && kind != PLAIN) {
		import(m, "vnet_entry_ifcount");
		(void)kldsim_synth_vnet_sysinit(m, "vnet_boot", 0x8800000, 0,
		    boot, 0);
	}
	kldsim_synth_option(m, KLDSIM_SYNTH_VIMAGE, 0);
	if (all && kind != FIXED)
		import(m, "ifcount");
	if (kind != FIXED)
		(void)kldsim_synth_vnet_sysinit(m, "vnet_more", 0x8800000, 1,
		    boot, 0);
	return m;
}

/* --- the matrix --- */

struct outcome {
	unsigned undefined; /* names; not 0: it is refused */
	unsigned per_vnet;  /* names bound into the kernel's set_vnet */
	enum kldsim_vimage_set set;
	enum kldsim_vimage_calls calls;
	enum kldsim_vimage_fault fault;
	const char *runs;   /* boot(): S once, V0 in vnet 0, ... */
};

#define NO_SET KLDSIM_VIMAGE_NO_SET
#define MODSPACE KLDSIM_VIMAGE_MODSPACE
#define OWN KLDSIM_VIMAGE_OWN
#define NO_CALLS KLDSIM_VIMAGE_NO_CALLS
#define EACH KLDSIM_VIMAGE_EACH_VNET
#define ONCE KLDSIM_VIMAGE_ONCE
#define NO_FAULT KLDSIM_VIMAGE_NO_FAULT
#define OF_OWN KLDSIM_VIMAGE_FAULT_OWN
#define OF_KERNEL KLDSIM_VIMAGE_FAULT_KERNEL
#define REFUSED(undefined, per_vnet) \
	{ undefined, per_vnet, NO_SET, NO_CALLS, NO_FAULT, "" }

/*
 * J-10 to J-13, each cell worked out from these:
 *
 * VIMAGE kernel, FIXED: all is as it should be.  kldload runs boot() in the
 * newest vnet first; a preload is there when vnet0 alone is, and vnet 1
 * runs it when it is made.
 * VIMAGE kernel, PLAIN: ifcount is called vnet_entry_ifcount there (c).  Without
 * it the module loads (d), its VNET_SYSINIT is a SYSINIT, and what of the kernel
 * it calls from elsewhere has no vnet.
 * VIMAGE kernel, BOTH: of the two names one is there.  Without them there is a
 * set_vnet, and one SYSINIT.
 * Plain kernel, FIXED: three names are not there, the variable's, and those of
 * the two functions that a VNET_SYSINIT needs (a).  Without them set_vnet is
 * data like any other, and read by way of no vnet (b).
 * Plain kernel, PLAIN: all is as it should be.
 * Plain kernel, BOTH: as FIXED, and the SYSINIT runs.
 */
static const struct {
	enum kernel kernel;
	enum kind kind;
	enum form form;
	enum path path;
	struct outcome all;
	struct outcome own; /* without imports */
} matrix[] = {
	{ VIMAGE, FIXED, REL, KLDLOAD,
	    { 0, 1, MODSPACE, EACH, NO_FAULT, "V1V0" },
	    { 0, 0, MODSPACE, NO_CALLS, NO_FAULT, "" } },
	{ VIMAGE, FIXED, REL, PRELOAD,
	    { 0, 1, MODSPACE, EACH, NO_FAULT, "V0V1" },
	    { 0, 0, MODSPACE, NO_CALLS, NO_FAULT, "" } },
	{ VIMAGE, FIXED, DYN, KLDLOAD,
	    { 0, 1, MODSPACE, EACH, NO_FAULT, "V1V0" },
	    { 0, 0, MODSPACE, NO_CALLS, NO_FAULT, "" } },
	{ VIMAGE, FIXED, DYN, PRELOAD,
	    { 0, 1, MODSPACE, EACH, NO_FAULT, "V0V1" },
	    { 0, 0, MODSPACE, NO_CALLS, NO_FAULT, "" } },
	{ VIMAGE, PLAIN, REL, KLDLOAD, REFUSED(1, 0),
	    { 0, 0, NO_SET, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, PLAIN, REL, PRELOAD, REFUSED(1, 0),
	    { 0, 0, NO_SET, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, PLAIN, DYN, KLDLOAD, REFUSED(1, 0),
	    { 0, 0, NO_SET, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, PLAIN, DYN, PRELOAD, REFUSED(1, 0),
	    { 0, 0, NO_SET, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, BOTH, REL, KLDLOAD, REFUSED(1, 1),
	    { 0, 0, MODSPACE, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, BOTH, REL, PRELOAD, REFUSED(1, 1),
	    { 0, 0, MODSPACE, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, BOTH, DYN, KLDLOAD, REFUSED(1, 1),
	    { 0, 0, MODSPACE, ONCE, OF_KERNEL, "S" } },
	{ VIMAGE, BOTH, DYN, PRELOAD, REFUSED(1, 1),
	    { 0, 0, MODSPACE, ONCE, OF_KERNEL, "S" } },
	{ PLAIN_KERNEL, FIXED, REL, KLDLOAD, REFUSED(3, 0),
	    { 0, 0, OWN, NO_CALLS, OF_OWN, "" } },
	{ PLAIN_KERNEL, FIXED, REL, PRELOAD, REFUSED(3, 0),
	    { 0, 0, OWN, NO_CALLS, OF_OWN, "" } },
	{ PLAIN_KERNEL, FIXED, DYN, KLDLOAD, REFUSED(3, 0),
	    { 0, 0, OWN, NO_CALLS, OF_OWN, "" } },
	{ PLAIN_KERNEL, FIXED, DYN, PRELOAD, REFUSED(3, 0),
	    { 0, 0, OWN, NO_CALLS, OF_OWN, "" } },
	{ PLAIN_KERNEL, PLAIN, REL, KLDLOAD,
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" },
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" } },
	{ PLAIN_KERNEL, PLAIN, REL, PRELOAD,
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" },
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" } },
	{ PLAIN_KERNEL, PLAIN, DYN, KLDLOAD,
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" },
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" } },
	{ PLAIN_KERNEL, PLAIN, DYN, PRELOAD,
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" },
	    { 0, 0, NO_SET, ONCE, NO_FAULT, "S" } },
	{ PLAIN_KERNEL, BOTH, REL, KLDLOAD, REFUSED(3, 0),
	    { 0, 0, OWN, ONCE, OF_OWN, "S" } },
	{ PLAIN_KERNEL, BOTH, REL, PRELOAD, REFUSED(3, 0),
	    { 0, 0, OWN, ONCE, OF_OWN, "S" } },
	{ PLAIN_KERNEL, BOTH, DYN, KLDLOAD, REFUSED(3, 0),
	    { 0, 0, OWN, ONCE, OF_OWN, "S" } },
	{ PLAIN_KERNEL, BOTH, DYN, PRELOAD, REFUSED(3, 0),
	    { 0, 0, OWN, ONCE, OF_OWN, "S" } },
};

/* What differs between releases, each with its rule. */
static const struct {
	uint32_t osreldate;
	unsigned second; /* where a second file's set begins: V-67 */
	bool propagates; /* pointers reach vnets that are there: V-38 */
} releases[] = {
	{ R121, 24, false }, { R130, 24, false }, { R140, 24, false },
	{ R141, 24, false }, { R150, 24, true }, { R151, 32, true },
	{ R160, 32, true },
};

#define NRELEASES (sizeof(releases) / sizeof(releases[0]))

/* How a refusal of a preload is told, and that of kldload(2) (K-21). */
static const int refusals[] = { FB_ENOEXEC, FB_ENOENT };

/* Every call of boot(), S for a SYSINIT, V and the vnet's number. */
static void
assert_runs(const struct kern *kern, const char *want)
{
	char runs[32] = "";

	for (size_t i = 0; i < kldsim_event_count(kern->sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern->sim,
		    i);
		const size_t n = strlen(runs);

		if (event->symbol == NULL || strcmp(event->symbol, "boot") != 0)
			continue;
		assert_true(n + 4 < sizeof(runs));
		if (event->kind == KLDSIM_EVENT_VNET_SYSINIT)
			(void)snprintf(runs + n, 4, "V%u", event->vnet % 10);
		else
			(void)snprintf(runs + n, 4, "%s", event->kind ==
			    KLDSIM_EVENT_SYSINIT ? "S" : "?");
	}
	assert_string_equal(runs, want);
}

static void
assert_outcome(const struct kldsim_vimage *vimage, enum kernel kernel,
    enum kind kind, const struct outcome *want)
{
	static const enum kldsim_vimage_kind kinds[] = { KLDSIM_VIMAGE_FIXED,
		KLDSIM_VIMAGE_PLAIN, KLDSIM_VIMAGE_BOTH };

	assert_int_equal(vimage->kernel_vimage, kernel == VIMAGE);
	assert_false(vimage->kernel_runtime);
	/* A kernel that has ifcount does not show who else has. */
	if (kernel == VIMAGE || kind != PLAIN)
		assert_int_equal(vimage->module, kinds[kind]);
	assert_int_equal(vimage->undefined, want->undefined);
	assert_int_equal(vimage->undefined != 0,
	    *vimage->first_undefined != '\0');
	assert_int_equal(vimage->per_vnet, want->per_vnet);
	assert_int_equal(vimage->ordinary, 0);
	assert_int_equal(vimage->set, want->set);
	assert_int_equal(vimage->set_size, kind == PLAIN ? 0 : 8);
	assert_int_equal(vimage->calls, want->calls);
	assert_int_equal(vimage->fault, want->fault);
	assert_int_equal(vimage->fault_at,
	    want->fault == NO_FAULT ? 0 : 0x28);
}

/* Where the variable is, and which finding there is. */
static void
assert_loaded(struct kern *kern, int id, enum kernel kernel, enum kind kind,
    const struct outcome *want)
{
	struct kldsim_vimage vimage;

	assert_int_equal(kldsim_vimage_file(kern->sim, id, &vimage,
	    &kern->error), KLDSIM_OK);
	assert_outcome(&vimage, kernel, kind, want);
	assert_runs(kern, want->runs);
	if (want->set != NO_SET) {
		const struct kldsim_set_info set = kern_set(kern,
		    KLDSIM_SET_VNET);

		assert_int_equal(vimage.set_start - set.modspace_start <
		    set.modspace_size, want->set == MODSPACE);
		assert_hex(kern_read(kern, vimage.set_start, 8), 5);
	}
	assert_int_equal(kern_findings(kern, "module-needs-vimage"),
	    want->fault == OF_OWN);
	/* Who has a set_vnet may have a SYSINIT that is called like a vnet's. */
	assert_int_equal(kern_findings(kern, "module-lacks-vimage"),
	    want->fault == OF_KERNEL && kind == PLAIN);
}

static void
try_kldload(size_t row, bool all, const struct outcome *want,
    uint32_t osreldate)
{
	const enum kernel kernel = matrix[row].kernel;
	const enum kind kind = matrix[row].kind;
	struct kldsim_vimage vimage;
	struct kldsim_image *image;
	struct kern kern;

	kern_init(&kern, osreldate);
	kernel_init(&kern, kernel);
	kern_boot(&kern);
	image = kern_image(module(kind, matrix[row].form, all, osreldate),
	    "m.ko");
	assert_int_equal(kldsim_vimage_image(kern.sim, image, &vimage,
	    &kern.error), KLDSIM_OK);
	assert_outcome(&vimage, kernel, kind, want);
	kldsim_image_unref(image);
	if (want->undefined == 0) {
		int id = kern_load(&kern, module(kind, matrix[row].form, all,
		    osreldate), "m.ko");

		assert_loaded(&kern, id, kernel, kind, want);
	} else {
		kern_refuse(&kern, module(kind, matrix[row].form, all,
		    osreldate), "m.ko", refusals[KLDLOAD]);
		assert_int_equal(kern_findings(&kern, kernel == VIMAGE ?
		    "module-lacks-vimage" : "module-needs-vimage"), 1);
	}
	kern_fini(&kern);
}

static void
try_preload(size_t row, bool all, const struct outcome *want,
    uint32_t osreldate)
{
	struct preloaded world;

	preloaded_init(&world, osreldate);
	kernel_init(&world.kern, matrix[row].kernel);
	preloaded_add(&world, module(matrix[row].kind, matrix[row].form, all,
	    osreldate), "m.ko");
	preloaded_boot(&world);
	if (want->undefined == 0)
		assert_loaded(&world.kern, preloaded_id(&world, 0),
		    matrix[row].kernel, matrix[row].kind, want);
	else
		preloaded_refused(&world, 0, refusals[PRELOAD]);
	preloaded_fini(&world);
}

/* Each cell, on 12.1, and on all others: none of them differs in any. */
static void
each_cell_of_the_matrix(void **state)
{
	(void)state;
	assert_int_equal(sizeof(matrix) / sizeof(matrix[0]), 2 * 3 * 2 * 2);
	for (size_t r = 0; r < NRELEASES; r++)
		for (size_t i = 0; i < 2 * sizeof(matrix) / sizeof(matrix[0]);
		    i++)
			(matrix[i / 2].path == KLDLOAD ? try_kldload :
			    try_preload)(i / 2, i % 2, i % 2 ?
			    &matrix[i / 2].all : &matrix[i / 2].own,
			    releases[r].osreldate);
}

/* --- what releases differ in --- */

/* Two files' variables: where the second one's are, and a pointer's copies. */
static void
sweep_variables(uint32_t osreldate, enum form form, uint64_t *offset,
    bool *propagated)
{
	const struct kldsim_set_info *set;
	struct kldsim_set_part part;
	struct kldsim_set_info info;
	struct kern kern;

	kern_init(&kern, osreldate);
	kernel_init(&kern, VIMAGE);
	kern_boot(&kern);
	for (int i = 0; i < 2; i++) {
		struct kldsim_synth *m = kldsim_synth_new("amd64",
		    form == REL ? KLDSIM_SYNTH_MODULE : KLDSIM_SYNTH_DYN);

		(void)kldsim_synth_vnet_pointer(m, "pointer",
		    kldsim_synth_ref(m, "printf"), 0);
		(void)kldsim_synth_vnet(m, "rest", NULL, 16, 8);
		(void)kern_load(&kern, m, i == 0 ? "m.ko" : "n.ko");
	}
	info = kern_set(&kern, KLDSIM_SET_VNET);
	set = &info;
	assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_VNET, 1, &part),
	    KLDSIM_OK);
	*offset = part.start - set->modspace_start;
	*propagated = kern_copy(&kern, KLDSIM_SET_VNET, 0, part.start, 8) ==
	    kern_symbol(&kern, "printf");
	kern_fini(&kern);
}

/*
 * 24 bytes are 24 in units of a pointer and 32 in units of 16 (V-67).  A
 * pointer of a relocatable file is relocated in the reference copy; vnets that
 * are there have it from V-38 on.  A shared object's is relocated in the file,
 * and copied from there (D-36).
 */
static void
releases_differ_in_where_and_when_variables_are_copied(void **state)
{
	(void)state;
	for (size_t r = 0; r < NRELEASES; r++) {
		const uint32_t osreldate = releases[r].osreldate;
		uint64_t offset;
		bool propagated;

		sweep_variables(osreldate, REL, &offset, &propagated);
		assert_int_equal(offset, releases[r].second);
		assert_int_equal(propagated, releases[r].propagates);
		sweep_variables(osreldate, DYN, &offset, &propagated);
		assert_int_equal(offset, releases[r].second);
		assert_false(propagated);
	}
}

/*
 * The end of the set has one bit too many, so that it has 2^37 entries.  What is
 * looked for in them ends where nothing is; who runs them counts them first.
 */
static void
a_set_of_sysinits_may_end_anywhere(void **state)
{
	struct kldsim_synth *m = kldsim_synth_new("arm64", KLDSIM_SYNTH_DYN);
	struct kern kern;

	(void)state;
	kern_init_machine(&kern, "arm64", R121);
	kernel_init(&kern, VIMAGE);
	kern_boot(&kern);
	(void)kldsim_synth_sysinit(m, "first", 0x2000000, 0,
	    kldsim_synth_func(m, "first"), 0);
	kldsim_synth_override(m, "dynsym[__stop_set_sysinit_set].st_value",
	    UINT64_C(1) << 40);
	assert_int_equal(kern_try(&kern, m, "m.ko"), KLDSIM_LIMIT);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cell_of_the_matrix),
		cmocka_unit_test(a_set_of_sysinits_may_end_anywhere),
		cmocka_unit_test(
		    releases_differ_in_where_and_when_variables_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
