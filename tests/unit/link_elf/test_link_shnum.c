/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ET_REL files with more sections than there are ordinary indexes, made by hand
 * because no tool makes them: the kernel takes e_shnum as it is (O-03, O-31).
 */

#include "support_kern.h"

#include <stdlib.h>

#define SECTIONS 65535u /* as many as e_shnum can say */
#define SHN_ABS 0xfff1u
#define SHN_COMMON 0xfff2u
#define SHN_CACHED 0xff20u
#define PLAIN 3u

#define SHDRS 64u /* file offsets: headers, then what they describe */
#define SYMTAB (SHDRS + SECTIONS * 64)
#define NSYMS 6u
#define STRTAB (SYMTAB + NSYMS * 24)

/* "": 0, "abs": 1, "com": 5, "held": 9, "plain": 14, "far": 20 */
static const char strings[] = "\0abs\0com\0held\0plain\0far";

#define SIZE (STRTAB + sizeof(strings))

static void
put(uint8_t *file, size_t at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		file[at + i] = (uint8_t)(value >> 8 * i);
}

static void
put_section(uint8_t *file, unsigned index, uint32_t type, uint64_t flags,
    uint64_t offset, uint64_t size, uint32_t link)
{
	size_t at = SHDRS + (size_t)index * 64;

	put(file, at + 4, type, 4);
	put(file, at + 8, flags, 8);
	put(file, at + 24, offset, 8);
	put(file, at + 32, size, 8);
	put(file, at + 40, link, 4);
	put(file, at + 48, 16, 8); /* sh_addralign */
}

static void
put_symbol(uint8_t *file, unsigned index, uint32_t name, unsigned shndx,
    uint64_t value)
{
	size_t at = SYMTAB + (size_t)index * 24;

	put(file, at, name, 4);
	put(file, at + 4, 1 << 4 | 1, 1); /* STB_GLOBAL, STT_OBJECT */
	put(file, at + 6, shndx, 2);
	put(file, at + 8, value, 8);
}

/*
 * A symbol table, a string table, and four NOBITS sections of 16 bytes, at
 * indexes that mean something else in a symbol.  All others are SHT_NULL.
 */
static uint8_t *
new_file(void)
{
	static const unsigned nobits[] = { PLAIN, SHN_CACHED, SHN_ABS,
		SHN_COMMON };
	uint8_t *file = calloc(1, SIZE);

	assert_non_null(file);
	memcpy(file, "\177ELF\2\1\1", 7);
	put(file, 16, 1, 2);  /* ET_REL */
	put(file, 18, 62, 2); /* EM_X86_64 */
	put(file, 20, 1, 4);
	put(file, 40, SHDRS, 8);
	put(file, 52, 64, 2);
	put(file, 58, 64, 2);
	put(file, 60, SECTIONS, 2);
	put_section(file, 1, 2, 0, SYMTAB, NSYMS * 24, 2);
	put_section(file, 2, 3, 0, STRTAB, sizeof(strings), 0);
	for (size_t i = 0; i < 4; i++)
		put_section(file, nobits[i], 8, 3, 0, 16, 0);
	put_symbol(file, 1, 1, SHN_ABS, 4);
	put_symbol(file, 2, 5, SHN_COMMON, 8);
	put_symbol(file, 3, 9, SHN_CACHED, 12);
	put_symbol(file, 4, 14, PLAIN, 1);
	put_symbol(file, 5, 20, 0xfff3, 0x123); /* SHT_NULL */
	memcpy(file + STRTAB, strings, sizeof(strings));
	return file;
}

/* kldload(2) of the file, which the image uses as it is. */
static int
load(struct kern *kern, uint8_t *file)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_image_open_memory(file, SIZE, "m.ko", NULL,
	    NULL, &image, &kern->error), KLDSIM_OK);
	assert_int_equal(kldsim_kldload_image(kern->sim, image,
	    MODULE_PATH("m.ko"), &kern->result, &kern->error), KLDSIM_OK);
	kldsim_image_unref(image);
	return kern->result.error;
}

/*
 * O-31, O-30, O-47: a reserved index that is a section's moves the symbol; one
 * that says it was looked up is gone after the pass.
 */
static void
reserved_indexes_can_be_sections(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t *file = new_file();
		struct kern kern;
		int id;

		kern_start(&kern, releases[i]);
		assert_int_equal(load(&kern, file), 0);
		id = kern.result.fileid;
		/* 16 bytes each, in the order of their indexes. */
		assert_hex(kern_stat(&kern, id).size, 0x40);
		assert_hex(kern_sym(&kern, id, "plain"), KERN_BASE + 1);
		assert_hex(kern_sym(&kern, id, "abs"), KERN_BASE + 0x20 + 4);
		assert_hex(kern_sym(&kern, id, "com"), KERN_BASE + 0x30 + 8);
		assert_hex(kern_sym(&kern, id, "far"), 0x123);
		assert_false(kern_has_sym(&kern, id, "held"));
		kern_fini(&kern);
		free(file);
	}
}

/* O-31: with fewer sections the same indexes mean what they say. */
static void
reserved_indexes_without_sections(void **state)
{
	uint8_t *file = new_file();
	struct kern kern;
	int id;

	(void)state;
	put(file, 60, 0xff20, 2); /* the last section is 0xff1f */
	kern_start(&kern, R121);
	assert_int_equal(load(&kern, file), 0);
	id = kern.result.fileid;
	assert_hex(kern_stat(&kern, id).size, 0x10);
	assert_hex(kern_sym(&kern, id, "plain"), KERN_BASE + 1);
	assert_hex(kern_sym(&kern, id, "abs"), 4);
	assert_hex(kern_sym(&kern, id, "com"), 8);
	assert_false(kern_has_sym(&kern, id, "held"));
	kern_fini(&kern);
	free(file);
}

/* O-03: e_shnum 0 means none, whatever the first section header says. */
static void
extended_numbering_is_unknown(void **state)
{
	uint8_t *file = new_file();
	struct kern kern;

	(void)state;
	put(file, 60, 0, 2);
	put(file, SHDRS + 32, SECTIONS, 8); /* sh_size of section 0 */
	put(file, 62, 0xffff, 2);           /* e_shstrndx: SHN_XINDEX */
	kern_start(&kern, R121);
	assert_int_equal(load(&kern, file), FB_ENOEXEC);
	assert_console(&kern, UNSUPPORTED("m.ko"));
	kern_fini(&kern);
	free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reserved_indexes_can_be_sections),
		cmocka_unit_test(reserved_indexes_without_sections),
		cmocka_unit_test(extended_numbering_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
