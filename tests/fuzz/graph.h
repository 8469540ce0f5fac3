/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_GRAPH_H
#define FUZZ_GRAPH_H

#include <kldsim/types.h>

/* Look at all of it; what there is, as a number.  The types are freed. */
uint64_t fuzz_graph(struct kldsim_types *types);

#endif
