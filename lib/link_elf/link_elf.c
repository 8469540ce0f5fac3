/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The linker class of shared objects, "elf64" and "elf32": the methods of
 * sys/kern/link_elf.c.  The kernel itself is a file of this class.
 */

#include <stdio.h>

#include "link_elf/link_elf.h"

#include "kern/bad_news.h"
#include "linker_class/ctors.h"
#include "linker_class/link_elf_header.h"
#include "linker_class/preload.h"
#include "link_elf/class.h"
#include "linker_class/elf_set.h"
#include "util/path.h"

/* No errno: the hash table leaves the answer to the debug table (D-60). */
#define ASK_DEBUG_TABLE 1000

static void
drop_symbols(void *cached)
{
	kldsim__fullsyms_free(cached);
}

/* What a boot asks a kernel for that may be static or not there (boot.c). */
#define NAME(name) #name,
static const char *const boot_names[] = { "osreldate", "pcpu_entry_modspace",
	"vnet_entry_modspace", KLDSIM__KNOWN_SYMBOLS(NAME)
	"sysctl___kern", "sysctl__children", "dpcpu_off",
	/* And what the first module has it asked for (kbi/kernel.c, lint.c). */
	"vfs_modevent", "g_modevent", "all_cpus", "mp_maxcpus",
	"witness_checkorder", "ktr_tracepoint",
	"lock_profile_obtain_lock_success",
	"sysctl___kern_features_invariants",
#define LOCK(name, plain, debugged) name,
#include "kbi/locks.def"
	NULL };
#undef NAME
_Static_assert(sizeof(boot_names) / sizeof(boot_names[0]) <=
    KLDSIM__EXPECTED + 1, "more names than are looked for together");

static void *
make_symbols(struct kldsim_image *image, void *arg)
{
	(void)image;
	return (kldsim__fullsyms_new(arg, boot_names));
}

/* The first of a name in the debug table; false: no memory. */
bool
kldsim__dyn_find_full(struct kldsim__file *file, const char *name,
    struct kldsim__fullsym *found_ret)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	if (!dyn->in_image) {
		kldsim__fullsyms_walk(&dyn->symtab, &name, 1, found_ret);
		return (true);
	}
	if (dyn->symbols == NULL)
		dyn->symbols = kldsim__image_cache(file->image, make_symbols,
		    &dyn->symtab, drop_symbols);
	return (dyn->symbols != NULL &&
	    kldsim__fullsyms_find(dyn->symbols, name, found_ret));
}

/* The table has more symbols than the mapping has bytes for (Z-40). */
static int
outside_table(struct kldsim *sim, const struct kldsim__file *file,
    const char *name)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.section = ".dynsym", .symbol = name };

	return (kldsim__panic(sim, KLDSIM__F_DYNAMIC_SYMBOLS, &where,
	    "looking for %s leads outside the file's mapping, which has room "
	    "for %u of %u dynamic symbols: the kernel reads there", name,
	    dyn->dynsym.count, dyn->hash.nchains));
}

/* D-60 step 3: the first of that name in the debug table decides. */
static int
lookup_full(struct kldsim *sim, struct kldsim__file *file, const char *name,
    struct kldsim__symref *sym_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.symbol = name };
	struct kldsim__fullsym found;
	struct kldsim__sym sym;

	if (!kldsim__dyn_find_full(file, name, &found))
		return (kldsim__nomem(sim));
	sym_ret->dynamic = !dyn->has_symtab;
	sym_ret->index = found.index;
	if (found.bad != KLDSIM__NO_SYMBOL)
		return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
		    "looking for %s passes symbol %u, whose name lies outside "
		    "the string table: the kernel reads there", name,
		    found.bad));
	if (sym_ret->index == KLDSIM__NO_SYMBOL && !dyn->has_symtab &&
	    dyn->dynsym_reach < dyn->hash.nchains)
		return (outside_table(sim, file, name));
	if (sym_ret->index == KLDSIM__NO_SYMBOL)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(&dyn->symtab, sym_ret->index, &sym);
	return (kldsim__elf_usable(&sym) ? 0 : KLDSIM__ENOENT);
}

/* The name that the function has in the release in force, for messages. */
static const char *
hash_walker(const struct kldsim *sim)
{
	return (sim->facts.elf_debug_lookup_after_failure ?
	    "link_elf_lookup_symbol1" : "link_elf_lookup_symbol");
}

static bool
has_lp64_bug(const struct kldsim *sim)
{
	return (sim->facts.elf_hash_lp64_bug &&
	    kldsim__arch_ptrsz(sim->arch) == 8);
}

static void
expect_symbols(const struct kldsim__file *file, const char *const *names,
    size_t nnames)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	if (dyn->index.index.slots != NULL)
		kldsim__symindex_fetch(&dyn->index.index, &dyn->dynsym, names,
		    nnames);
}

/* D-60 step 2. */
static enum kldsim__hash_answer
lookup_hash(struct kldsim *sim, struct kldsim__file *file, const char *name,
    struct kldsim__symref *sym_ret)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	enum kldsim__hash_answer answer;

	sym_ret->dynamic = true;
	/* The kernel's table is the image's, which nobody changes. */
	if (file == sim->linker.kernel)
		answer = kldsim__elfindex_find(&dyn->index, &sim->alloc,
		    &dyn->hash, &dyn->dynsym, name, has_lp64_bug(sim),
		    &sym_ret->index);
	else
		answer = kldsim__elfhash_find(&dyn->hash, &dyn->dynsym, name,
		    has_lp64_bug(sim), &sym_ret->index);
	if (answer == KLDSIM__HASH_CORRUPT)
		kldsim__console(sim, "%s: corrupt symbol table",
		    hash_walker(sim));
	return (answer);
}

/* The walk through the table that ends in none of its symbols (D-60, D-62). */
static int
lost_in_hash(struct kldsim *sim, struct kldsim__file *file, const char *name,
    enum kldsim__hash_answer answer)
{
	struct kldsim__where where = { .file = file->filename,
		.symbol = name };

	if (answer == KLDSIM__HASH_TABLE)
		return (outside_table(sim, file, name));
	if (answer == KLDSIM__HASH_LOOP)
		return (kldsim__panic(sim, KLDSIM__F_HASH_CHAIN, &where,
		    "the hash chain for %s has no end: the kernel loops", name));
	return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "the hash chain for %s leads to a name outside the string "
	    "table: the kernel reads there", name));
}

/* What the hash table says, or ASK_DEBUG_TABLE. */
static int
lookup_dynamic(struct kldsim *sim, struct kldsim__file *file,
    const char *name, struct kldsim__symref *sym_ret, bool locals)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const int failed = sim->facts.elf_debug_lookup_after_failure &&
	    locals ? ASK_DEBUG_TABLE : KLDSIM__ENOENT;
	enum kldsim__hash_answer answer;

	if (dyn->hash.nbuckets == 0) {
		kldsim__console(sim, "link_elf_lookup_symbol: missing symbol "
		    "hash table");
		return (failed);
	}
	answer = lookup_hash(sim, file, name, sym_ret);
	switch (answer) {
	case KLDSIM__HASH_FOUND:
		return (locals || kldsim__sym_info(&dyn->dynsym,
		    sym_ret->index) >> 4 != STB_LOCAL ? 0 : KLDSIM__ENOENT);
	case KLDSIM__HASH_LOOP:
	case KLDSIM__HASH_TABLE:
	case KLDSIM__HASH_OUTSIDE:
		return (lost_in_hash(sim, file, name, answer));
	case KLDSIM__HASH_NOT_USABLE:
	case KLDSIM__HASH_CORRUPT:
		/* Only later releases go on after these (D-60). */
		return (failed);
	case KLDSIM__HASH_ABSENT:
		break;
	}
	return (locals ? ASK_DEBUG_TABLE : KLDSIM__ENOENT);
}

static int
lookup_symbol(struct kldsim *sim, struct kldsim__file *file, const char *name,
    struct kldsim__symref *sym_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	bool locals = !sim->facts.leak_locals_knob_elf ||
	    sim->options.leak_locals;
	int error;

	if (dyn == NULL)
		return (KLDSIM__ENOENT); /* half loaded */
	error = lookup_dynamic(sim, file, name, sym_ret, locals);
	if (error != ASK_DEBUG_TABLE)
		return (error);
	if (!dyn->has_symtab && !sim->facts.elf_debug_lookup_after_failure)
		return (KLDSIM__ENOENT);
	return (lookup_full(sim, file, name, sym_ret));
}

/* D-63. */
static int
symbol_values(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__symref *ref, kldsim_addr *value_ret,
    kldsim_size *size_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	const struct kldsim__symview *view = ref->dynamic ? &dyn->dynsym :
	    &dyn->symtab;
	struct kldsim__sym sym;
	const char *name;

	if (ref->index >= view->count)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(view, ref->index, &sym);
	*value_ret = kldsim__dyn_address(dyn, sym.value);
	*size_ret = sym.size;
	if ((sym.info & 0xf) != STT_GNU_IFUNC)
		return (0);
	if (sim->facts.obj_debug_ifunc_symbol_values)
		*size_ret = KLDSIM__SIZE_OF_TARGET;
	name = kldsim__sym_name(view, sym.name);
	return (kldsim__call_resolver(sim, file, name != NULL ? name : "",
	    *value_ret, value_ret));
}

static bool
named_value(const void *arg, uint32_t i, uint64_t *value_ret)
{
	const struct kldsim__dyn *dyn = arg;
	struct kldsim__sym sym;

	kldsim__sym_get(&dyn->symtab, i, &sym);
	*value_ret = kldsim__dyn_address(dyn, sym.value);
	return (sym.name != 0 &&
	    kldsim__sym_name(&dyn->symtab, sym.name) != NULL);
}

bool
kldsim__dyn_index_addresses(struct kldsim *sim, struct kldsim__file *file)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	return (dyn->addresses.slots != NULL || kldsim__addrindex_build(
	    &dyn->addresses, &sim->alloc, dyn->symtab.count, named_value,
	    dyn));
}

/* D-64. */
static int
search_symbol(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr address, struct kldsim__nearest *nearest_ret)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__sym sym;
	uint32_t symbol;

	if (dyn == NULL)
		return (KLDSIM__ENOENT);
	if (!kldsim__dyn_index_addresses(sim, file))
		return (kldsim__nomem(sim));
	symbol = kldsim__addrindex_nearest(&dyn->addresses, address,
	    &nearest_ret->difference);
	if (symbol == KLDSIM__NO_SYMBOL)
		return (KLDSIM__ENOENT);
	kldsim__sym_get(&dyn->symtab, symbol, &sym);
	nearest_ret->name = kldsim__sym_name(&dyn->symtab, sym.name);
	nearest_ret->size = sym.size;
	return (0);
}

static const char *
function_at(const struct kldsim__file *file, kldsim_addr address)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	for (uint32_t i = 0; i < dyn->symtab.count; i++) {
		struct kldsim__sym sym;

		kldsim__sym_get(&dyn->symtab, i, &sym);
		if (kldsim__sym_is_function(sym.info, sym.value) &&
		    address - kldsim__dyn_address(dyn, sym.value) < sym.size)
			return (kldsim__sym_name(&dyn->symtab, sym.name));
	}
	return (NULL);
}

static void
each_function(const struct kldsim__file *file, kldsim_function_fn told,
    void *user)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	for (uint32_t i = 0; i < dyn->symtab.count; i++) {
		struct kldsim__sym sym;
		const char *name;

		kldsim__sym_get(&dyn->symtab, i, &sym);
		name = kldsim__sym_name(&dyn->symtab, sym.name);
		if (kldsim__sym_is_function(sym.info, sym.value) &&
		    name != NULL && told(user, name,
		    kldsim__dyn_address(dyn, sym.value)) != 0)
			return;
	}
}

static void
each_symbol(const struct kldsim__file *file, unsigned which,
    void (*told)(void *user, const struct kldsim__told_symbol *symbol),
    void *user)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	for (uint32_t i = 1; i < dyn->symtab.count; i++) {
		struct kldsim__sym sym;
		struct kldsim__told_symbol symbol;

		if (which == KLDSIM__OBJECTS &&
		    (kldsim__sym_info(&dyn->symtab, i) & 0xf) != STT_OBJECT)
			continue;
		kldsim__sym_get(&dyn->symtab, i, &sym);
		symbol.defined = sym.shndx != SHN_UNDEF;
		if (symbol.defined ? (which & KLDSIM__OBJECTS) == 0 ||
		    (sym.info & 0xf) != STT_OBJECT :
		    (which & KLDSIM__IMPORTS) == 0)
			continue;
		symbol.name = kldsim__sym_name(&dyn->symtab, sym.name);
		symbol.address = kldsim__dyn_address(dyn, sym.value);
		symbol.size = sym.size;
		if (symbol.name != NULL)
			told(user, &symbol);
	}
}

static void
fini(struct kldsim__file *file)
{
	if (file->class_data == NULL)
		return;
	kldsim__addrindex_fini(&kldsim__dyn_of(file)->addresses);
	kldsim__elfindex_fini(&kldsim__dyn_of(file)->index);
}

static int
set_bound(struct kldsim *sim, struct kldsim__file *file, const char *prefix,
    const char *name, kldsim_addr *value_ret)
{
	struct kldsim__symref sym;
	kldsim_size size;
	char bound[300];
	int error;

	(void)snprintf(bound, sizeof(bound), "%s%s", prefix, name);
	error = lookup_symbol(sim, file, bound, &sym);
	if (error == 0)
		error = symbol_values(sim, file, &sym, value_ret, &size);
	if (error == 0 && *value_ret == 0)
		error = KLDSIM__ESRCH;
	return (error);
}

/* D-64: by __start_set_X and __stop_set_X. */
static int
lookup_set(struct kldsim *sim, struct kldsim__file *file, const char *name,
    kldsim_addr *start_ret, kldsim_addr *stop_ret)
{
	int error = set_bound(sim, file, "__start_set_", name, start_ret);

	if (error == 0)
		error = set_bound(sim, file, "__stop_set_", name, stop_ret);
	return (error);
}

/*
 * Read a page of the file, or what there is of it (D-01): the rest is as
 * malloc(9) gave it, which is taken to be the page that was freed last.
 */
static int
read_page(struct kldsim *sim, const uint8_t *bytes, uint64_t size)
{
	uint8_t *page = sim->linker.first_page;

	if (size > sim->arch->page_size)
		size = sim->arch->page_size;
	if (size == 0)
		return (0);
	if (!kldsim__undo_save(&sim->undo, page, (size_t)size))
		return (kldsim__nomem(sim));
	memcpy(page, bytes, (size_t)size);
	return (0);
}

/* The header has more bytes than the file, and is that of a module. */
static void
note_rest(struct kldsim *sim, const char *path, uint64_t size)
{
	struct kldsim__where where = { .file = kldsim__basename(path) };

	kldsim__find(sim, KLDSIM__F_FILE_FORMAT, &where, "its %ju bytes are no "
	    "whole ELF header: the kernel takes the rest from what its memory "
	    "holds, which here is of the file that the class has read before",
	    (uintmax_t)size);
}

/* D-01: what the obj class looks at too, but for the length. */
static int
check_header(struct kldsim *sim, const struct kldsim_image *image,
    const char *path, struct kldsim__elf *elf_ret)
{
	uint64_t size;
	const uint8_t *bytes = kldsim__image_bytes(image, &size);
	int error = 0;

	if (sim->policy.mac_kld_load == 0)
		error = read_page(sim, bytes, size);
	if (error == 0)
		error = kldsim__check_layout(sim, sim->linker.first_page,
		    sim->arch->page_size, path, elf_ret);
	if (error != 0)
		return (error);
	elf_ret->bytes = bytes;
	elf_ret->size = size;
	if (elf_ret->ehdr.e_type != ET_DYN && elf_ret->ehdr.e_type != ET_EXEC)
		return (KLDSIM__ENOSYS);
	error = kldsim__check_machine(sim, elf_ret, path);
	if (error == 0 && size < (elf_ret->is64 ? sizeof(Elf64_Ehdr) :
	    sizeof(Elf32_Ehdr)))
		note_rest(sim, path, size);
	return (error);
}

int
kldsim__dyn_make_file(struct kldsim *sim, struct kldsim_image *image,
    const struct kldsim__elf *elf, const char *path,
    struct kldsim__file **file_ret)
{
	struct kldsim__dyn *dyn;
	int error = kldsim__make_file(sim, &kldsim__link_elf,
	    sim->arch->elf_class_name, image, path, file_ret);

	if (error != 0)
		return (error);
	dyn = kldsim__arena_calloc(&(*file_ret)->arena, 1, sizeof(*dyn));
	if (dyn == NULL)
		return (kldsim__nomem(sim));
	dyn->elf = *elf;
	dyn->mask = elf->is64 ? UINT64_MAX : UINT32_MAX;
	(*file_ret)->class_data = dyn;
	return (0);
}

/* The middle of a load, when the segments are in memory (D-20). */
int
kldsim__dyn_link(struct kldsim *sim, struct kldsim__file *file)
{
	int error = kldsim__dyn_parse_dynamic(sim, file);

	if (error == 0)
		error = kldsim__dyn_parse_set(sim, file, KLDSIM_SET_DPCPU);
	if (error == 0 && sim->vnet.present)
		error = kldsim__dyn_parse_set(sim, file, KLDSIM_SET_VNET);
	if (error == 0)
		error = kldsim__dyn_reloc_local(sim, file);
	return (error);
}

static int
keep_segments(struct kldsim *sim, struct kldsim__file *file,
    const struct kldsim__segments *segments)
{
	struct kldsim__dyn *dyn = kldsim__dyn_of(file);

	dyn->segs = kldsim__arena_calloc(&file->arena, segments->nsegs,
	    sizeof(*dyn->segs));
	if (dyn->segs == NULL)
		return (kldsim__nomem(sim));
	memcpy(dyn->segs, segments->segs,
	    segments->nsegs * sizeof(*dyn->segs));
	dyn->nsegs = segments->nsegs;
	dyn->pt_dynamic = segments->dynamic;
	return (0);
}

static int
load_begin(struct kldsim *sim, struct kldsim_image *image, const char *path,
    struct kldsim__file **file_ret)
{
	struct kldsim__segments segments;
	struct kldsim__file *file;
	struct kldsim__elf elf;
	int error;

	*file_ret = NULL;
	error = check_header(sim, image, path, &elf);
	if (error == 0)
		error = kldsim__dyn_read_phdrs(sim, &elf, path, &segments);
	if (error == 0)
		error = kldsim__dyn_make_file(sim, image, &elf, path, &file);
	if (error == 0)
		error = keep_segments(sim, file, &segments);
	if (error != 0)
		return (error);
	error = kldsim__dyn_map(sim, file);
	if (error == 0)
		error = kldsim__dyn_link(sim, file);
	*file_ret = file;
	return (error);
}

/* The rest, once the dependencies are there. */
static int
load_finish(struct kldsim *sim, struct kldsim__file *file)
{
	int error = kldsim__dyn_reloc_global(sim, file);

	if (error == 0)
		error = kldsim__dyn_of(file)->preloaded ?
		    kldsim__dyn_preload_finish(sim, file) :
		    kldsim__dyn_read_sections(sim, file);
	if (error == 0)
		error = kldsim__invoke_ctors(sim, file);
	return (error);
}

/* */
static int
propagate_vnets(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__dynset *set =
	    &kldsim__dyn_of(file)->sets[KLDSIM_SET_VNET];

	if (set->base == 0)
		return (0);
	return (kldsim__accessed(sim, kldsim__set_copy(&sim->vnet, set->base,
	    file->parts[KLDSIM_SET_VNET]->size)));
}

/* D-22: no destructors. */
static int
unload(struct kldsim *sim, struct kldsim__file *file)
{
	int error = kldsim__dyn_free_sets(sim, file);

	if (error == 0 && kldsim__dyn_of(file)->preloaded)
		error = kldsim__preload_delete(sim, file);
	return (error != 0 ? error : kldsim__dyn_unmap(sim, file));
}

const struct kldsim__linker_class kldsim__link_elf = {
	.lookup_symbol = lookup_symbol,
	.symbol_values = symbol_values,
	.expect_symbols = expect_symbols,
	.why_hidden = kldsim__dyn_why_hidden,
	.lookup_set = lookup_set,
	.search_symbol = search_symbol,
	.function_at = function_at,
	.each_function = each_function,
	.each_symbol = each_symbol,
	.load_begin = load_begin,
	.link_preload = kldsim__dyn_link_preload,
	.load_finish = load_finish,
	.lint = kldsim__dyn_lint,
	.unload = unload,
	.propagate_vnets = propagate_vnets,
	.fini = fini,
};

int
kldsim__link_elf_kernel(struct kldsim *sim, struct kldsim_image *image)
{
	struct kldsim__file *file;
	struct kldsim__elf elf;
	int error;

	(void)kldsim__elf_open(image, &elf); /* has been looked at */
	error = kldsim__dyn_make_file(sim, image, &elf,
	    "/boot/kernel/kernel", &file);
	if (error != 0)
		return (error);
	file->linked = true; /* at once (L-20) */
	sim->linker.kernel = file;
	return (kldsim__dyn_read_kernel(sim, file));
}
