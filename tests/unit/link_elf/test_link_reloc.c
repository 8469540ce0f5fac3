/* SPDX-License-Identifier: BSD-2-Clause */

/* Relocation of ET_REL files: types, passes, order, and what goes wrong. */

#include "support_kern.h"

#define FILLED UINT64_C(0x4847464544434241) /* "ABCDEFGH" */

static int
absolute(struct kldsim_synth *module, const char *name, int bind,
    uint64_t value)
{
	return kldsim_synth_symbol(module, name, bind, KLDSIM_SYNTH_OBJECT,
	    KLDSIM_SYNTH_ABS, value, 0);
}

/* .data alone, filled with letters. */
static int
data(struct kldsim_synth *module, uint64_t size)
{
	int section = module_section(module, ".data", 1, KERN_ALLOC_WRITE, 16,
	    0);

	for (uint64_t i = 0; i < size; i += 8)
		(void)kldsim_synth_append(module, section, "ABCDEFGH", 8);
	return section;
}

/*
 * T-15 and the table of 6.1: B = 0xffffffff82200000, P = B + 0x10,
 * S = 0xffffffff80e01000, A = -4.  Four bytes are stored where W is 4, the
 * letters EFGH stay.
 */
static const struct row {
	const char *type;
	uint64_t value;
} rows[] = {
	{ "R_X86_64_NONE", FILLED },
	{ "R_X86_64_64", UINT64_C(0xffffffff80e00ffc) },
	/* ..80e00ffc - ..82200010 = -0x013ff014 */
	{ "R_X86_64_PC32", UINT64_C(0x48474645fec00fec) },
	{ "R_X86_64_PLT32", UINT64_C(0x48474645fec00fec) },
	{ "R_X86_64_GLOB_DAT", UINT64_C(0xffffffff80e01000) },
	{ "R_X86_64_JUMP_SLOT", UINT64_C(0xffffffff80e01000) },
	{ "R_X86_64_RELATIVE", UINT64_C(0xffffffff821ffffc) },
	{ "R_X86_64_32S", UINT64_C(0x4847464580e00ffc) },
};

static void
each_type_is_computed_as_its_row_says(void **state)
{
	static const uint32_t releases[] = { R121, R130, R140, R150 };
	static const int binds[] = { KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_GLOBAL };

	(void)state;
	for (size_t i = 0; i < 4 * sizeof(rows) / sizeof(rows[0]) * 2; i++) {
		const struct row *row = &rows[i / 8];
		struct kldsim_synth *module = module_new(R121);
		int section = data(module, 0x20);
		struct kern kern;
		int id;

		(void)kldsim_synth_reloc(module, section, 0x10, row->type,
		    absolute(module, "s", binds[i % 2],
		    UINT64_C(0xffffffff80e01000)), -4);
		kern_init(&kern, releases[i / 2 % 4]);
		kern.options.kernel_end = UINT64_C(0xffffffff82200000);
		kern_boot(&kern);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_slot(&kern, id, 0x10), row->value);
		assert_hex(kern_slot(&kern, id, 0x08), FILLED);
		assert_hex(kern_slot(&kern, id, 0x18), FILLED);
		assert_silent(&kern);
		/* D-53, V-44: of RELATIVE there is something to say. */
		assert_int_equal(kern.result.nfindings, strcmp(row->type,
		    "R_X86_64_RELATIVE") == 0 && releases[i / 2 % 4] != R121);
		kern_fini(&kern);
	}
}

/* B of a set is its place in modspace, and so is P (O-41, R-10). */
static void
a_set_is_relocated_in_the_reference_copy(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	uint64_t space;
	int set;

	(void)state;
	set = module_section(module, "set_vnet", 1, KERN_ALLOC_WRITE, 8, 16);
	(void)kldsim_synth_reloc(module, set, 0, "R_X86_64_RELATIVE", 0, 5);
	(void)kldsim_synth_reloc(module, set, 8, "R_X86_64_PC32",
	    kldsim_synth_ref(module, "printf"), 0);
	kern_start(&kern, R121);
	space = kern_set(&kern, KLDSIM_SET_VNET).modspace_start;
	(void)kern_load(&kern, module, "m.ko");
	assert_hex(kern_read(&kern, space, 8), space + 5);
	assert_hex(kern_read(&kern, space + 8, 4), (uint32_t)(kern_symbol(
	    &kern, "printf") - (space + 8)));
	kern_fini(&kern);
}

/* REL takes its addend from the place, 4 bytes of it as unsigned. */
static void
rel_takes_its_addend_from_the_place(void **state)
{
	static const struct {
		const char *type;
		uint64_t value;
	} rel[] = {
		{ "R_X86_64_64", UINT64_C(0xffffffff80e00ffc) },
		{ "R_X86_64_PC32", UINT64_C(0xfffffffffec00fec) },
		{ "R_X86_64_32S", UINT64_C(0xffffffff80e00ffc) },
		{ "R_X86_64_GLOB_DAT", UINT64_C(0xffffffff80e01000) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rel) / sizeof(rel[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		int section = data(module, 0x20);
		struct kern kern;
		int id;

		/* All 8 bytes are -4; W of them are read. */
		kldsim_synth_store(module, section, 0x10,
		    "\xfc\xff\xff\xff\xff\xff\xff\xff", 8);
		kldsim_synth_option(module, KLDSIM_SYNTH_RELA, 0);
		(void)kldsim_synth_reloc(module, section, 0x10, rel[i].type,
		    absolute(module, "s", KLDSIM_SYNTH_GLOBAL,
		    UINT64_C(0xffffffff80e01000)), 0);
		kern_init(&kern, R121);
		kern.options.kernel_end = UINT64_C(0xffffffff82200000);
		kern_boot(&kern);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_slot(&kern, id, 0x10), rel[i].value);
		kern_fini(&kern);
	}
}

/* One relocation of a type that is not taken, for symbol 1 of the table. */
static struct kldsim_synth *
module_with_type(uint32_t type, int bind)
{
	struct kldsim_synth *module = module_new(R121);
	int section = data(module, 8);
	int symbol = bind == KLDSIM_SYNTH_LOCAL ?
	    absolute(module, "printf", bind, 1) :
	    kldsim_synth_ref(module, "printf");

	(void)kldsim_synth_reloc_number(module, section, 0, type, symbol, 0);
	return module;
}

static const struct refusal {
	uint32_t type;
	const char *old, *new;
} refusals[] = {
	{ 5, "kldload: unexpected R_COPY relocation",
	    "kldload: unexpected R_COPY relocation, symbol index 1" },
	{ 10, "kldload: unexpected relocation type 10",
	    "kldload: unexpected relocation type 10, symbol index 1" },
	{ 9, "kldload: unexpected relocation type 9",
	    "kldload: unexpected relocation type 9, symbol index 1" },
	{ 24, "kldload: unexpected relocation type 24",
	    "kldload: unexpected relocation type 24, symbol index 1" },
	{ 42, "kldload: unexpected relocation type 42",
	    "kldload: unexpected relocation type 42, symbol index 1" },
	{ 4000000000u, "kldload: unexpected relocation type 4000000000",
	    "kldload: unexpected relocation type 4000000000, symbol index 1" },
};

/* R-03, V-49, O-46: not taken, in the external pass. */
static void
a_type_that_is_not_taken_refuses_the_module(void **state)
{
	static const uint32_t releases[] = { R121, R130, R150 };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(refusals) / sizeof(refusals[0]);
	    i++) {
		const struct refusal *refusal = &refusals[i / 3];
		struct kern kern;

		kern_start(&kern, releases[i % 3]);
		kern_refuse(&kern, module_with_type(refusal->type,
		    KLDSIM_SYNTH_GLOBAL), "m.ko", FB_ENOEXEC);
		assert_console(&kern, i % 3 == 0 ? refusal->old :
		    refusal->new, "link_elf_obj: symbol printf undefined",
		    UNSUPPORTED("m.ko"));
		assert_non_null(kern_finding(&kern, "unknown-relocation"));
		/* printf is there. */
		assert_null(kern_finding(&kern, "undefined-symbol"));
		kern_fini(&kern);
	}
}

/* O-43, V-25: in the local pass nobody looks, up to 13.0. */
static void
a_local_failure_counts_from_13_0(void **state)
{
	static const uint32_t releases[] = { R121, R130, R150 };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(refusals) / sizeof(refusals[0]);
	    i++) {
		const struct refusal *refusal = &refusals[i / 3];
		struct kldsim_synth *module = module_with_type(refusal->type,
		    KLDSIM_SYNTH_LOCAL);
		struct kern kern;
		int id;

		kern_start(&kern, releases[i % 3]);
		if (i % 3 == 0) {
			id = kern_load(&kern, module, "m.ko");
			assert_console(&kern, refusal->old);
			assert_hex(kern_slot(&kern, id, 0), FILLED);
		} else {
			kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
			assert_console(&kern, refusal->new,
			    UNSUPPORTED("m.ko"));
		}
		assert_int_equal(kern_findings(&kern, "unknown-relocation"),
		    1);
		kern_fini(&kern);
	}
}

/* O-46: symbol 0 has no name, and is (null) if it ever gets there. */
static void
symbol_0_is_printed_as_null(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	(void)kldsim_synth_reloc(module, data(module, 8), 0, "R_X86_64_64", 0,
	    0);
	kldsim_synth_override(module, "sym[0].st_bind", 1);
	kern_start(&kern, R121);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "link_elf_obj: symbol (null) undefined",
	    UNSUPPORTED("m.ko"));
	kern_fini(&kern);
}

/*
 * O-41: all REL tables before all RELA ones.  The REL of .data2 is for the
 * word before it, .data + 0, whose RELA stands earlier in the file: run last,
 * it overwrites; run first, REL would add to what it left.
 */
static void
all_rel_tables_come_before_rela(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int first = data(module, 8), second;
	struct kern kern;
	int id;

	(void)state;
	(void)kldsim_synth_reloc(module, first, 0, "R_X86_64_64",
	    kldsim_synth_ref(module, "printf"), 5);
	second = module_section(module, ".data2", 1, KERN_ALLOC_WRITE, 8, 8);
	kldsim_synth_option(module, KLDSIM_SYNTH_RELA, 0);
	(void)kldsim_synth_reloc(module, second, 0, "R_X86_64_64",
	    kldsim_synth_ref(module, "printf"), 0);
	kldsim_synth_override(module, "rel[.data2][0].r_offset",
	    UINT64_C(0xfffffffffffffff8));
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "printf") + 5);
	assert_int_equal(kern_findings(&kern, "relocation-offset"), 1);
	kern_fini(&kern);
}

/* Both kinds for one section: REL, then RELA, entries in order. */
static void
entries_of_a_table_are_in_order(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int section = data(module, 16);
	struct kern kern;
	int id;

	(void)state;
	for (int i = 1; i <= 3; i++)
		(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
		    absolute(module, "s", KLDSIM_SYNTH_GLOBAL, 0x1000), i);
	kldsim_synth_store(module, section, 8, "\1\0\0\0\0\0\0\0", 8);
	kldsim_synth_option(module, KLDSIM_SYNTH_RELA, 0);
	for (int i = 0; i < 3; i++)
		(void)kldsim_synth_reloc(module, section, 8, "R_X86_64_64",
		    absolute(module, "s", KLDSIM_SYNTH_GLOBAL, 0x1000), 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), 0x1003);
	assert_hex(kern_slot(&kern, id, 8), 0x3001);
	kern_fini(&kern);
}

/* O-42, Z-12: a symbol index out of range is skipped, in every pass. */
static void
a_symbol_index_out_of_range_is_skipped(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int section = data(module, 16);
	struct kern kern;
	int id;

	(void)state;
	for (int i = 0; i < 16; i += 8)
		(void)kldsim_synth_reloc(module, section, (uint64_t)i,
		    "R_X86_64_64", kldsim_synth_ref(module, "printf"), 0);
	/* The table has the null symbol and printf. */
	kldsim_synth_override(module, "rela[.data][0].r_sym", 2);
	kern_start(&kern, R130);
	id = kern_load(&kern, module, "m.ko");
	assert_silent(&kern);
	assert_hex(kern_slot(&kern, id, 0), FILLED);
	assert_hex(kern_slot(&kern, id, 8), kern_symbol(&kern, "printf"));
	assert_int_equal(kern_findings(&kern, "relocation-symbol-index"), 1);
	kern_fini(&kern);
}

/*
 * O-40, O-43, O-45, O-46, V-26: an ifunc and then printf for one place.  A
 * static ifunc is done after everything; a global one in its turn, from 14.0
 * on after the others.
 */
static void
ifuncs_come_last_in_some_passes(void **state)
{
	static const struct {
		uint32_t osreldate;
		int bind;
		bool last;
	} passes[] = {
		{ R121, KLDSIM_SYNTH_LOCAL, true },
		{ R150, KLDSIM_SYNTH_LOCAL, true },
		{ R121, KLDSIM_SYNTH_GLOBAL, false },
		{ R130, KLDSIM_SYNTH_GLOBAL, false },
		{ R141, KLDSIM_SYNTH_GLOBAL, true },
		{ R150, KLDSIM_SYNTH_GLOBAL, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		int ifunc = kldsim_synth_bind(module, kldsim_synth_ifunc(
		    module, "pick"), passes[i].bind);
		int section = data(module, 8);
		struct kern kern;
		int id;

		(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
		    ifunc, 0);
		(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
		kern_start(&kern, passes[i].osreldate);
		id = kern_load(&kern, module, "m.ko");
		assert_hex(kern_slot(&kern, id, 0), passes[i].last ?
		    KERN_BASE : kern_symbol(&kern, "printf"));
		kern_fini(&kern);
	}
}

/* O-40: the local pass comes before the external one. */
static void
locals_come_before_globals(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int section = data(module, 8);
	struct kern kern;
	int id;

	(void)state;
	(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
	    kldsim_synth_ref(module, "printf"), 0);
	(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
	    absolute(module, "l", KLDSIM_SYNTH_LOCAL, 1), 0);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "printf"));
	kern_fini(&kern);
}

/* stored without a look, and told; what fits is not told. */
static void
what_does_not_fit_is_stored_and_told(void **state)
{
	static const struct {
		const char *type;
		uint64_t value; /* of the symbol */
		uint32_t stored;
		bool told;
	} fits[] = {
		{ "R_X86_64_32S", UINT64_C(0x123456789), 0x23456789, true },
		{ "R_X86_64_32S", UINT64_C(0x80000000), 0x80000000, true },
		{ "R_X86_64_32S", UINT64_C(0x7fffffff), 0x7fffffff, false },
		{ "R_X86_64_32S", UINT64_C(0xffffffff80000000), 0x80000000,
		    false },
		{ "R_X86_64_32S", UINT64_C(0xffffffff7fffffff), 0x7fffffff,
		    true },
		/* 0 - 0xffffffff82000000 = 0x7e000000. */
		{ "R_X86_64_PC32", 0, 0x7e000000, false },
		{ "R_X86_64_PC32", UINT64_C(0x2000000), 0x80000000, true },
		{ "R_X86_64_PC32", UINT64_C(0xffffffff02000000), 0x80000000,
		    false },
		{ "R_X86_64_PLT32", UINT64_C(0xfffffe0000000000), 0x7e000000,
		    true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fits) / sizeof(fits[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		const struct kldsim_finding *finding;
		struct kern kern;
		int id;

		(void)kldsim_synth_reloc(module, data(module, 8), 0,
		    fits[i].type, absolute(module, "far", KLDSIM_SYNTH_GLOBAL,
		    fits[i].value), 0);
		kern_start(&kern, R150);
		id = kern_load(&kern, module, "m.ko");
		assert_silent(&kern);
		assert_hex(kern_slot(&kern, id, 0) & 0xffffffff,
		    fits[i].stored);
		finding = kern_finding(&kern, "value-truncated");
		assert_int_equal(finding != NULL, fits[i].told);
		if (finding != NULL) {
			assert_string_equal(finding->symbol, "far");
			assert_string_equal(finding->section, ".data");
			assert_true(finding->has_offset);
			assert_int_equal(finding->offset, 0);
		}
		kern_fini(&kern);
	}
}

/* Z-10: another section of the same file is written, with a warning. */
static void
a_place_in_another_section_is_written(void **state)
{
	static const uint64_t offsets[] = { 8, 4, 0x808 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kldsim_synth *module = module_new(R121);
		int section = data(module, 8);
		struct kern kern;
		uint64_t place;

		(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
		    KERN_ALLOC_WRITE, 8, 0x800);
		(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
		kldsim_synth_override(module, "rela[.data][0].r_offset",
		    offsets[i]);
		kern_start(&kern, R121);
		(void)kern_load(&kern, module, "m.ko");
		place = KERN_BASE + offsets[i];
		assert_hex(kern_read(&kern, place, 8),
		    kern_symbol(&kern, "printf"));
		assert_int_equal(kern_finding(&kern,
		    "relocation-offset")->severity, KLDSIM_WARNING);
		kern_fini(&kern);
	}
}

/* Z-10: outside the file; the kernel is dead, the rest as before. */
static void
a_place_outside_the_file_is_a_panic(void **state)
{
	static const struct {
		const char *section;
		uint64_t offset;
	} places[] = {
		{ ".data", 0x1000 }, { ".data", UINT64_C(0xffffffffffffffff) },
		{ ".data", 0xffd }, { "set_pcpu", 8 },
		{ "set_pcpu", UINT64_C(0xfffffffffffffffc) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kldsim_set_info info;
		struct kern kern;
		int id, section = module_section(module, places[i].section, 1,
		    KERN_ALLOC_WRITE, 8, 8);

		(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
		kldsim_synth_override(module, i < 3 ?
		    "rela[.data][0].r_offset" : "rela[set_pcpu][0].r_offset",
		    places[i].offset);
		kern_start(&kern, R121);
		kern_panic(&kern, module, "m.ko");
		assert_string_equal(kldsim_finding_at(kern.sim,
		    kldsim_finding_count(kern.sim) - 1)->code,
		    "relocation-offset");
		assert_int_equal(kldsim_kldfind(kern.sim, "m.ko", &id),
		    KLDSIM_NOENT);
		assert_int_equal(kern_stat(&kern, 1).refs, 1);
		assert_int_equal(kldsim_read(kern.sim, KERN_BASE, &id, 1),
		    KLDSIM_FAULT);
		info = kern_set(&kern, KLDSIM_SET_DPCPU);
		assert_int_equal(info.modspace_free, 2048);
		assert_hex(kern_read(&kern, info.modspace_start, 8), 0);
		assert_int_equal(kern_try(&kern, module_with_type(1,
		    KLDSIM_SYNTH_GLOBAL), "n.ko"), KLDSIM_STATE);
		kern_fini(&kern);
	}
}

/* O-46: the kernel names the first; the findings all, with references. */
static void
all_undefined_symbols_are_told_at_once(void **state)
{
	static const char *const names[] = { "one", "two", "three" };
	struct kldsim_synth *module = module_new(R121);
	const struct kldsim_finding *finding;
	struct kern kern;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		(void)kldsim_synth_ref(module, names[i]);
	(void)kldsim_synth_ref(module, "unused");
	(void)module_slot(module, kldsim_synth_ref(module, "printf"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "two"), 0);
	for (int i = 0; i < 3; i++)
		(void)module_slot(module, kldsim_synth_ref(module, "one"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "three"), 0);
	(void)module_slot(module, kldsim_synth_weak_ref(module, "weak"), 0);
	kern_start(&kern, R121);
	kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "link_elf_obj: symbol two undefined",
	    UNSUPPORTED("m.ko"));
	for (size_t i = 0; i < kern.result.nfindings; i++) {
		finding = kldsim_finding_at(kern.sim,
		    kern.result.first_finding + i);
		if (strcmp(finding->code, "undefined-symbol") != 0)
			continue;
		/* In the order of the symbol table. */
		assert_true(seen < 3);
		assert_string_equal(finding->symbol, names[seen]);
		assert_string_equal(finding->file, "m.ko");
		assert_string_equal(finding->section, ".data");
		/* The first place: words 2, 1 and 5. */
		assert_int_equal(finding->offset, seen == 0 ? 16 :
		    seen == 1 ? 8 : 40);
		assert_non_null(strstr(finding->text, seen == 0 ?
		    "3 references" : "1 reference"));
		seen++;
	}
	assert_int_equal(seen, 3);
	kern_fini(&kern);
}

/* Types that look nothing up do not mind an undefined symbol. */
static void
none_and_relative_look_nothing_up(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	int section = data(module, 16);
	struct kern kern;
	int id;

	(void)state;
	(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_NONE",
	    kldsim_synth_ref(module, "nowhere"), 0);
	(void)kldsim_synth_reloc(module, section, 8, "R_X86_64_RELATIVE",
	    kldsim_synth_ref(module, "nowhere"), 3);
	kern_start(&kern, R150);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), FILLED);
	assert_hex(kern_slot(&kern, id, 8), KERN_BASE + 3);
	/* RELATIVE asks for sets of the other class (D-53). */
	assert_int_equal(kern.result.nfindings, 1);
	assert_int_equal(kern_findings(&kern, "relative-in-relocatable-file"),
	    1);
	kern_fini(&kern);
}

/* O-41, Z-15: a table for an allocated section that is not loaded. */
static void
a_table_without_a_base_refuses_the_module(void **state)
{
	static const unsigned rela[] = { 0, 1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = module_new(R121);
		struct kern kern;
		int note;

		(void)data(module, 8);
		note = module_section(module, ".note.x", KLDSIM_SYNTH_NOTE,
		    KLDSIM_SYNTH_ALLOC, 4, 8);
		kldsim_synth_option(module, KLDSIM_SYNTH_RELA, rela[i]);
		(void)kldsim_synth_reloc(module, note, 0, "R_X86_64_64",
		    kldsim_synth_ref(module, "printf"), 0);
		kern_start(&kern, R121);
		kern_refuse(&kern, module, "m.ko", FB_ENOEXEC);
		/* Found in the local pass, which says reltab of both. */
		assert_console(&kern, "kldload: m.ko: lost base for reltab",
		    UNSUPPORTED("m.ko"));
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_computed_as_its_row_says),
		cmocka_unit_test(a_set_is_relocated_in_the_reference_copy),
		cmocka_unit_test(rel_takes_its_addend_from_the_place),
		cmocka_unit_test(a_type_that_is_not_taken_refuses_the_module),
		cmocka_unit_test(a_local_failure_counts_from_13_0),
		cmocka_unit_test(symbol_0_is_printed_as_null),
		cmocka_unit_test(all_rel_tables_come_before_rela),
		cmocka_unit_test(entries_of_a_table_are_in_order),
		cmocka_unit_test(a_symbol_index_out_of_range_is_skipped),
		cmocka_unit_test(ifuncs_come_last_in_some_passes),
		cmocka_unit_test(locals_come_before_globals),
		cmocka_unit_test(what_does_not_fit_is_stored_and_told),
		cmocka_unit_test(a_place_in_another_section_is_written),
		cmocka_unit_test(a_place_outside_the_file_is_a_panic),
		cmocka_unit_test(all_undefined_symbols_are_told_at_once),
		cmocka_unit_test(none_and_relative_look_nothing_up),
		cmocka_unit_test(a_table_without_a_base_refuses_the_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
