/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many modules in a hurry (options.quick of kldsim/check.h): which are tried
 * alone, and that all are linked to what they are linked to alone.
 */

#include "support_kern.h"

#include <stdio.h>

#define TEXT 16384

struct scene {
	struct kern kern;
	struct kldsim_source *source;
	struct kldsim_options boot;
	struct kldsim_check_options options;
	const char *what[1];
};

static void
set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	kern_start(&scene->kern, R121);
	assert_int_equal(kldsim_source_new(NULL, &scene->source, NULL),
	    KLDSIM_OK);
	scene->boot = scene->kern.options;
	scene->boot.source = scene->source;
	scene->what[0] = "/mods";
	kldsim_check_options_init(&scene->options, sizeof(scene->options));
	scene->options.boot = &scene->boot;
	scene->options.what = scene->what;
	scene->options.nwhat = 1;
	scene->options.no_types = true;
	scene->options.ways = 1u << KLDSIM_CHECK_KLDLOAD;
}

static void
tear_down(struct scene *scene)
{
	kldsim_source_unref(scene->source);
	kern_fini(&scene->kern);
}

static void
check(struct scene *scene, bool quick, kldsim_check_visit_fn visit, char *text)
{
	struct kldsim_check *check;

	size_t findings;
	int id;

	scene->options.quick = quick;
	*text = '\0';
	assert_int_equal(kldsim_check_new(scene->kern.image, &scene->options,
	    &check, NULL), KLDSIM_OK);
	findings = kldsim_finding_count(kldsim_check_kernel(check));
	assert_int_equal(kldsim_check_run(check, visit, text, NULL),
	    KLDSIM_OK);
	/* The kernel is what it was. */
	assert_int_equal(kldsim_finding_count(kldsim_check_kernel(check)),
	    findings);
	assert_int_equal(kldsim_kldnext(kldsim_check_kernel(check), 1, &id),
	    KLDSIM_OK);
	assert_int_equal(id, 0);
	kldsim_check_free(check);
}

/* --- modules: an interface and a dependency, "" for none --- */

static struct kldsim_synth *
plain(const char *has, const char *needs)
{
	struct kldsim_synth *m = module_new(R121);

	(void)module_slot(m, kldsim_synth_ref(m, "printf"), 0);
	if (*has != '\0')
		kldsim_synth_mdt_version(m, has, 1);
	if (*needs != '\0')
		kldsim_synth_mdt_depend(m, needs, 1, 1, 1);
	return m;
}

/* With a byte in its set, which is told of when it is tried alone. */
static struct kldsim_synth *
with_set(void)
{
	const unsigned char byte = 0x33;
	struct kldsim_synth *m = plain("", "");

	(void)kldsim_synth_append(m, kldsim_synth_section_named(m,
	    "set_pcpu"), &byte, 1);
	return m;
}

/* Its set is its first section, and it is warned of (Z-22). */
static struct kldsim_synth *
warned(const char *has)
{
	struct kldsim_synth *m = module_with_set(R121, "set_pcpu", 8, 0x33);

	kldsim_synth_mdt_version(m, has, 1);
	return m;
}

static void
add(struct scene *scene, const char *path, struct kldsim_synth *synth)
{
	struct kldsim_image *image = kern_image(synth, path);

	assert_int_equal(kldsim_source_add(scene->source, path, image, NULL),
	    KLDSIM_OK);
	kldsim_image_unref(image);
}

/* --- tests --- */

/* What a module's files take is told of those alone that are tried alone. */
static bool
see_tried(void *user, const struct kldsim_check_module *module)
{
	char *text = user;
	const bool tried = module->sets[KLDSIM_SET_DPCPU].needed != 0;

	assert_int_equal(module->answers[KLDSIM_CHECK_KLDLOAD].verdict,
	    KLDSIM_CHECK_OK);
	(void)strcat(text, tried ? "t" : "-");
	return true;
}

static bool
see_three(void *user, const struct kldsim_check_module *module)
{
	return see_tried(user, module) && strlen(user) < 3;
}

static bool
see_one(void *user, const struct kldsim_check_module *module)
{
	return see_tried(user, module) && strlen(user) < 1;
}

/*
 * The second and third are warned of, and so is what each of the last three
 * brings.  The others load without a word.
 */
static void
who_is_tried_alone(void **state)
{
	static struct scene scene;
	char text[TEXT];

	(void)state;
	set_up(&scene);
	add(&scene, "/mods/a.ko", with_set());
	add(&scene, "/mods/a_file.ko", warned("other"));
	add(&scene, "/mods/provided.ko", warned("provided"));
	add(&scene, "/mods/quiet.ko", with_set());
	add(&scene, "/mods/user.ko", plain("", "provided"));
	add(&scene, "/mods/user2.ko", plain("", "provided"));
	add(&scene, "/mods/z.ko", plain("", "other"));
	check(&scene, false, see_tried, text);
	assert_string_equal(text, "ttttttt");
	check(&scene, true, see_tried, text);
	assert_string_equal(text, "-tt-ttt");
	check(&scene, true, see_three, text);
	assert_string_equal(text, "-tt");
	check(&scene, true, see_one, text);
	assert_string_equal(text, "-");
	tear_down(&scene);
}

static bool
see_linked(void *user, const struct kldsim_check_module *module)
{
	char *text = user;
	const size_t used = strlen(text);

	assert_true(module->nlinked < 2);
	(void)snprintf(text + used, TEXT - used, "%s %s %s\n", module->name,
	    kldsim_check_verdict_name(module->answers[0].verdict),
	    module->nlinked != 0 ? module->linked[0] : "-");
	return true;
}

/*
 * What a module brings stays with it.  Of 130 modules it is too much; the last
 * then brings again what the first has brought.
 */
static void
more_than_may_stay(void **state)
{
	static struct scene scene;
	static char alone[TEXT], quick[TEXT];
	const int count = 130;

	(void)state;
	set_up(&scene);
	for (int i = 0; i <= count; i++) {
		char name[16], path[32];

		(void)snprintf(name, sizeof(name), "low%03d", i % count);
		(void)snprintf(path, sizeof(path), "/mods/%03d.ko", i);
		add(&scene, path, plain("", name));
		(void)snprintf(path, sizeof(path), "/mods/%s.ko", name);
		if (i < count)
			add(&scene, path, plain(name, ""));
	}
	check(&scene, false, see_linked, alone);
	check(&scene, true, see_linked, quick);
	assert_string_equal(alone, quick);
	assert_non_null(strstr(quick, "129.ko ok /mods/low129.ko\n"));
	assert_non_null(strstr(quick, "130.ko ok /mods/low000.ko\n"));
	tear_down(&scene);
}

/* --- text, which nobody reads (link_elf_obj_lend.c) --- */

#define TEXT_SIZE 1024 /* so much stays in the file */

/* Text, and a set. */
static struct kldsim_synth *
with_text(int *text_ret)
{
	struct kldsim_synth *m = with_set();

	*text_ret = kldsim_synth_section_named(m, ".text");
	(void)kldsim_synth_append(m, *text_ret, NULL, TEXT_SIZE);
	return m;
}

static struct kldsim_synth *
calling(const char *name)
{
	int text;
	struct kldsim_synth *m = with_text(&text);

	(void)kldsim_synth_reloc(m, text, 64, "R_X86_64_PLT32",
	    kldsim_synth_ref(m, name), -4);
	return m;
}

/* What it refers to does not fit. */
static struct kldsim_synth *
far_away(enum kldsim_synth_bind bind)
{
	int text;
	struct kldsim_synth *m = with_text(&text);

	(void)kldsim_synth_reloc(m, text, 64, "R_X86_64_32S",
	    module_absolute(m, "far", bind, UINT64_C(0x123456789abc), 8), -4);
	return m;
}

/* A kind of relocation that the kernel does not know, of a local symbol. */
static struct kldsim_synth *
unknown(void)
{
	int text;
	struct kldsim_synth *m = with_text(&text);

	(void)kldsim_synth_reloc(m, text, 64, "R_X86_64_GOTPCRELX",
	    kldsim_synth_section_symbol(m, text), -4);
	return m;
}

/*
 * struct mod_metadata of a version 1 of "lower".  Before relocation it is of a
 * type that the kernel passes over without a word.
 */
static struct kldsim_synth *
metadata_in_text(void)
{
	int text;
	struct kldsim_synth *m = with_text(&text);
	const int data = kldsim_synth_section_named(m, ".data");
	const uint64_t at = 128;
	const unsigned char head[] = { 1, 0, 0, 0, 0, 0, 0, 0 };
	const uint64_t number = kldsim_synth_append_int(m, data, 1, 4);
	const uint64_t name = kldsim_synth_append(m, data, "lower", 6);
	const int section = kldsim_synth_section_symbol(m, data);

	kldsim_synth_store(m, text, at, head, sizeof(head));
	(void)kldsim_synth_reloc(m, text, at + 4, "R_X86_64_32S",
	    module_absolute(m, "mdt_version", KLDSIM_SYNTH_LOCAL, 3, 0), 0);
	kldsim_synth_pointer(m, text, at + 8, section, (int64_t)number);
	kldsim_synth_pointer(m, text, at + 16, section, (int64_t)name);
	(void)kldsim_synth_set_entry(m, "modmetadata_set",
	    kldsim_synth_symbol(m, "in_text", KLDSIM_SYNTH_LOCAL,
	    KLDSIM_SYNTH_OBJECT, text, at, 24));
	return m;
}

static bool
see_verdict(void *user, const struct kldsim_check_module *module)
{
	char *text = user;
	const size_t used = strlen(text);

	(void)snprintf(text + used, TEXT - used, "%s %s %s\n", module->name,
	    kldsim_check_verdict_name(module->answers[0].verdict),
	    module->sets[KLDSIM_SET_DPCPU].needed != 0 ? "tried" : "-");
	return true;
}

/*
 * The last is linked to who has its interface in text, which nobody who reads
 * text as the file has it would have seen.
 */
static void
text_is_checked_and_not_read(void **state)
{
	static struct scene scene;
	static char text[TEXT];

	(void)state;
	set_up(&scene);
	add(&scene, "/mods/far.ko", far_away(KLDSIM_SYNTH_GLOBAL));
	add(&scene, "/mods/far_local.ko", far_away(KLDSIM_SYNTH_LOCAL));
	add(&scene, "/mods/gone.ko", calling("no_such_function"));
	add(&scene, "/mods/good.ko", calling("printf"));
	add(&scene, "/mods/lower.ko", metadata_in_text());
	add(&scene, "/mods/unknown.ko", unknown());
	add(&scene, "/mods/user.ko", plain("", "lower"));
	check(&scene, true, see_verdict, text);
	assert_string_equal(text, "far.ko ok tried\n"
	    "far_local.ko ok tried\n"
	    "gone.ko refused -\n"
	    "good.ko ok -\n"
	    "lower.ko ok tried\n"
	    "unknown.ko ok tried\n"
	    "user.ko ok tried\n");
	check(&scene, true, see_linked, text);
	assert_non_null(strstr(text, "user.ko ok /mods/lower.ko\n"));
	tear_down(&scene);
}

/* Who loads a module later finds its text relocated. */
static void
text_is_relocated_afterwards(void **state)
{
	static struct scene scene;
	struct kldsim_check *check;
	struct kldsim_result result;
	struct kern kern = { .sim = NULL };
	struct kldsim_section text;
	static char seen[TEXT];

	(void)state;
	set_up(&scene);
	add(&scene, "/mods/good.ko", calling("printf"));
	scene.options.quick = true;
	assert_int_equal(kldsim_check_new(scene.kern.image, &scene.options,
	    &check, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_check_run(check, see_tried, seen, NULL),
	    KLDSIM_OK);
	assert_string_equal(seen, "-");
	kern.sim = kldsim_check_kernel(check);
	assert_int_equal(kldsim_kldload(kern.sim, "/mods/good.ko", &result,
	    NULL), KLDSIM_OK);
	assert_int_equal(result.error, 0);
	text = kern_section(&kern, result.fileid, ".text");
	assert_int_equal(kern_read(&kern, text.address + 64, 4),
	    (uint32_t)(kern_symbol(&scene.kern, "printf") - 4 -
	    (text.address + 64)));
	kldsim_check_free(check);
	tear_down(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_checked_and_not_read),
		cmocka_unit_test(text_is_relocated_afterwards),
		cmocka_unit_test(who_is_tried_alone),
		cmocka_unit_test(more_than_may_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
