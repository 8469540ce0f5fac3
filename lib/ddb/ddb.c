/* SPDX-License-Identifier: BSD-2-Clause */

/* A session: what it begins with, and a line of it (B-70 to B-73). */

#include "ddb/ddb.h"

#include "kern/question.h"
#include "util/sized.h"

#define DDB_MAXOFF 0x10000

void
kldsim_ddb_options_init(struct kldsim_ddb_options *options, size_t size)
{
	static const struct kldsim_ddb_options defaults = { .curvnet = -1 };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

static const char *
take_options(const struct kldsim_ddb_options *given,
    struct kldsim_ddb_options *options_ret)
{
	kldsim_ddb_options_init(options_ret, sizeof(*options_ret));
	return (kldsim__sized_take(options_ret, sizeof(*options_ret), given));
}

enum kldsim_status
kldsim_ddb_open(struct kldsim *sim, const struct kldsim_ddb_options *given,
    struct kldsim_ddb **ddb_ret)
{
	struct kldsim_ddb_options options;
	struct kldsim_ddb *ddb;
	kldsim_addr curvnet = 0;

	*ddb_ret = NULL;
	if (take_options(given, &options) != NULL ||
	    (options.curcpu != 0 && kldsim__set_find_instance(&sim->dpcpu,
	    options.curcpu) == NULL))
		return (KLDSIM_ARG);
	if (options.curvnet >= 0 && kldsim_vnet_address(sim,
	    (unsigned)options.curvnet, &curvnet) != KLDSIM_OK)
		return (KLDSIM_NOENT);
	ddb = kldsim__calloc(&sim->alloc, 1, sizeof(*ddb));
	if (ddb == NULL)
		return (KLDSIM_NOMEM);
	ddb->sim = sim;
	ddb->curcpu = options.curcpu;
	ddb->curvnet = curvnet;
	ddb->print_format = 'x';
	ddb->examine_format[0] = 'x';
	ddb->radix = 16;
	ddb->maxoff = DDB_MAXOFF;
	ddb->maxwidth = 79;
	ddb->tabstops = 8;
	ddb->lines = 20;
	ddb->db_cpu = -1;
	kldsim__text_init(&ddb->out, &sim->alloc);
	*ddb_ret = ddb;
	return (KLDSIM_OK);
}

void
kldsim_ddb_close(struct kldsim_ddb *ddb)
{
	if (ddb == NULL)
		return;
	kldsim__overlay_fini(&ddb->overlay);
	kldsim__text_fini(&ddb->out);
	kldsim__free(&ddb->sim->alloc, ddb);
}

/* Make the view of memory anew if the kernel has changed. */
static bool
refresh(struct kldsim_ddb *ddb)
{
	if (ddb->made && ddb->changes == ddb->sim->undo.changes)
		return (true);
	kldsim__overlay_fini(&ddb->overlay);
	ddb->made = kldsim__overlay_init(&ddb->overlay, ddb->sim, NULL) == 0;
	ddb->changes = ddb->sim->undo.changes;
	return (ddb->made);
}

bool
kldsim__ddb_step(struct kldsim_ddb *ddb)
{
	if (ddb->thrown)
		return (false);
	if (ddb->steps++ < KLDSIM__DDB_STEPS)
		return (true);
	kldsim__ddb_error(ddb, "*** more than 16 Mi steps, the rest of this "
	    "line is left out ***\n");
	return (false);
}

void
kldsim__ddb_error(struct kldsim_ddb *ddb, const char *text)
{
	if (text != NULL)
		kldsim__ddb_puts(ddb, text);
	ddb->thrown = true;
}

void
kldsim__ddb_fault(struct kldsim_ddb *ddb, kldsim_addr address)
{
	kldsim__ddb_printf(ddb, "fatal trap in ddb (at address 0x%jx)\n",
	    (uintmax_t)address);
	kldsim__ddb_error(ddb, NULL);
}

/*
 * Back at the prompt: after an error the loop of commands has begun anew, which
 * sets both to dot.
 */
static void
prompt(struct kldsim_ddb *ddb)
{
	if (ddb->thrown)
		ddb->prev = ddb->next = ddb->dot;
	ddb->thrown = false;
	if (ddb->position != 0)
		kldsim__ddb_putc(ddb, '\n');
	kldsim__ddb_flush_lex(ddb);
}

enum kldsim_status
kldsim_ddb_command(struct kldsim_ddb *ddb, const char *line, size_t size,
    const char **text_ret, size_t *size_ret)
{
	struct kldsim__question question;

	ddb->out.size = 0;
	ddb->out.failed = false;
	ddb->steps = 0;
	ddb->left = false;
	question = kldsim__question_begin(ddb->sim);
	if (refresh(ddb)) {
		kldsim__ddb_set_line(ddb, line, size);
		kldsim__ddb_command(ddb);
		prompt(ddb);
	} else {
		ddb->out.failed = true;
	}
	kldsim__question_end(ddb->sim, &question);
	if (ddb->out.failed)
		return (KLDSIM_NOMEM);
	*text_ret = ddb->out.size == 0 ? "" : ddb->out.bytes;
	*size_ret = ddb->out.size;
	return (KLDSIM_OK);
}

bool
kldsim_ddb_left(const struct kldsim_ddb *ddb)
{
	return (ddb->left);
}

void
kldsim__ddb_continue(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call)
{
	(void)call;
	ddb->left = true;
}

int64_t
kldsim_ddb_lines(const struct kldsim_ddb *ddb)
{
	return (ddb->lines);
}
