/* SPDX-License-Identifier: BSD-2-Clause */

/* How a module fares with the kernel's VIMAGE; kbi/vimage.h has the work. */

#include "kbi/vimage.h"
#include "kern/question.h"
#include "util/error.h"

static enum kldsim_status
answer(struct kldsim *sim, const struct kldsim__question *question, int error,
    struct kldsim_error *error_ret)
{
	kldsim__question_end(sim, question);
	if (error == 0)
		return (KLDSIM_OK);
	if (error < 0 && !sim->abort.panic) {
		if (error_ret != NULL)
			*error_ret = sim->abort.error;
		return (sim->abort.error.status);
	}
	return (kldsim__error_set(error_ret, KLDSIM_FAULT,
	    "the kernel would have panicked over a name"));
}

enum kldsim_status
kldsim_vimage_image(struct kldsim *sim, const struct kldsim_image *image,
    struct kldsim_vimage *vimage_ret, struct kldsim_error *error_ret)
{
	struct kldsim__question question;
	struct kldsim__elf elf;
	bool readable;
	int error;

	if (sim->dead)
		return (kldsim__error_set(error_ret, KLDSIM_STATE,
		    "the kernel is dead"));
	if (!kldsim__elf_open(image, &elf))
		return (kldsim__error_set(error_ret, KLDSIM_NOT_ELF,
		    "not an ELF file"));
	question = kldsim__question_begin(sim);
	error = kldsim__vimage_of_image(sim, image, vimage_ret, &readable);
	if (error == 0 && !readable) {
		kldsim__question_end(sim, &question);
		return (kldsim__error_set(error_ret, KLDSIM_UNSUPPORTED,
		    "its sections or symbols cannot be read"));
	}
	return (answer(sim, &question, error, error_ret));
}

enum kldsim_status
kldsim_vimage_file(struct kldsim *sim, int fileid,
    struct kldsim_vimage *vimage_ret, struct kldsim_error *error_ret)
{
	struct kldsim__file *file = kldsim__find_file_by_id(&sim->linker,
	    fileid);
	struct kldsim__question question;

	if (sim->dead)
		return (kldsim__error_set(error_ret, KLDSIM_STATE,
		    "the kernel is dead"));
	if (file == NULL)
		return (kldsim__error_set(error_ret, KLDSIM_NOENT,
		    "no such file id"));
	question = kldsim__question_begin(sim);
	return (answer(sim, &question, kldsim__vimage_of_file(sim, file,
	    vimage_ret), error_ret));
}
