/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_PLACED_H
#define CORE_PLACED_H

/* Where the sections of a loaded file are, for debuggers to be told. */

#include "kern/linker_file.h"

/* A file's section headers, decoded, and its names. */
struct kldsim__headers {
	struct kldsim__elf elf;
	GElf_Shdr *shdr; /* to be freed */
	size_t count;    /* 0: they are not in the file */
	const char *names;
	uint64_t names_size;
};

/* No headers are no failure: there is nothing to tell. */
int kldsim__headers_read(struct kldsim__headers *headers, struct kldsim *sim,
    const struct kldsim__file *file);

/* A section with SHF_ALLOC. */
struct kldsim__placed_section {
	const char *name;
	kldsim_addr sh_addr;
	kldsim_size size;
	/*
	 * Final.  Not loaded: of ET_DYN where it is linked (E-10), else that
	 * of the one before (E-53).
	 */
	kldsim_addr address;
	kldsim_addr expected; /* where debuggers put it by themselves (E-11) */
	kldsim_addr hole;     /* in the file's own mapping */
	enum kldsim_region region;
};

struct kldsim__placed {
	const struct kldsim__alloc *alloc;
	struct kldsim__placed_section *sections; /* in header order */
	size_t nsections;
};

/* All of them, none if the file has no headers; free it in any case. */
int kldsim__placed_init(struct kldsim__placed *placed, struct kldsim *sim,
    const struct kldsim__file *file);
void kldsim__placed_fini(struct kldsim__placed *placed);

/* A finding of the first section that debuggers will misplace (E-14). */
void kldsim__placed_judge(const struct kldsim__placed *placed,
    struct kldsim *sim, const struct kldsim__file *file);

#endif
