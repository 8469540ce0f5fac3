/* SPDX-License-Identifier: BSD-2-Clause */

/* The report for programs, object by object in the order of the schema. */

#include "check/check_run.h"

#include "report/baseline.h"
#include "report/report_json.h"

json_t *
check_json_answer(const struct kldsim_check_answer *answer)
{
	json_t *console = json_make("[]"), *findings = json_make("[]");

	for (size_t i = 0; i < answer->nconsole; i++)
		json_append(console, json_text(answer->console[i]));
	for (size_t i = 0; i < answer->nfindings; i++)
		json_append(findings,
		    report_json_finding(&answer->findings[i]));
	return (json_make("{s:s, s:o, s:o, s:o, s:o, s:o}",
	    "verdict", kldsim_check_verdict_name(answer->verdict),
	    "errno", report_json_errno(answer->error),
	    "reason", answer->reason == NULL ? json_null() :
	    json_size((size_t)(answer->reason - answer->findings)),
	    "console", console, "findings", findings,
	    "failure", answer->failure == NULL ? json_null() :
	    json_make("{s:o, s:o}", "status",
	    json_text(kldsim_status_name(answer->failure->status)),
	    "text", json_text(answer->failure->text))));
}

/* --- what it takes, and what is wrong besides --- */

static json_t *
one_set(const struct kldsim_check_set *set)
{
	return (json_make("{s:o, s:o, s:o}", "size", json_size(set->size),
	    "modspace", json_size(set->modspace),
	    "with_dependencies", json_size(set->needed)));
}

static json_t *
one_guilt(const struct check_run *run, const struct kldsim_check_guilt *guilt)
{
	const char *name = kldsim_check_name(run->check, guilt->module);

	return (json_make("{s:o, s:o, s:o, s:o, s:o}",
	    "module", name == NULL ? json_null() : json_size(guilt->module),
	    "name", json_text(name), "path", json_text(guilt->path),
	    "told", json_boolean(guilt->told),
	    "finding", report_json_finding(&guilt->finding)));
}

static json_t *
guilt(const struct check_run *run)
{
	const struct kldsim_check_guilt *one;
	json_t *all = json_make("[]");

	for (size_t i = 0; run->check != NULL && (one = kldsim_check_guilt_at(
	    run->check, i)) != NULL; i++)
		json_append(all, one_guilt(run, one));
	return (all);
}

static json_t *
one_modspace(const struct check_run *run, enum kldsim_set set)
{
	struct kldsim_check_modspace modspace;
	json_t *left = json_make("[]");

	kldsim_check_modspace(run->check, set, &modspace);
	for (size_t i = 0; i < modspace.nleft; i++)
		json_append(left, json_size(modspace.left[i]));
	if (modspace.present)
		return (json_make("{s:o, s:o, s:o, s:o}",
		    "size", json_size(modspace.size),
		    "free", json_size(modspace.free),
		    "wanted", json_size(modspace.wanted), "left", left));
	json_decref(left);
	return (json_null());
}

static json_t *
modspace(const struct check_run *run)
{
	if (run->check == NULL)
		return (json_null());
	return (json_make("{s:o, s:o}",
	    "dpcpu", one_modspace(run, KLDSIM_SET_DPCPU),
	    "vnet", one_modspace(run, KLDSIM_SET_VNET)));
}

/* --- the document --- */

static json_t *
baseline(const struct check_run *run)
{
	return (run->baseline == NULL ? json_null() : json_make("{s:o, s:o}",
	    "file", json_text(run->baseline_file),
	    "known", json_size(baseline_met(run->baseline))));
}

void
check_json_module(struct check_run *run,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answers = module->answers;

	if (answers[KLDSIM_CHECK_TOGETHER].verdict != KLDSIM_CHECK_NOT_TRIED) {
		json_set(json_array_get(run->modules, module->index),
		    check_way_name(KLDSIM_CHECK_TOGETHER),
		    check_json_answer(&answers[KLDSIM_CHECK_TOGETHER]));
		return;
	}
	json_append(run->modules, json_make("{s:o, s:o, s:o, s:o, s:o, s:n, "
	    "s:{s:o, s:o}, s:o}",
	    "name", json_text(module->name),
	    "path", json_text(module->path),
	    "interface", run->nolds == 0 ? json_null() :
	    json_text(kldsim_kbi_verdict_name(module->interface)),
	    "kldload", check_json_answer(&answers[KLDSIM_CHECK_KLDLOAD]),
	    "preload", check_json_answer(&answers[KLDSIM_CHECK_PRELOAD]),
	    "together", "sets",
	    "dpcpu", one_set(&module->sets[KLDSIM_SET_DPCPU]),
	    "vnet", one_set(&module->sets[KLDSIM_SET_VNET]),
	    "without_leaks", module->unleaked == KLDSIM_CHECK_NOT_TRIED ?
	    json_null() : json_text(kldsim_check_verdict_name(
	    module->unleaked))));
}

static json_t *
one_total(const struct check_run *run, enum kldsim_check_way way)
{
	json_t *total;

	if (!check_has_way(run, way))
		return (json_null());
	total = json_make("{}");
	for (int verdict = KLDSIM_CHECK_OK; verdict < KLDSIM_CHECK_VERDICTS;
	    verdict++)
		json_set(total, kldsim_check_verdict_name(verdict),
		    json_size(run->totals[way][verdict]));
	return (total);
}

/* There is no kernel to tell of. */
static json_t *
unbooted(const struct check_run *run)
{
	return (json_make("{s:s, s:o, s:n, s:n, s:n, s:n, s:[], s:[], s:n, "
	    "s:[], s:n, s:b, s:[], s:n, s:o}", "schema", "kldsim.check/1", "error",
	    report_json_error(&run->error, run->load.failed, run->failure),
	    "release", "osreldate", "kernel", "module_path", "console",
	    "findings", "boot", "modules", "totals", "interrupted", 0,
	    "guilt", "modspace", "baseline", baseline(run)));
}

static json_t *
kernel(const struct check_run *run, struct kldsim *sim)
{
	struct kldsim_image_info info = run->info;

	if (run->next != NULL)
		kldsim_image_info(kldsim_next_boot_image(run->next), &info);
	return (report_json_kernel(sim, run->load.kernel, &info));
}

static json_t *
totals(const struct check_run *run)
{
	if (run->check == NULL)
		return (json_null());
	return (json_make("{s:o, s:o, s:o}",
	    "kldload", one_total(run, KLDSIM_CHECK_KLDLOAD),
	    "preload", one_total(run, KLDSIM_CHECK_PRELOAD),
	    "together", one_total(run, KLDSIM_CHECK_TOGETHER)));
}

void
check_json(struct check_run *run)
{
	struct kldsim *sim;
	uint32_t osreldate;

	if (run->check == NULL && run->next == NULL) {
		json_write(unbooted(run), stdout);
		return;
	}
	sim = run->check != NULL ? kldsim_check_kernel(run->check) :
	    kldsim_next_boot_sim(run->next);
	osreldate = kldsim_osreldate(sim);
	json_write(json_make(
	    "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, "
	    "s:o, s:o, s:o}",
	    "schema", "kldsim.check/1",
	    "error", run->failure == NULL ? json_null() :
	    report_json_error(&run->error, run->load.failed, run->failure),
	    "release", json_text(kldsim_release_name(osreldate)),
	    "osreldate", json_size(osreldate),
	    "kernel", kernel(run, sim),
	    "module_path", json_text(run->check != NULL ?
	    kldsim_check_module_path(run->check) :
	    kldsim_next_boot_module_path(run->next)),
	    "console", report_json_console(sim),
	    "findings", report_json_findings(sim),
	    "boot", check_json_boot(run),
	    "modules", run->modules != NULL ? run->modules : json_make("[]"),
	    "totals", totals(run),
	    "interrupted", run->interrupted,
	    "guilt", guilt(run),
	    "modspace", modspace(run),
	    "baseline", baseline(run)), stdout);
	run->modules = NULL;
}
