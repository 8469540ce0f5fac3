/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Types of functions and variables (C-20 to C-24).  Their records have no names:
 * the first is that of the first symbol that counts, and so on.  What is wrong
 * with them leaves the types as they are, and them without.
 */

#include <stdio.h>

#include "types/ctf.h"

/* A symbol for which there may be a record. */
struct counted {
	uint32_t index;
	uint32_t name; /* in the symbols' strings; 0: "" */
	bool function;
};

/* One of the two sections, and how far its records were taken. */
struct part {
	uint64_t start;
	uint64_t place;
	uint64_t end;
	uint32_t untyped;
	const char *no; /* why none has a type; NULL: they may */
};

struct symbols {
	struct kldsim__ctf *ctf;
	struct counted *counted;
	size_t ncounted, counted_cap;
	size_t nfunctions;
	bool local, global; /* there is one that counts */
	uint32_t strings;   /* where the symbols' are in the graph's */
	struct part functions;
	struct part objects;
};

/* --- symbols --- */

/* C-21 */
static bool
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

static void
count_symbol(struct symbols *s, uint32_t index)
{
	const struct kldsim__symview *view = &s->ctf->section->symbols;
	struct counted *counted;
	struct kldsim__sym sym;
	const char *name;

	kldsim__sym_get(view, index, &sym);
	name = kldsim__sym_name(view, sym.name);
	if (!counts(&sym, name != NULL ? name : ""))
		return;
	counted = &s->counted[s->ncounted++];
	counted->index = index;
	counted->name = name != NULL && *name != '\0' ? sym.name : 0;
	counted->function = (sym.info & 0xf) == STT_FUNC;
	s->nfunctions += counted->function ? 1 : 0;
	s->local = s->local || sym.info >> 4 == STB_LOCAL;
	s->global = s->global || sym.info >> 4 == STB_GLOBAL ||
	    sym.info >> 4 == STB_WEAK;
}

static bool
count_symbols(struct symbols *s)
{
	const struct kldsim__symview *view = &s->ctf->section->symbols;
	struct kldsim__build *build = s->ctf->build;

	if (!kldsim__grow(&build->types->alloc, &s->counted, &s->counted_cap,
	    view->count, sizeof(*s->counted)))
		return (kldsim__build_nomem(build));
	for (uint32_t i = 0; i < view->count; i++) {
		const uint8_t type = kldsim__sym_info(view, i) & 0xf;

		if (type == STT_FUNC || type == STT_OBJECT)
			count_symbol(s, i);
	}
	return (true);
}

/* --- records --- */

static void
refuse(struct symbols *s, struct part *part, uint64_t place, const char *what)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s, offset 0x%jx: %s",
	    s->ctf->build->section, (uintmax_t)kldsim__ctf_at(place), what);
	part->no = kldsim__arena_strdup(&s->ctf->build->types->arena, text);
	if (part->no == NULL)
		(void)kldsim__build_nomem(s->ctf->build);
}

/* Where the next record ends that has been looked at. */
static uint64_t
known_end(const struct symbols *s, const struct part *part,
    const struct counted *counted, uint32_t first)
{
	const struct kldsim__ctf_format *format = s->ctf->format;

	return (part->place + format->word * (counted->function ?
	    (uint64_t)(first & format->vlen) + 2 : 1));
}

/* Where the next record ends, its first word being no 0; 0 if it is none. */
static uint64_t
record_end(struct symbols *s, struct part *part, const struct counted *counted,
    uint32_t first)
{
	const struct kldsim__ctf_format *format = s->ctf->format;
	uint64_t ids = part->place, n = 1;
	uint32_t id;

	if (counted->function) {
		ids += format->word;
		n = (uint64_t)(first & format->vlen) + 1;
		if (first >> format->kind_shift != KLDSIM_TYPE_FUNCTION) {
			refuse(s, part, part->place, "no record of a function");
			return (0);
		}
	}
	if (n > (part->end - ids) / format->word) {
		refuse(s, part, part->place, "a record ends behind its part");
		return (0);
	}
	for (uint64_t i = 0; i < n; i++)
		if (!kldsim__ctf_resolve(s->ctf, ids + i * format->word, &id)) {
			refuse(s, part, ids + i * format->word,
			    "there is no type of this number");
			return (0);
		}
	return (ids + n * format->word);
}

/* The prototype of a function is a type of its own; its ids are known. */
static uint32_t
take_prototype(struct symbols *s, uint64_t place, uint64_t end)
{
	struct kldsim__ctf *ctf = s->ctf;
	const unsigned word = ctf->format->word;
	struct kldsim__type type = { .kind = KLDSIM_TYPE_FUNCTION,
		.flags = KLDSIM__TYPE_MADE,
		.at = (uint32_t)kldsim__ctf_at(place) };
	uint32_t id, *argument;

	(void)kldsim__ctf_id(ctf, place + word, &type.ref);
	id = kldsim__build_type(ctf->build, &type);
	for (place += 2 * word; place != end && id != 0; place += word) {
		argument = kldsim__build_argument(ctf->build);
		if (argument == NULL)
			return (0);
		(void)kldsim__ctf_id(ctf, place, argument);
	}
	return (id);
}

static void
take_record(struct symbols *s, const struct counted *counted, uint64_t place,
    uint64_t end)
{
	struct kldsim__type_symbol symbol = { .index = counted->index,
		.function = counted->function };
	struct part *part = counted->function ? &s->functions : &s->objects;

	if (counted->name != 0)
		symbol.name = s->strings + counted->name;
	if (counted->function)
		symbol.type = take_prototype(s, place, end);
	else
		(void)kldsim__ctf_id(s->ctf, place, &symbol.type);
	/* Of a child, a word that is not 0 may be its own type 0 (C-30). */
	if (symbol.type != 0)
		kldsim__build_symbol(s->ctf->build, &symbol);
	else
		part->untyped++;
}

/* The record of the next symbol, if there is one left: look, or take it. */
static void
next_record(struct symbols *s, const struct counted *counted, bool take)
{
	struct part *part = counted->function ? &s->functions : &s->objects;
	const unsigned word = s->ctf->format->word;
	uint32_t first = 0;
	uint64_t end;

	if (part->no == NULL && part->end - part->place >= word) {
		first = kldsim__ctf_word(s->ctf, part->place);
		end = first == 0 ? part->place + word : take ?
		    known_end(s, part, counted, first) :
		    record_end(s, part, counted, first);
		if (end == 0)
			return;
		if (take && first != 0)
			take_record(s, counted, part->place, end);
		part->place = end;
	}
	if (take && first == 0)
		part->untyped++;
}

/* C-21: zeros behind the last record are padding. */
static void
check_rest(struct symbols *s, struct part *part)
{
	for (uint64_t place = part->place; place < part->end &&
	    part->no == NULL; place++)
		if (s->ctf->data[place] != 0)
			refuse(s, part, place, "more records than symbols");
}

static void
walk_records(struct symbols *s, bool take)
{
	s->functions.place = s->functions.start;
	s->objects.place = s->objects.start;
	for (size_t i = 0; i < s->ncounted; i++)
		next_record(s, &s->counted[i], take);
}

/* --- all of it --- */

/* Why no record may be used, whatever it says; NULL: they may. */
static const char *
why_not(const struct symbols *s)
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

static void
take_symbols(struct symbols *s)
{
	const struct kldsim__symview *view = &s->ctf->section->symbols;

	s->functions.no = s->objects.no = why_not(s);
	walk_records(s, false);
	check_rest(s, &s->functions);
	check_rest(s, &s->objects);
	if ((s->functions.no == NULL || s->objects.no == NULL) &&
	    kldsim__build_reserve_symbols(s->ctf->build, s->ncounted,
	    s->functions.no == NULL ? s->nfunctions : 0))
		s->strings = kldsim__build_strings(s->ctf->build,
		    view->strings, view->names_end);
	if (!kldsim__build_failed(s->ctf->build))
		walk_records(s, true);
}

static void
tell(const struct symbols *s)
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
kldsim__ctf_symbols(struct kldsim__ctf *ctf)
{
	const struct kldsim__ctf_header *h = &ctf->header;
	struct symbols s = { .ctf = ctf,
		.functions = { .start = h->funcoff, .end = h->typeoff },
		.objects = { .start = h->objtoff, .end = h->funcoff } };

	if (ctf->section->no_symbols != NULL || count_symbols(&s))
		take_symbols(&s);
	if (!kldsim__build_failed(ctf->build))
		tell(&s);
	kldsim__free(&ctf->build->types->alloc, s.counted);
}
