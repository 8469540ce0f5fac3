/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LATE_H
#define UTIL_LATE_H

/* Libraries that are loaded when they are first needed (cmake/kldsimLate.cmake). */

#include <stddef.h>

/* A function, and where its pointer goes. */
struct kldsim__late_row {
	const char *name;
	size_t offset;
};

/*
 * Find a library and its functions.  NULL: all are there; else why not, until
 * this thread asks again.  It stays until the process ends: who closes it would
 * load it again with the next file.
 */
const char *kldsim__late_load(const char *soname,
    const struct kldsim__late_row *rows, size_t nrows, void *functions_ret);

#endif
