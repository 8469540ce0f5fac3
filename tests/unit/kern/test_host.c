/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The host: whichever request for memory fails, a call says so, has lost
 * nothing when it returns, and does its work the next time.  The same of pages
 * that cannot be mapped, reads that are short, and other calls that fail.
 *
 * What has no allocator of the caller's asks malloc(3), and this program has its
 * own: tests/CMakeLists.txt links it with --wrap.  Linked statically, requests
 * that libc makes by itself are refused in their turn like ours.
 */

#include "support_tar.h"
#include "support_hints_folder.h"

#include <errno.h>
#include <fcntl.h>

#include <sys/mman.h>

#include <kldsim/kldsim.h>
#include <kldsim/spec.h>

/* --- a host that refuses --- */

static struct {
	long fail_at; /* the request that is refused, from 0; < 0: none */
	long calls;
	long failed;
	long live;    /* requests not given back */
} memory = { -1, 0, 0, 0 };

/* What pread(2) does next, instead of reading. */
struct answer {
	ssize_t result; /* > 0: at most so much is read */
	int error;
};
static const struct answer *reads;
static bool mmap_fails;

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
int __wrap_posix_memalign(void **made, size_t align, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *old);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
    off_t offset);
ssize_t __wrap_pread(int fd, void *bytes, size_t size, off_t offset);

static bool
refused(void)
{
	if (memory.calls++ != memory.fail_at)
		return (false);
	memory.failed++;
	return (true);
}

static void *
counted(void *made)
{
	memory.live += made != NULL;
	return (made);
}

void *
__wrap_malloc(size_t size)
{
	return (refused() ? NULL : counted(malloc(size)));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return (refused() ? NULL : counted(calloc(count, size)));
}

void *
__wrap_realloc(void *old, size_t size)
{
	void *made;

	if (refused())
		return (NULL);
	made = realloc(old, size);
	memory.live += old == NULL && made != NULL;
	return (made);
}

int
__wrap_posix_memalign(void **made, size_t align, size_t size)
{
	int error = refused() ? ENOMEM : posix_memalign(made, align, size);

	memory.live += error == 0;
	return (error);
}

char *
__wrap_strdup(const char *text)
{
	return (refused() ? NULL : counted(strdup(text)));
}

void
__wrap_free(void *old)
{
	memory.live -= old != NULL;
	free(old);
}

void *
__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (mmap_fails) {
		errno = ENOMEM;
		return (MAP_FAILED);
	}
	return (mmap(at, size, prot, flags, fd, offset));
}

ssize_t
__wrap_pread(int fd, void *bytes, size_t size, off_t offset)
{
	if (reads != NULL) {
		ssize_t result = reads->result;

		errno = reads->error;
		reads++;
		if (result <= 0)
			return (result);
		size = size < (size_t)result ? size : (size_t)result;
	}
	return (pread(fd, bytes, size, offset));
}

/* The call that fails with EIO, by its name. */
static const char *broken;

static bool
is_broken(const char *call)
{
	if (broken == NULL || strcmp(broken, call) != 0)
		return (false);
	errno = EIO;
	return (true);
}

#define MAY_BREAK(type, call, params, args, failure) \
	type __wrap_##call params; \
	type \
	__wrap_##call params \
	{ \
		return (is_broken(#call) ? failure : call args); \
	}

MAY_BREAK(DIR *, fdopendir, (int fd), (fd), NULL)
MAY_BREAK(struct dirent *, readdir, (DIR *dir), (dir), NULL)
MAY_BREAK(int, mkstemp, (char *name), (name), -1)
MAY_BREAK(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
MAY_BREAK(ssize_t, write, (int fd, const void *bytes, size_t size),
    (fd, bytes, size), -1)
MAY_BREAK(int, rename, (const char *from, const char *to), (from, to), -1)
MAY_BREAK(int, unlink, (const char *name), (name), -1)

/* --- every request once --- */

static struct folder folder;
static char path[512]; /* a file in it */

/* Does its work with no request refused, with the first, the second ... */
static long
run(const char *name, enum kldsim_status (*act)(struct kldsim_error *error))
{
	long requests = -1;

	do {
		struct kldsim_error error = { .status = KLDSIM_OK };
		enum kldsim_status status, want;
		long live = memory.live;

		memory.calls = memory.failed = 0;
		memory.fail_at = requests;
		status = act(&error);
		memory.fail_at = -1;
		want = memory.failed != 0 ? KLDSIM_NOMEM : KLDSIM_OK;
		if (status != want || error.status != want ||
		    (want != KLDSIM_OK && error.text[0] == '\0'))
			fail_msg("%s, request %ld: status %d, error %d: %s",
			    name, requests, status, error.status, error.text);
		if (memory.live != live)
			fail_msg("%s, request %ld: %ld not given back", name,
			    requests, memory.live - live);
		requests++;
	} while (requests == 0 || memory.failed != 0);
	return (requests - 1);
}

/* A kernel or module with something of everything, then its spec. */
static const char *spec_kind;

static enum kldsim_status
made_of(const char *text, void **bytes, size_t *size,
    struct kldsim_error *error)
{
	struct kldsim_synth *synth;
	enum kldsim_status status = kldsim_synth_spec_bytes(text,
	    strlen(text), "spec", &synth, error);

	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_synth_finish(synth, bytes, size, error);
	kldsim_synth_free(synth);
	return (status);
}

static enum kldsim_status
spec_there_and_back(struct kldsim_error *error)
{
	static const char rest[] =
	    "functions: [f, {name: g, bind: local}]\n"
	    "ifuncs: [memcpy]\n"
	    "symbols:\n"
	    "  - {name: '\\x61lias', type: func, section: .text, bind: weak}\n"
	    "  - {name: buffer, place: common, value: 16, size: 128}\n"
	    "  - {name: hidden, place: abs, value: 1, dynamic: no}\n"
	    "objects: [{name: hook, pointer: f}, {name: t, text: x}]\n"
	    "dpcpu: [{name: odd, bytes: 01 02 03, align: 1}]\n"
	    "vnet: [{name: name, text: foo0, size: 16}]\n"
	    "relocs:\n"
	    "  - {in: .data, at: 0, symbol: f}\n"
	    "  - {in: .text, at: 4, symbol: printf}\n"
	    "sets: [{set: my_set, symbol: f}]\n"
	    "modules: [{name: foo, handler: f}]\n"
	    "versions: [foo]\n"
	    "depends: [bar]\n"
	    "pnp: [{bus: b, descr: 'U8:x', table: t, entry-size: 1,"
	    " entries: 1}]\n"
	    "sysctls: [{name: foo, parent: _kern, arg1: hook}]\n"
	    "type-labels: [L]\n"
	    "types:\n"
	    "  - {kind: integer, name: int, size: 4, encoding: signed}\n"
	    "  - {kind: struct, name: s, size: 16, members: [{name: a,"
	    " type: int, bit: 0, bits: 3}, {type: struct s **, bit: 64}]}\n"
	    "object-types: [{symbol: hook, type: struct s}]\n"
	    "function-types: [{symbol: f, arguments: [int, struct s *]}]\n"
	    "overrides: {ehdr.e_flags: 1, 'shdr[foo].sh_type': 3}\n"
	    "pokes: [{at: 8, bytes: 00}]\n";
	char text[2048], *back;
	enum kldsim_status status;
	void *bytes;
	size_t size;

	(void)snprintf(text, sizeof(text), "machine: amd64\nkind: %s\n"
	    "options: {gnu-hash: yes, hash: %s}\n"
	    "sections: [{name: foo, type: note, flags: none, text: x}]\n%s",
	    spec_kind, strcmp(spec_kind, "module") == 0 ? "no" : "yes", rest);
	status = made_of(text, &bytes, &size, error);
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_synth_from_bytes(bytes, size, "made", &back, &size,
	    error);
	kldsim_synth_free_bytes(bytes);
	if (status == KLDSIM_OK)
		kldsim_synth_free_bytes(back);
	return (status);
}

static void
a_spec_and_its_file(void **state)
{
	static const char *const kinds[] = { "module", "kernel", "dyn",
		"exec" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		spec_kind = kinds[i];
		assert_true(run(kinds[i], spec_there_and_back) > 50);
	}
}

static enum kldsim_status
spec_from_a_file(struct kldsim_error *error)
{
	struct kldsim_synth *synth;
	enum kldsim_status status = kldsim_synth_spec(path, &synth, error);

	if (status == KLDSIM_OK)
		kldsim_synth_free(synth);
	return (status);
}

static enum kldsim_status
world(struct kldsim_error *error)
{
	const struct kldsim_world wanted = { .size = sizeof(wanted),
		.seed = 1, .modules = 2, .symbols = 4, .relocs = 8, .types = 9,
		.deps = KLDSIM_WORLD_RANDOM };

	return (kldsim_synth_world(&wanted, folder.path, error));
}

static void
a_spec_file_and_a_world(void **state)
{
	static const char text[] = "machine: amd64\nkind: rel\n";

	(void)state;
	folder_open(&folder);
	write_file(&folder, "spec", text, sizeof(text) - 1);
	(void)path_in(&folder, "spec", path);
	assert_true(run("spec file", spec_from_a_file) > 2);
	assert_true(run("world", world) > 50);
	folder_close(&folder);
}

/* What a kernel goes through that has no allocator of its own. */
static enum kldsim_status
use(struct kldsim *sim, struct kldsim_error *error)
{
	enum kldsim_status status;
	struct kldsim_result result;
	char name[16];
	int id;

	/* More names than are walked for: then there is an index. */
	for (int i = 0; i < 20; i++) {
		kldsim_addr address;
		kldsim_size size;

		(void)snprintf(name, sizeof(name), "static%d", i);
		status = kldsim_kldsym(sim, 1, name, &address, &size);
		if (status != KLDSIM_OK) {
			error->status = status;
			(void)strcpy(error->text, name);
			return (status);
		}
	}
	status = kldsim_kldload(sim, path, &result, error);
	if (status != KLDSIM_OK)
		return (status);
	assert_int_equal(result.error, 0);
	id = result.fileid;
	status = kldsim_set_module_path(sim, "/boot/other", 12, &result,
	    error);
	if (status == KLDSIM_OK)
		status = kldsim_set_securelevel(sim, 0, &result, error);
	return (status == KLDSIM_OK ? kldsim_kldunload(sim, id,
	    KLDSIM_UNLOAD_NORMAL, &result, error) : status);
}

static enum kldsim_status
life(struct kldsim_error *error)
{
	static const struct kldsim_handler_answer answer = { "m",
		KLDSIM_MOD_UNLOAD, 0 };
	char names[2][512];
	const struct kldsim_preload preload = {
		path_in(&folder, "pre.ko", names[0]), NULL };
	struct kldsim_image *kernel;
	struct kldsim_options options;
	enum kldsim_status status;
	struct kldsim *sim;

	kldsim_options_init(&options, sizeof(options));
	options.preloads = &preload;
	options.npreloads = 1;
	options.answers = &answer;
	options.nanswers = 1;
	options.module_path = folder.path;
	options.preload_dependencies = true;
	options.vnets = 2;
	/* With it go the tables that are kept beside it. */
	status = kldsim_image_open(path_in(&folder, "kernel", names[1]),
	    &kernel, error);
	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_boot(kernel, &options, &sim, error);
	kldsim_image_unref(kernel);
	if (status != KLDSIM_OK)
		return (status);
	status = use(sim, error);
	kldsim_destroy(sim);
	return (status);
}

/* A shared object, protected as releases from 13 on do. */
static struct kldsim_synth *
object(const char *provides, const char *needs)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	int f = kldsim_synth_func(s, "f");

	kldsim_synth_option(s, KLDSIM_SYNTH_OSRELDATE, 1300139);
	kldsim_synth_mdt_version(s, provides, 1);
	if (needs != NULL)
		kldsim_synth_mdt_depend(s, needs, 1, 1, 1);
	kldsim_synth_declare_module(s, provides, f, 0x3100000, 0);
	kldsim_synth_vnet(s, "v", "\1\2\3\4", 4, 4);
	kldsim_synth_dpcpu(s, "p", "\1\2\3\4", 4, 4);
	return (s);
}

static void
the_life_of_a_kernel(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	char name[16];

	(void)state;
	kldsim_synth_option(s, KLDSIM_SYNTH_OSRELDATE, 1300139);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof(name), "static%d", i);
		(void)kldsim_synth_bind(s, kldsim_synth_func(s, name), 0);
	}
	folder_open(&folder);
	put_module(&folder, s, "kernel");
	put_module(&folder, object("pre", "lib"), "pre.ko");
	put_module(&folder, object("lib", NULL), "lib.ko");
	put_module(&folder, object("m", NULL), "m.ko");
	(void)path_in(&folder, "m.ko", path);
	assert_true(run("life", life) > 100);
	folder_close(&folder);
}

static enum kldsim_status
hints(struct kldsim_error *error)
{
	return (kldsim_hints_write(folder.path, NULL, NULL, error));
}

/* H-09: the old file stays, whatever a run has come to. */
static void
hints_of_a_folder(void **state)
{
	(void)state;
	folder_open(&folder);
	put_interface(&folder, "amd64", "one", "one.ko");
	put_interface(&folder, "i386", "two", "two.ko");
	assert_int_equal(mkdir(path_in(&folder, "below", path), 0700), 0);
	assert_int_equal(mkdir(path_in(&folder, "beside", path), 0700), 0);
	put_interface(&folder, "powerpc", "three", "below/three.ko");
	assert_true(run("hints", hints) > 10);
	assert_int_equal(access(path_in(&folder, "linker.hints", path), R_OK),
	    0);
	folder_close(&folder);
}

/* H-09: and whatever the host refuses, nothing lies around. */
static void
hints_that_cannot_be_written(void **state)
{
	static const char *const calls[] = { "fdopendir", "readdir", "mkstemp",
		"fchmod", "write", "rename" };
	static const char old[] = "old";
	char have[sizeof(old)];

	(void)state;
	folder_open(&folder);
	put_interface(&folder, "amd64", "one", "one.ko");
	write_file(&folder, "linker.hints", old, sizeof(old));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct kldsim_error error;
		enum kldsim_status status;
		struct dirent *item;
		unsigned files = 0;
		FILE *file;
		DIR *dir;

		broken = calls[i];
		status = hints(&error);
		broken = NULL;
		if (status != KLDSIM_SYS || error.sys_errno != EIO)
			fail_msg("%s: status %d, errno %d: %s", calls[i],
			    status, error.sys_errno, error.text);
		file = fopen(path_in(&folder, "linker.hints", path), "rb");
		assert_non_null(file);
		assert_int_equal(fread(have, 1, sizeof(have), file),
		    sizeof(old));
		(void)fclose(file);
		assert_string_equal(have, old);
		dir = opendir(folder.path);
		assert_non_null(dir);
		while ((item = readdir(dir)) != NULL)
			files += item->d_name[0] != '.';
		(void)closedir(dir);
		assert_int_equal(files, 2);
	}
	folder_close(&folder);
}

/* H-09: a folder without records has no file, unless that stays. */
static void
hints_that_cannot_be_deleted(void **state)
{
	struct kldsim_error error;

	(void)state;
	folder_open(&folder);
	write_file(&folder, "linker.hints", "old", 4);
	broken = "unlink";
	assert_int_equal(hints(&error), KLDSIM_SYS);
	broken = NULL;
	assert_int_equal(error.sys_errno, EIO);
	assert_int_equal(hints(&error), KLDSIM_OK);
	assert_int_not_equal(access(path_in(&folder, "linker.hints", path),
	    F_OK), 0);
	folder_close(&folder);
}

/* --- sources --- */

static bool
visit(void *user, const struct kldsim_source_file *file)
{
	(void)user;
	return (file->size < 1000000);
}

/* All that a source is asked for, of the host, of an archive, and of images. */
static enum kldsim_status
ask(struct kldsim_source *source, struct kldsim_error *error)
{
	char names[2][512];
	struct kldsim_source_file file;
	struct kldsim_image *image;
	const char *found;
	enum kldsim_status status;

	status = kldsim_source_image(source, path_in(&folder, "kernel",
	    names[0]), &image, error);
	if (status == KLDSIM_OK) {
		status = kldsim_source_add(source, "/x/y/a.ko", image, error);
		kldsim_image_unref(image);
	}
	if (status == KLDSIM_OK)
		status = kldsim_source_module(source, path_in(&folder,
		    "a.tar", names[0]), &found, error);
	if (status == KLDSIM_OK)
		status = kldsim_source_image(source, found, &image, error);
	if (status == KLDSIM_OK)
		kldsim_image_unref(image);
	/* One that is read again. */
	(void)path_in(&folder, "a.tar:README", names[1]);
	if (status == KLDSIM_OK)
		status = kldsim_source_image(source, names[1], &image, error);
	if (status == KLDSIM_OK)
		kldsim_image_unref(image);
	if (status == KLDSIM_OK)
		status = kldsim_source_stat(source, names[1], &file, error);
	if (status == KLDSIM_OK)
		status = kldsim_source_list(source, folder.path, visit, NULL,
		    error);
	if (status == KLDSIM_OK)
		status = kldsim_source_kernel(source, folder.path, &image,
		    error);
	if (status == KLDSIM_OK)
		kldsim_image_unref(image);
	return (status);
}

static enum kldsim_status
sources(struct kldsim_error *error)
{
	struct kldsim_source_options options;
	struct kldsim_source_folder own = {
		.path = folder.path, .real = folder.path };
	struct kldsim_source *source;
	enum kldsim_status status;

	kldsim_source_options_init(&options, sizeof(options));
	options.read_once = true;
	own.fd = open(folder.path, O_RDONLY);
	status = kldsim_source_new(&options, &source, error);
	if (status == KLDSIM_OK) {
		status = kldsim_source_confine(source, "/", &own, 1, error);
		if (status == KLDSIM_OK)
			status = ask(source, error);
		kldsim_source_unref(source);
	}
	(void)close(own.fd);
	return (status);
}

static void
sources_of_files(void **state)
{
	struct tar tar = { NULL, 0 };
	struct kldsim_error error;

	(void)state;
	tar_text(&tar, "boot/modules/a.ko", "\177ELF");
	tar_text(&tar, "../left/out", "x");
	tar_header(&tar, "boot/b.ko", TAR_LINK, 0, "modules/a.ko");
	tar_text(&tar, "README", "text");
	tar_end(&tar);
	folder_open(&folder);
	write_file(&folder, "kernel", "some bytes", 10);
	write_file(&folder, "a.tar", tar.bytes, tar.size);
	free(tar.bytes);
	if (sources(&error) == KLDSIM_UNSUPPORTED) {
		folder_close(&folder);
		skip();
	}
	assert_true(run("sources", sources) > 20);
	folder_close(&folder);
}

/* --- files --- */

/* Over the size from which files are mapped. */
static unsigned char contents[200000];

static enum kldsim_status
image(struct kldsim_error *error)
{
	struct kldsim_image_info info;
	struct kldsim_image *made;
	enum kldsim_status status = kldsim_image_open(path, &made, error);

	if (status != KLDSIM_OK)
		return (status);
	kldsim_image_info(made, &info);
	assert_int_equal(info.size, sizeof(contents));
	kldsim_image_unref(made);
	return (KLDSIM_OK);
}

static void
an_image_mapped_or_read(void **state)
{
	(void)state;
	folder_open(&folder);
	write_file(&folder, "file", contents, sizeof(contents));
	(void)path_in(&folder, "file", path);
	assert_true(run("mapped", image) > 0);
	mmap_fails = true;
	assert_true(run("read", image) > 1);
	mmap_fails = false;
	folder_close(&folder);
}

/* A file that ends early is as long as what was read of it. */
static void
a_read_in_pieces(void **state)
{
	static const struct {
		struct answer answers[3];
		enum kldsim_status status;
		kldsim_size size;
	} rows[] = {
		{ { { 3, 0 }, { -1, EINTR }, { 8, 0 } }, KLDSIM_OK, 8 },
		{ { { 3, 0 }, { 0, 0 } }, KLDSIM_OK, 3 },
		{ { { 3, 0 }, { -1, EIO } }, KLDSIM_SYS, 0 },
	};

	(void)state;
	folder_open(&folder);
	write_file(&folder, "file", contents, 8);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_image_info info;
		struct kldsim_image *made;
		struct kldsim_error error;

		reads = rows[i].answers;
		assert_int_equal(kldsim_image_open(path_in(&folder, "file",
		    path), &made, &error), rows[i].status);
		reads = NULL;
		if (rows[i].status == KLDSIM_SYS) {
			assert_int_equal(error.sys_errno, EIO);
			continue;
		}
		kldsim_image_info(made, &info);
		assert_int_equal(info.size, rows[i].size);
		kldsim_image_unref(made);
	}
	folder_close(&folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_and_its_file),
		cmocka_unit_test(a_spec_file_and_a_world),
		cmocka_unit_test(the_life_of_a_kernel),
		cmocka_unit_test(hints_of_a_folder),
		cmocka_unit_test(hints_that_cannot_be_written),
		cmocka_unit_test(hints_that_cannot_be_deleted),
		cmocka_unit_test(sources_of_files),
		cmocka_unit_test(an_image_mapped_or_read),
		cmocka_unit_test(a_read_in_pieces),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
