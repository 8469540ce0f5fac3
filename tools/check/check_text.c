/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The report for people: one line a module, with a verdict for each way and an
 * errno; below it why, if it is refused; then what is otherwise together, and
 * how many of each there are.
 */

#include "check/check_results.h"
#include "check/check_run.h"

#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "report/baseline.h"
#include "report/output.h"
#include "report/report_finding.h"

#define NAME_MIN 16 /* columns */
#define NAME_MAX 36
#define VERDICT 17  /* "refused ENOEXEC" */
#define PLACES 4    /* of findings that say the same */

static const char *const colors[KLDSIM_CHECK_VERDICTS] = {
	[KLDSIM_CHECK_NOT_TRIED] = "\033[2m",
	[KLDSIM_CHECK_OK] = "\033[32m",
	[KLDSIM_CHECK_IN_KERNEL] = "\033[2m",
	[KLDSIM_CHECK_REFUSED] = "\033[31m",
	[KLDSIM_CHECK_PANIC] = "\033[1;31m",
	[KLDSIM_CHECK_NO_MODULE] = "\033[33m",
	[KLDSIM_CHECK_FAILED] = "\033[31m",
};

int
check_text_width(const struct check_run *run)
{
	size_t width = NAME_MIN;

	for (size_t i = 0; i < kldsim_check_count(run->check); i++) {
		const size_t length = strlen(kldsim_check_name(run->check, i));

		if (length > width)
			width = length;
	}
	return (width > NAME_MAX ? NAME_MAX : (int)width);
}

void
check_text_verdict(const struct check_run *run,
    const struct kldsim_check_answer *answer, bool last)
{
	const char *name = kldsim_check_verdict_name(answer->verdict);
	const bool says = answer->error != 0 &&
	    answer->verdict != KLDSIM_CHECK_IN_KERNEL;
	const char *error = says ? kldsim_errno_name(answer->error) : "";
	const int used = (int)(strlen(name) + says + strlen(error));

	if (run->load.color)
		fputs(colors[answer->verdict], stdout);
	put(stdout, "%s", name);
	if (run->load.color)
		fputs("\033[0m", stdout);
	put(stdout, "%s%s", says ? " " : "", error);
	if (!last)
		put(stdout, "%*s", used < VERDICT ? VERDICT - used : 1, "");
}

/* --- why --- */

/* The words of a finding without the name of the module that they are of. */
static char *
own_words(const struct kldsim_finding *finding, const char *path, bool code)
{
	const struct findings one = { .some = finding, .count = 1 };
	const char *name = path_name(path);
	const size_t length = strlen(name);
	size_t count, skip = 0;
	char *words = (code ? finding_words : finding_sentence)(&one, 0, 1,
	    &count);

	if (strncmp(words, name, length) == 0 && words[length] == ':')
		skip = length + 2;
	else if (strncmp(words, name, length) == 0 && words[length] == ' ')
		skip = length + 1;
	memmove(words, words + skip, strlen(words + skip) + 1);
	return (words);
}

static char *
reason(const struct kldsim_check_answer *answer, const char *path, bool code)
{
	if (answer->verdict == KLDSIM_CHECK_FAILED)
		return (need(strdup(answer->failure->text)));
	if (answer->verdict <= KLDSIM_CHECK_IN_KERNEL ||
	    answer->reason == NULL)
		return (need(strdup("")));
	return (own_words(answer->reason, path, code));
}

char *
check_text_reason(const struct kldsim_check_answer *answer, const char *path)
{
	return (reason(answer, path, true));
}

char *
check_text_sentence(const struct kldsim_check_answer *answer, const char *path)
{
	return (reason(answer, path, false));
}

/* Nothing of what is known. */
static char *
new_reason(const struct check_run *run,
    const struct kldsim_check_module *module, enum kldsim_check_way way)
{
	struct kldsim_check_answer answer = module->answers[way];

	if (!check_counts(run, module, way))
		return (need(strdup("")));
	answer.reason = check_reason(run, module, way);
	return (check_text_reason(&answer, module->path));
}

/* Below its line why a module is not in, once if both ways have one reason. */
static void
put_reasons(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	char *reasons[2];
	bool same;

	for (int way = 0; way < 2; way++)
		reasons[way] = new_reason(run, module,
		    (enum kldsim_check_way)way);
	same = strcmp(reasons[0], reasons[1]) == 0;
	if (same && *reasons[0] != '\0')
		put_line(stdout, "    %s", reasons[0]);
	for (int way = 0; way < 2; way++) {
		if (!same && *reasons[way] != '\0')
			put_line(stdout, "    %s: %s", check_way_name(way),
			    reasons[way]);
		free(reasons[way]);
	}
}

void
check_text_all(const char *way, const struct kldsim_check_answer *answer)
{
	const struct findings all = { .some = answer->findings,
		.count = answer->nfindings };
	size_t count;

	for (size_t i = 0; i < answer->nconsole; i++)
		put_line(stdout, "    %s console: %s", way,
		    answer->console[i]);
	for (size_t i = 0; i < answer->nfindings; i += count) {
		char *words = finding_words(&all, i, SIZE_MAX, &count);

		put_line(stdout, "    %s %s: %s", way,
		    kldsim_severity_name(answer->findings[i].severity), words);
		free(words);
	}
}

/* --- the lines --- */

/* Whether there is nothing that a person has to see. */
static bool
is_quiet(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++)
		if (check_counts(run, module, (enum kldsim_check_way)way))
			return (false);
	return (!run->load.strict || check_new_warnings(run, module) == 0);
}

static void
put_name(const struct check_run *run, const char *name)
{
	put(stdout, "%-*s  ", run->name_width, name);
}

/* Whether it is not in, and that is known. */
static bool
is_known(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	bool bad = false;

	for (int way = 0; way < KLDSIM_CHECK_TOGETHER; way++) {
		if (check_counts(run, module, (enum kldsim_check_way)way))
			return (false);
		bad = bad || module->answers[way].verdict >
		    KLDSIM_CHECK_IN_KERNEL;
	}
	return (bad);
}

static void
put_alone(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answers = module->answers;
	const size_t warnings = check_new_warnings(run, module);
	const bool known = is_known(run, module);

	put_name(run, module->name);
	check_text_verdict(run, &answers[KLDSIM_CHECK_KLDLOAD], false);
	check_text_verdict(run, &answers[KLDSIM_CHECK_PRELOAD],
	    warnings == 0 && !known);
	put(stdout, "%s%s", known ? "known" : "", known && warnings != 0 ?
	    ", " : "");
	if (warnings != 0)
		put(stdout, "%zu warning%s", warnings,
		    warnings == 1 ? "" : "s");
	put_line(stdout, "%s", "");
	if (run->load.verbosity >= VERBOSE) {
		check_text_all("kldload", &answers[KLDSIM_CHECK_KLDLOAD]);
		check_text_all("preload", &answers[KLDSIM_CHECK_PRELOAD]);
	} else
		put_reasons(run, module);
	if (run->nolds != 0)
		put_line(stdout, "    %s", kldsim_kbi_verdict_name(
		    module->interface));
}

static void
put_together(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answer =
	    &module->answers[KLDSIM_CHECK_TOGETHER];
	char *reason = new_reason(run, module, KLDSIM_CHECK_TOGETHER);

	if (run->ndiffer == 1) {
		put_line(stdout, "%s", "");
		put_line(stdout, "all in one kernel, in this order; other "
		    "than alone:");
	}
	put_name(run, module->name);
	check_text_verdict(run, answer, true);
	put_line(stdout, "%s", "");
	if (run->load.verbosity >= VERBOSE)
		check_text_all("together", answer);
	else if (*reason != '\0')
		put_line(stdout, "    %s", reason);
	free(reason);
}

void
check_text_findings(const struct check_run *run, struct kldsim *sim)
{
	const struct findings all = { .sim = sim };
	const struct kldsim_finding *f;
	size_t count;

	for (size_t i = 0; (f = kldsim_finding_at(sim, i)) != NULL;
	    i += count) {
		char *words = finding_words(&all, i, PLACES, &count);

		if ((run->load.verbosity > QUIET ||
		    f->severity >= KLDSIM_WARNING) &&
		    !check_is_known(run, f, "kernel"))
			put_line(stdout, "%s: %s",
			    kldsim_severity_name(f->severity), words);
		free(words);
	}
}

void
check_text_begin(const struct check_run *run)
{
	if (run->load.verbosity >= VERBOSE)
		put_line(stdout, "module path: %s",
		    kldsim_check_module_path(run->check));
	check_text_findings(run, kldsim_check_kernel(run->check));
	if (run->load.verbosity > QUIET)
		put_line(stdout, "%-*s  %-*s%s", run->name_width, "module",
		    VERDICT, "kldload", "preload");
}

void
check_text_module(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	const bool together = module->answers[KLDSIM_CHECK_TOGETHER].verdict !=
	    KLDSIM_CHECK_NOT_TRIED;

	if (together ? module->answers[KLDSIM_CHECK_TOGETHER].verdict ==
	    run->alone[module->index] : run->load.verbosity <= QUIET &&
	    is_quiet(run, module))
		return;
	check_watch_clear();
	(together ? put_together : put_alone)(run, module);
}

/* "kldload   33 ok, 11 refused" */
static void
put_totals(const struct check_run *run, enum kldsim_check_way way)
{
	const char *before = "";

	put(stdout, "  %-10s", check_way_name(way));
	for (int verdict = KLDSIM_CHECK_OK; verdict < KLDSIM_CHECK_VERDICTS;
	    verdict++) {
		const size_t count = run->totals[way][verdict];

		if (count == 0)
			continue;
		put(stdout, "%s%zu %s", before, count,
		    kldsim_check_verdict_name(verdict));
		before = ", ";
	}
	put_line(stdout, "%s", *before == '\0' ? "none tried" : "");
}

/* "against    2 rebuild, 1 no difference found" (I-82) */
static void
put_interface(const struct check_run *run)
{
	const char *before = "";

	put(stdout, "  %-10s", "against");
	for (int v = CHECK_INTERFACES - 1; v >= 0; v--) {
		if (run->interfaces[v] == 0)
			continue;
		put(stdout, "%s%zu %s", before, run->interfaces[v],
		    kldsim_kbi_verdict_name((enum kldsim_kbi_verdict)v));
		before = ", ";
	}
	put_line(stdout, "%s", "");
}

void
check_text_end(struct check_run *run)
{
	const size_t count = kldsim_check_count(run->check);

	check_guilt_text(run);
	if (run->show_sets)
		check_sets_text(run);
	if (run->load.verbosity > QUIET)
		put_line(stdout, "%s", "");
	put(stdout, "%zu module%s", count, count == 1 ? "" : "s");
	if (run->warnings != 0)
		put(stdout, ", %zu warning%s", run->warnings,
		    run->warnings == 1 ? "" : "s");
	put_line(stdout, "%s", "");
	if (run->baseline != NULL)
		put_line(stdout, "%zu known", baseline_met(run->baseline));
	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++)
		if (check_has_way(run, way))
			put_totals(run, way);
	if (run->nolds != 0)
		put_interface(run);
}
