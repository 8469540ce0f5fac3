/* SPDX-License-Identifier: BSD-2-Clause */

#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum kldsim_status
kldsim__error_set(struct kldsim_error *error, enum kldsim_status status,
    const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return (status);
	memset(error, 0, sizeof(*error));
	error->status = status;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return (status);
}
