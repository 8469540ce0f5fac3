/* SPDX-License-Identifier: BSD-2-Clause */

/* A check as an object: options, the kernel before any module, modules. */

#include "check/guilt.h"

#include <kldsim/source.h>

#include "kern/bad_news.h"
#include "search/search.h"
#include "source/source.h"
#include "util/limits.h"
#include "util/sized.h"

void
kldsim_check_options_init(struct kldsim_check_options *options, size_t size)
{
	static const struct kldsim_check_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

static enum kldsim_status
take_options(const struct kldsim_check_options *given,
    struct kldsim_check_options *options, struct kldsim_error *error)
{
	const char *wrong;

	kldsim_check_options_init(options, sizeof(*options));
	wrong = kldsim__sized_take(options, sizeof(*options), given);
	return (wrong == NULL ? KLDSIM_OK :
	    kldsim__error_set(error, KLDSIM_ARG, "%s", wrong));
}

enum kldsim_status
kldsim__check_boot_options(const struct kldsim_options *given,
    struct kldsim_options *options, struct kldsim_error *error)
{
	const char *wrong;

	kldsim_options_init(options, sizeof(*options));
	wrong = kldsim__sized_take(options, sizeof(*options), given);
	return (wrong == NULL ? KLDSIM_OK :
	    kldsim__error_set(error, KLDSIM_ARG, "%s", wrong));
}

static enum kldsim_status
make_source(struct kldsim_check *check, struct kldsim_error *error)
{
	struct kldsim_source_options how;

	if (check->boot.source != NULL) {
		check->source = kldsim_source_ref(check->boot.source);
		return (KLDSIM_OK);
	}
	kldsim_source_options_init(&how, sizeof(how));
	how.read_once = true;
	how.limits = check->boot.limits;
	return (kldsim_source_new(&how, &check->source, error));
}

/* Which module has a name is found out once for all kernels. */
static enum kldsim_status
share_names(struct kldsim_check *check, struct kldsim_error *error)
{
	if (check->boot.names != NULL) {
		check->names = kldsim_names_ref(check->boot.names);
		return (KLDSIM_OK);
	}
	return (kldsim_names_new(check->source, &check->names, error));
}

static enum kldsim_status
take_boot(struct kldsim_check *check, struct kldsim_error *error)
{
	enum kldsim_status status;

	check->boot.npreloads = 0;
	check->boot.log = NULL;
	kldsim__limits_defaults(&check->boot.limits);
	status = make_source(check, error);
	check->boot.source = check->source;
	if (status == KLDSIM_OK)
		status = share_names(check, error);
	check->boot.names = check->names;
	if (check->options.ways == 0)
		check->options.ways = 1u << KLDSIM_CHECK_KLDLOAD |
		    1u << KLDSIM_CHECK_PRELOAD;
	if (check->options.jobs == 0)
		check->options.jobs = 1;
	return (status);
}

/* Whether somebody has forgotten kldxref(8) in a folder of the path. */
static enum kldsim_status
look_at_hints(struct kldsim_check *check, const struct kldsim__folder *folder)
{
	const struct kldsim__where nowhere = { .file = NULL };
	struct kldsim *sim = check->sim;
	struct kldsim__hints_trouble trouble;
	struct kldsim__source_stat st;
	enum kldsim_status status = KLDSIM_NOMEM;
	char *path = kldsim__folder_join(sim, folder, "linker.hints", "");

	if (path != NULL) {
		const bool there = kldsim__source_stat(check->source, path,
		    sim->facts.hints_follows_link, &st, NULL) == KLDSIM_OK &&
		    st.type == KLDSIM_SOURCE_FILE;

		status = kldsim__hints_trouble(&sim->search, folder,
		    there ? &st : NULL, &trouble);
	}
	kldsim__free(&sim->alloc, path);
	if (status == KLDSIM_OK && trouble.text[0] != '\0')
		kldsim__find(sim, KLDSIM__F_HINTS_STALE, &nowhere, "%s",
		    trouble.text);
	return (status);
}

static enum kldsim_status
boot(struct kldsim_check *check, struct kldsim_error *error)
{
	enum kldsim_status status = kldsim_boot(check->image, &check->boot,
	    &check->sim, error);
	struct kldsim__folder folder;
	size_t cursor = 0;

	if (status != KLDSIM_OK)
		return (status);
	check->nconsole = kldsim_console_count(check->sim);
	check->nfindings = kldsim_finding_count(check->sim);
	while (status == KLDSIM_OK && kldsim__next_folder(&check->sim->search,
	    &cursor, &folder)) {
		status = look_at_hints(check, &folder);
		cursor += check->sim->search.path[cursor] == ';';
	}
	kldsim__report_end(&check->sim->report);
	if (status != KLDSIM_OK || check->sim->report.failed)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_check_new(struct kldsim_image *image,
    const struct kldsim_check_options *given, struct kldsim_check **check_ret,
    struct kldsim_error *error)
{
	struct kldsim_check_options options;
	struct kldsim_options boot_options;
	struct kldsim__alloc alloc;
	struct kldsim_check *check;
	enum kldsim_status status = take_options(given, &options, error);

	if (status == KLDSIM_OK)
		status = kldsim__check_boot_options(options.boot,
		    &boot_options, error);
	if (status != KLDSIM_OK)
		return (status);
	kldsim__alloc_init(&alloc, &boot_options.allocator);
	check = kldsim__calloc(&alloc, 1, sizeof(*check));
	if (check == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	check->alloc = alloc;
	check->options = options;
	check->boot = boot_options;
	check->image = kldsim_image_ref(image);
	kldsim__arena_init(&check->arena, &check->alloc);
	status = take_boot(check, error);
	if (status == KLDSIM_OK)
		status = kldsim__check_find(check, error);
	if (status == KLDSIM_OK)
		status = boot(check, error);
	if (status == KLDSIM_OK)
		status = kldsim__check_interface_init(check, error);
	if (status == KLDSIM_OK && check->options.quick &&
	    check->options.no_types &&
	    check->options.ways == 1u << KLDSIM_CHECK_KLDLOAD)
		status = kldsim__check_quick(check, error);
	if (status == KLDSIM_OK)
		*check_ret = check;
	else
		kldsim_check_free(check);
	return (status);
}

void
kldsim_check_free(struct kldsim_check *check)
{
	struct kldsim__alloc alloc;

	if (check == NULL)
		return;
	alloc = check->alloc;
	kldsim__check_guilts_fini(check);
	kldsim_destroy(check->sim);
	kldsim_names_unref(check->names);
	kldsim_kbi_file_free(check->kernel);
	for (size_t i = 0; i < check->nolds; i++)
		kldsim_kbi_file_free(check->olds[i]);
	kldsim_source_unref(check->source);
	kldsim_image_unref(check->image);
	kldsim__free(&alloc, check->entries);
	kldsim__arena_fini(&check->arena);
	kldsim__free(&alloc, check);
}

size_t
kldsim_check_count(const struct kldsim_check *check)
{
	return (check->count);
}

const char *
kldsim_check_name(const struct kldsim_check *check, size_t index)
{
	return (index < check->count ? check->entries[index].name : NULL);
}

const char *
kldsim_check_module_path(const struct kldsim_check *check)
{
	return (check->boot.module_path);
}

struct kldsim *
kldsim_check_kernel(struct kldsim_check *check)
{
	return (check->sim);
}

const char *
kldsim_check_verdict_name(enum kldsim_check_verdict verdict)
{
	static const char *const names[KLDSIM_CHECK_VERDICTS] = {
		[KLDSIM_CHECK_NOT_TRIED] = "not tried",
		[KLDSIM_CHECK_OK] = "ok",
		[KLDSIM_CHECK_IN_KERNEL] = "in kernel",
		[KLDSIM_CHECK_REFUSED] = "refused",
		[KLDSIM_CHECK_PANIC] = "panic",
		[KLDSIM_CHECK_NO_MODULE] = "no module",
		[KLDSIM_CHECK_FAILED] = "failed",
	};

	return ((unsigned)verdict < KLDSIM_CHECK_VERDICTS ? names[verdict] :
	    "?");
}
