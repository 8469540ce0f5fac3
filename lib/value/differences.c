/* SPDX-License-Identifier: BSD-2-Clause */

/* The members in which copies of a variable differ (Y-21). */

#include <inttypes.h>

#include "value/value.h"

bool
kldsim__value_each_difference(struct kldsim__value_out *out,
    struct kldsim__value_copies *copies, kldsim__value_difference_fn tell)
{
	struct kldsim__value_walk walk;
	struct kldsim__value_node node;
	enum kldsim__value_part part;
	bool any = false;

	kldsim__value_walk_begin(&walk, out, copies->typed, 0);
	while ((part = kldsim__value_walk_next(&walk, &node)) !=
	    KLDSIM__VALUE_DONE) {
		if (part != KLDSIM__VALUE_LEAF ||
		    !kldsim__value_group_leaf(copies, out, &node))
			continue;
		tell(out, copies, &walk, &node, !any);
		any = true;
	}
	return (any);
}

void
kldsim__value_put_path(struct kldsim__value_out *out,
    const struct kldsim__value_walk *walk,
    const struct kldsim__value_node *leaf)
{
	for (size_t i = 1; i <= walk->depth; i++) {
		const struct kldsim__value_node *node = i == walk->depth ?
		    leaf : &walk->frames[i].node;

		if (node->name == NULL) {
			kldsim__value_printf(out, "[%" PRIu64 "]", node->index);
		} else if (node->name[0] != '\0') {
			kldsim__value_puts(out, ".");
			kldsim__value_puts(out, node->name);
		}
	}
}
