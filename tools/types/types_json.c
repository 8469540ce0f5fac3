/* SPDX-License-Identifier: BSD-2-Clause */

/* Types as JSON, object by object in the order of the schema. */

#include "types/types_json.h"

#include <string.h>

#include "report/output.h"
#include "report/report_json.h"
#include "types/declaration.h"
#include "types/layout.h"

/* Where a key does not apply. */
static json_t *
nothing(void)
{
	return (need(json_null()));
}

static json_t *
text_or_null(const char *text)
{
	return (json_text(text != NULL && *text != '\0' ? text : NULL));
}

static json_t *
declaration(const struct kldsim_types *types, kldsim_type_id id,
    const char *name)
{
	char text[DECLARATION_MOST];

	kldsim_type_text(types, id, name, text, sizeof(text));
	return (json_text(text));
}

/* --- a structure --- */

static json_t *
member(const struct kldsim_types *types, const struct layout_part *part)
{
	const struct kldsim_type_member *m = &part->member;

	return (json_make("{s:o, s:I, s:o, s:o, s:o, s:b, s:o, s:o, s:o}",
	    "name", text_or_null(m->name),
	    "type", (json_int_t)m->type,
	    "text", declaration(types, m->type, m->name),
	    "bit_offset", json_size(m->bit_offset),
	    "bits", m->bits != 0 ? json_size(m->bits) : nothing(),
	    "at_most", (int)m->bits_at_most,
	    "size", json_size(part->size),
	    "hole_bits", json_size(part->hole_bits),
	    "hole_bytes", json_size(part->hole_bytes)));
}

/* Of a structure or union; null of any other type. */
static void
members(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t cacheline, json_t **members_ret, json_t **layout_ret)
{
	struct layout layout;
	struct layout_part part;

	*members_ret = json_make("[]");
	layout_begin(&layout, types, id);
	while (layout_next(&layout, &part))
		json_append(*members_ret, member(types, &part));
	*layout_ret = json_make("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "cachelines", json_size(layout.size / cacheline +
	    (layout.size % cacheline != 0)),
	    "sum_members", json_size(layout.sum_bytes),
	    "sum_bitfield_bits", json_size(layout.sum_bits),
	    "holes", json_size(layout.holes),
	    "sum_holes", json_size(layout.sum_holes),
	    "bit_holes", json_size(layout.bit_holes),
	    "sum_bit_holes", json_size(layout.sum_bit_holes),
	    "padding", json_size(layout.padding),
	    "bit_padding", json_size(layout.bit_padding));
}

/* --- other parts --- */

static json_t *
values(const struct kldsim_types *types, kldsim_type_id id)
{
	json_t *array = json_make("[]");
	struct kldsim_type_value value;

	for (uint64_t i = 0; kldsim_type_value(types, id, i, &value) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:I}",
		    "name", json_text(value.name),
		    "value", (json_int_t)value.value));
	return (array);
}

static json_t *
arguments(const struct kldsim_types *types, kldsim_type_id id)
{
	json_t *array = json_make("[]");
	kldsim_type_id argument;

	for (uint64_t i = 0; kldsim_type_argument(types, id, i, &argument) ==
	    KLDSIM_OK; i++)
		json_append(array, json_size(argument));
	return (array);
}

static json_t *
encoding(const struct kldsim_type *type)
{
	return (json_make("{s:i, s:i, s:i}",
	    "number", (int)type->encoding,
	    "bit_offset", (int)type->bit_offset,
	    "bits", (int)type->bits));
}

static bool
has_target(enum kldsim_type_kind kind)
{
	return (kind == KLDSIM_TYPE_POINTER || kind == KLDSIM_TYPE_ARRAY ||
	    kind == KLDSIM_TYPE_FUNCTION || kind >= KLDSIM_TYPE_TYPEDEF);
}

/* What only some kinds have: each key is there, null where it is not. */
static void
add_parts(json_t *object, const struct kldsim_types *types, kldsim_type_id id,
    const struct kldsim_type *type, uint64_t cacheline)
{
	const bool number = type->kind == KLDSIM_TYPE_INTEGER ||
	    type->kind == KLDSIM_TYPE_FLOAT;
	json_t *list = NULL, *layout = NULL;

	if (type->kind == KLDSIM_TYPE_STRUCT ||
	    type->kind == KLDSIM_TYPE_UNION)
		members(types, id, cacheline, &list, &layout);
	json_set(object, "target", has_target(type->kind) ?
	    json_size(type->target) : NULL);
	json_set(object, "elements", type->kind == KLDSIM_TYPE_ARRAY ?
	    json_size(type->count) : NULL);
	json_set(object, "encoding", number ? encoding(type) : NULL);
	json_set(object, "members", list);
	json_set(object, "layout", layout);
	json_set(object, "values", type->kind == KLDSIM_TYPE_ENUM ?
	    values(types, id) : NULL);
	json_set(object, "arguments", type->kind == KLDSIM_TYPE_FUNCTION ?
	    arguments(types, id) : NULL);
	json_set(object, "variadic", type->kind == KLDSIM_TYPE_FUNCTION ?
	    json_boolean(type->variadic) : NULL);
}

static json_t *
type_object(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t cacheline)
{
	struct kldsim_type type;
	json_t *object;

	(void)!kldsim_type_get(types, id, &type);
	object = json_make("{s:I, s:s, s:o, s:o, s:o, s:b, s:b, s:o}",
	    "id", (json_int_t)id,
	    "kind", kldsim_type_kind_name(type.kind),
	    "name", text_or_null(type.name),
	    "text", declaration(types, id, ""),
	    "size", json_size(type.size),
	    "root", (int)type.root,
	    "made", (int)type.made,
	    "offset", json_size(type.offset));
	add_parts(object, types, id, &type, cacheline);
	return (object);
}

/* --- the document --- */

static json_t *
symbols(const struct kldsim_types *types, const struct selection *selection,
    bool functions)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < selection->nsymbols; i++) {
		const struct kldsim_typed_symbol *symbol =
		    &selection->symbols[i];

		if (symbol->function == functions)
			json_append(array, json_make("{s:o, s:I, s:I, s:o}",
			    "name", json_text(symbol->name),
			    "symbol", (json_int_t)symbol->index,
			    "type", (json_int_t)symbol->type,
			    "text", declaration(types, symbol->type,
			    symbol->name)));
	}
	return (array);
}

static json_t *
remarks(const struct kldsim_types *types)
{
	json_t *array = json_make("[]");
	struct kldsim_types_remark remark;

	for (uint32_t i = 0; kldsim_types_remark(types, i, &remark) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:o, s:o}",
		    "offset", json_size(remark.offset),
		    "rules", json_text(remark.rules),
		    "text", json_text(remark.text)));
	return (array);
}

static json_t *
counts(const struct kldsim_types_info *info)
{
	return (json_make("{s:I, s:I, s:I, s:I, s:I}",
	    "types", (json_int_t)info->types,
	    "variables", (json_int_t)info->variables,
	    "untyped_variables", (json_int_t)info->untyped_variables,
	    "functions", (json_int_t)info->functions,
	    "untyped_functions", (json_int_t)info->untyped_functions));
}

static json_t *
source(const struct kldsim_types_info *info)
{
	return (json_make("{s:s, s:i, s:b, s:o, s:o, s:o, s:o, s:i, s:b}",
	    "format", info->format,
	    "version", (int)info->version,
	    "compressed", (int)info->compressed,
	    "stored", json_size(info->stored),
	    "size", json_size(info->size),
	    "label", text_or_null(info->label),
	    "parent", text_or_null(info->parent),
	    "word_bits", (int)info->word_bits,
	    "big_endian", (int)info->big_endian));
}

json_t *
types_json(const struct kldsim_types *types, uint64_t cacheline,
    const struct selection *selection)
{
	json_t *list = json_make("[]"), *missing = json_make("[]");
	struct kldsim_types_info info;

	kldsim_types_info(types, &info);
	for (size_t i = 0; i < selection->ntypes; i++)
		json_append(list, type_object(types, selection->types[i],
		    cacheline));
	for (size_t i = 0; i < selection->nmissing; i++)
		json_append(missing, json_text(selection->missing[i]));
	return (json_make("{s:s, s:n, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:o, s:o}",
	    "schema", "kldsim.types/1",
	    "error",
	    "file", json_text(info.file),
	    "source", source(&info),
	    "counts", counts(&info),
	    "no_variables", json_text(info.no_variables),
	    "no_functions", json_text(info.no_functions),
	    "types", list,
	    "variables", symbols(types, selection, false),
	    "functions", symbols(types, selection, true),
	    "missing", missing,
	    "remarks", remarks(types)));
}

json_t *
types_json_failure(const char *file, const struct kldsim_error *error)
{
	const size_t length = strlen(file);
	const char *message = error->text;

	if (strncmp(message, file, length) == 0 &&
	    strncmp(message + length, ": ", 2) == 0)
		message += length + 2;
	return (json_make("{s:s, s:o, s:o, s:n, s:n, s:n, s:n, s:[], s:[], "
	    "s:[], s:[], s:[]}",
	    "schema", "kldsim.types/1",
	    "error", report_json_error(error, file, message),
	    "file", json_text(file),
	    "source", "counts", "no_variables", "no_functions", "types",
	    "variables", "functions", "missing", "remarks"));
}
