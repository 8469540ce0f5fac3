/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Snapshots: whatever was done since, restoring gives the state that was, and
 * a kernel that goes on from there as it would have gone on then.
 */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"
#include "support_full.h"
#include "support_random.h"

#define VNET_LATE 0xf000001u

/* What can be loaded into a world's kernel. */
enum file { LIBRARY, USER, VIMAGE, LARGE, BROKEN, FILES };

static const char *const paths[FILES] = { MODULE_PATH("library.ko"),
	MODULE_PATH("user.ko"), MODULE_PATH("vimage.ko"),
	MODULE_PATH("large.ko"), MODULE_PATH("broken.ko") };

struct world {
	struct support_alloc alloc;
	struct kern kern;
	struct kldsim_image *images[FILES];
};

/* Two interfaces for one name, a common symbol, a set with a pointer. */
static struct kldsim_synth *
library(uint32_t osreldate)
{
	struct kldsim_synth *m = module_with_set(osreldate, "set_pcpu", 20,
	    0x33);
	int f = kldsim_synth_func(m, "exported");

	(void)kldsim_synth_dpcpu_pointer(m, "p", f, 4);
	kldsim_synth_mdt_version(m, "library", 1);
	kldsim_synth_mdt_version(m, "library", 2);
	(void)kldsim_synth_symbol(m, "common", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0, 10);
	(void)kldsim_synth_declare_module(m, "library", f, 0x3100000, 0);
	(void)kldsim_synth_sysuninit(m, "late", 0x2100000, 0, f, 0);
	return m;
}

/* Needs the library, and makes the storage of its common symbol. */
static struct kldsim_synth *
user(uint32_t osreldate)
{
	struct kldsim_synth *m = module_new(osreldate);
	int f = kldsim_synth_func(m, "f");

	kldsim_synth_mdt_depend(m, "library", 1, 1, 2);
	kldsim_synth_mdt_version(m, "user", 1);
	(void)module_slot(m, kldsim_synth_ref(m, "exported"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "common"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "answered"), 0);
	(void)kldsim_synth_declare_module(m, "user", f, 0x3100000, 0);
	return m;
}

static struct kldsim_synth *
vimage(uint32_t osreldate)
{
	struct kldsim_synth *m = module_new(osreldate);
	int f = kldsim_synth_func(m, "f");

	(void)kldsim_synth_vnet(m, "n", "\1\2\3\4\5", 5, 1);
	(void)kldsim_synth_vnet_pointer(m, "p", f, 0);
	(void)kldsim_synth_vnet_sysinit(m, "v", VNET_LATE, 2, f, 0);
	(void)kldsim_synth_vnet_sysuninit(m, "u", VNET_LATE, 2, f, 0);
	return m;
}

static struct kldsim_synth *
broken(uint32_t osreldate)
{
	struct kldsim_synth *m = vimage(osreldate);

	(void)module_slot(m, kldsim_synth_ref(m, "nowhere"), 0);
	return m;
}

static void
begin(struct world *world, uint32_t osreldate)
{
	static const char *const functions[] = { "module_register_init",
		"vnet_register_sysinit", "vnet_deregister_sysinit",
		"vnet_register_sysuninit", "vnet_deregister_sysuninit" };
	struct kern *kern = &world->kern;
	uint64_t all;

	support_alloc_init(&world->alloc, -1);
	kern_init(kern, osreldate);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		(void)kldsim_synth_func(kern->synth, functions[i]);
	(void)kldsim_synth_ifunc(kern->synth, "answered");
	(void)kldsim_synth_vnet_sysinit(kern->synth, "k", VNET_LATE, 1,
	    kldsim_synth_find_symbol(kern->synth, "printf"), 0);
	kern->options.allocator = support_allocator(&world->alloc);
	kern_boot(kern);
	all = kern_set(kern, KLDSIM_SET_DPCPU).modspace_size;
	world->images[LIBRARY] = kern_image(library(osreldate), "library");
	world->images[USER] = kern_image(user(osreldate), "user");
	world->images[VIMAGE] = kern_image(vimage(osreldate), "vimage");
	/* With the library all of modspace: A-12 is at hand. */
	world->images[LARGE] = kern_image(module_with_set(osreldate,
	    "set_pcpu", all - 32, 0x44), "large");
	world->images[BROKEN] = kern_image(broken(osreldate), "broken");
}

static void
end(struct world *world)
{
	kern_fini(&world->kern);
	assert_int_equal(world->alloc.live, 0);
	for (int i = 0; i < FILES; i++)
		kldsim_image_unref(world->images[i]);
}

static uint64_t
take(struct world *world)
{
	uint64_t id = 0;

	assert_int_equal(kldsim_snapshot(world->kern.sim, &id,
	    &world->kern.error), KLDSIM_OK);
	return id;
}

static void
restore(struct world *world, uint64_t id)
{
	assert_int_equal(kldsim_restore(world->kern.sim, id), KLDSIM_OK);
}

static void
assert_state(const struct world *world, const char *want)
{
	char *have = kern_digest(&world->kern);

	assert_string_equal(have, want);
	free(have);
}

/* --- operations by number, so that they can be done again --- */

static enum kldsim_status
load(struct world *world, enum file file)
{
	return kldsim_kldload_image(world->kern.sim, world->images[file],
	    paths[file], &world->kern.result, &world->kern.error);
}

static enum kldsim_status
unload(struct world *world, enum file file, int flags)
{
	int id;

	if (kldsim_kldfind(world->kern.sim, strrchr(paths[file], '/') + 1,
	    &id) != KLDSIM_OK)
		id = 99;
	return kldsim_kldunload(world->kern.sim, id, flags,
	    &world->kern.result, &world->kern.error);
}

static enum kldsim_status
vnet(struct world *world, unsigned destroyed)
{
	unsigned id;

	if (destroyed == 0)
		return kldsim_vnet_alloc(world->kern.sim, &id,
		    &world->kern.error);
	return kldsim_vnet_destroy(world->kern.sim, destroyed,
	    &world->kern.error);
}

static enum kldsim_status
answer(struct world *world, unsigned which)
{
	static const int errors[] = { 0, 5, 16 };

	return kldsim_module_answer(world->kern.sim,
	    which & 1 ? "library" : "user",
	    which & 2 ? KLDSIM_MOD_LOAD : KLDSIM_MOD_UNLOAD,
	    errors[which / 4 % 3]);
}

#define OPERATIONS 32u

/* The status is the same whenever the state is. */
static enum kldsim_status
operate(struct world *world, unsigned op)
{
	unsigned cpu;

	if (op < 12)
		return load(world, op % FILES);
	if (op < 20)
		return unload(world, op % FILES, op < 18 ?
		    KLDSIM_UNLOAD_NORMAL : KLDSIM_UNLOAD_FORCE);
	if (op < 25)
		return vnet(world, op < 22 ? 0 : op - 21);
	if (op < 26)
		return kldsim_cpu_add(world->kern.sim, &cpu,
		    &world->kern.error);
	return answer(world, op * 7);
}

/* --- tests --- */

static void
unloads_come_back(void **state)
{
	struct world world;
	uint64_t snapshot;
	char *before;

	(void)state;
	begin(&world, R121);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	assert_int_equal(load(&world, USER), KLDSIM_OK);
	assert_int_equal(world.kern.result.error, 0);
	before = kern_digest(&world.kern);
	snapshot = take(&world);
	assert_int_equal(unload(&world, USER, KLDSIM_UNLOAD_NORMAL),
	    KLDSIM_OK);
	assert_int_equal(world.kern.result.error, 0);
	assert_int_equal(unload(&world, LIBRARY, KLDSIM_UNLOAD_NORMAL),
	    KLDSIM_OK);
	assert_int_equal(world.kern.result.error, 0);
	assert_int_equal(load(&world, VIMAGE), KLDSIM_OK);
	assert_int_equal(vnet(&world, 0), KLDSIM_OK);
	restore(&world, snapshot);
	assert_state(&world, before);
	free(before);
	end(&world);
}

static void
snapshots_nest(void **state)
{
	struct world world;
	uint64_t outer, inner, last, none;
	char *first, *second;

	(void)state;
	begin(&world, R150);
	first = kern_digest(&world.kern);
	outer = take(&world);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	second = kern_digest(&world.kern);
	inner = take(&world);
	assert_int_equal(load(&world, USER), KLDSIM_OK);
	restore(&world, inner);
	assert_state(&world, second);
	restore(&world, outer);
	assert_state(&world, first);
	/* An inner one goes with the restoring of an outer one. */
	assert_int_equal(kldsim_restore(world.kern.sim, inner), KLDSIM_NOENT);
	assert_int_equal(kldsim_snapshot_drop(world.kern.sim, inner),
	    KLDSIM_NOENT);
	last = take(&world);
	assert_true(last != inner && last != outer);
	none = last + 1;
	assert_int_equal(kldsim_restore(world.kern.sim, none), KLDSIM_NOENT);
	free(first);
	free(second);
	end(&world);
}

/* Of three the oldest is dropped, then the one in between. */
static void
dropped_in_any_order(void **state)
{
	struct world world;
	uint64_t ids[3];
	char *states[3];

	(void)state;
	begin(&world, R121);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	for (unsigned i = 0; i < 3; i++) {
		states[i] = kern_digest(&world.kern);
		ids[i] = take(&world);
		assert_int_equal(i == 0 ? unload(&world, LIBRARY,
		    KLDSIM_UNLOAD_NORMAL) : load(&world, i), KLDSIM_OK);
	}
	assert_int_equal(kldsim_snapshot_drop(world.kern.sim, ids[0]),
	    KLDSIM_OK);
	assert_int_equal(kldsim_restore(world.kern.sim, ids[0]),
	    KLDSIM_NOENT);
	restore(&world, ids[2]);
	assert_state(&world, states[2]);
	assert_int_equal(kldsim_snapshot_drop(world.kern.sim, ids[2]),
	    KLDSIM_OK);
	restore(&world, ids[1]);
	assert_state(&world, states[1]);
	assert_int_equal(kldsim_snapshot_drop(world.kern.sim, ids[1]),
	    KLDSIM_OK);
	assert_state(&world, states[1]);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	assert_int_equal(world.kern.result.error, 0);
	for (unsigned i = 0; i < 3; i++)
		free(states[i]);
	end(&world);
}

/* the last free extent is gone, and what lies before it comes back. */
static void
panic(struct world *world)
{
	assert_int_equal(load(world, LIBRARY), KLDSIM_OK);
	assert_int_equal(load(world, LARGE), KLDSIM_OK);
	assert_int_equal(world->kern.result.error, 0);
	assert_int_equal(unload(world, LIBRARY, KLDSIM_UNLOAD_NORMAL),
	    KLDSIM_OK);
	if (!world->kern.result.panicked)
		assert_int_equal(unload(world, LARGE, KLDSIM_UNLOAD_NORMAL),
		    KLDSIM_OK);
	assert_true(world->kern.result.panicked);
	assert_true(kldsim_is_dead(world->kern.sim));
}

static void
the_dead_rise(void **state)
{
	struct world world;
	uint64_t alive, dead;
	char *before, *after;

	(void)state;
	begin(&world, R121);
	before = kern_digest(&world.kern);
	alive = take(&world);
	panic(&world);
	after = kern_digest(&world.kern);
	dead = take(&world);
	assert_int_equal(load(&world, USER), KLDSIM_STATE);
	restore(&world, dead);
	assert_state(&world, after);
	restore(&world, alive);
	assert_state(&world, before);
	assert_false(kldsim_is_dead(world.kern.sim));
	panic(&world);
	assert_state(&world, after);
	free(before);
	free(after);
	end(&world);
}

/*
 * A stack of snapshots under random operations.  After a restore the same
 * operations are done once more and must come to the same end: what cannot be
 * seen (counters, free lists, bucket order) is seen in what follows from it.
 */
#define DEPTH 4

struct taken {
	uint64_t id;
	char *state;
	uint64_t random; /* how it went on from there */
	unsigned done;   /* operations before it */
};

struct run {
	struct world world;
	struct taken stack[DEPTH];
	unsigned depth;
	uint64_t random; /* chooses operations */
	unsigned done;
};

static void
push(struct run *run)
{
	struct taken *taken = &run->stack[run->depth++];

	taken->state = kern_digest(&run->world.kern);
	taken->id = take(&run->world);
	taken->random = run->random;
	taken->done = run->done;
}

static void
go_back(struct run *run, unsigned at)
{
	const struct taken *taken = &run->stack[at];

	restore(&run->world, taken->id);
	assert_state(&run->world, taken->state);
	while (run->depth > at + 1)
		free(run->stack[--run->depth].state);
	run->random = taken->random;
	run->done = taken->done;
}

static void
drop(struct run *run, unsigned at)
{
	assert_int_equal(kldsim_snapshot_drop(run->world.kern.sim,
	    run->stack[at].id), KLDSIM_OK);
	free(run->stack[at].state);
	run->depth--;
	memmove(&run->stack[at], &run->stack[at + 1],
	    (run->depth - at) * sizeof(run->stack[0]));
}

static void
go_on(struct run *run)
{
	(void)operate(&run->world, random_below(&run->random, OPERATIONS));
	run->done++;
}

static void
run_again(struct run *run, unsigned at)
{
	char *want = kern_digest(&run->world.kern);
	unsigned until = run->done;

	go_back(run, at);
	while (run->done < until)
		go_on(run);
	assert_state(&run->world, want);
	free(want);
}

static void
random_run(uint64_t seed, uint32_t osreldate)
{
	struct run run = { .random = seed };
	uint64_t choice = seed + 1;

	begin(&run.world, osreldate);
	for (unsigned i = 0; i < 80; i++) {
		unsigned what = random_below(&choice, 10);
		unsigned at = run.depth != 0 ?
		    random_below(&choice, run.depth) : 0;

		if (what == 0 && run.depth < DEPTH)
			push(&run);
		else if (what == 1 && run.depth != 0)
			run_again(&run, at);
		else if (what == 2 && run.depth != 0)
			go_back(&run, at);
		else if (what == 3 && run.depth != 0)
			drop(&run, at);
		else
			go_on(&run);
	}
	while (run.depth != 0)
		free(run.stack[--run.depth].state);
	end(&run.world);
}

static void
random_operations(void **state)
{
	static const uint32_t releases[] = { R121, R130, R141, R150 };

	(void)state;
	for (uint64_t seed = 0; seed < full_or_few(300, 60); seed++)
		random_run(seed, releases[seed % 4]);
}

/* What a kernel holds does not grow with the number of restores. */
static void
restoring_gives_all_back(void **state)
{
	(void)state;
	for (unsigned op = 0; op < OPERATIONS; op++) {
		struct world world;
		size_t live = 0, bytes = 0;
		unsigned rounds = full_or_few(300, 60);
		uint64_t snapshot;

		begin(&world, R121);
		assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
		assert_int_equal(load(&world, USER), KLDSIM_OK);
		/* Indexes of those who ask often (sym/) stay. */
		for (unsigned i = 0; i < 4200; i++)
			(void)kern_sym(&world.kern, 0, "exported");
		snapshot = take(&world);
		for (unsigned i = 0; i < rounds; i++) {
			(void)operate(&world, op);
			if (i % 2 != 0)
				(void)kern_sym(&world.kern, 0, "exported");
			free(kern_digest(&world.kern));
			restore(&world, snapshot);
			if (i == 11) {
				live = world.alloc.live;
				bytes = world.alloc.bytes;
			}
		}
		assert_int_equal(world.alloc.live, live);
		assert_int_equal(world.alloc.bytes, bytes);
		end(&world);
	}
}

/* Events stay for ever; what 150 loads and unloads leave behind. */
static size_t
growth(bool snapshots)
{
	struct world world;
	uint64_t old, new;
	size_t bytes = 0, more;

	begin(&world, R121);
	old = snapshots ? take(&world) : 0;
	for (int i = 0; i < 300; i++) {
		assert_int_equal(load(&world, VIMAGE), KLDSIM_OK);
		assert_int_equal(world.kern.result.error, 0);
		assert_int_equal(unload(&world, VIMAGE,
		    KLDSIM_UNLOAD_NORMAL), KLDSIM_OK);
		assert_int_equal(world.kern.result.error, 0);
		if (snapshots) {
			new = take(&world);
			assert_int_equal(kldsim_snapshot_drop(
			    world.kern.sim, old), KLDSIM_OK);
			old = new;
		}
		if (i == 149)
			bytes = world.alloc.bytes;
	}
	more = world.alloc.bytes - bytes;
	end(&world);
	return more;
}

/* A rolling snapshot, taken anew and the old one dropped, costs no more. */
static void
rolling_snapshots_do_not_grow(void **state)
{
	(void)state;
	assert_int_equal(growth(true), growth(false));
}

/* A call that fails within a snapshot goes back to its own beginning. */
static void
failures_within(void **state)
{
	struct world world;
	char *before, *start;
	uint64_t snapshot;

	(void)state;
	begin(&world, R121);
	start = kern_digest(&world.kern);
	snapshot = take(&world);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	before = kern_digest(&world.kern);
	for (long n = 0;; n++) {
		enum kldsim_status status;

		world.alloc.calls = 0;
		world.alloc.failed = 0;
		world.alloc.fail_at = n;
		status = load(&world, USER);
		world.alloc.fail_at = -1;
		if (world.alloc.failed == 0) {
			assert_true(n > 5);
			assert_int_equal(status, KLDSIM_OK);
			break;
		}
		assert_int_equal(status, KLDSIM_NOMEM);
		assert_state(&world, before);
	}
	restore(&world, snapshot);
	assert_state(&world, start);
	free(before);
	free(start);
	end(&world);
}

/* Taking one needs memory, restoring and dropping need none. */
static void
without_memory(void **state)
{
	struct world world;
	uint64_t ids[20], none = 7;
	char *before;
	int taken = 0, failed = 0;

	(void)state;
	begin(&world, R121);
	before = kern_digest(&world.kern);
	while (taken < 20) {
		world.alloc.fail_at = world.alloc.calls;
		if (kldsim_snapshot(world.kern.sim, &none,
		    &world.kern.error) == KLDSIM_OK) {
			world.alloc.fail_at = -1;
			ids[taken++] = none;
			continue;
		}
		assert_int_equal(world.kern.error.status, KLDSIM_NOMEM);
		world.alloc.fail_at = -1;
		failed++;
		ids[taken++] = take(&world);
	}
	/* The list grows by doubling, 8, 16, 32, or with KLDSIM__TIGHT. */
	assert_true(failed == 3 || failed == 20);
	assert_int_equal(load(&world, LIBRARY), KLDSIM_OK);
	world.alloc.fail_at = world.alloc.calls;
	restore(&world, ids[19]);
	assert_state(&world, before);
	while (taken > 0)
		assert_int_equal(kldsim_snapshot_drop(world.kern.sim,
		    ids[--taken]), KLDSIM_OK);
	free(before);
	end(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unloads_come_back),
		cmocka_unit_test(snapshots_nest),
		cmocka_unit_test(dropped_in_any_order),
		cmocka_unit_test(the_dead_rise),
		cmocka_unit_test(random_operations),
		cmocka_unit_test(restoring_gives_all_back),
		cmocka_unit_test(rolling_snapshots_do_not_grow),
		cmocka_unit_test(failures_within),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
