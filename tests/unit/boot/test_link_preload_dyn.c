/* SPDX-License-Identifier: BSD-2-Clause */

/* Shared objects of the boot loader: load_elf.c of stand/common (P-12). */

#include "support_file.h"
#include "support_preload.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE 4096u

/* The order of the program headers of a small module. */
enum { READ, TEXT, DATA, DYNAMIC, STACK, EXTRA };

static struct kldsim_synth *
shared(void)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);

	(void)kldsim_synth_func(m, "f");
	(void)kldsim_synth_bind(m, kldsim_synth_func(m, "quiet"),
	    KLDSIM_SYNTH_LOCAL);
	(void)kldsim_synth_object(m, "word", "\x34\x12\0\0\0\0\0\0", 8, 8);
	kldsim_synth_mdt_version(m, "m", 1);
	return m;
}

static void
override(struct kldsim_synth *m, unsigned phdr, const char *field,
    uint64_t value)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "phdr[%u].%s", phdr, field);
	kldsim_synth_override(m, name, value);
}

/* One more PT_LOAD, of eight bytes at this address. */
static void
extra_segment(struct kldsim_synth *m, uint64_t address, uint64_t offset,
    uint64_t filesz, uint64_t memsz)
{
	int data = kldsim_synth_section_named(m, ".data");

	kldsim_synth_segment(m, PT_LOAD, PF_R | PF_W, data, data);
	override(m, EXTRA, "p_vaddr", address);
	override(m, EXTRA, "p_offset", offset);
	override(m, EXTRA, "p_filesz", filesz);
	override(m, EXTRA, "p_memsz", memsz);
}

/* --- what is refused --- */

static void
headers_beyond_the_first_page(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_phoff", PAGE);
}

/* f_addr is 0, whatever symbols there are to make f_size more than that. */
static void
no_segments(struct kldsim_synth *m)
{
	for (unsigned i = READ; i <= DATA; i++)
		override(m, i, "p_type", PT_NULL);
}

static void
empty_segments(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_HEADERS, 0);
	for (unsigned i = READ; i <= DATA; i++) {
		override(m, i, "p_vaddr", PAGE);
		override(m, i, "p_filesz", 0);
		override(m, i, "p_memsz", 0);
	}
}

static void
a_segment_beyond_the_file(struct kldsim_synth *m)
{
	override(m, DATA, "p_offset", 0x100000);
}

static void
a_second_kernel(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_type", ET_EXEC);
}

static void
no_kind_of_module(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_type", ET_CORE);
}

/* The loader wants more than a header. */
static void
a_header_alone(struct kldsim_synth *m)
{
	kldsim_synth_truncate_to(m, sizeof(Elf64_Ehdr));
}

/* It is found, and not defined. */
static void
no_metadata_set(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_shndx",
	    SHN_UNDEF);
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_value",
	    0);
}

/* Every index is too large: "corrupt symbol table". */
static void
no_symbols_in_the_hash_table(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "hash.nchain", 0);
}

/* P-12: the next file takes the place and the id. */
static void
the_loader_refuses(void **state)
{
	static const struct {
		void (*spoil)(struct kldsim_synth *m);
		int error;
	} rows[] = {
		{ headers_beyond_the_first_page, FB_EIO },
		{ no_segments, FB_EIO }, { empty_segments, FB_EIO },
		{ a_segment_beyond_the_file, FB_EIO },
		{ a_second_kernel, FB_EPERM },
		{ no_kind_of_module, FB_EFTYPE },
		{ a_header_alone, FB_EFTYPE }, { no_metadata_set, FB_EIO },
		{ no_symbols_in_the_hash_table, FB_EIO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = shared();

		rows[i].spoil(m);
		preloaded_refused_alone(m, rows[i].error);
	}
}

/* What lies just behind a file that is refused is another one's, and stays. */
static void
a_refused_file_has_a_neighbour(void **state)
{
	unsigned neighbours = 0;

	(void)state;
	for (unsigned pages = 1; pages < 12; pages++) {
		const struct kldsim_placement places[] = {
			{ "first.ko", KERN_BASE + pages * PAGE },
			{ "refused.ko", KERN_BASE },
		};
		struct kldsim_synth *refused = shared();
		struct preloaded world;
		uint8_t byte;

		no_metadata_set(refused);
		preloaded_init(&world, R121);
		world.kern.options.placements = places;
		world.kern.options.nplacements = 2;
		preloaded_add(&world, shared(), "first.ko");
		preloaded_add(&world, refused, "refused.ko");
		/* Where they overlap it is the placement that is wrong. */
		if (preloaded_try_boot(&world) == KLDSIM_OK) {
			preloaded_refused(&world, 1, FB_EIO);
			assert_int_equal(kldsim_read(world.kern.sim,
			    kern_stat(&world.kern, preloaded_id(&world, 0))
			    .address, &byte, 1), KLDSIM_OK);
			neighbours++;
		} else {
			assert_int_equal(world.kern.error.status, KLDSIM_ARG);
		}
		preloaded_fini(&world);
	}
	assert_true(neighbours != 0 && neighbours != 11);
}

/* --- what is taken all the same --- */

static void
nothing_odd(struct kldsim_synth *m)
{
	(void)m;
}

/* The loader takes program headers to be of their usual size. */
static void
an_odd_phentsize(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_phentsize", 32);
}

/* It has no bytes, so none are looked for. */
static void
zeros_beyond_the_file(struct kldsim_synth *m)
{
	extra_segment(m, 0x8000, 0x100000, 0, 8);
}

static void
more_bytes_than_memory(struct kldsim_synth *m)
{
	extra_segment(m, 0x8000, 0, 16, 8);
}

static void
no_section_headers(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_HEADERS, 0);
}

static void
section_headers_beyond_the_file(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_shoff", 0x100000);
}

static void
section_headers_of_no_size(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_shentsize", 0);
}

static void
no_symtab(struct kldsim_synth *m)
{
	kldsim_synth_option(m, KLDSIM_SYNTH_SYMTAB, 0);
}

static void
symbols_beyond_the_file(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.symtab].sh_offset", 0x100000);
}

static void
strings_beyond_the_file(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.strtab].sh_size", 0x100000);
}

static void
names_beyond_the_file(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.shstrtab].sh_offset", 0x100000);
}

static void
no_names(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.shstrtab].sh_size", 0);
}

/* Names are read up to .ctors, which is what is looked for. */
static void
a_name_behind_ctors(struct kldsim_synth *m)
{
	(void)kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "ctor"));
	kldsim_synth_override(m, "shdr[.strtab].sh_name", 0x100000);
}

/*
 * L-19: without the block of symbols the kernel knows those of .dynsym alone,
 * and quiet is no such.
 */
static void
what_is_taken_all_the_same(void **state)
{
	static const struct {
		void (*spoil)(struct kldsim_synth *m);
		bool symbols;
	} rows[] = {
		{ nothing_odd, true }, { an_odd_phentsize, true },
		{ zeros_beyond_the_file, true },
		{ more_bytes_than_memory, true },
		{ a_name_behind_ctors, true },
		{ names_beyond_the_file, true }, { no_names, true },
		{ no_section_headers, false },
		{ section_headers_beyond_the_file, false },
		{ section_headers_of_no_size, false }, { no_symtab, false },
		{ symbols_beyond_the_file, false },
		{ strings_beyond_the_file, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = shared();
		struct preloaded world;
		int id;

		rows[i].spoil(m);
		preloaded_init(&world, R121);
		preloaded_add(&world, m, "m.ko");
		preloaded_boot(&world);
		id = preloaded_id(&world, 0);
		assert_hex(kern_stat(&world.kern, id).address, KERN_BASE);
		assert_hex(kern_read(&world.kern, kern_sym(&world.kern, id,
		    "word"), 8), 0x1234);
		if (kern_has_sym(&world.kern, id, "quiet") != rows[i].symbols)
			fail_msg("row %zu", i);
		preloaded_fini(&world);
	}
}

/*
 * Z-97: what the first page has behind a segment's place in the file is copied
 * with it, which here is as far as the file's own memory goes: to 0x9000.  At
 * 0x40 of the file is the first program header: PT_LOAD, PF_R.
 */
static void
the_first_page_is_copied_as_a_whole(void **state)
{
	struct kldsim_synth *m = shared();
	struct preloaded world;

	(void)state;
	extra_segment(m, 0x8fe8, sizeof(Elf64_Ehdr), 8, 16);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYMTAB, 0);
	preloaded_init(&world, R121);
	preloaded_add(&world, m, "m.ko");
	preloaded_boot(&world);
	assert_hex(kern_stat(&world.kern, preloaded_id(&world, 0)).size,
	    0x8ff8);
	assert_hex(kern_read(&world.kern, KERN_BASE + 0x8fe8, 8),
	    (uint64_t)PF_R << 32 | PT_LOAD);
	/* Cleared: p_filesz to p_memsz; p_offset is 0.  Then p_vaddr: 0. */
	assert_hex(kern_read(&world.kern, KERN_BASE + 0x8ff0, 8), 0);
	preloaded_fini(&world);
}

/* The segment is cleared up to an end that lies before its start. */
static void
memory_that_wraps(struct kldsim_synth *m)
{
	extra_segment(m, 0x8000, 0, 8, UINT64_MAX - KERN_BASE - 0x7000);
}

static void
names_in_no_section(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "ehdr.e_shstrndx", 99);
}

static void
a_name_beyond_the_table(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "shdr[.data].sh_name", 0x100000);
}

static void
a_set_without_an_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dynsym[__stop_set_modmetadata_set].st_shndx",
	    SHN_UNDEF);
	kldsim_synth_override(m, "dynsym[__stop_set_modmetadata_set].st_value",
	    0);
}

/* Old loaders look at the section first; then the kernel dies of it. */
static void
a_bound_of_value_zero(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_value",
	    0);
}

static void
a_bound_of_another_type(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_type",
	    STT_OBJECT);
}

static void
an_undefined_bound(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_shndx",
	    SHN_UNDEF);
}

static void
an_undefined_function(struct kldsim_synth *m)
{
	an_undefined_bound(m);
	kldsim_synth_override(m, "dynsym[__start_set_modmetadata_set].st_type",
	    STT_FUNC);
}

static void
no_buckets(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "hash.nbucket", 0);
}

static void
symbols_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dyn[DT_SYMTAB]", 0x40000000);
}

static void
names_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dyn[DT_STRTAB]", 0x40000000);
}

static void
a_hash_table_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "dyn[DT_HASH]", 0x40000000);
}

static void
a_dynamic_section_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "phdr[PT_DYNAMIC].p_vaddr", 0x40000000);
}

/* One bucket leads to symbol 1; behind it come chains: 1 leads to itself. */
static void
a_chain_without_an_end(struct kldsim_synth *m)
{
	kldsim_synth_override(m, "hash.nbucket", 1);
	kldsim_synth_override(m, "bucket[0]", 1);
	kldsim_synth_override(m, "bucket[2]", 1);
}

/* P-12: which symbol is a bound of the metadata. */
static void
what_is_a_bound_depends_on_the_release(void **state)
{
	static const struct {
		void (*spoil)(struct kldsim_synth *m);
		bool old, new; /* does 12.1 take it, and main? */
	} rows[] = {
		{ nothing_odd, true, true },
		{ a_bound_of_another_type, true, false },
		{ an_undefined_bound, false, false },
		{ an_undefined_function, true, false },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = shared();
		struct preloaded world;
		bool old = i % 2 == 0;

		rows[i / 2].spoil(m);
		preloaded_init(&world, old ? R121 : R160);
		preloaded_add(&world, m, "m.ko");
		preloaded_boot(&world);
		if (old ? rows[i / 2].old : rows[i / 2].new)
			(void)preloaded_id(&world, 0);
		else
			preloaded_refused(&world, 0, FB_EIO);
		preloaded_fini(&world);
	}
}

/* What ends the older loader is an error of the newer one. */
static void
newer_loaders_refuse(void **state)
{
	static void (*const rows[])(struct kldsim_synth *m) = {
		no_buckets, a_set_without_an_end, no_metadata_set,
		a_bound_of_value_zero,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = shared();
		struct preloaded world;

		rows[i](m);
		preloaded_init(&world, R160);
		preloaded_add(&world, m, "m.ko");
		preloaded_boot(&world);
		preloaded_refused(&world, 0, FB_EIO);
		preloaded_fini(&world);
	}
}

/* The loader takes it, the kernel does not (P-20, P-25), and neither says so. */
static void
without_a_dynamic_section(void **state)
{
	struct kldsim_synth *m = shared();
	struct preloaded world;

	(void)state;
	kldsim_synth_override(m, "phdr[PT_DYNAMIC].p_type", PT_NULL);
	preloaded_init(&world, R121);
	preloaded_add(&world, m, "m.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 0, FB_EINVAL);
	assert_int_equal(kldsim_console_count(world.kern.sim), 0);
	preloaded_fini(&world);
}

/* No kernel runs where the loader reads or writes what is not its own. */
static void
what_kills_the_loader(void **state)
{
	static const struct {
		void (*spoil)(struct kldsim_synth *m);
		const char *rule;
	} rows[] = {
		{ memory_that_wraps, "(P-12)" },
		{ a_set_without_an_end, "for 2 bytes" },
		{ no_buckets, "no buckets" },
		{ symbols_nowhere, "(P-12)" }, { names_nowhere, "(P-12)" },
		{ a_hash_table_nowhere, "DT_HASH" },
		{ a_dynamic_section_nowhere, "PT_DYNAMIC" },
		{ a_chain_without_an_end, "no end" },
		{ names_in_no_section, "(Z-96)" },
		{ a_name_beyond_the_table, "(Z-96)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *m = shared();
		struct preloaded world;

		rows[i].spoil(m);
		preloaded_init(&world, R121);
		preloaded_add(&world, m, "m.ko");
		preloaded_dies(&world, rows[i].rule);
		preloaded_fini(&world);
	}
}

/* --- where the headers are --- */

#define BEHIND 0x10000u /* where lld may begin the first segment */

/* An offset in the file, which has moved with what it leads to. */
static void
move(unsigned char *word)
{
	const uint64_t to = file_load(word, 8) + BEHIND;

	for (size_t i = 0; i < 8; i++)
		word[i] = (unsigned char)(to >> 8 * i);
}

static void
release(void *user, const void *bytes)
{
	(void)user;
	free((void *)(uintptr_t)bytes);
}

/*
 * The same module with all its content 64 KiB further back in the file, as lld
 * may lay it out: its header is in no segment.
 */
static struct kldsim_image *
moved(struct kldsim_synth *m)
{
	struct kldsim_error error;
	struct kldsim_image *image;
	unsigned char *bytes;
	uint64_t phdrs, nphdr, shdrs, nshdr;
	void *made;
	size_t size;

	assert_int_equal(kldsim_synth_finish(m, &made, &size, &error),
	    KLDSIM_OK);
	phdrs = FILE_MEMBER(made, Elf64_Ehdr, e_phoff);
	nphdr = FILE_MEMBER(made, Elf64_Ehdr, e_phnum);
	shdrs = FILE_MEMBER(made, Elf64_Ehdr, e_shoff) + BEHIND;
	nshdr = FILE_MEMBER(made, Elf64_Ehdr, e_shnum);
	bytes = calloc(1, BEHIND + size);
	assert_non_null(bytes);
	memcpy(bytes, made, phdrs + nphdr * sizeof(Elf64_Phdr));
	memcpy(bytes + BEHIND, made, size);
	memset(bytes + BEHIND, 0xcc, phdrs + nphdr * sizeof(Elf64_Phdr));
	move(bytes + offsetof(Elf64_Ehdr, e_shoff));
	for (uint64_t i = 0; i < nphdr; i++)
		move(bytes + phdrs + i * sizeof(Elf64_Phdr) +
		    offsetof(Elf64_Phdr, p_offset));
	for (uint64_t i = 0; i < nshdr; i++)
		move(bytes + shdrs + i * sizeof(Elf64_Shdr) +
		    offsetof(Elf64_Shdr, sh_offset));
	kldsim_synth_free_bytes(made);
	kldsim_synth_free(m);
	assert_int_equal(kldsim_image_open_memory(bytes, BEHIND + size,
	    "m.ko", release, NULL, &image, &error), KLDSIM_OK);
	return image;
}

/*
 * Z-100: kldload(2) does not need it; preload_protect(), which a kernel of
 * amd64 has from 13.0 on, reads .text for program headers.
 */
static void
a_header_in_no_segment(void **state)
{
	(void)state;
	for (int new = 0; new < 2; new++) {
		struct preloaded world;
		struct kern *kern = &world.kern;

		preloaded_init(&world, new ? R150 : R121);
		world.list[0].path = "m.ko";
		world.list[0].image = moved(shared());
		kern_boot(kern);
		assert_int_equal(kldsim_kldload_image(kern->sim,
		    world.list[0].image, "m.ko", &kern->result, NULL),
		    KLDSIM_OK);
		assert_int_equal(kern->result.error, 0);
		assert_int_equal(kern_findings(kern, "preload"), new);
		if (new)
			assert_int_equal(kern_finding(kern, "preload")->offset,
			    BEHIND);
		kldsim_destroy(kern->sim);
		kern->sim = NULL;
		world.count = 1;
		if (new)
			preloaded_dies(&world, "at 0x10000 of the file");
		else
			preloaded_boot(&world);
		preloaded_fini(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loader_refuses),
		cmocka_unit_test(a_refused_file_has_a_neighbour),
		cmocka_unit_test(what_is_taken_all_the_same),
		cmocka_unit_test(the_first_page_is_copied_as_a_whole),
		cmocka_unit_test(what_is_a_bound_depends_on_the_release),
		cmocka_unit_test(newer_loaders_refuse),
		cmocka_unit_test(without_a_dynamic_section),
		cmocka_unit_test(what_kills_the_loader),
		cmocka_unit_test(a_header_in_no_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
