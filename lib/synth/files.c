/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files into memory, and failures told. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum kldsim_status
kldsim__synth_tell(struct kldsim_error *error, enum kldsim_status status,
    const char *fmt, ...)
{
	int saved = errno;
	va_list args;

	if (error != NULL) {
		error->status = status;
		error->sys_errno = status == KLDSIM_SYS ? saved : 0;
		va_start(args, fmt);
		(void)vsnprintf(error->text, sizeof(error->text), fmt, args);
		va_end(args);
	}
	return status;
}

static enum kldsim_status
slurp(FILE *file, const char *path, size_t max, struct kldsim__synth_buf *into,
    struct kldsim_error *error)
{
	unsigned char *bigger;
	size_t n;

	do {
		if (into->size > max)
			return kldsim__synth_tell(error, KLDSIM_LIMIT,
			    "%.300s: more than %zu bytes", path, max);
		if (into->size == into->cap) {
			into->cap = into->cap == 0 ? 65536 : into->cap * 2;
			bigger = realloc(into->data, into->cap);
			if (bigger == NULL)
				return kldsim__synth_tell(error, KLDSIM_NOMEM,
				    "%.300s: no memory", path);
			into->data = bigger;
		}
		n = fread(into->data + into->size, 1, into->cap - into->size,
		    file);
		into->size += n;
	} while (n != 0);
	if (ferror(file))
		return kldsim__synth_tell(error, KLDSIM_SYS,
		    "%.300s: %.100s", path, strerror(errno));
	return KLDSIM_OK;
}

/* The caller frees into->data, whatever the answer. */
enum kldsim_status
kldsim__synth_slurp(const char *path, size_t max,
    struct kldsim__synth_buf *into, struct kldsim_error *error)
{
	enum kldsim_status status;
	FILE *file;

	if (error != NULL)
		memset(error, 0, sizeof(*error));
	if (path == NULL)
		return kldsim__synth_tell(error, KLDSIM_ARG, "no file name");
	file = fopen(path, "rb");
	if (file == NULL)
		return kldsim__synth_tell(error, KLDSIM_SYS, "%.300s: %.100s",
		    path, strerror(errno));
	status = slurp(file, path, max, into, error);
	(void)fclose(file);
	return status;
}
