/* SPDX-License-Identifier: BSD-2-Clause */

/* What the boot has left to look at: the boot loader's metadata block. */

#include "kern/sim.h"

const void *
kldsim_preload_metadata(const struct kldsim *sim, size_t *size_ret)
{
	*size_ret = sim->booted.metadata.size;
	return (sim->booted.metadata.bytes);
}
