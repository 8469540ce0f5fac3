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
    const char *name, const char **owner_ret)
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
			*owner_ret = other->filename;
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

/* What VNET_SYSINIT and its like call, in kernels with VIMAGE alone. */
static bool
is_vnet_function(const char *name)
{
	static const char *const names[] = { "vnet_register_sysinit",
		"vnet_register_sysuninit", "vnet_deregister_sysinit",
		"vnet_deregister_sysuninit" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (true);
	return (false);
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
	else if (!sim->vnet.present && is_vnet_function(name))
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
	kldsim__find(sim, which, &vimage->where, "built %s: of its symbols "
	    "%ju %s undefined for that reason; it wants %s, the kernel has %s",
	    how, (uintmax_t)vimage->count, vimage->count == 1 ? "is" : "are",
	    vimage->where.symbol, vimage->first);
}

void
kldsim__report_vimage(struct kldsim *sim, const struct kldsim__undefined *all)
{
	report_kind(sim, KLDSIM__F_MODULE_NEEDS_VIMAGE, &all->needs,
	    "with options VIMAGE, and this kernel is not");
	report_kind(sim, KLDSIM__F_MODULE_LACKS_VIMAGE, &all->lacks,
	    "without options VIMAGE, and this kernel with");
}

/* --- undefined symbols --- */

int
kldsim__report_undefined(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__where *where, uint64_t count,
    struct kldsim__undefined *all)
{
	bool explained = false;
	const char *owner;
	char remedy[320];
	int error = other_owner(sim, file, where->symbol, &owner);

	if (error == 0 && owner == NULL)
		error = vimage_explains(sim, where, all, &explained);
	if (error != 0 || explained)
		return (error);
	if (owner != NULL)
		(void)snprintf(remedy, sizeof(remedy), "; %s has it, but is "
		    "no dependency of %s (MODULE_DEPEND is missing)", owner,
		    file->filename);
	else
		remedy[0] = '\0';
	kldsim__find(sim, KLDSIM__F_UNDEFINED_SYMBOL, where,
	    "%s is defined neither here nor by the kernel or any dependency; "
	    "%ju reference%s%s", where->symbol, (uintmax_t)count,
	    count == 1 ? "" : "s", remedy);
	return (0);
}
