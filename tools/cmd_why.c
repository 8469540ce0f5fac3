/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim why: one symbol or place of a module, step by step. */

#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report/output.h"
#include "why/why.h"

static int
report(const struct why *why, int status)
{
	if (why->options.json && (status == STATUS_OK ||
	    status == STATUS_HOST))
		json_write(why_json(why), stdout);
	else if (status == STATUS_OK)
		why_text(why);
	if (put_finish(stdout, "standard output"))
		return (STATUS_HOST);
	if (status == STATUS_OK)
		status = load_run_verdict(&why->run);
	return (status == STATUS_OK && why->nrelocs == 0 ? STATUS_REFUSED :
	    status);
}

static int
cmd_why(int argc, char **argv)
{
	struct why why = { .section = NULL };
	int status;

	load_options_init(&why.options, argc);
	if (command_parse(&why_command, argc, argv, &why.options, &status)) {
		/* The last operand is no module. */
		load_options_operands(&why.options, argc - optind - 1,
		    argv + optind);
		if (why_parse(&why, argv[argc - 1])) {
			status = report(&why, why_run(&why));
		} else {
			complain("%s is no SECTION+OFFSET", argv[argc - 1]);
			status = STATUS_USAGE;
		}
		why_free(&why);
	}
	load_options_free(&why.options);
	return (status);
}

static const struct option_row rows[] = {
	{ 0, "json", NULL, set_flag, offsetof(struct load_options, json),
	    "one JSON document on standard output", NULL },
};

static const struct option_group groups[] = {
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_boot_rows, 0),
	OPTION_GROUP(load_options_preload_rows, 0),
	OPTION_GROUP(load_options_report_rows, 0),
};

const struct command why_command = {
	"why", "explain a symbol or a place of a module, step by step",
	"why [options] KERNEL MODULE... SYMBOL|SECTION+OFFSET",
	"Load each MODULE in order into the simulated kernel KERNEL, and tell of "
	"the last\none who was asked for SYMBOL, and what each relocation that "
	"names it has done; or\nof the relocation that covers SECTION+OFFSET.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused, or no "
	"such\nrelocation; 0 explained.",
	COMMAND_GROUPS(groups), 3, "which KERNEL, MODULE, and SYMBOL?", cmd_why
};
