/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files that are no kernel, or whose tables lead nowhere.  The real kernel is
 * running by then; for us each is a host failure that says what and where.
 */

#include "support_malformed.h"

#include <stdio.h>

#define BAD(text) .outcome = MALFORMED_HOST, .status = KLDSIM_MALFORMED, \
	.message = text
#define NOT_ELF .outcome = MALFORMED_HOST, .status = KLDSIM_NOT_ELF, \
	.message = "not an ELF file"
#define PACKED(text) .outcome = MALFORMED_HOST, .status = KLDSIM_NOT_ELF, \
	.message = text
#define UNSUPPORTED .outcome = MALFORMED_HOST, \
	.status = KLDSIM_UNSUPPORTED, .message = "machine"
#define LIMIT(text) .outcome = MALFORMED_HOST, .status = KLDSIM_LIMIT, \
	.message = text
#define BOOTS(list) .outcome = MALFORMED_LOADED, .findings = list

#define FAR UINT64_C(0x7fffffff00000000)

static void
cut_to_nothing(struct kldsim_synth *k)
{
	kldsim_synth_truncate_to(k, 0);
}

static void
cut_in_ident(struct kldsim_synth *k)
{
	kldsim_synth_truncate_to(k, 15);
}

static void
cut_in_header(struct kldsim_synth *k)
{
	kldsim_synth_truncate_to(k, 63);
}

static void
cut_in_phdrs(struct kldsim_synth *k)
{
	kldsim_synth_truncate_to(k, 100);
}

static void
cut_in_segment(struct kldsim_synth *k)
{
	kldsim_synth_truncate_to(k, 0x1400);
}

/* The segments are there, the section headers are not. */
static void
cut_last_byte(struct kldsim_synth *k)
{
	struct malformed_bytes bytes = malformed_finish(k);

	kldsim_synth_free_bytes(bytes.data);
	kldsim_synth_truncate_to(k, bytes.size - 1);
}

static void
only_text(struct kldsim_synth *k)
{
	kldsim_synth_poke(k, 0, "\037\213\010\0kernel.gz", 13);
}

static const struct malformed header_cases[] = {
	{ "k-empty", "L-17", cut_to_nothing, PACKED("it is empty") },
	{ "k-short-ident", "L-17", cut_in_ident, NOT_ELF },
	{ "k-short-header", "L-17", cut_in_header, NOT_ELF },
	{ "k-gzip", "L-17", only_text, PACKED("gzip") },
	{ "k-class-3", "L-17", .set = { { "ehdr.e_ident[4]", 3 } }, NOT_ELF },
	{ "k-data-0", "L-17", .set = { { "ehdr.e_ident[5]", 0 } }, NOT_ELF },
	{ "k-rel", "L-17", .set = { { "ehdr.e_type", 1 } },
	    BAD("it is a kernel module") },
	{ "k-core", "L-17", .set = { { "ehdr.e_type", 4 } },
	    BAD("it is a core dump") },
	{ "k-type-0", "L-17", .set = { { "ehdr.e_type", 0 } }, BAD("e_type") },
	{ "k-machine", "L-17", .set = { { "ehdr.e_machine", 8 } },
	    UNSUPPORTED },
	{ "k-class-32", "L-17", .set = { { "ehdr.e_ident[4]", 1 } },
	    UNSUPPORTED },
	{ "k-big-endian", "L-17", .set = { { "ehdr.e_ident[5]", 2 },
	    { "ehdr.e_type", 0x200 }, { "ehdr.e_machine", 0x3e00 } },
	    UNSUPPORTED },
	{ "k-no-phdrs", "L-17", .set = { { "ehdr.e_phnum", 0 } },
	    BAD("program headers") },
	{ "k-phentsize", "L-17", .set = { { "ehdr.e_phentsize", 55 } },
	    BAD("program headers") },
	{ "k-phoff-outside", "L-17", .set = { { "ehdr.e_phoff", 0x1000000 } },
	    BAD("program headers outside the file (at 0x1000000)") },
	{ "k-phoff-huge", "L-17", .set = { { "ehdr.e_phoff",
	    0xffffffffffffffc8 } }, BAD("program headers outside the file") },
	{ "k-phnum-many", "L-17", .set = { { "ehdr.e_phnum", 0xffff } },
	    BAD("program headers outside the file") },
	{ "k-cut-in-phdrs", "L-17", cut_in_phdrs,
	    BAD("program headers outside the file") },
	{ "k-shentsize", "L-19", .set = { { "ehdr.e_shentsize", 40 } },
	    BAD("section headers of a wrong size") },
	{ "k-shoff-outside", "L-19", .set = { { "ehdr.e_shoff", 0x1000000 } },
	    BAD("section headers outside the file (at 0x1000000)") },
	{ "k-shnum-many", "L-19", .set = { { "ehdr.e_shnum", 0xffff } },
	    BAD("section headers outside the file") },
	{ "k-cut-last-byte", "L-19", cut_last_byte,
	    BAD("section headers outside the file") },
};

/* --- segments --- */

/* The first PT_LOAD. */
#define LOAD "phdr[PT_LOAD]."

static void
no_load(struct kldsim_synth *k)
{
	struct malformed_bytes bytes = malformed_finish(k);
	const unsigned char *header = bytes.data;
	char name[32];

	for (unsigned i = 0; i < header[56]; i++) {
		(void)snprintf(name, sizeof(name), "phdr[%u].p_type", i);
		kldsim_synth_override(k, name, 4);
	}
	kldsim_synth_free_bytes(bytes.data);
}

static void
overlapping(struct kldsim_synth *k)
{
	(void)kldsim_synth_section_named(k, ".bss");
	kldsim_synth_segment(k, 1, 4, kldsim_synth_section_named(k, ".text"),
	    kldsim_synth_section_named(k, ".text"));
}

/* It takes no address: neither an overlap nor a wrap. */
static void
empty_segment(struct kldsim_synth *k)
{
	kldsim_synth_segment(k, 1, 4, 0, 0);
}

static const struct malformed segment_cases[] = {
	{ "k-empty-segment", "L-17", empty_segment, BOOTS("") },
	{ "k-cut-in-segment", "L-17", cut_in_segment,
	    BAD("PT_LOAD outside the file") },
	{ "k-no-load", "L-17", no_load, BAD("no PT_LOAD") },
	{ "k-overlap", "L-17", overlapping, BAD("overlaps another") },
	{ "k-filesz-over-memsz", "L-17,Z-33", .set = { { LOAD "p_memsz",
	    0x10 } }, BAD("p_filesz over p_memsz") },
	{ "k-segment-outside", "L-17", .set = { { LOAD "p_offset",
	    0x1000000 } }, BAD("PT_LOAD outside the file (at 0x1000000)") },
	{ "k-segment-offset-huge", "L-17", .set = { { LOAD "p_offset",
	    0xffffffffffffff00 } }, BAD("PT_LOAD outside the file") },
	{ "k-segment-wraps", "L-17", .set = { { LOAD "p_vaddr",
	    0xffffffffffffff00 } }, BAD("wraps or overlaps") },
	{ "k-memsz-huge", "L-17", .set = { { LOAD "p_memsz",
	    0x7fffffffffffffff }, { LOAD "p_vaddr", 0 } },
	    LIMIT("over the limit") },
	{ "k-memsz-4g", "L-17", .set = { { LOAD "p_memsz", 0x100000000 },
	    { LOAD "p_vaddr", 0x100000000 } }, LIMIT("over the limit") },
	{ "k-map-limit", "L-17", LIMIT("over the limit"),
	    .limits = { .map_bytes = 0x1000 } },
	{ "k-symbol-limit", "L-19", LIMIT("over the limit"),
	    .limits = { .symbols = 5 } },
};

/* --- the dynamic section and what it leads to --- */

/* The end of the table becomes a tag that means nothing. */
static void
no_dt_null(struct kldsim_synth *k)
{
	struct malformed_bytes bytes = malformed_finish(k);

	kldsim_synth_free_bytes(bytes.data);
	kldsim_synth_override(k, "dyn[DT_NULL].d_tag", 0x6ffffef0);
	kldsim_synth_override(k, "phdr[PT_DYNAMIC].p_filesz", 0x20);
}

/* Kernels keep a table for their ifuncs only. */
static void
with_reloc(struct kldsim_synth *k)
{
	int data = kldsim_synth_section_named(k, ".data");

	kldsim_synth_append(k, data, NULL, 8);
	kldsim_synth_reloc(k, data, 0, "R_X86_64_RELATIVE",
	    kldsim_synth_find_symbol(k, "printf"), 0);
}

static void
with_rel(struct kldsim_synth *k)
{
	kldsim_synth_option(k, KLDSIM_SYNTH_RELA, 0);
	with_reloc(k);
}

static void
with_plt(struct kldsim_synth *k)
{
	int got = kldsim_synth_section_named(k, ".got");

	kldsim_synth_append(k, got, NULL, 8);
	kldsim_synth_reloc(k, got, 0, "R_X86_64_JUMP_SLOT",
	    kldsim_synth_find_symbol(k, "printf"), 0);
}

static const struct malformed dynamic_cases[] = {
	{ "k-no-dynamic", "L-19", .set = { { "phdr[PT_DYNAMIC].p_type",
	    4 } }, BAD("no PT_DYNAMIC") },
	{ "k-dynamic-outside", "L-19", .set = {
	    { "phdr[PT_DYNAMIC].p_offset", 0x1000000 } },
	    BAD("PT_DYNAMIC outside the file (at 0x1000000)") },
	{ "k-dynamic-huge", "L-19", .set = { { "phdr[PT_DYNAMIC].p_filesz",
	    0xffffffffffffffff } }, BAD("PT_DYNAMIC outside the file") },
	{ "k-dynamic-empty", "L-19", .set = { { "phdr[PT_DYNAMIC].p_filesz",
	    0 } }, BAD("without DT_NULL") },
	{ "k-no-dt-null", "L-19", no_dt_null, BAD("without DT_NULL") },
	{ "k-dynamic-at-once-over", "L-19", .set = { { "dyn[0].d_tag", 0 } },
	    BAD("no DT_HASH") },
	{ "k-no-hash", "L-19", .set = { { "dyn[DT_HASH].d_tag",
	    0x6ffffef0 } }, BAD("no DT_HASH") },
	{ "k-hash-outside", "L-19", .set = { { "dyn[DT_HASH]", FAR } },
	    BAD("DT_HASH outside the segments (at 0x7fffffff00000000)") },
	{ "k-hash-no-buckets", "L-19", .set = { { "hash.nbucket", 0 } },
	    BAD("DT_HASH is empty") },
	{ "k-hash-buckets-huge", "L-19", .set = { { "hash.nbucket",
	    0xffffffff } }, BAD("DT_HASH is empty or does not fit") },
	{ "k-hash-chains-huge", "L-19", .set = { { "hash.nchain",
	    0xffffffff } }, BAD("DT_HASH is empty or does not fit") },
	{ "k-symtab-outside", "L-19", .set = { { "dyn[DT_SYMTAB]", FAR } },
	    BAD("DT_SYMTAB does not fit its segment (at 0x7fffffff0000") },
	{ "k-no-symtab", "L-19", .set = { { "dyn[DT_SYMTAB].d_tag",
	    0x6ffffef0 } }, BAD("DT_SYMTAB") },
	{ "k-strtab-outside", "L-19", .set = { { "dyn[DT_STRTAB]", FAR } },
	    BAD("DT_STRTAB does not fit its segment (at 0x7fffffff0000") },
	{ "k-no-strtab", "L-19", .set = { { "dyn[DT_STRTAB].d_tag",
	    0x6ffffef0 } }, BAD("DT_STRTAB") },
	{ "k-strsz-huge", "L-19", .set = { { "dyn[DT_STRSZ]",
	    0xffffffffffffffff } }, BAD("DT_STRTAB does not fit") },
	{ "k-rela-outside", "L-19", with_reloc, .set = { { "dyn[DT_RELA]", FAR } },
	    BAD("DT_RELA does not fit its segment (at 0x7fffffff0000") },
	{ "k-rela-huge", "L-19", with_reloc, .set = { { "dyn[DT_RELASZ]",
	    0xfffffffffffffff0 } }, BAD("DT_RELA does not fit") },
	{ "k-rel-outside", "L-19", with_rel, .set = { { "dyn[DT_REL]", FAR } },
	    BAD("DT_REL does not fit its segment (at 0x7fffffff0000") },
	{ "k-rel-huge", "L-19", with_rel, .set = { { "dyn[DT_RELSZ]",
	    0xfffffffffffffff0 } }, BAD("DT_REL does not fit") },
	{ "k-plt-outside", "L-19", with_plt, .set = { { "dyn[DT_JMPREL]",
	    FAR } },
	    BAD("DT_JMPREL does not fit its segment (at 0x7fffffff0000") },
	{ "k-plt-huge", "L-19", with_plt, .set = { { "dyn[DT_PLTRELSZ]",
	    0xfffffffffffffff0 } }, BAD("DT_JMPREL does not fit") },
};

/* --- the full symbol table, sets, metadata --- */

static void
symtab_link(struct kldsim_synth *k)
{
	kldsim_synth_override(k, "shdr[.symtab].sh_link", malformed_shnum(k));
}

static void
stripped(struct kldsim_synth *k)
{
	kldsim_synth_option(k, KLDSIM_SYNTH_SYMTAB, 0);
}

static void
no_headers(struct kldsim_synth *k)
{
	kldsim_synth_option(k, KLDSIM_SYNTH_HEADERS, 0);
}

/* Symbols that synth makes itself have to be there to be overridden. */
static void
with_osreldate(struct kldsim_synth *k)
{
	kldsim_synth_object(k, "osreldate", "\0\0\0", 4, 4);
}

static void
metadata_nowhere(struct kldsim_synth *k)
{
	kldsim_synth_set_entry(k, "modmetadata_set", kldsim_synth_symbol(k,
	    "odd", KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS,
	    FAR, 0));
}

static void
modspace_moved(struct kldsim_synth *k)
{
	kldsim_synth_dpcpu_modspace(k, 2048);
}

static void
vnet_modspace_moved(struct kldsim_synth *k)
{
	kldsim_synth_vnet_modspace(k, 32768);
}

#define PCPU_MOD "sym[pcpu_entry_modspace]."
#define VNET_MOD "sym[vnet_entry_modspace]."

static const struct malformed symbol_cases[] = {
	{ "k-symtab-link", "L-19", symtab_link,
	    BAD("symbol table without strings") },
	{ "k-full-symtab-outside", "L-19", .set = {
	    { "shdr[.symtab].sh_offset", 0x1000000 } },
	    BAD("symbol table outside the file (at 0x1000000)") },
	{ "k-full-strtab-outside", "L-19", .set = {
	    { "shdr[.strtab].sh_offset", 0x1000000 } },
	    BAD("symbol table outside the file") },
	{ "k-full-symtab-huge", "L-19", .set = { { "shdr[.symtab].sh_size",
	    0x10000000000 } }, BAD("symbol table outside the file") },
	/* Its end, just before its start, is that of the last segment. */
	{ "k-full-symtab-wraps", "L-19,P-12", .set = {
	    { "shdr[.symtab].sh_size", 0xffffffffffffffff } }, BOOTS(
	    "note kernel-symbols-missing, warning modspace-unknown, "
	    "warning modspace-unknown") },
	{ "k-symbol-name", "Z-05,D-60", .set = { { "sym[1].st_name",
	    0x7fffffff } }, BAD("string table") },
	{ "k-stripped", "L-19,A-02", stripped, BOOTS(
	    "note kernel-symbols-missing, warning modspace-unknown, "
	    "warning modspace-unknown") },
	{ "k-no-headers", "L-19,A-02", no_headers, BOOTS(
	    "note kernel-symbols-missing, warning modspace-unknown, "
	    "warning modspace-unknown") },
	{ "k-osreldate-nowhere", "M-10", with_osreldate, .set = {
	    { "sym[osreldate].st_value", FAR },
	    { "dynsym[osreldate].st_value", FAR } },
	    BOOTS("warning osreldate-unknown") },
	{ "k-osreldate-0", "M-10", with_osreldate,
	    BOOTS("warning osreldate-unknown") },
	{ "k-pcpu-outside", "A-01", .set = {
	    { "sym[__start_set_pcpu].st_value", 0x1000 },
	    { "dynsym[__start_set_pcpu].st_value", 0x1000 } },
	    BAD("set_pcpu is [0x1000, ") },
	{ "k-pcpu-crossed", "A-01", .set = {
	    { "sym[__stop_set_pcpu].st_value", 0x1000 },
	    { "dynsym[__stop_set_pcpu].st_value", 0x1000 } },
	    BAD("set_pcpu is [0x") },
	{ "k-vnet-outside", "A-01", .set = {
	    { "sym[__stop_set_vnet].st_value", 0xfffffffffffffff0 },
	    { "dynsym[__stop_set_vnet].st_value", 0xfffffffffffffff0 } },
	    BAD("set_vnet is [0x") },
	{ "k-modspace-outside", "A-02", modspace_moved, .set = {
	    { PCPU_MOD "st_value", 0x1000 } },
	    BAD("module space 0x1000:0x800 is not within set_pcpu") },
	{ "k-modspace-large", "A-02", modspace_moved, .set = {
	    { PCPU_MOD "st_size", 0x100000 } },
	    BAD("is not within set_pcpu") },
	{ "k-modspace-huge", "A-02", modspace_moved, .set = {
	    { PCPU_MOD "st_size", 0xffffffffffffffff } },
	    BAD("is not within set_pcpu") },
	{ "k-vnet-modspace-outside", "A-02", vnet_modspace_moved, .set = {
	    { VNET_MOD "st_value", 0x1000 } },
	    BAD("module space 0x1000:0x8000 is not within set_vnet") },
	{ "k-metadata-nowhere", "Z-70", metadata_nowhere,
	    BAD("modmetadata_set") },
	{ "k-metadata-bounds", "Z-70,D-64", .set = {
	    { "sym[__start_set_modmetadata_set].st_value", 0x1000 },
	    { "dynsym[__start_set_modmetadata_set].st_value", 0x1000 } },
	    LIMIT("over the limit set_entries=16384") },
};

#define RUN(cases) malformed_run_kernels("malformed_kernel_" #cases, \
	cases, MALFORMED_COUNT(cases))

int
main(void)
{
	return (RUN(header_cases) + RUN(segment_cases) + RUN(dynamic_cases) +
	    RUN(symbol_cases));
}
