/* SPDX-License-Identifier: BSD-2-Clause */

/* Is this a file of our machine at all; see link_elf_header.h. */

#include "linker_class/link_elf_header.h"
#include "kern/bad_news.h"

int
kldsim__check_layout(struct kldsim *sim, const uint8_t *ident,
    uint64_t size, const char *path, struct kldsim__elf *elf_ret)
{
	size_t header = sim->arch->elf_class == ELFCLASS64 ?
	    sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);

	/* Each class asks the MAC framework first, so a file is twice (K-47). */
	if (sim->policy.mac_kld_load != 0)
		return (sim->policy.mac_kld_load);
	if (size < header || memcmp(ident, ELFMAG, SELFMAG) != 0)
		return (KLDSIM__ENOEXEC);
	if (ident[EI_CLASS] != sim->arch->elf_class ||
	    ident[EI_DATA] != sim->arch->elf_data) {
		kldsim__console(sim, "kldload: %s: Unsupported file layout",
		    path);
		return (KLDSIM__ENOEXEC);
	}
	if (!kldsim__elf_open_bytes(ident, size, elf_ret))
		return (kldsim__fail(sim, KLDSIM_INTERNAL,
		    "%s: the ELF header cannot be read", path));
	if (ident[EI_VERSION] != EV_CURRENT ||
	    elf_ret->ehdr.e_version != EV_CURRENT) {
		kldsim__console(sim, "kldload: %s: Unsupported file version",
		    path);
		return (KLDSIM__ENOEXEC);
	}
	return (0);
}

int
kldsim__check_machine(struct kldsim *sim, const struct kldsim__elf *elf,
    const char *path)
{
	if (elf->ehdr.e_machine == sim->arch->machine)
		return (0);
	kldsim__console(sim, "kldload: %s: Unsupported machine", path);
	return (KLDSIM__ENOEXEC);
}
