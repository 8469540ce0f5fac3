/* SPDX-License-Identifier: BSD-2-Clause */

/* Findings in words; see report_finding.h. */

#include "report/report_finding.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/output.h"

/* Does a text name a symbol, as a word of its own? */
static bool
names(const char *text, const char *symbol)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz_0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ.$";
	size_t length = strlen(symbol);
	const char *at = text;

	while (length > 0 && (at = strstr(at, symbol)) != NULL) {
		if ((at == text || strchr(word, at[-1]) == NULL) &&
		    (at[length] == '\0' || strchr(word, at[length]) == NULL))
			return (true);
		at += length;
	}
	return (false);
}

/* The symbol of a finding, unless its text names it anyway. */
static const char *
unnamed(const struct kldsim_finding *f)
{
	return (f->symbol != NULL && !names(f->text, f->symbol) ?
	    f->symbol : NULL);
}

static bool
same_text(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

/* Do two findings say the same of two offsets in one section? */
static bool
same_story(const struct kldsim_finding *a, const struct kldsim_finding *b)
{
	return (b != NULL && a->has_offset && b->has_offset &&
	    a->severity == b->severity &&
	    a->section_index == b->section_index &&
	    same_text(a->code, b->code) && same_text(a->text, b->text) &&
	    same_text(a->file, b->file) && same_text(a->section, b->section));
}

/* "+0x1c in f (symbol)", as far as known. */
static void
offset(const struct kldsim_finding *f, FILE *out)
{
	if (f->has_offset)
		(void)fprintf(out, "+0x%" PRIx64, f->offset);
	if (f->function != NULL)
		(void)fprintf(out, " in %s", f->function);
	if (unnamed(f) != NULL)
		(void)fprintf(out, " (%s)", f->symbol);
}

/* NULL behind the last one. */
static const struct kldsim_finding *
at(const struct findings *findings, size_t index)
{
	if (findings->sim != NULL)
		return (kldsim_finding_at(findings->sim, index));
	return (index < findings->count ? &findings->some[index] : NULL);
}

/* Of all that say the same; gives their count. */
static size_t
places(const struct findings *findings, size_t first, size_t most, FILE *out)
{
	const struct kldsim_finding *f = at(findings, first);
	const struct kldsim_finding *next;
	size_t count = 1;

	(void)fprintf(out, "%s", f->file);
	if (f->section != NULL)
		(void)fprintf(out, " %s", f->section);
	else if (f->section_index >= 0)
		(void)fprintf(out, " section %d", f->section_index);
	offset(f, out);
	while (next = at(findings, first + count),
	    same_story(f, next)) {
		if (count++ >= most)
			continue;
		(void)fprintf(out, ", ");
		offset(next, out);
	}
	if (count > most)
		(void)fprintf(out, " and %zu more", count - most);
	(void)fprintf(out, ": ");
	return (count);
}

/* All but the code and the rules; gives how many findings say it. */
static size_t
say(const struct findings *findings, size_t first, size_t most, FILE *out)
{
	const struct kldsim_finding *f = at(findings, first);
	size_t count = 1;

	if (f->file != NULL)
		count = places(findings, first, most, out);
	else if (unnamed(f) != NULL)
		(void)fprintf(out, "%s: ", f->symbol);
	(void)fprintf(out, "%s", f->text);
	return (count);
}

char *
finding_sentence(const struct findings *findings, size_t first, size_t most,
    size_t *count_ret)
{
	char *text = NULL;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	*count_ret = say(findings, first, most, out);
	(void)fclose(out);
	return (need(text));
}

char *
finding_words(const struct findings *findings, size_t first, size_t most,
    size_t *count_ret)
{
	const struct kldsim_finding *f = at(findings, first);
	char *text = NULL;
	size_t size;
	FILE *out = need(open_memstream(&text, &size));

	*count_ret = say(findings, first, most, out);
	(void)fprintf(out, " [%s%s%s]", f->code,
	    f->rules[0] == '\0' ? "" : " ", f->rules);
	(void)fclose(out);
	return (need(text));
}

size_t
count_warnings(const struct kldsim *sim, size_t first)
{
	const struct kldsim_finding *f;
	size_t count = 0;

	for (; (f = kldsim_finding_at(sim, first)) != NULL; first++)
		count += f->severity == KLDSIM_WARNING;
	return (count);
}
