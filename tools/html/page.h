/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HTML_PAGE_H
#define HTML_PAGE_H

/*
 * A report as one page for people (--html).  A command fills a struct page as
 * it goes and writes it at the end; what is told of a module is copied.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <kldsim/kldsim.h>

#define PAGE_WAYS 4

/* Something of a module that somebody has to see. */
struct page_mark {
	size_t row;
	const char *verdict; /* "refused"; NULL: a warning alone */
	const char *code;    /* of the finding; NULL: there is none */
	char *text;
};

struct page_row {
	char *name;
	char *path;          /* as the linker has it; NULL: it has none */
	const char *verdicts[PAGE_WAYS]; /* NULL: not asked */
	int errors[PAGE_WAYS];
	size_t warnings;
	bool loads;          /* alone, by kldload(2) */
	char *more;          /* markup */
};

struct page_fact {
	const char *name;
	char *text;
};

struct page {
	const char *command;
	char *title;          /* what it comes to, in a sentence */
	char *into;           /* "FreeBSD 14.1" */
	const char *ways[PAGE_WAYS]; /* headings of verdicts */
	struct page_row *rows;
	size_t nrows;
	size_t at;            /* the row that is being told of */
	struct page_mark *marks;
	size_t nmarks;
	char *of_kernel;      /* what was said of no module, markup; NULL */
	struct page_fact *facts;
	size_t nfacts;
	bool *explained;      /* codes that are told of, by number */
	struct kldsim *sim;   /* what maps are of; NULL: there are none */
	const char *maps_of;  /* what is loaded there, a sentence */
};

void page_init(struct page *page, const char *command);
void page_free(struct page *page);
/* The page, into a file of that name; an exit status. */
int page_write(struct page *page, const char *name);

/* Which kernel the page is of. */
void page_kernel(struct page *page, const struct kldsim *sim,
    const char *path);
/* What else it is of: "Module path", "/boot/modules". */
void page_fact(struct page *page, const char *name, const char *text);
/* The next module, told of from here on; what is given back holds until then. */
struct page_row *page_row(struct page *page, const char *name,
    const char *path);
/* Something to be seen of the module; the text is taken over. */
void page_mark(struct page *page, const char *verdict, const char *code,
    char *text);
/* More markup of the module, which is freed. */
void page_more(struct page *page, char *markup);

/*
 * What a kernel said of the module: console lines and findings, but those that
 * were said of it before.  Warnings become marks if the module is in.
 */
struct page_said {
	const char *way;     /* a heading */
	const char *verdict; /* NULL: it has none */
	int error;
	const char *const *console;
	size_t nconsole;
	const struct kldsim_finding *findings;
	size_t nfindings;
	const struct kldsim_finding *before; /* nbefore of them */
	size_t nbefore;
	const char *failure; /* of the host, or NULL */
	bool of_kernel;      /* of no module: nothing becomes a mark */
};
void page_say(struct page *page, const struct page_said *said);

/* A finding's code, which leads to what it means. */
void page_code(struct page *page, FILE *out, const char *code);
/* What was said of the kernel itself. */
void page_say_of_kernel(struct page *page,
    const struct kldsim_finding *findings, size_t nfindings);

/*
 * world.c: the kernel that maps are of, with all rows that load alone; the caller
 * destroys it after the page.  NULL if it cannot be had.
 */
struct kldsim *page_load_all(struct page *page, struct kldsim_image *image,
    const struct kldsim_options *options, const char *module_path);

/* Words of verdicts, the good ones first; -1 if it is none of ours. */
int page_rank(const char *verdict);
/* The word of a rank; NULL after the last. */
const char *page_word(int rank);
/* How it looks, a class of page.css: good, calm, bad, worst. */
const char *page_look(const char *verdict);
/* Whether somebody has to do something about it. */
bool page_is_bad(const char *verdict);
/* Whether a way was asked for any module. */
bool page_has_way(const struct page *page, size_t way);
/* The worst verdict of a row. */
const char *page_worst(const struct page_row *row);

#endif
