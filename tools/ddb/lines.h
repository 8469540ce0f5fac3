/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_LINES_H
#define DDB_LINES_H

/*
 * Lines that are typed: of a script, or of standard input, which a terminal lets
 * people edit where there is libedit.
 */

#include <stdbool.h>
#include <stddef.h>

struct lines;

/*
 * Of a file, "-" or NULL: standard input.  NULL after a message; to be closed
 * again.
 */
struct lines *lines_open(const char *path);
/*
 * The next line, which lasts until the next call; after the prompt, on a
 * terminal.  NULL: there are no more; *failed says whether that is as it should
 * be.
 */
const char *lines_next(struct lines *lines, size_t *size_ret, bool *failed);
/* Whether somebody sits there and has seen what was typed. */
bool lines_typed(const struct lines *lines);
void lines_close(struct lines *lines);

#endif
