/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One load of all in the place of one for each: what the kernel takes without a
 * word beside others it takes alone, too.  A lookup asks the files that the module
 * depends on and nobody else (O-60), so that others are of no help to it; but for
 * a dependency that is there already and would not be found by its name.  All of
 * which there is anything to be said are tried alone.
 */

#include "check/check.h"

#include <string.h>

#include <kldsim/snapshot.h>

#include "util/path.h"

/*
 * After so many the kernel is put back, or there would be no end of its size.
 * What modules depend on is then loaded again; but where many files are loaded,
 * more are looked through for each dependency.
 */
#define BATCH 64u

struct quick {
	struct kldsim_check *check;
	struct kldsim__check_bench bench;
	int kernel;
	int last;          /* of the files: the newest so far */
	bool *talked;      /* by file id: something was said when it was loaded */
	size_t ntalked;
	bool good;
};

/* --- whether what it is linked to would be found for it alone --- */

/* The file has one interface, and is called like it. */
static bool
is_found_by_name(const struct kldsim *sim, int fileid)
{
	struct kldsim_interface interface;
	struct kldsim_filestat stat;
	size_t length;

	if (kldsim_kldstat(sim, fileid, &stat) != KLDSIM_OK ||
	    stat.ninterfaces != 1 || kldsim_file_interface(sim, fileid, 0,
	    &interface) != KLDSIM_OK)
		return (false);
	length = strlen(interface.name);
	return (strncmp(stat.name, interface.name, length) == 0 &&
	    strcmp(stat.name + length, ".ko") == 0);
}

static bool
is_fine(const struct quick *quick, int fileid)
{
	const struct kldsim *sim = quick->bench.sim;
	int id, kernel = 0;

	if ((size_t)fileid >= quick->ntalked || quick->talked[fileid])
		return (false);
	for (size_t i = 0; kldsim_file_dep(sim, fileid, i, &id) == KLDSIM_OK;
	    i++) {
		kernel = i == 0 ? id : kernel;
		if (id != kernel && !is_found_by_name(sim, id))
			return (false);
	}
	return (true);
}

/* --- one after the other --- */

static bool
note_files(struct quick *quick, bool talked)
{
	int id = quick->last, next;

	while (kldsim_kldnext(quick->bench.sim, id, &next) == KLDSIM_OK &&
	    next != 0) {
		const size_t wanted = (size_t)next + 1;
		const size_t before = quick->ntalked;
		size_t cap = before;

		if (wanted > before) {
			if (!kldsim__grow(&quick->check->alloc,
			    &quick->talked, &cap, wanted,
			    sizeof(*quick->talked)))
				return (false);
			memset(quick->talked + before, 1, cap - before);
			quick->ntalked = cap;
		}
		quick->talked[next] = talked;
		id = next;
	}
	quick->last = id;
	return (true);
}

static void
put_back(struct quick *quick)
{
	quick->good = kldsim_restore(quick->bench.sim,
	    quick->bench.snapshot) == KLDSIM_OK;
	quick->last = quick->kernel;
}

/* More than a note. */
static bool
has_talked(const struct kldsim *sim, const struct kldsim_result *result)
{
	bool talked = result->error != 0 || result->nconsole != 0;

	for (size_t i = 0; i < result->nfindings && !talked; i++)
		talked = kldsim_finding_at(sim, result->first_finding +
		    i)->severity != KLDSIM_NOTE;
	return (talked);
}

/* The id of the file, there already or loaded now; 0: it is not there. */
static int
load(struct quick *quick, const char *path)
{
	struct kldsim *sim = quick->bench.sim;
	struct kldsim_result result;
	struct kldsim_filestat stat;
	int id;

	if (kldsim_kldfind(sim, kldsim__basename(path), &id) == KLDSIM_OK)
		return (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
		    strcmp(stat.path, path) == 0 ? id : 0);
	if (kldsim__check_load(&quick->bench, path, &result, NULL) !=
	    KLDSIM_OK)
		return (0);
	if (result.panicked || kldsim_is_dead(sim)) {
		put_back(quick);
		return (0);
	}
	quick->good = note_files(quick, has_talked(sim, &result));
	return (result.error == 0 ? result.fileid : 0);
}

static void
try_one(struct quick *quick, size_t index)
{
	struct kldsim__check_quick *to = &quick->check->quick[index];
	struct kldsim_check_module module = { .index = index };
	const int id = load(quick, quick->check->entries[index].path);

	if (!quick->good || id == 0 || !is_fine(quick, id))
		return;
	quick->good = kldsim__check_linked(quick->bench.sim, id,
	    &quick->check->arena, &module);
	to->fine = true;
	to->linked = module.linked;
	to->nlinked = module.nlinked;
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
	quick.good = check->quick != NULL && kldsim_kldnext(quick.bench.sim, 0,
	    &quick.kernel) == KLDSIM_OK;
	quick.last = quick.kernel;
	for (size_t i = 0; i < check->count && quick.good; i++) {
		if (i % BATCH == 0)
			put_back(&quick);
		if (quick.good)
			try_one(&quick, i);
	}
	kldsim__check_bench_fini(&quick.bench);
	kldsim__free(&check->alloc, quick.talked);
	return (quick.good ? KLDSIM_OK : kldsim__check_fail(error,
	    KLDSIM_NOMEM, "no memory"));
}
