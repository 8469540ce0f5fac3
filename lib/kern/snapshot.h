/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_SNAPSHOT_H
#define KERN_SNAPSHOT_H

/* Points to which a simulated kernel can go back (include/kldsim/snapshot.h). */

#include "kern/sim.h"

/* A point to which kldsim_restore() can go back. */
struct kldsim__snapshot {
	uint64_t id;
	size_t undo;
	struct kldsim__report_mark report;
	bool dead;
};

#endif
