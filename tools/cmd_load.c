/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim load: boot, load modules in order, report, dump. */

#include "cmd_load.h"
#include "command.h"
#include "report/core.h"
#include "report/dump.h"
#include "report/output.h"
#include "report/report_json.h"
#include "report/report_text.h"

/* Write all that is asked for; gives an exit status. */
static int
report(const struct load_run *run)
{
	struct kldsim_error error;
	int failed = 0;

	if (run->options->json)
		report_json(run, stdout);
	else
		report_text(run, stdout);
	failed |= put_finish(stdout, "standard output");
	if (run->options->dump != NULL)
		failed |= dump(run->sim, run->options->dump);
	if (run->options->core != NULL && write_core(run->sim,
	    run->options->core, run->options->verbosity == QUIET,
	    &error) != 0) {
		complain("%s", error.text);
		failed = 1;
	}
	return (failed ? STATUS_HOST : STATUS_OK);
}

static int
run_load(struct load_options *options)
{
	struct load_run run = { .options = options };
	int status = load_run_boot(&run);

	if (status == STATUS_OK) {
		load_run_modules(&run);
		status = report(&run);
		if (status == STATUS_OK)
			status = load_run_verdict(&run);
	} else if (options->json && status == STATUS_HOST) {
		report_json(&run, stdout);
		if (put_finish(stdout, "standard output"))
			status = STATUS_HOST;
	}
	load_run_free(&run);
	return (status);
}

int
cmd_load(int argc, char **argv)
{
	return (load_options_command(argc, argv, run_load, load_options_help));
}
