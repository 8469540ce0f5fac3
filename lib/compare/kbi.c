/* SPDX-License-Identifier: BSD-2-Clause */

/* A kernel, and one module after another; see compare.h. */

#include <string.h>

#include "compare/compare.h"
#include "util/error.h"
#include "util/path.h"

/* --- the kernel --- */

static bool
same_machine(const struct kldsim_kbi_file *a, const struct kldsim_kbi_file *b)
{
	return (a->elf.ehdr.e_machine == b->elf.ehdr.e_machine &&
	    a->elf.is64 == b->elf.is64 && a->elf.big == b->elf.big);
}

static bool
make_reach(struct kldsim_kbi *kbi)
{
	const bool good = kldsim__reach_init(&kbi->reach, &kbi->alloc,
	    &kbi->tags, &kbi->shaping);

	kbi->reach.edges_arena = &kbi->arena;
	kbi->reach.lasting = kbi->old != NULL;
	kbi->memos = kldsim__calloc(&kbi->alloc, kbi->tags.count,
	    sizeof(*kbi->memos));
	return (good && kbi->memos != NULL);
}

static bool
make_tags(struct kldsim_kbi *kbi)
{
	if (!kldsim__tags_init(&kbi->tags, &kbi->alloc, kbi->kernel->types,
	    &kbi->b))
		return (false);
	kbi->shaping.seed = kbi->tags.seed;
	if (kbi->old != NULL && !kldsim__tagged_init(&kbi->a, &kbi->tags,
	    kbi->old->types))
		return (false);
	return (make_reach(kbi) && kldsim__compare_couple(kbi));
}

enum kldsim_status
kldsim_kbi_new(struct kldsim_kbi_file *kernel, struct kldsim_kbi_file *old,
    struct kldsim_kbi **kbi_ret, struct kldsim_error *error_ret)
{
	struct kldsim_kbi *kbi;

	if (old != NULL && !same_machine(kernel, old))
		return (kldsim__error_set(error_ret, KLDSIM_ARG,
		    "the two kernels are of different machines"));
	kbi = kldsim__calloc(&kernel->alloc, 1, sizeof(*kbi));
	if (kbi == NULL)
		return (kldsim__error_set(error_ret, KLDSIM_NOMEM, "no memory"));
	kbi->alloc = kernel->alloc;
	kbi->kernel = kernel;
	kbi->old = old;
	kldsim__arena_init(&kbi->arena, &kbi->alloc);
	kbi->comparable = kernel->types != NULL &&
	    (old == NULL || old->types != NULL);
	kbi->known = kldsim__calloc(&kbi->alloc,
	    (size_t)kernel->symbols.count + 1, sizeof(*kbi->known));
	if (kbi->known == NULL || !kldsim__compare_index(kernel) ||
	    (old != NULL && !kldsim__compare_index(old)) ||
	    (kbi->comparable && !make_tags(kbi))) {
		kldsim_kbi_free(kbi);
		return (kldsim__error_set(error_ret, KLDSIM_NOMEM, "no memory"));
	}
	*kbi_ret = kbi;
	return (KLDSIM_OK);
}

void
kldsim_kbi_free(struct kldsim_kbi *kbi)
{
	struct kldsim__alloc alloc;

	if (kbi == NULL)
		return;
	alloc = kbi->alloc;
	kldsim__compare_forget(kbi);
	if (kbi->comparable) {
		kldsim__reach_fini(&kbi->reach);
		kldsim__tagged_fini(&kbi->a, &alloc);
		kldsim__tagged_fini(&kbi->b, &alloc);
		kldsim__tags_fini(&kbi->tags);
	}
	kldsim__free(&alloc, kbi->embedded);
	kldsim__free(&alloc, kbi->embeds);
	kldsim__free(&alloc, kbi->memos);
	kldsim__free(&alloc, kbi->known);
	kldsim__arena_fini(&kbi->arena);
	kldsim__free(&alloc, kbi);
}

/* --- a module --- */

/* After so many modules it is likely that there are many more. */
#define MANY 3

/* What two kernels tell is kept; of a module nothing is. */
static void
begin(struct kldsim_kbi_report *report, struct kldsim__tagged *own)
{
	struct kldsim_kbi *kbi = report->kbi;
	struct kldsim__reach *reach = &kbi->reach;

	report->reach = reach;
	report->memos = kbi->memos;
	if (kbi->old != NULL) {
		reach->a = &kbi->a;
		if (++kbi->modules == MANY) {
			kldsim__compare_tags(kbi);
			/* What that took is not the module's. */
			kbi->shaping.work = report->module->limits.work;
		}
		return;
	}
	reach->a = own;
	reach->edges_arena = &report->arena;
}

/* Of two kernels; the next module begins anew. */
static void
forget_types(struct kldsim_kbi *kbi)
{
	const size_t tags = kbi->tags.count;

	memset(kbi->memos, 0, tags * sizeof(*kbi->memos));
	memset(kbi->reach.reached, 0, tags * sizeof(*kbi->reach.reached));
}

static void
end(struct kldsim_kbi_report *report, struct kldsim__tagged *own)
{
	struct kldsim_kbi *kbi = report->kbi;

	if (report->reach == NULL)
		return;
	/* I-32: whatever it was that took all the work. */
	if (kbi->shaping.work == 0 && report->info.cut == 0)
		report->info.cut = 1;
	if (kbi->old == NULL)
		for (size_t i = 0; i < kbi->reach.ntouched; i++)
			memset(&kbi->memos[kbi->reach.touched[i]], 0,
			    sizeof(*kbi->memos));
	kldsim__compare_forget_own(kbi);
	kldsim__reach_reset(&kbi->reach);
	/* Where work came to its end, something may have been cut. */
	if (kbi->old != NULL && kbi->shaping.work == 0)
		forget_types(kbi);
	kldsim__tagged_fini(own, &kbi->alloc);
	report->reach = NULL;
}

static bool
matters(const struct kldsim_kbi_report *report)
{
	for (size_t i = 0; i < report->nfindings; i++)
		if (report->findings[i].is.level < KLDSIM_KBI_MEANING)
			return (true);
	return (false);
}

/* I-82: of the types alone. */
static void
judge(struct kldsim_kbi_report *report)
{
	struct kldsim_kbi_info *info = &report->info;

	info->verdict = KLDSIM_KBI_NO_DIFFERENCE;
	for (size_t i = 0; i < report->nparts; i++)
		if (matters(report->parts[i]))
			info->verdict = KLDSIM_KBI_REBUILD;
	if (info->gone != 0)
		info->verdict = KLDSIM_KBI_WILL_NOT_LOAD;
	if (info->verdict != KLDSIM_KBI_NO_DIFFERENCE)
		return;
	if (info->why == NULL && info->cut != 0)
		info->why = "a type is too large to be compared";
	if (info->why == NULL && info->typed < info->resolved)
		info->why = report->kbi->old != NULL ? kldsim__compare_text(
		    report, "%s has no type", info->untyped) : NULL;
	if (info->why != NULL)
		info->verdict = KLDSIM_KBI_CANNOT_TELL;
}

/* Why there is nothing to be compared; NULL: there is. */
static const char *
no_types(const struct kldsim_kbi_report *report)
{
	const struct kldsim_kbi *kbi = report->kbi;

	if (!same_machine(report->module, kbi->kernel))
		return ("the module is for another machine");
	if (kbi->kernel->types == NULL)
		return ("the kernel has no types");
	if (kbi->old != NULL)
		return (kbi->old->types == NULL ?
		    "the old kernel has no types" : NULL);
	return (report->module->types == NULL ?
	    "the module has no types" : NULL);
}

static bool
compare(struct kldsim_kbi_report *report)
{
	struct kldsim_kbi *kbi = report->kbi;
	struct kldsim__tagged own = { .types = NULL };

	/* Of a module of another machine, too, imports are learned for others. */
	kbi->shaping.work = report->module->limits.work;
	report->info.why = no_types(report);
	if (report->info.why == NULL) {
		if (kbi->old == NULL && !kldsim__tagged_init(&own, &kbi->tags,
		    report->module->types))
			return (false);
		begin(report, &own);
	}
	kldsim__compare_roots(report);
	if (report->reach != NULL && !report->failed)
		kldsim__compare_reached(report);
	if (!report->failed)
		kldsim__compare_imports(report);
	if (!report->failed)
		kldsim__compare_lite(report);
	if (!report->failed)
		kldsim__compare_details(report);
	if (!report->failed)
		kldsim__compare_causes(report);
	end(report, &own);
	report->info.causes = report->ncauses;
	report->info.findings = report->nfindings;
	return (!report->failed);
}

struct kldsim_kbi_report *
kldsim__compare_make(struct kldsim_kbi *kbi, struct kldsim_kbi_file *module,
    struct kldsim_kbi_report *whole)
{
	const struct kldsim_kbi_file *a = kbi->old != NULL ? kbi->old : module;
	struct kldsim_kbi_report *report = kldsim__calloc(&kbi->alloc, 1,
	    sizeof(*report));

	if (report == NULL)
		return (NULL);
	report->kbi = kbi;
	report->module = module;
	report->whole = whole;
	kldsim__arena_init(&report->arena, &kbi->alloc);
	report->memo_arena = kbi->old != NULL ? &kbi->arena : &report->arena;
	report->info.mode = kbi->old != NULL ? KLDSIM_KBI_AGAINST :
	    whole != NULL ? KLDSIM_KBI_LINKED : KLDSIM_KBI_MODULE;
	if (whole != NULL)
		report->linked = kldsim__basename(kbi->kernel->info.file);
	report->info.same_source = a->info.osreldate != 0 &&
	    a->info.osreldate == kbi->kernel->info.osreldate;
	if (compare(report))
		return (report);
	kldsim_kbi_report_free(report);
	return (NULL);
}

enum kldsim_status
kldsim_kbi_compare_linked(struct kldsim_kbi *kbi,
    struct kldsim_kbi_file *module, struct kldsim_source *source,
    const char *const *files, size_t nfiles,
    struct kldsim_kbi_report **report_ret, struct kldsim_error *error_ret)
{
	struct kldsim_kbi_report *report = kldsim__compare_make(kbi, module,
	    NULL);

	if (report == NULL || !kldsim__compare_linked(report, source, files,
	    report->module->types != NULL &&
	    kbi->old == NULL ? nfiles : 0)) {
		kldsim_kbi_report_free(report);
		return (kldsim__error_set(error_ret, KLDSIM_NOMEM, "no memory"));
	}
	judge(report);
	*report_ret = report;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim_kbi_compare(struct kldsim_kbi *kbi, struct kldsim_kbi_file *module,
    struct kldsim_kbi_report **report_ret, struct kldsim_error *error_ret)
{
	return (kldsim_kbi_compare_linked(kbi, module, NULL, NULL, 0,
	    report_ret, error_ret));
}

void
kldsim_kbi_report_free(struct kldsim_kbi_report *report)
{
	struct kldsim__linked *other;
	struct kldsim__alloc alloc;

	if (report == NULL)
		return;
	alloc = report->kbi->alloc;
	other = report->other;
	for (size_t i = 0; i < report->nparts; i++)
		if (report->parts[i] != report)
			kldsim_kbi_report_free(report->parts[i]);
	kldsim__free(&alloc, report->parts);
	kldsim__free(&alloc, report->imports);
	kldsim__free(&alloc, report->findings);
	kldsim__arena_fini(&report->arena);
	kldsim__free(&alloc, report);
	kldsim__linked_unref(other);
}
