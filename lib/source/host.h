/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_HOST_H
#define SOURCE_HOST_H

/*
 * Files and folders of the host.  With a table of folders, paths lead below
 * these alone, and each is looked up from a descriptor; without, they are as
 * anywhere on the host.
 */

#include "source/source.h"

/* A folder that is open. */
struct kldsim__host_folder {
	const char *path; /* that leads to it, without a slash in front */
	const char *real; /* the same without links */
	int fd;           /* -1: it could not be opened, */
	int error;        /* for this errno of the host */
};

struct kldsim__host {
	const char *here; /* where relative paths begin */
	struct kldsim__host_folder *folders;
	size_t nfolders;  /* 0: no table */
};

/* Not an errno: the path leads below no folder of the table. */
#define KLDSIM__OUTSIDE (-1)

/*
 * Where a path leads, as a descriptor of the table and a path below it that has
 * neither links nor dots; a link at the end counts if it is followed.  0, an
 * errno, or KLDSIM__OUTSIDE.
 */
int kldsim__host_below(const struct kldsim__host *host, const char *path,
    bool follow, int *fd_ret, char below[KLDSIM__SOURCE_PATH]);
/* A path as the table has them: without dots, links not looked at. */
int kldsim__host_plain(const char *here, const char *path,
    char plain[KLDSIM__SOURCE_PATH]);

enum kldsim_status kldsim__host_stat(const struct kldsim__host *host,
    const char *path, bool follow, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error);
/* For reading; a link at the end is an error unless it is followed. */
enum kldsim_status kldsim__host_open(const struct kldsim__host *host,
    const char *path, bool follow, int *fd_ret, struct kldsim_error *error);
enum kldsim_status kldsim__host_stat_fd(int fd, const char *path,
    struct kldsim__source_stat *st_ret, struct kldsim_error *error);
enum kldsim_status kldsim__host_image(const struct kldsim__host *host,
    const char *path, struct kldsim_image **image_ret,
    struct kldsim_error *error);
/* From the first byte on; fewer if there are no more, or on an error. */
size_t kldsim__host_read(int fd, uint8_t *bytes_ret, size_t size);
enum kldsim_status kldsim__host_list(const struct kldsim__host *host,
    const char *folder, kldsim_source_visit_fn visit, void *user,
    struct kldsim_error *error);

#endif
