/* SPDX-License-Identifier: BSD-2-Clause */

/* What a name stands for in DDB, what lies at an address (B-10 to B-13, O-64). */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"

#define VALUE(kern, name, cpu, vnet) \
	kldsim_ddb_value((kern)->sim, (name), (cpu), (vnet), &value, &kind)

static uint64_t
start_of(const struct kern *kern, enum kldsim_set set)
{
	return kern_set(kern, set).start;
}

static uint64_t
area_of(const struct kern *kern, enum kldsim_set set, unsigned id)
{
	struct kldsim_instance instance;

	for (size_t i = 0; kldsim_set_instance(kern->sim, set, i,
	    &instance) == KLDSIM_OK; i++)
		if (instance.id == id)
			return instance.area;
	fail_msg("no instance %u", id);
	return 0;
}

/* A kernel in which a name is one thing, two, or all three. */
static void
start_named(struct kern *kern)
{
	kern_init(kern, R121);
	kern->options.cpus = 3;
	kern->options.vnets = 3;
	(void)kldsim_synth_object(kern->synth, "all", NULL, 8, 8);
	(void)kldsim_synth_dpcpu(kern->synth, "pad", NULL, 16, 8);
	(void)kldsim_synth_dpcpu(kern->synth, "all", NULL, 8, 8);  /* +16 */
	(void)kldsim_synth_dpcpu(kern->synth, "two", NULL, 8, 8);  /* +24 */
	(void)kldsim_synth_dpcpu(kern->synth, "cpu", NULL, 8, 8);  /* +32 */
	(void)kldsim_synth_vnet(kern->synth, "all", NULL, 8, 8);
	(void)kldsim_synth_vnet(kern->synth, "two", NULL, 8, 8);   /* +8 */
	(void)kldsim_synth_vnet(kern->synth, "net", NULL, 8, 8);   /* +16 */
	/* Names with the prefix that lie in no set. */
	(void)kldsim_synth_object(kern->synth, "pcpu_entry_out", NULL, 8, 8);
	(void)kldsim_synth_object(kern->synth, "vnet_entry_none", NULL, 8, 8);
	(void)kldsim_synth_vnet(kern->synth, "out", NULL, 8, 8);   /* +24 */
	kern_boot(kern);
}

/* B-11: the plain symbol, then DPCPU, then VNET. */
static void
the_first_of_three_terms(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;

	(void)state;
	start_named(&kern);
	assert_int_equal(VALUE(&kern, "all", 1, 1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_PLAIN);
	assert_hex(value, kern_symbol(&kern, "all"));
	assert_int_equal(VALUE(&kern, "two", 2, 1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_DPCPU);
	assert_hex(value, area_of(&kern, KLDSIM_SET_DPCPU, 2) + 24);
	assert_int_equal(VALUE(&kern, "net", 2, 1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_VNET);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 1) + 16);
	/* Asked for by its whole name it is a plain symbol: the reference. */
	assert_int_equal(VALUE(&kern, "vnet_entry_net", 2, 1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_PLAIN);
	assert_hex(value, start_of(&kern, KLDSIM_SET_VNET) + 16);
	assert_int_equal(VALUE(&kern, "nobody", -1, -1), KLDSIM_NOENT);
	assert_int_equal(VALUE(&kern, "", -1, -1), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* B-11, A-39: with -1 the current CPU and curvnet, which is vnet0 here. */
static void
minus_one_is_the_current(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;

	(void)state;
	start_named(&kern);
	assert_int_equal(VALUE(&kern, "cpu", -1, -1), KLDSIM_OK);
	assert_hex(value, area_of(&kern, KLDSIM_SET_DPCPU, 0) + 32);
	assert_int_equal(VALUE(&kern, "net", -1, -1), KLDSIM_OK);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 0) + 16);
	/* the offset of a CPU's area wraps around. */
	assert_int_equal(VALUE(&kern, "cpu", 1, -1), KLDSIM_OK);
	assert_hex(value, start_of(&kern, KLDSIM_SET_DPCPU) + 32 +
	    (area_of(&kern, KLDSIM_SET_DPCPU, 1) -
	    start_of(&kern, KLDSIM_SET_DPCPU)));
	kern_fini(&kern);
}

/* B-11: outside of the kernel's set it is no such variable; the next term. */
static void
outside_of_the_set_is_not_found(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;

	(void)state;
	start_named(&kern);
	assert_int_equal(VALUE(&kern, "out", 0, 2), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_VNET);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 2) + 24);
	/* Also where there is no such vnet: the range is looked at first. */
	assert_int_equal(VALUE(&kern, "none", 0, 9), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* B-12: $db_cpu is checked, $db_vnet is not. */
static void
cpus_and_vnets_that_are_not_there(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value = 1;

	(void)state;
	start_named(&kern);
	assert_int_equal(VALUE(&kern, "all", 3, -1), KLDSIM_ARG);
	assert_int_equal(VALUE(&kern, "cpu", INT32_MAX, -1), KLDSIM_ARG);
	assert_int_equal(VALUE(&kern, "net", -1, 3), KLDSIM_FAULT);
	assert_int_equal(value, 1);
	assert_int_equal(VALUE(&kern, "all", -1, 3), KLDSIM_OK);
	assert_int_equal(VALUE(&kern, "net", -1, 1), KLDSIM_OK);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 1, &kern.error),
	    KLDSIM_OK);
	assert_int_equal(VALUE(&kern, "net", -1, 1), KLDSIM_FAULT);
	/* A fault of DDB's is no panic of the kernel's. */
	assert_false(kldsim_is_dead(kern.sim));
	kern_fini(&kern);
}

/* B-11: a name and its prefix have 255 bytes. */
static void
names_are_cut(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;
	char name[401];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	kern_init(&kern, R121);
	name[255 - strlen("pcpu_entry_")] = '\0';
	(void)kldsim_synth_dpcpu(kern.synth, name, NULL, 8, 8);
	kern_boot(&kern);
	assert_int_equal(VALUE(&kern, name, 0, 0), KLDSIM_OK);
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(VALUE(&kern, name, 0, 0), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_DPCPU);
	assert_hex(value, area_of(&kern, KLDSIM_SET_DPCPU, 0));
	name[244 - 1] = '\0';
	assert_int_equal(VALUE(&kern, name, 0, 0), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* B-13, A-10: an ET_REL module's variables are in modspace, so they print. */
static void
where_does_it_live_in_vnet_3(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	enum kldsim_ddb_kind kind;
	struct kldsim_set_info set;
	struct kern kern;
	kldsim_addr value, fresh;
	unsigned vnet = 0;
	int text;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_vnet(kern.synth, "ifindex", NULL, 24, 8);
	kern_boot(&kern);
	text = kldsim_synth_func(module, "foo_init");
	(void)kldsim_synth_bind(module, kldsim_synth_vnet(module, "foo_pad",
	    NULL, 12, 4), KLDSIM_SYNTH_LOCAL);
	(void)kldsim_synth_bind(module, kldsim_synth_vnet(module, "foo",
	    "\7\0\0\0", 4, 4), KLDSIM_SYNTH_LOCAL);
	(void)kldsim_synth_vnet_pointer(module, "foo_fn", text, 0);
	(void)kldsim_synth_dpcpu(module, "bar", "\11\0\0\0", 4, 4);
	(void)kern_load(&kern, module, "foo.ko");
	while (vnet < 3)
		assert_int_equal(kldsim_vnet_alloc(kern.sim, &vnet,
		    &kern.error), KLDSIM_OK);
	set = kern_set(&kern, KLDSIM_SET_VNET);
	assert_int_equal(VALUE(&kern, "foo", -1, 3), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_VNET);
	/* Modspace is behind the kernel's 24 bytes, foo behind 12 of foo's. */
	assert_hex(set.modspace_start - set.start, 24);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 3) + 24 + 12);
	assert_hex(kern_read(&kern, value, 4), 7);
	/* Made after the load, vnet 3 has the relocated pointer. */
	assert_int_equal(VALUE(&kern, "foo_fn", -1, 3), KLDSIM_OK);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 3) + 24 + 16);
	assert_int_equal(VALUE(&kern, "foo_init", -1, 3), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_PLAIN);
	fresh = value;
	assert_hex(kern_read(&kern, area_of(&kern, KLDSIM_SET_VNET, 3) + 40,
	    8), fresh);
	assert_int_equal(VALUE(&kern, "bar", 1, 3), KLDSIM_OK);
	assert_hex(kern_read(&kern, value, 4), 9);
	kern_fini(&kern);
}

/* B-11, A-41: a kernel without VIMAGE has no such variables. */
static void
without_vimage_nothing_is_a_vnet_variable(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE, 0);
	(void)kldsim_synth_object(kern.synth, "vnet_entry_v", NULL, 8, 8);
	kern_boot(&kern);
	assert_int_equal(VALUE(&kern, "v", -1, -1), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* B-10, V-15: DDB sees local symbols whatever the sysctl says. */
static void
local_symbols_are_always_seen(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;

	(void)state;
	kern_init(&kern, R150);
	kern.options.leak_locals = 0;
	(void)kldsim_synth_bind(kern.synth, kldsim_synth_vnet(kern.synth,
	    "hidden", NULL, 8, 8), KLDSIM_SYNTH_LOCAL);
	kern_boot(&kern);
	assert_false(kern_has_sym(&kern, 1, "vnet_entry_hidden"));
	assert_int_equal(VALUE(&kern, "hidden", -1, -1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_VNET);
	assert_hex(value, area_of(&kern, KLDSIM_SET_VNET, 0));
	/* The sysctl is as it was. */
	assert_false(kern_has_sym(&kern, 1, "vnet_entry_hidden"));
	kern_fini(&kern);
}

/* Asking leaves no note behind, and changes nothing. */
static void
asking_says_nothing(void **state)
{
	enum kldsim_ddb_kind kind;
	struct kern kern;
	kldsim_addr value;
	kldsim_size offset;
	const char *name;
	char *before, *after;
	int file;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_ifunc(kern.synth, "chosen");
	kern_boot(&kern);
	before = kern_digest(&kern);
	assert_int_equal(VALUE(&kern, "chosen", -1, -1), KLDSIM_OK);
	assert_hex(value, kern_symbol(&kern, "chosen"));
	assert_int_equal(kldsim_search_symbol(kern.sim, value, &name, &offset,
	    &file), KLDSIM_OK);
	after = kern_digest(&kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
	kern_fini(&kern);
}

/* Every allocation fails once: NOMEM, or it was not needed. */
static void
no_memory(void **state)
{
	enum kldsim_ddb_kind kind;
	struct support_alloc alloc;
	enum kldsim_status status;
	struct kern kern;
	kldsim_addr value;
	kldsim_size offset;
	const char *name;
	int file;

	(void)state;
	for (long n = 0;; n++) {
		support_alloc_init(&alloc, -1);
		kern_init(&kern, R121);
		kern.options.allocator = support_allocator(&alloc);
		(void)kldsim_synth_ifunc(kern.synth, "chosen");
		kern_boot(&kern);
		alloc.calls = 0;
		alloc.fail_at = n;
		status = VALUE(&kern, "chosen", -1, -1);
		if (status == KLDSIM_OK)
			status = kldsim_search_symbol(kern.sim, value, &name,
			    &offset, &file);
		alloc.fail_at = -1;
		if (alloc.failed == 0)
			assert_int_equal(status, KLDSIM_OK);
		else if (status != KLDSIM_OK)
			assert_int_equal(status, KLDSIM_NOMEM);
		assert_int_equal(VALUE(&kern, "chosen", -1, -1), KLDSIM_OK);
		kern_fini(&kern);
		assert_int_equal(alloc.live, 0);
		if (alloc.failed == 0)
			break;
	}
}

/* O-64: the nearest at or below, of any file and kind. */
static void
the_nearest_symbol(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	kldsim_size offset;
	struct kern kern;
	const char *name;
	int file, data, id;

	(void)state;
	kern_start(&kern, R121);
	data = kldsim_synth_section_named(module, ".data");
	(void)kldsim_synth_append(module, data, NULL, 32);
	(void)kldsim_synth_symbol(module, "early", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, 0, 8);
	(void)kldsim_synth_symbol(module, "late", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, 16, 8);
	id = kern_load(&kern, module, "a.ko");
#define NEAREST(address) kldsim_search_symbol(kern.sim, (address), &name, \
	    &offset, &file)
	assert_int_equal(NEAREST(kern_section(&kern, id, ".data").address +
	    15), KLDSIM_OK);
	assert_string_equal(name, "early");
	assert_int_equal(offset, 15);
	assert_int_equal(file, id);
	assert_int_equal(NEAREST(kern_section(&kern, id, ".data").address +
	    16), KLDSIM_OK);
	assert_string_equal(name, "late");
	assert_int_equal(offset, 0);
	/* Far above everything it is still the nearest. */
	assert_int_equal(NEAREST(UINT64_MAX), KLDSIM_OK);
	assert_int_equal(NEAREST(kern_symbol(&kern, "printf")), KLDSIM_OK);
	assert_string_equal(name, "printf");
	assert_int_equal(file, 1);
	/* A symbol whose value is 0 is no nearer than address 0. */
	assert_int_equal(NEAREST(0), KLDSIM_NOENT);
	assert_int_equal(NEAREST(0x1000), KLDSIM_NOENT);
	kern_fini(&kern);
}

/* K-43, K-23: the list has the files that are not linked, kldnext has not. */
static void
a_zombie_is_listed(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	enum kldsim_ddb_kind kind;
	struct kldsim_ddb_file file;
	struct kern kern;
	kldsim_addr value;
	int next;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_mdt_module(kern.synth, "taken", 0, 0);
	kern_boot(&kern);
	(void)kldsim_synth_mdt_module(module, "stays",
	    kldsim_synth_func(module, "stays_event"), 0);
	(void)kldsim_synth_mdt_module(module, "taken", 0, 0);
	(void)kldsim_synth_vnet(module, "buried", NULL, 8, 8);
	assert_int_equal(kldsim_module_answer(kern.sim, "stays",
	    KLDSIM_MOD_UNLOAD, FB_EBUSY), KLDSIM_OK);
	kern_refuse(&kern, module, "z.ko", FB_EEXIST);

	assert_int_equal(kldsim_file_at(kern.sim, 0, &file), KLDSIM_OK);
	assert_int_equal(file.id, 1);
	assert_true(file.linked);
	assert_string_equal(file.name, "kernel");
	assert_int_equal(kldsim_file_at(kern.sim, 1, &file), KLDSIM_OK);
	assert_int_equal(file.id, 2);
	assert_int_equal(file.refs, 1);
	assert_false(file.linked);
	assert_string_equal(file.name, "z.ko");
	assert_string_equal(file.path, MODULE_PATH("z.ko"));
	assert_hex(file.address, KERN_BASE);
	assert_int_equal(kldsim_file_at(kern.sim, 2, &file), KLDSIM_NOENT);
	assert_int_equal(kldsim_kldnext(kern.sim, 1, &next), KLDSIM_OK);
	assert_int_equal(next, 0);
	/* B-10: its symbols are found. */
	assert_int_equal(VALUE(&kern, "buried", -1, -1), KLDSIM_OK);
	assert_int_equal(kind, KLDSIM_DDB_VNET);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_three_terms),
		cmocka_unit_test(minus_one_is_the_current),
		cmocka_unit_test(outside_of_the_set_is_not_found),
		cmocka_unit_test(cpus_and_vnets_that_are_not_there),
		cmocka_unit_test(names_are_cut),
		cmocka_unit_test(where_does_it_live_in_vnet_3),
		cmocka_unit_test(without_vimage_nothing_is_a_vnet_variable),
		cmocka_unit_test(local_symbols_are_always_seen),
		cmocka_unit_test(asking_says_nothing),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(the_nearest_symbol),
		cmocka_unit_test(a_zombie_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
