/* SPDX-License-Identifier: BSD-2-Clause */

/* Which sysctls there are; see sysctls.h. */

#include "kern/sysctls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/set_walk.h"

#define CTLTYPE 0xfu
#define CTLTYPE_NODE 1u
#define CTL_MAXNAME 24u /* names from the root to an oid */

/*
 * One of the kernel's.  There are thousands, and few are asked for: more is
 * read from its memory when one is.
 */
struct kldsim__own_oid {
	kldsim_addr list;
	size_t order; /* in the set, which is that of registering */
	kldsim_addr address;
};

/* A list whose oids the kernel has lost (M-45). */
struct emptied {
	struct kldsim__link link;
	kldsim_addr list;
};

#define OID(entry) KLDSIM__ENTRY(entry, struct kldsim__oid, by_parent)

/* --- the kernel's own --- */

static int
by_list(const void *first, const void *second)
{
	const struct kldsim__own_oid *a = first, *b = second;

	if (a->list != b->list)
		return (a->list < b->list ? -1 : 1);
	return (a->order < b->order ? -1 : 1);
}

static int
read_own(struct kldsim *sim)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	struct kldsim__sysctls *sysctls = &sim->sysctls;
	struct kldsim__set_walk walk;
	uint64_t pointers;
	bool more;
	int error = kldsim__walk_begin(&walk, sim, sim->linker.kernel,
	    "sysctl_set", &more);

	if (error != 0 || !more)
		return (error);
	pointers = kldsim__set_pointers(sim, walk.at, walk.stop);
	sysctls->own = kldsim__calloc(&sim->alloc, (size_t)pointers + 1,
	    sizeof(*sysctls->own));
	if (sysctls->own == NULL)
		return (kldsim__nomem(sim));
	for (uint64_t i = 0; i < pointers; i++) {
		const kldsim_addr at = walk.at + i * ptrsz;
		struct kldsim__own_oid *own = &sysctls->own[sysctls->nown];

		/* What cannot be read would have ended the kernel's boot. */
		if (kldsim__meta_pointer(&sim->meta, at, &own->address) &&
		    kldsim__meta_pointer(&sim->meta, own->address + ptrsz,
		    &own->list))
			own->order = sysctls->nown++;
	}
	qsort(sysctls->own, sysctls->nown, sizeof(*sysctls->own), by_list);
	return (0);
}

/*
 * M-43: the size of the kernel's own oids tells how they are laid out.  A
 * kernel that has not these two symbols is none that has sysctls.
 */
int
kldsim__sysctls_read(struct kldsim *sim)
{
	struct kldsim__sysctls *sysctls = &sim->sysctls;
	kldsim_addr root, kern;
	kldsim_size size;
	int error;

	if (sysctls->read)
		return (0);
	error = kldsim__kernel_symbol(sim, "sysctl___kern", &kern, &size);
	if (error != 0)
		return (error);
	sim->meta.oid_links = kldsim__meta_oid_links(&sim->meta, size);
	error = kldsim__kernel_symbol(sim, "sysctl__children", &root, &size);
	if (error == 0 && sim->meta.oid_links != 0 && root != 0)
		error = read_own(sim);
	if (error != 0)
		return (error);
	sysctls->root = sim->meta.oid_links != 0 ? root : 0;
	sysctls->read = true;
	return (0);
}

static bool
is_emptied(const struct kldsim__sysctls *sysctls, kldsim_addr list)
{
	KLDSIM__FOREACH(l, &sysctls->emptied)
		if (KLDSIM__ENTRY(l, struct emptied, link)->list == list)
			return (true);
	return (false);
}

/* The kernel's own in a list: own[*at_ret] up to the one that is returned. */
static size_t
own_of(const struct kldsim *sim, kldsim_addr list, size_t *at_ret)
{
	const struct kldsim__sysctls *sysctls = &sim->sysctls;
	size_t low = 0, high = sysctls->nown;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sysctls->own[middle].list < list)
			low = middle + 1;
		else
			high = middle;
	}
	*at_ret = low;
	if (is_emptied(sysctls, list))
		return (low);
	while (low < sysctls->nown && sysctls->own[low].list == list)
		low++;
	return (low);
}

size_t
kldsim__sysctls_own(const struct kldsim *sim, kldsim_addr list)
{
	size_t at, end = own_of(sim, list, &at);

	return (end - at);
}

/* The first of the kernel's own of a name in a list: others never got in. */
static bool
own_by_name(const struct kldsim *sim, kldsim_addr list, const char *name,
    struct kldsim__sysctl_found *found_ret)
{
	struct kldsim__sysctl_oid oid;
	size_t i, end = own_of(sim, list, &i);

	for (; i < end; i++) {
		found_ret->address = sim->sysctls.own[i].address;
		if (!kldsim__meta_sysctl_oid(&sim->meta, found_ret->address,
		    &oid) ||
		    !kldsim__meta_string_is(&sim->meta, oid.name, name))
			continue;
		found_ret->is_node = (oid.kind & CTLTYPE) == CTLTYPE_NODE;
		found_ret->file = sim->linker.kernel;
		return (true);
	}
	return (false);
}

/* --- searches --- */

#define NAME 128u /* bytes; no sysctl has so long a name */

/* A name in target memory, into a buffer; false if it is not there or long. */
static bool
read_name(const struct kldsim *sim, kldsim_addr address, char *name,
    size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!kldsim__aspace_read(&sim->space, address + i, &name[i],
		    1))
			return (false);
		else if (name[i] == '\0')
			return (true);
	return (false);
}

static uint32_t
hash_of(const struct kldsim *sim, kldsim_addr list)
{
	return (kldsim__hash_number(&sim->sysctls.by_parent, list));
}

void
kldsim__sysctl_by_name(const struct kldsim *sim, kldsim_addr list,
    const char *name, struct kldsim__sysctl_found *found_ret)
{
	if (own_by_name(sim, list, name, found_ret))
		return;
	memset(found_ret, 0, sizeof(*found_ret));
	KLDSIM__FOREACH_HASHED(entry, &sim->sysctls.by_parent,
	    hash_of(sim, list)) {
		const struct kldsim__oid *other = OID(entry);

		if (!other->linked || other->is.parent != list ||
		    strcmp(other->name, name) != 0)
			continue;
		found_ret->address = other->address;
		found_ret->is_node =
		    (other->is.kind & CTLTYPE) == CTLTYPE_NODE;
		found_ret->file = other->file;
		return;
	}
}

/* Whether one of the kernel's is the first of its name. */
static bool
own_is_linked(const struct kldsim *sim, kldsim_addr address,
    const struct kldsim__sysctl_oid *is)
{
	struct kldsim__sysctl_found found;
	char name[NAME];

	return (read_name(sim, is->name, name, sizeof(name)) &&
	    own_by_name(sim, is->parent, name, &found) &&
	    found.address == address);
}

bool
kldsim__sysctl_number_used(const struct kldsim *sim, kldsim_addr list,
    int number)
{
	const struct kldsim__sysctls *sysctls = &sim->sysctls;
	struct kldsim__sysctl_oid is;
	size_t i, end = own_of(sim, list, &i);

	for (; i < end; i++)
		if (kldsim__meta_sysctl_oid(&sim->meta,
		    sysctls->own[i].address, &is) && is.number == number &&
		    own_is_linked(sim, sysctls->own[i].address, &is))
			return (true);
	KLDSIM__FOREACH_HASHED(entry, &sysctls->by_parent,
	    hash_of(sim, list)) {
		const struct kldsim__oid *other = OID(entry);

		if (other->linked && other->is.parent == list &&
		    other->is.number == number)
			return (true);
	}
	return (false);
}

bool
kldsim__sysctl_is_linked(const struct kldsim *sim, kldsim_addr address)
{
	struct kldsim__sysctl_found found;
	struct kldsim__sysctl_oid is;
	char name[NAME];

	if (!kldsim__meta_sysctl_oid(&sim->meta, address, &is) ||
	    !read_name(sim, is.name, name, sizeof(name)))
		return (false);
	kldsim__sysctl_by_name(sim, is.parent, name, &found);
	return (found.address == address);
}

/* Put a name in front of what is there, with a dot unless it is the last. */
static bool
prepend(char *path, size_t size, const char *name, bool dot)
{
	const size_t length = strlen(name), have = strlen(path);

	if (length + dot + have + 1 > size)
		return (false);
	memmove(path + length + dot, path, have + 1);
	memcpy(path, name, length);
	if (dot)
		path[length] = '.';
	return (true);
}

bool
kldsim__sysctl_path(const struct kldsim *sim, kldsim_addr address,
    char *path, size_t size)
{
	struct kldsim__sysctl_oid is;
	char name[NAME], own[NAME] = "";

	path[0] = '\0';
	for (unsigned depth = 0; depth < CTL_MAXNAME; depth++) {
		if (!kldsim__sysctl_is_linked(sim, address) ||
		    !kldsim__meta_sysctl_oid(&sim->meta, address, &is) ||
		    (depth != 0 && (is.kind & CTLTYPE) != CTLTYPE_NODE) ||
		    !read_name(sim, is.name, name, sizeof(name)) ||
		    !prepend(path, size, name, depth != 0))
			break;
		if (depth == 0)
			memcpy(own, name, sizeof(own));
		if (is.parent == sim->sysctls.root)
			return (true);
		address = is.parent; /* its list is the first of a node */
	}
	(void)snprintf(path, size, "%s", own);
	return (false);
}

/* The bytes of a name, at most as many as limit; false: it is not there. */
static bool
name_length(const struct kldsim *sim, kldsim_addr address, size_t limit,
    size_t *length_ret)
{
	char byte = 1;

	for (*length_ret = 0; *length_ret < limit; ++*length_ret) {
		if (!kldsim__aspace_read(&sim->space, address + *length_ret,
		    &byte, 1))
			return (false);
		if (byte == '\0')
			break;
	}
	return (true);
}

bool
kldsim__sysctl_path_length(const struct kldsim *sim, kldsim_addr address,
    size_t limit, size_t *length_ret)
{
	struct kldsim__sysctl_oid is;
	size_t length;

	for (*length_ret = 0; *length_ret < limit; *length_ret += 1) {
		if (!kldsim__meta_sysctl_oid(&sim->meta, address, &is) ||
		    !name_length(sim, is.name, limit, &length))
			return (false);
		*length_ret += length;
		if (is.parent == sim->sysctls.root)
			break;
		address = is.parent;
	}
	return (true);
}

/* --- entries --- */

int
kldsim__sysctl_enter(struct kldsim *sim, struct kldsim__oid *oid)
{
	oid->linked = true;
	return (kldsim__buckets_insert(&sim->sysctls.by_parent,
	    &oid->by_parent, hash_of(sim, oid->is.parent)) ? 0 :
	    kldsim__nomem(sim));
}

struct kldsim__oid *
kldsim__sysctl_entered(struct kldsim *sim, kldsim_addr list,
    kldsim_addr address)
{
	KLDSIM__FOREACH_HASHED(entry, &sim->sysctls.by_parent,
	    hash_of(sim, list))
		if (OID(entry)->is.parent == list &&
		    OID(entry)->address == address)
			return (OID(entry));
	return (NULL);
}

int
kldsim__sysctl_forget(struct kldsim *sim, struct kldsim__oid *oid)
{
	return (kldsim__buckets_remove(&sim->sysctls.by_parent,
	    &oid->by_parent) ? 0 : kldsim__nomem(sim));
}

int
kldsim__sysctl_empty(struct kldsim *sim, kldsim_addr list, size_t *lost_ret)
{
	struct kldsim__sysctls *sysctls = &sim->sysctls;
	struct emptied *emptied;
	size_t at, end;

	*lost_ret = 0;
	KLDSIM__FOREACH_HASHED(entry, &sysctls->by_parent,
	    hash_of(sim, list)) {
		if (OID(entry)->is.parent != list || !OID(entry)->linked)
			continue;
		if (!KLDSIM__SET(&sim->undo, OID(entry)->linked, false))
			return (kldsim__nomem(sim));
		++*lost_ret;
	}
	if (is_emptied(sysctls, list))
		return (0);
	end = own_of(sim, list, &at);
	*lost_ret += end - at;
	emptied = kldsim__arena_alloc(&sim->arena, sizeof(*emptied));
	if (emptied == NULL)
		return (kldsim__nomem(sim));
	emptied->list = list;
	return (kldsim__list_insert_tail(&sim->undo, &sysctls->emptied,
	    &emptied->link) ? 0 : kldsim__nomem(sim));
}
