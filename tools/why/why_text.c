/* SPDX-License-Identifier: BSD-2-Clause */

/* A symbol or a place, step by step, for people. */

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "report/output.h"
#include "report/report_finding.h"
#include "why/why.h"

static void
put_lookup(const struct why *why)
{
	const struct why_step *winner = why_winner(why);

	if (why->nsteps == 0)
		return;
	put_line(stdout, "lookup of %s for %s", why->symbol, why->file);
	for (size_t i = 0; i < why->nsteps; i++) {
		const struct why_step *step = &why->steps[i];
		const char *asked = step->kernel ? "the kernel" :
		    step->asked;

		if (step->value == 0)
			put_line(stdout, "  %zu  %s: not found%s", i + 1,
			    asked, i == 0 ? " (the file itself)" : "");
		else
			put_line(stdout, "  %zu  %s: 0x%" PRIx64 ", taken",
			    i + 1, asked, step->value);
	}
	if (winner == NULL)
		put_line(stdout, "  nobody has it");
}

static void
put_others(const struct why *why)
{
	const bool own = why->nrelocs != 0 && why->relocs[0].it.defined;

	if (why->nsteps == 0 && own && why->symbol != NULL)
		put_line(stdout, "%s is defined in %s itself; nobody is asked",
		    why->symbol, why->file);
	for (size_t i = 0; i < why->nothers; i++)
		put_line(stdout, "  also in %s (%s)", why->others[i],
		    why->others_loaded[i] ? "loaded" : "not loaded");
}

/* --- a formula with its values --- */

static uint64_t
value_of(const struct kldsim_trace_reloc *it, char letter)
{
	switch (letter) {
	case 'S':
		return (it->S);
	case 'A':
		return (it->A);
	case 'P':
		return (it->P);
	default:
		return (it->B);
	}
}

static void
put_value(const struct kldsim_trace_reloc *it, char letter)
{
	const uint64_t value = value_of(it, letter);

	if (letter == 'A' && value >> 63 != 0)
		put(stdout, "-0x%" PRIx64, -value);
	else
		put(stdout, "0x%" PRIx64, value);
}

/* Letters that stand alone are values. */
static void
put_formula(const struct kldsim_trace_reloc *it)
{
	const char *text = it->formula;

	for (size_t i = 0; text[i] != '\0'; i++) {
		const bool alone = (i == 0 ||
		    !isalnum((unsigned char)text[i - 1])) &&
		    !isalnum((unsigned char)text[i + 1]);

		if (alone && strchr("SAPB", text[i]) != NULL)
			put_value(it, text[i]);
		else
			put(stdout, "%c", text[i]);
	}
}

static void
put_bytes(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(stdout, "%s%02x", i == 0 ? "" : " ", bytes[i]);
}

/* --- who has got what --- */

/* What each CPU or vnet has where the place is. */
static void
put_instances(const struct kldsim *sim, const struct kldsim_trace_reloc *it)
{
	struct kldsim_instance instance;
	enum kldsim_set set;

	if (it->reference == 0 || !why_set_of(sim, it->reference, &set))
		return;
	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		uint8_t bytes[KLDSIM_TRACE_BYTES];
		kldsim_addr at;

		if (kldsim_set_translate(sim, set, instance.id,
		    it->reference, &at) != KLDSIM_OK ||
		    kldsim_read(sim, at, bytes, it->width) != KLDSIM_OK)
			continue;
		put(stdout, "    %s %u has at 0x%" PRIx64 ": ",
		    set == KLDSIM_SET_DPCPU ? "CPU" : "vnet", instance.id,
		    at);
		put_bytes(bytes, it->width);
		put_line(stdout, "%s", "");
	}
}

/* The symbol is a variable of which each has a copy. */
static void
put_variable(const struct kldsim *sim, const struct kldsim_trace_reloc *it)
{
	struct kldsim_instance instance;
	enum kldsim_set set;

	if (!it->uses_S || !why_set_of(sim, it->S, &set))
		return;
	put_line(stdout, "    S is in the reference copy of %s; the copies of "
	    "it are", set == KLDSIM_SET_DPCPU ? "set_pcpu" : "set_vnet");
	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		kldsim_addr at;

		if (kldsim_set_translate(sim, set, instance.id, it->S, &at) ==
		    KLDSIM_OK)
			put_line(stdout, "      %s %u: 0x%" PRIx64,
			    set == KLDSIM_SET_DPCPU ? "CPU" : "vnet",
			    instance.id, at);
	}
}

static void
put_result(const struct kldsim_trace_reloc *it)
{
	if (it->formula == NULL) {
		put_line(stdout, "    this kernel does not know the type");
		return;
	}
	put(stdout, "    %s = ", it->formula);
	if (it->width != 0 && strchr(it->formula, ' ') != NULL &&
	    it->outcome == KLDSIM_TRACE_STORED) {
		put_formula(it);
		put(stdout, " = ");
	}
	put_line(stdout, "0x%" PRIx64, it->result);
	if (it->moved != it->result)
		put_line(stdout, "    elf_relocaddr(): it is in the file's own "
		    "set, and moves to 0x%" PRIx64, it->moved);
}

static void
put_place(const struct kldsim_trace_reloc *it)
{
	put(stdout, "    at P, %s: ", it->field);
	put_bytes(it->before, it->width);
	put(stdout, " becomes ");
	put_bytes(it->after, it->width);
	put_line(stdout, "%s", "");
}

static void
put_reloc(const struct why *why, const struct kldsim_trace_reloc *it)
{
	const struct why_step *winner = why_winner(why);

	put(stdout, "%s+0x%" PRIx64 ": %s (%" PRIu32 ")", it->section,
	    it->offset, it->name, it->type);
	if (it->symbol != NULL)
		put(stdout, " of %s, symbol %" PRIu32, it->symbol,
		    it->symbol_index);
	else
		put(stdout, ", symbol %" PRIu32, it->symbol_index);
	put_line(stdout, ", %s pass", it->local ? "local" : "global");
	put_line(stdout, "    S 0x%" PRIx64 "  A 0x%" PRIx64 "  P 0x%" PRIx64
	    "  B 0x%" PRIx64, it->S, it->A, it->P, it->B);
	if (winner != NULL && it->uses_S && it->symbol != NULL &&
	    it->outcome == KLDSIM_TRACE_STORED && winner->value != it->S &&
	    strcmp(it->symbol, why->symbol) == 0)
		put_line(stdout, "    S: what was found lies in a file's own "
		    "copy of its set, and counts as its place in the kernel's "
		    "(D-50)");
	put_result(it);
	switch (it->outcome) {
	case KLDSIM_TRACE_STORED:
		put_place(it);
		break;
	case KLDSIM_TRACE_NOTHING:
		put_line(stdout, "    nothing is stored");
		break;
	case KLDSIM_TRACE_FAILED:
		put_line(stdout, "    it fails, and nothing is stored");
		break;
	}
	if (kldsim_is_dead(why->run.sim))
		return;
	put_instances(why->run.sim, it);
	put_variable(why->run.sim, it);
}

/* A load that fails ends at the first entry that does. */
static void
put_nothing(const struct why *why)
{
	const struct attempt *attempt =
	    &why->run.attempts[why->options.nmodules - 1];

	put_line(stdout, "no relocation of %s %s %s%s", attempt->name,
	    why->section != NULL ? "covers" : "names", why->what,
	    attempt->outcome != OUTCOME_LOADED ? ", as far as the load came" :
	    "");
}

/* What of a call's findings says why it failed. */
static void
put_reasons(const struct why *why, const struct kldsim_result *result)
{
	for (size_t i = 0; i < result->nfindings; i++) {
		const struct kldsim_finding *finding = kldsim_finding_at(
		    why->run.sim, result->first_finding + i);

		if (finding->refusal || finding->severity == KLDSIM_PANIC)
			put_line(stdout, "  %s", finding->text);
	}
}

static void
put_outcome(const struct why *why)
{
	const struct attempt *attempt =
	    &why->run.attempts[why->options.nmodules - 1];

	if (attempt->outcome == OUTCOME_REFUSED)
		put_line(stdout, "%s is refused: %s (%d), %s", attempt->name,
		    kldsim_errno_name(attempt->result.error),
		    attempt->result.error,
		    kldsim_errno_text(attempt->result.error));
	else if (attempt->outcome == OUTCOME_PANIC)
		put_line(stdout, "%s: the kernel panics", attempt->name);
	if (attempt->outcome == OUTCOME_REFUSED ||
	    attempt->outcome == OUTCOME_PANIC)
		put_reasons(why, &attempt->result);
}

void
why_text(const struct why *why)
{
	put_lookup(why);
	put_others(why);
	if (why->nrelocs == 0)
		put_nothing(why);
	for (size_t i = 0; i < why->nrelocs; i++)
		put_reloc(why, &why->relocs[i].it);
	put_outcome(why);
}
