/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Two kernels and one module after another: what was found for one is kept for
 * the next (I-80), and nothing else of it.
 */

#include "support_kern.h"

#include <kldsim/kbi.h>

#define MODULE(name) "machine: amd64\nkind: module\n" \
	"options: {osreldate: 1201000}\nfunctions: [start]\nsymbols:\n" \
	"  - {name: " name ", bind: global, type: func, place: undef}\n"

/* b moves from 4 to 8 in the structure, with a before it. */
#define KERNEL(size, bit) "machine: amd64\nkind: kernel\n" \
	"options: {osreldate: 1201000, ctf-version: 2}\n" \
	"functions: [f, g]\n" \
	"types:\n" \
	"  - {kind: integer, name: int, size: 4, encoding: signed}\n" \
	"  - kind: struct\n" \
	"    name: foo\n" \
	"    size: " size "\n" \
	"    members: [{name: a, type: int, bit: 0}," \
	" {name: b, type: int, bit: " bit "}]\n" \
	"function-types:\n" \
	"  - {symbol: f, returns: int, arguments: [struct foo *]}\n" \
	"  - {symbol: g, returns: int, arguments: [int]}\n"

static void
compare(struct kldsim_kbi *kbi, const char *spec, uint64_t work,
    struct kldsim_kbi_info *info_ret)
{
	struct kldsim_kbi_file *module = kern_kbi_spec(spec, "m.ko", work);
	struct kldsim_kbi_report *report;

	assert_int_equal(kldsim_kbi_compare(kbi, module, &report, NULL),
	    KLDSIM_OK);
	kldsim_kbi_report_info(report, info_ret);
	kldsim_kbi_report_free(report);
	kldsim_kbi_file_free(module);
}

static void
scene(void (*play)(struct kldsim_kbi *kbi))
{
	struct kldsim_kbi_file *old =
	    kern_kbi_spec(KERNEL("8", "32"), "old", 0);
	struct kldsim_kbi_file *new =
	    kern_kbi_spec(KERNEL("12", "64"), "new", 0);
	struct kldsim_kbi *kbi;

	assert_int_equal(kldsim_kbi_new(new, old, &kbi, NULL), KLDSIM_OK);
	play(kbi);
	kldsim_kbi_free(kbi);
	kldsim_kbi_file_free(new);
	kldsim_kbi_file_free(old);
}

static void
play_one_after_another(struct kldsim_kbi *kbi)
{
	struct kldsim_kbi_info info;

	for (int i = 0; i < 3; i++) {
		compare(kbi, MODULE("f"), 0, &info);
		assert_int_equal(info.verdict, KLDSIM_KBI_REBUILD);
		assert_int_equal(info.compared, 1);
		assert_int_equal(info.findings, 1);
		/* What one module reached, the next one did not. */
		compare(kbi, MODULE("g"), 0, &info);
		assert_int_equal(info.verdict, KLDSIM_KBI_NO_DIFFERENCE);
		assert_int_equal(info.compared, 0);
		assert_int_equal(info.findings, 0);
	}
}

static void
one_after_another(void **state)
{
	(void)state;
	scene(play_one_after_another);
}

/* I-32: what was too much for one module is not too much for the next one. */
static void
play_work(struct kldsim_kbi *kbi)
{
	struct kldsim_kbi_info info;

	compare(kbi, MODULE("f"), 1, &info);
	assert_int_not_equal(info.cut, 0);
	compare(kbi, MODULE("f"), 0, &info);
	assert_int_equal(info.cut, 0);
	assert_int_equal(info.findings, 1);
	assert_int_equal(info.verdict, KLDSIM_KBI_REBUILD);
}

static void
work_of_each(void **state)
{
	(void)state;
	scene(play_work);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_another),
		cmocka_unit_test(work_of_each),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
