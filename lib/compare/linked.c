/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A module against the modules that it is linked to (I-25): each of these takes
 * the kernel's place, for what the module imports from it.  A few are kept, since
 * many modules depend on the same ones.
 */

#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"

/* --- what is kept --- */

void
kldsim__linked_unref(struct kldsim__linked *linked)
{
	struct kldsim__alloc alloc;

	if (linked == NULL || --linked->users != 0)
		return;
	alloc = linked->alloc;
	kldsim_kbi_free(linked->kbi);
	kldsim_kbi_file_free(linked->file);
	kldsim__free(&alloc, linked->path);
	kldsim__free(&alloc, linked);
}

void
kldsim__compare_forget(struct kldsim_kbi *kbi)
{
	for (size_t i = 0; i < KLDSIM__LINKED; i++) {
		kldsim__linked_unref(kbi->linked[i]);
		kbi->linked[i] = NULL;
	}
}

static enum kldsim_status
read_file(struct kldsim_kbi *kbi, struct kldsim__linked *linked,
    struct kldsim_source *source)
{
	struct kldsim_kbi_options how;
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_source_image(source, linked->path,
	    &image, NULL);

	if (status != KLDSIM_OK)
		return (status);
	kldsim_kbi_options_init(&how, sizeof(how));
	how.limits = kbi->kernel->limits;
	how.allocator = kbi->alloc.hook;
	status = kldsim_kbi_file_new(image, &how, &linked->file, NULL);
	kldsim_image_unref(image);
	if (status != KLDSIM_OK)
		linked->file = NULL;
	else if (linked->file->types != NULL)
		status = kldsim_kbi_new(linked->file, NULL, &linked->kbi,
		    NULL);
	return (status);
}

/* The place of the one that nobody has asked for the longest, or an empty one. */
static struct kldsim__linked **
oldest(struct kldsim_kbi *kbi)
{
	struct kldsim__linked **found = &kbi->linked[0];

	for (size_t i = 1; i < KLDSIM__LINKED && *found != NULL; i++)
		if (kbi->linked[i] == NULL ||
		    kbi->linked[i]->used < (*found)->used)
			found = &kbi->linked[i];
	return (found);
}

/* A file, read; NULL: no memory. */
static struct kldsim__linked *
make(struct kldsim_kbi *kbi, struct kldsim_source *source, const char *path)
{
	struct kldsim__linked *linked = kldsim__calloc(&kbi->alloc, 1,
	    sizeof(*linked));

	if (linked == NULL)
		return (NULL);
	linked->alloc = kbi->alloc;
	linked->users = 1;
	linked->path = kldsim__strdup(&kbi->alloc, path);
	if (linked->path != NULL &&
	    read_file(kbi, linked, source) != KLDSIM_NOMEM)
		return (linked);
	kldsim__linked_unref(linked);
	return (NULL);
}

/* A file, read if it was not; NULL: no memory. */
static struct kldsim__linked *
find(struct kldsim_kbi *kbi, struct kldsim_source *source, const char *path)
{
	struct kldsim__linked **place = NULL, *linked;

	for (size_t i = 0; i < KLDSIM__LINKED && place == NULL; i++)
		if (kbi->linked[i] != NULL &&
		    strcmp(kbi->linked[i]->path, path) == 0)
			place = &kbi->linked[i];
	if (place == NULL) {
		linked = make(kbi, source, path);
		if (linked == NULL)
			return (NULL);
		place = oldest(kbi);
		kldsim__linked_unref(*place);
		*place = linked;
	}
	(*place)->used = ++kbi->uses;
	return (*place);
}

/* --- parts of a report --- */

static bool
any_left(const struct kldsim_kbi_report *report)
{
	for (size_t i = 0; i < report->nimports; i++)
		if (!report->imports[i].taken)
			return (true);
	return (false);
}

/* What the whole has of a part, so that its numbers are of all. */
static void
add_up(struct kldsim_kbi_info *info, const struct kldsim_kbi_info *part)
{
	info->linked += part->typed;
	info->compared += part->compared;
	info->compared_more += part->compared_more;
	info->unrelated += part->unrelated;
	info->cut += part->cut;
	info->causes += part->causes;
	info->findings += part->findings;
}

static bool
compare_one(struct kldsim_kbi_report *report, struct kldsim_source *source,
    const char *path)
{
	struct kldsim__linked *linked = find(report->kbi, source, path);
	struct kldsim_kbi_report *part;

	if (linked == NULL || linked->kbi == NULL)
		return (linked != NULL);
	part = kldsim__compare_make(linked->kbi, report->module, report);
	if (part == NULL)
		return (false);
	part->other = linked;
	linked->users++;
	report->parts[report->nparts++] = part;
	add_up(&report->info, &part->info);
	return (true);
}

static int
by_worst(const void *left, const void *right)
{
	const struct kldsim_kbi_report *a =
	    *(struct kldsim_kbi_report *const *)left;
	const struct kldsim_kbi_report *b =
	    *(struct kldsim_kbi_report *const *)right;
	const unsigned worst_a = a->ncauses != 0 ? a->causes[0].level :
	    KLDSIM_KBI_MAYBE + 1;
	const unsigned worst_b = b->ncauses != 0 ? b->causes[0].level :
	    KLDSIM_KBI_MAYBE + 1;

	if (worst_a != worst_b)
		return (worst_a < worst_b ? -1 : 1);
	/* The kernel first, the others by name. */
	if (a->linked == NULL || b->linked == NULL)
		return (a->linked == NULL ? -1 : 1);
	return (strcmp(a->linked, b->linked));
}

bool
kldsim__compare_linked(struct kldsim_kbi_report *report,
    struct kldsim_source *source, const char *const *files, size_t nfiles)
{
	bool good;

	report->parts = kldsim__calloc(&report->kbi->alloc, nfiles + 1,
	    sizeof(struct kldsim_kbi_report *));
	good = report->parts != NULL;
	if (good)
		report->parts[report->nparts++] = report;
	for (size_t i = 0; i < nfiles && good && any_left(report); i++)
		good = compare_one(report, source, files[i]);
	if (good)
		qsort(report->parts, report->nparts, sizeof(report->parts[0]),
		    by_worst);
	return (good);
}
