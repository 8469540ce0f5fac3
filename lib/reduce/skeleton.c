/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A kernel that the builder makes anew, by three lines of spec, in place of the
 * megabytes of one that was read: with nothing of its own, or if that will not
 * do, with functions and variables of the same names.
 */

#include <stdio.h>
#include <string.h>

#include "reduce/reduce.h"
#include "release/release.h"

static void
put(struct kldsim__reduce_text *text, const char *word)
{
	kldsim__reduce_put(text, word, strlen(word));
}

static void
put_head(const struct kldsim_reduce *reduce, const char *machine,
    struct kldsim__reduce_text *text)
{
	struct kldsim__facts facts;
	char room[80];

	text->size = 0;
	put(text, "machine: ");
	put(text, machine);
	put(text, "\nkind: kernel\n");
	if (reduce->options.osreldate == 0)
		return;
	kldsim__facts_for(reduce->options.osreldate, &facts);
	(void)snprintf(room, sizeof(room), "options: {osreldate: %u%s}\n",
	    (unsigned)reduce->options.osreldate,
	    facts.sysinit_has_link ? ", sysinit-link: yes" : "");
	put(text, room);
}

/* A variable of a set, or a function, of a symbol's name. */
struct making {
	const char *list;
	const char *prefix;
	bool sized;
};

static const struct making makings[] = {
	{ "dpcpu", "pcpu_entry_", true },
	{ "vnet", "vnet_entry_", true },
	{ "functions", "", false },
};

#define NMAKINGS (sizeof(makings) / sizeof(*makings))

/* What is made of a symbol: that of the first prefix that it has. */
static const struct making *
making_of(const char *name)
{
	const struct making *making = makings;

	while (strncmp(name, making->prefix, strlen(making->prefix)) != 0)
		making++;
	return (making);
}

/* What is made of a symbol, if it is this; the first has the list's name. */
static bool
put_symbol(const struct kldsim__reduce_tree *tree, uint32_t item,
    const struct making *making, bool first, struct kldsim__reduce_text *text)
{
	const uint32_t name = kldsim__reduce_get(tree, item, "name");
	const uint32_t section = kldsim__reduce_get(tree, item, "section");
	const uint32_t size = kldsim__reduce_get(tree, item, "size");
	const char *word;

	if (name == 0 || section == 0 || tree->nodes[name].text == NULL)
		return (false);
	word = tree->nodes[name].text;
	/* Bounds of sets are the builder's; quotes are not worth the trouble. */
	if (making_of(word) != making || strncmp(word, "__st", 4) == 0 ||
	    strchr(word, '\'') != NULL)
		return (false);
	if (first) {
		put(text, making->list);
		put(text, ":\n");
	}
	put(text, "  - {name: '");
	put(text, word + strlen(making->prefix));
	put(text, "'");
	if (making->sized) {
		put(text, ", size: ");
		put(text, size == 0 ? "8" : tree->nodes[size].text);
	}
	put(text, "}\n");
	return (true);
}

static void
put_symbols(const struct kldsim__reduce_tree *tree,
    struct kldsim__reduce_text *text)
{
	const uint32_t list = kldsim__reduce_get(tree, 0, "symbols");

	for (size_t i = 0; i < NMAKINGS && list != 0; i++) {
		bool first = true;

		for (uint32_t item = list + 1; item < tree->nodes[list].end;
		    item = tree->nodes[item].end)
			if (!tree->nodes[item].gone && put_symbol(tree, item,
			    &makings[i], first, text))
				first = false;
	}
}

/* Whether it is as kldsim_synth_from() tells of a kernel. */
static bool
was_read(const struct kldsim__reduce_tree *tree)
{
	const uint32_t kind = kldsim__reduce_get(tree, 0, "kind");

	return (kldsim__reduce_is(tree, kind, "exec") ||
	    kldsim__reduce_is(tree, kind, "dyn"));
}

bool
kldsim__reduce_skeleton(struct kldsim_reduce *reduce)
{
	struct kldsim__reduce_file *kernel = &reduce->files[0];
	const uint32_t machine = kldsim__reduce_get(&kernel->tree, 0,
	    "machine");
	struct kldsim__reduce_text text = { 0 };
	bool changed;

	if (machine == 0 || !was_read(&kernel->tree))
		return (false);
	put_head(reduce, kernel->tree.nodes[machine].text, &text);
	changed = !text.failed && kldsim__reduce_try_spec(reduce, kernel,
	    text.bytes, text.size);
	if (!changed && !text.failed) {
		put_symbols(&kernel->tree, &text);
		changed = !text.failed && kldsim__reduce_try_spec(reduce,
		    kernel, text.bytes, text.size);
	}
	kldsim__reduce_text_fini(&text);
	return (changed);
}
