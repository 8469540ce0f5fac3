/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules of the shared-object class on amd64: where they go, what becomes of
 * their sets, which symbols they find (section 4 of the semantics).
 */

#include "support_kern.h"

#define INITIAL UINT64_C(0x1122334455667788)
/* Where this library lets executable malloc(9) begin on amd64 (D-05). */
#define ARENA UINT64_C(0xfffffe8000000000)
#define QUANTUM UINT64_C(0x200000) /* one reservation of amd64 */
#define PAGE UINT64_C(0x1000)

static struct kldsim_synth *
dyn_new(uint32_t osreldate)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);

	kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, osreldate);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
	return m;
}

/* A module whose mapping is of so many pages, or a little more. */
static struct kldsim_synth *
dyn_of_size(uint64_t bytes)
{
	struct kldsim_synth *m = dyn_new(R121);

	(void)kldsim_synth_func(m, "f");
	(void)kldsim_synth_object(m, "big", NULL, bytes, 8);
	return m;
}

static uint64_t
word(const struct kern *kern, int id, const char *symbol)
{
	return (kern_read(kern, kern_sym(kern, id, symbol), 8));
}

/* A global word of .data that holds symbol + addend. */
static void
slot(struct kldsim_synth *m, const char *name, const char *type, int symbol,
    int64_t addend)
{
	/* As amd64 stores INITIAL, whatever the host is. */
	static const uint8_t before[] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33,
		0x22, 0x11 };
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_align(m, data, 8);

	(void)kldsim_synth_object(m, name, before, 8, 8);
	(void)kldsim_synth_reloc(m, data, at, type, symbol, addend);
}

/* --- where --- */

/* D-04, D-05: blocks of one span, the lowest first, and what is freed again. */
static void
files_share_a_span_of_executable_memory(void **state)
{
	struct kern kern;
	int a, b, c;
	uint64_t size;

	(void)state;
	kern_start(&kern, R121);
	a = kern_load(&kern, dyn_of_size(8), "a.ko");
	size = kern_stat(&kern, a).size;
	assert_hex(kern_stat(&kern, a).address, ARENA);
	assert_int_equal(size % PAGE, 0);
	b = kern_load(&kern, dyn_of_size(8), "b.ko");
	assert_hex(kern_stat(&kern, b).address, ARENA + size);
	/* The block of a is the only one of its class, and the lowest. */
	kern_unload(&kern, a);
	c = kern_load(&kern, dyn_of_size(8), "c.ko");
	assert_hex(kern_stat(&kern, c).address, ARENA);
	/* What does not fit the rest of the span gets one of its own. */
	a = kern_load(&kern, dyn_of_size(QUANTUM), "d.ko");
	assert_hex(kern_stat(&kern, a).address, ARENA + QUANTUM);
	/* Two quanta: the mapping is larger than one. */
	b = kern_load(&kern, dyn_of_size(QUANTUM - 4 * size), "e.ko");
	assert_hex(kern_stat(&kern, b).address % QUANTUM == 0 ? 1 : 0,
	    kern_stat(&kern, b).size > QUANTUM - 2 * size);
	kern_fini(&kern);
}

/* D-22, D-05: all of it goes, and comes again in the same place. */
static void
unloading_leaves_nothing(void **state)
{
	struct kern kern;
	uint8_t byte;
	int id;

	(void)state;
	kern_start(&kern, R121);
	for (int i = 0; i < 3; i++) {
		id = kern_load(&kern, dyn_of_size(8), "a.ko");
		assert_hex(kern_stat(&kern, id).address, ARENA);
		assert_int_equal(kldsim_read(kern.sim, ARENA, &byte, 1),
		    KLDSIM_OK);
		assert_int_equal(byte, 0x7f); /* of the ELF header */
		kern_unload(&kern, id);
		assert_int_equal(kldsim_read(kern.sim, ARENA, &byte, 1),
		    KLDSIM_FAULT);
	}
	kern_fini(&kern);
}

/*
 * D-04, D-06, D-22: a mapping far larger than the file is zeros up to its end,
 * and all of it goes.
 */
static void
a_large_bss_comes_and_goes(void **state)
{
	const uint64_t bss = UINT64_C(48) << 20;
	struct kern kern;
	uint64_t size;
	uint8_t byte;

	(void)state;
	kern_start(&kern, R121);
	for (int i = 0; i < 2; i++) {
		int id = kern_load(&kern, dyn_of_size(bss), "a.ko");

		size = kern_stat(&kern, id).size;
		assert_hex(kern_stat(&kern, id).address, ARENA);
		assert_true(size >= bss && size < bss + QUANTUM);
		assert_hex(kern_read(&kern, ARENA, 1), 0x7f);
		assert_hex(kern_read(&kern, kern_sym(&kern, id, "big") + bss -
		    8, 8), 0);
		assert_hex(kern_read(&kern, ARENA + size - 1, 1), 0);
		kern_unload(&kern, id);
		assert_int_equal(kldsim_read(kern.sim, ARENA, &byte, 1),
		    KLDSIM_FAULT);
		assert_int_equal(kldsim_read(kern.sim, ARENA + size - 1,
		    &byte, 1), KLDSIM_FAULT);
	}
	kern_fini(&kern);
}

/* a place in it is one like any other. */
static void
a_large_bss_can_be_relocated(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;
	uint64_t last;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_func(m, "f");
	slot(m, "a", "R_X86_64_64", kldsim_synth_ref(m, "printf"), 5);
	slot(m, "b", "R_X86_64_64", kldsim_synth_ref(m, "printf"), 6);
	(void)kldsim_synth_object(m, "big", NULL, 48 << 20, 8);
	last = (48 << 20) - 8; /* behind the other sections' pages: in big */
	kldsim_synth_override(m, "rela[.rela.dyn][1].r_offset", last);
	id = kern_load(&kern, m, "m.ko");
	assert_true(kern_stat(&kern, id).address + last >
	    kern_sym(&kern, id, "big"));
	assert_hex(word(&kern, id, "a"), kern_symbol(&kern, "printf") + 5);
	assert_hex(word(&kern, id, "b"), INITIAL);
	assert_hex(kern_read(&kern, kern_stat(&kern, id).address + last, 8),
	    kern_symbol(&kern, "printf") + 6);
	kern_fini(&kern);
}

/* D-06: the file ends in the middle of a segment, and nobody looks. */
static void
a_segment_that_is_cut_off(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	uint64_t address, offset;
	struct kern kern;
	uint32_t index;
	void *bytes;
	size_t size;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_func(m, "f");
	(void)kldsim_synth_object(m, "d", "12345678", 8, 8);
	kldsim_synth_override(m, "ehdr.e_shoff", 0);
	assert_int_equal(kldsim_synth_finish(m, &bytes, &size, &kern.error),
	    KLDSIM_OK);
	kldsim_synth_free_bytes(bytes);
	assert_int_equal(kldsim_synth_section_place(m,
	    kldsim_synth_section_named(m, ".data"), &index, &address,
	    &offset), KLDSIM_OK);
	kldsim_synth_truncate_to(m, offset + 5);
	id = kern_load(&kern, m, "m.ko");
	assert_hex(word(&kern, id, "d"), UINT64_C(0x3534333231));
	assert_int_equal(kern_findings(&kern, "segment-short"), 1);
	kern_fini(&kern);
}

/* --- symbols --- */

/* D-41, D-42, D-50 and section 6.1. */
static void
relocations_of_all_kinds(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;
	uint64_t base;
	int id, own;

	(void)state;
	own = kldsim_synth_bind(m, kldsim_synth_func(m, "own"),
	    KLDSIM_SYNTH_LOCAL);
	slot(m, "abs", "R_X86_64_64", kldsim_synth_ref(m, "printf"), 5);
	slot(m, "got", "R_X86_64_GLOB_DAT", kldsim_synth_ref(m, "printf"), 0);
	slot(m, "plt", "R_X86_64_JUMP_SLOT", kldsim_synth_ref(m, "printf"),
	    0);
	slot(m, "rel", "R_X86_64_RELATIVE", own, 3);
	slot(m, "weak", "R_X86_64_64", kldsim_synth_weak_ref(m, "nobody"), 7);
	kern_start(&kern, R121);
	id = kern_load(&kern, m, "m.ko");
	base = kern_stat(&kern, id).address;
	assert_hex(word(&kern, id, "abs"), kern_symbol(&kern, "printf") + 5);
	assert_hex(word(&kern, id, "got"), kern_symbol(&kern, "printf"));
	assert_hex(word(&kern, id, "plt"), kern_symbol(&kern, "printf"));
	/* RELATIVE: the base and an addend that has the function's place. */
	assert_hex(word(&kern, id, "rel"), kern_sym(&kern, id, "own") + 3);
	assert_hex(kern_sym(&kern, id, "own") & ~(PAGE * 8 - 1), base);
	assert_hex(word(&kern, id, "weak"), 7);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* D-41, K-21: the first in the kernel's words, all of them as findings. */
static void
undefined_symbols_refuse_the_file(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;

	(void)state;
	slot(m, "a", "R_X86_64_64", kldsim_synth_ref(m, "missing"), 0);
	slot(m, "b", "R_X86_64_64", kldsim_synth_ref(m, "absent"), 0);
	kern_start(&kern, R121);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "link_elf: symbol missing undefined");
	assert_int_equal(kern_findings(&kern, "undefined-symbol"), 2);
	/* The address is free again. */
	assert_hex(kern_stat(&kern, kern_load(&kern, dyn_of_size(8),
	    "n.ko")).address, ARENA);
	kern_fini(&kern);
}

/* D-40, R-03: amd64 complains in the local pass and again in the global one. */
static void
an_unknown_type_is_told_twice(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;

	(void)state;
	slot(m, "a", "24", kldsim_synth_ref(m, "printf"), 0);
	kern_start(&kern, R121);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "kldload: unexpected relocation type 24",
	    "kldload: unexpected relocation type 24",
	    "link_elf: symbol printf undefined");
	assert_int_equal(kern_findings(&kern, "unknown-relocation"), 1);
	kern_fini(&kern);
}

/* D-60, D-61: statics are found when the file is loaded, not before. */
static void
statics_are_found_by_others_alone(void **state)
{
	struct kldsim_synth *m = dyn_new(R121), *n;
	struct kern kern;
	int id, hidden;

	(void)state;
	hidden = kldsim_synth_bind(m, kldsim_synth_func(m, "hidden"),
	    KLDSIM_SYNTH_LOCAL);
	(void)hidden;
	kldsim_synth_mdt_version(m, "m", 1);
	kern_start(&kern, R121);
	id = kern_load(&kern, m, "m.ko");
	n = dyn_new(R121);
	kldsim_synth_mdt_depend(n, "m", 1, 1, 1);
	slot(n, "a", "R_X86_64_64", kldsim_synth_ref(n, "hidden"), 0);
	assert_hex(word(&kern, kern_load(&kern, n, "n.ko"), "a"),
	    kern_sym(&kern, id, "hidden"));
	kern_fini(&kern);
}

/* D-21, O-80: .ctors, by its section header. */
static void
constructors_are_listed(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;
	kldsim_addr ctor;
	int id;

	(void)state;
	kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "first"));
	kldsim_synth_ctor(m, ".ctors", 0);
	kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "second"));
	kern_start(&kern, R121);
	id = kern_load(&kern, m, "m.ko");
	assert_int_equal(kern_stat(&kern, id).nconstructors, 2);
	assert_int_equal(kldsim_file_constructor(kern.sim, id, 1, &ctor),
	    KLDSIM_OK);
	assert_hex(ctor, kern_sym(&kern, id, "second"));
	kern_fini(&kern);
}

/* --- sets --- */

/* The same variables in both kinds of file. */
static struct kldsim_synth *
module_with_sets(struct kldsim_synth *m)
{
	static const char initial[] = "\x88\x77\x66\x55\x44\x33\x22\x11";

	(void)kldsim_synth_dpcpu(m, "p", initial, 8, 8);
	(void)kldsim_synth_dpcpu(m, "q", "abc", 3, 1);
	(void)kldsim_synth_vnet(m, "v", initial, 8, 8);
	(void)kldsim_synth_vnet(m, "w", "\1\2\3\4\5", 5, 1);
	return m;
}

static const uint32_t releases[] = { R121, R130, R140, R150 };
static const enum kldsim_set both[] = { KLDSIM_SET_DPCPU, KLDSIM_SET_VNET };

/* D-33, D-34, A-22, A-30, A-31: whatever class a file is of, its variables
 * are in the same places with the same values. */
static void
both_classes_fill_sets_alike(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof(releases) / sizeof(releases[0]); r++) {
		struct kern rel, dyn;

		kern_start_sets(&rel, releases[r]);
		kern_start_sets(&dyn, releases[r]);
		(void)kern_load(&rel, module_with_sets(
		    module_new(releases[r])), "m.ko");
		(void)kern_load(&dyn, module_with_sets(
		    dyn_new(releases[r])), "m.ko");
		for (size_t s = 0; s < 2; s++) {
			struct kldsim_set_part a, b;
			struct kldsim_instance instance;

			assert_int_equal(kldsim_set_part(rel.sim, both[s], 0,
			    &a), KLDSIM_OK);
			assert_int_equal(kldsim_set_part(dyn.sim, both[s], 0,
			    &b), KLDSIM_OK);
			assert_hex(a.start, b.start);
			assert_int_equal(a.size, b.size);
			assert_int_equal(b.section_index, 0);
			assert_int_equal(a.size, s == 0 ? 11 : 13);
			for (size_t i = 0; kldsim_set_instance(dyn.sim,
			    both[s], i, &instance) == KLDSIM_OK; i++)
				for (uint64_t at = 0; at < a.size; at++)
					assert_hex(kern_copy(&dyn, both[s],
					    instance.id, b.start + at, 1),
					    kern_copy(&rel, both[s],
					    instance.id, a.start + at, 1));
			assert_hex(kern_copy(&dyn, both[s], 1, b.start, 8),
			    INITIAL);
		}
		kern_fini(&rel);
		kern_fini(&dyn);
	}
}

/* D-22, A-11: the parts go back. */
static void
sets_are_given_back(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	id = kern_load(&kern, module_with_sets(dyn_new(R121)), "m.ko");
	/* 11 and 13 bytes, rounded to pointers. */
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 16, 2048 - 16 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 16, 32768 - 16 });
	kern_unload(&kern, id);
	assert_free_list(&kern, KLDSIM_SET_DPCPU, { 0, 2048 });
	assert_free_list(&kern, KLDSIM_SET_VNET, { 0, 32768 });
	kern_fini(&kern);
}

/* D-50, D-53, V-44: references by symbol are moved to the reference copy;
 * those by address are where amd64's RELATIVE asks elf_relocaddr(). */
static void
references_are_moved_to_the_reference_copy(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof(releases) / sizeof(releases[0]); r++) {
		struct kldsim_synth *m = dyn_new(releases[r]);
		struct kldsim_set_part part;
		struct kern kern;
		int id, p;

		(void)kldsim_synth_dpcpu(m, "first", NULL, 8, 8);
		p = kldsim_synth_dpcpu(m, "p", NULL, 8, 8);
		slot(m, "sym", "R_X86_64_64", p, 2);
		slot(m, "got", "R_X86_64_GLOB_DAT", p, 0);
		slot(m, "rel", "R_X86_64_RELATIVE", p, 1);
		kern_start(&kern, releases[r]);
		id = kern_load(&kern, m, "m.ko");
		assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_DPCPU,
		    0, &part), KLDSIM_OK);
		assert_hex(word(&kern, id, "sym"), part.start + 8 + 2);
		assert_hex(word(&kern, id, "got"), part.start + 8);
		assert_hex(word(&kern, id, "rel"), (releases[r] == R121 ?
		    kern_sym(&kern, id, "pcpu_entry_p") : part.start + 8) +
		    1);
		kern_fini(&kern);
	}
}

/*
 * D-50: a LOCAL symbol is what it says, so that the word keeps an address in
 * the file's own copy of the set, and a finding tells it.
 */
static void
local_symbols_are_not_moved(void **state)
{
	struct kldsim_synth *m = dyn_new(R130);
	struct kern kern;
	int id, p;

	(void)state;
	p = kldsim_synth_dpcpu(m, "p", NULL, 8, 8);
	(void)kldsim_synth_bind(m, p, KLDSIM_SYNTH_LOCAL);
	slot(m, "stays", "R_X86_64_64", p, 0);
	slot(m, "moves", "R_X86_64_RELATIVE", p, 0);
	kern_start(&kern, R130);
	id = kern_load(&kern, m, "m.ko");
	assert_hex(word(&kern, id, "stays"), kern_sym(&kern, id,
	    "pcpu_entry_p"));
	assert_int_equal(kern_findings(&kern, "set-access-not-redirected"), 1);
	kern_fini(&kern);
}

/* D-51: the ranges are everybody's, but ET_REL files do not ask. */
static void
exported_variables_are_moved_for_this_class_only(void **state)
{
	struct kldsim_synth *m = dyn_new(R121), *n;
	struct kldsim_set_part part;
	struct kern kern;
	uint64_t at;
	int id, user;

	(void)state;
	(void)kldsim_synth_vnet(m, "v", NULL, 8, 8);
	kldsim_synth_mdt_version(m, "m", 1);
	kern_start(&kern, R121);
	id = kern_load(&kern, m, "m.ko");
	assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_VNET, 0, &part),
	    KLDSIM_OK);
	n = dyn_new(R121);
	kldsim_synth_mdt_depend(n, "m", 1, 1, 1);
	slot(n, "a", "R_X86_64_64", kldsim_synth_ref(n, "vnet_entry_v"), 0);
	assert_hex(word(&kern, kern_load(&kern, n, "n.ko"), "a"), part.start);
	assert_int_equal(kern_findings(&kern, "set-of-other-class"), 0);
	n = module_new(R121);
	kldsim_synth_mdt_depend(n, "m", 1, 1, 1);
	at = module_slot(n, kldsim_synth_ref(n, "vnet_entry_v"), 0);
	(void)module_slot(n, kldsim_synth_ref(n, "vnet_entry_v"), 4);
	(void)module_slot(n, kldsim_synth_ref(n, "printf"), 0);
	user = kern_load(&kern, n, "o.ko");
	/* Once, however often it is referred to. */
	assert_int_equal(kern_findings(&kern, "set-of-other-class"), 1);
	assert_string_equal(kern_finding(&kern, "set-of-other-class")->symbol,
	    "vnet_entry_v");
	assert_hex(kern_slot(&kern, user, at), kern_sym(&kern, id,
	    "vnet_entry_v"));
	assert_true(kern_slot(&kern, user, at) - ARENA < QUANTUM);
	kern_fini(&kern);
}

/*
 * D-34, D-51: bounds of 4 GB and 8 bytes are 8 bytes as an int (D-31), but the
 * range is all of it, and the next file's set lies in there.
 */
static void
addresses_go_to_the_first_range_they_are_in(void **state)
{
	struct kldsim_synth *m = dyn_new(R121), *n = dyn_new(R121);
	struct kldsim_set_part first;
	struct kern kern;
	uint64_t begin;
	int id;

	(void)state;
	kern_start(&kern, R121);
	(void)kldsim_synth_dpcpu(m, "p", NULL, 8, 8);
	kldsim_synth_override(m, "dynsym[__start_set_pcpu].st_value", 0x1000);
	kldsim_synth_override(m, "dynsym[__stop_set_pcpu].st_value",
	    0x100001008);
	begin = kern_stat(&kern, kern_load(&kern, m, "m.ko")).address +
	    0x1000;
	assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_DPCPU, 0,
	    &first), KLDSIM_OK);
	assert_int_equal(kern_findings(&kern, "set-overlap"), 0);
	slot(n, "a", "R_X86_64_64", kldsim_synth_dpcpu(n, "q", NULL, 8, 8),
	    0);
	id = kern_load(&kern, n, "n.ko");
	assert_int_equal(kern_findings(&kern, "set-overlap"), 1);
	assert_hex(word(&kern, id, "a"), first.start +
	    (kern_sym(&kern, id, "pcpu_entry_q") - begin));
	kern_fini(&kern);
}

/* D-36: only the file's own bytes of the set are relocated. */
static void
pointers_in_sets_are_never_relocated(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof(releases) / sizeof(releases[0]); r++) {
		struct kldsim_synth *m = dyn_new(releases[r]);
		struct kldsim_set_part part;
		struct kern kern;
		int id;

		(void)kldsim_synth_vnet_pointer(m, "fn",
		    kldsim_synth_ref(m, "printf"), 0);
		kern_start_sets(&kern, releases[r]);
		id = kern_load(&kern, m, "m.ko");
		assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_VNET,
		    0, &part), KLDSIM_OK);
		assert_hex(word(&kern, id, "vnet_entry_fn"),
		    kern_symbol(&kern, "printf"));
		assert_hex(kern_read(&kern, part.start, 8), 0);
		assert_hex(kern_copy(&kern, KLDSIM_SET_VNET, 1, part.start,
		    8), 0);
		assert_int_equal(kern_findings(&kern,
		    "pointer-not-propagated"), 1);
		kern_fini(&kern);
	}
}

/* D-33, K-21: ENOSPC inside, ENOEXEC for kldload(2). */
static void
a_set_too_large_is_refused(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;

	(void)state;
	(void)kldsim_synth_dpcpu(m, "p", NULL, 2049, 8);
	kern_start(&kern, R121);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "parse_dpcpu: pcpu module space is out of "
	    "space; cannot allocate 2049 for " MODULE_PATH("m.ko"));
	m = dyn_new(R121);
	(void)kldsim_synth_vnet(m, "v", NULL, 32769, 8);
	kern_refuse(&kern, m, "m.ko", FB_ENOEXEC);
	assert_console(&kern, "parse_vnet: vnet module space is out of "
	    "space; cannot allocate 32769 for " MODULE_PATH("m.ko"));
	kern_fini(&kern);
}

/* A-10, M-42: 32 bytes are wanted, modspace is aligned to pointers. */
static void
a_set_can_be_misaligned(void **state)
{
	struct kldsim_set_part part;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	/* 8 bytes first, so that what follows is at 8 of 64. */
	(void)kern_load(&kern, module_with_set(R121, "set_pcpu", 8, 1),
	    "first.ko");
	for (unsigned i = 0; i < 2; i++) {
		struct kldsim_synth *m = dyn_new(R121);
		uint64_t align = i == 0 ? 8 : 32;

		(void)kldsim_synth_dpcpu(m, "p", NULL, 32, align);
		(void)kern_load(&kern, m, i == 0 ? "a.ko" : "b.ko");
		assert_int_equal(kldsim_set_part(kern.sim, KLDSIM_SET_DPCPU,
		    i + 1, &part), KLDSIM_OK);
		assert_int_equal(kern_findings(&kern, "set-alignment"),
		    part.start % align != 0);
	}
	kern_fini(&kern);
}

/* K-21: this class is asked last, so its EEXIST comes through. */
static void
a_known_interface_is_eexist(void **state)
{
	struct kldsim_synth *m = dyn_new(R121);
	struct kern kern;

	(void)state;
	kldsim_synth_mdt_version(m, "m", 1);
	kern_start(&kern, R121);
	(void)kern_load(&kern, m, "m.ko");
	m = dyn_new(R121);
	kldsim_synth_mdt_version(m, "m", 1);
	kern_refuse(&kern, m, "n.ko", FB_EEXIST);
	assert_console(&kern, "interface m.1 already present in the KLD "
	    "'m.ko'!");
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_share_a_span_of_executable_memory),
		cmocka_unit_test(unloading_leaves_nothing),
		cmocka_unit_test(a_large_bss_comes_and_goes),
		cmocka_unit_test(a_large_bss_can_be_relocated),
		cmocka_unit_test(a_segment_that_is_cut_off),
		cmocka_unit_test(relocations_of_all_kinds),
		cmocka_unit_test(undefined_symbols_refuse_the_file),
		cmocka_unit_test(an_unknown_type_is_told_twice),
		cmocka_unit_test(statics_are_found_by_others_alone),
		cmocka_unit_test(constructors_are_listed),
		cmocka_unit_test(both_classes_fill_sets_alike),
		cmocka_unit_test(sets_are_given_back),
		cmocka_unit_test(references_are_moved_to_the_reference_copy),
		cmocka_unit_test(local_symbols_are_not_moved),
		cmocka_unit_test(
		    exported_variables_are_moved_for_this_class_only),
		cmocka_unit_test(addresses_go_to_the_first_range_they_are_in),
		cmocka_unit_test(pointers_in_sets_are_never_relocated),
		cmocka_unit_test(a_set_too_large_is_refused),
		cmocka_unit_test(a_set_can_be_misaligned),
		cmocka_unit_test(a_known_interface_is_eexist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
