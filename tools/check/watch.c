/* SPDX-License-Identifier: BSD-2-Clause */

/* A person who waits: progress if it takes long, and an end when she has enough. */

/* SA_RESTART is a part of POSIX that FreeBSD shows to those who ask for all. */
#define _XOPEN_SOURCE 700

#include "check/check_run.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 10 /* tenths of a second until progress is shown */

static volatile sig_atomic_t caught; /* the signal */

static struct {
	bool drawn;
	struct timespec begun;
	long at; /* tenths since, when it was drawn last */
} watch;

static void
catch(int signal_number)
{
	caught = signal_number;
}

/* A write goes on, and all of it arrives; who cannot wait signals once more. */
static void
set_handler(void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

void
check_watch_begin(void)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &watch.begun);
	set_handler(catch);
}

void
check_watch_end(void)
{
	check_watch_clear();
	set_handler(SIG_DFL);
}

void
check_watch_clear(void)
{
	if (watch.drawn)
		(void)fprintf(stderr, "\r\033[K");
	watch.drawn = false;
}

/* Since the beginning, in tenths of a second. */
static long
tenths(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((long)(now.tv_sec - watch.begun.tv_sec) * 10 +
	    (now.tv_nsec - watch.begun.tv_nsec) / 100000000L);
}

bool
check_watch(size_t done, size_t total, bool shown)
{
	long now;

	if (caught != 0)
		return (false);
	if (!shown || !isatty(STDERR_FILENO))
		return (true);
	now = tenths();
	if (now >= PATIENCE && now != watch.at) {
		watch.at = now;
		(void)fprintf(stderr, "\r%zu of %zu modules\033[K", done,
		    total);
		(void)fflush(stderr);
		watch.drawn = true;
	}
	return (true);
}

void
check_watch_die(void)
{
	check_watch_clear();
	set_handler(SIG_DFL);
	(void)raise(caught);
}
