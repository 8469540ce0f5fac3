/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_IMAGE_H
#define SUPPORT_IMAGE_H

/* Synthesized files as images. */

#include <kldsim/image.h>
#include <kldsim/synth.h>

/*
 * Finish a synthesized file and make an image of its bytes, which live as long
 * as the image does.  The builder stays the caller's; NULL and a message on
 * standard error if it cannot be done.
 */
struct kldsim_image *support_image(struct kldsim_synth *synth,
    const char *name);

#endif
