/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * DDB's pprint (Y-10 to Y-14), and ours, `value' (Y-20 to Y-22), of variables
 * whose bytes stand beside what they have to come out as.
 */

#include "support_ddb.h"

#include <stdio.h>

#include "support_value.h"

struct session {
	struct kern kern;
	struct kldsim_ddb *ddb;
};

static void
begin(struct session *session, const struct value_machine *machine,
    uint32_t osreldate)
{
	value_kernel(&session->kern, machine, osreldate);
	session->ddb = ddb_enter(&session->kern, -1);
}

static void
end(struct session *session)
{
	kldsim_ddb_close(session->ddb);
	kern_fini(&session->kern);
}

/* N-21, Y-12: odd indentation, and a bit-field's whole byte, are DDB's. */
static void
pprint(void **state)
{
	struct session session;
	char text[1000];

	(void)state;
	for (size_t i = 0; i < VALUE_MACHINES; i++) {
		const char *byte = value_machines[i].big ? "0xa9" : "0x4d";
		/* An int is as wide as the word here, and -1 matches. */
		const char *mode = value_machines[i].word == 4 ?
		    "BROKEN (0xffffffff)" : "0xffffffff";

		begin(&session, &value_machines[i], R150);
		(void)snprintf(text, sizeof(text), "foo one = {\n"
		    "a = 0xfffffffb,\nn = [\n 0x61,\n 0x62,\n 0x0,\n 0x0\n],\n"
		    "p = (struct foo *) 0x0,\nf1 = %s,\nf2 = %s,\nm = %s,\n"
		    "many = [\n 0x1,\n 0x0,\n 0x0,\n 0x0,\n 0x0,\n 0x0,\n 0x0,"
		    "\n 0x0,\n 0x0,\n 0x0,\n 0x0,\n 0x0\n],\n}\n", byte, byte,
		    mode);
		assert_says(session.ddb, "pprint one", text);
		/* Y-11: the reference copy, by its whole name. */
		assert_true(strncmp(ddb_ask(session.ddb,
		    "pprint vnet_entry_each"),
		    "foo vnet_entry_each = {\na = 0xfffffffb,\n", 40) == 0);
		(void)snprintf(text, sizeof(text), "struct foo 0x%jx = {\n",
		    (uintmax_t)kern_symbol(&session.kern, "one"));
		assert_true(strncmp(ddb_ask(session.ddb,
		    "pprint struct foo 0x%jx",
		    (uintmax_t)kern_symbol(&session.kern, "one")), text,
		    strlen(text)) == 0);
		end(&session);
	}
}

#define NO_SYMBOL(name) "failed to look up symbol and CTF info for " name \
	": error 2\nSymbol not found\n"

/* Y-10 */
static void
pprint_refuses(void **state)
{
	static const char *const rows[][2] = {
		{ "pprint nobody", NO_SYMBOL("nobody") },
		{ "pprint each", NO_SYMBOL("each") },
		{ "pprint call", "Symbol is not a variable\n" },
		{ "pprint odd", "Can't find CTF type info\n" },
		{ "pprint struct foo", "Address not provided\n" },
		{ "pprint struct nobody 1", "Can't find CTF type info\n" },
		/* The name in the address takes the place of the type's. */
		{ "pprint struct foo one", "Can't find CTF type info\n" },
		{ "pprint struct 5", "Invalid struct type name provided\n" },
		{ "pprint", "Invalid subcommand\n" },
		{ "pprint/x one", "Invalid flag passed\n" },
		{ "pprint/d one", "Invalid depth provided\n" },
		{ "pprint struct foo 8", "struct foo 0x8 = {\na = *** error "
		    "reading from address 8 ***\n" },
	};
	struct session session;

	(void)state;
	begin(&session, &value_machines[0], R150);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_says(session.ddb, rows[i][0], rows[i][1]);
	end(&session);
	begin(&session, &value_machines[0], R130);
	assert_non_null(strstr(ddb_ask(session.ddb, "pprint one"),
	    "No such command"));
	end(&session);
}

/* A kernel whose types nest: what depth does, and pointers (Y-12, Y-13). */
static void
pprint_depth(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;
	struct kldsim_synth *s;
	int inner, outer, integer, pointer, twice, function, array, quiet;
	uint8_t bytes[64] = { 7 };

	(void)state;
	kern_init(kern, R150);
	s = kern->synth;
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	inner = ctf_struct(s, "inner", 4);
	kldsim_synth_ctf_member(s, inner, "x", integer, 0);
	outer = ctf_struct(s, "outer", 8);
	kldsim_synth_ctf_member(s, outer, "in", inner, 0);
	kldsim_synth_ctf_member(s, outer, NULL, integer, 32);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "deep", bytes, 8,
	    8), ctf_ref(s, KLDSIM_SYNTH_CTF_TYPEDEF, "deep_t",
	    ctf_struct(s, "middle", 8)));
	quiet = ctf_struct(s, "deepest", 8);
	kldsim_synth_ctf_member(s, quiet, "out", outer, 0);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "deeper", bytes, 8,
	    8), quiet);
	pointer = ctf_pointer(s, ctf_ref(s, KLDSIM_SYNTH_CTF_CONST, NULL,
	    ctf_ref(s, KLDSIM_SYNTH_CTF_VOLATILE, NULL, inner)));
	twice = ctf_pointer(s, pointer);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "twice", bytes + 8,
	    8, 8), twice);
	function = kldsim_synth_ctf_type(s, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_FUNCTION, .type = integer });
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "hook", bytes, 8,
	    8), ctf_pointer(s, function));
	/* Of an array of pointers DDB steps by the number of their type. */
	array = ctf_array(s, ctf_pointer(s, integer), 2, 16);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "array", bytes, 64,
	    8), array);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_says(session.ddb, "pprint deeper", "deepest deeper = {\n"
	    "out = {\n in = { ... },\n 0x0,\n},\n}\n");
	assert_says(session.ddb, "pprint/d 2 deeper", "deepest deeper = {\n"
	    "out = {\n in = {\n  x = 0x7,\n },\n 0x0,\n},\n}\n");
	assert_says(session.ddb, "pprint/d 0 deeper",
	    "deepest deeper = {\nout = { ... },\n}\n");
	assert_says(session.ddb, "pprint twice",
	    "twice = (struct inner **) 0x0\n");
	/* Not NULL: what it points to, which is not there. */
	assert_says(session.ddb, "pprint/d 0 hook", "hook = ( *) 0x7\n");
	assert_says(session.ddb, "pprint hook", "hook =  0x7\n");
	/* The type of int is 1: the second one begins a byte behind. */
	assert_says(session.ddb, "pprint/d 0 array",
	    "array = [\n(int *) 0x7,\n(int *) 0x0\n]\n");
	end(&session);
}

/* Y-05, Y-21, Y-22: copies of the same value stand together. */
static void
copies(void **state)
{
	static const char *const rows[][2] = {
		{ "value plain", "plain (nobody says of which type): DPCPU "
		    "variable of kernel, 8 bytes\n"
		    "reference copy, CPU 0 to 1: 0x0\n" },
		{ "value/d plain", "plain (nobody says of which type): DPCPU "
		    "variable of kernel, 8 bytes\n"
		    "no differences: 3 copies\n" },
		{ "value nobody", "Symbol 'nobody' not found\n" },
		{ "value/x one", "Bad modifier: /d shows differences, /o one "
		    "copy, /j JSON\n" },
		{ "value 5", "usage: value[/djo] NAME, or value struct "
		    "TYPE ADDRESS\n" },
		{ "value struct", "Which structure?\n" },
		{ "value struct foo", "Address missing\n" },
		{ "value struct int one", "no file tells what struct int "
		    "is\n" },
		{ "value struct foo 8", "*** nothing is mapped at 0x8 ***\n" },
		{ "value union foo one", "no file tells what union foo "
		    "is\n" },
		{ "value/o each", "there is no such CPU or vnet; see $db_cpu, "
		    "$db_vnet, and `show all vnets'\n" },
	};
	struct session session;
	kldsim_addr vnet;
	char text[200];

	(void)state;
	begin(&session, &value_machines[0], R121);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_says(session.ddb, rows[i][0], rows[i][1]);
	/* Memory by a type, where no symbol says of which it is. */
	(void)snprintf(text, sizeof(text), "struct foo: as it is known of "
	    "kernel, 72 bytes at 0x%jx\n{\n  .a = -5,\n",
	    (uintmax_t)kern_symbol(&session.kern, "one"));
	assert_true(strncmp(ddb_ask(session.ddb, "value struct foo one"), text,
	    strlen(text)) == 0);
	assert_non_null(strstr(ddb_ask(session.ddb, "value odd"),
	    "5 bytes at 0x"));
	assert_non_null(strstr(ddb_ask(session.ddb, "value odd"),
	    "\n01 02 03 04 05\n"));
	assert_non_null(strstr(ddb_ask(session.ddb, "value each"),
	    "bytes\nreference copy, vnet 0 to 2: {\n  .a = -5,\n"));
	assert_int_equal(kldsim_vnet_address(session.kern.sim, 1, &vnet),
	    KLDSIM_OK);
	(void)ddb_ask(session.ddb, "set $db_vnet 0x%jx", (uintmax_t)vnet);
	assert_non_null(strstr(ddb_ask(session.ddb, "value/o each"),
	    "\nvnet 1: {\n"));
	end(&session);
}

/*
 * V-40: what a relocation writes reaches the reference copy alone, so vnets
 * that are there differ from it, and from one that is made later.
 */
static void
differences(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;
	struct kldsim_synth *module;
	uint8_t bytes[VALUE_FOO];
	struct value_types t;
	unsigned vnet;
	char text[400];
	int v, id;

	(void)state;
	begin(&session, &value_machines[0], R121);
	module = module_new(R121);
	t = value_types(module);
	value_foo(bytes, &value_machines[0]);
	v = kldsim_synth_vnet(module, "mine", bytes, 72, 8);
	kldsim_synth_ctf_object(module, v, t.foo);
	(void)kldsim_synth_reloc_number(module, kldsim_synth_section_named(
	    module, "set_vnet"), 8, 1 /* R_X86_64_64 */,
	    kldsim_synth_ref(module, "one"), 0);
	id = kern_load(kern, module, "foo.ko");
	assert_int_equal(kldsim_vnet_alloc(kern->sim, &vnet, &kern->error),
	    KLDSIM_OK);
	assert_int_equal(vnet, 3);
	(void)snprintf(text, sizeof(text),
	    "struct foo mine: VNET variable of foo.ko, 72 bytes\n"
	    "mine.p: 0x%jx <one> (reference copy, vnet 3), 0x0 (vnet 0 to "
	    "2)\n", (uintmax_t)kern_symbol(kern, "one"));
	assert_says(session.ddb, "value/d mine", text);
	assert_non_null(strstr(ddb_ask(session.ddb, "value mine"),
	    "\nreference copy, vnet 3: {\n"));
	assert_non_null(strstr(ddb_ask(session.ddb, "value mine"),
	    "\nvnet 0 to 2: {\n"));
	kern_unload(kern, id);
	assert_says(session.ddb, "value mine", "Symbol 'mine' not found\n");
	end(&session);
}

/* Text: escapes, no NUL, and what is left behind it. */
static void
strings(void **state)
{
	static const struct {
		char bytes[9];
		const char *text;
	} rows[] = {
		{ "12345678", "\"12345678\" (no NUL)\n" },
		{ "a\n\"\\\001\0\0x", "\"a\\n\\\"\\\\\\001\" (behind "
		    "the NUL not all is 0: 1 of 2)\n" },
		{ "", "\"\"\n" },
	};
	struct session session;
	struct kern *kern = &session.kern;
	char name[10];

	(void)state;
	kern_init(kern, R121);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int chars = ctf_int(kern->synth, "char", 1,
		    KLDSIM_SYNTH_CTF_SIGNED | KLDSIM_SYNTH_CTF_CHAR, 8);

		(void)snprintf(name, sizeof(name), "text%zu", i);
		kldsim_synth_ctf_object(kern->synth, kldsim_synth_object(
		    kern->synth, name, rows[i].bytes, 8, 1),
		    ctf_array(kern->synth, chars, 8, 8));
	}
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(strchr(ddb_ask(session.ddb, "value text%zu",
		    i), '\n') + 1, rows[i].text);
	end(&session);
}

/* An enum's values are looked through for each element: those are steps. */
static void
long_enum(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;
	char name[16];
	int type;

	(void)state;
	kern_init(kern, R150);
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_CTF_VERSION, 3);
	type = ctf_sized(kern->synth, KLDSIM_SYNTH_CTF_ENUM, "long", 4);
	for (int i = 1; i <= 20000; i++) {
		(void)snprintf(name, sizeof(name), "E%d", i);
		kldsim_synth_ctf_enumerator(kern->synth, type, name, i);
	}
	/* 1000 times 20000 is more than 16 Mi. */
	kldsim_synth_ctf_object(kern->synth, kldsim_synth_object(kern->synth,
	    "none", NULL, 4000, 8), ctf_array(kern->synth, type, 1000, 4000));
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_non_null(strstr(ddb_ask(session.ddb, "pprint none"),
	    ",\n0x0,\n*** more than 16 Mi steps, the rest of this line is "
	    "left out ***\n"));
	end(&session);
}

/*
 * B-55: tab stops far below 0 keep the column at 0, so nothing is printed for
 * the tabs before a line that is deep.  They are steps all the same.
 */
static void
deep_tabs(void **state)
{
	static const char line[] = "pprint/d 0t30000 deep";
	struct session session;
	struct kern *kern = &session.kern;
	const char *text;
	size_t size;
	int type, outer;

	(void)state;
	kern_init(kern, R150);
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_CTF_VERSION, 3);
	type = ctf_int(kern->synth, "char", 1, KLDSIM_SYNTH_CTF_CHAR, 8);
	/* Twice the sum of depth / 8 for each depth is 50 million. */
	for (unsigned i = 0; i < 20000; i++) {
		outer = ctf_struct(kern->synth, NULL, 8);
		kldsim_synth_ctf_member(kern->synth, outer, "in", type, 0);
		type = outer;
	}
	kldsim_synth_ctf_object(kern->synth, kldsim_synth_object(kern->synth,
	    "deep", NULL, 8, 8), type);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_says(session.ddb, "set $tabstops -7fffffff", "");
	assert_int_equal(kldsim_ddb_command(session.ddb, line, strlen(line),
	    &text, &size), KLDSIM_OK);
	assert_non_null(strstr(text, "*** more than 16 Mi steps"));
	end(&session);
}

/* Types that nest without an end of use, and one that is larger than memory. */
static void
hostile(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;
	struct kldsim_synth *s;
	int type, chars;

	(void)state;
	kern_init(kern, R150);
	s = kern->synth;
	kldsim_synth_option(s, KLDSIM_SYNTH_CTF_VERSION, 3);
	chars = ctf_int(s, "char", 1, KLDSIM_SYNTH_CTF_CHAR, 8);
	type = ctf_array(s, ctf_int(s, "int", 4, 0, 32), 1, 4);
	for (unsigned i = 0; i < 1000; i++)
		type = ctf_array(s, type, 1, 4);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "nest", NULL, 8, 8),
	    type);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "huge", NULL, 8, 8),
	    ctf_array(s, chars, 0x7fffffff, 0x7fffffff));
	type = ctf_struct(s, "wide", 4);
	kldsim_synth_ctf_member(s, type, "in", chars, 1 << 20);
	kldsim_synth_ctf_object(s, kldsim_synth_object(s, "wide", NULL, 8, 8),
	    type);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_non_null(strstr(ddb_ask(session.ddb, "value nest"),
	    "{{{{{ ... }}}}"));
	(void)ddb_ask(session.ddb, "pprint nest");
	assert_non_null(strstr(ddb_ask(session.ddb, "value huge"), "64 MiB"));
	assert_non_null(strstr(ddb_ask(session.ddb, "value wide"),
	    "<behind the variable's end>"));
	end(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pprint),
		cmocka_unit_test(pprint_refuses),
		cmocka_unit_test(pprint_depth),
		cmocka_unit_test(copies),
		cmocka_unit_test(differences),
		cmocka_unit_test(strings),
		cmocka_unit_test(long_enum),
		cmocka_unit_test(deep_tabs),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
