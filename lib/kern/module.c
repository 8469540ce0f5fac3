/* SPDX-License-Identifier: BSD-2-Clause */

/* The list of modules, and what their handlers answer; see module.h. */

#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/module.h"

#define MODULE_BY_NAME(l) KLDSIM__ENTRY(l, struct kldsim__module, by_name)
#define MODULE_BY_ID(l) KLDSIM__ENTRY(l, struct kldsim__module, by_id)

static uint32_t
name_hash(const struct kldsim__modules *modules, const char *name)
{
	return (kldsim__hash_name(&modules->by_name, name, strlen(name)));
}

struct kldsim__module *
kldsim__find_module(const struct kldsim__modules *modules, const char *name)
{
	KLDSIM__FOREACH_HASHED(entry, &modules->by_name,
	    name_hash(modules, name))
		if (strcmp(MODULE_BY_NAME(entry)->name, name) == 0)
			return (MODULE_BY_NAME(entry));
	return (NULL);
}

static uint32_t
id_hash(const struct kldsim__modules *modules, int id)
{
	return (kldsim__hash_number(&modules->by_id, (unsigned)id));
}

struct kldsim__module *
kldsim__find_module_by_id(const struct kldsim__modules *modules, int id)
{
	KLDSIM__FOREACH_HASHED(entry, &modules->by_id, id_hash(modules, id))
		if (MODULE_BY_ID(entry)->id == id)
			return (MODULE_BY_ID(entry));
	return (NULL);
}

int
kldsim__insert_module(struct kldsim *sim, struct kldsim__module *module)
{
	if (!kldsim__list_insert_tail(&sim->undo, &sim->modules.all,
	    &module->link) || !kldsim__list_insert_tail(&sim->undo,
	    &module->file->modules, &module->file_link) ||
	    !kldsim__buckets_insert(&sim->modules.by_name, &module->by_name,
	    name_hash(&sim->modules, module->name)) ||
	    !kldsim__buckets_insert(&sim->modules.by_id, &module->by_id,
	    id_hash(&sim->modules, module->id)))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__remove_module(struct kldsim *sim, struct kldsim__module *module)
{
	if (!kldsim__list_remove(&sim->undo, &module->link) ||
	    !kldsim__list_remove(&sim->undo, &module->file_link) ||
	    !kldsim__buckets_remove(&sim->modules.by_name,
	    &module->by_name) ||
	    !kldsim__buckets_remove(&sim->modules.by_id, &module->by_id))
		return (kldsim__nomem(sim));
	return (0);
}

/* --- handlers --- */

int
kldsim__handler_answer(const struct kldsim__modules *modules,
    const struct kldsim__module *module, enum kldsim_modevent event)
{
	for (const struct kldsim__answer *answer = modules->answers;
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

	for (answer = sim->modules.answers; answer != NULL; answer = answer->next)
		if (answer->raises && answer->event == event &&
		    answer->securelevel > sim->policy.securelevel &&
		    strcmp(answer->module, module->name) == 0 &&
		    !KLDSIM__SET(&sim->undo, sim->policy.securelevel,
		    answer->securelevel))
			return (kldsim__nomem(sim));
	return (0);
}

/*
 * A pseudo errno is for the system call's way back, on which ERESTART calls
 * again for ever.  What refuses MOD_LOAD does not get there (M-21).
 */
bool
kldsim__may_answer(enum kldsim_modevent event, int error)
{
	return (error >= 0 || event == KLDSIM_MOD_LOAD);
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
	answer->next = sim->modules.answers;
	return (KLDSIM__SET(&sim->undo, sim->modules.answers, answer) ? answer : NULL);
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
	struct kldsim__answer *answer;

	if (!kldsim__may_answer(event, error))
		return (KLDSIM_ARG);
	answer = answer_later(sim, module, event);
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
	if (error < 0)
		return (KLDSIM_ARG);
	return (KLDSIM__SET(&sim->undo, sim->policy.mac_kld_load, error) ?
	    KLDSIM_OK : KLDSIM_NOMEM);
}
