/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim reduce: a failure as a few lines that can be mailed. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "reduce/reduce.h"
#include "report/output.h"

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static double
seconds(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
}

static bool
plays(struct reduce_run *run, const struct kldsim_reduce_candidate *candidate)
{
	struct played played;
	bool stays;

	reduce_play(run, candidate, &played);
	stays = played.sim != NULL && (run->known != NULL ||
	    keep_first(run, &played)) && run->nkeeps != 0 &&
	    keep_all(run, &played);
	played_free(&played);
	return (stays);
}

static bool
keeps(void *user, const struct kldsim_reduce_candidate *candidate)
{
	struct reduce_run *run = user;

	if (candidate->images[0] == NULL)
		return (false);
	if ((run->nkeeps != 0 || run->test == NULL) && !plays(run, candidate))
		return (false);
	return (run->test == NULL || keep_by_command(run, candidate));
}

/* Asked before each candidate. */
static bool
stop(void *user, const struct kldsim_reduce_progress *progress)
{
	struct reduce_run *run = user;
	const double now = run->progress ? seconds() : 0;

	if (run->progress && now - run->said > 1) {
		run->said = now;
		complain("%llu tried, %llu kept, %llu bytes of specs",
		    (unsigned long long)progress->tried,
		    (unsigned long long)progress->kept,
		    (unsigned long long)progress->bytes);
	}
	return (interrupted != 0);
}

static int
begin(struct reduce_run *run)
{
	struct kldsim_reduce_options options;
	struct kldsim_error error;

	kldsim_reduce_options_init(&options, sizeof(options));
	options.keeps = keeps;
	options.stop = stop;
	options.user = run;
	options.osreldate = run->osreldate;
	if (kldsim_reduce_new(&options, &run->reduce, &error) != KLDSIM_OK) {
		complain("%s", error.text);
		return (STATUS_HOST);
	}
	return (reduce_add_files(run));
}

static int
make_folder(const char *path)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return (STATUS_OK);
	complain("%s: %s", path, strerror(errno));
	return (STATUS_HOST);
}

/* How many lines all specs have. */
static size_t
count_lines(const struct reduce_run *run)
{
	size_t lines = 0;

	for (size_t i = 0; i < run->nfiles; i++) {
		size_t size;
		const char *spec = kldsim_reduce_spec(run->reduce, i, &size);

		for (; spec != NULL && *spec != '\0'; spec++)
			lines += *spec == '\n';
	}
	return (lines);
}

static int
reduce_all(struct reduce_run *run)
{
	struct kldsim_reduce_progress progress;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_reduce_run(run->reduce, &error);

	if (status == KLDSIM_OK && run->anonymize && !interrupted)
		status = kldsim_reduce_anonymize(run->reduce, &error);
	if (status == KLDSIM_NOENT && run->nkeeps == 0 && run->test == NULL) {
		complain("nothing is wrong with these, or not when they are "
		    "built from their specs: say what must stay (--keep, "
		    "--test)");
		return (STATUS_REFUSED);
	}
	if (status != KLDSIM_OK) {
		complain("%s", error.text);
		return (status == KLDSIM_NOENT ? STATUS_REFUSED :
		    STATUS_HOST);
	}
	if (reduce_write(run, !interrupted) != STATUS_OK)
		return (STATUS_HOST);
	kldsim_reduce_progress(run->reduce, &progress);
	put_line(stdout, "%zu lines in %s, of %llu candidates %llu kept",
	    count_lines(run), run->folder,
	    (unsigned long long)progress.tried,
	    (unsigned long long)progress.kept);
	if (!interrupted)
		return (STATUS_OK);
	complain("interrupted; what there is can be reduced further: give the "
	    ".yaml files of %s as KERNEL and MODULE", run->folder);
	return (STATUS_HOST);
}

static int
run_reduce(struct reduce_run *run)
{
	char folder[512];
	int status = make_folder(run->folder);

	(void)snprintf(folder, sizeof(folder), "%s/try", run->folder);
	if (status == STATUS_OK && run->test != NULL)
		status = make_folder(folder);
	if (status == STATUS_OK && run->options.script != NULL)
		status = run_script_read(&run->script, run->options.script);
	if (status == STATUS_OK)
		status = reduce_find_files(run);
	if (status == STATUS_OK)
		status = begin(run);
	run->progress = isatty(STDERR_FILENO) != 0;
	run->said = seconds();
	if (status == STATUS_OK) {
		struct sigaction action = { .sa_handler = on_signal };

		(void)sigaction(SIGINT, &action, NULL);
		status = reduce_all(run);
	}
	return (put_finish(stdout, "standard output") ? STATUS_HOST :
	    status);
}

static int
cmd_reduce(int argc, char **argv)
{
	struct reduce_run run;
	int status;

	memset(&run, 0, sizeof(run));
	load_options_init(&run.options, argc);
	if (command_parse(&reduce_command, argc, argv, &run, &status)) {
		load_options_operands(&run.options, argc - optind,
		    argv + optind);
		if (run.folder != NULL)
			status = run_reduce(&run);
		else {
			complain("which folder? (-o DIR)");
			status = STATUS_USAGE;
		}
	}
	kldsim_reduce_free(run.reduce);
	reduce_free_files(&run);
	run_script_free(&run.script);
	free(run.own_word);
	free(run.known);
	load_options_free(&run.options);
	return (status);
}

static bool
set_keep(void *user, char *value)
{
	struct reduce_run *run = user;

	return (run->nkeeps < KEEPS_MAX &&
	    keep_parse(value, &run->keeps[run->nkeeps++]));
}

#define FIELD(name) offsetof(struct reduce_run, name)

static const struct option_row rows[] = {
	{ 'o', "output", "DIR", set_text, FIELD(folder),
	    "where specs, scenario and README go", "a folder" },
	{ 0, "keep", "WHAT", set_keep, 0,
	    "what must stay; repeatable, all of them",
	    "finding:CODE[:SYMBOL|RULE], errno:NAME, console:TEXT or panic" },
	{ 0, "test", "CMD", set_text, FIELD(test),
	    "or a command that ends with 0 while it stays", "a command" },
	{ 0, "script", "SCRIPT", set_text, FIELD(options.script),
	    "a scenario that is played after the loads", "a file" },
	{ 0, "anonymize", NULL, set_flag, FIELD(anonymize),
	    "give symbols, modules and interfaces other names", NULL },
};

static const struct option_group groups[] = {
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_boot_rows, FIELD(options)),
	OPTION_GROUP(load_options_preload_rows, FIELD(options)),
};

const struct command reduce_command = {
	"reduce", "make a failure small enough to be mailed",
	"reduce [options] KERNEL [MODULE...] -o DIR",
	"Find the smallest kernel and modules that fail as these do, and write "
	"them as specs\n(docs/spec.md), with a scenario that plays them.  What "
	"must stay is told by --keep\nand --test; else it is the first finding "
	"that is no note.",
	"2 usage; 3 host failure, or interrupted; 1 the files do not show\n"
	"it; 0 done.",
	COMMAND_GROUPS(groups), 1, "which KERNEL?", cmd_reduce
};
