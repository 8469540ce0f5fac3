/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types that are wrong on purpose: each field by its name, the bytes of X-06;
 * and the mistakes of a caller, told by kldsim_synth_finish.
 */

#include <zlib.h>

#include "support_synth_ctf.h"

/* The vector with one override, uncompressed: that field, and nothing else. */
static void
check(unsigned version, const char *name, size_t offset, unsigned width,
    uint64_t value, uint64_t stored)
{
	const bool two = version == 2;
	const size_t size = two ? sizeof(version2) : sizeof(version3);
	struct kldsim_synth *s = vector("amd64", version);
	unsigned char want[sizeof(version3)];
	struct file file;
	GElf_Shdr shdr;
	Elf_Data *data;
	unsigned i;

	memcpy(want, two ? version2 : version3, size);
	for (i = 0; i < width; i++)
		want[offset + i] = (unsigned char)(stored >> 8 * i);
	kldsim_synth_override(s, name, value);
	file = finish(s);
	data = data_of(&file, ".SUNW_ctf", &shdr);
	assert_int_equal(data->d_size, size);
	if (memcmp(data->d_buf, want, size) != 0)
		fail_msg("version %u: %s does not do what it says", version,
		    name);
	done(s, &file);
}

/* A field, and where have it; width 0: only with its bits. */
struct field {
	const char *name;
	size_t offset2;
	unsigned width2;
	size_t offset3;
	unsigned width3;
};

static const struct field fields[] = {
	{"ctf_header.cth_magic", 0, 2, 0, 2},
	{"ctf_header.cth_version", 2, 1, 2, 1},
	{"ctf_header.cth_flags", 3, 1, 3, 1},
	{"ctf_header.cth_parlabel", 4, 4, 4, 4},
	{"ctf_header.cth_parname", 8, 4, 8, 4},
	{"ctf_header.cth_lbloff", 12, 4, 12, 4},
	{"ctf_header.cth_objtoff", 16, 4, 16, 4},
	{"ctf_header.cth_funcoff", 20, 4, 20, 4},
	{"ctf_header.cth_typeoff", 24, 4, 24, 4},
	{"ctf_header.cth_stroff", 28, 4, 28, 4},
	{"ctf_header.cth_strlen", 32, 4, 32, 4},
	{"ctf_label[0].ctl_label", 0x24, 4, 0x24, 4},
	{"ctf_label[0].ctl_typeidx", 0x28, 4, 0x28, 4},
	{"ctf_object[y]", 0x2c, 2, 0x2c, 4},
	{"ctf_object[x]", 0x2e, 2, 0x30, 4},
	{"ctf_func[g].info", 0x30, 2, 0x34, 4},
	{"ctf_func[g].return", 0x32, 2, 0x38, 4},
	{"ctf_func_arg[g][0]", 0x34, 2, 0x3c, 4},
	{"ctf_func_arg[g][1]", 0x36, 2, 0x40, 4},
	{"ctf_func[f].info", 0x38, 2, 0x44, 4},
	{"ctf_type[1].ctt_name", 0x3c, 4, 0x48, 4},
	{"ctf_type[int].ctt_info", 0x40, 2, 0x4c, 4},
	{"ctf_type[1].ctt_size", 0x42, 2, 0x50, 4},
	{"ctf_type[foo].ctt_size", 0x5a, 2, 0x70, 4},
	{"ctf_member[3][0].ctm_name", 0x5c, 4, 0x74, 4},
	{"ctf_member[foo][1].ctm_type", 0x68, 2, 0x84, 4},
	{"ctf_member[3][2].ctm_offset", 0x72, 2, 0x94, 4},
	{"ctf_type[4].ctt_type", 0x7a, 2, 0xa0, 4},
	{"ctf_array[5].cta_contents", 0x84, 2, 0xb0, 4},
	{"ctf_array[5].cta_index", 0x86, 2, 0xb4, 4},
	{"ctf_array[5].cta_nelems", 0x88, 4, 0xb8, 4},
	{"ctf_enum[6][0].cte_name", 0x94, 4, 0xc8, 4},
	{"ctf_enum[e][1].cte_value", 0xa0, 4, 0xd4, 4},
	{"ctf_arg[9][0]", 0xbc, 2, 0xfc, 4},
	{"ctf_arg[9][2]", 0xc0, 2, 0x104, 4},
	{"ctf_byte[0]", 0, 1, 0, 1},
	{"ctf_byte[0xf4]", 0xf4, 1, 0xf4, 1},
};

static void
test_fields(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(fields); i++) {
		check(2, fields[i].name, fields[i].offset2, fields[i].width2,
		    0x5a, 0x5a);
		check(3, fields[i].name, fields[i].offset3, fields[i].width3,
		    (uint64_t)-2, (uint64_t)-2);
	}
}

/* Parts of words; what is beside them stays. */
static void
test_bits(void **state)
{
	(void)state;
	check(2, "ctf_type[1].kind", 0x40, 2, 14, 0x7401);
	check(2, "ctf_type[1].root", 0x40, 2, 0, 0x0801);
	check(2, "ctf_type[3].vlen", 0x58, 2, 1023, 0x37ff);
	check(3, "ctf_type[1].kind", 0x4c, 4, 63, 0xfe000001);
	check(3, "ctf_type[1].root", 0x4c, 4, 0, 0x04000001);
	check(3, "ctf_type[3].vlen", 0x6c, 4, 0x1ffffff, 0x1bffffff);
	check(2, "ctf_func[g].kind", 0x30, 2, 6, 0x3402);
	check(2, "ctf_func[g].root", 0x30, 2, 0, 0x2802);
	check(3, "ctf_func[f].vlen", 0x44, 4, 5, 5);
	check(2, "ctf_encoding[1].bits", 0x44, 4, 0x1234, 0x01001234);
	check(2, "ctf_encoding[1].offset", 0x44, 4, 0x12, 0x01120020);
	check(3, "ctf_encoding[1].encoding", 0x54, 4, 0x12, 0x12000020);
}

/* The long forms: a head in two parts, members with 64 bits of offset. */
static void
test_long_fields(void **state)
{
	static const struct {
		const char *name;
		unsigned offset, width;
	} longs[] = {
		{"ctf_type[1].ctt_size", 6, 2}, {"ctf_type[1].ctt_lsizehi", 8, 4},
		{"ctf_type[1].ctt_lsizelo", 12, 4},
		{"ctf_member[1][1].ctlm_name", 32, 4},
		{"ctf_member[1][1].ctlm_type", 36, 2},
		{"ctf_member[1][1].ctlm_offsethi", 40, 4},
		{"ctf_member[1][1].ctlm_offsetlo", 44, 4},
	};
	struct kldsim_synth *s;
	struct file file;
	GElf_Shdr shdr;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(longs); i++) {
		s = bare(2);
		(void)TYPE(s, STRUCT, .size = 0x10000);
		kldsim_synth_ctf_member(s, 1, "a", 1, 0);
		kldsim_synth_ctf_member(s, 1, "b", 1, 0);
		kldsim_synth_override(s, longs[i].name, 0x77);
		file = finish(s);
		assert_non_null(find(&file, ".SUNW_ctf", &shdr));
		assert_int_equal(integer(&file, shdr.sh_offset + 36 +
		    longs[i].offset, longs[i].width), 0x77);
		done(s, &file);
	}
}

/* X-01 with one byte changed. */
static void
test_one_byte(void **state)
{
	static const struct {
		unsigned char offset, value;
	} bytes[] = {
		{0x00, 0xf0}, {0x02, 0x04}, {0x03, 0x01}, {0x10, 0x09},
		{0x18, 0x16}, {0x1c, 0xa4}, {0x1c, 0x9c}, {0x20, 0x30},
		{0x3c, 0xff}, {0x3f, 0x80}, {0x41, 0x74}, {0xb2, 0x08},
		{0x70, 0x03}, {0x70, 0x0a}, {0x72, 0x80}, {0x7a, 0x04},
	};
	char name[32];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bytes); i++) {
		(void)snprintf(name, sizeof(name), "ctf_byte[0x%x]",
		    bytes[i].offset);
		check(2, name, bytes[i].offset, 1, bytes[i].value,
		    bytes[i].value);
	}
}

/* What is overridden is what gets compressed. */
static void
test_compressed(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2);
	unsigned char room[1024], want[sizeof(version2)];
	uLongf length = sizeof(room);
	struct file file;
	GElf_Shdr shdr;
	Elf_Data *data;

	(void)state;
	memcpy(want, version2, sizeof(want));
	want[0x7a] = 9;
	want[0x20] = 0x32;
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS, 1);
	kldsim_synth_override(s, "ctf_type[4].ctt_type", 9);
	kldsim_synth_override(s, "ctf_header.cth_strlen", 0x32);
	file = finish(s);
	data = data_of(&file, ".SUNW_ctf", &shdr);
	assert_int_equal(integer(&file, shdr.sh_offset + 32, 4), 0x32);
	assert_int_equal(uncompress(room, &length,
	    (const Bytef *)data->d_buf + 36, data->d_size - 36), Z_OK);
	assert_int_equal(length, sizeof(want) - 36);
	assert_memory_equal(room, want + 36, sizeof(want) - 36);
	done(s, &file);
}

static void
check_mistake(struct kldsim_synth *s, enum kldsim_status status,
    const char *words)
{
	struct kldsim_error error;
	void *bytes;
	size_t size;

	assert_int_equal(kldsim_synth_finish(s, &bytes, &size, &error),
	    status);
	if (strstr(error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(s);
}

static void
test_no_such_field(void **state)
{
	static const struct {
		const char *name, *words;
		uint64_t value;
	} wrong[] = {
		{"ctf_types[1].ctt_name", "no such table", 0},
		{"ctf_type[10].ctt_name", "no such thing", 0},
		{"ctf_type[0].ctt_name", "no such thing", 0},
		{"ctf_type[nobody].ctt_name", "no such thing", 0},
		{"ctf_type[1].cta_nelems", "no such field", 0},
		{"ctf_type[1].ctt_lsizehi", "no such thing", 0},
		{"ctf_type[1]", "no such field", 0},
		{"ctf_type", "not TABLE[KEY].FIELD", 0},
		{"ctf_header[0].cth_magic", "no such thing", 0},
		{"ctf_label[1].ctl_label", "no such thing", 0},
		{"ctf_object[g]", "no such thing", 0},
		{"ctf_object[z0]", "no such thing", 0},
		{"ctf_object[y].info", "no such thing", 0},
		{"ctf_func[f].return", "no such thing", 0},
		{"ctf_func_arg[g][2]", "no such thing", 0},
		{"ctf_func_arg[f][0]", "no such thing", 0},
		{"ctf_encoding[3].bits", "no such thing", 0},
		{"ctf_array[1].cta_index", "no such thing", 0},
		{"ctf_member[3][3].ctm_name", "no such thing", 0},
		{"ctf_member[3].ctm_name", "no such thing", 0},
		{"ctf_enum[6][2].cte_name", "no such thing", 0},
		{"ctf_arg[9][3]", "no such thing", 0},
		{"ctf_byte[0xf5]", "no such thing", 0},
		{"ctf_type[1].ctt_size", "too large", 0x10000},
		{"ctf_type[1].kind", "too large", 32},
	};
	struct kldsim_synth *s;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(wrong); i++) {
		s = vector("amd64", 2);
		kldsim_synth_override(s, wrong[i].name, wrong[i].value);
		check_mistake(s, KLDSIM_ARG, wrong[i].words);
	}
	s = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	kldsim_synth_override(s, "ctf_header.cth_magic", 0);
	check_mistake(s, KLDSIM_ARG, "no such table");
}

static void
test_mistakes_of_types(void **state)
{
	struct kldsim_synth *s = bare(2);

	(void)state;
	(void)TYPE(s, POINTER, .type = 2);
	check_mistake(s, KLDSIM_ARG, "there is no type 2");
	s = bare(2);
	(void)TYPE(s, POINTER, .type = -1);
	check_mistake(s, KLDSIM_ARG, "there is no type -1");
	s = bare(2);
	(void)kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = (enum kldsim_synth_ctf_kind)14});
	check_mistake(s, KLDSIM_ARG, "unknown kind 14");
	s = bare(2);
	(void)TYPE(s, INTEGER, .name = "int", .bits = 0x10000);
	check_mistake(s, KLDSIM_ARG, "int");
	s = bare(2);
	(void)TYPE(s, UNION, .size = 8);
	kldsim_synth_ctf_enumerator(s, 1, "A", 1);
	check_mistake(s, KLDSIM_ARG, "type 1 is not there, or has no const");
	s = bare(2);
	kldsim_synth_ctf_member(s, 1, "a", 1, 0);
	check_mistake(s, KLDSIM_ARG, "type 1 is not there, or has no member");
	s = bare(2);
	(void)TYPE(s, STRUCT, .size = 8000);
	kldsim_synth_ctf_member(s, 1, "a", 0, 0x10000);
	check_mistake(s, KLDSIM_ARG, "no room for a member at bit 65536");
	s = bare(1);
	(void)TYPE(s, STRUCT, .size = 8);
	check_mistake(s, KLDSIM_ARG, "version 2 or 3, not 1");
}

/* C-10: 10 bits for a count, 16 for an id; a type without a name is no one's. */
static void
test_mistakes_of_size(void **state)
{
	struct kldsim_synth *s;
	unsigned version;
	int i;

	(void)state;
	for (version = 2; version <= 3; version++) {
		s = bare(version);
		(void)TYPE(s, ENUM, .size = 4);
		for (i = 0; i < 1024; i++)
			kldsim_synth_ctf_enumerator(s, 1, NULL, i);
		for (i = 0; i < 65535; i++)
			(void)TYPE(s, UNKNOWN);
		check_mistake(s, version == 2 ? KLDSIM_ARG : KLDSIM_OK,
		    version == 2 ? "no room for 1024" : "");
	}
	s = bare(2);
	for (i = 0; i < 65536; i++)
		(void)TYPE(s, TYPEDEF, .name = "t", .type = i + 1);
	check_mistake(s, KLDSIM_ARG, "no room for type 65535");
}

static void
test_mistakes_of_symbols(void **state)
{
	struct kldsim_synth *s = vector("amd64", 2);

	(void)state;
	kldsim_synth_ctf_object(s, kldsim_synth_find_symbol(s, "z0"), 1);
	check_mistake(s, KLDSIM_ARG, "symbol z0 is no object");
	s = vector("amd64", 2);
	kldsim_synth_ctf_object(s, kldsim_synth_find_symbol(s, "f"), 1);
	check_mistake(s, KLDSIM_ARG, "symbol f is no object");
	s = vector("amd64", 2);
	kldsim_synth_ctf_func(s, kldsim_synth_find_symbol(s, "und"), 1, NULL,
	    0);
	check_mistake(s, KLDSIM_ARG, "symbol und is no function");
	s = vector("amd64", 2);
	kldsim_synth_ctf_func(s, 1000, 1, NULL, 0);
	check_mistake(s, KLDSIM_ARG, "no symbol 1000");
	s = vector("amd64", 2);
	kldsim_synth_ctf_object(s, kldsim_synth_find_symbol(s, "x"), 10);
	check_mistake(s, KLDSIM_ARG, "there is no type 10");
}

/* Every call takes a builder that failed, and none at all. */
static void
test_no_builder(void **state)
{
	struct kldsim_synth *none = NULL;

	(void)state;
	assert_int_equal(TYPE(none, STRUCT, .size = 4), 0);
	kldsim_synth_ctf_member(NULL, 1, "a", 1, 0);
	kldsim_synth_ctf_enumerator(NULL, 1, "A", 1);
	kldsim_synth_ctf_argument(NULL, 1, 1);
	kldsim_synth_ctf_object(NULL, 1, 1);
	kldsim_synth_ctf_func(NULL, 1, 1, NULL, 0);
	kldsim_synth_ctf_label(NULL, "L", 0);
	kldsim_synth_ctf_parent(NULL, "L", "kernel");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_long_fields),
		cmocka_unit_test(test_one_byte),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_no_such_field),
		cmocka_unit_test(test_mistakes_of_types),
		cmocka_unit_test(test_mistakes_of_size),
		cmocka_unit_test(test_mistakes_of_symbols),
		cmocka_unit_test(test_no_builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
