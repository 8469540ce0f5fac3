/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Snapshots: transactions that stay open (util/undo.h).  Nothing of the
 * kernel's, which has no way back.
 */

#include <string.h>

#include "kern/bad_news.h"
#include "kern/snapshot.h"


enum kldsim_status
kldsim_snapshot(struct kldsim *sim, uint64_t *snapshot_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim__snapshot *snapshot;

	if (!kldsim__grow(&sim->alloc, &sim->snapshots.all, &sim->snapshots.cap,
	    sim->undo.snapshots + 1, sizeof(*sim->snapshots.all))) {
		(void)kldsim__nomem(sim);
		if (error_ret != NULL)
			*error_ret = sim->abort.error;
		return (KLDSIM_NOMEM);
	}
	snapshot = &sim->snapshots.all[sim->undo.snapshots++];
	snapshot->id = ++sim->snapshots.last_id;
	snapshot->undo = kldsim__undo_begin(&sim->undo);
	snapshot->report = kldsim__report_mark(&sim->report);
	snapshot->dead = sim->dead;
	*snapshot_ret = snapshot->id;
	return (KLDSIM_OK);
}

/* The place of a snapshot in the list, undo.snapshots if it is not there. */
static unsigned
find(const struct kldsim *sim, uint64_t id)
{
	unsigned at = sim->undo.snapshots;

	/* Mostly it is the newest one. */
	for (unsigned i = at; i-- > 0;)
		if (sim->snapshots.all[i].id == id)
			return (i);
	return (at);
}

enum kldsim_status
kldsim_restore(struct kldsim *sim, uint64_t id)
{
	unsigned at = find(sim, id);
	const struct kldsim__snapshot *snapshot;

	if (at == sim->undo.snapshots)
		return (KLDSIM_NOENT);
	snapshot = &sim->snapshots.all[at];
	kldsim__undo_rollback(&sim->undo, snapshot->undo);
	kldsim__report_release(&sim->report, snapshot->report);
	sim->dead = snapshot->dead;
	sim->undo.snapshots = at + 1;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_snapshot_drop(struct kldsim *sim, uint64_t id)
{
	unsigned at = find(sim, id);
	size_t oldest;

	if (at == sim->undo.snapshots)
		return (KLDSIM_NOENT);
	sim->undo.snapshots--;
	memmove(&sim->snapshots.all[at], &sim->snapshots.all[at + 1],
	    (sim->undo.snapshots - at) * sizeof(*sim->snapshots.all));
	if (at != 0)
		return (KLDSIM_OK);
	/* What only the oldest one could bring back is gone for good. */
	oldest = sim->undo.snapshots != 0 ? sim->snapshots.all[0].undo :
	    sim->undo.nentries;
	kldsim__undo_settle(&sim->undo, oldest);
	for (unsigned i = 0; i < sim->undo.snapshots; i++)
		sim->snapshots.all[i].undo -= oldest;
	return (KLDSIM_OK);
}
