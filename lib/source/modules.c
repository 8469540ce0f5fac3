/* SPDX-License-Identifier: BSD-2-Clause */

/* The modules that a folder or an archive has, and the folders below it. */

#include "source/impl.h"

#include <stdio.h>
#include <string.h>

#include "util/path.h"

struct walk {
	struct kldsim_source *source;
	const char *what;             /* as it was named */
	size_t prefix;                /* of paths, that names go without */
	kldsim_source_found_fn found;
	void *user;
	struct kldsim__arena arena;   /* paths of folders */
	const char **waiting;         /* folders to go through, a stack */
	size_t count, cap;
	const char *folder;           /* at hand */
	uint64_t entries;             /* of all folders */
	bool any;                     /* module is in it */
	bool enough;                  /* for who is told */
	enum kldsim_status status;
	struct kldsim_error *error;
};

static bool
no_memory(struct walk *walk)
{
	walk->status = kldsim__source_no_memory(walk->error);
	return (false);
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

static char *
join(struct walk *walk, const char *folder, const char *between,
    const char *name)
{
	const size_t size = strlen(folder) + strlen(between) + strlen(name) + 1;
	char *path = kldsim__arena_alloc(&walk->arena, size);

	if (path == NULL)
		(void)no_memory(walk);
	else
		(void)snprintf(path, size, "%s%s%s", folder, between, name);
	return (path);
}

static void
push(struct walk *walk, const char *path)
{
	if (!kldsim__grow(&walk->source->alloc, &walk->waiting, &walk->cap,
	    walk->count + 1, sizeof(*walk->waiting)))
		(void)no_memory(walk);
	else
		walk->waiting[walk->count++] = path;
}

/*
 * A link leads to a file or to nothing here: folders could form a circle.  One
 * that nobody may follow is no reason to leave a module out in silence.
 */
static bool
is_file(struct walk *walk, const char *path,
    const struct kldsim_source_file *file)
{
	struct kldsim_source_file target;
	enum kldsim_status status;

	if (file->type != KLDSIM_SOURCE_LINK)
		return (file->type == KLDSIM_SOURCE_FILE);
	status = kldsim_source_stat(walk->source, path, &target, walk->error);
	if (status != KLDSIM_OK && status != KLDSIM_SYS)
		walk->status = status;
	return (status == KLDSIM_OK && target.type == KLDSIM_SOURCE_FILE);
}

static void
tell(struct walk *walk, const char *path, const char *folder, bool whole)
{
	const struct kldsim_source_found found = { path,
		path + (whole ? walk->prefix : 0), folder, whole };

	walk->any = true;
	walk->enough = !walk->found(walk->user, &found);
}

static bool
visit(void *user, const struct kldsim_source_file *file)
{
	struct walk *walk = user;
	const bool is_folder = file->type == KLDSIM_SOURCE_FOLDER;
	const char *path;

	if (++walk->entries > walk->source->limits.archive_members) {
		walk->status = kldsim__source_fail(walk->error, KLDSIM_LIMIT,
		    0, "%.300s: more files than archive_members allows",
		    walk->what);
		return (false);
	}
	if (!is_folder && !kldsim__source_is_module(file->name))
		return (true);
	path = join(walk, walk->folder, separator(walk->folder, is_folder),
	    file->name);
	if (path != NULL && is_folder)
		push(walk, path);
	else if (path != NULL && is_file(walk, path, file))
		tell(walk, path, walk->folder, true);
	return (walk->status == KLDSIM_OK && !walk->enough);
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

/* A folder, or an archive as one, and all below it, modules before folders. */
static void
go_through(struct walk *walk, const char *place)
{
	walk->prefix = strlen(place) + (*separator(place, true) != '\0');
	push(walk, place);
	while (walk->status == KLDSIM_OK && walk->count != 0 &&
	    !walk->enough) {
		enum kldsim_status status;
		size_t first;

		walk->folder = walk->waiting[--walk->count];
		first = walk->count;
		status = kldsim_source_list(walk->source, walk->folder, visit,
		    walk, walk->error);
		if (walk->status == KLDSIM_OK)
			walk->status = status;
		turn(walk->waiting + first, walk->waiting + walk->count);
	}
	if (walk->status == KLDSIM_OK && !walk->any)
		walk->status = kldsim__source_fail(walk->error, KLDSIM_NOENT,
		    0, "%.300s: no file in it ends in .ko", walk->what);
}

/* What a file is beside is its folder. */
static void
tell_file(struct walk *walk, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = slash == NULL ? "." : kldsim__arena_strndup(
	    &walk->arena, path, slash == path ? 1 : (size_t)(slash - path));

	if (folder == NULL)
		(void)no_memory(walk);
	else
		tell(walk, path, folder, false);
}

/* What was named: a folder, an archive, or one file. */
static void
look(struct walk *walk)
{
	struct kldsim_source_file file;
	struct kldsim__archive *archive;
	size_t length = strlen(walk->what);
	const char *path, *inside;

	while (length > 1 && walk->what[length - 1] == '/')
		length--;
	path = kldsim__arena_strndup(&walk->arena, walk->what, length);
	inside = path == NULL ? NULL : join(walk, path, ":", "");
	if (inside == NULL) {
		(void)no_memory(walk);
		return;
	}
	walk->status = kldsim_source_stat(walk->source, path, &file,
	    walk->error);
	if (walk->status != KLDSIM_OK)
		return;
	if (file.type == KLDSIM_SOURCE_FOLDER) {
		go_through(walk, path);
		return;
	}
	walk->status = kldsim__source_archive(walk->source, path, &archive,
	    walk->error);
	if (walk->status == KLDSIM_OK && archive != NULL) {
		go_through(walk, inside);
	} else if (walk->status == KLDSIM_OK || walk->status == KLDSIM_SYS) {
		walk->status = KLDSIM_OK;
		tell_file(walk, path);
	}
}

enum kldsim_status
kldsim_source_modules(struct kldsim_source *source, const char *what,
    kldsim_source_found_fn found, void *user, struct kldsim_error *error_ret)
{
	struct walk walk = { .source = source, .what = what, .found = found,
		.user = user, .error = error_ret };

	kldsim__arena_init(&walk.arena, &source->alloc);
	look(&walk);
	kldsim__arena_fini(&walk.arena);
	kldsim__free(&source->alloc, walk.waiting);
	return (walk.status);
}
