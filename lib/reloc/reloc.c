/* SPDX-License-Identifier: BSD-2-Clause */

/* Which rows a machine has in a release; see reloc.h. */

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
