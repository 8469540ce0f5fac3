/* SPDX-License-Identifier: BSD-2-Clause */

/* The JSON report, object by object in the order of the schema. */

#include "report/report_json.h"

#include <stdlib.h>
#include <string.h>

#include "cmd_load.h"
#include "report/json_stream.h"
#include "report/names.h"
#include "report/output.h"

/* e_machine and word size, and the machine's name. */
static const struct {
	unsigned machine;
	unsigned bits;
	const char *name;
} machines[] = {
	{ 3, 32, "i386" },
	{ 20, 32, "powerpc" },
	{ 21, 64, "powerpc64" },
	{ 40, 32, "arm" },
	{ 62, 64, "amd64" },
	{ 183, 64, "arm64" },
	{ 243, 64, "riscv64" },
};

static json_t *
machine(const struct kldsim_image_info *info)
{
	char text[32];

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (machines[i].machine == info->machine &&
		    machines[i].bits == info->word_bits)
			return (json_text(machines[i].name));
	(void)snprintf(text, sizeof(text), "e_machine %u", info->machine);
	return (json_text(text));
}

json_t *
report_json_kernel(const struct kldsim *sim, const char *path,
    const struct kldsim_image_info *info)
{
	int first = 0;

	return (json_make("{s:o, s:o, s:o, s:i}",
	    "path", json_text(path),
	    "name", json_text(next_file(sim, &first) ?
	    file_name(sim, first) : "kernel"),
	    "machine", machine(info),
	    "word_bits", (int)info->word_bits));
}

/* --- files, which are most of a report --- */

static void
put_deps(struct json_stream *out, const struct kldsim *sim, int id)
{
	int dep;

	json_open(out, "deps", '[');
	for (size_t i = 0; kldsim_file_dep(sim, id, i, &dep) == KLDSIM_OK; i++)
		json_put_text(out, NULL, file_name(sim, dep));
	json_close(out, ']');
}

static void
put_modules(struct json_stream *out, const struct kldsim *sim, int id)
{
	struct kldsim_modinfo module;

	json_open(out, "modules", '[');
	for (size_t i = 0; kldsim_file_module(sim, id, i, &module) ==
	    KLDSIM_OK; i++) {
		json_open(out, NULL, '{');
		json_put_text(out, "name", module.name);
		json_put_int(out, "id", module.id);
		json_put_int(out, "refs", module.refs);
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void
put_interfaces(struct json_stream *out, const struct kldsim *sim, int id)
{
	struct kldsim_interface interface;

	json_open(out, "interfaces", '[');
	for (size_t i = 0; kldsim_file_interface(sim, id, i, &interface) ==
	    KLDSIM_OK; i++) {
		json_open(out, NULL, '{');
		json_put_text(out, "name", interface.name);
		json_put_int(out, "version", interface.version);
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void
put_section(struct json_stream *out, const struct kldsim_section *section)
{
	json_open(out, NULL, '{');
	json_put_size(out, "index", section->index);
	json_put_text(out, "name", section->name);
	json_put_address(out, "address", section->address);
	json_put_size(out, "size", section->size);
	json_put_text(out, "region", region_name(section->region));
	json_put_size(out, "type", section->type);
	json_put_address(out, "flags", section->flags);
	if (section->region == KLDSIM_REGION_DPCPU ||
	    section->region == KLDSIM_REGION_VNET)
		json_put_address(out, "hole", section->hole);
	else
		json_put(out, "hole", json_null());
	json_close(out, '}');
}

static void
put_sections(struct json_stream *out, const struct kldsim *sim, int id)
{
	struct kldsim_section section;

	json_open(out, "sections", '[');
	for (size_t i = 0; kldsim_file_section(sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		put_section(out, &section);
	json_close(out, ']');
}

static void
put_protections(struct json_stream *out, const struct kldsim *sim, int id)
{
	struct kldsim_protection run;
	char prot[4];

	json_open(out, "protections", '[');
	for (size_t i = 0; kldsim_file_protection(sim, id, i, &run) ==
	    KLDSIM_OK; i++) {
		json_open(out, NULL, '{');
		json_put_address(out, "start", run.start);
		json_put_size(out, "size", run.size);
		json_put_text(out, "prot", prot_text(run.prot, prot));
		json_close(out, '}');
	}
	json_close(out, ']');
}

static void
put_constructors(struct json_stream *out, const struct kldsim *sim, int id)
{
	kldsim_addr address;

	json_open(out, "constructors", '[');
	for (size_t i = 0; kldsim_file_constructor(sim, id, i, &address) ==
	    KLDSIM_OK; i++)
		json_put_address(out, NULL, address);
	json_close(out, ']');
}

static void
put_event(struct json_stream *out, const struct kldsim_event *event)
{
	const bool vnet = event->kind == KLDSIM_EVENT_VNET_SYSINIT ||
	    event->kind == KLDSIM_EVENT_VNET_SYSUNINIT;

	json_open(out, NULL, '{');
	json_put_text(out, "kind", kldsim_event_name(event->kind));
	json_put_address(out, "function", event->func);
	json_put_text(out, "symbol", event->symbol);
	json_put_address(out, "argument", event->arg);
	json_put_text(out, "module", event->module);
	json_put_address(out, "subsystem", event->subsystem);
	json_put_address(out, "order", event->order);
	json_put(out, "vnet", vnet ? json_integer(event->vnet) : json_null());
	json_put_int(out, "error", event->error);
	json_close(out, '}');
}

/* What the kernel would have called, file by file, in calling order. */
struct events {
	struct called {
		const struct kldsim_event *event;
		size_t number;
	} *all;
	size_t count;
};

static int
by_file(const void *a, const void *b)
{
	const struct called *x = a, *y = b;
	const int names = strcmp(x->event->file, y->event->file);

	return (names != 0 ? names :
	    (x->number > y->number) - (x->number < y->number));
}

static struct events
sort_events(struct kldsim *sim)
{
	const size_t most = kldsim_event_count(sim);
	struct events events = { .count = 0 };

	events.all = need(malloc((most + 1) * sizeof(*events.all)));
	for (size_t i = 0; i < most; i++) {
		const struct kldsim_event *event = kldsim_event_at(sim, i);

		if (event->file != NULL)
			events.all[events.count++] =
			    (struct called){ event, i };
	}
	qsort(events.all, events.count, sizeof(*events.all), by_file);
	return (events);
}

static void
put_events(struct json_stream *out, const struct events *events,
    const char *file)
{
	size_t first = 0, end = events->count;

	json_open(out, "events", '[');
	while (first < end) {
		const size_t middle = first + (end - first) / 2;

		if (strcmp(events->all[middle].event->file, file) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < events->count &&
	    strcmp(events->all[first].event->file, file) == 0; first++)
		put_event(out, events->all[first].event);
	json_close(out, ']');
}

static void
put_file(struct json_stream *out, const struct kldsim *sim,
    const struct kldsim_filestat *stat, const struct events *events)
{
	const int id = stat->id;

	json_open(out, NULL, '{');
	json_put_int(out, "id", stat->id);
	json_put_int(out, "refs", stat->refs);
	json_put_int(out, "userrefs", stat->userrefs);
	json_put_text(out, "name", stat->name);
	json_put_text(out, "path", stat->path);
	json_put_address(out, "address", stat->address);
	json_put_size(out, "size", stat->size);
	json_put_text(out, "class", stat->class_name);
	put_deps(out, sim, id);
	put_modules(out, sim, id);
	put_interfaces(out, sim, id);
	put_sections(out, sim, id);
	put_protections(out, sim, id);
	put_constructors(out, sim, id);
	put_events(out, events, stat->name);
	json_close(out, '}');
}

static void
put_files(struct json_stream *out, struct kldsim *sim)
{
	struct events events = sort_events(sim);
	struct kldsim_filestat stat;

	json_open(out, "files", '[');
	for (int id = 0; next_file(sim, &id);)
		if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK)
			put_file(out, sim, &stat, &events);
	json_close(out, ']');
	free(events.all);
}

/* --- the rest --- */

static json_t *
extent(uint64_t start, uint64_t size)
{
	return (json_make("{s:o, s:o}",
	    "start", json_address(start), "size", json_size(size)));
}

static json_t *
free_extents(const struct kldsim *sim, enum kldsim_set set)
{
	json_t *array = json_make("[]");
	struct kldsim_extent_info free;

	for (size_t i = 0; kldsim_set_free_extent(sim, set, i, &free) ==
	    KLDSIM_OK; i++)
		json_append(array, extent(free.start, free.size));
	return (array);
}

static json_t *
parts(const struct kldsim *sim, enum kldsim_set set)
{
	json_t *array = json_make("[]");
	struct kldsim_set_part part;

	for (size_t i = 0; kldsim_set_part(sim, set, i, &part) == KLDSIM_OK;
	    i++)
		json_append(array, json_make("{s:o, s:i, s:o, s:o, s:o, s:o}",
		    "file", json_text(file_name(sim, part.fileid)),
		    "file_id", part.fileid,
		    "section", json_text(section_name(sim, part.fileid,
		    part.section_index)),
		    "section_index", json_size(part.section_index),
		    "start", json_address(part.start),
		    "size", json_size(part.size)));
	return (array);
}

static json_t *
instances(const struct kldsim *sim, enum kldsim_set set)
{
	json_t *array = json_make("[]");
	struct kldsim_instance instance;

	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:o, s:o}",
		    "id", json_size(instance.id),
		    "area", json_address(instance.area),
		    "base", json_address(instance.base)));
	return (array);
}

static json_t *
one_set(const struct kldsim *sim, enum kldsim_set set)
{
	struct kldsim_set_info info;

	kldsim_set_info(sim, set, &info);
	return (json_make("{s:b, s:o, s:o, s:o, s:o, s:o}",
	    "present", info.present,
	    "reference", !info.present ? json_null() :
	    json_make("{s:o, s:o}", "start", json_address(info.start),
	    "stop", json_address(info.stop)),
	    "modspace", !info.has_modspace ? json_null() :
	    extent(info.modspace_start, info.modspace_size),
	    "free", free_extents(sim, set),
	    "sets", parts(sim, set),
	    "instances", instances(sim, set)));
}

json_t *
report_json_console(const struct kldsim *sim)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < kldsim_console_count(sim); i++)
		json_append(array, json_text(kldsim_console_line(sim, i)));
	return (array);
}

/* "O-46,O-53" as an array. */
static json_t *
rules(const char *text)
{
	json_t *array = json_make("[]");
	size_t length;

	for (; *text != '\0'; text += length) {
		text += strspn(text, ", ");
		length = strcspn(text, ", ");
		if (length > 0)
			json_append(array, json_stringn(text, length));
	}
	return (array);
}

json_t *
report_json_finding(const struct kldsim_finding *f)
{
	return (json_make("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:o}",
	    "code", json_text(f->code),
	    "severity", json_text(kldsim_severity_name(f->severity)),
	    "rules", rules(f->rules),
	    "file", json_text(f->file),
	    "section", json_text(f->section),
	    "section_index", f->section_index < 0 ? json_null() :
	    json_integer(f->section_index),
	    "offset", f->has_offset ? json_address(f->offset) : json_null(),
	    "function", json_text(f->function),
	    "symbol", json_text(f->symbol),
	    "refusal", json_boolean(f->refusal),
	    "text", json_text(f->text)));
}

json_t *
report_json_findings(const struct kldsim *sim)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < kldsim_finding_count(sim); i++)
		json_append(array, report_json_finding(
		    kldsim_finding_at(sim, i)));
	return (array);
}

json_t *
report_json_errno(int error)
{
	return (error == 0 ? json_null() : json_make("{s:o, s:i}",
	    "name", json_text(kldsim_errno_name(error)), "number", error));
}

json_t *
report_json_error(const struct kldsim_error *error, const char *file,
    const char *message)
{
	return (json_make("{s:o, s:o, s:o, s:o}",
	    "status", json_text(kldsim_status_name(error->status)),
	    "message", json_text(message),
	    "file", json_text(file),
	    "offset", error->has_offset ? json_address(error->offset) :
	    json_null()));
}

/* What the host has failed at: the kernel, or the first module that did. */
static json_t *
host_error(const struct load_run *run)
{
	if (run->sim == NULL)
		return (report_json_error(&run->error, run->options->failed,
		    run->failure));
	for (size_t i = 0; i < run->options->nmodules; i++) {
		const struct attempt *attempt = &run->attempts[i];

		if (attempt->outcome == OUTCOME_FAILED)
			return (report_json_error(&attempt->error,
			    attempt->name, attempt->failure));
	}
	return (json_null());
}

static json_t *
failure(const struct attempt *attempt)
{
	return (json_make("{s:o, s:o}",
	    "status", json_text(kldsim_status_name(attempt->error.status)),
	    "text", json_text(attempt->failure)));
}

static void
put_span(struct json_stream *out, const char *key, size_t first, size_t count)
{
	json_open(out, key, '{');
	json_put_size(out, "first", first);
	json_put_size(out, "count", count);
	json_close(out, '}');
}

static void
put_result(struct json_stream *out, const struct attempt *attempt)
{
	const struct kldsim_result *r = &attempt->result;
	const bool failed = attempt->outcome == OUTCOME_FAILED;

	json_open(out, NULL, '{');
	json_put_text(out, "name", attempt->name);
	json_put_text(out, "status", outcome_name(attempt->outcome));
	json_put(out, "errno", report_json_errno(
	    attempt->outcome != OUTCOME_REFUSED ? 0 : r->error));
	json_put(out, "file_id", attempt->outcome != OUTCOME_LOADED ?
	    json_null() : json_integer(r->fileid));
	if (failed || attempt->outcome == OUTCOME_NOT_TRIED) {
		json_put(out, "console", json_null());
		json_put(out, "findings", json_null());
	} else {
		put_span(out, "console", r->first_console, r->nconsole);
		put_span(out, "findings", r->first_finding, r->nfindings);
	}
	json_put(out, "failure", failed ? failure(attempt) : json_null());
	json_close(out, '}');
}

static void
put_results(struct json_stream *out, const struct load_run *run)
{
	json_open(out, "results", '[');
	for (size_t i = 0; i < run->options->nmodules; i++)
		put_result(out, &run->attempts[i]);
	json_close(out, ']');
}

/* There is no kernel to tell of. */
static json_t *
unbooted(const struct load_run *run)
{
	return (json_make("{s:s, s:o, s:n, s:n, s:n, s:[], s:n, s:n, s:[], s:[], "
	    "s:[]}", "schema", "kldsim.load/1", "error", host_error(run),
	    "release", "osreldate", "kernel", "files", "dpcpu", "vnet",
	    "console", "findings", "results"));
}

static void
put_report(struct json_stream *out, const struct load_run *run)
{
	struct kldsim *sim = run->sim;
	const uint32_t osreldate = kldsim_osreldate(sim);

	json_open(out, NULL, '{');
	json_put_text(out, "schema", "kldsim.load/1");
	json_put(out, "error", host_error(run));
	json_put_text(out, "release", kldsim_release_name(osreldate));
	json_put_size(out, "osreldate", osreldate);
	json_put(out, "kernel", report_json_kernel(sim, run->options->kernel,
	    &run->info));
	put_files(out, sim);
	json_put(out, "dpcpu", one_set(sim, KLDSIM_SET_DPCPU));
	json_put(out, "vnet", one_set(sim, KLDSIM_SET_VNET));
	json_put(out, "console", report_json_console(sim));
	json_put(out, "findings", report_json_findings(sim));
	put_results(out, run);
	json_close(out, '}');
}

void
report_json(const struct load_run *run, FILE *out)
{
	struct json_stream stream;

	if (run->sim == NULL) {
		json_write(unbooted(run), out);
		return;
	}
	json_begin(&stream, out);
	put_report(&stream, run);
	json_finish(&stream);
}
