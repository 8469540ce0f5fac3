/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * `value', which no kernel has: a variable by its type, each of its copies, and
 * in what they differ (Y-20 to Y-22).
 */

#include <stdio.h>

#include "ddb/types.h"

#include "value/value.h"

#define NAME_SIZE (KLDSIM__DDB_LINE + 8) /* "struct NAME" */

/* What is asked for, by its letters. */
struct asked {
	struct kldsim_value_options options;
	bool one; /* the copy that print would take */
};

static int
put(void *user, const void *bytes, uint64_t size)
{
	struct kldsim_ddb *ddb = user;
	const char *text = bytes;

	for (uint64_t i = 0; i < size; i++)
		kldsim__ddb_putc(ddb, text[i]);
	return (ddb->thrown ? 1 : 0);
}

/* [/modifier]; false after an error.  *token is then the one behind it. */
static bool
take_modifier(struct kldsim_ddb *ddb, struct asked *asked,
    enum kldsim__ddb_token *token)
{
	memset(asked, 0, sizeof(*asked));
	kldsim_value_options_init(&asked->options, sizeof(asked->options));
	*token = kldsim__ddb_read_token(ddb);
	if (*token != KLDSIM__DDB_SLASH)
		return (!ddb->thrown);
	if (kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT)
		ddb->tok_string[0] = '\0';
	if (ddb->tok_string[strspn(ddb->tok_string, "djo")] != '\0' ||
	    ddb->tok_string[0] == '\0')
		kldsim__ddb_error(ddb, "Bad modifier: /d shows differences, "
		    "/o one copy, /j JSON\n");
	asked->options.differences = strchr(ddb->tok_string, 'd') != NULL;
	asked->one = strchr(ddb->tok_string, 'o') != NULL;
	if (strchr(ddb->tok_string, 'j') != NULL)
		asked->options.form = KLDSIM_VALUE_JSON;
	*token = kldsim__ddb_read_token(ddb);
	return (!ddb->thrown);
}

/* The number of the CPU or vnet whose copy print takes (B-61, B-62); -1: none. */
static int
chosen(const struct kldsim_ddb *ddb, enum kldsim_ddb_kind kind)
{
	const kldsim_addr curvnet = ddb->db_vnet != 0 ? ddb->db_vnet :
	    ddb->curvnet;
	struct kldsim_instance vnet;
	kldsim_addr address;

	if (kind == KLDSIM_DDB_DPCPU)
		return (ddb->db_cpu != -1 ? ddb->db_cpu : (int)ddb->curcpu);
	for (size_t i = 0; curvnet != 0 && kldsim_set_instance(ddb->sim,
	    KLDSIM_SET_VNET, i, &vnet) == KLDSIM_OK; i++)
		if (kldsim_vnet_address(ddb->sim, vnet.id, &address) ==
		    KLDSIM_OK && address == curvnet)
			return ((int)vnet.id);
	return (-1);
}

/* NAME, or struct TYPE ADDRESS; false after an error. */
static bool
take_what(struct kldsim_ddb *ddb, char name[NAME_SIZE], kldsim_addr *address,
    bool *is_type)
{
	const char *word = strcmp(ddb->tok_string, "struct") == 0 ? "struct " :
	    strcmp(ddb->tok_string, "union") == 0 ? "union " : "";
	int64_t value;

	*is_type = *word != '\0';
	if (*is_type && kldsim__ddb_read_token(ddb) != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "Which structure?\n");
		return (false);
	}
	(void)snprintf(name, NAME_SIZE, "%s%s", word, ddb->tok_string);
	if (!*is_type)
		return (true);
	if (!kldsim__ddb_expression(ddb, &value)) {
		kldsim__ddb_error(ddb, "Address missing\n");
		return (false);
	}
	*address = kldsim__ddb_addr(ddb, value);
	return (true);
}

static void
show(struct kldsim_ddb *ddb, const struct kldsim_typed *typed,
    struct asked *asked, const kldsim_addr *address)
{
	struct kldsim_typed_info info;
	struct kldsim_error error;
	enum kldsim_status status;

	kldsim_typed_info(typed, &info);
	if (asked->one && info.kind != KLDSIM_DDB_PLAIN)
		asked->options.copy = chosen(ddb, info.kind);
	if (asked->one && info.kind != KLDSIM_DDB_PLAIN &&
	    asked->options.copy < 0)
		status = KLDSIM_NOENT;
	else
		status = kldsim__format(typed, address, &asked->options,
		    &ddb->overlay, KLDSIM__DDB_STEPS - ddb->steps, put, ddb,
		    &error);
	if (status == KLDSIM_OK || ddb->thrown)
		return;
	if (status == KLDSIM_NOENT) {
		kldsim__ddb_error(ddb, "there is no such CPU or vnet; see "
		    "$db_cpu, $db_vnet, and `show all vnets'\n");
		return;
	}
	ddb->out.failed = status == KLDSIM_NOMEM;
	kldsim__ddb_puts(ddb, "*** ");
	kldsim__ddb_puts(ddb, error.text);
	kldsim__ddb_error(ddb, " ***\n");
}

void
kldsim__ddb_value(struct kldsim_ddb *ddb, const struct kldsim__ddb_call *call)
{
	char name[NAME_SIZE];
	struct kldsim_typed *typed;
	struct kldsim_error error;
	struct asked asked;
	enum kldsim__ddb_token token;
	kldsim_addr address;
	bool is_type;

	(void)call;
	if (!take_modifier(ddb, &asked, &token))
		return;
	if (token != KLDSIM__DDB_IDENT) {
		kldsim__ddb_error(ddb, "usage: value[/djo] NAME, or value "
		    "struct TYPE ADDRESS\n");
		return;
	}
	if (!take_what(ddb, name, &address, &is_type))
		return;
	if (kldsim_type_of(ddb->sim, name, &typed, &error) == KLDSIM_OK) {
		show(ddb, typed, &asked, is_type ? &address : NULL);
		kldsim_typed_free(typed);
	} else {
		ddb->out.failed = error.status == KLDSIM_NOMEM;
		kldsim__ddb_puts(ddb, error.text);
		kldsim__ddb_error(ddb, "\n");
	}
	kldsim__ddb_skip_to_eol(ddb);
}
