/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What ddb(4) would say: db_value_of_name() and its two relatives of
 * sys/ddb/db_sym.c, and the kldstat command of sys/kern/kern_linker.c (B-10 to
 * B-13, K-43); and the linker's own linker_debug_search_symbol() (O-64).
 */

#include <stdio.h>

#include "inspect/lookup.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "kern/question.h"

#define NAME_SIZE 256 /* DDB's buffer for a name with its prefix */

static enum kldsim_status
answer(struct kldsim *sim, const struct kldsim__question *question, int error)
{
	kldsim__question_end(sim, question);
	if (error == 0)
		return (KLDSIM_OK);
	if (error > 0)
		return (KLDSIM_NOENT);
	return (sim->abort.panic ? KLDSIM_FAULT : sim->abort.error.status);
}

static int
lookup(struct kldsim *sim, const char *name, kldsim_addr *value_ret)
{
	struct kldsim__debug_symbol symbol;
	int error = kldsim__db_lookup(sim, KLDSIM__DB_SYMTABS, name, &symbol);

	if (error == 0)
		*value_ret = symbol.value;
	return (error);
}

/* The terms that are tried, in this order (B-11). */
static const struct term {
	const char *prefix;
	enum kldsim_ddb_kind kind;
} terms[] = {
	{ "", KLDSIM_DDB_PLAIN },
	{ "pcpu_entry_", KLDSIM_DDB_DPCPU },
	{ "vnet_entry_", KLDSIM_DDB_VNET },
};

/*
 * Move a variable of the reference copy to its instance: not found outside of
 * the kernel's set (B-13), a fault without such an instance.
 */
static int
move(struct kldsim *sim, const struct kldsim__set *set, unsigned id,
    kldsim_addr *value)
{
	const struct kldsim_instance *instance =
	    kldsim__set_find_instance(set, id);

	if (!kldsim__set_holds(set, *value))
		return (KLDSIM__ENOENT);
	if (instance == NULL)
		return (kldsim__fail(sim, KLDSIM_FAULT, "DDB faults: there "
		    "is no vnet %u", id));
	*value += instance->base;
	return (0);
}

static int
try_term(struct kldsim *sim, const struct term *term, const char *name,
    const unsigned ids[2], kldsim_addr *value_ret)
{
	char full[NAME_SIZE];
	int error;

	/* A plain name is looked up as it is; a prefix needs the buffer. */
	if (term->kind == KLDSIM_DDB_PLAIN)
		return (lookup(sim, name, value_ret));
	(void)snprintf(full, sizeof(full), "%s%s", term->prefix, name);
	error = lookup(sim, full, value_ret);
	if (error != 0)
		return (error);
	if (term->kind == KLDSIM_DDB_DPCPU)
		return (move(sim, &sim->dpcpu, ids[0], value_ret));
	return (move(sim, &sim->vnet, ids[1], value_ret));
}

enum kldsim_status
kldsim_ddb_value(struct kldsim *sim, const char *name, int db_cpu,
    int db_vnet, kldsim_addr *value_ret, enum kldsim_ddb_kind *kind_ret)
{
	/*
	 * FIDELITY: curvnet is vnet0, as if DDB had been entered from a thread
	 * of the host; where it is NULL, DDB faults.
	 */
	const unsigned ids[2] = { db_cpu < 0 ? 0 : (unsigned)db_cpu,
		db_vnet < 0 ? 0 : (unsigned)db_vnet };
	struct kldsim__question question;
	kldsim_addr value = 0;
	size_t i = 0;
	int error;

	/* Only $db_cpu is checked, when it is set (B-12). */
	if (ids[0] >= sim->options.cpus)
		return (KLDSIM_ARG);
	question = kldsim__question_begin(sim);
	do {
		error = try_term(sim, &terms[i], name, ids, &value);
	} while (error > 0 && ++i < sizeof(terms) / sizeof(terms[0]));
	if (error == 0) {
		*value_ret = value;
		*kind_ret = terms[i].kind;
	}
	return (answer(sim, &question, error));
}

enum kldsim_status
kldsim_search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *offset_ret, int *fileid_ret)
{
	struct kldsim__question question = kldsim__question_begin(sim);
	struct kldsim__file *file = NULL;
	kldsim_size offset = 0;
	const char *name = NULL;
	int error;

	error = kldsim__search_symbol(sim, address, &name, &offset, &file);
	if (error == 0) {
		*name_ret = name;
		*offset_ret = offset;
		*fileid_ret = file->id;
	}
	return (answer(sim, &question, error));
}

enum kldsim_status
kldsim_file_at(const struct kldsim *sim, size_t index,
    struct kldsim_ddb_file *file_ret)
{
	const struct kldsim__link *entry = kldsim__nth(sim, &sim->linker.files, index);
	const struct kldsim__file *file;

	if (entry == NULL)
		return (KLDSIM_NOENT);
	file = KLDSIM__ENTRY(entry, const struct kldsim__file, link);
	file_ret->id = file->id;
	file_ret->refs = file->refs;
	file_ret->linked = file->linked;
	file_ret->name = file->filename;
	file_ret->path = file->pathname;
	file_ret->address = file->address;
	file_ret->size = file->size;
	return (KLDSIM_OK);
}
