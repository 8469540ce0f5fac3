/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of an existing file: told by its spec, or kept as bytes. */

#include <zlib.h>

#include <kldsim/spec.h>

#include "support_synth_ctf.h"

static char *
from(const struct file *file)
{
	struct kldsim_error error;
	char *text;
	size_t length;

	if (kldsim_synth_from_bytes(file->bytes, file->size, "x", &text,
	    &length, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return text;
}

static struct kldsim_synth *
read_spec(const char *text)
{
	struct kldsim_synth *synth;
	struct kldsim_error error;

	if (kldsim_synth_spec_bytes(text, strlen(text), "x", &synth,
	    &error) != KLDSIM_OK)
		fail_msg("%s\n%s", error.text, text);
	return synth;
}

/* The bytes of the section, and its size. */
static const unsigned char *
section(const struct file *file, size_t *size_ret)
{
	GElf_Shdr shdr;
	Elf_Data *data = data_of(file, ".SUNW_ctf", &shdr);

	*size_ret = data->d_size;
	return data->d_buf;
}

/* File to spec to file: types or bytes, the section stays as it was. */
static bool
check_kept(struct kldsim_synth *s, size_t byte)
{
	struct file file = finish(s), again;
	char *text = from(&file), *second;
	const bool told = strstr(text, ".SUNW_ctf") == NULL;
	struct kldsim_synth *copy = read_spec(text);
	const unsigned char *was, *is;
	size_t was_size, is_size;

	again = finish(copy);
	was = section(&file, &was_size);
	is = section(&again, &is_size);
	if (was_size != is_size || memcmp(was, is, was_size) != 0)
		fail_msg("byte 0x%zx: another section, from\n%s", byte, text);
	second = from(&again);
	assert_string_equal(text, second);
	kldsim_synth_free_bytes(text);
	kldsim_synth_free_bytes(second);
	done(s, &file);
	done(copy, &again);
	return told;
}

static void
test_vectors(void **state)
{
	static const char *const words[] = {
		"\n  ctf-version: 0x3\n", "\n  ctf-compress: no\n",
		"\ntype-labels:\n  - {name: L}\n",
		"  - {kind: integer, name: int, size: 4, encoding: signed} # 1",
		"name: 'unsigned int', root: no, size: 4, bits: 3} # 2",
		"  - {kind: struct, name: foo, size: 0x10, members: [\n",
		"\n      {name: a, type: 1, bit: 0},\n",
		"{kind: array, size: 0x10, type: 1, index: 1, elements: 4}",
		"constants: [\n      A,\n      {name: B, value: -1}]} # 6",
		"{kind: function, type: 1, arguments: [4, 1, 0]} # 9",
		"\nobject-types:\n  - {symbol: y, type: 1}\n",
		"\nfunction-types:\n  - {symbol: g, returns: 1, arguments: [4, 1]}",
	};
	struct kldsim_synth *s = vector("amd64", 3);
	struct file file = finish(s);
	char *text = from(&file);
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(words); i++)
		if (strstr(text, words[i]) == NULL)
			fail_msg("no \"%s\" in\n%s", words[i], text);
	kldsim_synth_free_bytes(text);
	done(s, &file);
	assert_true(check_kept(vector("amd64", 2), 0));
	assert_true(check_kept(vector("amd64", 3), 0));
	assert_true(check_kept(vector("powerpc", 2), 0));
	assert_true(check_kept(vector("powerpc64", 3), 0));
}

/* A child of a parent, a size in two words, and odd words. */
static void
test_rare(void **state)
{
	struct kldsim_synth *s = bare(2);

	(void)state;
	kldsim_synth_ctf_parent(s, "K", "kernel");
	kldsim_synth_ctf_label(s, "K", 0);
	kldsim_synth_ctf_label(s, "older", 1);
	(void)TYPE(s, UNION, .name = "u", .size = UINT64_C(1) << 40,
	    .root = KLDSIM_SYNTH_CTF_HIDDEN);
	kldsim_synth_ctf_member(s, 1, NULL, -3, UINT64_C(1) << 40);
	(void)TYPE(s, FLOAT, .name = "odd \\ 'name'\n", .size = 70, .bits = 9,
	    .encoding = 99, .offset = 3);
	(void)TYPE(s, INTEGER, .size = 2, .bits = 16, .encoding = 0xf1,
	    .root = KLDSIM_SYNTH_CTF_ROOT);
	(void)TYPE(s, UNKNOWN);
	(void)TYPE(s, POINTER, .type = -1);
	assert_true(check_kept(s, 0));
	s = bare(3);
	kldsim_synth_ctf_parent(s, "K", "kernel");
	(void)TYPE(s, POINTER, .type = -(1 << 30) + 1);
	assert_true(check_kept(s, 0));
}

/* A label that covers no type cannot be told, nor a section of nothing. */
static void
test_not_told(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2);

	(void)state;
	kldsim_synth_override(s, "ctf_label[0].ctl_typeidx", 0);
	assert_false(check_kept(s, 0));
	s = vector("amd64", 2);
	kldsim_synth_override(s, "ctf_label[0].ctl_typeidx", 0x80000000);
	assert_false(check_kept(s, 0));
	s = bare(3);
	kldsim_synth_ctf_parent(s, "K", "kernel");
	(void)TYPE(s, POINTER, .type = -(1 << 30));
	assert_false(check_kept(s, 0));
	s = bare(2);
	kldsim_synth_ctf_label(s, "L", 0);
	kldsim_synth_override(s, "ctf_header.cth_objtoff", 0);
	assert_false(check_kept(s, 0));
	s = vector("amd64", 2);
	kldsim_synth_override(s, "shdr[.SUNW_ctf].sh_size", 35);
	assert_false(check_kept(s, 0));
}

/* Every single byte changed, to each of some values. */
static void
test_every_byte(void **state)
{
	static const unsigned char values[] = {0, 1, 2, 9, 10, 0x7f, 0xff};
	struct kldsim_synth *s;
	size_t size, i, j, told = 0;
	unsigned version;
	char name[32];

	(void)state;
	for (version = 2; version <= 3; version++) {
		size = version == 2 ? sizeof(version2) : sizeof(version3);
		for (i = 0; i < size; i++)
			for (j = 0; j < sizeof(values); j++) {
				s = vector("amd64", version);
				(void)snprintf(name, sizeof(name),
				    "ctf_byte[%zu]", i);
				kldsim_synth_override(s, name, values[j]);
				told += check_kept(s, i);
			}
	}
	/* Most of the types' own bytes have other meanings, too. */
	assert_true(told > 200);
}

/* What was compressed is again; every byte of the stream changed is no type. */
static void
test_compressed(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2), *copy;
	struct file file, again;
	const unsigned char *packed;
	size_t size, i;
	char *text, name[48];

	(void)state;
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 1);
	file = finish(s);
	packed = section(&file, &size);
	text = from(&file);
	assert_null(strstr(text, ".SUNW_ctf"));
	assert_null(strstr(text, "ctf-compress"));
	copy = read_spec(text);
	again = finish(copy);
	kldsim_synth_free_bytes(text);
	assert_memory_equal(section(&again, &i), packed, size);
	assert_int_equal(i, size);
	done(copy, &again);
	for (i = 36; i < size; i++) {
		copy = vector("amd64", 2);
		kldsim_synth_option(copy, KLDSIM_SYNTH_CTF_COMPRESS, 1);
		(void)snprintf(name, sizeof(name), "byte[.SUNW_ctf][%zu]", i);
		kldsim_synth_override(copy, name, packed[i] ^ 0x55u);
		assert_false(check_kept(copy, i));
	}
	done(s, &file);
}

/* A symbol in the section, or a second section: what is told must be true. */
static void
test_beside(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2), *copy;
	struct file file;
	GElf_Shdr shdr;
	char *text;

	(void)state;
	file = finish(s);
	copy = vector("amd64", 2);
	kldsim_synth_override(copy, "sym[nt].st_shndx",
	    elf_ndxscn(find(&file, ".SUNW_ctf", &shdr)));
	assert_false(check_kept(copy, 0));
	done(s, &file);
	s = vector("amd64", 2);
	(void)kldsim_synth_section(s, ".SUNW_ctf", SHT_PROGBITS, SHF_ALLOC, 4);
	file = finish(s);
	text = from(&file);
	assert_non_null(strstr(text, "name: .SUNW_ctf"));
	assert_null(strstr(text, "types:"));
	kldsim_synth_free_bytes(text);
	done(s, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_rare),
		cmocka_unit_test(test_not_told),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
