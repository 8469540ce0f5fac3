/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_COPIES_H
#define DDB_COPIES_H

/* A variable, and where its copies are: one, or one for each CPU or vnet. */

#include "ddb/types.h"

/* A copy; the first one of a set's variable is the reference copy. */
struct kldsim__ddb_copy {
	const char *word; /* "CPU", "vnet"; NULL: the reference copy */
	unsigned id;
	kldsim_addr address;
	const uint8_t *bytes;
	size_t group; /* of those that are alike: the first of them */
};

struct kldsim__ddb_variable {
	char symbol[KLDSIM__DDB_LINE + 16]; /* its whole name */
	const char *name;          /* without its prefix */
	const char *what;          /* "DPCPU variable" */
	const struct kldsim__file *file;
	const struct kldsim_types *types; /* NULL: none */
	kldsim_type_id type;       /* 0: nobody says */
	uint64_t size;             /* bytes */
	struct kldsim__ddb_copy *copies;
	size_t count;
	uint8_t *bytes;            /* of all copies */
};

/*
 * Find a variable by the name that B-11 takes, and read its copies: all, or the
 * one that print would take.  False after an error; free it in any case.
 */
bool kldsim__ddb_find(struct kldsim_ddb *ddb, const char *name, bool one,
    struct kldsim__ddb_variable *variable);
/* Memory as a structure of a name, for the same things to be done with it. */
bool kldsim__ddb_find_struct(struct kldsim_ddb *ddb, const char *name,
    kldsim_addr address, struct kldsim__ddb_variable *variable);
void kldsim__ddb_variable_fini(struct kldsim_ddb *ddb,
    struct kldsim__ddb_variable *variable);

/* Group copies by what lies at an offset, so many bytes. */
void kldsim__ddb_group(struct kldsim_ddb *ddb,
    struct kldsim__ddb_variable *variable, uint64_t offset, uint64_t size);
/* Say which copies are in a group: "reference copy, vnet 0 to 3". */
void kldsim__ddb_put_group(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_variable *variable, size_t group);

#endif
