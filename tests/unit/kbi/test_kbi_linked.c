/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules compared with the modules that they are linked to (I-25).  What files of
 * compilers lead to, tests/types/test_kbi_linked.py asks the command.
 */

#include "support_kern.h"

#include <kldsim/kbi.h>

#include <stdio.h>

#define MODULE "machine: amd64\nkind: module\noptions: {osreldate: 1201000}\n" \
	"functions: [start]\nsymbols:\n"
#define IMPORT(name, type) \
	"  - {name: " name ", bind: global, type: " type ", place: undef}\n"
#define STRUCT(name, size, at) "  - {kind: struct, name: " name ", size: " \
	size ", members: [{name: a, type: int, bit: " at "}]}\n"

/* It has types, and none of what is imported here. */
static const char kernel_spec[] = "machine: amd64\nkind: kernel\n"
	"options: {osreldate: 1201000, ctf-version: 2}\nfunctions: [f]\ntypes:\n"
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	"function-types: [{symbol: f, returns: int}]\n";

#define EXPORTER(name, tag) "machine: amd64\nkind: module\n" \
	"options: {osreldate: 1201000}\nfunctions: [" name "]\ntypes:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	STRUCT(tag, "8", "32") "function-types:\n" \
	"  - {symbol: " name ", returns: int, arguments: [struct " tag " *]}\n"

/* Of those that are equally bad by name, not as they are asked. */
static void
modules_that_it_is_linked_to(void **state)
{
	static const char *const files[] = { "/m/a.ko", "/m/b.ko", "/m/a.ko" };
	struct kldsim_kbi_file *kernel = kern_kbi_spec(kernel_spec, "kernel", 0);
	struct kldsim_kbi_file *module = kern_kbi_spec(MODULE IMPORT("fa", "func")
	    IMPORT("fb", "func") "types:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    STRUCT("foo", "4", "0") STRUCT("bar", "4", "0"), "m.ko", 0);
	struct kldsim_image *a = kern_spec(EXPORTER("fa", "foo"), "/m/a.ko");
	struct kldsim_image *b = kern_spec(EXPORTER("fb", "bar"), "/m/b.ko");
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_finding finding;
	struct kldsim_source *source;
	struct kldsim_kbi *kbi;

	(void)state;
	assert_int_equal(kldsim_source_new(NULL, &source, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_source_add(source, "/m/a.ko", a, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_source_add(source, "/m/b.ko", b, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_kbi_new(kernel, NULL, &kbi, NULL), KLDSIM_OK);
	for (size_t first = 0; first < 2; first++) {
		assert_int_equal(kldsim_kbi_compare_linked(kbi, module, source,
		    files + first, 2, &report, NULL), KLDSIM_OK);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(kldsim_kbi_report_finding(report, i,
			    &finding), KLDSIM_OK);
			assert_string_equal(finding.linked, i == 0 ? "a.ko" :
			    "b.ko");
			assert_string_equal(finding.name, i == 0 ? "foo" :
			    "bar");
		}
		kldsim_kbi_report_free(report);
	}
	kldsim_kbi_free(kbi);
	kldsim_source_unref(source);
	kldsim_image_unref(a);
	kldsim_image_unref(b);
	kldsim_kbi_file_free(module);
	kldsim_kbi_file_free(kernel);
}

/* More of them than are kept. */
#define MANY 11

/* A module for each, and one that imports from all of them. */
static struct kldsim_kbi_file *
make_many(struct kldsim_source *source, const char *files[MANY])
{
	static char paths[MANY][16];
	char spec[8192], exporter[4096];
	size_t at = (size_t)snprintf(spec, sizeof(spec), MODULE);

	for (int i = 0; i < MANY; i++) {
		struct kldsim_image *image;

		at += (size_t)snprintf(spec + at, sizeof(spec) - at,
		    IMPORT("f%c", "func"), 'a' + i);
		(void)snprintf(paths[i], sizeof(paths[i]), "/m/%c.ko", 'a' + i);
		files[i] = paths[i];
		(void)snprintf(exporter, sizeof(exporter),
		    EXPORTER("f%c", "foo"), 'a' + i, 'a' + i);
		image = kern_spec(exporter, paths[i]);
		assert_int_equal(kldsim_source_add(source, paths[i], image,
		    NULL), KLDSIM_OK);
		kldsim_image_unref(image);
	}
	(void)snprintf(spec + at, sizeof(spec) - at, "types:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    STRUCT("foo", "4", "0"));
	return kern_kbi_spec(spec, "m.ko", 0);
}

/* What a report tells stays there, whatever was asked since. */
static void
many_modules_that_it_is_linked_to(void **state)
{
	struct kldsim_kbi_file *kernel = kern_kbi_spec(kernel_spec, "kernel", 0);
	struct kldsim_kbi_file *module;
	struct kldsim_kbi_report *reports[2];
	struct kldsim_kbi_finding finding;
	struct kldsim_source *source;
	struct kldsim_kbi *kbi;
	const char *files[MANY];

	(void)state;
	assert_int_equal(kldsim_source_new(NULL, &source, NULL), KLDSIM_OK);
	module = make_many(source, files);
	assert_int_equal(kldsim_kbi_new(kernel, NULL, &kbi, NULL), KLDSIM_OK);
	for (size_t r = 0; r < 2; r++)
		assert_int_equal(kldsim_kbi_compare_linked(kbi, module, source,
		    files, MANY, &reports[r], NULL), KLDSIM_OK);
	for (size_t r = 0; r < 2; r++) {
		for (size_t i = 0; i < MANY; i++) {
			assert_int_equal(kldsim_kbi_report_finding(reports[r],
			    i, &finding), KLDSIM_OK);
			assert_string_equal(finding.linked, files[i] + 3);
			assert_string_equal(finding.name, "foo");
		}
		kldsim_kbi_report_free(reports[r]);
	}
	kldsim_kbi_free(kbi);
	kldsim_source_unref(source);
	kldsim_kbi_file_free(module);
	kldsim_kbi_file_free(kernel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_that_it_is_linked_to),
		cmocka_unit_test(many_modules_that_it_is_linked_to),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
