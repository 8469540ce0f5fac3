/* SPDX-License-Identifier: BSD-2-Clause */

/* The JSON report, object by object in the order of the schema. */

#include "report/report_json.h"

#include <string.h>

#include "cmd_load.h"
#include "report/json.h"
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

static json_t *
deps(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	int dep;

	for (size_t i = 0; kldsim_file_dep(sim, id, i, &dep) == KLDSIM_OK; i++)
		json_append(array, json_text(file_name(sim, dep)));
	return (array);
}

static json_t *
modules(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	struct kldsim_modinfo module;

	for (size_t i = 0; kldsim_file_module(sim, id, i, &module) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:i, s:i}",
		    "name", json_text(module.name),
		    "id", module.id, "refs", module.refs));
	return (array);
}

static json_t *
interfaces(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	struct kldsim_interface interface;

	for (size_t i = 0; kldsim_file_interface(sim, id, i, &interface) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:i}",
		    "name", json_text(interface.name),
		    "version", interface.version));
	return (array);
}

static json_t *
sections(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	struct kldsim_section section;

	for (size_t i = 0; kldsim_file_section(sim, id, i, &section) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make(
		    "{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}",
		    "index", json_size(section.index),
		    "name", json_text(section.name),
		    "address", json_address(section.address),
		    "size", json_size(section.size),
		    "region", region_name(section.region),
		    "type", json_size(section.type),
		    "flags", json_address(section.flags),
		    "hole", section.region == KLDSIM_REGION_DPCPU ||
		    section.region == KLDSIM_REGION_VNET ?
		    json_address(section.hole) : json_null()));
	return (array);
}

static json_t *
protections(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	struct kldsim_protection run;
	char prot[4];

	for (size_t i = 0; kldsim_file_protection(sim, id, i, &run) ==
	    KLDSIM_OK; i++)
		json_append(array, json_make("{s:o, s:o, s:o}",
		    "start", json_address(run.start),
		    "size", json_size(run.size),
		    "prot", json_text(prot_text(run.prot, prot))));
	return (array);
}

static json_t *
constructors(const struct kldsim *sim, int id)
{
	json_t *array = json_make("[]");
	kldsim_addr address;

	for (size_t i = 0; kldsim_file_constructor(sim, id, i, &address) ==
	    KLDSIM_OK; i++)
		json_append(array, json_address(address));
	return (array);
}

static json_t *
one_event(const struct kldsim_event *event)
{
	const bool vnet = event->kind == KLDSIM_EVENT_VNET_SYSINIT ||
	    event->kind == KLDSIM_EVENT_VNET_SYSUNINIT;

	return (json_make("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}",
	    "kind", kldsim_event_name(event->kind),
	    "function", json_address(event->func),
	    "symbol", json_text(event->symbol),
	    "argument", json_address(event->arg),
	    "module", json_text(event->module),
	    "subsystem", json_address(event->subsystem),
	    "order", json_address(event->order),
	    "vnet", vnet ? json_integer(event->vnet) : json_null(),
	    "error", event->error));
}

/*
 * What the kernel would have called, in calling order: an array for each file
 * that has some.  Names of files need not be UTF-8.
 */
static json_t *
events_by_file(struct kldsim *sim)
{
	json_t *all = json_make("{}");

	for (size_t i = 0; i < kldsim_event_count(sim); i++) {
		const struct kldsim_event *event = kldsim_event_at(sim, i);
		json_t *array;

		if (event->file == NULL)
			continue;
		array = json_object_get(all, event->file);
		if (array == NULL) {
			array = json_make("[]");
			if (json_object_set_new_nocheck(all, event->file,
			    array) != 0)
				(void)need(NULL);
		}
		json_append(array, one_event(event));
	}
	return (all);
}

static json_t *
events_of(const json_t *all, const char *file)
{
	json_t *array = json_object_get(all, file);

	return (array != NULL ? json_incref(array) : json_make("[]"));
}

static json_t *
files(struct kldsim *sim)
{
	json_t *array = json_make("[]");
	json_t *events = events_by_file(sim);
	struct kldsim_filestat stat;

	for (int id = 0; next_file(sim, &id);) {
		if (kldsim_kldstat(sim, id, &stat) != KLDSIM_OK)
			continue;
		json_append(array, json_make("{s:i, s:i, s:i, s:o, s:o, s:o, "
		    "s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		    "id", stat.id, "refs", stat.refs,
		    "userrefs", stat.userrefs,
		    "name", json_text(stat.name),
		    "path", json_text(stat.path),
		    "address", json_address(stat.address),
		    "size", json_size(stat.size),
		    "class", json_text(stat.class_name),
		    "deps", deps(sim, id), "modules", modules(sim, id),
		    "interfaces", interfaces(sim, id),
		    "sections", sections(sim, id),
		    "protections", protections(sim, id),
		    "constructors", constructors(sim, id),
		    "events", events_of(events, stat.name)));
	}
	json_decref(events);
	return (array);
}

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

static json_t *
span(bool known, size_t first, size_t count)
{
	return (!known ? json_null() : json_make("{s:o, s:o}",
	    "first", json_size(first), "count", json_size(count)));
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
	if (attempt->outcome != OUTCOME_FAILED)
		return (json_null());
	return (json_make("{s:o, s:o}",
	    "status", json_text(kldsim_status_name(attempt->error.status)),
	    "text", json_text(attempt->failure)));
}

static json_t *
one_result(const struct attempt *attempt)
{
	const struct kldsim_result *r = &attempt->result;
	bool known = attempt->outcome != OUTCOME_NOT_TRIED &&
	    attempt->outcome != OUTCOME_FAILED;

	return (json_make("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "name", json_text(attempt->name),
	    "status", outcome_name(attempt->outcome),
	    "errno", report_json_errno(attempt->outcome != OUTCOME_REFUSED ?
	    0 : r->error),
	    "file_id", attempt->outcome != OUTCOME_LOADED ? json_null() :
	    json_integer(r->fileid),
	    "console", span(known, r->first_console, r->nconsole),
	    "findings", span(known, r->first_finding, r->nfindings),
	    "failure", failure(attempt)));
}

static json_t *
results(const struct load_run *run)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < run->options->nmodules; i++)
		json_append(array, one_result(&run->attempts[i]));
	return (array);
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

void
report_json(const struct load_run *run, FILE *out)
{
	struct kldsim *sim = run->sim;
	uint32_t osreldate;

	if (sim == NULL) {
		json_write(unbooted(run), out);
		return;
	}
	osreldate = kldsim_osreldate(sim);
	json_write(json_make(
	    "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "schema", "kldsim.load/1",
	    "error", host_error(run),
	    "release", json_text(kldsim_release_name(osreldate)),
	    "osreldate", json_size(osreldate),
	    "kernel", report_json_kernel(sim, run->options->kernel,
	    &run->info),
	    "files", files(sim),
	    "dpcpu", one_set(sim, KLDSIM_SET_DPCPU),
	    "vnet", one_set(sim, KLDSIM_SET_VNET),
	    "console", report_json_console(sim),
	    "findings", report_json_findings(sim),
	    "results", results(run)), out);
}
