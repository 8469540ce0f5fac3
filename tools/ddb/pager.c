/* SPDX-License-Identifier: BSD-2-Clause */

/* A page, and a key; see pager.h. */

#include "ddb/pager.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "report/output.h"

/* One key, without an echo or a newline after it; 'q' when there are no more. */
static char
read_key(void)
{
	struct termios old, raw;
	const bool terminal = tcgetattr(STDIN_FILENO, &old) == 0;
	char key;

	if (terminal) {
		raw = old;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	if (read(STDIN_FILENO, &key, 1) != 1)
		key = 'q';
	if (terminal)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &old);
	return (key);
}

/* How many lines come before the next pause; 0: none at all. */
static int64_t
ask(int64_t page)
{
	int64_t lines = -1;

	(void)fputs("--More--\r", stdout);
	(void)fflush(stdout);
	while (lines < 0) {
		switch (read_key()) {
		case 'e': case 'j': case '\n':
			lines = 1;
			break;
		case 'd':
			lines = page / 2;
			break;
		case 'f': case ' ':
			lines = page;
			break;
		case 'q': case 'Q': case 'x': case 'X':
			lines = 0;
			break;
		default:
			break;
		}
	}
	(void)fputs("        \r", stdout);
	return (lines);
}

void
pager_write(const char *text, size_t size, int64_t lines)
{
	int64_t left = lines;

	while (size != 0) {
		const char *end = memchr(text, '\n', size);
		const size_t length = end == NULL ? size :
		    (size_t)(end - text);

		put_line(stdout, "%.*s", (int)length, text);
		text += length + (end != NULL);
		size -= length + (end != NULL);
		if (lines <= 0 || size == 0 || --left > 0)
			continue;
		left = ask(lines);
		if (left == 0)
			return;
	}
}
