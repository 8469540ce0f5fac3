/* SPDX-License-Identifier: BSD-2-Clause */

/* Files that are given for modules and are something else. */

#include "kern/foreign_file.h"

#include <errno.h>
#include <string.h>

#include "elf/recognise.h"
#include "kern/bad_news.h"
#include "source/source.h"
#include "util/path.h"

static size_t
say(struct kldsim *sim, enum kldsim__kind kind, const char *path)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(path) };
	const size_t before = sim->report.nfindings;
	char advice[400];

	kldsim__kind_advice(kind, KLDSIM__WANTED_MODULE, path, advice,
	    sizeof(advice));
	if (*advice == '\0')
		return (KLDSIM__NO_FINDING);
	kldsim__find(sim, kind == KLDSIM__KIND_DEBUG ? KLDSIM__F_DEBUG_FILE :
	    KLDSIM__F_FILE_FORMAT, &where, "%s", advice);
	return (sim->report.nfindings > before ? before :
	    KLDSIM__NO_FINDING);
}

size_t
kldsim__note_kind(struct kldsim *sim, const struct kldsim_image *image,
    const char *path)
{
	return (say(sim, kldsim__recognise(image), path));
}

void
kldsim__note_unopened(struct kldsim *sim, const char *path,
    const struct kldsim_error *error)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(path) };
	enum kldsim__kind kind = KLDSIM__KIND_UNKNOWN;
	struct kldsim__source_stat st;
	size_t said;

	if (error->sys_errno == ELOOP)
		kind = KLDSIM__KIND_LINK_LOOP;
	else if (kldsim__source_stat(sim->search.source, path, true, &st,
	    NULL) == KLDSIM_OK)
		kind = st.type == KLDSIM_SOURCE_FOLDER ?
		    KLDSIM__KIND_FOLDER : kldsim__recognise_mode(st.mode);
	said = say(sim, kind, path);
	if (said != KLDSIM__NO_FINDING)
		kldsim__report_refuses(&sim->report, said);
	else
		(void)kldsim__refuse(sim, KLDSIM__ENOEXEC,
		    KLDSIM__F_FILE_FORMAT, &where, "this host does not open "
		    "it: %s", strerror(error->sys_errno));
}
