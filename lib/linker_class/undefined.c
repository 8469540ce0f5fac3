/* SPDX-License-Identifier: BSD-2-Clause */

/* Undefined symbols and what may be behind them; see undefined.h. */

#include "linker_class/undefined.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

#include <stdio.h>
#include <string.h>

/* Whether the kernel alone has a symbol of this name. */
static int
kernel_has(struct kldsim *sim, const char *name, bool *has_ret)
{
	struct kldsim__symref sym;
	int error = sim->linker.kernel->class->lookup_symbol(sim, sim->linker.kernel, name,
	    &sym);

	*has_ret = error == 0;
	return (error > 0 ? 0 : error);
}

/* A loaded file that has the symbol but is no dependency of this one. */
static int
other_owner(struct kldsim *sim, const struct kldsim__file *file,
    const char *name, const struct kldsim__file **owner_ret)
{
	*owner_ret = NULL;
	KLDSIM__FOREACH(l, &sim->linker.files) {
		struct kldsim__file *other = KLDSIM__FILE(l);
		struct kldsim__symref sym;
		int error;

		if (other == file || other == sim->linker.kernel || !other->linked)
			continue;
		error = other->class->lookup_symbol(sim, other, name, &sym);
		if (error < 0)
			return (error);
		if (error == 0) {
			*owner_ret = other;
			return (0);
		}
	}
	return (0);
}

#define VNET_ENTRY "vnet_entry_"

/* --- symbols that the other VIMAGE setting explains (A-41) --- */

static void
note_vimage(struct kldsim__vimage *vimage, const struct kldsim__where *where,
    const char *instead)
{
	if (vimage->count++ != 0)
		return;
	vimage->where = *where;
	(void)snprintf(vimage->first, sizeof(vimage->first), "%s", instead);
}

/*
 * The same variable under the other VIMAGE setting's name: vnet_entry_foo in
 * the file where the kernel has foo, or the other way round.
 */
static int
vimage_explains(struct kldsim *sim, const struct kldsim__where *where,
    struct kldsim__undefined *all, bool *explained_ret)
{
	const char *name = where->symbol;
	const bool entry = strncmp(name, VNET_ENTRY, strlen(VNET_ENTRY)) == 0;
	char other[256];
	bool has;
	int error;

	(void)snprintf(other, sizeof(other), "%s%s", entry ? "" : VNET_ENTRY,
	    entry ? name + strlen(VNET_ENTRY) : name);
	error = kernel_has(sim, other, &has);
	if (error != 0)
		return (error);
	*explained_ret = true;
	if (entry && (has || !sim->vnet.present))
		note_vimage(&all->needs, where, has ? other : "no vnets");
	else if (!sim->vnet.present && kldsim__option_of_symbol(name).option ==
	    KLDSIM__OPTION_VIMAGE)
		note_vimage(&all->needs, where, "no vnets");
	else if (!entry && has)
		note_vimage(&all->lacks, where, other);
	else
		*explained_ret = false;
	return (0);
}

static void
report_kind(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__vimage *vimage, const char *how)
{
	if (vimage->count == 0)
		return;
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, which, &vimage->where,
	    "built %s: of its symbols %ju %s undefined for that reason; it "
	    "wants %s, the kernel has %s", how, (uintmax_t)vimage->count, vimage->count == 1 ? "is" : "are",
	    vimage->where.symbol, vimage->first);
}

int
kldsim__report_causes(struct kldsim *sim, const struct kldsim__undefined *all)
{
	char alike[300];

	report_kind(sim, KLDSIM__F_MODULE_NEEDS_VIMAGE, &all->needs,
	    "with options VIMAGE, and this kernel is not");
	report_kind(sim, KLDSIM__F_MODULE_LACKS_VIMAGE, &all->lacks,
	    "without options VIMAGE, and this kernel with");
	kldsim__common_prefix_text(&all->alike, alike, sizeof(alike));
	if (*alike != '\0')
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_NAMES_ALIKE, &all->where, "%s", alike);
	return (kldsim__report_options(sim, &all->options));
}

/* --- symbols that are there and are not found --- */

/* Whether a file has the name in a table and its lookup does not give it. */
static bool
is_hidden_in(struct kldsim *sim, struct kldsim__file *asked,
    const struct kldsim__file *file, const struct kldsim__where *where,
    uint64_t count)
{
	const char *why;

	if (kldsim__resolver_answers_0(sim, asked, where->symbol))
		why = "its resolver answers 0 (--ifunc), which counts as "
		    "undefined";
	else
		why = asked->class->why_hidden(sim, asked, where->symbol);
	if (why == NULL)
		return (false);
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_HIDDEN_SYMBOL,
	    where, "%s has %s in its symbol table, and %s; %ju reference%s",
	    asked == sim->linker.kernel ? "the kernel" : asked == file ?
	    "the module itself" : asked->pathname, where->symbol, why,
	    (uintmax_t)count, count == 1 ? "" : "s");
	return (true);
}

/* All whom the lookup has asked (O-60). */
static bool
is_hidden(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__where *where, uint64_t count)
{
	if (is_hidden_in(sim, file, file, where, count))
		return (true);
	for (size_t i = 0; i < file->ndeps; i++)
		if (is_hidden_in(sim, file->deps[i], file, where, count))
			return (true);
	return (false);
}

/* --- undefined symbols --- */

/* The dependencies that have been asked, the kernel left out. */
static void
list_dependencies(const struct kldsim__file *file, char *text, size_t size)
{
	const struct kldsim__file *last = NULL;
	size_t n = 0;

	*text = '\0';
	for (size_t i = 0; i < file->ndeps && n < size; i++) {
		const struct kldsim__file *dep = file->deps[i];

		if (dep == file->sim->linker.kernel || dep == last)
			continue;
		last = dep;
		n += (size_t)snprintf(text + n, size - n, "%s%s",
		    n == 0 ? " (" : ", ", dep->pathname);
	}
	if (n != 0 && n < size)
		(void)snprintf(text + n, size - n, ")");
	else if (n >= size)
		(void)snprintf(text + size - 5, 5, "...)");
}

/* Nobody who was asked has it, and no setting explains that. */
static int
refuse_undefined(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__where *where, uint64_t count,
    const struct kldsim__file *owner, struct kldsim__undefined *all)
{
	const char *gone = kldsim__symbol_gone(where->symbol);
	struct kldsim__elsewhere elsewhere = { .found = owner != NULL };
	char asked[320];
	int error = 0;

	/* Only for what will be told. */
	if (sim->report.kept[KLDSIM__F_UNDEFINED_SYMBOL] <
	    sim->report.max_findings)
		error = kldsim__elsewhere(sim, file, &all->seeker,
		    where->symbol, owner, &elsewhere);
	if (error != 0)
		return (error);
	if (gone != NULL && !elsewhere.found)
		(void)snprintf(elsewhere.text, sizeof(elsewhere.text), "%s",
		    gone);
	list_dependencies(file, asked, sizeof(asked));
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_UNDEFINED_SYMBOL,
	    where, "%s is defined neither here nor by the kernel or any "
	    "dependency%s; %ju reference%s%s%s", where->symbol, asked,
	    (uintmax_t)count, count == 1 ? "" : "s",
	    *elsewhere.text != '\0' ? "; " : "", elsewhere.text);
	if (elsewhere.found)
		return (0);
	/* What has a reason of its own needs no guess. */
	if (gone == NULL && kldsim__option_of_symbol(
	    where->symbol).option == KLDSIM__NOPTIONS) {
		if (all->alike.count == 0)
			all->where = *where;
		kldsim__common_prefix_note(&all->alike, where->symbol);
	}
	return (kldsim__note_option(sim, where, &all->options));
}

int
kldsim__report_undefined(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__where *where, uint64_t count,
    struct kldsim__undefined *all)
{
	bool explained = false;
	const struct kldsim__file *owner;
	kldsim_addr value;
	int error;

	error = kldsim__lookup(sim, file, where->symbol, true, &value);
	if (error != 0)
		return (error);
	if (value != 0) {
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_UNDEFINED_SYMBOL, where, "%s is there, but the "
		    "module's own symbol of that name is neither global nor "
		    "weak, and the kernel looks for no other", where->symbol);
		return (0);
	}
	/* Walks over tables, for no more than will be told. */
	if (sim->report.kept[KLDSIM__F_UNDEFINED_SYMBOL] <
	    sim->report.max_findings && is_hidden(sim, file, where, count))
		return (0);
	error = other_owner(sim, file, where->symbol, &owner);

	if (error == 0 && owner == NULL)
		error = vimage_explains(sim, where, all, &explained);
	if (error != 0 || explained)
		return (error);
	return (refuse_undefined(sim, file, where, count, owner, all));
}
