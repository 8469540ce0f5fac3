/* SPDX-License-Identifier: BSD-2-Clause */
/* All relocations as one list: by section, then by the table they go to. */

#include <stdlib.h>
#include <string.h>

#include "spec/from_impl.h"

/* A table of JUMP_SLOTs, as linkers call it. */
static bool
is_plt(const char *name)
{
	const size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".plt") == 0;
}

static uint8_t
table_of(struct kldsim__from *from, uint32_t table, uint32_t type, bool rela)
{
	bool slot = from->e_type != ET_REL && from->machine->jump_slot != 0 &&
	    type == from->machine->jump_slot;

	if (slot && !is_plt(from->sections[table].name)) {
		from->slots_elsewhere = true;
		slot = false;
	}
	if (rela)
		return slot ? KLDSIM__SYNTH_RELA_PLT : KLDSIM__SYNTH_RELA_DYN;
	return slot ? KLDSIM__SYNTH_REL_PLT : KLDSIM__SYNTH_REL_DYN;
}

static bool
add(struct kldsim__from *from, const struct kldsim__from_reloc *reloc)
{
	struct kldsim__from_reloc *bigger;
	size_t cap = from->relocs_cap == 0 ? 64 : from->relocs_cap * 2;

	if (from->nrelocs == from->relocs_cap) {
		bigger = realloc(from->relocs, cap * sizeof(*bigger));
		if (bigger == NULL) {
			kldsim__from_fail(from, KLDSIM_NOMEM, "no memory");
			return false;
		}
		from->relocs = bigger;
		from->relocs_cap = cap;
	}
	from->relocs[from->nrelocs] = *reloc;
	from->relocs[from->nrelocs].number = (uint32_t)from->nrelocs;
	from->nrelocs++;
	return true;
}

/* Which section a relocation is in, and where. */
static void
locate(struct kldsim__from *from, uint32_t table, uint64_t number,
    struct kldsim__from_reloc *reloc)
{
	uint64_t offset = reloc->at;

	if (from->e_type == ET_REL) {
		reloc->section = from->sections[table].info;
		return;
	}
	reloc->section = kldsim__from_section_at(from, offset);
	if (reloc->section == 0)
		kldsim__from_fail(from, KLDSIM_UNSUPPORTED, "relocation %llu "
		    "of section %u: 0x%llx is in no section of the spec",
		    (unsigned long long)number, (unsigned)table,
		    (unsigned long long)offset);
	reloc->at -= from->sections[reloc->section].addr;
}

static void
read_reloc(struct kldsim__from *from, uint32_t table, uint64_t number,
    bool rela)
{
	unsigned word = from->is64 ? 8 : 4;
	uint64_t at = from->sections[table].offset + number *
	    kldsim__synth_reloc_size(&from->order, rela), info, symbol;
	const uint32_t *map = from->e_type == ET_REL ? from->symtab_map :
	    from->dynsym_map;
	uint32_t count = from->e_type == ET_REL ? from->nsymtab :
	    from->ndynsym;
	struct kldsim__from_reloc reloc = {0};

	reloc.at = kldsim__from_get(from, at, word);
	info = kldsim__from_get(from, at + word, word);
	symbol = from->is64 ? info >> 32 : info >> 8;
	reloc.type = (uint32_t)(from->is64 ? info : info & 0xff);
	reloc.rela = rela;
	reloc.table = table_of(from, table, reloc.type, rela);
	if (rela)
		reloc.addend = (int64_t)kldsim__from_get(from, at + 2 * word,
		    word);
	if (rela && !from->is64)
		reloc.addend = (int32_t)reloc.addend;
	if (symbol != 0 && symbol >= count) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "relocation %llu of section %u: there is no symbol %llu",
		    (unsigned long long)number, (unsigned)table,
		    (unsigned long long)symbol);
		return;
	}
	reloc.symbol = symbol == 0 ? 0 : map[symbol];
	locate(from, table, number, &reloc);
	if (!kldsim__from_bad(from))
		(void)add(from, &reloc);
}

/* ET_REL: a table of a section in the spec; linked: a loaded table. */
static bool
is_wanted(const struct kldsim__from *from,
    const struct kldsim__from_section *table)
{
	if (table->type != SHT_REL && table->type != SHT_RELA)
		return false;
	if (from->e_type != ET_REL)
		return (table->flags & SHF_ALLOC) != 0;
	return table->info != 0 && table->info < from->nsections &&
	    from->sections[table->info].id != 0;
}

static void
read_table(struct kldsim__from *from, uint32_t table)
{
	bool rela = from->sections[table].type == SHT_RELA;
	uint64_t count = from->sections[table].size /
	    kldsim__synth_reloc_size(&from->order, rela), i;

	if (count > UINT32_MAX / 2 - from->nrelocs) {
		kldsim__from_fail(from, KLDSIM_LIMIT, "too many relocations");
		return;
	}
	for (i = 0; i < count && !kldsim__from_bad(from); i++)
		read_reloc(from, table, i, rela);
}

static const struct kldsim__from_section *
section_of(const struct kldsim__from *from, const void *reloc)
{
	return &from->sections[((const struct kldsim__from_reloc *)reloc)->
	    section];
}

/* The ids of sections, put where the comparison can see them. */
static int
by_place(const void *left, const void *right)
{
	const struct kldsim__from_reloc *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* From here on the section of a relocation is its id in the spec. */
static void
sort_relocs(struct kldsim__from *from)
{
	size_t i;

	for (i = 0; i < from->nrelocs; i++)
		from->relocs[i].section = section_of(from,
		    &from->relocs[i])->id;
	if (from->nrelocs != 0)
		qsort(from->relocs, from->nrelocs, sizeof(*from->relocs),
		    by_place);
}

void
kldsim__from_relocs(struct kldsim__from *from)
{
	uint32_t i;

	for (i = 1; i < from->nsections && !kldsim__from_bad(from); i++)
		if (is_wanted(from, &from->sections[i]))
			read_table(from, i);
	if (!kldsim__from_bad(from))
		sort_relocs(from);
}
