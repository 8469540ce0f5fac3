/* SPDX-License-Identifier: BSD-2-Clause */

#include "kern/question.h"

struct kldsim__question
kldsim__question_begin(struct kldsim *sim)
{
	struct kldsim__question question = {
		.undo = kldsim__undo_begin(&sim->undo),
		.failed = sim->report.failed,
	};

	question.report = kldsim__report_mark(&sim->report);
	return (question);
}

void
kldsim__question_end(struct kldsim *sim,
    const struct kldsim__question *question)
{
	kldsim__undo_rollback(&sim->undo, question->undo);
	kldsim__report_release(&sim->report, question->report);
	/* Within another question, what that has to say is none the less lost. */
	sim->report.failed = question->failed;
}

int
kldsim__question_unsay(struct kldsim *sim, const struct kldsim__report *before,
    int error)
{
	if (error < 0 && !sim->abort.panic)
		return (error);
	sim->abort.panic = false;
	if (!sim->report.failed)
		kldsim__report_take_back(&sim->report, before);
	return (0);
}
