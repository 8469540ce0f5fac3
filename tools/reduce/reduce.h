/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REDUCE_TOOL_H
#define REDUCE_TOOL_H

/*
 * kldsim reduce: files.c finds the files and has them as specs, play.c does to
 * a candidate what was done to them, keep.c knows what must stay, and
 * write_reduced.c leaves it in a folder.
 */

#include <signal.h>

#include <kldsim/kldsim.h>

#include "options/load_options.h"
#include "run/run_script.h"

/* Where candidates are, for the simulated kernel. */
#define REDUCED_FOLDER "/reduced"

/* A file: the kernel, a MODULE, or one that was found for them. */
struct reduce_file {
	char *name; /* base name; reduce_file_name() has what it is called now */
	char *path; /* as a source has it: an archive will do */
	bool loaded; /* it is a MODULE; else it is only in sight */
};

enum keep_kind {
	KEEP_FINDING,
	KEEP_ERRNO,
	KEEP_CONSOLE,
	KEEP_PANIC
};

/* One thing that must stay. */
struct keep {
	enum keep_kind kind;
	const char *text;   /* the code of a finding; part of a line */
	const char *detail; /* a finding's symbol or rule, or NULL */
	int error;
};

#define KEEPS_MAX 16
#define SCRIPT_WORDS 64 /* of a line */

struct reduce_run {
	struct load_options options; /* as they were given */
	struct keep keeps[KEEPS_MAX];
	size_t nkeeps;
	const char *test;    /* a command that says whether it stays */
	const char *folder;  /* where it goes */
	bool anonymize;
	struct reduce_file *files; /* the kernel's first */
	size_t nfiles;
	const char **missing; /* MODULEs without a file, nmissing of them */
	size_t nmissing;
	struct run_script script;
	struct kldsim_reduce *reduce; /* once it has begun */
	uint32_t osreldate;
	char *own_word;      /* of what was chosen */
	const char **known;  /* codes of findings that there were at first */
	size_t nknown;
	double said;         /* when the last word of progress was */
	bool progress;
};

/* How playing ended. */
struct played {
	struct kldsim *sim;  /* NULL: the kernel could not be booted */
	int *errors;         /* what became of each file that is loaded */
	int error;           /* the last that was not 0 */
};

/* files.c: exit statuses, after a message if it is not STATUS_OK. */
int reduce_find_files(struct reduce_run *run);
int reduce_add_files(struct reduce_run *run);
void reduce_free_files(struct reduce_run *run);

/* play.c */
void reduce_play(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate, struct played *played);
void played_free(struct played *played);
/* The words of a line of the script as of now, without what it expects. */
size_t reduce_script_words(const struct reduce_run *run, size_t line,
    char *words[], char room[][512], size_t most);
/* What a file is called by now, in room. */
const char *reduce_file_name(const struct reduce_run *run, size_t index,
    char room[256]);

/* keep.c */
/* FINDING:CODE[:SYMBOL|RULE], errno:NAME, console:TEXT, panic. */
bool keep_parse(char *text, struct keep *keep);
/* Whether all of it is there, and no finding of another kind than at first. */
bool keep_all(const struct reduce_run *run, const struct played *played);
/*
 * Remember what there is at first.  Unless something else was asked for, that
 * stays, as far as there is a finding, a panic, an errno; false: there is
 * nothing.
 */
bool keep_first(struct reduce_run *run, const struct played *played);
/* Whether the user's own command is content with a candidate. */
bool keep_by_command(const struct reduce_run *run,
    const struct kldsim_reduce_candidate *candidate);
void keep_put(const struct reduce_run *run, const struct keep *keep,
    FILE *out);

/* write_reduced.c: an exit status. */
int reduce_write(struct reduce_run *run, bool finished);

#endif
