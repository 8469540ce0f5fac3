/* SPDX-License-Identifier: BSD-2-Clause */

/* What was found, for people: causes, and below each what it changes (I-51). */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kbi/kbi_run.h"
#include "report/output.h"

/* Of each, without -v. */
#define IMPORTS 3
#define CHANGES 8
/* Findings of modules of other sources, without -v (I-45). */
#define FINDINGS 10

static void
types_of(const struct kldsim_kbi_file_info *info)
{
	if (info->format != NULL)
		put(stdout, "%s v%u", info->format, info->version);
	else
		put(stdout, "no types");
}

/* "m.ko: built for 1500068, for one kernel alone, CTF v3" */
static void
heading(const struct kbi_run *run, const struct kbi_module *module)
{
	char text[64];

	put(stdout, "%s: ", module->name);
	if (module->info.osreldate != 0)
		put(stdout, "built for %u%s, ",
		    (unsigned)module->info.osreldate, module->info.tied ?
		    " and together with one kernel" : "");
	if (kbi_source_configuration(&module->source, text, sizeof(text)))
		put(stdout, "configuration %s (by its folder), ", text);
	if (module->file != NULL)
		types_of(&module->info);
	else
		put(stdout, "cannot be read");
	put(stdout, "; %s: %u", run->load.kernel,
	    (unsigned)run->info.osreldate);
	if (run->info.ident != NULL)
		put(stdout, " %s", run->info.ident);
	put(stdout, ", ");
	types_of(&run->info);
	putc('\n', stdout);
	if (run->load.verbosity >= VERBOSE)
		kbi_source_text(&module->source);
}

/* "  warning: " */
static void
severity(const struct kbi_run *run, enum kldsim_severity is)
{
	static const char *const colors[] = {
		[KLDSIM_NOTE] = "\033[36m",
		[KLDSIM_WARNING] = "\033[33m",
		[KLDSIM_PANIC] = "\033[1;31m",
	};

	if (run->load.color)
		fputs(colors[is], stdout);
	put(stdout, "  %s", kldsim_severity_name(is));
	if (run->load.color)
		fputs("\033[0m", stdout);
	put(stdout, ": ");
}

/* What the load had to say; each remedy once. */
static void
told(const struct kbi_run *run, const struct kbi_module *module)
{
	const struct kbi_told *all = module->told;
	const struct kldsim_finding_info *info;

	for (size_t i = 0; i < module->ntold; i++) {
		severity(run, all[i].severity);
		put_line(stdout, "%s", all[i].text);
		if (i + 1 < module->ntold &&
		    strcmp(all[i].code, all[i + 1].code) == 0)
			continue;
		info = kldsim_finding_info(all[i].code);
		if (info != NULL)
			put_line(stdout, "  what to do: %s", info->remedy);
	}
}

static void
imports(const struct kbi_run *run, const struct kbi_module *module,
    size_t index, const struct kldsim_kbi_finding *finding)
{
	const size_t most = run->load.verbosity >= VERBOSE ? SIZE_MAX :
	    IMPORTS;

	if (finding->kind == KLDSIM_TYPE_FUNCTION)
		return;
	put(stdout, "      reached from: ");
	if (finding->imports == 0)
		put(stdout, "%s", finding->reached);
	for (size_t i = 0; i < finding->imports && i < most; i++)
		put(stdout, "%s%s", i == 0 ? "" : ", ",
		    kldsim_kbi_report_import(module->report, index, i));
	if (finding->imports > most)
		put(stdout, " and %zu more", finding->imports - most);
	putc('\n', stdout);
}

static void
embedding(const struct kbi_module *module, size_t index,
    const struct kldsim_kbi_finding *finding)
{
	struct kldsim_kbi_embedding in;
	size_t i;

	for (i = 0; kldsim_kbi_report_embedding(module->report, index, i,
	    &in) == KLDSIM_OK; i++) {
		put(stdout, "%s%s %s", i == 0 ? "      by value in: " : ", ",
		    kldsim_type_kind_name(in.kind), in.name);
		if (in.moved != 0)
			put(stdout, " (%u member%s of it move%s)",
			    (unsigned)in.moved, in.moved == 1 ? "" : "s",
			    in.moved == 1 ? "s" : "");
	}
	if (finding->embedding > i)
		put(stdout, " and %zu more", finding->embedding - i);
	if (i != 0)
		putc('\n', stdout);
}

static void
put_change(const struct kldsim_kbi_change *change,
    enum kldsim_kbi_mode mode)
{
	char text[512];

	kldsim_kbi_change_text(change, mode, text, sizeof(text));
	put_line(stdout, "      %s", text);
}

static void
finding_text(const struct kbi_run *run, const struct kbi_module *module,
    size_t index, const struct kldsim_kbi_finding *finding)
{
	const size_t most = run->load.verbosity >= VERBOSE ? SIZE_MAX :
	    CHANGES;
	struct kldsim_kbi_change change;

	severity(run, finding->severity);
	put_line(stdout, "%s [%s, level %u]", finding->text, finding->code,
	    finding->level);
	for (size_t i = 0; i < most && kldsim_kbi_report_change(
	    module->report, index, i, &change) == KLDSIM_OK; i++)
		put_change(&change, kbi_mode_of(module, finding));
	if (finding->changes > most)
		put_line(stdout, "      and %zu more", finding->changes -
		    most);
	if (finding->same_name != 0)
		put_line(stdout, "      %u types of this name on both sides",
		    (unsigned)finding->same_name);
	embedding(module, index, finding);
	if (finding->allocates != NULL)
		put_line(stdout, "      %s", finding->allocates);
	imports(run, module, index, finding);
}

/* How many of a cause's findings are shown; the rest are counted. */
static size_t
cause_text(const struct kbi_run *run, const struct kbi_module *module,
    const struct kldsim_kbi_cause *cause, size_t most)
{
	struct kldsim_kbi_finding finding;
	size_t shown = 0, left = 0;

	for (size_t i = cause->first; i < cause->first + cause->findings; i++) {
		if (kldsim_kbi_report_finding(module->report, i, &finding) !=
		    KLDSIM_OK || !kbi_shows(run, module, &finding))
			continue;
		if (shown == most) {
			left++;
			continue;
		}
		if (shown == 0 && cause->linked != NULL)
			put_line(stdout, "with %s, which it is linked to:",
			    cause->linked);
		if (shown++ == 0)
			put_line(stdout, "cause: %s", cause->text);
		finding_text(run, module, i, &finding);
	}
	if (left != 0)
		put_line(stdout, "  and %zu more of this cause; -v shows them",
		    left);
	if (shown != 0 && cause->level < KLDSIM_KBI_MAYBE)
		put_line(stdout, "  what to do: %s", cause->remedy);
	return (shown);
}

/* I-56: what was looked at. */
static void
compared(const struct kbi_run *run, const struct kbi_module *module,
    size_t shown)
{
	const struct kldsim_kbi_info *found = &module->found;

	if (module->report == NULL ||
	    (module->info.no_types != NULL && module->old == NULL)) {
		put_line(stdout, "no types in %s (%s): only symbols, metadata "
		    "and version words were compared", module->name,
		    module->info.no_types != NULL ? module->info.no_types :
		    module->file == NULL ? "it cannot be read" : module->why);
		return;
	}
	put_line(stdout, "%s %u type%s reached from %u import%s%s",
	    shown != 0 || module->ntold != 0 ? "compared:" :
	    "no difference found in", (unsigned)found->compared,
	    found->compared == 1 ? "" : "s", (unsigned)found->imports,
	    found->imports == 1 ? "" : "s",
	    found->why != NULL ? ", not in all of them" : "");
	if (found->linked != 0)
		put_line(stdout, "  %u of them are other modules', and were "
		    "compared with these", (unsigned)found->linked);
	if (found->typed < found->resolved)
		put_line(stdout, found->resolved - found->typed == 1 ?
		    "  %u import has no type, %s" :
		    "  %u imports have no type, %s for one",
		    (unsigned)(found->resolved - found->typed),
		    found->untyped);
	if (found->unreached != 0)
		put_line(stdout, "  %u more type%s of one name differ%s, "
		    "which nothing imported reaches",
		    (unsigned)found->unreached,
		    found->unreached == 1 ? "" : "s",
		    found->unreached == 1 ? "s" : "");
	if (found->cut != 0)
		put_line(stdout, "  %u types are too large to be compared",
		    (unsigned)found->cut);
	if (run->load.verbosity >= VERBOSE && found->unrelated != 0)
		put_line(stdout, "  %u types have nothing but the name in "
		    "common", (unsigned)found->unrelated);
}

void
kbi_text_module(const struct kbi_run *run, const struct kbi_module *module)
{
	const bool all = run->load.verbosity >= VERBOSE ||
	    module->info.osreldate == 0 || module->found.same_source;
	size_t left = all ? SIZE_MAX : FINDINGS, shown = 0;
	struct kldsim_kbi_cause cause;

	if (run->load.verbosity <= QUIET &&
	    module->verdict < KLDSIM_KBI_REBUILD)
		return;
	heading(run, module);
	told(run, module);
	if (module->refused && module->ntold == 0)
		put_line(stdout, "  the kernel refuses it");
	for (size_t i = 0; module->report != NULL && kldsim_kbi_report_cause(
	    module->report, i, &cause) == KLDSIM_OK; i++) {
		const size_t now = cause_text(run, module, &cause, left);

		shown += now;
		left -= now < left ? now : left;
	}
	compared(run, module, shown);
}

void
kbi_text_end(const struct kbi_run *run)
{
	if (run->load.verbosity > QUIET)
		put_line(stdout, run->all_by_dwarf ?
		    "Not compared: macros in modules, assembler; DWARF does "
		    "not say." :
		    "Not compared: how a module calls the kernel, inlines and "
		    "macros in it, assembler; CTF does not say.");
}
