/* SPDX-License-Identifier: BSD-2-Clause */

/* What symbols have to do with options; see options.h. */

#include "kbi/options.h"

#include <string.h>

#include "kbi/kernel.h"
#include "kern/bad_news.h"

static const struct {
	const char *name;
	const char *module; /* how a module is built that needs it */
} options[KLDSIM__NOPTIONS] = {
#define OPTION(option, module) { #option, module },
#include "kbi/options.def"
};

static const struct row {
	const char *name;
	size_t compared; /* bytes: of a prefix without its NUL */
	enum kldsim__kernel_option option;
} rows[] = {
#define SYMBOL(name, option) { name, sizeof(name), KLDSIM__OPTION_##option },
#define PREFIX(name, option) \
	{ name, sizeof(name) - 1, KLDSIM__OPTION_##option },
#include "kbi/options.def"
};

enum kldsim__kernel_option
kldsim__option_of_symbol(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(name, rows[i].name, rows[i].compared) == 0)
			return (rows[i].option);
	return (KLDSIM__NOPTIONS);
}

enum kldsim__kernel_option
kldsim__option_by_name(const char *name, size_t size)
{
	unsigned i;

	for (i = 0; i < KLDSIM__NOPTIONS; i++)
		if (strlen(options[i].name) == size &&
		    memcmp(options[i].name, name, size) == 0)
			break;
	return ((enum kldsim__kernel_option)i);
}

const char *
kldsim__option_name(enum kldsim__kernel_option option)
{
	return (options[option].name);
}

int
kldsim__note_option(struct kldsim *sim, const struct kldsim__where *where,
    struct kldsim__option_causes *causes)
{
	const enum kldsim__kernel_option option =
	    kldsim__option_of_symbol(where->symbol);
	const struct kldsim__built *built;
	int error;

	if (option == KLDSIM__NOPTIONS)
		return (0);
	error = kldsim__kernel_built(sim, &built);
	if (error != 0 || kldsim__kernel_has(built, option) == KLDSIM__HAS)
		return (error);
	if (causes->of[option].count++ == 0)
		causes->of[option].where = *where;
	return (0);
}

int
kldsim__report_options(struct kldsim *sim,
    const struct kldsim__option_causes *causes)
{
	const struct kldsim__built *built;
	int error = kldsim__kernel_built(sim, &built);

	for (unsigned i = 0; i < KLDSIM__NOPTIONS && error == 0; i++) {
		const uint64_t count = causes->of[i].count;
		const bool known = kldsim__kernel_has(built,
		    (enum kldsim__kernel_option)i) == KLDSIM__HAS_NOT;

		if (count == 0)
			continue;
		(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_KBI_OPTION,
		    &causes->of[i].where, "built %s, and this kernel %s "
		    "without options %s%s: of the symbols that are undefined "
		    "%ju %s there with it, %s for one", options[i].module,
		    known ? "is" : "may be", options[i].name,
		    known ? " (its kern_conf says so)" : "", (uintmax_t)count,
		    count == 1 ? "is" : "are", causes->of[i].where.symbol);
	}
	return (error);
}
