/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of an existing file, as the spec tells them. */

#include <string.h>

#include "spec/from_impl.h"
#include "spec/spec_impl.h"
#include "synth/ctf.h"

static const char *
name_of(const struct kldsim__synth_ctf *ctf, uint32_t name)
{
	return (const char *)ctf->text.data + ctf->names[name];
}

static void
put_name(struct kldsim__from *from, const char *key, uint32_t name)
{
	kldsim__from_put(from, "%s", key);
	kldsim__from_put_name(from, name_of(from->types->ctf, name));
}

static void
put_number(struct kldsim__from *from, const char *key, uint64_t number)
{
	kldsim__from_put(from, number < 10 ? "%s%llu" : "%s0x%llx", key,
	    (unsigned long long)number);
}

static void
put_members(struct kldsim__from *from,
    const struct kldsim__synth_ctf_parts *parts)
{
	const struct kldsim__synth_ctf *ctf = from->types->ctf;
	const struct kldsim__synth_ctf_part *part;
	uint32_t i;

	kldsim__from_put(from, ", members: [");
	for (i = parts->first; i != 0; i = part->next) {
		part = &ctf->parts[i];
		kldsim__from_put(from, "%s\n      {", i == parts->first ? "" :
		    ",");
		if (part->name != 0) {
			put_name(from, "name: ", part->name);
			kldsim__from_put(from, ", ");
		}
		kldsim__from_put(from, "type: %d, bit: %llu}",
		    (int)part->value, (unsigned long long)part->bit);
	}
	kldsim__from_put(from, "]");
}

/* A value that is one more than the one before needs no word. */
static void
put_constants(struct kldsim__from *from,
    const struct kldsim__synth_ctf_parts *parts)
{
	const struct kldsim__synth_ctf *ctf = from->types->ctf;
	const struct kldsim__synth_ctf_part *part;
	int64_t value = -1;
	uint32_t i;

	kldsim__from_put(from, ", constants: [");
	for (i = parts->first; i != 0; i = part->next) {
		part = &ctf->parts[i];
		kldsim__from_put(from, "%s\n      ", i == parts->first ? "" :
		    ",");
		if (part->value == value + 1) {
			put_name(from, "", part->name);
		} else {
			put_name(from, "{name: ", part->name);
			kldsim__from_put(from, ", value: %d}",
			    (int)part->value);
		}
		value = part->value;
	}
	kldsim__from_put(from, "]");
}

static void
put_arguments(struct kldsim__from *from,
    const struct kldsim__synth_ctf_parts *parts)
{
	const struct kldsim__synth_ctf *ctf = from->types->ctf;
	uint32_t i;

	if (parts->count == 0)
		return;
	kldsim__from_put(from, ", arguments: [");
	for (i = parts->first; i != 0; i = ctf->parts[i].next)
		kldsim__from_put(from, "%s%d", i == parts->first ? "" : ", ",
		    (int)ctf->parts[i].value);
	kldsim__from_put(from, "]");
}

static void
put_encoding(struct kldsim__from *from,
    const struct kldsim__synth_ctf_type *type)
{
	const uint32_t encoding = type->word >> 24;
	const uint32_t offset = type->word >> 16 & 0xff;
	const uint32_t bits = type->word & 0xffff;

	if (encoding != 0) {
		kldsim__from_put(from, ", encoding: ");
		if (type->kind == KLDSIM_SYNTH_CTF_FLOAT)
			kldsim__from_put_word(from, kldsim__spec_floats,
			    encoding);
		else
			kldsim__from_put_flags(from, kldsim__spec_integers,
			    encoding);
	}
	if (type->size >= 64 || bits != type->size * 8)
		kldsim__from_put(from, ", bits: %u", (unsigned)bits);
	if (offset != 0)
		kldsim__from_put(from, ", offset: %u", (unsigned)offset);
}

static void
put_tail(struct kldsim__from *from, const struct kldsim__synth_ctf_type *type,
    enum kldsim__synth_ctf_tail tail)
{
	switch (tail) {
	case KLDSIM__SYNTH_CTF_ENCODING:
		put_encoding(from, type);
		break;
	case KLDSIM__SYNTH_CTF_ELEMENTS:
		kldsim__from_put(from, ", type: %d, index: %d, elements: %u",
		    (int)type->type, (int)type->index, (unsigned)type->word);
		break;
	case KLDSIM__SYNTH_CTF_ARGUMENTS:
		put_arguments(from, &type->parts);
		break;
	case KLDSIM__SYNTH_CTF_MEMBERS:
		if (type->parts.count != 0)
			put_members(from, &type->parts);
		break;
	case KLDSIM__SYNTH_CTF_ENUMERATORS:
		if (type->parts.count != 0)
			put_constants(from, &type->parts);
		break;
	default:
		break;
	}
}

static void
put_type(struct kldsim__from *from, size_t id)
{
	const struct kldsim__synth_ctf_type *type =
	    &from->types->ctf->types[id];
	const struct kldsim__synth_ctf_row *row =
	    kldsim__synth_ctf_row(type->kind);
	const bool is_enum = type->kind == KLDSIM_SYNTH_CTF_ENUM;

	kldsim__from_put(from, "  - {kind: ");
	kldsim__from_put_word(from, kldsim__spec_type_kinds, type->kind);
	if (type->name != 0)
		put_name(from, ", name: ", type->name);
	if (type->root != (type->name != 0))
		kldsim__from_put(from, ", root: %s",
		    type->root ? "yes" : "no");
	if (row->sized && type->size != (is_enum ? 4 : 0))
		put_number(from, ", size: ", type->size);
	if (!row->sized)
		kldsim__from_put(from, ", type: %d", (int)type->type);
	put_tail(from, type, row->tail);
	kldsim__from_put(from, "} # %zu\n", id);
}

/* The builder has a place for the symbol only if it counts (C-21). */
static bool
has_place(const struct kldsim__from_symbol *symbol)
{
	return symbol->section != 0 || symbol->place != KLDSIM_SYNTH_ABS ||
	    symbol->type != STT_OBJECT || symbol->value != 0;
}

static void
put_symbols(struct kldsim__from *from, bool function)
{
	const struct kldsim__synth_ctf *ctf = from->types->ctf;
	const struct kldsim__synth_ctf_symbol *said;
	bool any = false;
	uint32_t symbol;
	size_t i;

	for (i = 0; i < ctf->nsymbols; i++) {
		said = &ctf->symbols[i];
		symbol = from->symtab_map[said->symbol];
		if (said->function != function ||
		    !has_place(&from->symbols[symbol]))
			continue;
		if (!any)
			kldsim__from_put(from, function ?
			    "function-types:\n" : "object-types:\n");
		any = true;
		kldsim__from_put(from, "  - {symbol: ");
		kldsim__from_put_symbol(from, symbol);
		kldsim__from_put(from, ", %s: %d",
		    function ? "returns" : "type", (int)said->type);
		put_arguments(from, &said->arguments);
		kldsim__from_put(from, "}\n");
	}
}

static void
put_labels(struct kldsim__from *from)
{
	const struct kldsim__synth_ctf *ctf = from->types->ctf;
	size_t i;

	if (ctf->nlabels != 0)
		kldsim__from_put(from, "type-labels:\n");
	for (i = 0; i < ctf->nlabels; i++) {
		put_name(from, "  - {name: ", ctf->labels[i].name);
		if (ctf->child || ctf->labels[i].last != ctf->ntypes - 1)
			put_number(from, ", last: ", ctf->labels[i].last);
		kldsim__from_put(from, "}\n");
	}
}

void
kldsim__from_put_types(struct kldsim__from *from)
{
	const struct kldsim__synth_ctf *ctf;
	size_t i;

	if (from->types == NULL)
		return;
	ctf = from->types->ctf;
	if (ctf->child) {
		put_name(from, "type-parent: {label: ", ctf->parent_label);
		put_name(from, ", name: ", ctf->parent_name);
		kldsim__from_put(from, "}\n");
	}
	put_labels(from);
	if (ctf->ntypes > 1)
		kldsim__from_put(from, "types:\n");
	for (i = 1; i < ctf->ntypes; i++)
		put_type(from, i);
	put_symbols(from, false);
	put_symbols(from, true);
}
