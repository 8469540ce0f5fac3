/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * All modules are loaded into one kernel, one after another.  Each is unloaded
 * again, unless it has loaded others: those stay with it, because later modules
 * will need them.
 *
 * A module that the kernel takes here without a message, it takes alone, too: a
 * lookup asks the module's own dependencies and nobody else (O-60).  The exception
 * is a dependency that is loaded here and would not be found alone.  Every module
 * of which there is something to be said is tried alone.
 *
 * Text is not relocated (text_unread of kern/sim.h).  A module whose text was
 * needed all the same is tried alone, too.
 */

#include "check/check.h"

#include <string.h>

#include <kldsim/snapshot.h>

#include "kern/sim.h"
#include "link/link.h"
#include "source/source.h"
#include "util/path.h"

/*
 * So many files may stay, or there would be no end of the kernel's size; and all
 * of them are looked through for each dependency.
 */
#define STAY 128u

struct quick {
	struct kldsim_check *check;
	struct kldsim__check_bench bench;
	uint64_t snapshot; /* what stays */
	int last;          /* of its files the newest */
	unsigned staying;
	int strange[STAY]; /* of these, what another might not find alone */
	unsigned nstrange;
	bool good;
};

/* --- whether what it is linked to would be found for it alone --- */

/* Whether who needs an interface finds a certain file. */
static bool
leads_to(struct kldsim *sim, const char *interface, const char *path)
{
	struct kldsim__open_file file;
	char *found;
	const int error = kldsim__search_module(sim, interface, NULL, &found,
	    &file);
	const bool same = error == 0 && found != NULL &&
	    strcmp(found, path) == 0;

	if (file.path != NULL)
		kldsim__source_close(&file);
	kldsim__free(&sim->alloc, found);
	return (same);
}

/* Whether the file has an interface that leads elsewhere. */
static bool
leads_elsewhere(struct kldsim *sim, int fileid)
{
	struct kldsim_interface interface;
	struct kldsim_filestat stat;

	if (kldsim_kldstat(sim, fileid, &stat) != KLDSIM_OK)
		return (true);
	for (size_t i = 0; kldsim_file_interface(sim, fileid, i, &interface) ==
	    KLDSIM_OK; i++)
		if (!leads_to(sim, interface.name, stat.path))
			return (true);
	return (false);
}

static bool
is_strange(const struct quick *quick, int fileid)
{
	for (unsigned i = 0; i < quick->nstrange; i++)
		if (quick->strange[i] == fileid)
			return (true);
	return (false);
}

static bool
needs_strange(const struct quick *quick, int fileid)
{
	int id;

	for (size_t i = 0; kldsim_file_dep(quick->bench.sim, fileid, i, &id) ==
	    KLDSIM_OK; i++)
		if (is_strange(quick, id))
			return (true);
	return (false);
}

/* The file after another; 0: there is none. */
static int
next_file(const struct quick *quick, int fileid)
{
	int next;

	return (kldsim_kldnext(quick->bench.sim, fileid, &next) == KLDSIM_OK ?
	    next : 0);
}

/* Whether any of those that have come needs what stays and is strange. */
static bool
any_needs_strange(const struct quick *quick)
{
	for (int id = next_file(quick, quick->last); id != 0;
	    id = next_file(quick, id))
		if (needs_strange(quick, id))
			return (true);
	return (false);
}

/* A file that needs a strange one is strange, too. */
static void
note_strange(struct quick *quick)
{
	const int last = quick->last;
	unsigned before;

	for (int id = next_file(quick, last); id != 0;
	    id = next_file(quick, id))
		if (leads_elsewhere(quick->bench.sim, id))
			quick->strange[quick->nstrange++] = id;
	do {
		before = quick->nstrange;
		for (int id = next_file(quick, last); id != 0;
		    id = next_file(quick, id))
			if (!is_strange(quick, id) && needs_strange(quick, id))
				quick->strange[quick->nstrange++] = id;
	} while (quick->nstrange != before);
}

/* --- what stays --- */

/* More than a note. */
static bool
has_talked(const struct kldsim *sim, const struct kldsim_result *result)
{
	bool talked = result->panicked || result->error != 0 ||
	    result->nconsole != 0;

	for (size_t i = 0; i < result->nfindings && !talked; i++)
		talked = kldsim_finding_at(sim, result->first_finding +
		    i)->severity != KLDSIM_NOTE;
	return (talked);
}

/* Restoring needs no memory, and the snapshots are there. */
static void
put_back(struct quick *quick, uint64_t snapshot)
{
	(void)!kldsim_restore(quick->bench.sim, snapshot);
}

/* What is there now stays. */
static void
settle(struct quick *quick)
{
	quick->good = kldsim_snapshot(quick->bench.sim, &quick->snapshot,
	    NULL) == KLDSIM_OK;
}

static void
begin_anew(struct quick *quick)
{
	put_back(quick, quick->bench.snapshot);
	quick->last = next_file(quick, 0);
	quick->staying = quick->nstrange = 0;
	settle(quick);
}

/* What has come stays; but if that is too much, nothing does. */
static void
keep(struct quick *quick)
{
	int last = quick->last;

	for (int id = next_file(quick, last); id != 0;
	    id = next_file(quick, id)) {
		quick->staying++;
		last = id;
	}
	if (quick->staying > STAY) {
		begin_anew(quick);
		return;
	}
	note_strange(quick);
	quick->last = last;
	(void)!kldsim_snapshot_drop(quick->bench.sim, quick->snapshot);
	settle(quick);
}

/* Whether the newest file has brought others. */
static bool
has_brought(const struct quick *quick)
{
	const int newest = next_file(quick, quick->last);

	return (newest != 0 && next_file(quick, newest) != 0);
}

/* --- one after the other --- */

/* It is there, and would be alone. */
static void
note(struct quick *quick, size_t index, int fileid)
{
	struct kldsim__check_quick *to = &quick->check->quick[index];
	struct kldsim_check_module module = { .index = index,
		.path = quick->check->entries[index].path };

	quick->good = kldsim__check_linked(quick->bench.sim, fileid,
	    &quick->check->arena, &module);
	to->fine = true;
	to->file = module.file;
	to->linked = module.linked;
	to->nlinked = module.nlinked;
}

static void
load(struct quick *quick, size_t index)
{
	bool *asked = &quick->bench.sim->linker.text_asked;
	struct kldsim_result result;
	bool fine;

	*asked = false;
	if (kldsim__check_load(&quick->bench,
	    quick->check->entries[index].path, &result, NULL) != KLDSIM_OK)
		return;
	fine = !has_talked(quick->bench.sim, &result) && !*asked &&
	    !any_needs_strange(quick);
	if (fine)
		note(quick, index, result.fileid);
	if (quick->good && fine && has_brought(quick))
		keep(quick);
	else
		put_back(quick, quick->snapshot);
}

static void
try_one(struct quick *quick, size_t index)
{
	const char *path = quick->check->entries[index].path;
	const struct kldsim *sim = quick->bench.sim;
	struct kldsim_filestat stat;
	int id;

	if (kldsim_kldfind(sim, kldsim__basename(path), &id) != KLDSIM_OK)
		load(quick, index);
	else if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
	    strcmp(stat.path, path) == 0 && !needs_strange(quick, id))
		note(quick, index, id);
}

/* In the kernel that no module was loaded into, which is put back. */
enum kldsim_status
kldsim__check_quick(struct kldsim_check *check, struct kldsim_error *error)
{
	struct quick quick = { .check = check, .good = true,
		.bench = { .check = check, .sim = check->sim } };
	enum kldsim_status status = kldsim_snapshot(check->sim,
	    &quick.bench.snapshot, error);

	if (status != KLDSIM_OK)
		return (status);
	check->quick = kldsim__arena_calloc(&check->arena, check->count + 1,
	    sizeof(*check->quick));
	if (check->quick == NULL)
		quick.good = false;
	else
		begin_anew(&quick);
	check->sim->linker.text_unread = true;
	for (size_t i = 0; i < check->count && quick.good; i++)
		try_one(&quick, i);
	check->sim->linker.text_unread = false;
	put_back(&quick, quick.bench.snapshot);
	(void)!kldsim_snapshot_drop(check->sim, quick.bench.snapshot);
	return (quick.good ? KLDSIM_OK : kldsim__error_set(error,
	    KLDSIM_NOMEM, "no memory"));
}

bool
kldsim__check_is_fine(const struct kldsim_check *check,
    struct kldsim__check_tried *tried)
{
	struct kldsim_check_module *module = &tried->module;
	const struct kldsim__check_quick *noted;

	if (check->quick == NULL || !check->quick[module->index].fine)
		return (false);
	noted = &check->quick[module->index];
	module->answers[KLDSIM_CHECK_KLDLOAD].verdict = KLDSIM_CHECK_OK;
	module->file = noted->file;
	module->linked = noted->linked;
	module->nlinked = noted->nlinked;
	return (true);
}
