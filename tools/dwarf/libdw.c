/* SPDX-License-Identifier: BSD-2-Clause */

/* libdw, loaded or linked; see libdw.h. */

#include "dwarf/libdw.h"

#include <string.h>

#ifdef KLDSIM_LIBDW_SONAME

#include <dlfcn.h>

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
DWARF_LIBDW(X)
#undef X

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
#define X(result, name, arguments) { #name, offsetof(struct libdw, name) },
	DWARF_LIBDW(X)
#undef X
};

/* It stays until the process ends. */
const char *
libdw_load(struct libdw *library_ret)
{
	void *library = dlopen(KLDSIM_LIBDW_SONAME, RTLD_LAZY);

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

#else /* KLDSIM_LIBDW_SONAME */

const char *
libdw_load(struct libdw *library_ret)
{
	*library_ret = (struct libdw){
#define X(result, name, arguments) .name = name,
		DWARF_LIBDW(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBDW_SONAME */
