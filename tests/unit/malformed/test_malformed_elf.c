/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules whose ELF header, section headers or tables are wrong: K-21, O-01 to
 * O-06, Z-01 to Z-07 and Z-23.
 */

#include "support_malformed.h"

#define LAYOUT "kldload: {path}: Unsupported file layout"
#define VERSION "kldload: {path}: Unsupported file version"
#define MACHINE "kldload: {path}: Unsupported machine"

#define REFUSED_BY_ALL(text) .outcome = MALFORMED_REFUSED, \
	.error = MALFORMED_ENOEXEC, .console = text
/* Any failure of the class of ET_REL files: the other one does not care. */
#define REFUSED(text) REFUSED_BY_ALL(text MALFORMED_NOBODY)
#define PANICS(code) .outcome = MALFORMED_PANICS, .findings = "panic " code
/* Refused with relocation tables that are counted and not made (U-14). */
#define HALF_LOADED(text, why) .outcome = MALFORMED_PANICS, \
	.findings = "warning " why ", panic half-loaded", .console = text
#define LOADED(code) .outcome = MALFORMED_LOADED, .findings = "warning " code

/* --- made by hand --- */

static void
cut_to_nothing(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, 0);
}

static void
cut_in_header(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, 63);
}

static void
cut_after_header(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, 64);
}

static void
cut_last_byte(struct kldsim_synth *m)
{
	struct malformed_bytes bytes = malformed_finish(m);

	kldsim_synth_free_bytes(bytes.data);
	kldsim_synth_truncate_to(m, bytes.size - 1);
}

static void
only_text(struct kldsim_synth *m)
{
	kldsim_synth_poke(m, 0, "#!/bin/sh\n", 10);
	kldsim_synth_truncate_to(m, 10);
}

static void
only_debug(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section(m, ".comment",
	    KLDSIM_SYNTH_PROGBITS, 0, 1), "clang", 6);
}

static void
only_empty(struct kldsim_synth *m)
{
	(void)kldsim_synth_section_named(m, ".text");
	(void)kldsim_synth_section_named(m, ".bss");
}

static void
only_note(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section(m, ".note.x",
	    KLDSIM_SYNTH_NOTE, KLDSIM_SYNTH_ALLOC, 4), NULL, 16);
}

static void
two_symtabs(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section(m, ".symtab2", 2, 0, 8),
	    NULL, 24);
}

static void
symtab_link_past_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.symtab].sh_link", malformed_shnum(m));
}

static void
symtab_link_beyond(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.symtab].sh_link",
	    malformed_shnum(m) + 1);
}

static void
symtab_odd(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.symtab].sh_size",
	    malformed_shdr(m, ".symtab", MALFORMED_SH_SIZE) + 1);
}

static void
names_past_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_shstrndx", malformed_shnum(m));
}

static void
reloc_info_past_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.rela.text].sh_info",
	    malformed_shnum(m));
}

/* A table of REL entries too, for what is said of them alone. */
static void
rel_table(struct kldsim_synth *m)
{
	int data = kldsim_synth_section_named(m, ".data");

	kldsim_synth_option(m, KLDSIM_SYNTH_RELA, 0);
	kldsim_synth_append(m, data, NULL, 8);
	kldsim_synth_reloc(m, data, 8, "R_X86_64_64",
	    kldsim_synth_find_symbol(m, "m_init"), 0);
}

/* Grow a table by some bytes that are no whole entry. */
static void
rela_odd(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.rela.text].sh_size", 24 + 5);
}

/* --- section names --- */

/* .text is called by what the table's last bytes, cut off, say. */
static void
cut_name(struct kldsim_synth *m, const char *last, uint64_t keep)
{
	uint64_t at = malformed_shdr(m, last, MALFORMED_SH_NAME);

	kldsim_synth_override(m, "shdr[.text].sh_name", at);
	kldsim_synth_override(m, "shdr[.shstrtab].sh_size", at + keep);
}

static void
name_at_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.text].sh_name",
	    malformed_shdr(m, ".shstrtab", MALFORMED_SH_SIZE));
}

static void
name_endless(struct kldsim_synth *m)
{
	cut_name(m, ".shstrtab", 5);
}

/* "." could be the beginning of ".ctors": the comparison reads on. */
static void
name_endless_compared(struct kldsim_synth *m)
{
	cut_name(m, ".shstrtab", 1);
}

static void
symtab_named(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_shstrndx", 1);
}

static const struct malformed header_cases[] = {
	{ "empty", "K-21", cut_to_nothing, REFUSED_BY_ALL("") },
	/* 63 of 64 bytes: the other class takes the last one from memory. */
	{ "short-header", "K-21,O-01,D-01", cut_in_header, REFUSED("") },
	{ "script", "K-21,O-01", only_text, REFUSED_BY_ALL("") },
	{ "bad-magic", "K-21,O-01", .set = { { "ehdr.e_ident[1]", 'e' } },
	    REFUSED_BY_ALL("") },
	{ "class-32", "K-21,O-01", .set = { { "ehdr.e_ident[4]", 1 } },
	    REFUSED_BY_ALL(LAYOUT "\n" LAYOUT) },
	{ "class-0", "K-21,O-01", .set = { { "ehdr.e_ident[4]", 0 } },
	    REFUSED_BY_ALL(LAYOUT "\n" LAYOUT) },
	{ "big-endian", "K-21,O-01", .set = { { "ehdr.e_ident[5]", 2 } },
	    REFUSED_BY_ALL(LAYOUT "\n" LAYOUT) },
	{ "data-3", "K-21,O-01", .set = { { "ehdr.e_ident[5]", 3 } },
	    REFUSED_BY_ALL(LAYOUT "\n" LAYOUT) },
	{ "ident-version-0", "K-21,O-01", .set = { { "ehdr.e_ident[6]", 0 } },
	    REFUSED_BY_ALL(VERSION "\n" VERSION) },
	{ "e-version-2", "K-21,O-01", .set = { { "ehdr.e_version", 2 } },
	    REFUSED_BY_ALL(VERSION "\n" VERSION) },
	/* The layout is looked at before the version, both before the type. */
	{ "class-and-version", "O-01", .set = { { "ehdr.e_ident[4]", 1 },
	    { "ehdr.e_version", 2 } },
	    REFUSED_BY_ALL(LAYOUT "\n" LAYOUT) },
	{ "core", "K-21,O-01", .set = { { "ehdr.e_type", 4 } },
	    REFUSED_BY_ALL(MALFORMED_NOBODY) },
	{ "type-0", "K-21,O-01", .set = { { "ehdr.e_type", 0 } },
	    REFUSED_BY_ALL(MALFORMED_NOBODY) },
	{ "type-huge", "K-21,O-01", .set = { { "ehdr.e_type", 0xffff } },
	    REFUSED_BY_ALL(MALFORMED_NOBODY) },
	{ "rel-wrong-machine", "K-21,O-01", .set = { { "ehdr.e_machine",
	    183 } }, REFUSED_BY_ALL(MACHINE "\n" MALFORMED_NOBODY) },
	{ "exec-wrong-machine", "K-21,D-02", .set = { { "ehdr.e_type", 2 },
	    { "ehdr.e_machine", 183 } }, REFUSED_BY_ALL(MACHINE) },
	{ "dyn-wrong-machine", "K-21,D-02", .set = { { "ehdr.e_type", 3 },
	    { "ehdr.e_machine", 3 } }, REFUSED_BY_ALL(MACHINE) },
	{ "no-sections", "O-03", .set = { { "ehdr.e_shnum", 0 } },
	    REFUSED("") },
	{ "no-shoff", "O-03", .set = { { "ehdr.e_shoff", 0 } }, REFUSED("") },
	{ "shentsize-63", "O-03", .set = { { "ehdr.e_shentsize", 63 } },
	    REFUSED("") },
	{ "shentsize-0", "O-03", .set = { { "ehdr.e_shentsize", 0 } },
	    REFUSED("") },
	{ "shoff-outside", "O-03", .set = { { "ehdr.e_shoff", 0x100000 } },
	    REFUSED("") },
	{ "shoff-huge", "O-03", .set = { { "ehdr.e_shoff",
	    0xffffffffffffffc0 } }, REFUSED("") },
	{ "shnum-too-many", "O-03", .set = { { "ehdr.e_shnum", 0xffff } },
	    REFUSED("") },
	{ "only-header", "O-03", cut_after_header, REFUSED("") },
	{ "last-byte-missing", "O-03", cut_last_byte, REFUSED("") },
};

#define CONTENTS "kldload: {path}: file has no contents"
#define ONE "kldload: {path}: file must have exactly one symbol table"
#define STRINGS "kldload: {path}: file has invalid symbol strings"

static const struct malformed census_cases[] = {
	{ "only-debug", "O-04,O-05", only_debug, REFUSED(CONTENTS "\n"),
	    .bare = true },
	{ "only-empty", "O-04,O-05", only_empty, REFUSED(CONTENTS "\n"),
	    .bare = true },
	{ "only-note", "O-04,O-05", only_note, REFUSED(CONTENTS "\n"),
	    .bare = true },
	{ "no-symtab", "O-05,U-14", .set = { { "shdr[.symtab].sh_type", 1 } },
	    HALF_LOADED(ONE, "file-format") },
	{ "symtab-empty", "O-05,U-14", .set = { { "shdr[.symtab].sh_size", 0 } },
	    HALF_LOADED(ONE, "file-format") },
	{ "two-symtabs", "O-05,U-14", two_symtabs,
	    HALF_LOADED(ONE, "file-format") },
	{ "symtab-link-text", "O-05,U-14", .set = { { "shdr[.symtab].sh_link",
	    1 } }, HALF_LOADED(STRINGS, "symtab-link") },
	{ "symtab-link-0", "O-05,U-14", .set = { { "shdr[.symtab].sh_link", 0 } },
	    HALF_LOADED(STRINGS, "symtab-link") },
	{ "symtab-link-negative", "O-05,U-14", .set = { { "shdr[.symtab].sh_link",
	    0xffffffff } }, HALF_LOADED(STRINGS, "symtab-link") },
	{ "symtab-link-beyond", "O-05,U-14,Z-02", symtab_link_beyond,
	    HALF_LOADED(STRINGS, "symtab-link") },
	{ "symtab-link-past-end", "O-05,Z-02", symtab_link_past_end,
	    PANICS("symtab-link") },
	{ "reloc-info-past-end", "Z-01", reloc_info_past_end,
	    PANICS("reloc-section-info") },
	{ "reloc-info-huge", "Z-01", .set = { { "shdr[.rela.text].sh_info",
	    0xffffffff } }, PANICS("reloc-section-info") },
	{ "reloc-info-rel", "Z-01", rel_table, .set = {
	    { "shdr[.rel.data].sh_info", 0x1000 } },
	    PANICS("reloc-section-info") },
	/* An empty table is skipped before anybody looks at it. */
	{ "reloc-info-empty", "O-04,Z-01", rel_table, .set = {
	    { "shdr[.rel.data].sh_info", 0x1000 },
	    { "shdr[.rel.data].sh_size", 0 } }, .outcome = MALFORMED_LOADED },
	/* The contents are asked for before the symbol table, that before its
	 * strings, and all of them before a section is read. */
	{ "no-contents-no-symtab", "O-05", only_debug, REFUSED(CONTENTS "\n"),
	    .set = { { "shdr[.symtab].sh_type", 1 } }, .bare = true },
	{ "no-symtab-no-text", "O-05,U-14", .set = { { "shdr[.symtab].sh_type", 1 },
	    { "shdr[.text].sh_offset", 0x100000 } },
	    HALF_LOADED(ONE, "file-format") },
};

static const struct malformed table_cases[] = {
	/* Short reads are EINVAL inside; kldload(2) says ENOEXEC (K-21). */
	{ "symtab-outside", "O-03,O-06", .set = { { "shdr[.symtab].sh_offset",
	    0x100000 } }, REFUSED("") },
	{ "symtab-offset-huge", "O-06", .set = { { "shdr[.symtab].sh_offset",
	    0xfffffffffffffff0 } }, REFUSED("") },
	{ "symtab-too-long", "O-06", .set = { { "shdr[.symtab].sh_size",
	    0x7ffffff0 } }, REFUSED("") },
	{ "strtab-outside", "O-06", .set = { { "shdr[.strtab].sh_offset",
	    0x100000 } }, REFUSED("") },
	{ "shstrtab-outside", "O-06", .set = { { "shdr[.shstrtab].sh_offset",
	    0x100000 } }, REFUSED("") },
	{ "text-outside", "O-15", .set = { { "shdr[.text].sh_offset",
	    0x100000 } }, REFUSED("") },
	{ "text-too-long", "O-15", .set = { { "shdr[.text].sh_size",
	    0x10000 } }, REFUSED("") },
	{ "data-offset-huge", "O-15", .set = { { "shdr[.data].sh_offset",
	    0xffffffffffffffff } }, REFUSED("") },
	{ "rela-outside", "O-41", .set = { { "shdr[.rela.text].sh_offset",
	    0x100000 } }, REFUSED("") },
	{ "rel-outside", "O-41", rel_table, .set = {
	    { "shdr[.rel.data].sh_offset", 0x100000 } }, REFUSED("") },
	/* What does not fit an int is no clean refusal. */
	{ "symtab-huge", "Z-06", .set = { { "shdr[.symtab].sh_size",
	    0x80000000 } }, PANICS("table-size") },
	{ "symtab-all", "Z-06", .set = { { "shdr[.symtab].sh_size",
	    0xffffffffffffffff } }, PANICS("table-size") },
	{ "strtab-huge", "Z-06", .set = { { "shdr[.strtab].sh_size",
	    0x100000008 } }, PANICS("table-size") },
	{ "shstrtab-huge", "Z-06", .set = { { "shdr[.shstrtab].sh_size",
	    0x8000000000000000 } }, PANICS("table-size") },
	{ "rela-huge", "Z-23", .set = { { "shdr[.rela.text].sh_size",
	    0xc00000000 } }, PANICS("relocation-table-size") },
	{ "rel-huge", "Z-23", rel_table, .set = { { "shdr[.rel.data].sh_size",
	    0x800000000 } }, PANICS("relocation-table-size") },
	/* No multiples of an entry: the rest does not count. */
	{ "symtab-odd", "Z-07", symtab_odd, LOADED("symtab-odd-size") },
	{ "rela-odd", "Z-23,O-41", rela_odd, LOADED("relocation-table-size") },
	/* Where the names of sections come from. */
	{ "names-past-end", "Z-03", names_past_end,
	    PANICS("section-names-index") },
	{ "names-xindex", "Z-03", .set = { { "ehdr.e_shstrndx", 0xffff } },
	    PANICS("section-names-index") },
	/* No names at all is no set_pcpu either: worth a word. */
	{ "names-0", "O-06,O-16", .set = { { "ehdr.e_shstrndx", 0 } },
	    LOADED("section-names-index") },
	{ "names-text", "O-06,O-16", symtab_named,
	    LOADED("section-names-index") },
	{ "name-huge", "Z-04", .set = { { "shdr[.text].sh_name",
	    0x7fffffff } }, PANICS("section-name") },
	{ "name-at-end", "Z-04", name_at_end, PANICS("section-name") },
	{ "name-endless", "Z-04", name_endless, LOADED("section-name") },
	{ "name-endless-compared", "Z-04", name_endless_compared,
	    PANICS("section-name") },
	/* The name of a section that is not loaded is never read. */
	{ "name-of-symtab", "Z-04", .set = { { "shdr[.symtab].sh_name",
	    0x7fffffff } }, .outcome = MALFORMED_LOADED },
};

int
main(void)
{
	int failed = malformed_run("malformed_header",
	    header_cases, MALFORMED_COUNT(header_cases));

	failed += malformed_run("malformed_census", census_cases,
	    MALFORMED_COUNT(census_cases));
	failed += malformed_run("malformed_table", table_cases,
	    MALFORMED_COUNT(table_cases));
	return (failed);
}
