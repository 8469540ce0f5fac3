/* SPDX-License-Identifier: BSD-2-Clause */

/* linker.hints as the kernel reads it: K-13, H-01, H-02, Z-60 to Z-63. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_random.h"

#include "meta/linker_hints.h"

static struct kldsim__facts facts12, facts13, facts_main;

static int
setup(void **state)
{
	(void)state;
	kldsim__facts_for(1201000, &facts12);
	kldsim__facts_for(1300139, &facts13);
	kldsim__facts_for(1600026, &facts_main);
	return (0);
}

/* A file being written. */
struct hints {
	uint8_t bytes[8192];
	size_t size;
	bool big;
};

static void
put32(struct hints *h, size_t at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		h->bytes[at + (size_t)i] =
		    (uint8_t)(value >> (h->big ? 24 - 8 * i : 8 * i));
}

static void
add32(struct hints *h, uint32_t value)
{
	while (h->size % 4 != 0)
		h->bytes[h->size++] = 0;
	put32(h, h->size, value);
	h->size += 4;
}

static void
add_string(struct hints *h, const char *text)
{
	size_t length = strlen(text);

	h->bytes[h->size++] = (uint8_t)length;
	memcpy(h->bytes + h->size, text, length);
	h->size += length;
}

static struct hints
begin(bool big)
{
	struct hints h = { .big = big };

	add32(&h, 1);
	return (h);
}

/* A type 3 record; gives its offset. */
static size_t
add_version(struct hints *h, const char *name, int version, const char *file)
{
	size_t at = h->size;

	add32(h, 0);
	add32(h, 3);
	add_string(h, name);
	add32(h, (uint32_t)version);
	add_string(h, file);
	while (h->size % 4 != 0)
		h->bytes[h->size++] = 0;
	put32(h, at, (uint32_t)(h->size - at - 4));
	return (at);
}

/* The lookup on an exact copy, so that a sanitizer sees every overrun. */
static struct kldsim__hints_result
find_with(const struct hints *h, const struct kldsim__facts *facts,
    const char *name, const struct kldsim__mod_depend *dep)
{
	struct kldsim__hints_result result;
	uint8_t *copy = malloc(h->size != 0 ? h->size : 1);

	assert_non_null(copy);
	memcpy(copy, h->bytes, h->size);
	kldsim__hints_find(copy, h->size, h->big, facts, name, dep, &result);
	free(copy);
	return (result);
}

static struct kldsim__hints_result
find(const struct hints *h, const char *name,
    const struct kldsim__mod_depend *dep)
{
	return (find_with(h, &facts12, name, dep));
}

static void
without_a_version_the_first_of_the_name_is_found(void **state)
{
	struct kldsim__hints_result r;

	(void)state;
	for (int big = 0; big < 2; big++) {
		struct hints h = begin(big);
		size_t at;

		add_version(&h, "other", 1, "other.ko");
		at = add_version(&h, "foo", 3, "foo3.ko");
		add_version(&h, "foo", 9, "foo9.ko");
		r = find(&h, "foo", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_FOUND);
		assert_string_equal(r.file, "foo3.ko");
		assert_int_equal(r.version, 3);
		assert_int_equal(r.offset, at);
		assert_false(r.unaligned);
		assert_false(r.escapes);
		r = find(&h, "fo", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_NONE);
		assert_false(r.named);
		r = find(&h, "fooo", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_NONE);
	}
}

static const struct {
	const char *what;
	int min, preferred, max;
	enum kldsim__hints_outcome outcome;
	const char *file;
} versions[] = {
	/* The file has foo in versions 3, 5, 4, 0, -2. */
	{ "preferred ends the walk", 1, 3, 9, KLDSIM__HINTS_FOUND, "v3" },
	{ "preferred outside the range", 7, 4, 9, KLDSIM__HINTS_FOUND, "v4" },
	{ "the best in the range", 1, 7, 9, KLDSIM__HINTS_REMEMBERED, "v5" },
	{ "the range has a top", 1, 7, 4, KLDSIM__HINTS_REMEMBERED, "v4" },
	{ "none in the range", 6, 7, 9, KLDSIM__HINTS_NONE, "" },
	{ "0 is not remembered", -9, 7, 0, KLDSIM__HINTS_NONE, "" },
	{ "but may be preferred", 1, 0, 1, KLDSIM__HINTS_FOUND, "v0" },
	{ "negative as well", 1, -2, 1, KLDSIM__HINTS_FOUND, "v-2" },
	{ "maximum below minimum", 5, 7, 3, KLDSIM__HINTS_NONE, "" },
};

static void
a_version_is_chosen_as_in_step_5(void **state)
{
	struct hints h = begin(false);

	(void)state;
	add_version(&h, "foo", 3, "v3");
	add_version(&h, "bar", 8, "no");
	add_version(&h, "foo", 5, "v5");
	add_version(&h, "foo", 4, "v4");
	add_version(&h, "foo", 0, "v0");
	add_version(&h, "foo", -2, "v-2");
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct kldsim__mod_depend dep = { versions[i].min,
		    versions[i].preferred, versions[i].max };
		struct kldsim__hints_result r = find(&h, "foo", &dep);

		if (r.outcome != versions[i].outcome ||
		    strcmp(r.file, versions[i].file) != 0)
			fail_msg("%s: %d %s", versions[i].what, r.outcome,
			    r.file);
		/* Step 8b: records of the name exist, none is acceptable. */
		assert_true(r.named);
	}
}

static void
only_mdt_version_records_count(void **state)
{
	struct hints h = begin(false);
	size_t at = add_version(&h, "foo", 1, "module.ko");

	(void)state;
	put32(&h, at + 4, 2);
	at = add_version(&h, "foo", 1, "pnp.ko");
	put32(&h, at + 4, 4);
	at = add_version(&h, "foo", 1, "what.ko");
	put32(&h, at + 4, 0xdeadbeef);
	assert_int_equal(find(&h, "foo", NULL).outcome, KLDSIM__HINTS_NONE);
	add_version(&h, "foo", 1, "foo.ko");
	assert_string_equal(find(&h, "foo", NULL).file, "foo.ko");
}

static void
refusals_have_the_words_of_the_release(void **state)
{
	static const struct {
		const struct kldsim__facts *facts;
		const char *large, *version, *truncated;
	} rows[] = {
		{ &facts12, "hints file too large 1048577",
		    "hints file version mismatch 7", NULL },
		{ &facts13, "linker.hints file too large 1048577",
		    "linker.hints file version mismatch 7", NULL },
		{ &facts_main, "linker.hints file too large 1048577",
		    "linker.hints file version mismatch 7",
		    "linker.hints file truncated" },
	};
	struct kldsim__hints_result r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hints h = begin(false);

		/* V-01: not even read. */
		kldsim__hints_find(NULL, 1048577, false, rows[i].facts, "foo",
		    NULL, &r);
		assert_int_equal(r.outcome, KLDSIM__HINTS_REFUSED);
		assert_string_equal(r.message, rows[i].large);
		put32(&h, 0, 7);
		r = find_with(&h, rows[i].facts, "foo", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_REFUSED);
		assert_string_equal(r.message, rows[i].version);
		for (h.size = 0; h.size < 4; h.size++) {
			r = find_with(&h, rows[i].facts, "foo", NULL);
			if (rows[i].truncated != NULL) {
				assert_int_equal(r.outcome,
				    KLDSIM__HINTS_REFUSED);
				assert_string_equal(r.message,
				    rows[i].truncated);
			} else { /* Z-60 */
				assert_int_equal(r.outcome,
				    KLDSIM__HINTS_OUTSIDE);
				assert_string_equal(r.rule, "Z-60");
			}
		}
	}
	kldsim__hints_short_read(12, &r);
	assert_int_equal(r.outcome, KLDSIM__HINTS_REFUSED);
	assert_string_equal(r.message, "can't read 12");
}

static void
the_largest_file_is_read(void **state)
{
	struct kldsim__hints_result r;
	uint8_t *bytes = calloc(1, 1048576);

	(void)state;
	assert_non_null(bytes);
	bytes[0] = 1;
	bytes[4] = 0xf8; /* one record to the end: 4 + 4 + 0xffff8 */
	bytes[5] = 0xff;
	bytes[6] = 0x0f;
	kldsim__hints_find(bytes, 1048576, false, &facts12, "foo", NULL, &r);
	assert_int_equal(r.outcome, KLDSIM__HINTS_NONE);
	/* The same number of bytes, another order. */
	kldsim__hints_find(bytes, 1048576, true, &facts12, "foo", NULL, &r);
	assert_string_equal(r.message, "hints file version mismatch 16777216");
	free(bytes);
}

static void
a_version_word_alone_has_nothing(void **state)
{
	struct hints h = begin(false);

	(void)state;
	assert_int_equal(find(&h, "foo", NULL).outcome, KLDSIM__HINTS_NONE);
}

/* Z-60: a file cut anywhere within the record that matters. */
static void
every_cut_is_seen(void **state)
{
	struct hints h = begin(false);
	size_t end, file;

	(void)state;
	add_version(&h, "foo", 1, "foo.ko");
	end = h.size;
	file = 4 + 4 + 4 + 4 + 4; /* version, len, type, "foo", version */
	for (h.size = 5; h.size < end; h.size++) {
		struct kldsim__hints_result r = find(&h, "foo", NULL);
		bool whole = h.size >= file + 7; /* all but the padding */

		assert_int_equal(r.outcome, whole ? KLDSIM__HINTS_FOUND :
		    KLDSIM__HINTS_OUTSIDE);
		if (!whole) {
			assert_string_equal(r.rule, "Z-60");
			assert_int_equal(r.offset, 4);
			assert_string_equal(r.file, "");
		}
	}
}

static void
what_is_not_chosen_is_not_read(void **state)
{
	struct kldsim__mod_depend dep = { 5, 7, 9 };
	struct hints h = begin(false);
	size_t at = add_version(&h, "foo", 1, "foo.ko");

	(void)state;
	h.size = at + 17; /* the length byte of the file name is the last */
	assert_int_equal(find(&h, "foo", &dep).outcome, KLDSIM__HINTS_NONE);
	assert_int_equal(find(&h, "foo", NULL).outcome,
	    KLDSIM__HINTS_OUTSIDE);
	/* The name ends at a NUL before the file does: nothing is amiss. */
	h.bytes[at + 17] = '\0';
	h.size = at + 18;
	assert_int_equal(find(&h, "foo", NULL).outcome, KLDSIM__HINTS_FOUND);
}

static void
lengths_below_zero_walk_backwards(void **state)
{
	static const struct {
		int32_t length;
		enum kldsim__hints_outcome outcome;
	} rows[] = {
		{ -4, KLDSIM__HINTS_LOOP },   /* stands still */
		{ -8, KLDSIM__HINTS_LOOP },   /* to the version, and back */
		{ -12, KLDSIM__HINTS_OUTSIDE }, /* below the buffer */
		{ INT32_MIN, KLDSIM__HINTS_OUTSIDE },
		{ INT32_MAX, KLDSIM__HINTS_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hints h = begin(false);
		struct kldsim__hints_result r;
		size_t at = add_version(&h, "bar", 1, "bar.ko");

		put32(&h, at, (uint32_t)rows[i].length);
		/* What -8 leads to: a record of length 1 with another type. */
		r = find(&h, "foo", NULL);
		if (rows[i].length == -8) {
			/* 0 + 1 + 4 = 5: reads shift, the length is junk. */
			assert_true(r.unaligned);
			continue;
		}
		assert_int_equal(r.outcome, rows[i].outcome);
		if (rows[i].outcome != KLDSIM__HINTS_NONE)
			assert_string_equal(r.rule, "Z-61");
		/* Found first, the length is never used. */
		r = find(&h, "bar", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_FOUND);
	}
}

static void
a_ring_of_records_is_a_loop(void **state)
{
	struct hints h = begin(false);
	struct kldsim__mod_depend dep = { 1, 9, 8 };
	struct kldsim__hints_result r;
	size_t first, last;

	(void)state;
	first = add_version(&h, "foo", 3, "foo.ko");
	add_version(&h, "bar", 3, "bar.ko");
	last = add_version(&h, "baz", 3, "baz.ko");
	put32(&h, last, (uint32_t)(first - last - 4));
	r = find(&h, "foo", &dep); /* remembered, but the walk goes on */
	assert_int_equal(r.outcome, KLDSIM__HINTS_LOOP);
	assert_string_equal(r.rule, "Z-61");
	assert_string_equal(r.file, "");
}

static void
a_length_of_no_multiple_of_4_shifts_all_that_follows(void **state)
{
	struct hints h = begin(false);
	struct kldsim__hints_result r;
	size_t at = add_version(&h, "bar", 1, "bar.ko");

	(void)state;
	/* The next record begins in the last byte of this one. */
	put32(&h, at, (uint32_t)(h.size - at - 4 - 1));
	add32(&h, 0);
	r = find(&h, "foo", NULL);
	assert_true(r.unaligned); /* Z-62 */
}

static void
names_that_leave_the_folder_are_marked(void **state)
{
	static const struct {
		const char *file;
		bool escapes;
	} rows[] = {
		{ "foo.ko", false }, { "../foo.ko", true }, { "..", true },
		{ "/etc/foo", true }, { "a/b", true }, { "..foo", false },
		{ ".", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hints h = begin(false);
		struct kldsim__hints_result r;

		add_version(&h, "foo", 1, rows[i].file);
		r = find(&h, "foo", NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_FOUND);
		assert_string_equal(r.file, rows[i].file);
		assert_int_equal(r.escapes, rows[i].escapes); /* Z-63 */
	}
}

static void
names_of_every_length_are_compared_whole(void **state)
{
	char name[300], file[256];

	(void)state;
	for (size_t n = 0; n <= 255; n++) {
		struct hints h = begin(n & 1);
		struct kldsim__hints_result r;

		memset(name, 'n', sizeof(name));
		memset(file, 'f', sizeof(file));
		name[n] = file[n] = '\0';
		add_version(&h, name, 2, file);
		r = find(&h, name, NULL);
		assert_int_equal(r.outcome, KLDSIM__HINTS_FOUND);
		assert_string_equal(r.file, file);
		name[n] = 'n';
		name[n + 1] = '\0';
		assert_int_equal(find(&h, name, NULL).outcome,
		    KLDSIM__HINTS_NONE);
	}
}

/*
 * K-13 step 5 once more, as plainly as can be, with a mark on each place the
 * walk has been at.  Reading through get() notes what is outside.
 */
struct plain {
	const struct hints *h;
	bool outside;
};

static int64_t
get(struct plain *p, int64_t at, int width)
{
	uint32_t value = 0;

	if (at < 0 || at + width > (int64_t)p->h->size) {
		p->outside = true;
		return (0);
	}
	for (int i = 0; i < width; i++)
		value |= (uint32_t)p->h->bytes[at + i] <<
		    (p->h->big && width == 4 ? 24 - 8 * i : 8 * i);
	return (width == 4 ? (int64_t)(int32_t)value : (int64_t)value);
}

static enum kldsim__hints_outcome
plain_find(const struct hints *h, const char *name,
    const struct kldsim__mod_depend *dep, char file[256])
{
	static bool been[sizeof(h->bytes)];
	struct plain p = { .h = h };
	int64_t at, best = 0, chosen = 0;
	bool found = false;

	memset(been, 0, sizeof(been));
	file[0] = '\0';
	if (get(&p, 0, 4) != 1)
		return (p.outside ? KLDSIM__HINTS_OUTSIDE :
		    KLDSIM__HINTS_REFUSED);
	for (at = 4; at < (int64_t)h->size && !found;) {
		int64_t length = get(&p, at, 4), type = get(&p, at + 4, 4);
		int64_t q = at + 8, n, version;
		bool same = true;

		if (p.outside)
			return (KLDSIM__HINTS_OUTSIDE);
		if (been[at])
			return (KLDSIM__HINTS_LOOP);
		been[at] = true;
		n = type == 3 ? get(&p, q, 1) : -1;
		if (type == 3 && n == (int64_t)strlen(name)) {
			for (int64_t i = 0; i < n; i++)
				if (get(&p, q + 1 + i, 1) !=
				    (uint8_t)name[i])
					same = false;
			if (same) {
				q += 1 + n;
				while (q % 4 != 0)
					q++;
				version = get(&p, q, 4);
				(void)get(&p, q + 4, 1);
				found = dep == NULL ||
				    version == dep->preferred;
				if (found || (version >= dep->minimum &&
				    version <= dep->maximum &&
				    version > best)) {
					best = version;
					chosen = q + 4;
				}
			}
		}
		if (p.outside)
			return (KLDSIM__HINTS_OUTSIDE);
		at += length + 4;
	}
	if (chosen == 0)
		return (KLDSIM__HINTS_NONE);
	for (int64_t i = 0; i < h->bytes[chosen]; i++) {
		file[i] = (char)get(&p, chosen + 1 + i, 1);
		file[i + 1] = '\0';
		if (p.outside)
			return (KLDSIM__HINTS_OUTSIDE);
		if (file[i] == '\0')
			break;
	}
	return (found ? KLDSIM__HINTS_FOUND : KLDSIM__HINTS_REMEMBERED);
}

static uint64_t seed;

/* Mostly well-formed, then broken in a few places. */
static void
scribble(struct hints *h)
{
	static const char *const names[] = { "a", "b", "foo", "" };
	uint32_t records = random_below(&seed, 8);

	*h = begin(random_below(&seed, 2));
	for (uint32_t i = 0; i < records; i++) {
		size_t at = add_version(h, names[random_below(&seed, 4)],
		    (int)random_below(&seed, 12) - 3, "file.ko");

		if (random_below(&seed, 4) == 0)
			put32(h, at, random_below(&seed, 64) - 40);
		if (random_below(&seed, 4) == 0)
			put32(h, at + 4, random_below(&seed, 6));
	}
	for (uint32_t i = random_below(&seed, 4); i > 0; i--)
		h->bytes[random_below(&seed, (uint32_t)h->size)] =
		    (uint8_t)random_below(&seed, 256);
	if (random_below(&seed, 3) == 0)
		h->size = random_below(&seed, (uint32_t)h->size + 1);
	if (random_below(&seed, 10) == 0) {
		h->size = random_below(&seed, 64);
		for (size_t i = 4; i < h->size; i++)
			h->bytes[i] = (uint8_t)random_below(&seed, 256);
	}
}

static void
a_hundred_thousand_broken_files_are_understood(void **state)
{
	unsigned seen[6] = { 0 };

	(void)state;
	seed = 20260101;
	for (unsigned i = 0; i < 100000; i++) {
		struct kldsim__mod_depend dep = {
		    (int)random_below(&seed, 6) - 1,
		    (int)random_below(&seed, 14) - 3,
		    (int)random_below(&seed, 9) };
		const struct kldsim__mod_depend *d =
		    random_below(&seed, 2) ? &dep : NULL;
		struct kldsim__hints_result r;
		enum kldsim__hints_outcome outcome;
		struct hints h;
		char file[257];

		scribble(&h);
		r = find(&h, i % 2 ? "a" : "foo", d);
		outcome = plain_find(&h, i % 2 ? "a" : "foo", d, file);
		if (r.outcome != outcome)
			fail_msg("input %u: %d, plainly %d", i, r.outcome,
			    outcome);
		if (outcome == KLDSIM__HINTS_FOUND ||
		    outcome == KLDSIM__HINTS_REMEMBERED)
			assert_string_equal(r.file, file);
		seen[outcome]++;
	}
	for (size_t i = 0; i < 6; i++)
		assert_true(seen[i] > 500); /* the inputs are of use */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    without_a_version_the_first_of_the_name_is_found),
		cmocka_unit_test(a_version_is_chosen_as_in_step_5),
		cmocka_unit_test(only_mdt_version_records_count),
		cmocka_unit_test(refusals_have_the_words_of_the_release),
		cmocka_unit_test(the_largest_file_is_read),
		cmocka_unit_test(a_version_word_alone_has_nothing),
		cmocka_unit_test(every_cut_is_seen),
		cmocka_unit_test(what_is_not_chosen_is_not_read),
		cmocka_unit_test(lengths_below_zero_walk_backwards),
		cmocka_unit_test(a_ring_of_records_is_a_loop),
		cmocka_unit_test(
		    a_length_of_no_multiple_of_4_shifts_all_that_follows),
		cmocka_unit_test(names_that_leave_the_folder_are_marked),
		cmocka_unit_test(names_of_every_length_are_compared_whole),
		cmocka_unit_test(
		    a_hundred_thousand_broken_files_are_understood),
	};

	return (cmocka_run_group_tests_name("hints_find", tests, setup,
	    NULL));
}
