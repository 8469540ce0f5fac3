/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a fuzzer of modules does, and nothing else: load one into a kernel that
 * was booted once, and put the kernel back.  fz_floor.c is the yardstick; both
 * run in a fuzzing engine or, with fuzz_loop.c, in a loop.
 *
 * The kernel is the file that KERNEL in the environment names.
 */
#include <kldsim/kldsim.h>

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint64_t snapshot;

static struct kldsim *
boot(void)
{
	const char *path = getenv("KERNEL");
	struct kldsim_error error;
	struct kldsim_image *image;
	struct kldsim *sim;

	if (path == NULL)
		die("KERNEL", "is not set");
	if (kldsim_image_open(path, &image, &error) != KLDSIM_OK ||
	    kldsim_boot(image, NULL, &sim, &error) != KLDSIM_OK ||
	    kldsim_snapshot(sim, &snapshot, &error) != KLDSIM_OK)
		die(path, error.text);
	kldsim_image_unref(image);
	return sim;
}

/* A file that is refused is an execution like any other. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct kldsim *sim;
	struct kldsim_image *image;
	struct kldsim_result result;
	struct kldsim_error error;

	if (sim == NULL)
		sim = boot();
	if (kldsim_image_open_memory(bytes, size, "module.ko", NULL, NULL,
	    &image, &error) != KLDSIM_OK)
		return 0;
	if (kldsim_kldload_image(sim, image, "/boot/modules/module.ko",
	    &result, &error) == KLDSIM_NOMEM)
		die("module", error.text);
	kldsim_image_unref(image);
	if (kldsim_restore(sim, snapshot) != KLDSIM_OK)
		die("restore", "failed");
	return 0;
}
