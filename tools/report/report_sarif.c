/* SPDX-License-Identifier: BSD-2-Clause */

/* See report_sarif.h. */

#include "report/report_sarif.h"

#include <string.h>

#include "path.h"
#include "report/sarif.h"

static bool
is_of(const struct attempt *attempt, size_t index)
{
	return (attempt->outcome != OUTCOME_NOT_TRIED &&
	    attempt->outcome != OUTCOME_FAILED &&
	    index >= attempt->result.first_finding &&
	    index - attempt->result.first_finding <
	    attempt->result.nfindings);
}

/*
 * The MODULE that a finding is of: whose file it names, or whose load has made
 * it; those of preloaded files are all the boot's.  NULL: the kernel's own.
 */
static const char *
module_of(const struct load_run *run, size_t index,
    const struct kldsim_finding *finding)
{
	const struct load_options *options = run->options;

	for (size_t i = 0; i < options->nmodules; i++)
		if (finding->file != NULL && strcmp(finding->file,
		    path_name(options->modules[i])) == 0)
			return (options->modules[i]);
	for (size_t i = 0; i < options->nmodules && !options->preload; i++)
		if (is_of(&run->attempts[i], index))
			return (options->modules[i]);
	return (NULL);
}

static void
take_findings(const struct load_run *run, struct sarif *sarif)
{
	const struct kldsim_finding *finding;

	for (size_t i = 0; (finding = kldsim_finding_at(run->sim, i)) != NULL;
	    i++) {
		const char *module = module_of(run, i, finding);
		const struct sarif_place place = {
			.path = module != NULL ? module : "kernel",
			.file = module != NULL ? NULL : run->options->kernel,
		};

		sarif_result(sarif, finding, &place);
	}
}

int
report_sarif(const struct load_run *run, const char *file)
{
	struct sarif *sarif = sarif_new("kldsim load");
	int status;

	if (run->sim == NULL)
		sarif_failure(sarif, run->options->failed, run->failure);
	else
		take_findings(run, sarif);
	for (size_t i = 0; run->attempts != NULL && i <
	    run->options->nmodules; i++)
		if (run->attempts[i].outcome == OUTCOME_FAILED)
			sarif_failure(sarif, run->attempts[i].name,
			    run->attempts[i].failure);
	status = sarif_write(sarif, file);
	sarif_free(sarif);
	return (status);
}
