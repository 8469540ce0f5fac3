/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WHO_HAS_PROVIDER_H
#define WHO_HAS_PROVIDER_H

/* One file in sight: what it has, as that stands in it. */

#include "elf/image.h"
#include "meta/metadata.h"
#include "sym/elfhash.h"
#include "util/arena.h"

/* An entry of its modmetadata_set. */
struct kldsim__metadatum {
	struct kldsim__metadatum *next;
	enum kldsim__mdt type;
	const char *name;
	int numbers[3]; /* a version; or minimum, preferred, maximum */
};

struct kldsim__provider {
	const char *path;
	struct kldsim_image *image;
	struct kldsim__elf elf;
	struct kldsim__symview symtab; /* count 0: there is none */
	struct kldsim__symview dynsym;
	struct kldsim__elfhash hash;   /* of dynsym */
	bool has_metadata;             /* they have been read */
	struct kldsim__metadatum *metadata;
};

/*
 * Find the tables of an image; nothing of them is copied.  One that is no ELF
 * file has none.  False: no memory.
 */
bool kldsim__provider_open(struct kldsim__provider *provider,
    struct kldsim_image *image, const struct kldsim__alloc *alloc);
/* The table that the names to be found are taken from. */
const struct kldsim__symview *kldsim__provider_symbols(
    const struct kldsim__provider *provider);
/* Read the metadata into an arena.  False: no memory. */
bool kldsim__provider_read_metadata(struct kldsim__provider *provider,
    struct kldsim__arena *arena);

#endif
