/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ET_REL: the tool lays PROGBITS and NOBITS sections out one after the other
 * from address 0 and relocates what it reads.  The old tool has all of them in
 * memory, the new one reads the file where an address is.  Here nothing is
 * copied; the layout alone is kept.  What they say is theirs, also where it
 * does not name the file (H-12).
 */

#include "kldxref/kldxref.h"

/*
 * The old tool's memory is somewhere in its address space, and what a symbol of
 * no such section has for a value is taken relative to it.  Wherever it is,
 * nothing can be read there.
 */
#define SOMEWHERE UINT64_C(0x800000000)

struct part {
	kldsim_addr address;
	uint64_t size;
	bool in_file;         /* PROGBITS */
	uint64_t offset;
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
	bool folded;        /* not by address: some lie over others */
	uint64_t size;      /* of the old tool's memory */
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

/* The same where parts lie over each other: the first one, of the file if so. */
static const struct part *
first_part(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool in_file)
{
	const struct obj *obj = file->state;

	if (!kldsim__xref_tried(file, obj->nparts))
		return (NULL);
	for (size_t i = 0; i < obj->nparts; i++) {
		const struct part *part = &obj->parts[i];

		if (address >= part->address && kldsim__in_range(
		    address - part->address, length, part->size) &&
		    (part->in_file || !in_file))
			return (part);
	}
	return (NULL);
}

static const struct part *
find_part(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool in_file)
{
	const struct obj *obj = file->state;
	const struct part *part;

	if (obj->folded)
		return (first_part(file, address, length, in_file));
	part = part_of(obj, address, length);
	return (part != NULL && (part->in_file || !in_file) ? part : NULL);
}

/* The bytes of a part; NULL if the file ends before. */
static const uint8_t *
part_bytes(const struct kldsim__xref_file *file, const struct part *part,
    uint64_t skip, uint64_t length)
{
	uint64_t offset;

	return (kldsim__add(part->offset, skip, &offset) ?
	    kldsim__xref_bytes(file, offset, length) : NULL);
}

/*
 * May these bytes be read, and of which part are they?  The old tool does not
 * ask for the part if nothing is to be relocated.
 */
static int
reach(struct kldsim__xref_file *file, kldsim_addr address, uint64_t length,
    bool relocated, const struct part **part_ret)
{
	const struct obj *obj = file->state;
	const struct part *part;

	*part_ret = NULL;
	if (!kldsim__xref_is_new(file) &&
	    !kldsim__in_range(address, length, obj->size))
		return (KLDSIM__EFAULT);
	if (!kldsim__xref_is_new(file) && !relocated)
		return (0);
	*part_ret = part = find_part(file, address, length, false);
	if (part == NULL)
		return (KLDSIM__EFAULT);
	return (!part->in_file || part_bytes(file, part,
	    address - part->address, length) != NULL ? 0 : KLDSIM__EIO);
}

static int
obj_check(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated)
{
	const struct part *part;

	return (reach(file, address, length, relocated, &part));
}

/* Bytes of all parts within a range, all in the file; gaps are zero. */
static void
copy(const struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, uint8_t *bytes)
{
	const struct obj *obj = file->state;

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
		if (!part->in_file || skip >= part->size)
			continue;
		size = part->size - skip;
		if (size > length - to)
			size = length - to;
		memcpy(bytes + to, part_bytes(file, part, skip, size), size);
	}
}

/* What was read of one part. */
static int
relocate(struct kldsim__xref_file *file, const struct part *part,
    kldsim_addr address, uint64_t length, uint8_t *bytes)
{
	struct obj *obj = file->state;
	int error = 0;

	for (size_t i = 0; i < obj->nreltabs && error == 0; i++)
		if (obj->reltabs[i].section == part->section)
			error = kldsim__xref_relocate(file,
			    &obj->reltabs[i].relocs, part->address, address,
			    length, bytes);
	return (error);
}

static int
obj_read(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated, uint8_t *bytes_ret)
{
	const struct part *part;
	int error = reach(file, address, length, relocated, &part);

	if (error != 0)
		return (error);
	if (!kldsim__xref_is_new(file))
		copy(file, address, length, bytes_ret);
	else if (part->in_file)
		memcpy(bytes_ret, part_bytes(file, part,
		    address - part->address, length), length);
	else
		memset(bytes_ret, 0, length);
	return (part != NULL ? relocate(file, part, address, length,
	    bytes_ret) : 0);
}

/* The new tool reads on where the section ends, and knows no NOBITS here. */
static int
new_read_string(struct kldsim__xref_file *file, kldsim_addr address,
    size_t size, char *text_ret)
{
	const struct part *part = find_part(file, address, 1, true);
	uint64_t offset;

	if (part == NULL || !kldsim__add(part->offset,
	    address - part->address, &offset) || offset == 0)
		return (KLDSIM__EFAULT);
	return (kldsim__xref_string_at(file, offset, size, text_ret));
}

static int
obj_read_string(struct kldsim__xref_file *file, kldsim_addr address,
    size_t size, char *text_ret)
{
	const struct obj *obj = file->state;
	char text[2048];

	if (kldsim__xref_is_new(file))
		return (new_read_string(file, address, size, text_ret));
	if (address >= obj->size || size > sizeof(text))
		return (KLDSIM__EFAULT);
	if (size > obj->size - address)
		size = (size_t)(obj->size - address);
	copy(file, address, size, (uint8_t *)text);
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
	return (kldsim__xref_is_new(file) ? sym.value : sym.value - SOMEWHERE);
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

/* The old tool has one refusal for all reads. */
static int
refuse_read(const struct kldsim__xref_file *file, const char *by_new)
{
	return (kldsim__xref_refuse_bare(file, kldsim__xref_is_new(file) ?
	    by_new : "ef_read_entry failed"));
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
	size_t rels;
	size_t relas;
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
		} else if (type == SHT_REL) {
			census.rels++;
		} else if (type == SHT_RELA) {
			census.relas++;
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
	const size_t each = kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	const GElf_Shdr *syms = &shdrs[symtab], *strings;
	const uint8_t *text;
	uint64_t symbols;

	if (syms->sh_link >= count ||
	    shdrs[syms->sh_link].sh_type != SHT_STRTAB)
		return (kldsim__xref_refuse(file,
		    "file has invalid symbol strings"));
	strings = &shdrs[syms->sh_link];
	symbols = syms->sh_size / each;
	obj->symbols.is64 = file->elf.is64;
	obj->symbols.big = file->elf.big;
	obj->symbols.syms = kldsim__xref_bytes(file, syms->sh_offset,
	    syms->sh_size);
	/* libelf wants whole ones. */
	if (obj->symbols.syms == NULL || symbols > UINT32_MAX ||
	    (kldsim__xref_is_new(file) && syms->sh_size % each != 0))
		return (refuse_read(file, "elf_read_symbols failed"));
	text = kldsim__xref_bytes(file, strings->sh_offset, strings->sh_size);
	if (text == NULL)
		return (refuse_read(file, "elf_read_string_table failed"));
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
	    refuse_read(file, "elf_read_string_table failed"));
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
 * next address is 0, where the old tool has no memory, and where the new one
 * begins anew.
 */
static uint64_t
aligned(uint64_t address, uint64_t align)
{
	return ((address + (align - 1)) & ~(align - 1));
}

/* How far the sections have been read. */
struct cursor {
	kldsim_addr base; /* of the next part */
	bool lost;
	size_t rel;       /* the next one's place in reltabs */
	size_t rela;
};

/* The old tool makes room for a part and reads it. */
static int
old_place(struct kldsim__xref_file *file, const GElf_Shdr *shdr,
    struct part *part, struct cursor *cursor)
{
	struct obj *obj = file->state;

	obj->size = aligned(obj->size, shdr->sh_addralign) + shdr->sh_size;
	cursor->base = aligned(cursor->base, shdr->sh_addralign);
	cursor->lost = cursor->lost || shdr->sh_addralign == 0;
	if (part->size != 0 && (cursor->lost || (part->in_file &&
	    part_bytes(file, part, 0, part->size) == NULL)))
		return (kldsim__xref_refuse_bare(file,
		    "failed to read progbits"));
	part->address = cursor->lost ? SOMEWHERE : cursor->base;
	if (!kldsim__add(cursor->base, part->size, &cursor->base))
		return (kldsim__xref_refuse_bare(file,
		    "posix_memalign failed"));
	return (0);
}

static void
new_place(struct kldsim__xref_file *file, const GElf_Shdr *shdr,
    struct part *part, struct cursor *cursor)
{
	struct obj *obj = file->state;

	part->address = aligned(cursor->base, shdr->sh_addralign);
	obj->folded = obj->folded || part->address < cursor->base;
	cursor->base = part->address + part->size;
	obj->folded = obj->folded || cursor->base < part->address;
}

static int
place(struct kldsim__xref_file *file, const GElf_Shdr *shdrs, size_t index,
    struct cursor *cursor)
{
	const GElf_Shdr *shdr = &shdrs[index];
	struct obj *obj = file->state;
	struct part *part = &obj->parts[obj->nparts];
	int error = 0;

	part->in_file = shdr->sh_type == SHT_PROGBITS;
	part->offset = shdr->sh_offset;
	part->size = shdr->sh_size;
	part->section = (uint32_t)index;
	part->name = part_name(obj, shdr);
	if (kldsim__xref_is_new(file))
		new_place(file, shdr, part, cursor);
	else
		error = old_place(file, shdr, part, cursor);
	obj->nparts++;
	return (error);
}

static int
read_relocs(struct kldsim__xref_file *file, const GElf_Shdr *shdr,
    struct reltab *tab)
{
	const bool rela = shdr->sh_type == SHT_RELA;
	size_t entry = kldsim__elf_sizeof(&file->elf,
	    rela ? ELF_T_RELA : ELF_T_REL);

	tab->section = shdr->sh_info;
	tab->relocs.rela = rela;
	tab->relocs.table = kldsim__xref_bytes(file, shdr->sh_offset,
	    shdr->sh_size);
	if (tab->relocs.table == NULL || shdr->sh_size / entry > UINT32_MAX ||
	    (kldsim__xref_is_new(file) && shdr->sh_size % entry != 0))
		return (refuse_read(file, rela ? "elf_read_rela failed" :
		    "elf_read_rel failed"));
	tab->relocs.count = (uint32_t)(shdr->sh_size / entry);
	return (0);
}

/* Sections in the order in which they are in the file. */
static int
read_sections(struct kldsim__xref_file *file, const GElf_Shdr *shdrs,
    size_t count, size_t rels)
{
	struct cursor cursor = { .rela = rels };
	struct obj *obj = file->state;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		if (is_part(&shdrs[i]))
			error = place(file, shdrs, i, &cursor);
		else if (shdrs[i].sh_type == SHT_REL)
			error = read_relocs(file, &shdrs[i],
			    &obj->reltabs[cursor.rel++]);
		else if (shdrs[i].sh_type == SHT_RELA)
			error = read_relocs(file, &shdrs[i],
			    &obj->reltabs[cursor.rela++]);
	}
	obj->nreltabs = cursor.rela;
	return (error);
}

/* Read all that the file needs, its sections being known. */
static int
load(struct kldsim__xref_file *file, const GElf_Shdr *shdrs, size_t count)
{
	const struct census census = take_census(shdrs, count);
	struct obj *obj = file->state;
	int error;

	if (census.parts == 0)
		return (kldsim__xref_refuse(file, "file has no contents"));
	if (census.symtabs != 1)
		return (kldsim__xref_refuse(file,
		    "file has no valid symbol table"));
	obj->parts = kldsim__xref_calloc(file, census.parts,
	    sizeof(*obj->parts));
	obj->reltabs = kldsim__xref_calloc(file,
	    census.rels + census.relas + 1, sizeof(*obj->reltabs));
	if (obj->parts == NULL || obj->reltabs == NULL)
		return (KLDSIM__ENOMEM);
	if ((error = read_symbols(file, shdrs, count, census.symtab)) != 0 ||
	    (error = read_names(file, shdrs, count)) != 0)
		return (error);
	/* H-06: posix_memalign(3) wants a power of two, from a pointer up. */
	if (!kldsim__xref_is_new(file) && (census.max_align < file->ptrsz ||
	    (census.max_align & (census.max_align - 1)) != 0))
		return (kldsim__xref_refuse_bare(file,
		    "posix_memalign failed"));
	return (read_sections(file, shdrs, count, census.rels));
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
	error = kldsim__xref_sections(file, &count, &shdrs);
	if (error == KLDSIM__EIO && !kldsim__xref_is_new(file))
		return (kldsim__xref_refuse_bare(file, "ef_read_entry failed"));
	if (error != 0)
		return (error);
	file->ops = &obj_ops;
	return (load(file, shdrs, count));
}
