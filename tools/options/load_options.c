/* SPDX-License-Identifier: BSD-2-Clause */

/* Options of the commands that boot a kernel and load modules; load_options.h. */

#include "options/load_options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/report.h>
#include <kldsim/names.h>
#include <kldsim/source.h>

#include "report/output.h"

static value_setter set_module_path, set_preload, set_preload_dependencies,
    set_at, set_address, set_ifunc, set_this_linker_file, set_answer,
    set_modspace, set_leak_locals, set_quiet, set_verbose, set_color;

#define FIELD(name) offsetof(struct load_options, name)

const struct option_row load_options_boot_rows[LOAD_OPTIONS_BOOT_ROWS] = {
	{ 'c', "cpus", "N", set_count, FIELD(boot.cpus),
	    "simulated CPUs (default 2)", WANT_COUNT },
	{ 'n', "vnets", "N", set_count, FIELD(boot.vnets),
	    "vnets, vnet0 included (default 1)", WANT_COUNT },
	{ 'r', "release", "R", set_release, FIELD(boot.osreldate),
	    "auto (default), a release name, or an osreldate", WANT_RELEASE },
	{ 'p', "module-path", "DIRS", set_module_path, 0,
	    "folders to search, ';' between (KERNEL's)",
	    "folders with ';' between" },
	{ 0, "at", "FILE=ADDR", set_at, 0,
	    "load FILE (base name) at ADDR; repeatable",
	    "FILE=ADDR, FILE a base name" },
	{ 0, "kernel-end", "ADDR", set_address, FIELD(boot.kernel_end),
	    "first address that loads may use", "an address above 0" },
	{ 0, "ifunc", "[FILE:]SYM=TARGET", set_ifunc, 0,
	    "what SYM's resolver answers; repeatable",
	    "[FILE:]SYM=TARGET, TARGET a symbol or an address" },
	{ 0, "this-linker-file", "FILE=A", set_this_linker_file, 0,
	    "what __this_linker_file is in FILE; repeatable",
	    "FILE=ADDR, FILE a base name" },
	{ 0, "answer", "MODULE:EVENT=ERRNO", set_answer, 0,
	    "what MODULE's handler answers; repeatable",
	    "MODULE:EVENT=ERRNO, EVENT one of load, unload, quiesce and "
	    "shutdown, ERRNO one of FreeBSD's or a number" },
	{ 0, "dpcpu-modspace", "A:S", set_modspace,
	    FIELD(boot.dpcpu_modspace),
	    "where DPCPU modspace is, if KERNEL cannot say",
	    "A:S, an address and a size, both above 0" },
	{ 0, "vnet-modspace", "A:S", set_modspace, FIELD(boot.vnet_modspace),
	    "likewise for VNET modspace",
	    "A:S, an address and a size, both above 0" },
	{ 0, "leak-locals", "0|1", set_leak_locals,
	    FIELD(boot.leak_locals),
	    "the sysctl of newer releases (default 1)", "0 or 1" },
	{ 0, "vimage-runtime", NULL, set_flag, FIELD(boot.vimage_runtime),
	    "KERNEL is one of review D20278", NULL },
	{ 0, "limit", "NAME=N", set_limit, FIELD(boot.limits),
	    "what a file or a call may cost; repeatable", WANT_LIMIT },
};

const struct option_row
    load_options_preload_rows[LOAD_OPTIONS_PRELOAD_ROWS] = {
	{ 0, "preload", NULL, set_preload, 0,
	    "MODULEs are preloaded by the boot loader, in order", NULL },
	{ 0, "preload-dependencies", NULL, set_preload_dependencies, 0,
	    "likewise, with all that they depend on", NULL },
};

const struct option_row load_options_result_rows[LOAD_OPTIONS_RESULT_ROWS] = {
	{ 0, "json", NULL, set_flag, FIELD(json),
	    "one JSON document on standard output", NULL },
	{ 0, "dump", "DIR", set_text, FIELD(dump),
	    "write memory to files in DIR after the loads", "a folder" },
	{ 0, "core", "FILE", set_text, FIELD(core),
	    "write memory for debuggers, and FILE.gdb and FILE.lldb",
	    "a file" },
	{ 0, "vmcore", "FILE", set_text, FIELD(vmcore),
	    "write memory as a minidump, for kgdb and libkvm", "a file" },
};

const struct option_row load_options_report_rows[LOAD_OPTIONS_REPORT_ROWS] = {
	{ 0, "strict", NULL, set_flag, FIELD(strict),
	    "warnings count as refusals (exit status 1)", NULL },
	{ 'q', "quiet", NULL, set_quiet, FIELD(verbosity),
	    "only what went wrong", NULL },
	{ 'v', "verbose", NULL, set_verbose, FIELD(verbosity),
	    "more of everything", NULL },
	{ 0, "color", "WHEN", set_color, FIELD(color),
	    "auto (default), always or never", "auto, always or never" },
};

static bool
set_modspace(void *field, char *value)
{
	struct kldsim_modspace *modspace = field;
	char *end;

	return (read_number(value, &end, UINT64_MAX, &modspace->start) &&
	    *end == ':' &&
	    parse_number(end + 1, UINT64_MAX, &modspace->size) &&
	    modspace->start != 0 && modspace->size != 0);
}

/* FILE=ADDR */
static bool
parse_placement(struct kldsim_placement *placement, char *value)
{
	char *address = cut_at_equals(value);

	placement->file = value;
	return (address != NULL && strchr(value, '/') == NULL &&
	    parse_number(address, UINT64_MAX, &placement->address));
}

static bool
set_at(void *user, char *value)
{
	struct load_options *options = user;

	return (parse_placement(
	    &options->placements[options->boot.nplacements++], value));
}

static bool
set_this_linker_file(void *user, char *value)
{
	struct load_options *options = user;

	return (parse_placement(
	    &options->linker_files[options->boot.nlinker_files++], value));
}

static bool
set_module_path(void *user, char *value)
{
	struct load_options *options = user;

	options->boot.module_path = value;
	options->module_path_given = true;
	return (true);
}

static bool
set_preload(void *user, char *value)
{
	struct load_options *options = user;

	(void)value;
	options->preload = true;
	return (true);
}

static bool
set_preload_dependencies(void *user, char *value)
{
	struct load_options *options = user;

	options->boot.preload_dependencies = true;
	return (set_preload(options, value));
}

static bool
set_address(void *field, char *value)
{
	return (set_number(field, value) && *(kldsim_addr *)field != 0);
}

/* The kernel's linker file is called "kernel", which names it here too. */
static bool
set_ifunc(void *user, char *value)
{
	struct load_options *options = user;
	struct kldsim_ifunc *ifunc = &options->ifuncs[options->boot.nifuncs++];
	char *target = cut_at_equals(value);
	char *colon = strrchr(value, ':');

	if (target == NULL || colon == value)
		return (false);
	ifunc->symbol = colon == NULL ? value : colon + 1;
	if (colon != NULL) {
		*colon = '\0';
		ifunc->file = strcmp(value, "kernel") == 0 ? NULL : value;
	}
	if (isdigit((unsigned char)target[0]))
		return (*ifunc->symbol != '\0' &&
		    parse_number(target, UINT64_MAX, &ifunc->address));
	ifunc->target = target;
	return (*ifunc->symbol != '\0');
}

static bool
set_answer(void *user, char *value)
{
	struct load_options *options = user;
	struct kldsim_handler_answer *answer =
	    &options->answers[options->boot.nanswers++];
	char *error = cut_at_equals(value);
	char *colon = error == NULL ? NULL : strrchr(value, ':');

	if (colon == NULL || colon == value ||
	    !parse_modevent(colon + 1, &answer->event))
		return (false);
	*colon = '\0';
	answer->module = value;
	return (kldsim_errno_parse(error, &answer->error) == KLDSIM_OK);
}

static bool
set_leak_locals(void *field, char *value)
{
	*(int *)field = value[0] == '1';
	return ((value[0] == '0' || value[0] == '1') && value[1] == '\0');
}

static bool
set_quiet(void *field, char *value)
{
	(void)value;
	*(enum verbosity *)field = QUIET;
	return (true);
}

static bool
set_verbose(void *field, char *value)
{
	(void)value;
	*(enum verbosity *)field = VERBOSE;
	return (true);
}

/* NO_COLOR: see https://no-color.org. */
static bool
set_color(void *field, char *value)
{
	bool *color = field;
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool automatic = strcmp(value, "auto") == 0;

	*color = strcmp(value, "always") == 0;
	if (automatic && (no_color == NULL || *no_color == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0)
		*color = isatty(STDOUT_FILENO);
	return (automatic || *color || strcmp(value, "never") == 0);
}

void
load_options_init(struct load_options *options, int argc)
{
	const size_t most = (size_t)argc;

	memset(options, 0, sizeof(*options));
	kldsim_options_init(&options->boot, sizeof(options->boot));
	options->placements = need(calloc(most,
	    sizeof(*options->placements)));
	options->linker_files = need(calloc(most,
	    sizeof(*options->linker_files)));
	options->ifuncs = need(calloc(most, sizeof(*options->ifuncs)));
	options->answers = need(calloc(most, sizeof(*options->answers)));
	options->boot.placements = options->placements;
	options->boot.linker_files = options->linker_files;
	options->boot.ifuncs = options->ifuncs;
	options->boot.answers = options->answers;
	(void)set_color(&options->color, (char[]){ "auto" });
}

void
load_options_operands(struct load_options *options, int argc, char **argv)
{
	options->kernel = argv[0];
	options->modules = argv + 1;
	options->nmodules = (size_t)argc - 1;
}

void
load_options_free(struct load_options *options)
{
	free(options->placements);
	free(options->linker_files);
	free(options->ifuncs);
	free(options->answers);
	free(options->module_path);
	free(options->paths);
	free(options->preloads);
	kldsim_names_unref(options->boot.names);
	kldsim_source_unref(options->boot.source);
}

int
load_options_command(const struct command *command, int argc, char **argv,
    int (*run)(struct load_options *options))
{
	struct load_options options;
	int status;

	load_options_init(&options, argc);
	if (command_parse(command, argc, argv, &options, &status)) {
		load_options_operands(&options, argc - optind, argv + optind);
		status = run(&options);
	}
	load_options_free(&options);
	return (status);
}
