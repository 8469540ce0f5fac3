/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPLETE_H
#define COMPLETE_H

/*
 * kldsim --complete: what the word at the end of a command line can become.  The
 * scripts beside this ask it from within bash, zsh and fish; all that is known
 * comes from the tables of commands and options.
 *
 * A line of the answer is a word, or a word, a tab, and what it means; or it is
 * ":files" or ":folders", for names that the shell knows.
 */

/* The words after "kldsim", the last one begun only; gives an exit status. */
int complete(int nwords, char **words);

#endif
