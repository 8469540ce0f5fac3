/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules compared with kernels by types (I-20 to I-82): the vectors X-23 and
 * X-24, and one of each thing that can differ.  What files of compilers lead to,
 * tests/types asks the command.
 */

#include "support_kern.h"

#include <kldsim/kbi.h>

#include <stdio.h>
#include <stdlib.h>

#define TEXT 6000
#define KERNEL(version) "machine: amd64\nkind: kernel\n" \
	"options: {osreldate: " version ", ctf-version: 2}\n"
#define MODULE "machine: amd64\nkind: module\noptions: {osreldate: 1201000}\n" \
	"functions: [start]\nsymbols:\n"
#define IMPORT(name, type) \
	"  - {name: " name ", bind: global, type: " type ", place: undef}\n"

/* X-01, without its label. */
static const char x23[] = KERNEL("1201000")
	"functions: [f, g]\n"
	"objects: [{name: x, size: 4}]\n"
	"types:\n"
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	"  - {kind: integer, name: unsigned int, size: 4}\n"
	"  - {kind: integer, name: unsigned int, size: 4, bits: 3}\n"
	"  - kind: struct\n"
	"    name: foo\n"
	"    size: 16\n"
	"    members: [{name: a, type: int, bit: 0}, {name: b, type: 3, bit: 32},"
	" {name: next, type: struct foo *, bit: 64}]\n"
	"object-types: [{symbol: x, type: int}]\n"
	"function-types:\n"
	"  - {symbol: f, returns: int, arguments: [struct foo *, int]}\n";

/* the same with four bytes more before next. */
static const char x24[] = KERNEL("1201000")
	"functions: [f, g]\n"
	"objects: [{name: x, size: 4}]\n"
	"types:\n"
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	"  - {kind: integer, name: unsigned int, size: 4}\n"
	"  - {kind: integer, name: unsigned int, size: 4, bits: 3}\n"
	"  - kind: struct\n"
	"    name: foo\n"
	"    size: 24\n"
	"    members: [{name: a, type: int, bit: 0}, {name: b, type: 3, bit: 32},"
	" {name: pad, type: int, bit: 64},"
	" {name: next, type: struct foo *, bit: 128}]\n"
	"object-types: [{symbol: x, type: int}]\n"
	"function-types:\n"
	"  - {symbol: f, returns: int, arguments: [struct foo *, int]}\n";

static void
say(char *text, const char *format, ...)
{
	const size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text + used, TEXT - used, format, args);
	va_end(args);
	assert_true(strlen(text) < TEXT - 1);
}

static void
say_finding(const struct kldsim_kbi_report *report, size_t index,
    enum kldsim_kbi_mode mode, char *text)
{
	struct kldsim_kbi_finding finding;
	struct kldsim_kbi_change change;
	struct kldsim_kbi_embedding within;
	char words[200];

	assert_int_equal(kldsim_kbi_report_finding(report, index, &finding),
	    KLDSIM_OK);
	say(text, "%u %s %u->%u by", finding.level, finding.name,
	    (unsigned)finding.module_size, (unsigned)finding.kernel_size);
	for (size_t i = 0; i < finding.imports; i++)
		say(text, " %s", kldsim_kbi_report_import(report, index, i));
	if (finding.same_name != 0)
		say(text, ", of %u", finding.same_name);
	say(text, ": %s\n", finding.text);
	for (size_t i = 0; kldsim_kbi_report_change(report, index, i,
	    &change) == KLDSIM_OK; i++) {
		kldsim_kbi_change_text(&change, mode, words, sizeof(words));
		say(text, "  %s\n", words);
	}
	for (size_t i = 0; kldsim_kbi_report_embedding(report, index, i,
	    &within) == KLDSIM_OK; i++)
		say(text, "  in %s %u->%u\n", within.name,
		    (unsigned)within.module_size, (unsigned)within.kernel_size);
}

/* Two kernels, and what is said of a module of a spec. */
struct scene {
	struct kldsim_kbi_file *old, *new, *module;
	struct kldsim_kbi_report *report;
	struct kldsim_kbi *kbi;
};

static void
begin_scene(struct scene *scene, const char *old_spec, const char *new_spec,
    const char *module_spec)
{
	scene->old = kern_kbi_spec(old_spec, "old", 0);
	scene->new = kern_kbi_spec(new_spec, "new", 0);
	scene->module = kern_kbi_spec(module_spec, "m.ko", 0);
	assert_int_equal(kldsim_kbi_new(scene->new, scene->old, &scene->kbi,
	    NULL), KLDSIM_OK);
	assert_int_equal(kldsim_kbi_compare(scene->kbi, scene->module,
	    &scene->report, NULL), KLDSIM_OK);
}

static void
end_scene(struct scene *scene)
{
	kldsim_kbi_report_free(scene->report);
	kldsim_kbi_free(scene->kbi);
	kldsim_kbi_file_free(scene->module);
	kldsim_kbi_file_free(scene->new);
	kldsim_kbi_file_free(scene->old);
}

/* All that is said, to be freed. */
static char *
against(const char *old_spec, const char *new_spec, const char *module_spec)
{
	char *text = calloc(1, TEXT);
	struct kldsim_kbi_info info;
	struct scene scene;

	assert_non_null(text);
	begin_scene(&scene, old_spec, new_spec, module_spec);
	kldsim_kbi_report_info(scene.report, &info);
	assert_int_equal(info.mode, KLDSIM_KBI_AGAINST);
	say(text, "%s, %u of %u resolved, %u typed\n", kldsim_kbi_verdict_name(
	    info.verdict), info.resolved, info.imports, info.typed);
	for (size_t i = 0; i < info.findings; i++)
		say_finding(scene.report, i, info.mode, text);
	end_scene(&scene);
	return (text);
}

static void
is(const char *old, const char *new, const char *module, const char *want)
{
	char *have = against(old, new, module);

	assert_string_equal(have, want);
	free(have);
}

/* the hashes are the rule book's. */
static void
an_interface_as_text(void **state)
{
	struct kldsim_kbi_file *file = kern_kbi_spec(x23, "kernel", 0);
	char *text;

	(void)state;
	assert_int_equal(kldsim_kbi_write(file, NULL, &text), KLDSIM_OK);
	assert_non_null(strstr(text, "kbi 1 amd64 1201000 - ctf2\n"));
	assert_non_null(strstr(text,
	    "\nF 03c2772751d8a21a f f(*s#foo,s32)s32\n"
	    "F 0000000000000000 g ?\n"));
	assert_non_null(strstr(text, "\nT ed554c213222a9f8 s#foo "
	    "s#foo{a s32@0;b u32:3@32;next *s#foo@64}16\n"));
	assert_non_null(strstr(text, "\nV 58a21317ca7b53ab x s32\n"));
	assert_null(strstr(text, "\nw "));
	kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
	/* I-62: words of the interface that modules compare by themselves. */
	file = kern_kbi_spec(KERNEL("1201000") "functions: [f]\n"
	    "versions: [{name: netgraph, version: 12}]\n"
	    "types: [{kind: integer, name: int, size: 4}]\n", "kernel", 0);
	assert_int_equal(kldsim_kbi_write(file, NULL, &text), KLDSIM_OK);
	assert_non_null(strstr(text, "\nw netgraph 12\n"));
	kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
}

/* */
static void
four_modules(void **state)
{
	(void)state;
	is(x23, x24, MODULE IMPORT("f", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 foo 16->24 by f: struct foo: 16 bytes in the old kernel, 24 in "
	    "the new kernel\n"
	    "  pad (int) at 0x8 in the new one alone\n"
	    "  next at 0x8 in the old kernel, at 0x10 in the new one\n");
	is(x23, x24, MODULE IMPORT("x", "object"),
	    "no difference found, 1 of 1 resolved, 1 typed\n");
	/* That nobody has it, the linker says. */
	is(x23, x24, MODULE IMPORT("h", "func"),
	    "no difference found, 0 of 1 resolved, 0 typed\n");
	is(x23, x24, MODULE IMPORT("g", "func"),
	    "cannot tell, 1 of 1 resolved, 0 typed\n");
	/* A file of symbols alone: they are its first section. */
	is(x23, x24, "machine: amd64\nkind: rel\nsymbols:\n" IMPORT("f", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 foo 16->24 by f: struct foo: 16 bytes in the old kernel, 24 in "
	    "the new kernel\n"
	    "  pad (int) at 0x8 in the new one alone\n"
	    "  next at 0x8 in the old kernel, at 0x10 in the new one\n");
	/* Nothing has changed the other way round, of one kernel. */
	is(x24, x24, MODULE IMPORT("f", "func") IMPORT("x", "object"),
	    "no difference found, 2 of 2 resolved, 2 typed\n");
}

#define TYPES(more) \
	"functions: [f, g, h, k, m, p, q, same]\n" \
	"objects: [{name: x, size: 8}]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - {kind: integer, name: long, size: 8, encoding: signed}\n" more

static const char old_kernel[] = KERNEL("1201000") TYPES(
	"  - {kind: struct, name: foo, size: 16, members:"
	" [{name: refs, type: int, bit: 0}, {name: flags, type: long, bit: 64}]}\n"
	"  - {kind: struct, name: bar, size: 24, members:"
	" [{name: in, type: struct foo, bit: 0}, {name: n, type: int, bit: 128}]}\n"
	"  - {kind: enum, name: e, size: 4,"
	" constants: [{name: A, value: 0}, {name: B, value: 1}]}\n"
	"  - {kind: union, name: u, size: 4,"
	" members: [{name: i, type: int, bit: 0}]}\n"
	"object-types: [{symbol: x, type: long}]\n"
	"function-types:\n"
	"  - {symbol: f, returns: int, arguments: [struct foo *]}\n"
	"  - {symbol: g, returns: int, arguments: [int]}\n"
	"  - {symbol: h, returns: int}\n"
	"  - {symbol: k, returns: int, arguments: [enum e]}\n"
	"  - {symbol: m, returns: int, arguments: [struct bar *]}\n"
	"  - {symbol: p, returns: int, arguments: [union u *]}\n"
	"  - {symbol: q, returns: int, arguments: [int, int]}\n"
	"  - {symbol: same, returns: int, arguments: [int, long]}\n");

static const char new_kernel[] = KERNEL("1201000") TYPES(
	"  - {kind: struct, name: foo, size: 24, members:"
	" [{name: refs, type: int, bit: 0}, {name: owner, type: long, bit: 64},"
	" {name: flags, type: long, bit: 128}]}\n"
	"  - {kind: struct, name: bar, size: 32, members:"
	" [{name: in, type: struct foo, bit: 0}, {name: n, type: int, bit: 192}]}\n"
	"  - {kind: enum, name: e, size: 4, constants: [{name: A, value: 0},"
	" {name: N, value: 1}, {name: B, value: 2}]}\n"
	"  - {kind: union, name: u, size: 8, members:"
	" [{name: i, type: int, bit: 0}, {name: l, type: long, bit: 0}]}\n"
	"object-types: [{symbol: x, type: long}]\n"
	"function-types:\n"
	"  - {symbol: f, returns: int, arguments: [struct foo *]}\n"
	"  - {symbol: g, returns: int, arguments: [int, int]}\n"
	"  - {symbol: h, returns: long}\n"
	"  - {symbol: k, returns: int, arguments: [enum e]}\n"
	"  - {symbol: m, returns: int, arguments: [struct bar *]}\n"
	"  - {symbol: p, returns: int, arguments: [union u *]}\n"
	"  - {symbol: q, returns: int, arguments: [long, int]}\n"
	"  - {symbol: same, returns: int, arguments: [int, long]}\n");

/* I-40 to I-51: what differs, worst first, and by whom it is reached. */
static void
each_thing_that_can_differ(void **state)
{
	(void)state;
	is(old_kernel, new_kernel, MODULE IMPORT("f", "func")
	    IMPORT("g", "func") IMPORT("h", "func") IMPORT("k", "func")
	    IMPORT("m", "func") IMPORT("p", "func") IMPORT("q", "func")
	    IMPORT("same", "func") IMPORT("x", "object"),
	    "rebuild, 9 of 9 resolved, 9 typed\n"
	    "2 g 0->0 by: g: 1 arguments in the old kernel, 2 in the new "
	    "one\n"
	    "  1 arguments in the old kernel, 2 in the new one\n"
	    "2 h 0->0 by: h: it returns int in the old kernel, long in the "
	    "new one\n"
	    "  it returns int in the old kernel, long in the new one\n"
	    "2 q 0->0 by: q: argument 1 is int in the old kernel, long in the "
	    "new one\n"
	    "  argument 1 is int in the old kernel, long in the new one\n"
	    "3 foo 16->24 by f m: struct foo: 16 bytes in the old kernel, 24 "
	    "in the new kernel\n"
	    "  owner (long) at 0x8 in the new one alone\n"
	    "  flags at 0x8 in the old kernel, at 0x10 in the new one\n"
	    "  in bar 24->32\n"
	    "5 e 4->4 by k: enum e: B is 1 in the old kernel, 2 in the new "
	    "one\n"
	    "  B is 1 in the old kernel, 2 in the new one\n"
	    "7 u 4->8 by p: union u: 4 bytes in the old kernel, 8 in the new "
	    "kernel\n"
	    "  l (long) at 0x0 in the new one alone\n");
}

/* Two types of one name: told of is the one that is as large as the new one. */
static void
several_of_one_name(void **state)
{
	static const char old[] = KERNEL("1201000") "functions: [f, g]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		"  - {kind: struct, name: foo, size: 4, members:"
		" [{name: a, type: int, bit: 0}]}\n"
		"  - {kind: struct, name: foo, size: 8, members:"
		" [{name: a, type: int, bit: 0}, {name: b, type: int, bit: 32}]}\n"
		"  - {kind: pointer, type: 2}\n"
		"  - {kind: pointer, type: 3}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [4]}\n"
		"  - {symbol: g, returns: int, arguments: [5]}\n";
	static const char new[] = KERNEL("1201000") "functions: [f, g]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		"  - {kind: struct, name: foo, size: 8, members:"
		" [{name: b, type: int, bit: 0}, {name: a, type: int, bit: 32}]}\n"
		"  - {kind: pointer, type: 2}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [3]}\n"
		"  - {symbol: g, returns: int, arguments: [3]}\n";

	char *have = against(old, new, MODULE IMPORT("f", "func")
	    IMPORT("g", "func"));

	(void)state;
	assert_non_null(strstr(have, "\n3 foo 8->8 by "));
	assert_non_null(strstr(have, "\n  a at 0x0 in the old kernel, at 0x4 in "
	    "the new one\n  b at 0x4 in the old kernel, at 0x0 in the new "
	    "one\n"));
	free(have);
}

/* I-30: no prototype names one of the two, a member points to them (rank 3, so
   that nothing has to be built again): of the pairs the one of the same size says
   more, whichever of them is looked at first. */
static void
several_behind_a_member(void **state)
{
#define FOO4 "  - {kind: struct, name: foo, size: 4, members:" \
	" [{name: a, type: int, bit: 0}]}\n"
#define FOO8 "  - {kind: struct, name: foo, size: 8, members:" \
	" [{name: a, type: int, bit: 0}, {name: b, type: int, bit: 32}]}\n"
#define BEHIND(foos) KERNEL("1201000") "functions: [f]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" foos \
	"  - {kind: pointer, type: 2}\n" \
	"  - {kind: struct, name: outer, size: 8, members:" \
	" [{name: p, type: struct foo *, bit: 0}]}\n" \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [struct outer *]}\n"
	static const char new[] = BEHIND("  - {kind: struct, name: foo, "
	    "size: 8, members: [{name: b, type: int, bit: 0},"
	    " {name: a, type: int, bit: 32}]}\n");
	static const char *const olds[] = { BEHIND(FOO4 FOO8),
		BEHIND(FOO8 FOO4) };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		is(olds[i], new, MODULE IMPORT("f", "func"),
		    "no difference found, 1 of 1 resolved, 1 typed\n"
		    "7 foo 8->8 by, of 3: struct foo: a at 0x0 in the old "
		    "kernel, at 0x4 in the new one, and more\n"
		    "  a at 0x0 in the old kernel, at 0x4 in the new one\n"
		    "  b at 0x4 in the old kernel, at 0x0 in the new one\n");
}

#define MEMBERS(more) KERNEL("1201000") \
	"functions: [f, g, h]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - {kind: integer, name: long, size: 8, encoding: signed}\n" more \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [struct table *]}\n" \
	"  - {symbol: g, returns: int, arguments: [struct vector *]}\n" \
	"  - {symbol: h, returns: int, arguments: [struct other *]}\n"

static const char old_arrays[] = MEMBERS(
	"  - {kind: struct, size: 8, members:" /* 3 */
	" [{name: a, type: int, bit: 0}, {name: b, type: int, bit: 32}]}\n"
	"  - {kind: array, type: 3, index: 1, elements: 2}\n"
	"  - {kind: array, type: 6, index: 1, elements: 2}\n"
	"  - {kind: array, type: int, index: 1, elements: 3}\n"
	"  - {kind: struct, size: 4, members:" /* 7 */
	" [{name: v, type: int, bit: 0}]}\n"
	"  - {kind: array, type: 7, index: 1, elements: 1}\n"
	"  - {kind: struct, name: table, size: 16, members:"
	" [{name: rows, type: 4, bit: 0}]}\n"
	"  - {kind: struct, name: vector, size: 24, members:"
	" [{name: v, type: 5, bit: 0}]}\n"
	"  - {kind: struct, name: other, size: 20, members:"
	" [{name: p, type: 8, bit: 0}, {name: j, type: int, bit: 32},"
	" {name: k, type: int, bit: 64}, {name: z, type: int, bit: 128}]}\n");

static const char new_arrays[] = MEMBERS(
	"  - {kind: struct, size: 8, members:"
	" [{name: b, type: int, bit: 0}, {name: a, type: int, bit: 32}]}\n"
	"  - {kind: array, type: 3, index: 1, elements: 2}\n"
	"  - {kind: array, type: 6, index: 1, elements: 3}\n"
	"  - {kind: array, type: int, index: 1, elements: 2}\n"
	"  - {kind: struct, size: 4, members:"
	" [{name: v, type: int, bit: 0}]}\n"
	"  - {kind: array, type: 7, index: 1, elements: 1}\n"
	"  - {kind: struct, name: table, size: 16, members:"
	" [{name: rows, type: 4, bit: 0}]}\n"
	"  - {kind: struct, name: vector, size: 24, members:"
	" [{name: v, type: 5, bit: 0}]}\n"
	"  - {kind: union, size: 4, members:" /* 11 */
	" [{name: d, type: int, bit: 0}, {name: q, type: 8, bit: 0}]}\n"
	"  - {kind: struct, name: other, size: 24, members:"
	" [{name: '', type: 11, bit: 0}, {name: j, type: int, bit: 32},"
	" {name: k, type: int, bit: 64}, {name: z, type: int, bit: 160}]}\n");

/* Arrays: of structures without a name, of another number of elements. */
static void
members_of_arrays(void **state)
{
	(void)state;
	is(old_arrays, new_arrays, MODULE IMPORT("f", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 table 16->16 by f: struct table: rows[].a at 0x0 in the old "
	    "kernel, at 0x4 in the new one, and more\n"
	    "  rows[].a at 0x0 in the old kernel, at 0x4 in the new one\n"
	    "  rows[].b at 0x4 in the old kernel, at 0x0 in the new one\n");
	is(old_arrays, new_arrays, MODULE IMPORT("g", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 vector 24->24 by g: struct vector: v is int[2][3] in the old "
	    "kernel, int[3][2] in the new one\n"
	    "  v is int[2][3] in the old kernel, int[3][2] in the new one\n");
	is(old_arrays, new_arrays, MODULE IMPORT("h", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 other 20->24 by h: struct other: 20 bytes in the old kernel, 24 "
	    "in the new kernel\n"
	    "  p at 0x0 is called q in the new one\n"
	    "  p[].v at 0x0 is called q[].v in the new one\n"
	    "  d (int) at 0x0 in the new one alone\n"
	    "  z at 0x10 in the old kernel, at 0x14 in the new one\n");
}

#define BUF(size, more, end) KERNEL("1201000") "functions: [f]\n" \
	"sections: [{name: kern_conf, flags: alloc, size: 200, text: " \
	"\"options\\tCONFIG_AUTOGENERATED\\nident\\tA\\n" end "\"}]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - {kind: struct, name: buf, size: " size ", members:" \
	" [{name: b_flags, type: int, bit: 0}" more "]}\n" \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [struct buf *]}\n"
#define TRACKING ", {name: b_io_tracking, type: int, bit: 32}"

/* The option that explains what the first finding of a report says. */
static void
is_option(const char *old_spec, const char *new_spec, const char *want)
{
	struct kldsim_kbi_cause cause;
	struct scene scene;

	begin_scene(&scene, old_spec, new_spec, MODULE IMPORT("f", "func"));
	assert_int_equal(kldsim_kbi_report_cause(scene.report, 0, &cause),
	    KLDSIM_OK);
	assert_string_equal(cause.option, want);
	end_scene(&scene);
}

/* Two options have such a member: the second if the kernel says that it has it. */
static void
one_of_two_options(void **state)
{
	static const char without[] = BUF("4", "", "");

	(void)state;
	is_option(without, BUF("8", TRACKING, "options\\tBUF_TRACKING\\n"),
	    "BUF_TRACKING");
	is_option(without, BUF("8", TRACKING,
	    "options\\tFULL_BUF_TRACKING\\n"), "FULL_BUF_TRACKING");
	is_option(BUF("8", TRACKING, ""), without, "BUF_TRACKING");
}

#define STRUCT(name, size, at) "  - {kind: struct, name: " name ", size: " \
	size ", members: [{name: a, type: int, bit: " at "}]}\n"

/* I-30: both have one foo of 12 bytes, and f takes another one in each. */
static void
one_of_several_is_named(void **state)
{
	static const char old[] = KERNEL("1201000") "functions: [f]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		STRUCT("foo", "12", "64") STRUCT("foo", "4", "0")
		"  - {kind: pointer, type: 3}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [4]}\n";
	static const char new[] = KERNEL("1201000") "functions: [f]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		STRUCT("foo", "12", "64") STRUCT("foo", "8", "32")
		"  - {kind: pointer, type: 3}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [4]}\n";

	(void)state;
	is(old, new, MODULE IMPORT("f", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 foo 4->8 by f, of 4: struct foo: 4 bytes in the old kernel, 8 "
	    "in the new kernel\n"
	    "  a at 0x0 in the old kernel, at 0x4 in the new one\n");
}

#define BAR(size, at) "  - {kind: struct, name: bar, size: " size \
	", members: [{name: in, type: struct foo, bit: 0}," \
	" {name: n, type: int, bit: " at "}]}\n"

/* Of two bars, the one that is as large as the new one: its size is told. */
static void
several_that_have_it(void **state)
{
	static const char old[] = KERNEL("1201000") "functions: [f, g]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		"  - {kind: struct, name: foo, size: 4, members:"
		" [{name: a, type: int, bit: 0}]}\n"
		BAR("8", "32") BAR("12", "32")
		"  - {kind: pointer, type: 3}\n"
		"  - {kind: pointer, type: 4}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [5]}\n"
		"  - {symbol: g, returns: int, arguments: [6]}\n";
	static const char new[] = KERNEL("1201000") "functions: [f, g]\n"
		"types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		"  - {kind: struct, name: foo, size: 8, members:"
		" [{name: b, type: int, bit: 0}, {name: a, type: int, bit: 32}]}\n"
		BAR("12", "64")
		"  - {kind: pointer, type: 3}\n"
		"function-types:\n"
		"  - {symbol: f, returns: int, arguments: [4]}\n"
		"  - {symbol: g, returns: int, arguments: [4]}\n";

	(void)state;
	is(old, new, MODULE IMPORT("f", "func") IMPORT("g", "func"),
	    "rebuild, 2 of 2 resolved, 2 typed\n"
	    "3 foo 4->8 by g f: struct foo: 4 bytes in the old kernel, 8 in "
	    "the new kernel\n"
	    "  b (int) at 0x0 in the new one alone\n"
	    "  a at 0x0 in the old kernel, at 0x4 in the new one\n"
	    "  in bar 12->12\n");
}

/* I-50, level 3: what a callback is given has a structure by value that has grown,
   so that what comes behind it has moved. */
static void
what_grows_moves_others(void **state)
{
#define AROUND(size, more, around, at) KERNEL("1201000") "functions: [f]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - {kind: struct, name: foo, size: " size ", members:" \
	" [{name: a, type: int, bit: 0}" more "]}\n" \
	"  - {kind: struct, name: around, size: " around ", members:" \
	" [{name: in, type: struct foo, bit: 0}," \
	" {name: n, type: int, bit: " at "}]}\n" \
	"  - {kind: pointer, type: 3}\n" \
	"  - {kind: function, type: 1, arguments: [4]}\n" \
	"  - {kind: pointer, type: 5}\n" \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [6]}\n"
	(void)state;
	is(AROUND("4", "", "8", "32"), AROUND("8",
	    ", {name: b, type: int, bit: 32}", "12", "64"),
	    MODULE IMPORT("f", "func"),
	    "rebuild, 1 of 1 resolved, 1 typed\n"
	    "3 foo 4->8 by f: struct foo: 4 bytes in the old kernel, 8 in the "
	    "new kernel\n"
	    "  b (int) at 0x4 in the new one alone\n"
	    "  in around 8->12\n");
}

/* Of a variable the type itself, of a function what it takes: both are rank 1,
   and neither is a lock that the module has made (I-42). */
static void
ranks_of_imports(void **state)
{
#define RANKS(size, at) KERNEL("1201000") "functions: [f]\n" \
	"objects: [{name: x, size: 8}]\ntypes:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	STRUCT("foo", size, at) STRUCT("rmlock", size, at) \
	"object-types: [{symbol: x, type: struct foo}]\n" \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [int]}\n"
	struct kldsim_kbi_finding finding;
	struct scene scene;

	(void)state;
	begin_scene(&scene, RANKS("4", "0"), RANKS("8", "32"),
	    MODULE IMPORT("x", "object") IMPORT("f", "func"));
	for (size_t i = 0; kldsim_kbi_report_finding(scene.report, i,
	    &finding) == KLDSIM_OK; i++) {
		assert_null(finding.allocates);
		if (strcmp(finding.name, "foo") == 0)
			assert_int_equal(finding.rank, 1);
	}
	assert_int_not_equal(kldsim_kbi_report_finding(scene.report, 0,
	    &finding), KLDSIM_NOENT);
	end_scene(&scene);
}

/* I-20: what f takes, and what that points to. */
static void
ranks_are_counted(void **state)
{
	static const char spec[] = MEMBERS(
		"  - {kind: struct, name: behind, size: 4, members:"
		" [{name: a, type: int, bit: 0}]}\n"
		"  - {kind: struct, name: table, size: 8, members:"
		" [{name: p, type: struct behind *, bit: 0}]}\n"
		"  - {kind: struct, name: vector, size: 4, members:"
		" [{name: a, type: int, bit: 0}]}\n"
		"  - {kind: struct, name: other, size: 4, members:"
		" [{name: a, type: int, bit: 0}]}\n");
	struct kldsim_kbi_info info;
	struct scene scene;

	(void)state;
	begin_scene(&scene, spec, spec, MODULE IMPORT("f", "func"));
	kldsim_kbi_report_info(scene.report, &info);
	assert_int_equal(info.compared, 1);
	assert_int_equal(info.compared_more, 1);
	end_scene(&scene);
}

/* W-23: what an inline function takes, no import leads to. */
static void
inlines_lead_to_types(void **state)
{
	static const char kernel_spec[] = KERNEL("1201000") "types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		STRUCT("foo", "8", "32");
	static const char spec[] = MODULE IMPORT("printf", "func") "types:\n"
		"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
		STRUCT("foo", "4", "0")
		"  - {kind: pointer, type: 2}\n"
		"  - {kind: function, type: 1, arguments: [3]}\n";
	static const struct kldsim_kbi_inline inlines[] = { { "foo_get", 4 } };
	struct kldsim_kbi_file *kernel = kern_kbi_spec(kernel_spec, "kernel", 0);
	struct kldsim_image *image = kern_spec(spec, "m.ko");
	struct kldsim_kbi_options options;
	struct kldsim_kbi_finding finding;
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_file *module;
	struct kldsim_types *types;
	struct kldsim_kbi *kbi;

	(void)state;
	assert_int_equal(kldsim_types_read(image, NULL, &types, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_kbi_new(kernel, NULL, &kbi, NULL), KLDSIM_OK);
	kldsim_kbi_options_init(&options, sizeof(options));
	options.types = types;
	options.inlines = inlines;
	for (options.ninlines = 0; options.ninlines < 2; options.ninlines++) {
		assert_int_equal(kldsim_kbi_file_new(image, &options, &module,
		    NULL), KLDSIM_OK);
		assert_int_equal(kldsim_kbi_compare(kbi, module, &report,
		    NULL), KLDSIM_OK);
		assert_int_equal(kldsim_kbi_report_finding(report, 0,
		    &finding), options.ninlines == 0 ? KLDSIM_NOENT :
		    KLDSIM_OK);
		if (options.ninlines != 0) {
			assert_string_equal(finding.name, "foo");
			assert_non_null(strstr(finding.reached, "foo_get"));
		}
		kldsim_kbi_report_free(report);
		kldsim_kbi_file_free(module);
	}
	kldsim_kbi_free(kbi);
	kldsim_types_free(types);
	kldsim_image_unref(image);
	kldsim_kbi_file_free(kernel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_as_text),
		cmocka_unit_test(four_modules),
		cmocka_unit_test(each_thing_that_can_differ),
		cmocka_unit_test(several_of_one_name),
		cmocka_unit_test(several_behind_a_member),
		cmocka_unit_test(members_of_arrays),
		cmocka_unit_test(one_of_two_options),
		cmocka_unit_test(one_of_several_is_named),
		cmocka_unit_test(inlines_lead_to_types),
		cmocka_unit_test(several_that_have_it),
		cmocka_unit_test(what_grows_moves_others),
		cmocka_unit_test(ranks_of_imports),
		cmocka_unit_test(ranks_are_counted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
