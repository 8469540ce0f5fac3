/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RUN_RUN_SCRIPT_H
#define RUN_RUN_SCRIPT_H

/*
 * A script as lines of words.  A line is a command; blanks are between words,
 * '#' where a word could begin starts a comment.  Within single or double
 * quotes blanks and '#' are ordinary; a backslash always is.
 */

#include <stddef.h>

#include <kldsim/status.h>

/* A line that has words. */
struct run_line {
	unsigned long number; /* from 1 */
	size_t first;         /* of the script's words */
	size_t nwords;
};

struct run_script {
	const char *name;
	char *text; /* cut into the words */
	size_t size;
	char **words;
	size_t nwords;
	size_t words_cap;
	struct run_line *lines;
	size_t nlines;
	size_t lines_cap;
	struct kldsim_error error; /* why it could not be read */
};

/*
 * Read a file, "-" for standard input, and cut it up.  Gives an exit status,
 * after a message if it is not STATUS_OK; free the script in any case.
 */
int run_script_read(struct run_script *script, const char *name);
void run_script_free(struct run_script *script);

#endif
