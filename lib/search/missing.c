/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Why a file is not found: what the kernel took the name for, where it has
 * looked, and what lies beside (K-03, K-06, K-10, K-13, P-13).
 */

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/interface.h"
#include "kern/linker_file.h"
#include "search/search.h"
#include "source/source.h"
#include "util/path.h"

/* So much of a module path is shown. */
#define SHOWN 200

/* A folder in memory has all hints that there can be (hints_files.c). */
static bool
has(const struct kldsim__search *search, const struct kldsim__folder *folder,
    const char *file)
{
	char path[KLDSIM__MAXPATHLEN];
	struct kldsim__source_stat st;
	bool in_memory = false;
	int length = snprintf(path, sizeof(path), "%.*s", (int)folder->length,
	    folder->name);

	if (length >= (int)sizeof(path) - (int)strlen(file) - 2)
		return (true); /* who knows */
	if (*file != '\0' && kldsim__source_in_memory(search->source, path,
	    &in_memory, NULL) == KLDSIM_OK && in_memory)
		return (true);
	(void)snprintf(path + length, sizeof(path) - (size_t)length, "%s%s",
	    *file != '\0' ? "/" : "", file);
	return (kldsim__source_stat(search->source, path, true, &st, NULL) ==
	    KLDSIM_OK);
}

/* Whether every folder of the path has a file, "": is; else one that has not. */
static bool
all_have(const struct kldsim__search *search, const char *file,
    struct kldsim__folder *folder)
{
	size_t cursor = 0;

	while (kldsim__next_folder(search, &cursor, folder)) {
		if (!has(search, folder, file))
			return (false);
		cursor += search->path[cursor] == ';';
	}
	return (true);
}

/* A linker.hints that is older than a module of its folder. */
static void
find_stale(const struct kldsim__search *search,
    struct kldsim__hints_trouble *trouble)
{
	char path[KLDSIM__MAXPATHLEN];
	struct kldsim__folder folder;
	struct kldsim__source_stat st;
	size_t cursor = 0;

	trouble->text[0] = '\0';
	while (trouble->text[0] == '\0' &&
	    kldsim__next_folder(search, &cursor, &folder)) {
		if (snprintf(path, sizeof(path), "%.*s/linker.hints",
		    (int)folder.length, folder.name) < (int)sizeof(path) &&
		    kldsim__source_stat(search->source, path, true, &st,
		    NULL) == KLDSIM_OK)
			(void)kldsim__hints_trouble(search, &folder, &st,
			    trouble);
		cursor += search->path[cursor] == ';';
	}
}

void
kldsim__describe_folders(const struct kldsim__search *search, bool hints,
    struct kldsim__folders *text_ret)
{
	char *text = text_ret->text;
	const size_t size = sizeof(text_ret->text);
	const size_t length = strlen(search->path);
	struct kldsim__hints_trouble stale;
	struct kldsim__folder folder;
	int n;

	if (length == 0) {
		(void)snprintf(text, size, "kern.module_path is empty");
		return;
	}
	n = snprintf(text, size, "kern.module_path is \"%.*s\"%s", SHOWN,
	    search->path, length > SHOWN ? "..." : "");
	if (!all_have(search, "", &folder) &&
	    strchr(search->path, ';') == NULL &&
	    strchr(search->path, ':') != NULL)
		(void)snprintf(text + n, size - (size_t)n, "; between folders "
		    "it has ';', not ':'");
	else if (!all_have(search, "", &folder))
		(void)snprintf(text + n, size - (size_t)n, "; there is no "
		    "folder %.*s", folder.length > SHOWN ? SHOWN :
		    (int)folder.length, folder.name);
	else if (hints && !all_have(search, "linker.hints", &folder))
		(void)snprintf(text + n, size - (size_t)n, "; %.*s has no "
		    "linker.hints, which kldxref(8) writes",
		    folder.length > SHOWN ? SHOWN : (int)folder.length,
		    folder.name);
	else if (hints) {
		find_stale(search, &stale);
		(void)snprintf(text + n, size - (size_t)n, "%s%s",
		    stale.text[0] != '\0' ? "; " : "", stale.text);
	}
}

/* What to ask for instead of a file of this name, behind what is said of it. */
static const char *
near_file(struct kldsim *sim, const char *file,
    struct kldsim__who_provides *who)
{
	const size_t length = strlen(file);
	char module[256], what[sizeof(who->text)];

	(void)snprintf(module, sizeof(module), "%s", file);
	if (length > 3 && length < sizeof(module) &&
	    strcmp(file + length - 3, ".ko") == 0)
		module[length - 3] = '\0';
	kldsim__who_provides(sim, module, NULL, who);
	if (who->path != NULL)
		(void)snprintf(what, sizeof(what), "the module %s is in %s",
		    module, who->path);
	else
		memcpy(what, who->text, sizeof(what));
	(void)snprintf(who->text, sizeof(who->text), "%s%.1100s",
	    *what != '\0' ? "; " : "", what);
	return (who->text);
}

/* A path that was opened as it is. */
static void
missing_path(struct kldsim *sim, const struct kldsim__where *where,
    const char *path)
{
	struct kldsim_source *source = sim->search.source;
	char other[KLDSIM__MAXPATHLEN];
	struct kldsim__who_provides who;
	struct kldsim__source_stat st;

	if (kldsim__source_stat(source, path, false, &st, NULL) ==
	    KLDSIM_OK && st.type == KLDSIM_SOURCE_LINK)
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_FILE_NOT_FOUND, where, "%s is a symbolic link "
		    "that leads to nothing", path);
	else if (snprintf(other, sizeof(other), "%s.ko", path) <
	    (int)sizeof(other) && kldsim__source_stat(source, other, true,
	    &st, NULL) == KLDSIM_OK)
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_FILE_NOT_FOUND, where, "there is no file %s; "
		    "%s is there, but the kernel adds .ko to names alone, not "
		    "to paths", path, other);
	else
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_FILE_NOT_FOUND, where, "there is no file %s%s",
		    path, near_file(sim, kldsim__basename(path), &who));
}

/* "foo.ko" was searched for, and somebody has the interface foo. */
static const struct kldsim__interface *
provider_without_suffix(const struct kldsim__linker *linker,
    const char *name)
{
	char module[256];
	size_t length = strlen(name);

	if (length <= 3 || length - 3 >= sizeof(module) ||
	    strcmp(name + length - 3, ".ko") != 0)
		return (NULL);
	memcpy(module, name, length - 3);
	module[length - 3] = '\0';
	return (kldsim__modlist_lookup(linker, module, 0));
}

static void
missing_file(struct kldsim *sim, const struct kldsim__where *where,
    const char *name)
{
	const struct kldsim__interface *provider =
	    provider_without_suffix(&sim->linker, name);
	struct kldsim__file_label label;
	struct kldsim__who_provides who;
	struct kldsim__folders folders;

	kldsim__describe_folders(&sim->search, false, &folders);
	if (provider == NULL) {
		(void)kldsim__refuse(sim, KLDSIM__ENOENT,
		    KLDSIM__F_FILE_NOT_FOUND, where, "%s has a dot and is "
		    "taken for the name of a file, which is in none of the "
		    "folders (%s)%s", name, folders.text,
		    near_file(sim, name, &who));
		return;
	}
	kldsim__label_file(provider->file, &label);
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_FILE_NOT_FOUND,
	    where, "%s has a dot and is taken for the name of a file, which "
	    "is in none of the folders (%s); the module %s, version %d, is "
	    "there already, in %s: ask for %s", name, folders.text,
	    provider->name, provider->version, label.text, provider->name);
}

static void
missing_module(struct kldsim *sim, const struct kldsim__where *where,
    const char *name)
{
	struct kldsim__who_provides who;
	struct kldsim__folders folders;

	kldsim__who_provides(sim, name, NULL, &who);
	kldsim__describe_folders(&sim->search, true, &folders);
	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_FILE_NOT_FOUND,
	    where, "no folder has a file %s.ko or %s, or a linker.hints by "
	    "which another file has the module (%s)%s%s", name, name,
	    folders.text, *who.text != '\0' ? "; " : "", who.text);
}

int
kldsim__refuse_missing(struct kldsim *sim, const char *name,
    enum kldsim__asked asked)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(name) };

	switch (asked) {
	case KLDSIM__ASKED_PATH:
		missing_path(sim, &where, name);
		break;
	case KLDSIM__ASKED_FILE:
		missing_file(sim, &where, name);
		break;
	case KLDSIM__ASKED_MODULE:
		missing_module(sim, &where, name);
		break;
	}
	return (KLDSIM__ENOENT);
}
