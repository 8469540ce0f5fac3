/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the inputs of the benchmarks, the same bytes every time:
 *
 *	gen kernel FILE SYMBOLS BYTES
 *	gen fuzz-kernel FILE SYMBOLS BYTES
 *	gen object FILE SYMBOLS
 *	gen modules DIR COUNT RELOCATIONS SYMBOLS
 *	gen fuzz-modules DIR COUNT RELOCATIONS
 *	gen folder DIR COUNT SYMBOLS
 *	gen root FILE COUNT
 *
 * The kernel has SYMBOLS functions in about BYTES of file, every third of them
 * GLOBAL and dynamic.  The object is an ET_REL with the same GLOBAL names, for
 * programs that take no kernel; the root is one that refers to COUNT modules,
 * for programs that link what is referred to.  The modules, DIR/bm_NNNN.ko, refer to it, in
 * the shape that FreeBSD's own amd64 modules have.  In a folder they are of all
 * sizes and depend on each other: bm_NNNN.ko provides unit_NNNN and needs up to
 * three of those before it, in chains of FOLDER_DEPTH.  The last of each chain,
 * unit_0004, unit_0009 and so on, need all the others.  For fuzzing some
 * functions have the names that fz_floor.c knows, and the modules need those.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/synth.h>

#include "gen.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define GLOBAL_STRIDE 3 /* every third symbol of the kernel is GLOBAL */
#define STRING_SIZE 16   /* "%s: mbuf 12345\n" */
#define FOLDER_DEPTH 5   /* modules in a chain of dependencies */
#define FOLDER_NEEDS 3   /* other modules that one depends on, at most */
#define FOLDER_EXPORTS 8 /* GLOBAL functions of a module */
#define FOLDER_CALLS 4   /* of them that one dependent refers to, at most */
#define FLOOR_NAMES 4096 /* functions of the kernel that fz_floor.c has */

static bool for_fuzzing; /* whether the kernel has those */

/* --- Names ---------------------------------------------------------------- */

static const char *const prefixes[] = { "vfs", "ifnet", "mtx", "sx", "rw",
	"vm_page", "vm_object", "bus", "cam_sim", "xpt", "g_io", "zfs", "dmu",
	"ieee80211", "usbd_xfer", "pci", "acpi", "iflib", "mbuf", "sosocket",
	"tcp", "in6", "ip_fw", "pf", "ng_node", "callout", "taskqueue", "kproc",
	"sysctl", "devfs", "bioq", "crypto", "hid", "sndbuf", "mii", "ath_hal",
	"nvme", "mps", "hwpmc", "linux", "cdev", "fuse", "nfsrv", "clnt",
	"ktrace", "umtx", "dtrace", "random" };
static const char *const verbs[] = { "alloc", "free", "init", "destroy",
	"lookup", "insert", "remove", "attach", "detach", "get", "set", "put",
	"read", "write", "lock", "unlock", "start", "stop", "enqueue",
	"dequeue", "notify", "reset", "setup", "teardown", "map", "unmap",
	"ref", "rele", "wait", "wakeup", "parse", "dump", "check", "update",
	"schedule", "handle", "copy", "clone", "probe", "drain" };
static const char *const nouns[] = { "", "_locked", "_flags", "_ring",
	"_queue", "_entry", "_list", "_buf", "_state", "_intr", "_ctx", "_vec",
	"_node", "_table", "_stats", "_params", "_addr", "_range", "_cache",
	"_handler", "_request", "_response", "_descr", "_softc", "_priv",
	"_params_v2", "_sbuf", "_one", "_all", "_internal", "_by_name",
	"_by_index", "_default", "_global", "_fast", "_slow", "_deferred",
	"_async", "_nowait", "_check_permission" };

#define NAMES (ARRAY_SIZE(prefixes) * ARRAY_SIZE(verbs) * ARRAY_SIZE(nouns))

static bool
is_global(uint32_t i)
{
	return i % GLOBAL_STRIDE == 0;
}

/* The name of the kernel's function i; a stride coprime to NAMES mixes them. */
static const char *
kernel_name(uint32_t i)
{
	static char name[64];
	uint64_t n = (uint64_t)i * 30011 % NAMES;

	if (i >= NAMES)
		die("symbols", "too many");
	if (for_fuzzing && is_global(i) && i / GLOBAL_STRIDE < FLOOR_NAMES) {
		snprintf(name, sizeof name, "ksym_%x",
		    (unsigned)(i / GLOBAL_STRIDE));
		return name;
	}
	snprintf(name, sizeof name, "%s_%s%s",
	    prefixes[n / ARRAY_SIZE(verbs) / ARRAY_SIZE(nouns)],
	    verbs[n / ARRAY_SIZE(nouns) % ARRAY_SIZE(verbs)],
	    nouns[n % ARRAY_SIZE(nouns)]);
	return name;
}

/* --- Kernels -------------------------------------------------------------- */

static void
kernel_symbols(struct kldsim_synth *k, uint32_t symbols, bool locals)
{
	int text = kldsim_synth_section_named(k, ".text");

	for (uint32_t i = 0; i < symbols; i++)
		if (locals || is_global(i))
			kldsim_synth_symbol(k, kernel_name(i),
			    is_global(i) ? KLDSIM_SYNTH_GLOBAL :
			    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_FUNC, text,
			    kldsim_synth_append(k, text, NULL, 32), 32);
}

/* Nobody runs it, but a kernel of zeros would be a sparse one. */
static void
fill(struct kldsim_synth *k, uint64_t bytes)
{
	static unsigned char page[4096];
	int text = kldsim_synth_section_named(k, ".text");
	int rodata = kldsim_synth_section_named(k, ".rodata");
	int data = kldsim_synth_section_named(k, ".data");

	memset(page, 0xcc, sizeof page);
	for (uint64_t n = 0; n < bytes / sizeof page; n++)
		kldsim_synth_append(k, n % 10 < 7 ? text :
		    n % 10 < 9 ? rodata : data, page, sizeof page);
}

static void
kernel(const char *path, uint32_t symbols, uint64_t bytes)
{
	static const char *const sets[] = { "sysctl_set", "sdt_probes_set",
		"modmetadata_set", "sysinit_set", "sysuninit_set" };
	/* vnet.c has them, and a boot asks for them. */
	static const char *const vnet_functions[] = { "vnet_register_sysinit",
		"vnet_register_sysuninit", "vnet_deregister_sysinit",
		"vnet_deregister_sysuninit" };
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	uint64_t used = 64 * (uint64_t)symbols + symbols * 30 * 4 / 3;
	int object = kldsim_synth_object(k, "sysctl___kern", NULL, 64, 8);

	kldsim_synth_func(k, "module_register_init");
	for (size_t i = 0; i < ARRAY_SIZE(vnet_functions); i++)
		kldsim_synth_func(k, vnet_functions[i]);
	kernel_symbols(k, symbols, true);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		kldsim_synth_set_entry(k, sets[i], object);
	kldsim_synth_vnet(k, "ifindex", "\1\0\0\0", 4, 4);
	kldsim_synth_vnet(k, "in_ifaddrhead", NULL, 0x3000, 16);
	kldsim_synth_dpcpu(k, "timer", NULL, 0x200, 64);
	if (bytes > used)
		fill(k, bytes - used);
	write_file(k, path);
}

static void
object(const char *path, uint32_t symbols)
{
	static const char *const sets[] = { "sysctl_set", "modmetadata_set",
		"sysinit_set", "sysuninit_set", "vnet", "pcpu" };
	struct kldsim_synth *k = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	char name[64];

	kldsim_synth_func(k, "module_register_init");
	kernel_symbols(k, symbols, false);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		snprintf(name, sizeof name, "__start_set_%s", sets[i]);
		kldsim_synth_object(k, name, NULL, 8, 8);
		snprintf(name, sizeof name, "__stop_set_%s", sets[i]);
		kldsim_synth_object(k, name, NULL, 8, 8);
	}
	write_file(k, path);
}

/* --- Modules -------------------------------------------------------------- */

struct module {
	struct kldsim_synth *synth;
	char name[32];          /* of the module and its interface */
	uint32_t state;         /* of the random numbers */
	int text, rodata, strings, data, bss;
	int *locals;            /* static functions and objects */
	uint32_t nlocals;
	int *imports;           /* the kernel's functions */
	uint32_t nimports;
	uint32_t nitems;        /* strings, and what else may be pointed to */
};

/* real-shapes: of 100 relocations these many; and to the kernel of 100 each. */
static const struct shape {
	const char *type;
	uint32_t percent;
	uint32_t imported;
	int addend;
	bool in_data;
} shapes[] = {
	{ "R_X86_64_PLT32", 36, 75, -4, false },
	{ "R_X86_64_64", 28, 20, 0, true },
	{ "R_X86_64_32S", 23, 10, 0, false },
	{ "R_X86_64_PC32", 13, 40, -4, false },
};

static void
module_sections(struct module *m, uint32_t relocs)
{
	struct kldsim_synth *s = m->synth;
	uint64_t flags = KLDSIM_SYNTH_ALLOC;
	char string[STRING_SIZE];

	m->text = kldsim_synth_section_named(s, ".text");
	m->rodata = kldsim_synth_section_named(s, ".rodata");
	m->strings = kldsim_synth_section(s, ".rodata.str1.1",
	    KLDSIM_SYNTH_PROGBITS, flags | 0x30, 1); /* SHF_MERGE | _STRINGS */
	m->data = kldsim_synth_section_named(s, ".data");
	m->bss = kldsim_synth_section_named(s, ".bss");
	kldsim_synth_append(s, m->text, NULL, 32 * (uint64_t)relocs);
	kldsim_synth_append(s, m->rodata, NULL, 16 * (uint64_t)relocs / 4);
	kldsim_synth_append(s, m->data, NULL, 16 * (uint64_t)relocs);
	kldsim_synth_append(s, m->bss, NULL, 16 * (uint64_t)relocs / 4);
	m->nitems = relocs / 4 - 2;
	for (uint32_t i = 0; i < relocs; i++) {
		snprintf(string, sizeof string, "%%s: mbuf %05u\n",
		    (unsigned)(i % 100000));
		kldsim_synth_append(s, m->strings, string, STRING_SIZE);
	}
	kldsim_synth_append(s, kldsim_synth_section(s, ".note.gnu.build-id",
	    KLDSIM_SYNTH_NOTE, flags, 4), NULL, 36);
	kldsim_synth_append(s, kldsim_synth_section(s, ".comment",
	    KLDSIM_SYNTH_PROGBITS, 0x30, 1), NULL, 30);
	kldsim_synth_section(s, ".note.GNU-stack", KLDSIM_SYNTH_PROGBITS, 0, 1);
}

/* One static function for every 13 relocations, every fifth an object. */
static void
module_locals(struct module *m, uint32_t index, uint32_t relocs)
{
	char name[80];

	m->nlocals = relocs / 13 + 1;
	m->locals = calloc(m->nlocals, sizeof *m->locals);
	if (m->locals == NULL)
		die("locals", "no memory");
	for (uint32_t i = 0; i < m->nlocals; i++) {
		bool data = i % 5 == 4;

		snprintf(name, sizeof name, "bm%u_%s_%u", (unsigned)index,
		    kernel_name(i % NAMES), (unsigned)i);
		m->locals[i] = kldsim_synth_symbol(m->synth, name,
		    KLDSIM_SYNTH_LOCAL, data ? KLDSIM_SYNTH_OBJECT :
		    KLDSIM_SYNTH_FUNC, data ? m->data : m->text,
		    (data ? 16 : 32) * 13 * (uint64_t)i, 16);
	}
}

/* 100 different functions of the kernel for 800 relocations. */
static void
module_imports(struct module *m, uint32_t relocs, uint32_t symbols)
{
	uint32_t most = symbols / GLOBAL_STRIDE;

	m->nimports = relocs / 8 < 2000 ? relocs / 8 + 1 : 2000;
	m->imports = calloc(m->nimports + FOLDER_NEEDS * FOLDER_CALLS,
	    sizeof *m->imports);
	if (m->imports == NULL)
		die("imports", "no memory");
	for (uint32_t i = 0; i < m->nimports; i++)
		m->imports[i] = kldsim_synth_ref(m->synth, kernel_name(
		    next(&m->state, most) * GLOBAL_STRIDE));
}

/* What a relocation refers to: the kernel, a section, a static function. */
static int
target(struct module *m, uint32_t imported, int64_t *addend)
{
	const int sections[] = { m->rodata, m->strings, m->data, m->bss,
		m->text };

	if (next(&m->state, 100) < imported)
		return m->imports[next(&m->state, m->nimports)];
	if (next(&m->state, 2) == 0) {
		*addend += STRING_SIZE * (1 + next(&m->state, m->nitems));
		return kldsim_synth_section_symbol(m->synth,
		    sections[next(&m->state, ARRAY_SIZE(sections))]);
	}
	return m->locals[next(&m->state, m->nlocals)];
}

/* Instructions of 32 bytes, structures of 16 bytes. */
static void
module_relocs(struct module *m, uint32_t relocs)
{
	uint64_t instruction = 0, structure = 0;

	for (uint32_t i = 0; i < relocs; i++) {
		uint32_t percent = next(&m->state, 100);
		const struct shape *shape = shapes;
		int64_t addend;
		int symbol;

		while (percent >= shape->percent)
			percent -= shape++->percent;
		addend = shape->addend;
		symbol = target(m, shape->imported, &addend);
		if (shape->in_data)
			kldsim_synth_reloc(m->synth, m->data,
			    16 * structure++, shape->type, symbol, addend);
		else
			kldsim_synth_reloc(m->synth, m->text,
			    32 * instruction++ + 3, shape->type, symbol,
			    addend);
	}
}

/* Linker sets as often as GENERIC's modules have them; nothing exported. */
static void
module_sets(struct module *m, uint32_t index)
{
	static const unsigned char limits[0x44] = { 5 };
	struct kldsim_synth *s = m->synth;
	const char *name = m->name;

	kldsim_synth_declare_module(s, name, m->locals[0], 0x3100000,
	    0x10000000);
	kldsim_synth_mdt_version(s, name, 1);
	kldsim_synth_sysinit(s, name, 0x3800000, 0, m->locals[0], 0);
	if (index % 2 == 0)
		kldsim_synth_sysuninit(s, name, 0x3800000, 0, m->locals[0], 0);
	if (index % 5 < 2)
		for (int i = 0; i < 6; i++)
			kldsim_synth_set_entry(s, "sysctl_set", m->locals[0]);
	if (index % 20 == 3) {
		kldsim_synth_bind(s, kldsim_synth_vnet(s, "limits", limits,
		    sizeof limits, 4), KLDSIM_SYNTH_LOCAL);
		kldsim_synth_bind(s, kldsim_synth_vnet_pointer(s, "head",
		    m->locals[0], 0), KLDSIM_SYNTH_LOCAL);
	}
	if (index % 100 == 7)
		kldsim_synth_bind(s, kldsim_synth_dpcpu(s, "queue", NULL, 0x38,
		    8), KLDSIM_SYNTH_LOCAL);
}

/* The one name that others may refer to: llvm-jitlink links what is asked for. */
static const char *
entry_name(uint32_t index)
{
	static char name[32];

	snprintf(name, sizeof name, "bm%u_entry", (unsigned)index);
	return name;
}

static void
write_module(struct module *m, const char *dir, uint32_t index)
{
	char path[4096];

	module_sets(m, index);
	kldsim_synth_symbol(m->synth, entry_name(index), KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_FUNC, m->text, 0, 32);
	snprintf(path, sizeof path, "%s/bm_%04u.ko", dir, (unsigned)index);
	write_file(m->synth, path);
	free(m->locals);
	free(m->imports);
}

static void
begin_module(struct module *m, const char *prefix, uint32_t index,
    uint32_t relocs, uint32_t symbols)
{
	memset(m, 0, sizeof *m);
	m->state = index + 1;
	snprintf(m->name, sizeof m->name, "%s_%04u", prefix, (unsigned)index);
	m->synth = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	module_sections(m, relocs);
	module_locals(m, index, relocs);
	module_imports(m, relocs, symbols);
}

static void
module(const char *dir, uint32_t index, uint32_t relocs, uint32_t symbols)
{
	struct module m;

	begin_module(&m, "bm", index, relocs, symbols);
	module_relocs(&m, relocs);
	write_module(&m, dir, index);
}

/* What asks llvm-jitlink for all modules: "main" points to each. */
static void
root(const char *path, uint32_t count)
{
	struct kldsim_synth *r = kldsim_synth_new("amd64", KLDSIM_SYNTH_REL);
	int data = kldsim_synth_section_named(r, ".data");

	kldsim_synth_append(r, data, NULL, 8 * (uint64_t)count);
	kldsim_synth_symbol(r, "main", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, 0, 8 * (uint64_t)count);
	for (uint32_t i = 0; i < count; i++)
		kldsim_synth_reloc(r, data, 8 * (uint64_t)i, "R_X86_64_64",
		    kldsim_synth_ref(r, entry_name(i)), 0);
	write_file(r, path);
}

/* --- Folders -------------------------------------------------------------- */

static void
export(struct module *m)
{
	char name[64];

	for (uint32_t i = 0; i < FOLDER_EXPORTS; i++) {
		snprintf(name, sizeof name, "%s_%s", m->name, verbs[i]);
		kldsim_synth_symbol(m->synth, name, KLDSIM_SYNTH_GLOBAL,
		    KLDSIM_SYNTH_FUNC, m->text, 64 * (uint64_t)i, 64);
	}
}

static void
depend(struct module *m, uint32_t provider)
{
	char unit[32], name[64];

	snprintf(unit, sizeof unit, "unit_%04u", (unsigned)provider);
	kldsim_synth_mdt_depend(m->synth, unit, 1, 1, 1);
	for (uint32_t i = 0; i < FOLDER_CALLS; i++) {
		snprintf(name, sizeof name, "%s_%s", unit,
		    verbs[next(&m->state, FOLDER_EXPORTS)]);
		m->imports[m->nimports++] = kldsim_synth_ref(m->synth, name);
	}
}

/* The one before it in its chain, and others that are less deep. */
static void
dependencies(struct module *m, uint32_t index)
{
	uint32_t depth = index % FOLDER_DEPTH;
	uint32_t others = next(&m->state, FOLDER_NEEDS);

	if (depth == 0)
		return;
	depend(m, index - 1);
	for (uint32_t i = 0; i < others; i++) {
		uint32_t chain = next(&m->state, index / FOLDER_DEPTH + 1);

		depend(m, chain * FOLDER_DEPTH + next(&m->state, depth));
	}
}

/* Of 100 modules one is very large and ten are large; 950 on average. */
static uint32_t
folder_relocs(uint32_t *state, uint32_t index)
{
	if (index % 100 == 50)
		return 20000;
	return index % 10 == 6 ? 2750 : 200 + next(state, 667);
}

static void
folder(const char *dir, uint32_t count, uint32_t symbols)
{
	uint32_t state = 1;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t relocs = folder_relocs(&state, i);
		struct module m;

		begin_module(&m, "unit", i, relocs, symbols);
		export(&m);
		dependencies(&m, i);
		module_relocs(&m, relocs);
		write_module(&m, dir, i);
	}
}

static uint32_t
number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strncmp(what, "fuzz-", 5) == 0) {
		for_fuzzing = true;
		what += 5;
	}
	if (strcmp(what, "kernel") == 0 && argc == 5)
		kernel(argv[2], number(argv[3]), number(argv[4]));
	else if (strcmp(what, "object") == 0 && argc == 4)
		object(argv[2], number(argv[3]));
	else if (strcmp(what, "modules") == 0 && argc == 6 - for_fuzzing)
		for (uint32_t i = 0; i < number(argv[3]); i++)
			module(argv[2], i, number(argv[4]), for_fuzzing ?
			    FLOOR_NAMES * GLOBAL_STRIDE : number(argv[5]));
	else if (strcmp(what, "root") == 0 && argc == 4)
		root(argv[2], number(argv[3]));
	else if (strcmp(what, "folder") == 0 && argc == 5)
		folder(argv[2], number(argv[3]), number(argv[4]));
	else
		die("usage", "see the source");
	return 0;
}
