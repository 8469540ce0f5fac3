/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: what somebody may type to DDB (B-40 to B-73, Y-10 to Y-22).  The
 * first byte chooses a machine, and whether the debugger is entered in a vnet;
 * the second a release; the rest are lines.
 *
 * No line prints or takes more than so much, and none leaves a trace.
 */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (8u << 20)
#define LINES_MAX 64u /* so that no input takes long */

/* A variable in each place, and types for them. */
static void
load_module(const struct fuzz_kernel *kernel)
{
	struct kldsim_synth *synth = fuzz_module(kernel);
	int integer, list;

	kldsim_synth_option(synth, KLDSIM_SYNTH_CTF_VERSION, 3);
	integer = kldsim_synth_ctf_type(synth, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_INTEGER, .name = "int", .size = 4,
	    .encoding = KLDSIM_SYNTH_CTF_SIGNED, .bits = 32 });
	list = kldsim_synth_ctf_type(synth, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_STRUCT, .name = "list", .size = 16 });
	kldsim_synth_ctf_member(synth, list, "n", integer, 0);
	kldsim_synth_ctf_member(synth, list, "next", kldsim_synth_ctf_type(
	    synth, &(struct kldsim_synth_ctf_type){
	    .kind = KLDSIM_SYNTH_CTF_POINTER, .type = list }), 64);
	kldsim_synth_ctf_object(synth, kldsim_synth_vnet(synth, "limit",
	    "\1\2\3\4", 4, 4), integer);
	kldsim_synth_ctf_object(synth, kldsim_synth_object(synth, "list",
	    NULL, 16, 8), list);
	(void)kldsim_synth_dpcpu(synth, "count", "\1\2\3\4", 4, 4);
	fuzz_load_module(kernel, synth);
}

static void
type_lines(struct kldsim_ddb *ddb, const struct fuzz_bytes *bytes)
{
	const uint8_t *at = bytes->at, *end = bytes->at + bytes->left;

	for (unsigned i = 0; at < end && i < LINES_MAX; i++) {
		const uint8_t *line = memchr(at, '\n', (size_t)(end - at));
		const size_t size = (size_t)((line == NULL ? end : line) - at);
		const char *text;
		size_t length;

		FUZZ_CHECK(kldsim_ddb_command(ddb, (const char *)at, size,
		    &text, &length) == KLDSIM_OK, "no memory");
		FUZZ_CHECK(length <= TEXT_MAX + 100, "%zu bytes", length);
		FUZZ_CHECK(length == 0 || text[length - 1] == '\n',
		    "the prompt would not begin a line");
		at += size + 1;
	}
}

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const unsigned choice = fuzz_choose(&bytes, 2 * FUZZ_MACHINES);
	const struct fuzz_kernel *kernel = fuzz_kernel_of(
	    kldsim_synth_machine(choice / 2), fuzz_choose(&bytes, 5));
	struct kldsim_ddb_options options;
	struct kldsim_ddb *ddb;
	uint64_t state;

	kldsim_ddb_options_init(&options, sizeof(options));
	options.curvnet = choice % 2 == 0 ? -1 : 1;
	load_module(kernel);
	state = fuzz_state(kernel->sim);
	FUZZ_CHECK(kldsim_ddb_open(kernel->sim, &options, &ddb) == KLDSIM_OK,
	    "DDB cannot be entered");
	type_lines(ddb, &bytes);
	kldsim_ddb_close(ddb);
	FUZZ_CHECK(fuzz_state(kernel->sim) == state, "a line has left a trace");
	fuzz_restore(kernel);
	return (0);
}
