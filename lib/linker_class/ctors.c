/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The constructors that the kernel would call at the end of a load: the
 * link_elf_invoke_ctors() that stands alike in sys/kern/link_elf_obj.c and
 * link_elf.c (O-80, D-20).  And the destructors, which the former alone has.
 */

#include "kern/linker_file.h"

#include "util/bytes.h"
#include "kern/bad_news.h"
#include "linker_class/ctors.h"

int
kldsim__invoke_ctors(struct kldsim *sim, struct kldsim__file *file)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	const kldsim_size count = file->ctors_size / ptrsz;
	struct kldsim__where where = { .file = file->filename };

	file->constructed = true;
	if (file->ctors == 0 || count == 0)
		return (0);
	/* A shared object's header may say anything (Z-53). */
	if (!kldsim__in_range(file->ctors - file->address, file->ctors_size,
	    kldsim__roundup2(file->size, sim->arch->page_size)))
		return (kldsim__panic(sim, KLDSIM__F_BLIND_CALL, &where,
		    "the constructors are 0x%jx bytes at 0x%jx, outside the "
		    "file: the kernel calls what it finds there",
		    (uintmax_t)file->ctors_size, (uintmax_t)file->ctors));
	file->constructors = kldsim__arena_calloc(&file->arena,
	    (size_t)count, sizeof(*file->constructors));
	if (file->constructors == NULL)
		return (kldsim__nomem(sim));
	for (kldsim_size i = 0; i < count; i++) {
		kldsim_addr func;

		if (!kldsim__meta_pointer(&sim->meta, file->ctors + i * ptrsz,
		    &func))
			return (kldsim__fail(sim, KLDSIM_INTERNAL,
			    "a constructor table cannot be read"));
		if (func == 0)
			continue;
		if (!kldsim__aspace_mapped(&sim->space, func, 1))
			return (kldsim__panic(sim, KLDSIM__F_BLIND_CALL,
			    &where, "constructor %ju is 0x%jx, where nothing "
			    "is; the kernel calls it", (uintmax_t)i,
			    (uintmax_t)func));
		file->constructors[file->nconstructors++] = func;
	}
	return (0);
}

/*
 * The kernel of the first years calls them whatever has become of the load;
 * what they refer to may not be relocated then.
 */
static void
note_unconstructed(struct kldsim *sim, const struct kldsim__file *file,
    uint64_t called)
{
	struct kldsim__where where = { .file = file->filename };

	if (called != 0 && !file->constructed)
		kldsim__find(sim, KLDSIM__F_BLIND_CALL, &where,
		    "the load has failed before any constructor was called; "
		    "the kernel calls %ju destructors of it all the same",
		    (uintmax_t)called);
}

int
kldsim__invoke_dtors(struct kldsim *sim, struct kldsim__file *file,
    kldsim_addr dtors, kldsim_size size)
{
	const unsigned ptrsz = kldsim__arch_ptrsz(sim->arch);
	const uint64_t count = dtors != 0 ? size / ptrsz : 0;
	struct kldsim__where where = { .file = file->filename };
	uint64_t called = 0;
	int error;

	if (!sim->facts.obj_destructors ||
	    (sim->facts.obj_dtors_need_ctors && !file->constructed))
		return (0);
	error = kldsim__work(sim, file, count);
	if (error != 0)
		return (error);
	for (uint64_t i = 0; i < count; i++) {
		kldsim_addr func;

		if (!kldsim__meta_pointer(&sim->meta, dtors + i * ptrsz,
		    &func))
			return (kldsim__fail(sim, KLDSIM_INTERNAL,
			    "a destructor table cannot be read"));
		if (func != 0 && !kldsim__aspace_mapped(&sim->space, func, 1))
			return (kldsim__panic(sim, KLDSIM__F_BLIND_CALL,
			    &where, "destructor %ju is 0x%jx, where nothing "
			    "is; the kernel calls it", (uintmax_t)i,
			    (uintmax_t)func));
		called += func != 0;
	}
	note_unconstructed(sim, file, called);
	return (0);
}
