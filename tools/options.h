/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OPTIONS_H
#define OPTIONS_H

/* The command line of `kldsim load`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <kldsim/options.h>

enum verbosity {
	QUIET = -1,
	NORMAL = 0,
	VERBOSE = 1
};

struct load_options {
	struct kldsim_options boot; /* points into what follows */
	struct kldsim_placement *placements;
	struct kldsim_ifunc *ifuncs;
	const char *kernel;         /* host file */
	struct kldsim_preload *preloads; /* the modules, if they are */
	bool preload;
	char *folder;               /* KERNEL's, if no path was given */
	char **modules;             /* files and names, nmodules of them */
	size_t nmodules;
	const char *dump;           /* folder, or NULL */
	enum verbosity verbosity;
	bool json;
	bool color;
	bool help;                  /* nothing else was asked */
};

/*
 * Understand a command line.  Strings of argv are kept, and some are cut into
 * pieces.  Gives -1 after a message if it makes no sense.
 */
int load_options_parse(struct load_options *options, int argc, char **argv);

/* What `kldsim load --help` says. */
void load_options_help(FILE *out);

void load_options_free(struct load_options *options);

#endif
