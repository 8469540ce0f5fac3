/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A folder of a kernel's or a module's build: its genassym objects, the headers
 * that were made of them, and the types of its modules and of the kernel.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/source.h>
#include <kldsim/stale.h>

#include "kbi/kbi_run.h"
#include "report/output.h"

#define TEXT_LARGEST (16u << 20)

/* A file with types, and where they are from. */
struct typed {
	struct kbi_source source;
	struct kldsim_kbi_file *file;
};

struct folder {
	struct kbi_run *run;
	char **names;
	size_t nnames;
	struct typed *typed;
	struct kldsim_kbi_file **files; /* modules, then the kernel */
	size_t nfiles;
	size_t objects, numbers, compared;
};

struct about {
	struct folder *folder;
	const char *object, *header;
};

static bool
ends_in(const char *name, const char *end)
{
	const size_t length = strlen(name), size = strlen(end);

	return (length >= size && strcmp(name + length - size, end) == 0);
}

static char *
path_of(const struct folder *folder, const char *name)
{
	const char *dir = folder->run->build_dir;
	const size_t size = strlen(dir) + strlen(name) + 2;
	char *path = need(malloc(size));

	(void)snprintf(path, size, "%s/%s", dir, name);
	return (path);
}

static bool
take_name(void *user, const struct kldsim_source_file *file)
{
	struct folder *folder = user;

	folder->names = need(realloc(folder->names,
	    (folder->nnames + 1) * sizeof(*folder->names)));
	folder->names[folder->nnames++] = need(strdup(file->name));
	return (true);
}

static bool
has(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->nnames; i++)
		if (strcmp(folder->names[i], name) == 0)
			return (true);
	return (false);
}

/* --- types --- */

static void
open_types(struct folder *folder, const char *name)
{
	struct kbi_run *run = folder->run;
	struct typed *typed = &folder->typed[folder->nfiles];
	char *path = path_of(folder, name);
	struct kldsim_error error;

	if (kbi_source_open_path(&run->load.boot, path, &run->where,
	    &typed->source, &typed->file, &error) == KLDSIM_OK)
		folder->files[folder->nfiles++] = typed->file;
	else
		kbi_source_free(&typed->source);
	free(path);
}

/* A module's own types stand before the kernel's (S-12). */
static void
open_all_types(struct folder *folder)
{
	folder->typed = need(calloc(folder->nnames + 1,
	    sizeof(*folder->typed)));
	folder->files = need(calloc(folder->nnames + 1,
	    sizeof(struct kldsim_kbi_file *)));
	for (size_t i = 0; i < folder->nnames; i++)
		if (ends_in(folder->names[i], ".ko") ||
		    ends_in(folder->names[i], ".ko.full"))
			open_types(folder, folder->names[i]);
	folder->files[folder->nfiles] = folder->run->kernel;
}

/* --- an object --- */

static void
take_finding(void *user, const struct kldsim_stale_finding *finding)
{
	static const char *const kinds[] = {
		[KLDSIM_STALE_HEADER] = "header",
		[KLDSIM_STALE_LACKING] = "lacking",
		[KLDSIM_STALE_OBJECT] = "object"
	};
	const struct about *about = user;
	struct kbi_run *run = about->folder->run;
	struct kbi_stale *stale;
	char text[512];

	if (finding->kind == KLDSIM_STALE_HEADER)
		(void)snprintf(text, sizeof(text), "%s is 0x%jx, and in %s "
		    "0x%jx: the header is older than the object",
		    finding->name, (uintmax_t)finding->other, about->object,
		    (uintmax_t)finding->object);
	else if (finding->kind == KLDSIM_STALE_LACKING)
		(void)snprintf(text, sizeof(text), "%s is not there, and in %s "
		    "0x%jx: the header is older than the object",
		    finding->name, about->object, (uintmax_t)finding->object);
	else
		(void)snprintf(text, sizeof(text), "%s is 0x%jx, and struct "
		    "%s has %s at 0x%jx by %s: the object is older than the "
		    "structure", finding->name, (uintmax_t)finding->object,
		    finding->tag, finding->member, (uintmax_t)finding->other,
		    finding->file);
	run->stale = need(realloc(run->stale,
	    (run->nstale + 1) * sizeof(*run->stale)));
	stale = &run->stale[run->nstale++];
	stale->kind = kinds[finding->kind];
	stale->file = need(strdup(finding->kind == KLDSIM_STALE_OBJECT ?
	    about->object : about->header));
	stale->name = need(strdup(finding->name));
	stale->text = need(strdup(text));
}

/* A text of the folder; NULL after a message. */
static struct kldsim_image *
open_text(const struct folder *folder, const char *name, const char **text_ret,
    size_t *size_ret)
{
	char *path = path_of(folder, name);
	struct kldsim_image *image = NULL;
	struct kldsim_error error;

	if (kldsim_source_image(folder->run->load.boot.source, path, &image,
	    &error) != KLDSIM_OK)
		complain("%s", error.text);
	else
		*text_ret = kldsim_image_bytes(image, size_ret);
	if (image != NULL && *size_ret > TEXT_LARGEST) {
		complain("%s: too large", path);
		kldsim_image_unref(image);
		image = NULL;
	}
	free(path);
	return (image);
}

static bool
check_header(struct folder *folder, const struct kldsim_stale *stale,
    const char *object, const char *header)
{
	const struct about about = { folder, object, header };
	struct kldsim_image *image;
	const char *text;
	size_t size;
	bool good;

	if (!has(folder, header))
		return (true);
	image = open_text(folder, header, &text, &size);
	good = image != NULL && kldsim_stale_header(stale, text, size,
	    take_finding, (void *)(uintptr_t)&about) == KLDSIM_OK;
	kldsim_image_unref(image);
	return (good);
}

/* Headers and source have the object's name, but for its end. */
static bool
check_neighbours(struct folder *folder, const struct kldsim_stale *stale,
    const char *object)
{
	static const char *const headers[] = { "assym.inc", "assym.h",
		"assym.s" };
	const struct about about = { folder, object, NULL };
	const int prefix = (int)(strlen(object) - strlen("genassym.o"));
	struct kldsim_image *image = NULL;
	const char *source = NULL;
	char name[512];
	size_t size = 0;
	bool good = true;

	if (strcmp(object, "genoffset.o") == 0)
		good = check_header(folder, stale, object, "offset.inc");
	for (size_t i = 0; i < 3 && ends_in(object, "genassym.o") && good;
	    i++) {
		(void)snprintf(name, sizeof(name), "%.*s%s", prefix, object,
		    headers[i]);
		good = check_header(folder, stale, object, name);
	}
	(void)snprintf(name, sizeof(name), "%.*sc",
	    (int)strlen(object) - 1, object);
	if (has(folder, name))
		image = open_text(folder, name, &source, &size);
	if (image == NULL)
		source = NULL;
	folder->compared += kldsim_stale_types(stale, source, size,
	    folder->files, folder->nfiles + 1, take_finding,
	    (void *)(uintptr_t)&about);
	kldsim_image_unref(image);
	return (good);
}

/* What has no numbers is no such object, or was built with -fno-common. */
static bool
check_object(struct folder *folder, const char *name)
{
	struct kldsim_kbi_file *file;
	struct kldsim_stale *stale = NULL;
	struct kldsim_error error;
	char *path = path_of(folder, name);
	enum kldsim_status status = kbi_source_open_path(
	    &folder->run->load.boot, path, NULL, NULL, &file, &error);
	bool good = true;

	if (status != KLDSIM_OK)
		complain("%s", error.text);
	else if (kldsim_stale_new(file, &stale) != KLDSIM_OK)
		complain("%s: it has no numbers for assembler (S-10)", path);
	if (stale != NULL) {
		folder->objects++;
		folder->numbers += kldsim_stale_count(stale);
		good = check_neighbours(folder, stale, name);
	}
	kldsim_stale_free(stale);
	kldsim_kbi_file_free(file);
	free(path);
	return (good && status == KLDSIM_OK);
}

/* --- all of it --- */

static void
close_folder(struct folder *folder)
{
	for (size_t i = 0; i < folder->nfiles; i++) {
		kldsim_kbi_file_free(folder->typed[i].file);
		kbi_source_free(&folder->typed[i].source);
	}
	for (size_t i = 0; i < folder->nnames; i++)
		free(folder->names[i]);
	free(folder->typed);
	free(folder->files);
	free(folder->names);
}

static void
say_stale(const struct kbi_run *run)
{
	for (size_t i = 0; i < run->nstale; i++)
		put_line(stdout, "  warning: %s: %s", run->stale[i].file,
		    run->stale[i].text);
	if (run->nstale != 0)
		put_line(stdout, "  what to do: remove the object and what "
		    "was made of it, and build again");
}

static void
say(const struct folder *folder)
{
	if (folder->run->load.json ||
	    folder->run->load.verbosity <= QUIET)
		return;
	put_line(stdout, "%s: %zu object%s with %zu numbers for assembler, "
	    "%zu of them compared with types: %zu stale",
	    folder->run->build_dir, folder->objects,
	    folder->objects == 1 ? "" : "s", folder->numbers,
	    folder->compared, folder->run->nstale);
}

int
kbi_build_dir(struct kbi_run *run)
{
	struct folder folder = { .run = run };
	bool good = true;

	if (kldsim_source_list(run->load.boot.source, run->build_dir,
	    take_name, &folder, &run->error) != KLDSIM_OK) {
		run->failure = complain_of(run->build_dir, &run->error);
		return (STATUS_HOST);
	}
	open_all_types(&folder);
	for (size_t i = 0; i < folder.nnames; i++)
		if (ends_in(folder.names[i], "genassym.o") ||
		    strcmp(folder.names[i], "genoffset.o") == 0)
			good = check_object(&folder, folder.names[i]) && good;
	say(&folder);
	if (!run->load.json)
		say_stale(run);
	close_folder(&folder);
	return (!good ? STATUS_HOST :
	    run->nstale != 0 ? STATUS_REFUSED : STATUS_OK);
}
