/* SPDX-License-Identifier: BSD-2-Clause */

/* A host that gives no thread, and says so on standard error. */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*begin)(void *), void *with);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
    void *(*begin)(void *), void *with)
{
	(void)thread;
	(void)attributes;
	(void)begin;
	(void)with;
	fputs("no thread\n", stderr);
	return (EAGAIN);
}
