/* SPDX-License-Identifier: BSD-2-Clause */

/* One type, variable or function after the other, each by its kind. */

#include "types/types_text.h"

#include <inttypes.h>
#include <string.h>

#include "report/output.h"
#include "types/declaration.h"
#include "types/sou_text.h"

/* "1 type", "2 types" */
static void
put_number(FILE *out, uint64_t count, const char *noun, const char *after)
{
	put(out, "%ju %s%s%s", (uintmax_t)count, noun, count == 1 ? "" : "s",
	    after);
}

static void
put_id(const struct types_page *page, kldsim_type_id id,
    const struct kldsim_type *type)
{
	if (page->verbose)
		put_line(page->out, "/* type %ju, at 0x%jx */", (uintmax_t)id,
		    (uintmax_t)type->offset);
}

/* --- kinds --- */

static void
put_integer(const struct types_page *page, const struct kldsim_type *type)
{
	static const char *const words[] = { "signed", "char", "bool",
		"varargs" };

	put(page->out, "%s; /* integer, ", type->name);
	put_number(page->out, type->size, "byte", ", ");
	put_number(page->out, type->bits, "bit", "");
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if ((type->encoding & 1u << i) != 0)
			put(page->out, ", %s", words[i]);
	put_line(page->out, " */");
}

static void
put_float(const struct types_page *page, const struct kldsim_type *type)
{
	put(page->out, "%s; /* float, ", type->name);
	put_number(page->out, type->size, "byte", ", ");
	put_number(page->out, type->bits, "bit", " */");
	putc('\n', page->out);
}

static void
put_enum(const struct types_page *page, kldsim_type_id id,
    const struct kldsim_type *type)
{
	struct kldsim_type_value value;

	put_line(page->out, "enum%s%s {", *type->name != '\0' ? " " : "",
	    type->name);
	for (uint64_t i = 0; kldsim_type_value(page->types, id, i, &value) ==
	    KLDSIM_OK; i++) {
		putc('\t', page->out);
		put_line(page->out, "%s = %" PRId64 ",", value.name,
		    value.value);
	}
	if (type->cut)
		put_line(page->out, "/* and maybe more: version 2 of CTF has "
		    "room for so many */");
	put(page->out, "}; /* ");
	put_number(page->out, type->size, "byte", ", ");
	put_number(page->out, type->count, "value", " */");
	putc('\n', page->out);
}

static void
put_forward(const struct types_page *page, const struct kldsim_type *type)
{
	if (type->tag == KLDSIM_TYPE_UNKNOWN)
		put_line(page->out, "struct %s; /* or union, or enum: a tag "
		    "without members here */", type->name);
	else
		put_line(page->out, "%s %s; /* a tag without members here */",
		    kldsim_type_kind_name(type->tag), type->name);
}

/* What stands in C as it is: "typedef struct foo foo_t;", "int *". */
static void
put_declaration(const struct types_page *page, kldsim_type_id id,
    const char *name, const char *before, uint64_t size)
{
	char text[DECLARATION_MOST];

	kldsim_type_text(page->types, id, name, text, sizeof(text));
	put(page->out, "%s%s;", before, text);
	if (size != 0) {
		put(page->out, " /* ");
		put_number(page->out, size, "byte", " */");
	}
	putc('\n', page->out);
}

static void
put_typedef(const struct types_page *page, const struct kldsim_type *type)
{
	const kldsim_type_id unnamed = declaration_unnamed(page->types,
	    type->target);

	if (unnamed != 0)
		sou_text(page, type->target, unnamed, "typedef ", type->name);
	else
		put_declaration(page, type->target, type->name, "typedef ",
		    type->size);
}

static void
put_type(const struct types_page *page, kldsim_type_id id)
{
	struct kldsim_type type;

	if (kldsim_type_get(page->types, id, &type) != KLDSIM_OK)
		return;
	put_id(page, id, &type);
	switch (type.kind) {
	case KLDSIM_TYPE_INTEGER:
		put_integer(page, &type);
		return;
	case KLDSIM_TYPE_FLOAT:
		put_float(page, &type);
		return;
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
		sou_text(page, id, id, "", "");
		return;
	case KLDSIM_TYPE_ENUM:
		put_enum(page, id, &type);
		return;
	case KLDSIM_TYPE_FORWARD:
		put_forward(page, &type);
		return;
	case KLDSIM_TYPE_TYPEDEF:
		put_typedef(page, &type);
		return;
	default:
		put_declaration(page, id, "", "", type.size);
		return;
	}
}

static void
put_symbol(const struct types_page *page,
    const struct kldsim_typed_symbol *symbol)
{
	struct kldsim_type type;

	(void)!kldsim_type_get(page->types, symbol->type, &type);
	if (page->verbose)
		put_line(page->out, "/* symbol %ju, type %ju */",
		    (uintmax_t)symbol->index, (uintmax_t)symbol->type);
	put_declaration(page, symbol->type, symbol->name, "",
	    symbol->function ? 0 : type.size);
}

/* Definitions of more than a line stand apart. */
static bool
is_long(const struct types_page *page, kldsim_type_id id)
{
	struct kldsim_type type;

	(void)!kldsim_type_get(page->types, id, &type);
	return (type.kind == KLDSIM_TYPE_STRUCT ||
	    type.kind == KLDSIM_TYPE_UNION || type.kind == KLDSIM_TYPE_ENUM ||
	    (type.kind == KLDSIM_TYPE_TYPEDEF &&
	    declaration_unnamed(page->types, type.target) != 0));
}

void
types_text_selection(const struct types_page *page,
    const struct selection *selection)
{
	bool apart = false;

	for (size_t i = 0; i < selection->ntypes; i++) {
		const bool now = is_long(page, selection->types[i]);

		if (i != 0 && (apart || now))
			putc('\n', page->out);
		put_type(page, selection->types[i]);
		apart = now;
	}
	if (apart && selection->nsymbols != 0)
		putc('\n', page->out);
	for (size_t i = 0; i < selection->nsymbols; i++)
		put_symbol(page, &selection->symbols[i]);
}

/* --- the summary --- */

#define KINDS (KLDSIM_TYPE_RESTRICT + 1)

static void
count_kinds(const struct types_page *page, uint32_t types,
    uint32_t counts[KINDS])
{
	struct kldsim_type type;

	memset(counts, 0, KINDS * sizeof(*counts));
	for (kldsim_type_id id = 1; id <= types; id++)
		if (kldsim_type_get(page->types, id, &type) == KLDSIM_OK)
			counts[type.kind]++;
}

static void
put_kinds(const struct types_page *page, uint32_t types)
{
	uint32_t counts[KINDS];

	count_kinds(page, types, counts);
	put_line(page->out, "  %-10s %ju", "types", (uintmax_t)types);
	for (unsigned kind = 0; kind < KINDS; kind++)
		if (counts[kind] != 0)
			put_line(page->out, "    %-10s %ju",
			    kldsim_type_kind_name((enum kldsim_type_kind)kind),
			    (uintmax_t)counts[kind]);
}

static void
put_typed(const struct types_page *page, const char *what, uint32_t typed,
    uint32_t untyped, const char *why_not)
{
	put(page->out, "  %-10s %ju of %ju with a type", what,
	    (uintmax_t)typed, (uintmax_t)typed + untyped);
	put_line(page->out, "%s%s", why_not != NULL ? ": " : "",
	    why_not != NULL ? why_not : "");
}

void
types_text_summary(const struct types_page *page, bool quiet)
{
	struct kldsim_types_info info;

	kldsim_types_info(page->types, &info);
	put(page->out, "%s: %s v%u, ", info.file, info.format, info.version);
	put_number(page->out, info.stored, "byte", "");
	if (info.compressed) {
		put(page->out, " compressed, ");
		put_number(page->out, info.size, "byte", " without that");
	}
	putc('\n', page->out);
	if (*info.label != '\0')
		put_line(page->out, "  %-10s %s", "label", info.label);
	if (*info.parent != '\0')
		put_line(page->out, "  %-10s %s, which has some of the types",
		    "parent", info.parent);
	put_kinds(page, info.types);
	put_typed(page, "variables", info.variables, info.untyped_variables,
	    info.no_variables);
	put_typed(page, "functions", info.functions, info.untyped_functions,
	    info.no_functions);
	if (info.remarks != 0 && !page->verbose && !quiet)
		put_line(page->out, "  %-10s %ju, which -v tells", "remarks",
		    (uintmax_t)info.remarks);
}

void
types_text_remarks(const struct types_page *page)
{
	struct kldsim_types_remark remark;

	for (uint32_t i = 0; kldsim_types_remark(page->types, i, &remark) ==
	    KLDSIM_OK; i++)
		put_line(page->out, "remark: 0x%jx: %s%s%s%s",
		    (uintmax_t)remark.offset, remark.text,
		    *remark.rules != '\0' ? " (" : "", remark.rules,
		    *remark.rules != '\0' ? ")" : "");
}
