/* SPDX-License-Identifier: BSD-2-Clause */

/* What is kept of modules until all have been seen; see kbi_against.h. */

#include "kbi/kbi_against.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "report/output.h"

#define VERDICTS 4
/* Modules and imports that are named with a difference, without -v. */
#define USERS 3
#define CHANGES 8

struct line {
	char *name;
	char *why;
	enum kldsim_kbi_verdict verdict;
	size_t order;
};

/* Something that differs, whichever module it was found with. */
struct difference {
	const struct kbi_old *old;
	char *cause;
	char *name;
	enum kldsim_type_kind kind;
	unsigned level;
	char *text;
	char **changes;
	size_t nchanges;
	size_t users;       /* modules */
	char *user[USERS];  /* "f (m1.ko)" */
};

struct kbi_advice {
	struct line *lines;
	size_t nlines;
	struct difference *all;
	size_t count;
	size_t *slots;      /* by a hash of the name; index plus 1 */
	size_t mask;
	size_t totals[VERDICTS];
};

struct kbi_advice *
kbi_advice_new(void)
{
	return (need(calloc(1, sizeof(struct kbi_advice))));
}

void
kbi_advice_free(struct kbi_advice *advice)
{
	for (size_t i = 0; i < advice->nlines; i++) {
		free(advice->lines[i].name);
		free(advice->lines[i].why);
	}
	for (size_t i = 0; i < advice->count; i++) {
		struct difference *d = &advice->all[i];

		free(d->cause);
		free(d->name);
		free(d->text);
		for (size_t c = 0; c < d->nchanges; c++)
			free(d->changes[c]);
		free(d->changes);
		for (size_t u = 0; u < USERS; u++)
			free(d->user[u]);
	}
	free(advice->lines);
	free(advice->all);
	free(advice->slots);
	free(advice);
}

/* --- differences --- */

static size_t
hash_of(const char *name)
{
	size_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	return (hash);
}

static void
rehash(struct kbi_advice *advice)
{
	const size_t size = advice->mask == 0 ? 256 : 2 * (advice->mask + 1);

	free(advice->slots);
	advice->slots = need(calloc(size, sizeof(*advice->slots)));
	advice->mask = size - 1;
	for (size_t i = 0; i < advice->count; i++) {
		size_t at = hash_of(advice->all[i].name) & advice->mask;

		while (advice->slots[at] != 0)
			at = (at + 1) & advice->mask;
		advice->slots[at] = i + 1;
	}
}

/* The one that is known, or a new one with nothing in it. */
static struct difference *
find(struct kbi_advice *advice, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	struct difference *d;
	size_t at;

	if (advice->count * 2 >= advice->mask)
		rehash(advice);
	at = hash_of(finding->name) & advice->mask;
	for (; advice->slots[at] != 0; at = (at + 1) & advice->mask) {
		d = &advice->all[advice->slots[at] - 1];
		if (d->old == module->old && d->kind == finding->kind &&
		    strcmp(d->name, finding->name) == 0)
			return (d);
	}
	advice->all = need(realloc(advice->all,
	    (advice->count + 1) * sizeof(*advice->all)));
	d = &advice->all[advice->count++];
	advice->slots[at] = advice->count;
	memset(d, 0, sizeof(*d));
	d->old = module->old;
	d->kind = finding->kind;
	d->level = finding->level;
	d->name = need(strdup(finding->name));
	d->text = need(strdup(finding->text));
	return (d);
}

static void
take_changes(struct difference *d, const struct kbi_module *module,
    size_t index)
{
	struct kldsim_kbi_change change;
	char text[512];

	while (kldsim_kbi_report_change(module->report, index, d->nchanges,
	    &change) == KLDSIM_OK) {
		kldsim_kbi_change_text(&change, module->found.mode, text,
		    sizeof(text));
		d->changes = need(realloc(d->changes,
		    (d->nchanges + 1) * sizeof(*d->changes)));
		d->changes[d->nchanges++] = need(strdup(text));
	}
}

static void
take_user(struct difference *d, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	const char *name = path_name(module->name);
	const size_t size = strlen(finding->reached) + strlen(name) + 4;

	if (d->users < USERS) {
		d->user[d->users] = need(malloc(size));
		(void)snprintf(d->user[d->users], size, "%s (%s)",
		    finding->reached, name);
	}
	d->users++;
	/* Who allocates it, and what has it in it, depends on the module. */
	if (finding->level < d->level)
		d->level = finding->level;
}

static void
take_differences(struct kbi_advice *advice, const struct kbi_run *run,
    const struct kbi_module *module)
{
	struct kldsim_kbi_finding finding;
	struct kldsim_kbi_cause cause;

	for (size_t c = 0; kldsim_kbi_report_cause(module->report, c,
	    &cause) == KLDSIM_OK; c++) {
		for (size_t i = cause.first; i < cause.first +
		    cause.findings; i++) {
			struct difference *d;

			if (kldsim_kbi_report_finding(module->report, i,
			    &finding) != KLDSIM_OK ||
			    !kbi_shows(run, module, &finding))
				continue;
			d = find(advice, module, &finding);
			if (d->users == 0) {
				d->cause = need(strdup(cause.text));
				take_changes(d, module, i);
			}
			take_user(d, module, &finding);
		}
	}
}

void
kbi_advice_take(struct kbi_advice *advice, const struct kbi_run *run,
    const struct kbi_module *module)
{
	struct line *line;

	advice->lines = need(realloc(advice->lines,
	    (advice->nlines + 1) * sizeof(*advice->lines)));
	line = &advice->lines[advice->nlines];
	line->name = need(strdup(path_name(module->name)));
	line->why = need(strdup(module->why));
	line->verdict = module->verdict;
	line->order = advice->nlines++;
	advice->totals[module->verdict]++;
	if (module->report != NULL)
		take_differences(advice, run, module);
}

/* --- printing --- */

static int
by_verdict(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->verdict != b->verdict)
		return (a->verdict > b->verdict ? -1 : 1);
	return (a->order < b->order ? -1 : 1);
}

static int
by_cause(const void *left, const void *right)
{
	const struct difference *a = left, *b = right;
	int cause = strcmp(a->cause, b->cause);

	if (cause != 0)
		return (cause);
	if (a->level != b->level)
		return (a->level < b->level ? -1 : 1);
	if (a->users != b->users)
		return (a->users > b->users ? -1 : 1);
	return (strcmp(a->name, b->name));
}

static void
kernel_text(const char *what, const struct kldsim_kbi_file_info *info)
{
	put(stdout, "%s %s: %u", what, info->file, (unsigned)info->osreldate);
	if (info->format != NULL)
		put_line(stdout, ", %s v%u", info->format, info->version);
	else
		put_line(stdout, ", no types (%s)", info->no_types);
}

static void
totals(const struct kbi_advice *advice)
{
	const char *before = "";

	put(stdout, "%zu module%s: ", advice->nlines,
	    advice->nlines == 1 ? "" : "s");
	for (int v = VERDICTS - 1; v >= 0; v--) {
		if (advice->totals[v] == 0)
			continue;
		put(stdout, "%s%zu %s", before, advice->totals[v],
		    kldsim_kbi_verdict_name((enum kldsim_kbi_verdict)v));
		before = ", ";
	}
	putc('\n', stdout);
}

static void
difference_text(const struct kbi_run *run, const struct difference *d)
{
	const bool all = run->load.verbosity >= VERBOSE;

	put_line(stdout, "  %s [level %u]", d->text, d->level);
	for (size_t i = 0; i < d->nchanges && (all || i < CHANGES); i++)
		put_line(stdout, "      %s", d->changes[i]);
	if (!all && d->nchanges > CHANGES)
		put_line(stdout, "      and %zu more", d->nchanges - CHANGES);
	put(stdout, "      used by ");
	for (size_t i = 0; i < USERS && d->user[i] != NULL; i++)
		put(stdout, "%s%s", i == 0 ? "" : ", ", d->user[i]);
	if (d->users > USERS)
		put(stdout, " and %zu more modules", d->users - USERS);
	putc('\n', stdout);
}

/* I-45: what matters, and of the rest how much there is. */
static void
differences(struct kbi_advice *advice, const struct kbi_run *run)
{
	const bool all = run->load.verbosity >= VERBOSE;
	const char *cause = "";
	size_t notes = 0;

	if (advice->count != 0)
		qsort(advice->all, advice->count, sizeof(*advice->all),
		    by_cause);
	for (size_t i = 0; i < advice->count; i++) {
		const struct difference *d = &advice->all[i];

		if (!all && d->level >= KLDSIM_KBI_MEANING) {
			notes++;
			continue;
		}
		if (strcmp(cause, d->cause) != 0)
			put_line(stdout, "cause: %s", d->cause);
		cause = d->cause;
		difference_text(run, d);
	}
	if (notes != 0)
		put_line(stdout, "%zu more difference%s that might matter; -v "
		    "shows %s", notes, notes == 1 ? "" : "s",
		    notes == 1 ? "it" : "them");
}

void
kbi_advice_print(struct kbi_advice *advice, const struct kbi_run *run)
{
	if (run->load.verbosity > QUIET) {
		for (size_t i = 0; i < run->nolds; i++)
			kernel_text("old kernel", &run->olds[i].info);
		kernel_text("new kernel", &run->info);
		totals(advice);
	}
	if (advice->nlines != 0)
		qsort(advice->lines, advice->nlines, sizeof(*advice->lines),
		    by_verdict);
	for (size_t i = 0; i < advice->nlines; i++) {
		const struct line *line = &advice->lines[i];

		if (run->load.verbosity > QUIET ||
		    line->verdict >= KLDSIM_KBI_REBUILD)
			put_line(stdout, "  %-20s %-20s %s", line->name,
			    kldsim_kbi_verdict_name(line->verdict), line->why);
	}
	if (run->load.verbosity <= QUIET)
		return;
	differences(advice, run);
	put_line(stdout, "Not compared: inlines and macros of the old "
	    "kernel's headers in the modules; types that they");
	put_line(stdout, "touch as a rule (struct mtx, thread, mbuf ...) were, "
	    "for all modules.");
}
