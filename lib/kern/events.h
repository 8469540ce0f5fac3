/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_EVENTS_H
#define KERN_EVENTS_H

/* The record of calls that are not made (include/kldsim/events.h). */

#include "kern/sim.h"

/* An event; it stays where it is as long as the kernel lives. */
struct kldsim__event {
	struct kldsim_event told;
	bool named;
	struct kldsim__event *next_of_file;
};

/*
 * Record a call for a file; names are copied, the function's is found when
 * asked for.
 */
int kldsim__record(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim_event *event);
/* kld_load, kld_unload_try or kld_unload of a file (L-14). */
int kldsim__record_kld(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_event_kind kind);
/* A file goes: find the names of its functions while they can be found. */
int kldsim__name_events(struct kldsim *sim, const struct kldsim__file *file);

#endif
