/* SPDX-License-Identifier: BSD-2-Clause */

/* The walk over tags; see reach.h. */

#include "compare/reach.h"

#include "types/graph.h"
#include "util/hash.h" /* KLDSIM__PREFETCH */

/* As many as an edge can lead to; nobody has memory for so many. */
#define MOST_TAGS (1u << 30)

/*
 * So many arguments of callbacks are looked at for one structure, and so many of
 * all for a prototype: they are what one number times another may be, and
 * thousands of symbols may have the same.
 */
#define MOST_CALLED (1u << 13)
#define MOST_PASSED (1u << 10)

/* Each array has room for all tags: one is in it once. */
bool
kldsim__reach_init(struct kldsim__reach *reach,
    const struct kldsim__alloc *alloc, const struct kldsim__tags *tags,
    struct kldsim__shaping *shaping)
{
	bool good;

	memset(reach, 0, sizeof(*reach));
	reach->alloc = alloc;
	reach->tags = tags;
	reach->shaping = shaping;
	reach->reached = kldsim__calloc(alloc, tags->count,
	    sizeof(*reach->reached));
	reach->touched = kldsim__calloc(alloc, tags->count,
	    sizeof(*reach->touched));
	good = reach->reached != NULL && reach->touched != NULL &&
	    tags->count <= MOST_TAGS;
	for (unsigned rank = 1; rank <= 3; rank++) {
		reach->queues[rank].tags = kldsim__calloc(alloc, tags->count,
		    sizeof(*reach->queues[rank].tags));
		good = good && reach->queues[rank].tags != NULL;
	}
	return (good);
}

void
kldsim__reach_fini(struct kldsim__reach *reach)
{
	kldsim__free(reach->alloc, reach->touched);
	kldsim__free(reach->alloc, reach->links);
	kldsim__free(reach->alloc, reach->reached);
	kldsim__free(reach->alloc, reach->reasons);
	kldsim__free(reach->alloc, reach->found);
	kldsim__free(reach->alloc, reach->leads);
	for (unsigned rank = 1; rank <= 3; rank++)
		kldsim__free(reach->alloc, reach->queues[rank].tags);
}

/* Remember that the row has to be cleared; false: side a has no such type. */
static inline bool
touch(struct kldsim__reach *reach, uint32_t tag)
{
	struct kldsim__reached *reached = &reach->reached[tag];

	if (reached->touched)
		return (true);
	if (tag == 0 || reach->a->first[tag] == 0)
		return (false);
	reached->touched = true;
	reach->touched[reach->ntouched++] = tag;
	return (true);
}

/* --- what a type leads to --- */

struct adding {
	struct kldsim__reach *reach;
	struct kldsim__edge **edges;
	size_t *count;
	size_t *cap;
	size_t called; /* arguments of callbacks so far */
};

static bool
add_edge(struct adding *adding, uint32_t tag, enum kldsim__edge_kind kind)
{
	struct kldsim__edge *edge;

	if (tag == 0 || adding->reach->a->first[tag] == 0)
		return (true);
	if (*adding->count != 0) {
		edge = &(*adding->edges)[*adding->count - 1];
		if (edge->tag == tag && edge->kind == kind)
			return (true);
	}
	if (!kldsim__grow(adding->reach->alloc, adding->edges, adding->cap,
	    *adding->count + 1, sizeof(**adding->edges)))
		return (false);
	edge = &(*adding->edges)[(*adding->count)++];
	edge->tag = tag & (MOST_TAGS - 1);
	edge->kind = kind;
	return (true);
}

/* What is behind arrays and pointers of a type of side a. */
static const struct kldsim__behind *
behind_a(const struct kldsim__reach *reach, kldsim_type_id id)
{
	return (kldsim__behind(reach->tags, reach->a, id));
}

static bool
add_callback(struct adding *adding, kldsim_type_id id)
{
	const struct kldsim__reach *reach = adding->reach;
	struct kldsim__neutral function;
	kldsim_type_id argument;
	bool good = true;

	kldsim__neutral(reach->a->types, id, &function);
	argument = function.of;
	for (uint64_t i = 0; i <= function.count && good; i++) {
		if (adding->called++ >= MOST_CALLED) {
			adding->reach->cut = true;
			return (true);
		}
		good = add_edge(adding, behind_a(reach, argument)->tag,
		    KLDSIM__BY_CALLBACK);
		if (kldsim_type_argument(reach->a->types, id, i, &argument) !=
		    KLDSIM_OK)
			break;
	}
	return (good);
}

static bool
add_member(struct adding *adding, kldsim_type_id id)
{
	const struct kldsim__behind *behind = behind_a(adding->reach, id);

	if (behind->pointer && behind->kind == KLDSIM_TYPE_FUNCTION)
		return (add_callback(adding, behind->id));
	return (add_edge(adding, behind->tag, behind->pointer ?
	    KLDSIM__BY_POINTER : behind->array ? KLDSIM__BY_ELEMENT :
	    KLDSIM__BY_VALUE));
}

/*
 * Whether a member is one: those of a structure without a name belong to the one
 * around it, and what has no name itself is not told of.
 */
static bool
is_plain(const struct kldsim__reach *reach,
    const struct kldsim__type_member *member)
{
	const struct kldsim_types *types = reach->a->types;
	const struct kldsim__behind *behind = behind_a(reach, member->type);
	const struct kldsim__type *of = &types->types[behind->id];

	return (types->strings[member->name] != '\0' && (behind->pointer ||
	    of->name != 0 || !kldsim__type_is_sou(of->kind)));
}

/* Of a structure with such members alone; false: it is none, or too large. */
static bool
all_plain(const struct kldsim__reach *reach, const struct kldsim__type *sou)
{
	if (!kldsim__type_is_sou(sou->kind) ||
	    reach->shaping->work <= (uint64_t)sou->n + 1)
		return (false);
	for (uint32_t i = 0; i < sou->n; i++)
		if (!is_plain(reach, &reach->a->types->members[sou->first + i]))
			return (false);
	return (true);
}

bool
kldsim__edges_add(struct kldsim__reach *reach, kldsim_type_id id,
    struct kldsim__edge **edges, size_t *count, size_t *cap)
{
	const struct kldsim_types *types = reach->a->types;
	const struct kldsim__type *sou =
	    &types->types[types->types[id].stripped];
	struct adding adding = { reach, edges, count, cap, 0 };
	struct kldsim__leaves leaves;
	struct kldsim__leaf leaf;

	if (all_plain(reach, sou)) {
		/* As many steps as below. */
		reach->shaping->work -= (uint64_t)sou->n + 1;
		for (uint32_t i = 0; i < sou->n; i++)
			if (!add_member(&adding,
			    types->members[sou->first + i].type))
				return (false);
		return (true);
	}
	kldsim__leaves_begin(&leaves, reach->a->types, id, reach->shaping);
	leaves.paths = false;
	while (kldsim__leaves_next(&leaves, &leaf))
		if (!add_member(&adding, leaf.type))
			return (false);
	reach->cut = reach->cut || leaves.cut;
	return (true);
}

static const struct kldsim__edges *
find_edges(struct kldsim__reach *reach, uint32_t tag)
{
	static const struct kldsim__edges none = { .count = 0, .values = 0 };
	const bool cut = reach->cut;
	struct kldsim__edges *edges;
	size_t count = 0;
	bool good = true;

	if (!touch(reach, tag))
		return (&none);
	reach->cut = false;
	for (uint32_t id = reach->a->first[tag]; id != 0 && good;
	    id = reach->a->next[id])
		good = kldsim__edges_add(reach, id, &reach->found, &count,
		    &reach->found_cap);
	edges = good ? kldsim__arena_alloc(reach->edges_arena,
	    sizeof(*edges) + count * sizeof(*edges->all)) : NULL;
	if (edges == NULL) {
		reach->failed = true;
		return (&none);
	}
	edges->count = (uint32_t)count;
	edges->cut = reach->cut;
	reach->cut = reach->cut || cut;
	edges->values = 0;
	for (size_t i = 0; i < count; i++)
		edges->values += kldsim__edge_holds(&reach->found[i]);
	if (count != 0)
		memcpy(edges->all, reach->found, count * sizeof(*edges->all));
	reach->reached[tag].edges = edges;
	return (edges);
}

static inline const struct kldsim__edges *
edges_of(struct kldsim__reach *reach, uint32_t tag)
{
	const struct kldsim__edges *edges = reach->reached[tag].edges;

	return (edges != NULL ? edges : find_edges(reach, tag));
}

const struct kldsim__edges *
kldsim__reach_edges(struct kldsim__reach *reach, uint32_t tag)
{
	return (edges_of(reach, tag));
}

/* --- what is reached --- */

static bool
more_links(struct kldsim__reach *reach)
{
	return (reach->nlinks < UINT32_MAX - 1 && kldsim__grow(reach->alloc,
	    &reach->links, &reach->links_cap, reach->nlinks + 2,
	    sizeof(*reach->links)));
}

static inline void
link_to(struct kldsim__reach *reach, uint32_t *list, uint32_t number)
{
	uint32_t link;

	if (*list != 0 && reach->links[*list].number == number)
		return;
	if (reach->nlinks + 2 > reach->links_cap && !more_links(reach)) {
		reach->failed = true;
		return;
	}
	link = (uint32_t)++reach->nlinks;
	reach->links[link].next = *list;
	reach->links[link].number = number;
	*list = link;
}

/* By that rank, if it was by none so near; false: it cannot be. */
static inline bool
reach_by(struct kldsim__reach *reach, uint32_t tag, unsigned rank)
{
	struct kldsim__reached *reached = &reach->reached[tag];

	if (reached->rank != 0 && reached->rank <= rank)
		return (true);
	if (!touch(reach, tag))
		return (false);
	reached->rank = (uint8_t)rank;
	if (rank == 3 && reached->ends)
		return (true);
	KLDSIM__PREFETCH(reached->edges);
	reach->queues[rank].tags[reach->queues[rank].count++] = tag;
	return (true);
}

/* The number of a reason, plus 1; many come one after another. */
static uint32_t
reason(struct kldsim__reach *reach, const char *because)
{
	const size_t count = reach->nreasons;

	if (count != 0 && reach->reasons[count - 1] == because)
		return ((uint32_t)count);
	if (count == UINT32_MAX || !kldsim__grow(reach->alloc,
	    &reach->reasons, &reach->reasons_cap, count + 1,
	    sizeof(*reach->reasons))) {
		reach->failed = true;
		return (0);
	}
	reach->reasons[reach->nreasons++] = because;
	return ((uint32_t)reach->nreasons);
}

void
kldsim__reach_tag(struct kldsim__reach *reach, uint32_t tag, unsigned rank,
    uint32_t import, const char *because)
{
	struct kldsim__reached *reached = &reach->reached[tag];

	if (!reach_by(reach, tag, rank))
		return;
	if (import != KLDSIM__NO_IMPORT)
		link_to(reach, &reached->imports, import);
	if (because != NULL && reached->because == 0)
		reached->because = reason(reach, because);
}

const char *
kldsim__reach_because(const struct kldsim__reach *reach, uint32_t tag)
{
	const uint32_t because = reach->reached[tag].because;

	return (because != 0 ? reach->reasons[because - 1] : NULL);
}

/* --- what a symbol leads to --- */

/* So many leads are looked through for one that is there already. */
#define NEAR 8

/* While it is found; the arguments of callbacks have rank 2. */
struct leading {
	struct kldsim__reach *reach;
	const struct kldsim__tagged *tagged;
	bool kernel;
	bool variable;
	size_t called; /* arguments so far */
	size_t count;  /* in reach->leads */
};

static void
lead_to(struct leading *leading, const struct kldsim__behind *behind,
    unsigned rank)
{
	struct kldsim__reach *reach = leading->reach;
	const kldsim_type_id exact = behind->kind == KLDSIM_TYPE_FORWARD ?
	    0 : behind->id;
	const bool passed = !leading->variable && behind->steps == 0;
	struct kldsim__lead *lead;

	/* Of an argument like the one before. */
	for (size_t i = leading->count; i > 0 && i + NEAR > leading->count; i--)
		if (reach->leads[i - 1].tag == behind->tag &&
		    reach->leads[i - 1].exact == exact &&
		    reach->leads[i - 1].passed >= passed &&
		    reach->leads[i - 1].rank <= rank)
			return;
	if (!kldsim__grow(reach->alloc, &reach->leads, &reach->leads_cap,
	    leading->count + 1, sizeof(*reach->leads))) {
		reach->failed = true;
		return;
	}
	lead = &reach->leads[leading->count++];
	lead->tag = behind->tag;
	lead->rank = rank;
	lead->kernel = leading->kernel;
	lead->exact = exact;
	lead->passed = passed;
	lead->element = leading->variable && behind->array && !behind->pointer;
}

/* The result and each argument. */
static void
lead_by_function(struct leading *leading, kldsim_type_id id, unsigned rank)
{
	const struct kldsim_types *types = leading->tagged->types;
	const struct kldsim__type *function = &types->types[id];
	kldsim_type_id passed = function->ref;

	for (uint32_t i = 0; i <= function->n &&
	    leading->called < MOST_PASSED; i++, leading->called++) {
		const struct kldsim__behind *behind = kldsim__behind(
		    leading->reach->tags, leading->tagged, passed);

		if (behind->kind == KLDSIM_TYPE_FUNCTION && rank == 1)
			lead_by_function(leading, behind->id, 2);
		else if (behind->tag != 0)
			lead_to(leading, behind, rank);
		if (i < function->n)
			passed = types->arguments[function->first + i];
	}
}

bool
kldsim__leads_keep(const struct kldsim__leads *leads,
    struct kldsim__arena *arena, struct kldsim__leads *leads_ret)
{
	memset(leads_ret, 0, sizeof(*leads_ret));
	leads_ret->cut = leads->cut;
	if (leads->count == 0)
		return (true);
	leads_ret->all = kldsim__arena_calloc(arena, leads->count,
	    sizeof(*leads_ret->all));
	if (leads_ret->all == NULL)
		return (false);
	memcpy(leads_ret->all, leads->all,
	    leads->count * sizeof(*leads_ret->all));
	leads_ret->count = leads->count;
	return (true);
}

void
kldsim__reach_leads(struct kldsim__reach *reach,
    const struct kldsim__tagged *tagged, kldsim_type_id id, bool kernel,
    struct kldsim__leads *leads_ret)
{
	struct leading leading = { .reach = reach, .tagged = tagged,
		.kernel = kernel };
	const struct kldsim__behind *behind;
	struct kldsim__leads found;

	if (tagged->types->types[id].kind == KLDSIM_TYPE_FUNCTION) {
		lead_by_function(&leading, id, 1);
	} else {
		behind = kldsim__behind(reach->tags, tagged, id);
		leading.variable = behind->kind != KLDSIM_TYPE_FUNCTION;
		if (!leading.variable)
			lead_by_function(&leading, behind->id, 1);
		else if (behind->tag != 0)
			lead_to(&leading, behind, 1);
	}
	found.all = reach->leads;
	found.count = (uint32_t)leading.count;
	found.cut = leading.called >= MOST_PASSED;
	if (!kldsim__leads_keep(&found, reach->edges_arena, leads_ret))
		reach->failed = true;
}

void
kldsim__reach_take(struct kldsim__reach *reach,
    const struct kldsim__leads *leads, uint32_t import)
{
	reach->cut = reach->cut || leads->cut;
	for (uint32_t i = 0; i < leads->count; i++) {
		const struct kldsim__lead *lead = &leads->all[i];
		struct kldsim__reached *reached = &reach->reached[lead->tag];

		if (reach_by(reach, lead->tag, lead->rank)) {
			reached->passed |= lead->passed;
			reached->element |= lead->element;
			if (import != KLDSIM__NO_IMPORT)
				link_to(reach, &reached->imports, import);
		}
		/* What the module does not have at all stays as it is. */
		if (lead->exact == 0 || !lead->kernel || !reached->touched)
			continue;
		if (reached->exact != 0 && reached->exact != lead->exact)
			reached->many = true;
		reached->exact = lead->exact;
	}
}

void
kldsim__reach_inline(struct kldsim__reach *reach, kldsim_type_id id,
    const char *because)
{
	kldsim_type_id argument;

	for (uint64_t i = 0; kldsim_type_argument(reach->a->types, id, i,
	    &argument) == KLDSIM_OK; i++)
		kldsim__reach_tag(reach, behind_a(reach, argument)->tag, 1,
		    KLDSIM__NO_IMPORT, because);
}

void
kldsim__reach_instance(struct kldsim__reach *reach, kldsim_type_id id)
{
	const struct kldsim__behind *behind = behind_a(reach, id);

	if (!behind->pointer && touch(reach, behind->tag))
		reach->reached[behind->tag].instance = true;
}

/* --- further on --- */

static void
follow(struct kldsim__reach *reach, uint32_t tag)
{
	struct kldsim__reached *reached = &reach->reached[tag];
	const unsigned rank = reached->rank;
	const struct kldsim__edges *edges = edges_of(reach, tag);

	reached->ends = edges->values == 0;
	reach->cut = reach->cut || edges->cut;
	if (rank == 3 && reached->ends)
		return;
	for (uint32_t i = 0; i < edges->count && !reach->failed; i++) {
		const struct kldsim__edge *edge = &edges->all[i];

		if (kldsim__edge_holds(edge)) {
			/* What rank 3 has of it is worth a note (I-50). */
			if (reach_by(reach, edge->tag, rank) && rank < 3 &&
			    edge->kind == KLDSIM__BY_ELEMENT)
				reach->reached[edge->tag].element = true;
			link_to(reach, &reach->reached[edge->tag].in, tag);
		} else if (edge->kind == KLDSIM__BY_CALLBACK && rank == 1 &&
		    reached->instance) {
			(void)reach_by(reach, edge->tag, 2);
		} else if (edge->kind == KLDSIM__BY_POINTER && rank < 3) {
			(void)reach_by(reach, edge->tag, 3);
		}
	}
}

/* So many tags before one is followed, what it leads to is fetched. */
#define AHEAD 4u
/* Where most lead to. */
#define FEW 8u

static inline void
fetch(const struct kldsim__reach *reach, unsigned rank, size_t at)
{
	const struct kldsim__edges *edges;

	if (at >= reach->queues[rank].count)
		return;
	edges = reach->reached[reach->queues[rank].tags[at]].edges;
	for (uint32_t i = 0; edges != NULL && i < edges->count && i < FEW; i++)
		KLDSIM__PREFETCH(&reach->reached[edges->all[i].tag]);
}

/* Lower ranks first, so that each type is followed once. */
void
kldsim__reach_follow(struct kldsim__reach *reach)
{
	for (unsigned rank = 1; rank <= 3; rank++) {
		for (size_t i = 0; i < reach->queues[rank].count; i++) {
			const uint32_t tag = reach->queues[rank].tags[i];
			struct kldsim__reached *reached =
			    &reach->reached[tag];

			fetch(reach, rank, i + AHEAD);
			if (reach->failed || reached->rank != rank ||
			    reached->by_value_seen)
				continue;
			reached->by_value_seen = true;
			follow(reach, tag);
		}
		reach->queues[rank].count = 0;
	}
}

void
kldsim__reach_reset(struct kldsim__reach *reach)
{
	for (size_t i = 0; i < reach->ntouched; i++) {
		struct kldsim__reached *reached =
		    &reach->reached[reach->touched[i]];

		*reached = !reach->lasting ? (struct kldsim__reached){
		    .edges = NULL } : (struct kldsim__reached){
		    .edges = reached->edges, .ends = reached->ends,
		    .alike = reached->alike };
	}
	for (unsigned rank = 1; rank <= 3; rank++)
		reach->queues[rank].count = 0;
	reach->ntouched = 0;
	reach->nlinks = 0;
	reach->nreasons = 0;
	reach->failed = false;
	reach->cut = false;
}
