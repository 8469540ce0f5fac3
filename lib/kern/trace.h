/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_TRACE_H
#define KERN_TRACE_H

/*
 * What the linker does, told to whoever has asked (kldsim/trace.h).  Nothing is
 * asked of the trace but whether there is one; what asks on its own account,
 * for a finding, holds it off meanwhile.
 */

#include <kldsim/trace.h>

#include "kern/sim.h"

struct kldsim__file;

static inline bool
kldsim__traced(const struct kldsim *sim)
{
	return (sim->options.trace != NULL);
}

static inline const struct kldsim_trace *
kldsim__trace_hold(struct kldsim *sim)
{
	const struct kldsim_trace *trace = sim->options.trace;

	sim->options.trace = NULL;
	return (trace);
}

static inline void
kldsim__trace_resume(struct kldsim *sim, const struct kldsim_trace *trace)
{
	sim->options.trace = trace;
}

/* A file was asked for a name by another, or itself (O-60). */
void kldsim__trace_lookup(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__file *asked, size_t step, const char *name,
    kldsim_addr value);
/*
 * A relocation was tried, with this answer.  What of *reloc_io the row says is
 * filled in here, and then it is told.
 */
void kldsim__trace_reloc(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__reloc *value,
    int error, struct kldsim_trace_reloc *reloc_io);

#endif
