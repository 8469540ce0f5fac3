/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

/* The report for programs; docs/kldsim.load.schema.json describes it. */

#include <stdio.h>

struct load_run;

void report_json(const struct load_run *run, FILE *out);

#endif
