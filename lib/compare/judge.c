/* SPDX-License-Identifier: BSD-2-Clause */

/* From differences to findings: what matters, and how much (I-50). */

#include <string.h>

#include "compare/compare.h"
#include "differ/same.h"

/* Pairs that are looked at where a tag has several types on both sides. */
#define PAIRS 16
/* Types that nothing reaches, which are looked at member by member. */
#define CLOSELY 64

/* --- one tag --- */

static uint64_t
hash_of(struct kldsim_kbi *kbi, const struct kldsim__tagged *tagged,
    kldsim_type_id id)
{
	if (tagged->hash[id] == 0)
		tagged->hash[id] = kldsim__shape_hash(tagged->types, id,
		    &kbi->shaping);
	return (tagged->hash[id]);
}

/* The kernel's types of a tag, or the one that a prototype names (I-30). */
static kldsim_type_id
first_b(const struct kldsim_kbi *kbi, uint32_t tag, kldsim_type_id exact)
{
	return (exact != 0 ? exact : kbi->b.first[tag]);
}

static kldsim_type_id
next_b(const struct kldsim_kbi *kbi, kldsim_type_id id, kldsim_type_id exact)
{
	return (exact != 0 ? 0 : kbi->b.next[id]);
}

static bool
are_alike(struct kldsim_kbi *kbi, const struct kldsim__tagged *a,
    kldsim_type_id in_a, kldsim_type_id in_b)
{
	uint64_t hash;

	if (kldsim__same(&kbi->tags, a, in_a, &kbi->b, in_b, &kbi->shaping))
		return (true);
	hash = hash_of(kbi, a, in_a);
	return (hash != 0 && hash == hash_of(kbi, &kbi->b, in_b));
}

/*
 * Is one of side a's the same as one of the kernel's?  Which one a prototype
 * names may be chance (C-32), so that any will do.
 */
static bool
some_alike(struct kldsim_kbi *kbi, const struct kldsim__tagged *a,
    uint32_t tag)
{
	for (kldsim_type_id i = a->first[tag]; i != 0; i = a->next[i])
		for (kldsim_type_id j = kbi->b.first[tag]; j != 0 &&
		    kbi->shaping.work != 0; j = kbi->b.next[j]) {
			kbi->shaping.work--;
			if (are_alike(kbi, a, i, j))
				return (true);
		}
	return (false);
}

/* Which of two says more about what is the matter. */
static bool
is_nearer(const struct kldsim__difference *one,
    const struct kldsim__difference *other)
{
	if (other == NULL)
		return (true);
	if (one->unrelated != other->unrelated)
		return (other->unrelated);
	if (one->own != other->own)
		return (other->own);
	if ((one->a_size == one->b_size) != (other->a_size == other->b_size))
		return (one->a_size == one->b_size);
	return (one->nchanges < other->nchanges);
}

/* The pair that is nearest to being one type; related: it is one (I-30). */
static struct kldsim__difference *
nearest(struct kldsim_kbi_report *report, uint32_t tag, kldsim_type_id exact,
    bool related)
{
	struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim__tagged *a = report->reach->a;
	struct kldsim__differing differing = { .arena = report->memo_arena,
		.alloc = &kbi->alloc, .shaping = &kbi->shaping };
	struct kldsim__difference *best = NULL, *found;
	unsigned pairs = 0;

	for (kldsim_type_id i = a->first[tag]; i != 0; i = a->next[i]) {
		for (kldsim_type_id j = first_b(kbi, tag, exact);
		    j != 0 && pairs < PAIRS; j = next_b(kbi, j, exact)) {
			const struct kldsim__side in_a = { a->types, i };
			const struct kldsim__side in_b = { kbi->b.types, j };

			found = kldsim__differ_tags(&differing, in_a, in_b,
			    related);
			pairs++;
			if (found != NULL && is_nearer(found, best))
				best = found;
		}
	}
	report->failed = report->failed || differing.failed;
	return (best);
}

static bool
has_alike(struct kldsim_kbi *kbi, const struct kldsim__tagged *tagged,
    uint32_t tag, uint64_t hash)
{
	for (kldsim_type_id i = tagged->first[tag]; i != 0 &&
	    kbi->shaping.work != 0; i = tagged->next[i]) {
		kbi->shaping.work--;
		if (hash == hash_of(kbi, tagged, i))
			return (true);
	}
	return (false);
}

/* Which of the types of a tag a prototype names; 0: none. */
static kldsim_type_id
named_by(const struct kldsim__leads *leads, uint32_t tag)
{
	for (uint32_t i = 0; i < leads->count; i++)
		if (leads->all[i].tag == tag && leads->all[i].exact != 0)
			return (leads->all[i].exact);
	return (0);
}

/*
 * One import names a type of each kernel.  A tool that knew the tag alone may have
 * chosen any type of it (C-32), so that the two differ only if neither is among the
 * other side's.
 */
static struct kldsim__memo *
named_apart(struct kldsim_kbi_report *report, uint32_t tag,
    struct kldsim__memo *memo, struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim__side a = { kbi->a.types,
		named_by(kldsim__compare_old_leads(report, known), tag) };
	const struct kldsim__side b = { kbi->b.types,
		named_by(&known->leads, tag) };
	struct kldsim__differing differing = { .arena = report->memo_arena,
		.alloc = &kbi->alloc, .shaping = &kbi->shaping };
	struct kldsim__memo *named = memo->named;

	if (a.id == 0 || b.id == 0)
		return (memo);
	while (named != NULL && (named->a != a.id || named->b != b.id))
		named = named->named;
	if (named != NULL)
		return (named);
	if (has_alike(kbi, &kbi->b, tag, hash_of(kbi, &kbi->a, a.id)) ||
	    has_alike(kbi, &kbi->a, tag, hash_of(kbi, &kbi->b, b.id)))
		return (memo);
	named = kldsim__arena_calloc(report->memo_arena, 1, sizeof(*named));
	if (named == NULL) {
		report->failed = true;
		return (memo);
	}
	*named = (struct kldsim__memo){ .asked = true, .several = true,
		.a = a.id, .b = b.id, .named = memo->named };
	named->difference = kldsim__differ_tags(&differing, a, b,
	    !report->info.same_source);
	report->failed = report->failed || differing.failed;
	memo->named = named;
	return (named);
}

static struct kldsim__memo *
compare_any(struct kldsim_kbi_report *report, uint32_t tag)
{
	struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim__tagged *a = report->reach->a;
	const struct kldsim__reached *reached = &report->reach->reached[tag];
	struct kldsim__memo *memo = &report->memos[tag];
	kldsim_type_id exact = reached->many ? 0 : reached->exact;

	/* Between two kernels answers are kept, and mean any type of a tag. */
	if (kbi->old != NULL && kbi->b.first[tag] != 0 &&
	    kbi->b.next[kbi->b.first[tag]] != 0)
		exact = 0;
	if (memo->asked)
		return (memo);
	memo->asked = true;
	memo->several = a->next[a->first[tag]] != 0 ||
	    kbi->b.next[kbi->b.first[tag]] != 0;
	memo->alike = some_alike(kbi, a, tag);
	/* Of one source it is a name for two things. */
	if (!memo->alike)
		memo->difference = nearest(report, tag, exact, exact != 0 &&
		    !report->info.same_source);
	return (memo);
}

const struct kldsim__memo *
kldsim__compare_tag(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__reach *reach = report->reach;
	struct kldsim__memo *memo = compare_any(report, tag), *named;

	if (report->kbi->old == NULL || !memo->several)
		return (memo);
	for (uint32_t link = reach->reached[tag].imports; link != 0;
	    link = reach->links[link].next) {
		named = named_apart(report, tag, memo,
		    report->imports[reach->links[link].number].known);
		if (named != memo)
			return (named);
	}
	return (memo);
}

/* --- all tags of two kernels --- */

/* A tag that both have one type of; false: there is no work left. */
static bool
look_at(struct kldsim_kbi *kbi, uint32_t tag)
{
	struct kldsim__reached *reached = &kbi->reach.reached[tag];
	struct kldsim__memo *memo = &kbi->memos[tag];

	if (!memo->asked && kldsim__same(&kbi->tags, &kbi->a,
	    kbi->a.first[tag], &kbi->b, kbi->b.first[tag], &kbi->shaping))
		memo->asked = memo->alike = reached->alike = true;
	reached->ends = kldsim__reach_edges(&kbi->reach, tag)->values == 0;
	if (kbi->shaping.work == 0)
		reached->edges = NULL; /* it may be cut */
	return (kbi->shaping.work != 0);
}

static bool
has_one(const struct kldsim__tagged *tagged, uint32_t tag)
{
	return (tagged->first[tag] != 0 &&
	    tagged->next[tagged->first[tag]] == 0);
}

/* What is not the same at first sight is compared when a module asks for it. */
void
kldsim__compare_tags(struct kldsim_kbi *kbi)
{
	bool good = true;

	kldsim__find_all_behind(&kbi->tags, &kbi->a);
	kldsim__find_all_behind(&kbi->tags, &kbi->b);
	for (kldsim_type_id id = 1; id < kbi->b.ids && good; id++) {
		const uint32_t tag = kbi->b.tag_of[id];

		if (tag != 0 && has_one(&kbi->a, tag) &&
		    has_one(&kbi->b, tag))
			good = look_at(kbi, tag);
	}
	kldsim__reach_reset(&kbi->reach);
}

/* --- levels --- */

/* What of a type, or of what has it by value, makes its size matter. */
struct matters {
	bool passed;  /* one with another size is passed by value */
	bool element; /* there is an array of such */
	bool moved;   /* it has moved what is behind it */
};

static void
look_around(struct kldsim_kbi_report *report, uint32_t tag,
    const struct kldsim__difference *difference, struct matters *matters)
{
	struct kldsim__around around;

	*matters = (struct matters){ .passed = false };
	kldsim__compare_around(report, tag, &around);
	for (size_t i = 0; i < around.count; i++) {
		const struct kldsim__reached *reached =
		    &report->reach->reached[around.tags[i]];
		const struct kldsim__difference *its = i == 0 ? difference :
		    kldsim__compare_tag(report, around.tags[i])->difference;

		if (reached->rank > 2 || its == NULL || (i != 0 &&
		    its->unrelated))
			continue;
		matters->moved |= i != 0 && its->moved != 0;
		matters->passed |= reached->passed &&
		    its->a_size != its->b_size;
		matters->element |= reached->element &&
		    its->a_size != its->b_size;
	}
}

/* G-31: members that nobody but the kernel looks at. */
static const struct {
	const char *tag;
	const char *member;
} harmless[] = {
#define HARMLESS(tag, member) { tag, member },
#include "compare/layouts.def"
};

static bool
is_harmless_member(const char *tag, const char *member)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (strcmp(harmless[i].tag, tag) == 0 &&
		    strcmp(harmless[i].member, member) == 0)
			return (true);
	return (false);
}

static bool
is_harmless(const char *tag, const struct kldsim__difference *difference)
{
	for (size_t i = 0; i < difference->nchanges; i++)
		if (!is_harmless_member(tag, difference->changes[i].member))
			return (false);
	return (difference->nchanges != 0);
}

static unsigned
level_of(struct kldsim_kbi_report *report, uint32_t tag,
    const struct kldsim__difference *difference, const char **allocates_ret)
{
	const struct kldsim__reached *reached = &report->reach->reached[tag];
	struct matters matters;

	*allocates_ret = NULL;
	if (reached->rank > 2 ||
	    is_harmless(report->kbi->tags.tags[tag].name, difference))
		return (KLDSIM_KBI_MAYBE);
	if (difference->grown)
		*allocates_ret = kldsim__compare_allocates(report, tag);
	if (difference->calls)
		return (KLDSIM_KBI_CALL);
	look_around(report, tag, difference, &matters);
	if (matters.passed)
		return (KLDSIM_KBI_CALL);
	if (difference->breaks)
		return (KLDSIM_KBI_PLACE);
	if (difference->grown && (matters.element || matters.moved))
		return (KLDSIM_KBI_PLACE);
	if (difference->grown && *allocates_ret != NULL)
		return (KLDSIM_KBI_SIZE);
	return (difference->means ? KLDSIM_KBI_MEANING : KLDSIM_KBI_MAYBE);
}

static const char *
code_of(const struct kldsim__difference *difference, unsigned level,
    enum kldsim_type_kind kind)
{
	if (kind == KLDSIM_TYPE_FUNCTION || level == KLDSIM_KBI_CALL)
		return ("kbi-prototype");
	if (kind == KLDSIM_TYPE_ENUM)
		return ("kbi-enum");
	return (level == KLDSIM_KBI_SIZE ||
	    (level == KLDSIM_KBI_MAYBE && difference->grown) ? "kbi-size" :
	    "kbi-layout");
}

static struct kldsim__kbi_finding *
add_finding(struct kldsim_kbi_report *report,
    struct kldsim__difference *difference, unsigned level, unsigned rank,
    enum kldsim_type_kind kind, const char *name)
{
	struct kldsim__kbi_finding *finding;

	if (!kldsim__grow(&report->kbi->alloc, &report->findings,
	    &report->findings_cap, report->nfindings + 1,
	    sizeof(*report->findings))) {
		report->failed = true;
		return (NULL);
	}
	finding = &report->findings[report->nfindings++];
	memset(finding, 0, sizeof(*finding));
	finding->difference = difference;
	finding->is.code = code_of(difference, level, kind);
	finding->is.level = level;
	finding->is.rank = rank;
	finding->is.severity = level < KLDSIM_KBI_MEANING ? KLDSIM_WARNING :
	    KLDSIM_NOTE;
	finding->is.kind = kind;
	finding->is.name = name;
	finding->is.module_size = difference->a_size;
	finding->is.kernel_size = difference->b_size;
	finding->is.changes = difference->nchanges;
	return (finding);
}

void
kldsim__compare_add(struct kldsim_kbi_report *report,
    struct kldsim__difference *difference, unsigned level,
    enum kldsim_type_kind kind, const char *name)
{
	(void)add_finding(report, difference, level, 1, kind, name);
}

/* What a member has by value, in an array or not; 0: nothing with a tag. */
static uint32_t
held_by(const struct kldsim_kbi *kbi, const struct kldsim__tagged *tagged,
    kldsim_type_id id)
{
	const struct kldsim__behind *behind = kldsim__behind(&kbi->tags, tagged,
	    id);

	return (behind->pointer ? 0 : behind->tag);
}

/* Whether side b has a member of that name which holds the tag. */
static bool
holds_too(struct kldsim_kbi *kbi, kldsim_type_id id, uint32_t tag,
    const char *name)
{
	struct kldsim__neutral_member member;
	struct kldsim__neutral_walk walk;
	bool found = false;

	kldsim__neutral_members(kbi->b.types, id, kbi->shaping.work, &walk);
	while (!found && kldsim__neutral_next(&walk, &member))
		found = strcmp(member.name, name) == 0 &&
		    held_by(kbi, &kbi->b, member.type) == tag;
	kbi->shaping.work = walk.left;
	return (found);
}

/* Whether two types of one tag have a member of one name that holds another. */
static bool
both_hold(struct kldsim_kbi_report *report,
    const struct kldsim__difference *around, uint32_t tag)
{
	struct kldsim_kbi *kbi = report->kbi;
	struct kldsim__neutral_member member;
	struct kldsim__neutral_walk walk;
	bool found = false;

	kldsim__neutral_members(around->a.types, around->a.id,
	    kbi->shaping.work, &walk);
	while (!found && kbi->shaping.work != 0 &&
	    kldsim__neutral_next(&walk, &member)) {
		kbi->shaping.work--;
		found = held_by(kbi, report->reach->a, member.type) == tag &&
		    holds_too(kbi, around->b.id, tag, member.name);
	}
	return (found);
}

/* I-30: a type that one thing holds on both sides is one thing, too. */
static bool
is_held(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__reach *reach = report->reach;

	for (uint32_t in = reach->reached[tag].in; in != 0;
	    in = reach->links[in].next) {
		const struct kldsim__difference *around = kldsim__compare_tag(
		    report, reach->links[in].number)->difference;

		if (around != NULL && !around->unrelated && around->embeds &&
		    both_hold(report, around, tag))
			return (true);
	}
	return (false);
}

/* What differs of a tag; of what is held by one thing, all of it. */
static struct kldsim__difference *
difference_of(struct kldsim_kbi_report *report, uint32_t tag,
    const struct kldsim__memo *memo)
{
	struct kldsim__memo *own = &report->memos[tag];

	if (memo != own || memo->difference == NULL ||
	    !memo->difference->unrelated || !is_held(report, tag))
		return (memo->difference);
	if (own->held == NULL)
		own->held = nearest(report, tag, 0, true);
	return (own->held != NULL ? own->held : memo->difference);
}

static uint32_t
count_types(const struct kldsim__tagged *tagged, uint32_t tag)
{
	uint32_t count = 0;

	for (kldsim_type_id i = tagged->first[tag]; i != 0;
	    i = tagged->next[i])
		count++;
	return (count);
}

static void
judge_unlike(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__tag *name = &report->kbi->tags.tags[tag];
	struct kldsim__reached *reached = &report->reach->reached[tag];
	const struct kldsim__memo *memo = kldsim__compare_tag(report, tag);
	struct kldsim__difference *difference;
	struct kldsim__kbi_finding *finding;
	const char *how;
	unsigned level;

	reached->alike = memo->alike && !memo->several;
	if (memo->alike || memo->difference == NULL)
		return;
	difference = difference_of(report, tag, memo);
	report->info.unrelated += difference->unrelated;
	report->info.cut += difference->cut;
	if (difference->unrelated || !difference->own)
		return;
	level = level_of(report, tag, difference, &how);
	finding = add_finding(report, difference, level, reached->rank,
	    (enum kldsim_type_kind)name->kind, name->name);
	if (finding == NULL)
		return;
	finding->tag = tag;
	finding->is.allocates = how;
	if (memo->several)
		finding->is.same_name = count_types(report->reach->a, tag) +
		    count_types(&report->kbi->b, tag);
	/* I-50: an order of the boot is handed over in a set. */
	if (finding->is.level == KLDSIM_KBI_MEANING &&
	    kldsim__compare_in_set(report, tag))
		finding->is.severity = KLDSIM_WARNING;
}

static void
judge_tag(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__reached *reached = &report->reach->reached[tag];

	if (reached->rank == 0 || (!reached->alike &&
	    report->kbi->b.first[tag] == 0))
		return;
	report->info.compared += reached->rank < 3;
	report->info.compared_more += reached->rank == 3;
	if (!reached->alike)
		judge_unlike(report, tag);
}

void
kldsim__compare_imports(struct kldsim_kbi_report *report)
{
	for (uint32_t i = 0; i < report->nimports; i++) {
		struct kldsim__difference *difference =
		    report->imports[i].difference;

		if (difference == NULL)
			continue;
		/* Of a variable without a type, the size is all there is. */
		(void)add_finding(report, difference, difference->calls ?
		    KLDSIM_KBI_CALL : difference->breaks ? KLDSIM_KBI_PLACE :
		    difference->grown ? KLDSIM_KBI_SIZE : KLDSIM_KBI_MAYBE, 1,
		    difference->variable ? KLDSIM_TYPE_UNKNOWN :
		    KLDSIM_TYPE_FUNCTION, report->imports[i].name);
	}
}

/* More than their names in common, and not the same: how many such (I-30). */
static bool
is_another(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__difference *difference;
	struct kldsim__arena_mark mark;
	bool another;

	if (some_alike(report->kbi, report->reach->a, tag))
		return (false);
	/* Of another release nearly all are, and nobody counts that closely. */
	if (report->info.unreached >= CLOSELY)
		return (true);
	mark = kldsim__arena_mark(&report->arena);
	difference = nearest(report, tag, 0, false);
	another = difference != NULL && difference->own &&
	    !difference->unrelated;
	kldsim__arena_release(&report->arena, mark);
	return (another);
}

/* Rank 4: a number, and no more (I-20). */
static void
count_unreached(struct kldsim_kbi_report *report)
{
	struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim__tagged *a = report->reach->a;

	for (uint32_t tag = 1; tag < kbi->tags.count; tag++)
		if (a->first[tag] != 0 && kbi->b.first[tag] != 0 &&
		    report->reach->reached[tag].rank == 0 &&
		    is_another(report, tag))
			report->info.unreached++;
}

void
kldsim__compare_reached(struct kldsim_kbi_report *report)
{
	struct kldsim__reach *reach = report->reach;

	for (size_t i = 0; i < reach->ntouched && !report->failed; i++)
		judge_tag(report, reach->touched[i]);
	if (report->kbi->old == NULL && report->kbi->kernel->count_unreached)
		count_unreached(report);
}
