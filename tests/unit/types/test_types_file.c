/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Where types are in a file: the section, the symbols that it belongs to, and
 * whether it is a kernel (C-01, C-24).
 */

#include "support_ctf.h"
#include "support_image.h"

static struct kldsim_error error;

/* One struct, and types for a local and a global symbol. */
static struct kldsim_synth *
make(const char *machine, enum kldsim_synth_kind kind)
{
	struct kldsim_synth *s = kldsim_synth_new(machine, kind);
	int f = kldsim_synth_func(s, "f");
	int object = kldsim_synth_object(s, "o", "1234", 4, 4);
	int integer = ctf_int(s, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);

	(void)ctf_struct(s, "foo", 4);
	kldsim_synth_bind(s, object, KLDSIM_SYNTH_LOCAL);
	kldsim_synth_bind(s, f, KLDSIM_SYNTH_LOCAL);
	kldsim_synth_ctf_func(s, f, integer, &integer, 1);
	kldsim_synth_ctf_object(s, object, integer);
	return (s);
}

/* Symbols have types, have none, or the file has not even types. */
enum outcome { TYPED, UNTYPED, NO_TYPES, BROKEN, ODD };

static const enum kldsim_status statuses[] = {
	[TYPED] = KLDSIM_OK, [UNTYPED] = KLDSIM_OK,
	[NO_TYPES] = KLDSIM_NOENT, [BROKEN] = KLDSIM_MALFORMED,
	[ODD] = KLDSIM_UNSUPPORTED
};

static void
check(struct kldsim_synth *s, enum outcome outcome, const char *words)
{
	struct kldsim_types *types = ctf_end(s, &error);
	struct kldsim_types_info info;

	if (error.status != statuses[outcome])
		fail_msg("%s: %s", words, error.text);
	if (types == NULL) {
		if (strstr(error.text, words) == NULL)
			fail_msg("%s", error.text);
		assert_ptr_equal(strstr(error.text, "made.ko: "), error.text);
		return;
	}
	kldsim_types_info(types, &info);
	if (outcome == TYPED) {
		assert_null(info.no_functions);
		assert_null(info.no_variables);
		assert_int_equal(info.functions, 1);
		assert_int_equal(info.variables, 1);
	} else {
		assert_string_equal(info.no_functions, words);
		assert_string_equal(info.no_variables, words);
		assert_int_equal(info.functions + info.variables, 0);
	}
	kldsim_types_free(types);
}

static void
every_machine(void **state)
{
	const char *machine;

	(void)state;
	for (size_t i = 0; (machine = kldsim_synth_machine(i)) != NULL; i++) {
		struct kldsim_synth *s = make(machine, KLDSIM_SYNTH_MODULE);

		check(s, TYPED, machine);
	}
}

#define REORDERED "some of its symbols are local and some are not, so they " \
	"may stand in another order than their types (C-24)"

/* Types of symbols are used. */
static void
uses_symbols(struct kldsim_types *types)
{
	struct kldsim_types_info info;

	assert_non_null(types);
	kldsim_types_info(types, &info);
	assert_null(info.no_functions);
	assert_null(info.no_variables);
	assert_int_equal(info.functions, 1);
	assert_int_equal(info.variables, 1);
	kldsim_types_free(types);
}

/* A global symbol beside local ones is harmless in a kernel alone. */
static void
kernels(void **state)
{
	static const struct {
		const char *machine;
		enum kldsim_synth_kind kind;
		bool interp;
		enum outcome outcome;
	} rows[] = {
		{ "amd64", KLDSIM_SYNTH_KERNEL, true, TYPED },
		{ "powerpc64", KLDSIM_SYNTH_KERNEL, true, TYPED },
		{ "arm64", KLDSIM_SYNTH_EXEC, false, TYPED },
		{ "powerpc64", KLDSIM_SYNTH_DYN, true, TYPED },
		{ "powerpc64", KLDSIM_SYNTH_DYN, false, UNTYPED },
		{ "amd64", KLDSIM_SYNTH_MODULE, false, UNTYPED },
		{ "arm64", KLDSIM_SYNTH_MODULE, false, UNTYPED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kldsim_synth *s = make(rows[i].machine, rows[i].kind);

		if (rows[i].kind != KLDSIM_SYNTH_KERNEL)
			kldsim_synth_option(s, KLDSIM_SYNTH_INTERP,
			    rows[i].interp);
		(void)kldsim_synth_symbol(s, "g", KLDSIM_SYNTH_GLOBAL,
		    KLDSIM_SYNTH_OBJECT, kldsim_synth_section_named(s,
		    ".data"), 0, 4);
		if (rows[i].outcome == UNTYPED)
			check(s, UNTYPED, REORDERED);
		else
			uses_symbols(ctf_end(s, &error));
	}
}

/* Fields that keep types from being found. */
static const struct {
	const char *field;
	uint64_t value;
	enum outcome outcome;
	const char *words;
} fields[] = {
	{ "ehdr.e_shnum", 0, NO_TYPES, "no types: it has no section headers" },
	{ "ehdr.e_shoff", 0, NO_TYPES, "no types: it has no section headers" },
	{ "ehdr.e_shoff", 1 << 30, BROKEN, "are not all there" },
	{ "ehdr.e_shentsize", 63, BROKEN, "are not all there" },
	{ "ehdr.e_shstrndx", 0, NO_TYPES, "there is no section .SUNW_ctf" },
	{ "ehdr.e_shstrndx", 999, NO_TYPES, "there is no section .SUNW_ctf" },
	{ "shdr[.shstrtab].sh_offset", 1 << 30, NO_TYPES, "no section" },
	{ "shdr[.SUNW_ctf].sh_name", 0xffffff, NO_TYPES, "no section" },
	{ "shdr[.SUNW_ctf].sh_type", 8, NO_TYPES, "build it WITH_CTF=1" },
	{ "shdr[.SUNW_ctf].sh_type", 7, TYPED, "a note, if it must be" },
	{ "shdr[.SUNW_ctf].sh_offset", 1 << 30, BROKEN,
	    ".SUNW_ctf: its " },
	{ "shdr[.SUNW_ctf].sh_size", UINT64_MAX, BROKEN, ".SUNW_ctf: its " },
	{ "shdr[.SUNW_ctf].sh_size", 35, BROKEN, "offset 0x23: it ends within "
	    "the header" },
	{ "shdr[.SUNW_ctf].sh_size", 0, BROKEN, "offset 0x0: it ends within" },
	{ "shdr[.SUNW_ctf].sh_flags", 0x800, ODD, "compressed as ELF has it" },
	/* C-01: which symbols, later tools may have forgotten. */
	{ "shdr[.SUNW_ctf].sh_link", 0, TYPED, "the only one" },
	{ "shdr[.SUNW_ctf].sh_link", 999, TYPED, "the only one" },
	{ "shdr[.symtab].sh_type", 1, UNTYPED, "it has no symbol table" },
	{ "shdr[.symtab].sh_offset", 1 << 30, UNTYPED,
	    "its symbol table cannot be read" },
	{ "shdr[.symtab].sh_entsize", 16, UNTYPED,
	    "its symbol table cannot be read" },
	{ "shdr[.symtab].sh_entsize", 0, UNTYPED,
	    "its symbol table cannot be read" },
	{ "shdr[.symtab].sh_link", 999, UNTYPED,
	    "its symbol table cannot be read" },
	{ "shdr[.strtab].sh_offset", 1 << 30, UNTYPED,
	    "its symbols' names cannot be read" },
	{ "shdr[.strtab].sh_type", 8, UNTYPED,
	    "its symbols' names cannot be read" },
};

static void
broken_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct kldsim_synth *s = make("amd64", KLDSIM_SYNTH_MODULE);

		kldsim_synth_override(s, fields[i].field, fields[i].value);
		check(s, fields[i].outcome, fields[i].words);
	}
}

/* The first section of the name is the one (C-01). */
static void
first_of_two(void **state)
{
	struct kldsim_synth *s = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
	int section = kldsim_synth_section(s, ".SUNW_ctf", 1, 0, 4);

	(void)state;
	(void)kldsim_synth_append(s, section, support_x01, X01_SIZE);
	section = kldsim_synth_section(s, ".SUNW_ctf", 1, 0, 4);
	(void)kldsim_synth_append(s, section, "nothing", 8);
	(void)kldsim_synth_func(s, "f");
	kldsim_types_free(ctf_end(s, &error));
	assert_int_equal(error.status, KLDSIM_OK);
}

/* An offset is told in the section, and in the file if it can be found there. */
static void
offsets(void **state)
{
	(void)state;
	for (int compressed = 0; compressed < 2; compressed++) {
		struct kldsim_synth *s = make("amd64", KLDSIM_SYNTH_MODULE);
		struct kldsim_image *image;
		struct kldsim_types *types;
		const uint8_t *bytes;
		uint64_t size;

		kldsim_synth_option(s, KLDSIM_SYNTH_CTF_COMPRESS,
		    (uint64_t)compressed);
		kldsim_synth_override(s, "ctf_type[1].kind", 14);
		image = support_image(s, "m.ko");
		assert_non_null(image);
		kldsim_synth_free(s);
		assert_int_equal(kldsim_types_read(image, NULL, &types,
		    &error), KLDSIM_MALFORMED);
		assert_non_null(strstr(error.text, "type 1 has kind 14"));
		assert_int_equal(error.has_offset, !compressed);
		bytes = kldsim__image_bytes(image, &size);
		/* u16 info: kind 14, a root, one word. */
		if (!compressed)
			assert_int_equal(kldsim__load16(bytes + error.offset,
			    false), 14 << 11 | 1 << 10 | 1);
		kldsim_image_unref(image);
	}
}

static void
no_elf(void **state)
{
	struct kldsim_types *types;
	struct kldsim_image *image;

	(void)state;
	assert_int_equal(kldsim_image_open_memory("text", 4, "a.txt", NULL,
	    NULL, &image, &error), KLDSIM_OK);
	assert_int_equal(kldsim_types_read(image, NULL, &types, &error),
	    KLDSIM_NOT_ELF);
	assert_string_equal(error.text, "a.txt: not an ELF file");
	assert_int_equal(kldsim_types_read(image, NULL, &types, NULL),
	    KLDSIM_NOT_ELF);
	kldsim_image_unref(image);
	kldsim_types_free(NULL);
}

static void
options(void **state)
{
	struct kldsim_synth *s = make("amd64", KLDSIM_SYNTH_MODULE);
	struct kldsim_image *image = support_image(s, "m.ko");
	struct kldsim_types_options options;
	struct kldsim_types *types;

	(void)state;
	assert_non_null(image);
	kldsim_synth_free(s);
	kldsim_types_options_init(&options, sizeof(options));
	options.limits.sections = 2;
	assert_int_equal(kldsim_types_read(image, &options, &types, &error),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "over the limit sections=2"));
	options.limits.sections = 0; /* the default */
	options.limits.symbols = 2;
	assert_int_equal(kldsim_types_read(image, &options, &types, &error),
	    KLDSIM_LIMIT);
	assert_non_null(strstr(error.text, "over the limit symbols=2"));
	/* A caller who knows of the size alone, one who does not even. */
	options.size = sizeof(options.size);
	assert_int_equal(kldsim_types_read(image, &options, &types, &error),
	    KLDSIM_OK);
	kldsim_types_free(types);
	options.size = 0;
	assert_int_equal(kldsim_types_read(image, &options, &types, NULL),
	    KLDSIM_ARG);
	kldsim_image_unref(image);
}

/* Each request for memory is refused once, from the section headers on. */
static void
no_memory(void **state)
{
	struct kldsim_synth *s = make("amd64", KLDSIM_SYNTH_MODULE);
	struct kldsim_image *image = support_image(s, "m.ko");
	struct kldsim_types_options options;
	struct support_alloc alloc;
	struct kldsim_types *types;
	enum kldsim_status status;
	long n = 0;

	(void)state;
	assert_non_null(image);
	kldsim_synth_free(s);
	kldsim_types_options_init(&options, sizeof(options));
	do {
		support_alloc_init(&alloc, n++);
		options.allocator = support_allocator(&alloc);
		types = NULL;
		status = kldsim_types_read(image, &options, &types, &error);
		assert_int_equal(status,
		    alloc.failed != 0 ? KLDSIM_NOMEM : KLDSIM_OK);
		kldsim_types_free(types);
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	assert_true(n > 12);
	kldsim_image_unref(image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_machine),
		cmocka_unit_test(kernels),
		cmocka_unit_test(broken_fields),
		cmocka_unit_test(first_of_two),
		cmocka_unit_test(offsets),
		cmocka_unit_test(no_elf),
		cmocka_unit_test(options),
		cmocka_unit_test(no_memory),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
