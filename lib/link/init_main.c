/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * mi_startup() and sysinit_add() of sys/kern/init_main.c: the order in which
 * the kernel's SYSINITs and those of preloaded files run (M-34 to M-36).
 */

#include <stdlib.h>

#include "kern/bad_news.h"
#include "kern/module.h"
#include "link/init_main.h"
#include "link/kern_module.h"
#include "link/kern_sysinit.h"
#include "vnet/vnet.h"

#define SI_SUB_DUMMY 0u
#define SI_SUB_DONE 1u
#define SI_SUB_KLD 0x2000000u
#define SI_ORDER_MIDDLE 0x1000000u

/* A SYSINIT and whose it is. */
struct entry {
	struct kldsim__sysinit call;
	struct kldsim__file *file;
	size_t preload; /* which one the file is, KLDSIM__NO_PRELOAD: none */
	size_t arrival; /* for the stable sorts */
	bool done;
};

struct schedule {
	struct kldsim *sim;
	struct kldsim__preload *preload; /* NULL: there are none */
	struct entry *entries;
	size_t count;
	size_t cap;
};

static int
add_set(struct schedule *schedule, struct kldsim__file *file, size_t preload)
{
	struct kldsim *sim = schedule->sim;
	struct kldsim__set_walk walk;
	bool more;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "sysinit_set", &more);
	while (error == 0 && more) {
		struct entry *entry;
		kldsim_addr pointer;

		error = kldsim__walk_next(&walk, &pointer, &more);
		if (error != 0 || !more)
			break;
		if (!kldsim__grow(&sim->alloc, &schedule->entries,
		    &schedule->cap, schedule->count + 1, sizeof(*entry)))
			return (kldsim__nomem(sim));
		entry = &schedule->entries[schedule->count];
		if (!kldsim__meta_sysinit(&sim->meta, pointer, &entry->call))
			return (kldsim__walk_broken(&walk, pointer,
			    "a struct sysinit"));
		entry->file = file;
		entry->preload = preload;
		entry->done = false;
		entry->arrival = schedule->count++;
	}
	return (error);
}

static int
compare_keys(const struct entry *a, const struct entry *b)
{
	if (a->call.subsystem != b->call.subsystem)
		return (a->call.subsystem < b->call.subsystem ? -1 : 1);
	if (a->call.order != b->call.order)
		return (a->call.order < b->call.order ? -1 : 1);
	return (0);
}

static int
compare_stable(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_keys(a, b);

	return (order != 0 ? order : a->arrival < b->arrival ? -1 : 1);
}

static int
compare_reversed(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = compare_keys(a, b);

	return (order != 0 ? order : a->arrival > b->arrival ? -1 : 1);
}

/* What the sort of 13 and before looks at, and which entry it is. */
struct key {
	uint64_t key;
	size_t at;
};

/* That sort, swap for swap: thousands of entries, each with each other. */
static void
exchange(struct key *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			struct key held = keys[i];

			if (held.key <= keys[j].key)
				continue;
			keys[i] = keys[j];
			keys[j] = held;
		}
	}
}

static bool
exchange_sort(struct schedule *schedule)
{
	const struct kldsim__alloc *alloc = &schedule->sim->alloc;
	const size_t n = schedule->count;
	struct key *keys = kldsim__calloc(alloc, n, sizeof(*keys));
	struct entry *sorted = kldsim__calloc(alloc, n, sizeof(*sorted));

	for (size_t i = 0; keys != NULL && i < n; i++) {
		const struct kldsim__sysinit *call =
		    &schedule->entries[i].call;

		keys[i].key = (uint64_t)call->subsystem << 32 | call->order;
		keys[i].at = i;
	}
	if (keys == NULL || sorted == NULL) {
		kldsim__free(alloc, keys);
		kldsim__free(alloc, sorted);
		return (false);
	}
	exchange(keys, n);
	for (size_t i = 0; i < n; i++)
		sorted[i] = schedule->entries[keys[i].at];
	kldsim__free(alloc, keys);
	kldsim__free(alloc, schedule->entries);
	schedule->entries = sorted;
	schedule->cap = n;
	return (true);
}

/* False: no memory, and nothing is sorted. */
static bool
sort_entries(struct schedule *schedule)
{
	if (schedule->count == 0)
		return (true);
	switch (schedule->sim->facts.boot_sysinit_sort) {
	case KLDSIM__SORT_EXCHANGE:
		return (exchange_sort(schedule));
	case KLDSIM__SORT_MERGE_REVERSED:
		qsort(schedule->entries, schedule->count,
		    sizeof(*schedule->entries), compare_reversed);
		break;
	default:
		qsort(schedule->entries, schedule->count,
		    sizeof(*schedule->entries), compare_stable);
		break;
	}
	return (true);
}

/* Each set may be within its limit, and all of them be too many to sort. */
static int
sort(struct schedule *schedule)
{
	const uint64_t n = schedule->count;
	const bool each_with_each = schedule->sim->facts.boot_sysinit_sort ==
	    KLDSIM__SORT_EXCHANGE;
	int error = kldsim__work(schedule->sim, schedule->sim->linker.kernel,
	    each_with_each ? n * n / 2 : n);

	if (error == 0 && !sort_entries(schedule))
		error = kldsim__nomem(schedule->sim);
	return (error);
}

/*
 * What has run before preloaded files arrive, linker_preload() itself
 * included.  The kernel marks it by its subsystem, which moves it to the front
 * in the next exchange sort.
 */
static void
mark_done(struct schedule *schedule)
{
	const bool by_key = schedule->sim->facts.boot_sysinit_sort ==
	    KLDSIM__SORT_EXCHANGE;

	for (size_t i = 0; i < schedule->count; i++) {
		struct entry *entry = &schedule->entries[i];

		if (entry->call.subsystem > SI_SUB_KLD ||
		    (entry->call.subsystem == SI_SUB_KLD &&
		    entry->call.order > SI_ORDER_MIDDLE))
			continue;
		entry->done = true;
		if (by_key && entry->call.subsystem != 0)
			entry->call.subsystem = SI_SUB_DONE;
	}
}

/* Whose it is if the kernel panics now. */
static void
work_on(struct schedule *schedule, size_t preload)
{
	if (schedule->preload != NULL)
		schedule->preload->at = preload;
}

/*
 * The preloaded file that has registered its own module in the place of the
 * kernel's.  If that refused to be loaded it is gone, and its file is known by
 * its metadata alone.
 */
static int
find_in_place(const struct schedule *schedule, const char *name,
    size_t *which_ret)
{
	const struct kldsim__preload *preload = schedule->preload;
	struct kldsim *sim = schedule->sim;
	const struct kldsim__module *module =
	    kldsim__find_module(&sim->modules, name);

	*which_ret = KLDSIM__NO_PRELOAD;
	if (module != NULL && module->file == sim->linker.kernel)
		return (0);
	for (size_t i = 0; i < preload->count; i++) {
		bool declares;
		int error;

		if (preload->files[i] == NULL)
			continue;
		error = kldsim__declares_module(sim, preload->files[i], name,
		    &declares);
		if (error != 0)
			return (error);
		if (declares) {
			*which_ret = i;
			return (0);
		}
	}
	return (0);
}

/* What a successful MOD_LOAD does to a module of the kernel's, at boot. */
static void
to_head(struct kldsim__module *module)
{
	struct kldsim__link *head, *link;

	if (module == NULL || module->file != module->file->sim->linker.kernel)
		return;
	head = &module->file->modules;
	link = &module->file_link;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->next = head->next;
	link->prev = head;
	head->next->prev = link;
	head->next = link;
}

/*
 * The kernel's modules are there, and that they are loaded is no news; but one
 * that a preloaded file has too is that file's, and is loaded once more (M-21).
 */
static int
load_kernel_module(struct schedule *schedule,
    const struct kldsim__set_walk *walk, kldsim_addr udata)
{
	struct kldsim *sim = schedule->sim;
	struct kldsim__moduledata data;
	const char *name;
	size_t which;
	int error;

	if (schedule->preload == NULL ||
	    !kldsim__meta_moduledata(&sim->meta, udata, &data))
		return (0);
	error = kldsim__walk_module_name(walk, data.name, &name);
	if (error == 0)
		error = find_in_place(schedule, name, &which);
	if (error == 0 && which == KLDSIM__NO_PRELOAD)
		to_head(kldsim__find_module(&sim->modules, name));
	if (error != 0 || which == KLDSIM__NO_PRELOAD)
		return (error);
	work_on(schedule, which);
	return (kldsim__mod_load(walk, udata));
}

/* Only what it leaves behind matters, unless it is a preloaded file's. */
static int
run_entry(struct schedule *schedule, const struct entry *entry)
{
	struct kldsim *sim = schedule->sim;
	struct kldsim__set_walk walk = { .sim = sim, .file = entry->file,
		.name = "sysinit_set" };

	if (entry->file == sim->linker.kernel) {
		if (entry->call.func == sim->known.module_register_init)
			return (load_kernel_module(schedule, &walk,
			    entry->call.udata));
		return (kldsim__vnet_call(&walk, &entry->call));
	}
	return (kldsim__call_sysinit(&walk, &entry->call,
	    KLDSIM_EVENT_SYSINIT));
}

/* Where a subsystem of DONE marks what has run, it is skipped (M-34). */
static int
run(struct schedule *schedule)
{
	const bool by_key = schedule->sim->facts.boot_sysinit_sort ==
	    KLDSIM__SORT_EXCHANGE;
	int error = 0;

	for (size_t i = 0; i < schedule->count && error == 0; i++) {
		const struct entry *entry = &schedule->entries[i];

		if (entry->done || entry->call.subsystem == SI_SUB_DUMMY ||
		    (by_key && entry->call.subsystem == SI_SUB_DONE))
			continue;
		work_on(schedule, entry->preload);
		error = run_entry(schedule, entry);
	}
	if (error == 0)
		work_on(schedule, KLDSIM__NO_PRELOAD);
	return (error);
}

/* The sets of the preloaded files, in the order in which they were resolved. */
static int
add_preloads(struct schedule *schedule)
{
	struct kldsim__preload *preload = schedule->preload;
	int error = 0;

	for (size_t i = 0; preload != NULL && i < preload->nordered &&
	    error == 0; i++) {
		const size_t which = preload->ordered[i];

		if (preload->files[which] == NULL)
			continue;
		work_on(schedule, which);
		error = add_set(schedule, preload->files[which], which);
	}
	if (error == 0)
		work_on(schedule, KLDSIM__NO_PRELOAD);
	return (error);
}

int
kldsim__boot_sysinits(struct kldsim *sim, struct kldsim__preload *preload)
{
	struct schedule schedule = { .sim = sim, .preload = preload };
	int error = add_set(&schedule, sim->linker.kernel,
	    KLDSIM__NO_PRELOAD);

	if (error == 0)
		error = sort(&schedule);
	if (error == 0)
		mark_done(&schedule);
	if (error == 0)
		error = add_preloads(&schedule);
	if (error == 0)
		error = sort(&schedule);
	if (error == 0)
		error = run(&schedule);
	kldsim__free(&sim->alloc, schedule.entries);
	return (error);
}

int
kldsim__vnet_ready(struct kldsim *sim, struct kldsim__preload *preload)
{
	const bool unrecorded = sim->events.unrecorded;
	int error;

	if (sim->vnets.ready)
		return (0);
	if (!KLDSIM__SET(&sim->undo, sim->vnets.ready, true))
		return (kldsim__nomem(sim));
	sim->events.unrecorded = unrecorded || preload == NULL;
	if (preload != NULL)
		sim->modules.ordered = true; /* by what runs now */
	error = kldsim__boot_sysinits(sim, preload);
	sim->events.unrecorded = unrecorded;
	return (error);
}

/* --- the order of the kernel's own modules --- */

/* The kernel's set, without what cannot be read: it is no boot that fails. */
static bool
read_own(struct schedule *schedule, uint64_t pointers)
{
	struct kldsim *sim = schedule->sim;
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);

	for (uint64_t i = 0; i < pointers; i++) {
		const kldsim_addr at = sim->modules.sysinits[0] + i * ptrsz;
		struct entry *entry;
		kldsim_addr pointer;

		if (!kldsim__grow(&sim->alloc, &schedule->entries,
		    &schedule->cap, schedule->count + 1, sizeof(*entry)))
			return (false);
		entry = &schedule->entries[schedule->count];
		if (!kldsim__meta_pointer(&sim->meta, at, &pointer) ||
		    !kldsim__meta_sysinit(&sim->meta, pointer, &entry->call))
			continue;
		entry->arrival = schedule->count++;
	}
	return (true);
}

static struct kldsim__module *
module_of(struct kldsim *sim, struct kldsim__arena *arena, kldsim_addr udata)
{
	struct kldsim__moduledata data;
	const char *name;

	if (!kldsim__meta_moduledata(&sim->meta, udata, &data) ||
	    kldsim__meta_string(&sim->meta, data.name, arena, &name) !=
	    KLDSIM__STRING_OK)
		return (NULL);
	return (kldsim__find_module(&sim->modules, name));
}

void
kldsim__order_own_modules(struct kldsim *sim)
{
	struct schedule schedule = { .sim = sim };
	const uint64_t n = kldsim__set_pointers(sim,
	    sim->modules.sysinits[0], sim->modules.sysinits[1]);
	struct kldsim__arena arena;

	if (sim->modules.ordered)
		return;
	sim->modules.ordered = true;
	sim->cursor->list = NULL;
	kldsim__arena_init(&arena, &sim->alloc);
	if (n <= sim->options.limits.set_entries && read_own(&schedule, n) &&
	    sort_entries(&schedule))
		for (size_t i = 0; i < schedule.count; i++) {
			const struct kldsim__sysinit *call =
			    &schedule.entries[i].call;

			if (call->func == sim->known.module_register_init &&
			    call->subsystem != SI_SUB_DUMMY)
				to_head(module_of(sim, &arena, call->udata));
		}
	kldsim__arena_fini(&arena);
	kldsim__free(&sim->alloc, schedule.entries);
}
