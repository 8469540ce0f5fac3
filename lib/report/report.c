/* SPDX-License-Identifier: BSD-2-Clause */

/* What the simulated kernel said, and what there is to say of it. */

#include "report/report.h"

#include <stdio.h>
#include <string.h>

static const struct kldsim_finding_info rows[] = {
#define FINDING(id, code, severity, rules, meaning, kernel, remedy) \
	{ code, KLDSIM_##severity, rules, meaning, kernel, remedy },
#include "report/findings.def"
#undef FINDING
};

void
kldsim__report_init(struct kldsim__report *report,
    const struct kldsim__alloc *alloc, size_t max_findings)
{
	memset(report, 0, sizeof(*report));
	kldsim__arena_init(&report->arena, alloc);
	report->max_findings = max_findings;
}

void
kldsim__report_fini(struct kldsim__report *report)
{
	const struct kldsim__alloc *alloc = report->arena.alloc;

	kldsim__free(alloc, report->console);
	kldsim__free(alloc, report->findings);
	kldsim__arena_fini(&report->arena);
}

struct kldsim__report_mark
kldsim__report_mark(struct kldsim__report *report)
{
	struct kldsim__report_mark mark;

	mark.arena = kldsim__arena_mark(&report->arena);
	mark.nconsole = report->nconsole;
	mark.nfindings = report->nfindings;
	if (report->counted) {
		memset(report->kept, 0, sizeof(report->kept));
		memset(report->left_out, 0, sizeof(report->left_out));
	}
	report->counted = false;
	report->says_why = false;
	report->failed = false;
	return (mark);
}

void
kldsim__report_release(struct kldsim__report *report,
    struct kldsim__report_mark mark)
{
	kldsim__arena_release(&report->arena, mark.arena);
	report->nconsole = mark.nconsole;
	report->nfindings = mark.nfindings;
	report->failed = false;
}

void
kldsim__report_take_back(struct kldsim__report *report,
    const struct kldsim__report *before)
{
	kldsim__arena_release(&report->arena,
	    kldsim__arena_mark(&before->arena));
	report->nconsole = before->nconsole;
	report->nfindings = before->nfindings;
	report->nrefusals = before->nrefusals;
	if (report->counted) {
		memcpy(report->kept, before->kept, sizeof(report->kept));
		memcpy(report->left_out, before->left_out,
		    sizeof(report->left_out));
	}
	report->counted = before->counted;
	report->says_why = before->says_why;
	report->failed = before->failed;
}

/* A formatted text in the report's arena; NULL, and failed set, if none. */
static const char *
format_text(struct kldsim__report *report, const char *format, va_list args)
{
	char small[512];
	char *text;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(small, sizeof(small), format, args);
	text = length < 0 ? NULL :
	    kldsim__arena_alloc(&report->arena, (size_t)length + 1);
	if (text == NULL)
		report->failed = true;
	else if ((size_t)length < sizeof(small))
		memcpy(text, small, (size_t)length + 1);
	else
		(void)vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return (text);
}

void
kldsim__report_console(struct kldsim__report *report, const char *format, ...)
{
	const char *text;
	va_list args;

	va_start(args, format);
	text = format_text(report, format, args);
	va_end(args);
	if (text == NULL)
		return;
	if (!kldsim__grow(report->arena.alloc, &report->console,
	    &report->console_cap, report->nconsole + 1,
	    sizeof(*report->console))) {
		report->failed = true;
		return;
	}
	report->console[report->nconsole++] = text;
}

static const char *
keep(struct kldsim__report *report, const char *text)
{
	const char *copy;

	if (text == NULL)
		return (NULL);
	copy = kldsim__arena_strdup(&report->arena, text);
	if (copy == NULL)
		report->failed = true;
	return (copy);
}

static void
add(struct kldsim__report *report, enum kldsim__finding which,
    enum kldsim__weight weight, const struct kldsim__where *where,
    const char *format, va_list args)
{
	struct kldsim_finding *finding;

	finding = kldsim__arena_alloc(&report->arena, sizeof(*finding));
	if (finding == NULL || !kldsim__grow(report->arena.alloc,
	    &report->findings, &report->findings_cap, report->nfindings + 1,
	    sizeof(struct kldsim_finding *))) {
		report->failed = true;
		return;
	}
	report->findings[report->nfindings++] = finding;
	finding->code = rows[which].code;
	finding->severity = weight == KLDSIM__PANIC ? KLDSIM_PANIC :
	    rows[which].severity;
	finding->refusal = weight == KLDSIM__REFUSAL;
	finding->rules = rows[which].rules;
	finding->file = keep(report, where->file);
	finding->section = keep(report, where->section);
	finding->section_index =
	    where->section_index != 0 ? (int)where->section_index : -1;
	finding->has_offset = where->has_offset;
	finding->offset = where->offset;
	finding->symbol = keep(report, where->symbol);
	finding->function = keep(report, where->function);
	finding->text = format_text(report, format, args);
}

static void add_left_out(struct kldsim__report *report, const char *format,
    ...) KLDSIM__PRINTF(2, 3);

static void
add_left_out(struct kldsim__report *report, const char *format, ...)
{
	const struct kldsim__where nowhere = { .file = NULL };
	va_list args;

	va_start(args, format);
	add(report, KLDSIM__F_FINDINGS_LEFT_OUT, KLDSIM__ASIDE, &nowhere,
	    format, args);
	va_end(args);
}

bool
kldsim__report_enough(struct kldsim__report *report,
    enum kldsim__finding which)
{
	if (report->kept[which] < report->max_findings)
		return (false);
	report->counted = true;
	report->left_out[which]++;
	return (true);
}

void
kldsim__report_end(struct kldsim__report *report)
{
	for (size_t i = 0; report->counted && i < KLDSIM__F_COUNT; i++) {
		if (report->left_out[i] != 0)
			add_left_out(report, "%s: %zu more, left out as they "
			    "are over the limit findings=%zu", rows[i].code,
			    report->left_out[i], report->max_findings);
		report->left_out[i] = 0;
	}
}

void
kldsim__report_finding(struct kldsim__report *report,
    enum kldsim__finding which, enum kldsim__weight weight,
    const struct kldsim__where *where, const char *format, va_list args)
{
	report->nrefusals += weight == KLDSIM__REFUSAL;
	/* A panic is always told, and last: it is why the kernel is dead. */
	if (weight == KLDSIM__PANIC)
		kldsim__report_end(report);
	/* The first reason for a refusal, too, however many remarks there were. */
	else if ((weight != KLDSIM__REFUSAL || report->says_why) &&
	    kldsim__report_enough(report, which))
		return;
	report->says_why = report->says_why || weight == KLDSIM__REFUSAL;
	report->counted = true;
	report->kept[which]++;
	add(report, which, weight, where, format, args);
}

void
kldsim__report_refuses(struct kldsim__report *report, size_t finding)
{
	report->nrefusals++;
	report->says_why = true;
	report->findings[finding]->refusal = true;
}

const char *
kldsim__finding_code(enum kldsim__finding which)
{
	return (rows[which].code);
}

const char *
kldsim__finding_rules(enum kldsim__finding which)
{
	return (rows[which].rules);
}

size_t
kldsim_finding_info_count(void)
{
	return (KLDSIM__F_COUNT);
}

const struct kldsim_finding_info *
kldsim_finding_info_at(size_t index)
{
	return (index < KLDSIM__F_COUNT ? &rows[index] : NULL);
}

const struct kldsim_finding_info *
kldsim_finding_info(const char *code)
{
	for (size_t i = 0; code != NULL && i < KLDSIM__F_COUNT; i++)
		if (strcmp(rows[i].code, code) == 0)
			return (&rows[i]);
	return (NULL);
}

const char *
kldsim_severity_name(enum kldsim_severity severity)
{
	static const char *const names[] = { "note", "warning", "panic" };

	if ((unsigned)severity >= sizeof(names) / sizeof(names[0]))
		return ("?");
	return (names[severity]);
}
