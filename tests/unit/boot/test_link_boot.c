/* SPDX-License-Identifier: BSD-2-Clause */

/* Booting: the kernel's own file, its sets, CPUs and vnets, and options. */

#include "support_file.h"
#include "support_kern.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

/* L-17, L-20: name, path, id 1, linked at once, one reference, no deps. */
static void
the_kernel_is_the_first_file(void **state)
{
	struct kldsim_filestat stat;
	struct kern kern;
	int id = -1;

	(void)state;
	kern_start(&kern, R150);
	stat = kern_stat(&kern, 1);
	assert_string_equal(stat.name, "kernel");
	assert_string_equal(stat.path, "/boot/kernel/kernel");
	assert_string_equal(stat.class_name, "elf64"); /* L-02 */
	assert_true(stat.linked);
	assert_int_equal(stat.refs, 1);
	assert_int_equal(stat.userrefs, 0);
	assert_int_equal(stat.ndeps, 0);
	assert_int_equal(kldsim_kldnext(kern.sim, 0, &id), KLDSIM_OK);
	assert_int_equal(id, 1);
	assert_int_equal(kldsim_kldnext(kern.sim, 1, &id), KLDSIM_OK);
	assert_int_equal(id, 0);
	assert_int_equal(kldsim_console_count(kern.sim), 0);
	assert_int_equal(kldsim_finding_count(kern.sim), 0);
	kern_fini(&kern);
}

/* V-12, L-20: up to 14.0 the end of the preloads counts the kernel too. */
static void
the_kernel_gets_a_user_reference_up_to_14_0(void **state)
{
	static const struct {
		uint32_t osreldate;
		int userrefs;
	} rows[] = { { R121, 1 }, { R130, 1 }, { R140, 1 }, { R141, 0 },
		{ R150, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kern kern;

		kern_start(&kern, rows[i].osreldate);
		assert_int_equal(kern_stat(&kern, 1).userrefs,
		    rows[i].userrefs);
		kern_fini(&kern);
	}
}

/* First address and end of the segments of a file in memory. */
static void
segments(const unsigned char *bytes, uint64_t *first_ret, uint64_t *end_ret)
{
	const unsigned char *phdr = bytes +
	    FILE_MEMBER(bytes, Elf64_Ehdr, e_phoff);

	*first_ret = UINT64_MAX;
	*end_ret = 0;
	for (unsigned i = 0; i < FILE_MEMBER(bytes, Elf64_Ehdr, e_phnum);
	    i++, phdr += sizeof(Elf64_Phdr)) {
		const uint64_t start = FILE_MEMBER(phdr, Elf64_Phdr, p_vaddr);
		const uint64_t end = start +
		    FILE_MEMBER(phdr, Elf64_Phdr, p_memsz);

		if (FILE_MEMBER(phdr, Elf64_Phdr, p_type) != PT_LOAD)
			continue;
		if (start < *first_ret)
			*first_ret = start;
		if (end > *end_ret)
			*end_ret = end;
	}
}

/* L-18, L-23: above KERNBASE; modules begin on the page after the kernel. */
static void
modules_begin_on_the_page_after_the_kernel(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	uint64_t first, end;
	struct kern kern;
	void *bytes;
	size_t size;
	int id;

	(void)state;
	kern_init(&kern, R121);
	kern.options.kernel_end = 0;
	kern_boot(&kern);
	assert_int_equal(kldsim_synth_finish(kern.synth, &bytes, &size,
	    &kern.error), KLDSIM_OK);
	segments(bytes, &first, &end);
	kldsim_synth_free_bytes(bytes);
	assert_hex(kern_stat(&kern, 1).address, first);
	assert_true(first >= UINT64_C(0xffffffff80000000));
	/* Its symbols come behind the segments (P-12). */
	assert_true(kern_stat(&kern, 1).size >= end - first);
	(void)kldsim_synth_func(module, "f");
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_stat(&kern, id).address, (end + 4095) / 4096 * 4096);
	kern_fini(&kern);
}

/* D-64: a bound whose value is 0 is none, and without bounds there is no set. */
static void
a_set_that_begins_at_0_is_none(void **state)
{
	(void)state;
	for (int zero = 0; zero < 2; zero++) {
		struct kern kern;
		int id;

		kern_init(&kern, R121);
		(void)kldsim_synth_mdt_module(kern.synth, "kmod", 0, 0);
		if (zero) {
			kldsim_synth_override(kern.synth,
			    "sym[__start_set_modmetadata_set].st_value", 0);
			kldsim_synth_override(kern.synth,
			    "dynsym[__start_set_modmetadata_set].st_value", 0);
		}
		kern_boot(&kern);
		assert_int_equal(kldsim_modfind(kern.sim, "kmod", &id),
		    zero ? KLDSIM_NOENT : KLDSIM_OK);
		assert_int_equal(kldsim_finding_count(kern.sim), 0);
		kern_fini(&kern);
	}
}

static void
last_bytes(struct kldsim_synth *kernel, const char *set)
{
	static const char *const tables[] = { "sym", "dynsym" };
	char field[64];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(field, sizeof(field),
		    "%s[__start_set_%s].st_value", tables[i], set);
		kldsim_synth_override(kernel, field, UINT64_MAX - 11);
		(void)snprintf(field, sizeof(field),
		    "%s[__stop_set_%s].st_value", tables[i], set);
		kldsim_synth_override(kernel, field, UINT64_MAX);
	}
}

/* Z-71: the entry that is read past the end would go on at address 0. */
static void
sets_may_end_where_addresses_do(void **state)
{
	const struct kldsim_synth_oid node = { .parent = "", .name = "kern",
		.number = 1, .kind = 0x80000001 };
	const struct kldsim_synth_oid number = { .parent = "_kern",
		.name = "mine", .number = 5, .kind = 0x80000002 };
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_modinfo info;
	struct kern kern;
	int id;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_mdt_module(kern.synth, "kmod", 0, 0);
	(void)kldsim_synth_sysinit(kern.synth, "first", 0x1000000, 0,
	    kldsim_synth_func(kern.synth, "first"), 0);
	(void)kldsim_synth_sysctl(kern.synth, &node);
	last_bytes(kern.synth, "sysinit_set");
	last_bytes(kern.synth, "sysctl_set");
	kern_boot(&kern);
	/* Both sets are read when somebody asks. */
	assert_int_equal(kldsim_kldfirstmod(kern.sim, 1, &id), KLDSIM_OK);
	assert_int_equal(kldsim_modstat(kern.sim, id, &info), KLDSIM_OK);
	assert_string_equal(info.name, "kmod");
	(void)kldsim_synth_sysctl(module, &number);
	(void)kern_load(&kern, module, "m.ko");
	kern_fini(&kern);
}

/* L-19: static symbols are found in the full table, if there is one. */
static void
static_kernel_symbols_need_the_full_table(void **state)
{
	struct kern kern;

	(void)state;
	for (unsigned full = 0; full < 2; full++) {
		kern_init(&kern, R121);
		(void)kldsim_synth_bind(kern.synth, kldsim_synth_func(
		    kern.synth, "hidden"), KLDSIM_SYNTH_LOCAL);
		kldsim_synth_option(kern.synth, KLDSIM_SYNTH_SYMTAB, full);
		kern_boot(&kern);
		assert_hex(kern_sym(&kern, 1, "printf"),
		    kern_symbol(&kern, "printf"));
		assert_int_equal(kern_has_sym(&kern, 1, "hidden"), full);
		if (full)
			assert_int_equal(kldsim_finding_count(kern.sim), 0);
		else /* and both modspace symbols are static */
			assert_int_equal(kldsim_finding_count(kern.sim), 3);
		kern_fini(&kern);
	}
}

/* P-12, L-19: of several tables the loader brings the last one. */
static void
the_last_full_table_is_the_kernels(void **state)
{
	static const char empty[24];
	struct kern kern;
	int old;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_bind(kern.synth, kldsim_synth_func(kern.synth,
	    "hidden"), KLDSIM_SYNTH_LOCAL);
	/* It stands before .symtab, which is made at the end. */
	old = kldsim_synth_section(kern.synth, ".oldsyms", 2 /* SHT_SYMTAB */, 0,
	    8);
	(void)kldsim_synth_append(kern.synth, old, empty, sizeof(empty));
	kern_boot(&kern);
	assert_true(kern_has_sym(&kern, 1, "hidden"));
	kern_fini(&kern);
}

/* bounds by symbols; modspace between other variables. */
static void
modspace_is_where_its_symbol_is(void **state)
{
	struct kldsim_set_info info;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_dpcpu(kern.synth, "before", "\1\2\3\4", 4, 4);
	(void)kldsim_synth_dpcpu_modspace(kern.synth, 2048);
	(void)kldsim_synth_dpcpu(kern.synth, "after", NULL, 12, 4);
	(void)kldsim_synth_vnet(kern.synth, "first", NULL, 24, 8);
	kern_boot(&kern);
	info = kern_set(&kern, KLDSIM_SET_DPCPU);
	assert_true(info.present && info.has_modspace);
	assert_hex(info.start, kern_symbol(&kern, "__start_set_pcpu"));
	/* 4 bytes, 4 of padding to a pointer, 2048, 12. */
	assert_hex(info.modspace_start, info.start + 8);
	assert_int_equal(info.modspace_size, 2048);
	assert_hex(info.stop, info.start + 8 + 2048 + 12);
	assert_int_equal(info.modspace_free, 2048);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	info = kern_set(&kern, KLDSIM_SET_VNET);
	assert_hex(info.start, kern_symbol(&kern, "__start_set_vnet"));
	assert_hex(info.modspace_start, info.start + 24);
	assert_int_equal(info.modspace_size, 32768); /* V-36 */
	assert_hex(info.stop, info.start + 24 + 32768);
	assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 32768 });
	kern_fini(&kern);
}

/* area - start is dpcpu_off[cpu], in the kernel's own memory. */
static void
each_cpu_has_an_area_and_its_offset(void **state)
{
	struct kldsim_instance cpu;
	struct kldsim_set_info info;
	struct kern kern;
	uint64_t off, before = 0;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_dpcpu(kern.synth, "v", "\1\2\3\4", 4, 4);
	kern.options.cpus = 3;
	kern_boot(&kern);
	info = kern_set(&kern, KLDSIM_SET_DPCPU);
	assert_int_equal(info.ninstances, 3);
	off = kern_symbol(&kern, "dpcpu_off");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(kldsim_set_instance(kern.sim,
		    KLDSIM_SET_DPCPU, i, &cpu), KLDSIM_OK);
		assert_int_equal(cpu.id, i);
		assert_hex(cpu.base, cpu.area - info.start);
		assert_hex(kern_read(&kern, off + 8 * i, 8), cpu.base);
		assert_hex(kern_read(&kern, cpu.area, 4), 0x04030201);
		assert_int_equal(cpu.area % 4096, 0);
		assert_true(cpu.area > before);
		before = cpu.area;
	}
	assert_hex(kern_read(&kern, off + 8 * 3, 8), 0);
	assert_int_equal(kldsim_set_instance(kern.sim, KLDSIM_SET_DPCPU, 3,
	    &cpu), KLDSIM_NOENT);
	kern_fini(&kern);
}

static void
assert_vnets(const struct kern *kern, const unsigned *ids, size_t count)
{
	struct kldsim_set_info info = kern_set(kern, KLDSIM_SET_VNET);
	struct kldsim_instance vnet;

	assert_int_equal(info.ninstances, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(kldsim_set_instance(kern->sim,
		    KLDSIM_SET_VNET, i, &vnet), KLDSIM_OK);
		assert_int_equal(vnet.id, ids[i]);
		assert_hex(vnet.base, vnet.area - info.start);
		assert_hex(kern_read(kern, vnet.area, 4), 0x08070605);
	}
}

/* copies of the reference copy; the newest is the list's head. */
static void
vnets_come_and_go_at_the_head_of_the_list(void **state)
{
	struct kern kern;
	unsigned id = 99;

	(void)state;
	kern_init(&kern, R130);
	(void)kldsim_synth_vnet(kern.synth, "v", "\5\6\7\10", 4, 4);
	kern.options.vnets = 3;
	kern_boot(&kern);
	assert_vnets(&kern, (const unsigned[]){ 2, 1, 0 }, 3);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &id, &kern.error),
	    KLDSIM_OK);
	assert_int_equal(id, 3);
	assert_vnets(&kern, (const unsigned[]){ 3, 2, 1, 0 }, 4);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 2, &kern.error),
	    KLDSIM_OK);
	assert_vnets(&kern, (const unsigned[]){ 3, 1, 0 }, 3);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &id, &kern.error),
	    KLDSIM_OK);
	assert_int_equal(id, 4);
	assert_vnets(&kern, (const unsigned[]){ 4, 3, 1, 0 }, 4);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 2, &kern.error),
	    KLDSIM_NOENT);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 0, &kern.error),
	    KLDSIM_ARG);
	kern_fini(&kern);
}

/* without VIMAGE there are no vnets, and set_vnet is plain data. */
static void
a_kernel_without_vimage_has_no_vnets(void **state)
{
	struct kldsim_set_info info;
	struct kern kern;
	unsigned vnet;
	int id;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE, 0);
	kern.options.vnets = 4;
	kern_boot(&kern);
	info = kern_set(&kern, KLDSIM_SET_VNET);
	assert_false(info.present);
	assert_int_equal(info.ninstances, 0);
	assert_int_equal(kldsim_vnet_alloc(kern.sim, &vnet, &kern.error),
	    KLDSIM_STATE);
	assert_int_equal(kldsim_vnet_destroy(kern.sim, 0, &kern.error),
	    KLDSIM_STATE);
	id = kern_load(&kern, module_with_set(R121, "set_vnet", 8, 0x5a),
	    "m.ko");
	assert_int_equal(kern_section(&kern, id, "set_vnet").region,
	    KLDSIM_REGION_MAPPING);
	assert_hex(kern_section(&kern, id, "set_vnet").address, KERN_BASE);
	assert_hex(kern_read(&kern, KERN_BASE, 1), 0x5a);
	assert_non_null(kern_finding(&kern, "module-needs-vimage"));
	kern_fini(&kern);
}

/* one finding or the other, for what VIMAGE explains or does not. */
static void
what_a_kernel_without_vimage_lacks(void **state)
{
	static const struct {
		const char *name;
		size_t vimage; /* findings */
	} rows[] = {
		{ "vnet_register_sysinit", 1 }, { "vnet_entry_foo", 1 },
		{ "vnet_register_nothing", 0 },
	};
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_option(kern.synth, KLDSIM_SYNTH_VIMAGE, 0);
	kern_boot(&kern);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = module_new(R121);

		(void)module_slot(module, kldsim_synth_ref(module,
		    rows[i].name), 0);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_int_equal(kern_findings(&kern, "module-needs-vimage"),
		    rows[i].vimage);
		assert_int_equal(kern_findings(&kern, "undefined-symbol"),
		    1 - rows[i].vimage);
	}
	kern_fini(&kern);
}

/* A kernel with both sets and without the modspace symbols. */
static void
init_without_modspace(struct kern *kern)
{
	kern_init(kern, R121);
	(void)kldsim_synth_dpcpu(kern->synth, "room", NULL, 64, 8);
	(void)kldsim_synth_vnet(kern->synth, "room", NULL, 128, 8);
	(void)kldsim_synth_dpcpu_modspace(kern->synth, 0);
	(void)kldsim_synth_vnet_modspace(kern->synth, 0);
}

/* a stripped kernel boots; only a module with a set cannot be loaded. */
static void
without_modspace_a_set_is_a_host_failure(void **state)
{
	static const char *const sets[] = { "set_pcpu", "set_vnet" };
	struct kldsim_synth *plain = module_new(R121);
	char *before, *after;
	struct kern kern;

	(void)state;
	init_without_modspace(&kern);
	kern_boot(&kern);
	assert_int_equal(kldsim_finding_count(kern.sim), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(kern.sim, i);

		assert_string_equal(finding->code, "modspace-unknown");
		assert_int_equal(finding->severity, KLDSIM_WARNING);
		assert_false(kern_set(&kern, (enum kldsim_set)i).has_modspace);
		before = kern_digest(&kern);
		assert_int_equal(kern_try(&kern, module_with_set(R121,
		    sets[i], 8, 1), "set.ko"), KLDSIM_STATE);
		assert_non_null(strstr(kern.error.text, "modspace"));
		after = kern_digest(&kern);
		assert_string_equal(after, before);
		free(before);
		free(after);
	}
	(void)kldsim_synth_func(plain, "f");
	assert_int_equal(kern_load(&kern, plain, "plain.ko"), 2);
	kern_fini(&kern);
}

static void
options_say_where_modspace_is(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	init_without_modspace(&kern);
	kern_boot(&kern); /* to lay it out */
	kldsim_destroy(kern.sim);
	kern.sim = NULL;
	kern.options.dpcpu_modspace.start =
	    kern_symbol(&kern, "pcpu_entry_room") + 16;
	kern.options.dpcpu_modspace.size = 40;
	kern.options.vnet_modspace.start =
	    kern_symbol(&kern, "vnet_entry_room");
	kern.options.vnet_modspace.size = 128;
	kern_boot(&kern);
	assert_int_equal(kldsim_finding_count(kern.sim), 0);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 40 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 128 });
	id = kern_load(&kern, module_with_set(R121, "set_pcpu", 8, 1), "a.ko");
	assert_hex(kern_section(&kern, id, "set_pcpu").address,
	    kern_symbol(&kern, "pcpu_entry_room") + 16);
	kldsim_destroy(kern.sim);
	kern.sim = NULL;
	/* One byte past the end of the set. */
	kern.options.dpcpu_modspace.size = 49;
	assert_int_equal(kern_try_boot(&kern), KLDSIM_ARG);
	kern_fini(&kern);
}

static void
numbers_of_cpus_and_vnets_have_limits(void **state)
{
	static const struct {
		unsigned cpus, vnets;
		enum kldsim_status status;
	} rows[] = {
		{ 0, 1, KLDSIM_ARG }, { 1025, 1, KLDSIM_ARG },
		{ 1, 0, KLDSIM_ARG }, { 1, 1, KLDSIM_OK },
		{ 1024, 1, KLDSIM_OK }, { 1, 40, KLDSIM_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kern kern;
		unsigned cpu;

		kern_init(&kern, R121);
		kern.options.cpus = rows[i].cpus;
		kern.options.vnets = rows[i].vnets;
		assert_int_equal(kern_try_boot(&kern), rows[i].status);
		if (rows[i].status == KLDSIM_OK) {
			assert_int_equal(kern_set(&kern,
			    KLDSIM_SET_DPCPU).ninstances, rows[i].cpus);
			assert_int_equal(kern_set(&kern,
			    KLDSIM_SET_VNET).ninstances, rows[i].vnets);
		}
		if (rows[i].cpus == 1024)
			assert_int_equal(kldsim_cpu_add(kern.sim, &cpu,
			    &kern.error), KLDSIM_LIMIT);
		kern_fini(&kern);
	}
}

/* M-10: the option, else the kernel's osreldate, else the rules of 12.1. */
/* Each list of the options names what its entries are about. */
static void
options_without_a_name(void **state)
{
	static const struct kldsim_placement placement = { NULL, KERN_BASE };
	static const struct kldsim_ifunc ifunc = { NULL, NULL, NULL, 1 };
	static const struct kldsim_preload preload = { NULL, NULL };
	static const struct kldsim_handler_answer answer = { NULL,
		KLDSIM_MOD_LOAD, 1 };
	static const char *const words[] = { "a placement without a file",
		"an ifunc answer without a symbol", "a preload without a path",
		"a handler's answer without a module" };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct kern kern;

		kern_init(&kern, R121);
		kern.options.placements = &placement;
		kern.options.nplacements = i == 0;
		kern.options.ifuncs = &ifunc;
		kern.options.nifuncs = i == 1;
		kern.options.preloads = &preload;
		kern.options.npreloads = i == 2;
		kern.options.answers = &answer;
		kern.options.nanswers = i == 3;
		assert_int_equal(kern_try_boot(&kern), KLDSIM_ARG);
		assert_string_equal(kern.error.text, words[i]);
		kern_fini(&kern);
	}
}

static void
the_release_is_chosen_or_read_or_assumed(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R130);
	assert_int_equal(kldsim_osreldate(kern.sim), R130);
	kldsim_destroy(kern.sim);
	kern.options.osreldate = R150;
	kern_boot(&kern);
	assert_int_equal(kldsim_osreldate(kern.sim), R150);
	kern_fini(&kern);

	kern_init(&kern, R121);
	kldsim_synth_free(kern.synth);
	kern.synth = kldsim_synth_new("amd64", KLDSIM_SYNTH_EXEC);
	(void)kldsim_synth_func(kern.synth, "printf");
	kern_boot(&kern);
	assert_int_equal(kldsim_osreldate(kern.sim), R121);
	assert_int_equal(kldsim_finding_count(kern.sim), 1);
	assert_string_equal(kldsim_finding_at(kern.sim, 0)->code,
	    "osreldate-unknown");
	/* Neither set is there. */
	assert_false(kern_set(&kern, KLDSIM_SET_DPCPU).present);
	assert_false(kern_set(&kern, KLDSIM_SET_VNET).present);
	kern_fini(&kern);
}

/* M-10, L-12, L-13: kernel 1201000, its other interfaces and modules. */
static void
the_kernel_provides_interfaces_and_modules(void **state)
{
	struct kldsim_interface interface;
	struct kldsim_modinfo module;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_mdt_version(kern.synth, "ether", 7);
	(void)kldsim_synth_mdt_module(kern.synth, "ether", 0, 0);
	(void)kldsim_synth_mdt_module(kern.synth, "loop", 0, 0);
	kern_boot(&kern);
	assert_int_equal(kern_stat(&kern, 1).ninterfaces, 2);
	assert_int_equal(kldsim_file_interface(kern.sim, 1, 0, &interface),
	    KLDSIM_OK);
	assert_string_equal(interface.name, "ether");
	assert_int_equal(interface.version, 7);
	assert_int_equal(kldsim_file_interface(kern.sim, 1, 1, &interface),
	    KLDSIM_OK);
	assert_string_equal(interface.name, "kernel");
	assert_int_equal(interface.version, 1201000);
	assert_int_equal(kern_stat(&kern, 1).nmodules, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kldsim_file_module(kern.sim, 1, (size_t)i,
		    &module), KLDSIM_OK);
		assert_string_equal(module.name, i == 0 ? "ether" : "loop");
		assert_int_equal(module.id, i + 1);
		assert_int_equal(module.fileid, 1);
	}
	kern_fini(&kern);
}

/* An older program's struct is shorter; what it lacks has its default. */
static void
options_of_older_and_newer_programs(void **state)
{
	struct {
		struct kldsim_options options;
		uint64_t tail;
	} newer;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.size = offsetof(struct kldsim_options, vnets);
	kern.options.cpus = 3;
	kern.options.vnets = 777777;
	kern.options.osreldate = 1;
	kern_boot(&kern);
	assert_int_equal(kern_set(&kern, KLDSIM_SET_DPCPU).ninstances, 3);
	assert_int_equal(kern_set(&kern, KLDSIM_SET_VNET).ninstances, 1);
	assert_int_equal(kldsim_osreldate(kern.sim), R121);
	kldsim_destroy(kern.sim);
	kern.sim = NULL;

	memset(&newer, 0, sizeof(newer));
	kldsim_options_init(&newer.options, sizeof(newer.options));
	newer.options.size = sizeof(newer);
	newer.tail = 1;
	assert_int_equal(kldsim_boot(kern.image, &newer.options, &kern.sim,
	    &kern.error), KLDSIM_ARG);
	newer.tail = 0;
	assert_int_equal(kldsim_boot(kern.image, &newer.options, &kern.sim,
	    &kern.error), KLDSIM_OK);
	kern_fini(&kern);
}

/* Two kernels stand on one image, and neither changes a byte of it. */
static void
the_image_stays_as_it_is(void **state)
{
	struct kldsim_image *image;
	struct kldsim *sims[2];
	struct kern kern;
	void *bytes, *saved;
	size_t size;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_dpcpu(kern.synth, "v", "\1\2\3\4", 4, 4);
	assert_int_equal(kldsim_synth_finish(kern.synth, &bytes, &size,
	    &kern.error), KLDSIM_OK);
	saved = malloc(size);
	assert_non_null(saved);
	memcpy(saved, bytes, size);
	assert_int_equal(kldsim_image_open_memory(bytes, size, "kernel", NULL,
	    NULL, &image, &kern.error), KLDSIM_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(kldsim_boot(image, &kern.options, &sims[i],
		    &kern.error), KLDSIM_OK);
	kldsim_image_unref(image);
	kern.sim = sims[0];
	(void)kern_load(&kern, module_with_set(R121, "set_pcpu", 8, 0x5a),
	    "a.ko");
	(void)kern_load(&kern, module_with_set(R121, "set_vnet", 8, 0x5b),
	    "b.ko");
	assert_memory_equal(bytes, saved, size);
	kern.sim = sims[1];
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	assert_hex(kern_read(&kern, kern_set(&kern,
	    KLDSIM_SET_DPCPU).modspace_start, 8), 0);
	kldsim_destroy(sims[0]);
	kern_fini(&kern);
	kldsim_synth_free_bytes(bytes);
	free(saved);
}

/* What is no kernel is a host failure, with a reason. */
static void
what_is_no_kernel_does_not_boot(void **state)
{
	static const struct {
		const char *machine;
		enum kldsim_synth_kind kind;
		enum kldsim_status status;
	} rows[] = {
		{ "amd64", KLDSIM_SYNTH_REL, KLDSIM_MALFORMED },
		{ "elf64le", KLDSIM_SYNTH_EXEC, KLDSIM_UNSUPPORTED },
	};
	struct kldsim_image *image;
	struct kldsim_error error;
	struct kldsim *sim;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		image = kern_image(kldsim_synth_new(rows[i].machine,
		    rows[i].kind), "kernel");
		memset(&error, 0, sizeof(error));
		assert_int_equal(kldsim_boot(image, NULL, &sim, &error),
		    rows[i].status);
		assert_int_equal(error.status, rows[i].status);
		assert_true(error.text[0] != '\0');
		kldsim_image_unref(image);
	}
	assert_int_equal(kldsim_image_open_memory("junk", 4, "kernel", NULL,
	    NULL, &image, &error), KLDSIM_OK);
	assert_int_equal(kldsim_boot(image, NULL, &sim, NULL),
	    KLDSIM_NOT_ELF);
	kldsim_image_unref(image);
}

/*
 * A-02, V-15: debug.link_elf_leak_locals hides statics from modules, not from
 * the kernel itself: it still knows where its static modspace is.
 */
static void
hidden_statics_do_not_hide_modspace(void **state)
{
	struct kldsim_set_info info;
	struct kern kern;

	(void)state;
	kern_init(&kern, R150);
	kern.options.leak_locals = 0;
	kern_boot(&kern);
	info = kern_set(&kern, KLDSIM_SET_VNET);
	assert_true(info.has_modspace);
	assert_int_equal(info.modspace_size, 32768);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_is_the_first_file),
		cmocka_unit_test(the_kernel_gets_a_user_reference_up_to_14_0),
		cmocka_unit_test(modules_begin_on_the_page_after_the_kernel),
		cmocka_unit_test(a_set_that_begins_at_0_is_none),
		cmocka_unit_test(sets_may_end_where_addresses_do),
		cmocka_unit_test(static_kernel_symbols_need_the_full_table),
		cmocka_unit_test(the_last_full_table_is_the_kernels),
		cmocka_unit_test(modspace_is_where_its_symbol_is),
		cmocka_unit_test(each_cpu_has_an_area_and_its_offset),
		cmocka_unit_test(vnets_come_and_go_at_the_head_of_the_list),
		cmocka_unit_test(a_kernel_without_vimage_has_no_vnets),
		cmocka_unit_test(what_a_kernel_without_vimage_lacks),
		cmocka_unit_test(without_modspace_a_set_is_a_host_failure),
		cmocka_unit_test(options_say_where_modspace_is),
		cmocka_unit_test(hidden_statics_do_not_hide_modspace),
		cmocka_unit_test(numbers_of_cpus_and_vnets_have_limits),
		cmocka_unit_test(options_without_a_name),
		cmocka_unit_test(the_release_is_chosen_or_read_or_assumed),
		cmocka_unit_test(the_kernel_provides_interfaces_and_modules),
		cmocka_unit_test(options_of_older_and_newer_programs),
		cmocka_unit_test(the_image_stays_as_it_is),
		cmocka_unit_test(what_is_no_kernel_does_not_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
