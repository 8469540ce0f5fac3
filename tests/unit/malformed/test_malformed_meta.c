/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Modules whose metadata and SYSINITs are wrong (K-22 to K-33, M-20, M-30,
 * Z-70 to Z-80), and files that are no modules because of what they are to the
 * file system (K-21).
 */

#include "support_malformed.h"
#include "support_scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFUSED(text, list) .outcome = MALFORMED_REFUSED, \
	.error = MALFORMED_ENOEXEC, .console = text "\n" MALFORMED_NOBODY, \
	.findings = list
#define PANICS(code) .outcome = MALFORMED_PANICS, .findings = "panic " code
#define LOADED(code) .outcome = MALFORMED_LOADED, .findings = "warning " code
#define DEPENDS(name) "KLD {name}: depends on " name \
	" - not available or version mismatch"

enum { MDT_DEPEND = 1, MDT_MODULE = 2, MDT_VERSION = 3 };

static int
data(struct kldsim_synth *m)
{
	return (kldsim_synth_section_named(m, ".data"));
}

/* An entry of a set that points to this address. */
static void
entry_at(struct kldsim_synth *m, const char *set, uint64_t address)
{
	kldsim_synth_set_entry(m, set, kldsim_synth_symbol(m, "odd",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS,
	    address, 0));
}

static void
entry_nowhere(struct kldsim_synth *m)
{
	entry_at(m, "modmetadata_set", 0x1000);
}

static void
entry_null(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_modmetadata_set"), NULL, 8);
}

static void
entry_wild(struct kldsim_synth *m)
{
	entry_at(m, "modmetadata_set", 0xfffffffffffffffc);
}

/* A symbol for an address where nothing is. */
static int
nowhere(struct kldsim_synth *m)
{
	return (kldsim_synth_symbol(m, "nowhere", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, KLDSIM_SYNTH_ABS, 0x1000, 0));
}

static void
version_data_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_VERSION, nowhere(m), "foo");
}

static void
version_data_null(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_VERSION, 0, "foo");
}

static void
version_unnamed(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_VERSION,
	    kldsim_synth_find_symbol(m, "m_data"), NULL);
}

static void
depend_data_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_DEPEND, nowhere(m), "foo");
}

static void
depend_unnamed(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_DEPEND,
	    kldsim_synth_find_symbol(m, "m_data"), NULL);
}

static void
module_data_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_MODULE, nowhere(m), "foo");
}

/* A moduledata of zeros: its name is NULL. */
static void
module_unnamed(struct kldsim_synth *m)
{
	int section = data(m);
	uint64_t at = kldsim_synth_append(m, section, NULL, 24);

	kldsim_synth_mdt(m, "foo", MDT_MODULE, kldsim_synth_symbol(m, "md",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, section, at, 24), "foo");
}

/* Text without an end: the last page of the mapping is full of it. */
static int
endless(struct kldsim_synth *m)
{
	char page[4096];
	int section = kldsim_synth_section(m, ".tail", KLDSIM_SYNTH_PROGBITS,
	    KLDSIM_SYNTH_ALLOC, 4096);

	memset(page, 'A', sizeof(page));
	kldsim_synth_append(m, section, page, sizeof(page));
	return (kldsim_synth_symbol(m, "endless", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, section, 4000, 96));
}

static void
version_endless(struct kldsim_synth *m)
{
	int section = data(m);
	uint64_t at = kldsim_synth_append(m, section, "\1\0\0\0\3\0\0\0", 8);

	kldsim_synth_append(m, section, NULL, 16);
	kldsim_synth_pointer(m, section, at + 8,
	    kldsim_synth_find_symbol(m, "m_data"), 0);
	kldsim_synth_bind(m, kldsim_synth_find_symbol(m, "m_data"),
	    KLDSIM_SYNTH_LOCAL);
	kldsim_synth_set_entry(m, "modmetadata_set", kldsim_synth_symbol(m,
	    "mm", KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, section, at, 24));
	kldsim_synth_pointer(m, section, at + 16, endless(m), 0);
}

static void
module_endless(struct kldsim_synth *m)
{
	int section = data(m);
	uint64_t at = kldsim_synth_append(m, section, NULL, 24);

	kldsim_synth_mdt(m, "foo", MDT_MODULE, kldsim_synth_symbol(m, "md",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, section, at, 24), "foo");
	kldsim_synth_pointer(m, section, at, endless(m), 0);
}

/* What global symbols make of metadata is too late for it (Z-72, M-04). */
static void
version_global(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", MDT_VERSION, kldsim_synth_ref(m,
	    "foo_one"), "foo");
}

/* 12 bytes are one entry and a half. */
static void
set_partial(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "foo", 1);
	kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_modmetadata_set"), NULL, 4);
}

static void
struct_version(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "foo", 1);
	/* md_version of the structure that is last in .data */
	kldsim_synth_override(m, "byte[.data][16]", 7);
}

static void
unknown_type(struct kldsim_synth *m)
{
	kldsim_synth_mdt(m, "foo", 99, nowhere(m), "foo");
}

static const struct malformed entry_cases[] = {
	{ "entry-nowhere", "Z-70", entry_nowhere, PANICS("module-metadata") },
	{ "entry-null", "Z-70", entry_null, PANICS("module-metadata") },
	{ "entry-wild", "Z-70", entry_wild, PANICS("module-metadata") },
	{ "version-data-nowhere", "Z-70", version_data_nowhere,
	    PANICS("module-metadata") },
	{ "version-data-null", "Z-70", version_data_null,
	    PANICS("module-metadata") },
	{ "version-unnamed", "Z-70", version_unnamed,
	    PANICS("module-metadata") },
	{ "version-endless", "Z-70", version_endless,
	    PANICS("module-metadata") },
	{ "depend-data-nowhere", "Z-70", depend_data_nowhere,
	    PANICS("module-metadata") },
	{ "depend-unnamed", "Z-70", depend_unnamed,
	    PANICS("module-metadata") },
	{ "module-data-nowhere", "Z-70", module_data_nowhere,
	    PANICS("module-metadata") },
	{ "module-unnamed", "Z-73", module_unnamed, PANICS("module-name") },
	{ "module-endless", "Z-73", module_endless, PANICS("module-name") },
	{ "version-global", "Z-72,M-04", version_global,
	    PANICS("module-metadata") },
	{ "set-partial", "Z-71,O-65", set_partial, .outcome =
	    MALFORMED_PANICS, .findings =
	    "warning module-metadata, panic module-metadata" },
	{ "struct-version", "Z-70,M-01", struct_version,
	    LOADED("module-metadata") },
	/* Only what is of a known type is followed (M-02). */
	{ "unknown-type", "M-02", unknown_type,
	    .outcome = MALFORMED_LOADED },
};

/* --- names that clash, versions that do not fit --- */

static void
module_taken(struct kldsim_synth *m)
{
	kldsim_synth_mdt_module(m, "kmod", 0, 0);
}

static void
interface_taken(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "kernel", 1201000);
}

static void
interface_any(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "kernel", 0);
}

static void
interface_twice(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "foo", 3);
	kldsim_synth_mdt_version(m, "foo", 3);
}

static void
provides_kernel(struct kldsim_synth *m)
{
	kldsim_synth_mdt_version(m, "kernel", 1300000);
}

static void
depend_kernel(struct kldsim_synth *m)
{
	kldsim_synth_mdt_depend(m, "kernel", 1300000, 1300000, 1399999);
}

static void
depend_missing(struct kldsim_synth *m)
{
	kldsim_synth_mdt_depend(m, "foo", 1, 1, 1);
}

/* Nothing fits a range whose end is before its beginning (M-11). */
static void
depend_backwards(struct kldsim_synth *m)
{
	kldsim_synth_mdt_depend(m, "kernel", 1299999, 5, 1200000);
}

static const struct malformed clash_cases[] = {
	{ "module-taken", "M-20,K-22", module_taken,
	    .outcome = MALFORMED_REFUSED, .error = MALFORMED_EEXIST,
	    .console = "module_register: cannot register kmod from {name}; "
	    "already loaded from kernel\n"
	    "Module kmod failed to register: 17" },
	{ "interface-taken", "K-30,K-21", interface_taken, REFUSED(
	    "interface kernel.1201000 already present in the KLD 'kernel'!",
	    NULL) },
	{ "interface-any", "K-30,L-13", interface_any, REFUSED(
	    "interface kernel.0 already present in the KLD 'kernel'!",
	    NULL) },
	/* main stops at the first class that says EEXIST (K-20). */
	{ "interface-taken-main", "K-20,K-21", interface_taken,
	    .outcome = MALFORMED_REFUSED, .error = MALFORMED_EEXIST,
	    .console = "interface kernel.1201000 already present in the KLD "
	    "'kernel'!", .osreldate = 1600000 },
	{ "interface-twice", "Z-76,K-30", interface_twice,
	    .console = "module foo already present!",
	    LOADED("interface-twice") },
	{ "provides-kernel", "Z-78", provides_kernel,
	    LOADED("provides-kernel") },
	{ "depend-kernel", "K-33,M-11", depend_kernel,
	    REFUSED(DEPENDS("kernel"), "warning dependency") },
	{ "depend-kernel-main", "K-33,K-20", depend_kernel,
	    .outcome = MALFORMED_REFUSED, .error = MALFORMED_EEXIST,
	    .console = DEPENDS("kernel"), .findings = "warning dependency",
	    .osreldate = 1600000 },
	{ "depend-missing", "K-30", depend_missing,
	    REFUSED(DEPENDS("foo"), "warning dependency") },
	{ "depend-backwards", "K-30,M-11", depend_backwards,
	    REFUSED(DEPENDS("kernel"), "warning dependency") },
};

/* --- SYSINITs --- */

static void
sysinit_nowhere(struct kldsim_synth *m)
{
	entry_at(m, "sysinit_set", 0x1000);
}

static void
sysinit_null(struct kldsim_synth *m)
{
	kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_sysinit_set"), NULL, 8);
}

static void
sysinit_func_nowhere(struct kldsim_synth *m)
{
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0, nowhere(m), 0);
}

static void
sysinit_func_null(struct kldsim_synth *m)
{
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0, 0, 0);
}

/* SI_SUB_DUMMY is not called, whatever it is (M-31). */
static void
sysinit_dummy(struct kldsim_synth *m)
{
	kldsim_synth_sysinit(m, "foo", 0, 0, 0, 0);
}

static void
sysinit_partial(struct kldsim_synth *m)
{
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0,
	    kldsim_synth_find_symbol(m, "m_init"), 0);
	kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_sysinit_set"), NULL, 4);
}

static void
register_nothing(struct kldsim_synth *m)
{
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0,
	    kldsim_synth_ref(m, "module_register_init"), 0);
}

/* MOD_LOAD for a module that the file does not have (M-21). */
static void
register_unknown(struct kldsim_synth *m)
{
	int section = data(m);
	uint64_t at = kldsim_synth_append(m, section, "nomod\0\0", 8);
	uint64_t md = kldsim_synth_append(m, section, NULL, 24);

	kldsim_synth_pointer(m, section, md, kldsim_synth_symbol(m, "name",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_OBJECT, section, at, 8), 0);
	kldsim_synth_sysinit(m, "foo", 0x3800000, 0,
	    kldsim_synth_ref(m, "module_register_init"),
	    kldsim_synth_symbol(m, "md", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, section, md, 24));
}

/* More entries than a simulator cares to sort as the kernel does. */
static void
too_many(struct kldsim_synth *m, const char *set)
{
	kldsim_synth_append(m, kldsim_synth_section(m, set,
	    KLDSIM_SYNTH_NOBITS, KLDSIM_SYNTH_WRITE | KLDSIM_SYNTH_ALLOC, 8),
	    NULL, 8 * (16384 + 1));
}

static void
too_many_sysinits(struct kldsim_synth *m)
{
	too_many(m, "set_sysinit_set");
}

static void
too_many_metadata(struct kldsim_synth *m)
{
	too_many(m, "set_modmetadata_set");
}

#define LIMIT(text) .outcome = MALFORMED_HOST, .status = KLDSIM_LIMIT, \
	.message = text

static const struct malformed sysinit_cases[] = {
	{ "sysinit-nowhere", "Z-74", sysinit_nowhere,
	    PANICS("sysinit-entry") },
	{ "sysinit-null", "Z-74", sysinit_null, PANICS("sysinit-entry") },
	{ "sysinit-func-nowhere", "Z-74,M-31", sysinit_func_nowhere,
	    PANICS("sysinit-entry") },
	{ "sysinit-func-null", "Z-74,M-31", sysinit_func_null,
	    PANICS("sysinit-entry") },
	{ "sysinit-dummy", "M-31", sysinit_dummy,
	    .outcome = MALFORMED_LOADED },
	{ "sysinit-partial", "Z-71,Z-74", sysinit_partial, .outcome =
	    MALFORMED_PANICS, .findings =
	    "warning module-metadata, panic sysinit-entry" },
	{ "register-nothing", "M-21,Z-73", register_nothing,
	    PANICS("module-name") },
	{ "register-unknown", "M-21", register_unknown,
	    PANICS("module-name") },
	{ "too-many-sysinits", "M-30", too_many_sysinits,
	    LIMIT("set_sysinit_set: 16385, over the limit") },
	{ "too-many-metadata", "Z-70", too_many_metadata,
	    LIMIT("set_modmetadata_set: 16385, over the limit") },
	{ "set-limit-given", "M-30", sysinit_partial,
	    LIMIT("over the limit"), .limits = { .set_entries = 3 },
	    .set = { { "shdr[set_sysinit_set].sh_size", 40 } } },
};

/* --- what the file system has instead of a module --- */

static void
check_path(struct kldsim *sim, const char *path, int error,
    const char *console)
{
	struct malformed_state before = malformed_state(sim, true);
	struct kldsim_result result;
	struct kldsim_error host;

	if (kldsim_kldload(sim, path, &result, &host) != KLDSIM_OK)
		fail_msg("%s: %s", path, host.text);
	if (result.error != error)
		fail_msg("%.40s: %s and not %s", path,
		    kldsim_errno_name(result.error),
		    kldsim_errno_name(error));
	assert_false(result.panicked);
	assert_int_equal(result.fileid, -1);
	assert_int_equal(result.nconsole, console != NULL ? 1 : 0);
	malformed_state_same(&before, sim, true, path);
}

/* K-21, its first three rows; K-01. */
static void
test_paths(void **state)
{
	struct kldsim_synth *k = malformed_kernel();
	struct malformed_bytes bytes = malformed_finish(k);
	struct kldsim_image *image = malformed_image(&bytes, "kernel");
	struct kldsim *sim = malformed_boot(image, NULL);
	char dir[SCRATCH_PATH];
	char path[2048];

	(void)state;
	kldsim_synth_free(k);
	scratch_folder(dir, "malformed");
	check_path(sim, dir, MALFORMED_ENOEXEC, NULL);
	check_path(sim, "/", MALFORMED_ENOEXEC, NULL);
	check_path(sim, "/dev/null", MALFORMED_ENOEXEC, NULL);
	(void)snprintf(path, sizeof(path), "%s/x.ko", dir);
	check_path(sim, path, MALFORMED_ENOENT, NULL);
	assert_int_equal(mkfifo(path, 0600), 0);
	check_path(sim, path, MALFORMED_ENOEXEC, NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("x.ko", path), 0); /* ELOOP */
	check_path(sim, path, MALFORMED_ENOEXEC, NULL);
	assert_int_equal(unlink(path), 0);
	check_path(sim, "/dev/null/x.ko", MALFORMED_ENOEXEC, NULL);
	if (geteuid() != 0) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(path, 0), 0);
		check_path(sim, path, MALFORMED_ENOEXEC, NULL);
		assert_int_equal(unlink(path), 0);
	}
	memset(path, '/', 1024);
	memcpy(path, dir, strlen(dir));
	memcpy(path + 1019, "x.ko", 5);
	check_path(sim, path, MALFORMED_ENOENT, NULL);
	path[1023] = 'x';
	path[1024] = '\0';
	check_path(sim, path, MALFORMED_ENAMETOOLONG, NULL);
	assert_int_equal(rmdir(dir), 0);
	kldsim_destroy(sim);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes.data);
}

/* --- more than one load --- */

/* A module in a simulated kernel; its bytes are borrowed as long as it is. */
struct guest {
	struct malformed_bytes bytes;
	struct kldsim_image *image;
	struct kldsim_result result;
};

static void
load(struct kldsim *sim, struct kldsim_synth *m, const char *path,
    struct guest *guest)
{
	struct kldsim_error error;

	guest->bytes = malformed_finish(m);
	kldsim_synth_free(m);
	guest->image = malformed_image(&guest->bytes, path);
	if (kldsim_kldload_image(sim, guest->image, path, &guest->result,
	    &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	malformed_findings_speak(sim, &guest->result);
}

static void
let_go(struct guest *guest)
{
	kldsim_image_unref(guest->image);
	kldsim_synth_free_bytes(guest->bytes.data);
}

static struct kldsim_synth *
with_pcpu(uint64_t size)
{
	struct kldsim_synth *m = malformed_module();

	kldsim_synth_dpcpu(m, "mine", NULL, size, 8);
	return (m);
}

/* Z-80, A-12: A takes 8, B the rest; freed in that order. */
static void
test_free_at_tail(void **state)
{
	struct malformed_bytes kernel = malformed_finish(*state);
	struct kldsim_image *image = malformed_image(&kernel, "kernel");
	struct kldsim *sim = malformed_boot(image, NULL);
	struct guest a, b;
	struct kldsim_result result;
	struct malformed_state before;

	load(sim, with_pcpu(8), "/a.ko", &a);
	load(sim, with_pcpu(2040), "/b.ko", &b);
	assert_int_equal(a.result.error, 0);
	assert_int_equal(b.result.error, 0);
	assert_int_equal(kldsim_kldunload(sim, a.result.fileid, 0, &result,
	    NULL), KLDSIM_OK);
	assert_int_equal(result.error, 0);
	before = malformed_state(sim, true);
	assert_int_equal(kldsim_kldunload(sim, b.result.fileid, 0, &result,
	    NULL), KLDSIM_OK);
	assert_true(result.panicked);
	assert_true(kldsim_is_dead(sim));
	assert_int_equal(result.nfindings, 1);
	assert_string_equal(kldsim_finding_at(sim, result.first_finding)->code,
	    "modspace-free");
	malformed_state_same(&before, sim, true, "freeing at the tail");
	kldsim_destroy(sim);
	let_go(&a);
	let_go(&b);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(kernel.data);
}

/*
 * Z-05: a module whose bad name nobody passes while it is loaded kills the
 * kernel when another one depends on it.
 */
static void
test_bad_name_in_wait(void **state)
{
	struct malformed_bytes kernel = malformed_finish(*state);
	struct kldsim_image *image = malformed_image(&kernel, "kernel");
	struct kldsim *sim = malformed_boot(image, NULL);
	struct kldsim_synth *m =
	    kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	const struct kldsim_finding *finding;
	struct guest trap, prey;

	kldsim_synth_func(m, "odd");
	kldsim_synth_mdt_version(m, "trap", 1);
	kldsim_synth_override(m, "sym[odd].st_name", 0x7fffffff);
	load(sim, m, "/trap.ko", &trap);
	assert_int_equal(trap.result.error, 0);
	assert_false(trap.result.panicked);
	m = malformed_module();
	kldsim_synth_mdt_depend(m, "trap", 1, 1, 1);
	kldsim_synth_pointer(m, data(m), 0, kldsim_synth_ref(m, "nosuch"),
	    0);
	load(sim, m, "/prey.ko", &prey);
	assert_true(prey.result.panicked);
	finding = kldsim_finding_at(sim, prey.result.first_finding +
	    prey.result.nfindings - 1);
	assert_string_equal(finding->code, "symbol-name");
	assert_int_equal(finding->severity, KLDSIM_PANIC);
	assert_string_equal(finding->file, "trap.ko");
	kldsim_destroy(sim);
	let_go(&trap);
	let_go(&prey);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(kernel.data);
}

/* Z-77: the same dependency three times is three references, given back. */
static void
test_dependency_repeated(void **state)
{
	struct malformed_bytes kernel = malformed_finish(*state);
	struct kldsim_image *image = malformed_image(&kernel, "kernel");
	struct kldsim *sim = malformed_boot(image, NULL);
	struct malformed_state before = malformed_state(sim, true);
	struct kldsim_synth *m = malformed_module();
	struct kldsim_filestat stat;
	struct kldsim_result result;
	struct guest guest;

	for (int i = 0; i < 3; i++)
		kldsim_synth_mdt_depend(m, "kernel", 1201000, 1201000,
		    1299999);
	load(sim, m, "/three.ko", &guest);
	assert_int_equal(guest.result.error, 0);
	assert_int_equal(kldsim_kldstat(sim, 1, &stat), KLDSIM_OK);
	assert_int_equal(stat.refs, 5); /* its own, deps[0], and three */
	assert_int_equal(kldsim_kldstat(sim, guest.result.fileid, &stat),
	    KLDSIM_OK);
	assert_int_equal(stat.ndeps, 4);
	assert_int_equal(kldsim_kldunload(sim, guest.result.fileid, 0,
	    &result, NULL), KLDSIM_OK);
	assert_int_equal(result.error, 0);
	malformed_state_same(&before, sim, true, "three references");
	kldsim_destroy(sim);
	let_go(&guest);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(kernel.data);
}

/*
 * K-23, Z-81: the second module of one name is refused, the first one's
 * default handler does not let itself be unloaded, and the file stays for
 * ever: not linked, its base name taken.
 */
static void
test_zombie(void **state)
{
	struct malformed_bytes kernel = malformed_finish(*state);
	struct kldsim_image *image = malformed_image(&kernel, "kernel");
	struct kldsim *sim = malformed_boot(image, NULL);
	struct kldsim_synth *m = malformed_module();
	struct kldsim_filestat stat;
	struct guest first, again;

	kldsim_synth_mdt_module(m, "dup", 0, 0);
	kldsim_synth_mdt_module(m, "dup", 0, 0);
	load(sim, m, "/dup.ko", &first);
	assert_int_equal(first.result.error, MALFORMED_EEXIST);
	assert_int_equal(first.result.nconsole, 2);
	assert_string_equal(kldsim_console_line(sim, 0), "module_register: "
	    "cannot register dup from dup.ko; already loaded from dup.ko");
	assert_string_equal(kldsim_console_line(sim, 1),
	    "Module dup failed to register: 17");
	assert_int_equal(kldsim_kldstat(sim, 1, &stat), KLDSIM_OK);
	assert_int_equal(stat.refs, 2); /* the zombie's is not returned */
	load(sim, malformed_module(), "/dup.ko", &again);
	assert_int_equal(again.result.error, MALFORMED_EEXIST);
	assert_int_equal(again.result.nconsole, 0);
	kldsim_destroy(sim);
	let_go(&first);
	let_go(&again);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(kernel.data);
}

static int
new_kernel(void **state)
{
	*state = malformed_kernel();
	return (0);
}

static int
free_kernel(void **state)
{
	kldsim_synth_free(*state);
	return (0);
}

#define SCENE(test) \
	cmocka_unit_test_setup_teardown(test, new_kernel, free_kernel)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		SCENE(test_free_at_tail),
		SCENE(test_bad_name_in_wait),
		SCENE(test_dependency_repeated),
		SCENE(test_zombie),
	};
	int failed = malformed_run("malformed_entry",
	    entry_cases, MALFORMED_COUNT(entry_cases));

	failed += malformed_run("malformed_clash", clash_cases,
	    MALFORMED_COUNT(clash_cases));
	failed += malformed_run("malformed_sysinit",
	    sysinit_cases, MALFORMED_COUNT(sysinit_cases));
	if (support_arguments.count == 0)
		failed += cmocka_run_group_tests(tests, NULL, NULL);
	return (failed);
}
