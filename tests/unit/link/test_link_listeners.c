/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * sdt.ko is told when a file goes that never came (L-25): it looks for sets in
 * what was made of it (U-15), and follows pointers that nobody has relocated.
 */

#include "support_preload.h"

#include "link/sdt.h"

#define WRITE KERN_ALLOC_WRITE
#define REFUSED_BY_SDT "kernel panic: page fault in sdt_kld_unload_try: the " \
	"file is refused, sdt.ko is told that it goes, and in "

/* sdt.ko, whose handler agrees to everything. */
static struct kldsim_synth *
sdt(uint32_t osreldate)
{
	struct kldsim_synth *m = module_new(osreldate);

	(void)kldsim_synth_declare_module(m, "sdt", kldsim_synth_func(m,
	    "sdt_modevent"), 0x3100000, 0);
	return m;
}

/* A kernel with sdt.ko, which patches tracepoints or does not. */
static int
start(struct kern *kern, uint32_t osreldate, bool patches)
{
	kern_init(kern, osreldate);
	(void)kldsim_synth_object(kern->synth, "sdt_kernel_probe", NULL, 64,
	    8);
	if (patches)
		(void)kldsim_synth_func(kern->synth, "sdt_tracepoint_valid");
	kern_boot(kern);
	return kern_load(kern, sdt(osreldate), "sdt.ko");
}

/* So many zeros in .data under a name, LOCAL. */
static int
zeros(struct kldsim_synth *m, const char *name, uint64_t size)
{
	static const char bytes[96];

	return kldsim_synth_bind(m, kldsim_synth_object(m, name, bytes, size,
	    8), KLDSIM_SYNTH_LOCAL);
}

/* An object with one pointer in it, at an offset; LOCAL. */
static int
with_pointer(struct kldsim_synth *m, const char *name, uint64_t size,
    uint64_t offset, int symbol)
{
	int data = kldsim_synth_section_named(m, ".data"), object;
	uint64_t at = kldsim_synth_align(m, data, 8);

	object = zeros(m, name, size);
	kldsim_synth_pointer(m, data, at + offset, symbol, 0);
	return object;
}

/* A provider and its entry in the set. */
static int
provider(struct kldsim_synth *m)
{
	int name = kldsim_synth_bind(m, kldsim_synth_object(m, "fx_name",
	    "fx", 3, 1), KLDSIM_SYNTH_LOCAL);
	int p = with_pointer(m, "sdt_provider_fx", 40, 0, name);

	(void)kldsim_synth_set_entry(m, "sdt_providers_set", p);
	return p;
}

/* What makes the kernel refuse it, between the local pass and the global. */
static struct kldsim_synth *
needs_nobody(struct kldsim_synth *m)
{
	kldsim_synth_mdt_depend(m, "nobody", 1, 1, 1);
	return m;
}

#define NOBODY "KLD a.ko: depends on nobody - not available or version " \
	"mismatch"

static void
dies(struct kern *kern, struct kldsim_synth *m, const char *code,
    const char *text)
{
	const struct kldsim_finding *finding;

	kern_panic(kern, m, "a.ko");
	finding = kern_finding(kern, code);
	assert_non_null(finding);
	assert_int_equal(finding->severity, KLDSIM_PANIC);
	assert_string_equal(finding->text, text);
}

/* --- providers --- */

/* Local symbols are relocated by then, and the kernel lives on. */
static void
a_local_provider_is_where_it_is(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *m = module_new(releases[i]);
		struct kern kern;

		(void)provider(m);
		(void)start(&kern, releases[i], i == 1);
		kern_refuse(&kern, needs_nobody(m), "a.ko", FB_ENOEXEC);
		assert_console(&kern, NOBODY, UNSUPPORTED("a.ko"));
		kern_fini(&kern);
	}
}

/* With EXPORT_SYMS=YES it is GLOBAL, and its entry is still 0. */
static struct kldsim_synth *
global_provider(uint32_t osreldate)
{
	struct kldsim_synth *m = module_new(osreldate);

	(void)kldsim_synth_bind(m, provider(m), KLDSIM_SYNTH_GLOBAL);
	return m;
}

static void
a_global_provider_is_0(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	(void)start(&kern, R121, false);
	dies(&kern, needs_nobody(global_provider(R121)), "sdt-unload",
	    REFUSED_BY_SDT "set_sdt_providers_set a provider is 0x0, where "
	    "nothing is");
	kern_fini(&kern);
	/* Loaded and unloaded it is all there. */
	(void)start(&kern, R121, false);
	id = kern_load(&kern, global_provider(R121), "a.ko");
	kern_unload(&kern, id);
	kern_fini(&kern);
}

/* Without sdt.ko nobody listens, nor before it is there, nor after. */
static void
nobody_listens_without_sdt(void **state)
{
	struct kern kern;
	int id;

	(void)state;
	kern_start(&kern, R121);
	kern_refuse(&kern, needs_nobody(global_provider(R121)), "a.ko",
	    FB_ENOEXEC);
	id = kern_load(&kern, sdt(R121), "sdt.ko");
	kern_unload(&kern, id);
	kern_refuse(&kern, needs_nobody(global_provider(R121)), "a.ko",
	    FB_ENOEXEC);
	kern_fini(&kern);
}

/* V-09: 15.1 tells nobody of a file that was not linked. */
static void
later_kernels_tell_of_linked_files_alone(void **state)
{
	struct kern kern;

	(void)state;
	(void)start(&kern, R151, true);
	kern_refuse(&kern, needs_nobody(global_provider(R151)), "a.ko",
	    FB_ENOEXEC);
	kern_fini(&kern);
}

/* linker_preload() comes before sdt.ko's SYSINIT. */
static void
a_preloaded_file_is_refused_in_peace(void **state)
{
	struct preloaded world;

	(void)state;
	preloaded_init(&world, R121);
	preloaded_add(&world, sdt(R121), "sdt.ko");
	preloaded_add(&world, needs_nobody(global_provider(R121)), "a.ko");
	preloaded_boot(&world);
	assert_int_equal(kldsim_is_dead(world.kern.sim), false);
	kern_panic(&world.kern, needs_nobody(global_provider(R121)), "b.ko");
	preloaded_fini(&world);
}

/* --- tracepoints (V-75) --- */

/* One of the kernel's probe, from .text+1 to .text+target. */
static struct kldsim_synth *
tracepoint(uint32_t osreldate, unsigned target)
{
	struct kldsim_synth *m = module_new(osreldate);
	int set = kldsim_synth_section(m, "set_sdt_tracepoint_set",
	    KLDSIM_SYNTH_PROGBITS, WRITE, 8);
	int text = kldsim_synth_section_symbol(m,
	    kldsim_synth_section_named(m, ".text"));

	(void)kldsim_synth_func(m, "traced");
	(void)kldsim_synth_append(m, set, NULL, 32);
	kldsim_synth_pointer(m, set, 0, kldsim_synth_ref(m,
	    "sdt_kernel_probe"), 0);
	kldsim_synth_pointer(m, set, 8, text, 1);
	kldsim_synth_pointer(m, set, 16, text, target);
	return m;
}

static void
a_tracepoint_of_the_kernels_probe_is_0(void **state)
{
	struct kern kern;

	(void)state;
	(void)start(&kern, R150, true);
	dies(&kern, needs_nobody(tracepoint(R150, 6)), "sdt-unload",
	    REFUSED_BY_SDT "set_sdt_tracepoint_set a probe is 0x0, where "
	    "nothing is");
	kern_fini(&kern);
	/* One that cannot be patched, or a kernel that patches nothing. */
	(void)start(&kern, R150, true);
	kern_refuse(&kern, needs_nobody(tracepoint(R150, 1)), "a.ko",
	    FB_ENOEXEC);
	kern_fini(&kern);
	(void)start(&kern, R141, false);
	kern_refuse(&kern, needs_nobody(tracepoint(R141, 6)), "a.ko",
	    FB_ENOEXEC);
	kern_fini(&kern);
}

/* Every machine's own test, at its borders; the sums are those of L-25. */
static void
what_can_be_patched(void **state)
{
	static const struct {
		const char *machine;
		uint64_t place, target;
		bool valid;
	} rows[] = {
		{ "amd64", 0xffffffff80200000, 0xffffffff80200000, false },
		{ "amd64", 0xffffffff80200001, 0xffffffff80200006, true },
		{ "amd64", 0xffffffff80200001, 0x1000, false },
		{ "amd64", 0xfffffe0080200000, 0xffffffff80200000, false },
		{ "amd64", 0xfffffffffffffffb, 0xffffffff80200000, false },
		{ "i386", 0x1001, 0x1002, true },
		{ "i386", 0x1001, 0xfff00000, true },
		{ "i386", 0xfffffffb, 0x1000, false },
		{ "arm64", 0xffff000000100000, 0xffff000004100000, true },
		{ "arm64", 0xffff000000100000, 0xffff000004100004, false },
		{ "arm64", 0xffff000004100000, 0xffff000000100000, true },
		{ "arm64", 0xffff000004100000, 0xffff0000000ffffc, false },
		{ "arm64", 0xffff000000100002, 0xffff000000100008, false },
		{ "armv7", 0xc0100000, 0xc0100008, true },
		{ "armv7", 0xc0100000, 0xc010000c, false },
		{ "armv7", 0xc1100000, 0xc0100008, true },
		{ "armv7", 0xc1100000, 0xc0100004, false },
		{ "riscv64", 0xffffffc000100002, 0xffffffc000180002, true },
		{ "riscv64", 0xffffffc000100002, 0xffffffc000180004, false },
		{ "riscv64", 0xffffffc000100001, 0xffffffc000100010, false },
		{ "powerpc", 0x100100, 0x4100100, true },
		{ "powerpc", 0x100100, 0x1000fc, false },
		{ "powerpc64", 0x100100, 0x1000fc, true },
		{ "powerpc64le", 0x100100, 0x4100104, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kldsim__arch *arch;
		size_t at = 0;

		while ((arch = kldsim__arch_at(at++)) != NULL &&
		    strcmp(arch->name, rows[i].machine) != 0)
			;
		assert_non_null(arch);
		if (kldsim__sdt_can_jump(arch, rows[i].place,
		    rows[i].target) != rows[i].valid)
			fail_msg("%s, row %zu", rows[i].machine, i);
	}
}

/* --- arguments and probes --- */

static void
arguments_and_probes_are_followed(void **state)
{
	struct kldsim_synth *m = module_new(R150);
	struct kern kern;
	int probe;

	(void)state;
	/* An argument of the module's own probe: all is there. */
	probe = zeros(m, "probe", 96);
	(void)kldsim_synth_set_entry(m, "sdt_argtypes_set", with_pointer(m,
	    "arg", 48, 40, probe));
	(void)kldsim_synth_set_entry(m, "sdt_probes_set", probe);
	(void)start(&kern, R150, true);
	kern_refuse(&kern, needs_nobody(m), "a.ko", FB_ENOEXEC);
	/* Of the kernel's. */
	m = module_new(R150);
	(void)kldsim_synth_set_entry(m, "sdt_argtypes_set", with_pointer(m,
	    "arg", 48, 40, kldsim_synth_ref(m, "sdt_kernel_probe")));
	dies(&kern, needs_nobody(m), "sdt-unload", REFUSED_BY_SDT
	    "set_sdt_argtypes_set an argument's probe is 0x0, where nothing "
	    "is");
	kern_fini(&kern);
	/* A GLOBAL probe. */
	m = module_new(R150);
	(void)kldsim_synth_set_entry(m, "sdt_probes_set", kldsim_synth_bind(m,
	    zeros(m, "probe", 96), KLDSIM_SYNTH_GLOBAL));
	(void)start(&kern, R150, true);
	dies(&kern, needs_nobody(m), "sdt-unload", REFUSED_BY_SDT
	    "set_sdt_probes_set a probe is 0x0, where nothing is");
	kern_fini(&kern);
	/* 12 looks at providers alone. */
	m = module_new(R121);
	(void)kldsim_synth_set_entry(m, "sdt_probes_set", kldsim_synth_bind(m,
	    zeros(m, "probe", 96), KLDSIM_SYNTH_GLOBAL));
	(void)start(&kern, R121, false);
	kern_refuse(&kern, needs_nobody(m), "a.ko", FB_ENOEXEC);
	kern_fini(&kern);
}

/* --- half made files (U-15) --- */

/* Too big by far: there is no place for it, and no section has a name. */
static struct kldsim_synth *
placeless(void)
{
	struct kldsim_synth *m = module_new(R121);

	(void)module_section(m, ".bss", KLDSIM_SYNTH_NOBITS, WRITE, 8, 64);
	(void)kldsim_synth_func(m, "f");
	kldsim_synth_override(m, "shdr[.bss].sh_size",
	    UINT64_C(0xffffffffffffff00));
	return m;
}

/* All of modspace and more: sections behind it have no names. */
static struct kldsim_synth *
greedy(void)
{
	struct kldsim_synth *m = module_new(R121);

	(void)kldsim_synth_func(m, "f");
	(void)module_section(m, "set_pcpu", KLDSIM_SYNTH_PROGBITS, WRITE, 8,
	    4096);
	(void)module_section(m, "later", KLDSIM_SYNTH_PROGBITS, WRITE, 8, 8);
	return m;
}

/* Two symbol tables: refused when all is counted and nothing is there. */
static struct kldsim_synth *
counted(void)
{
	struct kldsim_synth *m = module_new(R121);

	(void)kldsim_synth_func(m, "f");
	(void)module_section(m, ".symtab2", 2 /* SHT_SYMTAB */, 0, 8, 24);
	return m;
}

static void
sections_without_names_are_compared(void **state)
{
	struct kldsim_synth *(*const makers[])(void) = { placeless, greedy,
		counted };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct kern kern;

		/* The unload itself is harmless (U-14). */
		kern_start(&kern, R121);
		kern_refuse(&kern, makers[i](), "a.ko", FB_ENOEXEC);
		kern_fini(&kern);
		(void)start(&kern, R121, false);
		kern_panic(&kern, makers[i](), "a.ko");
		assert_non_null(strstr(kern_finding(&kern,
		    "half-loaded")->text, "kernel panic: NULL dereference in "
		    "link_elf_lookup_set: the file is refused before all of "
		    "its "));
		kern_fini(&kern);
	}
}

/* The set before the section that is refused is found, and not relocated. */
static void
a_set_that_has_its_name_is_found(void **state)
{
	struct kldsim_synth *m = module_new(R121);
	struct kern kern;

	(void)state;
	(void)provider(m);
	(void)module_section(m, "set_pcpu", KLDSIM_SYNTH_PROGBITS, WRITE, 8,
	    4096);
	(void)start(&kern, R121, false);
	dies(&kern, m, "sdt-unload", REFUSED_BY_SDT
	    "set_sdt_providers_set a provider is 0x0, where nothing is");
	kern_fini(&kern);
}

/* A shared object without a hash table: one more line, for the set of 12. */
static void
a_shared_object_without_a_hash_table_says_so(void **state)
{
	static const char missing[] =
	    "link_elf_lookup_symbol: missing symbol hash table";
	size_t lines[2] = { 0, 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *m = kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_DYN);
		struct kern kern;
		const char *line;

		kldsim_synth_option(m, KLDSIM_SYNTH_OSRELDATE, R121);
		(void)module_slot(m, kldsim_synth_ref(m, "nowhere"), 0);
		/* DT_HASH becomes DT_DEBUG, which nobody reads. */
		kldsim_synth_override(m, "dyn[DT_HASH].d_tag", 21);
		if (i == 0)
			kern_start(&kern, R121);
		else
			(void)start(&kern, R121, false);
		kern_refuse(&kern, m, "a.ko", FB_ENOEXEC);
		for (size_t n = 0; (line = kldsim_console_line(kern.sim,
		    n)) != NULL; n++)
			lines[i] += strcmp(line, missing) == 0;
		kern_fini(&kern);
	}
	assert_true(lines[0] > 0);
	assert_int_equal(lines[1], lines[0] + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_local_provider_is_where_it_is),
		cmocka_unit_test(a_global_provider_is_0),
		cmocka_unit_test(nobody_listens_without_sdt),
		cmocka_unit_test(later_kernels_tell_of_linked_files_alone),
		cmocka_unit_test(a_preloaded_file_is_refused_in_peace),
		cmocka_unit_test(a_tracepoint_of_the_kernels_probe_is_0),
		cmocka_unit_test(what_can_be_patched),
		cmocka_unit_test(arguments_and_probes_are_followed),
		cmocka_unit_test(sections_without_names_are_compared),
		cmocka_unit_test(a_set_that_has_its_name_is_found),
		cmocka_unit_test(a_shared_object_without_a_hash_table_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
