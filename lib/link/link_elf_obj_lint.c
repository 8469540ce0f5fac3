/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What there is to say of an ET_REL file that the kernel would not say.
 *
 * Nothing here changes the simulated kernel: where a question has side effects
 * (a lookup can allocate a common), it is asked and rolled back.
 */

#include <inttypes.h>
#include <stdio.h>

#include "link/link_elf_obj.h"

/* Where a symbol is first referred to, and how often. */
struct reference {
	unsigned target;
	uint64_t offset;
	uint64_t count;
};

static int
count_references(struct kldsim *sim, struct kldsim__file *file,
    struct reference **refs_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct reference *refs = kldsim__arena_calloc(&file->arena,
	    obj->symtab.count, sizeof(*refs));

	if (refs == NULL)
		return (kldsim__nomem(sim));
	for (unsigned t = 0; t < obj->nreltab; t++) {
		const struct kldsim__relent *table = &obj->reltab[t];

		for (uint64_t i = 0; i < table->count; i++) {
			struct kldsim__rel rel;

			kldsim__rel_get(&obj->elf, table->table, table->rela,
			    i, &rel);
			if (rel.sym >= obj->symtab.count ||
			    refs[rel.sym].count++ != 0)
				continue;
			refs[rel.sym].target = table->target;
			refs[rel.sym].offset = rel.offset;
		}
	}
	*refs_ret = refs;
	return (0);
}

/* Whether the kernel alone has a symbol of this name. */
static int
kernel_has(struct kldsim *sim, const char *name, bool *has_ret)
{
	struct kldsim__symref sym;
	int error = sim->kernel->class->lookup_symbol(sim, sim->kernel, name,
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
	KLDSIM__FOREACH(l, &sim->files) {
		struct kldsim__file *other = KLDSIM__FILE(l);
		struct kldsim__symref sym;
		int error;

		if (other == file || other == sim->kernel || !other->linked)
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

/* One finding says it for all symbols of a kind. */
struct vimage {
	struct kldsim__where where; /* of the first one */
	char first[256];            /* and what the kernel has instead */
	uint64_t count;
};

struct undefined {
	struct vimage needs; /* the module is built with VIMAGE */
	struct vimage lacks; /* or without */
};

static void
note_vimage(struct vimage *vimage, const struct kldsim__where *where,
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
    struct undefined *all, bool *explained_ret)
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
report_vimage(struct kldsim *sim, enum kldsim__finding which,
    const struct vimage *vimage, const char *how)
{
	if (vimage->count == 0)
		return;
	kldsim__find(sim, which, &vimage->where, "built %s: of its symbols "
	    "%ju %s undefined for that reason; it wants %s, the kernel has %s",
	    how, (uintmax_t)vimage->count, vimage->count == 1 ? "is" : "are",
	    vimage->where.symbol, vimage->first);
}

/* --- undefined symbols --- */

static int
report_undefined(struct kldsim *sim, struct kldsim__file *file,
    const char *name, const struct reference *ref, struct undefined *all)
{
	struct kldsim__where where = kldsim__obj_where(file, ref->target);
	bool explained = false;
	const char *owner;
	char remedy[320];
	int error;

	where.symbol = name;
	where.has_offset = true;
	where.offset = ref->offset;
	error = other_owner(sim, file, name, &owner);
	if (error == 0 && owner == NULL)
		error = vimage_explains(sim, &where, all, &explained);
	if (error != 0 || explained)
		return (error);
	if (owner != NULL)
		(void)snprintf(remedy, sizeof(remedy), "; %s has it, but is "
		    "no dependency of %s (MODULE_DEPEND is missing)", owner,
		    file->filename);
	else
		remedy[0] = '\0';
	kldsim__find(sim, KLDSIM__F_UNDEFINED_SYMBOL, &where,
	    "%s is defined neither here nor by the kernel or any dependency; "
	    "%ju reference%s%s", name, (uintmax_t)ref->count,
	    ref->count == 1 ? "" : "s", remedy);
	return (0);
}

/* Whether a symbol is one that the external pass has to find and does not. */
static int
is_undefined(struct kldsim *sim, struct kldsim__file *file, uint32_t symbol,
    bool *undefined_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	kldsim_addr value;
	int error;

	*undefined_ret = false;
	if (KLDSIM__SYM_STATE(obj->state[symbol]) != KLDSIM__SYM_UNDEF ||
	    KLDSIM__SYM_BIND(obj->state[symbol]) == STB_LOCAL)
		return (0);
	error = kldsim__obj_lookup(sim, file, symbol, &value);
	*undefined_ret = error > 0;
	return (error > 0 ? 0 : error);
}

static int
scan_undefined(struct kldsim *sim, struct kldsim__file *file,
    const struct reference *refs)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct undefined all = { .needs = { .count = 0 } };

	for (uint32_t i = 1; i < obj->symtab.count; i++) {
		const char *name = kldsim__obj_symbol_name(obj, i);
		bool undefined = false;
		int error;

		if (refs[i].count == 0 || name == NULL)
			continue;
		error = is_undefined(sim, file, i, &undefined);
		if (error == 0 && undefined)
			error = report_undefined(sim, file, name, &refs[i],
			    &all);
		if (error != 0)
			return (error);
	}
	report_vimage(sim, KLDSIM__F_MODULE_NEEDS_VIMAGE, &all.needs,
	    "with options VIMAGE, and this kernel is not");
	report_vimage(sim, KLDSIM__F_MODULE_LACKS_VIMAGE, &all.lacks,
	    "without options VIMAGE, and this kernel with");
	return (0);
}

int
kldsim__obj_undefined_symbols(struct kldsim *sim, struct kldsim__file *file)
{
	struct reference *refs = NULL;
	size_t mark;
	int error = count_references(sim, file, &refs);

	if (error != 0)
		return (error);
	/* The refused file's own tables go with it; all else is put back. */
	mark = sim->undo.nentries;
	error = scan_undefined(sim, file, refs);
	if (error == 0)
		kldsim__undo_rollback(&sim->undo, mark);
	return (error);
}

/* An alignment that modspace does not give (O-25, M-42). */
static void
lint_alignment(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	const GElf_Shdr *shdr = &kldsim__obj_of(file)->shdr[prog->sec];
	struct kldsim__where where = kldsim__obj_where(file, prog->sec);
	uint64_t align = shdr->sh_addralign;

	if (align <= 1 || (align & (align - 1)) != 0 ||
	    (prog->addr & (align - 1)) == 0)
		return;
	kldsim__find(sim, KLDSIM__F_SET_ALIGNMENT, &where,
	    "the set wants alignment %" PRIu64 " and is at 0x%" PRIx64
	    ": module space is aligned to pointers only, so its variables are "
	    "misaligned in every instance", align, prog->addr);
}

/* NOBITS in a set: the instances are never cleared (O-23). */
static void
lint_nobits(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	const GElf_Shdr *shdr = &kldsim__obj_of(file)->shdr[prog->sec];
	struct kldsim__where where = kldsim__obj_where(file, prog->sec);
	bool pcpu = prog->region == KLDSIM_REGION_DPCPU;

	if (shdr->sh_type != SHT_NOBITS ||
	    (!pcpu && sim->facts.propagates_vnets_after_sysctls))
		return;
	kldsim__find(sim, KLDSIM__F_SET_NOT_ZEROED, &where,
	    "the set has no bytes in the file: only the reference copy is "
	    "zeroed, and %s keep what the last user of this space left",
	    pcpu ? "CPUs" : "vnets");
}

static void
lint_sets(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	unsigned seen[KLDSIM_REGION_VNET + 1] = { 0 };

	for (unsigned i = 0; i < obj->nprogtab; i++) {
		const struct kldsim__progent *prog = &obj->progtab[i];
		struct kldsim__where where = kldsim__obj_where(file,
		    prog->sec);

		if (prog->region == KLDSIM_REGION_MAPPING &&
		    strcmp(prog->name, "set_vnet") == 0)
			kldsim__find(sim, KLDSIM__F_MODULE_NEEDS_VIMAGE,
			    &where, "built with options VIMAGE, and this "
			    "kernel is not: its set_vnet is loaded as plain "
			    "data");
		if (prog->region == KLDSIM_REGION_MAPPING)
			continue;
		lint_alignment(sim, file, prog);
		lint_nobits(sim, file, prog);
		if (seen[prog->region]++ == 1)
			kldsim__find(sim, KLDSIM__F_SET_REPEATED, &where,
			    "a second section called %s: each gets its own "
			    "space, but the kernel finds the first one only",
			    prog->name);
	}
}

/* Alignments that the kernel's mask turns into something else (O-11). */
static void
lint_section_alignment(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned i = 0; i < obj->nprogtab; i++) {
		unsigned sec = obj->progtab[i].sec;
		uint64_t align = obj->shdr[sec].sh_addralign;
		struct kldsim__where where = kldsim__obj_where(file, sec);

		if (align != 0 && (align & (align - 1)) == 0 &&
		    align <= sim->arch->page_size)
			continue;
		kldsim__find(sim, KLDSIM__F_SECTION_ALIGNMENT, &where,
		    "sh_addralign is 0x%" PRIx64 ", no power of two up to a "
		    "page: the kernel's arithmetic does something else with "
		    "it", align);
	}
}

/* Constructors of a kind that this release does not look at (V-19). */
static void
lint_init_arrays(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned i = 0; i < obj->nshdr; i++) {
		const GElf_Shdr *shdr = &obj->shdr[i];
		struct kldsim__where where = kldsim__obj_where(file, i);

		if (sim->facts.obj_init_arrays || shdr->sh_size == 0 ||
		    (shdr->sh_type != SHT_INIT_ARRAY &&
		    shdr->sh_type != SHT_FINI_ARRAY))
			continue;
		kldsim__find(sim, KLDSIM__F_INIT_ARRAY_IGNORED, &where,
		    "this release neither loads nor runs %s",
		    kldsim__obj_section_name(obj, i));
	}
}

/* A name that nobody has read yet, in wait for a later lookup (Z-05). */
static void
lint_names(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__where where = { .file = file->filename };
	struct kldsim__sym sym;

	if (obj->bad_name == KLDSIM__NO_SYMBOL)
		return;
	kldsim__sym_get(&obj->symtab, obj->bad_name, &sym);
	kldsim__find(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "symbol %u has its name at 0x%x, which is no string in the 0x%jx "
	    "bytes of the string table: a later lookup makes the kernel read "
	    "there", obj->bad_name, sym.name,
	    (uintmax_t)obj->symtab.strings_size);
}

void
kldsim__obj_lint(struct kldsim *sim, struct kldsim__file *file)
{
	/* A refused file is worth a look too, as far as it got. */
	if (kldsim__obj_of(file)->progtab == NULL)
		return;
	lint_section_alignment(sim, file);
	lint_init_arrays(sim, file);
	if (kldsim__obj_of(file)->state == NULL)
		return;
	lint_sets(sim, file);
	lint_names(sim, file);
}
