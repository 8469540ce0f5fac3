/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PATH_H
#define PATH_H

/* A path's last part: its own name in its folder. */
const char *path_name(const char *path);

/* The folder that it is in, "." if the path has none, to be freed. */
char *path_folder(const char *path);

#endif
