/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_VIMAGE_RUNTIME_H
#define KERN_VIMAGE_RUNTIME_H

/*
 * What a kernel would have by review D20278, for one that has it not (J-20,
 * J-22): vimage_configured and four shims, which modules are linked to, in a
 * page of their own before the kernel.  What the shims do is lib/vnet's.
 */

#include "kern/sim.h"

/* With options.vimage_runtime, unless the kernel file has them. */
int kldsim__runtime_start(struct kldsim *sim);
/*
 * A name that the kernel does not have: one of the five, or vnet_entry_X, which
 * without VIMAGE is its ordinary X.  *value_ret is 0 if it is neither.
 */
int kldsim__runtime_lookup(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret);
/* What one of the five is called, by its address; NULL: it is none. */
const char *kldsim__runtime_name(const struct kldsim *sim,
    kldsim_addr address);

#endif
