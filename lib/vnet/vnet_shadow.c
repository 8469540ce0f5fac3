/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The initial values of VNET variables that later releases keep:
 * vnet_init_var, vnet_save_init() and vnet_restore_init() of sys/net/vnet.c
 * (A-40, L-22).
 *
 * Those who read them are the handlers of setenv and unsetenv of VNET
 * tunables, which do not run here; a debugger finds what they would.
 *
 * The same releases give the kernel's own file the ranges of its two sets
 * (L-22).  They move every address to itself, so there is nothing to keep.
 */

#include "kern/bad_news.h"
#include "vnet/vnet_shadow.h"

/* The buffer's start is the set's: both are VNET_BYTES long. */
static kldsim_addr
saved(const struct kldsim *sim, kldsim_addr address)
{
	return (sim->vnets.init_var + (address - sim->vnet.start));
}

int
kldsim__vnet_shadow_start(struct kldsim *sim)
{
	const struct kldsim__set *set = &sim->vnet;
	kldsim_size bytes = set->stop - set->start;
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	kldsim_addr variable = sim->known.vnet_init_var;
	uint8_t pointer[8];

	if (!set->present || !sim->facts.vnet_shadow || bytes == 0)
		return (0);
	if (!kldsim__aspace_first_fit(&sim->space, set->heap, set->heap_end,
	    kldsim__roundup2(bytes, set->page_size), set->page_size,
	    &sim->vnets.init_var))
		return (kldsim__accessed(sim, KLDSIM__ACCESS_FAULT));
	if (variable != 0 &&
	    kldsim__aspace_mapped(&sim->space, variable, ptrsz)) {
		int error;

		kldsim__store(pointer, ptrsz, kldsim__arch_big(sim->arch),
		    sim->vnets.init_var);
		error = kldsim__accessed(sim, kldsim__aspace_write(&sim->space,
		    variable, pointer, ptrsz));
		if (error != 0)
			return (error);
	}
	return (kldsim__accessed(sim, kldsim__aspace_clone(&sim->space,
	    sim->vnets.init_var, kldsim__roundup2(bytes, set->page_size),
	    set->start, bytes)));
}

int
kldsim__vnet_save_init(struct kldsim *sim, kldsim_addr start, kldsim_size size)
{
	if (sim->vnets.init_var == 0)
		return (0);
	return (kldsim__accessed(sim, kldsim__aspace_copy(&sim->space,
	    saved(sim, start), start, size)));
}

enum kldsim_status
kldsim_vnet_initial(const struct kldsim *sim, kldsim_addr symbol,
    kldsim_addr *address_ret)
{
	if (sim->vnets.init_var == 0)
		return (KLDSIM_NOENT);
	if (!kldsim__set_holds(&sim->vnet, symbol))
		return (KLDSIM_FAULT);
	*address_ret = saved(sim, symbol);
	return (KLDSIM_OK);
}
