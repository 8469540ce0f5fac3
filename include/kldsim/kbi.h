/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KLDSIM_KBI_H
#define KLDSIM_KBI_H

/*
 * Was this module built for that kernel's interface?  Two questions are
 * answered, both by the C types that files tell (types.h):
 *
 *   - a module that has types, against the kernel: what the module takes a
 *     structure to be, and what it is in the kernel;
 *   - a module that has none, which is what packages of ports are, by two
 *     kernels: the one that it was built for, and the one that it is to run on.
 *
 * Where to look is known from what the module imports (I-20): types that no
 * import reaches are counted, not told of.  That no difference was found is not
 * the same as that there is none, and no text says more than that (I-56).
 *
 * Rules are in docs/kbi-semantics.md, sections 4 and 5.  Only kldsim_kbi_tell()
 * needs a simulated kernel; whether the linker takes the module is
 * kldsim_kldload()'s answer.
 *
 * Thread: one at a time uses a file, a struct kldsim_kbi and its reports; a kernel
 * of which one struct kldsim_kbi has been made does not change any more, and many
 * threads may have one of it each.
 * Ownership: texts last as long as what they were asked of.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kldsim/image.h>
#include <kldsim/options.h>
#include <kldsim/report.h>
#include <kldsim/source.h>
#include <kldsim/status.h>
#include <kldsim/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kldsim;

/* One kernel or module file, as far as its interface goes. */
struct kldsim_kbi_file;
/* A kernel, and maybe an older one, that modules are compared with. */
struct kldsim_kbi;
/* What was found of one module. */
struct kldsim_kbi_report;

struct kldsim_kbi_inline {
	const char *name;
	kldsim_type_id type; /* FUNCTION */
};

/* Size-tagged, as struct kldsim_options is. */
struct kldsim_kbi_options {
	size_t size;                 /* sizeof(struct kldsim_kbi_options) */
	struct kldsim_limits limits; /* types and what they cost; 0: default */
	struct kldsim_allocator allocator;
	/*
	 * Of a kernel: look at types that nothing imported reaches, too, to
	 * count those that differ (rank 4).  That takes as long as all else.
	 */
	bool count_unreached;
	/*
	 * Types that another reader found for this file, one of DWARF for
	 * instance; they are borrowed, and have to outlive it.  NULL: the CTF in
	 * the file, or none, if no_types says why.
	 */
	const struct kldsim_types *types;
	const char *no_types;
	/*
	 * Of a module: inline functions of headers that were compiled in (W-23),
	 * by their types; what they are given, it depends on.  They are those of
	 * options.types, and without these not looked at.
	 */
	const struct kldsim_kbi_inline *inlines;
	size_t ninlines;
};

struct kldsim_kbi_file_info {
	const char *file;      /* the name of the image */
	const char *format;    /* of its types, "CTF"; NULL: it has none, */
	unsigned version;
	const char *no_types;  /* for this reason; NULL: it has some */
	const char *ident;     /* a kernel's configuration (G-01); NULL: unknown */
	/* A kernel's own, or that of a module's headers (I-60); 0: unknown. */
	uint32_t osreldate;
	bool tied;             /* a module built for one kernel alone (I-61) */
	uint32_t types;
};

enum kldsim_kbi_mode {
	KLDSIM_KBI_MODULE = 1, /* the module's types against the kernel's */
	KLDSIM_KBI_AGAINST = 2, /* an old kernel's against the new one's */
	KLDSIM_KBI_LINKED = 3  /* those of another module that it is linked to */
};

/* I-82; words for them: kldsim_kbi_verdict_name(). */
enum kldsim_kbi_verdict {
	KLDSIM_KBI_NO_DIFFERENCE = 0,
	KLDSIM_KBI_CANNOT_TELL = 1,
	KLDSIM_KBI_REBUILD = 2,
	KLDSIM_KBI_WILL_NOT_LOAD = 3
};

struct kldsim_kbi_info {
	enum kldsim_kbi_mode mode;
	enum kldsim_kbi_verdict verdict; /* of the types alone */
	const char *why;        /* why no types were compared, or why the
	                           verdict is CANNOT_TELL; else NULL */
	uint32_t imports;       /* that the module refers to */
	uint32_t resolved;      /* of them, in the kernel */
	uint32_t typed;         /* of these, with a type, or as memcpy in no need
	                           of one (I-82) */
	const char *untyped;    /* the first of those without; NULL: none */
	uint32_t linked;        /* in other modules, with a type there, with
	                           which they were compared (I-25) */
	uint32_t gone;          /* in the old kernel, and not in this one */
	const char *first_gone;
	uint32_t compared;      /* types that were, of ranks 1 and 2 */
	uint32_t compared_more; /* and of rank 3 */
	uint32_t unreached;     /* types of one name that differ, rank 4, if
	                           options.count_unreached */
	uint32_t unrelated;     /* that have nothing but the name in common */
	uint32_t cut;           /* too large to be compared (I-32) */
	bool same_source;       /* both sides have one osreldate (I-45) */
	size_t causes;
	size_t findings;
};

/* Why sides differ: findings are sorted by that (I-50). */
struct kldsim_kbi_cause {
	const char *text;    /* "options DEBUG_LOCKS in the kernel, ..." */
	const char *remedy;
	const char *option;  /* NULL: none that is known */
	const char *linked;  /* the other module; NULL: the kernel is meant */
	bool in_kernel;      /* which side has it */
	size_t first;        /* of its findings */
	size_t findings;
	unsigned level;      /* the lowest of theirs */
};

/* How bad a difference is (I-50): the lower, the worse. */
enum kldsim_kbi_level {
	KLDSIM_KBI_LOAD = 1,    /* it will not load; of the linker's findings */
	KLDSIM_KBI_CALL = 2,    /* a function is called wrongly */
	KLDSIM_KBI_PLACE = 3,   /* members are elsewhere, or something else */
	KLDSIM_KBI_SIZE = 4,    /* one side makes room for the other */
	KLDSIM_KBI_MEANING = 5, /* a constant means something else */
	KLDSIM_KBI_REACH = 6,   /* reached otherwise; of the linker's findings */
	KLDSIM_KBI_MAYBE = 7    /* it may matter */
};

struct kldsim_kbi_finding {
	const char *code;    /* "kbi-layout" */
	unsigned level;      /* enum kldsim_kbi_level */
	unsigned rank;       /* I-20: 1 to 3 */
	enum kldsim_severity severity;
	/* STRUCT, UNION, ENUM or FUNCTION; UNKNOWN: a variable (I-65). */
	enum kldsim_type_kind kind;
	const char *name;    /* its tag, typedef or symbol */
	/* The module that takes it to be something else, which is what "kernel"
	   means below; NULL: the kernel does. */
	const char *linked;
	const char *text;    /* "struct lock: 40 bytes in the module, ..." */
	uint64_t module_size, kernel_size; /* bytes */
	uint32_t same_name;  /* types of this name, if more than one */
	/* The first import that leads to it, or another reason in words. */
	const char *reached;
	/* How the module comes to have one of its own, in words (I-42); NULL:
	   it has none, or that does not matter. */
	const char *allocates;
	size_t changes;
	size_t imports;      /* that lead to it */
	size_t embedding;    /* types that have it in them */
};

enum kldsim_kbi_change_kind {
	KLDSIM_KBI_MOVED = 1,
	KLDSIM_KBI_RESIZED = 2,
	KLDSIM_KBI_RETYPED = 3,
	KLDSIM_KBI_ADDED = 4,   /* in the kernel alone */
	KLDSIM_KBI_REMOVED = 5, /* in the module alone */
	KLDSIM_KBI_RENAMED = 6,
	KLDSIM_KBI_REUSED = 7,  /* what was spare (I-40) */
	KLDSIM_KBI_SIGN = 8,    /* and what else is worth a note alone */
	KLDSIM_KBI_VALUE = 9,   /* of an enum's constant */
	KLDSIM_KBI_ARGUMENTS = 10, /* another number of them */
	KLDSIM_KBI_ARGUMENT = 11,
	KLDSIM_KBI_RESULT = 12
};

/* One thing that is not the same; what a kind has no use for is 0. */
struct kldsim_kbi_change {
	enum kldsim_kbi_change_kind kind;
	const char *member;       /* dots lead into structures without a tag;
	                             "" is the variable itself */
	const char *kernel_member; /* RENAMED, REUSED: what it is now */
	uint64_t module_bit, kernel_bit; /* where it begins */
	uint32_t module_bits, kernel_bits; /* of a bit-field; 0: it is none */
	const char *module_type, *kernel_type; /* as declared */
	int64_t module_value, kernel_value;
	uint32_t more;            /* members behind it that moved as far */
};

/* A type that has the one of a finding in it. */
struct kldsim_kbi_embedding {
	enum kldsim_type_kind kind;
	const char *name;
	uint64_t module_size, kernel_size;
	uint32_t moved;      /* of its members */
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_kbi_options_init(struct kldsim_kbi_options *options,
    size_t size);

/**
 * Look at a file.  One without types is fine; info says why it has none.
 *
 * Ownership: the caller frees it with kldsim_kbi_file_free(), after all that
 * was made of it; the image may go before.
 * Errors: KLDSIM_NOT_ELF, KLDSIM_MALFORMED, KLDSIM_LIMIT, KLDSIM_NOMEM,
 * KLDSIM_ARG.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_file_new(
    struct kldsim_image *image, const struct kldsim_kbi_options *options,
    struct kldsim_kbi_file **file_ret, struct kldsim_error *error_ret);

/** Free a file; NULL is fine. */
KLDSIM_API void kldsim_kbi_file_free(struct kldsim_kbi_file *file);

/** Say what there is to know of a file. */
KLDSIM_API void kldsim_kbi_file_info(const struct kldsim_kbi_file *file,
    struct kldsim_kbi_file_info *info_ret);

/**
 * Make ready to compare modules with a kernel: their own types with its, or, if
 * old is not NULL, those of the kernel that they were built for with its.  What
 * is found out is kept for the next module.
 *
 * Ownership: the files are borrowed; the caller frees it with kldsim_kbi_free().
 * Errors: KLDSIM_NOMEM; KLDSIM_ARG if the two kernels are of different machines.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_new(
    struct kldsim_kbi_file *kernel, struct kldsim_kbi_file *old,
    struct kldsim_kbi **kbi_ret, struct kldsim_error *error_ret);

/** Free it; NULL is fine. */
KLDSIM_API void kldsim_kbi_free(struct kldsim_kbi *kbi);

/**
 * Compare.  The module's imports say what with: prototypes of functions and
 * types of variables, what these hold by value, and one step further (I-20).
 *
 * Ownership: the caller frees the report with kldsim_kbi_report_free(), before
 * kbi and module.
 * Errors: KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_compare(
    struct kldsim_kbi *kbi, struct kldsim_kbi_file *module,
    struct kldsim_kbi_report **report_ret, struct kldsim_error *error_ret);

/**
 * The same, and what the module imports from other modules with what these take
 * it to be (I-25).  files are paths in source, of those that it depends on in the
 * order in which the linker asks them; one that cannot be read, or has no types,
 * says nothing.  Of two kernels there is nothing to be said of them.
 *
 * Units: nfiles counts paths.
 * Ownership: source, NULL for the host's files, has to be there as long as kbi,
 * which keeps the types of some of the files for the next module.
 * Errors: as kldsim_kbi_compare().
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_compare_linked(
    struct kldsim_kbi *kbi, struct kldsim_kbi_file *module,
    struct kldsim_source *source, const char *const *files, size_t nfiles,
    struct kldsim_kbi_report **report_ret, struct kldsim_error *error_ret);

/** Free a report; NULL is fine. */
KLDSIM_API void kldsim_kbi_report_free(struct kldsim_kbi_report *report);

/** Say what was compared, and what it comes to. */
KLDSIM_API void kldsim_kbi_report_info(const struct kldsim_kbi_report *report,
    struct kldsim_kbi_info *info_ret);

/**
 * One cause; the first is that of the worst finding.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT after the last.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_report_cause(
    const struct kldsim_kbi_report *report, size_t index,
    struct kldsim_kbi_cause *cause_ret);

/**
 * One finding, in the order of causes.
 *
 * Units: index counts from 0.
 * Errors: KLDSIM_NOENT after the last.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_report_finding(
    const struct kldsim_kbi_report *report, size_t index,
    struct kldsim_kbi_finding *finding_ret);

/**
 * One thing that differs, of a finding.
 *
 * Units: indexes count from 0.
 * Errors: KLDSIM_NOENT after the last.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_report_change(
    const struct kldsim_kbi_report *report, size_t finding, size_t index,
    struct kldsim_kbi_change *change_ret);

/**
 * One import that leads to a finding's type.
 *
 * Units: indexes count from 0.
 * Errors: NULL after the last.
 */
KLDSIM_API const char *kldsim_kbi_report_import(
    const struct kldsim_kbi_report *report, size_t finding, size_t index);

/**
 * One type that has a finding's type in it.
 *
 * Units: indexes count from 0.
 * Errors: KLDSIM_NOENT after the last; at most eight are kept of a finding,
 * however many its embedding counts.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_report_embedding(
    const struct kldsim_kbi_report *report, size_t finding, size_t index,
    struct kldsim_kbi_embedding *embedding_ret);

/**
 * Make a report's findings those of a simulated kernel, where they are like all
 * others: those of ranks 1 and 2, and of rank 3 if both sides are of one
 * version.  file is the base name that they are told of.
 *
 * Ownership: the kernel copies what it keeps.
 */
KLDSIM_API void kldsim_kbi_tell(const struct kldsim_kbi_report *report,
    struct kldsim *sim, const char *file);

/** A verdict in words: "rebuild", "no difference found". */
KLDSIM_API const char *kldsim_kbi_verdict_name(
    enum kldsim_kbi_verdict verdict);

/* Bytes that the text of an interface has at most; GENERIC's has 6 MB. */
#define KLDSIM_KBI_TEXT ((uint64_t)256 << 20)

/* What is written of a kernel; size-tagged, as struct kldsim_options is. */
struct kldsim_kbi_write_options {
	size_t size; /* sizeof(struct kldsim_kbi_write_options) */
	bool locals; /* functions and variables that are not global, too */
	/* Of functions and variables these alone, nonly names in strcmp(3)
	   order; NULL: all. */
	const char *const *only;
	size_t nonly;
};

/**
 * Set every option to its default.
 *
 * Units: size is sizeof(*options), as the caller knows it.
 */
KLDSIM_API void kldsim_kbi_write_options_init(
    struct kldsim_kbi_write_options *options, size_t size);

/**
 * Write a kernel's interface as text, one fact a line (I-90): functions,
 * variables, the types that they lead to, options, words.  It is the same for
 * the same kernel, and a line changes if and only if what it tells of does.
 *
 * Ownership: options NULL means the defaults; the caller frees the text with
 * kldsim_kbi_write_free().
 * Errors: KLDSIM_NOENT if the kernel has no types; KLDSIM_LIMIT if the text had
 * more than KLDSIM_KBI_TEXT bytes, or took more steps than limits.work of the
 * kernel's options; KLDSIM_ARG, KLDSIM_NOMEM.
 */
KLDSIM_API KLDSIM_CHECK enum kldsim_status kldsim_kbi_write(
    struct kldsim_kbi_file *kernel,
    const struct kldsim_kbi_write_options *options, char **text_ret);

/** Free what was written of a kernel; NULL is fine. */
KLDSIM_API void kldsim_kbi_write_free(struct kldsim_kbi_file *kernel,
    char *text);

/**
 * The symbols that a file refers to, one after the other; *next is 0 at first.
 *
 * Errors: NULL if there are no more.
 */
KLDSIM_API const char *kldsim_kbi_file_import(
    const struct kldsim_kbi_file *file, uint32_t *next);

/**
 * What a change is, in words: "b at 0x8 in the module, at 0x10 in the kernel";
 * of the mode it depends what the sides are called.
 *
 * Units: size counts bytes of the text, its NUL included; what is longer is cut.
 */
KLDSIM_API void kldsim_kbi_change_text(const struct kldsim_kbi_change *change,
    enum kldsim_kbi_mode mode, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
