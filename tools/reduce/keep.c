/* SPDX-License-Identifier: BSD-2-Clause */

/* What must stay: findings, errnos, console lines, panics, a user's command. */

#include "reduce/reduce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/output.h"

#define DETAIL_SIZE 1024

/* Whether text begins so; what comes behind it. */
static char *
behind(char *text, const char *prefix)
{
	const size_t n = strlen(prefix);

	return (strncmp(text, prefix, n) == 0 && text[n] != '\0' ? text + n :
	    NULL);
}

bool
keep_parse(char *text, struct keep *keep)
{
	char *rest, *colon;

	memset(keep, 0, sizeof(*keep));
	if (strcmp(text, "panic") == 0) {
		keep->kind = KEEP_PANIC;
		return (true);
	}
	if ((rest = behind(text, "errno:")) != NULL) {
		keep->kind = KEEP_ERRNO;
		return (kldsim_errno_parse(rest, &keep->error) == KLDSIM_OK);
	}
	if ((rest = behind(text, "console:")) != NULL) {
		keep->kind = KEEP_CONSOLE;
		keep->text = rest;
		return (true);
	}
	if ((rest = behind(text, "finding:")) == NULL)
		return (false);
	keep->kind = KEEP_FINDING;
	keep->text = rest;
	colon = strchr(rest, ':');
	if (colon != NULL) {
		*colon = '\0';
		keep->detail = colon + 1;
	}
	return (kldsim_finding_info(rest) != NULL);
}

/* Whether a list of rules, "A-10,O-25", has one. */
static bool
has_rule(const char *rules, const char *rule)
{
	const size_t n = strlen(rule);

	for (size_t length; *rules != '\0';
	    rules += length + (rules[length] == ',')) {
		length = strcspn(rules, ",");
		if (length == n && strncmp(rules, rule, n) == 0)
			return (true);
	}
	return (false);
}

/* A symbol, by what it is called now. */
static const char *
keep_detail(const struct reduce_run *run, const struct keep *keep,
    char room[DETAIL_SIZE])
{
	if (run->reduce == NULL)
		return (keep->detail);
	kldsim_reduce_renamed(run->reduce, keep->detail, room, DETAIL_SIZE);
	return (room);
}

static bool
is_finding(const struct reduce_run *run, const struct keep *keep,
    const struct kldsim_finding *finding)
{
	char room[DETAIL_SIZE];

	if (strcmp(finding->code, keep->text) != 0)
		return (false);
	if (keep->detail == NULL || has_rule(finding->rules, keep->detail))
		return (true);
	return (finding->symbol != NULL &&
	    strcmp(finding->symbol, keep_detail(run, keep, room)) == 0);
}

static bool
has_finding(const struct reduce_run *run, const struct keep *keep,
    const struct kldsim *sim)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++)
		if (is_finding(run, keep, kldsim_finding_at(sim, i)))
			return (true);
	return (false);
}

static bool
has_line(const struct kldsim *sim, const char *text)
{
	for (size_t i = 0; i < kldsim_console_count(sim); i++)
		if (strstr(kldsim_console_line(sim, i), text) != NULL)
			return (true);
	return (false);
}

static bool
has_panic(const struct kldsim *sim)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++)
		if (kldsim_finding_at(sim, i)->severity == KLDSIM_PANIC)
			return (true);
	return (kldsim_is_dead(sim));
}

static bool
stays(const struct reduce_run *run, const struct keep *keep,
    const struct played *played)
{
	switch (keep->kind) {
	case KEEP_FINDING:
		return (has_finding(run, keep, played->sim));
	case KEEP_ERRNO:
		return (played->error == keep->error);
	case KEEP_CONSOLE:
		return (has_line(played->sim, keep->text));
	case KEEP_PANIC:
		return (has_panic(played->sim));
	}
	return (false);
}

/* Findings of one code are enough to know. */
static bool
is_known(const struct reduce_run *run, const char *code)
{
	for (size_t i = 0; i < run->nknown; i++)
		if (strcmp(run->known[i], code) == 0)
			return (true);
	return (false);
}

/* Nobody wants to be led to another mistake than the one asked about. */
static bool
has_new(const struct reduce_run *run, const struct kldsim *sim)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, i);

		if (finding->severity != KLDSIM_NOTE &&
		    !is_known(run, finding->code))
			return (true);
	}
	return (false);
}

bool
keep_all(const struct reduce_run *run, const struct played *played)
{
	for (size_t i = 0; i < run->nkeeps && played->sim != NULL; i++)
		if (!stays(run, &run->keeps[i], played))
			return (false);
	return (played->sim != NULL && !has_new(run, played->sim));
}

/* The first finding that is no note. */
static bool
choose_finding(struct reduce_run *run, const struct kldsim *sim,
    struct keep *keep)
{
	for (size_t i = 0; i < kldsim_finding_count(sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, i);

		if (finding->severity == KLDSIM_NOTE)
			continue;
		keep->kind = KEEP_FINDING;
		keep->text = finding->code;
		if (finding->symbol != NULL)
			keep->detail = run->own_word =
			    need(strdup(finding->symbol));
		return (true);
	}
	return (false);
}

void
keep_put(const struct reduce_run *run, const struct keep *keep, FILE *out)
{
	char room[DETAIL_SIZE];

	switch (keep->kind) {
	case KEEP_FINDING:
		put(out, "finding:%s%s%s", keep->text,
		    keep->detail != NULL ? ":" : "",
		    keep->detail != NULL ? keep_detail(run, keep, room) : "");
		break;
	case KEEP_ERRNO:
		put(out, "errno:%s", kldsim_errno_name(keep->error));
		break;
	case KEEP_CONSOLE:
		put(out, "console:%s", keep->text);
		break;
	case KEEP_PANIC:
		put(out, "panic");
		break;
	}
}

/* What stays unless something else was asked for. */
static void
choose(struct reduce_run *run, const struct played *played)
{
	struct keep *keep = run->keeps;

	if (choose_finding(run, played->sim, keep))
		keep++;
	if (has_panic(played->sim)) {
		keep->kind = KEEP_PANIC;
		keep++;
	}
	if (played->error != 0) {
		keep->kind = KEEP_ERRNO;
		keep->error = played->error;
		keep++;
	}
	run->nkeeps = (size_t)(keep - run->keeps);
	for (size_t i = 0; i < run->nkeeps; i++) {
		put(stdout, i == 0 ? "keeping " : ", ");
		keep_put(run, &run->keeps[i], stdout);
	}
	if (run->nkeeps != 0)
		put_line(stdout, "%s", "");
}

bool
keep_first(struct reduce_run *run, const struct played *played)
{
	const size_t count = kldsim_finding_count(played->sim);

	run->known = need(calloc(count + 1, sizeof(*run->known)));
	for (size_t i = 0; i < count; i++) {
		const char *code = kldsim_finding_at(played->sim, i)->code;

		if (!is_known(run, code))
			run->known[run->nknown++] = code;
	}
	if (run->nkeeps == 0)
		choose(run, played);
	return (run->nkeeps != 0);
}

/* The files of a candidate, in the folder of the command. */
static bool
write_files(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate, const char *folder)
{
	bool good = true;

	for (size_t i = 0; i < candidate->count && good; i++) {
		struct kldsim_synth *synth;
		char path[800], room[256];

		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    reduce_file_name(run, i, room));
		(void)unlink(path);
		if (candidate->specs[i] == NULL)
			continue;
		good = kldsim_synth_spec_bytes(candidate->specs[i],
		    strlen(candidate->specs[i]), path, &synth, NULL) ==
		    KLDSIM_OK;
		good = good && kldsim_synth_write(synth, path, NULL) ==
		    KLDSIM_OK;
		kldsim_synth_free(synth);
	}
	return (good);
}

/* In a child: the command, which has the files in its current folder. */
static void
become_command(const char *folder, const char *command)
{
	if (chdir(folder) == 0)
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

bool
keep_by_command(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate)
{
	char folder[512];
	pid_t child;
	int status = -1;

	(void)snprintf(folder, sizeof(folder), "%s/try", run->folder);
	if (!write_files(run, candidate, folder))
		return (false);
	(void)fflush(NULL);
	child = fork();
	if (child == 0)
		become_command(folder, run->test);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return (false);
	return (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
