/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_DUMP_H
#define REPORT_DUMP_H

/* The simulated kernel's memory as files. */

struct kldsim;

/*
 * Write every loaded file, and every copy of the DPCPU and VNET sets, into
 * files under the folder, which is made if need be; manifest.json, which
 * lists them, comes last.  Gives -1 after a message if that fails.
 */
int dump(const struct kldsim *sim, const char *folder);

#endif
