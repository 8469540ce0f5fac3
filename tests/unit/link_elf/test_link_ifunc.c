/* SPDX-License-Identifier: BSD-2-Clause */

/* Ifuncs of the kernel and of modules, answered by the options and not. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

/* A kernel with the ifunc copy and what it may resolve to, of 48 bytes. */
static void
init(struct kern *kern, uint32_t osreldate)
{
	int text;
	uint64_t at;

	kern_init(kern, osreldate);
	(void)kldsim_synth_ifunc(kern->synth, "copy"); /* 16 bytes */
	text = kldsim_synth_section_named(kern->synth, ".text");
	at = kldsim_synth_append(kern->synth, text, NULL, 48);
	(void)kldsim_synth_symbol(kern->synth, "copy_erms",
	    KLDSIM_SYNTH_LOCAL, KLDSIM_SYNTH_FUNC, text, at, 48);
}

static void
boot_answered(struct kern *kern, const struct kldsim_ifunc *answer)
{
	kern->options.ifuncs = answer;
	kern->options.nifuncs = 1;
	kern_boot(kern);
}

static struct kldsim_synth *
user_of_copy(uint32_t osreldate)
{
	struct kldsim_synth *module = module_new(osreldate);

	(void)module_slot(module, kldsim_synth_ref(module, "copy"), 0);
	(void)module_slot(module, kldsim_synth_ref(module, "copy"), 0x10);
	return module;
}

/* Unanswered: the resolver's own address, and one note a resolver. */
static void
an_unanswered_ifunc_is_its_resolver(void **state)
{
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;
		int id;

		init(&kern, releases[i]);
		kern_boot(&kern);
		assert_int_equal(kldsim_finding_count(kern.sim), 0);
		id = kern_load(&kern, user_of_copy(releases[i]), "a.ko");
		assert_hex(kern_slot(&kern, id, 0),
		    kern_symbol(&kern, "copy"));
		assert_hex(kern_slot(&kern, id, 8),
		    kern_symbol(&kern, "copy") + 0x10);
		assert_int_equal(kern.result.nfindings, 1);
		assert_string_equal(kern_finding(&kern,
		    "ifunc-unanswered")->symbol, "copy");
		assert_int_equal(kern_finding(&kern,
		    "ifunc-unanswered")->severity, KLDSIM_NOTE);
		(void)kern_load(&kern, user_of_copy(releases[i]), "b.ko");
		assert_int_equal(kern.result.nfindings, 0);
		kern_fini(&kern);
	}
}

/* O-51, O-63, D-63: the answer, by name or by address. */
static void
an_answer_is_what_references_get(void **state)
{
	struct kldsim_ifunc answer = { NULL, "copy", "copy_erms", 0 };

	(void)state;
	for (int by_name = 0; by_name < 2; by_name++) {
		struct kern kern;
		int id;

		init(&kern, R121);
		answer.target = by_name ? "copy_erms" : NULL;
		answer.address = UINT64_C(0xffffffff80abcdef);
		boot_answered(&kern, &answer);
		id = kern_load(&kern, user_of_copy(R121), "a.ko");
		assert_hex(kern_slot(&kern, id, 0), by_name ?
		    kern_symbol(&kern, "copy_erms") : answer.address);
		assert_int_equal(kern.result.nfindings, 0);
		assert_hex(kern_sym(&kern, 1, "copy"),
		    kern_slot(&kern, id, 0));
		kern_fini(&kern);
	}
}

/* Who has it is named, and nobody is told to look elsewhere. */
static void
assert_it_is_0(const struct kern *kern, const char *who)
{
	const struct kldsim_finding *finding =
	    kern_finding(kern, "hidden-symbol");

	assert_non_null(finding);
	assert_non_null(strstr(finding->text, who));
	assert_non_null(strstr(finding->text, "its resolver answers 0 "
	    "(--ifunc)"));
	assert_null(kern_finding(kern, "undefined-symbol"));
}

/*
 * O-60: a resolver that answers 0.  In 12 it is taken for a common of the
 * ifunc's 16 bytes; in 15 its size is that of what lies at 0, and it is nowhere.
 */
static void
an_answer_of_0_is_a_common_or_undefined(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", NULL, 0 };
	struct kldsim_synth *weak;
	struct kern kern;
	int id;

	(void)state;
	init(&kern, R121);
	boot_answered(&kern, &answer);
	id = kern_load(&kern, user_of_copy(R121), "a.ko");
	assert_int_not_equal(kern_slot(&kern, id, 0), 0);
	assert_hex(kern_slot(&kern, id, 8), kern_slot(&kern, id, 0) + 0x10);
	assert_hex(kern_read(&kern, kern_slot(&kern, id, 0), 8), 0);
	assert_hex(kern_read(&kern, kern_slot(&kern, id, 0) + 8, 8), 0);
	kern_fini(&kern);
	init(&kern, R150);
	boot_answered(&kern, &answer);
	kern_refuse(&kern, user_of_copy(R150), "a.ko", FB_ENOEXEC);
	assert_console(&kern, "link_elf_obj: symbol copy undefined",
	    UNSUPPORTED("a.ko"));
	assert_it_is_0(&kern, "the kernel has copy");
	weak = module_new(R150);
	(void)module_slot(weak, kldsim_synth_weak_ref(weak, "copy"), 0);
	id = kern_load(&kern, weak, "b.ko");
	assert_hex(kern_slot(&kern, id, 0), 0);
	kern_fini(&kern);
}

/* A module's own: itself gets 0 (O-51), others get as above. */
static void
a_modules_own_answer_of_0(void **state)
{
	const struct kldsim_ifunc answer = { "lib.ko", "pick", NULL, 0 };
	static const uint32_t releases[] = { R121, R150 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kldsim_synth *lib = module_new(releases[i]);
		struct kldsim_synth *user = module_new(releases[i]);
		struct kern kern;
		int id;

		(void)kldsim_synth_ifunc(lib, "pick");
		(void)module_slot(lib, kldsim_synth_ref(lib, "pick"), 0);
		kldsim_synth_mdt_version(lib, "lib", 1);
		kldsim_synth_mdt_depend(user, "lib", 1, 1, 1);
		(void)module_slot(user, kldsim_synth_ref(user, "pick"), 0);
		kern_init(&kern, releases[i]);
		boot_answered(&kern, &answer);
		id = kern_load(&kern, lib, "lib.ko");
		assert_hex(kern_slot(&kern, id, 0), 0);
		if (i == 0) {
			id = kern_load(&kern, user, "user.ko");
			assert_int_not_equal(kern_slot(&kern, id, 0), 0);
		} else {
			kern_refuse(&kern, user, "user.ko", FB_ENOEXEC);
			assert_console(&kern,
			    "link_elf_obj: symbol pick undefined",
			    UNSUPPORTED("user.ko"));
			assert_it_is_0(&kern, "lib.ko has pick");
		}
		kern_fini(&kern);
	}
}

/* One note for two resolvers, and again when a snapshot knows of neither. */
static void
a_note_is_forgotten_with_its_load(void **state)
{
	struct kldsim_synth *module = user_of_copy(R121);
	struct kldsim_image *image;
	uint64_t before = 0;
	struct kern kern;

	(void)state;
	init(&kern, R121);
	(void)kldsim_synth_ifunc(kern.synth, "move");
	(void)module_slot(module, kldsim_synth_ref(module, "move"), 0);
	image = kern_image(module, "a.ko");
	kern_boot(&kern);
	assert_int_equal(kldsim_snapshot(kern.sim, &before, &kern.error),
	    KLDSIM_OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(kldsim_kldload_image(kern.sim, image,
		    MODULE_PATH("a.ko"), &kern.result, &kern.error),
		    KLDSIM_OK);
		assert_int_equal(kern_findings(&kern, "ifunc-unanswered"), 1);
		assert_non_null(strstr(kern_finding(&kern,
		    "ifunc-unanswered")->text,
		    "the resolvers of copy, move cannot be run"));
		assert_int_equal(kldsim_restore(kern.sim, before), KLDSIM_OK);
	}
	kldsim_image_unref(image);
	kern_fini(&kern);
}

/* An answer that is the ifunc itself is its resolver, and nothing is said. */
static void
an_ifunc_may_answer_for_itself(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", "copy", 0 };
	struct kern kern;
	int id;

	(void)state;
	init(&kern, R121);
	boot_answered(&kern, &answer);
	id = kern_load(&kern, user_of_copy(R121), "a.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "copy"));
	assert_int_equal(kern.result.nfindings, 0);
	kern_fini(&kern);
}

/* An answer may be an ifunc with an answer, and so on, but not in a circle. */
static void
answers_lead_to_an_end(void **state)
{
	(void)state;
	for (int circle = 0; circle < 2; circle++) {
		const struct kldsim_ifunc answers[] = {
			{ NULL, "copy", "move", 0 },
			{ NULL, "move", circle ? "copy" : "copy_erms", 0 },
		};
		struct kern kern;

		init(&kern, R121);
		(void)kldsim_synth_ifunc(kern.synth, "move");
		kern.options.ifuncs = answers;
		kern.options.nifuncs = 2;
		kern_boot(&kern);
		if (circle) {
			assert_int_equal(kern_try(&kern, user_of_copy(R121),
			    "a.ko"), KLDSIM_ARG);
			assert_non_null(strstr(kern.error.text, "copy"));
		} else {
			assert_hex(kern_slot(&kern, kern_load(&kern,
			    user_of_copy(R121), "a.ko"), 0),
			    kern_symbol(&kern, "copy_erms"));
		}
		kern_fini(&kern);
	}
}

/* An ifunc that is answered by the next one, and so on: a chain of hops. */
static enum kldsim_status
follow_chain(unsigned hops)
{
	struct kldsim_ifunc *answers = calloc(hops, sizeof(*answers));
	char (*names)[16] = calloc(hops + 1, sizeof(*names));
	enum kldsim_status status;
	struct kern kern;

	assert_non_null(answers);
	assert_non_null(names);
	init(&kern, R121);
	(void)snprintf(names[0], sizeof(names[0]), "copy");
	(void)snprintf(names[hops], sizeof(names[0]), "copy_erms");
	for (unsigned i = 0; i < hops; i++) {
		if (i != 0) {
			(void)snprintf(names[i], sizeof(names[0]), "f%u", i);
			(void)kldsim_synth_ifunc(kern.synth, names[i]);
		}
		answers[i].symbol = names[i];
		answers[i].target = names[i + 1];
	}
	kern.options.ifuncs = answers;
	kern.options.nifuncs = hops;
	kern_boot(&kern);
	status = kern_try(&kern, user_of_copy(R121), "a.ko");
	if (status == KLDSIM_OK)
		assert_hex(kern_slot(&kern, kern.result.fileid, 0),
		    kern_symbol(&kern, "copy_erms"));
	kern_fini(&kern);
	free(answers);
	free(names);
	return (status);
}

/* Each hop is a call of ours: what the options say must not use up the stack. */
static void
answers_lead_only_so_far(void **state)
{
	(void)state;
	assert_int_equal(follow_chain(16), KLDSIM_OK);
	assert_int_equal(follow_chain(20000), KLDSIM_ARG);
}

/* D-66: of the kernel's own sites, those that are answered are patched. */
static void
the_kernels_own_sites_are_patched_if_answered(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", "copy_erms", 0 };

	(void)state;
	for (unsigned answered = 0; answered < 2; answered++) {
		struct kern kern;
		uint64_t at;
		int data;

		init(&kern, R121);
		data = kldsim_synth_section_named(kern.synth, ".data");
		at = kldsim_synth_append(kern.synth, data, "ABCDEFGH", 8);
		(void)kldsim_synth_symbol(kern.synth, "site",
		    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_OBJECT, data, at, 8);
		(void)kldsim_synth_reloc(kern.synth, data, at, "R_X86_64_64",
		    kldsim_synth_find_symbol(kern.synth, "copy"), 1);
		kern.options.ifuncs = &answer;
		kern.options.nifuncs = answered;
		kern_boot(&kern);
		assert_hex(kern_read(&kern, kern_symbol(&kern, "site"), 8),
		    answered ? kern_symbol(&kern, "copy_erms") + 1 :
		    UINT64_C(0x4847464544434241));
		kern_fini(&kern);
	}
}

/* A global word of a machine's kernel that refers to its ifunc "copy". */
static void
add_site(struct kern *kern, const char *name, const char *type,
    int64_t addend)
{
	int data = kldsim_synth_section_named(kern->synth, ".data");
	uint64_t at = kldsim_synth_align(kern->synth, data, 8);

	(void)kldsim_synth_object(kern->synth, name, "\0\0\0\0\0\0\0", 8, 8);
	(void)kldsim_synth_reloc(kern->synth, data, at, type,
	    kldsim_synth_find_symbol(kern->synth, "copy"), addend);
}

/*
 * D-66, R-20: IRELATIVE entries have a resolver and no symbol, in DT_RELA or
 * DT_REL, where the site holds the address.  Whose it is say the symbols; with
 * several of one resolver, the first.
 */
static void
irelative_sites_of_the_kernel(void **state)
{
	static const struct {
		const char *machine, *type;
		unsigned word;
	} rows[] = {
		{ "amd64", "R_X86_64_IRELATIVE", 8 },
		{ "arm64", "R_AARCH64_IRELATIVE", 8 },
		{ "i386", "R_386_IRELATIVE", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kldsim_ifunc answer = { NULL, "copy", NULL,
			0x80abcdef };
		struct kern kern;
		uint64_t at, other;
		int data;

		kern_init_machine(&kern, rows[i].machine, R130);
		data = kldsim_synth_section_named(kern.synth, ".data");
		at = kldsim_synth_align(kern.synth, data, 8);
		(void)kldsim_synth_object(kern.synth, "site",
		    "\0\0\0\0\0\0\0", 8, 8);
		(void)kldsim_synth_reloc(kern.synth, data, at, rows[i].type,
		    kldsim_synth_ifunc(kern.synth, "copy"), 0);
		other = kldsim_synth_align(kern.synth, data, 8);
		(void)kldsim_synth_object(kern.synth, "silent",
		    "\0\0\0\0\0\0\0", 8, 8);
		(void)kldsim_synth_reloc(kern.synth, data, other,
		    rows[i].type, kldsim_synth_ifunc(kern.synth, "move"), 0);
		boot_answered(&kern, &answer);
		assert_hex(kern_read(&kern, kern_symbol(&kern, "site"),
		    rows[i].word), 0x80abcdef);
		/* REL has the resolver's address there, RELA nothing. */
		assert_hex(kern_read(&kern, kern_symbol(&kern, "silent"),
		    rows[i].word), rows[i].word == 4 ?
		    kern_symbol(&kern, "move") : 0);
		assert_int_equal(kldsim_finding_count(kern.sim), 1);
		assert_string_equal(kldsim_finding_at(kern.sim, 0)->symbol,
		    "move");
		kern_fini(&kern);
	}
}

/* Z-19, D-66: a resolver that is nobody's, and one that is nowhere. */
static void
irelative_sites_without_an_ifunc(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", "copy_erms", 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct kern kern;
		uint64_t at;
		int data;

		init(&kern, R121);
		data = kldsim_synth_section_named(kern.synth, ".data");
		at = kldsim_synth_align(kern.synth, data, 8);
		(void)kldsim_synth_object(kern.synth, "site",
		    "\0\0\0\0\0\0\0", 8, 8);
		(void)kldsim_synth_reloc(kern.synth, data, at,
		    "R_X86_64_IRELATIVE", 0, i == 0 ?
		    INT64_C(-0x80000000) + 0x200000 : 0x1234);
		kern.options.ifuncs = &answer;
		kern.options.nifuncs = 1;
		if (i == 1) {
			assert_int_equal(kern_try_boot(&kern),
			    KLDSIM_MALFORMED);
			assert_non_null(strstr(kern.error.text, "0x1234"));
		} else {
			kern_boot(&kern);
			assert_hex(kern_read(&kern, kern_symbol(&kern,
			    "site"), 8), 0);
			assert_int_equal(kldsim_finding_count(kern.sim), 1);
			assert_string_equal(kldsim_finding_at(kern.sim,
			    0)->code, "ifunc-unanswered");
		}
		kern_fini(&kern);
	}
}

/* A linker that makes a function of the ifunc leaves its resolver's name. */
static void
an_irelative_site_by_its_resolver(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy_resolver", NULL,
		0x80abcdef };
	struct kern kern;
	uint64_t at;
	int data;

	(void)state;
	kern_init(&kern, R130);
	data = kldsim_synth_section_named(kern.synth, ".data");
	at = kldsim_synth_align(kern.synth, data, 8);
	(void)kldsim_synth_object(kern.synth, "site", "\0\0\0\0\0\0\0", 8,
	    8);
	(void)kldsim_synth_reloc(kern.synth, data, at, "R_X86_64_IRELATIVE",
	    kldsim_synth_bind(kern.synth, kldsim_synth_func(kern.synth,
	    "copy_resolver"), KLDSIM_SYNTH_LOCAL), 0);
	boot_answered(&kern, &answer);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "site"), 8),
	    0x80abcdef);
	assert_int_equal(kldsim_finding_count(kern.sim), 0);
	kern_fini(&kern);
}

/* in a table of kind REL the addend is what the site holds. */
static void
a_site_may_hold_its_addend(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", NULL, 0x900000 };
	struct kern kern;

	(void)state;
	kern_init_machine(&kern, "i386", R121);
	(void)kldsim_synth_ifunc(kern.synth, "copy");
	add_site(&kern, "site", "R_386_32", 0x30);
	boot_answered(&kern, &answer);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "site"), 4), 0x900030);
	kern_fini(&kern);
}

/* A kernel that runs has no such site; ours is a file. */
static void
a_site_where_nothing_is_is_no_kernel(void **state)
{
	static const struct {
		const char *machine, *type, *field;
	} rows[] = {
		{ "amd64", "R_X86_64_64", "rela[.rela.dyn][0].r_offset" },
		{ "i386", "R_386_32", "rel[.rel.dyn][0].r_offset" },
	};
	const struct kldsim_ifunc answer = { NULL, "copy", NULL, 0x900000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kern kern;

		kern_init_machine(&kern, rows[i].machine, R121);
		(void)kldsim_synth_ifunc(kern.synth, "copy");
		add_site(&kern, "site", rows[i].type, 0);
		kldsim_synth_override(kern.synth, rows[i].field, 0x1234);
		kern.options.ifuncs = &answer;
		kern.options.nifuncs = 1;
		assert_int_equal(kern_try_boot(&kern), KLDSIM_MALFORMED);
		assert_non_null(strstr(kern.error.text, "is for 0x1234,"));
		kern_fini(&kern);
	}
}

/*
 * D-66, R-13, R-03: arm64 takes branches of less than 256 MB, and 24 is
 * no type of amd64; with such an entry it is over, for what follows too.
 */
static void
a_site_that_fails_is_the_last(void **state)
{
	static const struct {
		const char *machine, *word, *bad;
		uint64_t answer;
	} rows[] = {
		/* 512 MB from where the kernel begins. */
		{ "arm64", "R_AARCH64_ABS64", "R_AARCH64_CALL26",
		    UINT64_C(0xffff000020000000) },
		{ "amd64", "R_X86_64_64", "24",
		    UINT64_C(0xffffffff80abcdef) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kldsim_ifunc answer = { NULL, "copy", NULL,
			rows[i].answer };
		struct kern kern;

		kern_init_machine(&kern, rows[i].machine, R130);
		(void)kldsim_synth_ifunc(kern.synth, "copy");
		add_site(&kern, "before", rows[i].word, 1);
		add_site(&kern, "bad", rows[i].bad, 0);
		add_site(&kern, "behind", rows[i].word, 1);
		boot_answered(&kern, &answer);
		assert_hex(kern_read(&kern, kern_symbol(&kern, "before"), 8),
		    rows[i].answer + 1);
		assert_hex(kern_read(&kern, kern_symbol(&kern, "bad"), 8), 0);
		assert_hex(kern_read(&kern, kern_symbol(&kern, "behind"), 8),
		    0);
		assert_int_equal(kldsim_console_count(kern.sim), 0);
		kern_fini(&kern);
	}
}

/*
 * D-66: entries without an effect do not end it, nor does an ifunc that nobody
 * answers for; its site stays as it is, with a note.
 */
static void
sites_that_are_passed_over(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", "copy_erms", 0 };
	struct kern kern;
	uint64_t at;
	int data;

	(void)state;
	init(&kern, R121);
	add_site(&kern, "nobody", "R_X86_64_64", 1);
	add_site(&kern, "none", "R_X86_64_NONE", 1);
	data = kldsim_synth_section_named(kern.synth, ".data");
	at = kldsim_synth_align(kern.synth, data, 8);
	(void)kldsim_synth_object(kern.synth, "silent", "\0\0\0\0\0\0\0", 8,
	    8);
	(void)kldsim_synth_reloc(kern.synth, data, at, "R_X86_64_64",
	    kldsim_synth_ifunc(kern.synth, "move"), 1);
	add_site(&kern, "last", "R_X86_64_64", 1);
	kldsim_synth_override(kern.synth, "rela[.rela.dyn][0].r_sym", 0xffff);
	boot_answered(&kern, &answer);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "nobody"), 8), 0);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "none"), 8), 0);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "silent"), 8), 0);
	assert_hex(kern_read(&kern, kern_symbol(&kern, "last"), 8),
	    kern_symbol(&kern, "copy_erms") + 1);
	assert_int_equal(kldsim_finding_count(kern.sim), 1);
	assert_string_equal(kldsim_finding_at(kern.sim, 0)->symbol, "move");
	kern_fini(&kern);
}

static void
a_kernels_answer_that_is_no_symbol(void **state)
{
	const struct kldsim_ifunc answer = { NULL, "copy", "nothing", 0 };
	struct kern kern;

	(void)state;
	init(&kern, R121);
	add_site(&kern, "site", "R_X86_64_64", 1);
	kern.options.ifuncs = &answer;
	kern.options.nifuncs = 1;
	assert_int_equal(kern_try_boot(&kern), KLDSIM_ARG);
	assert_non_null(strstr(kern.error.text, "nothing"));
	kern_fini(&kern);
}

/* Two ifuncs of a module's own, static and global, and a reference to each. */
static struct kldsim_synth *
module_with_ifuncs(void)
{
	struct kldsim_synth *module = module_new(R121);
	int global = kldsim_synth_ifunc(module, "pick");
	int local = kldsim_synth_bind(module, kldsim_synth_ifunc(module,
	    "pick_static"), KLDSIM_SYNTH_LOCAL);

	(void)kldsim_synth_func(module, "fast");
	(void)module_slot(module, global, 0);
	(void)module_slot(module, local, 0);
	return module;
}

/* O-43, O-45, O-51: a module's own; the answers are its file's alone. */
static void
a_modules_own_ifuncs(void **state)
{
	const struct kldsim_ifunc answers[] = {
		{ "m.ko", "pick", "fast", 0 },
		/* Not of this file, so the kernel's. */
		{ "m.ko", "pick_static", "printf", 0 },
		{ NULL, "pick", "printf", 0 },
	};
	struct kern kern;
	int id;

	(void)state;
	init(&kern, R121);
	kern.options.ifuncs = answers;
	kern.options.nifuncs = 3;
	kern_boot(&kern);
	id = kern_load(&kern, module_with_ifuncs(), "m.ko");
	assert_int_equal(kern.result.nfindings, 0);
	assert_hex(kern_slot(&kern, id, 0), KERN_BASE + 32);
	assert_hex(kern_slot(&kern, id, 8), kern_symbol(&kern, "printf"));
	id = kern_load(&kern, module_with_ifuncs(), "n.ko");
	assert_int_equal(kern_findings(&kern, "ifunc-unanswered"), 1);
	assert_non_null(strstr(kern_finding(&kern, "ifunc-unanswered")->text,
	    "n.ko:pick"));
	assert_null(kern_finding(&kern, "ifunc-unanswered")->symbol);
	assert_hex(kern_slot(&kern, id, 0), KERN_BASE + 0x1000);
	assert_hex(kern_slot(&kern, id, 8), KERN_BASE + 0x1010);
	kern_fini(&kern);
}

static void
an_answer_that_is_no_symbol_is_a_host_failure(void **state)
{
	const struct kldsim_ifunc answer = { "m.ko", "pick", "nothing", 0 };
	struct kern kern;

	(void)state;
	init(&kern, R121);
	boot_answered(&kern, &answer);
	assert_int_equal(kern_try(&kern, module_with_ifuncs(), "m.ko"),
	    KLDSIM_ARG);
	assert_non_null(strstr(kern.error.text, "nothing"));
	(void)kern_load(&kern, module_with_ifuncs(), "n.ko");
	kern_fini(&kern);
}

/*
 * O-51, O-53: an undefined symbol that says it is an ifunc is looked up the
 * first time, and from then on defined: what was found is called.
 */
static void
an_undefined_ifunc_is_called_when_it_is_known(void **state)
{
	const struct kldsim_ifunc answer = { "m.ko", "malloc", NULL, 0x1234 };
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id, symbol;

	(void)state;
	symbol = kldsim_synth_symbol(module, "malloc", KLDSIM_SYNTH_GLOBAL,
	    KLDSIM_SYNTH_IFUNC, KLDSIM_SYNTH_UNDEF, 0, 0);
	(void)module_slot(module, symbol, 0);
	(void)module_slot(module, symbol, 0);
	(void)module_slot(module, symbol, 0);
	init(&kern, R121);
	(void)kldsim_synth_func(kern.synth, "malloc");
	boot_answered(&kern, &answer);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_slot(&kern, id, 0), kern_symbol(&kern, "malloc"));
	assert_hex(kern_slot(&kern, id, 8), 0x1234);
	assert_hex(kern_slot(&kern, id, 16), 0x1234);
	kern_fini(&kern);
}

/* R 37: IRELATIVE calls what is at section + addend. */
static void
irelative_calls_its_place(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;
	int id, text;

	(void)state;
	text = module_section(module, ".text", 1, KLDSIM_SYNTH_ALLOC |
	    KLDSIM_SYNTH_EXECINSTR, 16, 0x40);
	(void)kldsim_synth_reloc(module, text, 8, "R_X86_64_IRELATIVE", 0,
	    0x20);
	kern_start(&kern, R121);
	id = kern_load(&kern, module, "m.ko");
	assert_hex(kern_read(&kern, kern_stat(&kern, id).address + 8, 8),
	    KERN_BASE + 0x20);
	assert_int_equal(kern_findings(&kern, "ifunc-unanswered"), 1);
	kern_fini(&kern);
}

/* A resolver where nothing is: the kernel calls it (Z-19). */
static void
a_resolver_in_nowhere_panics(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct kern kern;

	(void)state;
	kern_start(&kern, R121);
	(void)module_slot(module, kldsim_synth_symbol(module, "pick",
	    KLDSIM_SYNTH_GLOBAL, KLDSIM_SYNTH_IFUNC, KLDSIM_SYNTH_ABS, 0x1000,
	    0), 0);
	kern_panic(&kern, module, "m.ko");
	assert_string_equal(kldsim_finding_at(kern.sim,
	    kern.result.first_finding)->code, "blind-call");
	kern_fini(&kern);
}

/*
 * O-63, D-63: up to 14.1 the size is the ifunc's own; later that of what is
 * found just at the answer, else 0.
 */
static void
the_size_of_an_ifunc(void **state)
{
	static const struct {
		uint32_t osreldate;
		uint64_t into; /* the answer, in copy_erms */
		uint64_t size;
	} rows[] = { { R121, 0, 16 }, { R141, 0, 16 }, { R141, 4, 16 },
		{ R150, 0, 48 }, { R150, 4, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kldsim_ifunc answer = { NULL, "copy", NULL, 0 };
		kldsim_addr value;
		kldsim_size size;
		struct kern kern;

		init(&kern, rows[i].osreldate);
		kern_boot(&kern); /* to lay it out */
		kldsim_destroy(kern.sim);
		answer.address = kern_symbol(&kern, "copy_erms") +
		    rows[i].into;
		boot_answered(&kern, &answer);
		assert_int_equal(kldsim_kldsym(kern.sim, 1, "copy", &value,
		    &size), KLDSIM_OK);
		assert_hex(value, answer.address);
		assert_int_equal(size, rows[i].size);
		kern_fini(&kern);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unanswered_ifunc_is_its_resolver),
		cmocka_unit_test(an_answer_is_what_references_get),
		cmocka_unit_test(an_answer_of_0_is_a_common_or_undefined),
		cmocka_unit_test(a_modules_own_answer_of_0),
		cmocka_unit_test(a_note_is_forgotten_with_its_load),
		cmocka_unit_test(an_ifunc_may_answer_for_itself),
		cmocka_unit_test(answers_lead_to_an_end),
		cmocka_unit_test(answers_lead_only_so_far),
		cmocka_unit_test(
		    the_kernels_own_sites_are_patched_if_answered),
		cmocka_unit_test(irelative_sites_of_the_kernel),
		cmocka_unit_test(irelative_sites_without_an_ifunc),
		cmocka_unit_test(an_irelative_site_by_its_resolver),
		cmocka_unit_test(a_site_may_hold_its_addend),
		cmocka_unit_test(a_site_where_nothing_is_is_no_kernel),
		cmocka_unit_test(a_site_that_fails_is_the_last),
		cmocka_unit_test(sites_that_are_passed_over),
		cmocka_unit_test(a_kernels_answer_that_is_no_symbol),
		cmocka_unit_test(a_modules_own_ifuncs),
		cmocka_unit_test(
		    an_answer_that_is_no_symbol_is_a_host_failure),
		cmocka_unit_test(an_undefined_ifunc_is_called_when_it_is_known),
		cmocka_unit_test(irelative_calls_its_place),
		cmocka_unit_test(a_resolver_in_nowhere_panics),
		cmocka_unit_test(the_size_of_an_ifunc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
