/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sdt_kld_unload_try() of sys/cddl/dev/sdt/sdt.c (L-25): what it does to a file
 * that was refused, whose sets may not be relocated to the end.  It follows
 * their pointers without a look.
 *
 * FIDELITY: providers, probes and tracepoints are not counted; those of a file
 * that was linked are as the SDT_ macros made them, and nothing can go wrong.
 */

#include "link/sdt.h"

#include <inttypes.h>

#include "kern/bad_news.h"
#include "kern/module.h"
#include "kern/set_walk.h"

/* struct sdt_argtype: int, two strings, a link of two, the probe. */
#define ARGTYPE_PROBE 5
/* struct sdt_tracepoint: probe, patchpoint, target, a link (V-75). */
#define TRACEPOINT_WORDS 4

static int
fault(const struct kldsim__set_walk *walk, const char *what,
    kldsim_addr address)
{
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };

	return (kldsim__panic(walk->sim, KLDSIM__F_SDT_UNLOAD, &where,
	    "kernel panic: page fault in sdt_kld_unload_try: the file is "
	    "refused, sdt.ko is told that it goes, and in set_%s %s is "
	    "0x%" PRIx64 ", where nothing is", walk->name, what, address));
}

/* A word of the target; false: it is not there. */
static bool
word(const struct kldsim__set_walk *walk, kldsim_addr address,
    kldsim_addr *word_ret)
{
	return (kldsim__meta_pointer(&walk->sim->meta, address, word_ret));
}

/* An entry, and where the kernel goes from there. */
typedef int follow(const struct kldsim__set_walk *walk, kldsim_addr entry);

static int
follow_provider(const struct kldsim__set_walk *walk, kldsim_addr provider)
{
	kldsim_addr name, byte;

	if (!word(walk, provider, &name))
		return (fault(walk, "a provider", provider));
	if (!kldsim__aspace_read(&walk->sim->space, name, &byte, 1))
		return (fault(walk, "a provider's name", name));
	return (0);
}

static int
follow_argtype(const struct kldsim__set_walk *walk, kldsim_addr argtype)
{
	kldsim_addr probe, list;

	if (!word(walk, argtype + ARGTYPE_PROBE *
	    kldsim__arch_ptrsz(walk->sim->arch), &probe))
		return (fault(walk, "an argument", argtype));
	if (!word(walk, probe, &list))
		return (fault(walk, "an argument's probe", probe));
	return (0);
}

static int
follow_probe(const struct kldsim__set_walk *walk, kldsim_addr probe)
{
	kldsim_addr first;

	return (word(walk, probe, &first) ? 0 : fault(walk, "a probe",
	    probe));
}

static int
each(struct kldsim *sim, struct kldsim__file *file, const char *name,
    follow *to)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__set_walk walk;
	bool there;
	int error = kldsim__walk_begin(&walk, sim, file, name, &there);

	if (error != 0 || !there)
		return (error);
	for (; walk.at < walk.stop && error == 0; walk.at += ptrsz) {
		kldsim_addr entry;

		if (!word(&walk, walk.at, &entry))
			return (fault(&walk, "an entry", walk.at));
		error = to(&walk, entry);
	}
	return (error);
}

bool
kldsim__sdt_can_jump(const struct kldsim__arch *arch, kldsim_addr place,
    kldsim_addr target)
{
	const struct kldsim__jump *jump = &arch->jump;
	const kldsim_addr last = kldsim__arch_ptrsz(arch) == 8 ? UINT64_MAX :
	    UINT32_MAX;
	const int64_t distance = (int64_t)(target - place - jump->from);

	if (place == target || place > last - jump->from)
		return (false);
	if (jump->align != 0 && ((place | target) & (jump->align - 1u)) != 0)
		return (false);
	if (jump->kernel_only &&
	    (place < arch->kernbase || target < arch->kernbase))
		return (false);
	return ((jump->back == 0 && jump->ahead == 0) ||
	    (distance >= -(int64_t)jump->back && distance <= jump->ahead));
}

/* The entries themselves; one that cannot be patched is passed over. */
static int
tracepoints(struct kldsim *sim, struct kldsim__file *file)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__set_walk walk;
	bool there;
	int error = kldsim__walk_begin(&walk, sim, file, "sdt_tracepoint_set",
	    &there);

	for (; error == 0 && there && walk.at < walk.stop;
	    walk.at += TRACEPOINT_WORDS * ptrsz) {
		kldsim_addr probe, patchpoint, target;

		if (!word(&walk, walk.at, &probe) ||
		    !word(&walk, walk.at + ptrsz, &patchpoint) ||
		    !word(&walk, walk.at + 2 * ptrsz, &target))
			return (fault(&walk, "a tracepoint", walk.at));
		if (kldsim__sdt_can_jump(sim->arch, patchpoint, target) &&
		    (!sim->arch->jump.mapped || kldsim__aspace_mapped(
		    &sim->space, patchpoint, 1)))
			error = follow_probe(&walk, probe);
	}
	return (error);
}

static bool
is_listening(const struct kldsim *sim)
{
	const struct kldsim__module *sdt = kldsim__find_module(&sim->modules,
	    "sdt");

	return (sdt != NULL && sdt->file->linked && !sim->linker.preloading);
}

int
kldsim__sdt_unload_try(struct kldsim *sim, struct kldsim__file *file)
{
	int error = 0;

	if (file->linked || !is_listening(sim))
		return (0);
	if (sim->known.sdt_tracepoint_valid != 0) {
		error = tracepoints(sim, file);
		if (error == 0)
			error = each(sim, file, "sdt_argtypes_set",
			    follow_argtype);
		if (error == 0)
			error = each(sim, file, "sdt_probes_set",
			    follow_probe);
	}
	return (error != 0 ? error : each(sim, file, "sdt_providers_set",
	    follow_provider));
}
