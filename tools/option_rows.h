/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTION_ROWS_H
#define OPTION_ROWS_H

/*
 * The options of a command as rows of a table, from which getopt_long(3)'s
 * tables and the help are made.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define OPTION_ROWS_MAX 16

struct option_row {
	int letter; /* above 255: none */
	const char *name;
	const char *value; /* what it is called; NULL: takes none */
	/* Given the option's value, says whether it makes sense. */
	bool (*set)(void *run, char *value);
	const char *help;
};

/*
 * Hand each option of a command line to its row, at most OPTION_ROWS_MAX of
 * them; optind is then at the first word that is none.  False after a message.
 */
bool option_rows_parse(const struct option_row *rows, size_t count, int argc,
    char **argv, void *run);
/* A line for each row. */
void option_rows_help(const struct option_row *rows, size_t count, FILE *out);

#endif
