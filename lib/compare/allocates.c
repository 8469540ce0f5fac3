/* SPDX-License-Identifier: BSD-2-Clause */

/* Who makes a structure by its own idea of its size (I-42). */

#include <string.h>

#include "compare/compare.h"
#include "types/graph.h"

static bool
ends_in_softc(const char *name)
{
	const size_t length = strlen(name);

	return (length >= 5 && strcmp(name + length - 5, "softc") == 0);
}

/* A structure of the module's own: the kernel has none of that name. */
static bool
is_own(const struct kldsim_kbi_report *report, kldsim_type_id id)
{
	const struct kldsim__tagged *a = report->reach->a;
	const struct kldsim__type *type = &a->types->types[id];

	return (kldsim__type_is_sou(type->kind) && type->name != 0 &&
	    (a->tag_of[id] == 0 || ends_in_softc(kldsim__type_name(a->types,
	    type))));
}

static bool
find_row(const char *tag)
{
	static const char *const rows[] = {
#define INSTANCE(name) name,
#define SET(section, name) name,
#include "compare/couplings.def"
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i] == *tag && strcmp(rows[i], tag) == 0)
			return (true);
	return (false);
}

/* Without the module's own types, what it defines is known by its kind. */
static bool
is_handed_over(struct kldsim_kbi_report *report, uint32_t tag)
{
	struct kldsim__memo *memo = &report->memos[tag];

	if (!memo->handing_known)
		memo->handed_over = find_row(
		    report->kbi->tags.tags[tag].name);
	memo->handing_known = true;
	return (memo->handed_over);
}

struct embedding {
	struct kldsim_kbi_report *report;
	struct kldsim__edge *edges;
	size_t count, cap;
};

static void
mark_embedded(struct embedding *embedding, const struct kldsim__edge *edges,
    size_t count, const char *in)
{
	struct kldsim_kbi *kbi = embedding->report->kbi;

	for (size_t i = 0; i < count; i++)
		if (kldsim__edge_holds(&edges[i]) &&
		    kbi->embedded[edges[i].tag] == NULL) {
			kbi->embedded[edges[i].tag] = in;
			kbi->embeds[kbi->nembeds++] = edges[i].tag;
		}
}

static void
mark_in_tag(struct embedding *embedding, uint32_t tag, const char *in)
{
	const struct kldsim__edges *edges = kldsim__reach_edges(
	    embedding->report->reach, tag);

	mark_embedded(embedding, edges->all, edges->count, in);
}

/* What the module's own structures have in them. */
static bool
mark_in_own(struct embedding *embedding)
{
	struct kldsim__reach *reach = embedding->report->reach;
	bool good = true;

	for (kldsim_type_id id = 1; id < reach->a->ids && good; id++) {
		if (!is_own(embedding->report, id))
			continue;
		embedding->count = 0;
		good = kldsim__edges_add(reach, id, &embedding->edges,
		    &embedding->count, &embedding->cap);
		if (good)
			mark_embedded(embedding, embedding->edges,
			    embedding->count, kldsim__type_name(
			    reach->a->types, &reach->a->types->types[id]));
	}
	return (good);
}

/* And what is in those of the kernel's that it has one of. */
static void
mark_in_kernels(struct embedding *embedding)
{
	struct kldsim_kbi_report *report = embedding->report;
	const struct kldsim__reach *reach = report->reach;

	for (size_t i = 0; i < reach->ntouched; i++) {
		const uint32_t tag = reach->touched[i];
		const struct kldsim__reached *reached = &reach->reached[tag];
		const char *name = report->kbi->tags.tags[tag].name;

		if (reached->instance || reached->allocated != 0 ||
		    (report->kbi->old != NULL && reached->rank != 0 &&
		    is_handed_over(report, tag)))
			mark_in_tag(embedding, tag, name);
	}
}

/* By tag, and made once for all modules. */
static bool
make_room(struct kldsim_kbi *kbi)
{
	const size_t tags = kbi->tags.count;

	if (kbi->embedded == NULL)
		kbi->embedded = kldsim__calloc(&kbi->alloc, tags,
		    sizeof(*kbi->embedded));
	if (kbi->embeds == NULL)
		kbi->embeds = kldsim__calloc(&kbi->alloc, tags,
		    sizeof(*kbi->embeds));
	return (kbi->embedded != NULL && kbi->embeds != NULL);
}

static void
find_embedded(struct kldsim_kbi_report *report)
{
	struct kldsim_kbi *kbi = report->kbi;
	struct embedding embedding = { .report = report };
	bool good = make_room(kbi);

	report->embeds_known = true;
	/* Of two kernels neither has the module's own. */
	if (good && kbi->old == NULL)
		good = mark_in_own(&embedding);
	if (good)
		mark_in_kernels(&embedding);
	for (size_t i = 0; good && i < kbi->nembeds; i++)
		mark_in_tag(&embedding, kbi->embeds[i],
		    kbi->embedded[kbi->embeds[i]]);
	kldsim__free(report->reach->alloc, embedding.edges);
	report->failed = report->failed || !good || report->reach->failed;
}

void
kldsim__compare_forget_own(struct kldsim_kbi *kbi)
{
	for (size_t i = 0; i < kbi->nembeds; i++)
		kbi->embedded[kbi->embeds[i]] = NULL;
	kbi->nembeds = 0;
}

const char *
kldsim__compare_allocates(struct kldsim_kbi_report *report, uint32_t tag)
{
	const struct kldsim__reached *reached = &report->reach->reached[tag];

	if (reached->instance)
		return ("the module has a variable of it");
	if (reached->allocated != 0)
		return (kldsim__compare_text(report, "the module calls %s",
		    report->imports[reached->allocated - 1].name));
	if (report->kbi->old != NULL && is_handed_over(report, tag))
		return ("modules have variables of it");
	if (!report->embeds_known)
		find_embedded(report);
	return (report->failed || report->kbi->embedded[tag] == NULL ? NULL :
	    kldsim__compare_text(report, "the module has it in a struct %s "
	    "of its own", report->kbi->embedded[tag]));
}
