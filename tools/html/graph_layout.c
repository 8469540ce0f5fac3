/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Where the files of a graph are drawn: in the layer behind the last that they
 * need, close to their neighbours.  The same graph is always drawn alike.
 */

#include <stdlib.h>

#include "html/graph.h"
#include "report/output.h"

#define SWEEPS 6 /* over all layers, until few edges cross */

struct spot {
	size_t node;
	double wish; /* where its neighbours are, on average */
};

struct layout {
	struct graph *graph;
	struct spot *spots;   /* of one layer */
	size_t *first;        /* of each layer, in graph->order; one behind */
	double *sums;         /* of blocks, in spread() */
	size_t *sizes;
};

/* --- layers --- */

/* A node is ready when all that it needs are: a queue, and no recursion. */
static void
find_layers(struct graph *graph)
{
	size_t *queue = need(calloc(graph->count + 1, sizeof(*queue)));
	size_t *waits = need(calloc(graph->count + 1, sizeof(*waits)));
	size_t end = 0;

	for (size_t i = 0; i < graph->count; i++) {
		waits[i] = graph->nodes[i].nneeds;
		if (waits[i] == 0)
			queue[end++] = i;
	}
	for (size_t at = 0; at < end; at++) {
		const struct graph_node *node = &graph->nodes[queue[at]];

		for (size_t i = 0; i < node->nusers; i++) {
			struct graph_node *user = &graph->nodes[node->users[i]];

			if (user->layer <= node->layer)
				user->layer = node->layer + 1;
			if (--waits[node->users[i]] == 0)
				queue[end++] = node->users[i];
		}
	}
	free(waits);
	free(queue);
}

/* Those that neither need nor are needed are not drawn. */
static bool
is_drawn(const struct graph_node *node)
{
	return (node->nneeds + node->nusers != 0);
}

/* Sort the drawn nodes by layer, in each as they were loaded. */
static void
fill_layers(struct layout *layout)
{
	struct graph *graph = layout->graph;
	size_t *at;

	for (size_t i = 0; i < graph->count; i++) {
		if (!is_drawn(&graph->nodes[i]))
			continue;
		graph->ndrawn++;
		if (graph->nodes[i].layer >= graph->nlayers)
			graph->nlayers = graph->nodes[i].layer + 1;
	}
	graph->order = need(calloc(graph->ndrawn + 1, sizeof(size_t)));
	layout->first = need(calloc(graph->nlayers + 2, sizeof(size_t)));
	at = need(calloc(graph->nlayers + 2, sizeof(size_t)));
	for (size_t i = 0; i < graph->count; i++)
		if (is_drawn(&graph->nodes[i]))
			layout->first[graph->nodes[i].layer + 1]++;
	for (size_t i = 1; i <= graph->nlayers; i++)
		at[i] = layout->first[i] += layout->first[i - 1];
	for (size_t i = 0; i < graph->count; i++) {
		struct graph_node *node = &graph->nodes[i];

		if (!is_drawn(node))
			continue;
		node->y = (double)(at[node->layer] -
		    layout->first[node->layer]);
		graph->order[at[node->layer]++] = i;
	}
	free(at);
}

/* --- the order in a layer --- */

static int
compare_spots(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	if (x->wish != y->wish)
		return (x->wish < y->wish ? -1 : 1);
	return (x->node < y->node ? -1 : x->node > y->node);
}

static double
wish_of(const struct graph *graph, const struct graph_node *node, bool left)
{
	const size_t *near = left ? node->needs : node->users;
	const size_t count = left ? node->nneeds : node->nusers;
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += graph->nodes[near[i]].y;
	return (count == 0 ? node->y : sum / (double)count);
}

/*
 * Give each spot a row of its own, as near to its wish as the order lets it: the
 * rows that sum up the least squares.  Neighbours that would overlap become a
 * block, which moves as one.
 */
static void
spread(struct layout *layout, size_t count)
{
	const struct spot *spots = layout->spots;
	double *sums = layout->sums;
	size_t *sizes = layout->sizes;
	size_t blocks = 0, at = 0;

	for (size_t i = 0; i < count; i++) {
		sums[blocks] = spots[i].wish - (double)i;
		sizes[blocks++] = 1;
		while (blocks > 1 && sums[blocks - 2] / (double)sizes[blocks - 2]
		    > sums[blocks - 1] / (double)sizes[blocks - 1]) {
			sums[blocks - 2] += sums[blocks - 1];
			sizes[blocks - 2] += sizes[blocks - 1];
			blocks--;
		}
	}
	for (size_t b = 0; b < blocks; b++)
		for (size_t i = 0; i < sizes[b]; i++, at++)
			layout->graph->nodes[spots[at].node].y =
			    sums[b] / (double)sizes[b] + (double)at;
}

static void
sweep_layer(struct layout *layout, size_t layer, bool left)
{
	struct graph *graph = layout->graph;
	size_t *order = graph->order + layout->first[layer];
	const size_t count = layout->first[layer + 1] - layout->first[layer];

	for (size_t i = 0; i < count; i++) {
		layout->spots[i].node = order[i];
		layout->spots[i].wish = wish_of(graph,
		    &graph->nodes[order[i]], left);
	}
	qsort(layout->spots, count, sizeof(*layout->spots), compare_spots);
	for (size_t i = 0; i < count; i++)
		order[i] = layout->spots[i].node;
	spread(layout, count);
}

/* To the right by what files need, and back by who needs them. */
static void
sweep(struct layout *layout)
{
	const size_t layers = layout->graph->nlayers;

	for (size_t i = 1; i < layers; i++)
		sweep_layer(layout, i, true);
	for (size_t i = layers; i-- > 0;)
		sweep_layer(layout, i, false);
}

/* The highest is in row 0. */
static void
shift(struct graph *graph)
{
	double least = 0;

	for (size_t i = 0; i < graph->ndrawn; i++)
		if (i == 0 || graph->nodes[graph->order[i]].y < least)
			least = graph->nodes[graph->order[i]].y;
	for (size_t i = 0; i < graph->ndrawn; i++)
		graph->nodes[graph->order[i]].y -= least;
}

void
graph_layout(struct graph *graph)
{
	struct layout layout = { .graph = graph };

	find_layers(graph);
	fill_layers(&layout);
	layout.spots = need(calloc(graph->ndrawn + 1, sizeof(*layout.spots)));
	layout.sums = need(calloc(graph->ndrawn + 1, sizeof(*layout.sums)));
	layout.sizes = need(calloc(graph->ndrawn + 1, sizeof(*layout.sizes)));
	for (int i = 0; i < SWEEPS; i++)
		sweep(&layout);
	for (size_t i = 1; i < graph->nlayers; i++)
		sweep_layer(&layout, i, true);
	shift(graph);
	free(layout.sizes);
	free(layout.sums);
	free(layout.spots);
	free(layout.first);
}
