/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DWARF_LIBDW_H
#define DWARF_LIBDW_H

/*
 * What is asked of libdw, and of the libelf that it stands on: on FreeBSD that
 * is another one than the base system's, so what is handed to libdw comes from
 * here.  Most commands need none of it, so it is loaded when DWARF is read; a
 * build that must not load anything is linked with it.
 */

#include <elfutils/libdw.h>

/* One function a row: its result, its name, its arguments. */
#define DWARF_LIBDW(X) \
	X(unsigned, elf_version, (unsigned)) \
	X(Elf *, elf_memory, (char *, size_t)) \
	X(int, elf_end, (Elf *)) \
	X(Dwarf *, dwarf_begin_elf, (Elf *, Dwarf_Cmd, Elf_Scn *)) \
	X(int, dwarf_end, (Dwarf *)) \
	X(const char *, dwarf_errmsg, (int)) \
	X(Dwarf_Die *, dwarf_offdie, (Dwarf *, Dwarf_Off, Dwarf_Die *)) \
	X(Dwarf_Die *, dwarf_offdie_types, (Dwarf *, Dwarf_Off, Dwarf_Die *)) \
	X(Dwarf_Off, dwarf_dieoffset, (Dwarf_Die *)) \
	X(int, dwarf_tag, (Dwarf_Die *)) \
	X(int, dwarf_child, (Dwarf_Die *, Dwarf_Die *)) \
	X(int, dwarf_siblingof, (Dwarf_Die *, Dwarf_Die *)) \
	X(ptrdiff_t, dwarf_getattrs, (Dwarf_Die *, \
	    int (*)(Dwarf_Attribute *, void *), void *, ptrdiff_t)) \
	X(const char *, dwarf_formstring, (Dwarf_Attribute *)) \
	X(int, dwarf_formudata, (Dwarf_Attribute *, Dwarf_Word *)) \
	X(int, dwarf_formaddr, (Dwarf_Attribute *, Dwarf_Addr *)) \
	X(int, dwarf_formblock, (Dwarf_Attribute *, Dwarf_Block *)) \
	X(int, dwarf_formflag, (Dwarf_Attribute *, bool *)) \
	X(Dwarf_Die *, dwarf_formref_die, (Dwarf_Attribute *, Dwarf_Die *)) \
	X(int, dwarf_cu_info, (Dwarf_CU *, Dwarf_Half *, uint8_t *, \
	    Dwarf_Die *, Dwarf_Die *, uint64_t *, uint8_t *, uint8_t *)) \
	X(int, dwarf_getsrcfiles, (Dwarf_Die *, Dwarf_Files **, size_t *)) \
	X(const char *, dwarf_filesrc, (Dwarf_Files *, size_t, Dwarf_Word *, \
	    Dwarf_Word *))

struct libdw {
#define X(result, name, arguments) result (*name)arguments;
	DWARF_LIBDW(X)
#undef X
};

/* Find the library.  NULL: it is there; else why not. */
const char *libdw_load(struct libdw *library_ret);

#endif
