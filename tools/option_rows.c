/* SPDX-License-Identifier: BSD-2-Clause */

/* Options by a table; see option_rows.h. */

#include "option_rows.h"

#include <getopt.h>
#include <string.h>

#include "report/output.h"

#define HAS_LETTER(row) ((row)->letter <= 255)

static void
make_tables(const struct option_row *rows, size_t count,
    char letters[2 * OPTION_ROWS_MAX + 2],
    struct option longs[OPTION_ROWS_MAX + 1])
{
	*letters++ = ':';
	for (size_t i = 0; i < count; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].value != NULL ?
		    required_argument : no_argument;
		longs[i].flag = NULL;
		longs[i].val = rows[i].letter;
		if (!HAS_LETTER(&rows[i]))
			continue;
		*letters++ = (char)rows[i].letter;
		if (rows[i].value != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
	memset(&longs[count], 0, sizeof(longs[count]));
}

/* What getopt_long(3) found; false after a message. */
static bool
set(const struct option_row *rows, size_t count, int letter, char *value,
    const char *word, void *run)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].letter == letter)
			return (rows[i].set(run, value));
	complain(letter == ':' ? "%s: an argument is missing" :
	    "unknown option %s", word);
	return (false);
}

bool
option_rows_parse(const struct option_row *rows, size_t count, int argc,
    char **argv, void *run)
{
	char letters[2 * OPTION_ROWS_MAX + 2];
	struct option longs[OPTION_ROWS_MAX + 1];
	int letter;

	make_tables(rows, count, letters, longs);
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		if (!set(rows, count, letter, optarg, argv[optind - 1], run))
			return (false);
	return (true);
}

void
option_rows_help(const struct option_row *rows, size_t count, FILE *out)
{
	for (const struct option_row *row = rows; row < rows + count; row++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "--%s %s", row->name,
		    row->value != NULL ? row->value : "");
		if (HAS_LETTER(row))
			put_line(out, "  -%c, %-18s%s", row->letter, left,
			    row->help);
		else
			put_line(out, "      %-18s%s", left, row->help);
	}
}
