/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_GRAPH_H
#define HTML_GRAPH_H

/*
 * Who depends on whom among the linker files of a page's kernel, the kernel
 * itself aside.  A layer is as far right as the longest way to the kernel is.
 */

#include <stddef.h>

#include "html/page.h"

struct graph_node {
	int id;            /* of the linker file */
	char *name;
	size_t row;        /* of the page, or NO_ROW */
	kldsim_addr address;
	kldsim_size size;
	kldsim_size held[2]; /* bytes of modspace, by enum kldsim_set */
	size_t *needs;     /* nodes, nneeds of them */
	size_t nneeds;
	size_t *users;     /* nodes that need it, nusers of them */
	size_t nusers;
	size_t layer;
	double y;          /* in its layer, in rows */
};

struct graph {
	struct graph_node *nodes; /* in the order of kldstat(8) */
	size_t count;
	size_t *order;     /* those with neighbours, by layer and from above */
	size_t ndrawn;
	size_t nlayers;
	size_t *node_of;   /* of each row of the page; NO_NODE */
};

#define NO_NODE ((size_t)-1)

/* Empty if the page has no kernel. */
void graph_init(struct graph *graph, const struct page *page);
void graph_fini(struct graph *graph);
/* The node of a linker file, or NULL. */
const struct graph_node *graph_find(const struct graph *graph, int id);

/* graph_layout.c: layers, and the order in each. */
void graph_layout(struct graph *graph);

#endif
