/* SPDX-License-Identifier: BSD-2-Clause */

/* Why the sides differ (G-30, G-32, G-33): findings of one cause together. */

#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

static const struct layout {
	const char *option;
	const char *tag;
	const char *members;
	bool stated; /* a kernel's configuration has it, or it is off */
} layouts[] = {
#define LAYOUT(option, tag, members) { option, tag, members, true },
#define CONSTANT(name, tag, members) { name, tag, members, false },
#include "compare/layouts.def"
};

#define NLAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

/* --- which row --- */

/* One word of a row: '*' is whatever is there. */
static bool
word_matches(const char *word, size_t length, const char *name)
{
	const char *star = memchr(word, '*', length);
	size_t head, tail, have = strlen(name);

	if (star == NULL)
		return (have == length && memcmp(word, name, length) == 0);
	head = (size_t)(star - word);
	tail = length - head - 1;
	return (have >= head + tail && memcmp(word, name, head) == 0 &&
	    memcmp(star + 1, name + have - tail, tail) == 0);
}

static bool
has_member(const struct layout *layout, const char *name)
{
	const char *at = layout->members;

	while (*(at += strspn(at, " ")) != '\0') {
		const size_t length = strcspn(at, " ");

		if (word_matches(at, length, name))
			return (true);
		at += length;
	}
	return (false);
}

enum who {
	NOBODY = 0,
	KERNEL = 1, /* has more */
	MODULE = 2,
	BOTH = 3
};

static enum who
who_has_more(const struct kldsim_kbi_change *change,
    const struct kldsim__difference *difference)
{
	switch (change->kind) {
	case KLDSIM_KBI_ADDED:
		return (KERNEL);
	case KLDSIM_KBI_REMOVED:
		return (MODULE);
	case KLDSIM_KBI_RESIZED:
		return (difference->b_size > difference->a_size ? KERNEL :
		    MODULE);
	default:
		return (NOBODY);
	}
}

/* Whether anything came or went, for a row to be the reason of. */
static bool
may_be_option(const struct kldsim__difference *difference)
{
	for (size_t i = 0; i < difference->nchanges; i++)
		if (who_has_more(&difference->changes[i], difference) !=
		    NOBODY)
			return (true);
	return (false);
}

/* All that came or went is of this row; NOBODY: it is not. */
static enum who
explains(const struct layout *layout, const char *tag,
    const struct kldsim__difference *difference)
{
	unsigned who = NOBODY;

	if (*layout->tag != '*' && strcmp(layout->tag, tag) != 0)
		return (NOBODY);
	for (size_t i = 0; i < difference->nchanges; i++) {
		const struct kldsim_kbi_change *change =
		    &difference->changes[i];
		const enum who more = who_has_more(change, difference);

		if (more == NOBODY)
			continue;
		if (!has_member(layout, change->member))
			return (NOBODY);
		who |= more;
	}
	return (who == BOTH ? NOBODY : (enum who)who);
}

/* --- which option --- */

/* Of "A or B" B if the kernel has that; and whether it says so. */
static const char *
name_option(struct kldsim_kbi_report *report, const char *options,
    enum kldsim__stated *stated_ret)
{
	const struct kldsim_kbi_file *kernel = report->kbi->kernel;
	const char *or = strstr(options, " or ");

	*stated_ret = kldsim__compare_option(kernel, or == NULL ? options :
	    or + 4);
	if (or == NULL || *stated_ret == KLDSIM__STATED_ON)
		return (or == NULL ? options : or + 4);
	options = kldsim__compare_text(report, "%.*s", (int)(or - options),
	    options);
	*stated_ret = options == NULL ? KLDSIM__STATED_NOT_KNOWN :
	    kldsim__compare_option(kernel, options);
	return (options);
}

static const char *
option_text(struct kldsim_kbi_report *report, const struct layout *layout,
    const char *option, bool in_kernel, enum kldsim__stated stated)
{
	const char *kernel = kldsim__compare_side(report, true);
	const char *module = kldsim__compare_side(report, false);

	if (!layout->stated)
		return (kldsim__compare_text(report, "%s is larger in %s than "
		    "in %s", option, in_kernel ? kernel : module,
		    in_kernel ? module : kernel));
	return (kldsim__compare_text(report, "options %s in %s%s, not in %s",
	    option, in_kernel ? kernel : module, in_kernel && stated ==
	    KLDSIM__STATED_ON ? " (its kern_conf says so)" : "",
	    in_kernel ? module : kernel));
}

/* The option that a finding shows; false: none. */
static bool
find_option(struct kldsim_kbi_report *report,
    const struct kldsim__kbi_finding *finding, struct kldsim_kbi_cause *cause)
{
	for (size_t i = 0; i < NLAYOUTS; i++) {
		const struct layout *layout = &layouts[i];
		const enum who who = explains(layout, finding->is.name,
		    finding->difference);
		enum kldsim__stated stated;

		if (who == NOBODY)
			continue;
		cause->option = name_option(report, layout->option, &stated);
		cause->in_kernel = who == KERNEL;
		/* G-32: what the kernel says of itself is certain. */
		if (layout->stated && ((who == KERNEL && stated ==
		    KLDSIM__STATED_OFF) || (who == MODULE && stated ==
		    KLDSIM__STATED_ON))) {
			cause->text = kldsim__compare_text(report, "not known: "
			    "it looks like options %s in %s, but the "
			    "kern_conf of %s says otherwise", cause->option,
			    kldsim__compare_side(report, who == KERNEL),
			    kldsim__compare_side(report, true));
			cause->option = NULL;
			return (true);
		}
		cause->text = option_text(report, layout, cause->option,
		    cause->in_kernel, stated);
		if (!layout->stated && report->linked == NULL)
			cause->remedy = kldsim__compare_text(report, "build "
			    "the module with this kernel's KERNBUILDDIR: %s "
			    "has to be the same on both sides",
			    cause->option);
		return (true);
	}
	return (false);
}

/* --- or which version --- */

static const char *
source_version(struct kldsim_kbi_report *report)
{
	const struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim_kbi_file *a = kbi->old != NULL ? kbi->old :
	    report->module;
	const uint32_t from = a->info.osreldate;
	const uint32_t to = kbi->kernel->info.osreldate;

	if (from != 0 && to != 0 && from != to)
		return (kldsim__compare_text(report, "another source "
		    "version (%u in %s, %u in %s)", from,
		    kldsim__compare_side(report, false), to,
		    kldsim__compare_side(report, true)));
	if (report->linked != NULL)
		return (kldsim__compare_text(report, "not known: the "
		    "module and %s were not built from the same sources",
		    report->linked));
	if (a->info.tied)
		return (kldsim__compare_text(report, "not known: the "
		    "module was built together with a kernel of this version "
		    "(%u), but of another configuration than %s", to,
		    kbi->kernel->info.ident != NULL ?
		    kbi->kernel->info.ident : "this one"));
	return ("not known: no kernel option that is known to do this, and no "
	    "other version");
}

static const char *
remedy(struct kldsim_kbi_report *report, const struct kldsim_kbi_cause *cause)
{
	if (report->linked != NULL)
		return (kldsim__compare_text(report, "build the module and %s "
		    "from the same sources, for one kernel, or install both "
		    "from one package set", report->linked));
	if (cause->option == NULL)
		return ("install the package that belongs to this kernel, or "
		    "build the module with this kernel's sources and "
		    "KERNBUILDDIR");
	return (kldsim__compare_text(report, "build the module with this "
	    "kernel's KERNBUILDDIR, or boot a kernel with%s %s",
	    cause->in_kernel ? "out" : "", cause->option));
}

/* --- together --- */

static int
by_level(const void *left, const void *right)
{
	const struct kldsim__kbi_finding *a = left, *b = right;

	if (a->is.level != b->is.level)
		return (a->is.level < b->is.level ? -1 : 1);
	if (a->is.rank != b->is.rank)
		return (a->is.rank < b->is.rank ? -1 : 1);
	if (a->is.imports != b->is.imports)
		return (a->is.imports > b->is.imports ? -1 : 1);
	return (strcmp(a->is.name, b->is.name));
}

static int
by_cause(const void *left, const void *right)
{
	const struct kldsim__kbi_finding *a = left, *b = right;

	if (a->cause != b->cause)
		return (a->cause < b->cause ? -1 : 1);
	return (by_level(left, right));
}

/* The number of a cause of that text; a new one if there is none. */
static size_t
cause_number(struct kldsim_kbi_report *report,
    const struct kldsim_kbi_cause *cause)
{
	size_t i;

	for (i = 0; i < report->ncauses; i++)
		if (report->causes[i].text == cause->text ||
		    strcmp(report->causes[i].text, cause->text) == 0)
			return (i);
	report->causes[i] = *cause;
	if (cause->remedy == NULL)
		report->causes[i].remedy = remedy(report, cause);
	report->causes[i].linked = report->linked;
	report->ncauses++;
	return (i);
}

static void
find_cause(struct kldsim_kbi_report *report, struct kldsim__kbi_finding *finding)
{
	struct kldsim_kbi_cause cause = { .level = finding->is.level };

	if (finding->tag == 0 || !may_be_option(finding->difference) ||
	    !find_option(report, finding, &cause)) {
		if (report->version == NULL)
			report->version = source_version(report);
		cause.text = report->version;
	}
	if (cause.text == NULL)
		report->failed = true;
	else
		finding->cause = cause_number(report, &cause);
}

void
kldsim__compare_causes(struct kldsim_kbi_report *report)
{
	if (report->nfindings == 0)
		return;
	qsort(report->findings, report->nfindings, sizeof(*report->findings),
	    by_level);
	report->causes = kldsim__arena_calloc(&report->arena,
	    report->nfindings, sizeof(*report->causes));
	report->failed = report->failed || report->causes == NULL;
	for (size_t i = 0; i < report->nfindings && !report->failed; i++)
		find_cause(report, &report->findings[i]);
	if (report->failed)
		return;
	if (report->ncauses > 1)
		qsort(report->findings, report->nfindings,
		    sizeof(*report->findings), by_cause);
	for (size_t i = report->nfindings; i-- > 0;) {
		struct kldsim_kbi_cause *cause =
		    &report->causes[report->findings[i].cause];

		cause->first = i;
		cause->findings++;
	}
}
