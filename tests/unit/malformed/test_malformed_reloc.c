/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules whose relocations and symbols mislead: O-30 to O-57, R-03, Z-05,
 * Z-10 to Z-15, Z-19, Z-21 and Z-22.
 *
 * The good module is 16 bytes of .text, whose first relocation is for printf,
 * and, at offset 16, 8 of .data; the mapping is one page.
 */

#include "support_malformed.h"

#include <stdio.h>
#include <string.h>

#define REFUSED_BARE(text) .outcome = MALFORMED_REFUSED, \
	.error = MALFORMED_ENOEXEC, .console = text MALFORMED_NOBODY
#define REFUSED(text, list) REFUSED_BARE(text "\n"), .findings = list
#define PANICS(code) .outcome = MALFORMED_PANICS, .findings = "panic " code
#define LOADED(code) .outcome = MALFORMED_LOADED, .findings = "warning " code
#define UNDEFINED(name) "link_elf_obj: symbol " name " undefined"

static int
text(struct kldsim_synth *m)
{
	return (kldsim_synth_section_named(m, ".text"));
}

static int
data(struct kldsim_synth *m)
{
	return (kldsim_synth_section_named(m, ".data"));
}

/* --- places --- */

/* The second entry of .text's table, of printf, wherever it is set to. */
static void
second(struct kldsim_synth *m)
{
	kldsim_synth_reloc(m, text(m), 8, "R_X86_64_64",
	    kldsim_synth_ref(m, "printf"), 0);
}

static void
second_none(struct kldsim_synth *m)
{
	kldsim_synth_reloc(m, text(m), 8, "R_X86_64_NONE",
	    kldsim_synth_ref(m, "printf"), 0);
}

static void
rel_none(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(m, text(m), 8, "R_X86_64_NONE",
	    kldsim_synth_ref(m, "printf"), 0);
}

static void
rel_word(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(m, text(m), 8, "R_X86_64_64",
	    kldsim_synth_ref(m, "printf"), 0);
}

static void
nowhere(struct kldsim_synth *m)
{
	kldsim_synth_reloc(m, text(m), 8, "R_X86_64_64",
	    kldsim_synth_ref(m, "nowhere"), 0);
}

static void
in_pcpu(struct kldsim_synth *m)
{
	kldsim_synth_dpcpu(m, "mine", NULL, 16, 8);
	kldsim_synth_reloc(m, kldsim_synth_section_named(m, "set_pcpu"), 0,
	    "R_X86_64_64", kldsim_synth_ref(m, "printf"), 0);
}

static void
in_vnet(struct kldsim_synth *m)
{
	kldsim_synth_vnet(m, "mine", NULL, 16, 8);
	kldsim_synth_reloc(m, kldsim_synth_section_named(m, "set_vnet"), 0,
	    "R_X86_64_64", kldsim_synth_ref(m, "printf"), 0);
}

static const struct malformed place_cases[] = {
	/* Into .data, behind .text: wrong, but the module's own. */
	{ "offset-next-section", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 16 } },
	    LOADED("relocation-offset") },
	{ "offset-straddles", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 12 } },
	    LOADED("relocation-offset") },
	{ "offset-page-end", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 0xff8 } },
	    LOADED("relocation-offset") },
	{ "offset-straddles-page", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 0xffc } },
	    PANICS("relocation-offset") },
	{ "offset-outside", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 0x1000 } },
	    PANICS("relocation-offset") },
	{ "offset-before", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 0xfffffffffffffff8 } },
	    PANICS("relocation-offset") },
	{ "offset-into-kernel", "Z-10", second, .set = {
	    { "rela[.text][1].r_offset", 0xfffffffffe200000 } },
	    PANICS("relocation-offset") },
	{ "offset-local-pass", "Z-10", .set = {
	    { "rela[.data][0].r_offset", 0x8000000000000000 } },
	    PANICS("relocation-offset") },
	/* Another file's variables come next in modspace. */
	{ "offset-behind-pcpu", "Z-10,O-41", in_pcpu, .set = {
	    { "rela[set_pcpu][0].r_offset", 16 } },
	    PANICS("relocation-offset") },
	{ "offset-straddles-pcpu", "Z-10,O-41", in_pcpu, .set = {
	    { "rela[set_pcpu][0].r_offset", 12 } },
	    PANICS("relocation-offset") },
	{ "offset-beyond-modspace", "Z-10,O-41", in_pcpu, .set = {
	    { "rela[set_pcpu][0].r_offset", 0x10000 } },
	    PANICS("relocation-offset") },
	{ "offset-beyond-vnet", "Z-10,O-41", in_vnet, .set = {
	    { "rela[set_vnet][0].r_offset", 0x100000 } },
	    PANICS("relocation-offset") },
	/* Nothing is stored for NONE; a REL entry's place is read. */
	{ "offset-none", "Z-10,R-11", second_none, .set = {
	    { "rela[.text][1].r_offset", 0x100000 } },
	    LOADED("relocation-offset") },
	{ "offset-none-rel", "Z-10,R-11", rel_none, .set = {
	    { "rel[.text][0].r_offset", 0x100000 } },
	    PANICS("relocation-offset") },
	{ "offset-rel", "Z-10,R-01", rel_word, .set = {
	    { "rel[.text][0].r_offset", 0x100000 } },
	    PANICS("relocation-offset") },
	/* The symbol is asked for before anything is stored; but a REL
	 * entry's addend is read before that. */
	{ "offset-and-undefined", "Z-10,R-02", nowhere, .set = {
	    { "rela[.text][1].r_offset", 0x100000 } },
	    REFUSED(UNDEFINED("nowhere"), "warning undefined-symbol") },
	/* What a type is comes before where it is for. */
	{ "offset-and-type", "Z-10,R-03", second, .set = {
	    { "rela[.text][1].r_offset", 0x100000 },
	    { "rela[.text][1].r_type", 42 } },
	    REFUSED("kldload: unexpected relocation type 42\n"
	    UNDEFINED("printf"), "warning unknown-relocation") },
};

/* --- types --- */

static const struct malformed type_cases[] = {
	{ "type-unknown", "R-03,O-46", .set = { { "rela[.text][0].r_type",
	    42 } }, REFUSED("kldload: unexpected relocation type 42\n"
	    UNDEFINED("printf"), "warning unknown-relocation") },
	{ "type-huge", "R-03,O-46", .set = { { "rela[.text][0].r_type",
	    0xdeadbeef } },
	    REFUSED("kldload: unexpected relocation type 3735928559\n"
	    UNDEFINED("printf"), "warning unknown-relocation") },
	{ "type-copy", "R-03,O-46", .set = { { "rela[.text][0].r_type", 5 } },
	    REFUSED("kldload: unexpected R_COPY relocation\n"
	    UNDEFINED("printf"), "warning unknown-relocation") },
	/* 12 and before do not look at what the local pass says (O-43). */
	{ "type-unknown-local", "R-03,O-43", .set = {
	    { "rela[.data][0].r_type", 10 } }, .console =
	    "kldload: unexpected relocation type 10",
	    LOADED("unknown-relocation") },
	/* 13 does, and tells the symbol's number: here .text's own symbol. */
	{ "type-tls-13", "R-03,V-25", .set = {
	    { "rela[.data][0].r_type", 19 } }, .osreldate = 1300139,
	    REFUSED("kldload: unexpected relocation type 19, symbol index 1",
	    "warning unknown-relocation") },
};

/* --- symbols that relocations name --- */

static void
rel_symbol(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_reloc(m, data(m), 0, "R_X86_64_64",
	    kldsim_synth_ref(m, "printf"), 0);
}

/* .data's pointer is to a symbol of a section that is not loaded. */
static void
of_section(struct kldsim_synth *m, const char *name, uint32_t type,
    uint64_t flags)
{
	int section = kldsim_synth_section(m, name, type, flags, 4);

	kldsim_synth_append(m, section, NULL, 16);
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_pointer(m, data(m), 8, kldsim_synth_symbol(m, "odd",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, section, 4, 4), 0);
}

static void
of_debug(struct kldsim_synth *m)
{
	of_section(m, ".debug", KLDSIM_SYNTH_PROGBITS, 0);
}

static void
of_note(struct kldsim_synth *m)
{
	of_section(m, ".note", KLDSIM_SYNTH_NOTE, KLDSIM_SYNTH_ALLOC);
}

static void
of_common(struct kldsim_synth *m)
{
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_pointer(m, data(m), 8, kldsim_synth_symbol(m, "odd",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_COMMON, 8,
	    8), 0);
}

static void
of_data(struct kldsim_synth *m)
{
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_pointer(m, data(m), 8,
	    kldsim_synth_find_symbol(m, "m_data"), 0);
}

/* An undefined symbol of any name, binding and type, that .data points to. */
static void
undefined(struct kldsim_synth *m, const char *name, int bind)
{
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_pointer(m, data(m), 8, kldsim_synth_symbol(m, name,
	    bind, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0, 0), 0);
}

static void
undefined_local(struct kldsim_synth *m)
{
	undefined(m, "printf", KLDSIM_SYNTH_LOCAL);
}

static void
undefined_unique(struct kldsim_synth *m)
{
	undefined(m, "odd", 10);
}

static void
undefined_unnamed(struct kldsim_synth *m)
{
	undefined(m, "", KLDSIM_SYNTH_GLOBAL);
}

static void
symbol_0(struct kldsim_synth *m)
{
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_reloc(m, data(m), 8, "R_X86_64_64", 0, 0);
}

/* A common, found by name, that would be larger than all memory. */
static void
common_huge(struct kldsim_synth *m)
{
	kldsim_synth_symbol(m, "odd", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 0x80000000);
	undefined(m, "odd", KLDSIM_SYNTH_GLOBAL);
}

static const struct malformed symbol_cases[] = {
	{ "symbol-index", "Z-12,O-42", .set = { { "rela[.text][0].r_sym",
	    1000 } }, LOADED("relocation-symbol-index") },
	{ "symbol-index-huge", "Z-12,O-42", .set = { { "rela[.text][0].r_sym",
	    0xffffffff } }, LOADED("relocation-symbol-index") },
	{ "symbol-index-rel", "Z-12,O-42", rel_symbol, .set = {
	    { "rel[.data][0].r_sym", 1000 } },
	    LOADED("relocation-symbol-index") },
	{ "symbol-of-debug", "Z-13,O-30", of_debug,
	    LOADED("symbol-of-unloaded-section") },
	{ "symbol-of-note", "Z-13,O-30", of_note,
	    LOADED("symbol-of-unloaded-section") },
	{ "symbol-of-no-section", "Z-13,O-30", of_data, .set = {
	    { "sym[m_data].st_shndx", 0x7000 } },
	    LOADED("symbol-of-unloaded-section") },
	{ "symbol-common", "Z-14,O-56", of_common,
	    LOADED("symbol-reserved-section") },
	{ "symbol-xindex", "Z-14", of_data, .set = {
	    { "sym[m_data].st_shndx", 0xffff } },
	    LOADED("symbol-reserved-section") },
	/* The kernel's own mark for what it has looked up (O-47, O-57). */
	{ "symbol-cached", "Z-14,O-47", of_data, .set = {
	    { "sym[m_data].st_shndx", 0xff20 } },
	    LOADED("symbol-reserved-section") },
	{ "symbol-wraps", "Z-21,O-30", of_data, .set = {
	    { "sym[m_data].st_value", 0xffffffffffff0000 } },
	    LOADED("symbol-wraps") },
	{ "symbol-huge-common", "O-60", common_huge,
	    .outcome = MALFORMED_HOST, .status = KLDSIM_LIMIT,
	    .message = "common symbol odd: 2147483648, over" },
	/* What 12 and before pass over in the local pass (O-43, O-52). */
	{ "symbol-0", "O-52,O-43", symbol_0, LOADED("undefined-symbol") },
	{ "undefined-local", "O-52,O-43", undefined_local,
	    LOADED("undefined-symbol") },
	{ "undefined-local-13", "O-52,V-25", undefined_local,
	    REFUSED_BARE(""), .findings = "warning undefined-symbol",
	    .osreldate = 1300139 },
	{ "undefined-unique", "O-54", undefined_unique,
	    REFUSED(UNDEFINED("odd"), "warning undefined-symbol") },
	/* Its name is the empty string, not none. */
	{ "undefined-unnamed", "O-53,O-46", undefined_unnamed,
	    REFUSED(UNDEFINED(""), NULL) },
	{ "undefined-0", "O-53,O-46", symbol_0, .set = {
	    { "sym[0].st_info", 0x10 } },
	    REFUSED(UNDEFINED("(null)"), NULL) },
	{ "weak-local-bound", "O-53", second, .set = {
	    { "sym[printf].st_shndx", 0 }, { "sym[printf].st_bind", 15 } },
	    REFUSED(UNDEFINED("printf"), "warning undefined-symbol") },
};

/* --- names of symbols --- */

static void
unreferenced(struct kldsim_synth *m)
{
	(void)kldsim_synth_symbol(m, "odd", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0, 0);
}

/* The strings end in the middle of `name`, the last one, after `keep`. */
static void
cut_strings(struct kldsim_synth *m, const char *name, uint64_t keep)
{
	kldsim_synth_symbol(m, name, KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data(m), 0, 8);
	kldsim_synth_override(m, "shdr[.strtab].sh_size",
	    malformed_shdr(m, ".strtab", MALFORMED_SH_SIZE) -
	    (strlen(name) + 1) + keep);
}

/* "print" could be printf: looking for that reads the byte after it. */
static void
endless_compared(struct kldsim_synth *m)
{
	cut_strings(m, "printable", 5);
}

static void
endless_referenced(struct kldsim_synth *m)
{
	undefined(m, "odd", KLDSIM_SYNTH_GLOBAL);
	kldsim_synth_override(m, "shdr[.strtab].sh_size",
	    malformed_shdr(m, ".strtab", MALFORMED_SH_SIZE) - 1);
}

static void
endless_unreferenced(struct kldsim_synth *m)
{
	unreferenced(m);
	kldsim_synth_override(m, "shdr[.strtab].sh_size",
	    malformed_shdr(m, ".strtab", MALFORMED_SH_SIZE) - 1);
}

/*
 * Everything that is looked for is found among the locals, before the walk
 * comes to the bad name (O-61).
 */
static void
not_passed(struct kldsim_synth *m)
{
	kldsim_synth_symbol(m, "printf", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, text(m), 0, 16);
}

/* The same, with nothing undefined at all. */
static void
no_lookup(struct kldsim_synth *m)
{
	int section = kldsim_synth_section_named(m, ".text");

	kldsim_synth_append(m, section, NULL, 16);
	kldsim_synth_symbol(m, "odd", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_FUNC, section, 0, 16);
}

static const struct malformed name_cases[] = {
	/* Looking for printf walks over m_data. */
	{ "name-passed", "Z-05,O-61", .set = { { "sym[m_data].st_name",
	    0x7fffffff } }, PANICS("symbol-name") },
	{ "name-referenced", "Z-05,O-53", .set = { { "sym[printf].st_name",
	    0x7fffffff } }, PANICS("symbol-name") },
	/* Each undefined name is compared with __start_ (O-32). */
	{ "name-unreferenced", "Z-05,O-32", unreferenced, .set = {
	    { "sym[odd].st_name", 0x7fffffff } }, PANICS("symbol-name") },
	{ "name-endless-compared", "Z-05,O-61", endless_compared,
	    PANICS("symbol-name") },
	{ "name-endless-referenced", "Z-05,O-53", endless_referenced,
	    PANICS("symbol-name") },
	/* "odd" is not __start_ after one byte, which is within the table. */
	{ "name-endless-unreferenced", "Z-05,O-32", endless_unreferenced,
	    LOADED("symbol-name") },
	/* Nobody reads it now: it lies in wait for later lookups. */
	{ "name-not-passed", "Z-05,O-61", not_passed, .set = {
	    { "sym[m_data].st_name", 0x7fffffff } }, LOADED("symbol-name") },
	{ "name-no-lookup", "Z-05", no_lookup, .set = {
	    { "sym[odd].st_name", 0x7fffffff } }, LOADED("symbol-name"),
	    .bare = true },
};

/* --- what is called without a look --- */

static void
ctor(struct kldsim_synth *m)
{
	kldsim_synth_ctor(m, ".ctors",
	    kldsim_synth_find_symbol(m, "m_init"));
}

/* The sentinel of old constructor tables (Z-19). */
static void
ctor_sentinel(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".ctors"),
	    "\377\377\377\377\377\377\377\377", 8);
}

static void
ctor_unmapped(struct kldsim_synth *m)
{
	ctor(m);
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".ctors"),
	    "\0\020\0\0\0\0\0\0", 8);
}

/* The last section of a module of one page: its addend leads out of it. */
static void
ctor_outside(struct kldsim_synth *m)
{
	kldsim_synth_ctor(m, ".ctors", kldsim_synth_section_symbol(m,
	    text(m)));
}

static void
ifunc(struct kldsim_synth *m)
{
	int symbol = kldsim_synth_ifunc(m, "resolver");

	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_pointer(m, data(m), 8, symbol, 0);
}

static void
irelative(struct kldsim_synth *m)
{
	kldsim_synth_append(m, data(m), NULL, 8);
	kldsim_synth_reloc(m, data(m), 8, "R_X86_64_IRELATIVE", 0,
	    0x10000000);
}

static const struct malformed call_cases[] = {
	{ "ctor-sentinel", "Z-19,O-80", ctor_sentinel, PANICS("blind-call") },
	{ "ctor-unmapped", "Z-19,O-80", ctor_unmapped, PANICS("blind-call") },
	{ "ctor-outside", "Z-19,O-80", ctor_outside, .set = {
	    { "rela[.ctors][0].r_addend", 0x1000 } }, PANICS("blind-call") },
	{ "ifunc-outside", "Z-19,O-51", ifunc, .set = {
	    { "sym[resolver].st_value", 0x10000000 } },
	    PANICS("blind-call") },
	{ "ifunc-null", "Z-19,O-51", ifunc, .set = {
	    { "sym[resolver].st_shndx", 0xfff1 },
	    { "sym[resolver].st_value", 0 } }, PANICS("blind-call") },
	{ "irelative-outside", "Z-19,O-45", irelative, PANICS("blind-call") },
};

/* --- tables for sections that are not loaded, bounds of sets --- */

#define LOST(what) "kldload: {name}: lost base for " what "\n"

static void
reloc_in_note(struct kldsim_synth *m)
{
	int note = kldsim_synth_section(m, ".note.x", KLDSIM_SYNTH_NOTE,
	    KLDSIM_SYNTH_ALLOC, 4);

	kldsim_synth_append(m, note, NULL, 16);
	kldsim_synth_reloc(m, note, 0, "R_X86_64_64",
	    kldsim_synth_ref(m, "printf"), 0);
}

static void
rel_in_note(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	reloc_in_note(m);
}

static void
reloc_in_empty(struct kldsim_synth *m)
{
	int empty = kldsim_synth_section(m, ".empty", KLDSIM_SYNTH_PROGBITS,
	    KLDSIM_SYNTH_ALLOC, 4);

	kldsim_synth_reloc(m, empty, 0, "R_X86_64_64",
	    kldsim_synth_ref(m, "printf"), 0);
}

/* The first section loaded is a set, whose bounds are asked for. */
static void
first_set(struct kldsim_synth *m, const char *set, int bind)
{
	char name[64];
	int section = kldsim_synth_section_named(m, set);

	(void)snprintf(name, sizeof(name), "__start_%s", set);
	kldsim_synth_append(m, section, NULL, 16);
	kldsim_synth_option(m, KLDSIM_SYNTH_SET_BOUNDS, 0);
	kldsim_synth_pointer(m, section, 8, kldsim_synth_symbol(m, name,
	    bind, KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_UNDEF, 0, 0), 0);
}

static void
first_set_foo(struct kldsim_synth *m)
{
	first_set(m, "set_foo", KLDSIM_SYNTH_GLOBAL);
}

static void
first_set_weak(struct kldsim_synth *m)
{
	first_set(m, "set_bar", KLDSIM_SYNTH_WEAK);
}

static void
first_set_bar(struct kldsim_synth *m)
{
	first_set(m, "set_bar", KLDSIM_SYNTH_GLOBAL);
}

static const struct malformed section_cases[] = {
	/* The local pass comes first, and calls both kinds reltab (O-41). */
	{ "reloc-in-note", "Z-15,O-41", reloc_in_note,
	    REFUSED_BARE(LOST("reltab")),
	    .findings = "warning relocation-target-not-loaded" },
	{ "rel-in-note", "Z-15,O-41", rel_in_note,
	    REFUSED_BARE(LOST("reltab")),
	    .findings = "warning relocation-target-not-loaded" },
	{ "reloc-in-empty", "Z-15,O-41", reloc_in_empty,
	    REFUSED_BARE(LOST("reltab")),
	    .findings = "warning relocation-target-not-loaded" },
	/* The kernel has a set_foo and no set_bar. */
	{ "first-set-foo", "Z-22,O-32", first_set_foo,
	    LOADED("set-bound-index-zero"), .bare = true },
	{ "first-set-weak", "Z-22,O-32,O-53", first_set_weak,
	    LOADED("set-bound-index-zero"), .bare = true },
	{ "first-set-bar", "Z-22,O-32,O-33", first_set_bar,
	    REFUSED(UNDEFINED("__start_set_bar"),
	    "warning set-bound-index-zero, warning undefined-symbol"),
	    .bare = true },
};

#define RUN(cases) malformed_run("malformed_" #cases, cases, \
	MALFORMED_COUNT(cases))

int
main(void)
{
	return (RUN(place_cases) + RUN(type_cases) + RUN(symbol_cases) +
	    RUN(name_cases) + RUN(call_cases) + RUN(section_cases));
}
