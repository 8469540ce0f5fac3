/* SPDX-License-Identifier: BSD-2-Clause */

/* What can be asked about memory, and about the sets and their instances. */

#include <string.h>

#include "kern/linker_file.h"


enum kldsim_status
kldsim_read(const struct kldsim *sim, kldsim_addr address, void *buffer,
    size_t size)
{
	return (kldsim__aspace_read(&sim->space, address, buffer, size) ?
	    KLDSIM_OK : KLDSIM_FAULT);
}

static const struct kldsim__set *
set_of(const struct kldsim *sim, enum kldsim_set set)
{
	return (set == KLDSIM_SET_DPCPU ? &sim->dpcpu : &sim->vnet);
}

static size_t
count_parts(const struct kldsim *sim, enum kldsim_set which)
{
	size_t count = 0;

	KLDSIM__FOREACH(l, &sim->linker.files)
		count += KLDSIM__FILE(l)->nparts[which];
	return (count);
}

void
kldsim_set_info(const struct kldsim *sim, enum kldsim_set which,
    struct kldsim_set_info *info_ret)
{
	const struct kldsim__set *set = set_of(sim, which);

	memset(info_ret, 0, sizeof(*info_ret));
	info_ret->present = set->present;
	if (!set->present)
		return;
	info_ret->start = set->start;
	info_ret->stop = set->stop;
	info_ret->has_modspace = set->has_modspace;
	info_ret->modspace_start = set->modspace_start;
	info_ret->modspace_size = set->modspace_size;
	info_ret->modspace_free = kldsim__modspace_left(&set->free);
	info_ret->nfree = set->free.nextents;
	info_ret->nparts = count_parts(sim, which);
	info_ret->ninstances = set->ninstances;
}

enum kldsim_status
kldsim_set_free_extent(const struct kldsim *sim, enum kldsim_set which,
    size_t index, struct kldsim_extent_info *extent_ret)
{
	const struct kldsim__modspace *free = &set_of(sim, which)->free;

	if (index >= free->nextents)
		return (KLDSIM_NOENT);
	extent_ret->start = free->extents[index].start;
	extent_ret->size = free->extents[index].len < 0 ? 0 :
	    (kldsim_size)free->extents[index].len;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_set_part(const struct kldsim *sim, enum kldsim_set which, size_t index,
    struct kldsim_set_part *part_ret)
{
	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__FILE(l);

		if (index < file->nparts[which]) {
			*part_ret = file->parts[which][index];
			return (KLDSIM_OK);
		}
		index -= file->nparts[which];
	}
	return (KLDSIM_NOENT);
}

enum kldsim_status
kldsim_set_instance(const struct kldsim *sim, enum kldsim_set which,
    size_t index, struct kldsim_instance *instance_ret)
{
	const struct kldsim__set *set = set_of(sim, which);

	if (index >= set->ninstances)
		return (KLDSIM_NOENT);
	*instance_ret = set->instances[index];
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_set_translate(const struct kldsim *sim, enum kldsim_set which,
    unsigned id, kldsim_addr symbol, kldsim_addr *address_ret)
{
	const struct kldsim__set *set = set_of(sim, which);
	const struct kldsim_instance *instance =
	    kldsim__set_find_instance(set, id);

	if (instance == NULL)
		return (KLDSIM_NOENT);
	if (!kldsim__set_holds(set, symbol))
		return (KLDSIM_FAULT);
	*address_ret = symbol + instance->base;
	return (KLDSIM_OK);
}

size_t
kldsim_console_count(const struct kldsim *sim)
{
	return (sim->report.nconsole);
}

const char *
kldsim_console_line(const struct kldsim *sim, size_t index)
{
	return (index < sim->report.nconsole ? sim->report.console[index] :
	    NULL);
}

size_t
kldsim_finding_count(const struct kldsim *sim)
{
	return (sim->report.nfindings);
}

const struct kldsim_finding *
kldsim_finding_at(const struct kldsim *sim, size_t index)
{
	return (index < sim->report.nfindings ? sim->report.findings[index] :
	    NULL);
}
