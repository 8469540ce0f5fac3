/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One list of symbols out of .symtab and .dynsym, locals first, as the builder
 * writes them.
 */

#include <stdlib.h>
#include <string.h>

#include "spec/from_impl.h"

/* Symbol tables while they are put together. */
struct work {
	struct kldsim__from *from;
	struct kldsim__from_symbol *all; /* .symtab's, then .dynsym's own */
	uint32_t n;
	uint32_t *dyn; /* .dynsym index to index in all */
};

static void
place_symbol(struct kldsim__from *from, struct kldsim__from_symbol *symbol,
    uint32_t number)
{
	const struct kldsim__from_section *section;

	symbol->value = symbol->st_value;
	if (symbol->shndx == SHN_UNDEF) {
		symbol->place = KLDSIM_SYNTH_UNDEF;
	} else if (symbol->shndx == SHN_ABS) {
		symbol->place = KLDSIM_SYNTH_ABS;
	} else if (symbol->shndx == SHN_COMMON) {
		symbol->place = KLDSIM_SYNTH_COMMON;
	} else if (symbol->shndx >= from->nsections) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "symbol %u: there is no section %u", (unsigned)number,
		    (unsigned)symbol->shndx);
	} else {
		section = &from->sections[symbol->shndx];
		symbol->section = section->id == 0 ? 0 : symbol->shndx;
		symbol->place = KLDSIM_SYNTH_ABS;
		if (section->id != 0 && from->e_type != ET_REL)
			symbol->value -= section->addr;
	}
}

/* The caller knows that the table has this entry. */
void
kldsim__from_symbol(struct kldsim__from *from, uint32_t table,
    uint32_t number, struct kldsim__from_symbol *symbol)
{
	const struct kldsim__from_section *of = &from->sections[table];
	uint64_t at = of->offset + (uint64_t)number * (from->is64 ? 24 : 16);
	bool is64 = from->is64;
	unsigned info;

	memset(symbol, 0, sizeof(*symbol));
	symbol->name = kldsim__from_string(from, of->link,
	    kldsim__from_get(from, at, 4), "symbol");
	symbol->st_value = kldsim__from_get(from, at + (is64 ? 8 : 4),
	    is64 ? 8 : 4);
	symbol->size = kldsim__from_get(from, at + (is64 ? 16 : 8),
	    is64 ? 8 : 4);
	info = (unsigned)kldsim__from_get(from, at + (is64 ? 4 : 12), 1);
	symbol->other = (uint8_t)kldsim__from_get(from, at + (is64 ? 5 : 13),
	    1);
	symbol->shndx = (uint32_t)kldsim__from_get(from, at + (is64 ? 6 : 14),
	    2);
	symbol->bind = (uint8_t)(info >> 4);
	symbol->type = (uint8_t)(info & 15);
	place_symbol(from, symbol, number);
}

/* A section symbol of what is not in the spec: nothing is left of it. */
static bool
is_gone(const struct kldsim__from_symbol *symbol)
{
	return symbol->type == STT_SECTION && symbol->section == 0;
}

/* How many entries a symbol table has. */
uint32_t
kldsim__from_table_size(struct kldsim__from *from, uint32_t table)
{
	uint64_t entsize = from->is64 ? 24 : 16;

	if (table == 0)
		return 0;
	if (from->sections[table].entsize != entsize ||
	    from->sections[table].size / entsize > INT32_MAX / 2) {
		kldsim__from_fail(from, KLDSIM_MALFORMED,
		    "section %u: a symbol table whose entries have %llu bytes",
		    (unsigned)table,
		    (unsigned long long)from->sections[table].entsize);
		return 0;
	}
	return (uint32_t)(from->sections[table].size / entsize);
}

static int
compare(const struct kldsim__from_symbol *a,
    const struct kldsim__from_symbol *b)
{
	int order = strcmp(a->name, b->name);

	if (order != 0)
		return order;
	if (a->st_value != b->st_value)
		return a->st_value < b->st_value ? -1 : 1;
	if (a->shndx != b->shndx)
		return a->shndx < b->shndx ? -1 : 1;
	if (a->bind != b->bind)
		return a->bind < b->bind ? -1 : 1;
	return a->type == b->type ? 0 : a->type < b->type ? -1 : 1;
}

static int
by_content(const void *left, const void *right)
{
	const struct kldsim__from_symbol *a =
	    *(const struct kldsim__from_symbol *const *)left;
	const struct kldsim__from_symbol *b =
	    *(const struct kldsim__from_symbol *const *)right;
	int order = compare(a, b);

	return order != 0 ? order : a < b ? -1 : a > b;
}

/* The first of those sorted that is the same symbol. */
static struct kldsim__from_symbol *
find_same(struct kldsim__from_symbol *const *sorted, uint32_t n,
    const struct kldsim__from_symbol *symbol)
{
	uint32_t low = 0, high = n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compare(sorted[middle], symbol) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && compare(sorted[low], symbol) == 0 ? sorted[low] :
	    NULL;
}

/* .dynsym's symbols are .symtab's where there are the same. */
static void
merge_dynsym(struct work *work)
{
	struct kldsim__from *from = work->from;
	uint32_t nsymtab = work->n, i;
	struct kldsim__from_symbol **sorted, *same;

	sorted = kldsim__from_alloc(from, nsymtab, sizeof(*sorted));
	if (sorted == NULL)
		return;
	for (i = 0; i < nsymtab; i++)
		sorted[i] = &work->all[i];
	qsort(sorted, nsymtab, sizeof(struct kldsim__from_symbol *),
	    by_content);
	for (i = 1; i < from->ndynsym && !kldsim__from_bad(from); i++) {
		kldsim__from_symbol(from, from->dynsym, i, &work->all[work->n]);
		same = find_same(sorted, nsymtab, &work->all[work->n]);
		if (same == NULL)
			same = &work->all[work->n++];
		same->dynamic = true;
		work->dyn[i] = (uint32_t)(same - work->all);
	}
	free(sorted);
}

/* The number of each symbol in the spec: locals first. */
static uint32_t *
number_all(struct work *work)
{
	struct kldsim__from *from = work->from;
	uint32_t *numbers = kldsim__from_alloc(from, work->n,
	    sizeof(*numbers));
	uint32_t i, pass;

	from->symbols = kldsim__from_alloc(from, (size_t)work->n + 1,
	    sizeof(*from->symbols));
	if (numbers == NULL || from->symbols == NULL) {
		free(numbers);
		return NULL;
	}
	from->nsymbols = 1;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < work->n; i++) {
			if ((work->all[i].bind != STB_LOCAL) != pass ||
			    is_gone(&work->all[i]))
				continue;
			from->symbols[from->nsymbols] = work->all[i];
			numbers[i] = from->nsymbols++;
		}
	return numbers;
}

/* Which symbol a name means, and which one a section. */
static void
mark_firsts(struct kldsim__from *from)
{
	struct kldsim__from_symbol **sorted, *symbol;
	struct kldsim__from_section *section;
	const char *before = "";
	uint32_t i;

	sorted = kldsim__from_alloc(from, from->nsymbols, sizeof(*sorted));
	if (sorted == NULL)
		return;
	for (i = 1; i < from->nsymbols; i++) {
		symbol = sorted[i] = &from->symbols[i];
		if (symbol->type != STT_SECTION || symbol->value != 0 ||
		    symbol->size != 0 || symbol->name[0] != '\0')
			continue;
		section = &from->sections[symbol->section];
		if (section->symbol == 0)
			section->symbol = i;
	}
	sorted[0] = &from->symbols[0];
	from->symbols[0].name = "";
	qsort(sorted, from->nsymbols, sizeof(struct kldsim__from_symbol *),
	    by_content);
	for (i = 0; i < from->nsymbols; i++) {
		if (strcmp(sorted[i]->name, before) == 0)
			continue;
		before = sorted[i]->name;
		symbol = sorted[i];
		/* Of those of one name, the first in the list. */
		for (; i + 1 < from->nsymbols &&
		    strcmp(sorted[i + 1]->name, before) == 0; i++)
			if (sorted[i + 1] < symbol)
				symbol = sorted[i + 1];
		symbol->first = before[0] != '#';
	}
	free(sorted);
}

static void
make_maps(struct kldsim__from *from, const struct work *work,
    const uint32_t *numbers)
{
	uint32_t i;

	from->symtab_map = kldsim__from_alloc(from, from->nsymtab,
	    sizeof(*from->symtab_map));
	from->dynsym_map = kldsim__from_alloc(from, from->ndynsym,
	    sizeof(*from->dynsym_map));
	if (kldsim__from_bad(from))
		return;
	for (i = 1; i < from->nsymtab; i++)
		from->symtab_map[i] = numbers[i - 1];
	for (i = 1; i < from->ndynsym; i++)
		from->dynsym_map[i] = numbers[work->dyn[i]];
}

void
kldsim__from_symbols(struct kldsim__from *from)
{
	struct work work = {.from = from};
	uint32_t i, *numbers = NULL;

	if (from->e_type == ET_REL)
		from->dynsym = 0;
	from->nsymtab = kldsim__from_table_size(from, from->symtab);
	from->ndynsym = kldsim__from_table_size(from, from->dynsym);
	work.all = kldsim__from_alloc(from, (size_t)from->nsymtab +
	    from->ndynsym + 1, sizeof(*work.all));
	work.dyn = kldsim__from_alloc(from, from->ndynsym, sizeof(*work.dyn));
	for (i = 1; i < from->nsymtab && !kldsim__from_bad(from); i++)
		kldsim__from_symbol(from, from->symtab, i, &work.all[work.n++]);
	if (!kldsim__from_bad(from))
		merge_dynsym(&work);
	if (!kldsim__from_bad(from))
		numbers = number_all(&work);
	if (!kldsim__from_bad(from))
		mark_firsts(from);
	if (!kldsim__from_bad(from))
		make_maps(from, &work, numbers);
	free(numbers);
	free(work.all);
	free(work.dyn);
}
