/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Version words in a module's data, and what the kernel does about one that is
 * not its own (I-60).  The kernel's own word is read from an object of the
 * kernel of the same kind, so that no table of releases is needed.
 */

#include <inttypes.h>
#include <string.h>

#include "kbi/kbi.h"
#include "kbi/kernel.h"
#include "kern/bad_news.h"

struct word {
	const struct kldsim__file *file;
	const char *symbol; /* NULL: it has no name */
	const char *what;
	uint64_t module;
	uint64_t kernel;
	const char *then;   /* what the kernel does */
};

static void
tell(struct kldsim *sim, const struct word *word)
{
	const struct kldsim__where where = { .file = word->file->filename,
		.symbol = word->symbol };

	kldsim__find(sim, KLDSIM__F_KBI_VERSION_WORD, &where, "%s has the "
	    "version 0x%" PRIx64 ", this kernel's own have 0x%" PRIx64 ": %s",
	    word->what, word->module, word->kernel, word->then);
}

static bool
read_word(const struct kldsim *sim, kldsim_addr address, unsigned size,
    uint64_t *word_ret)
{
	uint8_t bytes[8];

	if (!kldsim__aspace_read(&sim->space, address, bytes, size))
		return (false);
	*word_ret = kldsim__load(bytes, size, kldsim__arch_big(sim->arch));
	return (true);
}

/* Read both; true if they differ. */
static bool
differ(const struct kldsim *sim, struct word *word, kldsim_addr module,
    kldsim_addr kernel, unsigned size)
{
	return (read_word(sim, module, size, &word->module) &&
	    read_word(sim, kernel, size, &word->kernel) &&
	    word->module != word->kernel);
}

/* --- module events --- */

/* The argument of a module of the kernel that has the same handler, 0: none. */
static kldsim_addr
kernels_own(const struct kldsim *sim, kldsim_addr handler)
{
	KLDSIM__FOREACH(l, &sim->modules.all) {
		const struct kldsim__module *module = KLDSIM__MODULE(l);

		if (module->file == sim->linker.kernel &&
		    module->handler == handler)
			return (module->priv);
	}
	return (0);
}

int
kldsim__kbi_mod_load(struct kldsim *sim, const struct kldsim__module *module)
{
	const struct kldsim__built *built;
	struct word word = { .file = module->file };
	kldsim_addr at = 0, own;
	int error;

	if (module->file == sim->linker.kernel || module->handler == 0)
		return (0);
	error = kldsim__kernel_built(sim, &built);
	if (error != 0)
		return (error);
	if (module->handler == built->vfs_modevent) {
		word.what = "a file system's struct vfsconf";
		word.then = "\"ERROR: filesystem ..., unsupported ABI "
		    "version\", and vfs_modevent() answers EINVAL";
	} else if (module->handler == built->g_modevent) {
		at = kldsim__arch_ptrsz(sim->arch);
		word.what = "a struct g_class";
		word.then = "\"GEOM class ... has Wrong version\", and "
		    "g_modevent() answers EINVAL";
	} else {
		return (0);
	}
	own = kernels_own(sim, module->handler);
	word.symbol = module->name;
	if (own != 0 && differ(sim, &word, module->priv + at, own + at, 4))
		tell(sim, &word);
	return (0);
}

/* --- drivers --- */

/* Pointers that a struct cdevsw has in any release, at least. */
#define CDEVSW_POINTERS 12u

/* The versions of struct cdevsw from FreeBSD 9 on. */
#define D_VERSION_03 UINT64_C(0x17122009)
#define D_VERSION_04 UINT64_C(0x5c48c353)

int
kldsim__kbi_cdevsw(struct kldsim *sim, const struct kldsim__file *file,
    const struct kldsim__told_symbol *symbol)
{
	static const char suffix[] = "cdevsw";
	size_t length;
	struct word word = { .file = file, .symbol = symbol->name,
		.what = "a struct cdevsw",
		.then = "\"WARNING: Device driver ... has wrong version and is "
		    "disabled\", though the load succeeds" };
	kldsim_addr own;
	kldsim_size size;
	int error;

	if (symbol->size < CDEVSW_POINTERS * kldsim__arch_ptrsz(sim->arch))
		return (0);
	length = strlen(symbol->name);
	if (length < sizeof(suffix) - 1 ||
	    strcmp(symbol->name + length - (sizeof(suffix) - 1), suffix) != 0)
		return (0);
	error = kldsim__ask_kernel(sim, "null_cdevsw", &own, &size);
	if (error != 0 || own == 0 ||
	    !differ(sim, &word, symbol->address, own, 4))
		return (error);
	/* An object of that name need not be one: it has a word of one. */
	if (word.module == D_VERSION_03 || word.module == D_VERSION_04)
		tell(sim, &word);
	return (0);
}

/* The first element of set_sdt_probes_set, 0: there is none. */
static int
first_probe(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr *probe_ret)
{
	kldsim_addr start, stop;
	int error = file->class->lookup_set(sim, file, "sdt_probes_set",
	    &start, &stop);

	*probe_ret = 0;
	if (error == 0 && stop - start >= kldsim__arch_ptrsz(sim->arch) &&
	    !kldsim__meta_pointer(&sim->meta, start, probe_ret))
		*probe_ret = 0;
	return (error < 0 ? error : 0);
}

int
kldsim__kbi_probes(struct kldsim *sim, struct kldsim__file *file)
{
	struct word word = { .file = file, .what = "an SDT probe (its size)",
		.then = "\"ignoring probe ..., version ... expected ...\": "
		    "DTrace does not see the module's probes" };
	kldsim_addr module, kernel, size;
	int error = first_probe(sim, file, &module);

	if (error != 0 || module == 0)
		return (error);
	error = kldsim__ask_kernel(sim, "__start_set_sdt_probes_set", &kernel,
	    &size);
	if (error != 0 || kernel == 0 ||
	    !kldsim__meta_pointer(&sim->meta, kernel, &kernel))
		return (error);
	if (differ(sim, &word, module, kernel, 4))
		tell(sim, &word);
	return (0);
}

/* --- versions of interfaces --- */

#define NG_DEBUG 0x10000      /* options NETGRAPH_DEBUG */
#define NG_INVARIANTS 0x20000 /* and INVARIANTS, in later releases */

const char *
kldsim__kbi_interface(const char *name, int wanted, int offered)
{
	const unsigned bits = (unsigned)wanted ^ (unsigned)offered;

	if (strcmp(name, "kernel_mac_support") == 0)
		return (": its MAC policy is built for another release");
	if (strcmp(name, "netgraph") != 0 ||
	    (bits & ~(unsigned)(NG_DEBUG | NG_INVARIANTS)) != 0)
		return ("");
	if (bits == NG_DEBUG)
		return (": one of them is built with options NETGRAPH_DEBUG");
	if (bits == NG_INVARIANTS)
		return (": one of them is built with options INVARIANTS");
	return (": one of them is built with options NETGRAPH_DEBUG, and one "
	    "with INVARIANTS");
}
