/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Variables: sys/ddb/db_variables.c, and those of db_sym.c (B-60 to B-62).
 *
 * FIDELITY: machine registers, which would come next, are those of a thread,
 * and there is none.
 */

#include "ddb/ddb.h"

struct variable {
	const char *name;
	/* Where its value is, an int64_t of the session; else 0, and: */
	size_t offset;
	int64_t (*get)(const struct kldsim_ddb *ddb);
	void (*set)(struct kldsim_ddb *ddb, int64_t value); /* NULL: read-only */
	bool vimage; /* kernels with vnets have it */
};

static int64_t
get_curcpu(const struct kldsim_ddb *ddb)
{
	return (ddb->curcpu);
}

static int64_t
get_db_cpu(const struct kldsim_ddb *ddb)
{
	return (ddb->db_cpu);
}

/*
 * B-61: the int at the value's address, which is its upper half if big.  It is
 * compared with mp_maxid, a u_int, and so is above it if it is negative.
 */
static void
set_db_cpu(struct kldsim_ddb *ddb, int64_t value)
{
	const bool upper = kldsim__ddb_word(ddb) == 8 &&
	    kldsim__arch_big(ddb->sim->arch);
	const uint32_t cpu = (uint32_t)
	    (upper ? (uint64_t)value >> 32 : (uint64_t)value);

	if (ddb->sim->facts.ddb_cpu_bounded ?
	    cpu < ddb->sim->dpcpu.next_id : (int32_t)cpu >= -1)
		ddb->db_cpu = (int32_t)cpu;
	else
		kldsim__ddb_printf(ddb, "Invalid value: %d\n",
		    (int)(int32_t)cpu);
}

static int64_t
get_curvnet(const struct kldsim_ddb *ddb)
{
	return (kldsim__ddb_expr(ddb, ddb->curvnet));
}

static int64_t
get_db_vnet(const struct kldsim_ddb *ddb)
{
	return (kldsim__ddb_expr(ddb, ddb->db_vnet));
}

static void
set_db_vnet(struct kldsim_ddb *ddb, int64_t value)
{
	ddb->db_vnet = kldsim__ddb_addr(ddb, value);
}

#define AT(field) offsetof(struct kldsim_ddb, field), NULL, NULL, false

static const struct variable variables[] = {
	{ "radix", AT(radix) },
	{ "maxoff", AT(maxoff) },
	{ "maxwidth", AT(maxwidth) },
	{ "tabstops", AT(tabstops) },
	{ "lines", AT(lines) },
	{ "curcpu", 0, get_curcpu, NULL, false },
	{ "db_cpu", 0, get_db_cpu, set_db_cpu, false },
	{ "curvnet", 0, get_curvnet, NULL, true },
	{ "db_vnet", 0, get_db_vnet, set_db_vnet, true },
};

#define COUNT (sizeof(variables) / sizeof(*variables))

static bool
has(const struct kldsim_ddb *ddb, const struct variable *variable)
{
	return (!variable->vimage || ddb->sim->vnet.present);
}

static int64_t
get(const struct kldsim_ddb *ddb, const struct variable *variable)
{
	int64_t value;

	if (variable->offset == 0)
		return (variable->get(ddb));
	memcpy(&value, (const char *)ddb + variable->offset, sizeof(value));
	return (value);
}

static void
set(struct kldsim_ddb *ddb, const struct variable *variable, int64_t value)
{
	if (variable->offset != 0)
		memcpy((char *)ddb + variable->offset, &value, sizeof(value));
	else if (variable->set != NULL)
		variable->set(ddb, value);
	else
		kldsim__ddb_puts(ddb, "Read-only variable.\n");
}

/* The variable of the next token; NULL after an error. */
static const struct variable *
find(struct kldsim_ddb *ddb)
{
	if (kldsim__ddb_read_token(ddb) == KLDSIM__DDB_IDENT)
		for (size_t i = 0; i < COUNT; i++)
			if (has(ddb, &variables[i]) &&
			    strcmp(variables[i].name, ddb->tok_string) == 0)
				return (&variables[i]);
	kldsim__ddb_error(ddb, "Unknown variable\n");
	return (NULL);
}

bool
kldsim__ddb_get_variable(struct kldsim_ddb *ddb, int64_t *value_ret)
{
	const struct variable *variable = find(ddb);

	if (variable != NULL)
		*value_ret = get(ddb, variable);
	return (variable != NULL);
}

static void
list(struct kldsim_ddb *ddb)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (!has(ddb, &variables[i]))
			continue;
		kldsim__ddb_printf(ddb, "$%-8s = ", variables[i].name);
		kldsim__ddb_number(ddb, get(ddb, &variables[i]), 10,
		    KLDSIM__DDB_SIGNED, 0);
		kldsim__ddb_putc(ddb, '\n');
	}
}

void
kldsim__ddb_set(struct kldsim_ddb *ddb, const struct kldsim__ddb_call *call)
{
	const struct variable *variable;
	enum kldsim__ddb_token token = kldsim__ddb_read_token(ddb);
	int64_t value;

	(void)call;
	if (token == KLDSIM__DDB_EOL && ddb->sim->facts.ddb_c_operators) {
		list(ddb);
		return;
	}
	if (token != KLDSIM__DDB_DOLLAR) {
		kldsim__ddb_error(ddb, "Unknown variable\n");
		return;
	}
	variable = find(ddb);
	if (variable == NULL)
		return;
	token = kldsim__ddb_read_token(ddb);
	if (token != KLDSIM__DDB_EQ)
		kldsim__ddb_unread_token(ddb, token);
	if (!kldsim__ddb_expression(ddb, &value)) {
		kldsim__ddb_error(ddb, "No value\n");
		return;
	}
	if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_EOL)
		kldsim__ddb_error(ddb, "?\n");
	if (!ddb->thrown)
		set(ddb, variable, value);
}
