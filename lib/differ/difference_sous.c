/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Differences of structures and unions: members are matched by their names
 * (I-33), and what follows from a type that is in there is not said of the one
 * that it is in (I-35).
 */

#include <stdlib.h>
#include <string.h>

#include "differ/difference.h"
#include "types/graph.h"
#include "util/alloc.h"

struct member {
	struct kldsim__leaf leaf;
	const char *path;
	uint64_t bits;       /* how many it takes */
	struct member *other; /* on the other side; NULL: none */
	enum kldsim__unlike unlike;
	bool told;
	bool spare;
};

struct members {
	const struct kldsim_types *types;
	struct member *all;  /* by path, then by place */
	struct member **by_place;
	size_t count;
	size_t cap;
	uint64_t end;        /* where the last one ends */
	uint64_t *open;      /* paths of structures that were entered */
	size_t nopen;
	size_t open_cap;
};

struct sous {
	struct kldsim__differing *differing;
	struct kldsim__difference *out;
	struct members a, b;
	size_t matched;
	/* The first place of b from which on its own changes move members, and
	   where something in it does. */
	uint64_t own_from;
	uint64_t nested_from;
};

/* --- collecting --- */

/* Words of names that say so, and letters that make another word of one. */
static const struct spare_word {
	const char *word;
	bool begins;       /* nothing but '_' may be before it: "preserved" */
	const char *not;   /* "transparent", "paddr" */
} spare_words[] = {
	{ "spare", false, "n" },
	{ "pad", true, NULL },
	{ "reserved", true, "" },
	{ "unused", true, "" },
	{ "_gap", false, "" },
};

static bool
is_lower(char c)
{
	return (c >= 'a' && c <= 'z');
}

static bool
is_word(const char *path, const char *at, const struct spare_word *word)
{
	const char *end = at + strlen(word->word);

	if (word->begins && at != path && is_lower(at[-1]))
		return (false);
	if (word->not != NULL)
		return (*end == '\0' || strchr(word->not, *end) == NULL);
	return (!is_lower(*end) || strncmp(end, "ding", 4) == 0);
}

/* I-40 */
static bool
is_spare(const char *path)
{
	const size_t count = sizeof(spare_words) / sizeof(spare_words[0]);

	for (size_t i = 0; i < count; i++) {
		const struct spare_word *word = &spare_words[i];
		const char *at = path;

		for (; (at = strstr(at, word->word)) != NULL; at++)
			if (is_word(path, at, word))
				return (true);
	}
	return (false);
}

static uint64_t
bits_of(const struct kldsim_types *types, const struct kldsim__leaf *leaf)
{
	struct kldsim_type type;

	if (leaf->bits != 0)
		return (leaf->bits);
	if (kldsim_type_get(types, kldsim_type_strip(types, leaf->type),
	    &type) != KLDSIM_OK || type.size > UINT64_MAX / 8)
		return (0);
	return (type.size * 8);
}

/* Two may have one hash. */
static int
compare_paths(const struct member *a, const struct member *b)
{
	if (a->leaf.path != b->leaf.path)
		return (a->leaf.path < b->leaf.path ? -1 : 1);
	return (strcmp(a->leaf.name, b->leaf.name));
}

static int
by_path(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	const int paths = compare_paths(a, b);

	if (paths != 0)
		return (paths);
	return (a->leaf.bit < b->leaf.bit ? -1 : a->leaf.bit > b->leaf.bit);
}

static int
by_place(const void *left, const void *right)
{
	const struct member *a = *(struct member *const *)left;
	const struct member *b = *(struct member *const *)right;

	if (a->leaf.bit != b->leaf.bit)
		return (a->leaf.bit < b->leaf.bit ? -1 : 1);
	return (strcmp(a->path, b->path));
}

static const char *
path_of(struct kldsim__differing *differing,
    const struct kldsim__leaves *leaves, const struct kldsim__leaf *leaf)
{
	struct kldsim__text text;
	const char *path;

	kldsim__text_init(&text, differing->alloc);
	kldsim__leaf_path(leaves, leaf, &text);
	path = text.failed ? NULL : kldsim__arena_strndup(differing->arena,
	    text.bytes, text.size);
	kldsim__text_fini(&text);
	return (path);
}

/* Is it among those of the leaf before? */
static bool
was_opened(const struct members *members, uint64_t path, unsigned depth)
{
	for (size_t i = members->nopen; i > 0 && members->nopen - i < depth; i--)
		if (members->open[i - 1] == path)
			return (true);
	return (false);
}

/* The structures that lead to a leaf, but for those without any name. */
static bool
add_open(struct kldsim__differing *differing, struct members *members,
    const struct kldsim__leaves *leaves)
{
	for (unsigned i = 1; i < leaves->depth; i++) {
		const uint64_t path = leaves->level[i].path;

		if (*leaves->level[i].name == '\0' ||
		    was_opened(members, path, leaves->depth))
			continue;
		if (!kldsim__grow(differing->alloc, &members->open,
		    &members->open_cap, members->nopen + 1,
		    sizeof(*members->open)))
			return (false);
		members->open[members->nopen++] = path;
	}
	return (true);
}

static bool
add_member(struct kldsim__differing *differing, struct members *members,
    const struct kldsim__leaves *leaves, const struct kldsim__leaf *leaf)
{
	struct member *member;

	if (!kldsim__grow(differing->alloc, &members->all, &members->cap,
	    members->count + 1, sizeof(*members->all)))
		return (false);
	member = &members->all[members->count++];
	memset(member, 0, sizeof(*member));
	member->leaf = *leaf;
	member->path = path_of(differing, leaves, leaf);
	if (member->path == NULL || !add_open(differing, members, leaves))
		return (false);
	member->spare = is_spare(member->path);
	member->bits = bits_of(members->types, leaf);
	if (leaf->bit + member->bits > members->end)
		members->end = leaf->bit + member->bits;
	return (true);
}

/* other: whose structures without a tag are entered here as well; or NULL. */
static bool
collect(struct sous *sous, struct members *members, struct kldsim__side side,
    const struct members *other)
{
	struct kldsim__differing *differing = sous->differing;
	struct kldsim__leaves leaves;
	struct kldsim__leaf leaf;

	members->types = side.types;
	kldsim__leaves_begin(&leaves, side.types, side.id,
	    differing->shaping);
	if (other != NULL) {
		leaves.open = other->open;
		leaves.nopen = other->nopen;
	}
	members->count = 0;
	members->nopen = 0;
	while (kldsim__leaves_next(&leaves, &leaf))
		if (!add_member(differing, members, &leaves, &leaf))
			return (false);
	kldsim__leaves_sort_open(members->open, members->nopen);
	sous->out->cut = sous->out->cut || leaves.cut;
	if (members->count != 0)
		qsort(members->all, members->count, sizeof(*members->all),
		    by_path);
	kldsim__free(differing->alloc, members->by_place);
	members->by_place = kldsim__calloc(differing->alloc,
	    members->count + 1, sizeof(*members->by_place));
	if (members->by_place == NULL)
		return (false);
	for (size_t i = 0; i < members->count; i++)
		members->by_place[i] = &members->all[i];
	qsort(members->by_place, members->count, sizeof(*members->by_place),
	    by_place);
	return (true);
}

/* Whether a structure has a tag here, and none on the other side. */
static bool
has_tagged(const struct members *members, const struct members *other)
{
	for (size_t i = 0; i < members->count && other->nopen != 0; i++) {
		const uint64_t path = members->all[i].leaf.path;

		if (kldsim__leaves_is_open(other->open, other->nopen, path) &&
		    !kldsim__leaves_is_open(members->open, members->nopen,
		    path))
			return (true);
	}
	return (false);
}

/* A structure that has a tag on one side alone is taken apart on both (I-12). */
static bool
collect_both(struct sous *sous)
{
	const struct kldsim__side a = sous->out->a, b = sous->out->b;

	return (collect(sous, &sous->a, a, NULL) &&
	    collect(sous, &sous->b, b, NULL) &&
	    (!has_tagged(&sous->a, &sous->b) ||
	    collect(sous, &sous->a, a, &sous->b)) &&
	    (!has_tagged(&sous->b, &sous->a) ||
	    collect(sous, &sous->b, b, &sous->a)));
}

/* --- matching --- */

/* C-13: how wide an enum's bit-field is, CTF does not say. */
static bool
says_width(const struct kldsim_types *types, const struct kldsim__leaf *leaf)
{
	const struct kldsim__type *rows = types->types;

	return (!leaf->bits_at_most && (!types->enums_cut ||
	    rows[rows[leaf->type].stripped].kind != KLDSIM_TYPE_ENUM));
}

static enum kldsim__unlike
unlike_members(const struct sous *sous, const struct member *a,
    const struct member *b)
{
	const struct kldsim__side in_a = { sous->a.types, a->leaf.type };
	const struct kldsim__side in_b = { sous->b.types, b->leaf.type };
	enum kldsim__unlike unlike = kldsim__alike(in_a, in_b,
	    sous->differing->shaping);

	if (unlike <= KLDSIM__NOTED && a->bits != b->bits &&
	    says_width(sous->a.types, &a->leaf) &&
	    says_width(sous->b.types, &b->leaf))
		unlike = KLDSIM__RESIZED;
	/* Bits of a unit of another size are the same bits. */
	if (unlike == KLDSIM__RESIZED && a->bits == b->bits &&
	    a->leaf.bits != 0 && b->leaf.bits != 0)
		unlike = KLDSIM__ALIKE;
	return (unlike);
}

static void
pair(struct sous *sous, struct member *a, struct member *b)
{
	a->other = b;
	b->other = a;
	a->unlike = b->unlike = unlike_members(sous, a, b);
	sous->matched++;
}

/* By path; both are sorted by it. */
static void
match(struct sous *sous)
{
	size_t i = 0, j = 0;

	while (i < sous->a.count && j < sous->b.count) {
		struct member *a = &sous->a.all[i], *b = &sous->b.all[j];
		const int order = compare_paths(a, b);

		if (order == 0)
			pair(sous, a, b);
		i += order <= 0;
		j += order >= 0;
	}
}

/* --- renamed, and what was spare --- */

static const char *
last_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return (dot != NULL ? dot + 1 : path);
}

/* One step of what takes as many as one side has members times the other's. */
static bool
spend(struct sous *sous)
{
	struct kldsim__shaping *shaping = sous->differing->shaping;

	if (shaping->work == 0)
		sous->out->cut = true;
	else
		shaping->work--;
	return (!sous->out->cut);
}

/* A member of b without a partner that could be a under another name. */
static struct member *
find_renamed(struct sous *sous, const struct member *a)
{
	struct member *found = NULL;

	for (size_t i = 0; i < sous->b.count && spend(sous); i++) {
		struct member *b = sous->b.by_place[i];

		if (b->leaf.bit > a->leaf.bit)
			break;
		if (b->leaf.bit != a->leaf.bit || b->other != NULL ||
		    b->told || b->bits != a->bits ||
		    unlike_members(sous, a, b) > KLDSIM__NOTED)
			continue;
		if (found == NULL || strcmp(last_name(a->path),
		    last_name(b->path)) == 0)
			found = b;
	}
	return (found);
}

static const char *
declared(struct sous *sous, const struct kldsim_types *types,
    const struct member *member)
{
	const struct kldsim__side side = {
		.types = types, .id = member->leaf.type
	};

	return (kldsim__differ_type(sous->differing, side));
}

static void
fill(struct sous *sous, struct kldsim_kbi_change *change,
    const struct member *a, const struct member *b)
{
	if (change == NULL)
		return;
	if (a != NULL) {
		change->module_bit = a->leaf.bit;
		change->module_bits = a->leaf.bits;
		change->module_type = declared(sous, sous->a.types, a);
	}
	if (b != NULL) {
		change->kernel_bit = b->leaf.bit;
		change->kernel_bits = b->leaf.bits;
		change->kernel_type = declared(sous, sous->b.types, b);
	}
}

static struct kldsim_kbi_change *
tell(struct sous *sous, enum kldsim_kbi_change_kind kind,
    struct member *a, struct member *b)
{
	struct kldsim_kbi_change *change = kldsim__differ_change(
	    sous->differing, kind, a != NULL ? a->path : b->path);

	sous->out->own = true;
	fill(sous, change, a, b);
	if (a != NULL)
		a->told = true;
	if (b != NULL)
		b->told = true;
	return (change);
}

/* I-31, I-40: names alone are worth a note. */
static void
tell_renamed(struct sous *sous)
{
	for (size_t i = 0; i < sous->a.count; i++) {
		struct member *a = sous->a.by_place[i], *b;
		struct kldsim_kbi_change *change;

		if (a->other != NULL)
			continue;
		b = find_renamed(sous, a);
		if (b == NULL)
			continue;
		change = tell(sous, a->spare ? KLDSIM_KBI_REUSED :
		    KLDSIM_KBI_RENAMED, a, b);
		if (change != NULL)
			change->kernel_member = b->path;
	}
}

static bool
within(const struct member *inner, const struct member *outer)
{
	return (inner->leaf.bit >= outer->leaf.bit &&
	    inner->leaf.bit + inner->bits <= outer->leaf.bit + outer->bits);
}

/* I-40: what of b is where a has something spare. */
static void
tell_reused(struct sous *sous)
{
	for (size_t i = 0; i < sous->a.count; i++) {
		struct member *a = sous->a.by_place[i];

		if (!a->spare || a->told)
			continue;
		for (size_t j = 0; j < sous->b.count && spend(sous); j++) {
			struct member *b = sous->b.by_place[j];
			struct kldsim_kbi_change *change;

			if (b->other != NULL || b->told || !within(b, a))
				continue;
			change = tell(sous, KLDSIM_KBI_REUSED, a, b);
			if (change != NULL)
				change->kernel_member = b->path;
		}
	}
}

/* --- what moves others --- */

static void
from(uint64_t *place, uint64_t bit)
{
	if (bit < *place)
		*place = bit;
}

/* Is it the last thing in there, and did it grow? */
static bool
grows_at_the_end(const struct sous *sous, const struct member *a)
{
	return (a->unlike == KLDSIM__COUNT && a->other->bits > a->bits &&
	    a->leaf.bit + a->bits == sous->a.end &&
	    a->other->leaf.bit + a->other->bits == sous->b.end);
}

/* I-33: 0 or 1 elements at the end are as many as there is room for. */
static bool
is_flexible(const struct sous *sous, const struct member *a)
{
	struct kldsim_type array, other;

	if (a->unlike != KLDSIM__COUNT || kldsim_type_get(sous->a.types,
	    kldsim_type_strip(sous->a.types, a->leaf.type), &array) !=
	    KLDSIM_OK || kldsim_type_get(sous->b.types, kldsim_type_strip(
	    sous->b.types, a->other->leaf.type), &other) != KLDSIM_OK)
		return (false);
	return (array.count <= 1 && other.count <= 1 &&
	    a->leaf.bit + a->bits >= sous->a.end &&
	    a->other->leaf.bit + a->other->bits >= sous->b.end);
}

/*
 * Elements without a name that are larger because of a type in them: that is told
 * of (I-35).  at is the element's place among by_place.
 */
static bool
has_nested(struct sous *sous, size_t at)
{
	struct member *const *all = sous->a.by_place;
	const struct member *a = all[at];

	while (at > 0 && all[at - 1]->leaf.bit == a->leaf.bit)
		at--;
	for (; at < sous->a.count && all[at]->leaf.bit - a->leaf.bit < a->bits &&
	    spend(sous); at++)
		if (all[at] != a && all[at]->unlike == KLDSIM__NESTED)
			return (true);
	return (false);
}

/* A member that both have, apart from its place; at is which of by_place. */
static void
judge_matched(struct sous *sous, size_t at)
{
	struct member *a = sous->a.by_place[at];
	struct member *b = a->other;
	const bool flexible = is_flexible(sous, a);

	if (a->unlike == KLDSIM__NESTED ||
	    (a->unlike == KLDSIM__RESIZED && has_nested(sous, at))) {
		sous->out->embeds = true;
		from(&sous->nested_from, b->leaf.bit);
		return;
	}
	if (a->spare && a->unlike != KLDSIM__ALIKE) {
		from(&sous->own_from, b->leaf.bit);
		if (!a->told)
			(void)tell(sous, KLDSIM_KBI_REUSED, a, b);
		return;
	}
	if (a->unlike == KLDSIM__ALIKE)
		return;
	if (a->unlike == KLDSIM__NOTED || flexible) {
		(void)tell(sous, KLDSIM_KBI_SIGN, a, b);
		return;
	}
	if (a->unlike == KLDSIM__CALLED) {
		sous->out->calls = true;
		(void)tell(sous, KLDSIM_KBI_RETYPED, a, b);
		return;
	}
	from(&sous->own_from, b->leaf.bit);
	if (grows_at_the_end(sous, a))
		sous->out->grown = true;
	else
		sous->out->breaks = true;
	(void)tell(sous, a->unlike == KLDSIM__OTHER ? KLDSIM_KBI_RETYPED :
	    KLDSIM_KBI_RESIZED, a, b);
}

static void
judge_unmatched(struct sous *sous)
{
	for (size_t i = 0; i < sous->a.count; i++) {
		struct member *a = sous->a.by_place[i];

		if (a->other != NULL || a->told)
			continue;
		from(&sous->own_from, a->leaf.bit);
		if (!a->spare)
			sous->out->breaks = true;
		(void)tell(sous, KLDSIM_KBI_REMOVED, a, NULL);
	}
	for (size_t i = 0; i < sous->b.count; i++) {
		struct member *b = sous->b.by_place[i];

		if (b->other != NULL || b->told)
			continue;
		from(&sous->own_from, b->leaf.bit);
		(void)tell(sous, KLDSIM_KBI_ADDED, NULL, b);
	}
}

/* --- what has moved --- */

/* Whether the reason is of its own, and not something in it that grew. */
static bool
moved_by_itself(const struct sous *sous, const struct member *b)
{
	return (sous->own_from <= b->leaf.bit ||
	    sous->nested_from > b->leaf.bit);
}

/* I-36: members that moved as far as the one before are one line. */
static void
tell_moved(struct sous *sous)
{
	struct kldsim_kbi_change *run = NULL;
	uint64_t distance = 0;

	for (size_t i = 0; i < sous->a.count; i++) {
		struct member *a = sous->a.by_place[i], *b = a->other;
		const uint64_t moved = b == NULL ? 0 :
		    b->leaf.bit - a->leaf.bit;

		if (b == NULL || moved == 0 || a->spare) {
			run = b == NULL || a->spare ? run : NULL;
		} else if (!moved_by_itself(sous, b)) {
			sous->out->moved++;
			run = NULL;
		} else if (run != NULL && moved == distance) {
			run->more++;
		} else {
			run = kldsim__differ_change(sous->differing,
			    KLDSIM_KBI_MOVED, a->path);
			fill(sous, run, a, b);
			distance = moved;
			sous->out->own = sous->out->breaks = true;
		}
	}
}

/* The size alone, or with what was added at the end (I-41). */
static void
judge_size(struct sous *sous)
{
	struct kldsim__difference *out = sous->out;

	if (out->a_size == out->b_size)
		return;
	if (!out->own && out->embeds)
		return;
	out->own = out->grown = true;
}

static void
judge(struct sous *sous, bool related)
{
	const size_t least = sous->a.count < sous->b.count ?
	    sous->a.count : sous->b.count;

	match(sous);
	if (!related && sous->matched * 2 < least) {
		sous->out->unrelated = true;
		return;
	}
	tell_renamed(sous);
	tell_reused(sous);
	for (size_t i = 0; i < sous->a.count; i++)
		if (sous->a.by_place[i]->other != NULL)
			judge_matched(sous, i);
	judge_unmatched(sous);
	tell_moved(sous);
	judge_size(sous);
}

static void
release(const struct sous *sous, struct members *members)
{
	kldsim__free(sous->differing->alloc, members->all);
	kldsim__free(sous->differing->alloc, members->by_place);
	kldsim__free(sous->differing->alloc, members->open);
}

void
kldsim__differ_sous(struct kldsim__differing *differing, bool related)
{
	struct sous sous = { .differing = differing, .out = differing->out,
		.own_from = UINT64_MAX, .nested_from = UINT64_MAX };

	if (collect_both(&sous))
		judge(&sous, related);
	else
		differing->failed = true;
	release(&sous, &sous.a);
	release(&sous, &sous.b);
}
