/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_LIST_H
#define UTIL_LIST_H

/*
 * A doubly linked ring with its head as one of the links, as <sys/queue.h>
 * has them, whose every change can be undone.
 */

#include <stddef.h>

#include "util/undo.h"

struct kldsim__link {
	struct kldsim__link *next;
	struct kldsim__link *prev;
};

#define KLDSIM__ENTRY(link, type, member) \
	((type *)(void *)((char *)(link) - offsetof(type, member)))

#define KLDSIM__FOREACH(link, head) \
	for (struct kldsim__link *link = (head)->next; link != (head); \
	    link = link->next)

static inline void
kldsim__list_init(struct kldsim__link *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool
kldsim__list_empty(const struct kldsim__link *head)
{
	return (head->next == head);
}

/* False, and nothing changed, if there is no memory to remember it by. */
static inline bool
kldsim__list_insert_after(struct kldsim__undo *undo, struct kldsim__link *at,
    struct kldsim__link *link)
{
	struct kldsim__link *next = at->next;

	if (!kldsim__undo_save(undo, link, sizeof(*link)) ||
	    !kldsim__undo_save(undo, &at->next, sizeof(at->next)) ||
	    !kldsim__undo_save(undo, &next->prev, sizeof(next->prev)))
		return (false);
	link->next = next;
	link->prev = at;
	at->next = link;
	next->prev = link;
	return (true);
}

static inline bool
kldsim__list_insert_tail(struct kldsim__undo *undo, struct kldsim__link *head,
    struct kldsim__link *link)
{
	return (kldsim__list_insert_after(undo, head->prev, link));
}

static inline bool
kldsim__list_remove(struct kldsim__undo *undo, struct kldsim__link *link)
{
	if (!kldsim__undo_save(undo, &link->prev->next, sizeof(link)) ||
	    !kldsim__undo_save(undo, &link->next->prev, sizeof(link)))
		return (false);
	link->prev->next = link->next;
	link->next->prev = link->prev;
	return (true);
}

#endif
