/* SPDX-License-Identifier: BSD-2-Clause */

#include <inttypes.h>

#include "core/overlay.h"
#include "kern/bad_news.h"
#include "kern/linker_file.h"

int
kldsim__overlay_init(struct kldsim__overlay *overlay, struct kldsim *sim,
    const char *folder)
{
	memset(overlay, 0, sizeof(*overlay));
	overlay->sim = sim;
	overlay->folder = folder;
	kldsim__arena_init(&overlay->arena, &sim->alloc);
	return (kldsim__overlay_files(overlay));
}

void
kldsim__overlay_fini(struct kldsim__overlay *overlay)
{
	if (overlay->sim == NULL)
		return;
	kldsim__free(&overlay->sim->alloc, overlay->patches);
	kldsim__arena_fini(&overlay->arena);
}

/* The first patch that ends above an address, npatches if there is none. */
static size_t
patch_at(const struct kldsim__overlay *overlay, kldsim_addr address)
{
	size_t i = 0;

	/* There are a handful of them. */
	while (i < overlay->npatches && overlay->patches[i].address +
	    (overlay->patches[i].size - 1) < address)
		i++;
	return (i);
}

bool
kldsim__overlay_is_free(const struct kldsim__overlay *overlay,
    kldsim_addr address, size_t size)
{
	const size_t i = patch_at(overlay, address);

	return (i == overlay->npatches || overlay->patches[i].address >
	    address + (size - 1));
}

static int
insert(struct kldsim__overlay *overlay, struct kldsim__patch patch)
{
	struct kldsim *sim = overlay->sim;
	size_t i = patch_at(overlay, patch.address);

	if (!kldsim__overlay_is_free(overlay, patch.address, patch.size))
		return (kldsim__fail(sim, KLDSIM_INTERNAL, "two things for "
		    "debuggers are at 0x%" PRIx64, patch.address));
	if (!kldsim__grow(&sim->alloc, &overlay->patches, &overlay->cap,
	    overlay->npatches + 1, sizeof(*overlay->patches)))
		return (kldsim__nomem(sim));
	memmove(&overlay->patches[i + 1], &overlay->patches[i],
	    (overlay->npatches++ - i) * sizeof(*overlay->patches));
	overlay->patches[i] = patch;
	return (0);
}

static int
new_patch(struct kldsim__overlay *overlay, kldsim_addr address, size_t size,
    bool added, uint8_t **bytes_ret)
{
	struct kldsim__patch patch = { .address = address, .size = size,
		.added = added };

	patch.bytes = kldsim__arena_calloc(&overlay->arena, size, 1);
	if (patch.bytes == NULL)
		return (kldsim__nomem(overlay->sim));
	*bytes_ret = patch.bytes;
	return (insert(overlay, patch));
}

int
kldsim__overlay_replace(struct kldsim__overlay *overlay, kldsim_addr address,
    size_t size, uint8_t **bytes_ret)
{
	return (new_patch(overlay, address, size, false, bytes_ret));
}

/* Behind the pages that are there already. */
int
kldsim__overlay_add(struct kldsim__overlay *overlay, size_t size,
    kldsim_addr *address_ret, uint8_t **bytes_ret)
{
	struct kldsim *sim = overlay->sim;
	const kldsim_size page = sim->arch->page_size;
	kldsim_addr floor = sim->arch->heap;

	size = (size_t)kldsim__roundup2(size, page);
	for (size_t i = 0; i < overlay->npatches; i++)
		if (overlay->patches[i].added)
			floor = overlay->patches[i].address +
			    overlay->patches[i].size;
	if (!kldsim__aspace_first_fit(&sim->space, floor, sim->arch->heap_end,
	    size, page, address_ret))
		return (kldsim__fail(sim, KLDSIM_LIMIT, "the simulated "
		    "kernel's heap has no room for what debuggers want to "
		    "see"));
	return (new_patch(overlay, *address_ret, size, true, bytes_ret));
}

const uint8_t *
kldsim__overlay_peek(const struct kldsim__overlay *overlay,
    kldsim_addr address, size_t size, size_t *length_ret)
{
	size_t i = patch_at(overlay, address);
	const struct kldsim__patch *patch = i < overlay->npatches ?
	    &overlay->patches[i] : NULL;

	if (patch != NULL && patch->address <= address) {
		size_t offset = (size_t)(address - patch->address);

		*length_ret = patch->size - offset < size ?
		    patch->size - offset : size;
		return (patch->bytes + offset);
	}
	if (patch != NULL && patch->address - address < size)
		size = (size_t)(patch->address - address);
	return (kldsim__aspace_peek(&overlay->sim->space, address, size,
	    length_ret));
}

size_t
kldsim__overlay_read(const struct kldsim__overlay *overlay,
    kldsim_addr address, void *buffer, size_t size)
{
	uint8_t *to = buffer;
	size_t done = 0, length;

	while (done < size) {
		const uint8_t *bytes = kldsim__overlay_peek(overlay,
		    address + done, size - done, &length);

		if (bytes == NULL)
			break;
		memcpy(to + done, bytes, length);
		done += length;
	}
	return (done);
}

bool
kldsim__overlay_next(const struct kldsim__overlay *overlay,
    kldsim_addr address, kldsim_addr *start_ret, kldsim_size *size_ret)
{
	const struct kldsim__extent *extent =
	    kldsim__extents_search(&overlay->sim->space.extents, address);
	bool found = extent != NULL;

	if (found) {
		*start_ret = extent->start;
		*size_ret = extent->size;
	}
	for (size_t i = patch_at(overlay, address); i < overlay->npatches; i++) {
		const struct kldsim__patch *patch = &overlay->patches[i];

		if (!patch->added || (found && patch->address > *start_ret))
			continue;
		*start_ret = patch->address;
		*size_ret = patch->size;
		found = true;
		break;
	}
	if (found && *start_ret < address) {
		*size_ret -= address - *start_ret;
		*start_ret = address;
	}
	return (found);
}

const char *
kldsim__overlay_path(struct kldsim__overlay *overlay,
    const struct kldsim__file *file)
{
	/* The kernel's own path is FreeBSD's, whatever its file is here. */
	const char *path = file == overlay->sim->linker.kernel ?
	    kldsim__image_name(file->image) : file->pathname;
	const size_t size = strlen(path) + 1;
	size_t length;
	char *whole;

	if (overlay->folder == NULL || path[0] == '/')
		return (path);
	length = strlen(overlay->folder);
	whole = kldsim__arena_alloc(&overlay->arena, length + 1 + size);
	if (whole == NULL) {
		(void)kldsim__nomem(overlay->sim);
		return (NULL);
	}
	memcpy(whole, overlay->folder, length);
	whole[length] = '/';
	memcpy(whole + length + 1, path, size);
	return (whole);
}
