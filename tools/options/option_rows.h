/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTION_ROWS_H
#define OPTION_ROWS_H

/*
 * The options of a command as rows of tables, from which getopt_long(3)'s
 * tables and the help are made.  Commands share groups of rows; a group sets
 * the fields of a struct, wherever a command has that.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "options/values.h"

#define OPTION_ROWS_MAX 64 /* of a command */

struct option_row {
	int letter;         /* 0: long form only */
	const char *name;
	const char *value;  /* what it is called; NULL: takes none */
	value_setter *set;
	size_t field;       /* what set is given: an offset in the struct */
	const char *help;
	const char *want;   /* what the value is to be; NULL: set complains */
};

struct option_group {
	const struct option_row *rows;
	size_t count;
	size_t at; /* where a command's own struct has that of these rows */
};

#define OPTION_GROUP(rows, at) \
	{ (rows), sizeof(rows) / sizeof(*(rows)), (at) }

enum option_outcome {
	OPTIONS_TAKEN, /* optind is at the first word that is none */
	OPTIONS_HELP,  /* --help, which every command has */
	OPTIONS_WRONG  /* after a message */
};

/* Hand each option of a command line to its row. */
enum option_outcome option_rows_parse(const struct option_group *groups,
    size_t ngroups, int argc, char **argv, void *run);
/* A line for each row. */
void option_rows_help(const struct option_group *groups, size_t ngroups,
    FILE *out);

#endif
