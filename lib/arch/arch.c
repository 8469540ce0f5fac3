/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The one list of machines.  Of two that differ in e_flags alone, the first
 * that fits is taken.
 */

#include "arch/arch.h"

static const struct kldsim__arch *const archs[] = {
	&kldsim__arch_amd64,
	&kldsim__arch_arm64,
	&kldsim__arch_armv7,
	&kldsim__arch_i386,
	&kldsim__arch_powerpc,
	&kldsim__arch_powerpc64,
	&kldsim__arch_powerpc64_elfv1,
	&kldsim__arch_powerpc64le,
	&kldsim__arch_riscv64,
};

#define NARCHS (sizeof(archs) / sizeof(archs[0]))

const struct kldsim__arch *
kldsim__arch_at(size_t index)
{
	return (index < NARCHS ? archs[index] : NULL);
}

const struct kldsim__exec_memory *
kldsim__arch_exec(const struct kldsim__arch *arch,
    const struct kldsim__facts *facts)
{
	if (arch->exec_later.when != 0 &&
	    kldsim__holds(arch->exec_later.when, facts))
		return (&arch->exec_later);
	return (&arch->exec);
}

const struct kldsim__arch *
kldsim__arch_find(uint16_t machine, uint8_t elf_class, uint8_t elf_data,
    uint32_t elf_flags)
{
	for (size_t i = 0; i < NARCHS; i++)
		if (archs[i]->machine == machine &&
		    archs[i]->elf_class == elf_class &&
		    archs[i]->elf_data == elf_data &&
		    (elf_flags & archs[i]->elf_flags_mask) ==
		    archs[i]->elf_flags)
			return (archs[i]);
	return (NULL);
}

int
kldsim__arch_type(const struct kldsim__arch *arch, const char *name)
{
	for (size_t i = 0; name != NULL && i < arch->nrows; i++)
		if (strcmp(arch->rows[i].name, name) == 0)
			return (arch->rows[i].type);
	return (-1);
}
