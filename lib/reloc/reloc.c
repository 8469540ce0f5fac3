/* SPDX-License-Identifier: BSD-2-Clause */

/* Formulas and ranges of relocation rows; see reloc.h. */

#include "reloc/reloc.h"

#include <string.h>

static bool
row_exists(const struct kldsim__reloc_row *row,
    const struct kldsim__facts *facts)
{
	bool fact;

	if (row->when == 0)
		return (true);
	memcpy(&fact, (const char *)facts + row->when - 1, sizeof(fact));
	return (fact);
}

void
kldsim__relocator_init(struct kldsim__relocator *relocator,
    const struct kldsim__arch *arch, const struct kldsim__facts *facts)
{
	relocator->arch = arch;
	memset(relocator->row, 0, sizeof(relocator->row));
	for (size_t i = 0; i < arch->nrows; i++)
		if (row_exists(&arch->rows[i], facts))
			relocator->row[arch->rows[i].type] = (uint8_t)(i + 1);
}

uint64_t
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

bool
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
