// SPDX-License-Identifier: GPL-2.0
/*
 * world -c CONF -l SOCKET [-f FIFO] [-s STATE] [-x COMMAND]...
 *
 * Listens on a unix stream socket, where QEMU's USART2 connects; a board that goes
 * and comes again is the same board. Events go to standard output as JSON lines,
 * commands (world_command.c) come from -x and by the FIFO. Ends with SIGTERM: 0 if
 * all was as it must be, 1 if not.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "world.h"

static volatile sig_atomic_t over;
static struct world w;

void world_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("world: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void on_signal(int number)
{
	(void)number;
	over = 1;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* ---- the line */

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(a.sun_path))
		world_die("%s: too long for a socket", path);
	strcpy(a.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		world_die("%s: %s", path, strerror(errno));
	return fd;
}

static int disconnect(int fd)
{
	close(fd);
	world_say(&w, "disconnected", NULL);
	return -1;
}

static int read_line(int fd)
{
	u8 buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 0)
		world_input(&w, buf, n);
	else if (!n || errno != EAGAIN)
		return disconnect(fd);
	return fd;
}

static int write_line(int fd)
{
	ssize_t n;

	if (!w.out_len)
		world_junk(&w);
	n = send(fd, w.out, w.out_len, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN ? fd : disconnect(fd);
	memmove(w.out, w.out + n, w.out_len - n);
	w.out_len -= n;
	return fd;
}

/* ---- commands */

static void command(const char *text)
{
	if (*text && !world_command(&w, text))
		world_die("command '%s' is unknown, or not possible now", text);
}

static void read_fifo(int fd)
{
	static char buf[256];
	static size_t len;
	ssize_t n = read(fd, buf + len, sizeof(buf) - 1 - len);
	char *end;

	if (n <= 0)
		return;
	len += n;
	buf[len] = '\0';
	while ((end = strchr(buf, '\n'))) {
		*end = '\0';
		command(buf);
		len -= end + 1 - buf;
		memmove(buf, end + 1, len + 1);
	}
	if (len == sizeof(buf) - 1)
		world_die("a command is too long");
}

/* opened for writing too: there is no end of file when a writer closes it */
static int open_fifo(const char *path)
{
	int fd;

	if (!path)
		return -1;
	unlink(path);
	fd = mkfifo(path, 0600) ? -1 : open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		world_die("%s: %s", path, strerror(errno));
	return fd;
}

/* ---- */

static int wait_ms(u64 next)
{
	if (next == ~0ULL)
		return 1000;
	return next <= w.now ? 0 : (int)(next - w.now) + 1;
}

static void run(int listener, int fifo)
{
	struct pollfd p[3] = { { listener, POLLIN, 0 }, { -1, 0, 0 }, { fifo, POLLIN, 0 } };
	u64 next = ~0ULL;

	while (!over) {
		p[0].fd = p[1].fd < 0 ? listener : -1;
		p[1].events = POLLIN | (w.out_len || w.junk_left ? POLLOUT : 0);
		if (poll(p, 3, wait_ms(next)) < 0 && errno != EINTR)
			world_die("poll: %s", strerror(errno));
		w.now = now_ms();
		if (p[0].fd >= 0 && p[0].revents) {
			p[1].fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
			if (p[1].fd >= 0)
				world_connected(&w);
			continue;
		}
		if (p[2].revents)
			read_fifo(fifo);
		if (p[1].fd >= 0 && p[1].revents & (POLLIN | POLLHUP | POLLERR))
			p[1].fd = read_line(p[1].fd);
		if (p[1].fd >= 0 && p[1].revents & POLLOUT)
			p[1].fd = write_line(p[1].fd);
		next = world_responder_tick(&w);
	}
}

static void load_conf(const char *path)
{
	const struct sensor_args args = { .file = path };

	if (!sensor_conf_read(&args, &w.conf) || !sensor_conf_load_psks(&w.conf))
		world_die("%s: no configuration", path);
}

static void usage(void)
{
	world_die("usage: world -c CONF -l SOCKET [-f FIFO] [-s STATE] [-x COMMAND]...");
}

int main(int argc, char **argv)
{
	const char *conf = NULL, *socket_path = NULL, *fifo_path = NULL, *state = NULL;
	const char *commands[32];
	int opt, n = 0, i, listener, fifo;

	while ((opt = getopt(argc, argv, "c:l:f:s:x:")) != -1) {
		switch (opt) {
		case 'c': conf = optarg; break;
		case 'l': socket_path = optarg; break;
		case 'f': fifo_path = optarg; break;
		case 's': state = optarg; break;
		case 'x':
			if (n == (int)ARRAY_SIZE(commands))
				usage();
			commands[n++] = optarg;
			break;
		default: usage();
		}
	}
	if (!conf || !socket_path || optind != argc)
		usage();
	load_conf(conf);
	w.c = dmk_crypto_openssl_new();
	w.record = stdout;
	w.now = now_ms();
	w.dice = 1;
	w.coap_code = 0x44;	/* 2.04 */
	if (state)
		world_state_open(&w, state);
	for (i = 0; i < n; i++)
		command(commands[i]);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	fifo = open_fifo(fifo_path);
	listener = listen_at(socket_path);
	world_say(&w, "ready", NULL);
	run(listener, fifo);
	world_say(&w, "end", "\"wrong\":%u", w.wrong);
	sensor_conf_wipe(&w.conf);
	return !!w.wrong;
}
