/* SPDX-License-Identifier: BSD-2-Clause */

/* Cores: what is in them, where, and what making one leaves behind. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "core/overlay.h"
#include "core/script.h"
#include "kern/linker_file.h"
#include "kern/sim.h"
#include "support_alloc.h"

#define FOUND_MAX 8

/* A file of memory, and the findings that came with it. */
struct out {
	unsigned char *bytes;
	size_t size;
	uint64_t holes;  /* bytes that were not handed over */
	long fail_at;    /* the write that fails, from 0; < 0: none */
	size_t nfound;
	char found[FOUND_MAX][600]; /* "code file section symbol text" */
};

static int
take(void *user, const void *bytes, uint64_t size)
{
	struct out *out = user;

	if (out->fail_at-- == 0)
		return 28;
	out->bytes = realloc(out->bytes, out->size + size);
	assert_non_null(out->bytes);
	if (bytes == NULL) {
		memset(out->bytes + out->size, 0, size);
		out->holes += size;
	} else {
		memcpy(out->bytes + out->size, bytes, size);
	}
	out->size += size;
	return 0;
}

static void
note(void *user, const struct kldsim_finding *f)
{
	struct out *out = user;

	assert_true(out->nfound < FOUND_MAX);
	assert_int_equal(f->severity, KLDSIM_NOTE);
	(void)snprintf(out->found[out->nfound++], sizeof(out->found[0]),
	    "%s %s %s %s %s", f->code, f->file, f->section == NULL ? "-" :
	    f->section, f->symbol == NULL ? "-" : f->symbol, f->text);
}

static enum kldsim_status
write_core(const struct kern *kern, struct out *out, const char *folder)
{
	struct kldsim_core_options options;
	struct kldsim_error error;
	enum kldsim_status status;

	memset(out, 0, sizeof(*out));
	out->fail_at = -1;
	kldsim_core_options_init(&options, sizeof(options));
	options.folder = folder;
	options.found = note;
	options.found_user = out;
	status = kldsim_core_write(kern->sim, &options, take, out, &error);
	return status;
}

/* A number of the file, of the target's order. */
static uint64_t
number(const struct out *out, size_t offset, unsigned width)
{
	bool big = out->bytes[5] == 2;
	uint64_t value = 0;

	assert_true(offset + width <= out->size);
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)out->bytes[offset + i] <<
		    8 * (big ? width - 1 - i : i);
	return value;
}

/* Where an address is in the core; SIZE_MAX: nowhere. */
static size_t
place(const struct out *out, uint64_t address)
{
	bool wide = out->bytes[4] == 2;
	unsigned word = wide ? 8 : 4;
	uint64_t count = number(out, wide ? 56 : 44, 2);

	for (uint64_t i = 0; i < count; i++) {
		size_t at = wide ? 64 + i * 56 : 52 + i * 32;
		uint64_t offset = number(out, at + (wide ? 8 : 4), word);
		uint64_t start = number(out, at + (wide ? 16 : 8), word);
		uint64_t size = number(out, at + (wide ? 32 : 16), word);

		if (number(out, at, 4) == 1 && address >= start &&
		    address - start < size)
			return (size_t)(offset + (address - start));
	}
	return SIZE_MAX;
}

static uint64_t
peek(const struct out *out, uint64_t address, unsigned width)
{
	size_t at = place(out, address);

	if (at == SIZE_MAX)
		fail_msg("the core lacks 0x%llx", (unsigned long long)address);
	return number(out, at, width);
}

static void
assert_text(const struct out *out, uint64_t address, const char *text)
{
	size_t at = place(out, address);

	assert_true(at < out->size);
	assert_string_equal((const char *)out->bytes + at, text);
}

/* What kern_linker.c has for its list (E-03). */
static void
add_list(struct kern *kern, unsigned word)
{
	(void)kldsim_synth_object(kern->synth, "linker_files", NULL, 2 * word,
	    word);
	(void)kldsim_synth_object(kern->synth, "linker_kernel_file", NULL,
	    word, word);
	(void)kldsim_synth_object(kern->synth, "linker_path", NULL, 1024, 1);
}

/*
 * E-01, E-70, N-05: the walk that LLDB and kgdb make.  Offsets are those of
 * E-01 for 64 bits: next 24, prev 32, filename 40, pathname 48, id 56, address
 * 64, size 72.
 */
static void
linker_files(void **state)
{
	struct kern kern;
	struct out out;
	uint64_t head, first, second;
	int id;

	(void)state;
	kern_init(&kern, R121);
	add_list(&kern, 8);
	kern.options.module_path = "/boot/kernel;/boot/modules";
	kern_boot(&kern);
	id = kern_load(&kern, module_with_set(R121, "set_vnet", 8, 1), "a.ko");
	assert_int_equal(write_core(&kern, &out, "/work"), KLDSIM_OK);
	head = kern_symbol(&kern, "linker_files");
	first = peek(&out, head, 8);
	second = peek(&out, first + 24, 8);
	assert_hex(peek(&out, head + 8, 8), second + 24);
	assert_hex(peek(&out, first + 32, 8), head);
	assert_hex(peek(&out, second + 32, 8), first + 24);
	assert_hex(peek(&out, second + 24, 8), 0);
	assert_text(&out, peek(&out, first + 40, 8), "kernel");
	assert_text(&out, peek(&out, first + 48, 8), "/work/kernel");
	assert_text(&out, peek(&out, second + 40, 8), "a.ko");
	assert_text(&out, peek(&out, second + 48, 8), MODULE_PATH("a.ko"));
	assert_int_equal(peek(&out, second + 56, 4), id);
	assert_int_equal(peek(&out, second + 8, 4), kern_stat(&kern, id).refs);
	assert_hex(peek(&out, second + 64, 8), kern_stat(&kern, id).address);
	assert_hex(peek(&out, second + 72, 8), kern_stat(&kern, id).size);
	assert_hex(peek(&out, kern_symbol(&kern, "linker_kernel_file"), 8),
	    first);
	assert_text(&out, kern_symbol(&kern, "linker_path"),
	    "/boot/kernel;/boot/modules");
	assert_int_equal(out.nfound, 0);
	/* None of it is the simulation's. */
	assert_hex(kern_read(&kern, head, 8), 0);
	assert_int_not_equal(kldsim_read(kern.sim, first, &id, 1), KLDSIM_OK);
	free(out.bytes);
	kern_fini(&kern);
}

/* E-01 for 32 bits, big-endian: next 16, prev 20, filename 24, id 32. */
static void
linker_files_of_32_bits(void **state)
{
	struct kern kern;
	struct out out;
	uint64_t head, first;

	(void)state;
	kern_init_machine(&kern, "powerpc", R121);
	add_list(&kern, 4);
	kern_boot(&kern);
	assert_int_equal(write_core(&kern, &out, NULL), KLDSIM_OK);
	assert_memory_equal(out.bytes, "\177ELF\1\2\1\0", 8);
	head = kern_symbol(&kern, "linker_files");
	first = peek(&out, head, 4);
	assert_hex(peek(&out, head + 4, 4), first + 16);
	assert_hex(peek(&out, first + 16, 4), 0);
	assert_hex(peek(&out, first + 20, 4), head);
	assert_text(&out, peek(&out, first + 24, 4), "kernel");
	assert_int_equal(peek(&out, first + 32, 4), 1);
	free(out.bytes);
	kern_fini(&kern);
}

/* E-03: a kernel without those names is one that debuggers see no list in. */
static void
blind(void **state)
{
	struct kern kern;
	struct out out;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(write_core(&kern, &out, NULL), KLDSIM_OK);
	assert_int_equal(out.nfound, 1);
	assert_string_equal(out.found[0], "debugger-blind kernel - "
	    "linker_files the kernel has no symbol linker_files: kgdb and "
	    "LLDB find no modules by themselves");
	free(out.bytes);
	kern_fini(&kern);
}

/*
 * E-11, E-14, N-06, second part: .note.gnu.property has no place in the kernel's layout,
 * and 0x30 bytes, aligned 8, in that of debuggers, so that .rodata, behind
 * 0x1c bytes of .text at B, is at B + 0x1c and looked for at B + 0x50.
 */
static void
layouts(void **state)
{
	struct kldsim_synth *module;
	unsigned char text[0x1c] = { 0x90 };
	struct kern kern;
	struct out out;
	char want[300];
	uint64_t base;
	int id;

	(void)state;
	kern_start(&kern, R121);
	module = module_new(R121);
	(void)kldsim_synth_append(module, kldsim_synth_section(module, ".text",
	    1, 6, 16), text, sizeof(text));
	(void)kldsim_synth_append(module, kldsim_synth_section(module,
	    ".note.gnu.property", 7, KLDSIM_SYNTH_ALLOC, 8), NULL, 0x30);
	(void)kldsim_synth_append(module, kldsim_synth_section(module,
	    ".rodata", 1, KLDSIM_SYNTH_ALLOC, 1), "abcd", 5);
	id = kern_load(&kern, module, "a.ko");
	base = kern_stat(&kern, id).address;
	assert_hex(kern_section(&kern, id, ".rodata").address, base + 0x1c);
	assert_int_equal(write_core(&kern, &out, NULL), KLDSIM_OK);
	assert_int_equal(out.nfound, 2);
	(void)snprintf(want, sizeof(want), "debugger-layout a.ko .rodata - "
	    "section .rodata is at 0x%llx, and kgdb and LLDB look for it at "
	    "0x%llx", (unsigned long long)base + 0x1c,
	    (unsigned long long)base + 0x50);
	assert_string_equal(out.found[1], want);
	free(out.bytes);
	kern_fini(&kern);
}

/* E-40, E-41: all that can be written is there; notes are as gdb wants them. */
static void
contents(void **state)
{
	struct kldsim_set_info set;
	struct kern kern;
	struct out out;
	size_t notes;

	(void)state;
	kern_init(&kern, R121);
	kern.options.vnets = 2;
	(void)kldsim_synth_vnet(kern.synth, "x", "\1\2\3\4\5\6\7\10", 8, 8);
	(void)kldsim_synth_object(kern.synth, "data", "\7\0\0", 4, 4);
	kern_boot(&kern);
	assert_int_equal(write_core(&kern, &out, NULL), KLDSIM_OK);
	assert_int_equal(number(&out, 16, 2), 4);  /* ET_CORE */
	assert_int_equal(number(&out, 18, 2), 62); /* EM_X86_64 */
	assert_int_equal(number(&out, 64, 4), 4);  /* PT_NOTE, */
	assert_int_equal(number(&out, 64 + 48, 8), 4); /* its p_align, */
	notes = (size_t)number(&out, 64 + 8, 8);   /* and offset */
	assert_int_equal(number(&out, notes + 4, 4), 336);
	assert_string_equal((char *)out.bytes + notes + 12, "CORE");
	notes += 12 + 8 + 336;
	assert_int_equal(number(&out, notes + 4, 4), 224);
	assert_string_equal((char *)out.bytes + notes + 12, "FreeBSD");
	assert_int_equal(number(&out, notes + 20 + 16, 8), 176);
	assert_int_equal(number(&out, notes + 20 + 32, 4), R121);
	assert_int_equal(peek(&out, kern_symbol(&kern, "data"), 4), 7);
	set = kern_set(&kern, KLDSIM_SET_VNET);
	assert_hex(peek(&out, set.start, 8), UINT64_C(0x0807060504030201));
	for (unsigned i = 0; i < 2; i++) {
		kldsim_addr copy;

		assert_int_equal(kldsim_set_translate(kern.sim,
		    KLDSIM_SET_VNET, i, set.start, &copy), KLDSIM_OK);
		assert_hex(peek(&out, copy, 8), UINT64_C(0x0807060504030201));
	}
	/* Code is as the file has it. */
	assert_int_equal(place(&out, kern_symbol(&kern, "printf")), SIZE_MAX);
	assert_true(out.holes > 0);
	free(out.bytes);
	kern_fini(&kern);
}

typedef enum kldsim_status write_fn(struct kldsim *sim,
    const struct kldsim_core_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static write_fn *const writers[] = {
	kldsim_core_write, kldsim_core_write_gdb, kldsim_core_write_lldb,
	kldsim_core_write_minidump
};

/* A question: whatever happens to it, the kernel is as it was. */
static void
a_question(void **state)
{
	struct kldsim_error error;
	struct out out = { .fail_at = -1 };
	struct kern kern;
	char *before, *after;

	(void)state;
	kern_init(&kern, R121);
	add_list(&kern, 8);
	kern_boot(&kern);
	(void)kern_load(&kern, module_with_set(R121, "set_vnet", 8, 1), "a.ko");
	before = kern_digest(&kern);
	for (size_t i = 0; i < COUNT(writers); i++) {
		assert_int_equal(writers[i](kern.sim, NULL, take, &out, &error),
		    KLDSIM_OK);
		for (long n = 0; n < 3; n++) {
			struct out bad = { .fail_at = n };
			enum kldsim_status status = writers[i](kern.sim, NULL,
			    take, &bad, &error);

			/* A script is one write. */
			assert_int_equal(status, n == 0 || i == 0 || i == 3 ?
			    KLDSIM_SYS : KLDSIM_OK);
			if (status == KLDSIM_SYS)
				assert_int_equal(error.sys_errno, 28);
			free(bad.bytes);
		}
	}
	after = kern_digest(&kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
	free(out.bytes);
	kern_fini(&kern);
}

/* Every request for memory refused once. */
static void
no_memory(void **state)
{
	struct support_alloc alloc;
	struct kldsim_error error;
	struct kern kern;
	char *before, *after;

	kern_init(&kern, R121);
	/* With the list, and with a finding that there is none. */
	if (*state == NULL)
		add_list(&kern, 8);
	support_alloc_init(&alloc, -1);
	kern.options.allocator = support_allocator(&alloc);
	kern_boot(&kern);
	(void)kern_load(&kern, module_with_set(R121, "set_vnet", 8, 1), "a.ko");
	before = kern_digest(&kern);
	for (size_t i = 0; i < COUNT(writers); i++) {
		enum kldsim_status status = KLDSIM_NOMEM;
		struct kldsim_core_options options;
		size_t live = alloc.live;

		for (long n = 0; status != KLDSIM_OK; n++) {
			struct out out = { .fail_at = -1 };

			kldsim_core_options_init(&options, sizeof(options));
			options.folder = "/work"; /* the kernel's name is relative */
			options.found = note;
			options.found_user = &out;
			alloc.fail_at = alloc.calls + n;
			alloc.failed = 0;
			status = writers[i](kern.sim, &options, take, &out,
			    &error);
			assert_int_equal(status, alloc.failed ? KLDSIM_NOMEM :
			    KLDSIM_OK);
			free(out.bytes);
			alloc.fail_at = -1;
		}
		/* That the kernel has no types is kept. */
		assert_true(alloc.live == live || alloc.live == live + 1);
	}
	after = kern_digest(&kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
	kern_fini(&kern);
	assert_int_equal(alloc.live, 0);
}

static bool
says(const struct out *out, const char *text)
{
	for (size_t i = 0; i + strlen(text) <= out->size; i++)
		if (memcmp(out->bytes + i, text, strlen(text)) == 0)
			return true;
	return false;
}

/* A script can run anything: names that could end a word are not in it. */
static void
names(void **state)
{
	struct kldsim_core_options options;
	struct kldsim_synth *module = module_new(R121);
	struct kldsim_image *image;
	struct kldsim_error error;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)module_section(module, ".x y\"", 1, KERN_ALLOC_WRITE, 8, 8);
	(void)kern_load(&kern, module, "a.ko");
	(void)kern_load(&kern, module_with_set(R121, "set_vnet", 8, 1),
	    "b\nshell x.ko");
	for (size_t i = 1; i < 3; i++) {
		struct out out = { .fail_at = -1 };

		kldsim_core_options_init(&options, sizeof(options));
		assert_int_equal(writers[i](kern.sim, &options, take, &out,
		    &error), KLDSIM_OK);
		assert_true(says(&out, "# File 3 is left out: its "
		    "name has characters that do not fit here.\n"));
		assert_true(says(&out, MODULE_PATH("a.ko")));
		assert_false(says(&out, "shell"));
		assert_false(says(&out, ".x"));
		free(out.bytes);
	}
	kldsim_destroy(kern.sim);
	/* The same of the kernel's own name. */
	image = kern.image;
	kern.image = kern_image(kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL), "ker\"nel");
	kldsim_image_unref(image);
	assert_int_equal(kern_try_boot(&kern), KLDSIM_OK);
	for (size_t i = 1; i < 3; i++) {
		struct out out = { .fail_at = -1 };

		assert_int_equal(writers[i](kern.sim, NULL, take, &out,
		    &error), KLDSIM_OK);
		assert_true(says(&out, "name has characters that do not fit"));
		free(out.bytes);
	}
	kern_fini(&kern);
}

/* A file without section headers, and tables that are not in the file. */
static void
poor_files(void **state)
{
	static const struct {
		const char *field;
		uint64_t value;
	} rows[] = {
		{ "ehdr.e_shnum", 0 },
		{ "shdr[.dynsym].sh_link", 1000 },
		{ "shdr[.dynsym].sh_offset", UINT64_C(1) << 40 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct kldsim_synth *module = kldsim_synth_new("arm64",
		    KLDSIM_SYNTH_MODULE);
		struct out out = { .fail_at = -1 };
		struct kldsim_error error;
		struct kern kern;

		kern_init_machine(&kern, "arm64", R121);
		kern_boot(&kern);
		kldsim_synth_option(module, KLDSIM_SYNTH_OSRELDATE, R121);
		(void)kldsim_synth_vnet(module, "x", NULL, 8, 8);
		kldsim_synth_override(module, "shdr[.symtab].sh_type", 1);
		kldsim_synth_override(module, rows[i].field, rows[i].value);
		(void)kern_load(&kern, module, "a.ko");
		assert_int_equal(writers[1](kern.sim, NULL, take, &out,
		    &error), KLDSIM_OK);
		assert_int_equal(says(&out, "add-symbol-file"), i != 0);
		assert_false(says(&out, "\"vnet_entry_x\""));
		free(out.bytes);
		kern_fini(&kern);
	}
}

/* Options that have grown since. */
static void
newer_callers(void **state)
{
	struct {
		struct kldsim_core_options known;
		void *new;
	} options = { .new = NULL };
	struct out out = { .fail_at = -1 };
	struct kldsim_error error;
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	kldsim_core_options_init(&options.known, sizeof(options.known));
	options.known.size = sizeof(options);
	options.known.name = "mine";
	assert_int_equal(kldsim_core_write_gdb(kern.sim, &options.known, take,
	    &out, &error), KLDSIM_OK);
	assert_true(says(&out, "core-file mine\n"));
	free(out.bytes);
	kern_fini(&kern);
}

/* The overlay by itself: places, edges, and what does not fit. */
static void
overlays(void **state)
{
	struct kldsim__overlay overlay;
	kldsim_addr data, one, two, start;
	uint8_t *bytes, seen[8];
	kldsim_size size;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	(void)kldsim_synth_object(kern.synth, "data", "\1\2\3\4\5\6\7", 8,
	    8);
	kern_boot(&kern);
	data = kern_symbol(&kern, "data");
	assert_int_equal(kldsim__overlay_init(&overlay, kern.sim, NULL), 0);
	assert_int_equal(kldsim__overlay_replace(&overlay, data + 2, 2,
	    &bytes), 0);
	memcpy(bytes, "\x22\x33", 2);
	assert_int_equal(kldsim__overlay_read(&overlay, data, seen, 8), 8);
	assert_memory_equal(seen, "\1\2\x22\x33\5\6\7", 8);
	assert_int_not_equal(kldsim__overlay_replace(&overlay, data + 3, 2,
	    &bytes), 0);
	assert_int_equal(kldsim__overlay_add(&overlay, 1, &one, &bytes), 0);
	assert_int_equal(kldsim__overlay_add(&overlay, 4097, &two, &bytes), 0);
	assert_true(two >= one + 4096);
	assert_true(kldsim__overlay_next(&overlay, two + 4096, &start, &size));
	assert_hex(start, two + 4096);
	assert_hex(size, 4096);
	assert_int_equal(kldsim__overlay_read(&overlay, two + 8191, seen, 8),
	    1);
	assert_int_not_equal(kldsim__overlay_add(&overlay, SIZE_MAX / 2, &one,
	    &bytes), 0);
	kldsim__overlay_fini(&overlay);
	kern_fini(&kern);
}

/* E-41 (a), E-52: sizes that gdb opens quietly, and that it reads at once. */
static void
what_debuggers_want(void **state)
{
	static const struct {
		const char *machine;
		unsigned prstatus, registers;
	} rows[] = {
		{ "amd64", 336, 164 }, { "i386", 144, 64 },
		{ "armv7", 148, 168 }, { "arm64", 392, 268 },
		{ "riscv64", 376, 264 }, { "powerpc", 268, 412 },
		{ "powerpc64", 504, 556 }, { "powerpc64le", 504, 556 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kern kern;

		kern_init_machine(&kern, rows[i].machine, R150);
		kern_boot(&kern);
		/* E-41 (b): of two machines. */
		assert_int_equal(kern.sim->arch->debug.gregset, i == 0 ? 176 :
		    i == 3 ? 272 : 0);
		assert_int_equal(kern.sim->arch->debug.fpregset, i == 0 ? 512 :
		    i == 3 ? 528 : 0);
		assert_int_equal(kern.sim->arch->debug.prstatus,
		    rows[i].prstatus);
		assert_int_equal(kern.sim->arch->debug.registers,
		    rows[i].registers);
		kern_fini(&kern);
	}
}

/* What a debugger reads as it is written. */
static void
harmless_words(void **state)
{
	(void)state;
	assert_true(kldsim__script_word_fits("azAZ09._$-"));
	assert_false(kldsim__script_word_fits("-a"));
	assert_false(kldsim__script_word_fits(""));
	assert_true(kldsim__script_path_fits("/azAZ09._-+,:=@%~ ()"));
	for (int c = 1; c < 128; c++) {
		const char word[] = { 'a', (char)c, '\0' };

		assert_int_equal(kldsim__script_word_fits(word),
		    strchr("abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._$-", c) != NULL);
	}
}

/* E-80: a set's bounds, and how far each copy is from it, for LLDB. */
static void
sets_for_lldb(void **state)
{
	struct kldsim_core_options options;
	struct out out = { .fail_at = -1 };
	struct kldsim_instance instance;
	struct kldsim_set_info set;
	struct kern kern;
	char want[200];

	(void)state;
	kern_init(&kern, R121);
	kldsim_synth_vnet(kern.synth, "a", "\1", 1, 1);
	kern_boot(&kern);
	kldsim_core_options_init(&options, sizeof(options));
	assert_int_equal(kldsim_core_write_lldb(kern.sim, &options, take, &out,
	    NULL), KLDSIM_OK);
	take(&out, "", 1);
	set = kern_set(&kern, KLDSIM_SET_VNET);
	assert_int_equal(kldsim_set_instance(kern.sim, KLDSIM_SET_VNET, 0,
	    &instance), KLDSIM_OK);
	(void)snprintf(want, sizeof(want), "\nscript kldsim_vnet = (0x%llx, "
	    "0x%llx), {0: 0x%llx, }\ncommand regex vprint ",
	    (unsigned long long)set.start, (unsigned long long)set.stop,
	    (unsigned long long)instance.base);
	assert_non_null(strstr((char *)out.bytes, want));
	free(out.bytes);
	kern_fini(&kern);
}

/* --- a minidump of amd64 (E-30 to E-33); tests/debuggers reads all machines' --- */

#define PAGE 4096u

static uint64_t
word_of(const struct out *out, size_t at, unsigned width)
{
	uint64_t value = 0;

	assert_true(at + width <= out->size);
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)out->bytes[at + i] << 8 * i;
	return (value);
}

/* Where the pages begin, and how many the bitmap has: from 1 on, one by one. */
static size_t
first_page(const struct out *out, uint64_t *pages_ret)
{
	const size_t bitmap = PAGE + (size_t)word_of(out, 28, 4);
	const size_t size = (size_t)word_of(out, 32, 4);

	for (*pages_ret = 0; word_of(out, bitmap + (*pages_ret + 1) / 8, 1) >>
	    (*pages_ret + 1) % 8 & 1; ++*pages_ret)
		;
	assert_int_equal(word_of(out, bitmap, 1) & 1, 0);
	return (bitmap + (size + PAGE - 1) / PAGE * PAGE +
	    (size_t)word_of(out, 36, 4));
}

/* A table's pages: how many there are; each is as kldsim_read() has it. */
static unsigned
check_table(const struct kern *kern, const struct out *out, size_t first,
    size_t table, kldsim_addr start)
{
	unsigned char page[PAGE];
	unsigned count = 0;

	for (unsigned i = 0; i < PAGE / 8; i++) {
		const uint64_t entry = word_of(out, table + i * 8, 8);

		if (entry == 0)
			continue;
		count++;
		assert_int_equal(entry & 0xfff, 3);
		if (kldsim_read(kern->sim, start + i * PAGE, page, PAGE) ==
		    KLDSIM_OK)
			assert_memory_equal(out->bytes + first + (entry /
			    PAGE - 1) * PAGE, page, PAGE);
	}
	return (count);
}

/* E-34: where the heap is the direct map, its pages are far behind others. */
static void
a_minidump_with_a_direct_map(void **state)
{
	struct kldsim_core_options options;
	struct out out = { .fail_at = -1 };
	uint64_t pages, direct;
	struct kern kern;

	(void)state;
	kern_init_machine(&kern, "arm64", R150);
	kern_boot(&kern);
	kldsim_core_options_init(&options, sizeof(options));
	assert_int_equal(kldsim_core_write_minidump(kern.sim, &options, take,
	    &out, NULL), KLDSIM_OK);
	assert_true(out.size > first_page(&out, &pages) + pages * PAGE);
	direct = word_of(&out, 48, 8) / PAGE; /* dmapphys */
	assert_int_equal(word_of(&out, PAGE + (size_t)word_of(&out, 28, 4) +
	    direct / 8, 1) >> direct % 8 & 1, 1);
	free(out.bytes);
	kern_fini(&kern);
}

static void
every_page_of_a_minidump(void **state)
{
	struct kldsim_core_options options;
	struct out out = { .fail_at = -1 };
	uint64_t pages, found = 0;
	size_t first;
	struct kern kern;

	(void)state;
	kern_init(&kern, R121);
	/* Over three blocks of 2 MiB, and not to their ends. */
	(void)module_section(kern.synth, ".large", KLDSIM_SYNTH_PROGBITS,
	    KERN_ALLOC_WRITE, 16, 0x412345);
	kern_boot(&kern);
	kldsim_core_options_init(&options, sizeof(options));
	options.found = note;
	options.found_user = &out;
	assert_int_equal(kldsim_core_write_minidump(kern.sim, &options, take,
	    &out, NULL), KLDSIM_OK);
	assert_int_equal(out.nfound, 2);
	assert_non_null(strstr(out.found[1], "has no symbol allproc"));
	assert_int_equal(word_of(&out, 24, 4), 2);
	first = first_page(&out, &pages);
	assert_int_equal(out.size, first + pages * PAGE);
	for (size_t at = first - (size_t)word_of(&out, 36, 4); at < first;
	    at += 8) {
		const uint64_t entry = word_of(&out, at, 8);
		const uint64_t index = (at - (first - (size_t)word_of(&out, 36,
		    4))) / 8;

		if (entry != 0)
			found += 1 + check_table(&kern, &out, first, first +
			    (size_t)(entry / PAGE - 1) * PAGE,
			    word_of(&out, 40, 8) + (index << 21));
	}
	assert_int_equal(found, pages);
	assert_true(pages > 0x412);
	free(out.bytes);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linker_files),
		cmocka_unit_test(linker_files_of_32_bits),
		cmocka_unit_test(blind),
		cmocka_unit_test(layouts),
		cmocka_unit_test(contents),
		cmocka_unit_test(a_question),
		cmocka_unit_test(no_memory),
		cmocka_unit_test_prestate(no_memory, (char[]){ "no list" }),
		cmocka_unit_test(names),
		cmocka_unit_test(poor_files),
		cmocka_unit_test(newer_callers),
		cmocka_unit_test(overlays),
		cmocka_unit_test(what_debuggers_want),
		cmocka_unit_test(harmless_words),
		cmocka_unit_test(sets_for_lldb),
		cmocka_unit_test(a_minidump_with_a_direct_map),
		cmocka_unit_test(every_page_of_a_minidump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
