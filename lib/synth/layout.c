/* SPDX-License-Identifier: BSD-2-Clause */
/* From objects to section headers in file order; and finishing as a whole. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth/ctf.h"

unsigned
kldsim__synth_sym_size(const struct kldsim_synth *synth)
{
	return synth->is64 ? 24 : 16;
}

unsigned
kldsim__synth_reloc_size(const struct kldsim_synth *synth, bool rela)
{
	return (rela ? 3 : 2) * kldsim__synth_word(synth);
}

uint32_t
kldsim__synth_place_add(struct kldsim__synth_layout *layout, const char *name,
    const struct kldsim__synth_place *place)
{
	struct kldsim__synth_place *added;

	if (!kldsim__synth_grow(layout->synth, &layout->places,
	    &layout->places_cap, layout->nplaces + 1, sizeof(*layout->places)))
		return 0;
	added = &layout->places[layout->nplaces];
	*added = *place;
	if (name != NULL) {
		added->name = (uint32_t)layout->section_names.size;
		(void)kldsim__synth_buf_add(layout->synth,
		    &layout->section_names, name, strlen(name) + 1);
	}
	return (uint32_t)layout->nplaces++;
}

uint64_t
kldsim__synth_symbol_final(const struct kldsim_synth *synth, uint32_t symbol)
{
	const struct kldsim__synth_symbol *of = &synth->symbols[symbol];
	const struct kldsim__synth_section *section;
	uint64_t value = of->value;

	if (of->section <= 0)
		return value;
	section = &synth->sections[of->section];
	if ((of->flags & KLDSIM__SYNTH_END) != 0)
		value += section->size;
	if (synth->e_type != ET_REL)
		value += section->addr;
	return value;
}

/* Put .symtab in order: locals first, else as they were made. */
bool
kldsim__synth_count_syms(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	size_t i, n = 0;
	int pass;

	layout->symbols = malloc(synth->nsymbols * sizeof(*layout->symbols));
	if (layout->symbols == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM, "no memory for symbols");
		return false;
	}
	layout->symbols[n++] = 0;
	for (pass = 0; pass < 2; pass++) {
		for (i = 1; i < synth->nsymbols; i++) {
			if ((synth->symbols[i].bind == STB_LOCAL) != (pass == 0))
				continue;
			synth->symbols[i].index = (uint32_t)n;
			layout->symbols[n++] = (uint32_t)i;
		}
		if (pass == 0)
			layout->nlocals = (uint32_t)n;
	}
	layout->nsymbols = n;
	return true;
}

uint32_t
kldsim__synth_user_place(struct kldsim__synth_layout *layout, size_t user,
    uint32_t group)
{
	struct kldsim__synth_section *section = &layout->synth->sections[user];
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_USER};

	place.user = (uint32_t)user;
	place.name = section->name;
	place.type = section->type;
	place.flags = section->flags;
	place.size = section->size;
	place.align = section->align;
	place.group = group;
	if ((section->flags & SHF_STRINGS) != 0)
		place.entsize = 1;
	if (section->type == SHT_INIT_ARRAY || section->type == SHT_FINI_ARRAY)
		place.entsize = kldsim__synth_word(layout->synth);
	if (section->entsize != 0)
		place.entsize = section->entsize;
	section->index = kldsim__synth_place_add(layout, NULL, &place);
	return section->index;
}

static void
reloc_place(struct kldsim__synth_layout *layout, size_t user, bool rela)
{
	struct kldsim_synth *synth = layout->synth;
	const struct kldsim__synth_section *section = &synth->sections[user];
	struct kldsim__synth_place place = {.source = KLDSIM__SYNTH_RELOCS};
	size_t count = rela ? section->nrela :
	    section->nrelocs - section->nrela;
	uint32_t index, name_at = (uint32_t)layout->section_names.size;
	const char *name = kldsim__synth_section_name(synth, (int)user);

	if (count == 0)
		return;
	place.user = (uint32_t)user;
	place.type = rela ? SHT_RELA : SHT_REL;
	place.flags = SHF_INFO_LINK;
	place.entsize = kldsim__synth_reloc_size(synth, rela);
	place.size = count * place.entsize;
	place.align = kldsim__synth_word(synth);
	place.info = section->index;
	place.group = KLDSIM__SYNTH_NOLOAD;
	(void)kldsim__synth_buf_add(synth, &layout->section_names,
	    rela ? ".rela" : ".rel", rela ? 5 : 4);
	(void)kldsim__synth_buf_add(synth, &layout->section_names, name,
	    strlen(name) + 1);
	index = kldsim__synth_place_add(layout, NULL, &place);
	if (index != 0)
		layout->places[index].name = name_at;
}

static void
rel_places(struct kldsim__synth_layout *layout)
{
	size_t i, n = layout->synth->nsections;

	for (i = 1; i < n; i++)
		(void)kldsim__synth_user_place(layout, i,
		    KLDSIM__SYNTH_NOLOAD);
	for (i = 1; i < n; i++) {
		reloc_place(layout, i, false);
		reloc_place(layout, i, true);
	}
}

/* Which segment a section goes to. */
static uint32_t
group_of(const struct kldsim_synth *synth, size_t user)
{
	const struct kldsim__synth_section *section = &synth->sections[user];
	const char *name = kldsim__synth_section_name(synth, (int)user);

	if ((section->flags & SHF_ALLOC) == 0)
		return KLDSIM__SYNTH_NOLOAD;
	if ((section->flags & SHF_EXECINSTR) != 0)
		return KLDSIM__SYNTH_RX;
	if ((section->flags & SHF_WRITE) == 0)
		return KLDSIM__SYNTH_R;
	if (synth->options[KLDSIM_SYNTH_RELRO] != 0 &&
	    (strcmp(name, ".data.rel.ro") == 0 || strcmp(name, ".got") == 0))
		return KLDSIM__SYNTH_RELRO_GROUP;
	return KLDSIM__SYNTH_RW;
}

static void
linked_places(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	uint32_t group, late = synth->options[KLDSIM_SYNTH_RELRO] != 0 ?
	    KLDSIM__SYNTH_RELRO_GROUP : KLDSIM__SYNTH_RW;
	size_t i;
	int nobits;

	kldsim__synth_dyn_places(layout);
	for (group = 0; group <= KLDSIM__SYNTH_NOLOAD; group++) {
		if (group == late)
			kldsim__synth_dyn_late_places(layout);
		for (nobits = 0; nobits < 2; nobits++) {
			for (i = 1; i < synth->nsections; i++) {
				if (group_of(synth, i) != group ||
				    (synth->sections[i].type == SHT_NOBITS) !=
				    (nobits == 1))
					continue;
				(void)kldsim__synth_user_place(layout, i,
				    group);
			}
		}
	}
}

/*
 * .SUNW_ctf, .symtab, .strtab, .shstrtab; the last one ends the growth of its
 * bytes.
 */
static void
tail_places(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place syms = {.source = KLDSIM__SYNTH_SYMS,
	    .type = SHT_SYMTAB, .group = KLDSIM__SYNTH_NOLOAD};
	struct kldsim__synth_place strings = {.source = KLDSIM__SYNTH_BYTES,
	    .type = SHT_STRTAB, .align = 1, .group = KLDSIM__SYNTH_NOLOAD};
	const bool symtab = synth->e_type == ET_REL ||
	    synth->options[KLDSIM_SYNTH_SYMTAB] != 0;

	kldsim__synth_ctf_place(layout, symtab ?
	    (uint32_t)layout->nplaces + 1 : 0);
	if (symtab) {
		syms.entsize = kldsim__synth_sym_size(synth);
		syms.size = layout->nsymbols * syms.entsize;
		syms.align = kldsim__synth_word(synth);
		syms.info = layout->nlocals;
		syms.link = (uint32_t)layout->nplaces + 1;
		layout->symtab = kldsim__synth_place_add(layout, ".symtab",
		    &syms);
		strings.bytes = synth->symbol_names.data;
		strings.size = synth->symbol_names.size;
		layout->strtab = kldsim__synth_place_add(layout, ".strtab",
		    &strings);
	}
	layout->shstrtab = kldsim__synth_place_add(layout, ".shstrtab",
	    &strings);
	layout->places[layout->shstrtab].bytes = layout->section_names.data;
	layout->places[layout->shstrtab].size = layout->section_names.size;
}

/* What could only be known with all places made. */
static void
link_places(struct kldsim__synth_layout *layout)
{
	struct kldsim__synth_place *place;
	size_t i;

	for (i = 1; i < layout->nplaces; i++) {
		place = &layout->places[i];
		if (place->source == KLDSIM__SYNTH_RELOCS)
			place->link = layout->symtab;
	}
}

static void
finals(struct kldsim_synth *synth)
{
	size_t i;

	for (i = 1; i < synth->nsymbols; i++)
		synth->symbols[i].final =
		    kldsim__synth_symbol_final(synth, (uint32_t)i);
}

bool
kldsim__synth_layout(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;
	struct kldsim__synth_place none = {.group = KLDSIM__SYNTH_NOLOAD};
	bool linked = synth->e_type != ET_REL;

	if (!kldsim__synth_buf_add(synth, &layout->section_names,
	    synth->section_names.data, synth->section_names.size) ||
	    !kldsim__synth_count_syms(layout))
		return false;
	(void)kldsim__synth_place_add(layout, NULL, &none);
	if (linked && !kldsim__synth_dyn_symbols(layout))
		return false;
	if (linked && synth->fixed)
		kldsim__synth_fixed_places(layout);
	else if (linked)
		linked_places(layout);
	else
		rel_places(layout);
	if (kldsim__synth_bad(synth))
		return false;
	tail_places(layout);
	if (layout->nplaces >= SHN_LORESERVE)
		kldsim__synth_fail(synth, KLDSIM_LIMIT, "too many sections");
	if (kldsim__synth_bad(synth))
		return false;
	link_places(layout);
	kldsim__synth_count_phdrs(layout);
	if (kldsim__synth_bad(synth))
		return false;
	kldsim__synth_assign(layout);
	finals(synth);
	kldsim__synth_tags(layout);
	kldsim__synth_phdrs(layout);
	return !kldsim__synth_bad(synth);
}

void
kldsim__synth_layout_free(struct kldsim__synth_layout *layout)
{
	free(layout->places);
	free(layout->phdrs);
	free(layout->tags);
	free(layout->symbols);
	free(layout->dynsyms);
	free(layout->dyn_names);
	free(layout->section_names.data);
	free(layout->dyn_strings.data);
	free(layout->hash.data);
	free(layout->gnu_hash.data);
	free(layout->ctf.data);
	free(layout->out);
}

static void
build(struct kldsim__synth_layout *layout)
{
	struct kldsim_synth *synth = layout->synth;

	kldsim__synth_defaults(synth);
	if (kldsim__synth_bad(synth) || !kldsim__synth_layout(layout))
		return;
	if (layout->size > (synth->is64 ? INT64_MAX : UINT32_MAX) ||
	    (!synth->is64 && synth->nsymbols > 0xffffff))
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "the file is too large for its word size");
	else if (synth->spec != NULL && layout->size > KLDSIM__SYNTH_SPEC_FILE)
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "%.200s: the file would have %llu bytes", synth->spec,
		    (unsigned long long)layout->size);
	else if (layout->size > SIZE_MAX / 2 ||
	    (layout->out = calloc(1, (size_t)layout->size)) == NULL)
		kldsim__synth_fail(synth, KLDSIM_NOMEM,
		    "no memory for a file of %llu bytes",
		    (unsigned long long)layout->size);
	if (kldsim__synth_bad(synth))
		return;
	kldsim__synth_emit(layout);
	kldsim__synth_break(layout);
}

static enum kldsim_status
no_builder(struct kldsim_error *error)
{
	if (error != NULL)
		*error = (struct kldsim_error){ .status = KLDSIM_NOMEM,
		    .text = "no memory for a builder" };
	return KLDSIM_NOMEM;
}

enum kldsim_status
kldsim_synth_finish(struct kldsim_synth *synth, void **bytes_ret,
    size_t *size_ret, struct kldsim_error *error)
{
	struct kldsim__synth_layout layout = {0};

	if (bytes_ret != NULL)
		*bytes_ret = NULL;
	if (size_ret != NULL)
		*size_ret = 0;
	if (synth == NULL)
		return no_builder(error);
	if (bytes_ret == NULL || size_ret == NULL)
		kldsim__synth_fail(synth, KLDSIM_ARG, "nowhere to put bytes");
	layout.synth = synth;
	if (!kldsim__synth_bad(synth))
		build(&layout);
	if (!kldsim__synth_bad(synth)) {
		synth->finished = true;
		*bytes_ret = layout.out;
		*size_ret = (size_t)layout.size;
		layout.out = NULL;
	}
	kldsim__synth_layout_free(&layout);
	if (error != NULL)
		*error = synth->error;
	return synth->error.status;
}

static enum kldsim_status
write_failed(const char *path, struct kldsim_error *error)
{
	int saved = errno;

	if (error != NULL) {
		error->status = KLDSIM_SYS;
		error->sys_errno = saved;
		(void)snprintf(error->text, sizeof(error->text),
		    "%.300s: cannot be written: %.100s", path,
		    strerror(saved));
	}
	return KLDSIM_SYS;
}

enum kldsim_status
kldsim_synth_write(struct kldsim_synth *synth, const char *path,
    struct kldsim_error *error)
{
	enum kldsim_status status;
	void *bytes;
	size_t size;
	FILE *file;
	bool good;

	if (path == NULL && synth != NULL)
		kldsim__synth_fail(synth, KLDSIM_ARG, "no file to write to");
	status = kldsim_synth_finish(synth, &bytes, &size, error);
	if (status != KLDSIM_OK)
		return status;
	file = fopen(path, "wb");
	good = file != NULL && (size == 0 ||
	    fwrite(bytes, 1, size, file) == size);
	if (file != NULL && fclose(file) != 0)
		good = false;
	kldsim_synth_free_bytes(bytes);
	return good ? KLDSIM_OK : write_failed(path, error);
}

void
kldsim_synth_free_bytes(void *bytes)
{
	free(bytes);
}
