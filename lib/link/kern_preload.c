/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files that the boot loader has preloaded: linker_preload() and
 * linker_preload_finish() of sys/kern/kern_linker.c (P-20 to P-28).
 * CTF, which the kernel reads on mountroot (P-29), is read when somebody asks
 * (linker_class/ctf.c).
 *
 * Which files there are is asked of the boot loader's metadata block.  All
 * arrays here go by their order in it, the kernel left out.
 */

#include "link/kern_preload.h"

#include <string.h>

#include "kern/bad_news.h"
#include "kbi/kbi.h"
#include "kern/interface.h"
#include "link/kern_deps.h"
#include "link/kern_module.h"
#include "link/kern_sysctl.h"
#include "link/link.h"
#include "search/search.h"
#include "util/path.h"

/* One preloaded file that waits for its dependencies. */
struct waiting {
	struct kldsim__file *file; /* NULL: refused, or resolved */
	struct kldsim__need *needs; /* read once */
	size_t nneeds;
	size_t met; /* needs before this one are met */
};

/* An interface that a file would provide if it had not been dropped. */
struct offer {
	const struct offer *next;
	const char *name;
	int version;
	const char *path; /* the file's, which unloading takes out of the block */
};

/* --- link_preload --- */

/* L-18: what the loader says of the kernel overrides what the kernel knows. */
static void
take_kernel(struct kldsim *sim)
{
	const struct kldsim__preload_metadata *md = &sim->booted.metadata;
	size_t mod = kldsim__preload_search_by_type(md,
	    KLDSIM__TYPE_KERNEL);

	(void)kldsim__preload_word(md, mod, KLDSIM__MODINFO_ADDR,
	    &sim->linker.kernel->address);
	(void)kldsim__preload_word(md, mod, KLDSIM__MODINFO_SIZE,
	    &sim->linker.kernel->size);
}

/* One record of the block: the first class that takes it (P-20). */
static int
link_one(struct kldsim *sim, const struct kldsim__preloaded *loaded,
    struct kldsim__file **file_ret)
{
	int error = KLDSIM__EFTYPE;

	*file_ret = NULL;

	for (size_t i = 0; i < KLDSIM__NCLASSES && error == KLDSIM__EFTYPE;
	    i++) {
		const struct kldsim__linker_class *class =
		    kldsim__linker_classes[i];

		if (class->link_preload != NULL)
			error = class->link_preload(sim, loaded, file_ret);
	}
	if (error > 0 && *file_ret != NULL)
		error = kldsim__load_failed(sim, *file_ret, error);
	return (error);
}

/* --- dependencies (P-26) --- */

/* The names of the file's own interfaces. */
static int
read_own(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__strmap *own)
{
	struct kldsim__set_walk walk;
	const char *name;
	bool more;
	int version;
	int error;

	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error == 0 && more && !kldsim__strmap_add(own, name, 0))
			error = kldsim__nomem(sim);
	}
	return (error);
}

/* All MDT_DEPENDs but those for the file's own interfaces. */
static int
read_needs(struct kldsim *sim, struct waiting *waiting)
{
	struct kldsim__file *file = waiting->file;
	struct kldsim__set_walk walk;
	struct kldsim__strmap own;
	size_t room;
	bool more;
	int error;

	kldsim__strmap_init(&own, &sim->alloc);
	error = read_own(sim, file, &own);
	if (error == 0)
		error = kldsim__walk_begin(&walk, sim, file,
		    "modmetadata_set", &more);
	if (error == 0 && more) {
		room = (size_t)((walk.stop - walk.at) /
		    kldsim__arch_ptrsz(sim->arch)) + 1;
		waiting->needs = kldsim__arena_calloc(&file->arena, room,
		    sizeof(*waiting->needs));
		if (waiting->needs == NULL)
			error = kldsim__nomem(sim);
	}
	while (error == 0 && more) {
		struct kldsim__need *need = &waiting->needs[waiting->nneeds];

		error = kldsim__walk_need(&walk, &own, need, &more);
		if (error == 0 && more)
			waiting->nneeds++;
	}
	kldsim__strmap_fini(&own);
	return (error);
}

static bool
is_met(const struct kldsim *sim, struct waiting *waiting)
{
	while (waiting->met < waiting->nneeds) {
		const struct kldsim__need *need = &waiting->needs[waiting->met];

		if (kldsim__modlist_lookup2(&sim->linker, need->name, &need->range) ==
		    NULL)
			return (false);
		waiting->met++;
	}
	return (true);
}

/* A file is dropped; whatever counted on it has to be asked again. */
static int
drop(struct kldsim__preload *preload, size_t which, int error)
{
	struct waiting *all = preload->waiting;
	struct kldsim__file *file = all[which].file;

	preload->at = which;
	all[which].file = NULL;
	preload->errors[which] = error;
	for (size_t i = 0; i < preload->count; i++)
		all[i].met = 0;
	error = kldsim__load_failed(preload->sim, file, error);
	return (error < 0 ? error : 0);
}

static const char *
path_of(const struct kldsim__preload *preload, size_t which)
{
	return (kldsim__preload_string(&preload->sim->booted.metadata,
	    preload->loaded[which].mod, KLDSIM__MODINFO_NAME));
}

/* What a file provides that is about to be dropped: others may wait for that. */
static int
keep_offers(struct kldsim__preload *preload, size_t which)
{
	struct kldsim *sim = preload->sim;
	struct kldsim__arena *arena = &preload->arena;
	const char *path = path_of(preload, which);
	struct kldsim__set_walk walk;
	bool more;
	int error;

	path = kldsim__arena_strdup(arena, path != NULL ? path : "");
	if (path == NULL)
		return (kldsim__nomem(sim));
	error = kldsim__walk_begin(&walk, sim, preload->waiting[which].file,
	    "modmetadata_set", &more);
	while (error == 0 && more) {
		struct offer *offer;
		const char *name;
		int version;

		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		offer = kldsim__arena_alloc(arena, sizeof(*offer));
		name = kldsim__arena_strdup(arena, name);
		if (offer == NULL || name == NULL)
			return (kldsim__nomem(sim));
		*offer = (struct offer) { preload->offers, name, version, path };
		preload->offers = offer;
	}
	return (error);
}

/*
 * linker_addmodules() of a file whose needs are met: an interface that is
 * there already drops the file, with what was added of it.
 */
static int
add_interfaces(struct kldsim__preload *preload, size_t which, bool *kept_ret)
{
	struct kldsim *sim = preload->sim;
	struct kldsim__file *file = preload->waiting[which].file;
	struct kldsim__set_walk walk;
	bool more;
	int error;

	*kept_ret = true;
	preload->at = which;
	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		const char *name;
		int version;

		error = kldsim__walk_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		if (kldsim__modlist_lookup(&sim->linker, name, version) != NULL) {
			kldsim__console(sim, "module %s already present!",
			    name);
			*kept_ret = false;
			error = keep_offers(preload, which);
			return (error != 0 ? error : drop(preload, which,
			    kldsim__refuse_interface(sim, file, name,
			    version)));
		}
		error = kldsim__modlist_add(sim, file, name, version);
	}
	return (error);
}

/* The first file, in blob order, that can go; count if there is none. */
static size_t
find_met(const struct kldsim__preload *preload)
{
	size_t i;

	for (i = 0; i < preload->count; i++)
		if (preload->waiting[i].file != NULL &&
		    is_met(preload->sim, &preload->waiting[i]))
			break;
	return (i);
}

/* From the beginning each time one has gone (P-26). */
static int
resolve(struct kldsim__preload *preload)
{
	for (;;) {
		size_t which = find_met(preload);
		bool kept;
		int error;

		if (which == preload->count)
			return (0);
		error = add_interfaces(preload, which, &kept);
		if (error != 0)
			return (error);
		if (!kept)
			continue;
		preload->ordered[preload->nordered++] = which;
		preload->files[which] = preload->waiting[which].file;
		preload->waiting[which].file = NULL;
	}
}

/* Whether a file that waits itself has what another one waits for. */
static int
provides(struct kldsim *sim, struct kldsim__file *file, const char *wanted,
    bool *provides_ret)
{
	struct kldsim__set_walk walk;
	const char *name;
	bool more;
	int version;
	int error;

	*provides_ret = false;
	error = kldsim__walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more && !*provides_ret) {
		error = kldsim__walk_version(&walk, &name, &version, &more);
		*provides_ret = error == 0 && more &&
		    strcmp(name, wanted) == 0;
	}
	return (error);
}

/* Whether a preloaded file is called like an interface. */
static bool
is_called(const struct kldsim__preload *preload, size_t which,
    const char *wanted)
{
	const char *path = path_of(preload, which);
	const char *file = path == NULL ? "" : kldsim__basename(path);
	const size_t length = strlen(wanted);

	return (strncmp(file, wanted, length) == 0 && (file[length] == '\0' ||
	    strcmp(file + length, ".ko") == 0));
}

/*
 * The file that was refused before and would have met a need: it provides that,
 * or nobody knows what it provides, and it is called so.
 */
static const char *
refused_before(const struct kldsim__preload *preload,
    const struct kldsim__need *need, int *error_ret)
{
	for (const struct offer *offer = preload->offers; offer != NULL;
	    offer = offer->next)
		if (strcmp(offer->name, need->name) == 0 &&
		    offer->version >= need->range.minimum &&
		    offer->version <= need->range.maximum) {
			*error_ret = KLDSIM__EEXIST;
			return (offer->path);
		}
	for (size_t i = 0; i < preload->count; i++) {
		*error_ret = preload->errors[i];
		if (*error_ret != 0 && is_called(preload, i, need->name))
			return (path_of(preload, i));
	}
	return (NULL);
}

/* What a leftover waits for, and what became of that. */
static int
explain_leftover(struct kldsim__preload *preload, struct waiting *waiting)
{
	struct kldsim *sim = preload->sim;
	const struct kldsim__where where = {
		.file = waiting->file->filename };
	const struct kldsim__need *need;
	struct kldsim__who_provides who;
	const char *refused;
	char wanted[80];
	int why;

	(void)is_met(sim, waiting);
	need = &waiting->needs[waiting->met];
	if (kldsim__explain_version(sim, &where, need))
		return (0);
	kldsim__describe_range(&need->range, wanted, sizeof(wanted));
	for (size_t i = 0; i < preload->count; i++) {
		const struct kldsim__file *other = preload->waiting[i].file;
		bool has = false;
		int error = other == NULL ? 0 : provides(sim,
		    preload->waiting[i].file, need->name, &has);

		if (error != 0)
			return (error);
		if (!has)
			continue;
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, &where, "wants %s %s; %s has it, "
		    "and is refused for lack of a dependency itself",
		    need->name, wanted, other->filename);
		return (0);
	}
	refused = refused_before(preload, need, &why);
	if (refused != NULL) {
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, &where, "wants %s %s, which no "
		    "preloaded file provides; %s was preloaded, and refused "
		    "itself before: %s", need->name, wanted, refused,
		    kldsim_errno_name(why));
		return (0);
	}
	kldsim__who_provides(sim, need->name, &need->range, &who);
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_DEPENDENCY,
	    &where, "wants %s %s, which no preloaded file provides%s%s",
	    need->name, wanted, who.will_do ? "; preload it as well: " : "",
	    who.will_do ? who.path : "");
	return (0);
}

static int
drop_leftovers(struct kldsim__preload *preload)
{
	int error = 0;

	/* Of all, before the first one goes: some wait for each other. */
	for (size_t i = 0; i < preload->count && error == 0; i++)
		if (preload->waiting[i].file != NULL)
			error = explain_leftover(preload,
			    &preload->waiting[i]);
	for (size_t i = 0; i < preload->count && error == 0; i++) {
		struct waiting *waiting = &preload->waiting[i];

		if (waiting->file == NULL)
			continue;
		kldsim__console(preload->sim, "KLD file %s is missing "
		    "dependencies", waiting->file->filename);
		error = drop(preload, i, KLDSIM__ENOENT);
	}
	return (error);
}

/* --- finalisation (P-27) --- */

/* It was there when the order was found, or is the file's own (P-27). */
static int
lost_provider(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__need *need)
{
	const struct kldsim__where where = { .file = file->filename };
	char wanted[80];

	if (kldsim__explain_version(sim, &where, need))
		return (KLDSIM__ENOENT);
	kldsim__describe_range(&need->range, wanted, sizeof(wanted));
	return (kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_DEPENDENCY,
	    &where, "wants %s %s; the preloaded file that provides it was "
	    "refused itself just before: see what is said of that one",
	    need->name, wanted));
}

/* Every MDT_DEPEND once more, self references included. */
static int
add_dependencies(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__set_walk walk;
	bool more;
	int error;

	error = kldsim__ref_file(sim, sim->linker.kernel, 1);
	if (error == 0)
		error = kldsim__add_dependency(sim, file, sim->linker.kernel);
	if (error == 0)
		error = kldsim__walk_begin(&walk, sim, file,
		    "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__interface *provider;
		struct kldsim__need need;

		error = kldsim__walk_need(&walk, NULL, &need, &more);
		if (error != 0 || !more)
			break;
		kldsim__note_headers(file, need.name, &need.range);
		provider = kldsim__modlist_lookup2(&sim->linker, need.name,
		    &need.range);
		if (provider == NULL) {
			kldsim__console(sim, "KLD file %s - cannot find "
			    "dependency \"%s\"", file->filename, need.name);
			return (lost_provider(sim, file, &need));
		}
		if (provider->file == file)
			continue;
		kldsim__note_dead_dependency(sim, file, need.name,
		    provider->file);
		error = kldsim__ref_file(sim, provider->file, 1);
		if (error == 0)
			error = kldsim__add_dependency(sim, file,
			    provider->file);
	}
	return (error);
}

static int
finalise_one(struct kldsim *sim, struct kldsim__file *file)
{
	int error = add_dependencies(sim, file);

	if (error != 0)
		return (error);
	error = file->class->load_finish(sim, file);
	if (error > 0)
		kldsim__console(sim, "KLD file %s - could not finalize "
		    "loading", file->filename);
	if (error >= 0)
		file->class->lint(sim, file);
	return (error == 0 ? kldsim__kbi_lint(sim, file) : error);
}

static int
finalise(struct kldsim__preload *preload)
{
	struct kldsim *sim = preload->sim;
	int error = 0;

	for (size_t i = 0; i < preload->nordered && error >= 0; i++) {
		size_t which = preload->ordered[i];
		struct kldsim__file *file = preload->files[which];

		preload->at = which;
		error = finalise_one(sim, file);
		if (error > 0) {
			preload->errors[which] = error;
			preload->files[which] = NULL;
			error = kldsim__load_failed(sim, file, error);
			continue;
		}
		/* The answer is ignored here (P-27). */
		if (error == 0)
			error = kldsim__register_modules(sim, file, true);
		if (error < 0)
			break;
		preload->had_modules[which] =
		    !kldsim__list_empty(&file->modules);
		error = kldsim__register_sysctls(sim, file);
		if (error != 0)
			break;
		file->linked = true;
	}
	return (error < 0 ? error : 0);
}

/* --- the whole --- */

static int
allocate(struct kldsim__preload *preload)
{
	struct kldsim__arena *arena = &preload->arena;
	size_t n = preload->count;

	preload->waiting = kldsim__arena_calloc(arena, n,
	    sizeof(*preload->waiting));
	preload->ordered = kldsim__arena_calloc(arena, n,
	    sizeof(*preload->ordered));
	preload->files = kldsim__arena_calloc(arena, n,
	    sizeof(struct kldsim__file *));
	preload->errors = kldsim__arena_calloc(arena, n,
	    sizeof(*preload->errors));
	preload->had_modules = kldsim__arena_calloc(arena, n,
	    sizeof(*preload->had_modules));
	return (preload->waiting == NULL || preload->ordered == NULL ||
	    preload->files == NULL || preload->errors == NULL ||
	    preload->had_modules == NULL ? kldsim__nomem(preload->sim) : 0);
}

/* A file of the loader that no class has taken (P-20). */
static void
nobody_linked(const struct kldsim__preload *preload, size_t which)
{
	const struct kldsim__preload_metadata *md =
	    &preload->sim->booted.metadata;
	const size_t mod = preload->loaded[which].mod;
	const char *name = kldsim__preload_string(md, mod,
	    KLDSIM__MODINFO_NAME);
	const char *type = kldsim__preload_string(md, mod,
	    KLDSIM__MODINFO_TYPE);
	const struct kldsim__where where = {
		.file = name != NULL ? kldsim__basename(name) : NULL };

	(void)kldsim__refuse(preload->sim, preload->errors[which],
	    KLDSIM__F_PRELOAD, &where, "the boot loader hands it over as "
	    "\"%s\", and no linker class of this kernel takes that",
	    type != NULL ? type : "");
}

/*
 * For each record, link_preload.  The kernel's own is of no class's type, and
 * nothing is said of those that nobody takes (P-20).
 */
static int
link_all(struct kldsim__preload *preload)
{
	int error = 0;

	for (size_t i = 0; i < preload->count && error == 0; i++) {
		struct waiting *waiting = &preload->waiting[i];
		const size_t before = preload->sim->report.nrefusals;

		preload->at = i;
		error = link_one(preload->sim, &preload->loaded[i],
		    &waiting->file);
		if (error == 0) {
			error = read_needs(preload->sim, waiting);
		} else if (error > 0) {
			preload->errors[i] = error;
			waiting->file = NULL;
			error = 0;
			if (preload->sim->report.nrefusals == before)
				nobody_linked(preload, i);
		}
	}
	return (error);
}

int
kldsim__linker_preload(struct kldsim__preload *preload)
{
	int error = allocate(preload);

	if (error != 0)
		return (error);
	preload->at = KLDSIM__NO_PRELOAD;
	preload->sim->linker.preloading = true;
	take_kernel(preload->sim);
	error = link_all(preload);
	if (error == 0)
		error = resolve(preload);
	if (error == 0)
		error = drop_leftovers(preload);
	if (error == 0)
		error = finalise(preload);
	preload->sim->linker.preloading = false;
	if (error >= 0)
		preload->at = KLDSIM__NO_PRELOAD;
	return (error);
}

int
kldsim__linker_preload_finish(struct kldsim__preload *preload)
{
	struct kldsim *sim = preload->sim;
	int error = 0;

	for (size_t i = 0; i < preload->count && error >= 0; i++) {
		struct kldsim__file *file = preload->files[i];

		if (file == NULL)
			continue;
		preload->at = i;
		if (preload->had_modules[i] &&
		    kldsim__list_empty(&file->modules)) {
			preload->errors[i] = kldsim__no_module_left(sim,
			    file);
			preload->files[i] = NULL;
			error = kldsim__load_failed(sim, file,
			    preload->errors[i]);
			continue;
		}
		file->userrefs++; /* the boot is one transaction (P-28) */
	}
	if (error >= 0)
		preload->at = KLDSIM__NO_PRELOAD;
	return (error < 0 ? error : 0);
}

void
kldsim__preload_fini(struct kldsim__preload *preload)
{
	if (preload->sim != NULL)
		kldsim__arena_fini(&preload->arena);
}
