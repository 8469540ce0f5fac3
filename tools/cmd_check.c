/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim check: which of many modules load into a kernel, and why not. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kldsim/kldsim.h>

#include "check/check_results.h"
#include "check/check_run.h"
#include "command.h"
#include "kbi/kernels.h"
#include "report/baseline.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

const char *
check_way_name(enum kldsim_check_way way)
{
	static const char *const names[KLDSIM_CHECK_WAYS] = {
		[KLDSIM_CHECK_KLDLOAD] = "kldload",
		[KLDSIM_CHECK_PRELOAD] = "preload",
		[KLDSIM_CHECK_TOGETHER] = "together",
	};

	return (names[way]);
}

bool
check_has_way(const struct check_run *run, enum kldsim_check_way way)
{
	return (way != KLDSIM_CHECK_TOGETHER || run->together);
}

static bool
has(const struct kldsim_check_answer *answer, const struct kldsim_finding *f)
{
	for (size_t i = 0; i < answer->nfindings; i++)
		if (strcmp(answer->findings[i].text, f->text) == 0 &&
		    answer->findings[i].offset == f->offset)
			return (true);
	return (false);
}

/* run NULL: known ones, too. */
static size_t
count(const struct check_run *run, const struct kldsim_check_module *module)
{
	const struct kldsim_check_answer *first =
	    &module->answers[KLDSIM_CHECK_KLDLOAD];
	size_t n = 0;

	for (int way = 0; way < KLDSIM_CHECK_TOGETHER; way++) {
		const struct kldsim_check_answer *answer =
		    &module->answers[way];

		for (size_t i = 0; i < answer->nfindings; i++) {
			const struct kldsim_finding *f = &answer->findings[i];

			n += f->severity == KLDSIM_WARNING && !f->refusal &&
			    (answer == first || !has(first, f)) &&
			    (run == NULL || !check_is_known(run, f,
			    module->path));
		}
	}
	return (n);
}

size_t
check_warnings(const struct kldsim_check_module *module)
{
	return (count(NULL, module));
}

size_t
check_new_warnings(const struct check_run *run,
    const struct kldsim_check_module *module)
{
	return (count(run, module));
}

/* --- what is told --- */

static bool
visit(void *user, const struct kldsim_check_module *module)
{
	struct check_run *run = user;
	const struct kldsim_check_answer *answers = module->answers;

	for (int way = 0; way < KLDSIM_CHECK_WAYS; way++) {
		run->totals[way][answers[way].verdict]++;
		run->counted[answers[way].verdict] += check_counts(run, module,
		    (enum kldsim_check_way)way);
	}
	run->warnings += check_new_warnings(run, module);
	if (answers[KLDSIM_CHECK_TOGETHER].verdict == KLDSIM_CHECK_NOT_TRIED) {
		run->interfaces[module->interface]++;
		run->ncounted_interfaces += module->interface >=
		    KLDSIM_KBI_REBUILD && check_interface_counts(run, module);
		run->alone[module->index] =
		    answers[KLDSIM_CHECK_KLDLOAD].verdict;
		run->sets[module->index].module = module->index;
		memcpy(run->sets[module->index].sets, module->sets,
		    sizeof(module->sets));
	} else
		run->ndiffer += answers[KLDSIM_CHECK_TOGETHER].verdict !=
		    run->alone[module->index];
	check_results_module(run, module);
	run->told++;
	if (run->load.json)
		check_json_module(run, module);
	else
		check_text_module(run, module);
	if (run->html != NULL)
		check_html_module(run, module);
	return (true);
}

static int
report(struct check_run *run)
{
	int status;

	if (run->load.json)
		check_json(run);
	else if (run->check != NULL)
		check_text_end(run);
	if (put_finish(stdout, "standard output") != 0)
		return (STATUS_HOST);
	status = check_results_end(run);
	if (run->page != NULL && check_html(run) != STATUS_OK)
		status = STATUS_HOST;
	return (status);
}

/* At once: threads that are in the middle of a module end with the program. */
static void
interrupt(struct check_run *run)
{
	const size_t count = kldsim_check_count(run->check);

	check_watch_clear();
	run->interrupted = true;
	(void)report(run);
	complain("interrupted: %zu of %zu modules were tried",
	    run->told < count ? run->told : count, count);
	check_watch_die();
}

/* Lines on a terminal are progress enough. */
static bool
progress(void *user, size_t done, size_t total)
{
	struct check_run *run = user;
	const bool lines = !run->load.json && run->load.verbosity > QUIET &&
	    isatty(STDOUT_FILENO);

	if (check_watch(done, total, !lines))
		return (true);
	interrupt(run);
	return (false);
}

/* --- the whole --- */

static int
fail(struct check_run *run, enum kldsim_status status)
{
	run->failure = complain_of(run->load.failed, &run->error);
	return (status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
}

/* If nothing was named, WHAT are the folders of the module path. */
static void
take_path(struct check_run *run)
{
	const char *path = run->load.boot.module_path;
	size_t length;

	run->folders = need(strdup(path));
	run->what = need(calloc(strlen(path) + 1, sizeof(*run->what)));
	for (char *folder = run->folders; *folder != '\0'; folder += length) {
		length = strcspn(folder, ";");
		if (length != 0)
			run->what[run->nwhat++] = folder;
		if (folder[length] != '\0')
			folder[length++] = '\0';
	}
}

static void
take_what(struct check_run *run)
{
	if (run->load.nmodules == 0) {
		take_path(run);
		return;
	}
	run->nwhat = run->load.nmodules;
	run->what = need(calloc(run->nwhat, sizeof(*run->what)));
	for (size_t i = 0; i < run->nwhat; i++)
		run->what[i] = run->load.modules[i];
}

/* Which of what was named an error is of: its text begins with it. */
static void
find_failed(struct check_run *run)
{
	const char *text = run->error.text;

	for (size_t i = 0; i < run->nwhat; i++)
		if (strncmp(text, run->what[i], strlen(run->what[i])) == 0)
			run->load.failed = run->what[i];
}

static int
make_check(struct check_run *run)
{
	struct kldsim_check_options options;
	enum kldsim_status status = load_options_open(&run->load, &run->image,
	    &run->error);

	if (run->image != NULL)
		kldsim_image_info(run->image, &run->info);
	if (status == KLDSIM_OK && run->against != NULL) {
		run->load.failed = run->against;
		status = find_kernels(run->load.boot.source, run->against,
		    &run->olds, &run->nolds, &run->error);
	}
	if (status != KLDSIM_OK)
		return (fail(run, status));
	kldsim_check_options_init(&options, sizeof(options));
	options.against = run->olds;
	options.nagainst = run->nolds;
	options.boot = &run->load.boot;
	take_what(run);
	options.what = run->what;
	options.nwhat = run->nwhat;
	options.jobs = run->jobs;
	options.progress = progress;
	options.progress_user = run;
	options.ways = 1u << KLDSIM_CHECK_KLDLOAD |
	    1u << KLDSIM_CHECK_PRELOAD |
	    (run->together ? 1u << KLDSIM_CHECK_TOGETHER : 0u);
	status = kldsim_check_new(run->image, &options, &run->check,
	    &run->error);
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	find_failed(run);
	return (fail(run, status));
}

/* Of the kernel itself, and new. */
static size_t
kernel_warnings(const struct check_run *run)
{
	const struct kldsim *sim = kldsim_check_kernel(run->check);
	const struct kldsim_finding *f;
	size_t n = 0;

	for (size_t i = 0; (f = kldsim_finding_at(sim, i)) != NULL; i++)
		n += f->severity == KLDSIM_WARNING &&
		    !check_is_known(run, f, "kernel");
	return (n);
}

/* By precedence, as of `load`. */
static int
verdict(const struct check_run *run)
{
	static const struct {
		enum kldsim_check_verdict verdict;
		int status;
	} rows[] = {
		{ KLDSIM_CHECK_FAILED, STATUS_HOST },
		{ KLDSIM_CHECK_PANIC, STATUS_PANIC },
		{ KLDSIM_CHECK_REFUSED, STATUS_REFUSED },
		{ KLDSIM_CHECK_NO_MODULE, STATUS_REFUSED },
	};
	const size_t warnings = run->warnings + kernel_warnings(run);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (run->counted[rows[i].verdict] != 0)
			return (rows[i].status);
	if (run->nolds != 0 && run->ncounted_interfaces != 0)
		return (STATUS_REFUSED);
	if (!run->load.strict || warnings == 0)
		return (STATUS_OK);
	complain("--strict: %zu warning%s", warnings,
	    warnings == 1 ? "" : "s");
	return (STATUS_REFUSED);
}

static int
try_all(struct check_run *run)
{
	enum kldsim_status status;
	int reported;

	run->alone = need(calloc(kldsim_check_count(run->check) + 1,
	    sizeof(*run->alone)));
	run->sets = need(calloc(kldsim_check_count(run->check) + 1,
	    sizeof(*run->sets)));
	run->name_width = check_text_width(run);
	if (!run->load.json)
		check_text_begin(run);
	if (run->html != NULL)
		check_html_begin(run);
	check_watch_begin();
	status = kldsim_check_run(run->check, visit, run, &run->error);
	check_watch_end();
	run->warnings += check_guilt_warnings(run);
	if (status != KLDSIM_OK)
		(void)fail(run, status);
	reported = report(run);
	if (status != KLDSIM_OK || reported != STATUS_OK)
		return (STATUS_HOST);
	return (verdict(run));
}

static int
run_check(struct check_run *run)
{
	int status = check_results_begin(run) ? make_check(run) : STATUS_USAGE;

	run->modules = run->load.json ? json_make("[]") : NULL;
	if (status == STATUS_OK)
		status = try_all(run);
	else if (status == STATUS_HOST)
		(void)report(run);
	check_results_free(run);
	json_decref(run->modules);
	check_html_end(run);
	free(run->alone);
	free(run->sets);
	free(run->what);
	free(run->folders);
	kldsim_check_free(run->check);
	free_kernels(run->olds, run->nolds);
	kldsim_image_unref(run->image);
	return (status);
}

/* What --root leaves no room for; NULL if nothing is given of it. */
static const char *
beside_root(const struct check_run *run, int argc, char **argv)
{
	if (argc != 0)
		return (argv[0]);
	if (run->together)
		return ("--together");
	if (run->load.module_path_given)
		return ("--module-path");
	return (run->against != NULL ? "--against" : NULL);
}

/* What is opened, before anything is read. */
static bool
enter_sandbox(const struct check_run *run)
{
	load_options_sandbox(&run->load);
	if (run->root != NULL)
		sandbox_will_search_folder(run->root);
	if (run->against != NULL)
		sandbox_will_search(run->against);
	if (run->baseline_file != NULL)
		sandbox_will_read(run->baseline_file);
	sandbox_will_write(run->sarif_file);
	sandbox_will_write(run->junit_file);
	sandbox_will_write(run->kept_file);
	sandbox_will_write(run->html);
	return (sandbox_enter(run->load.verbosity == VERBOSE));
}

/* The next boot of what is in a root. */
static int
run_root(struct check_run *run)
{
	int status = STATUS_HOST;

	if (enter_sandbox(run))
		status = check_results_begin(run) ? check_root(run) :
		    STATUS_USAGE;
	check_results_free(run);
	kldsim_next_boot_free(run->next);
	return (status);
}

/* KERNEL and WHAT, or a root alone. */
static int
run_either(struct check_run *run, int argc, char **argv)
{
	const char *extra;

	if (run->root == NULL && argc == 0) {
		complain("which KERNEL? (try kldsim check --help)");
		return (STATUS_USAGE);
	}
	if (run->root == NULL) {
		load_options_operands(&run->load, argc, argv);
		return (enter_sandbox(run) ? run_check(run) : STATUS_HOST);
	}
	extra = beside_root(run, argc, argv);
	if (extra != NULL) {
		complain("--root says which kernel and which modules there "
		    "are: %s is one too many", extra);
		return (STATUS_USAGE);
	}
	return (run_root(run));
}

static int
cmd_check(int argc, char **argv)
{
	struct check_run run;
	int status;

	memset(&run, 0, sizeof(run));
	load_options_init(&run.load, argc);
	run.jobs = check_jobs();
	if (command_parse(&check_command, argc, argv, &run, &status))
		status = run_either(&run, argc - optind, argv + optind);
	load_options_free(&run.load);
	return (status);
}

static const struct option_row rows[] = {
	{ 'j', "jobs", "N", set_count, offsetof(struct check_run, jobs),
	    "threads that try modules (as many as CPUs)", WANT_COUNT },
	{ 0, "against", "OLD", set_text, offsetof(struct check_run, against),
	    "the kernel, or a folder of such, that modules were built for",
	    "a kernel or a folder" },
	{ 0, "together", NULL, set_flag, offsetof(struct check_run, together),
	    "also load all into one kernel, one after the other", NULL },
	{ 0, "sets", NULL, set_flag, offsetof(struct check_run, show_sets),
	    "also a table of set_pcpu, set_vnet and modspace", NULL },
	{ 0, "sarif", "FILE", set_text, offsetof(struct check_run, sarif_file),
	    "also write the findings as SARIF 2.1.0", "a file" },
	{ 0, "junit", "FILE", set_text, offsetof(struct check_run, junit_file),
	    "also write the results as JUnit's XML", "a file" },
	{ 0, "baseline", "FILE", set_text,
	    offsetof(struct check_run, baseline_file),
	    "findings that are known: only what is new counts", "a file" },
	{ 0, "write-baseline", "FILE", set_text,
	    offsetof(struct check_run, kept_file),
	    "write all findings of now as known ones", "a file" },
	{ 0, "root", "DIR", set_text, offsetof(struct check_run, root),
	    "the next boot of the system that is installed in DIR",
	    "a folder" },
	{ 0, "html", "FILE", set_text, offsetof(struct check_run, html),
	    "write a page for people: reasons, a graph, maps", "a file" },
	{ 0, "json", NULL, set_flag, offsetof(struct check_run, load.json),
	    "one JSON document on standard output", NULL },
};

static const struct option_group groups[] = {
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_boot_rows, offsetof(struct check_run, load)),
	OPTION_GROUP(load_options_report_rows,
	    offsetof(struct check_run, load)),
};

const struct command check_command = {
	"check", "say which of many modules load into a kernel, and why not",
	"check [options] KERNEL [WHAT...]\n"
	"check --root DIR [options]",
	"Try each module of WHAT (modules, folders, archives; the folders of "
	"the module path\nif there is none) alone in the simulated kernel "
	"KERNEL, by kldload(8) and preloaded\nby the boot loader, with what "
	"it depends on from WHAT and the module path; or say what the system "
	"in DIR loads\nwhen it boots next.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused, or "
	"no module;\n0 each loads or is in the kernel.",
	COMMAND_GROUPS(groups), 0, NULL, cmd_check
};
