/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: what a debugger may send (E-50 to E-53).  The first byte chooses
 * a machine, and whether the rest is a stream of frames, in pieces of any size,
 * or packets, one a line.
 *
 * No answer is too long, and no question leaves a trace: only `monitor` can
 * call for loads and unloads.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (1u << 20) /* of `monitor`, which can be long */
#define PACKET_MAX 0x4000u

/* A module, so that there is something to list. */
static void
load_module(const struct fuzz_kernel *kernel)
{
	struct kldsim_synth *synth = fuzz_module(kernel);

	(void)kldsim_synth_vnet(synth, "limit", "\1\2\3\4", 4, 4);
	(void)kldsim_synth_dpcpu(synth, "count", "\1\2\3\4", 4, 4);
	fuzz_load_module(kernel, synth);
}

static bool
is_monitor(const uint8_t *bytes, size_t size)
{
	return (size >= 5 && memcmp(bytes, "qRcmd", 5) == 0);
}

/* Packets as they are, one a line. */
static void
ask_lines(struct kldsim *sim, struct kldsim_gdb *gdb,
    const struct fuzz_bytes *bytes)
{
	const uint8_t *at = bytes->at, *end = bytes->at + bytes->left;
	uint64_t state = fuzz_state(sim);

	while (at < end) {
		const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
		const size_t size = (size_t)((line == NULL ? end : line) - at);
		const char *answer;
		size_t length;

		FUZZ_CHECK(kldsim_gdb_packet(gdb, (const char *)at, size,
		    &answer, &length) == KLDSIM_OK, "no memory");
		FUZZ_CHECK(length <= (is_monitor(at, size) ? ANSWER_MAX :
		    PACKET_MAX), "an answer of %zu bytes", length);
		if (is_monitor(at, size))
			state = fuzz_state(sim);
		at += size + 1;
	}
	FUZZ_CHECK(fuzz_state(sim) == state, "a question has left a trace");
}

static void
ask_stream(struct kldsim_gdb *gdb, struct fuzz_bytes *bytes)
{
	while (bytes->left != 0) {
		size_t piece = 1 + fuzz_choose(bytes, 64), taken, size;

		if (piece > bytes->left)
			piece = bytes->left;
		FUZZ_CHECK(kldsim_gdb_input(gdb, bytes->at, piece, &taken) ==
		    KLDSIM_OK, "no memory");
		FUZZ_CHECK(taken <= piece, "took more than there was");
		bytes->at += piece;
		bytes->left -= piece;
		(void)kldsim_gdb_output(gdb, &size);
		kldsim_gdb_sent(gdb, size / 2);
	}
}

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const unsigned choice = fuzz_choose(&bytes, 2 * FUZZ_MACHINES);
	const struct fuzz_kernel *kernel = fuzz_kernel_of(
	    kldsim_synth_machine(choice / 2), 0);
	struct kldsim_gdb *gdb;

	load_module(kernel);
	FUZZ_CHECK(kldsim_gdb_new(kernel->sim, "/host", &gdb) == KLDSIM_OK,
	    "no memory");
	if (choice % 2 == 0)
		ask_lines(kernel->sim, gdb, &bytes);
	else
		ask_stream(gdb, &bytes);
	kldsim_gdb_free(gdb);
	fuzz_invariants(kernel->sim);
	fuzz_restore(kernel);
	return (0);
}
