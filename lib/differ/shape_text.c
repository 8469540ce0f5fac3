/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The language of shapes (I-91).  Types within types are written from a stack of
 * frames, so that no file decides how deep the host's own stack gets.
 */

#include "differ/shape_text.h"

#include <inttypes.h>
#include <string.h>

#include "types/neutral.h"

/* Types without a tag within each other, arrays and functions included. */
#define FRAMES 64
/* Bytes of one shape: of a type that doubles at each level there is no end. */
#define LONGEST (1u << 20)

struct frame {
	enum { MEMBERS, PLACE, COUNT, ARGUMENTS } kind;
	kldsim_type_id id;
	uint64_t next;  /* member or argument */
	uint64_t size;  /* of a structure; of an array its elements */
	uint64_t bit;   /* PLACE */
	uint32_t bits;
	bool variadic;
};

struct writer {
	struct kldsim__text *text;
	const struct kldsim_types *types;
	struct frame frames[FRAMES];
	unsigned depth;
	size_t start;
	bool defined;    /* of a function that is */
};

void
kldsim__shape_put_name(struct kldsim__text *text, const char *name)
{
	for (; *name != '\0'; name++) {
		const unsigned char c = (unsigned char)*name;

		if (c > ' ' && c < 0x7f && c != '\\')
			kldsim__text_add(text, name, 1);
		else
			kldsim__text_printf(text, "\\x%02x", c);
	}
}

static const char *
letter(enum kldsim_type_kind tag)
{
	return (tag == KLDSIM_TYPE_UNION ? "u" :
	    tag == KLDSIM_TYPE_ENUM ? "e" : "s");
}

static void
put_base(struct kldsim__text *text, const struct kldsim__neutral *type)
{
	static const char *const letters[] = {
		[KLDSIM__NEUTRAL_SIGNED] = "s",
		[KLDSIM__NEUTRAL_UNSIGNED] = "u",
		[KLDSIM__NEUTRAL_BOOL] = "b",
		[KLDSIM__NEUTRAL_FLOAT] = "f",
	};

	if (type->class == KLDSIM__NEUTRAL_VOID)
		kldsim__text_puts(text, "void");
	else if (type->class == KLDSIM__NEUTRAL_FLOAT && type->bits > 64)
		kldsim__text_puts(text, "f80"); /* whatever it is stored in */
	else
		kldsim__text_printf(text, "%s%" PRIu64,
		    letters[type->class], type->bits);
}

static void
put_values(struct kldsim__text *text, size_t start,
    const struct kldsim_types *types, kldsim_type_id id, uint64_t size)
{
	struct kldsim_type_value value;

	kldsim__text_puts(text, "{");
	for (uint64_t i = 0; kldsim_type_value(types, id, i, &value) ==
	    KLDSIM_OK && text->size - start <= LONGEST; i++) {
		kldsim__text_puts(text, i == 0 ? "" : ";");
		kldsim__shape_put_name(text, value.name);
		/* C-17: CTF has 32 bits of a value, with a sign. */
		kldsim__text_printf(text, "=%" PRId64, size > 4 ?
		    value.value : (int64_t)(int32_t)(uint32_t)value.value);
	}
	kldsim__text_printf(text, "}%" PRIu64, size);
}

/* Room for one more; false: as deep as it gets. */
static struct frame *
push(struct writer *w, int kind, kldsim_type_id id)
{
	struct frame *frame;

	if (w->depth == FRAMES || w->text->size - w->start > LONGEST)
		return (NULL);
	frame = &w->frames[w->depth++];
	memset(frame, 0, sizeof(*frame));
	frame->kind = kind;
	frame->id = id;
	return (frame);
}

/* What has no parts, or begins with its own; false: type->of comes next. */
static bool
put_beginning(struct writer *w, const struct kldsim__neutral *type)
{
	struct frame *frame;

	switch (type->kind) {
	case KLDSIM__NEUTRAL_BASE:
		put_base(w->text, type);
		return (true);
	case KLDSIM__NEUTRAL_POINTER:
		kldsim__text_puts(w->text, "*");
		return (false);
	case KLDSIM__NEUTRAL_ARRAY:
		frame = push(w, COUNT, type->id);
		if (frame != NULL)
			frame->size = type->count;
		return (frame == NULL);
	case KLDSIM__NEUTRAL_FUNCTION:
		frame = push(w, ARGUMENTS, type->id);
		kldsim__text_puts(w->text, frame == NULL ? "?" : "f(");
		if (frame != NULL)
			frame->variadic = type->variadic &&
			    (!w->defined || w->depth > 1);
		return (true);
	case KLDSIM__NEUTRAL_SOU:
		frame = push(w, MEMBERS, type->id);
		kldsim__text_puts(w->text, letter(type->tag));
		kldsim__text_puts(w->text, frame == NULL ? "{?}" : "{");
		if (frame != NULL)
			frame->size = type->size;
		return (true);
	case KLDSIM__NEUTRAL_ENUM:
		kldsim__text_puts(w->text, "e");
		put_values(w->text, w->start, w->types, type->id, type->size);
		return (true);
	default:
		kldsim__text_puts(w->text, "?");
		return (true);
	}
}

static void
put_type(struct writer *w, kldsim_type_id id)
{
	struct kldsim__neutral type;

	/* Pointers to pointers: as many as nobody has. */
	for (unsigned i = 0; i < FRAMES; i++) {
		kldsim__neutral(w->types, id, &type);
		if (*type.name != '\0' &&
		    type.kind >= KLDSIM__NEUTRAL_SOU) {
			kldsim__shape_put_key(w->text, w->types, type.id);
			return;
		}
		if (put_beginning(w, &type))
			return;
		id = type.of;
	}
	kldsim__text_puts(w->text, "?");
}

static void
next_member(struct writer *w, struct frame *frame)
{
	struct kldsim_type_member member;
	struct frame *place;

	if (kldsim_type_member(w->types, frame->id, frame->next, &member) !=
	    KLDSIM_OK || w->text->size - w->start > LONGEST) {
		kldsim__text_printf(w->text, "}%" PRIu64, frame->size);
		w->depth--;
		return;
	}
	kldsim__text_puts(w->text, frame->next++ == 0 ? "" : ";");
	kldsim__shape_put_name(w->text, *member.name == '\0' ? "-" :
	    member.name);
	kldsim__text_puts(w->text, " ");
	place = push(w, PLACE, 0);
	if (place == NULL)
		return;
	place->bit = member.bit_offset;
	place->bits = member.bits;
	put_type(w, member.type);
}

static void
next_argument(struct writer *w, struct frame *frame)
{
	struct kldsim__neutral function;
	kldsim_type_id argument;

	if (kldsim_type_argument(w->types, frame->id, frame->next,
	    &argument) == KLDSIM_OK &&
	    w->text->size - w->start <= LONGEST) {
		kldsim__text_puts(w->text, frame->next++ == 0 ? "" : ",");
		put_type(w, argument);
		return;
	}
	/* C-23: CTF has no "..." where no argument is before it. */
	if (frame->variadic && frame->next != 0)
		kldsim__text_puts(w->text, ",...");
	kldsim__text_puts(w->text, ")");
	w->depth--;
	kldsim__neutral(w->types, frame->id, &function);
	put_type(w, function.of);
}

static void
run(struct writer *w)
{
	while (w->depth != 0) {
		struct frame *frame = &w->frames[w->depth - 1];

		if (frame->kind == MEMBERS) {
			next_member(w, frame);
		} else if (frame->kind == ARGUMENTS) {
			next_argument(w, frame);
		} else if (frame->kind == COUNT) {
			kldsim__text_printf(w->text, "[%" PRIu64 "]",
			    frame->size);
			w->depth--;
		} else {
			if (frame->bits != 0)
				kldsim__text_printf(w->text, ":%u",
				    (unsigned)frame->bits);
			kldsim__text_printf(w->text, "@%" PRIu64, frame->bit);
			w->depth--;
		}
	}
}

void
kldsim__shape_put(struct kldsim__text *text, const struct kldsim_types *types,
    kldsim_type_id id)
{
	struct writer w = { .text = text, .types = types,
		.start = text->size };

	put_type(&w, id);
	run(&w);
}

void
kldsim__shape_put_defined(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id)
{
	struct writer w = { .text = text, .types = types,
		.start = text->size, .defined = true };

	put_type(&w, id);
	run(&w);
}

void
kldsim__shape_put_key(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim__neutral type;

	kldsim__neutral(types, id, &type);
	/* C-16: of what is only declared CTF does not tell which it is. */
	kldsim__text_printf(text, "%s#", type.kind ==
	    KLDSIM__NEUTRAL_FORWARD ? "s" : letter(type.tag));
	kldsim__shape_put_name(text, type.name);
}

void
kldsim__shape_put_body(struct kldsim__text *text,
    const struct kldsim_types *types, kldsim_type_id id)
{
	struct writer w = { .text = text, .types = types,
		.start = text->size };
	struct kldsim__neutral type;

	kldsim__neutral(types, id, &type);
	if (type.kind == KLDSIM__NEUTRAL_ENUM) {
		put_values(text, w.start, types, type.id, type.size);
		return;
	}
	kldsim__text_puts(text, "{");
	push(&w, MEMBERS, type.id)->size = type.size;
	run(&w);
}
