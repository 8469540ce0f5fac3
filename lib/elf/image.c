/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Files, descriptors and memory as images.  A file of some size is mapped
 * (reading a kernel costs the pages touched), a small one is read.
 */

#include "elf/image.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "elf/recognise.h"

/* Below this, one read(2) is cheaper than a mapping and its page faults. */
#define MAP_THRESHOLD (8u * 1024)

struct kldsim_image {
	atomic_uint refs;
	const uint8_t *bytes;
	uint64_t size;
	char *name;
	void (*release)(void *user, const void *bytes);
	void *user;
	bool packed;          /* its name is not that of a file with its bytes */
	pthread_mutex_t lock; /* guards cached */
	void *cached;
	void (*drop)(void *cached);
};

static enum kldsim_status
fail(struct kldsim_error *error, enum kldsim_status status, int sys_errno,
    const char *name, const char *what)
{
	if (error != NULL) {
		error->status = status;
		error->sys_errno = sys_errno;
		(void)snprintf(error->text, sizeof(error->text), "%s: %s",
		    name, what);
	}
	return (status);
}

static void
release_mapping(void *user, const void *bytes)
{
	/* munmap(2) takes no const pointer. */
	(void)munmap((void *)(uintptr_t)bytes, (size_t)(uintptr_t)user);
}

static void
release_buffer(void *user, const void *bytes)
{
	(void)user;
	free((void *)(uintptr_t)bytes);
}

enum kldsim_status
kldsim_image_open_memory(const void *bytes, size_t size, const char *name,
    void (*release)(void *user, const void *bytes), void *user,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	struct kldsim_image *image;

	if (bytes == NULL && size != 0) {
		if (release != NULL)
			release(user, bytes);
		return (fail(error_ret, KLDSIM_ARG, 0, name,
		    "no bytes, but a size"));
	}
	image = calloc(1, sizeof(*image));
	if (image == NULL || (image->name = strdup(name)) == NULL) {
		free(image);
		if (release != NULL)
			release(user, bytes);
		return (fail(error_ret, KLDSIM_NOMEM, 0, name, "no memory"));
	}
	atomic_init(&image->refs, 1);
	(void)pthread_mutex_init(&image->lock, NULL);
	image->bytes = bytes;
	image->size = size;
	image->release = release;
	image->user = user;
	*image_ret = image;
	return (KLDSIM_OK);
}

/* Read a small file, or one that cannot be mapped. */
static enum kldsim_status
open_by_reading(int fd, size_t size, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	uint8_t *buffer = malloc(size != 0 ? size : 1);
	size_t got = 0;

	if (buffer == NULL)
		return (fail(error_ret, KLDSIM_NOMEM, 0, name, "no memory"));
	while (got < size) {
		ssize_t n = pread(fd, buffer + got, size - got, (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int saved = errno;

			free(buffer);
			return (fail(error_ret, KLDSIM_SYS, saved, name,
			    strerror(saved)));
		}
		if (n == 0)
			break; /* the file has become shorter */
		got += (size_t)n;
	}
	return (kldsim_image_open_memory(buffer, got, name, release_buffer,
	    NULL, image_ret, error_ret));
}

/* What is no regular file has no bytes to be read in any order. */
static enum kldsim_status
not_regular(struct kldsim_error *error, mode_t mode, const char *name)
{
	const char *kind = kldsim__kind_name(kldsim__recognise_mode(mode));
	char what[64];

	(void)snprintf(what, sizeof(what), "not a regular file%s%s",
	    kind != NULL ? ", but " : "", kind != NULL ? kind : "");
	return (fail(error, KLDSIM_SYS, S_ISDIR(mode) ? EISDIR : EINVAL,
	    name, what));
}

enum kldsim_status
kldsim_image_open_fd(int fd, const char *name,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) != 0)
		return (fail(error_ret, KLDSIM_SYS, errno, name,
		    strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return (not_regular(error_ret, st.st_mode, name));
	if ((uintmax_t)st.st_size > SIZE_MAX)
		return (fail(error_ret, KLDSIM_SYS, EFBIG, name,
		    "too large for this host"));
	if ((size_t)st.st_size < MAP_THRESHOLD)
		return (open_by_reading(fd, (size_t)st.st_size, name,
		    image_ret, error_ret));
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return (open_by_reading(fd, (size_t)st.st_size, name,
		    image_ret, error_ret));
	return (kldsim_image_open_memory(map, (size_t)st.st_size, name,
	    release_mapping, (void *)(uintptr_t)st.st_size, image_ret,
	    error_ret));
}

/* A folder such as /boot/kernel: say what in it was probably meant. */
static void
name_kernel_in(const char *path, struct kldsim_error *error)
{
	const size_t length = strlen(error->text);
	char inside[sizeof(error->text)];
	struct stat st;

	if (snprintf(inside, sizeof(inside), "%s/kernel", path) <
	    (int)sizeof(inside) && stat(inside, &st) == 0 &&
	    S_ISREG(st.st_mode))
		(void)snprintf(error->text + length,
		    sizeof(error->text) - length,
		    "; the kernel in it is %s", inside);
}

enum kldsim_status
kldsim_image_open(const char *path, struct kldsim_image **image_ret,
    struct kldsim_error *error_ret)
{
	enum kldsim_status status;
	/* A FIFO must not make the caller wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return (fail(error_ret, KLDSIM_SYS, errno, path,
		    strerror(errno)));
	status = kldsim_image_open_fd(fd, path, image_ret, error_ret);
	(void)close(fd);
	if (status == KLDSIM_SYS && error_ret != NULL &&
	    error_ret->sys_errno == EISDIR)
		name_kernel_in(path, error_ret);
	return (status);
}

struct kldsim_image *
kldsim_image_ref(struct kldsim_image *image)
{
	atomic_fetch_add(&image->refs, 1);
	return (image);
}

void
kldsim_image_unref(struct kldsim_image *image)
{
	if (image == NULL || atomic_fetch_sub(&image->refs, 1) != 1)
		return;
	if (image->drop != NULL)
		image->drop(image->cached);
	if (image->release != NULL)
		image->release(image->user, image->bytes);
	(void)pthread_mutex_destroy(&image->lock);
	free(image->name);
	free(image);
}

void *
kldsim__image_cache(struct kldsim_image *image,
    void *(*make)(struct kldsim_image *image, void *arg), void *arg,
    void (*drop)(void *cached))
{
	void *cached;

	(void)pthread_mutex_lock(&image->lock);
	if (image->cached == NULL) {
		image->cached = make(image, arg);
		image->drop = image->cached != NULL ? drop : NULL;
	}
	cached = image->cached;
	(void)pthread_mutex_unlock(&image->lock);
	return (cached);
}

const uint8_t *
kldsim__image_bytes(const struct kldsim_image *image, uint64_t *size_ret)
{
	*size_ret = image->size;
	return (image->bytes);
}

const void *
kldsim_image_bytes(const struct kldsim_image *image, size_t *size_ret)
{
	*size_ret = image->size;
	return (image->bytes);
}

bool
kldsim__image_is_packed(const struct kldsim_image *image)
{
	return (image->packed);
}

void
kldsim__image_set_packed(struct kldsim_image *image)
{
	image->packed = true;
}

const char *
kldsim__image_name(const struct kldsim_image *image)
{
	return (image->name);
}

void
kldsim_image_info(const struct kldsim_image *image,
    struct kldsim_image_info *info_ret)
{
	struct kldsim__elf elf;

	memset(info_ret, 0, sizeof(*info_ret));
	info_ret->name = image->name;
	info_ret->size = image->size;
	if (!kldsim__elf_open(image, &elf))
		return;
	info_ret->elf = true;
	info_ret->word_bits = elf.is64 ? 64 : 32;
	info_ret->big_endian = elf.big;
	info_ret->type = elf.ehdr.e_type;
	info_ret->machine = elf.ehdr.e_machine;
	info_ret->sections = elf.ehdr.e_shnum;
}
