/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules whose sections cannot be where they want to be: sizes, alignments,
 * sets and limits (O-10 to O-25, A-10 to A-13, Z-08, Z-09, Z-16 to Z-18).
 *
 * The good module is 16 bytes of .text and, at offset 16, 8 of .data; what is
 * added comes after those.  It is loaded at MALFORMED_KERNEL_END.
 */

#include "support_malformed.h"

#define REFUSED(text) .outcome = MALFORMED_REFUSED, \
	.error = MALFORMED_ENOEXEC, .console = text MALFORMED_NOBODY
#define PANICS(code) .outcome = MALFORMED_PANICS, .findings = "panic " code
#define LOADED(code) .outcome = MALFORMED_LOADED, .findings = "warning " code
#define LIMIT(text) .outcome = MALFORMED_HOST, .status = KLDSIM_LIMIT, \
	.message = text

#define WRITE_ALLOC (KLDSIM_SYNTH_WRITE | KLDSIM_SYNTH_ALLOC)

/* --- sections that are added --- */

static int
nobits(struct kldsim_synth *m, const char *name)
{
	int section = kldsim_synth_section(m, name, KLDSIM_SYNTH_NOBITS,
	    WRITE_ALLOC, 8);

	kldsim_synth_append(m, section, NULL, 8);
	return (section);
}

static int
progbits(struct kldsim_synth *m, const char *name, uint64_t size)
{
	int section = kldsim_synth_section(m, name, KLDSIM_SYNTH_PROGBITS,
	    WRITE_ALLOC, 8);

	kldsim_synth_append(m, section, NULL, size);
	return (section);
}

static void
bss(struct kldsim_synth *m)
{
	(void)nobits(m, ".bss");
}

static void
two_bss(struct kldsim_synth *m)
{
	(void)nobits(m, ".bss");
	(void)nobits(m, ".bss2");
}

static void
data2(struct kldsim_synth *m)
{
	(void)progbits(m, ".data2", 8);
}

static void
data2_bss(struct kldsim_synth *m)
{
	(void)progbits(m, ".data2", 8);
	(void)nobits(m, ".bss");
}

static void
pcpu(struct kldsim_synth *m)
{
	kldsim_synth_dpcpu(m, "mine", "\1\0\0\0\0\0\0\0", 8, 8);
}

static void
pcpu_data2(struct kldsim_synth *m)
{
	pcpu(m);
	data2(m);
}

static void
vnet_data2(struct kldsim_synth *m)
{
	kldsim_synth_vnet(m, "mine", "\1\0\0\0\0\0\0\0", 8, 8);
	data2(m);
}

static void
pcpu_nobits(struct kldsim_synth *m)
{
	(void)nobits(m, "set_pcpu");
}

static void
pcpu_nobits_bss(struct kldsim_synth *m)
{
	(void)nobits(m, "set_pcpu");
	(void)nobits(m, ".bss");
}

static void
vnet_nobits(struct kldsim_synth *m)
{
	(void)nobits(m, "set_vnet");
}

static void
vnet_nobits_bss(struct kldsim_synth *m)
{
	(void)nobits(m, "set_vnet");
	(void)nobits(m, ".bss");
}

static void
pcpu_large(struct kldsim_synth *m)
{
	(void)progbits(m, "set_pcpu", 2049);
}

static void
vnet_large(struct kldsim_synth *m)
{
	(void)progbits(m, "set_vnet", 40000);
}

static void
pcpu_aligned(struct kldsim_synth *m)
{
	int section = kldsim_synth_section(m, "set_pcpu",
	    KLDSIM_SYNTH_PROGBITS, WRITE_ALLOC, 4096);

	kldsim_synth_append(m, section, NULL, 8);
}

static void
two_pcpu(struct kldsim_synth *m)
{
	(void)progbits(m, "set_pcpu", 8);
	(void)progbits(m, "set_pcpu", 16);
}

static void
two_vnet(struct kldsim_synth *m)
{
	(void)progbits(m, "set_vnet", 8);
	(void)progbits(m, "set_vnet", 16);
}

static void
three_pcpu(struct kldsim_synth *m)
{
	two_pcpu(m);
	(void)progbits(m, "set_pcpu", 8);
}

/* The second set is refused its space; the first one is given back. */
static void
two_pcpu_large(struct kldsim_synth *m)
{
	(void)progbits(m, "set_pcpu", 8);
	(void)progbits(m, "set_pcpu", 2041);
}

/*
 * Two sets that are all of modspace, and then an undefined symbol: what is
 * freed second follows the last free extent.
 */
static void
two_pcpu_all(struct kldsim_synth *m)
{
	(void)progbits(m, "set_pcpu", 8);
	(void)progbits(m, "set_pcpu", 2040);
	kldsim_synth_pointer(m, kldsim_synth_section_named(m, ".data"), 0,
	    kldsim_synth_ref(m, "nowhere"), 0);
}

static void
many_symbols(struct kldsim_synth *m)
{
	for (uint64_t i = 0; i < 100; i++)
		kldsim_synth_symbol(m, "x", KLDSIM_SYNTH_LOCAL,
		    KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_ABS, i, 0);
}

/* --- alignments that the two passes count differently --- */

#define ODD_BASE (MALFORMED_KERNEL_END + 0x1000)

/* .data does not begin in the first 0x2000 bytes. */
static void
text_long(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section_named(m, ".text"), NULL,
	    0x1fe8);
}

static const struct malformed size_cases[] = {
	/* 24 + 2^64 - 256 + 4096: one page, and zeros everywhere. */
	{ "wrap-nobits", "Z-08", two_bss, .set = {
	    { "shdr[.bss].sh_size", 0xffffffffffffff00 },
	    { "shdr[.bss2].sh_size", 0x1000 } }, PANICS("mapping-size") },
	/* The int that read(9) gets is -256: a short read. */
	{ "wrap-progbits", "Z-08,Z-06", data2_bss, .set = {
	    { "shdr[.data2].sh_size", 0xffffffffffffff00 },
	    { "shdr[.bss].sh_size", 0x1000 } }, REFUSED("") },
	/* The sum is 0: mapping nothing is refused by vm_map_insert(9). */
	{ "wrap-zero", "Z-08,O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0xffffffffffffffe8 } }, REFUSED("") },
	/* So is what becomes nothing by rounding to pages. */
	{ "wrap-round-page", "Z-08,O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0xfffffffffffff800 } }, REFUSED("") },
	/* There are less than 2 GiB above the kernel (O-12). */
	{ "no-room", "O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0x80000000 } }, REFUSED("") },
	{ "no-room-13", "O-12,V-30", bss, .set = {
	    { "shdr[.bss].sh_size", 0x80000000 } }, REFUSED(""),
	    .osreldate = 1300139 },
	{ "no-room-huge", "O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0x7fffffffffffffff } }, REFUSED("") },
	{ "map-limit", "O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0x40000000 } },
	    LIMIT("mapping: 1073745920, over the limit map_bytes=1073741824") },
	{ "map-limit-given", "O-12", bss, .set = {
	    { "shdr[.bss].sh_size", 0x10000 } },
	    LIMIT("mapping: 69632, over the limit map_bytes=65536"),
	    .limits = {
	    .map_bytes = 0x10000 } },
	/* The kernel has 18. */
	{ "section-limit", "O-03", bss, .set = { { "ehdr.e_shnum", 19 } },
	    LIMIT("sections: 19, over the limit sections=18"), .limits = {
	    .sections = 18 } },
	{ "symbol-limit", "O-06", many_symbols,
	    LIMIT("over the limit symbols=60"), .limits = {
	    .symbols = 60 } },
	{ "reloc-limit", "O-41", bss, LIMIT("over the limit relocs=1"),
	    .limits = { .relocs = 1 } },
};

#define MISMATCH(end, base, size, sum) "{path}: mapbase " end \
	" != address " base " + mapsize " size " (" sum ")\n"

static const struct malformed alignment_cases[] = {
	/* Alignment 0 is no 1: the cursor goes to address 0 (O-11). */
	{ "align-0", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0 } }, REFUSED("") },
	{ "align-0-first", "Z-09,O-11", .set = { { "shdr[.text].sh_addralign",
	    0 } }, REFUSED("") },
	{ "align-low-0", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0x100000000 } }, REFUSED("") },
	/* 0x100000001 is 1: odd, but it does no harm. */
	{ "align-low-1", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0x100000001 } }, LOADED("section-alignment") },
	/* A set gets its space all the same, then the cursor is 8. */
	{ "align-0-pcpu-last", "Z-09,O-11,O-14", pcpu, .set = {
	    { "shdr[set_pcpu].sh_addralign", 0 } },
	    REFUSED(MISMATCH("0x8", "0xffffffff82000000", "0x8",
	    "0xffffffff82000008")) },
	{ "align-0-pcpu", "Z-09,O-11", pcpu_data2, .set = {
	    { "shdr[set_pcpu].sh_addralign", 0 } }, PANICS("mapping-size") },
	{ "align-0-vnet", "Z-09,O-11", vnet_data2, .set = {
	    { "shdr[set_vnet].sh_addralign", 0 } }, PANICS("mapping-size") },
	{ "align-24", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    24 } }, LOADED("section-alignment") },
	/* 2 GiB do not fit. */
	{ "align-80000000", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0x80000000 } }, REFUSED("") },
	/* The sum is right, the address loses its upper half. */
	{ "align-80000001", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0x80000001 } }, PANICS("mapping-size") },
	{ "align-c0000000", "Z-09,O-11", .set = { { "shdr[.data].sh_addralign",
	    0xc0000000 } }, LIMIT("mapping: 1073745920, over the limit map_bytes=1073741824") },
	/* More than a page: fine if the mapping happens to begin there. */
	{ "align-2000", "Z-09,O-14", .set = { { "shdr[.data].sh_addralign",
	    0x2000 } }, LOADED("section-alignment") },
	{ "align-2000-short", "Z-09,O-14", .set = {
	    { "shdr[.data].sh_addralign", 0x2000 } },
	    REFUSED(MISMATCH("0xffffffff82002008", "0xffffffff82001000",
	    "0x2008", "0xffffffff82003008")), .kernel_end = ODD_BASE },
	{ "align-2000-beyond", "Z-09,O-14", text_long, .set = {
	    { "shdr[.data].sh_addralign", 0x2000 } }, PANICS("mapping-size"),
	    .kernel_end = ODD_BASE },
};

#define PCPU_FULL(size) "link_elf_load_file: pcpu module space is out of " \
	"space; cannot allocate " size " for {path}\n"
#define VNET_FULL(size) "link_elf_load_file: vnet module space is out of " \
	"space; cannot allocate " size " for {path}\n"

static const struct malformed set_cases[] = {
	{ "pcpu-large", "O-21", pcpu_large, REFUSED(PCPU_FULL("0x801")) },
	{ "vnet-large", "O-21", vnet_large, REFUSED(VNET_FULL("0x9c40")) },
	{ "two-pcpu-large", "O-21,O-81", two_pcpu_large,
	    REFUSED(PCPU_FULL("0x7f9")) },
	{ "pcpu-aligned", "O-25,A-10", pcpu_aligned,
	    .outcome = MALFORMED_LOADED,
	    .findings = "note set-alignment" },
	{ "two-pcpu", "Z-16,O-20", two_pcpu, LOADED("set-repeated") },
	{ "two-vnet", "Z-16,O-20", two_vnet, LOADED("set-repeated") },
	{ "three-pcpu", "Z-16,O-20", three_pcpu, LOADED("set-repeated") },
	{ "two-pcpu-all", "Z-80,A-12,Z-16", two_pcpu_all,
	    .outcome = MALFORMED_PANICS, .console =
	    "link_elf_obj: symbol nowhere undefined", .findings =
	    "warning undefined-symbol, warning set-repeated, "
	    "panic modspace-free" },
	/* All of it and no more is fine. */
	{ "pcpu-all", "A-10", pcpu_large, .set = {
	    { "shdr[set_pcpu].sh_size", 2048 } },
	    .outcome = MALFORMED_LOADED },
	/* INT_MIN satisfies every test of the allocator. */
	{ "pcpu-negative", "Z-17,A-13", pcpu_nobits_bss, .set = {
	    { "shdr[set_pcpu].sh_size", 0xffffffff80000000 },
	    { "shdr[.bss].sh_size", 0x80000000 } }, PANICS("set-size") },
	/* -7 becomes 0. */
	{ "pcpu-minus-7", "Z-17,A-13", pcpu_nobits_bss, .set = {
	    { "shdr[set_pcpu].sh_size", 0xfffffffffffffff9 } },
	    PANICS("set-size") },
	/* 8 are allocated, 4 GiB and 8 written. */
	{ "pcpu-truncated", "Z-17", pcpu_nobits_bss, .set = {
	    { "shdr[set_pcpu].sh_size", 0x100000008 },
	    { "shdr[.bss].sh_size", 0xffffffff00000000 } },
	    PANICS("set-size") },
	{ "vnet-negative", "Z-17,A-13", vnet_nobits_bss, .set = {
	    { "shdr[set_vnet].sh_size", 0xffffffff80000000 },
	    { "shdr[.bss].sh_size", 0x80000000 } }, PANICS("set-size") },
	{ "pcpu-nobits", "Z-18,O-23", pcpu_nobits, LOADED("set-not-zeroed") },
	{ "vnet-nobits", "Z-18,O-23", vnet_nobits, LOADED("set-not-zeroed") },
	/* main zeroes what it propagates, for vnets only (O-24). */
	{ "pcpu-nobits-main", "Z-18,O-24", pcpu_nobits,
	    LOADED("set-not-zeroed"), .osreldate = 1500500 },
	{ "pcpu-outside", "O-22", pcpu, .set = {
	    { "shdr[set_pcpu].sh_offset", 0x100000 } }, REFUSED("") },
};

int
main(void)
{
	int failed = malformed_run("malformed_size", size_cases,
	    MALFORMED_COUNT(size_cases));

	failed += malformed_run("malformed_alignment",
	    alignment_cases, MALFORMED_COUNT(alignment_cases));
	failed += malformed_run("malformed_set", set_cases,
	    MALFORMED_COUNT(set_cases));
	return (failed);
}
