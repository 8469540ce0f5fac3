/* SPDX-License-Identifier: BSD-2-Clause */

/* The one list of machines. */

#include "arch/arch.h"

static const struct kldsim__arch *const archs[] = {
	&kldsim__arch_amd64,
};

#define NARCHS (sizeof(archs) / sizeof(archs[0]))

const struct kldsim__arch *
kldsim__arch_at(size_t index)
{
	return (index < NARCHS ? archs[index] : NULL);
}

const struct kldsim__arch *
kldsim__arch_find(uint16_t machine, uint8_t elf_class, uint8_t elf_data)
{
	for (size_t i = 0; i < NARCHS; i++)
		if (archs[i]->machine == machine &&
		    archs[i]->elf_class == elf_class &&
		    archs[i]->elf_data == elf_data)
			return (archs[i]);
	return (NULL);
}
