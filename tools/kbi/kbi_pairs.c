/* SPDX-License-Identifier: BSD-2-Clause */

/* The types of two interface texts; see kbi_pairs.h. */

#include "kbi/kbi_pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* Steps from a type to what it has, for all symbols; GENERIC needs millions. */
#define MOST_WORK (UINT64_C(1) << 27)

/* --- keys --- */

/* A key, which may be a piece of a line. */
struct piece {
	const char *text;
	size_t length;
};

static int
compare_key(const void *left, const void *right)
{
	const struct piece *piece = left;
	const struct kbi_pair *pair = right;
	const int order = strncmp(piece->text, pair->key, piece->length);

	return (order != 0 ? order : pair->key[piece->length] != '\0' ? -1 :
	    0);
}

static struct kbi_pair *
find(struct kbi_pairs *pairs, const struct piece *piece)
{
	return (pairs->count == 0 ? NULL : bsearch(piece, pairs->all,
	    pairs->count, sizeof(*pairs->all), compare_key));
}

/* --- what has become of one --- */

/* The types of a key in one text. */
struct variants {
	const struct kbi_line **all;     /* by number */
	const struct kbi_line **by_text;
	size_t count;
};

static int
compare_text(const void *left, const void *right)
{
	const struct kbi_line *const *a = left, *const *b = right;

	return (strcmp((*a)->rest, (*b)->rest));
}

/* I-90: of several types of one name, the first has no number. */
static void
find_variants(const struct kbi_lines *lines, const char *key,
    struct variants *variants)
{
	const size_t size = strlen(key) + 24;
	char *name = need(malloc(size));
	const struct kbi_line *line;
	size_t cap = 0;

	*variants = (struct variants){ .count = 0 };
	(void)snprintf(name, size, "%s", key);
	while ((line = kbi_lines_find(lines, 'T', name)) != NULL) {
		if (variants->count == cap) {
			cap = cap * 2 + 1;
			variants->all = need(realloc(variants->all,
			    cap * sizeof(*variants->all)));
		}
		variants->all[variants->count++] = line;
		(void)snprintf(name, size, "%s!%zu", key,
		    variants->count + 1);
	}
	free(name);
	if (variants->count == 0)
		return;
	variants->by_text = need(calloc(variants->count,
	    sizeof(*variants->by_text)));
	memcpy(variants->by_text, variants->all,
	    variants->count * sizeof(*variants->all));
	qsort(variants->by_text, variants->count, sizeof(*variants->by_text),
	    compare_text);
}

static void
free_variants(struct variants *variants)
{
	free(variants->all);
	free(variants->by_text);
}

/* The first that the other side has not; NULL: it has them all. */
static const struct kbi_line *
lacking(const struct variants *variants, const struct variants *other)
{
	for (size_t i = 0; i < variants->count; i++)
		if (other->count == 0 || bsearch(&variants->all[i],
		    other->by_text, other->count, sizeof(*other->by_text),
		    compare_text) == NULL)
			return (variants->all[i]);
	return (NULL);
}

/* --- what it leads to --- */

/* To the closure, which may have it already. */
static void
add(struct kbi_pairs *pairs, struct kbi_pair *pair, uint64_t stamp)
{
	if (pair->stamp == stamp)
		return;
	pair->stamp = stamp;
	pairs->closure[pairs->nclosure++] = pair;
}

static void
add_keys(struct kbi_pairs *pairs, const char *text, unsigned stars,
    uint64_t stamp)
{
	struct piece key;
	struct kbi_pair *pair;

	while (text != NULL && kbi_next_key(&text, stars, &key.text,
	    &key.length)) {
		pair = find(pairs, &key);
		if (pair != NULL)
			add(pairs, pair, stamp);
	}
}

/* In the room of a closure, before there is any. */
static void
find_leads(struct kbi_pairs *pairs, struct kbi_pair *pair,
    const struct variants *a, const struct variants *b)
{
	const uint64_t stamp = ++pairs->stamp;

	pairs->nclosure = 0;
	for (size_t i = 0; i < a->count; i++)
		add_keys(pairs, strchr(a->all[i]->rest, '{'), 0, stamp);
	for (size_t i = 0; i < b->count; i++)
		add_keys(pairs, strchr(b->all[i]->rest, '{'), 0, stamp);
	pair->nleads = pairs->nclosure;
	if (pair->nleads == 0)
		return;
	pair->leads = need(calloc(pair->nleads, sizeof(*pair->leads)));
	memcpy(pair->leads, pairs->closure,
	    pair->nleads * sizeof(*pair->leads));
}

static void
fill(struct kbi_pairs *pairs, struct kbi_pair *pair)
{
	struct variants a, b;

	find_variants(pairs->a, pair->key, &a);
	find_variants(pairs->b, pair->key, &b);
	pair->a = lacking(&a, &b);
	pair->b = lacking(&b, &a);
	/* I-30: of several, which one is meant may be chance. */
	pair->differs = pair->a != NULL && pair->b != NULL;
	pair->several = a.count > 1 || b.count > 1;
	if (pair->a == NULL && a.count != 0)
		pair->a = a.all[0];
	if (pair->b == NULL && b.count != 0)
		pair->b = b.all[0];
	find_leads(pairs, pair, &a, &b);
	free_variants(&a);
	free_variants(&b);
}

/* --- all of them --- */

/* The next line of a type; NULL: there are no more. */
static const struct kbi_line *
next_type(const struct kbi_lines *lines, size_t *at)
{
	while (*at < lines->count && lines->all[*at].letter != 'T')
		(*at)++;
	return (*at < lines->count ? &lines->all[*at] : NULL);
}

void
kbi_pairs_make(const struct kbi_lines *a, const struct kbi_lines *b,
    struct kbi_pairs *pairs_ret)
{
	struct kbi_pair *all = need(calloc(a->count + b->count + 1,
	    sizeof(*all)));
	size_t i = 0, j = 0, count = 0;

	for (;;) {
		const struct kbi_line *in_a = next_type(a, &i);
		const struct kbi_line *in_b = next_type(b, &j);
		const int way = in_b == NULL ? -1 : in_a == NULL ? 1 :
		    strcmp(in_a->name, in_b->name);
		const char *key;

		if (in_a == NULL && in_b == NULL)
			break;
		key = way <= 0 ? in_a->name : in_b->name;
		if (count == 0 || strcmp(all[count - 1].key, key) != 0)
			all[count++].key = key;
		i += way <= 0;
		j += way >= 0;
	}
	*pairs_ret = (struct kbi_pairs){ .a = a, .b = b, .all = all,
		.count = count, .closure = need(calloc(count + 1,
		sizeof(*pairs_ret->closure))) };
	for (i = 0; i < count; i++)
		fill(pairs_ret, &all[i]);
}

void
kbi_pairs_free(struct kbi_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		free(pairs->all[i].leads);
	free(pairs->all);
	free(pairs->closure);
}

struct kbi_pair *
kbi_pairs_find(struct kbi_pairs *pairs, const char *key)
{
	const struct piece piece = { key, strlen(key) };

	return (find(pairs, &piece));
}

void
kbi_pairs_close(struct kbi_pairs *pairs, const struct kbi_line *a,
    const struct kbi_line *b)
{
	const uint64_t stamp = ++pairs->stamp;

	pairs->nclosure = 0;
	add_keys(pairs, a != NULL ? a->rest : NULL, 1, stamp);
	add_keys(pairs, b != NULL ? b->rest : NULL, 1, stamp);
	for (size_t i = 0; i < pairs->nclosure && !pairs->too_much; i++) {
		struct kbi_pair *const *leads = pairs->closure[i]->leads;
		const size_t nleads = pairs->closure[i]->nleads;

		pairs->work += nleads + 1;
		pairs->too_much = pairs->work > MOST_WORK;
		for (size_t j = 0; j < nleads; j++)
			add(pairs, leads[j], stamp);
	}
}
