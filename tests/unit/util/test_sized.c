/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The API lasts: structs that begin with their size, as programs have them that
 * were compiled when there were fewer members, or more.
 */

#include "support_base.h"
#include "support_value.h"

#include <kldsim/spec.h>

#define ROOM 1024 /* bytes; no struct is as long */
#define NOT_OURS 0xa5

/* A reader gets options of any size, and gives back what it makes of them. */
typedef enum kldsim_status read_fn(struct kern *kern, const void *options);

static int
nowhere(void *user, const void *bytes, uint64_t size)
{
	(void)user;
	(void)bytes;
	(void)size;
	return (0);
}

static enum kldsim_status
read_boot(struct kern *kern, const void *options)
{
	struct kldsim *sim = NULL;
	enum kldsim_status status = kldsim_boot(kern->image, options, &sim,
	    &kern->error);

	kldsim_destroy(sim);
	return (status);
}

static enum kldsim_status
read_check(struct kern *kern, const void *options)
{
	struct kldsim_check *check = NULL;
	enum kldsim_status status = kldsim_check_new(kern->image, options,
	    &check, &kern->error);

	kldsim_check_free(check);
	return (status);
}

/* The options of each kernel are another program's, too. */
static enum kldsim_status
read_check_boot(struct kern *kern, const void *options)
{
	struct kldsim_check_options check;

	kldsim_check_options_init(&check, sizeof(check));
	check.boot = options;
	return (read_check(kern, &check));
}

static enum kldsim_status
read_next_boot(struct kern *kern, const void *options)
{
	struct kldsim_next_boot *next = NULL;
	struct kldsim_source *source;
	enum kldsim_status status;

	assert_int_equal(kldsim_source_new(NULL, &source, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_source_add(source, "/boot/kernel/kernel",
	    kern->image, NULL), KLDSIM_OK);
	status = kldsim_next_boot(source, options, &next, &kern->error);
	kldsim_next_boot_free(next);
	kldsim_source_unref(source);
	return (status);
}

static enum kldsim_status
read_core(struct kern *kern, const void *options)
{
	return (kldsim_core_write(kern->sim, options, nowhere, NULL,
	    &kern->error));
}

static enum kldsim_status
read_ddb(struct kern *kern, const void *options)
{
	struct kldsim_ddb *ddb = NULL;
	enum kldsim_status status = kldsim_ddb_open(kern->sim, options, &ddb);

	kldsim_ddb_close(ddb);
	return (status);
}

static enum kldsim_status
read_hints(struct kern *kern, const void *options)
{
	return (kldsim_hints_write("/nowhere/at/all", options, NULL,
	    &kern->error));
}

static enum kldsim_status
read_kbi(struct kern *kern, const void *options)
{
	struct kldsim_kbi_file *file = NULL;
	enum kldsim_status status = kldsim_kbi_file_new(kern->image, options,
	    &file, &kern->error);

	kldsim_kbi_file_free(file);
	return (status);
}

static enum kldsim_status
read_kbi_write(struct kern *kern, const void *options)
{
	struct kldsim_kbi_file *file;
	char *text = NULL;
	enum kldsim_status status;

	assert_int_equal(kldsim_kbi_file_new(kern->image, NULL, &file,
	    &kern->error), KLDSIM_OK);
	status = kldsim_kbi_write(file, options, &text);
	kldsim_kbi_write_free(file, text);
	kldsim_kbi_file_free(file);
	return (status);
}

static enum kldsim_status
read_refs(struct kern *kern, const void *options)
{
	struct kldsim_refs *refs = NULL;
	enum kldsim_status status = kldsim_refs_read(kern->image, NULL,
	    options, &refs, &kern->error);

	kldsim_refs_free(refs);
	return (status);
}

static enum kldsim_status
read_source(struct kern *kern, const void *options)
{
	struct kldsim_source *source = NULL;
	enum kldsim_status status = kldsim_source_new(options, &source,
	    &kern->error);

	kldsim_source_unref(source);
	return (status);
}

static enum kldsim_status
read_types(struct kern *kern, const void *options)
{
	struct kldsim_types *types = NULL;
	enum kldsim_status status = kldsim_types_read(kern->image, options,
	    &types, &kern->error);

	kldsim_types_free(types);
	return (status);
}

static enum kldsim_status
read_value(struct kern *kern, const void *options)
{
	struct kldsim_typed *typed;
	enum kldsim_status status;

	assert_int_equal(kldsim_type_of(kern->sim, "one", &typed,
	    &kern->error), KLDSIM_OK);
	status = kldsim_format_copies(typed, options, nowhere, NULL,
	    &kern->error);
	kldsim_typed_free(typed);
	return (status);
}

static enum kldsim_status
read_world(struct kern *kern, const void *options)
{
	return (kldsim_synth_world(options, "/nowhere/at/all", &kern->error));
}

/* Functions of one type, for a table. */
#define INIT(name) \
	static void init_##name(void *options, size_t size) \
	{ kldsim_##name##_init(options, size); }

INIT(options)
INIT(check_options)
INIT(core_options)
INIT(ddb_options)
INIT(hints_options)
INIT(kbi_options)
INIT(kbi_write_options)
INIT(refs_options)
INIT(source_options)
INIT(types_options)
INIT(value_options)

/* Nobody sets a world's defaults: they are all 0. */
static void
init_world(void *options, size_t size)
{
	memset(options, 0, size);
	memcpy(options, &size, sizeof(size));
}

static const struct row {
	const char *name;
	size_t size;
	void (*init)(void *options, size_t size);
	read_fn *read;
	enum kldsim_status status; /* of one who asks for the defaults */
} rows[] = {
	{ "options", sizeof(struct kldsim_options), init_options, read_boot,
	    KLDSIM_OK },
	{ "a check's options of a kernel", sizeof(struct kldsim_options),
	    init_options, read_check_boot, KLDSIM_OK },
	{ "the next boot's", sizeof(struct kldsim_options), init_options,
	    read_next_boot, KLDSIM_OK },
	{ "check", sizeof(struct kldsim_check_options), init_check_options,
	    read_check, KLDSIM_OK },
	{ "core", sizeof(struct kldsim_core_options), init_core_options,
	    read_core, KLDSIM_OK },
	{ "ddb", sizeof(struct kldsim_ddb_options), init_ddb_options,
	    read_ddb, KLDSIM_OK },
	{ "hints", sizeof(struct kldsim_hints_options), init_hints_options,
	    read_hints, KLDSIM_SYS },
	{ "kbi", sizeof(struct kldsim_kbi_options), init_kbi_options,
	    read_kbi, KLDSIM_OK },
	{ "kbi_write", sizeof(struct kldsim_kbi_write_options),
	    init_kbi_write_options, read_kbi_write, KLDSIM_OK },
	{ "refs", sizeof(struct kldsim_refs_options), init_refs_options,
	    read_refs, KLDSIM_OK },
	{ "source", sizeof(struct kldsim_source_options),
	    init_source_options, read_source, KLDSIM_OK },
	{ "types", sizeof(struct kldsim_types_options), init_types_options,
	    read_types, KLDSIM_OK },
	{ "value", sizeof(struct kldsim_value_options), init_value_options,
	    read_value, KLDSIM_OK },
	{ "world", sizeof(struct kldsim_world), init_world, read_world,
	    KLDSIM_SYS },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))
#define STEP sizeof(size_t)

/* What the struct has is as a caller of today has it, and the rest zero. */
static void
check_defaults(const struct row *row, const uint8_t *room, size_t size)
{
	_Alignas(union kldsim__max_align) uint8_t whole[ROOM] = { 0 };

	row->init(whole, row->size);
	memcpy(whole, &size, sizeof(size));
	if (memcmp(room, whole, size) != 0)
		fail_msg("%s of %zu bytes has other defaults", row->name, size);
}

/* Of a program with any struct, a shorter one too, nothing else is touched. */
static void
no_byte_behind_the_struct_is_written(void **state)
{
	_Alignas(union kldsim__max_align) uint8_t room[ROOM];

	(void)state;
	for (const struct row *row = rows; row < rows + NROWS; row++)
		for (size_t size = STEP; size <= row->size + 64; size += STEP) {
			memset(room, NOT_OURS, sizeof(room));
			row->init(room, size);
			check_defaults(row, room, size);
			for (size_t i = size; i < sizeof(room); i++)
				if (room[i] != NOT_OURS)
					fail_msg("%s of %zu bytes: byte %zu is "
					    "written", row->name, size, i);
		}
}

static void
expect(struct kern *kern, const struct row *row, const void *options,
    enum kldsim_status expected, const char *text)
{
	enum kldsim_status status;

	memset(&kern->error, 0, sizeof(kern->error));
	status = row->read(kern, options);
	if (status != expected)
		fail_msg("%s: %s, not %s: %s", row->name,
		    kldsim_status_name(status), kldsim_status_name(expected),
		    kern->error.text);
	if (text != NULL && kern->error.text[0] != '\0')
		assert_non_null(strstr(kern->error.text, text));
}

/* What an older program's struct lacks has its default, whatever lies there. */
static void
older_and_newer_programs(void **state)
{
	_Alignas(union kldsim__max_align) uint8_t room[ROOM];
	struct kern kern;

	(void)state;
	value_kernel(&kern, &value_machines[0], R121);
	for (const struct row *row = rows; row < rows + NROWS; row++) {
		const size_t newer = row->size + 64;

		for (size_t size = STEP; size <= row->size; size += STEP) {
			memset(room, NOT_OURS, sizeof(room));
			row->init(room, size);
			expect(&kern, row, room, row->status, NULL);
		}
		memset(room, NOT_OURS, sizeof(room));
		row->init(room, newer);
		expect(&kern, row, room, row->status, NULL);
		room[newer - 1] = 1;
		expect(&kern, row, room, KLDSIM_ARG, "a newer libkldsim");
		memset(room, 0, sizeof(room));
		expect(&kern, row, room, KLDSIM_ARG, "begin with their size");
	}
	kern_fini(&kern);
}

static bool
keeps(void *user, const struct kldsim_reduce_candidate *candidate)
{
	(void)user;
	(void)candidate;
	return (true);
}

/* Of these one member has no default: the one that is as old as the struct. */
static void
a_reduction_of_an_older_program(void **state)
{
	struct kldsim_reduce_options options;
	struct kldsim_reduce *reduce;

	(void)state;
	memset(&options, NOT_OURS, sizeof(options));
	kldsim_reduce_options_init(&options,
	    offsetof(struct kldsim_reduce_options, stop));
	assert_int_equal(kldsim_reduce_new(&options, &reduce, NULL),
	    KLDSIM_ARG);
	options.keeps = keeps;
	assert_int_equal(kldsim_reduce_new(&options, &reduce, NULL),
	    KLDSIM_OK);
	kldsim_reduce_free(reduce);
	options.size = 0;
	assert_int_equal(kldsim_reduce_new(&options, &reduce, NULL),
	    KLDSIM_ARG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_behind_the_struct_is_written),
		cmocka_unit_test(older_and_newer_programs),
		cmocka_unit_test(a_reduction_of_an_older_program),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
