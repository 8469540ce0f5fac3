/* SPDX-License-Identifier: BSD-2-Clause */

/* What a scenario says, and where. */

#include <stdarg.h>
#include <stdlib.h>

#include "run/run.h"

/* Make the text and write it, escaped; tabs that begin the format stay. */
static void
put_list(const struct run *run, const char *end, const char *format,
    va_list args)
{
	char *text;

	if (run->options->verbosity <= QUIET && run->json == NULL)
		return;
	for (; *format == '\t'; format++)
		putc('\t', run->out);
	text = text_of_list(format, args);
	put(run->out, "%s", text);
	fputs(end, run->out);
	free(text);
}

void
say(const struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_list(run, "\n", format, args);
	va_end(args);
}

void
say_part(const struct run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_list(run, "", format, args);
	va_end(args);
}

int
refuse(struct run *run, int error, const char *format, ...)
{
	va_list args;

	free(run->reason);
	va_start(args, format);
	run->reason = text_of_list(format, args);
	va_end(args);
	return (error);
}

void
complain_line(const struct run *run, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of_list(format, args);
	va_end(args);
	(void)fflush(run->out); /* in the order in which it came */
	put_line(stderr, "%s:%lu: %s", run->script.name, run->line, text);
	if (run->json != NULL)
		run_json_message(run->json, text);
	free(text);
}

int
complain_usage(const struct run *run, const struct run_command *command)
{
	complain_line(run, "usage: %s", command->usage);
	return (RUN_USAGE);
}

int
complain_host(const struct run *run, const struct kldsim_error *error)
{
	complain_line(run, "%s", error->text);
	if (run->json != NULL)
		run_json_failed(run->json, error);
	return (RUN_HOST);
}

struct run_mark
mark_now(const struct run *run)
{
	struct run_mark mark = {
		.console = kldsim_console_count(run->sim),
		.findings = kldsim_finding_count(run->sim),
		.events = kldsim_event_count(run->sim),
	};

	return (mark);
}
