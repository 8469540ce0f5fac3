/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Threads that try modules, each in a kernel of its own on one kernel image, and
 * answers told in the modules' order.  A slot is a thread's from when it takes
 * the module until it is done, and the teller's after that; who is far ahead
 * waits, so that memory does not grow with the number of modules.  A host may give
 * fewer threads than were asked for, or none.
 */

#include "check/guilt.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <kldsim/kbi.h>
#include <kldsim/snapshot.h>

#define AHEAD 64u       /* modules that may be done and not told of */
#define TICK 100000000L /* nanoseconds between two looks at progress() */

struct slot {
	struct kldsim__arena arena;
	struct kldsim__check_tried tried;
	bool done;
};

struct run {
	struct kldsim_check *check;
	kldsim_check_visit_fn visit;
	void *user;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t done;  /* a module is; or a thread has ended */
	pthread_cond_t room;  /* half of those ahead were told of */
	size_t next;          /* to be tried */
	size_t told;
	bool stop;
	bool no_memory;
	unsigned running;     /* threads */
	enum kldsim_status status; /* of a kernel that did not boot */
	struct kldsim_error error;
	struct slot slots[AHEAD];
};

static void
begin(struct run *run, struct slot *slot, size_t index)
{
	const struct kldsim__check_entry *entry =
	    &run->check->entries[index];

	kldsim__arena_init(&slot->arena, &run->check->alloc);
	memset(&slot->tried, 0, sizeof(slot->tried));
	slot->tried.module.index = index;
	slot->tried.module.path = entry->path;
	slot->tried.module.name = entry->name;
	slot->tried.module.interface = KLDSIM_KBI_CANNOT_TELL;
}

/* --- the threads --- */

/* The slot of the next module; NULL: there is nothing more to do. */
static struct slot *
take(struct run *run)
{
	struct slot *slot = NULL;

	(void)pthread_mutex_lock(&run->lock);
	while (!run->stop && run->next < run->check->count &&
	    run->next >= run->told + AHEAD)
		(void)pthread_cond_wait(&run->room, &run->lock);
	if (!run->stop && run->next < run->check->count) {
		slot = &run->slots[run->next % AHEAD];
		begin(run, slot, run->next++);
	}
	(void)pthread_mutex_unlock(&run->lock);
	return (slot);
}

static void
give(struct run *run, struct slot *slot, bool good)
{
	(void)pthread_mutex_lock(&run->lock);
	slot->done = true;
	if (!good)
		run->no_memory = run->stop = true;
	(void)pthread_cond_signal(&run->done);
	(void)pthread_mutex_unlock(&run->lock);
}

static void
leave(struct run *run, enum kldsim_status status,
    const struct kldsim_error *error)
{
	(void)pthread_mutex_lock(&run->lock);
	run->running--;
	if (status != KLDSIM_OK) {
		run->status = status;
		run->error = *error;
		run->stop = true;
	}
	(void)pthread_cond_signal(&run->done);
	(void)pthread_mutex_unlock(&run->lock);
}

/* A kernel is booted when the first module needs one. */
static enum kldsim_status
try_one(struct run *run, struct kldsim__check_bench *bench, struct slot *slot,
    bool *good_ret, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;

	*good_ret = kldsim__check_is_fine(run->check, &slot->tried);
	if (!*good_ret && bench->sim == NULL)
		status = kldsim__check_bench_init(bench, run->check, error);
	if (!*good_ret && status == KLDSIM_OK)
		*good_ret = kldsim__check_alone(bench, &slot->arena,
		    &slot->tried);
	return (status);
}

static void *
work(void *user)
{
	struct run *run = user;
	struct kldsim__check_bench bench = { .check = run->check };
	struct kldsim_error error;
	enum kldsim_status status = KLDSIM_OK;
	struct slot *slot;
	bool good;

	while (status == KLDSIM_OK && (slot = take(run)) != NULL) {
		status = try_one(run, &bench, slot, &good, &error);
		if (status == KLDSIM_OK)
			give(run, slot, good);
	}
	if (bench.sim != NULL)
		kldsim__check_bench_fini(&bench);
	leave(run, status, &error);
	return (NULL);
}

/* --- who tells --- */

/* Ask the caller whether to go on. */
static bool
tick(struct run *run)
{
	const struct kldsim_check_options *options = &run->check->options;

	return (options->progress == NULL || options->progress(
	    options->progress_user, run->told, run->check->count));
}

/* Wait for a slot; false: it will not come, or nobody wants it. */
static bool
wait_for(struct run *run, const struct slot *slot)
{
	bool go_on = true;

	(void)pthread_mutex_lock(&run->lock);
	while (go_on && !slot->done && !run->stop && run->running != 0) {
		struct timespec until;

		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TICK;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		(void)pthread_cond_timedwait(&run->done, &run->lock, &until);
		if (slot->done)
			break;
		(void)pthread_mutex_unlock(&run->lock);
		go_on = tick(run);
		(void)pthread_mutex_lock(&run->lock);
	}
	go_on = go_on && slot->done && !run->no_memory;
	(void)pthread_mutex_unlock(&run->lock);
	return (go_on);
}

/* For what is said of many. */
static bool
keep(struct run *run, const struct slot *slot)
{
	const bool good = kldsim__check_keep(run->check, &slot->tried);

	if (!good) {
		(void)pthread_mutex_lock(&run->lock);
		run->no_memory = true;
		(void)pthread_mutex_unlock(&run->lock);
	}
	return (good);
}

/* Tell of the modules in their order. */
static void
tell(struct run *run)
{
	bool go_on = true;

	while (go_on && run->told < run->check->count) {
		struct slot *slot = &run->slots[run->told % AHEAD];

		go_on = wait_for(run, slot) && keep(run, slot) &&
		    run->visit(run->user, &slot->tried.module);
		if (!go_on)
			break;
		kldsim__arena_fini(&slot->arena);
		(void)pthread_mutex_lock(&run->lock);
		slot->done = false;
		run->told++;
		/* Not for each, or they would take turns at the same pace. */
		if (run->next <= run->told + AHEAD / 2)
			(void)pthread_cond_broadcast(&run->room);
		(void)pthread_mutex_unlock(&run->lock);
		go_on = tick(run);
	}
	(void)pthread_mutex_lock(&run->lock);
	run->stop = run->stop || !go_on;
	(void)pthread_cond_broadcast(&run->room);
	(void)pthread_mutex_unlock(&run->lock);
}

/* The next one, which was tried; false: nobody wants more. */
static bool
tell_next(struct run *run, const struct slot *slot)
{
	if (!keep(run, slot) || !run->visit(run->user, &slot->tried.module))
		return (false);
	run->next = ++run->told;
	return (tick(run));
}

/* In a hurry: no thread is needed up to the first that is to be tried alone. */
static void
tell_fine(struct run *run)
{
	struct slot *slot = &run->slots[0];
	bool go_on = true;

	while (go_on && run->told < run->check->count) {
		begin(run, slot, run->told);
		if (!kldsim__check_is_fine(run->check, &slot->tried))
			break;
		go_on = tell_next(run, slot);
		kldsim__arena_fini(&slot->arena);
	}
	run->stop = !go_on;
}

/* Where the host gives no thread, one after the other. */
static void
tell_here(struct run *run)
{
	struct kldsim__check_bench bench = { .check = run->check };
	struct slot *slot = &run->slots[0];
	bool go_on = true, good;

	while (go_on && run->told < run->check->count) {
		begin(run, slot, run->told);
		run->status = try_one(run, &bench, slot, &good, &run->error);
		go_on = run->status == KLDSIM_OK && good;
		run->no_memory = run->no_memory ||
		    (run->status == KLDSIM_OK && !good);
		go_on = go_on && tell_next(run, slot);
		kldsim__arena_fini(&slot->arena);
	}
	if (bench.sim != NULL)
		kldsim__check_bench_fini(&bench);
}

/* As many as were asked for, or as there are; more than modules are idle. */
static unsigned
start(struct run *run, pthread_t *threads, unsigned count)
{
	unsigned started = 0;

	while (started < count) {
		(void)pthread_mutex_lock(&run->lock);
		run->running++;
		(void)pthread_mutex_unlock(&run->lock);
		if (pthread_create(&threads[started], NULL, work, run) != 0) {
			(void)pthread_mutex_lock(&run->lock);
			run->running--;
			(void)pthread_mutex_unlock(&run->lock);
			break;
		}
		started++;
	}
	return (started);
}

static enum kldsim_status
run_alone(struct run *run, struct kldsim_error *error)
{
	struct kldsim_check *check = run->check;
	const size_t left = run->stop ? 0 : check->count - run->told;
	const unsigned jobs = check->options.jobs < left ?
	    check->options.jobs : (unsigned)left;
	pthread_t *threads = kldsim__calloc(&check->alloc, jobs + 1u,
	    sizeof(*threads));
	unsigned started = 0;

	if (threads == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	started = start(run, threads, jobs);
	if (started != 0)
		tell(run);
	else if (jobs != 0)
		tell_here(run);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	kldsim__free(&check->alloc, threads);
	/* What was begun and not told of. */
	for (size_t i = run->told; i < run->next; i++)
		kldsim__arena_fini(&run->slots[i % AHEAD].arena);
	if (run->no_memory || (run->told == check->count &&
	    check->quick == NULL && !kldsim__check_judge(check)))
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	if (run->status != KLDSIM_OK && error != NULL)
		*error = run->error;
	return (run->status);
}

/* All in one kernel, one after the other. */
static enum kldsim_status
run_together(struct run *run, struct kldsim_error *error)
{
	struct kldsim__check_bench bench;
	enum kldsim_status status = kldsim__check_bench_init(&bench,
	    run->check, error);
	bool good = true, go_on = true;

	if (status != KLDSIM_OK)
		return (status);
	/* Nobody puts it back to the beginning: the log need not be kept. */
	(void)!kldsim_snapshot_drop(bench.sim, bench.snapshot);
	for (size_t i = 0; i < run->check->count && good && go_on; i++) {
		struct slot *slot = &run->slots[0];

		begin(run, slot, i);
		good = kldsim__check_together(&bench, &slot->arena,
		    &slot->tried.module);
		go_on = good && run->visit(run->user, &slot->tried.module) &&
		    tick(run);
		kldsim__arena_fini(&slot->arena);
	}
	kldsim__check_bench_fini(&bench);
	return (good ? KLDSIM_OK : kldsim__error_set(error, KLDSIM_NOMEM,
	    "no memory"));
}

enum kldsim_status
kldsim_check_run(struct kldsim_check *check, kldsim_check_visit_fn visit,
    void *user, struct kldsim_error *error)
{
	struct run *run = kldsim__calloc(&check->alloc, 1, sizeof(*run));
	const unsigned together = 1u << KLDSIM_CHECK_TOGETHER;
	enum kldsim_status status = KLDSIM_OK;

	if (run == NULL)
		return (kldsim__error_set(error, KLDSIM_NOMEM, "no memory"));
	/* What a run that was ended has found is found anew. */
	if (check->guilts != NULL && !check->guilts->made)
		kldsim__check_guilts_fini(check);
	run->check = check;
	run->visit = visit;
	run->user = user;
	(void)pthread_mutex_init(&run->lock, NULL);
	(void)pthread_cond_init(&run->done, NULL);
	(void)pthread_cond_init(&run->room, NULL);
	if (check->quick != NULL)
		tell_fine(run);
	if ((check->options.ways & ~together) != 0)
		status = run_alone(run, error);
	if (status == KLDSIM_OK && !run->stop &&
	    (check->options.ways & together) != 0)
		status = run_together(run, error);
	(void)pthread_cond_destroy(&run->room);
	(void)pthread_cond_destroy(&run->done);
	(void)pthread_mutex_destroy(&run->lock);
	kldsim__free(&check->alloc, run);
	return (status);
}
