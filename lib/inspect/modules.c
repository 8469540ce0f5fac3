/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What can be asked about modules: modfind(2), modstat(2), modnext(2) and
 * modfnext(2) of sys/kern/kern_module.c, and kldfirstmod(2) (L-10, L-12).
 */

#include "kern/linker_file.h"
#include "kern/module.h"
#include "link/init_main.h"

#define OF_FILE(l) KLDSIM__ENTRY(l, const struct kldsim__module, file_link)

enum kldsim_status
kldsim_modfind(const struct kldsim *sim, const char *name, int *modid_ret)
{
	const struct kldsim__module *module = kldsim__find_module(&sim->modules, name);

	if (module == NULL)
		return (KLDSIM_NOENT);
	*modid_ret = module->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_modstat(const struct kldsim *sim, int modid,
    struct kldsim_modinfo *module_ret)
{
	const struct kldsim__module *module =
	    kldsim__find_module_by_id(&sim->modules, modid);

	if (module == NULL)
		return (KLDSIM_NOENT);
	module_ret->name = module->name;
	module_ret->id = module->id;
	module_ret->refs = module->refs;
	module_ret->fileid = module->file->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_modnext(const struct kldsim *sim, int modid, int *next_ret)
{
	const struct kldsim__link *l = &sim->modules.all;

	if (modid != 0) {
		const struct kldsim__module *module =
		    kldsim__find_module_by_id(&sim->modules, modid);

		if (module == NULL)
			return (KLDSIM_NOENT);
		l = &module->link;
	} else if (l->next == l) {
		return (KLDSIM_NOENT); /* asking for the first of none */
	}
	*next_ret = l->next == &sim->modules.all ? 0 :
	    KLDSIM__MODULE(l->next)->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_modfnext(const struct kldsim *sim, int modid, int *next_ret)
{
	const struct kldsim__module *module =
	    kldsim__find_module_by_id(&sim->modules, modid);
	const struct kldsim__link *next;

	if (module == NULL)
		return (KLDSIM_NOENT);
	if (module->file == sim->linker.kernel)
		kldsim__order_own_modules(module->file->sim);
	next = module->file_link.next;
	*next_ret = next == &module->file->modules ? 0 : OF_FILE(next)->id;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kldfirstmod(const struct kldsim *sim, int fileid, int *modid_ret)
{
	const struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);

	if (file == NULL)
		return (KLDSIM_NOENT);
	if (file == sim->linker.kernel)
		kldsim__order_own_modules(file->sim);
	*modid_ret = kldsim__list_empty(&file->modules) ? 0 :
	    OF_FILE(file->modules.next)->id;
	return (KLDSIM_OK);
}
