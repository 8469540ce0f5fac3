/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is wrong with the linker.hints of a folder of the host, besides what is
 * in it: somebody has forgotten kldxref(8) (K-13, H-07, H-08).
 */

#include <stdio.h>
#include <string.h>

#include "search/search.h"
#include "source/source.h"

/* So much of a folder's name is shown. */
#define SHOWN 120

struct newest {
	char name[128];
	int64_t time;
	bool any;
	bool enough; /* whichever it is */
};

static bool
compare(void *user, const struct kldsim_source_file *file)
{
	struct newest *newest = user;
	const char *dot = strrchr(file->name, '.');

	if (file->type != KLDSIM_SOURCE_FILE || dot == NULL ||
	    strcmp(dot, ".ko") != 0)
		return (true);
	if (!newest->any || file->mtime > newest->time) {
		(void)snprintf(newest->name, sizeof(newest->name), "%s",
		    file->name);
		newest->time = file->mtime;
	}
	newest->any = true;
	return (!newest->enough);
}

/* There is one, behind a link that this kernel does not follow. */
static bool
is_link(const struct kldsim__search *search, const char *folder)
{
	char path[KLDSIM__MAXPATHLEN];
	struct kldsim__source_stat st;

	return (snprintf(path, sizeof(path), "%s/linker.hints", folder) <
	    (int)sizeof(path) && kldsim__source_stat(search->source, path,
	    false, &st, NULL) == KLDSIM_OK && st.type == KLDSIM_SOURCE_LINK);
}

enum kldsim_status
kldsim__hints_trouble(const struct kldsim__search *search,
    const struct kldsim__folder *folder,
    const struct kldsim__source_stat *hints,
    struct kldsim__hints_trouble *trouble_ret)
{
	struct newest newest = { .enough = hints == NULL };
	char *text = trouble_ret->text;
	const size_t size = sizeof(trouble_ret->text);
	char path[KLDSIM__MAXPATHLEN];
	enum kldsim_status status;
	bool in_memory = false;

	text[0] = '\0';
	if (snprintf(path, sizeof(path), "%.*s", (int)folder->length,
	    folder->name) >= (int)sizeof(path))
		return (KLDSIM_OK);
	/* Where nobody writes, it is as kldxref(8) would have it. */
	status = kldsim__source_in_memory(search->source, path, &in_memory,
	    NULL);
	if (status == KLDSIM_OK && !in_memory)
		status = kldsim_source_list(search->source, path, compare,
		    &newest, NULL);
	if (status == KLDSIM_NOMEM)
		return (status);
	if (!newest.any)
		return (KLDSIM_OK);
	if (hints == NULL && is_link(search, path))
		(void)snprintf(text, size, "the linker.hints of %.*s is a "
		    "symbolic link, which is not followed; kldxref(8) writes a "
		    "file in its place", SHOWN, path);
	else if (hints == NULL)
		(void)snprintf(text, size, "%.*s has no linker.hints, which "
		    "kldxref(8) writes", SHOWN, path);
	else if (newest.time > (int64_t)hints->mtime.tv_sec)
		(void)snprintf(text, size, "%s is newer than the "
		    "linker.hints of %.*s, which kldxref(8) writes anew",
		    newest.name, SHOWN, path);
	return (KLDSIM_OK);
}
