/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim refs: which modules refer to which VNET and DPCPU variables. */

#include <stdlib.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

#include "command.h"
#include "refs/files.h"
#include "refs/refs_json.h"
#include "refs/refs_text.h"
#include "report/output.h"

struct refs_run {
	struct refs_files files;
	bool list;
	bool json;
	bool verbose;
};

/* Nothing is freed, as by `kldsim load`: the host does it in less time. */
static int
cmd_refs(int argc, char **argv)
{
	static struct refs_run run; /* so that it stays known where all is */
	int status;

	kldsim_refs_options_init(&run.files.options, sizeof(run.files.options));
	if (!command_parse(&refs_command, argc, argv, &run, &status))
		return (status);
	status = refs_files_read(&run.files, argc - optind, argv + optind);
	if (run.json && status != STATUS_USAGE)
		json_write(refs_json(&run.files), stdout);
	else if (run.list)
		refs_text_list(&run.files, stdout);
	else if (run.files.count != 0)
		refs_text(&run.files, run.verbose, stdout);
	return (put_finish(stdout, "standard output") ? STATUS_HOST : status);
}

#define FIELD(name) offsetof(struct refs_run, name)

static const struct option_row rows[] = {
	{ 0, "json", NULL, set_flag, FIELD(json),
	    "one JSON document on standard output", NULL },
	{ 'l', "list", NULL, set_flag, FIELD(list),
	    "only the names of files with vnet_entry_ variables", NULL },
	{ 0, "limit", "NAME=N", set_limit, FIELD(files.options.limits),
	    "what a file may cost; repeatable, see kldsim(1)", WANT_LIMIT },
	{ 'v', "verbose", NULL, set_flag, FIELD(verbose),
	    "what does not matter, too", NULL },
};

static const struct option_group groups[] = { OPTION_GROUP(rows, 0) };

const struct command refs_command = {
	"refs", "tell who refers to VNET and DPCPU variables",
	"refs [options] [KERNEL [KERNEL2]] FILE|DIR...",
	"Show which VNET and DPCPU variables each FILE, or each module in and "
	"below DIR,\n"
	"refers to, its own and others'.  With KERNEL: whether it has them.  "
	"With KERNEL2:\n"
	"whether files built for KERNEL do with KERNEL2.  KERNEL is a kernel's "
	"file; a\n"
	"folder is one of modules.",
	"2 usage; 3 a file cannot be read; 1 a file will not load or\n"
	"has to be built again; 0 otherwise.",
	COMMAND_GROUPS(groups), 1, "which FILE?", cmd_refs
};
