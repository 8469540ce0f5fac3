/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

/*
 * Whether a module was built for a kernel's interface (docs/kbi-semantics.md,
 * sections 4 and 5).
 *
 *	file.c              a file: symbols, types, headers, configuration
 *	imports.c           what a module imports, and where that is
 *	reach.c, roots.c    which types a module depends on
 *	couplings.def       what it shares besides prototypes
 *	judge.c             differences (lib/differ) become findings with a level
 *	allocates.c         who has one of his own
 *	causes.c            why findings are there: layouts.def
 *	report.c            what the caller sees of a report
 *	change_text.c       one change in words
 *	tell.c              findings of a report as those of a simulated kernel
 *	kbi.c               one module after another
 *	lite.c              offsets that a module was told (S-20)
 *	linked.c            a module against the modules that it is linked to
 *	interface.c         a kernel's interface as text
 *	words.c             what of a kernel's interface needs no types
 */

#include "compare/reach.h"
#include "differ/difference.h"
#include "util/format.h"

/* An import, resolved. */
struct kldsim__import {
	const char *name;
	struct kldsim__known *known; /* of the kernel's; NULL: nothing */
	uint32_t index;  /* in the module's table */
	uint32_t symbol; /* in the kernel's; KLDSIM__NO_SYMBOL: it has none */
	uint32_t old_symbol; /* in the old kernel's, if nobody knows it */
	struct kldsim__difference *difference; /* of prototypes */
	bool taken;      /* by a file that the linker asks before */
	bool typed;
};

/* What is known of a symbol of the kernel's, whoever imports it. */
struct kldsim__known {
	struct kldsim__leads leads;
	kldsim_type_id type; /* 0: nobody says */
	bool function;
	bool typed;          /* on all sides, or it needs no type */
	struct kldsim__leads inlines; /* what inlines that call it touch */
	uint32_t allocated;  /* tag of what it is given to make; 0: none */
	/* Of two kernels, the old one's. */
	kldsim_type_id old_type;
	struct kldsim__leads old_leads; /* when they are asked for */
	bool old_led;
	bool further;        /* they lead where the others do not */
	struct kldsim__difference *difference;
};

struct kldsim__memo {
	bool asked;
	bool alike;
	bool several;    /* types of that tag, on either side */
	bool handing_known;
	bool handed_over; /* by modules, as a rule (couplings.def) */
	struct kldsim__difference *difference;
	/* The same if it is no other thing of that name (I-30); made when a
	   module has something that holds it. */
	struct kldsim__difference *held;
	/* Of several, two that prototypes name; and other such pairs. */
	kldsim_type_id a, b;
	struct kldsim__memo *named;
};

/* Other modules whose types are kept. */
#define KLDSIM__LINKED 8

struct kldsim__linked {
	struct kldsim__alloc alloc;
	unsigned users;  /* parts of reports, and who keeps it */
	char *path;
	struct kldsim_kbi_file *file;
	struct kldsim_kbi *kbi; /* NULL: it has no types */
	uint64_t used;   /* the larger, the later */
};

/* Rows of a table by the first letter of what they are for: places plus 1. */
struct kldsim__letters {
	uint8_t first[256];
	uint8_t next[64];
};

/* The kernel's tags of the rows of couplings.def; 0: it has none. */
struct kldsim__coupled {
	uint32_t *sets;
	uint32_t *inlines;
	uint32_t *allocators;
	uint32_t *instances;
	struct kldsim__letters inlines_by, allocators_by;
};

struct kldsim_kbi {
	struct kldsim__alloc alloc;
	struct kldsim_kbi_file *kernel;
	struct kldsim_kbi_file *old;      /* NULL: modules have types */
	bool comparable;                  /* kernel, and old, have types */
	struct kldsim__tags tags;
	struct kldsim__tagged b;          /* the kernel's */
	struct kldsim__tagged a;          /* the old kernel's */
	struct kldsim__arena arena;       /* edges and differences of these */
	struct kldsim__reach reach;       /* arrays by tag, used again */
	struct kldsim__memo *memos;       /* by tag; of two kernels they last */
	struct kldsim__known **known;     /* by the kernel's symbol */
	struct kldsim__coupled coupled;
	/* Of one module: what its own structures have in them (allocates.c). */
	const char **embedded;            /* by tag: in which; or NULL */
	uint32_t *embeds;                 /* the tags that are */
	size_t nembeds;
	struct kldsim__shaping shaping;
	uint64_t modules;                 /* that were compared */
	struct kldsim__linked *linked[KLDSIM__LINKED]; /* NULL: none here */
	uint64_t uses;
};

struct kldsim__kbi_finding {
	struct kldsim_kbi_finding is;     /* what the caller sees */
	struct kldsim__difference *difference;
	uint32_t tag;                     /* 0: of what has none */
	size_t cause;
	const char **imports;
	struct kldsim_kbi_embedding *embedding;
};

struct kldsim_kbi_report {
	struct kldsim_kbi *kbi;
	struct kldsim_kbi_file *module;
	struct kldsim__arena arena;
	struct kldsim_kbi_info info;
	struct kldsim__import *imports;
	size_t nimports;
	struct kldsim__kbi_finding *findings;
	size_t nfindings, findings_cap;
	struct kldsim_kbi_cause *causes;
	size_t ncauses;
	/* This one, and those of other modules, by their worst findings. */
	struct kldsim_kbi_report **parts;
	size_t nparts;
	const char *linked;               /* the other module's name; or NULL */
	struct kldsim__linked *other;     /* the same: who owns kbi; or NULL */
	/* While it is made. */
	struct kldsim_kbi_report *whole;  /* that this is a part of; or NULL */
	struct kldsim__reach *reach;
	struct kldsim__memo *memos;       /* by tag */
	struct kldsim__arena *memo_arena; /* of what is kept of differences */
	const char *version;              /* the cause if no option is one */
	bool embeds_known;
	bool failed;                      /* no memory */
};

/* --- imports.c --- */

/* Find them, and the symbols of the kernels that they are. */
void kldsim__compare_find_imports(struct kldsim_kbi_report *report);

/* --- roots.c --- */

/* Find the tags of couplings.def, once; false: no memory. */
bool kldsim__compare_couple(struct kldsim_kbi *kbi);
/* Where the old kernel's type of a symbol leads. */
const struct kldsim__leads *kldsim__compare_old_leads(
    struct kldsim_kbi_report *report, struct kldsim__known *known);
/* The module's imports, what they reach, and what else is shared. */
void kldsim__compare_roots(struct kldsim_kbi_report *report);
/* Whether a tag was reached because the module has a linker set of it. */
bool kldsim__compare_in_set(const struct kldsim_kbi_report *report,
    uint32_t tag);

/* --- judge.c --- */

/* Compare all that was reached, and count the rest. */
void kldsim__compare_reached(struct kldsim_kbi_report *report);
/* Findings of imports whose prototype or type differs. */
void kldsim__compare_imports(struct kldsim_kbi_report *report);
const struct kldsim__memo *kldsim__compare_tag(
    struct kldsim_kbi_report *report, uint32_t tag);
/*
 * Compare all types of two kernels at once, in the order of the files.  For many
 * modules that takes a fraction of the time of one by one.
 */
void kldsim__compare_tags(struct kldsim_kbi *kbi);

/* One more finding, of rank 1, about what no tag is of. */
void kldsim__compare_add(struct kldsim_kbi_report *report,
    struct kldsim__difference *difference, unsigned level,
    enum kldsim_type_kind kind, const char *name);

/* --- lite.c --- */

/* Offsets of a structure that the module was told, and has not (S-20). */
void kldsim__compare_lite(struct kldsim_kbi_report *report);

/* --- kbi.c --- */

/* A report; whole: it is one part of that.  NULL: no memory. */
struct kldsim_kbi_report *kldsim__compare_make(struct kldsim_kbi *kbi,
    struct kldsim_kbi_file *module, struct kldsim_kbi_report *whole);

/* --- linked.c --- */

/* The parts of a report about other modules; false: no memory. */
bool kldsim__compare_linked(struct kldsim_kbi_report *report,
    struct kldsim_source *source, const char *const *files, size_t nfiles);
/* Keep none of them any more; parts of reports do as long as they are there. */
void kldsim__compare_forget(struct kldsim_kbi *kbi);
/* Who used it does no more; NULL is fine. */
void kldsim__linked_unref(struct kldsim__linked *linked);

/* --- allocates.c --- */

/* How the module comes to have one of its own; NULL: it has none. */
const char *kldsim__compare_allocates(struct kldsim_kbi_report *report,
    uint32_t tag);
/* Forget what is in the module's own, for the next one. */
void kldsim__compare_forget_own(struct kldsim_kbi *kbi);

/* --- words.c --- */

typedef void (*kldsim__word_told)(void *user, const char *before,
    const char *name, uint64_t value);
/* A kernel's words, by name, which is before and name; false: no memory. */
bool kldsim__compare_words(struct kldsim_kbi_file *file,
    kldsim__word_told told, void *user);

/* --- causes.c --- */

/* Sort findings by cause, and say what to do. */
void kldsim__compare_causes(struct kldsim_kbi_report *report);

/* --- report.c --- */

/* What goes with each finding: imports, types that have it in them, a text. */
void kldsim__compare_details(struct kldsim_kbi_report *report);
/* Types around one that are looked at. */
#define KLDSIM__AROUND 512

struct kldsim__around {
	uint32_t tags[KLDSIM__AROUND];
	size_t count;
};

/* The type itself, and whatever has it by value, at any depth. */
void kldsim__compare_around(const struct kldsim_kbi_report *report,
    uint32_t tag, struct kldsim__around *around);
/* What texts call a side: "the old kernel", "the module", "owner.ko". */
const char *kldsim__compare_side(const struct kldsim_kbi_report *report,
    bool kernel);
/* Text in the report's arena. */
const char *kldsim__compare_text(struct kldsim_kbi_report *report,
    const char *format, ...) KLDSIM__PRINTF(2, 3);

#endif
