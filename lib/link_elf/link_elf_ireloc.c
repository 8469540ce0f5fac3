/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The kernel's own ifuncs: link_elf_ireloc() of sys/kern/link_elf.c, which
 * machine-dependent code calls before there are any SYSINITs (D-66).
 *
 * Resolvers are asked by symbol, or by address: an IRELATIVE entry has the
 * address of one and no symbol.  Here the options answer, by name.
 *
 * amd64 and arm64 go through the IRELATIVE entries once more when they know
 * their CPUs.  Answers are what they were, so that is left out.
 */

#include "link_elf/link_elf.h"
#include "kern/bad_news.h"
#include "link_elf/class.h"

struct ireloc {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__dyn *dyn;
	struct kldsim__addrindex ifuncs; /* by resolver; made when asked */
};

/* One entry, and whether its addend is not in the table. */
struct site {
	const struct kldsim__reloc_row *row;
	struct kldsim__rel rel;
	bool rela;
	struct kldsim__reloc value;
};

/* Where one of the kernel's own relocations is for. */
static int
unusable_site(struct kldsim *sim, kldsim_addr address)
{
	return (kldsim__fail(sim, KLDSIM_MALFORMED, "unusable kernel: a "
	    "relocation of its own is for 0x%jx, where nothing is",
	    (uintmax_t)address));
}

/* The addend, which may be what lies at the site. */
static int
read_addend(const struct ireloc *ireloc, struct site *site)
{
	const struct kldsim *sim = ireloc->sim;
	const unsigned width = kldsim__reloc_rel_width(&sim->relocator,
	    site->row);
	uint8_t bytes[KLDSIM__RELOC_BYTES];

	site->value.A = site->rel.addend;
	if (site->rela && !site->row->addend_in_place)
		return (0);
	if (!kldsim__aspace_read(&sim->space, site->value.P, bytes, width))
		return (unusable_site(ireloc->sim, site->value.P));
	site->value.A = kldsim__load(bytes, width,
	    kldsim__arch_big(sim->arch));
	return (0);
}

/* What elf_reloc() does once the resolver has answered S. */
static int
patch(const struct ireloc *ireloc, const struct site *site)
{
	struct kldsim *sim = ireloc->sim;
	const struct kldsim__relocator *relocator = &sim->relocator;
	const struct kldsim__reloc_row *row = site->row;
	const bool big = kldsim__arch_big(sim->arch);
	const kldsim_addr at = site->value.P;
	uint8_t bytes[KLDSIM__RELOC_BYTES];
	uint64_t value = kldsim__reloc_value(relocator, row, &site->value);

	if (!kldsim__reloc_reaches(relocator, row, value))
		return (KLDSIM__EINVAL);
	if (!kldsim__aspace_read(&sim->space,
	    row->formula == KLDSIM__MEMORY_AT_S ? value : at, bytes,
	    row->width) || !kldsim__aspace_mapped(&sim->space, at, row->width))
		return (unusable_site(sim, at));
	if (row->formula != KLDSIM__MEMORY_AT_S)
		kldsim__store(bytes, row->width, big, kldsim__reloc_encode(row,
		    value, kldsim__load(bytes, row->width, big)));
	return (kldsim__accessed(sim, kldsim__aspace_write(&sim->space, at,
	    bytes, row->width)));
}

/* Patch the site, unless nobody has answered: then it stays. */
static int
answered(const struct ireloc *ireloc, const struct site *site,
    kldsim_addr resolver)
{
	return (site->value.S == resolver ? 0 : patch(ireloc, site));
}

static bool
resolver_of(const void *arg, uint32_t i, uint64_t *value_ret)
{
	const struct kldsim__dyn *dyn = arg;
	struct kldsim__sym sym;

	kldsim__sym_get(&dyn->symtab, i, &sym);
	*value_ret = kldsim__dyn_address(dyn, sym.value);
	return ((sym.info & 0xf) == STT_GNU_IFUNC &&
	    kldsim__sym_name(&dyn->symtab, sym.name) != NULL);
}

/* What else is there: the linker may have made a function of the ifunc. */
static int
function_name(const struct ireloc *ireloc, kldsim_addr resolver,
    const char **name_ret)
{
	struct kldsim__nearest nearest;
	int error = kldsim__link_elf.search_symbol(ireloc->sim, ireloc->file,
	    resolver, &nearest);

	if (error == 0 && nearest.difference == 0 && nearest.name != NULL)
		*name_ret = nearest.name;
	return (error > 0 ? 0 : error);
}

/* The ifunc that has its resolver at an address, or else the resolver; or "". */
static int
ifunc_name(struct ireloc *ireloc, kldsim_addr resolver, const char **name_ret)
{
	const struct kldsim__symview *symtab = &ireloc->dyn->symtab;
	struct kldsim__sym sym;
	uint64_t difference;
	uint32_t symbol;

	*name_ret = "";
	if (ireloc->ifuncs.slots == NULL && !kldsim__addrindex_build(
	    &ireloc->ifuncs, &ireloc->sim->alloc, symtab->count, resolver_of,
	    ireloc->dyn))
		return (kldsim__nomem(ireloc->sim));
	symbol = kldsim__addrindex_nearest(&ireloc->ifuncs, resolver,
	    &difference);
	if (symbol == KLDSIM__NO_SYMBOL || difference != 0)
		return (function_name(ireloc, resolver, name_ret));
	kldsim__sym_get(symtab, symbol, &sym);
	*name_ret = kldsim__sym_name(symtab, sym.name);
	return (0);
}

/* IRELATIVE: the resolver is at base + addend; the symbol does not matter. */
static int
irelative(struct ireloc *ireloc, struct site *site)
{
	kldsim_addr resolver;
	const char *name;
	int error = read_addend(ireloc, site);

	if (error != 0)
		return (error);
	resolver = kldsim__dyn_address(ireloc->dyn, site->value.A);
	error = ifunc_name(ireloc, resolver, &name);
	if (error == 0)
		error = kldsim__call_resolver(ireloc->sim, ireloc->file, name,
		    resolver, &site->value.S);
	return (error != 0 ? error : answered(ireloc, site, resolver));
}

/* Any other type, for a symbol that is an ifunc. */
static int
by_symbol(struct ireloc *ireloc, struct site *site)
{
	const struct kldsim__dyn *dyn = ireloc->dyn;
	const struct kldsim__symref ref = { site->rel.sym, true };
	struct kldsim__sym sym;
	kldsim_size size;
	int error;

	if (ref.index >= dyn->dynsym.count)
		return (0);
	kldsim__sym_get(&dyn->dynsym, ref.index, &sym);
	if ((sym.info & 0xf) != STT_GNU_IFUNC)
		return (0);
	if (site->row == NULL || kldsim__reloc_refused(site->row))
		return (KLDSIM__EINVAL);
	if (site->row->width == 0)
		return (0);
	error = read_addend(ireloc, site);
	if (error == 0)
		error = kldsim__link_elf.symbol_values(ireloc->sim,
		    ireloc->file, &ref, &site->value.S, &size);
	return (error != 0 ? error : answered(ireloc, site,
	    kldsim__dyn_address(dyn, sym.value)));
}

static int
table(struct ireloc *ireloc, const uint8_t *entries, uint64_t count, bool rela)
{
	const struct kldsim__dyn *dyn = ireloc->dyn;
	int error = 0;

	if (!rela && ireloc->sim->arch->rel_tables != KLDSIM__REL_TAKEN)
		return (0);
	for (uint64_t i = 0; i < count && error == 0; i++) {
		struct site site = { .rela = rela };

		kldsim__rel_get(&dyn->elf, entries, rela, i, &site.rel);
		site.row = kldsim__reloc_row(&ireloc->sim->relocator,
		    site.rel.type);
		site.value.B = dyn->bias;
		site.value.P = dyn->bias + site.rel.offset;
		error = site.row != NULL && site.row->ifunc ?
		    irelative(ireloc, &site) : by_symbol(ireloc, &site);
	}
	return (error);
}

/* The machines that know IRELATIVE are those whose kernels do this. */
static bool
resolves_its_own(const struct kldsim *sim)
{
	for (size_t i = 0; i < sim->arch->nrows; i++)
		if (sim->arch->rows[i].ifunc &&
		    kldsim__holds(sim->arch->rows[i].when, &sim->facts))
			return (true);
	return (false);
}

/*
 * The tables in the order of D-41, PLTs last.  The first entry that fails ends
 * it, which nobody hears of: there is no console yet.
 */
int
kldsim__link_elf_ireloc(struct kldsim *sim)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(sim->linker.kernel);
	struct ireloc ireloc = { .sim = sim, .file = sim->linker.kernel, .dyn = dyn };
	int error;

	if (sim->options.nifuncs == 0 || !resolves_its_own(sim))
		return (0);
	error = table(&ireloc, dyn->rel, dyn->nrel, false);
	if (error == 0)
		error = table(&ireloc, dyn->rela, dyn->nrela, true);
	if (error == 0)
		error = table(&ireloc, dyn->plt, dyn->nplt, dyn->plt_rela);
	kldsim__addrindex_fini(&ireloc.ifuncs);
	return (error > 0 ? 0 : error);
}
