/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A sequence of operations on the library and on the model (support_model.h),
 * compared after each step.  Random numbers choose, or bytes from outside.
 */

#include "support_model.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SLOW 1
#endif

#ifdef SLOW
#define STARVED 30 /* percent of calls that lack memory once */
#else
#define STARVED 10
#endif

enum kind {
	LOAD_IMAGE, LOAD_NAME, UNLOAD, UNLOAD_FORCED, ANSWER, VNET_ALLOC,
	VNET_DESTROY, CPU_ADD, SNAPSHOT, RESTORE, KINDS
};

static const char *const kind_names[KINDS] = { "load image", "load by name",
    "unload", "unload -f", "answer", "vnet create", "vnet destroy",
    "cpu add", "snapshot", "restore" };

/* What was done, by kind and outcome; the last outcome is a panic. */
#define PANICKED 81
static unsigned long outcomes[KINDS][PANICKED + 1];
static unsigned long sequences, steps, nomems, zombies, panics, preloaded;
static unsigned long by_release[MODEL_RELEASES];

/* Graphs have one machine each; what of it was done. */
#define MACHINES 4
static struct tally {
	const char *machine;
	unsigned long sequences, loads, refusals;
} tallies[MACHINES];

/* Host memory that fails once, when left reaches 0. */
struct failing {
	long left;
	bool failed;
};

static void *
failing_alloc(void *user, size_t size)
{
	struct failing *failing = user;

	if (failing->left >= 0 && failing->left-- == 0) {
		failing->failed = true;
		return NULL;
	}
	return malloc(size);
}

static void
failing_free(void *user, void *memory)
{
	(void)user;
	free(memory);
}

/* One operation, chosen before it is done, so that it can be done again. */
struct operation {
	enum kind kind;
	const struct model_image *image;
	char name[MODEL_PATH + MODEL_NAME + 2];
	int id, flags, event, error;
};

/* The last snapshot, and the model then. */
struct saved {
	uint64_t id; /* 0: none was taken */
	struct model model;
	unsigned char *mem[MODEL_FILES]; /* what files have in memory */
	size_t lines, events;
};

struct sequence {
	const struct model_graph *graph;
	uint64_t random;
	struct failing failing;
	struct kldsim *sim;
	struct model model, before;
	struct saved saved;
	struct model_log log;
	struct model_check check;
	unsigned number, step, steps;
};

static const struct model_image *
any_image(struct sequence *s)
{
	const struct model_graph *graph = s->graph;

	return &graph->images[model_below(&s->random,
	    model_chance(&s->random, 92) ? graph->nhonest : graph->nimages)];
}

static void
choose_name(struct sequence *s, struct operation *op)
{
	size_t kind = model_below(&s->random, 100);
	const struct model_image *image = any_image(s);
	size_t size = sizeof(op->name);

	if (kind < 40)
		(void)snprintf(op->name, size, "m%zu",
		    model_below(&s->random, s->graph->nhonest));
	else if (kind < 50)
		(void)snprintf(op->name, size, "e%zu",
		    model_below(&s->random, 4));
	else if (kind < 75)
		(void)snprintf(op->name, size, "%s", image->name);
	else if (kind < 90)
		(void)snprintf(op->name, size, "%s%s%s",
		    s->graph->dir[image->dir],
		    strchr("/", s->graph->dir[image->dir][strlen(
		    s->graph->dir[image->dir]) - 1]) != NULL ? "" : "/",
		    image->name);
	else if (kind < 95)
		(void)snprintf(op->name, size, "%s", kind < 92 ? "kernel" :
		    kind < 93 ? "kern0" : kind < 94 ? "nope" : "nope.ko");
	else
		(void)snprintf(op->name, size, "/nowhere/%s", image->name);
}

/* Mostly a file that is there, now and then the kernel or none at all. */
static int
choose_id(struct sequence *s)
{
	const struct model *model = &s->model;
	size_t at = model_below(&s->random, model->nfiles);

	if (at == 0 && model->nfiles > 1 && model_chance(&s->random, 85))
		at = 1 + model_below(&s->random, model->nfiles - 1);
	if (model->files[model->list[at]].userrefs == 0 &&
	    model_chance(&s->random, 60))
		at = model_below(&s->random, model->nfiles);
	return model_chance(&s->random, 3) ? 99 :
	    model->files[model->list[at]].id;
}

static void
choose_answer(struct sequence *s, struct operation *op)
{
	static const int events[] = { KLDSIM_MOD_LOAD, KLDSIM_MOD_UNLOAD,
	    KLDSIM_MOD_QUIESCE };
	static const int errors[] = { 0, 0, 0, MODEL_EIO, MODEL_EBUSY,
	    MODEL_ENXIO, MODEL_EINVAL, MODEL_EOPNOTSUPP };

	(void)snprintf(op->name, sizeof(op->name), "m%zu%s",
	    model_below(&s->random, s->graph->nhonest),
	    model_chance(&s->random, 25) ? "b" : "");
	op->event = events[model_below(&s->random, 3)];
	op->error = errors[model_below(&s->random, 8)];
}

static void
choose_image(struct sequence *s, struct operation *op)
{
	op->image = any_image(s);
	(void)snprintf(op->name, sizeof(op->name), "%s/%s",
	    model_chance(&s->random, 50) ? "/boot/kernel" : "/tmp/obj.amd64",
	    op->image->name);
}

static void
choose(struct sequence *s, struct operation *op)
{
	static const unsigned char weights[KINDS] = { 28, 23, 16, 8, 8, 6, 4,
	    2, 3, 2 };
	size_t at = model_below(&s->random, 100);

	memset(op, 0, sizeof(*op));
	for (op->kind = 0; at >= weights[op->kind]; op->kind++)
		at -= weights[op->kind];
	if (!s->graph->vimage &&
	    (op->kind == VNET_ALLOC || op->kind == VNET_DESTROY))
		op->kind = UNLOAD;
	if (op->kind == LOAD_IMAGE)
		choose_image(s, op);
	else if (op->kind == LOAD_NAME)
		choose_name(s, op);
	else if (op->kind == ANSWER)
		choose_answer(s, op);
	else if (op->kind == CPU_ADD && s->model.sets[0].ninstances >= 8)
		op->kind = s->graph->vimage ? VNET_DESTROY : SNAPSHOT;
	else if (op->kind == VNET_ALLOC && s->model.sets[1].ninstances >= 6)
		op->kind = VNET_DESTROY;
	else if (op->kind == RESTORE && s->saved.id == 0)
		op->kind = SNAPSHOT;
	else
		op->id = choose_id(s);
	if (op->kind == VNET_DESTROY)
		op->id = (int)(1 + model_below(&s->random, s->model.vnets));
	op->flags = op->kind == UNLOAD_FORCED ? KLDSIM_UNLOAD_FORCE :
	    model_chance(&s->random, 2) ? 7 : KLDSIM_UNLOAD_NORMAL;
}

/* What the library answers. */
struct answer {
	enum kldsim_status status;
	int error, id;
	bool panicked;
	struct kldsim_error text;
};

static void
perform(struct kldsim *sim, struct saved *saved, const struct operation *op,
    struct answer *out)
{
	struct kldsim_result result = { .fileid = -1 };
	unsigned vnet = 0;

	memset(out, 0, sizeof(*out));
	if (op->kind == LOAD_IMAGE)
		out->status = kldsim_kldload_image(sim, op->image->image,
		    op->name, &result, &out->text);
	else if (op->kind == LOAD_NAME)
		out->status = kldsim_kldload(sim, op->name, &result,
		    &out->text);
	else if (op->kind == UNLOAD || op->kind == UNLOAD_FORCED)
		out->status = kldsim_kldunload(sim, op->id, op->flags,
		    &result, &out->text);
	else if (op->kind == ANSWER)
		out->status = kldsim_module_answer(sim, op->name,
		    (enum kldsim_modevent)op->event, op->error);
	else if (op->kind == VNET_ALLOC)
		out->status = kldsim_vnet_alloc(sim, &vnet, &out->text);
	else if (op->kind == CPU_ADD)
		out->status = kldsim_cpu_add(sim, &vnet, &out->text);
	else if (op->kind == SNAPSHOT)
		out->status = kldsim_snapshot(sim, &saved->id, &out->text);
	else if (op->kind == RESTORE)
		out->status = kldsim_restore(sim, saved->id);
	else
		out->status = kldsim_vnet_destroy(sim, (unsigned)op->id,
		    &out->text);
	out->error = result.error;
	out->panicked = result.panicked;
	out->id = op->kind == VNET_ALLOC || op->kind == CPU_ADD ?
	    (int)vnet : result.fileid;
}

static void
predict(struct model *model, const struct operation *op, struct answer *out)
{
	memset(out, 0, sizeof(*out));
	out->id = -1;
	if (op->kind == LOAD_IMAGE)
		out->error = model_kldload_image(model, op->image, op->name,
		    &out->id);
	else if (op->kind == LOAD_NAME)
		out->error = model_kldload(model, op->name, &out->id);
	else if (op->kind == UNLOAD || op->kind == UNLOAD_FORCED)
		out->error = model_kldunload(model, op->id, op->flags);
	else if (op->kind == ANSWER)
		model_answer(model, op->name, op->event, op->error);
	else if (op->kind == VNET_ALLOC)
		out->id = (int)model_vnet_alloc(model);
	else if (op->kind == CPU_ADD)
		out->id = (int)model_cpu_add(model);
	else if (op->kind == SNAPSHOT || op->kind == RESTORE)
		return; /* see put_back() */
	else if (!model_vnet_destroy(model, (unsigned)op->id))
		out->status = KLDSIM_NOENT;
	out->panicked = model->panicked;
}

static void
label(struct sequence *s, const struct operation *op)
{
	(void)snprintf(s->check.label, sizeof(s->check.label),
	    "graph %llu sequence %u step %u (%s %u): %s %.100s %d %d %d %d",
	    (unsigned long long)s->graph->seed, s->number, s->step,
	    s->graph->machine->name, s->graph->osreldate, kind_names[op->kind], op->name, op->id,
	    op->flags, op->event, op->error);
	if (getenv("KLDSIM_MODEL_TRACE") != NULL)
		print_message("%s\n", s->check.label);
}

/* No memory: nothing happened.  Then the same once more, with memory. */
static void
perform_starved(struct sequence *s, const struct operation *op,
    struct answer *out)
{
	s->failing.left = -1;
	s->failing.failed = false;
	if (model_chance(&s->random, STARVED))
		s->failing.left = (long)model_below(&s->random,
		    model_chance(&s->random, 50) ? 10 : 150);
	perform(s->sim, &s->saved, op, out);
	s->failing.left = -1;
	if (!s->failing.failed)
		return;
	nomems++;
	model_same(&s->check, "status without memory", out->status,
	    KLDSIM_NOMEM);
	model_compare(&s->check, s->sim, &s->model);
	perform(s->sim, &s->saved, op, out);
}

static void
save(struct sequence *s)
{
	for (size_t i = 0; i < MODEL_FILES; i++) {
		const struct model_file *file = &s->model.files[i];

		s->saved.mem[i] = NULL;
		if (file->used && file->mem != NULL) {
			s->saved.mem[i] = model_keep(&s->model, file->size);
			memcpy(s->saved.mem[i], file->mem, file->size);
		}
	}
	s->saved.model = s->model;
	s->saved.lines = s->log.nlines;
	s->saved.events = s->log.nevents;
}

static void
put_back(struct sequence *s)
{
	s->model = s->saved.model;
	for (size_t i = 0; i < MODEL_FILES; i++)
		if (s->saved.mem[i] != NULL)
			memcpy(s->model.files[i].mem, s->saved.mem[i],
			    s->model.files[i].size);
	s->log.nlines = s->saved.lines;
	s->log.nevents = s->saved.events;
	s->check.lines = s->check.events = 0;
	s->check.dead = false;
}

static void
tell_panics(const struct sequence *s)
{
	size_t i;

	for (i = 0; i < kldsim_finding_count(s->sim); i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(s->sim, i);

		if (finding->severity == KLDSIM_PANIC)
			print_error("%s: %s\n", finding->code, finding->text);
	}
}

/* The real kernel would have panicked: all is as before, but dead. */
static bool
step_panicked(struct sequence *s, const struct operation *op,
    const struct answer *have, size_t lines, size_t events)
{
	if (!have->panicked && !s->model.panicked)
		return false;
	if (have->panicked != s->model.panicked)
		tell_panics(s);
	model_same(&s->check, "panicked", have->panicked, s->model.panicked);
	s->model = s->before;
	s->log.nlines = lines;
	s->log.nevents = events;
	s->check.dead = true;
	model_compare(&s->check, s->sim, &s->model);
	outcomes[op->kind][PANICKED]++;
	panics++;
	return true;
}

/* The real kernel has panicked: it lives on if there is a snapshot of it. */
static bool
revive(struct sequence *s)
{
	if (s->saved.id == 0)
		return false;
	model_same(&s->check, "restore", kldsim_restore(s->sim, s->saved.id),
	    KLDSIM_OK);
	put_back(s);
	model_compare(&s->check, s->sim, &s->model);
	outcomes[RESTORE][0]++;
	return true;
}

static struct tally *
tally_of(const struct sequence *s)
{
	struct tally *tally = tallies;

	while (tally->machine != NULL &&
	    strcmp(tally->machine, s->graph->machine->name) != 0)
		assert_true(++tally < tallies + MACHINES);
	tally->machine = s->graph->machine->name;
	return tally;
}

static void
count_step(const struct sequence *s, const struct operation *op,
    const struct answer *want)
{
	struct tally *tally = tally_of(s);

	outcomes[op->kind][want->status == KLDSIM_OK ? want->error : 2]++;
	if (op->kind == LOAD_IMAGE || op->kind == LOAD_NAME) {
		tally->loads += want->error == 0;
		tally->refusals += want->error != 0;
	}
}

/* false: the sequence is over. */
static bool
step(struct sequence *s)
{
	size_t lines = s->log.nlines, events = s->log.nevents;
	struct answer have, want;
	struct operation op;

	choose(s, &op);
	label(s, &op);
	perform_starved(s, &op, &have);
	s->before = s->model;
	predict(&s->model, &op, &want);
	steps++;
	if (step_panicked(s, &op, &have, lines, events))
		return revive(s);
	if (op.kind == SNAPSHOT)
		save(s);
	else if (op.kind == RESTORE)
		put_back(s);
	if (have.status != want.status)
		fail_msg("%s\nstatus %s: %s", s->check.label,
		    kldsim_status_name(have.status), have.text.text);
	if (have.error != want.error)
		print_error("console: %s\n", kldsim_console_line(s->sim,
		    kldsim_console_count(s->sim) - 1));
	model_same(&s->check, "errno", (uint64_t)have.error,
	    (uint64_t)want.error);
	if (op.kind == LOAD_IMAGE || op.kind == LOAD_NAME ||
	    op.kind == VNET_ALLOC)
		model_same(&s->check, "new id", (uint64_t)have.id,
		    (uint64_t)want.id);
	model_compare(&s->check, s->sim, &s->model);
	count_step(s, &op, &want);
	return true;
}

static void
count_sequence(const struct sequence *s)
{
	size_t i;

	sequences++;
	tally_of(s)->sequences++;
	for (i = 0; i < MODEL_RELEASES; i++)
		by_release[i] += s->graph->osreldate == model_releases[i];
	for (i = 0; i < s->model.nfiles; i++)
		if (!s->model.files[s->model.list[i]].linked) {
			zombies++;
			break;
		}
}

/* What nobody could foretell, the options say. */
static void
set_options(const struct sequence *s, struct kldsim_options *options)
{
	static struct kldsim_placement files[MODEL_IMAGES];
	static const struct kldsim_ifunc ifunc = { .symbol = "none" };
	size_t i;

	for (i = 0; i < s->graph->nimages; i++) {
		files[i].file = s->graph->images[i].name;
		files[i].address = model_linker_file(s->graph, files[i].file);
	}
	options->linker_files = files;
	options->nlinker_files = i;
	options->ifuncs = &ifunc;
	options->nifuncs = 1;
}

/* A kernel with the graph's preload, or none. */
static void
boot(struct sequence *s)
{
	const struct kldsim_preload preload = { .path = MODEL_PRELOAD,
		.image = s->graph->preload.image };
	const bool preloads = s->number % 4 == 3;
	struct model_place place = { 0, 0 };
	struct kldsim_options options;
	struct kldsim_filestat stat;
	struct kldsim_error error;

	kldsim_options_init(&options, sizeof(options));
	options.cpus = (unsigned)(1 + model_below(&s->random, 3));
	options.vnets = (unsigned)(1 + model_below(&s->random, 3));
	options.osreldate = s->graph->osreldate;
	if (!s->graph->machine->apart_exec)
		options.kernel_end = s->graph->machine->base;
	options.module_path = s->graph->module_path;
	options.allocator = (struct kldsim_allocator){ failing_alloc,
	    failing_free, &s->failing };
	set_options(s, &options);
	options.preloads = &preload;
	options.npreloads = preloads;
	if (kldsim_boot(s->graph->kernel.image, &options, &s->sim, &error) !=
	    KLDSIM_OK)
		fail_msg("boot: %s", error.text);
	(void)snprintf(s->check.label, sizeof(s->check.label),
	    "graph %llu sequence %u (%s %u): boot%s",
	    (unsigned long long)s->graph->seed, s->number,
	    s->graph->machine->name, s->graph->osreldate,
	    preloads ? " with a preload" : "");
	if (preloads) {
		model_same(&s->check, "preload", kldsim_kldstat(s->sim, 2,
		    &stat), KLDSIM_OK);
		place = (struct model_place){ stat.address, stat.size };
		preloaded++;
	}
	model_boot(&s->model, s->graph, &s->log, options.cpus, options.vnets,
	    preloads ? &place : NULL);
	model_compare(&s->check, s->sim, &s->model);
}

/* The next step by the bytes; false: there are no more. */
static bool
next_choice(struct sequence *s, const unsigned char **choices, size_t *left)
{
	if (*choices == NULL)
		return s->step < s->steps;
	if (*left < 2)
		return false;
	s->random = s->random * 3 + (*choices)[0] + 256u * (*choices)[1];
	*choices += 2;
	*left -= 2;
	return s->step < MODEL_STEPS;
}

void
model_run(const struct model_graph *graph, unsigned number,
    const unsigned char *choices, size_t size)
{
	static struct sequence s;

	memset(&s, 0, sizeof(s));
	s.graph = graph;
	s.number = number;
	s.random = graph->seed * 1000003 + number * UINT64_C(0x9e3779b9) + 7;
	s.failing.left = -1;
	boot(&s);
	s.steps = (unsigned)(5 + model_below(&s.random, 26));
	while (next_choice(&s, &choices, &size)) {
		s.step++;
		if (!step(&s))
			break;
	}
	count_sequence(&s);
	kldsim_destroy(s.sim);
	model_log_free(&s.log);
}

void
model_print_outcomes(void)
{
	const struct tally *tally;
	int kind, error;

	print_message("%lu sequences, %lu with a preload, %lu steps, %lu "
	    "calls without memory, %lu panics, %lu with zombies at the end\n",
	    sequences, preloaded, steps, nomems, panics, zombies);
	print_message("12.1: %lu, 13.0: %lu, 14.0: %lu, 14.1: %lu, "
	    "15.0: %lu, 15.1: %lu\n", by_release[0], by_release[1], by_release[2],
	    by_release[3], by_release[4], by_release[5]);
	for (tally = tallies; tally < tallies + MACHINES &&
	    tally->machine != NULL; tally++)
		print_message("%s: %lu sequences, %lu loads, %lu refused\n",
		    tally->machine, tally->sequences, tally->loads,
		    tally->refusals);
	for (kind = 0; kind < KINDS; kind++) {
		print_message("%s:", kind_names[kind]);
		for (error = 0; error <= PANICKED; error++)
			if (outcomes[kind][error] != 0)
				print_message(" %s %lu", error == 0 ? "ok" :
				    error == PANICKED ? "panic" :
				    kldsim_errno_name(error),
				    outcomes[kind][error]);
		print_message("\n");
	}
}

