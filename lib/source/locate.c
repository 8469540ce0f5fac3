/* SPDX-License-Identifier: BSD-2-Clause */

/* Where a path leads: into an archive, to an image, or to the host. */

#include "source/impl.h"

#include <string.h>
#include <unistd.h>

#include "elf/image.h"
#include "source/packed.h"

/* A path that is among the added images, or in a folder of such. */
static bool
is_added(struct kldsim_source *source, const char *path)
{
	char folder[KLDSIM__SOURCE_PATH];
	struct kldsim__member *member;
	char *slash;

	if (source == NULL || source->images.count == 0 || path[0] != '/' ||
	    kldsim__path_normal(path, folder, sizeof(folder)) != 0)
		return (false);
	if (kldsim__members_find(&source->images, folder, true, &member) == 0)
		return (true);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		slash = folder;
	*slash = '\0';
	return (kldsim__members_find(&source->images, folder, true,
	    &member) == 0 && member->holds);
}

/* As many bytes tell whether a file is packed. */
#define FIRST_LOOK 512u

static enum kldsim_status
first_bytes(const struct kldsim_source *source, const char *place,
    uint8_t *bytes, struct kldsim_image **image_ret)
{
	enum kldsim_status status;
	size_t got;
	int fd;

	status = kldsim__host_open(&source->host, place, true, &fd, NULL);
	if (status != KLDSIM_OK)
		return (status);
	got = kldsim__host_read(fd, bytes, FIRST_LOOK);
	(void)close(fd);
	return (kldsim_image_open_memory(bytes, got, place, NULL, NULL,
	    image_ret, NULL));
}

/*
 * Whether a file of the host may be an archive; most are not, nor is what cannot be
 * opened.  One that is read once is kept for who comes to load it.
 */
static enum kldsim_status
may_be_archive(struct kldsim_source *source, const char *place,
    bool *may_ret, struct kldsim_error *error)
{
	uint8_t bytes[FIRST_LOOK];
	struct kldsim_image *image;
	enum kldsim_status status = source->read_once ?
	    kldsim__source_whole(source, place, &image, NULL) :
	    first_bytes(source, place, bytes, &image);

	*may_ret = status == KLDSIM_OK && kldsim__is_packed(image);
	if (status == KLDSIM_OK)
		kldsim_image_unref(image);
	return (status == KLDSIM_NOMEM ? kldsim__source_no_memory(error) :
	    KLDSIM_OK);
}

/* A file of the host as an archive, if it is one; *archive_ret NULL: it is not. */
static enum kldsim_status
open_archive(struct kldsim_source *source, const char *place,
    struct kldsim__archive **archive_ret, struct kldsim_error *error)
{
	struct kldsim__archive **link = &source->archives;
	struct kldsim_image *image;
	enum kldsim_status status;
	bool may;

	for (; *link != NULL; link = &(*link)->next)
		if (strcmp(kldsim__image_name((*link)->image), place) == 0) {
			*archive_ret = *link;
			return (KLDSIM_OK);
		}
	status = may_be_archive(source, place, &may, error);
	if (status != KLDSIM_OK || !may)
		return (status);
	status = kldsim__source_whole(source, place, &image, error);
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim__archive_open(image, &source->alloc, &source->limits,
	    link, error);
	*archive_ret = *link;
	kldsim_image_unref(image);
	return (status == KLDSIM_NOENT ? KLDSIM_OK : status);
}

enum kldsim_status
kldsim__source_archive(struct kldsim_source *source, const char *place,
    struct kldsim__archive **archive_ret, struct kldsim_error *error)
{
	enum kldsim_status status;

	*archive_ret = NULL;
	(void)pthread_mutex_lock(&source->lock);
	status = open_archive(source, place, archive_ret, error);
	(void)pthread_mutex_unlock(&source->lock);
	return (status);
}

enum kldsim_status
kldsim__source_inside(struct kldsim_source *source, const char *path,
    struct kldsim__archive **archive_ret, const char **inside_ret,
    struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;
	const char *colon = path;
	char *place;

	*archive_ret = NULL;
	if (source == NULL || strchr(path, ':') == NULL)
		return (KLDSIM_OK);
	place = kldsim__strdup(&source->alloc, path);
	if (place == NULL)
		return (kldsim__source_no_memory(error));
	while (status == KLDSIM_OK && *archive_ret == NULL &&
	    (colon = strchr(colon, ':')) != NULL) {
		place[colon - path] = '\0';
		status = kldsim__source_archive(source, place, archive_ret,
		    error);
		place[colon++ - path] = ':';
	}
	if (*archive_ret != NULL)
		*inside_ret = colon;
	kldsim__free(&source->alloc, place);
	return (status);
}

enum kldsim_status
kldsim__source_locate(struct kldsim_source *source, const char *path, bool follow,
    struct kldsim__located *at_ret, struct kldsim_error *error)
{
	enum kldsim_status status;
	int found;

	memset(at_ret, 0, sizeof(*at_ret));
	at_ret->inside = path;
	status = kldsim__source_inside(source, path, &at_ret->archive,
	    &at_ret->inside, error);
	if (status != KLDSIM_OK)
		return (status);
	if (at_ret->archive != NULL)
		at_ret->members = &at_ret->archive->members;
	else if (is_added(source, path))
		at_ret->members = &source->images;
	else
		return (KLDSIM_OK);
	found = kldsim__members_find(at_ret->members, at_ret->inside, follow,
	    &at_ret->member);
	return (found != 0 ? kldsim__source_fail_path(error, path, found) :
	    KLDSIM_OK);
}
