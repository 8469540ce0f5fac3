/* SPDX-License-Identifier: BSD-2-Clause */

/* The report as a page: what was told of each module, and a kernel for its maps. */

#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>

#include "check/check_results.h"
#include "check/check_run.h"
#include "html/html.h"
#include "html/page.h"
#include "report/names.h"
#include "report/output.h"
#include "report/report_finding.h"

/* The interface has its column behind the ways. */
#define INTERFACE KLDSIM_CHECK_WAYS

void
check_html_begin(struct check_run *run)
{
	run->page = need(calloc(1, sizeof(*run->page)));
	page_init(run->page, "check");
}

/* --- a module --- */

static void
say(struct page *page, const char *way,
    const struct kldsim_check_answer *answer,
    const struct kldsim_check_answer *before)
{
	struct page_said said = { .way = way,
		.verdict = kldsim_check_verdict_name(answer->verdict),
		.error = answer->error,
		.console = answer->console, .nconsole = answer->nconsole,
		.findings = answer->findings, .nfindings = answer->nfindings };

	if (before != NULL) {
		said.before = before->findings;
		said.nbefore = before->nfindings;
	}
	if (answer->failure != NULL)
		said.failure = answer->failure->text;
	page_say(page, &said);
}

/* Why a module is not in becomes one thing to be seen. */
static void
mark(struct page *page, const struct kldsim_check_answer *answer,
    const char *path)
{
	const char *verdict = kldsim_check_verdict_name(answer->verdict);

	if (page_is_bad(verdict))
		page_mark(page, verdict, answer->reason != NULL ?
		    answer->reason->code : NULL,
		    check_text_sentence(answer, path));
}

/* One answer of a module, whose earlier one may have said the same. */
static void
put_answer(struct page *page, const char *way, size_t column,
    const struct kldsim_check_answer *answer,
    const struct kldsim_check_answer *before, const char *path)
{
	struct page_row *row = &page->rows[page->at];

	row->verdicts[column] = kldsim_check_verdict_name(answer->verdict);
	row->errors[column] = answer->verdict == KLDSIM_CHECK_IN_KERNEL ? 0 :
	    answer->error;
	say(page, way, answer, before);
	if (before == NULL || !page_is_bad(
	    kldsim_check_verdict_name(before->verdict)))
		mark(page, answer, path);
}

/* A module that has to be rebuilt: what differs that a person can look up. */
static void
mark_rebuild(struct page *page, const struct kldsim_check_answer *answer)
{
	const struct findings all = { .some = answer->findings,
		.count = answer->nfindings };
	size_t at = 0, count;

	while (at < answer->nfindings &&
	    (answer->findings[at].severity == KLDSIM_NOTE ||
	    strncmp(answer->findings[at].code, "kbi-", 4) != 0))
		at++;
	if (at == answer->nfindings)
		page_mark(page, kldsim_kbi_verdict_name(KLDSIM_KBI_REBUILD),
		    NULL, need(strdup("its interface has changed")));
	else
		page_mark(page, kldsim_kbi_verdict_name(KLDSIM_KBI_REBUILD),
		    answer->findings[at].code,
		    finding_sentence(&all, at, 1, &count));
}

static void
take_alone(struct check_run *run, const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *first =
	    &module->answers[KLDSIM_CHECK_KLDLOAD];
	struct page_row *row = page_row(run->page, module->name,
	    module->path);

	row->loads = first->verdict == KLDSIM_CHECK_OK;
	row->warnings = check_warnings(module);
	put_answer(run->page, check_way_name(KLDSIM_CHECK_KLDLOAD),
	    KLDSIM_CHECK_KLDLOAD, first, NULL, module->path);
	put_answer(run->page, check_way_name(KLDSIM_CHECK_PRELOAD),
	    KLDSIM_CHECK_PRELOAD, &module->answers[KLDSIM_CHECK_PRELOAD],
	    first, module->path);
	if (run->nolds == 0)
		return;
	row->verdicts[INTERFACE] = kldsim_kbi_verdict_name(module->interface);
	if (module->interface == KLDSIM_KBI_REBUILD)
		mark_rebuild(run->page, first);
}

/* What is special if all are in one kernel is all that is new. */
static void
take_together(struct check_run *run, const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answer =
	    &module->answers[KLDSIM_CHECK_TOGETHER];

	run->page->at = module->index;
	if (answer->verdict == run->alone[module->index])
		run->page->rows[module->index].verdicts[KLDSIM_CHECK_TOGETHER]
		    = kldsim_check_verdict_name(answer->verdict);
	else
		put_answer(run->page,
		    check_way_name(KLDSIM_CHECK_TOGETHER),
		    KLDSIM_CHECK_TOGETHER, answer, NULL, module->path);
}

void
check_html_module(struct check_run *run,
    const struct kldsim_check_module *module)
{
	if (module->answers[KLDSIM_CHECK_TOGETHER].verdict !=
	    KLDSIM_CHECK_NOT_TRIED)
		take_together(run, module);
	else
		take_alone(run, module);
}

/* --- the page --- */

/* What a module is guilty of among the others; its answers tell of the rest. */
static void
say_guilt(struct page *page, const struct kldsim_check_guilt *guilt)
{
	const struct page_said said = { .way = "among the others",
		.findings = &guilt->finding, .nfindings = 1 };

	if (guilt->told)
		return;
	page->at = guilt->module;
	page->rows[page->at].warnings += guilt->finding.severity ==
	    KLDSIM_WARNING;
	page_say(page, &said);
}

/* What is of no module is of the kernel, and of the folders. */
static void
say_of_all(struct page *page, const struct kldsim *sim,
    const struct kldsim_check *check)
{
	const struct kldsim_check_guilt *guilt;
	size_t count = kldsim_finding_count(sim);
	struct kldsim_finding *findings;

	if (check != NULL)
		count += kldsim_check_guilt_count(check);
	findings = need(calloc(count + 1, sizeof(*findings)));
	for (count = 0; count < kldsim_finding_count(sim); count++)
		findings[count] = *kldsim_finding_at(sim, count);
	for (size_t i = 0; check != NULL && (guilt = kldsim_check_guilt_at(
	    check, i)) != NULL; i++) {
		if (guilt->module < page->nrows)
			say_guilt(page, guilt);
		else
			findings[count++] = guilt->finding;
	}
	page_say_of_kernel(page, findings, count);
	free(findings);
}

/* "2 of 3 modules do not load into FreeBSD 14.1" */
static char *
title(const struct check_run *run, const char *into)
{
	const struct page *page = run->page;
	size_t bad = 0, preload = 0, size;
	char *text = NULL;
	FILE *out = need(open_memstream(&text, &size));

	for (size_t i = 0; i < page->nrows; i++) {
		const bool first = page_is_bad(page->rows[i].verdicts[0]);

		bad += first;
		preload += !first && page_is_bad(page->rows[i].verdicts[1]);
	}
	if (page->nrows == 1)
		(void)fprintf(out, "%s %s %s", page->rows[0].name, bad == 0 ?
		    "loads into" : "does not load into", into);
	else if (bad == 0)
		(void)fprintf(out, "All %zu modules load into %s",
		    page->nrows, into);
	else
		(void)fprintf(out, "%zu of %zu modules do%s not load into %s",
		    bad, page->nrows, bad == 1 ? "es" : "", into);
	if (preload != 0)
		(void)fprintf(out, "; %zu%s cannot be preloaded", preload,
		    bad != 0 ? " more" : "");
	if (run->interfaces[KLDSIM_KBI_REBUILD] != 0)
		(void)fprintf(out, "; %zu ha%s to be rebuilt",
		    run->interfaces[KLDSIM_KBI_REBUILD],
		    run->interfaces[KLDSIM_KBI_REBUILD] == 1 ? "s" : "ve");
	(void)fclose(out);
	return (need(text));
}

static void
headings(struct check_run *run)
{
	struct page *page = run->page;

	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++)
		page->ways[way] = check_way_name((enum kldsim_check_way)way);
	page->ways[INTERFACE] = "interface";
}

int
check_html(struct check_run *run)
{
	struct page *page = run->page;
	struct kldsim *sim = NULL;
	int status;

	page_kernel(page, kldsim_check_kernel(run->check), run->load.kernel);
	page_fact(page, "Module path", kldsim_check_module_path(run->check));
	say_of_all(page, kldsim_check_kernel(run->check), run->check);
	if (run->against != NULL)
		page_fact(page, "Built for", run->against);
	headings(run);
	page->title = title(run, page->into);
	if (!run->interrupted)
		sim = page_load_all(page, run->image, &run->load.boot,
		    kldsim_check_module_path(run->check));
	status = page_write(page, run->html);
	kldsim_destroy(sim);
	return (status);
}

/* --- the next boot --- */

/* A name is a module's, or a path: the file that came of it, or NULL. */
static const char *
path_of(const struct kldsim *sim, const char *name)
{
	const size_t length = strlen(name);
	struct kldsim_filestat stat;

	for (int id = 0; next_file(sim, &id);)
		if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
		    (strcmp(stat.path, name) == 0 ||
		    (strncmp(stat.name, name, length) == 0 &&
		    (stat.name[length] == '\0' ||
		    strcmp(stat.name + length, ".ko") == 0))))
			return (stat.path);
	return (NULL);
}

static void
take_file(struct page *page, const struct kldsim *sim,
    const struct kldsim_next_boot_file *file)
{
	char *markup = NULL;
	size_t size;
	FILE *out = need(open_memstream(&markup, &size));

	(void)page_row(page, file->name, path_of(sim, file->name));
	html(out, "<p>%s, as %s says%s%s</p>\n", file->preload ? "preloaded" :
	    "in kld_list", file->where, file->type != NULL ? "; of type " : "",
	    file->type != NULL ? file->type : "");
	(void)fclose(out);
	page_more(page, need(markup));
	put_answer(page, "the next boot", 0, &file->answer, NULL,
	    file->name);
}

static char *
root_title(const struct check_run *run, const struct kldsim *sim)
{
	const struct page *page = run->page;
	const struct kldsim_next_boot_file *file;
	size_t all = 0, bad = 0;
	char text[256];

	for (size_t i = 0; i < page->nrows; i++) {
		all += page_rank(page->rows[i].verdicts[0]) !=
		    page_rank(kldsim_check_verdict_name(KLDSIM_CHECK_NOT_TRIED));
		bad += page_is_bad(page->rows[i].verdicts[0]);
	}
	for (size_t i = 0; (file = kldsim_next_boot_file_at(run->next, i)) !=
	    NULL; i++)
		if (check_is_skipped(file)) {
			all++;
			bad++;
		}
	if (kldsim_is_dead(sim))
		(void)snprintf(text, sizeof(text),
		    "%s does not come up when it boots next", page->into);
	else if (bad == 0)
		(void)snprintf(text, sizeof(text),
		    "%s comes up with all that it is to load", page->into);
	else
		(void)snprintf(text, sizeof(text),
		    "%s comes up without %zu of %zu modules", page->into,
		    bad, all);
	return (need(strdup(text)));
}

int
check_html_root(struct check_run *run)
{
	struct kldsim *sim = kldsim_next_boot_sim(run->next);
	const struct kldsim_next_boot_file *file;
	struct page *page;
	const char *remark;

	check_html_begin(run);
	page = run->page;
	for (size_t i = 0; (file = kldsim_next_boot_file_at(run->next, i)) !=
	    NULL; i++)
		take_file(page, sim, file);
	page_kernel(page, sim, run->load.kernel);
	page_fact(page, "Module path",
	    kldsim_next_boot_module_path(run->next));
	for (size_t i = 0; (remark = kldsim_next_boot_remark(run->next, i)) !=
	    NULL; i++)
		page_fact(page, "Remark", remark);
	if (kldsim_is_dead(sim))
		say_of_all(page, sim, NULL);
	page->ways[0] = "the next boot";
	page->title = root_title(run, sim);
	page->sim = sim;
	page->maps_of = "This is the kernel when all has been loaded.";
	return (page_write(page, run->html));
}

void
check_html_end(struct check_run *run)
{
	if (run->page != NULL)
		page_free(run->page);
	free(run->page);
}
