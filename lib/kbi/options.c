/* SPDX-License-Identifier: BSD-2-Clause */

/* What symbols have to do with options; see options.h. */

#include "kbi/options.h"

#include <fnmatch.h>
#include <string.h>

#include "kbi/kernel.h"
#include "kern/bad_news.h"

static const struct {
	const char *name;
	const char *module; /* the option of a module that needs it */
} names[KLDSIM__NOPTIONS] = {
#define OPTION(option, module) { #option, module },
#include "kbi/options.def"
};

static const struct row {
	const char *glob;
	struct kldsim__option_symbol is;
} rows[] = {
#define SYMBOL(glob, option) { glob, { KLDSIM__OPTION_##option, false } },
#define WITHOUT(glob, option) { glob, { KLDSIM__OPTION_##option, true } },
#include "kbi/options.def"
};

static const struct {
	const char *symbol;
	enum kldsim__kernel_option option;
} features[] = {
#define FEATURE(name, option) \
	{ "sysctl___kern_features_" name, KLDSIM__OPTION_##option },
#include "kbi/options.def"
};

static const struct {
	const char *glob;
	const char *why;
} gone[] = {
#define GONE(glob, why) { glob, why },
#include "kbi/options.def"
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Names begin as their globs do, as a rule with more than the first letter. */
static bool
matches(const char *glob, const char *name)
{
	return (*glob == *name && fnmatch(glob, name, 0) == 0);
}

struct kldsim__option_symbol
kldsim__option_of_symbol(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (matches(rows[i].glob, name))
			return (rows[i].is);
	return ((struct kldsim__option_symbol){ KLDSIM__NOPTIONS, false });
}

const char *
kldsim__symbol_gone(const char *name)
{
	for (size_t i = 0; i < COUNT(gone); i++)
		if (matches(gone[i].glob, name))
			return (gone[i].why);
	return (NULL);
}

enum kldsim__kernel_option
kldsim__option_by_name(const char *name, size_t size)
{
	unsigned i;

	for (i = 0; i < KLDSIM__NOPTIONS; i++)
		if (strlen(names[i].name) == size &&
		    memcmp(names[i].name, name, size) == 0)
			break;
	return ((enum kldsim__kernel_option)i);
}

const char *
kldsim__option_name(enum kldsim__kernel_option option)
{
	return (names[option].name);
}

/* --- what the kernel shows (G-02) --- */

static int
see(struct kldsim *sim, const char *symbol, enum kldsim__kernel_option option,
    uint64_t *options)
{
	kldsim_addr value;
	kldsim_size size;
	int error;

	if ((*options >> option & 1) != 0)
		return (0);
	error = kldsim__ask_kernel(sim, symbol, &value, &size);
	if (error == 0 && value != 0)
		*options |= UINT64_C(1) << option;
	return (error);
}

int
kldsim__see_options(struct kldsim *sim, uint64_t *options_ret)
{
	int error = 0;

	*options_ret = 0;
	for (size_t i = 0; i < COUNT(features) && error == 0; i++)
		error = see(sim, features[i].symbol, features[i].option,
		    options_ret);
	for (size_t i = 0; i < COUNT(rows) && error == 0; i++)
		if (!rows[i].is.without && strpbrk(rows[i].glob, "*[") == NULL)
			error = see(sim, rows[i].glob, rows[i].is.option,
			    options_ret);
	return (error);
}

/* --- what explains undefined symbols --- */

/* Where nobody knows of the kernel, what it may lack explains, no more. */
static bool
can_explain(const struct kldsim__option_symbol *symbol, enum kldsim__has has)
{
	if (has == KLDSIM__HAS || has == KLDSIM__HAS_SEEN)
		return (symbol->without);
	return (!symbol->without);
}

int
kldsim__note_option(struct kldsim *sim, const struct kldsim__where *where,
    struct kldsim__option_causes *causes)
{
	const struct kldsim__option_symbol symbol =
	    kldsim__option_of_symbol(where->symbol);
	struct kldsim__option_cause *cause;
	const struct kldsim__built *built;
	int error;

	if (symbol.option == KLDSIM__NOPTIONS)
		return (0);
	error = kldsim__kernel_seen(sim, &built);
	if (error != 0 || !can_explain(&symbol,
	    kldsim__kernel_has(built, symbol.option)))
		return (error);
	cause = symbol.without ? &causes->without[symbol.option] :
	    &causes->with[symbol.option];
	if (cause->count++ == 0)
		cause->where = *where;
	return (0);
}

static const char *
says_who(enum kldsim__has has)
{
	if (has == KLDSIM__HAS_UNKNOWN)
		return ("");
	return (has == KLDSIM__HAS_SEEN ? " (its symbols show it)" :
	    " (its kern_conf says so)");
}

static void
report(struct kldsim *sim, const struct kldsim__option_cause *cause,
    enum kldsim__kernel_option option, enum kldsim__has has, bool without)
{
	const char *const with = without ? "without" : "with";

	if (cause->count == 0)
		return;
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_KBI_OPTION,
	    &cause->where, "built %s options %s, and this kernel %s %s options "
	    "%s%s: of the symbols that are undefined %ju %s there %s it, %s "
	    "for one", with, names[option].module,
	    has == KLDSIM__HAS_UNKNOWN ? "may be" : "is",
	    without ? "with" : "without", names[option].name, says_who(has),
	    (uintmax_t)cause->count, cause->count == 1 ? "is" : "are", with,
	    cause->where.symbol);
}

int
kldsim__report_options(struct kldsim *sim,
    const struct kldsim__option_causes *causes)
{
	const struct kldsim__built *built;
	int error = kldsim__kernel_built(sim, &built);

	for (unsigned i = 0; i < KLDSIM__NOPTIONS && error == 0; i++) {
		const enum kldsim__kernel_option option =
		    (enum kldsim__kernel_option)i;
		const enum kldsim__has has = kldsim__kernel_has(built, option);

		report(sim, &causes->with[i], option, has, false);
		report(sim, &causes->without[i], option, has, true);
	}
	return (error);
}
