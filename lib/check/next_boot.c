/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The next boot of an installed system: its configuration, the kernel that the
 * boot loader chooses, one boot with all that it preloads, and kld_list (P-30,
 * P-31).
 */

#include <kldsim/next_boot.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/settings.h"
#include "report/report.h"

/* What loader(8) has where no configuration sets it. */
#define MODULE_PATH "/boot/modules"
#define KERNEL "kernel"

struct kldsim_next_boot {
	struct kldsim__alloc alloc;
	struct kldsim__arena arena;
	struct kldsim_source *source;
	struct kldsim__settings settings; /* loader.conf's, and all remarks */
	const char *kernel_path;
	struct kldsim_image *image; /* the kernel's */
	char *module_path;
	struct kldsim *sim;
	struct kldsim_next_boot_file *files;
	size_t count, cap;
};

static enum kldsim_status
no_memory(struct kldsim_error *error)
{
	return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
}

/* --- the kernel --- */

/* If a file is there, or with .gz behind its name (P-18), it is the kernel. */
static enum kldsim_status
probe(struct kldsim_next_boot *next, const char *folder, const char *name,
    size_t length)
{
	static const char *const suffixes[] = { "", ".gz" };
	enum kldsim_status status = KLDSIM_OK;
	struct kldsim_source_file file;
	char path[1024];

	for (size_t i = 0; i < 2 && next->kernel_path == NULL &&
	    status != KLDSIM_NOMEM; i++) {
		if (snprintf(path, sizeof(path), "%s%s%.*s%s", folder,
		    *folder != '\0' ? "/" : "", (int)length, name,
		    suffixes[i]) >= (int)sizeof(path))
			continue;
		status = kldsim_source_stat(next->source, path, &file, NULL);
		if (status != KLDSIM_OK || file.type != KLDSIM_SOURCE_FILE)
			continue;
		next->kernel_path = kldsim__arena_strdup(&next->arena, path);
		if (next->kernel_path == NULL)
			status = KLDSIM_NOMEM;
	}
	return (status == KLDSIM_NOMEM ? status : KLDSIM_OK);
}

/* Each name of bootfile, then "kernel", in a folder. */
static enum kldsim_status
probe_bootfiles(struct kldsim_next_boot *next, const char *folder)
{
	const char *names = kldsim__settings_get(&next->settings, "bootfile",
	    "");
	enum kldsim_status status = KLDSIM_OK;

	while (*names != '\0' && next->kernel_path == NULL &&
	    status == KLDSIM_OK) {
		const size_t length = strcspn(names, ";");

		if (length != 0 && length < 256)
			status = probe(next, *names == '/' ? "" : folder,
			    names, length);
		names += length + (names[length] == ';');
	}
	return (next->kernel_path != NULL || status != KLDSIM_OK ? status :
	    probe(next, folder, KERNEL, strlen(KERNEL)));
}

/* config.loadKernel(): /boot/NAME, NAME as a folder, then NAME as a file. */
static enum kldsim_status
find_kernel(struct kldsim_next_boot *next, struct kldsim_error *error)
{
	const char *name = kldsim__settings_get(&next->settings, "kernel",
	    KERNEL);
	const char *path = kldsim__settings_get(&next->settings,
	    "module_path", MODULE_PATH);
	const size_t size = strlen(name) + strlen(path) + 16;
	char *folder = kldsim__arena_alloc(&next->arena, size);
	enum kldsim_status status;

	next->module_path = kldsim__arena_alloc(&next->arena, size);
	if (folder == NULL || next->module_path == NULL)
		return (no_memory(error));
	(void)snprintf(folder, size, "/boot/%s", name);
	status = probe_bootfiles(next, folder);
	if (status == KLDSIM_OK && next->kernel_path == NULL) {
		(void)snprintf(folder, size, "%s", name);
		status = probe_bootfiles(next, folder);
	}
	(void)snprintf(next->module_path, size, "%s;%s", folder, path);
	if (status == KLDSIM_OK && next->kernel_path == NULL) {
		status = probe(next, "", name, strlen(name));
		(void)snprintf(next->module_path, size, "%s", path);
	}
	if (status != KLDSIM_OK)
		return (no_memory(error));
	return (next->kernel_path != NULL ? KLDSIM_OK : kldsim__error_set(
	    error, KLDSIM_NOENT, "the boot loader finds no kernel in "
	    "/boot/%.100s", name));
}

/* --- what is to be loaded --- */

static struct kldsim_next_boot_file *
add(struct kldsim_next_boot *next)
{
	struct kldsim_next_boot_file *file;

	if (!kldsim__grow(&next->alloc, &next->files, &next->cap,
	    next->count + 1, sizeof(*next->files)))
		return (NULL);
	file = &next->files[next->count++];
	memset(file, 0, sizeof(*file));
	return (file);
}

/* A setting of a module, or NULL. */
static const char *
of_module(const struct kldsim_next_boot *next, const char *module,
    size_t length, const char *what)
{
	char name[256];

	if (snprintf(name, sizeof(name), "%.*s_%s", (int)length, module,
	    what) >= (int)sizeof(name))
		return (NULL);
	return (kldsim__settings_get(&next->settings, name, NULL));
}

static bool
is_yes(const char *value)
{
	return (tolower((unsigned char)value[0]) == 'y' &&
	    tolower((unsigned char)value[1]) == 'e' &&
	    tolower((unsigned char)value[2]) == 's' && value[3] == '\0');
}

/* Whether a name is a word of a list. */
static bool
is_among(const char *list, const char *name)
{
	while (*list != '\0') {
		const size_t length = strcspn(list, ";, ");

		if (length == strlen(name) && strncmp(list, name, length) == 0)
			return (true);
		list += length;
		list += strspn(list, ";, ");
	}
	return (false);
}

/* What this does not play and a module's owner may count on. */
static void
remark_commands(struct kldsim_next_boot *next, const char *module,
    size_t length)
{
	static const char *const what[] = { "before", "after", "error" };

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		if (of_module(next, module, length, what[i]) != NULL)
			kldsim__settings_remark(&next->settings,
			    "%.*s_%s is a command of the boot loader, which "
			    "is not run here", (int)length, module, what[i]);
}

/* NAME_load="YES".  False: no memory. */
static bool
add_preload(struct kldsim_next_boot *next,
    const struct kldsim__setting *setting)
{
	const size_t length = strlen(setting->name) - strlen("_load");
	const char *name = of_module(next, setting->name, length, "name");
	struct kldsim_next_boot_file *file;

	if (name == NULL)
		name = kldsim__arena_strndup(&next->arena, setting->name,
		    length);
	if (name == NULL)
		return (false);
	if (is_among(kldsim__settings_get(&next->settings, "module_blacklist",
	    ""), name)) {
		kldsim__settings_remark(&next->settings, "%s: the boot loader "
		    "does not load %.100s, which is in module_blacklist",
		    setting->where, name);
		return (true);
	}
	remark_commands(next, setting->name, length);
	file = add(next);
	if (file == NULL)
		return (false);
	file->name = name;
	file->where = setting->where;
	file->preload = true;
	file->type = of_module(next, setting->name, length, "type");
	return (true);
}

static bool
is_load(const char *name)
{
	const size_t length = strlen(name), end = strlen("_load");

	return (length > end && strchr(name, '.') == NULL &&
	    strcmp(name + length - end, "_load") == 0);
}

/*
 * FIDELITY: config.loadModule() goes through a table of Lua, whose order is
 * nobody's; here it is that of the files, in which the boot loader of 12 and
 * before (Forth) does it.
 */
static bool
add_preloads(struct kldsim_next_boot *next)
{
	for (size_t i = 0; i < next->settings.count; i++) {
		const struct kldsim__setting *setting =
		    &next->settings.all[i];

		if (is_load(setting->name) && is_yes(setting->value) &&
		    !add_preload(next, setting))
			return (false);
	}
	return (true);
}

/* The words of kld_list. */
static bool
add_klds(struct kldsim_next_boot *next,
    const struct kldsim__setting *setting)
{
	const char *names = setting->value;

	while (*names != '\0') {
		const size_t length = strcspn(names, " \t\n");
		struct kldsim_next_boot_file *file;

		if (length != 0) {
			file = add(next);
			if (file == NULL)
				return (false);
			file->name = kldsim__arena_strndup(&next->arena,
			    names, length);
			file->where = setting->where;
			if (file->name == NULL)
				return (false);
		}
		names += length;
		names += strspn(names, " \t\n");
	}
	return (true);
}

/* rc.conf has names of its own; remarks of both are in one list. */
static bool
read_rc_conf(struct kldsim_next_boot *next)
{
	struct kldsim__settings rc;
	const struct kldsim__setting *list;
	bool good = true;

	kldsim__settings_init(&rc, &next->alloc, &next->arena, next->source);
	kldsim__rc_conf(&rc);
	list = kldsim__settings_find(&rc, "kld_list");
	if (list != NULL)
		good = add_klds(next, list);
	for (size_t i = 0; i < rc.nremarks; i++)
		kldsim__settings_remark(&next->settings, "%s", rc.remarks[i]);
	good = good && !rc.no_memory && !next->settings.no_memory;
	kldsim__settings_fini(&rc);
	return (good);
}

/* --- the boot --- */

/* The preloads that are modules, as options have them. */
static struct kldsim_preload *
make_preloads(struct kldsim_next_boot *next, size_t *count_ret)
{
	struct kldsim_preload *preloads = kldsim__arena_calloc(&next->arena,
	    next->count + 1, sizeof(*preloads));

	*count_ret = 0;
	for (size_t i = 0; preloads != NULL && i < next->count; i++)
		if (next->files[i].preload && next->files[i].type == NULL)
			preloads[(*count_ret)++].path = next->files[i].name;
	return (preloads);
}

static enum kldsim_status
boot(struct kldsim_next_boot *next, struct kldsim_options *options,
    struct kldsim_error *error)
{
	enum kldsim_status status;

	options->preloads = make_preloads(next, &options->npreloads);
	if (options->preloads == NULL)
		return (no_memory(error));
	options->preload_dependencies = true;
	options->module_path = next->module_path;
	options->source = next->source;
	status = kldsim_source_kernel(next->source, next->kernel_path,
	    &next->image, error);
	return (status != KLDSIM_OK ? status : kldsim_boot(next->image,
	    options, &next->sim, error));
}

/*
 * What the boot loader has already it does not load again, and nothing is wrong
 * (P-13, P-14).  What the kernel drops is not forgiven (P-26).
 */
static void
forgive_loaded(struct kldsim_check_answer *answer)
{
	if (answer->verdict == KLDSIM_CHECK_REFUSED &&
	    answer->reason != NULL && strcmp(answer->reason->code,
	    kldsim__finding_code(KLDSIM__F_LOADER_HAS_IT)) == 0)
		answer->verdict = KLDSIM_CHECK_OK;
}

/* What became of the preloads; those behind one that panics were not tried. */
static bool
take_preloads(struct kldsim_next_boot *next)
{
	const bool dead = kldsim_is_dead(next->sim);
	size_t index = 0;

	for (size_t i = 0; i < next->count; i++) {
		struct kldsim_next_boot_file *file = &next->files[i];
		const struct kldsim__check_asked asked = { .source =
			next->source, .path = file->name, .own = true };
		struct kldsim_result result;

		if (!file->preload || file->type != NULL ||
		    kldsim_preload_result(next->sim, index++, &result) !=
		    KLDSIM_OK || (dead && !result.panicked))
			continue;
		if (!kldsim__check_answer(&asked, next->sim, &result,
		    &next->arena, &file->answer))
			return (false);
		forgive_loaded(&file->answer);
	}
	return (true);
}

static bool
load_klds(struct kldsim_next_boot *next)
{
	bool good = true;

	for (size_t i = 0; i < next->count && good &&
	    !kldsim_is_dead(next->sim); i++) {
		struct kldsim_next_boot_file *file = &next->files[i];
		const struct kldsim__check_asked asked = {
			.source = next->source, .path = file->name };

		if (!file->preload)
			good = kldsim__load_kld(&asked, next->sim,
			    &next->arena, &file->answer);
	}
	return (good);
}

static enum kldsim_status
play(struct kldsim_next_boot *next, struct kldsim_options *options,
    struct kldsim_error *error)
{
	enum kldsim_status status;

	kldsim__loader_conf(&next->settings);
	status = find_kernel(next, error);
	if (status != KLDSIM_OK)
		return (status);
	if (!add_preloads(next) || !read_rc_conf(next))
		return (no_memory(error));
	status = boot(next, options, error);
	if (status == KLDSIM_OK && (!take_preloads(next) || !load_klds(next)))
		status = no_memory(error);
	return (status);
}

enum kldsim_status
kldsim_next_boot(struct kldsim_source *source,
    const struct kldsim_options *given, struct kldsim_next_boot **next_ret,
    struct kldsim_error *error)
{
	struct kldsim__alloc alloc;
	struct kldsim_next_boot *next;
	struct kldsim_options options;
	enum kldsim_status status = kldsim__check_boot_options(given, &options,
	    error);

	if (status != KLDSIM_OK)
		return (status);
	kldsim__alloc_init(&alloc, &options.allocator);
	next = kldsim__calloc(&alloc, 1, sizeof(*next));
	if (next == NULL)
		return (no_memory(error));
	next->alloc = alloc;
	next->source = kldsim_source_ref(source);
	kldsim__arena_init(&next->arena, &next->alloc);
	kldsim__settings_init(&next->settings, &next->alloc, &next->arena,
	    source);
	status = play(next, &options, error);
	if (status == KLDSIM_OK)
		*next_ret = next;
	else
		kldsim_next_boot_free(next);
	return (status);
}

void
kldsim_next_boot_free(struct kldsim_next_boot *next)
{
	struct kldsim__alloc alloc;

	if (next == NULL)
		return;
	alloc = next->alloc;
	kldsim_destroy(next->sim);
	kldsim_image_unref(next->image);
	kldsim__settings_fini(&next->settings);
	kldsim__arena_fini(&next->arena);
	kldsim__free(&alloc, next->files);
	kldsim_source_unref(next->source);
	kldsim__free(&alloc, next);
}

const char *
kldsim_next_boot_kernel_path(const struct kldsim_next_boot *next)
{
	return (next->kernel_path);
}

struct kldsim_image *
kldsim_next_boot_image(struct kldsim_next_boot *next)
{
	return (next->image);
}

const char *
kldsim_next_boot_module_path(const struct kldsim_next_boot *next)
{
	return (next->module_path);
}

struct kldsim *
kldsim_next_boot_sim(struct kldsim_next_boot *next)
{
	return (next->sim);
}

const struct kldsim_next_boot_file *
kldsim_next_boot_file_at(const struct kldsim_next_boot *next, size_t index)
{
	return (index < next->count ? &next->files[index] : NULL);
}

const char *
kldsim_next_boot_remark(const struct kldsim_next_boot *next, size_t index)
{
	return (index < next->settings.nremarks ?
	    next->settings.remarks[index] : NULL);
}
