/* SPDX-License-Identifier: BSD-2-Clause */

/* check --root: the next boot of an installed system, for people and programs. */

#include <kldsim/kldsim.h>

#include "check/check_results.h"
#include "check/check_run.h"

#include <stdlib.h>
#include <string.h>

#include "report/baseline.h"
#include "report/output.h"
#include "report/report_finding.h"
#include "report/report_json.h"
#include "sandbox/sandbox.h"

#define NAME 24    /* columns */

static const char *
way_name(const struct kldsim_next_boot_file *file)
{
	return (file->preload ? "preload" : "kld_list");
}

/*
 * That the kernel has it, too, is what nobody sees before it panics (P-27), and
 * that rc(8) passes it over nobody sees at all (P-31).
 */
static bool
is_told(const struct check_run *run, const struct kldsim_finding *finding,
    const char *name)
{
	return (!finding->refusal && finding->severity == KLDSIM_WARNING &&
	    (strcmp(finding->code, "module-twice") == 0 ||
	    strcmp(finding->code, "kld-skipped") == 0) &&
	    !check_is_known(run, finding, name));
}

/* Whether it is not in, and that is known. */
static bool
is_known(const struct check_run *run,
    const struct kldsim_next_boot_file *file)
{
	const struct kldsim_check_module module = { .path = file->name,
		.answers = { file->answer } };

	return (file->answer.verdict > KLDSIM_CHECK_IN_KERNEL &&
	    !check_counts(run, &module, KLDSIM_CHECK_KLDLOAD));
}

static void
put_told(const struct check_run *run,
    const struct kldsim_next_boot_file *file)
{
	const struct kldsim_check_answer *answer = &file->answer;
	const struct findings all = { .some = answer->findings,
		.count = answer->nfindings };

	for (size_t i = 0; i < answer->nfindings; i++) {
		size_t count;
		char *words;

		if (!is_told(run, &answer->findings[i], file->name))
			continue;
		words = finding_words(&all, i, 1, &count);
		put_line(stdout, "    warning: %s", words);
		free(words);
	}
}

/* One line of what is to be loaded, and why it is not. */
static void
put_file(const struct check_run *run,
    const struct kldsim_next_boot_file *file)
{
	const struct kldsim_check_answer *answer = &file->answer;
	const bool known = is_known(run, file);
	char *reason = known ? need(strdup("")) :
	    check_text_reason(answer, file->name);

	put(stdout, "%-*s  ", NAME, file->name);
	if (file->type == NULL)
		check_text_verdict(run, answer, false);
	else
		put(stdout, "%-17s", "no module");
	put(stdout, "%-10s%s", way_name(file), file->where);
	put_line(stdout, "%s%s%s%s", file->type != NULL ? " (type " : "",
	    file->type != NULL ? file->type : "",
	    file->type != NULL ? ")" : "", known ? "  known" : "");
	if (run->load.verbosity >= VERBOSE)
		check_text_all(way_name(file), answer);
	else if (*reason != '\0')
		put_line(stdout, "    %s", reason);
	if (run->load.verbosity < VERBOSE)
		put_told(run, file);
	free(reason);
}

static bool
is_quiet(const struct check_run *run,
    const struct kldsim_next_boot_file *file)
{
	for (size_t i = 0; i < file->answer.nfindings; i++)
		if (is_told(run, &file->answer.findings[i], file->name))
			return (false);
	return (is_known(run, file) || file->type != NULL ||
	    file->answer.verdict == KLDSIM_CHECK_OK ||
	    file->answer.verdict == KLDSIM_CHECK_IN_KERNEL);
}

static void
put_end(struct kldsim *sim, const size_t totals[KLDSIM_CHECK_VERDICTS])
{
	const char *before = kldsim_is_dead(sim) ? "does not come up: " :
	    "comes up: ";

	for (int verdict = 0; verdict < KLDSIM_CHECK_VERDICTS; verdict++) {
		if (totals[verdict] == 0)
			continue;
		put(stdout, "%s%zu %s", before, totals[verdict],
		    kldsim_check_verdict_name(verdict));
		before = ", ";
	}
	if (*before != ',')
		put(stdout, "%snothing is loaded", before);
	put_line(stdout, "%s", "");
}

static void
text(struct check_run *run, struct kldsim_next_boot *next)
{
	const struct kldsim_next_boot_file *file;
	struct kldsim *sim = kldsim_next_boot_sim(next);
	const char *remark;

	if (run->load.verbosity > QUIET)
		put_line(stdout, "%s, FreeBSD %s, module_path %s",
		    kldsim_next_boot_kernel_path(next),
		    kldsim_release_name(kldsim_osreldate(sim)),
		    kldsim_next_boot_module_path(next));
	for (size_t i = 0; (remark = kldsim_next_boot_remark(next, i)) !=
	    NULL; i++)
		put_line(stdout, "remark: %s", remark);
	if (run->load.verbosity >= VERBOSE || kldsim_is_dead(sim))
		check_text_findings(run, sim);
	for (size_t i = 0; (file = kldsim_next_boot_file_at(next, i)) != NULL;
	    i++)
		if (run->load.verbosity > QUIET || !is_quiet(run, file))
			put_file(run, file);
	put_end(sim, run->totals[0]);
	if (run->baseline != NULL)
		put_line(stdout, "%zu known", baseline_met(run->baseline));
}

static json_t *
json_files(const struct kldsim_next_boot *next)
{
	const struct kldsim_next_boot_file *file;
	json_t *array = json_make("[]");

	for (size_t i = 0; (file = kldsim_next_boot_file_at(next, i)) != NULL;
	    i++)
		json_append(array, json_make("{s:o, s:o, s:s, s:o, s:o}",
		    "name", json_text(file->name),
		    "where", json_text(file->where),
		    "way", way_name(file),
		    "type", json_text(file->type),
		    "answer", file->answer.verdict == KLDSIM_CHECK_NOT_TRIED &&
		    !check_is_skipped(file) ? json_null() :
		    check_json_answer(&file->answer)));
	return (array);
}

json_t *
check_json_boot(const struct check_run *run)
{
	const char *remark;
	json_t *remarks;

	if (run->next == NULL)
		return (json_null());
	remarks = json_make("[]");
	for (size_t i = 0; (remark = kldsim_next_boot_remark(run->next, i)) !=
	    NULL; i++)
		json_append(remarks, json_text(remark));
	return (json_make("{s:b, s:o, s:o}", "comes_up",
	    !kldsim_is_dead(kldsim_next_boot_sim(run->next)),
	    "files", json_files(run->next), "remarks", remarks));
}

/* By precedence, as of `load`. */
static int
verdict(const struct check_run *run, struct kldsim *sim)
{
	const size_t *totals = run->counted;

	if (totals[KLDSIM_CHECK_FAILED] != 0)
		return (STATUS_HOST);
	if (totals[KLDSIM_CHECK_PANIC] != 0 || (kldsim_is_dead(sim) &&
	    run->totals[0][KLDSIM_CHECK_PANIC] == 0))
		return (STATUS_PANIC);
	if (totals[KLDSIM_CHECK_REFUSED] + totals[KLDSIM_CHECK_NO_MODULE] != 0)
		return (STATUS_REFUSED);
	if (!run->load.strict || run->warnings == 0)
		return (STATUS_OK);
	complain("--strict: %zu warning%s", run->warnings,
	    run->warnings == 1 ? "" : "s");
	return (STATUS_REFUSED);
}

static enum kldsim_status
play(struct check_run *run)
{
	struct kldsim_source_options how;
	struct kldsim_source *source;
	enum kldsim_status status;

	kldsim_source_options_init(&how, sizeof(how));
	how.root = run->root;
	how.read_once = true;
	how.limits = run->load.boot.limits;
	run->load.failed = run->root;
	status = sandbox_source(&how, &source, &run->error);
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_next_boot(source, &run->load.boot, &run->next,
	    &run->error);
	kldsim_source_unref(source);
	return (status);
}

/* What of it counts; all that is known has been met then. */
static void
count(struct check_run *run)
{
	const struct kldsim *sim = kldsim_next_boot_sim(run->next);
	const struct kldsim_next_boot_file *file;
	const struct kldsim_finding *f;

	for (size_t i = 0; (file = kldsim_next_boot_file_at(run->next, i)) !=
	    NULL; i++) {
		struct kldsim_check_module module;

		check_results_file(run, i, file, &module);
		if (file->type != NULL)
			continue;
		run->totals[0][file->answer.verdict]++;
		run->counted[file->answer.verdict] += check_counts(run,
		    &module, file->preload ? KLDSIM_CHECK_PRELOAD :
		    KLDSIM_CHECK_KLDLOAD);
	}
	for (size_t i = 0; (f = kldsim_finding_at(sim, i)) != NULL; i++)
		run->warnings += !check_is_known(run, f, "kernel") &&
		    f->severity == KLDSIM_WARNING && !f->refusal;
}

int
check_root(struct check_run *run)
{
	const enum kldsim_status status = play(run);
	int result;

	if (status != KLDSIM_OK) {
		run->failure = complain_of(run->load.failed, &run->error);
		if (run->load.json)
			check_json(run);
		(void)check_results_end(run);
		return (status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
	}
	count(run);
	run->load.kernel = kldsim_next_boot_kernel_path(run->next);
	if (run->load.json)
		check_json(run);
	else
		text(run, run->next);
	result = verdict(run, kldsim_next_boot_sim(run->next));
	if (put_finish(stdout, "standard output") ||
	    check_results_end(run) != STATUS_OK)
		return (STATUS_HOST);
	if (run->html != NULL && check_html_root(run) != STATUS_OK)
		result = STATUS_HOST;
	check_html_end(run);
	return (result);
}
