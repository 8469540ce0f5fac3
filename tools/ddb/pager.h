/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_PAGER_H
#define DDB_PAGER_H

/*
 * DDB's pager, db_pager() of sys/ddb/db_output.c: after so many lines it waits
 * for a key (B-71).
 */

#include <stddef.h>
#include <stdint.h>

/* Write text to standard output; lines of at most 0: without a pause. */
void pager_write(const char *text, size_t size, int64_t lines);

#endif
