/* SPDX-License-Identifier: BSD-2-Clause */

/* One table of options; getopt's tables and the help text are made from it. */

#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/report.h>
#include <kldsim/source.h>

#include "command.h"
#include "report/output.h"

/* A setter is given the option's value and says whether it makes sense. */
typedef bool setter(struct load_options *options, char *value);

static setter set_cpus, set_vnets, set_release, set_module_path, set_preload,
    set_preload_dependencies, set_at, set_kernel_end, set_ifunc,
    set_this_linker_file, set_answer, set_dpcpu_modspace, set_vnet_modspace,
    set_leak_locals, set_limit, set_json, set_dump, set_core, set_strict,
    set_listen, set_quiet, set_verbose, set_color, set_help;

enum kind {
	LOAD = 1,
	RUN = 2,
	GDB = 4,
	ALL = LOAD | RUN | GDB
};

/* What differs between the commands. */
static const struct command {
	enum kind kind;
	const char *name;
	const char *operands;
	const char *purpose;
	const char *missing; /* asked if there are too few operands */
	const char *status;  /* what exit statuses mean, from 4 on */
} load_command = {
	LOAD, "load", "KERNEL [MODULE...]",
	"Boot the simulated kernel KERNEL, load each MODULE in order, report.  "
	"Each may be\na file, a folder or archive that has one, or "
	"ARCHIVE:path/inside.",
	"which KERNEL?", "4 panic; 1 refused; 0 loaded."
}, run_command = {
	RUN, "run", "SCRIPT KERNEL",
	"Boot the simulated kernel KERNEL and play the scenario in SCRIPT, a "
	"file, or -\nfor standard input: one command a line, # begins a "
	"comment.",
	"which SCRIPT and KERNEL?",
	"4 panic; 1 refused, or\nan expectation that was not met; 0 all went "
	"as the script says."
}, gdb_command = {
	GDB, "gdb", "KERNEL [MODULE...]",
	"Boot the simulated kernel KERNEL, load each MODULE in order, and let a "
	"debugger\nlook into it: gdb on standard input and output,\n"
	"\n"
	"    gdb KERNEL -ex 'set osabi none' \\\n"
	"        -ex 'target remote | kldsim gdb KERNEL MODULE...'\n"
	"\n"
	"or gdb and LLDB on a port of this host.",
	"which KERNEL?", "4 panic; 1 refused;\n0 all was loaded."
};

static const struct row {
	unsigned kinds;    /* of the commands that have it */
	int letter;        /* 0: long form only */
	const char *name;
	const char *value; /* NULL: takes none */
	setter *set;
	const char *help;
	const char *want;  /* what the value is to be */
} rows[] = {
	{ ALL, 'c', "cpus", "N", set_cpus, "simulated CPUs (default 2)",
	    "a number above 0" },
	{ ALL, 'n', "vnets", "N", set_vnets, "vnets, vnet0 included (default 1)",
	    "a number above 0" },
	{ ALL, 'r', "release", "R", set_release,
	    "auto (default), a release name, or an osreldate",
	    "auto, 12.1 to 12.4, 13.0 to 13.5, 14.0 to 14.3, 15.0, 15.1, main, "
	    "or an osreldate like 1402000" },
	{ ALL, 'p', "module-path", "DIRS", set_module_path,
	    "folders to search, ';' between (KERNEL's)",
	    "folders with ';' between" },
	{ ALL, 0, "preload", NULL, set_preload,
	    "MODULEs are preloaded by the boot loader, in order", NULL },
	{ ALL, 0, "preload-dependencies", NULL, set_preload_dependencies,
	    "likewise, with all that they depend on", NULL },
	{ ALL, 0, "at", "FILE=ADDR", set_at,
	    "load FILE (base name) at ADDR; repeatable",
	    "FILE=ADDR, FILE a base name" },
	{ ALL, 0, "kernel-end", "ADDR", set_kernel_end,
	    "first address that loads may use", "an address above 0" },
	{ ALL, 0, "ifunc", "[FILE:]SYM=TARGET", set_ifunc,
	    "what SYM's resolver answers; repeatable",
	    "[FILE:]SYM=TARGET, TARGET a symbol or an address" },
	{ ALL, 0, "this-linker-file", "FILE=A", set_this_linker_file,
	    "what __this_linker_file is in FILE; repeatable",
	    "FILE=ADDR, FILE a base name" },
	{ ALL, 0, "answer", "MODULE:EVENT=ERRNO", set_answer,
	    "what MODULE's handler answers; repeatable",
	    "MODULE:EVENT=ERRNO, EVENT one of load, unload, quiesce and "
	    "shutdown" },
	{ ALL, 0, "dpcpu-modspace", "A:S", set_dpcpu_modspace,
	    "where DPCPU modspace is, if KERNEL cannot say",
	    "A:S, an address and a size, both above 0" },
	{ ALL, 0, "vnet-modspace", "A:S", set_vnet_modspace,
	    "likewise for VNET modspace",
	    "A:S, an address and a size, both above 0" },
	{ ALL, 0, "leak-locals", "0|1", set_leak_locals,
	    "the sysctl of newer releases (default 1)", "0 or 1" },
	{ ALL, 0, "limit", "NAME=N", set_limit,
	    "what a file or a call may cost; repeatable",
	    "NAME=N, NAME one of map_bytes, sections, symbols, relocs, "
	    "set_entries, depth, findings, work, types, type_members, "
	    "type_strings, type_bytes, archive_bytes and archive_members, N "
	    "above 0" },
	{ LOAD | RUN, 0, "json", NULL, set_json,
	    "one JSON document on standard output", NULL },
	{ LOAD | RUN, 0, "dump", "DIR", set_dump,
	    "write memory to files in DIR after the loads", "a folder" },
	{ LOAD | RUN, 0, "core", "FILE", set_core,
	    "write memory for debuggers, and FILE.gdb and FILE.lldb",
	    "a file" },
	{ GDB, 0, "listen", "PORT", set_listen,
	    "serve a TCP port of this host, 0 for a free one",
	    "the number of a port" },
	{ ALL, 0, "strict", NULL, set_strict,
	    "warnings count as refusals (exit status 1)", NULL },
	{ ALL, 'q', "quiet", NULL, set_quiet, "only what went wrong", NULL },
	{ ALL, 'v', "verbose", NULL, set_verbose, "more of everything", NULL },
	{ ALL, 0, "color", "WHEN", set_color, "auto (default), always or never",
	    "auto, always or never" },
	{ ALL, 0, "help", NULL, set_help, "this text", NULL },
};

#define NROWS (sizeof(rows) / sizeof(*rows))
#define LONG_ONLY 256 /* getopt's value for row i is LONG_ONLY + i */

/* strtoull alone would take signs, blanks and octal. */
bool
read_number(const char *text, char **end_ret, uint64_t max, uint64_t *n_ret)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	unsigned long long n;

	if (!isdigit((unsigned char)text[0]))
		return (false);
	errno = 0;
	n = strtoull(text, end_ret, hex ? 16 : 10);
	*n_ret = n;
	return (errno == 0 && n <= max);
}

bool
parse_number(const char *text, uint64_t max, uint64_t *n_ret)
{
	char *end;

	return (read_number(text, &end, max, n_ret) && *end == '\0');
}

/* A number of things, of which there has to be one. */
static bool
parse_count(const char *text, unsigned *count_ret)
{
	uint64_t n;

	if (!parse_number(text, UINT_MAX, &n) || n == 0)
		return (false);
	*count_ret = (unsigned)n;
	return (true);
}

static bool
parse_modspace(const char *text, struct kldsim_modspace *modspace)
{
	char *end;

	return (read_number(text, &end, UINT64_MAX, &modspace->start) &&
	    *end == ':' &&
	    parse_number(end + 1, UINT64_MAX, &modspace->size) &&
	    modspace->start != 0 && modspace->size != 0);
}

/* Cut "LEFT=RIGHT" at its last '='.  NULL if either side is empty. */
static char *
cut(char *text)
{
	char *equals = strrchr(text, '=');

	if (equals == NULL || equals == text || equals[1] == '\0')
		return (NULL);
	*equals = '\0';
	return (equals + 1);
}

bool
parse_limit(char *text, struct kldsim_limits *limits)
{
	char *number = cut(text);
	uint64_t n;

	if (number == NULL)
		return (false);
	if (parse_number(number, UINT64_MAX, &n) && n != 0 &&
	    kldsim_limit_set(limits, text, n) == KLDSIM_OK)
		return (true);
	number[-1] = '='; /* for a message */
	return (false);
}

static bool
set_cpus(struct load_options *options, char *value)
{
	return (parse_count(value, &options->boot.cpus));
}

static bool
set_vnets(struct load_options *options, char *value)
{
	return (parse_count(value, &options->boot.vnets));
}

static bool
set_release(struct load_options *options, char *value)
{
	return (kldsim_release_parse(value, &options->boot.osreldate) ==
	    KLDSIM_OK);
}

static bool
set_at(struct load_options *options, char *value)
{
	struct kldsim_placement *placement =
	    &options->placements[options->boot.nplacements++];
	char *address = cut(value);

	placement->file = value;
	return (address != NULL && strchr(value, '/') == NULL &&
	    parse_number(address, UINT64_MAX, &placement->address));
}

static bool
set_this_linker_file(struct load_options *options, char *value)
{
	struct kldsim_placement *object =
	    &options->linker_files[options->boot.nlinker_files++];
	char *address = cut(value);

	object->file = value;
	return (address != NULL && strchr(value, '/') == NULL &&
	    parse_number(address, UINT64_MAX, &object->address));
}

static bool
set_module_path(struct load_options *options, char *value)
{
	options->boot.module_path = value;
	options->module_path_given = true;
	return (true);
}

static bool
set_preload(struct load_options *options, char *value)
{
	(void)value;
	options->preload = true;
	return (true);
}

static bool
set_preload_dependencies(struct load_options *options, char *value)
{
	options->boot.preload_dependencies = true;
	return (set_preload(options, value));
}

static bool
set_kernel_end(struct load_options *options, char *value)
{
	return (parse_number(value, UINT64_MAX, &options->boot.kernel_end) &&
	    options->boot.kernel_end != 0);
}

/* The kernel's linker file is called "kernel", which names it here too. */
static bool
set_ifunc(struct load_options *options, char *value)
{
	struct kldsim_ifunc *ifunc = &options->ifuncs[options->boot.nifuncs++];
	char *target = cut(value);
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

bool
parse_modevent(const char *text, enum kldsim_modevent *event_ret)
{
	static const struct {
		const char *name;
		enum kldsim_modevent event;
	} events[] = {
		{ "load", KLDSIM_MOD_LOAD },
		{ "unload", KLDSIM_MOD_UNLOAD },
		{ "quiesce", KLDSIM_MOD_QUIESCE },
		{ "shutdown", KLDSIM_MOD_SHUTDOWN },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(events[i].name, text) == 0) {
			*event_ret = events[i].event;
			return (true);
		}
	return (false);
}

static bool
set_answer(struct load_options *options, char *value)
{
	struct kldsim_handler_answer *answer =
	    &options->answers[options->boot.nanswers++];
	char *error = cut(value);
	char *colon = error == NULL ? NULL : strrchr(value, ':');

	if (colon == NULL || colon == value ||
	    !parse_modevent(colon + 1, &answer->event))
		return (false);
	*colon = '\0';
	answer->module = value;
	if (kldsim_errno_parse(error, &answer->error) != KLDSIM_OK)
		options->unknown_errno = error;
	return (options->unknown_errno == NULL);
}

static bool
set_dpcpu_modspace(struct load_options *options, char *value)
{
	return (parse_modspace(value, &options->boot.dpcpu_modspace));
}

static bool
set_vnet_modspace(struct load_options *options, char *value)
{
	return (parse_modspace(value, &options->boot.vnet_modspace));
}

static bool
set_leak_locals(struct load_options *options, char *value)
{
	options->boot.leak_locals = value[0] == '1';
	return ((value[0] == '0' || value[0] == '1') && value[1] == '\0');
}

static bool
set_limit(struct load_options *options, char *value)
{
	return (parse_limit(value, &options->boot.limits));
}

static bool
set_json(struct load_options *options, char *value)
{
	(void)value;
	options->json = true;
	return (true);
}

static bool
set_dump(struct load_options *options, char *value)
{
	options->dump = value;
	return (*value != '\0');
}

static bool
set_core(struct load_options *options, char *value)
{
	options->core = value;
	return (*value != '\0');
}

static bool
set_strict(struct load_options *options, char *value)
{
	(void)value;
	options->strict = true;
	return (true);
}

static bool
set_listen(struct load_options *options, char *value)
{
	uint64_t port;

	options->listen = parse_number(value, UINT16_MAX, &port);
	options->port = (uint16_t)port;
	return (options->listen);
}

static bool
set_quiet(struct load_options *options, char *value)
{
	(void)value;
	options->verbosity = QUIET;
	return (true);
}

static bool
set_verbose(struct load_options *options, char *value)
{
	(void)value;
	options->verbosity = VERBOSE;
	return (true);
}

/* NO_COLOR: see https://no-color.org. */
static bool
set_color(struct load_options *options, char *value)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	bool automatic = strcmp(value, "auto") == 0;

	options->color = strcmp(value, "always") == 0;
	if (automatic && (no_color == NULL || *no_color == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0)
		options->color = isatty(STDOUT_FILENO);
	return (automatic || options->color || strcmp(value, "never") == 0);
}

static bool
set_help(struct load_options *options, char *value)
{
	(void)value;
	options->help = true;
	return (true);
}

/* Text of some lines. */
static void
put_lines(FILE *out, const char *text)
{
	for (size_t n; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		put_line(out, "%.*s", (int)n, text);
	}
}

static bool
has_row(const struct command *command, const struct row *row)
{
	return ((row->kinds & command->kind) != 0);
}

static void
put_help(const struct command *command, FILE *out)
{
	char left[40];

	put_line(out, "usage: kldsim %s [options] %s", command->name,
	    command->operands);
	put_line(out, "%s", "");
	put_lines(out, command->purpose);
	put_line(out, "%s", "");
	for (const struct row *row = rows; row < rows + NROWS; row++) {
		if (!has_row(command, row))
			continue;
		(void)snprintf(left, sizeof(left), "%c%c%c --%s %s",
		    row->letter == 0 ? ' ' : '-',
		    row->letter == 0 ? ' ' : row->letter,
		    row->letter == 0 ? ' ' : ',', row->name,
		    row->value == NULL ? "" : row->value);
		put_line(out, "  %-31s  %s", left, row->help);
	}
	put_line(out, "%s", "");
	put(out, "exit status: 2 usage; 3 host failure or unusable KERNEL; ");
	put_lines(out, command->status);
}

void
load_options_help(FILE *out)
{
	put_help(&load_command, out);
}

void
run_options_help(FILE *out)
{
	put_help(&run_command, out);
}

void
gdb_options_help(FILE *out)
{
	put_help(&gdb_command, out);
}

/* What getopt wants to know, from the table; ':' makes it report by value. */
static void
make_tables(const struct command *command, struct option longs[NROWS + 1],
    char shorts[2 * NROWS + 2])
{
	memset(longs, 0, (NROWS + 1) * sizeof(*longs));
	*shorts++ = ':';
	for (size_t i = 0; i < NROWS; i++) {
		if (!has_row(command, &rows[i]))
			continue;
		longs->name = rows[i].name;
		longs->has_arg = rows[i].value != NULL;
		longs->val = LONG_ONLY + (int)i;
		longs++;
		if (rows[i].letter == 0)
			continue;
		*shorts++ = (char)rows[i].letter;
		if (rows[i].value != NULL)
			*shorts++ = ':';
	}
	*shorts = '\0';
}

static const struct row *
find_row(int value)
{
	for (size_t i = 0; value != 0 && i < NROWS; i++)
		if (value == LONG_ONLY + (int)i || value == rows[i].letter)
			return (&rows[i]);
	return (NULL);
}

/* Say what getopt did not like, as it does itself but in our words. */
static void
complain_option(int found, const char *argument)
{
	const struct row *row = find_row(optopt);

	if (row != NULL)
		complain("option --%s %s", row->name, found == ':' ?
		    "needs a value" : "takes no value");
	else if (optopt != 0)
		complain("unknown option -%c", optopt);
	else
		complain("unknown option %s", argument);
}

/* One option as getopt found it. */
static bool
take(struct load_options *options, int found, const char *argument)
{
	const struct row *row = find_row(found);

	if (row == NULL) {
		complain_option(found, argument);
		return (false);
	}
	/* The setter may cut its value, so it is kept for the message. */
	char *value = optarg != NULL ? need(strdup(optarg)) : NULL;
	bool good = row->set(options, optarg);
	if (!good && options->unknown_errno != NULL)
		complain("option --%s: unknown errno %s", row->name,
		    options->unknown_errno);
	else if (!good)
		complain("option --%s: '%s' is not %s", row->name, value,
		    row->want);
	free(value);
	return (good);
}

static bool
take_operands(struct load_options *options, const struct command *command,
    int argc, char **argv)
{
	if (argc < (command->kind == RUN ? 2 : 1)) {
		complain("%s (try kldsim %s --help)", command->missing,
		    command->name);
		return (false);
	}
	if (command->kind == RUN && argc > 2 && !options->preload) {
		complain("run takes SCRIPT and KERNEL, and MODULEs only with "
		    "--preload: %s", argv[2]);
		return (false);
	}
	if (command->kind == RUN) {
		options->script = *argv++;
		argc--;
	}
	options->kernel = argv[0];
	options->modules = argv + 1;
	options->nmodules = (size_t)argc - 1;
	return (true);
}

static const struct command *
find_command(const char *name)
{
	if (strcmp(name, run_command.name) == 0)
		return (&run_command);
	return (strcmp(name, gdb_command.name) == 0 ? &gdb_command :
	    &load_command);
}

int
load_options_parse(struct load_options *options, int argc, char **argv)
{
	const struct command *command = find_command(argv[0]);
	struct option longs[NROWS + 1];
	char shorts[2 * NROWS + 2];
	int found;

	memset(options, 0, sizeof(*options));
	kldsim_options_init(&options->boot);
	options->placements = need(calloc((size_t)argc,
	    sizeof(*options->placements)));
	options->linker_files = need(calloc((size_t)argc,
	    sizeof(*options->linker_files)));
	options->ifuncs = need(calloc((size_t)argc, sizeof(*options->ifuncs)));
	options->answers = need(calloc((size_t)argc,
	    sizeof(*options->answers)));
	options->boot.placements = options->placements;
	options->boot.linker_files = options->linker_files;
	options->boot.ifuncs = options->ifuncs;
	options->boot.answers = options->answers;
	(void)set_color(options, (char[]){ "auto" });
	make_tables(command, longs, shorts);
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		if (!take(options, found, argv[optind - 1]))
			return (-1);
		else if (options->help)
			return (0);
	return (take_operands(options, command, argc - optind,
	    argv + optind) ? 0 : -1);
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
	kldsim_source_unref(options->boot.source);
}

int
load_options_command(int argc, char **argv,
    int (*run)(struct load_options *options), void (*help)(FILE *out))
{
	struct load_options options;
	int status = STATUS_USAGE;

	if (load_options_parse(&options, argc, argv) == 0) {
		if (!options.help)
			status = run(&options);
		else {
			help(stdout);
			status = put_finish(stdout, "standard output") ?
			    STATUS_HOST : STATUS_OK;
		}
	}
	load_options_free(&options);
	return (status);
}
