/* SPDX-License-Identifier: BSD-2-Clause */

/* The dispatcher: sys/ddb/db_command.c (B-50 to B-53). */

#include "ddb/ddb.h"

enum found {
	UNIQUE,
	FOUND,
	NONE,
	AMBIGUOUS
};

static bool
has(const struct kldsim_ddb *ddb, const struct kldsim__ddb_command *command)
{
	return (command->has == NULL || command->has(ddb->sim));
}

/*
 * B-51: the command of this name, else the only one that begins so.  A kernel
 * that forgets what it has found takes the third that does, or the fifth.
 */
static enum found
search(const struct kldsim_ddb *ddb, const char *name,
    const struct kldsim__ddb_table *table,
    const struct kldsim__ddb_command **command_ret)
{
	const size_t length = strlen(name);
	enum found found = NONE;

	for (size_t i = 0; i < table->count; i++) {
		const struct kldsim__ddb_command *row = &table->rows[i];

		if (!has(ddb, row) || strncmp(row->name, name, length) != 0)
			continue;
		if (row->name[length] == '\0') {
			*command_ret = row;
			return (UNIQUE);
		}
		if (found == FOUND) {
			found = AMBIGUOUS;
		} else if (found == NONE ||
		    ddb->sim->facts.ddb_third_match_found) {
			*command_ret = row;
			found = FOUND;
		}
	}
	return (found);
}

/* Ours has no beginnings, so that the kernel's have theirs. */
static bool
search_own(const struct kldsim_ddb *ddb, const struct kldsim__ddb_table *table,
    const struct kldsim__ddb_command **command_ret)
{
	const struct kldsim__ddb_table *own = &kldsim__ddb_own_commands;

	for (size_t i = 0; table->top && i < own->count; i++)
		if (strcmp(own->rows[i].name, ddb->tok_string) == 0) {
			*command_ret = &own->rows[i];
			return (true);
		}
	return (false);
}

static void
list_rows(struct kldsim_ddb *ddb, const struct kldsim__ddb_table *table,
    bool with_more_only)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct kldsim__ddb_command *row = &table->rows[i];

		if (!has(ddb, row) || (with_more_only && row->more == NULL))
			continue;
		kldsim__ddb_printf(ddb, "%-16s", row->name);
		kldsim__ddb_end_line(ddb, 16);
	}
}

static void
list(struct kldsim_ddb *ddb, const struct kldsim__ddb_table *table)
{
	bool more = false;

	list_rows(ddb, table, false);
	for (size_t i = 0; i < table->count; i++)
		more = more || table->rows[i].more != NULL;
	if (more && ddb->sim->facts.ddb_c_operators) {
		kldsim__ddb_puts(ddb, "\nThe following have subcommands; "
		    "append \"help\" to list (e.g. \"show help\"):\n");
		list_rows(ddb, table, true);
	}
	if (!table->top)
		return;
	kldsim__ddb_puts(ddb, "\nOf kldsim alone, by the whole name:\n");
	list_rows(ddb, &kldsim__ddb_own_commands, false);
}

static void
help(struct kldsim_ddb *ddb, const struct kldsim__ddb_table *table)
{
	if (table->top && ddb->sim->facts.ddb_c_operators)
		kldsim__ddb_puts(ddb, "This is ddb(4), the kernel debugger; "
		    "see https://man.FreeBSD.org/ddb/4 for help.\n"
		    "Use \"bt\" for backtrace, \"dump\" for kernel core dump, "
		    "\"reset\" to reboot.\n"
		    "Available commands:\n");
	list(ddb, table);
	kldsim__ddb_flush_lex(ddb);
}

/* Say it, and leave the line; no error, so that `next' stays (B-53). */
static void
drop(struct kldsim_ddb *ddb, const char *text)
{
	kldsim__ddb_puts(ddb, text);
	kldsim__ddb_flush_lex(ddb);
}

/* What a name that is no command is answered. */
static void
refuse(struct kldsim_ddb *ddb, const struct kldsim__ddb_table *table,
    enum found found)
{
	if (found == AMBIGUOUS)
		drop(ddb, "Ambiguous\n");
	else if (strncmp(ddb->tok_string, "help", 4) == 0)
		help(ddb, table);
	else if (ddb->sim->facts.ddb_c_operators)
		drop(ddb, "No such command; use \"help\" to list available "
		    "commands\n");
	else
		drop(ddb, "No such command\n");
}

/* The command that the line begins with; NULL: the line is done with. */
static const struct kldsim__ddb_command *
find(struct kldsim_ddb *ddb)
{
	const struct kldsim__ddb_table *table = &kldsim__ddb_commands;
	const struct kldsim__ddb_command *command = NULL;

	for (;;) {
		const enum found found = search(ddb, ddb->tok_string, table,
		    &command);

		if ((found == NONE || found == AMBIGUOUS) &&
		    !search_own(ddb, table, &command)) {
			refuse(ddb, table, found);
			return (NULL);
		}
		table = command->more;
		if (table == NULL)
			return (command);
		if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT) {
			if (ddb->thrown)
				return (NULL);
			kldsim__ddb_puts(ddb, "Subcommand required; available "
			    "subcommands:\n");
			list(ddb, table);
			kldsim__ddb_flush_lex(ddb);
			return (NULL);
		}
	}
}

/* [/modifier] [address] [,count] (B-51, B-52); false: that is all. */
static bool
arguments(struct kldsim_ddb *ddb, struct kldsim__ddb_call *call,
    char modif[KLDSIM__DDB_LINE])
{
	enum kldsim__ddb_token token = kldsim__ddb_read_token(ddb);

	if (token == KLDSIM__DDB_SLASH) {
		if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT) {
			drop(ddb, "Bad modifier\n");
			return (false);
		}
		memcpy(modif, ddb->tok_string, KLDSIM__DDB_LINE);
	} else {
		kldsim__ddb_unread_token(ddb, token);
	}
	call->have_addr = kldsim__ddb_expression(ddb, &call->addr);
	if (ddb->thrown)
		return (false);
	if (call->have_addr)
		ddb->dot = ddb->last_addr = kldsim__ddb_addr(ddb, call->addr);
	else
		call->addr = kldsim__ddb_expr(ddb, ddb->dot);
	token = kldsim__ddb_read_token(ddb);
	if (token != KLDSIM__DDB_COMMA)
		kldsim__ddb_unread_token(ddb, token);
	else if (!kldsim__ddb_expression(ddb, &call->count)) {
		drop(ddb, "Count missing\n");
		return (false);
	}
	kldsim__ddb_skip_to_eol(ddb);
	return (!ddb->thrown);
}

static void
run(struct kldsim_ddb *ddb, const struct kldsim__ddb_command *command,
    const struct kldsim__ddb_call *call)
{
	ddb->last_command = command;
	command->run(ddb, call);
	if (ddb->thrown)
		return;
	if ((command->flags & KLDSIM__DDB_SET_DOT) != 0)
		ddb->dot = ddb->prev;
	else
		ddb->next = ddb->dot;
}

/* B-70: what the kernel has and nothing here could answer. */
static void
not_simulated(struct kldsim_ddb *ddb, const char *name)
{
	kldsim__ddb_puts(ddb, name);
	drop(ddb, ": not simulated\n");
}

void
kldsim__ddb_command(struct kldsim_ddb *ddb)
{
	const enum kldsim__ddb_token token = kldsim__ddb_read_token(ddb);
	const struct kldsim__ddb_command *command;
	char modif[KLDSIM__DDB_LINE] = "";
	struct kldsim__ddb_call call = { .count = -1, .modif = modif };

	if (token == KLDSIM__DDB_EOL && !ddb->thrown) {
		call.addr = kldsim__ddb_expr(ddb, ddb->next);
		call.count = 1;
		if (ddb->last_command != NULL)
			run(ddb, ddb->last_command, &call);
		return;
	}
	if (token == KLDSIM__DDB_EXCL) {
		not_simulated(ddb, "call");
		return;
	}
	if (token != KLDSIM__DDB_IDENT) {
		drop(ddb, ddb->sim->facts.ddb_c_operators ?
		    "Unrecognized input; use \"help\" to list available "
		    "commands\n" : "?\n");
		return;
	}
	command = find(ddb);
	if (command == NULL)
		return;
	if (command->run == NULL)
		not_simulated(ddb, command->name);
	else if ((command->flags & KLDSIM__DDB_OWN) != 0 ||
	    arguments(ddb, &call, modif))
		run(ddb, command, &call);
}
