/* SPDX-License-Identifier: BSD-2-Clause */

/* What a name stands for: a variable, or a structure (Y-21). */

#include <stdio.h>

#include "value/value.h"

#include "core/placed.h"
#include "inspect/lookup.h"
#include "kern/file_types.h"
#include "kern/question.h"
#include "util/error.h"

/* The sets, in the order in which DDB asks them (B-11). */
static const struct kldsim__value_set sets[] = {
	{ "pcpu_entry_", "set_pcpu", "DPCPU variable", "CPU",
	    KLDSIM_SET_DPCPU, KLDSIM_DDB_DPCPU },
	{ "vnet_entry_", "set_vnet", "VNET variable", "vnet",
	    KLDSIM_SET_VNET, KLDSIM_DDB_VNET },
};

const struct kldsim__set *
kldsim__value_set(const struct kldsim *sim,
    const struct kldsim__value_set *row)
{
	return (row->which == KLDSIM_SET_DPCPU ? &sim->dpcpu : &sim->vnet);
}

bool
kldsim__value_type(const struct kldsim_types *types, kldsim_type_id id,
    struct kldsim_type *type_ret)
{
	if (kldsim_type_get(types, kldsim_type_strip(types, id), type_ret) ==
	    KLDSIM_OK)
		return (true);
	memset(type_ret, 0, sizeof(*type_ret));
	type_ret->name = "";
	return (false);
}

static enum kldsim_status
no_memory(struct kldsim_error *error)
{
	return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
}

/* --- variables --- */

/*
 * The reference copy of a symbol's variable.  Those of a shared object are in
 * its own mapping (B-13), from where they are followed to modspace.
 */
static enum kldsim_status
find_reference(struct kldsim *sim, const struct kldsim__value_set *row,
    struct kldsim__debug_symbol *symbol)
{
	const struct kldsim__set *set = kldsim__value_set(sim, row);
	enum kldsim_status status = KLDSIM_NOENT;
	struct kldsim__placed placed;

	if (kldsim__set_holds(set, symbol->value))
		return (KLDSIM_OK);
	if (kldsim__placed_init(&placed, sim, symbol->file) != 0)
		status = KLDSIM_NOMEM;
	for (size_t i = 0; i < placed.nsections && status == KLDSIM_NOENT;
	    i++) {
		const struct kldsim__placed_section *section =
		    &placed.sections[i];
		const kldsim_addr offset = symbol->value - section->hole;

		if (strcmp(section->name, row->section) != 0 ||
		    offset >= section->size)
			continue;
		symbol->value = section->address + offset;
		if (kldsim__set_holds(set, symbol->value))
			status = KLDSIM_OK;
	}
	kldsim__placed_fini(&placed);
	return (status);
}

/* A variable's symbol; typed->set is its set, NULL: it is in none. */
static enum kldsim_status
find_symbol(struct kldsim_typed *typed, const char *name,
    struct kldsim__debug_symbol *symbol)
{
	const struct kldsim__alloc *alloc = &typed->sim->alloc;
	const size_t size = strlen(name) + 16;
	enum kldsim_status status = KLDSIM_NOENT;

	typed->symbol = kldsim__malloc(alloc, size);
	if (typed->symbol == NULL)
		return (KLDSIM_NOMEM);
	(void)snprintf(typed->symbol, size, "%s", name);
	typed->told.name = typed->symbol;
	if (kldsim__db_lookup(typed->sim, KLDSIM__DB_SYMTABS, name,
	    symbol) == 0)
		return (KLDSIM_OK);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets) &&
	    status == KLDSIM_NOENT; i++) {
		(void)snprintf(typed->symbol, size, "%s%s", sets[i].prefix,
		    name);
		typed->told.name = typed->symbol + strlen(sets[i].prefix);
		typed->told.kind = sets[i].kind;
		typed->set = &sets[i];
		if (kldsim__db_lookup(typed->sim, KLDSIM__DB_SYMTABS,
		    typed->symbol, symbol) == 0)
			status = find_reference(typed->sim, &sets[i], symbol);
	}
	return (status);
}

/*
 * Whether it ends with an array of an unknown number of elements, as only a
 * structure can, or is one.
 */
static bool
is_open(const struct kldsim_types *types, kldsim_type_id id)
{
	struct kldsim_type_member last = { .type = id };
	struct kldsim_type type;

	for (unsigned i = 0; i <= KLDSIM__VALUE_DEPTH; i++) {
		if (!kldsim__value_type(types, last.type, &type))
			return (false);
		if (type.kind != KLDSIM_TYPE_STRUCT)
			return (type.kind == KLDSIM_TYPE_ARRAY &&
			    type.count == 0);
		if (type.count == 0 || kldsim_type_member(types,
		    kldsim_type_strip(types, last.type), type.count - 1,
		    &last) != KLDSIM_OK)
			return (false);
	}
	return (false);
}

/* Of a type alone nobody knows; its symbol knows how much there is. */
static void
take_size(struct kldsim_typed *typed, uint64_t size)
{
	struct kldsim_typed_info *told = &typed->told;
	struct kldsim_type type = { .size = 0 };

	if (told->type != 0)
		(void)kldsim__value_type(told->types, told->type, &type);
	if (told->type != 0 && is_open(told->types, told->type))
		typed->open_end = size;
	/* A type without a size is no help. */
	told->size = type.size == 0 || type.size < typed->open_end ? size :
	    type.size;
}

static enum kldsim_status
find_variable(struct kldsim_typed *typed, const char *name,
    struct kldsim__file **file_ret)
{
	struct kldsim_typed_info *told = &typed->told;
	struct kldsim__debug_symbol symbol;
	enum kldsim_status status = find_symbol(typed, name, &symbol);

	if (status == KLDSIM_OK)
		status = kldsim__file_types(typed->sim, symbol.file,
		    &told->types);
	if (status != KLDSIM_OK)
		return (status);
	told->symbol = typed->symbol;
	told->address = symbol.value;
	told->type = kldsim__type_of_symbol(told->types, typed->symbol);
	take_size(typed, symbol.size);
	*file_ret = symbol.file;
	return (KLDSIM_OK);
}

/* --- structures and unions --- */

/* The tag of "struct foo"; NULL: it is a variable's name. */
static const char *
tag_of(const char *name, enum kldsim_type_kind *kind_ret)
{
	static const struct {
		const char *word;
		enum kldsim_type_kind kind;
	} words[] = {
		{ "struct ", KLDSIM_TYPE_STRUCT },
		{ "union ", KLDSIM_TYPE_UNION },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(name, words[i].word, strlen(words[i].word)) == 0) {
			*kind_ret = words[i].kind;
			return (name + strlen(words[i].word));
		}
	return (NULL);
}

/* The first file that has it, complete. */
static enum kldsim_status
find_record(struct kldsim_typed *typed, const char *tag,
    enum kldsim_type_kind kind, struct kldsim__file **file_ret)
{
	struct kldsim_typed_info *told = &typed->told;

	KLDSIM__FOREACH(l, &typed->sim->linker.files) {
		enum kldsim_status status = kldsim__file_types(typed->sim,
		    KLDSIM__FILE(l), &told->types);
		struct kldsim_type type;

		told->type = 0;
		while (status == KLDSIM_OK && told->types != NULL &&
		    (told->type = kldsim_types_find(told->types, tag,
		    told->type)) != 0) {
			if (kldsim_type_get(told->types, told->type, &type) !=
			    KLDSIM_OK || type.kind != kind)
				continue;
			told->size = type.size;
			*file_ret = KLDSIM__FILE(l);
			return (KLDSIM_OK);
		}
		if (status != KLDSIM_OK)
			return (status);
	}
	return (KLDSIM_NOENT);
}

/* --- the calls --- */

static enum kldsim_status
find(struct kldsim_typed *typed, const char *name, struct kldsim_error *error)
{
	enum kldsim_type_kind kind = KLDSIM_TYPE_UNKNOWN;
	const char *tag = tag_of(name, &kind);
	struct kldsim__file *file = NULL;
	enum kldsim_status status = tag != NULL ?
	    find_record(typed, tag, kind, &file) :
	    find_variable(typed, name, &file);

	if (status == KLDSIM_OK) {
		typed->file = kldsim__strdup(&typed->sim->alloc,
		    file->filename);
		typed->told.file = typed->file;
	}
	if (status == KLDSIM_NOENT && tag != NULL)
		return (kldsim__error_set(error, status,
		    "no file tells what %.300s is", name));
	if (status == KLDSIM_NOENT)
		return (kldsim__error_set(error, status,
		    "Symbol '%.300s' not found", name));
	return (status != KLDSIM_OK || typed->file == NULL ?
	    no_memory(error) : KLDSIM_OK);
}

enum kldsim_status
kldsim_type_of(struct kldsim *sim, const char *name,
    struct kldsim_typed **typed_ret, struct kldsim_error *error_ret)
{
	struct kldsim_typed *typed = kldsim__calloc(&sim->alloc, 1,
	    sizeof(*typed));
	struct kldsim__question question;
	enum kldsim_status status;

	*typed_ret = NULL;
	if (typed == NULL)
		return (no_memory(error_ret));
	typed->sim = sim;
	typed->told.name = typed->told.symbol = "";
	question = kldsim__question_begin(sim);
	status = find(typed, name, error_ret);
	kldsim__question_end(sim, &question);
	if (status != KLDSIM_OK)
		kldsim_typed_free(typed);
	else
		*typed_ret = typed;
	return (status);
}

void
kldsim_typed_free(struct kldsim_typed *typed)
{
	const struct kldsim__alloc *alloc;

	if (typed == NULL)
		return;
	alloc = &typed->sim->alloc;
	kldsim__free(alloc, typed->symbol);
	kldsim__free(alloc, typed->file);
	kldsim__free(alloc, typed);
}

void
kldsim_typed_info(const struct kldsim_typed *typed,
    struct kldsim_typed_info *info_ret)
{
	*info_ret = typed->told;
}
