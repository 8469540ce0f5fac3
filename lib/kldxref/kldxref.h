/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDXREF_KLDXREF_H
#define KLDXREF_KLDXREF_H

/*
 * kldxref(8) in parts; the public face is <kldsim/hints.h>.
 *
 *	kldxref.c          folders: what is visited, where the result goes
 *	kldxref_file.c     one file: its metadata entries become records
 *	kldxref_walk.c     the entries alone, for the boot loader
 *	kldxref_pnp.c      MDT_PNP_INFO: descriptors and tables (H-05)
 *	kldxref_record.c   records and the growing result (H-01 to H-03)
 *	kldxref_open.c     is it a file to look at, and of which machine
 *	kldxref_obj.c      ET_REL: layout and reading
 *	kldxref_dyn.c      ET_DYN, ET_EXEC: segments and reading
 *	kldxref_reloc.c    relocation of what was read
 *	kldxref_read.c     linker.hints for people
 *
 * Two tools are modelled.  The old one, up to 14.0, was built for the
 * machine it ran on and knew files of that machine only; here its machine is
 * that of the first file it can open.  The new one takes any.
 */

#include <kldsim/hints.h>
#include <kldsim/source.h>

#include "arch/arch.h"
#include "elf/image.h"
#include "meta/metadata.h"
#include "release/release.h"
#include "report/freebsd_errno.h"
#include "util/arena.h"
#include "util/format.h"

struct kldsim__xref_file;
struct kldsim__xref_row;

/* Class, byte order and machine: what one tool run must agree on. */
struct kldsim__xref_arch {
	bool known;
	bool is64;
	bool big;
	uint16_t machine;
};

/* The result: the version word and the records written so far. */
struct kldsim__xref_out {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	unsigned records;
};

/* One run of the tool. */
struct kldsim__xref {
	struct kldsim__alloc alloc;
	struct kldsim__facts facts;
	struct kldsim_source *source; /* NULL: the host */
	kldsim_log_fn log;
	void *log_user;
	struct kldsim__xref_arch arch;
	char *arch_name;      /* the file that arch was taken from */
	struct kldsim__xref_out out;
	uint8_t *record;      /* the one in hand, KLDSIM__XREF_RECORD bytes */
	size_t record_at;
	uint64_t tries;       /* so far, against files that never end */
	unsigned files;       /* looked into */
	/* Not KLDSIM_OK: the run is over, because of the host or as the tool
	   itself would have given up. */
	enum kldsim_status status;
	int sys_errno;
	char text[512];
};

#define KLDSIM__XREF_RECORD 65536 /* H-06 */

/* Bytes that a relocation may write past the end of what was asked for. */
#define KLDSIM__XREF_SLACK 8

/* How the two kinds of files differ.  Answers are FreeBSD errnos. */
struct kldsim__xref_ops {
	/* The bounds of set_modmetadata_set and what the tool counts. */
	int (*lookup_set)(struct kldsim__xref_file *file,
	    kldsim_addr *start_ret, int64_t *count_ret);
	/* May these bytes be read?  relocated: as for relocation. */
	int (*check)(struct kldsim__xref_file *file, kldsim_addr address,
	    uint64_t length, bool relocated);
	/* Read what check() allows; slack beyond it is not touched. */
	int (*read)(struct kldsim__xref_file *file, kldsim_addr address,
	    uint64_t length, bool relocated, uint8_t *bytes_ret);
	/* A C string in size bytes, which an error may leave half filled. */
	int (*read_string)(struct kldsim__xref_file *file,
	    kldsim_addr address, size_t size, char *text_ret);
	/* What a relocation sees of a symbol. */
	kldsim_addr (*symaddr)(const struct kldsim__xref_file *file,
	    uint32_t symbol);
};

#define KLDSIM__XREF_TYPES 5 /* relocations that a tool knows of a machine */

struct kldsim__xref_file {
	struct kldsim__xref *xref;
	const char *path;
	const char *name;     /* its last part: what records say (H-04) */
	struct kldsim_image *image;
	struct kldsim__elf elf;
	unsigned ptrsz;
	const struct kldsim__xref_machine *machine;
	int64_t types[KLDSIM__XREF_TYPES]; /* numbers of its relocations, or -1 */
	bool as_it_stands;    /* what the entries say is not relocated */
	const struct kldsim__xref_ops *ops;
	struct kldsim__arena arena;
	void *state;          /* of ops */
};

/* Which of the two tools reads it. */
static inline bool
kldsim__xref_is_new(const struct kldsim__xref_file *file)
{
	return (file->xref->facts.kldxref_target_order);
}

/* A table of relocations, in the file. */
struct kldsim__xref_relocs {
	const uint8_t *table;
	uint32_t count;
	bool rela;
	bool ready;
	uint32_t *order; /* by offset; NULL: they are in order as they are */
};

/* kldxref_record.c */
void kldsim__xref_record_start(struct kldsim__xref *xref);
void kldsim__xref_record_int(struct kldsim__xref *xref, uint32_t value);
void kldsim__xref_record_string(struct kldsim__xref *xref, const char *text);
void kldsim__xref_record_end(struct kldsim__xref *xref);
bool kldsim__xref_begin(struct kldsim__xref *xref);

/* What the tool says on its way (warnx(3)), and only with -v. */
void kldsim__xref_say(struct kldsim__xref *xref, enum kldsim_log_level level,
    const char *format, ...) KLDSIM__PRINTF(3, 4);

/* The run is over; gives the status. */
enum kldsim_status kldsim__xref_fail(struct kldsim__xref *xref,
    enum kldsim_status status, int sys_errno, const char *format, ...)
    KLDSIM__PRINTF(4, 5);

/* kldxref_open.c */
int kldsim__xref_open(struct kldsim__xref_file *file);
int kldsim__xref_sections(struct kldsim__xref_file *file, size_t *count_ret,
    GElf_Shdr **shdrs_ret);
const uint8_t *kldsim__xref_bytes(const struct kldsim__xref_file *file,
    uint64_t offset, uint64_t length);
/* The new tool's way to read a string: it may end before size bytes are read. */
int kldsim__xref_string_at(const struct kldsim__xref_file *file,
    uint64_t offset, size_t size, char *text_ret);
void *kldsim__xref_calloc(struct kldsim__xref_file *file, size_t count,
    size_t size);

/* kldxref_obj.c and kldxref_dyn.c */
int kldsim__xref_open_obj(struct kldsim__xref_file *file);
int kldsim__xref_open_dyn(struct kldsim__xref_file *file);

/* kldxref_reloc.c */
/* Does the tool know the machine?  Then how it relocates there is found. */
bool kldsim__xref_machine(struct kldsim__xref_file *file);
/* So many steps more; false, and the run is over, if they are too many. */
bool kldsim__xref_tried(struct kldsim__xref_file *file, size_t steps);
/*
 * Relocate bytes that were read from dataoff, of a section (or file) that
 * begins at relbase; the tool's own idea of relocation, to address 0.
 */
int kldsim__xref_relocate(struct kldsim__xref_file *file,
    struct kldsim__xref_relocs *relocs, kldsim_addr relbase,
    kldsim_addr dataoff, uint64_t length, uint8_t *bytes);

/* kldxref_file.c */

/* MAXMODNAME, which grew with struct module_stat (H-06). */
#define KLDSIM__XREF_NAME_V1 32
#define KLDSIM__XREF_NAME_V3 1024

/* An entry of modmetadata_set (M-01). */
struct kldsim__xref_entry {
	uint32_t type;
	kldsim_addr data;
	char cval[KLDSIM__XREF_NAME_V3 + 1];
};

/* What the tool prints as it refuses a file; gives EFTYPE. */
int kldsim__xref_refuse(const struct kldsim__xref_file *file, const char *why);
/* The same, when the tool does not say of which file. */
int kldsim__xref_refuse_bare(const struct kldsim__xref_file *file,
    const char *why);
/* False: no set that can be read, and the tool has no words for that. */
bool kldsim__xref_set(struct kldsim__xref_file *file, kldsim_addr *set_ret,
    int64_t *count_ret);
/* Set entry number i, and what it points to. */
int kldsim__xref_entry(struct kldsim__xref_file *file, kldsim_addr set,
    int64_t i, struct kldsim__xref_entry *entry);
/* The records of a file, behind those that there are; image is borrowed. */
void kldsim__xref_read_image(struct kldsim__xref *xref,
    struct kldsim_image *image, const char *path, const char *name);
void kldsim__xref_read_kld(struct kldsim__xref *xref, const char *path,
    const char *name);
uint64_t kldsim__xref_word(const struct kldsim__xref_file *file,
    const uint8_t *bytes);
uint32_t kldsim__xref_int(const struct kldsim__xref_file *file,
    const uint8_t *bytes);

/* kldxref_walk.c */

/*
 * What the set of a file that is not linked says, entry by entry: the name of
 * an MDT_MODULE, and an MDT_VERSION's or MDT_DEPEND's numbers too.  told() says whether to go on.
 * What cannot be read ends the walk; but as_it_stands, without relocation,
 * pointers lead anywhere, and such an entry says nothing.
 */
typedef bool (*kldsim__xref_told)(void *user, enum kldsim__mdt type,
    const char *name, const int *numbers);
enum kldsim_status kldsim__xref_walk(struct kldsim_image *image,
    const struct kldsim__alloc *alloc, bool as_it_stands,
    kldsim__xref_told told, void *user);

/* kldxref_pnp.c: the body of an MDT_PNP_INFO record. */
int kldsim__xref_pnp(struct kldsim__xref_file *file, kldsim_addr data,
    const char *bus);

/* kldxref.c: where the file is written before it gets its name. */
void kldsim__xref_temp_name(const struct kldsim__facts *facts,
    const char *folder, char *name_ret, size_t size);
/* Does the tool look into a file of this name? */
bool kldsim__xref_visits(const struct kldsim__facts *facts, const char *name);

#endif
