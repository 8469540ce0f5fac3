/* SPDX-License-Identifier: BSD-2-Clause */

/* Do to a candidate's files what is done to the files that were given. */

#include "reduce/reduce.h"

#include <stdlib.h>
#include <string.h>

#include "report/output.h"
#include "run/run.h"

#define PATH_SIZE 512

const char *
reduce_file_name(const struct reduce_run *run, size_t index, char room[256])
{
	const char *name = run->files[index].name;
	const size_t n = strcspn(name, ".");
	char word[128], now[128];

	if (index == 0 || run->reduce == NULL || n >= sizeof(word))
		return (name);
	memcpy(word, name, n);
	word[n] = '\0';
	kldsim_reduce_renamed(run->reduce, word, now, sizeof(now));
	(void)snprintf(room, 256, "%s%.100s", now, name + n);
	return (room);
}

/* Where a candidate has a file. */
static void
path_of(const struct reduce_run *run, size_t index, char path[PATH_SIZE])
{
	char room[256];

	(void)snprintf(path, PATH_SIZE, REDUCED_FOLDER "/%s",
	    reduce_file_name(run, index, room));
}

static bool
put_images(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate,
    struct kldsim_source *source)
{
	for (size_t i = 1; i < candidate->count; i++) {
		char path[PATH_SIZE];

		if (candidate->images[i] == NULL)
			continue;
		path_of(run, i, path);
		if (kldsim_source_add(source, path, candidate->images[i],
		    NULL) != KLDSIM_OK)
			return (false);
	}
	return (true);
}

/* The paths of MODULEs that are left, for the boot loader. */
static size_t
list_preloads(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate,
    struct kldsim_preload *preloads, char (*paths)[PATH_SIZE])
{
	size_t count = 0;

	for (size_t i = 1; i < candidate->count; i++) {
		if (candidate->images[i] == NULL || !run->files[i].loaded)
			continue;
		path_of(run, i, paths[i]);
		preloads[count++].path = paths[i];
	}
	return (count);
}

static void
load_all(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate, struct played *played)
{
	for (size_t i = 1, n = 0; i < candidate->count; i++) {
		struct kldsim_result result = { 0 };
		char path[PATH_SIZE];

		if (candidate->images[i] == NULL || !run->files[i].loaded)
			continue;
		path_of(run, i, path);
		if (run->options.preload)
			(void)!kldsim_preload_result(played->sim, n++,
			    &result);
		else if (!kldsim_is_dead(played->sim))
			(void)!kldsim_kldload_path(played->sim, path,
			    &result, NULL);
		played->errors[i] = result.error;
		if (result.error != 0)
			played->error = result.error;
	}
}

/* MODULEs that there is no file of. */
static void
load_missing(const struct reduce_run *run, struct played *played)
{
	for (size_t i = 0; i < run->nmissing && !run->options.preload; i++) {
		struct kldsim_result result = { 0 };

		if (!kldsim_is_dead(played->sim) &&
		    kldsim_kldload(played->sim, run->missing[i], &result,
		    NULL) == KLDSIM_OK && result.error != 0)
			played->error = result.error;
	}
}

/* A word that is a path of one of the files, or has its name. */
static char *
word_of(const struct reduce_run *run, char *word, char room[512])
{
	const size_t n = strcspn(word, ".");
	char now[256], stem[256];

	for (size_t i = 1; i < run->nfiles && strchr(word, '/') != NULL; i++)
		if (strcmp(word, run->files[i].path) == 0) {
			path_of(run, i, room);
			return (room);
		}
	if (run->reduce == NULL || n >= sizeof(stem))
		return (word);
	memcpy(stem, word, n);
	stem[n] = '\0';
	kldsim_reduce_renamed(run->reduce, stem, now, sizeof(now));
	(void)snprintf(room, 512, "%s%.200s", now, word + n);
	return (room);
}

size_t
reduce_script_words(const struct reduce_run *run, size_t index, char *words[],
    char room[][512], size_t most)
{
	const struct run_line *line = &run->script.lines[index];
	char **its = run->script.words + line->first;
	size_t n = line->nwords;

	if (n > 2 && strcmp(its[0], "expect") == 0) {
		its += 2;
		n -= 2;
	} else if (strncmp(its[0], "expect", 6) == 0) {
		return (0);
	}
	n = n < most ? n : most;
	for (size_t i = 0; i < n; i++)
		words[i] = i == 0 ? its[i] : word_of(run, its[i], room[i]);
	return (n);
}

/* What a script expects is left out: it may have been met by what is gone. */
static void
play_script(const struct reduce_run *run, struct played *played)
{
	struct load_options quiet = run->options;
	struct run scenario = { .options = &quiet, .out = stdout,
		.db_cpu = -1, .db_vnet = -1, .sim = played->sim };

	quiet.verbosity = QUIET;
	for (size_t i = 0; i < run->script.nlines; i++) {
		char *words[SCRIPT_WORDS], room[SCRIPT_WORDS][512];
		const size_t n = reduce_script_words(run, i, words, room,
		    SCRIPT_WORDS);
		const int result = n == 0 ? 0 : run_words(&scenario, words,
		    n);

		if (result > 0)
			played->error = result;
		if (result < 0)
			break;
	}
	free(scenario.reason);
}

void
reduce_play(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate, struct played *played)
{
	struct kldsim_options boot = run->options.boot;
	struct kldsim_preload *preloads = need(calloc(candidate->count,
	    sizeof(*preloads)));
	char (*paths)[PATH_SIZE] = need(calloc(candidate->count, sizeof(*paths)));

	memset(played, 0, sizeof(*played));
	played->errors = need(calloc(candidate->count,
	    sizeof(*played->errors)));
	boot.module_path = REDUCED_FOLDER;
	boot.source = NULL;
	boot.preloads = preloads;
	boot.npreloads = run->options.preload ?
	    list_preloads(run, candidate, preloads, paths) : 0;
	if (kldsim_source_new(NULL, &boot.source, NULL) == KLDSIM_OK &&
	    put_images(run, candidate, boot.source) &&
	    kldsim_boot(candidate->images[0], &boot, &played->sim, NULL) !=
	    KLDSIM_OK)
		played->sim = NULL;
	if (played->sim != NULL)
		load_all(run, candidate, played);
	if (played->sim != NULL)
		load_missing(run, played);
	if (played->sim != NULL && run->script.nlines != 0)
		play_script(run, played);
	kldsim_source_unref(boot.source);
	free(preloads);
	free(paths);
}

void
played_free(struct played *played)
{
	kldsim_destroy(played->sim);
	free(played->errors);
}
