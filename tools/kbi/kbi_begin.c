/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is done before the first module: the types of the kernels are read, and
 * beside that, in a thread, the linker tries all modules.  Neither waits for the
 * other, and each takes a third of the time.
 */

#include <pthread.h>
#include <string.h>

#include "kbi/kbi_run.h"
#include "report/output.h"

/* The linker's part.  The thread has it until it is joined. */
struct linking {
	const struct kbi_run *run;  /* of it, options and image */
	struct kldsim_check *check; /* NULL: it failed */
	enum kldsim_status status;
	struct kldsim_error error;
	pthread_t thread;
	bool apart; /* it is in the thread */
};

static void *
link_modules(void *user)
{
	struct linking *linking = user;
	const struct load_options *load = &linking->run->load;
	struct kldsim_check_options how;

	kldsim_check_options_init(&how, sizeof(how));
	how.boot = &load->boot;
	how.what = (const char *const *)load->modules;
	how.nwhat = load->nmodules;
	how.ways = 1u << KLDSIM_CHECK_KLDLOAD;
	how.no_types = true; /* they are compared here, and more is said */
	how.quick = true;
	linking->status = kldsim_check_new(linking->run->image, &how,
	    &linking->check, &linking->error);
	return (NULL);
}

/* Where no thread is to be had, it is done at once. */
static void
begin_linking(struct linking *linking)
{
	linking->apart = pthread_create(&linking->thread, NULL, link_modules,
	    linking) == 0;
	if (!linking->apart)
		(void)link_modules(linking);
}

static void
end_linking(struct linking *linking)
{
	if (linking->apart)
		(void)pthread_join(linking->thread, NULL);
}

/* Of a module, or of KERNEL: which of what was named, the error's text says. */
static void
blame(struct kbi_run *run, const struct kldsim_error *error)
{
	run->error = *error;
	run->load.failed = run->load.kernel;
	for (size_t i = 0; i < run->load.nmodules; i++)
		if (strncmp(error->text, run->load.modules[i],
		    strlen(run->load.modules[i])) == 0)
			run->load.failed = run->load.modules[i];
}

static enum kldsim_status
read_types(struct kbi_run *run)
{
	struct kldsim_kbi_options how;
	enum kldsim_status status;

	kldsim_kbi_options_init(&how, sizeof(how));
	how.limits = run->load.boot.limits;
	how.count_unreached = run->load.json ||
	    run->load.verbosity >= VERBOSE;
	status = kbi_source_open(run->image, &run->where, &how, &run->source,
	    &run->kernel, &run->error);
	if (status == KLDSIM_OK && run->against == NULL && run->write == NULL)
		status = kldsim_kbi_new(run->kernel, NULL, &run->kbi,
		    &run->error);
	if (status != KLDSIM_OK)
		return (status);
	kldsim_kbi_file_info(run->kernel, &run->info);
	return (run->against != NULL ? kbi_find_olds(run) : KLDSIM_OK);
}

/* Both parts, if there are modules; what the linker has to say comes first. */
static enum kldsim_status
read_all(struct kbi_run *run)
{
	struct linking linking = { .run = run };
	enum kldsim_status types;

	if (run->write != NULL || run->load.nmodules == 0)
		return (read_types(run));
	begin_linking(&linking);
	types = read_types(run);
	end_linking(&linking);
	run->check = linking.check;
	if (linking.status == KLDSIM_OK)
		return (types);
	blame(run, &linking.error);
	return (linking.status);
}

int
kbi_begin(struct kbi_run *run)
{
	enum kldsim_status status = load_options_open(&run->load,
	    &run->image, &run->error);

	run->where.source = run->load.boot.source;
	if (run->severities != NULL) {
		run->known = kbi_severities_read(run->severities);
		if (run->known == NULL)
			return (STATUS_HOST);
	}
	if (status == KLDSIM_OK)
		status = read_all(run);
	if (status == KLDSIM_OK)
		return (STATUS_OK);
	run->failure = complain_of(run->load.failed, &run->error);
	return (status == KLDSIM_ARG ? STATUS_USAGE : STATUS_HOST);
}
