/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Declarations as C has them: what is next to the name comes first in the graph,
 * and the base type, which is written first, last.  So a chain of types is
 * walked twice: to its base, which is written with all that stands before the
 * name; and again for what stands behind it.  There the arguments of functions
 * begin chains of their own, so many deep as there are levels here.
 */

#include <stdio.h>
#include <string.h>

#include "types/graph.h"

#define LEVELS 8   /* functions within arguments of functions */
#define STEPS 64   /* pointers to pointers */
#define BEFORE 128 /* what stands before a name */

struct out {
	char *text;
	size_t size;
	size_t at;
	bool full;
};

/* One declaration: where the second walk of its chain is. */
struct level {
	uint32_t id;
	unsigned steps;
	uint32_t argument; /* next one of the function at id */
	bool inside;       /* the arguments of the function at id */
	bool pointer;      /* the last step was one: parentheses are open */
};

static void
put_n(struct out *out, const char *text, size_t length)
{
	for (; length != 0 && !out->full; text++, length--) {
		out->full = out->at + 1 >= out->size;
		if (!out->full)
			out->text[out->at++] = *text;
	}
}

static void
put(struct out *out, const char *text)
{
	put_n(out, text, strlen(text));
}

static void
put_number(struct out *out, uint64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%ju", (uintmax_t)number);
	put(out, text);
}

/* Not all of it: the last characters say so. */
static void
end(struct out *out)
{
	if (out->full && out->size > 3) {
		if (out->at > out->size - 4)
			out->at = out->size - 4;
		memcpy(out->text + out->at, "...", 4);
	} else {
		out->text[out->at] = '\0';
	}
}

/* --- before the name --- */

/* Grows to the left. */
struct before {
	char text[BEFORE];
	size_t at;
	bool full;
};

static void
put_before(struct before *before, const char *text)
{
	size_t length = strlen(text);

	before->full = before->full || length > before->at;
	if (before->full)
		return;
	before->at -= length;
	memcpy(before->text + before->at, text, length);
}

static const char *
qualifier_name(unsigned kind)
{
	return (kind == KLDSIM_TYPE_CONST ? "const " :
	    kind == KLDSIM_TYPE_VOLATILE ? "volatile " : "restrict ");
}

/* C-13: the name of a bit-field's type may say that it is one; C says int. */
static size_t
base_length(const struct kldsim__type *type, const char *name)
{
	static const char suffix[] = " bitfield";
	const size_t length = strlen(name), more = sizeof(suffix) - 1;

	if (type->kind == KLDSIM_TYPE_INTEGER && length > more &&
	    kldsim__type_bits(type) < 8 * type->size &&
	    strcmp(name + length - more, suffix) == 0)
		return (length - more);
	return (length);
}

/* What a chain ends with: "struct foo", "int". */
static void
put_base(struct out *out, const struct kldsim_types *types, uint32_t id)
{
	const struct kldsim__type *type = &types->types[id];
	const char *name = kldsim__type_name(types, type);
	unsigned kind = type->kind;

	if (kind == KLDSIM_TYPE_FORWARD)
		kind = type->tag != 0 ? type->tag : KLDSIM_TYPE_STRUCT;
	if (kldsim__type_is_sou(kind) || kind == KLDSIM_TYPE_ENUM) {
		put(out, kldsim_type_kind_name((enum kldsim_type_kind)kind));
		put(out, *name != '\0' ? " " : " {...}");
	} else if (id == 0) {
		name = "void";
	} else if (*name == '\0') {
		name = "?";
	}
	put_n(out, name, base_length(type, name));
}

/* Does a chain end with it? */
static bool
is_base(unsigned kind)
{
	return (kind != KLDSIM_TYPE_POINTER && kind != KLDSIM_TYPE_ARRAY &&
	    kind != KLDSIM_TYPE_FUNCTION && !kldsim__type_is_qualifier(kind));
}

/* What a step of a chain leaves to its base: qualifiers, as a set. */
struct qualifiers {
	bool has[KLDSIM_TYPE_RESTRICT + 1];
};

static void
qualify(struct qualifiers *qualifiers, unsigned kind, struct out *out,
    struct before *before)
{
	for (unsigned q = KLDSIM_TYPE_VOLATILE; q <= KLDSIM_TYPE_RESTRICT; q++)
		if (qualifiers->has[q] && kind == KLDSIM_TYPE_POINTER)
			put_before(before, qualifier_name(q));
		else if (qualifiers->has[q] && kind != KLDSIM_TYPE_ARRAY &&
		    kind != KLDSIM_TYPE_FUNCTION)
			put(out, qualifier_name(q));
	/* Those of an array are its elements'. */
	if (kind != KLDSIM_TYPE_ARRAY)
		memset(qualifiers, 0, sizeof(*qualifiers));
}

/* Follow a chain to its base, which is written; what goes before the name. */
static void
put_specifiers(struct out *out, const struct kldsim_types *types, uint32_t id,
    struct before *before)
{
	struct qualifiers qualifiers = { { false } };
	bool pointer = false;

	for (unsigned steps = 0; steps < STEPS; steps++) {
		const unsigned kind = types->types[id].kind;

		if (kldsim__type_is_qualifier(kind)) {
			qualifiers.has[kind] = true;
		} else {
			qualify(&qualifiers, kind, out, before);
			if (is_base(kind)) {
				put_base(out, types, id);
				return;
			}
			if (kind != KLDSIM_TYPE_POINTER && pointer)
				put_before(before, "(");
			pointer = kind == KLDSIM_TYPE_POINTER;
			if (pointer)
				put_before(before, "*");
		}
		id = types->types[id].ref;
	}
	put(out, "...");
}

/* Does a chain begin with a function, but for qualifiers? */
static bool
is_function(const struct kldsim_types *types, uint32_t id)
{
	for (unsigned steps = 0; steps < STEPS &&
	    kldsim__type_is_qualifier(types->types[id].kind); steps++)
		id = types->types[id].ref;
	return (types->types[id].kind == KLDSIM_TYPE_FUNCTION);
}

/* All that is before the name, and the name. */
static void
put_left(struct out *out, const struct kldsim_types *types, uint32_t id,
    const char *name)
{
	struct before before = { .at = sizeof(before.text) - 1 };

	before.text[sizeof(before.text) - 1] = '\0';
	put_specifiers(out, types, id, &before);
	/* Without a name "int *const" has no space at its end, "int (void)" one. */
	if (*name == '\0' && before.at < sizeof(before.text) - 1 &&
	    before.text[sizeof(before.text) - 2] == ' ')
		before.text[sizeof(before.text) - 2] = '\0';
	if (before.text[before.at] != '\0' || *name != '\0' ||
	    is_function(types, id))
		put(out, " ");
	put(out, before.text + before.at);
	put(out, name);
	out->full = out->full || before.full;
}

/* --- behind it --- */

/* The next argument of the function at a level, which begins a new one. */
static bool
next_argument(struct out *out, const struct kldsim_types *types,
    struct level *level, uint32_t *id_ret)
{
	const struct kldsim__type *type = &types->types[level->id];
	const bool variadic = (type->flags & KLDSIM__TYPE_VARIADIC) != 0;

	if (level->argument < type->n) {
		put(out, level->argument != 0 ? ", " : "");
		*id_ret = types->arguments[type->first + level->argument++];
		return (true);
	}
	if (variadic)
		put(out, type->n != 0 ? ", ..." : "...");
	else if (type->n == 0)
		put(out, "void");
	put(out, ")");
	return (false);
}

/* One step of the second walk; false at its end. */
static bool
step_right(struct out *out, const struct kldsim_types *types,
    struct level *level, bool deepest)
{
	const struct kldsim__type *type = &types->types[level->id];
	const unsigned kind = type->kind;

	if (level->steps++ == STEPS || is_base(kind))
		return (false);
	if ((kind == KLDSIM_TYPE_ARRAY || kind == KLDSIM_TYPE_FUNCTION) &&
	    level->pointer)
		put(out, ")");
	if (!kldsim__type_is_qualifier(kind))
		level->pointer = kind == KLDSIM_TYPE_POINTER;
	if (kind == KLDSIM_TYPE_ARRAY) {
		put(out, "[");
		if (type->count != 0)
			put_number(out, type->count);
		put(out, "]");
	}
	if (kind == KLDSIM_TYPE_FUNCTION) {
		put(out, deepest ? "(...)" : "(");
		level->inside = !deepest;
		level->argument = 0;
	}
	if (!level->inside)
		level->id = type->ref;
	return (true);
}

void
kldsim_type_text(const struct kldsim_types *types, kldsim_type_id id,
    const char *name, char *text, size_t size)
{
	struct out out = { .text = text, .size = size };
	struct level levels[LEVELS] = { { .id = id } };
	size_t depth = 1;

	if (size == 0)
		return;
	if (id >= types->ntypes)
		levels[0].id = 0;
	put_left(&out, types, levels[0].id, name);
	while (depth != 0 && !out.full) {
		struct level *level = &levels[depth - 1];

		if (level->inside) {
			if (next_argument(&out, types, level, &id)) {
				levels[depth++] = (struct level){ .id = id };
				put_left(&out, types, id, "");
			} else {
				level->inside = false;
				level->id = types->types[level->id].ref;
			}
		} else if (!step_right(&out, types, level,
		    depth == LEVELS)) {
			depth--;
		}
	}
	end(&out);
}
