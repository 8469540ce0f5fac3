/* SPDX-License-Identifier: BSD-2-Clause */

/* Differences of enums and functions; those of structures have a file. */

#include "differ/difference.h"

#include <stdlib.h>

#include "types/graph.h"
#include "util/hash.h"

struct kldsim_kbi_change *
kldsim__differ_change(struct kldsim__differing *differing,
    enum kldsim_kbi_change_kind kind, const char *member)
{
	struct kldsim__difference *out = differing->out;
	struct kldsim_kbi_change *change, *more;

	if (out->nchanges == out->cap) {
		more = kldsim__arena_calloc(differing->arena,
		    out->cap * 2 + 4, sizeof(*more));
		if (more == NULL) {
			differing->failed = true;
			return (NULL);
		}
		if (out->nchanges != 0)
			memcpy(more, out->changes,
			    out->nchanges * sizeof(*more));
		out->changes = more;
		out->cap = out->cap * 2 + 4;
	}
	change = &out->changes[out->nchanges++];
	memset(change, 0, sizeof(*change));
	change->kind = kind;
	change->member = member;
	return (change);
}

const char *
kldsim__differ_type(struct kldsim__differing *differing,
    struct kldsim__side side)
{
	char text[256], *kept;

	kldsim_type_text(side.types, side.id, "", text, sizeof(text));
	for (size_t end = strlen(text); end > 0 && text[end - 1] == ' ';)
		text[--end] = '\0';
	kept = kldsim__arena_strdup(differing->arena, text);
	if (kept == NULL)
		differing->failed = true;
	return (kept);
}

struct kldsim__difference *
kldsim__differ_begin(struct kldsim__differing *differing,
    struct kldsim__side a, struct kldsim__side b)
{
	struct kldsim__difference *out = kldsim__arena_calloc(
	    differing->arena, 1, sizeof(*out));

	differing->out = out;
	if (out == NULL) {
		differing->failed = true;
		return (NULL);
	}
	out->a = a;
	out->b = b;
	return (out);
}

/* --- enums --- */

struct value {
	uint64_t hash;
	struct kldsim_type_value is;
};

static int
by_hash(const void *left, const void *right)
{
	const struct value *a = left, *b = right;

	/* Of a thousand names two may have one hash. */
	return (a->hash < b->hash ? -1 : a->hash > b->hash ? 1 :
	    strcmp(a->is.name, b->is.name));
}

static struct value *
values_of(const struct kldsim__differing *differing,
    struct kldsim__side side, size_t *count_ret)
{
	struct kldsim__neutral type;
	struct value *values;
	size_t count = 0;

	kldsim__neutral(side.types, side.id, &type);
	values = kldsim__calloc(differing->alloc, (size_t)type.count + 1,
	    sizeof(*values));
	while (values != NULL && count < type.count && kldsim_type_value(
	    side.types, type.id, count, &values[count].is) == KLDSIM_OK) {
		values[count].hash = kldsim__hash(differing->shaping->seed,
		    values[count].is.name);
		count++;
	}
	*count_ret = count;
	return (values);
}

/* I-46: one that counts the others moves with them. */
static bool
is_sentinel(const char *name)
{
	static const char *const ends[] = { "_MAX", "_LAST", "_COUNT",
		"_NUM", "_END" };
	const size_t length = strlen(name);

	if (name[0] == 'N' && name[1] >= 'A' && name[1] <= 'Z')
		return (true);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (length > strlen(ends[i]) && strcmp(name + length -
		    strlen(ends[i]), ends[i]) == 0)
			return (true);
	return (false);
}

static void
differ_value(struct kldsim__differing *differing,
    const struct kldsim_type_value *a, const struct kldsim_type_value *b)
{
	const struct kldsim__difference *out = differing->out;
	const bool cut = out->a.types->enums_cut || out->b.types->enums_cut;
	struct kldsim_kbi_change *change;

	/* C-17: some tell the low half alone. */
	if (a->value == b->value ||
	    (cut && (uint32_t)a->value == (uint32_t)b->value))
		return;
	change = kldsim__differ_change(differing, KLDSIM_KBI_VALUE, a->name);
	if (change == NULL)
		return;
	change->module_value = a->value;
	change->kernel_value = b->value;
	differing->out->own = true;
	if (!is_sentinel(a->name))
		differing->out->means = true;
}

/* I-33: names that both have; what is new means nothing to a module. */
static void
differ_enums(struct kldsim__differing *differing, bool related)
{
	struct kldsim__difference *out = differing->out;
	size_t na, nb, shared = 0;
	struct value *a = values_of(differing, out->a, &na);
	struct value *b = values_of(differing, out->b, &nb);

	differing->failed = differing->failed || a == NULL || b == NULL;
	if (b != NULL)
		qsort(b, nb, sizeof(*b), by_hash);
	for (size_t i = 0; a != NULL && b != NULL && i < na; i++) {
		const struct value *found = bsearch(&a[i], b, nb, sizeof(*b),
		    by_hash);

		if (found == NULL)
			continue;
		shared++;
		differ_value(differing, &a[i].is, &found->is);
	}
	if (!related && shared * 2 < (na < nb ? na : nb))
		out->unrelated = true;
	if (out->a_size != out->b_size)
		out->own = out->breaks = true;
	kldsim__free(differing->alloc, a);
	kldsim__free(differing->alloc, b);
}

struct kldsim__difference *
kldsim__differ_tags(struct kldsim__differing *differing,
    struct kldsim__side a, struct kldsim__side b, bool related)
{
	struct kldsim__difference *out = kldsim__differ_begin(differing, a, b);
	struct kldsim__neutral in_a, in_b;

	if (out == NULL)
		return (NULL);
	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	out->a_size = in_a.size;
	out->b_size = in_b.size;
	if (in_a.kind == KLDSIM__NEUTRAL_ENUM)
		differ_enums(differing, related);
	else
		kldsim__differ_sous(differing, related);
	return (out);
}

/* --- functions --- */

/* A typedef of the one name says nothing: "struct _cpuset *". */
static const char *
passed_type(struct kldsim__differing *differing, struct kldsim__side side,
    enum kldsim__unlike unlike)
{
	struct kldsim__neutral type;
	char text[256], *kept;

	kldsim__neutral(side.types, side.id, &type);
	if (unlike != KLDSIM__RENAMED || type.kind != KLDSIM__NEUTRAL_POINTER)
		return (kldsim__differ_type(differing, side));
	kldsim_type_text(side.types, kldsim_type_strip(side.types, type.of),
	    "*", text, sizeof(text));
	kept = kldsim__arena_strdup(differing->arena, text);
	differing->failed = differing->failed || kept == NULL;
	return (kept);
}

static void
differ_passed(struct kldsim__differing *differing, struct kldsim__side a,
    struct kldsim__side b, enum kldsim_kbi_change_kind kind, int64_t number)
{
	const enum kldsim__unlike unlike = kind == KLDSIM_KBI_RESULT ?
	    kldsim__alike_results(a, b, differing->shaping) :
	    kldsim__alike_passed(a, b, differing->shaping);
	struct kldsim_kbi_change *change;

	if (unlike == KLDSIM__ALIKE)
		return;
	change = kldsim__differ_change(differing, kind, "");
	if (change == NULL)
		return;
	differing->out->own = true;
	if (unlike != KLDSIM__NOTED)
		differing->out->calls = true;
	change->module_value = change->kernel_value = number;
	change->module_type = passed_type(differing, a, unlike);
	change->kernel_type = passed_type(differing, b, unlike);
}

static void
differ_arguments(struct kldsim__differing *differing,
    const struct kldsim__neutral *a, const struct kldsim__neutral *b)
{
	const struct kldsim__difference *out = differing->out;
	struct kldsim__side in_a = out->a, in_b = out->b;

	for (uint64_t i = 0; i < a->count && i < b->count &&
	    differing->shaping->work != 0; i++) {
		differing->shaping->work--;
		if (kldsim_type_argument(in_a.types, a->id, i, &in_a.id) ==
		    KLDSIM_OK && kldsim_type_argument(in_b.types, b->id, i,
		    &in_b.id) == KLDSIM_OK)
			differ_passed(differing, in_a, in_b,
			    KLDSIM_KBI_ARGUMENT, (int64_t)i + 1);
	}
	in_a.id = a->of;
	in_b.id = b->of;
	differ_passed(differing, in_a, in_b, KLDSIM_KBI_RESULT, 0);
}

struct kldsim__difference *
kldsim__differ_functions(struct kldsim__differing *differing,
    struct kldsim__side a, struct kldsim__side b)
{
	struct kldsim__neutral in_a, in_b;
	struct kldsim__difference *out;
	struct kldsim_kbi_change *change;

	if (kldsim__shape_hash(a.types, a.id, differing->shaping) ==
	    kldsim__shape_hash(b.types, b.id, differing->shaping))
		return (NULL);
	out = kldsim__differ_begin(differing, a, b);
	if (out == NULL)
		return (NULL);
	kldsim__neutral(a.types, a.id, &in_a);
	kldsim__neutral(b.types, b.id, &in_b);
	if (in_a.kind != KLDSIM__NEUTRAL_FUNCTION ||
	    in_b.kind != KLDSIM__NEUTRAL_FUNCTION)
		return (NULL);
	if (in_a.count != in_b.count) {
		change = kldsim__differ_change(differing,
		    KLDSIM_KBI_ARGUMENTS, "");
		if (change == NULL)
			return (NULL);
		change->module_value = (int64_t)in_a.count;
		change->kernel_value = (int64_t)in_b.count;
		out->own = out->calls = true;
	}
	differ_arguments(differing, &in_a, &in_b);
	return (out->own && !differing->failed ? out : NULL);
}

/* --- variables --- */

static uint64_t
size_of(struct kldsim__side side)
{
	struct kldsim_type type;

	return (kldsim_type_get(side.types, kldsim_type_strip(side.types,
	    side.id), &type) == KLDSIM_OK ? type.size : 0);
}

/* I-65: what the module was told of is there, if there is more of it. */
static void
judge_variable(struct kldsim__difference *out, enum kldsim__unlike unlike)
{
	out->variable = out->own = true;
	out->calls = unlike == KLDSIM__CALLED;
	out->breaks = unlike == KLDSIM__RESIZED || unlike == KLDSIM__OTHER ||
	    (unlike == KLDSIM__COUNT && out->a_size > out->b_size);
}

struct kldsim__difference *
kldsim__differ_variables(struct kldsim__differing *differing,
    struct kldsim__side a, struct kldsim__side b)
{
	const enum kldsim__unlike unlike = kldsim__alike(a, b,
	    differing->shaping);
	struct kldsim__difference *out;
	struct kldsim_kbi_change *change;

	/* Of a type with a tag, the tag is told. */
	if (unlike == KLDSIM__ALIKE || unlike == KLDSIM__NESTED)
		return (NULL);
	out = kldsim__differ_begin(differing, a, b);
	if (out == NULL)
		return (NULL);
	out->a_size = size_of(a);
	out->b_size = size_of(b);
	/* "extern int x[]" */
	if (unlike == KLDSIM__COUNT && (out->a_size == 0 || out->b_size == 0))
		return (NULL);
	judge_variable(out, unlike);
	change = kldsim__differ_change(differing, unlike <= KLDSIM__NOTED ?
	    KLDSIM_KBI_SIGN : unlike == KLDSIM__RESIZED ||
	    unlike == KLDSIM__COUNT ? KLDSIM_KBI_RESIZED : KLDSIM_KBI_RETYPED,
	    "");
	if (change == NULL)
		return (NULL);
	change->module_type = kldsim__differ_type(differing, a);
	change->kernel_type = kldsim__differ_type(differing, b);
	return (out);
}
