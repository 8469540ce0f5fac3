/* SPDX-License-Identifier: BSD-2-Clause */

/* Where a module touches the kernel's interface (I-20, I-23, I-24). */

#include <string.h>

#include "compare/compare.h"
#include "differ/same.h"

static const struct row {
	const char *name;
	const char *tag;
} sets[] = {
#define SET(section, tag) { section, tag },
#include "compare/couplings.def"
}, inlines[] = {
#define INLINE(prefix, tag) { prefix, tag },
#include "compare/couplings.def"
}, allocators[] = {
#define ALLOCATES(name, tag) { name, tag },
#include "compare/couplings.def"
}, instances[] = {
#define INSTANCE(tag) { NULL, tag },
#include "compare/couplings.def"
};

static const struct fixed {
	const char *name;
	bool all; /* that begin so */
} fixed[] = {
#define FIXED(name) { name, false },
#define FIXED_ALL(prefix) { prefix, true },
#include "compare/couplings.def"
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static bool
couple(struct kldsim_kbi *kbi, const struct row *rows, size_t count,
    enum kldsim_type_kind kind, uint32_t **tags_ret)
{
	*tags_ret = kldsim__arena_calloc(&kbi->arena, count,
	    sizeof(**tags_ret));
	for (size_t i = 0; i < count && *tags_ret != NULL; i++)
		(*tags_ret)[i] = kldsim__tag_find(&kbi->tags, kind,
		    rows[i].tag);
	return (*tags_ret != NULL);
}

_Static_assert(COUNT(inlines) <= 64 && COUNT(allocators) <= 64,
    "struct kldsim__letters has room for more");

static void
sort(const struct row *rows, size_t count, struct kldsim__letters *by_ret)
{
	memset(by_ret, 0, sizeof(*by_ret));
	for (size_t i = count; i-- > 0;) {
		uint8_t *first = &by_ret->first[(uint8_t)*rows[i].name];

		by_ret->next[i] = *first;
		*first = (uint8_t)(i + 1);
	}
}

bool
kldsim__compare_couple(struct kldsim_kbi *kbi)
{
	struct kldsim__coupled *coupled = &kbi->coupled;

	sort(inlines, COUNT(inlines), &coupled->inlines_by);
	sort(allocators, COUNT(allocators), &coupled->allocators_by);
	return (couple(kbi, sets, COUNT(sets), KLDSIM_TYPE_UNKNOWN,
	    &coupled->sets) && couple(kbi, inlines, COUNT(inlines),
	    KLDSIM_TYPE_UNKNOWN, &coupled->inlines) && couple(kbi, allocators,
	    COUNT(allocators), KLDSIM_TYPE_STRUCT, &coupled->allocators) &&
	    couple(kbi, instances, COUNT(instances), KLDSIM_TYPE_STRUCT,
	    &coupled->instances));
}

/* --- what is known of a symbol of the kernel's --- */

/* I-65: the size of a variable, where nobody tells its type. */
static uint64_t
size_of(const struct kldsim_kbi_file *file, uint32_t index)
{
	struct kldsim__sym sym;

	kldsim__sym_get(&file->symbols, index, &sym);
	return ((sym.info & 0xf) == STT_OBJECT ? sym.size : 0);
}

static void
compare_sizes(struct kldsim_kbi_report *report, uint32_t index,
    uint32_t old_index, struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;
	const uint64_t old = size_of(kbi->old, old_index);
	const uint64_t now = size_of(kbi->kernel, index);
	struct kldsim__difference *difference;

	if (old == 0 || now == 0 || old == now)
		return;
	difference = kldsim__arena_calloc(&kbi->arena, 1,
	    sizeof(*difference));
	if (difference == NULL) {
		report->failed = true;
		return;
	}
	difference->a_size = old;
	difference->b_size = now;
	difference->own = difference->grown = difference->variable = true;
	known->difference = difference;
}

/* Whether a function of both sides (two kernels, or importer and kernel) is plainly
   the same. */
static bool
is_same(struct kldsim_kbi *kbi, const struct kldsim__tagged *a,
    kldsim_type_id in_a, const struct kldsim__known *known)
{
	return (known->function && kldsim__same_functions(&kbi->tags, a, in_a,
	    &kbi->b, known->type, &kbi->shaping));
}

/* Of those that are not plainly the same. */
static struct kldsim__difference *
differ_symbols(struct kldsim_kbi_report *report,
    struct kldsim__arena *arena, struct kldsim__side a,
    const struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;
	struct kldsim__differing differing = { .arena = arena,
		.alloc = &kbi->alloc, .shaping = &kbi->shaping };
	const struct kldsim__side b = { kbi->b.types, known->type };
	struct kldsim__difference *difference = known->function ?
	    kldsim__differ_functions(&differing, a, b) :
	    kldsim__differ_variables(&differing, a, b);

	report->failed = report->failed || differing.failed;
	return (difference);
}

const struct kldsim__leads *
kldsim__compare_old_leads(struct kldsim_kbi_report *report,
    struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;

	if (!known->old_led && known->old_type != 0)
		kldsim__reach_leads(&kbi->reach, &kbi->a, known->old_type,
		    false, &known->old_leads);
	known->old_led = true;
	return (&known->old_leads);
}

/* Leads of one prototype; with more it is not worth looking. */
#define MANY 32

/* Whether one tells of a type that the other does not, or is nearer to it. */
static bool
leads_further(const struct kldsim__leads *leads,
    const struct kldsim__leads *others)
{
	if (others->count > MANY)
		return (true);
	for (uint32_t i = 0; i < leads->count; i++) {
		const struct kldsim__lead *lead = &leads->all[i];
		uint32_t at = 0;

		while (at < others->count && (others->all[at].tag !=
		    lead->tag || others->all[at].rank > lead->rank))
			at++;
		if (at == others->count)
			return (true);
	}
	return (false);
}

static void
compare_old(struct kldsim_kbi_report *report, bool function,
    struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;
	const struct kldsim__side a = { kbi->a.types, known->old_type };
	const bool both = known->type != 0 && function == known->function;

	/* What is the same leads to the same. */
	if (both && is_same(kbi, &kbi->a, a.id, known))
		return;
	known->further = leads_further(kldsim__compare_old_leads(report,
	    known), &known->leads);
	if (both)
		known->difference = differ_symbols(report, &kbi->arena, a,
		    known);
}

static void
learn_old(struct kldsim_kbi_report *report,
    const struct kldsim__import *import, struct kldsim__known *known)
{
	struct kldsim_kbi *kbi = report->kbi;
	const uint32_t old = import->old_symbol;
	bool function = false;
	kldsim_type_id type = 0;

	if (old != KLDSIM__NO_SYMBOL)
		type = kldsim__compare_type(kbi->old, old, &function);
	known->typed = known->typed && type != 0;
	if (!known->typed && old != KLDSIM__NO_SYMBOL)
		compare_sizes(report, import->symbol, old, known);
	if (type == 0 || !kbi->comparable)
		return;
	known->old_type = type;
	compare_old(report, function, known);
}

/* What its callers' inlines touch, and what it is given to be made. */
static void
learn_coupled(struct kldsim_kbi_report *report, const char *name,
    struct kldsim__known *known)
{
	const struct kldsim__coupled *coupled = &report->kbi->coupled;
	struct kldsim__lead leads[COUNT(inlines)];
	struct kldsim__leads found = { .all = leads };
	unsigned at = coupled->inlines_by.first[(uint8_t)*name];

	for (; at != 0; at = coupled->inlines_by.next[at - 1])
		if (coupled->inlines[at - 1] != 0 &&
		    strncmp(name, inlines[at - 1].name,
		    strlen(inlines[at - 1].name)) == 0)
			leads[found.count++] = (struct kldsim__lead){
			    .tag = coupled->inlines[at - 1], .rank = 1 };
	at = coupled->allocators_by.first[(uint8_t)*name];
	for (; at != 0; at = coupled->allocators_by.next[at - 1])
		if (coupled->allocators[at - 1] != 0 &&
		    strcmp(name, allocators[at - 1].name) == 0)
			known->allocated = coupled->allocators[at - 1];
	if (!kldsim__leads_keep(&found, &report->kbi->arena,
	    &known->inlines))
		report->failed = true;
}

/* I-82: of what everybody knows, and of labels, there is nothing to compare. */
static bool
needs_no_type(const struct kldsim_kbi_file *kernel, const char *name,
    uint32_t index)
{
	if ((kldsim__sym_info(&kernel->symbols, index) & 0xf) == STT_NOTYPE)
		return (true);
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (fixed[i].all ? strncmp(name, fixed[i].name,
		    strlen(fixed[i].name)) == 0 :
		    strcmp(name, fixed[i].name) == 0)
			return (true);
	return (false);
}

/* NULL: no memory. */
static struct kldsim__known *
learn(struct kldsim_kbi_report *report, const struct kldsim__import *import)
{
	struct kldsim_kbi *kbi = report->kbi;
	const uint32_t index = import->symbol;
	struct kldsim__known *known = kbi->known[index];
	struct kldsim__arena *before = kbi->reach.edges_arena;

	if (known != NULL)
		return (known);
	known = kldsim__arena_calloc(&kbi->arena, 1, sizeof(*known));
	if (known == NULL) {
		report->failed = true;
		return (NULL);
	}
	known->type = kldsim__compare_type(kbi->kernel, index,
	    &known->function);
	known->typed = known->type != 0;
	/* It outlasts the module. */
	kbi->reach.edges_arena = &kbi->arena;
	if (known->typed && kbi->comparable)
		kldsim__reach_leads(&kbi->reach, &kbi->b, known->type, true,
		    &known->leads);
	if (kbi->comparable)
		learn_coupled(report, import->name, known);
	if (kbi->old != NULL)
		learn_old(report, import, known);
	if (!known->typed)
		known->typed = needs_no_type(kbi->kernel, import->name,
		    index);
	kbi->reach.edges_arena = before;
	report->failed = report->failed || kbi->reach.failed;
	/* Where work came to its end, the next module begins anew. */
	if (kbi->shaping.work != 0 || !kbi->comparable)
		kbi->known[index] = known;
	return (report->failed ? NULL : known);
}

/* --- each import --- */

/* W-21: the module's own idea of what it imports; CTF has none (C-23). */
static void
take_own(struct kldsim_kbi_report *report, uint32_t number,
    const struct kldsim__known *known)
{
	struct kldsim__import *import = &report->imports[number];
	const struct kldsim__tagged *tagged = report->reach->a;
	struct kldsim_typed_symbol own;
	struct kldsim__leads leads;

	if (kldsim_types_symbol_at(report->module->types, import->index,
	    &own) != KLDSIM_OK)
		return;
	kldsim__reach_leads(report->reach, tagged, own.type, false, &leads);
	kldsim__reach_take(report->reach, &leads, number);
	if (known->type != 0 && own.function == known->function &&
	    !is_same(report->kbi, tagged, own.type, known))
		import->difference = differ_symbols(report,
		    &report->arena, (struct kldsim__side){ tagged->types,
		    own.type }, known);
}

/* I-25: a file that the linker asks earlier has defined it already. */
static bool
is_taken(const struct kldsim_kbi_report *report, uint32_t number)
{
	return (report->whole != NULL && report->whole->imports[number].taken);
}

/* The kernel does not have it: did the old one? */
static void
note_gone(struct kldsim_kbi_report *report,
    const struct kldsim__import *import)
{
	if (import->old_symbol != KLDSIM__NO_SYMBOL &&
	    report->info.gone++ == 0)
		report->info.first_gone = import->name;
}

static void
take_known(struct kldsim_kbi_report *report, uint32_t number,
    struct kldsim__known *known)
{
	struct kldsim__import *import = &report->imports[number];

	import->known = known;
	import->taken = true;
	import->typed = known->typed;
	import->difference = known->difference;
	if (report->whole != NULL)
		report->whole->imports[number].taken = true;
	if (report->reach != NULL) {
		kldsim__reach_take(report->reach, &known->leads, number);
		if (known->further)
			kldsim__reach_take(report->reach, &known->old_leads,
			    number);
		if (report->kbi->old == NULL)
			take_own(report, number, known);
	}
	report->info.resolved++;
	report->info.typed += import->typed;
	if (!import->typed && report->info.untyped == NULL)
		report->info.untyped = import->name;
}

static void
resolve(struct kldsim_kbi_report *report, uint32_t number)
{
	const struct kldsim__import *import = &report->imports[number];
	struct kldsim__known *known;

	if (is_taken(report, number))
		return;
	if (import->symbol != KLDSIM__NO_SYMBOL) {
		known = learn(report, import);
		if (known != NULL)
			take_known(report, number, known);
	} else if (report->kbi->old != NULL) {
		note_gone(report, import);
	}
}

/* --- what is shared besides --- */

static void
reach_inlines(struct kldsim_kbi_report *report, uint32_t number)
{
	const struct kldsim__known *known = report->imports[number].known;
	struct kldsim__reach *reach = report->reach;

	if (known == NULL)
		return;
	kldsim__reach_take(reach, &known->inlines, number);
	if (known->allocated == 0)
		return;
	kldsim__reach_tag(reach, known->allocated, 1, number, NULL);
	if (reach->reached[known->allocated].rank != 0)
		reach->reached[known->allocated].allocated = number + 1;
}

bool
kldsim__compare_in_set(const struct kldsim_kbi_report *report, uint32_t tag)
{
	const char *because = kldsim__reach_because(report->reach, tag);

	for (size_t i = 0; i < COUNT(sets); i++)
		if (because == sets[i].name)
			return (true);
	return (false);
}

static void
reach_sets(struct kldsim_kbi_report *report)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		if (report->kbi->coupled.sets[i] != 0 &&
		    kldsim__compare_section(report->module, sets[i].name) !=
		    NULL)
			kldsim__reach_tag(report->reach,
			    report->kbi->coupled.sets[i], 1,
			    KLDSIM__NO_IMPORT, sets[i].name);
}

/* "its_cdevsw" is a cdevsw, if it is as large as one. */
static bool
is_named_after(const struct kldsim_kbi_report *report, uint32_t index,
    uint32_t tag)
{
	const struct kldsim__symview *view = &report->module->symbols;
	const char *wanted = report->kbi->tags.tags[tag].name;
	struct kldsim__neutral type;
	struct kldsim__sym sym;
	const char *name;
	size_t length;

	kldsim__sym_get(view, index, &sym);
	name = kldsim__sym_name(view, sym.name);
	length = name != NULL ? strlen(name) : 0;
	kldsim__neutral(report->reach->a->types,
	    report->reach->a->first[tag], &type);
	return ((sym.info & 0xf) == STT_OBJECT && sym.shndx != SHN_UNDEF &&
	    sym.size == type.size && length >= strlen(wanted) &&
	    strcmp(name + length - strlen(wanted), wanted) == 0);
}

/* C-24: where nobody can say which type a variable has, its name may. */
static void
guess_instances(struct kldsim_kbi_report *report)
{
	for (size_t i = 0; i < COUNT(instances); i++) {
		const uint32_t tag = report->kbi->coupled.instances[i];

		for (uint32_t s = 1; s < report->module->symbols.count &&
		    tag != 0 && report->reach->a->first[tag] != 0; s++)
			if (is_named_after(report, s, tag))
				kldsim__reach_instance(report->reach,
				    report->reach->a->first[tag]);
	}
}

/* Whether a symbol of the module's graph is its own, and no import (W-22). */
static bool
is_own(const struct kldsim_kbi_report *report, uint32_t index)
{
	struct kldsim__sym sym;

	kldsim__sym_get(&report->module->symbols, index, &sym);
	return (sym.shndx != SHN_UNDEF);
}

/* Variables of the module's own types. */
static void
reach_instances(struct kldsim_kbi_report *report)
{
	struct kldsim_typed_symbol symbol;
	struct kldsim_types_info info;
	uint32_t tag;

	kldsim_types_info(report->module->types, &info);
	if (info.no_variables != NULL)
		guess_instances(report);

	for (uint32_t i = 0; kldsim_types_symbol(report->module->types, i,
	    &symbol) == KLDSIM_OK; i++)
		if (!symbol.function && is_own(report, symbol.index))
			kldsim__reach_instance(report->reach, symbol.type);
	/* Such are handed to the kernel, and to nobody else. */
	for (size_t i = 0; i < COUNT(instances) && report->whole == NULL; i++) {
		tag = report->kbi->coupled.instances[i];
		if (tag != 0 && report->reach->reached[tag].instance)
			kldsim__reach_tag(report->reach, tag, 1,
			    KLDSIM__NO_IMPORT, "a variable of the module");
	}
}

/* W-23: what they are given, the module has compiled in how to use. */
static void
reach_compiled_in(struct kldsim_kbi_report *report)
{
	const struct kldsim_kbi_file *module = report->module;

	for (size_t i = 0; i < module->ninlines; i++)
		kldsim__reach_inline(report->reach, module->inlines[i].type,
		    kldsim__compare_text(report, "%s, compiled in",
		    module->inlines[i].name));
}

/* I-84: nobody sees which inlines are in there. */
static void
reach_all_inlines(struct kldsim_kbi_report *report)
{
	for (size_t i = 0; i < COUNT(inlines); i++)
		kldsim__reach_tag(report->reach,
		    report->kbi->coupled.inlines[i], 1, KLDSIM__NO_IMPORT,
		    "inlines of the headers");
}

void
kldsim__compare_roots(struct kldsim_kbi_report *report)
{
	kldsim__compare_find_imports(report);
	for (uint32_t i = 0; i < report->nimports && !report->failed; i++) {
		resolve(report, i);
		if (report->reach != NULL && report->whole == NULL)
			reach_inlines(report, i);
	}
	if (report->reach == NULL || report->failed)
		return;
	if (report->kbi->old != NULL) {
		/* A module that binds to nothing depends on nothing. */
		if (report->info.resolved != 0)
			reach_all_inlines(report);
	} else {
		reach_instances(report);
		reach_compiled_in(report);
	}
	if (report->whole == NULL)
		reach_sets(report);
	kldsim__reach_follow(report->reach);
	report->info.cut += report->reach->cut;
	report->failed = report->failed || report->reach->failed;
}
