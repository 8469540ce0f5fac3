/* SPDX-License-Identifier: BSD-2-Clause */

/* Walks first, then an index; see fullsyms.h. */

#include "sym/fullsyms.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

struct walk {
	char *name;
	struct kldsim__fullsym found;
};

/* Many kernels share it, so it is nobody's allocator's but libc's. */
struct kldsim__fullsyms {
	struct kldsim__alloc alloc;
	struct kldsim__symview view;
	pthread_mutex_t lock; /* guards walks; index is made under it */
	const char *const *expected;
	unsigned nexpected;
	bool met; /* the walk for the expected names is done */
	struct kldsim__fullsym answers[KLDSIM__EXPECTED];
	struct walk walks[KLDSIM__WALKS];
	unsigned nwalks;
	struct kldsim__symindex index;
	atomic_bool indexed;
};

struct kldsim__fullsyms *
kldsim__fullsyms_new(const struct kldsim__symview *view,
    const char *const *expected)
{
	struct kldsim__alloc alloc;
	struct kldsim__fullsyms *full;

	kldsim__alloc_init(&alloc, NULL);
	full = kldsim__calloc(&alloc, 1, sizeof(*full));
	if (full == NULL)
		return (NULL);
	full->alloc = alloc;
	full->view = *view;
	full->expected = expected;
	while (full->nexpected < KLDSIM__EXPECTED &&
	    expected[full->nexpected] != NULL)
		full->nexpected++;
	atomic_init(&full->indexed, false);
	(void)pthread_mutex_init(&full->lock, NULL);
	return (full);
}

void
kldsim__fullsyms_free(struct kldsim__fullsyms *full)
{
	struct kldsim__alloc alloc = full->alloc;

	for (unsigned i = 0; i < full->nwalks; i++)
		kldsim__free(&alloc, full->walks[i].name);
	kldsim__symindex_fini(&full->index);
	(void)pthread_mutex_destroy(&full->lock);
	kldsim__free(&alloc, full);
}

/* The symbol may be the first one of names that are looked for: of how many. */
static unsigned
compare(const char *text, uint32_t symbol, const char *const *names,
    unsigned n, struct kldsim__fullsym *found)
{
	unsigned met = 0;

	for (unsigned i = 0; i < n; i++)
		if (*text == *names[i] &&
		    found[i].index == KLDSIM__NO_SYMBOL &&
		    strcmp(text, names[i]) == 0) {
			found[i].index = symbol;
			met++;
		}
	return (met);
}

/* Whoever is still looking would read that name. */
static void
unreadable(uint32_t symbol, unsigned n, struct kldsim__fullsym *found)
{
	for (unsigned i = 0; i < n; i++)
		if (found[i].index == KLDSIM__NO_SYMBOL)
			found[i].bad = symbol;
}

/*
 * How a name begins, in a number: equal names have one, others seldom the same.
 * Names of fewer bytes than are looked at have none.
 */
#define BEGINNING 4u
#define BEGINNINGS 4096u

static unsigned
beginning(const char *text)
{
	return (kldsim__load32(text, KLDSIM__HOST_BIG) * 0x9e3779b1u >> 20);
}

/* The numbers of all names that are looked for. */
static void
note_beginnings(const char *const *names, unsigned n, bool *begins)
{
	bool all = false;

	for (unsigned i = 0; i < n; i++)
		if (strlen(names[i]) < BEGINNING)
			all = true;
		else
			begins[beginning(names[i])] = true;
	if (all)
		memset(begins, true, BEGINNINGS);
}

/* The first symbol from i on that needs a closer look. */
static uint32_t
candidate(const struct kldsim__symview *view, const bool *begins, uint32_t i)
{
	const size_t each = view->is64 ? 24 : 16;
	const uint64_t end = view->names_end > BEGINNING ?
	    view->names_end - BEGINNING : 0;
	const uint8_t *at;

	if (i >= view->count) /* there may be no table at all */
		return (i);
	at = view->syms + i * each;
	/* At the end of the strings there may be fewer bytes to look at. */
	for (; i < view->count; i++, at += each) {
		uint32_t name = kldsim__load32(at, view->big);

		if (name >= end || begins[beginning(view->strings + name)])
			break;
	}
	return (i);
}

/* One symbol after the other, as the kernel does. */
void
kldsim__fullsyms_walk(const struct kldsim__symview *view,
    const char *const *names, unsigned n, struct kldsim__fullsym *found)
{
	bool begins[BEGINNINGS] = { false };
	unsigned left = n;
	uint32_t i;

	for (unsigned name = 0; name < n; name++) {
		found[name].index = KLDSIM__NO_SYMBOL;
		found[name].bad = KLDSIM__NO_SYMBOL;
	}
	note_beginnings(names, n, begins);
	for (i = candidate(view, begins, 0); i < view->count;
	    i = candidate(view, begins, i + 1)) {
		const char *text = kldsim__sym_name(view,
		    kldsim__sym_name_offset(view, i));

		if (text == NULL) {
			unreadable(i, n, found);
			return;
		}
		left -= compare(text, i, names, n, found);
		if (left == 0)
			return;
	}
}

static void
ask_index(const struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	bool bad;

	found_ret->index = kldsim__symindex_find(&full->index, &full->view,
	    name, &bad);
	found_ret->bad = bad ? full->index.first_bad : KLDSIM__NO_SYMBOL;
}

/* One of the names that are expected, all of which one walk finds. */
static bool
find_expected(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	for (unsigned i = 0; i < full->nexpected; i++) {
		if (strcmp(full->expected[i], name) != 0)
			continue;
		if (!full->met)
			kldsim__fullsyms_walk(&full->view, full->expected,
			    full->nexpected, full->answers);
		full->met = true;
		*found_ret = full->answers[i];
		return (true);
	}
	return (false);
}

/* Under the lock: an answer that is kept, a new one, or an index at last. */
static bool
find_locked(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	struct walk *new = &full->walks[full->nwalks];

	if (find_expected(full, name, found_ret))
		return (true);
	for (unsigned i = 0; i < full->nwalks; i++) {
		if (strcmp(full->walks[i].name, name) != 0)
			continue;
		*found_ret = full->walks[i].found;
		return (true);
	}
	if (full->nwalks < KLDSIM__WALKS) {
		new->name = kldsim__strdup(&full->alloc, name);
		if (new->name == NULL)
			return (false);
		kldsim__fullsyms_walk(&full->view, &name, 1, &new->found);
		*found_ret = new->found;
		full->nwalks++;
		return (true);
	}
	if (!atomic_load(&full->indexed)) {
		if (!kldsim__symindex_build(&full->index, &full->alloc,
		    &full->view, NULL, NULL))
			return (false);
		atomic_store(&full->indexed, true);
	}
	ask_index(full, name, found_ret);
	return (true);
}

bool
kldsim__fullsyms_find(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	bool ok;

	if (atomic_load_explicit(&full->indexed, memory_order_acquire)) {
		ask_index(full, name, found_ret);
		return (true);
	}
	(void)pthread_mutex_lock(&full->lock);
	ok = find_locked(full, name, found_ret);
	(void)pthread_mutex_unlock(&full->lock);
	return (ok);
}
