/* SPDX-License-Identifier: BSD-2-Clause */

/* Who refers to virtualized variables, for people (F-11). */

#include "refs/refs_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "report/output.h"

#define LINE 80 /* columns of the list */
#define INDENT 4

struct page {
	const struct refs_files *files;
	const struct refs_file *file;
	struct kldsim_refs_info info;
	bool verbose;
	enum kldsim_kbi_verdict worst; /* of the imports told */
	FILE *out;
};

static void
put_count(FILE *out, uint64_t count, const char *noun)
{
	put(out, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

/* "  3 references through the GOT, first at .text+0x6c in foo+0x10". */
static void
put_references(const struct page *page,
    const struct kldsim_refs_variable *variable)
{
	FILE *out = page->out;

	put(out, "  ");
	put_count(out, variable->references, "reference");
	if (variable->references == 0)
		return;
	if (variable->got == variable->references)
		put(out, " through the GOT");
	put(out, ", %s%s+0x%" PRIx64, variable->references == 1 ? "" :
	    "first ", variable->section, variable->section_offset);
	if (variable->function != NULL)
		put(out, " in %s+0x%" PRIx64, variable->function,
		    variable->function_offset);
}

static void
put_variable(const struct page *page, uint32_t index,
    const struct kldsim_refs_change *change)
{
	struct kldsim_refs_variable variable;
	FILE *out = page->out;

	if (kldsim_refs_variable(page->file->refs, index, &variable) !=
	    KLDSIM_OK)
		return;
	put(out, "  %s%s%s%s", variable.own ? "own " : "",
	    kldsim_refs_prefix_name(variable.prefix), variable.name,
	    *variable.name == '\0' ? "(no name)" : "");
	if (variable.own)
		put(out, "  +0x%" PRIx64 ", %" PRIu64 " bytes",
		    variable.offset, variable.size);
	if (variable.weak)
		put(out, "  weak");
	if (change != NULL)
		put(out, "  %s%s%s", kldsim_refs_change_name(change->kind),
		    *change->text == '\0' ? "" : ": ", change->text);
	put_references(page, &variable);
	put_line(out, "%s", "");
}

static void
tell_import(void *user, uint32_t index,
    const struct kldsim_refs_change *change)
{
	struct page *page = user;

	if (change->verdict > page->worst)
		page->worst = change->verdict;
	if (page->verbose || change->verdict != KLDSIM_KBI_NO_DIFFERENCE)
		put_variable(page, index, change);
}

/* Why a file is worse than what it imports (J-10, J-12). */
static const char *
without_vnets(const struct refs_file *file)
{
	return (file->verdict == KLDSIM_KBI_WILL_NOT_LOAD ? "the kernel was "
	    "built without VIMAGE, and has no vnet_register_sysinit" :
	    "the kernel was built without VIMAGE: what is in set_vnet cannot "
	    "be reached, the first access panics");
}

static void
put_variables(struct page *page)
{
	const bool all = page->files->kernels == NULL || page->verbose;

	page->worst = KLDSIM_KBI_NO_DIFFERENCE;
	if (page->files->kernels != NULL && kldsim_refs_judge(
	    page->files->kernels, page->file->refs, tell_import, page) >
	    page->worst)
		put_line(page->out, "  %s", without_vnets(page->file));
	for (uint32_t i = 0; i < page->info.imports + page->info.own &&
	    all; i++)
		if (i >= page->info.imports || page->files->kernels == NULL)
			put_variable(page, i, NULL);
}

static void
put_file(struct page *page)
{
	const struct kldsim_refs_info *info = &page->info;
	FILE *out = page->out;

	put(out, "%s", page->file->path);
	if (info->use < KLDSIM_REFS_OWN && page->files->kernels != NULL &&
	    page->file->verdict != KLDSIM_KBI_NO_DIFFERENCE) {
		put_line(out, "  %s  %s", kldsim_kbi_verdict_name(
		    page->file->verdict), kldsim_refs_use_name(info->use));
		put_variables(page);
		return;
	}
	if (info->use < KLDSIM_REFS_OWN) {
		put_line(out, "  %s", kldsim_refs_use_name(info->use));
		return;
	}
	if (page->files->kernels != NULL)
		put(out, "  %s",
		    kldsim_kbi_verdict_name(page->file->verdict));
	put(out, "  ");
	put_count(out, info->imports, "import");
	put(out, "  ");
	put_count(out, info->references, "reference");
	if (info->own != 0 || info->own_references != 0) {
		put(out, "; %" PRIu32 " own  ", info->own);
		put_count(out, info->own_references, "reference");
	}
	put_line(out, "%s", "");
	put_variables(page);
}

/* Files of one use, or of all that have variables. */
static size_t
put_files(struct page *page, enum kldsim_refs_use least,
    enum kldsim_refs_use most)
{
	size_t count = 0;

	for (size_t i = 0; i < page->files->count; i++) {
		page->file = &page->files->all[i];
		if (page->file->refs == NULL)
			continue;
		kldsim_refs_info(page->file->refs, &page->info);
		if (page->info.foreign || page->info.use < least ||
		    page->info.use > most)
			continue;
		put_file(page);
		count++;
	}
	return (count);
}

/* What nobody can load, whatever it uses. */
static void
put_foreign(struct page *page)
{
	for (size_t i = 0; i < page->files->count; i++) {
		page->file = &page->files->all[i];
		if (page->file->refs == NULL)
			continue;
		kldsim_refs_info(page->file->refs, &page->info);
		if (page->info.foreign)
			put_line(page->out, "%s  %s: it is for another machine",
			    page->file->path, kldsim_kbi_verdict_name(
			    page->file->verdict));
	}
}

/* --- from one kernel to the other --- */

static void
put_changes(const struct page *page)
{
	struct kldsim_refs_change change;
	FILE *out = page->out;

	for (uint32_t i = 0; kldsim_refs_change(page->files->kernels, i,
	    &change) == KLDSIM_OK; i++) {
		if (change.kind == KLDSIM_REFS_MOVED && !page->verbose)
			continue;
		put_line(out, "%s%s  %s%s%s",
		    kldsim_refs_prefix_name(change.prefix), change.name,
		    kldsim_refs_change_name(change.kind),
		    *change.text == '\0' ? "" : ": ", change.text);
	}
}

void
refs_text(const struct refs_files *files, bool verbose, FILE *out)
{
	struct page page = { .files = files, .verbose = verbose, .out = out };
	size_t count = put_files(&page, KLDSIM_REFS_OWN,
	    KLDSIM_REFS_IMPORTS);

	put_foreign(&page);
	(void)put_files(&page, KLDSIM_REFS_HOOKS, KLDSIM_REFS_HOOKS);
	(void)put_files(&page, KLDSIM_REFS_MENTIONS, KLDSIM_REFS_MENTIONS);
	if (verbose)
		(void)put_files(&page, KLDSIM_REFS_NOTHING,
		    KLDSIM_REFS_NOTHING);
	if (files->kernel[1] != NULL && verbose)
		put_changes(&page);
	put_line(out, "%zu of %zu file%s ha%s VNET or DPCPU variables", count,
	    files->count, files->count == 1 ? "" : "s",
	    count == 1 ? "s" : "ve");
	/* F-10 */
	if (files->kernels != NULL)
		put_line(out, "Not seen here: members of struct pcpu, and "
		    "plain variables that are plain in both.");
}

/* --- the list --- */

static bool
is_listed(const struct refs_file *file)
{
	struct kldsim_refs_variable variable;

	for (uint32_t i = 0; file->refs != NULL && kldsim_refs_variable(
	    file->refs, i, &variable) == KLDSIM_OK; i++)
		if (variable.prefix == KLDSIM_REFS_VNET &&
		    *variable.name != '\0')
			return (true);
	return (false);
}

/* Down the columns, as ls(1) does it and the mail of 2009 did. */
static void
put_columns(const char *const *names, size_t count, FILE *out)
{
	size_t width = 0, columns, rows;

	for (size_t i = 0; i < count; i++)
		if (strlen(names[i]) > width)
			width = strlen(names[i]);
	width += 2;
	columns = width + INDENT < LINE ? (LINE - INDENT) / width : 1;
	rows = (count + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		put(out, "%*s", INDENT, "");
		for (size_t i = row; i < count; i += rows)
			put(out, "%-*s", i + rows < count ? (int)width : 0,
			    names[i]);
		put_line(out, "%s", "");
	}
}

void
refs_text_list(const struct refs_files *files, FILE *out)
{
	const char **names = need(calloc(files->count + 1, sizeof(*names)));
	size_t count = 0;

	for (size_t i = 0; i < files->count; i++)
		if (is_listed(&files->all[i]))
			names[count++] = path_name(files->all[i].path);
	put_columns(names, count, out);
	free(names);
}
