/* SPDX-License-Identifier: BSD-2-Clause */

/* What is left, in a folder: specs, a scenario, and how to play it. */

#include "reduce/reduce.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report/output.h"


static FILE *
create(const struct reduce_run *run, const char *name, const char *suffix)
{
	char path[600];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s%s", run->folder, name,
	    suffix);
	out = fopen(path, "wb");
	if (out == NULL)
		complain("%s: %s", path, strerror(errno));
	return (out);
}

static bool
finish(FILE *out)
{
	bool good = put_finish(out, "a file of the reduction") == 0;

	return (fclose(out) == 0 && good);
}

/* An argument of a shell; what is hostile in a name stays text. */
static void
put_word(FILE *out, const char *word)
{
	if (*word != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/") == strlen(word)) {
		put(out, " %s", word);
		return;
	}
	put(out, " '");
	for (; *word != '\0'; word++)
		put(out, *word == '\'' ? "'\\''" : "%c", *word);
	put(out, "'");
}

static bool
write_specs(const struct reduce_run *run)
{
	bool good = true;

	for (size_t i = 0; i < run->nfiles && good; i++) {
		char room[256];
		size_t size;
		const char *spec = kldsim_reduce_spec(run->reduce, i, &size);
		FILE *out;

		if (spec == NULL)
			continue;
		out = create(run, reduce_file_name(run, i, room), ".yaml");
		good = out != NULL && fwrite(spec, 1, size, out) == size;
		good = out != NULL && finish(out) && good;
	}
	return (good);
}

/* The candidate that all is about. */
static void
current(const struct reduce_run *run, struct kldsim_image **images,
    struct kldsim_reduce_candidate *candidate)
{
	for (size_t i = 0; i < run->nfiles; i++)
		images[i] = kldsim_reduce_image(run->reduce, i);
	candidate->images = images;
	candidate->specs = NULL;
	candidate->count = run->nfiles;
}

/* As it is played here: the files are in the current folder. */
static void
put_script_line(const struct reduce_run *run, size_t index, FILE *out)
{
	static const char folder[] = REDUCED_FOLDER;
	char *words[SCRIPT_WORDS], room[SCRIPT_WORDS][512];
	const size_t n = reduce_script_words(run, index, words, room,
	    SCRIPT_WORDS);

	for (size_t i = 0; i < n; i++) {
		const bool here = strncmp(words[i], folder,
		    sizeof(folder) - 1) == 0;

		put(out, "%s%s%s", i == 0 ? "" : " ", here ? "." : "",
		    words[i] + (here ? sizeof(folder) - 1 : 0));
	}
	if (n != 0)
		put_line(out, "%s", "");
}

/* A line for each MODULE, with the errno that it ends with. */
static void
put_loads(const struct reduce_run *run, const struct played *played, FILE *out)
{
	for (size_t i = 1; i < run->nfiles; i++) {
		char room[256];

		if (!run->files[i].loaded || run->options.preload ||
		    kldsim_reduce_image(run->reduce, i) == NULL)
			continue;
		if (played->errors[i] != 0)
			put(out, "expect %s ",
			    kldsim_errno_name(played->errors[i]));
		put_line(out, "kldload ./%s", reduce_file_name(run, i, room));
	}
	for (size_t i = 0; i < run->nmissing; i++)
		put_line(out, "expect ENOENT kldload %s", run->missing[i]);
	for (size_t i = 0; i < run->script.nlines; i++)
		put_script_line(run, i, out);
}

static bool
write_scenario(struct reduce_run *run)
{
	struct kldsim_image **images = need(calloc(run->nfiles,
	    sizeof(*images)));
	struct kldsim_reduce_candidate candidate;
	struct played played;
	FILE *out = create(run, "scenario", "");

	current(run, images, &candidate);
	reduce_play(run, &candidate, &played);
	if (run->osreldate == 0 && played.sim != NULL)
		run->osreldate = kldsim_osreldate(played.sim);
	if (out != NULL) {
		put_loads(run, &played, out);
		if (run->nkeeps != 0 && run->keeps[0].kind == KEEP_CONSOLE)
			put_line(out, "expect-console \"%s\"",
			    run->keeps[0].text);
	}
	played_free(&played);
	free(images);
	return (out != NULL && finish(out));
}

/* An option with a value, which may have anything in it. */
static void
put_option(FILE *out, const char *name, const char *format, ...)
{
	char value[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	put(out, " %s", name);
	put_word(out, value);
}

/* What the failure may hang on, as it was given. */
static void
put_boot_options(const struct kldsim_options *boot, FILE *out)
{
	static const char *const events[] = {
		[KLDSIM_MOD_LOAD] = "load", [KLDSIM_MOD_UNLOAD] = "unload",
		[KLDSIM_MOD_SHUTDOWN] = "shutdown",
		[KLDSIM_MOD_QUIESCE] = "quiesce",
	};

	if (boot->kernel_end != 0)
		put_option(out, "--kernel-end", "0x%" PRIx64,
		    boot->kernel_end);
	if (boot->leak_locals == 0)
		put_option(out, "--leak-locals", "0");
	if (boot->vimage_runtime)
		put(out, " --vimage-runtime");
	for (size_t i = 0; i < boot->nplacements; i++)
		put_option(out, "--at", "%.200s=0x%" PRIx64,
		    boot->placements[i].file, boot->placements[i].address);
	for (size_t i = 0; i < boot->nanswers; i++)
		put_option(out, "--answer", "%.200s:%s=%d",
		    boot->answers[i].module, events[boot->answers[i].event],
		    boot->answers[i].error);
	for (size_t i = 0; i < boot->nifuncs; i++) {
		const struct kldsim_ifunc *ifunc = &boot->ifuncs[i];
		char address[24];

		(void)snprintf(address, sizeof(address), "0x%" PRIx64,
		    ifunc->address);
		put_option(out, "--ifunc", "%.200s:%.200s=%.100s",
		    ifunc->file != NULL ? ifunc->file : "kernel",
		    ifunc->symbol,
		    ifunc->target != NULL ? ifunc->target : address);
	}
}

static void
put_commands(const struct reduce_run *run, FILE *out)
{
	char room[256];

	for (size_t i = 0; i < run->nfiles; i++) {
		const char *name = reduce_file_name(run, i, room);

		if (kldsim_reduce_image(run->reduce, i) == NULL)
			continue;
		put(out, "    kldsim synth");
		put_word(out, name);
		put(out, ".yaml -o");
		put_word(out, name);
		put_line(out, "%s", "");
	}
	/* Where images lie in memory, the kernel had them, too. */
	put_line(out, "    kldsim hints -r %u .", (unsigned)run->osreldate);
	put(out, "    kldsim run -r %u -c %u -n %u -p .",
	    (unsigned)run->osreldate, run->options.boot.cpus,
	    run->options.boot.vnets);
	if (run->options.preload)
		put(out, run->options.boot.preload_dependencies ?
		    " --preload-dependencies" : " --preload");
	put_boot_options(&run->options.boot, out);
	put(out, " scenario");
	for (size_t i = 0; i < run->nfiles; i++)
		if (kldsim_reduce_image(run->reduce, i) != NULL &&
		    (i == 0 || (run->files[i].loaded && run->options.preload)))
			put_word(out, reduce_file_name(run, i, room));
	put_line(out, "%s", "");
}

static void
put_heading(FILE *out, const char *text)
{
	put_line(out, "%s", "");
	put_line(out, "%s", text);
	put_line(out, "%s", "");
}

static bool
write_readme(const struct reduce_run *run, bool finished)
{
	struct kldsim_reduce_progress progress;
	FILE *out = create(run, "README", "");
	const char *name;

	if (out == NULL)
		return (false);
	kldsim_reduce_progress(run->reduce, &progress);
	put_line(out, "Made by kldsim %s: %s kernel and modules that show",
	    kldsim_version_string(), finished ? "the smallest" :
	    "not yet the smallest");
	put_line(out, "%s", "");
	for (size_t i = 0; i < run->nkeeps; i++) {
		put(out, "    ");
		keep_put(run, &run->keeps[i], out);
		put_line(out, "%s", "");
	}
	if (run->test != NULL)
		put_line(out, "    %s", run->test);
	put_line(out, "%s", "");
	put_line(out, "on FreeBSD of osreldate %u.",
	    (unsigned)run->osreldate);
	put_heading(out, "To see it:");
	put_commands(run, out);
	for (size_t i = 0; (name = kldsim_reduce_kept_name(run->reduce, i)) !=
	    NULL; i++) {
		if (i == 0)
			put_heading(out, "Names that stayed:");
		put_line(out, "    %s", name);
	}
	return (finish(out));
}

int
reduce_write(struct reduce_run *run, bool finished)
{
	return (write_specs(run) && write_scenario(run) &&
	    write_readme(run, finished) ? STATUS_OK : STATUS_HOST);
}
