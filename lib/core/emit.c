/* SPDX-License-Identifier: BSD-2-Clause */

/* Handing a large file over in few pieces, with its holes. */

#include "core/core.h"

#define BLOCK 4096u /* zeros of that size become a hole */

int
kldsim__core_flush(struct kldsim__core *core)
{
	const uint64_t size = core->nwaiting;

	core->nwaiting = 0;
	return (kldsim__core_put(core, core->waiting, size));
}

int
kldsim__core_emit(struct kldsim__core *core, const void *given, uint64_t size)
{
	const uint8_t *bytes = given;
	int error = 0;

	if (core->nwaiting != 0 && (bytes == NULL ? core->waiting != NULL :
	    core->waiting == NULL || core->waiting + core->nwaiting != bytes))
		error = kldsim__core_flush(core);
	if (core->nwaiting == 0)
		core->waiting = bytes;
	core->nwaiting += size;
	core->done += size;
	return (error);
}

static bool
is_zero(const uint8_t *bytes, size_t size)
{
	return (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* How many bytes, by blocks, are all zeros, or none of the blocks is. */
static size_t
alike(const uint8_t *bytes, size_t size, bool *zero_ret)
{
	size_t done = 0;

	while (done < size) {
		size_t n = size - done < BLOCK ? size - done : BLOCK;
		bool zero = is_zero(bytes + done, n);

		if (done == 0)
			*zero_ret = zero;
		else if (zero != *zero_ret)
			break;
		done += n;
	}
	return (done);
}

int
kldsim__core_emit_sparse(struct kldsim__core *core, const uint8_t *bytes,
    size_t size)
{
	int error = 0;
	bool zero;
	size_t n;

	for (size_t i = 0; i < size && error == 0; i += n) {
		n = alike(bytes + i, size - i, &zero);
		error = kldsim__core_emit(core, zero ? NULL : bytes + i, n);
	}
	return (error);
}
