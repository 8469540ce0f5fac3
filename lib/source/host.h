/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_HOST_H
#define SOURCE_HOST_H

/*
 * Files and folders of the host.  All paths begin in the folder that root is
 * open for; with AT_FDCWD they are as anywhere on the host.
 */

#include "source/source.h"

/*
 * Where a path leads below a root, as a path without links that no link and no
 * dot leads out of; a link at the end counts if it is followed.  0 or an errno.
 */
int kldsim__host_below(int root, const char *path, bool follow,
    char to[KLDSIM__SOURCE_PATH]);

enum kldsim_status kldsim__host_stat(int root, const char *path, bool follow,
    struct kldsim__source_stat *st_ret, struct kldsim_error *error);
/* For reading; a link at the end is an error unless it is followed. */
enum kldsim_status kldsim__host_open(int root, const char *path, bool follow,
    int *fd_ret, struct kldsim_error *error);
enum kldsim_status kldsim__host_stat_fd(int fd, const char *path,
    struct kldsim__source_stat *st_ret, struct kldsim_error *error);
enum kldsim_status kldsim__host_image(int root, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error);
/* From the first byte on; fewer if there are no more, or on an error. */
size_t kldsim__host_read(int fd, uint8_t *bytes_ret, size_t size);
enum kldsim_status kldsim__host_list(int root, const char *folder,
    kldsim_source_visit_fn visit, void *user, struct kldsim_error *error);

#endif
