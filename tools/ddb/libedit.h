/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_LIBEDIT_H
#define DDB_LIBEDIT_H

/*
 * What lines.c asks of libedit, which is loaded when lines are typed: all
 * commands but one do without, and would start later for it.  A build that
 * cannot tell the library's name is linked with it.
 */

#include <histedit.h>

/* One function a row: its result, its name, its arguments. */
#define LIBEDIT(X) \
	X(EditLine *, el_init, (const char *, FILE *, FILE *, FILE *)) \
	X(void, el_end, (EditLine *)) \
	X(int, el_set, (EditLine *, int, ...)) \
	X(int, el_source, (EditLine *, const char *)) \
	X(const char *, el_gets, (EditLine *, int *)) \
	X(History *, history_init, (void)) \
	X(void, history_end, (History *)) \
	X(int, history, (History *, HistEvent *, int, ...))

struct libedit {
#define X(result, name, arguments) result (*name)arguments;
	LIBEDIT(X)
#undef X
};

/* Find the library.  NULL: it is there; else why not, and no line is edited. */
const char *libedit_load(struct libedit *library_ret);

#endif
