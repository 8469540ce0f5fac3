/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_DDB_H
#define SUPPORT_DDB_H

/* A session of DDB in a simulated kernel, for tests. */

#include "support_kern.h"

/* What a line prints, for the next one to overwrite. */
const char *ddb_ask(struct kldsim_ddb *ddb, const char *format, ...);
/* Say so of it. */
void ddb_says(struct kldsim_ddb *ddb, const char *line, const char *want,
    const char *file, int number);
#define assert_says(ddb, line, want) \
	ddb_says((ddb), (line), (want), __FILE__, __LINE__)

/* Enter it, in a vnet or in none: -1. */
struct kldsim_ddb *ddb_enter(const struct kern *kern, int curvnet);

#endif
