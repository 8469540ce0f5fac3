/* SPDX-License-Identifier: BSD-2-Clause */

/* Options by tables; see option_rows.h. */

#include "options/option_rows.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

#define LONG_ONLY 256 /* getopt's value for the row i is LONG_ONLY + i */

static const struct option_row help_row = {
	0, "help", NULL, NULL, 0, "this text", NULL
};

/* All rows of a command in one list, and where their fields are. */
struct row_list {
	const struct option_row *rows[OPTION_ROWS_MAX];
	char *fields[OPTION_ROWS_MAX];
	size_t count;
};

static void
add_row(struct row_list *list, const struct option_row *row, char *field)
{
	if (list->count == OPTION_ROWS_MAX)
		abort(); /* the tables are ours */
	list->rows[list->count] = row;
	list->fields[list->count++] = field;
}

static void
make_list(struct row_list *list, const struct option_group *groups,
    size_t ngroups, void *run)
{
	list->count = 0;
	for (size_t i = 0; i < ngroups; i++)
		for (size_t j = 0; j < groups[i].count; j++)
			add_row(list, &groups[i].rows[j], run == NULL ? NULL :
			    (char *)run + groups[i].at +
			    groups[i].rows[j].field);
	add_row(list, &help_row, NULL);
}

/* What getopt wants to know; ':' makes it report by value. */
static void
make_tables(const struct row_list *list,
    char letters[2 * OPTION_ROWS_MAX + 2],
    struct option longs[OPTION_ROWS_MAX + 1])
{
	*letters++ = ':';
	memset(longs, 0, (OPTION_ROWS_MAX + 1) * sizeof(*longs));
	for (size_t i = 0; i < list->count; i++) {
		const struct option_row *row = list->rows[i];

		longs[i].name = row->name;
		longs[i].has_arg = row->value != NULL ? required_argument :
		    no_argument;
		longs[i].val = LONG_ONLY + (int)i;
		if (row->letter == 0)
			continue;
		*letters++ = (char)row->letter;
		if (row->value != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
}

/* The row that getopt means, or the number of rows. */
static size_t
find_row(const struct row_list *list, int found)
{
	size_t i = 0;

	while (i < list->count && found != LONG_ONLY + (int)i &&
	    (found == 0 || found != list->rows[i]->letter))
		i++;
	return (i);
}

/* Say what getopt did not like, as it does itself but in our words. */
static void
complain_option(const struct row_list *list, int found, const char *word)
{
	const size_t i = find_row(list, optopt);

	if (i < list->count)
		complain("option --%s %s", list->rows[i]->name, found == ':' ?
		    "needs a value" : "takes no value");
	else if (optopt != 0)
		complain("unknown option -%c", optopt);
	else
		complain("unknown option %s", word);
}

/* Hand a value to its row, which may cut it: it is kept for the message. */
static bool
set(const struct option_row *row, void *field, char *value)
{
	char *given = value != NULL ? need(strdup(value)) : NULL;
	const bool good = row->set(field, value);

	if (!good && row->want != NULL)
		complain("option --%s: '%s' is not %s", row->name, given,
		    row->want);
	free(given);
	return (good);
}

enum option_outcome
option_rows_parse(const struct option_group *groups, size_t ngroups, int argc,
    char **argv, void *run)
{
	char letters[2 * OPTION_ROWS_MAX + 2];
	struct option longs[OPTION_ROWS_MAX + 1];
	struct row_list list;
	int found;

	make_list(&list, groups, ngroups, run);
	make_tables(&list, letters, longs);
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const size_t i = find_row(&list, found);

		if (i == list.count) {
			complain_option(&list, found, argv[optind - 1]);
			return (OPTIONS_WRONG);
		}
		if (list.rows[i] == &help_row)
			return (OPTIONS_HELP);
		if (!set(list.rows[i], list.fields[i], optarg))
			return (OPTIONS_WRONG);
	}
	return (OPTIONS_TAKEN);
}

/* "-c, --cpus N"; its length. */
static int
left_column(const struct option_row *row, char *text, size_t size)
{
	return (snprintf(text, size, "%c%c%c --%s%s%s",
	    row->letter == 0 ? ' ' : '-',
	    row->letter == 0 ? ' ' : row->letter,
	    row->letter == 0 ? ' ' : ',', row->name,
	    row->value == NULL ? "" : " ",
	    row->value == NULL ? "" : row->value));
}

void
option_rows_help(const struct option_group *groups, size_t ngroups, FILE *out)
{
	struct row_list list;
	int width = 0;
	char left[64];

	make_list(&list, groups, ngroups, NULL);
	for (size_t i = 0; i < list.count; i++) {
		const int length = left_column(list.rows[i], left,
		    sizeof(left));

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < list.count; i++) {
		(void)left_column(list.rows[i], left, sizeof(left));
		put_line(out, "  %-*s  %s", width, left, list.rows[i]->help);
	}
}
