/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_REPORT_SARIF_H
#define REPORT_REPORT_SARIF_H

#include "cmd_load.h"

/* The findings of a load as SARIF, in a file; gives an exit status. */
int report_sarif(const struct load_run *run, const char *file);

#endif
