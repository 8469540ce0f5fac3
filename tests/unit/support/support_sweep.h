/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SWEEP_H
#define SUPPORT_SWEEP_H

/*
 * Loading one spoiled module after another: whatever comes of it, nothing of
 * it is left, a panic is told, and the sweep goes on.
 */

#include "support_malformed.h"

struct sweep {
	const char *name; /* for messages */
	kldsim_addr kernel_end; /* 0: where it ends */
	struct malformed_bytes kernel;
	struct kldsim_image *image;
	struct kldsim *sim;
	char *state; /* of a fresh kernel */
	struct malformed_bytes module;
	size_t loaded, refused, panics, failures;
};

/* Boots the kernel; both builders are used up. */
void sweep_set_up(struct sweep *sweep, const char *name,
    kldsim_addr kernel_end, struct kldsim_synth *kernel,
    struct kldsim_synth *module);
void sweep_tear_down(struct sweep *sweep);
/* Load bytes that are nobody's; say what came of it. */
void sweep_try_module(struct sweep *sweep, const void *bytes, size_t size,
    const char *what, size_t at);
/* The module cut at every byte of its header, and then at every few. */
void sweep_cut(struct sweep *sweep);

#endif
