/* SPDX-License-Identifier: BSD-2-Clause */

/* Running and writing tables of malformed files; see support_malformed.h. */

#include "support_malformed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the good ones --- */

struct kldsim_synth *
malformed_kernel(void)
{
	const struct kldsim_synth_oid kern = { .name = "kern", .parent = "",
		.number = 1, .kind = 0x80000001 };
	struct kldsim_synth *k =
	    kldsim_synth_new("amd64", KLDSIM_SYNTH_KERNEL);

	kldsim_synth_sysctl(k, &kern);
	kldsim_synth_func(k, "printf");
	kldsim_synth_dpcpu(k, "kcount", "\1\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_vnet(k, "ifcount", "\2\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_set_entry(k, "foo", kldsim_synth_func(k, "foo_one"));
	kldsim_synth_mdt_module(k, "kmod", 0, 0);
	return (k);
}

struct kldsim_synth *
malformed_module(void)
{
	struct kldsim_synth *m =
	    kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	int text = kldsim_synth_section_named(m, ".text");

	kldsim_synth_func(m, "m_init");
	kldsim_synth_reloc(m, text, 1, "R_X86_64_PLT32",
	    kldsim_synth_ref(m, "printf"), -4);
	kldsim_synth_object(m, "m_data", "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_pointer(m, kldsim_synth_section_named(m, ".data"), 0,
	    kldsim_synth_section_symbol(m, text), 4);
	return (m);
}

struct kldsim_synth *
malformed_dyn(void)
{
	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_DYN);
	int got = kldsim_synth_section_named(m, ".got");

	kldsim_synth_ctor(m, ".ctors", kldsim_synth_func(m, "m_init"));
	kldsim_synth_object(m, "m_data", "\0\0\0\0\0\0\0", 8, 8);
	kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".data"), 0,
	    "R_X86_64_64", kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_append(m, got, NULL, 8);
	kldsim_synth_reloc(m, got, 0, "R_X86_64_JUMP_SLOT",
	    kldsim_synth_ref(m, "printf"), 0);
	kldsim_synth_dpcpu(m, "m_pcpu", "\1\0\0\0\0\0\0", 8, 8);
	return (m);
}

struct malformed_bytes
malformed_finish(struct kldsim_synth *synth)
{
	struct malformed_bytes bytes;
	struct kldsim_error error;

	if (kldsim_synth_finish(synth, &bytes.data, &bytes.size, &error) !=
	    KLDSIM_OK)
		fail_msg("%s", error.text);
	return (bytes);
}

struct kldsim_image *
malformed_image(const struct malformed_bytes *bytes, const char *name)
{
	struct kldsim_image *image;
	struct kldsim_error error;

	if (kldsim_image_open_memory(bytes->data, bytes->size, name, NULL,
	    NULL, &image, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return (image);
}

static void
set_options(const struct malformed *one, struct kldsim_options *options)
{
	kldsim_options_init(options, sizeof(*options));
	options->vnets = 2;
	options->kernel_end = MALFORMED_KERNEL_END;
	if (one == NULL)
		return;
	options->osreldate = one->osreldate;
	options->limits = one->limits;
	if (one->kernel_end != 0)
		options->kernel_end = one->kernel_end;
}

struct kldsim *
malformed_boot(struct kldsim_image *kernel, const struct malformed *one)
{
	struct kldsim_options options;
	struct kldsim_error error;
	struct kldsim *sim;

	set_options(one, &options);
	if (kldsim_boot(kernel, &options, &sim, &error) != KLDSIM_OK)
		fail_msg("%s", error.text);
	return (sim);
}

/* --- what the file is like now --- */

static uint64_t
little(const struct malformed_bytes *bytes, uint64_t at, unsigned width)
{
	const unsigned char *data = bytes->data;
	uint64_t value = 0;

	assert_true(at <= bytes->size && width <= bytes->size - at);
	while (width-- > 0)
		value = value << 8 | data[at + width];
	return (value);
}

unsigned
malformed_shnum(struct kldsim_synth *synth)
{
	struct malformed_bytes bytes = malformed_finish(synth);
	unsigned n = (unsigned)little(&bytes, 60, 2);

	kldsim_synth_free_bytes(bytes.data);
	return (n);
}

/* Where the header of a section is in the file. */
static uint64_t
find_shdr(const struct malformed_bytes *bytes, const char *section)
{
	uint64_t shoff = little(bytes, 40, 8), n = little(bytes, 60, 2);
	uint64_t names = little(bytes, shoff + 64 * little(bytes, 62, 2) +
	    MALFORMED_SH_OFFSET, 8);

	for (uint64_t i = 1; i < n; i++) {
		uint64_t name = names + little(bytes, shoff + 64 * i, 4);

		if (strcmp((const char *)bytes->data + name, section) == 0)
			return (shoff + 64 * i);
	}
	fail_msg("no section %s", section);
	return (0);
}

uint64_t
malformed_shdr(struct kldsim_synth *synth, const char *section,
    unsigned field)
{
	struct malformed_bytes bytes = malformed_finish(synth);
	uint64_t value = little(&bytes, find_shdr(&bytes, section) + field,
	    field == MALFORMED_SH_NAME ? 4 : 8);

	kldsim_synth_free_bytes(bytes.data);
	return (value);
}

/* --- state --- */

static void
put(struct malformed_state *state, const char *format, ...)
{
	va_list args;
	int n;

	if (state->cap - state->size < 512) {
		state->cap = (state->cap + 512) * 2;
		state->text = realloc(state->text, state->cap);
		assert_non_null(state->text);
	}
	va_start(args, format);
	n = vsnprintf(state->text + state->size, 512, format, args);
	va_end(args);
	assert_true(n >= 0 && n < 512);
	state->size += (size_t)n;
}

static void
put_memory(struct malformed_state *state, const struct kldsim *sim,
    const char *what, kldsim_addr start, size_t size)
{
	unsigned char *bytes = malloc(size);
	uint64_t hash = 14695981039346656037u;

	assert_non_null(bytes);
	assert_int_equal(kldsim_read(sim, start, bytes, size), KLDSIM_OK);
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 1099511628211u;
	free(bytes);
	put(state, "%s at 0x%jx: %016jx\n", what, (uintmax_t)start,
	    (uintmax_t)hash);
}

static void
put_set(struct malformed_state *state, const struct kldsim *sim,
    enum kldsim_set set, bool memory)
{
	struct kldsim_set_info info;
	struct kldsim_extent_info extent;
	struct kldsim_instance instance;

	kldsim_set_info(sim, set, &info);
	put(state, "set %d: free %ju, %zu parts, %zu instances\n", (int)set,
	    (uintmax_t)info.modspace_free, info.nparts, info.ninstances);
	for (size_t i = 0; kldsim_set_free_extent(sim, set, i, &extent) ==
	    KLDSIM_OK; i++)
		put(state, "free 0x%jx + 0x%jx\n", (uintmax_t)extent.start,
		    (uintmax_t)extent.size);
	if (!memory || !info.present)
		return;
	put_memory(state, sim, "reference", info.start,
	    (size_t)(info.stop - info.start));
	for (size_t i = 0; kldsim_set_instance(sim, set, i, &instance) ==
	    KLDSIM_OK; i++)
		put_memory(state, sim, "instance", instance.area,
		    (size_t)(info.stop - info.start));
}

static void
put_file(struct malformed_state *state, const struct kldsim *sim, int id)
{
	struct kldsim_filestat stat;
	struct kldsim_interface interface;
	struct kldsim_modinfo module;

	assert_int_equal(kldsim_kldstat(sim, id, &stat), KLDSIM_OK);
	put(state, "%d %s refs %d/%d at 0x%jx + 0x%jx, linked %d, deps %zu\n",
	    id, stat.name, stat.refs, stat.userrefs, (uintmax_t)stat.address,
	    (uintmax_t)stat.size, stat.linked, stat.ndeps);
	for (size_t i = 0; kldsim_file_interface(sim, id, i, &interface) ==
	    KLDSIM_OK; i++)
		put(state, "  provides %s %d\n", interface.name,
		    interface.version);
	for (size_t i = 0; kldsim_file_module(sim, id, i, &module) ==
	    KLDSIM_OK; i++)
		put(state, "  module %s %d refs %d\n", module.name,
		    module.id, module.refs);
}

struct malformed_state
malformed_state(const struct kldsim *sim, bool memory)
{
	struct malformed_state state = { 0, 0, NULL };
	int id = 0;

	while (kldsim_kldnext(sim, id, &id) == KLDSIM_OK && id != 0)
		put_file(&state, sim, id);
	put_set(&state, sim, KLDSIM_SET_DPCPU, memory);
	put_set(&state, sim, KLDSIM_SET_VNET, memory);
	return (state);
}

void
malformed_state_same(struct malformed_state *before,
    const struct kldsim *sim, bool memory, const char *what)
{
	struct malformed_state after = malformed_state(sim, memory);

	if (strcmp(before->text, after.text) != 0)
		fail_msg("%s left the kernel changed:\n%s---\n%s", what,
		    before->text, after.text);
	free(before->text);
	free(after.text);
}

/* --- what was said --- */

/* Append a line of the table with {path} and {name} filled in. */
static void
fill_in(char *to, size_t size, const char *line, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t n = 0;

	while (*line != '\0') {
		const char *with = NULL;

		if (strncmp(line, "{path}", 6) == 0)
			with = path;
		else if (strncmp(line, "{name}", 6) == 0)
			with = name;
		assert_true(n + 1 < size);
		if (with == NULL) {
			to[n++] = *line++;
			continue;
		}
		assert_true(n + strlen(with) < size);
		memcpy(to + n, with, strlen(with));
		n += strlen(with);
		line += 6;
	}
	to[n] = '\0';
}

static void
check_console(const struct kldsim *sim, const struct kldsim_result *result,
    const char *want, const char *path)
{
	char expected[2048];
	char got[2048] = "";
	size_t n = 0;

	fill_in(expected, sizeof(expected), want != NULL ? want : "", path);
	for (size_t i = 0; i < result->nconsole; i++) {
		int length = snprintf(got + n, sizeof(got) - n, "%s%s",
		    i != 0 ? "\n" : "", kldsim_console_line(sim,
		    result->first_console + i));

		assert_true(length >= 0);
		n += (size_t)length;
		assert_true(n < sizeof(got));
	}
	if (strcmp(got, expected) != 0)
		fail_msg("the console says\n%s\nand not\n%s", got, expected);
}

/* The next "severity code" of a list; its length, 0 at the end. */
static size_t
next_word(const char **list, char *word, size_t size)
{
	size_t n = strcspn(*list, ",");

	assert_true(n < size);
	memcpy(word, *list, n);
	word[n] = '\0';
	*list += n;
	*list += strspn(*list, ", ");
	return (n);
}

void
malformed_findings_speak(const struct kldsim *sim,
    const struct kldsim_result *result)
{
	size_t reasons = 0;

	for (size_t i = 0; i < result->nfindings; i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, result->first_finding + i);

		assert_non_null(finding);
		assert_true(finding->text != NULL && *finding->text != '\0');
		assert_true(finding->rules != NULL && *finding->rules != '\0');
		assert_true(result->panicked ||
		    finding->severity != KLDSIM_PANIC);
		reasons += finding->refusal;
		for (size_t line = 0; line < result->nconsole; line++)
			assert_null(strstr(finding->text, kldsim_console_line(
			    sim, result->first_console + line)));
	}
	/* No refusal without its reason. */
	if (result->error != 0 && reasons == 0)
		fail_msg("%s, and nobody says why",
		    kldsim_errno_name(result->error));
}

static void
list_findings(const struct kldsim *sim, const struct kldsim_result *result,
    char *to, size_t size)
{
	size_t n = 0;

	*to = '\0';
	for (size_t i = 0; i < result->nfindings; i++) {
		const struct kldsim_finding *finding =
		    kldsim_finding_at(sim, result->first_finding + i);
		int length = snprintf(to + n, size - n, "%s%s %s",
		    i != 0 ? ", " : "", kldsim_severity_name(
		    finding->severity), finding->code);

		assert_true(length >= 0);
		n += (size_t)length;
		assert_true(n < size);
	}
}

/* All that are wanted, in order; nothing else unless `more` is fine. */
static void
check_findings(const struct kldsim *sim, const struct kldsim_result *result,
    const char *want, bool more)
{
	char got[2048];
	char wanted[100];
	char word[100];
	const char *at = got;
	const char *rest = want != NULL ? want : "";

	list_findings(sim, result, got, sizeof(got));
	malformed_findings_speak(sim, result);
	while (next_word(&rest, wanted, sizeof(wanted)) != 0) {
		do {
			if (next_word(&at, word, sizeof(word)) == 0 ||
			    (!more && strcmp(word, wanted) != 0))
				fail_msg("found are \"%s\" and not \"%s\"",
				    got, want);
		} while (strcmp(word, wanted) != 0);
	}
	if (!more && *at != '\0')
		fail_msg("found are \"%s\" and not \"%s\"", got,
		    want != NULL ? want : "");
}

/* --- running a case --- */

static struct kldsim_image *good_kernel;
static struct malformed_bytes good_kernel_bytes;

/* Do to a good file what the case says, and finish it. */
static struct malformed_bytes
spoil(struct kldsim_synth *synth, const struct malformed *one)
{
	struct malformed_bytes bytes;

	if (one->make != NULL)
		one->make(synth);
	for (size_t i = 0; i < MALFORMED_COUNT(one->set); i++)
		if (one->set[i].field != NULL)
			kldsim_synth_override(synth, one->set[i].field,
			    one->set[i].value);
	bytes = malformed_finish(synth);
	kldsim_synth_free(synth);
	return (bytes);
}

static struct malformed_bytes
make_module(const struct malformed *one)
{
	return (spoil(one->bare ?
	    kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE) :
	    one->dyn ? malformed_dyn() : malformed_module(), one));
}

static bool
has_limits(const struct malformed *one)
{
	static const struct kldsim_limits none;

	return (memcmp(&one->limits, &none, sizeof(none)) != 0);
}

/* Nothing was done, or the same thing again and undone. */
static void
check_afterwards(struct kldsim *sim, const struct malformed *one,
    const struct kldsim_result *result)
{
	struct malformed_bytes bytes;
	struct kldsim_synth *m;
	struct kldsim_image *image;
	struct kldsim_result again;
	struct kldsim_error error;
	enum kldsim_status status;
	int unload = result->fileid;

	m = malformed_module();
	bytes = malformed_finish(m);
	kldsim_synth_free(m);
	if (unload > 0) {
		assert_int_equal(kldsim_kldunload(sim, unload,
		    KLDSIM_UNLOAD_NORMAL, &again, &error), KLDSIM_OK);
		assert_int_equal(again.error, 0);
		assert_false(again.panicked);
	}
	/* What was refused is no obstacle to what is good. */
	image = malformed_image(&bytes, "good.ko");
	status = kldsim_kldload_image(sim, image, MALFORMED_PATH "good.ko",
	    &again, &error);
	if (one->outcome == MALFORMED_PANICS) {
		assert_int_equal(status, KLDSIM_STATE);
	} else if (status != KLDSIM_LIMIT || !has_limits(one)) {
		assert_int_equal(status, KLDSIM_OK);
		assert_int_equal(again.error, 0);
		assert_int_equal(kldsim_kldunload(sim, again.fileid,
		    KLDSIM_UNLOAD_NORMAL, &again, &error), KLDSIM_OK);
		assert_int_equal(again.error, 0);
	}
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes.data);
}

static void
check_result(const struct kldsim *sim, const struct malformed *one,
    const struct kldsim_result *result, const char *path)
{
	check_console(sim, result, one->console, path);
	check_findings(sim, result, one->findings,
	    one->outcome == MALFORMED_REFUSED);
	assert_int_equal(result->panicked, one->outcome == MALFORMED_PANICS);
	assert_int_equal(kldsim_is_dead(sim), result->panicked);
	assert_int_equal(result->error,
	    one->outcome == MALFORMED_REFUSED ? one->error : 0);
	assert_int_equal(result->fileid > 0,
	    one->outcome == MALFORMED_LOADED);
}

static void
check_failure(const struct kldsim *sim, const struct malformed *one,
    enum kldsim_status status, const struct kldsim_error *error)
{
	if (status == KLDSIM_OK)
		fail_msg("is no host failure");
	if (status != one->status || error->status != status)
		fail_msg("%s: %s", kldsim_status_name(status), error->text);
	if (strstr(error->text, one->message) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error->text,
		    one->message);
	if (sim != NULL) {
		assert_false(kldsim_is_dead(sim));
		assert_int_equal(kldsim_console_count(sim), 0);
	}
}

static void
run_module(void **state)
{
	const struct malformed *one = *state;
	struct malformed_bytes bytes = make_module(one);
	struct kldsim_image *image = malformed_image(&bytes, one->name);
	struct kldsim *sim = malformed_boot(good_kernel, one);
	/* A refused module may leave bytes behind in modspace (O-82). */
	bool memory = one->outcome == MALFORMED_PANICS ||
	    one->outcome == MALFORMED_HOST;
	struct malformed_state before = malformed_state(sim, memory);
	struct kldsim_result result;
	struct kldsim_error error;
	enum kldsim_status status;
	char path[128];

	(void)snprintf(path, sizeof(path), MALFORMED_PATH "%s.ko", one->name);
	status = kldsim_kldload_image(sim, image, path, &result, &error);
	if (one->outcome == MALFORMED_HOST)
		check_failure(sim, one, status, &error);
	else if (status != KLDSIM_OK)
		fail_msg("%s: %s", kldsim_status_name(status), error.text);
	else
		check_result(sim, one, &result, path);
	check_afterwards(sim, one, &result);
	malformed_state_same(&before, sim, memory, one->name);
	kldsim_destroy(sim);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes.data);
}

/* --- kernels --- */

static struct malformed_bytes
make_kernel(const struct malformed *one)
{
	return (spoil(malformed_kernel(), one));
}

static void
run_kernel(void **state)
{
	const struct malformed *one = *state;
	struct malformed_bytes bytes = make_kernel(one);
	struct kldsim_image *image = malformed_image(&bytes, one->name);
	struct kldsim_options options;
	struct kldsim_result result = { .nfindings = 0 };
	struct kldsim_error error;
	struct kldsim *sim = NULL;
	enum kldsim_status status;

	set_options(one, &options);
	status = kldsim_boot(image, &options, &sim, &error);
	if (one->outcome == MALFORMED_HOST) {
		check_failure(NULL, one, status, &error);
		assert_null(sim);
	} else if (status != KLDSIM_OK) {
		fail_msg("%s: %s", kldsim_status_name(status), error.text);
	} else {
		result.nfindings = kldsim_finding_count(sim);
		result.nconsole = kldsim_console_count(sim);
		check_console(sim, &result, one->console, "kernel");
		check_findings(sim, &result, one->findings, false);
	}
	kldsim_destroy(sim);
	kldsim_image_unref(image);
	kldsim_synth_free_bytes(bytes.data);
}

/* --- writing --- */

static void
write_file(const char *dir, const char *name, const char *suffix,
    const struct malformed_bytes *bytes)
{
	char path[1024];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	file = fopen(path, "wb");
	if (file == NULL || (bytes->size != 0 &&
	    fwrite(bytes->data, 1, bytes->size, file) != bytes->size) ||
	    fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void
write_string(FILE *to, const char *key, const char *text)
{
	(void)fprintf(to, "\"%s\": \"", key);
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == '\n')
			(void)fputs("\\n", to);
		else if (*text == '"' || *text == '\\')
			(void)fprintf(to, "\\%c", *text);
		else
			(void)fputc(*text, to);
	}
	(void)fputs("\", ", to);
}

static int
exit_status(const struct malformed *one)
{
	static const int statuses[] = { 0, 1, 4, 3 };

	return (statuses[one->outcome]);
}

static void
write_case(FILE *to, const struct malformed *one, bool kernel)
{
	(void)fputs("{", to);
	write_string(to, "name", one->name);
	write_string(to, "rules", one->rules);
	write_string(to, "kind", kernel ? "kernel" : "module");
	write_string(to, "console", one->console);
	write_string(to, "findings", one->findings);
	write_string(to, "message", one->message);
	if (one->outcome == MALFORMED_HOST)
		write_string(to, "failure", kldsim_status_name(one->status));
	(void)fprintf(to, "\"release\": %u, \"kernel_end\": \"0x%jx\", "
	    "\"exit\": %d, \"errno\": %d, \"errno_name\": \"%s\"}",
	    (unsigned)one->osreldate, (uintmax_t)(one->kernel_end != 0 ?
	    one->kernel_end : MALFORMED_KERNEL_END), exit_status(one),
	    one->error, one->error != 0 ? kldsim_errno_name(one->error) : "");
}

static int
write_all(const char *dir, const char *table, const struct malformed *cases,
    size_t n, bool kernel)
{
	const char *between = "[\n";
	char path[1024];
	FILE *to;

	(void)snprintf(path, sizeof(path), "%s/%s.json", dir, table);
	to = fopen(path, "w");
	if (to == NULL) {
		perror(path);
		return (1);
	}
	for (size_t i = 0; i < n; i++) {
		struct malformed_bytes bytes;

		if (has_limits(&cases[i]))
			continue; /* the command has no option for them */
		bytes = kernel ? make_kernel(&cases[i]) :
		    make_module(&cases[i]);
		write_file(dir, cases[i].name, kernel ? "" : ".ko", &bytes);
		kldsim_synth_free_bytes(bytes.data);
		(void)fputs(between, to);
		write_case(to, &cases[i], kernel);
		between = ",\n";
	}
	(void)fputs("\n]\n", to);
	return (fclose(to) == 0 ? 0 : 1);
}

/* --- the programs --- */

static int
set_up(void **state)
{
	struct kldsim_synth *k = malformed_kernel();

	(void)state;
	good_kernel_bytes = malformed_finish(k);
	kldsim_synth_free(k);
	good_kernel = malformed_image(&good_kernel_bytes, "kernel");
	return (0);
}

static int
tear_down(void **state)
{
	(void)state;
	kldsim_image_unref(good_kernel);
	kldsim_synth_free_bytes(good_kernel_bytes.data);
	return (0);
}

static int
run_table(const char *table, const struct malformed *cases, size_t n,
    bool kernel)
{
	char **const words = support_arguments.words;
	struct CMUnitTest *tests;
	int failed;

	if (support_arguments.count == 2 && strcmp(words[0], "--write") == 0) {
		(void)set_up(NULL);
		write_file(words[1], "good-kernel", "", &good_kernel_bytes);
		(void)tear_down(NULL);
		return (write_all(words[1], table, cases, n, kernel));
	}
	tests = calloc(n, sizeof(*tests));
	if (tests == NULL)
		return (1);
	for (size_t i = 0; i < n; i++) {
		tests[i].name = cases[i].name;
		tests[i].test_func = kernel ? run_kernel : run_module;
		/* cmocka's state is not const; the tests leave it alone. */
		tests[i].initial_state = (void *)(uintptr_t)&cases[i];
	}
	failed = _cmocka_run_group_tests(table, tests, n, set_up, tear_down);
	free(tests);
	return (failed);
}

int
malformed_run(const char *table, const struct malformed *cases, size_t n)
{
	return (run_table(table, cases, n, false));
}

int
malformed_run_kernels(const char *table, const struct malformed *cases, size_t n)
{
	return (run_table(table, cases, n, true));
}
