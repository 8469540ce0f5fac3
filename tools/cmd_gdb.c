/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * kldsim gdb: boot, load modules, and carry bytes between debuggers and the
 * library, which knows what they mean.
 *
 * A client is served when it sends, and gets as much as it takes: one that
 * hangs, floods or dies keeps no other waiting.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd_load.h"
#include "command.h"
#include "report/core.h"
#include "report/output.h"
#include "sandbox/sandbox.h"
#include "report/report_text.h"

#define CLIENTS 8
#define BLOCK 16384

struct client {
	int in;  /* -1: no client */
	int out;
	struct kldsim_gdb *gdb;
	unsigned long heard; /* when it last said something */
	bool ended; /* there is no more from it */
};

struct server {
	struct kldsim *sim;
	const char *folder;
	int listener; /* -1: standard input and output */
	struct client clients[CLIENTS];
	unsigned long now; /* goes up with each round */
	bool killed;
};

static void
hang_up(struct client *client)
{
	if (client->in < 0)
		return;
	kldsim_gdb_free(client->gdb);
	(void)close(client->in);
	if (client->out != client->in)
		(void)close(client->out);
	client->in = -1;
}

/* A free place, or that of who has been silent the longest. */
static struct client *
make_place(struct server *server)
{
	struct client *oldest = &server->clients[0];

	for (struct client *client = server->clients;
	    client < server->clients + CLIENTS; client++) {
		if (client->in < 0)
			return (client);
		if (client->heard < oldest->heard)
			oldest = client;
	}
	hang_up(oldest);
	return (oldest);
}

static bool
take_client(struct server *server, int in, int out)
{
	struct client *client = make_place(server);

	if (kldsim_gdb_new(server->sim, server->folder, &client->gdb) !=
	    KLDSIM_OK) {
		complain("no memory for a debugger");
		return (false);
	}
	client->in = in;
	client->out = out;
	client->heard = server->now;
	client->ended = false;
	return (true);
}

/* A debugger waits for each answer: none is to wait for more of them. */
static void
accept_client(struct server *server)
{
	const int on = 1;
	int fd = accept(server->listener, NULL, NULL);
	int flags;

	if (fd < 0)
		return;
	flags = fcntl(fd, F_GETFL);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    !take_client(server, fd, fd))
		(void)close(fd);
}

static bool
would_block(void)
{
	return (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Send what there is, as far as it goes; false: nobody is there any more. */
static bool
flush(struct client *client)
{
	const void *bytes;
	size_t size;
	ssize_t n;

	while ((bytes = kldsim_gdb_output(client->gdb, &size)) != NULL) {
		n = write(client->out, bytes, size < BLOCK ? size : BLOCK);
		if (n < 0)
			return (would_block());
		kldsim_gdb_sent(client->gdb, (size_t)n);
		/* A pipe is asked again before more goes into it. */
		if (client->out != client->in)
			break;
	}
	return (true);
}

static bool
has_output(const struct client *client)
{
	size_t size;

	return (kldsim_gdb_output(client->gdb, &size) != NULL);
}

/* Packets that waited for answers to be fetched. */
static bool
go_on(struct client *client)
{
	size_t taken;

	return (kldsim_gdb_input(client->gdb, NULL, 0, &taken) == KLDSIM_OK);
}

static bool
hear(struct server *server, struct client *client)
{
	char bytes[BLOCK];
	ssize_t n = read(client->in, bytes, sizeof(bytes));
	size_t at = 0, taken;

	if (n < 0)
		return (would_block());
	client->heard = server->now;
	client->ended = n == 0;
	/* All of it finds a place, since nothing is heard before it has one. */
	while (at < (size_t)n) {
		if (kldsim_gdb_input(client->gdb, bytes + at, (size_t)n - at,
		    &taken) != KLDSIM_OK || taken == 0)
			return (false);
		at += taken;
	}
	return (true);
}

/* What poll(2) has found of a client; false: it is done with. */
static bool
serve_client(struct server *server, struct client *client, short in,
    short out)
{
	if ((in & POLLNVAL) != 0 || (out & (POLLERR | POLLNVAL)) != 0)
		return (false);
	if ((in & (POLLIN | POLLHUP | POLLERR)) != 0 && !hear(server, client))
		return (false);
	if (client->out == client->in || (out & POLLOUT) != 0)
		if (!flush(client))
			return (false);
	if (!has_output(client) && !go_on(client))
		return (false);
	if (has_output(client))
		return (true);
	if (kldsim_gdb_wants(client->gdb) == KLDSIM_GDB_KILLED)
		server->killed = true;
	return (!client->ended &&
	    kldsim_gdb_wants(client->gdb) == KLDSIM_GDB_TALKS);
}

/* A client is heard when it has fetched its answers. */
static void
prepare(const struct client *client, struct pollfd polled[2])
{
	const bool waits = client->in >= 0 && has_output(client);

	polled[0].fd = waits ? -1 : client->in;
	polled[0].events = POLLIN;
	polled[1].fd = waits ? client->out : -1;
	polled[1].events = POLLOUT;
}

static bool
any_client(const struct server *server)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (server->clients[i].in >= 0)
			return (true);
	return (false);
}

static int
serve(struct server *server)
{
	struct pollfd polled[1 + 2 * CLIENTS] = { 0 };

	while (!server->killed &&
	    (server->listener >= 0 || any_client(server))) {
		polled[0].fd = server->listener;
		polled[0].events = POLLIN;
		for (size_t i = 0; i < CLIENTS; i++)
			prepare(&server->clients[i], polled + 1 + 2 * i);
		if (poll(polled, 1 + 2 * CLIENTS, -1) < 0) {
			if (errno == EINTR)
				continue;
			complain("poll: %s", strerror(errno));
			return (STATUS_HOST);
		}
		server->now++;
		for (size_t i = 0; i < CLIENTS; i++) {
			struct client *client = &server->clients[i];
			short in = polled[1 + 2 * i].revents;
			short out = polled[2 + 2 * i].revents;

			if (client->in >= 0 && (in != 0 || out != 0) &&
			    !serve_client(server, client, in, out))
				hang_up(client);
		}
		if (polled[0].revents != 0)
			accept_client(server);
	}
	return (STATUS_OK);
}

/* A port of this host and nobody else's. */
static int
open_listener(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons(port);
	/* INADDR_LOOPBACK, which POSIX has not. */
	address.sin_addr.s_addr = htonl(0x7f000001);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, CLIENTS) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
		complain("port %u: %s", port, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return (-1);
	}
	put_line(stdout, "127.0.0.1:%u", ntohs(address.sin_port));
	if (put_finish(stdout, "standard output") == 0)
		return (fd);
	(void)close(fd);
	return (-1);
}

/* Serve until nobody is left to; gives an exit status. */
static int
serve_all(struct load_run *run)
{
	char *folder = sandbox_here();
	struct server server = { .sim = run->sim, .folder = folder,
		.listener = -1 };
	int status = STATUS_HOST;
	bool ready;

	for (size_t i = 0; i < CLIENTS; i++)
		server.clients[i].in = -1;
	if (run->options->listen) {
		server.listener = open_listener(run->options->port);
		ready = server.listener >= 0;
	} else {
		ready = take_client(&server, STDIN_FILENO, STDOUT_FILENO);
	}
	if (ready)
		status = serve(&server);
	for (size_t i = 0; i < CLIENTS; i++)
		hang_up(&server.clients[i]);
	if (server.listener >= 0)
		(void)close(server.listener);
	free(folder);
	return (status);
}

/* Standard output is the debugger's: the report goes elsewhere. */
static int
run_gdb(struct load_options *options)
{
	struct load_run run = { .options = options };
	int status;

	if (options->verbosity == NORMAL)
		options->verbosity = QUIET;
	(void)signal(SIGPIPE, SIG_IGN);
	status = load_run_boot(&run);
	if (status == STATUS_OK) {
		load_run_modules(&run);
		report_text(&run, stderr);
		status = serve_all(&run);
		if (status == STATUS_OK)
			status = load_run_verdict(&run);
	}
	load_run_free(&run);
	return (status);
}

static int
cmd_gdb(int argc, char **argv)
{
	return (load_options_command(&gdb_command, argc, argv, run_gdb));
}

static bool
set_listen(void *user, char *value)
{
	struct load_options *options = user;
	uint64_t port;

	options->listen = parse_number(value, UINT16_MAX, &port);
	options->port = (uint16_t)port;
	return (options->listen);
}

static const struct option_row rows[] = {
	{ 0, "listen", "PORT", set_listen, 0,
	    "serve a TCP port of this host, 0 for a free one",
	    "the number of a port" },
};

static const struct option_group groups[] = {
	OPTION_GROUP(load_options_boot_rows, 0),
	OPTION_GROUP(load_options_preload_rows, 0),
	OPTION_GROUP(rows, 0),
	OPTION_GROUP(load_options_report_rows, 0),
};

const struct command gdb_command = {
	"gdb", "serve gdb and LLDB, who look into a kernel",
	"gdb [options] KERNEL [MODULE...]",
	"Boot the simulated kernel KERNEL, load each MODULE in order, and let a "
	"debugger\nlook into it: gdb on standard input and output,\n"
	"\n"
	"    gdb KERNEL -ex 'set osabi none' \\\n"
	"        -ex 'target remote | kldsim gdb KERNEL MODULE...'\n"
	"\n"
	"or gdb and LLDB on a port of this host.",
	"2 usage; 3 host failure or unusable KERNEL; 4 panic; 1 refused;\n"
	"0 all was loaded.",
	COMMAND_GROUPS(groups), 1, "which KERNEL?", cmd_gdb
};
