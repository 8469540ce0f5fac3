/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose a machine, a release, what is preloaded, and what is
 * done to that kernel, one operation after the other: loads of images and by
 * name, unloads, references, handlers' answers, CPUs, vnets, sysctls, snapshots,
 * questions.
 * What follows from a snapshot is the same each time.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LATE 0xf000001u
#define STEPS 48
#define STEP 5 /* bytes at most */
#define DEPTH 4
#define PRELOADS 4 /* ways to boot */
#define PATH (FUZZ_FOLDER + 32)

enum module { LIBRARY, USER, VIMAGE, DPCPU, LARGE, TWICE, BROKEN, MODULES };

static const char *const names[MODULES] = { "library.ko", "user.ko",
	"vimage.ko", "dpcpu.ko", "large.ko", "twice.ko", "broken.ko" };

/* --- modules --- */

static void
add_slot(struct kldsim_synth *m, const char *symbol)
{
	int data = kldsim_synth_section_named(m, ".data");
	uint64_t at = kldsim_synth_append(m, data, NULL, 8);

	kldsim_synth_pointer(m, data, at, kldsim_synth_ref(m, symbol), 0);
}

static void
fill(struct kldsim_synth *m, enum module which)
{
	static const char large[1500] = { 1 };
	int f = kldsim_synth_func(m, which == LIBRARY ? "exported" : "f");

	switch (which) {
	case LIBRARY:
		kldsim_synth_mdt_version(m, "library", 1);
		kldsim_synth_mdt_version(m, "library", 3);
		(void)kldsim_synth_dpcpu_pointer(m, "p", f, 4);
		(void)kldsim_synth_declare_module(m, "library", f, 0x3100000,
		    0);
		break;
	case USER:
		kldsim_synth_mdt_depend(m, "library", 1, 2, 3);
		add_slot(m, "exported");
		(void)kldsim_synth_declare_module(m, "user", f, 0x3100000, 0);
		(void)kldsim_synth_sysuninit(m, "late", 0x2100000, 1, f, 0);
		break;
	case VIMAGE:
		(void)kldsim_synth_vnet(m, "n", "\1\2\3\4\5", 5, 1);
		(void)kldsim_synth_vnet_pointer(m, "p", f, 0);
		(void)kldsim_synth_vnet_sysinit(m, "v", LATE, 2, f, 0);
		(void)kldsim_synth_vnet_sysuninit(m, "u", LATE, 2, f, 0);
		break;
	case DPCPU:
		(void)kldsim_synth_dpcpu(m, "n", "\1\2\3\4\5\6\7\10\11", 9, 1);
		kldsim_synth_mdt_depend(m, "library", 1, 1, 1);
		break;
	case LARGE: /* more than half of the default 2048 */
		(void)kldsim_synth_dpcpu(m, "large", large, sizeof(large), 1);
		break;
	case TWICE: /* a module that is there, and one that is not */
		(void)kldsim_synth_declare_module(m, "user", f, 0x3100000, 0);
		(void)kldsim_synth_mdt_module(m, "twice", f, 0);
		break;
	default:
		(void)kldsim_synth_vnet(m, "n", "\1", 1, 1);
		add_slot(m, "nowhere");
		break;
	}
}

static struct kldsim_synth *
module_spec(enum module which, const char *machine, uint32_t osreldate)
{
	struct kldsim_synth *m = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, osreldate);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
	if (strcmp(machine, "i386") == 0 && osreldate >= 1300031)
		kldsim_synth_option(m, KLDSIM_SYNTH_SET_PAD, 0x90909090);
	fill(m, which);
	return (m);
}

/* --- worlds --- */

/* One machine and release: kernels, modules, and a folder that has them. */
struct world {
	const char *machine;
	uint32_t osreldate;
	struct kldsim_image *images[MODULES];
	char folder[FUZZ_FOLDER];
	struct fuzz_kernel kernels[PRELOADS];
};

static struct world worlds[FUZZ_MACHINES][FUZZ_RELEASES];

static void
path_in(const struct world *world, const char *name, char path_ret[PATH])
{
	(void)snprintf(path_ret, PATH, "%s/%s", world->folder, name);
}

static void
forget_folders(void)
{
	char path[PATH];

	for (unsigned w = 0; w < FUZZ_MACHINES * FUZZ_RELEASES; w++) {
		const struct world *world =
		    &worlds[w / FUZZ_RELEASES][w % FUZZ_RELEASES];

		if (world->folder[0] == '\0')
			continue;
		for (unsigned i = 0; i < MODULES; i++) {
			path_in(world, names[i], path);
			(void)unlink(path);
		}
		path_in(world, "linker.hints", path);
		(void)unlink(path);
		(void)rmdir(world->folder);
	}
}

static void
write_module(const struct world *world, enum module which)
{
	struct kldsim_synth *m = module_spec(which, world->machine,
	    world->osreldate);
	struct kldsim_error error;
	char path[PATH];

	path_in(world, names[which], path);
	FUZZ_CHECK(kldsim_synth_write(m, path, &error) == KLDSIM_OK, "%s",
	    error.text);
	kldsim_synth_free(m);
}

/* BROKEN is not in its linker.hints (K-13, K-14). */
static void
make_folder(struct world *world)
{
	struct kldsim_hints_options options;
	struct kldsim_hints_result result;
	struct kldsim_error error;
	static bool told;

	FUZZ_CHECK(told || atexit(forget_folders) == 0, "atexit");
	told = true;
	fuzz_folder(world->folder);
	for (unsigned i = 0; i < BROKEN; i++)
		write_module(world, (enum module)i);
	kldsim_hints_options_init(&options, sizeof(options));
	options.osreldate = world->osreldate;
	FUZZ_CHECK(kldsim_hints_write(world->folder, &options, &result,
	    &error) == KLDSIM_OK, "%s", error.text);
	write_module(world, BROKEN);
}

static void
boot(struct world *world, unsigned preloads)
{
	/* In order; TWICE has a module of USER's. */
	static const enum module all[] = { LIBRARY, USER, VIMAGE, TWICE };
	static const unsigned from[PRELOADS] = { 0, 0, 1, 0 };
	static const unsigned to[PRELOADS] = { 0, 2, 4, 4 };
	struct kldsim_preload preload[4] = { { .path = NULL } };
	struct kldsim_options options;

	for (unsigned i = from[preloads]; i < to[preloads]; i++) {
		preload[i].path = names[all[i]];
		preload[i].image = world->images[all[i]];
	}
	fuzz_options(&options);
	options.module_path = world->folder;
	options.preloads = preload + from[preloads];
	options.npreloads = to[preloads] - from[preloads];
	fuzz_boot(&world->kernels[preloads], world->machine,
	    world->osreldate, &options);
}

static struct world *
world_of(unsigned machine, unsigned release, unsigned preloads)
{
	struct world *world = &worlds[machine][release];

	if (world->machine == NULL) {
		world->machine = kldsim_synth_machine(machine);
		world->osreldate = fuzz_release(release);
		for (unsigned i = 0; i < MODULES; i++)
			world->images[i] = fuzz_made(module_spec(
			    (enum module)i, world->machine,
			    world->osreldate), names[i]);
		make_folder(world);
	}
	if (world->kernels[preloads].image == NULL)
		boot(world, preloads);
	/* 0 is amd64, which is always there. */
	return (world->kernels[preloads].sim != NULL ? world :
	    world_of(0, release, preloads));
}

static void
make_worlds(void)
{
	for (unsigned i = 0; i < FUZZ_MACHINES * FUZZ_RELEASES; i++)
		for (unsigned preloads = 0; preloads < PRELOADS; preloads++)
			(void)world_of(i / FUZZ_RELEASES, i % FUZZ_RELEASES,
			    preloads);
}

/* --- operations --- */

struct scenario {
	const struct fuzz_kernel *kernel;
	const struct world *world;
	uint64_t snapshots[DEPTH], states[DEPTH];
	unsigned depth;
	uint64_t state; /* as it is now */
};

static enum kldsim_status
load(struct scenario *s, struct fuzz_bytes *bytes,
    struct kldsim_result *result, struct kldsim_error *error)
{
	unsigned which = fuzz_choose(bytes, MODULES);
	char path[64];

	(void)snprintf(path, sizeof(path), "/boot/%s/%s",
	    fuzz_choose(bytes, 4) == 0 ? "modules" : "kernel", names[which]);
	return (kldsim_kldload_image(s->kernel->sim,
	    s->world->images[which], path, result, error));
}

/* K-03: names of modules, of files, and paths. */
static enum kldsim_status
load_name(struct scenario *s, struct fuzz_bytes *bytes,
    struct kldsim_result *result, struct kldsim_error *error)
{
	static const char *const others[] = { "library", "user", "vimage",
		"nowhere", "kernel", "linker.hints", "" };
	unsigned which = fuzz_choose(bytes, 3 * MODULES);
	char path[PATH];

	if (which >= 2 * MODULES)
		return (kldsim_kldload(s->kernel->sim,
		    others[which - 2 * MODULES], result, error));
	if (which < MODULES)
		return (kldsim_kldload(s->kernel->sim, names[which], result,
		    error));
	path_in(s->world, names[which - MODULES], path);
	return (kldsim_kldload(s->kernel->sim, path, result, error));
}

/* kern.module_path, or kern.securelevel. */
static enum kldsim_status
set_sysctl(struct scenario *s, struct fuzz_bytes *bytes,
    struct kldsim_result *result, struct kldsim_error *error)
{
	unsigned what = fuzz_choose(bytes, 8);
	char path[PATH];

	if (what == 0)
		return (kldsim_set_securelevel(s->kernel->sim,
		    (int)fuzz_choose(bytes, 3) - 1, result, error));
	(void)snprintf(path, sizeof(path), "%s%s%s", what & 1 ? "/nowhere;" :
	    "", what & 2 ? s->world->folder : "", what & 4 ? "/" : "");
	return (kldsim_set_module_path(s->kernel->sim, path, strlen(path),
	    result, error));
}

static enum kldsim_status
answer(struct kldsim *sim, struct fuzz_bytes *bytes)
{
	static const char *const modules[] = { "library", "user", "twice" };
	static const enum kldsim_modevent events[] = { KLDSIM_MOD_LOAD,
		KLDSIM_MOD_UNLOAD, KLDSIM_MOD_QUIESCE };
	static const int errors[] = { 0, 5, 16, 45 };
	const char *module = modules[fuzz_choose(bytes, 3)];
	enum kldsim_modevent event = events[fuzz_choose(bytes, 3)];

	return (kldsim_module_answer(sim, module, event,
	    errors[fuzz_choose(bytes, 4)]));
}

/* What parts of the kernel do that need others, and do not load files (K-35). */
static enum kldsim_status
refer(struct kldsim *sim, unsigned what, unsigned id,
    struct kldsim_result *result, struct kldsim_error *error)
{
	const char *name = id < 5 ? "library" : "nowhere";

	if (what == 18)
		return (kldsim_reference_module(sim, name, NULL, result,
		    error));
	if (what == 19)
		return (kldsim_release_module(sim, name, NULL, result, error));
	return (kldsim_release_file(sim, (int)id, result, error));
}

static void
snapshot(struct scenario *s)
{
	struct kldsim_error error;

	if (s->depth == DEPTH)
		return;
	s->states[s->depth] = s->state;
	FUZZ_CHECK(kldsim_snapshot(s->kernel->sim, &s->snapshots[s->depth++],
	    &error) == KLDSIM_OK, "%s", error.text);
}

static void
restore(struct scenario *s, unsigned at)
{
	if (s->depth == 0)
		return;
	at %= s->depth;
	s->depth = at + 1;
	FUZZ_CHECK(kldsim_restore(s->kernel->sim, s->snapshots[at]) ==
	    KLDSIM_OK, "the snapshot is gone");
	s->state = fuzz_state(s->kernel->sim);
	FUZZ_CHECK(s->state == s->states[at], "restored to another state");
}

static void
drop(struct scenario *s, unsigned at)
{
	if (s->depth == 0)
		return;
	at %= s->depth;
	FUZZ_CHECK(kldsim_snapshot_drop(s->kernel->sim, s->snapshots[at]) ==
	    KLDSIM_OK, "the snapshot is gone");
	for (s->depth--; at < s->depth; at++) {
		s->snapshots[at] = s->snapshots[at + 1];
		s->states[at] = s->states[at + 1];
	}
}

/* One operation of the kernel's. */
static void
operate(struct scenario *s, unsigned what, struct fuzz_bytes *bytes)
{
	struct kldsim *sim = s->kernel->sim;
	struct kldsim_result result = { .panicked = kldsim_is_dead(sim) };
	struct kldsim_error error;
	enum kldsim_status status;
	uint64_t before = s->state;
	unsigned id = fuzz_choose(bytes, 6);

	if (what < 4)
		status = load(s, bytes, &result, &error);
	else if (what < 7)
		status = load_name(s, bytes, &result, &error);
	else if (what < 10)
		status = kldsim_kldunload(sim, (int)id, what == 9 ?
		    KLDSIM_UNLOAD_FORCE : KLDSIM_UNLOAD_NORMAL, &result,
		    &error);
	else if (what < 11)
		status = set_sysctl(s, bytes, &result, &error);
	else if (what < 12)
		status = kldsim_vnet_alloc(sim, &id, &error);
	else if (what < 13)
		status = kldsim_vnet_destroy(sim, id, &error);
	else if (what < 14)
		status = kldsim_cpu_add(sim, &id, &error);
	else if (what < 15)
		status = answer(sim, bytes);
	else
		status = refer(sim, what, id, &result, &error);
	/* Calls without a result say it by their status alone. */
	if (what >= 11 && what < 15)
		result.panicked = kldsim_is_dead(sim);
	s->state = fuzz_state(sim);
	fuzz_check_call(sim, status, &result, before, s->state);
}

static void
run(struct scenario *s, struct fuzz_bytes bytes)
{
	s->state = s->kernel->state;
	for (unsigned step = 0; step < STEPS && bytes.left != 0; step++) {
		unsigned what = fuzz_choose(&bytes, 21);

		if (what == 15)
			snapshot(s);
		else if (what == 16)
			restore(s, fuzz_choose(&bytes, DEPTH));
		else if (what == 17)
			drop(s, fuzz_choose(&bytes, DEPTH));
		else
			operate(s, what, &bytes);
	}
	s->depth = 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_worlds();
	return (0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	unsigned machine = fuzz_choose(&bytes, FUZZ_MACHINES);
	unsigned release = fuzz_choose(&bytes, FUZZ_RELEASES);
	unsigned preloads = fuzz_choose(&bytes, PRELOADS);
	struct scenario s = { .world = NULL };
	uint64_t state;

	/* What is behind the last step says nothing. */
	if (size > 3 + STEPS * STEP)
		return (-1);
	s.world = world_of(machine, release, preloads);
	s.kernel = &s.world->kernels[preloads];
	run(&s, bytes);
	state = s.state;
	fuzz_restore(s.kernel);
	run(&s, bytes);
	FUZZ_CHECK(s.state == state, "two runs differ");
	fuzz_restore(s.kernel);
	return (0);
}
