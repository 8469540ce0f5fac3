/* SPDX-License-Identifier: BSD-2-Clause */

/* FreeBSD's capability mode; see capsicum.h. */

#ifdef KLDSIM_CAPSICUM

/* Its headers are for those who ask for no standard. */
#undef _POSIX_C_SOURCE

#include <sys/capsicum.h>

#include <capsicum_helpers.h>
#include <errno.h>
#include <stddef.h>

#include "sandbox/capsicum.h"

const char *
capsicum_missing(void)
{
	return (NULL);
}

/* What opendir(3) and fdopen(3) take is among them. */
static void
rights_for(enum capsicum_use use, cap_rights_t *rights)
{
	cap_rights_init(rights, CAP_FSTAT, CAP_FCNTL, CAP_SEEK);
	switch (use) {
	case CAPSICUM_SEARCH:
		cap_rights_set(rights, CAP_LOOKUP, CAP_READ, CAP_MMAP_R,
		    CAP_FSTATFS);
		break;
	case CAPSICUM_READ:
		cap_rights_set(rights, CAP_READ);
		break;
	case CAPSICUM_TREE:
		cap_rights_set(rights, CAP_READ, CAP_MKDIRAT);
		/* FALLTHROUGH */
	case CAPSICUM_CREATE:
		cap_rights_set(rights, CAP_LOOKUP, CAP_CREATE, CAP_WRITE,
		    CAP_FTRUNCATE, CAP_UNLINKAT);
		break;
	}
}

int
capsicum_limit(int fd, enum capsicum_use use)
{
	cap_rights_t rights;

	rights_for(use, &rights);
	return (cap_rights_limit(fd, &rights) == 0 || errno == ENOSYS ? 0 :
	    errno);
}

int
capsicum_enter(void)
{
	caph_cache_catpages(); /* strerror(3) reads them */
	return (caph_limit_stdio() == 0 && cap_enter() == 0 ? 0 : errno);
}

#else /* KLDSIM_CAPSICUM */

#include <errno.h>
#include <stddef.h>

#include "sandbox/capsicum.h"

const char *
capsicum_missing(void)
{
	return ("it was built on a host without capsicum(4), which FreeBSD "
	    "has");
}

int
capsicum_limit(int fd, enum capsicum_use use)
{
	(void)fd;
	(void)use;
	return (0);
}

int
capsicum_enter(void)
{
	return (ENOSYS);
}

#endif /* KLDSIM_CAPSICUM */
