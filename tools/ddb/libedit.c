/* SPDX-License-Identifier: BSD-2-Clause */

/* libedit, loaded or linked; see libedit.h. */

#include <stddef.h>
#include <string.h>

#ifdef KLDSIM_LIBEDIT

#include "ddb/libedit.h"

#ifdef KLDSIM_LIBEDIT_SONAME

#include <dlfcn.h>

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
LIBEDIT(X)
#undef X

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
#define X(result, name, arguments) { #name, offsetof(struct libedit, name) },
	LIBEDIT(X)
#undef X
};

/* It stays until the process ends. */
bool
libedit_load(struct libedit *library_ret)
{
	void *library = dlopen(KLDSIM_LIBEDIT_SONAME, RTLD_LAZY);

	for (size_t i = 0; library != NULL &&
	    i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *function = dlsym(library, rows[i].name);

		if (function == NULL)
			return (false);
		/* POSIX has both kinds of pointers alike, C has not. */
		memcpy((char *)library_ret + rows[i].offset, &function,
		    sizeof(function));
	}
	return (library != NULL);
}

#else /* KLDSIM_LIBEDIT_SONAME */

bool
libedit_load(struct libedit *library_ret)
{
	*library_ret = (struct libedit){
#define X(result, name, arguments) .name = name,
		LIBEDIT(X)
#undef X
	};
	return (true);
}

#endif /* KLDSIM_LIBEDIT_SONAME */

#endif /* KLDSIM_LIBEDIT */
