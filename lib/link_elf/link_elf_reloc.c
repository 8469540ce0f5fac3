/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Relocation of modules that are shared objects: link_elf_reloc_local(),
 * relocate_file() and elf_lookup() of sys/kern/link_elf.c (D-40 to D-53).
 */

#include <inttypes.h>

#include "link_elf/link_elf.h"

#include "linker_class/undefined.h"
#include "kern/bad_news.h"
#include "kern/trace.h"
#include "linker_class/elf_set.h"
#include "linker_class/refusal.h"

/* One pass over the relocation tables. */
struct pass {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__dyn *dyn;
	bool local;  /* elf_reloc_local(), whose answer nobody looks at */
	bool ifuncs; /* global: the kind that is taken */
};

/* One relocation on its way. */
struct place {
	bool rela;
	const struct kldsim__reloc_row *row;
	struct kldsim__rel rel;
	struct kldsim__reloc value;
};

static bool
is_rela(enum kldsim__dyntable table)
{
	return (table == KLDSIM__DYN_RELA || table == KLDSIM__DYN_PLTRELA);
}

/* --- symbols --- */

static int
outside_dynsym(struct kldsim *sim, const struct kldsim__file *file,
    uint32_t symbol)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__where where = { .file = file->filename,
		.section = ".dynsym" };

	return (kldsim__panic(sim, KLDSIM__F_DYNAMIC_SYMBOLS, &where,
	    "symbol %" PRIu32 " lies outside the file's mapping, which has "
	    "room for %" PRIu32 " from DT_SYMTAB on: the kernel reads there",
	    symbol, dyn->dynsym_reach));
}

/* A symbol, of zeros behind the buffer; false: outside the mapping. */
static bool
get_dynsym(const struct kldsim__dyn *dyn, uint32_t index,
    struct kldsim__sym *sym_ret)
{
	if (index >= dyn->dynsym_reach)
		return (false);
	memset(sym_ret, 0, sizeof(*sym_ret));
	if (index < dyn->dynsym_room)
		kldsim__sym_get(&dyn->dynsym, index, sym_ret);
	return (true);
}

/* A symbol as the kernel reads it: the number is not looked at. */
static int
raw_symbol(struct kldsim *sim, const struct kldsim__file *file,
    uint32_t index, struct kldsim__sym *sym_ret)
{
	return (get_dynsym(kldsim__dyn_of(file), index, sym_ret) ? 0 :
	    outside_dynsym(sim, file, index));
}

static int
symbol_text(struct kldsim *sim, const struct kldsim__file *file,
    uint32_t index, const struct kldsim__sym *sym, const char **name_ret)
{
	const struct kldsim__symview *view = &kldsim__dyn_of(file)->dynsym;
	struct kldsim__where where = { .file = file->filename };

	*name_ret = kldsim__sym_name(view, sym->name);
	if (*name_ret != NULL)
		return (0);
	return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "dynamic symbol %" PRIu32 " has its name at 0x%" PRIx32 " of the "
	    "string table, outside the file's mapping: the kernel reads there",
	    index, sym->name));
}

/* The name of a relocation's symbol for messages, NULL if it has none. */
static const char *
name_for_message(const struct kldsim__file *file, uint32_t index)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__sym sym;

	if (index == 0 || !get_dynsym(dyn, index, &sym))
		return (NULL);
	return (kldsim__sym_name(&dyn->dynsym, sym.name));
}

/* A local symbol is what it says, without a look at sets or ifuncs. */
static int
local_value(const struct kldsim__dyn *dyn, const struct kldsim__sym *sym,
    kldsim_addr *value_ret)
{
	if (sym->shndx == SHN_UNDEF || sym->value == 0)
		return (KLDSIM__EINVAL);
	*value_ret = kldsim__dyn_address(dyn, sym->value);
	return (0);
}

/* elf_lookup() (D-50). */
static int
lookup(struct kldsim *sim, struct kldsim__file *file, uint32_t index,
    kldsim_addr *value_ret)
{
	const struct kldsim__dyn *dyn = kldsim__dyn_of(file);
	struct kldsim__sym sym;
	const char *name;
	int error;

	*value_ret = 0;
	if (index >= dyn->hash.nchains)
		return (KLDSIM__EINVAL);
	error = raw_symbol(sim, file, index, &sym);
	if (error != 0)
		return (error);
	if (sym.info >> 4 == STB_LOCAL)
		return (local_value(dyn, &sym, value_ret));
	error = symbol_text(sim, file, index, &sym, &name);
	if (error != 0)
		return (error);
	if (*name == '\0')
		return (KLDSIM__EINVAL);
	error = kldsim__lookup(sim, file, name, true, value_ret);
	if (error != 0)
		return (error);
	if (*value_ret == 0 && sym.info >> 4 != STB_WEAK)
		return (KLDSIM__EINVAL);
	*value_ret = kldsim__elf_set_remap(&sim->linker, *value_ret);
	return (0);
}

/* --- one relocation --- */

static struct kldsim__where
place_where(const struct pass *pass, const struct place *place)
{
	return ((struct kldsim__where){ .file = pass->file->filename,
		.has_offset = true, .offset = place->rel.offset,
		.symbol = name_for_message(pass->file, place->rel.sym),
		.owner = pass->file, .address = place->value.P });
}

/*
 * What there is to say of an entry is said once: by the global pass, which
 * does everything again where the local one did it already (D-40).
 */
static bool
speaks(const struct pass *pass)
{
	return (!pass->local || pass->sim->arch->local_apart);
}

/*
 * The bytes of the place; what lies elsewhere is not ours to touch (Z-10).
 * They are the memory itself, or in `apart`, for put_back().
 */
static int
place_bytes(const struct pass *pass, const struct place *place,
    unsigned width, uint8_t apart[KLDSIM__RELOC_BYTES], uint8_t **bytes_ret)
{
	struct kldsim__where where = place_where(pass, place);

	*bytes_ret = kldsim__dyn_own(pass->file, place->value.P, width);
	if (*bytes_ret != NULL)
		return (0);
	*bytes_ret = apart;
	if (kldsim__dyn_read(pass->sim, pass->file, place->value.P &
	    pass->dyn->mask, apart, width))
		return (0);
	return (kldsim__panic(pass->sim, KLDSIM__F_RELOC_OFFSET, &where,
	    "relocation type %" PRIu32 " is for offset 0x%" PRIx64 ", outside "
	    "the file's mapping of 0x%" PRIx64 " bytes: the kernel goes to 0x%"
	    PRIx64, place->rel.type, place->rel.offset, pass->file->size,
	    place->value.P));
}

static int
put_back(const struct pass *pass, const struct place *place, unsigned width,
    const uint8_t *apart, const uint8_t *bytes)
{
	if (bytes != apart)
		return (0);
	return (kldsim__accessed(pass->sim, kldsim__aspace_write(
	    &pass->sim->space, place->value.P, apart, width)));
}

/* The addend that lies in the place. */
static int
addend_in_place(const struct pass *pass, struct place *place)
{
	unsigned width = kldsim__reloc_rel_width(&pass->sim->relocator,
	    place->row);
	uint8_t apart[KLDSIM__RELOC_BYTES];
	uint8_t *bytes;
	int error = place_bytes(pass, place, width, apart, &bytes);

	if (error == 0)
		place->value.A = kldsim__load(bytes, width,
		    pass->dyn->elf.big);
	return (error);
}

/* What this machine makes of a table of kind REL. */
static int
check_kind(const struct pass *pass, const struct place *place)
{
	const struct kldsim__arch *arch = pass->sim->arch;
	struct kldsim__where where = place_where(pass, place);

	if (place->rela || arch->rel_tables == KLDSIM__REL_TAKEN)
		return (0);
	if (arch->rel_tables == KLDSIM__REL_PANICS)
		return (kldsim__panic(pass->sim, KLDSIM__F_UNKNOWN_RELOCATION,
		    &where, "kernel panic: %s", arch->rel_text));
	kldsim__console(pass->sim, "%s", arch->rel_text);
	if (pass->local)
		return (KLDSIM__EINVAL);
	return (kldsim__refuse(pass->sim, KLDSIM__EINVAL,
	    KLDSIM__F_UNKNOWN_RELOCATION, &where, "its relocations are of "
	    "the kind without addends (REL), and on %s the kernel takes "
	    "those with addends (RELA) alone: link it for FreeBSD",
	    arch->name));
}

static int
refuse(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	return (kldsim__refuse_relocation(pass->sim, place->row, &place->rel,
	    !speaks(pass) ? KLDSIM__FATE_UNTOLD : pass->local ?
	    KLDSIM__FATE_SKIPPED : KLDSIM__FATE_REFUSED, &where));
}

/* The kernel stores what is left of a value that does not fit. */
static void
check_value(const struct pass *pass, const struct place *place,
    uint64_t value)
{
	struct kldsim__where where = place_where(pass, place);

	if (!speaks(pass))
		return;
	if (place->row->formula == KLDSIM__UNSET ||
	    place->row->formula == KLDSIM__UNSET_AFTER_LOOKUP)
		kldsim__find(pass->sim, KLDSIM__F_VALUE_UNSET, &where,
		    "%s: this release stores a variable that it has never set "
		    "(here: 0)", place->row->name);
	else if (!kldsim__reloc_fits(&pass->sim->relocator, place->row,
	    value))
		kldsim__find(pass->sim, KLDSIM__F_VALUE_TRUNCATED, &where,
		    "%s: 0x%" PRIx64 " does not fit its field; the kernel "
		    "stores what is left of it", place->row->name, value);
}

/*
 * D-36: a pointer in the file's own copy of a set, which nobody uses any more:
 * the reference copy and the instances have got the bytes of the file.
 */
static void
check_set(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	if (!speaks(pass))
		return;
	for (unsigned i = 0; i < 2; i++) {
		const struct kldsim__dynset *set = &pass->dyn->sets[i];

		if (set->base == 0 || place->value.P < set->start ||
		    place->value.P >= set->stop)
			continue;
		where.section = i == KLDSIM_SET_DPCPU ? "set_pcpu" :
		    "set_vnet";
		where.offset = place->value.P - set->start;
		kldsim__find(pass->sim, KLDSIM__F_POINTER_NOT_PROPAGATED,
		    &where, "%s is applied to the file's own copy of the set "
		    "only: the reference copy and every %s keep the "
		    "unrelocated bytes of the file; set the pointer at run "
		    "time instead", place->row->name,
		    i == KLDSIM_SET_DPCPU ? "CPU" : "vnet");
	}
}

/* Machines that mind where a word lies (Z-11). */
static void
check_alignment(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	if (place->value.P % place->row->width != 0 && speaks(pass))
		kldsim__find(pass->sim, KLDSIM__F_RELOC_UNALIGNED, &where,
		    "%s stores %u bytes at 0x%" PRIx64 ", which is not "
		    "aligned: this machine may fault", place->row->name,
		    place->row->width, place->value.P);
}

/* The bytes at S are what is stored (6.5). */
static int
copy_from_target(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);
	uint8_t bytes[KLDSIM__RELOC_BYTES], apart[KLDSIM__RELOC_BYTES];
	uint8_t *to;
	int error;

	if (!kldsim__aspace_read(&pass->sim->space, place->value.S, bytes,
	    place->row->width))
		return (kldsim__panic(pass->sim, KLDSIM__F_RELOC_SYMBOL_INDEX,
		    &where, "%s copies %u bytes from 0x%" PRIx64 ", where "
		    "nothing is: the kernel faults", place->row->name,
		    place->row->width, place->value.S));
	error = place_bytes(pass, place, place->row->width, apart, &to);
	if (error != 0)
		return (error);
	check_set(pass, place);
	memcpy(to, bytes, place->row->width);
	return (put_back(pass, place, place->row->width, apart, to));
}

/* Code cannot jump that far (6.3): most machines' kernels look. */
static int
out_of_reach(const struct pass *pass, const struct place *place,
    uint64_t value)
{
	struct kldsim__where where = place_where(pass, place);

	if (pass->local)
		return (KLDSIM__EINVAL);
	return (kldsim__refuse(pass->sim, KLDSIM__EINVAL,
	    KLDSIM__F_VALUE_TRUNCATED, &where, "%s: 0x%" PRIx64 " is farther "
	    "away than the field can say; compile calls for any distance "
	    "(-mlongcall on powerpc, -fPIC elsewhere)", place->row->name,
	    value));
}

/* The value is there: through elf_relocaddr(), and into its field. */
static int
store(const struct pass *pass, const struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	const struct kldsim__relocator *relocator = &pass->sim->relocator;
	uint64_t value = kldsim__reloc_value(relocator, row, &place->value);
	uint8_t apart[KLDSIM__RELOC_BYTES];
	uint8_t *bytes;
	int error;

	if (row->relocaddr)
		value = kldsim__dyn_relocaddr(pass->sim, pass->file, value);
	if (!kldsim__reloc_reaches(relocator, row, value))
		return (out_of_reach(pass, place, value));
	error = place_bytes(pass, place, row->width, apart, &bytes);
	if (error != 0)
		return (error);
	check_value(pass, place, value);
	check_set(pass, place);
	if (pass->sim->arch->strict_alignment)
		check_alignment(pass, place);
	kldsim__store(bytes, row->width, pass->dyn->elf.big,
	    kldsim__reloc_encode(row, value, kldsim__load(bytes, row->width,
	    pass->dyn->elf.big)));
	return (put_back(pass, place, row->width, apart, bytes));
}

/* S, by whatever way the row wants it. */
static int
find_value(const struct pass *pass, struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	int error;

	place->value.S = 0;
	if (row->formula == KLDSIM__CALL_B_PLUS_A)
		return (kldsim__call_resolver(pass->sim, pass->file, "",
		    (place->value.B + place->value.A) & pass->dyn->mask,
		    &place->value.S));
	if (!kldsim__reloc_needs_symbol(row))
		return (0);
	error = lookup(pass->sim, pass->file, place->rel.sym,
	    &place->value.S);
	return (error > 0 && row->lookup_ignored ? 0 : error);
}

/* elf_reloc() or elf_reloc_local(): an errno where these have -1. */
static int
relocate(const struct pass *pass, struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	int error;

	place->value.B = pass->dyn->bias;
	place->value.P = kldsim__dyn_address(pass->dyn, place->rel.offset);
	place->value.A = place->rel.addend;
	error = check_kind(pass, place);
	/* A REL entry's place is read whatever the type. */
	if (error == 0 && (!place->rela || (row != NULL &&
	    row->addend_in_place)))
		error = addend_in_place(pass, place);
	if (error != 0)
		return (error);
	if (kldsim__reloc_ignored(&pass->sim->relocator, row, pass->local))
		return (0);
	if (row == NULL || row->formula == KLDSIM__REFUSED)
		return (refuse(pass, place));
	error = find_value(pass, place);
	if (error != 0)
		return (error);
	if (kldsim__reloc_refused(row))
		return (refuse(pass, place));
	if (row->formula == KLDSIM__MEMORY_AT_S)
		return (copy_from_target(pass, place));
	return (row->width != 0 ? store(pass, place) : 0);
}

/* --- the passes --- */

/* Whether this pass takes the entry (D-41, Z-43). */
static int
takes(const struct pass *pass, const struct place *place, bool *takes_ret)
{
	bool ifunc = place->row != NULL && place->row->ifunc;
	struct kldsim__sym sym;
	int error = 0;

	*takes_ret = true;
	if (pass->local)
		return (0);
	if (place->rel.sym != 0) {
		error = raw_symbol(pass->sim, pass->file, place->rel.sym,
		    &sym);
		if (error == 0 && (sym.info & 0xf) == STT_GNU_IFUNC)
			ifunc = true;
	}
	*takes_ret = ifunc == pass->ifuncs;
	return (error);
}

/* An entry failed in the global pass: say which symbol. */
static int
undefined(const struct pass *pass, const struct place *place, bool told)
{
	const size_t before = pass->sim->report.nrefusals;
	struct kldsim__where where = place_where(pass, place);
	const uint32_t index = place->rel.sym;
	const struct kldsim_trace *trace;
	const char *name = "(null)";
	struct kldsim__sym sym;
	int error = 0;

	if (index != 0)
		error = raw_symbol(pass->sim, pass->file, index, &sym);
	if (index != 0 && error == 0)
		error = symbol_text(pass->sim, pass->file, index, &sym, &name);
	if (error != 0)
		return (error);
	kldsim__console(pass->sim, "link_elf: symbol %s undefined", name);
	if (index >= pass->dyn->hash.nchains)
		(void)kldsim__refuse(pass->sim, KLDSIM__ENOENT,
		    KLDSIM__F_RELOC_SYMBOL_INDEX, &where, "the entry names "
		    "symbol %" PRIu32 " of %" PRIu32 ": .dynsym was cut, or "
		    "the relocations are another file's", index,
		    pass->dyn->hash.nchains);
	trace = kldsim__trace_hold(pass->sim);
	error = kldsim__dyn_undefined_symbols(pass->sim, pass->file);
	kldsim__trace_resume(pass->sim, trace);
	if (error == 0 && !told && pass->sim->report.nrefusals == before)
		(void)kldsim__refuse(pass->sim, KLDSIM__ENOENT,
		    KLDSIM__F_UNDEFINED_SYMBOL, &where, "%s refers to symbol "
		    "%" PRIu32 ", which is local and undefined or has no name "
		    "to look for", place->row->name, index);
	return (error != 0 ? error : KLDSIM__ENOENT);
}

/* relocate(), and whoever has asked is told of it. */
static int
relocate_told(const struct pass *pass, struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	const struct kldsim__dyn *dyn = pass->dyn;
	const kldsim_addr at = kldsim__dyn_address(dyn, place->rel.offset);
	const unsigned width = row != NULL ? row->width : 0;
	struct kldsim_trace_reloc told = { .file = pass->file->filename,
		.local = pass->local, .type = place->rel.type,
		.symbol_index = place->rel.sym,
		.symbol = name_for_message(pass->file, place->rel.sym) };
	struct kldsim__sym sym;
	int error;

	kldsim__dyn_tell_place(dyn, place->rel.offset, at, &told);
	told.defined = get_dynsym(dyn, place->rel.sym, &sym) &&
	    sym.info >> 4 == STB_LOCAL;
	memset(&place->value, 0, sizeof(place->value));
	(void)kldsim__dyn_read(pass->sim, pass->file, at & dyn->mask,
	    told.before, width);
	error = relocate(pass, place);
	(void)kldsim__dyn_read(pass->sim, pass->file, at & dyn->mask,
	    told.after, width);
	if (row != NULL)
		told.result = kldsim__reloc_value(&pass->sim->relocator, row,
		    &place->value);
	told.moved = row != NULL && row->relocaddr ? kldsim__dyn_relocaddr(
	    pass->sim, pass->file, told.result) : told.result;
	if (error >= 0)
		kldsim__trace_reloc(pass->sim, row, &place->value, error,
		    &told);
	return (error);
}

static int
run_entry(const struct pass *pass, struct place *place)
{
	const size_t before = pass->sim->report.nrefusals;
	bool wanted;
	int error;

	place->row = kldsim__reloc_row(&pass->sim->relocator,
	    place->rel.type);
	error = takes(pass, place, &wanted);
	if (error != 0 || !wanted)
		return (error);
	error = kldsim__traced(pass->sim) && !kldsim__reloc_ignored(
	    &pass->sim->relocator, place->row, pass->local) ?
	    relocate_told(pass, place) : relocate(pass, place);
	if (error <= 0)
		return (error);
	return (pass->local ? 0 : undefined(pass, place,
	    pass->sim->report.nrefusals != before));
}

/* Sizes that the kernel's arithmetic makes something else of (Z-42). */
static void
note_size(const struct pass *pass, const struct kldsim__dynrel *table,
    unsigned each)
{
	struct kldsim__where where = { .file = pass->file->filename,
		.section = ".dynamic" };

	if (!pass->local)
		return;
	if (table->size < 0)
		kldsim__find(pass->sim, KLDSIM__F_RELOC_TABLE_SIZE, &where,
		    "the size of the relocations is %d as an int: no entry is "
		    "applied, in silence", table->size);
	else if ((unsigned)table->size % each != 0)
		kldsim__find(pass->sim, KLDSIM__F_RELOC_TABLE_SIZE, &where,
		    "the 0x%x bytes of relocations are no multiple of %u: the "
		    "local pass applies what follows as one more entry",
		    (unsigned)table->size, each);
}

/* How many entries the pass takes: bytes count, or whole entries. */
static int
count_entries(const struct pass *pass, const struct kldsim__dynrel *table,
    unsigned each, uint64_t *count_ret)
{
	uint64_t size = table->size > 0 ? (uint64_t)table->size : 0;
	int error;

	*count_ret = (pass->local ? size + each - 1 : size) / each;
	error = kldsim__limited(pass->sim, &pass->sim->options.limits.relocs,
	    *count_ret, "%s: relocations of a table", pass->file->pathname);
	return (error != 0 ? error : kldsim__work(pass->sim, pass->file,
	    *count_ret));
}

static int
outside_table(const struct pass *pass, const struct kldsim__dynrel *table,
    uint64_t i)
{
	struct kldsim__where where = { .file = pass->file->filename,
		.section = ".dynamic" };

	return (kldsim__panic(pass->sim, KLDSIM__F_DYNAMIC, &where,
	    "entry %" PRIu64 " of the relocations at 0x%" PRIx64 " lies "
	    "outside the file's mapping: the kernel reads there", i,
	    table->address));
}

/* Entry i of a table; false: it is outside the mapping. */
static bool
table_entry(const struct pass *pass, enum kldsim__dyntable which,
    unsigned each, uint64_t i, struct kldsim__rel *rel_ret)
{
	const kldsim_addr at = pass->dyn->tags.tables[which].address + i * each;
	uint8_t bytes[sizeof(Elf64_Rela)];

	if (!kldsim__dyn_read(pass->sim, pass->file, at & pass->dyn->mask,
	    bytes, each))
		return (false);
	kldsim__rel_get(&pass->dyn->elf, bytes, is_rela(which), 0, rel_ret);
	return (true);
}

static int
run_table(const struct pass *pass, enum kldsim__dyntable which)
{
	const struct kldsim__dynrel *table = &pass->dyn->tags.tables[which];
	struct place place = { .rela = is_rela(which) };
	const unsigned each = (place.rela ? 3 : 2) *
	    (pass->dyn->elf.is64 ? 8 : 4);
	const uint8_t *bytes = kldsim__dyn_own(pass->file, table->address, 0);
	const uint64_t room = kldsim__dyn_room(pass->file, table->address) /
	    each;
	uint64_t count;
	int error;

	if (table->address == 0)
		return (0);
	note_size(pass, table, each);
	error = count_entries(pass, table, each, &count);
	for (uint64_t i = 0; i < count && error == 0; i++) {
		if (i < room)
			kldsim__rel_get(&pass->dyn->elf, bytes, place.rela, i,
			    &place.rel);
		else if (!table_entry(pass, which, each, i, &place.rel))
			return (outside_table(pass, table, i));
		error = run_entry(pass, &place);
	}
	return (error);
}

/* D-40: DT_REL and DT_RELA, and nobody asks how it went. */
int
kldsim__dyn_reloc_local(struct kldsim *sim, struct kldsim__file *file)
{
	struct pass pass = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file), .local = true };
	int error = run_table(&pass, KLDSIM__DYN_REL);

	if (error == 0)
		error = run_table(&pass, KLDSIM__DYN_RELA);
	return (error);
}

/* D-41: all tables, and all of them again for what is of the ifunc kind. */
int
kldsim__dyn_reloc_global(struct kldsim *sim, struct kldsim__file *file)
{
	struct pass pass = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file) };
	int error = 0;

	for (unsigned kind = 0; kind < 2; kind++) {
		pass.ifuncs = kind == 1;
		for (unsigned i = 0; i < KLDSIM__DYN_NTABLES && error == 0;
		    i++)
			error = run_table(&pass, (enum kldsim__dyntable)i);
	}
	pass.dyn->relocated = error == 0;
	return (error);
}

/* --- what else is undefined --- */

/* One symbol that relocations name, and the first that does. */
struct reference {
	uint64_t offset;
	uint64_t count;
};

static void
count_references(const struct pass *pass, enum kldsim__dyntable which,
    struct reference *refs)
{
	const struct kldsim__dynrel *table = &pass->dyn->tags.tables[which];
	const unsigned each = (is_rela(which) ? 3 : 2) *
	    (pass->dyn->elf.is64 ? 8 : 4);
	const uint8_t *bytes = kldsim__dyn_own(pass->file, table->address, 0);
	uint64_t count = table->size > 0 ? (uint64_t)table->size / each : 0;
	uint64_t room = kldsim__dyn_room(pass->file, table->address) / each;

	/* What lies beyond the buffer is zeros, and names nobody. */
	for (uint64_t i = 0; i < count && i < room; i++) {
		struct kldsim__rel rel;

		kldsim__rel_get(&pass->dyn->elf, bytes, is_rela(which), i,
		    &rel);
		if (rel.sym < pass->dyn->dynsym.count &&
		    refs[rel.sym].count++ == 0)
			refs[rel.sym].offset = rel.offset;
	}
}

static int
report_if_undefined(const struct pass *pass, uint32_t index,
    const struct reference *ref, struct kldsim__undefined *all)
{
	struct kldsim__where where = { .file = pass->file->filename,
		.has_offset = true, .offset = ref->offset,
		.owner = pass->file,
		.address = kldsim__dyn_address(pass->dyn, ref->offset) };
	kldsim_addr value;
	int error;

	where.symbol = name_for_message(pass->file, index);
	if (where.symbol == NULL || *where.symbol == '\0')
		return (0);
	error = lookup(pass->sim, pass->file, index, &value);
	if (error <= 0)
		return (error);
	return (kldsim__report_undefined(pass->sim, pass->file, &where,
	    ref->count, all));
}

int
kldsim__dyn_undefined_symbols(struct kldsim *sim, struct kldsim__file *file)
{
	struct pass pass = { .sim = sim, .file = file,
		.dyn = kldsim__dyn_of(file) };
	const uint32_t count = pass.dyn->dynsym.count;
	struct reference *refs = kldsim__arena_calloc(&file->arena, count,
	    sizeof(*refs));
	struct kldsim__undefined all = { .needs = { .count = 0 } };
	size_t mark;
	int error = 0;

	if (refs == NULL)
		return (kldsim__nomem(sim));
	for (unsigned i = 0; i < KLDSIM__DYN_NTABLES; i++)
		count_references(&pass, (enum kldsim__dyntable)i, refs);
	/* The refused file's own table goes with it; all else is put back. */
	mark = kldsim__undo_begin(&sim->undo);
	for (uint32_t i = 1; i < count && error == 0; i++)
		if (refs[i].count != 0)
			error = report_if_undefined(&pass, i, &refs[i], &all);
	if (error == 0)
		error = kldsim__report_causes(sim, &all);
	if (error == 0)
		kldsim__undo_rollback(&sim->undo, mark);
	return (error);
}
