/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Shared objects on every machine: a pointer to a symbol of the kernel, one
 * to the file itself, and one to a DPCPU variable end up as the rules say, in
 * the machine's word size and byte order (D-42, D-50, D-53, section 6).  And
 * the same file preloaded (P-12, P-25).
 */

#include "support_preload.h"

static const struct machine {
	const char *name;
	unsigned word;
	bool big;
	/* Where executable memory begins (D-05): 0 is the first whole quantum
	 * behind the kernel, which these kernels do not reach. */
	uint64_t address;
	uint64_t later; /* from 13.0 on (V-65, V-66) */
} machines[] = {
	{ "amd64", 8, false, 0xfffffe8000000000, 0xfffffe8000000000 },
	{ "i386", 4, false, 0xc00000, 0xa00000 },
	{ "arm64", 8, false, 0xffff000000200000, 0xffff000000200000 },
	{ "armv7", 4, false, 0xc0100000, 0xc0100000 },
	{ "riscv64", 8, false, 0xffffffc000200000, 0xffffffc000200000 },
	{ "powerpc", 4, true, 0xd0000000, 0xd0000000 },
	{ "powerpc64", 8, true, 0xe000000000000000, 0xc008000000000000 },
	{ "powerpc64le", 8, false, 0xe000000000000000, 0xc008000000000000 },
};

static const uint32_t releases[] = { R121, R130, R150 };

/* A word of the machine at a symbol of the file. */
static uint64_t
word(const struct kern *kern, const struct machine *machine, int id,
    const char *symbol)
{
	unsigned char bytes[8];
	uint64_t value = 0;

	assert_int_equal(kldsim_read(kern->sim, kern_sym(kern, id, symbol),
	    bytes, machine->word), KLDSIM_OK);
	for (unsigned i = 0; i < machine->word; i++)
		value = value << 8 |
		    bytes[machine->big ? i : machine->word - 1 - i];
	return (value);
}

/* A global word of .data that points to a symbol. */
static void
pointer(struct kldsim_synth *m, unsigned size, const char *name, int symbol)
{
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_align(m, data, size);

	(void)kldsim_synth_object(m, name, "\0\0\0\0\0\0\0", size, size);
	kldsim_synth_pointer(m, data, at, symbol, 0);
}

static struct kldsim_synth *
module(const struct machine *machine, uint32_t osreldate)
{
	struct kldsim_synth *m = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_DYN);
	int own = kldsim_synth_bind(m, kldsim_synth_func(m, "own"),
	    KLDSIM_SYNTH_LOCAL);

	(void)osreldate;
	pointer(m, machine->word, "to_kernel", kldsim_synth_ref(m, "printf"));
	pointer(m, machine->word, "to_own", own);
	pointer(m, machine->word, "to_pcpu", kldsim_synth_dpcpu(m, "p",
	    "\1\2\3\4\5\6\7\10", 8, 8));
	/* What the linker script of i386 leaves behind a set (D-72). */
	kldsim_synth_option(m, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	kldsim_synth_mdt_version(m, "m", 1); /* or it is no preload (P-12) */
	return (m);
}

static void
check(const struct kern *kern, const struct machine *machine, int id)
{
	struct kldsim_set_part part;
	unsigned char bytes[8];

	assert_hex(word(kern, machine, id, "to_kernel"),
	    kern_symbol(kern, "printf"));
	assert_hex(word(kern, machine, id, "to_own"), kern_sym(kern, id,
	    "own"));
	assert_int_equal(kldsim_set_part(kern->sim, KLDSIM_SET_DPCPU, 0,
	    &part), KLDSIM_OK);
	assert_hex(word(kern, machine, id, "to_pcpu"), part.start);
	assert_int_equal(kldsim_read(kern->sim, part.start, bytes, 8),
	    KLDSIM_OK);
	assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
}

/* riscv64 of 12 and 13.0 drops addends (V-48): there are none here. */
static void
pointers_are_relocated_on_every_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		for (size_t r = 0; r < 3; r++) {
			struct kern kern;
			int id;

			kern_init_machine(&kern, machines[i].name,
			    releases[r]);
			kern_boot(&kern);
			id = kern_load(&kern, module(&machines[i],
			    releases[r]), "m.ko");
			assert_hex(kern_stat(&kern, id).address,
			    releases[r] == R121 ? machines[i].address :
			    machines[i].later);
			check(&kern, &machines[i], id);
			kern_unload(&kern, id);
			assert_int_equal(kern_set(&kern,
			    KLDSIM_SET_DPCPU).nparts, 0);
			kern_fini(&kern);
		}
}

/* P-10, P-12, P-25: behind the kernel, page aligned, and linked at boot. */
static void
a_preloaded_file_is_relocated(void **state)
{
	(void)state;
	for (size_t r = 0; r < 3; r++) {
		struct preloaded world;
		struct kldsim_filestat stat;
		struct kldsim_protection prot;
		int id;

		preloaded_init(&world, releases[r]);
		preloaded_add(&world, module(&machines[0], releases[r]),
		    "/boot/kernel/m.ko");
		preloaded_boot(&world);
		id = preloaded_id(&world, 0);
		stat = kern_stat(&world.kern, id);
		assert_string_equal(stat.class_name, "elf64");
		assert_int_equal(stat.address % 0x1000, 0);
		check(&world.kern, &machines[0], id);
		/* The symbols behind the file are its debug table (L-19). */
		assert_true(kern_has_sym(&world.kern, id, "own"));
		/* V-32: protections from 13 on, text first. */
		assert_int_equal(kldsim_file_protection(world.kern.sim, id, 0,
		    &prot), releases[r] == R121 ? KLDSIM_NOENT : KLDSIM_OK);
		preloaded_fini(&world);
	}
}

/* P-06, D-21: .ctors of a preloaded file, as the boot loader tells of it. */
static void
constructors_of_a_preloaded_file(void **state)
{
	struct kldsim_synth *m = module(&machines[0], R121);
	struct preloaded world;
	kldsim_addr ctor;
	int id;

	(void)state;
	kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "first"));
	kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "second"));
	preloaded_init(&world, R121);
	preloaded_add(&world, m, "/boot/kernel/m.ko");
	preloaded_boot(&world);
	id = preloaded_id(&world, 0);
	assert_int_equal(kern_stat(&world.kern, id).nconstructors, 2);
	assert_int_equal(kldsim_file_constructor(world.kern.sim, id, 1,
	    &ctor), KLDSIM_OK);
	assert_hex(ctor, kern_sym(&world.kern, id, "second"));
	/* U-11: and its place is never used again, but its set is. */
	kern_unload(&world.kern, id);
	assert_int_not_equal(kldsim_kldfind(world.kern.sim, "m.ko", &id),
	    KLDSIM_OK);
	assert_int_equal(kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_free,
	    kern_set(&world.kern, KLDSIM_SET_DPCPU).modspace_size);
	preloaded_fini(&world);
}

/* Z-11: who minds, minds; the value is stored all the same. */
static void
odd_places_are_told_where_the_machine_minds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct kldsim_synth *m = kldsim_synth_new(machines[i].name,
		    KLDSIM_SYNTH_DYN);
		int data = kldsim_synth_section_named(m, ".data");
		struct kern kern;
		int id;

		(void)kldsim_synth_append(m, data, "", 1);
		(void)kldsim_synth_object(m, "odd", "\0\0\0\0\0\0\0",
		    machines[i].word, 1);
		kldsim_synth_pointer(m, data, 1, kldsim_synth_ref(m,
		    "printf"), 0);
		kern_init_machine(&kern, machines[i].name, R150);
		kern_boot(&kern);
		id = kern_load(&kern, m, "m.ko");
		assert_int_equal(kern_sym(&kern, id, "odd") % 2, 1);
		assert_hex(word(&kern, &machines[i], id, "odd"),
		    kern_symbol(&kern, "printf"));
		assert_int_equal(kern_findings(&kern, "relocation-unaligned"),
		    strcmp(machines[i].name, "riscv64") == 0);
		kern_fini(&kern);
	}
}

/*
 * Z-97: all that the file's first page has comes along, though the segment
 * ends before its tables; kldload(2) reads the segment alone.
 */
static void
the_first_page_is_copied_as_a_whole(void **state)
{
	struct kldsim_synth *m = module(&machines[0], R121);
	struct preloaded world;
	unsigned char bytes[16];
	int id;

	(void)state;
	/* The header and no more. */
	kldsim_synth_override(m, "phdr[0].p_filesz", 0x40);
	kldsim_synth_override(m, "phdr[0].p_memsz", 0x40);
	preloaded_init(&world, R121);
	preloaded_add(&world, m, "/boot/kernel/m.ko");
	preloaded_boot(&world);
	id = preloaded_id(&world, 0);
	check(&world.kern, &machines[0], id);
	/* The first program header: PT_LOAD, behind the segment's end. */
	assert_int_equal(kldsim_read(world.kern.sim, kern_stat(&world.kern,
	    id).address + 0x40, bytes, 4), KLDSIM_OK);
	assert_memory_equal(bytes, "\1\0\0\0", 4);
	preloaded_fini(&world);
}

/* P-12: what no boot loader survives, or no kernel behind it. */
static void
preloads_that_end_the_boot(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *field;
		uint64_t value;
		const char *rule;
	} rows[] = {
		{ R121, "ehdr.e_shstrndx", 0xfffe, "Z-96" },
		{ R121, "shdr[.text].sh_name", 0x7fffffff, "Z-96" },
		{ R121, "phdr[PT_DYNAMIC].p_vaddr", 0x10000000, "P-12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = module(&machines[0],
		    rows[i].osreldate);
		struct preloaded world;

		kldsim_synth_override(m, rows[i].field, rows[i].value);
		preloaded_init(&world, rows[i].osreldate);
		preloaded_add(&world, m, "/boot/kernel/m.ko");
		preloaded_dies(&world, rows[i].rule);
		preloaded_fini(&world);
	}
}

/*
 * Z-100, V-32: the last segment lies over the header; nobody looks for that
 * before 13.
 */
static void
a_header_that_is_overwritten(void **state)
{
	(void)state;
	for (size_t r = 0; r < 3; r++) {
		struct kldsim_synth *m = module(&machines[0], releases[r]);
		struct preloaded world;

		kldsim_synth_override(m, "phdr[4].p_type", 1);
		kldsim_synth_override(m, "phdr[4].p_offset", 0x1000);
		kldsim_synth_override(m, "phdr[4].p_vaddr", 0);
		kldsim_synth_override(m, "phdr[4].p_filesz", 0x40);
		kldsim_synth_override(m, "phdr[4].p_memsz", 0x40);
		preloaded_init(&world, releases[r]);
		preloaded_add(&world, m, "/boot/kernel/m.ko");
		if (releases[r] == R121)
			preloaded_boot(&world);
		else
			preloaded_dies(&world, "Z-100");
		preloaded_fini(&world);
	}
}

/*
 * a table of kind REL.  The linker reads it on every machine; some
 * machines' elf_reloc() does not take it.
 */
static void
tables_of_kind_rel(void **state)
{
	static const char panic[] =
	    "kernel panic: PPC only supports RELA relocations";
	static const struct {
		const char *machine;
		const char *word; /* of the panic; NULL: it is an error */
	} rows[] = {
		{ "powerpc", panic }, { "powerpc64", panic },
		{ "powerpc64le", panic }, { "riscv64", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = kldsim_synth_new(rows[i].machine,
		    KLDSIM_SYNTH_DYN);
		struct kern kern;

		kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
		pointer(m, strcmp(rows[i].machine, "powerpc") == 0 ? 4 : 8,
		    "to_kernel", kldsim_synth_ref(m, "printf"));
		kern_init_machine(&kern, rows[i].machine, R140);
		kern_boot(&kern);
		if (rows[i].word != NULL) {
			kern_panic(&kern, m, "m.ko");
			assert_non_null(strstr(kldsim_finding_at(kern.sim,
			    kldsim_finding_count(kern.sim) - 1)->text,
			    rows[i].word));
		} else {
			/* D-41, K-20: of the only class, ENOENT stays. */
			kern_refuse(&kern, m, "m.ko", FB_ENOENT);
			assert_non_null(strstr(kldsim_console_line(kern.sim,
			    0), " unknown reloc type 1"));
		}
		kern_fini(&kern);
	}
}

/* A module of powerpc, one of whose dynamic entries is another. */
static struct kldsim_synth *
with_entry(uint64_t tag, uint64_t value)
{
	struct kldsim_synth *m = kldsim_synth_new("powerpc",
	    KLDSIM_SYNTH_DYN);

	(void)kldsim_synth_object(m, "got", "\1\1\1\1\2\2\2\2\3\3\3\3", 12,
	    4);
	kldsim_synth_override(m, "dyn[DT_SYMENT]", value);
	kldsim_synth_override(m, "dyn[DT_SYMENT].d_tag", tag);
	return (m);
}

/* D-11: 32-bit powerpc from 13 on. */
static void
kinds_of_plt(void **state)
{
	const uint64_t pltgot = 3, ppc_got = 0x70000000;
	const struct machine *powerpc = &machines[5];
	struct kern kern;
	uint64_t got;
	int id;

	(void)state;
	kern_init_machine(&kern, "powerpc", R130);
	(void)kldsim_synth_func(kern.synth, "ppc32_runtime_resolve");
	kern_boot(&kern);
	kern_refuse(&kern, with_entry(pltgot, 0x1000), "old.ko", FB_ENOEXEC);
	assert_string_equal(kldsim_console_line(kern.sim, 0),
	    "kldload: BSS-PLT modules are not supported.");
	/* The place of got, which is the same in every such file. */
	id = kern_load(&kern, with_entry(0x60000000, 0), "none.ko");
	got = kern_sym(&kern, id, "got");
	assert_hex(word(&kern, powerpc, id, "got"), 0x01010101);
	got -= kern_stat(&kern, id).address;
	kern_unload(&kern, id);
	/* The first word stays, the second leads to a panic, the third is 0. */
	id = kern_load(&kern, with_entry(ppc_got, got), "new.ko");
	assert_hex(word(&kern, powerpc, id, "got"), 0x01010101);
	got += kern_stat(&kern, id).address;
	for (int i = 0; i < 2; i++) {
		unsigned char bytes[4];

		assert_int_equal(kldsim_read(kern.sim,
		    got + 4 + 4 * (unsigned)i, bytes, 4), KLDSIM_OK);
		assert_hex((uint32_t)bytes[0] << 24 | bytes[1] << 16 |
		    bytes[2] << 8 | bytes[3], i == 0 ? kern_symbol(&kern,
		    "ppc32_runtime_resolve") : 0);
	}
	kern_panic(&kern, with_entry(ppc_got, 0x40000000), "far.ko");
	kern_fini(&kern);
	/* Nobody looked in 12. */
	kern_init_machine(&kern, "powerpc", R121);
	kern_boot(&kern);
	id = kern_load(&kern, with_entry(pltgot, 0x1000), "old.ko");
	assert_hex(word(&kern, powerpc, id, "got"), 0x01010101);
	kern_fini(&kern);
}

/*
 * D-05: i386 has 2 GB less 12 MB for executable memory here; of 1.25 GB, two
 * are too many.
 */
static void
malloc_waits_for_ever(void **state)
{
	struct kern kern;

	(void)state;
	kern_init_machine(&kern, "i386", R121);
	kern.options.limits.map_bytes = UINT64_C(1) << 32;
	kern_boot(&kern);
	for (unsigned i = 0; i < 2; i++) {
		struct kldsim_synth *m = kldsim_synth_new("i386",
		    KLDSIM_SYNTH_DYN);

		(void)kldsim_synth_func(m, "f");
		(void)kldsim_synth_object(m, "big", NULL, 0x50000000, 8);
		if (i == 0) {
			assert_hex(kern_stat(&kern, kern_load(&kern, m,
			    "m.ko")).address, machines[1].address);
			continue;
		}
		kern_panic(&kern, m, "n.ko");
		assert_string_equal(kldsim_finding_at(kern.sim,
		    kldsim_finding_count(kern.sim) - 1)->code, "segment");
	}
	kern_fini(&kern);
}

/* D-32: without the mark behind its set, i386 of 13 refuses the file. */
static void
i386_wants_padding(void **state)
{
	struct kldsim_synth *m;
	struct kern kern;

	(void)state;
	kern_init_machine(&kern, "i386", R130);
	kern_boot(&kern);
	m = kldsim_synth_new("i386", KLDSIM_SYNTH_DYN);
	(void)kldsim_synth_dpcpu(m, "p", "\1\2\3\4\5\6\7\10", 8, 4);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "Kernel module '" MODULE_PATH("m.ko") "' must "
	    "be recompiled with linker script, invalid padding 0x8070605 "
	    "(0x90909090)");
	m = kldsim_synth_new("i386", KLDSIM_SYNTH_DYN);
	(void)kldsim_synth_dpcpu(m, "p", "\1\2", 2, 1);
	kern_refuse(&kern, m, "n.ko", FB_ENOEXEC);
	assert_console(&kern, "Kernel module '" MODULE_PATH("n.ko") "' must "
	    "be recompiled with linker script");
	/* Z-50: the mark is looked for wherever the set ends. */
	m = kldsim_synth_new("i386", KLDSIM_SYNTH_DYN);
	(void)kldsim_synth_dpcpu(m, "p", "\1\2\3\4\5\6\7\10", 8, 4);
	kldsim_synth_override(m, "dynsym[__stop_set_pcpu].st_value",
	    0x1000000);
	kern_panic(&kern, m, "o.ko");
	assert_string_equal(kldsim_finding_at(kern.sim,
	    kldsim_finding_count(kern.sim) - 1)->code, "set-bounds");
	kern_fini(&kern);
}

/*
 * R-13, D-41: BL to the kernel, from near by and from 512 MB behind it, which
 * is too far.  The distance is in words, in the lower 26 bits.
 */
static void
a_branch_goes_only_so_far(void **state)
{
	const struct kldsim_placement far = { "m.ko",
		UINT64_C(0xffff000020000000) };

	(void)state;
	for (unsigned is_far = 0; is_far < 2; is_far++) {
		struct kldsim_synth *m = kldsim_synth_new("arm64",
		    KLDSIM_SYNTH_DYN);
		int data = kldsim_synth_section_named(m, ".data");
		struct kern kern;
		uint64_t place;
		int id;

		(void)kldsim_synth_object(m, "branch", "\0\0\0\x94\0\0\0", 8,
		    8);
		(void)kldsim_synth_reloc(m, data, 0, "R_AARCH64_CALL26",
		    kldsim_synth_ref(m, "printf"), 0);
		kern_init_machine(&kern, "arm64", R130);
		kern.options.placements = &far;
		kern.options.nplacements = is_far;
		kern_boot(&kern);
		if (is_far) {
			kern_refuse(&kern, m, "m.ko", FB_ENOENT);
			assert_console(&kern,
			    "link_elf: symbol printf undefined");
		} else {
			id = kern_load(&kern, m, "m.ko");
			place = kern_sym(&kern, id, "branch");
			assert_hex(kern_read(&kern, place, 4),
			    0x94000000 | ((kern_symbol(&kern, "printf") -
			    place) >> 2 & 0x3ffffff));
		}
		kern_fini(&kern);
	}
}

/*
 * D-05: a file that is told where to go takes that from the arena, as malloc(9)
 * would have.  Each file is 18 pages long, so a.ko leaves 494 of its span, and
 * b.ko at 64 leaves 46 below it and 430 behind it: what follows takes 18 and 36
 * of the smaller class, and then 82.  Without b.ko the 10 pages that were left
 * at 54 and its own 18 are one block.
 */
static void
a_chosen_place_is_of_the_arena(void **state)
{
	const uint64_t base = 0xffff000000200000, page = 0x1000;
	const struct kldsim_placement at[] = {
		{ "b.ko", base + 64 * page },
		{ "in-a.ko", base + 17 * page },
		{ "over-the-end.ko", base + 500 * page },
		{ "over-the-beginning.ko", base - 1 * page },
	};
	static const struct {
		const char *name;
		unsigned page;
	} rows[] = {
		{ "a.ko", 0 }, { "b.ko", 64 }, { "c.ko", 18 }, { "d.ko", 36 },
		{ "e.ko", 82 },
	};
	struct kern kern;
	int id[5];

	(void)state;
	kern_init_machine(&kern, "arm64", R130);
	kern.options.placements = at;
	kern.options.nplacements = 4;
	kern_boot(&kern);
	for (unsigned i = 0; i < 5; i++) {
		id[i] = kern_load(&kern, kldsim_synth_new("arm64",
		    KLDSIM_SYNTH_DYN), rows[i].name);
		assert_hex(kern_stat(&kern, id[i]).address, base +
		    rows[i].page * page);
		assert_hex(kern_stat(&kern, id[i]).size, 18 * page);
	}
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(kern_try(&kern, kldsim_synth_new("arm64",
		    KLDSIM_SYNTH_DYN), at[i].file), KLDSIM_ARG);
	kern_unload(&kern, id[1]);
	assert_hex(kern_stat(&kern, kern_load(&kern, kldsim_synth_new("arm64",
	    KLDSIM_SYNTH_DYN), "f.ko")).address, base + 54 * page);
	kern_fini(&kern);
}

/* --- ifuncs --- */

/*
 * A reference to an ifunc, and what a linker makes of one that is static: an
 * IRELATIVE entry, which has no name.
 */
static struct kldsim_synth *
module_with_ifuncs(const struct machine *machine, const char *irelative)
{
	struct kldsim_synth *m = kldsim_synth_new(machine->name,
	    KLDSIM_SYNTH_DYN);
	int data = kldsim_synth_section_named(m, ".data"), resolver;
	uint64_t at;

	pointer(m, machine->word, "to_pick", kldsim_synth_ifunc(m, "pick"));
	(void)kldsim_synth_func(m, "fast");
	resolver = kldsim_synth_bind(m, kldsim_synth_func(m, "resolver"),
	    KLDSIM_SYNTH_LOCAL);
	at = kldsim_synth_align(m, data, machine->word);
	(void)kldsim_synth_object(m, "to_static", "\0\0\0\0\0\0\0",
	    machine->word, machine->word);
	(void)kldsim_synth_reloc(m, data, at, irelative, resolver, 0);
	return (m);
}

/* Whether a finding of the last load says that. */
static bool
has_text(const struct kern *kern, const char *text)
{
	bool has = false;

	for (size_t i = 0; i < kern->result.nfindings; i++)
		has = has || strstr(kldsim_finding_at(kern->sim,
		    kern->result.first_finding + i)->text, text) != NULL;
	return (has);
}

/* D-41, D-63: the answer, or with a note the resolver's own address. */
static void
ifuncs_get_their_answers(void **state)
{
	static const struct {
		size_t machine;
		const char *irelative;
	} rows[] = { { 1, "R_386_IRELATIVE" }, { 2, "R_AARCH64_IRELATIVE" } };
	const struct kldsim_ifunc answers[] = {
		{ "m.ko", "pick", "fast", 0 }, { "m.ko", "", "printf", 0 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct machine *machine = &machines[rows[i].machine];
		struct kern kern;
		int id;

		kern_init_machine(&kern, machine->name, R130);
		kern.options.ifuncs = answers;
		kern.options.nifuncs = 2;
		kern_boot(&kern);
		id = kern_load(&kern, module_with_ifuncs(machine,
		    rows[i].irelative), "m.ko");
		assert_int_equal(kern_findings(&kern, "ifunc-unanswered"), 0);
		assert_hex(word(&kern, machine, id, "to_pick"),
		    kern_sym(&kern, id, "fast"));
		assert_hex(kern_sym(&kern, id, "pick"),
		    kern_sym(&kern, id, "fast"));
		assert_hex(word(&kern, machine, id, "to_static"),
		    kern_symbol(&kern, "printf"));
		/* Answers are one file's alone. */
		id = kern_load(&kern, module_with_ifuncs(machine,
		    rows[i].irelative), "n.ko");
		assert_int_equal(kern_findings(&kern, "ifunc-unanswered"), 1);
		assert_true(has_text(&kern, "of 2 ifuncs cannot be run here: "
		    "n.ko:pick, 1 of them without a name"));
		assert_hex(word(&kern, machine, id, "to_pick"),
		    kern_sym(&kern, id, "pick"));
		assert_hex(word(&kern, machine, id, "to_static"),
		    kern_sym(&kern, id, "resolver"));
		kern_fini(&kern);
	}
}

/* --- names --- */

/*
 * V-14, O-60 step 1: an object of the kernel's, outside the file.  Kernels
 * without the class of ET_REL files have no other errno to give (K-21).
 */
static void
this_linker_file_is_new(void **state)
{
	static const uint32_t before_and_after[] = { R121, R141, R150 };

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		for (size_t r = 0; r < 3; r++) {
			struct kldsim_synth *m = kldsim_synth_new(
			    machines[i].name, KLDSIM_SYNTH_DYN);
			struct kern kern;
			int id;

			pointer(m, machines[i].word, "self",
			    kldsim_synth_ref(m, "__this_linker_file"));
			kern_init_machine(&kern, machines[i].name,
			    before_and_after[r]);
			kern_boot(&kern);
			if (before_and_after[r] == R150) {
				id = kern_load(&kern, m, "m.ko");
				assert_int_equal(kern_findings(&kern,
				    "this-linker-file"), 1);
				assert_true(word(&kern, &machines[i], id,
				    "self") - machines[i].later >= 0x4000);
			} else {
				kern_refuse(&kern, m, "m.ko", i == 0 ?
				    FB_ENOEXEC : FB_ENOENT);
				assert_console(&kern, "link_elf: symbol "
				    "__this_linker_file undefined");
			}
			kern_fini(&kern);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_are_relocated_on_every_machine),
		cmocka_unit_test(a_preloaded_file_is_relocated),
		cmocka_unit_test(constructors_of_a_preloaded_file),
		cmocka_unit_test(odd_places_are_told_where_the_machine_minds),
		cmocka_unit_test(the_first_page_is_copied_as_a_whole),
		cmocka_unit_test(preloads_that_end_the_boot),
		cmocka_unit_test(a_header_that_is_overwritten),
		cmocka_unit_test(i386_wants_padding),
		cmocka_unit_test(malloc_waits_for_ever),
		cmocka_unit_test(a_branch_goes_only_so_far),
		cmocka_unit_test(a_chosen_place_is_of_the_arena),
		cmocka_unit_test(tables_of_kind_rel),
		cmocka_unit_test(kinds_of_plt),
		cmocka_unit_test(ifuncs_get_their_answers),
		cmocka_unit_test(this_linker_file_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
