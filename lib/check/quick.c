/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * All in one kernel, and each is taken out again, unless it has brought others:
 * these stay with it, for more will need them.  What the kernel takes without a
 * word beside those it takes alone, too.  A lookup asks the files that the module
 * depends on and nobody else (O-60), so that others are of no help to it; but for
 * a dependency that is there already and would not be found by its name.  All of
 * which there is anything to be said are tried alone.
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
	bool good;
};

/* --- whether what it is linked to would be found for it alone --- */

/* The one interface of a file that is called like it; NULL: none is. */
static const char *
own_name(const struct kldsim *sim, int fileid)
{
	struct kldsim_interface interface;
	struct kldsim_filestat stat;
	size_t length;

	if (kldsim_kldstat(sim, fileid, &stat) != KLDSIM_OK ||
	    stat.ninterfaces != 1 || kldsim_file_interface(sim, fileid, 0,
	    &interface) != KLDSIM_OK)
		return (NULL);
	length = strlen(interface.name);
	return (strncmp(stat.name, interface.name, length) == 0 &&
	    strcmp(stat.name + length, ".ko") == 0 ? interface.name : NULL);
}

static bool
are_found_by_name(const struct kldsim *sim, int fileid)
{
	int id, kernel = 0;

	for (size_t i = 0; kldsim_file_dep(sim, fileid, i, &id) == KLDSIM_OK;
	    i++) {
		kernel = i == 0 ? id : kernel;
		if (id != kernel && own_name(sim, id) == NULL)
			return (false);
	}
	return (true);
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
	int next;

	while (kldsim_kldnext(quick->bench.sim, quick->last, &next) ==
	    KLDSIM_OK && next != 0) {
		quick->last = next;
		quick->staying++;
	}
	quick->good = kldsim_snapshot(quick->bench.sim, &quick->snapshot,
	    NULL) == KLDSIM_OK;
}

static void
begin_anew(struct quick *quick)
{
	put_back(quick, quick->bench.snapshot);
	(void)!kldsim_kldnext(quick->bench.sim, 0, &quick->last);
	quick->staying = 0;
	settle(quick);
}

static void
keep(struct quick *quick)
{
	(void)!kldsim_snapshot_drop(quick->bench.sim, quick->snapshot);
	settle(quick);
	if (quick->good && quick->staying > STAY)
		begin_anew(quick);
}

/* Whether the newest file has brought others. */
static bool
has_brought(const struct quick *quick)
{
	int first, second;

	return (kldsim_kldnext(quick->bench.sim, quick->last, &first) ==
	    KLDSIM_OK && first != 0 && kldsim_kldnext(quick->bench.sim, first,
	    &second) == KLDSIM_OK && second != 0);
}

/*
 * Whether who needs a file, which was named, finds that very one.  Under another
 * name nobody is taken to find it.
 */
static bool
is_the_one(struct quick *quick, int fileid)
{
	struct kldsim *sim = quick->bench.sim;
	const char *name = own_name(sim, fileid);
	struct kldsim__open_file file;
	struct kldsim_filestat stat;
	char *path;
	int error;
	bool same;

	if (name == NULL || kldsim_kldstat(sim, fileid, &stat) != KLDSIM_OK)
		return (name == NULL);
	error = kldsim__search_module(sim, name, NULL, &path, &file);
	if (file.path != NULL)
		kldsim__source_close(&file);
	same = error == 0 && path != NULL && strcmp(path, stat.path) == 0;
	kldsim__free(&sim->alloc, path);
	return (same);
}

/* --- one after the other --- */

/* It is there, and would be alone if what it needs were found then, too. */
static void
note(struct quick *quick, size_t index, int fileid)
{
	struct kldsim__check_quick *to = &quick->check->quick[index];
	struct kldsim_check_module module = { .index = index };

	if (!are_found_by_name(quick->bench.sim, fileid))
		return;
	quick->good = kldsim__check_linked(quick->bench.sim, fileid,
	    &quick->check->arena, &module);
	to->fine = true;
	to->linked = module.linked;
	to->nlinked = module.nlinked;
}

static void
load(struct quick *quick, size_t index)
{
	struct kldsim_result result;

	if (kldsim__check_load(&quick->bench,
	    quick->check->entries[index].path, &result, NULL) != KLDSIM_OK)
		return;
	if (!has_talked(quick->bench.sim, &result))
		note(quick, index, result.fileid);
	if (quick->good && quick->check->quick[index].fine &&
	    has_brought(quick) && is_the_one(quick, result.fileid))
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
	    strcmp(stat.path, path) == 0)
		note(quick, index, id);
}

enum kldsim_status
kldsim__check_quick(struct kldsim_check *check, struct kldsim_error *error)
{
	struct quick quick = { .check = check, .good = true };
	enum kldsim_status status = kldsim__check_bench_init(&quick.bench,
	    check, error);

	if (status != KLDSIM_OK)
		return (status);
	check->quick = kldsim__arena_calloc(&check->arena, check->count + 1,
	    sizeof(*check->quick));
	if (check->quick == NULL)
		quick.good = false;
	else
		begin_anew(&quick);
	for (size_t i = 0; i < check->count && quick.good; i++)
		try_one(&quick, i);
	kldsim__check_bench_fini(&quick.bench);
	return (quick.good ? KLDSIM_OK : kldsim__check_fail(error,
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
	module->linked = noted->linked;
	module->nlinked = noted->nlinked;
	return (true);
}
