/* SPDX-License-Identifier: BSD-2-Clause */

/* The script that sets LLDB up (E-43, E-80, E-81). */

#include <inttypes.h>

#include "core/script.h"
#include "kern/bad_news.h"

/*
 * What does not depend on the kernel.  One line each, since a script of LLDB's
 * has no longer ones; an LLDB without Python keeps the commands it has.
 */
static const char functions[] =
    "script exec(\""
    "def kldsim_print(prefix, name, bounds, bases, which=0):\\n"
    " target, error = lldb.debugger.GetSelectedTarget(), lldb.SBError()\\n"
    " found = target.FindSymbols(prefix + name)\\n"
    " if len(found) == 0 or which not in bases:\\n"
    "  print('there is no such variable, or no such copy of it')\\n"
    "  return\\n"
    " at = found[0].symbol.addr.GetLoadAddress(target)\\n"
    " if not bounds[0] <= at < bounds[1]:\\n"
    "  print('the kernel has one %s%s, at %#x' % (prefix, name, at))\\n"
    "  return\\n"
    " at = at + bases[which] & (1 << 8 * target.GetAddressByteSize()) - 1\\n"
    " typed = target.FindFirstGlobalVariable(prefix + name)\\n"
    " if typed.IsValid():\\n"
    "  print(target.CreateValueFromAddress(name, lldb.SBAddress(at, target), "
    "typed.GetType()))\\n"
    "  return\\n"
    " size = max(kldsim_sizes.get(prefix + name, 0), 1)\\n"
    " data = target.GetProcess().ReadMemory(at, size, error)\\n"
    " if not error.Success():\\n"
    "  print(error)\\n"
    " elif size in (1, 2, 4, 8):\\n"
    "  order = ('little', 'big')[target.GetByteOrder() == "
    "lldb.eByteOrderBig]\\n"
    "  print('%s = %d' % (name, int.from_bytes(data, order)))\\n"
    " else:\\n"
    "  print('%s = %s' % (name, ' '.join('%02x' % b for b in data)))\\n"
    "\")\n";

static int
put_module(struct kldsim__core *core, struct kldsim__text *text,
    const char *path, const struct kldsim__placed *placed)
{
	(void)core;
	if (placed->nsections == 0)
		return (0);
	kldsim__text_printf(text, "target modules add \"%s\"\n"
	    "target modules load --file \"%s\"", path, path);
	for (size_t i = 0; i < placed->nsections; i++)
		if (kldsim__script_word_fits(placed->sections[i].name))
			kldsim__text_printf(text, " %s 0x%" PRIx64,
			    placed->sections[i].name,
			    placed->sections[i].address);
	kldsim__text_puts(text, "\n");
	return (0);
}

static int
put_files(struct kldsim__core *core, struct kldsim__text *text)
{
	const struct kldsim__file *kernel = core->sim->linker.kernel;
	const char *path = kldsim__overlay_path(&core->overlay, kernel);
	const char *why;

	if (path == NULL)
		return (KLDSIM__ABORT);
	why = kldsim__script_leaves_out(kernel, path);
	if (why == NULL && !kldsim__script_path_fits(core->options.name))
		why = "the core's name has characters that do not fit here";
	if (why != NULL) {
		kldsim__text_printf(text, "# KERNEL is left out: %s.\n", why);
		return (0);
	}
	kldsim__text_puts(text, "target create");
	/* Not every kernel's file says whose it is, as LLDB wants to know. */
	if (core->sim->arch->debug.lldb != NULL)
		kldsim__text_printf(text, " --arch %s-unknown-freebsd",
		    core->sim->arch->debug.lldb);
	kldsim__text_printf(text, " --core \"%s\" \"%s\"\n"
	    "target modules load --file \"%s\" --slide 0\n",
	    core->options.name, path, path);
	return (kldsim__script_each_module(core, text, put_module));
}

static void
put_commands(struct kldsim__core *core, struct kldsim__text *text,
    enum kldsim_set which)
{
	const struct kldsim__script_set *names = &kldsim__script_sets[which];
	const struct kldsim__set *set = kldsim__script_set(core->sim, which);

	for (size_t i = 0; i < set->ninstances; i++)
		kldsim__text_printf(text, "expression unsigned long "
		    "$%s_base_%u = 0x%" PRIx64 "\n", names->instance,
		    set->instances[i].id, set->instances[i].base);
	kldsim__text_printf(text, "command regex %s "
	    "'s/^([A-Za-z0-9_]+)$/expression -- *(decltype(&%s%%1))"
	    "((unsigned long)&%s%%1 + $%s_base_0)/' "
	    "'s/^([A-Za-z0-9_]+) +([0-9]+)$/expression -- *(decltype(&%s%%1))"
	    "((unsigned long)&%s%%1 + $%s_base_%%2)/'\n", names->command,
	    names->prefix, names->prefix, names->instance, names->prefix,
	    names->prefix, names->instance);
}

static void
put_size(struct kldsim__text *text, const char *name, kldsim_size size)
{
	kldsim__text_printf(text, "'%s': %" PRIu64 ", ", name,
	    size <= INT32_MAX ? size : 0);
}

/* Python prints what has no type, too (E-84). */
static void
put_python_commands(struct kldsim__core *core, struct kldsim__text *text,
    enum kldsim_set which)
{
	const struct kldsim__script_set *names = &kldsim__script_sets[which];
	const struct kldsim__set *set = kldsim__script_set(core->sim, which);

	kldsim__text_printf(text, "script kldsim_%s = (0x%" PRIx64 ", 0x%"
	    PRIx64 "), {", names->instance, set->start, set->stop);
	for (size_t i = 0; i < set->ninstances; i++)
		kldsim__text_printf(text, "%u: 0x%" PRIx64 ", ",
		    set->instances[i].id, set->instances[i].base);
	kldsim__text_printf(text, "}\ncommand regex %s "
	    "'s/^([A-Za-z0-9_]+)$/script kldsim_print(\"%s\", \"%%1\", "
	    "*kldsim_%s)/' "
	    "'s/^([A-Za-z0-9_]+) +([0-9]+)$/script kldsim_print(\"%s\", "
	    "\"%%1\", *kldsim_%s, %%2)/'\n", names->command, names->prefix,
	    names->instance, names->prefix, names->instance);
}

static int
put_python(struct kldsim__core *core, struct kldsim__text *text)
{
	int error;

	kldsim__text_puts(text, functions);
	kldsim__text_puts(text, "script kldsim_sizes = {");
	error = kldsim__script_each_variable(core, text, put_size);
	kldsim__text_puts(text, "}\n");
	put_python_commands(core, text, KLDSIM_SET_DPCPU);
	put_python_commands(core, text, KLDSIM_SET_VNET);
	return (error);
}

int
kldsim__core_lldb(struct kldsim__core *core)
{
	struct kldsim__text text;
	int error;

	kldsim__text_init(&text, &core->sim->alloc);
	kldsim__text_puts(&text, "# For lldb -s: the simulated kernel that "
	    "kldsim has written beside this file.\n");
	error = put_files(core, &text);
	put_commands(core, &text, KLDSIM_SET_DPCPU);
	put_commands(core, &text, KLDSIM_SET_VNET);
	if (error == 0)
		error = put_python(core, &text);
	return (kldsim__script_end(core, &text, error));
}
