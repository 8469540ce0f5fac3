/* SPDX-License-Identifier: BSD-2-Clause */
/* The builder itself: its life, its first mistake, options and sections. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth/ctf.h"

/* What a section of a name looks like when nobody says otherwise. */
struct usual {
	const char *name;
	bool prefix; /* the name only has to begin so */
	uint32_t type;
	uint32_t flags;
	uint32_t align;
};

static const struct usual usuals[] = {
	{".text", true, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16},
	{".rodata.str1.1", false, SHT_PROGBITS,
	    SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1},
	{".rodata", true, SHT_PROGBITS, SHF_ALLOC, 0},
	{".bss", true, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0},
	{".init_array", false, SHT_INIT_ARRAY, SHF_ALLOC | SHF_WRITE, 0},
	{".fini_array", false, SHT_FINI_ARRAY, SHF_ALLOC | SHF_WRITE, 0},
	{"set_pcpu", false, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0},
	{"set_vnet", false, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0},
	{"set_sysinit_set", false, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0},
	{"set_sysuninit_set", false, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0},
	{"set_", true, SHT_PROGBITS, SHF_ALLOC, 0},
	{".comment", false, SHT_PROGBITS, SHF_MERGE | SHF_STRINGS, 1},
	{".note.GNU-stack", false, SHT_PROGBITS, 0, 1},
	{".note", true, SHT_NOTE, SHF_ALLOC, 4},
	{"", true, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0},
};

void
kldsim__synth_fail(struct kldsim_synth *synth, enum kldsim_status status,
    const char *fmt, ...)
{
	char *text = synth->error.text;
	size_t room = sizeof(synth->error.text);
	va_list args;
	int n = 0;

	if (synth->error.status != KLDSIM_OK)
		return;
	synth->error.status = status;
	if (synth->origin.line != 0)
		n = snprintf(text, room, "%.200s:%u:%u: ",
		    synth->spec == NULL ? "spec" : synth->spec,
		    (unsigned)synth->origin.line,
		    (unsigned)synth->origin.column);
	va_start(args, fmt);
	(void)vsnprintf(text + n, room - (size_t)n, fmt, args);
	va_end(args);
}

bool
kldsim__synth_bad(const struct kldsim_synth *synth)
{
	return synth == NULL || synth->error.status != KLDSIM_OK;
}

/* Make room for need elements in *(T **)array. */
bool
kldsim__synth_grow(struct kldsim_synth *synth, void *array, size_t *cap,
    size_t need, size_t size)
{
	void *old, *bigger;
	size_t n = *cap == 0 ? 8 : *cap;

	if (need <= *cap)
		return true;
	while (n < need && n <= SIZE_MAX / 4 / size)
		n *= 2;
	memcpy(&old, array, sizeof(old));
	bigger = n < need ? NULL : realloc(old, n * size);
	if (bigger == NULL) {
		kldsim__synth_fail(synth, KLDSIM_NOMEM,
		    "no memory for %zu bytes", need);
		return false;
	}
	memcpy(array, &bigger, sizeof(bigger));
	*cap = n;
	return true;
}

bool
kldsim__synth_buf_add(struct kldsim_synth *synth, struct kldsim__synth_buf *buf,
    const void *bytes, uint64_t size)
{
	const size_t n = (size_t)size; /* no less, below the limit */

	if (size > SIZE_MAX / 8 - buf->size) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "%ju bytes are too many", (uintmax_t)size);
		return false;
	}
	if (!kldsim__synth_grow(synth, &buf->data, &buf->cap, buf->size + n,
	    1))
		return false;
	if (n != 0 && bytes == NULL)
		memset(buf->data + buf->size, 0, n);
	else if (n != 0)
		memcpy(buf->data + buf->size, bytes, n);
	buf->size += n;
	return true;
}

static void
start_kind(struct kldsim_synth *synth, enum kldsim_synth_kind kind)
{
	const struct kldsim__synth_machine *machine = synth->machine;

	switch (kind) {
	case KLDSIM_SYNTH_REL:
	case KLDSIM_SYNTH_EXEC:
	case KLDSIM_SYNTH_DYN:
		synth->e_type = (uint16_t)kind;
		break;
	case KLDSIM_SYNTH_KERNEL:
		synth->e_type = machine->kernel_type;
		synth->is_kernel = true;
		break;
	case KLDSIM_SYNTH_MODULE:
		synth->e_type = machine->module_type;
		break;
	default:
		kldsim__synth_fail(synth, KLDSIM_ARG, "kind %d is unknown",
		    (int)kind);
		break;
	}
}

static void
start_options(struct kldsim_synth *synth)
{
	const struct kldsim__synth_machine *machine = synth->machine;
	uint64_t *options = synth->options;

	options[KLDSIM_SYNTH_BASE] = synth->is_kernel ||
	    synth->e_type == ET_EXEC ? machine->kernel_base : 0;
	options[KLDSIM_SYNTH_E_MACHINE] = machine->e_machine;
	options[KLDSIM_SYNTH_E_FLAGS] = machine->e_flags;
	options[KLDSIM_SYNTH_OSABI] = machine->osabi;
	options[KLDSIM_SYNTH_PAGE] = machine->page;
	options[KLDSIM_SYNTH_RELA] = machine->rela;
	options[KLDSIM_SYNTH_SYMTAB] = 1;
	options[KLDSIM_SYNTH_HEADERS] = 1;
	options[KLDSIM_SYNTH_HASH] = 1;
	options[KLDSIM_SYNTH_INTERP] = synth->is_kernel;
	options[KLDSIM_SYNTH_SET_BOUNDS] = 1;
	options[KLDSIM_SYNTH_OSRELDATE] = 1201000;
	options[KLDSIM_SYNTH_VIMAGE] = 1;
	options[KLDSIM_SYNTH_MAXCPU] = 256;
	options[KLDSIM_SYNTH_CTF_VERSION] = 2;
	options[KLDSIM_SYNTH_CTF_COMPRESS] = 1;
	options[KLDSIM_SYNTH_PLT] = 1;
}

static void
start_arrays(struct kldsim_synth *synth)
{
	if (!kldsim__synth_grow(synth, &synth->sections, &synth->sections_cap,
	    16, sizeof(*synth->sections)) ||
	    !kldsim__synth_grow(synth, &synth->symbols, &synth->symbols_cap, 32,
	    sizeof(*synth->symbols)) ||
	    !kldsim__synth_buf_add(synth, &synth->section_names, "", 1) ||
	    !kldsim__synth_buf_add(synth, &synth->symbol_names, "", 1) ||
	    !kldsim__synth_buf_add(synth, &synth->patches, "", 1))
		return;
	memset(synth->sections, 0, sizeof(*synth->sections));
	memset(synth->symbols, 0, sizeof(*synth->symbols));
	synth->nsections = synth->nsymbols = 1;
}

struct kldsim_synth *
kldsim_synth_new(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *synth = calloc(1, sizeof(*synth));

	if (synth == NULL)
		return NULL;
	synth->machine = kldsim__synth_machine(machine);
	if (synth->machine == NULL) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "machine \"%.40s\" is unknown",
		    machine == NULL ? "" : machine);
		synth->machine = kldsim__synth_machine("amd64");
	}
	synth->is64 = synth->machine->elf_class == ELFCLASS64;
	synth->big = synth->machine->elf_data == ELFDATA2MSB;
	start_kind(synth, kind);
	start_options(synth);
	start_arrays(synth);
	return synth;
}

void
kldsim_synth_free(struct kldsim_synth *synth)
{
	size_t i;

	if (synth == NULL)
		return;
	for (i = 1; i < synth->nsections; i++) {
		free(synth->sections[i].bytes.data);
		free(synth->sections[i].relocs);
	}
	free(synth->sections);
	free(synth->symbols);
	free(synth->section_names.data);
	free(synth->symbol_names.data);
	free(synth->section_index.slots);
	free(synth->symbol_index.slots);
	free(synth->segments);
	free(synth->overrides);
	free(synth->pokes);
	free(synth->patches.data);
	kldsim__synth_ctf_free(synth->ctf);
	free(synth->spec);
	free(synth);
}

void
kldsim_synth_option(struct kldsim_synth *synth, enum kldsim_synth_option option,
    uint64_t value)
{
	if (kldsim__synth_bad(synth))
		return;
	if ((unsigned)option >= KLDSIM_SYNTH_OPTION_COUNT) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "option %d is unknown",
		    (int)option);
		return;
	}
	if (option == KLDSIM_SYNTH_PAGE &&
	    (value == 0 || (value & (value - 1)) != 0)) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "page size %llu is no power of two",
		    (unsigned long long)value);
		return;
	}
	synth->options[option] = value;
}

unsigned
kldsim__synth_word(const struct kldsim_synth *synth)
{
	return synth->is64 ? 8 : 4;
}

struct kldsim__synth_section *
kldsim__synth_get_section(struct kldsim_synth *synth, int section,
    const char *who)
{
	if (kldsim__synth_bad(synth))
		return NULL;
	if (section < 1 || (size_t)section >= synth->nsections) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "%s: no section %d", who,
		    section);
		return NULL;
	}
	return &synth->sections[section];
}

const char *
kldsim__synth_section_name(const struct kldsim_synth *synth, int section)
{
	return (const char *)synth->section_names.data +
	    synth->sections[section].name;
}

static const char *
name_of(const struct kldsim_synth *synth, uint32_t id)
{
	return kldsim__synth_section_name(synth, (int)id);
}

int
kldsim__synth_find_section(const struct kldsim_synth *synth, const char *name)
{
	return (int)kldsim__synth_index_find(&synth->section_index, synth, name,
	    kldsim__synth_hash(name), name_of);
}

/* Section names are kept once each, the indexed one's place is shared. */
static uint32_t
section_name(struct kldsim_synth *synth, const char *name, uint32_t id)
{
	uint32_t hash = kldsim__synth_hash(name), known;
	size_t at = synth->section_names.size;

	if (*name == '\0')
		return 0;
	known = kldsim__synth_index_find(&synth->section_index, synth, name,
	    hash, name_of);
	if (known != 0)
		return synth->sections[known].name;
	kldsim__synth_index_add(&synth->section_index, synth, hash, id);
	(void)kldsim__synth_buf_add(synth, &synth->section_names, name,
	    strlen(name) + 1);
	return (uint32_t)at;
}

int
kldsim_synth_section(struct kldsim_synth *synth, const char *name,
    uint32_t type, uint64_t flags, uint64_t align)
{
	struct kldsim__synth_section *section;
	uint32_t id, name_at;

	if (kldsim__synth_bad(synth))
		return 0;
	id = (uint32_t)synth->nsections;
	if (id >= SHN_LORESERVE) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT, "too many sections");
		return 0;
	}
	if ((align & (align - 1)) != 0 || align > KLDSIM__SYNTH_ALIGN) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %.60s: alignment %llu is no power of two, or too "
		    "large",
		    name == NULL ? "" : name, (unsigned long long)align);
		return 0;
	}
	if (!kldsim__synth_grow(synth, &synth->sections, &synth->sections_cap,
	    synth->nsections + 1, sizeof(*synth->sections)))
		return 0;
	name_at = section_name(synth, name == NULL ? "" : name, id);
	section = &synth->sections[id];
	memset(section, 0, sizeof(*section));
	section->name = name_at;
	section->type = type;
	section->flags = flags;
	section->align = align;
	synth->nsections++;
	return kldsim__synth_bad(synth) ? 0 : (int)id;
}

/* The type, flags and alignment that compilers give a section of a name. */
void
kldsim__synth_usual(const struct kldsim_synth *synth, const char *name,
    uint32_t *type_ret, uint64_t *flags_ret, uint64_t *align_ret)
{
	const struct usual *usual = usuals;

	while (usual->prefix ? strncmp(usual->name, name,
	    strlen(usual->name)) != 0 : strcmp(usual->name, name) != 0)
		usual++;
	*type_ret = usual->type;
	*flags_ret = usual->flags;
	*align_ret = usual->align != 0 ? usual->align :
	    kldsim__synth_word(synth);
}

int
kldsim_synth_section_named(struct kldsim_synth *synth, const char *name)
{
	uint32_t type;
	uint64_t flags, align;
	int found;

	if (kldsim__synth_bad(synth))
		return 0;
	if (name == NULL || *name == '\0') {
		kldsim__synth_fail(synth, KLDSIM_ARG, "section without a name");
		return 0;
	}
	found = kldsim__synth_find_section(synth, name);
	if (found != 0)
		return found;
	kldsim__synth_usual(synth, name, &type, &flags, &align);
	return kldsim_synth_section(synth, name, type, flags, align);
}

void
kldsim_synth_section_fields(struct kldsim_synth *synth, int section,
    const kldsim_addr *address, uint64_t entsize)
{
	struct kldsim__synth_section *of =
	    kldsim__synth_get_section(synth, section, "section fields");

	if (of == NULL)
		return;
	of->entsize = entsize;
	of->fixed = address != NULL && synth->e_type != ET_REL &&
	    (of->flags & SHF_ALLOC) != 0;
	of->address = of->fixed ? *address : 0;
	synth->fixed = synth->fixed || of->fixed;
}

uint64_t
kldsim_synth_append(struct kldsim_synth *synth, int section, const void *bytes,
    uint64_t size)
{
	struct kldsim__synth_section *into =
	    kldsim__synth_get_section(synth, section, "append");
	uint64_t at;

	if (into == NULL)
		return 0;
	at = into->size;
	if (size > UINT64_MAX / 4 - into->size) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "section %s: too large",
		    kldsim__synth_section_name(synth, section));
		return 0;
	}
	if (into->type == SHT_NOBITS) {
		if (bytes != NULL && size != 0)
			kldsim__synth_fail(synth, KLDSIM_ARG,
			    "section %s: NOBITS cannot hold bytes",
			    kldsim__synth_section_name(synth, section));
	} else if (!kldsim__synth_buf_add(synth, &into->bytes, bytes, size)) {
		return 0;
	}
	into->size += size;
	return at;
}

uint64_t
kldsim_synth_append_int(struct kldsim_synth *synth, int section, uint64_t value,
    unsigned width)
{
	unsigned char bytes[8];

	if (kldsim__synth_bad(synth))
		return 0;
	if (width == 0 || width > sizeof(bytes)) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "integer of %u bytes",
		    width);
		return 0;
	}
	kldsim__synth_put(synth, bytes, width, value);
	return kldsim_synth_append(synth, section, bytes, width);
}

uint64_t
kldsim_synth_align(struct kldsim_synth *synth, int section, uint64_t align)
{
	struct kldsim__synth_section *into =
	    kldsim__synth_get_section(synth, section, "align");

	if (into == NULL)
		return 0;
	if (align == 0 || (align & (align - 1)) != 0 ||
	    align > KLDSIM__SYNTH_ALIGN) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: alignment %llu is no power of two, or too "
		    "large",
		    kldsim__synth_section_name(synth, section),
		    (unsigned long long)align);
		return 0;
	}
	if (into->align < align)
		into->align = align;
	(void)kldsim_synth_append(synth, section, NULL,
	    (align - (into->size & (align - 1))) & (align - 1));
	return into->size;
}

void
kldsim_synth_store(struct kldsim_synth *synth, int section, uint64_t offset,
    const void *bytes, uint64_t size)
{
	struct kldsim__synth_section *into =
	    kldsim__synth_get_section(synth, section, "store");

	if (into == NULL || size == 0)
		return;
	if (offset > into->bytes.size || size > into->bytes.size - offset) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: no %llu bytes at offset 0x%llx",
		    kldsim__synth_section_name(synth, section),
		    (unsigned long long)size, (unsigned long long)offset);
		return;
	}
	memcpy(into->bytes.data + offset, bytes, (size_t)size);
}

void
kldsim_synth_segment(struct kldsim_synth *synth, uint32_t type, uint32_t flags,
    int first, int last)
{
	if (kldsim__synth_bad(synth))
		return;
	if (first != 0 || last != 0) {
		if (kldsim__synth_get_section(synth, first, "segment") == NULL ||
		    kldsim__synth_get_section(synth, last, "segment") == NULL)
			return;
	}
	if (!kldsim__synth_grow(synth, &synth->segments, &synth->segments_cap,
	    synth->nsegments + 1, sizeof(*synth->segments)))
		return;
	synth->segments[synth->nsegments++] =
	    (struct kldsim__synth_segment){type, flags, first, last};
}

enum kldsim_status
kldsim_synth_section_place(const struct kldsim_synth *synth, int section,
    uint32_t *index_ret, kldsim_addr *address_ret, uint64_t *offset_ret)
{
	const struct kldsim__synth_section *found;

	if (synth == NULL || !synth->finished || section < 1 ||
	    (size_t)section >= synth->nsections)
		return KLDSIM_NOENT;
	found = &synth->sections[section];
	if (index_ret != NULL)
		*index_ret = found->index;
	if (address_ret != NULL)
		*address_ret = found->addr;
	if (offset_ret != NULL)
		*offset_ret = found->offset;
	return KLDSIM_OK;
}
