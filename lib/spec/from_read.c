/* SPDX-License-Identifier: BSD-2-Clause */
/* A small reader of ELF files: headers, sections, strings, all in bounds. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/from_impl.h"

enum { FROM_MAX = 1 << 30, SHT_ADDRSIG = 0x6fff4c03 };

void
kldsim__from_fail(struct kldsim__from *from, enum kldsim_status status,
    const char *fmt, ...)
{
	va_list args;
	int n;

	if (from->status != KLDSIM_OK)
		return;
	from->status = status;
	if (from->error == NULL)
		return;
	from->error->status = status;
	n = snprintf(from->error->text, sizeof(from->error->text), "%.200s: ",
	    from->name);
	va_start(args, fmt);
	(void)vsnprintf(from->error->text + n,
	    sizeof(from->error->text) - (size_t)n, fmt, args);
	va_end(args);
}

bool
kldsim__from_bad(const struct kldsim__from *from)
{
	return from->status != KLDSIM_OK;
}

void *
kldsim__from_alloc(struct kldsim__from *from, size_t count, size_t size)
{
	void *memory = calloc(count == 0 ? 1 : count, size);

	if (memory == NULL)
		kldsim__from_fail(from, KLDSIM_NOMEM, "no memory");
	return memory;
}

/* The caller knows that the bytes are there. */
uint64_t
kldsim__from_get(const struct kldsim__from *from, uint64_t offset,
    unsigned width)
{
	return kldsim__synth_get(&from->order, from->bytes + offset, width);
}

/* Fields of a record, one after the other; w is a word. */
struct cursor {
	const struct kldsim__from *from;
	uint64_t at;
};

static uint64_t
take(struct cursor *cursor, unsigned width)
{
	uint64_t value = kldsim__from_get(cursor->from, cursor->at, width);

	cursor->at += width;
	return value;
}

static uint64_t
take_word(struct cursor *cursor)
{
	return take(cursor, cursor->from->is64 ? 8 : 4);
}

static void
find_machine(struct kldsim__from *from)
{
	const struct kldsim__synth_machine *machine = NULL;
	const char *name;
	size_t i;

	for (i = 0; (name = kldsim_synth_machine(i)) != NULL; i++) {
		machine = kldsim__synth_machine(name);
		if (machine->elf_class == from->bytes[EI_CLASS] &&
		    machine->elf_data == from->bytes[EI_DATA] &&
		    (machine->e_machine == from->e_machine ||
		    machine->e_machine == EM_NONE))
			break;
	}
	from->machine = machine;
}

struct header {
	uint64_t phoff;
	uint64_t phentsize;
	uint64_t phnum;
	uint64_t shoff;
	uint64_t shentsize;
	uint64_t shnum;
	uint64_t shstrndx;
};

static void
read_header(struct kldsim__from *from, struct header *header)
{
	struct cursor at = {from, EI_NIDENT};

	if (from->size < 52 || memcmp(from->bytes, ELFMAG, SELFMAG) != 0 ||
	    (from->bytes[EI_CLASS] == ELFCLASS64 && from->size < 64)) {
		kldsim__from_fail(from, KLDSIM_NOT_ELF, "no ELF file");
		return;
	}
	if ((from->bytes[EI_CLASS] != ELFCLASS32 &&
	    from->bytes[EI_CLASS] != ELFCLASS64) ||
	    (from->bytes[EI_DATA] != ELFDATA2LSB &&
	    from->bytes[EI_DATA] != ELFDATA2MSB)) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "neither 32 nor 64 bits, or of no known byte order");
		return;
	}
	from->is64 = from->bytes[EI_CLASS] == ELFCLASS64;
	from->order.big = from->bytes[EI_DATA] == ELFDATA2MSB;
	from->order.is64 = from->is64;
	from->osabi = from->bytes[EI_OSABI];
	from->e_type = (uint16_t)take(&at, 2);
	from->e_machine = (uint16_t)take(&at, 2);
	(void)take(&at, 4);
	from->e_entry = take_word(&at);
	header->phoff = take_word(&at);
	header->shoff = take_word(&at);
	from->e_flags = (uint32_t)take(&at, 4);
	(void)take(&at, 2);
	header->phentsize = take(&at, 2);
	header->phnum = take(&at, 2);
	header->shentsize = take(&at, 2);
	header->shnum = take(&at, 2);
	header->shstrndx = take(&at, 2);
	if (from->e_type != ET_REL && from->e_type != ET_EXEC &&
	    from->e_type != ET_DYN)
		kldsim__from_fail(from, KLDSIM_UNSUPPORTED,
		    "e_type is %u, not that of a kernel or module",
		    (unsigned)from->e_type);
	find_machine(from);
}

/* The lowest address of a PT_LOAD; odd program headers have none. */
static void
read_base(struct kldsim__from *from, const struct header *header)
{
	uint64_t size = from->is64 ? 56 : 32, i, at, addr;

	from->base = UINT64_MAX;
	if (header->phentsize != size || header->phoff > from->size ||
	    header->phnum * size > from->size - header->phoff)
		return;
	for (i = 0; i < header->phnum; i++) {
		at = header->phoff + i * size;
		addr = kldsim__from_get(from, at + (from->is64 ? 16 : 8),
		    from->is64 ? 8 : 4);
		if (kldsim__from_get(from, at, 4) == PT_LOAD &&
		    addr < from->base)
			from->base = addr;
	}
}

static void
read_section(struct kldsim__from *from, struct cursor *at, uint32_t index)
{
	struct kldsim__from_section *section = &from->sections[index];

	(void)take(at, 4);
	section->type = (uint32_t)take(at, 4);
	section->flags = take_word(at);
	section->addr = take_word(at);
	section->offset = take_word(at);
	section->size = take_word(at);
	section->link = (uint32_t)take(at, 4);
	section->info = (uint32_t)take(at, 4);
	section->align = take_word(at);
	section->entsize = take_word(at);
	section->name = "";
	if (section->type != SHT_NOBITS && section->type != SHT_NULL &&
	    index != 0 && (section->offset > from->size ||
	    section->size > from->size - section->offset))
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "section %u ends outside the file", (unsigned)index);
	if (section->type == SHT_NOBITS && section->size > UINT64_MAX / 8)
		kldsim__from_fail(from, KLDSIM_UNSUPPORTED,
		    "section %u: 0x%llx bytes are more than a spec can have",
		    (unsigned)index, (unsigned long long)section->size);
	if ((section->align & (section->align - 1)) != 0)
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "section %u: alignment 0x%llx is no power of two",
		    (unsigned)index, (unsigned long long)section->align);
	else if (section->align > KLDSIM__SYNTH_ALIGN)
		kldsim__from_fail(from, KLDSIM_UNSUPPORTED,
		    "section %u: alignment 0x%llx is more than a spec can have",
		    (unsigned)index, (unsigned long long)section->align);
}

/* A string of a table, which ends in it. */
const char *
kldsim__from_string(struct kldsim__from *from, uint32_t strtab,
    uint64_t offset, const char *what)
{
	const struct kldsim__from_section *table;
	const char *text;

	if (strtab == 0 || strtab >= from->nsections ||
	    from->sections[strtab].type != SHT_STRTAB) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "%s: section %u is no string table", what,
		    (unsigned)strtab);
		return "";
	}
	table = &from->sections[strtab];
	text = offset >= table->size ? NULL :
	    (const char *)from->bytes + table->offset + offset;
	if (text == NULL ||
	    memchr(text, '\0', (size_t)(table->size - offset)) == NULL) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "%s: name at 0x%llx is not in its string table", what,
		    (unsigned long long)offset);
		return "";
	}
	return text;
}

static void
read_sections(struct kldsim__from *from, const struct header *header)
{
	unsigned entsize = from->is64 ? 64 : 40;
	struct cursor at = {from, header->shoff};
	uint32_t i;

	if (header->shnum == 0 || header->shentsize != entsize) {
		kldsim__from_fail(from, KLDSIM_UNSUPPORTED, "no section "
		    "headers of the usual size, so there is nothing to name");
		return;
	}
	if (header->shoff > from->size ||
	    header->shnum * entsize > from->size - header->shoff) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "section headers end outside the file");
		return;
	}
	from->sections = kldsim__from_alloc(from, header->shnum,
	    sizeof(*from->sections));
	from->kept = kldsim__from_alloc(from, header->shnum,
	    sizeof(*from->kept));
	from->nsections = (uint32_t)header->shnum;
	for (i = 0; i < from->nsections && !kldsim__from_bad(from); i++)
		read_section(from, &at, i);
	for (i = 1; i < from->nsections && !kldsim__from_bad(from); i++)
		from->sections[i].name = kldsim__from_string(from,
		    (uint32_t)header->shstrndx, kldsim__from_get(from,
		    header->shoff + (uint64_t)i * entsize, 4), "section");
	if (!kldsim__from_bad(from) && header->shstrndx < header->shnum)
		from->sections[header->shstrndx].link = from->nsections;
}

/* Note the tables that are read; the first of each kind counts. */
static void
note_tables(struct kldsim__from *from)
{
	static const char herring[] = "/red/herring";
	struct kldsim__from_section *section;
	uint32_t i, *of;

	for (i = 1; i < from->nsections; i++) {
		section = &from->sections[i];
		of = section->type == SHT_SYMTAB ? &from->symtab :
		    section->type == SHT_DYNSYM ? &from->dynsym :
		    section->type == SHT_HASH ? &from->hash :
		    section->type == SHT_GNU_HASH ? &from->gnu_hash : NULL;
		if (of != NULL && *of == 0)
			*of = i;
		/* The builder's own; any other is a section like all. */
		if (from->e_type != ET_REL && section->type == SHT_PROGBITS &&
		    strcmp(section->name, ".interp") == 0 &&
		    section->size == sizeof(herring) && !from->interp &&
		    memcmp(from->bytes + section->offset, herring,
		    sizeof(herring)) == 0) {
			from->interp = true;
			section->type = SHT_NULL;
			section->link = from->nsections;
		}
	}
	if (from->symtab != 0 && from->sections[from->symtab].link <
	    from->nsections)
		from->sections[from->sections[from->symtab].link].link =
		    from->nsections;
}

/*
 * Is a section in the spec?  Not if it is generated, or counts symbols or
 * sections by number.  link is nsections for string tables in use.
 */
static bool
is_kept(const struct kldsim__from *from, uint32_t index)
{
	const struct kldsim__from_section *section = &from->sections[index];

	switch (section->type) {
	case SHT_SYMTAB:
	case SHT_REL:
	case SHT_RELA:
	case SHT_GROUP:
	case SHT_SYMTAB_SHNDX:
	case SHT_ADDRSIG:
		return false;
	case SHT_NULL:
	case SHT_STRTAB:
		return section->link != from->nsections &&
		    (from->e_type == ET_REL ||
		    (section->flags & SHF_ALLOC) == 0);
	case SHT_DYNSYM:
	case SHT_HASH:
	case SHT_DYNAMIC:
	case SHT_GNU_HASH:
	case SHT_GNU_verdef:
	case SHT_GNU_verneed:
	case SHT_GNU_versym:
		return from->e_type == ET_REL;
	default:
		return true;
	}
}

struct order {
	uint64_t addr;
	uint32_t index;
	bool alloc;
};

static int
by_address(const void *left, const void *right)
{
	const struct order *a = left, *b = right;

	if (a->alloc != b->alloc)
		return a->alloc ? -1 : 1;
	if (a->alloc && a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

/* Linked files: by address, then what is not loaded; ET_REL: as they are. */
static void
order_kept(struct kldsim__from *from)
{
	struct order *orders = kldsim__from_alloc(from, from->nkept,
	    sizeof(*orders));
	uint32_t i;

	if (orders == NULL)
		return;
	for (i = 0; i < from->nkept; i++) {
		orders[i].index = from->kept[i];
		orders[i].addr = from->sections[from->kept[i]].addr;
		orders[i].alloc = from->e_type != ET_REL &&
		    (from->sections[from->kept[i]].flags & SHF_ALLOC) != 0;
	}
	if (from->e_type != ET_REL)
		qsort(orders, from->nkept, sizeof(*orders), by_address);
	for (i = 0; i < from->nkept; i++) {
		from->kept[i] = orders[i].index;
		from->sections[orders[i].index].id = i + 1;
	}
	free(orders);
}

/* Which sections are the first of their names: by sorting the names. */

struct named {
	const char *name;
	uint32_t id;
	uint32_t index;
};

static int
by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : a->id < b->id ? -1 : 1;
}

static void
find_firsts(struct kldsim__from *from)
{
	struct named *names = kldsim__from_alloc(from, from->nkept,
	    sizeof(*names));
	uint32_t i;

	if (names == NULL)
		return;
	for (i = 0; i < from->nkept; i++) {
		names[i].index = from->kept[i];
		names[i].id = i;
		names[i].name = from->sections[from->kept[i]].name;
	}
	qsort(names, from->nkept, sizeof(*names), by_name);
	for (i = 0; i < from->nkept; i++)
		from->sections[names[i].index].first = names[i].name[0] !=
		    '\0' && names[i].name[0] != '#' && (i == 0 ||
		    strcmp(names[i - 1].name, names[i].name) != 0);
	free(names);
}

/* The kept section that an address of a linked file is in. */
uint32_t
kldsim__from_section_at(const struct kldsim__from *from, uint64_t addr)
{
	const struct kldsim__from_section *section;
	uint32_t low = 0, high = from->nkept, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		section = &from->sections[from->kept[middle]];
		if ((section->flags & SHF_ALLOC) == 0 || section->addr > addr)
			high = middle;
		else
			low = middle + 1;
	}
	while (low-- > 0) {
		section = &from->sections[from->kept[low]];
		if (addr - section->addr < section->size)
			return from->kept[low];
		if (section->size != 0)
			return 0;
	}
	return 0;
}

void
kldsim__from_read(struct kldsim__from *from)
{
	struct header header = {0};
	uint32_t i;

	read_header(from, &header);
	if (!kldsim__from_bad(from))
		read_sections(from, &header);
	if (kldsim__from_bad(from))
		return;
	note_tables(from);
	kldsim__from_ctf(from);
	read_base(from, &header);
	for (i = 1; i < from->nsections; i++)
		if (is_kept(from, i))
			from->kept[from->nkept++] = i;
	order_kept(from);
	find_firsts(from);
}

static void
free_all(struct kldsim__from *from)
{
	free(from->sections);
	free(from->kept);
	free(from->symbols);
	free(from->symtab_map);
	free(from->dynsym_map);
	free(from->relocs);
	kldsim_synth_free(from->types);
	free(from->out.data);
}

enum kldsim_status
kldsim_synth_from_bytes(const void *bytes, size_t size, const char *name,
    char **text_ret, size_t *text_size_ret, struct kldsim_error *error)
{
	struct kldsim__from from = {.bytes = bytes, .size = size};

	*text_ret = NULL;
	*text_size_ret = 0;
	if (error != NULL)
		memset(error, 0, sizeof(*error));
	from.name = name == NULL ? "file" : name;
	from.error = error;
	kldsim__from_read(&from);
	if (!kldsim__from_bad(&from))
		kldsim__from_symbols(&from);
	if (!kldsim__from_bad(&from))
		kldsim__from_relocs(&from);
	if (!kldsim__from_bad(&from))
		kldsim__from_write(&from);
	if (!kldsim__from_bad(&from)) {
		*text_ret = (char *)from.out.data;
		*text_size_ret = from.out.size - 1;
		from.out.data = NULL;
	}
	free_all(&from);
	return from.status;
}

enum kldsim_status
kldsim_synth_from(const char *path, char **text_ret, size_t *size_ret,
    struct kldsim_error *error)
{
	struct kldsim__synth_buf file = {NULL, 0, 0};
	enum kldsim_status status;

	*text_ret = NULL;
	*size_ret = 0;
	status = kldsim__synth_slurp(path, FROM_MAX, &file, error);
	if (status == KLDSIM_OK)
		status = kldsim_synth_from_bytes(file.data, file.size, path,
		    text_ret, size_ret, error);
	free(file.data);
	return status;
}
