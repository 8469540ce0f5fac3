/* SPDX-License-Identifier: BSD-2-Clause */

/* The table of modules: totals, what to look for, and a row for each. */

#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "html/sections.h"

#define NEAR 3 /* files that a row names */

struct columns {
	bool ways[PAGE_WAYS];
	bool warnings;
	bool graph;
	bool held[2];
};

void
link_to_row(FILE *out, const struct page *page, size_t row)
{
	html(out, "<a href=\"#m%zu\">%s</a>", row, page->rows[row].name);
}

/* --- totals --- */

static size_t
count_verdict(const struct page *page, size_t way, int rank)
{
	size_t count = 0;

	for (size_t i = 0; i < page->nrows; i++)
		count += page->rows[i].verdicts[way] != NULL &&
		    page_rank(page->rows[i].verdicts[way]) == rank;
	return (count);
}

/* A bar of what became of all, as long as there are modules. */
static void
put_bar(const struct page *page, size_t way, FILE *out)
{
	size_t at = 0;

	html(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"bar\" "
	    "viewBox=\"0 0 %zu 1\" preserveAspectRatio=\"none\" "
	    "aria-hidden=\"true\">", page->nrows == 0 ? 1 : page->nrows);
	for (int rank = 0; page_word(rank) != NULL; rank++) {
		const size_t count = count_verdict(page, way, rank);

		if (count != 0)
			html(out, "<rect class=\"%s\" x=\"%zu\" width=\"%zu\" "
			    "height=\"1\" />", page_look(page_word(rank)), at,
			    count);
		at += count;
	}
	html(out, "</svg>");
}

void
section_totals(const struct page *page, FILE *out)
{
	html(out, "<div class=\"totals\">\n");
	for (size_t way = 0; way < PAGE_WAYS; way++) {
		if (!page_has_way(page, way))
			continue;
		html(out, "<div>\n<h2>%s</h2>\n", page->ways[way]);
		put_bar(page, way, out);
		html(out, "\n<p>");
		for (int rank = 0; page_word(rank) != NULL; rank++) {
			const size_t count = count_verdict(page, way, rank);

			if (count != 0)
				html(out, "<span class=\"verdict %s\">%zu %s"
				    "</span> ", page_look(page_word(rank)),
				    count, page_word(rank));
		}
		html(out, "</p>\n</div>\n");
	}
	html(out, "</div>\n");
}

/* --- what to look for; the script shows it --- */

static size_t
count_rows(const struct page *page, int rank)
{
	size_t count = 0;

	for (size_t i = 0; i < page->nrows; i++)
		count += page_rank(page_worst(&page->rows[i])) == rank;
	return (count);
}

static void
put_choice(FILE *out, const char *value, const char *text, size_t count)
{
	html(out, "<label><input type=\"radio\" name=\"show\" value=\"%s\" />"
	    "<span>%s <b>%zu</b></span></label>\n", value, text, count);
}

static void
put_controls(const struct page *page, FILE *out)
{
	size_t bad = 0, warned = 0;

	for (size_t i = 0; i < page->nrows; i++) {
		bad += page_is_bad(page_worst(&page->rows[i]));
		warned += page->rows[i].warnings != 0;
	}
	html(out, "<form class=\"controls\" hidden=\"hidden\">\n"
	    "<label class=\"search\"><span>Search</span> <input type=\"search\" "
	    "id=\"search\" autocomplete=\"off\" aria-describedby=\"shown\" />"
	    "</label>\n<fieldset>\n<legend>Show</legend>\n");
	put_choice(out, "all", "all", page->nrows);
	if (bad != 0)
		put_choice(out, "bad", "needs attention", bad);
	if (warned != 0)
		put_choice(out, "warned", "with warnings", warned);
	for (int rank = 0; page_word(rank) != NULL; rank++)
		if (count_rows(page, rank) != 0)
			put_choice(out, page_word(rank), page_word(rank),
			    count_rows(page, rank));
	html(out, "</fieldset>\n<p id=\"shown\" role=\"status\"></p>\n</form>\n");
}

/* --- rows --- */

static struct columns
columns_of(const struct page *page, const struct graph *graph)
{
	struct columns columns = { .graph = graph->ndrawn != 0 };

	for (size_t i = 0; i < PAGE_WAYS; i++)
		columns.ways[i] = page_has_way(page, i);
	for (size_t i = 0; i < page->nrows; i++)
		columns.warnings |= page->rows[i].warnings != 0;
	for (size_t i = 0; i < graph->count; i++)
		for (int set = 0; set < 2; set++)
			columns.held[set] |= graph->nodes[i].held[set] != 0;
	return (columns);
}

static void
put_heading(FILE *out, const char *text, const char *look)
{
	html(out, "<th scope=\"col\" class=\"%s\">%s</th>", look, text);
}

static void
put_head(const struct page *page, const struct columns *columns, FILE *out)
{
	html(out, "<table id=\"table\">\n<caption>");
	html_count(out, page->nrows, "module");
	html(out, "</caption>\n<thead>\n<tr>");
	put_heading(out, "Module", "text");
	for (size_t i = 0; i < PAGE_WAYS; i++)
		if (columns->ways[i])
			put_heading(out, page->ways[i], "rank");
	if (columns->warnings)
		put_heading(out, "Warnings", "number");
	if (columns->graph) {
		put_heading(out, "Needs", "number");
		put_heading(out, "Needed by", "number");
	}
	if (columns->held[KLDSIM_SET_DPCPU])
		put_heading(out, "set_pcpu", "number");
	if (columns->held[KLDSIM_SET_VNET])
		put_heading(out, "set_vnet", "number");
	html(out, "</tr>\n</thead>\n<tbody>\n");
}

/* A number that is 0 is of no interest, but sorts. */
static void
put_number(FILE *out, uint64_t number)
{
	html(out, "<td class=\"number\">");
	if (number != 0)
		html(out, "%llu", (unsigned long long)number);
	html(out, "</td>");
}

static void
put_verdict(FILE *out, const char *verdict, int error)
{
	if (verdict == NULL) {
		html(out, "<td data-k=\"-1\"></td>");
		return;
	}
	html(out, "<td data-k=\"%d\"><span class=\"verdict %s\">%s</span>",
	    page_rank(verdict), page_look(verdict), verdict);
	if (error != 0)
		html(out, " <abbr title=\"%s\">%s</abbr>",
		    kldsim_errno_text(error), kldsim_errno_name(error));
	html(out, "</td>");
}

/* "needs a.ko, b.ko and 2 more" */
static void
put_near(const struct page *page, const struct graph *graph,
    const char *what, const size_t *near, size_t count, FILE *out)
{
	if (count == 0)
		return;
	html(out, "<li><b>%s</b> ", what);
	for (size_t i = 0; i < count && (i < NEAR || count == NEAR + 1); i++) {
		const struct graph_node *node = &graph->nodes[near[i]];

		html(out, "%s", i == 0 ? "" : ", ");
		if (node->row != NO_ROW)
			link_to_row(out, page, node->row);
		else
			html(out, "%s", node->name);
	}
	if (count > NEAR + 1)
		html(out, " and %zu more", count - NEAR);
	html(out, "</li>\n");
}

/* Below the name, what is said of it; the row is where links lead. */
static void
put_name(const struct page *page, const struct graph *graph, size_t index,
    FILE *out)
{
	const struct page_row *row = &page->rows[index];
	const struct graph_node *node = graph->node_of[index] == NO_NODE ?
	    NULL : &graph->nodes[graph->node_of[index]];
	const bool near = node != NULL && node->nneeds + node->nusers != 0;

	html(out, "<th scope=\"row\">");
	if (row->more == NULL && !near) {
		html(out, "<span>%s</span></th>", row->name);
		return;
	}
	html(out, "<details><summary>%s</summary>\n<div class=\"more\">\n",
	    row->name);
	if (row->more != NULL)
		fputs(row->more, out); /* markup by now */
	if (near) {
		html(out, "<ul class=\"near\">\n");
		put_near(page, graph, "needs", node->needs, node->nneeds, out);
		put_near(page, graph, "needed by", node->users, node->nusers,
		    out);
		html(out, "</ul>\n");
	}
	html(out, "</div>\n</details></th>");
}

static void
put_row(const struct page *page, const struct graph *graph,
    const struct columns *columns, size_t index, FILE *out)
{
	const struct page_row *row = &page->rows[index];
	const struct graph_node *node = graph->node_of[index] == NO_NODE ?
	    NULL : &graph->nodes[graph->node_of[index]];
	const char *worst = page_worst(row);

	html(out, "<tr id=\"m%zu\" data-v=\"%s\" data-bad=\"%d\" data-warned="
	    "\"%d\">", index, worst != NULL ? worst : "", page_is_bad(worst),
	    row->warnings != 0);
	put_name(page, graph, index, out);
	for (size_t i = 0; i < PAGE_WAYS; i++)
		if (columns->ways[i])
			put_verdict(out, row->verdicts[i], row->errors[i]);
	if (columns->warnings)
		put_number(out, row->warnings);
	if (columns->graph) {
		put_number(out, node != NULL ? node->nneeds : 0);
		put_number(out, node != NULL ? node->nusers : 0);
	}
	for (int set = 0; set < 2; set++)
		if (columns->held[set])
			put_number(out, node != NULL ? node->held[set] : 0);
	html(out, "</tr>\n");
}

void
section_table(const struct page *page, const struct graph *graph, FILE *out)
{
	const struct columns columns = columns_of(page, graph);

	html(out, "<section id=\"modules\">\n<h2>Modules</h2>\n");
	put_controls(page, out);
	html(out, "<div class=\"scroll\">\n");
	put_head(page, &columns, out);
	for (size_t i = 0; i < page->nrows; i++)
		put_row(page, graph, &columns, i, out);
	html(out, "</tbody>\n</table>\n</div>\n</section>\n");
}
