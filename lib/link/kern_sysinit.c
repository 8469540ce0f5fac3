/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The order of SYSINITs and SYSUNINITs of a file that is loaded or unloaded at
 * run time: linker_file_sysinit() and linker_file_sysuninit() of
 * sys/kern/kern_linker.c (M-30 to M-33).
 */

#include "kern/bad_news.h"
#include "kern/events.h"
#include "link/init_main.h"
#include "link/kern_malloc.h"
#include "link/kern_module.h"
#include "link/kern_sysinit.h"
#include "vnet/vnet.h"

/* The set as it is in memory: pointers, and what they point to. */
struct sysinits {
	kldsim_addr start;
	size_t count;
	kldsim_addr *pointers;
	struct kldsim__sysinit *entries;
	uint32_t *order;
};

static int
read_sysinits(struct kldsim__set_walk *walk, struct sysinits *set)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(walk->sim->arch);
	struct kldsim__arena *arena = &walk->file->arena;
	size_t count = (size_t)((walk->stop - walk->at + ptrsz - 1) / ptrsz);
	bool more = true;
	/* The kernel's sort compares each entry with each other one (M-30). */
	int error = kldsim__work(walk->sim, walk->file,
	    (uint64_t)count * count / 2);

	if (error != 0)
		return (error);
	set->start = walk->at;
	set->count = count;
	set->pointers = kldsim__arena_calloc(arena, count,
	    sizeof(*set->pointers));
	set->entries = kldsim__arena_calloc(arena, count,
	    sizeof(*set->entries));
	set->order = kldsim__arena_calloc(arena, count, sizeof(*set->order));
	if (set->pointers == NULL || set->entries == NULL ||
	    set->order == NULL)
		return (kldsim__nomem(walk->sim));
	for (size_t i = 0; i < count; i++) {
		error = kldsim__walk_next(walk, &set->pointers[i], &more);
		if (error != 0)
			return (error);
		if (!kldsim__meta_sysinit(&walk->sim->meta, set->pointers[i],
		    &set->entries[i]))
			return (kldsim__walk_broken(walk, set->pointers[i],
			    "a struct sysinit"));
	}
	return (0);
}

/* Whether the file's pages can be written where something is (O-70). */
static bool
is_read_only(const struct kldsim__file *file, kldsim_addr address)
{
	for (size_t i = 0; i < file->nprotections; i++) {
		const struct kldsim_protection *run = &file->protections[i];

		if (address - run->start < run->size)
			return ((run->prot & KLDSIM_PROT_WRITE) == 0);
	}
	return (false);
}

static int
sort_faults(const struct kldsim__set_walk *walk, kldsim_addr address)
{
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };

	return (kldsim__panic(walk->sim, KLDSIM__F_SYSINIT_READ_ONLY, &where,
	    "set_%s is not in order, and the kernel sorts it in place at 0x%jx,"
	    " in pages that its flags have made read-only", walk->name,
	    (uintmax_t)address));
}

/* The kernel sorts in place: the new order stays in the module (M-30). */
static int
write_order(const struct kldsim__set_walk *walk, const struct sysinits *set)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(walk->sim->arch);
	const bool big = kldsim__arch_big(walk->sim->arch);

	for (size_t i = 0; i < set->count; i++) {
		uint8_t bytes[8];
		int error;

		if (set->order[i] == i)
			continue;
		if (is_read_only(walk->file, set->start + i * ptrsz))
			return (sort_faults(walk, set->start + i * ptrsz));
		kldsim__store(bytes, ptrsz, big,
		    set->pointers[set->order[i]]);
		error = kldsim__accessed(walk->sim, kldsim__aspace_write(
		    &walk->sim->space, set->start + i * ptrsz, bytes, ptrsz));
		if (error != 0)
			return (error);
	}
	return (0);
}

int
kldsim__call_sysinit(const struct kldsim__set_walk *walk,
    const struct kldsim__sysinit *entry, enum kldsim_event_kind kind)
{
	struct kldsim *sim = walk->sim;
	struct kldsim_event event = { .kind = kind, .func = entry->func,
		.arg = entry->udata, .subsystem = entry->subsystem,
		.order = entry->order };
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };
	int error;

	error = kldsim__record(sim, walk->file, &event);
	if (error != 0)
		return (error);
	if (!kldsim__aspace_mapped(&sim->space, entry->func, 1))
		return (kldsim__panic(sim, KLDSIM__F_SYSINIT_ENTRY, &where,
		    "set_%s: the function at 0x%jx is called, where nothing "
		    "is", walk->name, (uintmax_t)entry->func));
	if (entry->func == sim->known.module_register_init)
		return (kldsim__mod_load(walk, entry->udata));
	if (entry->func == sim->known.malloc_init)
		return (kldsim__malloc_init(walk, entry->udata));
	if (!kldsim__is_vnet_call(sim, entry->func))
		return (0);
	error = kldsim__vnet_ready(sim, NULL);
	return (error != 0 ? error : kldsim__vnet_call(walk, entry));
}

static int
run(struct kldsim *sim, struct kldsim__file *file, const char *name,
    enum kldsim_event_kind kind)
{
	struct kldsim__set_walk walk;
	struct sysinits set;
	bool there;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, name, &there);
	if (error != 0 || !there)
		return (error);
	error = read_sysinits(&walk, &set);
	if (error != 0)
		return (error);
	kldsim__sysinit_exchange_sort(set.entries, set.order, set.count,
	    kind == KLDSIM_EVENT_SYSUNINIT);
	error = write_order(&walk, &set);
	for (size_t i = 0; i < set.count && error == 0; i++) {
		const struct kldsim__sysinit *entry =
		    &set.entries[set.order[i]];

		/* SI_SUB_DUMMY is skipped, SI_SUB_DONE is not (M-31). */
		if (entry->subsystem != 0)
			error = kldsim__call_sysinit(&walk, entry, kind);
	}
	return (error);
}

int
kldsim__run_sysinits(struct kldsim *sim, struct kldsim__file *file)
{
	return (run(sim, file, "sysinit_set", KLDSIM_EVENT_SYSINIT));
}

int
kldsim__run_sysuninits(struct kldsim *sim, struct kldsim__file *file)
{
	return (run(sim, file, "sysuninit_set", KLDSIM_EVENT_SYSUNINIT));
}
