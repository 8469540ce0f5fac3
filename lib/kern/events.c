/* SPDX-License-Identifier: BSD-2-Clause */

/* The record of calls that are not made; see events.h. */

#include <string.h>

#include "kern/kern.h"

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

	if (sim->unrecorded)
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
	if (!kldsim__grow(&sim->alloc, &sim->events, &sim->events_cap,
	    sim->nevents + 1, sizeof(struct kldsim__event *)) ||
	    !KLDSIM__SET(&sim->undo, file->events, copy) ||
	    !kldsim__undo_save(&sim->undo, &sim->nevents,
	    sizeof(sim->nevents)))
		return (kldsim__nomem(sim));
	sim->events[sim->nevents++] = copy;
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

	if (extent != NULL && (size_t)extent->owner < sim->files_by_id_cap)
		file = sim->files_by_id[extent->owner];
	return (file != NULL && address - file->address < file->size ? file :
	    sim->kernel);
}

/* The name of a symbol that is just at the function's address. */
static int
name_event(struct kldsim *sim, struct kldsim__event *event)
{
	struct kldsim__file *file = owner_of(sim, event->told.func);
	struct kldsim__nearest nearest;
	const char *name = NULL;
	int error;

	if (event->named || event->told.func == 0)
		return (0);
	error = file->class->search_symbol(sim, file, event->told.func,
	    &nearest);
	if (error == 0 && nearest.difference == 0) {
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
		if (owner_of(sim, event->told.func) != sim->kernel)
			error = name_event(sim, event);
	return (error);
}

int
kldsim__handler_answer(const struct kldsim *sim,
    const struct kldsim__module *module, enum kldsim_modevent event)
{
	for (const struct kldsim__answer *answer = sim->answers;
	    answer != NULL; answer = answer->next)
		if (answer->event == event && !answer->raises &&
		    strcmp(answer->module, module->name) == 0)
			return (answer->error);
	if (module->handler != 0 || event == KLDSIM_MOD_LOAD)
		return (0);
	/* The default handler, modevent_nop(). */
	return (event == KLDSIM_MOD_UNLOAD ? KLDSIM__EBUSY :
	    KLDSIM__EOPNOTSUPP);
}

int
kldsim__handler_runs(struct kldsim *sim, const struct kldsim__module *module,
    enum kldsim_modevent event)
{
	const struct kldsim__answer *answer;

	for (answer = sim->answers; answer != NULL; answer = answer->next)
		if (answer->raises && answer->event == event &&
		    answer->securelevel > sim->securelevel &&
		    strcmp(answer->module, module->name) == 0 &&
		    !KLDSIM__SET(&sim->undo, sim->securelevel,
		    answer->securelevel))
			return (kldsim__nomem(sim));
	return (0);
}

/* The newest one counts. */
struct kldsim__answer *
kldsim__new_answer(struct kldsim *sim, const char *module,
    enum kldsim_modevent event)
{
	struct kldsim__answer *answer =
	    kldsim__arena_calloc(&sim->arena, 1, sizeof(*answer));

	if (answer == NULL || (answer->module =
	    kldsim__arena_strdup(&sim->arena, module)) == NULL)
		return (NULL);
	answer->event = event;
	answer->next = sim->answers;
	return (KLDSIM__SET(&sim->undo, sim->answers, answer) ? answer : NULL);
}

/* A call of its own: all of it or nothing. */
static struct kldsim__answer *
answer_later(struct kldsim *sim, const char *module,
    enum kldsim_modevent event)
{
	const size_t mark = kldsim__undo_begin(&sim->undo);
	struct kldsim__answer *answer =
	    kldsim__new_answer(sim, module, event);

	if (answer == NULL)
		kldsim__undo_rollback(&sim->undo, mark);
	else
		kldsim__undo_commit(&sim->undo);
	return (answer);
}

enum kldsim_status
kldsim_module_answer(struct kldsim *sim, const char *module,
    enum kldsim_modevent event, int error)
{
	struct kldsim__answer *answer = answer_later(sim, module, event);

	if (answer == NULL)
		return (KLDSIM_NOMEM);
	answer->error = error;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_module_raises(struct kldsim *sim, const char *module,
    enum kldsim_modevent event, int securelevel)
{
	struct kldsim__answer *answer = answer_later(sim, module, event);

	if (answer == NULL)
		return (KLDSIM_NOMEM);
	answer->raises = true;
	answer->securelevel = securelevel;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_mac_answer(struct kldsim *sim, int error)
{
	return (KLDSIM__SET(&sim->undo, sim->mac_kld_load, error) ?
	    KLDSIM_OK : KLDSIM_NOMEM);
}

size_t
kldsim_event_count(const struct kldsim *sim)
{
	return (sim->nevents);
}

const struct kldsim_event *
kldsim_event_at(struct kldsim *sim, size_t index)
{
	if (index >= sim->nevents)
		return (NULL);
	/* Without memory for it the event has no name this time. */
	(void)name_event(sim, sim->events[index]);
	return (&sim->events[index]->told);
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
