/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are wrong on purpose: their fields, bytes, truncation. */

#include <stdlib.h>
#include <string.h>

#include "synth/override.h"

static const struct kldsim__synth_field ehdr_fields[] = {
	{"e_ident", {0, 1, 0, 0}, {0, 1, 0, 0}},
	{"e_type", {16, 2, 0, 0}, {16, 2, 0, 0}},
	{"e_machine", {18, 2, 0, 0}, {18, 2, 0, 0}},
	{"e_version", {20, 4, 0, 0}, {20, 4, 0, 0}},
	{"e_entry", {24, 4, 0, 0}, {24, 8, 0, 0}},
	{"e_phoff", {28, 4, 0, 0}, {32, 8, 0, 0}},
	{"e_shoff", {32, 4, 0, 0}, {40, 8, 0, 0}},
	{"e_flags", {36, 4, 0, 0}, {48, 4, 0, 0}},
	{"e_ehsize", {40, 2, 0, 0}, {52, 2, 0, 0}},
	{"e_phentsize", {42, 2, 0, 0}, {54, 2, 0, 0}},
	{"e_phnum", {44, 2, 0, 0}, {56, 2, 0, 0}},
	{"e_shentsize", {46, 2, 0, 0}, {58, 2, 0, 0}},
	{"e_shnum", {48, 2, 0, 0}, {60, 2, 0, 0}},
	{"e_shstrndx", {50, 2, 0, 0}, {62, 2, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

static const struct kldsim__synth_field shdr_fields[] = {
	{"sh_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"sh_type", {4, 4, 0, 0}, {4, 4, 0, 0}},
	{"sh_flags", {8, 4, 0, 0}, {8, 8, 0, 0}},
	{"sh_addr", {12, 4, 0, 0}, {16, 8, 0, 0}},
	{"sh_offset", {16, 4, 0, 0}, {24, 8, 0, 0}},
	{"sh_size", {20, 4, 0, 0}, {32, 8, 0, 0}},
	{"sh_link", {24, 4, 0, 0}, {40, 4, 0, 0}},
	{"sh_info", {28, 4, 0, 0}, {44, 4, 0, 0}},
	{"sh_addralign", {32, 4, 0, 0}, {48, 8, 0, 0}},
	{"sh_entsize", {36, 4, 0, 0}, {56, 8, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

static const struct kldsim__synth_field phdr_fields[] = {
	{"p_type", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"p_offset", {4, 4, 0, 0}, {8, 8, 0, 0}},
	{"p_vaddr", {8, 4, 0, 0}, {16, 8, 0, 0}},
	{"p_paddr", {12, 4, 0, 0}, {24, 8, 0, 0}},
	{"p_filesz", {16, 4, 0, 0}, {32, 8, 0, 0}},
	{"p_memsz", {20, 4, 0, 0}, {40, 8, 0, 0}},
	{"p_flags", {24, 4, 0, 0}, {4, 4, 0, 0}},
	{"p_align", {28, 4, 0, 0}, {48, 8, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

static const struct kldsim__synth_field sym_fields[] = {
	{"st_name", {0, 4, 0, 0}, {0, 4, 0, 0}},
	{"st_value", {4, 4, 0, 0}, {8, 8, 0, 0}},
	{"st_size", {8, 4, 0, 0}, {16, 8, 0, 0}},
	{"st_info", {12, 1, 0, 0}, {4, 1, 0, 0}},
	{"st_type", {12, 1, 0, 4}, {4, 1, 0, 4}},
	{"st_bind", {12, 1, 4, 4}, {4, 1, 4, 4}},
	{"st_other", {13, 1, 0, 0}, {5, 1, 0, 0}},
	{"st_shndx", {14, 2, 0, 0}, {6, 2, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

static const struct kldsim__synth_field reloc_fields[] = {
	{"r_offset", {0, 4, 0, 0}, {0, 8, 0, 0}},
	{"r_info", {4, 4, 0, 0}, {8, 8, 0, 0}},
	{"r_sym", {4, 4, 8, 24}, {8, 8, 32, 32}},
	{"r_type", {4, 4, 0, 8}, {8, 8, 0, 32}},
	{"r_addend", {8, 4, 0, 0}, {16, 8, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

static const struct kldsim__synth_field dyn_fields[] = {
	{"d_val", {4, 4, 0, 0}, {8, 8, 0, 0}},
	{"d_ptr", {4, 4, 0, 0}, {8, 8, 0, 0}},
	{"d_tag", {0, 4, 0, 0}, {0, 8, 0, 0}},
	{NULL, {0, 0, 0, 0}, {0, 0, 0, 0}},
};

struct number_name {
	const char *name;
	uint64_t number;
};

static const struct number_name phdr_types[] = {
	{"PT_LOAD", PT_LOAD}, {"PT_DYNAMIC", PT_DYNAMIC},
	{"PT_INTERP", PT_INTERP}, {"PT_NOTE", PT_NOTE}, {"PT_PHDR", PT_PHDR},
	{"PT_TLS", PT_TLS}, {"PT_GNU_STACK", PT_GNU_STACK},
	{"PT_GNU_RELRO", PT_GNU_RELRO}, {NULL, 0},
};

static const struct number_name dyn_tags[] = {
	{"DT_NULL", DT_NULL}, {"DT_HASH", DT_HASH}, {"DT_STRTAB", DT_STRTAB},
	{"DT_SYMTAB", DT_SYMTAB}, {"DT_STRSZ", DT_STRSZ},
	{"DT_SYMENT", DT_SYMENT}, {"DT_REL", DT_REL}, {"DT_RELSZ", DT_RELSZ},
	{"DT_RELENT", DT_RELENT}, {"DT_RELA", DT_RELA},
	{"DT_RELASZ", DT_RELASZ}, {"DT_RELAENT", DT_RELAENT},
	{"DT_JMPREL", DT_JMPREL}, {"DT_PLTRELSZ", DT_PLTRELSZ},
	{"DT_PLTREL", DT_PLTREL}, {"DT_PLTGOT", DT_PLTGOT},
	{"DT_TEXTREL", DT_TEXTREL}, {"DT_GNU_HASH", DT_GNU_HASH},
	{"DT_INIT_ARRAY", DT_INIT_ARRAY},
	{"DT_INIT_ARRAYSZ", DT_INIT_ARRAYSZ},
	{"DT_FINI_ARRAY", DT_FINI_ARRAY},
	{"DT_FINI_ARRAYSZ", DT_FINI_ARRAYSZ}, {NULL, 0},
};

static bool
named(const struct number_name *names, const char *name, uint64_t *number_ret)
{
	for (; names->name != NULL; names++) {
		if (strcmp(names->name, name) == 0) {
			*number_ret = names->number;
			return true;
		}
	}
	return false;
}

static const char *
place_name(const struct kldsim__synth_layout *layout, uint32_t place)
{
	return (const char *)layout->section_names.data +
	    layout->places[place].name;
}

/* A section header's index, by name or number. */
static bool
place_of(const struct kldsim__synth_layout *layout, const char *key,
    uint64_t *index_ret)
{
	uint32_t i;

	if (key == NULL)
		return false;
	for (i = 1; i < layout->nplaces; i++) {
		if (strcmp(place_name(layout, i), key) == 0) {
			*index_ret = i;
			return true;
		}
	}
	return kldsim__synth_path_number(key, index_ret) &&
	    *index_ret < layout->nplaces;
}

/* The relocation table of a section, or the table itself. */
static bool
reloc_place_of(const struct kldsim__synth_layout *layout, const char *key,
    uint32_t type, uint64_t *index_ret)
{
	const struct kldsim__synth_place *place;
	uint32_t i;

	if (key == NULL)
		return false;
	for (i = 1; i < layout->nplaces; i++) {
		place = &layout->places[i];
		if (place->type != type)
			continue;
		if (strcmp(place_name(layout, i), key) == 0 ||
		    (place->source == KLDSIM__SYNTH_RELOCS &&
		    strcmp(place_name(layout, place->info), key) == 0)) {
			*index_ret = i;
			return true;
		}
	}
	return false;
}

static bool
find_ehdr(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	uint64_t i = 0;

	record->fields = ehdr_fields;
	if (path->field != NULL && strncmp(path->field, "e_ident", 7) == 0 &&
	    path->key != NULL) {
		if (!kldsim__synth_path_number(path->key, &i) ||
		    i >= EI_NIDENT)
			return false;
		record->offset = i;
		return true;
	}
	return path->key == NULL;
}

static bool
find_shdr(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	uint64_t i;

	record->fields = shdr_fields;
	if (!place_of(path->layout, path->key, &i) ||
	    path->layout->shoff == 0)
		return false;
	record->offset = path->layout->shoff +
	    i * (path->layout->synth->is64 ? 64 : 40);
	return true;
}

static bool
find_phdr(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_layout *layout = path->layout;
	uint64_t i = 0, type;

	record->fields = phdr_fields;
	if (path->key == NULL)
		return false;
	if (named(phdr_types, path->key, &type)) {
		while (i < layout->nphdrs && layout->phdrs[i].type != type)
			i++;
	} else if (!kldsim__synth_path_number(path->key, &i)) {
		return false;
	}
	record->offset = layout->synth->is64 ? 64 + i * 56 : 52 + i * 32;
	return i < layout->nphdrs;
}

/* A row of a table that is a section of its own. */
static bool
find_row(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, uint32_t place, uint64_t i)
{
	const struct kldsim__synth_place *table =
	    &path->layout->places[place];

	if (place == 0 || table->entsize == 0 ||
	    i >= table->size / table->entsize)
		return false;
	record->offset = table->offset + i * table->entsize;
	return true;
}

static bool
find_symbol(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, bool dynamic)
{
	const struct kldsim_synth *synth = path->layout->synth;
	uint64_t i;
	int known;

	record->fields = sym_fields;
	if (path->key == NULL)
		return false;
	known = kldsim_synth_find_symbol(synth, path->key);
	if (known != 0)
		i = dynamic ? synth->symbols[known].dyn_index :
		    synth->symbols[known].index;
	else if (!kldsim__synth_path_number(path->key, &i))
		return false;
	if (known != 0 && i == 0)
		return false;
	return find_row(path, record, dynamic ? path->layout->dynsym :
	    path->layout->symtab, i);
}

static bool
find_sym(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return find_symbol(path, record, false);
}

static bool
find_dynsym(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return find_symbol(path, record, true);
}

static bool
find_reloc(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, uint32_t type)
{
	uint64_t place, i;

	record->fields = reloc_fields;
	if (!reloc_place_of(path->layout, path->key, type, &place) ||
	    !kldsim__synth_path_number(path->key2, &i))
		return false;
	if (type == SHT_REL && path->field != NULL &&
	    strcmp(path->field, "r_addend") == 0)
		return false;
	return find_row(path, record, (uint32_t)place, i);
}

static bool
find_rela(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return find_reloc(path, record, SHT_RELA);
}

static bool
find_rel(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return find_reloc(path, record, SHT_REL);
}

static bool
find_dyn(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_layout *layout = path->layout;
	uint64_t i = 0, tag;

	record->fields = dyn_fields;
	record->is_value = true;
	if (path->key == NULL)
		return false;
	if (named(dyn_tags, path->key, &tag)) {
		while (i < layout->ntags && layout->tags[i].tag != tag)
			i++;
	} else if (!kldsim__synth_path_number(path->key, &i)) {
		return false;
	}
	return find_row(path, record, layout->dynamic, i);
}

/* A 32-bit word of .hash. */
static bool
find_hash_word(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record, uint64_t first)
{
	uint64_t i = 0;

	if (path->key != NULL && !kldsim__synth_path_number(path->key, &i))
		return false;
	record->width = 4;
	return find_row(path, record, path->layout->hash_place, first + i);
}

static bool
find_hash(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	if (path->field == NULL)
		return path->key != NULL && find_hash_word(path, record, 0);
	if (strcmp(path->field, "nbucket") == 0)
		return find_hash_word(path, record, 0);
	return strcmp(path->field, "nchain") == 0 &&
	    find_hash_word(path, record, 1);
}

static bool
find_bucket(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	return path->key != NULL && find_hash_word(path, record, 2);
}

static bool
find_chain(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_layout *layout = path->layout;

	if (path->key == NULL || layout->hash.size == 0)
		return false;
	return find_hash_word(path, record, 2 +
	    kldsim__synth_get(layout->synth, layout->hash.data, 4));
}

static bool
find_byte(const struct kldsim__synth_path *path,
    struct kldsim__synth_record *record)
{
	const struct kldsim__synth_place *place;
	uint64_t index, i;

	if (!place_of(path->layout, path->key, &index) ||
	    !kldsim__synth_path_number(path->key2, &i))
		return false;
	place = &path->layout->places[index];
	record->offset = place->offset + i;
	record->width = 1;
	return place->type != SHT_NOBITS && i < place->size;
}

static const struct kldsim__synth_finder finders[] = {
	{"ehdr", find_ehdr}, {"shdr", find_shdr}, {"phdr", find_phdr},
	{"sym", find_sym}, {"dynsym", find_dynsym}, {"rela", find_rela},
	{"rel", find_rel}, {"dyn", find_dyn}, {"hash", find_hash},
	{"bucket", find_bucket}, {"chain", find_chain}, {"byte", find_byte},
	{NULL, NULL},
};

static void
apply_poke(struct kldsim__synth_layout *layout,
    const struct kldsim__synth_poke *poke)
{
	if (poke->offset > layout->size ||
	    poke->size > layout->size - poke->offset) {
		kldsim__synth_fail(layout->synth, KLDSIM_ARG,
		    "poke: no %zu bytes at offset 0x%llx", poke->size,
		    (unsigned long long)poke->offset);
		return;
	}
	if (poke->size != 0)
		memcpy(layout->out + poke->offset,
		    layout->synth->patches.data + poke->bytes, poke->size);
}

static void
resize(struct kldsim__synth_layout *layout, uint64_t size)
{
	unsigned char *bytes;

	if (size > SIZE_MAX / 2)
		bytes = NULL;
	else
		bytes = realloc(layout->out, size == 0 ? 1 : (size_t)size);
	if (bytes == NULL) {
		kldsim__synth_fail(layout->synth, KLDSIM_NOMEM,
		    "no memory for a file of %llu bytes",
		    (unsigned long long)size);
		return;
	}
	if (size > layout->size)
		memset(bytes + layout->size, 0, (size_t)(size - layout->size));
	layout->out = bytes;
	layout->size = size;
}

void
kldsim__synth_break(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_target target = {finders, layout->out,
	    synth->is64};
	struct kldsim__synth_path path = {.layout = layout};
	size_t i;

	for (i = 0; i < synth->noverrides; i++)
		if (!kldsim__synth_ctf_is_override(synth,
		    &synth->overrides[i]))
			kldsim__synth_apply(synth, &path, &target,
			    &synth->overrides[i]);
	for (i = 0; i < synth->npokes; i++) {
		synth->origin = synth->pokes[i].origin;
		apply_poke(layout, &synth->pokes[i]);
	}
	synth->origin = (struct kldsim__synth_origin){0, 0};
	if (synth->truncate)
		resize(layout, synth->truncate_size);
}

void
kldsim_synth_override(struct kldsim_synth *synth, const char *name,
    uint64_t value)
{
	size_t at;

	if (kldsim__synth_bad(synth))
		return;
	if (name == NULL) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "override of nothing");
		return;
	}
	at = synth->patches.size;
	if (!kldsim__synth_buf_add(synth, &synth->patches, name,
	    strlen(name) + 1) ||
	    !kldsim__synth_grow(synth, &synth->overrides,
	    &synth->overrides_cap, synth->noverrides + 1,
	    sizeof(*synth->overrides)))
		return;
	synth->overrides[synth->noverrides++] =
	    (struct kldsim__synth_override){at, value, synth->origin};
}

void
kldsim_synth_poke(struct kldsim_synth *synth, uint64_t offset,
    const void *bytes, size_t size)
{
	size_t at;

	if (kldsim__synth_bad(synth))
		return;
	at = synth->patches.size;
	if (!kldsim__synth_buf_add(synth, &synth->patches, bytes, size) ||
	    !kldsim__synth_grow(synth, &synth->pokes, &synth->pokes_cap,
	    synth->npokes + 1, sizeof(*synth->pokes)))
		return;
	synth->pokes[synth->npokes++] =
	    (struct kldsim__synth_poke){offset, at, size, synth->origin};
}

void
kldsim_synth_truncate_to(struct kldsim_synth *synth, uint64_t size)
{
	if (kldsim__synth_bad(synth))
		return;
	synth->truncate = true;
	synth->truncate_size = size;
}
