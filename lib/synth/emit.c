/* SPDX-License-Identifier: BSD-2-Clause */
/* From places to bytes, in the target's word size and byte order. */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

void
kldsim__synth_put(const struct kldsim_synth *synth, unsigned char *at,
    unsigned width, uint64_t value)
{
	unsigned i;

	for (i = 0; i < width; i++, value >>= 8)
		at[synth->big ? width - 1 - i : i] = (unsigned char)value;
}

uint64_t
kldsim__synth_get(const struct kldsim_synth *synth, const unsigned char *at,
    unsigned width)
{
	uint64_t value = 0;
	unsigned i;

	for (i = 0; i < width; i++)
		value = value << 8 | at[synth->big ? i : width - 1 - i];
	return value;
}

struct out {
	const struct kldsim_synth *synth;
	unsigned char *at;
};

static void
put(struct out *out, unsigned width, uint64_t value)
{
	kldsim__synth_put(out->synth, out->at, width, value);
	out->at += width;
}

static void
word(struct out *out, uint64_t value)
{
	put(out, out->synth->is64 ? 8 : 4, value);
}

static void
emit_ident(const struct kldsim_synth *synth, unsigned char *at)
{
	memcpy(at, ELFMAG, SELFMAG);
	at[EI_CLASS] = synth->is64 ? ELFCLASS64 : ELFCLASS32;
	at[EI_DATA] = synth->big ? ELFDATA2MSB : ELFDATA2LSB;
	at[EI_VERSION] = EV_CURRENT;
	at[EI_OSABI] = (unsigned char)synth->options[KLDSIM_SYNTH_OSABI];
}

/* The first address of .text, if this is linked. */
static uint64_t
entry(const struct kldsim_synth *synth)
{
	int text = kldsim__synth_find_section(synth, ".text");

	if (synth->e_type == ET_REL || text == 0 || !synth->is_kernel)
		return 0;
	return synth->sections[text].addr;
}

static void
emit_ehdr(const struct kldsim__synth_layout *layout)
{
	const struct kldsim_synth *synth = layout->synth;
	struct out out = {synth, layout->out + EI_NIDENT};
	bool headers = synth->options[KLDSIM_SYNTH_HEADERS] != 0;
	unsigned ehsize = synth->is64 ? 64 : 52;
	unsigned phsize = synth->is64 ? 56 : 32;

	emit_ident(synth, layout->out);
	put(&out, 2, synth->e_type);
	put(&out, 2, synth->options[KLDSIM_SYNTH_E_MACHINE]);
	put(&out, 4, EV_CURRENT);
	word(&out, entry(synth));
	word(&out, layout->nphdrs == 0 ? 0 : ehsize);
	word(&out, layout->shoff);
	put(&out, 4, synth->options[KLDSIM_SYNTH_E_FLAGS]);
	put(&out, 2, ehsize);
	put(&out, 2, layout->nphdrs == 0 ? 0 : phsize);
	put(&out, 2, layout->nphdrs);
	put(&out, 2, headers ? (synth->is64 ? 64 : 40) : 0);
	put(&out, 2, headers ? layout->nplaces : 0);
	put(&out, 2, headers ? layout->shstrtab : 0);
}

static void
emit_phdrs(const struct kldsim__synth_layout *layout)
{
	const struct kldsim_synth *synth = layout->synth;
	struct out out = {synth, layout->out + (synth->is64 ? 64 : 52)};
	const struct kldsim__synth_phdr *phdr = layout->phdrs;
	size_t i;

	for (i = 0; i < layout->nphdrs; i++, phdr++) {
		put(&out, 4, phdr->type);
		if (synth->is64)
			put(&out, 4, phdr->flags);
		word(&out, phdr->offset);
		word(&out, phdr->vaddr);
		word(&out, phdr->vaddr);
		word(&out, phdr->filesz);
		word(&out, phdr->memsz);
		if (!synth->is64)
			put(&out, 4, phdr->flags);
		word(&out, phdr->align);
	}
}

static void
emit_shdrs(const struct kldsim__synth_layout *layout)
{
	struct out out = {layout->synth, layout->out + layout->shoff};
	const struct kldsim__synth_place *place = layout->places;
	size_t i;

	for (i = 0; i < layout->nplaces; i++, place++) {
		put(&out, 4, place->name);
		put(&out, 4, place->type);
		word(&out, place->flags);
		word(&out, place->addr);
		word(&out, place->offset);
		word(&out, place->size);
		put(&out, 4, place->link);
		put(&out, 4, place->info);
		word(&out, place->align);
		word(&out, place->entsize);
	}
}

static uint32_t
shndx(const struct kldsim_synth *synth, const struct kldsim__synth_symbol *of)
{
	if (of->section == KLDSIM_SYNTH_ABS)
		return SHN_ABS;
	if (of->section == KLDSIM_SYNTH_COMMON)
		return SHN_COMMON;
	return of->section == 0 ? SHN_UNDEF :
	    synth->sections[of->section].index;
}

static void
emit_symbol(struct out *out, const struct kldsim__synth_symbol *of,
    uint32_t name)
{
	uint32_t index = shndx(out->synth, of);
	unsigned info = (unsigned)(of->bind << 4 | of->type);

	put(out, 4, name);
	if (!out->synth->is64) {
		put(out, 4, of->final);
		put(out, 4, of->size);
	}
	put(out, 1, info);
	put(out, 1, of->other);
	put(out, 2, index);
	if (out->synth->is64) {
		put(out, 8, of->final);
		put(out, 8, of->size);
	}
}

static void
emit_symbols(const struct kldsim__synth_layout *layout, struct out *out,
    const uint32_t *order, const uint32_t *names, size_t n)
{
	const struct kldsim__synth_symbol *of;
	size_t i;

	for (i = 0; i < n; i++) {
		of = &layout->synth->symbols[order[i]];
		emit_symbol(out, of, names != NULL ? names[i] : of->name);
	}
}

static void
emit_reloc(struct out *out, bool rela, uint64_t offset, uint32_t symbol,
    uint32_t type, uint64_t addend)
{
	word(out, offset);
	if (out->synth->is64)
		put(out, 8, (uint64_t)symbol << 32 | type);
	else
		put(out, 4, symbol << 8 | (type & 0xff));
	if (rela)
		word(out, addend);
}

/* Store an addend or an address where the target will find it. */
static void
store_in_place(const struct kldsim__synth_layout *layout, size_t user,
    const struct kldsim__synth_reloc *reloc, uint64_t value, unsigned width)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_section *section = &synth->sections[user];

	if (width == 0 || section->type == SHT_NOBITS ||
	    section->bytes.size < width ||
	    reloc->offset > section->bytes.size - width) {
		synth->origin.line = reloc->line;
		synth->origin.column = reloc->column;
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: no room for an addend at offset 0x%llx",
		    kldsim__synth_section_name(synth, (int)user),
		    (unsigned long long)reloc->offset);
		return;
	}
	kldsim__synth_put(synth, layout->out + section->offset + reloc->offset,
	    width, value);
}

/* The table of one section (ET_REL). */
static void
emit_section_relocs(const struct kldsim__synth_layout *layout, struct out *out,
    const struct kldsim__synth_place *place)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_section *section =
	    &synth->sections[place->user];
	const struct kldsim__synth_reloc *reloc = section->relocs;
	bool rela = place->type == SHT_RELA;
	size_t i;

	for (i = 0; i < section->nrelocs; i++, reloc++) {
		if (reloc->rela != rela)
			continue;
		emit_reloc(out, rela, reloc->offset,
		    synth->symbols[reloc->symbol].index, reloc->type,
		    (uint64_t)reloc->addend);
		if (!rela && reloc->addend != 0)
			store_in_place(layout, place->user, reloc,
			    (uint64_t)reloc->addend,
			    kldsim__synth_reloc_width(synth, reloc->type));
	}
}

static void
emit_dyn_reloc(const struct kldsim__synth_layout *layout, struct out *outs,
    size_t user, const struct kldsim__synth_reloc *reloc)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_symbol *to = &synth->symbols[reloc->symbol];
	uint32_t type, symbol = to->dyn_index;
	enum kldsim__synth_table table = kldsim__synth_fate(synth, reloc,
	    &type);
	uint64_t addend = (uint64_t)reloc->addend;
	bool relative = type != 0 && (type == synth->machine->relative ||
	    type == synth->machine->irelative);

	if (table == KLDSIM__SYNTH_STATIC || relative)
		addend += to->final;
	if (relative)
		symbol = 0;
	if (table != KLDSIM__SYNTH_STATIC)
		emit_reloc(&outs[table], reloc->rela,
		    synth->sections[user].addr + reloc->offset, symbol, type,
		    addend);
	if (table == KLDSIM__SYNTH_STATIC || (!reloc->rela && addend != 0))
		store_in_place(layout, user, reloc, addend,
		    kldsim__synth_reloc_width(synth, type));
	else if (relative && synth->is_kernel && reloc->pointer)
		store_in_place(layout, user, reloc, addend,
		    kldsim__synth_word(synth));
}

/* All tables of a linked file, filled side by side. */
static void
emit_dyn_relocs(const struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct out outs[KLDSIM__SYNTH_TABLES];
	size_t i, j;

	for (i = 0; i < KLDSIM__SYNTH_TABLES; i++)
		outs[i] = (struct out){synth, layout->out +
		    layout->places[layout->tables[i]].offset};
	for (i = 1; i < synth->nsections; i++)
		for (j = 0; j < synth->sections[i].nrelocs; j++)
			emit_dyn_reloc(layout, outs, i,
			    &synth->sections[i].relocs[j]);
}

static void
emit_tags(const struct kldsim__synth_layout *layout, struct out *out)
{
	size_t i;

	for (i = 0; i < layout->ntags; i++) {
		word(out, layout->tags[i].tag);
		word(out, layout->tags[i].value);
	}
}

static void
emit_bytes(const struct kldsim__synth_layout *layout,
    const struct kldsim__synth_place *place)
{
	const struct kldsim__synth_buf *buf;
	unsigned char *at = layout->out + place->offset;

	if (place->source == KLDSIM__SYNTH_BYTES && place->size != 0)
		memcpy(at, place->bytes, (size_t)place->size);
	if (place->source != KLDSIM__SYNTH_USER)
		return;
	buf = &layout->synth->sections[place->user].bytes;
	if (buf->size != 0)
		memcpy(at, buf->data, buf->size);
}

static void
emit_place(const struct kldsim__synth_layout *layout,
    const struct kldsim__synth_place *place)
{
	struct out out = {layout->synth, layout->out + place->offset};

	if (place->source == KLDSIM__SYNTH_SYMS)
		emit_symbols(layout, &out, layout->symbols, NULL,
		    layout->nsymbols);
	else if (place->source == KLDSIM__SYNTH_DYNSYMS)
		emit_symbols(layout, &out, layout->dynsyms, layout->dyn_names,
		    layout->ndynsyms);
	else if (place->source == KLDSIM__SYNTH_RELOCS)
		emit_section_relocs(layout, &out, place);
	else if (place->source == KLDSIM__SYNTH_TAGS)
		emit_tags(layout, &out);
}

void
kldsim__synth_emit(struct kldsim__synth_layout *layout)
{
	size_t i;

	/* Addends are stored over the bytes, so the bytes come first. */
	for (i = 1; i < layout->nplaces; i++)
		emit_bytes(layout, &layout->places[i]);
	for (i = 1; i < layout->nplaces; i++)
		emit_place(layout, &layout->places[i]);
	if (layout->synth->e_type != ET_REL)
		emit_dyn_relocs(layout);
	emit_ehdr(layout);
	emit_phdrs(layout);
	if (layout->shoff != 0)
		emit_shdrs(layout);
}
