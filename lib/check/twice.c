/* SPDX-License-Identifier: BSD-2-Clause */

/* Names that two files have: their own (K-07), and interfaces (K-30). */

#include "check/guilt.h"

#include <stdio.h>
#include <string.h>

#include "util/path.h"
#include "util/strmap.h"

/* --- names of files --- */

/* Where a folder is in the module path, by its path. */
static bool
read_path(struct kldsim_check *check, struct kldsim__strmap *places)
{
	const char *folder = check->boot.module_path;

	for (uint32_t place = 0; folder != NULL && *folder != '\0'; place++) {
		const size_t length = strcspn(folder, ";");
		const char *path = kldsim__arena_strndup(&check->arena,
		    folder, length);

		if (path == NULL || !kldsim__strmap_add(places, path, place))
			return (false);
		folder += length + (folder[length] != '\0');
	}
	return (true);
}

/* A file in none of its folders is found last. */
static bool
place_of(struct kldsim_check *check, const struct kldsim__strmap *places,
    const char *path, uint32_t *place_ret)
{
	const char *slash = strrchr(path, '/');
	const char *folder = kldsim__arena_strndup(&check->arena, path,
	    slash != NULL ? (size_t)(slash - path) : 0);

	*place_ret = UINT32_MAX;
	if (folder != NULL)
		(void)kldsim__strmap_get(places, folder, place_ret);
	return (folder != NULL);
}

static bool
is_left_out(const struct kldsim_check *check, size_t i)
{
	return (check->guilts->kept[i].verdicts[0] == KLDSIM_CHECK_NO_MODULE);
}

/* Of the files of one name, by the first of them, the one that is found. */
static bool
find_first(struct kldsim_check *check, const struct kldsim__strmap *places,
    struct kldsim__strmap *names, uint32_t *found)
{
	for (size_t i = 0; i < check->count; i++) {
		const char *path = check->entries[i].path;
		const char *name = kldsim__basename(path);
		uint32_t first = (uint32_t)i, own, other;

		if (is_left_out(check, i))
			continue;
		if (!kldsim__strmap_get(names, name, &first)) {
			if (!kldsim__strmap_add(names, name, first))
				return (false);
			found[i] = first;
			continue;
		}
		if (!place_of(check, places, path, &own) || !place_of(check,
		    places, check->entries[found[first]].path, &other))
			return (false);
		if (own < other)
			found[first] = (uint32_t)i;
	}
	return (true);
}

static bool
tell_files(struct kldsim_check *check, const struct kldsim__strmap *names,
    const uint32_t *found)
{
	for (size_t i = 0; i < check->count; i++) {
		const char *path = check->entries[i].path, *other;
		uint32_t first;

		if (is_left_out(check, i) || !kldsim__strmap_get(names,
		    kldsim__basename(path), &first) || found[first] == i)
			continue;
		other = check->entries[found[first]].path;
		if (kldsim__check_guilty(check, KLDSIM__F_FILE_NAME_TWICE, i,
		    path, NULL, "%.400s has the same name, and by name that "
		    "one is found; only one of them can be loaded", other) ==
		    NULL)
			return (false);
	}
	return (true);
}

static bool
check_files(struct kldsim_check *check)
{
	struct kldsim__strmap places, names;
	uint32_t *found = kldsim__calloc(&check->alloc, check->count,
	    sizeof(*found));
	bool good;

	kldsim__strmap_init(&places, &check->alloc);
	kldsim__strmap_init(&names, &check->alloc);
	good = found != NULL && read_path(check, &places) &&
	    find_first(check, &places, &names, found) &&
	    tell_files(check, &names, found);
	kldsim__strmap_fini(&places);
	kldsim__strmap_fini(&names);
	kldsim__free(&check->alloc, found);
	return (good);
}

/* --- interfaces --- */

/* Files of one name have been told of. */
static bool
are_others(const struct kldsim_check *check, size_t i, size_t j)
{
	return (i != j && strcmp(kldsim__basename(check->entries[i].path),
	    kldsim__basename(check->entries[j].path)) != 0);
}

static bool
check_interface(struct kldsim_check *check, struct kldsim__strmap *interfaces,
    size_t i, const struct kldsim__metadatum *entry)
{
	const size_t size = strlen(entry->name) + 16;
	char *key = kldsim__arena_alloc(&check->arena, size);
	uint32_t first;

	if (key == NULL)
		return (false);
	(void)snprintf(key, size, "%s %d", entry->name, entry->numbers[0]);
	if (!kldsim__strmap_get(interfaces, key, &first))
		return (kldsim__strmap_add(interfaces, key, (uint32_t)i));
	return (!are_others(check, i, first) || kldsim__check_guilty(check,
	    KLDSIM__F_INTERFACE_IN_FILES, i, check->entries[i].path, NULL,
	    "provides %.200s, and so does %.400s; only one of them can be "
	    "loaded", key, check->entries[first].path) != NULL);
}

static bool
check_interfaces(struct kldsim_check *check)
{
	const enum kldsim__mdt version = KLDSIM__MDT_VERSION;
	struct kldsim__strmap interfaces;
	bool good = true;

	kldsim__strmap_init(&interfaces, &check->alloc);
	for (size_t i = 0; i < check->count && good; i++) {
		const struct kldsim__metadatum *entry = kldsim__check_next(
		    check->guilts->kept[i].file.metadata, version);

		for (; entry != NULL && good; entry = kldsim__check_next(
		    entry->next, version))
			good = check_interface(check, &interfaces, i, entry);
	}
	kldsim__strmap_fini(&interfaces);
	return (good);
}

bool
kldsim__check_twice(struct kldsim_check *check)
{
	return (check_files(check) && check_interfaces(check));
}
