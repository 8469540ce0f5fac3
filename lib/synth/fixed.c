/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linked files whose sections have addresses of their own, as those that are
 * made again from an existing file: the caller's sections in the order of the
 * calls, each run of alike ones a segment; then what is generated, in the last
 * of these segments if it can be: a module has four of them at most (D-03).
 */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

enum {
	MAX_GAP = 65536, /* what a segment may have between sections */
	MAX_ZEROS = 1 << 20, /* of .bss that may get bytes in the file */
	FILE_PAGE = 4096
};

#define KIND (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR)

struct walk {
	uint64_t end; /* of the section before */
	uint64_t used; /* end of what the run has bytes of in the file */
	uint32_t run;
	uint64_t flags;
	bool nobits;
	bool first;
};

static uint64_t
address_of(struct kldsim_synth *synth, const struct walk *walk,
    const struct kldsim__synth_section *section)
{
	uint64_t limit = synth->is64 ? UINT64_MAX : UINT32_MAX;
	uint64_t address = section->fixed ? section->address :
	    kldsim__synth_up(walk->end, section->align);

	if (address < walk->end && !walk->first && section->size != 0)
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: address 0x%llx is inside the section before",
		    (const char *)synth->section_names.data + section->name,
		    (unsigned long long)address);
	else if (address > limit || section->size > limit - address)
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: address 0x%llx is too high",
		    (const char *)synth->section_names.data + section->name,
		    (unsigned long long)address);
	return address;
}

/* Does a section at this address need a segment of its own? */
static bool
starts_run(const struct walk *walk, const struct kldsim__synth_section *section,
    uint64_t address)
{
	if (walk->first || (section->flags & KIND) != walk->flags)
		return true;
	if (walk->nobits && section->type != SHT_NOBITS)
		return true;
	return address < walk->end || address - walk->end > MAX_GAP;
}

static void
place_user(struct kldsim__synth_layout *layout, struct walk *walk, size_t user)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_section *section = &synth->sections[user];
	uint64_t address = address_of(synth, walk, section);
	uint32_t index;

	if (kldsim__synth_bad(synth))
		return;
	if (starts_run(walk, section, address)) {
		walk->run += !walk->first;
		walk->used = address;
	}
	index = kldsim__synth_user_place(layout, user, walk->run);
	if (index != 0)
		layout->places[index].addr = address;
	section->addr = address;
	walk->first = false;
	walk->flags = section->flags & KIND;
	walk->nobits = section->type == SHT_NOBITS;
	walk->end = address + section->size;
	if (!walk->nobits)
		walk->used = walk->end;
}

/* Whether the last segment can take what is generated, .dynamic with it. */
static bool
takes_generated(const struct walk *walk)
{
	return !walk->first && (walk->flags & SHF_WRITE) != 0 &&
	    walk->end - walk->used <= MAX_ZEROS;
}

/* What is generated comes last. */
static void
place_generated(struct kldsim__synth_layout *layout, struct walk *walk)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place *place;
	uint64_t at = walk->end;
	size_t i = layout->nplaces;

	kldsim__synth_dyn_places(layout);
	kldsim__synth_dyn_late_places(layout);
	if (!takes_generated(walk)) {
		at = kldsim__synth_up(at, synth->options[KLDSIM_SYNTH_PAGE]);
		walk->run += !walk->first;
	}
	for (; i < layout->nplaces && !kldsim__synth_bad(synth); i++) {
		place = &layout->places[i];
		place->group = walk->run;
		place->addr = kldsim__synth_up(at, place->align);
		at = place->addr + place->size;
		if (at < walk->end || (!synth->is64 && at > UINT32_MAX))
			kldsim__synth_fail(synth, KLDSIM_LIMIT,
			    "no addresses are left for %s",
			    (const char *)layout->section_names.data +
			    place->name);
	}
}

void
kldsim__synth_fixed_places(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct walk walk = {.end = synth->options[KLDSIM_SYNTH_BASE],
	    .run = KLDSIM__SYNTH_RUN, .first = true};
	size_t i;

	for (i = 1; i < synth->nsections; i++)
		if ((synth->sections[i].flags & SHF_ALLOC) != 0)
			place_user(layout, &walk, i);
	place_generated(layout, &walk);
	for (i = 1; i < synth->nsections; i++)
		if ((synth->sections[i].flags & SHF_ALLOC) == 0)
			(void)kldsim__synth_user_place(layout, i,
			    KLDSIM__SYNTH_NOLOAD);
}

/*
 * The file offset of the first section.  Its segment begins at the base, if
 * that is near, and has the headers in it, if there is room for them.
 */
uint64_t
kldsim__synth_fixed_first(struct kldsim__synth_layout *layout,
    uint64_t headers, uint64_t address)
{
	uint64_t base = layout->synth->options[KLDSIM_SYNTH_BASE];

	if (base > address || address - base > MAX_GAP)
		base = address;
	layout->fixed_addr = base;
	layout->fixed_offset = 0;
	if (base % FILE_PAGE != 0 || address - base < headers)
		layout->fixed_offset = kldsim__synth_up(headers, FILE_PAGE) +
		    base % FILE_PAGE;
	return layout->fixed_offset + (address - base);
}

void
kldsim__synth_fixed_phdrs(struct kldsim__synth_layout *layout)
{
	uint32_t run = KLDSIM__SYNTH_RUN - 1, flags;
	size_t i;

	for (i = 1; i < layout->nplaces; i++) {
		if (layout->places[i].group < KLDSIM__SYNTH_RUN ||
		    layout->places[i].group == run)
			continue;
		run = layout->places[i].group;
		flags = PF_R;
		if ((layout->places[i].flags & SHF_EXECINSTR) != 0)
			flags |= PF_X;
		if ((layout->places[i].flags & SHF_WRITE) != 0 ||
		    layout->places[i].source != KLDSIM__SYNTH_USER)
			flags |= PF_W;
		(void)kldsim__synth_phdr_add(layout, PT_LOAD, flags);
	}
}

void
kldsim__synth_fixed_fill(struct kldsim__synth_layout *layout,
    struct kldsim__synth_phdr *phdr)
{
	uint32_t run = KLDSIM__SYNTH_RUN;
	size_t i;

	phdr->vaddr = layout->fixed_addr;
	phdr->offset = layout->fixed_offset;
	for (i = 1; i < layout->nplaces; i++) {
		if (layout->places[i].group < KLDSIM__SYNTH_RUN)
			continue;
		if (layout->places[i].group != run)
			phdr++;
		kldsim__synth_cover(phdr, &layout->places[i],
		    layout->places[i].group != run);
		run = layout->places[i].group;
		phdr->align = FILE_PAGE;
	}
}
