/* SPDX-License-Identifier: BSD-2-Clause */

/* Sysctls of the linker that tell a number (L-21). */

#include "kern/kern.h"

/* A kernel that moved itself to another address does not exist here. */
static uint64_t
base_address(const struct kldsim *sim)
{
	return (sim->arch->kernbase);
}

static const struct {
	const char *name;
	uint64_t (*get)(const struct kldsim *sim);
	size_t fact; /* in struct kldsim__facts: the release has it */
} sysctls[] = {
	{ "kern.base_address", base_address,
	    offsetof(struct kldsim__facts, base_address_sysctls) },
	{ "kern.relbase_address", base_address,
	    offsetof(struct kldsim__facts, base_address_sysctls) },
};

#define NSYSCTLS (sizeof(sysctls) / sizeof(sysctls[0]))

enum kldsim_status
kldsim_sysctl(const struct kldsim *sim, const char *name, uint64_t *value_ret)
{
	for (size_t i = 0; i < NSYSCTLS; i++) {
		bool there;

		if (strcmp(sysctls[i].name, name) != 0)
			continue;
		memcpy(&there, (const char *)&sim->facts + sysctls[i].fact,
		    sizeof(there));
		if (!there)
			return (KLDSIM_NOENT);
		*value_ret = sysctls[i].get(sim);
		return (KLDSIM_OK);
	}
	return (KLDSIM_NOENT);
}
