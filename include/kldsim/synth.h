/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYNTH_H
#define KLDSIM_SYNTH_H

/*
 * Builds kernels and modules as ELF bytes, honest or wrong on purpose.  More
 * of the builder, images, spec files and random worlds are in spec.h.
 *
 * A builder remembers its first mistake and ignores what follows, so building
 * calls need no checks: kldsim_synth_finish tells about that mistake.  Every
 * call takes NULL for the builder too and then does nothing, so a failed
 * kldsim_synth_new needs no check either.
 *
 * Sections and symbols are small positive numbers.  0 is no section and no
 * symbol: as the place of a symbol it means undefined, as the target of a
 * pointer it means a null pointer.
 *
 * A kernel and a module, in full:
 *
 *	struct kldsim_synth *k = kldsim_synth_new("amd64", KLDSIM_SYNTH_KERNEL);
 *	kldsim_synth_func(k, "printf");
 *	kldsim_synth_vnet(k, "ifcount", "\1\0\0\0", 4, 4);
 *	status = kldsim_synth_finish(k, &kernel, &kernel_size, &error);
 *	kldsim_synth_free(k);
 *
 *	struct kldsim_synth *m = kldsim_synth_new("amd64", KLDSIM_SYNTH_MODULE);
 *	int init = kldsim_synth_func(m, "foo_init");
 *	kldsim_synth_reloc(m, kldsim_synth_section_named(m, ".text"), 1,
 *	    "R_X86_64_PLT32", kldsim_synth_ref(m, "printf"), -4);
 *	kldsim_synth_vnet(m, "foo_limit", "\5\0\0\0", 4, 4);
 *	kldsim_synth_declare_module(m, "foo", 0, 0x3100000, 0x1000000);
 *	kldsim_synth_mdt_version(m, "foo", 1);
 *	kldsim_synth_sysinit(m, "foo", 0x3800000, 0, init, 0);
 *	status = kldsim_synth_finish(m, &module, &module_size, &error);
 *	kldsim_synth_free(m);
 */

#include <stddef.h>
#include <stdint.h>

#include <kldsim/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel or module that is being built. */
struct kldsim_synth;

/* What is built; the first three are ELF's own e_type. */
enum kldsim_synth_kind {
	KLDSIM_SYNTH_REL = 1,      /* ET_REL, nothing added */
	KLDSIM_SYNTH_EXEC = 2,     /* ET_EXEC, nothing FreeBSD added */
	KLDSIM_SYNTH_DYN = 3,      /* ET_DYN, nothing FreeBSD added */
	KLDSIM_SYNTH_KERNEL = 256, /* a kernel, as this machine has them */
	KLDSIM_SYNTH_MODULE = 257  /* a module, as this machine has them */
};

/* Where a symbol is, when it is not in a section; negative: no section id. */
enum kldsim_synth_place {
	KLDSIM_SYNTH_UNDEF = 0,
	KLDSIM_SYNTH_ABS = -1,
	KLDSIM_SYNTH_COMMON = -2 /* the symbol's value is its alignment */
};

/* Symbol bindings, ELF's numbers; others are accepted as they are. */
enum kldsim_synth_bind {
	KLDSIM_SYNTH_LOCAL = 0,
	KLDSIM_SYNTH_GLOBAL = 1,
	KLDSIM_SYNTH_WEAK = 2
};

/* Symbol types, ELF's numbers; others are accepted as they are. */
enum kldsim_synth_type {
	KLDSIM_SYNTH_NOTYPE = 0,
	KLDSIM_SYNTH_OBJECT = 1,
	KLDSIM_SYNTH_FUNC = 2,
	KLDSIM_SYNTH_SECTION = 3,
	KLDSIM_SYNTH_FILE = 4,
	KLDSIM_SYNTH_COMMON_TYPE = 5,
	KLDSIM_SYNTH_TLS = 6,
	KLDSIM_SYNTH_IFUNC = 10
};

/* Section types, ELF's numbers; others are accepted as they are. */
enum kldsim_synth_section_type {
	KLDSIM_SYNTH_PROGBITS = 1,
	KLDSIM_SYNTH_NOTE = 7,
	KLDSIM_SYNTH_NOBITS = 8,
	KLDSIM_SYNTH_INIT_ARRAY = 14,
	KLDSIM_SYNTH_FINI_ARRAY = 15
};

/* Section flags, ELF's numbers. */
enum kldsim_synth_section_flag {
	KLDSIM_SYNTH_WRITE = 1,
	KLDSIM_SYNTH_ALLOC = 2,
	KLDSIM_SYNTH_EXECINSTR = 4
};

/* What kldsim_synth_option sets, with the value in force without it. */
enum kldsim_synth_option {
	KLDSIM_SYNTH_BASE,          /* first address; the machine's, 0 for DYN */
	KLDSIM_SYNTH_E_MACHINE,     /* e_machine; the machine's */
	KLDSIM_SYNTH_E_FLAGS,       /* e_flags; the machine's */
	KLDSIM_SYNTH_OSABI,         /* e_ident[EI_OSABI]; the machine's */
	KLDSIM_SYNTH_PAGE,          /* segment alignment; the machine's */
	KLDSIM_SYNTH_RELA,          /* later relocations: 1 RELA, 0 REL */
	KLDSIM_SYNTH_SYMTAB,        /* 0: no .symtab (ET_REL keeps it); 1 */
	KLDSIM_SYNTH_HEADERS,       /* 0: no section headers; 1 */
	KLDSIM_SYNTH_HASH,          /* .hash; 1 */
	KLDSIM_SYNTH_HASH_BUCKETS,  /* buckets of .hash; 0: by symbol count */
	KLDSIM_SYNTH_GNU_HASH,      /* .gnu.hash; 0 */
	KLDSIM_SYNTH_INTERP,        /* .interp "/red/herring"; 1 for KERNEL */
	KLDSIM_SYNTH_RELRO,         /* segment of its own for .dynamic; 0 */
	KLDSIM_SYNTH_SET_BOUNDS,    /* __start_set_X and __stop_set_X; 1 */
	KLDSIM_SYNTH_SYSINIT_LINK,  /* sysinit has the 14.0 list link; 0 */
	KLDSIM_SYNTH_OSRELDATE,     /* KERNEL: osreldate; else: built for; 1201000 */
	KLDSIM_SYNTH_VIMAGE,        /* KERNEL: has a set_vnet; 1 */
	KLDSIM_SYNTH_MAXCPU,        /* KERNEL: entries of dpcpu_off; 256 */
	KLDSIM_SYNTH_SET_PAD,       /* last word of both sets (D-72); 0: none */
	KLDSIM_SYNTH_CTF_VERSION,   /* of types: 2, or 3 from 13.1 on; 2 */
	KLDSIM_SYNTH_CTF_COMPRESS,  /* types are compressed; 1 */
	KLDSIM_SYNTH_CTF_AS_MADE,   /* types of symbols as these were made; 0 */
	KLDSIM_SYNTH_OPTION_COUNT
};

/**
 * Start a kernel, a module or a bare ELF file for a machine.
 *
 * The machines are those of kldsim_synth_machine, amd64, i386, arm64, armv7,
 * riscv64, powerpc, powerpc64, powerpc64le, and elf32le, elf32be, elf64le,
 * elf64be, which know no relocation names.
 *
 * Units: none.
 * Ownership: the caller frees it with kldsim_synth_free; NULL if no memory.
 * Thread: a builder belongs to one thread at a time.
 * Errors: an unknown machine or kind is told by kldsim_synth_finish.
 * Kernel: MODULE is ET_REL on amd64 and ET_DYN elsewhere (D-70).
 */
KLDSIM_API struct kldsim_synth *kldsim_synth_new(const char *machine,
    enum kldsim_synth_kind kind);

/**
 * Free a builder; the bytes it gave out stay.
 *
 * Units: none.
 * Ownership: takes the builder; NULL is allowed.
 * Thread: as kldsim_synth_new.
 * Errors: none.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_free(struct kldsim_synth *synth);

/**
 * Name the machines that can be built for, one index after the other.
 *
 * Units: index counts from 0.
 * Ownership: a constant string, never freed; NULL after the last.
 * Thread: any.
 * Errors: none.
 * Kernel: FreeBSD's names of its architectures.
 */
KLDSIM_API const char *kldsim_synth_machine(size_t index);

/**
 * Set one option of the file.
 *
 * Units: as said at each option.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown option is told by kldsim_synth_finish.
 * Kernel: as said at each option.
 */
KLDSIM_API void kldsim_synth_option(struct kldsim_synth *synth,
    enum kldsim_synth_option option, uint64_t value);

/**
 * Make a new empty section, even if there is one of that name.
 *
 * Units: align in bytes, a power of two or 0.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: in ET_REL the section header index is the id.
 */
KLDSIM_API int kldsim_synth_section(struct kldsim_synth *synth,
    const char *name, uint32_t type, uint64_t flags, uint64_t align);

/**
 * Find the first section of a name, or make it as compilers make it.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: .text, .rodata, .data, .bss, set_*, .ctors, .dtors, .init_array,
 * .fini_array have their usual type and flags; all else is as .data.
 */
KLDSIM_API int kldsim_synth_section_named(struct kldsim_synth *synth,
    const char *name);

/**
 * Append bytes to a section; NULL appends zeros, also to a NOBITS section.
 *
 * Units: size in bytes; the answer is the offset of the first in the section.
 * Ownership: the bytes are copied.
 * Thread: as kldsim_synth_new.
 * Errors: bytes for a NOBITS section are told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API uint64_t kldsim_synth_append(struct kldsim_synth *synth, int section,
    const void *bytes, uint64_t size);

/**
 * Append one integer in the target's byte order.
 *
 * Units: width in bytes, 1 to 8; the answer is its offset in the section.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: as kldsim_synth_append; width 0 or more than 8.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API uint64_t kldsim_synth_append_int(struct kldsim_synth *synth,
    int section, uint64_t value, unsigned width);

/**
 * Pad a section with zeros to a boundary and raise its alignment to it.
 *
 * Units: align in bytes, a power of two; the answer is the section's size.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an align that is no power of two is told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API uint64_t kldsim_synth_align(struct kldsim_synth *synth, int section,
    uint64_t align);

/**
 * Overwrite bytes that a section already has.
 *
 * Units: offset and size in bytes, in the section.
 * Ownership: the bytes are copied.
 * Thread: as kldsim_synth_new.
 * Errors: bytes outside the section are told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_store(struct kldsim_synth *synth, int section,
    uint64_t offset, const void *bytes, uint64_t size);

/**
 * Add a symbol of any binding, type and place.
 *
 * A name that kldsim_synth_ref made is defined by this, and keeps its id;
 * otherwise every call makes a new symbol, of a known name too.
 *
 * Units: section is a section id or an enum kldsim_synth_place; value an
 * offset in the section, an absolute value or a common's alignment; size bytes.
 * Ownership: name is copied; NULL is the empty name.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: symbols are in the order of the calls, locals first, as ELF wants.
 */
KLDSIM_API int kldsim_synth_symbol(struct kldsim_synth *synth, const char *name,
    int bind, int type, int section, uint64_t value, uint64_t size);

/**
 * The first symbol of a name, or a new GLOBAL undefined one.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: an undefined symbol is looked up in the file and its dependencies.
 */
KLDSIM_API int kldsim_synth_ref(struct kldsim_synth *synth, const char *name);

/**
 * The first symbol of a name, or a new WEAK undefined one.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: an undefined weak symbol that nobody has is 0 (O-53).
 */
KLDSIM_API int kldsim_synth_weak_ref(struct kldsim_synth *synth,
    const char *name);

/**
 * The STT_SECTION symbol of a section, made on first use.
 *
 * Units: section is a section id.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: compilers refer to static data through it.
 */
KLDSIM_API int kldsim_synth_section_symbol(struct kldsim_synth *synth,
    int section);

/**
 * Change a symbol's binding and hand it back.
 *
 * Units: bind is ELF's number.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown symbol is told by kldsim_synth_finish.
 * Kernel: EXPORT_SYMS=NO makes all definitions of a module LOCAL (D-70).
 */
KLDSIM_API int kldsim_synth_bind(struct kldsim_synth *synth, int symbol,
    int bind);

/**
 * Set a symbol's st_other (visibility) and hand it back.
 *
 * Units: other is the byte itself.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown symbol is told by kldsim_synth_finish.
 * Kernel: the kernel linker never looks at it (D-65).
 */
KLDSIM_API int kldsim_synth_other(struct kldsim_synth *synth, int symbol,
    unsigned other);

/**
 * Put a symbol into .dynsym (1) or keep it out (0), and hand it back.
 *
 * Without it: what is not LOCAL, and LOCAL targets of dynamic relocations.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown symbol is told by kldsim_synth_finish.
 * Kernel: .dynsym is searched by hash, .symtab by walking it (D-60).
 */
KLDSIM_API int kldsim_synth_dynamic(struct kldsim_synth *synth, int symbol,
    int yes);

/**
 * Add a GLOBAL function of 16 bytes to .text.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: nothing of the target is ever run; the bytes are zeros.
 */
KLDSIM_API int kldsim_synth_func(struct kldsim_synth *synth, const char *name);

/**
 * Add a GLOBAL ifunc resolver of 16 bytes to .text.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: STT_GNU_IFUNC; references get what the resolver answers (O-51).
 */
KLDSIM_API int kldsim_synth_ifunc(struct kldsim_synth *synth, const char *name);

/**
 * Add a GLOBAL object with these bytes to .data, or to .bss if bytes is NULL.
 *
 * Units: size in bytes, align in bytes.
 * Ownership: name and bytes are copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API int kldsim_synth_object(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a relocation by name ("R_X86_64_PC32") or by number in text ("37").
 *
 * ET_REL keeps it in the section's own table; ET_DYN and ET_EXEC in .rela.dyn
 * or .rel.dyn, the machine's JUMP_SLOT in .rela.plt or .rel.plt; there the
 * address of a RELATIVE's or IRELATIVE's symbol goes into the addend.
 *
 * Units: offset in the section; the answer counts the section's relocations.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown name, section or symbol is told by kldsim_synth_finish.
 * Kernel: a REL addend other than 0 is stored in place; symbol 0 is allowed.
 */
KLDSIM_API int kldsim_synth_reloc(struct kldsim_synth *synth, int section,
    uint64_t offset, const char *type, int symbol, int64_t addend);

/**
 * Add a relocation by its number, known to the machine or not.
 *
 * Units: as kldsim_synth_reloc.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: as kldsim_synth_reloc.
 * Kernel: a number it does not know is an unexpected relocation type.
 */
KLDSIM_API int kldsim_synth_reloc_number(struct kldsim_synth *synth,
    int section, uint64_t offset, uint32_t type, int symbol, int64_t addend);

/**
 * Make a word of a section hold the address of a symbol plus an addend.
 *
 * ET_REL: the machine's absolute relocation.  ET_EXEC: the address itself.
 * ET_DYN: RELATIVE for a LOCAL symbol (in a KERNEL for any, the address being
 * stored too), else the absolute relocation.
 *
 * Units: offset in the section, which must have the word already.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: a word outside the section is told by kldsim_synth_finish.
 * Kernel: symbol 0 is a null pointer and needs no relocation.
 */
KLDSIM_API void kldsim_synth_pointer(struct kldsim_synth *synth, int section,
    uint64_t offset, int symbol, int64_t addend);

/**
 * Add a DPCPU variable, pcpu_entry_NAME in set_pcpu.
 *
 * For a NOBITS set, make the section first and give NULL for the bytes.
 *
 * Units: size and align in bytes.
 * Ownership: name and bytes are copied; NULL bytes are zeros.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: DPCPU_DEFINE; GLOBAL, kldsim_synth_bind makes it static (D-73).
 */
KLDSIM_API int kldsim_synth_dpcpu(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a VNET variable, vnet_entry_NAME in set_vnet.
 *
 * Units: size and align in bytes.
 * Ownership: name and bytes are copied; NULL bytes are zeros.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: VNET_DEFINE; GLOBAL, kldsim_synth_bind makes it static (D-73).
 */
KLDSIM_API int kldsim_synth_vnet(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a DPCPU variable that holds a pointer to a symbol.
 *
 * Units: addend in bytes.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: DPCPU_DEFINE with an address as initial value (D-36, O-22).
 */
KLDSIM_API int kldsim_synth_dpcpu_pointer(struct kldsim_synth *synth,
    const char *name, int symbol, int64_t addend);

/**
 * Add a VNET variable that holds a pointer to a symbol.
 *
 * Units: addend in bytes.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: VNET_DEFINE with an address as initial value (D-36, O-22).
 */
KLDSIM_API int kldsim_synth_vnet_pointer(struct kldsim_synth *synth,
    const char *name, int symbol, int64_t addend);

/**
 * Reserve the kernel's DPCPU modspace here, between other variables.
 *
 * Without the call a KERNEL gets 2048 bytes after the last DPCPU variable.
 *
 * Units: size in bytes; 0: no modspace at all.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure or for size 0, told by kldsim_synth_finish.
 * Kernel: pcpu_entry_modspace, LOCAL.
 */
KLDSIM_API int kldsim_synth_dpcpu_modspace(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Reserve the kernel's VNET modspace here, between other variables.
 *
 * Without the call a KERNEL with VIMAGE gets 32768 bytes after the last one.
 *
 * Units: size in bytes; 0: no modspace at all.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure or for size 0, told by kldsim_synth_finish.
 * Kernel: vnet_entry_modspace, LOCAL.
 */
KLDSIM_API int kldsim_synth_vnet_modspace(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Add a pointer to a symbol to a linker set: __set_SET_sym_NAME in set_SET.
 *
 * Units: none; set is the name without "set_".
 * Ownership: set is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: DATA_SET, TEXT_SET; also refers to __start_set_SET and
 * __stop_set_SET, unless KLDSIM_SYNTH_SET_BOUNDS is 0 (M-40).
 */
KLDSIM_API int kldsim_synth_set_entry(struct kldsim_synth *synth,
    const char *set, int symbol);

/**
 * Add module metadata of any type with any data: a struct mod_metadata.
 *
 * Units: type is MDT_*, any number.
 * Ownership: name and cval are copied; NULL cval is a null pointer.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: an entry of modmetadata_set, the symbol _mod_metadata_NAME (M-01).
 */
KLDSIM_API int kldsim_synth_mdt(struct kldsim_synth *synth, const char *name,
    int type, int data, const char *cval);

/**
 * Add MDT_MODULE: a struct moduledata; the answer is its symbol.
 *
 * Units: none; handler and priv are symbols, 0 a null pointer.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: a module of this name is registered with the file (M-02, M-20).
 */
KLDSIM_API int kldsim_synth_mdt_module(struct kldsim_synth *synth,
    const char *name, int handler, int priv);

/**
 * Add MDT_VERSION: the file provides this interface in this version.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: told by kldsim_synth_finish.
 * Kernel: MODULE_VERSION (M-02).
 */
KLDSIM_API void kldsim_synth_mdt_version(struct kldsim_synth *synth,
    const char *name, int version);

/**
 * Add MDT_DEPEND: the file needs this interface in one of these versions.
 *
 * Units: none.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: told by kldsim_synth_finish.
 * Kernel: MODULE_DEPEND; preferred matches outside the range too (L-13).
 */
KLDSIM_API void kldsim_synth_mdt_depend(struct kldsim_synth *synth,
    const char *name, int minimum, int preferred, int maximum);

/**
 * Add MDT_PNP_INFO: the devices that the file drives.
 *
 * Units: entry_size in bytes; table is a symbol.
 * Ownership: bus and descr are copied.
 * Thread: as kldsim_synth_new.
 * Errors: told by kldsim_synth_finish.
 * Kernel: MODULE_PNP_INFO; the kernel linker ignores it (M-02).
 */
KLDSIM_API void kldsim_synth_mdt_pnp(struct kldsim_synth *synth,
    const char *bus, const char *descr, int table, int entry_size, int entries);

/**
 * Add what DECLARE_MODULE adds: MDT_MODULE, MDT_DEPEND on kernel, a SYSINIT.
 *
 * Units: subsystem and order are SI_SUB_* and SI_ORDER_*.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: the answer is the moduledata, 0 on failure.
 * Kernel: needs module_register_init of the kernel; the kernel versions
 * follow from KLDSIM_SYNTH_OSRELDATE (M-11).
 */
KLDSIM_API int kldsim_synth_declare_module(struct kldsim_synth *synth,
    const char *name, int handler, uint32_t subsystem, uint32_t order);

/**
 * Add a SYSINIT: func(udata) at (subsystem, order); the answer is its symbol.
 *
 * Units: subsystem and order are SI_SUB_* and SI_ORDER_*, any numbers.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: NAME_sys_init in sysinit_set; KLDSIM_SYNTH_SYSINIT_LINK (M-05).
 */
KLDSIM_API int kldsim_synth_sysinit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int udata);

/**
 * Add a SYSUNINIT: func(udata) at (subsystem, order) when unloaded.
 *
 * Units: subsystem and order are SI_SUB_* and SI_ORDER_*, any numbers.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: NAME_sys_uninit in sysuninit_set (M-05, M-32).
 */
KLDSIM_API int kldsim_synth_sysuninit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int udata);

/**
 * Add a VNET_SYSINIT: func(arg) in every vnet; the answer is its structure.
 *
 * Units: subsystem and order are SI_SUB_* and SI_ORDER_*, any numbers.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: NAME_vnet_init, registered by a SYSINIT, deregistered by a
 * SYSUNINIT; refers to vnet_register_sysinit and its counterpart.
 */
KLDSIM_API int kldsim_synth_vnet_sysinit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int arg);

/**
 * Add a VNET_SYSUNINIT: func(arg) in every vnet when unloaded or destroyed.
 *
 * Units: subsystem and order are SI_SUB_* and SI_ORDER_*, any numbers.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: 0 on failure, told by kldsim_synth_finish.
 * Kernel: NAME_vnet_uninit, as kldsim_synth_vnet_sysinit.
 */
KLDSIM_API int kldsim_synth_vnet_sysuninit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int arg);

/**
 * Append a pointer to a function to .ctors, .dtors, .init_array, .fini_array.
 *
 * Units: none; section is a section name.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: told by kldsim_synth_finish.
 * Kernel: called in ascending order (O-80); symbol 0 adds a null entry.
 */
KLDSIM_API void kldsim_synth_ctor(struct kldsim_synth *synth,
    const char *section, int symbol);

/**
 * Add a program header, after those of ET_EXEC and ET_DYN.
 *
 * Units: type is PT_*, flags PF_*; first and last are section ids that it
 * covers, 0 an empty one.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: an unknown section is told by kldsim_synth_finish.
 * Kernel: a fifth PT_LOAD is too many, PT_INTERP refuses a module (D-03).
 */
KLDSIM_API void kldsim_synth_segment(struct kldsim_synth *synth, uint32_t type,
    uint32_t flags, int first, int last);

/**
 * Set a field to a wrong value after everything is laid out.
 *
 * Names: "ehdr.e_shnum", "ehdr.e_ident[4]", "shdr[.text].sh_size",
 * "shdr[3].sh_type", "phdr[1].p_filesz", "phdr[PT_DYNAMIC].p_offset",
 * "sym[foo].st_shndx" and "dynsym[foo].st_value" (also by number; st_bind and
 * st_type besides st_info), "rela[.text][3].r_offset" and "rel[...]" (the
 * section relocated, or the table itself, as in "rela[.rela.dyn][0].r_sym";
 * r_sym and r_type besides r_info), "dyn[DT_RELASZ]", "dyn[2].d_tag",
 * "hash.nbucket", "hash.nchain", "bucket[2]", "chain[5]", and
 * "byte[.text][0x10]".  Those of .SUNW_ctf are in synth_ctf.h.
 *
 * Of several names alike, the first is meant.
 *
 * Units: value as stored; a negative number may be sign extended to 64 bits.
 * Ownership: name is copied.
 * Thread: as kldsim_synth_new.
 * Errors: a name that means nothing, or a value too large for its field, is
 * told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_override(struct kldsim_synth *synth,
    const char *name, uint64_t value);

/**
 * Overwrite bytes of the finished file, after the overrides.
 *
 * Units: offset and size in bytes, in the file.
 * Ownership: the bytes are copied.
 * Thread: as kldsim_synth_new.
 * Errors: bytes outside the file are told by kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_poke(struct kldsim_synth *synth, uint64_t offset,
    const void *bytes, size_t size);

/**
 * Cut the finished file, or pad it with zeros, to this size, last of all.
 *
 * Units: size in bytes.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: none.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_truncate_to(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Lay the file out and hand its bytes over; the same calls, the same bytes.
 *
 * It may be called again, with more added in between.
 *
 * Units: size in bytes.
 * Ownership: the caller frees the bytes with kldsim_synth_free_bytes; error
 * may be NULL.
 * Thread: as kldsim_synth_new.
 * Errors: the first mistake of any call: KLDSIM_ARG, KLDSIM_NOMEM,
 * KLDSIM_LIMIT.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_finish(
    struct kldsim_synth *synth, void **bytes_ret, size_t *size_ret,
    struct kldsim_error *error);

/**
 * As kldsim_synth_finish, but into a file.
 *
 * Units: none.
 * Ownership: error may be NULL.
 * Thread: as kldsim_synth_new.
 * Errors: as kldsim_synth_finish; KLDSIM_SYS if the file cannot be written.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_write(
    struct kldsim_synth *synth, const char *path, struct kldsim_error *error);

/**
 * Free the bytes of kldsim_synth_finish.
 *
 * Units: none.
 * Ownership: takes the bytes; NULL is allowed.
 * Thread: any.
 * Errors: none.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API void kldsim_synth_free_bytes(void *bytes);

/**
 * The st_value of a symbol in the file last finished.
 *
 * Units: an address in ET_EXEC and ET_DYN, in ET_REL an offset.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: 0 if the symbol is unknown or nothing was finished.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API uint64_t kldsim_synth_symbol_value(const struct kldsim_synth *synth,
    int symbol);

/**
 * The first symbol of a name.
 *
 * Units: none.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: 0 if there is none, which is no mistake of the builder.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API int kldsim_synth_find_symbol(const struct kldsim_synth *synth,
    const char *name);

/**
 * Where a section is in the file last finished.
 *
 * Units: index in the section headers, address in the target, offset in the
 * file; a NULL is not filled.
 * Ownership: nothing is handed over.
 * Thread: as kldsim_synth_new.
 * Errors: KLDSIM_NOENT for an unknown section or before kldsim_synth_finish.
 * Kernel: nothing of the kernel's.
 */
KLDSIM_API enum kldsim_status kldsim_synth_section_place(
    const struct kldsim_synth *synth, int section, uint32_t *index_ret,
    kldsim_addr *address_ret, uint64_t *offset_ret);

#ifdef __cplusplus
}
#endif

#endif
