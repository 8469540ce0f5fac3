/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside readers read every synthesized file without complaint: readelf,
 * llvm-readelf and eu-elflint, those of them that this host has.
 *
 * eu-elflint knows STT_GNU_IFUNC only for ELFOSABI_GNU and ELFOSABI_LINUX, so
 * "unknown type" for an ifunc of a FreeBSD file is not a complaint.
 */

#define _POSIX_C_SOURCE 200809L

#include "support_scratch.h"
#include "support_synth_file.h"

#include <unistd.h>

struct reader {
	const char *program;
	const char *command; /* prints complaints only, about file $1 */
};

/* readelf prints some of its complaints among the rest. */
static const struct reader readers[] = {
	{"readelf", "{ readelf -aW \"$1\" 2>&3 | "
	    "grep -i 'warning:\\|error:'; } 3>&1"},
	{"llvm-readelf", "{ llvm-readelf -a \"$1\" 2>&3 | "
	    "grep -i 'warning:\\|error:'; } 3>&1"},
	{"eu-elflint", "eu-elflint --gnu-ld -q \"$1\" 2>&1 | "
	    "grep -v 'an_ifunc): unknown type'"},
};

static char path[SCRATCH_PATH];

static bool
has(const char *program)
{
	char command[100];

	(void)snprintf(command, sizeof(command),
	    "command -v %s >/dev/null 2>&1", program);
	return system(command) == 0;
}

static void
complain(const struct reader *reader, const char *what)
{
	char command[600], line[300] = "";
	FILE *pipe;

	(void)snprintf(command, sizeof(command), "set -- '%s'; %s", path,
	    reader->command);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	if (fgets(line, sizeof(line), pipe) != NULL)
		fail_msg("%s: %s: %s", reader->program, what, line);
	(void)pclose(pipe);
}

static void
read_outside(struct kldsim_synth *s, const char *what)
{
	struct kldsim_error error;
	size_t i;

	if (kldsim_synth_write(s, path, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	kldsim_synth_free(s);
	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (has(readers[i].program))
			complain(&readers[i], what);
}

/* Everything that goes into a kernel or a module. */
static void
fill(struct kldsim_synth *s)
{
	int func = kldsim_synth_func(s, "a_func");
	int data = kldsim_synth_section_named(s, ".data");
	int comment = kldsim_synth_section_named(s, ".comment");

	kldsim_synth_symbol(s, "file.c", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_FILE, KLDSIM_SYNTH_ABS, 0, 0);
	kldsim_synth_bind(s, func, KLDSIM_SYNTH_LOCAL);
	kldsim_synth_func(s, "exported");
	kldsim_synth_ifunc(s, "an_ifunc");
	kldsim_synth_object(s, "bss", NULL, 1000, 64);
	kldsim_synth_symbol(s, "absolute", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_NOTYPE, KLDSIM_SYNTH_ABS, 0x42, 0);
	kldsim_synth_append(s, comment, "kldsim", 7);
	kldsim_synth_pointer(s, data, kldsim_synth_append(s, data, NULL, 8),
	    kldsim_synth_ref(s, "bss"), 4);
	kldsim_synth_pointer(s, data, kldsim_synth_append(s, data, NULL, 8),
	    kldsim_synth_ref(s, "undefined"), 4);
	kldsim_synth_pointer(s, data, kldsim_synth_append(s, data, NULL, 8),
	    kldsim_synth_weak_ref(s, "weak_undefined"), 0);
	kldsim_synth_vnet(s, "v", "\5\0\0\0", 4, 4);
	kldsim_synth_dpcpu_pointer(s, "p", func, 0);
	kldsim_synth_declare_module(s, "foo", func, 0x3100000, 0x1000000);
	kldsim_synth_mdt_version(s, "foo", 1);
	kldsim_synth_mdt_depend(s, "bar", 1, 2, 3);
	kldsim_synth_mdt_pnp(s, "pci", "U16:vendor;",
	    kldsim_synth_ref(s, "bss"), 4, 2);
	kldsim_synth_sysuninit(s, "foo", 0x3800000, 0, func, 0);
	kldsim_synth_ctor(s, ".ctors", func);
	kldsim_synth_ctor(s, ".init_array", func);
	kldsim_synth_ctor(s, ".fini_array", func);
}

static void
files_of_every_machine_and_kind(void **state)
{
	static const enum kldsim_synth_kind kinds[] = {KLDSIM_SYNTH_REL,
		KLDSIM_SYNTH_DYN, KLDSIM_SYNTH_KERNEL};
	struct kldsim_synth *s;
	const char *machine;
	char what[64];
	size_t i, k;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		if (is_generic(machine))
			continue;
		for (k = 0; k < 3; k++) {
			s = kldsim_synth_new(machine, kinds[k]);
			fill(s);
			kldsim_synth_option(s, KLDSIM_SYNTH_GNU_HASH, k == 1);
			kldsim_synth_option(s, KLDSIM_SYNTH_RELRO, k == 2);
			(void)snprintf(what, sizeof(what), "%s kind %d",
			    machine, (int)kinds[k]);
			read_outside(s, what);
		}
	}
}

static void
the_smallest_files(void **state)
{
	struct kldsim_synth *s;
	const char *machine;
	size_t i;

	(void)state;
	for (i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		if (is_generic(machine))
			continue;
		s = kldsim_synth_new(machine, KLDSIM_SYNTH_KERNEL);
		read_outside(s, machine);
		s = kldsim_synth_new(machine, KLDSIM_SYNTH_MODULE);
		kldsim_synth_func(s, "f");
		read_outside(s, machine);
	}
}

static int
make_path(void **state)
{
	int fd;

	(void)state;
	scratch_template(path, "synth");
	fd = mkstemp(path);
	return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int
remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_every_machine_and_kind),
		cmocka_unit_test(the_smallest_files),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
