/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim kbi --write (I-90), and what --used-by leaves of it (I-94). */

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kbi/kbi_source.h"
#include "kbi/kbi_text_file.h"
#include "report/output.h"

/* No function is called by more, and names in a string table may overlap. */
#define LONGEST_NAME 1024
/* All symbols of a kernel have 3 MB of names. */
#define MOST_NAMES ((size_t)16 << 20)

/* What modules import, each name once. */
struct names {
	struct kbi_run *run;
	void *tree;     /* see tsearch(3) */
	char **all;
	size_t count;
	size_t cap;
	size_t bytes;
	bool lacking;   /* not all that modules import is here; it was said */
};

static int
by_name(const void *left, const void *right)
{
	return (strcmp(left, right));
}

static int
by_text(const void *left, const void *right)
{
	return (strcmp(*(char *const *)left, *(char *const *)right));
}

static void
take_name(struct names *names, const char *name)
{
	const char **node = need(tsearch(name, &names->tree, by_name));

	if (*node != name)
		return;
	if (names->count == names->cap) {
		names->cap = names->cap * 2 + 1024;
		names->all = need(realloc(names->all,
		    names->cap * sizeof(*names->all)));
	}
	*node = names->all[names->count++] = need(strdup(name));
	names->bytes += strlen(name) + 1;
}

/* NULL, or why not all of them were taken. */
static const char *
take_imports(struct names *names, const struct kldsim_kbi_file *file)
{
	const char *name, *lacking = NULL;
	uint32_t next = 0;

	while ((name = kldsim_kbi_file_import(file, &next)) != NULL) {
		if (names->bytes > MOST_NAMES)
			return ("with this, the modules import more than 16 "
			    "MB of names: the rest was left out");
		if (strnlen(name, LONGEST_NAME + 1) <= LONGEST_NAME)
			take_name(names, name);
		else
			lacking = "imports a name of more than 1024 bytes, "
			    "which was left out";
	}
	return (lacking);
}

/* One that cannot be read is told of, and the others are taken (I-94). */
static bool
take_module(void *user, const struct kldsim_source_found *module)
{
	struct names *names = user;
	struct kldsim_kbi_file *file;
	struct kldsim_error error;
	const char *lacking = NULL;
	const enum kldsim_status status = kbi_source_open_path(
	    &names->run->load.boot, module->path, NULL, NULL, &file, &error);

	if (status == KLDSIM_OK)
		lacking = take_imports(names, file);
	else
		complain_of(module->path, &error);
	if (lacking != NULL)
		complain("%s: %s", module->path, lacking);
	names->lacking = names->lacking || status != KLDSIM_OK ||
	    lacking != NULL;
	kldsim_kbi_file_free(file);
	return (names->bytes <= MOST_NAMES);
}

static void
free_names(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		(void)tdelete(names->all[i], &names->tree, by_name);
		free(names->all[i]);
	}
	free(names->all);
}

/* I-94: an empty list is a filter as well. */
static enum kldsim_status
find_names(struct names *names, struct kldsim_kbi_write_options *how,
    struct kldsim_error *error)
{
	static const char *const none[] = { "" };
	const enum kldsim_status status = kldsim_source_modules(
	    names->run->load.boot.source, names->run->used_by, take_module,
	    names, error);

	if (names->count != 0)
		qsort(names->all, names->count, sizeof(*names->all), by_text);
	how->only = names->count != 0 ? (const char *const *)names->all :
	    none;
	how->nonly = names->count;
	return (status);
}

static int
write_text(const struct kbi_run *run, const char *text)
{
	FILE *out = strcmp(run->write, "-") == 0 ? stdout :
	    output_open(run->write);

	if (out == NULL)
		return (STATUS_HOST);
	(void)fputs(text, out);
	if (out == stdout)
		return (put_finish(out, "standard output") == 0 ? STATUS_OK :
		    STATUS_HOST);
	return (output_close(out, run->write));
}

int
kbi_write(struct kbi_run *run)
{
	struct kldsim_kbi_write_options how;
	struct names names = { .run = run };
	struct kldsim_error error = { .status = KLDSIM_OK };
	enum kldsim_status status = KLDSIM_OK;
	char *text = NULL;
	int result = STATUS_HOST;

	kldsim_kbi_write_options_init(&how, sizeof(how));
	how.locals = run->locals;
	if (run->used_by != NULL)
		status = find_names(&names, &how, &error);
	if (status == KLDSIM_OK) {
		status = kldsim_kbi_write(run->kernel, &how, &text);
		(void)snprintf(error.text, sizeof(error.text), "%s: %s",
		    run->load.kernel, run->info.no_types != NULL ?
		    run->info.no_types : kbi_write_trouble(status));
	}
	if (status == KLDSIM_OK)
		result = write_text(run, text);
	else
		complain("%s", error.text);
	if (result == STATUS_OK && names.lacking)
		result = STATUS_HOST;
	kldsim_kbi_write_free(run->kernel, text);
	free_names(&names);
	return (result);
}
