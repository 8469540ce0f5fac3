/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_REPORT_FINDING_H
#define REPORT_REPORT_FINDING_H

/* Findings in words. */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/report.h>

/* Findings of a kernel, or of a list that was made of some. */
struct findings {
	const struct kldsim *sim; /* NULL: these */
	const struct kldsim_finding *some;
	size_t count;
};

/*
 * Where a finding was made and what it says, without its severity:
 * "a.ko .text+0x1c in f (symbol), +0x30: text [code rules]".  Those behind it
 * that say the same of the same section are named with it, `most` places of
 * them, and counted.  The text is to be freed.
 */
char *finding_words(const struct findings *findings, size_t first,
    size_t most, size_t *count_ret);

/* The same without the code and the rules. */
char *finding_sentence(const struct findings *findings, size_t first,
    size_t most, size_t *count_ret);

/* How many warnings there are from a finding on. */
size_t count_warnings(const struct kldsim *sim, size_t first);

#endif
