/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What AddressSanitizer is to do while something is fuzzed; ASAN_OPTIONS in the
 * environment overrides it.
 *
 * Freed memory waits in a megabyte, which many small loads fill together, so a
 * pointer that was kept from one input to the next is still found.  With the
 * default of 256 MB each input is on memory that no cache has.  Where something
 * was allocated is told by one frame; for more, run the failing input again with
 * malloc_context_size=30.  What printf(3) is given, the compiler has checked.
 */

const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return ("quarantine_size_mb=1:thread_local_quarantine_size_kb=64:"
	    "malloc_context_size=1:check_printf=0");
}
