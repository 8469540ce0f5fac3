/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RUN_RUN_H
#define RUN_RUN_H

/*
 * A scenario in progress, and the commands that it is made of.
 *
 * What a command says goes to standard output, as a transcript.  Why one was
 * refused is kept: it is part of the transcript if the script expected it, and
 * the message that the run ends with if not.
 */

#include <kldsim/kldsim.h>

#include "options/load_options.h"
#include "report/output.h"
#include "run/run_script.h"

/* How a command ended: 0, a FreeBSD errno, or one of these. */
enum {
	RUN_UNMET = -1, /* an expectation; the message is out */
	RUN_USAGE = -2, /* the command makes no sense; the message is out */
	RUN_HOST = -3,  /* the host failed; the message is out */
	RUN_PANIC = -4  /* the kernel is dead */
};

/* Where a command's share of the records begins. */
struct run_mark {
	size_t console;
	size_t findings;
	size_t events;
};

struct run {
	const struct load_options *options;
	FILE *out;                  /* the transcript: standard output, or: */
	struct run_json *json;      /* --json, else NULL */
	struct kldsim_image *image; /* the kernel's */
	struct kldsim_image_info info;
	struct kldsim *sim;
	struct kldsim_error error; /* why there is none; of which file, */
	const char *failed;        /* NULL: it was the command line, */
	const char *failure;       /* and what it says of the file */
	struct run_script script;
	unsigned long line;
	struct run_mark last;       /* the last command's records */
	char *reason;               /* why a command was refused, or NULL */
	int db_cpu;                 /* $db_cpu, -1: the current one */
	int db_vnet;                /* $db_vnet, -1: curvnet */
};

struct run_command;
struct run_json;

/* A command's words, taken apart. */
struct run_call {
	const struct run_command *command;
	char modifier;           /* of "print/x" */
	const char *option[128]; /* by letter: NULL, "" or its value */
	size_t rank[128];        /* by letter: which came when, 0: never */
	size_t noptions;
	char **operands;
	size_t noperands;
};

typedef int run_fn(struct run *run, const struct run_call *call);

struct run_command {
	const char *name;
	const char *sub;       /* its second word, or NULL */
	const char *modifiers; /* letters that may follow a '/' */
	const char *options;   /* letters; one with a value has ':' after it */
	size_t min;            /* operands */
	size_t max;
	const char *usage;
	run_fn *run;
	bool looks_back;       /* at the records of the command before it */
};

/* run_say.c */

/* A line, or part of one, of the transcript; nothing with --quiet. */
void say(const struct run *run, const char *format, ...) PRINTF_LIKE(2, 3);
void say_part(const struct run *run, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Remember why the command is refused, and give the errno back. */
int refuse(struct run *run, int error, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* A message about the line: "SCRIPT:LINE: text". */
void complain_line(const struct run *run, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The command makes no sense: say how it is used.  Gives RUN_USAGE. */
int complain_usage(const struct run *run, const struct run_command *command);
/* The library failed: say why.  Gives RUN_HOST. */
int complain_host(const struct run *run, const struct kldsim_error *error);
/* Where the records end now. */
struct run_mark mark_now(const struct run *run);

/* run_json.c: the transcript as one document, kept up to its end. */

void run_json_begin(struct run *run);
/* What complain_line() said of the command that is being played. */
void run_json_message(struct run_json *json, const char *text);
/* And why the host has failed at it. */
void run_json_failed(struct run_json *json, const struct kldsim_error *error);
/* A command of the script is done, or was not tried. */
void run_json_played(struct run *run, const struct run_line *line, int result,
    int status, const struct run_mark *since);
void run_json_not_tried(struct run *run, const struct run_line *line);
void run_json_write(struct run *run, int status, FILE *out);
/* The document of a script, or a kernel, that could not be used. */
void run_json_unbooted(const struct run *run, FILE *out);
void run_json_free(struct run_json *json);

/* run_command.c */

/* Do the words make a command?  If not, say what is wrong. */
bool run_check(const struct run *run, char **words, size_t nwords);
/* Run the command that the words make. */
int run_words(struct run *run, char **words, size_t nwords);

/* The commands: run_kld.c, run_ddb.c, run_record.c and run_sysctl.c. */
extern run_fn run_kldload, run_kldunload, run_kldstat, run_kldfind, run_kldsym,
    run_modstat, run_vnet_create, run_vnet_destroy, run_vnet_initial,
    run_vnet_list;
extern run_fn run_print, run_examine, run_symbol, run_set_cpu, run_set_vnet,
    run_ddb_kldstat;
extern run_fn run_sysctl, run_reference, run_release, run_ctf, run_core,
    run_vmcore;
extern run_fn run_expect, run_expect_console, run_answer, run_raise, run_mac,
    run_events, run_console;

#endif
