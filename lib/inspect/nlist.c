/* SPDX-License-Identifier: BSD-2-Clause */

/* lib/libc/gen/nlist.c; see nlist.h. */

#include "inspect/nlist.h"

#include "kern/linker_file.h"

/* n_type of a.out, which is what nlist(3) still answers with. */
enum {
	N_UNDF = 0,
	N_EXT = 1,
	N_ABS = 2,
	N_TEXT = 4,
	N_DATA = 6,
	N_BSS = 8,
	N_FN = 0x1e
};

/* The kernel's file. */
struct file {
	struct kldsim__elf elf;
	GElf_Shdr *shdr;
	size_t nshdr;
	struct kldsim__symview symbols;
};

static const uint8_t *
section_bytes(const struct file *file, size_t index)
{
	const GElf_Shdr *shdr = &file->shdr[index];

	return (kldsim__in_range(shdr->sh_offset, shdr->sh_size,
	    file->elf.size) ? file->elf.bytes + shdr->sh_offset : NULL);
}

/* One that is stripped has none, and so has one that is not all there. */
static void
find_symbols(struct file *file)
{
	struct kldsim__symview *view = &file->symbols;
	const uint8_t *strings;
	size_t i = 0;

	while (i < file->nshdr && file->shdr[i].sh_type != SHT_SYMTAB)
		i++;
	if (i == file->nshdr || file->shdr[i].sh_link >= file->nshdr)
		return;
	strings = section_bytes(file, file->shdr[i].sh_link);
	view->syms = section_bytes(file, i);
	if (strings == NULL || view->syms == NULL)
		return;
	view->is64 = file->elf.is64;
	view->big = file->elf.big;
	view->count = (uint32_t)(file->shdr[i].sh_size /
	    (view->is64 ? 24 : 16));
	kldsim__symview_set_strings(view, strings,
	    file->shdr[file->shdr[i].sh_link].sh_size);
}

static unsigned char
type_of(const struct file *file, const struct kldsim__sym *sym)
{
	const unsigned bind = sym->info >> 4;
	const GElf_Shdr *shdr;
	unsigned type = N_UNDF;

	if (sym->shndx == SHN_ABS) {
		type = (sym->info & 0xf) == STT_FILE ? N_FN : N_ABS;
	} else if (sym->shndx != SHN_UNDEF && sym->shndx < file->nshdr) {
		shdr = &file->shdr[sym->shndx];
		if (shdr->sh_type == SHT_PROGBITS)
			type = (shdr->sh_flags & SHF_WRITE) != 0 ? N_DATA :
			    N_TEXT;
		else if (shdr->sh_type == SHT_NOBITS)
			type = N_BSS;
	}
	if (bind == STB_GLOBAL || bind == STB_WEAK)
		type |= N_EXT;
	return ((unsigned char)type);
}

/* Every match counts, the second one of a name too. */
static size_t
look_up(const struct file *file, struct kldsim__nlist *list, size_t count)
{
	size_t left = count;

	for (uint32_t i = 0; i < file->symbols.count && left != 0; i++) {
		struct kldsim__sym sym;
		const char *name;

		kldsim__sym_get(&file->symbols, i, &sym);
		name = kldsim__sym_name(&file->symbols, sym.name);
		if (name == NULL || *name == '\0')
			continue;
		for (size_t j = 0; j < count && left != 0; j++) {
			const char *wanted = list[j].name;

			if (strcmp(name, wanted) != 0 && (*wanted != '_' ||
			    strcmp(name, wanted + 1) != 0))
				continue;
			list[j].value = sym.value;
			list[j].type = type_of(file, &sym);
			left--;
		}
	}
	return (left);
}

enum kldsim_status
kldsim__nlist(struct kldsim *sim, struct kldsim__nlist *list, size_t count,
    size_t *left_ret)
{
	struct file file = { .nshdr = 0 };

	*left_ret = count;
	if (!kldsim__elf_open(sim->linker.kernel->image, &file.elf) ||
	    file.elf.ehdr.e_shnum == 0)
		return (KLDSIM_OK);
	file.shdr = kldsim__calloc(&sim->alloc, file.elf.ehdr.e_shnum,
	    sizeof(*file.shdr));
	if (file.shdr == NULL)
		return (KLDSIM_NOMEM);
	if (kldsim__elf_shdrs(&file.elf, file.elf.ehdr.e_shoff,
	    file.elf.ehdr.e_shnum, file.shdr)) {
		file.nshdr = file.elf.ehdr.e_shnum;
		find_symbols(&file);
		*left_ret = look_up(&file, list, count);
	}
	kldsim__free(&sim->alloc, file.shdr);
	return (KLDSIM_OK);
}
