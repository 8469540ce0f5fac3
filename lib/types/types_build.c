/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Types from outside: names become offsets, each once, and what is added where
 * it does not belong is a mistake of the caller's.
 */

#include <kldsim/types_build.h>

#include "types/build.h"
#include "util/error.h"
#include "util/hash.h"

struct kldsim_types_build {
	struct kldsim__alloc alloc;
	struct kldsim__build inner;
	struct kldsim_error error;
	char *section;
	uint32_t *names;  /* by hash: offsets of the graph's strings; 0: free */
	size_t nnames;    /* a power of two, 0: none yet */
	size_t used;
	uint64_t seed;
	bool finished;
};

static bool
mistake(struct kldsim_types_build *build, const char *what)
{
	return (kldsim__build_fail(&build->inner, KLDSIM_ARG, 0, "%s", what));
}

/* Can anything be added? */
static bool
is_open(const struct kldsim_types_build *build)
{
	return (build != NULL && !build->finished &&
	    !kldsim__build_failed(&build->inner));
}

/* --- names --- */

static const char *
name_at(const struct kldsim_types_build *build, uint32_t offset)
{
	return (build->inner.types->strings + offset);
}

/* Where a name is, or would be. */
static uint32_t *
slot(const struct kldsim_types_build *build, const char *name)
{
	size_t at = kldsim__hash(build->seed, name) & (build->nnames - 1);

	while (build->names[at] != 0 &&
	    strcmp(name_at(build, build->names[at]), name) != 0)
		at = (at + 1) & (build->nnames - 1);
	return (&build->names[at]);
}

/* At most half of the slots are used. */
static bool
more_slots(struct kldsim_types_build *build)
{
	const size_t count = build->nnames;
	uint32_t *old = build->names;

	if (build->used < count / 2)
		return (true);
	build->nnames = count != 0 ? 2 * count : 64;
	build->names = kldsim__calloc(&build->alloc, build->nnames,
	    sizeof(*build->names));
	if (build->names == NULL) {
		build->names = old;
		build->nnames = count;
		return (kldsim__build_nomem(&build->inner));
	}
	for (size_t i = 0; i < count; i++)
		if (old[i] != 0)
			*slot(build, name_at(build, old[i])) = old[i];
	kldsim__free(&build->alloc, old);
	return (true);
}

static uint32_t
take_name(struct kldsim_types_build *build, const char *name)
{
	uint32_t *at;

	if (name == NULL || *name == '\0' || !more_slots(build))
		return (0);
	at = slot(build, name);
	if (*at == 0) {
		*at = kldsim__build_strings(&build->inner, name, strlen(name));
		build->used++;
	}
	return (*at);
}

/* --- beginning and end --- */

static bool
begin(struct kldsim_types_build *build,
    const struct kldsim_types_source *source,
    const struct kldsim_types_options *options)
{
	struct kldsim_types_info *info;

	if (!kldsim__build_init(&build->inner, source->file, options,
	    &build->error))
		return (false);
	build->seed = kldsim__hash_seed(build);
	build->section = kldsim__strdup(&build->alloc, source->section);
	build->inner.section = build->section;
	info = &build->inner.types->info;
	info->format = kldsim__arena_strdup(&build->inner.types->arena,
	    source->format);
	info->version = source->version;
	info->word_bits = source->word_bits;
	info->big_endian = source->big_endian;
	info->compressed = source->compressed;
	info->stored = source->stored;
	info->size = source->size;
	info->label = info->parent = "";
	return (build->section != NULL && info->format != NULL);
}

struct kldsim_types_build *
kldsim_types_build_new(const struct kldsim_types_source *source,
    const struct kldsim_types_options *options)
{
	struct kldsim_types_build *build;
	struct kldsim_types_options all;
	struct kldsim__alloc alloc;

	if (kldsim__types_options(options, &all) != NULL ||
	    (source->word_bits != 32 && source->word_bits != 64))
		return (NULL);
	kldsim__alloc_init(&alloc, &all.allocator);
	build = kldsim__calloc(&alloc, 1, sizeof(*build));
	if (build == NULL)
		return (NULL);
	build->alloc = alloc;
	if (begin(build, source, &all))
		return (build);
	kldsim_types_build_free(build);
	return (NULL);
}

void
kldsim_types_build_free(struct kldsim_types_build *build)
{
	struct kldsim__alloc alloc;

	if (build == NULL)
		return;
	alloc = build->alloc;
	if (!build->finished)
		kldsim_types_free(build->inner.types);
	kldsim__free(&alloc, build->section);
	kldsim__free(&alloc, build->names);
	kldsim__free(&alloc, build);
}

/* --- types --- */

static void
take_numbers(const struct kldsim_type *from, struct kldsim__type *to)
{
	if (from->kind == KLDSIM_TYPE_ARRAY)
		to->count = from->count;
	if (from->kind == KLDSIM_TYPE_INTEGER ||
	    from->kind == KLDSIM_TYPE_FLOAT)
		to->code = (uint32_t)from->encoding << 24 |
		    (uint32_t)from->bit_offset << 16 | (uint32_t)from->bits;
}

/* What has no size, or has it from another type. */
static bool
is_unsized(enum kldsim_type_kind kind)
{
	return (kind == KLDSIM_TYPE_UNKNOWN || kind == KLDSIM_TYPE_FUNCTION ||
	    kind == KLDSIM_TYPE_FORWARD || kldsim__type_is_alias(kind));
}

static bool
makes_sense(struct kldsim_types_build *build, const struct kldsim_type *type)
{
	if ((unsigned)type->kind > KLDSIM_TYPE_RESTRICT)
		return (mistake(build, "a type of no kind"));
	if (type->encoding > 0xff || type->bit_offset > 0xff ||
	    type->bits > 0xffff)
		return (mistake(build, "a number of too many bits"));
	if (type->offset > UINT32_MAX)
		return (mistake(build, "a type too far away"));
	return (true);
}

kldsim_type_id
kldsim_types_build_type(struct kldsim_types_build *build,
    const struct kldsim_type *type)
{
	struct kldsim__type row = { 0 }, *next;

	if (!is_open(build) || !makes_sense(build, type))
		return (0);
	row.kind = (uint8_t)type->kind;
	row.tag = (uint8_t)type->tag;
	row.name = take_name(build, type->name);
	row.ref = type->target;
	row.at = (uint32_t)type->offset;
	if (!is_unsized(type->kind))
		row.size = type->size;
	if (type->root)
		row.flags |= KLDSIM__TYPE_ROOT;
	if (type->variadic)
		row.flags |= KLDSIM__TYPE_VARIADIC;
	if (type->cut)
		row.flags |= KLDSIM__TYPE_CUT;
	take_numbers(type, &row);
	next = kldsim__build_type(&build->inner, false);
	if (next == NULL)
		return (0);
	*next = row;
	return (kldsim__build_id(&build->inner));
}

/* Is the last type one that has such parts? */
static bool
may_have(struct kldsim_types_build *build, enum kldsim_type_kind kind,
    enum kldsim_type_kind other, const char *what)
{
	const struct kldsim_types *types;
	unsigned last;

	if (!is_open(build))
		return (false);
	types = build->inner.types;
	last = types->types[types->ntypes - 1].kind;
	return (last == kind || last == other || mistake(build, what));
}

void
kldsim_types_build_member(struct kldsim_types_build *build,
    const struct kldsim_type_member *member)
{
	struct kldsim__type_member *row;

	if (!may_have(build, KLDSIM_TYPE_STRUCT, KLDSIM_TYPE_UNION,
	    "a member of what is no structure or union"))
		return;
	row = kldsim__build_members(&build->inner, 1);
	if (row == NULL)
		return;
	row->name = take_name(build, member->name);
	row->type = member->type;
	row->bit = member->bit_offset;
	row->bits = member->bits;
	row->at_most = member->bits_at_most;
}

void
kldsim_types_build_value(struct kldsim_types_build *build,
    const struct kldsim_type_value *value)
{
	struct kldsim__type_value *row;

	if (!may_have(build, KLDSIM_TYPE_ENUM, KLDSIM_TYPE_ENUM,
	    "a value of what is no enum"))
		return;
	row = kldsim__build_values(&build->inner, 1);
	if (row == NULL)
		return;
	row->name = take_name(build, value->name);
	row->value = value->value;
}

void
kldsim_types_build_argument(struct kldsim_types_build *build,
    kldsim_type_id argument)
{
	uint32_t *row;

	if (!may_have(build, KLDSIM_TYPE_FUNCTION, KLDSIM_TYPE_FUNCTION,
	    "an argument of what is no function"))
		return;
	row = kldsim__build_arguments(&build->inner, 1);
	if (row != NULL)
		*row = argument;
}

/* --- symbols and remarks --- */

void
kldsim_types_build_symbol(struct kldsim_types_build *build,
    const struct kldsim_typed_symbol *symbol)
{
	const struct kldsim_types *types;
	struct kldsim__type_symbol *row;
	uint32_t name;

	if (!is_open(build))
		return;
	types = build->inner.types;
	if (types->nsymbols != 0 &&
	    types->symbols[types->nsymbols - 1].index >= symbol->index) {
		(void)mistake(build, "symbols in another order than theirs");
		return;
	}
	name = take_name(build, symbol->name);
	row = kldsim__build_symbol(&build->inner);
	if (row != NULL)
		*row = (struct kldsim__type_symbol){ .name = name,
			.type = symbol->type, .index = symbol->index,
			.function = symbol->function };
}

void
kldsim_types_build_remark(struct kldsim_types_build *build,
    const struct kldsim_types_remark *remark)
{
	const char *rules;

	if (!is_open(build))
		return;
	rules = kldsim__arena_strdup(&build->inner.types->arena,
	    remark->rules);
	if (rules == NULL)
		(void)kldsim__build_nomem(&build->inner);
	else
		kldsim__build_remark(&build->inner, rules, remark->offset,
		    "%s", remark->text);
}

/* --- the end --- */

/* A symbol has a type, and a function one of a function. */
static bool
fits(const struct kldsim_types *types,
    const struct kldsim__type_symbol *symbol)
{
	return (symbol->type != 0 && symbol->type < types->ntypes &&
	    symbol->function == (types->types[symbol->type].kind ==
	    KLDSIM_TYPE_FUNCTION));
}

static void
count_symbols(struct kldsim_types_build *build)
{
	struct kldsim_types *types = build->inner.types;

	for (size_t i = 0; i < types->nsymbols; i++) {
		if (!fits(types, &types->symbols[i])) {
			(void)mistake(build, "a symbol of no type, or not of "
			    "its kind");
			return;
		}
		if (types->symbols[i].function)
			types->info.functions++;
		else
			types->info.variables++;
	}
}

enum kldsim_status
kldsim_types_build_finish(struct kldsim_types_build *build,
    struct kldsim_types **types_ret, struct kldsim_error *error_ret)
{
	enum kldsim_status status;

	if (build == NULL)
		return (kldsim__error_set(error_ret, KLDSIM_NOMEM,
		    "no memory for types"));
	if (build->finished)
		return (kldsim__error_set(error_ret, KLDSIM_STATE,
		    "these types are finished already"));
	if (is_open(build))
		count_symbols(build);
	build->finished = true;
	status = kldsim__build_finish(&build->inner, types_ret);
	if (status != KLDSIM_OK && error_ret != NULL)
		*error_ret = build->error;
	return (status);
}
