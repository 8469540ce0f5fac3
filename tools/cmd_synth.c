/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim synth: kernels and modules from specs, specs from them, worlds. */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	const char *folder; /* a world's */
	bool seeded;
};

static bool
set_deps(void *field, char *value)
{
	enum kldsim_world_deps *deps = field;
	static const char *const shapes[] = { "chain", "tree", "random" };

	for (int i = 0; i < 3; i++)
		if (strcmp(shapes[i], value) == 0) {
			*deps = (enum kldsim_world_deps)i;
			return (true);
		}
	return (false);
}

static bool
set_vnets(void *field, char *value)
{
	enum kldsim_world_vnets *vnets = field;
	static const char *const kinds[] = { "vimage", "plain", "runtime",
		"runtime-plain", "any" };

	for (int i = 0; i < 5; i++)
		if (strcmp(kinds[i], value) == 0) {
			*vnets = (enum kldsim_world_vnets)i;
			return (true);
		}
	return (false);
}

static bool
set_shared(void *field, char *value)
{
	(void)value;
	*(uint32_t *)field = 1;
	return (true);
}

static bool
set_seed(void *user, char *value)
{
	struct synth_options *options = user;

	options->seeded = true;
	return (set_number(&options->world.seed, value));
}

/* Whether something is said of a world. */
static bool
sized(const struct synth_options *options)
{
	struct kldsim_world none;

	memset(&none, 0, sizeof(none)); /* what is between fields, too */
	none.size = sizeof(none);
	return (options->folder != NULL ||
	    memcmp(&options->world, &none, sizeof(none)) != 0);
}

/* Does what is asked for go together? */
static bool
check(const struct synth_options *options, int nspecs)
{
	int tasks = (options->from != NULL) + options->seeded + nspecs;

	if (tasks != 1)
		complain("one of SPEC, --from and --seed is wanted "
		    "(try kldsim synth --help)");
	else if (sized(options) && !options->seeded)
		complain("options that tell of a world go with --seed only");
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

static int
cmd_synth(int argc, char **argv)
{
	struct synth_options options;
	int status;

	memset(&options, 0, sizeof(options));
	options.world.size = sizeof(options.world);
	if (!command_parse(&synth_command, argc, argv, &options, &status))
		return (status);
	if (optind < argc)
		options.spec = argv[optind];
	if (!check(&options, argc - optind))
		return (STATUS_USAGE);
	if (options.seeded)
		return (world(&options));
	return (options.from != NULL ? from(&options) : build(&options));
}

#define FIELD(name) offsetof(struct synth_options, name)

static const struct option_row rows[] = {
	{ 'o', "output", "FILE", set_text, FIELD(output),
	    "where the file goes; with --from default: standard output",
	    "a file" },
	{ 0, "from", "FILE", set_text, FIELD(from),
	    "write the spec of a kernel or module", "a file" },
	{ 0, "seed", "N", set_seed, 0, "write a random world", "a number" },
	{ 'd', "directory", "DIR", set_text, FIELD(folder),
	    "the folder that a world goes to", "a folder" },
	{ 0, "modules", "N", set_count, FIELD(world.modules),
	    "how many modules (3)", WANT_COUNT },
	{ 0, "symbols", "N", set_count, FIELD(world.symbols),
	    "symbols of each file (16)", WANT_COUNT },
	{ 0, "relocs", "N", set_count, FIELD(world.relocs),
	    "relocations of each module (32)", WANT_COUNT },
	{ 0, "set-bytes", "N", set_count, FIELD(world.set_bytes),
	    "bytes of each of a module's sets (64)", WANT_COUNT },
	{ 0, "deps", "SHAPE", set_deps, FIELD(world.deps),
	    "who depends on whom: chain (default), tree or random",
	    "chain, tree or random" },
	{ 'm', "machine", "M", set_text, FIELD(world.machine),
	    "amd64 (default), i386, arm64, armv7, riscv64, powerpc ...",
	    "a machine" },
	{ 'r', "release", "R", set_release, FIELD(world.osreldate),
	    "a release name, or an osreldate (12.1)",
	    "a release name or an osreldate" },
	{ 0, "shared", NULL, set_shared, FIELD(world.shared),
	    "modules are shared objects, on amd64 too", NULL },
	{ 0, "types", "N", set_count, FIELD(world.types),
	    "types of each file (0)", WANT_COUNT },
	{ 0, "vnets", "KIND", set_vnets, FIELD(world.vnets),
	    "vimage (default), plain, runtime, runtime-plain, any",
	    "vimage, plain, runtime, runtime-plain or any" },
};

static const struct option_group groups[] = { OPTION_GROUP(rows, 0) };

const struct command synth_command = {
	"synth", "build a kernel or module from a spec",
	"synth SPEC -o FILE\n"
	"synth --from FILE [-o SPEC]\n"
	"synth --seed N [options of a world] -d DIR",
	"Build a kernel or module from a spec (docs/spec.md), write the spec of "
	"one,\n"
	"or write a random kernel and modules with what loading them must lead "
	"to.",
	"2 usage; 3 host failure, or a mistake in SPEC; 0 done.",
	COMMAND_GROUPS(groups), 0, NULL, cmd_synth
};
