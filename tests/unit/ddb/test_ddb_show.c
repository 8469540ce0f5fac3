/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What DDB makes of CPUs, vnets and linker files: its names for their
 * variables, its show commands; and that asking changes nothing.
 */

#include "support_ddb.h"

#include <stdio.h>
#include <stdlib.h>

#include "support_alloc.h"


struct session {
	struct kern kern;
	struct kldsim_ddb *ddb;
};

/* N-01's kernel: two CPUs and two vnets. */
static void
begin(struct session *session, uint32_t osreldate, int curvnet)
{
	static const char *const calls[] = {
		"vnet_register_sysinit", "vnet_deregister_sysinit",
		"vnet_register_sysuninit", "vnet_deregister_sysuninit",
	};
	struct kern *kern = &session->kern;

	kern_init(kern, osreldate);
	kern->options.cpus = 2;
	kern->options.vnets = 2;
	(void)kldsim_synth_vnet(kern->synth, "if_index", "\3\0\0\0\0\0\0\0", 8,
	    8);
	(void)kldsim_synth_vnet(kern->synth, "hidden", NULL, 8, 8);
	(void)kldsim_synth_dpcpu(kern->synth, "hits", NULL, 8, 8);
	(void)kldsim_synth_object(kern->synth, "hidden", NULL, 8, 8);
	(void)kldsim_synth_object(kern->synth, "pcpu_entry_out", NULL, 8, 8);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		(void)kldsim_synth_func(kern->synth, calls[i]);
	kern_boot(kern);
	session->ddb = ddb_enter(kern, curvnet);
}

static void
end(struct session *session)
{
	kldsim_ddb_close(session->ddb);
	kern_fini(&session->kern);
}

static uint64_t
vnet_at(const struct session *session, unsigned vnet)
{
	kldsim_addr address;

	assert_int_equal(kldsim_vnet_address(session->kern.sim, vnet,
	    &address), KLDSIM_OK);
	return address;
}

static uint64_t
base_of(const struct session *session, enum kldsim_set set, unsigned id)
{
	struct kldsim_instance instance;

	for (size_t i = 0; kldsim_set_instance(session->kern.sim, set, i,
	    &instance) == KLDSIM_OK; i++)
		if (instance.id == id)
			return instance.base;
	fail_msg("no instance %u", id);
	return 0;
}

/* N-08, B-62: V_ names mean the vnet of $db_vnet, else curvnet. */
static void
names_of_vnets(void **state)
{
	struct session session;

	(void)state;
	begin(&session, R121, -1);
	assert_says(session.ddb, "print if_index",
	    "(curvnet is NULL; --curvnet N, or set $db_vnet to one of "
	    "`show all vnets')\n"
	    "fatal trap in ddb (at address 0x28)\n");
	assert_string_equal(ddb_ask(session.ddb, "set $db_vnet 0x%jx",
	    (uintmax_t)vnet_at(&session, 0)), "");
	assert_says(session.ddb, "print if_index", "fffffe0000002000\n");
	assert_says(session.ddb, "print *if_index", "       3\n");
	assert_says(session.ddb, "x/hd if_index",
	    "0xfffffe0000002000:     3\n");
	/* Any pointer is taken; what is read there is added. */
	assert_says(session.ddb, "set $db_vnet 8", "");
	assert_says(session.ddb, "print if_index",
	    "fatal trap in ddb (at address 0x30)\n");
	end(&session);

	begin(&session, R121, 1);
	(void)ddb_ask(session.ddb, "print/x 0");
	assert_string_equal(ddb_ask(session.ddb, "print if_index-0x%jx",
	    (uintmax_t)base_of(&session, KLDSIM_SET_VNET, 1)),
	    ddb_ask(session.ddb, "print vnet_entry_if_index"));
	assert_string_equal(ddb_ask(session.ddb, "print $curvnet-0x%jx",
	    (uintmax_t)vnet_at(&session, 1)), "       0\n");
	end(&session);
}

/* B-61, B-63: CPUs, shadowing, and what lies in no set. */
static void
names_of_cpus(void **state)
{
	struct session session;
	char line[100];

	(void)state;
	begin(&session, R121, 0);
	(void)snprintf(line, sizeof(line), "print hits-pcpu_entry_hits-0x%jx",
	    (uintmax_t)base_of(&session, KLDSIM_SET_DPCPU, 0));
	assert_says(session.ddb, line, "       0\n");
	/* N-04's CPU 1: its area is a page behind that of CPU 0. */
	assert_says(session.ddb, line, "       0\n");
	(void)ddb_ask(session.ddb, "set $db_cpu 1");
	assert_says(session.ddb, line, "    1000\n");
	assert_string_equal(ddb_ask(session.ddb, "print hidden-0x%jx",
	    (uintmax_t)kern_symbol(&session.kern, "hidden")), "       0\n");
	assert_says(session.ddb, "print out", "Symbol 'out' not found\n");
	end(&session);
}

/* B-64, N-10; B-65 */
static void
cpus(void **state)
{
	struct session session;
	struct kldsim_ddb_options options;
	char text[1000];
	const uint64_t heap = UINT64_C(0xfffffe0000000000);
	uint64_t start;

	(void)state;
	begin(&session, R121, -1);
	start = kern_set(&session.kern, KLDSIM_SET_DPCPU).start;
	(void)snprintf(text, sizeof(text),
	    "dpcpu_off[ 0] = 0x%jx (+ DPCPU_START = 0xfffffe0000000000)\n"
	    "dpcpu_off[ 1] = 0x%jx (+ DPCPU_START = 0xfffffe0000001000)\n",
	    (uintmax_t)(heap - start), (uintmax_t)(heap + 0x1000 - start));
	assert_says(session.ddb, "show dpcpu_off", text);
	(void)snprintf(text, sizeof(text),
	    "cpuid        = 1\ndynamic pcpu = 0x%jx\n"
	    "(no thread is simulated, and nothing else of struct pcpu)\n",
	    (uintmax_t)(heap + 0x1000 - start));
	assert_says(session.ddb, "show pcpu 1", text);
	assert_non_null(strstr(ddb_ask(session.ddb, "show pcpu"),
	    "cpuid        = 0\n"));
	/* Hexadecimal digits are read as decimal ones. */
	assert_says(session.ddb, "show pcpu 12", "CPU 12 not found\n");
	assert_says(session.ddb, "show pcpu 0t12", "CPU 12 not found\n");
	assert_says(session.ddb, "show pcpu 1f", "CPU 25 not found\n");
	assert_non_null(strstr(ddb_ask(session.ddb, "show all pcpu"),
	    "Current CPU: 0\n\ncpuid        = 0\n"));
	assert_non_null(strstr(ddb_ask(session.ddb, "show allpcpu"),
	    "\n\ncpuid        = 1\n"));
	/* Entered on another CPU. */
	kldsim_ddb_close(session.ddb);
	kldsim_ddb_options_init(&options, sizeof(options));
	options.curcpu = 1;
	assert_int_equal(kldsim_ddb_open(session.kern.sim, &options,
	    &session.ddb), KLDSIM_OK);
	assert_says(session.ddb, "print $curcpu", "       1\n");
	assert_non_null(strstr(ddb_ask(session.ddb, "show pcpu"),
	    "cpuid        = 1\n"));
	end(&session);
}

/* B-66, N-11: the newest first, with vnet_shutdown since 13. */
static void
vnets(void **state)
{
	static const struct {
		uint32_t osreldate;
		const char *magic, *more;
	} rows[] = {
		{ R121, "0x3e0d8f29", "\n" },
		{ R130, "0x5e4a6f28", " vnet_shutdown  = 000\n\n" },
	};
	struct session session;
	char text[1000], both[2100];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin(&session, rows[i].osreldate, -1);
		both[0] = '\0';
		for (int vnet = 1; vnet >= 0; vnet--) {
			(void)snprintf(text, sizeof(text),
			    "vnet            = 0x%jx\n"
			    " vnet_magic_n   = %s (ok, orig %s)\n"
			    " vnet_ifcnt     = 0\n"
			    " vnet_sockcnt   = 0\n"
			    " vnet_data_mem  = 0x%jx\n"
			    " vnet_data_base = 0x%jx\n"
			    " vnet_state     = 00000000\n%s",
			    (uintmax_t)vnet_at(&session, (unsigned)vnet),
			    rows[i].magic, rows[i].magic,
			    (uintmax_t)(base_of(&session, KLDSIM_SET_VNET,
			    (unsigned)vnet) + kern_set(&session.kern,
			    KLDSIM_SET_VNET).start),
			    (uintmax_t)base_of(&session, KLDSIM_SET_VNET,
			    (unsigned)vnet), rows[i].more);
			(void)strcat(both, text);
		}
		assert_says(session.ddb, "show all vnets", both);
		assert_string_equal(ddb_ask(session.ddb, "show vnet 0x%jx",
		    (uintmax_t)vnet_at(&session, 0)), text);
		/* Where there is none: what lies there. */
		assert_non_null(strstr(ddb_ask(session.ddb,
		    "show vnet vnet_entry_if_index"), "(mismatch, orig 0x"));
		assert_says(session.ddb, "show vnet",
		    "usage: show vnet <struct vnet *>\n");
		assert_says(session.ddb, "show vnet 8", "vnet            = "
		    "0x8\n vnet_magic_n   = fatal trap in ddb (at address "
		    "0x18)\n");
		end(&session);
	}
}

/* B-66: 9 has another command, fewer lines, and 0x before each number. */
static void
vnets_of_9(void **state)
{
	struct session session;
	const char *said;

	(void)state;
	begin(&session, 903000, -1);
	said = ddb_ask(session.ddb, "show vnets");
	assert_non_null(strstr(said, "\n vnet_magic_n   = 0x3e0d8f29 (ok, orig "
	    "0x3e0d8f29)\n vnet_ifcnt     = 0\n"));
	assert_non_null(strstr(said, "\n vnet_data_base = 0x"));
	assert_null(strstr(said, "vnet_state"));
	assert_says(session.ddb, "show all vnets", "No such command\n");
	end(&session);
}

/* B-67, B-68, K-43 of a kernel with a module. */
static void
lists(void **state)
{
	struct session session;
	struct kldsim_synth *module;
	char text[1000];
	uint64_t record;
	int id;

	(void)state;
	begin(&session, R150, -1);
	module = module_new(R150);
	(void)kldsim_synth_vnet_sysinit(module, "late", 0x9000000, 1,
	    kldsim_synth_func(module, "late_init"), 0);
	(void)kldsim_synth_vnet_sysinit(module, "early", 0x8000000, 0x10,
	    kldsim_synth_func(module, "early_init"), 0);
	(void)kldsim_synth_vnet_sysuninit(module, "first", 0x8000000, 0,
	    kldsim_synth_func(module, "first_fini"), 0);
	id = kern_load(&session.kern, module, "foo.ko");
	record = kern_sym(&session.kern, id, "early_vnet_init");
	(void)snprintf(text, sizeof(text), "VNET_SYSINIT vs Name(Ptr)\n"
	    "  Subsystem  Order\n  Function(Name)(Arg)\n"
	    "early_vnet_init(0x%jx)\n  0x8000000 0x000010\n"
	    "  0x%jx(early_init)(0)\nlate_vnet_init(0x%jx)\n"
	    "  0x9000000 0x000001\n  0x%jx(late_init)(0)\n",
	    (uintmax_t)record,
	    (uintmax_t)kern_sym(&session.kern, id, "early_init"),
	    (uintmax_t)kern_sym(&session.kern, id, "late_vnet_init"),
	    (uintmax_t)kern_sym(&session.kern, id, "late_init"));
	assert_says(session.ddb, "show vnet_sysinit", text);
	assert_non_null(strstr(ddb_ask(session.ddb, "show vnet_sysuninit"),
	    "VNET_SYSUNINIT vs Name(Ptr)\n  Subsystem  Order\n"
	    "  Function(Name)(Arg)\nfirst"));
	(void)snprintf(text, sizeof(text),
	    "Id Refs Address            Size     Name\n"
	    " 1    2 0xffffffff80200000 %-8jx kernel\n"
	    " 2    1 0x%jx %-8jx foo.ko\n",
	    (uintmax_t)kern_stat(&session.kern, 1).size,
	    (uintmax_t)kern_stat(&session.kern, id).address,
	    (uintmax_t)kern_stat(&session.kern, id).size);
	assert_string_equal(strstr(ddb_ask(session.ddb, "kldstat"),
	    "\n 2 "), strstr(text, "\n 2 "));
	assert_true(strncmp(ddb_ask(session.ddb, "kldstat"), text, 41) == 0);
	/* kldload's are in neither list. */
	assert_null(strstr(ddb_ask(session.ddb, "show sysinit"), "foo"));
	end(&session);
}

/* B-68: by subsystem and order, those of one key as they are linked. */
static void
sysinits(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;
	const char *text;
	int func;

	(void)state;
	kern_init(kern, R150);
	kldsim_synth_option(kern->synth, KLDSIM_SYNTH_SYSINIT_LINK, 1); /* V-51 */
	func = kldsim_synth_func(kern->synth, "start");
	(void)kldsim_synth_sysinit(kern->synth, "b", 0x3800000, 5, func, 0);
	(void)kldsim_synth_sysinit(kern->synth, "a", 0x3800000, 5, func, 0);
	(void)kldsim_synth_sysinit(kern->synth, "c", 0x2100000, 9, func, 0);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	text = ddb_ask(session.ddb, "show sysinit");
	assert_true(strncmp(text, "SYSINIT vs Name(Ptr)\n  Subsystem  Order\n"
	    "  Function(Name)(Arg)\n", 62) == 0);
	assert_true(strstr(text, "c_sys_init(") < strstr(text, "b_sys_init("));
	assert_true(strstr(text, "b_sys_init(") < strstr(text, "a_sys_init("));
	assert_non_null(strstr(text, ")\n  0x2100000 0x000009\n  0x"));
	end(&session);
	/* 13 and before have no such command. */
	begin(&session, R130, -1);
	assert_null(strstr(ddb_ask(session.ddb, "show sysinit"), "SYSINIT"));
	end(&session);
}

/* N-12: a distance has to be below the low half of the address. */
static void
low_half(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;

	(void)state;
	kern_init(kern, R121);
	(void)module_absolute(kern->synth, "near", 1,
	    UINT64_C(0xfffffffefffffff0), 8);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_says(session.ddb, "print/a 0xffffffff00000010",
	    "0xffffffff00000010\n");
	assert_says(session.ddb, "print 0xfffffffefffffff8", "near+0x8\n");
	end(&session);
}

/* Whatever is asked, the kernel is as it was. */
static void
nothing_changes(void **state)
{
	static const char *const lines[] = {
		"print if_index", "x/s version", "x/gx if_index,20",
		"show all vnets", "show vnet_sysinit", "show sysinit",
		"show all pcpu", "kldstat", "help", "write if_index 1",
		"set $db_cpu 1", "print hits", "search/b if_index 4,8",
		"print nobody", "show vnet 8", "call if_index", "", "@",
	};
	struct session session;
	char *before, *after;
	size_t events;

	(void)state;
	begin(&session, R150, 1);
	(void)kern_load(&session.kern, module_with_set(R150, "set_vnet", 16,
	    7), "foo.ko");
	before = kern_digest(&session.kern);
	events = kldsim_event_count(session.kern.sim);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		(void)ddb_ask(session.ddb, "%s", lines[i]);
	after = kern_digest(&session.kern);
	assert_string_equal(before, after);
	assert_int_equal(kldsim_event_count(session.kern.sim), events);
	free(before);
	free(after);
	/* What is loaded later is seen, and what goes is gone. */
	assert_non_null(strstr(ddb_ask(session.ddb, "kldstat"), "foo.ko"));
	kern_unload(&session.kern, 2);
	assert_null(strstr(ddb_ask(session.ddb, "kldstat"), "foo.ko"));
	end(&session);
}

/* E-70: the kernel's own list of files can be read, though nobody keeps one. */
static void
bookkeeping(void **state)
{
	struct session session;
	struct kern *kern = &session.kern;

	(void)state;
	kern_init(kern, R121);
	(void)kldsim_synth_object(kern->synth, "linker_files", NULL, 16, 8);
	kern_boot(kern);
	session.ddb = ddb_enter(kern, -1);
	assert_string_not_equal(ddb_ask(session.ddb, "print/x *linker_files"),
	    "       0\n");
	end(&session);
}

/* Options, and that there may be no memory at any point. */
static void
opening(void **state)
{
	struct kldsim_ddb_options options;
	struct kldsim_ddb *ddb;
	struct session session;

	(void)state;
	begin(&session, R121, -1);
	kldsim_ddb_options_init(&options, sizeof(options));
	options.curvnet = 2;
	assert_int_equal(kldsim_ddb_open(session.kern.sim, &options, &ddb),
	    KLDSIM_NOENT);
	assert_null(ddb);
	options.curvnet = 1;
	options.curcpu = 2;
	assert_int_equal(kldsim_ddb_open(session.kern.sim, &options, &ddb),
	    KLDSIM_ARG);
	options.curcpu = 0;
	options.size = 0;
	assert_int_equal(kldsim_ddb_open(session.kern.sim, &options, &ddb),
	    KLDSIM_ARG);
	assert_int_equal(kldsim_ddb_open(session.kern.sim, NULL, &ddb),
	    KLDSIM_OK);
	kldsim_ddb_close(ddb);
	kldsim_ddb_close(NULL);
	end(&session);
}

static void
no_memory(void **state)
{
	static const char line[] = "show all vnets";
	bool done = false;

	(void)state;
	for (long at = 0; !done; at++) {
		struct support_alloc count;
		struct session session;
		const char *text;
		size_t size;

		support_alloc_init(&count, -1);
		kern_init(&session.kern, R121);
		session.kern.options.allocator = support_allocator(&count);
		kern_boot(&session.kern);
		count.fail_at = count.calls + at;
		session.ddb = NULL;
		done = kldsim_ddb_open(session.kern.sim, NULL,
		    &session.ddb) == KLDSIM_OK &&
		    kldsim_ddb_command(session.ddb, line, strlen(line), &text,
		    &size) == KLDSIM_OK;
		count.fail_at = -1;
		if (done)
			assert_non_null(strstr(text, "vnet_magic_n"));
		end(&session);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_vnets),
		cmocka_unit_test(names_of_cpus),
		cmocka_unit_test(cpus),
		cmocka_unit_test(vnets),
		cmocka_unit_test(vnets_of_9),
		cmocka_unit_test(lists),
		cmocka_unit_test(sysinits),
		cmocka_unit_test(low_half),
		cmocka_unit_test(nothing_changes),
		cmocka_unit_test(bookkeeping),
		cmocka_unit_test(opening),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
