/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_MALLOC_H
#define LINK_KERN_MALLOC_H

/* The SYSINIT of MALLOC_DEFINE (sys/kern/kern_malloc.c). */

#include "kern/set_walk.h"

/* malloc_init() of a struct malloc_type (M-46). */
int kldsim__malloc_init(const struct kldsim__set_walk *walk,
    kldsim_addr type);

#endif
