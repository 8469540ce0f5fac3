/* SPDX-License-Identifier: BSD-2-Clause */

/* Variables and their copies; see copies.h (Y-21). */

#include <stdio.h>

#include "ddb/copies.h"

#include "core/placed.h"

#define BYTES_MAX 0x4000000u /* of all copies */

/* The sets, in the order in which DDB asks them (B-11). */
static const struct set {
	const char *prefix;
	const char *section;
	const char *what;
	const char *word;
	enum kldsim_set which;
} sets[] = {
	{ "pcpu_entry_", "set_pcpu", "DPCPU variable", "CPU",
	    KLDSIM_SET_DPCPU },
	{ "vnet_entry_", "set_vnet", "VNET variable", "vnet",
	    KLDSIM_SET_VNET },
};

static const struct kldsim__set *
set_of(const struct kldsim_ddb *ddb, const struct set *row)
{
	return (row->which == KLDSIM_SET_DPCPU ? &ddb->sim->dpcpu :
	    &ddb->sim->vnet);
}

/*
 * The reference copy of a symbol's variable.  Those of a shared object are in
 * its own mapping (B-13), from where they are followed to modspace.
 */
static bool
find_reference(struct kldsim_ddb *ddb, const struct set *row,
    struct kldsim__debug_symbol *symbol)
{
	struct kldsim__placed placed;
	bool found = kldsim__set_holds(set_of(ddb, row), symbol->value);

	if (found)
		return (true);
	if (kldsim__placed_init(&placed, ddb->sim, symbol->file) != 0)
		ddb->out.failed = true;
	for (size_t i = 0; i < placed.nsections && !found; i++) {
		const struct kldsim__placed_section *section =
		    &placed.sections[i];
		const kldsim_addr offset = symbol->value - section->hole;

		if (strcmp(section->name, row->section) != 0 ||
		    offset >= section->size)
			continue;
		symbol->value = section->address + offset;
		found = kldsim__set_holds(set_of(ddb, row), symbol->value);
	}
	kldsim__placed_fini(&placed);
	return (found);
}

/* The symbol of a name; *row_ret is its set, NULL: it is in none. */
static bool
find_symbol(struct kldsim_ddb *ddb, const char *name,
    struct kldsim__ddb_variable *variable,
    struct kldsim__debug_symbol *symbol, const struct set **row_ret)
{
	*row_ret = NULL;
	(void)snprintf(variable->symbol, sizeof(variable->symbol), "%s", name);
	if (kldsim__lookup_debug(ddb->sim, name, symbol) == 0)
		return (true);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		(void)snprintf(variable->symbol, sizeof(variable->symbol),
		    "%s%s", sets[i].prefix, name);
		*row_ret = &sets[i];
		if (kldsim__lookup_debug(ddb->sim, variable->symbol,
		    symbol) == 0 && find_reference(ddb, &sets[i], symbol))
			return (true);
	}
	kldsim__ddb_puts(ddb, "Symbol '");
	kldsim__ddb_puts(ddb, name);
	kldsim__ddb_error(ddb, "' not found\n");
	return (false);
}

/* Whether an instance is the one that print takes (B-61, B-62). */
static bool
is_chosen(const struct kldsim_ddb *ddb, const struct set *row, unsigned id)
{
	const kldsim_addr chosen = ddb->db_vnet != 0 ? ddb->db_vnet :
	    ddb->curvnet;
	kldsim_addr vnet;

	if (row->which == KLDSIM_SET_DPCPU)
		return (id == (ddb->db_cpu != -1 ? (unsigned)ddb->db_cpu :
		    ddb->curcpu));
	return (chosen != 0 && kldsim_vnet_address(ddb->sim, id, &vnet) ==
	    KLDSIM_OK && vnet == chosen);
}

static void
add_copy(struct kldsim__ddb_variable *variable, const char *word, unsigned id,
    kldsim_addr address)
{
	struct kldsim__ddb_copy *copy = &variable->copies[variable->count];

	copy->word = word;
	copy->id = id;
	copy->address = address;
	copy->group = variable->count++;
}

/* The copies of a set's variable; CPUs and vnets ascend by number. */
static void
add_copies(const struct kldsim_ddb *ddb, const struct set *row,
    kldsim_addr reference, bool one, struct kldsim__ddb_variable *variable)
{
	const struct kldsim__set *set = set_of(ddb, row);
	const bool backwards = row->which == KLDSIM_SET_VNET;

	if (!one)
		add_copy(variable, NULL, 0, reference);
	for (size_t i = 0; i < set->ninstances; i++) {
		const struct kldsim_instance *instance = &set->instances[
		    backwards ? set->ninstances - 1 - i : i];

		if (!one || is_chosen(ddb, row, instance->id))
			add_copy(variable, row->word, instance->id,
			    kldsim__ddb_addr(ddb, (int64_t)(reference +
			    instance->base)));
	}
}

/* How large the variable is: as its type says, else as its symbol does. */
static uint64_t
size_of(const struct kldsim__ddb_variable *variable,
    const struct kldsim__debug_symbol *symbol)
{
	struct kldsim_type type;

	return (variable->type != 0 && kldsim__ddb_type(variable->types,
	    variable->type, &type) && type.size != 0 ? type.size :
	    symbol->size);
}

static bool
read_copies(struct kldsim_ddb *ddb, struct kldsim__ddb_variable *variable)
{
	const uint64_t size = variable->size;

	if (size > BYTES_MAX / variable->count) {
		kldsim__ddb_error(ddb, "its copies are more than 64 MiB\n");
		return (false);
	}
	variable->bytes = kldsim__calloc(&ddb->sim->alloc, variable->count,
	    size != 0 ? (size_t)size : 1);
	if (variable->bytes == NULL) {
		ddb->out.failed = true;
		return (false);
	}
	for (size_t i = 0; i < variable->count; i++) {
		struct kldsim__ddb_copy *copy = &variable->copies[i];

		copy->bytes = variable->bytes + i * size;
		if (!kldsim__ddb_bytes(ddb, copy->address, variable->bytes +
		    i * size, (size_t)size)) {
			kldsim__ddb_printf(ddb, "*** error reading from "
			    "address %jx ***\n", (uintmax_t)copy->address);
			kldsim__ddb_error(ddb, NULL);
			return (false);
		}
	}
	return (true);
}

bool
kldsim__ddb_find(struct kldsim_ddb *ddb, const char *name, bool one,
    struct kldsim__ddb_variable *variable)
{
	struct kldsim__debug_symbol symbol;
	const struct set *row;

	memset(variable, 0, sizeof(*variable));
	if (!find_symbol(ddb, name, variable, &symbol, &row))
		return (false);
	variable->name = variable->symbol +
	    (row != NULL ? strlen(row->prefix) : 0);
	variable->what = row != NULL ? row->what : "variable";
	variable->file = symbol.file;
	variable->types = kldsim__ddb_types(ddb, symbol.file);
	variable->type = kldsim__ddb_type_of(variable->types,
	    variable->symbol);
	variable->size = size_of(variable, &symbol);
	variable->copies = kldsim__calloc(&ddb->sim->alloc, row == NULL ? 1 :
	    set_of(ddb, row)->ninstances + 1, sizeof(*variable->copies));
	if (variable->copies == NULL) {
		ddb->out.failed = true;
		return (false);
	}
	if (row == NULL)
		add_copy(variable, NULL, 0, symbol.value);
	else
		add_copies(ddb, row, symbol.value, one, variable);
	if (variable->count == 0) {
		kldsim__ddb_error(ddb, "there is no such CPU or vnet; see "
		    "$db_cpu, $db_vnet, and `show all vnets'\n");
		return (false);
	}
	return (read_copies(ddb, variable));
}

/* The first file that has a structure or union of that name, complete. */
static bool
find_record(struct kldsim_ddb *ddb, const char *name,
    struct kldsim__ddb_variable *variable)
{
	KLDSIM__FOREACH(l, &ddb->sim->linker.files) {
		const struct kldsim_types *types =
		    kldsim__ddb_types(ddb, KLDSIM__FILE(l));
		struct kldsim_type type;
		kldsim_type_id id = 0;

		while (types != NULL &&
		    (id = kldsim_types_find(types, name, id)) != 0) {
			if (kldsim_type_get(types, id, &type) != KLDSIM_OK ||
			    (type.kind != KLDSIM_TYPE_STRUCT &&
			    type.kind != KLDSIM_TYPE_UNION))
				continue;
			variable->file = KLDSIM__FILE(l);
			variable->types = types;
			variable->type = id;
			variable->size = type.size;
			return (true);
		}
	}
	kldsim__ddb_puts(ddb, "no file tells what struct ");
	kldsim__ddb_puts(ddb, name);
	kldsim__ddb_error(ddb, " is\n");
	return (false);
}

bool
kldsim__ddb_find_struct(struct kldsim_ddb *ddb, const char *name,
    kldsim_addr address, struct kldsim__ddb_variable *variable)
{
	memset(variable, 0, sizeof(*variable));
	variable->name = "";
	variable->what = "as it is known";
	if (!find_record(ddb, name, variable))
		return (false);
	variable->copies = kldsim__calloc(&ddb->sim->alloc, 1,
	    sizeof(*variable->copies));
	if (variable->copies == NULL) {
		ddb->out.failed = true;
		return (false);
	}
	add_copy(variable, NULL, 0, address);
	return (read_copies(ddb, variable));
}

void
kldsim__ddb_variable_fini(struct kldsim_ddb *ddb,
    struct kldsim__ddb_variable *variable)
{
	kldsim__free(&ddb->sim->alloc, variable->copies);
	kldsim__free(&ddb->sim->alloc, variable->bytes);
}

void
kldsim__ddb_group(struct kldsim_ddb *ddb,
    struct kldsim__ddb_variable *variable, uint64_t offset, uint64_t size)
{
	struct kldsim__ddb_copy *copies = variable->copies;

	/* Most are like the one before them. */
	for (size_t i = 0; i < variable->count; i++) {
		copies[i].group = i;
		if (i != 0 && memcmp(copies[i - 1].bytes + offset,
		    copies[i].bytes + offset, (size_t)size) == 0)
			copies[i].group = copies[i - 1].group;
		for (size_t j = 0; j < i && copies[i].group == i &&
		    kldsim__ddb_step(ddb); j++)
			if (copies[j].group == j &&
			    memcmp(copies[j].bytes + offset,
			    copies[i].bytes + offset, (size_t)size) == 0)
				copies[i].group = j;
	}
}

/* The last copy of those from one on whose numbers go up one by one. */
static size_t
run_end(const struct kldsim__ddb_variable *variable, size_t at)
{
	const struct kldsim__ddb_copy *copies = variable->copies;

	while (at + 1 < variable->count && copies[at].word != NULL &&
	    copies[at + 1].group == copies[at].group &&
	    copies[at + 1].id == copies[at].id + 1)
		at++;
	return (at);
}

void
kldsim__ddb_put_group(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_variable *variable, size_t group)
{
	const char *before = "";

	for (size_t i = 0; i < variable->count; i++) {
		const struct kldsim__ddb_copy *copy = &variable->copies[i];
		size_t end;

		if (copy->group != group)
			continue;
		kldsim__ddb_puts(ddb, before);
		end = run_end(variable, i);
		if (copy->word == NULL)
			kldsim__ddb_puts(ddb, "reference copy");
		else
			kldsim__ddb_printf(ddb, "%s %u", copy->word, copy->id);
		if (end != i)
			kldsim__ddb_printf(ddb, " to %u",
			    variable->copies[end].id);
		i = end;
		before = ", ";
	}
}
