/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LIMITS_H
#define UTIL_LIMITS_H

/* Names and defaults of struct kldsim_limits; the kernel has no such limits. */

#include <kldsim/options.h>

/* Those that are 0 get their defaults. */
void kldsim__limits_defaults(struct kldsim_limits *limits);

/* The name of a field of the limits. */
const char *kldsim__limit_name(const struct kldsim_limits *limits,
    const uint64_t *limit);

#endif
