/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Unloading a file: linker_file_unload() of sys/kern/kern_linker.c (U-10 to
 * U-12, K-23).
 */

#include "link/kern_module.h"
#include "link/kern_sysctl.h"
#include "link/kern_sysinit.h"
#include "kern/bad_news.h"
#include "kern/events.h"
#include "kern/interface.h"
#include "link/link.h"
#include "link/sdt.h"
#include "vnet/vnet.h"

/*
 * A file that would not go, though its load has failed (K-23, Z-81, L-15).  One
 * that is linked is another version than was asked for (K-09, ENOENT), or has
 * no module left (K-22 step 7, ENOEXEC).
 */
static void
note_zombie(struct kldsim *sim, const struct kldsim__file *file, int error)
{
	struct kldsim__where where = { .file = file->filename };
	const char *why = sim->policy.securelevel > 0 ?
	    "the securelevel forbids to unload it" :
	    "a module of it refuses to be unloaded";

	if (file->linked)
		kldsim__find(sim, KLDSIM__F_ZOMBIE, &where, "%s %s, and %s: "
		    "it stays loaded, and nobody can unload it",
		    file->filename, error == KLDSIM__ENOENT ?
		    "is not the version that was asked for" :
		    "has no module left", why);
	else
		kldsim__find(sim, KLDSIM__F_ZOMBIE, &where, "%s cannot be "
		    "loaded and %s: it stays in the list, not linked, and its "
		    "name is taken for good", file->filename, why);
}

int
kldsim__load_failed(struct kldsim *sim, struct kldsim__file *file, int error)
{
	int unload;

	if (error < 0)
		return (error);
	unload = kldsim__linker_file_unload(sim, file,
	    KLDSIM_UNLOAD_FORCE);
	if (unload > 0)
		note_zombie(sim, file, error);
	return (unload < 0 ? unload : error);
}

/* U-10 step 6. */
static int
remove_interfaces(struct kldsim *sim, const struct kldsim__file *file)
{
	int error = 0;

	while (error == 0 && !kldsim__list_empty(&file->interfaces))
		error = kldsim__modlist_remove(sim, KLDSIM__ENTRY(
		    file->interfaces.next, struct kldsim__interface,
		    file_link));
	return (error);
}

/* U-10 step 7: what only a linked file has. */
static int
unlink_file(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	if (!file->linked)
		return (0);
	if (!KLDSIM__SET(&sim->undo, file->linked, false))
		return (kldsim__nomem(sim));
	error = kldsim__unregister_sysctls(sim, file);
	if (error == 0)
		error = kldsim__run_sysuninits(sim, file);
	/* Later releases say so here, for linked files alone (V-09). */
	if (error == 0 && sim->facts.unload_events_only_linked)
		error = kldsim__record_kld(sim, file,
		    KLDSIM_EVENT_KLD_UNLOAD);
	return (error);
}

/* What of it is on the kernel's heap. */
static int
free_commons(struct kldsim *sim, struct kldsim__file *file)
{
	if (file->object != 0 &&
	    !kldsim__aspace_unmap(&sim->space, file->object))
		return (kldsim__nomem(sim));
	for (struct kldsim__common *common = file->commons; common != NULL;
	    common = common->next)
		if (!kldsim__aspace_unmap(&sim->space, common->address) ||
		    !kldsim__buckets_remove(&sim->linker.commons_by_name,
		    &common->by_name))
			return (kldsim__nomem(sim));
	return (0);
}

/* Everything before the dependencies; a refusal leaves the file (step 5). */
static int
take_down(struct kldsim *sim, struct kldsim__file *file, int flags)
{
	int error = 0;

	if (file->linked || !sim->facts.unload_events_only_linked) {
		error = kldsim__record_kld(sim, file,
		    KLDSIM_EVENT_KLD_UNLOAD_TRY);
		if (error == 0)
			error = kldsim__sdt_unload_try(sim, file);
	}
	if (error == 0)
		error = kldsim__unload_modules(sim, file, flags);
	if (error == 0)
		error = remove_interfaces(sim, file);
	if (error == 0)
		error = unlink_file(sim, file);
	if (error == 0)
		error = kldsim__vnet_forget(sim, file);
	if (error == 0)
		error = kldsim__name_events(sim, file);
	if (error == 0)
		error = kldsim__drop_file(sim, file);
	return (error);
}

/*
 * The kernel's own file can come to this where its userrefs are 1 (V-12) or
 * its references were dropped (V-08).  Some module of it will refuse.
 */
static int
unload_kernel(struct kldsim *sim, int flags)
{
	struct kldsim__where where = { .file = sim->linker.kernel->filename };
	int error = kldsim__record_kld(sim, sim->linker.kernel,
	    KLDSIM_EVENT_KLD_UNLOAD_TRY);

	if (error != 0)
		return (error);
	kldsim__find(sim, KLDSIM__F_KERNEL_UNLOAD, &where,
	    "the kernel begins to unload itself and asks its own modules; it "
	    "is taken for granted that one of them refuses");
	return (kldsim__kernel_modules_refuse(sim, flags));
}

/* A file on its way out, and how many of its dependencies are done. */
struct unloading {
	struct unloading *parent;
	struct kldsim__file *file;
	size_t next_dep;
};

/* Who needs a file, for messages: the last one that was loaded. */
const struct kldsim__file *
kldsim__dependent_of(const struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__file *found = NULL;

	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *other = KLDSIM__FILE(l);

		for (size_t i = 0; i < other->ndeps; i++)
			if (other->deps[i] == file)
				found = other;
	}
	return (found);
}

/* References are all that is counted (U-16). */
static void
note_dependent(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__file *user = kldsim__dependent_of(sim, file);
	const struct kldsim__where where = { .file = file->filename };

	if (user != NULL)
		kldsim__find(sim, KLDSIM__F_UNLOADED_IN_USE, &where, "it "
		    "goes, though %s depends on it: more references were "
		    "given back than were taken", user->filename);
}

/* A dependency that is not there any more (U-16). */
static int
use_after_free(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__where where = { .file = file->filename };

	return (kldsim__panic(sim, KLDSIM__F_UNLOADED_IN_USE, &where, "it is "
	    "to be unloaded a second time, as another file's dependency: the "
	    "kernel takes what it has freed for a file, and takes it out of "
	    "lists in which it is not"));
}

/*
 * Begin with a file: drop a reference, or take it down and put it on the
 * stack to have its dependencies released.
 */
static int
begin(struct kldsim *sim, struct kldsim__file *file, int flags,
    struct unloading **top)
{
	const struct kldsim__where where = { .file = file->filename };
	struct unloading *entry;
	int error;

	/* Even a reference stays (L-15). */
	if (sim->policy.securelevel > 0) {
		kldsim__find(sim, KLDSIM__F_FORBIDDEN, &where, "the "
		    "securelevel is %d: nothing is unloaded",
		    sim->policy.securelevel);
		return (KLDSIM__EPERM);
	}
	if (file->gone)
		return (use_after_free(sim, file));
	if (file->refs > 1)
		return (kldsim__ref_file(sim, file, -1));
	if (file == sim->linker.kernel)
		return (unload_kernel(sim, flags));
	error = take_down(sim, file, flags);
	if (error != 0)
		return (error);
	if (file->gone)
		note_dependent(sim, file);
	entry = kldsim__arena_alloc(&file->arena, sizeof(*entry));
	if (entry == NULL)
		return (kldsim__nomem(sim));
	entry->parent = *top;
	entry->file = file;
	entry->next_dep = 0;
	*top = entry;
	return (0);
}

/* U-10 step 10, once the dependencies are released. */
static int
finish(struct kldsim *sim, struct kldsim__file *file)
{
	int error = free_commons(sim, file);

	if (error == 0)
		error = file->class->unload(sim, file);
	if (error == 0 && !sim->facts.unload_events_only_linked)
		error = kldsim__record_kld(sim, file,
		    KLDSIM_EVENT_KLD_UNLOAD);
	return (error);
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
	int error = begin(sim, file, flags, &top);

	while (error == 0 && top != NULL) {
		struct kldsim__file *last = top->file;

		if (top->next_dep < last->ndeps) {
			struct kldsim__file *dep =
			    last->deps[top->next_dep++];

			error = kldsim__lose_dependent(sim, dep);
			if (error == 0)
				error = begin(sim, dep, flags, &top);
			/* A dependency that refuses just stays (step 9). */
			if (error > 0)
				error = 0;
			continue;
		}
		top = top->parent;
		error = finish(sim, last);
	}
	return (error);
}
