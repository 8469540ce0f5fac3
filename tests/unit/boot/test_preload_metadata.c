/* SPDX-License-Identifier: BSD-2-Clause */

/* The boot loader's metadata block: its bytes, and what is found in them. */

#include "support_file.h"
#include "support_preload.h"

#include <elf.h>
#include <stdlib.h>

#include "meta/preload_metadata.h"

#define PAGE 4096u

/* A block of literal bytes, writable. */
#define BLOCK(name, word_, big_, ...)                                     \
	uint8_t name##_bytes[] = { __VA_ARGS__ };                         \
	struct kldsim__preload_metadata name = { name##_bytes,            \
		sizeof(name##_bytes), (word_), (big_) }

/* --- reading --- */

/*
 * P-01, P-02, P-03 with 4-byte words, big endian as on powerpc.  Offsets: NAME
 * 0 (8 + 2, padded to 12), TYPE 12 (8 + 4), ADDR 24 (8 + 4), NAME 36 (8 + 2),
 * SIZE 48 (8 + 4), END 60.
 */
static void
big_endian_words_of_four(void **state)
{
	uint64_t value = 0;
	BLOCK(md, 4, true,
	    0, 0, 0, 1, 0, 0, 0, 2, 'a', 0, 0xee, 0xee,
	    0, 0, 0, 2, 0, 0, 0, 4, 'o', 'b', 'j', 0,
	    0, 0, 0, 3, 0, 0, 0, 4, 0xc0, 0x01, 0x02, 0x03,
	    0, 0, 0, 1, 0, 0, 0, 2, 'b', 0, 0xee, 0xee,
	    0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0x12, 0x34,
	    0, 0, 0, 0, 0, 0, 0, 0);

	(void)state;
	assert_int_equal(kldsim__preload_search_next_name(&md,
	    KLDSIM__NO_MOD), 0);
	assert_int_equal(kldsim__preload_search_next_name(&md, 0), 36);
	assert_int_equal(kldsim__preload_search_next_name(&md, 36),
	    KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_by_name(&md, "b"), 36);
	assert_int_equal(kldsim__preload_search_by_name(&md, "c"),
	    KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_by_type(&md, "obj"), 0);
	assert_string_equal(kldsim__preload_string(&md, 0,
	    KLDSIM__MODINFO_TYPE), "obj");
	assert_true(kldsim__preload_word(&md, 0, KLDSIM__MODINFO_ADDR,
	    &value));
	assert_hex(value, 0xc0010203);
	/* P-03: the next NAME ends the file. */
	assert_false(kldsim__preload_word(&md, 0, KLDSIM__MODINFO_SIZE,
	    &value));
	assert_true(kldsim__preload_word(&md, 36, KLDSIM__MODINFO_SIZE,
	    &value));
	assert_hex(value, 0x1234);
	assert_null(kldsim__preload_string(&md, 36, KLDSIM__MODINFO_TYPE));
	assert_null(kldsim__preload_string(&md, KLDSIM__NO_MOD,
	    KLDSIM__MODINFO_NAME));
}

/*
 * P-03: a search that begins at a TYPE ends at the next TYPE, not at a NAME,
 * and finds its own first record.  Type 0 with a length is no end.  8-byte
 * words, 8 + 2 bytes padded to 16 each: TYPE 0, type 0 16, NAME 32, TYPE 48.
 */
static void
a_search_ends_at_what_it_began_with(void **state)
{
	size_t size = 0;
	BLOCK(md, 8, false,
	    2, 0, 0, 0, 2, 0, 0, 0, 'x', 0, 0, 0, 0, 0, 0, 0,
	    0, 0, 0, 0, 1, 0, 0, 0, 0xaa, 0, 0, 0, 0, 0, 0, 0,
	    1, 0, 0, 0, 2, 0, 0, 0, 'n', 0, 0, 0, 0, 0, 0, 0,
	    2, 0, 0, 0, 2, 0, 0, 0, 'y', 0, 0, 0, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0);

	(void)state;
	assert_string_equal(kldsim__preload_string(&md, 0,
	    KLDSIM__MODINFO_TYPE), "x");
	assert_string_equal(kldsim__preload_string(&md, 0,
	    KLDSIM__MODINFO_NAME), "n");
	assert_null(kldsim__preload_search_info(&md, 0,
	    KLDSIM__MODINFO_ADDR, &size));
	assert_string_equal(kldsim__preload_string(&md, 32,
	    KLDSIM__MODINFO_TYPE), "y");
	/* A TYPE before any NAME belongs to nobody. */
	assert_int_equal(kldsim__preload_search_by_type(&md, "x"),
	    KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_by_type(&md, "y"), 32);
}

/* Z-90, Z-91: what does not fit ends the block, here without harm. */
static void
records_that_do_not_fit(void **state)
{
	uint64_t value;
	BLOCK(length, 8, false, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'a', 0);
	BLOCK(header, 8, false, 1, 0, 0, 0, 2, 0, 0);
	BLOCK(unterminated, 8, false, 1, 0, 0, 0, 2, 0, 0, 0, 'a', 'b', 0, 0,
	    0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0);
	BLOCK(nothing, 8, false, 0);

	(void)state;
	nothing.size = 0;
	assert_int_equal(kldsim__preload_search_by_name(&length, "a"),
	    KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_next_name(&header,
	    KLDSIM__NO_MOD), KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_next_name(&nothing,
	    KLDSIM__NO_MOD), KLDSIM__NO_MOD);
	assert_null(kldsim__preload_string(&unterminated, 0,
	    KLDSIM__MODINFO_NAME));
	/* A word that is too short is none. */
	assert_false(kldsim__preload_word(&unterminated, 0,
	    KLDSIM__MODINFO_ADDR, &value));
	assert_int_equal(kldsim__preload_search_next_name(&length, 8),
	    KLDSIM__NO_MOD);
}

/* --- deleting --- */

/*
 * P-04: all records of that file, and of every other of that name; undone like
 * any change.  The type is the first byte of each record, here every 16.
 */
static void
deleted_records_are_empty(void **state)
{
	static const uint8_t want[] = { 5, 5, 1, 4, 5, 5 };
	static const uint8_t before[] = { 1, 3, 1, 4, 1, 3 };
	struct kldsim__alloc alloc;
	struct kldsim__undo undo;
	unsigned files;
	size_t mark;
	BLOCK(md, 8, false,
	    1, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0,
	    3, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	    1, 0, 0, 0, 2, 0, 0, 0, 'b', 0, 0, 0, 0, 0, 0, 0,
	    4, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	    1, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0, 0, 0, 0, 0,
	    3, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	    0, 0, 0, 0, 0, 0, 0, 0);

	(void)state;
	kldsim__alloc_init(&alloc, NULL);
	kldsim__undo_init(&undo, &alloc);
	mark = kldsim__undo_begin(&undo);
	assert_true(kldsim__preload_delete_name(&md, &undo, "a", &files));
	assert_int_equal(files, 2);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(md.bytes[i * 16], want[i]);
	assert_int_equal(kldsim__preload_search_by_name(&md, "a"),
	    KLDSIM__NO_MOD);
	assert_int_equal(kldsim__preload_search_by_name(&md, "b"), 32);
	kldsim__undo_rollback(&undo, mark);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(md.bytes[i * 16], before[i]);
	assert_true(kldsim__preload_delete_name(&md, &undo, "c", &files));
	assert_int_equal(files, 0);
	kldsim__undo_rollback(&undo, mark);
	kldsim__undo_fini(&undo);
}

/* --- writing --- */

/*
 * P-01, P-05, P-06: NAME, TYPE, ARGS, ADDR, SIZE, then the metadata, the last
 * one added first.  Big endian, words of 4: the string of 3 and the data of 5
 * are padded to 4 and 8 (8 + 5 = 13, 16).
 */
static void
written_big_endian(void **state)
{
	static const uint8_t want[] = {
		0, 0, 0, 1, 0, 0, 0, 3, '/', 'k', 0, 0,
		0, 0, 0, 2, 0, 0, 0, 11, 'e', 'l', 'f', ' ', 'm', 'o', 'd',
		'u', 'l', 'e', 0, 0,
		0, 0, 0, 6, 0, 0, 0, 3, '-', 'v', 0, 0,
		0, 0, 0, 3, 0, 0, 0, 4, 0x00, 0x10, 0x20, 0x00,
		0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0x01, 0x23,
		0, 0, 0x80, 5, 0, 0, 0, 4, 0, 0, 0x0a, 0x0b,
		0, 0, 0x80, 9, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0 };
	struct kldsim__preloaded_file file = { .name = "/k",
		.type = KLDSIM__TYPE_MODULE, .args = "-v", .addr = 0x102000,
		.size = 0x123 };
	const struct kldsim__preloaded_file *const files[] = { &file };
	struct kldsim__preload_metadata md = { NULL, 0, 4, true };
	struct kldsim__alloc alloc;
	struct kldsim__arena arena;

	(void)state;
	kldsim__alloc_init(&alloc, NULL);
	kldsim__arena_init(&arena, &alloc);
	kldsim__file_addmetadata(&file, KLDSIM__MODINFOMD_SHDR,
	    "\1\2\3\4\5", 5);
	kldsim__file_addword(&file, KLDSIM__MODINFOMD_DYNAMIC, 0xa0b);
	assert_true(kldsim__md_copymodules(&md, &arena, files, 1));
	assert_int_equal(md.size, sizeof(want));
	assert_memory_equal(md.bytes, want, sizeof(want));
	kldsim__arena_fini(&arena);
}

/* --- the block of a simulated kernel --- */

struct record {
	uint32_t type;
	uint32_t size;
	const unsigned char *data;
};

/* The records in order, up to END; a walk of the test's own. */
static size_t
records_of(const struct kern *kern, struct record *records, size_t room)
{
	size_t size, n = 0, at = 0;
	const unsigned char *bytes = kldsim_preload_metadata(kern->sim, &size);

	for (;;) {
		struct record *r = &records[n];

		assert_true(at + 8 <= size);
		r->type = (uint32_t)file_load(bytes + at, 4);
		r->size = (uint32_t)file_load(bytes + at + 4, 4);
		r->data = bytes + at + 8;
		if (r->type == 0 && r->size == 0)
			break;
		assert_true(at + 8 + r->size <= size);
		at += (8 + (size_t)r->size + 7) / 8 * 8;
		n++;
		assert_true(n < room);
	}
	assert_int_equal(at + 8, size);
	return n;
}

static uint64_t
word_of(const struct record *record)
{
	assert_int_equal(record->size, 8);
	return file_load(record->data, 8);
}

/* P-05, P-06, P-12, L-17, L-18, L-19: the kernel comes first, with symbols. */
static void
the_kernels_record(void **state)
{
	/* NAME 20 bytes: 28, 32.  TYPE 11: 19, 24. */
	static const char head[] =
	    "\1\0\0\0\x14\0\0\0/boot/kernel/kernel\0\0\0\0\0"
	    "\2\0\0\0\x0b\0\0\0elf kernel\0\0\0\0\0\0"
	    "\3\0\0\0\x08\0\0\0";
	/* Added SHDR, SSYM, ESYM, DYNAMIC, ELFHDR. */
	static const uint32_t types[] = { 1, 2, 3, 4, 0x8002, 0x8005, 0x8004,
		0x8003, 0x8009 };
	struct kldsim_filestat stat;
	struct record records[16];
	struct kern kern;
	size_t size;

	(void)state;
	kern_start(&kern, R121);
	stat = kern_stat(&kern, 1);
	assert_memory_equal(kldsim_preload_metadata(kern.sim, &size), head,
	    32 + 24 + 8);
	assert_int_equal(records_of(&kern, records, 16), 9);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(records[i].type, types[i]);
	assert_hex(word_of(&records[2]), stat.address);
	assert_hex(word_of(&records[3]), stat.size);
	/* The symbols end where the kernel does, and begin in words. */
	assert_hex(word_of(&records[6]), stat.address + stat.size);
	assert_hex(word_of(&records[7]) % 8, 0);
	assert_true(word_of(&records[7]) < word_of(&records[6]));
	assert_int_equal(records[4].size, sizeof(Elf64_Ehdr));
	assert_memory_equal(records[4].data, "\177ELF", 4);
	assert_int_equal(records[8].size, FILE_MEMBER(records[4].data,
	    Elf64_Ehdr, e_shnum) * sizeof(Elf64_Shdr));
	kern_fini(&kern);
}

/* L-19, P-12: without a symbol table nothing is left behind the segments. */
static void
a_stripped_kernel_has_no_symbols(void **state)
{
	struct record records[16];
	struct kern kern;
	size_t n;

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_override(kern.synth, "shdr[.symtab].sh_type", SHT_NULL);
	kern_boot(&kern);
	n = records_of(&kern, records, 16);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(records[i].type, 0x8003);
		assert_int_not_equal(records[i].type, 0x8004);
	}
	assert_int_equal(kern_stat(&kern, 1).size % 8, 0);
	kern_fini(&kern);
}

/*
 * P-05, P-11: a module of .data alone.  Its headers are those of the file, but
 * with sh_addr where the loader has put the section: .data first.
 */
static void
a_modules_record(void **state)
{
	static const uint32_t types[] = { 1, 2, 3, 4, 0x8002, 0x8009 };
	struct preloaded world;
	struct record records[24];
	const struct record *module = &records[9];
	unsigned loaded = 0;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, plain_module(), "/boot/kernel/a.ko");
	preloaded_boot(&world);
	assert_int_equal(records_of(&world.kern, records, 24), 15);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(module[i].type, types[i]);
	assert_string_equal((const char *)module[0].data,
	    "/boot/kernel/a.ko");
	assert_int_equal(module[0].size, 18);
	assert_string_equal((const char *)module[1].data, "elf obj module");
	assert_hex(word_of(&module[2]), KERN_BASE);
	assert_hex(word_of(&module[3]),
	    kern_stat(&world.kern, preloaded_id(&world, 0)).size);
	assert_int_equal(module[4].size, sizeof(Elf64_Ehdr));
	for (size_t at = 0; at < module[5].size; at += sizeof(Elf64_Shdr)) {
		const unsigned char *shdr = module[5].data + at;
		const uint64_t type = FILE_MEMBER(shdr, Elf64_Shdr, sh_type);
		const uint64_t addr = FILE_MEMBER(shdr, Elf64_Shdr, sh_addr);

		if ((FILE_MEMBER(shdr, Elf64_Shdr, sh_flags) & SHF_ALLOC) != 0 &&
		    FILE_MEMBER(shdr, Elf64_Shdr, sh_size) != 0) {
			assert_hex(addr, KERN_BASE);
			loaded++;
		} else if (addr != 0) {
			assert_true(type == SHT_SYMTAB || type == SHT_STRTAB);
			assert_true(addr > KERN_BASE);
		}
	}
	assert_int_equal(loaded, 1);
	preloaded_fini(&world);
}

/* P-10: what the loader refuses is in no record; what the kernel does is. */
static void
refused_files_in_the_block(void **state)
{
	struct kldsim_synth *bad = plain_module();
	struct preloaded world;
	struct record records[32];
	size_t n, names = 0;

	(void)state;
	kldsim_synth_override(bad, "ehdr.e_shstrndx", 0);
	preloaded_init(&world, R121);
	preloaded_add(&world, bad, "bad.ko");
	preloaded_add(&world, module_node(NULL, "nothing", NULL), "alone.ko");
	preloaded_add(&world, plain_module(), "good.ko");
	preloaded_boot(&world);
	preloaded_refused(&world, 0, FB_EIO);
	preloaded_refused(&world, 1, FB_ENOENT);
	(void)preloaded_id(&world, 2);
	n = records_of(&world.kern, records, 32);
	/* 9 of the kernel, 6 each; the unloaded one's are EMPTY (P-04). */
	assert_int_equal(n, 9 + 6 + 6);
	for (size_t i = 0; i < n; i++) {
		names += records[i].type == KLDSIM__MODINFO_NAME;
		if (i >= 9 && i < 15)
			assert_int_equal(records[i].type,
			    KLDSIM__MODINFO_EMPTY);
	}
	assert_int_equal(names, 2);
	assert_string_equal((const char *)records[15].data, "good.ko");
	preloaded_fini(&world);
}

/* P-04, U-13, O-81: kldunload leaves empty records and no memory. */
static void
kldunload_deletes_the_record(void **state)
{
	struct preloaded world;
	struct record records[24];
	unsigned char byte;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, plain_module(), "/boot/kernel/a.ko");
	preloaded_boot(&world);
	assert_int_equal(kldsim_read(world.kern.sim, KERN_BASE, &byte, 1),
	    KLDSIM_OK);
	kern_unload(&world.kern, preloaded_id(&world, 0));
	assert_int_equal(records_of(&world.kern, records, 24), 15);
	for (size_t i = 0; i < 15; i++)
		if (i < 9)
			assert_int_not_equal(records[i].type,
			    KLDSIM__MODINFO_EMPTY);
		else
			assert_int_equal(records[i].type,
			    KLDSIM__MODINFO_EMPTY);
	assert_int_equal(kldsim_read(world.kern.sim, KERN_BASE, &byte, 1),
	    KLDSIM_FAULT);
	preloaded_fini(&world);
}

/* P-04: two files of one name, which the loader itself never has. */
static void
files_of_one_name_go_together(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, module_node("liba", NULL, NULL), "a.ko");
	preloaded_add(&world, module_node("liba", NULL, NULL), "a.ko");
	preloaded_boot(&world);
	(void)preloaded_id(&world, 0);
	preloaded_refused(&world, 1, FB_EEXIST);
	assert_non_null(kern_finding(&world.kern, "preload"));
	preloaded_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(big_endian_words_of_four),
		cmocka_unit_test(a_search_ends_at_what_it_began_with),
		cmocka_unit_test(records_that_do_not_fit),
		cmocka_unit_test(deleted_records_are_empty),
		cmocka_unit_test(written_big_endian),
		cmocka_unit_test(the_kernels_record),
		cmocka_unit_test(a_stripped_kernel_has_no_symbols),
		cmocka_unit_test(a_modules_record),
		cmocka_unit_test(refused_files_in_the_block),
		cmocka_unit_test(kldunload_deletes_the_record),
		cmocka_unit_test(files_of_one_name_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
