/* SPDX-License-Identifier: BSD-2-Clause */

/* Who refers to a file's variables, by its relocations (F-02, F-03). */

#include <stdlib.h>

#include "arch/arch.h"
#include "refs/refs.h"

/* A function, by where it begins. */
struct function {
	uint32_t section;
	uint32_t name;
	uint64_t value;
};

struct scan {
	struct kldsim__refs_reader *reader;
	const struct kldsim__arch *arch; /* NULL: a machine that nobody knows */
	uint64_t seen;        /* references of the file so far */
	uint32_t near;        /* the section that an address was in last */
	/* The entry at hand. */
	struct kldsim__rel rel;
	uint32_t section;     /* that it changes; 0: none has the place */
	uint64_t place;       /* in the section */
	bool rela;
};

static bool
is_rel(const struct kldsim__refs_reader *reader)
{
	return (reader->elf.ehdr.e_type == ET_REL);
}

/* --- what an entry refers to --- */

/* Where pointers are kept for code to load them from (F-03). */
static bool
is_got(const char *name)
{
	static const char *const names[] = { ".got", ".got.plt", ".got2",
		".toc" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (true);
	return (false);
}

static void
refer(struct scan *scan, struct kldsim__refs_variable *variable)
{
	const char *name = kldsim__refs_section_name(scan->reader,
	    scan->section);

	variable->told.references++;
	variable->told.got += is_got(name) ? 1 : 0;
	if (variable->told.references != 1)
		return;
	variable->first = scan->seen++;
	variable->section = scan->section;
	variable->told.section_offset = scan->place;
}

/* The nearest of the file's own at or below a place in its set. */
static struct kldsim__refs_variable *
own_at(const struct kldsim_refs *refs, unsigned k, uint64_t offset)
{
	const struct kldsim__refs_list *own = &refs->own;
	size_t low = 0, high = own->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct kldsim_refs_variable *told =
		    &own->all[middle].told;

		if (told->prefix < k ||
		    (told->prefix == k && told->offset <= offset))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || own->all[low - 1].told.prefix != k)
		return (NULL);
	/* Of several names of one place the first. */
	for (low--; low > 0 && own->all[low - 1].told.prefix == k &&
	    own->all[low - 1].told.offset == own->all[low].told.offset;)
		low--;
	return (&own->all[low]);
}

/* A set whose variables have lost their names has one without a name. */
static bool
refer_own(struct scan *scan, unsigned k, uint64_t offset)
{
	struct kldsim_refs *refs = scan->reader->refs;
	struct kldsim__refs_variable *variable = own_at(refs, k, offset);
	struct kldsim__refs_variable nameless, *last;

	if (variable == NULL) {
		/* Before all others of its set, as its place is its start. */
		size_t at = 0;

		if (kldsim__refs_add(scan->reader, &refs->own,
		    (enum kldsim_refs_prefix)k, "") == NULL)
			return (false);
		last = &refs->own.all[refs->own.count - 1];
		last->told.own = true;
		nameless = *last;
		while (refs->own.all[at].told.prefix < k)
			at++;
		memmove(&refs->own.all[at + 1], &refs->own.all[at],
		    (refs->own.count - 1 - at) * sizeof(*last));
		refs->own.all[at] = nameless;
		variable = &refs->own.all[at];
	}
	refer(scan, variable);
	return (true);
}

/* --- addends --- */

static const struct kldsim__reloc_row *
row_of(const struct scan *scan)
{
	for (size_t i = 0; scan->arch != NULL && i < scan->arch->nrows; i++)
		if (scan->arch->rows[i].type == scan->rel.type)
			return (&scan->arch->rows[i]);
	return (NULL);
}

/* A word of the section that the entry changes; 0 if it is not in the file. */
static uint64_t
in_place(const struct scan *scan, unsigned width)
{
	struct kldsim__refs_reader *reader = scan->reader;
	const uint8_t *bytes = kldsim__refs_bytes(reader, scan->section);

	if (bytes == NULL || width > 8 || !kldsim__in_range(scan->place, width,
	    reader->shdr[scan->section].sh_size))
		return (0);
	return (kldsim__load(bytes + scan->place, width, reader->elf.big));
}

static uint64_t
addend_of(const struct scan *scan, const struct kldsim__reloc_row *row)
{
	const unsigned word = scan->reader->elf.is64 ? 8 : 4;
	uint64_t addend = scan->rel.addend;

	if (!scan->rela && scan->section != 0)
		addend = in_place(scan, row != NULL && row->width != 0 ?
		    row->width : word);
	/* An instruction counts from its end, where the field ends as a rule. */
	if (row != NULL && row->formula == KLDSIM__S_PLUS_A_MINUS_P)
		addend += row->width;
	return (addend);
}

/* --- entries --- */

/* An entry whose symbol lies in a set of the file's own. */
static bool
take_own(struct scan *scan, unsigned k)
{
	const struct kldsim__refs_reader *reader = scan->reader;
	struct kldsim__sym sym;
	uint64_t offset;

	kldsim__sym_get(&reader->symbols, scan->rel.sym, &sym);
	offset = sym.value - (is_rel(reader) ? 0 :
	    reader->shdr[reader->set[k]].sh_addr);
	if ((sym.info & 0xf) == STT_SECTION)
		offset += addend_of(scan, row_of(scan));
	return (refer_own(scan, k, offset));
}

/* An entry without a symbol, whose value the linker has put together. */
static bool
take_relative(struct scan *scan)
{
	const struct kldsim__refs_reader *reader = scan->reader;
	const uint64_t value = scan->rela ? scan->rel.addend :
	    in_place(scan, reader->elf.is64 ? 8 : 4);

	for (unsigned k = 0; k < KLDSIM__REFS_SETS; k++) {
		const GElf_Shdr *set = &reader->shdr[reader->set[k]];

		if (reader->set[k] != 0 && value >= set->sh_addr &&
		    value - set->sh_addr < set->sh_size)
			return (refer_own(scan, k, value - set->sh_addr));
	}
	return (true);
}

static bool
take_entry(struct scan *scan)
{
	struct kldsim__refs_reader *reader = scan->reader;
	const uint32_t slot = reader->slots != NULL &&
	    scan->rel.sym < reader->symbols.count ?
	    reader->slots[scan->rel.sym] : KLDSIM__REFS_SLOT_NONE;

	if (slot >= KLDSIM__REFS_SLOT_IMPORT) {
		refer(scan, &reader->refs->imports.all[slot -
		    KLDSIM__REFS_SLOT_IMPORT]);
		return (true);
	}
	if (slot != KLDSIM__REFS_SLOT_NONE)
		return (take_own(scan, slot - KLDSIM__REFS_SLOT_SET));
	return (scan->rel.sym != 0 || is_rel(reader) || take_relative(scan));
}

static bool
holds(const GElf_Shdr *shdr, uint64_t address)
{
	return ((shdr->sh_flags & SHF_ALLOC) != 0 &&
	    address >= shdr->sh_addr &&
	    address - shdr->sh_addr < shdr->sh_size);
}

/*
 * Where an entry's field is, as a section and a place in it.  Of a linked file
 * it is most often in the section of the entry before.
 */
static bool
find_place(struct scan *scan, uint32_t target)
{
	struct kldsim__refs_reader *reader = scan->reader;
	const uint64_t address = scan->rel.offset;

	scan->section = target;
	scan->place = address;
	if (target != 0)
		return (true);
	if (!holds(&reader->shdr[scan->near], address)) {
		if (!kldsim__refs_work(reader, reader->nshdr))
			return (false);
		for (scan->near = (uint32_t)reader->nshdr - 1; scan->near != 0 &&
		    !holds(&reader->shdr[scan->near], address);)
			scan->near--;
	}
	scan->section = scan->near;
	scan->place -= reader->shdr[scan->section].sh_addr;
	return (true);
}

/* Whether an entry can be one that counts, before its place is looked for. */
static bool
matters(const struct scan *scan)
{
	const struct kldsim__refs_reader *reader = scan->reader;
	const uint32_t sym = scan->rel.sym;

	if (sym == 0)
		return (!is_rel(reader) && (reader->set[0] != 0 ||
		    reader->set[1] != 0));
	return (reader->slots != NULL && sym < reader->symbols.count &&
	    reader->slots[sym] != KLDSIM__REFS_SLOT_NONE);
}

static bool
scan_table(struct scan *scan, uint32_t index)
{
	struct kldsim__refs_reader *reader = scan->reader;
	const GElf_Shdr *shdr = &reader->shdr[index];
	const uint8_t *table = kldsim__refs_bytes(reader, index);
	const uint32_t target = is_rel(reader) ? shdr->sh_info : 0;
	uint64_t each, count;

	scan->rela = shdr->sh_type == SHT_RELA;
	each = (reader->elf.is64 ? 8 : 4) * (scan->rela ? 3 : 2);
	count = shdr->sh_size / each;
	if (table == NULL)
		return (kldsim__refs_fail(reader, KLDSIM_MALFORMED,
		    "section %u: its relocations are not in the file", index));
	if (!kldsim__refs_work(reader, count))
		return (false);
	for (uint64_t i = 0; i < count; i++) {
		kldsim__rel_get(&reader->elf, table, scan->rela, i,
		    &scan->rel);
		if (!matters(scan))
			continue;
		if (!find_place(scan, target) || !take_entry(scan))
			return (false);
	}
	return (true);
}

/* What the kernel applies: of ET_REL that of sections which it loads. */
static bool
is_applied(const struct kldsim__refs_reader *reader, const GElf_Shdr *shdr)
{
	if ((shdr->sh_type != SHT_REL && shdr->sh_type != SHT_RELA) ||
	    shdr->sh_link != reader->symbols_index)
		return (false);
	if (!is_rel(reader))
		return ((shdr->sh_flags & SHF_ALLOC) != 0);
	return (shdr->sh_info != 0 && shdr->sh_info < reader->nshdr &&
	    (reader->shdr[shdr->sh_info].sh_flags & SHF_ALLOC) != 0);
}

/* --- functions --- */

static int
by_address(const void *one, const void *other)
{
	const struct function *a = one, *b = other;

	if (a->section != b->section)
		return (a->section < b->section ? -1 : 1);
	return (a->value < b->value ? -1 : a->value > b->value);
}

static size_t
take_functions(const struct kldsim__refs_reader *reader,
    struct function *functions)
{
	const struct kldsim__symview *view = &reader->full;
	struct kldsim__sym sym;
	size_t n = 0;

	for (uint32_t i = 1; i < view->count; i++) {
		if ((kldsim__sym_info(view, i) & 0xf) != STT_FUNC)
			continue;
		kldsim__sym_get(view, i, &sym);
		if (sym.shndx == SHN_UNDEF || sym.shndx >= reader->nshdr)
			continue;
		if (!is_rel(reader))
			sym.value -= reader->shdr[sym.shndx].sh_addr;
		functions[n++] = (struct function){ sym.shndx, sym.name,
			sym.value };
	}
	if (n != 0)
		qsort(functions, n, sizeof(*functions), by_address);
	return (n);
}

static const char *
keep(struct kldsim__refs_reader *reader, const char *text)
{
	const char *copy = kldsim__arena_strdup(&reader->refs->arena, text);

	if (copy == NULL)
		(void)kldsim__refs_nomem(reader);
	return (copy);
}

/* Name the section of the first reference, and the function around it. */
static void
name_first(struct kldsim__refs_reader *reader,
    const struct function *functions, size_t count,
    struct kldsim__refs_variable *variable)
{
	const struct function key = { variable->section, 0,
		variable->told.section_offset };
	size_t low = 0, high = count;
	const char *name;

	if (variable->told.references == 0)
		return;
	variable->told.section = keep(reader, kldsim__refs_section_name(reader,
	    variable->section));
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (by_address(&functions[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || functions[low - 1].section != variable->section)
		return;
	name = kldsim__sym_name(&reader->full, functions[low - 1].name);
	variable->told.function = name == NULL ? NULL : keep(reader, name);
	variable->told.function_offset = variable->told.section_offset -
	    functions[low - 1].value;
}

static bool
name_places(struct kldsim__refs_reader *reader)
{
	struct kldsim_refs *refs = reader->refs;
	struct function *functions;
	size_t count;

	if (!kldsim__refs_work(reader, reader->full.count))
		return (false);
	functions = kldsim__calloc(&refs->alloc, (size_t)reader->full.count + 1,
	    sizeof(*functions));
	if (functions == NULL)
		return (kldsim__refs_nomem(reader));
	count = take_functions(reader, functions);
	for (size_t i = 0; i < refs->imports.count; i++)
		name_first(reader, functions, count, &refs->imports.all[i]);
	for (size_t i = 0; i < refs->own.count; i++)
		name_first(reader, functions, count, &refs->own.all[i]);
	kldsim__free(&refs->alloc, functions);
	return (reader->status == KLDSIM_OK);
}

bool
kldsim__refs_scan(struct kldsim__refs_reader *reader)
{
	const GElf_Ehdr *ehdr = &reader->elf.ehdr;
	struct scan scan = { .reader = reader,
		.arch = kldsim__arch_find(ehdr->e_machine,
		    ehdr->e_ident[EI_CLASS], ehdr->e_ident[EI_DATA],
		    ehdr->e_flags) };

	if (reader->symbols_index == 0 || (reader->slots == NULL &&
	    reader->set[0] == 0 && reader->set[1] == 0))
		return (true);
	for (uint32_t i = 1; i < reader->nshdr; i++)
		if (is_applied(reader, &reader->shdr[i]) &&
		    !scan_table(&scan, i))
			return (false);
	return (scan.seen == 0 || name_places(reader));
}
