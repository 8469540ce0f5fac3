/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Symbols that a shared object has and that link_elf_lookup_symbol() does not
 * find (D-60, D-62): what to say instead of "undefined".
 */

#include "link_elf/link_elf.h"

/* A dynamic symbol by its name alone, as no kernel looks for it. */
static bool
find_dynamic(const struct kldsim__dyn *dyn, const char *name,
    struct kldsim__sym *sym_ret)
{
	for (uint32_t i = 1; i < dyn->dynsym.count; i++) {
		const char *its = kldsim__sym_name(&dyn->dynsym,
		    kldsim__sym_name_offset(&dyn->dynsym, i));

		if (its == NULL || strcmp(its, name) != 0)
			continue;
		kldsim__sym_get(&dyn->dynsym, i, sym_ret);
		if (kldsim__elf_usable(sym_ret))
			return (true);
	}
	return (false);
}

/* Whether the right hash would have found it (D-62). */
static bool
hash_is_to_blame(const struct kldsim__dyn *dyn, const char *name)
{
	uint32_t index;

	return (kldsim__elfhash_find(&dyn->hash, &dyn->dynsym, name, false,
	    &index) == KLDSIM__HASH_FOUND && kldsim__elfhash_find(&dyn->hash,
	    &dyn->dynsym, name, true, &index) != KLDSIM__HASH_FOUND);
}

static const char *
why_not_found(const struct kldsim *sim, const struct kldsim__dyn *dyn,
    const char *name, const struct kldsim__sym *sym, bool dynamic)
{
	const bool locals = !sim->facts.leak_locals_knob_elf ||
	    sim->options.leak_locals;

	if (dynamic && dyn->hash.nbuckets == 0)
		return ("the file has no symbol hash table (DT_HASH) to find "
		    "it by");
	if (dynamic && sim->facts.elf_hash_lp64_bug &&
	    kldsim__arch_ptrsz(sim->arch) == 8 && hash_is_to_blame(dyn, name))
		return ("the hash of this release does not find it (before "
		    "14.0, on 64 bits, names whose hash overflows)");
	if (!locals && (!dynamic || sym->info >> 4 == STB_LOCAL))
		return (dynamic ? "it is local there, which hides it while "
		    "debug.link_elf_leak_locals is 0" : "it is not among the "
		    "dynamic symbols, which hides it while "
		    "debug.link_elf_leak_locals is 0");
	if (sym->value == 0)
		return ("its address is 0 there, and 0 counts as undefined");
	return (dynamic ? "the hash table of the file does not lead to it: "
	    "link the file again" : "a dynamic symbol of that name is "
	    "undefined, and that one decides");
}

const char *
kldsim__dyn_why_hidden(struct kldsim *sim, struct kldsim__file *file,
    const char *name)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__fullsym full;
	struct kldsim__sym sym;

	if (dyn == NULL)
		return (NULL);
	/* The index of the full table saves the walk as a rule. */
	if (dyn->has_symtab) {
		if (!kldsim__dyn_find_full(file, name, &full) ||
		    full.bad != KLDSIM__NO_SYMBOL ||
		    full.index == KLDSIM__NO_SYMBOL)
			return (NULL);
		kldsim__sym_get(&dyn->symtab, full.index, &sym);
		if (!kldsim__elf_usable(&sym))
			return (NULL);
	}
	if (find_dynamic(dyn, name, &sym))
		return (why_not_found(sim, dyn, name, &sym, true));
	return (dyn->has_symtab ? why_not_found(sim, dyn, name, &sym, false) :
	    NULL);
}
