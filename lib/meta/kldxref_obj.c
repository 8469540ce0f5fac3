/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ET_REL: the tool lays PROGBITS and NOBITS sections out one after the other
 * from address 0 and relocates what it reads.  Here nothing is copied; the
 * layout alone is kept.
 */

#include "meta/kldxref.h"

/*
 * The tool's memory is somewhere in its address space, and what a symbol of
 * no such section has for a value is taken relative to it.  Wherever it is,
 * nothing can be read there.
 */
#define SOMEWHERE UINT64_C(0x800000000)

struct part {
	kldsim_addr address;
	uint64_t size;
	const uint8_t *bytes; /* NULL: NOBITS */
	uint32_t section;
	const char *name;
};

struct reltab {
	struct kldsim__xref_relocs relocs;
	uint32_t section; /* that is relocated */
};

struct obj {
	struct part *parts; /* by address, and by section */
	size_t nparts;
	uint64_t size;      /* of the tool's memory */
	struct reltab *reltabs; /* REL before RELA */
	size_t nreltabs;
	struct kldsim__symview symbols;
	const char *names;  /* of sections; NULL: none */
	uint64_t names_size;
};

/* The last part that begins at or below an address; the first is at 0. */
static size_t
part_below(const struct obj *obj, kldsim_addr address)
{
	size_t low = 0, high = obj->nparts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (obj->parts[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return (low - (low > 0));
}

/* The part that has all these bytes. */
static const struct part *
part_of(const struct obj *obj, kldsim_addr address, uint64_t length)
{
	/* Empty parts share an address with the one after them. */
	const struct part *part = &obj->parts[part_below(obj, address)];

	return (kldsim__in_range(address - part->address, length,
	    part->size) ? part : NULL);
}

static int
obj_check(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated)
{
	const struct obj *obj = file->state;

	if (!kldsim__in_range(address, length, obj->size))
		return (KLDSIM__EFAULT);
	if (relocated && part_of(obj, address, length) == NULL)
		return (KLDSIM__EFAULT);
	return (0);
}

/* Bytes of all parts within a range; gaps are zero. */
static void
copy(const struct obj *obj, kldsim_addr address, uint64_t length,
    uint8_t *bytes)
{
	memset(bytes, 0, length);
	for (size_t i = part_below(obj, address); i < obj->nparts; i++) {
		const struct part *part = &obj->parts[i];
		uint64_t skip = address > part->address ?
		    address - part->address : 0;
		uint64_t to = part->address > address ?
		    part->address - address : 0;
		uint64_t size;

		if (to >= length)
			break;
		if (part->bytes == NULL || skip >= part->size)
			continue;
		size = part->size - skip;
		if (size > length - to)
			size = length - to;
		memcpy(bytes + to, part->bytes + skip, size);
	}
}

static int
obj_read(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated, uint8_t *bytes_ret)
{
	struct obj *obj = file->state;
	const struct part *part = part_of(obj, address, length);
	int error = obj_check(file, address, length, relocated);

	if (error != 0)
		return (error);
	copy(obj, address, length, bytes_ret);
	if (!relocated)
		return (0);
	for (size_t i = 0; i < obj->nreltabs && error == 0; i++)
		if (obj->reltabs[i].section == part->section)
			error = kldsim__xref_relocate(file,
			    &obj->reltabs[i].relocs, part->address, address,
			    length, bytes_ret);
	return (error);
}

static int
obj_read_string(struct kldsim__xref_file *file, kldsim_addr address,
    size_t size, char *text_ret)
{
	const struct obj *obj = file->state;
	char text[2048];

	if (address >= obj->size || size > sizeof(text))
		return (KLDSIM__EFAULT);
	if (size > obj->size - address)
		size = (size_t)(obj->size - address);
	copy(obj, address, size, (uint8_t *)text);
	if (memchr(text, '\0', size) == NULL)
		return (KLDSIM__EFAULT);
	memcpy(text_ret, text, size);
	return (0);
}

static kldsim_addr
obj_symaddr(const struct kldsim__xref_file *file, uint32_t symbol)
{
	const struct obj *obj = file->state;
	struct kldsim__sym sym;
	size_t low = 0, high = obj->nparts;

	if (symbol >= obj->symbols.count)
		return (0);
	kldsim__sym_get(&obj->symbols, symbol, &sym);
	if (sym.shndx == SHN_UNDEF)
		return (0);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (obj->parts[middle].section < sym.shndx)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < obj->nparts && obj->parts[low].section == sym.shndx)
		return (obj->parts[low].address + sym.value);
	return (sym.value - SOMEWHERE);
}

static int
obj_lookup_set(struct kldsim__xref_file *file, kldsim_addr *start_ret,
    int64_t *count_ret)
{
	const struct obj *obj = file->state;

	for (size_t i = 0; i < obj->nparts; i++) {
		if (strcmp(obj->parts[i].name, "set_modmetadata_set") != 0)
			continue;
		*start_ret = obj->parts[i].address;
		*count_ret = (int64_t)(obj->parts[i].size / file->ptrsz);
		return (0);
	}
	return (KLDSIM__ESRCH);
}

static const struct kldsim__xref_ops obj_ops = {
	.lookup_set = obj_lookup_set,
	.check = obj_check,
	.read = obj_read,
	.read_string = obj_read_string,
	.symaddr = obj_symaddr,
};

/* A refusal that the tool prints. */
static int
refuse(const struct kldsim__xref_file *file, const char *why)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING, "%s: %s", file->path,
	    why);
	return (KLDSIM__EFTYPE);
}

static bool
is_part(const GElf_Shdr *shdr)
{
	return (shdr->sh_type == SHT_PROGBITS || shdr->sh_type == SHT_NOBITS);
}

/* What the tool counts before it reads anything. */
struct census {
	size_t parts;
	size_t symtabs;
	size_t symtab; /* the last one */
	size_t reltabs;
	uint64_t max_align;
};

static struct census
take_census(const GElf_Shdr *shdrs, size_t count)
{
	struct census census = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint32_t type = shdrs[i].sh_type;

		if (is_part(&shdrs[i])) {
			census.parts++;
			if (shdrs[i].sh_addralign > census.max_align)
				census.max_align = shdrs[i].sh_addralign;
		} else if (type == SHT_SYMTAB) {
			census.symtabs++;
			census.symtab = i;
		} else if (type == SHT_REL || type == SHT_RELA) {
			census.reltabs++;
		}
	}
	return (census);
}

/* The symbol table and its strings, whole and within the file. */
static int
read_symbols(struct kldsim__xref_file *file, const GElf_Shdr *shdrs,
    size_t count, size_t symtab)
{
	struct obj *obj = file->state;
	const GElf_Shdr *syms = &shdrs[symtab], *strings;
	const uint8_t *text;
	uint64_t symbols;

	if (syms->sh_link >= count ||
	    shdrs[syms->sh_link].sh_type != SHT_STRTAB)
		return (refuse(file, "file has invalid symbol strings"));
	strings = &shdrs[syms->sh_link];
	symbols = syms->sh_size / kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	obj->symbols.is64 = file->elf.is64;
	obj->symbols.big = file->elf.big;
	obj->symbols.syms = kldsim__xref_bytes(file, syms->sh_offset,
	    syms->sh_size);
	text = kldsim__xref_bytes(file, strings->sh_offset, strings->sh_size);
	if (obj->symbols.syms == NULL || symbols > UINT32_MAX || text == NULL)
		return (refuse(file, "cannot read the symbol table"));
	obj->symbols.count = (uint32_t)symbols;
	kldsim__symview_set_strings(&obj->symbols, text, strings->sh_size);
	return (0);
}

static int
read_names(struct kldsim__xref_file *file, const GElf_Shdr *shdrs,
    size_t count)
{
	struct obj *obj = file->state;
	size_t index = file->elf.ehdr.e_shstrndx;

	if (index == 0 || index >= count ||
	    shdrs[index].sh_type != SHT_STRTAB)
		return (0);
	obj->names_size = shdrs[index].sh_size;
	obj->names = (const char *)kldsim__xref_bytes(file,
	    shdrs[index].sh_offset, shdrs[index].sh_size);
	return (obj->names != NULL ? 0 :
	    refuse(file, "cannot read the section names"));
}

static const char *
part_name(const struct obj *obj, const GElf_Shdr *shdr)
{
	const char *name = NULL;

	if (obj->names != NULL && shdr->sh_name != 0)
		name = kldsim__strtab_get(obj->names, obj->names_size,
		    shdr->sh_name);
	return (name != NULL ? name : "");
}

/*
 * Round up as the tool does.  An alignment of 0 makes its mask all ones: the
 * next address is 0, where the tool has no memory.
 */
static uint64_t
aligned(uint64_t address, uint64_t align)
{
	return ((address + (align - 1)) & ~(align - 1));
}

/* Place the parts; NULL, or what stops the tool. */
static const char *
place(struct kldsim__xref_file *file, const GElf_Shdr *shdrs, size_t count)
{
	struct obj *obj = file->state;
	kldsim_addr base = 0;
	bool lost = false;

	for (size_t i = 0; i < count; i++) {
		struct part *part = &obj->parts[obj->nparts];

		if (!is_part(&shdrs[i]))
			continue;
		obj->size = aligned(obj->size, shdrs[i].sh_addralign) +
		    shdrs[i].sh_size;
		base = aligned(base, shdrs[i].sh_addralign);
		lost = lost || shdrs[i].sh_addralign == 0;
		if (lost && shdrs[i].sh_size != 0)
			return ("failed to read progbits");
		part->address = lost ? SOMEWHERE : base;
		part->size = shdrs[i].sh_size;
		part->section = (uint32_t)i;
		part->name = part_name(obj, &shdrs[i]);
		if (shdrs[i].sh_type == SHT_PROGBITS &&
		    (part->bytes = kldsim__xref_bytes(file,
		    shdrs[i].sh_offset, shdrs[i].sh_size)) == NULL)
			return ("failed to read progbits");
		if (base + part->size < base)
			return ("posix_memalign failed");
		base += part->size;
		obj->nparts++;
	}
	return (NULL);
}

/* The relocation tables of one kind. */
static int
read_relocs(struct kldsim__xref_file *file, const GElf_Shdr *shdrs,
    size_t count, uint32_t type)
{
	struct obj *obj = file->state;
	size_t entry = kldsim__elf_sizeof(&file->elf,
	    type == SHT_RELA ? ELF_T_RELA : ELF_T_REL);

	for (size_t i = 0; i < count; i++) {
		struct reltab *tab = &obj->reltabs[obj->nreltabs];

		if (shdrs[i].sh_type != type)
			continue;
		tab->section = shdrs[i].sh_info;
		tab->relocs.rela = type == SHT_RELA;
		tab->relocs.table = kldsim__xref_bytes(file,
		    shdrs[i].sh_offset, shdrs[i].sh_size);
		if (tab->relocs.table == NULL ||
		    shdrs[i].sh_size / entry > UINT32_MAX)
			return (refuse(file, "cannot read relocations"));
		tab->relocs.count = (uint32_t)(shdrs[i].sh_size / entry);
		obj->nreltabs++;
	}
	return (0);
}

/* Read all that the file needs, its sections being known. */
static int
load(struct kldsim__xref_file *file, const GElf_Shdr *shdrs, size_t count)
{
	const struct census census = take_census(shdrs, count);
	struct obj *obj = file->state;
	const char *why;
	int error;

	if (census.parts == 0)
		return (refuse(file, "file has no contents"));
	if (census.symtabs != 1)
		return (refuse(file, "file has no valid symbol table"));
	obj->parts = kldsim__xref_calloc(file, census.parts,
	    sizeof(*obj->parts));
	obj->reltabs = kldsim__xref_calloc(file, census.reltabs + 1,
	    sizeof(*obj->reltabs));
	if (obj->parts == NULL || obj->reltabs == NULL)
		return (KLDSIM__ENOMEM);
	if ((error = read_symbols(file, shdrs, count, census.symtab)) != 0 ||
	    (error = read_names(file, shdrs, count)) != 0)
		return (error);
	/* H-06: posix_memalign(3) wants a power of two, from a pointer up. */
	if (census.max_align < file->ptrsz ||
	    (census.max_align & (census.max_align - 1)) != 0)
		return (refuse(file, "posix_memalign failed"));
	if ((why = place(file, shdrs, count)) != NULL)
		return (refuse(file, why));
	if ((error = read_relocs(file, shdrs, count, SHT_REL)) != 0)
		return (error);
	return (read_relocs(file, shdrs, count, SHT_RELA));
}

int
kldsim__xref_open_obj(struct kldsim__xref_file *file)
{
	GElf_Shdr *shdrs;
	size_t count;
	int error;

	if (file->elf.ehdr.e_type != ET_REL)
		return (KLDSIM__EFTYPE);
	file->state = kldsim__xref_calloc(file, 1, sizeof(struct obj));
	if (file->state == NULL)
		return (KLDSIM__ENOMEM);
	if ((error = kldsim__xref_sections(file, &count, &shdrs)) != 0)
		return (error);
	file->ops = &obj_ops;
	return (load(file, shdrs, count));
}
