/* SPDX-License-Identifier: BSD-2-Clause */

/* struct vnet in simulated memory, and vnet functions that come too early. */

#include "support_kern.h"

#define FUNC_AT 0x21e0000u /* SI_SUB_VNET */

/* Members of an LP64 struct vnet. */
#define LE_NEXT 0
#define LE_PREV 8
#define MAGIC 16
#define IFCNT 20
#define STATE 28
#define DATA_MEM 32
#define DATA_BASE 40

static uint64_t
address_of(const struct kern *kern, unsigned vnet)
{
	uint64_t address;

	assert_int_equal(kldsim_vnet_address(kern->sim, vnet, &address),
	    KLDSIM_OK);
	return address;
}

/* Two pointers of the kernel's, zero until somebody writes them. */
static void
start(struct kern *kern, uint32_t osreldate, unsigned vnets)
{
	static const char *const names[] = { "vnet_head", "vnet0" };
	static const char *const functions[] = { "vnet_register_sysinit",
		"vnet_register_sysuninit", "vnet_deregister_sysinit",
		"vnet_deregister_sysuninit" };
	int section;

	kern_init(kern, osreldate);
	section = kldsim_synth_section(kern->synth, ".vnets",
	    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 8);
	(void)kldsim_synth_append(kern->synth, section, NULL, 16);
	for (unsigned i = 0; i < 2; i++)
		(void)kldsim_synth_symbol(kern->synth, names[i],
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, section, i * 8,
		    8);
	for (unsigned i = 0; i < 4; i++)
		(void)kldsim_synth_func(kern->synth, functions[i]);
	kern->options.vnets = vnets;
	kern_boot(kern);
}

/* the members, and V-37: the magic number by release. */
static void
members(void **state)
{
	static const struct {
		uint32_t osreldate, magic;
		unsigned size;
	} rows[] = { { R121, 0x3e0d8f29, 48 }, { R130, 0x5e4a6f28, 64 },
		{ R150, 0x5e4a6f28, 64 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_instance vnet;
		struct kern kern;
		uint64_t at;
		unsigned char byte;

		start(&kern, rows[i].osreldate, 1);
		at = address_of(&kern, 0);
		assert_int_equal(kldsim_set_instance(kern.sim,
		    KLDSIM_SET_VNET, 0, &vnet), KLDSIM_OK);
		assert_hex(kern_read(&kern, at + MAGIC, 4), rows[i].magic);
		assert_hex(kern_read(&kern, at + IFCNT, 8), 0);
		assert_hex(kern_read(&kern, at + STATE, 4), 0);
		assert_hex(kern_read(&kern, at + DATA_MEM, 8), vnet.area);
		assert_hex(kern_read(&kern, at + DATA_BASE, 8), vnet.base);
		assert_int_equal(kldsim_read(kern.sim, at + rows[i].size - 1,
		    &byte, 1), KLDSIM_OK);
		assert_int_equal(kldsim_read(kern.sim, at + rows[i].size,
		    &byte, 1), KLDSIM_FAULT);
		assert_hex(at % 64, 0);
		kern_fini(&kern);
	}
}

/* The list as the kernel has it: forward, and back by le_prev. */
static void
check_list(const struct kern *kern, const unsigned *ids, size_t count)
{
	uint64_t link = kern_symbol(kern, "vnet_head");
	uint64_t at = kern_read(kern, link, 8);

	for (size_t i = 0; i < count; i++) {
		assert_hex(at, address_of(kern, ids[i]));
		assert_hex(kern_read(kern, at + LE_PREV, 8), link);
		link = at + LE_NEXT;
		at = kern_read(kern, link, 8);
	}
	assert_hex(at, 0);
}

/* the newest first; vnet0 is what it points to. */
static void
the_list(void **state)
{
	static const unsigned three[] = { 2, 1, 0 }, two[] = { 2, 0 };
	static const unsigned four[] = { 3, 2, 0 }, last[] = { 2, 0 };
	struct kern kern;
	uint64_t gone;
	unsigned id;

	(void)state;
	start(&kern, R121, 3);
	check_list(&kern, three, 3);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "vnet0"), 8),
	    address_of(&kern, 0));
	gone = address_of(&kern, 1);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 1, &kern.error),
	    KLDSIM_OK);
	check_list(&kern, two, 2);
	assert_int_equal(kldsim_vnet_address(kern.sim, 1, &gone),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &id, &kern.error),
	    KLDSIM_OK);
	assert_int_equal(id, 3);
	check_list(&kern, four, 3);
	/* The first of the list goes. */
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 3, &kern.error),
	    KLDSIM_OK);
	check_list(&kern, last, 2);
	kern_fini(&kern);
}

/* A kernel without those symbols has the structures all the same. */
static void
no_symbols(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_hex(kern_read(&kern, address_of(&kern, 0) + MAGIC, 4),
	    0x3e0d8f29);
	assert_hex(kern_read(&kern, address_of(&kern, 0) + LE_PREV, 8), 0);
	kern_fini(&kern);
}

/* the state is the subsystem of the last constructor; vnet0 had none. */
static void
state_is_the_last_constructors(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	unsigned id;

	(void)state;
	start(&kern, R121, 1);
	(void)kldsim_synth_vnet_sysinit(module, "late", 0x8800000, 1,
	    kldsim_synth_func(module, "late_f"), 0);
	(void)kldsim_synth_vnet_sysinit(module, "early", 0x8400000, 1,
	    kldsim_synth_func(module, "early_f"), 0);
	(void)kern_load(&kern, module, "a.ko");
	assert_hex(kern_read(&kern, address_of(&kern, 0) + STATE, 4), 0);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &id, &kern.error),
	    KLDSIM_OK);
	assert_hex(kern_read(&kern, address_of(&kern, id) + STATE, 4),
	    0x8800000);
	assert_int_equal(kern_findings(&kern, "vnet-sysinit-early"), 0);
	kern_fini(&kern);
}

/* only what comes after SI_SUB_VNET is in time. */
static void
too_early(void **state)
{
	(void)state;
	for (unsigned late = 0; late < 2; late++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;

		start(&kern, R121, 1);
		(void)kldsim_synth_vnet_sysinit(module, "e", FUNC_AT + late, 1,
		    kldsim_synth_func(module, "f"), 0);
		(void)kern_load(&kern, module, "a.ko");
		assert_int_equal(kern_findings(&kern, "vnet-sysinit-early"),
		    1 - late);
		kern_fini(&kern);
	}
}

/* A-37, M-32: what is deregistered first is what has the highest key. */
static void
deregistered_in_descending_order(void **state)
{
	static const uint32_t want[] = { 0x8800000, 0x8600000, 0x8400000 };
	struct kldsim_synth *module = module_new(R121);
	int f = kldsim_synth_func(module, "f");
	struct kern kern;
	size_t n = 0;
	int id;

	(void)state;
	start(&kern, R121, 1);
	(void)kldsim_synth_vnet_sysuninit(module, "b", 0x8600000, 1, f, 0);
	(void)kldsim_synth_vnet_sysuninit(module, "c", 0x8800000, 1, f, 0);
	(void)kldsim_synth_vnet_sysuninit(module, "a", 0x8400000, 1, f, 0);
	id = kern_load(&kern, module, "a.ko");
	kern_unload(&kern, id);
	for (size_t i = 0; i < kldsim_event_count(kern.sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(kern.sim,
		    i);

		if (event->kind != KLDSIM_EVENT_VNET_SYSUNINIT)
			continue;
		assert_true(n < 3);
		assert_hex(event->subsystem, want[n]);
		n++;
	}
	assert_int_equal(n, 3);
	kern_fini(&kern);
}

/* A vnet function's record: subsystem, order, function, argument, links. */
static int
record_of(struct kldsim_synth *module)
{
	int record = kldsim_synth_object(module, "record",
	    "\0\0\x80\x08\1\0\0\0", 8, 8);
	int data = kldsim_synth_section_named(module, ".data");

	(void)kldsim_synth_append(module, data, NULL, 32);
	kldsim_synth_pointer(module, data, 8,
	    kldsim_synth_func(module, "f"), 0);
	return record;
}

/* nothing but the SYSUNINIT of the same macro takes it back. */
static void
a_function_that_stays_behind(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	size_t calls = 0;
	struct kern kern;
	unsigned vnet;

	(void)state;
	start(&kern, R121, 1);
	(void)kldsim_synth_sysinit(module, "v", 0x8800000, 1,
	    kldsim_synth_ref(module, "vnet_register_sysinit"),
	    record_of(module));
	kern_unload(&kern, kern_load(&kern, module, "a.ko"));
	assert_int_equal(kern_findings(&kern, "vnet-sysinit-left"), 1);
	/* It has run in vnet0, and is not run in what comes later. */
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &vnet, &kern.error),
	    KLDSIM_OK);
	for (size_t i = 0; i < kldsim_event_count(kern.sim); i++)
		calls += kldsim_event_at(kern.sim, i)->kind ==
		    KLDSIM_EVENT_VNET_SYSINIT;
	assert_int_equal(calls, 1);
	kern_fini(&kern);
}

/* TAILQ_REMOVE() writes through a record's link, which is NULL here. */
static void
a_function_that_was_never_there(void **state)
{
	static const char *const functions[] = { "vnet_deregister_sysinit",
		"vnet_deregister_sysuninit" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;
		int id;

		start(&kern, R121, 1);
		(void)kldsim_synth_sysuninit(module, "v", 0x8800000, 1,
		    kldsim_synth_ref(module, functions[i]),
		    record_of(module));
		id = kern_load(&kern, module, "a.ko");
		assert_int_equal(kldsim_kldunload(kern.sim, id,
		    KLDSIM_UNLOAD_NORMAL, &kern.result, &kern.error),
		    KLDSIM_OK);
		assert_true(kern.result.panicked);
		assert_non_null(strstr(kern_finding(&kern,
		    "sysinit-entry")->rules, "A-36"));
		kern_fini(&kern);
	}
}

/* L-21: KERNBASE of amd64 (L-23), from 13 on. */
static void
base_addresses(void **state)
{
	const uint64_t kernbase = UINT64_C(0xffffffff80000000);
	uint64_t base = 0, relbase = 0;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(kldsim_base_address(kern.sim, &base, &relbase),
	    KLDSIM_NOENT);
	kern_fini(&kern);
	kern_start(&kern, R130);
	assert_int_equal(kldsim_base_address(kern.sim, &base, &relbase),
	    KLDSIM_OK);
	assert_hex(base, kernbase);
	assert_hex(relbase, kernbase);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members),
		cmocka_unit_test(the_list),
		cmocka_unit_test(no_symbols),
		cmocka_unit_test(state_is_the_last_constructors),
		cmocka_unit_test(too_early),
		cmocka_unit_test(deregistered_in_descending_order),
		cmocka_unit_test(a_function_that_stays_behind),
		cmocka_unit_test(a_function_that_was_never_there),
		cmocka_unit_test(base_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
