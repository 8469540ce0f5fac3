/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim synth: kernels and modules from specs, specs from them, worlds. */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/options.h>
#include <kldsim/spec.h>

#include "command.h"
#include "report/output.h"

/* What the command line asks for. */
struct synth_options {
	struct kldsim_world world;
	const char *spec;
	const char *from;
	const char *output;
	const char *folder;
	const char *sized; /* an option that only worlds take, or NULL */
	bool seeded;
	bool help;
};

typedef bool setter(struct synth_options *options, const char *value);

static setter set_output, set_from, set_seed, set_folder, set_modules,
    set_symbols, set_relocs, set_set_bytes, set_deps, set_machine,
    set_release, set_shared, set_types, set_help;

static const struct row {
	int letter;        /* 0: long form only */
	const char *name;
	const char *value; /* NULL: takes none */
	setter *set;
	const char *help;
	const char *want;
	bool sizes;        /* only for worlds */
} rows[] = {
	{ 'o', "output", "FILE", set_output,
	    "where the file goes; with --from default: standard output",
	    "a file", false },
	{ 0, "from", "FILE", set_from,
	    "write the spec of a kernel or module", "a file", false },
	{ 0, "seed", "N", set_seed, "write a random world", "a number",
	    false },
	{ 'd', "directory", "DIR", set_folder,
	    "the folder that a world goes to", "a folder", true },
	{ 0, "modules", "N", set_modules, "how many modules (3)",
	    "a number above 0", true },
	{ 0, "symbols", "N", set_symbols, "symbols of each file (16)",
	    "a number above 0", true },
	{ 0, "relocs", "N", set_relocs, "relocations of each module (32)",
	    "a number above 0", true },
	{ 0, "set-bytes", "N", set_set_bytes,
	    "bytes of each of a module's sets (64)", "a number above 0",
	    true },
	{ 0, "deps", "SHAPE", set_deps,
	    "who depends on whom: chain (default), tree or random",
	    "chain, tree or random", true },
	{ 'm', "machine", "M", set_machine,
	    "amd64 (default), i386, arm64, armv7, riscv64, powerpc ...",
	    "a machine", true },
	{ 'r', "release", "R", set_release,
	    "a release name, or an osreldate (12.1)",
	    "a release name or an osreldate", true },
	{ 0, "shared", NULL, set_shared,
	    "modules are shared objects, on amd64 too", NULL, true },
	{ 0, "types", "N", set_types, "types of each file (0)",
	    "a number above 0", true },
	{ 0, "help", NULL, set_help, "this text", NULL, false },
};

#define NROWS (sizeof(rows) / sizeof(*rows))
#define LONG_ONLY 256 /* getopt's value for row i is LONG_ONLY + i */

static bool
parse_number(const char *text, uint64_t max, uint64_t *n_ret)
{
	char *end;
	unsigned long long n;

	if (!isdigit((unsigned char)*text))
		return (false);
	errno = 0;
	n = strtoull(text, &end, text[0] == '0' &&
	    (text[1] == 'x' || text[1] == 'X') ? 16 : 10);
	*n_ret = n;
	return (errno == 0 && *end == '\0' && n <= max);
}

static bool
parse_count(const char *text, uint32_t *n_ret)
{
	uint64_t n;

	if (!parse_number(text, UINT32_MAX, &n) || n == 0)
		return (false);
	*n_ret = (uint32_t)n;
	return (true);
}

static bool
set_output(struct synth_options *options, const char *value)
{
	options->output = value;
	return (*value != '\0');
}

static bool
set_from(struct synth_options *options, const char *value)
{
	options->from = value;
	return (*value != '\0');
}

static bool
set_seed(struct synth_options *options, const char *value)
{
	options->seeded = true;
	return (parse_number(value, UINT64_MAX, &options->world.seed));
}

static bool
set_folder(struct synth_options *options, const char *value)
{
	options->folder = value;
	return (*value != '\0');
}

static bool
set_modules(struct synth_options *options, const char *value)
{
	return (parse_count(value, &options->world.modules));
}

static bool
set_symbols(struct synth_options *options, const char *value)
{
	return (parse_count(value, &options->world.symbols));
}

static bool
set_relocs(struct synth_options *options, const char *value)
{
	return (parse_count(value, &options->world.relocs));
}

static bool
set_set_bytes(struct synth_options *options, const char *value)
{
	return (parse_count(value, &options->world.set_bytes));
}

static bool
set_deps(struct synth_options *options, const char *value)
{
	static const char *const shapes[] = { "chain", "tree", "random" };

	for (int i = 0; i < 3; i++)
		if (strcmp(shapes[i], value) == 0) {
			options->world.deps = (enum kldsim_world_deps)i;
			return (true);
		}
	return (false);
}

static bool
set_machine(struct synth_options *options, const char *value)
{
	options->world.machine = value;
	return (*value != '\0');
}

static bool
set_release(struct synth_options *options, const char *value)
{
	return (kldsim_release_parse(value, &options->world.osreldate) ==
	    KLDSIM_OK);
}

static bool
set_types(struct synth_options *options, const char *value)
{
	return (parse_count(value, &options->world.types));
}

static bool
set_shared(struct synth_options *options, const char *value)
{
	(void)value;
	options->world.shared = 1;
	return (true);
}

static bool
set_help(struct synth_options *options, const char *value)
{
	(void)value;
	options->help = true;
	return (true);
}

static void
help(FILE *out)
{
	char left[40];

	put_line(out, "usage: kldsim synth SPEC -o FILE");
	put_line(out, "       kldsim synth --from FILE [-o SPEC]");
	put_line(out, "       kldsim synth --seed N [sizes] -d DIR");
	put_line(out, "%s", "");
	put_line(out, "Build a kernel or module from a spec (docs/spec.md), "
	    "write the spec of one,");
	put_line(out, "or write a random kernel and modules with what loading "
	    "them must lead to.");
	put_line(out, "%s", "");
	for (const struct row *row = rows; row < rows + NROWS; row++) {
		(void)snprintf(left, sizeof(left), "%c%c%c --%s %s",
		    row->letter == 0 ? ' ' : '-',
		    row->letter == 0 ? ' ' : row->letter,
		    row->letter == 0 ? ' ' : ',', row->name,
		    row->value == NULL ? "" : row->value);
		put_line(out, "  %-22s  %s", left, row->help);
	}
	put_line(out, "%s", "");
	put_line(out, "exit status: 2 usage; 3 host failure, or a mistake in "
	    "SPEC; 0 done.");
}

/* What getopt wants to know, from the table; ':' makes it report by value. */
static void
make_tables(struct option longs[NROWS + 1], char shorts[2 * NROWS + 2])
{
	memset(longs, 0, (NROWS + 1) * sizeof(*longs));
	*shorts++ = ':';
	for (size_t i = 0; i < NROWS; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].value != NULL;
		longs[i].val = LONG_ONLY + (int)i;
		if (rows[i].letter == 0)
			continue;
		*shorts++ = (char)rows[i].letter;
		*shorts++ = ':'; /* all of them take a value */
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

static bool
take(struct synth_options *options, int found, const char *argument)
{
	const struct row *row = find_row(found);

	if (row == NULL) {
		row = find_row(optopt);
		if (row != NULL)
			complain("option --%s %s", row->name, found == ':' ?
			    "needs a value" : "takes no value");
		else
			complain("unknown option %s", argument);
		return (false);
	}
	if (row->sizes)
		options->sized = row->name;
	if (row->set(options, optarg))
		return (true);
	complain("option --%s: '%s' is not %s", row->name, optarg, row->want);
	return (false);
}

/* Does what is asked for go together? */
static bool
check(const struct synth_options *options, int nspecs)
{
	int tasks = (options->from != NULL) + options->seeded + nspecs;

	if (tasks != 1)
		complain("one of SPEC, --from and --seed is wanted "
		    "(try kldsim synth --help)");
	else if (options->sized != NULL && !options->seeded)
		complain("option --%s goes with --seed only", options->sized);
	else if (options->seeded && options->folder == NULL)
		complain("which folder? (-d DIR)");
	else if (options->seeded && options->output != NULL)
		complain("option --output does not go with --seed");
	else if (nspecs == 1 && options->output == NULL)
		complain("which output? (-o FILE)");
	else
		return (true);
	return (false);
}

static bool
parse(struct synth_options *options, int argc, char **argv)
{
	struct option longs[NROWS + 1];
	char shorts[2 * NROWS + 2];
	int found;

	memset(options, 0, sizeof(*options));
	options->world.size = sizeof(options->world);
	make_tables(longs, shorts);
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		if (!take(options, found, argv[optind - 1]))
			return (false);
		else if (options->help)
			return (true);
	if (optind < argc)
		options->spec = argv[optind];
	return (check(options, argc - optind));
}

static int
build(const struct synth_options *options)
{
	struct kldsim_error error;
	struct kldsim_synth *synth;

	if (kldsim_synth_spec(options->spec, &synth, &error) != KLDSIM_OK ||
	    kldsim_synth_write(synth, options->output, &error) != KLDSIM_OK) {
		complain("%s", error.text);
		kldsim_synth_free(synth);
		return (STATUS_HOST);
	}
	kldsim_synth_free(synth);
	return (STATUS_OK);
}

static int
write_text(const char *text, size_t size, const char *output)
{
	FILE *out = output == NULL ? stdout : fopen(output, "wb");
	const char *name = output == NULL ? "standard output" : output;
	bool good;

	if (out == NULL) {
		complain("%s: %s", name, strerror(errno));
		return (STATUS_HOST);
	}
	good = fwrite(text, 1, size, out) == size;
	good = put_finish(out, name) == 0 && good;
	if (output != NULL && fclose(out) != 0)
		good = false;
	return (good ? STATUS_OK : STATUS_HOST);
}

static int
from(const struct synth_options *options)
{
	struct kldsim_error error;
	char *text;
	size_t size;
	int status;

	if (kldsim_synth_from(options->from, &text, &size, &error) !=
	    KLDSIM_OK) {
		complain("%s", error.text);
		return (STATUS_HOST);
	}
	status = write_text(text, size, options->output);
	kldsim_synth_free_bytes(text);
	return (status);
}

static int
world(const struct synth_options *options)
{
	struct kldsim_error error;

	if (kldsim_synth_world(&options->world, options->folder, &error) ==
	    KLDSIM_OK)
		return (STATUS_OK);
	complain("%s", error.text);
	return (error.status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
}

int
cmd_synth(int argc, char **argv)
{
	struct synth_options options;

	if (!parse(&options, argc, argv))
		return (STATUS_USAGE);
	if (options.help) {
		help(stdout);
		return (put_finish(stdout, "standard output") ? STATUS_HOST :
		    STATUS_OK);
	}
	if (options.seeded)
		return (world(&options));
	return (options.from != NULL ? from(&options) : build(&options));
}
