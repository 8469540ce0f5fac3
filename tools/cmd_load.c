/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim load: boot, load modules in order, report, dump. */

#include "cmd_load.h"
#include "command.h"
#include "report/core.h"
#include "report/dump.h"
#include "report/output.h"
#include "report/report_json.h"
#include "report/report_sarif.h"
#include "report/report_text.h"
#include "sandbox/sandbox.h"

/* Write all that is asked for; gives an exit status. */
static int
report(const struct load_run *run)
{
	int failed = 0;

	if (run->options->json)
		report_json(run, stdout);
	else
		report_text(run, stdout);
	failed |= put_finish(stdout, "standard output");
	if (run->options->dump != NULL)
		failed |= dump(run->sim, run->options->dump);
	failed |= write_cores(run->sim, run->options->core,
	    run->options->vmcore, run->options->verbosity == QUIET);
	if (run->options->sarif != NULL)
		failed |= report_sarif(run, run->options->sarif);
	if (run->options->html != NULL)
		failed |= load_run_html(run) != STATUS_OK;
	return (failed ? STATUS_HOST : STATUS_OK);
}

/* What is opened, before anything is read. */
static bool
enter_sandbox(const struct load_options *options)
{
	load_options_sandbox(options);
	for (size_t i = 0; i < options->nmodules; i++) /* NAME.gz is tried */
		sandbox_will_search_beside(options->modules[i]);
	if (options->kbi)
		load_run_will_compare();
	if (options->dump != NULL)
		sandbox_will_write_folder(options->dump);
	if (options->core != NULL)
		will_write_core(options->core);
	sandbox_will_write(options->vmcore);
	sandbox_will_write(options->sarif);
	sandbox_will_write(options->html);
	return (sandbox_enter(options->verbosity == VERBOSE));
}

/*
 * Nothing is freed: the process ends, and its host takes back 800 mappings and
 * the memory of as many files in less time than they take one by one.
 */
static int
run_load(struct load_options *options)
{
	static struct load_run run; /* so that it stays known where all is */
	int status;

	if (!enter_sandbox(options))
		return (STATUS_HOST);
	run.options = options;
	status = load_run_boot(&run);

	if (status == STATUS_OK) {
		load_run_modules(&run);
		if (options->kbi)
			load_run_compare(&run);
		status = report(&run);
		if (status == STATUS_OK)
			status = load_run_verdict(&run);
	} else if (status == STATUS_HOST) {
		if (options->json)
			report_json(&run, stdout);
		(void)put_finish(stdout, "standard output");
		if (options->sarif != NULL)
			(void)report_sarif(&run, options->sarif);
	}
	return (status);
}

static int
cmd_load(int argc, char **argv)
{
	return (load_options_command(&load_command, argc, argv, run_load));
}

static const struct option_row rows[] = {
	{ 0, "html", "FILE", set_text, offsetof(struct load_options, html),
	    "write a page for people: reasons, a graph, maps", "a file" },
	{ 0, "kbi", NULL, set_flag, offsetof(struct load_options, kbi),
	    "compare the types of what was loaded with KERNEL's", NULL },
	{ 0, "sarif", "FILE", set_text, offsetof(struct load_options, sarif),
	    "also write the findings as SARIF 2.1.0", "a file" },
};

static const struct option_group groups[] = {
	OPTION_GROUP(load_options_boot_rows, 0),
	OPTION_GROUP(load_options_preload_rows, 0),
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_result_rows, 0),
	OPTION_GROUP(load_options_report_rows, 0),
};

const struct command load_command = {
	"load", "load modules into a simulated kernel and report",
	"load [options] KERNEL [MODULE...]",
	"Boot the simulated kernel KERNEL, load each MODULE in order, report.  "
	"Each may be\na file, a folder or archive that has one, or "
	"ARCHIVE:path/inside.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused; "
	"0 loaded.",
	COMMAND_GROUPS(groups), 1, "which KERNEL?", cmd_load
};
