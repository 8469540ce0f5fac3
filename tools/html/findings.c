/* SPDX-License-Identifier: BSD-2-Clause */

/* Findings: what was said of a module, and what the codes mean. */

#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "html/sections.h"
#include "report/report_finding.h"

#define PLACES 12 /* of a finding that many places have */

/* The number of a code; -1 if there is no such code. */
static int
number_of(const char *code)
{
	const struct kldsim_finding_info *info;

	for (size_t i = 0; (info = kldsim_finding_info_at(i)) != NULL; i++)
		if (strcmp(info->code, code) == 0)
			return ((int)i);
	return (-1);
}

static bool
same(const struct kldsim_finding *a, const struct kldsim_finding *b)
{
	return (strcmp(a->code, b->code) == 0 &&
	    strcmp(a->text, b->text) == 0 && a->offset == b->offset);
}

static bool
said_before(const struct page_said *said, const struct kldsim_finding *f)
{
	for (size_t i = 0; i < said->nbefore; i++)
		if (same(&said->before[i], f))
			return (true);
	return (false);
}

/* Whether one of its code came before it. */
static bool
explained_before(const struct page_said *said, size_t index)
{
	const char *code = said->findings[index].code;

	for (size_t i = 0; i < said->nbefore; i++)
		if (strcmp(said->before[i].code, code) == 0)
			return (true);
	for (size_t i = 0; i < index; i++)
		if (strcmp(said->findings[i].code, code) == 0)
			return (true);
	return (false);
}

void
page_code(struct page *page, FILE *out, const char *code)
{
	const int number = number_of(code);

	if (number < 0) {
		html(out, "<span class=\"code\">%s</span>", code);
		return;
	}
	page->explained[number] = true;
	html(out, "<a class=\"code\" href=\"#f-%s\">%s</a>", code, code);
}

static void
put_finding(struct page *page, FILE *out, const struct kldsim_finding *f,
    const char *words, bool explained)
{
	const char *severity = kldsim_severity_name(f->severity);
	const struct kldsim_finding_info *info = kldsim_finding_info(f->code);

	html(out, "<li class=\"%s\"><b>%s</b> %s ",
	    f->refusal ? "refusal" : severity, f->refusal ? "refused" : severity,
	    words);
	page_code(page, out, f->code);
	if (info != NULL && !explained && (f->refusal || f->severity != KLDSIM_NOTE))
		html(out, "<p>%s</p><p class=\"remedy\"><b>What to do</b> "
		    "%s</p>", info->meaning, info->remedy);
	html(out, "</li>\n");
}

static void
put_findings(struct page *page, FILE *out, const struct page_said *said)
{
	const struct findings all = { .some = said->findings,
		.count = said->nfindings };
	size_t count, told = 0;

	for (size_t i = 0; i < said->nfindings; i += count) {
		const struct kldsim_finding *f = &said->findings[i];
		char *words = finding_sentence(&all, i, PLACES, &count);
		const bool explained = explained_before(said, i);

		if (!said_before(said, f)) {
			if (told++ == 0)
				html(out, "<ul class=\"said\">\n");
			put_finding(page, out, f, words, explained);
			if (!explained && f->severity == KLDSIM_WARNING &&
			    !f->refusal && !said->of_kernel &&
			    !page_is_bad(said->verdict))
				page_mark(page, NULL, f->code,
				    need(strdup(words)));
		}
		free(words);
	}
	if (told != 0)
		html(out, "</ul>\n");
}

static void
put_console(FILE *out, const struct page_said *said)
{
	if (said->nconsole == 0)
		return;
	html(out, "<pre>");
	for (size_t i = 0; i < said->nconsole; i++)
		html(out, "%s\n", said->console[i]);
	html(out, "</pre>\n");
}

static void
put_way(FILE *out, const struct page_said *said)
{
	html(out, "<p class=\"way\">%s", said->way);
	if (said->verdict != NULL)
		html(out, " <span class=\"verdict %s\">%s</span>",
		    page_look(said->verdict), said->verdict);
	if (said->error != 0)
		html(out, " <abbr title=\"%s\">%s</abbr>",
		    kldsim_errno_text(said->error),
		    kldsim_errno_name(said->error));
	html(out, "</p>\n");
}

/* What nobody has to hear, or has heard before. */
static bool
is_silent(const struct page_said *said)
{
	if (said->nconsole != 0 || said->failure != NULL)
		return (false);
	if (page_is_bad(said->verdict))
		return (said->nfindings == 0);
	for (size_t i = 0; i < said->nfindings; i++)
		if (!said_before(said, &said->findings[i]))
			return (false);
	return (true);
}

void
page_say(struct page *page, const struct page_said *said)
{
	char *markup = NULL;
	size_t size;
	FILE *out;

	if (is_silent(said))
		return;
	out = need(open_memstream(&markup, &size));
	put_way(out, said);
	if (said->failure != NULL)
		html(out, "<p>%s</p>\n", said->failure);
	put_console(out, said);
	put_findings(page, out, said);
	(void)fclose(out);
	page_more(page, need(markup));
}

void
page_say_of_kernel(struct page *page, const struct kldsim_finding *findings,
    size_t nfindings)
{
	const struct page_said said = { .findings = findings,
		.nfindings = nfindings, .of_kernel = true };
	size_t size;
	FILE *out;

	if (nfindings == 0)
		return;
	out = need(open_memstream(&page->of_kernel, &size));
	put_findings(page, out, &said);
	(void)fclose(out);
	(void)need(page->of_kernel);
}

void
section_findings(const struct page *page, FILE *out)
{
	const struct kldsim_finding_info *info;

	html(out, "<section id=\"findings\">\n<h2>What the findings mean</h2>\n"
	    "<dl>\n");
	for (size_t i = 0; (info = kldsim_finding_info_at(i)) != NULL; i++)
		if (page->explained[i])
			html(out, "<div id=\"f-%s\">\n<dt>%s</dt>\n<dd>%s</dd>\n"
			    "<dd><b>The kernel</b> %s</dd>\n"
			    "<dd><b>What to do</b> %s</dd>\n</div>\n",
			    info->code, info->code, info->meaning, info->kernel,
			    info->remedy);
	html(out, "</dl>\n</section>\n");
}
