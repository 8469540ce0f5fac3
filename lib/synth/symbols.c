/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols and relocations, as they are asked for. */

#include <stdlib.h>
#include <string.h>

#include "synth/impl.h"

const char *
kldsim__synth_symbol_name(const struct kldsim_synth *synth, uint32_t symbol)
{
	return (const char *)synth->symbol_names.data +
	    synth->symbols[symbol].name;
}

struct kldsim__synth_symbol *
kldsim__synth_get_symbol(struct kldsim_synth *synth, int symbol,
    const char *who)
{
	if (kldsim__synth_bad(synth))
		return NULL;
	if (symbol < 1 || (size_t)symbol >= synth->nsymbols) {
		kldsim__synth_fail(synth, KLDSIM_ARG, "%s: no symbol %d", who,
		    symbol);
		return NULL;
	}
	return &synth->symbols[symbol];
}

/* The place of a name in .strtab and the first symbol that has it, if any. */
static uint32_t
symbol_name(struct kldsim_synth *synth, const char *name, uint32_t id,
    uint32_t *known_ret)
{
	uint32_t hash, known;
	size_t at = synth->symbol_names.size;

	*known_ret = 0;
	if (name == NULL || *name == '\0')
		return 0;
	hash = kldsim__synth_hash(name);
	known = kldsim__synth_index_find(&synth->symbol_index, synth, name,
	    hash, kldsim__synth_symbol_name);
	*known_ret = known;
	if (known != 0)
		return synth->symbols[known].name;
	if (at > UINT32_MAX / 2) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT,
		    "symbol names of more than 2 GiB");
		return 0;
	}
	kldsim__synth_index_add(&synth->symbol_index, synth, hash, id);
	(void)kldsim__synth_buf_add(synth, &synth->symbol_names, name,
	    strlen(name) + 1);
	return (uint32_t)at;
}

static bool
place_is_known(struct kldsim_synth *synth, int section)
{
	if (section == KLDSIM_SYNTH_UNDEF || section == KLDSIM_SYNTH_ABS ||
	    section == KLDSIM_SYNTH_COMMON)
		return true;
	return kldsim__synth_get_section(synth, section, "symbol") != NULL;
}

int
kldsim_synth_symbol(struct kldsim_synth *synth, const char *name, int bind,
    int type, int section, uint64_t value, uint64_t size)
{
	struct kldsim__synth_symbol *symbol;
	uint32_t id, known, name_at;

	if (kldsim__synth_bad(synth) || !place_is_known(synth, section))
		return 0;
	id = (uint32_t)synth->nsymbols;
	if (id > INT32_MAX - 1) {
		kldsim__synth_fail(synth, KLDSIM_LIMIT, "too many symbols");
		return 0;
	}
	if (!kldsim__synth_grow(synth, &synth->symbols, &synth->symbols_cap,
	    synth->nsymbols + 1, sizeof(*synth->symbols)))
		return 0;
	name_at = symbol_name(synth, name, id, &known);
	if (known != 0 && section != KLDSIM_SYNTH_UNDEF &&
	    (synth->symbols[known].flags & KLDSIM__SYNTH_REF) != 0)
		id = known;
	else
		synth->nsymbols++;
	symbol = &synth->symbols[id];
	memset(symbol, 0, sizeof(*symbol));
	symbol->name = name_at;
	symbol->bind = (uint8_t)bind & 15;
	symbol->type = (uint8_t)type & 15;
	symbol->section = section;
	symbol->value = value;
	symbol->size = size;
	return kldsim__synth_bad(synth) ? 0 : (int)id;
}

int
kldsim_synth_find_symbol(const struct kldsim_synth *synth, const char *name)
{
	if (synth == NULL || name == NULL)
		return 0;
	return (int)kldsim__synth_index_find(&synth->symbol_index, synth, name,
	    kldsim__synth_hash(name), kldsim__synth_symbol_name);
}

static int
refer(struct kldsim_synth *synth, const char *name, int bind)
{
	int id;

	if (kldsim__synth_bad(synth))
		return 0;
	if (name == NULL || *name == '\0') {
		kldsim__synth_fail(synth, KLDSIM_ARG, "reference to no name");
		return 0;
	}
	id = kldsim_synth_find_symbol(synth, name);
	if (id != 0)
		return id;
	id = kldsim_synth_symbol(synth, name, bind, STT_NOTYPE,
	    KLDSIM_SYNTH_UNDEF, 0, 0);
	if (id != 0)
		synth->symbols[id].flags |= KLDSIM__SYNTH_REF;
	return id;
}

int
kldsim_synth_ref(struct kldsim_synth *synth, const char *name)
{
	return refer(synth, name, STB_GLOBAL);
}

int
kldsim_synth_weak_ref(struct kldsim_synth *synth, const char *name)
{
	return refer(synth, name, STB_WEAK);
}

int
kldsim_synth_section_symbol(struct kldsim_synth *synth, int section)
{
	struct kldsim__synth_section *of =
	    kldsim__synth_get_section(synth, section, "section symbol");

	if (of == NULL)
		return 0;
	if (of->section_symbol == 0)
		of->section_symbol = (uint32_t)kldsim_synth_symbol(synth, NULL,
		    STB_LOCAL, STT_SECTION, section, 0, 0);
	return (int)of->section_symbol;
}

int
kldsim_synth_bind(struct kldsim_synth *synth, int symbol, int bind)
{
	struct kldsim__synth_symbol *of =
	    kldsim__synth_get_symbol(synth, symbol, "bind");

	if (of == NULL)
		return 0;
	of->bind = (uint8_t)bind & 15;
	return symbol;
}

int
kldsim_synth_other(struct kldsim_synth *synth, int symbol, unsigned other)
{
	struct kldsim__synth_symbol *of =
	    kldsim__synth_get_symbol(synth, symbol, "other");

	if (of == NULL)
		return 0;
	of->other = (uint8_t)other;
	return symbol;
}

int
kldsim_synth_dynamic(struct kldsim_synth *synth, int symbol, int yes)
{
	struct kldsim__synth_symbol *of =
	    kldsim__synth_get_symbol(synth, symbol, "dynamic");

	if (of == NULL)
		return 0;
	of->flags &= (uint8_t)~(KLDSIM__SYNTH_DYN | KLDSIM__SYNTH_NODYN);
	of->flags |= yes ? KLDSIM__SYNTH_DYN : KLDSIM__SYNTH_NODYN;
	return symbol;
}

void
kldsim__synth_end_symbol(struct kldsim_synth *synth, int symbol)
{
	struct kldsim__synth_symbol *of =
	    kldsim__synth_get_symbol(synth, symbol, "end");

	if (of != NULL)
		of->flags |= KLDSIM__SYNTH_END;
}

uint64_t
kldsim_synth_symbol_value(const struct kldsim_synth *synth, int symbol)
{
	if (synth == NULL || !synth->finished || symbol < 1 ||
	    (size_t)symbol >= synth->nsymbols)
		return 0;
	return synth->symbols[symbol].final;
}

static int
code(struct kldsim_synth *synth, const char *name, int type)
{
	int text = kldsim_synth_section_named(synth, ".text");
	uint64_t at = kldsim_synth_align(synth, text, 16);

	(void)kldsim_synth_append(synth, text, NULL, 16);
	return kldsim_synth_symbol(synth, name, STB_GLOBAL, type, text, at, 16);
}

int
kldsim_synth_func(struct kldsim_synth *synth, const char *name)
{
	return code(synth, name, STT_FUNC);
}

int
kldsim_synth_ifunc(struct kldsim_synth *synth, const char *name)
{
	return code(synth, name, KLDSIM_SYNTH_IFUNC);
}

int
kldsim_synth_object(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align)
{
	int section = kldsim_synth_section_named(synth,
	    bytes == NULL ? ".bss" : ".data");
	uint64_t at = kldsim_synth_align(synth, section, align);

	(void)kldsim_synth_append(synth, section, bytes, size);
	return kldsim_synth_symbol(synth, name, STB_GLOBAL, STT_OBJECT, section,
	    at, size);
}

static int
add_reloc(struct kldsim_synth *synth, int section,
    const struct kldsim__synth_reloc *reloc)
{
	struct kldsim__synth_section *into =
	    kldsim__synth_get_section(synth, section, "reloc");

	if (into == NULL)
		return 0;
	if (reloc->symbol >= synth->nsymbols) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: relocation against no symbol %d",
		    kldsim__synth_section_name(synth, section),
		    (int)reloc->symbol);
		return 0;
	}
	if (!synth->is64 && reloc->type > 0xff) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: relocation type %u does not fit a 32-bit file",
		    kldsim__synth_section_name(synth, section),
		    (unsigned)reloc->type);
		return 0;
	}
	if (!kldsim__synth_grow(synth, &into->relocs, &into->relocs_cap,
	    into->nrelocs + 1, sizeof(*into->relocs)))
		return 0;
	into->relocs[into->nrelocs] = *reloc;
	into->relocs[into->nrelocs].line = synth->origin.line;
	into->relocs[into->nrelocs].column = synth->origin.column;
	into->nrela += reloc->rela;
	return (int)into->nrelocs++;
}

int
kldsim_synth_reloc_number(struct kldsim_synth *synth, int section,
    uint64_t offset, uint32_t type, int symbol, int64_t addend)
{
	struct kldsim__synth_reloc reloc;

	if (kldsim__synth_bad(synth))
		return 0;
	reloc = (struct kldsim__synth_reloc){offset, addend, (uint32_t)symbol,
	    type, synth->options[KLDSIM_SYNTH_RELA] != 0, false, 0, 0};
	return add_reloc(synth, section, &reloc);
}

static bool
type_number(struct kldsim_synth *synth, const char *type, uint32_t *number_ret)
{
	const struct kldsim__synth_machine *machine = synth->machine;
	const struct kldsim__synth_row *row = synth->last_row;
	unsigned long number;
	char *end;
	size_t i;

	for (i = 0; row == NULL || strcmp(row->name, type) != 0; i++) {
		if (i == machine->nrows)
			break;
		row = &machine->rows[i];
	}
	if (row != NULL && strcmp(row->name, type) == 0) {
		synth->last_row = row;
		*number_ret = row->number;
		return true;
	}
	number = strtoul(type, &end, 0);
	if (end != type && *end == '\0' && number <= UINT32_MAX) {
		*number_ret = (uint32_t)number;
		return true;
	}
	kldsim__synth_fail(synth, KLDSIM_ARG,
	    "relocation type \"%.60s\" is unknown to %s", type, machine->name);
	return false;
}

int
kldsim_synth_reloc(struct kldsim_synth *synth, int section, uint64_t offset,
    const char *type, int symbol, int64_t addend)
{
	uint32_t number;

	if (kldsim__synth_bad(synth) ||
	    !type_number(synth, type == NULL ? "" : type, &number))
		return 0;
	return kldsim_synth_reloc_number(synth, section, offset, number, symbol,
	    addend);
}

unsigned
kldsim__synth_reloc_width(const struct kldsim_synth *synth, uint32_t type)
{
	const struct kldsim__synth_machine *machine = synth->machine;
	size_t i;

	if (type == machine->word || type == machine->relative)
		return kldsim__synth_word(synth);
	for (i = 0; i < machine->nrows; i++)
		if (machine->rows[i].number == type)
			return machine->rows[i].width;
	return kldsim__synth_word(synth);
}

void
kldsim_synth_pointer(struct kldsim_synth *synth, int section, uint64_t offset,
    int symbol, int64_t addend)
{
	struct kldsim__synth_section *into =
	    kldsim__synth_get_section(synth, section, "pointer");
	struct kldsim__synth_reloc reloc;
	unsigned word;

	if (into == NULL || symbol == 0)
		return;
	word = kldsim__synth_word(synth);
	if (into->size < word || offset > into->size - word) {
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "section %s: no pointer fits at offset 0x%llx",
		    kldsim__synth_section_name(synth, section),
		    (unsigned long long)offset);
		return;
	}
	reloc = (struct kldsim__synth_reloc){offset, addend, (uint32_t)symbol,
	    synth->machine->word, synth->options[KLDSIM_SYNTH_RELA] != 0, true,
	    0, 0};
	if (synth->machine->word == 0)
		kldsim__synth_fail(synth, KLDSIM_ARG,
		    "%s has no relocation for pointers", synth->machine->name);
	(void)add_reloc(synth, section, &reloc);
}
