/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim kbi --write (I-90), and what --used-by leaves of it (I-94). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>

#include "kbi/kbi_text_file.h"
#include "kbi/kbi_source.h"
#include "report/output.h"

struct names {
	struct kbi_run *run;
	char **all;
	size_t count;
	size_t cap;
};

static void
take_imports(struct names *names, const char *path)
{
	struct kldsim_kbi_file *file;
	struct kldsim_error error;
	const char *name;
	uint32_t next = 0;

	if (kbi_source_open_path(&names->run->load.boot, path, NULL, NULL,
	    &file, &error) != KLDSIM_OK)
		return;
	while ((name = kldsim_kbi_file_import(file, &next)) != NULL) {
		if (names->count == names->cap) {
			names->cap = names->cap * 2 + 1024;
			names->all = need(realloc(names->all,
			    names->cap * sizeof(*names->all)));
		}
		names->all[names->count++] = need(strdup(name));
	}
	kldsim_kbi_file_free(file);
}

static bool
take_module(void *user, const struct kldsim_source_found *module)
{
	take_imports(user, module->path);
	return (true);
}

static int
by_text(const void *left, const void *right)
{
	return (strcmp(*(char *const *)left, *(char *const *)right));
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
	if (run->used_by != NULL) {
		status = kldsim_source_modules(run->load.boot.source,
		    run->used_by, take_module, &names, &error);
		if (names.count != 0)
			qsort(names.all, names.count, sizeof(*names.all),
			    by_text);
		how.only = (const char *const *)names.all;
		how.nonly = names.count;
	}
	if (status == KLDSIM_OK) {
		status = kldsim_kbi_write(run->kernel, &how, &text);
		(void)snprintf(error.text, sizeof(error.text), "%s: %s",
		    run->load.kernel, run->info.no_types != NULL ?
		    run->info.no_types : kldsim_status_name(status));
	}
	if (status == KLDSIM_OK)
		result = write_text(run, text);
	else
		complain("%s", error.text);
	kldsim_kbi_write_free(run->kernel, text);
	for (size_t i = 0; i < names.count; i++)
		free(names.all[i]);
	free(names.all);
	return (result);
}
