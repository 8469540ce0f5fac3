/* SPDX-License-Identifier: BSD-2-Clause */

/* What the caller sees of a report, and what goes with each finding. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "compare/compare.h"

/* Types that have a finding's in them, so many are named (I-35). */
#define EMBEDDING 8

const char *
kldsim__compare_text(struct kldsim_kbi_report *report, const char *format,
    ...)
{
	char text[512], *kept;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	kept = kldsim__arena_strdup(&report->arena, text);
	report->failed = report->failed || kept == NULL;
	return (kept);
}

/* --- what is around a type --- */

static bool
is_around(const struct kldsim__around *around, uint32_t tag)
{
	for (size_t i = 0; i < around->count; i++)
		if (around->tags[i] == tag)
			return (true);
	return (false);
}

void
kldsim__compare_around(const struct kldsim_kbi_report *report, uint32_t tag,
    struct kldsim__around *around)
{
	const struct kldsim__reach *reach = report->reach;

	around->tags[0] = tag;
	around->count = 1;
	for (size_t i = 0; i < around->count; i++) {
		uint32_t in = reach->reached[around->tags[i]].in;

		for (; in != 0 && around->count < KLDSIM__AROUND;
		    in = reach->links[in].next)
			if (!is_around(around, reach->links[in].number))
				around->tags[around->count++] =
				    reach->links[in].number;
	}
}

/* Their imports, each once. */
static void
take_imports(struct kldsim_kbi_report *report,
    struct kldsim__kbi_finding *finding, const struct kldsim__around *around,
    uint32_t *stamps, uint32_t stamp)
{
	const struct kldsim__reach *reach = report->reach;

	for (int pass = 0; pass < 2; pass++) {
		size_t count = 0;

		for (size_t i = 0; i < around->count; i++) {
			uint32_t link = reach->reached[around->tags[i]].imports;

			for (; link != 0; link = reach->links[link].next) {
				const uint32_t now = stamp * 2 + (uint32_t)pass;
				const uint32_t import =
				    reach->links[link].number;

				if (stamps[import] == now)
					continue;
				stamps[import] = now;
				if (pass == 1)
					finding->imports[count] =
					    report->imports[import].name;
				count++;
			}
		}
		if (pass == 1 || count == 0)
			return;
		finding->is.imports = count;
		finding->imports = kldsim__arena_calloc(&report->arena, count,
		    sizeof(*finding->imports));
		if (finding->imports == NULL) {
			report->failed = true;
			return;
		}
	}
}

/* How much of an own or an embedding type moves for what is in it. */
static void
take_embedding(struct kldsim_kbi_report *report,
    struct kldsim__kbi_finding *finding, const struct kldsim__around *around)
{
	const size_t most = around->count - 1 < EMBEDDING ?
	    around->count - 1 : EMBEDDING;

	finding->is.embedding = around->count - 1;
	if (most == 0)
		return;
	finding->embedding = kldsim__arena_calloc(&report->arena, most,
	    sizeof(*finding->embedding));
	if (finding->embedding == NULL) {
		report->failed = true;
		return;
	}
	for (size_t i = 0; i < most; i++) {
		const uint32_t tag = around->tags[i + 1];
		const struct kldsim__memo *memo = kldsim__compare_tag(report,
		    tag);
		struct kldsim_kbi_embedding *to = &finding->embedding[i];
		struct kldsim__neutral type;

		to->kind = (enum kldsim_type_kind)
		    report->kbi->tags.tags[tag].kind;
		to->name = report->kbi->tags.tags[tag].name;
		kldsim__neutral(report->reach->a->types,
		    report->reach->a->first[tag], &type);
		to->module_size = to->kernel_size = type.size;
		if (memo->difference != NULL) {
			to->module_size = memo->difference->a_size;
			to->kernel_size = memo->difference->b_size;
			to->moved = memo->difference->moved;
		}
	}
}

/* --- texts --- */

const char *
kldsim__compare_side(const struct kldsim_kbi_report *report, bool kernel)
{
	if (report->kbi->old != NULL)
		return (kernel ? "the new kernel" : "the old kernel");
	if (kernel && report->linked != NULL)
		return (report->linked);
	return (kernel ? "the kernel" : "the module");
}

static void
write_text(const struct kldsim_kbi_report *report,
    const struct kldsim__kbi_finding *finding, char *text, size_t size)
{
	const struct kldsim_kbi_finding *is = &finding->is;
	char kind[32] = "", change[256];

	if (is->kind != KLDSIM_TYPE_FUNCTION)
		(void)snprintf(kind, sizeof(kind), "%s ", is->kind ==
		    KLDSIM_TYPE_UNKNOWN ? "variable" :
		    kldsim_type_kind_name(is->kind));
	if (is->kind == KLDSIM_TYPE_FUNCTION || is->module_size ==
	    is->kernel_size) {
		change[0] = '\0';
		if (is->changes != 0)
			kldsim_kbi_change_text(&finding->difference->changes[0],
			    report->info.mode, change, sizeof(change));
		(void)snprintf(text, size, "%s%s: %s%s", kind, is->name,
		    change, is->changes > 1 ? ", and more" : "");
		return;
	}
	(void)snprintf(text, size, "%s%s: %" PRIu64 " bytes in %s, %" PRIu64
	    " in %s", kind, is->name, is->module_size,
	    kldsim__compare_side(report, false), is->kernel_size,
	    kldsim__compare_side(report, true));
}

/* Of two kernels it is the same for all modules. */
static const char *
text_of(struct kldsim_kbi_report *report,
    const struct kldsim__kbi_finding *finding)
{
	char text[512];

	if (finding->difference->text == NULL) {
		write_text(report, finding, text, sizeof(text));
		finding->difference->text = kldsim__arena_strdup(
		    report->memo_arena, text);
		report->failed = report->failed ||
		    finding->difference->text == NULL;
	}
	return (finding->difference->text);
}

static void
take_reason(struct kldsim_kbi_report *report, struct kldsim__kbi_finding *finding,
    const struct kldsim__around *around)
{
	if (finding->is.imports != 0) {
		finding->is.reached = finding->imports[0];
		return;
	}
	for (size_t i = 0; i < around->count; i++) {
		const char *because = kldsim__reach_because(report->reach,
		    around->tags[i]);

		if (because != NULL) {
			finding->is.reached = because;
			return;
		}
	}
	finding->is.reached = finding->is.rank == 2 ?
	    "a callback of the module's" : "a pointer in what is reached";
}

void
kldsim__compare_details(struct kldsim_kbi_report *report)
{
	struct kldsim__around around;
	uint32_t *stamps;

	if (report->nfindings == 0)
		return;
	stamps = kldsim__calloc(&report->kbi->alloc, report->nimports + 1,
	    sizeof(*stamps));
	report->failed = report->failed || stamps == NULL;
	for (size_t i = 0; i < report->nfindings && !report->failed; i++) {
		struct kldsim__kbi_finding *finding = &report->findings[i];

		finding->is.text = text_of(report, finding);
		finding->is.linked = report->linked;
		if (finding->tag == 0) {
			finding->is.reached = finding->is.name;
			continue;
		}
		kldsim__compare_around(report, finding->tag, &around);
		take_imports(report, finding, &around, stamps,
		    (uint32_t)i + 1);
		take_embedding(report, finding, &around);
		take_reason(report, finding, &around);
	}
	kldsim__free(&report->kbi->alloc, stamps);
}

/* --- asking --- */

void
kldsim_kbi_report_info(const struct kldsim_kbi_report *report,
    struct kldsim_kbi_info *info_ret)
{
	*info_ret = report->info;
}

/* Which part a cause or finding is of; the number is then one of that part's. */
static const struct kldsim_kbi_report *
part_of(const struct kldsim_kbi_report *report, bool cause, size_t *number)
{
	for (size_t i = 0; i < report->nparts; i++) {
		const struct kldsim_kbi_report *part = report->parts[i];
		const size_t count = cause ? part->ncauses : part->nfindings;

		if (*number < count)
			return (part);
		*number -= count;
	}
	return (NULL);
}

enum kldsim_status
kldsim_kbi_report_cause(const struct kldsim_kbi_report *report, size_t index,
    struct kldsim_kbi_cause *cause_ret)
{
	const struct kldsim_kbi_report *part = part_of(report, true, &index);

	memset(cause_ret, 0, sizeof(*cause_ret));
	if (part == NULL)
		return (KLDSIM_NOENT);
	*cause_ret = part->causes[index];
	for (size_t i = 0; report->parts[i] != part; i++)
		cause_ret->first += report->parts[i]->nfindings;
	return (KLDSIM_OK);
}

/* NULL: there is none of that number. */
static const struct kldsim__kbi_finding *
finding_at(const struct kldsim_kbi_report *report, size_t index)
{
	const struct kldsim_kbi_report *part = part_of(report, false, &index);

	return (part == NULL ? NULL : &part->findings[index]);
}

enum kldsim_status
kldsim_kbi_report_finding(const struct kldsim_kbi_report *report,
    size_t index, struct kldsim_kbi_finding *finding_ret)
{
	const struct kldsim__kbi_finding *finding = finding_at(report, index);

	memset(finding_ret, 0, sizeof(*finding_ret));
	if (finding == NULL)
		return (KLDSIM_NOENT);
	*finding_ret = finding->is;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kbi_report_change(const struct kldsim_kbi_report *report,
    size_t finding, size_t index, struct kldsim_kbi_change *change_ret)
{
	const struct kldsim__kbi_finding *of = finding_at(report, finding);

	memset(change_ret, 0, sizeof(*change_ret));
	if (of == NULL || index >= of->is.changes)
		return (KLDSIM_NOENT);
	*change_ret = of->difference->changes[index];
	return (KLDSIM_OK);
}

const char *
kldsim_kbi_report_import(const struct kldsim_kbi_report *report,
    size_t finding, size_t index)
{
	const struct kldsim__kbi_finding *of = finding_at(report, finding);

	return (of == NULL || index >= of->is.imports ? NULL :
	    of->imports[index]);
}

enum kldsim_status
kldsim_kbi_report_embedding(const struct kldsim_kbi_report *report,
    size_t finding, size_t index,
    struct kldsim_kbi_embedding *embedding_ret)
{
	const struct kldsim__kbi_finding *of = finding_at(report, finding);

	memset(embedding_ret, 0, sizeof(*embedding_ret));
	if (of == NULL || index >= EMBEDDING || index >= of->is.embedding)
		return (KLDSIM_NOENT);
	*embedding_ret = of->embedding[index];
	return (KLDSIM_OK);
}

const char *
kldsim_kbi_verdict_name(enum kldsim_kbi_verdict verdict)
{
	static const char *const names[] = {
		[KLDSIM_KBI_NO_DIFFERENCE] = "no difference found",
		[KLDSIM_KBI_CANNOT_TELL] = "cannot tell",
		[KLDSIM_KBI_REBUILD] = "rebuild",
		[KLDSIM_KBI_WILL_NOT_LOAD] = "will not load",
	};

	return ((unsigned)verdict < sizeof(names) / sizeof(names[0]) ?
	    names[verdict] : "?");
}
