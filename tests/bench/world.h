/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

/*
 * What the benchmarks share that make their files in memory: images from the
 * synthesizer, a kernel booted, a module loaded, the process's CPU clock.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>
#include <kldsim/synth.h>

#include "clock.h"

static inline void
release_bytes(void *user, const void *bytes)
{
	(void)user;
	kldsim_synth_free_bytes((void *)(uintptr_t)bytes);
}

/* The file that was built, as an image of its own; the builder is gone. */
static inline struct kldsim_image *
image_of(struct kldsim_synth *synth, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	void *bytes;
	size_t size;

	if (kldsim_synth_finish(synth, &bytes, &size, &error) != KLDSIM_OK ||
	    kldsim_image_open_memory(bytes, size, name, release_bytes, NULL,
	    &image, &error) != KLDSIM_OK)
		die(name, error.text);
	kldsim_synth_free(synth);
	return image;
}

static inline struct kldsim *
boot(struct kldsim_image *kernel, unsigned cpus, unsigned vnets)
{
	struct kldsim_options options;
	struct kldsim_error error;
	struct kldsim *sim;

	kldsim_options_init(&options, sizeof(options));
	options.cpus = cpus;
	options.vnets = vnets;
	if (kldsim_boot(kernel, &options, &sim, &error) != KLDSIM_OK)
		die("kernel", error.text);
	return sim;
}

static inline void
load(struct kldsim *sim, struct kldsim_image *module, const char *path)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldload_image(sim, module, path, &result, &error) !=
	    KLDSIM_OK)
		die(path, error.text);
	if (result.error != 0)
		die(path, "refused");
}

#endif
