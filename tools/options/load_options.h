/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

/*
 * Options and operands of commands that boot a kernel and load modules.  Strings
 * of the command line are kept, and some are cut into pieces.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <kldsim/kld.h>
#include <kldsim/options.h>

#include "command.h"

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
	const char *vmcore;         /* likewise */
	const char *sarif;          /* load: likewise */
	const char *html;           /* likewise: load's page */
	bool listen;                /* gdb: on a port, 0: any that is free */
	uint16_t port;
	enum verbosity verbosity;
	bool json;
	bool color;
	bool strict;                /* warnings count as refusals */
	bool kbi;                   /* load: compare types with the kernel's */
};

/*
 * Their rows, for struct load_options: how the kernel is booted, whether
 * MODULEs are preloaded, what is written of the result, and what is said of it.
 */
#define LOAD_OPTIONS_BOOT_ROWS 14
#define LOAD_OPTIONS_PRELOAD_ROWS 2
#define LOAD_OPTIONS_RESULT_ROWS 4
#define LOAD_OPTIONS_REPORT_ROWS 4
extern const struct option_row
    load_options_boot_rows[LOAD_OPTIONS_BOOT_ROWS],
    load_options_preload_rows[LOAD_OPTIONS_PRELOAD_ROWS],
    load_options_result_rows[LOAD_OPTIONS_RESULT_ROWS],
    load_options_report_rows[LOAD_OPTIONS_REPORT_ROWS];

/* Options as they are unless told otherwise, for a command line of argc words. */
void load_options_init(struct load_options *options, int argc);
/* KERNEL [MODULE...] */
void load_options_operands(struct load_options *options, int argc,
    char **argv);
void load_options_free(struct load_options *options);

/* All of a command that has these options and operands alone. */
int load_options_command(const struct command *command, int argc, char **argv,
    int (*run)(struct load_options *options));

/* Name KERNEL, MODULEs and the module path for the sandbox. */
void load_options_sandbox(const struct load_options *options);

/*
 * Open KERNEL, and find what folders of the module path stand for; MODULEs are
 * not looked at, and nothing is booted.  As load_options_boot() otherwise.
 */
enum kldsim_status load_options_open(struct load_options *options,
    struct kldsim_image **image_ret, struct kldsim_error *error_ret);

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

#endif
