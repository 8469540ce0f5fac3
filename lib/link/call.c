/* SPDX-License-Identifier: BSD-2-Clause */

/* Beginning and ending a public call; see call.h. */

#include <string.h>

#include "link/call.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

enum kldsim_status
kldsim__call_begin(struct kldsim *sim, struct kldsim__call *call,
    struct kldsim_error *error_ret)
{
	if (sim->dead) {
		if (error_ret != NULL) {
			error_ret->status = KLDSIM_STATE;
			error_ret->sys_errno = 0;
			(void)strcpy(error_ret->text,
			    "this simulated kernel has panicked");
		}
		return (KLDSIM_STATE);
	}
	call->undo = kldsim__undo_begin(&sim->undo);
	call->report = kldsim__report_mark(&sim->report);
	memset(&sim->abort, 0, sizeof(sim->abort));
	sim->work = 0;
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__call_begin_with_result(struct kldsim *sim, struct kldsim__call *call,
    struct kldsim_result *result, struct kldsim_error *error_ret)
{
	memset(result, 0, sizeof(*result));
	result->fileid = -1;
	return (kldsim__call_begin(sim, call, error_ret));
}

enum kldsim_status
kldsim__call_failed(struct kldsim *sim, const struct kldsim__call *call,
    struct kldsim_error *error_ret)
{
	kldsim__undo_rollback(&sim->undo, call->undo);
	kldsim__report_release(&sim->report, call->report);
	if (error_ret != NULL)
		*error_ret = sim->abort.error;
	return (sim->abort.error.status);
}

enum kldsim_status
kldsim__call_end(struct kldsim *sim, const struct kldsim__call *call, int error,
    struct kldsim_result *result, struct kldsim_error *error_ret)
{
	bool panicked;

	if (error >= 0 && kldsim__tell_missed_ifuncs(sim) != 0)
		error = KLDSIM__ABORT;
	panicked = error < 0 && sim->abort.panic;
	if (error >= 0)
		kldsim__report_end(&sim->report);
	if (sim->report.failed) {
		(void)kldsim__nomem(sim);
		return (kldsim__call_failed(sim, call, error_ret));
	}
	if (error < 0 && !panicked)
		return (kldsim__call_failed(sim, call, error_ret));
	if (panicked) {
		kldsim__undo_rollback(&sim->undo, call->undo);
		sim->dead = true;
	} else {
		kldsim__undo_commit(&sim->undo);
	}
	result->error = panicked ? 0 : error;
	result->panicked = panicked;
	result->first_console = call->report.nconsole;
	result->nconsole = sim->report.nconsole - call->report.nconsole;
	result->first_finding = call->report.nfindings;
	result->nfindings = sim->report.nfindings - call->report.nfindings;
	return (KLDSIM_OK);
}
