/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_EXTENTS_H
#define SUPPORT_EXTENTS_H

#include "mem/extents.h"

/* How many there are. */
static inline size_t
support_extents(const struct kldsim__extents *extents)
{
	const struct kldsim__extent *extent =
	    kldsim__extents_search(extents, 0);
	size_t n = 0;

	for (; extent != NULL; extent = kldsim__extents_next_gap(extent, 0))
		n++;
	return (n);
}

#endif
