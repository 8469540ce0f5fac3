/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a file's metadata makes the linker do: linker_load_dependencies(),
 * linker_addmodules() and linker_file_register_modules() of
 * sys/kern/kern_linker.c, module_register() and module_register_init() of
 * sys/kern/kern_module.c (K-30 to K-34, M-10 to M-33).
 */

#include <inttypes.h>

#include "link/link.h"

/* A linker set, to be walked pointer by pointer. */
struct set_walk {
	struct kldsim *sim;
	struct kldsim__file *file;
	const char *name;
	kldsim_addr at;
	kldsim_addr stop;
};

/* Begin; *there_ret is false if the file has no such set. */
static int
walk_begin(struct set_walk *walk, struct kldsim *sim,
    struct kldsim__file *file, const char *name, bool *there_ret)
{
	struct kldsim__where where = { .file = file->filename,
		.section = name };
	kldsim_size size;
	int error;

	walk->sim = sim;
	walk->file = file;
	walk->name = name;
	error = file->class->lookup_set(sim, file, name, &walk->at,
	    &walk->stop);
	*there_ret = error == 0;
	if (error != 0)
		return (error > 0 ? 0 : error);
	size = walk->stop - walk->at;
	if (size / kldsim__arch_ptrsz(sim->arch) >
	    sim->options.limits.set_entries)
		return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: 0x%" PRIx64
		    " bytes of set_%s are over the limit", file->filename,
		    size, name));
	/* The walk goes on while below stop: a partial entry counts (Z-71). */
	if (size % kldsim__arch_ptrsz(sim->arch) != 0)
		kldsim__find(sim, KLDSIM__F_METADATA, &where,
		    "set_%s has 0x%" PRIx64 " bytes, no multiple of a pointer; "
		    "the kernel reads one entry past its end", name, size);
	return (0);
}

static int
broken(const struct set_walk *walk, kldsim_addr address, const char *what)
{
	struct kldsim__where where = { .file = walk->file->filename,
		.section = walk->name };

	return (kldsim__panic(walk->sim, KLDSIM__F_METADATA, &where,
	    "set_%s: %s at 0x%" PRIx64 ", where nothing is; the kernel reads "
	    "it", walk->name, what, address));
}

/* The next pointer of the set; *more_ret false at the end. */
static int
walk_next(struct set_walk *walk, kldsim_addr *entry_ret, bool *more_ret)
{
	*more_ret = walk->at < walk->stop;
	if (!*more_ret)
		return (0);
	if (!kldsim__meta_pointer(&walk->sim->meta, walk->at, entry_ret))
		return (broken(walk, walk->at, "an entry"));
	walk->at += kldsim__arch_ptrsz(walk->sim->arch);
	return (0);
}

/* The next struct mod_metadata of one type. */
static int
next_metadata(struct set_walk *walk, enum kldsim__mdt type,
    struct kldsim__mod_metadata *entry_ret, bool *more_ret)
{
	for (;;) {
		kldsim_addr entry;
		int error = walk_next(walk, &entry, more_ret);

		if (error != 0 || !*more_ret)
			return (error);
		if (!kldsim__meta_entry(&walk->sim->meta, entry, entry_ret))
			return (broken(walk, entry, "a struct mod_metadata"));
		if (entry_ret->type == (int)type)
			return (0);
	}
}

static int
read_string(const struct set_walk *walk, kldsim_addr address,
    const char **text_ret)
{
	switch (kldsim__meta_string(&walk->sim->meta, address,
	    &walk->file->arena, text_ret)) {
	case KLDSIM__STRING_OK:
		return (0);
	case KLDSIM__STRING_NOMEM:
		return (kldsim__nomem(walk->sim));
	case KLDSIM__STRING_FAULT:
		break;
	}
	return (broken(walk, address, "a name"));
}

/* An interface that the file provides: name and version. */
static int
next_version(struct set_walk *walk, const char **name_ret, int *version_ret,
    bool *more_ret)
{
	struct kldsim__mod_metadata entry;
	int error;

	error = next_metadata(walk, KLDSIM__MDT_VERSION, &entry, more_ret);
	if (error != 0 || !*more_ret)
		return (error);
	error = read_string(walk, entry.cval, name_ret);
	if (error != 0)
		return (error);
	if (!kldsim__meta_int(&walk->sim->meta, entry.data, version_ret))
		return (broken(walk, entry.data, "a struct mod_version"));
	return (0);
}

/* K-30 pass 1. */
static int
check_versions(struct kldsim *sim, struct kldsim__file *file,
    const char ***own_ret, size_t *nown_ret)
{
	struct set_walk walk;
	size_t cap = 0;
	bool more;
	int error;

	error = walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__interface *other;
		const char *name;
		int version;

		error = next_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		other = kldsim__modlist_lookup(sim, name, version);
		if (other != NULL) {
			kldsim__console(sim, "interface %s.%d already present "
			    "in the KLD '%s'!", name, version,
			    other->file->filename);
			return (KLDSIM__EEXIST);
		}
		if (!kldsim__grow(&sim->alloc, own_ret, &cap, *nown_ret + 1,
		    sizeof(**own_ret)))
			return (kldsim__nomem(sim));
		(*own_ret)[(*nown_ret)++] = name;
	}
	return (error);
}

static bool
is_own(const char *name, const char *const *own, size_t nown)
{
	for (size_t i = 0; i < nown; i++)
		if (strcmp(own[i], name) == 0)
			return (true);
	return (false);
}

/* Say what is wanted beside what there is (K-33, M-11). */
static void
explain_dependency(struct kldsim *sim, const struct kldsim__file *file,
    const char *name, const struct kldsim__mod_depend *dep)
{
	struct kldsim__where where = { .file = file->filename };
	const struct kldsim__interface *offered =
	    kldsim__modlist_lookup(sim, name, 0);

	if (offered != NULL)
		kldsim__find(sim, KLDSIM__F_DEPENDENCY, &where,
		    "%s wants %s version %d to %d, preferably %d; %s provides "
		    "%d", file->filename, name, dep->minimum, dep->maximum,
		    dep->preferred, offered->file->filename,
		    offered->version);
	else
		kldsim__find(sim, KLDSIM__F_DEPENDENCY, &where,
		    "%s wants %s version %d to %d, preferably %d; no loaded "
		    "file provides it", file->filename, name, dep->minimum,
		    dep->maximum, dep->preferred);
}

/* One MDT_DEPEND (K-30 pass 2). */
static int
depend_on(struct kldsim *sim, struct kldsim__file *file, const char *name,
    const struct kldsim__mod_depend *dep)
{
	struct kldsim__interface *provider =
	    kldsim__modlist_lookup2(sim, name, dep);
	int error;

	if (provider == NULL) {
		explain_dependency(sim, file, name, dep);
		kldsim__console(sim, "KLD %s: depends on %s - not available "
		    "or version mismatch", file->filename, name);
		/* The search finds a file called kernel, which is loaded
		 * already (K-33); other names are not searched for yet. */
		return (strcmp(name, "kernel") == 0 ? KLDSIM__EEXIST :
		    KLDSIM__ENOENT);
	}
	error = kldsim__ref_file(sim, provider->file, 1);
	if (error == 0)
		error = kldsim__add_dependency(sim, file, provider->file);
	return (error);
}

static int
resolve_dependencies(struct kldsim *sim, struct kldsim__file *file,
    const char *const *own, size_t nown)
{
	struct set_walk walk;
	bool more;
	int error;

	error = walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__mod_metadata entry;
		struct kldsim__mod_depend dep;
		const char *name;

		error = next_metadata(&walk, KLDSIM__MDT_DEPEND, &entry,
		    &more);
		if (error != 0 || !more)
			break;
		error = read_string(&walk, entry.cval, &name);
		if (error != 0)
			return (error);
		/* A file's need of itself is skipped, whatever the range. */
		if (is_own(name, own, nown))
			continue;
		if (!kldsim__meta_depend(&sim->meta, entry.data, &dep))
			return (broken(&walk, entry.data,
			    "a struct mod_depend"));
		error = depend_on(sim, file, name, &dep);
	}
	return (error);
}

int
kldsim__add_interfaces(struct kldsim *sim, struct kldsim__file *file)
{
	struct set_walk walk;
	bool more;
	int error;

	error = walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__where where = { .file = file->filename };
		const char *name;
		int version;

		error = next_version(&walk, &name, &version, &more);
		if (error != 0 || !more)
			break;
		if (kldsim__modlist_lookup(sim, name, version) != NULL) {
			kldsim__console(sim, "module %s already present!",
			    name);
			kldsim__find(sim, KLDSIM__F_INTERFACE_TWICE, &where,
			    "interface %s version %d is provided twice; the "
			    "second one is ignored", name, version);
			continue;
		}
		if (file != sim->kernel && strcmp(name, "kernel") == 0)
			kldsim__find(sim, KLDSIM__F_PROVIDES_KERNEL, &where,
			    "%s provides the interface kernel, version %d: "
			    "other modules will take it for the kernel's",
			    file->filename, version);
		error = kldsim__modlist_add(sim, file, name, version);
	}
	return (error);
}

int
kldsim__load_dependencies(struct kldsim *sim, struct kldsim__file *file)
{
	const char **own = NULL;
	size_t nown = 0;
	int error;

	error = kldsim__ref_file(sim, sim->kernel, 1);
	if (error == 0)
		error = kldsim__add_dependency(sim, file, sim->kernel);
	if (error == 0)
		error = check_versions(sim, file, &own, &nown);
	if (error == 0)
		error = resolve_dependencies(sim, file, own, nown);
	kldsim__free(&sim->alloc, own);
	if (error == 0)
		error = kldsim__add_interfaces(sim, file);
	return (error);
}

/* --- modules --- */

static struct kldsim__module *
find_module(const struct kldsim *sim, const char *name)
{
	KLDSIM__FOREACH(l, &sim->modules)
		if (strcmp(KLDSIM__MODULE(l)->name, name) == 0)
			return (KLDSIM__MODULE(l));
	return (NULL);
}

/* module_register() (M-20): EEXIST if the name is taken. */
static int
register_module(struct kldsim *sim, struct kldsim__file *file,
    const char *name, const struct kldsim__moduledata *data)
{
	struct kldsim__module *other = find_module(sim, name);
	struct kldsim__module *module;

	if (other != NULL) {
		kldsim__console(sim, "module_register: cannot register %s "
		    "from %s; already loaded from %s", name, file->filename,
		    other->file->filename);
		return (KLDSIM__EEXIST);
	}
	module = kldsim__arena_calloc(&file->arena, 1, sizeof(*module));
	if (module == NULL || !KLDSIM__SET(&sim->undo, sim->next_module_id,
	    sim->next_module_id + 1))
		return (kldsim__nomem(sim));
	module->file = file;
	module->name = name;
	module->handler = data->handler;
	module->priv = data->priv;
	module->refs = 1;
	module->id = sim->next_module_id - 1;
	if (!kldsim__list_insert_tail(&sim->undo, &sim->modules,
	    &module->link) || !kldsim__list_insert_tail(&sim->undo,
	    &file->modules, &module->file_link))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__register_modules(struct kldsim *sim, struct kldsim__file *file)
{
	struct set_walk walk;
	bool more;
	int first_error = 0;
	int error;

	error = walk_begin(&walk, sim, file, "modmetadata_set", &more);
	while (error == 0 && more) {
		struct kldsim__mod_metadata entry;
		struct kldsim__moduledata data;
		const char *name;

		error = next_metadata(&walk, KLDSIM__MDT_MODULE, &entry,
		    &more);
		if (error != 0 || !more)
			break;
		/* The name is moduledata's, not the entry's (M-03). */
		if (!kldsim__meta_moduledata(&sim->meta, entry.data, &data))
			return (broken(&walk, entry.data,
			    "a moduledata_t"));
		error = read_string(&walk, data.name, &name);
		if (error != 0)
			return (error);
		error = register_module(sim, file, name, &data);
		if (error > 0) {
			kldsim__console(sim, "Module %s failed to register: "
			    "%d", name, error);
			first_error = first_error != 0 ? first_error : error;
			error = 0;
		}
	}
	return (error != 0 ? error : first_error);
}

int
kldsim__release_modules(struct kldsim *sim, struct kldsim__file *file)
{
	KLDSIM__FOREACH(l, &file->modules) {
		struct kldsim__module *module = KLDSIM__ENTRY(l,
		    struct kldsim__module, file_link);

		if (!kldsim__list_remove(&sim->undo, &module->link))
			return (kldsim__nomem(sim));
	}
	return (0);
}

/*
 * module_register_init() (M-21): MOD_LOAD goes to the module of that name,
 * which then becomes the first of its file's list (L-12).
 */
static int
mod_load(const struct set_walk *walk, kldsim_addr udata)
{
	struct kldsim *sim = walk->sim;
	struct kldsim__where where = { .file = walk->file->filename };
	struct kldsim__moduledata data;
	struct kldsim__module *module;
	const char *name;
	int error;

	if (!kldsim__meta_moduledata(&sim->meta, udata, &data))
		return (broken(walk, udata, "a moduledata_t"));
	error = read_string(walk, data.name, &name);
	if (error != 0)
		return (error);
	module = find_module(sim, name);
	if (module == NULL)
		return (kldsim__panic(sim, KLDSIM__F_MODULE_NAME, &where,
		    "kernel panic: module_register_init: module named %s not "
		    "found", name));
	if (!kldsim__list_remove(&sim->undo, &module->file_link) ||
	    !kldsim__list_insert_after(&sim->undo, &module->file->modules,
	    &module->file_link))
		return (kldsim__nomem(sim));
	return (0);
}

/* The set as it is in memory: pointers, and what they point to. */
struct sysinits {
	kldsim_addr start;
	size_t count;
	kldsim_addr *pointers;
	struct kldsim__sysinit *entries;
	uint32_t *order;
};

static int
read_sysinits(struct set_walk *walk, struct sysinits *set)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(walk->sim->arch);
	struct kldsim__arena *arena = &walk->file->arena;
	size_t count = (size_t)((walk->stop - walk->at + ptrsz - 1) / ptrsz);
	bool more = true;

	set->start = walk->at;
	set->count = count;
	set->pointers = kldsim__arena_calloc(arena, count,
	    sizeof(*set->pointers));
	set->entries = kldsim__arena_calloc(arena, count,
	    sizeof(*set->entries));
	set->order = kldsim__arena_calloc(arena, count, sizeof(*set->order));
	if (set->pointers == NULL || set->entries == NULL ||
	    set->order == NULL)
		return (kldsim__nomem(walk->sim));
	for (size_t i = 0; i < count; i++) {
		int error = walk_next(walk, &set->pointers[i], &more);

		if (error != 0)
			return (error);
		if (!kldsim__meta_sysinit(&walk->sim->meta, set->pointers[i],
		    &set->entries[i]))
			return (broken(walk, set->pointers[i],
			    "a struct sysinit"));
	}
	return (0);
}

/* The kernel sorts in place: the new order stays in the module (M-30). */
static int
write_order(const struct set_walk *walk, const struct sysinits *set)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(walk->sim->arch);
	const bool big = kldsim__arch_big(walk->sim->arch);

	for (size_t i = 0; i < set->count; i++) {
		uint8_t bytes[8];
		int error;

		if (set->order[i] == i)
			continue;
		kldsim__store(bytes, ptrsz, big,
		    set->pointers[set->order[i]]);
		error = kldsim__accessed(walk->sim, kldsim__aspace_write(
		    &walk->sim->space, set->start + i * ptrsz, bytes, ptrsz));
		if (error != 0)
			return (error);
	}
	return (0);
}

int
kldsim__run_sysinits(struct kldsim *sim, struct kldsim__file *file)
{
	struct set_walk walk;
	struct sysinits set;
	bool there;
	int error;

	error = walk_begin(&walk, sim, file, "sysinit_set", &there);
	if (error != 0 || !there)
		return (error);
	error = read_sysinits(&walk, &set);
	if (error != 0)
		return (error);
	kldsim__sysinit_exchange_sort(set.entries, set.order, set.count,
	    false);
	error = write_order(&walk, &set);
	for (size_t i = 0; i < set.count && error == 0; i++) {
		const struct kldsim__sysinit *entry =
		    &set.entries[set.order[i]];

		/* SI_SUB_DUMMY is skipped; nothing else is run here. */
		if (entry->subsystem != 0 && entry->func != 0 &&
		    entry->func == sim->module_register_init)
			error = mod_load(&walk, entry->udata);
	}
	return (error);
}
