/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KBI_VIMAGE_H
#define KBI_VIMAGE_H

/*
 * A module and the kernel's VIMAGE (J-10 to J-13, J-20 to J-26), from its file
 * or as it was linked: kldsim/vimage.h has what is answered.  Each of them is a
 * question that changes nothing of the simulated kernel.
 */

#include <kldsim/vimage.h>

#include "kern/linker_file.h"

/* From the file: false if its symbols cannot be read. */
int kldsim__vimage_of_image(struct kldsim *sim,
    const struct kldsim_image *image, struct kldsim_vimage *vimage_ret,
    bool *readable_ret);
int kldsim__vimage_of_file(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim_vimage *vimage_ret);

/* What of it is a finding, of a file that has been linked. */
int kldsim__vimage_lint(struct kldsim *sim, struct kldsim__file *file);

#endif
