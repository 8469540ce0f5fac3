/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rc.conf(5) (P-31) as far as it consists of assignments: it is a program of sh(1), of
 * which other lines are passed over.  Words have quotes, backslashes, $NAME and
 * ${NAME}.
 */

#include "check/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reading {
	struct kldsim__settings *settings;
	const char *file;
	const char *at, *end;
	unsigned line;
	/* The word that is being read. */
	char word[KLDSIM__SETTINGS_VALUE];
	size_t length;
	bool wrong; /* more than a value: a command, an arithmetic, ... */
	bool open;  /* a quote of it has no end */
};

static bool
is_name(int c, bool first)
{
	return (c == '_' || isalpha((unsigned char)c) ||
	    (!first && isdigit((unsigned char)c)));
}

static bool
at(const struct reading *reading, char c)
{
	return (reading->at < reading->end && *reading->at == c);
}

static void
add_text(struct reading *reading, const char *text, size_t length)
{
	if (length > sizeof(reading->word) - reading->length) {
		reading->wrong = true;
		return;
	}
	memcpy(reading->word + reading->length, text, length);
	reading->length += length;
}

static void
take(struct reading *reading)
{
	reading->line += *reading->at == '\n';
	add_text(reading, reading->at++, 1);
}

/* At a '$': a variable; anything else that begins so makes the word wrong. */
static void
expand(struct reading *reading)
{
	const char *name = ++reading->at;
	char text[256];
	size_t length = 0;
	const bool braces = at(reading, '{');

	name += braces;
	while (name + length < reading->end && length < sizeof(text) - 1 &&
	    is_name(name[length], length == 0))
		length++;
	memcpy(text, name, length);
	text[length] = '\0';
	if (length == 0 || (braces && (name + length == reading->end ||
	    name[length] != '}'))) {
		reading->wrong = true;
		return;
	}
	reading->at = name + length + braces;
	name = kldsim__settings_get(reading->settings, text, "");
	add_text(reading, name, strlen(name));
}

static void
close_quote(struct reading *reading, char quote)
{
	if (at(reading, quote))
		reading->at++;
	else
		reading->open = true;
}

/* Within double quotes, behind the first one. */
static void
quoted(struct reading *reading)
{
	while (reading->at < reading->end && *reading->at != '"') {
		if (*reading->at == '`')
			reading->wrong = true;
		if (*reading->at == '$') {
			expand(reading);
			continue;
		}
		if (*reading->at == '\\' && reading->at + 1 < reading->end &&
		    strchr("$`\"\\\n", reading->at[1]) != NULL) {
			reading->at++;
			if (*reading->at == '\n') {
				reading->line++;
				reading->at++;
				continue;
			}
		}
		take(reading);
	}
	close_quote(reading, '"');
}

/* One piece of a word: quoted in either way, a backslash, or a character. */
static void
piece(struct reading *reading)
{
	const char c = *reading->at;

	if (c == '"') {
		reading->at++;
		quoted(reading);
	} else if (c == '\'') {
		for (reading->at++; reading->at < reading->end &&
		    *reading->at != '\'';)
			take(reading);
		close_quote(reading, '\'');
	} else if (c == '$')
		expand(reading);
	else if (c == '\\' && reading->at + 1 < reading->end) {
		reading->at++;
		if (!at(reading, '\n'))
			take(reading);
		else {
			reading->line++;
			reading->at++;
		}
	} else {
		reading->wrong = reading->wrong || strchr("`()<>|&", c) !=
		    NULL;
		take(reading);
	}
}

/* Up to a blank, a ';' or the end of the line. */
static void
word(struct reading *reading)
{
	reading->length = 0;
	reading->wrong = reading->open = false;
	while (reading->at < reading->end && *reading->at != '\0' &&
	    strchr(" \t\n;", *reading->at) == NULL)
		piece(reading);
}

/* What follows is not understood, up to the end of the line. */
static void
skip_line(struct reading *reading)
{
	const size_t left = (size_t)(reading->end - reading->at);
	const char *end = memchr(reading->at, '\n', left);

	if (end == NULL)
		end = reading->end;
	for (const char *p = reading->at; p + 8 <= end; p++)
		if (memcmp(p, "kld_list", 8) == 0) {
			kldsim__settings_remark(reading->settings,
			    "%.200s:%u: a line with kld_list that is more "
			    "than an assignment is not played",
			    reading->file, reading->line);
			break;
		}
	reading->at = end;
}

/* Something that is not blank. */
static void
command(struct reading *reading)
{
	const char *name = reading->at, *equals = name;
	const unsigned line = reading->line;

	while (equals < reading->end && is_name(*equals, equals == name))
		equals++;
	if (*name == '#' || equals == name || equals == reading->end ||
	    *equals != '=') {
		if (*name == '#') {
			const char *end = memchr(name, '\n',
			    (size_t)(reading->end - name));

			reading->at = end != NULL ? end : reading->end;
		} else
			skip_line(reading);
		return;
	}
	reading->at = equals + 1;
	word(reading);
	if (reading->open)
		kldsim__settings_remark(reading->settings, "%.200s:%u: a "
		    "quote has no end: sh(1) gives up here", reading->file,
		    line);
	else if (!reading->wrong)
		kldsim__settings_set(reading->settings, name,
		    (size_t)(equals - name), reading->word, reading->length,
		    reading->file, line);
	else {
		reading->at = name;
		reading->line = line;
		skip_line(reading);
	}
}

static void
read_file(struct kldsim__settings *settings, const char *path)
{
	struct reading reading = { .settings = settings, .file = path,
		.line = 1 };
	const char *text;
	size_t size;
	struct kldsim_image *image = kldsim__settings_open(settings, path,
	    &text, &size);

	if (image == NULL)
		return;
	reading.at = text;
	reading.end = text + size;
	while (reading.at < reading.end) {
		if (strchr(" \t\n;", *reading.at) == NULL ||
		    *reading.at == '\0') {
			command(&reading);
			if (reading.at < reading.end && *reading.at == '\0')
				reading.at++; /* no text has one */
			continue;
		}
		reading.line += *reading.at++ == '\n';
	}
	kldsim_image_unref(image);
}

/* Names between blanks. */
static void
read_files(struct kldsim__settings *settings, const char *names)
{
	while (*names != '\0') {
		const size_t length = strcspn(names, " \t\n");
		const char *path = kldsim__arena_strndup(settings->arena,
		    names, length);

		if (path == NULL)
			settings->no_memory = true;
		else if (length != 0)
			read_file(settings, path);
		names += length;
		names += strspn(names, " \t\n");
	}
}

/* --- what is kld's alone --- */

struct folder {
	struct kldsim__settings *settings;
	const char *path;
	const char **files;
	size_t count, cap;
};

/* What the shell makes of FOLDER and a "*" behind it. */
static bool
visit(void *user, const struct kldsim_source_file *file)
{
	struct folder *folder = user;
	struct kldsim__settings *settings = folder->settings;
	const size_t size = strlen(folder->path) + strlen(file->name) + 2;
	char *path;

	if (file->name[0] == '.')
		return (true);
	path = kldsim__arena_alloc(settings->arena, size);
	if (path == NULL || !kldsim__grow(settings->alloc, &folder->files,
	    &folder->cap, folder->count + 1, sizeof(*folder->files))) {
		settings->no_memory = true;
		return (false);
	}
	(void)snprintf(path, size, "%s/%s", folder->path, file->name);
	folder->files[folder->count++] = path;
	return (folder->count < KLDSIM__SETTINGS_FILES);
}

/* Its files, by name, and nothing of its folders. */
static void
read_folder(struct kldsim__settings *settings, const char *path)
{
	struct folder folder = { .settings = settings, .path = path };
	struct kldsim_source_file file;

	if (kldsim_source_list(settings->source, path, visit, &folder,
	    NULL) == KLDSIM_NOMEM)
		settings->no_memory = true;
	for (size_t i = 0; i < folder.count && !settings->no_memory; i++)
		if (kldsim_source_stat(settings->source, folder.files[i],
		    &file, NULL) == KLDSIM_OK &&
		    file.type == KLDSIM_SOURCE_FILE)
			read_file(settings, folder.files[i]);
	kldsim__free(settings->alloc, folder.files);
}

/* DIR/rc.conf.d/kld, a file or a folder of such. */
static void
read_kld(struct kldsim__settings *settings, const char *dir, size_t length)
{
	struct kldsim_source_file file;
	char path[1024];

	if (snprintf(path, sizeof(path), "%.*s/rc.conf.d/kld", (int)length,
	    dir) >= (int)sizeof(path))
		return;
	if (kldsim_source_stat(settings->source, path, &file, NULL) ==
	    KLDSIM_OK && file.type == KLDSIM_SOURCE_FOLDER)
		read_folder(settings, path);
	else
		read_file(settings, path);
}

/* load_rc_config kld: /etc, and each folder of local_startup without its rc.d. */
static void
load_rc_config(struct kldsim__settings *settings)
{
	static const char rc_d[] = "/rc.d";
	const size_t end = strlen(rc_d);
	const char *dir = kldsim__settings_get(settings, "local_startup",
	    "/usr/local/etc/rc.d");

	read_kld(settings, "/etc", strlen("/etc"));
	while (*dir != '\0') {
		size_t length = strcspn(dir, " \t\n");
		const char *next = dir + length + strspn(dir + length, " \t\n");

		if (length >= end && strncmp(dir + length - end, rc_d,
		    end) == 0)
			length -= end;
		if (length != 0)
			read_kld(settings, dir, length);
		dir = next;
	}
}

void
kldsim__rc_conf(struct kldsim__settings *settings)
{
	read_file(settings, "/etc/defaults/rc.conf");
	read_files(settings, kldsim__settings_get(settings, "rc_conf_files",
	    "/etc/rc.conf /etc/rc.conf.local"));
	load_rc_config(settings);
}
