/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A file's sysctls (M-41 to M-45): names and numbers that are taken, what is
 * hung below a node that was left out, what unloading takes away, and oids that
 * are nowhere.  Siblings are a list or a tree by number (V-73).
 */

#include "support_preload.h"

#include <stdio.h>

#define NODE 0x80000001u /* CTLFLAG_RD and CTLTYPE_NODE */
#define INT 0x80000002u
#define TUN 0x00080000u
#define NOFETCH 0x00001000u
#define VNET 0x00020000u
#define AUTO (-1)

#define R144 1404000u
#define TREE 1400071u /* first with a tree */

#define USED(number, name) "sysctl: OID number(" number ") is already in " \
	"use for '" name "'"
#define GONE(error, name) "sysctl_unregister_oid: failed(" error ") to " \
	"unregister sysctl(" name ")"

static void
oid(struct kldsim_synth *synth, const char *parent, const char *name,
    int32_t number, uint32_t kind)
{
	const struct kldsim_synth_oid oid = { .name = name, .parent = parent,
		.number = number, .kind = kind };

	(void)kldsim_synth_sysctl(synth, &oid);
}

static void
siblings(struct kldsim_synth *synth, uint32_t osreldate)
{
	kldsim_synth_option(synth, KLDSIM_SYNTH_SYSCTL_TREE,
	    osreldate >= TREE);
}

/* kern 1 with maxvnodes 5, geom and ipc; net 4; late 300 has a high number. */
static void
add_kernel(struct kern *kern)
{
	struct kldsim_synth *synth = kern->synth;

	siblings(synth, kern->osreldate);
	oid(synth, "", "kern", 1, NODE);
	oid(synth, "", "net", 4, NODE);
	oid(synth, "_kern", "ipc", 32, NODE);
	oid(synth, "_kern", "maxvnodes", 5, INT);
	oid(synth, "_kern", "geom", AUTO, INT);
	oid(synth, "_kern", "late", 300, INT);
}

static void
start(struct kern *kern, uint32_t osreldate)
{
	kern_init(kern, osreldate);
	add_kernel(kern);
	kern_boot(kern);
	assert_int_equal(kldsim_console_count(kern->sim), 0);
}

/* A module with one oid. */
static struct kldsim_synth *
module(uint32_t osreldate, const char *parent, const char *name,
    int32_t number, uint32_t kind)
{
	struct kldsim_synth *m = module_new(osreldate);

	siblings(m, osreldate);
	oid(m, parent, name, number, kind);
	return m;
}

/* --- numbers --- */

/* V-71: a line, and a free number; the module is in. */
static void
a_number_that_is_taken_is_a_line(void **state)
{
	static const uint32_t releases[] = { R121, R130, R141, R144 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const uint32_t rel = releases[i];
		const struct kldsim_finding *finding;
		struct kern kern;
		int id;

		start(&kern, rel);
		(void)kern_load(&kern, module(rel, "_kern", "mine", 5, INT),
		    "a.ko");
		assert_console(&kern, USED("5", "mine"));
		finding = kern_finding(&kern, "sysctl-number");
		assert_non_null(finding);
		assert_int_equal(finding->severity, KLDSIM_WARNING);
		assert_string_equal(finding->file, "a.ko");
		assert_non_null(strstr(finding->text, "mine wants the number "
		    "5, which another sysctl below the same node has"));
		/* It has another number now. */
		id = kern_load(&kern, module(rel, "_kern", "b", 7, INT),
		    "b.ko");
		assert_silent(&kern);
		(void)kern_load(&kern, module(rel, "_kern", "c", 7, INT),
		    "c.ko");
		assert_console(&kern, USED("7", "c"));
		/* Free again. */
		kern_unload(&kern, id);
		assert_silent(&kern);
		(void)kern_load(&kern, module(rel, "_kern", "b", 7, INT),
		    "b.ko");
		assert_silent(&kern);
		assert_int_equal(kern_findings(&kern, "sysctl-number"), 0);
		kern_fini(&kern);
	}
}

static void
a_number_that_is_taken_is_a_panic(void **state)
{
	static const uint32_t releases[] = { R150, R151, R160 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const uint32_t rel = releases[i];
		struct kern kern;

		/* The kernel's own, and another module's. */
		start(&kern, rel);
		kern_panic(&kern, module(rel, "_kern", "mine", 5, INT),
		    "a.ko");
		assert_silent(&kern);
		assert_string_equal(kern_finding(&kern,
		    "sysctl-number")->text, "kernel panic: " USED("5",
		    "mine"));
		kern_fini(&kern);
		start(&kern, rel);
		(void)kern_load(&kern, module(rel, "_net", "gre", 131, NODE),
		    "if_gre.ko");
		assert_silent(&kern);
		kern_panic(&kern, module(rel, "_net", "me", 131, NODE),
		    "if_me.ko");
		assert_string_equal(kern_finding(&kern,
		    "sysctl-number")->text, "kernel panic: " USED("131",
		    "me"));
		kern_fini(&kern);
	}
}

/* OID_AUTO, 256 and more, another node's: nobody minds. */
static void
other_numbers_are_as_good_as_any(void **state)
{
	static const struct {
		const char *parent;
		int32_t number;
	} rows[] = {
		{ "_kern", AUTO }, { "_kern", AUTO }, { "_kern", -7 },
		{ "_kern", 300 }, { "_kern", 300 }, { "_kern", 256 },
		{ "_kern", 256 }, { "_net", 5 }, { "_kern_ipc", 5 },
		{ "_kern", 0 }, { "_kern", 255 },
	};
	struct kern kern;
	char name[16];

	(void)state;
	start(&kern, R150);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(name, sizeof(name), "m%zu.ko", i);
		(void)kern_load(&kern, module(R150, rows[i].parent, name,
		    rows[i].number, INT), name);
		assert_silent(&kern);
		assert_int_equal(kern.result.nfindings, 0);
	}
	kern_fini(&kern);
}

/* --- names (M-44) --- */

/* V-72; a leaf is the one that was first, whatever the other one is. */
static void
a_leaf_that_is_there_stays(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *line;
	} rows[] = {
		{ R121, "sysctl_warn_reuse: can't re-use a leaf "
		    "(kern.maxvnodes)!" },
		{ R140, "sysctl_warn_reuse: can't re-use a leaf "
		    "(kern.maxvnodes)!" },
		{ R144, "sysctl_register_oid: can't re-use a leaf "
		    "(kern.maxvnodes)!" },
		{ R151, "sysctl_register_oid: can't re-use a leaf "
		    "(kern.maxvnodes)!" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const uint32_t rel = rows[i].osreldate;
		const struct kldsim_finding *finding;
		struct kern kern;
		int id;

		start(&kern, rel);
		id = kern_load(&kern, module(rel, "_kern", "maxvnodes", AUTO,
		    i % 2 == 0 ? INT : NODE), "a.ko");
		assert_console(&kern, rows[i].line);
		finding = kern_finding(&kern, "sysctl-name");
		assert_non_null(finding);
		assert_string_equal(finding->text, "the sysctl kern.maxvnodes "
		    "is there already, of kernel: the one of a.ko is left out");
		/* M-45: it was never in, and says so when it goes. */
		kern_unload(&kern, id);
		assert_console(&kern, GONE("22", "maxvnodes"));
		kern_fini(&kern);
	}
}

/* A node is shared; a file's own below it is where nobody comes. */
static void
a_node_that_is_there_hides_what_is_below(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const uint32_t rel = releases[i];
		struct kldsim_synth *m = module(rel, "_kern", "ipc", AUTO,
		    NODE);
		const struct kldsim_finding *finding;
		struct kern kern;

		oid(m, "_kern_ipc", "first", AUTO, INT);
		oid(m, "_kern_ipc", "second", AUTO, INT);
		start(&kern, rel);
		(void)kern_load(&kern, m, "a.ko");
		assert_silent(&kern);
		assert_int_equal(kern_findings(&kern, "sysctl-name"), 1);
		finding = kern_finding(&kern, "sysctl-name");
		assert_string_equal(finding->text, "the node ipc is there "
		    "already, and the one of a.ko is left out: what the file "
		    "hangs below it, first the first, cannot be reached");
		/* Below the kernel's there is room for that name. */
		(void)kern_load(&kern, module(rel, "_kern_ipc", "first", AUTO,
		    INT), "b.ko");
		assert_silent(&kern);
		/* A leaf that hides behind a node: nothing is said. */
		(void)kern_load(&kern, module(rel, "_kern", "ipc", AUTO, INT),
		    "c.ko");
		assert_silent(&kern);
		assert_int_equal(kern.result.nfindings, 0);
		kern_fini(&kern);
	}
}

/* The walk from the root does not come to it: its own name alone. */
static void
a_leaf_out_of_reach_has_no_path(void **state)
{
	struct kldsim_synth *m = module(R121, "_kern", "ipc", AUTO, NODE);
	struct kern kern;

	(void)state;
	oid(m, "_kern_ipc", "twin", AUTO, INT);
	oid(m, "_kern_ipc", "twin", AUTO, INT);
	start(&kern, R121);
	(void)kern_load(&kern, m, "a.ko");
	assert_console(&kern,
	    "sysctl_warn_reuse: can't re-use a leaf (twin)!");
	kern_fini(&kern);
}

/* Nodes of a module's own, three deep. */
static void
a_path_has_all_names(void **state)
{
	struct kldsim_synth *m = module(R121, "", "dev", AUTO, NODE);
	struct kern kern;

	(void)state;
	oid(m, "_dev", "cpu", AUTO, NODE);
	oid(m, "_dev_cpu", "0", AUTO, INT);
	oid(m, "_dev_cpu", "0", AUTO, INT);
	start(&kern, R121);
	(void)kern_load(&kern, m, "a.ko");
	assert_console(&kern,
	    "sysctl_warn_reuse: can't re-use a leaf (dev.cpu.0)!");
	kern_fini(&kern);
}

/* A dot is for each name but the last, whatever that is. */
static void
a_name_may_be_empty(void **state)
{
	struct kldsim_synth *m = module(R121, "_kern", "", AUTO, INT);
	struct kern kern;

	(void)state;
	oid(m, "_kern", "", AUTO, INT);
	start(&kern, R121);
	(void)kern_load(&kern, m, "a.ko");
	assert_console(&kern,
	    "sysctl_warn_reuse: can't re-use a leaf (kern.)!");
	kern_fini(&kern);
}

/* --- unregistering (M-45) --- */

/* In a list it is looked for in vain. */
static void
a_number_of_its_own_is_not_found_in_a_list(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	start(&kern, R130);
	id = kern_load(&kern, module(R130, "_kern", "geom", 9, INT), "a.ko");
	kern_unload(&kern, id);
	assert_console(&kern, GONE("2", "geom"));
	assert_int_equal(kern.result.nfindings, 0);
	(void)kern_load(&kern, module(R130, "_kern", "geom", 9, INT), "a.ko");
	assert_int_equal(kern_findings(&kern, "sysctl-name"), 1);
	kern_fini(&kern);
}

/* A tree is emptied: all names and numbers below kern are free. */
static void
a_number_of_its_own_empties_a_tree(void **state)
{
	const struct kldsim_finding *finding;
	struct kern kern;
	int id, gone;

	(void)state;
	start(&kern, R151);
	gone = kern_load(&kern, module(R151, "_kern", "mine", AUTO, INT),
	    "mine.ko");
	id = kern_load(&kern, module(R151, "_kern", "geom", 9, INT), "a.ko");
	kern_unload(&kern, id);
	assert_silent(&kern);
	finding = kern_finding(&kern, "sysctl-list-lost");
	assert_non_null(finding);
	assert_string_equal(finding->text, "geom was never entered and is "
	    "taken out: the kernel loses the 5 other sysctls below its node");
	(void)kern_load(&kern, module(R151, "_kern", "maxvnodes", 5, INT),
	    "b.ko");
	assert_silent(&kern);
	assert_int_equal(kern.result.nfindings, 0);
	/* What was in it goes without a word, and takes the others along. */
	kern_unload(&kern, gone);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* Taken back with the rest of what a snapshot knows. */
static void
a_snapshot_has_the_sysctls(void **state)
{
	uint64_t snapshot;
	struct kern kern;

	(void)state;
	start(&kern, R150);
	assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, &kern.error),
	    KLDSIM_OK);
	for (unsigned i = 0; i < 2; i++) {
		int id = kern_load(&kern, module(R150, "_kern", "geom", 9,
		    INT), "a.ko");

		assert_int_equal(kern_findings(&kern, "sysctl-name"), 1);
		kern_unload(&kern, id);
		assert_int_equal(kern_findings(&kern, "sysctl-list-lost"), 1);
		(void)kern_load(&kern, module(R150, "_kern", "b", 5, INT),
		    "b.ko");
		assert_silent(&kern);
		assert_int_equal(kldsim_restore(kern.sim, snapshot),
		    KLDSIM_OK);
	}
	kern_panic(&kern, module(R150, "_kern", "b", 5, INT), "b.ko");
	kern_fini(&kern);
}

/* --- tunables --- */

/* "kern." and a name: 95 bytes and a NUL do, 96 do not. */
static void
a_tunable_has_a_path_of_95_bytes(void **state)
{
	static const struct {
		uint32_t osreldate, kind;
		unsigned length; /* of the name */
		bool line;
	} rows[] = {
		{ R121, INT | TUN, 90, false },
		{ R121, INT | TUN, 91, true },
		{ R121, INT | TUN, 200, true },
		{ R121, INT, 91, false },
		{ R121, NODE | TUN, 91, false },
		{ R121, INT | TUN | NOFETCH, 91, false },
		{ R121, INT | TUN | VNET, 91, false }, /* V-38 */
		{ R150, INT | TUN | VNET, 91, true },
		{ R150, INT | TUN, 91, true },
	};
	char name[201];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kern kern;

		memset(name, 'x', sizeof(name));
		name[rows[i].length] = '\0';
		start(&kern, rows[i].osreldate);
		(void)kern_load(&kern, module(rows[i].osreldate, "_kern",
		    name, AUTO, rows[i].kind), "a.ko");
		if (rows[i].line)
			assert_console(&kern, "OID path exceeds 96 bytes");
		else
			assert_silent(&kern);
		kern_fini(&kern);
	}
}

/* --- what is nowhere (Z-75) --- */

static void
nowhere(struct kldsim_synth *m, const char *words)
{
	const struct kldsim_finding *finding;
	struct kern kern;

	start(&kern, R121);
	kern_panic(&kern, m, "a.ko");
	finding = kern_finding(&kern, "sysctl-entry");
	assert_non_null(finding);
	if (strstr(finding->text, words) == NULL)
		fail_msg("%s: no %s", finding->text, words);
	kern_fini(&kern);
}

/* An oid of the module, its words by hand: 12 of them of 8 bytes. */
static struct kldsim_synth *
module_with_words(int parent, int name)
{
	struct kldsim_synth *m = module_new(R121);
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_append(m, data, NULL, 96);

	if (parent != 0)
		kldsim_synth_pointer(m, data, at + 8, kldsim_synth_ref(m,
		    "sysctl___kern"), 0);
	if (name != 0)
		kldsim_synth_pointer(m, data, at + 48, module_absolute(m,
		    "far", KLDSIM_SYNTH_LOCAL, 0x1000, 0), 0);
	kldsim_synth_set_entry(m, "sysctl_set", kldsim_synth_symbol(m, "odd",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, data, at, 96));
	return m;
}

static void
oids_are_where_the_set_says(void **state)
{
	struct kldsim_synth *m = module_new(R121);

	(void)state;
	kldsim_synth_set_entry(m, "sysctl_set", module_absolute(m, "odd",
	    KLDSIM_SYNTH_LOCAL, 0x1000, 0));
	nowhere(m, "a struct sysctl_oid");
	nowhere(module_with_words(0, 0), "the list of an oid");
	nowhere(module_with_words(1, 0), "0x0");
	nowhere(module_with_words(1, 1), "0x1000");
}

/* A kernel without sysctls of its own is asked for none. */
static void
a_kernel_without_sysctls_has_none(void **state)
{
	struct kldsim_synth *m = module_new(R150);
	struct kern kern;
	int id;

	(void)state;
	(void)kldsim_synth_object(m, "sysctl___kern", NULL, 112, 8);
	oid(m, "_kern", "twin", 5, INT);
	oid(m, "_kern", "twin", 5, INT);
	kern_start(&kern, R150);
	id = kern_load(&kern, m, "a.ko");
	assert_silent(&kern);
	kern_unload(&kern, id);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* --- preloaded files (P-27) --- */

static void
preloaded_files_are_entered_at_boot(void **state)
{
	struct preloaded world;
	const struct kern *kern = &world.kern;

	(void)state;
	preloaded_init(&world, R121);
	add_kernel(&world.kern);
	preloaded_add(&world, module(R121, "_kern", "twin", AUTO, INT),
	    "a.ko");
	preloaded_add(&world, module(R121, "_kern", "twin", AUTO, INT),
	    "b.ko");
	preloaded_boot(&world);
	assert_int_equal(kldsim_console_count(kern->sim), 1);
	assert_string_equal(kldsim_console_line(kern->sim, 0),
	    "sysctl_warn_reuse: can't re-use a leaf (kern.twin)!");
	kern_unload(&world.kern, preloaded_id(&world, 1));
	assert_console(kern, GONE("22", "twin"));
	preloaded_fini(&world);
}

static void
a_preloaded_number_ends_the_boot(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R150);
	add_kernel(&world.kern);
	preloaded_add(&world, module(R150, "_net", "gre", 131, NODE),
	    "if_gre.ko");
	preloaded_add(&world, module(R150, "_net", "me", 131, NODE),
	    "if_me.ko");
	preloaded_dies(&world, USED("131", "me"));
	preloaded_fini(&world);
}

/* --- layouts (M-43) --- */

/* i386 alone aligns an intmax_t to 4; both byte orders, both links. */
static void
each_machine_has_its_layout(void **state)
{
	static const char *const machines[] = { "amd64", "i386", "arm64",
		"armv7", "riscv64", "powerpc", "powerpc64", "powerpc64le" };
	static const uint32_t releases[] = { R121, R141 };

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		const char *machine = machines[i / 2];
		const uint32_t rel = releases[i % 2];
		struct kldsim_synth *m = kldsim_synth_new(machine,
		    KLDSIM_SYNTH_DYN);
		struct kern kern;
		int id;

		kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, rel);
		siblings(m, rel);
		oid(m, "_kern", "mine", 5, INT);
		oid(m, "_kern", "geom", AUTO, INT);
		kern_init_machine(&kern, machine, rel);
		add_kernel(&kern);
		kern_boot(&kern);
		id = kern_load(&kern, m, "a.ko");
		assert_int_equal(kern_findings(&kern, "sysctl-number"), 1);
		assert_int_equal(kern_findings(&kern, "sysctl-name"), 1);
		kern_unload(&kern, id);
		assert_console(&kern, GONE("22", "geom"));
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_that_is_taken_is_a_line),
		cmocka_unit_test(a_number_that_is_taken_is_a_panic),
		cmocka_unit_test(other_numbers_are_as_good_as_any),
		cmocka_unit_test(a_leaf_that_is_there_stays),
		cmocka_unit_test(a_node_that_is_there_hides_what_is_below),
		cmocka_unit_test(a_leaf_out_of_reach_has_no_path),
		cmocka_unit_test(a_path_has_all_names),
		cmocka_unit_test(a_name_may_be_empty),
		cmocka_unit_test(a_number_of_its_own_is_not_found_in_a_list),
		cmocka_unit_test(a_number_of_its_own_empties_a_tree),
		cmocka_unit_test(a_snapshot_has_the_sysctls),
		cmocka_unit_test(a_tunable_has_a_path_of_95_bytes),
		cmocka_unit_test(oids_are_where_the_set_says),
		cmocka_unit_test(a_kernel_without_sysctls_has_none),
		cmocka_unit_test(preloaded_files_are_entered_at_boot),
		cmocka_unit_test(a_preloaded_number_ends_the_boot),
		cmocka_unit_test(each_machine_has_its_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
