/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

/* The report for people. */

#include <stdio.h>

struct load_run;

void report_text(const struct load_run *run, FILE *out);

#endif
