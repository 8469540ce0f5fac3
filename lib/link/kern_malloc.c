/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * malloc_init() of sys/kern/kern_malloc.c, as far as it can end the kernel
 * (M-46): the type's number has to be this kernel's.
 */

#include "link/kern_malloc.h"

#include <inttypes.h>
#include <stdio.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"

#define M_MAGIC 877983977u /* of kernels whose types have no version (V-74) */

/* What the type is called in the file; NULL: nothing is there by name. */
static const char *
symbol_of(const struct kldsim__set_walk *walk, kldsim_addr type)
{
	struct kldsim__nearest nearest;
	int error = walk->file->class->search_symbol(walk->sim, walk->file,
	    type, &nearest);

	return (error == 0 && nearest.difference == 0 ? nearest.name : NULL);
}

/* The kernel's words, and both numbers in those of other version words. */
static int
panic(const struct kldsim__set_walk *walk, kldsim_addr type,
    uint64_t wanted, uint64_t number)
{
	struct kldsim *sim = walk->sim;
	struct kldsim__where where = { .file = walk->file->filename,
		.symbol = symbol_of(walk, type) };
	char says[128] = "bad malloc type magic";
	const char *name = "?";
	kldsim_addr at;

	if (kldsim__meta_pointer(&sim->meta,
	    type + 2 * kldsim__arch_ptrsz(sim->arch), &at) &&
	    kldsim__meta_string(&sim->meta, at, &walk->file->arena, &name) !=
	    KLDSIM__STRING_OK)
		name = "?";
	if (wanted != M_MAGIC)
		(void)snprintf(says, sizeof(says), "type %s with unsupported "
		    "version %" PRIu64, name, number);
	return (kldsim__panic(sim, KLDSIM__F_KBI_VERSION_WORD, &where,
	    "kernel panic: malloc_init: %s: a type of malloc(9) has the "
	    "version 0x%" PRIx64 ", this kernel's own have 0x%" PRIx64, says,
	    number, wanted));
}

/* The number is the second word; M_TEMP is a type of the kernel's own. */
int
kldsim__malloc_init(const struct kldsim__set_walk *walk, kldsim_addr type)
{
	struct kldsim *sim = walk->sim;
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };
	kldsim_addr wanted, number;

	if (sim->known.M_TEMP == 0 || !kldsim__meta_pointer(&sim->meta,
	    sim->known.M_TEMP + ptrsz, &wanted))
		return (0);
	if (!kldsim__meta_pointer(&sim->meta, type + ptrsz, &number))
		return (kldsim__panic(sim, KLDSIM__F_SYSINIT_ENTRY, &where,
		    "malloc_init is given a struct malloc_type at 0x%" PRIx64
		    ", where nothing is; the kernel reads it", type));
	return (number == wanted ? 0 : panic(walk, type, wanted, number));
}
