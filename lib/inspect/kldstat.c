/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What can be asked about linker files: kldfind(2), kldnext(2), kldstat(2),
 * kldsym(2), and the parts of struct linker_file that they do not tell.
 */

#include <string.h>

#include "kern/interface.h"
#include "kern/linker_file.h"
#include "kern/module.h"
#include "link/init_main.h"
#include "util/path.h"


enum kldsim_status
kldsim_kldfind(const struct kldsim *sim, const char *name, int *fileid_ret)
{
	const struct kldsim__file *file =
	    kldsim__find_file_by_name(&sim->linker, kldsim__basename(name));

	if (file == NULL)
		return (KLDSIM_NOENT);
	*fileid_ret = file->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kldnext(const struct kldsim *sim, int fileid, int *next_ret)
{
	const struct kldsim__link *l = &sim->linker.files;

	if (fileid != 0) {
		const struct kldsim__file *file =
		    kldsim__find_file_by_id(&sim->linker, fileid);

		if (file == NULL)
			return (KLDSIM_NOENT);
		l = &file->link;
	}
	*next_ret = 0;
	for (l = l->next; l != &sim->linker.files; l = l->next) {
		const struct kldsim__file *file =
		    KLDSIM__ENTRY(l, const struct kldsim__file, link);

		if (file->linked) {
			*next_ret = file->id;
			break;
		}
	}
	return (KLDSIM_OK);
}

static size_t
count(const struct kldsim__link *list)
{
	size_t n = 0;

	KLDSIM__FOREACH(l, list)
		n++;
	return (n);
}

enum kldsim_status
kldsim_kldstat(const struct kldsim *sim, int fileid,
    struct kldsim_filestat *stat_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL)
		return (KLDSIM_NOENT);
	stat_ret->id = file->id;
	stat_ret->refs = file->refs;
	stat_ret->userrefs = file->userrefs;
	stat_ret->linked = file->linked;
	stat_ret->name = file->filename;
	stat_ret->path = file->pathname;
	stat_ret->class_name = file->class_name;
	stat_ret->address = file->address;
	stat_ret->size = file->size;
	stat_ret->ndeps = file->ndeps;
	stat_ret->ninterfaces = count(&file->interfaces);
	stat_ret->nmodules = count(&file->modules);
	stat_ret->nsections = file->nsections;
	stat_ret->nconstructors = file->nconstructors;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_dep(const struct kldsim *sim, int fileid, size_t index,
    int *depid_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL || index >= file->ndeps)
		return (KLDSIM_NOENT);
	*depid_ret = file->deps[index]->gone ? 0 : file->deps[index]->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_interface(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_interface *interface_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);
	const struct kldsim__interface *interface;
	const struct kldsim__link *entry;

	if (file == NULL)
		return (KLDSIM_NOENT);
	entry = kldsim__nth(sim, &file->interfaces, index);
	if (entry == NULL)
		return (KLDSIM_NOENT);
	interface = KLDSIM__ENTRY(entry, const struct kldsim__interface,
	    file_link);
	interface_ret->name = interface->name;
	interface_ret->version = interface->version;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_module(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_modinfo *module_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);
	const struct kldsim__module *module;
	const struct kldsim__link *entry;

	if (file == NULL)
		return (KLDSIM_NOENT);
	if (file == sim->linker.kernel)
		kldsim__order_own_modules(file->sim);
	entry = kldsim__nth(sim, &file->modules, index);
	if (entry == NULL)
		return (KLDSIM_NOENT);
	module = KLDSIM__ENTRY(entry, const struct kldsim__module, file_link);
	module_ret->name = module->name;
	module_ret->id = module->id;
	module_ret->refs = module->refs;
	module_ret->fileid = fileid;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_section(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_section *section_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL || index >= file->nsections)
		return (KLDSIM_NOENT);
	*section_ret = file->sections[index];
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_protection(const struct kldsim *sim, int fileid, size_t index,
    struct kldsim_protection *protection_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL || index >= file->nprotections)
		return (KLDSIM_NOENT);
	*protection_ret = file->protections[index];
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_constructor(const struct kldsim *sim, int fileid, size_t index,
    kldsim_addr *address_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL || index >= file->nconstructors)
		return (KLDSIM_NOENT);
	*address_ret = file->constructors[index];
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_file_functions(const struct kldsim *sim, int fileid,
    kldsim_function_fn told, void *user)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL)
		return (KLDSIM_NOENT);
	file->class->each_function(file, told, user);
	return (KLDSIM_OK);
}

/* Ask one file; its class decides (K-46). */
static int
lookup_in(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret)
{
	struct kldsim__nearest target;
	struct kldsim__symref sym;
	int error = file->class->lookup_symbol(sim, file, name, &sym);

	if (error == 0)
		error = file->class->symbol_values(sim, file, &sym, value_ret,
		    size_ret);
	if (error != 0 || *size_ret != KLDSIM__SIZE_OF_TARGET)
		return (error);
	error = file->class->search_symbol(sim, file, *value_ret, &target);
	*size_ret = error == 0 && target.difference == 0 ? target.size : 0;
	return (error < 0 ? error : 0);
}

static int
lookup_anywhere(struct kldsim *sim, const char *name, kldsim_addr *value_ret,
    kldsim_size *size_ret)
{
	/* Files that are not linked are asked too. */
	KLDSIM__FOREACH(l, &sim->linker.files) {
		int error = lookup_in(sim, KLDSIM__FILE(l), name, value_ret,
		    size_ret);

		if (error <= 0)
			return (error);
	}
	return (KLDSIM__ENOENT);
}

enum kldsim_status
kldsim_kldsym(struct kldsim *sim, int fileid, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret)
{
	struct kldsim__report_mark mark = kldsim__report_mark(&sim->report);
	size_t undo = kldsim__undo_begin(&sim->undo);
	struct kldsim__file *file;
	int error = KLDSIM__ENOENT;

	if (fileid == 0) {
		error = lookup_anywhere(sim, name, value_ret, size_ret);
	} else {
		file = kldsim__find_file_by_id(&sim->linker, fileid);
		if (file != NULL)
			error = lookup_in(sim, file, name, value_ret,
			    size_ret);
	}
	/* Asking changes nothing and says nothing. */
	kldsim__undo_rollback(&sim->undo, undo);
	kldsim__report_release(&sim->report, mark);
	if (error == 0)
		return (KLDSIM_OK);
	if (error > 0)
		return (KLDSIM_NOENT);
	return (sim->abort.panic ? KLDSIM_FAULT : sim->abort.error.status);
}
