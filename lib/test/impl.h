/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_IMPL_H
#define TEST_IMPL_H

/* kldsim::test stands on the public headers alone; it is a library apart. */

#include <kldsim/test.h>

#if defined(__GNUC__)
#define KLDSIM__TEST_FORMAT(f, a) __attribute__((format(printf, f, a)))
#else
#define KLDSIM__TEST_FORMAT(f, a)
#endif

/* Where an assertion stands, and about what. */
struct kldsim__test {
	struct kldsim *sim; /* NULL: none yet */
	const char *file;
	int line;
};

/* Say what is wrong, print the state, and fail the running test. */
void kldsim__test_fail(const struct kldsim__test *test, const char *fmt, ...)
    KLDSIM__TEST_FORMAT(2, 3);

#endif
