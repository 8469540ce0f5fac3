/* SPDX-License-Identifier: BSD-2-Clause */

/* Lines of a script or of a terminal; see lines.h. */

#include "ddb/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef KLDSIM_LIBEDIT
#include "ddb/libedit.h"
#endif
#include "report/output.h"

#define PROMPT "db> "

struct lines {
	FILE *file;
	const char *name;
	char *line;
	size_t cap;
	bool typed;
#ifdef KLDSIM_LIBEDIT
	struct libedit library;
	EditLine *editor; /* NULL: lines are as they come */
	History *history;
#endif
};

#ifdef KLDSIM_LIBEDIT

#define REMEMBERED 200

static char *
prompt(EditLine *editor)
{
	static char text[] = PROMPT;

	(void)editor;
	return (text);
}

static void
open_editor(struct lines *lines)
{
	const struct libedit *library = &lines->library;
	const char *why = libedit_load(&lines->library);
	HistEvent event;

	if (why != NULL) {
		complain("lines cannot be edited: %s", why);
		return;
	}
	lines->editor = library->el_init("kldsim", stdin, stdout, stderr);
	lines->history = library->history_init();
	if (lines->editor == NULL)
		return;
	(void)library->el_set(lines->editor, EL_PROMPT, prompt);
	(void)library->el_set(lines->editor, EL_EDITOR, "emacs");
	(void)library->el_set(lines->editor, EL_SIGNAL, 1);
	if (lines->history != NULL) {
		(void)library->history(lines->history, &event, H_SETSIZE,
		    REMEMBERED);
		(void)library->el_set(lines->editor, EL_HIST,
		    library->history, lines->history);
	}
	(void)library->el_source(lines->editor, NULL);
}

static void
close_editor(struct lines *lines)
{
	if (lines->history != NULL)
		lines->library.history_end(lines->history);
	if (lines->editor != NULL)
		lines->library.el_end(lines->editor);
}

static const char *
edit(struct lines *lines, size_t *size_ret)
{
	HistEvent event;
	int count = 0;
	const char *line = lines->library.el_gets(lines->editor, &count);

	if (line == NULL || count <= 0)
		return (NULL);
	/* An empty one repeats what was typed before it. */
	if (count > 1 && lines->history != NULL)
		(void)lines->library.history(lines->history, &event, H_ENTER,
		    line);
	*size_ret = (size_t)count;
	return (line);
}

#endif

struct lines *
lines_open(const char *path)
{
	struct lines *lines = need(calloc(1, sizeof(*lines)));
	const bool standard = path == NULL || strcmp(path, "-") == 0;

	lines->file = standard ? stdin : fopen(path, "r");
	lines->name = standard ? "standard input" : path;
	if (lines->file == NULL) {
		complain("%s: %s", path, strerror(errno));
		free(lines);
		return (NULL);
	}
	lines->typed = standard && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
#ifdef KLDSIM_LIBEDIT
	if (lines->typed)
		open_editor(lines);
#endif
	return (lines);
}

void
lines_close(struct lines *lines)
{
#ifdef KLDSIM_LIBEDIT
	close_editor(lines);
#endif
	if (lines->file != stdin)
		(void)fclose(lines->file);
	free(lines->line);
	free(lines);
}

bool
lines_typed(const struct lines *lines)
{
	return (lines->typed);
}

const char *
lines_next(struct lines *lines, size_t *size_ret, bool *failed)
{
	ssize_t size;

	*failed = false;
#ifdef KLDSIM_LIBEDIT
	if (lines->editor != NULL)
		return (edit(lines, size_ret));
#endif
	if (lines->typed) {
		put(stdout, "%s", PROMPT);
		(void)fflush(stdout);
	}
	errno = 0;
	size = getline(&lines->line, &lines->cap, lines->file);
	if (size >= 0) {
		*size_ret = (size_t)size;
		return (lines->line);
	}
	*failed = ferror(lines->file) != 0 || errno == ENOMEM;
	if (*failed)
		complain("%s: %s", lines->name, strerror(errno));
	return (NULL);
}
