/* SPDX-License-Identifier: BSD-2-Clause */

/* What debuggers are given of a kernel, whatever its files are. */

#include "fuzz.h"

#include <string.h>

struct out {
	uint64_t size;
	bool script;
};

/* A script is lines of printable text: nothing can be smuggled into it. */
static int
take(void *user, const void *bytes, uint64_t size)
{
	struct out *out = user;
	const unsigned char *at = bytes;

	FUZZ_CHECK(size != 0, "nothing is written");
	out->size += size;
	for (uint64_t i = 0; out->script && i < size; i++)
		FUZZ_CHECK(at[i] == '\n' || (at[i] >= ' ' && at[i] < 0x7f),
		    "byte %#x in a script", at[i]);
	return (0);
}

typedef enum kldsim_status write_fn(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret);

void
fuzz_debuggers(struct kldsim *sim)
{
	static write_fn *const writers[] = {
		kldsim_core_write, kldsim_core_write_gdb,
		kldsim_core_write_lldb, kldsim_core_write_minidump
	};
	static const char list[] = "qXfer:libraries:read::0,2000";
	const uint64_t before = fuzz_state(sim);
	struct kldsim_error error;
	struct kldsim_gdb *gdb;
	const char *answer;
	size_t size;

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		struct out out = { .script = i == 1 || i == 2 };
		enum kldsim_status status = writers[i](sim, NULL, take, &out,
		    &error);

		/* Not every machine has minidumps. */
		FUZZ_CHECK(status == KLDSIM_OK || status == KLDSIM_LIMIT ||
		    status == KLDSIM_UNSUPPORTED,
		    "%s", error.text);
		FUZZ_CHECK(status != KLDSIM_OK || out.size != 0, "no bytes");
	}
	FUZZ_CHECK(kldsim_gdb_new(sim, NULL, &gdb) == KLDSIM_OK, "no memory");
	FUZZ_CHECK(kldsim_gdb_packet(gdb, list, strlen(list), &answer,
	    &size) == KLDSIM_OK && size != 0, "no libraries");
	kldsim_gdb_free(gdb);
	FUZZ_CHECK(fuzz_state(sim) == before, "a question has left a trace");
}
