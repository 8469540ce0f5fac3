/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

/*
 * What a command may do once it reads files that may be hostile.  It names what
 * it will read and write, and enters the sandbox; from then on there are these
 * files and folders alone.  Where there is no sandbox, or before it is entered,
 * each of these functions opens what it is given as anybody would.
 *
 *	sandbox.c   what was named, and entering
 *	files.c     what is opened by name afterwards
 *	capsicum.c  FreeBSD's capability mode, or why there is none
 */

#include <stdbool.h>
#include <stdio.h>

#include <kldsim/source.h>

/*
 * A file or folder that a source looks for, all that is below it, and what is in
 * a file's own folder; of "PLACE:path/inside", PLACE.
 */
void sandbox_will_search(const char *path);
/* What is beside a file or folder, whatever it is. */
void sandbox_will_search_beside(const char *path);
/* A folder alone, which is to be one. */
void sandbox_will_search_folder(const char *path);
/* A file that is read, whatever it is. */
void sandbox_will_read(const char *path);
/* A file that is made; NULL: none is. */
void sandbox_will_write(const char *path);
/* A folder that is made, with others in it. */
void sandbox_will_write_folder(const char *path);

/* Have done what opens files by itself, as whoever loads a library does. */
void sandbox_prepare(void (*prepare)(void));

/*
 * Enter it.  False after a message; a host without any is none of that, of which
 * a word is said if it is asked for.
 */
bool sandbox_enter(bool say);

/* As kldsim_source_new(), with what sandbox_will_search() has named. */
enum kldsim_status sandbox_source(const struct kldsim_source_options *how,
    struct kldsim_source **source_ret, struct kldsim_error *error);
/* As fopen(3) for reading. */
FILE *sandbox_open(const char *path);
/* As open(2) for writing, with nothing in it; -1 and errno. */
int sandbox_create(const char *path);
/* As unlink(2). */
int sandbox_remove(const char *path);
/* As mkdir(2), which may be there, and open(2); -1 and errno. */
int sandbox_make_folder(const char *path);
/* The folder that this process was started in, for free(3); NULL: no name. */
char *sandbox_here(void);

#endif
