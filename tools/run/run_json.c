/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A scenario for programs; docs/kldsim.run.schema.json describes it.  What the
 * commands say goes to memory instead of standard output, and becomes lines.
 */

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "report/report_json.h"
#include "run/run.h"

struct run_json {
	FILE *said;       /* what the transcript is written to */
	char *text;
	size_t size;
	size_t used;      /* of it, by the commands before */
	json_t *commands;
	json_t *messages; /* of the command that is being played */
	json_t *error;    /* why the host has failed, or null */
};

void
run_json_begin(struct run *run)
{
	struct run_json *json = need(calloc(1, sizeof(*json)));

	json->said = need(open_memstream(&json->text, &json->size));
	json->commands = json_make("[]");
	json->messages = json_make("[]");
	json->error = json_null();
	run->out = json->said;
	run->json = json;
}

void
run_json_message(struct run_json *json, const char *text)
{
	json_append(json->messages, json_text(text));
}

void
run_json_failed(struct run_json *json, const struct kldsim_error *error)
{
	json_decref(json->error);
	json->error = report_json_error(error, NULL, error->text);
}

/* The lines since the last command; they are escaped already. */
static json_t *
output(struct run_json *json)
{
	json_t *lines = json_make("[]");
	const char *at, *end;

	if (fflush(json->said) != 0)
		(void)need(NULL);
	for (at = json->text + json->used; (end = strchr(at, '\n')) != NULL;
	    at = end + 1)
		json_append(lines, json_stringn(at, (size_t)(end - at)));
	json->used = (size_t)(at - json->text);
	return (lines);
}

/* The line's words, as they were understood. */
static json_t *
words(const struct run *run, const struct run_line *line)
{
	json_t *array = json_make("[]");

	for (size_t i = 0; i < line->nwords; i++)
		json_append(array,
		    json_text(run->script.words[line->first + i]));
	return (array);
}

static const char *
status_name(int result, int status)
{
	if (status == STATUS_OK)
		return ("ok");
	if (status == STATUS_PANIC)
		return ("panic");
	if (status == STATUS_REFUSED)
		return (result == RUN_UNMET ? "unmet" : "refused");
	return ("failed");
}

static json_t *
span(size_t first, size_t end)
{
	return (json_make("{s:o, s:o}", "first", json_size(first), "count",
	    json_size(end - first)));
}

static void
add(struct run *run, const struct run_line *line, const char *status,
    json_t *error, json_t *console, json_t *findings)
{
	struct run_json *json = run->json;

	json_append(json->commands, json_make(
	    "{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "line", json_size(line->number),
	    "words", words(run, line),
	    "status", status,
	    "errno", error,
	    "output", output(json),
	    "messages", json->messages,
	    "console", console,
	    "findings", findings));
	json->messages = json_make("[]");
}

void
run_json_played(struct run *run, const struct run_line *line, int result,
    int status, const struct run_mark *since)
{
	const struct run_mark now = mark_now(run);

	add(run, line, status_name(result, status),
	    result <= 0 ? json_null() : json_make("{s:o, s:i}", "name",
	    json_text(kldsim_errno_name(result)), "number", result),
	    span(since->console, now.console),
	    span(since->findings, now.findings));
}

void
run_json_not_tried(struct run *run, const struct run_line *line)
{
	add(run, line, "not tried", json_null(), json_null(), json_null());
}

void
run_json_write(struct run *run, int status, FILE *out)
{
	uint32_t osreldate = kldsim_osreldate(run->sim);

	json_write(json_make(
	    "{s:s, s:O, s:o, s:o, s:o, s:o, s:i, s:O, s:o, s:o}",
	    "schema", "kldsim.run/1",
	    "error", run->json->error,
	    "release", json_text(kldsim_release_name(osreldate)),
	    "osreldate", json_size(osreldate),
	    "kernel", report_json_kernel(run->sim, run->options->kernel,
	    &run->info),
	    "script", json_text(run->script.name),
	    "exit_status", status,
	    "commands", run->json->commands,
	    "console", report_json_console(run->sim),
	    "findings", report_json_findings(run->sim)), out);
}

void
run_json_unbooted(const struct run *run, FILE *out)
{
	json_write(json_make(
	    "{s:s, s:o, s:n, s:n, s:n, s:o, s:i, s:[], s:[], s:[]}",
	    "schema", "kldsim.run/1",
	    "error", report_json_error(&run->error, run->failed,
	    run->failure),
	    "release", "osreldate", "kernel",
	    "script", json_text(run->script.name),
	    "exit_status", STATUS_HOST,
	    "commands", "console", "findings"), out);
}

void
run_json_free(struct run_json *json)
{
	if (json == NULL)
		return;
	(void)fclose(json->said);
	free(json->text);
	json_decref(json->commands);
	json_decref(json->messages);
	json_decref(json->error);
	free(json);
}
