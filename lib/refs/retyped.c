/* SPDX-License-Identifier: BSD-2-Clause */

/* Whether a variable that is as long as it was is of another type (F-08). */

#include <stdio.h>

#include "refs/refs.h"
#include "types/neutral.h"

#define DECLARATION 100 /* bytes of a type as text */

struct side {
	const struct kldsim_types *types;
	kldsim_type_id id;
	struct kldsim__neutral type;
};

enum answer {
	ALIKE,
	UNLIKE,
	NOBODY_KNOWS
};

/* The type of a kernel's symbol; false: nobody says. */
static bool
find_type(const struct kldsim__refs_kernel *kernel, uint32_t symbol,
    struct side *side)
{
	struct kldsim_typed_symbol typed;

	if (kernel->types == NULL || kldsim_types_symbol_at(kernel->types,
	    symbol, &typed) != KLDSIM_OK)
		return (false);
	side->types = kernel->types;
	side->id = typed.type;
	kldsim__neutral(side->types, side->id, &side->type);
	return (side->type.kind != KLDSIM__NEUTRAL_OPAQUE);
}

static void
step(struct side *side)
{
	kldsim__neutral(side->types, side->type.of, &side->type);
}

/* Of pointers: name and kind of what they lead to, one level. */
static enum answer
alike_pointees(struct side *a, struct side *b)
{
	step(a);
	step(b);
	if (*a->type.name == '\0' || *b->type.name == '\0')
		return (ALIKE);
	return (strcmp(a->type.name, b->type.name) == 0 ? ALIKE : UNLIKE);
}

static enum answer
alike(struct side *a, struct side *b)
{
	while (a->type.kind == KLDSIM__NEUTRAL_ARRAY &&
	    b->type.kind == KLDSIM__NEUTRAL_ARRAY) {
		if (a->type.count != b->type.count)
			return (UNLIKE);
		step(a);
		step(b);
	}
	if (a->type.kind != b->type.kind)
		return (UNLIKE);
	switch (a->type.kind) {
	case KLDSIM__NEUTRAL_BASE:
		return (a->type.class == b->type.class &&
		    a->type.bits == b->type.bits ? ALIKE : UNLIKE);
	case KLDSIM__NEUTRAL_POINTER:
		return (alike_pointees(a, b));
	case KLDSIM__NEUTRAL_ENUM:
		return (ALIKE);
	default:
		return (NOBODY_KNOWS);
	}
}

/* "int *x, now long x". */
static void
tell(struct kldsim_refs_change *change, const struct side *before,
    const struct side *after)
{
	char old[DECLARATION], new[DECLARATION];

	kldsim_type_text(before->types, before->id, "", old, sizeof(old));
	kldsim_type_text(after->types, after->id, "", new, sizeof(new));
	change->kind = KLDSIM_REFS_RETYPED;
	(void)snprintf(change->text, sizeof(change->text), "%s, now %s", old,
	    new);
}

void
kldsim__refs_types(const struct kldsim_refs_kernels *kernels,
    uint32_t before, uint32_t after, struct kldsim_refs_change *change)
{
	const char *why = "members of structures are not compared";
	struct side a, b;
	enum answer answer = NOBODY_KNOWS;

	if (!find_type(&kernels->kernel[0], before, &a))
		why = "the first kernel does not tell its type";
	else if (!find_type(&kernels->kernel[1], after, &b))
		why = "the second kernel does not tell its type";
	else
		answer = alike(&a, &b);
	if (answer == UNLIKE) {
		tell(change, &a, &b);
	} else if (answer == NOBODY_KNOWS) {
		change->kind = KLDSIM_REFS_UNTYPED;
		(void)snprintf(change->text, sizeof(change->text), "%s", why);
	}
}
