/* SPDX-License-Identifier: BSD-2-Clause */

/* How much text of a kernel's interface is written at most (I-90). */

#include <stdio.h>
#include <string.h>

#include <kldsim/kbi.h>

#include "support_ctf.h"
#include "support_kern.h"

#define FUNCTIONS 20
#define LEVELS 10 /* of a type that doubles: 7 KB and more */

/* Functions whose argument is a pointer to a function with two of a kind. */
static void
add_functions(struct kldsim_synth *s)
{
	const int integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	int argument = integer;
	char name[16];

	for (unsigned i = 0; i < LEVELS; i++) {
		const int function = kldsim_synth_ctf_type(s,
		    &(struct kldsim_synth_ctf_type){ .type = integer,
		    .kind = KLDSIM_SYNTH_CTF_FUNCTION });

		kldsim_synth_ctf_argument(s, function, argument);
		kldsim_synth_ctf_argument(s, function, argument);
		argument = ctf_pointer(s, function);
	}
	for (unsigned i = 0; i < FUNCTIONS; i++) {
		(void)snprintf(name, sizeof(name), "f%u", i);
		kldsim_synth_ctf_func(s, kldsim_synth_func(s, name), integer,
		    &argument, 1);
	}
}

/* One whose argument is a pointer to an enum with this many values. */
static void
add_enum(struct kldsim_synth *s, unsigned values)
{
	int type = ctf_sized(s, KLDSIM_SYNTH_CTF_ENUM, "wide", 4), pointer;
	char name[32];

	for (unsigned i = 0; i < values; i++) {
		(void)snprintf(name, sizeof(name), "a_value_%u", i);
		kldsim_synth_ctf_enumerator(s, type, name, (int)i);
	}
	pointer = ctf_pointer(s, type);
	kldsim_synth_ctf_func(s, kldsim_synth_func(s, "g"), pointer, &pointer,
	    1);
}

static struct kldsim_synth *
kernel_new(void)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);

	kldsim_synth_option(s, KLDSIM_SYNTH_OSRELDATE, R150);
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	return (s);
}

/* Each byte of the text is a step; there are over 100000. */
static void
text_takes_steps(void **state)
{
	struct kldsim_kbi_file *file;
	struct kldsim_synth *s;
	char *text = NULL;

	(void)state;
	for (int allowed = 0; allowed < 2; allowed++) {
		s = kernel_new();
		add_functions(s);
		file = kern_kbi_file(kern_image(s, "kernel"),
		    allowed ? 1000000 : 100000);
		assert_int_equal(kldsim_kbi_write(file, NULL, &text),
		    allowed ? KLDSIM_OK : KLDSIM_LIMIT);
		if (allowed) {
			assert_true(strlen(text) > 100000);
			kldsim_kbi_write_free(file, text);
		}
		kldsim_kbi_file_free(file);
	}
}

/* I-91: a shape ends behind 1 MiB, an enum's as well. */
static void
long_enum(void **state)
{
	struct kldsim_synth *s = kernel_new();
	struct kldsim_kbi_file *file;
	const char *line, *end;
	char *text;

	(void)state;
	add_enum(s, 100000);
	file = kern_kbi_file(kern_image(s, "kernel"), 0);
	assert_int_equal(kldsim_kbi_write(file, NULL, &text), KLDSIM_OK);
	line = strstr(text, " e#wide{a_value_0=0;a_value_1=1;");
	assert_non_null(line);
	end = strchr(line, '\n');
	assert_non_null(end);
	assert_true(end - line > 1 << 20 && end - line < (1 << 20) + 100);
	assert_memory_equal(end - 2, "}4", 2);
	kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
}

/* I-62: debug.sizeof has some dozen words; of 1100 the first 1000 are told. */
static void
many_sizes(void **state)
{
	struct kldsim_synth *s = kernel_new();
	struct kldsim_kbi_file *file;
	unsigned count = 0;
	char name[64], *text;
	int oid;

	(void)state;
	oid = ctf_struct(s, "sysctl_oid", 16);
	kldsim_synth_ctf_member(s, oid, "oid_arg2", ctf_int(s, "long", 8,
	    KLDSIM_SYNTH_CTF_SIGNED, 64), 64);
	for (unsigned i = 0; i < 1100; i++) {
		(void)snprintf(name, sizeof(name),
		    "sysctl___debug_sizeof_t%u", i);
		(void)kldsim_synth_object(s, name,
		    "\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0", 16, 8);
	}
	file = kern_kbi_file(kern_image(s, "kernel"), 0);
	assert_int_equal(kldsim_kbi_write(file, NULL, &text), KLDSIM_OK);
	for (const char *at = text; (at = strstr(at, "\nw sizeof-t")) != NULL;
	    at++)
		count++;
	assert_int_equal(count, 1000);
	assert_non_null(strstr(text, "\nw sizeof-t0 8\n"));
	assert_non_null(strstr(text, "\nw sizeof-t999 8\n"));
	kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_takes_steps),
		cmocka_unit_test(long_enum),
		cmocka_unit_test(many_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
