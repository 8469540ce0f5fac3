/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Large CTF is inflated by libdeflate if its memory may be the C library's, else
 * by zlib: what is accepted and what is said of the rest is the same (C-04).  The
 * names of much of it are not copied, which nobody sees.
 */

#include <stdio.h>
#include <zlib.h>

#include "support_alloc.h"
#include "support_full.h"
#include "support_types.h"

#include "util/libdeflate.h"

#define HEADER 36u
#define STROFF 0xa0u
#define STRLEN 0x20u /* where the header has it */
#define NAMES  100000u

/* X-01 with many more names behind its own, and the same compressed. */
struct large {
	uint8_t bytes[X01_SIZE + NAMES];
	uint8_t packed[2 * (X01_SIZE + NAMES)]; /* or longer than they are */
	size_t size; /* of packed */
};

static void
set_strlen(struct large *large, uint64_t size)
{
	kldsim__store(large->packed + STRLEN, 4, false, size);
}

/* Bytes of names, the last with its end. */
static void
make_names(uint8_t *names, size_t size)
{
	uint32_t next = 1;

	for (size_t i = 0; i < size; i++) {
		next = next * 1103515245 + 12345;
		names[i] = (uint8_t)("abcdefg\0"[next >> 29]);
	}
	names[size - 1] = '\0';
}

static void
make_large(struct large *large, int level)
{
	uLongf packed = sizeof(large->packed) - HEADER;

	memcpy(large->bytes, support_x01, X01_SIZE);
	make_names(large->bytes + X01_SIZE, NAMES);
	memcpy(large->packed, large->bytes, HEADER);
	large->packed[3] = 1; /* compressed */
	set_strlen(large, sizeof(large->bytes) - HEADER - STROFF);
	assert_int_equal(compress2(large->packed + HEADER, &packed,
	    large->bytes + HEADER, sizeof(large->bytes) - HEADER, level), Z_OK);
	large->size = HEADER + packed;
}

/* --- libdeflate by itself --- */

static bool
is_there(void)
{
	const char *why = kldsim__libdeflate_load();

	if (why != NULL && strcmp(why, "built without libdeflate") == 0)
		return (false);
	assert_null(why);
	return (true);
}

static void
by_itself(void **state)
{
	static struct large large;
	static uint8_t inflated[sizeof(large.bytes) - HEADER + 1];
	const size_t size = sizeof(inflated) - 1;
	size_t used;

	(void)state;
	if (!is_there()) {
		printf("skipped: built without libdeflate\n");
		skip();
	}
	make_large(&large, 9);
	assert_true(kldsim__libdeflate(large.packed + HEADER,
	    large.size - HEADER + 5, inflated, size, &used));
	assert_int_equal(used, large.size - HEADER);
	assert_memory_equal(inflated, large.bytes + HEADER, size);
	assert_false(kldsim__libdeflate(large.packed + HEADER,
	    large.size - HEADER, inflated, size + 1, &used));
	assert_false(kldsim__libdeflate(large.packed + HEADER,
	    large.size - HEADER, inflated, size - 1, &used));
	assert_false(kldsim__libdeflate(large.packed + HEADER,
	    large.size - HEADER - 1, inflated, size, &used));
}

/* --- both ways --- */

static void
same_graph(const struct kldsim_types *one, const struct kldsim_types *other)
{
	struct kldsim_types_remark remark, also;
	struct kldsim_type_member member;
	uint32_t i;

	assert_int_equal(one->strings_size, other->strings_size);
	assert_memory_equal(one->strings, other->strings, one->strings_size);
	assert_int_equal(one->ntypes, other->ntypes);
	assert_int_equal(kldsim_type_member(one, 3, 2, &member), KLDSIM_OK);
	assert_string_equal(member.name, "next");
	for (i = 0; kldsim_types_remark(one, i, &remark) == KLDSIM_OK; i++) {
		assert_int_equal(kldsim_types_remark(other, i, &also),
		    KLDSIM_OK);
		assert_string_equal(remark.text, also.text);
		assert_int_equal(remark.offset, also.offset);
	}
	assert_int_equal(kldsim_types_remark(other, i, &also), KLDSIM_NOENT);
}

/* Both ways have one answer; how many remarks it has, or -1: refused. */
static int
both_ways(const uint8_t *bytes, size_t size, struct kldsim_error *error_ret)
{
	const struct kldsim__ctf_section section =
	    support_section(bytes, size, false);
	struct kldsim_types_options options;
	struct kldsim_types *one, *other;
	struct kldsim_error also;
	struct support_alloc alloc;
	int remarks = -1;

	support_alloc_init(&alloc, -1);
	kldsim_types_options_init(&options, sizeof(options));
	one = support_types_read_as(&section, NULL, &options, error_ret);
	options.allocator = support_allocator(&alloc);
	other = support_types_read_as(&section, NULL, &options, &also);
	assert_int_equal(one == NULL, other == NULL);
	if (one != NULL) {
		same_graph(one, other);
		remarks = (int)one->nremarks;
	} else {
		assert_int_equal(error_ret->status, also.status);
		assert_string_equal(error_ret->text, also.text);
		assert_int_equal(error_ret->has_offset, also.has_offset);
		assert_int_equal(error_ret->offset, also.offset);
	}
	kldsim_types_free(one);
	kldsim_types_free(other);
	assert_int_equal(alloc.live, 0);
	return (remarks);
}

static void
is_refused(const uint8_t *bytes, size_t size, const char *why)
{
	struct kldsim_error error;

	assert_int_equal(both_ways(bytes, size, &error), -1);
	assert_int_equal(error.status, KLDSIM_MALFORMED);
	assert_non_null(strstr(error.text, why));
}

/* Stored, by fixed codes for want of better ones, and by its own. */
static void
accepted(void **state)
{
	static struct large large;
	struct kldsim_error error;
	uint32_t check;

	(void)state;
	for (int level = 0; level <= 9; level += 3) {
		make_large(&large, level);
		assert_int_equal(both_ways(large.packed, large.size, &error),
		    0);
		/* C-04: what is behind the stream is nobody's. */
		memcpy(large.packed + large.size, "abc", 3);
		assert_int_equal(both_ways(large.packed, large.size + 3,
		    &error), 1);
	}
	/* RFC 1950: the checksum of what was compressed stands at the end. */
	check = kldsim__load32(large.packed + large.size - 4, true);
	assert_int_equal(check, adler32(1, large.bytes + HEADER,
	    (uInt)(sizeof(large.bytes) - HEADER)));
}

static void
cut(void **state)
{
	static struct large large;
	const size_t ends[] = { 0, 1, 2, 3, 100 };

	(void)state;
	make_large(&large, 9);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		is_refused(large.packed, HEADER + ends[i], ".SUNW_ctf, "
		    "offset 0x24: what is compressed is not the ");
	for (size_t i = 1; i < 6; i++)
		is_refused(large.packed, large.size - i, ".SUNW_ctf, "
		    "offset 0x24: what is compressed is not the ");
}

static void
another_size(void **state)
{
	static struct large large;
	const uint64_t size = sizeof(large.bytes) - HEADER - STROFF;

	(void)state;
	make_large(&large, 9);
	for (uint64_t off = 1; off < 1000; off *= 7) {
		set_strlen(&large, size + off);
		is_refused(large.packed, large.size, "is not the ");
		set_strlen(&large, size - off);
		is_refused(large.packed, large.size, "is not the ");
	}
}

static void
spoiled(void **state)
{
	static const char spoiled_stream[] = "offset 0x24: no zlib stream of ";
	static struct large large;
	struct kldsim_error error;
	unsigned tried = 0, unnoticed = 0;

	(void)state;
	make_large(&large, 9);
	for (size_t i = 1; i <= 4; i++) {
		large.packed[large.size - i] ^= 0x10; /* of the checksum */
		is_refused(large.packed, large.size, spoiled_stream);
		large.packed[large.size - i] ^= 0x10;
	}
	large.packed[HEADER + 1] ^= 0x1; /* of the header's */
	is_refused(large.packed, large.size, spoiled_stream);
	large.packed[HEADER + 1] ^= 0x1;
	/* RFC 1950: a dictionary that nobody has; 0x7820 is a multiple of 31. */
	large.packed[HEADER] = 0x78;
	large.packed[HEADER + 1] = 0x20;
	assert_int_equal(0x7820 % 31, 0);
	is_refused(large.packed, large.size, spoiled_stream);
	make_large(&large, 9);
	for (size_t at = HEADER; at < large.size;
	    at += full_or_few(1, large.size / 50), tried++) {
		large.packed[at] ^= (uint8_t)(1 << at % 8);
		unnoticed += both_ways(large.packed, large.size, &error) >= 0;
		large.packed[at] ^= (uint8_t)(1 << at % 8);
	}
	/* Another distance can lead to the same names. */
	assert_in_range(unnoticed, 0, tried / 100);
}

/* --- what libdeflate takes, and zlib refuses --- */

/* RFC 1951, written bit by bit. */
struct bits {
	uint8_t *to;
	unsigned have; /* bits of the last byte */
};

/* A number: its lowest bit comes first. */
static void
put_number(struct bits *bits, unsigned number, unsigned width)
{
	for (unsigned i = 0; i < width; i++) {
		if (bits->have == 0)
			*bits->to = 0;
		*bits->to |= (uint8_t)((number >> i & 1) << bits->have);
		bits->have = (bits->have + 1) % 8;
		bits->to += bits->have == 0;
	}
}

/* A Huffman code: its highest bit comes first. */
static void
put_code(struct bits *bits, unsigned code, unsigned width)
{
	while (width-- > 0)
		put_number(bits, code >> width, 1);
}

/* 3.2.6: a literal, the end of the block or a length, by the fixed codes. */
static void
put_symbol(struct bits *bits, unsigned symbol)
{
	if (symbol < 144)
		put_code(bits, 0x30 + symbol, 8);
	else if (symbol < 256)
		put_code(bits, 0x190 + symbol - 144, 9);
	else if (symbol < 280)
		put_code(bits, symbol - 256, 7);
	else
		put_code(bits, 0xc0 + symbol - 280, 8);
}

/* The last bytes of the large one but its very last are a copy of others. */
static uint8_t *
end_of(struct large *large)
{
	return (large->bytes + sizeof(large->bytes) - 1);
}

#define COPY 258u /* RFC 1951: the longest, symbol 285 */

/* A stream of one block; the copy comes from so many bytes before it. */
static struct bits
begin_stream(struct large *large, size_t distance, unsigned type)
{
	struct bits bits = { large->packed + HEADER, 0 };
	uint8_t *copy = end_of(large) - COPY;

	make_large(large, 0); /* for the bytes and the header */
	for (size_t i = 0; i < COPY; i++)
		copy[i] = *(copy + i - distance);
	put_number(&bits, 0x78, 8); /* RFC 1950: 0x789c is a multiple of 31 */
	put_number(&bits, 0x9c, 8);
	put_number(&bits, 1, 1); /* the last one */
	put_number(&bits, type, 2);
	return (bits);
}

static void
end_stream(struct large *large, struct bits *bits)
{
	assert_true(bits->to + 5 < large->packed + sizeof(large->packed));
	put_number(bits, 0, (8 - bits->have) % 8);
	kldsim__store(bits->to, 4, true, adler32(1, large->bytes + HEADER,
	    (uInt)(sizeof(large->bytes) - HEADER)));
	large->size = (size_t)(bits->to + 4 - large->packed);
}

/*
 * Fixed codes, and a copy from where the distance 29 begins.  Whatever else is
 * copied spoils the checksum.
 */
static void
make_with_symbols(struct large *large, unsigned length, unsigned distance)
{
	struct bits bits = begin_stream(large, 24577, 1);

	for (const uint8_t *at = large->bytes + HEADER;
	    at < end_of(large) - COPY; at++)
		put_symbol(&bits, *at);
	put_symbol(&bits, length);
	put_code(&bits, distance, 5);
	put_number(&bits, 0, 13); /* no farther */
	put_symbol(&bits, *end_of(large));
	put_symbol(&bits, 256);
	end_stream(large, &bits);
}

/* A block with codes of its own, as far as it is not always the same. */
struct codes {
	unsigned lengths, distances; /* for how many it says how long each is */
	unsigned used;               /* distances that have one, of one bit */
	unsigned bit;                /* that stands for the copy's distance */
};

/*
 * 3.2.7: how long each code is, 0, 1, 2 or 9 bits, says a code of two bits.  256
 * and 285 have 00 and 01, literals nine bits each, from 100000000 on.  Symbol 0
 * is the distance 1.
 */
static void
put_codes(struct bits *bits, const struct codes *codes)
{
	static const uint8_t order[] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11,
		4, 12, 3, 13, 2, 14, 1 };

	put_number(bits, codes->lengths - 257, 5);
	put_number(bits, codes->distances - 1, 5);
	put_number(bits, sizeof(order) - 4, 4);
	for (size_t i = 0; i < sizeof(order); i++)
		put_number(bits, order[i] < 3 || order[i] == 9 ? 2 : 0, 3);
	for (unsigned i = 0; i < codes->lengths; i++)
		put_code(bits, i < 256 ? 3 : i == 256 || i == 285 ? 2 : 0, 2);
	for (unsigned i = 0; i < codes->distances; i++)
		put_code(bits, i < codes->used ? 1 : 0, 2);
}

static void
make_with_codes(struct large *large, const struct codes *codes)
{
	struct bits bits = begin_stream(large, 1, 2);

	put_codes(&bits, codes);
	for (const uint8_t *at = large->bytes + HEADER;
	    at < end_of(large) - COPY; at++)
		put_code(&bits, 0x100u + *at, 9);
	put_code(&bits, 1, 2);
	put_code(&bits, codes->bit, 1);
	put_code(&bits, 0x100u + *end_of(large), 9);
	put_code(&bits, 0, 2);
	end_stream(large, &bits);
}

/* Whether it is accepted, with this allocator or without one. */
static bool
is_read(const struct large *large, struct support_alloc *alloc)
{
	const struct kldsim__ctf_section section =
	    support_section(large->packed, large->size, false);
	struct kldsim_types_options options;
	struct kldsim_types *types;
	struct kldsim_error error;

	kldsim_types_options_init(&options, sizeof(options));
	if (alloc != NULL)
		options.allocator = support_allocator(alloc);
	types = support_types_read_as(&section, NULL, &options, &error);
	if (types == NULL) {
		assert_int_equal(error.status, KLDSIM_MALFORMED);
		assert_non_null(strstr(error.text, "offset 0x24: no zlib "
		    "stream of "));
	} else {
		support_type_is(types, 3, "struct foo");
	}
	kldsim_types_free(types);
	return (types != NULL);
}

/* FIDELITY: see lib/types/ctf_inflate.c. */
static void
taken_by_libdeflate_alone(struct large *large)
{
	struct support_alloc alloc;
	struct kldsim_error error;

	assert_int_equal(is_read(large, NULL), is_there());
	support_alloc_init(&alloc, -1);
	assert_false(is_read(large, &alloc));
	assert_int_equal(alloc.live, 0);
	/* With another checksum nobody takes it. */
	large->packed[large->size - 1] ^= 1;
	assert_int_equal(both_ways(large->packed, large->size, &error), -1);
}

static void
reserved_symbols(void **state)
{
	static const unsigned reserved[][2] = { { 286, 29 }, { 287, 29 },
		{ 285, 30 }, { 285, 31 } };
	static struct large large;
	struct kldsim_error error;

	(void)state;
	make_with_symbols(&large, 285, 29);
	assert_int_equal(both_ways(large.packed, large.size, &error), 0);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		make_with_symbols(&large, reserved[i][0], reserved[i][1]);
		taken_by_libdeflate_alone(&large);
	}
}

static void
codes_that_zlib_refuses(void **state)
{
	static const struct codes good[] = { { 286, 30, 2, 0 },
		{ 286, 1, 1, 0 } };
	static const struct codes refused[] = { { 287, 30, 2, 0 },
		{ 288, 30, 2, 0 }, { 286, 31, 2, 0 }, { 286, 32, 2, 0 },
		{ 286, 1, 1, 1 }, { 286, 1, 0, 0 } };
	static struct large large;
	struct kldsim_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		make_with_codes(&large, &good[i]);
		assert_int_equal(both_ways(large.packed, large.size, &error),
		    0);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		make_with_codes(&large, &refused[i]);
		taken_by_libdeflate_alone(&large);
	}
}

/* --- names that stay where they were inflated --- */

#define MANY_NAMES (5u << 20)

/* X-01 with so many names that its memory is the host's. */
struct huge {
	uint8_t bytes[X01_SIZE + MANY_NAMES];
	uint8_t packed[X01_SIZE + MANY_NAMES + 8192];
	size_t size; /* of packed */
};

/* first is all of the first string but its end: none in what is well made. */
static void
make_huge(struct huge *huge, char first)
{
	uLongf packed = sizeof(huge->packed) - HEADER;

	memcpy(huge->bytes, support_x01, X01_SIZE);
	make_names(huge->bytes + X01_SIZE, MANY_NAMES);
	huge->bytes[HEADER + STROFF] = (uint8_t)first;
	memcpy(huge->packed, huge->bytes, HEADER);
	huge->packed[3] = 1; /* compressed */
	kldsim__store(huge->packed + STRLEN, 4, false,
	    sizeof(huge->bytes) - HEADER - STROFF);
	assert_int_equal(compress2(huge->packed + HEADER, &packed,
	    huge->bytes + HEADER, sizeof(huge->bytes) - HEADER, 1), Z_OK);
	huge->size = HEADER + packed;
}

/* Of the graph whose allocator is the C library's, then of another's. */
static void
read_huge(const struct huge *huge, uint64_t most, struct support_alloc *alloc,
    struct kldsim_types *types_ret[2], struct kldsim_error error_ret[2])
{
	struct kldsim__ctf_section section =
	    support_section(huge->packed, huge->size, false);
	struct kldsim_types_options options;
	struct support_symtab table;

	section.kernel = true;
	support_symtab_x03(&table);
	support_alloc_init(alloc, -1);
	kldsim_types_options_init(&options, sizeof(options));
	options.limits.type_strings = most;
	types_ret[0] = support_types_read_as(&section, &table, &options,
	    &error_ret[0]);
	options.allocator = support_allocator(alloc);
	types_ret[1] = support_types_read_as(&section, &table, &options,
	    &error_ret[1]);
}

static void
same_names(const struct kldsim_types *one, const struct kldsim_types *other)
{
	struct kldsim_typed_symbol symbol, also;
	struct kldsim_type type, same;
	uint32_t i;

	assert_string_equal(one->info.label, "L");
	for (i = 1; kldsim_type_get(one, i, &type) == KLDSIM_OK; i++) {
		assert_int_equal(kldsim_type_get(other, i, &same), KLDSIM_OK);
		assert_string_equal(type.name, same.name);
	}
	assert_int_equal(kldsim_type_get(other, i, &same), KLDSIM_NOENT);
	for (i = 0; kldsim_types_symbol(one, i, &symbol) == KLDSIM_OK; i++) {
		assert_int_equal(kldsim_types_symbol(other, i, &also),
		    KLDSIM_OK);
		assert_string_equal(symbol.name, also.name);
		assert_int_equal(symbol.type, also.type);
	}
	assert_int_not_equal(i, 0);
	assert_string_equal(kldsim__type_name(one, &one->types[0]), "");
	support_type_is(one, 3, "struct foo");
}

/* A first string that is not "" has no reference, and names nothing. */
static void
kept(void **state)
{
	static struct huge huge;
	struct support_alloc alloc;
	struct kldsim_types *types[2];
	struct kldsim_error error[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		make_huge(&huge, i == 0 ? '\0' : 'x');
		read_huge(&huge, 0, &alloc, types, error);
		assert_int_equal(types[0]->pages != NULL, i == 0);
		assert_null(types[1]->pages);
		same_names(types[0], types[1]);
		assert_int_equal(types[0]->strings_size,
		    types[1]->strings_size);
		kldsim_types_free(types[0]);
		kldsim_types_free(types[1]);
		assert_int_equal(alloc.live, 0);
	}
}

/* One limit for both, of a file's names and of its symbols' after them. */
static void
kept_to_a_limit(void **state)
{
	/* "" of the graph and those of the file; an end; those of symbols. */
	const uint64_t file = 1 + X01_SIZE - HEADER - STROFF + MANY_NAMES;
	static struct huge huge;
	struct support_alloc alloc;
	struct support_symtab table;
	struct kldsim_types *types[2];
	struct kldsim_error error[2];

	(void)state;
	support_symtab_x03(&table);
	make_huge(&huge, '\0');
	const uint64_t all = file + 1 + table.strings_size;
	const uint64_t limits[] = { file - 1, file, all - 1, all };
	for (unsigned i = 0; i < 4; i++) {
		read_huge(&huge, limits[i], &alloc, types, error);
		assert_int_equal(types[0] != NULL, i == 3);
		assert_int_equal(types[1] != NULL, i == 3);
		if (i < 3)
			assert_string_equal(error[0].text, error[1].text);
		kldsim_types_free(types[0]);
		kldsim_types_free(types[1]);
		assert_int_equal(alloc.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_itself),
		cmocka_unit_test(accepted),
		cmocka_unit_test(cut),
		cmocka_unit_test(another_size),
		cmocka_unit_test(spoiled),
		cmocka_unit_test(reserved_symbols),
		cmocka_unit_test(codes_that_zlib_refuses),
		cmocka_unit_test(kept),
		cmocka_unit_test(kept_to_a_limit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
