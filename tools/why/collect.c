/* SPDX-License-Identifier: BSD-2-Clause */

/* Noting what the linker tells, and asking for the rest. */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "path.h"
#include "report/output.h"
#include "why/why.h"

/* More than anybody reads; a module may have millions. */
#define MOST_NOTED 1000000u

static char *
copy(const char *text)
{
	return (text != NULL ? need(strdup(text)) : NULL);
}

/* Room for one more. */
static void *
grow(void *array, size_t count, size_t *cap, size_t each)
{
	if (count < *cap)
		return (array);
	*cap = *cap == 0 ? 16 : 2 * *cap;
	return (need(realloc(array, *cap * each)));
}

bool
why_parse(struct why *why, const char *what)
{
	const char *plus = strrchr(what, '+');
	char *end;

	why->what = what;
	if (plus == NULL) {
		why->symbol = what;
		return (*what != '\0');
	}
	if (plus == what || plus[1] < '0' || plus[1] > '9')
		return (false);
	why->offset = strtoull(plus + 1, &end, 0);
	why->section = need(strndup(what, (size_t)(plus - what)));
	return (*end == '\0');
}

/* --- what the linker tells --- */

static void
note_lookup(void *user, const struct kldsim_trace_lookup *lookup)
{
	struct why *why = user;

	if (why->done || why->nsteps == MOST_NOTED || (why->symbol != NULL &&
	    strcmp(why->symbol, lookup->symbol) != 0))
		return;
	why->steps = grow(why->steps, why->nsteps, &why->steps_cap,
	    sizeof(*why->steps));
	why->steps[why->nsteps++] = (struct why_step){
		.file = copy(lookup->file), .symbol = copy(lookup->symbol),
		.asked = copy(lookup->asked), .number = lookup->step,
		.kernel = lookup->kernel, .value = lookup->value };
}

static bool
is_asked_about(const struct why *why, const struct kldsim_trace_reloc *reloc)
{
	if (why->section == NULL)
		return (reloc->symbol != NULL &&
		    strcmp(reloc->symbol, why->symbol) == 0);
	return (strcmp(reloc->section, why->section) == 0 &&
	    why->offset - reloc->offset <
	    (reloc->width != 0 ? reloc->width : 1));
}

static void
note_reloc(void *user, const struct kldsim_trace_reloc *reloc)
{
	struct why *why = user;
	struct why_reloc *noted;

	if (why->done)
		return;
	/* Whoever is relocated last is who was asked for: others come before. */
	if (why->file == NULL || strcmp(why->file, reloc->file) != 0) {
		free(why->file);
		why->file = copy(reloc->file);
	}
	if (why->nrelocs == MOST_NOTED || !is_asked_about(why, reloc))
		return;
	why->relocs = grow(why->relocs, why->nrelocs, &why->relocs_cap,
	    sizeof(*why->relocs));
	noted = &why->relocs[why->nrelocs++];
	*noted = (struct why_reloc){ .it = *reloc, .file = copy(reloc->file),
		.section = copy(reloc->section), .name = copy(reloc->name),
		.field = copy(reloc->field), .symbol = copy(reloc->symbol) };
	noted->it.file = noted->file;
	noted->it.section = noted->section;
	noted->it.name = noted->name;
	noted->it.field = noted->field;
	noted->it.symbol = noted->symbol;
}

static void
free_step(struct why_step *step)
{
	free(step->file);
	free(step->symbol);
	free(step->asked);
}

static void
free_reloc(struct why_reloc *reloc)
{
	free(reloc->file);
	free(reloc->section);
	free(reloc->name);
	free(reloc->field);
	free(reloc->symbol);
}

/* --- what of it is the module's --- */

static void
name_module(struct why *why)
{
	const struct attempt *attempt =
	    &why->run.attempts[why->options.nmodules - 1];
	struct kldsim_filestat stat;

	const char *base = path_name(attempt->name);
	const size_t length = strlen(base);

	if (attempt->outcome == OUTCOME_LOADED && kldsim_kldstat(why->run.sim,
	    attempt->result.fileid, &stat) == KLDSIM_OK) {
		free(why->file);
		why->file = copy(stat.name);
	} else if (why->file != NULL && (strncmp(why->file, base, length) !=
	    0 || (why->file[length] != '\0' &&
	    strcmp(why->file + length, ".ko") != 0))) {
		/* It was refused before it was relocated at all. */
		free(why->file);
		why->file = NULL;
	}
}

static void
keep_relocs(struct why *why)
{
	size_t n = 0;

	for (size_t i = 0; i < why->nrelocs; i++) {
		if (why->file != NULL &&
		    strcmp(why->relocs[i].file, why->file) == 0)
			why->relocs[n++] = why->relocs[i];
		else
			free_reloc(&why->relocs[i]);
	}
	why->nrelocs = n;
	if (why->symbol == NULL && n != 0)
		why->symbol = why->relocs[0].symbol;
}

/* Of the symbol, for the module, once: later passes ask again. */
static void
keep_steps(struct why *why)
{
	size_t n = 0;

	for (size_t i = 0; i < why->nsteps; i++) {
		struct why_step *step = &why->steps[i];

		if (why->symbol != NULL && why->file != NULL &&
		    step->number == n &&
		    strcmp(step->symbol, why->symbol) == 0 &&
		    strcmp(step->file, why->file) == 0 &&
		    (n == 0 || why->steps[n - 1].value == 0)) {
			struct why_step kept = *step;

			/* What is not kept is freed at the end of its turn. */
			*step = (struct why_step){ .file = NULL };
			why->steps[n++] = kept;
		} else {
			free_step(step);
			*step = (struct why_step){ .file = NULL };
		}
	}
	why->nsteps = n;
}

const struct why_step *
why_winner(const struct why *why)
{
	const struct why_step *last;

	if (why->nsteps == 0)
		return (NULL);
	last = &why->steps[why->nsteps - 1];
	return (last->value != 0 ? last : NULL);
}

/* --- who else has the symbol --- */

static bool
is_told(const struct why *why, const char *path)
{
	const struct why_step *winner = why_winner(why);

	if (winner != NULL && strcmp(winner->asked, path) == 0)
		return (true);
	if (winner == NULL && why->nrelocs != 0 &&
	    why->relocs[0].it.defined && why->file != NULL &&
	    strcmp(path_name(path), why->file) == 0)
		return (true);
	for (size_t i = 0; i < why->nothers; i++)
		if (strcmp(path_name(why->others[i]), path_name(path)) == 0)
			return (true);
	return (false);
}

static void
add_other(struct why *why, const char *path, bool loaded)
{
	if (is_told(why, path))
		return;
	why->others = need(realloc(why->others, (why->nothers + 1) *
	    sizeof(*why->others)));
	why->others_loaded = need(realloc(why->others_loaded,
	    (why->nothers + 1) * sizeof(*why->others_loaded)));
	why->others[why->nothers] = copy(path);
	why->others_loaded[why->nothers++] = loaded;
}

static bool
add_unloaded(void *user, const char *path)
{
	struct why *why = user;
	int id;

	if (kldsim_kldfind(why->run.sim, path_name(path), &id) != KLDSIM_OK)
		add_other(why, path, false);
	return (true);
}

static void
find_others(struct why *why)
{
	struct kldsim *sim = why->run.sim;
	struct kldsim_filestat stat;
	kldsim_addr value;
	kldsim_size size;

	if (why->symbol == NULL || *why->symbol == '\0')
		return;
	for (int id = 0; kldsim_kldnext(sim, id, &id) == KLDSIM_OK &&
	    id != 0;)
		if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
		    kldsim_kldsym(sim, id, why->symbol, &value, &size) ==
		    KLDSIM_OK)
			add_other(why, stat.path, true);
	if (kldsim_who_has(sim, why->symbol, add_unloaded, why) != KLDSIM_OK)
		complain("no memory for the names of all modules");
}

int
why_run(struct why *why)
{
	int status;

	why->trace = (struct kldsim_trace){ note_lookup, note_reloc, why };
	why->options.boot.trace = &why->trace;
	why->run.options = &why->options;
	status = load_run_boot(&why->run);
	if (status != STATUS_OK)
		return (status);
	load_run_modules(&why->run);
	why->done = true;
	name_module(why);
	keep_relocs(why);
	keep_steps(why);
	if (!kldsim_is_dead(why->run.sim))
		find_others(why);
	return (STATUS_OK);
}

bool
why_set_of(const struct kldsim *sim, kldsim_addr address,
    enum kldsim_set *set_ret)
{
	for (unsigned i = 0; i < 2; i++) {
		struct kldsim_set_info info;

		*set_ret = (enum kldsim_set)i;
		kldsim_set_info(sim, *set_ret, &info);
		if (info.present && address >= info.start &&
		    address < info.stop)
			return (true);
	}
	return (false);
}

void
why_free(struct why *why)
{
	for (size_t i = 0; i < why->nsteps; i++)
		free_step(&why->steps[i]);
	for (size_t i = 0; i < why->nrelocs; i++)
		free_reloc(&why->relocs[i]);
	for (size_t i = 0; i < why->nothers; i++)
		free(why->others[i]);
	free(why->steps);
	free(why->relocs);
	free(why->others);
	free(why->others_loaded);
	free(why->section);
	free(why->file);
	load_run_free(&why->run);
}
