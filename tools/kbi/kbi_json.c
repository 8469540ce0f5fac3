/* SPDX-License-Identifier: BSD-2-Clause */

/* What was found, as JSON; see kbi_json.h. */

#include "kbi/kbi_json.h"

static json_t *
types_json_of(const struct kldsim_kbi_file_info *info)
{
	if (info->format == NULL)
		return (json_null());
	return (json_make("{s:s, s:i, s:o}", "format", info->format,
	    "version", (int)info->version, "count",
	    json_size(info->types)));
}

/* What DWARF says of how a module was made (W-20 to W-25). */
static json_t *
dwarf_json(const struct kbi_source *source)
{
	const struct dwarf_facts *facts = &source->found.facts;
	json_t *flags, *inlines;
	const char *at = NULL;
	char text[256];
	bool tied;

	if (facts->units == 0)
		return (json_null());
	flags = json_array();
	inlines = json_array();
	while (kbi_source_flag(source, &at, text, sizeof(text)))
		json_append(flags, json_text(text));
	for (size_t i = 0; i < facts->ninlines; i++)
		if (kbi_source_is_header(&facts->inlines[i]))
			json_append(inlines, json_make("{s:o, s:o, s:o}",
			    "name", json_text(facts->inlines[i].name),
			    "file", json_text(facts->inlines[i].file),
			    "places", json_size(facts->inlines[i].places)));
	tied = kbi_source_configuration(source, text, sizeof(text));
	return (json_make("{s:o, s:o, s:o, s:o, s:o, s:o}",
	    "source", json_text(source->found.source),
	    "compiler", json_text(facts->producer),
	    "folder", json_text(facts->directory),
	    "configuration", tied ? json_text(text) : json_null(),
	    "flags", flags, "inlines", inlines));
}

static json_t *
kernel_json(const struct kldsim_kbi_file_info *info)
{
	json_t *kernel = json_object();

	json_set(kernel, "file", json_text(info->file));
	json_set(kernel, "osreldate", json_size(info->osreldate));
	json_set(kernel, "ident", json_text(info->ident));
	json_set(kernel, "types", types_json_of(info));
	return (kernel);
}

json_t *
kbi_json(const struct kbi_run *run)
{
	json_t *document = json_make("{s:s}", "schema", "kldsim.kbi/1");
	json_t *old = json_array(), *stale = json_array();

	json_set(document, "error", run->failure == NULL ? json_null() :
	    json_make("{s:s, s:o}", "status",
	    kldsim_status_name(run->error.status), "message",
	    json_text(run->error.text)));
	json_set(document, "kernel", run->kernel == NULL ? json_null() :
	    kernel_json(&run->info));
	for (size_t i = 0; i < run->nolds; i++)
		json_append(old, kernel_json(&run->olds[i].info));
	json_set(document, "old", old);
	json_set(document, "modules", json_array());
	for (size_t i = 0; i < run->nstale; i++)
		json_append(stale, json_make("{s:s, s:o, s:o, s:o}",
		    "kind", run->stale[i].kind,
		    "file", json_text(run->stale[i].file),
		    "name", json_text(run->stale[i].name),
		    "text", json_text(run->stale[i].text)));
	json_set(document, "stale", stale);
	return (document);
}

/* --- findings --- */

static json_t *
place_json(uint64_t bit, uint32_t bits, const char *type)
{
	json_t *place = json_object();

	json_set(place, "bit", json_size(bit));
	json_set(place, "bits", bits == 0 ? json_null() : json_size(bits));
	json_set(place, "type", json_text(type));
	return (place);
}

static json_t *
change_json(const struct kldsim_kbi_change *change,
    enum kldsim_kbi_mode mode)
{
	static const char *const kinds[] = {
		[KLDSIM_KBI_MOVED] = "moved",
		[KLDSIM_KBI_RESIZED] = "resized",
		[KLDSIM_KBI_RETYPED] = "retyped",
		[KLDSIM_KBI_ADDED] = "added",
		[KLDSIM_KBI_REMOVED] = "removed",
		[KLDSIM_KBI_RENAMED] = "renamed",
		[KLDSIM_KBI_REUSED] = "reused",
		[KLDSIM_KBI_SIGN] = "sign",
		[KLDSIM_KBI_VALUE] = "value",
		[KLDSIM_KBI_ARGUMENTS] = "arguments",
		[KLDSIM_KBI_ARGUMENT] = "argument",
		[KLDSIM_KBI_RESULT] = "result",
	};
	const bool value = change->kind >= KLDSIM_KBI_VALUE;
	json_t *json = json_make("{s:s}", "kind", kinds[change->kind]);
	char text[512];

	kldsim_kbi_change_text(change, mode, text, sizeof(text));
	json_set(json, "text", json_text(text));
	json_set(json, "member", json_text(change->member));
	if (value && change->module_type == NULL) {
		json_set(json, "module", json_integer(change->module_value));
		json_set(json, "kernel", json_integer(change->kernel_value));
		json_set(json, "more", json_size(0));
		return (json);
	}
	json_set(json, "module", change->kind == KLDSIM_KBI_ADDED ?
	    json_null() : place_json(change->module_bit,
	    change->module_bits, change->module_type));
	json_set(json, "kernel", change->kind == KLDSIM_KBI_REMOVED ?
	    json_null() : place_json(change->kernel_bit,
	    change->kernel_bits, change->kernel_type));
	json_set(json, "more", json_size(change->more));
	return (json);
}

static json_t *
changes_json(const struct kbi_module *module, size_t index,
    enum kldsim_kbi_mode mode)
{
	json_t *changes = json_array();
	struct kldsim_kbi_change change;

	for (size_t i = 0; kldsim_kbi_report_change(module->report, index, i,
	    &change) == KLDSIM_OK; i++)
		json_append(changes, change_json(&change, mode));
	return (changes);
}

static json_t *
imports_json(const struct kbi_module *module, size_t index)
{
	json_t *imports = json_array();
	const char *name;

	for (size_t i = 0; (name = kldsim_kbi_report_import(module->report,
	    index, i)) != NULL; i++)
		json_append(imports, json_text(name));
	return (imports);
}

static json_t *
embedding_json(const struct kbi_module *module, size_t index)
{
	json_t *all = json_array();
	struct kldsim_kbi_embedding in;

	for (size_t i = 0; kldsim_kbi_report_embedding(module->report, index,
	    i, &in) == KLDSIM_OK; i++)
		json_append(all, json_make("{s:s, s:o, s:o, s:o, s:o}",
		    "kind", kldsim_type_kind_name(in.kind),
		    "tag", json_text(in.name),
		    "module_size", json_size(in.module_size),
		    "kernel_size", json_size(in.kernel_size),
		    "moved", json_size(in.moved)));
	return (all);
}

static json_t *
finding_json(const struct kbi_module *module, size_t index, size_t cause,
    const struct kldsim_kbi_finding *finding)
{
	json_t *json = json_make("{s:s, s:i, s:i, s:s, s:i}",
	    "code", finding->code, "level", (int)finding->level,
	    "rank", (int)finding->rank, "severity",
	    kldsim_severity_name(finding->severity), "cause", (int)cause);

	json_set(json, "kind", json_text(finding->kind ==
	    KLDSIM_TYPE_UNKNOWN ? "variable" :
	    kldsim_type_kind_name(finding->kind)));
	json_set(json, "tag", json_text(finding->name));
	json_set(json, "text", json_text(finding->text));
	json_set(json, "module", json_make("{s:o}", "size",
	    json_size(finding->module_size)));
	json_set(json, "kernel", json_make("{s:o}", "size",
	    json_size(finding->kernel_size)));
	json_set(json, "changes", changes_json(module, index,
	    kbi_mode_of(module, finding)));
	json_set(json, "reached", json_text(finding->reached));
	json_set(json, "allocates", json_text(finding->allocates));
	json_set(json, "imports", imports_json(module, index));
	json_set(json, "embedded_in", embedding_json(module, index));
	json_set(json, "embeddings", json_size(finding->embedding));
	return (json);
}

/* --- a module --- */

static void
take_report(json_t *json, const struct kbi_module *module)
{
	json_t *causes = json_array(), *options = json_array();
	json_t *findings = json_array();
	struct kldsim_kbi_cause cause;
	struct kldsim_kbi_finding finding;

	for (size_t i = 0; module->report != NULL && kldsim_kbi_report_cause(
	    module->report, i, &cause) == KLDSIM_OK; i++) {
		json_append(causes, json_make("{s:o, s:o, s:o}", "text",
		    json_text(cause.text), "remedy",
		    json_text(cause.remedy), "linked",
		    json_text(cause.linked)));
		if (cause.option != NULL && cause.linked == NULL)
			json_append(options, json_make("{s:o, s:s}", "name",
			    json_text(cause.option), "side", cause.in_kernel ?
			    "kernel" : "module"));
		for (size_t f = cause.first; f < cause.first +
		    cause.findings; f++)
			if (kldsim_kbi_report_finding(module->report, f,
			    &finding) == KLDSIM_OK)
				json_append(findings, finding_json(module, f,
				    i, &finding));
	}
	json_set(json, "options", options);
	json_set(json, "causes", causes);
	json_set(json, "findings", findings);
}

static json_t *
load_json(const struct kbi_module *module)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < module->ntold; i++)
		json_append(findings, json_make("{s:s, s:i, s:s, s:o}",
		    "code", module->told[i].code, "level",
		    (int)module->told[i].level, "severity",
		    kldsim_severity_name(module->told[i].severity), "text",
		    json_text(module->told[i].text)));
	return (json_make("{s:b, s:b, s:o}", "refused", module->refused,
	    "panicked", module->panicked, "findings", findings));
}

void
kbi_json_module(json_t *document, const struct kbi_module *module)
{
	const struct kldsim_kbi_info *found = &module->found;
	json_t *json = json_object();

	json_set(json, "name", json_text(module->name));
	json_set(json, "verdict", json_text(kldsim_kbi_verdict_name(
	    module->verdict)));
	json_set(json, "why", json_text(module->why));
	json_set(json, "osreldate", json_size(module->info.osreldate));
	json_set(json, "tied", json_boolean(module->info.tied));
	json_set(json, "types", types_json_of(&module->info));
	json_set(json, "dwarf", dwarf_json(&module->source));
	json_set(json, "old", module->old != NULL ?
	    json_text(module->old->name) : json_null());
	json_set(json, "load", load_json(module));
	json_set(json, "compared", json_make("{s:o, s:o, s:o, s:o, s:o, s:o, "
	    "s:o, s:o, s:o}", "imports", json_size(found->imports),
	    "in_kernel", json_size(found->resolved),
	    "in_linked", json_size(found->linked),
	    "typed", json_size(found->typed),
	    "types", json_size(found->compared),
	    "types_of_rank_3", json_size(found->compared_more),
	    "unreached", json_size(found->unreached),
	    "unrelated", json_size(found->unrelated),
	    "too_large", json_size(found->cut)));
	take_report(json, module);
	json_append(json_object_get(document, "modules"), json);
}
