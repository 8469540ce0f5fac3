/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_KERNELS_H
#define KBI_KERNELS_H

/* What --against names: a kernel, or a folder of kernels (I-81). */

#include <stddef.h>

#include <kldsim/source.h>

/* An array for free(), its images for kldsim_image_unref(). */
enum kldsim_status find_kernels(struct kldsim_source *source,
    const char *path, struct kldsim_image ***images_ret, size_t *count_ret,
    struct kldsim_error *error);
void free_kernels(struct kldsim_image **images, size_t count);

#endif
