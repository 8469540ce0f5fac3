/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Relocations of debug sections (W-30).  Compilers need few types there: a word
 * of the machine and one of 32 bits, of a symbol's value and an addend.  Sections
 * have no address yet, so it is 0.
 */

#include <string.h>

#include "dwarf/bytes.h"
#include "dwarf/sections.h"

struct row {
	uint16_t machine;
	uint32_t type;
	uint8_t bytes;
};

/* The psABIs' numbers; type 0 is none at all everywhere. */
static const struct row rows[] = {
	{ EM_X86_64, 1, 8 },    /* R_X86_64_64 */
	{ EM_X86_64, 10, 4 },   /* R_X86_64_32 */
	{ EM_X86_64, 17, 8 },   /* R_X86_64_DTPOFF64 */
	{ EM_X86_64, 21, 4 },   /* R_X86_64_DTPOFF32 */
	{ EM_386, 1, 4 },       /* R_386_32 */
	{ EM_AARCH64, 257, 8 }, /* R_AARCH64_ABS64 */
	{ EM_AARCH64, 258, 4 }, /* R_AARCH64_ABS32 */
	{ EM_ARM, 2, 4 },       /* R_ARM_ABS32 */
	{ EM_PPC, 1, 4 },       /* R_PPC_ADDR32 */
	{ EM_PPC64, 1, 4 },     /* R_PPC64_ADDR32 */
	{ EM_PPC64, 38, 8 },    /* R_PPC64_ADDR64 */
	{ EM_RISCV, 1, 4 },     /* R_RISCV_32 */
	{ EM_RISCV, 2, 8 },     /* R_RISCV_64 */
	{ EM_MIPS, 2, 4 },      /* R_MIPS_32 */
};

struct relocating {
	struct dwarf_sections *sections;
	struct dwarf_section *target;
	enum dwarf_section_name name;
	Elf_Data *symbols;
	struct kldsim_error *error;
};

static const struct row *
find_row(unsigned machine, uint32_t type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].machine == machine && rows[i].type == type)
			return (&rows[i]);
	return (NULL);
}

static enum kldsim_status
apply(const struct relocating *with, const GElf_Rela *rela, bool has_addend)
{
	struct dwarf_sections *sections = with->sections;
	const uint32_t type = (uint32_t)GELF_R_TYPE(rela->r_info);
	const struct row *row = find_row(sections->ehdr.e_machine, type);
	GElf_Sym sym = { 0 };
	uint64_t value;
	uint8_t *at;

	if (type == 0)
		return (KLDSIM_OK);
	if (row == NULL)
		return (dwarf_fail(with->error, KLDSIM_UNSUPPORTED,
		    sections->file, "debug information not usable: "
		    ".debug_%s has relocation type %u",
		    dwarf_section_called(with->name), (unsigned)type));
	if (with->target->size < row->bytes ||
	    rela->r_offset > with->target->size - row->bytes)
		return (dwarf_fail(with->error, KLDSIM_MALFORMED,
		    sections->file, "debug information not usable: a "
		    "relocation at 0x%jx of the 0x%jx bytes of .debug_%s",
		    (uintmax_t)rela->r_offset, (uintmax_t)with->target->size,
		    dwarf_section_called(with->name)));
	if (GELF_R_SYM(rela->r_info) > INT32_MAX || with->symbols == NULL ||
	    gelf_getsym(with->symbols, (int)GELF_R_SYM(rela->r_info), &sym) ==
	    NULL)
		return (dwarf_fail(with->error, KLDSIM_MALFORMED,
		    sections->file, "debug information not usable: a "
		    "relocation of .debug_%s is of no symbol",
		    dwarf_section_called(with->name)));
	at = with->target->own + rela->r_offset;
	value = sym.st_value + (has_addend ? (uint64_t)rela->r_addend :
	    load_number(at, row->bytes, sections->big));
	store_number(at, row->bytes, sections->big, value);
	return (KLDSIM_OK);
}

static enum kldsim_status
apply_all(const struct relocating *with, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	const bool has_addend = shdr->sh_type == SHT_RELA;
	enum kldsim_status status = KLDSIM_OK;
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Rela rela;
	GElf_Rel rel;

	for (int i = 0; data != NULL && status == KLDSIM_OK; i++) {
		if (has_addend) {
			if (gelf_getrela(data, i, &rela) == NULL)
				break;
		} else {
			if (gelf_getrel(data, i, &rel) == NULL)
				break;
			rela.r_offset = rel.r_offset;
			rela.r_info = rel.r_info;
			rela.r_addend = 0;
		}
		status = apply(with, &rela, has_addend);
	}
	return (status);
}

/* A section of relocations; what they are of may be no concern of ours. */
static enum kldsim_status
relocate_by(struct dwarf_sections *sections, Elf_Scn *scn,
    const GElf_Shdr *shdr, struct kldsim_error *error)
{
	struct relocating with = { .sections = sections, .error = error };
	Elf_Scn *symbols;

	for (unsigned i = 0; i < DWARF_SECTIONS; i++) {
		if (sections->all[i].bytes == NULL ||
		    sections->all[i].index != shdr->sh_info)
			continue;
		with.name = (enum dwarf_section_name)i;
		with.target = &sections->all[i];
		(void)dwarf_section_own(sections, with.name);
		symbols = elf_getscn(sections->elf, shdr->sh_link);
		if (symbols != NULL)
			with.symbols = elf_getdata(symbols, NULL);
		return (apply_all(&with, scn, shdr));
	}
	return (KLDSIM_OK);
}

enum kldsim_status
dwarf_relocate(struct dwarf_sections *sections, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;

	while (status == KLDSIM_OK &&
	    (scn = elf_nextscn(sections->elf, scn)) != NULL)
		if (gelf_getshdr(scn, &shdr) != NULL &&
		    (shdr.sh_type == SHT_RELA || shdr.sh_type == SHT_REL))
			status = relocate_by(sections, scn, &shdr, error);
	return (status);
}
