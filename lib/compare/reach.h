/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPARE_REACH_H
#define COMPARE_REACH_H

/*
 * Which types a module depends on (I-20): from its imports to the types that
 * their prototypes name, to what these hold, and a step further.  All of it is
 * told by tags; what is not complete on side a cannot matter by its layout
 * (I-22), so that the walk goes by the types of that side.
 */

#include "compare/file.h"
#include "differ/tags.h"

/* From one type to another, by what it has of it. */
enum kldsim__edge_kind {
	KLDSIM__BY_VALUE,
	KLDSIM__BY_ELEMENT, /* by value, in an array */
	KLDSIM__BY_POINTER,
	KLDSIM__BY_CALLBACK /* an argument of a function that it points to */
};

struct kldsim__edge {
	uint32_t tag : 30;
	uint32_t kind : 2;
};

static inline bool
kldsim__edge_holds(const struct kldsim__edge *edge)
{
	return (edge->kind <= KLDSIM__BY_ELEMENT);
}

/* Where a type leads; made once. */
struct kldsim__edges {
	uint32_t count;
	uint32_t cut : 1; /* there are more */
	uint32_t values : 31; /* that it has by value, in arrays or not */
	struct kldsim__edge all[];
};

/* A type that a prototype or variable names. */
struct kldsim__lead {
	uint32_t tag;
	unsigned rank;
	kldsim_type_id exact; /* that very one (I-30); 0: it only has the tag */
	bool kernel;          /* of side b */
	bool passed;          /* an argument or result, by value */
	bool element;         /* the variable is an array of it */
};

/* All of one symbol; made once. */
struct kldsim__leads {
	struct kldsim__lead *all;
	uint32_t count;
	bool cut;             /* there are more */
};

/* A link of a list, the newest first. */
struct kldsim__reach_link {
	uint32_t next;   /* which of the links; 0: there are no more */
	uint32_t number; /* an import, or a tag */
};

/*
 * What is known of a tag for one module, two to a line of the cache: that is
 * most of what a walk takes.  All 0 if it is not reached, but for what lasts
 * from one module to the next if both sides do.
 */
struct kldsim__reached {
	struct kldsim__edges *edges; /* lasts; NULL: not asked for */
	uint32_t exact;      /* the one that prototypes name; 0: none does */
	uint32_t imports;    /* that name it: the first link */
	uint32_t in;         /* tags that have it by value, likewise */
	uint32_t allocated;  /* by this import, plus 1, which it calls (I-42) */
	uint32_t because;    /* another reason, plus 1: a set, an instance */
	uint8_t rank;        /* 0: not reached, or not yet */
	bool touched : 1;
	bool by_value_seen : 1; /* its edges have been followed */
	bool instance : 1;   /* the module has a variable of it, or in one */
	bool many : 1;       /* the kernel's prototypes name several of the tag */
	bool passed : 1;     /* an import is handed it by value, or hands it back */
	bool element : 1;    /* there is an array of it */
	bool ends : 1;       /* it has nothing by value; lasts */
	bool alike : 1;      /* on both sides; lasts */
};

struct kldsim__reach {
	const struct kldsim__alloc *alloc;
	struct kldsim__arena *edges_arena; /* of side a */
	struct kldsim__shaping *shaping;
	const struct kldsim__tags *tags;
	const struct kldsim__tagged *a;
	struct kldsim__edge *found;        /* while they are */
	size_t found_cap;
	struct kldsim__lead *leads;        /* likewise */
	size_t leads_cap;
	struct kldsim__reached *reached;   /* by tag */
	uint32_t *touched;                 /* those that are */
	size_t ntouched;
	struct kldsim__reach_link *links;  /* from 1 */
	size_t nlinks, links_cap;
	const char **reasons;
	size_t nreasons, reasons_cap;
	struct {
		uint32_t *tags;            /* whose edges are to be followed */
		size_t count;
	} queues[4];                       /* by rank */
	bool lasting;                      /* side a is not the module */
	bool cut;                          /* there was more to follow */
	bool failed;
};

/* What is reached for another reason than an import. */
#define KLDSIM__NO_IMPORT UINT32_MAX

/* With nothing reached, and no graph yet; false: no memory. */
bool kldsim__reach_init(struct kldsim__reach *reach,
    const struct kldsim__alloc *alloc, const struct kldsim__tags *tags,
    struct kldsim__shaping *shaping);
void kldsim__reach_fini(struct kldsim__reach *reach);

/* A tag is reached. */
void kldsim__reach_tag(struct kldsim__reach *reach, uint32_t tag,
    unsigned rank, uint32_t import, const char *because);
/*
 * The types of a prototype or variable of a graph, of which tagged tells the
 * tags: what they are, and what is pointed to.  kernel: these are of side b.
 * They are in edges_arena.
 */
void kldsim__reach_leads(struct kldsim__reach *reach,
    const struct kldsim__tagged *tagged, kldsim_type_id id, bool kernel,
    struct kldsim__leads *leads_ret);
/* A copy in the arena; false: no memory. */
bool kldsim__leads_keep(const struct kldsim__leads *leads,
    struct kldsim__arena *arena, struct kldsim__leads *leads_ret);
void kldsim__reach_take(struct kldsim__reach *reach,
    const struct kldsim__leads *leads, uint32_t import);
/* Another reason than an import to reach a tag; NULL: there is none. */
const char *kldsim__reach_because(const struct kldsim__reach *reach,
    uint32_t tag);
/* What the module's function of that type is given, and why that counts. */
void kldsim__reach_inline(struct kldsim__reach *reach, kldsim_type_id id,
    const char *because);
/* The module's own variables, by value. */
void kldsim__reach_instance(struct kldsim__reach *reach, kldsim_type_id id);
/* Follow all that has been reached to the ranks behind. */
void kldsim__reach_follow(struct kldsim__reach *reach);
/* Forget it all, for the next module. */
void kldsim__reach_reset(struct kldsim__reach *reach);

const struct kldsim__edges *kldsim__reach_edges(struct kldsim__reach *reach,
    uint32_t tag);
/* Append the edges of a type of side a, which may have no tag. */
bool kldsim__edges_add(struct kldsim__reach *reach, kldsim_type_id id,
    struct kldsim__edge **edges, size_t *count, size_t *cap);

#endif
