/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What debuggers wait for.
 *
 *	debuggers REPETITIONS JSON FILE
 *
 * A core of a kernel with 8 MB of data and 60 modules is written to FILE;
 * beside it, the same bytes from one buffer, holes left out.  Memory packets of
 * 64 bytes go through a socket pair, one after the other; beside it, a program
 * that answers as many bytes as the connection does and knows nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define DATA (8u << 20)
#define MODULES 60
#define MODULE_DATA 50000
#define PACKETS 40000
#define BLOCK (1u << 20)

static void *
noise(size_t size)
{
	unsigned char *bytes = malloc(size);
	unsigned next = 1;

	if (bytes == NULL)
		die("noise", "no memory");
	for (size_t i = 0; i < size; i++) {
		next = next * 1103515245u + 12345u;
		bytes[i] = (unsigned char)(next >> 16);
	}
	return bytes;
}

/* A kernel and its modules, as large as those of a machine at work. */
static struct kldsim *
make_world(struct kldsim_image **kernel_ret)
{
	struct kldsim_synth *k = kldsim_synth_new("amd64",
	    KLDSIM_SYNTH_KERNEL);
	void *bytes = noise(DATA);
	struct kldsim *sim;

	kldsim_synth_object(k, "big", bytes, DATA, 64);
	kldsim_synth_object(k, "linker_files", NULL, 16, 8);
	kldsim_synth_vnet(k, "v", NULL, 0x3000, 16);
	*kernel_ret = image_of(k, "kernel");
	sim = boot(*kernel_ret, 2, 4);
	for (unsigned i = 0; i < MODULES; i++) {
		struct kldsim_synth *m = kldsim_synth_new("amd64",
		    KLDSIM_SYNTH_MODULE);
		struct kldsim_image *image;
		char path[40];

		kldsim_synth_object(m, "data", bytes, MODULE_DATA, 8);
		snprintf(path, sizeof path, "/boot/modules/m%u.ko", i);
		image = image_of(m, path);
		load(sim, image, path);
		kldsim_image_unref(image);
	}
	free(bytes);
	return sim;
}

/* --- the core --- */

struct out {
	int fd;
	off_t at;
	uint64_t written;
};

static int
write_out(void *user, const void *bytes, uint64_t size)
{
	struct out *out = user;

	if (bytes != NULL) {
		if (pwrite(out->fd, bytes, size, out->at) != (ssize_t)size)
			die("core", "cannot be written");
		out->written += size;
	}
	out->at += (off_t)size;
	return 0;
}

static int
open_out(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);

	if (fd < 0)
		die(path, "cannot be opened");
	return fd;
}

static double
core(struct kldsim *sim, const char *path, uint64_t *written_ret)
{
	struct out out = { .fd = open_out(path) };
	struct kldsim_error error;
	double start = cpu_us(), us;

	if (kldsim_core_write(sim, NULL, write_out, &out, &error) != KLDSIM_OK)
		die("core", error.text);
	us = cpu_us() - start;
	close(out.fd);
	*written_ret = out.written;
	return us;
}

static double
plain(const char *path, const char *bytes, uint64_t size)
{
	int fd = open_out(path);
	double start = cpu_us(), us;

	for (uint64_t at = 0; at < size; at += BLOCK) {
		size_t n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

		if (pwrite(fd, bytes + at, n, (off_t)at) != (ssize_t)n)
			die("bytes", "cannot be written");
	}
	us = cpu_us() - start;
	close(fd);
	return us;
}

/* --- packets --- */

static void
serve(struct kldsim *sim, int fd)
{
	struct kldsim_gdb *gdb;
	char bytes[4096];
	size_t taken, size;
	ssize_t n;

	if (kldsim_gdb_new(sim, NULL, &gdb) != KLDSIM_OK)
		die("gdb", "no memory");
	while ((n = read(fd, bytes, sizeof bytes)) > 0) {
		const void *answer;

		if (kldsim_gdb_input(gdb, bytes, (size_t)n, &taken) !=
		    KLDSIM_OK)
			die("gdb", "no memory");
		while ((answer = kldsim_gdb_output(gdb, &size)) != NULL) {
			if (write(fd, answer, size) != (ssize_t)size)
				die("gdb", "cannot be sent");
			kldsim_gdb_sent(gdb, size);
		}
	}
	kldsim_gdb_free(gdb);
}

#define ANSWER 132 /* $, 128 digits, #, 2 digits */

static void
echo(int fd)
{
	char bytes[4096] = "$", answer[ANSWER];

	memset(answer, '0', sizeof answer);
	while (read(fd, bytes, sizeof bytes) > 0)
		if (write(fd, answer, sizeof answer) != sizeof answer)
			die("echo", "cannot be sent");
}

static void
ask(int fd, const char *packet, size_t answer)
{
	char bytes[4096];
	ssize_t n;

	if (write(fd, packet, strlen(packet)) != (ssize_t)strlen(packet))
		die("packet", "cannot be sent");
	for (size_t got = 0; got < answer; got += (size_t)n)
		if ((n = read(fd, bytes, sizeof bytes)) <= 0)
			die("packet", "is not answered");
}

/* Packets a second, of a connection, or of an echo if there is no kernel. */
static double
packets(struct kldsim *sim, kldsim_addr address)
{
	char packet[64];
	double start;
	int fds[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		die("socketpair", "no sockets");
	child = fork();
	if (child == 0) {
		close(fds[0]);
		if (sim != NULL)
			serve(sim, fds[1]);
		else
			echo(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (sim != NULL)
		ask(fds[0], "$QStartNoAckMode#b0", 7);
	snprintf(packet, sizeof packet, "$m%llx,40#00",
	    (unsigned long long)address);
	start = now_us();
	for (unsigned i = 0; i < PACKETS; i++)
		ask(fds[0], packet, ANSWER);
	start = now_us() - start;
	close(fds[0]);
	waitpid(child, NULL, 0);
	return PACKETS / start * 1e6;
}

int
main(int argc, char **argv)
{
	int repetitions = argc == 4 ? atoi(argv[1]) : 0;
	FILE *file = repetitions > 0 ? fopen(argv[2], "w") : NULL;
	double ours = 1e18, floor = 1e18, rate = 0, echoes = 0;
	struct kldsim_image *kernel;
	struct kldsim_set_info set;
	struct kldsim *sim = make_world(&kernel);
	uint64_t written;
	void *bytes;

	if (file == NULL)
		die("usage", "debuggers REPETITIONS JSON FILE");
	kldsim_set_info(sim, KLDSIM_SET_VNET, &set);
	core(sim, argv[3], &written);
	bytes = noise((size_t)written);
	for (int r = 0; r < repetitions; r++) {
		double us = core(sim, argv[3], &written);

		ours = us < ours ? us : ours;
		us = plain(argv[3], bytes, written);
		floor = us < floor ? us : floor;
		us = packets(sim, set.start);
		rate = us > rate ? us : rate;
		us = packets(NULL, 0);
		echoes = us > echoes ? us : echoes;
	}
	printf("core of %.1f MB: %.2f ms, its bytes %.2f ms, %.2f times\n"
	    "packets: %.0f a second, echo %.0f\n", (double)written / 1e6,
	    ours / 1000, floor / 1000, ours / floor, rate, echoes);
	fprintf(file, "{\"bytes\": %llu, \"us\": %.1f, \"plain_us\": %.1f, "
	    "\"packets\": %.0f, \"echoes\": %.0f}\n",
	    (unsigned long long)written, ours, floor, rate, echoes);
	if (fclose(file) != 0)
		die(argv[2], "cannot be written");
	(void)unlink(argv[3]);
	free(bytes);
	kldsim_destroy(sim);
	kldsim_image_unref(kernel);
	return 0;
}
