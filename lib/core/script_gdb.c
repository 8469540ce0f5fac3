/* SPDX-License-Identifier: BSD-2-Clause */

/* The script that sets gdb up (E-42, E-43, E-80 to E-84). */

#include <inttypes.h>

#include "core/script.h"
#include "kern/bad_news.h"

/* What does not depend on the kernel; gdb without Python stops there. */
static const char functions[] =
    "def kldsim_untyped(symbol):\n"
    "    size = kldsim_sizes.get(symbol, 0)\n"
    "    for name in (\"char\", \"short\", \"int\", \"long long\"):\n"
    "        one = gdb.lookup_type(\"unsigned \" + name)\n"
    "        if one.sizeof == size:\n"
    "            return one\n"
    "    return gdb.lookup_type(\"unsigned char\").array(max(size, 1) - 1)\n"
    "\n"
    "class KldsimVariable(gdb.Function):\n"
    "    def __init__(self, name, prefix, start, stop, bases):\n"
    "        super().__init__(name)\n"
    "        self.prefix, self.bases = prefix, bases\n"
    "        self.start, self.stop = start, stop\n"
    "\n"
    "    def invoke(self, name, which=0):\n"
    "        symbol, which = self.prefix + name.string(), int(which)\n"
    "        if which not in self.bases:\n"
    "            raise gdb.GdbError(\"there is no such copy: %d\" % which)\n"
    "        reference = gdb.parse_and_eval(\"&'%s'\" % symbol)\n"
    "        at, kind = int(reference), reference.type.target()\n"
    "        for start, size, final in kldsim_moved:\n"
    "            if start <= at < start + size:\n"
    "                at += final - start\n"
    "                break\n"
    "        if not self.start <= at < self.stop:\n"
    "            raise gdb.GdbError(\"the kernel has one %s, at %#x\" % "
    "(symbol, at))\n"
    "        if kind.code == gdb.TYPE_CODE_ERROR:\n"
    "            kind = kldsim_untyped(symbol)\n"
    "        at = (at + self.bases[which]) & kldsim_mask\n"
    "        return gdb.parse_and_eval(\"%#x\" % at).cast("
    "kind.pointer()).dereference()\n"
    "\n";

/* E-81: all that gdb can do without Python, and only with DWARF. */
#define TYPED "*(typeof(&%s$arg0))((unsigned long)&%s$arg0 + $%s_base_%s)"

static void
put_print(struct kldsim__text *text, const struct kldsim__script_set *set,
    const char *argument, const char *copy)
{
	kldsim__text_printf(text, "if $kldsim_python\nprint $%s(\"$arg0\"%s)\n"
	    "else\nprint " TYPED "\nend\n", set->function, argument,
	    set->prefix, set->prefix, set->instance, copy);
}

static void
put_commands(struct kldsim__text *text, const struct kldsim__script_set *set)
{
	kldsim__text_printf(text, "define %s\nif $argc == 1\n", set->command);
	put_print(text, set, "", "0");
	kldsim__text_puts(text, "else\n");
	put_print(text, set, ", $arg1", "$arg1");
	kldsim__text_printf(text, "end\nend\ndocument %s\n%s NAME [%s]: the "
	    "variable NAME of a %s, number 0 unless it is given.\nend\n",
	    set->command, set->command, set->instance, set->instance);
}

static kldsim_addr
mask(const struct kldsim__core *core)
{
	return (kldsim__arch_ptrsz(core->sim->arch) == 8 ? UINT64_MAX :
	    UINT32_MAX);
}

/* What is added to a reference copy's address, for each instance (E-80). */
static void
put_bases(struct kldsim__core *core, struct kldsim__text *text,
    const char *format, enum kldsim_set which)
{
	const struct kldsim__set *set = kldsim__script_set(core->sim, which);

	for (size_t i = 0; i < set->ninstances; i++)
		kldsim__text_printf(text, format,
		    kldsim__script_sets[which].instance,
		    set->instances[i].id,
		    set->instances[i].base & mask(core));
}

/* E-43: each section at its place, sets in the kernel's. */
static int
put_module(struct kldsim__core *core, struct kldsim__text *text,
    const char *path, const struct kldsim__placed *placed)
{
	const char *first = "";

	if (placed->nsections == 0)
		return (0);
	kldsim__text_printf(text, "add-symbol-file \"%s\"", path);
	for (size_t i = 0; i < placed->nsections; i++) {
		const struct kldsim__placed_section *section =
		    &placed->sections[i];

		if (kldsim__script_word_fits(section->name))
			kldsim__text_printf(text, " -s %s 0x%" PRIx64,
			    section->name, section->address & mask(core));
		else
			first = "# A section is left out, for its name.\n";
	}
	kldsim__text_printf(text, "\n%s", first);
	return (0);
}

/* E-83: where a set's symbols may be, and where its variables are. */
static int
put_moved(struct kldsim__core *core, struct kldsim__text *text,
    const char *path, const struct kldsim__placed *placed)
{
	(void)path;
	for (size_t i = 0; i < placed->nsections; i++) {
		const struct kldsim__placed_section *section =
		    &placed->sections[i];

		if (section->region > KLDSIM_REGION_MAPPING)
			kldsim__text_printf(text, "    (0x%" PRIx64 ", 0x%"
			    PRIx64 ", 0x%" PRIx64 "),\n",
			    section->hole & mask(core), section->size,
			    section->address & mask(core));
	}
	return (0);
}

/* E-84: what the symbol table knows of a variable without a type. */
static void
put_size(struct kldsim__text *text, const char *name, kldsim_size size)
{
	kldsim__text_printf(text, "    \"%s\": %" PRIu64 ",\n", name,
	    size <= INT32_MAX ? size : 0);
}

static int
put_python(struct kldsim__core *core, struct kldsim__text *text)
{
	int error;

	kldsim__text_printf(text, "python\nimport gdb\nkldsim_mask = 0x%"
	    PRIx64 "\nkldsim_moved = [\n", mask(core));
	error = kldsim__script_each_module(core, text, put_moved);
	kldsim__text_puts(text, "]\nkldsim_sizes = {\n");
	if (error == 0)
		error = kldsim__script_each_variable(core, text, put_size);
	kldsim__text_puts(text, "}\n\n");
	kldsim__text_puts(text, functions);
	for (size_t i = 0; i < 2; i++) {
		const struct kldsim__script_set *set = &kldsim__script_sets[i];
		const struct kldsim__set *copies =
		    kldsim__script_set(core->sim, (enum kldsim_set)i);

		kldsim__text_printf(text, "KldsimVariable(\"%s\", \"%s\", 0x%"
		    PRIx64 ", 0x%" PRIx64 ", {\n", set->function,
		    set->prefix, copies->start, copies->stop);
		put_bases(core, text, "    # %s\n    %u: 0x%" PRIx64 ",\n",
		    (enum kldsim_set)i);
		kldsim__text_puts(text, "})\n");
	}
	kldsim__text_puts(text, "gdb.execute(\"set $kldsim_python = 1\")\n"
	    "end\n");
	return (error);
}

static void
put_patches(const struct kldsim__core *core, struct kldsim__text *text)
{
	for (size_t i = 0; i < core->overlay.npatches; i++)
		kldsim__text_printf(text, "# For debuggers alone, not of the "
		    "simulated kernel: 0x%" PRIx64 ", 0x%zx bytes.\n",
		    core->overlay.patches[i].address,
		    core->overlay.patches[i].size);
}

static int
put_files(struct kldsim__core *core, struct kldsim__text *text)
{
	const struct kldsim__file *kernel = core->sim->linker.kernel;
	const char *path = kldsim__overlay_path(&core->overlay, kernel);
	const char *why;

	if (path == NULL)
		return (KLDSIM__ABORT);
	/* E-42: gdb without FreeBSD support would take 32 bit pointers. */
	kldsim__text_puts(text, "set osabi GNU/Linux\n");
	why = kldsim__script_leaves_out(kernel, path);
	if (why == NULL)
		kldsim__text_printf(text, "file \"%s\"\n", path);
	else
		kldsim__text_printf(text, "# Say file KERNEL first: %s.\n",
		    why);
	/* Not quoted: gdb before 16 takes quotes for a part of the name. */
	if (kldsim__script_path_fits(core->options.name))
		kldsim__text_printf(text, "core-file %s\n",
		    core->options.name);
	return (kldsim__script_each_module(core, text, put_module));
}

int
kldsim__core_gdb(struct kldsim__core *core)
{
	struct kldsim__text text;
	int error;

	kldsim__text_init(&text, &core->sim->alloc);
	kldsim__text_puts(&text, "# For gdb -x: the simulated kernel that "
	    "kldsim has written beside this file.\n");
	put_patches(core, &text);
	error = put_files(core, &text);
	kldsim__text_puts(&text, "set $kldsim_python = 0\n");
	for (size_t i = 0; i < 2; i++) {
		put_bases(core, &text, "set $%s_base_%u = 0x%" PRIx64 "\n",
		    (enum kldsim_set)i);
		put_commands(&text, &kldsim__script_sets[i]);
	}
	if (error == 0)
		error = put_python(core, &text);
	return (kldsim__script_end(core, &text, error));
}
