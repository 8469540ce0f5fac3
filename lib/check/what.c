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

#include "util/path.h"
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
	enum kldsim_status status;
};

static enum kldsim_status
no_memory(struct finding_all *all)
{
	all->status = kldsim__error_set(all->error, KLDSIM_NOMEM,
	    "no memory");
	return (all->status);
}

/* Whether a path is new to a map, however it is spelled; it is borrowed. */
static bool
is_new(struct finding_all *all, struct kldsim__strmap *map, const char *path)
{
	size_t length = strlen(path);
	const char *plain = kldsim__path_trim(path, &length);
	uint32_t ignored;

	if (plain[length] != '\0')
		plain = kldsim__arena_strndup(&all->check->arena, plain,
		    length);
	if (plain != NULL && kldsim__strmap_get(map, plain, &ignored))
		return (false);
	if (plain == NULL || !kldsim__strmap_add(map, plain, 0))
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

/* What a module is beside is installed with it. */
static bool
take_module(void *user, const struct kldsim_source_found *found)
{
	struct finding_all *all = user;
	struct kldsim__arena *arena = &all->check->arena;
	const char *path = kldsim__arena_strdup(arena, found->path);
	const char *folder = kldsim__arena_strdup(arena, found->folder);

	if (path == NULL || folder == NULL) {
		(void)no_memory(all);
		return (false);
	}
	add_module(all, path, path + (found->name - found->path),
	    found->whole);
	add_folder(all, folder);
	return (all->status == KLDSIM_OK);
}

/* What was named: a folder, an archive, one module, or a name for one. */
static void
add_what(struct finding_all *all, const char *what)
{
	struct kldsim_source *source = all->check->source;
	struct kldsim_source_file file;
	enum kldsim_status status;

	/* Without a slash it may be the name of one. */
	if (strpbrk(what, "/:") == NULL && kldsim_source_stat(source, what,
	    &file, NULL) != KLDSIM_OK) {
		add_module(all, what, what, false);
		return;
	}
	status = kldsim_source_modules(source, what, take_module, all,
	    all->error);
	if (all->status == KLDSIM_OK)
		all->status = status;
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
	return (all.status);
}
