/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * set_pcpu_list and set_vnet_list: where shared objects' sets are, and where
 * their addresses are moved to (elf_set_add() and its relatives of
 * sys/kern/link_elf.c, D-50 to D-53).
 */

#include "linker_class/elf_set.h"

#include <inttypes.h>

#include "kern/bad_news.h"
#include "linker_class/set_part.h"

/* A range that is moved (struct elf_set). */
struct range {
	struct kldsim__link link;
	kldsim_addr start;
	kldsim_addr stop;
	kldsim_addr base;
};

#define RANGE(l) KLDSIM__ENTRY(l, struct range, link)

/* elf_set_add(): ascending by start; who overlaps is only asserted. */
int
kldsim__elf_set_add(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_set which, const struct kldsim__dynset *set)
{
	struct kldsim__where where = { .file = file->filename };
	struct kldsim__link *at = &sim->linker.elf_sets[which];
	struct range *range = kldsim__arena_alloc(&file->arena,
	    sizeof(*range));

	if (range == NULL)
		return (kldsim__nomem(sim));
	range->start = set->start;
	range->stop = set->stop;
	range->base = set->base;
	KLDSIM__FOREACH(l, &sim->linker.elf_sets[which]) {
		const struct range *other = RANGE(l);

		if (set->start < other->stop && other->start < set->stop)
			kldsim__find(sim, KLDSIM__F_SET_OVERLAP, &where,
			    "set_%s at [0x%" PRIx64 ", 0x%" PRIx64 ") overlaps "
			    "another file's: the kernel moves addresses to the "
			    "wrong one", kldsim__part_name(which), set->start,
			    set->stop);
		if (other->start > set->start)
			break;
		at = l;
	}
	return (kldsim__list_insert_after(&sim->undo, at, &range->link) ? 0 :
	    kldsim__nomem(sim));
}

/* elf_set_delete(): the first one that begins there. */
int
kldsim__elf_set_delete(struct kldsim *sim, enum kldsim_set which,
    kldsim_addr start)
{
	KLDSIM__FOREACH(l, &sim->linker.elf_sets[which])
		if (RANGE(l)->start == start)
			return (kldsim__list_remove(&sim->undo, l) ? 0 :
			    kldsim__nomem(sim));
	return (kldsim__fail(sim, KLDSIM_INTERNAL,
	    "a set that is moved is in no list"));
}

/* elf_set_find(). */
static bool
find_range(const struct kldsim__linker *linker, enum kldsim_set which,
    kldsim_addr address, kldsim_addr *moved_ret)
{
	KLDSIM__FOREACH(l, &linker->elf_sets[which]) {
		const struct range *range = RANGE(l);

		if (address < range->start)
			return (false);
		if (address < range->stop) {
			*moved_ret = address - range->start + range->base;
			return (true);
		}
	}
	return (false);
}

kldsim_addr
kldsim__elf_set_remap(const struct kldsim__linker *linker, kldsim_addr address)
{
	kldsim_addr moved = address;

	if (!find_range(linker, KLDSIM_SET_DPCPU, address, &moved))
		(void)find_range(linker, KLDSIM_SET_VNET, address, &moved);
	return (moved);
}
