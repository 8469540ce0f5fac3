/* SPDX-License-Identifier: BSD-2-Clause */

/* Looks for debug files; see debug_file.h. */

#include "dwarf/debug_file.h"

#include <gelf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "dwarf/bytes.h"
#include "report/output.h"

#define ID_MOST 64 /* bytes; sha1 has 20 */

/* What a file says of its debug file, or a debug file of itself. */
struct link {
	char *name;         /* NULL: none */
	uint32_t crc;
	uint8_t id[ID_MOST];
	size_t id_size;     /* 0: none */
};

struct search {
	const struct kldsim_image *image;
	struct kldsim_image_info info;
	const struct debug_options *options;
	struct link link;
	struct kldsim_image *found;
	enum debug_known known;
	struct kldsim_error *error;
};

static enum kldsim_status
fail(struct search *search, const char *what, const char *which)
{
	memset(search->error, 0, sizeof(*search->error));
	search->error->status = KLDSIM_NOENT;
	(void)snprintf(search->error->text, sizeof(search->error->text),
	    "%.200s: %s%s%.200s", search->info.name, what,
	    *which != '\0' ? ": " : "", which);
	return (KLDSIM_NOENT);
}

/* --- options --- */

static bool
add_file(void *field, char *value)
{
	struct debug_options *options = field;
	char *path = cut_at_equals(value);

	if (path == NULL)
		return (false);
	options->files = need(realloc(options->files,
	    2 * (options->nfiles + 1) * sizeof(*options->files)));
	options->files[2 * options->nfiles] = value;
	options->files[2 * options->nfiles++ + 1] = path;
	return (true);
}

static bool
set_types(void *field, char *value)
{
	const char **types = field;

	*types = strcmp(value, "auto") != 0 ? value : NULL;
	return (*types == NULL || strcmp(value, "ctf") == 0 ||
	    strcmp(value, "dwarf") == 0);
}

#define FIELD(name) offsetof(struct debug_options, name)

const struct option_row debug_option_rows[DEBUG_OPTION_ROWS] = {
	{ 0, "debug-file", "FILE=PATH", add_file, 0,
	    "PATH has the debug information of FILE; repeatable",
	    "FILE=PATH" },
	{ 0, "debug-root", "DIR", set_text, FIELD(root),
	    "where debug files are (default " DEBUG_ROOT ")", "a folder" },
	{ 0, "types", "FORMAT", set_types, FIELD(types),
	    "read ctf or dwarf alone, or auto: CTF if there is any",
	    "ctf, dwarf or auto" },
};

void
debug_options_free(struct debug_options *options)
{
	free(options->files);
	free(options->here);
}

/* --- what files say --- */

/* .gnu_debuglink: a name, NULs up to a word, a CRC of the file's byte order. */
static void
read_debuglink(const uint8_t *bytes, size_t size, bool big, struct link *link)
{
	const uint8_t *end = memchr(bytes, '\0', size);
	size_t at;

	if (end == NULL || end == bytes || link->name != NULL)
		return;
	at = ((size_t)(end - bytes) + 4) / 4 * 4;
	if (at + 4 > size || memchr(bytes, '/', at) != NULL)
		return;
	link->name = need(strdup((const char *)bytes));
	link->crc = (uint32_t)load_number(bytes + at, 4, big);
}

/* A note of name "GNU" and type 3. */
static void
read_build_id(const uint8_t *bytes, size_t size, bool big, struct link *link)
{
	uint64_t length;

	if (size < 16 || memcmp(bytes + 12, "GNU", 4) != 0 ||
	    load_number(bytes, 4, big) != 4 ||
	    load_number(bytes + 8, 4, big) != 3)
		return;
	length = load_number(bytes + 4, 4, big);
	if (length == 0 || length > ID_MOST || length > size - 16)
		return;
	memcpy(link->id, bytes + 16, (size_t)length);
	link->id_size = (size_t)length;
}

static void
read_section(Elf *elf, Elf_Scn *scn, size_t strings, bool big,
    struct link *link)
{
	const char *name;
	Elf_Data *data;
	GElf_Shdr shdr;

	if (gelf_getshdr(scn, &shdr) == NULL || shdr.sh_type == SHT_NOBITS)
		return;
	name = elf_strptr(elf, strings, shdr.sh_name);
	if (name == NULL || (strcmp(name, ".gnu_debuglink") != 0 &&
	    strcmp(name, ".note.gnu.build-id") != 0))
		return;
	data = elf_rawdata(scn, NULL);
	if (data != NULL && data->d_buf != NULL)
		(name[1] == 'g' ? read_debuglink : read_build_id)(data->d_buf,
		    data->d_size, big, link);
}

static void
read_link(const struct kldsim_image *image, bool big, struct link *link)
{
	Elf_Scn *scn = NULL;
	size_t size, strings;
	const void *bytes = kldsim_image_bytes(image, &size);
	Elf *elf;

	memset(link, 0, sizeof(*link));
	(void)elf_version(EV_CURRENT);
	elf = elf_memory((char *)(uintptr_t)bytes, size);
	if (elf == NULL)
		return;
	if (elf_getshdrstrndx(elf, &strings) == 0)
		while ((scn = elf_nextscn(elf, scn)) != NULL)
			read_section(elf, scn, strings, big, link);
	(void)elf_end(elf);
}

/* --- which file is it? --- */

/* It must be of the same machine, and the same file by its id or its CRC. */
static const char *
why_not(struct search *search, struct kldsim_image *image, bool named)
{
	struct kldsim_image_info info;
	struct link link;
	size_t size;
	const void *bytes = kldsim_image_bytes(image, &size);
	const char *why = NULL;

	kldsim_image_info(image, &info);
	if (info.machine != search->info.machine ||
	    info.word_bits != search->info.word_bits ||
	    info.big_endian != search->info.big_endian)
		return ("a debug file of another machine");
	read_link(image, info.big_endian, &link);
	if (link.id_size != 0 && search->link.id_size != 0) {
		search->known = DEBUG_BUILD_ID;
		if (link.id_size != search->link.id_size ||
		    memcmp(link.id, search->link.id, link.id_size) != 0)
			why = "a debug file of another build (build-id)";
	} else if (search->link.name != NULL && !named) {
		search->known = DEBUG_CRC;
		if (crc32_z(crc32_z(0, NULL, 0), bytes, size) !=
		    search->link.crc)
			why = "a debug file of another build (CRC)";
	} else {
		search->known = DEBUG_NAMED;
	}
	free(link.name);
	return (why);
}

/* One candidate; KLDSIM_OK: search on, or it is found. */
static enum kldsim_status
try(struct search *search, bool named, const char *path)
{
	struct kldsim_image *image;
	struct kldsim_error error;
	enum kldsim_status status;
	const char *why;

	if (search->found != NULL)
		return (KLDSIM_OK);
	status = kldsim_source_image(search->options->source, path, &image,
	    &error);
	if (status == KLDSIM_SYS && !named)
		return (KLDSIM_OK);
	if (status != KLDSIM_OK)
		return (fail(search, "its debug file", error.text));
	why = why_not(search, image, named);
	if (why == NULL) {
		search->found = image;
		return (KLDSIM_OK);
	}
	(void)fail(search, why, path);
	kldsim_image_unref(image);
	return (KLDSIM_NOENT);
}

static enum kldsim_status
try_at(struct search *search, const char *before, const char *between,
    const char *after)
{
	const size_t size = strlen(before) + strlen(between) + strlen(after) +
	    1;
	char *path = need(malloc(size));
	enum kldsim_status status;

	(void)snprintf(path, size, "%s%s%s", before, between, after);
	status = try(search, false, path);
	free(path);
	return (status);
}

/* "xx/rest.debug" of a build-id's bytes. */
static enum kldsim_status
try_build_id(struct search *search, const char *root)
{
	char text[2 * ID_MOST + sizeof("/.debug")];
	int at = 0;

	for (size_t i = 0; i < search->link.id_size; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%02x%s",
		    search->link.id[i], i == 0 ? "/" : "");
	if (at == 0)
		return (KLDSIM_OK);
	(void)snprintf(text + at, sizeof(text) - (size_t)at, ".debug");
	return (try_at(search, root, "/.build-id/", text));
}

/* The folder that a file is in, with a slash at its end. */
static char *
folder_of(const char *path)
{
	char *folder = need(strdup(path));
	char *slash = strrchr(folder, '/');

	if (slash == NULL)
		*folder = '\0';
	else
		slash[1] = '\0';
	return (folder);
}

/* Debug files lie below the root as their files do below "/". */
static enum kldsim_status
try_below(struct search *search, const char *root, const char *own)
{
	const char *here = search->options->here;
	char *path;
	size_t size;
	enum kldsim_status status;

	if (*own == '/')
		return (try_at(search, root, own, search->link.name));
	if (here == NULL)
		return (KLDSIM_OK);
	size = strlen(root) + strlen(here) + strlen(own) + 2;
	path = need(malloc(size));
	(void)snprintf(path, size, "%s%s/%s", root, here, own);
	status = try_at(search, path, "", search->link.name);
	free(path);
	return (status);
}

static enum kldsim_status
try_debuglink(struct search *search, const char *root)
{
	char *own = folder_of(search->info.name);
	const char *name = search->link.name;
	enum kldsim_status status = KLDSIM_OK;

	if (name != NULL) {
		status = try_at(search, own, "", name);
		if (status == KLDSIM_OK)
			status = try_at(search, own, ".debug/", name);
		if (status == KLDSIM_OK)
			status = try_below(search, root, own);
	}
	free(own);
	return (status);
}

/* FILE=PATH: by the file's name as it was given, or the last part of it. */
static const char *
named_for(const struct search *search)
{
	const struct debug_options *options = search->options;
	const char *name = search->info.name, *slash = strrchr(name, '/');

	for (size_t i = 0; i < options->nfiles; i++)
		if (strcmp(options->files[2 * i], name) == 0 ||
		    (slash != NULL && strcmp(options->files[2 * i],
		    slash + 1) == 0))
			return (options->files[2 * i + 1]);
	return (NULL);
}

static enum kldsim_status
look(struct search *search)
{
	const char *root = search->options->root != NULL ?
	    search->options->root : DEBUG_ROOT;
	const char *named = named_for(search);
	enum kldsim_status status;

	if (named != NULL)
		return (try(search, true, named));
	status = try_debuglink(search, root);
	if (status == KLDSIM_OK && search->found == NULL)
		status = try_build_id(search, root);
	if (status != KLDSIM_OK || search->found != NULL)
		return (status);
	if (search->link.name == NULL)
		return (fail(search, "it names no debug file", ""));
	search->known = DEBUG_NAMED;
	return (fail(search, "its debug file is nowhere (--debug-root, "
	    "--debug-file)", search->link.name));
}

enum kldsim_status
debug_file_open(const struct kldsim_image *image,
    const struct debug_options *options, struct kldsim_image **debug_ret,
    enum debug_known *known_ret, struct kldsim_error *error)
{
	struct search search = { .image = image, .options = options,
		.error = error };
	enum kldsim_status status;

	kldsim_image_info(image, &search.info);
	read_link(image, search.info.big_endian, &search.link);
	status = look(&search);
	free(search.link.name);
	*debug_ret = search.found;
	*known_ret = search.known;
	return (status);
}
