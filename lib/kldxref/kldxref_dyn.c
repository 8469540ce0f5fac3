/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * ET_DYN and ET_EXEC: the tool finds its way by the dynamic section and reads
 * the file where an address is.  The old tool trusts PT_DYNAMIC alone; the new
 * one wants a section header for each table that it names.  What they say is
 * theirs, also where it does not name the file (H-12).
 */

#include "kldxref/kldxref.h"

#include <inttypes.h>

#include <kldsim/report.h>

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
	bool address;
	Elf_Type entry;  /* of which this is the size; ELF_T_BYTE: none */
	/* What each tool calls a second one; NULL: it says nothing. */
	const char *old;
	const char *new;
} tags[TAGS] = {
	[TAG_HASH] = { DT_HASH, true, ELF_T_BYTE, NULL, "DT_HASH" },
	[TAG_STRTAB] = { DT_STRTAB, true, ELF_T_BYTE, NULL, "DT_STRTAB" },
	[TAG_STRSZ] = { DT_STRSZ, false, ELF_T_BYTE, NULL, NULL },
	[TAG_SYMTAB] = { DT_SYMTAB, true, ELF_T_BYTE, NULL, "DT_SYMTAB" },
	[TAG_SYMENT] = { DT_SYMENT, false, ELF_T_SYM, NULL, NULL },
	[TAG_REL] = { DT_REL, true, ELF_T_BYTE, "DT_REL", "DT_REL" },
	[TAG_RELSZ] = { DT_RELSZ, false, ELF_T_BYTE, "DT_RELSZ", "DT_RELSZ" },
	[TAG_RELENT] = { DT_RELENT, false, ELF_T_REL, "DT_RELENT", NULL },
	[TAG_RELA] = { DT_RELA, true, ELF_T_BYTE, "DT_RELA", "DT_RELA" },
	/* The new one's slip. */
	[TAG_RELASZ] = { DT_RELASZ, false, ELF_T_BYTE, "DT_RELASZ",
	    "DT_RELSZ" },
	[TAG_RELAENT] = { DT_RELAENT, false, ELF_T_RELA, "DT_RELAENT", NULL },
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
	/* The new tool's: what sections have been found. */
	const uint8_t *strings;
	uint64_t strings_size;
	uint64_t nsym;
	struct kldsim__xref_relocs rel;
	struct kldsim__xref_relocs rela;
	GElf_Shdr *shdrs;
	size_t nshdrs;
};

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
 * the end of the file they take what there is, the new one if it ends.
 */
static int
dyn_read_string(struct kldsim__xref_file *file, kldsim_addr address,
    size_t size, char *text_ret)
{
	uint64_t offset = offset_of(file->state, address), there;

	if (offset == 0)
		return (KLDSIM__EFAULT);
	if (kldsim__xref_is_new(file))
		return (kldsim__xref_string_at(file, offset, size, text_ret));
	there = offset < file->elf.size ? file->elf.size - offset : 0;
	if (there > size)
		there = size;
	memset(text_ret, 0, size);
	if (there != 0)
		memcpy(text_ret, file->elf.bytes + offset, (size_t)there);
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
 * FIDELITY: a hash table without buckets, or with more than there are, or one
 * whose chain is a ring, is "not found" here; it ends the tool with a signal,
 * or never.
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
	const size_t max = kldsim__xref_is_new(file) ? SEGMENTS : OLD_SEGMENTS;
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
	return (loads <= max ? 0 : kldsim__xref_refuse(file,
	    "too many segments"));
}

/*
 * The two counts of a hash table and its words.  The tools add the counts in
 * 32 bits; where that wraps, there are no such buckets.
 */
static uint32_t
take_counts(struct kldsim__xref_file *file, const uint8_t *head)
{
	struct dyn *dyn = file->state;
	uint32_t words;

	dyn->nbuckets = kldsim__load32(head, file->elf.big);
	dyn->nchains = kldsim__load32(head + 4, file->elf.big);
	words = dyn->nbuckets + dyn->nchains;
	if (words < dyn->nbuckets)
		dyn->nbuckets = 0;
	return (words);
}

/* The old tool reads the hash table as it comes to it. */
static int
old_hash(struct kldsim__xref_file *file, uint64_t offset)
{
	struct dyn *dyn = file->state;
	const uint8_t *head = kldsim__xref_bytes(file, offset, 8);

	if (head == NULL) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "can't read hash header (%" PRIx64 ")", offset);
		return (KLDSIM__EIO);
	}
	dyn->hash = kldsim__xref_bytes(file, offset + 8,
	    (uint64_t)take_counts(file, head) * 4);
	return (dyn->hash != NULL ? 0 :
	    kldsim__xref_refuse_bare(file, "can't read hash table"));
}

/* One entry of the dynamic section. */
static int
take_tag(struct kldsim__xref_file *file, int64_t number, uint64_t value)
{
	const bool new = kldsim__xref_is_new(file);
	struct dyn *dyn = file->state;
	const char *second;
	size_t i = 0;

	while (i < TAGS && tags[i].number != number)
		i++;
	if (i == TAGS)
		return (0);
	/* The old tool looks at those of relocations later. */
	if (tags[i].entry != ELF_T_BYTE && (new || i == TAG_SYMENT))
		return (value == kldsim__elf_sizeof(&file->elf,
		    tags[i].entry) ? 0 : KLDSIM__EFTYPE);
	second = new ? tags[i].new : tags[i].old;
	/* The old tool says so, and then does not ignore it. */
	if (dyn->value[i] != 0 && second != NULL) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "second %s entry ignored", second);
		if (new)
			return (0);
	}
	/* The new tool turns addresses into offsets at once. */
	dyn->value[i] = new && tags[i].address ? offset_of(dyn, value) : value;
	return (!new && i == TAG_HASH ?
	    old_hash(file, offset_of(dyn, value)) : 0);
}

static int
read_dynamic(struct kldsim__xref_file *file)
{
	const size_t entry = kldsim__elf_sizeof(&file->elf, ELF_T_DYN);
	const unsigned half = file->ptrsz;
	const struct dyn *dyn = file->state;
	const uint64_t size = dyn->dynamic.p_filesz;
	const uint8_t *at = kldsim__xref_bytes(file, dyn->dynamic.p_offset,
	    size);
	int error = 0;

	if (at == NULL || (kldsim__xref_is_new(file) && size % entry != 0))
		return (kldsim__xref_is_new(file) ? KLDSIM__EINVAL :
		    kldsim__xref_refuse_bare(file, "ef_read_entry failed"));
	for (uint64_t i = 0; i < size / entry && error == 0; i++) {
		uint64_t tag = kldsim__load(at, half, file->elf.big);

		if (tag == DT_NULL)
			break;
		error = take_tag(file, (int64_t)tag,
		    kldsim__load(at + half, half, file->elf.big));
		at += entry;
	}
	return (error);
}

/* Said with -v only. */
static int
no_symbols(const struct kldsim__xref_file *file)
{
	const struct dyn *dyn = file->state;

	kldsim__xref_say(file->xref, KLDSIM_LOG_DEBUG,
	    "%s: can't load .dynsym section (0x%" PRIx64 ")", file->path,
	    dyn->value[TAG_SYMTAB]);
	return (KLDSIM__EIO);
}

static void
take_symbols(struct kldsim__xref_file *file, const uint8_t *symbols,
    const uint8_t *strings, uint64_t strings_size)
{
	struct dyn *dyn = file->state;

	dyn->symbols.is64 = file->elf.is64;
	dyn->symbols.big = file->elf.big;
	dyn->symbols.syms = symbols;
	dyn->symbols.count = dyn->nchains;
	kldsim__symview_set_strings(&dyn->symbols, strings, strings_size);
}

static int
take_relocs(struct kldsim__xref_file *file, bool rela, uint64_t offset,
    uint64_t size)
{
	struct dyn *dyn = file->state;
	struct kldsim__xref_relocs *relocs = rela ? &dyn->rela : &dyn->rel;
	const uint64_t entry = kldsim__elf_sizeof(&file->elf,
	    rela ? ELF_T_RELA : ELF_T_REL);

	relocs->rela = rela;
	relocs->table = kldsim__xref_bytes(file, offset, size);
	if (relocs->table == NULL || size / entry > UINT32_MAX ||
	    size % entry != 0)
		return (kldsim__xref_refuse(file,
		    rela ? "cannot load DT_RELA section" :
		    "cannot load DT_REL section"));
	relocs->count = (uint32_t)(size / entry);
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
		return (kldsim__xref_refuse(file,
		    rela ? "no DT_RELAENT for DT_RELA" :
		    "no DT_RELENT for DT_REL"));
	if (entry != want)
		return (kldsim__xref_refuse(file,
		    rela ? "inconsistent DT_RELAENT value" :
		    "inconsistent DT_RELENT value"));
	if (size % entry != 0)
		return (kldsim__xref_refuse(file, rela ?
		    "inconsistent values for DT_RELASZ and DT_RELAENT" :
		    "inconsistent values for DT_RELSZ and DT_RELENT"));
	return (take_relocs(file, rela, offset_of(dyn, address), size));
}

static int
old_symbols(struct kldsim__xref_file *file)
{
	const struct dyn *dyn = file->state;
	const uint64_t size = dyn->value[TAG_STRSZ];
	const uint8_t *symbols, *strings;

	if (dyn->value[TAG_SYMTAB] == 0)
		return (kldsim__xref_refuse(file, "no .dynsym section found"));
	if (dyn->value[TAG_STRTAB] == 0)
		return (kldsim__xref_refuse(file, "no .dynstr section found"));
	symbols = kldsim__xref_bytes(file,
	    offset_of(dyn, dyn->value[TAG_SYMTAB]), dyn->nchains *
	    (uint64_t)kldsim__elf_sizeof(&file->elf, ELF_T_SYM));
	if (symbols == NULL)
		return (no_symbols(file));
	strings = kldsim__xref_bytes(file,
	    offset_of(dyn, dyn->value[TAG_STRTAB]), size);
	if (strings == NULL)
		return (kldsim__xref_refuse_bare(file,
		    "can't load .dynstr section"));
	take_symbols(file, symbols, strings, size);
	return (0);
}

static int
old_tables(struct kldsim__xref_file *file)
{
	int error = old_symbols(file);

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

/*
 * There is one SHT_DYNAMIC, and it is PT_DYNAMIC; in PowerPC's kernels that is
 * longer.
 */
static int
new_dynamic(struct kldsim__xref_file *file)
{
	const uint16_t machine = file->elf.ehdr.e_machine;
	const bool longer = machine == EM_PPC || machine == EM_PPC64;
	struct dyn *dyn = file->state;
	const GElf_Shdr *found = NULL;

	if (kldsim__xref_sections(file, &dyn->nshdrs, &dyn->shdrs) != 0)
		return (KLDSIM__EFTYPE);
	for (size_t i = 0; i < dyn->nshdrs; i++) {
		const GElf_Shdr *shdr = &dyn->shdrs[i];

		if (shdr->sh_type != SHT_DYNAMIC)
			continue;
		if (shdr->sh_offset != dyn->dynamic.p_offset || (longer ?
		    shdr->sh_size > dyn->dynamic.p_filesz :
		    shdr->sh_size != dyn->dynamic.p_filesz))
			return (kldsim__xref_refuse_bare(file,
			    ".dynamic section doesn't match phdr"));
		if (found != NULL)
			return (kldsim__xref_refuse_bare(file,
			    "multiple SHT_DYNAMIC sections"));
		found = shdr;
	}
	if (found == NULL)
		return (KLDSIM__EINVAL);
	dyn->dynamic.p_filesz = found->sh_size;
	return (0);
}

static int
ignore(const struct kldsim__xref_file *file, const char *type,
    const char *tag)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
	    "%s: ignoring %s at different offset from %s", file->path, type,
	    tag);
	return (0);
}

static int
no_hash(const struct kldsim__xref_file *file, int error)
{
	kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
	    "can't read hash table: %s", kldsim_errno_text(error));
	return (error);
}

static int
new_hash(struct kldsim__xref_file *file, const GElf_Shdr *shdr)
{
	struct dyn *dyn = file->state;
	const uint8_t *words;

	if (shdr->sh_offset != dyn->value[TAG_HASH])
		return (ignore(file, "SHT_HASH", "DT_HASH"));
	if (shdr->sh_size < 8)
		return (kldsim__xref_refuse_bare(file,
		    "hash section too small"));
	words = kldsim__xref_bytes(file, shdr->sh_offset, shdr->sh_size);
	if (words == NULL)
		return (no_hash(file, KLDSIM__EIO));
	if (shdr->sh_size % 4 != 0) /* libelf's answer */
		return (no_hash(file, KLDSIM__ENXIO));
	if ((uint64_t)(2u + take_counts(file, words)) * 4 != shdr->sh_size)
		return (kldsim__xref_refuse_bare(file,
		    "inconsistent hash section size"));
	dyn->hash = words + 8;
	return (0);
}

static int
new_symbols(struct kldsim__xref_file *file, const GElf_Shdr *shdr)
{
	const uint64_t each = kldsim__elf_sizeof(&file->elf, ELF_T_SYM);
	struct dyn *dyn = file->state;

	if (shdr->sh_offset != dyn->value[TAG_SYMTAB])
		return (ignore(file, "SHT_DYNSYM", "DT_SYMTAB"));
	dyn->symbols.syms = kldsim__xref_bytes(file, shdr->sh_offset,
	    shdr->sh_size);
	if (dyn->symbols.syms == NULL || shdr->sh_size % each != 0)
		return (no_symbols(file));
	dyn->nsym = shdr->sh_size / each;
	return (0);
}

static int
new_strings(struct kldsim__xref_file *file, const GElf_Shdr *shdr)
{
	struct dyn *dyn = file->state;

	if (shdr->sh_offset != dyn->value[TAG_STRTAB])
		return (0);
	dyn->strings = kldsim__xref_bytes(file, shdr->sh_offset,
	    shdr->sh_size);
	dyn->strings_size = shdr->sh_size;
	return (dyn->strings != NULL ? 0 :
	    kldsim__xref_refuse_bare(file, "can't load .dynstr section"));
}

static int
new_relocs(struct kldsim__xref_file *file, const GElf_Shdr *shdr)
{
	const bool rela = shdr->sh_type == SHT_RELA;
	const struct dyn *dyn = file->state;
	/* An int in the tool. */
	int32_t size = (int32_t)dyn->value[rela ? TAG_RELASZ : TAG_RELSZ];

	if (shdr->sh_offset != dyn->value[rela ? TAG_RELA : TAG_REL])
		return (0);
	if (shdr->sh_size != (uint64_t)size)
		return (kldsim__xref_refuse(file, rela ?
		    "size mismatch for DT_RELA section" :
		    "size mismatch for DT_REL section"));
	return (take_relocs(file, rela, shdr->sh_offset, shdr->sh_size));
}

/* The tables, in the order of their sections. */
static int
new_sections(struct kldsim__xref_file *file)
{
	const struct dyn *dyn = file->state;
	int error = 0;

	for (size_t i = 0; i < dyn->nshdrs && error == 0; i++) {
		switch (dyn->shdrs[i].sh_type) {
		case SHT_HASH:
			error = new_hash(file, &dyn->shdrs[i]);
			break;
		case SHT_DYNSYM:
			error = new_symbols(file, &dyn->shdrs[i]);
			break;
		case SHT_STRTAB:
			error = new_strings(file, &dyn->shdrs[i]);
			break;
		case SHT_REL:
		case SHT_RELA:
			error = new_relocs(file, &dyn->shdrs[i]);
			break;
		}
	}
	return (error);
}

/* What is to be there in the end, and what is said if it is not. */
static const char *
missing(const struct dyn *dyn)
{
	if (dyn->hash == NULL)
		return ("did not find a symbol hash table");
	if (dyn->symbols.syms == NULL)
		return ("did not find a dynamic symbol table");
	if (dyn->nsym != dyn->nchains)
		return ("symbol count mismatch");
	if (dyn->strings == NULL)
		return ("did not find a dynamic string table");
	if (dyn->value[TAG_REL] != 0 && dyn->rel.table == NULL)
		return ("did not find a DT_REL relocation table");
	if (dyn->value[TAG_RELA] != 0 && dyn->rela.table == NULL)
		return ("did not find a DT_RELA relocation table");
	return (NULL);
}

static int
new_tables(struct kldsim__xref_file *file)
{
	const struct dyn *dyn = file->state;
	const uint64_t *value = dyn->value;
	int error;

	if (value[TAG_HASH] == 0)
		return (kldsim__xref_refuse(file, "no .hash section found"));
	if (value[TAG_SYMTAB] == 0)
		return (kldsim__xref_refuse(file, "no .dynsym section found"));
	if (value[TAG_STRTAB] == 0)
		return (kldsim__xref_refuse(file, "no .dynstr section found"));
	if ((error = new_sections(file)) != 0)
		return (error);
	if (missing(dyn) != NULL)
		return (kldsim__xref_refuse(file, missing(dyn)));
	take_symbols(file, dyn->symbols.syms, dyn->strings,
	    dyn->strings_size);
	return (0);
}

int
kldsim__xref_open_dyn(struct kldsim__xref_file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const bool target_order = kldsim__xref_is_new(file);
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
	    (target_order && (error = new_dynamic(file)) != 0) ||
	    (error = read_dynamic(file)) != 0 ||
	    (error = target_order ? new_tables(file) : old_tables(file)) != 0)
		return (error);
	file->ops = &dyn_ops;
	return (0);
}
