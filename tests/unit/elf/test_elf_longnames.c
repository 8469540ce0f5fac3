/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Names that lie over each other: what they have together, and who refuses to
 * read that much.
 */

#include <stdio.h>
#include <stdlib.h>

#include <kldsim/kbi.h>

#include "support_base.h"
#include "support_ctf.h"
#include "support_kern.h"
#include "elf/longnames.h"
#include "sym/elfindex.h"
#include "sym/fullsyms.h"
#include "util/bytes.h"

/* Symbol i, of 64 bits: its name begins at `first` + i. */
static struct kldsim__symview
view_of(uint8_t *syms, uint32_t count, uint32_t first, const char *strings,
    size_t size)
{
	struct kldsim__symview view = { .syms = syms, .count = count,
		.is64 = true };

	memset(syms, 0, (size_t)count * 24);
	for (uint32_t i = 0; i < count; i++)
		kldsim__store(syms + (size_t)i * 24, 4, false, first + i);
	kldsim__symview_set_strings(&view, (const uint8_t *)strings, size);
	return (view);
}

/* A string of 1024 bytes is not long, one of 1025 is, wherever it begins. */
static void
counts(void **state)
{
	char strings[5000];
	uint8_t syms[3 * 24];

	(void)state;
	for (unsigned at = 0; at < 2100; at += 7) {
		struct kldsim__symview view;

		memset(strings, 0, sizeof(strings));
		memset(strings + at, 'x', 1024);
		view = view_of(syms, 3, at, strings, sizeof(strings));
		assert_true(kldsim__long_names(&view, 1 << 20) == 0);
		strings[at + 1024] = 'x';
		assert_true(kldsim__long_names(&view, 1 << 20) ==
		    1025 + 1024 + 1023);
		assert_true(kldsim__long_names(&view, 1500) == 1025 + 1024);
		/* A name outside the strings has no bytes. */
		kldsim__store(syms + 24, 4, false, sizeof(strings));
		assert_true(kldsim__long_names(&view, 1 << 20) ==
		    1025 + 1023);
	}
	/* The last string has no NUL, so it is none. */
	memset(strings, 'x', sizeof(strings));
	assert_true(kldsim__long_names(&(struct kldsim__symview){ .syms = syms,
	    .count = 3, .is64 = true }, 1) == 0);
}

#define SYMBOLS 300u
#define LENGTH (1u << 18)
_Static_assert((uint64_t)(SYMBOLS - 1) * (LENGTH - SYMBOLS) >
    KLDSIM__NAMES_MOST, "an index would be made");

/* One chain has all symbols; the answers are the table's, without an index. */
static void
no_index_of_long_names(void **state)
{
	uint8_t syms[SYMBOLS * 24], words[(1 + SYMBOLS) * 4] = { 0 };
	struct kldsim__elfhash table = { .words = words, .nbuckets = 1,
		.nchains = SYMBOLS, .nwords = 1 + SYMBOLS };
	struct kldsim__elfindex index = { .asked = 0 };
	struct support_base base;
	struct kldsim__symview view;
	char *strings = malloc(LENGTH);
	uint32_t found = 0;

	(void)state;
	assert_non_null(strings);
	support_base_init(&base, -1);
	memset(strings, 'x', LENGTH - 1);
	strings[0] = strings[LENGTH - 1] = '\0';
	view = view_of(syms, SYMBOLS, 0, strings, LENGTH);
	for (uint32_t i = 0; i < SYMBOLS; i++) {
		syms[(size_t)i * 24 + 6] = 1;
		kldsim__store(words + (size_t)i * 4, 4, false,
		    i + 1 < SYMBOLS ? i + 1 : 0);
	}
	kldsim__store(words + (size_t)SYMBOLS * 4, 4, false, 0);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(kldsim__elfindex_find(&index, &base.alloc,
		    &table, &view, "xxxx", false, &found),
		    KLDSIM__HASH_ABSENT);
	assert_int_equal(kldsim__elfindex_find(&index, &base.alloc, &table,
	    &view, strings + 7, false, &found), KLDSIM__HASH_FOUND);
	assert_int_equal(found, 7);
	assert_null(index.index.slots);
	kldsim__elfindex_fini(&index);
	support_base_fini(&base);
	free(strings);
}

/* The debug table is walked each time. */
static void
walks_on(void **state)
{
	static const char *const expected[] = { NULL };
	uint8_t syms[SYMBOLS * 24];
	struct kldsim__fullsyms *full;
	struct kldsim__fullsym found;
	struct kldsim__symview view;
	char *strings = malloc(LENGTH);

	(void)state;
	assert_non_null(strings);
	memset(strings, 'x', LENGTH - 1);
	strings[0] = strings[LENGTH - 1] = '\0';
	view = view_of(syms, SYMBOLS, 0, strings, LENGTH);
	full = kldsim__fullsyms_new(&view, expected);
	assert_non_null(full);
	for (uint32_t i = 1; i < KLDSIM__WALKS + 10; i++) {
		assert_true(kldsim__fullsyms_find(full, strings + i, &found));
		assert_int_equal(found.index, i);
		assert_int_equal(found.bad, KLDSIM__NO_SYMBOL);
	}
	kldsim__fullsyms_free(full);
	free(strings);
}

/* Ten functions of 2000 letters each. */
static void
add_long_names(struct kldsim_synth *synth)
{
	char name[2001];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (char c = 'a'; c < 'k'; c++) {
		name[0] = c;
		(void)kldsim_synth_func(synth, name);
	}
}

/* O-05: the bytes of a module's names are steps if there are long ones. */
static void
modules(void **state)
{
	for (int allowed = 0; allowed < 2; allowed++) {
		struct kldsim_synth *m = module_new(R121);
		enum kldsim_status status;
		struct kern kern;

		(void)state;
		add_long_names(m);
		kern_init(&kern, R121);
		kern.options.limits.work = allowed ? 40000 : 15000;
		kern_boot(&kern);
		status = kern_try(&kern, m, "m.ko");
		assert_int_equal(status, allowed ? KLDSIM_OK : KLDSIM_LIMIT);
		if (!allowed)
			assert_non_null(strstr(kern.error.text,
			    "m.ko: steps of this call"));
		kern_fini(&kern);
	}
}

/* A file whose types are read. */
static void
types(void **state)
{
	struct kldsim_types_options options;
	struct kldsim_types *types;
	struct kldsim_error error;
	struct kldsim_synth *m = module_new(R121);
	struct kldsim_image *image;

	(void)state;
	kldsim_synth_ctf_func(m, kldsim_synth_func(m, "f"), ctf_int(m, "int",
	    4, KLDSIM_SYNTH_CTF_SIGNED, 32), NULL, 0);
	add_long_names(m);
	image = kern_image(m, "m.ko");
	kldsim_types_options_init(&options, sizeof(options));
	options.limits.work = 15000;
	assert_int_equal(kldsim_types_read(image, &options, &types, &error),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "the names of its symbols have "
	    "more bytes than 64 MiB, or than the limit work allows"));
	options.limits.work = 40000;
	assert_int_equal(kldsim_types_read(image, &options, &types, &error),
	    KLDSIM_OK);
	kldsim_types_free(types);
	kldsim_image_unref(image);
}

/* A file that kbi opens. */
static void
kbi_files(void **state)
{
	struct kldsim_kbi_options options;
	struct kldsim_kbi_file *file;
	struct kldsim_error error;
	struct kldsim_synth *m = module_new(R121);
	struct kldsim_image *image;

	(void)state;
	add_long_names(m);
	image = kern_image(m, "m.ko");
	kldsim_kbi_options_init(&options, sizeof(options));
	options.limits.work = 15000;
	assert_int_equal(kldsim_kbi_file_new(image, &options, &file, &error),
	    KLDSIM_LIMIT);
	assert_string_equal(error.text, "m.ko: the names of its symbols have "
	    "more bytes than 64 MiB, or than the limit work allows");
	options.limits.work = 40000;
	assert_int_equal(kldsim_kbi_file_new(image, &options, &file, &error),
	    KLDSIM_OK);
	kldsim_kbi_file_free(file);
	kldsim_image_unref(image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(no_index_of_long_names),
		cmocka_unit_test(walks_on),
		cmocka_unit_test(modules),
		cmocka_unit_test(types),
		cmocka_unit_test(kbi_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
