/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses, file offsets and program headers. */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum { FILE_PAGE = 4096 };

uint64_t
kldsim__synth_up(uint64_t value, uint64_t align)
{
	if (align < 2)
		return value;
	if ((align & (align - 1)) != 0)
		return (value + align - 1) / align * align;
	return (value + align - 1) & ~(align - 1);
}

static unsigned
ehdr_size(const struct kldsim_synth *synth)
{
	return synth->is64 ? 64 : 52;
}

static unsigned
phdr_size(const struct kldsim_synth *synth)
{
	return synth->is64 ? 56 : 32;
}

static unsigned
shdr_size(const struct kldsim_synth *synth)
{
	return synth->is64 ? 64 : 40;
}

static bool
has_group(const struct kldsim__synth_layout *layout, uint32_t group)
{
	size_t i;

	if (group == KLDSIM__SYNTH_R)
		return true; /* the headers are in it */
	for (i = 1; i < layout->nplaces; i++)
		if (layout->places[i].group == group)
			return true;
	return false;
}

struct kldsim__synth_phdr *
kldsim__synth_phdr_add(struct kldsim__synth_layout *layout, uint32_t type,
    uint32_t flags)
{
	struct kldsim__synth_phdr *phdr;

	if (!kldsim__synth_grow(layout->synth, &layout->phdrs,
	    &layout->phdrs_cap, layout->nphdrs + 1, sizeof(*layout->phdrs)))
		return NULL;
	phdr = &layout->phdrs[layout->nphdrs++];
	memset(phdr, 0, sizeof(*phdr));
	phdr->type = type;
	phdr->flags = flags;
	return phdr;
}

static void
count_loads(struct kldsim__synth_layout *layout)
{
	static const uint32_t flags[] = {PF_R, PF_R | PF_X, PF_R | PF_W,
	    PF_R | PF_W};
	uint32_t group;

	for (group = 0; group < KLDSIM__SYNTH_NOLOAD; group++)
		if (has_group(layout, group))
			(void)kldsim__synth_phdr_add(layout, PT_LOAD,
			    flags[group]);
}

/* Make all program headers, still empty: their number fixes the offsets. */
void
kldsim__synth_count_phdrs(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	size_t i;

	if (synth->e_type != ET_REL) {
		if (layout->interp != 0 && !synth->fixed)
			(void)kldsim__synth_phdr_add(layout, PT_PHDR, PF_R);
		if (layout->interp != 0)
			(void)kldsim__synth_phdr_add(layout, PT_INTERP, PF_R);
		if (synth->fixed)
			kldsim__synth_fixed_phdrs(layout);
		else
			count_loads(layout);
		(void)kldsim__synth_phdr_add(layout, PT_DYNAMIC, PF_R | PF_W);
		if (synth->options[KLDSIM_SYNTH_RELRO] != 0 && !synth->fixed)
			(void)kldsim__synth_phdr_add(layout, PT_GNU_RELRO, PF_R);
		(void)kldsim__synth_phdr_add(layout, PT_GNU_STACK, PF_R | PF_W);
	}
	for (i = 0; i < synth->nsegments; i++)
		(void)kldsim__synth_phdr_add(layout, synth->segments[i].type,
		    synth->segments[i].flags);
}

struct cursor {
	uint64_t addr;
	uint64_t offset;
	uint32_t group;
};

/*
 * Start a segment on a new page of memory and of the file.  Addresses are
 * congruent to offsets modulo the segment alignment, relative to the base.
 */
static void
next_group(const struct kldsim_synth *synth, struct cursor *at, uint32_t group)
{
	uint64_t page = synth->options[KLDSIM_SYNTH_PAGE];
	uint64_t base = synth->options[KLDSIM_SYNTH_BASE];

	at->offset = kldsim__synth_up(at->offset,
	    page < FILE_PAGE ? page : FILE_PAGE);
	at->addr = base + kldsim__synth_up(at->addr - base, page) +
	    at->offset % page;
	at->group = group;
}

static void
assign_loaded(const struct kldsim_synth *synth, struct cursor *at,
    struct kldsim__synth_place *place)
{
	uint64_t addr;

	if (place->group != at->group)
		next_group(synth, at, place->group);
	addr = kldsim__synth_up(at->addr, place->align);
	if (place->type != SHT_NOBITS)
		at->offset += addr - at->addr;
	place->addr = addr;
	place->offset = at->offset;
	at->addr = addr + place->size;
	if (place->type != SHT_NOBITS)
		at->offset += place->size;
}

/*
 * The address is known; the offset has to fit it.  The cursor stays where the
 * file's bytes end, so that those behind NOBITS have room for its zeros.
 */
static void
assign_fixed(struct kldsim__synth_layout *layout, struct cursor *at,
    struct kldsim__synth_place *place)
{
	if (place->group != at->group) {
		at->offset = at->group < KLDSIM__SYNTH_RUN ?
		    kldsim__synth_fixed_first(layout, at->offset,
		    place->addr) : kldsim__synth_up(at->offset, FILE_PAGE) +
		    place->addr % FILE_PAGE;
		at->addr = place->addr;
		at->group = place->group;
	}
	place->offset = at->offset;
	if (place->type == SHT_NOBITS)
		return;
	place->offset += place->addr - at->addr;
	at->addr = place->addr + place->size;
	at->offset = place->offset + place->size;
}

static void
assign_unloaded(struct cursor *at, struct kldsim__synth_place *place)
{
	at->offset = kldsim__synth_up(at->offset, place->align);
	place->offset = at->offset;
	if (place->type != SHT_NOBITS)
		at->offset += place->size;
}

void
kldsim__synth_assign(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place *place;
	struct cursor at = {0, 0, KLDSIM__SYNTH_R};
	size_t i;

	at.offset = ehdr_size(synth) + layout->nphdrs * phdr_size(synth);
	at.addr = synth->options[KLDSIM_SYNTH_BASE] + at.offset;
	for (i = 1; i < layout->nplaces; i++) {
		place = &layout->places[i];
		if (place->group >= KLDSIM__SYNTH_RUN)
			assign_fixed(layout, &at, place);
		else if (place->group != KLDSIM__SYNTH_NOLOAD)
			assign_loaded(synth, &at, place);
		else
			assign_unloaded(&at, place);
		if (place->source == KLDSIM__SYNTH_USER) {
			synth->sections[place->user].addr = place->addr;
			synth->sections[place->user].offset = place->offset;
		}
	}
	layout->size = at.offset;
	if (synth->options[KLDSIM_SYNTH_HEADERS] != 0) {
		layout->shoff = kldsim__synth_up(at.offset, 8);
		layout->size = layout->shoff +
		    layout->nplaces * shdr_size(synth);
	}
}

/* Make a program header cover a place too. */
void
kldsim__synth_cover(struct kldsim__synth_phdr *phdr,
    const struct kldsim__synth_place *place, bool first)
{
	if (first) {
		phdr->offset = place->offset;
		phdr->vaddr = place->addr;
	}
	if (place->type != SHT_NOBITS)
		phdr->filesz = place->offset + place->size - phdr->offset;
	phdr->memsz = place->addr + place->size - phdr->vaddr;
	if (phdr->align < place->align)
		phdr->align = place->align;
}

static void
cover_group(const struct kldsim__synth_layout *layout,
    struct kldsim__synth_phdr *phdr, uint32_t group)
{
	const struct kldsim_synth *synth = layout->synth;
	bool first = true;
	size_t i;

	if (group == KLDSIM__SYNTH_R) {
		phdr->vaddr = synth->options[KLDSIM_SYNTH_BASE];
		phdr->filesz = phdr->memsz = ehdr_size(synth) +
		    layout->nphdrs * phdr_size(synth);
		first = false;
	}
	for (i = 1; i < layout->nplaces; i++) {
		if (layout->places[i].group != group)
			continue;
		kldsim__synth_cover(phdr, &layout->places[i], first);
		first = false;
	}
}

static void
fill_loads(struct kldsim__synth_layout *layout, struct kldsim__synth_phdr *phdr)
{
	uint64_t page = layout->synth->options[KLDSIM_SYNTH_PAGE];
	uint32_t group;

	if (layout->synth->fixed) {
		kldsim__synth_fixed_fill(layout, phdr);
		return;
	}
	for (group = 0; group < KLDSIM__SYNTH_NOLOAD; group++) {
		if (!has_group(layout, group))
			continue;
		cover_group(layout, phdr, group);
		phdr->align = page;
		phdr++;
	}
}

static void
fill_users(struct kldsim__synth_layout *layout, struct kldsim__synth_phdr *phdr)
{
	const struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_segment *segment;
	size_t i;

	for (i = 0; i < synth->nsegments; i++, phdr++) {
		segment = &synth->segments[i];
		if (segment->first == 0)
			continue;
		kldsim__synth_cover(phdr, &layout->places[
		    synth->sections[segment->first].index], true);
		if (segment->last != segment->first)
			kldsim__synth_cover(phdr, &layout->places[
			    synth->sections[segment->last].index], false);
	}
}

void
kldsim__synth_phdrs(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_phdr *phdr = layout->phdrs;
	size_t i, first_user = layout->nphdrs - synth->nsegments;

	for (i = 0; i < first_user; i++, phdr++) {
		if (phdr->type == PT_PHDR) {
			phdr->offset = ehdr_size(synth);
			phdr->vaddr = synth->options[KLDSIM_SYNTH_BASE] +
			    phdr->offset;
			phdr->filesz = phdr->memsz =
			    layout->nphdrs * phdr_size(synth);
			phdr->align = kldsim__synth_word(synth);
		} else if (phdr->type == PT_INTERP) {
			kldsim__synth_cover(phdr,
			    &layout->places[layout->interp], true);
		} else if (phdr->type == PT_DYNAMIC) {
			kldsim__synth_cover(phdr,
			    &layout->places[layout->dynamic], true);
		} else if (phdr->type == PT_GNU_RELRO) {
			cover_group(layout, phdr, KLDSIM__SYNTH_RELRO_GROUP);
			phdr->align = 1;
		} else if (phdr->type == PT_LOAD &&
		    phdr->align == 0) {
			fill_loads(layout, phdr);
		}
	}
	if (synth->nsegments != 0)
		fill_users(layout, layout->phdrs + first_user);
}
