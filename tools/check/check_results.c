/* SPDX-License-Identifier: BSD-2-Clause */

/* See check_results.h. */

#include "check/check_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/baseline.h"
#include "report/junit.h"
#include "report/output.h"
#include "report/report_finding.h"
#include "report/sarif.h"

static struct kldsim *
kernel_of(const struct check_run *run)
{
	return (run->check != NULL ? kldsim_check_kernel(run->check) :
	    kldsim_next_boot_sim(run->next));
}

/* --- what is known --- */

bool
check_is_known(const struct check_run *run,
    const struct kldsim_finding *finding, const char *path)
{
	return (baseline_has(run->baseline, finding, path));
}

static bool
is_bad(enum kldsim_check_verdict verdict)
{
	return (verdict > KLDSIM_CHECK_IN_KERNEL);
}

/* Whether a finding is why an answer is what it is. */
static bool
is_why(const struct kldsim_check_answer *answer,
    const struct kldsim_finding *finding)
{
	return (answer->verdict == KLDSIM_CHECK_PANIC ?
	    finding->severity == KLDSIM_PANIC : finding->refusal);
}

bool
check_counts(const struct check_run *run,
    const struct kldsim_check_module *module, enum kldsim_check_way way)
{
	const struct kldsim_check_answer *answer = &module->answers[way];
	bool any = false;

	if (!is_bad(answer->verdict) || run->baseline == NULL ||
	    answer->verdict == KLDSIM_CHECK_FAILED)
		return (is_bad(answer->verdict));
	for (size_t i = 0; i < answer->nfindings; i++) {
		const struct kldsim_finding *f = &answer->findings[i];

		if (is_why(answer, f) && !check_is_known(run, f,
		    module->path))
			return (true);
		any = any || is_why(answer, f);
	}
	return (!any);
}

const struct kldsim_finding *
check_reason(const struct check_run *run,
    const struct kldsim_check_module *module, enum kldsim_check_way way)
{
	const struct kldsim_check_answer *answer = &module->answers[way];

	for (size_t i = 0; run->baseline != NULL && i < answer->nfindings; i++)
		if (is_why(answer, &answer->findings[i]) && !check_is_known(
		    run, &answer->findings[i], module->path))
			return (&answer->findings[i]);
	return (answer->reason);
}

bool
check_interface_counts(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answer =
	    &module->answers[KLDSIM_CHECK_KLDLOAD];

	if (run->baseline == NULL)
		return (true);
	if (is_bad(answer->verdict))
		return (check_counts(run, module, KLDSIM_CHECK_KLDLOAD));
	for (size_t i = 0; i < answer->nfindings; i++)
		if (answer->findings[i].severity >= KLDSIM_WARNING &&
		    strncmp(answer->findings[i].code, "kbi-", 4) == 0 &&
		    !check_is_known(run, &answer->findings[i], module->path))
			return (true);
	return (false);
}

/* --- results --- */

/* A finding for all that asked for it. */
static void
take(struct check_run *run, const struct kldsim_finding *finding,
    const char *path, const char *file, const char *way)
{
	const struct sarif_place place = { .path = path, .file = file,
		.way = way,
		.compared = run->baseline != NULL,
		.known = check_is_known(run, finding, path) };

	if (run->sarif != NULL)
		sarif_result(run->sarif, finding, &place);
	if (run->kept != NULL)
		baseline_add(run->kept, finding, path);
}

/* What was said in another way before is not said again. */
static bool
was_said(const struct kldsim_check_module *module, int way,
    const struct kldsim_finding *finding)
{
	for (int before = 0; before < way; before++) {
		const struct kldsim_check_answer *answer =
		    &module->answers[before];

		for (size_t i = 0; i < answer->nfindings; i++)
			if (strcmp(answer->findings[i].text,
			    finding->text) == 0 &&
			    answer->findings[i].offset == finding->offset)
				return (true);
	}
	return (false);
}

static void
take_answer(struct check_run *run, const struct kldsim_check_module *module,
    enum kldsim_check_way way)
{
	const struct kldsim_check_answer *answer = &module->answers[way];

	if (answer->failure != NULL && run->sarif != NULL)
		sarif_failure(run->sarif, module->path,
		    answer->failure->text);
	for (size_t i = 0; i < answer->nfindings; i++) {
		const struct kldsim_finding *f = &answer->findings[i];

		/* That it is compiled in is a success. */
		if (!(f->refusal && answer->verdict ==
		    KLDSIM_CHECK_IN_KERNEL) && !was_said(module, (int)way, f))
			take(run, f, module->path, NULL,
			    check_way_name(way));
	}
}

/* --- JUnit --- */

static char *
words_of(const char *before, const struct kldsim_finding *finding)
{
	const struct findings one = { .some = finding, .count = 1 };
	size_t count, size;
	char *words = finding_words(&one, 0, 1, &count), *text = NULL;
	FILE *out = need(open_memstream(&text, &size));

	(void)fprintf(out, "%s%s", before, words);
	(void)fclose(out);
	free(words);
	return (need(text));
}

static void
begin_case(struct check_run *run, const char *name)
{
	junit_case(run->junit, name, kldsim_release_name(kldsim_osreldate(
	    kernel_of(run))));
}

/* Why an answer is bad, as a line. */
static void
fail_case(struct check_run *run, const struct kldsim_check_module *module,
    enum kldsim_check_way way)
{
	struct kldsim_check_answer answer = module->answers[way];
	const char *verdict = kldsim_check_verdict_name(answer.verdict);
	const bool counts = check_counts(run, module, way);
	char *reason, *line = NULL;
	size_t size;
	FILE *out = need(open_memstream(&line, &size));

	answer.reason = check_reason(run, module, way);
	reason = check_text_reason(&answer, module->path);
	(void)fprintf(out, "%s%s: %s%s%s%s%s", counts ? "" : "known: ",
	    check_way_name(way), verdict, answer.error != 0 ? " " : "",
	    answer.error != 0 ? kldsim_errno_name(answer.error) : "",
	    *reason != '\0' ? ": " : "", reason);
	(void)fclose(out);
	junit_worse(run->junit, module->index, !counts ? JUNIT_SKIPPED :
	    answer.verdict == KLDSIM_CHECK_FAILED ? JUNIT_ERROR :
	    JUNIT_FAILED, verdict, need(line));
	free(line);
	free(reason);
}

/* A warning fails with --strict alone. */
static void
warn_case(struct check_run *run, size_t number, const char *path,
    const char *before, const struct kldsim_finding *finding)
{
	char *line = words_of(before, finding);

	if (run->load.strict && finding->severity == KLDSIM_WARNING &&
	    !finding->refusal && !check_is_known(run, finding, path))
		junit_worse(run->junit, number, JUNIT_FAILED, "warning",
		    line);
	else
		junit_say(run->junit, number, line);
	free(line);
}

static void
take_case(struct check_run *run, const struct kldsim_check_module *module,
    enum kldsim_check_way way)
{
	const struct kldsim_check_answer *answer = &module->answers[way];

	if (is_bad(answer->verdict))
		fail_case(run, module, way);
	for (size_t i = 0; i < answer->nfindings; i++)
		if (answer->findings[i].severity >= KLDSIM_WARNING &&
		    &answer->findings[i] != answer->reason && !was_said(
		    module, (int)way, &answer->findings[i]))
			warn_case(run, module->index, module->path, "",
			    &answer->findings[i]);
	if (way == KLDSIM_CHECK_KLDLOAD && run->nolds != 0 &&
	    module->interface == KLDSIM_KBI_REBUILD)
		junit_worse(run->junit, module->index,
		    check_interface_counts(run, module) ? JUNIT_FAILED :
		    JUNIT_SKIPPED, "rebuild", "it has to be built again: its "
		    "interface has changed");
}

/* --- the whole --- */

bool
check_results_begin(struct check_run *run)
{
	if (run->baseline_file != NULL) {
		run->baseline = baseline_new();
		if (!baseline_read(run->baseline, run->baseline_file))
			return (false);
	}
	if (run->kept_file != NULL)
		run->kept = baseline_new();
	if (run->sarif_file != NULL)
		run->sarif = sarif_new("kldsim check");
	if (run->junit_file != NULL)
		run->junit = junit_new("kldsim check");
	return (true);
}

void
check_results_module(struct check_run *run,
    const struct kldsim_check_module *module)
{
	const bool together = module->answers[KLDSIM_CHECK_TOGETHER].verdict !=
	    KLDSIM_CHECK_NOT_TRIED;

	if (run->junit != NULL && !together)
		begin_case(run, module->name);
	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++) {
		if ((way == KLDSIM_CHECK_TOGETHER) != together)
			continue;
		take_answer(run, module, (enum kldsim_check_way)way);
		if (run->junit != NULL && (!together || module->answers[way].
		    verdict != run->alone[module->index]))
			take_case(run, module, (enum kldsim_check_way)way);
	}
}

bool
check_is_skipped(const struct kldsim_next_boot_file *file)
{
	return (file->answer.verdict == KLDSIM_CHECK_NOT_TRIED &&
	    file->answer.nfindings != 0);
}

void
check_results_file(struct check_run *run, size_t index,
    const struct kldsim_next_boot_file *file,
    struct kldsim_check_module *module_ret)
{
	const enum kldsim_check_way way = file->preload ?
	    KLDSIM_CHECK_PRELOAD : KLDSIM_CHECK_KLDLOAD;

	memset(module_ret, 0, sizeof(*module_ret));
	module_ret->index = index;
	module_ret->name = module_ret->path = file->name;
	module_ret->answers[way] = file->answer;
	if (run->junit == NULL)
		return;
	begin_case(run, file->name);
	take_case(run, module_ret, way);
	if (file->answer.verdict == KLDSIM_CHECK_NOT_TRIED)
		junit_worse(run->junit, index, JUNIT_SKIPPED, "not tried",
		    file->type != NULL ? "it is no module" :
		    check_is_skipped(file) ? file->answer.findings[0].text :
		    "not tried");
}

/* In the next boot it is why a file is in the kernel, which is a success. */
static bool
is_success(const struct check_run *run, const struct kldsim_finding *finding)
{
	const struct kldsim_next_boot_file *file;

	for (size_t i = 0; run->next != NULL && (file =
	    kldsim_next_boot_file_at(run->next, i)) != NULL; i++)
		if (file->answer.verdict == KLDSIM_CHECK_IN_KERNEL &&
		    finding->refusal && file->answer.reason != NULL &&
		    strcmp(file->answer.reason->text, finding->text) == 0)
			return (true);
	return (false);
}

/* What the kernel says by itself, or all of the next boot. */
static void
take_kernel(struct check_run *run)
{
	const struct kldsim *sim = kernel_of(run);
	const struct kldsim_finding *f;

	for (size_t i = 0; (f = kldsim_finding_at(sim, i)) != NULL; i++)
		if (!is_success(run, f))
			take(run, f, "kernel", run->load.kernel, NULL);
}

/* What modules are guilty of together. */
static void
take_guilt(struct check_run *run)
{
	const struct kldsim_check_guilt *guilt;

	for (size_t i = 0; (guilt = kldsim_check_guilt_at(run->check, i)) !=
	    NULL; i++) {
		if (guilt->told)
			continue;
		take(run, &guilt->finding, guilt->path, NULL, NULL);
		if (run->junit != NULL && guilt->module < run->told)
			warn_case(run, guilt->module, guilt->path, "",
			    &guilt->finding);
	}
}

int
check_results_end(struct check_run *run)
{
	int status = STATUS_OK;

	if (run->check != NULL || run->next != NULL)
		take_kernel(run);
	if (run->check != NULL)
		take_guilt(run);
	if (run->failure != NULL && run->sarif != NULL)
		sarif_failure(run->sarif, run->load.failed, run->failure);
	if (run->sarif != NULL)
		status = sarif_write(run->sarif, run->sarif_file);
	if (run->junit != NULL && status == STATUS_OK)
		status = junit_write(run->junit, run->junit_file);
	/* What was not tried would be forgotten. */
	if (run->kept != NULL && status == STATUS_OK && !run->interrupted &&
	    run->failure == NULL)
		status = baseline_write(run->kept, run->kept_file);
	return (status);
}

void
check_results_free(struct check_run *run)
{
	sarif_free(run->sarif);
	junit_free(run->junit);
	baseline_free(run->baseline);
	baseline_free(run->kept);
}
