/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A word of kld_list, as load_kld() of libexec/rc/rc.subr takes it for rc.d/kld
 * (P-31): it looks for NAME.ko in what kldstat -v prints, and asks kldload(8) for
 * NAME if that is in none of its lines.
 */

#include "check/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <kldsim/kld.h>
#include <kldsim/snapshot.h>

#include "kern/bad_news.h"
#include "link/call.h"
#include "report/report.h"

/* The longest line of kldstat(8), whose names are of 1024 bytes at most. */
#define LINE 2400u

/* What is looked for, and the line that it is found in, in words. */
struct listed {
	char file[1100]; /* NAME.ko */
	char what[LINE];
};

/*
 * Whether grep(1) finds the text in a line, anywhere.  Its dots are any character.
 * FIDELITY: it is an expression of egrep(1), of which names of modules have no
 * more than dots; here anything else stands for itself.
 */
static bool
is_in(const char *line, const char *text)
{
	for (; *line != '\0'; line++) {
		size_t i = 0;

		while (text[i] != '\0' && line[i] != '\0' &&
		    (text[i] == '.' || text[i] == line[i]))
			i++;
		if (text[i] == '\0')
			return (true);
	}
	return (false);
}

/* A file's own line (K-42). */
static bool
is_in_file(struct listed *listed, const struct kldsim_filestat *stat)
{
	char line[LINE];

	(void)snprintf(line, sizeof(line), "%2d %4d %#18" PRIx64
	    " %8" PRIx64 " %s (%s)", stat->id, stat->refs, stat->address,
	    stat->size, stat->name, stat->path);
	(void)snprintf(listed->what, sizeof(listed->what), "%s (%s)",
	    stat->name, stat->path);
	return (is_in(line, listed->file));
}

/* The lines of its modules. */
static bool
is_in_modules(const struct kldsim *sim, struct listed *listed,
    const struct kldsim_filestat *stat)
{
	struct kldsim_modinfo module;
	char line[LINE];
	int id;

	if (kldsim_kldfirstmod(sim, stat->id, &id) != KLDSIM_OK)
		return (false);
	while (id != 0 && kldsim_modstat(sim, id, &module) == KLDSIM_OK) {
		(void)snprintf(line, sizeof(line), "\t\t%3d %s", id,
		    module.name);
		(void)snprintf(listed->what, sizeof(listed->what),
		    "module %s of %s", module.name, stat->name);
		if (is_in(line, listed->file))
			return (true);
		if (kldsim_modfnext(sim, id, &id) != KLDSIM_OK)
			break;
	}
	return (false);
}

/* kldstat -v | egrep -q -e NAME.ko */
static bool
is_listed(const struct kldsim *sim, struct listed *listed)
{
	struct kldsim_filestat stat;

	for (int id = 0; kldsim_kldnext(sim, id, &id) == KLDSIM_OK &&
	    id != 0;)
		if (kldsim_kldstat(sim, id, &stat) == KLDSIM_OK &&
		    (is_in_file(listed, &stat) ||
		    is_in_modules(sim, listed, &stat)))
			return (true);
	return (false);
}

static bool
kldload(const struct kldsim__check_asked *asked, struct kldsim *sim,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	struct kldsim_result result;
	struct kldsim_error error;

	if (kldsim_kldload(sim, asked->path, &result, &error) != KLDSIM_OK)
		return (kldsim__check_failure(&error, arena, answer_ret));
	return (kldsim__check_answer(asked, sim, &result, arena, answer_ret));
}

/* What kldload(8) would have come to; the kernel is put back. */
static bool
try(const struct kldsim__check_asked *asked, struct kldsim *sim,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	struct kldsim_error error;
	uint64_t snapshot;
	bool good;

	if (kldsim_snapshot(sim, &snapshot, &error) != KLDSIM_OK)
		return (false);
	good = kldload(asked, sim, arena, answer_ret);
	(void)!kldsim_restore(sim, snapshot);
	(void)!kldsim_snapshot_drop(sim, snapshot);
	return (good);
}

/* Nothing is lost if what is asked for is there, or nowhere. */
static bool
is_lost(const struct kldsim_check_answer *would)
{
	return (would->error != KLDSIM__EEXIST && (would->reason == NULL ||
	    strcmp(would->reason->code,
	    kldsim__finding_code(KLDSIM__F_FILE_NOT_FOUND)) != 0));
}

/* It is there by no name, could be loaded, and is not even asked for. */
static bool
say_skipped(const struct kldsim__check_asked *asked, struct kldsim *sim,
    const struct listed *listed, struct kldsim__arena *arena,
    struct kldsim_check_answer *answer_ret)
{
	const struct kldsim__where where = { .file = listed->file };
	struct kldsim__call call;
	struct kldsim_result result;
	struct kldsim_error error;
	bool good = kldsim__call_begin_with_result(sim, &call, &result,
	    &error) == KLDSIM_OK;

	if (good) {
		kldsim__find(sim, KLDSIM__F_KLD_SKIPPED, &where, "rc(8) does "
		    "not load it, since it looks for \"%s\" in what kldstat -v "
		    "prints and finds that in the line of %s; write %s in "
		    "kld_list, for which nothing is found", listed->file,
		    listed->what, listed->file);
		good = kldsim__call_end(sim, &call, 0, &result, &error) ==
		    KLDSIM_OK;
	}
	if (!good)
		return (kldsim__check_failure(&error, arena, answer_ret));
	good = kldsim__check_answer(asked, sim, &result, arena, answer_ret);
	answer_ret->verdict = KLDSIM_CHECK_NOT_TRIED;
	return (good);
}

bool
kldsim__load_kld(const struct kldsim__check_asked *asked, struct kldsim *sim,
    struct kldsim__arena *arena, struct kldsim_check_answer *answer_ret)
{
	struct listed listed;
	int id;

	/* No file has such a name, and kldload(2) says so. */
	if (snprintf(listed.file, sizeof(listed.file), "%s.ko", asked->path) >=
	    (int)sizeof(listed.file) || !is_listed(sim, &listed))
		return (kldload(asked, sim, arena, answer_ret));
	if (kldsim_kldfind(sim, listed.file, &id) != KLDSIM_OK) {
		if (!try(asked, sim, arena, answer_ret))
			return (false);
		if (answer_ret->verdict == KLDSIM_CHECK_FAILED)
			return (true);
		if (is_lost(answer_ret))
			return (say_skipped(asked, sim, &listed, arena,
			    answer_ret));
	}
	*answer_ret = (struct kldsim_check_answer) {
		.verdict = KLDSIM_CHECK_OK };
	return (true);
}
