/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * FIDELITY: J-20 to J-24 follow what the review's people said that they wanted,
 * not the patch, which contradicts itself (J-25).  Nobody knows where such a
 * kernel would have these symbols; before its first page nothing else can be.
 */

#include "kern/vimage_runtime.h"

#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "util/bytes.h"

#define VNET_ENTRY "vnet_entry_"

static const struct gained {
	const char *name;
	unsigned at;  /* in the page */
	size_t known; /* offset in struct kldsim__known_symbols */
} gained[] = {
#define GAINED(name, at) \
	{ #name, at, offsetof(struct kldsim__known_symbols, name) }
	GAINED(vimage_configured, 0),
	GAINED(vnet_dynamic_register_sysinit, 0x10),
	GAINED(vnet_dynamic_register_sysuninit, 0x20),
	GAINED(vnet_dynamic_deregister_sysinit, 0x30),
	GAINED(vnet_dynamic_deregister_sysuninit, 0x40),
#undef GAINED
};

#define NGAINED (sizeof(gained) / sizeof(gained[0]))

/* The page, with vimage_configured in it: an int, 1 or 0. */
static int
map_page(struct kldsim *sim)
{
	const kldsim_size page = sim->arch->page_size;
	const kldsim_addr at = (sim->linker.kernel->address & ~(page - 1)) -
	    page;
	struct kldsim__extent *extent;
	uint8_t bytes[4];

	if (at > sim->linker.kernel->address ||
	    kldsim__aspace_overlaps(&sim->space, at, page))
		return (kldsim__fail(sim, KLDSIM_UNSUPPORTED, "there is no "
		    "page before the kernel, at 0x%jx, for what a kernel of "
		    "D20278 has", (uintmax_t)sim->linker.kernel->address));
	extent = kldsim__aspace_map(&sim->space, at, page, NULL, 0);
	if (extent == NULL)
		return (kldsim__nomem(sim));
	kldsim__store(bytes, sizeof(bytes), kldsim__arch_big(sim->arch),
	    sim->vnet.present);
	sim->runtime = at;
	return (kldsim__accessed(sim, kldsim__aspace_write(&sim->space, at,
	    bytes, sizeof(bytes))));
}

int
kldsim__runtime_start(struct kldsim *sim)
{
	int error;

	if (!sim->options.vimage_runtime || sim->known.vimage_configured != 0)
		return (0);
	error = map_page(sim);
	for (size_t i = 0; i < NGAINED && error == 0; i++) {
		const kldsim_addr at = sim->runtime + gained[i].at;

		memcpy((char *)&sim->known + gained[i].known, &at, sizeof(at));
	}
	return (error);
}

int
kldsim__runtime_lookup(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret)
{
	const size_t prefix = sizeof(VNET_ENTRY) - 1;
	kldsim_size size;

	*value_ret = 0;
	if (sim->runtime == 0)
		return (0);
	for (size_t i = 0; i < NGAINED; i++)
		if (strcmp(gained[i].name, name) == 0) {
			*value_ret = sim->runtime + gained[i].at;
			return (0);
		}
	if (sim->vnet.present || strncmp(name, VNET_ENTRY, prefix) != 0)
		return (0);
	return (kldsim__kernel_symbol(sim, name + prefix, value_ret, &size));
}

const char *
kldsim__runtime_name(const struct kldsim *sim, kldsim_addr address)
{
	for (size_t i = 0; i < NGAINED && sim->runtime != 0; i++)
		if (address == sim->runtime + gained[i].at)
			return (gained[i].name);
	return (NULL);
}
