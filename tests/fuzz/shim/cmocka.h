/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_SHIM_CMOCKA_H
#define FUZZ_SHIM_CMOCKA_H

/*
 * What the model of tests/unit/model needs of cmocka, for programs that are no tests:
 * an assertion that fails aborts.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define print_message(...) ((void)printf(__VA_ARGS__))
#define print_error(...) ((void)fprintf(stderr, __VA_ARGS__))
#define fail_msg(...) \
	((void)fprintf(stderr, __VA_ARGS__), (void)fputc('\n', stderr), \
	    abort())
#define assert_true(x) \
	((x) ? (void)0 : fail_msg("%s:%d: not %s", __FILE__, __LINE__, #x))
#define assert_false(x) assert_true(!(x))
#define assert_non_null(x) assert_true((x) != NULL)
#define assert_int_equal(a, b) \
	assert_true((unsigned long long)(a) == (unsigned long long)(b))
#define assert_string_equal(a, b) assert_true(strcmp((a), (b)) == 0)

#endif
