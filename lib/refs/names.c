/* SPDX-License-Identifier: BSD-2-Clause */

/* Which VNET and DPCPU variables a file's symbols tell of (F-01, F-05). */

#include <stdlib.h>

#include "refs/refs.h"

#define PREFIX_SIZE 11 /* of both */

static const char prefixes[KLDSIM__REFS_SETS][PREFIX_SIZE + 1] = {
	"vnet_entry_", "pcpu_entry_" };

/* Who has one of these undefined is told of vnets (F-05). */
static const char *const hooks[] = {
	"vnet_register_sysinit", "vnet_register_sysuninit",
	"vnet_deregister_sysinit", "vnet_deregister_sysuninit",
	"vimage_eventhandler_register", /* J-15 */
};

const char *
kldsim__refs_rest(const char *name, enum kldsim_refs_prefix *prefix_ret)
{
	for (unsigned k = 0; k < KLDSIM__REFS_SETS; k++)
		if (name[0] == prefixes[k][0] && strncmp(name, prefixes[k],
		    PREFIX_SIZE) == 0) {
			*prefix_ret = (enum kldsim_refs_prefix)k;
			return (name + PREFIX_SIZE);
		}
	return (NULL);
}

const char *
kldsim_refs_prefix_name(enum kldsim_refs_prefix prefix)
{
	return ((unsigned)prefix < KLDSIM__REFS_SETS ? prefixes[prefix] : "");
}

static bool
is_hook(const char *name)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (strcmp(name, hooks[i]) == 0)
			return (true);
	return (false);
}

struct kldsim__refs_variable *
kldsim__refs_add(struct kldsim__refs_reader *reader,
    struct kldsim__refs_list *list, enum kldsim_refs_prefix prefix,
    const char *name)
{
	struct kldsim_refs *refs = reader->refs;
	struct kldsim__refs_variable *variable;
	const char *copy = kldsim__arena_strdup(&refs->arena, name);

	if (copy == NULL || !kldsim__grow(&refs->alloc, &list->all, &list->cap,
	    list->count + 1, sizeof(*list->all))) {
		(void)kldsim__refs_nomem(reader);
		return (NULL);
	}
	variable = &list->all[list->count++];
	memset(variable, 0, sizeof(*variable));
	variable->told.name = copy;
	variable->told.prefix = prefix;
	return (variable);
}

/* --- imports --- */

static bool
add_import(struct kldsim__refs_reader *reader, uint32_t index,
    enum kldsim_refs_prefix prefix, const char *name, bool weak)
{
	struct kldsim__refs_list *imports = &reader->refs->imports;
	struct kldsim__refs_variable *variable = kldsim__refs_add(reader,
	    imports, prefix, name);

	if (variable == NULL)
		return (false);
	variable->told.weak = weak;
	reader->slots[index] = KLDSIM__REFS_SLOT_IMPORT +
	    (uint32_t)(imports->count - 1);
	return (true);
}

/* Of the slots, which few files need. */
static bool
need_slots(struct kldsim__refs_reader *reader)
{
	if (reader->slots == NULL)
		reader->slots = kldsim__calloc(&reader->refs->alloc,
		    (size_t)reader->symbols.count + 1,
		    sizeof(*reader->slots));
	return (reader->slots != NULL || kldsim__refs_nomem(reader));
}

static bool
take_undefined(struct kldsim__refs_reader *reader, uint32_t index,
    const char *name, bool weak)
{
	enum kldsim_refs_prefix prefix = KLDSIM_REFS_PLAIN;
	const char *rest = kldsim__refs_rest(name, &prefix);

	if (rest == NULL && reader->kernels != NULL &&
	    kldsim__refs_is_hidden(reader->kernels, name))
		rest = name;
	if (rest != NULL)
		return (need_slots(reader) && add_import(reader, index,
		    prefix, rest, weak));
	if (name[0] != 'v' || !is_hook(name))
		return (true);
	reader->hooks = true;
	reader->refs->hookless |= !weak && reader->kernels != NULL &&
	    !kldsim__refs_has_vnets(reader->kernels) &&
	    !kldsim__refs_is_defined(kldsim__refs_last(reader->kernels),
	    name);
	return (true);
}

/* What relocations mean by a symbol that lies in a set: the set. */
static bool
take_defined(struct kldsim__refs_reader *reader, uint32_t index,
    const struct kldsim__sym *sym, const char *name)
{
	enum kldsim_refs_prefix prefix = KLDSIM_REFS_PLAIN;
	const bool named = kldsim__refs_rest(name, &prefix) != NULL;

	for (unsigned k = 0; k < KLDSIM__REFS_SETS; k++) {
		if (reader->set[k] == 0 || sym->shndx != reader->set[k] ||
		    ((sym->info & 0xf) != STT_SECTION && !named))
			continue;
		if (!need_slots(reader))
			return (false);
		reader->slots[index] = KLDSIM__REFS_SLOT_SET + k;
		return (true);
	}
	reader->mentions |= named;
	return (true);
}

/*
 * Of a file without a set no local symbol matters: the kernel never looks for
 * its name (O-46), and none is a set's.  Most symbols of a module are local.
 */
static bool
take_symbols(struct kldsim__refs_reader *reader)
{
	const struct kldsim__symview *view = &reader->symbols;
	const bool has_set = reader->set[0] != 0 || reader->set[1] != 0;

	for (uint32_t i = 1; i < view->count; i++) {
		struct kldsim__sym sym;
		const char *name;
		bool taken;

		if (!has_set && kldsim__sym_info(view, i) >> 4 == STB_LOCAL)
			continue;
		kldsim__sym_get(view, i, &sym);
		name = kldsim__sym_name(view, sym.name);
		if (name == NULL)
			name = "";
		taken = sym.shndx == SHN_UNDEF ? take_undefined(reader, i,
		    name, sym.info >> 4 == STB_WEAK) :
		    take_defined(reader, i, &sym, name);
		if (!taken)
			return (false);
	}
	return (true);
}

/* --- the file's own --- */

static bool
add_own(struct kldsim__refs_reader *reader, uint32_t index, unsigned k,
    const struct kldsim__sym *sym, const char *name)
{
	const kldsim_addr start = reader->elf.ehdr.e_type == ET_REL ? 0 :
	    reader->shdr[reader->set[k]].sh_addr;
	struct kldsim__refs_variable *variable;

	/* What the kernel gives modules is no variable (F-07). */
	if (strcmp(name, "modspace") == 0)
		return (true);
	variable = kldsim__refs_add(reader, &reader->refs->own,
	    (enum kldsim_refs_prefix)k, name);
	if (variable == NULL)
		return (false);
	variable->told.own = true;
	variable->told.offset = sym->value - start;
	variable->told.size = sym->size;
	variable->address = sym->value;
	variable->symbol = index;
	return (true);
}

static bool
take_own(struct kldsim__refs_reader *reader)
{
	const struct kldsim__symview *view = &reader->full;

	if (reader->set[0] == 0 && reader->set[1] == 0)
		return (true);
	for (uint32_t i = 1; i < view->count; i++) {
		enum kldsim_refs_prefix prefix = KLDSIM_REFS_PLAIN;
		struct kldsim__sym sym;
		const char *name;

		kldsim__sym_get(view, i, &sym);
		if (sym.shndx == SHN_UNDEF || (sym.shndx != reader->set[0] &&
		    sym.shndx != reader->set[1]))
			continue;
		name = kldsim__sym_name(view, sym.name);
		name = name == NULL ? NULL : kldsim__refs_rest(name, &prefix);
		if (name != NULL && reader->set[prefix] == sym.shndx &&
		    !add_own(reader, i, prefix, &sym, name))
			return (false);
	}
	return (true);
}

static int
by_place(const void *one, const void *other)
{
	const struct kldsim__refs_variable *a = one, *b = other;

	if (a->told.prefix != b->told.prefix)
		return (a->told.prefix < b->told.prefix ? -1 : 1);
	if (a->told.offset != b->told.offset)
		return (a->told.offset < b->told.offset ? -1 : 1);
	return (strcmp(a->told.name, b->told.name));
}

bool
kldsim__refs_names(struct kldsim__refs_reader *reader)
{
	struct kldsim__refs_list *own = &reader->refs->own;

	if (!kldsim__refs_work(reader, (uint64_t)reader->symbols.count +
	    reader->full.count) || !take_symbols(reader) || !take_own(reader))
		return (false);
	if (own->count != 0)
		qsort(own->all, own->count, sizeof(*own->all), by_place);
	return (true);
}

/* --- mentions --- */

/* Of all letters of a prefix the last 'y' is the rarest one in names. */
static bool
has_prefix(const uint8_t *bytes, size_t size)
{
	const size_t before = PREFIX_SIZE - 2; /* "_" is behind it */

	for (size_t at = before; at + 1 < size; at++) {
		const uint8_t *y = memchr(bytes + at, 'y', size - 1 - at);

		if (y == NULL)
			return (false);
		at = (size_t)(y - bytes);
		for (unsigned k = 0; y[1] == '_' && k < KLDSIM__REFS_SETS; k++)
			if (memcmp(y - before, prefixes[k], PREFIX_SIZE) == 0)
				return (true);
	}
	return (false);
}

bool
kldsim__refs_mentioned(struct kldsim__refs_reader *reader, bool *is_ret)
{
	*is_ret = reader->mentions;
	for (uint32_t i = 1; i < reader->nshdr && !*is_ret; i++) {
		const GElf_Shdr *shdr = &reader->shdr[i];
		const uint8_t *bytes;

		if ((shdr->sh_flags & SHF_ALLOC) != 0 ||
		    (shdr->sh_type != SHT_STRTAB &&
		    shdr->sh_type != SHT_PROGBITS))
			continue;
		bytes = kldsim__refs_bytes(reader, i);
		if (reader->status != KLDSIM_OK)
			return (false);
		if (bytes == NULL)
			continue;
		/* Sections may lie over each other. */
		if (!kldsim__refs_work(reader, shdr->sh_size / 8))
			return (false);
		*is_ret = has_prefix(bytes, (size_t)shdr->sh_size);
	}
	return (true);
}
