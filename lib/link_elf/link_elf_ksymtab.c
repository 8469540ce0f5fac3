/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's full symbol table as DDB reads it by itself, without the linker:
 * what sys/ddb/db_main.c does with the table "elf" (B-15 to B-17).
 */

#include "kern/bad_news.h"
#include "link_elf/class.h"
#include "link_elf/link_elf.h"

bool
kldsim__link_elf_has_ksymtab(const struct kldsim *sim)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(sim->linker.kernel);

	return (dyn->has_symtab && dyn->symtab.count != 0);
}

int
kldsim__link_elf_ksymtab_lookup(struct kldsim *sim, const char *name,
    kldsim_addr *value_ret, kldsim_size *size_ret)
{
	struct kldsim__file *kernel = sim->linker.kernel;
	const struct kldsim__dyn *dyn = kldsim__dyn_of(kernel);
	struct kldsim__fullsym found;
	struct kldsim__sym sym;

	if (*name == '\0') /* symbols without a name are passed over */
		return (KLDSIM__ENOENT);
	if (!kldsim__dyn_find_full(kernel, name, &found))
		return (kldsim__nomem(sim));
	/* A name outside of the strings ends it; the linker says so (Z-05). */
	if (found.bad != KLDSIM__NO_SYMBOL ||
	    found.index == KLDSIM__NO_SYMBOL)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(&dyn->symtab, found.index, &sym);
	*value_ret = kldsim__dyn_address(dyn, sym.value);
	*size_ret = sym.size;
	return (0);
}

/*
 * Those that X_db_search_symbol() looks at.
 *
 * FIDELITY: 9 and 10.4 look at undefined ones too.  These have the value 0, and
 * no address that is shown as a symbol is near that.
 */
static bool
is_searched(const struct kldsim__sym *sym)
{
	const unsigned type = sym->info & 0xf;

	return (sym->shndx != SHN_UNDEF && (type == STT_NOTYPE ||
	    type == STT_OBJECT || type == STT_FUNC));
}

static bool
is_local(const struct kldsim__sym *sym)
{
	return (sym->info >> 4 == STB_LOCAL);
}

/*
 * The index has all symbols with a name, by address and then as they stand in
 * the table: back from the address to the nearest that counts, and on over its
 * equals.  Of these the first that is not local wins, else the first.
 */
static const struct kldsim__addrslot *
search(const struct kldsim__dyn *dyn, kldsim_addr address,
    struct kldsim__sym *found)
{
	const struct kldsim__addrslot *slot = dyn->addresses.slots +
	    kldsim__addrindex_upto(&dyn->addresses, address);
	const struct kldsim__addrslot *best = NULL;
	struct kldsim__sym sym;

	for (; slot > dyn->addresses.slots && (best == NULL ||
	    slot[-1].value == best->value); slot--) {
		kldsim__sym_get(&dyn->symtab, slot[-1].index, &sym);
		if (!is_searched(&sym) || (best != NULL &&
		    is_local(&sym) && !is_local(found)))
			continue;
		*found = sym;
		best = slot - 1;
	}
	return (best);
}

int
kldsim__link_elf_ksymtab_search(struct kldsim *sim, kldsim_addr address,
    struct kldsim__nearest *nearest_ret)
{
	struct kldsim__file *kernel = sim->linker.kernel;
	const struct kldsim__dyn *dyn = kldsim__dyn_of(kernel);
	const struct kldsim__addrslot *slot;
	struct kldsim__sym sym = { 0 };

	if (!kldsim__dyn_index_addresses(sim, kernel))
		return (kldsim__nomem(sim));
	slot = search(dyn, address, &sym);
	if (slot == NULL)
		return (KLDSIM__ENOENT);
	nearest_ret->name = kldsim__sym_name(&dyn->symtab, sym.name);
	nearest_ret->size = sym.size;
	nearest_ret->difference = address - slot->value;
	return (0);
}
