/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Linker files, their list, their ids, and the interfaces they provide: the
 * bookkeeping half of sys/kern/kern_linker.c.
 */

#include <string.h>

#include "kern/kern.h"

const char *
kldsim__basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	/* A trailing slash gives "/", not the empty string (L-08). */
	if (slash == NULL)
		return (path);
	return (slash[1] != '\0' ? slash + 1 : slash);
}

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
new_id(struct kldsim *sim, int *id_ret)
{
	int id = sim->next_file_id;
	bool taken;

	do {
		taken = false;
		KLDSIM__FOREACH(l, &sim->files) {
			if (KLDSIM__FILE(l)->id != id)
				continue;
			id++;
			taken = true;
			break;
		}
	} while (taken);
	if (!KLDSIM__SET(&sim->undo, sim->next_file_id, id))
		return (kldsim__nomem(sim));
	*id_ret = id;
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
	kldsim__arena_init(&file->arena, &sim->alloc);
	file->sim = sim;
	file->class = class;
	file->class_name = class_name;
	file->image = kldsim_image_ref(image);
	kldsim__list_init(&file->modules);
	if (!kldsim__undo_made(&sim->undo, kldsim__free_file, sim, file)) {
		kldsim__free_file(sim, file);
		return (kldsim__nomem(sim));
	}
	file->pathname = kldsim__arena_strdup(&file->arena, path);
	if (file->pathname == NULL)
		return (kldsim__nomem(sim));
	file->filename = kldsim__basename(file->pathname);
	error = new_id(sim, &file->id);
	if (error != 0)
		return (error);
	file->refs = 1;
	/* Stays consumed when the load fails (L-07). */
	if (!KLDSIM__SET(&sim->undo, sim->loadcnt, sim->loadcnt + 1) ||
	    !kldsim__list_insert_tail(&sim->undo, &sim->files, &file->link))
		return (kldsim__nomem(sim));
	file->loadcnt = sim->loadcnt;
	*file_ret = file;
	return (0);
}

int
kldsim__drop_file(struct kldsim *sim, struct kldsim__file *file)
{
	if (!kldsim__undo_gone(&sim->undo, kldsim__free_file, sim, file) ||
	    !kldsim__list_remove(&sim->undo, &file->link))
		return (kldsim__nomem(sim));
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

struct kldsim__file *
kldsim__find_file_by_name(const struct kldsim *sim, const char *name)
{
	KLDSIM__FOREACH(l, &sim->files)
		if (is_called(KLDSIM__FILE(l), name))
			return (KLDSIM__FILE(l));
	return (NULL);
}

struct kldsim__file *
kldsim__find_file_by_id(const struct kldsim *sim, int id)
{
	KLDSIM__FOREACH(l, &sim->files)
		if (KLDSIM__FILE(l)->id == id && KLDSIM__FILE(l)->linked)
			return (KLDSIM__FILE(l));
	return (NULL);
}

int
kldsim__add_dependency(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__file *dep)
{
	/* The file is being loaded: rolling back frees it whole. */
	if (!kldsim__grow(&sim->alloc, &file->deps, &file->deps_cap,
	    file->ndeps + 1, sizeof(struct kldsim__file *)))
		return (kldsim__nomem(sim));
	file->deps[file->ndeps++] = dep;
	return (0);
}

int
kldsim__ref_file(struct kldsim *sim, struct kldsim__file *file, int by)
{
	if (!KLDSIM__SET(&sim->undo, file->refs, file->refs + by))
		return (kldsim__nomem(sim));
	return (0);
}

struct kldsim__interface *
kldsim__modlist_lookup(const struct kldsim *sim, const char *name,
    int version)
{
	KLDSIM__FOREACH(l, &sim->interfaces) {
		struct kldsim__interface *interface = KLDSIM__INTERFACE(l);

		if ((version == 0 || interface->version == version) &&
		    strcmp(interface->name, name) == 0)
			return (interface);
	}
	return (NULL);
}

struct kldsim__interface *
kldsim__modlist_lookup2(const struct kldsim *sim, const char *name,
    const struct kldsim__mod_depend *dep)
{
	struct kldsim__interface *best = NULL;

	if (dep == NULL)
		return (kldsim__modlist_lookup(sim, name, 0));
	KLDSIM__FOREACH(l, &sim->interfaces) {
		struct kldsim__interface *interface = KLDSIM__INTERFACE(l);
		int version = interface->version;

		if (strcmp(interface->name, name) != 0)
			continue;
		/* The preferred version wins even outside the range. */
		if (version == dep->preferred)
			return (interface);
		if (version >= dep->minimum && version <= dep->maximum &&
		    (best == NULL || version > best->version))
			best = interface;
	}
	return (best);
}

int
kldsim__modlist_add(struct kldsim *sim, struct kldsim__file *file,
    const char *name, int version)
{
	struct kldsim__interface *interface;

	interface = kldsim__arena_alloc(&file->arena, sizeof(*interface));
	if (interface == NULL)
		return (kldsim__nomem(sim));
	interface->file = file;
	interface->name = name;
	interface->version = version;
	if (!kldsim__list_insert_tail(&sim->undo, &sim->interfaces,
	    &interface->link))
		return (kldsim__nomem(sim));
	return (0);
}
