/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_QUESTION_H
#define KERN_QUESTION_H

/* A question changes nothing and says nothing, whatever answering it takes. */

#include "kern/sim.h"

struct kldsim__question {
	size_t undo;
	struct kldsim__report_mark report;
	bool failed; /* of the report, as it was */
};

struct kldsim__question kldsim__question_begin(struct kldsim *sim);
void kldsim__question_end(struct kldsim *sim,
    const struct kldsim__question *question);

/*
 * One lookup within a call that goes on, and its error: what it said since a
 * copy of the report was made is taken back, and so is a panic.  Gives 0, or
 * KLDSIM__ABORT if the host failed.
 */
int kldsim__question_unsay(struct kldsim *sim,
    const struct kldsim__report *before, int error);

#endif
