/* SPDX-License-Identifier: BSD-2-Clause */

/* One module after the other; see kbi_run.h. */

#include "kbi/kbi_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "report/output.h"

/* --- a module --- */

/* The text of the worst that the load had to say. */
static const char *
worst_told(const struct kbi_module *module)
{
	const struct kbi_told *worst = NULL;

	for (size_t i = 0; i < module->ntold; i++)
		if (worst == NULL || module->told[i].level < worst->level)
			worst = &module->told[i];
	return (worst != NULL ? worst->text : NULL);
}

/* Why types are as they are, by the worst finding. */
static char *
rebuild_words(const struct kbi_module *module)
{
	struct kldsim_kbi_finding finding;

	if (kldsim_kbi_report_finding(module->report, 0, &finding) !=
	    KLDSIM_OK)
		return (text_of("%s", ""));
	if (finding.kind == KLDSIM_TYPE_FUNCTION ||
	    finding.kind == KLDSIM_TYPE_UNKNOWN)
		return (text_of("%s", finding.text));
	return (text_of("%s: %s %s", finding.reached,
	    kldsim_type_kind_name(finding.kind), finding.name));
}

/* What decides, in a few words. */
static char *
reason_words(const struct kbi_module *module)
{
	const struct kldsim_kbi_info *found = &module->found;

	if (module->verdict == KLDSIM_KBI_WILL_NOT_LOAD && found->gone != 0)
		return (text_of("%s is gone", found->first_gone));
	if (worst_told(module) != NULL)
		return (text_of("%s", worst_told(module)));
	if (module->verdict == KLDSIM_KBI_WILL_NOT_LOAD)
		return (text_of("the linker refuses it"));
	if (module->verdict == KLDSIM_KBI_REBUILD)
		return (rebuild_words(module));
	if (module->verdict == KLDSIM_KBI_CANNOT_TELL)
		return (text_of("%s", found->why != NULL ? found->why :
		    "there are no types to compare"));
	return (text_of("%u import%s, %u type%s", (unsigned)found->imports,
	    found->imports == 1 ? "" : "s", (unsigned)found->compared,
	    found->compared == 1 ? "" : "s"));
}

static void
reason(struct kbi_module *module)
{
	char *text = reason_words(module);

	module->why = text;
	/* I-81: judged by a kernel that it was not built for. */
	if (module->old == NULL || module->info.osreldate == 0 ||
	    module->old->info.osreldate == module->info.osreldate)
		return;
	module->why = text_of("%s; it was built for %u", text,
	    (unsigned)module->info.osreldate);
	free(text);
}

static bool
any_counts(const struct kbi_run *run, const struct kbi_module *module)
{
	struct kldsim_kbi_finding finding;

	for (size_t i = 0; kldsim_kbi_report_finding(module->report, i,
	    &finding) == KLDSIM_OK; i++)
		if (kbi_counts(run, module, &finding))
			return (true);
	return (false);
}

/* I-82: what the load says, and what the types do. */
static void
judge(const struct kbi_run *run, struct kbi_module *module)
{
	module->verdict = module->report != NULL ? module->found.verdict :
	    KLDSIM_KBI_CANNOT_TELL;
	if (run->known != NULL && module->verdict <= KLDSIM_KBI_REBUILD &&
	    module->verdict != KLDSIM_KBI_CANNOT_TELL)
		module->verdict = any_counts(run, module) ?
		    KLDSIM_KBI_REBUILD : KLDSIM_KBI_NO_DIFFERENCE;
	/* I-60: one that loads, and is of no use, has to be built again, too. */
	if (module->ntold != 0 && module->verdict != KLDSIM_KBI_WILL_NOT_LOAD)
		module->verdict = KLDSIM_KBI_REBUILD;
	if (module->refused || module->panicked)
		module->verdict = KLDSIM_KBI_WILL_NOT_LOAD;
	reason(module);
}

static void
compare(struct kbi_run *run, const struct kldsim_check_module *checked,
    struct kbi_module *module)
{
	struct kldsim_kbi *kbi = run->kbi;
	struct kldsim_error error;

	if (run->against != NULL) {
		struct kbi_old *old = kbi_choose_old(run,
		    module->info.osreldate);

		module->old = old;
		kbi = old != NULL ? old->kbi : NULL;
		if (old == NULL)
			module->found.why = "there is no old kernel of the "
			    "version that it was built for";
	}
	if (kbi == NULL)
		return;
	if (kldsim_kbi_compare_linked(kbi, module->file,
	    run->load.boot.source, checked->linked, checked->nlinked,
	    &module->report, &error) == KLDSIM_OK) {
		kldsim_kbi_report_info(module->report, &module->found);
		return;
	}
	complain("%s: %s", module->name, error.text);
	module->failed = true;
}

/* Whether no module's types were of anything but DWARF. */
static void
note_source(struct kbi_run *run, const struct kldsim_kbi_file_info *info)
{
	const bool dwarf = info->format != NULL &&
	    strcmp(info->format, "DWARF") == 0;

	run->all_by_dwarf = dwarf && (run->all_by_dwarf || !run->any);
	run->any = true;
}

void
kbi_module_make(struct kbi_run *run,
    const struct kldsim_check_module *checked, struct kbi_module *module)
{
	struct kldsim_error error;

	memset(module, 0, sizeof(*module));
	kbi_load_take(module, checked);
	if (kbi_source_open_path(&run->load.boot, checked->file != NULL ?
	    checked->file : checked->path, &run->where, &module->source,
	    &module->file, &error) == KLDSIM_OK) {
		kldsim_kbi_file_info(module->file, &module->info);
		note_source(run, &module->info);
		compare(run, checked, module);
	}
	judge(run, module);
}

void
kbi_module_free(struct kbi_module *module)
{
	kldsim_kbi_report_free(module->report);
	kldsim_kbi_file_free(module->file);
	kbi_source_free(&module->source);
	for (size_t i = 0; i < module->ntold; i++)
		free(module->told[i].text);
	free(module->told);
	free(module->why);
}

/* With --strict, level 5 counts where it is a warning. */
static bool
has_warnings(const struct kbi_run *run, const struct kbi_module *module)
{
	struct kldsim_kbi_finding finding;

	for (size_t i = 0; module->report != NULL &&
	    kldsim_kbi_report_finding(module->report, i, &finding) ==
	    KLDSIM_OK; i++)
		if (finding.severity != KLDSIM_NOTE &&
		    kbi_shows(run, module, &finding))
			return (true);
	return (module->ntold != 0);
}

int
kbi_module_status(const struct kbi_run *run, const struct kbi_module *module)
{
	const bool no_types = module->report == NULL ||
	    module->found.verdict == KLDSIM_KBI_CANNOT_TELL;

	if (module->failed)
		return (STATUS_HOST);
	if (module->panicked)
		return (STATUS_PANIC);
	if (module->verdict >= KLDSIM_KBI_REBUILD ||
	    (run->require_types && no_types) ||
	    (run->load.strict && has_warnings(run, module)))
		return (STATUS_REFUSED);
	return (STATUS_OK);
}

/* I-95: by its symbol, its key, or either of one module. */
static enum kbi_severity
severity_of(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	char key[256], ours[512];
	const char *const names[] = { key, ours, NULL };

	if (run->known == NULL)
		return (KBI_DEFAULT);
	(void)snprintf(key, sizeof(key), "%s%s", finding->kind ==
	    KLDSIM_TYPE_FUNCTION || finding->kind == KLDSIM_TYPE_UNKNOWN ? "" :
	    finding->kind == KLDSIM_TYPE_UNION ?
	    "u#" : finding->kind == KLDSIM_TYPE_ENUM ? "e#" : "s#",
	    finding->name);
	(void)snprintf(ours, sizeof(ours), "%s:%s", path_name(module->name),
	    key);
	return (kbi_severity_of(run->known, names));
}

bool
kbi_counts(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	const enum kbi_severity severity = severity_of(run, module, finding);

	return (severity == KBI_FAIL || (severity == KBI_DEFAULT &&
	    finding->level < KLDSIM_KBI_MEANING));
}

bool
kbi_shows(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_finding *finding)
{
	unsigned rank = run->rank;

	if (rank == 0)
		rank = run->load.verbosity >= VERBOSE ||
		    module->found.same_source ? 3 : 2;
	return (finding->rank <= rank &&
	    severity_of(run, module, finding) != KBI_PASS);
}
