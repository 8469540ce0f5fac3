/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Refusals.  Why no class took a file: the kernel has one errno for most
 * reasons, and often not a word (O-01, O-03, K-21), so that this is asked when
 * nothing else was found.  And what both classes say of a relocation.
 */

#include <inttypes.h>

#include "kern/linker_file.h"
#include "kern/bad_news.h"
#include "linker_class/refusal.h"
#include "util/path.h"

struct question {
	struct kldsim *sim;
	struct kldsim__where where;
	struct kldsim__elf elf;
};

#define SAY(q, ...) \
	kldsim__find((q)->sim, KLDSIM__F_FILE_FORMAT, &(q)->where, __VA_ARGS__)

/* Not a file of this machine: true if that was it. */
static bool
wrong_kind(struct question *q)
{
	const struct kldsim__arch *arch = q->sim->arch;
	const GElf_Ehdr *ehdr = &q->elf.ehdr;

	if (ehdr->e_ident[EI_CLASS] != arch->elf_class ||
	    ehdr->e_ident[EI_DATA] != arch->elf_data)
		SAY(q, "it is a %u-bit %s-endian file, the kernel (%s) a "
		    "%u-bit %s-endian one", q->elf.is64 ? 64u : 32u,
		    q->elf.big ? "big" : "little", arch->name,
		    arch->elf_class == ELFCLASS64 ? 64u : 32u,
		    kldsim__arch_big(arch) ? "big" : "little");
	else if (ehdr->e_machine != arch->machine)
		SAY(q, "e_machine is %u, the kernel's (%s) is %u",
		    ehdr->e_machine, arch->name, arch->machine);
	else if (ehdr->e_type != ET_REL && ehdr->e_type != ET_DYN &&
	    ehdr->e_type != ET_EXEC)
		SAY(q, "e_type is %u, which is no kind of module",
		    ehdr->e_type);
	else
		return (false);
	return (true);
}

/* A section whose bytes the file does not have. */
static void
cut_off(struct question *q)
{
	const GElf_Ehdr *ehdr = &q->elf.ehdr;

	for (unsigned i = 0; i < ehdr->e_shnum; i++) {
		GElf_Shdr shdr;

		if (!kldsim__elf_shdrs(&q->elf, ehdr->e_shoff +
		    (uint64_t)i * ehdr->e_shentsize, 1, &shdr) ||
		    shdr.sh_type == SHT_NOBITS || kldsim__in_range(
		    shdr.sh_offset, shdr.sh_size, q->elf.size))
			continue;
		q->where.section_index = i;
		SAY(q, "section %u claims bytes 0x%" PRIx64 " to 0x%" PRIx64
		    " of a file of 0x%" PRIx64 " bytes: is it cut off?", i,
		    shdr.sh_offset, shdr.sh_offset + shdr.sh_size,
		    q->elf.size);
		return;
	}
}

static void
odd_object(struct question *q)
{
	const GElf_Ehdr *ehdr = &q->elf.ehdr;
	const size_t each = kldsim__elf_sizeof(&q->elf, ELF_T_SHDR);

	if (ehdr->e_shnum == 0 || ehdr->e_shoff == 0)
		SAY(q, "it has no section headers");
	else if (ehdr->e_shentsize != each)
		SAY(q, "e_shentsize is %u, not %zu", ehdr->e_shentsize, each);
	else if (!kldsim__in_range(ehdr->e_shoff,
	    (uint64_t)ehdr->e_shnum * each, q->elf.size))
		SAY(q, "its %u section headers at 0x%" PRIx64 " lie outside "
		    "the file of 0x%" PRIx64 " bytes: is it cut off?",
		    ehdr->e_shnum, (uint64_t)ehdr->e_shoff, q->elf.size);
	else
		cut_off(q);
}

void
kldsim__explain_refusal(struct kldsim *sim, const struct kldsim_image *image,
    const char *path)
{
	struct question q = { .sim = sim,
		.where = { .file = kldsim__basename(path) } };

	if (!kldsim__elf_open(image, &q.elf)) {
		SAY(&q, "it is not an ELF file, or not all of one: %" PRIu64
		    " bytes", q.elf.size);
		return;
	}
	if (!wrong_kind(&q) && q.elf.ehdr.e_type == ET_REL)
		odd_object(&q);
}

int
kldsim__refuse_relocation(struct kldsim *sim,
    const struct kldsim__reloc_row *row, const struct kldsim__rel *rel,
    const struct kldsim__where *where)
{
	char text[160];

	kldsim__reloc_refusal(&sim->relocator, row, rel->type, rel->sym, text,
	    sizeof(text));
	kldsim__console(sim, "%s", text);
	if (where != NULL)
		kldsim__find(sim, KLDSIM__F_UNKNOWN_RELOCATION, where,
		    "relocation type %" PRIu32 " is nothing this kernel "
		    "takes; the module has to be compiled without it",
		    rel->type);
	return (KLDSIM__EINVAL);
}
