/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What there is to say of an ET_REL file that the kernel would not say.
 *
 * Nothing here changes the simulated kernel: where a question has side effects
 * (a lookup can allocate a common), it is asked and rolled back.
 */

#include <inttypes.h>

#include "link_elf_obj/link_elf_obj.h"
#include "linker_class/set_part.h"

#include "linker_class/elf_set.h"
#include "linker_class/undefined.h"
#include "kern/bad_news.h"

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

static int
report_undefined(struct kldsim *sim, struct kldsim__file *file,
    const char *name, const struct reference *ref,
    struct kldsim__undefined *all)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__where where = kldsim__obj_where(file, ref->target);

	where.symbol = name;
	where.has_offset = true;
	where.offset = ref->offset;
	if (obj->progent_of[ref->target] != 0) {
		where.owner = file;
		where.address = ref->offset +
		    obj->progtab[obj->progent_of[ref->target] - 1].addr;
	}
	return (kldsim__report_undefined(sim, file, &where, ref->count,
	    all));
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
	struct kldsim__undefined all = { .needs = { .count = 0 } };

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
	return (kldsim__report_causes(sim, &all));
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
	mark = kldsim__undo_begin(&sim->undo);
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
	uint64_t align = shdr->sh_addralign;
	struct kldsim__where where;

	if (align <= 1 || (align & (align - 1)) != 0 ||
	    (prog->addr & (align - 1)) == 0)
		return;
	where = kldsim__obj_where(file, prog->sec);
	kldsim__find(sim, KLDSIM__F_SET_ALIGNMENT, &where,
	    "the set wants alignment %" PRIu64 " and is at 0x%" PRIx64
	    ": module space is handed out in units of %d bytes, so its "
	    "variables are misaligned in every instance", align, prog->addr,
	    kldsim__part_unit(sim, prog->region));
}

/* NOBITS in a set: the instances are never cleared (O-23). */
static void
lint_nobits(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	bool pcpu = prog->region == KLDSIM_REGION_DPCPU;
	struct kldsim__where where;

	/* Nobody was in the space of a preloaded file before. */
	if (obj->preloaded || obj->shdr[prog->sec].sh_type != SHT_NOBITS ||
	    (!pcpu && sim->facts.propagates_vnets_after_sysctls))
		return;
	where = kldsim__obj_where(file, prog->sec);
	kldsim__find(sim, KLDSIM__F_SET_NOT_ZEROED, &where,
	    "the set has no bytes in the file: only the reference copy is "
	    "zeroed, and %s keep what the last user of this space left",
	    pcpu ? "CPUs" : "vnets");
}

/* Initial values that CPU 0 never gets. */
static void
lint_lost(struct kldsim *sim, struct kldsim__file *file)
{
	for (size_t i = 0; i < file->nparts[KLDSIM_SET_DPCPU]; i++) {
		const struct kldsim_set_part *part =
		    &file->parts[KLDSIM_SET_DPCPU][i];
		struct kldsim__where where = kldsim__obj_where(file,
		    part->section_index);
		struct kldsim__part_lost lost;
		struct kldsim__nearest nearest;

		if (kldsim__part_compare(sim, part, &lost) == 0 &&
		    lost.bytes != 0 && file->class->search_symbol(sim, file,
		    part->start + lost.first, &nearest) == 0)
			where.symbol = nearest.name;
		kldsim__part_report_lost(sim, &where, part, &lost);
	}
}

static void
lint_repeated(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	struct kldsim__where where = kldsim__obj_where(file, prog->sec);

	kldsim__find(sim, KLDSIM__F_SET_REPEATED, &where,
	    "a second section called %s: each gets its own space, but the "
	    "kernel finds the first one only", prog->name);
}

static void
lint_sets(struct kldsim *sim, const struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	unsigned seen[KLDSIM_REGION_VNET + 1] = { 0 };

	for (unsigned i = 0; i < obj->nprogtab; i++) {
		const struct kldsim__progent *prog = &obj->progtab[i];

		if (prog->region == KLDSIM_REGION_MAPPING)
			continue;
		lint_alignment(sim, file, prog);
		lint_nobits(sim, file, prog);
		if (seen[prog->region]++ == 1)
			lint_repeated(sim, file, prog);
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
		struct kldsim__where where;

		if (align != 0 && (align & (align - 1)) == 0 &&
		    align <= sim->arch->page_size)
			continue;
		where = kldsim__obj_where(file, sec);
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

	if (sim->facts.obj_init_arrays)
		return;
	for (unsigned i = 0; i < obj->nshdr; i++) {
		const GElf_Shdr *shdr = &obj->shdr[i];
		struct kldsim__where where;

		if (shdr->sh_size == 0 || (shdr->sh_type != SHT_INIT_ARRAY &&
		    shdr->sh_type != SHT_FINI_ARRAY))
			continue;
		where = kldsim__obj_where(file, i);
		kldsim__find(sim, KLDSIM__F_INIT_ARRAY_IGNORED, &where,
		    "this release neither loads nor runs %s",
		    kldsim__obj_section_name(obj, i));
	}
}

static void
lint_moved(struct kldsim *sim, const struct kldsim__file *file,
    const char *name, kldsim_addr value, kldsim_addr moved)
{
	struct kldsim__where where = { .file = file->filename,
		.symbol = name };

	kldsim__find(sim, KLDSIM__F_SET_OTHER_CLASS, &where,
	    "%s is a variable of a shared object: references from relocatable "
	    "files stay with its image at 0x%" PRIx64 ", which no CPU and no "
	    "vnet uses, and are not moved to 0x%" PRIx64 "; link both files "
	    "in the same way", name, value, moved);
}

void
kldsim__obj_lint_found(struct kldsim *sim, const struct kldsim__file *file,
    const char *name, kldsim_addr value)
{
	const kldsim_addr moved = kldsim__elf_set_remap(&sim->linker,
	    value);

	if (moved != value)
		lint_moved(sim, file, name, value, moved);
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
	if (kldsim__obj_of(file)->preloaded)
		lint_lost(sim, file);
}
