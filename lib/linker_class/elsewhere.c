/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What would help a file whose symbol is undefined.  Lookups ask the file, its
 * dependencies and the kernel, nobody else (O-60): a file that is merely loaded
 * does not help, and one that nothing can depend on never does.
 */

#include "linker_class/elsewhere.h"

#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/interface.h"
#include "kern/linker_file.h"

/* Names that are compared with all others, of one file. */
#define MOST_SEARCHED 8u
/* So many files with a local symbol of one name: it is nobody's in particular. */
#define MANY_LOCALS 3u

/* How good a file in sight is: of those that are equal the first counts. */
enum rank {
	RANK_NONE,
	RANK_HIDDEN,   /* local, while local symbols do not leak */
	RANK_LOCAL,
	RANK_GLOBAL,
	RANK_INSTEAD   /* and provides what a dependency was met by another for */
};

/* Looking for one symbol. */
struct quest {
	struct kldsim *sim;
	const struct kldsim__file *file;
	const struct kldsim__metadatum *own; /* the file's metadata */
	const char *symbol;
	enum rank rank;
	const struct kldsim__provider *best;
	const struct kldsim__metadatum *entry;  /* its interface, NULL: none */
	const struct kldsim__metadatum *depend; /* RANK_INSTEAD: whose it is */
	struct kldsim__file *met;               /* and who has met it */
	unsigned others; /* files of the same rank */
	int error;
};

static struct kldsim__mod_depend
range_of(const struct kldsim__metadatum *depend)
{
	return ((struct kldsim__mod_depend){ depend->numbers[0],
	    depend->numbers[1], depend->numbers[2] });
}

static const struct kldsim__metadatum *
first_of(const struct kldsim__metadatum *entry, enum kldsim__mdt type)
{
	while (entry != NULL && entry->type != type)
		entry = entry->next;
	return (entry);
}

/* The next MODULE_DEPEND on an interface; NULL: there is none. */
static const struct kldsim__metadatum *
next_depend(const struct kldsim__metadatum *entry, const char *name)
{
	while ((entry = first_of(entry, KLDSIM__MDT_DEPEND)) != NULL &&
	    strcmp(entry->name, name) != 0)
		entry = entry->next;
	return (entry);
}

/* --- judging a file --- */

/* Whether both are about one interface, and another file was taken for it. */
static bool
is_instead(struct quest *quest, const struct kldsim__metadatum *provided)
{
	const struct kldsim__metadatum *depend;
	const struct kldsim__interface *met;
	struct kldsim__mod_depend range;

	for (depend = next_depend(quest->own, provided->name); depend != NULL;
	    depend = next_depend(depend->next, provided->name)) {
		range = range_of(depend);
		met = kldsim__modlist_lookup2(&quest->sim->linker,
		    depend->name, &range);
		if (met == NULL)
			continue;
		quest->depend = depend;
		quest->met = met->file;
		quest->entry = provided;
		return (true);
	}
	return (false);
}

static enum rank
rank_of(const struct quest *quest, const struct kldsim__provider *provider,
    uint32_t symbol)
{
	const struct kldsim *sim = quest->sim;
	const bool obj = provider->elf.ehdr.e_type == ET_REL;
	const bool knob = obj ? sim->facts.leak_locals_knob_obj :
	    sim->facts.leak_locals_knob_elf;

	switch (kldsim__visible(sim, provider, quest->symbol, symbol)) {
	case KLDSIM__SEEN_GLOBAL:
		return (RANK_GLOBAL);
	case KLDSIM__SEEN_LOCAL:
		return (RANK_LOCAL);
	case KLDSIM__UNSEEN:
		break;
	}
	return (knob && !sim->options.leak_locals &&
	    kldsim__sym_info(kldsim__provider_symbols(provider), symbol) >>
	    4 == STB_LOCAL ? RANK_HIDDEN : RANK_NONE);
}

static bool
judge(void *user, const struct kldsim__provider *provider, uint32_t symbol)
{
	struct quest *quest = user;
	const struct kldsim__metadatum *metadata, *entry;
	enum rank rank = rank_of(quest, provider, symbol);

	if (rank == RANK_NONE || provider->image == quest->file->image ||
	    quest->rank == RANK_INSTEAD)
		return (true);
	quest->error = kldsim__provider_metadata(quest->sim, provider,
	    &metadata);
	if (quest->error != 0)
		return (false);
	entry = first_of(metadata, KLDSIM__MDT_VERSION);
	for (; rank != RANK_HIDDEN && entry != NULL; entry =
	    first_of(entry->next, KLDSIM__MDT_VERSION))
		if (is_instead(quest, entry)) {
			quest->best = provider;
			quest->rank = RANK_INSTEAD;
			return (true);
		}
	quest->others += rank == quest->rank;
	if (rank > quest->rank) {
		quest->rank = rank;
		quest->best = provider;
		quest->entry = first_of(metadata, KLDSIM__MDT_VERSION);
		quest->others = 0;
	}
	return (true);
}

/* --- saying it --- */

/* The first argument of MODULE_DEPEND, which names who depends. */
static void
own_name(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__metadatum *own = first_of(quest->own,
	    KLDSIM__MDT_VERSION);

	if (own == NULL)
		own = first_of(quest->own, KLDSIM__MDT_MODULE);
	if (own != NULL)
		(void)snprintf(text, size, "%s", own->name);
	else
		(void)snprintf(text, size, "%.*s",
		    (int)strcspn(quest->file->filename, "."),
		    quest->file->filename);
}

/* MODULE_DEPEND is missing, or cannot be. */
static void
say_depend(const struct quest *quest, const char *who, const char *interface,
    int version, char *text, size_t size)
{
	char module[200];

	own_name(quest, module, sizeof(module));
	if (interface == NULL)
		(void)snprintf(text, size, "%s has it, but no MODULE_VERSION "
		    "by which another file could depend on it: it needs one, "
		    "and %s a MODULE_DEPEND on that", who,
		    quest->file->filename);
	else
		(void)snprintf(text, size, "%s (interface %s %d) has it: "
		    "MODULE_DEPEND(%s, %s, %d, %d, %d) is missing in %s; "
		    "%s is not enough", who, interface, version, module,
		    interface, version, version, version,
		    quest->file->filename, quest->best != NULL ?
		    "loading it first" : "that it is loaded");
}

/* Whether one depends on an interface of the other. */
static bool
depends_on(const struct kldsim__metadatum *who,
    const struct kldsim__metadatum *other)
{
	while ((other = first_of(other, KLDSIM__MDT_VERSION)) != NULL &&
	    next_depend(who, other->name) == NULL)
		other = other->next;
	return (other != NULL);
}

/* MODULE_DEPEND on the best would be of no use; false: it would be. */
static bool
say_useless(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__metadatum *entry = quest->entry;
	const struct kldsim__interface *met;
	struct kldsim__mod_depend range;

	if (entry == NULL)
		return (false);
	range = (struct kldsim__mod_depend){ entry->numbers[0],
	    entry->numbers[0], entry->numbers[0] };
	met = kldsim__modlist_lookup2(&quest->sim->linker, entry->name, &range);
	if (met != NULL)
		(void)snprintf(text, size, "%s (interface %s %d) has it, but "
		    "MODULE_DEPEND on that would be met by %s, which has not",
		    quest->best->path, entry->name, entry->numbers[0],
		    met->file == quest->sim->linker.kernel ?
		    "the kernel itself" : met->file->pathname);
	else if (depends_on(quest->best->metadata, quest->own))
		(void)snprintf(text, size, "%s (interface %s %d) has it, but "
		    "depends on %s itself, so that neither can be first: what "
		    "both use belongs into a third file", quest->best->path,
		    entry->name, entry->numbers[0], quest->file->filename);
	else
		return (false);
	return (true);
}

/* Whether a file that a dependency was met by stays when this load fails. */
static bool
stays(const struct quest *quest, const struct kldsim__file *met)
{
	int refs = 0;

	for (size_t i = 0; i < quest->file->ndeps; i++)
		refs += quest->file->deps[i] == met;
	return (met->userrefs != 0 || met->refs > refs);
}

/* One interface, two files: the one that was taken has not the symbol. */
static int
say_instead(const struct quest *quest, char *text, size_t size)
{
	const struct kldsim__mod_depend range = range_of(quest->depend);
	const int version = quest->entry->numbers[0];
	const bool kernel = quest->met == quest->sim->linker.kernel;
	const char *met = kernel ? "the kernel itself" :
	    quest->met->pathname;
	bool foreign;
	int error = kldsim__wants_other_kernel(quest->sim, quest->best,
	    &foreign);
	int n = snprintf(text, size, "its dependency %s was met by %s; %s "
	    "provides %s too and defines %s", quest->depend->name, met,
	    quest->best->path, quest->depend->name, quest->symbol);

	if (error != 0 || n < 0 || (size_t)n >= size)
		return (error);
	text += n;
	size -= (size_t)n;
	if (foreign)
		(void)snprintf(text, size, ", but is built for another "
		    "release than this kernel");
	else if (version != range.preferred && (version < range.minimum ||
	    version > range.maximum))
		(void)snprintf(text, size, ", but as version %d, which %s "
		    "does not take", version, quest->file->filename);
	else if (kernel)
		(void)snprintf(text, size, ", but what is in the kernel stays "
		    "there");
	else if (stays(quest, quest->met))
		(void)snprintf(text, size, ": unload %s and load the other "
		    "one first", quest->met->filename);
	else
		(void)snprintf(text, size, ": load it first");
	return (0);
}

/* The releases that can be told not to let local symbols leak. */
static const char *
knob_of(const struct quest *quest)
{
	const bool obj = quest->best->elf.ehdr.e_type == ET_REL;

	if (obj ? !quest->sim->facts.leak_locals_knob_obj :
	    !quest->sim->facts.leak_locals_knob_elf)
		return (NULL);
	return (obj ? "debug.link_elf_obj_leak_locals" :
	    "debug.link_elf_leak_locals");
}

/* The best of those that nothing depends on yet. */
static int
say_best(const struct quest *quest, char *text, size_t size)
{
	const char *knob = knob_of(quest);
	bool foreign;
	int error = kldsim__wants_other_kernel(quest->sim, quest->best,
	    &foreign);
	size_t n;

	if (error != 0)
		return (error);
	if (foreign) {
		(void)snprintf(text, size, "%s has it, but is built for "
		    "another release than this kernel", quest->best->path);
		return (0);
	}
	if (say_useless(quest, text, size))
		return (0);
	say_depend(quest, quest->best->path, quest->entry != NULL ?
	    quest->entry->name : NULL, quest->entry != NULL ?
	    quest->entry->numbers[0] : 0, text, size);
	n = strlen(text);
	if (quest->rank == RANK_HIDDEN)
		n += (size_t)snprintf(text + n, size - n, "; and it is local "
		    "there, which hides it from others while %s is 0: it "
		    "belongs into EXPORT_SYMS", knob);
	else if (quest->rank == RANK_LOCAL && knob != NULL)
		n += (size_t)snprintf(text + n, size - n, "; it is local "
		    "there, and would be hidden with %s=0 (EXPORT_SYMS makes "
		    "it global)", knob);
	if (!kldsim__on_path(quest->sim, quest->best->path) && n < size)
		n += (size_t)snprintf(text + n, size - n, "; its folder is "
		    "not one of kern.module_path, so that it has to be loaded "
		    "first as well");
	if (quest->others != 0 && n < size)
		(void)snprintf(text + n, size - n, "; %u other file%s it too",
		    quest->others, quest->others == 1 ? " has" : "s have");
	return (0);
}

#define VNET_ENTRY "vnet_entry_"

static bool
keep_near(void *user, const struct kldsim__provider *provider,
    uint32_t symbol)
{
	const struct kldsim__symview *view =
	    kldsim__provider_symbols(provider);

	kldsim__near_keep(user, kldsim__sym_name(view,
	    kldsim__sym_name_offset(view, symbol)), provider->path);
	return (true);
}

/* The same variable with the other setting of VIMAGE. */
static int
find_other_setting(struct kldsim *sim, struct kldsim__near *near)
{
	const bool entry = strncmp(near->name, VNET_ENTRY,
	    strlen(VNET_ENTRY)) == 0;
	char other[200];

	if (snprintf(other, sizeof(other), "%s%s", entry ? "" : VNET_ENTRY,
	    entry ? near->name + strlen(VNET_ENTRY) : near->name) >=
	    (int)sizeof(other))
		return (0);
	return (kldsim__who_has_symbol(sim, other, keep_near, near));
}

/* Nobody has it: what is it like? */
static int
say_near(struct kldsim *sim, struct kldsim__seeker *seeker,
    const char *symbol, char *text, size_t size)
{
	const char *path = sim->search.path;
	struct kldsim__near near;
	char names[700];
	int error = 0;

	if (*path != '\0')
		(void)snprintf(text, size, "no file of %s exports %s",
		    strlen(path) < 120 ? path : "the module path", symbol);
	if (seeker->searched++ >= MOST_SEARCHED)
		return (0);
	kldsim__near_init(&near, symbol);
	error = find_other_setting(sim, &near);
	if (error == 0)
		error = kldsim__find_near(sim, &near);
	if (error == 0 && kldsim__near_text(&near, names, sizeof(names)))
		(void)snprintf(text + strlen(text), size - strlen(text),
		    "%s%s", *text != '\0' ? "; " : "", names);
	return (error);
}

static int
read_own(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__seeker *seeker)
{
	if (seeker->file != NULL)
		return (0);
	seeker->file = file;
	seeker->own.image = file->image;
	return (kldsim__provider_read_metadata(&seeker->own, &file->arena) ?
	    0 : kldsim__nomem(sim));
}

/* Loaded, and no dependency. */
static void
say_owner(const struct quest *quest, const struct kldsim__file *owner,
    char *text, size_t size)
{
	const struct kldsim__interface *interface = NULL;

	if (!kldsim__list_empty(&owner->interfaces))
		interface = KLDSIM__ENTRY(owner->interfaces.next,
		    struct kldsim__interface, file_link);
	say_depend(quest, owner->filename, interface != NULL ?
	    interface->name : NULL, interface != NULL ? interface->version :
	    0, text, size);
}

int
kldsim__elsewhere(struct kldsim *sim, struct kldsim__file *file,
    struct kldsim__seeker *seeker, const char *symbol,
    const struct kldsim__file *owner, struct kldsim__elsewhere *answer_ret)
{
	struct quest quest = { .sim = sim, .file = file, .symbol = symbol };
	char *text = answer_ret->text;
	const size_t size = sizeof(answer_ret->text);
	int error = read_own(sim, file, seeker);

	*text = '\0';
	answer_ret->found = owner != NULL;
	quest.own = seeker->own.metadata;
	if (error == 0 && owner != NULL)
		say_owner(&quest, owner, text, size);
	if (error != 0 || owner != NULL)
		return (error);
	error = kldsim__who_has_symbol(sim, symbol, judge, &quest);
	if (error == 0)
		error = quest.error;
	answer_ret->found = quest.rank != RANK_NONE;
	if (error != 0)
		return (error);
	if (quest.rank == RANK_INSTEAD)
		error = say_instead(&quest, text, size);
	else if (quest.rank == RANK_NONE)
		error = say_near(sim, seeker, symbol, text, size);
	else if (quest.rank != RANK_GLOBAL && quest.others >= MANY_LOCALS)
		(void)snprintf(text, size, "%u files have a local symbol of "
		    "that name, %s for one: it looks like nobody's in "
		    "particular", quest.others + 1, quest.best->path);
	else
		error = say_best(&quest, text, size);
	return (error);
}

/* --- names that begin alike --- */

void
kldsim__common_prefix_note(struct kldsim__common_prefix *alike,
    const char *symbol)
{
	size_t common = 0;

	if (alike->count++ == 0) {
		(void)snprintf(alike->first, sizeof(alike->first), "%s",
		    symbol);
		alike->prefix = strlen(alike->first);
	}
	while (common < alike->prefix && symbol[common] ==
	    alike->first[common])
		common++;
	alike->prefix = common;
}

void
kldsim__common_prefix_text(const struct kldsim__common_prefix *alike,
    char *text, size_t size)
{
	size_t prefix = alike->prefix;

	*text = '\0';
	/* A few letters, of which a "_" is the last. */
	while (prefix > 0 && alike->first[prefix - 1] != '_')
		prefix--;
	if (alike->count >= 2 && prefix - strspn(alike->first, "_") >= 3 &&
	    prefix > strspn(alike->first, "_"))
		(void)snprintf(text, size, "all %ju names that nobody has "
		    "begin with %.*s: an option that the kernel lacks, or a "
		    "module that is not there?", (uintmax_t)alike->count,
		    (int)prefix, alike->first);
}
