/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_GZIPFS_H
#define LOADER_GZIPFS_H

/*
 * gzipfs of stand/libsa: to the boot loader a file that is not there is FILE.gz
 * unpacked, if that one is (P-18).
 */

#include "kern/sim.h"

/* Whether a name ends in ".gz"; gzipfs lets it alone. */
bool kldsim__is_gz(const char *path);
/* Whether PATH.gz is there for a path. */
int kldsim__gzipfs_has(struct kldsim *sim, const char *path,
    bool *there_ret);
/* zf_open(): PATH.gz, unpacked, under the path's own name. */
int kldsim__gzipfs_open(struct kldsim *sim, const char *path,
    struct kldsim_image **image_ret);
/*
 * The bytes of a gzip file, under another name; *image_ret is NULL if it is
 * none.
 */
int kldsim__gzipfs_unpack(struct kldsim *sim,
    const struct kldsim_image *packed, const char *path,
    struct kldsim_image **image_ret);

#endif
