/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What worlds relocate with on each machine, from its psABI and from section 6
 * of the semantics.  It shares nothing with lib/arch: an expectation is worth
 * something only if it is not the loader's own.
 */

#include <string.h>

#include "world/world_impl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define END UINT32_MAX
#define ALWAYS 0, END

/* 6.1, of ET_REL. */
static const struct kldsim__world_type amd64_rel[] = {
	{"R_X86_64_64", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_X86_64_PC32", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_PC, ALWAYS},
	{"R_X86_64_32S", 4, KLDSIM__WORLD_ADDEND, ALWAYS},
};

/* 6.1; V-44: RELATIVE knows of sets that moved. */
static const struct kldsim__world_type amd64[] = {
	{"R_X86_64_64", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_X86_64_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN |
	    KLDSIM__WORLD_UNMOVED, 0, 1201501},
	{"R_X86_64_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    1201501, 1300000},
	{"R_X86_64_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    1300054, END},
	{"R_X86_64_GLOB_DAT", 8, 0, ALWAYS},
	{"R_X86_64_JUMP_SLOT", 8, 0, ALWAYS},
};

/* 6.2, V-46. */
static const struct kldsim__world_type i386[] = {
	{"R_386_32", 4, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_386_RELATIVE", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_386_PC32", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_PC, ALWAYS},
	{"R_386_JMP_SLOT", 4, 0, 1401000, END},
	{"R_386_GLOB_DAT", 4, 0, ALWAYS},
};

/* 6.3. */
static const struct kldsim__world_type arm64[] = {
	{"R_AARCH64_ABS64", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_AARCH64_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_AARCH64_GLOB_DAT", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_AARCH64_JUMP_SLOT", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
};

/* 6.6. */
static const struct kldsim__world_type armv7[] = {
	{"R_ARM_ABS32", 4, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_ARM_RELATIVE", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_ARM_JUMP_SLOT", 4, 0, ALWAYS},
};

/* 6.4, V-48. */
static const struct kldsim__world_type riscv64[] = {
	{"R_RISCV_64", 8, 0, 0, 1300501},
	{"R_RISCV_64", 8, KLDSIM__WORLD_ADDEND, 1300501, END},
	{"R_RISCV_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_RISCV_JUMP_SLOT", 8, 0, ALWAYS},
};

/* 6.5; JMP_SLOT is an error before V-50. */
static const struct kldsim__world_type powerpc[] = {
	{"R_PPC_ADDR32", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_SUM,
	    ALWAYS},
	{"R_PPC_RELATIVE", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_PPC_JMP_SLOT", 4, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_SUM,
	    1300139, END},
};

/* 6.5; JMP_SLOT of the second ABI, which copies memory before V-50. */
static const struct kldsim__world_type powerpc64[] = {
	{"R_PPC64_ADDR64", 8, KLDSIM__WORLD_ADDEND, ALWAYS},
	{"R_PPC64_RELATIVE", 8, KLDSIM__WORLD_ADDEND | KLDSIM__WORLD_OWN,
	    ALWAYS},
	{"R_PPC64_JMP_SLOT", 8, 0, 1300139, END},
};

#define MACHINE(name, types) {name, false, types, COUNT(types)}

/* The module that kmod.mk makes comes first (D-70). */
static const struct kldsim__world_machine machines[] = {
	{"amd64", true, amd64_rel, COUNT(amd64_rel)},
	MACHINE("amd64", amd64),
	MACHINE("i386", i386),
	MACHINE("arm64", arm64),
	MACHINE("armv7", armv7),
	MACHINE("riscv64", riscv64),
	MACHINE("powerpc", powerpc),
	MACHINE("powerpc64", powerpc64),
	MACHINE("powerpc64le", powerpc64),
};

const struct kldsim__world_machine *
kldsim__world_machine(const char *name, bool shared)
{
	size_t i;

	for (i = 0; i < COUNT(machines); i++)
		if (strcmp(machines[i].name, name) == 0 &&
		    !(shared && machines[i].relocatable))
			return &machines[i];
	return NULL;
}

bool
kldsim__world_in_force(const struct kldsim__world_type *type,
    uint32_t osreldate)
{
	return osreldate >= type->from && osreldate < type->until;
}

/* D-32, D-72: what the linker script ends both sets with; 0: nothing. */
uint32_t
kldsim__world_set_pad(const struct kldsim__world_machine *machine,
    uint32_t osreldate)
{
	return strcmp(machine->name, "i386") == 0 && osreldate >= 1300031 ?
	    0x90909090 : 0;
}

/*
 * Does a relocated variable of ET_REL reach the instances?  DPCPU variables
 * are copied before relocations, vnets from V-38 on after them (O-24, A-31).
 */
bool
kldsim__world_propagates(uint32_t osreldate, uint32_t section)
{
	return section == KLDSIM__WORLD_VNET && osreldate >= 1500001;
}
