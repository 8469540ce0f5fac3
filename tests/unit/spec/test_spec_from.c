/* SPDX-License-Identifier: BSD-2-Clause */
/* The spec of an existing file: built again, it has the same spec. */

#include <dirent.h>
#include <string.h>

#include <kldsim/spec.h>

#include "support_synth_file.h"

static char *
from(const void *bytes, size_t size, const char *name)
{
	struct kldsim_error error;
	char *text;
	size_t length;

	if (kldsim_synth_from_bytes(bytes, size, name, &text, &length,
	    &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	assert_int_equal(strlen(text), length);
	return text;
}

static int
loads(const void *bytes, size_t size)
{
	Elf *elf = elf_memory((char *)(uintptr_t)bytes, size);
	size_t i, n;
	GElf_Phdr phdr;
	int count = 0;

	assert_non_null(elf);
	assert_int_equal(elf_getphdrnum(elf, &n), 0);
	for (i = 0; i < n; i++) {
		assert_non_null(gelf_getphdr(elf, (int)i, &phdr));
		count += phdr.p_type == PT_LOAD;
	}
	elf_end(elf);
	return count;
}

/*
 * File to spec, spec to file, and that file's spec, which must be the same.
 * It has its tables where it wants to, but what loads, loads still: D-03.
 */
static void
assert_stable(const void *bytes, size_t size, const char *name)
{
	char *first = from(bytes, size, name), *second;
	struct kldsim_synth *synth;
	struct kldsim_error error;
	void *again = NULL;
	size_t again_size = 0;

	if (kldsim_synth_spec_bytes(first, strlen(first), name, &synth,
	    &error) != KLDSIM_OK ||
	    kldsim_synth_finish(synth, &again, &again_size, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_synth_free(synth);
	if (loads(bytes, size) <= 4 && loads(again, again_size) > 4)
		fail_msg("%s: %d PT_LOADs of %d", name,
		    loads(again, again_size), loads(bytes, size));
	second = from(again, again_size, name);
	if (strcmp(first, second) != 0)
		fail_msg("%s: the second spec is not the first", name);
	kldsim_synth_free_bytes(first);
	kldsim_synth_free_bytes(second);
	kldsim_synth_free_bytes(again);
}

static void
rich_types(struct kldsim_synth *s, int function)
{
	static const struct kldsim_synth_ctf_type types[] = {
		{.kind = KLDSIM_SYNTH_CTF_STRUCT, .name = "s", .size = 8},
		{.kind = KLDSIM_SYNTH_CTF_POINTER, .type = 1},
		{.kind = KLDSIM_SYNTH_CTF_ENUM, .name = "e", .size = 4},
		{.kind = KLDSIM_SYNTH_CTF_FUNCTION, .type = 2},
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		(void)kldsim_synth_ctf_type(s, &types[i]);
	kldsim_synth_ctf_member(s, 1, "next", 2, 0);
	kldsim_synth_ctf_enumerator(s, 3, "A", 7);
	kldsim_synth_ctf_argument(s, 4, 3);
	kldsim_synth_ctf_func(s, function, 2, (const int[]){3, 1}, 2);
	kldsim_synth_ctf_label(s, "L", 0);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 0);
}

/* Something of everything that the machine's files can have. */
static struct kldsim_synth *
rich(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, kind);
	int f = kldsim_synth_func(s, "f"), odd, data, i;

	odd = kldsim_synth_section(s, "odd 'name'\n\x80", 0x60000001,
	    KLDSIM_SYNTH_ALLOC | 0x100000, 64);
	kldsim_synth_append(s, odd, "\1\0\2\0\0", 5);
	kldsim_synth_section(s, "odd 'name'\n\x80", KLDSIM_SYNTH_NOTE, 0, 1);
	data = kldsim_synth_section_named(s, ".data");
	kldsim_synth_append(s, data, NULL, 64);
	for (i = 0; i < 3; i++)
		kldsim_synth_symbol(s, i == 0 ? "twice" : "#2",
		    i == 1 ? KLDSIM_SYNTH_LOCAL : KLDSIM_SYNTH_GLOBAL,
		    KLDSIM_SYNTH_OBJECT, data, (uint64_t)i * 4, 4);
	kldsim_synth_symbol(s, "a.c", KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_FILE,
	    KLDSIM_SYNTH_ABS, 0, 0);
	kldsim_synth_other(s, kldsim_synth_symbol(s, "shared", 2, 5,
	    KLDSIM_SYNTH_COMMON, 16, 32), 2);
	if (is_generic(machine)) {
		kldsim_synth_option(s, KLDSIM_SYNTH_VIMAGE, 0);
		return s;
	}
	kldsim_synth_pointer(s, data, 0, f, 8);
	kldsim_synth_pointer(s, data, 8, kldsim_synth_ref(s, "elsewhere"), 0);
	kldsim_synth_pointer(s, data, 16, kldsim_synth_section_symbol(s, data),
	    4);
	kldsim_synth_dpcpu_pointer(s, "p", f, 0);
	kldsim_synth_vnet(s, "v", "\1\2\3\4", 4, 4);
	kldsim_synth_declare_module(s, "m", f, 1, 2);
	kldsim_synth_mdt_version(s, "m", 5);
	kldsim_synth_ctor(s, ".init_array", f);
	rich_types(s, f);
	return s;
}

static void
test_machines(void **state)
{
	static const enum kldsim_synth_kind kinds[] = {KLDSIM_SYNTH_KERNEL,
	    KLDSIM_SYNTH_MODULE, KLDSIM_SYNTH_REL, KLDSIM_SYNTH_DYN,
	    KLDSIM_SYNTH_EXEC};
	struct kldsim_synth *synth;
	const char *machine;
	struct file file;
	size_t i, j;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++)
		for (j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++) {
			if (j == 0 && is_generic(machine))
				continue;
			synth = rich(machine, kinds[j]);
			if (j == 3)
				kldsim_synth_option(synth,
				    KLDSIM_SYNTH_GNU_HASH, 1);
			if (j == 4)
				kldsim_synth_option(synth,
				    KLDSIM_SYNTH_SYMTAB, 0);
			file = finish(synth);
			assert_stable(file.bytes, file.size, machine);
			done(synth, &file);
		}
}

/* The text says what a person looks for. */
static void
test_text(void **state)
{
	static const char *const words[] = {
		"machine: amd64\nkind: rel\n",
		"# depend kernel 1201000 1201000 1299999\n",
		"# module m as m\n", "# version m 5\n",
		"options:\n  set-bounds: no\n",
		"  - name: 'odd ''name''\\x0a\\x80'\n",
		"    type: 0x60000001\n    flags: alloc 0x100000\n",
		"    size: 5\n    bytes: |\n      010002\n",
		"{type: object, name: twice, section: .data, size: 4}\n",
		"type: R_X86_64_64, symbol: elsewhere}\n",
		"section: .data, addend: 4}\n", "place: common, value: 0x10",
	};
	struct kldsim_synth *synth = rich("amd64", KLDSIM_SYNTH_MODULE);
	struct file file = finish(synth);
	char *text = from(file.bytes, file.size, "rich");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]) == NULL)
			fail_msg("no \"%s\" in\n%s", words[i], text);
	kldsim_synth_free_bytes(text);
	done(synth, &file);
}

/* Every single byte changed, and every size cut: an answer, and no crash. */
static void
test_hostile(void **state)
{
	struct kldsim_synth *synth = rich("i386", KLDSIM_SYNTH_MODULE);
	struct file file = finish(synth);
	struct kldsim_error error;
	unsigned char *copy = malloc(file.size);
	size_t i, length;
	char *text;

	(void)state;
	assert_non_null(copy);
	for (i = 0; i < 2 * file.size; i++) {
		memcpy(copy, file.bytes, file.size);
		if (i < file.size)
			copy[i] ^= i % 3 == 0 ? 0xff : 0x41;
		if (kldsim_synth_from_bytes(copy,
		    i < file.size ? file.size : i - file.size, "x", &text,
		    &length, &error) == KLDSIM_OK)
			kldsim_synth_free_bytes(text);
		else
			assert_int_equal(strncmp(error.text, "x: ", 3), 0);
	}
	free(copy);
	done(synth, &file);
}

/* An alignment that can be built is written, and no other. */
static void
test_alignments(void **state)
{
	static const struct {
		uint64_t align;
		enum kldsim_status status;
	} rows[] = {
		{ 0, KLDSIM_OK },
		{ UINT64_C(1) << 40, KLDSIM_OK },
		{ UINT64_C(1) << 41, KLDSIM_UNSUPPORTED },
		{ UINT64_C(1) << 59, KLDSIM_UNSUPPORTED },
		{ 24, KLDSIM_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *synth = rich("amd64",
		    KLDSIM_SYNTH_MODULE), *read = NULL;
		struct kldsim_error error;
		struct file file;
		size_t size;
		char *text;

		kldsim_synth_override(synth, "shdr[.comment].sh_addralign",
		    rows[i].align);
		(void)kldsim_synth_section(synth, ".comment", SHT_PROGBITS, 0,
		    1);
		file = finish(synth);
		assert_int_equal(kldsim_synth_from_bytes(file.bytes,
		    file.size, "x", &text, &size, &error), rows[i].status);
		if (text != NULL) {
			assert_int_equal(kldsim_synth_spec_bytes(text, size,
			    "x", &read, &error), KLDSIM_OK);
			kldsim_synth_free(read);
			kldsim_synth_free_bytes(text);
		}
		done(synth, &file);
	}
}

/*
 * The generated tables lie in the last segment if that is writable and its
 * zeros may have bytes in the file, else they are a segment of their own.
 */
static void
test_tables_need_no_segment(void **state)
{
	static const struct {
		const char *last; /* of the sections */
		int loads;        /* .text and .data are two */
		uint64_t hash;    /* address of the first table */
	} rows[] = {
		{ "", 2, 0x20114 },
		/* Up to its alignment of 4. */
		{ "- {name: .bss, type: nobits, flags: alloc write, "
		    "address: 0x20114, size: 0x1001, align: 1}", 2, 0x21118 },
		/* A page (64 KiB on arm64) of its own from here on. */
		{ "- {name: .bss, type: nobits, flags: alloc write, "
		    "address: 0x20114, size: 0x100001, align: 1}", 3, 0x130000 },
		{ "- {name: .ro, flags: alloc, align: 1, "
		    "address: 0x20114, size: 1}", 4, 0x30000 },
	};
	char spec[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_synth *synth;
		struct kldsim_error error;
		GElf_Shdr shdr;
		struct file file;

		(void)snprintf(spec, sizeof(spec), "machine: arm64\n"
		    "kind: dyn\nsections:\n"
		    "- {name: .text, flags: alloc exec, address: 0x10000, "
		    "size: 4, align: 4}\n"
		    "- {name: .data, flags: alloc write, address: 0x20110, "
		    "align: 4, bytes: '01020304'}\n%s\n", rows[i].last);
		if (kldsim_synth_spec_bytes(spec, strlen(spec), "x", &synth,
		    &error) != KLDSIM_OK)
			fail_msg("%s", error.text);
		file = finish(synth);
		assert_int_equal(loads(file.bytes, file.size), rows[i].loads);
		assert_non_null(find(&file, ".hash", &shdr));
		assert_int_equal(shdr.sh_addr, rows[i].hash);
		/* In memory it is what the file has for it. */
		assert_int_equal(offset_of(&file, shdr.sh_addr),
		    shdr.sh_offset);
		assert_stable(file.bytes, file.size, "x");
		done(synth, &file);
	}
}

/* Where no section has memory, there is no address to begin at. */
static void
test_nothing_to_load(void **state)
{
	static const char *const sections[] = {"",
	    "sections: [{name: .comment, flags: none, bytes: 41}]\n",
	    "sections: [{name: .data, address: 0x123000, bytes: 41}]\n"};
	struct kldsim_synth *synth;
	struct kldsim_error error;
	struct file file;
	char spec[200], *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		(void)snprintf(spec, sizeof(spec), "machine: arm64\n"
		    "kind: dyn\n%s", sections[i]);
		if (kldsim_synth_spec_bytes(spec, strlen(spec), "x", &synth,
		    &error) != KLDSIM_OK)
			fail_msg("%s", error.text);
		file = finish(synth);
		text = from(file.bytes, file.size, "x");
		assert_int_equal(strstr(text, "  base: 0x") != NULL, i == 2);
		kldsim_synth_free_bytes(text);
		assert_stable(file.bytes, file.size, "x");
		done(synth, &file);
	}
}

static void
test_not_elf(void **state)
{
	struct kldsim_error error;
	char *text;
	size_t size;

	(void)state;
	assert_int_equal(kldsim_synth_from_bytes("hello", 5, "x", &text, &size,
	    &error), KLDSIM_NOT_ELF);
	assert_string_equal(error.text, "x: no ELF file");
	assert_int_equal(kldsim_synth_from("/no/such", &text, &size, &error),
	    KLDSIM_SYS);
	assert_null(text);
}

static bool
fixture(const char *folder, const char *name)
{
	char path[2048];
	unsigned char *bytes;
	FILE *file;
	long size;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size > 0);
	bytes = malloc((size_t)size);
	assert_non_null(bytes);
	rewind(file);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	(void)fclose(file);
	assert_stable(bytes, (size_t)size, path);
	free(bytes);
	return true;
}

static void
test_fixtures(void **state)
{
	static const char *const folders[] = {"boot/kernel",
	    "boot/kernel-novimage", "boot/kernel-13", "boot/kernel-14",
	    "boot/kernel-15", "boot/kernel-stripped", "boot/kernel-big",
	    "arm64/boot/kernel", "i386/boot/kernel", "powerpc/boot/kernel",
	    "powerpc64/boot/kernel"};
	char path[1024];
	struct dirent *entry;
	int files = 0;
	size_t i;
	DIR *dir;

	(void)state;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    KLDSIM_FIXTURES, folders[i]);
		dir = opendir(path);
		if (dir == NULL)
			skip();
		while ((entry = readdir(dir)) != NULL)
			if (entry->d_name[0] != '.')
				files += fixture(path, entry->d_name);
		(void)closedir(dir);
	}
	assert_true(files > 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_alignments),
		cmocka_unit_test(test_tables_need_no_segment),
		cmocka_unit_test(test_nothing_to_load),
		cmocka_unit_test(test_not_elf),
		cmocka_unit_test(test_fixtures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
