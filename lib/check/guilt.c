/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What a folder is guilty of, as a list: what is kept of each module as it is
 * told of, and the order, which is by what it leads to.
 */

#include "check/guilt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kern/sim.h"
#include "util/path.h"

static bool
is(const struct kldsim_finding *finding, enum kldsim__finding which)
{
	return (strcmp(finding->code, kldsim__finding_code(which)) == 0);
}

/* --- the list --- */

/* How often a module is guilty of one thing already: the last ones are its. */
static uint64_t
count_last(const struct kldsim__check_guilts *guilts, const char *code,
    size_t module)
{
	uint64_t count = 0;

	for (size_t i = guilts->count; i-- > 0; count++)
		if (guilts->all[i].module != module ||
		    guilts->all[i].finding.code != code)
			break;
	return (count);
}

static struct kldsim_check_guilt *
add(struct kldsim_check *check, size_t module, const char *path)
{
	struct kldsim__check_guilts *guilts = check->guilts;
	struct kldsim_check_guilt *guilt;

	if (!kldsim__grow(&check->alloc, &guilts->all, &guilts->cap,
	    guilts->count + 1, sizeof(*guilts->all)))
		return (NULL);
	guilt = &guilts->all[guilts->count++];
	memset(guilt, 0, sizeof(*guilt));
	guilt->module = module;
	guilt->path = path;
	return (guilt);
}

struct kldsim_check_guilt *
kldsim__check_guilty(struct kldsim_check *check, enum kldsim__finding which,
    size_t module, const char *path, const char *symbol, const char *format,
    ...)
{
	struct kldsim__check_guilts *guilts = check->guilts;
	const char *code = kldsim__finding_code(which);
	struct kldsim_check_guilt *guilt;
	char text[1200];
	va_list args;

	if (count_last(guilts, code, module) >= check->boot.limits.findings)
		return (&guilts->all[guilts->count - 1]);
	guilt = add(check, module, path);
	if (guilt == NULL)
		return (NULL);
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	guilt->finding.code = code;
	guilt->finding.severity = kldsim_finding_info(code)->severity;
	guilt->finding.rules = kldsim__finding_rules(which);
	guilt->finding.file = kldsim__basename(path);
	guilt->finding.section_index = -1;
	guilt->finding.symbol = symbol == NULL ? NULL :
	    kldsim__arena_strdup(&check->arena, symbol);
	guilt->finding.text = kldsim__arena_strdup(&check->arena, text);
	return (guilt->finding.text != NULL && (symbol == NULL ||
	    guilt->finding.symbol != NULL) ? guilt : NULL);
}

/* One that is told elsewhere, too. */
static bool
copy(struct kldsim_check *check, const struct kldsim_check_module *module,
    const struct kldsim_finding *finding, bool told)
{
	struct kldsim_check_guilt *guilt = add(check, module->index,
	    module->path);

	if (guilt == NULL)
		return (false);
	guilt->told = told;
	return (kldsim__check_copy_finding(&check->arena, finding,
	    &guilt->finding));
}

/* --- what is kept --- */

/* It is compiled in, and the boot loader takes it nevertheless (P-27). */
static bool
keep_twice(struct kldsim_check *check,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *preload =
	    &module->answers[KLDSIM_CHECK_PRELOAD];

	if (module->answers[KLDSIM_CHECK_KLDLOAD].verdict !=
	    KLDSIM_CHECK_IN_KERNEL || preload->error != 0)
		return (true);
	for (size_t i = 0; i < preload->nfindings; i++)
		if (is(&preload->findings[i], KLDSIM__F_MODULE_TWICE))
			return (copy(check, module, &preload->findings[i],
			    true));
	return (true);
}

static bool
keep_leaks(struct kldsim_check *check,
    const struct kldsim_check_module *module)
{
	bool good = true;

	for (size_t i = 0; i < module->nleaks && good; i++)
		good = copy(check, module, &module->leaks[i], false);
	return (good);
}

/* Of the module itself, and not of what was loaded for it. */
static bool
keep_missing(struct kldsim_check *check, struct kldsim__check_kept *kept,
    const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *answer =
	    &module->answers[KLDSIM_CHECK_KLDLOAD];

	kept->missing = kldsim__arena_calloc(&check->arena,
	    answer->nfindings + 1, sizeof(*kept->missing));
	if (kept->missing == NULL)
		return (false);
	for (size_t i = 0; i < answer->nfindings; i++) {
		const struct kldsim_finding *f = &answer->findings[i];
		const char *symbol;

		if (!is(f, KLDSIM__F_UNDEFINED_SYMBOL) || f->symbol == NULL ||
		    !kldsim__check_is_called(f->file, module->path))
			continue;
		symbol = kldsim__arena_strdup(&check->arena, f->symbol);
		if (symbol == NULL)
			return (false);
		kept->missing[kept->nmissing++] = symbol;
	}
	return (true);
}

static bool
keep_parts(struct kldsim_check *check, struct kldsim__check_kept *kept,
    const struct kldsim__check_tried *tried)
{
	struct kldsim__check_part *parts;

	if (tried->nparts == 0)
		return (true);
	parts = kldsim__arena_calloc(&check->arena, tried->nparts,
	    sizeof(*parts));
	kept->parts = parts;
	for (size_t i = 0; parts != NULL && i < tried->nparts; i++) {
		parts[i] = tried->parts[i];
		parts[i].name = kldsim__arena_strdup(&check->arena,
		    parts[i].name);
		if (parts[i].name == NULL)
			return (false);
	}
	kept->nparts = tried->nparts;
	return (parts != NULL);
}

static bool
begin(struct kldsim_check *check)
{
	if (check->guilts != NULL)
		return (true);
	check->guilts = kldsim__calloc(&check->alloc, 1,
	    sizeof(*check->guilts));
	if (check->guilts == NULL)
		return (false);
	check->guilts->kept = kldsim__calloc(&check->alloc, check->count + 1,
	    sizeof(*check->guilts->kept));
	return (check->guilts->kept != NULL);
}

bool
kldsim__check_keep(struct kldsim_check *check,
    const struct kldsim__check_tried *tried)
{
	const struct kldsim_check_module *module = &tried->module;
	struct kldsim__check_kept *kept;

	if (!begin(check))
		return (false);
	if (check->guilts->made)
		return (true);
	kept = &check->guilts->kept[module->index];
	for (int which = 0; which < 2; which++) {
		kept->verdicts[which] = module->answers[which].verdict;
		kept->needed[which] = module->sets[which].needed;
	}
	return (keep_parts(check, kept, tried) && keep_twice(check, module) &&
	    keep_leaks(check, module) && keep_missing(check, kept, module));
}

/* --- the order --- */

static int
rank_of(const struct kldsim_check_guilt *guilt)
{
	static const enum kldsim__finding ranks[] = {
		KLDSIM__F_MODULE_TWICE, KLDSIM__F_UNDECLARED,
		KLDSIM__F_FILE_NAME_TWICE, KLDSIM__F_INTERFACE_IN_FILES,
		KLDSIM__F_HINTS_NO_MODULE, KLDSIM__F_HINTS_GONE,
		KLDSIM__F_HINTS_LEFTOVER, KLDSIM__F_MODSPACE_TOGETHER,
		KLDSIM__F_LOCAL_SYMBOL_LEAKS,
	};
	const int count = (int)(sizeof(ranks) / sizeof(ranks[0]));
	int rank = 0;

	while (rank < count && !is(&guilt->finding, ranks[rank]))
		rank++;
	return (rank);
}

/* Those of one kind and module stay in the order in which they came. */
static int
compare(const void *va, const void *vb)
{
	const struct kldsim_check_guilt *const *pa = va, *const *pb = vb;
	const struct kldsim_check_guilt *a = *pa, *b = *pb;
	const int ranks = rank_of(a) - rank_of(b);

	if (a->finding.severity != b->finding.severity)
		return (a->finding.severity > b->finding.severity ? -1 : 1);
	if (ranks != 0)
		return (ranks);
	if (a->finding.refusal != b->finding.refusal)
		return (a->finding.refusal ? -1 : 1);
	if (a->module != b->module)
		return (a->module < b->module ? -1 : 1);
	return (a < b ? -1 : a > b);
}

static bool
sort(struct kldsim_check *check)
{
	struct kldsim__check_guilts *guilts = check->guilts;
	struct kldsim_check_guilt *sorted;
	const struct kldsim_check_guilt **order;
	bool good;

	if (guilts->count == 0)
		return (true);
	order = kldsim__calloc(&check->alloc, guilts->count, sizeof(*order));
	sorted = kldsim__calloc(&check->alloc, guilts->count,
	    sizeof(*sorted));
	good = order != NULL && sorted != NULL;
	for (size_t i = 0; good && i < guilts->count; i++)
		order[i] = &guilts->all[i];
	if (good)
		qsort(order, guilts->count, sizeof(*order), compare);
	for (size_t i = 0; good && i < guilts->count; i++)
		sorted[i] = *order[i];
	kldsim__free(&check->alloc, order);
	if (good) {
		kldsim__free(&check->alloc, guilts->all);
		guilts->all = sorted;
	} else
		kldsim__free(&check->alloc, sorted);
	return (good);
}

/* --- the whole --- */

const struct kldsim__metadatum *
kldsim__check_next(const struct kldsim__metadatum *entry,
    enum kldsim__mdt type)
{
	while (entry != NULL && entry->type != type)
		entry = entry->next;
	return (entry);
}

/* Tables and metadata of all that are modules at all. */
static bool
read_files(struct kldsim_check *check)
{
	for (size_t i = 0; i < check->count; i++) {
		struct kldsim__check_kept *kept = &check->guilts->kept[i];
		struct kldsim_image *image;
		enum kldsim_status status;
		bool good;

		if (kept->verdicts[0] == KLDSIM_CHECK_NO_MODULE)
			continue;
		status = kldsim_source_image(check->source,
		    check->entries[i].path, &image, NULL);
		if (status == KLDSIM_NOMEM)
			return (false);
		if (status != KLDSIM_OK)
			continue;
		good = kldsim__provider_open(&kept->file, image,
		    &check->alloc) && kldsim__provider_read_metadata(
		    &kept->file, &check->arena);
		kept->file.path = check->entries[i].path;
		kldsim_image_unref(image);
		if (!good)
			return (false);
	}
	return (true);
}

bool
kldsim__check_judge(struct kldsim_check *check)
{
	const unsigned kldload = 1u << KLDSIM_CHECK_KLDLOAD;

	if (!begin(check) || check->guilts->made ||
	    (check->options.ways & kldload) == 0)
		return (check->guilts != NULL);
	if (!read_files(check) || !kldsim__check_undeclared(check) ||
	    !kldsim__check_twice(check) || !kldsim__check_hints(check) ||
	    !kldsim__check_modspaces(check) || !sort(check))
		return (false);
	check->guilts->made = true;
	return (true);
}

void
kldsim__check_guilts_fini(struct kldsim_check *check)
{
	struct kldsim__check_guilts *guilts = check->guilts;

	if (guilts == NULL)
		return;
	for (size_t i = 0; guilts->kept != NULL && i < check->count; i++)
		kldsim_image_unref(guilts->kept[i].file.image);
	kldsim__free(&check->alloc, guilts->kept);
	kldsim__free(&check->alloc, guilts->all);
	kldsim__free(&check->alloc, guilts);
	check->guilts = NULL;
}

size_t
kldsim_check_guilt_count(const struct kldsim_check *check)
{
	return (check->guilts != NULL && check->guilts->made ?
	    check->guilts->count : 0);
}

const struct kldsim_check_guilt *
kldsim_check_guilt_at(const struct kldsim_check *check, size_t index)
{
	return (index < kldsim_check_guilt_count(check) ?
	    &check->guilts->all[index] : NULL);
}

void
kldsim_check_modspace(const struct kldsim_check *check, enum kldsim_set set,
    struct kldsim_check_modspace *modspace_ret)
{
	if (check->guilts != NULL && check->guilts->made)
		*modspace_ret = check->guilts->modspace[set];
	else
		memset(modspace_ret, 0, sizeof(*modspace_ret));
}
