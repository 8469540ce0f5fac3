/* SPDX-License-Identifier: BSD-2-Clause */

/* Mappings of which a part is lent; see stretches.h. */

#include "mem/stretches.h"

kldsim_size
kldsim__stretches_own(kldsim_size size, const struct kldsim__lent *lent,
    size_t nlent)
{
	for (size_t i = 0; i < nlent; i++)
		size -= lent[i].size;
	return (size);
}

static void
add_own(struct kldsim__stretches *stretches, kldsim_size offset, uint8_t *own)
{
	stretches->all[stretches->count++] =
	    (struct kldsim__stretch){ .offset = offset, .own = own };
}

static void
add_lent(struct kldsim__stretches *stretches, const struct kldsim__lent *lent)
{
	stretches->all[stretches->count++] = (struct kldsim__stretch){
	    .offset = lent->offset, .lent = lent->bytes,
	    .asked = lent->asked };
}

bool
kldsim__stretches_make(struct kldsim__stretches *stretches,
    const struct kldsim__alloc *alloc, kldsim_size size,
    const struct kldsim__lent *lent, size_t nlent, uint8_t *own)
{
	kldsim_size at = 0;

	stretches->count = 0;
	stretches->all = kldsim__calloc(alloc, 2 * nlent + 2,
	    sizeof(*stretches->all));
	if (stretches->all == NULL)
		return (false);
	for (size_t i = 0; i < nlent; i++) {
		if (lent[i].offset != at) {
			add_own(stretches, at, own);
			own += lent[i].offset - at;
		}
		add_lent(stretches, &lent[i]);
		at = lent[i].offset + lent[i].size;
	}
	if (at != size)
		add_own(stretches, at, own);
	stretches->all[stretches->count].offset = size;
	return (true);
}

const struct kldsim__stretch *
kldsim__stretches_at(const struct kldsim__stretches *stretches, kldsim_size offset)
{
	size_t low = 0, high = stretches->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (stretches->all[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return (&stretches->all[low]);
}
