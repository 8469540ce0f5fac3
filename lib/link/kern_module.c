/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules and their handlers: linker_file_register_modules() of
 * sys/kern/kern_linker.c, module_register(), module_register_init(),
 * module_quiesce() and module_unload() of sys/kern/kern_module.c (M-20 to
 * M-22, L-12).
 */

#include <inttypes.h>
#include <string.h>

#include "link/init_main.h"
#include "link/kern_module.h"
#include "kbi/kbi.h"
#include "kern/bad_news.h"
#include "kern/events.h"
#include "kern/module.h"

/* The kernel's own modules are registered last (L-01). */
static void
note_twice(struct kldsim *sim, const struct kldsim__file *preloaded,
    const char *name)
{
	struct kldsim__where where = { .file = preloaded->filename };

	kldsim__find(sim, KLDSIM__F_MODULE_TWICE, &where,
	    "module %s is in the kernel, too: at boot both SYSINITs load the "
	    "one of this file, and if it refuses the first the kernel panics "
	    "at the second, \"module named %s not found\"; unless the file is "
	    "meant to replace the kernel's own module, take it out of "
	    "loader.conf", name, name);
}

/* kldload(2) gives up then, the boot goes on (P-27). */
static int
name_taken(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__module *other, bool ignored)
{
	const struct kldsim__where where = { .file = file->filename };
	struct kldsim__file_label label;

	kldsim__label_file(other->file, &label);
	if (!ignored)
		return (kldsim__refuse(sim, KLDSIM__EEXIST,
		    KLDSIM__F_MODULE_TWICE, &where, "its module %s is "
		    "registered already: by %s", other->name, label.text));
	if (file == sim->linker.kernel && other->file != file)
		note_twice(sim, other->file, other->name);
	else if (other->file != file)
		kldsim__find(sim, KLDSIM__F_MODULE_TWICE, &where, "its module "
		    "%s is registered already, by %s: at boot both SYSINITs "
		    "load that one", other->name, label.text);
	return (KLDSIM__EEXIST);
}

/* module_register() (M-20): EEXIST if the name is taken. */
static int
register_module(struct kldsim *sim, struct kldsim__file *file,
    const char *name, const struct kldsim__moduledata *data, bool ignored)
{
	struct kldsim__module *other = kldsim__find_module(&sim->modules, name);
	struct kldsim__module *module;

	if (other != NULL) {
		kldsim__console(sim, "module_register: cannot register %s "
		    "from %s; already loaded from %s", name, file->filename,
		    other->file->filename);
		return (name_taken(sim, file, other, ignored));
	}
	module = kldsim__arena_calloc(&file->arena, 1, sizeof(*module));
	if (module == NULL || !KLDSIM__SET(&sim->undo, sim->modules.next_id,
	    sim->modules.next_id + 1))
		return (kldsim__nomem(sim));
	module->file = file;
	module->name = name;
	module->handler = data->handler;
	module->priv = data->priv;
	module->refs = 1;
	module->id = sim->modules.next_id - 1;
	return (kldsim__insert_module(sim, module));
}

/* The next MDT_MODULE; the name is moduledata's, not the entry's (M-03). */
static int
next_module(struct kldsim__set_walk *walk, struct kldsim__moduledata *data_ret,
    const char **name_ret, bool *more_ret)
{
	struct kldsim__mod_metadata entry;
	int error = kldsim__walk_metadata(walk, KLDSIM__MDT_MODULE, &entry,
	    more_ret);

	if (error != 0 || !*more_ret)
		return (error);
	if (!kldsim__meta_moduledata(&walk->sim->meta, entry.data, data_ret))
		return (kldsim__walk_broken(walk, entry.data,
		    "a moduledata_t"));
	return (kldsim__walk_module_name(walk, data_ret->name, name_ret));
}

int
kldsim__declares_module(struct kldsim *sim, struct kldsim__file *file,
    const char *name, bool *declares_ret)
{
	struct kldsim__set_walk walk;
	bool more;
	int error;

	*declares_ret = false;
	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more && !*declares_ret) {
		struct kldsim__moduledata data;
		const char *declared;

		error = next_module(&walk, &data, &declared, &more);
		if (error == 0 && more)
			*declares_ret = strcmp(declared, name) == 0;
	}
	return (error);
}

int
kldsim__register_modules(struct kldsim *sim, struct kldsim__file *file,
    bool ignored)
{
	struct kldsim__set_walk walk;
	bool more;
	int first_error = 0;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__moduledata data;
		const char *name;

		error = next_module(&walk, &data, &name, &more);
		if (error != 0 || !more)
			break;
		error = register_module(sim, file, name, &data, ignored);
		if (error > 0) {
			kldsim__console(sim, "Module %s failed to register: "
			    "%d", name, error);
			first_error = first_error != 0 ? first_error : error;
			error = 0;
		}
	}
	return (error != 0 ? error : first_error);
}

/* Ask a handler, and write down that it was asked. */
static int
call_handler(struct kldsim *sim, const struct kldsim__module *module,
    enum kldsim_event_kind kind, enum kldsim_modevent what, int *answer_ret)
{
	struct kldsim_event event = { .kind = kind, .module = module->name,
		.func = module->handler, .arg = module->priv };
	const struct kldsim__where where = { .file = module->file->filename };

	*answer_ret = kldsim__handler_answer(&sim->modules, module, what);
	event.error = *answer_ret;
	if (kldsim__record(sim, module->file, &event) != 0)
		return (KLDSIM__ABORT);
	if (module->handler != 0 &&
	    !kldsim__aspace_mapped(&sim->space, module->handler, 1))
		return (kldsim__panic(sim, KLDSIM__F_BLIND_CALL, &where, "the "
		    "handler of its module %s is at 0x%" PRIx64 ", where "
		    "nothing is; the kernel would have called it",
		    module->name, module->handler));
	return (kldsim__handler_runs(sim, module, what));
}

/* What a file had a module for, and has not any more. */
static int
remember_refusal(struct kldsim *sim, const struct kldsim__module *module,
    int answer)
{
	struct kldsim__file *file = module->file;
	struct kldsim__refused_module *refused =
	    kldsim__arena_alloc(&file->arena, sizeof(*refused));

	if (refused == NULL)
		return (kldsim__nomem(sim));
	refused->next = file->refused;
	refused->name = module->name;
	refused->error = answer;
	return (KLDSIM__SET(&sim->undo, file->refused, refused) ? 0 :
	    kldsim__nomem(sim));
}

int
kldsim__no_module_left(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__refused_module *last = file->refused;
	const struct kldsim__where where = { .file = file->filename };

	if (last == NULL)
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_MODULE_REFUSED, &where, "none of its modules "
		    "is left: they were taken for another file's of the same "
		    "name, and that one refused"));
	return (kldsim__refuse(sim, KLDSIM__ENOEXEC, KLDSIM__F_MODULE_REFUSED,
	    &where, "its module %s answered MOD_LOAD with %s%s, and a file "
	    "none of whose modules is left is unloaded again", last->name,
	    kldsim_errno_name(last->error), last->next != NULL ?
	    ", as did the others" : ""));
}

void
kldsim__note_dead_dependency(struct kldsim *sim,
    const struct kldsim__file *file, const char *name,
    const struct kldsim__file *provider)
{
	const struct kldsim__where where = { .file = file->filename };

	for (const struct kldsim__refused_module *refused =
	    provider->refused; refused != NULL; refused = refused->next)
		if (strcmp(refused->name, name) == 0)
			kldsim__find(sim, KLDSIM__F_DEAD_DEPENDENCY, &where,
			    "its dependency %s is provided by %s, whose "
			    "module %s has refused MOD_LOAD (%s); the kernel "
			    "does not mind", name, provider->filename, name,
			    kldsim_errno_name(refused->error));
}

/* A handler refused MOD_LOAD (M-21). */
static int
load_refused(struct kldsim *sim, struct kldsim__module *module, int answer)
{
	int ignored;
	int error = call_handler(sim, module, KLDSIM_EVENT_MOD_UNLOAD,
	    KLDSIM_MOD_UNLOAD, &ignored);

	if (error == 0)
		error = kldsim__remove_module(sim, module);
	if (error == 0)
		error = remember_refusal(sim, module, answer);
	/* printf(9) has no 0x before a NULL. */
	kldsim__console(sim, "module_register_init: MOD_LOAD (%s, %s%" PRIx64
	    ", %s%" PRIx64 ") error %d", module->name,
	    module->handler != 0 ? "0x" : "", module->handler,
	    module->priv != 0 ? "0x" : "", module->priv, answer);
	return (error);
}

int
kldsim__mod_load(const struct kldsim__set_walk *walk, kldsim_addr udata)
{
	struct kldsim *sim = walk->sim;
	struct kldsim__where where = { .file = walk->file->filename };
	struct kldsim__moduledata data;
	struct kldsim__module *module;
	const char *name;
	int answer, error;

	if (!kldsim__meta_moduledata(&sim->meta, udata, &data))
		return (kldsim__panic(sim, KLDSIM__F_MODULE_NAME, &where,
		    "module_register_init is called with a moduledata_t at "
		    "0x%" PRIx64 ", where nothing is", udata));
	error = kldsim__walk_module_name(walk, data.name, &name);
	if (error != 0)
		return (error);
	/* By name: with two of one name the first registered one gets it. */
	module = kldsim__find_module(&sim->modules, name);
	if (module == NULL)
		return (kldsim__panic(sim, KLDSIM__F_MODULE_NAME, &where,
		    "kernel panic: module_register_init: module named %s not "
		    "found", name));
	if (module->file == sim->linker.kernel)
		kldsim__order_own_modules(sim); /* before it changes */
	error = kldsim__kbi_mod_load(sim, module);
	if (error == 0)
		error = call_handler(sim, module, KLDSIM_EVENT_MOD_LOAD,
		    KLDSIM_MOD_LOAD, &answer);
	if (error != 0)
		return (error);
	if (answer != 0)
		return (load_refused(sim, module, answer));
	if (!kldsim__list_remove(&sim->undo, &module->file_link) ||
	    !kldsim__list_insert_after(&sim->undo, &module->file->modules,
	    &module->file_link))
		return (kldsim__nomem(sim));
	return (0);
}

/* A module does not go, and its file stays with it. */
static int
keeps_file(struct kldsim *sim, const struct kldsim__module *module,
    const char *event, int answer, const char *why)
{
	const struct kldsim__where where = { .file = module->file->filename };

	kldsim__find(sim, KLDSIM__F_UNLOAD_REFUSED, &where, "it stays loaded: "
	    "its module %s answers %s with %s (%s)", module->name, event,
	    kldsim_errno_name(answer), why);
	return (answer);
}

/* U-10 step 4: the first refusal counts, unless it is forced. */
static int
quiesce(struct kldsim *sim, struct kldsim__file *file, int flags)
{
	KLDSIM__FOREACH(l, &file->modules) {
		const struct kldsim__module *module = KLDSIM__ENTRY(l,
		    struct kldsim__module, file_link);
		int answer;
		int error = call_handler(sim, module,
		    KLDSIM_EVENT_MOD_QUIESCE, KLDSIM_MOD_QUIESCE, &answer);

		if (error != 0)
			return (error);
		if (answer == KLDSIM__EOPNOTSUPP || answer == KLDSIM__EINVAL)
			answer = 0;
		if (answer != 0 && flags != KLDSIM_UNLOAD_FORCE)
			return (keeps_file(sim, module, "MOD_QUIESCE", answer,
			    "it is in use, and kldunload -f goes on all the "
			    "same"));
	}
	return (0);
}

int
kldsim__kernel_modules_refuse(struct kldsim *sim, int flags)
{
	struct kldsim__file *kernel = sim->linker.kernel;
	int answer = 0;
	int error;

	kldsim__order_own_modules(sim);
	error = quiesce(sim, kernel, flags);
	if (error == 0 && !kldsim__list_empty(&kernel->modules))
		error = call_handler(sim, KLDSIM__ENTRY(kernel->modules.next,
		    struct kldsim__module, file_link),
		    KLDSIM_EVENT_MOD_UNLOAD, KLDSIM_MOD_UNLOAD, &answer);
	if (error != 0)
		return (error);
	return (answer != 0 ? answer : KLDSIM__EBUSY);
}

int
kldsim__unload_modules(struct kldsim *sim, struct kldsim__file *file,
    int flags)
{
	int error = quiesce(sim, file, flags);

	/* Those that went before a refusal are gone (U-10 step 5). */
	while (error == 0 && !kldsim__list_empty(&file->modules)) {
		struct kldsim__module *module = KLDSIM__ENTRY(
		    file->modules.next, struct kldsim__module, file_link);
		int answer;

		error = call_handler(sim, module, KLDSIM_EVENT_MOD_UNLOAD,
		    KLDSIM_MOD_UNLOAD, &answer);
		if (error == 0)
			error = answer != 0 ? keeps_file(sim, module,
			    "MOD_UNLOAD", answer, module->handler == 0 ?
			    "it has no handler, and the default one refuses" :
			    "no flag helps against that") :
			    kldsim__remove_module(sim, module);
	}
	return (error);
}
