/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ET_DYN and ET_EXEC: the tool finds its way by the dynamic section and reads
 * the file where an address is.  The old tool trusts PT_DYNAMIC alone; the new
 * one wants a section header for each table that it names.
 */

#include "meta/kldxref.h"

#define SEGMENTS 16         /* H-06; the old tool: OLD_SEGMENTS */
#define OLD_SEGMENTS 3

/* What the dynamic section says. */
enum tag {
	TAG_HASH, TAG_STRTAB, TAG_STRSZ, TAG_SYMTAB, TAG_SYMENT,
	TAG_REL, TAG_RELSZ, TAG_RELENT, TAG_RELA, TAG_RELASZ, TAG_RELAENT,
	TAGS
};

static const struct {
	int64_t number;
	const char *name;
	bool address;
} tags[TAGS] = {
	[TAG_HASH] = { DT_HASH, "DT_HASH", true },
	[TAG_STRTAB] = { DT_STRTAB, "DT_STRTAB", true },
	[TAG_STRSZ] = { DT_STRSZ, "DT_STRSZ", false },
	[TAG_SYMTAB] = { DT_SYMTAB, "DT_SYMTAB", true },
	[TAG_SYMENT] = { DT_SYMENT, "DT_SYMENT", false },
	[TAG_REL] = { DT_REL, "DT_REL", true },
	[TAG_RELSZ] = { DT_RELSZ, "DT_RELSZ", false },
	[TAG_RELENT] = { DT_RELENT, "DT_RELENT", false },
	[TAG_RELA] = { DT_RELA, "DT_RELA", true },
	[TAG_RELASZ] = { DT_RELASZ, "DT_RELASZ", false },
	[TAG_RELAENT] = { DT_RELAENT, "DT_RELAENT", false },
};

struct dyn {
	GElf_Phdr segments[SEGMENTS];
	size_t nsegments;
	GElf_Phdr dynamic;
	bool has_dynamic;
	uint64_t value[TAGS];
	const uint8_t *hash; /* nbuckets words, then nchains */
	uint32_t nbuckets;
	uint32_t nchains;
	struct kldsim__symview symbols;
	struct kldsim__xref_relocs rel;
	struct kldsim__xref_relocs rela;
	GElf_Shdr *shdrs;    /* the new tool's */
	size_t nshdrs;
};

static int
refuse(const struct kldsim__xref_file *file, const char *why)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING, "%s: %s", file->path,
	    why);
	return (KLDSIM__EFTYPE);
}

/* Where an address is in the file; 0 for nowhere.  p_memsz is what counts. */
static uint64_t
offset_of(const struct dyn *dyn, kldsim_addr address)
{
	for (size_t i = 0; i < dyn->nsegments; i++) {
		const GElf_Phdr *ph = &dyn->segments[i];

		if (address >= ph->p_vaddr &&
		    address < ph->p_vaddr + ph->p_memsz)
			return (ph->p_offset + (address - ph->p_vaddr));
	}
	return (0);
}

static int
dyn_check(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated)
{
	uint64_t offset = offset_of(file->state, address);

	(void)relocated;
	if (offset == 0)
		return (KLDSIM__EFAULT);
	return (kldsim__xref_bytes(file, offset, length) != NULL ? 0 :
	    KLDSIM__EIO);
}

static int
dyn_read(struct kldsim__xref_file *file, kldsim_addr address,
    uint64_t length, bool relocated, uint8_t *bytes_ret)
{
	struct dyn *dyn = file->state;
	int error = dyn_check(file, address, length, relocated);

	if (error != 0)
		return (error);
	memcpy(bytes_ret, file->elf.bytes + offset_of(dyn, address), length);
	if (relocated)
		error = kldsim__xref_relocate(file, &dyn->rel, 0, address,
		    length, bytes_ret);
	if (relocated && error == 0)
		error = kldsim__xref_relocate(file, &dyn->rela, 0, address,
		    length, bytes_ret);
	return (error);
}

/*
 * The tools read size bytes of the file, whatever the string's length is.  At
 * the end of the file the old one takes what there is, the new one refuses.
 */
static int
dyn_read_string(struct kldsim__xref_file *file, kldsim_addr address,
    size_t size, char *text_ret)
{
	uint64_t offset = offset_of(file->state, address), there;

	if (offset == 0)
		return (KLDSIM__EFAULT);
	there = offset < file->elf.size ? file->elf.size - offset : 0;
	if (there > size)
		there = size;
	memset(text_ret, 0, size);
	if (there != 0)
		memcpy(text_ret, file->elf.bytes + offset, (size_t)there);
	if (there < size && file->xref->facts.kldxref_target_order)
		return (KLDSIM__EIO);
	return (memchr(text_ret, '\0', size) != NULL ? 0 : KLDSIM__EFAULT);
}

/* Local symbols only, whatever else a relocation names. */
static kldsim_addr
dyn_symaddr(const struct kldsim__xref_file *file, uint32_t symbol)
{
	const struct dyn *dyn = file->state;
	struct kldsim__sym sym;

	if (symbol >= dyn->symbols.count)
		return (0);
	kldsim__sym_get(&dyn->symbols, symbol, &sym);
	if (sym.info >> 4 == STB_LOCAL && sym.shndx != SHN_UNDEF)
		return (sym.value);
	return (0);
}

static uint32_t
hash_word(const struct kldsim__xref_file *file, uint32_t index)
{
	const struct dyn *dyn = file->state;

	return (kldsim__load32(dyn->hash + (size_t)index * 4, file->elf.big));
}

/* The two names looked for hash alike in 32 and 64 bits (D-62). */
static uint32_t
elf_hash_of(const char *name)
{
	uint32_t hash = 0, top;

	for (; *name != '\0'; name++) {
		hash = (hash << 4) + (uint8_t)*name;
		top = hash & 0xf0000000;
		hash ^= top >> 24;
		hash &= ~top;
	}
	return (hash);
}

/* Is this the symbol, and is it defined as the tool understands that? */
static int
judge(const struct kldsim__sym *sym, const char *found, const char *name)
{
	if (strcmp(found, name) != 0)
		return (-1);
	if (sym->shndx != SHN_UNDEF ||
	    (sym->value != 0 && (sym->info & 0xf) == STT_FUNC))
		return (0);
	return (KLDSIM__ENOENT);
}

/*
 * FIDELITY: a hash table without buckets, or one whose chain is a ring, is
 * "not found" here; it ends the tool with a signal, or never.
 */
static int
lookup_symbol(struct kldsim__xref_file *file, const char *name,
    kldsim_addr *value_ret)
{
	const struct dyn *dyn = file->state;
	uint32_t index, steps = 0;

	if (dyn->nbuckets == 0)
		return (KLDSIM__ENOENT);
	for (index = hash_word(file, elf_hash_of(name) % dyn->nbuckets);
	    index != STN_UNDEF && steps++ < dyn->nchains;
	    index = hash_word(file, dyn->nbuckets + index)) {
		struct kldsim__sym sym = { 0 };
		const char *found = NULL;
		int error;

		if (index < dyn->symbols.count) {
			kldsim__sym_get(&dyn->symbols, index, &sym);
			found = kldsim__sym_name(&dyn->symbols, sym.name);
		}
		if (found == NULL || sym.name == 0) {
			kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
			    "ef_lookup_symbol: file %s have corrupted symbol "
			    "table", file->path);
			return (KLDSIM__ENOENT);
		}
		if ((error = judge(&sym, found, name)) >= 0) {
			*value_ret = sym.value;
			return (error);
		}
	}
	return (KLDSIM__ENOENT);
}

static int
dyn_lookup_set(struct kldsim__xref_file *file, kldsim_addr *start_ret,
    int64_t *count_ret)
{
	kldsim_addr stop;
	int error;

	if ((error = lookup_symbol(file, "__start_set_modmetadata_set",
	    start_ret)) != 0 ||
	    (error = lookup_symbol(file, "__stop_set_modmetadata_set",
	    &stop)) != 0)
		return (error);
	if (stop < *start_ret)
		return (KLDSIM__ENOMEM); /* of a size below zero */
	*count_ret = (int64_t)((stop - *start_ret) / file->ptrsz);
	return (0);
}

static const struct kldsim__xref_ops dyn_ops = {
	.lookup_set = dyn_lookup_set,
	.check = dyn_check,
	.read = dyn_read,
	.read_string = dyn_read_string,
	.symaddr = dyn_symaddr,
};

/* Program headers: the segments and PT_DYNAMIC, the last one if several. */
static int
read_segments(struct kldsim__xref_file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const size_t max = file->xref->facts.kldxref_target_order ?
	    SEGMENTS : OLD_SEGMENTS;
	struct dyn *dyn = file->state;
	size_t loads = 0;
	GElf_Phdr phdr;

	for (size_t i = 0; i < ehdr->e_phnum; i++) {
		if (!kldsim__elf_phdrs(&file->elf, ehdr->e_phoff +
		    i * ehdr->e_phentsize, 1, &phdr))
			return (KLDSIM__EFTYPE);
		if (phdr.p_type == PT_LOAD && loads++ < max)
			dyn->segments[dyn->nsegments++] = phdr;
		if (phdr.p_type == PT_DYNAMIC) {
			dyn->dynamic = phdr;
			dyn->has_dynamic = true;
		}
	}
	if (!dyn->has_dynamic) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "Skipping %s: not dynamically-linked", file->path);
		return (KLDSIM__EFTYPE);
	}
	return (loads <= max ? 0 : refuse(file, "too many segments"));
}

/* One entry of the dynamic section. */
static void
take_tag(struct kldsim__xref_file *file, int64_t number, uint64_t value)
{
	bool target_order = file->xref->facts.kldxref_target_order;
	struct dyn *dyn = file->state;
	size_t i = 0;

	while (i < TAGS && tags[i].number != number)
		i++;
	if (i == TAGS)
		return;
	/* The old tool says so, and then does not ignore it. */
	if (dyn->value[i] != 0 && i != TAG_SYMENT) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "second %s entry ignored", tags[i].name);
		if (target_order)
			return;
	}
	/* The new tool turns addresses into offsets at once. */
	dyn->value[i] = target_order && tags[i].address ?
	    offset_of(dyn, value) : value;
}

/* Entry sizes that are given have to be right. */
static bool
entry_size_is(const struct kldsim__xref_file *file, enum tag tag,
    Elf_Type type)
{
	const struct dyn *dyn = file->state;

	return (dyn->value[tag] == 0 ||
	    dyn->value[tag] == kldsim__elf_sizeof(&file->elf, type));
}

static int
read_dynamic(struct kldsim__xref_file *file)
{
	const size_t entry = kldsim__elf_sizeof(&file->elf, ELF_T_DYN);
	const unsigned half = file->ptrsz;
	struct dyn *dyn = file->state;
	const uint8_t *at = kldsim__xref_bytes(file, dyn->dynamic.p_offset,
	    dyn->dynamic.p_filesz);

	if (at == NULL)
		return (KLDSIM__EFTYPE);
	for (uint64_t i = 0; i < dyn->dynamic.p_filesz / entry; i++) {
		uint64_t tag = kldsim__load(at, half, file->elf.big);

		if (tag == DT_NULL)
			break;
		take_tag(file, (int64_t)tag,
		    kldsim__load(at + half, half, file->elf.big));
		at += entry;
	}
	if (!entry_size_is(file, TAG_SYMENT, ELF_T_SYM))
		return (KLDSIM__EFTYPE);
	if (file->xref->facts.kldxref_target_order &&
	    (!entry_size_is(file, TAG_RELENT, ELF_T_REL) ||
	    !entry_size_is(file, TAG_RELAENT, ELF_T_RELA)))
		return (KLDSIM__EFTYPE);
	return (0);
}

/* The hash table at an offset: its two counts, then the words. */
static int
take_hash(struct kldsim__xref_file *file, uint64_t offset)
{
	struct dyn *dyn = file->state;
	const uint8_t *head = kldsim__xref_bytes(file, offset, 8);
	uint64_t words;

	if (head == NULL)
		return (refuse(file, "can't read hash header"));
	dyn->nbuckets = kldsim__load32(head, file->elf.big);
	dyn->nchains = kldsim__load32(head + 4, file->elf.big);
	words = (uint64_t)dyn->nbuckets + dyn->nchains;
	dyn->hash = kldsim__xref_bytes(file, offset + 8, words * 4);
	return (dyn->hash != NULL ? 0 :
	    refuse(file, "can't read hash table"));
}

static int
take_symbols(struct kldsim__xref_file *file, uint64_t symbols,
    uint64_t strings, uint64_t strings_size)
{
	struct dyn *dyn = file->state;
	uint64_t size = dyn->nchains *
	    (uint64_t)kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	const uint8_t *text;

	dyn->symbols.is64 = file->elf.is64;
	dyn->symbols.big = file->elf.big;
	dyn->symbols.syms = kldsim__xref_bytes(file, symbols, size);
	if (dyn->symbols.syms == NULL)
		return (KLDSIM__EIO); /* said with -v only */
	text = kldsim__xref_bytes(file, strings, strings_size);
	if (text == NULL)
		return (refuse(file, "can't load .dynstr section"));
	dyn->symbols.count = dyn->nchains;
	kldsim__symview_set_strings(&dyn->symbols, text, strings_size);
	return (0);
}

static int
take_relocs(struct kldsim__xref_file *file, bool rela, uint64_t offset,
    uint64_t size)
{
	struct dyn *dyn = file->state;
	struct kldsim__xref_relocs *relocs = rela ? &dyn->rela : &dyn->rel;
	uint64_t count = size / kldsim__elf_sizeof(&file->elf,
	    rela ? ELF_T_RELA : ELF_T_REL);

	relocs->rela = rela;
	relocs->table = kldsim__xref_bytes(file, offset, size);
	if (relocs->table == NULL || count > UINT32_MAX)
		return (refuse(file, rela ? "cannot load DT_RELA section" :
		    "cannot load DT_REL section"));
	relocs->count = (uint32_t)count;
	return (0);
}

/* The old tool's checks of a relocation table. */
static int
old_relocs(struct kldsim__xref_file *file, bool rela)
{
	const struct dyn *dyn = file->state;
	uint64_t address = dyn->value[rela ? TAG_RELA : TAG_REL];
	uint64_t size = dyn->value[rela ? TAG_RELASZ : TAG_RELSZ];
	uint64_t entry = dyn->value[rela ? TAG_RELAENT : TAG_RELENT];
	const uint64_t want = kldsim__elf_sizeof(&file->elf,
	    rela ? ELF_T_RELA : ELF_T_REL);

	if (address == 0)
		return (0);
	if (entry == 0)
		return (refuse(file, rela ? "no DT_RELAENT for DT_RELA" :
		    "no DT_RELENT for DT_REL"));
	if (entry != want)
		return (refuse(file, rela ? "inconsistent DT_RELAENT value" :
		    "inconsistent DT_RELENT value"));
	if (size % entry != 0)
		return (refuse(file, rela ?
		    "inconsistent values for DT_RELASZ and DT_RELAENT" :
		    "inconsistent values for DT_RELSZ and DT_RELENT"));
	return (take_relocs(file, rela, offset_of(dyn, address), size));
}

static int
old_tables(struct kldsim__xref_file *file)
{
	const struct dyn *dyn = file->state;
	int error = 0;

	if (dyn->value[TAG_HASH] != 0)
		error = take_hash(file, offset_of(dyn, dyn->value[TAG_HASH]));
	if (error != 0)
		return (error);
	if (dyn->value[TAG_SYMTAB] == 0)
		return (refuse(file, "no .dynsym section found"));
	if (dyn->value[TAG_STRTAB] == 0)
		return (refuse(file, "no .dynstr section found"));
	error = take_symbols(file, offset_of(dyn, dyn->value[TAG_SYMTAB]),
	    offset_of(dyn, dyn->value[TAG_STRTAB]), dyn->value[TAG_STRSZ]);
	if (error == 0)
		error = old_relocs(file, false);
	if (error == 0)
		error = old_relocs(file, true);
	/* The old tool looks at the file's type last. */
	if (error == 0 && file->elf.ehdr.e_type != ET_DYN &&
	    file->elf.ehdr.e_type != ET_EXEC)
		error = KLDSIM__EFTYPE;
	return (error);
}

/* The section header of a table that the dynamic section names. */
static const GElf_Shdr *
section_at(struct kldsim__xref_file *file, uint32_t type, enum tag tag)
{
	const struct dyn *dyn = file->state;
	const GElf_Shdr *found = NULL;

	for (size_t i = 0; i < dyn->nshdrs; i++) {
		if (dyn->shdrs[i].sh_type != type)
			continue;
		if (dyn->shdrs[i].sh_offset == dyn->value[tag])
			found = &dyn->shdrs[i];
		else if (type == SHT_HASH || type == SHT_DYNSYM)
			kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
			    "%s: ignoring %s at different offset from %s",
			    file->path, type == SHT_HASH ? "SHT_HASH" :
			    "SHT_DYNSYM", tags[tag].name);
	}
	return (found);
}

/* There is one SHT_DYNAMIC, and it is PT_DYNAMIC. */
static int
new_sections(struct kldsim__xref_file *file)
{
	struct dyn *dyn = file->state;
	size_t found = 0;

	if (kldsim__xref_sections(file, &dyn->nshdrs, &dyn->shdrs) != 0)
		return (KLDSIM__EFTYPE);
	for (size_t i = 0; i < dyn->nshdrs; i++) {
		const GElf_Shdr *shdr = &dyn->shdrs[i];

		if (shdr->sh_type != SHT_DYNAMIC)
			continue;
		if (shdr->sh_offset != dyn->dynamic.p_offset ||
		    shdr->sh_size != dyn->dynamic.p_filesz)
			return (refuse(file,
			    ".dynamic section doesn't match phdr"));
		if (found++ != 0)
			return (refuse(file, "multiple SHT_DYNAMIC sections"));
	}
	return (found != 0 ? 0 : KLDSIM__EINVAL);
}

static int
new_hash(struct kldsim__xref_file *file, const GElf_Shdr *shdr)
{
	const struct dyn *dyn = file->state;
	int error;

	if (shdr == NULL)
		return (refuse(file, "did not find a symbol hash table"));
	if (shdr->sh_size < 8)
		return (refuse(file, "hash section too small"));
	if ((error = take_hash(file, shdr->sh_offset)) != 0)
		return (error);
	if ((2 + (uint64_t)dyn->nbuckets + dyn->nchains) * 4 != shdr->sh_size)
		return (refuse(file, "inconsistent hash section size"));
	return (0);
}

static int
new_symbols(struct kldsim__xref_file *file, const GElf_Shdr *symbols,
    const GElf_Shdr *strings)
{
	const struct dyn *dyn = file->state;

	if (symbols == NULL)
		return (refuse(file, "did not find a dynamic symbol table"));
	if (symbols->sh_size / kldsim__elf_sizeof(&file->elf, ELF_T_SYM) !=
	    dyn->nchains)
		return (refuse(file, "symbol count mismatch"));
	if (strings == NULL)
		return (refuse(file, "did not find a dynamic string table"));
	return (take_symbols(file, symbols->sh_offset, strings->sh_offset,
	    strings->sh_size));
}

static int
new_relocs(struct kldsim__xref_file *file, bool rela, const GElf_Shdr *shdr)
{
	const struct dyn *dyn = file->state;

	if (dyn->value[rela ? TAG_RELA : TAG_REL] == 0)
		return (0);
	if (shdr == NULL)
		return (refuse(file, rela ?
		    "did not find a DT_RELA relocation table" :
		    "did not find a DT_REL relocation table"));
	if (shdr->sh_size != dyn->value[rela ? TAG_RELASZ : TAG_RELSZ])
		return (refuse(file, rela ?
		    "size mismatch for DT_RELA section" :
		    "size mismatch for DT_REL section"));
	return (take_relocs(file, rela, shdr->sh_offset, shdr->sh_size));
}

static int
new_tables(struct kldsim__xref_file *file)
{
	const uint64_t *value = ((const struct dyn *)file->state)->value;
	int error;

	if (value[TAG_HASH] == 0)
		return (refuse(file, "no .hash section found"));
	if (value[TAG_SYMTAB] == 0)
		return (refuse(file, "no .dynsym section found"));
	if (value[TAG_STRTAB] == 0)
		return (refuse(file, "no .dynstr section found"));
	if (value[TAG_REL] == 0 && value[TAG_RELA] == 0)
		return (refuse(file, "no ELF relocation table found"));
	if ((error = new_hash(file,
	    section_at(file, SHT_HASH, TAG_HASH))) != 0 ||
	    (error = new_symbols(file,
	    section_at(file, SHT_DYNSYM, TAG_SYMTAB),
	    section_at(file, SHT_STRTAB, TAG_STRTAB))) != 0 ||
	    (error = new_relocs(file, false,
	    section_at(file, SHT_REL, TAG_REL))) != 0)
		return (error);
	return (new_relocs(file, true,
	    section_at(file, SHT_RELA, TAG_RELA)));
}

int
kldsim__xref_open_dyn(struct kldsim__xref_file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const bool target_order = file->xref->facts.kldxref_target_order;
	int error;

	if (ehdr->e_phentsize != kldsim__elf_sizeof(&file->elf, ELF_T_PHDR))
		return (KLDSIM__EFTYPE);
	if (target_order && (ehdr->e_phnum == 0 || ehdr->e_shnum == 0 ||
	    ehdr->e_shoff == 0 || ehdr->e_shentsize !=
	    kldsim__elf_sizeof(&file->elf, ELF_T_SHDR)))
		return (KLDSIM__EFTYPE);
	file->state = kldsim__xref_calloc(file, 1, sizeof(struct dyn));
	if (file->state == NULL)
		return (KLDSIM__ENOMEM);
	if ((error = read_segments(file)) != 0 ||
	    (target_order && (error = new_sections(file)) != 0) ||
	    (error = read_dynamic(file)) != 0 ||
	    (error = target_order ? new_tables(file) : old_tables(file)) != 0)
		return (error);
	file->ops = &dyn_ops;
	return (0);
}
