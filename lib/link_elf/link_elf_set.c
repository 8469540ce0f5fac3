/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * DPCPU and VNET variables of a module: parse_dpcpu(), parse_vnet(), the two
 * lists of ranges and elf_relocaddr() of sys/kern/link_elf.c (D-30 to D-36,
 * D-50 to D-53).
 *
 * The file's own set stays where it is in its mapping; its bytes are copied to
 * the reference copy and to the instances before anything is relocated, and
 * addresses within the set are moved there when somebody refers to them.
 */

#include <inttypes.h>

#include "link_elf/link_elf.h"

#include "linker_class/set_part.h"
#include "vnet/vnet_shadow.h"
#include "kern/bad_news.h"
#include "linker_class/elf_set.h"

/* What ldscript.kmod.i386 ends both sets with (D-72). */
#define LS_PADDING 0x90909090u

kldsim_addr
kldsim__dyn_relocaddr(const struct kldsim *sim,
    const struct kldsim__file *file, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	(void)sim;
	for (unsigned i = 0; i < 2; i++) {
		const struct kldsim__dynset *set = &dyn->sets[i];

		if (address >= set->start && address < set->stop)
			return ((address - set->start + set->base) &
			    dyn->mask);
	}
	return (address);
}

/* --- one set --- */

static struct kldsim__where
in_set(const struct kldsim__file *file, enum kldsim_set which)
{
	return ((struct kldsim__where){ .file = file->filename,
		.section = which == KLDSIM_SET_DPCPU ? "set_pcpu" :
		"set_vnet" });
}

#define LINKER_SCRIPT "link with ldscript.kmod.i386 (kmod.mk does that from " \
	"13.0 on)"

/*
 * D-32: the linker script leaves a mark behind each set.  *done_ret: there is
 * nothing in front of it.
 *
 * FIDELITY: the kernel prints these lines to the terminal of the process that
 * loads, not to the console.
 */
static int
require_padding(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, int size, bool *done_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = in_set(file, which);
	kldsim_addr at = dyn->sets[which].stop - 4;
	uint8_t pad[4];
	uint32_t found;

	if (size < 4) {
		kldsim__console(sim, "Kernel module '%s' must be recompiled "
		    "with linker script", file->pathname);
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_SET_PADDING, &where, "the set has %d bytes, and "
		    "the word 0x%08x at its end alone has 4: " LINKER_SCRIPT,
		    size, LS_PADDING));
	}
	if (!kldsim__dyn_read(sim, file, at, pad, sizeof(pad)))
		return (kldsim__panic(sim, KLDSIM__F_SET_BOUNDS, &where,
		    "the kernel reads the set's last word at 0x%" PRIx64
		    ", outside the file's mapping", at));
	found = kldsim__load32(pad, dyn->elf.big);
	if (found != LS_PADDING) {
		kldsim__console(sim, "Kernel module '%s' must be recompiled "
		    "with linker script, invalid padding %#04x (%#04x)",
		    file->pathname, found, LS_PADDING);
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_SET_PADDING, &where, "the set does not end in "
		    "the word 0x%08x: " LINKER_SCRIPT, LS_PADDING));
	}
	*done_ret = size == 4;
	return (0);
}

/*
 * The module was built without the linker script: this kernel says so, or a
 * later one would.
 */
static int
check_padding(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, int size, bool *done_ret)
{
	struct kldsim__where where = in_set(file, which);
	uint8_t pad[4];

	if (sim->facts.i386_set_padding)
		return (require_padding(sim, file, which, size, done_ret));
	if (size < 4 || !kldsim__dyn_read(sim, file,
	    kldsim__dyn_of(file)->sets[which].stop - 4, pad, sizeof(pad)) ||
	    kldsim__load32(pad, kldsim__dyn_of(file)->elf.big) != LS_PADDING)
		kldsim__find(sim, KLDSIM__F_SET_PADDING_LATER, &where,
		    "the set does not end in the word 0x%08x: kernels from "
		    "13.0 on refuse such a module, and on this one a pointer "
		    "just past the set's last variable is not moved with it; "
		    LINKER_SCRIPT, LS_PADDING);
	return (0);
}

/* Bounds that do not fit an int: the kernel makes another size of them. */
static void
note_bounds(struct kldsim *sim, const struct kldsim__file *file,
    enum kldsim_set which, int size)
{
	const struct kldsim__dynset *set =
	    &kldsim__dyn_of(file)->sets[which];
	struct kldsim__where where = in_set(file, which);

	if (set->stop - set->start != (kldsim_size)(int64_t)size ||
	    size < 0)
		kldsim__find(sim, KLDSIM__F_SET_BOUNDS, &where,
		    "the set goes from 0x%" PRIx64 " to 0x%" PRIx64 ", which "
		    "is %d bytes as an int: %s", set->start, set->stop, size,
		    size < 1 ? "nothing is allocated, and addresses in "
		    "between are moved to 0" : "no more are allocated, and "
		    "all addresses in between are moved");
}

/* What the public API tells of it. */
static int
record_part(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, int size)
{
	struct kldsim_set_part *part = kldsim__arena_calloc(&file->arena, 1,
	    sizeof(*part));

	if (part == NULL)
		return (kldsim__nomem(sim));
	part->fileid = file->id;
	part->start = kldsim__dyn_of(file)->sets[which].base;
	part->size = (kldsim_size)size;
	file->parts[which] = part;
	file->nparts[which] = 1;
	return (0);
}

/* D-34: into the reference copy, and from there to whoever is there. */
static int
copy_set(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, int size)
{
	const struct kldsim__dynset *dynset =
	    &kldsim__dyn_of(file)->sets[which];
	struct kldsim__where where = in_set(file, which);
	int error;

	if ((kldsim_size)size > kldsim__dyn_reach(file, dynset->start))
		return (kldsim__panic(sim, KLDSIM__F_SET_BOUNDS, &where,
		    "the set goes from 0x%" PRIx64 " to 0x%" PRIx64 ", not "
		    "all in the file's mapping: the kernel copies what lies "
		    "there", dynset->start, dynset->stop));
	error = kldsim__accessed(sim, kldsim__aspace_copy(&sim->space,
	    dynset->base, dynset->start, (kldsim_size)size));
	if (error == 0 && which == KLDSIM_SET_VNET)
		error = kldsim__vnet_save_init(sim, dynset->base,
		    (kldsim_size)size);
	if (error != 0 || (which == KLDSIM_SET_VNET &&
	    sim->facts.propagates_vnets_after_sysctls))
		return (error);
	return (kldsim__part_copy(sim, which, dynset->base,
	    (kldsim_size)size, kldsim__dyn_of(file)->preloaded));
}

/* D-33 to D-35. */
static int
allocate(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, int size)
{
	struct kldsim__dynset *set = &kldsim__dyn_of(file)->sets[which];
	const struct kldsim__where where = in_set(file, which);
	int error = kldsim__part_alloc(sim, file, which, size, &set->base);

	if (error != 0)
		return (error);
	if (set->base == 0) {
		kldsim__console(sim, "%s: %s module space is out of space; "
		    "cannot allocate %d for %s", which == KLDSIM_SET_DPCPU ?
		    "parse_dpcpu" : "parse_vnet", kldsim__part_name(which),
		    size, file->pathname);
		return (kldsim__part_full(sim, which, &where,
		    (kldsim_size)size));
	}
	error = copy_set(sim, file, which, size);
	if (error == 0)
		error = kldsim__elf_set_add(sim, file, which, set);
	if (error == 0)
		error = record_part(sim, file, which, size);
	return (error);
}

int
kldsim__dyn_parse_set(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which)
{
	struct kldsim__dynset *set = &kldsim__dyn_of(file)->sets[which];
	kldsim_addr start, stop;
	bool done = false;
	int size, error;

	error = file->class->lookup_set(sim, file, kldsim__part_name(which),
	    &start, &stop);
	if (error != 0)
		return (error > 0 ? 0 : error); /* there is no set (D-30) */
	set->start = start;
	set->stop = stop;
	size = (int)(uint32_t)(stop - start);
	note_bounds(sim, file, which, size);
	if (size < 1)
		return (0);
	if (sim->arch->set_padding)
		error = check_padding(sim, file, which, size, &done);
	if (error == 0 && !done)
		error = allocate(sim, file, which, size);
	return (error);
}

int
kldsim__dyn_free_sets(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	int error = 0;

	for (unsigned i = 0; i < 2 && error == 0; i++) {
		const enum kldsim_set which = (enum kldsim_set)i;
		const struct kldsim__dynset *set = &dyn->sets[i];
		struct kldsim__where where = in_set(file, which);

		if (set->base == 0)
			continue;
		error = kldsim__part_free(sim, which, &where, set->base,
		    (int)(uint32_t)(set->stop - set->start));
		if (error == 0)
			error = kldsim__elf_set_delete(sim, which,
			    set->start);
	}
	return (error);
}
