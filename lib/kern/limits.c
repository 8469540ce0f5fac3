/* SPDX-License-Identifier: BSD-2-Clause */

/* What is said of a limit that is reached. */

#include <stdio.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "util/bytes.h"
#include "util/limits.h"

int
kldsim__limited(struct kldsim *sim, const uint64_t *limit, uint64_t have,
    const char *format, ...)
{
	char what[384]; /* a long path leaves room for the limit */
	va_list args;

	if (have <= *limit)
		return (0);
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return (kldsim__fail(sim, KLDSIM_LIMIT, "%s: %ju, over the limit "
	    "%s=%ju", what, (uintmax_t)have,
	    kldsim__limit_name(&sim->options.limits, limit),
	    (uintmax_t)*limit));
}

int
kldsim__work(struct kldsim *sim, const struct kldsim__file *file,
    uint64_t steps)
{
	uint64_t all;
	int error;

	if (!kldsim__add(sim->work, steps, &all))
		all = UINT64_MAX;
	error = kldsim__limited(sim, &sim->options.limits.work, all,
	    "%s: steps of this call", file->filename);
	if (error == 0)
		sim->work = all;
	return (error);
}
