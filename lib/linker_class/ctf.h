/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINKER_CLASS_CTF_H
#define LINKER_CLASS_CTF_H

/* What both linker classes of the kernel include from sys/kern/kern_ctf.c. */

#include "kern/linker_file.h"

/*
 * link_elf_ctf_get(): 0, and the file's ctfcnt is the size of its section; a
 * FreeBSD errno; or KLDSIM__ABORT.
 */
int kldsim__link_elf_ctf_get(struct kldsim *sim, struct kldsim__file *file);

#endif
