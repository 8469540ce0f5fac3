/* SPDX-License-Identifier: BSD-2-Clause */

/* Files and folders of the host, below folders that are open. */

#include "source/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/alloc.h"

/* A path for openat(2) and the descriptor that it begins at. */
struct at {
	int fd;
	const char *path;
	char room[KLDSIM__SOURCE_PATH];
};

/* 0, an errno, or KLDSIM__OUTSIDE. */
static int
find(const struct kldsim__host *host, const char *path, bool follow,
    struct at *at_ret)
{
	at_ret->fd = AT_FDCWD;
	at_ret->path = path;
	if (host == NULL || host->nfolders == 0)
		return (0);
	at_ret->path = at_ret->room;
	return (kldsim__host_below(host, path, follow, &at_ret->fd,
	    at_ret->room));
}

/* It is no errno, so that nobody takes the file for one that is not there. */
static enum kldsim_status
fail(struct kldsim_error *error, const char *path, int why)
{
	if (why != KLDSIM__OUTSIDE)
		return (kldsim__source_fail_path(error, path, why));
	return (kldsim__source_fail(error, KLDSIM_UNSUPPORTED, 0, "%s: outside "
	    "of the folders that this program has opened; name the file "
	    "itself, or its folder", path));
}

static enum kldsim_source_type
type_of(mode_t mode)
{
	if (S_ISREG(mode))
		return (KLDSIM_SOURCE_FILE);
	if (S_ISDIR(mode))
		return (KLDSIM_SOURCE_FOLDER);
	return (S_ISLNK(mode) ? KLDSIM_SOURCE_LINK : KLDSIM_SOURCE_OTHER);
}

static void
take(const struct stat *st, struct kldsim__source_stat *st_ret)
{
	st_ret->type = type_of(st->st_mode);
	st_ret->mode = st->st_mode;
	st_ret->device = (uint64_t)st->st_dev;
	st_ret->number = (uint64_t)st->st_ino;
	st_ret->size = (uint64_t)st->st_size;
	st_ret->mtime = st->st_mtim;
}

enum kldsim_status
kldsim__host_stat(const struct kldsim__host *host, const char *path,
    bool follow, struct kldsim__source_stat *st_ret,
    struct kldsim_error *error)
{
	struct at at;
	struct stat st;
	int failed = find(host, path, follow, &at);

	if (failed == 0 && fstatat(at.fd, at.path, &st,
	    follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
		failed = errno;
	if (failed != 0)
		return (fail(error, path, failed));
	take(&st, st_ret);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__host_stat_fd(int fd, const char *path,
    struct kldsim__source_stat *st_ret, struct kldsim_error *error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (kldsim__source_fail_path(error, path, errno));
	take(&st, st_ret);
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__host_open(const struct kldsim__host *host, const char *path,
    bool follow, int *fd_ret, struct kldsim_error *error)
{
	struct at at;
	int failed = find(host, path, follow, &at);

	/* A FIFO must not make the caller wait. */
	*fd_ret = failed != 0 ? -1 : openat(at.fd, at.path, O_RDONLY |
	    O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
	if (*fd_ret < 0)
		return (fail(error, path, failed != 0 ? failed : errno));
	return (KLDSIM_OK);
}

enum kldsim_status
kldsim__host_image(const struct kldsim__host *host, const char *path,
    struct kldsim_image **image_ret, struct kldsim_error *error)
{
	int fd;
	enum kldsim_status status = kldsim__host_open(host, path, true, &fd,
	    error);

	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_image_open_fd(fd, path, image_ret, error);
	(void)close(fd);
	return (status);
}

size_t
kldsim__host_read(int fd, uint8_t *bytes_ret, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(fd, bytes_ret + got, size - got,
		    (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return (got);
}

/* --- lists --- */

struct names {
	struct kldsim__alloc alloc;
	char **all;
	size_t count;
	size_t cap;
};

static int
compare_names(const void *a, const void *b)
{
	return (strcmp(*(char *const *)a, *(char *const *)b));
}

static bool
add_name(struct names *names, const char *name)
{
	char *copy;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return (true);
	copy = kldsim__strdup(&names->alloc, name);
	if (copy == NULL || !kldsim__grow(&names->alloc, &names->all,
	    &names->cap, names->count + 1, sizeof(*names->all))) {
		kldsim__free(&names->alloc, copy);
		return (false);
	}
	names->all[names->count++] = copy;
	return (true);
}

static enum kldsim_status
read_names(DIR *dir, const char *folder, struct names *names,
    struct kldsim_error *error)
{
	struct dirent *item;

	for (errno = 0; (item = readdir(dir)) != NULL; errno = 0)
		if (!add_name(names, item->d_name))
			return (kldsim__source_fail(error, KLDSIM_NOMEM, 0,
			    "no memory"));
	if (errno != 0)
		return (kldsim__source_fail_path(error, folder, errno));
	if (names->count > 1)
		qsort(names->all, names->count, sizeof(*names->all),
		    compare_names);
	return (KLDSIM_OK);
}

/* A name that is gone by now is passed by. */
static void
tell(int fd, const struct names *names, kldsim_source_visit_fn visit,
    void *user)
{
	for (size_t i = 0; i < names->count; i++) {
		struct kldsim_source_file file;
		struct stat st;

		if (fstatat(fd, names->all[i], &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		file.name = names->all[i];
		file.type = type_of(st.st_mode);
		file.size = (kldsim_size)st.st_size;
		file.mtime = (int64_t)st.st_mtime;
		if (!visit(user, &file))
			return;
	}
}

enum kldsim_status
kldsim__host_list(const struct kldsim__host *host, const char *folder,
    kldsim_source_visit_fn visit, void *user, struct kldsim_error *error)
{
	struct names names = { .all = NULL };
	enum kldsim_status status;
	struct at at;
	const int failed = find(host, folder, true, &at);
	DIR *dir;
	int fd = failed != 0 ? -1 : openat(at.fd, at.path, O_RDONLY |
	    O_CLOEXEC | O_NONBLOCK | O_DIRECTORY);

	if (fd < 0)
		return (fail(error, folder, failed != 0 ? failed : errno));
	dir = fdopendir(fd);
	if (dir == NULL) {
		status = kldsim__source_fail_path(error, folder, errno);
		(void)close(fd);
		return (status);
	}
	kldsim__alloc_init(&names.alloc, NULL);
	status = read_names(dir, folder, &names, error);
	if (status == KLDSIM_OK)
		tell(dirfd(dir), &names, visit, user);
	(void)closedir(dir);
	for (size_t i = 0; i < names.count; i++)
		kldsim__free(&names.alloc, names.all[i]);
	kldsim__free(&names.alloc, names.all);
	return (status);
}
