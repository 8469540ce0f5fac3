/* SPDX-License-Identifier: BSD-2-Clause */

/* load --kbi: the types of what was loaded, against the kernel's. */

#include <kldsim/source.h>

#include "cmd_load.h"
#include "report/names.h"
#include "report/output.h"

static void
compare(struct load_run *run, struct kldsim_kbi *kbi, const char *name,
    struct kldsim_image *image)
{
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_file *module;
	struct kldsim_error error;

	if (kldsim_kbi_file_new(image, NULL, &module, &error) != KLDSIM_OK) {
		complain("%s", error.text);
		return;
	}
	if (kldsim_kbi_compare(kbi, module, &report, &error) == KLDSIM_OK) {
		kldsim_kbi_tell(report, run->sim, name);
		kldsim_kbi_report_free(report);
	} else {
		complain("%s: %s", name, error.text);
	}
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
		compare(run, kbi, stat.name, image);
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
