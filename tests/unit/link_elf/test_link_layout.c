/* SPDX-License-Identifier: BSD-2-Clause */

/* Where the sections of an ET_REL file go, and what the kernel says if not. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_FLAGS (KLDSIM_SYNTH_ALLOC | KLDSIM_SYNTH_EXECINSTR)

static int
progbits(struct kldsim_synth *module, const char *name, uint64_t align,
    uint64_t size)
{
	return module_section(module, name, KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, align, size);
}

/* A module of nothing but .text. */
static struct kldsim_synth *
text_only(uint64_t size)
{
	struct kldsim_synth *module = module_new(R121);

	(void)module_section(module, ".text", KLDSIM_SYNTH_PROGBITS,
	    TEXT_FLAGS, 16, size);
	return module;
}

static void
kern_at(struct kern *kern, uint32_t osreldate, uint64_t kernel_end)
{
	kern_init(kern, osreldate);
	kern->options.kernel_end = kernel_end;
	kern_boot(kern);
}

/* T-01, O-10, O-13, O-14, O-17, O-20: the sections of the test vector. */
static void
layout_of_the_test_vector(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
		uint64_t flags, align, size, place;
	} rows[] = {
		{ ".text", 1, TEXT_FLAGS, 16, 0x1234, 0 },
		{ ".rodata", 1, KLDSIM_SYNTH_ALLOC, 8, 0x21, 0x1238 },
		{ "set_sysinit_set", 1, KERN_ALLOC_WRITE, 8, 0x18, 0x1260 },
		{ "set_pcpu", 1, KERN_ALLOC_WRITE, 64, 0x50, 0x1280 },
		{ ".data", 1, KERN_ALLOC_WRITE, 32, 0x40, 0x12e0 },
		{ ".bss", 8, KERN_ALLOC_WRITE, 64, 0x100, 0x1340 },
	};
	const uint64_t base = UINT64_C(0xffffffff82200000);
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_section section;
	struct kern kern;
	int id, data;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		(void)module_section(module, rows[i].name, rows[i].type,
		    rows[i].flags, rows[i].align, rows[i].size);
	/* Three SYSINITs of SI_SUB_DUMMY at the start of .data. */
	data = kldsim_synth_section_named(module, ".data");
	for (uint64_t i = 0; i < 0x18; i += 8)
		kldsim_synth_pointer(module, kldsim_synth_section_named(
		    module, "set_sysinit_set"), i,
		    kldsim_synth_section_symbol(module, data), 0);
	kern_at(&kern, R121, base);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_stat(&kern, id).address, base);
	assert_hex(kern_stat(&kern, id).size, 0x1440);
	for (size_t i = 0; i < 6; i++) {
		bool set = strcmp(rows[i].name, "set_pcpu") == 0;

		assert_int_equal(kldsim_file_section(kern.sim, id, i,
		    &section), KLDSIM_OK);
		assert_string_equal(section.name, rows[i].name);
		assert_int_equal(section.index, i + 1);
		assert_int_equal(section.type, rows[i].type);
		assert_hex(section.flags, rows[i].flags);
		assert_hex(section.size, rows[i].size);
		assert_hex(section.hole, base + rows[i].place);
		assert_int_equal(section.region, set ?
		    KLDSIM_REGION_DPCPU : KLDSIM_REGION_MAPPING);
		assert_hex(section.address, set ? kern_set(&kern,
		    KLDSIM_SET_DPCPU).modspace_start : section.hole);
	}
	kern_fini(&kern);
}

/* T-02, O-14: the two passes differ; or not, at another base. */
static void
large_alignments_can_diverge(void **state)
{
	const struct kldsim_placement at[] = {
		{ "odd.ko", UINT64_C(0xffffffff82201000) },
		{ "even.ko", UINT64_C(0xffffffff82300000) },
	};
	struct kldsim_synth *module;
	struct kern kern;
	int id;

	(void)state;
	kern_init(&kern, R121);
	kern.options.placements = at;
	kern.options.nplacements = 2;
	kern_boot(&kern);
	module = text_only(0x10);
	(void)progbits(module, ".data", 8192, 0x10);
	/* Sum: 0x10, 0x2000, 0x2010.  Cursor: ..201010, ..202000, ..202010. */
	kern_refuse(&kern, module, "odd.ko", FB_ENOEXEC);
	assert_console(&kern, "/boot/modules/odd.ko: mapbase "
	    "0xffffffff82202010 != address 0xffffffff82201000 + mapsize "
	    "0x2010 (0xffffffff82203010)", UNSUPPORTED("odd.ko"));
	module = text_only(0x10);
	(void)progbits(module, ".data", 8192, 0x10);
	id = kern_load(&kern, module, "even.ko");
	assert_non_null(kern_finding(&kern, "section-alignment")); /* Z-09 */
	assert_hex(kern_section(&kern, id, ".data").address,
	    UINT64_C(0xffffffff82302000));
	assert_hex(kern_stat(&kern, id).size, 0x2010);
	kern_fini(&kern);
}

/* T-03, O-11: masks that leave the cursor in the mapping. */
static void
alignment_masks_are_ints(void **state)
{
	static const struct {
		uint64_t align, place;
	} rows[] = {
		{ 1, 0x1234 }, { UINT64_C(0x100000001), 0x1234 },
		{ 24, 0x1248 }, { 4096, 0x2000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = text_only(0x1234);
		struct kern kern;
		int id;

		kern_start(&kern, R121);
		/* The builder takes powers of two only. */
		(void)progbits(module, ".data", 1, 8);
		kldsim_synth_override(module, "shdr[.data].sh_addralign",
		    rows[i].align);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_section(&kern, id, ".data").address,
		    KERN_BASE + rows[i].place);
		assert_hex(kern_stat(&kern, id).size, rows[i].place + 8);
		kern_fini(&kern);
	}
}

/* T-03, O-11: masks that take the cursor to where nothing can be loaded. */
static void
alignment_masks_can_ruin_a_load(void **state)
{
	static const struct {
		uint64_t align;
		bool panics;
	} rows[] = {
		/* Cursor 0: no address, which reads as ENOSPC. */
		{ 0, false }, { UINT64_C(0x100000000), false },
		/* The size becomes 2 GiB + 8, more than there is above. */
		{ UINT64_C(0x80000000), false },
		/* Size 0x123c, but the cursor goes to 0x02001234. */
		{ UINT64_C(0x80000001), true },
		/* Size 0x40000008, and the cursor goes to 0x40000000. */
		{ UINT64_C(0xc0000000), true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = text_only(0x234);
		struct kern kern;

		kern_init(&kern, R121);
		kern.options.limits.map_bytes = UINT64_C(1) << 31;
		kern_boot(&kern);
		(void)progbits(module, ".data", 1, 8);
		kldsim_synth_override(module, "shdr[.data].sh_addralign",
		    rows[i].align);
		if (rows[i].panics) {
			kern_panic(&kern, module, "m.ko");
		} else {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern, UNSUPPORTED("m.ko"));
			assert_int_equal(kldsim_kldfind(kern.sim, "m.ko",
			    &(int){ 0 }), KLDSIM_NOENT);
		}
		kern_fini(&kern);
	}
}

/* A mapping over the limit is the host's failure, and changes nothing. */
static void
a_mapping_over_the_limit_is_a_host_failure(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	char *before, *after;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.limits.map_bytes = 0x200000;
	kern_boot(&kern);
	before = kern_digest(&kern);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, 0x200001);
	assert_int_equal(kern_try(&kern, module, "m.ko"), KLDSIM_LIMIT);
	after = kern_digest(&kern);
	assert_string_equal(after, before);
	free(before);
	free(after);
	kern_fini(&kern);
}

/* O-12: first fit by pages, lowest gap first; gaps are used again. */
static void
files_go_to_the_lowest_gap(void **state)
{
	static const struct {
		uint64_t size, place; /* in pages */
	} rows[] = { { 1, 0 }, { 2, 1 }, { 1, 3 } };
	char name[] = "a.ko";
	struct kern kern;
	int ids[3];

	(void)state;
	kern_start(&kern, R121);
	for (size_t i = 0; i < 3; i++) {
		name[0] = (char)('a' + i);
		ids[i] = kern_load(&kern, text_only(rows[i].size * 4096),
		    name);
		assert_hex(kern_stat(&kern, ids[i]).address,
		    KERN_BASE + rows[i].place * 4096);
	}
	kern_unload(&kern, ids[1]);
	/* One page, not even full: the first of the two free ones. */
	assert_hex(kern_stat(&kern, kern_load(&kern, text_only(1),
	    "d.ko")).address, KERN_BASE + 0x1000);
	/* Two pages do not fit into the one that is left. */
	assert_hex(kern_stat(&kern, kern_load(&kern, text_only(4097),
	    "e.ko")).address, KERN_BASE + 0x4000);
	assert_hex(kern_stat(&kern, kern_load(&kern, text_only(4096),
	    "f.ko")).address, KERN_BASE + 0x2000);
	kern_fini(&kern);
}

static struct kldsim_synth *
bss_only(uint64_t size)
{
	struct kldsim_synth *module = module_new(R121);

	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, size);
	return module;
}

/* O-12, V-29: from 13.0 on, 2 MiB and more go to a superpage's boundary. */
static void
large_files_go_to_superpages_from_13_0(void **state)
{
	static const struct {
		uint32_t osreldate;
		uint64_t size, address;
	} rows[] = {
		{ R121, 0x200000, UINT64_C(0xffffffff82001000) },
		{ R130, 0x200000, UINT64_C(0xffffffff82200000) },
		/* Rounded to pages first. */
		{ R130, 0x1ff001, UINT64_C(0xffffffff82200000) },
		{ R130, 0x1ff000, UINT64_C(0xffffffff82001000) },
		{ R150, 0x345678, UINT64_C(0xffffffff82200000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kern kern;
		int id;

		kern_at(&kern, rows[i].osreldate,
		    UINT64_C(0xffffffff82001000));
		id = kern_load(&kern, bss_only(rows[i].size), "big.ko");
		assert_hex(kern_stat(&kern, id).address, rows[i].address);
		assert_hex(kern_stat(&kern, id).size, rows[i].size);
		id = kern_load(&kern, text_only(8), "small.ko");
		/* The gap below, or right behind. */
		assert_hex(kern_stat(&kern, id).address,
		    (rows[i].address & 0x1fffff) == 0 ?
		    UINT64_C(0xffffffff82001000) :
		    rows[i].address + (rows[i].size + 4095) / 4096 * 4096);
		kern_fini(&kern);
	}
}

/* O-12, V-30: nowhere to go; K-20 makes ENOEXEC of either errno. */
static void
no_room_above_the_kernel(void **state)
{
	static const uint32_t releases[] = { R121, R130 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;
		int id;

		/* No boundary of 2 MiB has 2 MiB after it: plain first fit. */
		kern_at(&kern, releases[i], UINT64_C(0xffffffffffd01000));
		id = kern_load(&kern, bss_only(0x200000), "big.ko");
		assert_hex(kern_stat(&kern, id).address,
		    UINT64_C(0xffffffffffd01000));
		kern_refuse(&kern, bss_only(0x200000), "more.ko", FB_ENOEXEC);
		assert_console(&kern, UNSUPPORTED("more.ko"));
		kern_fini(&kern);
	}
}

static void
a_file_can_be_told_where_to_go(void **state)
{
	const struct kldsim_placement at[] = {
		{ "a.ko", UINT64_C(0xffffffff90000000) },
		{ "b.ko", UINT64_C(0xffffffff90000000) },
		{ "c.ko", UINT64_C(0xffffffff90008800) },
	};
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	kern.options.placements = at;
	kern.options.nplacements = 3;
	kern_boot(&kern);
	assert_hex(kern_stat(&kern, kern_load(&kern, text_only(8),
	    "a.ko")).address, at[0].address);
	/* Taken; not page aligned. */
	assert_int_equal(kern_try(&kern, text_only(8), "b.ko"), KLDSIM_ARG);
	assert_int_equal(kern_try(&kern, text_only(8), "c.ko"), KLDSIM_ARG);
	assert_hex(kern_stat(&kern, kern_load(&kern, text_only(8),
	    "d.ko")).address, KERN_BASE);
	kern_fini(&kern);
}

/* O-15: NOBITS is zero; so are init arrays, whose bytes are never read. */
static void
init_arrays_are_filled_by_relocations_alone(void **state)
{
	struct kldsim_synth *module = text_only(0x40);
	kldsim_addr ctor;
	struct kern kern;
	int id, array, f;

	(void)state;
	f = kldsim_synth_symbol(module, "f", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, 1, 0x10, 16);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 8, 16);
	array = kldsim_synth_section_named(module, ".init_array");
	for (int i = 0; i < 3; i++)
		(void)kldsim_synth_append_int(module, array,
		    UINT64_C(0x4141414141414141), 8);
	(void)kldsim_synth_reloc(module, array, 8, "R_X86_64_64", f, 2);
	kern_start(&kern, R140);
	id = kern_load(&kern, module, "m.ko");
	array = (int)kern_section(&kern, id, ".init_array").index;
	assert_int_equal(array, 3);
	assert_hex(kern_section(&kern, id, ".init_array").address,
	    KERN_BASE + 0x50);
	assert_hex(kern_read(&kern, KERN_BASE + 0x50, 8), 0);
	assert_hex(kern_read(&kern, KERN_BASE + 0x58, 8), KERN_BASE + 0x12);
	assert_hex(kern_read(&kern, KERN_BASE + 0x60, 8), 0);
	assert_hex(kern_read(&kern, KERN_BASE + 0x40, 8), 0);
	assert_hex(kern_read(&kern, KERN_BASE + 0x48, 8), 0);
	/* O-80: entries that are 0 are skipped. */
	assert_int_equal(kern_stat(&kern, id).nconstructors, 1);
	assert_int_equal(kldsim_file_constructor(kern.sim, id, 0, &ctor),
	    KLDSIM_OK);
	assert_hex(ctor, KERN_BASE + 0x12);
	kern_fini(&kern);
}

/* V-19, O-41: before, the section is not loaded and its relocations fail. */
static void
init_arrays_are_not_loaded_by_13_0(void **state)
{
	static const uint32_t releases[] = { R121, R130 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = text_only(0x40);
		struct kern kern;
		int id, f;

		kern_start(&kern, releases[i]);
		(void)module_section(module, ".init_array",
		    KLDSIM_SYNTH_INIT_ARRAY, KERN_ALLOC_WRITE, 8, 8);
		id = kern_load(&kern, module, "plain.ko");
		assert_int_equal(kern_stat(&kern, id).nsections, 1);
		assert_hex(kern_stat(&kern, id).size, 0x40);
		assert_int_equal(kern_findings(&kern, "init-array-ignored"),
		    1);
		module = text_only(0x40);
		f = kldsim_synth_symbol(module, "f", KLDSIM_SYNTH_LOCAL,
		    KLDSIM_SYNTH_FUNC, 1, 0, 16);
		kldsim_synth_ctor(module, ".init_array", f);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_console(&kern, "kldload: m.ko: lost base for reltab",
		    UNSUPPORTED("m.ko"));
		assert_non_null(kern_finding(&kern,
		    "relocation-target-not-loaded"));
		kern_fini(&kern);
	}
}

/* O-16: sections without a name, by type. */
static void
sections_without_a_name(void **state)
{
	static const char *const names[] = { "<<PROGBITS>>", "<<NOBITS>>",
		"<<UNWIND>>", "<<NOBITS>>" };
	struct kldsim_synth *module = module_new(R140);
	struct kldsim_section section;
	struct kern kern;
	int id, f;

	(void)state;
	(void)progbits(module, ".p", 8, 8);
	(void)module_section(module, ".n", 8, KERN_ALLOC_WRITE, 8, 8);
	(void)module_section(module, ".u", 0x70000001, KLDSIM_SYNTH_ALLOC, 8,
	    8);
	(void)module_section(module, ".i", KLDSIM_SYNTH_INIT_ARRAY,
	    KERN_ALLOC_WRITE, 8, 8);
	f = kldsim_synth_func(module, "f");
	kldsim_synth_pointer(module, 4, 0, f, 0);
	for (int i = 1; i <= 4; i++) {
		char field[32];

		(void)snprintf(field, sizeof(field), "shdr[%d].sh_name", i);
		kldsim_synth_override(module, field, 0);
	}
	kern_start(&kern, R140);
	id = kern_load(&kern, module, "m.ko");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(kldsim_file_section(kern.sim, id, i,
		    &section), KLDSIM_OK);
		assert_string_equal(section.name, names[i]);
	}
	/* O-18: an init array without a name is never recognised. */
	assert_int_equal(kern_stat(&kern, id).nconstructors, 0);
	kern_fini(&kern);
}

/* Two sections of constructors: f and g, 16 bytes each, in .text. */
static struct kldsim_synth *
two_ctors(uint32_t osreldate, const char *first, uint32_t first_type,
    const char *second, uint32_t second_type)
{
	struct kldsim_synth *module = module_new(osreldate);
	int f = kldsim_synth_func(module, "f");
	int g = kldsim_synth_func(module, "g");

	kldsim_synth_pointer(module, module_section(module, first, first_type,
	    KERN_ALLOC_WRITE, 8, 8), 0, f, 0);
	kldsim_synth_pointer(module, module_section(module, second,
	    second_type, KERN_ALLOC_WRITE, 8, 8), 0, g, 0);
	return module;
}

/* O-18, V-20: the last .ctors up to 13.0, the first and a message later. */
static void
of_several_ctors_one_counts(void **state)
{
	static const struct {
		uint32_t osreldate, first, second;
		uint64_t ctor;
		bool says;
	} rows[] = {
		{ R121, 1, 1, 0x10, false }, { R130, 1, 1, 0x10, false },
		{ R140, 1, 1, 0, true }, { R150, 1, 1, 0, true },
		/* Either kind, in either order. */
		{ R140, 14, 1, 0, true }, { R140, 1, 14, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kldsim_addr ctor;
		struct kern kern;
		int id;

		kern_start(&kern, rows[i].osreldate);
		id = kern_load(&kern, two_ctors(rows[i].osreldate,
		    rows[i].first == 1 ? ".ctors" : ".init_array.1",
		    rows[i].first,
		    rows[i].second == 1 ? ".ctors" : ".init_array.2",
		    rows[i].second), "m.ko");
		if (rows[i].says)
			assert_console(&kern, "link_elf_load_file: multiple "
			    "ctor sections in /boot/modules/m.ko");
		else
			assert_silent(&kern);
		assert_int_equal(kern_stat(&kern, id).nconstructors, 1);
		assert_int_equal(kldsim_file_constructor(kern.sim, id, 0,
		    &ctor), KLDSIM_OK);
		assert_hex(ctor, KERN_BASE + rows[i].ctor);
		kern_fini(&kern);
	}
}

/* O-18, V-21: destructors are looked for from 14.0 on. */
static void
of_several_dtors_the_first_counts(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)kern_load(&kern, two_ctors(R121, ".dtors", 1, ".dtors", 1),
	    "m.ko");
	assert_silent(&kern);
	kern_fini(&kern);
	kern_start(&kern, R140);
	(void)kern_load(&kern, two_ctors(R140, ".dtors", 1, ".fini_array",
	    KLDSIM_SYNTH_FINI_ARRAY), "m.ko");
	assert_console(&kern, "link_elf_load_file: multiple dtor sections in "
	    "/boot/modules/m.ko");
	kern_fini(&kern);
}

/* O-20: only the exact names; O-10: the hole stays in the mapping, zero. */
static void
only_exact_set_names_go_to_modspace(void **state)
{
	static const char *const names[] = { "set_pcpu", "set_pcpu2",
		"set_pcp", "set_vnet", ".set_vnet" };
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_section section;
	struct kern kern;
	int id;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		kldsim_synth_store(module, progbits(module, names[i], 8, 8), 0,
		    "ABCDEFGH", 8);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_stat(&kern, id).size, 40);
	for (size_t i = 0; i < 5; i++) {
		enum kldsim_region region = i == 0 ? KLDSIM_REGION_DPCPU :
		    i == 3 ? KLDSIM_REGION_VNET : KLDSIM_REGION_MAPPING;

		assert_int_equal(kldsim_file_section(kern.sim, id, i,
		    &section), KLDSIM_OK);
		assert_int_equal(section.region, region);
		assert_hex(section.hole, KERN_BASE + 8 * i);
		assert_hex(kern_read(&kern, section.address, 8),
		    UINT64_C(0x4847464544434241));
		assert_hex(kern_read(&kern, section.hole, 8),
		    region == KLDSIM_REGION_MAPPING ?
		    UINT64_C(0x4847464544434241) : 0);
	}
	kern_fini(&kern);
}

/* O-21, K-20: one byte too much; what the file had got before goes back. */
static void
modspace_runs_out(void **state)
{
	static const struct {
		const char *set, *other;
		uint64_t size;
		const char *line;
	} rows[] = {
		{ "set_pcpu", "set_vnet", 2049, "link_elf_load_file: pcpu "
		    "module space is out of space; cannot allocate 0x801 for "
		    "/boot/modules/m.ko" },
		{ "set_vnet", "set_pcpu", 32769, "link_elf_load_file: vnet "
		    "module space is out of space; cannot allocate 0x8001 for "
		    "/boot/modules/m.ko" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_with_set(R121,
		    rows[i].other, 16, 0x77);
		struct kern kern;

		kern_start(&kern, R121);
		(void)progbits(module, rows[i].set, 8, rows[i].size);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		assert_console(&kern, rows[i].line, UNSUPPORTED("m.ko"));
		assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
		assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 32768 });
		assert_int_equal(kern_set(&kern, KLDSIM_SET_DPCPU).nparts, 0);
		assert_int_equal(kern_stat(&kern, 1).refs, 1);
		/* Exactly as much as there is fits. */
		(void)kern_load(&kern, module_with_set(R121, rows[i].set,
		    rows[i].size - 1, 1), "all.ko");
		assert_int_equal(kern_set(&kern, i == 0 ? KLDSIM_SET_DPCPU :
		    KLDSIM_SET_VNET).nfree, 0);
		kern_fini(&kern);
	}
}

/* T-04: sizes that are no multiple of 8; parts stay odd. */
static void
odd_sizes_take_whole_words(void **state)
{
	struct kldsim_set_part part;
	struct kern kern;
	uint64_t space;
	int x, id;

	(void)state;
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	x = kern_load(&kern, module_with_set(R121, "set_pcpu", 20, 1), "x");
	id = kern_load(&kern, module_with_set(R121, "set_pcpu", 100, 2), "y");
	assert_hex(kern_section(&kern, id, "set_pcpu").address, space + 24);
	assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_DPCPU, 1,
	    &part), KLDSIM_OK);
	assert_int_equal(part.fileid, id);
	assert_int_equal(part.section_index, 1);
	assert_int_equal(part.size, 100);
	kern_unload(&kern, x);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 24 }, { 128, 1920 });
	id = kern_load(&kern, module_with_set(R121, "set_pcpu", 16, 3), "z");
	assert_hex(kern_section(&kern, id, "set_pcpu").address, space);
	/* The hole of 8 is too small for 24. */
	id = kern_load(&kern, module_with_set(R121, "set_pcpu", 24, 4), "w");
	assert_hex(kern_section(&kern, id, "set_pcpu").address, space + 128);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 16, 8 }, { 152, 1896 });
	assert_int_equal(kern_set(&kern, KLDSIM_SET_DPCPU).modspace_free,
	    8 + 1896);
	kern_fini(&kern);
}

/* Z-16, O-20, O-65: two sets of one name have a part each. */
static void
a_second_set_has_a_part_of_its_own(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_section first, second;
	struct kern kern;
	uint64_t space;
	int id;

	(void)state;
	(void)progbits(module, "set_pcpu", 8, 8);
	(void)progbits(module, ".data", 8, 8);
	(void)progbits(module, "set_pcpu", 8, 12);
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	id = kern_load(&kern, module, "m.ko");
	assert_int_equal(kldsim_file_section(kern.sim, id, 0, &first),
	    KLDSIM_OK);
	assert_int_equal(kldsim_file_section(kern.sim, id, 2, &second),
	    KLDSIM_OK);
	assert_hex(first.address, space);
	assert_hex(second.address, space + 8);
	assert_hex(second.hole, KERN_BASE + 16);
	assert_int_equal(kern_findings(&kern, "set-repeated"), 1);
	assert_int_equal(kern_set(&kern, KLDSIM_SET_DPCPU).nparts, 2);
	kern_unload(&kern, id);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	kern_fini(&kern);
}

/* O-25, A-10, M-42: no alignment beyond a pointer's, and a word about it. */
static void
sets_are_aligned_to_pointers_only(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	const struct kldsim_finding *finding;
	struct kern kern;
	uint64_t space;
	int id;

	(void)state;
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_DPCPU).modspace_start;
	(void)kern_load(&kern, module_with_set(R121, "set_pcpu",
	    space % 64 == 0 ? 8 : 64 - space % 64 + 8, 1), "first.ko");
	assert_null(kern_finding(&kern, "set-alignment"));
	(void)progbits(module, "set_pcpu", 64, 64);
	id = kern_load(&kern, module, "m.ko");
	/* 8 past a multiple of 64. */
	assert_int_equal(kern_section(&kern, id, "set_pcpu").address % 64, 8);
	finding = kern_finding(&kern, "set-alignment");
	assert_non_null(finding);
	assert_string_equal(finding->section, "set_pcpu");
	assert_string_equal(finding->file, "m.ko");
	assert_int_equal(finding->severity, KLDSIM_NOTE);
	kern_fini(&kern);
}

/* O-04, O-30: what is not loaded: empty, not allocated, SHT_NOTE. */
static void
some_sections_are_not_loaded(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id;

	(void)state;
	(void)progbits(module, ".empty", 4096, 0);
	(void)module_section(module, ".comment", 1, 0, 4096, 64);
	(void)module_section(module, ".note.x", KLDSIM_SYNTH_NOTE,
	    KLDSIM_SYNTH_ALLOC, 4096, 64);
	(void)progbits(module, ".data", 8, 24);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_int_equal(kern_stat(&kern, id).nsections, 1);
	assert_int_equal(kern_section(&kern, id, ".data").index, 4);
	assert_hex(kern_section(&kern, id, ".data").address, KERN_BASE);
	assert_hex(kern_stat(&kern, id).size, 24);
	kern_fini(&kern);
}

/* O-70, V-31: runs of pages, from 12.2 on. */
static void
pages_are_protected_by_run(void **state)
{
	static const struct kldsim_protection runs[] = {
		/* text ends in the page in which rodata begins */
		{ KERN_BASE, 0x1000, KLDSIM_PROT_READ | KLDSIM_PROT_EXEC },
		{ KERN_BASE + 0x1000, 0x1000,
		    KLDSIM_PROT_READ | KLDSIM_PROT_EXEC },
		{ KERN_BASE + 0x2000, 0x1000,
		    KLDSIM_PROT_READ | KLDSIM_PROT_WRITE },
	};
	struct kldsim_protection prot;

	(void)state;
	for (int wx = 0; wx < 2; wx++) {
		struct kldsim_synth *module = text_only(0x1100);
		struct kern kern;
		int id;

		(void)module_section(module, ".rodata", 1, KLDSIM_SYNTH_ALLOC,
		    8, 0x100);
		(void)progbits(module, ".data", 4096, 8);
		kern_start(&kern, wx ? 1202000 : R121);
		id = kern_load(&kern, module, "m.ko");
		for (size_t i = 0; wx && i < 3; i++) {
			assert_int_equal(kldsim_file_protection(kern.sim, id,
			    i, &prot), KLDSIM_OK);
			assert_hex(prot.start, runs[i].start);
			assert_hex(prot.size, runs[i].size);
			assert_int_equal(prot.prot, runs[i].prot);
		}
		assert_int_equal(kldsim_file_protection(kern.sim, id,
		    wx ? 3 : 0, &prot), KLDSIM_NOENT);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_of_the_test_vector),
		cmocka_unit_test(large_alignments_can_diverge),
		cmocka_unit_test(alignment_masks_are_ints),
		cmocka_unit_test(alignment_masks_can_ruin_a_load),
		cmocka_unit_test(a_mapping_over_the_limit_is_a_host_failure),
		cmocka_unit_test(files_go_to_the_lowest_gap),
		cmocka_unit_test(large_files_go_to_superpages_from_13_0),
		cmocka_unit_test(no_room_above_the_kernel),
		cmocka_unit_test(a_file_can_be_told_where_to_go),
		cmocka_unit_test(init_arrays_are_filled_by_relocations_alone),
		cmocka_unit_test(init_arrays_are_not_loaded_by_13_0),
		cmocka_unit_test(sections_without_a_name),
		cmocka_unit_test(of_several_ctors_one_counts),
		cmocka_unit_test(of_several_dtors_the_first_counts),
		cmocka_unit_test(only_exact_set_names_go_to_modspace),
		cmocka_unit_test(modspace_runs_out),
		cmocka_unit_test(odd_sizes_take_whole_words),
		cmocka_unit_test(a_second_set_has_a_part_of_its_own),
		cmocka_unit_test(sets_are_aligned_to_pointers_only),
		cmocka_unit_test(some_sections_are_not_loaded),
		cmocka_unit_test(pages_are_protected_by_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
