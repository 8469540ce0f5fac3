/* SPDX-License-Identifier: BSD-2-Clause */

/* Extents of simulated memory; see aspace.h. */

#include "mem/aspace.h"

#include <string.h>

#include "util/bytes.h"

#define CHUNK_PAGES 512u
#define CHUNK_BYTES ((kldsim_size)CHUNK_PAGES * KLDSIM__PAGE)

/* Behind a flat buffer a byte is always 0: text in it has an end for us. */
#define END 1u

static const uint8_t zero_page[KLDSIM__PAGE];

void
kldsim__aspace_init(struct kldsim__aspace *space,
    const struct kldsim__alloc *alloc, struct kldsim__undo *undo)
{
	memset(space, 0, sizeof(*space));
	space->alloc = alloc;
	space->undo = undo;
	kldsim__extents_init(&space->extents);
	kldsim__flats_init(&space->flats, alloc);
}

static void
free_extent(void *owner, void *object)
{
	struct kldsim__aspace *space = owner;
	struct kldsim__extent *extent = object;

	for (size_t c = 0; extent->chunks != NULL && c < extent->nchunks; c++) {
		if (extent->chunks[c] == NULL)
			continue;
		for (size_t p = 0; p < CHUNK_PAGES; p++)
			kldsim__free(space->alloc, extent->chunks[c][p]);
		kldsim__free(space->alloc, extent->chunks[c]);
	}
	kldsim__free(space->alloc, extent->chunks);
	kldsim__free(space->alloc, extent->stretches.all);
	if (extent->buffer.bytes != NULL)
		kldsim__flats_put(&space->flats, &extent->buffer);
	kldsim__free(space->alloc, extent);
}

void
kldsim__aspace_fini(struct kldsim__aspace *space)
{
	kldsim__extents_free(&space->extents, free_extent, space);
	kldsim__flats_fini(&space->flats);
}

/* A mapping is rolled back. */
static void
undo_map(void *owner, void *object)
{
	struct kldsim__aspace *space = owner;

	kldsim__extents_remove(&space->extents, object);
	free_extent(space, object);
}

/* An unmapping is rolled back. */
static void
undo_unmap(void *owner, void *object)
{
	struct kldsim__aspace *space = owner;

	kldsim__extents_insert(&space->extents, object);
}

static struct kldsim__extent *
new_extent(struct kldsim__aspace *space, kldsim_addr start, kldsim_size size)
{
	struct kldsim__extent *extent =
	    kldsim__calloc(space->alloc, 1, sizeof(*extent));

	if (extent == NULL)
		return (NULL);
	extent->start = start;
	extent->size = size;
	return (extent);
}

static struct kldsim__extent *
map(struct kldsim__aspace *space, struct kldsim__extent *extent)
{
	if (!kldsim__undo_made(space->undo, undo_map, space, extent)) {
		free_extent(space, extent);
		return (NULL);
	}
	extent->born = space->undo->epoch;
	kldsim__extents_insert(&space->extents, extent);
	return (extent);
}

struct kldsim__extent *
kldsim__aspace_map(struct kldsim__aspace *space, kldsim_addr start,
    kldsim_size size, const uint8_t *image, kldsim_size image_size)
{
	struct kldsim__extent *extent = new_extent(space, start, size);

	if (extent == NULL)
		return (NULL);
	extent->image = image;
	extent->image_size = image != NULL ? image_size : 0;
	if (extent->image_size > size)
		extent->image_size = size;
	return (map(space, extent));
}

struct kldsim__extent *
kldsim__aspace_map_flat(struct kldsim__aspace *space, kldsim_addr start,
    size_t size)
{
	struct kldsim__extent *extent = new_extent(space, start, size);

	if (extent == NULL)
		return (NULL);
	extent->buffer = kldsim__flats_get(&space->flats, size + END);
	extent->flat = extent->buffer.bytes;
	if (extent->flat == NULL) {
		kldsim__free(space->alloc, extent);
		return (NULL);
	}
	return (map(space, extent));
}

struct kldsim__extent *
kldsim__aspace_map_stretches(struct kldsim__aspace *space, kldsim_addr start,
    size_t size, const struct kldsim__lent *lent, size_t nlent)
{
	struct kldsim__extent *extent = new_extent(space, start, size);

	if (extent == NULL)
		return (NULL);
	extent->buffer = kldsim__flats_get(&space->flats,
	    (size_t)kldsim__stretches_own(size, lent, nlent) + END);
	if (extent->buffer.bytes == NULL || !kldsim__stretches_make(
	    &extent->stretches, space->alloc, size, lent, nlent,
	    extent->buffer.bytes)) {
		free_extent(space, extent);
		return (NULL);
	}
	return (map(space, extent));
}

uint8_t *
kldsim__extent_own(const struct kldsim__extent *extent, kldsim_size offset,
    kldsim_size size)
{
	const struct kldsim__stretch *stretch;

	if (size == 0 || !kldsim__in_range(offset, size, extent->size))
		return (NULL);
	if (extent->flat != NULL)
		return (extent->flat + offset);
	if (extent->stretches.all == NULL)
		return (NULL);
	stretch = kldsim__stretches_at(&extent->stretches, offset);
	return (stretch->own != NULL && size <= stretch[1].offset - offset ?
	    stretch->own + (offset - stretch->offset) : NULL);
}

bool
kldsim__aspace_unmap(struct kldsim__aspace *space, kldsim_addr start)
{
	struct kldsim__extent *extent = kldsim__aspace_find(space, start);

	if (extent == NULL || extent->start != start)
		return (true); /* nothing there, nothing to do */
	/* Freed when this is final, back in its place if it is undone. */
	if (!kldsim__undo_gone(space->undo, free_extent, space, extent) ||
	    !kldsim__undo_made(space->undo, undo_unmap, space, extent))
		return (false);
	kldsim__extents_remove(&space->extents, extent);
	return (true);
}

static bool
holds(const struct kldsim__extent *extent, kldsim_addr address)
{
	return (address - extent->start < extent->size);
}

struct kldsim__extent *
kldsim__aspace_find(const struct kldsim__aspace *space, kldsim_addr address)
{
	struct kldsim__extent *extent =
	    kldsim__extents_search(&space->extents, address);

	return (extent != NULL && holds(extent, address) ? extent : NULL);
}

bool
kldsim__aspace_mapped(const struct kldsim__aspace *space, kldsim_addr address,
    kldsim_size size)
{
	while (size != 0) {
		const struct kldsim__extent *extent =
		    kldsim__aspace_find(space, address);
		kldsim_size here;

		if (extent == NULL)
			return (false);
		here = extent->size - (address - extent->start);
		if (here >= size)
			return (true);
		address += here;
		size -= here;
	}
	return (true);
}

bool
kldsim__aspace_overlaps(const struct kldsim__aspace *space, kldsim_addr start,
    kldsim_size size)
{
	const struct kldsim__extent *extent =
	    kldsim__extents_search(&space->extents, start);

	if (size == 0 || extent == NULL)
		return (false);
	/* No sum here: a range may reach past the end of the space. */
	return (extent->start <= start || extent->start - start < size);
}

/* Whether [start, limit) has room for an aligned range, and where. */
static bool
has_room(kldsim_addr start, kldsim_addr limit, kldsim_size size,
    kldsim_size align, kldsim_addr *start_ret)
{
	kldsim_addr aligned = kldsim__roundup2(start, align);

	*start_ret = aligned;
	/* Rounding up may wrap past the end of the address space. */
	return (aligned >= start && aligned <= limit &&
	    size <= limit - aligned);
}

bool
kldsim__aspace_first_fit(const struct kldsim__aspace *space,
    kldsim_addr floor, kldsim_addr end, kldsim_size size, kldsim_size align,
    kldsim_addr *start_ret)
{
	const struct kldsim__extent *above, *last;
	kldsim_addr start;

	for (above = kldsim__extents_search(&space->extents, floor);
	    above != NULL; above = kldsim__extents_next_gap(above, size)) {
		start = above->start - above->gap;
		if (has_room(start > floor ? start : floor,
		    above->start < end ? above->start : end, size, align,
		    start_ret))
			return (true);
		if (above->start >= end)
			return (false);
	}
	last = kldsim__extents_last(&space->extents);
	start = last != NULL ? last->start + last->size : 0;
	/* An extent may end at the very top. */
	if (last != NULL && start == 0)
		return (false);
	return (has_room(start > floor ? start : floor, end, size, align,
	    start_ret));
}

static uint8_t *
private_page(const struct kldsim__extent *extent, kldsim_size offset)
{
	uint8_t **chunk;

	if (extent->chunks == NULL)
		return (NULL);
	chunk = extent->chunks[offset / CHUNK_BYTES];
	if (chunk == NULL)
		return (NULL);
	return (chunk[offset % CHUNK_BYTES / KLDSIM__PAGE]);
}

/* What is in a stretch as long as nobody has written there. */
static const uint8_t *
stretch_peek(const struct kldsim__extent *extent,
    const struct kldsim__stretch *stretch, kldsim_size offset,
    kldsim_size *length_ret)
{
	const kldsim_size in_page = offset % KLDSIM__PAGE;
	const kldsim_size left = stretch[1].offset - offset;

	*length_ret = left;
	if (stretch->own != NULL)
		return (stretch->own + (offset - stretch->offset));
	if (stretch->asked != NULL)
		*stretch->asked = true;
	/* A private page may follow; zeros are a page at a time. */
	if ((extent->chunks != NULL || stretch->lent == NULL) &&
	    left > KLDSIM__PAGE - in_page)
		*length_ret = KLDSIM__PAGE - in_page;
	return (stretch->lent != NULL ? stretch->lent + (offset - stretch->offset) :
	    zero_page + in_page);
}

/* The same, or what has been written. */
static const uint8_t *
stretches_peek(const struct kldsim__extent *extent, kldsim_size offset,
    kldsim_size *length_ret)
{
	const struct kldsim__stretch *stretch =
	    kldsim__stretches_at(&extent->stretches, offset);
	const uint8_t *bytes = stretch_peek(extent, stretch, offset, length_ret);
	const uint8_t *page = stretch->own == NULL ?
	    private_page(extent, offset) : NULL;

	return (page != NULL ? page + offset % KLDSIM__PAGE : bytes);
}

/* The bytes at an offset, as far as they lie together; never more than a
 * page of a paged extent. */
static const uint8_t *
extent_peek(const struct kldsim__extent *extent, kldsim_size offset,
    kldsim_size *length_ret)
{
	kldsim_size in_page = offset % KLDSIM__PAGE;
	kldsim_size left = extent->size - offset;
	const uint8_t *page;

	if (extent->flat != NULL) {
		*length_ret = left;
		return (extent->flat + offset);
	}
	if (extent->stretches.all != NULL)
		return (stretches_peek(extent, offset, length_ret));
	page = private_page(extent, offset);
	if (page == NULL && offset < extent->image_size) {
		/* A shared page goes as far as the next private one. */
		if (extent->chunks == NULL ||
		    extent->image_size - offset < KLDSIM__PAGE - in_page)
			*length_ret = extent->image_size - offset;
		else
			*length_ret = KLDSIM__PAGE - in_page;
		return (extent->image + offset);
	}
	*length_ret = KLDSIM__PAGE - in_page;
	if (*length_ret > left)
		*length_ret = left;
	return (page != NULL ? page + in_page : zero_page + in_page);
}

const uint8_t *
kldsim__aspace_peek(const struct kldsim__aspace *space, kldsim_addr address,
    size_t size, size_t *length_ret)
{
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(space, address);
	const uint8_t *bytes;
	kldsim_size length;

	if (extent == NULL)
		return (NULL);
	bytes = extent_peek(extent, address - extent->start, &length);
	*length_ret = length < size ? (size_t)length : size;
	return (bytes);
}

bool
kldsim__aspace_read(const struct kldsim__aspace *space, kldsim_addr address,
    void *buffer, size_t size)
{
	const struct kldsim__extent *extent =
	    kldsim__aspace_find(space, address);
	const uint8_t *own = extent != NULL ? kldsim__extent_own(extent,
	    address - extent->start, size) : NULL;
	uint8_t *to = buffer;

	/* Nearly always a module's own memory. */
	if (own != NULL) {
		memcpy(to, own, size);
		return (true);
	}
	while (size != 0) {
		size_t length;
		const uint8_t *from =
		    kldsim__aspace_peek(space, address, size, &length);

		if (from == NULL)
			return (false);
		memcpy(to, from, length);
		to += length;
		address += length;
		size -= length;
	}
	return (true);
}

static void
drop_memory(void *owner, void *object)
{
	kldsim__free(((struct kldsim__aspace *)owner)->alloc, object);
}

/* Memory that hangs in a slot of an extent that may outlive this call. */
static void *
hang(struct kldsim__aspace *space, const struct kldsim__extent *extent,
    void *slot, size_t count, size_t size)
{
	void *memory = kldsim__calloc(space->alloc, count, size);

	if (memory == NULL)
		return (NULL);
	if (extent->born != space->undo->epoch &&
	    (!kldsim__undo_save(space->undo, slot, sizeof(memory)) ||
	    !kldsim__undo_made(space->undo, drop_memory, space, memory))) {
		kldsim__free(space->alloc, memory);
		return (NULL);
	}
	memcpy(slot, &memory, sizeof(memory));
	return (memory);
}

/* What a page has before anybody has written to it. */
static void
fill_page(const struct kldsim__extent *extent, kldsim_size start,
    uint8_t *page)
{
	const kldsim_size end = extent->size - start < KLDSIM__PAGE ?
	    extent->size : start + KLDSIM__PAGE;
	kldsim_size length;

	if (extent->stretches.all == NULL && start < extent->image_size) {
		length = extent->image_size - start;
		memcpy(page, extent->image + start,
		    (size_t)(length < KLDSIM__PAGE ? length : KLDSIM__PAGE));
	}
	for (kldsim_size at = start; extent->stretches.all != NULL && at < end;
	    at += length) {
		const uint8_t *bytes = stretch_peek(extent, kldsim__stretches_at(
		    &extent->stretches, at), at, &length);

		if (length > end - at)
			length = end - at;
		memcpy(page + (at - start), bytes, (size_t)length);
	}
}

/* A page that may be written, made from what is there. */
static uint8_t *
make_private(struct kldsim__aspace *space, struct kldsim__extent *extent,
    kldsim_size offset)
{
	kldsim_size start = offset - offset % KLDSIM__PAGE;
	uint8_t **chunk, *page;

	if (extent->chunks == NULL) {
		extent->nchunks = (size_t)((extent->size - 1) / CHUNK_BYTES +
		    1);
		if (hang(space, extent, &extent->chunks, extent->nchunks,
		    sizeof(*extent->chunks)) == NULL)
			return (NULL);
	}
	chunk = extent->chunks[offset / CHUNK_BYTES];
	if (chunk == NULL) {
		chunk = hang(space, extent,
		    &extent->chunks[offset / CHUNK_BYTES], CHUNK_PAGES,
		    sizeof(*chunk));
		if (chunk == NULL)
			return (NULL);
	}
	page = hang(space, extent, &chunk[start % CHUNK_BYTES / KLDSIM__PAGE],
	    1, KLDSIM__PAGE);
	if (page != NULL)
		fill_page(extent, start, page);
	return (page);
}

/* Room to write at an offset, already saved in the undo log. */
static uint8_t *
extent_poke(struct kldsim__aspace *space, struct kldsim__extent *extent,
    kldsim_size offset, size_t size, size_t *length_ret)
{
	kldsim_size room = extent->size - offset;
	uint8_t *to;
	bool fresh = extent->born == space->undo->epoch;

	if (extent->stretches.all != NULL)
		room = kldsim__stretches_at(&extent->stretches, offset)[1].offset -
		    offset;
	to = kldsim__extent_own(extent, offset, 1);
	if (to == NULL) {
		kldsim_size in_page = offset % KLDSIM__PAGE;

		if (room > KLDSIM__PAGE - in_page)
			room = KLDSIM__PAGE - in_page;
		to = private_page(extent, offset);
		if (to == NULL) {
			to = make_private(space, extent, offset);
			fresh = true; /* its slot is saved, it goes whole */
		}
		if (to == NULL)
			return (NULL);
		to += in_page;
	}
	*length_ret = room < size ? (size_t)room : size;
	if (!fresh && !kldsim__undo_save(space->undo, to, *length_ret))
		return (NULL);
	return (to);
}

/* Write bytes, or zeros where `bytes` is NULL. */
static enum kldsim__access
put(struct kldsim__aspace *space, kldsim_addr address, const uint8_t *bytes,
    kldsim_size size)
{
	if (!kldsim__aspace_mapped(space, address, size))
		return (KLDSIM__ACCESS_FAULT);
	while (size != 0) {
		struct kldsim__extent *extent =
		    kldsim__aspace_find(space, address);
		size_t want = size < SIZE_MAX ? (size_t)size : SIZE_MAX;
		size_t length;
		uint8_t *to = extent_poke(space, extent,
		    address - extent->start, want, &length);

		if (to == NULL)
			return (KLDSIM__ACCESS_NOMEM);
		if (bytes != NULL) {
			memcpy(to, bytes, length);
			bytes += length;
		} else
			memset(to, 0, length);
		address += length;
		size -= length;
	}
	return (KLDSIM__ACCESS_OK);
}

enum kldsim__access
kldsim__aspace_write(struct kldsim__aspace *space, kldsim_addr address,
    const void *bytes, size_t size)
{
	return (put(space, address, bytes, size));
}

/*
 * Whether the page at an offset is zeros that nobody has touched; then how far
 * the page goes.
 */
static bool
is_zero_page(const struct kldsim__extent *extent, kldsim_size offset,
    kldsim_size *length_ret)
{
	if (extent->flat != NULL || extent->stretches.all != NULL ||
	    offset < extent->image_size ||
	    private_page(extent, offset) != NULL)
		return (false);
	*length_ret = KLDSIM__PAGE - offset % KLDSIM__PAGE;
	/* Nothing private at all: as far as the extent goes. */
	if (extent->chunks == NULL ||
	    extent->chunks[offset / CHUNK_BYTES] == NULL)
		*length_ret = extent->chunks == NULL ?
		    extent->size - offset :
		    CHUNK_BYTES - offset % CHUNK_BYTES;
	if (*length_ret > extent->size - offset)
		*length_ret = extent->size - offset;
	return (true);
}

/* Zeroing a gigabyte of nothing costs nothing. */
enum kldsim__access
kldsim__aspace_zero(struct kldsim__aspace *space, kldsim_addr address,
    kldsim_size size)
{
	if (!kldsim__aspace_mapped(space, address, size))
		return (KLDSIM__ACCESS_FAULT);
	while (size != 0) {
		const struct kldsim__extent *extent =
		    kldsim__aspace_find(space, address);
		kldsim_size offset = address - extent->start;
		kldsim_size length;
		enum kldsim__access access = KLDSIM__ACCESS_OK;

		if (!is_zero_page(extent, offset, &length)) {
			length = extent->flat != NULL ?
			    extent->size - offset :
			    KLDSIM__PAGE - offset % KLDSIM__PAGE;
			if (length > extent->size - offset)
				length = extent->size - offset;
			if (length > size)
				length = size;
			access = put(space, address, NULL, length);
		}
		if (length > size)
			length = size;
		if (access != KLDSIM__ACCESS_OK)
			return (access);
		address += length;
		size -= length;
	}
	return (KLDSIM__ACCESS_OK);
}

enum kldsim__access
kldsim__aspace_copy(struct kldsim__aspace *space, kldsim_addr to,
    kldsim_addr from, kldsim_size size)
{
	if (!kldsim__aspace_mapped(space, from, size) ||
	    !kldsim__aspace_mapped(space, to, size))
		return (KLDSIM__ACCESS_FAULT);
	while (size != 0) {
		size_t length;
		const uint8_t *bytes = kldsim__aspace_peek(space, from,
		    size < KLDSIM__PAGE ? (size_t)size : KLDSIM__PAGE,
		    &length);
		enum kldsim__access access =
		    put(space, to, bytes, length);

		if (access != KLDSIM__ACCESS_OK)
			return (access);
		from += length;
		to += length;
		size -= length;
	}
	return (KLDSIM__ACCESS_OK);
}

/* Bring over what differs from the image that both share. */
static enum kldsim__access
clone_private(struct kldsim__aspace *space, kldsim_addr to,
    const struct kldsim__extent *source, kldsim_size offset, kldsim_size size)
{
	while (size != 0) {
		kldsim_size here = KLDSIM__PAGE - offset % KLDSIM__PAGE;
		const uint8_t *page = private_page(source, offset);
		enum kldsim__access access = KLDSIM__ACCESS_OK;

		if (here > size)
			here = size;
		if (page != NULL)
			access = put(space, to, page + offset % KLDSIM__PAGE,
			    here);
		if (access != KLDSIM__ACCESS_OK)
			return (access);
		to += here;
		offset += here;
		size -= here;
	}
	return (KLDSIM__ACCESS_OK);
}

enum kldsim__access
kldsim__aspace_clone(struct kldsim__aspace *space, kldsim_addr start,
    kldsim_size size, kldsim_addr from, kldsim_size bytes)
{
	const struct kldsim__extent *source =
	    kldsim__aspace_find(space, from);
	kldsim_size offset = source != NULL ? from - source->start : 0;
	bool shared = source != NULL && source->flat == NULL &&
	    kldsim__in_range(offset, bytes, source->image_size);

	if (!kldsim__aspace_mapped(space, from, bytes))
		return (KLDSIM__ACCESS_FAULT);
	if (kldsim__aspace_map(space, start, size,
	    shared ? source->image + offset : NULL, bytes) == NULL)
		return (KLDSIM__ACCESS_NOMEM);
	if (!shared)
		return (kldsim__aspace_copy(space, start, from, bytes));
	if (source->chunks == NULL)
		return (KLDSIM__ACCESS_OK);
	return (clone_private(space, start, source, offset, bytes));
}
