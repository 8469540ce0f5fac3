/* SPDX-License-Identifier: BSD-2-Clause */

/* Who refers to virtualized variables, for programs, in the schema's order. */

#include "refs/refs_json.h"

#include <string.h>

#include "report/output.h"
#include "report/report_json.h"

struct file_page {
	const struct refs_files *files;
	const struct refs_file *file;
	json_t *imports;
};

static json_t *
nothing(void)
{
	return (need(json_null()));
}

static json_t *
error_or_null(const struct kldsim_error *error, const char *file)
{
	const size_t length = file == NULL ? 0 : strlen(file);
	const char *message = error->text;

	if (error->status == KLDSIM_OK)
		return (nothing());
	if (length != 0 && strncmp(message, file, length) == 0 &&
	    strncmp(message + length, ": ", 2) == 0)
		message += length + 2;
	return (report_json_error(error, file, message));
}

/* --- variables --- */

static json_t *
first(const struct kldsim_refs_variable *variable)
{
	if (variable->section == NULL)
		return (nothing());
	return (json_make("{s:o, s:o, s:o, s:o}",
	    "section", json_text(variable->section),
	    "offset", json_address(variable->section_offset),
	    "function", json_text(variable->function),
	    "function_offset", variable->function == NULL ? nothing() :
	    json_address(variable->function_offset)));
}

static json_t *
through(const struct kldsim_refs_variable *variable)
{
	if (variable->references == 0)
		return (nothing());
	return (json_text(variable->got == 0 ? "relocations" :
	    variable->got == variable->references ? "GOT" : "both"));
}

static json_t *
place(const struct kldsim_refs_place *at)
{
	if (!at->there)
		return (nothing());
	return (json_make("{s:o, s:o, s:o}",
	    "address", json_address(at->address),
	    "offset", json_address(at->offset), "size", json_size(at->size)));
}

/* What is the same for each variable of a file. */
static json_t *
variable_json(const struct kldsim_refs_variable *variable)
{
	json_t *object = json_make("{s:o, s:s, s:o, s:o, s:o}",
	    "name", json_text(*variable->name != '\0' ? variable->name :
	    NULL),
	    "prefix", kldsim_refs_prefix_name(variable->prefix),
	    "references", json_size(variable->references),
	    "through", through(variable), "first", first(variable));

	if (variable->own) {
		json_set(object, "offset", json_address(variable->offset));
		json_set(object, "size", json_size(variable->size));
	} else {
		json_set(object, "weak", json_make("b", (int)variable->weak));
	}
	return (object);
}

static void
set_change(json_t *object, const struct kldsim_refs_change *change)
{
	json_set(object, "change", json_text(change == NULL ? NULL :
	    kldsim_refs_change_name(change->kind)));
	json_set(object, "verdict", json_text(change == NULL ? NULL :
	    kldsim_kbi_verdict_name(change->verdict)));
	json_set(object, "why", json_text(change == NULL ||
	    *change->text == '\0' ? NULL : change->text));
	json_set(object, "old", change == NULL ? nothing() :
	    place(&change->before));
	json_set(object, "new", change == NULL ? nothing() :
	    place(&change->after));
}

static void
add_import(void *user, uint32_t index, const struct kldsim_refs_change *change)
{
	struct file_page *page = user;
	struct kldsim_refs_variable variable;
	json_t *object;

	if (kldsim_refs_variable(page->file->refs, index, &variable) !=
	    KLDSIM_OK)
		return;
	object = variable_json(&variable);
	set_change(object, change);
	json_append(page->imports, object);
}

/* --- files --- */

static json_t *
file_json(struct file_page *page, const struct kldsim_refs_info *info)
{
	const struct kldsim_refs *refs = page->file->refs;
	struct kldsim_refs_variable variable;
	json_t *own = json_make("[]");

	page->imports = json_make("[]");
	if (refs != NULL && page->files->kernels != NULL)
		(void)kldsim_refs_judge(page->files->kernels, refs,
		    add_import, page);
	for (uint32_t i = 0; refs != NULL && kldsim_refs_variable(refs, i,
	    &variable) == KLDSIM_OK; i++) {
		if (variable.own)
			json_append(own, variable_json(&variable));
		else if (page->files->kernels == NULL)
			add_import(page, i, NULL);
	}
	return (json_make("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "file", json_text(page->file->path),
	    "error", error_or_null(&page->file->error, page->file->path),
	    "class", json_text(refs == NULL ? NULL :
	    kldsim_refs_use_name(info->use)),
	    "verdict", json_text(refs == NULL || page->files->kernels ==
	    NULL ? NULL : kldsim_kbi_verdict_name(page->file->verdict)),
	    "references", json_size(info->references),
	    "own_references", json_size(info->own_references),
	    "set_vnet", json_size(info->set[KLDSIM_REFS_VNET]),
	    "set_pcpu", json_size(info->set[KLDSIM_REFS_DPCPU]),
	    "imports", page->imports, "own", own));
}

static json_t *
changes_json(const struct refs_files *files)
{
	json_t *changes = json_make("[]");
	struct kldsim_refs_change change;

	for (uint32_t i = 0; files->kernels != NULL && kldsim_refs_change(
	    files->kernels, i, &change) == KLDSIM_OK; i++) {
		json_t *object = json_make("{s:o, s:s}", "name",
		    json_text(change.name), "prefix",
		    kldsim_refs_prefix_name(change.prefix));

		set_change(object, &change);
		json_append(changes, object);
	}
	return (changes);
}

json_t *
refs_json(const struct refs_files *files)
{
	json_t *all = json_make("[]");

	for (size_t i = 0; i < files->count; i++) {
		struct file_page page = { .files = files,
			.file = &files->all[i] };
		struct kldsim_refs_info info = { 0 };

		if (page.file->refs != NULL)
			kldsim_refs_info(page.file->refs, &info);
		json_append(all, file_json(&page, &info));
	}
	return (json_make("{s:s, s:o, s:o, s:o, s:o, s:o}",
	    "schema", "kldsim.refs/1",
	    "error", error_or_null(&files->error, NULL),
	    "kernel", json_text(files->kernel[0]),
	    "kernel2", json_text(files->kernel[1]),
	    "files", all, "changes", changes_json(files)));
}
