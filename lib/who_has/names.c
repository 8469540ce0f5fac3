/* SPDX-License-Identifier: BSD-2-Clause */

/* The index: places, each read once, when it is first asked for. */

#include "who_has/who_has.h"

#include <kldsim/names.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "kern/bad_news.h"
#include "kern/linker_file.h"
#include "source/source.h"
#include "util/hash.h"
#include "util/path.h"

/* More than any folder of modules has; what is beyond is not looked at. */
#define MOST_FILES 65535u
#define MOST_SYMBOLS (16u << 20)
/* Names that lie over each other would take for ever, and nobody has such. */
#define LONGEST_NAME 1024u

/* One symbol of one file. */
struct entry {
	uint32_t hash;
	uint16_t provider;
	uint16_t length; /* of its name */
	uint32_t symbol;
	uint32_t next; /* in its bucket, plus 1; 0: it is the last one */
};

/* A folder, or a file that was added. */
struct place {
	struct place *next;
	char *path;
	bool added;
	bool read;
	bool indexed;
	bool described; /* all metadata have been read */
	struct kldsim__provider *providers;
	size_t nproviders;
	size_t providers_cap;
	struct entry *entries;
	size_t nentries;
	size_t entries_cap;
	uint32_t *buckets; /* first entry, plus 1 */
	uint32_t mask;
};

struct kldsim_names {
	atomic_uint refs;
	struct kldsim__alloc alloc;
	struct kldsim_source *source; /* NULL: the host */
	uint64_t seed;
	pthread_mutex_t lock; /* guards all that follows until it is made */
	struct kldsim__arena arena;
	struct place *places; /* in the order in which they were asked for */
	struct kldsim__kernel_names *kernels;
};

static enum kldsim_status
fail(struct kldsim_error *error)
{
	if (error != NULL) {
		error->status = KLDSIM_NOMEM;
		error->sys_errno = 0;
		(void)snprintf(error->text, sizeof(error->text),
		    "no memory");
	}
	return (KLDSIM_NOMEM);
}

enum kldsim_status
kldsim_names_new(struct kldsim_source *source,
    struct kldsim_names **names_ret, struct kldsim_error *error_ret)
{
	struct kldsim__alloc alloc;
	struct kldsim_names *names;

	kldsim__alloc_init(&alloc, NULL);
	names = kldsim__calloc(&alloc, 1, sizeof(*names));
	if (names == NULL)
		return (fail(error_ret));
	atomic_init(&names->refs, 1);
	names->alloc = alloc;
	if (source != NULL)
		names->source = kldsim_source_ref(source);
	names->seed = kldsim__hash_seed(names);
	(void)pthread_mutex_init(&names->lock, NULL);
	kldsim__arena_init(&names->arena, &names->alloc);
	*names_ret = names;
	return (KLDSIM_OK);
}

struct kldsim_names *
kldsim_names_ref(struct kldsim_names *names)
{
	atomic_fetch_add(&names->refs, 1);
	return (names);
}

static void
free_place(const struct kldsim__alloc *alloc, struct place *place)
{
	for (size_t i = 0; i < place->nproviders; i++)
		kldsim_image_unref(place->providers[i].image);
	kldsim__free(alloc, place->providers);
	kldsim__free(alloc, place->entries);
	kldsim__free(alloc, place->buckets);
	kldsim__free(alloc, place->path);
	kldsim__free(alloc, place);
}

static void
free_places(const struct kldsim__alloc *alloc, struct place *places)
{
	while (places != NULL) {
		struct place *next = places->next;

		free_place(alloc, places);
		places = next;
	}
}

void
kldsim_names_unref(struct kldsim_names *names)
{
	struct kldsim__alloc alloc;

	if (names == NULL || atomic_fetch_sub(&names->refs, 1) != 1)
		return;
	alloc = names->alloc;
	free_places(&alloc, names->places);
	kldsim__kernel_names_free(&alloc, names->kernels);
	kldsim__arena_fini(&names->arena);
	kldsim_source_unref(names->source);
	(void)pthread_mutex_destroy(&names->lock);
	kldsim__free(&alloc, names);
}

static bool
is_same(const char *path, size_t length, const char *other, size_t size)
{
	path = kldsim__path_trim(path, &length);
	other = kldsim__path_trim(other, &size);
	return (length == size && memcmp(path, other, length) == 0);
}

/* The place of a path, made if there is none yet; NULL: no memory. */
static struct place *
place_of(struct kldsim_names *names, const char *path, size_t length)
{
	struct place **end = &names->places, *place;

	for (; *end != NULL; end = &(*end)->next)
		if (is_same((*end)->path, strlen((*end)->path), path, length))
			return (*end);
	while (length > 1 && path[length - 1] == '/')
		length--;
	place = kldsim__calloc(&names->alloc, 1, sizeof(*place));
	if (place == NULL || (place->path = kldsim__calloc(&names->alloc,
	    length + 1, 1)) == NULL) {
		kldsim__free(&names->alloc, place);
		return (NULL);
	}
	memcpy(place->path, path, length);
	*end = place;
	return (place);
}

enum kldsim_status
kldsim_names_add(struct kldsim_names *names, const char *path,
    struct kldsim_error *error_ret)
{
	struct place *place;

	(void)pthread_mutex_lock(&names->lock);
	place = place_of(names, path, strlen(path));
	if (place != NULL)
		place->added = true;
	(void)pthread_mutex_unlock(&names->lock);
	return (place != NULL ? KLDSIM_OK : fail(error_ret));
}

/* --- reading a place; the lock is held, false: no memory --- */

static bool
add_file(struct kldsim_names *names, struct place *place, const char *path)
{
	struct kldsim__provider *provider;
	struct kldsim_image *image;
	struct kldsim_error error;
	bool done;

	if (place->nproviders == MOST_FILES ||
	    kldsim__source_is_foreign(names->source, path))
		return (true);
	if (!kldsim__grow(&names->alloc, &place->providers,
	    &place->providers_cap, place->nproviders + 1, sizeof(*provider)))
		return (false);
	if (kldsim_source_image(names->source, path, &image, &error) !=
	    KLDSIM_OK)
		return (error.status != KLDSIM_NOMEM);
	provider = &place->providers[place->nproviders];
	memset(provider, 0, sizeof(*provider));
	done = kldsim__provider_open(provider, image, &names->alloc);
	kldsim_image_unref(image);
	place->nproviders++; /* it has the image */
	provider->path = kldsim__arena_strdup(&names->arena, path);
	return (done && provider->path != NULL);
}

struct listing {
	struct kldsim_names *names;
	struct place *place;
	bool nomem;
};

/* What kldload would take for a module: the kernel lies there, too. */
static bool
add_member(void *user, const struct kldsim_source_file *file)
{
	struct listing *listing = user;
	const size_t length = strlen(file->name);
	char path[2 * KLDSIM__SOURCE_PATH];

	if ((file->type != KLDSIM_SOURCE_FILE &&
	    file->type != KLDSIM_SOURCE_LINK) || length < 4 ||
	    strcmp(file->name + length - 3, ".ko") != 0 ||
	    snprintf(path, sizeof(path), "%s%s%s", listing->place->path,
	    strcmp(listing->place->path, "/") == 0 ? "" : "/", file->name) >=
	    (int)sizeof(path))
		return (true);
	listing->nomem = !add_file(listing->names, listing->place, path);
	return (!listing->nomem);
}

static bool
read_place(struct kldsim_names *names, struct place *place)
{
	struct listing listing = { names, place, false };
	struct kldsim_source_file file;
	struct kldsim_error error;
	enum kldsim_status status = kldsim_source_stat(names->source,
	    place->path, &file, &error);

	if (status == KLDSIM_OK && file.type == KLDSIM_SOURCE_FOLDER)
		status = kldsim_source_list(names->source, place->path,
		    add_member, &listing, &error);
	else if (status == KLDSIM_OK)
		listing.nomem = !add_file(names, place, place->path);
	place->read = !listing.nomem && status != KLDSIM_NOMEM;
	if (!place->read) {
		/* Who asks again begins from the beginning. */
		while (place->nproviders != 0)
			kldsim_image_unref(
			    place->providers[--place->nproviders].image);
	}
	return (place->read);
}

/* --- its symbols --- */

/* Those that are indexed have one. */
static const char *
name_of(const struct place *place, const struct entry *entry)
{
	const struct kldsim__symview *view = kldsim__provider_symbols(
	    &place->providers[entry->provider]);

	return (kldsim__sym_name(view, kldsim__sym_name_offset(view,
	    entry->symbol)));
}

static bool
index_provider(struct kldsim_names *names, struct place *place, size_t number)
{
	const struct kldsim__symview *view = kldsim__provider_symbols(
	    &place->providers[number]);

	if (view->count > MOST_SYMBOLS - place->nentries)
		return (true);
	if (!kldsim__grow(&names->alloc, &place->entries,
	    &place->entries_cap, place->nentries + view->count,
	    sizeof(*place->entries)))
		return (false);
	for (uint32_t i = 1; i < view->count; i++) {
		struct kldsim__sym sym;
		const char *name;
		size_t length;

		kldsim__sym_get(view, i, &sym);
		if (!kldsim__elf_usable(&sym))
			continue;
		name = kldsim__sym_name(view, sym.name);
		if (name == NULL || *name == '\0')
			continue;
		length = strnlen(name, LONGEST_NAME + 1);
		if (length > LONGEST_NAME)
			continue;
		place->entries[place->nentries++] = (struct entry){
			.hash = kldsim__hash_n(names->seed, name, length),
			.provider = (uint16_t)number,
			.length = (uint16_t)length,
			.symbol = i };
	}
	return (true);
}

/* Backwards, so that each bucket has its entries in their order. */
static bool
make_buckets(struct kldsim_names *names, struct place *place)
{
	uint32_t count = 16;

	while (count < place->nentries)
		count *= 2;
	place->buckets = kldsim__calloc(&names->alloc, count,
	    sizeof(*place->buckets));
	if (place->buckets == NULL)
		return (false);
	place->mask = count - 1;
	for (size_t i = place->nentries; i-- > 0;) {
		struct entry *entry = &place->entries[i];
		uint32_t *bucket = &place->buckets[entry->hash & place->mask];

		entry->next = *bucket;
		*bucket = (uint32_t)i + 1;
	}
	return (true);
}

static bool
index_place(struct kldsim_names *names, struct place *place)
{
	bool ok = true;

	place->nentries = 0;
	for (size_t i = 0; i < place->nproviders && ok; i++)
		ok = index_provider(names, place, i);
	place->indexed = ok && make_buckets(names, place);
	return (place->indexed);
}

static bool
describe_place(struct kldsim_names *names, struct place *place)
{
	bool ok = true;

	for (size_t i = 0; i < place->nproviders && ok; i++)
		ok = kldsim__provider_read_metadata(&place->providers[i],
		    &names->arena);
	place->described = ok;
	return (ok);
}

/* --- a kernel asks --- */

enum wanted {
	WANTED_FILES,
	WANTED_SYMBOLS,
	WANTED_METADATA
};

/* Where a kernel looks: first along its module path. */
struct walk {
	struct kldsim *sim;
	struct kldsim_names *names;
	const char *rest;    /* of the path; NULL: it is through */
	struct place *added; /* the next one to look at */
	enum wanted wanted;
	struct place *place; /* at hand */
};

static int
walk_begin(struct walk *walk, struct kldsim *sim, enum wanted wanted)
{
	int error = 0;

	if (sim->search.names == NULL && kldsim_names_new(sim->search.source,
	    &sim->search.names, NULL) != KLDSIM_OK)
		error = kldsim__nomem(sim);
	*walk = (struct walk){ .sim = sim, .names = sim->search.names,
		.rest = sim->search.path, .wanted = wanted };
	return (error);
}

/* A path that is the folder, or of a file in it. */
static bool
is_in_folder(const char *path, const char *folder, size_t length)
{
	size_t size = strlen(path);
	const char *slash;

	path = kldsim__path_trim(path, &size);
	folder = kldsim__path_trim(folder, &length);
	slash = memchr(path, '/', size);
	for (const char *next = slash; next != NULL; next = memchr(next + 1,
	    '/', size - (size_t)(next + 1 - path)))
		slash = next;
	if (slash == NULL && length == 1 && *folder == '.')
		return (true);
	return ((size == length && memcmp(path, folder, size) == 0) ||
	    (slash != NULL && (size_t)(slash - path) == length &&
	    memcmp(path, folder, length) == 0));
}

/* The next folder of a path, whether it has come before or not. */
static bool
next_component(const char **rest, const char **folder_ret, size_t *length_ret)
{
	while (*rest != NULL && **rest != '\0') {
		*folder_ret = *rest;
		*length_ret = strcspn(*rest, ";");
		*rest += *length_ret + ((*rest)[*length_ret] == ';');
		if (*length_ret != 0)
			return (true);
	}
	return (false);
}

/* The next one that has not; false: there is none. */
static bool
next_folder(const char *path, const char **rest, const char **folder_ret,
    size_t *length_ret)
{
	bool again;

	do {
		const char *before = path, *other;
		size_t length;

		if (!next_component(rest, folder_ret, length_ret))
			return (false);
		again = false;
		while (!again && next_component(&before, &other, &length) &&
		    other != *folder_ret)
			again = is_same(*folder_ret, *length_ret, other,
			    length);
	} while (again);
	return (true);
}

bool
kldsim__on_path(const struct kldsim *sim, const char *path)
{
	const char *rest = sim->search.path, *folder;
	size_t length;

	while (next_component(&rest, &folder, &length))
		if (is_in_folder(path, folder, length))
			return (true);
	return (false);
}

/* What was added and is not on the path anyway; the lock is held. */
static struct place *
next_added(struct walk *walk)
{
	struct place *place = walk->added;

	while (place != NULL && (!place->added ||
	    kldsim__on_path(walk->sim, place->path)))
		place = place->next;
	walk->added = place != NULL ? place->next : NULL;
	return (place);
}

/* Read what is wanted of the place at hand, unless that has been done. */
static bool
prepare(const struct walk *walk)
{
	struct place *place = walk->place;

	if (!place->read && !read_place(walk->names, place))
		return (false);
	if (walk->wanted == WANTED_SYMBOLS && !place->indexed)
		return (index_place(walk->names, place));
	if (walk->wanted == WANTED_METADATA && !place->described)
		return (describe_place(walk->names, place));
	return (true);
}

/* The next place, with what is wanted of it; NULL: it was the last. */
static int
walk_next(struct walk *walk)
{
	struct kldsim_names *names = walk->names;
	const char *folder;
	size_t length;
	bool ok = true;

	walk->place = NULL;
	(void)pthread_mutex_lock(&names->lock);
	if (walk->rest != NULL && next_folder(walk->sim->search.path,
	    &walk->rest, &folder, &length)) {
		walk->place = place_of(names, folder, length);
		ok = walk->place != NULL;
	} else {
		if (walk->rest != NULL)
			walk->added = names->places;
		walk->rest = NULL;
		walk->place = next_added(walk);
	}
	ok = ok && (walk->place == NULL || prepare(walk));
	(void)pthread_mutex_unlock(&names->lock);
	return (ok ? 0 : kldsim__nomem(walk->sim));
}

/* A file that this kernel could load, for all that its header says. */
static bool
fits(const struct kldsim *sim, const struct kldsim__provider *provider)
{
	const struct kldsim__arch *arch = sim->arch;
	const GElf_Ehdr *ehdr = &provider->elf.ehdr;

	return (ehdr->e_machine == arch->machine &&
	    ehdr->e_ident[EI_CLASS] == arch->elf_class &&
	    ehdr->e_ident[EI_DATA] == arch->elf_data &&
	    (ehdr->e_type == ET_DYN ||
	    (ehdr->e_type == ET_REL && arch->obj_class != NULL)));
}

/* The files of the place at hand that have a symbol; false ends the walk. */
static bool
find_symbol(const struct walk *walk, const char *name, uint32_t hash,
    kldsim__symbol_told told, void *user)
{
	const struct place *place = walk->place;
	uint32_t last = UINT32_MAX;

	for (uint32_t i = place->buckets[hash & place->mask]; i != 0;
	    i = place->entries[i - 1].next) {
		const struct entry *entry = &place->entries[i - 1];
		const struct kldsim__provider *provider =
		    &place->providers[entry->provider];

		if (entry->hash != hash || entry->provider == last ||
		    !fits(walk->sim, provider) ||
		    strcmp(name, name_of(place, entry)) != 0)
			continue;
		last = entry->provider;
		if (!told(user, provider, entry->symbol))
			return (false);
	}
	return (true);
}

int
kldsim__who_has_symbol(struct kldsim *sim, const char *name,
    kldsim__symbol_told told, void *user)
{
	struct walk walk;
	uint32_t hash;
	int error = walk_begin(&walk, sim, WANTED_SYMBOLS);

	if (error != 0)
		return (error);
	hash = kldsim__hash(walk.names->seed, name);
	while ((error = walk_next(&walk)) == 0 && walk.place != NULL)
		if (!find_symbol(&walk, name, hash, told, user))
			break;
	return (error);
}

int
kldsim__each_provider(struct kldsim *sim,
    bool (*told)(void *user, const struct kldsim__provider *provider),
    void *user)
{
	struct walk walk;
	int error = walk_begin(&walk, sim, WANTED_FILES);

	while (error == 0 && (error = walk_next(&walk)) == 0 &&
	    walk.place != NULL)
		for (size_t i = 0; i < walk.place->nproviders; i++)
			if (fits(sim, &walk.place->providers[i]) &&
			    !told(user, &walk.place->providers[i]))
				return (0);
	return (error);
}

/* The names of one place, of which most are nothing like it. */
static void
compare_place(const struct kldsim *sim, const struct place *place,
    struct kldsim__near *near)
{
	for (size_t i = 0; i < place->nentries; i++) {
		const struct entry *entry = &place->entries[i];
		const struct kldsim__provider *provider =
		    &place->providers[entry->provider];

		if (kldsim__may_be_near(near, entry->length) &&
		    fits(sim, provider))
			kldsim__near_compare(near, name_of(place, entry),
			    provider->path);
	}
}

int
kldsim__find_near(struct kldsim *sim, struct kldsim__near *near)
{
	struct walk walk;
	int error = walk_begin(&walk, sim, WANTED_SYMBOLS);
	bool ok;

	if (error != 0)
		return (error);
	(void)pthread_mutex_lock(&walk.names->lock);
	ok = kldsim__kernel_names_compare(&walk.names->kernels,
	    &walk.names->alloc, sim->linker.kernel->image, near);
	(void)pthread_mutex_unlock(&walk.names->lock);
	if (!ok)
		return (kldsim__nomem(sim));
	while ((error = walk_next(&walk)) == 0 && walk.place != NULL)
		compare_place(sim, walk.place, near);
	return (error);
}

/* Whatever one file provides; false ends the walk. */
static bool
tell_provided(const struct kldsim__provider *provider,
    kldsim__metadatum_told told, void *user)
{
	for (const struct kldsim__metadatum *entry = provider->metadata;
	    entry != NULL; entry = entry->next)
		if (entry->type != KLDSIM__MDT_DEPEND &&
		    !told(user, provider, entry))
			return (false);
	return (true);
}

int
kldsim__each_metadatum(struct kldsim *sim, kldsim__metadatum_told told,
    void *user)
{
	struct walk walk;
	int error = walk_begin(&walk, sim, WANTED_METADATA);

	while (error == 0 && (error = walk_next(&walk)) == 0 &&
	    walk.place != NULL)
		for (size_t i = 0; i < walk.place->nproviders; i++)
			if (fits(sim, &walk.place->providers[i]) &&
			    !tell_provided(&walk.place->providers[i], told,
			    user))
				return (0);
	return (error);
}

int
kldsim__provider_metadata(struct kldsim *sim,
    const struct kldsim__provider *provider,
    const struct kldsim__metadatum **first_ret)
{
	struct kldsim_names *names = sim->search.names;
	/* Its place has it, and the lock lets us write there. */
	struct kldsim__provider *own =
	    (struct kldsim__provider *)(uintptr_t)provider;
	bool ok;

	(void)pthread_mutex_lock(&names->lock);
	ok = kldsim__provider_read_metadata(own, &names->arena);
	*first_ret = own->metadata;
	(void)pthread_mutex_unlock(&names->lock);
	return (ok ? 0 : kldsim__nomem(sim));
}

/* --- a program asks --- */

struct asking {
	struct kldsim *sim;
	const char *symbol;
	kldsim_who_has_fn told;
	void *user;
};

static bool
tell_path(void *user, const struct kldsim__provider *provider,
    uint32_t symbol)
{
	const struct asking *asking = user;

	return (kldsim__visible(asking->sim, provider, asking->symbol,
	    symbol) == KLDSIM__UNSEEN ||
	    asking->told(asking->user, provider->path));
}

enum kldsim_status
kldsim_who_has(struct kldsim *sim, const char *symbol,
    kldsim_who_has_fn told, void *user)
{
	struct asking asking = { sim, symbol, told, user };

	return (kldsim__who_has_symbol(sim, symbol, tell_path, &asking) == 0 ?
	    KLDSIM_OK : KLDSIM_NOMEM);
}
