/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REDUCE_NAMES_H
#define REDUCE_NAMES_H

/*
 * Names in specs, and others for them.  A name is a word of a field that holds
 * names, without a prefix that the kernel looks at: "limit" of
 * vnet_entry_limit.  The other name has as many letters, so that it fits where
 * a section's bytes have it.
 */

#include "reduce/reduce.h"

/* Shorter ones tell nothing of where they come from. */
#define KLDSIM__REDUCE_SHORTEST 4

struct kldsim__reduce_rename {
	char *from;
	char *to;   /* NULL: it has to stay */
};

/* A word of text from at on: where it begins, and its length; 0: none. */
size_t kldsim__reduce_word(const char *text, size_t length, size_t at,
    size_t *size_ret);
/* What of a word the kernel looks at, so that it stays: a length. */
size_t kldsim__reduce_prefix(const char *word, size_t size);
/* Whether the kernel, the loader or debuggers look for it by itself. */
bool kldsim__reduce_is_known(const char *word, size_t size);

/* Remember a name, once; false: no memory. */
bool kldsim__reduce_add_name(struct kldsim_reduce *reduce, const char *name,
    size_t size);
/* The rename of a name, NULL if there is none. */
struct kldsim__reduce_rename *kldsim__reduce_find_name(
    const struct kldsim_reduce *reduce, const char *name, size_t size);
/* Another name that nobody has; false: there is none left, or no memory. */
bool kldsim__reduce_invent(struct kldsim_reduce *reduce,
    struct kldsim__reduce_rename *rename);
void kldsim__reduce_names_fini(struct kldsim_reduce *reduce);

#endif
