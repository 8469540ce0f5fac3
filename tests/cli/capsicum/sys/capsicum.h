/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAKE_SYS_CAPSICUM_H
#define FAKE_SYS_CAPSICUM_H

/*
 * What tools/sandbox asks of FreeBSD's header, from cap_enter(2),
 * cap_rights_init(3), cap_rights_limit(2) and rights(4): the same names and types
 * of arguments.  As there, some rights have others among them.  fake.c has the
 * functions.
 */

#include <stdint.h>

typedef struct cap_rights {
	uint64_t mask;
} cap_rights_t;

#define CAP_READ	0x0001ULL
#define CAP_WRITE	0x0002ULL
#define CAP_SEEK	0x0004ULL
#define CAP_MMAP_R	(0x0008ULL | CAP_READ | CAP_SEEK)
#define CAP_CREATE	0x0010ULL
#define CAP_FSTAT	0x0020ULL
#define CAP_FSTATFS	0x0040ULL
#define CAP_FCNTL	0x0080ULL
#define CAP_FTRUNCATE	0x0100ULL
#define CAP_LOOKUP	0x0200ULL
#define CAP_MKDIRAT	(0x0400ULL | CAP_LOOKUP)
#define CAP_UNLINKAT	(0x0800ULL | CAP_LOOKUP)

cap_rights_t *fake_rights(cap_rights_t *rights, uint64_t before, ...);

#define cap_rights_init(rights, ...) \
	fake_rights((rights), 0, __VA_ARGS__, 0ULL)
#define cap_rights_set(rights, ...) \
	fake_rights((rights), (rights)->mask, __VA_ARGS__, 0ULL)

int cap_rights_limit(int fd, const cap_rights_t *rights);
int cap_enter(void);

#endif
