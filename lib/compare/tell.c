/* SPDX-License-Identifier: BSD-2-Clause */

/* A report as findings of a simulated kernel, which are like all others. */

#include <string.h>

#include "compare/compare.h"
#include "kern/bad_news.h"

/* What a level is called among findings (I-50, I-54). */
static enum kldsim__finding
code_of(const struct kldsim_kbi_finding *finding)
{
	switch (finding->level) {
	case KLDSIM_KBI_CALL:
		return (KLDSIM__F_KBI_PROTOTYPE);
	case KLDSIM_KBI_PLACE:
		return (KLDSIM__F_KBI_LAYOUT);
	case KLDSIM_KBI_SIZE:
		return (KLDSIM__F_KBI_SIZE);
	case KLDSIM_KBI_MEANING:
		return (KLDSIM__F_KBI_ENUM);
	default:
		return (KLDSIM__F_KBI_NOTE);
	}
}

static void
tell(const struct kldsim__kbi_finding *finding, const char *cause,
    enum kldsim_kbi_mode mode, struct kldsim *sim, const char *file)
{
	const struct kldsim_kbi_finding *is = &finding->is;
	const bool itself = is->kind == KLDSIM_TYPE_FUNCTION ||
	    is->kind == KLDSIM_TYPE_UNKNOWN;
	const struct kldsim__where where = { .file = file, .symbol = itself ?
		is->name : is->imports != 0 ? is->reached : NULL };
	char change[256] = "";

	if (is->changes != 0)
		kldsim_kbi_change_text(&finding->difference->changes[0], mode,
		    change, sizeof(change));
	/* Where sizes are the same, the text has it already. */
	if (is->module_size == is->kernel_size)
		change[0] = '\0';
	kldsim__find(sim, code_of(is), &where, "%s%s%s%s; cause: %s; reached "
	    "from %s%s%s", is->text, *change != '\0' ? " (" : "", change,
	    *change != '\0' ? ")" : "", cause, is->reached,
	    is->allocates != NULL ? "; " : "",
	    is->allocates != NULL ? is->allocates : "");
}

static void
tell_part(const struct kldsim_kbi_report *report, struct kldsim *sim,
    const char *file)
{
	for (size_t i = 0; i < report->nfindings; i++) {
		const struct kldsim__kbi_finding *finding =
		    &report->findings[i];

		if (finding->is.rank < 3 || report->info.same_source)
			tell(finding, report->causes[finding->cause].text,
			    report->info.mode, sim, file);
	}
}

void
kldsim_kbi_tell(const struct kldsim_kbi_report *report, struct kldsim *sim,
    const char *file)
{
	for (size_t i = 0; i < report->nparts; i++)
		tell_part(report->parts[i], sim, file);
}
