/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_SECTIONS_H
#define HTML_SECTIONS_H

/* The sections of a page, each in a source of its own. */

#include "html/graph.h"
#include "html/page.h"

/* table.c: how many became what. */
void section_totals(const struct page *page, FILE *out);
/* attention.c: what has to be seen, those of one reason together. */
void section_attention(const struct page *page, FILE *out);
/* table.c: a row for each module. */
void section_table(const struct page *page, const struct graph *graph,
    FILE *out);
/* graph_svg.c: who depends on whom. */
void section_graph(const struct page *page, const struct graph *graph,
    FILE *out);
/* modspace.c, memory.c: who has which bytes. */
void section_modspace(const struct page *page, const struct graph *graph,
    FILE *out);
void section_memory(const struct page *page, const struct graph *graph,
    FILE *out);
/* findings.c: what the codes mean. */
void section_findings(const struct page *page, FILE *out);

/* A link to a module's row. */
#define NO_ROW ((size_t)-1)
void link_to_row(FILE *out, const struct page *page, size_t row);

#endif
