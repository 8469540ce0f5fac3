/* SPDX-License-Identifier: BSD-2-Clause */

/* Files of the boot loader: where it puts them, and which it does not take. */

#include "support_file.h"
#include "support_preload.h"

#include <elf.h>
#include <stdio.h>

#define PAGE 4096u
#define SHT_IS_NOTE 7

/* --- the loader's layout --- */

/*
 * 0x14 bytes of .text, 8 of .data holding &f + 5, 5 of .bss aligned 32.
 * Symbols: null and f, 0x30 bytes; .strtab "\0f\0", 3 bytes; .shstrtab is
 * 1 + 6 .text + 6 .data + 5 .bss + 11 .rela.data + 8 .symtab + 8 .strtab +
 * 10 .shstrtab = 0x37 bytes; .rela.data is 0x18.
 */
static struct kldsim_synth *
measured(void)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	int text = kldsim_synth_section(module, ".text",
	    KLDSIM_SYNTH_PROGBITS, KLDSIM_SYNTH_ALLOC |
	    KLDSIM_SYNTH_EXECINSTR, 16);
	int data = kldsim_synth_section(module, ".data",
	    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 8);

	(void)kldsim_synth_append_int(module, text,
	    UINT64_C(0x8877665544332211), 8);
	(void)kldsim_synth_append(module, text, NULL, 12);
	(void)kldsim_synth_append(module, data, NULL, 8);
	(void)module_section(module, ".bss", KLDSIM_SYNTH_NOBITS,
	    KERN_ALLOC_WRITE, 32, 5);
	(void)kldsim_synth_reloc(module, data, 0, "R_X86_64_64",
	    kldsim_synth_symbol(module, "f", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FUNC, text, 4, 4), 5);
	return module;
}

/*
 * P-11, P-24, V-60: .text 0, .data 0x18, .bss 0x20 to 0x25.  12 adds 0x30 here:
 * 0x55.  Then .symtab aligned 8 (0x58 or 0x28), .strtab (0x88 or 0x58),
 * .shstrtab (0x8b or 0x5b), to 0xc2 or 0x92, .rela.data at 0xc8 or 0x98.
 */
static void
layout_worked_out_by_hand(void **state)
{
	static const struct {
		uint32_t osreldate;
		uint64_t strings, relocs, size;
	} rows[] = {
		{ R121, 0x88, 0xc8, 0xe0 }, { R130, 0x88, 0xc8, 0xe0 },
		{ R140, 0x58, 0x98, 0xb0 }, { R141, 0x58, 0x98, 0xb0 },
		{ R150, 0x58, 0x98, 0xb0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct preloaded world;
		const struct kern *kern = &world.kern;
		int a;

		preloaded_init(&world, rows[i].osreldate);
		preloaded_add(&world, measured(), "/boot/kernel/a.ko");
		preloaded_add(&world, measured(), "/boot/kernel/b.ko");
		preloaded_boot(&world);
		a = preloaded_id(&world, 0);
		assert_hex(kern_stat(kern, a).address, KERN_BASE);
		assert_hex(kern_stat(kern, a).size, rows[i].size);
		assert_string_equal(kern_stat(kern, a).path,
		    "/boot/kernel/a.ko");
		assert_string_equal(kern_stat(kern, a).name, "a.ko");
		assert_hex(kern_section(kern, a, ".text").address, KERN_BASE);
		assert_hex(kern_section(kern, a, ".data").address,
		    KERN_BASE + 0x18);
		assert_hex(kern_section(kern, a, ".bss").address,
		    KERN_BASE + 0x20);
		assert_hex(kern_read(kern, KERN_BASE, 8),
		    UINT64_C(0x8877665544332211));
		assert_hex(kern_slot(kern, a, 0), KERN_BASE + 4 + 5);
		assert_hex(kern_read(kern, KERN_BASE + 0x20, 5), 0);
		assert_hex(kern_sym(kern, a, "f"), KERN_BASE + 4);
		/* "\0f\0" and the "\0." of .shstrtab; r_offset, r_addend */
		assert_hex(kern_read(kern, KERN_BASE + rows[i].strings, 5),
		    UINT64_C(0x2e00006600));
		assert_hex(kern_read(kern, KERN_BASE + rows[i].relocs + 16,
		    8), 5);
		/* P-10: the next page. */
		assert_hex(kern_stat(kern, preloaded_id(&world, 1)).address,
		    KERN_BASE + PAGE);
		preloaded_fini(&world);
	}
}

/* Round up to a long. */
static uint64_t
longs(uint64_t size)
{
	return (size + 7) & ~UINT64_C(7);
}

/* The end of the kernel's segments. */
static uint64_t
segments_end(const unsigned char *bytes)
{
	const unsigned char *phdr = bytes +
	    FILE_MEMBER(bytes, Elf64_Ehdr, e_phoff);
	uint64_t end = 0;

	for (unsigned i = 0; i < FILE_MEMBER(bytes, Elf64_Ehdr, e_phnum);
	    i++, phdr += sizeof(Elf64_Phdr)) {
		const uint64_t here = FILE_MEMBER(phdr, Elf64_Phdr, p_vaddr) +
		    FILE_MEMBER(phdr, Elf64_Phdr, p_memsz);

		if (FILE_MEMBER(phdr, Elf64_Phdr, p_type) == PT_LOAD &&
		    here > end)
			end = here;
	}
	return end;
}

/* The end of the kernel with its symbol block (P-12, L-19), from the file. */
static uint64_t
kernel_end(const unsigned char *bytes)
{
	const unsigned char *shdr = bytes +
	    FILE_MEMBER(bytes, Elf64_Ehdr, e_shoff), *symbols = shdr, *strings;

	while (FILE_MEMBER(symbols, Elf64_Shdr, sh_type) != SHT_SYMTAB)
		symbols += sizeof(Elf64_Shdr);
	strings = shdr + FILE_MEMBER(symbols, Elf64_Shdr, sh_link) *
	    sizeof(Elf64_Shdr);
	return longs(segments_end(bytes)) +
	    8 + longs(FILE_MEMBER(symbols, Elf64_Shdr, sh_size)) +
	    8 + longs(FILE_MEMBER(strings, Elf64_Shdr, sh_size));
}

/* P-10, P-12, L-18, L-19: on the page after the kernel and its symbols. */
static void
the_first_file_follows_the_kernels_symbols(void **state)
{
	(void)state;
	for (unsigned many = 0; many < 2; many++) {
		struct kldsim_filestat kernel;
		struct preloaded world;
		char name[16];
		void *bytes;
		size_t size;
		uint64_t end;

		preloaded_init(&world, R121);
		/* 400 symbols of 24 bytes: more than two pages. */
		for (unsigned i = 0; many && i < 400; i++) {
			(void)snprintf(name, sizeof(name), "static%u", i);
			(void)kldsim_synth_symbol(world.kern.synth, name,
			    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT,
			    KLDSIM_SYNTH_ABS, i, 0);
		}
		assert_int_equal(kldsim_synth_finish(world.kern.synth, &bytes,
		    &size, &world.kern.error), KLDSIM_OK);
		end = kernel_end(bytes);
		kldsim_synth_free_bytes(bytes);
		world.kern.options.kernel_end = 0;
		preloaded_add(&world, plain_module(), "a.ko");
		preloaded_boot(&world);
		kernel = kern_stat(&world.kern, 1);
		assert_hex(kernel.address + kernel.size, end);
		assert_hex(kern_stat(&world.kern, preloaded_id(&world, 0)).address,
		    (end + PAGE - 1) / PAGE * PAGE);
		preloaded_fini(&world);
	}
}

/* Options: an end of the kernel that is no page, a file with its place. */
static void
options_choose_the_place(void **state)
{
	static const struct kldsim_placement place = { "b.ko",
		KERN_BASE + 0x700000 };
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	world.kern.options.kernel_end = KERN_BASE + 0x5001;
	world.kern.options.placements = &place;
	world.kern.options.nplacements = 1;
	preloaded_add(&world, plain_module(), "/x/a.ko");
	preloaded_add(&world, plain_module(), "/y/b.ko");
	preloaded_boot(&world);
	assert_hex(kern_stat(&world.kern, preloaded_id(&world, 0)).address,
	    KERN_BASE + 0x6000);
	assert_hex(kern_stat(&world.kern, preloaded_id(&world, 1)).address,
	    KERN_BASE + 0x700000);
	preloaded_fini(&world);
}

/* Z-95: the loader divides by the alignment; of what is not placed, not. */
static void
alignment_zero_kills_the_loader(void **state)
{
	static const struct {
		const char *section;
		bool panics;
	} rows[] = {
		{ ".text", true }, { ".bss", true }, { ".symtab", true },
		{ ".strtab", true }, { ".shstrtab", true },
		{ ".rela.data", true }, { ".empty", false },
		{ ".note", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = measured();
		struct preloaded world;
		char field[64];

		(void)module_section(module, ".empty", KLDSIM_SYNTH_PROGBITS,
		    KERN_ALLOC_WRITE, 8, 0);
		(void)module_section(module, ".note", SHT_IS_NOTE,
		    KLDSIM_SYNTH_ALLOC, 4, 8);
		(void)snprintf(field, sizeof(field), "shdr[%s].sh_addralign",
		    rows[i].section);
		kldsim_synth_override(module, field, 0);
		preloaded_init(&world, R121);
		preloaded_add(&world, module, "a.ko");
		preloaded_boot(&world);
		assert_int_equal(world.kern.result.panicked, rows[i].panics);
		assert_int_equal(kldsim_is_dead(world.kern.sim),
		    rows[i].panics);
		preloaded_fini(&world);
	}
}

/* P-11: a true modulo; 0x15 up to a multiple of 24 is 0x18 here. */
static void
alignments_that_are_no_powers_of_two(void **state)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	uint64_t want;
	struct preloaded world;

	(void)state;
	(void)module_section(module, ".a", KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 8, 0x15);
	(void)module_section(module, ".b", KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 8, 8);
	kldsim_synth_override(module, "shdr[.b].sh_addralign", 24);
	preloaded_init(&world, R121);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	want = (KERN_BASE + 0x15 + 23) / 24 * 24;
	assert_hex(kern_section(&world.kern, preloaded_id(&world, 0), ".b").address,
	    want);
	preloaded_fini(&world);
}

/* A REL file of two sections, the second of which claims the first's bytes. */
static struct kldsim_synth *
overlapping(uint32_t first_type)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	int first = kldsim_synth_section(module, ".a", first_type,
	    KERN_ALLOC_WRITE, 8);
	int second = kldsim_synth_section(module, ".b",
	    KLDSIM_SYNTH_PROGBITS, KERN_ALLOC_WRITE, 8);
	uint64_t offset;
	void *bytes;
	size_t size;

	if (first_type == KLDSIM_SYNTH_PROGBITS)
		(void)kldsim_synth_append_int(module, first, 0x1111, 8);
	else
		(void)kldsim_synth_append(module, first, NULL, 8);
	(void)kldsim_synth_append_int(module, second, 0x2222, 8);
	assert_int_equal(kldsim_synth_finish(module, &bytes, &size, NULL),
	    KLDSIM_OK);
	kldsim_synth_free_bytes(bytes);
	assert_int_equal(kldsim_synth_section_place(module,
	    first_type == KLDSIM_SYNTH_PROGBITS ? first : second, NULL, NULL,
	    &offset), KLDSIM_OK);
	kldsim_synth_override(module, "shdr[.a].sh_offset", offset);
	kldsim_synth_override(module, "shdr[.b].sh_offset", offset);
	return module;
}

/* Z-99: of two sections with one sh_offset, the second stays zero. */
static void
only_the_first_section_at_an_offset_is_read(void **state)
{
	struct preloaded world;
	const struct kern *kern = &world.kern;
	int id;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, overlapping(KLDSIM_SYNTH_PROGBITS), "a.ko");
	preloaded_add(&world, overlapping(KLDSIM_SYNTH_NOBITS), "b.ko");
	preloaded_boot(&world);
	id = preloaded_id(&world, 0);
	assert_hex(kern_read(kern, kern_section(kern, id, ".a").address, 8),
	    0x1111);
	assert_hex(kern_read(kern, kern_section(kern, id, ".b").address, 8),
	    0);
	/* What is not read does not count. */
	id = preloaded_id(&world, 1);
	assert_hex(kern_read(kern, kern_section(kern, id, ".a").address, 8),
	    0);
	assert_hex(kern_read(kern, kern_section(kern, id, ".b").address, 8),
	    0x2222);
	preloaded_fini(&world);
}

/*
 * Z-99 for a relocation table at .text's offset: it stays zero, and zeros are
 * R_X86_64_NONE.  .data keeps its zeros.  .text would make a relocation: at 0,
 * R_X86_64_64 (1) of symbol 1, which is f.
 */
static void
a_relocation_table_that_is_not_read_does_nothing(void **state)
{
	static const unsigned char rela[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 0,
		0, 0, 1, 0, 0, 0 };
	struct kldsim_synth *module = measured();
	struct preloaded world;
	uint64_t offset;
	void *bytes;
	size_t size;

	(void)state;
	/* The first section made is .text. */
	kldsim_synth_store(module, 1, 0, rela, sizeof(rela));
	assert_int_equal(kldsim_synth_finish(module, &bytes, &size, NULL),
	    KLDSIM_OK);
	kldsim_synth_free_bytes(bytes);
	assert_int_equal(kldsim_synth_section_place(module, 1, NULL, NULL,
	    &offset), KLDSIM_OK);
	kldsim_synth_override(module, "shdr[.rela.data].sh_offset", offset);
	preloaded_init(&world, R121);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	assert_hex(kern_slot(&world.kern, preloaded_id(&world, 0), 0), 0);
	assert_silent(&world.kern);
	preloaded_fini(&world);
}

/* --- what the loader does not take --- */

static void
no_section_names(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shstrndx", 0);
}

static void
section_names_out_of_range(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shstrndx", 99);
}

static void
two_symtabs(struct kldsim_synth *module)
{
	(void)module_section(module, ".symtab2", SHT_SYMTAB, 0, 8, 24);
}

/* Size 0 counts here, where kldload would not count it (O-05). */
static void
a_second_empty_symtab(struct kldsim_synth *module)
{
	(void)module_section(module, ".symtab2", SHT_SYMTAB, 0, 8, 0);
}

static void
no_symtab(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "shdr[.symtab].sh_type", SHT_NULL);
}

static void
strings_out_of_range(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "shdr[.symtab].sh_link", 99);
}

/* Of no table is there a byte: f_size is 0 (and twice 0, V-60). */
static void
nothing_at_all(struct kldsim_synth *module)
{
	static const char *const tables[] = { ".symtab", ".strtab",
		".shstrtab", ".rela.data", ".text", ".data", ".bss" };
	char field[40];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		(void)snprintf(field, sizeof(field), "shdr[%s].sh_size",
		    tables[i]);
		kldsim_synth_override(module, field, 0);
	}
}

static void
headers_beyond_the_file(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shoff", 0x100000);
}

static void
no_headers(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shnum", 0);
}

static void
headers_nowhere(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shoff", 0);
}

static void
odd_headers(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_shentsize", 32);
}

static void
not_elf(struct kldsim_synth *module)
{
	kldsim_synth_poke(module, 0, "#!/b", 4);
}

static void
wrong_machine(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_machine", EM_AARCH64);
}

static void
wrong_class(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_ident[4]", ELFCLASS32);
}

static void
wrong_version(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "ehdr.e_version", 2);
}

static void
truncated_header(struct kldsim_synth *module)
{
	kldsim_synth_truncate_to(module, 40);
}

/* .text is at 0x40 or above, and the headers are at the end. */
static void
truncated_contents(struct kldsim_synth *module)
{
	kldsim_synth_truncate_to(module, 0x50);
}

static void
contents_beyond_the_file(struct kldsim_synth *module)
{
	kldsim_synth_override(module, "shdr[.data].sh_offset", 0x100000);
}

/* P-21: symbols alone are no file for the kernel, wherever they lie (V-60). */
static void
nothing_to_load(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct preloaded world;

		preloaded_init(&world, releases[i]);
		preloaded_add(&world, kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_REL), "/boot/empty.ko");
		preloaded_add(&world, plain_module(), "good.ko");
		preloaded_boot(&world);
		assert_console(&world.kern,
		    "/boot/empty.ko: bad/missing section headers");
		preloaded_refused(&world, 0, FB_ENOEXEC);
		assert_int_equal(preloaded_id(&world, 1), 2);
		/* The loader has given it a page (P-10). */
		assert_hex(kern_stat(&world.kern, 2).address,
		    KERN_BASE + PAGE);
		preloaded_fini(&world);
	}
}

/*
 * P-22: an alignment over a page's is met by padding, of which the kernel does
 * not know.  KERN_BASE itself is aligned well enough: no padding, no harm.
 */
static void
padding_before_the_first_section(void **state)
{
	(void)state;
	for (unsigned padded = 0; padded < 2; padded++) {
		struct kldsim_synth *module = kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_REL);
		struct preloaded world;

		preloaded_init(&world, R121);
		world.kern.options.kernel_end = KERN_BASE + padded * PAGE;
		(void)module_section(module, ".wide", KLDSIM_SYNTH_PROGBITS,
		    KERN_ALLOC_WRITE, 8, 8);
		kldsim_synth_override(module, "shdr[.wide].sh_addralign",
		    2 * PAGE);
		preloaded_add(&world, module, "a.ko");
		if (padded)
			preloaded_dies(&world, "0x1000 bytes too low");
		else
			preloaded_boot(&world);
		preloaded_fini(&world);
	}
}

/*
 * P-11: EFTYPE for what the header says, EIO for what comes of the rest.  The
 * kernel never hears of such a file; the next takes its place and its id.
 * Nothing is printed.
 */
static void
the_loader_refuses(void **state)
{
	static const struct {
		void (*spoil)(struct kldsim_synth *module);
		int error;
	} rows[] = {
		{ no_section_names, FB_EIO },
		{ section_names_out_of_range, FB_EIO },
		{ two_symtabs, FB_EIO }, { a_second_empty_symtab, FB_EIO },
		{ no_symtab, FB_EIO }, { strings_out_of_range, FB_EIO },
		{ nothing_at_all, FB_EIO },
		{ headers_beyond_the_file, FB_EIO },
		{ truncated_contents, FB_EIO },
		{ contents_beyond_the_file, FB_EIO },
		{ no_headers, FB_EFTYPE }, { headers_nowhere, FB_EFTYPE },
		{ odd_headers, FB_EFTYPE }, { not_elf, FB_EFTYPE },
		{ wrong_machine, FB_EFTYPE }, { wrong_class, FB_EFTYPE },
		{ wrong_version, FB_EFTYPE }, { truncated_header, FB_EFTYPE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *module = measured();

		rows[i].spoil(module);
		preloaded_refused_alone(module, rows[i].error);
	}
}

/* Nothing is read of a table of no size, wherever it is said to be. */
static void
an_empty_table_is_anywhere(void **state)
{
	struct kldsim_synth *module = measured();
	struct preloaded world;

	(void)state;
	kldsim_synth_override(module, "shdr[.rela.data].sh_size", 0);
	kldsim_synth_override(module, "shdr[.rela.data].sh_offset", 0x100000);
	preloaded_init(&world, R121);
	preloaded_add(&world, module, "a.ko");
	preloaded_boot(&world);
	/* .data is not relocated; .rela.data at 0xc8 is the end. */
	assert_hex(kern_slot(&world.kern, preloaded_id(&world, 0), 0), 0);
	assert_hex(kern_stat(&world.kern, 2).size, 0xc8);
	preloaded_fini(&world);
}

/*
 * P-11: rounded up to 2^31, an address of the kernel's upper half is over
 * 2^64, and so it is with 2^63 bytes more: the loader clears from there to its
 * own place.
 */
static void
an_address_that_wraps_kills_the_loader(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
	} rows[] = {
		{ "shdr[.text].sh_addralign", UINT64_C(1) << 31 },
		{ "shdr[.bss].sh_size", UINT64_C(1) << 63 },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *module = measured();
		struct preloaded world;

		kldsim_synth_override(module, rows[i].field, rows[i].value);
		preloaded_init(&world, R121);
		preloaded_add(&world, module, "a.ko");
		preloaded_dies(&world, "(P-11)");
		preloaded_fini(&world);
	}
}

/*
 * O-16, O-18: sections without a name are called by their type, by one more
 * than kldload(2) knows; and the type alone makes constructors of them.
 */
static void
sections_without_a_name(void **state)
{
	static const struct {
		uint32_t type;
		const char *name;
	} rows[] = {
		{ KLDSIM_SYNTH_PROGBITS, "<<PROGBITS>>" },
		{ KLDSIM_SYNTH_NOBITS, "<<NOBITS>>" },
		{ 0x70000001, "<<UNWIND>>" },
		{ KLDSIM_SYNTH_INIT_ARRAY, "<<INIT_ARRAY>>" },
		{ KLDSIM_SYNTH_FINI_ARRAY, "<<FINI_ARRAY>>" },
	};
	const int count = sizeof(rows) / sizeof(rows[0]);
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_REL);
	struct kldsim_section section;
	struct preloaded world;
	int id;

	(void)state;
	for (int i = 0; i < count; i++) {
		char field[32];

		(void)snprintf(field, sizeof(field), ".%d", i);
		(void)module_section(module, field, rows[i].type,
		    KERN_ALLOC_WRITE, 8, 8);
		(void)snprintf(field, sizeof(field), "shdr[%d].sh_name",
		    i + 1);
		kldsim_synth_override(module, field, 0);
	}
	kldsim_synth_pointer(module, 4, 0, kldsim_synth_symbol(module, "f",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_FUNC, 1, 0, 8), 0);
	preloaded_init(&world, R150);
	preloaded_add(&world, module, "/boot/kernel/m.ko");
	preloaded_boot(&world);
	id = preloaded_id(&world, 0);
	for (int i = 0; i < count; i++) {
		assert_int_equal(kldsim_file_section(world.kern.sim, id,
		    (size_t)i, &section), KLDSIM_OK);
		assert_string_equal(section.name, rows[i].name);
	}
	assert_int_equal(kern_stat(&world.kern, id).nconstructors, 1);
	preloaded_fini(&world);
}

static void
no_such_host_file(void **state)
{
	struct kldsim_result result;
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, NULL, "/nonexistent/a.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 0, FB_ENOENT);
	assert_int_equal(kldsim_preload_result(world.kern.sim, 1, &result),
	    KLDSIM_NOENT);
	preloaded_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_worked_out_by_hand),
		cmocka_unit_test(the_first_file_follows_the_kernels_symbols),
		cmocka_unit_test(options_choose_the_place),
		cmocka_unit_test(alignment_zero_kills_the_loader),
		cmocka_unit_test(alignments_that_are_no_powers_of_two),
		cmocka_unit_test(only_the_first_section_at_an_offset_is_read),
		cmocka_unit_test(nothing_to_load),
		cmocka_unit_test(padding_before_the_first_section),
		cmocka_unit_test(the_loader_refuses),
		cmocka_unit_test(an_empty_table_is_anywhere),
		cmocka_unit_test(an_address_that_wraps_kills_the_loader),
		cmocka_unit_test(sections_without_a_name),
		cmocka_unit_test(no_such_host_file),
		cmocka_unit_test(
		    a_relocation_table_that_is_not_read_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
