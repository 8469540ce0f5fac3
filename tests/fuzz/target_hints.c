/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Fuzz target: linker.hints as the kernel reads it (H-01, K-13 step 5): the
 * index answers as the walk does, or leaves the file to it; and as tools do.
 */

#include "fuzz.h"

#include <string.h>

#include "meta/hints_index.h"

static void
agree(const struct kldsim__hints_index *index, const struct fuzz_bytes *file,
    bool big, const struct kldsim__facts *facts, const char *name,
    const struct kldsim__mod_depend *dep)
{
	struct kldsim__hints_result walked, found;

	kldsim__hints_find(file->at, file->left, big, facts, name, dep,
	    &walked);
	if (index == NULL)
		return;
	kldsim__hints_index_find(index, name, dep, &found);
	FUZZ_CHECK(found.outcome == walked.outcome, "%s: outcome %d, walked "
	    "%d", name, found.outcome, walked.outcome);
	FUZZ_CHECK(strcmp(found.file, walked.file) == 0, "%s: %s, walked %s",
	    name, found.file, walked.file);
	FUZZ_CHECK(found.escapes == walked.escapes, "%s: escapes", name);
	FUZZ_CHECK(found.named == walked.named, "%s: named", name);
}

static void
search(const struct fuzz_bytes *file, bool big, uint32_t osreldate)
{
	static const char *const names[] = { "uartx", "a", "if_foo", "" };
	static const struct kldsim__mod_depend dep = { 1, 2, 3 };
	struct kldsim__hints_index index;
	struct kldsim__alloc alloc;
	struct kldsim__facts facts;
	bool indexed;

	kldsim__alloc_init(&alloc, NULL);
	kldsim__facts_for(osreldate, &facts);
	indexed = kldsim__hints_index_build(&index, &alloc, file->at,
	    file->left, big, &facts) == KLDSIM__INDEXED;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		agree(indexed ? &index : NULL, file, big, &facts, names[i],
		    &dep);
		agree(indexed ? &index : NULL, file, big, &facts, names[i],
		    NULL);
	}
	kldsim__hints_index_fini(&index);
}

/* Every record is before the next one, every value has a kind. */
static void
walk(const struct fuzz_bytes *file)
{
	struct kldsim_hints_record record;
	struct kldsim_hints_value value;
	struct kldsim_error error;
	size_t at = 0, last = 0;

	while (kldsim_hints_next(file->at, file->left, &at, &record,
	    &error) == KLDSIM_OK) {
		struct kldsim_hints_cursor cursor;

		FUZZ_CHECK(at > last && at <= file->left, "no further");
		last = at;
		memset(&cursor, 0, sizeof(cursor));
		while (record.kind == KLDSIM_HINTS_PNP &&
		    kldsim_hints_value(&record, &cursor, &value) == KLDSIM_OK)
			FUZZ_CHECK(value.kind != '\0', "no kind");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fuzz_bytes file = { data, size };

	/* As the kernel reads a whole file of at most 0.5 or 8 MB. */
	for (unsigned release = 0; release < 5; release += 2) {
		search(&file, false, fuzz_release(release));
		search(&file, true, fuzz_release(release));
	}
	walk(&file);
	return (0);
}
