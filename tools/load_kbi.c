/* SPDX-License-Identifier: BSD-2-Clause */

/* load --kbi: the types of what was loaded, against the kernel's. */

#include <stdlib.h>

#include <kldsim/source.h>

#include "cmd_load.h"
#include "kbi/kbi_source.h"
#include "report/names.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

/* By CTF, or by DWARF where that is found without being told where. */
static struct kldsim_kbi_file *
open_file(const struct load_run *run, struct kldsim_image *image,
    struct kbi_source *source)
{
	struct debug_options anywhere = { .source = run->options->boot.source,
		.here = sandbox_here() };
	struct kldsim_kbi_options how;
	struct kldsim_kbi_file *file;
	struct kldsim_error error;
	enum kldsim_status status;

	kldsim_kbi_options_init(&how, sizeof(how));
	status = kbi_source_open(image, &anywhere, &how, source, &file,
	    &error);
	debug_options_free(&anywhere);
	if (status == KLDSIM_OK)
		return (file);
	complain("%s", error.text);
	return (NULL);
}

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
	struct kbi_source source;
	struct kldsim_kbi_file *module = open_file(run, image, &source);
	struct kldsim_error error;

	if (module == NULL) {
		kbi_source_free(&source);
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
	kbi_source_free(&source);
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
load_run_will_compare(void)
{
	kbi_source_sandbox(&(struct debug_options){ .root = NULL });
}

void
load_run_compare(struct load_run *run)
{
	struct kldsim_kbi_file_info info;
	struct kbi_source source;
	struct kldsim_kbi_file *kernel = open_file(run, run->image, &source);
	struct kldsim_kbi *kbi;
	struct kldsim_error error;

	if (kernel == NULL) {
		kbi_source_free(&source);
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
	kbi_source_free(&source);
}
