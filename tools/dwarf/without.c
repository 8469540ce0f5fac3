/* SPDX-License-Identifier: BSD-2-Clause */

/* A kldsim that was built without libdw. */

#include <string.h>

#include "dwarf/dwarf.h"
#include "dwarf/sections.h"

enum kldsim_status
dwarf_read(const struct kldsim_image *image,
    const struct kldsim_image *symbols,
    const struct kldsim_types_options *options, struct kldsim_types **types_ret,
    struct dwarf_facts *facts, struct kldsim_error *error)
{
	struct dwarf_sections sections;
	enum kldsim_status status = dwarf_sections_open(image, &sections,
	    error);

	(void)symbols;
	(void)options;
	(void)types_ret;
	if (facts != NULL)
		memset(facts, 0, sizeof(*facts));
	if (status == KLDSIM_OK)
		status = dwarf_fail(error, KLDSIM_UNSUPPORTED, sections.file,
		    "it has DWARF, and this kldsim was built without DWARF "
		    "support (libdw)");
	dwarf_sections_close(&sections);
	return (status);
}

void
dwarf_prepare(void)
{
}

void
dwarf_facts_free(struct dwarf_facts *facts)
{
	(void)facts;
}
