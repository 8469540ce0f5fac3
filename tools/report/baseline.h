/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_BASELINE_H
#define REPORT_BASELINE_H

/*
 * Findings that are known: only what is new counts.  A finding is known by its
 * file's base name, its code and its symbol, so that it stays the same in
 * another build, folder or order.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kldsim/report.h>

struct baseline;

/* An empty one. */
struct baseline *baseline_new(void);
void baseline_free(struct baseline *baseline);
/* Read a file into one; false after a message. */
bool baseline_read(struct baseline *baseline, const char *path);
/* Write a file; an exit status. */
int baseline_write(const struct baseline *baseline, const char *path);

/*
 * What a finding is known by, to be freed; module is the path of the module at
 * hand, for a finding that names no file.
 */
char *baseline_key(const struct kldsim_finding *finding, const char *module);
/* Whether it is in there; NULL has nothing.  From then on it counts as met. */
bool baseline_has(struct baseline *baseline,
    const struct kldsim_finding *finding, const char *module);
void baseline_add(struct baseline *baseline,
    const struct kldsim_finding *finding, const char *module);
/* How many of them were met. */
size_t baseline_met(const struct baseline *baseline);

#endif
