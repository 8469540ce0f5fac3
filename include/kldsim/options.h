/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_OPTIONS_H
#define KLDSIM_OPTIONS_H

/*
 * Everything that can be chosen when a simulated kernel boots, and nothing
 * that can be chosen later.
 *
 * This struct, and any other that begins with its size, can grow at its end.
 * The function that sets its defaults is told how long the caller's is: nothing
 * behind that is written or read, and what it lacks has its default.  So a
 * program that was compiled when the struct was shorter keeps working.  One that
 * is longer than the library knows is taken as long as the rest of it is 0.
 *
 * Thread: any thread may call these.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kldsim/events.h>
#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where the host's memory comes from.  All three members or none. */
struct kldsim_allocator {
	void *(*alloc)(void *user, size_t size);
	void (*free)(void *user, void *memory);
	void *user;
};

enum kldsim_log_level {
	KLDSIM_LOG_ERROR = 0,
	KLDSIM_LOG_WARNING = 1,
	KLDSIM_LOG_INFO = 2,
	KLDSIM_LOG_DEBUG = 3
};

typedef void (*kldsim_log_fn)(void *user, enum kldsim_log_level level,
    const char *message);

/* A file, by base name, that is to be mapped at one address. */
struct kldsim_placement {
	const char *file;
	kldsim_addr address;
};

/*
 * What an ifunc resolver answers.  Resolvers are target code and never run;
 * without an answer the ifunc stands for its resolver.
 */
struct kldsim_ifunc {
	const char *file;    /* base name of the file; NULL: the kernel */
	const char *symbol;  /* name of the ifunc; "": all without (IRELATIVE) */
	const char *target;  /* name of the symbol answered; NULL: address */
	kldsim_addr address; /* the answer if target is NULL */
};

struct kldsim_image;
struct kldsim_names;
struct kldsim_source;
struct kldsim_trace;

/* A file that the boot loader has put into memory before the kernel ran. */
struct kldsim_preload {
	const char *path;           /* host file, and the name it goes by */
	struct kldsim_image *image; /* its bytes; NULL: open the path */
};

/* What a module's handler answers, for preloaded ones to be told in time. */
struct kldsim_handler_answer {
	const char *module;
	enum kldsim_modevent event;
	int error; /* a FreeBSD errno, 0 for success */
};

/* A part of the kernel's set that is reserved for modules (rule A-02). */
struct kldsim_modspace {
	kldsim_addr start;
	kldsim_size size; /* 0: not given, use the kernel's own symbol */
};

/*
 * Hard limits; going over one is KLDSIM_LIMIT, and the error's text has its
 * name and value; but findings over theirs are left out, and one more finding,
 * findings-left-out, says how many.  0 means the default.
 */
struct kldsim_limits {
	uint64_t map_bytes; /* one file's mapping; default 1 GiB */
	uint64_t sections;  /* section headers of a file; default 65535 */
	uint64_t symbols;   /* symbols of one table; default 16 Mi */
	uint64_t relocs;    /* relocations of one file; default 64 Mi */
	uint64_t set_entries; /* of one set, SYSINITs or metadata; default 16 Ki */
	uint64_t depth;     /* files that wait for others; default 10000 */
	uint64_t findings;  /* findings of one code in one call; default 1000 */
	/*
	 * The time that one call may take, in steps, so that it ends at the same
	 * point on every host: symbols read, relocations done, entries of sets
	 * compared, of all files together; of a relocatable module that has
	 * names of over 1024 bytes, all bytes of its names, too.  A step is some
	 * nanoseconds; default 1 Gi.
	 */
	uint64_t work;
	/* What is read of a file's types (types.h). */
	uint64_t types;        /* types; default 1 Mi */
	uint64_t type_members; /* members, arguments and values; default 16 Mi */
	uint64_t type_strings; /* bytes of their names; default 32 MiB */
	uint64_t type_bytes;   /* bytes of CTF, inflated; default 64 MiB */
	/* What is read of an archive, or of one compressed file (source.h). */
	uint64_t archive_bytes;   /* bytes, unpacked; default 4 GiB */
	uint64_t archive_members; /* members; default 256 Ki */
	uint64_t spare[10];       /* room for limits to come; 0 */
};

struct kldsim_options {
	size_t size; /* sizeof(struct kldsim_options) of the caller */
	unsigned cpus;      /* simulated CPUs, 1 to 1024; default 2 */
	unsigned vnets;     /* vnets made at boot, vnet0 included; default 1 */
	uint32_t osreldate; /* 0: the kernel's own */
	kldsim_addr kernel_end; /* first address for loads; 0: after the kernel */
	const struct kldsim_placement *placements;
	size_t nplacements;
	const struct kldsim_ifunc *ifuncs;
	size_t nifuncs;
	struct kldsim_modspace dpcpu_modspace;
	struct kldsim_modspace vnet_modspace;
	const struct kldsim_preload *preloads; /* linked at boot, in order */
	size_t npreloads;
	const struct kldsim_handler_answer *answers; /* kldsim_module_answer() */
	size_t nanswers;
	/*
	 * kern.module_path: folders, separated by semicolons, in which names and
	 * dependencies are searched for.  NULL: nowhere.
	 */
	const char *module_path;
	int leak_locals; /* debug.link_elf*_leak_locals; default 1 (V-15) */
	struct kldsim_limits limits;
	struct kldsim_allocator allocator;
	kldsim_log_fn log;
	void *log_user;
	/*
	 * The boot loader also loads what preloads depend on, behind them and
	 * along the path, as loader(8) does by itself, and no file twice (P-13
	 * to P-16).  A preload whose dependencies it cannot find is ENOENT.
	 * Default false: the preloads are all there is.
	 */
	bool preload_dependencies;
	/*
	 * Where all files but the kernel's own come from (source.h), module_path
	 * and the paths of preloads included.  NULL: the host's, as they are.
	 */
	struct kldsim_source *source;
	/*
	 * Where the kernel has made its struct linker_file of a file, for the
	 * symbol __this_linker_file (O-60).  A file that is not among them gets
	 * a place of its own.
	 */
	const struct kldsim_placement *linker_files;
	size_t nlinker_files;
	/*
	 * Who has the names that are missing (names.h), of the same source; many
	 * kernels may share it.  NULL: the kernel makes one of its module path
	 * when it needs one.
	 */
	struct kldsim_names *names;
	/*
	 * The kernel is one of review D20278, in which untied modules find out at
	 * run time whether it has VIMAGE (J-20 to J-24): it has vimage_configured
	 * and the shims vnet_dynamic_[de]register_sys[un]init, and one without
	 * VIMAGE has its vnet_entry_X as an ordinary variable.  A kernel file that
	 * has vimage_configured is one as it stands; any other gains them when
	 * modules are linked.
	 */
	bool vimage_runtime;
	/*
	 * Who is told what the linker does (trace.h), from the first preload on,
	 * for as long as the kernel lives.  NULL: nobody.
	 */
	const struct kldsim_trace *trace;
};

/**
 * Set every option to its default: two CPUs, vnet0 alone, everything else as
 * the kernel file says.  What the options point to is copied at boot.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_options_init(struct kldsim_options *options,
    size_t size);

/**
 * Set a limit by the name of its field, "sections" or so; 0 is the default.
 *
 * Errors: KLDSIM_ARG if there is no such limit.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_limit_set(
    struct kldsim_limits *limits, const char *name, uint64_t value);

/**
 * Turn a release name ("12.1", "main") or a number ("1201000") into an
 * osreldate.  "auto" gives 0: take the kernel's own.
 *
 * Units: the answer is a __FreeBSD_version.
 * Errors: KLDSIM_ARG when the text is neither, or a number of a branch before
 * stable/12 or after main.
 * Kernel: section 12 of docs/linker-semantics.md; the names are those of the
 * table in lib/release.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_release_parse(
    const char *text, uint32_t *osreldate_ret);

/**
 * The name of the release whose behaviour an osreldate gets; "?" for one that
 * is older than every known release.
 *
 * Units: osreldate is a __FreeBSD_version.
 * Ownership: a constant.
 * Kernel: section 12 of docs/linker-semantics.md.
 */
KLDSIM_API const char *kldsim_release_name(uint32_t osreldate);

#ifdef __cplusplus
}
#endif

#endif
