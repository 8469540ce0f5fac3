/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

/* The text after the last slash (L-08). */
const char *kldsim__basename(const char *path);

#endif
