/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

/*
 * What fuzz targets share: kernels that are booted once and put back after each
 * input, and what must be true whatever the input was.
 *
 * A target is one file with LLVMFuzzerTestOneInput(); it says no by aborting.
 * An ELF file may have bytes before it that choose how it is used.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/kldsim.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/*
 * Before the first input, by engines alone.  If a kernel were booted when the
 * first input needs it, that input would be credited with all the code that
 * boots, and AFL++ would boot in each process that it forks.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Say what is wrong, and abort. */
_Noreturn void fuzz_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define FUZZ_CHECK(condition, ...) \
	((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, __VA_ARGS__))

/* --- bytes that choose --- */

struct fuzz_bytes {
	const uint8_t *at;
	size_t left;
};

/* A number below n of the next byte, or two for a large n; 0 at the end. */
unsigned fuzz_choose(struct fuzz_bytes *bytes, unsigned n);
/* The next bytes as a number, little-endian. */
uint64_t fuzz_number(struct fuzz_bytes *bytes, unsigned width);
/* The bytes before an ELF file; *file_ret is all of it if there is no ELF. */
struct fuzz_bytes fuzz_split(const uint8_t *data, size_t size,
    struct fuzz_bytes *file_ret);

/* A new folder, in $TMPDIR, else in memory if the host has such folders. */
#define FUZZ_FOLDER 128
void fuzz_folder(char path_ret[FUZZ_FOLDER]);

/* --- kernels --- */

#define FUZZ_MACHINES 8 /* kldsim_synth_machine(): 0 is amd64 */
#define FUZZ_RELEASES 5

struct fuzz_kernel {
	struct kldsim *sim;
	struct kldsim_image *image;
	uint64_t snapshot; /* as it was booted */
	uint64_t state;    /* fuzz_state() then */
	uint64_t shape;    /* fuzz_shape() then */
	uint32_t osreldate;
	const char *machine;
};

/* Limits under which no input takes long. */
void fuzz_options(struct kldsim_options *options);
uint32_t fuzz_release(unsigned choice);
/* A builder of a kernel with a bit of everything. */
struct kldsim_synth *fuzz_kernel_spec(const char *machine,
    uint32_t osreldate);
/* Boot such a kernel; sim stays NULL if nobody can. */
void fuzz_boot(struct fuzz_kernel *kernel, const char *machine,
    uint32_t osreldate, const struct kldsim_options *options);
/*
 * A booted kernel of the machine that an ELF header is for, of amd64 where
 * that is none we know; two CPUs, two vnets.
 */
const struct fuzz_kernel *fuzz_kernel(const struct fuzz_bytes *file,
    unsigned release);
const struct fuzz_kernel *fuzz_kernel_of(const char *machine,
    unsigned release);
/* Boot all that the two can answer with. */
void fuzz_boot_kernels(void);
/* A target that does so before its first input. */
#define FUZZ_WITH_KERNELS \
	int \
	LLVMFuzzerInitialize(int *argc, char ***argv) \
	{ \
		(void)argc; \
		(void)argv; \
		fuzz_boot_kernels(); \
		return (0); \
	}
/* Back to the snapshot, which must be the state that it was. */
void fuzz_restore(const struct fuzz_kernel *kernel);

/* An image of the bytes, which must outlive it. */
struct kldsim_image *fuzz_image(const struct fuzz_bytes *file,
    const char *name);
/* What a builder makes; the builder is freed. */
struct kldsim_image *fuzz_made(struct kldsim_synth *synth, const char *name);
/* A module for a kernel, to be filled, and then to be loaded as m.ko. */
struct kldsim_synth *fuzz_module(const struct fuzz_kernel *kernel);
void fuzz_load_module(const struct fuzz_kernel *kernel,
    struct kldsim_synth *synth);

/* --- load.c --- */

/* Load a file and check all that can be said of it, then put all back. */
void fuzz_load(const struct fuzz_kernel *kernel, const struct fuzz_bytes *file);

/* --- debuggers.c --- */

/* Cores, scripts and lists can be made, and leave no trace. */
void fuzz_debuggers(struct kldsim *sim);

/* --- invariants.c --- */

/* All that can be observed. */
uint64_t fuzz_state(struct kldsim *sim);
/*
 * The same without what a load and an unload may leave: ids, events, console,
 * findings, and the bytes of free modspace (O-82).
 */
uint64_t fuzz_shape(struct kldsim *sim);
bool fuzz_has_finding(const struct kldsim *sim, const char *code);
/* Sets, free lists, findings: what is true of every simulated kernel. */
void fuzz_invariants(struct kldsim *sim);
/* What a call has left, given the states before it and after it. */
void fuzz_check_call(struct kldsim *sim, enum kldsim_status status,
    const struct kldsim_result *result, uint64_t before, uint64_t after);
/* All copies of a new file's sets say the same. */
void fuzz_check_copies(const struct kldsim *sim, int fileid);

/* --- memory.c --- */

/*
 * Outside of what its relocations name, a file is in memory what it was, and
 * its sets are in each CPU and vnet as the release has it.  The kernel had no
 * modules before.
 */
void fuzz_check_file(struct kldsim *sim, int fileid,
    const struct fuzz_bytes *file, uint32_t osreldate);

#endif
