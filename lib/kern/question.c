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
