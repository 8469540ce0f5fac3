/* SPDX-License-Identifier: BSD-2-Clause */

/* Names: sys/ddb/db_sym.c (B-10 to B-17, B-58, B-61 to B-63). */

#include <stdio.h>

#include "ddb/ddb.h"

#include "inspect/lookup.h"
#include "kern/linker_file.h"
#include "kern/vnets.h"

#define NAME_SIZE 256u /* DDB's buffer for a name with its prefix */

/* db_lookup(); false: nobody has it. */
static bool
lookup(struct kldsim_ddb *ddb, const char *name, kldsim_addr *value_ret)
{
	struct kldsim__debug_symbol symbol;
	unsigned symtabs = KLDSIM__DB_SYMTABS;
	const char *colon;

	/* As "kld:name" it is asked of one table alone (B-63). */
	while ((colon = strchr(name, ':')) != NULL) {
		symtabs = kldsim__db_symtab(ddb->sim, name,
		    (size_t)(colon - name));
		if (symtabs == 0) {
			kldsim__ddb_error(ddb, "invalid symbol table name");
			return (false);
		}
		name = colon + 1;
	}
	if (kldsim__db_lookup(ddb->sim, symtabs, name, &symbol) != 0)
		return (false);
	*value_ret = symbol.value;
	return (true);
}

/* A variable of the reference copy, by its name without the prefix. */
static bool
in_set(struct kldsim_ddb *ddb, const char *prefix, const char *name,
    const struct kldsim__set *set, kldsim_addr *value_ret)
{
	char full[NAME_SIZE];

	(void)snprintf(full, sizeof(full), "%s%s", prefix, name);
	return (lookup(ddb, full, value_ret) &&
	    kldsim__set_holds(set, *value_ret));
}

int64_t
kldsim__ddb_dpcpu_off(struct kldsim_ddb *ddb, int64_t cpu)
{
	const unsigned p = kldsim__ddb_word(ddb);
	const struct kldsim_instance *instance;
	kldsim_addr array;
	kldsim_size size;

	if (kldsim__kernel_symbol(ddb->sim, "dpcpu_off", &array, &size) == 0 &&
	    array != 0)
		return (kldsim__ddb_expr(ddb, kldsim__ddb_read(ddb,
		    kldsim__ddb_addr(ddb, (int64_t)(array +
		    (uint64_t)cpu * p)), p)));
	instance = cpu < 0 ? NULL : kldsim__set_find_instance(&ddb->sim->dpcpu,
	    (unsigned)cpu);
	return (instance == NULL ? 0 : kldsim__ddb_expr(ddb, instance->base));
}

/* vnet_data_base of the vnet that names mean (B-62). */
static uint64_t
vnet_base(struct kldsim_ddb *ddb)
{
	const unsigned p = kldsim__ddb_word(ddb);
	const kldsim_addr vnet = ddb->db_vnet != 0 ? ddb->db_vnet :
	    ddb->curvnet;
	uint64_t base;

	if (vnet == 0 && !ddb->thrown)
		kldsim__ddb_puts(ddb, "(curvnet is NULL; --curvnet N, or "
		    "set $db_vnet to one of `show all vnets')\n");
	base = kldsim__ddb_read(ddb, kldsim__ddb_addr(ddb, (int64_t)(vnet +
	    KLDSIM__VNET_DATA_BASE(p))), p);
	return (base);
}

bool
kldsim__ddb_value_of_name(struct kldsim_ddb *ddb, const char *name,
    int64_t *value_ret)
{
	const struct kldsim *sim = ddb->sim;
	kldsim_addr value = 0;

	if (lookup(ddb, name, &value)) {
		*value_ret = kldsim__ddb_expr(ddb, value);
	} else if (in_set(ddb, "pcpu_entry_", name, &sim->dpcpu, &value)) {
		*value_ret = kldsim__ddb_expr(ddb, value +
		    (uint64_t)kldsim__ddb_dpcpu_off(ddb, ddb->db_cpu != -1 ?
		    ddb->db_cpu : (int64_t)ddb->curcpu));
	} else if (sim->vnet.present &&
	    in_set(ddb, "vnet_entry_", name, &sim->vnet, &value)) {
		*value_ret = kldsim__ddb_expr(ddb, value + vnet_base(ddb));
	} else {
		if (sim->facts.ddb_c_operators)
			kldsim__ddb_printf(ddb, "Symbol '%s' not found\n",
			    name);
		else
			kldsim__ddb_puts(ddb, "Symbol not found\n");
		kldsim__ddb_error(ddb, NULL);
	}
	return (!ddb->thrown);
}

const char *
kldsim__ddb_search(struct kldsim_ddb *ddb, kldsim_addr address,
    kldsim_size *offset_ret)
{
	const char *name;

	return (kldsim__db_search_symbol(ddb->sim, address, &name,
	    offset_ret) == 0 ? name : NULL);
}

void
kldsim__ddb_printsym(struct kldsim_ddb *ddb, int64_t value)
{
	kldsim_size offset = 0;
	const char *name;

	/* $maxoff may be any number: how far below 0 is asked with care. */
	if (value < 0 && -(uint64_t)value <= (uint64_t)ddb->maxoff &&
	    ddb->maxoff > 0) {
		kldsim__ddb_number(ddb, value, 0, KLDSIM__DDB_SIGNED |
		    KLDSIM__DDB_SHARP, 0);
		return;
	}
	name = kldsim__ddb_search(ddb, kldsim__ddb_addr(ddb, value), &offset);
	if (name == NULL || offset >= kldsim__ddb_addr(ddb, ddb->maxoff)) {
		kldsim__ddb_number(ddb, value, 0, KLDSIM__DDB_SHARP, 0);
		return;
	}
	kldsim__ddb_puts(ddb, name);
	if (offset == 0)
		return;
	kldsim__ddb_putc(ddb, '+');
	kldsim__ddb_number(ddb, kldsim__ddb_expr(ddb, offset), 0,
	    KLDSIM__DDB_SIGNED | KLDSIM__DDB_SHARP, 0);
}
