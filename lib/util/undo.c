/* SPDX-License-Identifier: BSD-2-Clause */

/* The log of old bytes; see undo.h for the idea. */

#include "util/undo.h"

#include <string.h>

enum kind { BYTES, MADE, GONE };

struct kldsim__undo_entry {
	enum kind kind;
	kldsim__undo_fn drop;
	void *owner;
	void *object;  /* BYTES: where they belong */
	size_t offset; /* BYTES: where they are saved */
	size_t size;
};

void
kldsim__undo_init(struct kldsim__undo *undo, const struct kldsim__alloc *alloc)
{
	memset(undo, 0, sizeof(*undo));
	undo->alloc = alloc;
	undo->epoch = 1;
}

void
kldsim__undo_fini(struct kldsim__undo *undo)
{
	undo->snapshots = 0;
	kldsim__undo_commit(undo);
	kldsim__free(undo->alloc, undo->entries);
	kldsim__free(undo->alloc, undo->bytes);
}

static struct kldsim__undo_entry *
new_entry(struct kldsim__undo *undo, enum kind kind)
{
	struct kldsim__undo_entry *entry;

	if (!kldsim__grow(undo->alloc, &undo->entries, &undo->entries_cap,
	    undo->nentries + 1, sizeof(*undo->entries)))
		return (NULL);
	undo->changes++;
	entry = &undo->entries[undo->nentries++];
	memset(entry, 0, sizeof(*entry));
	entry->kind = kind;
	return (entry);
}

bool
kldsim__undo_save(struct kldsim__undo *undo, void *where, size_t size)
{
	struct kldsim__undo_entry *entry;

	if (!kldsim__grow(undo->alloc, &undo->bytes, &undo->bytes_cap,
	    undo->nbytes + size, 1))
		return (false);
	entry = new_entry(undo, BYTES);
	if (entry == NULL)
		return (false);
	entry->object = where;
	entry->offset = undo->nbytes;
	entry->size = size;
	memcpy(undo->bytes + undo->nbytes, where, size);
	undo->nbytes += size;
	return (true);
}

static bool
add_drop(struct kldsim__undo *undo, enum kind kind, kldsim__undo_fn drop,
    void *owner, void *object)
{
	struct kldsim__undo_entry *entry = new_entry(undo, kind);

	if (entry == NULL)
		return (false);
	entry->drop = drop;
	entry->owner = owner;
	entry->object = object;
	return (true);
}

bool
kldsim__undo_made(struct kldsim__undo *undo, kldsim__undo_fn drop,
    void *owner, void *object)
{
	return (add_drop(undo, MADE, drop, owner, object));
}

bool
kldsim__undo_gone(struct kldsim__undo *undo, kldsim__undo_fn drop,
    void *owner, void *object)
{
	return (add_drop(undo, GONE, drop, owner, object));
}

size_t
kldsim__undo_begin(struct kldsim__undo *undo)
{
	undo->epoch++;
	return (undo->nentries);
}

void
kldsim__undo_commit(struct kldsim__undo *undo)
{
	undo->epoch++;
	if (undo->snapshots == 0)
		kldsim__undo_settle(undo, undo->nentries);
}

/* Saved bytes that no entry before the mark needs begin here. */
static size_t
bytes_from(const struct kldsim__undo *undo, size_t mark)
{
	for (size_t i = mark; i < undo->nentries; i++)
		if (undo->entries[i].kind == BYTES)
			return (undo->entries[i].offset);
	return (undo->nbytes);
}

void
kldsim__undo_settle(struct kldsim__undo *undo, size_t mark)
{
	size_t from = bytes_from(undo, mark);

	for (size_t i = 0; i < mark; i++) {
		struct kldsim__undo_entry *entry = &undo->entries[i];

		if (entry->kind == GONE)
			entry->drop(entry->owner, entry->object);
	}
	undo->nentries -= mark;
	undo->nbytes -= from;
	if (undo->nentries != 0)
		memmove(undo->entries, undo->entries + mark,
		    undo->nentries * sizeof(*undo->entries));
	if (undo->nbytes != 0)
		memmove(undo->bytes, undo->bytes + from, undo->nbytes);
	for (size_t i = 0; i < undo->nentries; i++)
		if (undo->entries[i].kind == BYTES)
			undo->entries[i].offset -= from;
}

void
kldsim__undo_rollback(struct kldsim__undo *undo, size_t mark)
{
	undo->epoch++;
	while (undo->nentries > mark) {
		struct kldsim__undo_entry *entry =
		    &undo->entries[--undo->nentries];

		undo->changes++;
		if (entry->kind == MADE) {
			entry->drop(entry->owner, entry->object);
		} else if (entry->kind == BYTES) {
			memcpy(entry->object, undo->bytes + entry->offset,
			    entry->size);
			undo->nbytes = entry->offset;
		}
	}
}
