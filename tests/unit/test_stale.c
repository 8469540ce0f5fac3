/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Offsets that an object tells the assembler, compared with types (S-12).
 * Objects of compilers are tests/types/test_stale.py's.
 */

#include "support_kern.h"

#include <kldsim/stale.h>

#include <stdio.h>

static struct kldsim_kbi_file *
file_of(const char *spec)
{
	struct kldsim_image *image = kern_spec(spec, "file");
	struct kldsim_kbi_file *file;

	assert_int_equal(kldsim_kbi_file_new(image, NULL, &file, NULL),
	    KLDSIM_OK);
	kldsim_image_unref(image);
	return (file);
}

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
	struct kldsim_kbi_file *object = file_of("machine: amd64\nkind: rel\n"
	    "symbols: [{name: __assym_offset__thread__td_pcb__int, bind: global,"
	    " type: object, place: common, value: 1, size: 8}]\n");
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
		kernel = file_of(spec);
		assert_int_equal(kldsim_stale_types(stale, source,
		    sizeof(source) - 1, &kernel, 1, note, text), 1);
		assert_string_equal(text, rows[i].want);
		kldsim_kbi_file_free(kernel);
	}
	kldsim_stale_free(stale);
	kldsim_kbi_file_free(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_that_has_moved),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
