/* SPDX-License-Identifier: BSD-2-Clause */

/* Asking for an entry of a list by its number. */

#include "kern/sim.h"

const struct kldsim__link *
kldsim__nth(const struct kldsim *sim, const struct kldsim__link *list,
    size_t number)
{
	struct kldsim__cursor *cursor = sim->cursor;

	if (cursor->list != list || cursor->number > number ||
	    cursor->changes != sim->undo.changes)
		*cursor = (struct kldsim__cursor){ list, list->next, 0,
		    sim->undo.changes };
	for (; cursor->number < number && cursor->at != list;
	    cursor->number++)
		cursor->at = cursor->at->next;
	return (cursor->at != list ? cursor->at : NULL);
}
