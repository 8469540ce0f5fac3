/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECK_CHECK_RESULTS_H
#define CHECK_CHECK_RESULTS_H

/*
 * A check for machines: SARIF, JUnit's XML, and the baseline that says what is
 * new.  Without --baseline all is.
 */

#include "check/check_run.h"

/* Read the baseline and begin the reports that were asked for; false after a
   message. */
bool check_results_begin(struct check_run *run);
/* A module was tried: its findings become results. */
void check_results_module(struct check_run *run,
    const struct kldsim_check_module *module);
/*
 * The same of a file of the next boot, whose findings are the boot's; it becomes
 * a module by an index, for what follows.
 */
void check_results_file(struct check_run *run, size_t index,
    const struct kldsim_next_boot_file *file,
    struct kldsim_check_module *module_ret);
/* rc(8) passes it over, as a finding of it says. */
bool check_is_skipped(const struct kldsim_next_boot_file *file);
/* All that is left: write the files; gives an exit status. */
int check_results_end(struct check_run *run);
void check_results_free(struct check_run *run);

/* Whether a finding of a module is known; path is the module's. */
bool check_is_known(const struct check_run *run,
    const struct kldsim_finding *finding, const char *path);
/* Whether an answer counts: it is bad, and not all of why is known. */
bool check_counts(const struct check_run *run,
    const struct kldsim_check_module *module, enum kldsim_check_way way);
/* The first reason that is new of an answer that counts; else the first. */
const struct kldsim_finding *check_reason(const struct check_run *run,
    const struct kldsim_check_module *module, enum kldsim_check_way way);
/* Whether that it has to be rebuilt does. */
bool check_interface_counts(const struct check_run *run,
    const struct kldsim_check_module *module);

#endif
