/* SPDX-License-Identifier: BSD-2-Clause */

/* libedit, loaded or linked; see libedit.h. */

#include "ddb/libedit.h"

#ifdef KLDSIM_LIBEDIT_SONAME

#include "late.h"

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
LIBEDIT(X)
#undef X

static const struct late_row rows[] = {
#define X(result, name, arguments) { #name, offsetof(struct libedit, name) },
	LIBEDIT(X)
#undef X
};

const char *
libedit_load(struct libedit *library_ret)
{
	return (late_load(KLDSIM_LIBEDIT_SONAME, rows,
	    sizeof(rows) / sizeof(rows[0]), library_ret));
}

#else /* KLDSIM_LIBEDIT_SONAME */

const char *
libedit_load(struct libedit *library_ret)
{
	*library_ret = (struct libedit){
#define X(result, name, arguments) .name = name,
		LIBEDIT(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBEDIT_SONAME */
