/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LINK_ELF_H
#define LINK_LINK_ELF_H

/* struct elf_file of sys/kern/link_elf.c. */

#include "link/link.h"
#include "sym/addrindex.h"
#include "sym/elfhash.h"
#include "sym/fullsyms.h"

struct kldsim__dyn {
	struct kldsim__elf elf;
	GElf_Phdr *phdr;
	unsigned nphdr;
	GElf_Shdr *shdr;                /* NULL: the file has none */
	unsigned nshdr;
	kldsim_addr bias;               /* symbol addresses are bias + st_value */
	struct kldsim__symview dynsym;  /* DT_SYMTAB, count is nchains */
	struct kldsim__elfhash hash;    /* DT_HASH */
	struct kldsim__symview symtab;  /* the debug table: all symbols */
	bool has_symtab;                /* false: it is dynsym again */
	struct kldsim__fullsyms *symbols; /* of symtab; kept by the image */
	struct kldsim__addrindex addresses; /* of symtab; made when asked */
	const uint8_t *rela;            /* DT_RELA, in the image */
	uint64_t nrela;
	const uint8_t *rel;             /* DT_REL */
	uint64_t nrel;
	const uint8_t *plt;             /* DT_JMPREL */
	uint64_t nplt;
	bool plt_rela;                  /* DT_PLTREL */
};

static inline struct kldsim__dyn *
kldsim__dyn_of(const struct kldsim__file *file)
{
	return (file->class_data);
}

/*
 * Read a kernel file: program headers, dynamic section, symbol tables.  What
 * is wrong with it is a host failure with its reason (KLDSIM__ABORT).
 */
int kldsim__dyn_read_kernel(struct kldsim *sim, struct kldsim__file *file);

#endif
