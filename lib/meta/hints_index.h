/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef META_HINTS_INDEX_H
#define META_HINTS_INDEX_H

/*
 * The MDT_VERSION records of a well-formed linker.hints by interface name, so
 * that a folder of a thousand modules is not read through a thousand times.
 *
 * Only a file in which every record of that kind lies where it should is
 * indexed; for any other one kldsim__hints_find() walks as the kernel does.
 * The answers are the same.
 */

#include "meta/linker_hints.h"
#include "util/strmap.h"

struct kldsim__hint;

struct kldsim__hints_index {
	const struct kldsim__alloc *alloc;
	struct kldsim__arena arena;
	struct kldsim__strmap first; /* the first record of a name */
	struct kldsim__hint *hints;
	size_t count;
	size_t cap;
};

enum kldsim__indexing {
	KLDSIM__INDEXED,
	KLDSIM__NOT_INDEXED, /* it is odd: ask kldsim__hints_find() */
	KLDSIM__INDEX_NOMEM
};

/* The bytes must outlive the index.  To be given to fini() in any case. */
enum kldsim__indexing kldsim__hints_index_build(
    struct kldsim__hints_index *index, const struct kldsim__alloc *alloc,
    const uint8_t *bytes, uint64_t size, bool big_endian,
    const struct kldsim__facts *facts);
void kldsim__hints_index_fini(struct kldsim__hints_index *index);

/* As kldsim__hints_find(). */
void kldsim__hints_index_find(const struct kldsim__hints_index *index,
    const char *modname, const struct kldsim__mod_depend *dep,
    struct kldsim__hints_result *result);

#endif
