/* SPDX-License-Identifier: BSD-2-Clause */

/* libarchive, loaded or linked; see libarchive.h. */

#include <string.h>

#ifdef KLDSIM_LIBARCHIVE

#include "source/libarchive.h"

#ifdef KLDSIM_LIBARCHIVE_SONAME

#include <dlfcn.h>

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
KLDSIM__LIBARCHIVE(X)
#undef X

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
#define X(result, name, arguments) \
	{ #name, offsetof(struct kldsim__libarchive, name) },
	KLDSIM__LIBARCHIVE(X)
#undef X
};

/*
 * It stays until the process ends: who closes it would load it again with the
 * next file.
 */
const char *
kldsim__libarchive_load(struct kldsim__libarchive *library_ret)
{
	void *library = dlopen(KLDSIM_LIBARCHIVE_SONAME, RTLD_LAZY);

	if (library == NULL)
		return (dlerror());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *function = dlsym(library, rows[i].name);

		if (function == NULL)
			return (dlerror());
		/* POSIX has both kinds of pointers alike, C has not. */
		memcpy((char *)library_ret + rows[i].offset, &function,
		    sizeof(function));
	}
	return (NULL);
}

#else /* KLDSIM_LIBARCHIVE_SONAME */

const char *
kldsim__libarchive_load(struct kldsim__libarchive *library_ret)
{
	*library_ret = (struct kldsim__libarchive){
#define X(result, name, arguments) .name = name,
		KLDSIM__LIBARCHIVE(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBARCHIVE_SONAME */

#endif /* KLDSIM_LIBARCHIVE */
