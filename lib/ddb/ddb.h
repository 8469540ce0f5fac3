/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DDB_DDB_H
#define DDB_DDB_H

/*
 * A session of ddb(4): sys/ddb of FreeBSD, a file for each of its files.
 *
 * An error of the kernel's debugger jumps back to its prompt.  Here it is
 * remembered (`thrown`): from then on nothing is printed, there are no more
 * tokens, and whoever could still change something looks first.
 */

#include <kldsim/ddb.h>

#include "core/overlay.h"
#include "kern/sim.h"
#include "util/format.h"
#include "util/text.h"

#define KLDSIM__DDB_LINE 120u    /* DB_MAXLINE, TOK_STRING_SIZE (B-40) */
#define KLDSIM__DDB_TEXT 0x800000u /* bytes that one line may print */
#define KLDSIM__DDB_STEPS 0x1000000u /* steps that one line may take */

/* The tokens that are no operator; those are in lex.c. */
enum kldsim__ddb_token {
	KLDSIM__DDB_EOF = -1, /* after a bad character */
	KLDSIM__DDB_NONE = 0, /* none was given back */
	KLDSIM__DDB_EOL,
	KLDSIM__DDB_NUMBER,
	KLDSIM__DDB_IDENT,
	KLDSIM__DDB_PLUS,
	KLDSIM__DDB_MINUS,
	KLDSIM__DDB_STAR,
	KLDSIM__DDB_SLASH,
	KLDSIM__DDB_PCT,
	KLDSIM__DDB_HASH,
	KLDSIM__DDB_LPAREN,
	KLDSIM__DDB_RPAREN,
	KLDSIM__DDB_COMMA,
	KLDSIM__DDB_DOT,
	KLDSIM__DDB_DOTDOT,
	KLDSIM__DDB_DITTO,
	KLDSIM__DDB_DOLLAR,
	KLDSIM__DDB_EXCL,
	KLDSIM__DDB_TILDE,
	KLDSIM__DDB_EQ,
	KLDSIM__DDB_LOG_EQ,
	KLDSIM__DDB_LOG_NOT_EQ,
	KLDSIM__DDB_LESS,
	KLDSIM__DDB_LESS_EQ,
	KLDSIM__DDB_SHIFT_L,
	KLDSIM__DDB_GREATER,
	KLDSIM__DDB_GREATER_EQ,
	KLDSIM__DDB_SHIFT_R,
	KLDSIM__DDB_BIT_AND,
	KLDSIM__DDB_LOG_AND,
	KLDSIM__DDB_BIT_OR,
	KLDSIM__DDB_LOG_OR,
	KLDSIM__DDB_COLON,
	KLDSIM__DDB_COLONCOLON,
	KLDSIM__DDB_SEMI,
	KLDSIM__DDB_QUESTION
};

/* What a command is called with. */
struct kldsim__ddb_call {
	int64_t addr;
	bool have_addr;
	int64_t count; /* -1: none was given */
	const char *modif;
};

struct kldsim__ddb_table;

enum kldsim__ddb_flag {
	KLDSIM__DDB_OWN = 1,     /* CS_OWN: reads its line itself */
	KLDSIM__DDB_SET_DOT = 2  /* CS_SET_DOT: changes dot (B-53) */
};

/* A command; sorted by name in its table, as the kernel keeps them. */
struct kldsim__ddb_command {
	const char *name;
	/* NULL: the kernel has it, and it is not simulated. */
	void (*run)(struct kldsim_ddb *ddb,
	    const struct kldsim__ddb_call *call);
	unsigned flags;
	const struct kldsim__ddb_table *more; /* its subcommands */
	bool (*has)(const struct kldsim *sim); /* NULL: every kernel has it */
};

struct kldsim__ddb_table {
	const struct kldsim__ddb_command *rows;
	size_t count;
	bool top; /* db_cmd_table */
};

/* Values are db_expr_t: signed, as wide as the target's word (B-48). */
struct kldsim_ddb {
	struct kldsim *sim;
	unsigned curcpu;
	kldsim_addr curvnet; /* NULL: the thread is in no vnet (B-62) */

	/* db_lex.c */
	char line[KLDSIM__DDB_LINE];
	size_t at;
	size_t end;
	enum kldsim__ddb_token look; /* given back */
	char tok_string[KLDSIM__DDB_LINE];
	int64_t tok_number;

	/* db_command.c */
	kldsim_addr dot;
	kldsim_addr last_addr;
	kldsim_addr prev;
	kldsim_addr next;
	const struct kldsim__ddb_command *last_command;
	bool thrown;
	uint64_t steps;
	bool left; /* db_cmd_loop_done */

	/* db_examine.c */
	char examine_format[KLDSIM__DDB_LINE];
	char print_format;

	/* db_variables.c */
	int64_t radix;
	int64_t maxoff;
	int64_t maxwidth;
	int64_t tabstops;
	int64_t lines;
	int db_cpu;
	kldsim_addr db_vnet;

	/* db_output.c */
	struct kldsim__text out;
	int64_t position;
	int64_t last_non_space;

	/* What of the kernel was made when it was like this. */
	bool made;
	uint64_t changes;
	struct kldsim__overlay overlay;
};

static inline unsigned
kldsim__ddb_word(const struct kldsim_ddb *ddb)
{
	return (kldsim__arch_ptrsz(ddb->sim->arch));
}

/* A value as db_expr_t holds it. */
static inline int64_t
kldsim__ddb_expr(const struct kldsim_ddb *ddb, uint64_t value)
{
	return (kldsim__ddb_word(ddb) == 4 ? (int32_t)(uint32_t)value :
	    (int64_t)value);
}

/* And as db_addr_t does. */
static inline kldsim_addr
kldsim__ddb_addr(const struct kldsim_ddb *ddb, int64_t value)
{
	return (kldsim__ddb_word(ddb) == 4 ? (uint32_t)value :
	    (kldsim_addr)value);
}

/* One more step of a loop; false: there have been too many, and it is said. */
bool kldsim__ddb_step(struct kldsim_ddb *ddb);

/* db_error(): say it, and back to the prompt.  NULL: it has been said. */
void kldsim__ddb_error(struct kldsim_ddb *ddb, const char *text);
/* The kernel faults in its debugger, which takes it back to the prompt. */
void kldsim__ddb_fault(struct kldsim_ddb *ddb, kldsim_addr address);

/* The command that leaves the debugger. */
void kldsim__ddb_continue(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);

/* --- output.c --- */

enum kldsim__ddb_form {
	KLDSIM__DDB_SIGNED = 1,
	KLDSIM__DDB_SHARP = 2, /* with a prefix, unless it is 0 (B-59) */
	KLDSIM__DDB_LEFT = 4,
	KLDSIM__DDB_ZERO = 8   /* filled with zeros */
};

void kldsim__ddb_putc(struct kldsim_ddb *ddb, char c);
void kldsim__ddb_puts(struct kldsim_ddb *ddb, const char *text);
/* At most 500 bytes: names and what else may be long goes by puts. */
void kldsim__ddb_printf(struct kldsim_ddb *ddb, const char *format, ...)
    KLDSIM__PRINTF(2, 3);
/* A value of a word, in a base, 0: $radix; `form` as above. */
void kldsim__ddb_number(struct kldsim_ddb *ddb, int64_t value, unsigned base,
    unsigned form, int width);
/* %p */
void kldsim__ddb_pointer(struct kldsim_ddb *ddb, kldsim_addr address);
/* db_end_line() */
void kldsim__ddb_end_line(struct kldsim_ddb *ddb, int field);

/* --- lex.c --- */

void kldsim__ddb_set_line(struct kldsim_ddb *ddb, const char *line,
    size_t size);
enum kldsim__ddb_token kldsim__ddb_read_token(struct kldsim_ddb *ddb);
void kldsim__ddb_unread_token(struct kldsim_ddb *ddb,
    enum kldsim__ddb_token token);
void kldsim__ddb_flush_lex(struct kldsim_ddb *ddb);
void kldsim__ddb_skip_to_eol(struct kldsim_ddb *ddb);

/* --- expr.c --- */

/* False if there is no expression; look at `thrown` whatever it says. */
bool kldsim__ddb_expression(struct kldsim_ddb *ddb, int64_t *value_ret);

/* --- access.c --- */

/* db_get_value(); 0 after an error. */
int64_t kldsim__ddb_get_value(struct kldsim_ddb *ddb, kldsim_addr address,
    unsigned size, bool is_signed);
/*
 * What the kernel's own code reads, without db_get_value()'s care: a fault if it
 * is not there.
 */
uint64_t kldsim__ddb_read(struct kldsim_ddb *ddb, kldsim_addr address,
    unsigned size);
/* Bytes that may be there. */
bool kldsim__ddb_bytes(const struct kldsim_ddb *ddb, kldsim_addr address,
    void *buffer, size_t size);

/* --- sym.c --- */

/* What a name stands for (B-11); false: nothing has it. */
bool kldsim__ddb_value_of_name(struct kldsim_ddb *ddb, const char *name,
    int64_t *value_ret);
/* db_search_symbol(); NULL: none is near. */
const char *kldsim__ddb_search(struct kldsim_ddb *ddb, kldsim_addr address,
    kldsim_size *offset_ret);
/* db_printsym() (B-58). */
void kldsim__ddb_printsym(struct kldsim_ddb *ddb, int64_t value);
/* dpcpu_off[] of a CPU, whether there is such a CPU or not (B-61). */
int64_t kldsim__ddb_dpcpu_off(struct kldsim_ddb *ddb, int64_t cpu);

/* --- variables.c --- */

/* $NAME, its dollar being read. */
bool kldsim__ddb_get_variable(struct kldsim_ddb *ddb, int64_t *value_ret);
void kldsim__ddb_set(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);

/* --- command.c --- */

void kldsim__ddb_command(struct kldsim_ddb *ddb);

/* --- names.c --- */

extern const struct kldsim__ddb_table kldsim__ddb_commands;
/* Ours, which no kernel has. */
extern const struct kldsim__ddb_table kldsim__ddb_own_commands;

/* --- examine.c --- */

void kldsim__ddb_print(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_examine(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_search_memory(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
/* A byte as it is, if it can be printed; else \ and three octal digits. */
void kldsim__ddb_put_byte(struct kldsim_ddb *ddb, unsigned byte);

/* --- show.c --- */

void kldsim__ddb_show_dpcpu_off(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_pcpu(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_all_pcpu(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_kldstat(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_sysinit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);

/* --- show_vnet.c --- */

void kldsim__ddb_show_all_vnets(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_vnet(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_vnet_sysinit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
void kldsim__ddb_show_vnet_sysuninit(struct kldsim_ddb *ddb,
    const struct kldsim__ddb_call *call);
/* NAME(%p), empty if there is none near. */
void kldsim__ddb_sysinit_record(struct kldsim_ddb *ddb, kldsim_addr record,
    const struct kldsim__sysinit *call);

#endif
