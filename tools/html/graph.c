/* SPDX-License-Identifier: BSD-2-Clause */

/* The linker files of a kernel and what they depend on; see graph.h. */

#include "html/graph.h"

#include <stdlib.h>
#include <string.h>

#include "html/sections.h"
#include "report/names.h"
#include "report/output.h"

static int
compare_ids(const void *a, const void *b)
{
	const struct graph_node *x = a, *y = b;

	return ((x->id > y->id) - (x->id < y->id));
}

const struct graph_node *
graph_find(const struct graph *graph, int id)
{
	const struct graph_node key = { .id = id };

	return (graph->count == 0 ? NULL : bsearch(&key, graph->nodes,
	    graph->count, sizeof(key), compare_ids));
}

/* --- files --- */

/* The kernel is the first file, and what all depend on. */
static void
take_files(struct graph *graph, const struct kldsim *sim)
{
	struct kldsim_filestat stat;
	struct graph_node *node;
	size_t count = 0;
	int first = 0;

	for (int id = 0; next_file(sim, &id);)
		count++;
	graph->nodes = need(calloc(count + 1, sizeof(*graph->nodes)));
	(void)next_file(sim, &first);
	for (int id = first; next_file(sim, &id);) {
		if (kldsim_kldstat(sim, id, &stat) != KLDSIM_OK)
			continue;
		node = &graph->nodes[graph->count++];
		node->id = id;
		node->name = need(strdup(stat.name));
		node->row = NO_ROW;
		node->address = stat.address;
		node->size = stat.size;
	}
	qsort(graph->nodes, graph->count, sizeof(*node), compare_ids);
}

/* --- rows of the page --- */

static int
compare_paths(const void *a, const void *b)
{
	const struct page_row *const *x = a, *const *y = b;

	return (strcmp((*x)->path, (*y)->path));
}

/* Files and rows are one thing by their paths. */
static void
take_rows(struct graph *graph, const struct page *page)
{
	const struct page_row **rows = need(calloc(page->nrows + 1,
	    sizeof(*rows)));
	struct kldsim_filestat stat;
	size_t count = 0;

	for (size_t i = 0; i < page->nrows; i++) {
		graph->node_of[i] = NO_NODE;
		if (page->rows[i].path != NULL)
			rows[count++] = &page->rows[i];
	}
	qsort(rows, count, sizeof(*rows), compare_paths);
	for (size_t i = 0; i < graph->count && count != 0; i++) {
		struct page_row key = { .path = NULL };
		const struct page_row *wanted = &key, **found;

		if (kldsim_kldstat(page->sim, graph->nodes[i].id, &stat) !=
		    KLDSIM_OK)
			continue;
		key.path = need(strdup(stat.path));
		found = bsearch(&wanted, rows, count, sizeof(*rows),
		    compare_paths);
		free(key.path);
		if (found == NULL)
			continue;
		graph->nodes[i].row = (size_t)(*found - page->rows);
		graph->node_of[*found - page->rows] = i;
	}
	free(rows);
}

/* --- edges --- */

static void
add(size_t **array, size_t *count, size_t value)
{
	*array = need(realloc(*array, (*count + 1) * sizeof(**array)));
	(*array)[(*count)++] = value;
}

static bool
has(const size_t *array, size_t count, size_t value)
{
	for (size_t i = 0; i < count; i++)
		if (array[i] == value)
			return (true);
	return (false);
}

/* A file names another as often as it has dependencies on it. */
static void
take_edges(struct graph *graph, const struct kldsim *sim)
{
	int dep;

	for (size_t i = 0; i < graph->count; i++) {
		struct graph_node *node = &graph->nodes[i];

		for (size_t d = 0; kldsim_file_dep(sim, node->id, d, &dep) ==
		    KLDSIM_OK; d++) {
			const struct graph_node *on = graph_find(graph, dep);
			size_t to;

			if (on == NULL || on == node)
				continue;
			to = (size_t)(on - graph->nodes);
			if (has(node->needs, node->nneeds, to))
				continue;
			add(&node->needs, &node->nneeds, to);
			add(&graph->nodes[to].users, &graph->nodes[to].nusers,
			    i);
		}
	}
}

static void
take_sets(struct graph *graph, const struct kldsim *sim)
{
	struct kldsim_set_part part;

	for (int set = 0; set < 2; set++)
		for (size_t i = 0; kldsim_set_part(sim, (enum kldsim_set)set,
		    i, &part) == KLDSIM_OK; i++) {
			const struct graph_node *node = graph_find(graph,
			    part.fileid);

			if (node != NULL)
				graph->nodes[node - graph->nodes].held[set] +=
				    part.size;
		}
}

void
graph_init(struct graph *graph, const struct page *page)
{
	memset(graph, 0, sizeof(*graph));
	graph->node_of = need(calloc(page->nrows + 1,
	    sizeof(*graph->node_of)));
	if (page->sim != NULL)
		take_files(graph, page->sim);
	take_rows(graph, page);
	if (page->sim == NULL)
		return;
	take_edges(graph, page->sim);
	take_sets(graph, page->sim);
	graph_layout(graph);
}

void
graph_fini(struct graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		free(graph->nodes[i].name);
		free(graph->nodes[i].needs);
		free(graph->nodes[i].users);
	}
	free(graph->nodes);
	free(graph->order);
	free(graph->node_of);
}
