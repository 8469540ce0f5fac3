/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_HINTS_FOLDER_H
#define SUPPORT_HINTS_FOLDER_H

/* A folder of made modules, and linker.hints as a test expects it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <dirent.h>
#include <unistd.h>

#include <cmocka.h>

#include <kldsim/hints.h>
#include <kldsim/synth.h>

#include "support_scratch.h"

#define OLD 1201000   /* set order, all MDT_MODULE */
#define MIDDLE 1300139 /* the first MDT_MODULE first and alone */
#define LONG_NAMES 1400097
#define NEW 1600026   /* libelf */

/* A folder of a test's own, and what the tool said about it. */
struct folder {
	char path[SCRATCH_PATH];
	char said[8192];
	struct kldsim_hints_result result;
	struct kldsim_error error;
};

static inline void
folder_open(struct folder *folder)
{
	memset(folder, 0, sizeof(*folder));
	scratch_folder(folder->path, "hints");
}

static inline char *
path_in(const struct folder *folder, const char *name, char path[512])
{
	(void)snprintf(path, 512, "%s/%s", folder->path, name);
	return (path);
}

static inline void
remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *item;

	while (dir != NULL && (item = readdir(dir)) != NULL) {
		if (strcmp(item->d_name, ".") == 0 ||
		    strcmp(item->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), item->d_name, 0) != 0) {
			size_t size = strlen(path) + strlen(item->d_name) + 2;
			char *below = malloc(size);

			assert_non_null(below);
			(void)snprintf(below, size, "%s/%s", path,
			    item->d_name);
			remove_tree(below);
			free(below);
		}
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(path);
}

static inline void
folder_close(struct folder *folder)
{
	remove_tree(folder->path);
}

static inline void
write_file(const struct folder *folder, const char *name, const void *bytes,
    size_t size)
{
	char path[512];
	FILE *file;

	/* A file that is cut to nothing is written out at once (ext4). */
	(void)unlink(path_in(folder, name, path));
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* Finish a module, as a file of the folder. */
static inline void
put_module(const struct folder *folder, struct kldsim_synth *synth,
    const char *name)
{
	struct kldsim_error error;
	char path[512];

	if (kldsim_synth_write(synth, path_in(folder, name, path), &error) !=
	    KLDSIM_OK)
		fail_msg("%s: %s", name, error.text);
	kldsim_synth_free(synth);
}

/* The smallest module that makes records: interface NAME.1. */
static inline void
put_interface(const struct folder *folder, const char *machine,
    const char *interface, const char *name)
{
	struct kldsim_synth *s = kldsim_synth_new(machine,
	    KLDSIM_SYNTH_MODULE);

	kldsim_synth_mdt_version(s, interface, 1);
	put_module(folder, s, name);
}

static inline void
listen(void *user, enum kldsim_log_level level, const char *text)
{
	struct folder *folder = user;
	size_t used = strlen(folder->said);

	if (level == KLDSIM_LOG_WARNING)
		(void)snprintf(folder->said + used,
		    sizeof(folder->said) - used, "%s\n", text);
}

static inline struct kldsim_hints_options
options_of(struct folder *folder, uint32_t osreldate)
{
	struct kldsim_hints_options options;

	kldsim_hints_options_init(&options, sizeof(options));
	options.osreldate = osreldate;
	options.log = listen;
	options.log_user = folder;
	folder->said[0] = '\0';
	return (options);
}

static inline enum kldsim_status
build(struct folder *folder, uint32_t osreldate, void **bytes, size_t *size)
{
	struct kldsim_hints_options options = options_of(folder, osreldate);

	return (kldsim_hints_build(folder->path, &options, bytes, size,
	    &folder->result, &folder->error));
}

/* linker.hints as it should be. */
struct expected {
	uint8_t bytes[1 << 18];
	size_t size;
	size_t record; /* offset of the length of the one that is open */
	bool big;
};

static inline void
want_int(struct expected *e, uint32_t value)
{
	while (e->size % 4 != 0)
		e->bytes[e->size++] = 0;
	for (int i = 0; i < 4; i++)
		e->bytes[e->size++] =
		    (uint8_t)(value >> (e->big ? 24 - 8 * i : 8 * i));
}

static inline void
want_string(struct expected *e, const char *text)
{
	e->bytes[e->size++] = (uint8_t)strlen(text);
	memcpy(e->bytes + e->size, text, strlen(text));
	e->size += strlen(text);
}

static inline void
want_begin(struct expected *e, bool big)
{
	e->size = 0;
	e->big = big;
	want_int(e, 1);
}

static inline void
want_record(struct expected *e, uint32_t type)
{
	e->record = e->size;
	want_int(e, 0);
	want_int(e, type);
}

static inline void
want_end(struct expected *e)
{
	size_t end;

	while (e->size % 4 != 0)
		e->bytes[e->size++] = 0;
	end = e->size;
	e->size = e->record;
	want_int(e, (uint32_t)(end - e->record - 4));
	e->size = end;
}

static inline void
want_module(struct expected *e, const char *name, const char *file)
{
	want_record(e, 2);
	want_string(e, name);
	want_string(e, file);
	want_end(e);
}

static inline void
want_version(struct expected *e, const char *name, uint32_t version,
    const char *file)
{
	want_record(e, 3);
	want_string(e, name);
	want_int(e, version);
	want_string(e, file);
	want_end(e);
}

static inline void
same_bytes(const void *bytes, size_t size, const struct expected *e)
{
	for (size_t i = 0; i < size && i < e->size; i++)
		if (((const uint8_t *)bytes)[i] != e->bytes[i])
			fail_msg("byte 0x%zx of 0x%zx is 0x%02x, not 0x%02x",
			    i, size, ((const uint8_t *)bytes)[i],
			    e->bytes[i]);
	assert_int_equal(size, e->size);
}

/* The folder's linker.hints in one release. */
static inline void
check_built(struct folder *folder, uint32_t osreldate,
    const struct expected *e)
{
	void *bytes;
	size_t size;

	if (build(folder, osreldate, &bytes, &size) != KLDSIM_OK)
		fail_msg("%u: %s", osreldate, folder->error.text);
	same_bytes(bytes, size, e);
	kldsim_hints_free(bytes);
}

/* What is made of a folder that makes no records. */
static inline void
check_nothing(struct folder *folder, uint32_t osreldate)
{
	void *bytes;
	size_t size;

	assert_int_equal(build(folder, osreldate, &bytes, &size), KLDSIM_OK);
	assert_null(bytes);
	assert_int_equal(size, 0);
}

/* The tool gives up, with these words. */
static inline void
check_fatal(struct folder *folder, uint32_t osreldate, const char *words)
{
	void *bytes;
	size_t size;

	assert_int_equal(build(folder, osreldate, &bytes, &size),
	    KLDSIM_MALFORMED);
	assert_string_equal(folder->error.text, words);
	assert_null(bytes);
}

#endif
