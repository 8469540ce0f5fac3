/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Interfaces and dependencies: linker_load_dependencies() and
 * linker_addmodules() of sys/kern/kern_linker.c (K-30 to K-34).
 *
 * The kernel loads a missing dependency from within this loop.  Here the loop
 * stops and says what is missing; kern_kldload.c loads it and comes back.
 */

#include <stdio.h>
#include <string.h>

#include "link/kern_deps.h"
#include "kbi/kbi.h"
#include "kern/bad_news.h"
#include "kern/interface.h"
#include "link/kern_module.h"
#include "link/link.h"
#include "search/search.h"
#include "util/path.h"

int
kldsim__refuse_interface(struct kldsim *sim, const struct kldsim__file *file,
    const char *name, int version)
{
	const struct kldsim__interface *other =
	    kldsim__modlist_lookup(&sim->linker, name, version);
	const struct kldsim__where where = { .file = file->filename };
	struct kldsim__file_label label;

	kldsim__label_file(other->file, &label);
	return (kldsim__refuse(sim, KLDSIM__EEXIST, KLDSIM__F_ALREADY_LOADED,
	    &where, "its module %s, version %d, is there already: in %s",
	    other->name, other->version, label.text));
}

/* K-30 pass 1, and the names that the file itself provides. */
static int
check_versions(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__deps *deps)
{
	struct kldsim__set_walk walk;
	bool more;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__interface *other;
		const char *name;
		int version;

		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		other = kldsim__modlist_lookup(&sim->linker, name, version);
		if (other != NULL) {
			kldsim__console(sim, "interface %s.%d already present "
			    "in the KLD '%s'!", name, version,
			    other->file->filename);
			return (kldsim__refuse_interface(sim, file, name,
			    version));
		}
		if (!kldsim__strmap_add(&deps->own, name, 0))
			return (kldsim__nomem(sim));
	}
	return (error);
}

int
kldsim__deps_begin(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__deps *deps)
{
	int error;

	kldsim__strmap_init(&deps->own, &sim->alloc);
	error = kldsim__ref_file(sim, sim->linker.kernel, 1);
	if (error == 0)
		error = kldsim__add_dependency(sim, file, sim->linker.kernel);
	if (error == 0)
		error = check_versions(sim, file, deps);
	if (error == 0)
		error = kldsim__walk_begin(&deps->walk, sim, file,
		    "modmetadata_set", &deps->more);
	return (error);
}

void
kldsim__deps_fini(struct kldsim__deps *deps)
{
	kldsim__strmap_fini(&deps->own);
}

int
kldsim__walk_need(struct kldsim__set_walk *walk,
    const struct kldsim__strmap *own, struct kldsim__need *need_ret,
    bool *more_ret)
{
	struct kldsim__mod_metadata entry;
	uint32_t found;
	int error;

	do {
		error = kldsim__walk_metadata(walk, KLDSIM__MDT_DEPEND,
		    &entry, more_ret);
		if (error != 0 || !*more_ret)
			return (error);
		error = kldsim__walk_string(walk, entry.cval,
		    &need_ret->name);
		if (error != 0)
			return (error);
	} while (own != NULL &&
	    kldsim__strmap_get(own, need_ret->name, &found));
	if (!kldsim__meta_depend(&walk->sim->meta, entry.data,
	    &need_ret->range))
		return (kldsim__walk_broken(walk, entry.data,
		    "a struct mod_depend"));
	return (0);
}

int
kldsim__deps_next(struct kldsim *sim, struct kldsim__deps *deps,
    bool *missing_ret)
{
	struct kldsim__file *file = deps->walk.file;

	*missing_ret = false;
	while (deps->more) {
		struct kldsim__interface *provider;
		int error = kldsim__walk_need(&deps->walk, &deps->own,
		    &deps->need, &deps->more);

		if (error != 0 || !deps->more)
			return (error);
		kldsim__note_headers(file, deps->need.name,
		    &deps->need.range);
		provider = kldsim__modlist_lookup2(&sim->linker, deps->need.name,
		    &deps->need.range);
		*missing_ret = provider == NULL;
		if (provider == NULL)
			return (0);
		kldsim__note_dead_dependency(sim, file, deps->need.name,
		    provider->file);
		error = kldsim__ref_file(sim, provider->file, 1);
		if (error == 0)
			error = kldsim__add_dependency(sim, file,
			    provider->file);
		if (error != 0)
			return (error);
	}
	return (0);
}

void
kldsim__describe_range(const struct kldsim__mod_depend *range, char *text,
    size_t size)
{
	if (range->minimum == range->maximum &&
	    range->minimum == range->preferred)
		(void)snprintf(text, size, "version %d", range->minimum);
	else
		(void)snprintf(text, size, "version %d to %d, preferably %d",
		    range->minimum, range->maximum, range->preferred);
}

static const char *
release_name(int osreldate)
{
	const char *name = kldsim__release_name((uint32_t)osreldate);

	return (name != NULL ? name : "unknown");
}

bool
kldsim__explain_version(struct kldsim *sim, const struct kldsim__where *where,
    const struct kldsim__need *need)
{
	const struct kldsim__interface *offered =
	    kldsim__modlist_lookup(&sim->linker, need->name, 0);
	struct kldsim__who_provides elsewhere;
	struct kldsim__file_label label;
	char wanted[80];

	if (offered == NULL)
		return (false);
	kldsim__describe_range(&need->range, wanted, sizeof(wanted));
	if (offered->file == sim->linker.kernel &&
	    strcmp(need->name, "kernel") == 0) {
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, where, "it is built for another "
		    "release: it wants kernel %s (FreeBSD %s), this kernel "
		    "provides %d (FreeBSD %s)", wanted,
		    release_name(need->range.preferred), offered->version,
		    release_name(offered->version));
		if (need->range.maximum == need->range.preferred)
			(void)kldsim__refuse(sim, KLDSIM__ENOENT,
			    KLDSIM__F_KBI_TIED, where, "it is tied to kernel "
			    "%d, as what is built with a kernel is, and no "
			    "other will do, of the same branch neither",
			    need->range.preferred);
		return (true);
	}
	kldsim__label_file(offered->file, &label);
	kldsim__who_provides(sim, need->name, &need->range, &elsewhere);
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_DEPENDENCY,
	    where, "wants %s %s; %s provides %d%s%s%s", need->name, wanted,
	    label.text, offered->version, kldsim__kbi_interface(need->name,
	    need->range.preferred, offered->version), elsewhere.will_do ?
	    "; " : "", elsewhere.will_do ? elsewhere.text : "");
	return (true);
}

/* A file was found for it, and that is not how it went on. */
static void
file_failed(struct kldsim *sim, const struct kldsim__where *where,
    const char *wanted, const char *name, const struct kldsim__unmet *unmet)
{
	const char *file = kldsim__basename(unmet->path);
	const struct kldsim__file *loaded =
	    kldsim__find_file_by_name(&sim->linker, file);

	if (unmet->unprovided)
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, where, "wants %s %s; %s was loaded "
		    "for it and does not provide it", name, wanted,
		    unmet->path);
	else if (loaded == NULL)
		(void)kldsim__refuse(sim, unmet->error, KLDSIM__F_DEPENDENCY,
		    where, "wants %s %s; %s is there for it and was refused "
		    "itself just before (%s): see what is said of %s", name,
		    wanted, unmet->path, kldsim_errno_name(unmet->error),
		    file);
	else if (!loaded->linked)
		(void)kldsim__refuse(sim, unmet->error, KLDSIM__F_DEPENDENCY,
		    where, "wants %s %s; %s is there for it and waits for "
		    "this file itself: the two depend on each other", name,
		    wanted, unmet->path);
	else
		(void)kldsim__refuse(sim, unmet->error, KLDSIM__F_DEPENDENCY,
		    where, "wants %s %s; %s is there for it, but a file of "
		    "that name is loaded and does not provide it: %s", name,
		    wanted, unmet->path, loaded->pathname);
}

/* --- files that were refused in calls before --- */

/* Nobody looks for the reason that long ago, or among that many. */
#define MOST_REFUSED 100u

static const struct kldsim__refused_interface *
find_refused(const struct kldsim__linker *linker, const char *name)
{
	const struct kldsim__refused_interface *refused = linker->refused;

	while (refused != NULL && strcmp(refused->name, name) != 0)
		refused = refused->next;
	return (refused);
}

static int
remember(struct kldsim *sim, const char *name, const char *path)
{
	const struct kldsim__refused_interface *known =
	    find_refused(&sim->linker, name);
	struct kldsim__refused_interface *refused;

	if (sim->linker.nrefused == MOST_REFUSED ||
	    (known != NULL && strcmp(known->path, path) == 0))
		return (0);
	refused = kldsim__arena_calloc(&sim->arena, 1, sizeof(*refused));
	if (refused == NULL ||
	    (refused->name = kldsim__arena_strdup(&sim->arena, name)) ==
	    NULL || (refused->path = kldsim__arena_strdup(&sim->arena,
	    path)) == NULL)
		return (kldsim__nomem(sim));
	refused->next = sim->linker.refused;
	if (!KLDSIM__SET(&sim->undo, sim->linker.refused, refused) ||
	    !KLDSIM__SET(&sim->undo, sim->linker.nrefused,
	    sim->linker.nrefused + 1))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__remember_refused(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	bool more;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more && sim->linker.nrefused < MOST_REFUSED) {
		const char *name;
		int version;

		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error == 0 && more)
			error = remember(sim, name, file->pathname);
	}
	return (error);
}

/* Nobody has it whom the kernel knows of. */
static void
refuse_unprovided(struct kldsim *sim, const struct kldsim__where *where,
    const char *wanted, const struct kldsim__need *need)
{
	struct kldsim__who_provides who;
	struct kldsim__folders folders;

	kldsim__who_provides(sim, need->name, &need->range, &who);
	kldsim__describe_folders(&sim->search, who.path == NULL, &folders);
	if (who.path != NULL)
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, where, "wants %s %s; no loaded file "
		    "provides it; %s (%s)", need->name, wanted, who.text,
		    folders.text);
	else
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, where, "wants %s %s; no loaded file "
		    "provides it, and no folder has a file %s.ko or a "
		    "linker.hints by which another one does (%s)%s%s",
		    need->name, wanted, need->name, folders.text,
		    *who.text != '\0' ? "; " : "", who.text);
}

/* What is wanted, beside what there is. */
static void
explain(struct kldsim *sim, const struct kldsim__deps *deps,
    const struct kldsim__unmet *unmet)
{
	const char *name = deps->need.name;
	struct kldsim__where where = {
		.file = deps->walk.file->filename };
	const struct kldsim__refused_interface *refused;
	char wanted[80];

	if (kldsim__explain_version(sim, &where, &deps->need))
		return;
	kldsim__describe_range(&deps->need.range, wanted, sizeof(wanted));
	if (unmet->path != NULL) {
		file_failed(sim, &where, wanted, name, unmet);
		return;
	}
	refused = find_refused(&sim->linker, name);
	if (refused != NULL) {
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, &where, "wants %s %s; %s would "
		    "provide it and was refused before: see what is said of "
		    "that one", name, wanted, refused->path);
		return;
	}
	refuse_unprovided(sim, &where, wanted, &deps->need);
}

void
kldsim__deps_failed(struct kldsim *sim, const struct kldsim__deps *deps,
    const struct kldsim__unmet *unmet)
{
	explain(sim, deps, unmet);
	kldsim__console(sim, "KLD %s: depends on %s - not available or "
	    "version mismatch", deps->walk.file->filename, deps->need.name);
}

int
kldsim__add_interfaces(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	bool more;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__where where = { .file = file->filename };
		const char *name;
		int version;

		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		if (kldsim__modlist_lookup(&sim->linker, name, version) != NULL) {
			kldsim__console(sim, "module %s already present!",
			    name);
			kldsim__find(sim, KLDSIM__F_INTERFACE_TWICE, &where,
			    "interface %s version %d is provided twice; the "
			    "second one is ignored", name, version);
			continue;
		}
		if (file != sim->linker.kernel && strcmp(name, "kernel") == 0)
			kldsim__find(sim, KLDSIM__F_PROVIDES_KERNEL, &where,
			    "%s provides the interface kernel, version %d: "
			    "other modules will take it for the kernel's",
			    file->filename, version);
		error = kldsim__modlist_add(sim, file, name, version);
	}
	return (error);
}
