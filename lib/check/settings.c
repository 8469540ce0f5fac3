/* SPDX-License-Identifier: BSD-2-Clause */

/* Names and values of configuration files; settings.h. */

#include "check/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "elf/image.h"

void
kldsim__settings_init(struct kldsim__settings *settings,
    const struct kldsim__alloc *alloc, struct kldsim__arena *arena,
    struct kldsim_source *source)
{
	memset(settings, 0, sizeof(*settings));
	settings->alloc = alloc;
	settings->arena = arena;
	settings->source = source;
	kldsim__strmap_init(&settings->index, alloc);
}

void
kldsim__settings_fini(struct kldsim__settings *settings)
{
	kldsim__strmap_fini(&settings->index);
	kldsim__free(settings->alloc, settings->all);
	kldsim__free(settings->alloc, settings->remarks);
}

const struct kldsim__setting *
kldsim__settings_find(const struct kldsim__settings *settings,
    const char *name)
{
	uint32_t at;

	return (kldsim__strmap_get(&settings->index, name, &at) ?
	    &settings->all[at] : NULL);
}

const char *
kldsim__settings_get(const struct kldsim__settings *settings,
    const char *name, const char *otherwise)
{
	const struct kldsim__setting *setting =
	    kldsim__settings_find(settings, name);

	return (setting != NULL ? setting->value : otherwise);
}

void
kldsim__settings_remark(struct kldsim__settings *settings, const char *format,
    ...)
{
	char text[512];
	const char *copy;
	va_list args;

	if (settings->nremarks >= KLDSIM__SETTINGS_REMARKS)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	copy = kldsim__arena_strdup(settings->arena, text);
	if (copy == NULL || !kldsim__grow(settings->alloc,
	    &settings->remarks, &settings->remarks_cap,
	    settings->nremarks + 1, sizeof(*settings->remarks)))
		settings->no_memory = true;
	else
		settings->remarks[settings->nremarks++] = copy;
}

/* One that was never set; NULL: there is no room. */
static struct kldsim__setting *
add(struct kldsim__settings *settings, const char *name)
{
	struct kldsim__setting *setting;

	if (settings->count >= KLDSIM__SETTINGS_MOST) {
		kldsim__settings_remark(settings, "more than %u names are "
		    "set: %.100s is left out", KLDSIM__SETTINGS_MOST, name);
		return (NULL);
	}
	if (!kldsim__grow(settings->alloc, &settings->all, &settings->cap,
	    settings->count + 1, sizeof(*settings->all)) ||
	    !kldsim__strmap_add(&settings->index, name,
	    (uint32_t)settings->count)) {
		settings->no_memory = true;
		return (NULL);
	}
	setting = &settings->all[settings->count++];
	setting->name = name;
	return (setting);
}

void
kldsim__settings_set(struct kldsim__settings *settings, const char *name,
    size_t name_length, const char *value, size_t length, const char *file,
    unsigned line)
{
	struct kldsim__arena *arena = settings->arena;
	const char *key = kldsim__arena_strndup(arena, name, name_length);
	const char *copy = kldsim__arena_strndup(arena, value, length);
	const size_t size = strlen(file) + 16;
	char *where = kldsim__arena_alloc(arena, size);
	struct kldsim__setting *setting;
	uint32_t at;

	if (key == NULL || copy == NULL || where == NULL) {
		settings->no_memory = true;
		return;
	}
	(void)snprintf(where, size, "%s:%u", file, line);
	setting = kldsim__strmap_get(&settings->index, key, &at) ?
	    &settings->all[at] : add(settings, key);
	if (setting == NULL)
		return;
	setting->value = copy;
	setting->where = where;
}

struct kldsim_image *
kldsim__settings_open(struct kldsim__settings *settings, const char *path,
    const char **text_ret, size_t *size_ret)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	uint64_t size;
	enum kldsim_status status = kldsim_source_image(settings->source,
	    path, &image, &error);

	if (status == KLDSIM_NOMEM)
		settings->no_memory = true;
	/* Most systems have only some of them. */
	else if (status != KLDSIM_OK && error.sys_errno != ENOENT &&
	    error.sys_errno != ENOTDIR)
		kldsim__settings_remark(settings, "%s", error.text);
	if (status != KLDSIM_OK)
		return (NULL);
	*text_ret = (const char *)kldsim__image_bytes(image, &size);
	if (size <= KLDSIM__SETTINGS_FILE &&
	    settings->files++ < KLDSIM__SETTINGS_FILES) {
		*size_ret = (size_t)size;
		return (image);
	}
	kldsim__settings_remark(settings, "%.200s is left out: it is larger "
	    "than a configuration file, or there are too many", path);
	kldsim_image_unref(image);
	return (NULL);
}
