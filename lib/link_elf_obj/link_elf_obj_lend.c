/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Which sections of a relocatable file need no copy: nothing is relocated in
 * them, so what the kernel would have in memory is what the file has.  Or it is
 * text, and who loads the file only asks whether it loads.
 */

#include "link_elf_obj/link_elf_obj.h"

/* Less is copied sooner than looked after. */
#define LEAST_LENT 512u

/* Sections that some table of relocations is for. */
static void
mark_relocated(struct kldsim__obj *obj)
{
	for (unsigned i = 0; i < obj->nreltab; i++) {
		const unsigned target = obj->reltab[i].target;
		const unsigned prog = target < obj->nshdr ?
		    obj->progent_of[target] : 0;

		if (prog != 0)
			obj->progtab[prog - 1].relocated = true;
	}
}

/* Nobody writes there, and it is run, but not read. */
static bool
is_text(const GElf_Shdr *shdr)
{
	return ((shdr->sh_flags & (SHF_EXECINSTR | SHF_WRITE)) ==
	    SHF_EXECINSTR && shdr->sh_type == SHT_PROGBITS);
}

static bool
is_lendable(const struct kldsim *sim, const struct kldsim__obj *obj,
    const struct kldsim__progent *prog)
{
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	const char *name = obj->shstrtab == NULL ? "" : kldsim__strtab_get(
	    obj->shstrtab, obj->shstrtab_size, shdr->sh_name);

	/* A set's bytes go elsewhere, and here are zeros (O-20). */
	return ((!prog->relocated || (sim->linker.text_unread &&
	    is_text(shdr))) && shdr->sh_size >= LEAST_LENT &&
	    name != NULL && kldsim__obj_region_of(sim, name) ==
	    KLDSIM_REGION_MAPPING && (shdr->sh_type == SHT_NOBITS ||
	    (kldsim__obj_has_bits(shdr) && kldsim__in_range(shdr->sh_offset,
	    shdr->sh_size, obj->elf.size))));
}

static struct kldsim__lent
lend(struct kldsim *sim, const struct kldsim__obj *obj,
    struct kldsim__progent *prog, kldsim_size offset)
{
	const GElf_Shdr *shdr = &obj->shdr[prog->sec];
	struct kldsim__lent lent = { .offset = offset,
		.size = shdr->sh_size };

	if (shdr->sh_type != SHT_NOBITS)
		lent.bytes = obj->elf.bytes + shdr->sh_offset;
	prog->lent = true;
	if (kldsim__obj_is_unread(prog))
		lent.asked = &sim->linker.text_asked;
	return (lent);
}

/* Sizes and alignments with which sections could lie over each other. */
static size_t
lend_nothing(struct kldsim__obj *obj)
{
	for (unsigned i = 0; i < obj->nprogtab; i++)
		obj->progtab[i].lent = false;
	return (0);
}

size_t
kldsim__obj_lend(struct kldsim *sim, struct kldsim__file *file,
    kldsim_size length, struct kldsim__lent *lent)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	kldsim_size at = 0;
	size_t n = 0;

	mark_relocated(obj);
	for (unsigned i = 0; i < obj->nprogtab; i++) {
		struct kldsim__progent *prog = &obj->progtab[i];
		const GElf_Shdr *shdr = &obj->shdr[prog->sec];
		const kldsim_size start = kldsim__obj_align(
		    file->address + at, shdr->sh_addralign) - file->address;

		if (start < at ||
		    !kldsim__in_range(start, shdr->sh_size, length))
			return (lend_nothing(obj));
		if (is_lendable(sim, obj, prog))
			lent[n++] = lend(sim, obj, prog, start);
		at = start + shdr->sh_size;
	}
	if (length - at >= LEAST_LENT)
		lent[n++] = (struct kldsim__lent){ .offset = at,
		    .size = length - at };
	return (n);
}
