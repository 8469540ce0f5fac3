/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel's and the modules' sections by address; gaps are breaks. */

#include <stdlib.h>
#include <string.h>

#include "html/html.h"
#include "html/sections.h"
#include "html/strip.h"
#include "report/names.h"

#define SHF_WRITE 1u
#define SHF_EXECINSTR 4u
#define SHT_NOBITS 8u
/* A gap is a break if it has more than this part of what is there. */
#define BREAK 8
#define KEPT (64 * 1024) /* bytes that are never a break */
/* Of more files than that, sections of one kind that touch are one. */
#define MANY 60

struct map {
	const struct page *page;
	const struct graph *graph;
	struct strip *into;
	const char *file;
	size_t row;
	size_t first;  /* of the file's pieces */
	bool many;     /* of many files those of one kind are one piece */
};

static const char *
look_of(const struct kldsim_section *section)
{
	if (section->type == SHT_NOBITS)
		return ("zero");
	if ((section->flags & SHF_EXECINSTR) != 0)
		return ("code");
	return ((section->flags & SHF_WRITE) != 0 ? "data" : "const");
}

/* What fills a page to the next section belongs to the one before. */
static bool
joins(const struct strip *strip, const struct map *map,
    const struct strip_piece *piece)
{
	const struct strip_piece *last;

	if (strip->npieces == 0 || !map->many)
		return (false);
	last = &strip->pieces[strip->npieces - 1];
	return (last->row == piece->row && last->look == piece->look &&
	    last->name == piece->name && piece->start >= last->start &&
	    piece->start - last->start - last->size < 64);
}

static int
take_section(void *user, const struct kldsim_section *section)
{
	const struct map *map = user;
	struct strip_piece piece = { .start = section->address,
		.size = section->size, .look = look_of(section),
		.label = map->into->npieces == map->first && map->file != NULL ?
		map->file : section->name,
		.name = map->file, .what = section->name, .row = map->row };
	struct strip_piece *last;

	if (section->region == KLDSIM_REGION_DPCPU ||
	    section->region == KLDSIM_REGION_VNET)
		return (0); /* in the kernel's set: the maps of modspace */
	if (strcmp(section->name, "set_pcpu") == 0 ||
	    strcmp(section->name, "set_vnet") == 0)
		piece.look = "held";
	if (joins(map->into, map, &piece)) {
		last = &map->into->pieces[map->into->npieces - 1];
		last->size = piece.start + piece.size - last->start;
		last->what = NULL;
		if (last != &map->into->pieces[map->first])
			last->label = NULL;
	} else {
		strip_add(map->into, &piece);
	}
	return (0);
}

/* What a file has no section for is there all the same. */
static void
take_file(struct map *map, const struct graph_node *node)
{
	map->first = map->into->npieces;
	map->file = node->name;
	map->row = node->row;
	(void)!kldsim_file_layout(map->page->sim, node->id, take_section, map);
	if (map->into->npieces == map->first)
		strip_add(map->into, &(struct strip_piece){
		    .start = node->address, .size = node->size,
		    .look = "other", .label = node->name, .name = node->name,
		    .row = node->row });
}

static kldsim_addr
end_of(const struct strip_piece *piece)
{
	return (piece->start + piece->size);
}

static void
put_gap(FILE *out, kldsim_size size)
{
	html(out, "<p class=\"gap\">");
	html_bytes(out, size);
	html(out, " of nothing between</p>\n");
}

/* Pieces that are near each other make a strip. */
static void
put_runs(const struct strip *all, FILE *out)
{
	kldsim_size sum = 0, most;
	size_t first = 0;

	for (size_t i = 0; i < all->npieces; i++)
		sum += all->pieces[i].size;
	most = sum / BREAK > KEPT ? sum / BREAK : KEPT;
	for (size_t i = 0; i < all->npieces; i++) {
		const bool last = i + 1 == all->npieces;
		const kldsim_size gap = last ? 0 :
		    all->pieces[i + 1].start - end_of(&all->pieces[i]);
		struct strip run = { .name = all->name,
			.start = all->pieces[first].start,
			.pieces = all->pieces + first,
			.npieces = i + 1 - first };

		if (!last && gap <= most)
			continue;
		run.size = end_of(&all->pieces[i]) - run.start;
		strip_draw(&run, out);
		if (!last)
			put_gap(out, gap);
		first = i + 1;
	}
}

static void
put_kernel(const struct page *page, FILE *out)
{
	struct strip strip = { .name = "The kernel" };
	struct map map = { .page = page, .into = &strip, .row = NO_ROW };
	struct kldsim_filestat stat;
	int id = 0;

	if (!next_file(page->sim, &id) ||
	    kldsim_kldstat(page->sim, id, &stat) != KLDSIM_OK)
		return;
	(void)!kldsim_file_layout(page->sim, id, take_section, &map);
	if (strip.npieces == 0)
		strip_add(&strip, &(struct strip_piece){ .start = stat.address,
		    .size = stat.size, .look = "other", .label = stat.name,
		    .name = stat.name, .row = NO_ROW });
	strip_sort(&strip);
	put_runs(&strip, out);
	strip_fini(&strip);
}

static void
put_modules(const struct page *page, const struct graph *graph, FILE *out)
{
	struct strip strip = { .name = "Modules" };
	struct map map = { .page = page, .into = &strip,
		.many = graph->count > MANY };

	for (size_t i = 0; i < graph->count; i++)
		take_file(&map, &graph->nodes[i]);
	strip_sort(&strip);
	put_runs(&strip, out);
	strip_fini(&strip);
}

static void
legend(FILE *out)
{
	static const struct {
		const char *look;
		const char *what;
	} looks[] = {
		{ "code", "code" }, { "const", "read only" },
		{ "data", "data" }, { "zero", "zeros (.bss)" },
		{ "held", "per CPU or vnet" },
	};

	html(out, "<ul class=\"legend\">\n");
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
		html(out, "<li><svg xmlns=\"http://www.w3.org/2000/svg\" "
		    "viewBox=\"0 0 14 14\" width=\"14\" height=\"14\" "
		    "aria-hidden=\"true\"><rect class=\"%s\" width=\"14\" "
		    "height=\"14\" rx=\"3\" /></svg> %s</li>\n", looks[i].look,
		    looks[i].what);
	html(out, "</ul>\n");
}

void
section_memory(const struct page *page, const struct graph *graph, FILE *out)
{
	html(out, "<section id=\"memory\">\n<h2>Memory</h2>\n<p>Where the "
	    "kernel and the modules are, by address. %s</p>\n",
	    page->maps_of);
	legend(out);
	put_kernel(page, out);
	put_modules(page, graph, out);
	html(out, "</section>\n");
}
