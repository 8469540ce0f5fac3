/* SPDX-License-Identifier: BSD-2-Clause */

/* Where the options want a file to be. */

#include "linker_class/placement.h"

#include <string.h>

#include "kern/bad_news.h"

int
kldsim__chosen_address(struct kldsim *sim, const struct kldsim__file *file,
    kldsim_size length, kldsim_addr *address_ret, bool *chosen_ret)
{
	const struct kldsim_placement *chosen = NULL;
	enum kldsim__exec_status taken = KLDSIM__EXEC_FULL;

	for (size_t i = 0; i < sim->options.nplacements && chosen == NULL; i++)
		if (strcmp(sim->options.placements[i].file, file->filename) ==
		    0)
			chosen = &sim->options.placements[i];
	*chosen_ret = chosen != NULL;
	if (chosen == NULL)
		return (0);
	*address_ret = chosen->address;
	if (chosen->address % sim->arch->page_size == 0 &&
	    chosen->address + length >= chosen->address &&
	    !kldsim__aspace_overlaps(&sim->space, chosen->address, length))
		taken = kldsim__exec_arena_take(&sim->exec_arena,
		    chosen->address, length);
	if (taken == KLDSIM__EXEC_OK)
		return (0);
	if (taken == KLDSIM__EXEC_NOMEM)
		return (kldsim__nomem(sim));
	return (kldsim__fail(sim, KLDSIM_ARG, "%s cannot be placed at 0x%jx: "
	    "0x%jx bytes there are not free or not page aligned",
	    file->filename, (uintmax_t)chosen->address, (uintmax_t)length));
}
