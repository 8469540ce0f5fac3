/* SPDX-License-Identifier: BSD-2-Clause */

/* The graph of dependencies as SVG: what is needed stands left. */

#include <stdlib.h>

#include "html/html.h"
#include "html/sections.h"

/* In units of the drawing, which are pixels unless it is made smaller. */
#define ROW 24
#define BOX 18
#define LETTER 6.7
#define PAD 7
#define GAP 70    /* between layers, for edges */
#define LETTERS 28 /* of a name */

struct drawing {
	const struct page *page;
	const struct graph *graph;
	FILE *out;
	double *left;  /* of each layer */
	double *wide;
};

static double
width_of(const char *name)
{
	const size_t letters = html_width(name);

	return ((double)(letters > LETTERS ? LETTERS : letters) * LETTER +
	    2 * PAD);
}

/* Lengths in tenths are enough, and are written alike wherever we are. */
static void
tenths(FILE *out, double value)
{
	const long all = (long)(value * 10 + 0.5);

	(void)fprintf(out, "%ld", all / 10);
	if (all % 10 != 0)
		(void)fprintf(out, ".%ld", all % 10);
}

static void
place_layers(struct drawing *drawing)
{
	const struct graph *graph = drawing->graph;
	double at = 1;

	drawing->left = need(calloc(graph->nlayers + 1, sizeof(double)));
	drawing->wide = need(calloc(graph->nlayers + 1, sizeof(double)));
	for (size_t i = 0; i < graph->ndrawn; i++) {
		const struct graph_node *node =
		    &graph->nodes[graph->order[i]];
		const double wide = width_of(node->name);

		if (wide > drawing->wide[node->layer])
			drawing->wide[node->layer] = wide;
	}
	for (size_t i = 0; i < graph->nlayers; i++) {
		drawing->left[i] = at;
		at += drawing->wide[i] + GAP;
	}
	drawing->left[graph->nlayers] = at - GAP + 1;
}

static void
put_edge(const struct drawing *drawing, size_t from, size_t to)
{
	const struct graph_node *a = &drawing->graph->nodes[from];
	const struct graph_node *b = &drawing->graph->nodes[to];
	const double x = drawing->left[a->layer] + width_of(a->name);
	const double end = drawing->left[b->layer];
	const double bend = end - x > 2 * GAP ? GAP : (end - x) / 2;
	FILE *out = drawing->out;

	html(out, "<path data-e=\"%zu %zu\" d=\"M", from, to);
	tenths(out, x);
	(void)fputc(' ', out);
	tenths(out, a->y * ROW + BOX / 2.0 + 1);
	(void)fputc('C', out);
	tenths(out, x + bend);
	(void)fputc(' ', out);
	tenths(out, a->y * ROW + BOX / 2.0 + 1);
	(void)fputc(' ', out);
	tenths(out, end - bend);
	(void)fputc(' ', out);
	tenths(out, b->y * ROW + BOX / 2.0 + 1);
	(void)fputc(' ', out);
	tenths(out, end);
	(void)fputc(' ', out);
	tenths(out, b->y * ROW + BOX / 2.0 + 1);
	html(out, "\" />\n");
}

static void
put_node(const struct drawing *drawing, size_t index)
{
	const struct graph_node *node = &drawing->graph->nodes[index];
	const char *verdict = node->row == NO_ROW ? NULL :
	    page_worst(&drawing->page->rows[node->row]);
	const double y = node->y * ROW + 1;
	FILE *out = drawing->out;

	html(out, "<a id=\"n%zu\" class=\"node %s\"", index,
	    page_look(verdict));
	if (node->row != NO_ROW)
		html(out, " href=\"#m%zu\"", node->row);
	html(out, "><title>%s: needs %zu, needed by %zu</title><rect x=\"",
	    node->name, node->nneeds, node->nusers);
	tenths(out, drawing->left[node->layer]);
	html(out, "\" y=\"");
	tenths(out, y);
	html(out, "\" width=\"");
	tenths(out, width_of(node->name));
	html(out, "\" height=\"%d\" rx=\"4\" /><text x=\"", BOX);
	tenths(out, drawing->left[node->layer] + PAD);
	html(out, "\" y=\"");
	tenths(out, y + BOX - 5);
	html(out, "\">");
	html_cut(out, node->name, LETTERS);
	html(out, "</text></a>\n");
}

static void
draw(struct drawing *drawing)
{
	const struct graph *graph = drawing->graph;
	double high = 0;
	FILE *out = drawing->out;

	place_layers(drawing);
	for (size_t i = 0; i < graph->ndrawn; i++)
		if (graph->nodes[graph->order[i]].y > high)
			high = graph->nodes[graph->order[i]].y;
	html(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"Graph of dependencies\">\n"
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"deps\" width=\"%zu\" "
	    "height=\"%zu\" viewBox=\"0 0 %zu %zu\">\n<g class=\"edges\">\n",
	    (size_t)drawing->left[graph->nlayers] + 1,
	    (size_t)(high * ROW) + BOX + 3,
	    (size_t)drawing->left[graph->nlayers] + 1,
	    (size_t)(high * ROW) + BOX + 3);
	for (size_t i = 0; i < graph->ndrawn; i++) {
		const struct graph_node *node =
		    &graph->nodes[graph->order[i]];

		for (size_t k = 0; k < node->nneeds; k++)
			put_edge(drawing, node->needs[k], graph->order[i]);
	}
	html(out, "</g>\n<g class=\"nodes\">\n");
	for (size_t i = 0; i < graph->ndrawn; i++)
		put_node(drawing, graph->order[i]);
	html(out, "</g>\n</svg>\n</div>\n");
	free(drawing->left);
	free(drawing->wide);
}

/* What is no file of the kernel has no dependencies to be drawn. */
static void
put_not_loaded(const struct page *page, const struct graph *graph, FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < page->nrows; i++)
		count += graph->node_of[i] == NO_NODE && !page->rows[i].loads;
	if (count == 0)
		return;
	html_count(out, count, "module");
	html(out, " of the table %s not loaded, and not in it. ",
	    count == 1 ? "is" : "are");
}

/* Those that load alone, and not with the others. */
static void
put_left_out(const struct page *page, const struct graph *graph, FILE *out)
{
	size_t left = 0;

	for (size_t i = 0; i < page->nrows; i++) {
		if (graph->node_of[i] != NO_NODE || !page->rows[i].loads)
			continue;
		html(out, "%s", left++ == 0 ? "Not in it, for with those before "
		    "them they do not load: " : ", ");
		link_to_row(out, page, i);
	}
	if (left != 0)
		html(out, ".");
}

void
section_graph(const struct page *page, const struct graph *graph, FILE *out)
{
	struct drawing drawing = { .page = page, .graph = graph, .out = out };
	const size_t others = graph->count - graph->ndrawn;

	html(out, "<section id=\"graph\">\n<h2>Dependencies</h2>\n<p>%s ",
	    page->maps_of);
	if (graph->ndrawn != 0)
		html(out, "What is needed stands left of what needs it. ");
	if (others != 0) {
		html_count(out, others, "module");
		html(out, " need%s nothing but the kernel, and %s not drawn.",
		    others == 1 ? "s" : "", others == 1 ? "is" : "are");
	}
	html(out, "</p>\n<p>");
	put_not_loaded(page, graph, out);
	put_left_out(page, graph, out);
	html(out, "</p>\n");
	if (graph->ndrawn != 0) {
		html(out, "<p id=\"near\" role=\"status\"></p>\n");
		draw(&drawing);
	}
	html(out, "</section>\n");
}
