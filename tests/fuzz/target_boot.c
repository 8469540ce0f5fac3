/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: booting a kernel file, or a good kernel with the file preloaded
 * (first byte odd).
 */

#include "fuzz.h"

/* A kernel that boots is a kernel: its CPUs and vnets can be added to. */
static void
use(struct kldsim *sim)
{
	struct kldsim_result result = { .error = 0 };
	struct kldsim_error error;
	uint64_t before;
	unsigned id;

	fuzz_invariants(sim);
	before = fuzz_state(sim);
	if (kldsim_vnet_alloc(sim, &id, &error) != KLDSIM_OK)
		FUZZ_CHECK(fuzz_state(sim) == before, "vnet: a trace");
	before = fuzz_state(sim);
	if (kldsim_cpu_add(sim, &id, &error) != KLDSIM_OK)
		FUZZ_CHECK(fuzz_state(sim) == before, "CPU: a trace");
	before = fuzz_state(sim);
	fuzz_check_call(sim, kldsim_kldunload(sim, 1, KLDSIM_UNLOAD_NORMAL,
	    &result, &error), &result, before, fuzz_state(sim));
}

FUZZ_WITH_KERNELS

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes file;
	struct fuzz_bytes choices = fuzz_split(data, size, &file);
	struct kldsim_image *image = fuzz_image(&file, "kernel");
	struct kldsim_preload preload = { .path = "/boot/modules/m.ko" };
	bool preloaded = fuzz_choose(&choices, 2) != 0;
	const struct fuzz_kernel *kernel = fuzz_kernel(&file,
	    fuzz_choose(&choices, 5));
	struct kldsim_options options;
	struct kldsim_error error;
	struct kldsim *sim = NULL, *again = NULL;
	enum kldsim_status status;

	fuzz_options(&options);
	options.limits.map_bytes = UINT64_C(64) << 20;
	if (preloaded) {
		preload.image = image;
		options.preloads = &preload;
		options.npreloads = 1;
	}
	status = kldsim_boot(preloaded ? kernel->image : image, &options,
	    &sim, &error);
	FUZZ_CHECK((status == KLDSIM_OK) == (sim != NULL), "status %s",
	    kldsim_status_name(status));
	FUZZ_CHECK(kldsim_boot(preloaded ? kernel->image : image, &options,
	    &again, &error) == status && (status != KLDSIM_OK ||
	    fuzz_state(sim) == fuzz_state(again)), "two boots differ");
	if (status == KLDSIM_OK)
		use(sim);
	kldsim_destroy(sim);
	kldsim_destroy(again);
	kldsim_image_unref(image);
	return (0);
}
