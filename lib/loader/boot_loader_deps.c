/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The boot loader's own search for what a file depends on: mod_loadkld(),
 * file_load_dependencies() and file_findmodule() of stand/common/module.c
 * (P-13 to P-16).
 *
 * The loader recurses.  Here files wait for each other in a list on the heap,
 * as in kern_kldload.c.
 */

#include <stdio.h>
#include <string.h>

#include "loader/boot_loader.h"

#include "kldxref/kldxref.h"
#include "search/search.h"
#include "util/path.h"

/* struct kernel_module, and what MODINFOMD_DEPLIST holds: a name, a range. */
struct kldsim__loader_module {
	struct kldsim__loader_module *next;
	const char *name;
	int version;                     /* of a module */
	struct kldsim__mod_depend range; /* of a dependency */
};

/* --- what files say of themselves --- */

/* Both lists grow at their heads. */
static struct kldsim__loader_module *
add(struct kldsim__boot_loader *loader, struct kldsim__loader_module **list,
    const char *name)
{
	struct kldsim__loader_module *module;

	module = kldsim__arena_calloc(&loader->arena, 1, sizeof(*module));
	if (module == NULL)
		return (NULL);
	module->name = kldsim__arena_strdup(&loader->arena, name);
	module->next = *list;
	*list = module;
	return (module->name != NULL ? module : NULL);
}

struct reading {
	struct kldsim__boot_loader *loader;
	struct kldsim__loaded *loaded;
	bool nomem;
};

static bool
take_entry(void *user, enum kldsim__mdt type, const char *name,
    const int *numbers)
{
	struct reading *reading = user;
	bool depend = type == KLDSIM__MDT_DEPEND;
	struct kldsim__loader_module *module;

	if (type == KLDSIM__MDT_MODULE)
		return (true); /* it goes by versions alone */
	module = add(reading->loader, depend ? &reading->loaded->depends :
	    &reading->loaded->modules, name);
	reading->nomem = module == NULL;
	if (module == NULL)
		return (false);
	module->version = numbers[0];
	if (depend)
		module->range = (struct kldsim__mod_depend){ numbers[0],
		    numbers[1], numbers[2] };
	return (true);
}

/* load_elf.c alone: a file without a version is version 1 of its own name. */
static int
fake_module(struct kldsim__boot_loader *loader, struct kldsim__loaded *loaded)
{
	const char *name = kldsim__basename(loaded->file.name);
	const char *dot = strrchr(name, '.');
	struct kldsim__loader_module *module;

	name = kldsim__arena_strndup(&loader->arena, name,
	    dot != NULL ? (size_t)(dot - name) : strlen(name));
	if (name == NULL)
		return (kldsim__nomem(loader->sim));
	module = add(loader, &loaded->modules, name);
	if (module == NULL)
		return (kldsim__nomem(loader->sim));
	module->version = 1;
	return (0);
}

static int
read_modules(struct kldsim__boot_loader *loader,
    struct kldsim__loaded *loaded, bool as_it_stands)
{
	struct reading reading = { loader, loaded, false };
	enum kldsim_status status = kldsim__xref_walk(loaded->image,
	    &loader->sim->alloc, as_it_stands, take_entry, &reading);

	if (reading.nomem || status == KLDSIM_NOMEM)
		return (kldsim__nomem(loader->sim));
	if (status != KLDSIM_OK)
		return (kldsim__fail(loader->sim, status, "%s: its metadata "
		    "cannot be read", loaded->file.name));
	if (loaded->modules == NULL &&
	    strcmp(loaded->file.type, KLDSIM__TYPE_OBJ_MODULE) != 0)
		return (fake_module(loader, loaded));
	return (0);
}

/*
 * P-12: kernels are linked where they run, thinks the loader, and does not
 * relocate what it reads of them.  PowerPC's are shared objects.
 */
static bool
is_taken_as_it_stands(const struct kldsim *sim)
{
	return (sim->arch->relocatable && !sim->facts.loader_relocates_kernel);
}

int
kldsim__loader_kernel_modules(struct kldsim__boot_loader *loader)
{
	return (read_modules(loader, &loader->kernel,
	    is_taken_as_it_stands(loader->sim)));
}

/* --- looking for modules --- */

/* One file's: the preferred version, or the best within the range. */
static bool
has_module(const struct kldsim__loaded *loaded, const char *name,
    const struct kldsim__mod_depend *dep)
{
	int best = 0;

	for (const struct kldsim__loader_module *module = loaded->modules;
	    module != NULL; module = module->next) {
		if (strcmp(module->name, name) != 0)
			continue;
		if (dep == NULL || module->version == dep->preferred)
			return (true);
		if (module->version >= dep->minimum &&
		    module->version <= dep->maximum && module->version > best)
			best = module->version;
	}
	return (best != 0);
}

bool
kldsim__file_findmodule(const struct kldsim__boot_loader *loader,
    const char *name, const struct kldsim__mod_depend *dep, size_t *which_ret)
{
	*which_ret = SIZE_MAX;
	if (has_module(&loader->kernel, name, dep))
		return (true);
	for (size_t i = 0; i < loader->nfiles; i++)
		if (has_module(loader->files[i], name, dep)) {
			*which_ret = i;
			return (true);
		}
	return (false);
}

/* file_findfile(): by the whole path, as it is written. */
static bool
is_loaded(const struct kldsim__boot_loader *loader, const char *path,
    size_t *which_ret)
{
	*which_ret = SIZE_MAX;
	/* The kernel lies elsewhere on the host than it says. */
	if (strcmp(kldsim__image_name(loader->kernel.image), path) == 0)
		return (true);
	for (size_t i = 0; i < loader->nfiles; i++)
		if (strcmp(loader->files[i]->file.name, path) == 0) {
			*which_ret = i;
			return (true);
		}
	return (false);
}

/* --- loading --- */

/* A file that waits for what it depends on. */
struct pending {
	struct pending *parent;
	size_t which;
	const struct kldsim__loader_module *next; /* dependency */
	bool tried;       /* to load it; it should be there now */
};

struct loading {
	struct kldsim__boot_loader *loader;
	struct pending *top;
	size_t depth;
	size_t first;         /* the file that was asked for */
	kldsim_addr loadaddr; /* before it */
};

static int
begin(struct loading *loading, struct kldsim_image *image, const char *path)
{
	struct kldsim__boot_loader *loader = loading->loader;
	struct kldsim__loaded *loaded;
	struct pending *pending;
	int error = kldsim__boot_loader_file(loader, image, path);

	if (error != 0)
		return (error);
	loaded = loader->files[loader->nfiles - 1];
	error = read_modules(loader, loaded, false);
	pending = kldsim__arena_calloc(&loader->arena, 1, sizeof(*pending));
	if (error == 0 && pending == NULL)
		error = kldsim__nomem(loader->sim);
	/* Those that are there all wait for this one. */
	if (error == 0)
		error = kldsim__limited(loader->sim,
		    &loader->sim->options.limits.depth, loading->depth++,
		    "%s: files that wait for each other", path);
	if (error != 0)
		return (error);
	pending->parent = loading->top;
	pending->which = loader->nfiles - 1;
	pending->next = loaded->depends;
	loading->top = pending;
	return (0);
}

/*
 * The loader forgets the file that was asked for and all that came after it;
 * the place is free again (P-16).
 */
static int
discard(struct loading *loading)
{
	struct kldsim__boot_loader *loader = loading->loader;

	while (loader->nfiles > loading->first) {
		struct kldsim__loaded *loaded =
		    loader->files[--loader->nfiles];

		kldsim_image_unref(loaded->image);
		if (!kldsim__boot_loader_unmap(loader, &loaded->file))
			return (kldsim__nomem(loader->sim));
	}
	loader->loadaddr = loading->loadaddr;
	loading->top = NULL;
	return (KLDSIM__ENOENT);
}

/* What the kernel or a file has instead of a version that is wanted. */
static void
describe_offer(const struct kldsim__boot_loader *loader, const char *name,
    char *text, size_t size)
{
	size_t which;

	if (!kldsim__file_findmodule(loader, name, NULL, &which))
		(void)snprintf(text, size, "it exists but with wrong version, "
		    "the file that was loaded for it has no such module");
	else
		(void)snprintf(text, size, "it exists but with wrong version, "
		    "in %s", which == SIZE_MAX ? "the kernel" :
		    loader->files[which]->file.name);
}

/* Who waits for the file on top is refused with it. */
static void
blame(const struct loading *loading)
{
	const struct kldsim__boot_loader *loader = loading->loader;

	for (const struct pending *failed = loading->top;
	    failed->parent != NULL; failed = failed->parent) {
		const struct pending *parent = failed->parent;
		const struct kldsim__where where = {
			.file = kldsim__basename(
			    loader->files[parent->which]->file.name) };

		(void)kldsim__refuse(loader->sim, KLDSIM__ENOENT,
		    KLDSIM__F_DEPENDENCY, &where, "wants %s, and %s, which "
		    "the boot loader has found for it, is refused itself: see "
		    "what is said of that one", parent->next->name,
		    loader->files[failed->which]->file.name);
	}
}

/* Nobody waits any more. */
static int
give_up(struct loading *loading, const char *why)
{
	struct kldsim__boot_loader *loader = loading->loader;
	const struct kldsim__loader_module *want = loading->top->next;
	struct kldsim__where where = { .file = kldsim__basename(
	    loader->files[loading->top->which]->file.name) };
	const bool unread = strcmp(want->name, "kernel") == 0 &&
	    is_taken_as_it_stands(loader->sim);

	(void)kldsim__refuse(loader->sim, KLDSIM__ENOENT,
	    KLDSIM__F_DEPENDENCY, &where, "wants %s version %d to %d, "
	    "preferably %d; the boot loader: %s%s", want->name,
	    want->range.minimum, want->range.maximum, want->range.preferred,
	    why, !unread ? "" : ": it does not relocate the metadata of a "
	    "PowerPC kernel, and takes it for version 1; load what depends "
	    "on the kernel with kld_list of rc.conf (mended in April 2026, "
	    "D56457)");
	blame(loading);
	/* Files that are done, behind one that is not: freed, yet in the list. */
	if (loader->nfiles - loading->first > loading->depth)
		kldsim__find(loader->sim, KLDSIM__F_PRELOAD, &where,
		    "the boot loader frees what has been loaded for %s, and "
		    "its list of files still leads there",
		    loader->files[loading->first]->file.name);
	return (discard(loading));
}

/* mod_load() of the dependency at hand. */
static int
load_dependency(struct loading *loading)
{
	struct kldsim__boot_loader *loader = loading->loader;
	const struct kldsim__loader_module *want = loading->top->next;
	char *found;
	const char *path = NULL;
	struct kldsim__who_provides who;
	struct kldsim__folders folders;
	char why[sizeof(folders) + sizeof(who) + 80];
	size_t which;
	int error = kldsim__loader_search(loader->sim, want->name,
	    &want->range, &found);

	if (error == 0 && found == NULL) {
		kldsim__describe_folders(&loader->sim->search, true,
		    &folders);
		kldsim__who_provides(loader->sim, want->name, &want->range,
		    &who);
		(void)snprintf(why, sizeof(why), "can't find it, no folder has "
		    "a file for it (%s)%s%s", folders.text,
		    *who.text != '\0' ? "; " : "", who.text);
		return (give_up(loading, why));
	}
	if (error == 0 && (path = kldsim__arena_strdup(&loader->arena,
	    found)) == NULL)
		error = kldsim__nomem(loader->sim);
	kldsim__free(&loader->sim->alloc, found);
	if (error != 0 || is_loaded(loader, path, &which))
		return (error);
	error = begin(loading, NULL, path);
	if (error <= 0)
		return (error);
	(void)snprintf(why, sizeof(why), "can't load it, %.400s is there for "
	    "it and was refused itself just before (%s)", path,
	    kldsim_errno_name(error));
	return (give_up(loading, why));
}

/* The next dependency of the file on top. */
static int
step(struct loading *loading)
{
	struct pending *top = loading->top;
	char offer[400];
	size_t which;

	if (top->next == NULL) {
		loading->top = top->parent;
		loading->depth--;
		return (0);
	}
	if (kldsim__file_findmodule(loading->loader, top->next->name,
	    &top->next->range, &which)) {
		top->next = top->next->next;
		top->tried = false;
		return (0);
	}
	if (top->tried) {
		describe_offer(loading->loader, top->next->name, offer,
		    sizeof(offer));
		return (give_up(loading, offer));
	}
	top->tried = true;
	return (load_dependency(loading));
}

int
kldsim__loader_has_it(struct kldsim__boot_loader *loader, const char *name,
    const char *what)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(name) };

	return (kldsim__refuse(loader->sim, KLDSIM__EEXIST,
	    KLDSIM__F_LOADER_HAS_IT, &where, "%s: the boot loader loads "
	    "nothing for it", what));
}

int
kldsim__mod_loadkld(struct kldsim__boot_loader *loader,
    struct kldsim_image *image, const char *path, size_t *which_ret)
{
	struct loading loading = { .loader = loader, .first = loader->nfiles,
		.loadaddr = loader->loadaddr };
	int error;

	if (is_loaded(loader, path, which_ret))
		return (*which_ret != SIZE_MAX ? 0 :
		    kldsim__loader_has_it(loader, path,
		    "it is the kernel's own file"));
	error = begin(&loading, image, path);
	while (error == 0 && loading.top != NULL)
		error = step(&loading);
	*which_ret = loading.first;
	return (error);
}
