/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Relocation of ET_REL files: link_elf_fix_link_set(), link_elf_reloc_local()
 * and relocate_file() of sys/kern/link_elf_obj.c (O-32, O-40 to O-47).
 */

#include "link_elf_obj/link_elf_obj.h"
#include "kern/bad_news.h"
#include "kern/trace.h"
#include "linker_class/refusal.h"

/* One pass over all relocation tables. */
struct pass {
	struct kldsim *sim;
	struct kldsim__file *file;
	struct kldsim__obj *obj;
	bool local;     /* entries of local symbols, or of all others */
	bool by_kind;   /* take one kind only */
	bool ifuncs;    /* which kind */
};

/* One relocation on its way. */
struct place {
	const struct kldsim__relent *table;
	const struct kldsim__progent *prog; /* the section it is for */
	const struct kldsim__reloc_row *row;
	struct kldsim__rel rel;
	struct kldsim__reloc value;
};

/* --- linker-set bounds (O-32) --- */

/* Give one __start_ or __stop_ symbol the bounds of this file's section. */
static void
fix_set_bound(struct kldsim *sim, struct kldsim__file *file, uint32_t symbol,
    const char *name, unsigned prog, bool start)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	const struct kldsim__progent *entry = &obj->progtab[prog];
	struct kldsim__where where = kldsim__obj_where(file, entry->sec);

	obj->value[symbol] = entry->addr + (start ? 0 : entry->size);
	/* The kernel stores the progtab index as the section index: 0 is
	 * SHN_UNDEF, and the symbol is looked up elsewhere all the same. */
	if (prog != 0) {
		obj->state[symbol] = (uint8_t)((prog == KLDSIM__SHN_CACHED ?
		    KLDSIM__SYM_CACHED : KLDSIM__SYM_DEFINED) |
		    (obj->state[symbol] & 0xf8));
		return;
	}
	/* There is one such section: once for both of its bounds. */
	if (obj->told_bound_zero)
		return;
	obj->told_bound_zero = true;
	where.symbol = name;
	kldsim__find(sim, KLDSIM__F_SET_BOUND_INDEX_ZERO, &where,
	    "%s is the first section loaded, so its __start_ and __stop_ do "
	    "not count as defined: references to them get the bounds of "
	    "another file's %s, as a rule the kernel's, and walk that instead",
	    entry->name, entry->name);
}

/* Every undefined name is compared with the two prefixes (Z-05). */
static int
compare_bad_name(struct kldsim *sim, struct kldsim__file *file,
    uint32_t symbol, uint32_t name)
{
	const struct kldsim__symview *view = &kldsim__obj_of(file)->symtab;
	struct kldsim__where where = { .file = file->filename };
	uint64_t left = name < view->strings_size ?
	    view->strings_size - name : 0;

	if (left != 0 && (left >= 8 ||
	    (strncmp(view->strings + name, "__start_", left) != 0 &&
	    strncmp(view->strings + name, "__stop_", left) != 0)))
		return (0); /* the comparison ends within the table */
	return (kldsim__panic(sim, KLDSIM__F_SYMBOL_NAME, &where,
	    "symbol %u has its name at 0x%x, which is no string in the 0x%jx "
	    "bytes of the string table: the kernel compares it with __start_",
	    symbol, name, (uintmax_t)view->strings_size));
}

/* So few are compared sooner than put into a table. */
#define FEW_SECTIONS 16u

/* Many files ask for none. */
static bool
index_sections(struct kldsim__obj *obj)
{
	if (obj->section_names.nslots != 0)
		return (true);
	for (unsigned i = 0; i < obj->nprogtab; i++)
		if (!kldsim__strmap_add(&obj->section_names,
		    obj->progtab[i].name, i))
			return (false);
	return (true);
}

/* Of sections of one name the first counts; *prog_ret is nprogtab: none. */
static bool
find_section(struct kldsim__obj *obj, const char *name, uint32_t *prog_ret)
{
	*prog_ret = 0;
	if (obj->nprogtab <= FEW_SECTIONS) {
		while (*prog_ret < obj->nprogtab &&
		    !kldsim__same_name(obj->progtab[*prog_ret].name, name))
			++*prog_ret;
		return (true);
	}
	if (!index_sections(obj))
		return (false);
	if (!kldsim__strmap_get(&obj->section_names, name, prog_ret))
		*prog_ret = obj->nprogtab;
	return (true);
}

/* What an undefined symbol's name says of it. */
static int
fix_undefined(struct kldsim *sim, struct kldsim__file *file, uint32_t symbol,
    const char *name)
{
	struct kldsim__obj *obj = kldsim__obj_of(file);
	bool start = strncmp(name, "__start_", 8) == 0;
	uint32_t prog;

	if (!start && strncmp(name, "__stop_", 7) != 0)
		return (0);
	if (!find_section(obj, name + (start ? 8 : 7), &prog))
		return (kldsim__nomem(sim));
	if (prog < obj->nprogtab)
		fix_set_bound(sim, file, symbol, name, prog, start);
	return (0);
}

/* Run before each local pass. */
static int
fix_link_sets(struct kldsim *sim, struct kldsim__file *file)
{
	const struct kldsim__obj *obj = kldsim__obj_of(file);
	int error = 0;

	for (uint32_t i = 1; error == 0 && i < obj->symtab.count; i++) {
		const char *name;
		uint32_t at;

		if (KLDSIM__SYM_STATE(obj->state[i]) != KLDSIM__SYM_UNDEF)
			continue;
		at = kldsim__sym_name_offset(&obj->symtab, i);
		name = kldsim__sym_name(&obj->symtab, at);
		if (name == NULL)
			error = compare_bad_name(sim, file, i, at);
		else if (*name == '_')
			error = fix_undefined(sim, file, i, name);
	}
	return (error);
}

/* --- one relocation --- */

static struct kldsim__where
place_where(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where =
	    kldsim__obj_where(pass->file, place->table->target);

	where.has_offset = true;
	where.offset = place->rel.offset;
	where.symbol = kldsim__obj_symbol_name(pass->obj, place->rel.sym);
	where.owner = pass->file;
	where.address = place->prog->addr + place->rel.offset;
	return (where);
}

/* Whether an address range is part of the file's own memory. */
static bool
is_own(const struct pass *pass, const struct place *place, unsigned width)
{
	const struct kldsim__file *file = pass->file;

	/* A set's neighbours in modspace are other files' variables. */
	if (place->prog->region != KLDSIM_REGION_MAPPING)
		return (false);
	return (kldsim__in_range(place->value.P - file->address, width,
	    kldsim__roundup2(file->size, pass->sim->arch->page_size)));
}

/* A place outside the section it is for: the kernel writes there (Z-10). */
static int
outside_section(const struct pass *pass, const struct place *place,
    unsigned width)
{
	struct kldsim__where where = place_where(pass, place);
	bool own = is_own(pass, place, width);

	if (width == 0) {
		kldsim__find(pass->sim, KLDSIM__F_RELOC_OFFSET, &where,
		    "%s at offset 0x%jx lies outside its section of 0x%jx "
		    "bytes; nothing is stored for it", place->row->name,
		    (uintmax_t)place->rel.offset,
		    (uintmax_t)place->prog->size);
		return (0);
	}
	if (!own)
		return (kldsim__panic(pass->sim, KLDSIM__F_RELOC_OFFSET,
		    &where, "%s at offset 0x%jx lies outside its section of "
		    "0x%jx bytes and outside the file: the kernel writes to "
		    "0x%jx", place->row->name, (uintmax_t)place->rel.offset,
		    (uintmax_t)place->prog->size, (uintmax_t)place->value.P));
	kldsim__find(pass->sim, KLDSIM__F_RELOC_OFFSET, &where,
	    "%s at offset 0x%jx lies outside its section of 0x%jx bytes; the "
	    "kernel writes there, into another section of the file",
	    place->row->name, (uintmax_t)place->rel.offset,
	    (uintmax_t)place->prog->size);
	return (0);
}

/* The place has to be one that may be read or written. */
static int
check_place(const struct pass *pass, const struct place *place,
    unsigned width)
{
	if (kldsim__in_range(place->rel.offset, width, place->prog->size))
		return (0);
	return (outside_section(pass, place, width));
}

/* The kernel stores what is left of a value that does not fit. */
static void
truncated(const struct pass *pass, const struct place *place, uint64_t value)
{
	struct kldsim__where where = place_where(pass, place);

	kldsim__find(pass->sim, KLDSIM__F_VALUE_TRUNCATED, &where,
	    "%s: 0x%jx does not fit %u bytes; the kernel stores what is left "
	    "of it", place->row->name, (uintmax_t)value, place->row->width);
}

/*
 * A pointer in a set that no CPU or vnet will see relocated (O-22).  Preloaded
 * files are relocated before any vnet and all but the first CPU are there;
 * what that one lacks is more than pointers.
 */
static bool
is_lost_pointer(const struct pass *pass, const struct place *place)
{
	enum kldsim_region region = place->prog->region;

	return (!pass->obj->preloaded && (region == KLDSIM_REGION_DPCPU ||
	    (region == KLDSIM_REGION_VNET &&
	    !pass->sim->facts.propagates_vnets_after_sysctls)));
}

static void
lost_pointer(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);
	bool pcpu = place->prog->region == KLDSIM_REGION_DPCPU;

	kldsim__find(pass->sim, KLDSIM__F_POINTER_NOT_PROPAGATED, &where,
	    "%s is applied to the reference copy only: %s the unrelocated "
	    "bytes of the file; set the pointer at run time instead",
	    place->row->name, pcpu ? "CPUs that exist already keep" :
	    "vnets that exist already keep");
}

/* Read the addend of a REL entry from its place. */
static int
rel_addend(const struct pass *pass, struct place *place, unsigned width)
{
	uint8_t bytes[8];

	if (!kldsim__aspace_read(&pass->sim->space, place->value.P, bytes,
	    width))
		return (kldsim__fail(pass->sim, KLDSIM_INTERNAL,
		    "a checked place cannot be read"));
	place->value.A = kldsim__load(bytes, width, pass->obj->elf.big);
	return (0);
}

/*
 * What a negative REL addend has gained by being read without its sign: the
 * kernel does so, and the bytes that it keeps are right all the same.
 */
static inline uint64_t
zero_extended(const struct place *place)
{
	unsigned bits = place->row->width * 8u;

	if (place->table->rela || bits >= 64 ||
	    place->row->range != KLDSIM__SIGNED ||
	    place->value.A >> (bits - 1) == 0)
		return (0);
	return (UINT64_C(1) << bits);
}

static int
store(const struct pass *pass, const struct place *place, uint64_t value)
{
	unsigned width = place->row->width;
	uint8_t bytes[8];

	if (kldsim__obj_is_unread(place->prog))
		return (0);
	if (place->prog->host != NULL &&
	    kldsim__in_range(place->rel.offset, width, place->prog->size)) {
		kldsim__store(place->prog->host + place->rel.offset, width,
		    pass->obj->elf.big, value);
		return (0);
	}
	kldsim__store(bytes, width, pass->obj->elf.big, value);
	return (kldsim__accessed(pass->sim, kldsim__aspace_write(
	    &pass->sim->space, place->value.P, bytes, width)));
}

/* Nearly always the value is there already. */
static inline int
symbol_value(const struct pass *pass, struct place *place)
{
	const struct kldsim__obj *obj = pass->obj;

	if (kldsim__obj_is_known(obj->state[place->rel.sym])) {
		place->value.S = obj->value[place->rel.sym];
		return (0);
	}
	return (kldsim__obj_lookup(pass->sim, pass->file, place->rel.sym,
	    &place->value.S));
}

/*
 * elf_relocaddr() is link_elf.c's and takes the file for one of that class:
 * where it looks for the bounds of the sets is behind the end of this class's
 * structure (D-53).
 *
 * FIDELITY: what lies there is taken to be zeros, with which the address stays
 * as it is.
 */
static void
note_relocaddr(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	kldsim__find(pass->sim, KLDSIM__F_RELOCADDR, &where,
	    "%s in a relocatable file: the kernel takes the file for a shared "
	    "object and reads what lies behind its structure for the bounds "
	    "of its sets; with INVARIANTS it may panic", place->row->name);
}

/*
 * Compute and store: the part of elf_reloc() that rows describe.  Machines
 * with this class have fields of whole words on 64 bits only.
 */
static int
apply(const struct pass *pass, struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	uint64_t value;
	int error = 0;

	place->value.B = place->prog->addr;
	place->value.P = place->prog->addr + place->rel.offset;
	place->value.A = place->rel.addend;
	/* A REL entry's place is read before anything else, as 8 bytes for
	 * types that have no width; RELA's is only written. */
	if (!place->table->rela)
		error = check_place(pass, place, row->width != 0 ?
		    row->width : 8);
	if (error == 0 && !place->table->rela && row->width != 0)
		error = rel_addend(pass, place, row->width);
	if (error == 0 && kldsim__reloc_needs_symbol(row))
		error = symbol_value(pass, place);
	else if (error == 0 && row->formula == KLDSIM__CALL_B_PLUS_A)
		error = kldsim__call_resolver(pass->sim, pass->file, "",
		    place->value.B + place->value.A, &place->value.S);
	if (error == 0 && place->table->rela)
		error = check_place(pass, place, row->width);
	if (error != 0 || row->width == 0)
		return (error);
	value = kldsim__reloc_formula(row, &place->value);
	if (!kldsim__reloc_fits_word(row, value - zero_extended(place)))
		truncated(pass, place, value);
	if (is_lost_pointer(pass, place))
		lost_pointer(pass, place);
	if (row->relocaddr)
		note_relocaddr(pass, place);
	return (store(pass, place, value));
}

static int
refuse(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	return (kldsim__refuse_relocation(pass->sim, place->row, &place->rel,
	    pass->local && !pass->sim->facts.obj_local_reloc_errors_fatal ?
	    KLDSIM__FATE_SKIPPED : KLDSIM__FATE_REFUSED, &where));
}

/* Whether this pass takes the entry (O-43, O-46). */
static bool
takes(const struct pass *pass, const struct place *place)
{
	const struct kldsim__obj *obj = pass->obj;
	uint32_t symbol = place->rel.sym;
	bool local = KLDSIM__SYM_BIND(obj->state[symbol]) == STB_LOCAL;
	bool ifunc;

	if (local != pass->local)
		return (false);
	if (!pass->by_kind)
		return (true);
	ifunc = (obj->state[symbol] & KLDSIM__SYM_IS_IFUNC) != 0 ||
	    (place->row != NULL && place->row->ifunc);
	return (ifunc == pass->ifuncs);
}

/* O-42: entries with a symbol index out of range are skipped in silence. */
static void
skipped(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);

	if (pass->obj->skipped_told)
		return;
	pass->obj->skipped_told = true;
	kldsim__find(pass->sim, KLDSIM__F_RELOC_SYMBOL_INDEX, &where,
	    "the entry names symbol %u of %u; the kernel skips it and the "
	    "place stays as it is", place->rel.sym, pass->obj->symtab.count);
}

/* Of a type that the kernel does not take. */
static bool
is_refused(const struct place *place)
{
	return (place->row == NULL ||
	    place->row->formula == KLDSIM__REFUSED);
}

/* An entry failed in the external pass: say which symbol (O-46). */
static int
undefined(const struct pass *pass, const struct place *place)
{
	const char *name =
	    kldsim__obj_symbol_name(pass->obj, place->rel.sym);
	const size_t before = pass->sim->report.nrefusals;
	struct kldsim__where where = place_where(pass, place);
	const struct kldsim_trace *trace;
	int error;

	/* Index 0 has no name at all, others have the empty one. */
	kldsim__console(pass->sim, "link_elf_obj: symbol %s undefined",
	    name != NULL ? name : place->rel.sym == 0 ? "(null)" : "");
	trace = kldsim__trace_hold(pass->sim);
	error = kldsim__obj_undefined_symbols(pass->sim, pass->file);
	kldsim__trace_resume(pass->sim, trace);
	if (error == 0 && pass->sim->report.nrefusals == before &&
	    !is_refused(place))
		(void)kldsim__refuse(pass->sim, KLDSIM__ENOENT,
		    KLDSIM__F_UNDEFINED_SYMBOL, &where, "%s refers to symbol "
		    "%u, which is undefined and has no name to look for",
		    place->row->name, place->rel.sym);
	return (error != 0 ? error : KLDSIM__ENOENT);
}

/* A local entry failed: 13 and later refuse, before that nobody looks. */
static int
local_failed(const struct pass *pass, const struct place *place)
{
	struct kldsim__where where = place_where(pass, place);
	const bool fatal = pass->sim->facts.obj_local_reloc_errors_fatal;

	if (is_refused(place))
		return (fatal ? KLDSIM__ENOEXEC : 0); /* it was said */
	if (fatal)
		return (kldsim__refuse(pass->sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_UNDEFINED_SYMBOL, &where, "%s names the "
		    "undefined local symbol %u: nobody can define it from "
		    "outside; link the module again", place->row->name,
		    place->rel.sym));
	kldsim__find(pass->sim, KLDSIM__F_UNDEFINED_SYMBOL, &where,
	    "%s names the undefined local symbol %u: the kernel says nothing "
	    "and leaves the place as it is", place->row->name,
	    place->rel.sym);
	return (0);
}

static int
attempt(const struct pass *pass, struct place *place)
{
	return (is_refused(place) ? refuse(pass, place) :
	    apply(pass, place));
}

/* The same, and whoever has asked is told of it. */
static int
attempt_told(const struct pass *pass, struct place *place)
{
	const struct kldsim__reloc_row *row = place->row;
	const struct kldsim__aspace *space = &pass->sim->space;
	const enum kldsim__symstate state =
	    KLDSIM__SYM_STATE(pass->obj->state[place->rel.sym]);
	const kldsim_addr at = place->prog->addr + place->rel.offset;
	const unsigned width = row != NULL ? row->width : 0;
	struct kldsim_trace_reloc told = {
		.file = pass->file->filename, .local = pass->local,
		.section_index = place->table->target,
		.section = place->prog->name, .offset = place->rel.offset,
		.type = place->rel.type, .symbol_index = place->rel.sym,
		.symbol = kldsim__obj_symbol_name(pass->obj, place->rel.sym),
		.defined = state != KLDSIM__SYM_UNDEF &&
		    state != KLDSIM__SYM_CACHED,
		.reference = place->prog->region == KLDSIM_REGION_MAPPING ?
		    0 : at };
	int error;

	memset(&place->value, 0, sizeof(place->value));
	place->value.P = at;
	(void)kldsim__aspace_read(space, at, told.before, width);
	error = attempt(pass, place);
	(void)kldsim__aspace_read(space, at, told.after, width);
	if (row != NULL)
		told.result = kldsim__reloc_formula(row, &place->value);
	told.moved = told.result;
	if (error >= 0)
		kldsim__trace_reloc(pass->sim, row, &place->value, error,
		    &told);
	return (error);
}

static int
relocate_entry(const struct pass *pass, struct place *place)
{
	int error;

	place->row = kldsim__reloc_row(&pass->sim->relocator,
	    place->rel.type);
	if (place->row != NULL && place->row->ifunc)
		pass->obj->has_ifuncs = true;
	if (place->rel.sym >= pass->obj->symtab.count) {
		skipped(pass, place);
		return (0);
	}
	if (!takes(pass, place))
		return (0);
	error = kldsim__traced(pass->sim) ? attempt_told(pass, place) :
	    attempt(pass, place);
	if (error <= 0)
		return (error);
	return (pass->local ? local_failed(pass, place) :
	    undefined(pass, place));
}

/* The section that a table is for is not loaded (O-41, Z-15). */
static int
lost_base(const struct pass *pass, const struct kldsim__relent *table)
{
	struct kldsim__where where =
	    kldsim__obj_where(pass->file, table->sec);
	bool says_rela = table->rela && !pass->local;

	kldsim__console(pass->sim, "kldload: %s: lost base for %s",
	    pass->file->filename, says_rela ? "relatab" : "reltab");
	return (kldsim__refuse(pass->sim, KLDSIM__ENOEXEC,
	    KLDSIM__F_RELOC_TARGET, &where, "the table is for section %u "
	    "(%s), which is allocated but of a kind that is not loaded",
	    table->target, kldsim__obj_section_name(pass->obj,
	    table->target)));
}

static void
read_entry(const struct pass *pass, struct place *place, uint64_t index)
{
	kldsim__rel_get(&pass->obj->elf, place->table->table,
	    place->table->rela, index, &place->rel);
}

static int
relocate_plain(const struct pass *pass, struct place *place,
    const struct kldsim__obj_plain *plain)
{
	for (uint64_t i = 0; (i = kldsim__obj_apply_plain(plain, pass->local,
	    i)) < plain->count; i++) {
		int error;

		read_entry(pass, place, i);
		error = relocate_entry(pass, place);
		if (error != 0)
			return (error);
	}
	return (0);
}

/* Of a symbol that has to be looked up. */
static bool
is_import(const struct kldsim__obj_plain *plain, uint32_t symbol)
{
	return (symbol < plain->nsyms &&
	    KLDSIM__SYM_STATE(plain->state[symbol]) == KLDSIM__SYM_UNDEF &&
	    KLDSIM__SYM_BIND(plain->state[symbol]) != STB_LOCAL);
}

/* Once, when imports can be looked up.  What else is odd is not told here. */
static int
relocate_unread(const struct pass *pass, struct place *place,
    const struct kldsim__obj_plain *plain)
{
	int error = 0;

	if (pass->local)
		return (0);
	for (uint64_t i = 0; error == 0 && (i = kldsim__obj_skip_plain(plain,
	    i)) < plain->count; i++) {
		read_entry(pass, place, i);
		if (is_import(plain, place->rel.sym))
			error = relocate_entry(pass, place);
		else
			pass->sim->linker.text_asked = true;
	}
	return (error);
}

/* REL reads its place, variables of a set have more to them, and so on. */
static int
relocate_others(const struct pass *pass, struct place *place)
{
	int error = 0;

	for (uint64_t i = 0; error == 0 && i < place->table->count; i++) {
		read_entry(pass, place, i);
		error = relocate_entry(pass, place);
	}
	return (error);
}

/*
 * Whether a table is such as link_elf_obj_plain.c can apply: for bytes that lie
 * together, or that nothing is stored to.
 */
static bool
may_be_plain(const struct pass *pass, const struct place *place)
{
	const struct kldsim__elf *elf = &pass->obj->elf;

	/* The only machine with this class (L-02) has 64 bits, and RELA. */
	return (place->table->rela && elf->is64 && !elf->big &&
	    !pass->ifuncs && !kldsim__traced(pass->sim) &&
	    place->prog->region == KLDSIM_REGION_MAPPING &&
	    (place->prog->host != NULL || kldsim__obj_is_unread(place->prog)));
}

static int
relocate_table(const struct pass *pass, const struct kldsim__relent *table)
{
	const struct kldsim__obj *obj = pass->obj;
	const unsigned prog = obj->progent_of[table->target];
	struct kldsim__obj_plain plain;
	struct place place;

	if (prog == 0)
		return (lost_base(pass, table));
	place.table = table;
	place.prog = &obj->progtab[prog - 1];
	if (!may_be_plain(pass, &place))
		return (relocate_others(pass, &place));
	plain = (struct kldsim__obj_plain){ .rows = pass->sim->relocator.plain,
		.state = obj->state, .value = obj->value,
		.nsyms = obj->symtab.count, .addr = place.prog->addr,
		.size = place.prog->size, .host = place.prog->host,
		.entries = table->table, .count = table->count };
	return (kldsim__obj_is_unread(place.prog) ?
	    relocate_unread(pass, &place, &plain) :
	    relocate_plain(pass, &place, &plain));
}

static int
run_pass(const struct pass *pass)
{
	int error = 0;

	for (unsigned i = 0; i < pass->obj->nreltab && error == 0; i++)
		error = relocate_table(pass, &pass->obj->reltab[i]);
	return (error);
}

/* What was looked up is forgotten when a pass has gone well (O-47). */
static void
clean_cache(struct kldsim__obj *obj)
{
	for (uint32_t i = 0; i < obj->symtab.count; i++) {
		enum kldsim__symstate state =
		    KLDSIM__SYM_STATE(obj->state[i]);

		if (state != KLDSIM__SYM_CACHED && state != KLDSIM__SYM_POSES)
			continue;
		/* Only the latter has been taken for a definition. */
		if (state == KLDSIM__SYM_POSES)
			kldsim__symindex_fini(&obj->index);
		obj->state[i] = (uint8_t)(KLDSIM__SYM_UNDEF |
		    (obj->state[i] & 0xf8));
		obj->value[i] = 0;
	}
}

int
kldsim__obj_reloc_local(struct kldsim *sim, struct kldsim__file *file,
    bool ifuncs)
{
	struct pass pass = { .sim = sim, .file = file,
		.obj = kldsim__obj_of(file), .local = true, .by_kind = true,
		.ifuncs = ifuncs };
	const bool idle = ifuncs && !pass.obj->has_ifuncs;
	int error;

	/* The first pass has set the bounds of sets; some do not stay (Z-22). */
	if (idle && !pass.obj->told_bound_zero)
		return (0);
	error = fix_link_sets(sim, file);
	return (error != 0 || idle ? error : run_pass(&pass));
}

/* Nearly all that is undefined is the kernel's. */
static void
expect_imports(const struct kldsim *sim, const struct kldsim__obj *obj)
{
	const struct kldsim__file *kernel = sim->linker.kernel;
	const char *names[KLDSIM__TOLD_NAMES];
	size_t n = 0;

	for (uint32_t i = 1; i < obj->symtab.count; i++) {
		if (KLDSIM__SYM_STATE(obj->state[i]) != KLDSIM__SYM_UNDEF)
			continue;
		names[n] = kldsim__obj_symbol_name(obj, i);
		n += names[n] != NULL;
		if (n == KLDSIM__TOLD_NAMES) {
			kernel->class->expect_symbols(kernel, names, n);
			n = 0;
		}
	}
	kernel->class->expect_symbols(kernel, names, n);
}

int
kldsim__obj_reloc_global(struct kldsim *sim, struct kldsim__file *file)
{
	struct pass pass = { .sim = sim, .file = file,
		.obj = kldsim__obj_of(file),
		.by_kind = sim->facts.obj_two_global_passes };
	int error = kldsim__obj_note_imports(sim, file);

	if (error != 0)
		return (error);
	expect_imports(sim, pass.obj);
	/* Later releases go twice, ifuncs last (V-26). */
	for (unsigned n = pass.by_kind ? 2 : 1; n > 0; n--) {
		error = run_pass(&pass);
		if (error != 0)
			return (error);
		clean_cache(pass.obj);
		pass.ifuncs = true;
		if (!pass.obj->has_ifuncs)
			break;
	}
	return (0);
}
