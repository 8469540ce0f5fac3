/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_REPORT_JSON_H
#define REPORT_REPORT_JSON_H

/* The report for programs; docs/kldsim.load.schema.json describes it. */

#include <stdio.h>

#include <kldsim/image.h>
#include <kldsim/report.h>
#include <kldsim/status.h>

#include "report/json.h"

struct kldsim;
struct load_run;

void report_json(const struct load_run *run, FILE *out);

/* Parts that a scenario has as well: the kernel, all lines, all findings. */
json_t *report_json_kernel(const struct kldsim *sim, const char *path,
    const struct kldsim_image_info *info);
json_t *report_json_console(const struct kldsim *sim);
json_t *report_json_findings(const struct kldsim *sim);
json_t *report_json_finding(const struct kldsim_finding *finding);
/* A FreeBSD errno; null for 0. */
json_t *report_json_errno(int error);
/* A failure of the host: its status, what it says, and of which file. */
json_t *report_json_error(const struct kldsim_error *error, const char *file,
    const char *message);

#endif
