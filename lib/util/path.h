/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include <stddef.h>

/* The text after the last slash (L-08). */
const char *kldsim__basename(const char *path);
/* A path without what says nothing: "./" before it, slashes behind. */
const char *kldsim__path_trim(const char *path, size_t *length);

#endif
