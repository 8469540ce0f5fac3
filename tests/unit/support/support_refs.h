/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_REFS_H
#define SUPPORT_REFS_H

/* Files of specs, and who refers to what in them. */

#include "support_kern.h"

#include <kldsim/refs.h>

/*
 * What an image refers to, and whether it is the same when a file of its bytes
 * is read in parts: variables, or the error's text.
 */
enum kldsim_status refs_try(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels,
    const struct kldsim_refs_options *options, struct kldsim_refs **refs_ret,
    struct kldsim_error *error_ret);
/* The same of one that can be read; the image goes. */
struct kldsim_refs *refs_read(struct kldsim_image *image,
    const struct kldsim_refs_kernels *kernels);
struct kldsim_refs *refs_read_spec(const char *spec, const char *name,
    const struct kldsim_refs_kernels *kernels);
struct kldsim_refs_info refs_info(const struct kldsim_refs *refs);

#endif
