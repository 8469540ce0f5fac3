/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Graphs of modules that are loaded by name: chains, diamonds, circles,
 * versions, and many (K-30 to K-34, L-05, L-06, L-11).
 */

#include <kldsim/hints.h>

#include "support_model_world.h"

#define DEEP 500
#define MANY 800

/* m0 needs m1, which needs m2, ...; the last needs what is named, or NULL. */
static void
write_chain(const struct world *world, unsigned length, const char *last)
{
	char name[16], next[16];
	unsigned i;

	for (i = 0; i < length; i++) {
		(void)snprintf(name, sizeof(name), "m%u", i);
		(void)snprintf(next, sizeof(next), "m%u", i + 1);
		world_add(world, name, i + 1 < length ? next : last, NULL);
	}
}

/* L-05, L-11: a parent is before what it needs, whose reference it owns. */
static void
check_chain(const struct world *world)
{
	const struct kern *kern = &world->kern;
	struct kldsim_filestat stat;
	char name[16];
	int i, dep;

	for (i = 0; i < DEEP; i++) {
		stat = kern_stat(kern, i + 2);
		(void)snprintf(name, sizeof(name), "m%d.ko", i);
		assert_string_equal(stat.name, name);
		assert_int_equal(stat.refs, 1);
		assert_int_equal(stat.userrefs, i == 0);
		assert_int_equal(stat.ndeps, i + 1 < DEEP ? 2 : 1);
		if (i + 1 < DEEP) {
			assert_int_equal(kldsim_file_dep(kern->sim, i + 2, 1,
			    &dep), KLDSIM_OK);
			assert_int_equal(dep, i + 3);
		}
	}
	assert_int_equal(kern_stat(kern, 1).refs, DEEP + 1);
}

/* K-32: what is needed most runs first, and last at the end (U-10). */
static void
check_chain_events(const struct world *world, enum kldsim_event_kind kind,
    bool down)
{
	char name[16];
	unsigned i = 0;
	size_t at;

	for (at = world->events; at < kldsim_event_count(world->kern.sim);
	    at++) {
		const struct kldsim_event *event =
		    kldsim_event_at(world->kern.sim, at);

		if (event->kind >= KLDSIM_EVENT_KLD_LOAD)
			continue; /* no call of the file's own (L-14) */
		(void)snprintf(name, sizeof(name), "m%u.ko",
		    down ? i : DEEP - 1 - i);
		assert_int_equal(event->kind, kind);
		assert_string_equal(event->file, name);
		i++;
	}
	assert_int_equal(i, DEEP);
}

static void
five_hundred_modules_come_and_go_in_one_call(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, R150);
	write_chain(&world, DEEP, NULL);
	world_boot(&world);
	assert_int_equal(world_load(&world, "m0"), 0);
	world_console(&world, "");
	check_chain(&world);
	check_chain_events(&world, KLDSIM_EVENT_SYSINIT, false);
	world_forget(&world);
	world_unload(&world, "m0");
	check_chain_events(&world, KLDSIM_EVENT_SYSUNINIT, true);
	world_files(&world, "");
	assert_int_equal(kern_stat(&world.kern, 1).refs, 1);
	world_halt(&world);
	world_fini(&world);
}

/* K-31: five hundred parents give up, innermost first. */
static void
the_last_of_five_hundred_is_missing(void **state)
{
	struct world world;
	const char *line;
	char want[SCRATCH_PATH + 128];
	size_t i;

	(void)state;
	world_init(&world, R121);
	write_chain(&world, DEEP, "nope");
	world_boot(&world);
	assert_int_equal(world_load(&world, "m0"), FB_ENOEXEC);
	assert_int_equal(world.kern.result.nconsole, 2 * DEEP);
	for (i = 0; i < DEEP; i++) {
		(void)snprintf(want, sizeof(want), "KLD m%zu.ko: depends on ",
		    DEEP - 1 - i);
		line = kldsim_console_line(world.kern.sim, 2 * i);
		assert_memory_equal(line, want, strlen(want));
		(void)snprintf(want, sizeof(want), "linker_load_file: "
		    "%s/m%zu.ko - unsupported file type", world.folder,
		    DEEP - 1 - i);
		assert_string_equal(kldsim_console_line(world.kern.sim,
		    2 * i + 1), want);
	}
	world_files(&world, "");
	world_events(&world, "");
	assert_int_equal(kern_stat(&world.kern, 1).refs, 1);
	world_halt(&world);
	world_fini(&world);
}

static void
a_dependency_is_missing_four_levels_down(void **state)
{
	struct world world;
	size_t i;

	(void)state;
	for (i = 0; i < WORLD_RELEASES; i++) {
		world_init(&world, world_releases[i]);
		world_add(&world, "other", NULL);
		world_add(&world, "a", "other", "b", NULL);
		world_add(&world, "b", "other", "c", NULL);
		world_add(&world, "c", "d", NULL);
		world_add(&world, "d", "nope", NULL);
		world_boot(&world);
		assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
		world_console(&world,
		    WORLD_DEPENDS("d.ko", "nope") WORLD_UNSUPPORTED("d.ko")
		    WORLD_DEPENDS("c.ko", "d") WORLD_UNSUPPORTED("c.ko")
		    WORLD_DEPENDS("b.ko", "c") WORLD_UNSUPPORTED("b.ko")
		    WORLD_DEPENDS("a.ko", "b") WORLD_UNSUPPORTED("a.ko"));
		world_events(&world, "+other -other");
		world_files(&world, "");
		/* L-06, L-07: ids 2 to 6 were taken; 2 is free again, but the
		   counter stays where it was. */
		assert_int_equal(world_load(&world, "other"), 0);
		world_files(&world, "other 6 1 1: kernel");
		world_halt(&world);
		world_fini(&world);
	}
}

/* L-11: the second to need something already there adds a reference. */
static void
a_diamond_is_counted(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, R140);
	world_add(&world, "top", "left", "right", NULL);
	world_add(&world, "left", "base", NULL);
	world_add(&world, "right", "base", "base", NULL);
	world_add(&world, "base", NULL);
	world_boot(&world);
	assert_int_equal(world_load(&world, "top"), 0);
	world_files(&world, "top 2 1 1: kernel left right, "
	    "left 3 1 0: kernel base, base 4 3 0: kernel, "
	    "right 5 1 0: kernel base base");
	world_events(&world, "+base +left +right +top");
	kern_keep(&world.kern, world_id(&world, "base"), 0, FB_EBUSY);
	world_console(&world, "kldunload: attempt to unload file that was "
	    "loaded by the kernel\n");
	world_forget(&world);
	world_unload(&world, "top");
	world_events(&world, "-top -left -right -base");
	world_files(&world, "");
	world_halt(&world);
	world_fini(&world);
}

/* U-10: who loaded it first decides whether it goes with its dependent. */
static void
a_dependency_of_the_users_own_stays(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, R141);
	world_add(&world, "a", "b", NULL);
	world_add(&world, "b", NULL);
	world_boot(&world);
	assert_int_equal(world_load(&world, "b"), 0);
	assert_int_equal(world_load(&world, "a"), 0);
	world_files(&world, "b 2 2 1: kernel, a 3 1 1: kernel b");
	world_unload(&world, "a");
	world_files(&world, "b 2 1 1: kernel");
	world_unload(&world, "b");
	assert_int_equal(world_load(&world, "a"), 0);
	assert_int_equal(world_load(&world, "b"), FB_EEXIST);
	world_files(&world, "a 3 1 1: kernel b, b 4 1 0: kernel");
	world_unload(&world, "a");
	world_files(&world, "");
	world_halt(&world);
	world_fini(&world);
}

/* K-07, K-32, V-04: b finds a.ko half loaded. */
static void
a_circle_is_refused(void **state)
{
	struct world world;
	size_t i;

	(void)state;
	for (i = 0; i < WORLD_RELEASES; i++) {
		bool stops = world_releases[i] >= R141;

		world_init(&world, world_releases[i]);
		world_add(&world, "a", "b", NULL);
		world_add(&world, "b", "a", NULL);
		world_boot(&world);
		assert_int_equal(world_load(&world, "a"),
		    stops ? FB_EEXIST : FB_ENOEXEC);
		if (stops)
			world_console(&world, WORLD_DEPENDS("b.ko", "a")
			    WORLD_DEPENDS("a.ko", "b"));
		else
			world_console(&world, WORLD_DEPENDS("b.ko", "a")
			    WORLD_UNSUPPORTED("b.ko")
			    WORLD_DEPENDS("a.ko", "b")
			    WORLD_UNSUPPORTED("a.ko"));
		world_events(&world, "");
		world_files(&world, "");
		world_halt(&world);
		world_fini(&world);
	}
}

/* K-30, step 4a: whatever the range says. */
static void
a_file_may_need_itself(void **state)
{
	struct kldsim_synth *module;
	struct world world;

	(void)state;
	world_init(&world, R130);
	module = world_module(&world, "a", 1);
	kldsim_synth_mdt_depend(module, "a", 7, 8, 9);
	world_write(&world, module, "a");
	world_boot(&world);
	assert_int_equal(world_load(&world, "a"), 0);
	world_files(&world, "a 2 1 1: kernel");
	world_halt(&world);
	world_fini(&world);
}

/* A file of its own for a version of an interface. */
static void
write_version(const struct world *world, const char *file, int version)
{
	world_write(world, world_module(world, "iface", version), file);
}

static void
write_ranged(const struct world *world, const char *name, int minimum,
    int preferred, int maximum)
{
	struct kldsim_synth *module = world_module(world, name, 1);

	kldsim_synth_mdt_depend(module, "iface", minimum, preferred, maximum);
	world_write(world, module, name);
}

/* L-13, T-12: versions 3, 5, 4 in this order; a second 5 cannot come in. */
static void
versions_are_chosen(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, R121);
	write_version(&world, "v3", 3);
	write_version(&world, "v5", 5);
	write_version(&world, "v4", 4);
	write_version(&world, "again", 5);
	write_ranged(&world, "a", 1, 9, 4);
	write_ranged(&world, "b", 1, 2, 9);
	write_ranged(&world, "c", 6, 3, 9);
	write_ranged(&world, "d", 6, 7, 9);
	write_ranged(&world, "e", 5, 4, 3); /* K-34: max below min */
	world_boot(&world);
	assert_int_equal(world_load(&world, "v3"), 0);
	assert_int_equal(world_load(&world, "v5"), 0);
	assert_int_equal(world_load(&world, "v4"), 0);
	assert_int_equal(world_load(&world, "again"), FB_ENOEXEC);
	world_console(&world,
	    "interface iface.5 already present in the KLD 'v5.ko'!\n"
	    WORLD_UNSUPPORTED("again.ko"));
	assert_int_equal(world_load(&world, "a"), 0);
	assert_int_equal(world_load(&world, "b"), 0);
	assert_int_equal(world_load(&world, "c"), 0);
	assert_int_equal(world_load(&world, "e"), 0);
	assert_int_equal(world_load(&world, "d"), FB_ENOEXEC);
	world_console(&world, WORLD_DEPENDS("d.ko", "iface")
	    WORLD_UNSUPPORTED("d.ko"));
	world_files(&world, "v3 2 2 1: kernel, v5 3 2 1: kernel, "
	    "v4 4 3 1: kernel, a 5 1 1: kernel v4, b 6 1 1: kernel v5, "
	    "c 7 1 1: kernel v3, e 8 1 1: kernel v4");
	world_halt(&world);
	world_fini(&world);
}

/* K-09: a file of the right name and the wrong version is unloaded again. */
static void
a_file_of_the_wrong_version_does_not_stay(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, R150);
	write_version(&world, "iface", 2);
	write_ranged(&world, "a", 3, 4, 5);
	world_boot(&world);
	assert_int_equal(world_load(&world, "a"), FB_ENOEXEC);
	world_console(&world, WORLD_DEPENDS("a.ko", "iface")
	    WORLD_UNSUPPORTED("a.ko"));
	world_events(&world, "+iface -iface");
	world_files(&world, "");
	world_halt(&world);
	world_fini(&world);
}

/* Names of interfaces and of files differ: only linker.hints can tell. */
static void
write_many(struct world *world)
{
	struct kldsim_hints_options options;
	struct kldsim_synth *all = world_module(world, "all", 1);
	char file[16], interface[16];
	unsigned i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(file, sizeof(file), "file%03u", i);
		(void)snprintf(interface, sizeof(interface), "iface%03u", i);
		world_write(world, world_module(world, interface, 1), file);
		world_needs(all, interface);
	}
	world_write(world, all, "all");
	kldsim_hints_options_init(&options, sizeof(options));
	options.osreldate = world->osreldate;
	assert_int_equal(kldsim_hints_write(world->folder, &options, NULL,
	    NULL), KLDSIM_OK);
}

/* K-13 with records for all of them. */
static void
eight_hundred_modules_are_found_by_their_interfaces(void **state)
{
	struct world world;
	char interface[16];
	int i;

	(void)state;
	world_init(&world, R141);
	write_many(&world);
	world_boot(&world);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(interface, sizeof(interface), "iface%03d", i);
		assert_int_equal(world_load(&world, interface), 0);
		assert_int_equal(world.kern.result.fileid, i + 2);
	}
	assert_int_equal(kern_stat(&world.kern, 1).refs, MANY + 1);
	for (i = 0; i < MANY; i++)
		kern_unload(&world.kern, i + 2);
	world_files(&world, "");
	assert_int_equal(world_load(&world, "all"), 0);
	assert_int_equal(kern_stat(&world.kern,
	    world.kern.result.fileid).ndeps, MANY + 1);
	assert_int_equal(kern_stat(&world.kern, 1).refs, MANY + 2);
	world_unload(&world, "all");
	world_files(&world, "");
	world_halt(&world);
	world_fini(&world);
}

/* events.h, report.h: valid as long as the simulated kernel. */
static void
what_was_told_once_stays_readable(void **state)
{
	const struct kldsim_finding *finding = NULL;
	const struct kldsim_event *event = NULL;
	struct kldsim_finding old_finding;
	struct kldsim_event old_event;
	struct world world;
	int i;

	(void)state;
	world_init(&world, R121);
	world_add(&world, "good", NULL);
	world_add(&world, "bad", "nope", NULL);
	world_boot(&world);
	for (i = 0; i < 40; i++) {
		assert_int_equal(world_load(&world, "good"), 0);
		world_unload(&world, "good");
		assert_int_equal(world_load(&world, "bad"), FB_ENOEXEC);
		if (i == 0) {
			event = kldsim_event_at(world.kern.sim, 0);
			finding = kldsim_finding_at(world.kern.sim, 0);
			assert_non_null(finding);
			old_event = *event;
			old_finding = *finding;
		}
	}
	assert_int_equal(event->kind, old_event.kind);
	assert_ptr_equal(event->file, old_event.file);
	assert_ptr_equal(event->symbol, old_event.symbol);
	assert_int_equal(event->func, old_event.func);
	assert_ptr_equal(finding->code, old_finding.code);
	assert_ptr_equal(finding->text, old_finding.text);
	world_halt(&world);
	world_fini(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_hundred_modules_come_and_go_in_one_call),
		cmocka_unit_test(the_last_of_five_hundred_is_missing),
		cmocka_unit_test(a_dependency_is_missing_four_levels_down),
		cmocka_unit_test(a_diamond_is_counted),
		cmocka_unit_test(a_dependency_of_the_users_own_stays),
		cmocka_unit_test(a_circle_is_refused),
		cmocka_unit_test(a_file_may_need_itself),
		cmocka_unit_test(versions_are_chosen),
		cmocka_unit_test(a_file_of_the_wrong_version_does_not_stay),
		cmocka_unit_test(
		    eight_hundred_modules_are_found_by_their_interfaces),
		cmocka_unit_test(what_was_told_once_stays_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
