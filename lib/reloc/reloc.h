/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RELOC_RELOC_H
#define RELOC_RELOC_H

/*
 * The one interpreter of relocation rows: what every machine's elf_reloc()
 * (sys/ARCH/ARCH/elf_machdep.c) computes and stores.
 */

#include "arch/arch.h"

/* Types at or above this are unknown on every machine. */
#define KLDSIM__RELOC_TYPES 2048u

/* The rows that exist on this machine in this release, by type. */
struct kldsim__relocator {
	const struct kldsim__arch *arch;
	uint8_t row[KLDSIM__RELOC_TYPES]; /* index plus 1; 0: unknown */
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

/* Whether the row asks for its symbol. */
static inline bool
kldsim__reloc_needs_symbol(const struct kldsim__reloc_row *row)
{
	return (row->formula == KLDSIM__S ||
	    row->formula == KLDSIM__S_PLUS_A ||
	    row->formula == KLDSIM__S_PLUS_A_MINUS_P);
}

/* The value of the formula; all arithmetic wraps. */
static inline uint64_t
kldsim__reloc_value(const struct kldsim__reloc_row *row,
    const struct kldsim__reloc *reloc)
{
	switch (row->formula) {
	case KLDSIM__S:
	case KLDSIM__CALL_B_PLUS_A:
		return (reloc->S);
	case KLDSIM__S_PLUS_A:
		return (reloc->S + reloc->A);
	case KLDSIM__S_PLUS_A_MINUS_P:
		return (reloc->S + reloc->A - reloc->P);
	case KLDSIM__B_PLUS_A:
		return (reloc->B + reloc->A);
	case KLDSIM__NOTHING:
	case KLDSIM__REFUSED:
		break;
	}
	return (0);
}

/* Whether the field can hold the value, which the kernel does not ask. */
static inline bool
kldsim__reloc_fits(const struct kldsim__reloc_row *row, uint64_t value)
{
	unsigned bits = row->width * 8u;
	uint64_t high;

	if (row->range == KLDSIM__ANY || bits >= 64)
		return (true);
	/* All ones or all zeros from the sign bit up: it is signed. */
	high = value >> (bits - 1);
	if (row->range != KLDSIM__UNSIGNED &&
	    (high == 0 || high == UINT64_MAX >> (bits - 1)))
		return (true);
	return (row->range != KLDSIM__SIGNED && value >> bits == 0);
}

#endif
