/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Loading and unloading a file: linker_load_file() and linker_file_unload() of
 * sys/kern/kern_linker.c (K-20 to K-23, U-10).
 */

#include <errno.h>

#include "link/link.h"

/* The classes in the order in which the kernel registers them (L-02). */
static const struct kldsim__linker_class *const classes[] = {
	&kldsim__link_elf_obj,
	&kldsim__link_elf,
};

static bool
has_class(const struct kldsim *sim, const struct kldsim__linker_class *class)
{
	return (class != &kldsim__link_elf_obj ||
	    sim->arch->obj_class != NULL);
}

/*
 * A host that has run out of something has failed; any other reason why a
 * file does not open is what the simulated kernel would see too.
 */
static int
open_error(struct kldsim *sim, const struct kldsim_error *error)
{
	if (error->status != KLDSIM_SYS || error->sys_errno == EMFILE ||
	    error->sys_errno == ENFILE || error->sys_errno == ENOMEM)
		return (kldsim__fail(sim, error->status, "%s", error->text));
	/* A file that is not regular opens, and is refused after (O-01). */
	if (error->sys_errno == EISDIR || error->sys_errno == EINVAL)
		return (KLDSIM__ENOEXEC);
	return (kldsim__errno_from_host(error->sys_errno));
}

static int
open_image(struct kldsim *sim, const char *path,
    struct kldsim_image **image_ret)
{
	struct kldsim_error error = { KLDSIM_OK, 0, "" };

	if (kldsim_image_open(path, image_ret, &error) == KLDSIM_OK)
		return (0);
	return (open_error(sim, &error));
}

/* Ask one class after the other (K-20 step 3). */
static int
try_classes(struct kldsim *sim, struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret, bool *found_ret)
{
	int error = KLDSIM__ENOENT;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!has_class(sim, classes[i]))
			continue;
		error = classes[i]->load_file(sim, image, path, file_ret);
		if (error != KLDSIM__ENOENT)
			*found_ret = true;
		if (error <= 0)
			return (error);
		if (error == KLDSIM__EEXIST &&
		    sim->facts.eexist_stops_classes)
			break;
	}
	return (error);
}

/* K-22 once a class has made the file. */
static int
finish_load(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	error = kldsim__register_modules(sim, file);
	if (error == KLDSIM__EEXIST)
		return (kldsim__load_failed(sim, file, error));
	if (error < 0)
		return (error);
	error = 0;
	if (sim->facts.propagates_vnets_after_sysctls && sim->vnet.present &&
	    file->class->propagate_vnets != NULL)
		error = file->class->propagate_vnets(sim, file);
	if (error == 0)
		error = kldsim__run_sysinits(sim, file);
	if (error == 0)
		file->linked = true;
	return (error);
}

/* The answer when no class took the file (K-20 step 5, K-21). */
static int
nobody_took_it(struct kldsim *sim, const char *path, int error, bool found)
{
	if (!found)
		return (KLDSIM__ENOENT);
	if (error == KLDSIM__ENOSYS)
		kldsim__console(sim, "linker_load_file: %s - unsupported file "
		    "type", path);
	return (error == KLDSIM__EEXIST ? error : KLDSIM__ENOEXEC);
}

int
kldsim__linker_load_file(struct kldsim *sim, struct kldsim_image *image,
    const char *path, struct kldsim__file **file_ret)
{
	struct kldsim_image *opened = NULL;
	bool found = false;
	int error = 0;

	if (image == NULL) {
		error = open_image(sim, path, &opened);
		image = opened;
	}
	if (error == 0)
		error = try_classes(sim, image, path, file_ret, &found);
	else if (error > 0)
		found = error != KLDSIM__ENOENT;
	kldsim_image_unref(opened);
	if (error > 0)
		return (nobody_took_it(sim, path, error, found));
	if (error == 0)
		error = finish_load(sim, *file_ret);
	return (error);
}

int
kldsim__load_failed(struct kldsim *sim, struct kldsim__file *file, int error)
{
	int unload;

	if (error < 0)
		return (error);
	unload = kldsim__linker_file_unload(sim, file,
	    KLDSIM_UNLOAD_FORCE);
	return (unload < 0 ? unload : error);
}

/* U-10 step 6. */
static int
remove_interfaces(struct kldsim *sim, const struct kldsim__file *file)
{
	struct kldsim__link *next;

	for (struct kldsim__link *l = sim->interfaces.next;
	    l != &sim->interfaces; l = next) {
		next = l->next;
		if (KLDSIM__INTERFACE(l)->file == file &&
		    !kldsim__list_remove(&sim->undo, l))
			return (kldsim__nomem(sim));
	}
	return (0);
}

static int
free_commons(struct kldsim *sim, struct kldsim__file *file)
{
	for (struct kldsim__common *common = file->commons; common != NULL;
	    common = common->next)
		if (!kldsim__aspace_unmap(&sim->space, common->address))
			return (kldsim__nomem(sim));
	return (0);
}

/*
 * Really unload one file (U-10 steps 3 to 10), its dependencies apart: those
 * are handed back.
 */
static int
unload_one(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	error = kldsim__release_modules(sim, file);
	if (error == 0)
		error = remove_interfaces(sim, file);
	if (error == 0 && !KLDSIM__SET(&sim->undo, file->linked, false))
		error = kldsim__nomem(sim);
	if (error == 0)
		error = free_commons(sim, file);
	return (error);
}

/* A file on its way out, and how many of its dependencies are done. */
struct unloading {
	struct unloading *parent;
	struct kldsim__file *file;
	size_t next_dep;
};

/* The last steps, once the dependencies are released. */
static int
finish_unload(struct kldsim *sim, struct kldsim__file *file)
{
	return (file->class->unload(sim, file));
}

/*
 * Begin with a file: drop a reference, or take it out of the list and put it
 * on the stack.  *pushed_ret says which.
 */
static int
begin_unload(struct kldsim *sim, struct kldsim__file *file,
    struct unloading **top, bool *pushed_ret)
{
	struct unloading *entry;
	int error;

	*pushed_ret = false;
	if (file->refs > 1)
		return (kldsim__ref_file(sim, file, -1));
	error = unload_one(sim, file);
	if (error == 0)
		error = kldsim__drop_file(sim, file);
	if (error != 0)
		return (error);
	entry = kldsim__arena_alloc(&file->arena, sizeof(*entry));
	if (entry == NULL)
		return (kldsim__nomem(sim));
	entry->parent = *top;
	entry->file = file;
	entry->next_dep = 0;
	*top = entry;
	*pushed_ret = true;
	return (0);
}

/*
 * The kernel recurses into dependencies; a chain can be as long as there are
 * files, so here the stack is a list in the files' own arenas.
 */
int
kldsim__linker_file_unload(struct kldsim *sim, struct kldsim__file *file,
    int flags)
{
	struct unloading *top = NULL;
	bool pushed;
	int error;

	(void)flags; /* FORCE overrides only what a module's handler says */
	error = begin_unload(sim, file, &top, &pushed);
	while (error == 0 && top != NULL) {
		struct kldsim__file *last = top->file;

		if (top->next_dep < last->ndeps) {
			error = begin_unload(sim,
			    last->deps[top->next_dep++], &top, &pushed);
			continue;
		}
		top = top->parent;
		error = finish_unload(sim, last);
	}
	return (error);
}
