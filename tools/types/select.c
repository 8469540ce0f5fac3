/* SPDX-License-Identifier: BSD-2-Clause */

/* Names, globs, and what they are of. */

#include "types/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

struct wanted {
	const char *glob;
	enum kldsim_type_kind kind; /* UNKNOWN: whatever there is */
};

/* What is there, and what of it is selected already. */
struct work {
	struct selection *selection;
	const struct selecting *from;
	struct kldsim_types_info info;
	bool *types;   /* by id */
	bool *symbols; /* by number */
	uint32_t nsymbols;
};

static struct wanted
understand(const char *name)
{
	static const enum kldsim_type_kind kinds[] = { KLDSIM_TYPE_STRUCT,
		KLDSIM_TYPE_UNION, KLDSIM_TYPE_ENUM, KLDSIM_TYPE_TYPEDEF };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const char *word = kldsim_type_kind_name(kinds[i]);
		const size_t length = strlen(word);

		if (strncmp(name, word, length) == 0 && name[length] == ' ')
			return ((struct wanted){ name + length + 1 +
			    strspn(name + length + 1, " "), kinds[i] });
	}
	return ((struct wanted){ name, KLDSIM_TYPE_UNKNOWN });
}

static bool
matches(const struct wanted *wanted, const char *name)
{
	return (fnmatch(wanted->glob, name, 0) == 0);
}

/* Made for a bit-field, of an integer that is there without it. */
static bool
is_clone(const struct kldsim_type *type)
{
	return (type->kind == KLDSIM_TYPE_INTEGER && !type->root &&
	    type->bits < 8 * type->size);
}

static bool
is_wanted(const struct work *work, const struct wanted *wanted,
    const struct kldsim_type *type)
{
	if (*type->name == '\0' || type->made || (is_clone(type) &&
	    !work->from->clones))
		return (false);
	if (wanted->kind != KLDSIM_TYPE_UNKNOWN && wanted->kind != type->kind &&
	    (type->kind != KLDSIM_TYPE_FORWARD || (type->tag != wanted->kind &&
	    type->tag != KLDSIM_TYPE_UNKNOWN)))
		return (false);
	return (matches(wanted, type->name));
}

/* --- selecting --- */

static void
take_type(struct work *work, kldsim_type_id id)
{
	if (!work->types[id])
		work->selection->types[work->selection->ntypes++] = id;
	work->types[id] = true;
}

static void
take_symbol(struct work *work, uint32_t number,
    const struct kldsim_typed_symbol *symbol)
{
	if (!work->symbols[number])
		work->selection->symbols[work->selection->nsymbols++] =
		    *symbol;
	work->symbols[number] = true;
}

static bool
take_types(struct work *work, const struct wanted *wanted)
{
	struct kldsim_type type;
	bool found = false;

	for (kldsim_type_id id = 1; id <= work->info.types; id++)
		if (kldsim_type_get(work->from->types, id, &type) ==
		    KLDSIM_OK && is_wanted(work, wanted, &type)) {
			take_type(work, id);
			found = true;
		}
	return (found);
}

static bool
take_symbols(struct work *work, const struct wanted *wanted, bool functions)
{
	struct kldsim_typed_symbol symbol;
	bool found = false;

	if (wanted->kind != KLDSIM_TYPE_UNKNOWN)
		return (false);
	for (uint32_t i = 0; i < work->nsymbols; i++)
		if (kldsim_types_symbol(work->from->types, i, &symbol) ==
		    KLDSIM_OK && symbol.function == functions &&
		    matches(wanted, symbol.name)) {
			take_symbol(work, i, &symbol);
			found = true;
		}
	return (found);
}

static void
take(struct work *work, const char *name)
{
	const struct wanted wanted = understand(name);
	bool found = take_types(work, &wanted);

	found = take_symbols(work, &wanted, false) || found;
	found = take_symbols(work, &wanted, true) || found;
	if (!found)
		work->selection->missing[work->selection->nmissing++] = name;
}

static void
take_all(struct work *work)
{
	static const struct wanted any = { "*", KLDSIM_TYPE_UNKNOWN };

	for (kldsim_type_id id = 1; id <= work->info.ids; id++)
		take_type(work, id);
	(void)take_symbols(work, &any, false);
	(void)take_symbols(work, &any, true);
}

/* An array of so many; one more, so that none is empty. */
static void *
array(size_t count, size_t size)
{
	return (need(calloc(count + 1, size)));
}

void
selection_make(struct selection *selection, const struct selecting *selecting)
{
	struct work work = { .selection = selection, .from = selecting };

	memset(selection, 0, sizeof(*selection));
	kldsim_types_info(selecting->types, &work.info);
	work.nsymbols = work.info.functions + work.info.variables;
	work.types = array((size_t)work.info.ids + 1, sizeof(bool));
	work.symbols = array(work.nsymbols, sizeof(bool));
	selection->types = array(work.info.ids, sizeof(*selection->types));
	selection->symbols = array(work.nsymbols,
	    sizeof(*selection->symbols));
	selection->missing = array(selecting->nnames,
	    sizeof(*selection->missing));
	if (selecting->all)
		take_all(&work);
	for (size_t i = 0; i < selecting->nnames; i++)
		take(&work, selecting->names[i]);
	free(work.types);
	free(work.symbols);
}

void
selection_free(struct selection *selection)
{
	free(selection->types);
	free(selection->symbols);
	free(selection->missing);
}
