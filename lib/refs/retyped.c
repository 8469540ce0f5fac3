/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether a variable that is as long as it was is of another type (F-08): the
 * comparison of lib/differ, from the variable's type on and through all that it
 * has in it by value.
 */

#include <stdio.h>

#include "differ/difference.h"
#include "refs/refs.h"

#define DECLARATION 100 /* bytes of a type as text */
#define PAIRS_MOST 64u  /* structures in one variable; more: cannot tell */

struct pair {
	struct kldsim__side a, b;
};

struct comparing {
	struct kldsim__differing differing;
	struct kldsim__arena arena;
	struct kldsim__shaping shaping;
	struct pair pairs[PAIRS_MOST]; /* structures that are to be compared */
	size_t npairs;
	bool cut;
	struct kldsim_refs_change *change;
};

/* The type of a kernel's symbol; false: nobody says. */
static bool
find_type(const struct kldsim__refs_kernel *kernel, uint32_t symbol,
    struct kldsim__side *side)
{
	struct kldsim_typed_symbol typed;
	struct kldsim__neutral type;

	if (kernel->types == NULL || kldsim_types_symbol_at(kernel->types,
	    symbol, &typed) != KLDSIM_OK)
		return (false);
	side->types = kernel->types;
	side->id = typed.type;
	kldsim__neutral(side->types, side->id, &type);
	return (type.kind != KLDSIM__NEUTRAL_OPAQUE);
}

/* What arrays are of; they have as many elements, or it was told already. */
static void
strip_arrays(struct kldsim__side *side, struct kldsim__neutral *type_ret)
{
	kldsim__neutral(side->types, side->id, type_ret);
	for (unsigned i = 0; i < KLDSIM__SHAPE_STEPS &&
	    type_ret->kind == KLDSIM__NEUTRAL_ARRAY; i++) {
		side->id = type_ret->of;
		kldsim__neutral(side->types, side->id, type_ret);
	}
}

/* Two structures, or enums, that are there by value, unless they were. */
static void
add_pair(struct comparing *comparing, struct kldsim__side a,
    struct kldsim__side b)
{
	struct kldsim__neutral in_a, in_b;

	strip_arrays(&a, &in_a);
	strip_arrays(&b, &in_b);
	if (in_a.kind != in_b.kind || (in_a.kind != KLDSIM__NEUTRAL_SOU &&
	    in_a.kind != KLDSIM__NEUTRAL_ENUM))
		return;
	for (size_t i = 0; i < comparing->npairs; i++)
		if (comparing->pairs[i].a.id == in_a.id &&
		    comparing->pairs[i].b.id == in_b.id)
			return;
	if (comparing->npairs == PAIRS_MOST) {
		comparing->cut = true;
		return;
	}
	a.id = in_a.id;
	b.id = in_b.id;
	comparing->pairs[comparing->npairs++] = (struct pair){ a, b };
}

/* A member of the other side by its path; false: it has none. */
static bool
find_leaf(struct comparing *comparing, struct kldsim__side side, uint64_t path,
    struct kldsim__leaf *leaf_ret)
{
	struct kldsim__leaves leaves;

	kldsim__leaves_begin(&leaves, side.types, side.id,
	    &comparing->shaping);
	while (kldsim__leaves_next(&leaves, leaf_ret))
		if (leaf_ret->path == path)
			return (true);
	return (false);
}

static void
add_members(struct comparing *comparing, const struct pair *pair)
{
	struct kldsim__leaves leaves;
	struct kldsim__leaf leaf, other;
	struct kldsim__neutral type;

	kldsim__leaves_begin(&leaves, pair->a.types, pair->a.id,
	    &comparing->shaping);
	while (kldsim__leaves_next(&leaves, &leaf)) {
		struct kldsim__side a = { pair->a.types, leaf.type };

		strip_arrays(&a, &type);
		if ((type.kind == KLDSIM__NEUTRAL_SOU ||
		    type.kind == KLDSIM__NEUTRAL_ENUM) &&
		    find_leaf(comparing, pair->b, leaf.path, &other))
			add_pair(comparing, a, (struct kldsim__side){
			    pair->b.types, other.type });
	}
	comparing->cut |= leaves.cut;
}

/* --- what is said --- */

/* "struct foo: b at 0x8 in the old kernel, at 0x10 in the new one". */
static void
tell_difference(struct comparing *comparing,
    const struct kldsim__difference *difference)
{
	struct kldsim_refs_change *change = comparing->change;
	char what[160] = "", name[DECLARATION];

	change->kind = KLDSIM_REFS_RETYPED;
	kldsim_type_text(difference->a.types, difference->a.id, "", name,
	    sizeof(name));
	if (difference->nchanges != 0)
		kldsim_kbi_change_text(&difference->changes[0],
		    KLDSIM_KBI_AGAINST, what, sizeof(what));
	(void)snprintf(change->text, sizeof(change->text), "%.80s: %s", name,
	    what);
}

/* "int *, now long". */
static void
tell_types(struct kldsim_refs_change *change, struct kldsim__side a,
    struct kldsim__side b)
{
	char old[DECLARATION], new[DECLARATION];

	kldsim_type_text(a.types, a.id, "", old, sizeof(old));
	kldsim_type_text(b.types, b.id, "", new, sizeof(new));
	(void)snprintf(change->text, sizeof(change->text), "%s, now %s", old,
	    new);
}

static void
tell_unknown(struct kldsim_refs_change *change, const char *why)
{
	change->kind = KLDSIM_REFS_UNTYPED;
	(void)snprintf(change->text, sizeof(change->text), "%s", why);
}

/* --- comparing --- */

/* Whether what a module knows of it is not so any more. */
static bool
matters(const struct kldsim__difference *difference)
{
	return (difference->unrelated || difference->breaks ||
	    difference->calls || difference->means || difference->embeds ||
	    difference->a_size != difference->b_size);
}

static void
compare_pairs(struct comparing *comparing)
{
	for (size_t i = 0; i < comparing->npairs; i++) {
		const struct pair pair = comparing->pairs[i];
		const struct kldsim__difference *difference =
		    kldsim__differ_tags(&comparing->differing, pair.a, pair.b,
		    true);

		if (difference == NULL || comparing->differing.failed)
			return;
		if (matters(difference)) {
			tell_difference(comparing, difference);
			return;
		}
		comparing->cut |= difference->cut;
		add_members(comparing, &pair);
	}
	if (comparing->cut || comparing->shaping.work == 0)
		tell_unknown(comparing->change, "its type is too large to be "
		    "compared");
}

static bool
compare(const struct kldsim_refs_kernels *kernels, struct kldsim__side a,
    struct kldsim__side b, struct kldsim_refs_change *change)
{
	struct comparing comparing = { .change = change,
		.shaping = { .work = kernels->work } };
	const enum kldsim__unlike unlike = kldsim__alike(a, b,
	    &comparing.shaping);

	if (unlike != KLDSIM__ALIKE)
		tell_types(change, a, b);
	/* Signed for unsigned, a pointer to something else: worth a note. */
	if (unlike > KLDSIM__NOTED)
		change->kind = KLDSIM_REFS_RETYPED;
	if (unlike != KLDSIM__ALIKE)
		return (true);
	kldsim__arena_init(&comparing.arena, &kernels->alloc);
	comparing.differing.arena = &comparing.arena;
	comparing.differing.alloc = &kernels->alloc;
	comparing.differing.shaping = &comparing.shaping;
	add_pair(&comparing, a, b);
	compare_pairs(&comparing);
	kldsim__arena_fini(&comparing.arena);
	return (!comparing.differing.failed);
}

bool
kldsim__refs_types(const struct kldsim_refs_kernels *kernels,
    uint32_t before, uint32_t after, struct kldsim_refs_change *change)
{
	struct kldsim__side a, b;

	if (!find_type(&kernels->kernel[0], before, &a))
		tell_unknown(change, "the first kernel does not tell its type");
	else if (!find_type(&kernels->kernel[1], after, &b))
		tell_unknown(change, "the second kernel does not tell its "
		    "type");
	else
		return (compare(kernels, a, b, change));
	return (true);
}
