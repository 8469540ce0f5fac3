/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Capability mode for a Linux host.  Who opens, asks for or changes a file by an
 * absolute path or in the current folder, starts a program or makes a socket,
 * ends at once: seccomp(2) sees to that for the whole process, its libraries
 * among it.  What seccomp cannot look into, a path beside a descriptor, and which
 * rights the descriptor has left, is checked by the functions of that name here,
 * which stand before libc's.
 *
 * CAPSICUM_FAKE in the environment: "enosys" is a kernel without capability mode,
 * "efault" one that refuses; any other word is what is tried once it is entered,
 * so that a test sees that it is noticed.
 */

#define _GNU_SOURCE

#include <capsicum_helpers.h>
#include <sys/capsicum.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DESCRIPTORS 4096
#define UNLIMITED UINT64_MAX

static int entered;
static uint64_t limits[DESCRIPTORS]; /* rights that are left; 0: all */

/* --- rights --- */

cap_rights_t *
fake_rights(cap_rights_t *rights, uint64_t before, ...)
{
	va_list args;
	uint64_t right;

	rights->mask = before;
	va_start(args, before);
	while ((right = va_arg(args, uint64_t)) != 0)
		rights->mask |= right;
	va_end(args);
	return rights;
}

static uint64_t
rights_of(int fd)
{
	return fd < 0 || fd >= DESCRIPTORS ? 0 :
	    limits[fd] != 0 ? limits[fd] : UNLIMITED;
}

int
cap_rights_limit(int fd, const cap_rights_t *rights)
{
	if (fd < 0 || fd >= DESCRIPTORS) {
		errno = EBADF;
		return -1;
	}
	limits[fd] = rights->mask;
	return 0;
}

int
caph_limit_stdio(void)
{
	return 0;
}

void
caph_cache_catpages(void)
{
}

/* --- what goes by a descriptor --- */

static void
end(const char *function, const char *path, const char *why)
{
	(void)fprintf(stderr, "capability mode: %s(%s): %s\n", function, path,
	    why);
	(void)fflush(stderr);
	abort();
}

static int
has_dots(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
		if ((at == path || at[-1] == '/') &&
		    (at[2] == '/' || at[2] == '\0'))
			return 1;
	return 0;
}

static void
check(const char *function, int fd, const char *path, uint64_t rights)
{
	if (!entered)
		return;
	if (path[0] == '/')
		end(function, path, "an absolute path");
	if (has_dots(path))
		end(function, path, "dots, which may lead out");
	if (rights_of(fd) == UNLIMITED)
		end(function, path, "a folder with all rights");
	if ((rights & ~rights_of(fd)) != 0)
		end(function, path, "a right is missing");
}

/* libc's own function of that name. */
#define NEXT(name) \
	__typeof__(name) *next; \
	void *found = dlsym(RTLD_NEXT, #name); \
	memcpy(&next, &found, sizeof(next))

/* As open(2) of FreeBSD has it, in rights(4). */
static uint64_t
rights_to_open(int flags)
{
	uint64_t rights = CAP_LOOKUP;

	rights |= (flags & O_ACCMODE) == O_RDONLY ? CAP_READ :
	    CAP_WRITE | CAP_SEEK;
	rights |= flags & O_CREAT ? CAP_CREATE : 0;
	rights |= flags & O_TRUNC ? CAP_FTRUNCATE : 0;
	return rights;
}

int
openat(int folder, const char *path, int flags, ...)
{
	NEXT(openat);
	mode_t mode = 0;
	va_list args;
	int fd;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	check("openat", folder, path, rights_to_open(flags));
	fd = next(folder, path, flags, mode);
	if (fd >= 0 && fd < DESCRIPTORS)
		limits[fd] = entered ? limits[folder] : 0;
	return fd;
}

int
fstatat(int folder, const char *restrict path, struct stat *restrict st,
    int flags)
{
	NEXT(fstatat);

	check("fstatat", folder, path, CAP_LOOKUP | CAP_FSTAT);
	return next(folder, path, st, flags);
}

ssize_t
readlinkat(int folder, const char *restrict path, char *restrict target,
    size_t size)
{
	NEXT(readlinkat);

	check("readlinkat", folder, path, CAP_LOOKUP);
	return next(folder, path, target, size);
}

int
mkdirat(int folder, const char *path, mode_t mode)
{
	NEXT(mkdirat);

	check("mkdirat", folder, path, CAP_MKDIRAT);
	return next(folder, path, mode);
}

int
unlinkat(int folder, const char *path, int flags)
{
	NEXT(unlinkat);

	check("unlinkat", folder, path, CAP_UNLINKAT);
	return next(folder, path, flags);
}

/* --- all the rest --- */

/* Calls that take no descriptor, each where the machine has it. */
static const int never[] = {
#ifdef SYS_open
	SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_readlink,
	SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename, SYS_link, SYS_symlink,
	SYS_chmod, SYS_chown, SYS_fork, SYS_vfork,
#endif
#ifdef SYS_stat64
	SYS_stat64, SYS_lstat64,
#endif
#ifdef SYS_socketcall
	SYS_socketcall,
#endif
	SYS_chdir, SYS_getcwd, SYS_execve, SYS_execveat, SYS_truncate,
	SYS_socket, SYS_ptrace, SYS_renameat2, SYS_linkat, SYS_symlinkat,
};

/* Calls that begin in a folder; the current one has no descriptor. */
static const int at[] = {
	SYS_openat, SYS_readlinkat, SYS_mkdirat, SYS_unlinkat, SYS_faccessat,
	SYS_fchmodat, SYS_statx,
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_fstatat64
	SYS_fstatat64,
#endif
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW 4
#else
#define LOW 0
#endif

/* Four steps for each call at most, and two for all. */
static struct sock_filter program[2 + 4 * (COUNT(never) + COUNT(at)) + 4];
static unsigned short length;

static void
put(struct sock_filter step)
{
	program[length++] = step;
}

static void
load(size_t offset)
{
	put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    (uint32_t)offset));
}

/*
 * libdw asks where a descriptor leads, and does without an answer: as on FreeBSD
 * it gets none.
 */
static int
is_harmless(int call)
{
#ifdef SYS_readlink
	if (call == SYS_readlink)
		return 1;
#endif
	return call == SYS_readlinkat;
}

static void
refuse(int call)
{
	put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, is_harmless(call) ?
	    SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS));
}

/* Go past so many steps unless what was loaded is the value. */
static void
skip_unless(unsigned value, unsigned char steps)
{
	put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0,
	    steps));
}

static void
make_program(void)
{
	load(offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT(never); i++) {
		skip_unless((unsigned)never[i], 1);
		refuse(never[i]);
	}
	for (size_t i = 0; i < COUNT(at); i++) {
		skip_unless((unsigned)at[i], 3);
		load(offsetof(struct seccomp_data, args) + LOW);
		skip_unless((unsigned)AT_FDCWD, 1);
		refuse(at[i]);
	}
	put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW));
}

/* What must not go well. */
static void
try(const char *what)
{
	struct stat st;

	if (strcmp(what, "open") == 0)
		(void)open("/dev/null", O_RDONLY);
	else if (strcmp(what, "fopen") == 0)
		(void)fopen("file", "r");
	else if (strcmp(what, "stat") == 0)
		(void)stat(".", &st);
	else if (strcmp(what, "absolute") == 0)
		(void)openat(0, "/dev/null", O_RDONLY);
	else if (strcmp(what, "library") == 0)
		(void)dlopen("libkldsim-none.so.9", RTLD_LAZY);
	else if (strcmp(what, "socket") == 0)
		(void)socket(AF_INET, SOCK_STREAM, 0);
	else if (strcmp(what, "program") == 0)
		(void)execl("/bin/true", "true", (char *)NULL);
}

/* What sanitizers and profilers do behind this opens files. */
static void
leave(int status, void *unused)
{
	(void)unused;
	(void)fflush(NULL);
	_exit(status);
}

int
cap_enter(void)
{
	const char *what = getenv("CAPSICUM_FAKE");
	struct sock_fprog all = { .filter = program };

	if (what != NULL && (strcmp(what, "enosys") == 0 ||
	    strcmp(what, "efault") == 0)) {
		errno = what[1] == 'n' ? ENOSYS : EFAULT;
		return -1;
	}
	make_program();
	all.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) != 0)
		return -1;
	(void)on_exit(leave, NULL);
	entered = 1;
	if (what != NULL)
		try(what);
	return 0;
}
