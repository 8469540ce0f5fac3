/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_KERN_SYSCTL_H
#define LINK_KERN_SYSCTL_H

/* A file's sysctl_set (M-41 to M-45). */

#include "kern/linker_file.h"

/* linker_file_register_sysctls() and linker_file_unregister_sysctls(). */
int kldsim__register_sysctls(struct kldsim *sim, struct kldsim__file *file);
int kldsim__unregister_sysctls(struct kldsim *sim,
    struct kldsim__file *file);

#endif
