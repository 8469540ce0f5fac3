/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a module imports, and where that is in the kernels.  It is looked up a few
 * names at once, and what will be read of these is fetched: names come in no
 * order, and one after the other would wait for memory at each step.
 */

#include <string.h>

#include "compare/compare.h"
#include "types/graph.h"
#include "util/hash.h" /* KLDSIM__PREFETCH */

static bool
add_import(struct kldsim_kbi_report *report, size_t *cap, const char *name,
    uint32_t index)
{
	if (!kldsim__grow(&report->kbi->alloc, &report->imports, cap,
	    report->nimports + 1, sizeof(*report->imports)))
		return (false);
	memset(&report->imports[report->nimports], 0,
	    sizeof(*report->imports));
	report->imports[report->nimports].index = index;
	report->imports[report->nimports++].name = name;
	return (true);
}

/* Bounds of sets are the linker's own. */
static bool
is_bound(const char *name)
{
	return (name[0] == '_' && name[1] == '_' &&
	    (strncmp(name, "__start_", 8) == 0 ||
	    strncmp(name, "__stop_", 7) == 0));
}

static void
find_imports(struct kldsim_kbi_report *report)
{
	const struct kldsim__symview *view = &report->module->symbols;
	size_t cap = 0;

	for (uint32_t i = 1; i < view->count && !report->failed; i++) {
		const char *name;

		if (kldsim__sym_shndx(view, i) != SHN_UNDEF)
			continue;
		name = kldsim__sym_name(view, kldsim__sym_name_offset(view,
		    i));
		if (name != NULL && *name != '\0' && !is_bound(name))
			report->failed = !add_import(report, &cap, name, i);
	}
	report->info.imports = (uint32_t)report->nimports;
}

/* --- what is read next --- */

/* Arguments of a function that are worth fetching. */
#define ARGUMENTS 8u

/*
 * What is read of the types of symbols that are new to us, in the steps in which
 * one leads to the next, for all of them at once.  Changes nothing.
 */
static void
fetch_types(const struct kldsim_kbi_file *file,
    const struct kldsim__tagged *tagged, const uint32_t *symbols,
    size_t nsymbols)
{
	const struct kldsim__type *rows[KLDSIM__FETCHED];
	size_t count = 0;
	bool function;

	for (size_t i = 0; i < nsymbols; i++)
		if (symbols[i] != KLDSIM__NO_SYMBOL)
			KLDSIM__PREFETCH(&file->typed[symbols[i]]);
	for (size_t i = 0; i < nsymbols; i++) {
		if (symbols[i] == KLDSIM__NO_SYMBOL ||
		    file->typed[symbols[i]] == 0)
			continue;
		rows[count] = &file->types->types[kldsim__compare_type(file,
		    symbols[i], &function)];
		KLDSIM__PREFETCH(rows[count++]);
	}
	for (size_t i = 0; i < count; i++)
		if (rows[i]->kind == KLDSIM_TYPE_FUNCTION && rows[i]->n != 0)
			KLDSIM__PREFETCH(
			    &file->types->arguments[rows[i]->first]);
	for (size_t i = 0; i < count; i++)
		for (uint32_t n = 0; rows[i]->kind == KLDSIM_TYPE_FUNCTION &&
		    n < rows[i]->n && n < ARGUMENTS; n++)
			KLDSIM__PREFETCH(&tagged->behind[
			    file->types->arguments[rows[i]->first + n]]);
}

/* The same of what is known of symbols: where they lead. */
static void
fetch_known(const struct kldsim_kbi *kbi, const uint32_t *symbols,
    size_t nsymbols)
{
	const struct kldsim__known *known[KLDSIM__FETCHED];
	size_t count = 0;

	for (size_t i = 0; i < nsymbols; i++)
		if (symbols[i] != KLDSIM__NO_SYMBOL)
			KLDSIM__PREFETCH(&kbi->known[symbols[i]]);
	for (size_t i = 0; i < nsymbols; i++)
		if (symbols[i] != KLDSIM__NO_SYMBOL &&
		    kbi->known[symbols[i]] != NULL) {
			known[count] = kbi->known[symbols[i]];
			KLDSIM__PREFETCH(&known[count]->difference);
			KLDSIM__PREFETCH(known[count++]);
		}
	for (size_t i = 0; i < count; i++)
		KLDSIM__PREFETCH(known[i]->leads.all);
	for (size_t i = 0; i < count; i++)
		for (uint32_t n = 0; n < known[i]->leads.count &&
		    n < ARGUMENTS; n++)
			KLDSIM__PREFETCH(&kbi->reach.reached[
			    known[i]->leads.all[n].tag]);
}

/* --- where it is --- */

/* A few imports in the kernel, and what is new to us in the old one. */
static void
find_few(struct kldsim_kbi *kbi, struct kldsim__import *imports,
    size_t nimports)
{
	const char *names[KLDSIM__FETCHED];
	uint32_t symbols[KLDSIM__FETCHED], new[KLDSIM__FETCHED];
	uint32_t of[KLDSIM__FETCHED], nolds = 0;

	for (size_t i = 0; i < nimports; i++)
		names[i] = imports[i].name;
	kldsim__symindex_find_all(&kbi->kernel->index, &kbi->kernel->symbols,
	    names, nimports, symbols);
	fetch_known(kbi, symbols, nimports);
	for (uint32_t i = 0; i < nimports; i++) {
		imports[i].symbol = symbols[i];
		if (symbols[i] == KLDSIM__NO_SYMBOL ||
		    kbi->known[symbols[i]] == NULL) {
			names[nolds] = imports[i].name;
			new[nolds] = symbols[i];
			of[nolds++] = i;
		}
	}
	if (kbi->old == NULL)
		return;
	kldsim__symindex_find_all(&kbi->old->index, &kbi->old->symbols, names,
	    nolds, symbols);
	for (uint32_t i = 0; i < nolds; i++)
		imports[of[i]].old_symbol = symbols[i];
	if (kbi->comparable) {
		fetch_types(kbi->kernel, &kbi->b, new, nolds);
		fetch_types(kbi->old, &kbi->a, symbols, nolds);
	}
}

static void
find_symbols(struct kldsim_kbi_report *report)
{
	size_t few;

	for (size_t first = 0; first < report->nimports; first += few) {
		few = report->nimports - first < KLDSIM__FETCHED ?
		    report->nimports - first : KLDSIM__FETCHED;
		find_few(report->kbi, &report->imports[first], few);
	}
}

void
kldsim__compare_find_imports(struct kldsim_kbi_report *report)
{
	find_imports(report);
	find_symbols(report);
}
