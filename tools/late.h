/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LATE_H
#define LATE_H

/* Libraries that are loaded when they are first needed. */

#include <stddef.h>

/* A function, and where its pointer goes. */
struct late_row {
	const char *name;
	size_t offset;
};

/*
 * Find a library and its functions; it stays until the process ends.  NULL: all
 * are there; else why not, until this thread asks again.
 */
const char *late_load(const char *soname, const struct late_row *rows,
    size_t nrows, void *functions_ret);

#endif
