/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Members with offset and size, and between them what is not used: the page
 * that pahole(1) has made everybody know.
 */

#include "types/sou_text.h"

#include <stdarg.h>
#include <string.h>

#include "report/output.h"
#include "types/declaration.h"
#include "types/layout.h"

#define DEPTH 32     /* structures without a name within each other */
#define LINES 100000 /* members of one page: they can be more than there are */
#define TYPE_WIDTH 26
#define NAME_WIDTH 21

/* A structure that has been begun. */
struct level {
	struct layout layout;
	uint64_t bit;      /* of its start, from that of the outermost */
	kldsim_type_id id; /* what is declared of it */
	const char *name;
};

struct work {
	const struct types_page *page;
	struct level levels[DEPTH];
	unsigned depth;
	uint64_t line;     /* the last cache line that was begun */
	unsigned long left;
};

static void
indent(const struct work *work, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		putc('\t', work->page->out);
}

/* --- between members --- */

static void
put_hole(const struct work *work, uint64_t size, const char *unit)
{
	if (size == 0)
		return;
	putc('\n', work->page->out);
	indent(work, work->depth);
	put_line(work->page->out, "/* XXX %ju %s%s hole, try to pack */",
	    (uintmax_t)size, unit, size == 1 ? "" : "s");
	putc('\n', work->page->out);
}

/* A member begins in another cache line than the one before it. */
static void
put_boundary(struct work *work, uint64_t offset)
{
	const uint64_t each = work->page->cacheline, line = offset / each;
	FILE *out = work->page->out;

	if (line <= work->line)
		return;
	work->line = line;
	indent(work, work->depth);
	put(out, "/* --- cacheline %ju boundary (%ju bytes)", (uintmax_t)line,
	    (uintmax_t)(line * each));
	if (offset % each != 0)
		put(out, " was %ju byte%s ago", (uintmax_t)(offset % each),
		    offset % each == 1 ? "" : "s");
	put_line(out, " --- */");
}

/* --- members --- */

/* Columns of types are narrower the deeper they begin. */
static int
type_width(unsigned depth)
{
	const int narrower = 8 * ((int)depth - 1);

	return (narrower < TYPE_WIDTH ? TYPE_WIDTH - narrower : 0);
}

/* From a brace and what is behind it to the comment. */
static int
filler(unsigned depth, size_t length)
{
	const int width = type_width(depth) + 1 + NAME_WIDTH;

	return ((int)length < width ? width - (int)length : 0);
}

/* "next;" or "flags:3;", filled up to the comment. */
static void
put_columns(const struct work *work, unsigned depth,
    const struct declaration *declaration, const char *suffix)
{
	const int length = (int)strlen(declaration->name) +
	    (int)strlen(suffix) + 1;

	indent(work, depth);
	put(work->page->out, "%-*s %s%s;%*s", type_width(depth),
	    declaration->type,
	    declaration->name, suffix,
	    length < NAME_WIDTH ? NAME_WIDTH - length : 0, "");
}

static void
put_place(const struct work *work, uint64_t base,
    const struct layout_part *part)
{
	const uint64_t offset = base / 8 + part->offset;
	FILE *out = work->page->out;

	if (part->member.bits != 0 || part->bit != 0)
		put(out, " /* %5ju:%2ju %2ju */", (uintmax_t)offset,
		    (uintmax_t)part->bit, (uintmax_t)part->size);
	else
		put(out, " /* %5ju %5ju */", (uintmax_t)offset,
		    (uintmax_t)part->size);
	put_line(out, "%s", part->member.bits_at_most ?
	    " /* no more bits than that */" : "");
}

static void
put_member(const struct work *work, uint64_t base,
    const struct layout_part *part)
{
	struct declaration declaration;
	char bits[16] = "";

	declaration_make(work->page->types, part->member.type,
	    part->member.name, &declaration);
	if (part->member.bits != 0)
		(void)snprintf(bits, sizeof(bits), ":%ju",
		    (uintmax_t)part->member.bits);
	put_columns(work, work->depth, &declaration, bits);
	put_place(work, base, part);
}

/* --- a structure --- */

/* "struct foo {", of which a name comes at the end if it has none itself. */
static void
enter(struct work *work, kldsim_type_id sou, kldsim_type_id id,
    const char *before, const char *name, uint64_t bit)
{
	struct level *level = &work->levels[work->depth];
	struct kldsim_type type;

	(void)!kldsim_type_get(work->page->types, sou, &type);
	indent(work, work->depth);
	put_line(work->page->out, "%s%s%s%s {", before,
	    kldsim_type_kind_name(type.kind), *type.name != '\0' ? " " : "",
	    type.name);
	layout_begin(&level->layout, work->page->types, sou);
	level->bit = bit;
	level->id = id;
	level->name = name;
	work->depth++;
}

/* What stands behind the brace: " name[4]". */
static const char *
declared(const struct work *work, const struct level *level,
    char text[DECLARATION_MOST])
{
	const char *brace;

	if (level->id == level->layout.id && *level->name == '\0')
		return ("");
	kldsim_type_text(work->page->types, level->id, level->name, text,
	    DECLARATION_MOST);
	brace = strchr(text, '}');
	return (brace != NULL ? brace + 1 : text);
}

static void
put_total(const struct work *work, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* A comment at the end, on a line of its own. */
static void
put_total(const struct work *work, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	putc('\t', work->page->out);
	put_line(work->page->out, "/* %s */", text);
}

static void
put_sums(const struct work *work, const struct layout *layout)
{
	if (layout->holes != 0)
		put_total(work, "sum members: %ju, holes: %ju, sum holes: %ju",
		    (uintmax_t)layout->sum_bytes, (uintmax_t)layout->holes,
		    (uintmax_t)layout->sum_holes);
	else if (layout->sum_bits != 0)
		put_total(work, "sum members: %ju",
		    (uintmax_t)layout->sum_bytes);
	if (layout->bit_holes != 0)
		put_total(work, "sum bitfield members: %ju bits, bit holes: "
		    "%ju, sum bit holes: %ju bits",
		    (uintmax_t)layout->sum_bits, (uintmax_t)layout->bit_holes,
		    (uintmax_t)layout->sum_bit_holes);
	else if (layout->sum_bits != 0)
		put_total(work, "sum bitfield members: %ju bits",
		    (uintmax_t)layout->sum_bits);
}

static void
put_totals(const struct work *work, const struct layout *layout)
{
	const uint64_t each = work->page->cacheline;

	putc('\n', work->page->out);
	put_total(work, "size: %ju, cachelines: %ju, members: %ju",
	    (uintmax_t)layout->size, (uintmax_t)(layout->size / each +
	    (layout->size % each != 0)), (uintmax_t)layout->next);
	put_sums(work, layout);
	if (layout->padding != 0)
		put_total(work, "padding: %ju", (uintmax_t)layout->padding);
	if (layout->bit_padding != 0)
		put_total(work, "bit_padding: %ju bits",
		    (uintmax_t)layout->bit_padding);
	if (layout->size % each != 0)
		put_total(work, "last cacheline: %ju bytes",
		    (uintmax_t)(layout->size % each));
}

/* The members are over. */
static void
leave(struct work *work)
{
	struct level *level = &work->levels[--work->depth];
	char text[DECLARATION_MOST];
	const char *name = declared(work, level, text);
	FILE *out = work->page->out;
	struct kldsim_type type;

	if (work->depth == 0) {
		put_totals(work, &level->layout);
		put_line(out, "}%s;", name);
		return;
	}
	(void)!kldsim_type_get(work->page->types, level->id, &type);
	indent(work, work->depth);
	put_line(out, "}%s;%*s /* %5ju %5ju */", name,
	    filler(work->depth, strlen(name) + 2), "",
	    (uintmax_t)level->bit / 8, (uintmax_t)type.size);
}

static void
put_part(struct work *work, const struct layout_part *part)
{
	const uint64_t base = work->levels[work->depth - 1].bit;
	const uint64_t bit = base + part->member.bit_offset;
	const kldsim_type_id unnamed = declaration_unnamed(work->page->types,
	    part->member.type);

	put_hole(work, part->hole_bits, "bit");
	put_hole(work, part->hole_bytes, "byte");
	put_boundary(work, bit / 8);
	if (unnamed != 0 && work->depth < DEPTH)
		enter(work, unnamed, part->member.type, "", part->member.name,
		    bit);
	else
		put_member(work, base, part);
}

void
sou_text(const struct types_page *page, kldsim_type_id id, kldsim_type_id sou,
    const char *before, const char *name)
{
	struct work work = { .page = page, .left = LINES };
	struct layout_part part;

	enter(&work, sou, id, before, name, 0);
	while (work.depth != 0) {
		struct level *level = &work.levels[work.depth - 1];

		if (!layout_next(&level->layout, &part)) {
			leave(&work);
		} else if (work.left == 0) {
			put_total(&work, "and so on: more than %d members",
			    LINES);
			put_line(page->out, "};");
			return;
		} else {
			work.left--;
			put_part(&work, &part);
		}
	}
}
