/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kldsim ddb: boot, load modules, and type lines to the kernel's debugger, which
 * the library knows.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd_load.h"
#include "command.h"
#include "ddb/lines.h"
#include "ddb/pager.h"
#include "report/output.h"
#include "report/report_text.h"

struct ddb_options {
	struct load_options load;
	struct kldsim_ddb_options ddb;
	const char *script; /* NULL: standard input, unless there are lines */
	char **lines;       /* to be typed first */
	size_t nlines;
};

struct session {
	const struct ddb_options *options;
	struct kldsim_ddb *ddb;
};

/* Type a line; false after a message. */
static bool
type(const struct session *session, const char *line, size_t size, bool typed)
{
	const char *text;
	size_t length;

	if (kldsim_ddb_command(session->ddb, line, size, &text, &length) !=
	    KLDSIM_OK) {
		complain("no memory for an answer");
		return (false);
	}
	/* On a real console one sees what one types. */
	if (!typed && session->options->load.verbosity != QUIET)
		put_line(stdout, "db> %.*s", (int)strcspn(line, "\r\n"), line);
	pager_write(text, length, typed ? kldsim_ddb_lines(session->ddb) : 0);
	return (true);
}

static bool
type_lines(const struct session *session)
{
	const struct ddb_options *options = session->options;

	for (size_t i = 0; i < options->nlines; i++) {
		if (!type(session, options->lines[i],
		    strlen(options->lines[i]), false))
			return (false);
		if (kldsim_ddb_left(session->ddb))
			break;
	}
	return (true);
}

static bool
type_file(const struct session *session, const char *path)
{
	struct lines *lines = lines_open(path);
	bool failed = false;
	const char *line;
	size_t size;

	if (lines == NULL)
		return (false);
	while (!failed && !kldsim_ddb_left(session->ddb) &&
	    (line = lines_next(lines, &size, &failed)) != NULL)
		failed = !type(session, line, size, lines_typed(lines));
	if (!failed && lines_typed(lines) && !kldsim_ddb_left(session->ddb))
		put_line(stdout, "%s", "");
	lines_close(lines);
	return (!failed);
}

/* All that is typed; gives an exit status. */
static int
run_session(struct kldsim *sim, const struct ddb_options *options)
{
	struct session session = { .options = options };
	enum kldsim_status status = kldsim_ddb_open(sim, &options->ddb,
	    &session.ddb);
	bool good;

	if (status != KLDSIM_OK) {
		complain("%s", status == KLDSIM_NOENT ? "option --curvnet: "
		    "there is no such vnet" : status == KLDSIM_ARG ?
		    "option --curcpu: there is no such CPU" :
		    "no memory for a debugger");
		return (status == KLDSIM_NOMEM ? STATUS_HOST : STATUS_USAGE);
	}
	good = type_lines(&session);
	if (good && !kldsim_ddb_left(session.ddb) &&
	    (options->script != NULL || options->nlines == 0))
		good = type_file(&session, options->script);
	kldsim_ddb_close(session.ddb);
	if (put_finish(stdout, "standard output") != 0)
		good = false;
	return (good ? STATUS_OK : STATUS_HOST);
}

/* Of the loads only what went wrong is said, unless more is asked for. */
static int
run_ddb(struct ddb_options *options)
{
	const enum verbosity asked = options->load.verbosity;
	struct load_run run = { .options = &options->load };
	int status = load_run_boot(&run);

	if (status == STATUS_OK) {
		load_run_modules(&run);
		if (asked == NORMAL)
			options->load.verbosity = QUIET;
		report_text(&run, stderr);
		options->load.verbosity = asked;
		status = run_session(run.sim, options);
		if (status == STATUS_OK)
			status = load_run_verdict(&run);
	}
	load_run_free(&run);
	return (status);
}

static int
cmd_ddb(int argc, char **argv)
{
	struct ddb_options options = { .script = NULL };
	int status;

	load_options_init(&options.load, argc);
	kldsim_ddb_options_init(&options.ddb, sizeof(options.ddb));
	options.lines = need(calloc((size_t)argc, sizeof(*options.lines)));
	if (command_parse(&ddb_command, argc, argv, &options, &status)) {
		load_options_operands(&options.load, argc - optind,
		    argv + optind);
		status = run_ddb(&options);
	}
	free(options.lines);
	load_options_free(&options.load);
	return (status);
}

static bool
set_line(void *field, char *value)
{
	struct ddb_options *options = field;

	options->lines[options->nlines++] = value;
	return (true);
}

static bool
set_curcpu(void *field, char *value)
{
	uint64_t n;
	const bool good = parse_number(value, UINT_MAX, &n);

	if (good)
		*(unsigned *)field = (unsigned)n;
	return (good);
}

static bool
set_curvnet(void *field, char *value)
{
	uint64_t n = 0;
	const bool none = strcmp(value, "none") == 0;
	const bool good = none || parse_number(value, INT_MAX, &n);

	if (good)
		*(int *)field = none ? -1 : (int)n;
	return (good);
}

#define FIELD(name) offsetof(struct ddb_options, name)

static const struct option_row rows[] = {
	{ 'e', "execute", "LINE", set_line, 0,
	    "type LINE, and not those of standard input; repeatable", NULL },
	{ 0, "script", "FILE", set_text, FIELD(script),
	    "type the lines of FILE, - for standard input", "a file" },
	{ 0, "curvnet", "N", set_curvnet, FIELD(ddb.curvnet),
	    "the vnet that DDB is entered in (default none)",
	    "a vnet's number, or none" },
	{ 0, "curcpu", "N", set_curcpu, FIELD(ddb.curcpu),
	    "the CPU that DDB is entered on (default 0)", "a CPU's number" },
};

static const struct option_group groups[] = {
	OPTION_GROUP(load_options_boot_rows, FIELD(load)),
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_report_rows, FIELD(load)),
};

const struct command ddb_command = {
	"ddb", "enter ddb(4), the kernel's own debugger",
	"ddb [options] KERNEL [MODULE...]",
	"Boot the simulated kernel KERNEL, load each MODULE in order, and enter "
	"the\nkernel's debugger: what is typed on standard input is answered as "
	"ddb(4) would.\n\"help\" lists its commands; \"continue\" leaves it.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused;\n"
	"0 all was loaded.",
	COMMAND_GROUPS(groups), 1, "which KERNEL?", cmd_ddb
};
