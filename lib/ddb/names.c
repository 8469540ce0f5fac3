/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The commands, in the order of strcmp(3), which is the kernel's own.  All that
 * GENERIC kernels have are here, so that beginnings mean what they do there
 * (B-51, B-70); a row without a function is answered "not simulated".
 *
 * FIDELITY: which there are depends on the kernel's options and on what it has
 * loaded; this is one list for all.
 */

#include "ddb/types.h"

#define COMMAND(name, run, flags) { (name), (run), (flags), NULL, NULL }
#define ONLY(name, run, flags, has) { (name), (run), (flags), NULL, (has) }
#define TABLE(name, table) { (name), NULL, 0, &(table), NULL }
#define OTHER(name) { (name), NULL, 0, NULL, NULL }

#define TABLE_OF(rows, top) { (rows), sizeof(rows) / sizeof(*(rows)), (top) }

static bool
has_sysinit(const struct kldsim *sim)
{
	return (sim->facts.ddb_show_sysinit);
}

static bool
has_pprint(const struct kldsim *sim)
{
	return (sim->facts.ddb_pprint);
}

static bool
has_vnets(const struct kldsim *sim)
{
	return (sim->vnet.present);
}

/* B-66: of all vnets, which 9 has as "show vnets" alone. */
static bool
has_all_vnets(const struct kldsim *sim)
{
	return (sim->vnet.present && sim->facts.ddb_show_all_vnets);
}

static bool
has_show_vnets(const struct kldsim *sim)
{
	return (sim->vnet.present && !sim->facts.ddb_show_all_vnets);
}

static const struct kldsim__ddb_command active_rows[] = {
	OTHER("trace"),
};

static const struct kldsim__ddb_table active = TABLE_OF(active_rows, false);

static const struct kldsim__ddb_command all_rows[] = {
	OTHER("chains"),
	OTHER("ifnets"),
	OTHER("lltables"),
	COMMAND("pcpu", kldsim__ddb_show_all_pcpu, 0),
	OTHER("procs"),
	OTHER("rman"),
	OTHER("trace"),
	OTHER("ttys"),
	OTHER("vmem"),
	OTHER("vmemdump"),
	ONLY("vnets", kldsim__ddb_show_all_vnets, 0, has_all_vnets),
};

static const struct kldsim__ddb_table all = TABLE_OF(all_rows, false);

static const struct kldsim__ddb_command show_rows[] = {
	TABLE("active", active),
	TABLE("all", all),
	OTHER("allchains"),
	COMMAND("allpcpu", kldsim__ddb_show_all_pcpu, 0),
	OTHER("allrman"),
	OTHER("apic"),
	OTHER("bio"),
	OTHER("breaks"),
	OTHER("buffer"),
	OTHER("callout"),
	OTHER("cbstat"),
	OTHER("cdev"),
	OTHER("conifhk"),
	OTHER("cpusets"),
	OTHER("domain"),
	COMMAND("dpcpu_off", kldsim__ddb_show_dpcpu_off, 0),
	OTHER("ffs"),
	OTHER("file"),
	OTHER("files"),
	OTHER("freepages"),
	OTHER("geom"),
	OTHER("idt"),
	OTHER("ifnet"),
	OTHER("igi_list"),
	OTHER("inodedeps"),
	OTHER("inpcb"),
	OTHER("intr"),
	OTHER("intrcnt"),
	OTHER("irqs"),
	OTHER("jails"),
	OTHER("lapic"),
	OTHER("llentry"),
	OTHER("lltable"),
	OTHER("lock"),
	OTHER("lockchain"),
	OTHER("lockedbufs"),
	OTHER("lockedvnods"),
	OTHER("locktree"),
	OTHER("malloc"),
	OTHER("map"),
	OTHER("mbuf"),
	OTHER("mount"),
	OTHER("msgbuf"),
	OTHER("object"),
	OTHER("page"),
	OTHER("pageq"),
	OTHER("panic"),
	OTHER("pciregs"),
	COMMAND("pcpu", kldsim__ddb_show_pcpu, 0),
	OTHER("pgrpdump"),
	OTHER("proc"),
	OTHER("procvm"),
	OTHER("protosw"),
	OTHER("registers"),
	OTHER("rman"),
	OTHER("rtc"),
	OTHER("sleepchain"),
	OTHER("sleepq"),
	OTHER("sleepqueue"),
	OTHER("sockbuf"),
	OTHER("socket"),
	ONLY("sysinit", kldsim__ddb_show_sysinit, 0, has_sysinit),
	OTHER("sysregs"),
	OTHER("tcpcb"),
	OTHER("thread"),
	OTHER("threads"),
	OTHER("tty"),
	OTHER("turnstile"),
	OTHER("uma"),
	OTHER("umacache"),
	OTHER("unpcb"),
	OTHER("vmem"),
	OTHER("vmemdump"),
	OTHER("vmochk"),
	OTHER("vmopag"),
	ONLY("vnet", kldsim__ddb_show_vnet, 0, has_all_vnets),
	ONLY("vnet_sysinit", kldsim__ddb_show_vnet_sysinit, 0, has_vnets),
	ONLY("vnet_sysuninit", kldsim__ddb_show_vnet_sysuninit, 0, has_vnets),
	ONLY("vnets", kldsim__ddb_show_all_vnets, 0, has_show_vnets),
	OTHER("vnode"),
	OTHER("vnodebufs"),
	OTHER("vpath"),
	OTHER("watches"),
};

static const struct kldsim__ddb_table show = TABLE_OF(show_rows, false);

static const struct kldsim__ddb_command rows[] = {
	OTHER("acttrace"),
	OTHER("alltrace"),
	OTHER("b"),
	OTHER("break"),
	OTHER("bt"),
	COMMAND("c", kldsim__ddb_continue, 0),
	OTHER("call"),
	OTHER("capture"),
	COMMAND("continue", kldsim__ddb_continue, 0),
	OTHER("countfreebufs"),
	OTHER("d"),
	OTHER("delete"),
	OTHER("dhwatch"),
	OTHER("dump"),
	OTHER("dwatch"),
	COMMAND("examine", kldsim__ddb_examine, KLDSIM__DDB_SET_DOT),
	OTHER("findstack"),
	OTHER("gdb"),
	OTHER("halt"),
	OTHER("hwatch"),
	OTHER("kill"),
	COMMAND("kldstat", kldsim__ddb_kldstat, 0),
	OTHER("match"),
	OTHER("next"),
	COMMAND("p", kldsim__ddb_print, 0),
	OTHER("panic"),
	ONLY("pprint", kldsim__ddb_pprint, KLDSIM__DDB_OWN, has_pprint),
	COMMAND("print", kldsim__ddb_print, 0),
	OTHER("ps"),
	OTHER("reboot"),
	OTHER("reset"),
	OTHER("run"),
	OTHER("s"),
	OTHER("script"),
	OTHER("scripts"),
	COMMAND("search", kldsim__ddb_search_memory,
	    KLDSIM__DDB_OWN | KLDSIM__DDB_SET_DOT),
	COMMAND("set", kldsim__ddb_set, KLDSIM__DDB_OWN),
	TABLE("show", show),
	OTHER("step"),
	OTHER("t"),
	OTHER("textdump"),
	OTHER("thread"),
	OTHER("trace"),
	OTHER("unscript"),
	OTHER("until"),
	OTHER("w"),
	OTHER("watch"),
	OTHER("watchdog"),
	OTHER("where"),
	OTHER("write"),
	COMMAND("x", kldsim__ddb_examine, KLDSIM__DDB_SET_DOT),
};

const struct kldsim__ddb_table kldsim__ddb_commands = TABLE_OF(rows, true);

static const struct kldsim__ddb_command own_rows[] = {
	COMMAND("value", kldsim__ddb_value, KLDSIM__DDB_OWN),
};

const struct kldsim__ddb_table kldsim__ddb_own_commands =
    TABLE_OF(own_rows, false);
