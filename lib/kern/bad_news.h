/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERN_BAD_NEWS_H
#define KERN_BAD_NEWS_H

/*
 * The ways out of a call that does not end well, and the limits that lead
 * there.
 *
 * Functions that model the kernel return an int: 0, a FreeBSD errno, or
 * KLDSIM__ABORT.  An abort is not the kernel's answer: the host has failed or
 * the real kernel would have panicked; everybody returns at once, and the
 * public call rolls back.
 */

#include "kern/sim.h"

#define KLDSIM__ABORT (-1)

/* --- bad_news.c --- */

/* The host failed: set why and return KLDSIM__ABORT. */
int kldsim__fail(struct kldsim *sim, enum kldsim_status status,
    const char *format, ...) KLDSIM__PRINTF(3, 4);
int kldsim__nomem(struct kldsim *sim);
/* Turn an access that must not fault into 0 or KLDSIM__ABORT. */
int kldsim__accessed(struct kldsim *sim, enum kldsim__access access);

void kldsim__find(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
    KLDSIM__PRINTF(4, 5);
/*
 * The simulated kernel says no: returns the errno that it says it with.  The
 * finding is the reason in a user's words; no refusal goes without one.
 */
int kldsim__refuse(struct kldsim *sim, int error, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
    KLDSIM__PRINTF(5, 6);
/* A finding that ends the simulated kernel: returns KLDSIM__ABORT. */
int kldsim__panic(struct kldsim *sim, enum kldsim__finding which,
    const struct kldsim__where *where, const char *format, ...)
    KLDSIM__PRINTF(4, 5);

/* --- limits.c: what a file may cost --- */

/* So many, if the limit, a field of sim->options.limits, allows. */
int kldsim__limited(struct kldsim *sim, const uint64_t *limit, uint64_t have,
    const char *format, ...) KLDSIM__PRINTF(4, 5);
/* So many steps are about to be done for a file; see limits.work. */
int kldsim__work(struct kldsim *sim, const struct kldsim__file *file,
    uint64_t steps);

#endif
