/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RELOC_RELOC_H
#define RELOC_RELOC_H

/*
 * The one interpreter of relocation rows: what every machine's elf_reloc()
 * (sys/ARCH/ARCH/elf_machdep.c) computes and stores.
 *
 * A linker class chooses the entry and does what has an effect: it reads the
 * addend of a REL entry (kldsim__reloc_rel_width), looks the symbol up
 * (kldsim__reloc_needs_symbol), asks for the value, sends it through
 * elf_relocaddr() if the row says so, and stores what kldsim__reloc_encode()
 * makes of it and of the word that was there.
 */

#include "arch/arch.h"

/* Types at or above this are unknown on every machine. */
#define KLDSIM__RELOC_TYPES 2048u

/* Most bytes that a row stores: a function descriptor of powerpc64. */
#define KLDSIM__RELOC_BYTES 24u

/* Types below this can be plain. */
#define KLDSIM__PLAIN_TYPES 64u

/*
 * A row that is S + A or S + A - P in a whole word, for those who apply
 * thousands of them: constants stand for what would be asked of the row.
 */
struct kldsim__plain {
	uint8_t width;    /* 4 or 8 bytes; 0: the row is not plain */
	uint64_t minus_p; /* all ones: P is taken off */
	uint64_t least;   /* what the word holds: this, and so many above it */
	uint64_t above;
};

/* The rows that exist on this machine in this release, by type. */
struct kldsim__relocator {
	const struct kldsim__arch *arch;
	uint64_t mask;      /* of an address: all arithmetic wraps */
	bool names_symbols; /* messages end in a symbol index (V-49) */
	uint8_t row[KLDSIM__RELOC_TYPES]; /* index plus 1; 0: unknown */
	struct kldsim__plain plain[KLDSIM__PLAIN_TYPES]; /* by type */
};

/* One relocation, in the words of section 6. */
struct kldsim__reloc {
	uint64_t S; /* lookup result, or what a resolver answered */
	uint64_t A; /* addend */
	uint64_t P; /* target address of the place */
	uint64_t B; /* base: of the section for ET_REL, of the file for ET_DYN */
};

void kldsim__relocator_init(struct kldsim__relocator *relocator,
    const struct kldsim__arch *arch, const struct kldsim__facts *facts);

/*
 * The line that a refusal prints: of a row with a message of its own, or,
 * with NULL, of a type that there is no row for.
 */
void kldsim__reloc_refusal(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint32_t type, uint32_t symbol,
    char *text, size_t size);

/* The row of a type; NULL if this kernel does not know it. */
static inline const struct kldsim__reloc_row *
kldsim__reloc_row(const struct kldsim__relocator *relocator, uint32_t type)
{
	unsigned row;

	if (type >= KLDSIM__RELOC_TYPES)
		return (NULL);
	row = relocator->row[type];
	return (row != 0 ? &relocator->arch->rows[row - 1] : NULL);
}

/*
 * Whether elf_reloc_local() or else elf_reloc() passes over the type in
 * silence, unknown or not, because the other one is there for it (R-12, D-42).
 */
static inline bool
kldsim__reloc_ignored(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, bool local)
{
	bool is_local = row != NULL && row->local;

	return (relocator->arch->local_apart && is_local != local);
}

/* Whether the row asks for its symbol. */
static inline bool
kldsim__reloc_needs_symbol(const struct kldsim__reloc_row *row)
{
	return (row->formula >= KLDSIM__S);
}

/* Whether the row, once its symbol is found, ends in its message. */
static inline bool
kldsim__reloc_refused(const struct kldsim__reloc_row *row)
{
	return (row->formula == KLDSIM__REFUSED ||
	    row->formula == KLDSIM__NEVER_REACHES);
}

/* Bytes read for the addend of a REL entry. */
static inline unsigned
kldsim__reloc_rel_width(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row)
{
	if (row == NULL || (row->width == 0 && row->rel_width == 0))
		return (kldsim__arch_ptrsz(relocator->arch));
	return (row->rel_width != 0 ? row->rel_width : row->width);
}

/* What a row computes, for people: "S + A - P". */
const char *kldsim__reloc_formula_text(const struct kldsim__reloc_row *row);
/* Which bits of that go where. */
#define KLDSIM__FIELD_TEXT 160u
void kldsim__reloc_field_text(const struct kldsim__reloc_row *row,
    char text[KLDSIM__FIELD_TEXT]);

/* The value of the formula; all arithmetic wraps. */
static inline uint64_t
kldsim__reloc_formula(const struct kldsim__reloc_row *row,
    const struct kldsim__reloc *reloc)
{
	switch (row->formula) {
	case KLDSIM__S:
	case KLDSIM__CALL_B_PLUS_A:
	case KLDSIM__MEMORY_AT_S:
		return (reloc->S);
	case KLDSIM__S_PLUS_A:
		return (reloc->S + reloc->A);
	case KLDSIM__S_PLUS_A_MINUS_P:
		return (reloc->S + reloc->A - reloc->P);
	case KLDSIM__S_MINUS_P:
		return (reloc->S - reloc->P);
	case KLDSIM__B_PLUS_A:
		return (reloc->B + reloc->A);
	case KLDSIM__NOTHING:
	case KLDSIM__REFUSED:
	case KLDSIM__UNSET:
	case KLDSIM__UNSET_AFTER_LOOKUP:
	case KLDSIM__NEVER_REACHES:
		break;
	}
	return (0);
}

/* The same with what is special to a machine; what elf_relocaddr() gets. */
uint64_t kldsim__reloc_value(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, const struct kldsim__reloc *reloc);

/* Whether the kernel takes the value; if not, it is an error in silence. */
bool kldsim__reloc_reaches(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint64_t value);

/* Whether the field can hold the value, which the kernel does not ask. */
bool kldsim__reloc_fits(const struct kldsim__relocator *relocator,
    const struct kldsim__reloc_row *row, uint64_t value);

/* The word of `width` bytes to store, made of the one that was there. */
uint64_t kldsim__reloc_encode(const struct kldsim__reloc_row *row,
    uint64_t value, uint64_t word);

/* Whether a signed number of so many bits gives the value. */
static inline bool
kldsim__is_signed(uint64_t value, unsigned bits)
{
	uint64_t high = value >> (bits - 1);

	/* All ones or all zeros from the sign bit up. */
	return (high == 0 || high == UINT64_MAX >> (bits - 1));
}

/* kldsim__reloc_fits() for a field that is a whole word, on 64 bits. */
static inline bool
kldsim__reloc_fits_word(const struct kldsim__reloc_row *row, uint64_t value)
{
	unsigned bits = row->width * 8u;

	if (row->range == KLDSIM__ANY || bits >= 64)
		return (true);
	if (row->range != KLDSIM__UNSIGNED && kldsim__is_signed(value, bits))
		return (true);
	return (row->range != KLDSIM__SIGNED && value >> bits == 0);
}

#endif
