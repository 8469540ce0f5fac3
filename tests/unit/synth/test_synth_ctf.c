/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The types of a synthesized file, byte by byte.  The vectors and
 * X-06 are literal; what is big-endian or large is written out by hand.
 */

#include <zlib.h>

#include "support_synth_ctf.h"

/* The section is this; a mistake says at which byte. */
static void
check_section(const struct file *file, const unsigned char *want, size_t size)
{
	GElf_Shdr shdr;
	Elf_Data *data = data_of(file, ".SUNW_ctf", &shdr);
	const unsigned char *have = data->d_buf;
	size_t i;

	for (i = 0; i < size && i < data->d_size; i++)
		if (have[i] != want[i])
			fail_msg("at 0x%zx: %02x instead of %02x", i, have[i],
			    want[i]);
	assert_int_equal(data->d_size, size);
}

/* C-01, C-03, C-10 to C-12, C-20, C-21. */
static void
test_vectors(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2);
	struct file file = finish(s);

	(void)state;
	check_section(&file, version2, sizeof(version2));
	done(s, &file);
	s = vector("amd64", 3);
	file = finish(s);
	check_section(&file, version3, sizeof(version3));
	done(s, &file);
}

/* C-01. */
static void
test_section(void **state)
{
	static const char *const machines[] = {"amd64", "arm64"};
	GElf_Shdr shdr, symtab;
	struct kldsim_synth *s;
	struct file file;
	size_t i;
	int id;

	(void)state;
	for (i = 0; i < COUNT(machines); i++) {
		s = kldsim_synth_new(machines[i], KLDSIM_SYNTH_MODULE);
		id = kldsim_synth_func(s, "f");
		kldsim_synth_ctf_func(s, id, 0, NULL, 0);
		file = finish(s);
		assert_non_null(find(&file, ".SUNW_ctf", &shdr));
		assert_int_equal(shdr.sh_type, SHT_PROGBITS);
		assert_int_equal(shdr.sh_flags, 0);
		assert_int_equal(shdr.sh_addralign, 4);
		assert_int_equal(shdr.sh_addr, 0);
		assert_int_equal(shdr.sh_offset % 4, 0);
		assert_ptr_equal(elf_getscn(file.elf, shdr.sh_link),
		    find(&file, ".symtab", &symtab));
		done(s, &file);
	}
}

/* Without a word about types there is no section. */
static void
test_none(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);
	struct file file;
	GElf_Shdr shdr;

	(void)state;
	(void)kldsim_synth_func(s, "f");
	file = finish(s);
	assert_null(find(&file, ".SUNW_ctf", &shdr));
	done(s, &file);
}

/* C-04: the header stays, and the rest inflates to X-01's, or X-02's. */
static void
check_inflates(unsigned version, const unsigned char *want, size_t size)
{
	struct kldsim_synth *s = vector("amd64", version);
	unsigned char room[1024];
	uLongf length = sizeof(room);
	struct file file;
	GElf_Shdr shdr;
	Elf_Data *data;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 1);
	file = finish(s);
	data = data_of(&file, ".SUNW_ctf", &shdr);
	assert_memory_equal(data->d_buf, want, 3);
	assert_int_equal(((unsigned char *)data->d_buf)[3], 1);
	assert_memory_equal((char *)data->d_buf + 4, want + 4, 32);
	assert_int_equal(uncompress(room, &length,
	    (const Bytef *)data->d_buf + 36, data->d_size - 36), Z_OK);
	assert_int_equal(length, size - 36);
	assert_memory_equal(room, want + 36, size - 36);
	done(s, &file);
}

static void
test_compressed(void **state)
{
	(void)state;
	assert_int_equal(sizeof(version2) - 36, 209);
	assert_int_equal(sizeof(version3) - 36, 277);
	check_inflates(2, version2, sizeof(version2));
	check_inflates(3, version3, sizeof(version3));
}

/* The same of a type of each width, for a big-endian machine. */
static void
test_big_endian(void **state)
{
	static const unsigned char two[] = {
		0xcf, 0xf1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4,
		0, 0, 0, 0x28, 0, 0, 0, 7,
		0x00, 0x01,                         /* object x */
		0, 0,                               /* padding */
		0, 0, 0, 1, 0x34, 0x01, 0x00, 0x02, /* struct s */
		0, 0, 0, 3, 0x00, 0x02, 0x00, 0x08, /* byte 1 */
		0, 0, 0, 5, 0x0c, 0x01, 0x00, 0x01, /* char: signed, char */
		3, 0, 0, 8,
		0, 0, 0, 0, 0, 0, 0, 0,             /* a hole */
	};
	static const char strings[] = "\0s\0m\0c";
	struct kldsim_synth *s = kldsim_synth_new("powerpc64",
	    KLDSIM_SYNTH_REL);
	unsigned char want[sizeof(two) + sizeof(strings)];
	struct file file;
	int x;

	(void)state;
	memcpy(want, two, sizeof(two));
	memcpy(want + sizeof(two), strings, sizeof(strings));
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 0);
	x = kldsim_synth_object(s, "x", NULL, 2, 1);
	kldsim_synth_ctf_object(s, x, 1);
	(void)TYPE(s, STRUCT, .name = "s", .size = 2);
	kldsim_synth_ctf_member(s, 1, "m", 2, 8);
	(void)TYPE(s, INTEGER, .name = "c", .size = 1, .bits = 8, .encoding =
	    KLDSIM_SYNTH_CTF_SIGNED | KLDSIM_SYNTH_CTF_CHAR);
	(void)TYPE(s, UNKNOWN);
	file = finish(s);
	check_section(&file, want, sizeof(want));
	done(s, &file);
}

/* A file of nothing but these types, as bytes from its first record on. */
static void
check_records(struct kldsim_synth *s, const unsigned char *want, size_t size)
{
	struct file file = finish(s);
	GElf_Shdr shdr;
	Elf_Data *data = data_of(&file, ".SUNW_ctf", &shdr);

	assert_true(data->d_size >= 36 + size);
	assert_int_equal(integer(&file, shdr.sh_offset + 28, 4), size);
	assert_memory_equal((char *)data->d_buf + 36, want, size);
	done(s, &file);
}

/* A struct of a size, with a member of type 1, itself, at its last byte. */
static struct kldsim_synth *
sized(unsigned version, uint64_t size)
{
	struct kldsim_synth *s = bare(version);

	(void)TYPE(s, STRUCT, .size = size);
	kldsim_synth_ctf_member(s, 1, NULL, 1, (size - 1) * 8);
	return s;
}

/* C-10, C-12: where long heads and large members begin. */
static void
test_long(void **state)
{
	static const unsigned char small2[] = {0, 0, 0, 0, 1, 0x30, 0xff, 0x1f,
		0, 0, 0, 0, 1, 0, 0xf0, 0xff}; /* 8191: bit 65520 */
	static const unsigned char large2[] = {0, 0, 0, 0, 1, 0x30, 0, 0x20,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0xff, 0, 0};
	static const unsigned char short2[] = {0, 0, 0, 0, 1, 0x30, 0xfe, 0xff,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xe8, 0xff, 0x07, 0};
	static const unsigned char long2[] = {0, 0, 0, 0, 1, 0x30, 0xff, 0xff,
		0, 0, 0, 0, 0xff, 0xff, 0, 0,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0xff, 0x07, 0};
	static const unsigned char small3[] = {0, 0, 0, 0, 1, 0, 0, 0x18,
		0xff, 0xff, 0xff, 0x1f, 0, 0, 0, 0, 1, 0, 0, 0,
		0xf0, 0xff, 0xff, 0xff};
	static const unsigned char large3[] = {0, 0, 0, 0, 1, 0, 0, 0x18,
		0, 0, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		0xf8, 0xff, 0xff, 0xff};
	static const unsigned char long3[] = {0, 0, 0, 0, 1, 0, 0, 0x18,
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0, 0, 0, 0, 1, 0, 0, 0, 0x07, 0, 0, 0,
		0xf0, 0xff, 0xff, 0xff};
	static const unsigned char huge3[] = {0, 0, 0, 0, 1, 0, 0, 0x18,
		0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 1, 0, 0, 0, 0x07, 0, 0, 0,
		0xf8, 0xff, 0xff, 0xff};

	(void)state;
	check_records(sized(2, 8191), small2, sizeof(small2));
	check_records(sized(2, 8192), large2, sizeof(large2));
	check_records(sized(2, 0xfffe), short2, sizeof(short2));
	check_records(sized(2, 0xffff), long2, sizeof(long2));
	check_records(sized(3, (1 << 29) - 1), small3, sizeof(small3));
	check_records(sized(3, 1 << 29), large3, sizeof(large3));
	check_records(sized(3, 0xffffffff), long3, sizeof(long3));
	check_records(sized(3, UINT64_C(1) << 32), huge3, sizeof(huge3));
}

/* C-11: only v2 pads the arguments of a function type. */
static void
test_arguments(void **state)
{
	static const unsigned char two[] = {
		0, 0, 0, 0, 1, 0x28, 0, 0, 1, 0, 0, 0,
		0, 0, 0, 0, 2, 0x28, 1, 0, 1, 0, 2, 0,
		0, 0, 0, 0, 0, 0x28, 0, 0};
	static const unsigned char three[] = {
		0, 0, 0, 0, 1, 0, 0, 0x14, 0, 0, 0, 0, 1, 0, 0, 0,
		0, 0, 0, 0, 2, 0, 0, 0x14, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0};
	struct kldsim_synth *s;
	unsigned version;

	(void)state;
	for (version = 2; version <= 3; version++) {
		s = bare(version);
		(void)TYPE(s, FUNCTION);
		(void)TYPE(s, FUNCTION, .type = 1);
		(void)TYPE(s, FUNCTION);
		/* Not one after the other: parts stay with their owner. */
		kldsim_synth_ctf_argument(s, 2, 1);
		kldsim_synth_ctf_argument(s, 1, 1);
		kldsim_synth_ctf_argument(s, 2, 2);
		check_records(s, version == 2 ? two : three,
		    version == 2 ? sizeof(two) : sizeof(three));
	}
}

/* C-11: the other kinds, and who is a root. */
static void
test_kinds(void **state)
{
	static const unsigned char want[] = {
		1, 0, 0, 0, 1, 0x14, 8, 0, 64, 0, 0, 2, /* double */
		3, 0, 0, 0, 0, 0x3c, 4, 0,              /* union u, empty */
		0, 0, 0, 0, 0, 0x58, 1, 0,              /* volatile */
		0, 0, 0, 0, 0, 0x60, 3, 0,              /* const */
		0, 0, 0, 0, 0, 0x6c, 6, 0,              /* restrict, a root */
		0, 0, 0, 0, 0, 0x18, 0, 0,              /* to no type */
		5, 0, 0, 0, 1, 0x0c, 4, 0, 5, 0, 16, 8, /* varargs at 16 */
	};
	struct kldsim_synth *s = bare(2);

	(void)state;
	(void)TYPE(s, FLOAT, .name = "d", .size = 8, .bits = 64, .encoding =
	    KLDSIM_SYNTH_CTF_DOUBLE);
	(void)TYPE(s, UNION, .name = "u", .size = 4);
	(void)TYPE(s, VOLATILE, .type = 1);
	(void)TYPE(s, CONST, .type = 3);
	(void)TYPE(s, RESTRICT, .type = 6, .root = KLDSIM_SYNTH_CTF_ROOT);
	(void)TYPE(s, POINTER, .type = 0);
	(void)TYPE(s, INTEGER, .name = "v", .size = 4, .bits = 5, .offset = 16,
	    .encoding = KLDSIM_SYNTH_CTF_VARARGS);
	check_records(s, want, sizeof(want));
}

/* C-30: a child's own ids have the child bit, its parent's do not. */
static void
test_child(void **state)
{
	static const unsigned char want[] = {
		6, 0, 0, 0, 2, 0x80, 0, 0,        /* label up to 2 */
		0, 0, 0, 0, 0, 0x18, 0x02, 0x80,  /* own 2 */
		0, 0, 0, 0, 0, 0x18, 0x07, 0x00,  /* the parent's 7 */
	};
	struct kldsim_synth *s = bare(2);
	struct file file;
	GElf_Shdr shdr;

	(void)state;
	kldsim_synth_ctf_parent(s, "K", "kern");
	kldsim_synth_ctf_label(s, "K", 0);
	(void)TYPE(s, POINTER, .type = 2);
	(void)TYPE(s, POINTER, .type = -7);
	file = finish(s);
	(void)data_of(&file, ".SUNW_ctf", &shdr);
	assert_int_equal(integer(&file, shdr.sh_offset + 4, 4), 1);
	assert_int_equal(integer(&file, shdr.sh_offset + 8, 4), 3);
	assert_memory_equal((char *)file.bytes + shdr.sh_offset + 36 + 8,
	    want + 8, sizeof(want) - 8);
	assert_int_equal(integer(&file, shdr.sh_offset + 36, 4), 1);
	assert_int_equal(integer(&file, shdr.sh_offset + 40, 4), 0x8002);
	done(s, &file);
}

/* C-24, X-04: ids of y and of g in the order in which symbols were made. */
static void
check_order(bool as_made, unsigned localized, const unsigned char want[7])
{
	static const char *const names[] = {"foo_attach", "EXPORTED_a",
		"hidden_b", "EXPORTED_c", "dat_a", "dat_b", "dat_c"};
	struct kldsim_synth *s = bare(2);
	struct file file;
	GElf_Shdr shdr;
	unsigned i;
	int id;

	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_AS_MADE, as_made);
	for (i = 0; i < COUNT(names); i++) {
		id = i < 4 ? kldsim_synth_func(s, names[i]) :
		    kldsim_synth_object(s, names[i], NULL, 4, 4);
		if ((localized & 1u << i) != 0)
			(void)kldsim_synth_bind(s, id, KLDSIM_SYNTH_LOCAL);
		if (i >= 4)
			kldsim_synth_ctf_object(s, id, (int)i + 1);
		else
			kldsim_synth_ctf_func(s, id, (int)i + 1, NULL, 0);
	}
	for (i = 0; i < COUNT(names); i++)
		(void)TYPE(s, INTEGER, .name = names[i]);
	file = finish(s);
	(void)data_of(&file, ".SUNW_ctf", &shdr);
	for (i = 0; i < 3; i++)
		assert_int_equal(integer(&file, shdr.sh_offset + 36 + 2 * i,
		    2), want[i]);
	for (i = 0; i < 4; i++)
		assert_int_equal(integer(&file, shdr.sh_offset + 44 + 4 * i,
		    2), want[3 + i]);
	done(s, &file);
}

static void
test_order(void **state)
{
	const unsigned list = 1 << 0 | 1 << 2 | 1 << 5, all = 0x7f;

	(void)state;
	/* Objects dat_b, dat_a, dat_c; functions foo_attach, hidden_b ... */
	check_order(false, list, (const unsigned char[]){6, 5, 7, 1, 3, 2, 4});
	check_order(true, list, (const unsigned char[]){5, 6, 7, 1, 2, 3, 4});
	check_order(false, all, (const unsigned char[]){5, 6, 7, 1, 2, 3, 4});
	check_order(true, all, (const unsigned char[]){5, 6, 7, 1, 2, 3, 4});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_section),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
