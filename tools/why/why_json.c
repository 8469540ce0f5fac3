/* SPDX-License-Identifier: BSD-2-Clause */

/* A symbol or a place, for programs; docs/kldsim.why.schema.json describes it. */

#include <string.h>

#include "report/report_json.h"
#include "why/why.h"

static json_t *
steps_json(const struct why *why)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < why->nsteps; i++)
		json_append(array, json_make("{s:o, s:b, s:o}",
		    "asked", json_text(why->steps[i].asked),
		    "kernel", why->steps[i].kernel,
		    "value", why->steps[i].value == 0 ? json_null() :
		    json_address(why->steps[i].value)));
	return (array);
}

static json_t *
others_json(const struct why *why)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < why->nothers; i++)
		json_append(array, json_make("{s:o, s:b}",
		    "path", json_text(why->others[i]),
		    "loaded", why->others_loaded[i]));
	return (array);
}

static json_t *
bytes_json(const uint8_t *bytes, size_t size)
{
	char text[2 * KLDSIM_TRACE_BYTES + 1] = "";

	for (size_t i = 0; i < size && i < KLDSIM_TRACE_BYTES; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return (json_text(text));
}

/* The copies of what is at an address, with so many bytes of each. */
static json_t *
copies_json(const struct kldsim *sim, kldsim_addr address, size_t width)
{
	json_t *array = json_make("[]");
	struct kldsim_instance instance;
	enum kldsim_set set;

	if (kldsim_is_dead(sim) || address == 0 ||
	    !why_set_of(sim, address, &set))
		return (array);
	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++) {
		uint8_t bytes[KLDSIM_TRACE_BYTES];
		kldsim_addr at;

		if (kldsim_set_translate(sim, set, instance.id, address,
		    &at) != KLDSIM_OK || kldsim_read(sim, at, bytes, width) !=
		    KLDSIM_OK)
			continue;
		json_append(array, json_make("{s:s, s:i, s:o, s:o}",
		    "set", set == KLDSIM_SET_DPCPU ? "dpcpu" : "vnet",
		    "id", (int)instance.id, "address", json_address(at),
		    "bytes", bytes_json(bytes, width)));
	}
	return (array);
}

static const char *
outcome_word(enum kldsim_trace_outcome outcome)
{
	switch (outcome) {
	case KLDSIM_TRACE_STORED:
		return ("stored");
	case KLDSIM_TRACE_NOTHING:
		return ("nothing");
	case KLDSIM_TRACE_FAILED:
		break;
	}
	return ("failed");
}

static json_t *
reloc_json(const struct kldsim *sim, const struct kldsim_trace_reloc *it)
{
	json_t *object = json_make("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:b}", "pass", it->local ? "local" : "global",
	    "section", json_text(it->section),
	    "section_index", it->section_index == 0 ? json_null() :
	    json_size(it->section_index),
	    "offset", json_size(it->offset),
	    "type", json_size(it->type), "name", json_text(it->name),
	    "symbol_index", json_size(it->symbol_index),
	    "symbol", json_text(it->symbol), "defined", it->defined);

	json_set(object, "formula", json_text(it->formula));
	json_set(object, "S", json_address(it->S));
	json_set(object, "A", json_address(it->A));
	json_set(object, "P", json_address(it->P));
	json_set(object, "B", json_address(it->B));
	json_set(object, "result", json_address(it->result));
	json_set(object, "moved", json_address(it->moved));
	json_set(object, "outcome", json_text(outcome_word(it->outcome)));
	json_set(object, "field", json_text(it->field));
	json_set(object, "before", bytes_json(it->before, it->width));
	json_set(object, "after", bytes_json(it->after, it->width));
	json_set(object, "instances", copies_json(sim, it->reference,
	    it->width));
	json_set(object, "copies", copies_json(sim, it->uses_S ? it->S : 0,
	    0));
	return (object);
}

static json_t *
relocs_json(const struct why *why)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < why->nrelocs; i++)
		json_append(array, reloc_json(why->run.sim,
		    &why->relocs[i].it));
	return (array);
}

static const char *
status_word(enum outcome outcome)
{
	static const char *const words[] = {
		[OUTCOME_NOT_TRIED] = "not tried",
		[OUTCOME_LOADED] = "loaded",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_PANIC] = "panic",
		[OUTCOME_FAILED] = "failed",
	};

	return (words[outcome]);
}

/* There is no kernel to tell of. */
static json_t *
unbooted(const struct why *why)
{
	return (json_make("{s:s, s:o, s:n, s:n, s:n, s:o, s:o, s:n, s:n, s:n, "
	    "s:[], s:[], s:[], s:[], s:[]}", "schema", "kldsim.why/1",
	    "error", report_json_error(&why->run.error,
	    why->options.failed, why->run.failure),
	    "release", "osreldate", "kernel",
	    "module", json_text(why->options.modules[
	    why->options.nmodules - 1]), "what", json_text(why->what),
	    "file", "status", "errno", "lookup", "others", "relocations",
	    "console", "findings"));
}

json_t *
why_json(const struct why *why)
{
	const struct attempt *attempt;
	const struct kldsim *sim = why->run.sim;

	if (sim == NULL)
		return (unbooted(why));
	attempt = &why->run.attempts[why->options.nmodules - 1];
	return (json_make("{s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o, "
	    "s:o, s:o, s:o, s:o, s:o}", "schema", "kldsim.why/1",
	    "error", attempt->outcome != OUTCOME_FAILED ? json_null() :
	    report_json_error(&attempt->error, attempt->name,
	    attempt->failure),
	    "release", kldsim_release_name(kldsim_osreldate(sim)),
	    "osreldate", json_size(kldsim_osreldate(sim)),
	    "kernel", report_json_kernel(sim, why->options.kernel,
	    &why->run.info),
	    "module", json_text(attempt->name),
	    "what", json_text(why->what),
	    "file", json_text(why->file),
	    "status", status_word(attempt->outcome),
	    "errno", report_json_errno(attempt->outcome != OUTCOME_REFUSED ?
	    0 : attempt->result.error),
	    "lookup", steps_json(why), "others", others_json(why),
	    "relocations", relocs_json(why),
	    "console", report_json_console(sim),
	    "findings", report_json_findings(sim)));
}
