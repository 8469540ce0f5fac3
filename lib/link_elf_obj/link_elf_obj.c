/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The linker class of relocatable files, "elf64_obj": the methods of
 * sys/kern/link_elf_obj.c, and the order of a load (O-01, O-40).
 */

#include "link_elf_obj/link_elf_obj.h"

#include "linker_class/link_elf_header.h"
#include "linker_class/set_part.h"
#include "kern/bad_news.h"
#include "link_elf_obj/class.h"
#include "linker_class/ctors.h"
#include "linker_class/preload.h"

const char *
kldsim__obj_section_name(const struct kldsim__obj *obj, unsigned sec)
{
	unsigned names = obj->elf.ehdr.e_shstrndx;
	const char *name;

	if (sec >= obj->nshdr || names == 0 || names >= obj->nshdr ||
	    obj->shdr[names].sh_type != SHT_STRTAB ||
	    !kldsim__in_range(obj->shdr[names].sh_offset,
	    obj->shdr[names].sh_size, obj->elf.size))
		return ("");
	name = kldsim__strtab_get((const char *)obj->elf.bytes +
	    obj->shdr[names].sh_offset, obj->shdr[names].sh_size,
	    obj->shdr[sec].sh_name);
	return (name != NULL ? name : "");
}

struct kldsim__where
kldsim__obj_where(const struct kldsim__file *file, unsigned sec)
{
	struct kldsim__where where = { .file = file->filename,
		.section_index = sec };

	where.section = kldsim__obj_section_name(kldsim__obj_of(file), sec);
	return (where);
}

const char *
kldsim__obj_symbol_name(const struct kldsim__obj *obj, uint32_t symbol)
{
	const char *name;

	if (symbol >= obj->symtab.count)
		return (NULL);
	name = kldsim__sym_name(&obj->symtab,
	    kldsim__sym_name_offset(&obj->symtab, symbol));
	return (name != NULL && *name != '\0' ? name : NULL);
}

static void
fini(struct kldsim__file *file)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);

	if (obj == NULL)
		return;
	kldsim__symindex_fini(&obj->index);
	kldsim__addrindex_fini(&obj->addresses);
	kldsim__strmap_fini(&obj->section_names);
}

/* What a walk by name takes: anything that is not SHN_UNDEF (O-61). */
static bool
is_defined(const void *arg, uint32_t i)
{
	const struct kldsim__obj *obj = arg;

	switch (KLDSIM__SYM_STATE(obj->state[i])) {
	case KLDSIM__SYM_UNDEF:
	case KLDSIM__SYM_CACHED: /* asking again gives the same answer */
		return (false);
	default:
		return (true);
	}
}

/* A walk by name comes past a name that is no string (Z-05). */
static int
past_bad_name(struct kldsim *sim, const struct kldsim__file *file,
    const char *name)
{
	struct kldsim__where where = { .file = file->filename,
		.symbol = name };

	return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "looking for %s passes symbol %u, whose name lies outside "
	    "the string table: the kernel reads there", name,
	    kldsim__obj_of(file)->index.first_bad));
}

static int
lookup_symbol(struct kldsim *sim, struct kldsim__file *file, const char *name,
    struct kldsim__symref *sym_ret)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	bool bad;

	if (obj->state == NULL)
		return (KLDSIM__ENOENT); /* half loaded, nothing placed yet */
	if (obj->index.slots == NULL && !kldsim__symindex_build(&obj->index,
	    &sim->alloc, &obj->symtab, is_defined, obj))
		return (kldsim__nomem(sim));
	sym_ret->dynamic = false;
	sym_ret->index = kldsim__symindex_find(&obj->index, &obj->symtab,
	    name, &bad);
	if (bad)
		return (past_bad_name(sim, file, name));
	if (sym_ret->index == KLDSIM__NO_SYMBOL)
		return (KLDSIM__ENOENT);
	/* The first match decides, whatever comes later (O-62). */
	if (sim->facts.leak_locals_knob_obj && !sim->options.leak_locals &&
	    kldsim__sym_info(&obj->symtab, sym_ret->index) >> 4 != STB_GLOBAL)
		return (KLDSIM__ENOENT);
	return (0);
}

#define COUNTS_AS_UNDEFINED "0 counts as undefined"

static const char *
why_hidden(struct kldsim *sim, struct kldsim__file *file, const char *name)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	uint32_t symbol;
	bool bad;

	if (obj->state == NULL || obj->index.slots == NULL)
		return (NULL);
	symbol = kldsim__symindex_find(&obj->index, &obj->symtab, name, &bad);
	if (bad || symbol == KLDSIM__NO_SYMBOL)
		return (NULL);
	if (sim->facts.leak_locals_knob_obj && !sim->options.leak_locals &&
	    kldsim__sym_info(&obj->symtab, symbol) >> 4 != STB_GLOBAL)
		return ("it is not global there, which hides it while "
		    "debug.link_elf_obj_leak_locals is 0");
	if (obj->value[symbol] != 0)
		return (NULL);
	return (KLDSIM__SYM_STATE(obj->state[symbol]) ==
	    KLDSIM__SYM_UNLOADED ? "it lies at the beginning of a section "
	    "that is not loaded: its address is 0, and " COUNTS_AS_UNDEFINED :
	    "its address is 0 there, and " COUNTS_AS_UNDEFINED);
}

/* O-63. */
static int
symbol_values(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__symref *ref, kldsim_addr *value_ret,
    kldsim_size *size_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__sym sym;
	const char *name;

	if (ref->dynamic || ref->index >= obj->symtab.count)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(&obj->symtab, ref->index, &sym);
	*value_ret = obj->value[ref->index];
	*size_ret = sym.size;
	if ((sym.info & 0xf) != STT_GNU_IFUNC)
		return (0);
	if (sim->facts.obj_debug_ifunc_symbol_values)
		*size_ret = KLDSIM__SIZE_OF_TARGET;
	name = kldsim__obj_symbol_name(obj, ref->index);
	return (kldsim__call_resolver(sim, file, name != NULL ? name : "",
	    obj->value[ref->index], value_ret));
}

static bool
named_value(const void *arg, uint32_t i, uint64_t *value_ret)
{
	const struct kldsim__obj *obj = arg;
	uint32_t name = kldsim__sym_name_offset(&obj->symtab, i);

	*value_ret = obj->value[i];
	return (name != 0 && kldsim__sym_name(&obj->symtab, name) != NULL);
}

/* O-64. */
static int
search_symbol(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr address, struct kldsim__nearest *nearest_ret)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	struct kldsim__sym sym;
	uint32_t symbol;

	if (obj->state == NULL)
		return (KLDSIM__ENOENT);
	if (!kldsim__addrindex_search(&obj->addresses, &sim->alloc,
	    obj->symtab.count, named_value, obj, address, &symbol,
	    &nearest_ret->difference))
		return (kldsim__nomem(sim));
	if (symbol == KLDSIM__NO_SYMBOL)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(&obj->symtab, symbol, &sym);
	nearest_ret->name = kldsim__sym_name(&obj->symtab, sym.name);
	nearest_ret->size = sym.size;
	return (0);
}

static const char *
function_at(const struct kldsim__file *file, kldsim_addr address)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (uint32_t i = 0; obj->state != NULL && i < obj->symtab.count;
	    i++) {
		struct kldsim__sym sym;

		kldsim__sym_get(&obj->symtab, i, &sym);
		if (kldsim__sym_is_function(sym.info, obj->value[i]) &&
		    address - obj->value[i] < sym.size)
			return (kldsim__sym_name(&obj->symtab, sym.name));
	}
	return (NULL);
}

static void
each_function(const struct kldsim__file *file, kldsim_function_fn told,
    void *user)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (uint32_t i = 0; i < obj->symtab.count; i++) {
		const char *name = kldsim__sym_name(&obj->symtab,
		    kldsim__sym_name_offset(&obj->symtab, i));

		if (kldsim__sym_is_function(kldsim__sym_info(&obj->symtab, i),
		    obj->value[i]) && name != NULL &&
		    told(user, name, obj->value[i]) != 0)
			return;
	}
}

static void
each_symbol(const struct kldsim__file *file, unsigned which,
    void (*told)(void *user, const struct kldsim__told_symbol *symbol),
    void *user)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	const uint32_t count = obj->symtab.count;
	const uint8_t *state = obj->state;

	/* Of every module that is loaded: an import is a name, and no more. */
	for (uint32_t i = 1; i < count; i++) {
		struct kldsim__told_symbol symbol = { .defined =
		    KLDSIM__SYM_STATE(state[i]) != KLDSIM__SYM_UNDEF };

		if (symbol.defined ? (which & KLDSIM__OBJECTS) == 0 ||
		    (kldsim__sym_info(&obj->symtab, i) & 0xf) != STT_OBJECT :
		    (which & KLDSIM__IMPORTS) == 0)
			continue;
		symbol.name = kldsim__sym_name(&obj->symtab,
		    kldsim__sym_name_offset(&obj->symtab, i));
		if (symbol.name == NULL)
			continue;
		if (symbol.defined) {
			struct kldsim__sym sym;

			kldsim__sym_get(&obj->symtab, i, &sym);
			symbol.address = obj->value[i];
			symbol.size = sym.size;
		}
		told(user, &symbol);
	}
}

/* The kernel compares a name that is not there yet (U-15). */
static int
nameless(struct kldsim *sim, const struct kldsim__file *file,
    const char *name)
{
	struct kldsim__where where = { .file = file->filename };

	return (kldsim__panic(sim, KLDSIM__F_HALF_LOADED, &where,
	    "kernel panic: NULL dereference in link_elf_lookup_set: the file "
	    "is refused before all of its %u sections have their names, and "
	    "set_%s is looked for among them", kldsim__obj_of(file)->counted,
	    name));
}

/* O-65: by the section's name. */
static int
lookup_set(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned i = 0; obj != NULL && i < obj->counted; i++) {
		const struct kldsim__progent *prog;

		if (i >= obj->nprogtab || obj->progtab[i].name == NULL)
			return (nameless(sim, file, name));
		prog = &obj->progtab[i];
		if (*prog->name != 's' ||
		    strncmp(prog->name, "set_", 4) != 0 ||
		    !kldsim__same_name(prog->name + 4, name))
			continue;
		*start_ret = prog->addr;
		*stop_ret = prog->addr + prog->size;
		return (0);
	}
	return (KLDSIM__ESRCH);
}

/* only the first section called set_vnet, as often as there are. */
static int
propagate_vnets(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);

	for (unsigned i = 0; i < obj->nprogtab; i++) {
		const struct kldsim__progent *prog = &obj->progtab[i];

		if (prog->region == KLDSIM_REGION_VNET)
			return (kldsim__accessed(sim, kldsim__set_copy(
			    &sim->vnet, prog->addr, prog->size)));
	}
	return (0);
}

/* Give a section's part of modspace back (O-81, A-11). */
static int
free_part(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__progent *prog)
{
	struct kldsim__where where = kldsim__obj_where(file, prog->sec);

	return (kldsim__part_free(sim, prog->region == KLDSIM_REGION_DPCPU ?
	    KLDSIM_SET_DPCPU : KLDSIM_SET_VNET, &where, prog->addr,
	    (int)prog->size));
}

/*
 * A file that was refused between the census and the tables (O-05): the kernel
 * frees what each relocation table holds, by the count, in a table that is not
 * there.
 */
static int
free_missing_tables(struct kldsim *sim, const struct kldsim__file *file)
{
	const unsigned count = kldsim__obj_of(file)->missing_relocs;
	struct kldsim__where where = { .file = file->filename };

	return (kldsim__panic(sim, KLDSIM__F_HALF_LOADED, &where,
	    "kernel panic: NULL dereference in link_elf_unload_file: the file "
	    "is refused when its %u relocation table%s for allocated sections "
	    "%s counted and no memory is there for them; the unload that "
	    "follows walks them", count, count == 1 ? "" : "s",
	    count == 1 ? "is" : "are"));
}

static int
unload(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	int error = obj == NULL ? 0 : kldsim__invoke_dtors(sim, file,
	    obj->dtors, obj->dtors_size);

	if (error == 0 && obj != NULL && obj->missing_relocs != 0)
		error = free_missing_tables(sim, file);
	if (error != 0)
		return (error);
	for (unsigned i = 0; obj != NULL && i < obj->nprogtab; i++) {
		const struct kldsim__progent *prog = &obj->progtab[i];

		/* An entry that was refused its space has size 0 here. */
		if (prog->size != 0 && (prog->region == KLDSIM_REGION_DPCPU ||
		    prog->region == KLDSIM_REGION_VNET))
			error = free_part(sim, file, prog);
		if (error != 0)
			return (error);
	}
	if (obj == NULL || !obj->mapped)
		return (0);
	if (obj->preloaded)
		error = kldsim__preload_delete(sim, file);
	if (error != 0)
		return (error);
	/* Of the arena only if it was told to go there. */
	if (!kldsim__aspace_unmap(&sim->space, file->address) ||
	    kldsim__exec_arena_free(&sim->exec_arena, file->address) !=
	    KLDSIM__EXEC_OK)
		return (kldsim__nomem(sim));
	return (0);
}

/* O-01, up to the file object. */
static int
check_header(struct kldsim *sim, struct kldsim_image *image, const char *path,
    struct kldsim__elf *elf_ret)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);
	int error = kldsim__check_layout(sim, bytes, size, path, elf_ret);

	if (error != 0)
		return (error);
	if (elf_ret->ehdr.e_type != ET_REL)
		return (KLDSIM__ENOSYS);
	return (kldsim__check_machine(sim, elf_ret, path));
}

/* From the file object up to the dependencies (O-40 step 1). */
static int
load_tables(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	error = kldsim__obj_read_tables(sim, file);
	if (error == 0)
		error = kldsim__obj_place(sim, file);
	if (error == 0)
		error = kldsim__obj_reloc_local(sim, file, false);
	return (error);
}

static int
load_begin(struct kldsim *sim, struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret)
{
	struct kldsim__elf elf;
	struct kldsim__file *file;
	struct kldsim__obj *obj;
	int error;

	*file_ret = NULL;
	error = check_header(sim, image, path, &elf);
	if (error != 0)
		return (error);
	error = kldsim__make_file(sim, &kldsim__link_elf_obj,
	    sim->arch->obj_class, image, path, &file);
	if (error != 0)
		return (error);
	obj = kldsim__arena_calloc(&file->arena, 1, sizeof(*obj));
	if (obj == NULL)
		return (kldsim__nomem(sim));
	obj->elf = elf;
	kldsim__strmap_init(&obj->section_names, &sim->alloc);
	file->class_data = obj;
	error = load_tables(sim, file);
	if (error > 0)
		kldsim__obj_lint(sim, file);
	*file_ret = file;
	return (error);
}

/* The rest, once the dependencies are there (O-40 steps 3 to 7). */
static int
load_finish(struct kldsim *sim, struct kldsim__file *file)
{
	int error;

	error = kldsim__obj_reloc_global(sim, file);
	if (error == 0)
		error = kldsim__obj_reloc_local(sim, file, true);
	if (error == 0)
		error = kldsim__obj_protect(sim, file);
	if (error == 0)
		error = kldsim__invoke_ctors(sim, file);
	return (error);
}

const struct kldsim__linker_class kldsim__link_elf_obj = {
	.lookup_symbol = lookup_symbol,
	.symbol_values = symbol_values,
	.why_hidden = why_hidden,
	.lookup_set = lookup_set,
	.load_begin = load_begin,
	.link_preload = kldsim__obj_link_preload,
	.load_finish = load_finish,
	.lint = kldsim__obj_lint,
	.search_symbol = search_symbol,
	.unload = unload,
	.function_at = function_at,
	.each_function = each_function,
	.each_symbol = each_symbol,
	.propagate_vnets = propagate_vnets,
	.fini = fini,
};
