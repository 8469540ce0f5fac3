/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comments that say what a file's metadata mean: the spec has them as bytes
 * and relocations only.  What cannot be followed is left out.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/from_impl.h"

/* A place in a kept section. */
struct spot {
	uint32_t id; /* of the section in the spec; 0: nowhere */
	uint64_t at;
};

struct follow {
	struct kldsim__from *from;
	struct kldsim__from_reloc *relocs; /* by section and place */
	unsigned word;
};

static int
by_spot(const void *left, const void *right)
{
	const struct kldsim__from_reloc *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static const struct kldsim__from_section *
section_of(const struct kldsim__from *from, struct spot spot)
{
	return &from->sections[from->kept[spot.id - 1]];
}

/* Are there so many bytes?  NULL if not. */
static const unsigned char *
bytes_at(const struct kldsim__from *from, struct spot spot, uint64_t size)
{
	const struct kldsim__from_section *section;

	if (spot.id == 0)
		return NULL;
	section = section_of(from, spot);
	if (section->type == SHT_NOBITS || section->type == SHT_NULL ||
	    spot.at > section->size || size > section->size - spot.at)
		return NULL;
	return from->bytes + section->offset + spot.at;
}

static struct spot
spot_of_address(const struct kldsim__from *from, uint64_t addr)
{
	uint32_t index = kldsim__from_section_at(from, addr);
	struct spot spot = {0, 0};

	if (index != 0 && from->e_type != ET_REL) {
		spot.id = from->sections[index].id;
		spot.at = addr - from->sections[index].addr;
	}
	return spot;
}

/* Where a pointer points: by its relocation, else by what it holds. */
static struct spot
follow(const struct follow *follow, struct spot from_spot)
{
	struct kldsim__from *from = follow->from;
	struct kldsim__from_reloc key = {.section = from_spot.id,
	    .at = from_spot.at}, *reloc = NULL;
	const unsigned char *bytes = bytes_at(from, from_spot, follow->word);
	const struct kldsim__from_symbol *symbol;
	struct spot to = {0, 0};
	uint64_t low = 0, high = from->nrelocs, middle, held;

	if (bytes == NULL)
		return to;
	held = kldsim__synth_get(&from->order, bytes, follow->word);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (by_spot(&follow->relocs[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < from->nrelocs && follow->relocs[low].section == key.section &&
	    follow->relocs[low].at == key.at)
		reloc = &follow->relocs[low];
	if (reloc == NULL)
		return spot_of_address(from, held);
	if (reloc->rela)
		held = (uint64_t)reloc->addend;
	if (reloc->symbol == 0)
		return spot_of_address(from, held);
	symbol = &from->symbols[reloc->symbol];
	if (symbol->section != 0) {
		to.id = from->sections[symbol->section].id;
		to.at = symbol->value + held;
	}
	return to;
}

/* A string, if it ends and is short. */
static void
put_text(struct follow *follow, struct spot spot)
{
	const struct kldsim__from *from = follow->from;
	const unsigned char *bytes = bytes_at(from, spot, 1);
	size_t i, room;

	if (bytes == NULL) {
		kldsim__from_put(follow->from, " ?");
		return;
	}
	room = (size_t)(section_of(from, spot)->size - spot.at);
	kldsim__from_put(follow->from, " ");
	for (i = 0; i < room && i < 60 && bytes[i] != '\0'; i++)
		kldsim__from_put(follow->from, "%c", bytes[i] > 0x20 &&
		    bytes[i] < 0x7f ? bytes[i] : '?');
}

static void
put_ints(struct follow *follow, struct spot spot, unsigned count)
{
	const struct kldsim__from *from = follow->from;
	const unsigned char *bytes = bytes_at(from, spot, 4 * count);
	unsigned i;

	for (i = 0; bytes != NULL && i < count; i++)
		kldsim__from_put(follow->from, " %d", (int)(int32_t)
		    kldsim__synth_get(&from->order, bytes + 4 * i, 4));
}

/* One struct mod_metadata. */
static void
put_metadata(struct follow *follow_with, struct spot spot)
{
	static const char *const names[] = {"?", "depend", "module", "version",
	    "pnp-info"};
	struct kldsim__from *from = follow_with->from;
	const unsigned char *bytes = bytes_at(from, spot, 8);
	struct spot data, cval;
	uint64_t type;

	if (bytes == NULL)
		return;
	type = kldsim__synth_get(&from->order, bytes + 4, 4);
	spot.at += 8;
	data = follow(follow_with, spot);
	spot.at += follow_with->word;
	cval = follow(follow_with, spot);
	kldsim__from_put(from, "# %s", names[type < 5 ? type : 0]);
	put_text(follow_with, cval);
	if (type == 1)
		put_ints(follow_with, data, 3);
	if (type == 3)
		put_ints(follow_with, data, 1);
	if (type == 2) {
		kldsim__from_put(from, " as");
		put_text(follow_with, follow(follow_with, data));
	}
	kldsim__from_put(from, "\n");
}

void
kldsim__from_meta(struct kldsim__from *from)
{
	struct follow with = {.from = from, .word = from->is64 ? 8 : 4};
	const struct kldsim__from_section *section;
	struct spot spot;
	uint32_t i;

	with.relocs = kldsim__from_alloc(from, from->nrelocs,
	    sizeof(*with.relocs));
	if (with.relocs == NULL)
		return;
	if (from->nrelocs != 0) {
		memcpy(with.relocs, from->relocs,
		    from->nrelocs * sizeof(*with.relocs));
		qsort(with.relocs, from->nrelocs, sizeof(*with.relocs),
		    by_spot);
	}
	for (i = 0; i < from->nkept; i++) {
		section = &from->sections[from->kept[i]];
		if (strcmp(section->name, "set_modmetadata_set") != 0 ||
		    !section->first || section->type == SHT_NOBITS)
			continue;
		spot.id = i + 1;
		for (spot.at = 0; spot.at < section->size && spot.at < 65536;
		    spot.at += with.word)
			put_metadata(&with, follow(&with, spot));
	}
	free(with.relocs);
}
