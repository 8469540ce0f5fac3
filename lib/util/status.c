/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for a status. */

#include <kldsim/status.h>

/* No default: the compiler says when a status has no name. */
const char *
kldsim_status_name(enum kldsim_status status)
{
	switch (status) {
	case KLDSIM_OK:
		return "ok";
	case KLDSIM_NOMEM:
		return "out of memory";
	case KLDSIM_SYS:
		return "system call failed";
	case KLDSIM_ARG:
		return "wrong argument";
	case KLDSIM_STATE:
		return "not allowed in this state";
	case KLDSIM_NOENT:
		return "no such object";
	case KLDSIM_FAULT:
		return "address not mapped";
	case KLDSIM_NOT_ELF:
		return "not an ELF file";
	case KLDSIM_MALFORMED:
		return "malformed file";
	case KLDSIM_UNSUPPORTED:
		return "not supported";
	case KLDSIM_LIMIT:
		return "limit reached";
	case KLDSIM_INTERNAL:
		return "internal error";
	}
	return "unknown status";
}
