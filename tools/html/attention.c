/* SPDX-License-Identifier: BSD-2-Clause */

/* What has to be seen: modules with one reason together, the worst first. */

#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "html/sections.h"

#define SHOWN 6 /* modules of a group; the others are one step away */

/* Those of one verdict and one code. */
struct group {
	const struct page_mark *const *marks; /* count of them */
	size_t count;
};

static int
compare_text(const char *a, const char *b)
{
	return (strcmp(a != NULL ? a : "", b != NULL ? b : ""));
}

static int
by_group(const struct page_mark *a, const struct page_mark *b)
{
	const int rank = page_rank(b->verdict) - page_rank(a->verdict);

	return (rank != 0 ? rank : compare_text(a->code, b->code));
}

static int
compare_marks(const void *a, const void *b)
{
	const struct page_mark *const *x = a, *const *y = b;
	const int order = by_group(*x, *y);

	if (order != 0)
		return (order);
	return (*x < *y ? -1 : *x > *y);
}

/* The worst verdict first, and of one the largest. */
static int
compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	const int rank = page_rank(y->marks[0]->verdict) -
	    page_rank(x->marks[0]->verdict);

	if (rank != 0)
		return (rank);
	if (x->count != y->count)
		return (x->count > y->count ? -1 : 1);
	return (compare_text(x->marks[0]->code, y->marks[0]->code));
}

static void
list(const struct page *page, const struct group *group, size_t first,
    size_t end, FILE *out)
{
	html(out, "<ul>\n");
	for (size_t i = first; i < end; i++) {
		const struct page_mark *mark = group->marks[i];

		html(out, "<li>");
		link_to_row(out, page, mark->row);
		html(out, " <span>%s</span></li>\n", mark->text);
	}
	html(out, "</ul>\n");
}

static void
put_group(const struct page *page, const struct group *group, FILE *out)
{
	const struct page_mark *mark = group->marks[0];
	const char *look = mark->verdict != NULL ? page_look(mark->verdict) :
	    "warn";
	const struct kldsim_finding_info *info =
	    kldsim_finding_info(mark->code);
	size_t shown = group->count <= SHOWN + 2 ? group->count : SHOWN;

	html(out, "<article class=\"group %s\">\n<h3><span class=\"verdict "
	    "%s\">%s</span> ", look, look,
	    mark->verdict != NULL ? mark->verdict : "warning");
	html_count(out, group->count, "module");
	if (mark->code != NULL)
		html(out, ": <a class=\"code\" href=\"#f-%s\">%s</a>",
		    mark->code, mark->code);
	html(out, "</h3>\n");
	if (info != NULL)
		html(out, "<p>%s</p>\n", info->meaning);
	list(page, group, 0, shown, out);
	if (shown < group->count) {
		html(out, "<details>\n<summary>and %zu more</summary>\n",
		    group->count - shown);
		list(page, group, shown, group->count, out);
		html(out, "</details>\n");
	}
	if (info != NULL)
		html(out, "<p class=\"remedy\"><b>What to do</b> %s</p>\n",
		    info->remedy);
	html(out, "</article>\n");
}

static void
put_groups(const struct page *page, struct group *groups, size_t count,
    bool warnings, FILE *out)
{
	for (size_t i = 0; i < count; i++)
		if ((groups[i].marks[0]->verdict == NULL) == warnings)
			put_group(page, &groups[i], out);
}

/* Warnings of modules that are in are there for who wants to see them. */
static void
put_warnings(const struct page *page, struct group *groups, size_t count,
    FILE *out)
{
	size_t kinds = 0, modules = 0;

	for (size_t i = 0; i < count; i++)
		kinds += groups[i].marks[0]->verdict == NULL;
	for (size_t i = 0; i < page->nrows; i++)
		modules += page->rows[i].warnings != 0 &&
		    !page_is_bad(page_worst(&page->rows[i]));
	if (kinds == 0)
		return;
	html(out, "<details class=\"warnings\">\n<summary>");
	html_count(out, modules, "module");
	html(out, " load%s with warnings, of ", modules == 1 ? "s" : "");
	html_count(out, kinds, "kind");
	html(out, "</summary>\n");
	put_groups(page, groups, count, true, out);
	html(out, "</details>\n");
}

void
section_attention(const struct page *page, FILE *out)
{
	const struct page_mark **marks = need(calloc(page->nmarks + 1,
	    sizeof(*marks)));
	struct group *groups = need(calloc(page->nmarks + 1, sizeof(*groups)));
	size_t count = 0;

	for (size_t i = 0; i < page->nmarks; i++)
		marks[i] = &page->marks[i];
	qsort(marks, page->nmarks, sizeof(*marks), compare_marks);
	for (size_t i = 0; i < page->nmarks; i++) {
		if (i == 0 || by_group(marks[i - 1], marks[i]) != 0)
			groups[count++].marks = &marks[i];
		groups[count - 1].count++;
	}
	qsort(groups, count, sizeof(*groups), compare_groups);
	html(out, "<section id=\"attention\">\n<h2>What needs attention</h2>\n");
	if (count == 0 || groups[0].marks[0]->verdict == NULL)
		html(out, "<p class=\"calm\">Nothing has to be done.</p>\n");
	put_groups(page, groups, count, false, out);
	put_warnings(page, groups, count, out);
	if (page->of_kernel != NULL) {
		html(out, "<details class=\"warnings\">\n<summary>What was said of "
		    "no single module</summary>\n");
		fputs(page->of_kernel, out); /* markup by now */
		html(out, "</details>\n");
	}
	html(out, "</section>\n");
	free(groups);
	free(marks);
}
