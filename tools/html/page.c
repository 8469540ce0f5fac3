/* SPDX-License-Identifier: BSD-2-Clause */

/* What a page is filled with, and its frame. */

#include "html/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "html/assets.h"
#include "html/html.h"
#include "html/sections.h"

/* Every word that a verdict can be, the best one first. */
static const struct {
	const char *word;
	const char *look;
} verdicts[] = {
	{ "ok", "good" },
	{ "loaded", "good" },
	{ "no difference found", "good" },
	{ "in kernel", "calm" },
	{ "not tried", "calm" },
	{ "cannot tell", "calm" },
	{ "no module", "bad" },
	{ "rebuild", "bad" },
	{ "refused", "bad" },
	{ "will not load", "bad" },
	{ "panic", "worst" },
	{ "failed", "worst" },
};

#define NVERDICTS (sizeof(verdicts) / sizeof(*verdicts))

int
page_rank(const char *verdict)
{
	for (size_t i = 0; verdict != NULL && i < NVERDICTS; i++)
		if (strcmp(verdicts[i].word, verdict) == 0)
			return ((int)i);
	return (-1);
}

const char *
page_word(int rank)
{
	return (rank < 0 || rank >= (int)NVERDICTS ? NULL :
	    verdicts[rank].word);
}

const char *
page_look(const char *verdict)
{
	const int rank = page_rank(verdict);

	return (rank < 0 ? "calm" : verdicts[rank].look);
}

bool
page_is_bad(const char *verdict)
{
	const char *look = page_look(verdict);

	return (strcmp(look, "bad") == 0 || strcmp(look, "worst") == 0);
}

const char *
page_worst(const struct page_row *row)
{
	const char *worst = NULL;

	for (size_t i = 0; i < PAGE_WAYS; i++)
		if (row->verdicts[i] != NULL &&
		    page_rank(row->verdicts[i]) >= page_rank(worst))
			worst = row->verdicts[i];
	return (worst);
}

bool
page_has_way(const struct page *page, size_t way)
{
	for (size_t i = 0; i < page->nrows; i++)
		if (page->rows[i].verdicts[way] != NULL)
			return (true);
	return (false);
}

/* --- filling it --- */

void
page_init(struct page *page, const char *command)
{
	memset(page, 0, sizeof(*page));
	page->command = command;
	page->explained = need(calloc(kldsim_finding_info_count() + 1,
	    sizeof(*page->explained)));
}

void
page_free(struct page *page)
{
	for (size_t i = 0; i < page->nrows; i++) {
		free(page->rows[i].name);
		free(page->rows[i].path);
		free(page->rows[i].more);
	}
	for (size_t i = 0; i < page->nmarks; i++)
		free(page->marks[i].text);
	for (size_t i = 0; i < page->nfacts; i++)
		free(page->facts[i].text);
	free(page->rows);
	free(page->marks);
	free(page->facts);
	free(page->explained);
	free(page->of_kernel);
	free(page->title);
	free(page->into);
}

/* Room for one more: the array doubles when its count is a power of two. */
static void *
grow(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return (array);
	return (need(realloc(array, (count == 0 ? 1 : count * 2) * size)));
}

void
page_fact(struct page *page, const char *name, const char *text)
{
	page->facts = grow(page->facts, page->nfacts, sizeof(*page->facts));
	page->facts[page->nfacts].name = name;
	page->facts[page->nfacts++].text = need(strdup(text));
}

void
page_kernel(struct page *page, const struct kldsim *sim, const char *path)
{
	const uint32_t osreldate = kldsim_osreldate(sim);
	const char *release = kldsim_release_name(osreldate);
	char text[128];

	(void)snprintf(text, sizeof(text), "FreeBSD %s", release != NULL ?
	    release : "of an unknown version");
	page->into = need(strdup(text));
	(void)snprintf(text, sizeof(text), "%s (%u)", page->into,
	    (unsigned)osreldate);
	page_fact(page, "Kernel", path);
	page_fact(page, "Release", text);
}

struct page_row *
page_row(struct page *page, const char *name, const char *path)
{
	struct page_row *row;

	page->rows = grow(page->rows, page->nrows, sizeof(*page->rows));
	page->at = page->nrows++;
	row = &page->rows[page->at];
	memset(row, 0, sizeof(*row));
	row->name = need(strdup(name));
	row->path = path != NULL ? need(strdup(path)) : NULL;
	return (row);
}

void
page_mark(struct page *page, const char *verdict, const char *code,
    char *text)
{
	struct page_mark *mark;

	page->marks = grow(page->marks, page->nmarks, sizeof(*page->marks));
	mark = &page->marks[page->nmarks++];
	mark->row = page->at;
	mark->verdict = verdict;
	mark->code = code;
	mark->text = text;
}

void
page_more(struct page *page, char *markup)
{
	char **more = &page->rows[page->at].more;
	const size_t had = *more != NULL ? strlen(*more) : 0;

	if (had == 0) {
		free(*more);
		*more = markup;
		return;
	}
	*more = need(realloc(*more, had + strlen(markup) + 1));
	memcpy(*more + had, markup, strlen(markup) + 1);
	free(markup);
}

/* --- its frame --- */

/* Scripts and styles that are not ours do not run, and nothing is fetched. */
static void
head(const struct page *page, FILE *out)
{
	html(out, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" "
	    "lang=\"en\" xml:lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	    "'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri "
	    "'none'; form-action 'none'\" />\n", html_style_hash,
	    html_script_hash);
	html(out, "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\" />\n<meta name=\"color-scheme\" "
	    "content=\"light dark\" />\n<title>%s</title>\n<style>",
	    page->title);
	fputs(html_style, out);
	html(out, "</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#modules\">To the modules</a>\n");
}

static void
header(const struct page *page, FILE *out)
{
	html(out, "<header>\n<p class=\"kicker\">kldsim %s</p>\n<h1>%s</h1>\n"
	    "<dl class=\"facts\">\n", page->command, page->title);
	for (size_t i = 0; i < page->nfacts; i++)
		html(out, "<div><dt>%s</dt><dd>%s</dd></div>\n",
		    page->facts[i].name, page->facts[i].text);
	html(out, "</dl>\n");
	section_totals(page, out);
	html(out, "</header>\n");
}

static void
contents(const struct page *page, FILE *out)
{
	html(out, "<nav aria-label=\"Contents\">\n"
	    "<a href=\"#attention\">Attention</a>\n"
	    "<a href=\"#modules\">Modules</a>\n");
	if (page->sim != NULL)
		html(out, "<a href=\"#graph\">Dependencies</a>\n"
		    "<a href=\"#modspace\">Modspace</a>\n"
		    "<a href=\"#memory\">Memory</a>\n");
	html(out, "<a href=\"#findings\">Findings</a>\n</nav>\n");
}

static void
sections(const struct page *page, FILE *out)
{
	struct graph graph;

	graph_init(&graph, page);
	html(out, "<main>\n");
	section_attention(page, out);
	section_table(page, &graph, out);
	if (page->sim != NULL) {
		section_graph(page, &graph, out);
		section_modspace(page, &graph, out);
		section_memory(page, &graph, out);
	}
	section_findings(page, out);
	html(out, "</main>\n");
	graph_fini(&graph);
}

static void
foot(FILE *out)
{
	html(out, "<footer>\n<p>Made by kldsim %s, a simulation of "
	    "FreeBSD\xe2\x80\x99s kernel linker. Nothing of the modules was "
	    "run.</p>\n<p class=\"keys\" hidden=\"hidden\"><kbd>/</kbd> search, "
	    "<kbd>\xe2\x86\x91</kbd> <kbd>\xe2\x86\x93</kbd> from module to module, "
	    "<kbd>Enter</kbd> opens one, <kbd>Esc</kbd> shows all again.</p>\n"
	    "</footer>\n<script>", kldsim_version_string());
	fputs(html_script, out);
	html(out, "</script>\n</body>\n</html>\n");
}

int
page_write(struct page *page, const char *name)
{
	FILE *out = output_open(name);

	if (out == NULL)
		return (STATUS_HOST);
	head(page, out);
	header(page, out);
	contents(page, out);
	sections(page, out);
	foot(out);
	return (output_close(out, name));
}
