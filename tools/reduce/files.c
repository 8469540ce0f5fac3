/* SPDX-License-Identifier: BSD-2-Clause */

/* The files that a failure needs: those given, and those found for them. */

#include "reduce/reduce.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd_load.h"
#include "path.h"
#include "read_file.h"
#include "report/output.h"
#include "run/run.h"

static bool
is_spec(const char *path)
{
	const size_t n = strlen(path);

	return (n > 5 && strcmp(path + n - 5, ".yaml") == 0);
}

/* A spec is called as the file that is made of it: "if_foo.ko.yaml". */
static char *
name_of(const char *path)
{
	const char *base = path_name(path);

	return (need(strndup(base, strlen(base) - (is_spec(path) ? 5 : 0))));
}

static void
add(struct reduce_run *run, const char *path, bool loaded)
{
	char *name = name_of(path);
	struct reduce_file *file;

	for (size_t i = 1; i < run->nfiles; i++)
		if (strcmp(run->files[i].name, name) == 0) {
			run->files[i].loaded |= loaded;
			free(name);
			return;
		}
	run->files = need(realloc(run->files, (run->nfiles + 1) *
	    sizeof(*run->files)));
	file = &run->files[run->nfiles++];
	file->name = name;
	file->path = need(strdup(path));
	file->loaded = loaded;
}

/* Files that the kernel has loaded along with what was asked for. */
static void
add_dependencies(struct reduce_run *run, const struct kldsim *sim)
{
	struct kldsim_filestat stat;
	int id = 0;

	while (kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0)
		if (id != 1 && kldsim_kldstat(sim, id, &stat) == KLDSIM_OK)
			add(run, stat.path, false);
}

/* A regular file (K-11), which may be in an archive. */
static bool
is_file(const struct reduce_run *run, const char *path)
{
	struct kldsim_source_file file;

	return (kldsim_source_stat(run->options.boot.source, path, &file,
	    NULL) == KLDSIM_OK && file.type == KLDSIM_SOURCE_FILE);
}

static bool
is_there(const struct reduce_run *run, const char *folder, const char *name,
    const char *suffix, char path[1024])
{
	(void)snprintf(path, 1024, "%s/%s%s", folder, name, suffix);
	return (is_file(run, path));
}

/* The file that a linker.hints has for an interface (K-13). */
static bool
find_record(const struct reduce_run *run, const char *folder,
    const void *hints, size_t size, const char *name, char path[1024])
{
	struct kldsim_hints_record record;
	bool found = false;
	size_t at = 0;

	while (!found && kldsim_hints_next(hints, size, &at, &record, NULL) ==
	    KLDSIM_OK)
		found = strcmp(record.name, name) == 0 &&
		    record.kind == KLDSIM_HINTS_VERSION &&
		    is_there(run, folder, record.file, "", path);
	return (found);
}

/* The same, by what kldxref(8) would write for a folder in an archive. */
static bool
is_packed(const struct reduce_run *run, const char *folder, const char *name,
    char path[1024])
{
	struct kldsim_hints_options options;
	bool found = false;
	void *hints;
	size_t size;

	kldsim_hints_options_init(&options, sizeof(options));
	options.source = run->options.boot.source;
	options.osreldate = run->osreldate;
	if (access(folder, F_OK) != 0 && kldsim_hints_build(folder, &options,
	    &hints, &size, NULL, NULL) == KLDSIM_OK) {
		found = size != 0 &&
		    find_record(run, folder, hints, size, name, path);
		kldsim_hints_free(hints);
	}
	return (found);
}

static bool
is_hinted(const struct reduce_run *run, const char *folder, const char *name,
    char path[1024])
{
	struct kldsim_image *image;
	const void *hints;
	size_t size;
	bool found;

	if (!is_there(run, folder, "linker.hints", "", path))
		return (is_packed(run, folder, name, path));
	if (kldsim_source_image(run->options.boot.source, path, &image,
	    NULL) != KLDSIM_OK)
		return (false);
	hints = kldsim_image_bytes(image, &size);
	found = find_record(run, folder, hints, size, name, path);
	kldsim_image_unref(image);
	return (found);
}

/* The file of a MODULE that was not loaded: a file, or a name for one. */
static bool
find_refused(const struct reduce_run *run, const char *name, char path[1024])
{
	const char *folders = run->options.boot.module_path;
	bool found = false;

	if (load_options_is_file(&run->options, name)) {
		(void)snprintf(path, 1024, "%s", name);
		return (is_file(run, path));
	}
	for (size_t n; *folders != '\0' && !found;
	    folders += n + (folders[n] == ';')) {
		char folder[512];

		n = strcspn(folders, ";");
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)n,
		    folders);
		found = is_hinted(run, folder, name, path) ||
		    is_there(run, folder, name, "", path) ||
		    is_there(run, folder, name, ".ko", path);
	}
	return (found);
}

/* What a script loads is found like a MODULE. */
static void
add_script(struct reduce_run *run, struct load_run *load,
    struct played *played)
{
	struct run scenario = { .options = &run->options, .out = stdout,
		.db_cpu = -1, .db_vnet = -1, .sim = load->sim };
	const enum verbosity verbosity = run->options.verbosity;

	run->options.verbosity = QUIET;
	for (size_t i = 0; i < run->script.nlines; i++) {
		char *words[SCRIPT_WORDS], room[SCRIPT_WORDS][512];
		const size_t n = reduce_script_words(run, i, words, room,
		    SCRIPT_WORDS);
		char path[1024];
		int result;

		if (n == 0)
			continue;
		for (size_t j = 1; j < n; j++)
			if (find_refused(run, words[j], path))
				add(run, path, false);
		result = run_words(&scenario, words, n);
		if (result < 0)
			break;
		if (result > 0)
			played->error = result;
		add_dependencies(run, load->sim);
	}
	run->options.verbosity = verbosity;
	free(scenario.reason);
}

/* The file of a MODULE; of one without a file the name is kept. */
static void
add_module(struct reduce_run *run, const struct load_run *load, size_t index)
{
	const int id = load->attempts[index].result.fileid;
	struct kldsim_filestat stat;
	char path[1024];

	if (load->attempts[index].outcome == OUTCOME_LOADED &&
	    kldsim_kldstat(load->sim, id, &stat) == KLDSIM_OK)
		add(run, stat.path, true);
	else if (find_refused(run, run->options.paths[index], path))
		add(run, path, true);
	else
		run->missing[run->nmissing++] = run->options.paths[index];
}

/* As the user's own command would: what it finds is what there is. */
static int
load_as_given(struct reduce_run *run)
{
	struct load_run load = { .options = &run->options };
	struct played played = { .error = 0 };
	int status = load_run_boot(&load);

	if (status != STATUS_OK) {
		load_run_free(&load);
		return (status);
	}
	load_run_modules(&load);
	add(run, load.info.name, false);
	run->osreldate = kldsim_osreldate(load.sim);
	run->missing = need(calloc(run->options.nmodules + 1,
	    sizeof(*run->missing)));
	for (size_t i = 0; i < run->options.nmodules; i++)
		add_module(run, &load, i);
	add_dependencies(run, load.sim);
	played.sim = load.sim;
	for (size_t i = 0; i < run->options.nmodules; i++)
		if (load.attempts[i].result.error != 0)
			played.error = load.attempts[i].result.error;
	add_script(run, &load, &played);
	if (run->test == NULL)
		(void)keep_first(run, &played);
	load_run_free(&load);
	return (STATUS_OK);
}

static bool
any_spec(const struct reduce_run *run)
{
	bool any = is_spec(run->options.kernel);

	for (size_t i = 0; i < run->options.nmodules; i++)
		any |= is_spec(run->options.modules[i]);
	return (any);
}

static int
by_name(const void *one, const void *two)
{
	return (strcmp(*(char *const *)one, *(char *const *)two));
}

/* Specs beside the kernel's are in sight, as files on the module path are. */
static void
add_beside(struct reduce_run *run, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char **paths = NULL, path[1024];
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    entry->d_name);
		if (!is_spec(path) || strcmp(path, run->options.kernel) == 0)
			continue;
		paths = need(realloc(paths, (count + 1) * sizeof(*paths)));
		paths[count++] = need(strdup(path));
	}
	if (dir != NULL)
		(void)closedir(dir);
	if (count != 0)
		qsort(paths, count, sizeof(*paths), by_name);
	for (size_t i = 0; i < count; i++) {
		add(run, paths[i], false);
		free(paths[i]);
	}
	free(paths);
}

int
reduce_find_files(struct reduce_run *run)
{
	const char *kernel = run->options.kernel;
	struct kldsim_error error;
	char *folder;

	if (!any_spec(run))
		return (load_as_given(run));
	if (kldsim_source_new(NULL, &run->options.boot.source, &error) !=
	    KLDSIM_OK) {
		complain("%s", error.text);
		return (STATUS_HOST);
	}
	add(run, kernel, false);
	for (size_t i = 0; i < run->options.nmodules; i++)
		add(run, run->options.modules[i], true);
	folder = path_folder(kernel);
	if (is_spec(kernel))
		add_beside(run, folder);
	free(folder);
	run->osreldate = run->options.boot.osreldate;
	return (STATUS_OK);
}

/* What a file depends on, as its spec says in comments, is in sight. */
static void
add_depends(struct reduce_run *run, const char *spec)
{
	static const char word[] = "\n# depend ";
	char name[256], path[1024];

	while ((spec = strstr(spec, word)) != NULL) {
		spec += sizeof(word) - 1;
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(spec, " \n"), spec);
		if (strcmp(name, "kernel") != 0 &&
		    find_refused(run, name, path))
			add(run, path, false);
	}
}

/* The spec of a file that is none; the kernel's is the first. */
static char *
make_spec(const struct reduce_run *run, size_t index, size_t *size_ret,
    struct kldsim_error *error)
{
	struct kldsim_source *source = run->options.boot.source;
	const char *path = run->files[index].path;
	struct kldsim_image *image;
	const void *bytes;
	char *text = NULL;
	size_t size;

	if ((index == 0 ? kldsim_source_kernel(source, path, &image, error) :
	    kldsim_source_image(source, path, &image, error)) != KLDSIM_OK)
		return (NULL);
	bytes = kldsim_image_bytes(image, &size);
	if (kldsim_synth_from_bytes(bytes, size, path, &text,
	    size_ret, error) != KLDSIM_OK)
		text = NULL;
	kldsim_image_unref(image);
	return (text);
}

int
reduce_add_files(struct reduce_run *run)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	bool good = true;

	for (size_t i = 0; i < run->nfiles && good; i++) {
		const char *path = run->files[i].path;
		const bool spec = is_spec(path);
		char *text = NULL;
		size_t size = 0;

		if (spec)
			text = read_file(path, SIZE_MAX, &size);
		else if ((text = make_spec(run, i, &size, &error)) == NULL)
			complain("%s", error.text);
		good = text != NULL;
		if (good && !spec && i != 0)
			add_depends(run, text);
		if (good && kldsim_reduce_add(run->reduce, run->files[i].name,
		    text, size, &error) != KLDSIM_OK) {
			complain("%s", error.text);
			good = false;
		}
		if (spec)
			free(text);
		else
			kldsim_synth_free_bytes(text);
	}
	return (good ? STATUS_OK : STATUS_HOST);
}

void
reduce_free_files(struct reduce_run *run)
{
	for (size_t i = 0; i < run->nfiles; i++) {
		free(run->files[i].name);
		free(run->files[i].path);
	}
	free(run->files);
	free(run->missing);
}
