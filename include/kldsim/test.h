/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_TEST_H
#define KLDSIM_TEST_H

/*
 * Assertions about simulated kernels, for cmocka; the library kldsim::test
 * (kldsim-test for pkg-config).  A failed one prints what was expected, what
 * was found, and the state: the kldstat table, the console, the findings.
 *
 *	struct kldsim *sim = kldsim_assert_boots(kernel, NULL);
 *	int id = kldsim_assert_loads(sim, module, "if_foo.ko");
 *
 *	kldsim_assert_vnet_int(sim, 0, "foo_limit", 5, 4);
 *	kldsim_assert_no_findings(sim);
 *
 * The functions behind the macros fail the running cmocka test at file and
 * line, so they only return when the assertion holds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/events.h>
#include <kldsim/image.h>
#include <kldsim/kld.h>
#include <kldsim/memory.h>
#include <kldsim/report.h>
#include <kldsim/spec.h>

#ifdef __cplusplus
extern "C" {
#endif

#define kldsim_assert_boots(synth, options) \
	kldsim_test_boots(synth, options, __FILE__, __LINE__)
#define kldsim_assert_loads(sim, synth, path) \
	kldsim_test_loads(sim, synth, path, __FILE__, __LINE__)
#define kldsim_assert_loads_image(sim, image, path) \
	kldsim_test_loads_image(sim, image, path, __FILE__, __LINE__)
#define kldsim_assert_refuses(sim, synth, path, error, line) \
	kldsim_test_refuses(sim, synth, path, error, line, __FILE__, __LINE__)
#define kldsim_assert_refuses_image(sim, image, path, error, line) \
	kldsim_test_refuses_image(sim, image, path, error, line, __FILE__, \
	    __LINE__)
#define kldsim_assert_unloads(sim, fileid) \
	kldsim_test_unloads(sim, fileid, __FILE__, __LINE__)
#define kldsim_assert_symbol(sim, fileid, name, address) \
	kldsim_test_symbol(sim, fileid, name, address, __FILE__, __LINE__)
#define kldsim_assert_no_symbol(sim, fileid, name) \
	kldsim_test_no_symbol(sim, fileid, name, __FILE__, __LINE__)
#define kldsim_assert_dpcpu(sim, cpu, name, bytes, size) \
	kldsim_test_variable(sim, KLDSIM_SET_DPCPU, cpu, name, bytes, size, \
	    __FILE__, __LINE__)
#define kldsim_assert_vnet(sim, vnet, name, bytes, size) \
	kldsim_test_variable(sim, KLDSIM_SET_VNET, vnet, name, bytes, size, \
	    __FILE__, __LINE__)
#define kldsim_assert_dpcpu_int(sim, cpu, name, value, size) \
	kldsim_test_variable_int(sim, KLDSIM_SET_DPCPU, cpu, name, value, \
	    size, __FILE__, __LINE__)
#define kldsim_assert_vnet_int(sim, vnet, name, value, size) \
	kldsim_test_variable_int(sim, KLDSIM_SET_VNET, vnet, name, value, \
	    size, __FILE__, __LINE__)
#define kldsim_assert_dpcpu_free(sim, bytes) \
	kldsim_test_modspace_free(sim, KLDSIM_SET_DPCPU, bytes, __FILE__, \
	    __LINE__)
#define kldsim_assert_vnet_free(sim, bytes) \
	kldsim_test_modspace_free(sim, KLDSIM_SET_VNET, bytes, __FILE__, \
	    __LINE__)
#define kldsim_assert_calls(sim, file_name, kind, names) \
	kldsim_test_calls(sim, file_name, kind, names, \
	    sizeof(names) / sizeof((names)[0]), __FILE__, __LINE__)
#define kldsim_assert_no_findings(sim) \
	kldsim_test_no_findings(sim, KLDSIM_NOTE, __FILE__, __LINE__)
#define kldsim_assert_finding(sim, code) \
	kldsim_test_finding(sim, code, __FILE__, __LINE__)
#define kldsim_assert_console(sim, text) \
	kldsim_test_console(sim, text, __FILE__, __LINE__)

/**
 * Finish a builder and boot what it built.
 *
 * Units: none.
 * Ownership: the caller gives the answer to kldsim_destroy(); the builder is
 * freed; NULL options are the defaults.
 * Thread: the running test's.
 * Errors: the test fails with the builder's or the library's own message.
 * Kernel: as kldsim_boot().
 */
KLDSIM_API struct kldsim *kldsim_test_boots(struct kldsim_synth *synth,
    const struct kldsim_options *options, const char *file, int line);

/**
 * Finish a builder and load what it built as if found at a path.
 *
 * Units: the answer is the file id.
 * Ownership: the builder is freed.
 * Thread: the running test's.
 * Errors: the test fails if the kernel refuses it or would have panicked.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API int kldsim_test_loads(struct kldsim *sim,
    struct kldsim_synth *synth, const char *path, const char *file, int line);

/**
 * Load an image as if found at a path.
 *
 * Units: the answer is the file id.
 * Ownership: the image stays the caller's.
 * Thread: the running test's.
 * Errors: the test fails if the kernel refuses it or would have panicked.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API int kldsim_test_loads_image(struct kldsim *sim,
    struct kldsim_image *image, const char *path, const char *file, int line);

/**
 * Finish a builder and see what it built refused.
 *
 * Units: error is a FreeBSD errno; console a line that the call must have
 * printed, NULL for any.
 * Ownership: the builder is freed.
 * Thread: the running test's.
 * Errors: the test fails if it loads, or for another errno, or without the
 * line.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API void kldsim_test_refuses(struct kldsim *sim,
    struct kldsim_synth *synth, const char *path, int error,
    const char *console, const char *file, int line);

/**
 * See an image refused.
 *
 * Units: as kldsim_test_refuses().
 * Ownership: the image stays the caller's.
 * Thread: the running test's.
 * Errors: as kldsim_test_refuses().
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API void kldsim_test_refuses_image(struct kldsim *sim,
    struct kldsim_image *image, const char *path, int error,
    const char *console, const char *file, int line);

/**
 * Unload a file.
 *
 * Units: none.
 * Ownership: the file is gone.
 * Thread: the running test's.
 * Errors: the test fails if the kernel refuses.
 * Kernel: as kldsim_kldunload().
 */
KLDSIM_API void kldsim_test_unloads(struct kldsim *sim, int fileid,
    const char *file, int line);

/**
 * A name resolves to an address; fileid 0 asks all files.
 *
 * Units: an address in the target.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if it does not.
 * Kernel: as kldsim_kldsym().
 */
KLDSIM_API void kldsim_test_symbol(struct kldsim *sim, int fileid,
    const char *name, kldsim_addr address, const char *file, int line);

/**
 * A name does not resolve; fileid 0 asks all files.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if it does.
 * Kernel: as kldsim_kldsym().
 */
KLDSIM_API void kldsim_test_no_symbol(struct kldsim *sim, int fileid,
    const char *name, const char *file, int line);

/**
 * A variable has these bytes in one CPU or vnet.
 *
 * Units: id is a CPU or vnet number, size in bytes; name is without
 * pcpu_entry_ and vnet_entry_.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if it does not, or if there is no such variable, CPU
 * or vnet.
 * Kernel: DPCPU_ID_GET, and VNET in that vnet (A-21, D-74).
 */
KLDSIM_API void kldsim_test_variable(struct kldsim *sim, enum kldsim_set set,
    unsigned id, const char *name, const void *bytes, size_t size,
    const char *file, int line);

/**
 * A variable has this value in one CPU or vnet, in the target's byte order.
 *
 * Units: size in bytes, 1 to 8; else as kldsim_test_variable().
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: as kldsim_test_variable().
 * Kernel: as kldsim_test_variable().
 */
KLDSIM_API void kldsim_test_variable_int(struct kldsim *sim,
    enum kldsim_set set, unsigned id, const char *name, uint64_t value,
    size_t size, const char *file, int line);

/**
 * So much modspace is free.
 *
 * Units: bytes, all free extents together.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if it is not; it prints the free extents.
 * Kernel.
 */
KLDSIM_API void kldsim_test_modspace_free(struct kldsim *sim,
    enum kldsim_set set, kldsim_size bytes, const char *file, int line);

/**
 * The calls of one kind for one file, in order: SYSINITs, for example.
 *
 * Units: count names; each is the function's, for MOD_ events the module's.
 * Ownership: nothing is handed over; a NULL file_name asks for all files.
 * Thread: the running test's.
 * Errors: the test fails if the calls are others or in another order.
 * Kernel: as kldsim_event_at() (M-31, M-32, A-36).
 */
KLDSIM_API void kldsim_test_calls(struct kldsim *sim, const char *file_name,
    enum kldsim_event_kind kind, const char *const *names, size_t count,
    const char *file, int line);

/**
 * There is no finding of this severity or a worse one.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if there is one.
 * Kernel: nothing the kernel says.
 */
KLDSIM_API void kldsim_test_no_findings(struct kldsim *sim,
    enum kldsim_severity severity, const char *file, int line);

/**
 * There is a finding of this code.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if there is none.
 * Kernel: nothing the kernel says.
 */
KLDSIM_API void kldsim_test_finding(struct kldsim *sim, const char *code,
    const char *file, int line);

/**
 * A console line has this text in it.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: the running test's.
 * Errors: the test fails if none has.
 * Kernel: what printf(9) would have put on the console.
 */
KLDSIM_API void kldsim_test_console(struct kldsim *sim, const char *text,
    const char *file, int line);

#ifdef __cplusplus
}
#endif

#endif
