/* SPDX-License-Identifier: BSD-2-Clause */

/* Instances of the kernel's set_pcpu and set_vnet; see set.h. */

#include "mem/set.h"

#include <string.h>

#include "util/bytes.h"

void
kldsim__set_init(struct kldsim__set *set, struct kldsim__aspace *space,
    unsigned ptrsz)
{
	memset(set, 0, sizeof(*set));
	set->space = space;
	kldsim__modspace_init(&set->free, space->undo, ptrsz);
}

void
kldsim__set_fini(struct kldsim__set *set)
{
	kldsim__modspace_fini(&set->free);
	kldsim__free(set->space->alloc, set->instances);
}

static void
drop(void *owner, void *object)
{
	kldsim__free(((struct kldsim__set *)owner)->space->alloc, object);
}

/*
 * Put a changed copy of the instance list in the place of the old one, which
 * stays until that is final.
 */
static bool
replace_list(struct kldsim__set *set, struct kldsim_instance *list,
    size_t count)
{
	struct kldsim__undo *undo = set->space->undo;

	if (!kldsim__undo_made(undo, drop, set, list)) {
		kldsim__free(set->space->alloc, list);
		return (false);
	}
	if ((set->instances != NULL &&
	    !kldsim__undo_gone(undo, drop, set, set->instances)) ||
	    !kldsim__undo_save(undo, set, sizeof(*set)))
		return (false);
	set->instances = list;
	set->ninstances = count;
	return (true);
}

static bool
add_to_list(struct kldsim__set *set, const struct kldsim_instance *instance,
    bool at_head)
{
	size_t n = set->ninstances;
	struct kldsim_instance *list =
	    kldsim__calloc(set->space->alloc, n + 1, sizeof(*list));

	if (list == NULL)
		return (false);
	if (n != 0)
		memcpy(list + (at_head ? 1 : 0), set->instances,
		    n * sizeof(*list));
	list[at_head ? 0 : n] = *instance;
	return (replace_list(set, list, n + 1));
}

/* An area that begins as the reference copy does. */
static enum kldsim__access
make_area(struct kldsim__set *set, kldsim_addr *area_ret)
{
	kldsim_size bytes = set->stop - set->start;
	kldsim_size size = kldsim__roundup2(bytes, set->page_size);

	if (size == 0)
		size = set->page_size;
	if (!kldsim__aspace_first_fit(set->space, set->heap, set->heap_end,
	    size, set->page_size, area_ret))
		return (KLDSIM__ACCESS_FAULT);
	return (kldsim__aspace_clone(set->space, *area_ret, size, set->start,
	    bytes));
}

enum kldsim__access
kldsim__set_add_instance(struct kldsim__set *set, bool at_head,
    struct kldsim_instance *instance_ret)
{
	struct kldsim_instance instance;
	enum kldsim__access access = make_area(set, &instance.area);

	if (access != KLDSIM__ACCESS_OK)
		return (access);
	instance.id = set->next_id;
	instance.base = instance.area - set->start;
	if (!add_to_list(set, &instance, at_head))
		return (KLDSIM__ACCESS_NOMEM);
	set->next_id++; /* saved with the whole set by add_to_list() */
	*instance_ret = instance;
	return (KLDSIM__ACCESS_OK);
}

const struct kldsim_instance *
kldsim__set_find_instance(const struct kldsim__set *set, unsigned id)
{
	for (size_t i = 0; i < set->ninstances; i++)
		if (set->instances[i].id == id)
			return (&set->instances[i]);
	return (NULL);
}

enum kldsim__access
kldsim__set_remove_instance(struct kldsim__set *set, unsigned id)
{
	const struct kldsim_instance *gone =
	    kldsim__set_find_instance(set, id);
	size_t at, n = set->ninstances - 1;
	struct kldsim_instance *list;

	if (gone == NULL)
		return (KLDSIM__ACCESS_FAULT);
	list = kldsim__calloc(set->space->alloc, n + 1, sizeof(*list));
	if (list == NULL)
		return (KLDSIM__ACCESS_NOMEM);
	at = (size_t)(gone - set->instances);
	memcpy(list, set->instances, at * sizeof(*list));
	memcpy(list + at, gone + 1, (n - at) * sizeof(*list));
	if (!kldsim__aspace_unmap(set->space, gone->area)) {
		kldsim__free(set->space->alloc, list);
		return (KLDSIM__ACCESS_NOMEM);
	}
	return (replace_list(set, list, n) ? KLDSIM__ACCESS_OK :
	    KLDSIM__ACCESS_NOMEM);
}

enum kldsim__access
kldsim__set_copy(struct kldsim__set *set, kldsim_addr start, kldsim_size size)
{
	for (size_t i = 0; i < set->ninstances; i++) {
		enum kldsim__access access = kldsim__aspace_copy(set->space,
		    start + set->instances[i].base, start, size);

		if (access != KLDSIM__ACCESS_OK)
			return (access);
	}
	return (KLDSIM__ACCESS_OK);
}

bool
kldsim__set_holds(const struct kldsim__set *set, kldsim_addr address)
{
	return (set->present && address - set->start < set->stop - set->start);
}
