/* SPDX-License-Identifier: BSD-2-Clause */

/* What the linker does, in the words of <kldsim/trace.h>. */

#include "kern/trace.h"

#include "arch/names.h"
#include "kern/linker_file.h"

void
kldsim__trace_lookup(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__file *asked, size_t step, const char *name,
    kldsim_addr value)
{
	const struct kldsim_trace *trace = sim->options.trace;
	const struct kldsim_trace_lookup lookup = {
		.file = file->filename, .symbol = name, .step = step,
		.asked = asked->pathname,
		.kernel = asked == sim->linker.kernel, .value = value,
	};

	if (trace->lookup != NULL)
		trace->lookup(trace->user, &lookup);
}

void
kldsim__trace_reloc(struct kldsim *sim, const struct kldsim__reloc_row *row,
    const struct kldsim__reloc *value, int error,
    struct kldsim_trace_reloc *reloc)
{
	const struct kldsim_trace *trace = sim->options.trace;
	char field[KLDSIM__FIELD_TEXT] = "", name[80];

	if (trace == NULL || trace->reloc == NULL)
		return;
	reloc->name = name;
	if (row != NULL) {
		reloc->name = row->name;
		reloc->formula = kldsim__reloc_formula_text(row);
		kldsim__reloc_field_text(row, field);
		reloc->uses_S = kldsim__reloc_needs_symbol(row);
		reloc->width = row->width;
	} else if (!kldsim__reloc_name(sim->arch->machine, reloc->type, name,
	    sizeof(name))) {
		reloc->name = "?";
	}
	reloc->field = field;
	reloc->S = value->S;
	reloc->A = value->A;
	reloc->P = value->P;
	reloc->B = value->B;
	reloc->outcome = error != 0 ? KLDSIM_TRACE_FAILED :
	    reloc->width == 0 ? KLDSIM_TRACE_NOTHING : KLDSIM_TRACE_STORED;
	trace->reloc(trace->user, reloc);
}
