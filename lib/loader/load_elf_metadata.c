/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the boot loader asks of a shared object once it is in memory: the end
 * of elf_loadimage() and elf_lookup_symbol() in load_elf.c of stand/common
 * (P-12).  A file with a dynamic section and no module metadata is refused.
 *
 * What the metadata says is of interest only with dependencies, and read in
 * boot_loader_deps.c.
 *
 * FIDELITY: the loader asks this of the kernel too.  Here one without metadata
 * boots, and one that is made for a test need not have any.
 */

#include <inttypes.h>

#include "loader/boot_loader.h"
#include "util/path.h"
#include "sym/elfhash.h"
#include "sym/symindex.h"

struct asking {
	struct kldsim *sim;
	const struct kldsim__load_elf *from;
	const struct kldsim__extent *memory;
	struct kldsim__where where;
	kldsim_addr hash, symtab, strtab; /* 0: none */
	uint64_t strsz;
	struct kldsim__elfhash table;
	struct kldsim__symview symbols;
};

/* An address of the dynamic section: all arithmetic wraps as a pointer's. */
static kldsim_addr
biased(const struct asking *asking, kldsim_addr value)
{
	return ((asking->from->off + value) &
	    (asking->from->headers.elf->is64 ? UINT64_MAX : UINT32_MAX));
}

/* How far the file's memory goes from an address; 0: it is outside. */
static kldsim_size
room(const struct asking *asking, kldsim_addr address)
{
	const kldsim_addr at = address - asking->memory->start;

	return (at < asking->memory->size ? asking->memory->size - at : 0);
}

/* The bytes there, if there is room. */
static const uint8_t *
bytes(const struct asking *asking, kldsim_addr address)
{
	return (asking->memory->flat + (address - asking->memory->start));
}

/* The loader reads what lies beyond the file's memory. */
static int
reads_outside(const struct asking *asking, const char *what,
    kldsim_addr address)
{
	return (kldsim__panic(asking->sim, KLDSIM__F_PRELOAD, &asking->where,
	    "%s at 0x%" PRIx64 " goes outside the file's memory: the boot "
	    "loader reads there (P-12)", what, address));
}

static void
take_tag(struct asking *asking, uint64_t tag, uint64_t value)
{
	if (tag == DT_HASH)
		asking->hash = biased(asking, value);
	else if (tag == DT_STRTAB)
		asking->strtab = biased(asking, value);
	else if (tag == DT_STRSZ)
		asking->strsz = value;
	else if (tag == DT_SYMTAB)
		asking->symtab = biased(asking, value);
}

/* The first PT_DYNAMIC, up to DT_NULL or its end. */
static int
read_dynamic(struct asking *asking)
{
	const struct kldsim__elf *elf = asking->from->headers.elf;
	const unsigned word = elf->is64 ? 8 : 4;
	const GElf_Phdr *dynamic = NULL;
	kldsim_addr at;

	for (unsigned i = asking->from->headers.nphdr; i-- > 0;)
		if (asking->from->headers.phdr[i].p_type == PT_DYNAMIC)
			dynamic = &asking->from->headers.phdr[i];
	if (dynamic == NULL)
		return (0);
	at = biased(asking, dynamic->p_vaddr);
	for (uint64_t n = dynamic->p_filesz / (2 * word); n > 0; n--) {
		uint64_t tag;

		if (room(asking, at) < 2 * word)
			return (reads_outside(asking, "PT_DYNAMIC", at));
		tag = kldsim__load(bytes(asking, at), word, elf->big);
		if (tag == DT_NULL)
			break;
		take_tag(asking, tag, kldsim__load(bytes(asking, at) + word,
		    word, elf->big));
		at += 2 * word;
	}
	return (0);
}

/* The tables as views, as far as there is memory. */
static int
read_tables(struct asking *asking)
{
	const struct kldsim__elf *elf = asking->from->headers.elf;
	struct kldsim__elfhash *table = &asking->table;
	struct kldsim__symview *view = &asking->symbols;
	const kldsim_size strings = room(asking, asking->strtab);
	uint64_t count = room(asking, asking->symtab) /
	    kldsim__elf_sizeof(elf, ELF_T_SYM);

	if (room(asking, asking->hash) < 8)
		return (reads_outside(asking, "DT_HASH", asking->hash));
	table->words = bytes(asking, asking->hash) + 8;
	table->nwords = (room(asking, asking->hash) - 8) / 4;
	table->big = elf->big;
	table->nbuckets = kldsim__load32(table->words - 8, elf->big);
	table->nchains = kldsim__load32(table->words - 4, elf->big);
	if (count > table->nchains)
		count = table->nchains;
	view->count = (uint32_t)count;
	view->is64 = elf->is64;
	view->big = elf->big;
	if (count != 0)
		view->syms = bytes(asking, asking->symtab);
	kldsim__symview_set_strings(view, strings != 0 ?
	    bytes(asking, asking->strtab) : NULL, strings);
	return (0);
}

/* Whether the loader takes the symbol of that name for a set's bound. */
static bool
is_bound(const struct asking *asking, uint32_t index)
{
	struct kldsim__sym sym;
	unsigned type;

	kldsim__sym_get(&asking->symbols, index, &sym);
	type = sym.info & 0xf;
	if (asking->sim->facts.loader_checks_bounds)
		return (sym.shndx != SHN_UNDEF && sym.value != 0 &&
		    type == STT_NOTYPE);
	/* Where it is undefined the place in the PLT is a function's. */
	return (sym.shndx != SHN_UNDEF || (sym.value != 0 &&
	    type == STT_FUNC));
}

/* elf_lookup_symbol(): 0, ENOENT or KLDSIM__ABORT. */
static int
lookup_bound(const struct asking *asking, const char *name)
{
	uint32_t index = KLDSIM__NO_SYMBOL;

	/* The hash of no such name has a carry (D-62). */
	switch (kldsim__elfhash_find(&asking->table, &asking->symbols, name,
	    false, &index)) {
	case KLDSIM__HASH_FOUND:
	case KLDSIM__HASH_NOT_USABLE:
		return (is_bound(asking, index) ? 0 : KLDSIM__ENOENT);
	case KLDSIM__HASH_TABLE:
	case KLDSIM__HASH_OUTSIDE:
		return (reads_outside(asking, name, asking->hash));
	case KLDSIM__HASH_LOOP:
		return (kldsim__panic(asking->sim, KLDSIM__F_PRELOAD,
		    &asking->where, "the hash chain for %s has no end: the "
		    "boot loader loops (P-12)", name));
	case KLDSIM__HASH_ABSENT:
	case KLDSIM__HASH_CORRUPT:
		break;
	}
	return (KLDSIM__ENOENT);
}

static int
no_metadata(const struct asking *asking)
{
	return (kldsim__refuse(asking->sim, KLDSIM__EIO,
	    KLDSIM__F_FILE_FORMAT, &asking->where, "the boot loader does not "
	    "load it: it finds no module metadata in it (the symbols "
	    "__start_set_modmetadata_set and __stop_...); a module has "
	    "DECLARE_MODULE or MODULE_VERSION"));
}

/* Both bounds of the set.  The loader's answer is a size: 0 is an error. */
static int
find_set(const struct asking *asking)
{
	int error;

	if (asking->table.nbuckets == 0 &&
	    !asking->sim->facts.loader_checks_bounds)
		return (kldsim__panic(asking->sim, KLDSIM__F_PRELOAD,
		    &asking->where, "DT_HASH has no buckets: the boot loader "
		    "divides by their number (P-12)"));
	if (asking->table.nbuckets == 0)
		return (no_metadata(asking));
	error = lookup_bound(asking, "__start_set_modmetadata_set");
	if (error > 0)
		return (no_metadata(asking));
	if (error == 0)
		error = lookup_bound(asking, "__stop_set_modmetadata_set");
	if (error > 0 && !asking->sim->facts.loader_checks_bounds)
		return (kldsim__panic(asking->sim, KLDSIM__F_PRELOAD,
		    &asking->where, "__start_set_modmetadata_set has no "
		    "__stop: the boot loader takes the file for %d bytes, and "
		    "what comes next overwrites it (P-12)", error));
	return (error > 0 ? no_metadata(asking) : error);
}

int
kldsim__load_elf_metadata(struct kldsim *sim,
    const struct kldsim__load_elf *from, const char *path,
    const struct kldsim__extent *memory)
{
	struct asking asking = { .sim = sim, .from = from, .memory = memory,
		.where = { .file = kldsim__basename(path) } };
	int error = read_dynamic(&asking);

	if (error != 0 || asking.hash == 0 || asking.symtab == 0 ||
	    asking.strtab == 0 || asking.strsz == 0)
		return (error);
	error = read_tables(&asking);
	return (error != 0 ? error : find_set(&asking));
}
