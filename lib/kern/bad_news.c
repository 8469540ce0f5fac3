/* SPDX-License-Identifier: BSD-2-Clause */

/* The ways out of a call that is not going to end well. */

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"

int
kldsim__fail(struct kldsim *sim, enum kldsim_status status,
    const char *format, ...)
{
	va_list args;

	sim->abort.panic = false;
	sim->abort.error.status = status;
	sim->abort.error.sys_errno = 0;
	sim->abort.error.has_offset = 0;
	sim->abort.error.offset = 0;
	va_start(args, format);
	(void)vsnprintf(sim->abort.error.text, sizeof(sim->abort.error.text),
	    format, args);
	va_end(args);
	return (KLDSIM__ABORT);
}

int
kldsim__nomem(struct kldsim *sim)
{
	return (kldsim__fail(sim, KLDSIM_NOMEM, "no memory"));
}

int
kldsim__accessed(struct kldsim *sim, enum kldsim__access access)
{
	switch (access) {
	case KLDSIM__ACCESS_OK:
		return (0);
	case KLDSIM__ACCESS_NOMEM:
		return (kldsim__nomem(sim));
	case KLDSIM__ACCESS_FAULT:
		break;
	}
	return (kldsim__fail(sim, KLDSIM_INTERNAL,
	    "simulated memory that should be mapped is not"));
}

/* The function that the place is in, asked for only if it will be told. */
static void
report(struct kldsim *sim, enum kldsim__finding which,
    enum kldsim__weight weight, const struct kldsim__where *where,
    const char *format, va_list args)
{
	const struct kldsim__file *owner = where->owner;
	struct kldsim__where full = *where;

	if (owner != NULL && (weight == KLDSIM__PANIC ||
	    sim->report.kept[which] < sim->report.max_findings))
		full.function = owner->class->function_at(owner,
		    where->address);
	kldsim__report_finding(&sim->report, which, weight, &full, format,
	    args);
}

void
kldsim__find(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(sim, which, KLDSIM__ASIDE, where, format, args);
	va_end(args);
}

int
kldsim__refuse(struct kldsim *sim, int error, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(sim, which, KLDSIM__REFUSAL, where, format, args);
	va_end(args);
	return (error);
}

int
kldsim__panic(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(sim, which, KLDSIM__PANIC, where, format, args);
	va_end(args);
	sim->abort.panic = true;
	return (KLDSIM__ABORT);
}
