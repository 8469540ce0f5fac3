/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kldxref's own relocation: just enough for pointers in module metadata, to
 * address 0, of the bytes just read (H-13).  The tools' oddities are in the
 * rows.
 *
 * The old tool had no relocation at all for arm and powerpc64; the words that
 * are in such files already are what relocation to 0 gives, in all that
 * linkers make.  FIDELITY: mips and sparc64 are not known here.  The
 * old tool of 14.0 has PPC_ADDR32, too, most likely; here it has not.
 */

#include "kldxref/kldxref.h"

#include <stdlib.h>

#include "util/bytes.h"

/* Relocations and sections tried in a run; none comes near. */
#define TRIES_MAX ((uint64_t)256 << 20)

enum op {
	OP_UNKNOWN,
	OP_NOTHING,
	OP_S_A, /* symbol and addend */
	OP_S,
	OP_B_A  /* base and addend */
};

struct row {
	const char *type; /* its name; the number is lib/arch's */
	enum op old;
	enum op new;
	unsigned width;
};

struct kldsim__xref_machine {
	uint16_t machine;
	bool is64;
	int big;           /* -1: either */
	bool rela_only;    /* REL ends the file with EINVAL */
	bool no_base;      /* the old tool takes r_offset as an address */
	struct row rows[KLDSIM__XREF_TYPES];
};

static const struct kldsim__xref_machine machines[] = {
	{ EM_X86_64, true, 0, false, false, {
		{ "R_X86_64_NONE", OP_NOTHING, OP_NOTHING, 0 },
		{ "R_X86_64_64", OP_S_A, OP_S_A, 8 },
		{ "R_X86_64_32S", OP_S_A, OP_S_A, 4 },
		{ "R_X86_64_GLOB_DAT", OP_S, OP_S, 8 },
		{ "R_X86_64_RELATIVE", OP_B_A, OP_B_A, 8 } } },
	{ EM_386, false, 0, false, false, {
		{ "R_386_RELATIVE", OP_B_A, OP_B_A, 4 },
		{ "R_386_32", OP_S_A, OP_S_A, 4 },
		{ "R_386_GLOB_DAT", OP_S, OP_S, 4 } } },
	{ EM_ARM, false, 0, false, false, {
		{ "R_ARM_ABS32", OP_S_A, OP_S_A, 4 },
		{ "R_ARM_RELATIVE", OP_B_A, OP_B_A, 4 } } },
	{ EM_AARCH64, true, 0, true, true, {
		{ "R_AARCH64_RELATIVE", OP_B_A, OP_B_A, 8 },
		{ "R_AARCH64_ABS64", OP_NOTHING, OP_S_A, 8 } } },
	{ EM_RISCV, true, 0, true, false, {
		{ "R_RISCV_64", OP_S_A, OP_S_A, 8 },
		{ "R_RISCV_RELATIVE", OP_B_A, OP_B_A, 8 } } },
	{ EM_PPC, false, 1, true, true, {
		{ "R_PPC_RELATIVE", OP_B_A, OP_B_A, 4 },
		{ "R_PPC_ADDR32", OP_UNKNOWN, OP_S_A, 4 } } },
	{ EM_PPC64, true, -1, true, true, {
		{ "R_PPC64_RELATIVE", OP_B_A, OP_B_A, 8 },
		{ "R_PPC64_ADDR64", OP_UNKNOWN, OP_S_A, 8 } } },
};

#define NMACHINES (sizeof(machines) / sizeof(machines[0]))

static const struct kldsim__xref_machine *
find_machine(const struct kldsim__elf *elf)
{
	for (size_t i = 0; i < NMACHINES; i++)
		if (machines[i].machine == elf->ehdr.e_machine &&
		    machines[i].is64 == elf->is64 &&
		    (machines[i].big < 0 || (machines[i].big != 0) == elf->big))
			return (&machines[i]);
	return (NULL);
}

bool
kldsim__xref_machine(struct kldsim__xref_file *file)
{
	const GElf_Ehdr *ehdr = &file->elf.ehdr;
	const struct kldsim__arch *arch = kldsim__arch_find(ehdr->e_machine,
	    ehdr->e_ident[EI_CLASS], ehdr->e_ident[EI_DATA], ehdr->e_flags);

	file->machine = find_machine(&file->elf);
	if (file->machine == NULL || arch == NULL)
		return (false);
	for (size_t i = 0; i < KLDSIM__XREF_TYPES; i++)
		file->types[i] = kldsim__arch_type(arch,
		    file->machine->rows[i].type);
	return (true);
}

static void
get(const struct kldsim__xref_file *file,
    const struct kldsim__xref_relocs *relocs, uint32_t nth,
    struct kldsim__rel *rel_ret)
{
	kldsim__rel_get(&file->elf, relocs->table, relocs->rela,
	    relocs->order != NULL ? relocs->order[nth] : nth, rel_ret);
}

/* The offset alone, which comes first in every kind of table. */
static inline uint64_t
offset_at(const struct kldsim__xref_file *file,
    const struct kldsim__xref_relocs *relocs, uint32_t nth)
{
	const size_t words = relocs->rela ? 3 : 2;
	const uint8_t *table = relocs->table;

	if (relocs->order != NULL)
		nth = relocs->order[nth];
	return (file->elf.is64 ? kldsim__load64(table + nth * words * 8,
	    file->elf.big) : kldsim__load32(table + nth * words * 4,
	    file->elf.big));
}

static bool
is_sorted(const struct kldsim__xref_file *file,
    const struct kldsim__xref_relocs *relocs)
{
	uint64_t last = 0;

	for (uint32_t i = 0; i < relocs->count; i++) {
		const uint64_t offset = offset_at(file, relocs, i);

		if (offset < last)
			return (false);
		last = offset;
	}
	return (true);
}

/* qsort(3) hands no context over. */
struct key {
	uint64_t offset;
	uint32_t index;
};

static int
compare_keys(const void *a, const void *b)
{
	const struct key *left = a, *right = b;

	if (left->offset != right->offset)
		return (left->offset < right->offset ? -1 : 1);
	return (left->index < right->index ? -1 : left->index > right->index);
}

/* Make a table searchable by offset, once; linkers sort most of them. */
static int
prepare(struct kldsim__xref_file *file, struct kldsim__xref_relocs *relocs)
{
	struct kldsim__rel rel;
	struct key *keys;
	uint32_t *order;

	if (relocs->ready || is_sorted(file, relocs)) {
		relocs->ready = true;
		return (0);
	}
	keys = kldsim__xref_calloc(file, relocs->count, sizeof(*keys));
	order = kldsim__xref_calloc(file, relocs->count, sizeof(*order));
	if (keys == NULL || order == NULL)
		return (KLDSIM__ENOMEM);
	for (uint32_t i = 0; i < relocs->count; i++) {
		get(file, relocs, i, &rel);
		keys[i].offset = rel.offset;
		keys[i].index = i;
	}
	qsort(keys, relocs->count, sizeof(*keys), compare_keys);
	for (uint32_t i = 0; i < relocs->count; i++)
		order[i] = keys[i].index;
	relocs->order = order;
	relocs->ready = true;
	return (0);
}

/* The first relocation at or above an offset. */
static uint32_t
first_from(const struct kldsim__xref_file *file,
    const struct kldsim__xref_relocs *relocs, uint64_t offset)
{
	uint32_t low = 0, high = relocs->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (offset_at(file, relocs, middle) < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

static const struct row *
find_row(const struct kldsim__xref_file *file, uint32_t type)
{
	for (size_t i = 0; i < KLDSIM__XREF_TYPES; i++)
		if (file->types[i] == type)
			return (&file->machine->rows[i]);
	return (NULL);
}

/* One relocation, of which at least the first byte was read. */
static void
apply(struct kldsim__xref_file *file, const struct kldsim__rel *rel,
    bool rela, kldsim_addr relbase, uint8_t *where)
{
	const struct row *row = find_row(file, rel->type);
	enum op op = OP_UNKNOWN;
	uint64_t value = 0, addend;

	if (row != NULL)
		op = kldsim__xref_is_new(file) ? row->new : row->old;
	if (op == OP_UNKNOWN) {
		kldsim__xref_say(file->xref, KLDSIM_LOG_WARNING,
		    "unhandled relocation type %d", (int)rel->type);
		return;
	}
	if (op == OP_NOTHING)
		return;
	addend = rela ? rel->addend :
	    kldsim__load(where, row->width, file->elf.big);
	if (op == OP_S_A)
		value = file->ops->symaddr(file, rel->sym) + addend;
	else if (op == OP_S)
		value = file->ops->symaddr(file, rel->sym);
	else if (op == OP_B_A)
		value = relbase + addend;
	kldsim__store(where, row->width, file->elf.big, value);
}

bool
kldsim__xref_tried(struct kldsim__xref_file *file, size_t steps)
{
	file->xref->tries += steps;
	if (file->xref->tries <= TRIES_MAX)
		return (true);
	(void)kldsim__xref_fail(file->xref, KLDSIM_LIMIT, 0,
	    "%s: its metadata takes too long to read", file->path);
	return (false);
}

int
kldsim__xref_relocate(struct kldsim__xref_file *file,
    struct kldsim__xref_relocs *relocs, kldsim_addr relbase,
    kldsim_addr dataoff, uint64_t length, uint8_t *bytes)
{
	const kldsim_addr base = file->machine->no_base &&
	    !kldsim__xref_is_new(file) ? 0 : relbase;
	struct kldsim__rel rel;
	uint32_t i;
	int error;

	if (relocs->count == 0)
		return (0);
	if (!relocs->rela && file->machine->rela_only)
		return (KLDSIM__EINVAL);
	if ((error = prepare(file, relocs)) != 0)
		return (error);
	for (i = first_from(file, relocs, dataoff - base);
	    i < relocs->count; i++) {
		get(file, relocs, i, &rel);
		if (rel.offset - (dataoff - base) >= length)
			break;
		if (!kldsim__xref_tried(file, 1))
			return (KLDSIM__EINVAL);
		apply(file, &rel, relocs->rela, relbase,
		    bytes + (rel.offset - (dataoff - base)));
	}
	return (0);
}
