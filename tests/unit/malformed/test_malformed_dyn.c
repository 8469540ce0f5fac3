/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Malformed modules that are shared objects: D-01 to D-36 and Z-30 to Z-53.
 * The good one has a word of .data and a PLT slot that hold printf, a
 * constructor and a DPCPU variable; its segments are phdr 0 to 2, text, data
 * and bss pages of 0x1000 each.
 */

#include "support_malformed.h"

#define SAYS(text) .outcome = MALFORMED_REFUSED, .dyn = true, \
	.error = MALFORMED_ENOEXEC, .console = text
#define PANICS(code) .outcome = MALFORMED_PANICS, .dyn = true, \
	.findings = "panic " code
#define LOADED(code) .outcome = MALFORMED_LOADED, .dyn = true, \
	.findings = "warning " code

#define HEADERS "kldload: {path}: Unreadable program headers"
#define DYNAMIC "kldload: {path}: Object is not dynamically-linked"

/* --- headers --- */

static void
short_header(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, 40);
}

static void
interpreter(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_INTERP, 1);
}

static void
more_segments(struct kldsim_synth *m)
{
	for (int i = 0; i < 4; i++)
		kldsim_synth_segment(m, 1, 4, 0, 0);
}

/* In the middle of the third of its program headers. */
static void
cut_in_phdrs(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, 64 + 2 * 56 + 20);
}

/* Half of a PT_LOAD, at the end of the page. */
static void
header_across_pages(struct kldsim_synth *m)
{
	kldsim_synth_poke(m, 0x1000 - 28, "\1\0\0", 4);
}

static const struct malformed header_cases[] = {
	{ "good", "D-20", .outcome = MALFORMED_LOADED, .dyn = true },
	{ "short", "Z-30,D-01", short_header, SAYS(HEADERS "\n" DYNAMIC) },
	{ "phnum-huge", "Z-31,D-02", .set = { { "ehdr.e_phnum", 0xffff } },
	    PANICS("program-headers"), .console = HEADERS },
	{ "phoff-outside", "Z-31,D-02", .set = { { "ehdr.e_phoff", 0x1000 } },
	    PANICS("program-headers"), .console = HEADERS },
	/* The sum of offset and size wraps to 0: not a word. */
	{ "phoff-wraps", "Z-31,D-02", .set = { { "ehdr.e_phoff",
	    (uint64_t)-56 }, { "ehdr.e_phnum", 1 } },
	    PANICS("program-headers") },
	{ "phdr-across-pages", "Z-31,D-02", header_across_pages, .set = {
	    { "ehdr.e_phoff", 0x1000 - 28 }, { "ehdr.e_phnum", 1 } },
	    PANICS("program-headers"), .console = HEADERS },
	/* The size in the header is complained of and not used. */
	{ "phentsize", "D-02", .set = { { "ehdr.e_phentsize", 32 } },
	    .outcome = MALFORMED_LOADED, .dyn = true, .console = HEADERS },
	/* What the page has there is not the file's; here it is zeros. */
	{ "cut-in-phdrs", "Z-31,D-02", cut_in_phdrs, SAYS(HEADERS "\n"
	    DYNAMIC), .findings = "warning program-headers" },
	{ "no-phdrs", "D-03", .set = { { "ehdr.e_phnum", 0 } },
	    SAYS(DYNAMIC) },
	{ "no-dynamic", "D-03", .set = { { "phdr[PT_DYNAMIC].p_type", 0 } },
	    SAYS(DYNAMIC) },
	{ "no-load", "D-03", .set = { { "phdr[0].p_type", 0 },
	    { "phdr[1].p_type", 0 }, { "phdr[2].p_type", 0 } },
	    SAYS("kldload: {path}: No sections") },
	{ "too-many", "D-03", more_segments,
	    SAYS("kldload: {path}: Too many sections") },
	{ "interp", "D-03,K-21", interpreter, SAYS(MALFORMED_NOBODY) },
};

/* --- segments --- */

static const struct malformed segment_cases[] = {
	{ "first-above-last", "Z-32,Z-45,D-04", .set = {
	    { "phdr[0].p_vaddr", 0x400000 } }, .outcome = MALFORMED_PANICS,
	    .dyn = true,
	    .findings = "warning base-address, panic segment" },
	{ "outside", "Z-34,D-06", .set = { { "phdr[1].p_vaddr",
	    0x7fff00000000 } }, PANICS("segment") },
	{ "filesz-over-memsz", "Z-33,D-06", .set = { { "phdr[2].p_memsz",
	    8 } }, PANICS("segment") },
	{ "filesz-negative", "Z-35", .set = { { "phdr[1].p_filesz",
	    0x80000000 } }, PANICS("segment") },
	{ "short", "Z-36,D-06", .set = { { "phdr[1].p_offset", 0x100000 } },
	    LOADED("segment-short") },
	/* No file system reads there: EINVAL inside. */
	{ "offset-negative", "D-06", .set = { { "phdr[1].p_offset",
	    UINT64_C(1) << 63 } }, SAYS("") },
	{ "too-large", "D-04", .set = { { "phdr[2].p_memsz",
	    UINT64_C(1) << 32 } }, .outcome = MALFORMED_HOST, .dyn = true,
	    .status = KLDSIM_LIMIT, .message = "limit" },
};

/* --- dynamic section and tables --- */

/*
 * Releases that ask the debug table after the hash table; it is of the dynamic
 * symbols until the file is loaded (D-61).
 */
#define R134 1304000

/* Two symbols to a bucket at most, so that the odd one is in no chain. */
static void
name_off_the_chains(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_HASH_BUCKETS, 64);
	kldsim_synth_override(m, "dynsym[m_init].st_name", 0x7fffffff);
}

/* The page of .bss: symbols of zeros up to the end of the mapping. */
static void
symbols_in_bss(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dyn[DT_SYMTAB]", 0x2000);
	kldsim_synth_override(m, "hash.nbucket", 1);
	kldsim_synth_override(m, "bucket[0]", 0);
}

static const struct malformed dynamic_cases[] = {
	{ "nowhere", "Z-37,D-10", .set = { { "phdr[PT_DYNAMIC].p_vaddr",
	    0x10000000 } }, PANICS("dynamic-section") },
	{ "hash-nowhere", "Z-38,D-12", .set = { { "dyn[DT_HASH]",
	    0x7fff0000 } }, PANICS("dynamic-section") },
	{ "symtab-nowhere", "Z-38", .set = { { "dyn[DT_SYMTAB]",
	    0x7fff0000 } }, PANICS("dynamic-symbols") },
	{ "rela-nowhere", "Z-38", .set = { { "dyn[DT_RELA]", 0x7fff0000 } },
	    PANICS("dynamic-section") },
	{ "syment", "D-10", .set = { { "dyn[DT_SYMENT]", 16 } }, SAYS("") },
	{ "relaent", "D-10", .set = { { "dyn[DT_RELAENT]", 16 } }, SAYS("") },
	{ "pltrel", "D-10", .set = { { "dyn[DT_PLTREL]", 5 } }, SAYS("") },
	{ "nbucket-huge", "Z-40", .set = { { "hash.nbucket", 0x7fffffff } },
	    PANICS("dynamic-symbols") },
	{ "chain-loop", "Z-41", .set = { { "hash.nbucket", 1 },
	    { "bucket[0]", 1 }, { "bucket[2]", 1 } },
	    .outcome = MALFORMED_PANICS, .dyn = true,
	    .findings = "panic hash-chain" },
	{ "relasz-negative", "Z-42", .set = { { "dyn[DT_RELASZ]",
	    0xffffffe8 } }, LOADED("relocation-table-size") },
	/* Half an entry is all of one for the local pass (D-40). */
	{ "relasz-odd", "Z-42,D-40", .set = { { "dyn[DT_RELASZ]", 36 } },
	    LOADED("relocation-table-size") },
	{ "symbol-huge", "Z-43,D-41", .set = { { "rela[.rela.dyn][0].r_sym",
	    0xffffff } }, PANICS("dynamic-symbols") },
	{ "symbol-past-end", "D-50,Z-43", .set = {
	    { "rela[.rela.dyn][0].r_sym", 90 } },
	    SAYS("link_elf: symbol  undefined"),
	    .findings = "warning relocation-symbol-index" },
	{ "offset-outside", "Z-10,R-04", .set = {
	    { "rela[.rela.dyn][0].r_offset", 0x100000 } },
	    PANICS("relocation-offset") },
	{ "debug-name-outside", "Z-05,D-60", name_off_the_chains,
	    PANICS("symbol-name"), .osreldate = R134 },
	/* 0x1000 bytes have room for 170 of them. */
	{ "debug-symbols-outside", "Z-40,D-60", symbols_in_bss,
	    .set = { { "hash.nchain", 171 } }, PANICS("dynamic-symbols"),
	    .osreldate = R134 },
	{ "name-outside", "Z-05,Z-49", .set = { { "dynsym[printf].st_name",
	    0x7fffffff } }, PANICS("symbol-name") },
};

/* --- section headers --- */

static const struct malformed section_cases[] = {
	{ "no-headers", "D-21", .set = { { "ehdr.e_shoff", 0 } },
	    .outcome = MALFORMED_LOADED, .dyn = true },
	{ "shentsize", "Z-46,D-21", .set = { { "ehdr.e_shentsize", 1 } },
	    PANICS("section-headers") },
	/* More is read than is used: headers are of one size (D-21). */
	{ "shentsize-large", "D-21", .set = { { "ehdr.e_shentsize", 128 } },
	    .outcome = MALFORMED_LOADED, .dyn = true },
	{ "no-names", "D-21", .set = { { "ehdr.e_shstrndx", 0 } },
	    .outcome = MALFORMED_LOADED, .dyn = true },
	{ "names-no-strtab", "D-21", .set = { { "shdr[.shstrtab].sh_type",
	    1 } }, .outcome = MALFORMED_LOADED, .dyn = true },
	{ "symtab-link-negative", "D-21", .set = {
	    { "shdr[.symtab].sh_link", 0x80000000 } },
	    .outcome = MALFORMED_LOADED, .dyn = true },
	{ "strtab-short", "D-21", .set = { { "shdr[.strtab].sh_offset",
	    0x100000 } }, LOADED("section-headers") },
	/* Not a byte behind its size, though, however few the file has. */
	{ "strtab-name-outside", "D-21,Z-49", .set = {
	    { "shdr[.strtab].sh_offset", 0x100000 },
	    { "sym[1].st_name", 0x10000 } }, .outcome = MALFORMED_PANICS,
	    .dyn = true,
	    .findings = "warning section-headers, panic symbol-name" },
	{ "shstrndx", "Z-47", .set = { { "ehdr.e_shstrndx", 0xfffe } },
	    PANICS("section-headers") },
	{ "symtab-link", "Z-47", .set = { { "shdr[.symtab].sh_link",
	    0x7fff } }, PANICS("section-headers") },
	{ "name-outside", "Z-47", .set = { { "shdr[.text].sh_name",
	    0x7fffffff } }, PANICS("section-name") },
	{ "symtab-negative", "Z-48", .set = { { "shdr[.symtab].sh_size",
	    0x80000000 } }, PANICS("section-headers") },
	{ "symtab-short", "D-21", .set = { { "shdr[.symtab].sh_offset",
	    0x100000 } }, LOADED("section-headers") },
	{ "ctors-outside", "Z-53", .set = { { "shdr[.ctors].sh_size",
	    0x100000 } }, PANICS("blind-call") },
};

/* --- sets --- */

static const struct malformed set_cases[] = {
	{ "outside", "Z-50", .set = { { "dynsym[__start_set_pcpu].st_value",
	    0x7fffff00 }, { "dynsym[__stop_set_pcpu].st_value",
	    0x7fffff80 } }, PANICS("set-bounds") },
	/* Crossed bounds are a negative size: as good as none (D-31). */
	{ "crossed", "Z-50,D-31", .set = {
	    { "dynsym[__start_set_pcpu].st_value", 0x2008 },
	    { "dynsym[__stop_set_pcpu].st_value", 0x2000 } },
	    LOADED("set-bounds") },
	/* 2^32 + 8 bytes are 8 as an int; the range has the file's three
	 * relocated words in it too. */
	{ "truncated", "Z-51,D-31", .set = {
	    { "dynsym[__start_set_pcpu].st_value", 0x1000 },
	    { "dynsym[__stop_set_pcpu].st_value", 0x100001008 } },
	    .outcome = MALFORMED_LOADED, .dyn = true,
	    .findings = "warning set-bounds, warning pointer-not-propagated, "
	    "warning pointer-not-propagated, "
	    "warning pointer-not-propagated" },
	{ "symbol-too-large", "Z-52", .set = {
	    { "dynsym[pcpu_entry_m_pcpu].st_size", 0x1000 } },
	    .outcome = MALFORMED_LOADED, .dyn = true },
};

#define RUN(table) malformed_run("malformed_dyn_" #table, \
	table##_cases, MALFORMED_COUNT(table##_cases))

int
main(void)
{
	int failed = RUN(header);

	failed += RUN(segment);
	failed += RUN(dynamic);
	failed += RUN(section);
	failed += RUN(set);
	return (failed);
}
