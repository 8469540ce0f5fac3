/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

/* Results as JUnit's XML, as build servers show them: a test case a module. */

#include <stdio.h>

struct junit;

enum junit_outcome {
	JUNIT_PASSED,
	JUNIT_SKIPPED,
	JUNIT_FAILED,
	JUNIT_ERROR
};

struct junit *junit_new(const char *suite);
void junit_free(struct junit *junit);

/* One more case; it has passed so far. */
void junit_case(struct junit *junit, const char *name, const char *group);
/*
 * A case, by its number, is worse than it was: why, in a word and in a line.  The
 * worst word stays, of equal ones the first; lines are kept.
 */
void junit_worse(struct junit *junit, size_t number,
    enum junit_outcome outcome, const char *type, const char *line);
/* What else there is to say of it: a line. */
void junit_say(struct junit *junit, size_t number, const char *line);
/* Write it; an exit status. */
int junit_write(const struct junit *junit, const char *path);

#endif
