/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * CTF with names that are longer than any compiler's.  They may lie over each
 * other, and whoever copies them needs many times the file's bytes (C-05).
 */

#include <stdio.h>
#include <string.h>

#include "support_ctf.h"

static char name[2000];

static const char *
name_of(size_t length)
{
	memset(name, 'x', length);
	name[length] = '\0';
	return (name);
}

enum place { TYPE, MEMBER, VALUE, LABEL, PLACES };

static void
add(struct kldsim_synth *s, enum place place, const char *text)
{
	const int integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	const int foo = ctf_struct(s, place == TYPE ? text : "foo", 4);
	const int mode = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "mode", 4);

	kldsim_synth_ctf_member(s, foo, place == MEMBER ? text : "a", integer,
	    0);
	kldsim_synth_ctf_enumerator(s, mode, place == VALUE ? text : "OFF", 0);
	kldsim_synth_ctf_label(s, place == LABEL ? text : "kernel", mode);
}

/* 1024 bytes are taken and 1025 are not; a label, of which there is one, is. */
static void
long_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < CTF_VARIANTS; i++)
		for (int at = 0; at < PLACES; at++)
			for (size_t length = 1024; length <= 1025; length++) {
				struct kldsim_synth *s =
				    ctf_begin(&ctf_variants[i]);
				struct kldsim_types *types;
				struct kldsim_error error;

				add(s, (enum place)at, name_of(length));
				types = ctf_end(s, &error);
				if (length == 1024 || at == LABEL) {
					assert_non_null(types);
					kldsim_types_free(types);
					continue;
				}
				assert_null(types);
				assert_int_equal(error.status, KLDSIM_LIMIT);
				assert_non_null(strstr(error.text,
				    ".SUNW_ctf"));
				assert_non_null(strstr(error.text, ", offset "
				    "0x"));
				assert_non_null(strstr(error.text,
				    ": a name of more than 1024 bytes"));
			}
}

/* Where there is a long string that no name is, all others are found. */
static void
label(void **state)
{
	struct kldsim_synth *s = ctf_begin(&ctf_variants[0]);
	struct kldsim_types_info info;
	struct kldsim_types *types;
	struct kldsim_error error;

	(void)state;
	add(s, LABEL, name_of(1500));
	types = ctf_end(s, &error);
	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_string_equal(info.label, name);
	assert_int_not_equal(kldsim_types_find(types, "foo",
	    0), 0);
	assert_int_not_equal(kldsim_types_find(types, "mode",
	    0), 0);
	kldsim_types_free(types);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names),
		cmocka_unit_test(label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
