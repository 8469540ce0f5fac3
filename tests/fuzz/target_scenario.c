/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: bytes choose what is done to a kernel, one operation after the
 * other: loads, unloads, handlers' answers, CPUs, vnets, snapshots, questions.
 * What follows from a snapshot is the same each time.
 */

#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#define LATE 0xf000001u
#define STEPS 48
#define DEPTH 4

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
		(void)kldsim_synth_append(m, kldsim_synth_section_named(m,
		    "set_pcpu"), NULL, 1500);
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

static struct kldsim_image *
module_image(enum module which, uint32_t osreldate)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, osreldate);
	kldsim_synth_option(m, KLDSIM_SYNTH_SYSINIT_LINK,
	    osreldate >= 1400094);
	fill(m, which);
	return (fuzz_made(m, names[which]));
}

/* --- operations --- */

struct scenario {
	const struct fuzz_kernel *kernel;
	struct kldsim_image *const *images;
	uint64_t snapshots[DEPTH], states[DEPTH];
	unsigned depth;
};

static enum kldsim_status
load(struct scenario *s, struct fuzz_bytes *bytes,
    struct kldsim_result *result, struct kldsim_error *error)
{
	unsigned which = fuzz_choose(bytes, MODULES);
	char path[64];

	(void)snprintf(path, sizeof(path), "/boot/%s/%s",
	    fuzz_choose(bytes, 4) == 0 ? "modules" : "kernel", names[which]);
	return (kldsim_kldload_image(s->kernel->sim, s->images[which], path,
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

static void
snapshot(struct scenario *s)
{
	struct kldsim_error error;

	if (s->depth == DEPTH)
		return;
	s->states[s->depth] = fuzz_state(s->kernel->sim);
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
	FUZZ_CHECK(fuzz_state(s->kernel->sim) == s->states[at],
	    "restored to another state");
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
	uint64_t before = fuzz_state(sim);
	unsigned id = fuzz_choose(bytes, 6);

	if (what < 5)
		status = load(s, bytes, &result, &error);
	else if (what < 8)
		status = kldsim_kldunload(sim, (int)id, what == 7 ?
		    KLDSIM_UNLOAD_FORCE : KLDSIM_UNLOAD_NORMAL, &result,
		    &error);
	else if (what < 9)
		status = kldsim_vnet_alloc(sim, &id, &error);
	else if (what < 10)
		status = kldsim_vnet_destroy(sim, id, &error);
	else if (what < 11)
		status = kldsim_cpu_add(sim, &id, &error);
	else
		status = answer(sim, bytes);
	/* Calls without a result say it by their status alone. */
	if (what >= 8)
		result.panicked = kldsim_is_dead(sim);
	fuzz_check_call(sim, status, &result, before, fuzz_state(sim));
}

static void
run(struct scenario *s, struct fuzz_bytes bytes)
{
	for (unsigned step = 0; step < STEPS && bytes.left != 0; step++) {
		unsigned what = fuzz_choose(&bytes, 16);

		if (what == 12)
			snapshot(s);
		else if (what == 13)
			restore(s, fuzz_choose(&bytes, DEPTH));
		else if (what == 14)
			drop(s, fuzz_choose(&bytes, DEPTH));
		else if (what == 15)
			(void)fuzz_shape(s->kernel->sim);
		else
			operate(s, what, &bytes);
	}
	s->depth = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kldsim_image *images[5][MODULES];
	struct fuzz_bytes bytes = { data, size };
	unsigned release = fuzz_choose(&bytes, 5);
	struct scenario s = { .kernel = fuzz_kernel_of("amd64", release),
		.images = images[release] };
	uint64_t state;

	for (unsigned i = 0; i < MODULES; i++)
		if (images[release][i] == NULL)
			images[release][i] = module_image(i,
			    s.kernel->osreldate);
	run(&s, bytes);
	state = fuzz_state(s.kernel->sim);
	fuzz_restore(s.kernel);
	run(&s, bytes);
	FUZZ_CHECK(fuzz_state(s.kernel->sim) == state, "two runs differ");
	fuzz_restore(s.kernel);
	return (0);
}
