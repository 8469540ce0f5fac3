/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Linker files, their list and their ids: the bookkeeping half of
 * sys/kern/kern_linker.c.
 */

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "util/path.h"

void
kldsim__free_file(void *owner, void *object)
{
	struct kldsim *sim = owner;
	struct kldsim__file *file = object;

	if (file->class->fini != NULL)
		file->class->fini(file);
	kldsim_image_unref(file->image);
	kldsim__free(&sim->alloc, file->deps);
	kldsim__arena_fini(&file->arena);
	kldsim__free(&sim->alloc, file);
}

/*
 * The id for the next file: the counter, moved past ids in use, but not past
 * the one it gives (L-06).
 */
static int
new_id(struct kldsim *sim, struct kldsim__file *file)
{
	size_t id = (size_t)sim->linker.next_file_id;
	size_t old = sim->linker.files_by_id_cap;

	while (id < old && sim->linker.files_by_id[id] != NULL)
		id++;
	/* Growing changes nothing that could be seen: it is not undone. */
	if (!kldsim__grow(&sim->alloc, &sim->linker.files_by_id,
	    &sim->linker.files_by_id_cap, id + 1, sizeof(struct kldsim__file *)))
		return (kldsim__nomem(sim));
	for (; old < sim->linker.files_by_id_cap; old++)
		sim->linker.files_by_id[old] = NULL;
	file->id = (int)id;
	if (!KLDSIM__SET(&sim->undo, sim->linker.next_file_id, file->id))
		return (kldsim__nomem(sim));
	return (0);
}

/* The name without one ".ko": what L-09 leaves open. */
static size_t
stem_length(const char *name)
{
	size_t length = strlen(name);

	return (length >= 3 && strcmp(name + length - 3, ".ko") == 0 ?
	    length - 3 : length);
}

/*
 * Whether a file has an id is asked by id, so the slot is the file's own as
 * long as it is in the list.  The array may move: its slots are undone by id.
 */
static void
undo_insert(void *owner, void *object)
{
	struct kldsim *sim = owner;
	const struct kldsim__file *file = object;

	sim->linker.files_by_id[file->id] = NULL;
}

static void
undo_drop(void *owner, void *object)
{
	struct kldsim *sim = owner;
	struct kldsim__file *file = object;

	sim->linker.files_by_id[file->id] = file;
}

static int
insert_file(struct kldsim *sim, struct kldsim__file *file)
{
	if (!kldsim__list_insert_tail(&sim->undo, &sim->linker.files, &file->link) ||
	    !kldsim__buckets_insert(&sim->linker.files_by_name, &file->by_name,
	    kldsim__hash_name(&sim->linker.files_by_name, file->filename,
	    stem_length(file->filename))) ||
	    !kldsim__undo_made(&sim->undo, undo_insert, sim, file))
		return (kldsim__nomem(sim));
	sim->linker.files_by_id[file->id] = file;
	return (0);
}

int
kldsim__make_file(struct kldsim *sim,
    const struct kldsim__linker_class *class, const char *class_name,
    struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret)
{
	struct kldsim__file *file;
	int error;

	file = kldsim__calloc(&sim->alloc, 1, sizeof(*file));
	if (file == NULL)
		return (kldsim__nomem(sim));
	kldsim__arena_init_undo(&file->arena, &sim->undo);
	file->sim = sim;
	file->class = class;
	file->class_name = class_name;
	file->image = kldsim_image_ref(image);
	kldsim__list_init(&file->modules);
	kldsim__list_init(&file->interfaces);
	if (!kldsim__undo_made(&sim->undo, kldsim__free_file, sim, file)) {
		kldsim__free_file(sim, file);
		return (kldsim__nomem(sim));
	}
	file->pathname = kldsim__arena_strdup(&file->arena, path);
	if (file->pathname == NULL)
		return (kldsim__nomem(sim));
	file->filename = kldsim__basename(file->pathname);
	error = new_id(sim, file);
	if (error != 0)
		return (error);
	file->refs = 1;
	/* Stays consumed when the load fails (L-07). */
	if (!KLDSIM__SET(&sim->undo, sim->linker.loadcnt, sim->linker.loadcnt + 1))
		return (kldsim__nomem(sim));
	file->loadcnt = sim->linker.loadcnt;
	*file_ret = file;
	return (insert_file(sim, file));
}

/*
 * What dependents point to stays until the end of the simulated kernel; here
 * nobody reads what is freed.
 */
static bool
free_later(struct kldsim *sim, struct kldsim__file *file)
{
	if (file->ndependents == 0)
		return (kldsim__undo_gone(&sim->undo, kldsim__free_file, sim,
		    file));
	return (KLDSIM__SET(&sim->undo, file->gone, true) &&
	    KLDSIM__SET(&sim->undo, file->next_gone, sim->linker.gone) &&
	    KLDSIM__SET(&sim->undo, sim->linker.gone, file));
}

int
kldsim__drop_file(struct kldsim *sim, struct kldsim__file *file)
{
	if (!free_later(sim, file) ||
	    !kldsim__list_remove(&sim->undo, &file->link) ||
	    !kldsim__buckets_remove(&sim->linker.files_by_name, &file->by_name) ||
	    !kldsim__undo_made(&sim->undo, undo_drop, sim, file))
		return (kldsim__nomem(sim));
	sim->linker.files_by_id[file->id] = NULL;
	return (0);
}

/* Whether a file is the one asked for: "foo" finds "foo.ko" (L-09). */
static bool
is_called(const struct kldsim__file *file, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(file->filename, name, length) != 0)
		return (false);
	return (strcmp(file->filename + length, ".ko") == 0 ||
	    file->filename[length] == '\0');
}

#define FILE_BY_NAME(l) KLDSIM__ENTRY(l, struct kldsim__file, by_name)

/* The first file that is the one, by so many bytes of the name. */
static struct kldsim__file *
first_of(const struct kldsim__linker *linker, const char *name, size_t length)
{
	KLDSIM__FOREACH_HASHED(entry, &linker->files_by_name,
	    kldsim__hash_name(&linker->files_by_name, name, length))
		if (is_called(FILE_BY_NAME(entry), name))
			return (FILE_BY_NAME(entry));
	return (NULL);
}

struct kldsim__file *
kldsim__find_file_by_name(const struct kldsim__linker *linker, const char *name)
{
	size_t length = strlen(name), stem = stem_length(name);
	struct kldsim__file *file = first_of(linker, name, length);
	struct kldsim__file *other = stem != length ?
	    first_of(linker, name, stem) : NULL;

	/* The list is in the order in which files were made. */
	if (file == NULL || (other != NULL &&
	    other->loadcnt < file->loadcnt))
		return (other);
	return (file);
}

struct kldsim__file *
kldsim__find_file_by_id(const struct kldsim__linker *linker, int id)
{
	struct kldsim__file *file;

	if (id <= 0 || (size_t)id >= linker->files_by_id_cap)
		return (NULL);
	file = linker->files_by_id[id];
	return (file != NULL && file->linked ? file : NULL);
}

int
kldsim__add_dependency(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__file *dep)
{
	/* The file is being loaded: rolling back frees it whole. */
	if (!kldsim__grow(&sim->alloc, &file->deps, &file->deps_cap,
	    file->ndeps + 1, sizeof(struct kldsim__file *)))
		return (kldsim__nomem(sim));
	if (!KLDSIM__SET(&sim->undo, dep->ndependents, dep->ndependents + 1))
		return (kldsim__nomem(sim));
	file->deps[file->ndeps++] = dep;
	return (0);
}

int
kldsim__lose_dependent(struct kldsim *sim, struct kldsim__file *dep)
{
	if (!KLDSIM__SET(&sim->undo, dep->ndependents, dep->ndependents - 1))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__ref_file(struct kldsim *sim, struct kldsim__file *file, int by)
{
	if (!KLDSIM__SET(&sim->undo, file->refs, file->refs + by))
		return (kldsim__nomem(sim));
	return (0);
}

void
kldsim__label_file(const struct kldsim__file *file,
    struct kldsim__file_label *label_ret)
{
	char *text = label_ret->text;
	const size_t size = sizeof(label_ret->text);

	if (file == file->sim->linker.kernel)
		(void)snprintf(text, size, "the kernel (compiled in)");
	else
		(void)snprintf(text, size, "%s (file id %d, %s)",
		    file->filename, file->id, file->pathname);
}
