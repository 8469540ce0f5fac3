/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTIONS_H
#define OPTIONS_H

/* The command lines of `kldsim load`, `run` and `gdb`, one table for all. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <kldsim/kld.h>
#include <kldsim/options.h>

enum verbosity {
	QUIET = -1,
	NORMAL = 0,
	VERBOSE = 1
};

struct load_options {
	struct kldsim_options boot; /* points into what follows */
	struct kldsim_placement *placements;
	struct kldsim_placement *linker_files;
	struct kldsim_ifunc *ifuncs;
	struct kldsim_handler_answer *answers;
	const char *unknown_errno;  /* what an option had in its place, or NULL */
	const char *script;         /* run: file, or "-" */
	const char *kernel;         /* as it was given */
	struct kldsim_preload *preloads; /* the modules, if they are */
	bool preload;
	char **modules;             /* files and names, nmodules of them */
	size_t nmodules;
	/* What they stand for (places.c). */
	const char **paths;         /* of the modules */
	char *module_path;
	bool module_path_given;
	const char *failed;         /* which of them has made the boot fail */
	const char *dump;           /* folder, or NULL */
	const char *core;           /* file, or NULL */
	bool listen;                /* gdb: on a port, 0: any that is free */
	uint16_t port;
	enum verbosity verbosity;
	bool json;
	bool color;
	bool strict;                /* warnings count as refusals */
	bool help;                  /* nothing else was asked */
};

/*
 * Understand a command line; argv[0] is the command's name.  Strings of argv
 * are kept, and some are cut into pieces.  Gives -1 after a message if it
 * makes no sense.
 */
int load_options_parse(struct load_options *options, int argc, char **argv);

/* What `kldsim load --help` says. */
void load_options_help(FILE *out);
/* What `kldsim run --help` says. */
void run_options_help(FILE *out);
/* What `kldsim gdb --help` says. */
void gdb_options_help(FILE *out);

void load_options_free(struct load_options *options);

/* A command of these options: parse, then run it or print its help. */
int load_options_command(int argc, char **argv,
    int (*run)(struct load_options *options), void (*help)(FILE *out));

/*
 * Open KERNEL and boot it with MODULEs and folders as they stand in host files,
 * folders and archives.  The image is there if KERNEL could be opened; if the
 * boot has failed, options->failed says at what.
 */
enum kldsim_status load_options_boot(struct load_options *options,
    struct kldsim_image **image_ret, struct kldsim **sim_ret,
    struct kldsim_error *error_ret);
/* Whether a MODULE is a file, and no name to be searched for. */
bool load_options_is_file(const struct load_options *options,
    const char *path);

/*
 * Tell of options that come to nothing: folders that are not there, ifuncs of
 * the kernel that it has not; of those in files, and of modules that were
 * never there to answer, once all is loaded.
 */
void load_options_check_boot(const struct load_options *options,
    struct kldsim *sim);
void load_options_check_files(const struct load_options *options,
    struct kldsim *sim);

/*
 * Understand a number of at most max: decimal, or hexadecimal after 0x.  The
 * first form says where it ends, the second takes nothing after it.
 */
bool read_number(const char *text, char **end_ret, uint64_t max,
    uint64_t *n_ret);
bool parse_number(const char *text, uint64_t max, uint64_t *n_ret);

/* Set a limit by NAME=N, which is cut in two if it is one. */
bool parse_limit(char *text, struct kldsim_limits *limits);

/* Understand what a module's handler is told of: "load", "quiesce". */
bool parse_modevent(const char *text, enum kldsim_modevent *event_ret);

#endif
