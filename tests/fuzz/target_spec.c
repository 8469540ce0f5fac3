/* SPDX-License-Identifier: BSD-2-Clause */

/* Fuzz target: spec files, what they build, and loading or booting that. */

#include "fuzz.h"

/* The same bytes each time. */
static void
use(struct kldsim_synth *synth)
{
	struct kldsim_error error;
	struct fuzz_bytes file;
	void *bytes, *again;
	size_t size, size2;

	if (kldsim_synth_finish(synth, &bytes, &size, &error) != KLDSIM_OK)
		return;
	FUZZ_CHECK(kldsim_synth_finish(synth, &again, &size2, &error) ==
	    KLDSIM_OK && size == size2, "finished twice: %s", error.text);
	kldsim_synth_free_bytes(again);
	file.at = bytes;
	file.left = size;
	if (size < 1 << 20)
		fuzz_load(fuzz_kernel(&file, 0), &file);
	kldsim_synth_free_bytes(bytes);
}

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kldsim_synth *synth = NULL;
	struct kldsim_error error;

	if (kldsim_synth_spec_bytes(data, size, "spec", &synth, &error) ==
	    KLDSIM_OK)
		use(synth);
	else
		FUZZ_CHECK(synth == NULL && error.text[0] != '\0',
		    "refused without a reason");
	kldsim_synth_free(synth);
	return (0);
}
