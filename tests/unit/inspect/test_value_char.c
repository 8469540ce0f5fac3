/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The sign of a char, which CTF does not know (C-13): what clang's macro
 * __CHAR_UNSIGNED__ says of each machine stands beside what comes out.
 */

#include "support_ctf.h"
#include "support_kern.h"

#include <stdio.h>

#include "arch/arch.h"

static const struct {
	const char *name;
	bool has_unsigned;
} machines[] = {
	{ "amd64", false }, { "i386", false }, { "arm64", true },
	{ "armv7", true }, { "powerpc", true }, { "powerpc64", true },
	{ "powerpc64le", true }, { "riscv64", true },
};

static char said[500];

static int
listen(void *user, const void *bytes, uint64_t size)
{
	size_t *end = user;

	assert_true(size < sizeof(said) - *end);
	memcpy(said + *end, bytes, size);
	*end += size;
	said[*end] = '\0';
	return 0;
}

static const char *
value_of(const struct kern *kern, const char *name)
{
	struct kldsim_typed_info info;
	struct kldsim_typed *typed;
	struct kldsim_error error;
	size_t end = 0;

	assert_int_equal(kldsim_type_of(kern->sim, name, &typed, &error),
	    KLDSIM_OK);
	kldsim_typed_info(typed, &info);
	assert_int_equal(kldsim_format(typed, info.address, NULL, listen,
	    &end, &error), KLDSIM_OK);
	kldsim_typed_free(typed);
	return said;
}

static int
name_it(struct kldsim_synth *s, const char *name, int type)
{
	return ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, name, type);
}

static void
add(struct kldsim_synth *s, const char *name, const char *bytes, int type)
{
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, name, bytes, 1, 1),
	    type);
}

/* A kernel with a char of 0xc8 under several names, and two that are none. */
static void
boot(struct kern *kern, const char *machine, uint32_t version)
{
	const uint32_t encoding = KLDSIM_SYNTH_CTF_SIGNED |
	    KLDSIM_SYNTH_CTF_CHAR;
	struct kldsim_synth *s;
	int plain, field, fixed;

	kern_init_machine(kern, machine, R140);
	s = kern->synth;
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, version);
	plain = ctf_int(s, "char", 1, encoding, 8);
	add(s, "c", "\xc8", plain);
	add(s, "letter", "\xc8", name_it(s, "letter_t", ctf_ref(s,
	    KLDSIM_SYNTH_CTF_CONST, NULL, plain)));
	fixed = name_it(s, "int8_t", name_it(s, "__int8_t", plain));
	add(s, "fixed", "\xc8", fixed);
	add(s, "least", "\xc8", name_it(s, "s8", ctf_ref(s,
	    KLDSIM_SYNTH_CTF_VOLATILE, NULL, fixed)));
	add(s, "small", "\xc8", ctf_int(s, "i8", 1, encoding, 8));
	add(s, "other", "\xc8", ctf_int(s, "unsigned char", 1,
	    KLDSIM_SYNTH_CTF_CHAR, 8));
	field = ctf_struct(s, "bits", 1);
	kldsim_synth_ctf_member(s, field, "f", ctf_int(s, version == 2 ?
	    "char" : "char bitfield", 1, encoding, 4), 0);
	kldsim_synth_ctf_member(s, field, "g", ctf_int(s, version == 2 ?
	    "char" : "char bitfield", 1, encoding, 4), 4);
	add(s, "bits", "\xcc", field);
	kern_boot(kern);
}

/* C-13, Y-20 */
static void
signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(machines); i++) {
		const bool natural = machines[i / 2].has_unsigned;
		const char *sign = natural ? "200 '\\310'\n" :
		    "-56 '\\310'\n";
		struct kern kern;

		boot(&kern, machines[i / 2].name, 2 + i % 2);
		assert_string_equal(value_of(&kern, "c"), sign);
		assert_string_equal(value_of(&kern, "letter"), sign);
		assert_string_equal(value_of(&kern, "fixed"),
		    "-56 '\\310'\n");
		assert_string_equal(value_of(&kern, "least"),
		    "-56 '\\310'\n");
		assert_string_equal(value_of(&kern, "small"),
		    "-56 '\\310'\n");
		assert_string_equal(value_of(&kern, "other"),
		    "200 '\\310'\n");
		assert_string_equal(value_of(&kern, "bits"), natural ?
		    "{\n  .f = 12,\n  .g = 12,\n}\n" :
		    "{\n  .f = -4,\n  .g = -4,\n}\n");
		kern_fini(&kern);
	}
}

/* No machine is left out above. */
static void
machines_are_all(void **state)
{
	const struct kldsim__arch *arch;

	(void)state;
	for (size_t i = 0; (arch = kldsim__arch_at(i)) != NULL; i++) {
		size_t j = 0;

		while (j < COUNT(machines) && strcmp(machines[j].name,
		    arch->name) != 0)
			j++;
		assert_true(j < COUNT(machines));
		assert_int_equal(arch->char_unsigned,
		    machines[j].has_unsigned);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs),
		cmocka_unit_test(machines_are_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
