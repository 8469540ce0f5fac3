/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * One module in a kernel.  kldload(2) finds one that is put back after each; the
 * boot loader needs a boot for each, which costs little where the image has
 * been read.
 */

#include "check/guilt.h"

#include <string.h>

#include <kldsim/kbi.h>
#include <kldsim/snapshot.h>
#include <kldsim/source.h>

#include "util/path.h"

enum kldsim_status
kldsim__check_bench_init(struct kldsim__check_bench *bench,
    const struct kldsim_check *check, struct kldsim_error *error)
{
	enum kldsim_status status = kldsim_boot(check->image, &check->boot,
	    &bench->sim, error);

	bench->check = check;
	bench->kbis = NULL;
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_snapshot(bench->sim, &bench->snapshot, error);
	if (status != KLDSIM_OK)
		kldsim__check_bench_fini(bench);
	return (status);
}

void
kldsim__check_bench_fini(struct kldsim__check_bench *bench)
{
	kldsim__check_interface_fini(bench);
	kldsim_destroy(bench->sim);
	bench->sim = NULL;
}

bool
kldsim__check_linked(const struct kldsim *sim, int fileid,
    struct kldsim__arena *arena, struct kldsim_check_module *module)
{
	struct kldsim_filestat stat;
	const char **linked;
	int kernel, id;

	if (kldsim_kldstat(sim, fileid, &stat) != KLDSIM_OK)
		return (true);
	module->file = strcmp(stat.path, module->path) == 0 ? module->path :
	    kldsim__arena_strdup(arena, stat.path);
	if (module->file == NULL)
		return (false);
	if (kldsim_file_dep(sim, fileid, 0, &kernel) != KLDSIM_OK)
		return (true);
	linked = kldsim__arena_calloc(arena, stat.ndeps, sizeof(*linked));
	module->linked = linked;
	for (size_t i = 1; linked != NULL && kldsim_file_dep(sim, fileid, i,
	    &id) == KLDSIM_OK; i++) {
		bool met = id == kernel || kldsim_kldstat(sim, id, &stat) !=
		    KLDSIM_OK;
		const size_t n = module->nlinked;

		for (size_t j = 0; j < n && !met; j++)
			met = strcmp(linked[j], stat.path) == 0;
		if (!met && (linked[n] = kldsim__arena_strdup(arena,
		    stat.path)) == NULL)
			return (false);
		module->nlinked += !met;
	}
	return (linked != NULL);
}

enum kldsim_status
kldsim__check_load(struct kldsim__check_bench *bench, const char *path,
    struct kldsim_result *result, struct kldsim_error *error)
{
	struct kldsim_source_file file;
	const bool is_file = strchr(path, '/') != NULL || kldsim_source_stat(
	    bench->check->source, path, &file, NULL) == KLDSIM_OK;

	return ((is_file ? kldsim_kldload_path : kldsim_kldload)(bench->sim,
	    path, result, error));
}

/* *fileid_ret is 0 if it was not loaded. */
static bool
kldload(struct kldsim__check_bench *bench, struct kldsim__arena *arena,
    struct kldsim_check_module *module,
    struct kldsim_check_answer *answer_ret, int *fileid_ret)
{
	const struct kldsim__check_asked asked = {
		.source = bench->check->source, .path = module->path };
	struct kldsim_result result;
	struct kldsim_error error;

	*fileid_ret = 0;
	if (kldsim__check_load(bench, module->path, &result, &error) !=
	    KLDSIM_OK)
		return (kldsim__check_failure(&error, arena, answer_ret));
	if (!kldsim__check_linked(bench->sim, result.fileid, arena, module))
		return (false);
	if (kldsim__check_interface(bench, module, &result, &error) !=
	    KLDSIM_OK)
		return (kldsim__check_failure(&error, arena, answer_ret));
	if (result.error == 0 && !result.panicked)
		*fileid_ret = result.fileid;
	if (!kldsim__check_answer(&asked, bench->sim, &result, arena,
	    answer_ret))
		return (false);
	/* What is compiled in is refused, and nothing is wrong with it. */
	if (answer_ret->verdict > KLDSIM_CHECK_IN_KERNEL)
		module->interface = KLDSIM_KBI_WILL_NOT_LOAD;
	return (true);
}

/* What there is to say of it besides, while the kernel has it. */
static bool
kldload_alone(struct kldsim__check_bench *bench, struct kldsim__arena *arena,
    struct kldsim__check_tried *tried)
{
	int fileid;

	return (kldload(bench, arena, &tried->module,
	    &tried->module.answers[KLDSIM_CHECK_KLDLOAD], &fileid) &&
	    kldsim__check_sets(bench, fileid, arena, tried) &&
	    (fileid == 0 || kldsim__check_leaks(bench, fileid, arena,
	    tried)));
}

static bool
preload(struct kldsim__check_bench *bench, const char *path,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	const struct kldsim_check *check = bench->check;
	const struct kldsim_preload file = { .path = path };
	const struct kldsim__check_asked asked = { .source = check->source,
		.path = path, .bare = check->sim, .nfindings =
		check->nfindings, .nconsole = check->nconsole };
	struct kldsim_options options = check->boot;
	struct kldsim_result result;
	struct kldsim_error error;
	struct kldsim *sim;
	bool good;

	options.preloads = &file;
	options.npreloads = 1;
	options.preload_dependencies = true;
	if (kldsim_boot(check->image, &options, &sim, &error) != KLDSIM_OK)
		return (kldsim__check_failure(&error, arena, answer_ret));
	good = kldsim_preload_result(sim, 0, &result) == KLDSIM_OK &&
	    kldsim__check_answer(&asked, sim, &result, arena, answer_ret);
	kldsim_destroy(sim);
	return (good);
}

bool
kldsim__check_alone(struct kldsim__check_bench *bench,
    struct kldsim__arena *arena, struct kldsim__check_tried *tried)
{
	const unsigned ways = bench->check->options.ways;
	struct kldsim_check_module *module = &tried->module;
	bool good = true;

	if ((ways & 1u << KLDSIM_CHECK_KLDLOAD) != 0) {
		good = kldload_alone(bench, arena, tried);
		/* It is there, and needs no memory. */
		(void)!kldsim_restore(bench->sim, bench->snapshot);
	}
	if (good && (ways & 1u << KLDSIM_CHECK_PRELOAD) != 0)
		good = preload(bench, module->path, arena,
		    &module->answers[KLDSIM_CHECK_PRELOAD]);
	return (good);
}

/* Whether one before it needed this very file. */
static bool
is_there(struct kldsim *sim, const char *path)
{
	struct kldsim_filestat stat;
	int id;

	return (kldsim_kldfind(sim, kldsim__basename(path), &id) ==
	    KLDSIM_OK && kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
	    stat.linked && strcmp(stat.path, path) == 0);
}

bool
kldsim__check_together(struct kldsim__check_bench *bench,
    struct kldsim__arena *arena, struct kldsim_check_module *module)
{
	struct kldsim_check_answer *answer =
	    &module->answers[KLDSIM_CHECK_TOGETHER];
	uint64_t snapshot;
	int fileid;
	bool good;

	if (is_there(bench->sim, module->path)) {
		answer->verdict = KLDSIM_CHECK_OK;
		return (true);
	}
	if (kldsim_snapshot(bench->sim, &snapshot, NULL) != KLDSIM_OK)
		return (false);
	good = kldload(bench, arena, module, answer, &fileid);
	if (kldsim_is_dead(bench->sim))
		(void)!kldsim_restore(bench->sim, snapshot);
	(void)!kldsim_snapshot_drop(bench->sim, snapshot);
	return (good);
}
