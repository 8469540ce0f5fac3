/* SPDX-License-Identifier: BSD-2-Clause */

/* kldxref(8): folders, and the files called linker.hints (H-07 to H-09). */

#include "kldxref/kldxref.h"
#include "source/source.h"
#include "util/sized.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NEWEST "main"
#define HINTS_NAME "linker.hints"
#define TEMP_NAME "lhint.XXXXXX"

/* The names in a folder that matter, in the order of the visit. */
struct names {
	char **files;
	size_t nfiles;
	size_t files_room;
	char **folders;
	size_t nfolders;
	size_t folders_room;
};

/* A folder that is being listed. */
struct listing {
	struct kldsim__xref *xref;
	struct names *names;
};

struct job {
	struct kldsim__xref xref;
	struct kldsim_hints_options options;
	struct kldsim_hints_result result;
};

static enum kldsim_status
fail_system(struct kldsim__xref *xref, const char *path)
{
	int saved = errno;

	return (kldsim__xref_fail(xref, KLDSIM_SYS, saved, "%s: %s", path,
	    strerror(saved)));
}

static enum kldsim_status
fail_source(struct kldsim__xref *xref, const struct kldsim_error *error)
{
	return (kldsim__xref_fail(xref, error->status, error->sys_errno, "%s",
	    error->text));
}

static enum kldsim_status
fail_memory(struct kldsim__xref *xref)
{
	return (kldsim__xref_fail(xref, KLDSIM_NOMEM, 0, "no memory"));
}

/* "folder/name", to be freed; NULL if there is no memory. */
static char *
join(struct kldsim__xref *xref, const char *folder, const char *name)
{
	size_t size = strlen(folder) + 1 + strlen(name) + 1;
	char *path = kldsim__malloc(&xref->alloc, size);

	if (path == NULL)
		(void)fail_memory(xref);
	else
		(void)snprintf(path, size, "%s/%s", folder, name);
	return (path);
}

/*
 * H-07: the old tool does without separate debug files, and later, as the
 * first new ones, without all names of two dots (V-70); H-08: then it takes
 * what ends in ".ko", and names without a dot, like kernel.
 */
bool
kldsim__xref_visits(const struct kldsim__facts *facts, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL)
		return (true);
	if (facts->kldxref_skips_two_dots)
		return (strchr(name, '.') == dot);
	if (facts->kldxref_target_order)
		return (strcmp(dot, ".ko") == 0);
	return (strcmp(dot, ".debug") != 0 && strcmp(dot, ".symbols") != 0);
}

void
kldsim__xref_temp_name(const struct kldsim__facts *facts, const char *folder,
    char *name_ret, size_t size)
{
	const char *slash = strrchr(folder, '/');
	int parent = slash != NULL ? (int)(slash - folder + 1) : 0;

	if (facts->kldxref_target_order)
		(void)snprintf(name_ret, size, "%s/" TEMP_NAME, folder);
	else
		(void)snprintf(name_ret, size, "%.*s" TEMP_NAME, parent,
		    folder);
}

static bool
add_name(struct kldsim__xref *xref, char ***names, size_t *count,
    size_t *room, const char *name)
{
	char *copy = kldsim__strdup(&xref->alloc, name);

	if (copy == NULL || !kldsim__grow(&xref->alloc, names, room,
	    *count + 1, sizeof(**names))) {
		kldsim__free(&xref->alloc, copy);
		(void)fail_memory(xref);
		return (false);
	}
	(*names)[(*count)++] = copy;
	return (true);
}

static void
free_names(struct kldsim__xref *xref, struct names *names)
{
	for (size_t i = 0; i < names->nfiles; i++)
		kldsim__free(&xref->alloc, names->files[i]);
	for (size_t i = 0; i < names->nfolders; i++)
		kldsim__free(&xref->alloc, names->folders[i]);
	kldsim__free(&xref->alloc, names->files);
	kldsim__free(&xref->alloc, names->folders);
}

/* Regular files and folders; links are not followed. */
static bool
sort_out(void *user, const struct kldsim_source_file *file)
{
	struct listing *listing = user;
	struct names *names = listing->names;

	if (file->type == KLDSIM_SOURCE_FILE)
		return (add_name(listing->xref, &names->files, &names->nfiles,
		    &names->files_room, file->name));
	if (file->type == KLDSIM_SOURCE_FOLDER)
		return (add_name(listing->xref, &names->folders,
		    &names->nfolders, &names->folders_room, file->name));
	return (true);
}

/* What is in a folder, files and folders each in strcmp(3) order. */
static enum kldsim_status
list(struct kldsim__xref *xref, const char *folder, struct names *names)
{
	struct listing listing = { xref, names };
	struct kldsim_error error;

	if (kldsim_source_list(xref->source, folder, sort_out, &listing,
	    &error) != KLDSIM_OK)
		return (fail_source(xref, &error));
	return (xref->status);
}

/* All records of one folder, in xref.out. */
static enum kldsim_status
collect(struct job *job, const char *folder, const struct names *names)
{
	struct kldsim__xref *xref = &job->xref;

	if (!kldsim__xref_begin(xref))
		return (xref->status);
	for (size_t i = 0; i < names->nfiles && xref->status == KLDSIM_OK;
	    i++) {
		char *path;

		if (!kldsim__xref_visits(&xref->facts, names->files[i]))
			continue;
		if ((path = join(xref, folder, names->files[i])) == NULL)
			break;
		/*
		 * FIDELITY: programs and the like have no records unless
		 * somebody has made a point of it; in an archive they would
		 * be read for nothing.
		 */
		if (!kldsim__source_is_foreign(xref->source, path))
			kldsim__xref_read_kld(xref, path, names->files[i]);
		kldsim__free(&xref->alloc, path);
	}
	job->result.folders++;
	job->result.files = xref->files;
	job->result.records += xref->out.records;
	return (xref->status);
}

static bool
write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (false);
		bytes += n;
		size -= (size_t)n;
	}
	return (true);
}

/* Make a file under a name for the time being; false after a failure. */
static bool
write_temp(struct kldsim__xref *xref, char *temp)
{
	int fd = mkstemp(temp);
	bool written;

	if (fd < 0) {
		(void)kldsim__xref_fail(xref, KLDSIM_SYS, errno,
		    "can't create %s: %s", temp, strerror(errno));
		return (false);
	}
	written = fchmod(fd, 0644) == 0 && /* nothing secret in the file */
	    write_all(fd, xref->out.bytes, xref->out.size);
	if (!written)
		(void)fail_system(xref, temp);
	if (close(fd) != 0)
		(void)fail_system(xref, temp);
	if (xref->status != KLDSIM_OK)
		(void)unlink(temp);
	return (xref->status == KLDSIM_OK);
}

/*
 * The file gets its name when it is whole.  FIDELITY: where the tool is
 * interrupted or gives up it leaves lhint.XXXXXX, and it does not see that
 * rename(2) failed; here neither happens.
 */
static enum kldsim_status
replace(struct kldsim__xref *xref, const char *folder, const char *path)
{
	size_t size = strlen(folder) + 1 + sizeof(TEMP_NAME);
	char *temp = kldsim__malloc(&xref->alloc, size);

	if (temp == NULL)
		return (fail_memory(xref));
	kldsim__xref_temp_name(&xref->facts, folder, temp, size);
	if (write_temp(xref, temp) && rename(temp, path) != 0) {
		(void)fail_system(xref, path);
		(void)unlink(temp);
	}
	kldsim__free(&xref->alloc, temp);
	return (xref->status);
}

/* Do away with a linker.hints that would have nothing in it (H-09). */
static void
delete(struct job *job, const char *path)
{
	struct kldsim__xref *xref = &job->xref;
	struct kldsim__source_stat st;

	if (job->options.dry_run ? kldsim__source_stat(xref->source, path,
	    true, &st, NULL) == KLDSIM_OK : unlink(path) == 0)
		job->result.deleted++;
	else if (!job->options.dry_run && errno != ENOENT)
		(void)fail_system(xref, path);
}

/* Put the result of a folder where it belongs. */
static enum kldsim_status
deliver(struct job *job, const char *folder)
{
	struct kldsim__xref *xref = &job->xref;
	char *path = join(xref, folder, job->options.name);

	if (path == NULL)
		return (xref->status);
	if (xref->out.records == 0)
		delete(job, path);
	else if (job->options.dry_run ||
	    replace(xref, folder, path) == KLDSIM_OK)
		job->result.written++;
	kldsim__free(&xref->alloc, path);
	return (xref->status);
}

static enum kldsim_status visit(struct job *job, const char *folder);

static enum kldsim_status
visit_below(struct job *job, const char *folder, const struct names *names)
{
	struct kldsim__xref *xref = &job->xref;

	for (size_t i = 0; i < names->nfolders && xref->status == KLDSIM_OK;
	    i++) {
		char *path = join(xref, folder, names->folders[i]);

		if (path == NULL)
			break;
		(void)visit(job, path);
		kldsim__free(&xref->alloc, path);
	}
	return (xref->status);
}

/*
 * A folder, then those below it.  How deep that goes is limited by PATH_MAX,
 * beyond which opendir(3) fails.
 */
static enum kldsim_status
visit(struct job *job, const char *folder)
{
	struct names names = { 0 };

	if (list(&job->xref, folder, &names) == KLDSIM_OK &&
	    collect(job, folder, &names) == KLDSIM_OK &&
	    deliver(job, folder) == KLDSIM_OK)
		(void)visit_below(job, folder, &names);
	free_names(&job->xref, &names);
	return (job->xref.status);
}

/* A folder as it was named, without the slashes after it (fts(3)). */
static char *
trim(struct kldsim__xref *xref, const char *folder)
{
	char *path = kldsim__strdup(&xref->alloc, folder);
	size_t length;

	if (path == NULL) {
		(void)fail_memory(xref);
		return (NULL);
	}
	length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	return (path);
}

/*
 * Is there anything to do?  Without -R the tool passes by a link, even if it
 * is the folder that was named, and says nothing.
 */
static bool
is_folder(struct job *job, const char *folder)
{
	struct kldsim__xref *xref = &job->xref;
	struct kldsim_error error;
	struct kldsim__source_stat st;

	if (kldsim__source_stat(xref->source, folder, true, &st, &error) !=
	    KLDSIM_OK) {
		(void)fail_source(xref, &error);
		return (false);
	}
	if (st.type != KLDSIM_SOURCE_FOLDER) {
		errno = ENOTDIR;
		(void)fail_system(xref, folder);
		return (false);
	}
	if (!job->options.follow && kldsim__source_stat(xref->source, folder,
	    false, &st, NULL) == KLDSIM_OK && st.type == KLDSIM_SOURCE_LINK) {
		kldsim__xref_say(xref, KLDSIM_LOG_WARNING,
		    "%s: a link, which is not followed without -R", folder);
		return (false);
	}
	return (true);
}

static enum kldsim_status
start(struct job *job, const struct kldsim_hints_options *options)
{
	struct kldsim__xref *xref = &job->xref;
	const char *wrong;
	uint32_t osreldate;

	memset(job, 0, sizeof(*job));
	kldsim__alloc_init(&xref->alloc, NULL);
	kldsim_hints_options_init(&job->options, sizeof(job->options));
	wrong = kldsim__sized_take(&job->options, sizeof(job->options), options);
	if (wrong != NULL)
		return (kldsim__xref_fail(xref, KLDSIM_ARG, 0, "%s", wrong));
	if (job->options.name == NULL)
		job->options.name = HINTS_NAME;
	osreldate = job->options.osreldate;
	if (osreldate == 0)
		(void)kldsim__release_by_name(NEWEST, &osreldate);
	kldsim__facts_for(osreldate, &xref->facts);
	xref->source = job->options.source;
	xref->log = job->options.log;
	xref->log_user = job->options.log_user;
	return (KLDSIM_OK);
}

/* Give back what the run took and tell how it went. */
static enum kldsim_status
finish(struct job *job, struct kldsim_hints_result *result_ret,
    struct kldsim_error *error_ret)
{
	struct kldsim__xref *xref = &job->xref;

	kldsim__free(&xref->alloc, xref->record);
	kldsim__free(&xref->alloc, xref->arch_name);
	kldsim__free(&xref->alloc, xref->out.bytes);
	if (result_ret != NULL)
		*result_ret = job->result;
	if (error_ret != NULL && xref->status != KLDSIM_OK) {
		error_ret->status = xref->status;
		error_ret->sys_errno = xref->sys_errno;
		memcpy(error_ret->text, xref->text, sizeof(xref->text));
	}
	return (xref->status);
}

/* Files are written to the host, where a source's folders may not be. */
static bool
may_write(struct job *job)
{
	if (job->options.source == NULL || job->options.dry_run)
		return (true);
	(void)kldsim__xref_fail(&job->xref, KLDSIM_ARG, 0,
	    "linker.hints is written to folders of the host, not of a source");
	return (false);
}

void
kldsim_hints_options_init(struct kldsim_hints_options *options, size_t size)
{
	static const struct kldsim_hints_options defaults = { .size = 0 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

enum kldsim_status
kldsim_hints_write(const char *folder,
    const struct kldsim_hints_options *options,
    struct kldsim_hints_result *result_ret, struct kldsim_error *error_ret)
{
	struct job job;
	char *path;

	if (start(&job, options) == KLDSIM_OK && may_write(&job) &&
	    (path = trim(&job.xref, folder)) != NULL) {
		if (is_folder(&job, folder))
			(void)visit(&job, path);
		kldsim__free(&job.xref.alloc, path);
	}
	return (finish(&job, result_ret, error_ret));
}

enum kldsim_status
kldsim_hints_build(const char *folder,
    const struct kldsim_hints_options *options, void **bytes_ret,
    size_t *size_ret, struct kldsim_hints_result *result_ret,
    struct kldsim_error *error_ret)
{
	struct names names = { 0 };
	struct job job;
	char *path;

	*bytes_ret = NULL;
	*size_ret = 0;
	if (start(&job, options) == KLDSIM_OK &&
	    (path = trim(&job.xref, folder)) != NULL) {
		if (is_folder(&job, folder) &&
		    list(&job.xref, path, &names) == KLDSIM_OK &&
		    collect(&job, path, &names) == KLDSIM_OK &&
		    job.xref.out.size != 0) {
			*bytes_ret = job.xref.out.bytes;
			*size_ret = job.xref.out.size;
			job.xref.out.bytes = NULL;
		}
		free_names(&job.xref, &names);
		kldsim__free(&job.xref.alloc, path);
	}
	return (finish(&job, result_ret, error_ret));
}

void
kldsim_hints_free(void *bytes)
{
	free(bytes); /* of the C library's allocator, see start() */
}
