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
 * The functions behind the macros are told a file and a line, where they fail
 * the running cmocka test; so they only return when the assertion holds.
 *
 * Thread: the running test's.
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
 * Finish a builder and boot what it built, with the library's or the builder's
 * own message if that fails.  Options of NULL are the defaults.
 *
 * Ownership: the builder is freed; the caller gives the kernel to
 * kldsim_destroy().
 * Kernel: as kldsim_boot().
 */
KLDSIM_API struct kldsim *kldsim_test_boots(struct kldsim_synth *synth,
    const struct kldsim_options *options, const char *file, int line);

/**
 * Finish a builder and load what it built as if found at a path; the answer is
 * the file's id.  The kernel must neither refuse it nor panic.
 *
 * Ownership: the builder is freed.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API int kldsim_test_loads(struct kldsim *sim,
    struct kldsim_synth *synth, const char *path, const char *file, int line);

/**
 * Load an image as if found at a path; else as kldsim_test_loads().
 *
 * Ownership: the image stays the caller's.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API int kldsim_test_loads_image(struct kldsim *sim,
    struct kldsim_image *image, const char *path, const char *file, int line);

/**
 * Finish a builder and see what it built refused with a FreeBSD errno.  The
 * call must have printed the console line, if it is not NULL.
 *
 * Ownership: the builder is freed.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API void kldsim_test_refuses(struct kldsim *sim,
    struct kldsim_synth *synth, const char *path, int error,
    const char *console, const char *file, int line);

/**
 * See an image refused; else as kldsim_test_refuses().
 *
 * Ownership: the image stays the caller's.
 * Kernel: as kldsim_kldload_image().
 */
KLDSIM_API void kldsim_test_refuses_image(struct kldsim *sim,
    struct kldsim_image *image, const char *path, int error,
    const char *console, const char *file, int line);

/**
 * Unload a file.  The kernel must not refuse.
 *
 * Kernel: as kldsim_kldunload().
 */
KLDSIM_API void kldsim_test_unloads(struct kldsim *sim, int fileid,
    const char *file, int line);

/**
 * A name resolves to an address; a fileid of 0 asks all files.
 *
 * Units: address is a target address.
 * Kernel: as kldsim_kldsym().
 */
KLDSIM_API void kldsim_test_symbol(struct kldsim *sim, int fileid,
    const char *name, kldsim_addr address, const char *file, int line);

/**
 * A name does not resolve; a fileid of 0 asks all files.
 *
 * Kernel: as kldsim_kldsym().
 */
KLDSIM_API void kldsim_test_no_symbol(struct kldsim *sim, int fileid,
    const char *name, const char *file, int line);

/**
 * A variable, named without pcpu_entry_ and vnet_entry_, has these bytes in
 * one CPU or vnet.
 *
 * Units: id is a CPU or vnet number, size counts bytes.
 * Kernel: DPCPU_ID_GET, and VNET in that vnet (A-21, D-74).
 */
KLDSIM_API void kldsim_test_variable(struct kldsim *sim, enum kldsim_set set,
    unsigned id, const char *name, const void *bytes, size_t size,
    const char *file, int line);

/**
 * A variable has this value in one CPU or vnet, in the target's byte order;
 * else as kldsim_test_variable().
 *
 * Units: id is a CPU or vnet number, size counts bytes, 1 to 8.
 * Kernel: as kldsim_test_variable().
 */
KLDSIM_API void kldsim_test_variable_int(struct kldsim *sim,
    enum kldsim_set set, unsigned id, const char *name, uint64_t value,
    size_t size, const char *file, int line);

/**
 * So much modspace is free, in all free extents together.  A failure prints
 * them.
 *
 * Units: bytes counts bytes.
 * Kernel.
 */
KLDSIM_API void kldsim_test_modspace_free(struct kldsim *sim,
    enum kldsim_set set, kldsim_size bytes, const char *file, int line);

/**
 * The calls of one kind for one file, in order: SYSINITs, for example.  Each
 * is named by its function, a MOD_ event by its module.  A file_name of NULL
 * asks for all files.
 *
 * Units: count counts names.
 * Kernel: as kldsim_event_at() (M-31, M-32, A-36).
 */
KLDSIM_API void kldsim_test_calls(struct kldsim *sim, const char *file_name,
    enum kldsim_event_kind kind, const char *const *names, size_t count,
    const char *file, int line);

/** There is no finding of this severity or a worse one. */
KLDSIM_API void kldsim_test_no_findings(struct kldsim *sim,
    enum kldsim_severity severity, const char *file, int line);

/** There is a finding of this code. */
KLDSIM_API void kldsim_test_finding(struct kldsim *sim, const char *code,
    const char *file, int line);

/** A console line has this text in it. */
KLDSIM_API void kldsim_test_console(struct kldsim *sim, const char *text,
    const char *file, int line);

#ifdef __cplusplus
}
#endif

#endif
