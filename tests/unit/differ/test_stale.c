/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Offsets that an object tells the assembler, compared with a header that was
 * made of them (S-11) and with types (S-12).
 * Objects of compilers are tests/types/test_stale.py's.
 */

#include "support_kern.h"

#include <kldsim/stale.h>

#include <stdio.h>

static void
note(void *user, const struct kldsim_stale_finding *finding)
{
	(void)snprintf(user, 100, "%d %s.%s %d %d", (int)finding->kind,
	    finding->tag, finding->member, (int)finding->object,
	    (int)finding->other);
}

/* The object says that a member is at 8; the types say where it is. */
static void
a_member_that_has_moved(void **state)
{
	static const char source[] =
		"ASSYM(td_pcb, offsetof(struct thread, td_pcb));\n";
	static const struct {
		const char *bit, *want;
	} rows[] = {
		{ "64", "" },
		{ "32", "3 thread.td_pcb 8 4" },
	};
	struct kldsim_kbi_file *object = kern_kbi_spec(
	    "machine: amd64\nkind: rel\n"
	    "symbols: [{name: __assym_offset__thread__td_pcb__int, bind: global,"
	    " type: object, place: common, value: 1, size: 8}]\n", "file", 0);
	struct kldsim_stale *stale;

	(void)state;
	assert_int_equal(kldsim_stale_new(object, &stale), KLDSIM_OK);
	assert_int_equal(kldsim_stale_count(stale), 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_kbi_file *kernel;
		char spec[500], text[100] = "";

		(void)snprintf(spec, sizeof(spec), "machine: amd64\n"
		    "kind: kernel\ntypes:\n"
		    "  - {kind: integer, name: int, size: 4}\n"
		    "  - {kind: struct, name: thread, size: 16, members:"
		    " [{name: td_pcb, type: int, bit: %s}]}\n", rows[i].bit);
		kernel = kern_kbi_spec(spec, "file", 0);
		assert_int_equal(kldsim_stale_types(stale, source,
		    sizeof(source) - 1, &kernel, 1, note, text), 1);
		assert_string_equal(text, rows[i].want);
		kldsim_kbi_file_free(kernel);
	}
	kldsim_stale_free(stale);
	kldsim_kbi_file_free(object);
}

/* Names of more than 1024 bytes are none of genassym(1)'s. */
static void
long_names(void **state)
{
	(void)state;
	for (int length = 1024; length <= 1025; length++) {
		struct kldsim_kbi_file *object;
		struct kldsim_stale *stale;
		char spec[5000], name[1100];

		memset(name, 'x', sizeof(name));
		name[length] = '\0';
		(void)snprintf(spec, sizeof(spec), "machine: amd64\nkind: rel\n"
		    "symbols:\n"
		    "  - {name: __assym_offset__foo__a__int, bind: global,"
		    " type: object, place: common, value: 1, size: 8}\n"
		    "  - {name: __assym_offset__foo__%s__int, bind: global,"
		    " type: object, place: common, value: 1, size: 8}\n"
		    "  - {name: %.*sw0, bind: global, type: object, place:"
		    " common, value: 1, size: 0x10008}\n", name, length - 2,
		    name);
		object = kern_kbi_spec(spec, "file", 0);
		assert_int_equal(kldsim_stale_new(object, &stale), KLDSIM_OK);
		/* A part alone is no number. */
		assert_int_equal(kldsim_stale_count(stale), length == 1024 ?
		    2 : 1);
		kldsim_stale_free(stale);
		kldsim_kbi_file_free(object);
	}
}

/* Adds "KIND NAME OBJECT OTHER; " to what was found. */
static void
add_note(void *user, const struct kldsim_stale_finding *finding)
{
	const size_t used = strlen(user);

	(void)snprintf((char *)user + used, 200 - used, "%d %s %d %d; ",
	    (int)finding->kind, finding->name, (int)finding->object,
	    (int)finding->other);
}

static void
is_header_of(const struct kldsim_stale *stale, const char *header,
    const char *want)
{
	char text[200] = "";

	assert_int_equal(kldsim_stale_header(stale, header, strlen(header),
	    add_note, text), KLDSIM_OK);
	assert_string_equal(text, want);
}

/*
 * S-01: every array has 0x10000 bytes and what it says: that A is 0x1060 (4192),
 * that B is 8 and has a sign.  The header was made of them, or once was.
 */
static void
a_header_that_is_older(void **state)
{
#define PART(name, size) "  - {name: " name ", bind: global, type: object," \
	" place: common, value: 1, size: " size "}\n"
#define ZEROS(name) PART(name "w1", "0x10000") PART(name "w2", "0x10000") \
	PART(name "w3", "0x10000")
	struct kldsim_kbi_file *object = kern_kbi_spec(
	    "machine: amd64\nkind: rel\n"
	    "symbols:\n" PART("Asign", "0x10000") PART("Aw0", "0x11060")
	    ZEROS("A") PART("Bsign", "0x10001") PART("Bw0", "0x10008")
	    ZEROS("B"), "file", 0);
	struct kldsim_stale *stale;

	(void)state;
	assert_int_equal(kldsim_stale_new(object, &stale), KLDSIM_OK);
	assert_int_equal(kldsim_stale_count(stale), 2);
	is_header_of(stale, "#define\tA\t0x1060\n#define\tB\t-0x8\n", "");
	/* What the object has not, nobody asks for; no newline at the end. */
	is_header_of(stale, "/* made */\n#define C 1\n#define B -8\n"
	    "#define A 4192", "");
	is_header_of(stale, "#define\tA\t0x1058\n#define\tB\t-0x8\n",
	    "1 A 4192 4184; ");
	is_header_of(stale, "#define\tA\t0x1060\n#define\tBB\t-0x8\n",
	    "2 B -8 0; ");
	/* Numbers in the order of lines, then what is in none. */
	is_header_of(stale, "#define\tB\t0x8\n", "1 B -8 8; 2 A 4192 0; ");
	is_header_of(stale, "", "2 A 4192 0; 2 B -8 0; ");
	kldsim_stale_free(stale);
	kldsim_kbi_file_free(object);
}

/* X-32, S-03: what is before a member ends where that begins. */
static void
an_offset_inc_that_is_older(void **state)
{
	struct kldsim_kbi_file *object = kern_kbi_spec(
	    "machine: amd64\nkind: rel\n"
	    "symbols:\n" PART("__assym_offset__thread__td_critnest__u_int",
	    "0x504"), "file", 0);
	struct kldsim_stale *stale;

	(void)state;
	assert_int_equal(kldsim_stale_new(object, &stale), KLDSIM_OK);
	is_header_of(stale, "struct thread_lite {\n"
	    "u_char\tpad_td_critnest[0x504 - (0x3fb + sizeof(u_char))];\n"
	    "u_int\ttd_critnest;\n};\n", "");
	is_header_of(stale, "struct thread_lite {\n"
	    "u_char\tpad_td_critnest[0x4fc - (0x3fb + sizeof(u_char))];\n"
	    "u_int\ttd_critnest;\n};\n", "1 td_critnest 1284 1276; ");
	kldsim_stale_free(stale);
	kldsim_kbi_file_free(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_that_has_moved),
		cmocka_unit_test(long_names),
		cmocka_unit_test(a_header_that_is_older),
		cmocka_unit_test(an_offset_inc_that_is_older),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
