/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a kernel and modules in the shape of FreeBSD's own for amd64, the same
 * bytes every time:
 *
 *	gen_real FILE DIR [TYPES [LATER]]
 *
 * The kernel, FILE, has 65,500 symbols, 22,000 of them dynamic, in 38 MB, as
 * a GENERIC of 12.1 has; 68 are ifuncs, of which 3,000 calls are still to be
 * relocated.  DIR gets 800 modules with 740,000 relocations together, of the
 * types that GENERIC's have: few are large, the largest has 80,000, and half
 * have less than 300; sixty are firmware, bytes and no more.  What they define
 * is LOCAL, for other modules too.  They ask for some names of the kernel, its
 * ifuncs among them, more often than for others.  A module and its file have
 * one name; what it needs is before it in the alphabet, five deep at most.  With
 * TYPES the kernel has so many, and each of its functions and variables one.
 * LATER is the same kernel a while later: some members have other names.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/synth.h>

#include "gen.h"
#include "typed.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The kernel. */
#define KERNEL_BYTES 38000000u
#define FUNCTIONS 64000u    /* the other symbols are of sets and metadata */
#define GLOBAL_STRIDE 3u    /* every third is GLOBAL, so dynamic */
#define IFUNCS 68u          /* the first of these are ifuncs */
#define IFUNC_CALLS 3000u
#define BUILT_IN 250u       /* modules that the kernel consists of */

/* The modules. */
#define MODULES 800u
#define RELOCS 1062000u     /* the module of rank r has RELOCS / (10 r + 13) */
#define FIRMWARE 60u        /* those of the highest ranks */
#define FIRMWARE_BYTES 250000u
#define LIBRARIES 40u       /* the first ones, which others need */
#define LAYER 8u            /* each needs one of the eight before */
#define EXPORTS 12u         /* functions of a library that others call */
#define CALL_BYTES 24u      /* code around a relocation */
#define POINTER_BYTES 16u   /* a table's entry around a relocation */
#define STRING_SIZE 12u

/* Small numbers more often than large ones. */
static uint32_t
next_small(uint32_t *state, uint32_t below)
{
	uint64_t a = next(state, below), b = next(state, below);

	return (uint32_t)(a * b / below);
}

/* --- Names ---------------------------------------------------------------- */

static const char *const subjects[] = { "acpi", "bpf", "bus", "callout",
	"cam", "cdev", "crypto", "devfs", "dmu", "eventhandler", "fdt", "g_io",
	"ieee80211", "if", "iflib", "in6", "intr", "kern", "ktr", "lockmgr",
	"m_tag", "mbuf", "mii", "mtx", "nfs", "ng", "pci", "pf", "pmap", "proc",
	"rman", "rw", "sbuf", "sctp", "sleepq", "so", "sx", "sysctl", "tcp",
	"thread", "ttydev", "uma", "usbd", "vfs", "vm_map", "vm_object",
	"vm_page", "vnode" };
static const char *const verbs[] = { "add", "alloc", "attach", "bind", "check",
	"clear", "close", "copy", "create", "delete", "destroy", "detach",
	"done", "find", "flush", "free", "get", "init", "insert", "ioctl",
	"lookup", "map", "notify", "open", "poll", "print", "probe", "put",
	"read", "release", "remove", "reset", "set", "start", "stop", "unmap",
	"update", "wait", "wakeup", "write" };
static const char *const objects[] = { "", "_all", "_arg", "_buf", "_by_name",
	"_cache", "_child", "_class", "_cpu", "_ctx", "_data", "_dev", "_entry",
	"_ext", "_flags", "_hdr", "_id", "_int", "_intr", "_io", "_key",
	"_list", "_locked", "_mem", "_msg", "_nolock", "_one", "_page",
	"_param", "_priv", "_queue", "_ref", "_req", "_res", "_sleep", "_softc",
	"_state", "_td" };

#define NAMES (ARRAY_SIZE(subjects) * ARRAY_SIZE(verbs) * ARRAY_SIZE(objects))

/* The kernel's function n; a stride coprime to NAMES mixes them. */
static const char *
function_name(uint32_t n)
{
	static char name[64];
	uint64_t mixed = (uint64_t)n * 30011 % NAMES;

	snprintf(name, sizeof name, "%s_%s%s",
	    subjects[mixed / ARRAY_SIZE(verbs) / ARRAY_SIZE(objects)],
	    verbs[mixed / ARRAY_SIZE(objects) % ARRAY_SIZE(verbs)],
	    objects[mixed % ARRAY_SIZE(objects)]);
	return name;
}

static const char *
module_name(uint32_t index)
{
	static char name[16];

	snprintf(name, sizeof name, "mod_%04u", (unsigned)index);
	return name;
}

static const char *
export_name(uint32_t library, uint32_t n)
{
	static char name[64];

	snprintf(name, sizeof name, "%s_%s", module_name(library), verbs[n]);
	return name;
}

/* --- The kernel ----------------------------------------------------------- */

static void
kernel_functions(struct kldsim_synth *k, int text, int types)
{
	int ifuncs[IFUNCS];
	uint32_t state = 1, n = 0;

	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		int global = i % GLOBAL_STRIDE == 0;
		int ifunc = global && n < IFUNCS;
		int symbol = kldsim_synth_symbol(k, function_name(i),
		    global ? KLDSIM_SYNTH_GLOBAL : KLDSIM_SYNTH_LOCAL,
		    ifunc ? KLDSIM_SYNTH_IFUNC : i % 5 == 4 ?
		    KLDSIM_SYNTH_OBJECT : KLDSIM_SYNTH_FUNC, text,
		    kldsim_synth_append(k, text, NULL, 96), 96);

		if (ifunc)
			ifuncs[n++] = symbol;
		else if (types != 0 && i % 5 == 4)
			kldsim_synth_ctf_object(k, symbol, 1);
		else if (types != 0)
			make_function(k, symbol, types);
	}
	for (uint32_t i = 0; i < IFUNC_CALLS; i++)
		kldsim_synth_reloc(k, text, 96 * (uint64_t)i * 7 + 40,
		    "R_X86_64_PLT32", ifuncs[next_small(&state, IFUNCS)], -4);
}

/* Some thirty sets; those that the linker looks into have real entries. */
static void
kernel_sets(struct kldsim_synth *k, int text)
{
	static const char *const sets[] = { "ah_chips", "ah_rfs", "cam_iosched",
		"cons_set", "crypto_set", "db_cmd_set", "db_show_cmd_set",
		"dpcpu_probe", "gdb_dbgport_set", "kbddriver_set",
		"kdb_dbbe_set", "ofw_set", "periph_driver", "pmc_set",
		"ratectl_set", "sdt_argtypes_set", "sdt_probes_set",
		"sdt_providers_set", "splash_set", "sysctl_set",
		"uart_class_and_device_set", "vga_module_set", "vt_drv_set",
		"videodriver_set", "vmm_stat_set" };
	int oid = kldsim_synth_object(k, "sysctl___kern", NULL, 88, 8);
	int handler = kldsim_synth_section_symbol(k, text);
	char name[32];

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		kldsim_synth_set_entry(k, sets[i], oid);
	for (uint32_t i = 0; i < BUILT_IN; i++) {
		snprintf(name, sizeof name, "builtin_%03u", (unsigned)i);
		kldsim_synth_declare_module(k, name, handler, 0x3100000,
		    0x10000000);
		kldsim_synth_mdt_version(k, name, 1);
	}
	kldsim_synth_dpcpu(k, "pcpu", NULL, 0x3138 - 2048, 64);
	kldsim_synth_vnet(k, "ifnet", NULL, 0x3bee8 - 32768, 16);
}

/* Nobody runs it, but a kernel of zeros would be a sparse one. */
static void
kernel_bytes(struct kldsim_synth *k, int text, int types)
{
	static unsigned char page[4096];
	const int sections[] = { text, text, text, text, text,
		kldsim_synth_section_named(k, ".rodata"),
		kldsim_synth_section_named(k, ".rodata"),
		kldsim_synth_section_named(k, ".data"),
		kldsim_synth_section_named(k, ".data"),
		kldsim_synth_section(k, types != 0 ? ".comment" : ".SUNW_ctf",
		    KLDSIM_SYNTH_PROGBITS, 0, 4) };
	uint64_t used = (96 + 24 + 30) * (uint64_t)FUNCTIONS;

	memset(page, 0xcc, sizeof page);
	for (uint64_t n = 0; n < (KERNEL_BYTES - used) / sizeof page; n++)
		kldsim_synth_append(k, sections[n % ARRAY_SIZE(sections)], page,
		    sizeof page);
}

static void
kernel(const char *path, int types)
{
	static const char *const asked[] = { "module_register_init",
		"vnet_register_sysinit", "vnet_register_sysuninit",
		"vnet_deregister_sysinit", "vnet_deregister_sysuninit" };
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	int text = kldsim_synth_section_named(k, ".text");

	kldsim_synth_option(k, KLDSIM_SYNTH_GNU_HASH, 1);
	kldsim_synth_option(k, KLDSIM_SYNTH_RELRO, 1);
	if (types != 0)
		types = make_types(k, types);
	kernel_functions(k, text, types);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		kldsim_synth_func(k, asked[i]);
	kernel_sets(k, text);
	kernel_bytes(k, text, types);
	write_file(k, path);
}

/* --- Modules -------------------------------------------------------------- */

struct module {
	struct kldsim_synth *synth;
	uint32_t index;
	uint32_t rank;     /* 0: the largest */
	uint32_t relocs;
	uint32_t state;    /* of the random numbers */
	int text, rodata, strings, data, bss;
	int *locals;       /* static functions and objects */
	uint32_t nlocals;
	int *imports;      /* of the kernel and of libraries */
	uint32_t nimports;
	uint32_t needed[2]; /* libraries */
	uint32_t nneeded;
};

/* Of 1,000 relocations these many; and of 100 to other files. */
static const struct shape {
	const char *type;
	uint32_t share;
	uint32_t imported;
	int addend;
	int in_table; /* of pointers; else in code */
} shapes[] = {
	{ "R_X86_64_PLT32", 358, 80, -4, 0 },
	{ "R_X86_64_64", 283, 15, 0, 1 },
	{ "R_X86_64_32S", 229, 5, 0, 0 },
	{ "R_X86_64_PC32", 130, 20, -4, 0 },
};

static void
firmware(struct module *m)
{
	static unsigned char bytes[FIRMWARE_BYTES];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)next(&m->state, 256);
	kldsim_synth_append(m->synth, m->rodata, bytes, sizeof bytes);
}

static void
module_strings(struct module *m)
{
	char string[32];

	for (uint32_t i = 0; i < m->relocs / 2 + 4; i++) {
		snprintf(string, sizeof string, "%s%02u\n",
		    module_name(m->index), (unsigned)(i % 100));
		kldsim_synth_append(m->synth, m->strings, string, STRING_SIZE);
	}
}

static void
module_sections(struct module *m)
{
	struct kldsim_synth *s = m->synth;
	const uint64_t n = m->relocs + 8, align = m->rank % 400 == 9 ? 4096 : 16;

	m->text = kldsim_synth_section_named(s, ".text");
	m->rodata = kldsim_synth_section_named(s, ".rodata");
	m->strings = kldsim_synth_section(s, ".rodata.str1.1",
	    KLDSIM_SYNTH_PROGBITS, KLDSIM_SYNTH_ALLOC | 0x30, 1);
	m->data = kldsim_synth_section_named(s, ".data");
	m->bss = kldsim_synth_section_named(s, ".bss");
	kldsim_synth_append(s, m->text, NULL, CALL_BYTES * n);
	kldsim_synth_append(s, m->rodata, NULL, 6 * n);
	kldsim_synth_append(s, m->data, NULL, POINTER_BYTES * n / 2);
	kldsim_synth_append(s, m->bss, NULL, 8 * n);
	kldsim_synth_align(s, m->rodata, align);
	kldsim_synth_align(s, m->bss, align);
	module_strings(m);
	if (m->rank >= MODULES - FIRMWARE)
		firmware(m);
}

/* What is in the file and is no code or data. */
static void
other_sections(struct module *m)
{
	struct kldsim_synth *s = m->synth;

	kldsim_synth_append(s, kldsim_synth_section(s, ".note.gnu.build-id",
	    KLDSIM_SYNTH_NOTE, KLDSIM_SYNTH_ALLOC, 4), NULL, 36);
	kldsim_synth_append(s, kldsim_synth_section(s, ".comment",
	    KLDSIM_SYNTH_PROGBITS, 0x30, 1), NULL, 97);
	kldsim_synth_section(s, ".note.GNU-stack", KLDSIM_SYNTH_PROGBITS, 0, 1);
	kldsim_synth_append(s, kldsim_synth_section(s, ".SUNW_ctf",
	    KLDSIM_SYNTH_PROGBITS, 0, 4), NULL, 2000 + 4 * m->relocs);
	kldsim_synth_append(s, kldsim_synth_section(s, ".gnu_debuglink",
	    KLDSIM_SYNTH_PROGBITS, 0, 1), NULL, 24);
	if (m->rank == 100)
		kldsim_synth_append(s, kldsim_synth_section(s, ".eh_frame",
		    0x70000001, KLDSIM_SYNTH_ALLOC, 8), NULL, 800);
	if (m->rank % 16 == 5)
		kldsim_synth_append(s, kldsim_synth_section(s, "usb_host_id",
		    KLDSIM_SYNTH_PROGBITS, KLDSIM_SYNTH_ALLOC |
		    KLDSIM_SYNTH_WRITE, 8), NULL, 32 * 20);
}

static void
module_locals(struct module *m)
{
	char name[96];

	m->nlocals = m->relocs / 11 + 2;
	m->locals = calloc(m->nlocals, sizeof *m->locals);
	if (m->locals == NULL)
		die("locals", "no memory");
	kldsim_synth_symbol(m->synth, "module.c", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FILE, KLDSIM_SYNTH_ABS, 0, 0);
	for (uint32_t i = 0; i < m->nlocals; i++) {
		int data = i % 4 == 3;

		snprintf(name, sizeof name, "m%u_%s", (unsigned)m->index,
		    function_name(i));
		m->locals[i] = kldsim_synth_symbol(m->synth, name,
		    KLDSIM_SYNTH_LOCAL, data ? KLDSIM_SYNTH_OBJECT :
		    KLDSIM_SYNTH_FUNC, data ? m->data : m->text,
		    (data ? 80u : 240u) * (uint64_t)i, 16);
	}
	if (m->index < LIBRARIES)
		for (uint32_t i = 0; i < EXPORTS; i++)
			kldsim_synth_symbol(m->synth,
			    export_name(m->index, i), KLDSIM_SYNTH_LOCAL,
			    KLDSIM_SYNTH_FUNC, m->text, 16 * i, 16);
}

static void
import(struct module *m, const char *name)
{
	m->imports[m->nimports++] = kldsim_synth_ref(m->synth, name);
}

static void
need(struct module *m, uint32_t library)
{
	m->needed[m->nneeded++] = library;
	for (uint32_t i = 0; i < 3; i++)
		import(m, export_name(library, next(&m->state, EXPORTS)));
}

/* Two of three modules need others; a library needs one of the layer before. */
static void
module_imports(struct module *m)
{
	uint32_t kernels = m->relocs / 12 + 20;

	kernels = kernels < 700 ? kernels : 700;
	m->imports = calloc(kernels + 6, sizeof *m->imports);
	if (m->imports == NULL)
		die("imports", "no memory");
	for (uint32_t i = 0; i < kernels; i++)
		import(m, function_name(next_small(&m->state,
		    FUNCTIONS / GLOBAL_STRIDE) * GLOBAL_STRIDE));
	if (m->index >= LIBRARIES)
		for (uint32_t i = 0; i < m->index % 3; i++)
			need(m, next_small(&m->state, LIBRARIES));
	else if (m->index >= LAYER)
		need(m, m->index - LAYER + m->index % 2);
}

/* What a relocation refers to: another file, a section, a static function. */
static int
target(struct module *m, const struct shape *shape, int64_t *addend)
{
	const int sections[] = { m->strings, m->strings, m->rodata, m->data,
		m->bss, m->text };

	if (next(&m->state, 100) < shape->imported)
		return m->imports[next_small(&m->state, m->nimports)];
	if (next(&m->state, 10) < 7 && shape != &shapes[0]) {
		*addend += STRING_SIZE * (1 + next(&m->state,
		    m->relocs / 2 + 1));
		return kldsim_synth_section_symbol(m->synth,
		    sections[next(&m->state, ARRAY_SIZE(sections))]);
	}
	return m->locals[next(&m->state, m->nlocals)];
}

static void
module_relocs(struct module *m)
{
	uint64_t calls = 0, pointers = 0;

	for (uint32_t i = 0; i < m->relocs; i++) {
		uint32_t share = next(&m->state, 1000);
		const struct shape *shape = shapes;
		int64_t addend;
		int symbol;

		while (share >= shape->share)
			share -= shape++->share;
		addend = shape->addend;
		symbol = target(m, shape, &addend);
		if (shape->in_table)
			kldsim_synth_reloc(m->synth, m->data, POINTER_BYTES *
			    pointers++ % (POINTER_BYTES * (m->relocs / 2 + 1)),
			    shape->type, symbol, addend);
		else
			kldsim_synth_reloc(m->synth, m->text,
			    CALL_BYTES * calls++ + 3, shape->type, symbol,
			    addend);
	}
}

/* 35 with variables of vnets, one of them so large that few others fit. */
static void
virtual_variables(struct module *m)
{
	static const uint64_t vnet[] = { 0x2, 0x16, 0x44, 0x14, 0x1c, 0x100 };
	static const uint64_t pcpu[] = { 0x8, 0x38, 0x38, 0x200 };
	struct kldsim_synth *s = m->synth;
	uint64_t size = m->rank == 3 ? 0x55d8 : vnet[m->rank % 6];

	if (m->rank < 140 && m->rank % 4 == 3)
		kldsim_synth_bind(s, kldsim_synth_vnet(s, "limits", NULL, size,
		    size == 0x55d8 ? 16 : size == 2 ? 2 : 4),
		    KLDSIM_SYNTH_LOCAL);
	if (m->rank >= 20 && m->rank < 24)
		kldsim_synth_bind(s, kldsim_synth_dpcpu(s, "queue", NULL,
		    pcpu[m->rank - 20], m->rank == 23 ? 64 : 8),
		    KLDSIM_SYNTH_LOCAL);
}

/*
 * Sets as often as GENERIC's modules have them.  They come behind all else, for
 * compilers write tables of relocations in the order of the places.
 */
static void
module_sets(struct module *m)
{
	struct kldsim_synth *s = m->synth;
	const char *name = module_name(m->index);
	int oid;

	kldsim_synth_declare_module(s, name, m->locals[0], 0x3100000,
	    0x10000000);
	kldsim_synth_mdt_version(s, name, 1);
	if (m->index % 5 < 2) {
		kldsim_synth_sysinit(s, name, 0x3800000, 0, m->locals[0], 0);
		kldsim_synth_sysuninit(s, name, 0x3800000, 0, m->locals[0], 0);
	}
	if (m->index % 8 < 3) {
		oid = kldsim_synth_object(s, "sysctl_oid", NULL, 88, 8);
		kldsim_synth_bind(s, oid, KLDSIM_SYNTH_LOCAL);
		for (uint32_t i = 0; i < 8; i++)
			kldsim_synth_set_entry(s, "sysctl_set", oid);
	}
	if (m->rank < 12)
		kldsim_synth_set_entry(s, "sdt_probes_set", m->locals[0]);
	virtual_variables(m);
	for (uint32_t i = 0; i < m->nneeded; i++)
		kldsim_synth_mdt_depend(s, module_name(m->needed[i]), 1, 1, 1);
}

static void
module(const char *dir, uint32_t index)
{
	struct module m = { .index = index, .state = index + 1,
		.rank = index * 397 % MODULES };
	char path[4096];

	m.relocs = RELOCS / (10 * m.rank + 13);
	m.synth = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	module_sections(&m);
	module_locals(&m);
	module_imports(&m);
	module_relocs(&m);
	module_sets(&m);
	other_sections(&m);
	snprintf(path, sizeof path, "%s/%s.ko", dir, module_name(index));
	write_file(m.synth, path);
	free(m.locals);
	free(m.imports);
}

int
main(int argc, char **argv)
{
	if (argc < 3 || argc > 5)
		die("usage", "gen_real FILE DIR [TYPES [LATER]]");
	kernel(argv[1], argc > 3 ? atoi(argv[3]) : 0);
	if (argc == 5) {
		types_later = types_state = 1;
		kernel(argv[4], atoi(argv[3]));
	}
	for (uint32_t i = 0; i < MODULES; i++)
		module(argv[2], i);
	return 0;
}
