/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Whether the kernel's linker takes a module (I-50, level 1), and what it shows
 * of the interface without types.
 */

#include <stdlib.h>
#include <string.h>

#include "kbi/kbi_run.h"
#include "path.h"
#include "report/output.h"
#include "report/report_finding.h"

/* Findings that tell of the interface, and how bad each is (I-50). */
static const struct {
	const char *code;
	unsigned level;
} levels[] = {
	{ "kbi-version-word", KLDSIM_KBI_LOAD },
	{ "kbi-prototype", KLDSIM_KBI_CALL },
	{ "kbi-size", KLDSIM_KBI_SIZE },
	{ "kbi-option", KLDSIM_KBI_REACH },
	{ "kbi-tied", KLDSIM_KBI_REACH },
	{ "module-lacks-vimage", KLDSIM_KBI_REACH },
	{ "module-needs-vimage", KLDSIM_KBI_REACH },
};

/* 0: it is none of these. */
static unsigned
level_of(const struct kldsim_finding *finding)
{
	if (finding->refusal || finding->severity == KLDSIM_PANIC)
		return (KLDSIM_KBI_LOAD);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].code, finding->code) == 0)
			return (levels[i].level);
	return (0);
}

/* What is not why it was refused may be of a file that was loaded for it. */
static bool
is_of(const struct kldsim_finding *finding, const struct kbi_module *module)
{
	return (finding->file == NULL ||
	    strcmp(finding->file, path_name(module->name)) == 0);
}

static void
tell(struct kbi_module *module, const struct kldsim_finding *finding,
    unsigned level, char *text)
{
	struct kbi_told *to;

	module->told = need(realloc(module->told,
	    (module->ntold + 1) * sizeof(*module->told)));
	to = &module->told[module->ntold++];
	to->level = level;
	to->severity = finding->severity;
	to->code = finding->code;
	to->text = text;
}

static void
take_findings(struct kbi_module *module,
    const struct kldsim_check_answer *answer)
{
	const struct findings all = { .some = answer->findings,
		.count = answer->nfindings };
	size_t count;

	for (size_t i = 0; i < answer->nfindings; i += count) {
		const struct kldsim_finding *finding = &answer->findings[i];
		const unsigned level = level_of(finding);
		char *text = finding_words(&all, i, 1, &count);

		if (level == 0 || (level != KLDSIM_KBI_LOAD &&
		    !is_of(finding, module)))
			free(text);
		else
			tell(module, finding, level, text);
	}
}

void
kbi_load_take(struct kbi_module *module,
    const struct kldsim_check_module *checked)
{
	const struct kldsim_check_answer *answer =
	    &checked->answers[KLDSIM_CHECK_KLDLOAD];

	module->name = checked->name;
	if (answer->verdict == KLDSIM_CHECK_FAILED) {
		module->failed = true;
		(void)complain_of(checked->name, answer->failure);
	}
	module->refused = answer->verdict == KLDSIM_CHECK_REFUSED ||
	    answer->verdict == KLDSIM_CHECK_NO_MODULE;
	module->panicked = answer->verdict == KLDSIM_CHECK_PANIC;
	/* What is compiled in, nobody loads; its types can be compared. */
	if (answer->verdict != KLDSIM_CHECK_IN_KERNEL)
		take_findings(module, answer);
}
