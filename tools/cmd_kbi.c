/* SPDX-License-Identifier: BSD-2-Clause */

/* kldsim kbi: was this module built for that kernel? */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "kbi/kbi_against.h"
#include "kbi/kbi_html.h"
#include "kbi/kbi_json.h"
#include "kbi/kbi_run.h"
#include "kbi/kbi_text_file.h"
#include "report/output.h"
#include "sandbox/sandbox.h"

/* Of several statuses the first in the order of command.h. */
static int
worse(int a, int b)
{
	static const int order[] = { STATUS_USAGE, STATUS_HOST, STATUS_PANIC,
		STATUS_REFUSED };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return (order[i]);
	return (STATUS_OK);
}

struct told {
	struct kbi_run *run;
	json_t *document;          /* NULL: in words, */
	struct kbi_advice *advice; /* about two kernels, NULL: a module each */
	struct kbi_page *page;     /* NULL: nobody asked for it */
};

static bool
visit(void *user, const struct kldsim_check_module *checked)
{
	const struct told *told = user;
	struct kbi_run *run = told->run;
	struct kbi_module module;

	kbi_module_make(run, checked, &module);
	if (told->document != NULL)
		kbi_json_module(told->document, &module);
	else if (told->advice != NULL)
		kbi_advice_take(told->advice, run, &module);
	else
		kbi_text_module(run, &module);
	if (told->page != NULL)
		kbi_page_module(told->page, run, &module, checked->path);
	run->status = worse(run->status, kbi_module_status(run, &module));
	kbi_module_free(&module);
	return (true);
}

static int
compare_modules(struct kbi_run *run)
{
	struct told told = { .run = run };
	struct kbi_page page;

	if (run->html != NULL) {
		told.page = &page;
		kbi_page_begin(&page);
	}
	if (run->load.json)
		told.document = kbi_json(run);
	else if (run->against != NULL)
		told.advice = kbi_advice_new();

	if (run->check != NULL && kldsim_check_run(run->check, visit, &told,
	    &run->error) != KLDSIM_OK) {
		complain("%s", run->error.text);
		run->status = STATUS_HOST;
	}
	if (told.document != NULL)
		json_write(told.document, stdout);
	else if (told.advice != NULL)
		kbi_advice_print(told.advice, run);
	else if (run->check != NULL)
		kbi_text_end(run);
	if (told.advice != NULL)
		kbi_advice_free(told.advice);
	if (told.page != NULL) {
		if (kbi_page_write(&page, run) != STATUS_OK)
			run->status = STATUS_HOST;
		kbi_page_end(&page);
	}
	return (run->status);
}

/* A build's folder, and modules: either may be all there is. */
static int
look_at_both(struct kbi_run *run)
{
	if (run->build_dir != NULL)
		run->status = kbi_build_dir(run);
	return (compare_modules(run));
}

static int
run_kbi(struct kbi_run *run)
{
	int status = run->compare ? kbi_compare_files(run) : kbi_begin(run);

	if (run->compare)
		return (status);
	if (status == STATUS_OK && run->write != NULL)
		status = kbi_write(run);
	else if (status == STATUS_OK)
		status = look_at_both(run);
	else if (run->load.json && status == STATUS_HOST)
		json_write(kbi_json(run), stdout);
	return (status);
}

/* How many operands there have to be depends on what is asked. */
static bool
makes_sense(const struct kbi_run *run)
{
	const size_t modules = run->load.nmodules;

	if (run->compare && modules != 1)
		complain("--compare takes two kernels or files");
	else if (run->write != NULL && modules != 0)
		complain("--write takes a KERNEL and nothing else");
	else if (run->html != NULL && (run->compare || run->write != NULL ||
	    modules == 0))
		complain("--html is about modules");
	else if (run->explain != NULL && !run->compare)
		complain("--explain goes with --compare");
	else if ((run->used_by != NULL || run->locals) && run->write == NULL)
		complain("--used-by and --all go with --write");
	else if (run->against != NULL && (run->compare || run->write != NULL))
		complain("--against is about modules");
	else if (run->load.json && (run->compare || run->write != NULL))
		complain("--json is about modules: --write is text, and so is "
		    "--compare");
	else if (!run->compare && run->write == NULL &&
	    run->build_dir == NULL && modules == 0)
		complain("which MODULE?");
	else
		return (true);
	return (false);
}

/* What is opened, before anything is read. */
static bool
enter_sandbox(struct kbi_run *run)
{
	const struct load_options *load = &run->load;
	const char *const folders[] = { run->against, run->used_by,
		run->build_dir };

	load_options_sandbox(load);
	kbi_source_sandbox(&run->where);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (folders[i] != NULL)
			sandbox_will_search(folders[i]);
	if (run->compare) { /* these may be texts */
		sandbox_will_read(load->kernel);
		sandbox_will_read(load->modules[0]);
	}
	if (run->severities != NULL)
		sandbox_will_read(run->severities);
	if (run->write != NULL && strcmp(run->write, "-") != 0)
		sandbox_will_write(run->write);
	sandbox_will_write(run->html);
	run->where.here = sandbox_here();
	return (sandbox_enter(load->verbosity == VERBOSE));
}

/*
 * Of the run nothing is freed: the process ends, and its host takes back mappings
 * and memory in less time than they take one by one.
 */
static int
cmd_kbi(int argc, char **argv)
{
	static struct kbi_run run; /* so that it stays known where all is */
	int status;

	run.status = STATUS_OK;

	load_options_init(&run.load, argc);
	if (command_parse(&kbi_command, argc, argv, &run, &status)) {
		load_options_operands(&run.load, argc - optind,
		    argv + optind);
		status = !makes_sense(&run) ? STATUS_USAGE :
		    enter_sandbox(&run) ? run_kbi(&run) : STATUS_HOST;
		if (put_finish(stdout, "standard output"))
			status = STATUS_HOST;
	}
	debug_options_free(&run.where);
	load_options_free(&run.load);
	return (status);
}

#define FIELD(name) offsetof(struct kbi_run, name)

static const struct option_row rows[] = {
	{ 0, "against", "OLD", set_text, FIELD(against),
	    "the kernel that modules were built for, or a folder of such",
	    "a kernel or a folder" },
	{ 0, "rank", "N", set_count, FIELD(rank),
	    "how far from imports to look: 1, 2 or 3", WANT_COUNT },
	{ 0, "require-types", NULL, set_flag, FIELD(require_types),
	    "a module without types is exit status 1", NULL },
	{ 0, "write", "FILE", set_text, FIELD(write),
	    "write KERNEL's interface as text, to compare it later", "a file" },
	{ 0, "all", NULL, set_flag, FIELD(locals),
	    "of --write: functions that are not global, too", NULL },
	{ 0, "used-by", "DIR", set_text, FIELD(used_by),
	    "of --write: what the modules in DIR import, and no more",
	    "a folder" },
	{ 0, "compare", NULL, set_flag, FIELD(compare),
	    "compare two kernels, or what was written of them", NULL },
	{ 0, "explain", "NAME", set_text, FIELD(explain),
	    "of --compare: all of one symbol or type, side by side",
	    "a symbol, or a type's key as in s#foo" },
	{ 0, "severities", "FILE", set_text, FIELD(severities),
	    "differences that are known: GLOB PASS|FAIL|NOTE [REASON]",
	    "a file" },
	{ 0, "html", "FILE", set_text, FIELD(html),
	    "write a page for people: what differs side by side, maps",
	    "a file" },
	{ 0, "build-dir", "DIR", set_text, FIELD(build_dir),
	    "what of a build told assembler offsets that are stale",
	    "a folder" },
	{ 0, "json", NULL, set_flag, FIELD(load.json),
	    "one JSON document on standard output", NULL },
};

static const struct option_group groups[] = {
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(debug_option_rows, FIELD(where)),
	OPTION_GROUP(load_options_boot_rows, 0),
	OPTION_GROUP(load_options_report_rows, 0),
};

const struct command kbi_command = {
	"kbi", "was this module built for that kernel?",
	"kbi [options] KERNEL MODULE...\n"
	"kbi --against OLD [options] KERNEL MODULE...\n"
	"kbi --build-dir DIR [options] KERNEL [MODULE...]\n"
	"kbi --write FILE [--all] [--used-by DIR] KERNEL\n"
	"kbi --compare [--explain NAME] [--severities FILE] A B",
	"Compare what each MODULE (a file, or all of a folder or archive) takes "
	"the types of\nKERNEL to be with what they are.  With --against, "
	"compare KERNEL with the kernel\nOLD that the modules were built for, "
	"as far as their imports reach: for modules\nwithout types.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 a difference "
	"that\nmatters, or a refusal; 0 otherwise.",
	COMMAND_GROUPS(groups), 1, "which KERNEL?", cmd_kbi
};
