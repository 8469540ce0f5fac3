/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many modules against a kernel (kldsim/check.h): order, verdicts, what many
 * threads come to, and what is left when memory runs out or nobody listens any
 * more.  That the answers are those of a load is tests/cli/test_check.py's.
 */

#include "support_alloc.h"
#include "support_kern.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define MANY 150 /* more than may wait to be told of */
#define TEXT (MANY * 120)

struct scene {
	struct kern kern;
	struct kldsim_source *source;
	struct kldsim_check_options options;
	struct kldsim_options boot;
	const char *what[4];
	char text[TEXT]; /* a line for each that was told of */
	size_t told, stop_after;
};

static struct kldsim_synth *
bad(void)
{
	struct kldsim_synth *m = module_new(R121);

	(void)module_slot(m, kldsim_synth_ref(m, "nobody_has_it"), 0);
	return m;
}

static struct kldsim_synth *
plain(void)
{
	struct kldsim_synth *m = module_new(R121);

	(void)module_slot(m, kldsim_synth_ref(m, "printf"), 0);
	return m;
}

static struct kldsim_synth *
provider(void)
{
	struct kldsim_synth *m = module_with_set(R121, "set_pcpu", 8, 0x33);

	kldsim_synth_mdt_version(m, "provided", 1);
	return m;
}

static struct kldsim_synth *
user(void)
{
	struct kldsim_synth *m = plain();

	kldsim_synth_mdt_depend(m, "provided", 1, 1, 1);
	return m;
}

static void
add(struct scene *scene, const char *path, struct kldsim_image *image)
{
	assert_int_equal(kldsim_source_add(scene->source, path, image, NULL),
	    KLDSIM_OK);
}

/* What is checked: all of the folder /mods. */
static void
ask_for_mods(struct scene *scene)
{
	scene->boot.source = scene->source;
	scene->what[0] = "/mods";
	kldsim_check_options_init(&scene->options, sizeof(scene->options));
	scene->options.boot = &scene->boot;
	scene->options.what = scene->what;
	scene->options.nwhat = 1;
	scene->stop_after = SIZE_MAX;
}

/* Modules m000.ko on: every third is refused, some need what is beside them. */
static void
set_up(struct scene *scene, size_t count)
{
	struct kldsim_image *good = NULL, *wrong = NULL, *needs = NULL;
	struct kldsim_image *has = NULL;

	memset(scene, 0, sizeof(*scene));
	kern_start(&scene->kern, R121);
	scene->boot = scene->kern.options;
	assert_int_equal(kldsim_source_new(NULL, &scene->source, NULL),
	    KLDSIM_OK);
	good = kern_image(plain(), "good.ko");
	wrong = kern_image(bad(), "bad.ko");
	needs = kern_image(user(), "user.ko");
	has = kern_image(provider(), "provider.ko");
	for (size_t i = 0; i < count; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/mods/m%03zu.ko", i);
		add(scene, path, i % 3 == 0 ? wrong : i % 3 == 1 ? good :
		    needs);
	}
	add(scene, "/mods/deep/provided.ko", has);
	add(scene, "/mods/deep/kernel", good);
	kldsim_image_unref(good);
	kldsim_image_unref(wrong);
	kldsim_image_unref(needs);
	kldsim_image_unref(has);
	ask_for_mods(scene);
}

static void
tear_down(struct scene *scene)
{
	kldsim_source_unref(scene->source);
	kern_fini(&scene->kern);
}

static bool
note(void *arg, const struct kldsim_check_module *module)
{
	struct scene *scene = arg;
	const size_t used = strlen(scene->text);
	const struct kldsim_check_answer *a = module->answers;

	assert_true(used < TEXT - 100);
	(void)snprintf(scene->text + used, TEXT - used, "%zu %s %s %d %zu %zu "
	    "%s %d %zu %zu %s\n", module->index, module->name,
	    kldsim_check_verdict_name(a[0].verdict), a[0].error,
	    a[0].nconsole, a[0].nfindings,
	    kldsim_check_verdict_name(a[1].verdict), a[1].error,
	    a[1].nconsole, a[1].nfindings,
	    kldsim_check_verdict_name(a[2].verdict));
	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++)
		assert_true((a[way].verdict == KLDSIM_CHECK_REFUSED ||
		    a[way].verdict == KLDSIM_CHECK_PANIC) ==
		    (a[way].reason != NULL));
	return ++scene->told < scene->stop_after;
}

static enum kldsim_status
check(struct scene *scene)
{
	struct kldsim_error error = { 0 };
	struct kldsim_check *check = NULL;
	enum kldsim_status status;

	scene->told = 0;
	scene->text[0] = '\0';
	status = kldsim_check_new(scene->kern.image, &scene->options, &check,
	    &error);
	if (status == KLDSIM_OK)
		status = kldsim_check_run(check, note, scene, &error);
	kldsim_check_free(check);
	if (status != KLDSIM_OK)
		assert_int_equal(error.status, status);
	return status;
}

static void
answers(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene, 3);
	assert_int_equal(check(&scene), KLDSIM_OK);
	/*
	 * ENOEXEC of kldload(2), ENOENT of a boot that has lost a file; one
	 * console line each for the undefined symbol, and one more by K-20 or
	 * P-28.  The third finds /mods/deep/provided.ko by the name of what it
	 * needs.
	 */
	assert_non_null(strstr(scene.text, "0 m000.ko refused 8 "));
	assert_non_null(strstr(scene.text, "1 m001.ko ok 0 0 0 ok 0 0 0 "));
	assert_non_null(strstr(scene.text, "2 m002.ko ok 0 "));
	assert_non_null(strstr(scene.text, "3 deep/provided.ko ok 0 "));
	assert_int_equal(scene.told, 4);
	/* One way alone: the other was not tried. */
	scene.options.ways = 1u << KLDSIM_CHECK_PRELOAD;
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_non_null(strstr(scene.text,
	    "1 m001.ko not tried 0 0 0 ok 0 0 0 not tried\n"));
	scene.options.ways = 1u << KLDSIM_CHECK_TOGETHER;
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_non_null(strstr(scene.text,
	    "1 m001.ko not tried 0 0 0 not tried 0 0 0 ok\n"));
	assert_int_equal(scene.told, 4);
	tear_down(&scene);
}

/* A panic has no errno; a folder that is given is looked at first. */
static void
panics_and_folders(void **state)
{
	static struct scene scene;
	struct kldsim_synth *module = plain();
	struct kldsim_image *image;
	struct kldsim_check *made;

	(void)state;
	set_up(&scene, 1);
	kldsim_synth_override(module, "rela[.data][0].r_offset",
	    0x4000000000);
	image = kern_image(module, "panic.ko");
	add(&scene, "/other/panic.ko", image);
	kldsim_image_unref(image);
	scene.what[0] = "/other";
	scene.boot.module_path = "/mods/deep;/mods";
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_non_null(strstr(scene.text, "0 panic.ko panic 0 "));
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &made, NULL), KLDSIM_OK);
	assert_string_equal(kldsim_check_module_path(made),
	    "/other;/mods/deep;/mods");
	kldsim_check_free(made);
	tear_down(&scene);
}

static void
object(void **state)
{
	static struct scene scene;
	struct kldsim_check *check;
	struct kldsim_filestat stat;

	(void)state;
	set_up(&scene, 3);
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_count(check), 4);
	assert_string_equal(kldsim_check_name(check, 0), "m000.ko");
	assert_null(kldsim_check_name(check, 4));
	assert_string_equal(kldsim_check_module_path(check),
	    "/mods;/mods/deep");
	/* No module is ever loaded into it. */
	assert_int_equal(kldsim_check_run(check, note, &scene, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_kldstat(kldsim_check_kernel(check), 2,
	    &stat), KLDSIM_NOENT);
	kldsim_check_free(check);
	kldsim_check_free(NULL);
	assert_string_equal(kldsim_check_verdict_name(99), "?");
	/* What is not there, and options of another time. */
	scene.what[0] = "/none";
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_SYS);
	scene.what[0] = "/mods/m000.ko";
	scene.options.size = offsetof(struct kldsim_check_options, ways);
	scene.options.ways = 1u << KLDSIM_CHECK_TOGETHER; /* not looked at */
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_OK);
	scene.text[0] = '\0';
	assert_int_equal(kldsim_check_run(check, note, &scene, NULL),
	    KLDSIM_OK);
	assert_non_null(strstr(scene.text, "0 /mods/m000.ko refused"));
	kldsim_check_free(check);
	tear_down(&scene);
}

/* ThreadSanitizer has the last word (./dev test --full). */
static void
jobs(void **state)
{
	static const unsigned counts[] = { 2, 8, 400 };
	static struct scene scene;
	static char one[TEXT];

	(void)state;
	set_up(&scene, MANY);
	scene.options.ways = 1u << KLDSIM_CHECK_KLDLOAD |
	    1u << KLDSIM_CHECK_PRELOAD | 1u << KLDSIM_CHECK_TOGETHER;
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_int_equal(scene.told, 2 * (MANY + 1));
	memcpy(one, scene.text, sizeof(one));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		scene.options.jobs = counts[i];
		assert_int_equal(check(&scene), KLDSIM_OK);
		assert_string_equal(scene.text, one);
	}
	tear_down(&scene);
}

static bool
enough(void *arg, size_t done, size_t total)
{
	const struct scene *scene = arg;

	assert_int_equal(total, MANY + 1);
	assert_true(done == scene->told);
	return done < 20;
}

static void
ends(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene, MANY);
	scene.options.jobs = 3;
	scene.stop_after = 10;
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_int_equal(scene.told, 10);
	scene.stop_after = SIZE_MAX;
	scene.options.progress = enough;
	scene.options.progress_user = &scene;
	assert_int_equal(check(&scene), KLDSIM_OK);
	assert_int_equal(scene.told, 20);
	tear_down(&scene);
}

/* --- guilt (its kinds are tests/cli/test_guilt.py's) --- */

static struct kldsim_synth *
owner(void)
{
	struct kldsim_synth *m = module_with_set(R150, "set_pcpu", 12, 0x33);

	(void)module_absolute(m, "hidden", KLDSIM_SYNTH_LOCAL, 0x1000, 0);
	kldsim_synth_mdt_version(m, "owner", 1);
	return m;
}

static struct kldsim_synth *
leaky(void)
{
	struct kldsim_synth *m = module_new(R150);

	(void)module_slot(m, kldsim_synth_ref(m, "hidden"), 0);
	kldsim_synth_mdt_version(m, "leaky", 1);
	kldsim_synth_mdt_depend(m, "owner", 1, 1, 1);
	return m;
}

/* An owner, who leaks to two of one name, and a refused one. */
static void
set_up_guilty(struct scene *scene)
{
	struct kldsim_image *images[] = { kern_image(owner(), "owner.ko"),
		kern_image(leaky(), "leaky.ko"), kern_image(bad(), "bad.ko") };

	memset(scene, 0, sizeof(*scene));
	kern_start(&scene->kern, R150);
	scene->boot = scene->kern.options;
	assert_int_equal(kldsim_source_new(NULL, &scene->source, NULL),
	    KLDSIM_OK);
	add(scene, "/mods/owner.ko", images[0]);
	add(scene, "/mods/leaky.ko", images[1]);
	add(scene, "/mods/bad.ko", images[2]);
	add(scene, "/mods/more/leaky.ko", images[1]);
	for (size_t i = 0; i < 3; i++)
		kldsim_image_unref(images[i]);
	ask_for_mods(scene);
}

/* The list, a line each; modules are those of a folder by name, -1 is none. */
static void
list_guilt(const struct kldsim_check *check, char *text, size_t size)
{
	const struct kldsim_check_guilt *guilt;
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; (guilt = kldsim_check_guilt_at(check, i)) != NULL;
	    i++)
		used += (size_t)snprintf(text + used, size - used,
		    "%d %s %s %s\n", (int)guilt->module, guilt->path,
		    guilt->finding.code, guilt->finding.symbol != NULL ?
		    guilt->finding.symbol : "-");
	assert_true(used < size);
}

#define GUILT "3 /mods/more/leaky.ko file-name-twice -\n" \
	"1 /mods/leaky.ko local-symbol-leaks hidden\n" \
	"3 /mods/more/leaky.ko local-symbol-leaks hidden\n"

struct seen {
	enum kldsim_check_verdict unleaked[4];
	struct kldsim_check_set sets[4];
};

static bool
see(void *user, const struct kldsim_check_module *module)
{
	struct seen *seen = user;

	seen->unleaked[module->index] = module->unleaked;
	seen->sets[module->index] = module->sets[KLDSIM_SET_DPCPU];
	return true;
}

static void
guilt(void **state)
{
	static struct scene scene;
	struct kldsim_check_modspace modspace;
	struct kldsim_check *check;
	struct seen seen;
	char text[400];

	(void)state;
	set_up_guilty(&scene);
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_guilt_count(check), 0);
	assert_null(kldsim_check_guilt_at(check, 0));
	kldsim_check_modspace(check, KLDSIM_SET_DPCPU, &modspace);
	assert_false(modspace.present);
	/* One that was ended has none; twice is as once. */
	scene.stop_after = 2;
	assert_int_equal(kldsim_check_run(check, note, &scene, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_check_guilt_count(check), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kldsim_check_run(check, see, &seen, NULL),
		    KLDSIM_OK);
		list_guilt(check, text, sizeof(text));
		assert_string_equal(text, GUILT);
	}
	/* bad.ko, leaky.ko, owner.ko, more/leaky.ko */
	assert_int_equal(seen.unleaked[0], KLDSIM_CHECK_NOT_TRIED);
	assert_int_equal(seen.unleaked[1], KLDSIM_CHECK_REFUSED);
	assert_int_equal(seen.unleaked[2], KLDSIM_CHECK_NOT_TRIED);
	/* 12 bytes are two words of 8. */
	assert_int_equal(seen.sets[2].size, 12);
	assert_int_equal(seen.sets[2].modspace, 16);
	assert_int_equal(seen.sets[1].size, 0);
	assert_int_equal(seen.sets[1].needed, 16);
	assert_int_equal(seen.sets[0].needed, 0);
	kldsim_check_modspace(check, KLDSIM_SET_DPCPU, &modspace);
	assert_true(modspace.present);
	assert_int_equal(modspace.wanted, 16);
	assert_int_equal(modspace.nleft, 0);
	kldsim_check_free(check);
	/* It is asked of kldload(2) alone. */
	scene.options.ways = 1u << KLDSIM_CHECK_PRELOAD;
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_run(check, see, &seen, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_guilt_count(check), 0);
	kldsim_check_free(check);
	tear_down(&scene);
}

/* What a check of /mods says of a folder and its kernel. */
static void
is_guilty(struct scene *scene, const char *want)
{
	struct kldsim_check *check;
	struct seen seen;
	char text[400];

	ask_for_mods(scene);
	assert_int_equal(kldsim_check_new(scene->kern.image, &scene->options,
	    &check, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_run(check, see, &seen, NULL), KLDSIM_OK);
	list_guilt(check, text, sizeof(text));
	assert_string_equal(text, want);
	kldsim_check_free(check);
	tear_down(scene);
}

static void
add_synth(struct scene *scene, const char *path, struct kldsim_synth *synth)
{
	struct kldsim_image *image = kern_image(synth, path);

	add(scene, path, image);
	kldsim_image_unref(image);
}

/* A kernel has what is a module elsewhere; who uses it does not say so. */
static void
undeclared(void **state)
{
	static struct scene scene;
	struct kldsim_synth *owner, *user;

	(void)state;
	memset(&scene, 0, sizeof(scene));
	kern_init(&scene.kern, R150);
	kldsim_synth_mdt_version(scene.kern.synth, "owner", 1);
	(void)kldsim_synth_func(scene.kern.synth, "owned");
	kern_boot(&scene.kern);
	scene.boot = scene.kern.options;
	assert_int_equal(kldsim_source_new(NULL, &scene.source, NULL),
	    KLDSIM_OK);
	owner = module_new(R150);
	kldsim_synth_mdt_version(owner, "owner", 1);
	(void)kldsim_synth_func(owner, "owned");
	add_synth(&scene, "/mods/owner.ko", owner);
	user = module_new(R150);
	(void)module_slot(user, kldsim_synth_ref(user, "owned"), 0);
	add_synth(&scene, "/mods/user.ko", user);
	is_guilty(&scene, "1 /mods/user.ko undeclared-dependency owned\n");
}

/* A linker.hints has a file that is not there, or that is no module, and the
   folder has no other. */
static void
check_hints(bool no_module)
{
	static struct scene scene;
	struct kldsim_hints_options how;
	struct kldsim_image *image;
	size_t size;
	void *bytes;

	memset(&scene, 0, sizeof(scene));
	kern_start(&scene.kern, R150);
	scene.boot = scene.kern.options;
	assert_int_equal(kldsim_source_new(NULL, &scene.source, NULL),
	    KLDSIM_OK);
	add_synth(&scene, "/gone/gone.ko", provider());
	kldsim_hints_options_init(&how, sizeof(how));
	how.source = scene.source;
	assert_int_equal(kldsim_hints_build("/gone", &how, &bytes, &size, NULL,
	    NULL), KLDSIM_OK);
	assert_int_equal(kldsim_image_open_memory(bytes, size, "linker.hints",
	    NULL, NULL, &image, NULL), KLDSIM_OK);
	add(&scene, "/mods/linker.hints", image);
	kldsim_image_unref(image);
	if (no_module) {
		assert_int_equal(kldsim_image_open_memory("text", 4,
		    "gone.ko", NULL, NULL, &image, NULL), KLDSIM_OK);
		add(&scene, "/mods/gone.ko", image);
		kldsim_image_unref(image);
	} else {
		add_synth(&scene, "/mods/good.ko", plain());
	}
	is_guilty(&scene, no_module ?
	    "0 /mods/gone.ko hints-no-module -\n" :
	    "-1 /mods/gone.ko hints-file-gone -\n");
	kldsim_hints_free(bytes);
}

static void
hints_of_one_module(void **state)
{
	(void)state;
	check_hints(false);
	check_hints(true);
}

/* Likewise when memory runs out: all of it, or none. */
static void
check_guilty(struct scene *scene, enum kldsim_status *status_ret,
    char *text, size_t size)
{
	struct kldsim_check *check = NULL;

	*text = '\0';
	scene->told = 0;
	scene->text[0] = '\0';
	*status_ret = kldsim_check_new(scene->kern.image, &scene->options,
	    &check, NULL);
	if (*status_ret == KLDSIM_OK)
		*status_ret = kldsim_check_run(check, note, scene, NULL);
	if (*status_ret == KLDSIM_OK)
		list_guilt(check, text, size);
	kldsim_check_free(check);
}

/* --- no memory --- */

/* The allocator of a check has to be one that many threads may use. */
struct locked {
	struct support_alloc alloc;
	struct kldsim_allocator inner;
	pthread_mutex_t lock;
};

static void *
locked_alloc(void *user, size_t size)
{
	struct locked *locked = user;
	void *memory;

	(void)pthread_mutex_lock(&locked->lock);
	memory = locked->inner.alloc(locked->inner.user, size);
	(void)pthread_mutex_unlock(&locked->lock);
	return memory;
}

static void
locked_free(void *user, void *memory)
{
	struct locked *locked = user;

	(void)pthread_mutex_lock(&locked->lock);
	locked->inner.free(locked->inner.user, memory);
	(void)pthread_mutex_unlock(&locked->lock);
}

/* Whichever request fails, nothing is left, and nobody is told a lie. */
static void
check_no_memory(struct scene *scene)
{
	static char good[TEXT];
	struct locked locked;
	long nomem = 0, at = 0;

	assert_int_equal(check(scene), KLDSIM_OK);
	memcpy(good, scene->text, sizeof(good));
	(void)pthread_mutex_init(&locked.lock, NULL);
	scene->boot.allocator.alloc = locked_alloc;
	scene->boot.allocator.free = locked_free;
	scene->boot.allocator.user = &locked;
	do {
		enum kldsim_status status;

		support_alloc_init(&locked.alloc, at);
		locked.inner = support_allocator(&locked.alloc);
		status = check(scene);
		assert_true(status == KLDSIM_OK || status == KLDSIM_NOMEM);
		nomem += status == KLDSIM_NOMEM;
		assert_int_equal(locked.alloc.live, 0);
		if (status == KLDSIM_OK && strstr(scene->text, "failed") == NULL)
			assert_string_equal(scene->text, good);
		at += at < 200 ? 1 : 7;
	} while (locked.alloc.failed != 0);
	assert_true(nomem > 20);
	(void)pthread_mutex_destroy(&locked.lock);
}

static void
no_memory(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene, 3);
	scene.options.ways = 7;
	check_no_memory(&scene);
	assert_int_equal(scene.told, 8);
	tear_down(&scene);
}

/* In a hurry, with one that stays, for another has brought it. */
static void
no_memory_in_a_hurry(void **state)
{
	static struct scene scene;
	struct kldsim_synth *low = plain(), *high = plain();

	(void)state;
	set_up(&scene, 3);
	kldsim_synth_mdt_version(low, "low", 1);
	kldsim_synth_mdt_depend(high, "low", 1, 1, 1);
	add_synth(&scene, "/mods/low.ko", low);
	add_synth(&scene, "/mods/high.ko", high);
	scene.options.ways = 1u << KLDSIM_CHECK_KLDLOAD;
	scene.options.no_types = scene.options.quick = true;
	check_no_memory(&scene);
	assert_int_equal(scene.told, 6);
	tear_down(&scene);
}

static void
no_memory_for_guilt(void **state)
{
	static struct scene scene;
	enum kldsim_status status;
	struct locked locked;
	long nomem = 0, at = 0;
	char text[400];

	(void)state;
	set_up_guilty(&scene);
	scene.options.ways = 1u << KLDSIM_CHECK_KLDLOAD;
	(void)pthread_mutex_init(&locked.lock, NULL);
	scene.boot.allocator.alloc = locked_alloc;
	scene.boot.allocator.free = locked_free;
	scene.boot.allocator.user = &locked;
	do {
		support_alloc_init(&locked.alloc, at);
		locked.inner = support_allocator(&locked.alloc);
		check_guilty(&scene, &status, text, sizeof(text));
		assert_true(status == KLDSIM_OK || status == KLDSIM_NOMEM);
		nomem += status == KLDSIM_NOMEM;
		assert_int_equal(locked.alloc.live, 0);
		if (status == KLDSIM_OK && strstr(scene.text, "failed") == NULL)
			assert_string_equal(text, GUILT);
		at++;
	} while (locked.alloc.failed != 0);
	assert_true(nomem > 20);
	assert_string_equal(text, GUILT);
	(void)pthread_mutex_destroy(&locked.lock);
	tear_down(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(panics_and_folders),
		cmocka_unit_test(object),
		cmocka_unit_test(jobs),
		cmocka_unit_test(ends),
		cmocka_unit_test(guilt),
		cmocka_unit_test(undeclared),
		cmocka_unit_test(hints_of_one_module),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(no_memory_in_a_hurry),
		cmocka_unit_test(no_memory_for_guilt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
