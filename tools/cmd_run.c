/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim run: boot, play a scenario up to its first surprise, dump. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report/core.h"
#include "report/dump.h"
#include "report/report_finding.h"
#include "run/run.h"

static int
read_script(struct run *run)
{
	int status = run_script_read(&run->script, run->options->script);

	if (status == STATUS_HOST) {
		run->error = run->script.error;
		run->failed = run->options->script;
		run->failure = run->error.text;
	}
	return (status);
}

/* Boot the kernel; gives an exit status. */
static int
boot(struct run *run, struct load_options *options)
{
	const enum kldsim_status status = load_options_boot(options,
	    &run->image, &run->sim, &run->error);

	if (run->image != NULL)
		kldsim_image_info(run->image, &run->info);
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	run->failed = options->failed;
	run->failure = complain_of(options->failed, &run->error);
	return (status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
}

/* The whole script is understood before any of it is played. */
static int
check(struct run *run)
{
	const struct run_script *script = &run->script;

	for (size_t i = 0; i < script->nlines; i++) {
		run->line = script->lines[i].number;
		if (!run_check(run, script->words + script->lines[i].first,
		    script->lines[i].nwords))
			return (STATUS_USAGE);
	}
	return (STATUS_OK);
}

static bool
panicked(const struct run *run, size_t first)
{
	const struct kldsim_finding *finding;

	for (size_t i = first;
	    (finding = kldsim_finding_at(run->sim, i)) != NULL; i++)
		if (finding->severity == KLDSIM_PANIC)
			return (true);
	return (kldsim_is_dead(run->sim));
}

#define PLACES 4 /* of findings that say the same */

typedef void tell_fn(const struct run *run, const char *format, ...);

/* What the kernel printed since the mark, and what we have to add. */
static void
tell(const struct run *run, const struct run_mark *since, tell_fn *line)
{
	const struct findings findings = { .sim = run->sim };
	const struct kldsim_finding *f;
	const char *text;
	size_t count;

	for (size_t i = since->console;
	    (text = kldsim_console_line(run->sim, i)) != NULL; i++)
		line(run, "console: %s", text);
	for (size_t i = since->findings;
	    (f = kldsim_finding_at(run->sim, i)) != NULL; i += count) {
		char *words = finding_words(&findings, i, PLACES, &count);

		line(run, "%s: %s", kldsim_severity_name(f->severity), words);
		free(words);
	}
}

/* With --verbose every line is shown before it is played. */
static void
echo(const struct run *run, const struct run_line *line)
{
	if (run->options->verbosity < VERBOSE || run->json != NULL)
		return;
	say_part(run, "+");
	for (size_t i = 0; i < line->nwords; i++)
		say_part(run, " %s", run->script.words[line->first + i]);
	say(run, "%s", "");
}

/* Make a message of how a line ended, and an exit status. */
static int
judge(const struct run *run, int result, const struct run_mark *since)
{
	bool dead = panicked(run, since->findings);

	if (result == RUN_USAGE)
		return (STATUS_USAGE);
	if (result == RUN_HOST)
		return (STATUS_HOST);
	if (dead)
		complain_line(run, "the kernel would not have survived this");
	else if (result > 0)
		complain_line(run, "%s (%s)", run->reason,
		    kldsim_errno_name(result));
	if (result == 0 && !dead) {
		if (run->options->verbosity >= VERBOSE && run->json == NULL)
			tell(run, since, say);
		return (STATUS_OK);
	}
	/* The document has them as they are. */
	if (run->json == NULL)
		tell(run, since, complain_line);
	return (dead ? STATUS_PANIC : STATUS_REFUSED);
}

/* Whether the line was refused, which it may have been meant to be. */
static bool
refused(const struct run *run, size_t first)
{
	const struct kldsim_finding *f;

	for (; (f = kldsim_finding_at(run->sim, first)) != NULL; first++)
		if (f->refusal)
			return (true);
	return (false);
}

/* With --strict a warning is as if an expectation was not met. */
static int
judge_strictly(const struct run *run, size_t first)
{
	size_t count = run->options->strict ?
	    count_warnings(run->sim, first) : 0;

	if (count == 0)
		return (0);
	complain_line(run, "--strict: %zu warning%s", count,
	    count == 1 ? "" : "s");
	return (RUN_UNMET);
}

/*
 * A preload that was refused is a failure, unless the script begins with what
 * booting is expected to have printed.
 */
static int
judge_preloads(struct run *run)
{
	const struct run_script *script = &run->script;
	const size_t count = run->options->preload ?
	    run->options->nmodules : 0;
	struct kldsim_result result;

	if (script->nlines != 0 && strcmp(script->words[0],
	    "expect-console") == 0)
		return (0);
	for (size_t i = 0; i < count; i++)
		if (kldsim_preload_result(run->sim, i, &result) ==
		    KLDSIM_OK && result.error != 0)
			return (refuse(run, result.error, "%s is refused as "
			    "a preload", run->options->modules[i]));
	return (0);
}

static int
judge_boot(struct run *run)
{
	int result = judge_strictly(run, 0);

	return (result != 0 ? result : judge_preloads(run));
}

static int
play(struct run *run)
{
	const struct run_script *script = &run->script;
	struct run_mark since = { 0, 0, 0 };
	int status = judge(run, judge_boot(run), &since);
	size_t i;

	for (i = 0; i < script->nlines && status == STATUS_OK; i++) {
		const struct run_line *line = &script->lines[i];
		int result;

		run->line = line->number;
		echo(run, line);
		since = mark_now(run);
		result = run_words(run, script->words + line->first,
		    line->nwords);
		if (result == 0 && !refused(run, since.findings))
			result = judge_strictly(run, since.findings);
		status = judge(run, result, &since);
		if (run->json != NULL)
			run_json_played(run, line, result, status, &since);
	}
	for (; run->json != NULL && i < script->nlines; i++)
		run_json_not_tried(run, &script->lines[i]);
	return (status);
}

/* The worse of two exit statuses. */
static int
worse(int status, int failed)
{
	return (failed && status != STATUS_USAGE ? STATUS_HOST : status);
}

static int
run_scenario(struct load_options *options)
{
	struct run run = { .options = options, .out = stdout, .db_cpu = -1,
		.db_vnet = -1 };
	int status = read_script(&run);

	if (status == STATUS_OK)
		status = check(&run);
	run.line = 0;
	if (status == STATUS_OK)
		status = boot(&run, options);
	if (status == STATUS_OK) {
		load_options_check_boot(options, run.sim);
		if (options->json)
			run_json_begin(&run);
		status = play(&run);
		if (options->json)
			run_json_write(&run, status, stdout);
		status = worse(status, put_finish(stdout, "standard output"));
		if (options->dump != NULL)
			status = worse(status, dump(run.sim, options->dump));
		/* As the commands core and vmcore would at the end. */
		status = worse(status, write_cores(run.sim, options->core,
		    options->vmcore, options->verbosity == QUIET));
	} else if (options->json && status == STATUS_HOST) {
		run_json_unbooted(&run, stdout);
		status = worse(status, put_finish(stdout, "standard output"));
	}
	free(run.reason);
	run_json_free(run.json);
	run_script_free(&run.script);
	kldsim_destroy(run.sim);
	kldsim_image_unref(run.image);
	return (status);
}

/* SCRIPT KERNEL [MODULE...] */
static bool
take_operands(struct load_options *options, int argc, char **argv)
{
	if (argc > 2 && !options->preload) {
		complain("run takes SCRIPT and KERNEL, and MODULEs only with "
		    "--preload: %s", argv[2]);
		return (false);
	}
	options->script = argv[0];
	load_options_operands(options, argc - 1, argv + 1);
	return (true);
}

static int
cmd_run(int argc, char **argv)
{
	struct load_options options;
	int status;

	load_options_init(&options, argc);
	if (command_parse(&run_command, argc, argv, &options, &status))
		status = take_operands(&options, argc - optind,
		    argv + optind) ? run_scenario(&options) : STATUS_USAGE;
	load_options_free(&options);
	return (status);
}

static const struct option_group groups[] = {
	OPTION_GROUP(load_options_boot_rows, 0),
	OPTION_GROUP(load_options_preload_rows, 0),
	OPTION_GROUP(load_options_result_rows, 0),
	OPTION_GROUP(load_options_report_rows, 0),
};

const struct command run_command = {
	"run", "play a scenario of loads, unloads and checks",
	"run [options] SCRIPT KERNEL",
	"Boot the simulated kernel KERNEL and play the scenario in SCRIPT, a "
	"file, or -\nfor standard input: one command a line, # begins a "
	"comment.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused, or\n"
	"an expectation that was not met; 0 all went as the script says.",
	COMMAND_GROUPS(groups), 2, "which SCRIPT and KERNEL?", cmd_run
};
