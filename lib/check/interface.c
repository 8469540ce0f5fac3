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

	kldsim_kbi_options_init(&how, sizeof(how));
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

/* After the first of each, threads can make their own. */
static enum kldsim_status
make_ready(struct kldsim_check *check, struct kldsim_kbi_file *old,
    struct kldsim_error *error)
{
	struct kldsim_kbi *first;
	enum kldsim_status status = kldsim_kbi_new(check->kernel, old, &first,
	    error);

	if (status == KLDSIM_OK)
		kldsim_kbi_free(first);
	return (status);
}

/* Without a version it is no module's. */
static bool
is_nameless(const struct kldsim_kbi_file *file)
{
	struct kldsim_kbi_file_info info;

	kldsim_kbi_file_info(file, &info);
	return (info.osreldate == 0);
}

static enum kldsim_status
take_olds(struct kldsim_check *check, struct kldsim_error *error)
{
	const size_t count = check->options.nagainst;
	enum kldsim_status status = KLDSIM_OK;

	check->olds = kldsim__arena_calloc(&check->arena, count,
	    sizeof(struct kldsim_kbi_file *));
	if (check->olds == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	for (size_t i = 0; i < count && status == KLDSIM_OK; i++) {
		status = look_at(check, check->options.against[i],
		    &check->olds[check->nolds], error);
		if (status == KLDSIM_OK && count > 1 &&
		    is_nameless(check->olds[check->nolds]))
			kldsim_kbi_file_free(check->olds[check->nolds]);
		else
			check->nolds += status == KLDSIM_OK;
		/* Of many, one that cannot be read is none. */
		if (count > 1 && status != KLDSIM_NOMEM)
			status = KLDSIM_OK;
	}
	for (size_t i = 0; i < check->nolds && status == KLDSIM_OK; i++) {
		status = make_ready(check, check->olds[i], error);
		/* Nor is one of another machine. */
		if (count > 1 && status == KLDSIM_ARG) {
			kldsim_kbi_file_free(check->olds[i]);
			check->olds[i--] = check->olds[--check->nolds];
			status = KLDSIM_OK;
		}
	}
	return (status);
}

enum kldsim_status
kldsim__check_interface_init(struct kldsim_check *check,
    struct kldsim_error *error)
{
	const bool against = check->options.nagainst != 0;
	enum kldsim_status status;

	if (check->options.no_types && !against)
		return (KLDSIM_OK);
	status = look_at(check, check->image, &check->kernel, error);
	if (status == KLDSIM_OK && against)
		return (take_olds(check, error));
	if (status == KLDSIM_OK && has_types(check->kernel))
		return (make_ready(check, NULL, error));
	/* A kernel that boots, and whose types cannot be read, has none. */
	if (status == KLDSIM_OK)
		kldsim_kbi_file_free(check->kernel);
	check->kernel = NULL;
	return (status == KLDSIM_NOMEM || against ? status : KLDSIM_OK);
}

void
kldsim__check_interface_fini(struct kldsim__check_bench *bench)
{
	const size_t count = bench->check->nolds + 1;

	for (size_t i = 0; bench->kbis != NULL && i < count; i++)
		kldsim_kbi_free(bench->kbis[i]);
	kldsim__free(&bench->check->alloc, bench->kbis);
	bench->kbis = NULL;
}

/* Which kernel a module is judged by (I-81); nolds: by its own types. */
static bool
choose(const struct kldsim_check *check, struct kldsim_kbi_file *file,
    size_t *which_ret)
{
	struct kldsim_kbi_file_info module, old;

	*which_ret = 0;
	if (check->options.nagainst == 0)
		return (has_types(file));
	if (check->options.nagainst == 1)
		return (check->nolds == 1);
	kldsim_kbi_file_info(file, &module);
	for (size_t i = 0; i < check->nolds; i++) {
		kldsim_kbi_file_info(check->olds[i], &old);
		*which_ret = i;
		if (old.osreldate == module.osreldate)
			return (true);
	}
	return (false);
}

/* What was loaded, or would have been. */
static const char *
file_of(const struct kldsim_check_module *module)
{
	return (module->file != NULL ? module->file : module->path);
}

/* The comparison of this thread. */
static enum kldsim_status
find_kbi(struct kldsim__check_bench *bench, size_t which,
    struct kldsim_kbi **kbi_ret, struct kldsim_error *error)
{
	const struct kldsim_check *check = bench->check;
	enum kldsim_status status = KLDSIM_OK;

	if (bench->kbis == NULL)
		bench->kbis = kldsim__calloc(&check->alloc, check->nolds + 1,
		    sizeof(struct kldsim_kbi *));
	if (bench->kbis == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	if (bench->kbis[which] == NULL)
		status = kldsim_kbi_new(check->kernel, check->nolds != 0 ?
		    check->olds[which] : NULL, &bench->kbis[which], error);
	*kbi_ret = bench->kbis[which];
	return (status);
}

/* Tell what there is to tell. */
static enum kldsim_status
compare(struct kldsim__check_bench *bench, struct kldsim_kbi_file *file,
    struct kldsim_check_module *module, struct kldsim_error *error)
{
	struct kldsim_kbi_report *report;
	struct kldsim_kbi_info info;
	struct kldsim_kbi *kbi = NULL;
	enum kldsim_status status;
	size_t which;

	if (!choose(bench->check, file, &which))
		return (KLDSIM_OK);
	status = find_kbi(bench, which, &kbi, error);
	if (status == KLDSIM_OK)
		status = kldsim_kbi_compare_linked(kbi, file,
		    bench->check->source, module->linked, module->nlinked,
		    &report, error);
	if (status != KLDSIM_OK)
		return (status);
	kldsim_kbi_report_info(report, &info);
	module->interface = info.verdict;
	kldsim_kbi_tell(report, bench->sim, kldsim__basename(
	    file_of(module)));
	kldsim_kbi_report_free(report);
	return (KLDSIM_OK);
}

static enum kldsim_status
look_at_module(struct kldsim__check_bench *bench,
    struct kldsim_check_module *module, struct kldsim_error *error)
{
	struct kldsim_kbi_file *file;
	struct kldsim_image *image;
	enum kldsim_status status;

	if (kldsim_source_image(bench->check->source, file_of(module), &image,
	    NULL) != KLDSIM_OK)
		return (KLDSIM_OK);
	status = look_at(bench->check, image, &file, error);
	kldsim_image_unref(image);
	/* What is no ELF file has been refused by the kernel. */
	if (status != KLDSIM_OK)
		return (status == KLDSIM_NOMEM ? status : KLDSIM_OK);
	status = compare(bench, file, module, error);
	kldsim_kbi_file_free(file);
	return (status);
}

enum kldsim_status
kldsim__check_interface(struct kldsim__check_bench *bench,
    struct kldsim_check_module *module, struct kldsim_result *result,
    struct kldsim_error *error)
{
	const size_t before = kldsim_finding_count(bench->sim);
	enum kldsim_status status = KLDSIM_OK;

	if (bench->check->kernel != NULL && !result->panicked)
		status = look_at_module(bench, module, error);
	result->nfindings += kldsim_finding_count(bench->sim) - before;
	return (status);
}
