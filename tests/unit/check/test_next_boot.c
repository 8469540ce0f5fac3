/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The next boot of an installed system (kldsim/next_boot.h): loader.conf as
 * config.parse() of stand/lua/config.lua takes it (P-30), rc.conf as sh(1) does
 * (P-31), and whatever else may be in such files.
 */

#include "support_alloc.h"
#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULTS \
	"loader_conf_files=\"/boot/loader.conf\"\n" \
	"loader_conf_dirs=\"/boot/loader.conf.d\"\n" \
	"kernel=\"kernel\"\t# a sub-directory\n"

struct scene {
	struct kern kern;
	struct kldsim_source *source;
	struct kldsim_options options;
	struct kldsim_next_boot *next;
	struct kldsim_error error;
};

static void
add_text(struct scene *scene, const char *path, const char *text, size_t size)
{
	struct kldsim_image *image;

	assert_int_equal(kldsim_image_open_memory(text, size, path, NULL, NULL,
	    &image, NULL), KLDSIM_OK);
	assert_int_equal(kldsim_source_add(scene->source, path, image, NULL),
	    KLDSIM_OK);
	kldsim_image_unref(image);
}

static void
add_image(struct scene *scene, const char *path, struct kldsim_synth *m)
{
	struct kldsim_image *image = kern_image(m, path);

	assert_int_equal(kldsim_source_add(scene->source, path, image, NULL),
	    KLDSIM_OK);
	kldsim_image_unref(image);
}

static void
add_module(struct scene *scene, const char *path, const char *symbol)
{
	struct kldsim_synth *m = module_new(R121);

	(void)module_slot(m, kldsim_synth_ref(m, symbol), 0);
	add_image(scene, path, m);
}

/* Two modules of which the first needs the second. */
static void
add_needs(struct scene *scene)
{
	struct kldsim_synth *needs = module_new(R121);
	struct kldsim_synth *needed = module_new(R121);

	kldsim_synth_mdt_depend(needs, "needed", 1, 1, 1);
	kldsim_synth_mdt_version(needed, "needed", 1);
	add_image(scene, "/boot/modules/needs.ko", needs);
	add_image(scene, "/boot/modules/needed.ko", needed);
}

/* Two that provide drm, and one that needs what the second has besides. */
static void
add_drm(struct scene *scene)
{
	struct kldsim_synth *base = module_new(R121);
	struct kldsim_synth *port = module_new(R121);
	struct kldsim_synth *needs = module_new(R121);

	kldsim_synth_mdt_version(base, "drm", 1);
	kldsim_synth_mdt_version(port, "drm", 1);
	kldsim_synth_mdt_version(port, "drmn", 2);
	kldsim_synth_mdt_depend(needs, "drmn", 2, 2, 2);
	add_image(scene, "/boot/kernel/drm.ko", base);
	add_image(scene, "/boot/modules/drmport.ko", port);
	add_image(scene, "/boot/modules/i915.ko", needs);
}

/* A system without configuration. */
static void
set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	kern_start(&scene->kern, R121);
	kldsim_options_init(&scene->options, sizeof(scene->options));
	assert_int_equal(kldsim_source_new(NULL, &scene->source, NULL),
	    KLDSIM_OK);
	assert_int_equal(kldsim_source_add(scene->source,
	    "/boot/kernel/kernel", scene->kern.image, NULL), KLDSIM_OK);
	add_module(scene, "/boot/kernel/one.ko", "printf");
	add_module(scene, "/boot/modules/two.ko", "printf");
	add_module(scene, "/boot/modules/bad.ko", "nobody_has_it");
	add_needs(scene);
	add_drm(scene);
}

static void
tear_down(struct scene *scene)
{
	kldsim_next_boot_free(scene->next);
	kldsim_source_unref(scene->source);
	kern_fini(&scene->kern);
}

static enum kldsim_status
boot(struct scene *scene)
{
	return kldsim_next_boot(scene->source, &scene->options, &scene->next,
	    &scene->error);
}

/* "one ok preload /boot/loader.conf:1; ..." of a loader.conf and an rc.conf. */
static const char *
play(const char *loader_conf, const char *rc_conf)
{
	static char said[4096];
	struct scene scene;
	const struct kldsim_next_boot_file *file;
	size_t used = 0;

	set_up(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	add_text(&scene, "/boot/loader.conf", loader_conf,
	    strlen(loader_conf));
	add_text(&scene, "/etc/rc.conf", rc_conf, strlen(rc_conf));
	assert_int_equal(boot(&scene), KLDSIM_OK);
	said[0] = '\0';
	for (size_t i = 0; (file = kldsim_next_boot_file_at(scene.next, i)) !=
	    NULL; i++)
		used += (size_t)snprintf(said + used, sizeof(said) - used,
		    "%s %s%s%s%s %s %s; ", file->name, file->type != NULL ?
		    "type=" : "", file->type != NULL ? file->type : "",
		    file->type != NULL ? " " : "",
		    kldsim_check_verdict_name(file->answer.verdict),
		    file->preload ? "preload" : "kld_list",
		    strrchr(file->where, ':') + 1);
	for (const char *remark; (remark = kldsim_next_boot_remark(scene.next,
	    0)) != NULL && used < sizeof(said) / 2;) {
		(void)snprintf(said + used, sizeof(said) - used, "%s",
		    remark);
		break;
	}
	tear_down(&scene);
	return said;
}

/* --- loader.conf --- */

static void
loader_lines(void **state)
{
	(void)state;
	/* A value in quotes or a word, blanks, comments; YES in any case. */
	assert_string_equal(play("one_load=\"YES\"\n", ""),
	    "one ok preload 1; ");
	assert_string_equal(play("# no\n\n  two_load = yes  # why\n", ""),
	    "two ok preload 3; ");
	assert_string_equal(play("one_load=\"NO\"\ntwo_load=\"YES\"\n"
	    "one_load=\"YES\"\ntwo_load=\"no\"\n", ""),
	    "one ok preload 3; ");
	assert_string_equal(play("bad_load=\"YES\"", ""),
	    "bad refused preload 1; ");
	assert_string_equal(play("none_load=\"YES\"\r\n", ""),
	    "none refused preload 1; ");
	/* Its name is another one, or it is a file. */
	assert_string_equal(play("x_load=\"YES\"\nx_name=\"two\"\n", ""),
	    "two ok preload 1; ");
	assert_string_equal(play("x_load=YES\nx_name=\"/boot/kernel/one.ko\"\n",
	    ""), "/boot/kernel/one.ko ok preload 1; ");
	/* The boot loader has it already, for the one before (P-13). */
	assert_string_equal(play("needs_load=YES\nneeded_load=YES\n", ""),
	    "needs ok preload 1; needed ok preload 2; ");
	/* What has a type is no module; a dot makes it a variable. */
	assert_string_equal(play("m_load=\"YES\"\nm_type=\"md_image\"\n"
	    "a.b_load=\"YES\"\n", ""), "m type=md_image not tried preload 1; ");
	/* From the first quote to the last one. */
	assert_string_equal(play("one_load=\"YES\" # \"so\"\n", ""), "");
}

static void
loader_wrong(void **state)
{
	(void)state;
	assert_string_equal(play("one_load\n", ""), "/boot/loader.conf:1: the "
	    "boot loader does not understand this line: one_load");
	assert_string_equal(play("one_load=\"YES\" two\n", ""),
	    "/boot/loader.conf:1: the boot loader does not understand this "
	    "line: one_load=\"YES\" two");
	assert_string_equal(play("a=\"x\\\"\n", ""), "/boot/loader.conf:1: a "
	    "is not set: a backslash ends its value");
	assert_string_equal(play("a=\"$\"\n", ""), "/boot/loader.conf:1: a "
	    "is not set: there is a $ without a name");
	assert_string_equal(play("one_load=YES\none_before=\"echo\"\n", ""),
	    "one ok preload 1; one_before is a command of the boot loader, "
	    "which is not run here");
	assert_string_equal(play("one_load=YES\nmodule_blacklist=\"x one\"\n",
	    ""), "/boot/loader.conf:1: the boot loader does not load one, "
	    "which is in module_blacklist");
}

static void
loader_variables(void **state)
{
	(void)state;
	/* Values of variables are expanded, those of modules are not. */
	assert_string_equal(play("d=\"/boot/modules\"\n"
	    "module_path=\"${d};/x\"\ntwo_load=\"YES\"\n", ""),
	    "two ok preload 3; ");
	assert_string_equal(play("module_path=\"/x\"\ntwo_load=\"YES\"\n", ""),
	    "two refused preload 2; ");
	assert_string_equal(play("d=\"two\"\nx_name=\"$d\"\nx_load=YES\n", ""),
	    "$d refused preload 3; ");
	/* 2^k of k lines: none of them is longer than a value may be. */
	assert_non_null(strstr(play("a=\"0123456789abcdef\"\n"
	    "a=\"$a$a$a$a$a$a$a$a\"\na=\"$a$a$a$a$a$a$a$a\"\n"
	    "a=\"$a$a$a$a$a$a$a$a\"\n", ""), "its value is too long"));
}

static void
loader_files(void **state)
{
	static const char first[] = "loader_conf_files=\"/boot/b.conf "
	    "/boot/loader.conf /boot/c.conf\"\n";
	struct scene scene;
	const char *names[] = { "two", "bad", "one" };

	(void)state;
	set_up(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	/* One names others, itself too; folders come last. */
	add_text(&scene, "/boot/loader.conf", first, strlen(first));
	add_text(&scene, "/boot/c.conf", "bad_load=YES", 12);
	add_text(&scene, "/boot/b.conf", "two_load=YES", 12);
	add_text(&scene, "/boot/loader.conf.d/z.conf", "one_load=YES", 12);
	add_text(&scene, "/boot/loader.conf.d/z.txt", "no_load=YES", 11);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(kldsim_next_boot_file_at(scene.next,
		    i)->name, names[i]);
	assert_null(kldsim_next_boot_file_at(scene.next, 3));
	assert_string_equal(kldsim_next_boot_module_path(scene.next),
	    "/boot/kernel;/boot/modules");
	assert_string_equal(kldsim_next_boot_kernel_path(scene.next),
	    "/boot/kernel/kernel");
	tear_down(&scene);
}

static void
which_kernel(void **state)
{
	static const char other[] = "kernel=\"test\"\n";
	static const char own[] = "bootfile=odd\nx_name=\"odd\"\nx_load=YES\n";
	const void *bytes;
	struct scene scene;
	size_t size;

	(void)state;
	set_up(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", other, strlen(other));
	assert_int_equal(boot(&scene), KLDSIM_NOENT);
	assert_int_equal(kldsim_source_add(scene.source, "/boot/test/kernel",
	    scene.kern.image, NULL), KLDSIM_OK);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	assert_string_equal(kldsim_next_boot_kernel_path(scene.next),
	    "/boot/test/kernel");
	assert_string_equal(kldsim_next_boot_module_path(scene.next),
	    "/boot/test;/boot/modules");
	tear_down(&scene);
	/* No defaults: the loader does not look further. */
	set_up(&scene);
	add_text(&scene, "/boot/loader.conf", "one_load=YES", 12);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	assert_null(kldsim_next_boot_file_at(scene.next, 0));
	assert_non_null(kldsim_next_boot_remark(scene.next, 0));
	tear_down(&scene);
	/* The kernel's own file is there: it is not loaded again (P-13). */
	set_up(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	add_text(&scene, "/boot/loader.conf", own, strlen(own));
	bytes = kldsim_image_bytes(scene.kern.image, &size);
	add_text(&scene, "/boot/kernel/odd", bytes, size);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	assert_string_equal(kldsim_next_boot_kernel_path(scene.next),
	    "/boot/kernel/odd");
	assert_int_equal(kldsim_next_boot_file_at(scene.next, 0)->answer.verdict,
	    KLDSIM_CHECK_OK);
	tear_down(&scene);
}

/*
 * P-26: of two files with one interface the kernel keeps the first, and the
 * second one is gone, with all that it has besides.
 */
static void
kernel_drops(void **state)
{
	static const char conf[] = "drm_load=YES\ndrmport_load=YES\n"
	    "i915_load=YES\n";
	const struct kldsim_check_answer *answer;
	struct scene scene;

	(void)state;
	assert_string_equal(play(conf, ""), "drm ok preload 1; "
	    "drmport refused preload 2; i915 refused preload 3; ");
	assert_string_equal(play("drmport_load=YES\ni915_load=YES\n", ""),
	    "drmport ok preload 1; i915 ok preload 2; ");
	set_up(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	add_text(&scene, "/boot/loader.conf", conf, strlen(conf));
	assert_int_equal(boot(&scene), KLDSIM_OK);
	answer = &kldsim_next_boot_file_at(scene.next, 1)->answer;
	assert_int_equal(answer->error, 17); /* EEXIST */
	assert_string_equal(answer->reason->text, "its module drm, version 1, "
	    "is there already: in drm.ko (file id 2, /boot/kernel/drm.ko)");
	/* What it says of the third one is not to preload the second. */
	answer = &kldsim_next_boot_file_at(scene.next, 2)->answer;
	assert_string_equal(answer->reason->text, "wants drmn version 2, "
	    "which no preloaded file provides; /boot/modules/drmport.ko was "
	    "preloaded, and refused itself before: EEXIST");
	tear_down(&scene);
}

/* --- rc.conf --- */

static void
rc_lines(void **state)
{
	(void)state;
	assert_string_equal(play("", "kld_list=\"one two\"\n"),
	    "one ok kld_list 1; two ok kld_list 1; ");
	assert_string_equal(play("", "# x\n\tkld_list=two; kld_list='one'\n"),
	    "one ok kld_list 2; ");
	assert_string_equal(play("", "a=one\nkld_list=\"$a ${a}x\"two\\ bad"),
	    "one ok kld_list 2; onextwo refused kld_list 2; "
	    "bad refused kld_list 2; ");
	assert_string_equal(play("", "kld_list=\"one \\\n\ttwo\"\n"),
	    "one ok kld_list 1; two ok kld_list 1; ");
	assert_string_equal(play("", "a=\"x\nkld_list=no\"\nkld_list=one\n"),
	    "one ok kld_list 3; ");
	/* A path, and a file's name. */
	assert_string_equal(play("", "kld_list='/boot/kernel/one.ko two.ko'"),
	    "/boot/kernel/one.ko ok kld_list 1; two.ko ok kld_list 1; ");
	/* Preloaded already: load_kld() does nothing. */
	assert_string_equal(play("one_load=YES\n", "kld_list=one"),
	    "one ok preload 1; one ok kld_list 1; ");
	/* What only a shell can say. */
	assert_string_equal(play("", "kld_list=\"`ls`\"\n"),
	    "/etc/rc.conf:1: a line with kld_list that is more than an "
	    "assignment is not played");
	assert_string_equal(play("", "kld_list=two\nx=\"y\nkld_list=one\n"),
	    "two ok kld_list 1; /etc/rc.conf:2: a quote has no end: sh(1) "
	    "gives up here");
}

#define WITHIN(line) "/etc/rc.conf:" line ": a line with kld_list within a " \
	"command (if, case, a loop, a function) is not played"

/* Nobody knows here whether sh(1) comes to what is within a command. */
static void
rc_commands(void **state)
{
	static const char *const bodies[] = {
		"if false; then\n\tkld_list=nosuch\nfi\n",
		"case $x in\na)\tkld_list=nosuch ;;\nesac\n",
		"for i in a b; do\n\tkld_list=nosuch\ndone\n",
		"f() {\n\tkld_list=nosuch\n}\n",
		"if a && {\n\tkld_list=nosuch\n}; then b; fi\n",
		"while ! false\ndo kld_list=nosuch\ndone\n",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_string_equal(play("", bodies[i]), WITHIN("2"));
		/* It ends where it ends, on the same line too. */
		(void)snprintf(text, sizeof(text), "%skld_list=one\n",
		    bodies[i]);
		assert_non_null(strstr(play("", text), "one ok kld_list "));
		text[strlen(bodies[i]) - 1] = ';';
		assert_non_null(strstr(play("", text), "one ok kld_list "));
	}
	/* Commands in commands, as /etc/defaults/rc.conf ends with. */
	assert_string_equal(play("", "if a; then\n f() {\n  for i in $b; do\n"
	    "   case $c in\n   *:$i:*)\n\t;;\n   *)\n\tif d; then\n\t. $i\n"
	    "\tfi\n\t;;\n   esac\n  done\n }\n # kld_list\nfi\n"
	    "kld_list=one\n"), "one ok kld_list 17; ");
	assert_string_equal(play("", "if false; then kld_list=nosuch; fi\n"),
	    "/etc/rc.conf:1: a line with kld_list that is more than an "
	    "assignment is not played");
	/* Words that begin nothing where they are. */
	assert_string_equal(play("", "echo if case { 'a; if' \"b; if\" #; if\n"
	    "kld_list=one\n"), "one ok kld_list 2; ");
	assert_string_equal(play("", "fi\n}\nkld_list=one\n"),
	    "one ok kld_list 3; ");
}

/* What kld_list is made of may be set by commands as well. */
static void
rc_doubts(void **state)
{
	static const char *const sets[] = { "if a; then\nx=two\nfi\ny=$x\n",
		"\nexport x=two; y=$x\n\n\ny=$x\n", "\n\nx=$(ls)\ny=$x\n" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		(void)snprintf(text, sizeof(text), "%skld_list=\"one $y\"\n",
		    sets[i]);
		assert_non_null(strstr(play("", text), "one ok kld_list "));
		assert_non_null(strstr(play("", text), ": kld_list has a "
		    "variable that a command may set, which is not run here"));
	}
	assert_string_equal(play("", "if a; then x=b; fi\ny=one\n"
	    "kld_list=$y\n"), "one ok kld_list 3; ");
}

/* load_rc_config(): rc.conf.d/kld is a file, or a folder of files. */
static void
rc_folders(void **state)
{
	static const char empty[] = "x=y\n", one[] = "kld_list=one\n";
	static const char two[] = "kld_list=\"$kld_list two\"\n";
	struct scene scene;

	(void)state;
	set_up(&scene);
	add_text(&scene, "/etc/rc.conf", empty, strlen(empty));
	/* By name; not what begins with a dot, nor what is in a folder. */
	add_text(&scene, "/etc/rc.conf.d/kld/b", two, strlen(two));
	add_text(&scene, "/etc/rc.conf.d/kld/a.conf", one, strlen(one));
	add_text(&scene, "/etc/rc.conf.d/kld/.c", empty, strlen(empty));
	add_text(&scene, "/etc/rc.conf.d/kld/d/e", one, strlen(one));
	add_text(&scene, "/usr/local/etc/rc.conf.d/kld",
	    "kld_list=\"$kld_list bad\"", 24);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 0)->name,
	    "one");
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 1)->name,
	    "two");
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 2)->name,
	    "bad");
	assert_null(kldsim_next_boot_file_at(scene.next, 3));
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 2)->where,
	    "/usr/local/etc/rc.conf.d/kld:1");
	tear_down(&scene);
	/* local_startup says which folders there are besides /etc. */
	set_up(&scene);
	add_text(&scene, "/etc/rc.conf", "local_startup='/opt/rc.d /x'", 28);
	add_text(&scene, "/opt/rc.conf.d/kld/a", one, strlen(one));
	add_text(&scene, "/x/rc.conf.d/kld", two, strlen(two));
	add_text(&scene, "/usr/local/etc/rc.conf.d/kld", "kld_list=bad", 12);
	assert_int_equal(boot(&scene), KLDSIM_OK);
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 0)->name,
	    "one");
	assert_string_equal(kldsim_next_boot_file_at(scene.next, 1)->name,
	    "two");
	assert_null(kldsim_next_boot_file_at(scene.next, 2));
	tear_down(&scene);
}

/* Modules of names that are found in each other's. */
static void
add_filters(struct scene *scene)
{
	struct kldsim_synth *ipf = module_new(R121);
	struct kldsim_synth *pf = module_new(R121);
	struct kldsim_synth *bridge = module_new(R121);
	struct kldsim_synth *odd = module_new(R121);

	kldsim_synth_mdt_version(ipf, "ipfilter", 1);
	kldsim_synth_mdt_version(pf, "pf", 1);
	kldsim_synth_mdt_version(bridge, "bridge_if", 1);
	(void)kldsim_synth_declare_module(odd, "fs/two_ko", 0, 0x3100000,
	    0x1000000);
	add_image(scene, "/boot/kernel/ipf.ko", ipf);
	add_image(scene, "/boot/kernel/pf.ko", pf);
	add_image(scene, "/boot/kernel/if_bridge.ko", bridge);
	add_image(scene, "/boot/kernel/odd.ko", odd);
}

/* The boot of a loader.conf and an rc.conf. */
static void
list(struct scene *scene, const char *loader_conf, const char *rc_conf)
{
	set_up(scene);
	add_filters(scene);
	add_text(scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	add_text(scene, "/boot/loader.conf", loader_conf,
	    strlen(loader_conf));
	add_text(scene, "/etc/rc.conf", rc_conf, strlen(rc_conf));
	assert_int_equal(boot(scene), KLDSIM_OK);
}

static const struct kldsim_check_answer *
answer_at(const struct scene *scene, size_t index)
{
	return &kldsim_next_boot_file_at(scene->next, index)->answer;
}

/* P-31: load_kld() looks for NAME.ko anywhere in what kldstat -v prints. */
static void
rc_skips(void **state)
{
	const struct kldsim_check_answer *answer;
	struct scene scene;
	int id;

	(void)state;
	/* "pf.ko" is in "ipf.ko", so pf is passed over. */
	list(&scene, "ipf_load=YES\nif_bridge_load=YES\n",
	    "kld_list='pf bridge one'\n");
	answer = answer_at(&scene, 2);
	assert_int_equal(answer->verdict, KLDSIM_CHECK_NOT_TRIED);
	assert_int_equal(answer->nfindings, 1);
	assert_string_equal(answer->findings[0].code, "kld-skipped");
	assert_int_equal(answer->findings[0].severity, KLDSIM_WARNING);
	assert_string_equal(answer->findings[0].file, "pf.ko");
	assert_non_null(strstr(answer->findings[0].text,
	    "\"pf.ko\" in what kldstat -v prints and finds that in the line "
	    "of ipf.ko (/boot/kernel/ipf.ko)"));
	assert_int_equal(kldsim_kldfind(kldsim_next_boot_sim(scene.next),
	    "pf.ko", &id), KLDSIM_NOENT);
	/* bridge is nowhere: nothing that could be loaded is passed over. */
	answer = answer_at(&scene, 3);
	assert_int_equal(answer->verdict, KLDSIM_CHECK_OK);
	assert_int_equal(answer->nfindings, 0);
	assert_int_equal(answer_at(&scene, 4)->verdict, KLDSIM_CHECK_OK);
	assert_int_equal(kldsim_kldfind(kldsim_next_boot_sim(scene.next),
	    "one.ko", &id), KLDSIM_OK);
	tear_down(&scene);
	/* What it is told to do; and the other way round all is well. */
	list(&scene, "ipf_load=YES\n", "kld_list='pf.ko'\n");
	assert_int_equal(answer_at(&scene, 1)->verdict, KLDSIM_CHECK_OK);
	assert_int_equal(kldsim_kldfind(kldsim_next_boot_sim(scene.next),
	    "pf.ko", &id), KLDSIM_OK);
	tear_down(&scene);
	list(&scene, "", "kld_list='pf ipf'\n");
	assert_int_equal(answer_at(&scene, 0)->nfindings, 0);
	assert_int_equal(kldsim_kldfind(kldsim_next_boot_sim(scene.next),
	    "ipf.ko", &id), KLDSIM_OK);
	tear_down(&scene);
}

/* The names of modules are printed as well, and a dot is any character. */
static void
rc_skips_for_modules(void **state)
{
	const struct kldsim_check_answer *answer;
	struct scene scene;

	(void)state;
	list(&scene, "odd_load=YES\n", "kld_list='two bad'\n");
	answer = answer_at(&scene, 1);
	assert_int_equal(answer->verdict, KLDSIM_CHECK_NOT_TRIED);
	assert_non_null(strstr(answer->findings[0].text,
	    "in the line of module fs/two_ko of odd.ko"));
	assert_int_equal(answer_at(&scene, 2)->verdict, KLDSIM_CHECK_REFUSED);
	tear_down(&scene);
}

/* --- whatever else --- */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Pieces of such files in any order: it ends, and what it tells can be read. */
static void
any_text(void **state)
{
	static const char *const pieces[] = { "one", "_load", "=", "\"", "YES",
		"\n", "#", " ", "\\", "$", "{", "}", "kld_list", "'", ";",
		"loader_conf_files", "/boot/loader.conf", "\0", "_name", "a",
		"module_path", "`", "\t", "kernel", "_type", "\xff",
		"if", "fi", "then" };
	uint32_t seed = 17;

	(void)state;
	for (int round = 0; round < 300; round++) {
		const struct kldsim_next_boot_file *file;
		struct scene scene;
		char text[400];
		size_t size = 0;

		while (size < sizeof(text) - 20 &&
		    next_random(&seed) % 60 != 0) {
			const char *piece = pieces[next_random(&seed) %
			    (sizeof(pieces) / sizeof(pieces[0]))];
			const size_t length = *piece == '\0' ? 1 :
			    strlen(piece);

			memcpy(text + size, piece, length);
			size += length;
		}
		set_up(&scene);
		add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
		    strlen(DEFAULTS));
		add_text(&scene, "/boot/loader.conf", text, size);
		add_text(&scene, "/etc/rc.conf", text, size);
		if (boot(&scene) == KLDSIM_OK)
			for (size_t i = 0; (file = kldsim_next_boot_file_at(
			    scene.next, i)) != NULL; i++)
				assert_true(*file->name != '\0' &&
				    strchr(file->where, ':') != NULL);
		else
			assert_int_equal(scene.error.status, KLDSIM_NOENT);
		tear_down(&scene);
	}
}

static void
no_memory(void **state)
{
	static const char loader_conf[] = "one_load=YES\ntwo_load=\"YES\"\n"
	    "wrong\nbad_load=YES\ndrm_load=YES\ndrmport_load=YES\n"
	    "ipf_load=YES\n";
	static const char rc_conf[] = "kld_list='pf bad'\n";
	struct support_alloc alloc;
	struct scene scene;
	long at = 0;

	(void)state;
	set_up(&scene);
	add_filters(&scene);
	add_text(&scene, "/boot/defaults/loader.conf", DEFAULTS,
	    strlen(DEFAULTS));
	add_text(&scene, "/boot/loader.conf", loader_conf,
	    strlen(loader_conf));
	add_text(&scene, "/etc/rc.conf", rc_conf, strlen(rc_conf));
	add_text(&scene, "/etc/rc.conf.d/kld/a", "kld_list=\"$kld_list one\"",
	    24);
	do {
		enum kldsim_status status;

		support_alloc_init(&alloc, at++);
		scene.options.allocator = support_allocator(&alloc);
		status = boot(&scene);
		assert_true(status == KLDSIM_OK || status == KLDSIM_NOMEM);
		if (status == KLDSIM_OK)
			kldsim_next_boot_free(scene.next);
		scene.next = NULL;
		assert_int_equal(alloc.live, 0);
	} while (alloc.failed != 0);
	assert_true(at > 50);
	tear_down(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loader_lines),
		cmocka_unit_test(loader_wrong),
		cmocka_unit_test(loader_variables),
		cmocka_unit_test(loader_files),
		cmocka_unit_test(which_kernel),
		cmocka_unit_test(kernel_drops),
		cmocka_unit_test(rc_lines),
		cmocka_unit_test(rc_commands),
		cmocka_unit_test(rc_doubts),
		cmocka_unit_test(rc_folders),
		cmocka_unit_test(rc_skips),
		cmocka_unit_test(rc_skips_for_modules),
		cmocka_unit_test(any_text),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
