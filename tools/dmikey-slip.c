// SPDX-License-Identifier: GPL-2.0
/*
 * The gateway's end of a sensor's serial line: one loop between a TUN interface
 * and a line that may come and go. A packet either goes on at once, or into a
 * short queue towards the line, or is dropped and counted.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "slip.h"
#include "slip_count.h"
#include "slip_line.h"
#include "slip_queue.h"
#include "slip_tun.h"

#define RETRY_MS	500

enum { FD_TUN, FD_LINE, FD_SIGNALS, FDS };

struct bridge {
	struct slip_conf conf;
	struct pollfd fds[FDS];
	struct slip_queue queue;
	struct dmk_slip receiver;
	u8 frame[SLIP_MTU_MAX];
	int last_error;			/* of opening the line: said once */
	u64 retry;			/* when to open it again */
	bool done;
	enum slip_exit status;
};

/* in an IPv6 header */
enum { SOURCE_AT = 8, DESTINATION_AT = 24 };

enum verdict { GOOD, NOT_IPV6, LENGTH };

static enum verdict judge(const struct bridge *b, const u8 *p, u32 len)
{
	if (len < 40 || p[0] >> 4 != 6)
		return NOT_IPV6;
	if (len != 40u + (p[4] << 8 | p[5]) || len > b->conf.mtu)
		return LENGTH;
	return GOOD;
}

/* the one sensor of this line, or any if none was named */
static bool is_peer(const struct bridge *b, const u8 *addr)
{
	return !b->conf.has_peer || !memcmp(addr, &b->conf.peer, sizeof(b->conf.peer));
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void finish(struct bridge *b, enum slip_exit status)
{
	b->done = true;
	b->status = status;
}

/* ---- the line */

/* Worth waiting for when the program starts: a tty or socket that is not there
 * yet. Later everything is: udev(7) makes a tty before it gives it away.
 */
static bool may_come(int err)
{
	return err == ENOENT || err == ENXIO || err == ENODEV || err == ECONNREFUSED ||
	       err == EAGAIN || err == EIO;
}

static void line_failed(struct bridge *b, bool first)
{
	const char *what = errno == ENOTTY ? "not a serial line" : strerror(errno);
	bool waits = !b->conf.once && (!first || may_come(errno));

	if (errno != b->last_error)
		warnx("%s: %s%s", b->conf.line, what, waits ? "; waiting" : "");
	b->last_error = errno;
	b->retry = now_ms() + RETRY_MS;
	if (!waits)
		finish(b, first ? SLIP_FAILED : SLIP_LINE_GONE);
}

static void open_line(struct bridge *b, bool first)
{
	int fd = slip_line_open(&b->conf);

	if (fd < 0)
		return line_failed(b, first);
	b->fds[FD_LINE].fd = fd;
	b->last_error = 0;
	dmk_slip_init(&b->receiver, b->frame, b->conf.mtu);
	slip_count(SLIP_LINE_OPENED, 1);
	if (b->conf.kind != SLIP_PTY)
		warnx("%s: open", b->conf.line);
}

static void lose_line(struct bridge *b, int err)
{
	warnx("%s: gone (%s)", b->conf.line, err ? strerror(err) : "closed by the other side");
	slip_line_close(&b->conf, b->fds[FD_LINE].fd);
	b->fds[FD_LINE] = (struct pollfd){ .fd = -1 };
	b->retry = now_ms() + RETRY_MS;
	slip_count(SLIP_LINE_LOST, 1);
	slip_count(SLIP_TO_NO_LINE, slip_queue_clear(&b->queue));
	if (b->conf.once)
		finish(b, SLIP_LINE_GONE);
}

static bool passing(int err)
{
	return err == EAGAIN || err == EINTR;
}

/* ---- from the sensor */

static void from_sensor(struct bridge *b, const u8 *packet, u32 len)
{
	switch (judge(b, packet, len)) {
	case NOT_IPV6:
		return slip_count(SLIP_FROM_NOT_IPV6, 1);
	case LENGTH:
		return slip_count(SLIP_FROM_LENGTH, 1);
	case GOOD:
		break;
	}
	if (!is_peer(b, packet + SOURCE_AT))
		return slip_count(SLIP_FROM_NOT_PEER, 1);
	if (write(b->fds[FD_TUN].fd, packet, len) != (ssize_t)len)
		return slip_count(SLIP_FROM_REFUSED, 1);
	slip_count(SLIP_FROM_PACKETS, 1);
	slip_count(SLIP_FROM_BYTES, len);
}

static void read_line(struct bridge *b)
{
	u32 dropped = b->receiver.dropped, len;
	u8 in[512];
	ssize_t n, i;

	n = read(b->fds[FD_LINE].fd, in, sizeof(in));
	if (n < 0 && passing(errno))
		return;
	if (n <= 0)
		return lose_line(b, n ? errno : 0);
	for (i = 0; i < n; i++) {
		len = dmk_slip_receive(&b->receiver, in[i]);
		if (len)
			from_sensor(b, b->frame, len);
	}
	slip_count(SLIP_FROM_FRAME, b->receiver.dropped - dropped);
}

/* ---- to the sensor */

static void write_line(struct bridge *b)
{
	const u8 *out;
	u32 len;
	ssize_t n;

	while ((out = slip_queue_bytes(&b->queue, &len))) {
		n = write(b->fds[FD_LINE].fd, out, len);
		if (!n || (n < 0 && passing(errno)))
			return;
		if (n < 0)
			return lose_line(b, errno);
		len = slip_queue_took(&b->queue, n);
		slip_count(SLIP_TO_PACKETS, len != 0);
		slip_count(SLIP_TO_BYTES, len);
	}
}

static void to_sensor(struct bridge *b, const u8 *packet, u32 len)
{
	bool multicast;

	switch (judge(b, packet, len)) {
	case NOT_IPV6:
		return slip_count(SLIP_TO_NOT_IPV6, 1);
	case LENGTH:
		return slip_count(SLIP_TO_LENGTH, 1);
	case GOOD:
		break;
	}
	multicast = packet[DESTINATION_AT] == 0xff;
	/* the kernel's own neighbours' chatter, for which a sensor has no use */
	if (multicast && !b->conf.all)
		return slip_count(SLIP_TO_MULTICAST, 1);
	if (!multicast && !is_peer(b, packet + DESTINATION_AT))
		return slip_count(SLIP_TO_NOT_PEER, 1);
	if (b->fds[FD_LINE].fd < 0)
		return slip_count(SLIP_TO_NO_LINE, 1);
	if (!slip_queue_put(&b->queue, packet, len))
		return slip_count(SLIP_TO_QUEUE, 1);
	write_line(b);
}

static void read_tun(struct bridge *b)
{
	u8 packet[SLIP_MTU_MAX + 1];	/* a longer one is cut, and fails judge() */
	ssize_t n;

	n = read(b->fds[FD_TUN].fd, packet, sizeof(packet));
	if (n >= 0)
		return to_sensor(b, packet, n);
	if (passing(errno))
		return;
	warnx("%s: gone (%s)", b->conf.ifname, strerror(errno));
	finish(b, SLIP_FAILED);
}

/* ---- the loop */

static void on_signal(struct bridge *b)
{
	struct signalfd_siginfo si;

	if (read(b->fds[FD_SIGNALS].fd, &si, sizeof(si)) != sizeof(si))
		return;
	if (si.ssi_signo == SIGUSR1)
		slip_count_print();
	else
		finish(b, SLIP_OK);
}

static int wait_ms(const struct bridge *b)
{
	u64 now = now_ms();

	if (b->fds[FD_LINE].fd >= 0)
		return -1;
	return b->retry > now ? (int)(b->retry - now) : 0;
}

static void wait_for_something(struct bridge *b)
{
	b->fds[FD_LINE].events = POLLIN | (b->queue.count ? POLLOUT : 0);
	while (poll(b->fds, FDS, wait_ms(b)) < 0)
		if (errno != EINTR)
			err(SLIP_FAILED, "poll");
}

static void run(struct bridge *b)
{
	open_line(b, true);
	while (!b->done) {
		wait_for_something(b);
		if (b->fds[FD_SIGNALS].revents)
			on_signal(b);
		if (b->fds[FD_LINE].revents & POLLOUT)
			write_line(b);
		if (b->fds[FD_LINE].revents & ~POLLOUT)
			read_line(b);
		if (b->fds[FD_TUN].revents)
			read_tun(b);
		if (b->fds[FD_LINE].fd < 0 && !b->done && now_ms() >= b->retry)
			open_line(b, false);
	}
}

static int open_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
	static struct bridge b;
	unsigned int i;

	slip_conf_parse(argc, argv, &b.conf);
	if (b.conf.verbose)
		slip_count_aloud();
	for (i = 0; i < FDS; i++)
		b.fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	b.fds[FD_SIGNALS].fd = open_signals();
	b.fds[FD_TUN].fd = slip_tun_open(&b.conf);
	/* the line is opened as it will be reopened: without privileges */
	if (b.fds[FD_TUN].fd < 0 || !slip_tun_drop_privileges(&b.conf))
		return SLIP_FAILED;
	run(&b);
	slip_line_close(&b.conf, b.fds[FD_LINE].fd);
	if (b.conf.verbose)
		slip_count_print();
	return b.status;
}
