/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * rc.conf(5) (P-31) as far as it consists of assignments: it is a program of sh(1), of
 * which other lines are passed over, and all that is within if, case, a loop or a
 * function.  Words have quotes, backslashes, $NAME and ${NAME}.
 */

#include "check/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* One shell reads all files. */
struct shell {
	struct kldsim__settings *settings;
	struct kldsim__strmap passed; /* names that commands may have set */
};

struct reading {
	struct shell *shell;
	struct kldsim__settings *settings; /* the shell's */
	const char *file;
	const char *at, *end;
	unsigned line;
	unsigned depth; /* of commands that have not ended yet */
	/* The word that is being read. */
	char word[KLDSIM__SETTINGS_VALUE];
	size_t length;
	bool wrong; /* more than a value: a command, an arithmetic, ... */
	bool open;  /* a quote of it has no end */
	bool doubtful; /* it has a variable that was passed over */
};

#define LIST "kld_list"

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
	uint32_t ignored;

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
	reading->doubtful = reading->doubtful ||
	    kldsim__strmap_get(&reading->shell->passed, text, &ignored);
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
	reading->wrong = reading->open = reading->doubtful = false;
	while (reading->at < reading->end && *reading->at != '\0' &&
	    strchr(" \t\n;", *reading->at) == NULL)
		piece(reading);
}

/* --- what is passed over --- */

/* What begins or ends a command of many lines, and whether one follows at once. */
static const struct keyword {
	const char *name;
	int deeper;
	bool before;
} keywords[] = {
	{ "if", 1, true }, { "while", 1, true }, { "until", 1, true },
	{ "{", 1, true }, { "for", 1, false }, { "case", 1, false },
	{ "then", 0, true }, { "do", 0, true }, { "else", 0, true },
	{ "elif", 0, true }, { "!", 0, true }, { "fi", -1, false },
	{ "done", -1, false }, { "esac", -1, false }, { "}", -1, false },
};

static const struct keyword *
find_keyword(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strlen(keywords[i].name) == length &&
		    memcmp(keywords[i].name, word, length) == 0)
			return (&keywords[i]);
	return (NULL);
}

/* A variable of that name may have another value than is known here. */
static void
pass(struct reading *reading, const char *name, size_t length)
{
	struct kldsim__settings *settings = reading->settings;
	const char *copy = kldsim__arena_strndup(settings->arena, name,
	    length);

	if (copy == NULL || !kldsim__strmap_add(&reading->shell->passed, copy,
	    0))
		settings->no_memory = true;
}

/* A word of this line, with its quotes, and what it assigns to. */
static size_t
pass_word(struct reading *reading, const char *word, const char *end)
{
	const char *at = word;
	char quote = '\0';

	while (at < end && is_name(*at, at == word))
		at++;
	if (at != word && at < end && *at == '=')
		pass(reading, word, (size_t)(at - word));
	for (at = word; at < end && (quote != '\0' ||
	    strchr(" \t;&|", *at) == NULL); at++) {
		if (*at == '\\' && quote != '\'' && at + 1 < end)
			at++;
		else if (quote == *at)
			quote = '\0';
		else if (quote == '\0' && (*at == '"' || *at == '\''))
			quote = *at;
	}
	return ((size_t)(at - word));
}

/* To the end of the line, of a command of many lines, or to a comment. */
static const char *
pass_line(struct reading *reading, const char *at, const char *end)
{
	bool first = true; /* a command may begin here */

	while (at < end && *at != '#') {
		const struct keyword *keyword = NULL;
		size_t length;

		if (strchr(" \t;&|", *at) != NULL) {
			first = first || (*at != ' ' && *at != '\t');
			at++;
			continue;
		}
		length = pass_word(reading, at, end);
		if (first)
			keyword = find_keyword(at, length);
		at += length;
		first = at[-1] == ')' || (keyword != NULL && keyword->before);
		if (keyword == NULL || (keyword->deeper < 0 &&
		    reading->depth == 0))
			continue;
		reading->depth += (unsigned)keyword->deeper;
		if (keyword->deeper < 0 && reading->depth == 0)
			break;
	}
	return (at);
}

static const char *
end_of_line(const struct reading *reading)
{
	const char *end = memchr(reading->at, '\n',
	    (size_t)(reading->end - reading->at));

	return (end != NULL ? end : reading->end);
}

/* What follows is not played, up to the end of the line or of its command. */
static void
skip_line(struct reading *reading)
{
	const bool within = reading->depth != 0;
	const char *from = reading->at;

	reading->at = pass_line(reading, from, end_of_line(reading));
	for (; from + strlen(LIST) <= reading->at; from++)
		if (memcmp(from, LIST, strlen(LIST)) == 0) {
			kldsim__settings_remark(reading->settings,
			    "%.200s:%u: a line with kld_list %s is not played",
			    reading->file, reading->line, within ?
			    "within a command (if, case, a loop, a function)" :
			    "that is more than an assignment");
			break;
		}
}

/* --- what is played --- */

/* name[0, length) is given the word that was read. */
static void
assign(struct reading *reading, const char *name, size_t length,
    unsigned line)
{
	kldsim__settings_set(reading->settings, name, length, reading->word,
	    reading->length, reading->file, line);
	if (!reading->doubtful)
		return;
	if (length == strlen(LIST) && memcmp(name, LIST, length) == 0)
		kldsim__settings_remark(reading->settings, "%.200s:%u: "
		    "kld_list has a variable that a command may set, which is "
		    "not run here", reading->file, line);
	else
		pass(reading, name, length);
}

/* Something that is not blank. */
static void
command(struct reading *reading)
{
	const char *name = reading->at, *equals = name;
	const unsigned line = reading->line;

	while (equals < reading->end && is_name(*equals, equals == name))
		equals++;
	if (*name == '#') {
		reading->at = end_of_line(reading);
		return;
	}
	if (reading->depth != 0 || equals == name || equals == reading->end ||
	    *equals != '=') {
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
		assign(reading, name, (size_t)(equals - name), line);
	else {
		reading->at = name;
		reading->line = line;
		skip_line(reading);
	}
}

static void
read_file(struct shell *shell, const char *path)
{
	struct reading reading = { .shell = shell, .settings =
		shell->settings, .file = path, .line = 1 };
	const char *text;
	size_t size;
	struct kldsim_image *image = kldsim__settings_open(shell->settings,
	    path, &text, &size);

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
read_files(struct shell *shell, const char *names)
{
	struct kldsim__settings *settings = shell->settings;

	while (*names != '\0') {
		const size_t length = strcspn(names, " \t\n");
		const char *path = kldsim__arena_strndup(settings->arena,
		    names, length);

		if (path == NULL)
			settings->no_memory = true;
		else if (length != 0)
			read_file(shell, path);
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
read_folder(struct shell *shell, const char *path)
{
	struct kldsim__settings *settings = shell->settings;
	struct folder folder = { .settings = settings, .path = path };
	struct kldsim_source_file file;

	if (kldsim_source_list(settings->source, path, visit, &folder,
	    NULL) == KLDSIM_NOMEM)
		settings->no_memory = true;
	for (size_t i = 0; i < folder.count && !settings->no_memory; i++)
		if (kldsim_source_stat(settings->source, folder.files[i],
		    &file, NULL) == KLDSIM_OK &&
		    file.type == KLDSIM_SOURCE_FILE)
			read_file(shell, folder.files[i]);
	kldsim__free(settings->alloc, folder.files);
}

/* DIR/rc.conf.d/kld, a file or a folder of such. */
static void
read_kld(struct shell *shell, const char *dir, size_t length)
{
	struct kldsim_source_file file;
	char path[1024];

	if (snprintf(path, sizeof(path), "%.*s/rc.conf.d/kld", (int)length,
	    dir) >= (int)sizeof(path))
		return;
	if (kldsim_source_stat(shell->settings->source, path, &file, NULL) ==
	    KLDSIM_OK && file.type == KLDSIM_SOURCE_FOLDER)
		read_folder(shell, path);
	else
		read_file(shell, path);
}

/* load_rc_config kld: /etc, and each folder of local_startup without its rc.d. */
static void
load_rc_config(struct shell *shell)
{
	static const char rc_d[] = "/rc.d";
	const size_t end = strlen(rc_d);
	const char *dir = kldsim__settings_get(shell->settings,
	    "local_startup", "/usr/local/etc/rc.d");

	read_kld(shell, "/etc", strlen("/etc"));
	while (*dir != '\0') {
		size_t length = strcspn(dir, " \t\n");
		const char *next = dir + length + strspn(dir + length, " \t\n");

		if (length >= end && strncmp(dir + length - end, rc_d,
		    end) == 0)
			length -= end;
		if (length != 0)
			read_kld(shell, dir, length);
		dir = next;
	}
}

void
kldsim__rc_conf(struct kldsim__settings *settings)
{
	struct shell shell = { .settings = settings };

	kldsim__strmap_init(&shell.passed, settings->alloc);
	read_file(&shell, "/etc/defaults/rc.conf");
	read_files(&shell, kldsim__settings_get(settings, "rc_conf_files",
	    "/etc/rc.conf /etc/rc.conf.local"));
	load_rc_config(&shell);
	kldsim__strmap_fini(&shell.passed);
}
