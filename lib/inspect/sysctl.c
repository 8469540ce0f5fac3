/* SPDX-License-Identifier: BSD-2-Clause */

/* Sysctls of the linker that are only read (L-21). */

#include "kern/sim.h"

enum kldsim_status
kldsim_base_address(const struct kldsim *sim, kldsim_addr *base_ret,
    kldsim_addr *relbase_ret)
{
	if (!sim->facts.base_address_sysctls)
		return (KLDSIM_NOENT);
	*base_ret = sim->arch->kernbase;
	*relbase_ret = sim->arch->kernbase;
	return (KLDSIM_OK);
}
