/* SPDX-License-Identifier: BSD-2-Clause */

/* Walks first, then an index; see fullsyms.h. */

#include "sym/fullsyms.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "elf/longnames.h"
#include "sym/namefilter.h"

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
	bool walks_on; /* names are too long for an index */
	bool filtered;
	struct kldsim__namefilter filter; /* if filtered */
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
	kldsim__namefilter_fini(&full->filter, &alloc);
	kldsim__symindex_fini(&full->index);
	(void)pthread_mutex_destroy(&full->lock);
	kldsim__free(&alloc, full);
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

/* Names that are looked for, and what was found for each of them. */
struct looking {
	const char *const *names;
	unsigned n;
	struct kldsim__fullsym *found;
	unsigned left; /* not found yet */
	bool all;      /* one is too short to be told by its beginning */
	/*
	 * Lists of those that begin alike: the number of the first one plus 1,
	 * and from each to the next; 0: there is no more.
	 */
	uint8_t first[BEGINNINGS];
	uint8_t next[KLDSIM__EXPECTED + 1];
};

static void
look_for(struct looking *looking, const char *const *names, unsigned n,
    struct kldsim__fullsym *found)
{
	memset(looking, 0, sizeof(*looking));
	looking->names = names;
	looking->n = looking->left = n;
	looking->found = found;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *first;

		found[i].index = KLDSIM__NO_SYMBOL;
		found[i].bad = KLDSIM__NO_SYMBOL;
		looking->all = looking->all || strlen(names[i]) < BEGINNING;
		if (looking->all)
			continue;
		first = &looking->first[beginning(names[i])];
		looking->next[i + 1] = *first;
		*first = (uint8_t)(i + 1);
	}
}

/* Where the strings end there may be fewer bytes than a beginning has. */
static bool
has_beginning(const struct kldsim__symview *view, uint32_t name)
{
	return (name + (uint64_t)BEGINNING < view->names_end);
}

/* The first symbol from i on that needs a closer look. */
static uint32_t
candidate(const struct kldsim__symview *view, const struct looking *looking,
    uint32_t i)
{
	const size_t each = view->is64 ? 24 : 16;
	const uint8_t *at;

	if (i >= view->count || looking->all) /* maybe there is no table */
		return (i);
	at = view->syms + i * each;
	for (; i < view->count; i++, at += each) {
		uint32_t name = kldsim__load32(at, view->big);

		if (!has_beginning(view, name) ||
		    looking->first[beginning(view->strings + name)] != 0)
			break;
	}
	return (i);
}

/* The symbol may be the first one of a name that is looked for. */
static void
compare_name(struct looking *looking, const char *text, uint32_t symbol,
    unsigned i)
{
	if (looking->found[i].index != KLDSIM__NO_SYMBOL ||
	    strcmp(text, looking->names[i]) != 0)
		return;
	looking->found[i].index = symbol;
	looking->left--;
}

static void
compare(struct looking *looking, const struct kldsim__symview *view,
    uint32_t name, const char *text, uint32_t symbol)
{
	if (looking->all || !has_beginning(view, name)) {
		for (unsigned i = 0; i < looking->n; i++)
			compare_name(looking, text, symbol, i);
		return;
	}
	for (unsigned i = looking->first[beginning(text)]; i != 0;
	    i = looking->next[i])
		compare_name(looking, text, symbol, i - 1);
}

/* One symbol after the other, as the kernel does. */
void
kldsim__fullsyms_walk(const struct kldsim__symview *view,
    const char *const *names, unsigned n, struct kldsim__fullsym *found)
{
	struct looking looking;
	uint32_t i;

	look_for(&looking, names, n, found);
	for (i = candidate(view, &looking, 0);
	    i < view->count && looking.left != 0;
	    i = candidate(view, &looking, i + 1)) {
		const uint32_t name = kldsim__sym_name_offset(view, i);
		const char *text = kldsim__sym_name(view, name);

		if (text == NULL) {
			unreadable(i, n, found);
			return;
		}
		compare(&looking, view, name, text, i);
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

/* One that was walked for before. */
static bool
find_kept(const struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	for (unsigned i = 0; i < full->nwalks; i++) {
		if (strcmp(full->walks[i].name, name) != 0)
			continue;
		*found_ret = full->walks[i].found;
		return (true);
	}
	return (false);
}

static bool
find_by_walk(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	struct walk *new = &full->walks[full->nwalks];

	new->name = kldsim__strdup(&full->alloc, name);
	if (new->name == NULL)
		return (false);
	kldsim__fullsyms_walk(&full->view, &name, 1, &new->found);
	*found_ret = new->found;
	full->nwalks++;
	return (true);
}

/* Under the lock: make the index, unless that takes too long. */
static bool
find_by_index(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	if (!full->walks_on && !atomic_load(&full->indexed)) {
		full->walks_on = kldsim__too_long_names(&full->view,
		    UINT64_MAX);
		if (!full->walks_on && !kldsim__symindex_build(&full->index,
		    &full->alloc, &full->view, NULL, NULL))
			return (false);
		atomic_store(&full->indexed, !full->walks_on);
	}
	if (full->walks_on)
		kldsim__fullsyms_walk(&full->view, &name, 1, found_ret);
	else
		ask_index(full, name, found_ret);
	return (true);
}

/* Under the lock: an answer that is kept, a new one, or an index at last. */
static bool
find_locked(struct kldsim__fullsyms *full, const char *name,
    struct kldsim__fullsym *found_ret)
{
	if (find_expected(full, name, found_ret) ||
	    find_kept(full, name, found_ret))
		return (true);
	/* A filter takes as long as one walk. */
	if (full->nwalks == 0)
		return (find_by_walk(full, name, found_ret));
	if (!full->filtered && !kldsim__namefilter_build(&full->filter,
	    &full->alloc, &full->view))
		return (false);
	full->filtered = true;
	if (kldsim__namefilter_lacks(&full->filter, name)) {
		found_ret->index = found_ret->bad = KLDSIM__NO_SYMBOL;
		return (true);
	}
	if (full->nwalks < KLDSIM__WALKS)
		return (find_by_walk(full, name, found_ret));
	return (find_by_index(full, name, found_ret));
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
