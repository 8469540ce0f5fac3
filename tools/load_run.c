/* SPDX-License-Identifier: BSD-2-Clause */

/* Booting a kernel and loading modules, for the commands that begin so. */

#include <stdlib.h>
#include <string.h>

#include "cmd_load.h"
#include "command.h"
#include "path.h"
#include "report/output.h"
#include "report/report_finding.h"

/* Is there a panic among the findings from first on? */
static bool
found_panic(const struct kldsim *sim, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (kldsim_finding_at(sim, i)->severity == KLDSIM_PANIC)
			return (true);
	return (false);
}

int
load_run_boot(struct load_run *run)
{
	const enum kldsim_status status = load_options_boot(run->options,
	    &run->image, &run->sim, &run->error);

	if (run->image != NULL)
		kldsim_image_info(run->image, &run->info);
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	run->failure = complain_of(run->options->failed, &run->error);
	return (status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
}

static enum outcome
judge(const struct kldsim *sim, const struct kldsim_result *result)
{
	if (result->panicked ||
	    found_panic(sim, result->first_finding, result->nfindings))
		return (OUTCOME_PANIC);
	return (result->error != 0 ? OUTCOME_REFUSED : OUTCOME_LOADED);
}

/* A file if it has a slash or is there; else what kldload(2) takes. */
static enum kldsim_status
kldload(struct load_run *run, struct attempt *attempt, const char *path)
{
	return ((load_options_is_file(run->options, path) ?
	    kldsim_kldload_path : kldsim_kldload)(run->sim, path,
	    &attempt->result, &attempt->error));
}

/* Try one MODULE; gives whether the next can be tried. */
static bool
try_module(struct load_run *run, struct attempt *attempt, const char *path)
{
	if (kldload(run, attempt, path) != KLDSIM_OK) {
		attempt->outcome = OUTCOME_FAILED;
		attempt->failure = complain_of(attempt->name, &attempt->error);
		return (false);
	}
	attempt->outcome = judge(run->sim, &attempt->result);
	return (attempt->outcome != OUTCOME_PANIC);
}

/* Preloaded modules were linked at boot; ask what became of each. */
static void
take_preload(struct load_run *run, size_t index)
{
	struct attempt *attempt = &run->attempts[index];

	if (kldsim_preload_result(run->sim, index, &attempt->result) !=
	    KLDSIM_OK)
		return;
	if (attempt->result.panicked)
		attempt->outcome = OUTCOME_PANIC;
	else if (!kldsim_is_dead(run->sim))
		attempt->outcome = attempt->result.error != 0 ?
		    OUTCOME_REFUSED : OUTCOME_LOADED;
}

static void
load(struct load_run *run)
{
	size_t count = run->options->nmodules;
	bool go_on = !kldsim_is_dead(run->sim);

	run->attempts = need(calloc(count + 1, sizeof(*run->attempts)));
	for (size_t i = 0; i < count; i++) {
		run->attempts[i].name = run->options->modules[i];
		if (run->options->preload)
			take_preload(run, i);
		else if (go_on)
			go_on = try_module(run, &run->attempts[i],
			    run->options->paths[i]);
	}
}

/* Whether a MODULE is in that file, by a name with .ko or without. */
static bool
is_in(const char *module, const char *file)
{
	const char *name = path_name(module);
	const size_t length = strlen(name);

	return (strncmp(name, file, length) == 0 && (file[length] == '\0' ||
	    strcmp(file + length, ".ko") == 0));
}

/* That it was not loaded has been said. */
static bool
is_missing(const struct load_run *run, const char *file)
{
	for (size_t i = 0; i < run->options->nmodules; i++)
		if (run->attempts[i].outcome != OUTCOME_LOADED &&
		    is_in(run->options->modules[i], file))
			return (true);
	return (false);
}

/* By its whole name, and not by one to which kldfind(2) adds the .ko. */
static bool
is_loaded(const struct kldsim *sim, const char *file)
{
	struct kldsim_filestat stat;
	int id;

	return (kldsim_kldfind(sim, file, &id) == KLDSIM_OK &&
	    (kldsim_kldstat(sim, id, &stat) != KLDSIM_OK ||
	    strlen(stat.name) != strlen(file) + 3 || !is_in(file, stat.name)));
}

/* An address for a file that nobody has loaded is a slip most of the time. */
static void
check_placements(struct load_run *run, const char *option,
    const struct kldsim_placement *placements, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *file = placements[i].file;

		if (!is_missing(run, file) && !is_loaded(run->sim, file))
			complain("option --%s: no file %s was loaded", option,
			    file);
	}
}

void
load_run_modules(struct load_run *run)
{
	const struct kldsim_options *boot = &run->options->boot;

	load_options_check_boot(run->options, run->sim);
	load(run);
	check_placements(run, "at", boot->placements, boot->nplacements);
	check_placements(run, "this-linker-file", boot->linker_files,
	    boot->nlinker_files);
	load_options_check_files(run->options, run->sim);
}

static bool
any(const struct load_run *run, enum outcome outcome)
{
	for (size_t i = 0; i < run->options->nmodules; i++)
		if (run->attempts[i].outcome == outcome)
			return (true);
	return (false);
}

/* With --strict: whoever wants a script to stop has to see why. */
static int
judge_strictly(const struct load_run *run)
{
	size_t count = count_warnings(run->sim, 0);

	if (count == 0)
		return (STATUS_OK);
	complain("--strict: %zu warning%s", count, count == 1 ? "" : "s");
	return (STATUS_REFUSED);
}

int
load_run_verdict(const struct load_run *run)
{
	if (any(run, OUTCOME_FAILED))
		return (STATUS_HOST);
	if (any(run, OUTCOME_PANIC) || kldsim_is_dead(run->sim) ||
	    found_panic(run->sim, 0, kldsim_finding_count(run->sim)))
		return (STATUS_PANIC);
	if (any(run, OUTCOME_REFUSED))
		return (STATUS_REFUSED);
	return (run->options->strict ? judge_strictly(run) : STATUS_OK);
}

void
load_run_free(struct load_run *run)
{
	free(run->attempts);
	kldsim_destroy(run->sim);
	kldsim_image_unref(run->image);
}
