/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The first part of link_elf_load_file() of sys/kern/link_elf_obj.c: the
 * section headers, the census of sections, the symbol table and the two string
 * tables (O-03 to O-06).
 *
 * The kernel trusts section numbers here (Z-01 to Z-03): where a number would
 * take it outside the header array, the simulated kernel dies.
 */

#include "link_elf_obj/link_elf_obj.h"
#include "elf/longnames.h"
#include "kern/bad_news.h"

#include <inttypes.h>
#include <limits.h>

/* Whether a section takes part in the mapping (O-04). */
bool
kldsim__obj_is_loaded(const struct kldsim *sim, const GElf_Shdr *shdr)
{
	if (shdr->sh_size == 0 || (shdr->sh_flags & SHF_ALLOC) == 0)
		return (false);
	switch (shdr->sh_type) {
	case SHT_PROGBITS:
	case SHT_NOBITS:
		return (true);
	case SHT_X86_64_UNWIND:
		return (sim->arch->unwind_loaded);
	case SHT_INIT_ARRAY:
	case SHT_FINI_ARRAY:
		return (sim->facts.obj_init_arrays);
	default:
		return (false);
	}
}

static bool
is_reloc(const GElf_Shdr *shdr)
{
	return (shdr->sh_type == SHT_REL || shdr->sh_type == SHT_RELA);
}

/* O-03.  Extended numbering is unknown here: e_shnum 0 means none. */
int
kldsim__obj_read_shdrs(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Ehdr *ehdr = &obj->elf.ehdr;

	obj->nshdr = ehdr->e_shnum;
	/* Why, says kldsim__explain_refusal(). */
	if (obj->nshdr == 0 || ehdr->e_shoff == 0 ||
	    ehdr->e_shentsize != kldsim__elf_sizeof(&obj->elf, ELF_T_SHDR))
		return (KLDSIM__ENOEXEC);
	if (kldsim__limited(sim, &sim->options.limits.sections, obj->nshdr,
	    "%s: sections", file->pathname) != 0)
		return (KLDSIM__ABORT);
	/* Nothing is made for headers that are not there. */
	if (!kldsim__in_range(ehdr->e_shoff, (uint64_t)obj->nshdr *
	    ehdr->e_shentsize, obj->elf.size))
		return (KLDSIM__ENOEXEC);
	obj->shdr = kldsim__arena_calloc(&file->arena, obj->nshdr,
	    sizeof(*obj->shdr));
	obj->progent_of = kldsim__arena_calloc(&file->arena, obj->nshdr,
	    sizeof(*obj->progent_of));
	if (obj->shdr == NULL || obj->progent_of == NULL)
		return (kldsim__nomem(sim));
	if (!kldsim__elf_shdrs(&obj->elf, ehdr->e_shoff, obj->nshdr,
	    obj->shdr))
		return (KLDSIM__ENOEXEC);
	return (0);
}

/* Whether a relocation section counts, by the section it is for (O-04). */
static int
reloc_counts(struct kldsim *sim, const struct kldsim__file *file,
    unsigned sec, bool *counts_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[sec];
	struct kldsim__where where;

	*counts_ret = false;
	if (shdr->sh_size == 0)
		return (0);
	if (shdr->sh_info >= obj->nshdr) {
		where = kldsim__obj_where(file, sec);
		return (kldsim__panic(sim, KLDSIM__F_RELOC_INFO, &where,
		    "sh_info is %u, but there are %u sections: the kernel "
		    "reads a section header outside the table",
		    shdr->sh_info, obj->nshdr));
	}
	*counts_ret = (obj->shdr[shdr->sh_info].sh_flags & SHF_ALLOC) != 0;
	return (0);
}

struct census {
	unsigned progbits;
	unsigned relocs;
	unsigned symtabs;
	unsigned symtab;  /* the last one */
};

static int
take_census(struct kldsim *sim, struct kldsim__file *file,
    struct census *census)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned i = 0; i < obj->nshdr; i++) {
		const GElf_Shdr *shdr = &obj->shdr[i];
		bool counts;
		int error;

		if (kldsim__obj_is_loaded(sim, shdr)) {
			census->progbits++;
		} else if (shdr->sh_type == SHT_SYMTAB && shdr->sh_size != 0) {
			census->symtabs++;
			census->symtab = i;
		} else if (is_reloc(shdr)) {
			error = reloc_counts(sim, file, i, &counts);
			if (error != 0)
				return (error);
			census->relocs += counts;
		}
	}
	return (0);
}

/* O-05: three complaints in this order. */
static int
judge_census(struct kldsim *sim, struct kldsim__file *file,
    const struct census *census)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__where where = kldsim__obj_where(file, census->symtab);
	const struct kldsim__where whole = { .file = file->filename };
	unsigned link;

	if (census->progbits == 0) {
		kldsim__console(sim, "kldload: %s: file has no contents",
		    file->pathname);
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_FILE_FORMAT, &whole, "none of its sections is "
		    "of a kind that is loaded (code, data, bss): it was "
		    "compiled from nothing, or stripped too far"));
	}
	if (census->symtabs != 1) {
		kldsim__console(sim, "kldload: %s: file must have exactly "
		    "one symbol table", file->pathname);
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_FILE_FORMAT, &whole, "it has %s: %s",
		    census->symtabs == 0 ? "no symbol table (.symtab)" :
		    "more than one symbol table", census->symtabs == 0 ?
		    "strip modules with objcopy --strip-debug alone, their "
		    "relocations need the symbols" : "link it with ld -r"));
	}
	link = obj->shdr[census->symtab].sh_link;
	/* The kernel's test lets the first index past the end through. */
	if (link == obj->nshdr)
		return (kldsim__panic(sim, KLDSIM__F_SYMTAB_LINK, &where,
		    "sh_link is %u, the number of sections: the kernel reads "
		    "one section header past the table", link));
	if (link > obj->nshdr || obj->shdr[link].sh_type != SHT_STRTAB) {
		kldsim__console(sim, "kldload: %s: file has invalid symbol "
		    "strings", file->pathname);
		return (kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_SYMTAB_LINK, &where, "sh_link of the symbol "
		    "table is %u, where no string table is: its names were "
		    "stripped, or its headers edited", link));
	}
	return (0);
}

/* The file ends before a section does, which the kernel finds by reading. */
int
kldsim__obj_cut_off(struct kldsim *sim, const struct kldsim__file *file,
    unsigned sec)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[sec];
	struct kldsim__where where = kldsim__obj_where(file, sec);

	return (kldsim__refuse(sim, KLDSIM__EINVAL, KLDSIM__F_FILE_FORMAT,
	    &where, "section %u (%s) claims bytes 0x%" PRIx64 " to 0x%" PRIx64
	    " of a file of 0x%" PRIx64 " bytes: the file is cut off", sec,
	    kldsim__obj_section_name(obj, sec), (uint64_t)shdr->sh_offset,
	    (uint64_t)(shdr->sh_offset + shdr->sh_size), obj->elf.size));
}

/*
 * Bytes of a table as the kernel would read them: the size goes to malloc(9)
 * as it is, and to the file system as an int (Z-06).
 */
static int
table_bytes(struct kldsim *sim, const struct kldsim__file *file, unsigned sec,
    enum kldsim__finding which, const uint8_t **bytes_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[sec];
	struct kldsim__where where = kldsim__obj_where(file, sec);

	if (shdr->sh_size > INT_MAX)
		return (kldsim__panic(sim, which, &where,
		    "the table claims 0x%jx bytes: the kernel allocates that "
		    "much and reads a truncated count of it",
		    (uintmax_t)shdr->sh_size));
	if (!kldsim__in_range(shdr->sh_offset, shdr->sh_size, obj->elf.size))
		return (kldsim__obj_cut_off(sim, file, sec));
	*bytes_ret = obj->elf.bytes + shdr->sh_offset;
	return (0);
}

int
kldsim__obj_read_symbols(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const GElf_Shdr *shdr = &obj->shdr[obj->symtab_sec];
	const unsigned each = obj->elf.is64 ? 24 : 16;
	struct kldsim__where where = kldsim__obj_where(file, obj->symtab_sec);
	const uint8_t *strings = NULL;
	int error;

	error = table_bytes(sim, file, obj->symtab_sec, KLDSIM__F_TABLE_SIZE,
	    &obj->symtab.syms);
	if (error == 0)
		error = table_bytes(sim, file, shdr->sh_link,
		    KLDSIM__F_TABLE_SIZE, &strings);
	if (error != 0)
		return (error);
	obj->symtab.count = (uint32_t)(shdr->sh_size / each);
	obj->symtab.is64 = obj->elf.is64;
	obj->symtab.big = obj->elf.big;
	kldsim__symview_set_strings(&obj->symtab, strings,
	    obj->shdr[shdr->sh_link].sh_size);
	error = kldsim__limited(sim, &sim->options.limits.symbols,
	    obj->symtab.count, "%s: symbols", file->pathname);
	/* Each symbol is looked at, and its name where it takes long. */
	if (error == 0)
		error = kldsim__work(sim, file, obj->symtab.count +
		    kldsim__long_names(&obj->symtab,
		    sim->options.limits.work));
	if (error != 0)
		return (error);
	if (shdr->sh_size % each != 0)
		kldsim__find(sim, KLDSIM__F_SYMTAB_ODD_SIZE, &where,
		    "the symbol table's size is no multiple of %u bytes; the "
		    "rest is ignored", each);
	return (0);
}

/* Nothing is wrong with that for the kernel, but sets go unrecognized. */
static void
no_section_names(struct kldsim *sim, const struct kldsim__file *file)
{
	struct kldsim__where where = { .file = file->filename };

	kldsim__find(sim, KLDSIM__F_SHSTRNDX, &where,
	    "e_shstrndx is %u, which is no string table: no section has a "
	    "name, and no set is found",
	    kldsim__obj_of(file)->elf.ehdr.e_shstrndx);
}

/* The section names, if there is a table for them (O-06). */
int
kldsim__obj_read_section_names(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	unsigned sec = obj->elf.ehdr.e_shstrndx;
	struct kldsim__where where = { .file = file->filename };
	const uint8_t *bytes = NULL;
	int error;

	if (sec == 0) {
		no_section_names(sim, file);
		return (0);
	}
	if (sec >= obj->nshdr)
		return (kldsim__panic(sim, KLDSIM__F_SHSTRNDX, &where,
		    "e_shstrndx is %u, but there are %u sections: the kernel "
		    "reads a section header outside the table", sec,
		    obj->nshdr));
	if (obj->shdr[sec].sh_type != SHT_STRTAB) {
		no_section_names(sim, file);
		return (0);
	}
	error = table_bytes(sim, file, sec, KLDSIM__F_TABLE_SIZE, &bytes);
	if (error != 0)
		return (error);
	obj->shstrtab = (const char *)bytes;
	obj->shstrtab_size = obj->shdr[sec].sh_size;
	return (0);
}

/* Fill progtab with what does not depend on placement. */
static void
list_progtab(const struct kldsim *sim, struct kldsim__obj *obj)
{
	unsigned n = 0;

	for (unsigned i = 0; i < obj->nshdr; i++) {
		if (!kldsim__obj_is_loaded(sim, &obj->shdr[i]))
			continue;
		obj->progtab[n].sec = i;
		obj->progent_of[i] = ++n;
	}
	obj->nprogtab = n;
}

/*
 * The relocation tables, REL before RELA (O-41).  They are read in the load
 * pass, so a short one is only found there; here they are listed.
 */
static int
list_reltab(struct kldsim *sim, struct kldsim__file *file)
{
	static const unsigned types[] = { SHT_REL, SHT_RELA };
	struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned t = 0; t < 2; t++) {
		for (unsigned i = 0; i < obj->nshdr; i++) {
			struct kldsim__relent *rel;
			bool counts;
			int error;

			if (obj->shdr[i].sh_type != types[t])
				continue;
			error = reloc_counts(sim, file, i, &counts);
			if (error != 0)
				return (error);
			if (!counts)
				continue;
			rel = &obj->reltab[obj->nreltab++];
			rel->rela = types[t] == SHT_RELA;
			rel->sec = i;
			rel->target = obj->shdr[i].sh_info;
		}
	}
	return (0);
}

int
kldsim__obj_read_tables(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	struct census census = { 0, 0, 0, 0 };
	int error;

	error = kldsim__obj_read_shdrs(sim, file);
	if (error == 0)
		error = take_census(sim, file, &census);
	if (error != 0)
		return (error);
	obj->counted = census.progbits;
	error = judge_census(sim, file, &census);
	if (error != 0) {
		obj->missing_relocs = census.relocs;
		return (error);
	}
	obj->symtab_sec = census.symtab;
	obj->progtab = kldsim__arena_calloc(&file->arena, census.progbits,
	    sizeof(*obj->progtab));
	obj->reltab = kldsim__arena_calloc(&file->arena, census.relocs,
	    sizeof(*obj->reltab));
	if (obj->progtab == NULL || obj->reltab == NULL)
		return (kldsim__nomem(sim));
	error = kldsim__obj_read_symbols(sim, file);
	if (error == 0)
		error = kldsim__obj_read_section_names(sim, file);
	if (error != 0)
		return (error);
	list_progtab(sim, obj);
	return (list_reltab(sim, file));
}
