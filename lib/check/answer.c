/* SPDX-License-Identifier: BSD-2-Clause */

/* What became of one module in one way: copied, and put in a word. */

#include "check/check.h"

#include <string.h>

#include <kldsim/source.h>

#include "elf/recognise.h"
#include "report/report.h"
#include "util/path.h"

static bool
same(const char *a, const char *b)
{
	return (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0));
}

static bool
same_finding(const struct kldsim_finding *a, const struct kldsim_finding *b)
{
	return (same(a->code, b->code) && same(a->text, b->text) &&
	    same(a->file, b->file) && same(a->section, b->section) &&
	    same(a->symbol, b->symbol) && a->severity == b->severity &&
	    a->section_index == b->section_index &&
	    a->has_offset == b->has_offset && a->offset == b->offset);
}

/* --- copies --- */

/* NULL stays NULL; *good is cleared if there is no memory. */
static const char *
copy_text(struct kldsim__arena *arena, const char *text, bool *good)
{
	const char *copy = text == NULL ? NULL :
	    kldsim__arena_strdup(arena, text);

	*good = *good && (copy != NULL || text == NULL);
	return (copy);
}

/* Code and rules are constants. */
bool
kldsim__check_copy_finding(struct kldsim__arena *arena, const struct kldsim_finding *from,
    struct kldsim_finding *to)
{
	bool good = true;

	*to = *from;
	to->file = copy_text(arena, from->file, &good);
	to->section = copy_text(arena, from->section, &good);
	to->symbol = copy_text(arena, from->symbol, &good);
	to->text = copy_text(arena, from->text, &good);
	to->function = copy_text(arena, from->function, &good);
	return (good);
}

bool
kldsim__check_is_called(const char *file, const char *path)
{
	const char *name = kldsim__basename(path);
	const size_t length = strlen(name);

	return (file != NULL && strncmp(file, name, length) == 0 &&
	    (file[length] == '\0' || strcmp(file + length, ".ko") == 0));
}

/* Of what the boot alone says, so much has been met again. */
struct met {
	const struct kldsim__check_asked *asked;
	size_t console, findings; /* up to here */
};

/*
 * What the kernel says by itself comes in the same order, with what it says of
 * a preloaded file in between.
 */
static bool
is_bare_line(struct met *met, const char *line)
{
	const struct kldsim__check_asked *asked = met->asked;

	if (asked->bare == NULL || met->console == asked->nconsole ||
	    !same(line, kldsim_console_line(asked->bare, met->console)))
		return (false);
	met->console++;
	return (true);
}

static bool
is_bare_finding(struct met *met, const struct kldsim_finding *finding)
{
	const struct kldsim__check_asked *asked = met->asked;

	if (asked->own)
		return (!kldsim__check_is_called(finding->file, asked->path));
	if (asked->bare == NULL || met->findings == asked->nfindings ||
	    !same_finding(finding,
	    kldsim_finding_at(asked->bare, met->findings)))
		return (false);
	met->findings++;
	return (true);
}

static bool
copy_console(const struct kldsim *sim, const struct kldsim_result *result,
    struct met *met, struct kldsim__arena *arena,
    struct kldsim_check_answer *answer)
{
	const char **lines;
	bool good = true;

	if (result->nconsole == 0 || met->asked->own)
		return (true);
	lines = kldsim__arena_calloc(arena, result->nconsole, sizeof(*lines));
	if (lines == NULL)
		return (false);
	for (size_t i = 0; i < result->nconsole && good; i++) {
		const char *line = kldsim_console_line(sim,
		    result->first_console + i);

		if (!is_bare_line(met, line))
			lines[answer->nconsole++] = copy_text(arena, line,
			    &good);
	}
	answer->console = lines;
	return (good);
}

static bool
copy_findings(const struct kldsim *sim, const struct kldsim_result *result,
    struct met *met, struct kldsim__arena *arena,
    struct kldsim_check_answer *answer)
{
	struct kldsim_finding *findings;
	bool good = true;

	if (result->nfindings == 0)
		return (true);
	findings = kldsim__arena_calloc(arena, result->nfindings,
	    sizeof(*findings));
	if (findings == NULL)
		return (false);
	for (size_t i = 0; i < result->nfindings && good; i++) {
		const struct kldsim_finding *finding = kldsim_finding_at(sim,
		    result->first_finding + i);

		if (!is_bare_finding(met, finding))
			good = kldsim__check_copy_finding(arena, finding,
			    &findings[answer->nfindings++]);
	}
	answer->findings = findings;
	return (good);
}

/* --- the verdict --- */

static bool
has_panicked(const struct kldsim_result *result,
    const struct kldsim_check_answer *answer)
{
	for (size_t i = 0; i < answer->nfindings; i++)
		if (answer->findings[i].severity == KLDSIM_PANIC)
			return (true);
	return (result->panicked);
}

static const struct kldsim_finding *
find_reason(const struct kldsim_check_answer *answer)
{
	const bool panic = answer->verdict == KLDSIM_CHECK_PANIC;

	for (size_t i = 0; i < answer->nfindings; i++)
		if (panic ? answer->findings[i].severity == KLDSIM_PANIC :
		    answer->findings[i].refusal)
			return (&answer->findings[i]);
	return (NULL);
}

/*
 * Whether the file itself was refused for something that is compiled in: what
 * there already is, such findings say in these words (kldsim__label_file(),
 * kldsim__loader_has_it()).
 */
static bool
is_compiled_in(const char *path, const struct kldsim_check_answer *answer)
{
	const char *taken = kldsim__finding_code(KLDSIM__F_ALREADY_LOADED);
	const char *twice = kldsim__finding_code(KLDSIM__F_MODULE_TWICE);
	const char *has_it = kldsim__finding_code(KLDSIM__F_LOADER_HAS_IT);

	for (size_t i = 0; i < answer->nfindings; i++) {
		const struct kldsim_finding *f = &answer->findings[i];

		if (f->refusal && kldsim__check_is_called(f->file, path) &&
		    (same(f->code, taken) || same(f->code, twice) ||
		    same(f->code, has_it)) &&
		    strstr(f->text, "compiled in") != NULL)
			return (true);
	}
	return (false);
}

/* Whether a file is known to be something else.  False: no memory. */
static bool
ask_whether_foreign(const struct kldsim__check_asked *asked,
    bool *foreign_ret)
{
	struct kldsim_image_info info;
	struct kldsim_image *image;
	enum kldsim__kind kind;
	enum kldsim_status status = kldsim_source_image(asked->source,
	    asked->path, &image, NULL);

	*foreign_ret = false;
	if (status != KLDSIM_OK)
		return (status != KLDSIM_NOMEM);
	kind = kldsim__recognise(image);
	kldsim_image_info(image, &info);
	kldsim_image_unref(image);
	*foreign_ret = !info.elf || (kind != KLDSIM__KIND_MODULE &&
	    kind != KLDSIM__KIND_UNKNOWN);
	return (true);
}

/* False: no memory. */
static bool
judge(const struct kldsim__check_asked *asked,
    const struct kldsim_result *result, struct kldsim_check_answer *answer)
{
	bool foreign = false;

	if (has_panicked(result, answer))
		answer->verdict = KLDSIM_CHECK_PANIC;
	else if (result->error == 0)
		answer->verdict = KLDSIM_CHECK_OK;
	else if (is_compiled_in(asked->path, answer))
		answer->verdict = KLDSIM_CHECK_IN_KERNEL;
	else if (!ask_whether_foreign(asked, &foreign))
		return (false);
	else
		answer->verdict = foreign ? KLDSIM_CHECK_NO_MODULE :
		    KLDSIM_CHECK_REFUSED;
	return (true);
}

bool
kldsim__check_answer(const struct kldsim__check_asked *asked,
    struct kldsim *sim, const struct kldsim_result *result,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	struct met met = { .asked = asked };

	memset(answer_ret, 0, sizeof(*answer_ret));
	if (!copy_console(sim, result, &met, arena, answer_ret) ||
	    !copy_findings(sim, result, &met, arena, answer_ret) ||
	    !judge(asked, result, answer_ret))
		return (false);
	answer_ret->error = result->panicked ? 0 : result->error;
	answer_ret->reason = find_reason(answer_ret);
	return (true);
}

bool
kldsim__check_failure(const struct kldsim_error *error,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	struct kldsim_error *copy = kldsim__arena_alloc(arena, sizeof(*copy));

	memset(answer_ret, 0, sizeof(*answer_ret));
	answer_ret->verdict = KLDSIM_CHECK_FAILED;
	answer_ret->failure = copy;
	if (copy != NULL)
		*copy = *error;
	return (copy != NULL);
}
