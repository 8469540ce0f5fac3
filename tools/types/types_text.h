/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TYPES_TYPES_TEXT_H
#define TYPES_TYPES_TEXT_H

/* Types as C, with offsets and holes, in the way of pahole(1). */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "types/select.h"

struct types_page {
	const struct kldsim_types *types;
	FILE *out;
	uint64_t cacheline; /* bytes */
	bool verbose;       /* ids too */
};

void types_text_selection(const struct types_page *page,
    const struct selection *selection);

/* What there is, when nothing in particular is asked for. */
void types_text_summary(const struct types_page *page, bool quiet);

/* What was odd while types were read. */
void types_text_remarks(const struct types_page *page);

#endif
