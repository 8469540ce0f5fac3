/* SPDX-License-Identifier: BSD-2-Clause */

/* Parts of modspace that files have; see set_part.h. */

#include "linker_class/set_part.h"

#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"

int
kldsim__part_alloc(struct kldsim *sim, const struct kldsim__file *file,
    enum kldsim_set which, int size, kldsim_addr *start_ret)
{
	struct kldsim__set *set = kldsim__part_set(sim, which);

	*start_ret = 0;
	if (!set->has_modspace)
		return (kldsim__fail(sim, KLDSIM_STATE, "%s needs %s module "
		    "space, but the kernel has no symbol that says where it "
		    "is; give --%s-modspace", file->filename,
		    kldsim__part_name(which),
		    which == KLDSIM_SET_DPCPU ? "dpcpu" : "vnet"));
	if (kldsim__modspace_alloc(&set->free, size, start_ret) ==
	    KLDSIM__MODSPACE_NOMEM)
		return (kldsim__nomem(sim));
	return (0);
}

static kldsim_size
largest_piece(const struct kldsim__modspace *space)
{
	int largest = 0;

	for (size_t i = 0; i < space->nextents; i++)
		if (space->extents[i].len > largest)
			largest = space->extents[i].len;
	return ((kldsim_size)largest);
}

int
kldsim__part_full(struct kldsim *sim, enum kldsim_set which,
    const struct kldsim__where *where, kldsim_size size)
{
	const struct kldsim__set *set = kldsim__part_set(sim, which);

	return (kldsim__refuse(sim, KLDSIM__ENOSPC, KLDSIM__F_MODSPACE_FULL,
	    where, "its set_%s needs 0x%jx bytes in one piece; of the 0x%jx "
	    "that all modules share 0x%jx are free, the largest piece has "
	    "0x%jx", kldsim__part_name(which), (uintmax_t)size,
	    (uintmax_t)set->modspace_size,
	    (uintmax_t)kldsim__modspace_left(&set->free),
	    (uintmax_t)largest_piece(&set->free)));
}

int
kldsim__part_free(struct kldsim *sim, enum kldsim_set which,
    const struct kldsim__where *where, kldsim_addr start, int size)
{
	struct kldsim__set *set = kldsim__part_set(sim, which);

	switch (kldsim__modspace_free(&set->free, start, size)) {
	case KLDSIM__MODSPACE_NOMEM:
		return (kldsim__nomem(sim));
	case KLDSIM__MODSPACE_PANIC:
		return (kldsim__panic(sim, KLDSIM__F_MODSPACE_FREE, where,
		    "kernel panic: NULL dereference in %s: the freed 0x%jx "
		    "bytes at 0x%jx follow the last free extent",
		    which == KLDSIM_SET_DPCPU ? "dpcpu_free" :
		    "vnet_data_free", (uintmax_t)size, (uintmax_t)start));
	case KLDSIM__MODSPACE_OK:
	case KLDSIM__MODSPACE_FULL:
		break;
	}
	return (0);
}

int
kldsim__part_copy(struct kldsim *sim, enum kldsim_set which,
    kldsim_addr start, kldsim_size size, bool preloaded)
{
	/* Without options SMP it copies to CPU 0, whatever is present. */
	if (which == KLDSIM_SET_DPCPU && preloaded &&
	    sim->known.mp_setvariables_for_up == 0)
		return (0);
	return (kldsim__accessed(sim, kldsim__set_copy(kldsim__part_set(sim,
	    which), start, size)));
}

/* One piece of the part: bytes that are others on CPU 0. */
static void
compare_piece(const uint8_t *reference, const uint8_t *copy, size_t size,
    kldsim_size offset, struct kldsim__part_lost *lost)
{
	for (size_t i = 0; i < size; i++) {
		if (reference[i] == copy[i])
			continue;
		if (lost->bytes++ == 0)
			lost->first = offset + i;
	}
}

int
kldsim__part_compare(struct kldsim *sim, const struct kldsim_set_part *part,
    struct kldsim__part_lost *lost_ret)
{
	const struct kldsim_instance *cpu =
	    kldsim__set_find_instance(&sim->dpcpu, 0);
	uint8_t reference[256], copy[256];

	memset(lost_ret, 0, sizeof(*lost_ret));
	if (cpu == NULL)
		return (0);
	for (kldsim_size at = 0; at < part->size; at += sizeof(copy)) {
		const size_t size = part->size - at < sizeof(copy) ?
		    (size_t)(part->size - at) : sizeof(copy);

		if (!kldsim__aspace_read(&sim->space, part->start + at,
		    reference, size) || !kldsim__aspace_read(&sim->space,
		    part->start + at + cpu->base, copy, size))
			return (kldsim__fail(sim, KLDSIM_INTERNAL,
			    "a part of set_pcpu cannot be read"));
		compare_piece(reference, copy, size, at, lost_ret);
	}
	return (0);
}

void
kldsim__part_report_lost(struct kldsim *sim,
    const struct kldsim__where *where, const struct kldsim_set_part *part,
    const struct kldsim__part_lost *lost)
{
	if (lost->bytes != 0)
		kldsim__find(sim, KLDSIM__F_DPCPU_VALUE_LOST, where,
		    "CPU 0 never gets %ju of the set's %ju bytes, the first "
		    "at offset 0x%jx: it keeps what the kernel file has in "
		    "module space, as a rule zeros, and the other CPUs get "
		    "them", (uintmax_t)lost->bytes, (uintmax_t)part->size,
		    (uintmax_t)lost->first);
}
