/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_SYNTH_H
#define KLDSIM_SYNTH_H

/*
 * Builds kernels and modules as ELF bytes, honest or wrong on purpose.  More
 * of the builder, images, spec files and random worlds are in spec.h.
 *
 * A builder remembers its first mistake and ignores what follows, so building
 * calls need no checks: kldsim_synth_finish() tells about that mistake.  Every
 * call takes NULL for the builder too and then does nothing, so a failed
 * kldsim_synth_new() needs no check either.
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
 *
 * Thread: one thread at a time uses a builder.
 * Ownership: what is handed in is copied.
 * Errors: those of a call without a status are told by kldsim_synth_finish();
 * a call that makes something answers 0 then.
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
	KLDSIM_SYNTH_SYSCTL_TREE,   /* sysctl_oid links a tree (M-43); 0 */
	KLDSIM_SYNTH_OSRELDATE,     /* KERNEL: osreldate; else: built for; 1201000 */
	KLDSIM_SYNTH_VIMAGE,        /* options VIMAGE; 0: VNETs are plain; 1 */
	KLDSIM_SYNTH_MAXCPU,        /* KERNEL: entries of dpcpu_off; 256 */
	KLDSIM_SYNTH_SET_PAD,       /* last word of both sets (D-72); 0: none */
	KLDSIM_SYNTH_CTF_VERSION,   /* of types: 2, or 3 from 13.1 on; 2 */
	KLDSIM_SYNTH_CTF_COMPRESS,  /* types are compressed; 1 */
	KLDSIM_SYNTH_CTF_AS_MADE,   /* types of symbols as these were made; 0 */
	KLDSIM_SYNTH_VIMAGE_RUNTIME, /* by review D20278 (J-20, J-21); 0 */
	KLDSIM_SYNTH_PLT,           /* 0: JUMP_SLOTs are where others are; 1 */
	KLDSIM_SYNTH_OPTION_COUNT
};

/**
 * Start a kernel, a module or a bare ELF file for a machine.
 *
 * The machines are those of kldsim_synth_machine(): amd64, i386, arm64, armv7,
 * riscv64, powerpc, powerpc64, powerpc64le, and elf32le, elf32be, elf64le,
 * elf64be, which know no relocation names.
 *
 * Ownership: the caller frees the builder with kldsim_synth_free().
 * Errors: NULL if there is no memory; an unknown machine or kind.
 * Kernel: a MODULE is ET_REL on amd64 and ET_DYN elsewhere (D-70).
 */
KLDSIM_API struct kldsim_synth *kldsim_synth_new(const char *machine,
    enum kldsim_synth_kind kind);

/** Free a builder; the bytes it gave out stay.  NULL is fine. */
KLDSIM_API void kldsim_synth_free(struct kldsim_synth *synth);

/**
 * Name the machines that can be built for, one index after the other, as
 * FreeBSD names its architectures.
 *
 * Units: index counts from 0.
 * Ownership: a constant.
 * Errors: NULL after the last.
 */
KLDSIM_API const char *kldsim_synth_machine(size_t index);

/**
 * Set one option of the file; its value is as said at the option.
 *
 * Errors: an unknown option.
 */
KLDSIM_API void kldsim_synth_option(struct kldsim_synth *synth,
    enum kldsim_synth_option option, uint64_t value);

/**
 * Make a new empty section, even if there is one of that name.  In ET_REL its
 * id is its index in the section headers.
 *
 * Units: align counts bytes, a power of two or 0.
 */
KLDSIM_API int kldsim_synth_section(struct kldsim_synth *synth,
    const char *name, uint32_t type, uint64_t flags, uint64_t align);

/**
 * Find the first section of a name, or make it as compilers make it.  .text,
 * .rodata, .data, .bss, set_*, .ctors, .dtors, .init_array and .fini_array
 * have their usual type and flags; all else is as .data.
 */
KLDSIM_API int kldsim_synth_section_named(struct kldsim_synth *synth,
    const char *name);

/**
 * Append bytes to a section; NULL appends zeros, also to a NOBITS section.
 *
 * Units: size counts bytes; the answer is the offset of the first in the
 * section.
 * Errors: bytes for a NOBITS section.
 */
KLDSIM_API uint64_t kldsim_synth_append(struct kldsim_synth *synth, int section,
    const void *bytes, uint64_t size);

/**
 * Append one integer in the target's byte order.
 *
 * Units: width counts bytes, 1 to 8; the answer is the integer's offset in the
 * section.
 * Errors: as kldsim_synth_append(); a width of 0 or more than 8.
 */
KLDSIM_API uint64_t kldsim_synth_append_int(struct kldsim_synth *synth,
    int section, uint64_t value, unsigned width);

/**
 * Pad a section with zeros to a boundary and raise its alignment to it.
 *
 * Units: align counts bytes, a power of two; the answer is the section's size.
 * Errors: an align that is no power of two.
 */
KLDSIM_API uint64_t kldsim_synth_align(struct kldsim_synth *synth, int section,
    uint64_t align);

/**
 * Overwrite bytes that a section already has.
 *
 * Units: offset and size count bytes, in the section.
 * Errors: bytes outside the section.
 */
KLDSIM_API void kldsim_synth_store(struct kldsim_synth *synth, int section,
    uint64_t offset, const void *bytes, uint64_t size);

/**
 * Add a symbol of any binding, type and place.  A name of NULL is the empty
 * one.
 *
 * A name that kldsim_synth_ref() made is defined by this, and keeps its id;
 * otherwise every call makes a new symbol, of a known name too.  Symbols are
 * in the order of the calls, locals first, as ELF wants.
 *
 * Units: section is a section id or an enum kldsim_synth_place; value is an
 * offset in the section, an absolute value or a common's alignment; size
 * counts bytes.
 */
KLDSIM_API int kldsim_synth_symbol(struct kldsim_synth *synth, const char *name,
    int bind, int type, int section, uint64_t value, uint64_t size);

/** The first symbol of a name, or a new GLOBAL undefined one. */
KLDSIM_API int kldsim_synth_ref(struct kldsim_synth *synth, const char *name);

/**
 * The first symbol of a name, or a new WEAK undefined one.
 *
 * Kernel: an undefined weak symbol that nobody has is 0 (O-53).
 */
KLDSIM_API int kldsim_synth_weak_ref(struct kldsim_synth *synth,
    const char *name);

/**
 * The STT_SECTION symbol of a section, through which compilers refer to static
 * data.  It is made on first use.
 */
KLDSIM_API int kldsim_synth_section_symbol(struct kldsim_synth *synth,
    int section);

/**
 * Change a symbol's binding to ELF's number, and hand the symbol back.
 *
 * Errors: an unknown symbol.
 * Kernel: EXPORT_SYMS=NO makes all definitions of a module LOCAL (D-70).
 */
KLDSIM_API int kldsim_synth_bind(struct kldsim_synth *synth, int symbol,
    int bind);

/**
 * Set a symbol's st_other (visibility), and hand the symbol back.
 *
 * Errors: an unknown symbol.
 * Kernel: the kernel linker never looks at it (D-65).
 */
KLDSIM_API int kldsim_synth_other(struct kldsim_synth *synth, int symbol,
    unsigned other);

/**
 * Put a symbol into .dynsym (1) or keep it out (0), and hand it back.
 *
 * Without it, .dynsym has what is not LOCAL, and LOCAL targets of dynamic
 * relocations.
 *
 * Errors: an unknown symbol.
 * Kernel: .dynsym is searched by hash, .symtab by walking it (D-60).
 */
KLDSIM_API int kldsim_synth_dynamic(struct kldsim_synth *synth, int symbol,
    int yes);

/**
 * Add a GLOBAL function of 16 bytes to .text; the bytes are zeros, for nothing
 * of the target is ever run.
 */
KLDSIM_API int kldsim_synth_func(struct kldsim_synth *synth, const char *name);

/**
 * Add a GLOBAL ifunc resolver of 16 bytes to .text.
 *
 * Kernel: STT_GNU_IFUNC; references get what the resolver answers (O-51).
 */
KLDSIM_API int kldsim_synth_ifunc(struct kldsim_synth *synth, const char *name);

/**
 * Add a GLOBAL object with these bytes to .data, or to .bss if bytes is NULL.
 *
 * Units: size and align count bytes.
 */
KLDSIM_API int kldsim_synth_object(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a relocation by name ("R_X86_64_PC32") or by number in text ("37"); the
 * answer counts the section's relocations.  A REL addend other than 0 is
 * stored in place; symbol 0 is allowed.
 *
 * ET_REL keeps it in the section's own table; ET_DYN and ET_EXEC in .rela.dyn
 * or .rel.dyn, the machine's JUMP_SLOT in .rela.plt or .rel.plt unless
 * KLDSIM_SYNTH_PLT is 0.  There the
 * address of a RELATIVE's or IRELATIVE's symbol goes into the addend.
 *
 * Units: offset counts bytes in the section.
 * Errors: an unknown name, section or symbol.
 */
KLDSIM_API int kldsim_synth_reloc(struct kldsim_synth *synth, int section,
    uint64_t offset, const char *type, int symbol, int64_t addend);

/**
 * Add a relocation by its number, known to the machine or not; else as
 * kldsim_synth_reloc().
 *
 * Units: as kldsim_synth_reloc().
 * Errors: an unknown section or symbol.
 * Kernel: a number it does not know is an unexpected relocation type.
 */
KLDSIM_API int kldsim_synth_reloc_number(struct kldsim_synth *synth,
    int section, uint64_t offset, uint32_t type, int symbol, int64_t addend);

/**
 * Make a word of a section hold the address of a symbol plus an addend; symbol
 * 0 is a null pointer and needs no relocation.
 *
 * ET_REL: the machine's absolute relocation.  ET_EXEC: the address itself.
 * ET_DYN: RELATIVE for a LOCAL symbol (in a KERNEL for any, the address being
 * stored too), else the absolute relocation.
 *
 * Units: offset counts bytes in the section, which has the word already.
 * Errors: a word outside the section.
 */
KLDSIM_API void kldsim_synth_pointer(struct kldsim_synth *synth, int section,
    uint64_t offset, int symbol, int64_t addend);

/**
 * Add a DPCPU variable, pcpu_entry_NAME in set_pcpu; bytes of NULL are zeros.
 * It is GLOBAL, and kldsim_synth_bind() makes it static.
 *
 * For a NOBITS set, make the section first and give NULL for the bytes.
 *
 * Units: size and align count bytes.
 * Kernel: DPCPU_DEFINE (D-73).
 */
KLDSIM_API int kldsim_synth_dpcpu(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a VNET variable, vnet_entry_NAME in set_vnet; bytes of NULL are zeros.
 * Without VIMAGE it is an ordinary one in .data and called NAME, in a
 * kernel of D20278 vnet_entry_NAME (J-20).
 * It is GLOBAL, and kldsim_synth_bind() makes it static.
 *
 * Units: size and align count bytes.
 * Kernel: VNET_DEFINE (D-73).
 */
KLDSIM_API int kldsim_synth_vnet(struct kldsim_synth *synth, const char *name,
    const void *bytes, uint64_t size, uint64_t align);

/**
 * Add a DPCPU variable that holds a pointer to a symbol.
 *
 * Units: addend counts bytes.
 * Kernel: DPCPU_DEFINE with an address as initial value (D-36, O-22).
 */
KLDSIM_API int kldsim_synth_dpcpu_pointer(struct kldsim_synth *synth,
    const char *name, int symbol, int64_t addend);

/**
 * Add a VNET variable that holds a pointer to a symbol.
 *
 * Units: addend counts bytes.
 * Kernel: VNET_DEFINE with an address as initial value (D-36, O-22).
 */
KLDSIM_API int kldsim_synth_vnet_pointer(struct kldsim_synth *synth,
    const char *name, int symbol, int64_t addend);

/**
 * Reserve the kernel's DPCPU modspace here, between other variables.
 *
 * Without the call a KERNEL gets 2048 bytes after the last DPCPU variable.
 *
 * Units: size counts bytes; with 0 there is no modspace at all, and no symbol.
 * Kernel: pcpu_entry_modspace, LOCAL.
 */
KLDSIM_API int kldsim_synth_dpcpu_modspace(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Reserve the kernel's VNET modspace here, between other variables.
 *
 * Without the call a KERNEL with VIMAGE gets 32768 bytes after the last one.
 *
 * Units: size counts bytes; with 0 there is no modspace at all, and no symbol.
 * Kernel: vnet_entry_modspace, LOCAL.
 */
KLDSIM_API int kldsim_synth_vnet_modspace(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Add a pointer to a symbol to a linker set: __set_SET_sym_NAME in set_SET.
 * The set is named without "set_".
 *
 * Kernel: DATA_SET, TEXT_SET; also refers to __start_set_SET and
 * __stop_set_SET, unless KLDSIM_SYNTH_SET_BOUNDS is 0 (M-40).
 */
KLDSIM_API int kldsim_synth_set_entry(struct kldsim_synth *synth,
    const char *set, int symbol);

/**
 * Add module metadata of any type, MDT_* or another number, with any data: a
 * struct mod_metadata.  A cval of NULL is a null pointer.
 *
 * Kernel: an entry of modmetadata_set, the symbol _mod_metadata_NAME (M-01).
 */
KLDSIM_API int kldsim_synth_mdt(struct kldsim_synth *synth, const char *name,
    int type, int data, const char *cval);

/**
 * Add MDT_MODULE: a struct moduledata; the answer is its symbol.  Handler and
 * priv are symbols, 0 a null pointer.
 *
 * Kernel: a module of this name is registered with the file (M-02, M-20).
 */
KLDSIM_API int kldsim_synth_mdt_module(struct kldsim_synth *synth,
    const char *name, int handler, int priv);

/**
 * Add MDT_VERSION: the file provides this interface in this version.
 *
 * Kernel: MODULE_VERSION (M-02).
 */
KLDSIM_API void kldsim_synth_mdt_version(struct kldsim_synth *synth,
    const char *name, int version);

/**
 * Add MDT_DEPEND: the file needs this interface in one of these versions.
 *
 * Kernel: MODULE_DEPEND; preferred matches outside the range too (L-13).
 */
KLDSIM_API void kldsim_synth_mdt_depend(struct kldsim_synth *synth,
    const char *name, int minimum, int preferred, int maximum);

/**
 * Add MDT_PNP_INFO: the devices that the file drives, in a table, which is a
 * symbol.
 *
 * Units: entry_size counts bytes.
 * Kernel: MODULE_PNP_INFO; the kernel linker ignores it (M-02).
 */
KLDSIM_API void kldsim_synth_mdt_pnp(struct kldsim_synth *synth,
    const char *bus, const char *descr, int table, int entry_size, int entries);

/**
 * Add what DECLARE_MODULE adds: MDT_MODULE, MDT_DEPEND on kernel, a SYSINIT at
 * subsystem SI_SUB_* and order SI_ORDER_*.  The answer is the moduledata.
 *
 * Kernel: needs module_register_init of the kernel; the kernel versions follow
 * from KLDSIM_SYNTH_OSRELDATE (M-11).
 */
KLDSIM_API int kldsim_synth_declare_module(struct kldsim_synth *synth,
    const char *name, int handler, uint32_t subsystem, uint32_t order);

/**
 * Add a SYSINIT: func(udata) at subsystem SI_SUB_* and order SI_ORDER_*, or
 * any numbers; the answer is its symbol.
 *
 * Kernel: NAME_sys_init in sysinit_set; KLDSIM_SYNTH_SYSINIT_LINK (M-05).
 */
KLDSIM_API int kldsim_synth_sysinit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int udata);

/**
 * Add a SYSUNINIT: func(udata) at subsystem and order when unloaded; else as
 * kldsim_synth_sysinit().
 *
 * Kernel: NAME_sys_uninit in sysuninit_set (M-05, M-32).
 */
KLDSIM_API int kldsim_synth_sysuninit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int udata);

/**
 * Add a VNET_SYSINIT: func(arg) in every vnet, at subsystem SI_SUB_* and order
 * SI_ORDER_*, or any numbers; the answer is its structure.
 *
 * Kernel: NAME_vnet_init, registered by a SYSINIT, deregistered by a
 * SYSUNINIT; refers to vnet_register_sysinit and its counterpart, in a
 * module of D20278 to the shims (J-22).  Without VIMAGE it is a SYSINIT of that
 * NAME (J-13).
 */
KLDSIM_API int kldsim_synth_vnet_sysinit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int arg);

/**
 * Add a VNET_SYSUNINIT: func(arg) in every vnet when unloaded or destroyed;
 * else as kldsim_synth_vnet_sysinit().
 *
 * Kernel: NAME_vnet_uninit.
 */
KLDSIM_API int kldsim_synth_vnet_sysuninit(struct kldsim_synth *synth,
    const char *name, uint32_t subsystem, uint32_t order, int func, int arg);

/**
 * Append a pointer to a function to the section .ctors, .dtors, .init_array or
 * .fini_array; symbol 0 adds a null entry.
 *
 * Kernel: called in ascending order (O-80).
 */
KLDSIM_API void kldsim_synth_ctor(struct kldsim_synth *synth,
    const char *section, int symbol);

/**
 * Add a program header of type PT_* with flags PF_*, after those of ET_EXEC
 * and ET_DYN.  It covers the sections from first to last; 0 makes an empty
 * one.
 *
 * Errors: an unknown section.
 * Kernel: a fifth PT_LOAD is too many, PT_INTERP refuses a module (D-03).
 */
KLDSIM_API void kldsim_synth_segment(struct kldsim_synth *synth, uint32_t type,
    uint32_t flags, int first, int last);

/**
 * Set a field to a wrong value after everything is laid out.
 *
 * Fields are "ehdr.e_shnum", "ehdr.e_ident[4]", "shdr[.text].sh_size",
 * "shdr[3].sh_type", "phdr[1].p_filesz", "phdr[PT_DYNAMIC].p_offset",
 * "sym[foo].st_shndx" and "dynsym[foo].st_value" (also by number; st_bind and
 * st_type besides st_info), "rela[.text][3].r_offset" and "rel[...]" (the
 * section relocated, or the table itself, as in "rela[.rela.dyn][0].r_sym";
 * r_sym and r_type besides r_info), "dyn[DT_RELASZ]", "dyn[2].d_tag",
 * "hash.nbucket", "hash.nchain", "bucket[2]", "chain[5]", and
 * "byte[.text][0x10]".  Those of .SUNW_ctf are in synth_ctf.h.
 *
 * Of several names alike, the first is meant.  The value is as it is stored; a
 * negative number may be sign extended to 64 bits.
 *
 * Errors: a name that means nothing, a value too large for its field.
 */
KLDSIM_API void kldsim_synth_override(struct kldsim_synth *synth,
    const char *name, uint64_t value);

/**
 * Overwrite bytes of the finished file, after the overrides.
 *
 * Units: offset and size count bytes, in the file.
 * Errors: bytes outside the file.
 */
KLDSIM_API void kldsim_synth_poke(struct kldsim_synth *synth, uint64_t offset,
    const void *bytes, size_t size);

/**
 * Cut the finished file, or pad it with zeros, to this size, last of all.
 *
 * Units: size counts bytes.
 */
KLDSIM_API void kldsim_synth_truncate_to(struct kldsim_synth *synth,
    uint64_t size);

/**
 * Lay the file out and hand its bytes over; the same calls, the same bytes.
 * It may be called again, with more added in between.
 *
 * Units: *size_ret counts bytes.
 * Ownership: the caller frees the bytes with kldsim_synth_free_bytes().
 * Errors: the first mistake of any call, KLDSIM_ARG, KLDSIM_NOMEM or
 * KLDSIM_LIMIT; error may be NULL.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_finish(
    struct kldsim_synth *synth, void **bytes_ret, size_t *size_ret,
    struct kldsim_error *error);

/**
 * As kldsim_synth_finish(), but into a file.
 *
 * Errors: as kldsim_synth_finish(); KLDSIM_SYS if the file cannot be written.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_synth_write(
    struct kldsim_synth *synth, const char *path, struct kldsim_error *error);

/** Free the bytes of kldsim_synth_finish().  NULL is fine. */
KLDSIM_API void kldsim_synth_free_bytes(void *bytes);

/**
 * The st_value of a symbol in the file last finished; 0 if the symbol is
 * unknown or nothing was finished.
 *
 * Units: an address in ET_EXEC and ET_DYN, an offset in ET_REL.
 */
KLDSIM_API uint64_t kldsim_synth_symbol_value(const struct kldsim_synth *synth,
    int symbol);

/**
 * The first symbol of a name; 0 if there is none, which is no mistake of the
 * builder.
 */
KLDSIM_API int kldsim_synth_find_symbol(const struct kldsim_synth *synth,
    const char *name);

/**
 * Where a section is in the file last finished; a NULL is not filled.
 *
 * Units: index counts section headers, the address is the target's, the offset
 * counts bytes in the file.
 * Errors: KLDSIM_NOENT for an unknown section or before kldsim_synth_finish().
 */
KLDSIM_API enum kldsim_status kldsim_synth_section_place(
    const struct kldsim_synth *synth, int section, uint32_t *index_ret,
    kldsim_addr *address_ret, uint64_t *offset_ret);

#ifdef __cplusplus
}
#endif

#endif
