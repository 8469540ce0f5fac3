/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which modules there are: those that were named, and those in the folders and
 * archives that were.  Their folders become the front of the module path,
 * unless they are on it.
 */

#include "check/check.h"

#include <stdio.h>
#include <string.h>

#include <kldsim/source.h>

#include "util/strmap.h"

struct paths {
	const char **all;
	size_t count, cap;
};

struct finding_all {
	struct kldsim_check *check;
	struct kldsim_error *error;
	struct kldsim__strmap files;   /* all paths so far */
	struct kldsim__strmap folders; /* those of the module path */
	struct paths path;             /* the same, in order, */
	struct paths given;            /* those of the options behind the rest */
	struct paths waiting;          /* folders to go through, a stack */
	uint64_t entries;              /* of all folders */
	/* Of what is being gone through. */
	const char *what;
	size_t prefix;                 /* of paths, that names go without */
	const char *folder;
	bool any;                      /* module is in it */
	enum kldsim_status status;
};

static enum kldsim_status
no_memory(struct finding_all *all)
{
	all->status = kldsim__check_fail(all->error, KLDSIM_NOMEM,
	    "no memory");
	return (all->status);
}

/* A path of the check's own; NULL: no memory, which is noted. */
static char *
join(struct finding_all *all, const char *folder, const char *separator,
    const char *name)
{
	const size_t size = strlen(folder) + strlen(separator) +
	    strlen(name) + 1;
	char *path = kldsim__arena_alloc(&all->check->arena, size);

	if (path == NULL)
		(void)no_memory(all);
	else
		(void)snprintf(path, size, "%s%s%s", folder, separator, name);
	return (path);
}

/* Whether a text is new to a map; it is borrowed. */
static bool
is_new(struct finding_all *all, struct kldsim__strmap *map, const char *text)
{
	uint32_t ignored;

	if (kldsim__strmap_get(map, text, &ignored))
		return (false);
	if (!kldsim__strmap_add(map, text, 0))
		(void)no_memory(all);
	return (all->status == KLDSIM_OK);
}

static void
push(struct finding_all *all, struct paths *paths, const char *path)
{
	if (!kldsim__grow(&all->check->alloc, &paths->all, &paths->cap,
	    paths->count + 1, sizeof(*paths->all)))
		(void)no_memory(all);
	else
		paths->all[paths->count++] = path;
}

/* --- the module path --- */

/* One more folder at its end; one with a ';' cannot be in it. */
static void
add_folder(struct finding_all *all, const char *folder)
{
	if (strchr(folder, ';') == NULL &&
	    is_new(all, &all->folders, folder))
		push(all, &all->path, folder);
}

static void
join_path(struct finding_all *all)
{
	size_t size = 1;
	char *path, *end;

	for (size_t i = 0; i < all->given.count; i++)
		push(all, &all->path, all->given.all[i]);
	for (size_t i = 0; i < all->path.count; i++)
		size += strlen(all->path.all[i]) + 1;
	path = end = kldsim__arena_calloc(&all->check->arena, size, 1);
	if (path == NULL) {
		(void)no_memory(all);
		return;
	}
	for (size_t i = 0; i < all->path.count; i++) {
		const size_t length = strlen(all->path.all[i]);

		if (i != 0)
			*end++ = ';';
		memcpy(end, all->path.all[i], length);
		end += length;
	}
	all->check->boot.module_path = path;
}

/* One of the options; it is not added for a module that is in it. */
static void
note_folder(struct finding_all *all, const char *folder)
{
	if (is_new(all, &all->folders, folder))
		push(all, &all->given, folder);
}

/*
 * Those of the options keep their order, which may be the point of a question;
 * others that modules are in go before them.
 */
static void
note_given(struct finding_all *all, const char *given)
{
	bool more = given != NULL && *given != '\0';

	while (more && all->status == KLDSIM_OK) {
		const size_t length = strcspn(given, ";");
		const char *folder = kldsim__arena_strndup(
		    &all->check->arena, given, length);

		if (folder == NULL)
			(void)no_memory(all);
		else
			note_folder(all, folder);
		more = given[length] != '\0';
		given += length + more;
	}
}

/* --- modules --- */

static void
add_module(struct finding_all *all, const char *path, const char *name,
    bool whole)
{
	struct kldsim_check *check = all->check;

	all->any = true;
	if (!is_new(all, &all->files, path))
		return;
	if (!kldsim__grow(&check->alloc, &check->entries, &check->cap,
	    check->count + 1, sizeof(*check->entries))) {
		(void)no_memory(all);
		return;
	}
	check->entries[check->count].path = path;
	check->entries[check->count].whole = whole;
	check->entries[check->count++].name = name;
}

/* As kldxref(8) takes it. */
static bool
is_module(const char *name)
{
	const char *dot = strrchr(name, '.');

	return (dot != NULL && dot != name && strcmp(dot, ".ko") == 0);
}

/* What goes between a folder and a name in it: "PLACE:boot", "PLACE:/a.ko". */
static const char *
separator(const char *folder, bool is_folder)
{
	const size_t length = strlen(folder);

	if (length == 0 || folder[length - 1] == '/')
		return ("");
	return (is_folder && folder[length - 1] == ':' ? "" : "/");
}

/* A link leads to a file or to nothing here: folders could form a circle. */
static bool
is_file(struct finding_all *all, const char *path,
    const struct kldsim_source_file *file)
{
	struct kldsim_source_file target;

	return (file->type == KLDSIM_SOURCE_FILE ||
	    (file->type == KLDSIM_SOURCE_LINK && kldsim_source_stat(
	    all->check->source, path, &target, NULL) == KLDSIM_OK &&
	    target.type == KLDSIM_SOURCE_FILE));
}

static bool
visit(void *user, const struct kldsim_source_file *file)
{
	struct finding_all *all = user;
	const bool is_folder = file->type == KLDSIM_SOURCE_FOLDER;
	const char *path;

	if (++all->entries > all->check->boot.limits.archive_members) {
		all->status = kldsim__check_fail(all->error, KLDSIM_LIMIT,
		    "%.300s: more files than archive_members allows",
		    all->what);
		return (false);
	}
	if (!is_folder && !is_module(file->name))
		return (true);
	path = join(all, all->folder, separator(all->folder, is_folder),
	    file->name);
	if (path != NULL && is_folder)
		push(all, &all->waiting, path);
	else if (path != NULL && is_file(all, path, file)) {
		add_module(all, path, path + all->prefix, true);
		add_folder(all, all->folder);
	}
	return (all->status == KLDSIM_OK);
}

/* Folders were pushed as they came: the first one is to be the next. */
static void
turn(const char **from, const char **end)
{
	while (from < end) {
		const char *other = *from;

		*from++ = *--end;
		*end = other;
	}
}

/* A folder and all below it, modules before folders. */
static void
walk(struct finding_all *all, const char *path)
{
	struct paths *waiting = &all->waiting;

	push(all, waiting, path);
	while (all->status == KLDSIM_OK && waiting->count != 0) {
		enum kldsim_status status;
		size_t first;

		all->folder = waiting->all[--waiting->count];
		first = waiting->count;
		status = kldsim_source_list(all->check->source, all->folder,
		    visit, all, all->error);
		if (all->status == KLDSIM_OK)
			all->status = status;
		turn(waiting->all + first, waiting->all + waiting->count);
	}
}

/* A folder, or an archive as one. */
static void
add_place(struct finding_all *all, const char *path)
{
	all->any = false;
	all->prefix = strlen(path) + (*separator(path, true) != '\0');
	walk(all, path);
	if (all->status == KLDSIM_OK && !all->any)
		all->status = kldsim__check_fail(all->error, KLDSIM_NOENT,
		    "%.300s: no file in it ends in .ko", all->what);
}

/* What a module is beside is installed with it. */
static void
add_file(struct finding_all *all, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = ".";

	add_module(all, path, path, false);
	if (slash != NULL)
		folder = kldsim__arena_strndup(&all->check->arena, path,
		    slash == path ? 1 : (size_t)(slash - path));
	if (folder == NULL)
		(void)no_memory(all);
	else
		add_folder(all, folder);
}

/* A path without the slashes at its end. */
static char *
trimmed(struct finding_all *all, const char *what)
{
	size_t length = strlen(what);
	char *path;

	while (length > 1 && what[length - 1] == '/')
		length--;
	path = kldsim__arena_strndup(&all->check->arena, what, length);
	if (path == NULL)
		(void)no_memory(all);
	return (path);
}

/* What was named: a folder, an archive, one module, or a name for one. */
static void
add_what(struct finding_all *all, const char *what)
{
	struct kldsim_source *source = all->check->source;
	struct kldsim_source_file file;
	struct kldsim_error error;
	const char *path = trimmed(all, what), *inside;
	enum kldsim_status status;

	all->what = what;
	inside = path != NULL ? join(all, path, ":", "") : NULL;
	if (inside == NULL)
		return;
	all->status = kldsim_source_stat(source, path, &file, all->error);
	if (all->status != KLDSIM_OK) {
		/* Without a slash it may be the name of one. */
		if (strchr(path, '/') == NULL &&
		    strchr(path, ':') == NULL) {
			all->status = KLDSIM_OK;
			add_module(all, path, path, false);
		}
		return;
	}
	if (file.type == KLDSIM_SOURCE_FOLDER) {
		add_place(all, path);
		return;
	}
	status = kldsim_source_stat(source, inside, &file, &error);
	if (status == KLDSIM_OK)
		add_place(all, inside);
	else if (status == KLDSIM_SYS)
		add_file(all, path);
	else {
		all->status = status;
		if (all->error != NULL)
			*all->error = error;
	}
}

enum kldsim_status
kldsim__check_find(struct kldsim_check *check, struct kldsim_error *error)
{
	struct finding_all all = { .check = check, .error = error };
	const char *given = check->boot.module_path;

	kldsim__strmap_init(&all.files, &check->alloc);
	kldsim__strmap_init(&all.folders, &check->alloc);
	note_given(&all, given);
	for (size_t i = 0; i < check->options.nwhat &&
	    all.status == KLDSIM_OK; i++)
		add_what(&all, check->options.what[i]);
	join_path(&all);
	kldsim__strmap_fini(&all.files);
	kldsim__strmap_fini(&all.folders);
	kldsim__free(&check->alloc, all.path.all);
	kldsim__free(&check->alloc, all.given.all);
	kldsim__free(&check->alloc, all.waiting.all);
	return (all.status);
}
