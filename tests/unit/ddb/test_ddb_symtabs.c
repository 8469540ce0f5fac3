/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * DDB's two symbol tables, "elf" and "kld" (B-14 to B-17): which of several
 * symbols of a name, and which of several at a place.
 */

#include "support_ddb.h"

#include <stdio.h>

struct session {
	struct kern kern;
	struct kldsim_ddb *ddb;
	uint64_t data; /* where the symbols are */
};

/* Bytes of the kernel's .data for symbols, behind one: where they are in it. */
static uint64_t
room(struct kern *kern, int *section_ret)
{
	uint64_t at;

	*section_ret = kldsim_synth_section_named(kern->synth, ".data");
	at = kldsim_synth_append(kern->synth, *section_ret, NULL, 80);
	(void)kldsim_synth_symbol(kern->synth, "before", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, *section_ret, at, 16);
	return at + 16;
}

static void
enter(struct session *session)
{
	kern_boot(&session->kern);
	session->ddb = ddb_enter(&session->kern, -1);
}

static void
end(struct session *session)
{
	kldsim_ddb_close(session->ddb);
	kern_fini(&session->kern);
}

/* What print shows of a name is so far behind the symbols' place. */
#define assert_at(session, name, offset) do { \
	char want_[40]; \
	(void)snprintf(want_, sizeof(want_), "%16jx\n", \
	    (uintmax_t)((session)->data + (offset))); \
	assert_string_equal(ddb_ask((session)->ddb, "print/x %s", (name)), \
	    want_); \
} while (0)

/* The symbol that DDB says is at a place, and the linker's own answer. */
#define assert_named(session, offset, ddb_text, linker_name) do { \
	const char *name_ = NULL; \
	kldsim_size distance_; \
	int file_; \
	assert_string_equal(ddb_ask((session)->ddb, "print/a 0x%jx", \
	    (uintmax_t)((session)->data + (offset))), ddb_text "\n"); \
	assert_int_equal(kldsim_search_symbol((session)->kern.sim, \
	    (session)->data + (offset), &name_, &distance_, &file_), \
	    KLDSIM_OK); \
	assert_string_equal(name_, linker_name); \
} while (0)

/* A static `counter` at 0, and a global one at 8. */
static void
begin_counters(struct session *session)
{
	uint64_t at;
	int data;

	kern_init(&session->kern, R121);
	at = room(&session->kern, &data);
	(void)kldsim_synth_symbol(session->kern.synth, "counter",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, data, at + 8, 8);
	(void)kldsim_synth_symbol(session->kern.synth, "counter",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, data, at, 8);
	enter(session);
	session->data = kern_symbol(&session->kern, "before") + 16;
}

/* B-16: the first in the table, and locals come first there. */
static void
first_of_a_name(void **state)
{
	struct kldsim_typed_info info;
	struct kldsim_typed *typed;
	enum kldsim_ddb_kind kind;
	struct session session;
	kldsim_addr value;

	(void)state;
	begin_counters(&session);
	assert_at(&session, "counter", 0);
	assert_int_equal(kldsim_ddb_value(session.kern.sim, "counter", -1, -1,
	    &value, &kind), KLDSIM_OK);
	assert_hex(value, session.data);
	/* Y-21: what is shown by its type is what print means. */
	assert_int_equal(kldsim_type_of(session.kern.sim, "counter", &typed,
	    &session.kern.error), KLDSIM_OK);
	kldsim_typed_info(typed, &info);
	assert_hex(info.address, session.data);
	kldsim_typed_free(typed);
	/* kldsym(2) is the linker's: its hash table has the global one. */
	assert_hex(kern_symbol(&session.kern, "counter"), session.data + 8);
	end(&session);
}

/* B-63: a table by its name; of several the last one counts. */
static void
a_table_by_its_name(void **state)
{
	struct session session;

	(void)state;
	begin_counters(&session);
	assert_at(&session, "elf:counter", 0);
	assert_at(&session, "kld:counter", 8);
	assert_at(&session, "kld:elf:counter", 0);
	assert_at(&session, "elf:kld:counter", 8);
	end(&session);
}

/* B-15: what the boot loader does not find it does not bring. */
static void
no_table(void **state)
{
	struct session session;

	(void)state;
	kern_init(&session.kern, R121);
	kldsim_synth_option(session.kern.synth, KLDSIM_SYNTH_SYMTAB, 0);
	enter(&session);
	assert_says(session.ddb, "print elf:printf",
	    "invalid symbol table name\n");
	session.data = kern_symbol(&session.kern, "printf");
	assert_at(&session, "kld:printf", 0);
	assert_at(&session, "printf", 0);
	assert_named(&session, 1, "printf+0x1", "printf");
	end(&session);
}

/* B-16: an undefined symbol has a name, and the value 0. */
static void
undefined(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct session session;
	int id;

	(void)state;
	kern_init(&session.kern, R121);
	(void)kldsim_synth_weak_ref(session.kern.synth, "absent");
	enter(&session);
	(void)kldsim_synth_object(module, "absent", "\1\0\0\0\0\0\0\0", 8, 8);
	(void)kldsim_synth_object(module, "foo_own", "\1\0\0\0\0\0\0\0", 8, 8);
	id = kern_load(&session.kern, module, "foo.ko");
	session.data = kern_section(&session.kern, id, ".data").address;
	assert_says(session.ddb, "print absent", "       0\n");
	assert_at(&session, "kld:absent", 0);
	/* What the kernel's table lacks is asked of all files. */
	assert_at(&session, "foo_own", 8);
	assert_says(session.ddb, "print elf:foo_own",
	    "invalid symbol table name\n");
	/* B-17: and there is no place for it. */
	assert_named(&session, 0, "absent", "absent");
	assert_says(session.ddb, "print/a 5000", "0x5000\n");
	end(&session);
}

/* B-17: of equals the first that is not local, else the first. */
static void
several_at_a_place(void **state)
{
	struct session session;
	struct kldsim_synth *synth;
	uint64_t at;
	int data;

	(void)state;
	kern_init(&session.kern, R121);
	synth = session.kern.synth;
	at = room(&session.kern, &data);
#define ADD(name, bind, type, offset) (void)kldsim_synth_symbol(synth, name, \
	    KLDSIM_SYNTH_##bind, KLDSIM_SYNTH_##type, data, at + (offset), 4)
	ADD("$d.0", LOCAL, NOTYPE, 0);
	ADD("mine", LOCAL, OBJECT, 0);
	ADD("ours", GLOBAL, NOTYPE, 0);
	ADD("also", WEAK, OBJECT, 0);
	ADD("$d.1", LOCAL, NOTYPE, 16);
	ADD("only", LOCAL, OBJECT, 16);
#undef ADD
	enter(&session);
	session.data = kern_symbol(&session.kern, "before") + 16;
	/* O-64: the linker's is the first just there, the last below. */
	assert_named(&session, 0, "ours", "$d.0");
	assert_named(&session, 5, "ours+0x5", "also");
	assert_named(&session, 16, "$d.1", "$d.1");
	assert_named(&session, 21, "$d.1+0x5", "only");
	end(&session);
}

/* B-17: not of these types; "kld" knows them, and wins if it is nearer. */
static void
other_types(void **state)
{
	struct session session;
	struct kldsim_synth *synth;
	uint64_t at;
	int data;

	(void)state;
	kern_init(&session.kern, R121);
	synth = session.kern.synth;
	at = room(&session.kern, &data);
#define ADD(name, bind, type, offset) (void)kldsim_synth_symbol(synth, name, \
	    KLDSIM_SYNTH_##bind, KLDSIM_SYNTH_##type, data, at + (offset), 4)
	ADD("copy_resolver", LOCAL, FUNC, 0);
	ADD("copy", GLOBAL, IFUNC, 0);
	ADD("alone", GLOBAL, IFUNC, 16);
	ADD("thread", GLOBAL, TLS, 32);
#undef ADD
	enter(&session);
	session.data = kern_symbol(&session.kern, "before") + 16;
	assert_named(&session, 0, "copy_resolver", "copy_resolver");
	assert_named(&session, 5, "copy_resolver+0x5", "copy");
	assert_named(&session, 21, "alone+0x5", "alone");
	assert_named(&session, 32, "thread", "thread");
	end(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_of_a_name),
		cmocka_unit_test(a_table_by_its_name),
		cmocka_unit_test(no_table),
		cmocka_unit_test(undefined),
		cmocka_unit_test(several_at_a_place),
		cmocka_unit_test(other_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
