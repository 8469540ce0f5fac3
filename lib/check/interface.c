/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a module's types say against the kernel's (kldsim/kbi.h), as findings of
 * the kernel that it was tried in.
 */

#include "check/check.h"

#include <kldsim/kbi.h>
#include <kldsim/source.h>

#include "util/path.h"

static enum kldsim_status
look_at(const struct kldsim_check *check, struct kldsim_image *image,
    struct kldsim_kbi_file **file_ret, struct kldsim_error *error)
{
	struct kldsim_kbi_options how;

	kldsim_kbi_options_init(&how);
	how.limits = check->boot.limits;
	how.allocator = check->boot.allocator;
	return (kldsim_kbi_file_new(image, &how, file_ret, error));
}

static bool
has_types(const struct kldsim_kbi_file *file)
{
	struct kldsim_kbi_file_info info;

	kldsim_kbi_file_info(file, &info);
	return (info.no_types == NULL);
}

enum kldsim_status
kldsim__check_interface_init(struct kldsim_check *check,
    struct kldsim_error *error)
{
	struct kldsim_kbi *first;
	enum kldsim_status status;

	if (check->options.against != NULL) {
		status = look_at(check, check->options.against, &check->old,
		    error);
		if (status != KLDSIM_OK)
			return (status);
	} else if (check->options.no_types) {
		return (KLDSIM_OK);
	}
	/* A kernel that boots, and whose types cannot be read, has none. */
	status = look_at(check, check->image, &check->kernel, error);
	if (status == KLDSIM_OK && check->old == NULL &&
	    !has_types(check->kernel)) {
		kldsim_kbi_file_free(check->kernel);
		check->kernel = NULL;
	}
	if (status == KLDSIM_OK && check->kernel != NULL) {
		/* After the first, threads can make their own. */
		status = kldsim_kbi_new(check->kernel, check->old, &first,
		    error);
		if (status == KLDSIM_OK)
			kldsim_kbi_free(first);
	}
	return (status == KLDSIM_NOMEM || check->old != NULL ? status :
	    KLDSIM_OK);
}

/* Tell what there is to tell. */
static enum kldsim_status
compare(struct kldsim__check_bench *bench, struct kldsim_image *image,
    struct kldsim_check_module *module, struct kldsim_error *error)
{
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_file *file;
	struct kldsim_kbi_info info;
	enum kldsim_status status = look_at(bench->check, image, &file,
	    error);

	/* What is no ELF file has been refused by the kernel. */
	if (status != KLDSIM_OK)
		return (status == KLDSIM_NOMEM ? status : KLDSIM_OK);
	if (bench->check->old != NULL || has_types(file)) {
		status = kldsim_kbi_compare(bench->kbi, file, &report, error);
		if (status == KLDSIM_OK) {
			kldsim_kbi_report_info(report, &info);
			module->interface = info.verdict;
			kldsim_kbi_tell(report, bench->sim,
			    kldsim__basename(module->path));
			kldsim_kbi_report_free(report);
		}
	}
	kldsim_kbi_file_free(file);
	return (status);
}

enum kldsim_status
kldsim__check_interface(struct kldsim__check_bench *bench,
    struct kldsim_check_module *module, struct kldsim_result *result,
    struct kldsim_error *error)
{
	const size_t before = kldsim_finding_count(bench->sim);
	struct kldsim_image *image;
	enum kldsim_status status = KLDSIM_OK;

	module->interface = KLDSIM_KBI_CANNOT_TELL;
	if (bench->check->kernel != NULL && bench->kbi == NULL)
		status = kldsim_kbi_new(bench->check->kernel,
		    bench->check->old, &bench->kbi, error);
	if (status == KLDSIM_OK && bench->kbi != NULL && !result->panicked &&
	    kldsim_source_image(bench->check->source, module->path, &image,
	    NULL) == KLDSIM_OK) {
		status = compare(bench, image, module, error);
		kldsim_image_unref(image);
	}
	result->nfindings += kldsim_finding_count(bench->sim) - before;
	if (result->error != 0 || result->panicked)
		module->interface = KLDSIM_KBI_WILL_NOT_LOAD;
	return (status);
}
