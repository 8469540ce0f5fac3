/* SPDX-License-Identifier: BSD-2-Clause */

/* What refers to what in a spec; see tree.h. */

#include <stdlib.h>
#include <string.h>

#include "reduce/tree.h"

/* Fields that name a section, or have its number. */
static const char *const section_fields[] = {
	"section", "in", "first", "last", NULL
};
/* Fields that name a symbol; of interest here if they have its number. */
static const char *const symbol_fields[] = {
	"symbol", "pointer", "handler", "func", "arg", "arg1", "table", "data",
	"priv", NULL
};
/* Lists whose items make a symbol each. */
static const char *const symbol_lists[] = {
	"symbols", "functions", "ifuncs", "objects", "dpcpu", "vnet", NULL
};

static bool
is_among(const char *word, const char *const *words)
{
	for (; word != NULL && *words != NULL; words++)
		if (strcmp(word, *words) == 0)
			return (true);
	return (false);
}

static bool
makes_section(const struct kldsim__reduce_node *list)
{
	return (list->key != NULL && strcmp(list->key, "sections") == 0);
}

uint32_t
kldsim__reduce_item(const struct kldsim__reduce_tree *tree, uint32_t node)
{
	/* The document, its lists, their items. */
	while (node != 0 && tree->nodes[node].parent != 0) {
		const uint32_t list = tree->nodes[node].parent;

		if (tree->nodes[list].parent == 0 &&
		    tree->nodes[list].kind == KLDSIM__REDUCE_LIST)
			return (node);
		node = list;
	}
	return (0);
}

/* The name of an item: of a text by itself, or of a mapping's "name". */
static const char *
name_of(const struct kldsim__reduce_tree *tree, uint32_t item)
{
	if (tree->nodes[item].kind == KLDSIM__REDUCE_SCALAR)
		return (tree->nodes[item].text);
	item = kldsim__reduce_get(tree, item, "name");
	return (item == 0 ? NULL : tree->nodes[item].text);
}

/* The items that make sections, or symbols, in order. */
struct makers {
	uint32_t *items;
	uint32_t count;
};

static void
gather(const struct kldsim__reduce_tree *tree, bool sections,
    struct makers *makers)
{
	const struct kldsim__reduce_node *nodes = tree->nodes;

	makers->count = 0;
	makers->items = malloc(tree->count * sizeof(*makers->items));
	for (uint32_t list = 1; list < tree->count && makers->items != NULL;
	    list = nodes[list].end) {
		if (sections ? !makes_section(&nodes[list]) :
		    !is_among(nodes[list].key, symbol_lists))
			continue;
		for (uint32_t item = list + 1; item < nodes[list].end;
		    item = nodes[item].end)
			makers->items[makers->count++] = item;
	}
}

/* The number-th; if that is 0, the first of a name. */
static uint32_t
find(const struct kldsim__reduce_tree *tree, const struct makers *makers,
    uint32_t number, const char *name)
{
	if (number != 0)
		return (number <= makers->count ? makers->items[number - 1] :
		    0);
	for (uint32_t i = 0; i < makers->count; i++) {
		const char *its = name_of(tree, makers->items[i]);

		if (its != NULL && strcmp(its, name) == 0)
			return (makers->items[i]);
	}
	return (0);
}

static uint32_t
number_in(const char *text)
{
	return (*text == '#' ? (uint32_t)strtoul(text + 1, NULL, 10) : 0);
}

void
kldsim__reduce_resolve(struct kldsim__reduce_tree *tree)
{
	struct makers sections, symbols;

	gather(tree, true, &sections);
	gather(tree, false, &symbols);
	for (uint32_t i = 1; i < tree->count; i++) {
		struct kldsim__reduce_node *node = &tree->nodes[i];
		uint32_t number;

		if (node->text == NULL)
			continue;
		number = number_in(node->text);
		if (is_among(node->key, section_fields))
			node->refers = find(tree, &sections, number,
			    node->text);
		else if (number != 0 && is_among(node->key, symbol_fields))
			node->refers = find(tree, &symbols, number, NULL);
	}
	free(sections.items);
	free(symbols.items);
}

static void
count_list(struct kldsim__reduce_tree *tree, uint32_t list, uint32_t *count)
{
	struct kldsim__reduce_node *nodes = tree->nodes;

	for (uint32_t item = list + 1; item < nodes[list].end;
	    item = nodes[item].end)
		if (!nodes[item].gone)
			nodes[item].number = ++*count;
}

void
kldsim__reduce_count(struct kldsim__reduce_tree *tree)
{
	uint32_t sections = 0, symbols = 0;

	for (uint32_t list = 1; list < tree->count;
	    list = tree->nodes[list].end) {
		if (tree->nodes[list].gone)
			continue;
		if (makes_section(&tree->nodes[list]))
			count_list(tree, list, &sections);
		else if (is_among(tree->nodes[list].key, symbol_lists))
			count_list(tree, list, &symbols);
	}
}
