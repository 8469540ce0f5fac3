/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Who uses another module's file without MODULE_DEPEND on it (O-60).  Such a
 * name is bound only if the other module is compiled into the kernel as well;
 * else it is undefined, and the file refused.
 */

#include "check/guilt.h"

#include <string.h>

#include "kern/interface.h"
#include "kern/linker_file.h"
#include "util/path.h"
#include "util/strmap.h"
#include "who_has/who_has.h"

typedef const struct kldsim__metadatum *entry_t;

static entry_t
metadata_of(const struct kldsim_check *check, size_t i)
{
	return (check->guilts->kept[i].file.metadata);
}

/* --- what files say of each other --- */

static bool
has(const struct kldsim_check *check, entry_t entry, enum kldsim__mdt type,
    const char *name)
{
	for (entry = kldsim__check_next(entry, type); entry != NULL;
	    entry = kldsim__check_next(entry->next, type)) {
		check->guilts->work++;
		if (strcmp(entry->name, name) == 0)
			return (true);
	}
	return (false);
}

/*
 * Whether one says that it depends on the other, or is the same module.  Files
 * that take more work than any honest ones are taken to do so.
 */
static bool
declares(const struct kldsim_check *check, entry_t user, entry_t owner)
{
	if (check->guilts->work > check->boot.limits.work)
		return (true);
	for (owner = kldsim__check_next(owner, KLDSIM__MDT_VERSION);
	    owner != NULL; owner = kldsim__check_next(owner->next,
	    KLDSIM__MDT_VERSION))
		if (has(check, user, KLDSIM__MDT_DEPEND, owner->name) ||
		    has(check, user, KLDSIM__MDT_VERSION, owner->name))
			return (true);
	return (false);
}

/* The first argument of MODULE_DEPEND. */
static const char *
name_of(const struct kldsim_check *check, size_t user)
{
	entry_t own = kldsim__check_next(metadata_of(check, user),
	    KLDSIM__MDT_VERSION);

	if (own == NULL)
		own = kldsim__check_next(metadata_of(check, user),
		    KLDSIM__MDT_MODULE);
	return (own != NULL ? own->name : check->entries[user].name);
}

/* A dependency that declares it, which helps nobody else; NULL: none. */
static const char *
heir_of(const struct kldsim_check *check, size_t user, entry_t owner)
{
	for (size_t i = 0; i < check->count; i++) {
		entry_t other = metadata_of(check, i);

		check->guilts->work++;
		if (i == user || !declares(check, other, owner) ||
		    !declares(check, metadata_of(check, user), other))
			continue;
		for (other = kldsim__check_next(other, KLDSIM__MDT_VERSION);
		    other != NULL; other = kldsim__check_next(other->next,
		    KLDSIM__MDT_VERSION))
			if (has(check, metadata_of(check, user),
			    KLDSIM__MDT_DEPEND, other->name))
				return (other->name);
	}
	return (NULL);
}

static bool
tell(struct kldsim_check *check, size_t user, const char *symbol,
    const struct kldsim__provider *owner, entry_t interface, bool refused)
{
	const char *heir = heir_of(check, user, owner->metadata);
	const int version = interface->numbers[0];
	struct kldsim_check_guilt *guilt = kldsim__check_guilty(check,
	    KLDSIM__F_UNDECLARED, user, check->entries[user].path, symbol,
	    "uses a symbol of %.200s (%s) without MODULE_DEPEND(%.100s, "
	    "%.100s, %d, %d, %d)%s%.100s%s", interface->name, refused ?
	    kldsim__basename(owner->path) : "compiled into this kernel; where "
	    "it is a module, this file is refused", name_of(check, user),
	    interface->name, version, version, version, heir != NULL ?
	    "; that " : "", heir != NULL ? heir : "", heir != NULL ?
	    " depends on it is not enough" : "");

	if (guilt != NULL)
		guilt->finding.refusal = refused;
	return (guilt != NULL);
}

/* --- what is bound to the kernel --- */

static bool
is_import(const struct kldsim__sym *sym)
{
	return (sym->shndx == SHN_UNDEF && sym->info >> 4 == STB_GLOBAL);
}

static bool
is_export(const struct kldsim__sym *sym)
{
	return (sym->shndx != SHN_UNDEF && sym->info >> 4 == STB_GLOBAL &&
	    (sym->info & 0xf) < STT_SECTION);
}

/* An interface of a file that the kernel has, too; NULL: none. */
static entry_t
compiled_in(const struct kldsim_check *check, entry_t entry)
{
	for (entry = kldsim__check_next(entry, KLDSIM__MDT_VERSION);
	    entry != NULL; entry = kldsim__check_next(entry->next,
	    KLDSIM__MDT_VERSION))
		if (kldsim__modlist_lookup2(&check->sim->linker, entry->name,
		    NULL) != NULL)
			break;
	return (entry);
}

static bool
note_exports(const struct kldsim__provider *file, uint32_t i,
    struct kldsim__strmap *owners)
{
	const struct kldsim__symview *view = kldsim__provider_symbols(file);

	for (uint32_t k = 1; k < view->count; k++) {
		struct kldsim__sym sym;
		const char *name;

		kldsim__sym_get(view, k, &sym);
		name = is_export(&sym) ? kldsim__sym_name(view, sym.name) :
		    NULL;
		if (name != NULL && *name != '\0' &&
		    !kldsim__strmap_add(owners, name, i))
			return (false);
	}
	return (true);
}

static bool
note_compiled_in(const struct kldsim_check *check,
    struct kldsim__strmap *owners)
{
	for (size_t i = 0; i < check->count; i++) {
		const struct kldsim__provider *file =
		    &check->guilts->kept[i].file;

		if (compiled_in(check, file->metadata) != NULL &&
		    !note_exports(file, (uint32_t)i, owners))
			return (false);
	}
	return (true);
}

static bool
judge_import(struct kldsim_check *check, size_t user, const char *name,
    size_t owner)
{
	struct kldsim__file *kernel = check->sim->linker.kernel;
	const struct kldsim__provider *file =
	    &check->guilts->kept[owner].file;
	struct kldsim__symref ignored;
	int error;

	if (user == owner || declares(check, metadata_of(check, user),
	    file->metadata))
		return (true);
	error = kernel->class->lookup_symbol(check->sim, kernel, name,
	    &ignored);
	return (error != 0 ? error > 0 : tell(check, user, name, file,
	    compiled_in(check, file->metadata), false));
}

static bool
check_bound(struct kldsim_check *check, const struct kldsim__strmap *owners)
{
	for (size_t i = 0; owners->used != 0 && i < check->count; i++) {
		const struct kldsim__symview *view = kldsim__provider_symbols(
		    &check->guilts->kept[i].file);

		for (uint32_t k = 1; k < view->count; k++) {
			struct kldsim__sym sym;
			const char *name;
			uint32_t owner;

			kldsim__sym_get(view, k, &sym);
			name = is_import(&sym) ? kldsim__sym_name(view,
			    sym.name) : NULL;
			if (name != NULL && kldsim__strmap_get(owners, name,
			    &owner) && !judge_import(check, i, name, owner))
				return (false);
		}
	}
	return (true);
}

/* --- what is not bound at all --- */

struct quest {
	struct kldsim *sim;
	const char *symbol;
	const char *path; /* of who asks */
	const struct kldsim__provider *owner; /* the first that exports it */
	int error;
};

static bool
judge(void *user, const struct kldsim__provider *provider, uint32_t symbol)
{
	struct quest *quest = user;
	entry_t ignored;

	if (strcmp(provider->path, quest->path) == 0 || kldsim__visible(
	    quest->sim, provider, quest->symbol, symbol) !=
	    KLDSIM__SEEN_GLOBAL)
		return (true);
	quest->error = kldsim__provider_metadata(quest->sim, provider,
	    &ignored);
	quest->owner = provider;
	return (false);
}

static bool
check_missing(struct kldsim_check *check, size_t user, const char *symbol)
{
	struct quest quest = { .sim = check->sim, .symbol = symbol,
		.path = check->entries[user].path };
	entry_t interface;
	int error = kldsim__who_has_symbol(check->sim, symbol, judge, &quest);

	if (error != 0 || quest.error != 0)
		return (false);
	if (quest.owner == NULL || declares(check, metadata_of(check, user),
	    quest.owner->metadata))
		return (true);
	/* To declare it would not help: the kernel meets it, or it is a circle. */
	if (compiled_in(check, quest.owner->metadata) != NULL || declares(check,
	    quest.owner->metadata, metadata_of(check, user)))
		return (true);
	interface = kldsim__check_next(quest.owner->metadata,
	    KLDSIM__MDT_VERSION);
	return (interface == NULL || tell(check, user, symbol, quest.owner,
	    interface, true));
}

bool
kldsim__check_undeclared(struct kldsim_check *check)
{
	struct kldsim__strmap owners;
	bool good;

	kldsim__strmap_init(&owners, &check->alloc);
	good = note_compiled_in(check, &owners) &&
	    check_bound(check, &owners);
	kldsim__strmap_fini(&owners);
	for (size_t i = 0; i < check->count && good; i++) {
		const struct kldsim__check_kept *kept =
		    &check->guilts->kept[i];

		for (size_t k = 0; k < kept->nmissing && good; k++)
			good = check_missing(check, i, kept->missing[k]);
	}
	return (good);
}
