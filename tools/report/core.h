/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_CORE_H
#define REPORT_CORE_H

#include <stdbool.h>

#include <kldsim/kldsim.h>

/*
 * Write memory as an ELF core, and NAME.gdb and NAME.lldb beside it.  Gives -1
 * and why; what debuggers will miss is told on standard error, unless
 * quiet.
 */
int write_core(struct kldsim *sim, const char *name, bool quiet,
    struct kldsim_error *error_ret);

/* The same as a minidump, which has no scripts. */
int write_minidump(struct kldsim *sim, const char *name, bool quiet,
    struct kldsim_error *error_ret);
/* Name the files of a core for the sandbox. */
void will_write_core(const char *name);

/* Write those that are asked for; -1 after a message. */
int write_cores(struct kldsim *sim, const char *core, const char *minidump,
    bool quiet);

/* Tell a finding that is of no load. */
void tell_finding(void *user, const struct kldsim_finding *finding);

#endif
