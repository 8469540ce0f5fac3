/* SPDX-License-Identifier: BSD-2-Clause */

/* The record of calls that are not made; see events.h. */

#include <string.h>

#include "kern/bad_news.h"
#include "kern/events.h"
#include "kern/linker_file.h"
#include "kern/vimage_runtime.h"


static int
keep(struct kldsim *sim, const char **text)
{
	if (*text == NULL)
		return (0);
	*text = kldsim__arena_strdup(&sim->arena, *text);
	return (*text != NULL ? 0 : kldsim__nomem(sim));
}

int
kldsim__record(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim_event *event)
{
	struct kldsim__event *copy;
	int error;

	if (sim->events.unrecorded)
		return (0);
	copy = kldsim__arena_calloc(&sim->arena, 1, sizeof(*copy));
	if (copy == NULL)
		return (kldsim__nomem(sim));
	copy->told = *event;
	copy->told.symbol = NULL;
	copy->told.file = file->filename;
	copy->next_of_file = file->events;
	error = keep(sim, &copy->told.file);
	if (error == 0)
		error = keep(sim, &copy->told.module);
	if (error != 0)
		return (error);
	if (!kldsim__grow(&sim->alloc, &sim->events.all, &sim->events.cap,
	    sim->events.count + 1, sizeof(struct kldsim__event *)) ||
	    !KLDSIM__SET(&sim->undo, file->events, copy) ||
	    !kldsim__undo_save(&sim->undo, &sim->events.count,
	    sizeof(sim->events.count)))
		return (kldsim__nomem(sim));
	sim->events.all[sim->events.count++] = copy;
	return (0);
}

int
kldsim__record_kld(struct kldsim *sim, struct kldsim__file *file,
    enum kldsim_event_kind kind)
{
	const struct kldsim_event event = { .kind = kind,
		.arg = file->address };

	return (kldsim__record(sim, file, &event));
}

/*
 * The file whose mapping an address is in, the kernel if there is none.  The
 * kernel's own size counts what the loader left behind it, and files may have
 * been placed there.  A preloaded file may be gone, and its memory still there.
 */
static struct kldsim__file *
owner_of(const struct kldsim *sim, kldsim_addr address)
{
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(&sim->space, address);
	struct kldsim__file *file = NULL;

	if (extent != NULL && (size_t)extent->owner < sim->linker.files_by_id_cap)
		file = sim->linker.files_by_id[extent->owner];
	return (file != NULL && address - file->address < file->size ? file :
	    sim->linker.kernel);
}

/* The name of a symbol that is just at the function's address. */
static int
name_event(struct kldsim *sim, struct kldsim__event *event)
{
	struct kldsim__nearest nearest;
	struct kldsim__file *file;
	const char *name;
	int error = 0;

	if (event->named || event->told.func == 0)
		return (0);
	name = kldsim__runtime_name(sim, event->told.func);
	file = owner_of(sim, event->told.func);
	if (name == NULL)
		error = file->class->search_symbol(sim, file,
		    event->told.func, &nearest);
	if (name == NULL && error == 0 && nearest.difference == 0) {
		name = nearest.name;
		error = keep(sim, &name);
	}
	if (error < 0)
		return (error);
	if (!KLDSIM__SET(&sim->undo, event->named, true) ||
	    !KLDSIM__SET(&sim->undo, event->told.symbol, name))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__name_events(struct kldsim *sim, const struct kldsim__file *file)
{
	struct kldsim__event *event;
	int error = 0;

	/* The kernel's functions can be named at any time. */
	for (event = file->events; event != NULL && error == 0;
	    event = event->next_of_file)
		if (owner_of(sim, event->told.func) != sim->linker.kernel)
			error = name_event(sim, event);
	return (error);
}

size_t
kldsim_event_count(const struct kldsim *sim)
{
	return (sim->events.count);
}

const struct kldsim_event *
kldsim_event_at(struct kldsim *sim, size_t index)
{
	if (index >= sim->events.count)
		return (NULL);
	/* Without memory for it the event has no name this time. */
	(void)name_event(sim, sim->events.all[index]);
	return (&sim->events.all[index]->told);
}

const char *
kldsim_event_name(enum kldsim_event_kind kind)
{
	static const char *const names[] = {
		[KLDSIM_EVENT_SYSINIT] = "SYSINIT",
		[KLDSIM_EVENT_SYSUNINIT] = "SYSUNINIT",
		[KLDSIM_EVENT_MOD_LOAD] = "MOD_LOAD",
		[KLDSIM_EVENT_MOD_UNLOAD] = "MOD_UNLOAD",
		[KLDSIM_EVENT_MOD_QUIESCE] = "MOD_QUIESCE",
		[KLDSIM_EVENT_VNET_SYSINIT] = "VNET_SYSINIT",
		[KLDSIM_EVENT_VNET_SYSUNINIT] = "VNET_SYSUNINIT",
		[KLDSIM_EVENT_KLD_LOAD] = "KLD_LOAD",
		[KLDSIM_EVENT_KLD_UNLOAD_TRY] = "KLD_UNLOAD_TRY",
		[KLDSIM_EVENT_KLD_UNLOAD] = "KLD_UNLOAD",
	};

	if ((unsigned)kind >= sizeof(names) / sizeof(names[0]))
		return ("?");
	return (names[kind]);
}
