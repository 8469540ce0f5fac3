/* SPDX-License-Identifier: BSD-2-Clause */

/* kbi --html: what differs, side by side, in a page. */

#include "kbi/kbi_html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "report/output.h"

/* Of a module; --json has all. */
#define FINDINGS 60
#define CHANGES 40
#define NAMES 6 /* imports, or types that have one in them */

struct side {
	const char *type;
	uint64_t bit;
	uint32_t bits;
	bool there;
};

/* What the columns of a mode are. */
static const struct {
	const char *module, *kernel;
} sides[] = {
	[KLDSIM_KBI_MODULE] = { "In the module", "In the kernel" },
	[KLDSIM_KBI_AGAINST] = { "In the old kernel", "In this kernel" },
	[KLDSIM_KBI_LINKED] = { "In the module", "In" },
};

/* "0x18 int", "0x18 bit 3, 2 bits: unsigned" */
static void
put_side(FILE *out, const struct side *side, bool differs)
{
	html(out, differs ? "<td class=\"differs\">" : "<td>");
	if (!side->there)
		html(out, "<i>not there</i>");
	else if (side->bits != 0)
		html(out, "0x%" PRIx64 " bit %u, %u bit%s <code>%s</code>",
		    side->bit / 8, (unsigned)(side->bit % 8),
		    (unsigned)side->bits, side->bits == 1 ? "" : "s",
		    side->type != NULL ? side->type : "");
	else
		html(out, "0x%" PRIx64 " <code>%s</code>", side->bit / 8,
		    side->type != NULL ? side->type : "");
	html(out, "</td>");
}

static bool
same_type(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

/* A member that has a place on both sides, or on one. */
static void
put_member(FILE *out, const struct kldsim_kbi_change *change)
{
	const struct side module = { change->module_type, change->module_bit,
		change->module_bits, change->kind != KLDSIM_KBI_ADDED };
	const struct side kernel = { change->kernel_type, change->kernel_bit,
		change->kernel_bits, change->kind != KLDSIM_KBI_REMOVED };
	const bool differs = module.there != kernel.there ||
	    module.bit != kernel.bit || module.bits != kernel.bits ||
	    !same_type(module.type, kernel.type);

	html(out, "<tr><th scope=\"row\">%s", change->member != NULL ?
	    change->member : "");
	if (change->kernel_member != NULL)
		html(out, " \xe2\x86\x92 %s", change->kernel_member);
	html(out, "</th>");
	put_side(out, &module, differs);
	put_side(out, &kernel, differs);
	html(out, "</tr>\n");
	if (change->more != 0)
		html(out, "<tr><th scope=\"row\">and %u more behind it</th>"
		    "<td>as far from it</td><td>as far from it</td></tr>\n",
		    (unsigned)change->more);
}

/* Constants, arguments and results have no place: they are told in words. */
static void
put_change(FILE *out, const struct kldsim_kbi_change *change,
    enum kldsim_kbi_mode mode)
{
	char text[512];

	if (change->kind < KLDSIM_KBI_VALUE) {
		put_member(out, change);
		return;
	}
	if (change->kind == KLDSIM_KBI_VALUE) {
		html(out, "<tr><th scope=\"row\">%s</th>", change->member);
		html(out, "<td class=\"differs\">%s%" PRIu64 "</td>",
		    change->module_value < 0 ? "-" : "",
		    change->module_value < 0 ? -(uint64_t)change->module_value :
		    (uint64_t)change->module_value);
		html(out, "<td class=\"differs\">%s%" PRIu64 "</td></tr>\n",
		    change->kernel_value < 0 ? "-" : "",
		    change->kernel_value < 0 ? -(uint64_t)change->kernel_value :
		    (uint64_t)change->kernel_value);
		return;
	}
	kldsim_kbi_change_text(change, mode, text, sizeof(text));
	html(out, "<tr><th scope=\"row\">%s</th><td class=\"differs\"><code>%s"
	    "</code></td><td class=\"differs\"><code>%s</code></td></tr>\n",
	    text, change->module_type != NULL ? change->module_type : "",
	    change->kernel_type != NULL ? change->kernel_type : "");
}

static void
put_sides(FILE *out, const struct kbi_module *module, size_t index,
    const struct kldsim_kbi_finding *finding)
{
	const enum kldsim_kbi_mode mode = kbi_mode_of(module, finding);
	const bool sized = finding->module_size + finding->kernel_size != 0;
	struct kldsim_kbi_change change;

	if (finding->changes == 0 && !sized)
		return;
	html(out, "<table class=\"sides\">\n<caption>%s %s, side by side"
	    "</caption>\n<thead><tr><th scope=\"col\">Member</th>"
	    "<th scope=\"col\">%s</th><th scope=\"col\">%s%s%s</th></tr>"
	    "</thead>\n<tbody>\n", kldsim_type_kind_name(finding->kind),
	    finding->name, sides[mode].module, sides[mode].kernel,
	    finding->linked != NULL ? " " : "",
	    finding->linked != NULL ? finding->linked : "");
	if (sized)
		html(out, "<tr><th scope=\"row\">size</th><td>%" PRIu64
		    " bytes</td><td>%" PRIu64 " bytes</td></tr>\n",
		    finding->module_size, finding->kernel_size);
	for (size_t i = 0; i < CHANGES && kldsim_kbi_report_change(
	    module->report, index, i, &change) == KLDSIM_OK; i++)
		put_change(out, &change, mode);
	html(out, "</tbody>\n</table>\n");
	if (finding->changes > CHANGES)
		html(out, "<p>and %zu more</p>\n", finding->changes - CHANGES);
}

/* How the module comes to it, and what has it inside. */
static void
put_reach(FILE *out, const struct kbi_module *module, size_t index,
    const struct kldsim_kbi_finding *finding)
{
	struct kldsim_kbi_embedding in;
	const char *name;
	size_t i;

	html(out, "<p><b>Reached from</b> ");
	if (finding->imports == 0 && finding->reached != NULL)
		html(out, "%s", finding->reached);
	for (i = 0; i < NAMES && (name = kldsim_kbi_report_import(
	    module->report, index, i)) != NULL; i++)
		html(out, "%s<code>%s</code>", i == 0 ? "" : ", ", name);
	if (finding->imports > NAMES)
		html(out, " and %zu more", finding->imports - NAMES);
	html(out, "</p>");
	if (finding->allocates != NULL)
		html(out, "<p>%s</p>", finding->allocates);
	if (finding->embedding == 0)
		return;
	html(out, "<p><b>By value in</b> ");
	for (i = 0; i < NAMES && kldsim_kbi_report_embedding(module->report,
	    index, i, &in) == KLDSIM_OK; i++)
		html(out, "%s%s <code>%s</code>", i == 0 ? "" : ", ",
		    kldsim_type_kind_name(in.kind), in.name);
	if (finding->embedding > i)
		html(out, " and %zu more", finding->embedding - i);
	html(out, "</p>");
}

static void
put_finding(struct kbi_page *to, FILE *out, const struct kbi_module *module,
    size_t index, const struct kldsim_kbi_finding *finding)
{
	const char *severity = kldsim_severity_name(finding->severity);

	html(out, "<li class=\"%s\"><b>%s</b> %s ", severity, severity,
	    finding->text);
	page_code(&to->page, out, finding->code);
	html(out, " <span>level %u</span>\n", finding->level);
	put_sides(out, module, index, finding);
	put_reach(out, module, index, finding);
	html(out, "</li>\n");
}

/* Gives how many of the cause's findings are shown. */
static size_t
put_cause(struct kbi_page *to, FILE *out, const struct kbi_run *run,
    const struct kbi_module *module, const struct kldsim_kbi_cause *cause,
    size_t most)
{
	struct kldsim_kbi_finding finding;
	size_t shown = 0, left = 0;

	for (size_t i = cause->first; i < cause->first + cause->findings;
	    i++) {
		if (kldsim_kbi_report_finding(module->report, i, &finding) !=
		    KLDSIM_OK || !kbi_shows(run, module, &finding))
			continue;
		if (shown == most) {
			left++;
			continue;
		}
		if (shown++ == 0)
			html(out, "<p class=\"way\">%s</p>\n"
			    "<ul class=\"said\">\n", cause->text);
		put_finding(to, out, module, i, &finding);
	}
	if (shown != 0)
		html(out, "</ul>\n");
	if (left != 0)
		html(out, "<p>and %zu more of this cause; --json has all</p>\n",
		    left);
	if (shown != 0 && cause->level < KLDSIM_KBI_MAYBE)
		html(out, "<p class=\"remedy\"><b>What to do</b> %s</p>\n",
		    cause->remedy);
	return (shown);
}

/* --- a module --- */

static void
put_told(struct kbi_page *to, FILE *out, const struct kbi_module *module)
{
	if (module->ntold == 0)
		return;
	html(out, "<ul class=\"said\">\n");
	for (size_t i = 0; i < module->ntold; i++) {
		const char *severity =
		    kldsim_severity_name(module->told[i].severity);

		html(out, "<li class=\"%s\"><b>%s</b> %s ", severity, severity,
		    module->told[i].text);
		page_code(&to->page, out, module->told[i].code);
		html(out, "</li>\n");
	}
	html(out, "</ul>\n");
}

/* What was looked at (I-56). */
static void
put_compared(FILE *out, const struct kbi_module *module)
{
	const struct kldsim_kbi_info *found = &module->found;

	if (module->report == NULL)
		return;
	html(out, "<p class=\"calm\">");
	if (module->info.osreldate != 0)
		html(out, "Built for %u%s. ", (unsigned)module->info.osreldate,
		    module->info.tied ? ", and together with one kernel" : "");
	html(out, "Compared were %u types that its %u imports lead to.",
	    (unsigned)found->compared, (unsigned)found->imports);
	if (found->why != NULL)
		html(out, " %s.", found->why);
	html(out, "</p>\n");
}

static const char *
code_of(const struct kbi_run *run, const struct kbi_module *module)
{
	struct kldsim_kbi_finding finding;

	for (size_t i = 0; i < module->ntold; i++)
		if (module->told[i].level == KLDSIM_KBI_LOAD)
			return (module->told[i].code);
	for (size_t i = 0; module->report != NULL &&
	    kldsim_kbi_report_finding(module->report, i, &finding) ==
	    KLDSIM_OK; i++)
		if (kbi_counts(run, module, &finding))
			return (finding.code);
	return (module->ntold != 0 ? module->told[0].code : NULL);
}

void
kbi_page_module(struct kbi_page *to, const struct kbi_run *run,
    const struct kbi_module *module, const char *path)
{
	struct page_row *row = page_row(&to->page, module->name, path);
	const char *verdict = kldsim_kbi_verdict_name(module->verdict);
	struct kldsim_kbi_cause cause;
	size_t left = FINDINGS, size;
	char *markup = NULL;
	FILE *out = need(open_memstream(&markup, &size));

	to->totals[module->verdict]++;
	row->verdicts[0] = verdict;
	row->loads = !module->refused && !module->panicked && !module->failed;
	html(out, "<p>%s</p>\n", module->why);
	put_told(to, out, module);
	for (size_t i = 0; module->report != NULL && left != 0 &&
	    kldsim_kbi_report_cause(module->report, i, &cause) == KLDSIM_OK;
	    i++)
		left -= put_cause(to, out, run, module, &cause, left);
	put_compared(out, module);
	(void)fclose(out);
	page_more(&to->page, need(markup));
	if (page_is_bad(verdict))
		page_mark(&to->page, verdict, code_of(run, module),
		    need(strdup(module->why)));
}

/* --- the page --- */

void
kbi_page_begin(struct kbi_page *to)
{
	memset(to, 0, sizeof(*to));
	page_init(&to->page, "kbi");
}

/* "2 of 5 modules have to be rebuilt for FreeBSD 14.1" */
static char *
title(const struct kbi_page *to)
{
	const size_t all = to->page.nrows;
	const size_t rebuild = to->totals[KLDSIM_KBI_REBUILD];
	const size_t refused = to->totals[KLDSIM_KBI_WILL_NOT_LOAD];
	char *text = NULL;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	if (rebuild != 0)
		(void)fprintf(out, "%zu of %zu module%s ha%s to be rebuilt for "
		    "%s", rebuild, all, all == 1 ? "" : "s",
		    rebuild == 1 ? "s" : "ve", to->page.into);
	if (refused != 0 && rebuild != 0)
		(void)fprintf(out, "; %zu will not load", refused);
	else if (refused != 0)
		(void)fprintf(out, "%zu of %zu module%s will not load into %s",
		    refused, all, all == 1 ? "" : "s", to->page.into);
	else if (rebuild == 0)
		(void)fprintf(out, "No difference was found that matters to "
		    "%s", to->page.into);
	(void)fclose(out);
	return (need(text));
}

int
kbi_page_write(struct kbi_page *to, const struct kbi_run *run)
{
	struct page *page = &to->page;
	struct kldsim *sim;
	int status;

	page_kernel(page, kldsim_check_kernel(run->check), run->load.kernel);
	if (run->info.ident != NULL)
		page_fact(page, "Configuration", run->info.ident);
	for (size_t i = 0; i < run->nolds; i++)
		page_fact(page, "Built for", run->olds[i].name);
	page->ways[0] = "interface";
	page->title = title(to);
	sim = page_load_all(page, run->image, &run->load.boot,
	    kldsim_check_module_path(run->check));
	status = page_write(page, run->html);
	kldsim_destroy(sim);
	return (status);
}

void
kbi_page_end(struct kbi_page *to)
{
	page_free(&to->page);
}
