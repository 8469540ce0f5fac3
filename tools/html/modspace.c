/* SPDX-License-Identifier: BSD-2-Clause */

/* Which file holds which bytes of modspace, for each CPU and for each vnet. */

#include <stdlib.h>

#include "html/html.h"
#include "html/sections.h"
#include "html/strip.h"
#include "report/names.h"

static const struct {
	enum kldsim_set set;
	const char *name;
	const char *what;
} sets[] = {
	{ KLDSIM_SET_DPCPU, "DPCPU modspace", "set_pcpu, once for each CPU" },
	{ KLDSIM_SET_VNET, "VNET modspace", "set_vnet, once for each vnet" },
};

/* Neighbours are of two shades, so that one sees where they end. */
static void
take_parts(struct strip *strip, const struct page *page,
    const struct graph *graph, enum kldsim_set set)
{
	struct kldsim_set_part part;

	for (size_t i = 0; kldsim_set_part(page->sim, set, i, &part) ==
	    KLDSIM_OK; i++) {
		const struct graph_node *node = graph_find(graph, part.fileid);
		const char *name = file_name(page->sim, part.fileid);

		strip_add(strip, &(struct strip_piece){ .start = part.start,
		    .size = part.size, .look = "held", .label = name,
		    .name = name,
		    .what = section_name(page->sim, part.fileid,
		    part.section_index),
		    .row = node != NULL ? node->row : NO_ROW });
	}
	strip_sort(strip);
	for (size_t i = 1; i < strip->npieces; i += 2)
		strip->pieces[i].look = "held other";
}

static void
put_holders(const struct strip *strip, const struct page *page, FILE *out)
{
	html(out, "<details>\n<summary>Who holds what</summary>\n<table>\n"
	    "<caption>%s by address</caption>\n<thead><tr><th scope=\"col\">"
	    "Module</th><th scope=\"col\">Section</th><th scope=\"col\">Address"
	    "</th><th scope=\"col\" class=\"number\">Bytes</th></tr></thead>\n"
	    "<tbody>\n", strip->name);
	for (size_t i = 0; i < strip->npieces; i++) {
		const struct strip_piece *piece = &strip->pieces[i];

		html(out, "<tr><th scope=\"row\">");
		if (piece->row != NO_ROW)
			link_to_row(out, page, piece->row);
		else
			html(out, "%s", piece->name);
		html(out, "</th><td>%s</td><td>0x%llx</td>"
		    "<td class=\"number\">%llu</td></tr>\n",
		    piece->what != NULL ? piece->what : "",
		    (unsigned long long)piece->start,
		    (unsigned long long)piece->size);
	}
	html(out, "</tbody>\n</table>\n</details>\n");
}

static kldsim_size
largest_free(const struct page *page, enum kldsim_set set)
{
	struct kldsim_extent_info extent;
	kldsim_size most = 0;

	for (size_t i = 0; kldsim_set_free_extent(page->sim, set, i,
	    &extent) == KLDSIM_OK; i++)
		if (extent.size > most)
			most = extent.size;
	return (most);
}

static void
put_set(const struct page *page, const struct graph *graph, size_t number,
    FILE *out)
{
	struct strip strip = { .name = sets[number].name };
	struct kldsim_set_info info;

	kldsim_set_info(page->sim, sets[number].set, &info);
	html(out, "<h3>%s <small>%s</small></h3>\n", sets[number].name,
	    sets[number].what);
	if (!info.present || !info.has_modspace || info.modspace_size == 0) {
		html(out, "<p class=\"calm\">This kernel has none.</p>\n");
		return;
	}
	html(out, "<p>");
	html_bytes(out, info.modspace_size - info.modspace_free);
	html(out, " of ");
	html_bytes(out, info.modspace_size);
	html(out, " are taken; the largest free piece has ");
	html_bytes(out, largest_free(page, sets[number].set));
	html(out, ".</p>\n");
	strip.start = info.modspace_start;
	strip.size = info.modspace_size;
	take_parts(&strip, page, graph, sets[number].set);
	strip_draw(&strip, out);
	if (strip.npieces != 0)
		put_holders(&strip, page, out);
	strip_fini(&strip);
}

void
section_modspace(const struct page *page, const struct graph *graph, FILE *out)
{
	html(out, "<section id=\"modspace\">\n<h2>Modspace</h2>\n<p>The kernel "
	    "keeps a reserve for the per-CPU and per-vnet variables of modules. "
	    "A module whose variables do not fit is refused. %s</p>\n",
	    page->maps_of);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		put_set(page, graph, i, out);
	html(out, "</section>\n");
}
