/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * loader.conf(5) as config.readConf() and config.parse() of stand/lua/config.lua
 * read it (P-30): a line is a comment or one assignment, whose value is in double
 * quotes or a word.
 */

#include "check/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reading {
	struct kldsim__settings *settings;
	struct kldsim__strmap seen; /* files */
	const char **waiting;       /* a stack of files to read */
	size_t count, cap;
	/* The line that is being read. */
	const char *file;
	unsigned line;
};

/* What belongs to a module, behind its name; such values are taken as they are. */
static const char *const keys[] = { "_load", "_name", "_type", "_flags",
	"_before", "_after", "_error" };

static bool
is_word(int c, const char *more)
{
	return (isalnum((unsigned char)c) || (c != '\0' &&
	    strchr(more, c) != NULL));
}

static size_t
blanks(const char *text, size_t length)
{
	size_t i = 0;

	while (i < length && isspace((unsigned char)text[i]))
		i++;
	return (i);
}

static bool
is_comment(const char *text, size_t length)
{
	const size_t at = blanks(text, length);

	return (at == length || text[at] == '#');
}

/* foo_load and its relatives: letters, digits, '-' and '_' alone. */
static bool
is_of_module(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_word(name[i], "-_"))
			return (false);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const size_t end = strlen(keys[i]);

		if (length > end && memcmp(name + length - end, keys[i],
		    end) == 0)
			return (true);
	}
	return (false);
}

/* --- values --- */

struct value {
	char text[KLDSIM__SETTINGS_VALUE];
	size_t length;
	const char *wrong; /* NULL: it makes sense */
};

static void
add_text(struct value *value, const char *text, size_t length)
{
	if (length > sizeof(value->text) - value->length) {
		value->wrong = "its value is too long";
		return;
	}
	memcpy(value->text + value->length, text, length);
	value->length += length;
}

/* $NAME or ${NAME}; gives the bytes that it takes. */
static size_t
expand(const struct reading *reading, const char *text, size_t length,
    struct value *value)
{
	const bool braces = length > 1 && text[1] == '{';
	const size_t first = braces ? 2 : 1;
	char name[256];
	size_t end = first;
	const char *is;

	while (end < length && (braces ? text[end] != '}' :
	    is_word(text[end], "-_.")))
		end++;
	if (end == first || end - first >= sizeof(name) ||
	    (braces && end == length)) {
		value->wrong = "there is a $ without a name";
		return (length);
	}
	memcpy(name, text + first, end - first);
	name[end - first] = '\0';
	is = kldsim__settings_get(reading->settings, name, "");
	add_text(value, is, strlen(is));
	return (end + braces);
}

/* processEnvVar(): backslashes and variables. */
static void
evaluate(const struct reading *reading, const char *text, size_t length,
    struct value *value)
{
	value->length = 0;
	value->wrong = NULL;
	for (size_t i = 0; i < length && value->wrong == NULL;) {
		if (text[i] == '"')
			value->wrong = "there is a quote within its value";
		else if (text[i] == '\\' && i + 1 == length)
			value->wrong = "a backslash ends its value";
		else if (text[i] == '\\') {
			add_text(value, &text[i + 1], 1);
			i += 2;
		} else if (text[i] == '$')
			i += expand(reading, text + i, length - i, value);
		else
			add_text(value, &text[i++], 1);
	}
}

/* --- lines --- */

static void
assign(struct reading *reading, const char *name, size_t name_length,
    const char *text, size_t length)
{
	struct kldsim__settings *settings = reading->settings;
	struct value value;

	if (is_of_module(name, name_length)) {
		if (length < KLDSIM__SETTINGS_VALUE)
			kldsim__settings_set(settings, name, name_length, text,
			    length, reading->file, reading->line);
		return;
	}
	evaluate(reading, text, length, &value);
	if (value.wrong != NULL)
		kldsim__settings_remark(settings, "%.200s:%u: %.*s is not "
		    "set: %s", reading->file, reading->line,
		    name_length > 60 ? 60 : (int)name_length, name,
		    value.wrong);
	else
		kldsim__settings_set(settings, name, name_length, value.text,
		    value.length, reading->file, reading->line);
}

/*
 * The value of a line: what is between the first and the last quote, or a word.
 * What is behind it has to be a comment.
 */
static bool
find_value(const char *text, size_t length, size_t *start_ret,
    size_t *length_ret)
{
	size_t end = length, rest;

	if (length != 0 && text[0] == '"') {
		while (end > 1 && text[end - 1] != '"')
			end--;
		if (end > 1) {
			*start_ret = 1;
			*length_ret = end - 2;
			return (is_comment(text + end, length - end));
		}
	}
	for (rest = 0; rest < length && is_word(text[rest], rest == 0 ? "-" :
	    "-_."); rest++)
		continue;
	*start_ret = 0;
	*length_ret = rest;
	return (rest != 0 && is_comment(text + rest, length - rest));
}

/* False: nobody understands it. */
static bool
read_line(struct reading *reading, const char *text, size_t length)
{
	size_t at = blanks(text, length), name = at, value, size;

	if (is_comment(text, length))
		return (true);
	while (at < length && is_word(text[at], "-_."))
		at++;
	size = at - name;
	at += blanks(text + at, length - at);
	if (size == 0 || at == length || text[at] != '=')
		return (false);
	at++;
	at += blanks(text + at, length - at);
	text += at;
	length -= at;
	if (!find_value(text, length, &value, &length))
		return (false);
	/* exec= runs a command of the loader's, and sets nothing. */
	if (size != 4 || memcmp(text - at + name, "exec", 4) != 0)
		assign(reading, text - at + name, size, text + value, length);
	return (true);
}

static void
read_text(struct reading *reading, const char *text, size_t size)
{
	reading->line = 0;
	while (size != 0) {
		const char *end = memchr(text, '\n', size);
		const size_t length = end != NULL ? (size_t)(end - text) :
		    size;

		reading->line++;
		if (!read_line(reading, text, length))
			kldsim__settings_remark(reading->settings,
			    "%.200s:%u: the boot loader does not understand "
			    "this line: %.*s", reading->file, reading->line,
			    length > 100 ? 100 : (int)length, text);
		text += length + (end != NULL);
		size -= length + (end != NULL);
	}
}

/* --- files --- */

static void
push(struct reading *reading, const char *path, size_t length)
{
	struct kldsim__settings *settings = reading->settings;
	const char *copy = kldsim__arena_strndup(settings->arena, path,
	    length);

	if (copy == NULL || !kldsim__grow(settings->alloc, &reading->waiting,
	    &reading->cap, reading->count + 1, sizeof(*reading->waiting)))
		settings->no_memory = true;
	else
		reading->waiting[reading->count++] = copy;
}

/* Names in a value, the last one first: the first one will be on top. */
static void
push_names(struct reading *reading, const char *names)
{
	size_t end = strlen(names);

	while (end != 0) {
		size_t start;

		while (end != 0 && isspace((unsigned char)names[end - 1]))
			end--;
		for (start = end; start != 0 &&
		    !isspace((unsigned char)names[start - 1]); start--)
			continue;
		if (start != end)
			push(reading, names + start, end - start);
		end = start;
	}
}

/* A file, and those that it names in loader_conf_files behind it. */
static void
read_file(struct reading *reading, const char *path)
{
	struct kldsim__settings *settings = reading->settings;
	struct kldsim_image *image;
	const char *text;
	uint32_t ignored;
	size_t size;

	if (kldsim__strmap_get(&reading->seen, path, &ignored))
		return;
	if (!kldsim__strmap_add(&reading->seen, path, 0)) {
		settings->no_memory = true;
		return;
	}
	kldsim__settings_set(settings, "loader_conf_files",
	    strlen("loader_conf_files"), "", 0, path, 0);
	image = kldsim__settings_open(settings, path, &text, &size);
	if (image == NULL)
		return;
	reading->file = path;
	read_text(reading, text, size);
	kldsim_image_unref(image);
	push_names(reading, kldsim__settings_get(settings,
	    "loader_conf_files", ""));
}

static void
read_all(struct reading *reading)
{
	while (reading->count != 0 && !reading->settings->no_memory)
		read_file(reading, reading->waiting[--reading->count]);
}

struct folder {
	struct reading *reading;
	const char *path;
	size_t first; /* of the stack */
};

static bool
visit(void *user, const struct kldsim_source_file *file)
{
	const struct folder *folder = user;
	const size_t length = strlen(file->name);
	char path[1024];

	/* Its pattern is ".conf$": any character will do for the dot. */
	if (length < 5 || strcmp(file->name + length - 4, "conf") != 0 ||
	    file->type == KLDSIM_SOURCE_FOLDER ||
	    snprintf(path, sizeof(path), "%s/%s", folder->path, file->name) >=
	    (int)sizeof(path))
		return (true);
	push(folder->reading, path, strlen(path));
	return (folder->reading->count - folder->first <
	    KLDSIM__SETTINGS_FILES);
}

/*
 * FIDELITY: the boot loader reads them in the order in which they lie in their
 * folder, which an image of the host does not have; here by name.
 */
static void
read_folder(struct reading *reading, const char *path)
{
	struct folder folder = { reading, path, reading->count };

	if (kldsim_source_list(reading->settings->source, path, visit,
	    &folder, NULL) == KLDSIM_NOMEM)
		reading->settings->no_memory = true;
	for (size_t i = 0; i < reading->count / 2; i++) {
		const char *other = reading->waiting[i];

		reading->waiting[i] =
		    reading->waiting[reading->count - 1 - i];
		reading->waiting[reading->count - 1 - i] = other;
	}
	read_all(reading);
}

/* Each folder when all files are read; what they name is on the stack by then. */
static void
read_folders(struct reading *reading)
{
	const char *names = kldsim__settings_get(reading->settings,
	    "loader_conf_dirs", "");

	while (*names != '\0') {
		const size_t length = strcspn(names, " \t\n");
		char path[1024];

		if (length != 0 && length < sizeof(path)) {
			memcpy(path, names, length);
			path[length] = '\0';
			read_folder(reading, path);
		}
		names += length;
		names += strspn(names, " \t\n");
	}
}

/* checkNextboot(): once, by nextboot(8). */
static void
read_nextboot(struct reading *reading)
{
	struct kldsim__settings *settings = reading->settings;
	const char *path = kldsim__settings_get(settings, "nextboot_conf",
	    NULL);
	static const char no[] = "nextboot_enable=\"NO\"";
	struct kldsim_image *image;
	const char *text;
	size_t size;

	if (path == NULL || (image = kldsim__settings_open(settings, path,
	    &text, &size)) == NULL)
		return;
	reading->file = path;
	if (size < strlen(no) || memcmp(text, no, strlen(no)) != 0)
		read_text(reading, text, size);
	kldsim_image_unref(image);
}

void
kldsim__loader_conf(struct kldsim__settings *settings)
{
	static const char *const programs[] = { "/boot/loader.conf.lua",
		"/boot/lua/local.lua", "/boot/loader.rc.local" };
	struct reading reading = { .settings = settings };
	struct kldsim_source_file file;

	kldsim__strmap_init(&reading.seen, settings->alloc);
	push_names(&reading, "/boot/defaults/loader.conf");
	read_all(&reading);
	if (settings->files == 0)
		kldsim__settings_remark(settings, "there is no "
		    "/boot/defaults/loader.conf: the boot loader reads no "
		    "other loader.conf either");
	read_folders(&reading);
	read_nextboot(&reading);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (kldsim_source_stat(settings->source, programs[i], &file,
		    NULL) == KLDSIM_OK)
			kldsim__settings_remark(settings, "%s is a program, "
			    "which is not run here", programs[i]);
	kldsim__strmap_fini(&reading.seen);
	kldsim__free(settings->alloc, reading.waiting);
}
