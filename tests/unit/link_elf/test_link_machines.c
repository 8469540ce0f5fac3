/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Kernels of every machine boot: their own file, CPUs and vnets in the
 * machine's word size and byte order, interfaces found through pointers that
 * a relocatable kernel has to make itself (L-18).
 */

#include "support_kern.h"

#include <stdio.h>

#define R122 1202000u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct machine {
	const char *name;
	const char *class_name;  /* L-02 */
	unsigned word;
	bool big;
	uint64_t address;        /* of the kernel's first segment */
	uint64_t heap, heap_end; /* where instances are */
} machines[] = {
	{ "amd64", "elf64", 8, false, 0xffffffff80200000, 0xfffffe0000000000,
	    0xffffffff80000000 },
	{ "i386", "elf32", 4, false, 0x800000, 0x80000000, 0xff000000 },
	{ "arm64", "elf64", 8, false, 0xffff000000000000, 0xffff004000000000,
	    0xffff008000000000 },
	{ "armv7", "elf32", 4, false, 0xc0000000, 0xe0000000, 0xffff0000 },
	{ "riscv64", "elf64", 8, false, 0xffffffc000000000,
	    0xffffffc400000000, 0xffffffc800000000 },
	{ "powerpc", "elf32", 4, true, 0x100000, 0xe0000000, 0xf0000000 },
	{ "powerpc64", "elf64", 8, true, 0x100000, 0xe000000400000000,
	    0xe000000800000000 },
	{ "powerpc64le", "elf64", 8, false, 0x100000, 0xe000000400000000,
	    0xe000000800000000 },
};

static const uint32_t releases[] = { R121, R130, R140, R150 };

/* An integer of the machine. */
static uint64_t
get(const struct kern *kern, const struct machine *machine, uint64_t address,
    unsigned width)
{
	unsigned char bytes[8];
	uint64_t value = 0;

	assert_int_equal(kldsim_read(kern->sim, address, bytes, width),
	    KLDSIM_OK);
	for (unsigned i = 0; i < width; i++)
		value = value << 8 | bytes[machine->big ? i : width - 1 - i];
	return (value);
}

static void
boot(struct kern *kern, const struct machine *machine, uint32_t osreldate)
{
	kern_init_machine(kern, machine->name, osreldate);
	kldsim_synth_dpcpu(kern->synth, "cpuvar", "\1\2\3\4", 4, 4);
	kldsim_synth_vnet(kern->synth, "netvar", "\5\6\7\10", 4, 4);
	kldsim_synth_mdt_version(kern->synth, "another", 42);
	kern->options.cpus = 3;
	kern->options.vnets = 2;
	kern_boot(kern);
}

static void
check_file(const struct kern *kern, const struct machine *machine)
{
	struct kldsim_filestat stat = kern_stat(kern, 1);

	assert_string_equal(stat.name, "kernel");
	assert_string_equal(stat.class_name, machine->class_name);
	assert_true(stat.address == machine->address);
	assert_int_equal(kldsim_osreldate(kern->sim), kern->osreldate);
	assert_int_equal(kldsim_console_count(kern->sim), 0);
	assert_true(kern_sym(kern, 1, "printf") ==
	    kern_symbol(kern, "printf"));
}

/* dpcpu_off[] in words of the machine; the area begins as its set. */
static void
check_cpus(const struct kern *kern, const struct machine *machine)
{
	const uint64_t array = kern_symbol(kern, "dpcpu_off");
	const uint64_t variable = kern_symbol(kern, "pcpu_entry_cpuvar");

	for (unsigned i = 0; i < 3; i++) {
		struct kldsim_instance cpu;

		assert_int_equal(kldsim_set_instance(kern->sim, KLDSIM_SET_DPCPU,
		    i, &cpu), KLDSIM_OK);
		assert_true(cpu.area >= machine->heap &&
		    cpu.area < machine->heap_end);
		/* Of 32 bits, where addresses have no more. */
		assert_true(get(kern, machine, array + i * machine->word,
		    machine->word) == (machine->word == 4 ?
		    (uint32_t)cpu.base : cpu.base));
		assert_true(get(kern, machine, cpu.base + variable, 4) ==
		    (machine->big ? 0x01020304 : 0x04030201));
	}
	assert_true(get(kern, machine, array + 3 * machine->word,
	    machine->word) == 0);
}

static void
check_vnets(const struct kern *kern, const struct machine *machine)
{
	const uint64_t variable = kern_symbol(kern, "vnet_entry_netvar");

	for (unsigned i = 0; i < 2; i++) {
		struct kldsim_instance vnet;

		assert_int_equal(kldsim_set_instance(kern->sim, KLDSIM_SET_VNET,
		    i, &vnet), KLDSIM_OK);
		assert_true(vnet.area >= machine->heap &&
		    vnet.area < machine->heap_end);
		assert_true(get(kern, machine, vnet.base + variable, 4) ==
		    (machine->big ? 0x05060708 : 0x08070605));
	}
}

/* set_modmetadata_set: pointers to pointers to texts, in declared order. */
static void
check_interfaces(const struct kern *kern)
{
	struct kldsim_interface interface;

	assert_int_equal(kern_stat(kern, 1).ninterfaces, 2);
	assert_int_equal(kldsim_file_interface(kern->sim, 1, 0, &interface),
	    KLDSIM_OK);
	assert_string_equal(interface.name, "another");
	assert_int_equal(interface.version, 42);
	assert_int_equal(kldsim_file_interface(kern->sim, 1, 1, &interface),
	    KLDSIM_OK);
	assert_string_equal(interface.name, "kernel");
	assert_int_equal(interface.version, kern->osreldate);
}

static void
kernels_of_all_machines_boot(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++)
		for (size_t r = 0; r < COUNT(releases); r++) {
			struct kern kern;

			boot(&kern, &machines[i], releases[r]);
			check_file(&kern, &machines[i]);
			check_cpus(&kern, &machines[i]);
			check_vnets(&kern, &machines[i]);
			check_interfaces(&kern);
			kern_fini(&kern);
		}
}

/* L-18: linkers leave pointers of such kernels to their relocations. */
static void
relocatable_kernels_relocate_themselves(void **state)
{
	static const struct {
		const char *machine, *type;
	} rows[] = { { "powerpc", "R_PPC_RELATIVE" },
		{ "powerpc64", "R_PPC64_RELATIVE" },
		{ "powerpc64le", "R_PPC64_RELATIVE" } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct machine *machine = machines;
		struct kern kern;
		uint64_t at;
		int data, symbol;

		while (strcmp(machine->name, rows[i].machine) != 0)
			machine++;
		kern_init_machine(&kern, machine->name, R150);
		data = kldsim_synth_section_named(kern.synth, ".data");
		at = kldsim_synth_append(kern.synth, data, NULL, 16);
		symbol = kldsim_synth_symbol(kern.synth, "pointer",
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, data, at, 16);
		(void)kldsim_synth_reloc(kern.synth, data, at, rows[i].type,
		    0, 0x123456);
		kern_boot(&kern);
		assert_true(symbol > 0);
		at = kern_symbol(&kern, "pointer");
		assert_true(get(&kern, machine, at, machine->word) ==
		    0x123456);
		assert_true(get(&kern, machine, at + machine->word,
		    machine->word) == 0);
		kern_fini(&kern);
	}
}

static uint64_t
found(const struct kern *kern, const char *name)
{
	kldsim_addr address;
	kldsim_size size;

	assert_int_equal(kldsim_kldsym(kern->sim, 1, name, &address, &size),
	    KLDSIM_OK);
	return address;
}

/*
 * L-18: a kernel as it is built keeps its own bounds in two variables that only
 * relocations fill.  It is one segment at 0x100000, its text 0x100 behind.
 */
static void
built_kernels_know_where_they_are(void **state)
{
	static const char *const names[] = { "powerpc", "powerpc64",
		"powerpc64le" };
	const struct machine *machine = machines;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct kern kern = { .synth = NULL };
		char path[4096];

		while (strcmp(machine->name, names[i]) != 0)
			machine++;
		(void)snprintf(path, sizeof(path),
		    "%s/%s/boot/kernel/kernel", KLDSIM_FIXTURES, names[i]);
		if (kldsim_image_open(path, &kern.image, &kern.error) !=
		    KLDSIM_OK)
			skip();
		kldsim_options_init(&kern.options, sizeof(kern.options));
		kern_boot(&kern);
		assert_true(kern_stat(&kern, 1).address == 0x100000);
		assert_true(get(&kern, machine, found(&kern,
		    "__startkernel"), machine->word) == 0x100100);
		assert_true(get(&kern, machine, found(&kern, "__endkernel"),
		    machine->word) == found(&kern, "end"));
		kern_fini(&kern);
	}
}

/*
 * D-66: the kernel's own site of an ifunc.  It begins as 'A', 'B', ... and the
 * answer is `other`, an object that begins as 'a', 'b', ...
 */
static void
boot_with_site(struct kern *kern, const struct machine *machine,
    uint32_t osreldate, uint32_t elf_flags, const char *type, int64_t addend)
{
	static const struct kldsim_ifunc answer = { NULL, "choose", "other",
		0 };
	uint64_t at;
	int data;

	kern_init_machine(kern, machine->name, osreldate);
	if (elf_flags != 0)
		kldsim_synth_option(kern->synth, KLDSIM_SYNTH_E_FLAGS,
		    elf_flags);
	data = kldsim_synth_section_named(kern->synth, ".data");
	at = kldsim_synth_append(kern->synth, data,
	    "abcdefghijklmnopqrstuvwxABCDEFGHIJKLMNOPQRSTUVWXYZ......", 56);
	(void)kldsim_synth_symbol(kern->synth, "other", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, at, 24);
	(void)kldsim_synth_symbol(kern->synth, "site", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_OBJECT, data, at + 24, 32);
	(void)kldsim_synth_reloc(kern->synth, data, at + 24, type,
	    kldsim_synth_symbol(kern->synth, "choose", KLDSIM_SYNTH_GLOBAL,
	    10 /* GNU_IFUNC */, kldsim_synth_section_named(kern->synth,
	    ".text"), 0, 1), addend);
	kern->options.ifuncs = &answer;
	kern->options.nifuncs = 1;
	kern_boot(kern);
}

static void
sites_of_ifuncs_are_patched_as_the_machine_does(void **state)
{
	/* What is at the site is other's address and `add`. */
	static const struct {
		const char *machine, *type;
		uint32_t osreldate, elf_flags;
		int64_t addend, add;
	} rows[] = {
		{ "amd64", "R_X86_64_64", R121, 0, 5, 5 },
		{ "i386", "R_386_32", R121, 0, 5, 5 },     /* REL */
		{ "arm64", "R_AARCH64_JUMP_SLOT", R121, 0, 5, 5 },
		{ "powerpc64", "R_PPC64_ADDR64", R150, 0, 5, 5 },
		{ "powerpc64", "R_PPC64_JMP_SLOT", R150, 0, 5, 0 },
		{ "powerpc64le", "R_PPC64_JMP_SLOT", R150, 0, 5, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct machine *machine = machines;
		struct kern kern;
		uint64_t site;

		while (strcmp(machine->name, rows[i].machine) != 0)
			machine++;
		boot_with_site(&kern, machine, rows[i].osreldate,
		    rows[i].elf_flags, rows[i].type, rows[i].addend);
		site = kern_symbol(&kern, "site");
		assert_hex(get(&kern, machine, site, machine->word),
		    kern_symbol(&kern, "other") + (uint64_t)rows[i].add);
		/* Behind it, the next letter stands untouched. */
		assert_int_equal(get(&kern, machine, site + machine->word, 1),
		    'A' + machine->word);
		kern_fini(&kern);
	}
}

/* D-66: where the kernel has no such pass. */
static void
sites_that_no_kernel_patches(void **state)
{
	static const struct {
		const char *machine, *type;
		uint32_t osreldate;
		uint32_t site; /* REL has its addend there */
	} rows[] = {
		{ "armv7", "R_ARM_ABS32", R121, 5 },
		{ "armv7", "R_ARM_ABS32", R150, 5 },
		{ "riscv64", "R_RISCV_64", R121, 0x44434241 },
		{ "riscv64", "R_RISCV_64", R150, 0x44434241 },
		{ "powerpc64", "R_PPC64_ADDR64", R121, 0x41424344 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct machine *machine = machines;
		struct kern kern;

		while (strcmp(machine->name, rows[i].machine) != 0)
			machine++;
		boot_with_site(&kern, machine, rows[i].osreldate, 0,
		    rows[i].type, 5);
		assert_hex(get(&kern, machine, kern_symbol(&kern, "site"), 4),
		    rows[i].site);
		kern_fini(&kern);
	}
}

/* 6.5: descriptors and words are copied from where the symbol is. */
static void
sites_that_are_copies_of_memory(void **state)
{
	static const struct {
		uint32_t osreldate, elf_flags;
		const char *site; /* 25 bytes of it */
	} rows[] = {
		{ R150, 1, "abcdefghijklmnopqrstuvwxY" },
		/* 12 has no such pass (D-66). */
		{ R121, 1, "ABCDEFGHIJKLMNOPQRSTUVWXY" },
		{ R121, 2, "ABCDEFGHIJKLMNOPQRSTUVWXY" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct machine *machine = machines;
		unsigned char bytes[25];
		struct kern kern;

		while (strcmp(machine->name, "powerpc64") != 0)
			machine++;
		boot_with_site(&kern, machine, rows[i].osreldate,
		    rows[i].elf_flags, "R_PPC64_JMP_SLOT", 0);
		assert_int_equal(kldsim_read(kern.sim, kern_symbol(&kern,
		    "site"), bytes, sizeof(bytes)), KLDSIM_OK);
		assert_memory_equal(bytes, rows[i].site, sizeof(bytes));
		kern_fini(&kern);
	}
}

/* V-47, R-13: a branch of the kernel's own; `other` is 24 bytes before. */
static void
sites_that_are_branches(void **state)
{
	const struct machine *machine = machines;
	struct kern kern;

	(void)state;
	while (strcmp(machine->name, "arm64") != 0)
		machine++;
	boot_with_site(&kern, machine, R122, 0, "R_AARCH64_CALL26", 0);
	/* -24 >> 2 is -6: 0x3fffffa in 26 bits, or'ed into "ABCD". */
	assert_hex(get(&kern, machine, kern_symbol(&kern, "site"), 4),
	    0x44434241 | 0x3fffffa);
	kern_fini(&kern);
	/* 12.1 has no such type: the site stays. */
	boot_with_site(&kern, machine, R121, 0, "R_AARCH64_CALL26", 0);
	assert_hex(get(&kern, machine, kern_symbol(&kern, "site"), 4),
	    0x44434241);
	kern_fini(&kern);
}

/* L-18: a relocation of the kernel's own for a place that it has not. */
static void
a_kernel_that_would_write_elsewhere_is_no_kernel(void **state)
{
	struct kern kern;
	int data;

	(void)state;
	kern_init_machine(&kern, "powerpc64", R150);
	data = kldsim_synth_section_named(kern.synth, ".data");
	(void)kldsim_synth_append(kern.synth, data, NULL, 8);
	(void)kldsim_synth_reloc(kern.synth, data, 0x7000000,
	    "R_PPC64_RELATIVE", 0, 0x1000);
	assert_int_equal(kern_try_boot(&kern), KLDSIM_MALFORMED);
	assert_non_null(strstr(kern.error.text,
	    "a relocation of its own where nothing is"));
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_of_all_machines_boot),
		cmocka_unit_test(relocatable_kernels_relocate_themselves),
		cmocka_unit_test(built_kernels_know_where_they_are),
		cmocka_unit_test(
		    sites_of_ifuncs_are_patched_as_the_machine_does),
		cmocka_unit_test(sites_that_no_kernel_patches),
		cmocka_unit_test(sites_that_are_copies_of_memory),
		cmocka_unit_test(sites_that_are_branches),
		cmocka_unit_test(
		    a_kernel_that_would_write_elsewhere_is_no_kernel),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
