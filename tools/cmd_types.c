/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim types: the C types that a file tells, as C. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

#include "command.h"
#include "option_rows.h"
#include "options.h"
#include "report/output.h"
#include "types/select.h"
#include "types/types_json.h"
#include "types/types_text.h"

struct types_run {
	struct kldsim_types_options options;
	uint64_t cacheline;
	bool all;
	bool json;
	bool quiet;
	bool verbose;
	bool help;
};

typedef bool setter(void *run, char *value);

static setter set_all, set_cacheline, set_json, set_limit, set_quiet,
    set_verbose, set_help;

static const struct option_row rows[] = {
	{ 'a', "all", NULL, set_all,
	    "everything, types without a name too" },
	{ 'c', "cacheline", "N", set_cacheline,
	    "bytes of a cache line (default 64)" },
	{ 256, "json", NULL, set_json, "one JSON document on standard output" },
	{ 257, "limit", "NAME=N", set_limit,
	    "what a file may cost; repeatable, see kldsim(1)" },
	{ 'q', "quiet", NULL, set_quiet, "nothing of what is odd" },
	{ 'v', "verbose", NULL, set_verbose,
	    "ids, types of bit-fields, and all that is odd" },
	{ 258, "help", NULL, set_help, "this text" },
};

#define NROWS (sizeof(rows) / sizeof(*rows))
_Static_assert(NROWS <= OPTION_ROWS_MAX, "more rows than there is room for");

static void
help(FILE *out)
{
	put_line(out, "usage: kldsim types [options] FILE [NAME...]");
	put_line(out, "%s", "");
	put_line(out, "Show the types, variables and functions of FILE, a "
	    "kernel or module, that a NAME");
	put_line(out, "means: a name or a glob, or \"struct NAME\", \"union "
	    "NAME\", \"enum NAME\",");
	put_line(out, "\"typedef NAME\".  Without a NAME: how much there is.");
	put_line(out, "%s", "");
	option_rows_help(rows, NROWS, out);
	put_line(out, "%s", "");
	put_line(out, "exit status: 2 usage; 3 FILE cannot be read, or its "
	    "types cannot;");
	put_line(out, "1 it has no types, or none that a NAME means; 0 "
	    "otherwise.");
}

static bool
set_all(void *user, char *value)
{
	struct types_run *run = user;

	(void)value;
	run->all = true;
	return (true);
}

static bool
set_cacheline(void *user, char *value)
{
	struct types_run *run = user;

	if (parse_number(value, UINT32_MAX, &run->cacheline) &&
	    run->cacheline != 0)
		return (true);
	complain("option --cacheline: '%s' is not a number above 0", value);
	return (false);
}

static bool
set_json(void *user, char *value)
{
	struct types_run *run = user;

	(void)value;
	run->json = true;
	return (true);
}

static bool
set_limit(void *user, char *value)
{
	struct types_run *run = user;

	if (parse_limit(value, &run->options.limits))
		return (true);
	complain("option --limit: '%s' is not NAME=N, NAME a limit and N above "
	    "0", value);
	return (false);
}

static bool
set_quiet(void *user, char *value)
{
	struct types_run *run = user;

	(void)value;
	run->quiet = true;
	return (true);
}

static bool
set_verbose(void *user, char *value)
{
	struct types_run *run = user;

	(void)value;
	run->verbose = true;
	return (true);
}

static bool
set_help(void *user, char *value)
{
	struct types_run *run = user;

	(void)value;
	run->help = true;
	return (true);
}

/* Understand the command line; false after a message. */
static bool
parse(struct types_run *run, int argc, char **argv)
{
	if (!option_rows_parse(rows, NROWS, argc, argv, run))
		return (false);
	if (run->help || optind < argc)
		return (true);
	complain("types: no FILE given");
	return (false);
}

/* The types of a file; an exit status, after a message if it is not 0. */
static int
read_types(const struct types_run *run, const char *path,
    struct kldsim_types **types_ret)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	enum kldsim_status status;

	status = kldsim_image_open(path, &image, &error);
	if (status == KLDSIM_OK) {
		status = kldsim_types_read(image, &run->options, types_ret,
		    &error);
		kldsim_image_unref(image);
	}
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	complain("%s", error.text);
	if (run->json)
		json_write(types_json_failure(path, &error), stdout);
	return (status == KLDSIM_NOENT ? STATUS_REFUSED : STATUS_HOST);
}

static void
show(const struct types_run *run, const struct kldsim_types *types,
    const struct selection *selection, bool summary)
{
	const struct types_page page = { types, stdout, run->cacheline,
		run->verbose };

	if (run->json) {
		json_write(types_json(types, run->cacheline, selection),
		    stdout);
		return;
	}
	if (summary)
		types_text_summary(&page, run->quiet);
	else
		types_text_selection(&page, selection);
	if (run->verbose && !run->quiet)
		types_text_remarks(&page);
}

static int
run_types(const struct types_run *run, int argc, char **argv)
{
	struct selecting selecting = {
		.names = (const char *const *)argv + 1,
		.nnames = (size_t)argc - 1,
		.all = run->all, .clones = run->verbose };
	struct selection selection;
	struct kldsim_types *types;
	int status = read_types(run, argv[0], &types);

	if (status != STATUS_OK)
		return (status);
	selecting.types = types;
	selection_make(&selection, &selecting);
	show(run, types, &selection, argc == 1 && !run->all);
	for (size_t i = 0; i < selection.nmissing; i++)
		complain("%s: no type, variable or function %s", argv[0],
		    selection.missing[i]);
	if (selection.nmissing != 0)
		status = STATUS_REFUSED;
	selection_free(&selection);
	kldsim_types_free(types);
	return (status);
}

int
cmd_types(int argc, char **argv)
{
	struct types_run run = { .cacheline = 64 };
	int status = STATUS_OK;

	kldsim_types_options_init(&run.options);
	if (!parse(&run, argc, argv))
		return (STATUS_USAGE);
	if (run.help)
		help(stdout);
	else
		status = run_types(&run, argc - optind, argv + optind);
	return (put_finish(stdout, "standard output") ? STATUS_HOST : status);
}
