/* SPDX-License-Identifier: BSD-2-Clause */

/* load --kbi: the types of what was loaded, against the kernel's. */

#include <stdlib.h>

#include <kldsim/source.h>

#include "cmd_load.h"
#include "report/names.h"
#include "report/output.h"

/* Paths of what a file is linked to, but for the kernel; for free(). */
static const char **
find_linked(const struct load_run *run, int id, size_t *count_ret)
{
	struct kldsim_filestat stat;
	const char **paths;
	int dep;

	*count_ret = 0;
	if (kldsim_kldstat(run->sim, id, &stat) != KLDSIM_OK)
		return (NULL);
	paths = need(calloc(stat.ndeps + 1, sizeof(*paths)));
	for (size_t i = 0; kldsim_file_dep(run->sim, id, i, &dep) ==
	    KLDSIM_OK; i++)
		if (dep != 1 && kldsim_kldstat(run->sim, dep, &stat) ==
		    KLDSIM_OK)
			paths[(*count_ret)++] = stat.path;
	return (paths);
}

static void
compare(struct load_run *run, struct kldsim_kbi *kbi, int id,
    const char *name, struct kldsim_image *image)
{
	const char **linked;
	size_t nlinked;
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_file *module;
	struct kldsim_error error;

	if (kldsim_kbi_file_new(image, NULL, &module, &error) != KLDSIM_OK) {
		complain("%s", error.text);
		return;
	}
	linked = find_linked(run, id, &nlinked);
	if (kldsim_kbi_compare_linked(kbi, module, run->options->boot.source,
	    linked, nlinked, &report, &error) == KLDSIM_OK) {
		kldsim_kbi_tell(report, run->sim, name);
		kldsim_kbi_report_free(report);
	} else {
		complain("%s: %s", name, error.text);
	}
	free(linked);
	kldsim_kbi_file_free(module);
}

static void
compare_files(struct load_run *run, struct kldsim_kbi *kbi)
{
	struct kldsim_filestat stat;
	struct kldsim_image *image;
	struct kldsim_error error;

	for (int id = 0; next_file(run->sim, &id);) {
		if (kldsim_kldstat(run->sim, id, &stat) != KLDSIM_OK ||
		    id == 1)
			continue;
		if (kldsim_source_image(run->options->boot.source, stat.path,
		    &image, &error) != KLDSIM_OK)
			continue;
		compare(run, kbi, id, stat.name, image);
		kldsim_image_unref(image);
	}
}

void
load_run_compare(struct load_run *run)
{
	struct kldsim_kbi_file_info info;
	struct kldsim_kbi_file *kernel;
	struct kldsim_kbi *kbi;
	struct kldsim_error error;

	if (kldsim_kbi_file_new(run->image, NULL, &kernel, &error) !=
	    KLDSIM_OK) {
		complain("%s", error.text);
		return;
	}
	kldsim_kbi_file_info(kernel, &info);
	if (info.no_types != NULL)
		complain("option --kbi: %s: %s", info.file, info.no_types);
	else if (kldsim_kbi_new(kernel, NULL, &kbi, &error) == KLDSIM_OK) {
		compare_files(run, kbi);
		kldsim_kbi_free(kbi);
	}
	kldsim_kbi_file_free(kernel);
}
