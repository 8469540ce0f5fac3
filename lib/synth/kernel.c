/* SPDX-License-Identifier: BSD-2-Clause */
/* What every kernel has, and the bounds of linker sets that linkers add. */

#include <string.h>

#include "synth/impl.h"

enum { DPCPU_MODMIN = 2048, VNET_MODMIN = 32768 };

static int
modspace(struct kldsim_synth *synth, bool *done, uint64_t size,
    int (*define)(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align))
{
	*done = true;
	if (size == 0)
		return 0;
	return kldsim_synth_bind(synth, define(synth, "modspace", NULL, size,
	    kldsim__synth_word(synth)), STB_LOCAL);
}

int
kldsim_synth_dpcpu_modspace(struct kldsim_synth *synth, uint64_t size)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return modspace(synth, &synth->dpcpu_modspace_done, size,
	    kldsim_synth_dpcpu);
}

int
kldsim_synth_vnet_modspace(struct kldsim_synth *synth, uint64_t size)
{
	if (kldsim__synth_bad(synth))
		return 0;
	return modspace(synth, &synth->vnet_modspace_done, size,
	    kldsim_synth_vnet);
}

static bool
is_defined(struct kldsim_synth *synth, const char *name)
{
	int known = kldsim_synth_find_symbol(synth, name);

	return known != 0 &&
	    synth->symbols[known].section != KLDSIM_SYNTH_UNDEF;
}

static bool
is_missing(struct kldsim_synth *synth, const char *name)
{
	return kldsim_synth_find_symbol(synth, name) != 0 &&
	    !is_defined(synth, name);
}

/* J-20, J-22: it says whether it has VIMAGE, and runs VNET_SYSINITs by that. */
static void
runtime_defaults(struct kldsim_synth *synth)
{
	static const char *const shims[] = {"vnet_dynamic_register_sysinit",
	    "vnet_dynamic_register_sysuninit",
	    "vnet_dynamic_deregister_sysinit",
	    "vnet_dynamic_deregister_sysuninit"};
	unsigned char bytes[4];
	size_t i;

	kldsim__synth_put(synth, bytes, 4, synth->options[KLDSIM_SYNTH_VIMAGE]);
	if (!is_defined(synth, "vimage_configured"))
		(void)kldsim_synth_object(synth, "vimage_configured", bytes, 4,
		    4);
	for (i = 0; i < sizeof(shims) / sizeof(shims[0]); i++)
		if (!is_defined(synth, shims[i]))
			(void)kldsim_synth_func(synth, shims[i]);
}

static void
kernel_defaults(struct kldsim_synth *synth)
{
	uint64_t version = synth->options[KLDSIM_SYNTH_OSRELDATE];
	unsigned char bytes[4];

	kldsim__synth_put(synth, bytes, 4, version);
	if (!is_defined(synth, "osreldate"))
		(void)kldsim_synth_object(synth, "osreldate", bytes, 4, 4);
	if (!is_defined(synth, "dpcpu_off"))
		(void)kldsim_synth_object(synth, "dpcpu_off", NULL,
		    synth->options[KLDSIM_SYNTH_MAXCPU] *
		    kldsim__synth_word(synth), kldsim__synth_word(synth));
	if (is_missing(synth, "sysctl__children")) /* some oid is a root */
		(void)kldsim_synth_object(synth, "sysctl__children", NULL,
		    kldsim__synth_word(synth), kldsim__synth_word(synth));
	if (!is_defined(synth, "module_register_init"))
		(void)kldsim_synth_func(synth, "module_register_init");
	if (!is_defined(synth, "_kernel_version"))
		kldsim_synth_mdt_version(synth, "kernel", (int)version);
	if (!synth->dpcpu_modspace_done)
		(void)kldsim_synth_dpcpu_modspace(synth, DPCPU_MODMIN);
	if (!synth->vnet_modspace_done &&
	    synth->options[KLDSIM_SYNTH_VIMAGE] != 0)
		(void)kldsim_synth_vnet_modspace(synth, VNET_MODMIN);
	if (synth->options[KLDSIM_SYNTH_VIMAGE_RUNTIME] != 0)
		runtime_defaults(synth);
}

/*
 * In ET_REL a set's user refers to its bounds, and the kernel resolves them
 * (O-32); in linked files they are defined.
 */
static void
set_bound(struct kldsim_synth *synth, int section, const char *prefix, bool end)
{
	char name[256];
	const char *set = kldsim__synth_section_name(synth, section);
	size_t n = strlen(prefix), known;
	int symbol;

	if (strlen(set) > sizeof(name) - n - 1)
		return;
	memcpy(name, prefix, n);
	memcpy(name + n, set, strlen(set) + 1);
	known = (size_t)kldsim_synth_find_symbol(synth, name);
	if (synth->e_type == ET_REL) {
		if (known == 0)
			(void)kldsim_synth_ref(synth, name);
		return;
	}
	if (known == 0)
		known = (size_t)kldsim_synth_symbol(synth, name, STB_GLOBAL,
		    STT_NOTYPE, section, 0, 0);
	else if (synth->symbols[known].section == KLDSIM_SYNTH_UNDEF)
		synth->symbols[known].section = section;
	else
		return;
	symbol = (int)known;
	if (end)
		kldsim__synth_end_symbol(synth, symbol);
}

static void
set_bounds(struct kldsim_synth *synth)
{
	const char *name;
	int i, n = (int)synth->nsections;

	for (i = 1; i < n && !kldsim__synth_bad(synth); i++) {
		name = kldsim__synth_section_name(synth, i);
		if (strncmp(name, "set_", 4) != 0 ||
		    (synth->sections[i].flags & SHF_ALLOC) == 0 ||
		    kldsim__synth_find_section(synth, name) != i)
			continue;
		set_bound(synth, i, "__start_", false);
		set_bound(synth, i, "__stop_", true);
	}
}

/* Whatever nobody asked for and every kernel or module has. */
void
kldsim__synth_defaults(struct kldsim_synth *synth)
{
	if (synth->is_kernel && !synth->defaults_done)
		kernel_defaults(synth);
	if (!synth->defaults_done &&
	    kldsim__synth_vnets(synth) == KLDSIM__SYNTH_RUNTIME)
		(void)kldsim_synth_ref(synth, "vimage_configured");
	synth->defaults_done = true;
	kldsim__synth_set_pads(synth);
	if (synth->options[KLDSIM_SYNTH_SET_BOUNDS] != 0)
		set_bounds(synth);
}
