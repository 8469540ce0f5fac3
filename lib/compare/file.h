/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPARE_FILE_H
#define COMPARE_FILE_H

/* One file: its symbols, its types, how it was built. */

#include <kldsim/kbi.h>

#include "elf/image.h"
#include "sym/symindex.h"
#include "util/arena.h"

struct kldsim_kbi_file {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena;
	struct kldsim_limits limits;
	bool count_unreached;
	struct kldsim_image *image;
	struct kldsim__elf elf;
	GElf_Shdr *shdrs;       /* elf.ehdr.e_shnum of them, or NULL */
	struct kldsim__symview symbols;
	bool indexed;
	struct kldsim__symindex index; /* definitions, global ones first */
	uint32_t *typed;        /* by symbol: 2 * its type + function, plus 1 */
	const struct kldsim_types *types; /* NULL: none */
	struct kldsim_types *own;   /* the same, if they are to be freed */
	const struct kldsim_kbi_inline *inlines; /* compiled in (W-23) */
	size_t ninlines;
	struct kldsim_kbi_file_info info;
	const void *conf;       /* kern_conf (G-01); NULL: none */
	size_t conf_size;
	bool conf_known;        /* it is text, and says all */
	uint32_t netgraph, mac; /* versions of interfaces (I-60); 0: none */
};

/* The section of that name; NULL: none. */
const GElf_Shdr *kldsim__compare_section(const struct kldsim_kbi_file *file,
    const char *name);
/* Get ready to find symbols; from then on a file does not change. */
bool kldsim__compare_index(struct kldsim_kbi_file *file);
/*
 * The definition that a module's reference finds: a global one, else a local
 * one, for the kernel's linker takes those, too (I-26).  KLDSIM__NO_SYMBOL:
 * none.  False: no memory.
 */
bool kldsim__compare_symbol(struct kldsim_kbi_file *file, const char *name,
    uint32_t *index_ret);
/*
 * The type of a symbol of a file that is ready, and whether it is a function; 0:
 * nobody says.
 */
kldsim_type_id kldsim__compare_type(const struct kldsim_kbi_file *file,
    uint32_t index, bool *function_ret);
/* The number at an address of a linked file; 0 if it is not in there. */
uint64_t kldsim__compare_word(const struct kldsim_kbi_file *file,
    uint64_t address, unsigned width);

/* Whether a kernel has an option: by its kern_conf. */
enum kldsim__stated {
	KLDSIM__STATED_NOT_KNOWN,
	KLDSIM__STATED_OFF,
	KLDSIM__STATED_ON
};
enum kldsim__stated kldsim__compare_option(const struct kldsim_kbi_file *file,
    const char *name);

#endif
