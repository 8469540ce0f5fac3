/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARCH_NAMES_H
#define ARCH_NAMES_H

/* Names of machines and relocation types for messages. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of an e_machine, as in "AArch64 (arm64)"; NULL if it has none here. */
const char *kldsim__machine_name(uint16_t machine);

/* "R_X86_64_REX_GOTPCRELX"; false if the type has no name. */
bool kldsim__reloc_name(uint16_t machine, uint32_t type, char *text,
    size_t size);

#endif
