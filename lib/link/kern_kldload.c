/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Loading a file and what it needs: linker_load_module() and
 * linker_load_file() of sys/kern/kern_linker.c (K-05 to K-09, K-20 to K-23).
 *
 * In the kernel a class calls linker_load_dependencies(), which calls
 * linker_load_module() for what is missing, which calls a class, as deep as the
 * files say.  Here the same steps run from a stack on the heap: a load that
 * needs another file waits while that one runs all of its own steps.
 */

#include <errno.h>

#include "link/kern_deps.h"
#include "link/kern_module.h"
#include "link/kern_sysctl.h"
#include "link/kern_sysinit.h"
#include "kbi/kbi.h"
#include "kern/bad_news.h"
#include "kern/events.h"
#include "kern/foreign_file.h"
#include "kern/interface.h"
#include "link/link.h"
#include "link_elf/class.h"
#include "link_elf_obj/class.h"
#include "linker_class/refusal.h"
#include "search/search.h"
#include "source/source.h"
#include "util/path.h"

const struct kldsim__linker_class *const
    kldsim__linker_classes[KLDSIM__NCLASSES] = {
	&kldsim__link_elf_obj,
	&kldsim__link_elf,
};

enum step {
	TRY_CLASS,  /* ask the next class */
	NEED_DEPS,  /* it has the file and looks for its dependencies */
	DONE
};

/* One file on its way in. */
struct load {
	struct load *parent; /* waits for this one */
	enum step step;
	struct kldsim_image *image;
	const char *name;    /* as it was asked for */
	enum kldsim__asked asked;
	char *path;
	struct kldsim__open_file open; /* its path NULL: it is not */
	size_t next_class;
	bool found;          /* some class knew the file (K-20 step 3) */
	int error;           /* the last class's, then the result */
	struct kldsim__file *file;
	struct kldsim__deps deps;
	bool read;           /* what the file provides was read */
	size_t refusals;     /* reasons when it began */
	size_t kind;         /* a finding: it is something else */
	bool unprovided;     /* loaded, and not what was needed */
};

/* --- one load --- */

/*
 * A host that has run out of something has failed; any other reason why a
 * file does not open is what the simulated kernel would see too.
 */
static int
open_error(struct kldsim *sim, const char *path,
    const struct kldsim_error *error)
{
	if (error->status != KLDSIM_SYS || error->sys_errno == EMFILE ||
	    error->sys_errno == ENFILE || error->sys_errno == ENOMEM)
		return (kldsim__fail(sim, error->status, "%s", error->text));
	if (error->sys_errno == ENOENT)
		return (kldsim__refuse_missing(sim, path,
		    KLDSIM__ASKED_PATH));
	kldsim__note_unopened(sim, path, error);
	/* A file that is not regular opens, and is refused after (O-01). */
	if (error->sys_errno == EISDIR || error->sys_errno == EINVAL)
		return (KLDSIM__ENOEXEC);
	return (kldsim__errno_from_host(error->sys_errno));
}

/* No longer than it takes: a load may wait for others. */
static void
close_file(struct load *load)
{
	if (load->open.path != NULL)
		kldsim__source_close(&load->open);
	load->open.path = NULL;
}

static int
open_image(struct kldsim *sim, struct load *load)
{
	struct kldsim_error error = { .status = KLDSIM_OK };
	const enum kldsim_status status = load->open.path != NULL ?
	    kldsim__source_open_image(&load->open, &load->image, &error) :
	    kldsim_source_image(sim->search.source, load->path, &load->image,
	    &error);

	close_file(load);
	return (status == KLDSIM_OK ? 0 : open_error(sim, load->path, &error));
}

/* The answer when no class took the file (K-20 step 5, K-21). */
static void
nobody_took_it(struct kldsim *sim, struct load *load)
{
	load->step = DONE;
	if (load->kind != KLDSIM__NO_FINDING)
		kldsim__report_refuses(&sim->report, load->kind);
	else if (sim->report.nrefusals == load->refusals)
		kldsim__explain_refusal(sim, load->image, load->path);
	if (!load->found) {
		load->error = KLDSIM__ENOENT;
		return;
	}
	if (load->error == KLDSIM__ENOSYS)
		kldsim__console(sim, "linker_load_file: %s - unsupported file "
		    "type", load->path);
	if (load->error != KLDSIM__EEXIST)
		load->error = KLDSIM__ENOEXEC;
}

/* A class has failed: the next one is asked, if there is one. */
static void
class_failed(struct kldsim *sim, struct load *load, int error)
{
	load->error = error;
	load->file = NULL;
	if (error != KLDSIM__ENOENT)
		load->found = true;
	load->step = TRY_CLASS;
	if (error == KLDSIM__EEXIST && sim->facts.eexist_stops_classes)
		load->next_class = KLDSIM__NCLASSES;
}

/* A class that had the file lets it go. */
static int
give_up(struct kldsim *sim, struct load *load, int error)
{
	int remembered = 0;

	if (error > 0 && load->read)
		remembered = kldsim__remember_refused(sim, load->file);
	if (error < 0 || remembered < 0)
		return (KLDSIM__ABORT);
	kldsim__deps_fini(&load->deps);
	load->file->class->lint(sim, load->file);
	error = kldsim__load_failed(sim, load->file, error);
	if (error > 0)
		class_failed(sim, load, error);
	return (error < 0 ? error : 0);
}

static int
try_class(struct kldsim *sim, struct load *load)
{
	const struct kldsim__linker_class *class;
	int error;

	if (load->next_class == KLDSIM__NCLASSES) {
		nobody_took_it(sim, load);
		return (0);
	}
	class = kldsim__linker_classes[load->next_class++];
	if (class == &kldsim__link_elf_obj && sim->arch->obj_class == NULL)
		return (0);
	error = class->load_begin(sim, load->image, load->path, &load->file);
	if (error > 0 && load->file != NULL)
		error = kldsim__load_failed(sim, load->file, error);
	if (error < 0)
		return (error);
	if (error > 0) {
		class_failed(sim, load, error);
		return (0);
	}
	load->step = NEED_DEPS;
	error = kldsim__deps_begin(sim, load->file, &load->deps);
	load->read = error == 0;
	return (error != 0 ? give_up(sim, load, error) : 0);
}

/* K-22, once the class is done. */
static int
post_load(struct kldsim *sim, struct kldsim__file *file)
{
	bool had_modules;
	int error;

	error = kldsim__register_modules(sim, file, false);
	if (error == KLDSIM__EEXIST || error < 0)
		return (error);
	had_modules = !kldsim__list_empty(&file->modules);
	error = kldsim__register_sysctls(sim, file);
	if (error == 0 && sim->facts.propagates_vnets_after_sysctls && sim->vnet.present &&
	    file->class->propagate_vnets != NULL)
		error = file->class->propagate_vnets(sim, file);
	if (error == 0)
		error = kldsim__run_sysinits(sim, file);
	if (error != 0)
		return (error);
	file->linked = true;
	/* Every MOD_LOAD has failed (step 7). */
	if (had_modules && kldsim__list_empty(&file->modules))
		return (kldsim__no_module_left(sim, file));
	return (kldsim__record_kld(sim, file, KLDSIM_EVENT_KLD_LOAD));
}

/* All dependencies are there: the rest of the class, and of the load. */
static int
complete(struct kldsim *sim, struct load *load)
{
	int error = kldsim__add_interfaces(sim, load->file);

	if (error == 0)
		error = load->file->class->load_finish(sim, load->file);
	if (error != 0)
		return (give_up(sim, load, error));
	kldsim__deps_fini(&load->deps);
	load->file->class->lint(sim, load->file);
	error = kldsim__kbi_lint(sim, load->file);
	if (error == 0)
		error = post_load(sim, load->file);
	if (error > 0 && kldsim__remember_refused(sim, load->file) < 0)
		error = KLDSIM__ABORT;
	if (error > 0)
		error = kldsim__load_failed(sim, load->file, error);
	if (error < 0)
		return (error);
	load->step = DONE;
	load->error = error;
	return (0);
}

/* --- the stack --- */

static void
free_load(struct kldsim *sim, struct load *load)
{
	if (load->step == NEED_DEPS)
		kldsim__deps_fini(&load->deps);
	kldsim_image_unref(load->image);
	close_file(load);
	kldsim__free(&sim->alloc, load->path);
	kldsim__free(&sim->alloc, load);
}

static struct load *
new_load(struct kldsim *sim, struct load *parent)
{
	struct load *load = kldsim__calloc(&sim->alloc, 1, sizeof(*load));

	if (load != NULL) {
		load->parent = parent;
		load->step = TRY_CLASS;
		load->error = KLDSIM__ENOENT;
		load->refusals = sim->report.nrefusals;
		load->kind = KLDSIM__NO_FINDING;
	}
	return (load);
}

/* K-07: a file of that name is loaded. */
static int
refuse_loaded(struct kldsim *sim, const struct load *load,
    const struct kldsim__file *other)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(load->path) };
	struct kldsim__file_label label;

	if (load->parent != NULL)
		return (KLDSIM__EEXIST); /* kldsim__deps_failed() says it */
	kldsim__label_file(other, &label);
	return (kldsim__refuse(sim, KLDSIM__EEXIST, KLDSIM__F_ALREADY_LOADED,
	    &where, "a file of this name is loaded: %s; folders do not "
	    "count%s", label.text, other->linked ? "" :
	    ". It is a left-over of a failed load"));
}

/* K-06, K-07: the path is known, or there is none; then open it. */
static int
check_path(struct kldsim *sim, struct load *load)
{
	const struct kldsim__file *other;
	int error = 0;

	if (load->path == NULL)
		error = load->parent != NULL ? KLDSIM__ENOENT :
		    kldsim__refuse_missing(sim, load->name, load->asked);
	else if ((other = kldsim__find_file_by_name(&sim->linker,
	    kldsim__basename(load->path))) != NULL)
		error = refuse_loaded(sim, load, other);
	else if (sim->policy.securelevel > 0)
		error = kldsim__forbidden(sim, load->path); /* K-20 step 1 */
	if (error == 0 && load->image == NULL) {
		error = open_image(sim, load);
		if (error > 0 && error != KLDSIM__ENOENT)
			error = KLDSIM__ENOEXEC; /* K-21, second row */
	}
	if (error > 0) {
		load->step = DONE;
		load->error = error;
	} else if (error == 0) {
		load->kind = kldsim__note_kind(sim, load->image, load->path);
	}
	return (error < 0 ? error : 0);
}

/* A dependency that is missing gets a load of its own. */
static int
push_dependency(struct kldsim *sim, struct load **top)
{
	struct load *parent = *top;
	struct load *load = new_load(sim, parent);
	int error;

	if (load == NULL)
		return (kldsim__nomem(sim));
	*top = load;
	error = kldsim__search_module(sim, parent->deps.need.name,
	    &parent->deps.need.range, &load->path, &load->open);
	return (error != 0 ? error : check_path(sim, load));
}

static int
next_dependency(struct kldsim *sim, struct load **top, uint64_t *depth)
{
	struct load *load = *top;
	bool missing;
	int error = kldsim__deps_next(sim, &load->deps, &missing);

	if (error != 0)
		return (give_up(sim, load, error));
	if (!missing)
		return (complete(sim, load));
	error = kldsim__limited(sim, &sim->options.limits.depth, ++*depth,
	    "%s: files that wait for each other", load->path);
	return (error != 0 ? error : push_dependency(sim, top));
}

/* K-09: the file is loaded; does it provide what was asked for? */
static void
check_provider(struct kldsim *sim, struct load *load, const char *name,
    const struct kldsim__mod_depend *range)
{
	if (load->error != 0 || name == NULL || range == NULL ||
	    kldsim__modlist_lookup2(&sim->linker, name, range) != NULL)
		return;
	load->unprovided = true;
	load->error = kldsim__load_failed(sim, load->file, KLDSIM__ENOENT);
}

static int
accept_dependency(struct kldsim *sim, struct load *parent,
    struct load *child)
{
	const struct kldsim__deps *deps = &parent->deps;

	check_provider(sim, child, deps->need.name, &deps->need.range);
	if (child->error < 0)
		return (child->error);
	if (child->error == 0)
		return (kldsim__add_dependency(sim, parent->file,
		    child->file));
	kldsim__deps_failed(sim, deps, &(struct kldsim__unmet){
	    .path = child->path, .error = child->error,
	    .unprovided = child->unprovided });
	return (give_up(sim, parent, child->error));
}

/* Run until the first load is done. */
static int
run(struct kldsim *sim, struct load **top)
{
	uint64_t depth = 0;
	int error = 0;

	while (error == 0) {
		struct load *load = *top;

		switch (load->step) {
		case TRY_CLASS:
			error = try_class(sim, load);
			break;
		case NEED_DEPS:
			error = next_dependency(sim, top, &depth);
			break;
		case DONE:
			if (load->parent == NULL)
				return (0);
			error = accept_dependency(sim, load->parent, load);
			*top = load->parent;
			free_load(sim, load);
			depth--;
			break;
		}
	}
	return (error);
}

/* Where the file of a request is (K-04, K-05). */
static int
find_path(struct kldsim *sim, const struct kldsim__request *request,
    struct load *load)
{
	if (request->path != NULL) {
		load->path = kldsim__strdup(&sim->alloc, request->path);
		return (load->path != NULL ? 0 : kldsim__nomem(sim));
	}
	if (request->kldname != NULL)
		return (kldsim__search_kld(sim, request->kldname, &load->path,
		    &load->open));
	return (kldsim__search_module(sim, request->modname, request->range,
	    &load->path, &load->open));
}

/* K-05 step 1. */
static int
refuse_provided(struct kldsim *sim, const struct kldsim__interface *provider)
{
	const struct kldsim__where where = { .file = provider->name };
	struct kldsim__file_label label;

	kldsim__label_file(provider->file, &label);
	return (kldsim__refuse(sim, KLDSIM__EEXIST, KLDSIM__F_ALREADY_LOADED,
	    &where, "the module %s, version %d, is there: in %s",
	    provider->name, provider->version, label.text));
}

/* A file was found for a module, and has none of that name and version. */
static void
refuse_unprovided(struct kldsim *sim, const struct load *load)
{
	const struct kldsim__where where = {
		.file = kldsim__basename(load->path) };

	(void)kldsim__refuse(sim, KLDSIM__ENOENT, KLDSIM__F_DEPENDENCY,
	    &where, "%s was loaded for the module %s, and does not provide "
	    "it in a version that is wanted; it is unloaded again",
	    load->path, load->name);
}

/* What to call the request in messages. */
static void
take_name(struct load *load, const struct kldsim__request *request)
{
	load->asked = request->path != NULL ? KLDSIM__ASKED_PATH :
	    request->kldname != NULL ? KLDSIM__ASKED_FILE :
	    KLDSIM__ASKED_MODULE;
	load->name = request->path != NULL ? request->path :
	    request->kldname != NULL ? request->kldname : request->modname;
}

int
kldsim__linker_load_module(struct kldsim *sim,
    const struct kldsim__request *request, struct kldsim__file **file_ret)
{
	struct load *top;
	int error;

	const struct kldsim__interface *provider = request->modname == NULL ?
	    NULL : kldsim__modlist_lookup2(&sim->linker, request->modname,
	    request->range);

	if (provider != NULL)
		return (refuse_provided(sim, provider));
	top = new_load(sim, NULL);
	if (top == NULL)
		return (kldsim__nomem(sim));
	take_name(top, request);
	if (request->image != NULL)
		top->image = kldsim_image_ref(request->image);
	error = find_path(sim, request, top);
	if (error == 0)
		error = check_path(sim, top);
	if (error == 0)
		error = run(sim, &top);
	if (error == 0) {
		check_provider(sim, top, request->modname, request->range);
		if (top->unprovided)
			refuse_unprovided(sim, top);
		error = top->error;
		*file_ret = top->file;
	}
	while (top != NULL) {
		struct load *parent = top->parent;

		free_load(sim, top);
		top = parent;
	}
	return (error);
}
