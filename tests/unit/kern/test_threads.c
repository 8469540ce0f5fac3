/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many simulated kernels at once, each in a thread of its own, on one kernel
 * image and one image of each module: nothing they share is written without a
 * lock, and each comes to what one alone comes to.  ThreadSanitizer has the
 * last word (./dev test --full).
 */

#include "support_kern.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 8
#define ROUNDS 20

struct shared {
	struct kern kern; /* image and options; its kernel is not used */
	struct kldsim_image *library, *user;
	pthread_barrier_t start;
};

struct worker {
	struct shared *shared;
	pthread_t thread;
	struct kern kern;
	char *state; /* at the end */
	const char *failed;
};

static struct kldsim_synth *
library(void)
{
	struct kldsim_synth *m = module_with_set(R121, "set_pcpu", 20, 0x33);

	(void)kldsim_synth_vnet_pointer(m, "p", kldsim_synth_func(m,
	    "exported"), 0);
	kldsim_synth_mdt_version(m, "library", 1);
	return m;
}

static struct kldsim_synth *
user(void)
{
	struct kldsim_synth *m = module_new(R121);

	kldsim_synth_mdt_depend(m, "library", 1, 1, 1);
	(void)module_slot(m, kldsim_synth_ref(m, "exported"), 0);
	(void)module_slot(m, kldsim_synth_ref(m, "printf"), 0);
	return m;
}

/* cmocka's assertions belong to the main thread. */
#define MUST(worker, condition) \
	do { \
		if (!(condition) && (worker)->failed == NULL) \
			(worker)->failed = #condition; \
	} while (0)

static void
load(struct worker *worker, struct kldsim_image *image, const char *path)
{
	struct kern *kern = &worker->kern;

	MUST(worker, kldsim_kldload_image(kern->sim, image, path,
	    &kern->result, &kern->error) == KLDSIM_OK);
	MUST(worker, kern->result.error == 0);
}

static void
use(struct worker *worker, uint64_t snapshot)
{
	struct kldsim *sim = worker->kern.sim;
	struct kldsim_result result;
	kldsim_addr value;
	kldsim_size size;
	unsigned vnet;
	int id;

	MUST(worker, kldsim_restore(sim, snapshot) == KLDSIM_OK);
	load(worker, worker->shared->library, MODULE_PATH("library.ko"));
	load(worker, worker->shared->user, MODULE_PATH("user.ko"));
	id = worker->kern.result.fileid;
	MUST(worker, kldsim_kldsym(sim, 0, "exported", &value, &size) ==
	    KLDSIM_OK);
	MUST(worker, kldsim_vnet_alloc(sim, &vnet, NULL) == KLDSIM_OK);
	MUST(worker, kldsim_kldunload(sim, id, KLDSIM_UNLOAD_NORMAL, &result,
	    NULL) == KLDSIM_OK);
}

static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct shared *shared = worker->shared;
	uint64_t snapshot = 0;

	(void)pthread_barrier_wait(&shared->start);
	MUST(worker, kldsim_boot(shared->kern.image, &shared->kern.options,
	    &worker->kern.sim, &worker->kern.error) == KLDSIM_OK);
	MUST(worker, kldsim_snapshot(worker->kern.sim, &snapshot, NULL) ==
	    KLDSIM_OK);
	for (int i = 0; i < ROUNDS && worker->failed == NULL; i++)
		use(worker, snapshot);
	return NULL;
}

static void
kernels_in_parallel(void **state)
{
	static struct worker workers[THREADS];
	struct shared shared;

	(void)state;
	kern_start(&shared.kern, R121);
	shared.library = kern_image(library(), "library.ko");
	shared.user = kern_image(user(), "user.ko");
	assert_int_equal(pthread_barrier_init(&shared.start, NULL, THREADS),
	    0);
	for (int i = 0; i < THREADS; i++) {
		workers[i].shared = &shared;
		assert_int_equal(pthread_create(&workers[i].thread, NULL,
		    work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		struct worker *worker = &workers[i];

		assert_int_equal(pthread_join(worker->thread, NULL), 0);
		if (worker->failed != NULL)
			fail_msg("thread %d: %s", i, worker->failed);
		worker->state = kern_digest(&worker->kern);
		assert_string_equal(worker->state, workers[0].state);
	}
	for (int i = 0; i < THREADS; i++) {
		kldsim_destroy(workers[i].kern.sim);
		free(workers[i].state);
	}
	(void)pthread_barrier_destroy(&shared.start);
	kldsim_image_unref(shared.library);
	kldsim_image_unref(shared.user);
	kern_fini(&shared.kern);
}

/* --- images that come and go --- */

/*
 * Each boots, uses and destroys kernels of its own all the time, from images
 * that it shares; nobody keeps them but those who use them.
 */
struct guest {
	struct kldsim_image *kernel, *library; /* references of its own */
	const struct kldsim_options *options;
	pthread_barrier_t *start;
	pthread_t thread;
	const char *failed;
};

/* One life: what is seen of it is the same whoever else lives. */
static void
live(struct guest *guest)
{
	struct kldsim_image *kernel = kldsim_image_ref(guest->kernel);
	struct kldsim_image_info info;
	struct kldsim_result result;
	struct kldsim *sim = NULL;
	kldsim_addr value, again;
	kldsim_size size;
	uint64_t snapshot = 0;

	kldsim_image_info(kernel, &info);
	MUST(guest, info.elf && info.word_bits == 64);
	MUST(guest, kldsim_boot(kernel, guest->options, &sim, NULL) ==
	    KLDSIM_OK);
	kldsim_image_unref(kernel); /* its kernel has one, too */
	if (sim == NULL)
		return;
	MUST(guest, kldsim_snapshot(sim, &snapshot, NULL) == KLDSIM_OK);
	MUST(guest, kldsim_kldload_image(sim, guest->library,
	    MODULE_PATH("library.ko"), &result, NULL) == KLDSIM_OK);
	MUST(guest, kldsim_kldsym(sim, 0, "exported", &value, &size) ==
	    KLDSIM_OK);
	MUST(guest, kldsim_restore(sim, snapshot) == KLDSIM_OK);
	MUST(guest, kldsim_kldsym(sim, 0, "exported", &again, &size) !=
	    KLDSIM_OK);
	MUST(guest, kldsim_kldload_image(sim, guest->library,
	    MODULE_PATH("library.ko"), &result, NULL) == KLDSIM_OK);
	MUST(guest, kldsim_kldsym(sim, 0, "exported", &again, &size) ==
	    KLDSIM_OK && again == value);
	MUST(guest, kldsim_snapshot_drop(sim, snapshot) == KLDSIM_OK);
	kldsim_destroy(sim);
}

static void *
come_and_go(void *arg)
{
	struct guest *guest = arg;

	(void)pthread_barrier_wait(guest->start);
	for (int i = 0; i < ROUNDS && guest->failed == NULL; i++)
		live(guest);
	kldsim_image_unref(guest->kernel);
	kldsim_image_unref(guest->library);
	return NULL;
}

/* The main thread gives its references away before anybody is done. */
static void
images_come_and_go(void **state)
{
	static struct guest guests[THREADS];
	struct kldsim_image *module;
	pthread_barrier_t start;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	module = kern_image(library(), "library.ko");
	assert_int_equal(pthread_barrier_init(&start, NULL, THREADS + 1), 0);
	for (int i = 0; i < THREADS; i++) {
		guests[i].kernel = kldsim_image_ref(kern.image);
		guests[i].library = kldsim_image_ref(module);
		guests[i].options = &kern.options;
		guests[i].start = &start;
		assert_int_equal(pthread_create(&guests[i].thread, NULL,
		    come_and_go, &guests[i]), 0);
	}
	(void)pthread_barrier_wait(&start);
	kldsim_image_unref(module);
	kldsim_destroy(kern.sim);
	kern.sim = NULL;
	kldsim_image_unref(kern.image);
	kern.image = NULL;
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(guests[i].thread, NULL), 0);
		if (guests[i].failed != NULL)
			fail_msg("thread %d: %s", i, guests[i].failed);
	}
	(void)pthread_barrier_destroy(&start);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_in_parallel),
		cmocka_unit_test(images_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
