/* SPDX-License-Identifier: BSD-2-Clause */

/* Options that make sense and come to nothing; most often that is a slip. */

#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "options/load_options.h"
#include "report/output.h"

static void
check_folder(struct kldsim_source *source, const char *name, size_t length)
{
	char *folder = need(strndup(name, length));
	struct kldsim_source_file file;
	struct kldsim_error error;

	if (length != 0 && kldsim_source_stat(source, folder, &file,
	    &error) != KLDSIM_OK)
		complain("option --module-path: %s%s", error.text,
		    strchr(folder, ':') != NULL ?
		    " (between folders goes ';')" : "");
	else if (length != 0 && file.type != KLDSIM_SOURCE_FOLDER)
		complain("option --module-path: %s is no folder", folder);
	free(folder);
}

static void
check_module_path(const struct kldsim_options *boot)
{
	const char *path = boot->module_path;

	for (size_t length; *path != '\0';
	    path += length + (path[length] == ';')) {
		length = strcspn(path, ";");
		check_folder(boot->source, path, length);
	}
}

static void
check_ifunc(struct kldsim *sim, const struct kldsim_ifunc *ifunc, int fileid)
{
	kldsim_addr value;
	kldsim_size size;

	if (kldsim_kldsym(sim, fileid, ifunc->symbol, &value, &size) ==
	    KLDSIM_NOENT)
		complain("option --ifunc: %s has no symbol %s",
		    ifunc->file != NULL ? ifunc->file : "the kernel",
		    ifunc->symbol);
}

/*
 * A module that refused MOD_LOAD is gone, but was asked.  Of a dead kernel
 * nobody can tell: it is as it was before the call that it did not survive.
 */
static void
check_answer(struct kldsim *sim, const struct kldsim_handler_answer *answer)
{
	const struct kldsim_event *event;
	int id;

	if (kldsim_is_dead(sim) ||
	    kldsim_modfind(sim, answer->module, &id) == KLDSIM_OK)
		return;
	for (size_t i = 0; (event = kldsim_event_at(sim, i)) != NULL; i++)
		if (event->module != NULL &&
		    strcmp(event->module, answer->module) == 0)
			return;
	complain("option --answer: there is no module %s", answer->module);
}

void
load_options_check_boot(const struct load_options *options,
    struct kldsim *sim)
{
	const struct kldsim_options *boot = &options->boot;

	if (options->module_path_given)
		check_module_path(boot);
	for (size_t i = 0; i < boot->nifuncs; i++)
		if (boot->ifuncs[i].file == NULL)
			check_ifunc(sim, &boot->ifuncs[i], 1);
}

void
load_options_check_files(const struct load_options *options,
    struct kldsim *sim)
{
	const struct kldsim_options *boot = &options->boot;
	int id;

	for (size_t i = 0; i < boot->nifuncs; i++) {
		const char *file = boot->ifuncs[i].file;

		if (file != NULL && kldsim_kldfind(sim, file, &id) ==
		    KLDSIM_OK)
			check_ifunc(sim, &boot->ifuncs[i], id);
	}
	for (size_t i = 0; i < boot->nanswers; i++)
		check_answer(sim, &boot->answers[i]);
}
