/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFFER_SAME_H
#define DIFFER_SAME_H

/* Most types of two kernels are the same: this is seen sooner than by shapes. */

#include "differ/tags.h"

/*
 * Whether two types of one tag, of graphs with the same tags, have one shape:
 * then kldsim__shape_hash() is the same, unless it is cut.  False: it may be or
 * may not be.
 */
bool kldsim__same(const struct kldsim__tags *tags,
    const struct kldsim__tagged *a, kldsim_type_id in_a,
    const struct kldsim__tagged *b, kldsim_type_id in_b,
    struct kldsim__shaping *shaping);
/* The same of two prototypes. */
bool kldsim__same_functions(const struct kldsim__tags *tags,
    const struct kldsim__tagged *a, kldsim_type_id in_a,
    const struct kldsim__tagged *b, kldsim_type_id in_b,
    struct kldsim__shaping *shaping);

#endif
