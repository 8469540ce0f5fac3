/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_SARIF_H
#define REPORT_SARIF_H

/*
 * Findings as SARIF 2.1.0, for whatever shows the results of analyses: each
 * code is a rule, with what the table of findings says of it.
 */

#include <stdbool.h>

#include <kldsim/report.h>

#include "report/json.h"

struct sarif;

/* What there is to say of a finding besides itself. */
struct sarif_place {
	const char *path; /* of the module at hand */
	const char *file; /* what shows it; NULL: the same */
	const char *way;  /* "kldload"; NULL: none in particular */
	bool compared;    /* with a baseline, */
	bool known;       /* which has it */
};

/* The results of one run of a command, "check". */
struct sarif *sarif_new(const char *command);
void sarif_free(struct sarif *sarif);
/*
 * A finding.  What is said of the same place of another file than the module at
 * hand, or of the kernel, is written once.
 */
void sarif_result(struct sarif *sarif, const struct kldsim_finding *finding,
    const struct sarif_place *place);
/* What the host could not do; path may be NULL. */
void sarif_failure(struct sarif *sarif, const char *path, const char *text);
/* Write it; gives an exit status. */
int sarif_write(const struct sarif *sarif, const char *path);

#endif
