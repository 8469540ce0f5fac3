/* SPDX-License-Identifier: BSD-2-Clause */

/* What the linker would make of a file that is not loaded. */

#include "who_has/who_has.h"

#include <string.h>

#include "kern/interface.h"
#include "sym/fullsyms.h"

static enum kldsim__visible
by_binding(const struct kldsim__sym *sym)
{
	return (sym->info >> 4 == STB_GLOBAL ? KLDSIM__SEEN_GLOBAL :
	    sym->info >> 4 == STB_WEAK ? KLDSIM__SEEN_GLOBAL :
	    KLDSIM__SEEN_LOCAL);
}

/* What is not loaded has no address worth having (O-04, O-30). */
static bool
is_loaded(const struct kldsim__elf *elf, uint16_t section)
{
	GElf_Shdr shdr;

	return (section < elf->ehdr.e_shnum && kldsim__elf_shdrs(elf,
	    elf->ehdr.e_shoff + (uint64_t)section * elf->ehdr.e_shentsize, 1,
	    &shdr) && (shdr.sh_flags & SHF_ALLOC) != 0 && shdr.sh_size != 0 &&
	    (shdr.sh_type == SHT_PROGBITS || shdr.sh_type == SHT_NOBITS));
}

/* The first symbol of the name decides (O-61, O-62). */
static enum kldsim__visible
visible_obj(const struct kldsim *sim, const struct kldsim__provider *provider,
    uint32_t symbol)
{
	struct kldsim__sym sym;

	kldsim__sym_get(&provider->symtab, symbol, &sym);
	if (sym.shndx >= SHN_LORESERVE ? sym.shndx != SHN_ABS ||
	    sym.value == 0 : !is_loaded(&provider->elf, sym.shndx))
		return (KLDSIM__UNSEEN);
	if (sim->facts.leak_locals_knob_obj && !sim->options.leak_locals &&
	    sym.info >> 4 != STB_GLOBAL)
		return (KLDSIM__UNSEEN);
	return (by_binding(&sym));
}

/* The full table, of which the first symbol of the name decides (D-60). */
static enum kldsim__visible
visible_full(const struct kldsim__provider *provider, const char *name)
{
	struct kldsim__fullsym found;
	struct kldsim__sym sym;

	kldsim__fullsyms_walk(&provider->symtab, &name, 1, &found);
	if (found.index == KLDSIM__NO_SYMBOL)
		return (KLDSIM__UNSEEN);
	kldsim__sym_get(&provider->symtab, found.index, &sym);
	return (kldsim__elf_usable(&sym) && sym.value != 0 ?
	    by_binding(&sym) : KLDSIM__UNSEEN);
}

/* The hash table first, and then, as the release has it, the full one. */
static enum kldsim__visible
visible_dyn(const struct kldsim *sim, const struct kldsim__provider *provider,
    const char *name)
{
	const struct kldsim__facts *facts = &sim->facts;
	const bool locals = !facts->leak_locals_knob_elf ||
	    sim->options.leak_locals;
	const bool bug = facts->elf_hash_lp64_bug &&
	    kldsim__arch_ptrsz(sim->arch) == 8;
	enum kldsim__hash_answer answer = KLDSIM__HASH_CORRUPT;
	struct kldsim__sym sym;
	uint32_t index;

	if (provider->hash.nbuckets != 0)
		answer = kldsim__elfhash_find(&provider->hash,
		    &provider->dynsym, name, bug, &index);
	if (answer == KLDSIM__HASH_FOUND) {
		kldsim__sym_get(&provider->dynsym, index, &sym);
		return (sym.value == 0 || (!locals &&
		    sym.info >> 4 == STB_LOCAL) ? KLDSIM__UNSEEN :
		    by_binding(&sym));
	}
	if (locals && (answer == KLDSIM__HASH_ABSENT ||
	    facts->elf_debug_lookup_after_failure))
		return (visible_full(provider, name));
	return (KLDSIM__UNSEEN);
}

enum kldsim__visible
kldsim__visible(const struct kldsim *sim,
    const struct kldsim__provider *provider, const char *name,
    uint32_t symbol)
{
	return (provider->elf.ehdr.e_type == ET_REL ?
	    visible_obj(sim, provider, symbol) :
	    visible_dyn(sim, provider, name));
}

int
kldsim__wants_other_kernel(struct kldsim *sim,
    const struct kldsim__provider *provider, bool *other_ret)
{
	const struct kldsim__metadatum *entry;
	int error = kldsim__provider_metadata(sim, provider, &entry);

	*other_ret = false;
	for (; error == 0 && entry != NULL; entry = entry->next) {
		const struct kldsim__mod_depend range = { entry->numbers[0],
			entry->numbers[1], entry->numbers[2] };

		if (entry->type == KLDSIM__MDT_DEPEND &&
		    strcmp(entry->name, "kernel") == 0 &&
		    kldsim__modlist_lookup2(&sim->linker, "kernel",
		    &range) == NULL)
			*other_ret = true;
	}
	return (error);
}
