/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_UNDO_H
#define UTIL_UNDO_H

/*
 * How a simulated kernel is put back.
 *
 * Whoever is about to change a piece of the kernel's state (a page, a list
 * link, a counter, a free list) first saves its old bytes here.  Whoever makes
 * something says how to drop it if the change is undone; whoever gives
 * something up says how to drop it once the change is final, because until
 * then it may be needed again.  That is all: rolling back plays the log
 * backwards, and knows nothing of what the bytes mean.
 *
 * One public call is one transaction.  A snapshot is a transaction that stays
 * open: commits within it keep the log, and restoring rolls back to its mark
 * at a cost that depends on what was touched since.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/alloc.h"

typedef void (*kldsim__undo_fn)(void *owner, void *object);

struct kldsim__undo_entry;

struct kldsim__undo {
	const struct kldsim__alloc *alloc;
	struct kldsim__undo_entry *entries;
	size_t nentries;
	size_t entries_cap;
	unsigned char *bytes;
	size_t nbytes;
	size_t bytes_cap;
	uint64_t epoch;     /* grows with every transaction, never reused */
	uint64_t changes;   /* grows with every change and its undoing */
	unsigned snapshots; /* transactions that stay open */
};

void kldsim__undo_init(struct kldsim__undo *undo,
    const struct kldsim__alloc *alloc);
void kldsim__undo_fini(struct kldsim__undo *undo);

/* Save bytes before they change.  False if there is no memory: leave them. */
bool kldsim__undo_save(struct kldsim__undo *undo, void *where, size_t size);
/* Call drop(owner, object) if this is rolled back. */
bool kldsim__undo_made(struct kldsim__undo *undo, kldsim__undo_fn drop,
    void *owner, void *object);
/* Call drop(owner, object) when this can no longer be rolled back. */
bool kldsim__undo_gone(struct kldsim__undo *undo, kldsim__undo_fn drop,
    void *owner, void *object);

/*
 * A mark to roll back to.  What was saved before is saved again when it changes
 * now: a mark without that would roll back half of it.
 */
size_t kldsim__undo_begin(struct kldsim__undo *undo);
void kldsim__undo_commit(struct kldsim__undo *undo);
/*
 * What was logged before the mark can no longer be rolled back: the entries go,
 * and later marks are smaller by that many.
 */
void kldsim__undo_settle(struct kldsim__undo *undo, size_t mark);
void kldsim__undo_rollback(struct kldsim__undo *undo, size_t mark);

/* Save and set one lvalue: false if it could not be saved. */
#define KLDSIM__SET(undo, lvalue, value)                                  \
	(kldsim__undo_save((undo), &(lvalue), sizeof(lvalue)) ?           \
	    ((void)((lvalue) = (value)), true) : false)

#endif
