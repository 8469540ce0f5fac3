/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * struct kldsim_options: its defaults, the copy that a simulated kernel keeps,
 * and release names.
 */

#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"
#include "kern/module.h"
#include "kern/pcpu.h"
#include "search/search.h"
#include "util/limits.h"
#include "util/sized.h"

void
kldsim_options_init(struct kldsim_options *options, size_t size)
{
	static const struct kldsim_options defaults = { .cpus = 2, .vnets = 1, .leak_locals = 1 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

enum kldsim_status
kldsim_release_parse(const char *text, uint32_t *osreldate_ret)
{
	unsigned long number;
	char *end;

	if (strcmp(text, "auto") == 0) {
		*osreldate_ret = 0;
		return (KLDSIM_OK);
	}
	if (kldsim__release_by_name(text, osreldate_ret) == KLDSIM_OK)
		return (KLDSIM_OK);
	number = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0' || number < 100000 ||
	    number > 99999999)
		return (KLDSIM_ARG);
	/* Of a branch that the table of facts knows nothing of. */
	if (kldsim__release_name((uint32_t)number) == NULL)
		return (KLDSIM_ARG);
	*osreldate_ret = (uint32_t)number;
	return (KLDSIM_OK);
}

const char *
kldsim_release_name(uint32_t osreldate)
{
	const char *name = kldsim__release_name(osreldate);

	return (name != NULL ? name : "?");
}

/* --- the copy --- */

#define MAX_VNETS 65536u

static int
copy_strings(struct kldsim *sim, const char **text)
{
	if (*text == NULL)
		return (0);
	*text = kldsim__arena_strdup(&sim->arena, *text);
	return (*text != NULL ? 0 : kldsim__nomem(sim));
}

static int
copy_placements(struct kldsim *sim, const struct kldsim_placement **list,
    size_t n)
{
	struct kldsim_placement *to = kldsim__arena_calloc(&sim->arena, n,
	    sizeof(*to));
	int error = 0;

	if (to == NULL)
		return (kldsim__nomem(sim));
	for (size_t i = 0; i < n && error == 0; i++) {
		to[i] = (*list)[i];
		error = copy_strings(sim, &to[i].file);
	}
	*list = to;
	return (error);
}

static int
copy_ifuncs(struct kldsim *sim)
{
	size_t n = sim->options.nifuncs;
	struct kldsim_ifunc *to = kldsim__arena_calloc(&sim->arena, n,
	    sizeof(*to));
	int error = 0;

	if (to == NULL)
		return (kldsim__nomem(sim));
	for (size_t i = 0; i < n && error == 0; i++) {
		to[i] = sim->options.ifuncs[i];
		error = copy_strings(sim, &to[i].file);
		if (error == 0)
			error = copy_strings(sim, &to[i].symbol);
		if (error == 0)
			error = copy_strings(sim, &to[i].target);
	}
	sim->options.ifuncs = to;
	return (error);
}

static int
copy_preloads(struct kldsim *sim)
{
	size_t n = sim->options.npreloads;
	struct kldsim_preload *to = kldsim__arena_calloc(&sim->arena, n,
	    sizeof(*to));
	int error = 0;

	if (to == NULL)
		return (kldsim__nomem(sim));
	for (size_t i = 0; i < n && error == 0; i++) {
		to[i] = sim->options.preloads[i];
		error = copy_strings(sim, &to[i].path);
	}
	sim->options.preloads = to;
	return (error);
}

/* Before anything is asked of a handler. */
static int
take_answers(struct kldsim *sim)
{
	for (size_t i = 0; i < sim->options.nanswers; i++) {
		const struct kldsim_handler_answer *given =
		    &sim->options.answers[i];
		struct kldsim__answer *answer;

		if (given->module == NULL)
			return (kldsim__fail(sim, KLDSIM_ARG,
			    "a handler's answer without a module"));
		if (!kldsim__may_answer(given->event, given->error))
			return (kldsim__fail(sim, KLDSIM_ARG, "module %s: %s "
			    "(%d) is an answer to MOD_LOAD only",
			    given->module, kldsim_errno_name(given->error),
			    given->error));
		answer = kldsim__new_answer(sim, given->module, given->event);
		if (answer == NULL)
			return (kldsim__nomem(sim));
		answer->error = given->error;
	}
	return (0);
}

static int
check_preloads(struct kldsim *sim)
{
	for (size_t i = 0; i < sim->options.npreloads; i++)
		if (sim->options.preloads[i].path == NULL)
			return (kldsim__fail(sim, KLDSIM_ARG,
			    "a preload without a path"));
	return (0);
}

static int
check_options(struct kldsim *sim)
{
	const struct kldsim_options *options = &sim->options;

	if (options->cpus < 1 || options->cpus > KLDSIM__MAX_CPUS)
		return (kldsim__fail(sim, KLDSIM_ARG,
		    "%u CPUs: 1 to %u are possible", options->cpus,
		    KLDSIM__MAX_CPUS));
	if (options->vnets < 1 || options->vnets > MAX_VNETS)
		return (kldsim__fail(sim, KLDSIM_ARG,
		    "%u vnets: 1 to %u are possible", options->vnets,
		    MAX_VNETS));
	for (size_t i = 0; i < options->nplacements; i++)
		if (options->placements[i].file == NULL)
			return (kldsim__fail(sim, KLDSIM_ARG,
			    "a placement without a file"));
	for (size_t i = 0; i < options->nlinker_files; i++)
		if (options->linker_files[i].file == NULL)
			return (kldsim__fail(sim, KLDSIM_ARG,
			    "a struct linker_file without a file"));
	for (size_t i = 0; i < options->nifuncs; i++)
		if (options->ifuncs[i].symbol == NULL)
			return (kldsim__fail(sim, KLDSIM_ARG,
			    "an ifunc answer without a symbol"));
	return (check_preloads(sim));
}

int
kldsim__options_keep(struct kldsim *sim)
{
	int error = check_options(sim);

	if (error == 0)
		error = kldsim__module_path_init(sim);
	if (error == 0)
		error = copy_placements(sim, &sim->options.placements,
		    sim->options.nplacements);
	if (error == 0)
		error = copy_placements(sim, &sim->options.linker_files,
		    sim->options.nlinker_files);
	if (error == 0)
		error = copy_ifuncs(sim);
	if (error == 0)
		error = copy_preloads(sim);
	if (error == 0)
		error = take_answers(sim);
	return (error);
}
