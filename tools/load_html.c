/* SPDX-License-Identifier: BSD-2-Clause */

/* load --html: what became of each module, as a page with the maps of the kernel. */

#include <stdlib.h>
#include <string.h>

#include "cmd_load.h"
#include "html/page.h"
#include "report/names.h"
#include "path.h"
#include "report/output.h"
#include "report/report_finding.h"

/* Some of the kernel's findings, in their order. */
struct some {
	struct kldsim_finding *findings;
	size_t count;
};

struct filling {
	const struct load_run *run;
	struct page page;
	bool *told;         /* the kernel's findings that a module has */
	struct some some;   /* of the module at hand */
	const char **lines; /* likewise, what the kernel prints */
	size_t nlines;
};

/* --- what is of which module --- */

/*
 * A result has its own findings; those of a preloaded file are of the whole
 * boot, and only what names the file is its own.
 */
static bool
is_of(const struct filling *filling, const struct attempt *attempt,
    const struct kldsim_finding *finding)
{
	return (!filling->run->options->preload ||
	    filling->run->options->nmodules == 1 || (finding->file != NULL &&
	    strcmp(finding->file, path_name(attempt->name)) == 0));
}

static void
take_some(struct filling *filling, const struct attempt *attempt)
{
	const struct kldsim_result *result = &attempt->result;
	const struct kldsim *sim = filling->run->sim;

	filling->some.count = 0;
	filling->nlines = 0;
	if (attempt->outcome == OUTCOME_NOT_TRIED ||
	    attempt->outcome == OUTCOME_FAILED)
		return;
	for (size_t i = 0; i < result->nfindings; i++) {
		const size_t at = result->first_finding + i;
		const struct kldsim_finding *f = kldsim_finding_at(sim, at);

		if (!is_of(filling, attempt, f))
			continue;
		filling->told[at] = true;
		filling->some.findings[filling->some.count++] = *f;
	}
	for (size_t i = 0; i < result->nconsole &&
	    !filling->run->options->preload; i++)
		filling->lines[filling->nlines++] = kldsim_console_line(sim,
		    result->first_console + i);
}

/* Why a module is not in: the first finding that says so, or any. */
static void
mark(struct filling *filling, const struct attempt *attempt)
{
	const struct some *some = &filling->some;
	const struct findings all = { .some = some->findings,
		.count = some->count };
	const char *verdict = outcome_name(attempt->outcome);
	size_t at = 0, count;

	if (attempt->outcome == OUTCOME_FAILED) {
		page_mark(&filling->page, verdict, NULL,
		    need(strdup(attempt->failure)));
		return;
	}
	if (!page_is_bad(verdict))
		return;
	while (at < some->count && !some->findings[at].refusal &&
	    some->findings[at].severity != KLDSIM_PANIC)
		at++;
	if (at == some->count)
		page_mark(&filling->page, verdict, NULL, need(strdup("")));
	else
		page_mark(&filling->page, verdict, some->findings[at].code,
		    finding_sentence(&all, at, 1, &count));
}

static void
take_attempt(struct filling *filling, const struct attempt *attempt)
{
	struct kldsim_filestat stat;
	struct page_said said = { .way = "load",
		.verdict = outcome_name(attempt->outcome) };
	const char *path = NULL;
	struct page_row *row;

	if (attempt->outcome == OUTCOME_LOADED && kldsim_kldstat(
	    filling->run->sim, attempt->result.fileid, &stat) == KLDSIM_OK)
		path = stat.path;
	row = page_row(&filling->page, attempt->name, path);
	row->verdicts[0] = said.verdict;
	if (attempt->outcome == OUTCOME_REFUSED)
		said.error = row->errors[0] = attempt->result.error;
	take_some(filling, attempt);
	for (size_t i = 0; i < filling->some.count; i++)
		row->warnings += filling->some.findings[i].severity ==
		    KLDSIM_WARNING && !filling->some.findings[i].refusal;
	said.findings = filling->some.findings;
	said.nfindings = filling->some.count;
	said.console = filling->lines;
	said.nconsole = filling->nlines;
	if (attempt->outcome == OUTCOME_FAILED)
		said.failure = attempt->failure;
	page_say(&filling->page, &said);
	mark(filling, attempt);
}

/* --- what else is in the kernel --- */

static bool
has_row(const struct page *page, const char *path)
{
	for (size_t i = 0; i < page->nrows; i++)
		if (page->rows[i].path != NULL &&
		    strcmp(page->rows[i].path, path) == 0)
			return (true);
	return (false);
}

/* Files that came because others depend on them have rows too. */
static void
take_others(struct filling *filling)
{
	struct kldsim *sim = filling->run->sim;
	struct kldsim_filestat stat;
	int id = 0;

	(void)next_file(sim, &id);
	while (next_file(sim, &id)) {
		char *markup;

		if (kldsim_kldstat(sim, id, &stat) != KLDSIM_OK ||
		    has_row(&filling->page, stat.path))
			continue;
		page_row(&filling->page, stat.name, stat.path)->verdicts[0] =
		    outcome_name(OUTCOME_LOADED);
		markup = need(strdup("<p>Nobody named it: others depend on "
		    "it.</p>\n"));
		page_more(&filling->page, markup);
	}
}

static void
take_rest(struct filling *filling)
{
	const struct kldsim *sim = filling->run->sim;
	struct some *some = &filling->some;

	some->count = 0;
	for (size_t i = 0; i < kldsim_finding_count(sim); i++)
		if (!filling->told[i])
			some->findings[some->count++] =
			    *kldsim_finding_at(sim, i);
	page_say_of_kernel(&filling->page, some->findings, some->count);
}

/* --- the page --- */

/* "2 of 3 modules are not loaded into FreeBSD 14.1" */
static char *
title(const struct filling *filling)
{
	const struct page *page = &filling->page;
	const size_t all = filling->run->options->nmodules;
	size_t bad = 0, size;
	char *text = NULL;
	FILE *out = need(open_memstream(&text, &size));

	for (size_t i = 0; i < all; i++)
		bad += filling->run->attempts[i].outcome != OUTCOME_LOADED;
	if (kldsim_is_dead(filling->run->sim))
		(void)fprintf(out, "%s panics", page->into);
	else if (all == 0)
		(void)fprintf(out, "%s boots", page->into);
	else if (all == 1)
		(void)fprintf(out, "%s is %sloaded into %s",
		    page->rows[0].name, bad != 0 ? "not " : "", page->into);
	else if (bad == 0)
		(void)fprintf(out, "All %zu modules are loaded into %s", all,
		    page->into);
	else
		(void)fprintf(out, "%zu of %zu modules %s not loaded into %s",
		    bad, all, bad == 1 ? "is" : "are", page->into);
	(void)fclose(out);
	return (need(text));
}

static void
fill(struct filling *filling)
{
	const struct load_run *run = filling->run;
	const size_t nfindings = kldsim_finding_count(run->sim);

	filling->told = need(calloc(nfindings + 1, sizeof(bool)));
	filling->some.findings = need(calloc(nfindings + 1,
	    sizeof(struct kldsim_finding)));
	filling->lines = need(calloc(kldsim_console_count(run->sim) + 1,
	    sizeof(*filling->lines)));
	page_kernel(&filling->page, run->sim, run->options->kernel);
	filling->page.ways[0] = run->options->preload ? "preload" : "kldload";
	for (size_t i = 0; i < run->options->nmodules; i++)
		take_attempt(filling, &run->attempts[i]);
	take_others(filling);
	take_rest(filling);
	filling->page.sim = run->sim;
	filling->page.maps_of = "This is the kernel after all loads.";
}

int
load_run_html(const struct load_run *run)
{
	struct filling filling = { .run = run };
	int status;

	page_init(&filling.page, "load");
	fill(&filling);
	filling.page.title = title(&filling);
	status = page_write(&filling.page, run->options->html);
	free(filling.told);
	free(filling.some.findings);
	free(filling.lines);
	page_free(&filling.page);
	return (status);
}
