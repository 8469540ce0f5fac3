/* SPDX-License-Identifier: BSD-2-Clause */

/* Types for symbols (C-20, C-23 for definitions, W-21 for imports). */

#include "dwarf/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* How well a symbol's type is known. */
enum { NOT = 0, DECLARED, NAMED, GLOBAL, PLACED };

static size_t
name_slot(const struct dwarf_symbols *symbols, const char *name)
{
	return (dwarf_mix_text(0, name) & (symbols->nslots - 1));
}

static size_t
place_slot(const struct dwarf_symbols *symbols, const char *name,
    uint64_t value)
{
	return (dwarf_mix(dwarf_mix_text(0, name), value) &
	    (symbols->nslots - 1));
}

/* The one of that name and kind that is found by its name; 0: none yet. */
static uint32_t
find_named(const struct dwarf_symbols *symbols,
    const struct dwarf_symbol *like)
{
	uint32_t i = symbols->named[name_slot(symbols, like->name)];

	while (i != 0 && (strcmp(symbols->all[i].name, like->name) != 0 ||
	    symbols->all[i].global != like->global ||
	    symbols->all[i].defined != like->defined))
		i = symbols->all[i].next;
	return (i);
}

static uint32_t
find_placed(const struct dwarf_symbols *symbols, const char *name,
    uint64_t value)
{
	uint32_t i = symbols->placed[place_slot(symbols, name, value)];

	while (i != 0 && (symbols->all[i].value != value ||
	    strcmp(symbols->all[i].name, name) != 0))
		i = symbols->all[i].next_placed;
	return (i);
}

static Elf_Scn *
find_table(Elf *elf, GElf_Shdr *shdr)
{
	static const unsigned kinds[] = { SHT_SYMTAB, SHT_DYNSYM };

	for (unsigned k = 0; k < 2; k++) {
		Elf_Scn *scn = NULL;

		while ((scn = elf_nextscn(elf, scn)) != NULL)
			if (gelf_getshdr(scn, shdr) != NULL &&
			    shdr->sh_type == kinds[k])
				return (scn);
	}
	return (NULL);
}

static void
add(struct dwarf_symbols *symbols, const char *name, const GElf_Sym *sym,
    uint32_t index)
{
	const uint32_t number = (uint32_t)symbols->count++;
	struct dwarf_symbol *symbol = &symbols->all[number];
	uint32_t same, *slot;

	symbol->name = name;
	symbol->value = sym->st_value;
	symbol->index = index;
	symbol->defined = sym->st_shndx != SHN_UNDEF;
	symbol->global = GELF_ST_BIND(sym->st_info) != STB_LOCAL;
	same = find_named(symbols, symbol);
	if (same != 0) {
		symbols->all[same].shared = true;
	} else {
		slot = &symbols->named[name_slot(symbols, name)];
		symbol->next = *slot;
		*slot = number;
	}
	if (!symbol->defined ||
	    find_placed(symbols, name, symbol->value) != 0)
		return;
	slot = &symbols->placed[place_slot(symbols, name, symbol->value)];
	symbol->next_placed = *slot;
	*slot = number;
}

static bool
may_have_type(const GElf_Sym *sym)
{
	const unsigned type = GELF_ST_TYPE(sym->st_info);

	return (type != STT_SECTION && type != STT_FILE && sym->st_name != 0);
}

static void
read_table(struct dwarf_symbols *symbols, Elf_Data *data, size_t strings,
    size_t most)
{
	GElf_Sym sym;

	symbols->all = need(calloc(most + 1, sizeof(*symbols->all)));
	for (symbols->nslots = 64; symbols->nslots < 2 * most; )
		symbols->nslots *= 2;
	symbols->named = need(calloc(symbols->nslots,
	    sizeof(*symbols->named)));
	symbols->placed = need(calloc(symbols->nslots,
	    sizeof(*symbols->placed)));
	symbols->count = 1;
	for (size_t i = 1; i < most && i < INT32_MAX; i++) {
		const char *name;

		if (gelf_getsym(data, (int)i, &sym) == NULL ||
		    !may_have_type(&sym))
			continue;
		name = elf_strptr(symbols->elf, strings, sym.st_name);
		if (name != NULL && *name != '\0')
			add(symbols, name, &sym, (uint32_t)i);
	}
}

void
dwarf_symbols_read(const struct kldsim_image *image,
    struct dwarf_symbols *symbols)
{
	Elf_Data *data = NULL;
	Elf_Scn *scn = NULL;
	GElf_Shdr shdr;
	size_t size;
	const void *bytes = kldsim_image_bytes(image, &size);

	memset(symbols, 0, sizeof(*symbols));
	(void)elf_version(EV_CURRENT);
	symbols->elf = elf_memory((char *)(uintptr_t)bytes, size);
	if (symbols->elf != NULL)
		scn = find_table(symbols->elf, &shdr);
	if (scn != NULL)
		data = elf_getdata(scn, NULL);
	if (data != NULL && shdr.sh_entsize != 0)
		read_table(symbols, data, shdr.sh_link,
		    data->d_size / (size_t)shdr.sh_entsize);
}

void
dwarf_symbols_free(struct dwarf_symbols *symbols)
{
	free(symbols->all);
	free(symbols->named);
	free(symbols->placed);
	if (symbols->elf != NULL)
		(void)elf_end(symbols->elf);
}

/* --- what a unit says --- */

/* One function or variable: itself, and what says the rest of it. */
struct told {
	const struct dwarf_node *node;
	const struct dwarf_node *whole;
	bool function;
};

static unsigned
rank_of(const struct dwarf_symbol *symbol, const struct told *told)
{
	const unsigned flags = told->node->flags;

	if (!symbol->defined)
		return ((flags & NODE_DECLARED) != 0 ? DECLARED : NOT);
	if ((flags & NODE_DECLARED) != 0 || (told->function &&
	    (flags & NODE_ADDRESS) == 0))
		return (NOT);
	if ((flags & NODE_ADDRESS) != 0 &&
	    told->node->address == symbol->value)
		return (PLACED);
	if (symbol->global && (told->whole->flags & NODE_EXTERNAL) != 0)
		return (GLOBAL);
	return (!symbol->global && !symbol->shared ? NAMED : NOT);
}

static uint32_t
row_of(struct dwarf_graph *graph, struct dwarf_unit *unit,
    const struct told *told)
{
	const struct dwarf_node *typed = told->node;

	if (told->function)
		return (dwarf_graph_function(graph, unit,
		    (uint32_t)(told->whole - unit->nodes)));
	if (typed->type == 0)
		typed = told->whole;
	return (unit->nodes[typed->to].id);
}

static void
take_symbol(struct dwarf_symbol *symbol, struct dwarf_graph *graph,
    struct dwarf_unit *unit, const struct told *told)
{
	const unsigned rank = rank_of(symbol, told);
	uint32_t row;

	if (rank == NOT || (rank < symbol->rank && rank != DECLARED))
		return;
	if (rank == DECLARED && told->function &&
	    (told->whole->flags & NODE_PROTOTYPED) == 0) {
		symbol->no_prototype = true;
		return;
	}
	row = row_of(graph, unit, told);
	if (symbol->rank == rank) {
		symbol->differs = symbol->differs || symbol->row != row;
		return;
	}
	symbol->rank = (uint8_t)rank;
	symbol->row = row;
	symbol->function = told->function;
}

static void
take_node(struct dwarf_symbols *symbols, struct dwarf_graph *graph,
    struct dwarf_unit *unit, const struct told *told)
{
	const char *name = told->whole->name;
	uint32_t i = (told->node->flags & NODE_ADDRESS) != 0 ?
	    find_placed(symbols, name, told->node->address) : 0;

	if (i != 0)
		take_symbol(&symbols->all[i], graph, unit, told);
	i = symbols->named[name_slot(symbols, name)];
	for (; i != 0; i = symbols->all[i].next)
		if (strcmp(symbols->all[i].name, name) == 0)
			take_symbol(&symbols->all[i], graph, unit, told);
}

void
dwarf_symbols_take(struct dwarf_symbols *symbols, struct dwarf_graph *graph,
    struct dwarf_unit *unit)
{
	const size_t count = symbols->nslots != 0 ? unit->nnodes : 0;

	for (size_t n = 1; n < count; n++) {
		const struct dwarf_node *node = &unit->nodes[n];
		struct told told = { .node = node, .function =
		    (node->flags & NODE_FUNCTION) != 0 };

		if (!told.function && node->kind != NODE_VARIABLE)
			continue;
		told.whole = dwarf_unit_origin(unit, node);
		if (told.whole->kind == node->kind && *told.whole->name != '\0')
			take_node(symbols, graph, unit, &told);
	}
}

/* --- into the library's graph --- */

static void
build_remark(const struct dwarf_symbol *symbol, const char *what,
    struct kldsim_types_build *build)
{
	char text[256];
	const struct kldsim_types_remark remark = { "W-21", 0, text };

	(void)snprintf(text, sizeof(text), "%.120s %s", symbol->name, what);
	kldsim_types_build_remark(build, &remark);
}

void
dwarf_symbols_build(const struct dwarf_symbols *symbols,
    const struct dwarf_graph *graph, struct kldsim_types_build *build)
{
	for (size_t i = 1; i < symbols->count; i++) {
		const struct dwarf_symbol *symbol = &symbols->all[i];
		const struct kldsim_typed_symbol typed = {
			.name = symbol->name, .index = symbol->index,
			.function = symbol->function,
			.type = graph->rows[symbol->row].id };

		if (symbol->no_prototype)
			build_remark(symbol, "is called without a prototype "
			    "in sight", build);
		if (symbol->differs && !symbol->defined)
			build_remark(symbol, "is taken for different things "
			    "by units; the first one counts", build);
		if (typed.type != 0)
			kldsim_types_build_symbol(build, &typed);
	}
}
