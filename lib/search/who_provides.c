/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A dependency, or a module that was asked for by name, was not found: which
 * file has it, why that one was not found, and what would help (K-07, K-13).
 */

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/interface.h"
#include "kern/linker_file.h"
#include "search/search.h"
#include "source/source.h"
#include "util/path.h"
#include "who_has/who_has.h"

struct quest {
	struct kldsim *sim;
	const char *name;
	const struct kldsim__mod_depend *dep; /* NULL: any version */
	const struct kldsim__provider *best;
	const struct kldsim__metadatum *entry; /* of it */
	bool meets;      /* its version will do */
	unsigned others; /* that would do as well */
	struct kldsim__near *near;
};

/* L-13. */
static bool
meets(const struct quest *quest, const struct kldsim__metadatum *entry)
{
	const struct kldsim__mod_depend *dep = quest->dep;
	const int version = entry->numbers[0];

	if (entry->type != KLDSIM__MDT_VERSION)
		return (false);
	return (dep == NULL || version == dep->preferred ||
	    (version >= dep->minimum && version <= dep->maximum));
}

static bool
judge(void *user, const struct kldsim__provider *provider,
    const struct kldsim__metadatum *entry)
{
	struct quest *quest = user;
	const bool will_do = meets(quest, entry);

	if (strcmp(entry->name, quest->name) != 0)
		return (true);
	if (quest->best == provider && quest->meets >= will_do)
		return (true); /* a module and its interface */
	quest->others += quest->meets && will_do;
	if (quest->best != NULL && (quest->meets || !will_do))
		return (true);
	quest->best = provider;
	quest->entry = entry;
	quest->meets = will_do;
	return (true);
}

/* --- why it was not found, and what to do --- */

/* How the name of a loaded file would be free again (U-02, U-03). */
static const char *
how_to_free(const struct kldsim *sim, const struct kldsim__file *loaded)
{
	if (loaded->userrefs != 0)
		return ("unload that one first");
	KLDSIM__FOREACH(l, &sim->linker.files) {
		const struct kldsim__file *file = KLDSIM__ENTRY(l,
		    struct kldsim__file, link);

		for (size_t i = 0; i < file->ndeps; i++)
			if (file->deps[i] == loaded)
				return ("unload first what depends on that one");
	}
	return ("nobody can unload that one; after the next boot, load the "
	    "other file before anything that asks for it");
}

/* Something of the file is there already, and it cannot be loaded beside. */
static bool
say_loaded(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__linker *linker = &quest->sim->linker;
	const struct kldsim__file *loaded = kldsim__find_file_by_name(linker,
	    kldsim__basename(quest->best->path));
	const struct kldsim__interface *other = NULL;
	const struct kldsim__metadatum *entry;
	struct kldsim__file_label label;

	for (entry = quest->best->metadata; loaded == NULL && entry != NULL;
	    entry = entry->next)
		if (entry->type == KLDSIM__MDT_VERSION && other == NULL)
			other = kldsim__modlist_lookup(linker, entry->name,
			    entry->numbers[0]);
	if (loaded != NULL) {
		kldsim__label_file(loaded, &label);
		(void)snprintf(text, size, ", but a file of that name is "
		    "loaded, %s: %s", label.text, how_to_free(quest->sim,
		    loaded));
	} else if (other != NULL) {
		kldsim__label_file(other->file, &label);
		(void)snprintf(text, size, ", but it cannot be loaded beside "
		    "%s, which provides %s %d as well", label.text,
		    other->name, other->version);
	}
	return (loaded != NULL || other != NULL);
}

/* Whether a record of linker.hints would lead there (K-13 step 5). */
static bool
hints_would_help(const struct quest *quest)
{
	return (quest->dep == NULL ||
	    quest->entry->numbers[0] == quest->dep->preferred ||
	    quest->entry->numbers[0] > 0);
}

/* What is wrong with the linker.hints of the file's folder. */
static int
hints_trouble(struct kldsim *sim, const char *path, size_t length,
    struct kldsim__hints_trouble *trouble)
{
	const struct kldsim__folder folder = { .name = path,
		.length = length, .slash = true };
	struct kldsim__source_stat st;
	char hints[KLDSIM__MAXPATHLEN];
	bool there = false;

	trouble->text[0] = '\0';
	if (snprintf(hints, sizeof(hints), "%.*s/linker.hints", (int)length,
	    path) < (int)sizeof(hints))
		there = kldsim__source_stat(sim->search.source, hints, true,
		    &st, NULL) == KLDSIM_OK;
	return (kldsim__hints_trouble(&sim->search, &folder, there ? &st :
	    NULL, trouble) == KLDSIM_OK ? 0 : kldsim__nomem(sim));
}

/* It lies in a folder that was searched. */
static int
say_hints(const struct quest *quest, char *text, size_t size)
{
	const char *path = quest->best->path;
	const char *file = kldsim__basename(path);
	const int folder = file - path > 1 ? (int)(file - path) - 1 : 1;
	const size_t length = strlen(quest->name);
	const bool named = strncmp(file, quest->name, length) == 0 &&
	    strcmp(file + length, ".ko") == 0;
	const char *verb = quest->dep != NULL ? "load" : "ask for";
	const char *end = quest->dep != NULL ? " first" : "";
	struct kldsim__hints_trouble trouble;
	int error = hints_trouble(quest->sim, path, (size_t)folder, &trouble);

	if (error != 0)
		return (error);
	if (!hints_would_help(quest))
		(void)snprintf(text, size, ", which no search takes that has "
		    "not asked for version %d: load %s first",
		    quest->entry->numbers[0], file);
	else if (*trouble.text != '\0')
		(void)snprintf(text, size, ", but %s%s: run kldxref %.*s, or "
		    "%s %s%s", trouble.text, named ? "" :
		    ", and the name differs", folder, path, verb, file, end);
	else
		(void)snprintf(text, size, ", but the linker.hints of %.*s "
		    "does not lead there: run kldxref %.*s, or %s %s%s",
		    folder, path, folder, path, verb, file, end);
	return (0);
}

/* The version will do. */
static int
say_best(const struct quest *quest, char *text, size_t size)
{
	const char *path = quest->best->path;
	bool other;
	int error = kldsim__wants_other_kernel(quest->sim, quest->best,
	    &other);
	size_t n = strlen(text);

	if (error != 0)
		return (error);
	text += n;
	size -= n;
	if (other)
		(void)snprintf(text, size, ", but is built for another "
		    "release than this kernel");
	else if (say_loaded(quest, text, size))
		;
	else if (!kldsim__on_path(quest->sim, path))
		(void)snprintf(text, size, ", but its folder is not one of "
		    "kern.module_path: load it%s, by its path",
		    quest->dep != NULL ? " first" : "");
	else
		error = say_hints(quest, text, size);
	n = strlen(text);
	if (quest->others != 0 && n < size)
		(void)snprintf(text + n, size - n, "; %u other file%s it "
		    "too", quest->others, quest->others == 1 ? " provides" :
		    "s provide");
	return (error);
}

/* A file that has the name, at least. */
static int
say_provider(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__metadatum *entry = quest->entry;
	const char *path = quest->best->path;

	if (entry->type == KLDSIM__MDT_MODULE)
		(void)snprintf(text, size, "%s has a module of that name, but "
		    "no interface (MODULE_VERSION) by which it is found or "
		    "depended on", path);
	else
		(void)snprintf(text, size, "%s provides %s %d", path,
		    quest->name, entry->numbers[0]);
	if (quest->meets)
		return (say_best(quest, text, size));
	if (entry->type != KLDSIM__MDT_MODULE)
		(void)snprintf(text + strlen(text), size - strlen(text),
		    ", which is not the version that is wanted");
	return (0);
}

/* --- names that are like it --- */

static bool
compare_entry(void *user, const struct kldsim__provider *provider,
    const struct kldsim__metadatum *entry)
{
	const struct quest *quest = user;

	kldsim__near_compare(quest->near, entry->name, provider->path);
	return (true);
}

/* A file's own name is as good, without its suffix. */
static bool
compare_file(void *user, const struct kldsim__provider *provider)
{
	const struct quest *quest = user;
	const char *file = kldsim__basename(provider->path);
	char name[256];

	if (snprintf(name, sizeof(name), "%.*s", (int)strcspn(file, "."),
	    file) < (int)sizeof(name))
		kldsim__near_compare(quest->near, name, provider->path);
	return (true);
}

static int
say_near(struct quest *quest, char *text, size_t size)
{
	struct kldsim__near near;
	int error;

	kldsim__near_init(&near, quest->name);
	near.family = 0; /* modules have too many relatives */
	quest->near = &near;
	error = kldsim__each_provider(quest->sim, compare_file, quest);
	if (error == 0)
		error = kldsim__each_metadatum(quest->sim, compare_entry,
		    quest);
	if (error == 0)
		(void)kldsim__near_text(&near, text, size);
	return (error);
}

/* "foo.ko.gz", which nobody but the boot loader opens as foo.ko (P-18). */
static bool
say_packed(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__search *search = &quest->sim->search;
	char path[KLDSIM__MAXPATHLEN];
	struct kldsim__source_stat st;
	struct kldsim__folder folder;
	size_t cursor = 0;

	while (kldsim__next_folder(search, &cursor, &folder)) {
		if (snprintf(path, sizeof(path), "%.*s/%s.ko.gz",
		    (int)folder.length, folder.name, quest->name) <
		    (int)sizeof(path) && kldsim__source_stat(search->source,
		    path, true, &st, NULL) == KLDSIM_OK) {
			(void)snprintf(text, size, "%s is there, which the "
			    "boot loader alone unpacks: run gunzip -k on it",
			    path);
			return (true);
		}
		cursor += search->path[cursor] == ';';
	}
	return (false);
}

void
kldsim__who_provides(struct kldsim *sim, const char *name,
    const struct kldsim__mod_depend *dep,
    struct kldsim__who_provides *answer_ret)
{
	struct quest quest = { .sim = sim, .name = name, .dep = dep };
	int error = kldsim__each_metadatum(sim, judge, &quest);

	memset(answer_ret, 0, sizeof(*answer_ret));
	if (error == 0 && quest.best != NULL) {
		answer_ret->path = quest.best->path;
		answer_ret->will_do = quest.meets;
		error = say_provider(&quest, answer_ret->text,
		    sizeof(answer_ret->text));
	} else if (error == 0 && !say_packed(&quest, answer_ret->text,
	    sizeof(answer_ret->text))) {
		error = say_near(&quest, answer_ret->text,
		    sizeof(answer_ret->text));
	}
	if (error != 0)
		sim->report.failed = true;
}
