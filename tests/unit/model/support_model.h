/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_MODEL_H
#define SUPPORT_MODEL_H

/*
 * The rules of docs/linker-semantics.md once more, plainly: arrays, linear
 * scans, recursion.  It shares nothing with the library; what it knows of a
 * module it reads from the module's own bytes.  ET_REL on amd64 and ET_DYN on
 * machines of all kinds, and of those only what support_model_gen.c makes.
 *
 * struct model is flat, so that assignment makes a copy to go back to.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kldsim/kldsim.h>
#include <kldsim/synth.h>

#define MODEL_NAME 48
#define MODEL_PATH 160
#define MODEL_FILES 16     /* linker files at a time */
#define MODEL_DEPS 64      /* of one file */
#define MODEL_MODULES 48
#define MODEL_IFACES 96
#define MODEL_RECORDS 64   /* VNET_SYSINITs registered */
#define MODEL_EXTENTS 48
#define MODEL_BLOCKS 48
#define MODEL_TYPES 6
#define MODEL_SET 1024     /* bytes of a kernel's set */
#define MODEL_INSTANCES 16 /* CPUs, or vnets */
#define MODEL_ANSWERS 64
#define MODEL_OIDS 192
#define MODEL_IMAGES 20    /* files of a graph */
#define MODEL_HINTS 64     /* records of one linker.hints */
#define MODEL_DIRS 2
#define MODEL_STEPS 64     /* that bytes may choose, two a step */

/* FreeBSD's errnos (docs/linker-semantics.md, 0.2). */
enum {
	MODEL_ENOENT = 2,
	MODEL_EIO = 5,
	MODEL_ENXIO = 6,
	MODEL_ENOEXEC = 8,
	MODEL_EBUSY = 16,
	MODEL_EEXIST = 17,
	MODEL_EINVAL = 22,
	MODEL_ENOSPC = 28,
	MODEL_EOPNOTSUPP = 45,
	MODEL_ENOSYS = 78
};

/* ELF's numbers. */
enum {
	MODEL_PROGBITS = 1,
	MODEL_SYMTAB = 2,
	MODEL_STRTAB = 3,
	MODEL_RELA = 4,
	MODEL_NOBITS = 8,
	MODEL_ALLOC = 2,
	MODEL_CACHED = 0xff20, /* SHN_LOOS, O-53 */
	MODEL_DYN = 3, /* e_type */
	MODEL_FUNC = 2,
	MODEL_IFUNC = 10,
	MODEL_LOCAL = 0,
	MODEL_WEAK = 2
};

/* What a relocation of ET_DYN stores (section 6). */
enum model_formula {
	MODEL_NONE,
	MODEL_S,
	MODEL_S_A,
	MODEL_S_A_P,
	MODEL_B_A /* RELATIVE, D-53 */
};

struct model_type {
	unsigned type;
	enum model_formula formula;
	const char *name; /* what the generator asks for, or NULL */
};

/* support_model_elf.c has those that graphs are made for. */
struct model_machine {
	const char *name;
	unsigned word; /* bytes of a pointer */
	unsigned align; /* of max_align_t */
	bool big;
	bool shared;   /* ET_DYN, and no class for anything else (L-02) */
	bool apart;    /* RELATIVE is the local routine's alone */
	bool padded;   /* D-32, D-72 */
	bool apart_exec; /* executable memory is nowhere near the kernel */
	uint64_t base; /* first address for loads */
	uint64_t lowest; /* KERNBASE, where anybody asks (L-25) */
	unsigned step;   /* of instructions that jumps are written over, likewise */
	uint64_t quantum; /* of executable malloc(9), D-05 */
	uint64_t base_later, quantum_later; /* V-65, V-66 */
	struct model_type types[MODEL_TYPES];
};

struct model_section {
	const char *name;
	uint32_t type, link, info;
	uint64_t flags, address, offset, size, align;
};

struct model_symbol {
	const char *name;
	uint64_t value, size;
	unsigned shndx, bind, type;
};

/* A file of a graph, as bytes and as its headers tell. */
struct model_image {
	const struct model_machine *machine;
	char name[MODEL_NAME]; /* base name */
	int dir;               /* which folder it is in */
	bool newer;            /* than the folder's linker.hints */
	unsigned char *bytes;
	size_t size;
	struct kldsim_image *image;
	bool magic; /* an ELF file */
	bool cut;   /* its section headers are not there */
	unsigned ntables; /* of symbols */
	bool nameless;    /* the last of them has no strings */
	struct model_section *sections;
	size_t nsections;
	struct model_symbol *symbols;
	size_t nsymbols;
};

struct model_hint {
	char interface[MODEL_NAME];
	int version;
	char file[MODEL_NAME];
};

/* Those whose rules differ. */
#define MODEL_RELEASES 6
extern const uint32_t model_releases[MODEL_RELEASES];

/* What random modules a sequence may load, and the kernel for them. */
struct model_graph {
	uint64_t seed;
	uint32_t osreldate;
	bool vimage;  /* options VIMAGE of the kernel */
	bool runtime; /* it is of D20278 (J-20) */
	const struct model_machine *machine;
	struct model_image kernel;
	uint64_t modspace[2]; /* sizes */
	char dir[MODEL_DIRS][MODEL_PATH];
	char module_path[2 * MODEL_PATH + 8];
	bool has_hints[MODEL_DIRS];
	struct model_hint hints[MODEL_DIRS][MODEL_HINTS];
	size_t nhints[MODEL_DIRS];
	struct model_image images[MODEL_IMAGES];
	size_t nimages;
	size_t nhonest; /* of them, modules that are whole */
	bool has_kernel_file[MODEL_DIRS]; /* DIR/kernel (K-33) */
	struct model_image preload; /* what loader.conf may name */
};

/* Where the boot loader has put a preloaded file: it is asked, not foretold. */
struct model_place {
	uint64_t address, size;
};

/* A table that DT_REL, DT_RELA or DT_JMPREL tells of. */
struct model_table {
	uint64_t at, size;
	bool rela;
};

/* link_elf.c's own part of a file; addresses are in its mapping. */
struct model_dyn {
	bool whole; /* its full symbol table is there (D-21) */
	uint64_t hash, strings, symbols;
	struct model_table tables[3]; /* REL, RELA, JMPREL */
	uint64_t start[2], stop[2], base[2]; /* of its sets (D-30 to D-33) */
};

struct model_module {
	int id, file; /* slot of its file */
	char name[MODEL_NAME];
	uint64_t handler, priv;
};

struct model_file {
	bool used;
	int id, refs, userrefs;
	bool linked;
	char name[MODEL_NAME], path[MODEL_PATH];
	const struct model_image *image;
	uint64_t address, size;
	bool preloaded;               /* its place is the boot loader's */
	unsigned char *mem;           /* its mapping */
	uint64_t known;               /* bytes of it that the model knows */
	struct model_symbol *symbols; /* with addresses; O-30 */
	uint64_t *at;                 /* address of each section, 0: none */
	size_t named;                 /* loaded sections with names (U-14) */
	bool half;                    /* tables counted, and not there (U-14) */
	struct model_dyn dyn;
	int deps[MODEL_DEPS];         /* slots */
	size_t ndeps;
	int modules[MODEL_MODULES]; /* indexes of model.modules, L-12 */
	size_t nmodules;
};

struct model_iface {
	int file, version;
	char name[MODEL_NAME];
};

/* struct vnet_sysinit in a module's memory. */
struct model_record {
	uint64_t address, func, arg;
	uint32_t subsystem, order;
	int file;
};

struct model_extent {
	uint64_t start, size;
};

/* Executable memory, free or not, of a span (D-05). */
struct model_block {
	uint64_t start, size, span, span_size;
	unsigned long freed; /* when, 0: it is in use */
};

struct model_answer {
	char module[MODEL_NAME];
	int event, error;
};

/* A sysctl that is, or was, in its node's list. */
struct model_oid {
	int file, number;
	uint64_t address, list;
	char name[128];
	bool node, in;
};

/* The kernel's set_pcpu (0) or set_vnet (1). */
struct model_set {
	uint64_t start, size;
	struct model_extent extents[MODEL_EXTENTS];
	size_t nextents;
	unsigned char reference[MODEL_SET];
	unsigned ids[MODEL_INSTANCES];
	unsigned char copies[MODEL_INSTANCES][MODEL_SET];
	size_t ninstances;
};

/* What happened since boot: lines and events, only ever appended to. */
struct model_event {
	enum kldsim_event_kind kind;
	char file[MODEL_NAME], symbol[MODEL_NAME], module[MODEL_NAME];
	uint64_t func, arg;
	uint32_t subsystem, order;
	unsigned vnet;
	int error;
};

struct model_log {
	char (*lines)[320];
	size_t nlines, maxlines;
	struct model_event *events;
	size_t nevents, maxevents;
	void **blocks; /* memory that lasts as long as the sequence */
	size_t nblocks, maxblocks;
};

struct model {
	const struct model_graph *graph;
	struct model_log *log;
	bool panicked;
	bool preloading; /* no CPU is in all_cpus */
	uint64_t floor; /* lowest address for mappings */
	unsigned char page[64]; /* what the elf class has read last (D-01) */
	unsigned vnets; /* made so far */
	struct model_file files[MODEL_FILES];
	int list[MODEL_FILES]; /* slots, in the order of the file list */
	size_t nfiles;
	int next_id, next_module;
	struct model_module modules[MODEL_MODULES]; /* id 0: free */
	struct model_iface ifaces[MODEL_IFACES];
	size_t nifaces;
	struct model_record records[2][MODEL_RECORDS]; /* sysinit, sysuninit */
	size_t nrecords[2];
	struct model_set sets[2];
	struct model_block blocks[MODEL_BLOCKS];
	size_t nblocks;
	unsigned long frees;
	struct model_answer answers[MODEL_ANSWERS];
	size_t nanswers;
	struct model_oid oids[MODEL_OIDS];
	size_t noids;
};

/* A range of versions, or NULL: any. */
struct model_range {
	int minimum, preferred, maximum;
};

/* Which facts differ (docs/linker-semantics.md, 12). */
bool model_eexist_stops(const struct model *model);     /* V-04 */
bool model_unload_busy(const struct model *model);      /* V-08 */
bool model_kernel_userref(const struct model *model);   /* V-12 */
bool model_propagates_late(const struct model *model);  /* V-38 */
bool model_superpages(const struct model *model);       /* V-29 */
bool model_sysinit_link(uint32_t osreldate);            /* V-51 */
bool model_set_padding(uint32_t osreldate);             /* V-34 */
bool model_full_lookup(const struct model *model);      /* D-60 */
bool model_wide_hash(const struct model *model);        /* V-43 */
bool model_this_linker_file(uint32_t osreldate);        /* V-14 */
/* What --this-linker-file says of a file of the graph, by its base name. */
uint64_t model_linker_file(const struct model_graph *graph, const char *name);

/* support_model_elf.c: bytes and headers. */
const struct model_machine *model_machine_of(uint64_t seed);
uint64_t model_get(const struct model_machine *machine,
    const unsigned char *bytes, unsigned width);
void model_put(const struct model_machine *machine, unsigned char *bytes,
    unsigned width, uint64_t value);
struct model_symbol model_symbol_decode(const struct model_machine *machine,
    const unsigned char *entry, const char *names);
unsigned model_symbol_size(const struct model_machine *machine);
void model_image_parse(struct model_image *image);
void model_image_free(struct model_image *image);
bool model_section_loaded(const struct model_section *section);
const struct model_symbol *model_image_symbol(const struct model_image *image,
    const char *name);

/* support_model_obj.c: link_elf_obj.c. */
int model_obj_load(struct model *model, int file);
void model_obj_unload(struct model *model, int file);
uint64_t model_obj_own(const struct model *model, int file, const char *name);
bool model_obj_set(const struct model *model, int file, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret);
void model_obj_propagate(struct model *model, int file);

/* support_model_dyn.c: link_elf.c. */
int model_dyn_load(struct model *model, int file);
void model_dyn_unload(struct model *model, int file);
uint64_t model_dyn_own(const struct model *model, int file, const char *name);
bool model_dyn_set(const struct model *model, int file, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret);
void model_dyn_propagate(struct model *model, int file);
bool model_dyn_section(const struct model_section *section);

/* support_model_mem.c: memory, sets, executable memory. */
unsigned char *model_at(struct model *model, uint64_t address);
bool model_is_kernels(const struct model *model, uint64_t address);
bool model_is_mapped(struct model *model, uint64_t address);
uint64_t model_word(struct model *model, uint64_t address, unsigned width);
uint64_t model_pointer(struct model *model, uint64_t address);
unsigned model_ptrsz(const struct model *model);
const char *model_string(struct model *model, uint64_t address);
void model_boot_sets(struct model *model);
void model_set_copy(struct model_set *set, uint64_t start, uint64_t size);
uint64_t model_set_alloc(struct model *model, int set, uint64_t size);
bool model_set_free(struct model *model, int set, uint64_t start,
    uint64_t size);
uint64_t model_block_alloc(struct model *model, uint64_t size);
void model_block_free(struct model *model, uint64_t start);

/* support_model_kern.c: what asks the class of a file. */
bool model_is_shared(const struct model *model, int file);
uint64_t model_lookup(const struct model *model, int file, const char *name,
    bool deps);
bool model_lookup_set(const struct model *model, int file, const char *name,
    uint64_t *start_ret, uint64_t *stop_ret);

/* support_model_kern.c: kern_linker.c, kern_module.c. */
#define MODEL_PRELOAD "/boot/kernel/p0.ko"
/* With graph->preload where the boot loader has put it, unless place is NULL. */
void model_boot(struct model *model, const struct model_graph *graph,
    struct model_log *log, unsigned cpus, unsigned vnets,
    const struct model_place *place);
int model_kldload(struct model *model, const char *name, int *id_ret);
int model_kldload_image(struct model *model, const struct model_image *image,
    const char *path, int *id_ret);
int model_kldunload(struct model *model, int id, int flags);
int model_unload(struct model *model, int file, int flags);
int model_dependencies(struct model *model, int file);
int model_by_name(const struct model *model, const char *name);
int model_by_id(const struct model *model, int id);

/* support_model_search.c: names, folders, linker.hints. */
const struct model_image *model_search(struct model *model, const char *name,
    const struct model_range *range, char *path, size_t size);
const struct model_image *model_find_path(const struct model *model,
    const char *name, char *path, size_t size);
void model_write_hints(const struct model_graph *graph, int dir);

/* support_model_init.c: events, SYSINITs, modules' handlers, vnets. */
void model_answer(struct model *model, const char *module, int event,
    int error);
int model_module_event(struct model *model, const struct model_module *module,
    int event);
int model_register_modules(struct model *model, int file);
void model_sysinits(struct model *model, int file, bool un);
void model_release_module(struct model *model, int index);
unsigned model_vnet_alloc(struct model *model);
unsigned model_cpu_add(struct model *model);
bool model_vnet_destroy(struct model *model, unsigned vnet);

/* support_model_sysctl.c: a file's sysctl_set. */
bool model_sysctl_tree(uint32_t osreldate); /* V-73 */
void model_boot_sysctls(struct model *model);
void model_sysctls_register(struct model *model, int file);
void model_sysctls_unregister(struct model *model, int file);

/* support_model_sdt.c: malloc types, and who hears of a refused file. */
bool model_patches_tracepoints(uint32_t osreldate);
uint64_t model_malloc_number(uint32_t osreldate);
void model_malloc_init(struct model *model, uint64_t type);
void model_sdt_unload_try(struct model *model, int file);

/* What the kernel prints, without a newline. */
void model_print(struct model *model, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct model_event *model_event_add(struct model *model,
    enum kldsim_event_kind kind, int file);
void *model_keep(struct model *model, size_t size);
void model_log_free(struct model_log *log);

/* support_model_gen.c: random graphs. */
uint64_t model_random(uint64_t *state);
size_t model_below(uint64_t *state, size_t limit);
bool model_chance(uint64_t *state, unsigned percent);
void model_graph_make(struct model_graph *graph, uint64_t seed,
    const char *folder);
void model_graph_free(struct model_graph *graph);

/* support_model_check.c: the library against the model. */
struct model_check {
	char label[256]; /* printed with every disagreement */
	bool dead;       /* after a panic: what only grows is not compared */
	size_t lines, events; /* compared so far */
};
void model_compare(struct model_check *check, struct kldsim *sim,
    struct model *model);
void model_same(const struct model_check *check, const char *what,
    uint64_t have, uint64_t want);
void model_same_text(const struct model_check *check, const char *what,
    const char *have, const char *want);

/*
 * support_model_run.c: a sequence of operations on both, chosen by the graph's
 * seed and the number, or, if there are any, by two bytes for each.
 */
void model_run(const struct model_graph *graph, unsigned number,
    const unsigned char *choices, size_t size);
void model_print_outcomes(void);

#endif
