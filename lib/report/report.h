/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

/*
 * Console lines and findings, kept in the order in which they come.
 *
 * Reporting never fails where it is called: a report that runs out of memory
 * remembers it, and the call in progress ends as a host failure.
 */

#include <stdarg.h>
#include <stdbool.h>

#include <kldsim/report.h>

#include "util/arena.h"
#include "util/format.h"

/* One name for each row of findings.def. */
enum kldsim__finding {
#define FINDING(id, code, severity, rules, meaning, kernel, remedy) \
	KLDSIM__F_##id,
#include "report/findings.def"
#undef FINDING
	KLDSIM__F_COUNT
};

/* What a finding is to the call in progress. */
enum kldsim__weight {
	KLDSIM__ASIDE,   /* the kernel goes on */
	KLDSIM__REFUSAL, /* it is why the kernel says no */
	KLDSIM__PANIC    /* the kernel does not survive it */
};

struct kldsim__file;

/* Where a finding was made; zero initialised means nowhere. */
struct kldsim__where {
	const char *file;
	const char *section;
	unsigned section_index; /* 0: none */
	bool has_offset;
	uint64_t offset;
	const char *symbol;
	const char *function;
	/* Who knows the function, if nobody has named it yet (kern/). */
	const struct kldsim__file *owner;
	uint64_t address;
};

struct kldsim__report {
	struct kldsim__arena arena;
	const char **console;
	size_t nconsole;
	size_t console_cap;
	struct kldsim_finding **findings; /* each stays where it is */
	size_t nfindings;
	size_t findings_cap;
	/* Of each code, in the call in progress: all 0 unless one was counted. */
	bool counted;
	bool says_why;         /* a reason for a refusal is among them */
	size_t kept[KLDSIM__F_COUNT];
	size_t left_out[KLDSIM__F_COUNT]; /* and not told of yet */
	size_t max_findings;   /* of one code, kept for one call */
	size_t nrefusals;      /* reasons so far, those left out too */
	bool failed;           /* no memory */
};

struct kldsim__report_mark {
	struct kldsim__arena_mark arena;
	size_t nconsole;
	size_t nfindings;
};

void kldsim__report_init(struct kldsim__report *report,
    const struct kldsim__alloc *alloc, size_t max_findings);
void kldsim__report_fini(struct kldsim__report *report);

/* A call begins: its findings are counted from here. */
struct kldsim__report_mark kldsim__report_mark(struct kldsim__report *report);
void kldsim__report_release(struct kldsim__report *report,
    struct kldsim__report_mark mark);

/* What has been said since a copy of the report was made is taken back. */
void kldsim__report_take_back(struct kldsim__report *report,
    const struct kldsim__report *before);

/* One line of the console, without a newline; bytes are kept as they are. */
void kldsim__report_console(struct kldsim__report *report, const char *format,
    ...) KLDSIM__PRINTF(2, 3);
void kldsim__report_finding(struct kldsim__report *report,
    enum kldsim__finding which, enum kldsim__weight weight,
    const struct kldsim__where *where, const char *format, va_list args);
/* What has been found last is why the kernel says no. */
void kldsim__report_refuses(struct kldsim__report *report, size_t finding);

/* Would one more of these be left out?  Then it counts as that. */
bool kldsim__report_enough(struct kldsim__report *report,
    enum kldsim__finding which);
/* A call ends well: one more finding for each code of which some are missing. */
void kldsim__report_end(struct kldsim__report *report);

/* The row of a finding code. */
const char *kldsim__finding_code(enum kldsim__finding which);
const char *kldsim__finding_rules(enum kldsim__finding which);

#endif
