/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the reference copy, each CPU and each vnet hold after a load, in every
 * release; also where that is wrong in the real kernel.
 */

#include "support_kern.h"

#define INITIAL UINT64_C(0x1122334455667788)
#define UNRELOCATED UINT64_C(0xaaaaaaaaaaaaaaaa)

static const uint32_t releases[] = { R121, R130, R140, R150 };

#define NRELEASES (sizeof(releases) / sizeof(releases[0]))

/* All CPUs or vnets hold this at an address of the reference copy. */
static void
assert_everywhere(const struct kern *kern, enum kldsim_set set,
    uint64_t address, uint64_t value)
{
	struct kldsim_instance instance;
	size_t i;

	for (i = 0; kldsim_set_instance(kern->sim, set, i, &instance) ==
	    KLDSIM_OK; i++)
		assert_hex(kern_copy(kern, set, instance.id, address, 8),
		    value);
	assert_true(i != 0);
}

/*
 * Both sets with a number, a pointer to a static (local pass) and one to a
 * global of the kernel (external pass); what the file has there is 0xaa.
 */
static struct kldsim_synth *
module_with_pointers(uint32_t osreldate)
{
	static const char *const sets[] = { "set_pcpu", "set_vnet" };
	struct kldsim_synth *module = module_new(osreldate);
	int own = kldsim_synth_bind(module, kldsim_synth_func(module, "own"),
	    KLDSIM_SYNTH_LOCAL);

	for (size_t i = 0; i < 2; i++) {
		int set = kldsim_synth_section_named(module, sets[i]);

		(void)kldsim_synth_append_int(module, set, INITIAL, 8);
		(void)kldsim_synth_append_int(module, set, UNRELOCATED, 8);
		(void)kldsim_synth_append_int(module, set, UNRELOCATED, 8);
		(void)kldsim_synth_reloc(module, set, 8, "R_X86_64_64", own,
		    4);
		(void)kldsim_synth_reloc(module, set, 16, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
	}
	return module;
}

/*
 * O-22, O-24, A-22, A-30, A-31, V-38, V-40.  The file's bytes go to the
 * reference copy and to all instances before any relocation; the relocations
 * change the reference copy alone.  From 15.0 on the vnets get the relocated
 * reference copy at the end; CPUs never do.
 */
static void
relocated_pointers_reach_no_cpu_and_only_later_vnets(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		bool late = releases[i] == R150;
		uint64_t pcpu, vnet, own, global;
		struct kern kern;
		int id;

		kern_start_sets(&kern, releases[i]);
		id = kern_load(&kern, module_with_pointers(releases[i]),
		    "m.ko");
		own = KERN_BASE + 4; /* .text comes first */
		global = kern_symbol(&kern, "printf");
		pcpu = kern_section(&kern, id, "set_pcpu").address;
		vnet = kern_section(&kern, id, "set_vnet").address;
		assert_hex(kern_read(&kern, pcpu, 8), INITIAL);
		assert_hex(kern_read(&kern, pcpu + 8, 8), own);
		assert_hex(kern_read(&kern, pcpu + 16, 8), global);
		assert_hex(kern_read(&kern, vnet, 8), INITIAL);
		assert_hex(kern_read(&kern, vnet + 8, 8), own);
		assert_hex(kern_read(&kern, vnet + 16, 8), global);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu, INITIAL);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu + 8,
		    UNRELOCATED);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu + 16,
		    UNRELOCATED);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet, INITIAL);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet + 8,
		    late ? own : UNRELOCATED);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet + 16,
		    late ? global : UNRELOCATED);
		/* Two pointers in each set that does not get there. */
		assert_int_equal(kern_findings(&kern,
		    "pointer-not-propagated"), late ? 2 : 4);
		kern_fini(&kern);
	}
}

/* a later vnet is a copy of the whole, relocated, reference copy. */
static void
a_later_vnet_has_relocated_pointers(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		struct kern kern;
		uint64_t vnet;
		unsigned late;
		int id;

		kern_start_sets(&kern, releases[i]);
		id = kern_load(&kern, module_with_pointers(releases[i]),
		    "m.ko");
		vnet = kern_section(&kern, id, "set_vnet").address;
		assert_int_equal(kldsim_vnet_alloc(kern.sim, &late,
		    &kern.error), KLDSIM_OK);
		assert_int_equal(late, 2);
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, late, vnet, 8),
		    INITIAL);
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, late, vnet + 8,
		    8), KERN_BASE + 4);
		/* The older ones are as they were. */
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, 0, vnet + 8, 8),
		    releases[i] == R150 ? KERN_BASE + 4 : UNRELOCATED);
		kern_fini(&kern);
	}
}

/* O-82: nothing is cleared; a vnet made after the unload has it all. */
static void
an_unload_leaves_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		uint64_t pcpu, vnet;
		struct kern kern;
		unsigned late;
		int id;

		kern_start_sets(&kern, releases[i]);
		id = kern_load(&kern, module_with_pointers(releases[i]),
		    "m.ko");
		pcpu = kern_section(&kern, id, "set_pcpu").address;
		vnet = kern_section(&kern, id, "set_vnet").address;
		kern_unload(&kern, id);
		assert_hex(kern_read(&kern, pcpu + 8, 8), KERN_BASE + 4);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu, INITIAL);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu + 8,
		    UNRELOCATED);
		assert_int_equal(kldsim_vnet_alloc(kern.sim, &late,
		    &kern.error), KLDSIM_OK);
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, late, vnet + 8,
		    8), KERN_BASE + 4);
		/* Loaded again elsewhere: the old pointer is overwritten. */
		(void)kern_load(&kern, module_with_set(releases[i], ".data",
		    8, 0), "first.ko");
		id = kern_load(&kern, module_with_pointers(releases[i]),
		    "m.ko");
		assert_hex(kern_section(&kern, id, "set_pcpu").address, pcpu);
		assert_hex(kern_read(&kern, pcpu + 8, 8),
		    KERN_BASE + 0x1004);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu + 8,
		    UNRELOCATED);
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, late, vnet + 8,
		    8), releases[i] == R150 ? KERN_BASE + 0x1004 :
		    UNRELOCATED);
		kern_fini(&kern);
	}
}

static struct kldsim_synth *
nobits_sets(uint32_t osreldate)
{
	struct kldsim_synth *module = module_new(osreldate);

	(void)module_section(module, "set_pcpu", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, 8);
	(void)module_section(module, "set_vnet", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, 8);
	return module;
}

/*
 * O-23, O-24, Z-18: NOBITS zeroes the reference copy; the instances keep what
 * the last user of that space left, except that 15.0 copies to the vnets.
 */
static void
nobits_sets_keep_stale_bytes(void **state)
{
	const uint64_t stale = UINT64_C(0x5555555555555555);

	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		bool late = releases[i] == R150;
		uint64_t pcpu, vnet;
		struct kern kern;
		int a, b;

		kern_start_sets(&kern, releases[i]);
		pcpu = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
		vnet = kern_set(&kern, KLDSIM_SET_VNET).modspace_start;
		a = kern_load(&kern, module_with_set(releases[i], "set_pcpu",
		    8, 0x55), "a.ko");
		b = kern_load(&kern, module_with_set(releases[i], "set_vnet",
		    8, 0x55), "b.ko");
		kern_unload(&kern, a);
		kern_unload(&kern, b);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu, stale);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet, stale);
		assert_hex(kern_read(&kern, pcpu, 8), stale);
		(void)kern_load(&kern, nobits_sets(releases[i]), "m.ko");
		assert_hex(kern_read(&kern, pcpu, 8), 0);
		assert_hex(kern_read(&kern, vnet, 8), 0);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu, stale);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet,
		    late ? 0 : stale);
		assert_int_equal(kern_findings(&kern, "set-not-zeroed"),
		    late ? 1 : 2);
		kern_fini(&kern);
	}
}

/* exactly as many bytes as the section has are copied. */
static void
copies_are_not_rounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		static const char *const sets[] = { "set_pcpu", "set_vnet" };
		struct kern kern;

		kern_start_sets(&kern, releases[i]);
		for (size_t s = 0; s < 2; s++) {
			enum kldsim_set set = (enum kldsim_set)s;
			uint64_t at = kern_set(&kern, set).modspace_start;
			int id = kern_load(&kern, module_with_set(releases[i],
			    sets[s], 8, 0x55), "a.ko");

			kern_unload(&kern, id);
			id = kern_load(&kern, module_with_set(releases[i],
			    sets[s], 5, 0x11), "b.ko");
			assert_hex(kern_read(&kern, at, 8),
			    UINT64_C(0x5555551111111111));
			assert_everywhere(&kern, set, at,
			    UINT64_C(0x5555551111111111));
			kern_unload(&kern, id);
		}
		kern_fini(&kern);
	}
}

/* O-24, A-31: 15.0 propagates the first set_vnet section only. */
static void
only_the_first_set_vnet_is_propagated_at_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		struct kldsim_synth *module = module_with_set(releases[i],
		    "set_vnet", 8, 0x11);
		struct kern kern;
		uint64_t at;
		int set;

		kern_start_sets(&kern, releases[i]);
		at = kern_set(&kern, KLDSIM_SET_VNET).modspace_start;
		set = module_section(module, "set_vnet",
		    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 8, 0);
		(void)kldsim_synth_append_int(module, set, INITIAL, 8);
		(void)kern_load(&kern, module, "m.ko");
		assert_everywhere(&kern, KLDSIM_SET_VNET, at,
		    UINT64_C(0x1111111111111111));
		assert_hex(kern_read(&kern, at + 8, 8), INITIAL);
		assert_everywhere(&kern, KLDSIM_SET_VNET, at + 8,
		    releases[i] == R150 ? 0 : INITIAL);
		kern_fini(&kern);
	}
}

/*
 * A load that fails after its sections were read leaves their bytes (O-82):
 * in the vnets only up to 14.0, because later they are copied at the end.
 */
static void
a_failed_load_leaves_its_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		struct kldsim_synth *module =
		    module_with_pointers(releases[i]);
		uint64_t pcpu, vnet;
		struct kern kern;

		kern_start_sets(&kern, releases[i]);
		pcpu = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
		vnet = kern_set(&kern, KLDSIM_SET_VNET).modspace_start;
		(void)module_slot(module, kldsim_synth_ref(module, "nowhere"),
		    0);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
		/* The local pass had been run by then (O-40). */
		assert_hex(kern_read(&kern, pcpu + 8, 8), KERN_BASE + 4);
		assert_hex(kern_read(&kern, vnet + 8, 8), KERN_BASE + 4);
		assert_everywhere(&kern, KLDSIM_SET_DPCPU, pcpu, INITIAL);
		assert_everywhere(&kern, KLDSIM_SET_VNET, vnet,
		    releases[i] == R150 ? 0 : INITIAL);
		kern_fini(&kern);
	}
}

/* a CPU's copy is at dpcpu_off[cpu] + the reference copy's address. */
static void
translation_adds_the_instances_base(void **state)
{
	struct kldsim_instance instance;
	struct kldsim_set_info info;
	kldsim_addr address;
	struct kern kern;

	(void)state;
	kern_start_sets(&kern, R121);
	info = kern_set(&kern, KLDSIM_SET_VNET);
	assert_int_equal(kldsim_set_instance(kern.sim, KLDSIM_SET_VNET, 0,
	    &instance), KLDSIM_OK);
	assert_int_equal(instance.id, 1); /* the newest first */
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_VNET, 1,
	    info.modspace_start + 5, &address), KLDSIM_OK);
	assert_hex(address, info.modspace_start + 5 + instance.base); /* D-74 */
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_VNET, 2,
	    info.start, &address), KLDSIM_NOENT);
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_VNET, 0,
	    info.stop, &address), KLDSIM_FAULT);
	assert_int_equal(kldsim_set_translate(kern.sim, KLDSIM_SET_DPCPU, 3,
	    kern_set(&kern, KLDSIM_SET_DPCPU).start, &address),
	    KLDSIM_NOENT);
	kern_fini(&kern);
}

/* --- the saved initial values (A-40) --- */

static uint64_t
initial(const struct kern *kern, uint64_t symbol)
{
	uint64_t at;

	assert_int_equal(kldsim_vnet_initial(kern->sim, symbol, &at),
	    KLDSIM_OK);
	return kern_read(kern, at, 8);
}

/* V-39: only 15.0 and later keep them. */
static void
initial_values_are_of_later_releases(void **state)
{
	(void)state;
	for (size_t i = 0; i < NRELEASES; i++) {
		struct kldsim_set_info set;
		struct kern kern;
		uint64_t at;

		kern_start_sets(&kern, releases[i]);
		set = kern_set(&kern, KLDSIM_SET_VNET);
		assert_int_equal(kldsim_vnet_initial(kern.sim, set.start,
		    &at), releases[i] == R150 ? KLDSIM_OK : KLDSIM_NOENT);
		assert_int_equal(kldsim_vnet_initial(kern.sim, set.stop,
		    &at), releases[i] == R150 ? KLDSIM_FAULT : KLDSIM_NOENT);
		kern_fini(&kern);
	}
}

/* L-22: the kernel's own, VNET_BYTES from what vnet_init_var points to. */
static void
the_kernels_own_values_are_saved(void **state)
{
	static const unsigned char value[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct kldsim_set_info set;
	struct kern kern;
	uint64_t symbol, at, last;
	int section;

	(void)state;
	kern_init(&kern, R150);
	section = kldsim_synth_section_named(kern.synth, "set_vnet");
	(void)kldsim_synth_symbol(kern.synth, "vnet_entry_eight",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, section,
	    kldsim_synth_append(kern.synth, section, value, 8), 8);
	section = kldsim_synth_section(kern.synth, ".pointer",
	    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 8);
	(void)kldsim_synth_append(kern.synth, section, NULL, 8);
	(void)kldsim_synth_symbol(kern.synth, "vnet_init_var",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, section, 0, 8);
	kern_boot(&kern);
	set = kern_set(&kern, KLDSIM_SET_VNET);
	symbol = kern_symbol(&kern, "vnet_entry_eight");
	assert_hex(initial(&kern, symbol), UINT64_C(0x0807060504030201));
	assert_int_equal(kldsim_vnet_initial(kern.sim, set.start, &at),
	    KLDSIM_OK);
	assert_hex(kern_read(&kern, kern_sym(&kern, 1, "vnet_init_var"), 8),
	    at);
	assert_int_equal(kldsim_vnet_initial(kern.sim, set.stop - 1, &last),
	    KLDSIM_OK);
	assert_hex(last - at, set.stop - 1 - set.start);
	kern_fini(&kern);
}

/*
 * A-40, O-24: as the file has it, for whatever kind of section, and left
 * there when the file goes; the next in its place overwrites its own part.
 */
static void
a_modules_values_are_saved_unrelocated_and_stay(void **state)
{
	struct kldsim_synth *zeros = module_new(R150);
	struct kern kern;
	uint64_t vnet;
	int id;

	(void)state;
	kern_start_sets(&kern, R150);
	id = kern_load(&kern, module_with_pointers(R150), "m.ko");
	vnet = kern_section(&kern, id, "set_vnet").address;
	assert_hex(initial(&kern, vnet), INITIAL);
	assert_hex(initial(&kern, vnet + 8), UNRELOCATED);
	assert_hex(initial(&kern, vnet + 16), UNRELOCATED);
	kern_unload(&kern, id);
	assert_hex(initial(&kern, vnet), INITIAL);
	(void)module_section(zeros, "set_vnet", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, 8);
	id = kern_load(&kern, zeros, "z.ko");
	assert_hex(kern_section(&kern, id, "set_vnet").address, vnet);
	assert_hex(initial(&kern, vnet), 0);
	assert_hex(initial(&kern, vnet + 8), UNRELOCATED);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    relocated_pointers_reach_no_cpu_and_only_later_vnets),
		cmocka_unit_test(a_later_vnet_has_relocated_pointers),
		cmocka_unit_test(an_unload_leaves_every_byte),
		cmocka_unit_test(nobits_sets_keep_stale_bytes),
		cmocka_unit_test(copies_are_not_rounded),
		cmocka_unit_test(
		    only_the_first_set_vnet_is_propagated_at_the_end),
		cmocka_unit_test(a_failed_load_leaves_its_bytes),
		cmocka_unit_test(translation_adds_the_instances_base),
		cmocka_unit_test(initial_values_are_of_later_releases),
		cmocka_unit_test(the_kernels_own_values_are_saved),
		cmocka_unit_test(
		    a_modules_values_are_saved_unrelocated_and_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
