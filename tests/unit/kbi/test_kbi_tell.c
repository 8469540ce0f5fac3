/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reports as findings of a simulated kernel (I-50, I-54), and the names that a
 * file refers to.
 */

#include "support_kern.h"

#include <kldsim/kbi.h>

#include <stdio.h>

#define MODULE "machine: amd64\nkind: module\noptions: {osreldate: 1201000}\n" \
	"functions: [start]\nsymbols:\n"
#define IMPORT(name, type) \
	"  - {name: " name ", bind: global, type: " type ", place: undef}\n"

/*
 * Two kernels.  Of I-50's levels: 2, call takes one argument more; 3, foo has b
 * elsewhere; 4, v, of which no type is told, has another size; 5, e has another
 * B; 7, u grows and nobody makes one, and deep is a step behind foo (rank 3).
 */
#define KERNEL(osreldate, v_size, foo_size, b, e_b, u_size, u_more, deep_size, \
    a, call) \
	"machine: amd64\nkind: kernel\n" \
	"options: {osreldate: " osreldate ", ctf-version: 2}\n" \
	"functions: [call, lay, choose, grow]\n" \
	"objects: [{name: v, size: " v_size "}]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - {kind: struct, name: deep, size: " deep_size ", members:" \
	" [{name: a, type: int, bit: " a "}]}\n" \
	"  - {kind: struct, name: foo, size: " foo_size ", members:" \
	" [{name: p, type: struct deep *, bit: 0}," \
	" {name: b, type: int, bit: " b "}]}\n" \
	"  - {kind: enum, name: e, size: 4, constants: [{name: A, value: 0}," \
	" {name: B, value: " e_b "}]}\n" \
	"  - {kind: union, name: u, size: " u_size ", members:" \
	" [{name: i, type: int, bit: 0}" u_more "]}\n" \
	"function-types:\n" \
	"  - {symbol: call, returns: int, arguments: [" call "]}\n" \
	"  - {symbol: lay, returns: int, arguments: [struct foo *]}\n" \
	"  - {symbol: choose, returns: int, arguments: [enum e]}\n" \
	"  - {symbol: grow, returns: int, arguments: [union u *]}\n"

static const char old_kernel[] = KERNEL("1201000", "8", "16", "64", "1", "4", "",
	"4", "0", "int");
#define NEW(osreldate) KERNEL(osreldate, "16", "24", "128", "2", "8", \
	", {name: more, type: int, bit: 32}", "8", "32", "int, int")

static const char user[] = MODULE IMPORT("call", "func") IMPORT("lay", "func")
	IMPORT("choose", "func") IMPORT("grow", "func") IMPORT("v", "object");

/* What is told of the module, which was built for the old kernel. */
static void
tell(struct kern *kern, const char *new_spec)
{
	static const unsigned levels[] = { 2, 3, 4, 5, 7, 7 };
	struct kldsim_kbi_file *old = kern_kbi_spec(old_kernel, "old", 0);
	struct kldsim_kbi_file *new = kern_kbi_spec(new_spec, "new", 0);
	struct kldsim_kbi_file *module = kern_kbi_spec(user, "m.ko", 0);
	struct kldsim_kbi_finding finding;
	struct kldsim_kbi_report *report;
	struct kldsim_kbi *kbi;

	kern_start(kern, R121);
	assert_null(kldsim_finding_at(kern->sim, 0));
	assert_int_equal(kldsim_kbi_new(new, old, &kbi, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_kbi_compare(kbi, module, &report, NULL),
	    KLDSIM_OK);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		assert_int_equal(kldsim_kbi_report_finding(report, i,
		    &finding), KLDSIM_OK);
		assert_int_equal(finding.level, levels[i]);
		assert_int_equal(finding.rank, i < 5 ? 1 : 3);
	}
	assert_int_equal(kldsim_kbi_report_finding(report, 6, &finding),
	    KLDSIM_NOENT);
	kldsim_kbi_tell(report, kern->sim, "m.ko");
	/* The kernel has texts of its own. */
	kldsim_kbi_report_free(report);
	kldsim_kbi_free(kbi);
	kldsim_kbi_file_free(module);
	kldsim_kbi_file_free(new);
	kldsim_kbi_file_free(old);
}

static const struct {
	const char *code;
	enum kldsim_severity severity;
	const char *what, *reached;
} rows[] = {
	{ "kbi-prototype", KLDSIM_WARNING,
	    "call: 1 arguments in the old kernel, 2 in the new one", "call" },
	{ "kbi-layout", KLDSIM_WARNING,
	    "struct foo: 16 bytes in the old kernel, 24 in the new kernel "
	    "(b at 0x8 in the old kernel, at 0x10 in the new one)", "lay" },
	{ "kbi-size", KLDSIM_WARNING,
	    "variable v: 8 bytes in the old kernel, 16 in the new kernel",
	    "v" },
	{ "kbi-enum", KLDSIM_NOTE,
	    "enum e: B is 1 in the old kernel, 2 in the new one", "choose" },
	{ "kbi-note", KLDSIM_NOTE,
	    "union u: 4 bytes in the old kernel, 8 in the new kernel (more "
	    "(int) at 0x4 in the new one alone)", "grow" },
	{ "kbi-note", KLDSIM_NOTE,
	    "struct deep: 4 bytes in the old kernel, 8 in the new kernel (a "
	    "at 0x0 in the old kernel, at 0x4 in the new one)",
	    "a pointer in what is reached" },
};

/* The first rows, in their order, and no other findings. */
static void
are_told(const struct kern *kern, size_t count, const char *cause)
{
	for (size_t i = 0; i < count; i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(kern->sim, i);
		char text[400];

		assert_non_null(finding);
		(void)snprintf(text, sizeof(text), "%s; cause: %s; reached "
		    "from %s", rows[i].what, cause, rows[i].reached);
		assert_string_equal(finding->text, text);
		assert_string_equal(finding->code, rows[i].code);
		assert_int_equal(finding->severity, rows[i].severity);
		assert_string_equal(finding->file, "m.ko");
		assert_false(finding->refusal);
	}
	assert_null(kldsim_finding_at(kern->sim, count));
	assert_string_equal(kldsim_finding_at(kern->sim, 1)->symbol, "lay");
}

/* Levels 2, 3, 4, 5 and 7; of rank 3 only where both are of one version. */
static void
each_level_has_its_code(void **state)
{
	struct kern kern;

	(void)state;
	tell(&kern, NEW("1201000"));
	are_told(&kern, 6, "not known: no kernel option that is known to do "
	    "this, and no other version");
	kern_fini(&kern);
	tell(&kern, NEW("1201001"));
	are_told(&kern, 5, "another source version (1201000 in the old "
	    "kernel, 1201001 in the new kernel)");
	kern_fini(&kern);
}

/* Undefined symbols in the order of the table: start is the module's own. */
static void
what_a_file_refers_to(void **state)
{
	static const char *const names[] = { "call", "lay", "choose", "grow",
		"v", NULL };
	struct kldsim_kbi_file *module = kern_kbi_spec(user, "m.ko", 0);
	struct kldsim_kbi_file *kernel = kern_kbi_spec(old_kernel, "kernel", 0);
	uint32_t next = 0;

	(void)state;
	for (size_t i = 0; names[i] != NULL; i++)
		assert_string_equal(kldsim_kbi_file_import(module, &next),
		    names[i]);
	assert_null(kldsim_kbi_file_import(module, &next));
	assert_null(kldsim_kbi_file_import(module, &next));
	/* Anew, and of a file that refers to nothing. */
	next = 0;
	assert_string_equal(kldsim_kbi_file_import(module, &next), "call");
	next = 0;
	assert_null(kldsim_kbi_file_import(kernel, &next));
	kldsim_kbi_file_free(kernel);
	kldsim_kbi_file_free(module);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_level_has_its_code),
		cmocka_unit_test(what_a_file_refers_to),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
