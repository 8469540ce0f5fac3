/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INSPECT_LOOKUP_H
#define INSPECT_LOOKUP_H

/* Symbols as DDB looks for them; done within a question. */

#include "kern/linker_class.h"

struct kldsim__debug_symbol {
	struct kldsim__file *file;
	kldsim_addr value;
	kldsim_size size;
};

/* DDB's symbol tables (B-15), which it asks in this order. */
enum kldsim__db_symtab {
	KLDSIM__DB_ELF = 1, /* "elf": the kernel's own, if there is one */
	KLDSIM__DB_KLD = 2, /* "kld": the linker's files */
	KLDSIM__DB_SYMTABS = 3
};

/* The table of that name; 0: DDB has none. */
unsigned kldsim__db_symtab(const struct kldsim *sim, const char *name,
    size_t length);

/* db_lookup() in some tables (B-10, B-16); ENOENT if none has it. */
int kldsim__db_lookup(struct kldsim *sim, unsigned symtabs, const char *name,
    struct kldsim__debug_symbol *symbol_ret);

/* db_search_symbol() (B-14, B-17, B-58); ENOENT if none is near. */
int kldsim__db_search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *offset_ret);

/* linker_debug_lookup() (B-10) in one file, local symbols too. */
int kldsim__lookup_debug_in(struct kldsim *sim, struct kldsim__file *file,
    const char *name, struct kldsim__debug_symbol *symbol_ret);

#endif
