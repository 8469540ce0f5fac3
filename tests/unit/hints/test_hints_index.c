/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The index over linker.hints gives what the kernel's own walk gives (K-13
 * step 5, H-01, T-12), and leaves odd files to it.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "meta/hints_index.h"
#include "util/bytes.h"

struct file {
	uint8_t bytes[4096];
	uint64_t size;
};

static void
put_int(struct file *file, int value)
{
	while (file->size % 4 != 0)
		file->bytes[file->size++] = 0;
	memcpy(file->bytes + file->size, &value, 4);
	file->size += 4;
}

static void
put_string(struct file *file, const char *text)
{
	file->bytes[file->size++] = (uint8_t)strlen(text);
	memcpy(file->bytes + file->size, text, strlen(text));
	file->size += strlen(text);
}

static void
begin(struct file *file)
{
	memset(file, 0, sizeof(*file));
	put_int(file, 1);
}

/* An MDT_VERSION record as kldxref(8) writes it (H-03). */
static void
put_version(struct file *file, const char *name, int version,
    const char *kld)
{
	uint64_t start = file->size;
	int length;

	put_int(file, 0);
	put_int(file, 3);
	put_string(file, name);
	put_int(file, version);
	put_string(file, kld);
	while (file->size % 4 != 0)
		file->size++;
	length = (int)(file->size - start - 4);
	memcpy(file->bytes + start, &length, 4);
}

static void
facts_of(struct kldsim__facts *facts)
{
	kldsim__facts_for(1201000, facts);
}

static enum kldsim__indexing
build(struct kldsim__hints_index *index, const struct file *file)
{
	static struct kldsim__alloc alloc;
	struct kldsim__facts facts;

	kldsim__alloc_init(&alloc, NULL);
	facts_of(&facts);
	return (kldsim__hints_index_build(index, &alloc, file->bytes,
	    file->size, KLDSIM__HOST_BIG, &facts));
}

/* Both ways, and what they must agree in. */
static void
agree(const struct kldsim__hints_index *index, const struct file *file,
    const char *name, const struct kldsim__mod_depend *dep)
{
	struct kldsim__hints_result walked, found;
	struct kldsim__facts facts;

	facts_of(&facts);
	kldsim__hints_find(file->bytes, file->size, KLDSIM__HOST_BIG, &facts,
	    name, dep, &walked);
	kldsim__hints_index_find(index, name, dep, &found);
	assert_int_equal(found.outcome, walked.outcome);
	assert_string_equal(found.file, walked.file);
	assert_int_equal(found.escapes, walked.escapes);
	if (walked.outcome == KLDSIM__HINTS_FOUND ||
	    walked.outcome == KLDSIM__HINTS_REMEMBERED)
		assert_int_equal(found.offset, walked.offset);
}

/* T-12 by hand: versions 3, 5, 4, 5 in this order. */
static void
versions_are_chosen_as_t12_says(void **state)
{
	static const struct {
		struct kldsim__mod_depend dep;
		const char *file;
	} cases[] = {
		{ { 1, 9, 4 }, "c.ko" }, /* 4 is the best in [1, 4] */
		{ { 1, 2, 9 }, "b.ko" }, /* the first of the two fives */
		{ { 6, 3, 9 }, "a.ko" }, /* preferred, outside the range */
		{ { 6, 7, 9 }, "" },
	};
	struct kldsim__hints_index index;
	struct file file;

	(void)state;
	begin(&file);
	put_version(&file, "m", 3, "a.ko");
	put_version(&file, "other", 4, "x.ko");
	put_version(&file, "m", 5, "b.ko");
	put_version(&file, "m", 4, "c.ko");
	put_version(&file, "m", 5, "d.ko");
	assert_int_equal(build(&index, &file), KLDSIM__INDEXED);
	for (size_t i = 0; i < 4; i++) {
		struct kldsim__hints_result result;

		kldsim__hints_index_find(&index, "m", &cases[i].dep, &result);
		assert_string_equal(result.file, cases[i].file);
		agree(&index, &file, "m", &cases[i].dep);
	}
	agree(&index, &file, "m", NULL);
	agree(&index, &file, "nobody", NULL);
	kldsim__hints_index_fini(&index);
}

/* A file with anything odd about it is the walk's alone (Z-60 to Z-62). */
static void
odd_files_are_not_indexed(void **state)
{
	struct kldsim__hints_index index;
	struct file good, file;
	/* 8: the name (which is padded) ends the record. */
	static const int lengths[] = { 0, -4, 6, 8, 0x7ffffffc, 4000 };

	(void)state;
	begin(&good);
	put_version(&good, "m", 3, "a.ko");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		file = good;
		memcpy(file.bytes + 4, &lengths[i], 4);
		assert_int_equal(build(&index, &file), KLDSIM__NOT_INDEXED);
		kldsim__hints_index_fini(&index);
	}
	for (uint64_t size = 0; size < good.size; size++) {
		file = good;
		file.size = size;
		/* A version word alone is a good file without records. */
		assert_int_equal(build(&index, &file), size == 4 ?
		    KLDSIM__INDEXED : KLDSIM__NOT_INDEXED);
		kldsim__hints_index_fini(&index);
	}
	/* The name, at 12: of 255 bytes, or with a NUL in it. */
	for (size_t i = 0; i < 2; i++) {
		file = good;
		file.bytes[12 + i] = i == 0 ? 255 : '\0';
		assert_int_equal(build(&index, &file), KLDSIM__NOT_INDEXED);
		kldsim__hints_index_fini(&index);
	}
}

/* Random files of few names and versions: index and walk agree in all. */
static void
index_and_walk_agree(void **state)
{
	static const char *const names[] = { "a", "bb", "ccc", "dddd", "" };
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct kldsim__hints_index index;
		struct file file;

		begin(&file);
		for (int i = 0; i < 12; i++) {
			char kld[8] = "x.ko";

			random = random * 1103515245u + 12345u;
			kld[0] = (char)('a' + i);
			put_version(&file, names[random >> 16 & 3],
			    (int)(random >> 20 & 7) - 2, kld);
		}
		assert_int_equal(build(&index, &file), KLDSIM__INDEXED);
		for (size_t n = 0; n < 5; n++) {
			struct kldsim__mod_depend dep = {
				(int)(random >> 8 & 3),
				(int)(random >> 11 & 7),
				(int)(random >> 14 & 7) };

			agree(&index, &file, names[n], &dep);
			agree(&index, &file, names[n], NULL);
		}
		kldsim__hints_index_fini(&index);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_chosen_as_t12_says),
		cmocka_unit_test(odd_files_are_not_indexed),
		cmocka_unit_test(index_and_walk_agree),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
