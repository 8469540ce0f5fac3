/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

/* Text that grows.  Running out of memory is remembered, and seen at the end. */

#include <stdarg.h>
#include <stdbool.h>

#include "util/alloc.h"
#include "util/format.h"

struct kldsim__text {
	const struct kldsim__alloc *alloc;
	char *bytes; /* not terminated */
	size_t size;
	size_t cap;
	bool failed; /* no memory: what is there is not all */
};

void kldsim__text_init(struct kldsim__text *text,
    const struct kldsim__alloc *alloc);
void kldsim__text_fini(struct kldsim__text *text);

void kldsim__text_add(struct kldsim__text *text, const void *bytes,
    size_t size);
void kldsim__text_puts(struct kldsim__text *text, const char *string);
void kldsim__text_printf(struct kldsim__text *text, const char *format, ...)
    KLDSIM__PRINTF(2, 3);

#endif
