/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * DDB line by line: tokens, expressions, commands, formats, variables.  Numbers
 * are those of docs/inspect-semantics.md, section 6, or worked out beside them.
 */

#include "support_ddb.h"

#include <stdio.h>
#include <stdlib.h>

#define R093 903000u
#define SYNTAX "Expression syntax error "
#define NO_COMMAND "No such command; use \"help\" to list available commands\n"

/* Lines, and what each prints. */
struct said {
	const char *line;
	const char *text;
};

#define ASK_ALL(ddb, rows) \
	ask_all((ddb), (rows), sizeof(rows) / sizeof(*(rows)))

static void
ask_all(struct kldsim_ddb *ddb, const struct said *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_says(ddb, rows[i].line, rows[i].text);
}

/* A kernel with bytes to look at, and a session in it. */
struct session {
	struct kern kern;
	struct kldsim_ddb *ddb;
	uint64_t bytes; /* where they are */
};

static const unsigned char looked_at[24] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0x80, 0, 0, 0, 'o', 'n', 'e', ' ', '\\', 1, 0x7f, 0, 'x', 0, 0, 0,
};

static void
begin(struct session *session, const char *machine, uint32_t osreldate)
{
	struct kern *kern = &session->kern;

	kern_init_machine(kern, machine, osreldate);
	(void)kldsim_synth_object(kern->synth, "looked_at", looked_at,
	    sizeof(looked_at), 16);
	(void)kldsim_synth_object(kern->synth, "a:b", NULL, 8, 8);
	(void)kldsim_synth_object(kern->synth, "a+b", NULL, 8, 8);
	kern_boot(kern);
	session->bytes = kern_symbol(kern, "looked_at");
	session->ddb = ddb_enter(kern, -1);
}

static void
end(struct session *session)
{
	kldsim_ddb_close(session->ddb);
	kern_fini(&session->kern);
}

/* N-07: each with the format x at its start, which is sticky. */
static const struct said expressions_rows[] = {
	{ "print 10", "      10\n" },
	{ "print 1<<2+1", "       8\n" },
	{ "print/d 10", "         16\n" },
	{ "print/x 7#4", "       8\n" },
	{ "print 0t10", "       a\n" },
	{ "print -1>>4", "fffffffffffffff\n" },
	{ "print 6&3|8", "       a\n" },
	{ "print/d -1", "         -1\n" },
	{ "print/x 1|2+4", "       7\n" },
	{ "print 0xffffffff80000000<1", "       1\n" },
	{ "print 2*-1", SYNTAX "after '*'\n" },
	{ "print f", "Symbol 'f' not found\n" },
	/* B-44, B-45: loose to tight. */
	{ "print 1||0&&0", "       1\n" },
	{ "print 1==2==0", "       1\n" },
	{ "print 8-4-2", "       2\n" },
	{ "print 2*(-1)", "fffffffffffffffe\n" },
	{ "print !0+~0", "       0\n" },
	{ "print 6&~1", SYNTAX "after '&'\n" },
	{ "print 2**0", SYNTAX "after '*'\n" },
	{ "print (1", SYNTAX "-- expected ')'\n" },
	{ "print (", SYNTAX "after '('\n" },
	{ "print 1+", SYNTAX "after '+'\n" },
	{ "print 1<<", SYNTAX "after '<<'\n" },
	{ "print 1&&", SYNTAX "after '&&'\n" },
	{ "print 1!=", SYNTAX "after '!='\n" },
	{ "print !", SYNTAX "after '!'\n" },
	{ "print 1+-", SYNTAX "after '-'\n" },
	/* B-48 */
	{ "print 5/0", "Division by 0\n" },
	{ "print 5%0", "Division by 0\n" },
	{ "print 1<<(-3)", "Negative shift amount -3\n" },
	{ "print/d (-7)/2", "         -3\n" },
	{ "print (-7)%2", "         -1\n" },
	{ "print 0&&(1/0)", "Division by 0\n" },
	/* B-50: text behind is ignored, mistakes in it are not. */
	{ "print 1 2", "          1\n" },
	{ "print/x 10 @", "Bad character\n      10\n" },
};

/* B-40 to B-43. */
static void
tokens(void **state)
{
	static const struct said rows[] = {
		{ "print 0b1", "      b1\n" },
		{ "print 0O17", "       f\n" },
		{ "print 0o18", "Bad character in number\n" },
		{ "print 0t1f", "Bad character in number\n" },
		{ "print 12g", "Bad character in number\n" },
		{ "print 12_", "Bad character in number\n" },
		{ "print 0x", "       0\n" },
		/* No overflow test: 17 digits, the first one falls out. */
		{ "print 123456789abcdef01", "23456789abcdef01\n" },
		{ "\001print\377\t10", "      10\n" },
		{ "print \\", "Bad escape\n" },
		{ "print a\\", "Bad escape\n" },
		{ "print '", "Bad character\n      10\n" }, /* dot */
		{ "print 1;", "       1\n" },
		{ "print 1 ? ::", "       1\n" },
		{ "10", "Unrecognized input; use \"help\" to list available "
		    "commands\n" },
		/* B-63: a colon asks for a table, unless it is in the name. */
		{ "print a:b", "invalid symbol table name\n" },
		{ "print kld:nobody", "invalid symbol table name\n" },
	};
	struct session session;
	char line[200], name[120];

	(void)state;
	begin(&session, "amd64", R121);
	ASK_ALL(session.ddb, rows);
	(void)snprintf(line, sizeof(line), "%16jx\n",
	    (uintmax_t)kern_symbol(&session.kern, "a+b"));
	assert_says(session.ddb, "print a\\+b", line);
	(void)snprintf(line, sizeof(line), "%16jx\n",
	    (uintmax_t)session.bytes);
	assert_says(session.ddb, "print kld:looked_at", line);
	/* 119 bytes: "print " and 113 more, the rest is cut. */
	memset(name, 'n', 113);
	name[113] = '\0';
	(void)snprintf(line, sizeof(line), "Symbol '%s' not found\n", name);
	assert_string_equal(ddb_ask(session.ddb, "print %snnnn+1", name), line);
	end(&session);
}

/* B-49: 9's grammar, words and numbers; B-54: its print. */
static const struct said grammar_of_9_rows[] = {
	{ "print 2+3*4", "       e\n" },
	{ "print 7#4", "       8\n" },
	{ "print 1|2", "Bad character\n       1\n" },
	{ "print ~1", "Bad character\n       1\n" },
	{ "print !1", "       1\n" },
	{ "print 1<2", "Bad character\n       1\n" },
	{ "print 1==2", "       1\n" },
	/* The upper half is gone before the shift. */
	{ "print -1>>4", " fffffff\n" },
	{ "print 2*-1", "Syntax error\n" },
	{ "print (1", "Syntax error\n" },
	{ "print 1/0", "Divide by 0\n" },
	{ "print 1<<(-1)", "Negative shift amount\n" },
	{ "print f", "Symbol not found\n" },
	{ "foo", "No such command\n" },
	{ "set", "Unknown variable\n" },
	{ "print/q 5", "\n" },
	{ "print 5", "\n" },
};

/* B-48: an int on 32-bit machines. */
static const struct said words_of_32_bits_rows[] = {
	{ "print -1", "ffffffff\n" },
	{ "print/d 0xffffffff", "         -1\n" },
	{ "print 7fffffff+1", "-2147483648\n" },
	{ "print/x 80000000>>4", " 8000000\n" },
	{ "print 80000000<1", "       1\n" },
	{ "print 123456789", "23456789\n" },
};

/* B-54 */
static const struct said print_formats_rows[] = {
	{ "print/x -1", "ffffffffffffffff\n" },
	{ "print/z -10", "     -10\n" },
	{ "print/r -1f", "        -1f\n" },
	{ "print/d 1f", "         31\n" },
	{ "print/u -1", "18446744073709551615\n" },
	{ "print/o 1f", "              37\n" },
	{ "print/c 141", "A\n" },
	{ "print 107", "\\007\n" },
	{ "print/dx 1f", "         31\n" }, /* the first letter */
	{ "print/q 5",
	    "Syntax error: unsupported print modifier\n" },
	{ "print 1f", "      1f\n" },
	{ "print/a -5", "-0x5\n" },
	{ "print 0", "0\n" },
	{ "set $radix 0t10", "" },
	{ "print/r 31", "         31\n" },
	{ "print/a -5", "-5\n" },
	{ "set $radix 8", "" },
	{ "print/r 37", "         37\n" },
	{ "print/a 37", "037\n" },
	{ "set $radix 1", "" }, /* the kernel's printf takes 10 */
	{ "print/r 0x1f", "         31\n" },
};

/* N-09, B-55, B-56, of both word sizes and byte orders. */
static void
examine_formats(void **state)
{
	static const struct {
		const char *machine;
		const char *word, *half, *giant, *byte;
	} rows[] = {
		{ "amd64", "4294967295", "4294967295", "-1", "ffffff80" },
		{ "powerpc64", "4294967295", "4294967295", "-1", "ffffff80" },
		{ "i386", "-1", "-1", "-1", "-80" },
		{ "powerpc", "-1", "-1", "-1", "-80" },
	};
	struct session session;
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&session, rows[i].machine, R121);
		(void)snprintf(text, sizeof(text), "looked_at:      %s\n",
		    rows[i].word);
		assert_says(session.ddb, "x/d looked_at", text);
		(void)snprintf(text, sizeof(text), "looked_at:      %s\n",
		    rows[i].half);
		assert_says(session.ddb, "x/bd looked_at", text);
		assert_says(session.ddb, "x/hd looked_at", text);
		(void)snprintf(text, sizeof(text), "looked_at:      %s\n",
		    rows[i].giant);
		assert_says(session.ddb, "x/gd looked_at", text);
		(void)snprintf(text, sizeof(text), "looked_at+0x8:  %s\n",
		    rows[i].byte);
		assert_says(session.ddb, "x/bz looked_at+8", text);
		end(&session);
	}
	/* 80 00 00 00, read in the target's order. */
	begin(&session, "amd64", R121);
	assert_says(session.ddb, "x/lx looked_at+8", "looked_at+0x8:  80\n");
	end(&session);
	begin(&session, "powerpc64", R121);
	assert_says(session.ddb, "x/lx looked_at+8",
	    "looked_at+0x8:  80000000\n");
	end(&session);
}

/* B-55: columns, strings, and that the format is kept. */
static const struct said examine_lines_rows[] = {
	{ "x/bx looked_at+8,4", "looked_at+0x8:  80  0   0   0\n" },
	{ "x/s looked_at+0c", "looked_at+0xc:  one \\\\001\\177\n" },
	{ "x looked_at+14", "looked_at+0x14: x\n" },
	{ "x/ccc looked_at+0c", "looked_at+0xc:  one\n" },
	{ "x/bxa looked_at+8,2", "looked_at+0x8:  80\n"
	    "looked_at+0x9:  0\nlooked_at+0xa:\n" },
	{ "x/q looked_at", "looked_at:\n" },
	{ "x/x looked_at,0", "" },
	/* 16 columns of 5 bytes: 79 is the last one that begins. */
	{ "set $maxwidth 0t30", "" },
	{ "x/bx looked_at+8,8", "looked_at+0x8:  80  0   0   0\n"
	    "looked_at+0xc:  6f  6e  65  20\n" },
	{ "set $tabstops 4", "" },
	{ "x/bx looked_at", "looked_at:  ff\n" },
	{ "set $tabstops 0", "" },
	{ "x/bx looked_at", "looked_at:fatal trap in ddb (at address "
	    "0x0)\n" },
};

/* B-46, B-53: dot, next, previous and the last address given. */
static void
places(void **state)
{
	struct session session;
	char text[100];

	(void)state;
	begin(&session, "amd64", R121);
	(void)ddb_ask(session.ddb, "print/a looked_at");
	assert_says(session.ddb, "x/lx looked_at,2",
	    "looked_at:      ffffffff        ffffffff\n");
	assert_says(session.ddb, "print .", "looked_at\n");
	assert_says(session.ddb, "x +", "looked_at:      ffffffff\n");
	assert_says(session.ddb, "x looked_at,2",
	    "looked_at:      ffffffff        ffffffff\n");
	/* An empty line goes on at next, with count 1. */
	assert_says(session.ddb, "", "looked_at+0x8:  80\n");
	assert_says(session.ddb, "", "looked_at+0xc:  20656e6f\n");
	assert_says(session.ddb, "print ..", "looked_at+0xc\n");
	assert_says(session.ddb, "print \"", "looked_at+0xc\n");
	/* After an error both are dot again. */
	assert_says(session.ddb, "x/bx looked_at,4",
	    "looked_at:      ff  ff  ff  ff\n");
	assert_says(session.ddb, "print 1/0", "Division by 0\n");
	assert_says(session.ddb, "print +", "looked_at\n");
	/* B-57 */
	assert_says(session.ddb, "print *10",
	    "*** error reading from address 10 ***\n");
	(void)snprintf(text, sizeof(text), "*** error reading from address "
	    "%jx ***\n", (uintmax_t)UINT64_MAX);
	assert_says(session.ddb, "x/x -1", "-0x1:   *** error reading from "
	    "address ffffffffffffffff ***\n");
	end(&session);
}

/* B-53: search leaves dot where it has found it, and says nothing. */
static const struct said searching_rows[] = {
	{ "print/a 0", "0\n" },
	{ "search/b looked_at 65", "" },
	{ "print .", "looked_at+0xe\n" },
	{ "print +", "looked_at+0xe\n" },
	{ "search/h looked_at 80", "" },
	{ "print .", "looked_at+0x8\n" },
	{ "search looked_at 20000000 0xff000000", "" },
	{ "print .", "looked_at+0xc\n" },
	/* Not found in two: it stands behind them. */
	{ "search/b looked_at 65,2", "" },
	{ "print .", "looked_at+0x1\n" },
	{ "search/g looked_at 65", "Bad modifier\n" },
	{ "search", "Address missing\n" },
	{ "search looked_at", "Value missing\n" },
	{ "search looked_at 1,", "Count missing\n" },
};

/* B-51, B-52, B-70 */
static void
commands(void **state)
{
	static const struct said rows[] = {
		{ "foo", NO_COMMAND },
		{ "pr 1", "       1\n" },
		{ "p 1", "       1\n" },
		{ "show vnet_s", "Ambiguous\n" },
		{ "show nothing", NO_COMMAND },
		{ "se", "Ambiguous\n" },
		{ "exam/lx looked_at", "looked_at:      ffffffff\n" },
		{ "print / d 10", "         16\n" },
		{ "x/2 looked_at", "Bad modifier\n" },
		{ "x/2x looked_at", "Bad character in number\n" },
		{ "x looked_at,", "Count missing\n" },
		{ "write looked_at 1", "write: not simulated\n" },
		{ "w looked_at 1", "w: not simulated\n" },
		{ "call looked_at()", "call: not simulated\n" },
		{ "!looked_at()", "call: not simulated\n" },
		{ "show threads", "threads: not simulated\n" },
		{ "show active trace", "trace: not simulated\n" },
		{ "x/i looked_at", "looked_at:      instructions are not "
		    "simulated: there is no disassembler\n" },
		{ "show active", "Subcommand required; available subcommands:\n"
		    "trace\n" },
		{ "show all help", "chains          ifnets          lltables"
		    "        pcpu\nprocs           rman            trace"
		    "           ttys\nvmem            vmemdump        vnets\n" },
	};
	struct session session;

	(void)state;
	begin(&session, "amd64", R121);
	ASK_ALL(session.ddb, rows);
	assert_non_null(strstr(ddb_ask(session.ddb, "help"),
	    "Available commands:\nacttrace        alltrace"));
	assert_false(kldsim_ddb_left(session.ddb));
	assert_says(session.ddb, "continue", "");
	assert_true(kldsim_ddb_left(session.ddb));
	end(&session);
	/* Four begin so: acttrace to call, then the third is taken or not. */
	begin(&session, "amd64", R121);
	assert_says(session.ddb, "re", "Ambiguous\n"); /* two */
	assert_says(session.ddb, "tex", "textdump: not simulated\n");
	assert_says(session.ddb, "show sleep", "sleepqueue: not simulated\n");
	end(&session);
	begin(&session, "amd64", R150);
	assert_says(session.ddb, "show sleep", "Ambiguous\n");
	end(&session);
}

/* B-60 to B-62 */
static void
variables(void **state)
{
	static const struct said rows[] = {
		{ "set", "$radix    = 16\n$maxoff   = 65536\n$maxwidth = 79\n"
		    "$tabstops = 8\n$lines    = 20\n$curcpu   = 0\n"
		    "$db_cpu   = -1\n$curvnet  = 0\n$db_vnet  = 0\n" },
		{ "set $lines 0x10", "" },
		{ "print $lines", "      10\n" },
		{ "set $lines = 11", "" },
		{ "print $lines+1", "      12\n" },
		{ "set lines 1", "Unknown variable\n" },
		{ "set $nope 1", "Unknown variable\n" },
		{ "print $nope", "Unknown variable\n" },
		{ "set $lines", "No value\n" },
		{ "set $lines 1 2", "?\n" },
		{ "print $lines", "      11\n" },
		{ "set $curcpu 1", "Read-only variable.\n" },
		{ "set $curvnet 1", "Read-only variable.\n" },
		{ "set $db_cpu 2", "Invalid value: 2\n" },
		{ "set $db_cpu -2", "Invalid value: -2\n" },
		{ "set $db_cpu 1", "" },
		{ "print $db_cpu", "       1\n" },
		/* There is no way back: mp_maxid is unsigned. */
		{ "set $db_cpu -1", "Invalid value: -1\n" },
		{ "print $db_cpu", "       1\n" },
		{ "set $db_cpu 0", "" },
		{ "print $db_cpu", "       0\n" },
		{ "set $db_vnet 0x1234", "" },
		{ "print $db_vnet", "    1234\n" },
		{ "print vnet_entry_none", "Symbol 'vnet_entry_none' not "
		    "found\n" },
	};
	struct session session;

	(void)state;
	begin(&session, "amd64", R121);
	ASK_ALL(session.ddb, rows);
	assert_int_equal(kldsim_ddb_lines(session.ddb), 0x11);
	end(&session);
	/* The int at the value's address: big-endian, the upper half. */
	begin(&session, "powerpc64", R121);
	assert_says(session.ddb, "set $db_cpu 1", "");
	assert_says(session.ddb, "print $db_cpu", "       0\n");
	assert_says(session.ddb, "set $db_cpu -1", "Invalid value: -1\n");
	assert_says(session.ddb, "set $db_cpu 100000000", "");
	assert_says(session.ddb, "print $db_cpu", "       1\n");
	end(&session);
	begin(&session, "powerpc", R121);
	assert_says(session.ddb, "set $db_cpu 1", "");
	assert_says(session.ddb, "print $db_cpu", "       1\n");
	end(&session);
}

/* B-61: 9 asks for one bound and the other, which is for the lower one alone. */
static void
cpus_of_9(void **state)
{
	static const struct said rows[] = {
		{ "set $db_cpu 0x63", "" },
		{ "print $db_cpu", "      63\n" },
		{ "set $db_cpu -1", "" },
		{ "print/d $db_cpu", "         -1\n" },
		{ "set $db_cpu -2", "Invalid value: -2\n" },
		{ "print/d $db_cpu", "         -1\n" },
	};
	struct session session;

	(void)state;
	begin(&session, "amd64", R093);
	ASK_ALL(session.ddb, rows);
	end(&session);
}

/* B-58: how near a symbol has to be, and that the first page has none. */
static void
symbols(void **state)
{
	struct session session;
	char line[100];

	(void)state;
	begin(&session, "amd64", R121);
	(void)ddb_ask(session.ddb, "print/a 0");
	assert_says(session.ddb, "print looked_at", "looked_at\n");
	assert_says(session.ddb, "print looked_at+10", "looked_at+0x10\n");
	(void)ddb_ask(session.ddb, "set $maxoff 10");
	assert_says(session.ddb, "print looked_at+0f", "looked_at+0xf\n");
	(void)snprintf(line, sizeof(line), "0x%jx\n",
	    (uintmax_t)session.bytes + 0x10);
	assert_says(session.ddb, "print looked_at+10", line);
	assert_says(session.ddb, "print -10", "-0x10\n");
	assert_says(session.ddb, "print -11", "0xffffffffffffffef\n");
	end(&session);
}

/* A list has four columns of 16 as well where a line has 64, and not 63. */
static void
columns(void **state)
{
	static const char four[] = "acttrace        alltrace        "
	    "b               break\n";
	struct session session;

	(void)state;
	begin(&session, "amd64", R121);
	(void)ddb_ask(session.ddb, "set $maxwidth 0t64");
	assert_non_null(strstr(ddb_ask(session.ddb, "help"), four));
	(void)ddb_ask(session.ddb, "set $maxwidth 0t63");
	assert_null(strstr(ddb_ask(session.ddb, "help"), four));
	end(&session);
}

/* A command that does not read its line itself is given an address (B-53). */
static void
addresses_that_nobody_needs(void **state)
{
	struct session session;
	char list[2000];

	(void)state;
	begin(&session, "amd64", R121);
	(void)snprintf(list, sizeof(list), "%s", ddb_ask(session.ddb,
	    "kldstat"));
	assert_non_null(strstr(list, "kernel"));
	assert_string_equal(ddb_ask(session.ddb, "kldstat 1234"), list);
	end(&session);
}

/* Lines come as they may; DDB never says more than so much (B-71). */
static void
bounded(void **state)
{
	struct session session;
	const char *text;
	size_t size;

	(void)state;
	begin(&session, "amd64", R121);
	(void)ddb_ask(session.ddb, "set $maxwidth 7fffffff");
	(void)ddb_ask(session.ddb, "set $tabstops 0xfffff");
	for (unsigned i = 0; i < 2; i++) {
		const char *line = i == 0 ? "x/xaxaxaxaxaxaxaxa looked_at,100000"
		    : "x/q looked_at,7fffffff";

		assert_int_equal(kldsim_ddb_command(session.ddb, line,
		    strlen(line), &text, &size), KLDSIM_OK);
		assert_true(size < 0x800100);
		assert_non_null(strstr(text, "***"));
	}
	assert_says(session.ddb, "print/x 1", "       1\n");
	end(&session);
}

/* Sessions that are nothing but lines, each of a machine and a release. */
static const struct session_rows {
	const char *machine;
	uint32_t osreldate;
	const struct said *rows;
	size_t count;
} sessions[] = {
#define ROWS(name) name##_rows, sizeof(name##_rows) / sizeof(*name##_rows)
	{ "amd64", R121, ROWS(expressions) },
	{ "amd64", R093, ROWS(grammar_of_9) },
	{ "i386", R121, ROWS(words_of_32_bits) },
	{ "amd64", R121, ROWS(print_formats) },
	{ "amd64", R121, ROWS(examine_lines) },
	{ "amd64", R121, ROWS(searching) },
#undef ROWS
};

static void
all_sessions(void **state)
{
	struct session session;

	(void)state;
	for (size_t i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		begin(&session, sessions[i].machine, sessions[i].osreldate);
		ask_all(session.ddb, sessions[i].rows, sessions[i].count);
		end(&session);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sessions),
		cmocka_unit_test(tokens),
		cmocka_unit_test(examine_formats),
		cmocka_unit_test(places),
		cmocka_unit_test(commands),
		cmocka_unit_test(variables),
		cmocka_unit_test(cpus_of_9),
		cmocka_unit_test(symbols),
		cmocka_unit_test(columns),
		cmocka_unit_test(addresses_that_nobody_needs),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
