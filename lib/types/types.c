/* SPDX-License-Identifier: BSD-2-Clause */

/* What a graph is asked, one row at a time. */

#include <string.h>

#include "types/graph.h"
#include "util/limits.h"
#include "util/sized.h"

void
kldsim_types_options_init(struct kldsim_types_options *options, size_t size)
{
	static const struct kldsim_types_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

const char *
kldsim__types_options(const struct kldsim_types_options *given,
    struct kldsim_types_options *options_ret)
{
	const char *wrong;

	kldsim_types_options_init(options_ret, sizeof(*options_ret));
	wrong = kldsim__sized_take(options_ret, sizeof(*options_ret), given);
	kldsim__limits_defaults(&options_ret->limits);
	return (wrong);
}

void
kldsim_types_free(struct kldsim_types *types)
{
	struct kldsim__alloc alloc;

	if (types == NULL)
		return;
	alloc = types->alloc;
	kldsim__types_index_free(types);
	(void)pthread_mutex_destroy(&types->lock);
	kldsim__arena_fini(&types->arena);
	if (types->pages != NULL)
		kldsim__unmap_pages(types->pages, types->pages_size);
	else
		kldsim__free(&alloc, types->strings);
	kldsim__free(&alloc, types->types);
	kldsim__free(&alloc, types->members);
	kldsim__free(&alloc, types->values);
	kldsim__free(&alloc, types->arguments);
	kldsim__free(&alloc, types->symbols);
	kldsim__free(&alloc, types->remarks);
	kldsim__free(&alloc, types);
}

void
kldsim_types_info(const struct kldsim_types *types,
    struct kldsim_types_info *info_ret)
{
	*info_ret = types->info;
}

/* --- types --- */

static const struct kldsim__type *
row(const struct kldsim_types *types, kldsim_type_id id)
{
	return (id != 0 && id < types->ntypes ? &types->types[id] : NULL);
}

static void
get_encoding(const struct kldsim__type *from, struct kldsim_type *to)
{
	to->encoding = from->code >> 24;
	to->bit_offset = from->code >> 16 & 0xff;
	to->bits = kldsim__type_bits(from);
}

static void
get_parts(const struct kldsim__type *from, struct kldsim_type *to)
{
	switch (to->kind) {
	case KLDSIM_TYPE_INTEGER:
	case KLDSIM_TYPE_FLOAT:
		get_encoding(from, to);
		return;
	case KLDSIM_TYPE_ARRAY:
		to->count = from->count;
		return;
	case KLDSIM_TYPE_FUNCTION:
	case KLDSIM_TYPE_STRUCT:
	case KLDSIM_TYPE_UNION:
	case KLDSIM_TYPE_ENUM:
		to->count = from->n;
		return;
	default:
		return;
	}
}

enum kldsim_status
kldsim_type_get(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret)
{
	const struct kldsim__type *from = row(types, id);

	memset(type_ret, 0, sizeof(*type_ret));
	if (from == NULL)
		return (KLDSIM_NOENT);
	type_ret->kind = (enum kldsim_type_kind)from->kind;
	type_ret->name = kldsim__type_name(types, from);
	type_ret->size = from->size;
	type_ret->target = from->ref;
	type_ret->tag = (enum kldsim_type_kind)from->tag;
	type_ret->root = (from->flags & KLDSIM__TYPE_ROOT) != 0;
	type_ret->variadic = (from->flags & KLDSIM__TYPE_VARIADIC) != 0;
	type_ret->cut = (from->flags & KLDSIM__TYPE_CUT) != 0;
	type_ret->made = (from->flags & KLDSIM__TYPE_MADE) != 0;
	type_ret->offset = from->at;
	get_parts(from, type_ret);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_type_member(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t index, struct kldsim_type_member *member_ret)
{
	const struct kldsim__type *of = row(types, id);
	const struct kldsim__type_member *from;

	memset(member_ret, 0, sizeof(*member_ret));
	if (of == NULL || !kldsim__type_is_sou(of->kind) || index >= of->n)
		return (KLDSIM_NOENT);
	from = &types->members[of->first + index];
	member_ret->name = types->strings + from->name;
	member_ret->type = from->type;
	member_ret->bit_offset = from->bit;
	member_ret->bits = from->bits;
	member_ret->bits_at_most = from->at_most;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_type_value(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t index, struct kldsim_type_value *value_ret)
{
	const struct kldsim__type *of = row(types, id);
	const struct kldsim__type_value *from;

	memset(value_ret, 0, sizeof(*value_ret));
	if (of == NULL || of->kind != KLDSIM_TYPE_ENUM || index >= of->n)
		return (KLDSIM_NOENT);
	from = &types->values[of->first + index];
	value_ret->name = types->strings + from->name;
	value_ret->value = from->value;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_type_argument(const struct kldsim_types *types, kldsim_type_id id,
    uint64_t index, kldsim_type_id *argument_ret)
{
	const struct kldsim__type *of = row(types, id);

	*argument_ret = 0;
	if (of == NULL || of->kind != KLDSIM_TYPE_FUNCTION || index >= of->n)
		return (KLDSIM_NOENT);
	*argument_ret = types->arguments[of->first + index];
	return (KLDSIM_OK);
}

kldsim_type_id
kldsim_type_strip(const struct kldsim_types *types, kldsim_type_id id)
{
	const struct kldsim__type *type = row(types, id);

	return (type != NULL ? type->stripped : 0);
}

const char *
kldsim_type_kind_name(enum kldsim_type_kind kind)
{
	static const char *const names[] = {
		[KLDSIM_TYPE_UNKNOWN] = "unknown",
		[KLDSIM_TYPE_INTEGER] = "integer",
		[KLDSIM_TYPE_FLOAT] = "float",
		[KLDSIM_TYPE_POINTER] = "pointer",
		[KLDSIM_TYPE_ARRAY] = "array",
		[KLDSIM_TYPE_FUNCTION] = "function",
		[KLDSIM_TYPE_STRUCT] = "struct",
		[KLDSIM_TYPE_UNION] = "union",
		[KLDSIM_TYPE_ENUM] = "enum",
		[KLDSIM_TYPE_FORWARD] = "forward",
		[KLDSIM_TYPE_TYPEDEF] = "typedef",
		[KLDSIM_TYPE_VOLATILE] = "volatile",
		[KLDSIM_TYPE_CONST] = "const",
		[KLDSIM_TYPE_RESTRICT] = "restrict",
	};

	return ((unsigned)kind < sizeof(names) / sizeof(names[0]) ?
	    names[kind] : "?");
}

/* --- symbols and remarks --- */

enum kldsim_status
kldsim_types_symbol(const struct kldsim_types *types, uint32_t index,
    struct kldsim_typed_symbol *symbol_ret)
{
	const struct kldsim__type_symbol *from;

	memset(symbol_ret, 0, sizeof(*symbol_ret));
	if (index >= types->nsymbols)
		return (KLDSIM_NOENT);
	from = &types->symbols[index];
	symbol_ret->name = types->strings + from->name;
	symbol_ret->type = from->type;
	symbol_ret->function = from->function;
	symbol_ret->index = from->index;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_types_symbol_at(const struct kldsim_types *types, uint32_t index,
    struct kldsim_typed_symbol *symbol_ret)
{
	const size_t count = types->nsymbols;
	const size_t untyped = count == 0 ? 0 :
	    types->symbols[count - 1].index - (count - 1);
	size_t low = index > untyped ? index - untyped : 0;
	size_t high = index < count ? (size_t)index + 1 : count;

	/* Each stands as far before its number as there are without a type. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (types->symbols[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < count && types->symbols[low].index == index)
		return (kldsim_types_symbol(types, (uint32_t)low, symbol_ret));
	memset(symbol_ret, 0, sizeof(*symbol_ret));
	return (KLDSIM_NOENT);
}

enum kldsim_status
kldsim_types_remark(const struct kldsim_types *types, uint32_t index,
    struct kldsim_types_remark *remark_ret)
{
	memset(remark_ret, 0, sizeof(*remark_ret));
	if (index >= types->nremarks)
		return (KLDSIM_NOENT);
	*remark_ret = types->remarks[index];
	return (KLDSIM_OK);
}
