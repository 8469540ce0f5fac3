/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the modules are guilty of together, for people: a line for what one file
 * is guilty of, the worst first, and nothing for a clean folder; and the table
 * of what each takes of modspace.
 */

#include "check/check_results.h"
#include "check/check_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

#define SYMBOLS 4 /* that are named in a line */
#define LINES 10  /* of one kind */

/* --- the list --- */

/* Those that are new. */
struct news {
	const struct check_run *run;
	const struct kldsim_check_guilt **all;
	size_t count;
};

static void
find_news(const struct check_run *run, struct news *news)
{
	const struct kldsim_check_guilt *guilt;

	news->run = run;
	news->count = 0;
	news->all = need(calloc(kldsim_check_guilt_count(run->check) + 1,
	    sizeof(*news->all)));
	for (size_t i = 0; (guilt = kldsim_check_guilt_at(run->check, i)) !=
	    NULL; i++)
		if (!check_is_known(run, &guilt->finding, guilt->path))
			news->all[news->count++] = guilt;
}

size_t
check_guilt_warnings(const struct check_run *run)
{
	struct news news;
	size_t count = 0;

	find_news(run, &news);
	for (size_t i = 0; i < news.count; i++)
		count += news.all[i]->finding.severity == KLDSIM_WARNING &&
		    !news.all[i]->told && !news.all[i]->finding.refusal;
	free(news.all);
	return (count);
}

/* Whether two say the same of two symbols. */
static bool
same_story(const struct kldsim_check_guilt *a,
    const struct kldsim_check_guilt *b)
{
	return (a->module == b->module && a->finding.symbol != NULL &&
	    b->finding.symbol != NULL &&
	    strcmp(a->finding.code, b->finding.code) == 0 &&
	    strcmp(a->path, b->path) == 0 &&
	    strcmp(a->finding.text, b->finding.text) == 0);
}

/* ": a, b and 7 more" */
static void
put_symbols(const struct news *news, size_t first, size_t count)
{
	const size_t shown = news->run->load.verbosity >= VERBOSE ? count :
	    SYMBOLS;

	for (size_t i = 0; i < count && i < shown; i++)
		put(stdout, "%s%s", i == 0 ? ": " : ", ",
		    news->all[first + i]->finding.symbol);
	if (count > shown)
		put(stdout, " and %zu more", count - shown);
}

/* One line; gives how many it is of. */
static size_t
put_guilt(const struct news *news, size_t first, bool shown)
{
	const struct kldsim_check_guilt *guilt = news->all[first];
	const struct kldsim_finding *f = &guilt->finding;
	const char *name = kldsim_check_name(news->run->check, guilt->module);
	size_t count = 1;

	while (first + count < news->count && same_story(guilt,
	    news->all[first + count]))
		count++;
	if (!shown)
		return (count);
	put(stdout, "  %s: %s: %s", kldsim_severity_name(f->severity),
	    name != NULL ? name : guilt->path, f->text);
	if (f->symbol != NULL && !guilt->told)
		put_symbols(news, first, count);
	put_line(stdout, " [%s%s%s]", f->code, *f->rules != '\0' ? " " : "",
	    f->rules);
	return (count);
}

/* Those of one kind; gives the number behind the last. */
static size_t
put_kind(const struct news *news, size_t first)
{
	const struct kldsim_finding *f = &news->all[first]->finding;
	const enum verbosity verbosity = news->run->load.verbosity;
	const bool quiet = verbosity <= QUIET && f->severity < KLDSIM_WARNING;
	size_t lines = 0, left = 0;

	while (first < news->count && strcmp(news->all[first]->finding.code,
	    f->code) == 0) {
		const bool shown = !quiet && (lines < LINES ||
		    verbosity >= VERBOSE);

		first += put_guilt(news, first, shown);
		lines += shown;
		left += !shown && !quiet;
	}
	if (left != 0)
		put_line(stdout, "  and %zu more [%s]; -v shows all", left,
		    f->code);
	return (first);
}

void
check_guilt_text(const struct check_run *run)
{
	struct news news;

	find_news(run, &news);
	if (news.count != 0 && (run->load.verbosity > QUIET ||
	    news.all[0]->finding.severity >= KLDSIM_WARNING)) {
		put_line(stdout, "%s", "");
		put_line(stdout, "what is wrong besides, the worst first:");
		for (size_t i = 0; i < news.count;)
			i = put_kind(&news, i);
	}
	free(news.all);
}

/* --- the table --- */

/* Those that take most come first. */
static int
compare(const void *va, const void *vb)
{
	const struct check_sets *a = va, *b = vb;

	for (int which = 1; which >= 0; which--)
		if (a->sets[which].needed != b->sets[which].needed)
			return (a->sets[which].needed >
			    b->sets[which].needed ? -1 : 1);
	return (a->module < b->module ? -1 : a->module > b->module);
}

static void
put_total(const struct check_run *run, enum kldsim_set set, const char *name)
{
	struct kldsim_check_modspace modspace;

	kldsim_check_modspace(run->check, set, &modspace);
	if (!modspace.present)
		return;
	put(stdout, "%s: %" PRIu64 " bytes of modspace, %" PRIu64
	    " are free; all that load want %" PRIu64, name, modspace.size,
	    modspace.free, modspace.wanted);
	for (size_t i = modspace.nleft; i-- > 0;)
		put(stdout, "%s%s", i + 1 == modspace.nleft ?
		    ": the others fit without " : ", ",
		    kldsim_check_name(run->check, modspace.left[i]));
	put_line(stdout, "%s", "");
}

void
check_sets_text(struct check_run *run)
{
	const size_t count = kldsim_check_count(run->check);

	put_line(stdout, "%s", "");
	qsort(run->sets, count, sizeof(*run->sets), compare);
	put_line(stdout, "%-*s  %10s %10s %10s  %10s %10s %10s",
	    run->name_width, "bytes", "set_pcpu", "modspace", "with deps",
	    "set_vnet", "modspace", "with deps");
	for (size_t i = 0; i < count; i++) {
		const struct kldsim_check_set *sets = run->sets[i].sets;

		if (sets[0].size + sets[1].size + sets[0].needed +
		    sets[1].needed == 0)
			continue;
		put(stdout, "%-*s", run->name_width, kldsim_check_name(
		    run->check, run->sets[i].module));
		for (int which = 0; which < 2; which++)
			put(stdout, "  %10" PRIu64 " %10" PRIu64 " %10" PRIu64,
			    sets[which].size, sets[which].modspace,
			    sets[which].needed);
		put_line(stdout, "%s", "");
	}
	put_total(run, KLDSIM_SET_DPCPU, "set_pcpu");
	put_total(run, KLDSIM_SET_VNET, "set_vnet");
}
