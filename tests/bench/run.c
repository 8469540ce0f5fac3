/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs commands in turn, again and again, and compares what they cost:
 *
 *	run REPETITIONS JSON -- NAME COMMAND ARG... -- NAME COMMAND ARG... ...
 *
 * CPU time is user plus system time of the whole process, peak memory its
 * largest resident set, mapped files included: both as wait4(2) tells them.
 * The first command is what the others are divided by.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define COMMANDS 16

struct command {
	const char *name;
	char **argv;      /* ends in NULL */
	double *cpu_ms;   /* one for each repetition, sorted at the end */
	double *wall_ms;
	long peak_kib;
	long private_kib; /* the most that was seen; 0: the host does not say */
	long minor_faults; /* of the last run */
};

static double
timeval_ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* The command's own output is of no interest; its exit status is. */
static _Noreturn void
child(const struct command *command)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(command->argv[0], command->argv);
	_exit(127);
}

/* Memory that is no file's, by Linux's proc(5). */
static long
private_kib(pid_t pid)
{
	char line[256];
	long kib = 0;
	FILE *file;

	snprintf(line, sizeof line, "/proc/%ld/status", (long)pid);
	file = fopen(line, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	if (file != NULL)
		fclose(file);
	return kib;
}

/* Look from time to time while it runs; what it costs is not the child's. */
static void
wait_for(struct command *command, pid_t pid, int *status,
    struct rusage *usage)
{
	const struct timespec pause = { 0, 500000 };
	pid_t done;

	while ((done = wait4(pid, status, WNOHANG, usage)) == 0) {
		long kib = private_kib(pid);

		if (kib > command->private_kib)
			command->private_kib = kib;
		nanosleep(&pause, NULL);
	}
	if (done != pid)
		die(command->name, strerror(errno));
}

static void
measure(struct command *command, int repetition)
{
	struct rusage usage;
	double start = now_ms();
	int status;
	pid_t pid = fork();

	if (pid == 0)
		child(command);
	if (pid < 0)
		die(command->name, strerror(errno));
	wait_for(command, pid, &status, &usage);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(command->name, "failed; run it by hand to see why");
	command->wall_ms[repetition] = now_ms() - start;
	command->cpu_ms[repetition] = timeval_ms(usage.ru_utime) +
	    timeval_ms(usage.ru_stime);
	command->minor_faults = usage.ru_minflt;
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sort(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, compare);
}

/* Cuts the arguments at each "--"; NAME is taken off the front. */
static int
parse(char **argv, struct command *commands, int repetitions)
{
	int count = 0;

	for (; *argv != NULL; argv++) {
		struct command *command = &commands[count];

		if (strcmp(*argv, "--") != 0)
			continue;
		*argv = NULL;
		if (count++ == COMMANDS || argv[1] == NULL || argv[2] == NULL)
			die("usage", "see the source");
		command->name = argv[1];
		command->argv = &argv[2];
		command->cpu_ms = calloc((size_t)repetitions, sizeof(double));
		command->wall_ms = calloc((size_t)repetitions, sizeof(double));
		if (command->cpu_ms == NULL || command->wall_ms == NULL)
			die(command->name, "no memory");
	}
	return count;
}

static void
table(const struct command *commands, int count, int repetitions)
{
	const struct command *first = &commands[0];
	int half = repetitions / 2;

	printf("%-24s %10s %10s %8s %10s %10s\n", "", "CPU ms", "least",
	    "ratio", "wall ms", "peak MB");
	for (const struct command *c = first; c < first + count; c++)
		printf("%-24s %10.2f %10.2f %8.2f %10.2f %10.1f\n", c->name,
		    c->cpu_ms[half], c->cpu_ms[0],
		    c->cpu_ms[half] / first->cpu_ms[half], c->wall_ms[half],
		    (double)c->peak_kib / 1024);
}

static void
json(const char *path, const struct command *commands, int count,
    int repetitions)
{
	FILE *file = fopen(path, "w");
	int half = repetitions / 2;

	if (file == NULL)
		die(path, strerror(errno));
	fprintf(file, "{\"repetitions\": %d, \"commands\": [", repetitions);
	for (const struct command *c = commands; c < commands + count; c++)
		fprintf(file, "%s\n  {\"name\": \"%s\", \"cpu_ms\": %.3f, "
		    "\"cpu_ms_least\": %.3f, \"cpu_ms_most\": %.3f, "
		    "\"wall_ms\": %.3f, \"peak_kib\": %ld, \"private_kib\": %ld, "
		    "\"minor_faults\": %ld}",
		    c == commands ? "" : ",", c->name, c->cpu_ms[half],
		    c->cpu_ms[0], c->cpu_ms[repetitions - 1],
		    c->wall_ms[half], c->peak_kib, c->private_kib,
		    c->minor_faults);
	fprintf(file, "\n]}\n");
	if (fclose(file) != 0)
		die(path, strerror(errno));
}

int
main(int argc, char **argv)
{
	static struct command commands[COMMANDS + 1];
	int repetitions = argc > 4 ? atoi(argv[1]) : 0;
	int count = repetitions > 0 ?
	    parse(argv + 3, commands, repetitions) : 0;

	if (count == 0)
		die("usage", "see the source");
	for (int r = 0; r < repetitions; r++)
		for (int i = 0; i < count; i++)
			measure(&commands[i], r);
	for (int i = 0; i < count; i++) {
		sort(commands[i].cpu_ms, repetitions);
		sort(commands[i].wall_ms, repetitions);
	}
	table(commands, count, repetitions);
	json(argv[2], commands, count, repetitions);
	return 0;
}
