/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the kernel says to DTrace and DDB when they ask for a file's types
 * (B-30, C-40).  The numbers in the console lines are those of kern_ctf.c in
 * main of November 2021 for 12, of 2024 for 14.
 */

#include "support_kern.h"

#include "support_ctf.h"

#define FB_EIO 5
#define FB_EFTYPE 79
#define NAME "a.ko"
#define SAYS(line) "link_elf_ctf_get(" #line "): "
#define OF "module " MODULE_PATH(NAME) " "

/* A module with one type, and 8 bytes (SHT_PROGBITS) to be loaded. */
static struct kldsim_synth *
typed(const struct kern *kern, unsigned version, bool compress)
{
	struct kldsim_synth *module = module_new(kern->osreldate);

	kldsim_synth_option(module, KLDSIM_SYNTH_CTF_VERSION, version);
	kldsim_synth_option(module, KLDSIM_SYNTH_CTF_COMPRESS, compress);
	(void)module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8, 8);
	(void)ctf_int(module, "int", 4, KLDSIM_SYNTH_CTF_SIGNED, 32);
	return (module);
}

/* The kernel's answer; it gives a size where it has types, and only there. */
static int
ask(struct kern *kern, int fileid, kldsim_size *size_ret)
{
	assert_int_equal(kldsim_ctf_get(kern->sim, fileid, size_ret,
	    &kern->result, &kern->error), KLDSIM_OK);
	assert_int_equal(*size_ret != 0, kern->result.error == 0);
	if (kern->result.error != 0)
		assert_non_null(kern_reason(kern));
	return (kern->result.error);
}

/* Load it, which goes whatever its types are (C-40), and ask. */
static int
load_and_ask(struct kern *kern, struct kldsim_synth *module)
{
	kldsim_size size;
	const int fileid = kern_load(kern, module, NAME);

	assert_silent(kern);
	return (ask(kern, fileid, &size));
}

/* --- what goes --- */

/* ctfcnt is the section's size, packed or not; the second time it is kept. */
static void
types_are_had(void **state)
{
	static const uint32_t releases[] = { R121, R130, R141, R150, R151 };
	kldsim_size size, again;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		for (unsigned packed = 0; packed < 2; packed++) {
			struct kern kern;
			int fileid;

			kern_start(&kern, releases[i]);
			fileid = kern_load(&kern, typed(&kern, 2, packed), NAME);
			assert_int_equal(ask(&kern, fileid, &size), 0);
			assert_silent(&kern);
			/* 36 of the header, a type of 12, "\0int\0" of 5. */
			if (packed == 0)
				assert_int_equal(size, 36 + 12 + 5);
			assert_int_equal(ask(&kern, fileid, &again), 0);
			assert_int_equal(again, size);
			kern_fini(&kern);
		}
}

/* V-56 */
static void
version_3_is_of_later_kernels(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(load_and_ask(&kern, typed(&kern, 3, false)),
	    FB_EFTYPE);
	assert_console(&kern, SAYS(197) OF
	    "CTF format version is 3 (2 expected)");
	kern_fini(&kern);
	kern_start(&kern, R141);
	assert_int_equal(load_and_ask(&kern, typed(&kern, 3, true)), 0);
	kern_fini(&kern);
}

/* What is packed may be less than the header says, not more. */
static void
less_than_the_header_says_unpacks(void **state)
{
	struct kern kern;
	struct kldsim_synth *module;

	(void)state;
	kern_start(&kern, R141);
	module = typed(&kern, 2, true);
	kldsim_synth_override(module, "ctf_header.cth_strlen", 500);
	assert_int_equal(load_and_ask(&kern, module), 0);
	kern_fini(&kern);
}

/* --- what does not --- */

/* A field that is spoilt, and what is said of it. */
struct spoilt {
	const char *field;
	uint64_t value;
	bool packed;
	int error;
	const char *old; /* 12.1's line, NULL for none */
	const char *later; /* 14.1's */
};

static const struct spoilt spoilt[] = {
	{ "ehdr.e_shstrndx", 0, false, FB_EFTYPE,
	    SAYS(147) OF "e_shstrndx is 0, sh_type is 0",
	    SAYS(140) OF "e_shstrndx is 0, sh_type is 0" },
	{ "shdr[.SUNW_ctf].sh_name", 0, false, FB_EFTYPE,
	    SAYS(170) OF "has no .SUNW_ctf section",
	    SAYS(163) OF "has no .SUNW_ctf section" },
	{ "ctf_header.cth_magic", 0xf1cf, false, FB_EFTYPE,
	    SAYS(188) OF "has invalid format",
	    SAYS(177) OF "has invalid format" },
	{ "ctf_header.cth_version", 4, false, FB_EFTYPE,
	    SAYS(197) OF "CTF format version is 4 (2 expected)",
	    SAYS(186) OF "CTF format has unsupported version 4" },
	/* Z_BUF_ERROR: no room for the last byte. */
	{ "ctf_header.cth_strlen", 4, true, FB_EIO,
	    SAYS(270) "zlib inflate returned -5",
	    SAYS(246) "zlib uncompress returned -5" },
	/* Not all of the stream: uncompress() has Z_DATA_ERROR for it. */
	{ "shdr[.SUNW_ctf].sh_size", 36 + 20, true, FB_EIO,
	    SAYS(270) "zlib inflate returned -5",
	    SAYS(246) "zlib uncompress returned -3" },
	{ "shdr[.SUNW_ctf].sh_size", 1 << 20, false, FB_EIO, NULL, NULL },
	{ "shdr[.SUNW_ctf].sh_offset", 1 << 20, false, FB_EIO, NULL, NULL },
};

static struct kldsim_synth *
spoil(const struct kern *kern, const struct spoilt *what)
{
	struct kldsim_synth *module = typed(kern, 2, what->packed);

	kldsim_synth_override(module, what->field, what->value);
	return (module);
}

static void
each_fault_has_its_errno_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++)
		for (unsigned later = 0; later < 2; later++) {
			const char *line = later ? spoilt[i].later :
			    spoilt[i].old;
			struct kern kern;

			kern_start(&kern, later ? R141 : R121);
			assert_int_equal(load_and_ask(&kern,
			    spoil(&kern, &spoilt[i])), spoilt[i].error);
			assert_console(&kern, line);
			kern_fini(&kern);
		}
}

/* V-56: the kernel has tried at the load, so that only EFTYPE is left. */
static void
an_eager_kernel_says_eftype_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(*spoilt); i++) {
		struct kern kern;

		kern_start(&kern, R150);
		assert_int_equal(load_and_ask(&kern, spoil(&kern,
		    &spoilt[i])), FB_EFTYPE);
		assert_silent(&kern);
		kern_fini(&kern);
	}
}

/* A linked module loads without section headers; its types are in none. */
static void
without_section_headers_it_is_enoexec(void **state)
{
	struct kldsim_synth *module = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_DYN);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8, 8);
	kldsim_synth_override(module, "ehdr.e_shnum", 0);
	assert_int_equal(load_and_ask(&kern, module), FB_ENOEXEC);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* It tries once; what is put back may be tried again. */
static void
a_failure_stays(void **state)
{
	const struct spoilt *what = &spoilt[4];
	struct kern kern;
	kldsim_size size;
	uint64_t snapshot;
	int fileid;

	(void)state;
	kern_start(&kern, R121);
	fileid = kern_load(&kern, spoil(&kern, what), NAME);
	assert_int_equal(kldsim_snapshot(kern.sim, &snapshot, &kern.error),
	    KLDSIM_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(&kern, fileid, &size), FB_EIO);
		assert_console(&kern, what->old);
		assert_int_equal(ask(&kern, fileid, &size), FB_EFTYPE);
		assert_silent(&kern);
		assert_int_equal(kldsim_restore(kern.sim, snapshot),
		    KLDSIM_OK);
	}
	kern_fini(&kern);
}

/* The kernel's own file, which mountroot has read where V-56 does (P-29). */
static void
the_kernel_is_asked_too(void **state)
{
	struct kern kern;
	kldsim_size size;

	(void)state;
	kern_start(&kern, R121);
	assert_int_equal(ask(&kern, 1, &size), FB_EFTYPE);
	assert_int_equal(kern.result.nconsole, 1);
	assert_int_equal(ask(&kern, 77, &size), FB_ENOENT);
	kern_fini(&kern);
	kern_start(&kern, R150);
	assert_int_equal(ask(&kern, 1, &size), FB_EFTYPE);
	assert_silent(&kern);
	kern_fini(&kern);
}

/* --- the host's limits --- */

static void
ask_in_vain(struct kern *kern, const char *field, uint64_t value, bool packed,
    enum kldsim_status status)
{
	struct kldsim_synth *module = typed(kern, 2, packed);
	kldsim_size size;
	int fileid;

	kldsim_synth_override(module, field, value);
	fileid = kern_load(kern, module, NAME);
	/* The host's failure leaves no trace: it is the same again. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(kldsim_ctf_get(kern->sim, fileid, &size,
		    &kern->result, &kern->error), status);
	kern_unload(kern, fileid);
}

/* Z-111: what a header says is packed is bounded before it is believed. */
static void
what_cannot_be_known_is_no_answer(void **state)
{
	struct kern kern;

	(void)state;
	kern_start(&kern, R141);
	ask_in_vain(&kern, "ctf_header.cth_strlen", 0xf0000000, true,
	    KLDSIM_LIMIT);
	ask_in_vain(&kern, "shdr[.SUNW_ctf].sh_size", 20, true, KLDSIM_FAULT);
	kern_fini(&kern);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_had),
		cmocka_unit_test(version_3_is_of_later_kernels),
		cmocka_unit_test(less_than_the_header_says_unpacks),
		cmocka_unit_test(each_fault_has_its_errno_and_line),
		cmocka_unit_test(an_eager_kernel_says_eftype_alone),
		cmocka_unit_test(without_section_headers_it_is_enoexec),
		cmocka_unit_test(a_failure_stays),
		cmocka_unit_test(the_kernel_is_asked_too),
		cmocka_unit_test(what_cannot_be_known_is_no_answer),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
