/* SPDX-License-Identifier: BSD-2-Clause */

/* The symbol tables and metadata of a file that nobody has loaded. */

#include "who_has/provider.h"

#include "kldxref/kldxref.h"

/* A section's bytes, as whole entries of a size; false: the file has not them. */
static bool
get_entries(const struct kldsim__elf *elf, const GElf_Shdr *shdr,
    size_t each, const uint8_t **bytes_ret, uint32_t *count_ret)
{
	if (shdr->sh_type == SHT_NOBITS || !kldsim__in_range(shdr->sh_offset,
	    shdr->sh_size, elf->size) || shdr->sh_size / each > UINT32_MAX)
		return (false);
	*bytes_ret = elf->bytes + shdr->sh_offset;
	*count_ret = (uint32_t)(shdr->sh_size / each);
	return (true);
}

static void
take_symbols(const struct kldsim__elf *elf, const GElf_Shdr *shdrs,
    const GElf_Shdr *table, struct kldsim__symview *view)
{
	const uint8_t *strings;
	uint32_t size;

	if (table->sh_link >= elf->ehdr.e_shnum ||
	    shdrs[table->sh_link].sh_type != SHT_STRTAB ||
	    !get_entries(elf, &shdrs[table->sh_link], 1, &strings, &size) ||
	    !get_entries(elf, table, elf->is64 ? 24 : 16, &view->syms,
	    &view->count))
		return;
	view->is64 = elf->is64;
	view->big = elf->big;
	kldsim__symview_set_strings(view, strings, size);
}

/* Buckets and chains behind their two numbers (D-12). */
static void
take_hash(const struct kldsim__elf *elf, const GElf_Shdr *shdr,
    struct kldsim__elfhash *hash)
{
	const uint8_t *words;
	uint32_t count;

	if (!get_entries(elf, shdr, 4, &words, &count) || count < 2)
		return;
	hash->words = words + 8;
	hash->nwords = count - 2;
	hash->nbuckets = kldsim__load32(words, elf->big);
	hash->nchains = kldsim__load32(words + 4, elf->big);
	hash->big = elf->big;
}

static void
take_tables(struct kldsim__provider *provider, const GElf_Shdr *shdrs)
{
	const struct kldsim__elf *elf = &provider->elf;

	for (unsigned i = 0; i < elf->ehdr.e_shnum; i++)
		switch (shdrs[i].sh_type) {
		case SHT_SYMTAB:
			take_symbols(elf, shdrs, &shdrs[i],
			    &provider->symtab);
			break;
		case SHT_DYNSYM:
			take_symbols(elf, shdrs, &shdrs[i],
			    &provider->dynsym);
			break;
		case SHT_HASH:
			take_hash(elf, &shdrs[i], &provider->hash);
			break;
		default:
			break;
		}
}

bool
kldsim__provider_open(struct kldsim__provider *provider,
    struct kldsim_image *image, const struct kldsim__alloc *alloc)
{
	const struct kldsim__elf *elf = &provider->elf;
	const GElf_Ehdr *ehdr = &elf->ehdr;
	GElf_Shdr *shdrs;

	provider->image = kldsim_image_ref(image);
	if (!kldsim__elf_open(image, &provider->elf) || ehdr->e_shnum == 0 ||
	    ehdr->e_shentsize != kldsim__elf_sizeof(elf, ELF_T_SHDR) ||
	    !kldsim__in_range(ehdr->e_shoff, (uint64_t)ehdr->e_shnum *
	    ehdr->e_shentsize, elf->size))
		return (true);
	shdrs = kldsim__malloc(alloc, ehdr->e_shnum * sizeof(*shdrs));
	if (shdrs == NULL)
		return (false);
	if (kldsim__elf_shdrs(elf, ehdr->e_shoff, ehdr->e_shnum, shdrs))
		take_tables(provider, shdrs);
	kldsim__free(alloc, shdrs);
	return (true);
}

const struct kldsim__symview *
kldsim__provider_symbols(const struct kldsim__provider *provider)
{
	/* Of a relocatable file the linker reads no other (O-30). */
	return (provider->symtab.count != 0 ||
	    provider->elf.ehdr.e_type == ET_REL ? &provider->symtab :
	    &provider->dynsym);
}

/* --- metadata --- */

struct reading {
	struct kldsim__arena *arena;
	struct kldsim__metadatum **end;
	bool nomem;
};

static bool
take_entry(void *user, enum kldsim__mdt type, const char *name,
    const int *numbers)
{
	struct reading *reading = user;
	struct kldsim__metadatum *entry = kldsim__arena_calloc(
	    reading->arena, 1, sizeof(*entry));

	if (entry == NULL || (entry->name = kldsim__arena_strdup(
	    reading->arena, name)) == NULL) {
		reading->nomem = true;
		return (false);
	}
	entry->type = type;
	memcpy(entry->numbers, numbers, sizeof(entry->numbers));
	*reading->end = entry;
	reading->end = &entry->next;
	return (true);
}

bool
kldsim__provider_read_metadata(struct kldsim__provider *provider,
    struct kldsim__arena *arena)
{
	struct reading reading = { arena, &provider->metadata, false };

	if (provider->has_metadata)
		return (true);
	if (kldsim__xref_walk(provider->image, arena->alloc, false,
	    take_entry, &reading) == KLDSIM_NOMEM || reading.nomem) {
		provider->metadata = NULL;
		return (false);
	}
	provider->has_metadata = true;
	return (true);
}
