/* SPDX-License-Identifier: BSD-2-Clause */

/* Interfaces that files provide; see interface.h. */

#include <string.h>

#include "kern/bad_news.h"
#include "kern/interface.h"
#include "kern/linker_file.h"

#define INTERFACE_BY_NAME(l) KLDSIM__ENTRY(l, struct kldsim__interface, by_name)

static uint32_t
hash_of(const struct kldsim__linker *linker, const char *name)
{
	return (kldsim__hash_name(&linker->interfaces_by_name, name,
	    strlen(name)));
}

struct kldsim__interface *
kldsim__modlist_lookup(const struct kldsim__linker *linker, const char *name, int version)
{
	KLDSIM__FOREACH_HASHED(entry, &linker->interfaces_by_name,
	    hash_of(linker, name)) {
		struct kldsim__interface *interface = INTERFACE_BY_NAME(entry);

		if ((version == 0 || interface->version == version) &&
		    strcmp(interface->name, name) == 0)
			return (interface);
	}
	return (NULL);
}

struct kldsim__interface *
kldsim__modlist_lookup2(const struct kldsim__linker *linker, const char *name,
    const struct kldsim__mod_depend *dep)
{
	struct kldsim__interface *best = NULL;

	if (dep == NULL)
		return (kldsim__modlist_lookup(linker, name, 0));
	KLDSIM__FOREACH_HASHED(entry, &linker->interfaces_by_name,
	    hash_of(linker, name)) {
		struct kldsim__interface *interface = INTERFACE_BY_NAME(entry);
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
	if (!kldsim__list_insert_tail(&sim->undo, &sim->linker.interfaces,
	    &interface->link) || !kldsim__list_insert_tail(&sim->undo,
	    &file->interfaces, &interface->file_link) ||
	    !kldsim__buckets_insert(&sim->linker.interfaces_by_name,
	    &interface->by_name, hash_of(&sim->linker, name)))
		return (kldsim__nomem(sim));
	return (0);
}

int
kldsim__modlist_remove(struct kldsim *sim,
    struct kldsim__interface *interface)
{
	if (!kldsim__list_remove(&sim->undo, &interface->link) ||
	    !kldsim__list_remove(&sim->undo, &interface->file_link) ||
	    !kldsim__buckets_remove(&sim->linker.interfaces_by_name,
	    &interface->by_name))
		return (kldsim__nomem(sim));
	return (0);
}
