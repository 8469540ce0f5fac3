/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: any bytes as an archive and as one compressed file.  Whatever
 * is in it, its paths stay inside, each can be found and listed, and no more is
 * made of it than the limits allow.
 */

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf/image.h"
#include "source/archive.h"
#include "source/packed.h"

#define BLOCK 512
#define BYTES (4u << 20)
#define MEMBERS 300u

/* Headers whose sums are right get further than the first look. */
static void
mend_sums(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
		uint8_t *header = bytes + at;
		unsigned sum = 0;
		char text[8];

		if (memcmp(header + 257, "ustar", 5) != 0)
			continue;
		memset(header + 148, ' ', 8);
		for (int i = 0; i < BLOCK; i++)
			sum += header[i];
		(void)snprintf(text, sizeof(text), "%06o", sum);
		memcpy(header + 148, text, 7);
	}
}

static void
check_path(const char *path)
{
	char normal[KLDSIM__SOURCE_PATH];

	FUZZ_CHECK(kldsim__path_normal(path, normal, sizeof(normal)) == 0 &&
	    strcmp(path, normal) == 0, "'%s' is no normal path", path);
}

struct listing {
	size_t left;
	char last[KLDSIM__SOURCE_PATH];
};

static bool
visit(void *user, const struct kldsim_source_file *file)
{
	struct listing *listing = user;

	FUZZ_CHECK(strcmp(listing->last, file->name) < 0, "not in order: %s",
	    file->name);
	FUZZ_CHECK(strchr(file->name, '/') == NULL, "no name: %s",
	    file->name);
	FUZZ_CHECK(listing->left-- != 0, "more than there are");
	(void)snprintf(listing->last, sizeof(listing->last), "%s",
	    file->name);
	return (true);
}

static void
check_image(struct kldsim__archive *archive,
    const struct kldsim__member *member)
{
	struct kldsim_image_info info;
	struct kldsim_image *image;

	if (kldsim__archive_image(archive, member, &image, NULL) != KLDSIM_OK)
		return;
	kldsim_image_info(image, &info);
	FUZZ_CHECK(info.size <= member->size && info.size <= BYTES,
	    "%s: more bytes than it has", member->path);
	kldsim_image_unref(image);
}

static void
check_member(struct kldsim__archive *archive, size_t number)
{
	struct kldsim__members *members = &archive->members;
	const struct kldsim__member *member = &members->all[number];
	struct listing listing = { .left = members->count };
	struct kldsim__member *found;

	check_path(member->path);
	FUZZ_CHECK(number == 0 || strcmp(members->all[number - 1].path,
	    member->path) < 0, "'%s' is not in order", member->path);
	FUZZ_CHECK(member->target != NULL || (kldsim__members_find(members,
	    member->path, true, &found) == 0 && found == member),
	    "'%s' is not found", member->path);
	if (kldsim__members_find(members, member->path, true, &found) == 0)
		FUZZ_CHECK(found->target == NULL, "'%s' leads to a link",
		    member->path);
	if (member->type == KLDSIM_SOURCE_FOLDER)
		kldsim__members_list(members, member, visit, &listing);
	/* Each that keeps none is one more walk. */
	if (member->type == KLDSIM_SOURCE_FILE && member->target == NULL &&
	    (member->image != NULL || number < 8))
		check_image(archive, member);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kldsim_limits limits = { .archive_bytes = BYTES,
		.archive_members = MEMBERS };
	uint8_t *bytes = malloc(size + 1);
	struct fuzz_bytes file = { bytes, size };
	struct kldsim__archive *archive = NULL;
	struct kldsim__alloc alloc;
	struct kldsim_image *image, *one;

	FUZZ_CHECK(bytes != NULL, "no memory");
	kldsim__alloc_init(&alloc, NULL);
	if (size != 0)
		memcpy(bytes, data, size);
	mend_sums(bytes, size);
	image = fuzz_image(&file, "a.tar");
	if (kldsim__is_packed(image) && kldsim__archive_open(image, &alloc,
	    &limits, &archive, NULL) == KLDSIM_OK) {
		FUZZ_CHECK(archive->members.count <= MEMBERS,
		    "%zu members", archive->members.count);
		for (size_t i = 0; i < archive->members.count; i++)
			check_member(archive, i);
		kldsim__archive_close(archive);
	}
	if (kldsim__is_compressed(image) && kldsim__unpack(image, &limits,
	    &one, NULL) == KLDSIM_OK)
		kldsim_image_unref(one);
	kldsim_image_unref(image);
	free(bytes);
	return (0);
}
