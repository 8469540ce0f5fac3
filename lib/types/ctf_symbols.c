/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Types of functions and variables (C-20 to C-24).  Their records have no names:
 * the first is that of the first symbol that counts, and so on.  After an error
 * here no symbol has a type, and all other types are there.
 */

#include <stdio.h>

#include "types/ctf.h"

/* Of how symbols are bound. */
#define LOCAL (1u << STB_LOCAL)
#define GLOBAL (1u << STB_GLOBAL | 1u << STB_WEAK)

/* A symbol for which there may be a record. */
struct counted {
	uint32_t index;
	uint32_t name; /* in the symbols' strings; 0: it has none there */
	bool function;
};

/* --- symbols --- */

/* C-21 */
static inline bool
counts(const struct kldsim__sym *sym, const char *name)
{
	if (sym->name == 0 || sym->shndx == SHN_UNDEF)
		return (false);
	if ((sym->info & 0xf) == STT_OBJECT && sym->shndx == SHN_ABS &&
	    sym->value == 0)
		return (false);
	return (name[0] != '_' || (strcmp(name, "_START_") != 0 &&
	    strcmp(name, "_END_") != 0));
}

/* False if the symbol counts not: no record is its. */
static inline bool
get_symbol(const struct kldsim__symview *view, uint32_t index,
    struct counted *counted_ret, unsigned *bind_ret)
{
	struct kldsim__sym sym;
	const char *name;

	kldsim__sym_get(view, index, &sym);
	if ((sym.info & 0xf) != STT_FUNC && (sym.info & 0xf) != STT_OBJECT)
		return (false);
	name = kldsim__sym_name(view, sym.name);
	if (!counts(&sym, name != NULL ? name : ""))
		return (false);
	*bind_ret = sym.info >> 4;
	counted_ret->index = index;
	counted_ret->name = name != NULL ? sym.name : 0;
	counted_ret->function = (sym.info & 0xf) == STT_FUNC;
	return (true);
}

static struct kldsim__ctf_part *
part_of(struct kldsim__ctf_symbols *s, const struct counted *counted)
{
	return (counted->function ? &s->functions : &s->objects);
}

/* --- first: whether the records are such --- */

static void
refuse(struct kldsim__ctf_symbols *s, struct kldsim__ctf_part *part,
    uint64_t place, const char *what)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s, offset 0x%jx: %s",
	    s->ctf->build->section, (uintmax_t)kldsim__ctf_at(place), what);
	part->no = kldsim__arena_strdup(&s->ctf->build->types->arena, text);
	if (part->no == NULL)
		(void)kldsim__build_nomem(s->ctf->build);
}

/* How many arguments a record of a function has, by its first word. */
static inline uint32_t
arguments_of(const struct kldsim__ctf *ctf, uint32_t first)
{
	return (first & ctf->format->vlen);
}

/* How many symbols may have a record, and how they are bound. */
static void
count_symbols(struct kldsim__ctf_symbols *s)
{
	const struct kldsim__symview view = s->ctf->section->symbols;
	uint32_t functions = 0, all = 0, binds = 0;
	struct counted counted;
	unsigned bind;

	for (uint32_t i = 0; i < view.count; i++)
		if (get_symbol(&view, i, &counted, &bind)) {
			functions += counted.function;
			all++;
			binds |= 1u << bind;
		}
	s->functions.symbols = functions;
	s->objects.symbols = all - functions;
	s->local = (binds & LOCAL) != 0;
	s->global = (binds & GLOBAL) != 0;
}

/* Look at so many ids from a place on; where they end, or 0 if they are none. */
static inline uint64_t
check_ids(struct kldsim__ctf_symbols *s, struct kldsim__ctf_part *part,
    uint64_t place, uint64_t n)
{
	const unsigned word = s->ctf->format->word;
	const uint64_t end = place + n * word;
	uint32_t id;

	if (end > part->end) {
		refuse(s, part, part->place, "a record ends behind its part");
		return (0);
	}
	for (; place != end; place += word)
		if (!kldsim__ctf_resolve(s->ctf, place, &id)) {
			refuse(s, part, place,
			    "there is no type of this number");
			return (0);
		}
	return (end);
}

/* Where a function's record ends, its first word being no 0; 0: it is none. */
static inline uint64_t
check_function(struct kldsim__ctf_symbols *s, struct kldsim__ctf_part *part,
    uint32_t first)
{
	const struct kldsim__ctf_format *format = s->ctf->format;
	const uint32_t n = arguments_of(s->ctf, first);

	if (first >> format->kind_shift != KLDSIM_TYPE_FUNCTION) {
		refuse(s, part, part->place, "no record of a function");
		return (0);
	}
	s->arguments += n;
	return (check_ids(s, part, part->place + format->word,
	    (uint64_t)n + 1));
}

/* A record a symbol, and zeros as padding behind the last one (C-21). */
static void
check_part(struct kldsim__ctf_symbols *s, struct kldsim__ctf_part *part)
{
	const unsigned word = s->ctf->format->word;
	uint64_t end;

	for (uint32_t i = 0; i < part->symbols &&
	    part->end - part->place >= word; i++, part->place = end) {
		const uint32_t first = kldsim__ctf_word(s->ctf, part->place);

		end = first == 0 ? part->place + word :
		    part == &s->functions ? check_function(s, part, first) :
		    check_ids(s, part, part->place, 1);
		if (end == 0)
			return;
		part->typed += first != 0;
	}
	for (uint64_t place = part->place; place < part->end &&
	    part->no == NULL; place++)
		if (s->ctf->data[place] != 0)
			refuse(s, part, place, "more records than symbols");
}

/* Why no record may be used, whatever it says; NULL: they may. */
static const char *
why_not(const struct kldsim__ctf_symbols *s)
{
	const struct kldsim__ctf_section *section = s->ctf->section;

	if (section->no_symbols != NULL)
		return (section->no_symbols);
	if (s->ctf->unmerged)
		return ("they are those of the first of several files, whose "
		    "symbols nobody can tell (C-31)");
	/* Tools put local symbols before the others, in what was one order. */
	if (s->local && s->global && !section->kernel)
		return ("some of its symbols are local and some are not, so "
		    "they may stand in another order than their types (C-24)");
	return (NULL);
}

void
kldsim__ctf_check_symbols(struct kldsim__ctf *ctf,
    struct kldsim__ctf_symbols *s, struct kldsim__build_rows *rows)
{
	const struct kldsim__ctf_header *h = &ctf->header;

	*s = (struct kldsim__ctf_symbols){ .ctf = ctf,
		.functions = { .place = h->funcoff, .end = h->typeoff },
		.objects = { .place = h->objtoff, .end = h->funcoff } };
	if (ctf->section->no_symbols == NULL)
		count_symbols(s);
	s->functions.no = s->objects.no = why_not(s);
	if (s->functions.no != NULL)
		return;
	check_part(s, &s->functions);
	check_part(s, &s->objects);
	if (s->functions.no == NULL) {
		rows->made += s->functions.typed;
		rows->made_arguments += s->arguments;
		rows->symbols += s->functions.typed;
	}
	if (s->objects.no == NULL)
		rows->symbols += s->objects.typed;
}

/* --- then: what they say --- */

/* The prototype of a function is a type of its own; its ids are known. */
static uint32_t
take_prototype(struct kldsim__ctf *ctf, uint64_t place, uint32_t n)
{
	const unsigned word = ctf->format->word;
	struct kldsim__type *type = kldsim__build_type(ctf->build, true);
	const uint32_t id = kldsim__build_id(ctf->build);
	uint32_t *arguments;

	if (type == NULL)
		return (0);
	*type = (struct kldsim__type){ .kind = KLDSIM_TYPE_FUNCTION,
		.flags = KLDSIM__TYPE_MADE,
		.at = (uint32_t)kldsim__ctf_at(place) };
	place += word;
	(void)kldsim__ctf_id(ctf, place, &type->ref);
	if (n == 0)
		return (id);
	arguments = kldsim__build_arguments(ctf->build, n);
	for (uint32_t i = 0; arguments != NULL && i < n; i++) {
		place += word;
		(void)kldsim__ctf_id(ctf, place, &arguments[i]);
	}
	return (arguments != NULL ? id : 0);
}

static void
take_record(struct kldsim__ctf_symbols *s, const struct counted *counted,
    uint32_t first)
{
	struct kldsim__ctf_part *part = part_of(s, counted);
	const unsigned word = s->ctf->format->word;
	const uint32_t n = counted->function ? arguments_of(s->ctf, first) : 0;
	struct kldsim__type_symbol *symbol;
	uint32_t type = 0;

	if (counted->function)
		type = take_prototype(s->ctf, part->place, n);
	else
		(void)kldsim__ctf_id(s->ctf, part->place, &type);
	part->place += word * (counted->function ? (uint64_t)n + 2 : 1);
	/* Of a child, a word that is not 0 may be its own type 0 (C-30). */
	if (type == 0) {
		part->untyped++;
		return;
	}
	symbol = kldsim__build_symbol(s->ctf->build);
	if (symbol == NULL)
		return;
	symbol->index = counted->index;
	symbol->function = counted->function;
	symbol->name = counted->name != 0 ? s->strings + counted->name : 0;
	symbol->type = type;
}

/* The record of the next symbol, if there is one left. */
static void
take_next(struct kldsim__ctf_symbols *s, const struct counted *counted)
{
	struct kldsim__ctf_part *part = part_of(s, counted);
	const unsigned word = s->ctf->format->word;
	uint32_t first = 0;

	if (part->no == NULL && part->end - part->place >= word)
		first = kldsim__ctf_word(s->ctf, part->place);
	if (first != 0) {
		take_record(s, counted, first);
		return;
	}
	if (part->no == NULL && part->end - part->place >= word)
		part->place += word;
	part->untyped++;
}

static void
tell(const struct kldsim__ctf_symbols *s)
{
	struct kldsim_types *types = s->ctf->build->types;
	struct kldsim_types_info *info = &types->info;

	for (size_t i = 0; i < types->nsymbols; i++)
		if (types->symbols[i].function)
			info->functions++;
	info->variables = (uint32_t)types->nsymbols - info->functions;
	info->untyped_functions = s->functions.untyped;
	info->untyped_variables = s->objects.untyped;
	info->no_functions = s->functions.no;
	info->no_variables = s->objects.no;
}

void
kldsim__ctf_take_symbols(struct kldsim__ctf_symbols *s)
{
	const struct kldsim__symview view = s->ctf->section->symbols;
	struct kldsim__build *build = s->ctf->build;
	struct counted counted;
	unsigned bind;

	s->functions.place = s->ctf->header.funcoff;
	s->objects.place = s->ctf->header.objtoff;
	if (s->functions.no == NULL || s->objects.no == NULL)
		s->strings = kldsim__build_strings(build, view.strings,
		    view.names_end);
	if (kldsim__build_failed(build))
		return;
	if (s->ctf->section->no_symbols == NULL)
		for (uint32_t i = 0; i < view.count; i++)
			if (get_symbol(&view, i, &counted, &bind))
				take_next(s, &counted);
	if (!kldsim__build_failed(build))
		tell(s);
}
