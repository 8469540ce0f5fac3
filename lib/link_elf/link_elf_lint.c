/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What reaches for a module's own copy of a set, which nobody uses: code whose
 * addresses no relocation can move, relocations whose values stay, and
 * pointers that miss the set by a hair (D-36, D-50, D-53, D-71).
 *
 * Nothing here changes the simulated kernel, and a file without a set costs
 * nothing.  Words of data that no relocation covers are not looked at: static
 * linkers leave no address of a shared object without one, so that whatever
 * looks like one is a number.
 */

#include <inttypes.h>

#include "link_elf/link_elf.h"

#include "linker_class/set_part.h"
#include "kern/bad_news.h"
#include "linker_class/elf_set.h"

struct lint {
	struct kldsim *sim;
	struct kldsim__file *file;
	const struct kldsim__dyn *dyn;
	struct surroundings {
		kldsim_addr below; /* where the section in front ends */
		kldsim_addr above; /* where the section behind begins */
		enum { UNASKED, NOTHING, SOMETHING } at_stop; /* begins */
	} around[2]; /* by enum kldsim_set */
};

static const char *const set_names[] = { "set_pcpu", "set_vnet" };

static bool
in_set(const struct kldsim__dynset *set, kldsim_addr address)
{
	return (address >= set->start && address < set->stop);
}

/* The set in which an address of the file lies, or NULL. */
static const struct kldsim__dynset *
set_of(const struct lint *lint, kldsim_addr address)
{
	for (unsigned i = 0; i < 2; i++)
		if (in_set(&lint->dyn->sets[i], address))
			return (&lint->dyn->sets[i]);
	return (NULL);
}

static const char *
set_name(const struct lint *lint, const struct kldsim__dynset *set)
{
	return (set_names[set - lint->dyn->sets]);
}

static const char *
instances(const struct lint *lint, const struct kldsim__dynset *set)
{
	return (set == &lint->dyn->sets[KLDSIM_SET_DPCPU] ? "CPU" : "vnet");
}

/* One more of these is only counted: that spares looking where it is. */
static bool
enough(const struct lint *lint, enum kldsim__finding which)
{
	return (kldsim__report_enough(&lint->sim->report, which));
}

/* A place in the file, by its section if that is known. */
static struct kldsim__where
place(const struct lint *lint, kldsim_addr address)
{
	const struct kldsim__file *file = lint->file;
	struct kldsim__where where = { .file = file->filename,
		.has_offset = true,
		.offset = (address - file->address) & lint->dyn->mask };

	for (size_t i = 0; i < file->nsections; i++) {
		const struct kldsim_section *section = &file->sections[i];

		if (address - section->hole >= section->size)
			continue;
		where.section = section->name;
		where.section_index = section->index;
		where.offset = address - section->hole;
	}
	return (where);
}

/* Symbols of one value that are looked at for the name of a variable. */
#define ALIASES 16u

/* The variable of a set that has an address in it, or NULL. */
static const char *
variable(const struct lint *lint, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = lint->dyn;
	struct kldsim__nearest nearest;
	size_t slot;
	int error = lint->file->class->search_symbol(lint->sim, lint->file,
	    address, &nearest); /* makes the index */

	if (error < 0)
		lint->sim->report.failed = true; /* no memory */
	if (error != 0)
		return (NULL);
	slot = kldsim__addrindex_upto(&dyn->addresses, address);
	for (unsigned i = 0; i < ALIASES && slot-- > 0; i++) {
		struct kldsim__sym sym;

		kldsim__sym_get(&dyn->symtab,
		    dyn->addresses.slots[slot].index, &sym);
		if ((sym.info & 0xf) == STT_OBJECT &&
		    address - dyn->addresses.slots[slot].value < sym.size)
			return (kldsim__sym_name(&dyn->symtab, sym.name));
	}
	return (NULL);
}

/* --- code --- */

static void
tell_code(const struct kldsim__code *code, kldsim_addr at,
    kldsim_addr target, const char *how)
{
	const struct lint *lint = code->user;
	const char *option = lint->sim->arch->code.ld_option;
	const struct kldsim__dynset *set = set_of(lint, target);
	struct kldsim__where where;

	if (set == NULL || enough(lint, KLDSIM__F_SET_NOT_REDIRECTED))
		return;
	where = place(lint, at);
	where.symbol = variable(lint, target);
	kldsim__find(lint->sim, KLDSIM__F_SET_NOT_REDIRECTED, &where,
	    "%s: the code makes the address by itself, so that it stays in "
	    "the module's own image of %s, which no %s uses; compile with "
	    "-fPIC and the variable not static%s%s (see "
	    "FreeBSD-EN-23:08.vnet)", how, set_name(lint, set),
	    instances(lint, set),
	    option != NULL ? ", and link with " : "",
	    option != NULL ? option : "");
}

/* What code holds in its GOT or TOC register; false: nobody knows. */
static bool
find_got(const struct lint *lint, kldsim_addr *got_ret)
{
	const struct kldsim__arch_code *code = &lint->sim->arch->code;

	*got_ret = 0;
	if (code->got == NULL)
		return (true);
	for (size_t i = 0; i < lint->file->nsections; i++) {
		const struct kldsim_section *section =
		    &lint->file->sections[i];

		if (strcmp(section->name, code->got) != 0)
			continue;
		*got_ret = section->hole + code->got_offset;
		return (true);
	}
	return (false);
}

/* From the start of the lower set to the end of the higher one. */
static void
both_sets(const struct kldsim__dyn *dyn, struct kldsim__code *code)
{
	code->start = UINT64_MAX;
	code->stop = 0;
	for (unsigned i = 0; i < 2; i++) {
		const struct kldsim__dynset *set = &dyn->sets[i];

		if (set->start >= set->stop)
			continue;
		if (set->start < code->start)
			code->start = set->start;
		if (set->stop > code->stop)
			code->stop = set->stop;
	}
}

static void
scan_segment(const struct lint *lint, struct kldsim__code *code,
    const GElf_Phdr *segment)
{
	code->address = kldsim__dyn_address(lint->dyn,
	    segment->p_vaddr - lint->dyn->base_vaddr);
	code->size = segment->p_filesz;
	code->bytes = kldsim__dyn_own(lint->file, code->address, code->size);
	if (code->bytes != NULL)
		lint->sim->arch->code.scan(code);
}

/* As many segments as any release takes, so that overlaps cost little. */
static void
lint_code(struct lint *lint)
{
	const struct kldsim__elf *elf = &lint->dyn->elf;
	const size_t each = kldsim__elf_sizeof(elf, ELF_T_PHDR);
	unsigned left = KLDSIM__MAXSEGS;
	struct kldsim__code code = { .big = elf->big, .told = tell_code,
		.user = lint };

	if (lint->sim->arch->code.scan == NULL ||
	    !find_got(lint, &code.got))
		return;
	both_sets(lint->dyn, &code);
	for (unsigned i = 0; i < elf->ehdr.e_phnum && left > 0; i++) {
		GElf_Phdr segment;

		if (!kldsim__elf_phdrs(elf, elf->ehdr.e_phoff + i * each, 1,
		    &segment))
			return;
		if (segment.p_type != PT_LOAD ||
		    (segment.p_flags & PF_X) == 0)
			continue;
		scan_segment(lint, &code, &segment);
		left--;
	}
}

/* --- relocations --- */

/* A relocation of a whole address, and the address that is there now. */
struct stored {
	const struct kldsim__reloc_row *row;
	uint32_t symbol;
	kldsim_addr at;
	kldsim_addr value;
};

static void
tell_stays(const struct lint *lint, const struct stored *stored,
    const struct kldsim__dynset *set)
{
	struct kldsim__where where;

	if (enough(lint, KLDSIM__F_SET_NOT_REDIRECTED))
		return;
	where = place(lint, stored->at);
	where.symbol = variable(lint, stored->value);
	kldsim__find(lint->sim, KLDSIM__F_SET_NOT_REDIRECTED, &where,
	    "%s stores an address in the module's own image of %s, which no "
	    "%s uses: this kernel %s; make the variable global",
	    stored->row->name, set_name(lint, set), instances(lint, set),
	    set->base == 0 ?
	    "allocates nothing for the set" :
	    stored->row->formula == KLDSIM__B_PLUS_A ?
	    "does not move relative addresses" :
	    "takes a local symbol as it stands");
}

static void
tell_edge(const struct lint *lint, const struct stored *stored,
    const struct kldsim__dynset *set, const char *where_to)
{
	struct kldsim__where where;

	if (enough(lint, KLDSIM__F_SET_EDGE))
		return;
	where = place(lint, stored->at);
	kldsim__find(lint->sim, KLDSIM__F_SET_EDGE, &where,
	    "%s stores a pointer %s %s: only what lies in the set is moved, "
	    "so it stays with the module's own image of the set; keep "
	    "something behind the last variable, as ldscript.kmod.i386 does",
	    stored->row->name, where_to, set_name(lint, set));
}

/* Nothing is allotted for a set that is all padding (D-32). */
static void
tell_padding(const struct lint *lint, const struct stored *stored,
    const struct kldsim__dynset *set)
{
	struct kldsim__where where;

	if (enough(lint, KLDSIM__F_SET_EDGE))
		return;
	where = place(lint, stored->at);
	kldsim__find(lint->sim, KLDSIM__F_SET_EDGE, &where,
	    "%s points into %s, for which the kernel allocates nothing: it "
	    "stores 0x%" PRIx64 ", a null pointer and what is left of the "
	    "distance; define a variable in the set, or do not refer to it",
	    stored->row->name, set_name(lint, set), stored->value);
}

/* Whether anything else of the file begins where the set ends. */
static bool
begins_something(const struct lint *lint, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = lint->dyn;

	for (uint32_t i = 0; i < dyn->symtab.count; i++) {
		struct kldsim__sym sym;
		const char *name;

		kldsim__sym_get(&dyn->symtab, i, &sym);
		if (kldsim__dyn_address(dyn, sym.value) != address ||
		    (sym.info & 0xf) == STT_SECTION)
			continue;
		name = kldsim__sym_name(&dyn->symtab, sym.name);
		if (name != NULL && strncmp(name, "__stop_set_", 11) != 0)
			return (true);
	}
	for (size_t i = 0; i < lint->file->nsections && !dyn->has_symtab; i++)
		if (lint->file->sections[i].hole == address)
			return (true);
	return (false);
}

/*
 * How far from a set an address is still meant for it: as far as an index that
 * is off by one takes it, for elements of some size.
 */
#define NEAR 64u

/* The gaps around a set, which are nobody's. */
static void
look_around(struct lint *lint, unsigned which)
{
	const struct kldsim__dynset *set = &lint->dyn->sets[which];
	struct surroundings *around = &lint->around[which];

	around->below = set->start > NEAR ? set->start - NEAR : 0;
	around->above = set->stop + NEAR;
	for (size_t i = 0; i < lint->file->nsections; i++) {
		const struct kldsim_section *section =
		    &lint->file->sections[i];
		kldsim_addr end = section->hole + section->size;

		if (section->hole < set->start && end > around->below)
			around->below = end;
		if (end > set->stop && section->hole < around->above)
			around->above = section->hole;
	}
}

/* An address next to the set that belongs to nothing else, and its side. */
static const char *
which_edge(struct lint *lint, unsigned which, kldsim_addr address)
{
	const struct kldsim__dynset *set = &lint->dyn->sets[which];
	struct surroundings *around = &lint->around[which];

	if (lint->file->nsections == 0)
		return (NULL); /* nobody knows what lies there */
	if (address > set->stop && address < around->above)
		return ("just behind");
	/* Right at its end the section in front may be meant. */
	if (address < set->start && address > around->below)
		return ("just in front of");
	if (address != set->stop)
		return (NULL);
	if (around->at_stop == UNASKED)
		around->at_stop = begins_something(lint, address) ?
		    SOMETHING : NOTHING;
	return (around->at_stop == NOTHING ? "to the end of" : NULL);
}

static void
lint_stored(struct lint *lint, const struct stored *stored)
{
	const struct kldsim__dynset *set = set_of(lint, stored->value);

	if (set != NULL) {
		tell_stays(lint, stored, set);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		const char *edge;

		set = &lint->dyn->sets[i];
		if (set->start >= set->stop)
			continue;
		edge = which_edge(lint, i, stored->value);
		if (edge != NULL)
			tell_edge(lint, stored, set, edge);
		else if (set->base == 0 && stored->row->relocaddr &&
		    stored->value < set->stop - set->start)
			tell_padding(lint, stored, set);
	}
}

/* Rows that store an address, not a part of it nor a distance. */
static bool
stores_address(const struct lint *lint, const struct kldsim__reloc_row *row)
{
	return (row != NULL && row->encoding == NULL &&
	    row->width == kldsim__arch_ptrsz(lint->sim->arch) &&
	    (row->formula == KLDSIM__B_PLUS_A || row->formula == KLDSIM__S ||
	    row->formula == KLDSIM__S_PLUS_A));
}

static void
lint_entry(struct lint *lint, const struct kldsim__rel *rel)
{
	const struct kldsim__dyn *dyn = lint->dyn;
	struct stored stored = {
		.row = kldsim__reloc_row(&lint->sim->relocator, rel->type),
		.symbol = rel->sym,
		.at = kldsim__dyn_address(dyn, rel->offset)
	};
	const uint8_t *bytes;

	if (!stores_address(lint, stored.row) ||
	    set_of(lint, stored.at) != NULL)
		return; /* pointers in a set: pointer-not-propagated */
	bytes = kldsim__dyn_own(lint->file, stored.at, stored.row->width);
	if (bytes == NULL)
		return;
	stored.value = kldsim__load(bytes, stored.row->width, dyn->elf.big);
	lint_stored(lint, &stored);
}

static void
lint_table(struct lint *lint, enum kldsim__dyntable which)
{
	const struct kldsim__dyn *dyn = lint->dyn;
	const struct kldsim__dynrel *table = &dyn->tags.tables[which];
	const bool rela = which == KLDSIM__DYN_RELA ||
	    which == KLDSIM__DYN_PLTRELA;
	const unsigned each = (rela ? 3 : 2) * (dyn->elf.is64 ? 8 : 4);
	const uint8_t *bytes = kldsim__dyn_own(lint->file, table->address, 0);
	const uint64_t room = kldsim__dyn_room(lint->file, table->address) /
	    each;
	uint64_t count = table->address != 0 && table->size > 0 ?
	    (uint64_t)table->size / each : 0;

	for (uint64_t i = 0; i < count && i < room; i++) {
		struct kldsim__rel rel;

		kldsim__rel_get(&dyn->elf, bytes, rela, i, &rel);
		lint_entry(lint, &rel);
	}
}

/* --- preloaded files --- */

/* Initial values that CPU 0 never gets, the padding left out. */
static void
lint_lost(const struct lint *lint)
{
	struct kldsim__where where = { .file = lint->file->filename,
		.section = "set_pcpu" };
	struct kldsim__part_lost lost;
	struct kldsim_set_part part;

	if (lint->file->nparts[KLDSIM_SET_DPCPU] == 0)
		return;
	part = *lint->file->parts[KLDSIM_SET_DPCPU];
	if (lint->sim->arch->set_padding &&
	    lint->sim->facts.i386_set_padding)
		part.size -= 4;
	if (kldsim__part_compare(lint->sim, &part, &lost) == 0 &&
	    lost.bytes != 0)
		where.symbol = variable(lint,
		    lint->dyn->sets[KLDSIM_SET_DPCPU].start + lost.first);
	kldsim__part_report_lost(lint->sim, &where, &part, &lost);
}

void
kldsim__dyn_lint(struct kldsim *sim, struct kldsim__file *file)
{
	struct lint lint = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file) };

	/* A refused file has places that nobody has relocated. */
	if (lint.dyn == NULL || !lint.dyn->relocated)
		return;
	kldsim__dyn_lint_headers(sim, file);
	if (lint.dyn->sets[0].start >= lint.dyn->sets[0].stop &&
	    lint.dyn->sets[1].start >= lint.dyn->sets[1].stop)
		return;
	look_around(&lint, KLDSIM_SET_DPCPU);
	look_around(&lint, KLDSIM_SET_VNET);
	for (unsigned i = 0; i < KLDSIM__DYN_NTABLES; i++)
		lint_table(&lint, (enum kldsim__dyntable)i);
	lint_code(&lint);
	if (lint.dyn->preloaded)
		lint_lost(&lint);
}
