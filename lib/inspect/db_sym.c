/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * DDB's symbol tables: db_lookup() and db_search_symbol() of sys/ddb/db_sym.c,
 * over the kernel's own table and the linker's files (B-10, B-14 to B-17).
 */

#include "inspect/lookup.h"
#include "kern/linker_file.h"
#include "link_elf/class.h"

#define PAGE_SIZE 4096u

unsigned
kldsim__db_symtab(const struct kldsim *sim, const char *name, size_t length)
{
	if (length != 3)
		return (0);
	if (memcmp(name, "kld", 3) == 0)
		return (KLDSIM__DB_KLD);
	return (memcmp(name, "elf", 3) == 0 &&
	    kldsim__link_elf_has_ksymtab(sim) ? KLDSIM__DB_ELF : 0);
}

/*
 * FIDELITY: later releases have a lookup for debuggers, which walks the full
 * symbol table only; here it is the ordinary one with local symbols visible,
 * which asks a hash table first.
 */
int
kldsim__lookup_debug_in(struct kldsim *sim, struct kldsim__file *file,
    const char *name, struct kldsim__debug_symbol *symbol_ret)
{
	const int leak_locals = sim->options.leak_locals;
	struct kldsim__symref ref;
	int error;

	sim->options.leak_locals = 1;
	symbol_ret->file = file;
	error = file->class->lookup_symbol(sim, file, name, &ref);
	if (error == 0)
		error = file->class->symbol_values(sim, file, &ref,
		    &symbol_ret->value, &symbol_ret->size);
	sim->options.leak_locals = leak_locals;
	return (error);
}

/* linker_debug_lookup(): all files, those that are not linked included. */
static int
lookup_kld(struct kldsim *sim, const char *name,
    struct kldsim__debug_symbol *symbol_ret)
{
	int error = KLDSIM__ENOENT;

	KLDSIM__FOREACH(l, &sim->linker.files) {
		error = kldsim__lookup_debug_in(sim, KLDSIM__FILE(l), name,
		    symbol_ret);
		if (error <= 0)
			break;
	}
	return (error);
}

int
kldsim__db_lookup(struct kldsim *sim, unsigned symtabs, const char *name,
    struct kldsim__debug_symbol *symbol_ret)
{
	int error = KLDSIM__ENOENT;

	if ((symtabs & KLDSIM__DB_ELF) != 0 &&
	    kldsim__link_elf_has_ksymtab(sim)) {
		symbol_ret->file = sim->linker.kernel;
		error = kldsim__link_elf_ksymtab_lookup(sim, name,
		    &symbol_ret->value, &symbol_ret->size);
	}
	if (error > 0 && (symtabs & KLDSIM__DB_KLD) != 0)
		error = lookup_kld(sim, name, symbol_ret);
	return (error);
}

int
kldsim__db_search_symbol(struct kldsim *sim, kldsim_addr address,
    const char **name_ret, kldsim_size *offset_ret)
{
	struct kldsim__nearest nearest;
	struct kldsim__file *file;
	int error = KLDSIM__ENOENT;

	*name_ret = NULL;
	/* What the distance begins with is an unsigned int. */
	*offset_ret = (uint32_t)address;
	/* Nothing is ever mapped there, so no symbol means it. */
	if (sim->facts.ddb_low_page_nameless && address < PAGE_SIZE)
		return (KLDSIM__ENOENT);
	if (kldsim__link_elf_has_ksymtab(sim))
		error = kldsim__link_elf_ksymtab_search(sim, address,
		    &nearest);
	if (error == 0 && nearest.difference < *offset_ret) {
		*name_ret = nearest.name;
		*offset_ret = nearest.difference;
	}
	if (error >= 0)
		error = kldsim__search_symbol(sim, address, &nearest.name,
		    &nearest.difference, &file);
	if (error == 0 && nearest.difference < *offset_ret) {
		*name_ret = nearest.name;
		*offset_ret = nearest.difference;
	}
	return (error < 0 ? error : *name_ret != NULL ? 0 : KLDSIM__ENOENT);
}
