/* SPDX-License-Identifier: BSD-2-Clause */

/* libdeflate, loaded or linked or left out; see libdeflate.h. */

#include "util/libdeflate.h"

#ifdef KLDSIM_LIBDEFLATE

#include <libdeflate.h>

#include "util/late.h"

/* One function a row: its result, its name, its arguments. */
#define FUNCTIONS(X) \
	X(struct libdeflate_decompressor *, libdeflate_alloc_decompressor, \
	    (void)) \
	X(void, libdeflate_free_decompressor, \
	    (struct libdeflate_decompressor *)) \
	X(enum libdeflate_result, libdeflate_zlib_decompress_ex, \
	    (struct libdeflate_decompressor *, const void *, size_t, void *, \
	    size_t, size_t *, size_t *))

struct functions {
#define X(result, name, arguments) result (*name)arguments;
	FUNCTIONS(X)
#undef X
};

#ifdef KLDSIM_LIBDEFLATE_SONAME

/* The types of the rows are those of the library's own header. */
#define X(result, name, arguments) \
	_Static_assert(_Generic(&(name), result (*)arguments: 1, default: 0), \
	    #name " has another type");
FUNCTIONS(X)
#undef X

static const struct kldsim__late_row rows[] = {
#define X(result, name, arguments) { #name, offsetof(struct functions, name) },
	FUNCTIONS(X)
#undef X
};

static const char *
load(struct functions *functions_ret)
{
	return (kldsim__late_load(KLDSIM_LIBDEFLATE_SONAME, rows,
	    sizeof(rows) / sizeof(rows[0]), functions_ret));
}

#else /* KLDSIM_LIBDEFLATE_SONAME */

static const char *
load(struct functions *functions_ret)
{
	*functions_ret = (struct functions){
#define X(result, name, arguments) .name = name,
		FUNCTIONS(X)
#undef X
	};
	return (NULL);
}

#endif /* KLDSIM_LIBDEFLATE_SONAME */

const char *
kldsim__libdeflate_load(void)
{
	struct functions unused;

	return (load(&unused));
}

bool
kldsim__libdeflate(const void *from, size_t stored, void *to, size_t size,
    size_t *used_ret)
{
	struct libdeflate_decompressor *decompressor;
	struct functions library;
	enum libdeflate_result result;

	if (load(&library) != NULL)
		return (false);
	decompressor = library.libdeflate_alloc_decompressor();
	if (decompressor == NULL)
		return (false);
	/* Without the last argument, fewer bytes than that are a failure. */
	result = library.libdeflate_zlib_decompress_ex(decompressor, from,
	    stored, to, size, used_ret, NULL);
	library.libdeflate_free_decompressor(decompressor);
	return (result == LIBDEFLATE_SUCCESS);
}

#else /* KLDSIM_LIBDEFLATE */

const char *
kldsim__libdeflate_load(void)
{
	return ("built without libdeflate");
}

bool
kldsim__libdeflate(const void *from, size_t stored, void *to, size_t size,
    size_t *used_ret)
{
	(void)from;
	(void)stored;
	(void)to;
	(void)size;
	*used_ret = 0;
	return (false);
}

#endif /* KLDSIM_LIBDEFLATE */
