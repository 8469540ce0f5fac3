/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What KERNEL, MODULEs and folders of the module path stand for: files and
 * folders of the host, or of archives.
 */

#include "options/load_options.h"

#include <stdlib.h>
#include <string.h>

#include <kldsim/names.h>
#include <kldsim/source.h>

#include "path.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

static enum kldsim_status
make_source(struct load_options *options, bool read_once,
    struct kldsim_error *error)
{
	struct kldsim_source_options how;

	kldsim_source_options_init(&how, sizeof(how));
	how.read_once = read_once;
	how.limits = options->boot.limits;
	return (sandbox_source(&how, &options->boot.source, error));
}

void
load_options_sandbox(const struct load_options *options)
{
	const char *folders = options->boot.module_path;

	if (options->kernel != NULL)
		sandbox_will_search(options->kernel);
	for (size_t i = 0; i < options->nmodules; i++)
		sandbox_will_search(options->modules[i]);
	while (options->module_path_given && *folders != '\0') {
		const size_t length = strcspn(folders, ";");
		char *folder = need(strndup(folders, length));

		sandbox_will_search(folder);
		free(folder);
		folders += length + (folders[length] == ';');
	}
}

/* One more folder behind those that are there. */
static void
append(struct load_options *options, const char *folder, bool first)
{
	const size_t length = first ? 0 : strlen(options->module_path);
	char *longer = need(realloc(options->module_path,
	    length + strlen(folder) + 2));

	(void)snprintf(longer + length, strlen(folder) + 2, "%s%s",
	    first ? "" : ";", folder);
	options->module_path = longer;
}

/* Folders with ';' between; an archive stands for the folder in it. */
static enum kldsim_status
take_module_path(struct load_options *options, struct kldsim_error *error)
{
	const char *folders = options->boot.module_path;
	enum kldsim_status status = KLDSIM_OK;
	bool more = true;

	for (bool first = true; more && status == KLDSIM_OK; first = false) {
		const size_t length = strcspn(folders, ";");
		char *name = need(strndup(folders, length));
		const char *folder;

		status = kldsim_source_folder(options->boot.source, name,
		    &folder, error);
		if (status == KLDSIM_OK)
			append(options, folder, first);
		free(name);
		more = folders[length] != '\0';
		folders += length + more;
	}
	options->failed = "option --module-path";
	options->boot.module_path = options->module_path;
	return (status);
}

static enum kldsim_status
take_modules(struct load_options *options, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;

	options->paths = need(calloc(options->nmodules + 1,
	    sizeof(*options->paths)));
	options->preloads = need(calloc(options->nmodules + 1,
	    sizeof(*options->preloads)));
	for (size_t i = 0; i < options->nmodules && status == KLDSIM_OK; i++) {
		options->failed = options->modules[i];
		status = kldsim_source_module(options->boot.source,
		    options->modules[i], &options->paths[i], error);
		options->preloads[i].path = options->paths[i];
	}
	if (options->preload) {
		options->boot.preloads = options->preloads;
		options->boot.npreloads = options->nmodules;
	}
	return (status);
}

static enum kldsim_status
find_kernel(struct load_options *options, bool read_once,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	struct kldsim_image_info info;
	enum kldsim_status status;

	options->failed = options->kernel;
	status = make_source(options, read_once, error);
	if (status == KLDSIM_OK)
		status = kldsim_source_kernel(options->boot.source,
		    options->kernel, image_ret, error);
	if (status != KLDSIM_OK)
		return (status);
	kldsim_image_info(*image_ret, &info);
	if (options->module_path_given)
		return (take_module_path(options, error));
	options->boot.module_path = options->module_path =
	    path_folder(info.name);
	return (KLDSIM_OK);
}

/* What lies beside a MODULE is in sight, too, where a name is missing. */
static enum kldsim_status
take_names(struct load_options *options, struct kldsim_error *error)
{
	enum kldsim_status status = options->boot.names != NULL ? KLDSIM_OK :
	    kldsim_names_new(options->boot.source, &options->boot.names,
	    error);

	for (size_t i = 0; i < options->nmodules && status == KLDSIM_OK;
	    i++) {
		char *folder;

		if (strchr(options->paths[i], '/') == NULL)
			continue;
		folder = path_folder(options->paths[i]);
		status = kldsim_names_add(options->boot.names, folder, error);
		free(folder);
	}
	return (status);
}

/* What there is to say of archives. */
static void
tell_remarks(const struct load_options *options)
{
	const char *remark;

	for (size_t i = 0; options->boot.source != NULL && (remark =
	    kldsim_source_remark(options->boot.source, i)) != NULL; i++)
		complain("%s", remark);
}

enum kldsim_status
load_options_open(struct load_options *options,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	const enum kldsim_status status = find_kernel(options, true,
	    image_ret, error_ret);

	tell_remarks(options);
	return (status);
}

enum kldsim_status
load_options_boot(struct load_options *options,
    struct kldsim_image **image_ret, struct kldsim **sim_ret,
    struct kldsim_error *error_ret)
{
	enum kldsim_status status = find_kernel(options, false, image_ret,
	    error_ret);

	if (status == KLDSIM_OK)
		status = take_modules(options, error_ret);
	if (status == KLDSIM_OK)
		status = take_names(options, error_ret);
	tell_remarks(options);
	if (status != KLDSIM_OK)
		return (status);
	options->failed = options->kernel;
	return (kldsim_boot(*image_ret, &options->boot, sim_ret, error_ret));
}

bool
load_options_is_file(const struct load_options *options, const char *path)
{
	struct kldsim_source_file file;

	return (strchr(path, '/') != NULL || kldsim_source_stat(
	    options->boot.source, path, &file, NULL) == KLDSIM_OK);
}
