/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim types: the C types that a file tells, as C. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

#include "command.h"
#include "dwarf/file_types.h"
#include "report/output.h"
#include "sandbox/sandbox.h"
#include "types/select.h"
#include "types/types_json.h"
#include "types/types_text.h"

struct types_run {
	struct kldsim_types_options options;
	struct debug_options where;
	const char *parent; /* a path; NULL: none */
	unsigned cacheline;
	bool all;
	bool json;
	bool quiet;
	bool verbose;
};

/* The types of a file; an exit status, after a message if it is not 0. */
static int
read_types(const struct types_run *run, const char *path,
    struct kldsim_types **types_ret)
{
	struct kldsim_image *image;
	struct file_types found = { 0 };
	enum kldsim_status status;

	status = kldsim_source_kernel(run->where.source, path, &image,
	    &found.error);
	if (status == KLDSIM_OK) {
		status = file_types_read(image, &run->where, &run->options,
		    &found);
		kldsim_image_unref(image);
	}
	*types_ret = found.types;
	found.types = NULL;
	file_types_free(&found);
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	complain("%s", found.error.text);
	if (run->json)
		json_write(types_json_failure(path, &found.error), stdout);
	return (status == KLDSIM_NOENT ? STATUS_REFUSED : STATUS_HOST);
}

/* The types of --parent, whose file may have none. */
static int
read_parent(const struct types_run *run, struct kldsim_types **parent_ret)
{
	const struct types_run plain = { .options = run->options,
		.where = run->where, .json = run->json };

	*parent_ret = NULL;
	return (run->parent == NULL ? STATUS_OK :
	    read_types(&plain, run->parent, parent_ret));
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
	struct types_run with = *run;
	struct kldsim_types *types, *parent;
	int status = read_parent(run, &parent);

	if (status != STATUS_OK)
		return (status);
	with.options.parent = parent;
	status = read_types(&with, argv[0], &types);
	kldsim_types_free(parent);
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

/* Places of files, an archive among them; an exit status likewise. */
static int
open_source(struct types_run *run)
{
	struct kldsim_source_options how;
	struct kldsim_error error;

	kldsim_source_options_init(&how, sizeof(how));
	how.limits = run->options.limits;
	if (kldsim_source_new(&how, &run->where.source, &error) == KLDSIM_OK)
		return (STATUS_OK);
	complain("%s", error.text);
	return (STATUS_HOST);
}

static int
cmd_types(int argc, char **argv)
{
	struct types_run run = { .cacheline = 64 };
	int status;

	kldsim_types_options_init(&run.options, sizeof(run.options));
	if (!command_parse(&types_command, argc, argv, &run, &status))
		return (status);
	run.where.here = sandbox_here();
	status = open_source(&run);
	if (status == STATUS_OK)
		status = run_types(&run, argc - optind, argv + optind);
	kldsim_source_unref(run.where.source);
	debug_options_free(&run.where);
	return (put_finish(stdout, "standard output") ? STATUS_HOST : status);
}

#define FIELD(name) offsetof(struct types_run, name)

static const struct option_row rows[] = {
	{ 'a', "all", NULL, set_flag, FIELD(all),
	    "everything, types without a name too", NULL },
	{ 'c', "cacheline", "N", set_count, FIELD(cacheline),
	    "bytes of a cache line (default 64)", WANT_COUNT },
	{ 0, "json", NULL, set_flag, FIELD(json),
	    "one JSON document on standard output", NULL },
	{ 0, "limit", "NAME=N", set_limit, FIELD(options.limits),
	    "what a file may cost; repeatable, see kldsim(1)", WANT_LIMIT },
	{ 0, "parent", "FILE", set_text, FIELD(parent),
	    "who has the types that FILE leaves to a parent", "a file" },
	{ 'q', "quiet", NULL, set_flag, FIELD(quiet), "nothing of what is odd",
	    NULL },
	{ 'v', "verbose", NULL, set_flag, FIELD(verbose),
	    "ids, types of bit-fields, and all that is odd", NULL },
};

static const struct option_group groups[] = {
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(debug_option_rows, FIELD(where))
};

const struct command types_command = {
	"types", "show the C types of a kernel or module",
	"types [options] FILE [NAME...]",
	"Show the types, variables and functions of FILE, a kernel or module, "
	"that a NAME\n"
	"means: a name or a glob, or \"struct NAME\", \"union NAME\", \"enum "
	"NAME\",\n"
	"\"typedef NAME\".  Without a NAME: how much there is.",
	"2 usage; 3 FILE cannot be read, or its types cannot;\n"
	"1 it has no types, or none that a NAME means; 0 otherwise.",
	COMMAND_GROUPS(groups), 1, "which FILE?", cmd_types
};
