/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

/* What the programs share that write inputs, the same bytes every time. */

#include <stdint.h>

#include <kldsim/synth.h>

#include "clock.h"

/* Numerical Recipes' generator: the same numbers on every machine. */
static inline uint32_t
next(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*state * below >> 32);
}

/* The file that was built; the builder is gone. */
static inline void
write_file(struct kldsim_synth *synth, const char *path)
{
	struct kldsim_error error;

	if (kldsim_synth_write(synth, path, &error) != KLDSIM_OK)
		die(path, error.text);
	kldsim_synth_free(synth);
}

#endif
