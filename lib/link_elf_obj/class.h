/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_ELF_OBJ_CLASS_H
#define LINK_ELF_OBJ_CLASS_H

/* What other rooms may know of the class of relocatable files. */

#include "kern/linker_class.h"

extern const struct kldsim__linker_class kldsim__link_elf_obj;

#endif
