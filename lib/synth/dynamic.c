/* SPDX-License-Identifier: BSD-2-Clause */
/* What only ET_EXEC and ET_DYN have: .dynsym, .rela.dyn, .dynamic. */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

static const char red_herring[] = "/red/herring";

/* Where an explicit relocation goes. */
static enum kldsim__synth_table
explicit_fate(const struct kldsim_synth *synth,
    const struct kldsim__synth_reloc *reloc)
{
	uint32_t slot = synth->machine->jump_slot;

	if (slot != 0 && reloc->type == slot &&
	    synth->options[KLDSIM_SYNTH_PLT] != 0)
		return reloc->rela ? KLDSIM__SYNTH_RELA_PLT :
		    KLDSIM__SYNTH_REL_PLT;
	return reloc->rela ? KLDSIM__SYNTH_RELA_DYN : KLDSIM__SYNTH_REL_DYN;
}

/*
 * Which table of a linked file a relocation goes to, and as which type.  A
 * pointer is done here and now if it can be: linkers do the same.
 */
enum kldsim__synth_table
kldsim__synth_fate(const struct kldsim_synth *synth,
    const struct kldsim__synth_reloc *reloc, uint32_t *type_ret)
{
	const struct kldsim__synth_symbol *to = &synth->symbols[reloc->symbol];

	*type_ret = reloc->type;
	if (!reloc->pointer)
		return explicit_fate(synth, reloc);
	if (to->section == KLDSIM_SYNTH_UNDEF ||
	    to->section == KLDSIM_SYNTH_COMMON ||
	    to->type == KLDSIM_SYNTH_IFUNC)
		return explicit_fate(synth, reloc);
	if (synth->e_type == ET_EXEC || to->section == KLDSIM_SYNTH_ABS)
		return KLDSIM__SYNTH_STATIC;
	if (to->bind == STB_LOCAL || synth->is_kernel)
		*type_ret = synth->machine->relative;
	return explicit_fate(synth, reloc);
}

/* Count each table's relocations and mark the symbols they need. */
static void
count_relocs(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_section *section;
	enum kldsim__synth_table table;
	uint32_t type;
	size_t i, j;

	for (i = 1; i < synth->nsections; i++) {
		section = &synth->sections[i];
		for (j = 0; j < section->nrelocs; j++) {
			table = kldsim__synth_fate(synth, &section->relocs[j],
			    &type);
			if (table == KLDSIM__SYNTH_STATIC)
				continue;
			layout->table_count[table]++;
			if ((section->flags & SHF_WRITE) == 0)
				layout->text_relocs = true;
			if (type != synth->machine->relative &&
			    type != synth->machine->irelative)
				synth->symbols[section->relocs[j].symbol].flags
				    |= KLDSIM__SYNTH_NEEDED;
		}
	}
}

static bool
is_dynamic(const struct kldsim__synth_symbol *symbol)
{
	if ((symbol->flags & KLDSIM__SYNTH_NODYN) != 0)
		return false;
	if ((symbol->flags & KLDSIM__SYNTH_DYN) != 0)
		return true;
	return symbol->bind != STB_LOCAL ||
	    (symbol->flags & KLDSIM__SYNTH_NEEDED) != 0;
}

static void
choose(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	size_t i, n = 1;

	layout->dynsyms[0] = 0;
	layout->ndynlocals = 1;
	for (i = 1; i < layout->nsymbols; i++) {
		if (!is_dynamic(&synth->symbols[layout->symbols[i]]))
			continue;
		layout->dynsyms[n++] = layout->symbols[i];
		if (i < layout->nlocals)
			layout->ndynlocals = (uint32_t)n;
	}
	layout->ndynsyms = n;
}

static bool
dyn_names(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	const char *name;
	size_t i;

	if (!kldsim__synth_buf_add(synth, &layout->dyn_strings, "", 1))
		return false;
	layout->dyn_names[0] = 0;
	for (i = 1; i < layout->ndynsyms; i++) {
		name = kldsim__synth_symbol_name(synth, layout->dynsyms[i]);
		synth->symbols[layout->dynsyms[i]].dyn_index = (uint32_t)i;
		layout->dyn_names[i] = *name == '\0' ? 0 :
		    (uint32_t)layout->dyn_strings.size;
		if (*name != '\0' && !kldsim__synth_buf_add(synth,
		    &layout->dyn_strings, name, strlen(name) + 1))
			return false;
	}
	return true;
}

bool
kldsim__synth_dyn_symbols(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	size_t i;

	for (i = 0; i < synth->nsymbols; i++) {
		synth->symbols[i].dyn_index = 0;
		synth->symbols[i].flags &= (uint8_t)~KLDSIM__SYNTH_NEEDED;
	}
	count_relocs(layout);
	layout->dynsyms = malloc(layout->nsymbols * sizeof(*layout->dynsyms));
	layout->dyn_names = malloc(layout->nsymbols *
	    sizeof(*layout->dyn_names));
	if (layout->dynsyms == NULL || layout->dyn_names == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for .dynsym");
		return false;
	}
	choose(layout);
	if (synth->options[KLDSIM_SYNTH_GNU_HASH] != 0 &&
	    !kldsim__synth_gnu_order(layout))
		return false;
	if (!dyn_names(layout))
		return false;
	if (synth->options[KLDSIM_SYNTH_HASH] != 0 &&
	    !kldsim__synth_sysv_hash(layout))
		return false;
	return synth->options[KLDSIM_SYNTH_GNU_HASH] == 0 ||
	    kldsim__synth_gnu_hash(layout);
}

static uint32_t
bytes_place(struct kldsim__synth_layout *layout, const char *name,
    uint32_t type, const void *bytes, uint64_t size, uint64_t align)
{
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_BYTES,
	    .type = type, .flags = SHF_ALLOC, .group = KLDSIM__SYNTH_R};

	place.bytes = bytes;
	place.size = size;
	place.align = align;
	return kldsim__synth_place_add(layout, name, &place);
}

static void
table_places(struct kldsim__synth_layout *layout)
{
	static const char *const names[] = {".rel.dyn", ".rela.dyn", ".rel.plt",
	    ".rela.plt"};
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_DYNRELOCS,
	    .flags = SHF_ALLOC, .group = KLDSIM__SYNTH_R};
	uint32_t i;
	bool rela;

	for (i = 0; i < KLDSIM__SYNTH_TABLES; i++) {
		if (layout->table_count[i] == 0)
			continue;
		rela = i == KLDSIM__SYNTH_RELA_DYN ||
		    i == KLDSIM__SYNTH_RELA_PLT;
		place.table = i;
		place.type = rela ? SHT_RELA : SHT_REL;
		place.entsize = kldsim__synth_reloc_size(synth, rela);
		place.size = layout->table_count[i] * place.entsize;
		place.align = kldsim__synth_word(synth);
		place.link = layout->dynsym;
		layout->tables[i] = kldsim__synth_place_add(layout, names[i],
		    &place);
	}
}

static void
dynsym_place(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_DYNSYMS,
	    .type = SHT_DYNSYM, .flags = SHF_ALLOC, .group = KLDSIM__SYNTH_R};

	place.entsize = kldsim__synth_sym_size(synth);
	place.size = layout->ndynsyms * place.entsize;
	place.align = kldsim__synth_word(synth);
	place.info = layout->ndynlocals;
	layout->dynsym = kldsim__synth_place_add(layout, ".dynsym", &place);
}

static void
link_to(struct kldsim__synth_layout *layout, uint32_t place, uint32_t link)
{
	if (place != 0)
		layout->places[place].link = link;
}

/* What comes before the sections of the caller's. */
void
kldsim__synth_dyn_places(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;

	if (synth->options[KLDSIM_SYNTH_INTERP] != 0)
		layout->interp = bytes_place(layout, ".interp", SHT_PROGBITS,
		    red_herring, sizeof(red_herring), 1);
	if (layout->hash.size != 0)
		layout->hash_place = bytes_place(layout, ".hash", SHT_HASH,
		    layout->hash.data, layout->hash.size, 4);
	if (layout->gnu_hash.size != 0)
		layout->gnu_hash_place = bytes_place(layout, ".gnu.hash",
		    SHT_GNU_HASH, layout->gnu_hash.data, layout->gnu_hash.size,
		    kldsim__synth_word(synth));
	dynsym_place(layout);
	layout->dynstr = bytes_place(layout, ".dynstr", SHT_STRTAB,
	    layout->dyn_strings.data, layout->dyn_strings.size, 1);
	if (kldsim__synth_bad(synth))
		return;
	if (layout->hash_place != 0)
		layout->places[layout->hash_place].entsize = 4;
	if (layout->gnu_hash_place != 0 && !synth->is64)
		layout->places[layout->gnu_hash_place].entsize = 4;
	link_to(layout, layout->hash_place, layout->dynsym);
	link_to(layout, layout->gnu_hash_place, layout->dynsym);
	link_to(layout, layout->dynsym, layout->dynstr);
	table_places(layout);
}

static void
tag(struct kldsim__synth_layout *layout, uint64_t number, uint64_t value)
{
	if (!kldsim__synth_grow(layout->synth, &layout->tags, &layout->tags_cap,
	    layout->ntags + 1, sizeof(*layout->tags)))
		return;
	layout->tags[layout->ntags++] =
	    (struct kldsim__synth_tag){number, value};
}

static void
table_tags(struct kldsim__synth_layout *layout, uint32_t table)
{
	static const struct {
		uint32_t at, size, entsize, plt;
	} numbers[] = {
		{DT_REL, DT_RELSZ, DT_RELENT, 0},
		{DT_RELA, DT_RELASZ, DT_RELAENT, 0},
		{DT_JMPREL, DT_PLTRELSZ, 0, DT_REL},
		{DT_JMPREL, DT_PLTRELSZ, 0, DT_RELA},
	};
	const struct kldsim__synth_place *place;

	if (layout->tables[table] == 0)
		return;
	place = &layout->places[layout->tables[table]];
	tag(layout, numbers[table].at, place->addr);
	tag(layout, numbers[table].size, place->size);
	if (numbers[table].entsize != 0)
		tag(layout, numbers[table].entsize, place->entsize);
	if (numbers[table].plt != 0)
		tag(layout, DT_PLTREL, numbers[table].plt);
}

static void
got_tag(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	int got = kldsim__synth_find_section(synth, ".got.plt");

	if (got == 0)
		got = kldsim__synth_find_section(synth, ".got");
	if (got != 0 && (layout->tables[KLDSIM__SYNTH_REL_PLT] != 0 ||
	    layout->tables[KLDSIM__SYNTH_RELA_PLT] != 0))
		tag(layout, DT_PLTGOT, synth->sections[got].addr);
}

static void
array_tags(struct kldsim__synth_layout *layout, const char *name,
    uint64_t at, uint64_t size)
{
	struct kldsim_synth *synth = layout->synth;
	int section = kldsim__synth_find_section(synth, name);

	if (section == 0)
		return;
	tag(layout, at, synth->sections[section].addr);
	tag(layout, size, synth->sections[section].size);
}

/* Fill the tags; called before places have addresses too, to count them. */
void
kldsim__synth_tags(struct kldsim__synth_layout *layout)
{
	const struct kldsim__synth_place *places = layout->places;
	uint32_t i;

	if (layout->synth->e_type == ET_REL)
		return;
	layout->ntags = 0;
	if (layout->hash_place != 0)
		tag(layout, DT_HASH, places[layout->hash_place].addr);
	if (layout->gnu_hash_place != 0)
		tag(layout, DT_GNU_HASH, places[layout->gnu_hash_place].addr);
	tag(layout, DT_STRTAB, places[layout->dynstr].addr);
	tag(layout, DT_SYMTAB, places[layout->dynsym].addr);
	tag(layout, DT_STRSZ, layout->dyn_strings.size);
	tag(layout, DT_SYMENT, places[layout->dynsym].entsize);
	for (i = 0; i < KLDSIM__SYNTH_TABLES; i++)
		table_tags(layout, i);
	got_tag(layout);
	array_tags(layout, ".init_array", DT_INIT_ARRAY, DT_INIT_ARRAYSZ);
	array_tags(layout, ".fini_array", DT_FINI_ARRAY, DT_FINI_ARRAYSZ);
	if (layout->text_relocs)
		tag(layout, DT_TEXTREL, 0);
	tag(layout, DT_NULL, 0);
}

/* .dynamic, which comes first among what is writable. */
void
kldsim__synth_dyn_late_places(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_TAGS,
	    .type = SHT_DYNAMIC, .flags = SHF_ALLOC | SHF_WRITE};

	if (kldsim__synth_bad(synth))
		return;
	kldsim__synth_tags(layout);
	place.entsize = 2 * kldsim__synth_word(synth);
	place.size = layout->ntags * place.entsize;
	place.align = kldsim__synth_word(synth);
	place.link = layout->dynstr;
	place.group = synth->options[KLDSIM_SYNTH_RELRO] != 0 ?
	    KLDSIM__SYNTH_RELRO_GROUP : KLDSIM__SYNTH_RW;
	layout->dynamic = kldsim__synth_place_add(layout, ".dynamic", &place);
}
