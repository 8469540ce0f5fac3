/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

/*
 * Where modules are looked for: the folders of kern.module_path and their
 * linker.hints, in the simulated kernel's source.  In which order the kernel
 * asks them is link/kern_search.c, in which the boot loader does,
 * loader/boot_loader_search.c.
 */

#include <time.h>

#include "kern/sim.h"
#include "meta/linker_hints.h"

/* A path in the kernel, its NUL included. */
#define KLDSIM__MAXPATHLEN 1024u

/* One component of the path, and what is being looked for in it. */
struct kldsim__folder {
	const char *name;
	size_t length;
	bool slash; /* the kernel would add a separator */
};

/* What a name was taken for. */
enum kldsim__asked {
	KLDSIM__ASKED_PATH,   /* opened as it is */
	KLDSIM__ASKED_FILE,   /* searched for by its file name */
	KLDSIM__ASKED_MODULE  /* searched for by its module's */
};

/* kern.module_path for messages, with what is odd about it. */
struct kldsim__folders {
	char text[512];
};

/* --- module_path.c --- */

/*
 * kern.module_path: make its buffer, with the options' value; write to it.
 * The value need not end in NUL, and may have one anywhere (K-12).
 */
int kldsim__module_path_init(struct kldsim *sim);
int kldsim__module_path_write(struct kldsim *sim, const char *value,
    size_t length);
/* The next component; false at a NUL.  The cursor is then at its end. */
bool kldsim__next_folder(const struct kldsim__search *search, size_t *cursor,
    struct kldsim__folder *folder);
/* A path to be freed with kldsim__free(); NULL: no memory. */
char *kldsim__folder_join(struct kldsim *sim,
    const struct kldsim__folder *folder, const char *name,
    const char *suffix);
/*
 * The first regular file that is called as a name with one of the suffixes,
 * which NULL ends.  *path_ret is to be freed, and *file_ret to be closed; NULL:
 * there is none.
 */
struct kldsim__open_file;
int kldsim__probe_suffixes(struct kldsim *sim,
    const struct kldsim__folder *folder, const char *name,
    const char *const *suffixes, char **path_ret,
    struct kldsim__open_file *file_ret);

/* --- missing.c --- */

/* There is no such file: ENOENT, and why. */
int kldsim__refuse_missing(struct kldsim *sim, const char *name,
    enum kldsim__asked asked);
/* The path for messages; if hints matter, also whether one is missing. */
void kldsim__describe_folders(const struct kldsim__search *search, bool hints,
    struct kldsim__folders *text_ret);

/* --- who_provides.c --- */

/* Which file in sight would have met a name that was not met. */
struct kldsim__who_provides {
	const char *path; /* as long as the kernel; NULL: there is none */
	bool will_do;     /* its version is one that is wanted */
	char text[1200];  /* what would help; empty: nothing to say */
};

/*
 * dep NULL: any version will do.  Where there is none, the text has names that
 * are like it.  No memory is remembered by the report.
 */
void kldsim__who_provides(struct kldsim *sim, const char *name,
    const struct kldsim__mod_depend *dep,
    struct kldsim__who_provides *answer_ret);

/* --- hints_trouble.c --- */

/* What is wrong with a folder's linker.hints, besides what is in it. */
struct kldsim__hints_trouble {
	char text[400]; /* empty: nothing */
};

/*
 * hints is NULL if the folder has none; one without modules needs none.
 * KLDSIM_NOMEM: nobody knows.
 */
struct kldsim__source_stat;
enum kldsim_status kldsim__hints_trouble(const struct kldsim__search *search,
    const struct kldsim__folder *folder,
    const struct kldsim__source_stat *hints,
    struct kldsim__hints_trouble *trouble_ret);

/* --- hints_files.c --- */

/*
 * Ask a folder's linker.hints; outcome NONE if it has none, as for the boot
 * loader one has that is too short (P-13).
 */
int kldsim__ask_hints(struct kldsim *sim, const struct kldsim__folder *folder,
    const char *modname, const struct kldsim__mod_depend *dep, bool loader,
    struct kldsim__hints_result *result, struct timespec *written_ret);
/* What the kernel would say of the hints, or die of. */
int kldsim__judge_hints(struct kldsim *sim,
    const struct kldsim__hints_result *result);
/* A record has led to a file that is not there (step 8a). */
void kldsim__note_gone(struct kldsim *sim,
    const struct kldsim__folder *folder, const char *modname,
    const struct kldsim__hints_result *result);
/* Forget the linker.hints that were read. */
void kldsim__search_fini(struct kldsim *sim);

#endif
